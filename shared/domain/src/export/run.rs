//! A run: it takes what is ready, makes the output, and says of each document what became of it (EX-24 to EX-30). It goes on
//! from step to step; each may be done twice, and the next one begins where the last one was noted.

use super::{Copies, Facility, Target};
use crate::{
    document::Document,
    export_format::{NamePattern, PostingDateField},
    ids::{AdministrationId, FacilityId, RunId, UserId},
    mail::EmailAddress,
    money::Currency,
    reason::Reason,
    schedule::{PostingDatePolicy, posting_date},
    time::{Date, Instant},
    words::{Stop, Text},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What started a run.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "by")]
pub enum Origin {
    /// Its job.
    Scheduled {
        /// How many earlier instants passed without a run, which this one makes up for (EX-30).
        missed: u32,
    },
    /// A person (EX-21).
    Manual {
        /// Who.
        user: UserId,
    },
}

/// How far an open run has come.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Phase {
    /// Takes what is ready, in slices.
    Collecting,
    /// Writes segments of the file.
    Writing {
        /// Slice to go on with.
        slice: u32,
        /// The first document of it that is not written.
        document: u32,
        /// What was written before.
        written: Written,
    },
    /// Joins the segments.
    Joining {
        /// What was written.
        written: Written,
        /// The upload that is under way.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        upload: Option<String>,
        /// Tags of the parts that are there.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        parts: Vec<String>,
    },
    /// Says of each document that it is exported, or puts it back.
    Settling {
        /// Slice to go on with.
        slice: u32,
    },
    /// Hands documents to the ledger.
    Handing {
        /// Slice to go on with.
        slice: u32,
    },
    /// Waits until the ledger has answered for each.
    Awaiting {
        /// The first slice in which a document is still under way.
        slice: u32,
        /// How many of it were, when that was looked at last.
        #[serde(default)]
        open: u32,
    },
    /// Takes a completed run back, document by document.
    Reverting {
        /// Who wants that.
        by: UserId,
        /// Why; kept in each document's history.
        reason: String,
        /// The version of the run from which that began: another wish later is another one.
        began: u32,
        /// Slice to go on with.
        slice: u32,
    },
    /// Ends the run as a person wished.
    Closing {
        /// How.
        closing: Closing,
        /// Slice to go on with.
        slice: u32,
    },
}

/// How a person ends a run that hangs (EX-26).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "as")]
pub enum Closing {
    /// The target has the documents: those in progress become exported.
    Exported {
        /// Who checked that.
        by: UserId,
        /// Kept in each document's history.
        comment: String,
    },
    /// All documents go back to the list.
    Cancelled {
        /// Who.
        by: UserId,
        /// Why; empty when nothing was said.
        reason: String,
    },
}

/// How much of the file is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Written {
    /// Segments.
    pub segments: u32,
    /// Documents in them.
    pub documents: u64,
    /// Rows, as the format counts them.
    pub rows: u64,
}

/// Where a run stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum RunState {
    /// In progress.
    Open {
        /// How far.
        phase: Phase,
    },
    /// Done; also when there was nothing to export (EX-28).
    Completed {
        /// When.
        at: Instant,
    },
    /// It could not begin: nothing was taken.
    Stopped {
        /// When.
        at: Instant,
        /// Why.
        reason: Reason,
    },
    /// A person cancelled it; its documents are ready again (EX-26).
    Cancelled {
        /// When.
        at: Instant,
    },
    /// The run before it was still in progress (EX-29).
    Skipped {
        /// When.
        at: Instant,
        /// That one.
        running: RunId,
    },
}

/// A run's state in one word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RunStatus {
    /// EX-25.
    InProgress,
    /// EX-25.
    Completed,
    /// It could not begin.
    Stopped,
    /// EX-26.
    Cancelled,
    /// EX-29.
    Skipped,
}

impl RunStatus {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InProgress => "in_progress",
            Self::Completed => "completed",
            Self::Stopped => "stopped",
            Self::Cancelled => "cancelled",
            Self::Skipped => "skipped",
        }
    }
}

/// What documents of one currency come to, signed by effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Collected {
    /// How many.
    pub documents: u64,
    /// Totals including VAT, added up.
    pub gross: Decimal,
}

/// The file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RunFile {
    /// Its name.
    pub name: String,
    /// Its type.
    pub content_type: String,
    /// Its size.
    pub bytes: u64,
}

/// One run of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Run {
    /// Id: derived from the facility and the instant, so that a trigger that comes twice starts one run.
    pub id: RunId,
    /// Whose documents.
    pub administration: AdministrationId,
    /// Through which facility.
    pub facility: FacilityId,
    /// Its name at that time.
    pub facility_name: String,
    /// What started it.
    pub origin: Origin,
    /// The scheduled instant; when it was started by hand.
    pub at: Instant,
    /// The date of that instant in the time zone of the schedule: what a run books with, however late it works (EX-3).
    pub job_date: Date,
    /// Target and settings as they were then: an edit meanwhile changes nothing.
    pub target: Target,
    /// How its file is named.
    #[serde(default)]
    pub file_name: NamePattern,
    /// With which date documents are booked.
    pub posting_date_policy: PostingDatePolicy,
    /// Who gets its file by mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_to: Option<EmailAddress>,
    /// From when copies of posted documents are taken (SE-1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub copies_since: Option<Instant>,
    /// On whose behalf, in the order in which they are tried.
    pub on_behalf_of: Vec<UserId>,
    /// The one who is, once the run has begun (EX-15).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub acting: Option<(UserId, String)>,
    /// When it was started.
    pub started_at: Instant,
    /// When it last went on. One that is open and has not for long hangs (EX-25).
    pub moved_at: Instant,
    /// When somebody last looked after it: later than it went on, while it waits for a ledger.
    pub looked_at: Instant,
    /// Where it stands.
    pub state: RunState,
    /// Slices of documents that it took.
    pub slices: u32,
    /// How many documents it took.
    #[serde(default)]
    pub taken: u64,
    /// What it took, per currency.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub collected: BTreeMap<Currency, Collected>,
    /// What was exported of it, per currency.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub exported: BTreeMap<Currency, Collected>,
    /// How many were left out or put back.
    #[serde(default)]
    pub left_out: u64,
    /// How many may or may not be in the ledger.
    #[serde(default)]
    pub uncertain: u64,
    /// How many were taken back since it was completed.
    #[serde(default)]
    pub reverted: u64,
    /// How many could not be, when that was tried last.
    #[serde(default)]
    pub kept: u64,
    /// Its file.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub file: Option<RunFile>,
    /// Counts steps, from 1.
    pub version: u32,
}

/// What a new run is made from.
#[derive(Debug, Clone)]
pub struct Starting<'a> {
    /// Its id.
    pub id: RunId,
    /// Its facility, as it is now.
    pub facility: &'a Facility,
    /// What starts it.
    pub origin: Origin,
    /// The scheduled instant, or now.
    pub at: Instant,
    /// The date of that instant: see [`Run::job_date`].
    pub job_date: Date,
    /// Finance users, the first who still may acts.
    pub on_behalf_of: &'a [UserId],
    /// Now.
    pub now: Instant,
}

/// Without a step for so long, an open run hangs (EX-25).
pub const HANGS_AFTER: chrono::TimeDelta = chrono::TimeDelta::minutes(20);

impl Run {
    /// A new one, in progress. Nothing when the facility has no target: such a one is never active.
    pub fn start(starting: &Starting<'_>) -> Option<Self> {
        let facility = starting.facility;
        Some(Self {
            id: starting.id,
            administration: facility.administration,
            facility: facility.id,
            facility_name: facility.name.clone(),
            origin: starting.origin,
            at: starting.at,
            job_date: starting.job_date,
            target: facility.target.clone()?,
            file_name: facility.file_name.clone(),
            mail_to: facility.mail_to.clone(),
            posting_date_policy: facility.posting_date_policy,
            copies_since: match (facility.copies, starting.origin, facility.target.as_ref()?) {
                (Copies::Since { since }, Origin::Scheduled { .. }, Target::File { .. }) => Some(since),
                (Copies::No, _, _)
                | (Copies::Since { .. }, Origin::Manual { .. }, _)
                | (Copies::Since { .. }, _, Target::Ledger { .. }) => None,
            },
            on_behalf_of: starting.on_behalf_of.to_vec(),
            acting: None,
            started_at: starting.now,
            moved_at: starting.now,
            looked_at: starting.now,
            state: RunState::Open { phase: Phase::Collecting },
            slices: 0,
            taken: 0,
            collected: BTreeMap::new(),
            exported: BTreeMap::new(),
            left_out: 0,
            uncertain: 0,
            reverted: 0,
            kept: 0,
            file: None,
            version: 1,
        })
    }

    /// The one that its job has at an instant (EX-1). Nothing when the facility has no job.
    pub fn scheduled(id: RunId, facility: &Facility, (at, missed): (Instant, u32), now: Instant) -> Option<Self> {
        let job = facility.job.as_ref()?;
        let (origin, job_date) = (Origin::Scheduled { missed }, job.schedule.job_date(at));
        Self::start(&Starting { id, facility, origin, at, job_date, on_behalf_of: job.on_behalf_of.users(), now })
    }

    /// The same, recorded as skipped because another run of the facility is in progress (EX-29).
    #[must_use]
    pub fn skipped(self, running: RunId, at: Instant) -> Self {
        Self { state: RunState::Skipped { at, running }, ..self }
    }

    /// In one word.
    pub fn status(&self) -> RunStatus {
        match self.state {
            RunState::Open { .. } => RunStatus::InProgress,
            RunState::Completed { .. } => RunStatus::Completed,
            RunState::Stopped { .. } => RunStatus::Stopped,
            RunState::Cancelled { .. } => RunStatus::Cancelled,
            RunState::Skipped { .. } => RunStatus::Skipped,
        }
    }

    /// When it ended.
    pub fn ended_at(&self) -> Option<Instant> {
        match self.state {
            RunState::Open { .. } => None,
            RunState::Completed { at }
            | RunState::Stopped { at, .. }
            | RunState::Cancelled { at }
            | RunState::Skipped { at, .. } => Some(at),
        }
    }

    /// Whether it is open and nothing has moved for long.
    pub fn hangs(&self, now: Instant) -> bool {
        match &self.state {
            // Whoever ends it, or takes it back, is at it.
            RunState::Open { phase: Phase::Closing { .. } | Phase::Reverting { .. } }
            | RunState::Completed { .. }
            | RunState::Stopped { .. }
            | RunState::Cancelled { .. }
            | RunState::Skipped { .. } => false,
            RunState::Open { .. } => now - self.moved_at >= HANGS_AFTER,
        }
    }

    /// After a step.
    #[must_use]
    pub fn stepped(&self, state: RunState, now: Instant) -> Self {
        Self { state, moved_at: now, looked_at: now, version: self.version.saturating_add(1), ..self.clone() }
    }

    /// After somebody looked after it and it could not go on.
    #[must_use]
    pub fn looked_after(&self, now: Instant) -> Self {
        Self { looked_at: now, version: self.version.saturating_add(1), ..self.clone() }
    }

    /// Ends as a person wishes (EX-26): only while it is open, and not while another wish is under way.
    pub fn close(&self, closing: Closing, now: Instant) -> Option<Self> {
        match &self.state {
            RunState::Open { phase: Phase::Closing { .. } | Phase::Reverting { .. } }
            | RunState::Completed { .. }
            | RunState::Stopped { .. }
            | RunState::Cancelled { .. }
            | RunState::Skipped { .. } => None,
            RunState::Open { .. } => {
                Some(self.stepped(RunState::Open { phase: Phase::Closing { closing, slice: 0 } }, now))
            }
        }
    }
}

impl Run {
    /// Takes a completed run back, each document as far as the ledger does not have it. Nothing when the run is not completed.
    pub fn revert(&self, by: UserId, reason: String, now: Instant) -> Option<Self> {
        match &self.state {
            RunState::Completed { .. } => {
                let phase = Phase::Reverting { by, reason, began: self.version, slice: 0 };
                Some(Self { kept: 0, ..self.stepped(RunState::Open { phase }, now) })
            }
            RunState::Open { .. }
            | RunState::Stopped { .. }
            | RunState::Cancelled { .. }
            | RunState::Skipped { .. } => None,
        }
    }
}

/// Counts a document.
pub fn count(sums: &mut BTreeMap<Currency, Collected>, document: &Document) {
    let (Some(currency), Some(gross)) = (document.currency, document.gross) else { return };
    let signed = match document.kind {
        Some(crate::invoice::InvoiceKind::CreditNote) => -gross,
        Some(crate::invoice::InvoiceKind::Invoice) | None => gross,
    };
    let sum = sums.entry(currency).or_default();
    sum.documents += 1;
    // A sum beyond any amount that is accepted says the most that can be said.
    sum.gross = sum.gross.saturating_add(signed);
}

/// The date with which a run books a document (EX-3), or that it cannot: the target's only date is the document's own and would
/// have to change.
pub fn posting_date_of(
    policy: PostingDatePolicy,
    field: PostingDateField,
    job_date: Date,
    (own, issued): (Date, Date),
) -> Result<Date, Stop> {
    match field {
        PostingDateField::Own(_) => Ok(posting_date(policy, job_date, own)),
        PostingDateField::None => Ok(issued),
        PostingDateField::Shared(_) if posting_date(policy, job_date, own) == issued => Ok(issued),
        PostingDateField::Shared(name) => Err(Stop::DateShared { field: Text(name.to_owned()) }),
    }
}
