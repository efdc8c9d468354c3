//! OAuth's authorisation code flow for ledgers that take our registration in the body and whose refresh tokens work once.

use crate::{
    auth::{App, Secret, TokenSet},
    call::{Answer, Body, Call, Effect, Purpose},
    error::Operation,
    json,
};
use chrono::TimeDelta;
use domain::time::Instant;
use serde::Deserialize;
use serde_json::value::RawValue;

/// A longer life of an access token is not believed.
const LIFE_MAX: TimeDelta = TimeDelta::days(366);

/// Where such a ledger gives tokens.
pub(crate) struct TokenEndpoint {
    /// What errors are counted under.
    pub(crate) resource: &'static str,
    pub(crate) path: &'static str,
}

impl TokenEndpoint {
    pub(crate) fn exchange_code(&self, app: &App, code: &Secret) -> Call {
        let fields = [
            ("grant_type", Secret::new("authorization_code")),
            ("code", code.clone()),
            ("redirect_uri", Secret::new(app.redirect_uri.clone())),
        ];
        self.call(app, Operation::ExchangeCode, fields.into())
    }

    pub(crate) fn refresh(&self, app: &App, tokens: &TokenSet) -> Call {
        let fields = [("grant_type", Secret::new("refresh_token")), ("refresh_token", tokens.refresh.clone())];
        self.call(app, Operation::RefreshToken, fields.into())
    }

    /// Both use up what they are asked with.
    fn call(&self, app: &App, operation: Operation, mut fields: Vec<(&'static str, Secret)>) -> Call {
        fields.push(("client_id", Secret::new(app.client_id.clone())));
        fields.push(("client_secret", app.client_secret.clone()));
        Call {
            purpose: Purpose { operation, effect: Effect::Writes, resource: self.resource },
            path: self.path.to_owned(),
            body: Body::form(fields),
        }
    }
}

#[derive(Deserialize)]
struct Tokens {
    access_token: Secret,
    refresh_token: Secret,
    /// Seconds, as a number or as a text.
    expires_in: Box<RawValue>,
}

/// Reads a pair of tokens; `None` when it is not whole. The end is counted from the question and the earliest renewal from
/// the answer: both on the safe side.
pub(crate) fn tokens(answer: &Answer, asked_at: Instant, came_at: Instant) -> Option<TokenSet> {
    let Tokens { access_token, refresh_token, expires_in } = serde_json::from_slice(&answer.body).ok()?;
    let seconds: i64 = json::read(expires_in.get())?.try_into().ok()?;
    let usable = |token: &Secret| !token.expose().is_empty() && token.expose().chars().all(|c| c.is_ascii_graphic());
    let lives = (1..=LIFE_MAX.num_seconds()).contains(&seconds);
    (usable(&access_token) && !refresh_token.expose().is_empty() && lives).then(|| TokenSet {
        access: access_token,
        refresh: refresh_token,
        previous: None,
        issued_at: came_at,
        expires_at: asked_at + TimeDelta::seconds(seconds),
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    #[test]
    fn a_pair_of_tokens_is_taken_whole_or_not_at_all() {
        let at = |second| Instant::from_timestamp(second, 0).unwrap();
        let read = |body: &str| {
            let answer = Answer { status: 200, headers: HeaderMap::new(), body: body.into() };
            tokens(&answer, at(100), at(103))
        };
        for life in ["600", "\"600\""] {
            let body =
                format!(r#"{{"access_token":"A","token_type":"bearer","expires_in":{life},"refresh_token":"R"}}"#);
            let tokens = read(&body).unwrap();
            assert_eq!((tokens.issued_at, tokens.expires_at), (at(103), at(700)));
        }
        for body in [
            "",
            "{}",
            r#"{"access_token":"","refresh_token":"R","expires_in":"600"}"#,
            r#"{"access_token":"A","expires_in":60}"#,
            r#"{"access_token":"A","refresh_token":"R"}"#,
            r#"{"access_token":"A","refresh_token":"R","expires_in":0}"#,
        ] {
            assert_eq!(read(body), None, "{body}");
        }
    }
}
