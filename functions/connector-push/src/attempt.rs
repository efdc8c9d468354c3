//! What is kept of an attempt between turns, in the document's head.

use domain::time::Instant;
use ledgers::{Checkpoint, ErrorCode, LedgerError, Progress, Reach};
use serde::{Deserialize, Serialize};

/// The code of documents that wait for somebody to sign in at the ledger.
pub const CONSENT: &str = "reconnect_needed";

/// The word for waiting until the ledger, or what gives access to it, works again.
pub const LEDGER: &str = "ledger";

/// What is kept of an attempt between turns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attempt {
    /// What the ledger's code wants to find again; absent while nothing can have been made in the ledger.
    #[serde(rename = "c", skip_serializing_if = "Option::is_none")]
    pub checkpoint: Option<Checkpoint>,
    /// An earlier request may still land until then: nothing is looked for or sent before.
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Instant>,
    /// What it waits for, as its history says already: it is not said again at each look.
    #[serde(rename = "w", skip_serializing_if = "Option::is_none")]
    pub waits_for: Option<Wait>,
}

/// What a document waits for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wait {
    /// Stable word.
    #[serde(rename = "r")]
    pub what: String,
    /// The version of the document that waits: posted anew it has not waited yet.
    #[serde(rename = "v")]
    version: u32,
}

impl Attempt {
    /// Reads what is stored. Something stored that cannot be read is an attempt of which nothing is known.
    pub fn read(stored: Option<&str>, version: u32) -> Self {
        let Some(stored) = stored else { return Self::default() };
        let mut attempt: Self = serde_json::from_str(stored).unwrap_or_else(|_| Self::default().begun());
        attempt.waits_for = attempt.waits_for.filter(|wait| wait.version == version);
        attempt
    }

    /// As it is stored.
    pub fn stored(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| r#"{"c":{}}"#.to_owned())
    }

    /// Something may have been made in the ledger, whatever is known of it.
    #[must_use]
    pub fn begun(mut self) -> Self {
        self.checkpoint.get_or_insert_default();
        self
    }

    /// Whether it waits for somebody to sign in.
    pub fn waits_for_consent(&self) -> bool {
        self.waits_for.as_ref().is_some_and(|wait| wait.what == CONSENT)
    }

    /// Notes what this version of the document waits for.
    pub fn wait_for(&mut self, what: &str, version: u32) {
        self.waits_for = Some(Wait { what: what.to_owned(), version });
    }

    /// Where to go on.
    pub fn progress(&self) -> Progress {
        self.checkpoint.clone().map_or_else(Progress::first, Progress::again)
    }

    /// Takes over how far a push has come.
    pub fn reached(&mut self, checkpoint: &Checkpoint) {
        if self.checkpoint.is_some() || *checkpoint != Checkpoint::default() {
            self.checkpoint = Some(checkpoint.clone());
        }
    }
}

/// What a document waits for after an error that waiting or somebody may mend. A ledger that is out of order says so in
/// many ways, which are one wait.
pub fn wait_of(error: &LedgerError) -> &'static str {
    match error.code() {
        ErrorCode::RateLimited | ErrorCode::ErrorBudget => "limits",
        ErrorCode::TokenRefused | ErrorCode::TokenTooEarly => "token",
        ErrorCode::Unavailable | ErrorCode::TimedOut | ErrorCode::Unreachable | ErrorCode::MalformedAnswer => LEDGER,
        code if code.reach() == Reach::Document => LEDGER,
        code => code.as_str(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_read_is_an_attempt_of_which_nothing_is_known() {
        assert_eq!(Attempt::read(None, 3), Attempt::default());
        assert_eq!(Attempt::read(Some("?"), 3), Attempt::default().begun());
        assert_eq!(Attempt::read(Some("{}"), 3).checkpoint, None);
        let mut attempt = Attempt::default().begun();
        attempt.wait_for(CONSENT, 3);
        assert_eq!(Attempt::read(Some(&attempt.stored()), 3), attempt);
        assert!(attempt.waits_for_consent());
        assert_eq!(Attempt::read(Some(&attempt.stored()), 5).waits_for, None, "posted anew, it has not waited yet");
    }

    #[test]
    fn what_was_begun_stays_begun() {
        let mut attempt = Attempt::default();
        attempt.reached(&Checkpoint::default());
        assert_eq!(attempt.checkpoint, None);
        let mut attempt = attempt.begun();
        attempt.reached(&Checkpoint::default());
        assert_eq!(attempt.checkpoint, Some(Checkpoint::default()));
    }
}
