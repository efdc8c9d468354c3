//! How facilities, jobs and runs are shown.

use crate::{documents::view::ReasonView, schema, text::Amount};
use ::exports::LeftOut;
use domain::{
    export::{
        Collected, Copies, Facility, Job, JobSwitch, LedgerFacts, Origin, Run, RunState, RunStatus, SetupStep,
        StepState, Switched, Target,
    },
    export_format::NamePattern,
    ids::{AdministrationId, ConnectionId, DocumentId, FacilityId, RunId, UserId},
    money::Currency,
    office::Choice,
    schedule::{PostingDatePolicy, Schedule},
    time::{Date, Instant},
    words::Language,
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What a facility exports to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum TargetView {
    /// A file.
    File {
        /// Name of the format; GET /export-formats tells of each.
        format: String,
        /// Its settings, as they were entered.
        #[schema(value_type = Object)]
        options: serde_json::Value,
    },
    /// A ledger.
    Ledger {
        /// Through this connection.
        #[schema(schema_with = schema::one::<ConnectionId>)]
        connection: ConnectionId,
    },
}

impl From<&Target> for TargetView {
    fn from(target: &Target) -> Self {
        match target {
            Target::File { file } => {
                let value = serde_json::to_value(file).unwrap_or_default();
                Self::File { format: file.as_str().to_owned(), options: value["options"].clone() }
            }
            Target::Ledger { connection } => Self::Ledger { connection: *connection },
        }
    }
}

/// A setting that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct SettingProblem {
    /// Which.
    pub field: String,
    /// What is wrong and what to do.
    pub detail: String,
}

/// A step of the wizard (EX-7).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct StepView {
    /// `system`, `configuration` or `authentication`.
    pub step: &'static str,
    /// Whether nothing is open.
    pub done: bool,
    /// What is open.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub open: Vec<SettingProblem>,
}

impl StepView {
    fn new((step, state): (SetupStep, StepState)) -> Self {
        let open = match state {
            StepState::Done => Vec::new(),
            StepState::Open(problems) => problems
                .into_iter()
                .map(|problem| SettingProblem { field: problem.field, detail: problem.detail })
                .collect(),
        };
        Self { step: step.as_str(), done: open.is_empty(), open }
    }
}

/// A job (EX-12 to EX-18).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct JobView {
    /// When it runs: `frequency` is `hourly`, `every_4_hours`, `daily`, `weekly` (with `weekday`) or `monthly` (with `day`); without `local`
    /// on the UTC grid.
    #[schema(value_type = Object)]
    pub schedule: Schedule,
    /// Finance users on whose behalf it runs; the first who still may does (EX-15).
    #[schema(schema_with = schema::many::<UserId>)]
    pub on_behalf_of: Vec<UserId>,
    /// Whether it runs.
    #[schema(value_type = String, example = "on")]
    pub switch: Switched,
    /// When it was switched on, or its schedule changed.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub since: Option<Instant>,
}

impl From<&Job> for JobView {
    fn from(job: &Job) -> Self {
        let (switch, since) = match job.switch {
            JobSwitch::On { since } => (Switched::On, Some(since)),
            JobSwitch::Off => (Switched::Off, None),
        };
        Self { schedule: job.schedule, on_behalf_of: job.on_behalf_of.users().to_vec(), switch, since }
    }
}

/// An export facility (EX-4).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FacilityView {
    /// Id.
    #[schema(schema_with = schema::one::<FacilityId>)]
    pub id: FacilityId,
    /// Whose documents.
    #[schema(schema_with = schema::one::<AdministrationId>)]
    pub administration: AdministrationId,
    /// Name, for people.
    pub name: String,
    /// `draft`, `inactive` or `active`.
    pub state: &'static str,
    /// What it exports to; absent while no system is chosen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub target: Option<TargetView>,
    /// How its files are named.
    #[schema(value_type = String)]
    pub file_name: NamePattern,
    /// With which date documents are booked (EX-3).
    #[schema(value_type = String, example = "job_date")]
    pub posting_date_policy: PostingDatePolicy,
    /// Whether documents that were posted on another path are exported as a copy (SE-1), and since when.
    #[schema(value_type = Object)]
    pub copies: Copies,
    /// Who gets the file of each run by mail.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mail_to: Option<String>,
    /// The steps of the wizard, each with what is open.
    pub steps: Vec<StepView>,
    /// Its job, once one was set.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub job: Option<JobView>,
    /// Counts edits.
    pub version: u32,
}

impl FacilityView {
    pub(super) fn new(facility: &Facility, ledger: LedgerFacts) -> Self {
        Self {
            id: facility.id,
            administration: facility.administration,
            name: facility.name.clone(),
            state: facility.state.as_str(),
            target: facility.target.as_ref().map(TargetView::from),
            file_name: facility.file_name.clone(),
            posting_date_policy: facility.posting_date_policy,
            copies: facility.copies,
            mail_to: facility.mail_to.as_ref().map(ToString::to_string),
            steps: facility.setup(ledger).into_iter().map(StepView::new).collect(),
            job: facility.job.as_ref().map(JobView::from),
            version: facility.version,
        }
    }
}

/// What documents of one currency come to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TotalView {
    /// Currency.
    #[schema(value_type = String)]
    pub currency: Currency,
    /// How many documents.
    pub documents: u64,
    /// Their totals including VAT, added up; a credit note takes away.
    pub gross: Amount,
}

/// Totals of each currency.
pub(super) fn totals(sums: &BTreeMap<Currency, Collected>) -> Vec<TotalView> {
    let view = |(currency, sum): (&Currency, &Collected)| TotalView {
        currency: *currency,
        documents: sum.documents,
        gross: sum.gross.into(),
    };
    sums.iter().map(view).collect()
}

/// The file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunFileView {
    /// Its name.
    pub name: String,
    /// Its type.
    pub content_type: String,
    /// Its size.
    pub bytes: u64,
}

/// A run of an export (EX-25).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunView {
    /// Id.
    #[schema(schema_with = schema::one::<RunId>)]
    pub id: RunId,
    /// The facility.
    #[schema(schema_with = schema::one::<FacilityId>)]
    pub facility: FacilityId,
    /// Its name at that time.
    pub facility_name: String,
    /// `in_progress`, `completed`, `stopped`, `cancelled` or `skipped`.
    #[schema(value_type = String)]
    pub status: RunStatus,
    /// It is in progress and nothing has moved for twenty minutes: it can be marked as exported, or cancelled (EX-26).
    pub hanging: bool,
    /// `scheduled`, or `manual` for one that a person started.
    pub origin: &'static str,
    /// How many earlier instants passed without a run, which this one makes up for (EX-30).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub missed: Option<u32>,
    /// The scheduled instant.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// The date of that instant, with which documents are booked.
    #[schema(value_type = String, format = Date)]
    pub job_date: Date,
    /// What became of the documents' posting dates (EX-3).
    #[schema(value_type = String)]
    pub posting_date_policy: PostingDatePolicy,
    /// The user on whose behalf it runs, once it has begun.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::maybe::<UserId>)]
    pub on_behalf_of: Option<UserId>,
    /// When it started.
    #[schema(value_type = String, format = DateTime)]
    pub started_at: Instant,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Instant>,
    /// How long it took, in seconds; so far, while it is in progress.
    pub duration_seconds: i64,
    /// How many documents it took.
    pub documents: u64,
    /// What it took, per currency.
    pub collected: Vec<TotalView>,
    /// What was exported, per currency.
    pub exported: Vec<TotalView>,
    /// How many were left out or put back; GET its `left-out` tells why.
    pub left_out: u64,
    /// How many may or may not be in the ledger.
    pub uncertain: u64,
    /// How many were taken back since it was completed.
    pub reverted: u64,
    /// How many could not be taken back; GET its `kept` tells why.
    pub kept: u64,
    /// Why it stopped.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonView>,
    /// The run that was in progress when this one was skipped (EX-29).
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::maybe::<RunId>)]
    pub running: Option<RunId>,
    /// Its file, when it made one.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub file: Option<RunFileView>,
    /// Counts steps.
    pub version: u32,
}

impl RunView {
    pub(super) fn new(run: &Run, now: Instant, language: Language) -> Self {
        let (origin, missed) = match run.origin {
            Origin::Scheduled { missed } => ("scheduled", (missed > 0).then_some(missed)),
            Origin::Manual { .. } => ("manual", None),
        };
        let (reason, running) = match &run.state {
            RunState::Stopped { reason, .. } => (Some(ReasonView::new(reason, language)), None),
            RunState::Skipped { running, .. } => (None, Some(*running)),
            RunState::Open { .. } | RunState::Completed { .. } | RunState::Cancelled { .. } => (None, None),
        };
        Self {
            id: run.id,
            facility: run.facility,
            facility_name: run.facility_name.clone(),
            status: run.status(),
            hanging: run.hangs(now),
            origin,
            missed,
            at: run.at,
            job_date: run.job_date,
            posting_date_policy: run.posting_date_policy,
            on_behalf_of: run.acting.as_ref().map(|(user, _)| *user),
            started_at: run.started_at,
            ended_at: run.ended_at(),
            duration_seconds: (run.ended_at().unwrap_or(now) - run.started_at).num_seconds().max(0),
            documents: run.taken,
            collected: totals(&run.collected),
            exported: totals(&run.exported),
            left_out: run.left_out,
            uncertain: run.uncertain,
            reverted: run.reverted,
            kept: run.kept,
            reason,
            running,
            file: run.file.as_ref().map(|file| RunFileView {
                name: file.name.clone(),
                content_type: file.content_type.clone(),
                bytes: file.bytes,
            }),
            version: run.version,
        }
    }
}

/// A document that was left out of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct LeftOutView {
    /// Which.
    #[schema(schema_with = schema::one::<DocumentId>)]
    pub document: DocumentId,
    /// Why, and what to do.
    pub reason: ReasonView,
}

impl LeftOutView {
    pub(super) fn new(left_out: &LeftOut, language: Language) -> Self {
        Self { document: left_out.document, reason: ReasonView::new(&left_out.reason, language) }
    }
}

/// A yes or no.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum YesNo {
    /// Yes.
    Yes,
    /// No.
    No,
}

impl From<YesNo> for Choice {
    fn from(choice: YesNo) -> Self {
        match choice {
            YesNo::Yes => Self::Yes,
            YesNo::No => Self::No,
        }
    }
}

impl From<Choice> for YesNo {
    fn from(choice: Choice) -> Self {
        match choice {
            Choice::Yes => Self::Yes,
            Choice::No => Self::No,
        }
    }
}
