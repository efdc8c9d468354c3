//! OAuth: consent, codes that work once, and refresh tokens of which each works once.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use std::collections::BTreeSet;

use chrono::{DateTime, TimeDelta, Utc};
use http::StatusCode;

use super::books::{AccountView, App, Grant};
use crate::json::Node;
use crate::server::{Answer, Request};

/// To read.
pub const READ: &str = "readaccountviewdata";
/// To write.
pub const UPDATE: &str = "updateaccountviewdata";
const DELETE: &str = "deleteaccountviewdata";
const CODE_MINUTES: i64 = 5;

/// An access token with the refresh token of its next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Tokens {
    /// Opens the API.
    pub access: String,
    /// Gets the next pair, once.
    pub refresh: String,
}

fn page(text: &str) -> Answer {
    Answer::html(StatusCode::BAD_REQUEST, format!("<html><body><h1>AccountView.Net</h1><p>{text}</p></body></html>"))
}

/// The consent page: the person agrees at once and the browser is sent back.
pub(super) fn authorize(state: &mut AccountView, now: DateTime<Utc>, request: &Request) -> Answer {
    let parameters = request.parameters();
    let parameter = |name: &str| {
        parameters.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default()
    };
    let (client, redirect_uri) = (parameter("client_id"), parameter("redirect_uri"));
    let Some(app) = state.apps.iter().find(|app| app.id == client) else { return page("unauthorized_client") };
    if !app.redirect_uris.iter().any(|known| known == redirect_uri) {
        return page("invalid redirect_uri");
    }
    let app = app.id.clone();
    if parameter("response_type") != "code" {
        return page("unsupported_response_type");
    }
    let scopes: BTreeSet<String> = parameter("scope").split(' ').map(str::to_owned).collect();
    if scopes.iter().any(|scope| ![READ, UPDATE, DELETE].contains(&scope.as_str())) {
        return page("invalid_scope");
    }
    let Ok(mut back) = url::Url::parse(redirect_uri) else { return page("invalid redirect_uri") };
    if state.settings.consent_denied {
        back.query_pairs_mut().append_pair("error", "access_denied");
    } else {
        // Signs that have to be encoded, and decoded once.
        let code = format!("{:x}!/+=&%", state.fresh());
        let until = now + TimeDelta::minutes(CODE_MINUTES);
        state.codes.insert(code.clone(), Grant { app, scopes, redirect_uri: redirect_uri.to_owned(), until });
        back.query_pairs_mut().append_pair("code", &code);
    }
    if !parameter("state").is_empty() {
        back.query_pairs_mut().append_pair("state", parameter("state"));
    }
    Answer::empty(StatusCode::FOUND).with("Location", back.as_str())
}

fn refused(error: &'static str) -> Answer {
    Answer::json(StatusCode::BAD_REQUEST, &Node::object([("error", Node::text(error))]))
}

/// The token endpoint. The registration goes in the body.
pub(super) fn token(state: &mut AccountView, now: DateTime<Utc>, request: &Request) -> Result<Answer, Answer> {
    let kind = request.header("content-type").unwrap_or_default();
    if !kind.starts_with("application/x-www-form-urlencoded") {
        return Err(refused("invalid_request"));
    }
    let form: Vec<(String, String)> = url::form_urlencoded::parse(&request.body).into_owned().collect();
    let field =
        |name: &str| form.iter().find(|(key, _)| key == name).map(|(_, value)| value.as_str()).unwrap_or_default();
    let known = |app: &&App| app.id == field("client_id") && app.secret == field("client_secret");
    let app = state.apps.iter().find(known).map(|app| app.id.clone()).ok_or_else(|| refused("invalid_client"))?;
    let grant = match field("grant_type") {
        // A code works once, also when what came with it is wrong.
        "authorization_code" => state
            .codes
            .remove(field("code"))
            .filter(|grant| grant.until > now && grant.redirect_uri == field("redirect_uri")),
        "refresh_token" => state.refresh_tokens.remove(field("refresh_token")),
        _ => return Err(refused("unsupported_grant_type")),
    };
    let grant = grant.filter(|grant| grant.app == app).ok_or_else(|| refused("invalid_grant"))?;
    let tokens = issue(state, now, grant);
    let body = Node::object([
        ("access_token", Node::Text(tokens.access)),
        ("token_type", Node::text("bearer")),
        ("expires_in", Node::Int(state.settings.expires_in)),
        ("refresh_token", Node::Text(tokens.refresh)),
    ]);
    Ok(Answer::json(StatusCode::OK, &body))
}

fn issue(state: &mut AccountView, now: DateTime<Utc>, grant: Grant) -> Tokens {
    let (access, refresh) = (format!("AT-{:08x}", state.fresh()), format!("RT-{:08x}", state.fresh()));
    let until = now + TimeDelta::seconds(state.settings.expires_in);
    state.access_tokens.retain(|_, grant| now - grant.until < TimeDelta::days(1));
    state.access_tokens.insert(access.clone(), Grant { until, ..grant.clone() });
    state.refresh_tokens.insert(refresh.clone(), grant);
    Tokens { access, refresh }
}

/// Consent and exchange in one step, for tests that are not about them.
pub fn connect(state: &mut AccountView, now: DateTime<Utc>, app: &str, scopes: &[&str]) -> Tokens {
    let scopes = scopes.iter().map(|scope| (*scope).to_owned()).collect();
    issue(state, now, Grant { app: app.to_owned(), scopes, redirect_uri: String::new(), until: now })
}
