//! Tokens: what is kept of them, and when they may and must be renewed. Pure functions of `now`; the caller holds the
//! lease under which only one of them renews at a time.

use chrono::TimeDelta;
use domain::time::Instant;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// Text that is never shown: a token, a secret, a code. Serialises as its text, for what encrypts it.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Secret(String);

impl Secret {
    /// Hides a text.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text itself, to be sent or encrypted.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Secret {
    /// One of the values that a person typed in, out of what [`crate::Descriptor::typed`] packed.
    pub fn typed(&self, key: &str) -> Option<Self> {
        let mut values: BTreeMap<String, Self> = serde_json::from_str(&self.0).ok()?;
        values.remove(key)
    }
}

impl fmt::Debug for Secret {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// Our registration with a ledger.
#[derive(Debug, Clone)]
pub struct App {
    /// Public name of the registration.
    pub client_id: String,
    /// Its secret: a client secret, a subscription key.
    pub client_secret: Secret,
    /// Where the consent comes back to; exactly as registered. Empty where nothing comes back.
    pub redirect_uri: String,
}

/// The rules of a ledger's tokens.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct TokenRules {
    /// A new token is not given earlier than this after the last one.
    pub earliest_refresh: TimeDelta,
    /// With this much life left or less, a token is renewed before it is used.
    pub margin: TimeDelta,
    /// A refresh token that is not used for so long dies.
    pub idle_life: TimeDelta,
    /// So often a token is renewed even when there is no work.
    pub keep_alive: TimeDelta,
    /// What becomes of a refresh token in whose place another one came.
    pub replaced: Replaced,
}

impl TokenRules {
    /// Of a key that a person typed in: it does not age.
    pub(crate) const KEY: Self = Self {
        earliest_refresh: TimeDelta::zero(),
        margin: TimeDelta::seconds(60),
        idle_life: TimeDelta::days(3_650),
        keep_alive: TimeDelta::days(7),
        replaced: Replaced::Forgotten,
    };
}

/// What becomes of a refresh token in whose place another one came.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Replaced {
    /// It is dead.
    Forgotten,
    /// It may still work: it is kept until the new one has worked once, and tried when that one is refused.
    KeptUntilTheNextWorks,
}

/// The tokens of a connection. Stored encrypted, before the new access token is first used: the refresh token rotates,
/// and a lost one costs a new consent.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TokenSet {
    /// Opens the API.
    pub access: Secret,
    /// Gets the next pair: a refresh token, or what a person typed in.
    pub refresh: Secret,
    /// The refresh token before, as long as [`TokenRules::replaced`] has it kept.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub previous: Option<Secret>,
    /// When the answer with this pair was asked for.
    pub issued_at: Instant,
    /// End of the access token.
    pub expires_at: Instant,
}

/// What the last call said about the access token.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Seen {
    /// Nothing bad.
    Good,
    /// It was refused ([`crate::ErrorKind::Unauthorised`]).
    Refused,
}

/// What to do with a token now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Advice {
    /// Use it.
    Use,
    /// Renew it first: write the new pair before using it.
    Refresh,
    /// It cannot be used, and a new one is not given before this instant.
    WaitUntil(Instant),
}

impl TokenSet {
    /// Whether the ledger gives a new token at this instant.
    pub fn may_refresh(&self, rules: &TokenRules, now: Instant) -> bool {
        now >= self.refreshable_at(rules)
    }

    /// Whether the access token is too near its end to begin a request with it.
    pub fn must_refresh(&self, rules: &TokenRules, now: Instant) -> bool {
        now >= self.expires_at - rules.margin
    }

    /// Whether a new token is due although there is no work, so that the refresh token does not die of idleness.
    pub fn keep_alive_due(&self, rules: &TokenRules, now: Instant) -> bool {
        now >= self.issued_at + rules.keep_alive
    }

    /// Whether the refresh token has died of idleness: only a new consent helps.
    pub fn is_dead(&self, rules: &TokenRules, now: Instant) -> bool {
        now >= self.issued_at + rules.idle_life
    }

    /// What to do now, given how the token fared. A refusal before the token may be renewed means waiting, never an
    /// early renewal: that is refused too, and counts as an error.
    pub fn advice(&self, rules: &TokenRules, now: Instant, seen: Seen) -> Advice {
        let needed = seen == Seen::Refused || self.must_refresh(rules, now);
        match (needed, self.may_refresh(rules, now)) {
            (false, _) => Advice::Use,
            (true, true) => Advice::Refresh,
            (true, false) => Advice::WaitUntil(self.refreshable_at(rules)),
        }
    }

    fn refreshable_at(&self, rules: &TokenRules) -> Instant {
        self.issued_at + rules.earliest_refresh
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const RULES: TokenRules = TokenRules {
        earliest_refresh: TimeDelta::seconds(570),
        margin: TimeDelta::seconds(25),
        idle_life: TimeDelta::days(30),
        keep_alive: TimeDelta::days(7),
        replaced: Replaced::Forgotten,
    };

    fn at(second: i64) -> Instant {
        Instant::from_timestamp(1_782_864_000 + second, 0).unwrap()
    }

    fn tokens() -> TokenSet {
        TokenSet {
            access: Secret::new("AT1"),
            refresh: Secret::new("RT1"),
            previous: None,
            issued_at: at(0),
            expires_at: at(600),
        }
    }

    #[test]
    fn a_token_is_renewed_late_and_never_early() {
        for (second, seen, advice) in [
            (0, Seen::Good, Advice::Use),
            (574, Seen::Good, Advice::Use),
            (575, Seen::Good, Advice::Refresh),
            (700, Seen::Good, Advice::Refresh),
            (100, Seen::Refused, Advice::WaitUntil(at(570))),
            (569, Seen::Refused, Advice::WaitUntil(at(570))),
            (570, Seen::Refused, Advice::Refresh),
        ] {
            assert_eq!(tokens().advice(&RULES, at(second), seen), advice, "{second} {seen:?}");
        }
        let mut short = tokens();
        short.expires_at = at(300);
        assert_eq!(short.advice(&RULES, at(290), Seen::Good), Advice::WaitUntil(at(570)), "wait, do not ask early");
    }

    #[test]
    fn idle_tokens_are_kept_alive_and_die() {
        let day = 86_400;
        assert!(!tokens().keep_alive_due(&RULES, at(6 * day)));
        assert!(tokens().keep_alive_due(&RULES, at(7 * day)));
        assert!(!tokens().is_dead(&RULES, at(30 * day - 1)));
        assert!(tokens().is_dead(&RULES, at(30 * day)));
    }

    #[test]
    fn tokens_do_not_print() {
        let shown = format!("{:?}", tokens());
        assert!(!shown.contains("AT1") && !shown.contains("RT1"), "{shown}");
    }
}
