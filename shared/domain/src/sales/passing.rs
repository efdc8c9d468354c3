//! How far an issued document has come on its way to a ledger: its state machine.

use crate::document::{Step, UnknownState};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How far a document has come on its way to the ledger (CO-29: it is passed once, ever).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Passing {
    /// It is ours alone.
    NotPassed,
    /// The settings say that documents of its series are not passed (CO-14).
    Withheld,
    /// Waits for, or is in, a turn of its ledger unit.
    Passing,
    /// The ledger has its own document of it: ours is superseded and read-only.
    Passed,
    /// The ledger, or a check before it, said no; it is provably not there.
    Failed,
    /// It may or may not be in the ledger.
    Uncertain,
}

impl Passing {
    /// Every one.
    pub const ALL: [Self; 6] =
        [Self::NotPassed, Self::Withheld, Self::Passing, Self::Passed, Self::Failed, Self::Uncertain];

    /// Stable text, as in the API and in storage.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotPassed => "not_passed",
            Self::Withheld => "withheld",
            Self::Passing => "passing",
            Self::Passed => "passed",
            Self::Failed => "failed",
            Self::Uncertain => "uncertain",
        }
    }
}

impl fmt::Display for Passing {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl FromStr for Passing {
    type Err = UnknownState;
    fn from_str(text: &str) -> Result<Self, UnknownState> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(UnknownState)
    }
}

/// What happens to a document on its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PassEvent {
    /// It is to be passed: at issue, in bulk or by hand (CO-3).
    Pass,
    /// The settings keep its series here (CO-14).
    Withhold,
    /// The ledger made its document.
    Accepted,
    /// The ledger, or a check before it, said no.
    Refused,
    /// Whether the ledger has it cannot be known.
    Unclear,
    /// It was found in the ledger after all.
    Found,
    /// The ledger was asked and does not have it.
    Absent,
}

impl PassEvent {
    /// Every one.
    pub const ALL: [Self; 7] =
        [Self::Pass, Self::Withhold, Self::Accepted, Self::Refused, Self::Unclear, Self::Found, Self::Absent];

    /// Stable text, as in the history.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pass => "pass",
            Self::Withhold => "withhold",
            Self::Accepted => "accepted",
            Self::Refused => "refused",
            Self::Unclear => "unclear",
            Self::Found => "found",
            Self::Absent => "absent",
        }
    }
}

/// The event does not fit the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a document that is {state} cannot take '{}'", .event.as_str())]
pub struct PassNotAllowed {
    /// The state.
    pub state: Passing,
    /// The event.
    pub event: PassEvent,
}

impl Passing {
    /// The state after an event and the step that it asks for: the only place that says which follows which.
    pub fn after(self, event: PassEvent) -> Result<(Self, Step), PassNotAllowed> {
        let no = Err(PassNotAllowed { state: self, event });
        match event {
            PassEvent::Pass => match self {
                Self::NotPassed | Self::Withheld | Self::Failed => Ok((Self::Passing, Step::Turn)),
                Self::Passing | Self::Passed | Self::Uncertain => no,
            },
            PassEvent::Withhold => match self {
                Self::NotPassed | Self::Failed => Ok((Self::Withheld, Step::Announce)),
                Self::Withheld | Self::Passing | Self::Passed | Self::Uncertain => no,
            },
            PassEvent::Accepted => self.only_from(Self::Passing, event, Self::Passed),
            PassEvent::Refused => self.only_from(Self::Passing, event, Self::Failed),
            PassEvent::Unclear => self.only_from(Self::Passing, event, Self::Uncertain),
            PassEvent::Found => self.only_from(Self::Uncertain, event, Self::Passed),
            PassEvent::Absent => self.only_from(Self::Uncertain, event, Self::Failed),
        }
    }

    fn only_from(self, from: Self, event: PassEvent, to: Self) -> Result<(Self, Step), PassNotAllowed> {
        if self == from { Ok((to, Step::Announce)) } else { Err(PassNotAllowed { state: self, event }) }
    }
}
