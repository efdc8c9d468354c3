//! Passing everything that is not in the ledger yet, at one go (CO-12, CO-32): what was asked for, and how far it has come.

use crate::{
    document::UnitId,
    ids::{AdministrationId, TaskId, UserId},
    time::Instant,
};
use serde::{Deserialize, Serialize};

/// What is passed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WhichToPass {
    /// What is not in the ledger and is not uncertain.
    NotPassed,
    /// What failed; and what is uncertain, once the ledger was asked and provably does not have it.
    Failed,
}

impl WhichToPass {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::NotPassed => "not_passed",
            Self::Failed => "failed",
        }
    }
}

/// How many documents of a run came to what.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassCounts {
    /// All that were taken into the run.
    pub total: u32,
    /// Passed.
    pub passed: u32,
    /// Refused, or provably not in the ledger.
    pub failed: u32,
    /// Perhaps in the ledger.
    pub uncertain: u32,
}

impl PassCounts {
    /// Those that came to an end, good or bad.
    pub fn ended(&self) -> u32 {
        self.passed.saturating_add(self.failed).saturating_add(self.uncertain)
    }
}

/// Where a run stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PassRunState {
    /// Documents are being taken into it.
    Collecting,
    /// All are in; some are still on their way.
    Passing,
    /// All have come to an end.
    Finished,
}

impl PassRunState {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Collecting => "collecting",
            Self::Passing => "passing",
            Self::Finished => "finished",
        }
    }
}

/// A run that passes everything that is not in the ledger yet. Its id is that of the task that collects for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassRun {
    /// Id.
    pub id: TaskId,
    /// Whose documents.
    pub administration: AdministrationId,
    /// Where they go.
    pub unit: UnitId,
    /// What is passed.
    pub which: WhichToPass,
    /// Who asked for it.
    pub requested_by: UserId,
    /// When.
    pub requested_at: Instant,
    /// When all were taken into it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub collected_at: Option<Instant>,
    /// Documents that were seen and cannot be passed in bulk: of series that are not passed, of kinds that the ledger does not take or
    /// that are passed by hand (CO-30).
    #[serde(default)]
    pub left_out: u32,
    /// How far it has come.
    #[serde(skip)]
    pub counts: PassCounts,
}

impl PassRun {
    /// Where it stands.
    pub fn state(&self) -> PassRunState {
        match self.collected_at {
            None => PassRunState::Collecting,
            Some(_) if self.counts.ended() < self.counts.total => PassRunState::Passing,
            Some(_) => PassRunState::Finished,
        }
    }
}
