//! Export-run: goes on with a run, step by step. It takes what is ready, makes the output, and says of each document what became
//! of it. Each step may be done twice and is noted when it is done, so that a process may die at any request; the next one
//! goes on where it was noted. When the time of an invocation is up, the run calls itself again.

mod begin;
mod close;
mod collect;
mod join;
mod ledger;
mod revert;
mod settle;
mod taken;
mod write;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::{
    document::NotAllowed,
    export::{Phase, Run, RunState},
    reason::Reason,
    time::Instant,
};
use runtime::{
    Invocation,
    aws::Aws,
    batch::{self, AllFailed},
    clock::Clock,
    env::{self, SettingError},
    message::RunMessage,
    queue::{Queue, QueueError},
};
use std::time::Duration;
use store::{ErrorKind, Meter, Names, Store, StoreError, TenantStore, Writer, runs::Exports};

/// No step is begun with less time than this: longer than any step takes.
const TIME_OF_A_STEP: Duration = Duration::from_secs(45);

/// So often it is noted that a run that waits is looked after; maintenance calls for one after ten minutes.
const LOOKS_NOTED: chrono::TimeDelta = chrono::TimeDelta::minutes(4);

/// How much a run does at a time.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Sizes {
    /// Documents that it takes together.
    pub slice: usize,
    /// Bytes after which a segment of the file is stored.
    pub segment: usize,
    /// Bytes of a part of the file; the bucket wants no less than five million but for the last.
    pub part: usize,
}

impl Default for Sizes {
    fn default() -> Self {
        Self { slice: 400, segment: store::runs::PART_BYTES, part: store::runs::PART_BYTES }
    }
}

/// What the function works with.
pub struct App {
    /// Tables and bucket.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The queue of runs, where it calls itself.
    pub queue: Queue,
    /// The queue of turns, for what a ledger is asked.
    pub turns: Queue,
    /// How much it does at a time.
    pub sizes: Sizes,
}

impl App {
    /// From the environment of the function.
    pub fn from_env() -> Result<Self, SettingError> {
        let aws = Aws::from_env()?;
        let names = Names::all(env::required)?;
        Ok(Self {
            store: Store::new(aws.dynamodb(), Some(aws.bucket("LEDGERPOST_BUCKET")?), names, Meter::to_log()),
            clock: Clock::from_env()?,
            queue: aws.queue(env::required("LEDGERPOST_EXPORTS_QUEUE_URL")?),
            turns: aws.queue(env::required("LEDGERPOST_TURNS_QUEUE_URL")?),
            sizes: Sizes::default(),
        })
    }
}

/// Why a step did not succeed. Its message comes again.
#[derive(Debug, thiserror::Error)]
pub enum RunError {
    /// The message is none of ours.
    #[error("the message cannot be read: {0}")]
    Undecodable(serde_json::Error),
    /// A document was in a state that its run cannot have left it in.
    #[error(transparent)]
    State(#[from] NotAllowed),
    /// Sums that are larger than any amount.
    #[error(transparent)]
    Money(#[from] domain::money::MoneyError),
    /// What the run stored is not there, or not as it stored it.
    #[error("the run lost track: {0}")]
    Lost(String),
    /// The queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Tables or bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Handles a batch from the queue of runs.
pub async fn handle(app: &App, event: SqsEvent, invocation: &Invocation) -> Result<SqsBatchResponse, AllFailed> {
    batch::each(event, |record, place| async move {
        let message: RunMessage =
            serde_json::from_str(record.body.as_deref().unwrap_or_default()).map_err(RunError::Undecodable)?;
        Box::pin(go_on(app, &message, invocation, place)).await
    })
    .await
}

/// A run with what its steps need.
struct Step<'a> {
    app: &'a App,
    tenant: TenantStore,
    exports: Exports,
    run: &'a Run,
    writer: &'a Writer,
    now: Instant,
}

/// What follows a step.
enum Next {
    /// The run as it is after it.
    Run(Box<Run>),
    /// Nothing can be done before so long.
    Wait(Duration),
}

impl Step<'_> {
    /// The run after this step, in another phase.
    fn phase(&self, phase: Phase) -> Run {
        self.run.stepped(RunState::Open { phase }, self.now)
    }

    /// The run at its end. Who acted is known by his id from then on: the file has his name, and nothing else needs it.
    fn ended(&self, state: RunState) -> Run {
        let acting = self.run.acting.as_ref().map(|(user, _)| (*user, String::new()));
        Run { acting, ..self.run.stepped(state, self.now) }
    }

    /// The run that takes back everything, since it cannot make its output.
    fn given_up(&self, reason: &Reason) -> Run {
        let by = self.run.acting.as_ref().map_or_else(|| self.run.on_behalf_of.first().copied(), |(by, _)| Some(*by));
        match by {
            Some(by) => {
                let reason = reason.shown(domain::words::Language::English);
                let closing = domain::export::Closing::Cancelled { by, reason };
                self.phase(Phase::Closing { closing, slice: 0 })
            }
            None => self.ended(RunState::Stopped { at: self.now, reason: reason.clone() }),
        }
    }
}

async fn go_on(app: &App, message: &RunMessage, invocation: &Invocation, place: u32) -> Result<(), RunError> {
    let tenant = app.store.tenant(message.tenant);
    let exports = tenant.exports(message.administration);
    let Some(mut run) = exports.get(message.run).await? else { return Ok(()) };
    let (mut number, mut laid) = (0, None);
    while let RunState::Open { phase } = &run.state {
        if invocation.remaining() < TIME_OF_A_STEP {
            tracing::info!(run = %run.id, ?phase, "Time is up; the run calls itself again.");
            return Ok(app.queue.send("exports.go_on", message, Duration::ZERO).await?);
        }
        number += 1;
        let writer = Writer::new(&format!("{}/{place}", invocation.request), number);
        let step = Step {
            app,
            tenant: tenant.clone(),
            exports: exports.clone(),
            run: &run,
            writer: &writer,
            now: app.clock.now(),
        };
        let next = match phase {
            Phase::Collecting if run.acting.is_none() => Box::pin(begin::begin(&step)).await?,
            Phase::Collecting => Box::pin(collect::collect(&step)).await?,
            Phase::Writing { slice, document, written } => {
                Box::pin(write::write(&step, (*slice, *document), *written)).await?
            }
            Phase::Joining { written, upload, parts } => {
                Box::pin(join::join(&step, *written, (upload.as_deref(), parts), &mut laid)).await?
            }
            Phase::Settling { slice } => Box::pin(settle::settle(&step, *slice)).await?,
            Phase::Handing { slice } => Box::pin(ledger::hand(&step, *slice)).await?,
            Phase::Awaiting { slice, open } => Box::pin(ledger::look(&step, *slice, *open)).await?,
            Phase::Reverting { by, reason, began, slice } => {
                let wish = revert::Wish { by: *by, reason, began: *began };
                Box::pin(revert::revert(&step, &wish, *slice)).await?
            }
            Phase::Closing { closing, slice } => Box::pin(close::close(&step, closing, *slice)).await?,
        };
        match next {
            Next::Wait(after) => {
                if !note_look(&step).await? {
                    return Ok(());
                }
                return Ok(app.queue.send("exports.wait", message, after).await?);
            }
            Next::Run(after) => match exports.update(&run, &after, &writer).await {
                Ok(()) => run = *after,
                // Another invocation goes on with it, or a person ended it: its steps count.
                Err(error) if error.kind() == ErrorKind::Conflict => match exports.get(message.run).await? {
                    Some(there) if closes(&there) && !closes(&run) => run = there,
                    Some(_) | None => return Ok(()),
                },
                Err(error) => return Err(error.into()),
            },
        }
    }
    tracing::info!(run = %run.id, status = run.status().as_str(), left_out = run.left_out, "Export run ended.");
    Ok(())
}

/// Notes now and then that the run is looked after, so that maintenance calls nobody else for it. Whether it is still ours to look
/// after.
async fn note_look(step: &Step<'_>) -> Result<bool, RunError> {
    if step.now - step.run.looked_at < LOOKS_NOTED {
        return Ok(true);
    }
    let looked = step.run.looked_after(step.now);
    match step.exports.update(step.run, &looked, step.writer).await {
        Ok(()) => Ok(true),
        Err(error) if error.kind() == ErrorKind::Conflict => Ok(false),
        Err(error) => Err(error.into()),
    }
}

fn closes(run: &Run) -> bool {
    matches!(run.state, RunState::Open { phase: Phase::Closing { .. } })
}
