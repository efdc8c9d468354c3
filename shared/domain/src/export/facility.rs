//! A facility: where the documents of an administration are exported to, and how; with at most one job (EX-4 to EX-20).

use crate::{
    export_format::{FileFormat, NamePattern, PostingDateField, Problem},
    ids::{AdministrationId, ConnectionId, FacilityId, UserId},
    mail::EmailAddress,
    office::{User, UserState},
    permission::Role,
    schedule::{PostingDatePolicy, Schedule},
    time::Instant,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeSet, fmt};

/// What a facility exports to (EX-1).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind")]
pub enum Target {
    /// A file, to be downloaded.
    File {
        /// Format and its settings.
        file: Box<FileFormat>,
    },
    /// A ledger, document by document.
    Ledger {
        /// Through this connection.
        connection: ConnectionId,
    },
}

/// How far a facility has come (EX-9). At most one of an administration is active (EX-4): the store holds that.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum FacilityState {
    /// Being set up; was never active.
    Draft,
    /// Was active and is not now.
    Inactive,
    /// Its job may run, and documents may be exported through it by hand.
    Active,
}

impl FacilityState {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Inactive => "inactive",
            Self::Active => "active",
        }
    }
}

impl fmt::Display for FacilityState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Whether documents that were posted on another path are exported as well, as a copy (SE-1).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "take")]
pub enum Copies {
    /// No: a document goes out on one path.
    #[default]
    No,
    /// Those that were received from then on; nothing old moves (SE-3).
    Since {
        /// When the facility was told to.
        since: Instant,
    },
}

/// The Finance users on whose behalf a job runs, in the order in which they are tried (EX-15).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<UserId>", into = "Vec<UserId>")]
pub struct OnBehalfOf(Vec<UserId>);

/// Why users are refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum OnBehalfOfError {
    /// None.
    #[error("at least one user with the role Finance is needed, on whose behalf the job runs")]
    None,
    /// Too many.
    #[error("at most {} users can be named", OnBehalfOf::MAX)]
    TooMany,
    /// The same one twice.
    #[error("the user {0} is named twice")]
    Twice(UserId),
}

impl OnBehalfOf {
    /// The most users of a job.
    pub const MAX: usize = 10;

    /// In the order in which they are tried.
    pub fn users(&self) -> &[UserId] {
        &self.0
    }
}

impl TryFrom<Vec<UserId>> for OnBehalfOf {
    type Error = OnBehalfOfError;
    fn try_from(users: Vec<UserId>) -> Result<Self, OnBehalfOfError> {
        let mut seen = BTreeSet::new();
        match users.iter().find(|user| !seen.insert(**user)) {
            _ if users.is_empty() => Err(OnBehalfOfError::None),
            _ if users.len() > Self::MAX => Err(OnBehalfOfError::TooMany),
            Some(twice) => Err(OnBehalfOfError::Twice(*twice)),
            None => Ok(Self(users)),
        }
    }
}

impl From<OnBehalfOf> for Vec<UserId> {
    fn from(users: OnBehalfOf) -> Self {
        users.0
    }
}

/// Whether a job runs (EX-7, EX-17).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum JobSwitch {
    /// Yes: at every instant of its schedule after this one.
    On {
        /// When it was switched on, or its schedule changed.
        since: Instant,
    },
    /// No.
    Off,
}

/// What exports without a person.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Job {
    /// When it runs.
    pub schedule: Schedule,
    /// In whose name.
    pub on_behalf_of: OnBehalfOf,
    /// Whether it does.
    pub switch: JobSwitch,
}

impl Job {
    /// When it runs first after an instant; never before it was switched on. Nothing while it is off.
    pub fn next_after(&self, instant: Instant) -> Option<Instant> {
        match self.switch {
            JobSwitch::On { since } => self.schedule.next_after(instant.max(since)),
            JobSwitch::Off => None,
        }
    }

    /// The run that is due, when one has come since `due` was set as the next: the latest, so that an outage is made up for by
    /// one run and nothing is dated back (EX-30); and how many were missed besides.
    pub fn due_at(&self, due: Instant, now: Instant) -> Option<(Instant, u32)> {
        let JobSwitch::On { since } = self.switch else { return None };
        let latest = self.schedule.latest_at_or_before(now)?;
        if latest <= since || latest < due {
            return None;
        }
        let first = self.schedule.next_after(due.max(since) - chrono::TimeDelta::seconds(1))?;
        let missed = self.schedule.runs_after(first).take_while(|run| *run <= latest).take(MISSED_MAX).count();
        Some((latest, u32::try_from(missed).unwrap_or(u32::MAX)))
    }
}

/// More than so many missed runs are not counted.
const MISSED_MAX: usize = 10_000;

/// Where an administration's documents are exported to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Facility {
    /// Id.
    pub id: FacilityId,
    /// Whose documents.
    pub administration: AdministrationId,
    /// Name, for people.
    pub name: String,
    /// System and configuration; nothing while they are not chosen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub target: Option<Target>,
    /// How its files are named.
    #[serde(default)]
    pub file_name: NamePattern,
    /// With which date documents are booked (EX-3).
    #[serde(default)]
    pub posting_date_policy: PostingDatePolicy,
    /// SE-1.
    #[serde(default)]
    pub copies: Copies,
    /// Who gets the file of a run by mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mail_to: Option<EmailAddress>,
    /// How far it has come.
    pub state: FacilityState,
    /// At most one (EX-4).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub job: Option<Job>,
    /// Counts edits, from 1.
    pub version: u32,
}

/// A step of the wizard (EX-7).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SetupStep {
    /// Which system or format.
    System,
    /// Its settings.
    Configuration,
    /// Signing in there.
    Authentication,
}

impl SetupStep {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::System => "system",
            Self::Configuration => "configuration",
            Self::Authentication => "authentication",
        }
    }
}

/// How a step stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum StepState {
    /// Done, or not needed here.
    Done,
    /// What is open.
    Open(Vec<Problem>),
}

/// What setting up has to know of a ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LedgerFacts {
    /// The facility has no ledger, or its connection is gone.
    None,
    /// The connection.
    Connection {
        /// Whether the administration is posted through it.
        serves: Serves,
        /// Whether documents can be posted.
        signed_in: SignedIn,
        /// What becomes of the posting date there.
        posting_date: PostingDateField,
    },
}

/// Whether a connection has a division for an administration.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Serves {
    /// It has.
    Yes,
    /// It has not.
    No,
}

/// Whether a connection is connected.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SignedIn {
    /// It is.
    Yes,
    /// It is not.
    No,
}

/// Why something cannot be done with a facility.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FacilityRefused {
    /// A step is open.
    #[error("the facility is not set up completely: {}", list(.0))]
    Incomplete(Vec<Problem>),
    /// It has been activated: what it exports to stays.
    #[error("the facility is active: deactivate it before you change where it exports to")]
    Active,
}

fn list(problems: &[Problem]) -> String {
    problems.iter().map(|problem| format!("{}: {}", problem.field, problem.detail)).collect::<Vec<_>>().join("; ")
}

/// Why a job cannot be set (EX-9, EX-15).
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum JobRefused {
    /// Draft.
    #[error("the facility is a draft: finish its set-up and activate it first")]
    Draft,
    /// Inactive.
    #[error("the facility is inactive: activate it first")]
    Inactive,
    /// A user who may not.
    #[error("{0}")]
    User(FinanceProblem),
}

/// Why a user is not one on whose behalf documents are exported (EX-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum FinanceProblem {
    /// Unknown or disabled.
    #[error("the user {0} is unknown or disabled")]
    Inactive(UserId),
    /// Without the role.
    #[error("the user {0} has not the role Finance")]
    NotFinance(UserId),
    /// Without access.
    #[error("the user {0} has no access to the administration")]
    NoAccess(UserId),
}

/// What keeps a user from being the one on whose behalf documents of an administration are exported.
pub fn finance_problem(id: UserId, user: Option<&User>, administration: AdministrationId) -> Option<FinanceProblem> {
    let Some(user) = user.filter(|user| user.id == id && user.state == UserState::Active) else {
        return Some(FinanceProblem::Inactive(id));
    };
    if !user.roles.contains(Role::Finance) {
        return Some(FinanceProblem::NotFinance(id));
    }
    (!user.access.covers(administration)).then_some(FinanceProblem::NoAccess(id))
}

/// The first of the chosen users who still may.
pub fn acting_user<'a>(chosen: &[UserId], users: &'a [User], administration: AdministrationId) -> Option<&'a User> {
    chosen.iter().find_map(|id| {
        let user = users.iter().find(|user| user.id == *id);
        user.filter(|user| finance_problem(*id, Some(user), administration).is_none())
    })
}

impl Facility {
    /// The steps of the wizard, each with what is open.
    pub fn setup(&self, ledger: LedgerFacts) -> [(SetupStep, StepState); 3] {
        let state =
            |problems: Vec<Problem>| if problems.is_empty() { StepState::Done } else { StepState::Open(problems) };
        let (system, configuration, authentication) = match (&self.target, ledger) {
            (None, _) => {
                let open = |field, detail: &str| vec![Problem::new(field, detail)];
                let first = "choose the system first";
                (
                    open("system", "choose a file format or a ledger connection"),
                    open("configuration", first),
                    open("authentication", first),
                )
            }
            (Some(Target::File { file: format }), _) => {
                let mut problems = format.problems();
                problems.extend(self.policy_problem(format.posting_date_field()));
                (Vec::new(), problems, Vec::new())
            }
            (Some(Target::Ledger { .. }), LedgerFacts::None) => {
                let gone = Problem::new("connection", "the connection is gone: choose another one");
                (vec![gone.clone()], vec![gone], Vec::new())
            }
            (Some(Target::Ledger { .. }), LedgerFacts::Connection { serves, signed_in, posting_date }) => {
                let mut problems = match serves {
                    Serves::Yes => Vec::new(),
                    Serves::No => vec![Problem::new(
                        "connection",
                        "the connection has no division for this administration: choose one there",
                    )],
                };
                problems.extend(self.policy_problem(posting_date));
                problems.extend(match self.copies {
                    Copies::No => None,
                    Copies::Since { .. } => Some(Problem::new(
                        "copies",
                        "what was posted is in a ledger already: copies go to files only; switch them off",
                    )),
                });
                let open = match signed_in {
                    SignedIn::Yes => Vec::new(),
                    SignedIn::No => vec![Problem::new("connection", "nobody has signed in at the ledger: connect it")],
                };
                (Vec::new(), problems, open)
            }
        };
        [
            (SetupStep::System, state(system)),
            (SetupStep::Configuration, state(configuration)),
            (SetupStep::Authentication, state(authentication)),
        ]
    }

    /// A policy that the target cannot keep.
    fn policy_problem(&self, field: PostingDateField) -> Option<Problem> {
        match (field, self.posting_date_policy) {
            (PostingDateField::Shared(name), PostingDatePolicy::JobDate) => Some(Problem::new(
                "posting_date_policy",
                format!(
                    "{name} is the only date there, and the date of the document must not change: choose \
                     not_before_job_date, which leaves out what it would date otherwise"
                ),
            )),
            (PostingDateField::Shared(_), PostingDatePolicy::NotBeforeJobDate)
            | (PostingDateField::Own(_) | PostingDateField::None, _) => None,
        }
    }

    /// Makes it active, when it is set up completely (EX-7). Its job stays off until it is switched on (EX-19).
    pub fn activate(&mut self, ledger: LedgerFacts) -> Result<(), FacilityRefused> {
        let mut open = Vec::new();
        for (_, state) in self.setup(ledger) {
            if let StepState::Open(problems) = state {
                open.extend(problems);
            }
        }
        if !open.is_empty() {
            return Err(FacilityRefused::Incomplete(open));
        }
        self.state = FacilityState::Active;
        Ok(())
    }

    /// Makes it inactive; its job goes off with it (EX-19). A draft stays one.
    pub fn deactivate(&mut self) {
        match self.state {
            FacilityState::Active => self.state = FacilityState::Inactive,
            FacilityState::Draft | FacilityState::Inactive => {}
        }
        if let Some(job) = &mut self.job {
            job.switch = JobSwitch::Off;
        }
    }

    /// Whether what it exports to may be changed.
    pub fn check_open(&self) -> Result<(), FacilityRefused> {
        match self.state {
            FacilityState::Active => Err(FacilityRefused::Active),
            FacilityState::Draft | FacilityState::Inactive => Ok(()),
        }
    }

    /// Sets the job (EX-8 to EX-11, EX-15, EX-18). A schedule that changes, and a job that is switched on, count from now.
    pub fn set_job(
        &mut self,
        (schedule, on_behalf_of): (Schedule, OnBehalfOf),
        switched: Switched,
        users: &[User],
        now: Instant,
    ) -> Result<(), JobRefused> {
        match self.state {
            FacilityState::Draft => return Err(JobRefused::Draft),
            FacilityState::Inactive => return Err(JobRefused::Inactive),
            FacilityState::Active => {}
        }
        for id in on_behalf_of.users() {
            let user = users.iter().find(|user| user.id == *id);
            if let Some(problem) = finance_problem(*id, user, self.administration) {
                return Err(JobRefused::User(problem));
            }
        }
        let before = self.job.as_ref().filter(|job| job.schedule == schedule).map(|job| job.switch);
        let switch = match (switched, before) {
            (Switched::Off, _) => JobSwitch::Off,
            (Switched::On, Some(on @ JobSwitch::On { .. })) => on,
            (Switched::On, Some(JobSwitch::Off) | None) => JobSwitch::On { since: now },
        };
        self.job = Some(Job { schedule, on_behalf_of, switch });
        Ok(())
    }

    /// When the job runs next; nothing while it is off.
    pub fn next_run(&self, now: Instant) -> Option<Instant> {
        match self.state {
            FacilityState::Active => self.job.as_ref()?.next_after(now),
            FacilityState::Draft | FacilityState::Inactive => None,
        }
    }
}

/// What a person chose.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Switched {
    /// Auto export on.
    On,
    /// Auto export off (EX-17).
    Off,
}
