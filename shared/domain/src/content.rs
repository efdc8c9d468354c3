//! What was read from a document and how it was coded: written once per reading or edit, never changed.

use crate::{
    arithmetic::RuleViolation,
    document::{Actor, Event, Status},
    hold::{Hold, HoldCode, RecognisedField},
    invoice::Invoice,
    posting::Posting,
    reason::Reason,
    time::Instant,
};
use serde::{Deserialize, Serialize};

/// How the invoice was obtained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum Source {
    /// A UBL file.
    Ubl,
    /// The invoice inside a hybrid PDF.
    HybridPdf,
    /// A CII file.
    Cii,
    /// Fields recognised on a PDF or scan.
    Recognised {
        /// With the confidence of each.
        fields: Vec<RecognisedField>,
    },
}

/// What coding came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Coded {
    /// Nothing is missing (green).
    Complete {
        /// What would be booked.
        posting: Box<Posting>,
    },
    /// Something is missing (orange).
    Incomplete {
        /// What, and what to do about it.
        missing: Vec<Reason>,
    },
    /// It could not be read.
    Unreadable {
        /// Why.
        error: Reason,
    },
}

/// A hold that a person cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearedHold {
    /// Which.
    pub code: HoldCode,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// Why it is none.
    pub reason: String,
}

/// One reading of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// When it was tagged.
    pub tagged_at: Instant,
    /// By whom.
    pub tagged_by: Actor,
    /// When it was read or edited.
    pub read_at: Instant,
    /// How the invoice was obtained; none when it could not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The invoice as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Invoice>,
    /// Rules of EN 16931 that it breaks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<RuleViolation>,
    /// What keeps it from automatic posting, cleared ones included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Hold>,
    /// Holds that a person cleared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cleared: Vec<ClearedHold>,
    /// What coding came to.
    pub coded: Coded,
}

impl Content {
    /// The holds that nobody cleared.
    pub fn open_holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.iter().filter(|hold| !self.cleared.iter().any(|cleared| cleared.code == hold.code))
    }

    /// The posting, when nothing is missing.
    pub fn posting(&self) -> Option<&Posting> {
        match &self.coded {
            Coded::Complete { posting } => Some(posting),
            Coded::Incomplete { .. } | Coded::Unreadable { .. } => None,
        }
    }
}

/// One entry of a document's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// When.
    pub at: Instant,
    /// Who.
    pub by: Actor,
    /// What happened; absent for a note that changed no state, such as a postponed attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
    /// The state after it.
    pub status: Status,
    /// The document's version after it.
    pub version: u32,
    /// Why, or what was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}
