//! Protection: every few minutes it goes on with exports and erasures that are due. Each job is a row of small steps; a step may be
//! done twice and is noted when it is done, so that a process may die at any request and the next one goes on. It alone may scan
//! tables for a tenant, delete what is kept, and delete logins.

mod erase;
mod export;
mod logins;
mod operator;
mod sales;

pub use logins::Logins;
pub use operator::{Shown, TenantState};

use chrono::TimeDelta;
use domain::{
    ids::{JobId, TenantId},
    protection::{Job, JobState, JobWork},
};
use runtime::{
    Invocation,
    aws::Aws,
    clock::Clock,
    env::{self, SettingError},
    user_pool::UserPoolError,
};
use serde::Serialize;
use serde_json::Value;
use std::time::Duration;
use store::{Meter, Names, Store, StoreError, TenantStore, Writer, settings::UserError};
use zip::result::ZipError;

/// A step that failed is tried again so much later.
const AGAIN: TimeDelta = TimeDelta::minutes(10);
/// No step is begun with less time than this: longer than any step takes.
const TIME_OF_A_STEP: Duration = Duration::from_secs(15);
/// So many jobs are gone on with side by side, a step each in turn.
const JOBS_AT_ONCE: i32 = 10;

/// What the function works with.
pub struct App {
    /// Tables and bucket.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Logins of users.
    pub logins: Box<dyn Logins>,
}

impl App {
    /// From the environment of the function.
    pub fn from_env() -> Result<Self, SettingError> {
        let aws = Aws::from_env()?;
        let names = Names::all(env::required)?;
        Ok(Self {
            store: Store::new(aws.dynamodb(), Some(aws.bucket("LEDGERPOST_BUCKET")?), names, Meter::to_log()),
            clock: Clock::from_env()?,
            logins: Box::new(aws.user_pool("LEDGERPOST_USER_POOL_ID")?),
        })
    }
}

/// Why a step, or an operator's command, did not succeed. It may be repeated.
#[derive(Debug, thiserror::Error)]
pub enum ProtectionError {
    /// The command is none that we know, or something cannot be written as JSON.
    #[error("JSON that is none, or none of ours: {0}")]
    Json(#[from] serde_json::Error),
    /// There is no such tenant, and never was.
    #[error("there is no tenant {0}")]
    NoTenant(TenantId),
    /// Erasing has begun.
    #[error("{0}")]
    Refused(#[from] domain::protection::DeletionRefused),
    /// A user's login.
    #[error(transparent)]
    Logins(#[from] UserPoolError),
    /// A user.
    #[error(transparent)]
    User(#[from] UserError),
    /// An archive could not be packed.
    #[error("an archive cannot be packed: {0}")]
    Archive(#[from] ZipError),
    /// A file of an archive could not be.
    #[error("a file of an archive cannot be packed: {0}")]
    Packed(#[from] std::io::Error),
    /// A table or the bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an invocation answers.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Of the schedule.
    Worked(Worked),
    /// Of an operator's command.
    Shown(Box<Shown>),
}

/// What an invocation of the schedule did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Worked {
    /// Steps that were done.
    pub steps: u32,
    /// Jobs that ended.
    pub ended: u32,
    /// Steps that failed and come again.
    pub failed: u32,
}

/// Handles an invocation: an operator's command names itself, everything else is the schedule.
pub async fn handle(app: &App, event: Value, invocation: &Invocation) -> Result<Answer, ProtectionError> {
    match event.get("command").and_then(Value::as_str) {
        Some(_) => {
            let writer = Writer::new(&invocation.request, 0);
            let shown = Box::pin(operator::run(app, serde_json::from_value(event)?, &writer)).await?;
            Ok(Answer::Shown(Box::new(shown)))
        }
        None => Box::pin(work(app, invocation)).await.map(Answer::Worked),
    }
}

async fn work(app: &App, invocation: &Invocation) -> Result<Worked, ProtectionError> {
    let mut worked = Worked::default();
    let mut step = 0;
    loop {
        let due = app.store.system().due_jobs(app.clock.now(), JOBS_AT_ONCE).await?;
        let mut moved = false;
        for (tenant, job) in due {
            if invocation.remaining() < TIME_OF_A_STEP {
                tracing::info!(?worked, "Time is up; the next invocation goes on.");
                return Ok(worked);
            }
            step += 1;
            let writer = Writer::new(&invocation.request, step);
            match Box::pin(one(app, tenant, job, &writer)).await {
                Ok(Stepped::Nothing) => {}
                Ok(stepped) => {
                    moved = true;
                    worked.steps += 1;
                    worked.ended += u32::from(stepped == Stepped::Ended);
                }
                Err(error) => {
                    worked.failed += 1;
                    tracing::error!(%tenant, %job, %error, "A step failed; it comes again.");
                }
            }
        }
        if !moved {
            return Ok(worked);
        }
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stepped {
    /// The job was not due any more.
    Nothing,
    /// There is more to do.
    On,
    /// It was the last step.
    Ended,
}

/// Where a job stands after a step.
enum After {
    /// It goes on so.
    Job(Box<Job>),
    /// Everything of the tenant is gone, the job with it.
    Gone,
}

async fn one(app: &App, tenant: TenantId, id: JobId, writer: &Writer) -> Result<Stepped, ProtectionError> {
    let tenant = app.store.tenant(tenant);
    let now = app.clock.now();
    let Some(job) = tenant.jobs().get(id).await? else { return Ok(Stepped::Nothing) };
    if job.state != JobState::Open || job.due > now {
        return Ok(Stepped::Nothing);
    }
    let after = match step(app, &tenant, &job, writer).await {
        Ok(After::Gone) => return Ok(Stepped::Ended),
        Ok(After::Job(after)) => after,
        Err(error) => {
            // Others are not kept waiting by one that fails.
            tenant.jobs().update(&job, &job.stepped(job.work.clone(), now + AGAIN), writer).await?;
            return Err(error);
        }
    };
    tenant.jobs().update(&job, &after, writer).await?;
    Ok(if after.state == JobState::Open { Stepped::On } else { Stepped::Ended })
}

async fn step(app: &App, tenant: &TenantStore, job: &Job, writer: &Writer) -> Result<After, ProtectionError> {
    let job = match &job.work {
        JobWork::Export { progress } => Box::pin(export::step(app, tenant, job, progress)).await?,
        JobWork::ErasePerson { user } => erase::person(app, tenant, job, *user).await?,
        JobWork::DeleteTenant { progress } => return erase::tenant(app, tenant, job, progress, writer).await,
    };
    Ok(After::Job(Box::new(job)))
}

#[cfg(test)]
mod template_tests;
