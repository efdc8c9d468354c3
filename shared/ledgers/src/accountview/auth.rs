//! OAuth of AccountView.Net: the authorisation code flow, with our registration in the body and refresh tokens that rotate.

use super::errors;
use crate::{
    auth::{App, Replaced, Secret, TokenRules, TokenSet},
    call::{Answer, Call, Purpose},
    descriptor::{Consent, Support},
    error::LedgerError,
    rotating::{self, TokenEndpoint},
};
use chrono::TimeDelta;
use domain::time::Instant;

/// How long tokens live is not told beforehand: each answer says how long its access lives, and when a refresh token is dead
/// the token endpoint says so. Until then none is thought dead.
pub(super) const RULES: TokenRules = TokenRules {
    earliest_refresh: TimeDelta::zero(),
    margin: TimeDelta::seconds(60),
    idle_life: TimeDelta::days(365),
    keep_alive: TimeDelta::days(7),
    replaced: Replaced::Forgotten,
};

/// The page where a person consents. Nothing is ever removed, so that is not asked for.
pub(super) const CONSENT: Consent = Consent {
    path: "/ams/authorize.aspx",
    parameters: &[("scope", "readaccountviewdata updateaccountviewdata")],
    nonce: Support::No,
};

const TOKEN: TokenEndpoint = TokenEndpoint { resource: "token", path: "/api/v3/token" };

pub(super) fn exchange_code(app: &App, code: &Secret) -> Call {
    TOKEN.exchange_code(app, code)
}

pub(super) fn refresh(app: &App, tokens: &TokenSet) -> Call {
    TOKEN.refresh(app, tokens)
}

/// Reads a pair of tokens.
pub(super) fn tokens(
    purpose: Purpose,
    answer: &Answer,
    asked_at: Instant,
    came_at: Instant,
) -> Result<TokenSet, LedgerError> {
    rotating::tokens(answer, asked_at, came_at).ok_or_else(|| errors::malformed(purpose.operation, purpose.effect))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Endpoint;

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
}
