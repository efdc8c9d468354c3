use super::*;
use aws_smithy_runtime_api::{
    client::http::{HttpConnector, HttpConnectorFuture},
    http::StatusCode,
};
use serde_json::{Value, json};
use std::{
    collections::VecDeque,
    sync::{Arc, Mutex},
};

#[derive(Debug, Default)]
struct Talk {
    answers: VecDeque<(u16, Value)>,
    asked: Vec<HttpRequest>,
}

/// Answers in their order, and what was asked.
#[derive(Debug, Default, Clone)]
struct Answers(Arc<Mutex<Talk>>);

impl HttpConnector for Answers {
    fn call(&self, request: HttpRequest) -> HttpConnectorFuture {
        let mut all = self.0.lock().unwrap();
        all.asked.push(request);
        let (status, body) = all.answers.pop_front().unwrap();
        let body = SdkBody::from(if body.is_null() { String::new() } else { body.to_string() });
        let mut answer = HttpResponse::new(StatusCode::try_from(status).unwrap(), body);
        if status == 418 {
            answer.headers_mut().insert("x-amzn-errortype", "UserNotFoundException:http://internal.example/");
        }
        HttpConnectorFuture::ready(Ok(answer))
    }
}

fn pool(answers: &[(u16, Value)]) -> (UserPool, Answers) {
    let http = Answers::default();
    http.0.lock().unwrap().answers.extend(answers.iter().cloned());
    let pool = UserPool {
        id: "eu-west-1_pool".to_owned(),
        region: "eu-west-1".to_owned(),
        address: "https://cognito-idp.eu-west-1.amazonaws.com/".to_owned(),
        identity: Credentials::new("AKID", "secret", Some("session".to_owned()), None, "test").into(),
        http: SharedHttpConnector::new(http.clone()),
    };
    (pool, http)
}

fn refused(code: &str) -> (u16, Value) {
    (400, json!({ "__type": code, "message": "of some address" }))
}

#[tokio::test]
async fn a_login_is_made_by_a_signed_request_and_its_attributes_come_back() {
    let made = json!({ "User": { "Username": "u", "Attributes": [{ "Name": "sub", "Value": "1-2" }] } });
    let (pool, http) = pool(&[(200, made)]);
    let login = pool.create("a@b.example", &[("email", "a@b.example"), ("custom:tenant_id", "ten_1")]).await.unwrap();
    assert_eq!((login.attribute("sub"), login.attribute("email")), (Some("1-2"), None));

    let asked = &http.0.lock().unwrap().asked[0];
    let header = |name| asked.headers().get(name).unwrap_or_default();
    assert_eq!(header("x-amz-target"), "AWSCognitoIdentityProviderService.AdminCreateUser");
    assert_eq!(header("content-type"), "application/x-amz-json-1.1");
    assert_eq!(header("x-amz-security-token"), "session");
    assert!(header("authorization").contains("/eu-west-1/cognito-idp/aws4_request"));
    assert!(
        header("authorization")
            .contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-amz-target")
    );
    let body: Value = serde_json::from_slice(asked.body().bytes().unwrap()).unwrap();
    let expected = json!({
        "UserPoolId": "eu-west-1_pool", "Username": "a@b.example", "DesiredDeliveryMediums": ["EMAIL"],
        "UserAttributes": [
            { "Name": "email", "Value": "a@b.example" }, { "Name": "custom:tenant_id", "Value": "ten_1" },
        ],
    });
    assert_eq!(body, expected);
}

#[tokio::test]
async fn what_is_there_and_what_is_not_is_told_apart_from_failures() {
    let (pool, _) = pool(&[
        refused("UsernameExistsException"),
        refused("com.amazon.coral.service#UserNotFoundException"),
        (418, Value::Null),
        refused("InvalidParameterException"),
        (403, json!("not what is expected")),
        (200, Value::Null),
    ]);
    assert_eq!(pool.create("a@b.example", &[]).await, Err(UserPoolError::Exists));
    assert_eq!(pool.disable("a@b.example").await, Err(UserPoolError::Absent));
    assert_eq!(pool.enable("a@b.example").await, Err(UserPoolError::Absent));
    let error = pool.delete("a@b.example").await.unwrap_err();
    assert_eq!(error.to_string(), "AdminDeleteUser: 400 InvalidParameterException");
    assert_eq!(pool.get("a@b.example").await.unwrap_err().to_string(), "AdminGetUser: 403 ");
    assert_eq!(pool.delete("a@b.example").await, Ok(()));
}

#[tokio::test]
async fn a_busy_pool_is_asked_again_and_given_up_after_three_times() {
    let got = json!({ "UserAttributes": [{ "Name": "sub", "Value": "7" }, { "Name": "empty", "Value": null }] });
    let (pool, http) = pool(&[
        refused("TooManyRequestsException"),
        (503, json!("down")),
        (200, got),
        (500, json!({})),
        (500, json!({})),
        refused("TooManyRequestsException"),
    ]);
    assert_eq!(pool.get("a@b.example").await.unwrap().attribute("sub"), Some("7"));
    assert_eq!(http.0.lock().unwrap().asked.len(), 3);
    assert_eq!(pool.get("a@b.example").await.unwrap_err().to_string(), "AdminGetUser: TooManyRequestsException");
    assert_eq!(http.0.lock().unwrap().asked.len(), 6);
}
