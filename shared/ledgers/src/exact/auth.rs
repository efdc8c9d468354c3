//! OAuth of Exact Online: the authorisation code flow with rotating refresh tokens.

use crate::{
    auth::{App, Secret, TokenRules, TokenSet},
    call::{Answer, Body, Call, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    json,
};
use chrono::TimeDelta;
use domain::time::Instant;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Access lives ten minutes, and a new pair is given half a minute before its end.
pub(super) const RULES: TokenRules = TokenRules {
    earliest_refresh: TimeDelta::seconds(570),
    margin: TimeDelta::seconds(25),
    idle_life: TimeDelta::days(30),
    keep_alive: TimeDelta::days(7),
};

const TOKEN: &str = "oauth2/token";

pub(super) fn exchange_code(app: &App, code: &Secret) -> Call {
    let mut fields = vec![
        ("grant_type", Secret::new("authorization_code")),
        ("code", code.clone()),
        ("redirect_uri", Secret::new(app.redirect_uri.clone())),
    ];
    fields.extend(registration(app));
    call(Operation::ExchangeCode, fields)
}

pub(super) fn refresh(app: &App, tokens: &TokenSet) -> Call {
    let mut fields = vec![("grant_type", Secret::new("refresh_token")), ("refresh_token", tokens.refresh.clone())];
    fields.extend(registration(app));
    call(Operation::RefreshToken, fields)
}

fn registration(app: &App) -> [(&'static str, Secret); 2] {
    [("client_id", Secret::new(app.client_id.clone())), ("client_secret", app.client_secret.clone())]
}

fn call(operation: Operation, fields: Vec<(&'static str, Secret)>) -> Call {
    Call {
        purpose: Purpose { operation, effect: Effect::Writes, resource: TOKEN },
        path: "/api/oauth2/token".to_owned(),
        body: Body::Form(fields),
    }
}

#[derive(Deserialize)]
struct Tokens {
    access_token: Secret,
    refresh_token: Secret,
    /// Seconds, as a number or as a text.
    expires_in: Box<RawValue>,
}

/// Reads a pair of tokens. The end is counted from the question and the earliest renewal from the answer: both on the
/// safe side.
pub(super) fn tokens(
    purpose: Purpose,
    answer: &Answer,
    asked_at: Instant,
    came_at: Instant,
) -> Result<TokenSet, LedgerError> {
    let read = || {
        let Tokens { access_token, refresh_token, expires_in } = serde_json::from_slice(&answer.body).ok()?;
        let seconds: i64 = json::read(expires_in.get())?.try_into().ok()?;
        let usable =
            |token: &Secret| !token.expose().is_empty() && token.expose().chars().all(|c| c.is_ascii_graphic());
        (usable(&access_token) && !refresh_token.expose().is_empty() && (1..=86_400).contains(&seconds)).then(|| {
            TokenSet {
                access: access_token,
                refresh: refresh_token,
                issued_at: came_at,
                expires_at: asked_at + TimeDelta::seconds(seconds),
            }
        })
    };
    read().ok_or_else(|| {
        let message = "Exact Online's answer with the new access cannot be read. It is tried again by itself.";
        LedgerError::new(ErrorKind::Unknown, ErrorCode::MalformedAnswer, purpose.operation, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Credentials, Endpoint, exact};
    use reqwest::header::HeaderMap;

    #[test]
    fn the_consent_page_always_asks_who_logs_in() {
        let endpoint = Endpoint::test("http://127.0.0.1:1").unwrap();
        let Credentials::Consent(consent) = exact::DESCRIPTOR.credentials else { panic!("a consent opens it") };
        let url = consent.url(&endpoint, "c1", "https://app.example/oauth/exact", &Secret::new("st 1")).unwrap();
        assert_eq!(
            url.as_str(),
            "http://127.0.0.1:1/api/oauth2/auth?client_id=c1&redirect_uri=https%3A%2F%2Fapp.example%2Foauth%2Fexact\
             &response_type=code&force_login=1&state=st+1"
        );
    }

    #[test]
    fn the_life_of_a_token_may_be_a_text() {
        let at = |second| Instant::from_timestamp(second, 0).unwrap();
        let purpose = Purpose { operation: Operation::RefreshToken, effect: Effect::Writes, resource: TOKEN };
        for life in ["600", "\"600\""] {
            let body =
                format!(r#"{{"access_token":"A","token_type":"bearer","expires_in":{life},"refresh_token":"R"}}"#);
            let answer = Answer { status: 200, headers: HeaderMap::new(), body: body.into_bytes() };
            let tokens = tokens(purpose, &answer, at(100), at(103)).unwrap();
            assert_eq!((tokens.issued_at, tokens.expires_at), (at(103), at(700)));
        }
        for body in ["", "{}", r#"{"access_token":"","refresh_token":"R","expires_in":"600"}"#] {
            let answer = Answer { status: 200, headers: HeaderMap::new(), body: body.into() };
            assert_eq!(tokens(purpose, &answer, at(0), at(0)).unwrap_err().kind(), ErrorKind::Unknown, "{body}");
        }
    }
}
