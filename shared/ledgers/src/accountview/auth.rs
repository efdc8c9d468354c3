//! OAuth of AccountView.Net: the authorisation code flow, with our registration in the body and refresh tokens that rotate.

use super::errors;
use crate::{
    auth::{App, Secret, TokenRules, TokenSet},
    call::{Answer, Body, Call, Effect, Purpose},
    descriptor::{Consent, Support},
    error::{LedgerError, Operation},
    json,
};
use chrono::TimeDelta;
use domain::time::Instant;
use serde::Deserialize;
use serde_json::value::RawValue;

/// How long tokens live is not told beforehand: each answer says how long its access lives, and when a refresh token is dead
/// the token endpoint says so. Until then none is thought dead.
pub(super) const RULES: TokenRules = TokenRules {
    earliest_refresh: TimeDelta::zero(),
    margin: TimeDelta::seconds(60),
    idle_life: TimeDelta::days(365),
    keep_alive: TimeDelta::days(7),
};

/// The page where a person consents. Nothing is ever removed, so that is not asked for.
pub(super) const CONSENT: Consent = Consent {
    path: "/ams/authorize.aspx",
    parameters: &[("scope", "readaccountviewdata updateaccountviewdata")],
    nonce: Support::No,
};

const TOKEN: &str = "token";

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
        path: "/api/v3/token".to_owned(),
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

/// Reads a pair of tokens. The end is counted from the question, which is the safe side.
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
        let lives = (1..=366 * 86_400).contains(&seconds);
        (usable(&access_token) && usable(&refresh_token) && lives).then(|| TokenSet {
            access: access_token,
            refresh: refresh_token,
            issued_at: came_at,
            expires_at: asked_at + TimeDelta::seconds(seconds),
        })
    };
    read().ok_or_else(|| errors::malformed(purpose.operation, purpose.effect))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Endpoint, ErrorKind};
    use reqwest::header::HeaderMap;

    #[test]
    fn the_consent_page_is_asked_for_reading_and_writing_only() {
        let endpoint = Endpoint::test("http://127.0.0.1:1").unwrap();
        let url = CONSENT.url(&endpoint, "key", "https://app.example/oauth/callback", &Secret::new("st&1")).unwrap();
        assert_eq!(
            url.as_str(),
            "http://127.0.0.1:1/ams/authorize.aspx?client_id=key&redirect_uri=https%3A%2F%2Fapp.example%2Foauth%2Fcallback\
             &response_type=code&scope=readaccountviewdata+updateaccountviewdata&state=st%261"
        );
    }

    #[test]
    fn a_pair_of_tokens_is_taken_whole_or_not_at_all() {
        let at = |second| Instant::from_timestamp(second, 0).unwrap();
        let purpose = Purpose { operation: Operation::RefreshToken, effect: Effect::Writes, resource: TOKEN };
        let read = |body: &str| {
            let answer = Answer { status: 200, headers: HeaderMap::new(), body: body.into() };
            tokens(purpose, &answer, at(100), at(103))
        };
        for life in ["3600", "\"3600\""] {
            let body =
                format!(r#"{{"access_token":"A","token_type":"bearer","expires_in":{life},"refresh_token":"R"}}"#);
            let tokens = read(&body).unwrap();
            assert_eq!((tokens.issued_at, tokens.expires_at), (at(103), at(3_700)));
        }
        for body in ["", "{}", r#"{"access_token":"A","expires_in":60}"#, r#"{"access_token":"A","refresh_token":"R"}"#]
        {
            assert_eq!(read(body).unwrap_err().kind(), ErrorKind::Unknown, "{body}");
        }
    }
}
