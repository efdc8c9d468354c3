//! OAuth of Exact Online: the authorisation code flow with rotating refresh tokens.

use crate::{
    auth::{App, Replaced, Secret, TokenRules, TokenSet},
    call::{Answer, Call, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError},
    rotating::{self, TokenEndpoint},
};
use chrono::TimeDelta;
use domain::time::Instant;

/// Access lives ten minutes, and a new pair is given half a minute before its end.
pub(super) const RULES: TokenRules = TokenRules {
    earliest_refresh: TimeDelta::seconds(570),
    margin: TimeDelta::seconds(25),
    idle_life: TimeDelta::days(30),
    keep_alive: TimeDelta::days(7),
    replaced: Replaced::Forgotten,
};

const TOKEN: TokenEndpoint = TokenEndpoint { resource: "oauth2/token", path: "/api/oauth2/token" };

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
    rotating::tokens(answer, asked_at, came_at).ok_or_else(|| {
        let message = "Exact Online's answer with the new access cannot be read. It is tried again by itself.";
        LedgerError::new(ErrorKind::Unknown, ErrorCode::MalformedAnswer, purpose.operation, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Credentials, Endpoint, exact};

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
}
