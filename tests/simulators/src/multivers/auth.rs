//! OAuth: consent, codes that work once, refresh tokens that stay or rotate. The registration goes in the form only.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;

use super::state::{Code, RefreshRedirect, RefreshTokens, State};
use crate::json::Node;
use crate::server::{Answer, Request};

/// Life of a code.
const CODE_MINUTES: i64 = 5;
/// The only one there is.
const SCOPE: &str = "http://UNIT4.Multivers.API/Web/WebApi/*";

/// An access token with its refresh token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Opens the API.
    pub access_token: String,
    /// Gets another one.
    pub refresh_token: String,
}

/// The consent page: the person agrees at once and the browser is sent back.
pub(super) fn authorize(state: &mut State, now: DateTime<Utc>, request: &Request) -> Answer {
    let parameters = request.parameters();
    let parameter = |name: &str| parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let Some(app) = state.apps.iter().find(|app| Some(app.id.as_str()) == parameter("client_id")).cloned() else {
        return page("unauthorized_client");
    };
    let redirect_uri = parameter("redirect_uri").unwrap_or_default();
    // To the last slash.
    if !app.redirect_uris.iter().any(|known| known == redirect_uri) {
        return page("invalid redirect_uri");
    }
    if parameter("response_type") != Some("code") {
        return page("unsupported_response_type");
    }
    if parameter("scope") != Some(SCOPE) {
        return page("invalid_scope");
    }
    let Ok(mut back) = url::Url::parse(redirect_uri) else { return page("invalid redirect_uri") };
    if state.consent_denied {
        back.query_pairs_mut().append_pair("error", "access_denied");
    } else {
        let code = format!("{}/+=&", state.fresh("code"));
        back.query_pairs_mut().append_pair("code", &code);
        state.codes.push(Code { code, app: app.id, redirect_uri: redirect_uri.to_owned(), issued: now });
    }
    if let Some(given) = parameter("state") {
        back.query_pairs_mut().append_pair("state", given);
    }
    Answer::empty(StatusCode::FOUND).with("Location", back.as_str())
}

fn page(text: &str) -> Answer {
    Answer::html(StatusCode::BAD_REQUEST, format!("<html><body><h1>OAuth</h1><p>{text}</p></body></html>"))
}

/// The token endpoint.
pub(super) fn token(state: &mut State, now: DateTime<Utc>, request: &Request) -> Answer {
    issue(state, now, request).unwrap_or_else(|refused| refused)
}

fn refused(error: &'static str) -> Answer {
    Answer::json(StatusCode::BAD_REQUEST, &Node::object([("error", Node::text(error))]))
}

fn issue(state: &mut State, now: DateTime<Utc>, request: &Request) -> Result<Answer, Answer> {
    if !request.header("content-type").is_some_and(|kind| kind.starts_with("application/x-www-form-urlencoded")) {
        return Err(refused("invalid_request"));
    }
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    let field = |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str());
    let (id, secret) = (field("client_id").unwrap_or_default(), field("client_secret").unwrap_or_default());
    let app = state.apps.iter().find(|app| app.id.eq_ignore_ascii_case(id) && app.secret == secret).cloned();
    let app = app.ok_or_else(|| refused("invalid_client"))?;
    let tokens = match field("grant_type") {
        Some("authorization_code") => {
            let place = state.codes.iter().position(|code| Some(code.code.as_str()) == field("code"));
            // It works once, also when what came with it is wrong.
            let code = state.codes.remove(place.ok_or_else(|| refused("invalid_grant"))?);
            let is_late = now - code.issued > TimeDelta::minutes(CODE_MINUTES);
            if code.app != app.id || Some(code.redirect_uri.as_str()) != field("redirect_uri") || is_late {
                return Err(refused("invalid_grant"));
            }
            connect(state, now, &app.id)
        }
        Some("refresh_token") => {
            let token = field("refresh_token").unwrap_or_default().to_owned();
            let registered = |given: &str| app.redirect_uris.iter().any(|known| known == given);
            let is_foreign = match (field("redirect_uri"), state.settings.refresh_redirect) {
                (Some(given), _) => !registered(given),
                (None, RefreshRedirect::Needed) => true,
                (None, RefreshRedirect::Optional) => false,
            };
            if is_foreign || state.refresh_tokens.get(&token) != Some(&app.id) {
                return Err(refused("invalid_grant"));
            }
            match state.settings.refresh_tokens {
                RefreshTokens::Fixed => Tokens { access_token: access(state, now), refresh_token: token },
                RefreshTokens::Rotating => {
                    state.refresh_tokens.remove(&token);
                    connect(state, now, &app.id)
                }
            }
        }
        _ => return Err(refused("unsupported_grant_type")),
    };
    let body = Node::object([
        ("access_token", Node::Text(tokens.access_token)),
        ("token_type", Node::text("bearer")),
        ("expires_in", Node::Int(state.settings.token_seconds)),
        ("refresh_token", Node::Text(tokens.refresh_token)),
    ]);
    Ok(Answer::json(StatusCode::OK, &body))
}

fn access(state: &mut State, now: DateTime<Utc>) -> String {
    let token = state.fresh("AT");
    let expires = now + TimeDelta::seconds(state.settings.token_seconds);
    state.access_tokens.retain(|_, expires| now - *expires < TimeDelta::days(1));
    state.access_tokens.insert(token.clone(), expires);
    token
}

/// Consent and exchange in one step, for tests that are not about them.
pub fn connect(state: &mut State, now: DateTime<Utc>, app: &str) -> Tokens {
    let refresh_token = state.fresh("RT");
    state.refresh_tokens.insert(refresh_token.clone(), app.to_owned());
    Tokens { access_token: access(state, now), refresh_token }
}
