//! `OpenID` Connect: consent, codes that work once, refresh tokens that do not rotate, and the check of an access token,
//! which names the server that keeps the organisation.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;

use super::books::{AccessToken, Code, RefreshToken, Standing, Twinfield};
use crate::json::Node;
use crate::server::{Answer, Request};

/// Life of an access token, seconds.
pub const ACCESS_SECONDS: i64 = 3_600;
/// Life of a code.
const CODE_MINUTES: i64 = 5;
const SCOPES: [&str; 5] = ["openid", "offline_access", "twf.user", "twf.organisation", "twf.organisationUser"];

/// An access token with its refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Good for an hour.
    pub access_token: String,
    /// Good until the consent is withdrawn.
    pub refresh_token: String,
}

/// The consent page: the person agrees at once and the browser is sent back.
pub fn authorize(books: &mut Twinfield, now: DateTime<Utc>, request: &Request) -> Answer {
    let parameters = request.parameters();
    let parameter = |name: &str| {
        parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let (client, redirect_uri) = (parameter("client_id"), parameter("redirect_uri"));
    let Some(app) = books.apps.iter().find(|app| app.id == client) else {
        return page("unauthorized_client");
    };
    if !app.redirect_uris.iter().any(|known| known == redirect_uri) {
        return page("invalid redirect_uri");
    }
    let app = app.id.clone();
    if parameter("response_type") != "code" {
        return page("unsupported_response_type");
    }
    if parameter("state").is_empty() || parameter("nonce").is_empty() {
        return page("invalid_request: state and nonce are needed");
    }
    let scopes: Vec<&str> = parameter("scope").split(' ').collect();
    if let Some(missing) = SCOPES.iter().find(|scope| !scopes.contains(scope)) {
        return page(&format!("invalid_scope: {missing}"));
    }
    let Ok(mut back) = url::Url::parse(redirect_uri) else { return page("invalid redirect_uri") };
    match consenting(books).filter(|_| !books.consent_denied) {
        Some(user) => {
            let code = format!("{}/+=&", books.fresh("code"));
            let redirect_uri = redirect_uri.to_owned();
            books.codes.push(Code { code: code.clone(), app, user, redirect_uri, issued: now });
            back.query_pairs_mut().append_pair("code", &code);
        }
        None => {
            back.query_pairs_mut().append_pair("error", "access_denied");
        }
    }
    back.query_pairs_mut().append_pair("state", parameter("state"));
    Answer::empty(StatusCode::FOUND).with("Location", back.as_str())
}

fn consenting(books: &Twinfield) -> Option<(String, String)> {
    books.consenting.clone().or_else(|| {
        let organisation = books.organisations.first()?;
        Some((organisation.code.clone(), organisation.users.first()?.code.clone()))
    })
}

fn page(text: &str) -> Answer {
    Answer::html(StatusCode::BAD_REQUEST, format!("<html><body><h1>Twinfield</h1><p>{text}</p></body></html>"))
}

/// The token endpoint.
pub fn token(books: &mut Twinfield, now: DateTime<Utc>, request: &Request) -> Answer {
    issue(books, now, request).unwrap_or_else(|refused| refused)
}

fn refused(status: StatusCode, error: &'static str) -> Answer {
    Answer::json(status, &Node::object([("error", Node::text(error))]))
}

fn issue(books: &mut Twinfield, now: DateTime<Utc>, request: &Request) -> Result<Answer, Answer> {
    let is_form =
        request.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded"));
    if !is_form {
        return Err(refused(StatusCode::BAD_REQUEST, "invalid_request"));
    }
    let basic = request.header("authorization").and_then(|value| value.strip_prefix("Basic "));
    let given = basic.and_then(|basic| STANDARD.decode(basic).ok()).and_then(|bytes| String::from_utf8(bytes).ok());
    let known = |given: String| {
        let (id, secret) = given.split_once(':')?;
        books.apps.iter().find(|app| app.id == id && app.secret == secret).cloned()
    };
    let app = given.and_then(known).ok_or_else(|| refused(StatusCode::UNAUTHORIZED, "invalid_client"))?;
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    let field =
        |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    let invalid = || refused(StatusCode::BAD_REQUEST, "invalid_grant");
    let tokens = match field("grant_type") {
        "authorization_code" => {
            let place = books.codes.iter().position(|code| code.code == field("code") && code.app == app.id);
            // It works once, also when what came with it is wrong.
            let code = books.codes.remove(place.ok_or_else(invalid)?);
            if code.redirect_uri != field("redirect_uri") || now - code.issued > TimeDelta::minutes(CODE_MINUTES) {
                return Err(invalid());
            }
            connect(books, now, &app.id, &code.user.0, &code.user.1)
        }
        "refresh_token" => {
            let known =
                books.refresh_tokens.iter().find(|one| one.token == field("refresh_token") && one.app == app.id);
            let RefreshToken { token, user, .. } = known.cloned().ok_or_else(invalid)?;
            Tokens { access_token: access(books, now, &app.id, user), refresh_token: token }
        }
        _ => return Err(refused(StatusCode::BAD_REQUEST, "unsupported_grant_type")),
    };
    let body = Node::object([
        ("access_token", Node::Text(tokens.access_token)),
        ("expires_in", Node::Int(ACCESS_SECONDS)),
        ("token_type", Node::text("Bearer")),
        ("refresh_token", Node::Text(tokens.refresh_token)),
    ]);
    Ok(Answer::json(StatusCode::OK, &body))
}

fn access(books: &mut Twinfield, now: DateTime<Utc>, app: &str, user: (String, String)) -> String {
    let token = books.fresh("AT");
    let expires = now + TimeDelta::seconds(ACCESS_SECONDS);
    books.access_tokens.retain(|token| now - token.expires < TimeDelta::days(1));
    books.access_tokens.push(AccessToken { token: token.clone(), app: app.to_owned(), user, expires });
    token
}

/// Consent and exchange in one step, for tests that are not about them.
pub fn connect(books: &mut Twinfield, now: DateTime<Utc>, app: &str, organisation: &str, user: &str) -> Tokens {
    let user = (organisation.to_owned(), user.to_owned());
    let known = books.refresh_tokens.iter().find(|one| one.app == app && one.user == user);
    let refresh_token = known.map(|one| one.token.clone());
    let refresh_token = refresh_token.unwrap_or_else(|| {
        let token = books.fresh("RT");
        books.refresh_tokens.push(RefreshToken { token: token.clone(), app: app.to_owned(), user: user.clone() });
        token
    });
    Tokens { access_token: access(books, now, app, user), refresh_token }
}

/// Who a token is for, and where the organisation is kept.
pub fn validate(books: &Twinfield, now: DateTime<Utc>, request: &Request) -> Answer {
    let given = request.parameters().into_iter().find(|(name, _)| name == "token").map(|(_, token)| token);
    given.and_then(|given| claims(books, now, &given, &request.base())).unwrap_or_else(|| {
        let body = Node::object([("Message", Node::text("The access token is not valid."))]);
        Answer::json(StatusCode::BAD_REQUEST, &body)
    })
}

/// The same, by the token in a header.
pub fn user_info(books: &Twinfield, now: DateTime<Utc>, request: &Request) -> Answer {
    let known = request.bearer().and_then(|given| claims(books, now, given, &request.base()));
    known.unwrap_or_else(|| Answer::empty(StatusCode::UNAUTHORIZED))
}

fn claims(books: &Twinfield, now: DateTime<Utc>, given: &str, base: &str) -> Option<Answer> {
    let token = books.access_tokens.iter().find(|token| token.token == given && now < token.expires)?;
    let organisation = books.organisation(&token.user.0)?;
    let user = organisation.users.iter().find(|user| user.code == token.user.1)?;
    (user.standing == Standing::Active).then(|| {
        let claims = Node::object([
            ("exp", Node::Int(token.expires.timestamp())),
            ("twf.organisationCode", Node::Text(organisation.code.clone())),
            ("twf.organisationId", Node::Text(organisation.id.clone())),
            ("twf.organisationUserCode", Node::Text(user.code.clone())),
            ("twf.clusterUrl", Node::Text(format!("{base}/{}", organisation.cluster))),
        ]);
        Answer::json(StatusCode::OK, &claims)
    })
}
