//! Export-trigger: every quarter of an hour it starts the export jobs that are due. A run is named by its facility and
//! its scheduled instant, so that a trigger that comes twice, late, early or beside another starts each run once; what an
//! outage missed is made up for by one run (EX-30).

use domain::{
    export::{Facility, Run},
    ids::{FacilityId, RunId},
    time::Instant,
};
use futures_util::{StreamExt as _, stream};
use runtime::{
    Invocation,
    aws::Aws,
    clock::Clock,
    env::{self, SettingError},
    message::RunMessage,
    queue::{Queue, QueueError},
};
use serde::Serialize;
use serde_json::Value;
use std::{collections::HashSet, time::Duration};
use store::{
    Meter, Names, Read, Store, StoreError, TenantStore, Writer,
    runs::{DueJob, Started},
};

/// So many jobs of a shard are looked at together.
const JOBS_OF_SHARD: i32 = 50;
/// So many jobs are started at the same time.
const AT_ONCE: usize = 16;
/// With less time than this left nothing more is begun: the next trigger goes on.
const SPARE: Duration = Duration::from_secs(5);

/// What the function works with.
pub struct App {
    /// Tables.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The queue of runs.
    pub queue: Queue,
}

impl App {
    /// From the environment of the function.
    pub fn from_env() -> Result<Self, SettingError> {
        let aws = Aws::from_env()?;
        let names = Names {
            settings: env::required("LEDGERPOST_SETTINGS_TABLE")?,
            runs: env::required("LEDGERPOST_RUNS_TABLE")?,
            ..Names::default()
        };
        Ok(Self {
            store: Store::new(aws.dynamodb(), None, names, Meter::to_log()),
            clock: Clock::from_env()?,
            queue: aws.queue(env::required("LEDGERPOST_EXPORTS_QUEUE_URL")?),
        })
    }
}

/// Why a job was not started, or the jobs could not be found. It comes again.
#[derive(Debug, thiserror::Error)]
pub enum TriggerError {
    /// A table.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The queue of runs.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Some jobs were not started; the others were.
    #[error("{failed} jobs were not started, the first because: {first}")]
    Partly {
        /// How many.
        failed: u32,
        /// Why the first was not.
        first: String,
    },
}

/// What an invocation did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Triggered {
    /// Runs that it started, or found started and called again.
    pub started: u32,
    /// Runs recorded as skipped: the one before is in progress (EX-29).
    pub skipped: u32,
    /// Due items of jobs that are off, changed or gone.
    pub passed: u32,
}

/// What became of a due job.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Outcome {
    Started,
    Skipped,
    Passed,
}

/// Starts what is due.
pub async fn handle(app: &App, _: Value, invocation: &Invocation) -> Result<Triggered, TriggerError> {
    let now = app.clock.now();
    let (mut triggered, mut failed, mut first) = (Triggered::default(), 0, None);
    let mut seen: HashSet<(FacilityId, Instant)> = HashSet::new();
    loop {
        let due = app.store.system().due_export_jobs(now, JOBS_OF_SHARD).await?;
        // The index lags: what was started a moment ago may still be in it.
        let fresh: Vec<DueJob> = due.into_iter().filter(|job| seen.insert((job.facility, job.due))).collect();
        if fresh.is_empty() {
            break;
        }
        let begin = |(job, number): (DueJob, usize)| async move {
            if invocation.remaining() < SPARE {
                return None;
            }
            let writer = Writer::new(&invocation.request, u32::try_from(number).unwrap_or_default());
            let outcome = Box::pin(one(app, &job, now, &writer)).await;
            match &outcome {
                Ok(outcome) => tracing::info!(
                    tenant = %job.tenant, facility = %job.facility, due = %job.due, ?outcome, "Export job was due."
                ),
                Err(error) => tracing::error!(
                    tenant = %job.tenant, facility = %job.facility, due = %job.due, %error, "Export job was not started."
                ),
            }
            Some(outcome)
        };
        let numbers = seen.len()..;
        let outcomes: Vec<_> =
            stream::iter(fresh.into_iter().zip(numbers)).map(begin).buffer_unordered(AT_ONCE).collect().await;
        let out_of_time = outcomes.iter().any(Option::is_none);
        for outcome in outcomes.into_iter().flatten() {
            match outcome {
                Ok(Outcome::Started) => triggered.started += 1,
                Ok(Outcome::Skipped) => triggered.skipped += 1,
                Ok(Outcome::Passed) => triggered.passed += 1,
                Err(error) => {
                    failed += 1;
                    first.get_or_insert_with(|| error.to_string());
                }
            }
        }
        if out_of_time {
            tracing::warn!(?triggered, "Time is up; the next trigger goes on.");
            break;
        }
    }
    match first {
        None => Ok(triggered),
        Some(first) => Err(TriggerError::Partly { failed, first }),
    }
}

async fn one(app: &App, job: &DueJob, now: Instant, writer: &Writer) -> Result<Outcome, TriggerError> {
    let tenant = app.store.tenant(job.tenant);
    let exports = tenant.exports(job.administration);
    let facility = tenant.facilities(job.administration).get(job.facility, Read::Consistent).await?;
    let next = facility.as_ref().and_then(|facility| facility.next_run(now));
    let run = match &facility {
        Some(facility) if next.is_some() => due_run(&tenant, facility, job, now),
        Some(_) | None => None,
    };
    let outcome = match run {
        None => Outcome::Passed,
        Some(run) => match exports.start(&run, writer).await? {
            Started::New | Started::Existing => {
                call(app, job, run.id).await?;
                Outcome::Started
            }
            Started::Overlaps(running) => {
                exports.record(&run.skipped(running, now), writer).await?;
                Outcome::Skipped
            }
        },
    };
    // Last: whoever dies before finds the job due again, and its run started.
    exports.advance(job, next).await?;
    Ok(outcome)
}

fn due_run(tenant: &TenantStore, facility: &Facility, due: &DueJob, now: Instant) -> Option<Run> {
    let (at, missed) = facility.job.as_ref()?.due_at(due.due, now)?;
    let id = tenant.exports(facility.administration).run_id(facility.id, at);
    Run::scheduled(id, facility, (at, missed), now)
}

async fn call(app: &App, job: &DueJob, run: RunId) -> Result<(), QueueError> {
    let message = RunMessage { tenant: job.tenant, administration: job.administration, run };
    app.queue.send("exports.call", &message, Duration::ZERO).await
}
