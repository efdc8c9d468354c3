//! OAuth of Multivers: the authorisation code flow, our registration in the form, and refresh tokens that may rotate.

use crate::{
    auth::{App, Replaced, Secret, TokenRules, TokenSet},
    call::{Answer, Body, Call, Effect, Purpose},
    descriptor::{Consent, Support},
    error::LedgerError,
    error::Operation,
    json,
};
use chrono::TimeDelta;
use domain::time::Instant;
use serde::Deserialize;
use serde_json::value::RawValue;

/// How long tokens live is not published: what each answer says is kept to, and renewed five minutes before its end.
/// Refresh tokens are known to work for years; they are used every week so that a withdrawn consent shows.
pub(super) const RULES: TokenRules = TokenRules {
    earliest_refresh: TimeDelta::zero(),
    margin: TimeDelta::minutes(5),
    idle_life: TimeDelta::days(5 * 365),
    keep_alive: TimeDelta::days(7),
    replaced: Replaced::KeptUntilTheNextWorks,
};

const TOKEN: &str = "OAuth/Token";

/// The page where a person consents. PKCE is not offered.
pub(super) const CONSENT: Consent = Consent {
    path: "/OAuth/Authorize",
    parameters: &[("scope", "http://UNIT4.Multivers.API/Web/WebApi/*")],
    nonce: Support::No,
};

pub(super) fn exchange_code(app: &App, code: &Secret) -> Call {
    let grant = vec![("grant_type", Secret::new("authorization_code")), ("code", code.clone())];
    call(app, Operation::ExchangeCode, grant)
}

pub(super) fn refresh(app: &App, tokens: &TokenSet) -> Call {
    let grant = vec![("grant_type", Secret::new("refresh_token")), ("refresh_token", tokens.refresh.clone())];
    call(app, Operation::RefreshToken, grant)
}

/// It may be used up by then: without an answer nobody knows.
fn call(app: &App, operation: Operation, mut fields: Vec<(&'static str, Secret)>) -> Call {
    if !app.redirect_uri.is_empty() {
        fields.push(("redirect_uri", Secret::new(app.redirect_uri.clone())));
    }
    fields.push(("client_id", Secret::new(app.client_id.clone())));
    fields.push(("client_secret", app.client_secret.clone()));
    let purpose = Purpose { operation, effect: Effect::Writes, resource: TOKEN };
    Call { purpose, path: format!("/{TOKEN}"), body: Body::form(fields) }
}

#[derive(Deserialize)]
struct Tokens {
    access_token: Secret,
    refresh_token: Option<Secret>,
    /// Seconds, as a number or as a text.
    expires_in: Box<RawValue>,
}

/// Reads a pair of tokens.
pub(super) fn tokens(
    name: &str,
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
        if !usable(&access_token) || seconds < 1 {
            return None;
        }
        // Half of a short life is used; else there would be nothing left of it.
        let life = TimeDelta::seconds(seconds.min(30 * 86_400));
        let usable_for = (life - RULES.margin).max(life / 2);
        let expires_at = asked_at + usable_for + RULES.margin;
        Some(TokenSet { access: access_token, refresh, previous: None, issued_at: came_at, expires_at })
    };
    read().ok_or_else(|| super::api::malformed(name, purpose.operation, purpose.effect))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Credentials, Endpoint};
    use reqwest::header::HeaderMap;

    fn at(second: i64) -> Instant {
        Instant::from_timestamp(second, 0).unwrap()
    }

    fn app(redirect_uri: &str) -> App {
        App { client_id: "c1".into(), client_secret: Secret::new("s1"), redirect_uri: redirect_uri.into() }
    }

    fn names(call: &Call) -> Vec<&str> {
        let Body::Form(fields) = &call.body else { panic!("a form") };
        fields.iter().map(|(name, _)| name.as_ref()).collect()
    }

    #[test]
    fn the_consent_page_is_that_of_the_version() {
        for (descriptor, host) in [
            (&super::super::DESCRIPTOR, "https://api.multivers.nl"),
            (&super::super::boekhoudgemak::DESCRIPTOR, "https://api.boekhoudgemak.nl"),
        ] {
            let Credentials::Consent(consent) = descriptor.credentials else { panic!("a consent opens it") };
            for (options, version) in
                [(crate::Options::default(), "V221"), (crate::Options::default().with("api_version", "V230"), "V230")]
            {
                let endpoint = Endpoint::of_site(descriptor, "nl").unwrap().versioned(descriptor, &options);
                let url = consent.url(&endpoint, "c1", "https://app.example/oauth", &Secret::new("st 1")).unwrap();
                assert_eq!(
                    url.as_str(),
                    format!(
                        "{host}/{version}/OAuth/Authorize?client_id=c1&redirect_uri=https%3A%2F%2Fapp.example%2Foauth\
                         &response_type=code&scope=http%3A%2F%2FUNIT4.Multivers.API%2FWeb%2FWebApi%2F*&state=st+1"
                    )
                );
            }
        }
    }

    #[test]
    fn the_registration_goes_in_the_form() {
        let call = exchange_code(&app("https://app.example/oauth"), &Secret::new("c"));
        assert_eq!(names(&call), ["grant_type", "code", "redirect_uri", "client_id", "client_secret"]);
        let tokens = TokenSet {
            access: Secret::new("A"),
            refresh: Secret::new("R"),
            previous: None,
            issued_at: at(0),
            expires_at: at(9),
        };
        assert_eq!(names(&refresh(&app(""), &tokens)), ["grant_type", "refresh_token", "client_id", "client_secret"]);
    }

    #[test]
    fn fixed_and_rotating_refresh_tokens_are_kept_as_they_come() {
        let given = Secret::new("R1");
        let read = |operation, body: &str| {
            let purpose = Purpose { operation, effect: Effect::Writes, resource: TOKEN };
            let answer = Answer { status: 200, headers: HeaderMap::new(), body: body.as_bytes().to_vec() };
            tokens("Multivers", purpose, &given, &answer, at(100), at(103))
        };
        let rotated = r#"{"access_token":"A","token_type":"bearer","expires_in":3600,"refresh_token":"R2"}"#;
        let renewed = read(Operation::RefreshToken, rotated).unwrap();
        assert_eq!((renewed.refresh.expose(), renewed.expires_at), ("R2", at(3_700)));
        let fixed = r#"{"access_token":"A","token_type":"bearer","expires_in":"120"}"#;
        let renewed = read(Operation::RefreshToken, fixed).unwrap();
        assert_eq!(renewed.refresh.expose(), "R1");
        assert!(
            !renewed.must_refresh(&RULES, at(159)) && renewed.must_refresh(&RULES, at(161)),
            "half of a short life"
        );
        assert!(read(Operation::ExchangeCode, fixed).is_err(), "a code is no refresh token");
        for body in ["", "{}", r#"{"access_token":"","refresh_token":"R","expires_in":3600}"#] {
            assert!(read(Operation::RefreshToken, body).is_err(), "{body}");
        }
    }
}
