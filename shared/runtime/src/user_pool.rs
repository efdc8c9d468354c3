//! The user pool in which people's logins are: made, looked at, closed, opened again, deleted.

use crate::env::{self, SettingError};
use aws_credential_types::Credentials;
use aws_sigv4::{
    http_request::{SignableBody, SignableRequest, SigningSettings, sign},
    sign::v4::SigningParams,
};
use aws_smithy_runtime_api::client::{
    http::{HttpConnector as _, SharedHttpConnector},
    identity::Identity,
    orchestrator::{HttpRequest, HttpResponse},
};
use aws_smithy_types::{body::SdkBody, byte_stream::ByteStream};
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::{
    borrow::Cow,
    fmt,
    time::{Duration, SystemTime},
};

/// How often a request is made before it is given up.
const ATTEMPTS: u32 = 3;
/// What is waited for before a request is made again; twice as long each time.
const PAUSE: Duration = Duration::from_millis(50);
/// How much of an answer is read.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

const CONTENT_TYPE: &str = "application/x-amz-json-1.1";

/// The user pool did not do what it was asked.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum UserPoolError {
    /// The address has a login already.
    #[error("there is such a login")]
    Exists,
    /// The address has no login.
    #[error("there is no such login")]
    Absent,
    /// Anything else. It may be asked again.
    #[error("{operation}: {detail}")]
    Failed {
        /// What was tried.
        operation: &'static str,
        /// What came back; no address and no secret.
        detail: String,
    },
}

impl UserPoolError {
    fn failed(operation: &'static str, detail: impl Into<String>) -> Self {
        Self::Failed { operation, detail: detail.into() }
    }
}

/// A fact about a login.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Attribute<'a> {
    name: Cow<'a, str>,
    value: Option<Cow<'a, str>>,
}

/// A login as the pool knows it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct Login(#[serde(default)] Vec<Attribute<'static>>);

impl Login {
    /// One of its attributes.
    pub fn attribute(&self, name: &str) -> Option<&str> {
        self.0.iter().find(|attribute| attribute.name == name)?.value.as_deref()
    }
}

/// What every request names.
#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Named<'a> {
    user_pool_id: &'a str,
    username: &'a str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "PascalCase")]
struct Create<'a> {
    #[serde(flatten)]
    named: Named<'a>,
    desired_delivery_mediums: [&'static str; 1],
    user_attributes: Vec<Attribute<'a>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Created {
    user: CreatedUser,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct CreatedUser {
    attributes: Login,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Got {
    user_attributes: Login,
}

/// An answer of which nothing is wanted.
#[derive(Debug, Deserialize)]
struct Done {}

#[derive(Debug, Default, Deserialize)]
struct Refusal {
    #[serde(rename = "__type", default)]
    code: String,
}

/// A user pool, who asks it, and what takes a request there.
pub struct UserPool {
    id: String,
    region: String,
    address: String,
    identity: Identity,
    http: SharedHttpConnector,
}

impl fmt::Debug for UserPool {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("UserPool").field("id", &self.id).field("address", &self.address).finish_non_exhaustive()
    }
}

impl UserPool {
    /// The pool that a setting names; at `endpoint` on the local cloud.
    pub(crate) fn from_env(
        setting: &'static str,
        region: String,
        endpoint: Option<&str>,
        credentials: Credentials,
        http: SharedHttpConnector,
    ) -> Result<Self, SettingError> {
        let address = match endpoint {
            Some(endpoint) => format!("{}/", endpoint.trim_end_matches('/')),
            None => format!("https://cognito-idp.{region}.amazonaws.com/"),
        };
        Ok(Self { id: env::required(setting)?, region, address, identity: credentials.into(), http })
    }

    fn named<'a>(&'a self, email: &'a str) -> Named<'a> {
        Named { user_pool_id: &self.id, username: email }
    }

    /// Makes a login with these attributes and sends the invitation to the address.
    pub async fn create(&self, email: &str, attributes: &[(&str, &str)]) -> Result<Login, UserPoolError> {
        let create = Create {
            named: self.named(email),
            desired_delivery_mediums: ["EMAIL"],
            user_attributes: attributes
                .iter()
                .map(|&(name, value)| Attribute { name: name.into(), value: Some(value.into()) })
                .collect(),
        };
        self.send::<Created>("AdminCreateUser", &create).await.map(|made| made.user.attributes)
    }

    /// The login of an address.
    pub async fn get(&self, email: &str) -> Result<Login, UserPoolError> {
        self.send::<Got>("AdminGetUser", &self.named(email)).await.map(|got| got.user_attributes)
    }

    /// Closes a login: nobody signs in with it any more.
    pub async fn disable(&self, email: &str) -> Result<(), UserPoolError> {
        self.send::<Done>("AdminDisableUser", &self.named(email)).await.map(|Done {}| ())
    }

    /// Opens a closed login again.
    pub async fn enable(&self, email: &str) -> Result<(), UserPoolError> {
        self.send::<Done>("AdminEnableUser", &self.named(email)).await.map(|Done {}| ())
    }

    /// Deletes a login: the address can be invited again.
    pub async fn delete(&self, email: &str) -> Result<(), UserPoolError> {
        self.send::<Done>("AdminDeleteUser", &self.named(email)).await.map(|Done {}| ())
    }

    /// Makes a request until it is answered by more than "try again".
    async fn send<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        asked: &impl Serialize,
    ) -> Result<T, UserPoolError> {
        let unmade = |error: &dyn fmt::Display| UserPoolError::failed(operation, format!("not asked: {error}"));
        let body = serde_json::to_vec(asked).map_err(|error| unmade(&error))?;
        let mut pause = PAUSE;
        for attempt in 1.. {
            let request = self.request(operation, &body).map_err(|error| unmade(&error))?;
            let again = match self.http.call(request).await {
                Err(_) => "no answer".to_owned(),
                Ok(answer) => match read(operation, answer).await? {
                    Answer::Done(body) => {
                        let body = if body.is_empty() { b"{}".as_slice() } else { &body };
                        return serde_json::from_slice(body)
                            .map_err(|error| UserPoolError::failed(operation, format!("cannot be read: {error}")));
                    }
                    Answer::Refused(error) => return Err(error),
                    Answer::Again(code) => code,
                },
            };
            if attempt >= ATTEMPTS {
                return Err(UserPoolError::failed(operation, again));
            }
            tokio::time::sleep(pause).await;
            pause *= 2;
        }
        Err(UserPoolError::failed(operation, "no attempts"))
    }

    fn request(&self, operation: &str, body: &[u8]) -> Result<HttpRequest, crate::Error> {
        let target = format!("AWSCognitoIdentityProviderService.{operation}");
        let headers = [("content-type", CONTENT_TYPE), ("x-amz-target", target.as_str())];
        let mut request = HttpRequest::new(SdkBody::from(body));
        request.set_method("POST")?;
        request.set_uri(self.address.clone())?;
        let params = SigningParams::builder()
            .identity(&self.identity)
            .region(&self.region)
            .name("cognito-idp")
            .time(SystemTime::now())
            .settings(SigningSettings::default())
            .build()?
            .into();
        let signable =
            SignableRequest::new("POST", self.address.as_str(), headers.into_iter(), SignableBody::Bytes(body))?;
        let signed = sign(signable, &params)?;
        for (name, value) in headers.into_iter().chain(signed.output().headers()) {
            request.headers_mut().try_insert(name.to_owned(), value.to_owned())?;
        }
        Ok(request)
    }
}

/// What an answer means.
enum Answer {
    Done(Vec<u8>),
    Refused(UserPoolError),
    Again(String),
}

async fn read(operation: &'static str, answer: HttpResponse) -> Result<Answer, UserPoolError> {
    let status = answer.status();
    let told = answer.headers().get("x-amzn-errortype").map(ToOwned::to_owned);
    let mut stream = ByteStream::new(answer.into_body());
    let mut body = Vec::new();
    while let Some(chunk) = stream.next().await {
        match chunk {
            Ok(chunk) => body.extend_from_slice(&chunk),
            Err(_) => return Ok(Answer::Again("the answer broke off".to_owned())),
        }
        if body.len() > ANSWER_BYTES_MAX {
            return Err(UserPoolError::failed(operation, "a longer answer than any"));
        }
    }
    if status.is_success() {
        return Ok(Answer::Done(body));
    }
    let told = told.unwrap_or_else(|| serde_json::from_slice::<Refusal>(&body).unwrap_or_default().code);
    // "com.amazon.coral#Code" and "Code:http://…" are both seen.
    let code = told.rsplit('#').next().and_then(|code| code.split(':').next()).unwrap_or_default();
    Ok(match code {
        "UsernameExistsException" => Answer::Refused(UserPoolError::Exists),
        "UserNotFoundException" => Answer::Refused(UserPoolError::Absent),
        "TooManyRequestsException" | "InternalErrorException" => Answer::Again(code.to_owned()),
        _ if status.as_u16() == 429 || status.is_server_error() => Answer::Again(format!("{} {code}", status.as_u16())),
        _ => Answer::Refused(UserPoolError::failed(operation, format!("{} {code}", status.as_u16()))),
    })
}

#[cfg(test)]
#[path = "user_pool_tests.rs"]
mod tests;
