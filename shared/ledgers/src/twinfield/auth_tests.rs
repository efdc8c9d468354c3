use super::*;
use reqwest::header::HeaderMap;

fn at(second: i64) -> Instant {
    Instant::from_timestamp(second, 0).unwrap()
}

fn app() -> App {
    App {
        client_id: "our app".into(),
        client_secret: Secret::new("s&1"),
        redirect_uri: "https://app.example/oauth/twinfield".into(),
    }
}

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
}

#[test]
fn the_consent_page_gets_every_scope_and_a_nonce() {
    let endpoint = Endpoint::of_site(&super::super::DESCRIPTOR, "nl").unwrap();
    let url = CONSENT.url(&endpoint, &app().client_id, &app().redirect_uri, &Secret::new("st 1")).unwrap();
    assert_eq!(
        url.as_str(),
        "https://login.twinfield.com/auth/authentication/connect/authorize?client_id=our+app\
         &redirect_uri=https%3A%2F%2Fapp.example%2Foauth%2Ftwinfield&response_type=code\
         &scope=openid+offline_access+twf.user+twf.organisation+twf.organisationUser&state=st+1&nonce=st+1"
    );
}

#[test]
fn the_registration_goes_in_a_header_and_not_in_the_form() {
    let call = exchange_code(&app(), &Secret::new("c/1"));
    let Body::FormWith(authorization, fields) = call.body else { panic!("a form") };
    assert_eq!(authorization.expose(), "Basic b3VyIGFwcDpzJjE=");
    assert_eq!(fields.iter().map(|(name, _)| *name).collect::<Vec<_>>(), ["grant_type", "code", "redirect_uri"]);
}

#[test]
fn a_renewal_without_another_refresh_token_keeps_the_one_it_was_asked_with() {
    let purpose = |operation| Purpose { operation, effect: Effect::Reads, resource: TOKEN };
    let body = r#"{"access_token":"A","expires_in":3600,"token_type":"Bearer"}"#;
    let given = Secret::new("R1");
    let renewed = tokens(purpose(Operation::RefreshToken), &given, &answer(200, body), at(100), at(103)).unwrap();
    assert_eq!((renewed.refresh.expose(), renewed.expires_at), ("R1", at(3_700)));
    assert!(
        tokens(purpose(Operation::ExchangeCode), &given, &answer(200, body), at(0), at(0)).is_err(),
        "a code is none"
    );
    for body in ["", "{}", r#"{"access_token":"","refresh_token":"R","expires_in":3600}"#] {
        assert!(tokens(purpose(Operation::RefreshToken), &given, &answer(200, body), at(0), at(0)).is_err(), "{body}");
    }
}

#[test]
fn the_access_goes_into_the_envelope_and_the_request_to_the_organisations_server() {
    let login = Endpoint::of_site(&super::super::DESCRIPTOR, "nl").unwrap();
    let tokens = TokenSet {
        access: Secret::new("A<1"),
        refresh: Secret::new("R"),
        previous: None,
        issued_at: at(0),
        expires_at: at(9),
    };
    let found = |server: &str| answer(200, &format!(r#"{{"exp":1,"twf.clusterUrl":"{server}"}}"#));
    let located = |server: &str| super::located(Operation::RefreshToken, &login, tokens.clone(), Ok(found(server)));
    let tokens = located("https://api.accounting2.twinfield.com/").unwrap();
    let target = crate::Target { endpoint: login.clone(), division: Some("NL001".parse().unwrap()) };
    let call = soap::read(&target, Operation::Directory, soap::OFFICES, &super::super::xml::Element::new("list"));
    let Signed { endpoint, call, bearer, .. } = sign(&login, call, &tokens.access).unwrap();
    assert_eq!(
        endpoint.url(&call.path).unwrap().as_str(),
        "https://api.accounting2.twinfield.com/webservices/processxml.asmx"
    );
    assert!(bearer.is_none());
    let Body::Soap { action, envelope } = call.body else { panic!("an envelope") };
    assert_eq!(action, "http://www.twinfield.com/ProcessXmlString");
    assert_eq!(
        String::from_utf8(envelope).unwrap(),
        "<soap:Envelope xmlns:soap=\"http://schemas.xmlsoap.org/soap/envelope/\" \
         xmlns:xsi=\"http://www.w3.org/2001/XMLSchema-instance\"><soap:Header>\
         <Header xmlns=\"http://www.twinfield.com/\"><AccessToken>A&lt;1</AccessToken><CompanyCode>NL001</CompanyCode>\
         <CompanyId xsi:nil=\"true\"/></Header></soap:Header><soap:Body>\
         <ProcessXmlString xmlns=\"http://www.twinfield.com/\"><xmlRequest>&lt;list/&gt;</xmlRequest>\
         </ProcessXmlString></soap:Body></soap:Envelope>"
    );
    for foreign in ["https://evil.test", "http://api.accounting2.twinfield.com", "https://twinfield.com.evil.test"] {
        assert_eq!(located(foreign).unwrap_err().code(), ErrorCode::ForeignHost, "{foreign}");
    }
    assert_eq!(sign(&login, identity(), &Secret::new("AT")).unwrap_err().kind(), ErrorKind::Unauthorised);
}
