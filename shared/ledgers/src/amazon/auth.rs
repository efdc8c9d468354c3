//! Login with Amazon: access is minted from the refresh token of the seller's consent, which a person types in.

use super::NAME;
use crate::{
    auth::{App, Replaced, Secret, TokenRules, TokenSet},
    call::{Answer, Body, Call, Effect, Purpose},
    descriptor::CredentialField,
    error::{ErrorCode, LedgerError, Operation},
    json,
};
use chrono::TimeDelta;
use domain::time::Instant;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Access lives an hour and may be minted at any time. The consent is renewed by the seller once a year, which nothing here sees coming;
/// once a week access is minted all the same, so that a consent that was withdrawn shows before the next invoice does.
pub(super) const RULES: TokenRules = TokenRules {
    earliest_refresh: TimeDelta::zero(),
    margin: TimeDelta::seconds(60),
    idle_life: TimeDelta::days(3_650),
    keep_alive: TimeDelta::days(7),
    replaced: Replaced::Forgotten,
};

const REFRESH_TOKEN: &str = "refresh_token";

/// What a person pastes.
pub(super) const FIELDS: &[CredentialField] = &[CredentialField {
    key: REFRESH_TOKEN,
    name: "Refresh token: Seller Central, Apps and Services, Manage your apps, Authorise; it begins with Atzr|",
}];

/// Mints access. That may be repeated: it changes nothing.
pub(super) fn mint(operation: Operation, app: &App, given: &Secret) -> Result<Call, LedgerError> {
    let token = given.typed(REFRESH_TOKEN).ok_or_else(|| super::errors::reconnect(operation))?;
    Ok(Call {
        purpose: Purpose { operation, effect: Effect::Reads, resource: "auth/o2/token" },
        path: "/auth/o2/token".to_owned(),
        body: Body::form(vec![
            ("grant_type", Secret::new("refresh_token")),
            (REFRESH_TOKEN, token),
            ("client_id", Secret::new(app.client_id.clone())),
            ("client_secret", app.client_secret.clone()),
        ]),
    })
}

#[derive(Deserialize)]
struct Token {
    access_token: Secret,
    /// Seconds.
    expires_in: Box<RawValue>,
}

/// Reads the access. What was typed in goes with it: it mints the next one.
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
        let message = format!("{NAME}'s answer with the new access cannot be read. It is tried again by itself.");
        LedgerError::retryable(None, ErrorCode::MalformedAnswer, purpose.operation, message)
    })
}
