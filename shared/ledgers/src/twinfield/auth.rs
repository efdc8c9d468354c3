//! `OpenID` Connect of Twinfield: the authorisation code flow, refresh tokens that do not rotate, and the server that keeps
//! the organisation, which is asked for together with each new access token.

use super::soap;
use crate::{
    auth::{App, Replaced, Secret, TokenRules, TokenSet},
    call::{Answer, Body, Call, Effect, Endpoint, Purpose, Signed},
    descriptor::{Consent, Support},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    json,
};
use base64::{Engine, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use domain::time::Instant;
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;

/// Access lives an hour, and a new one is given at any time. A refresh token lives 25 years; it is used every week so
/// that a consent that was withdrawn shows before there is work.
pub(super) const RULES: TokenRules = TokenRules {
    earliest_refresh: TimeDelta::zero(),
    margin: TimeDelta::seconds(60),
    idle_life: TimeDelta::days(25 * 365),
    keep_alive: TimeDelta::days(7),
    replaced: Replaced::Forgotten,
};

const TOKEN: &str = "connect/token";
const VALIDATION: &str = "connect/accesstokenvalidation";
/// The domain of all servers.
const DOMAIN: &str = "twinfield.com";

/// What an access is kept as: the token, and where it may be used.
#[derive(Serialize, Deserialize)]
struct Access {
    token: Secret,
    /// Scheme and host of the server that keeps the organisation.
    server: String,
}

impl Access {
    fn read(access: &Secret) -> Option<Self> {
        serde_json::from_str(access.expose()).ok()
    }
}

/// The page where a person consents.
pub(super) const CONSENT: Consent = Consent {
    path: "/auth/authentication/connect/authorize",
    parameters: &[("scope", "openid offline_access twf.user twf.organisation twf.organisationUser")],
    nonce: Support::Yes,
};

pub(super) fn exchange_code(app: &App, code: &Secret) -> Call {
    let fields = vec![
        ("grant_type", Secret::new("authorization_code")),
        ("code", code.clone()),
        ("redirect_uri", Secret::new(app.redirect_uri.clone())),
    ];
    // The code works once.
    call(app, Operation::ExchangeCode, Effect::Writes, fields)
}

pub(super) fn refresh(app: &App, tokens: &TokenSet) -> Call {
    let fields = vec![("grant_type", Secret::new("refresh_token")), ("refresh_token", tokens.refresh.clone())];
    // A lost answer costs nothing: the same refresh token goes on working.
    call(app, Operation::RefreshToken, Effect::Reads, fields)
}

fn call(app: &App, operation: Operation, effect: Effect, fields: Vec<(&'static str, Secret)>) -> Call {
    let registration = format!("{}:{}", app.client_id, app.client_secret.expose());
    Call {
        purpose: Purpose { operation, effect, resource: TOKEN },
        path: "/auth/authentication/connect/token".to_owned(),
        body: Body::FormWith(Secret::new(format!("Basic {}", STANDARD.encode(registration))), fields),
    }
}

#[derive(Deserialize)]
struct Tokens {
    access_token: Secret,
    refresh_token: Option<Secret>,
    /// Seconds, as a number or as a text.
    expires_in: Box<RawValue>,
}

/// Reads an access token. Where it may be used is not known yet: see [`locate`].
pub(super) fn tokens(
    purpose: Purpose,
    given: &Secret,
    answer: &Answer,
    asked_at: Instant,
    came_at: Instant,
) -> Result<TokenSet, LedgerError> {
    let read = || {
        let Tokens { access_token, refresh_token, expires_in } = serde_json::from_slice(&answer.body).ok()?;
        let seconds: i64 = json::read(expires_in.get())?.try_into().ok()?;
        let usable =
            |token: &Secret| !token.expose().is_empty() && token.expose().chars().all(|c| c.is_ascii_graphic());
        // A renewal that brings no other refresh token leaves the one that was used.
        let renewed = (purpose.operation == Operation::RefreshToken).then(|| given.clone());
        let refresh = refresh_token.filter(usable).or(renewed)?;
        (usable(&access_token) && (1..=86_400).contains(&seconds)).then(|| TokenSet {
            access: access_token,
            refresh,
            previous: None,
            issued_at: came_at,
            expires_at: asked_at + TimeDelta::seconds(seconds),
        })
    };
    read().ok_or_else(|| super::errors::malformed(purpose.operation, purpose.effect))
}

/// Asks which server keeps the organisation of a new access token.
pub(super) fn locate(operation: Operation, tokens: &TokenSet) -> Call {
    validation(operation, &tokens.access)
}

fn validation(operation: Operation, token: &Secret) -> Call {
    let query = url::form_urlencoded::Serializer::new(String::new()).append_pair("token", token.expose()).finish();
    let path = format!("/auth/authentication/connect/accesstokenvalidation?{query}");
    Call { purpose: Purpose { operation, effect: Effect::Reads, resource: VALIDATION }, path, body: Body::Nothing }
}

#[derive(Deserialize)]
struct Validated {
    #[serde(rename = "twf.clusterUrl")]
    server: String,
}

/// Reads which server it is.
pub(super) fn located(
    operation: Operation,
    at: &Endpoint,
    mut tokens: TokenSet,
    answer: Result<Answer, LedgerError>,
) -> Result<TokenSet, LedgerError> {
    let server = match answer {
        Ok(answer) if answer.succeeded() => serde_json::from_slice::<Validated>(&answer.body)
            .map_err(|_| super::errors::malformed(operation, Effect::Reads))
            .and_then(|Validated { server }| match at.sibling(&server, DOMAIN) {
                Some(_) => Ok(server),
                None => Err(foreign(operation)),
            }),
        Ok(answer) => {
            let purpose = Purpose { operation, effect: Effect::Reads, resource: VALIDATION };
            Err(super::errors::refusal(purpose, &answer))
        }
        Err(error) => Err(error),
    };
    match (server, operation) {
        (Ok(server), _) => {
            let access = Access { token: tokens.access, server };
            tokens.access = Secret::new(serde_json::to_string(&access).unwrap_or_default());
            Ok(tokens)
        }
        // The code of a consent works once: what it gave is kept, and renewed before it is used.
        (Err(_), Operation::ExchangeCode) => Ok(TokenSet { expires_at: tokens.issued_at, ..tokens }),
        // The same refresh token gives another access.
        (Err(error), _) if error.kind() == ErrorKind::Unauthorised => {
            Err(LedgerError::retryable(None, error.code(), operation, error.message()))
        }
        (Err(error), _) => Err(error),
    }
}

fn foreign(operation: Operation) -> LedgerError {
    let message =
        "Twinfield named a server that is not one of its own. Nothing was sent there; we have to look at that.";
    LedgerError::new(ErrorKind::Bug, ErrorCode::ForeignHost, operation, message)
}

/// Puts the access where Twinfield wants it, and the request on the way to the server that keeps the organisation.
pub(super) fn sign(at: &Endpoint, call: Call, access: &Secret) -> Result<Signed, LedgerError> {
    let operation = call.purpose.operation;
    let Some(Access { token, server }) = Access::read(access) else { return Err(soap::no_server(operation)) };
    if call.purpose.resource == VALIDATION {
        return Ok(Signed {
            endpoint: at.login(),
            call: validation(operation, &token),
            bearer: None,
            headers: Vec::new(),
        });
    }
    let endpoint = at.sibling(&server, DOMAIN).ok_or_else(|| foreign(operation))?;
    let body = match call.body {
        Body::Soap { action, envelope } => match soap::with_access(&envelope, token.expose()) {
            Some(envelope) => Body::Soap { action, envelope },
            None => {
                let message = "A request to Twinfield could not be written. We have to repair that.";
                return Err(LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, operation, message));
            }
        },
        other => other,
    };
    Ok(Signed { endpoint, call: Call { body, ..call }, bearer: None, headers: Vec::new() })
}

/// Asks who is connected; the access goes in when it is sent.
pub(super) fn identity() -> Call {
    validation(Operation::Identity, &Secret::new(""))
}

#[derive(Deserialize)]
pub(super) struct Claims {
    #[serde(rename = "twf.organisationCode")]
    pub(super) organisation: String,
    #[serde(rename = "twf.organisationUserCode")]
    pub(super) user: String,
}

pub(super) fn claims(answer: &Answer) -> Result<Claims, LedgerError> {
    serde_json::from_slice(&answer.body).map_err(|_| super::errors::malformed(Operation::Identity, Effect::Reads))
}

#[cfg(test)]
#[path = "auth_tests.rs"]
mod tests;
