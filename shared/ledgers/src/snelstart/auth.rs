//! Tokens of SnelStart: minted from the client key that a person pastes; there is no refresh token.

use crate::{
    auth::{Replaced, Secret, TokenRules, TokenSet},
    call::{Answer, Body, Call, Effect, Purpose},
    descriptor::CredentialField,
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    json,
};
use chrono::TimeDelta;
use domain::time::Instant;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A token may be minted at any time and lives an hour. The key itself does not age; once a week a token is minted all the
/// same, so that a key that was withdrawn shows before the next invoice does.
pub(super) const RULES: TokenRules = TokenRules {
    earliest_refresh: TimeDelta::zero(),
    margin: TimeDelta::seconds(60),
    idle_life: TimeDelta::days(3_650),
    keep_alive: TimeDelta::days(7),
    replaced: Replaced::Forgotten,
};

const KEY: &str = "client_key";
/// What a person pastes.
pub(super) const FIELDS: &[CredentialField] = &[CredentialField {
    key: KEY,
    name: "Connection key (koppelsleutel): SnelStart Web, Settings, Connections; one for each administration",
}];

/// Mints a token with what was typed in. That may be repeated: it changes nothing.
pub(super) fn mint(operation: Operation, given: &Secret) -> Result<Call, LedgerError> {
    let key = given.typed(KEY).ok_or_else(|| {
        let message = "The connection holds no key of SnelStart. Paste it again.";
        LedgerError::new(ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded, operation, message)
    })?;
    Ok(Call {
        purpose: Purpose { operation, effect: Effect::Reads, resource: "b2b/token" },
        path: "/b2b/token".to_owned(),
        body: Body::form(vec![("grant_type", Secret::new("clientkey")), ("clientkey", key)]),
    })
}

#[derive(Deserialize)]
struct Token {
    access_token: Secret,
    /// Seconds, as a number or as a text.
    expires_in: Box<RawValue>,
}

/// Reads a token. What was typed in goes with it: it mints the next one.
pub(super) fn tokens(
    purpose: Purpose,
    given: &Secret,
    answer: &Answer,
    asked_at: Instant,
    came_at: Instant,
) -> Result<TokenSet, LedgerError> {
    let read = || {
        let Token { access_token, expires_in } = serde_json::from_slice(&answer.body).ok()?;
        let seconds: i64 = json::read(expires_in.get())?.try_into().ok()?;
        let text = access_token.expose();
        let usable = !text.is_empty() && text.chars().all(|c| c.is_ascii_graphic()) && (1..=86_400).contains(&seconds);
        usable.then(|| TokenSet {
            access: access_token,
            refresh: given.clone(),
            previous: None,
            issued_at: came_at,
            expires_at: asked_at + TimeDelta::seconds(seconds),
        })
    };
    read().ok_or_else(|| {
        let message = "SnelStart's answer with the new access cannot be read. It is tried again by itself.";
        LedgerError::retryable(None, ErrorCode::MalformedAnswer, purpose.operation, message)
    })
}
