//! Order-actions: does what rules say happens by itself to an order (CO-20 to CO-23). The runs of an order are done one after another,
//! and their actions in order; orders wait for nothing but the counters that they share.
//!
//! What was done is written down with the run after each action, and each action knows itself when it is done again: a process may die
//! between any two requests. An action that waits, for a ledger or a PDF, is called again when its document changes, and by
//! maintenance when its patience is over.

mod actions;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::{
    office::UserState,
    permission::Permission,
    reason::Reason,
    sales::{OrderRun, Outcome, RunState},
    words::{Acted, Language, Note},
};
use runtime::{
    Invocation,
    aws::Aws,
    batch::{self, AllFailed},
    clock::Clock,
    env::{self, SettingError},
    message::OrderMessage,
    queue::{Queue, QueueError},
};
use sales::{Desk, SalesError};
use std::time::Duration;
use store::{ErrorKind, Meter, Names, Read, Store, StoreError, TenantStore, Writer};

/// No action is begun with less time than this.
const TIME_OF_AN_ACTION: Duration = Duration::from_secs(15);

/// What the function works with.
pub struct App {
    /// Tables and bucket.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The queue of orders, where it calls itself.
    pub queue: Queue,
    /// The queue of turns.
    pub turns: Queue,
}

impl App {
    /// From the environment of the function.
    pub fn from_env() -> Result<Self, SettingError> {
        let aws = Aws::from_env()?;
        let names = Names::all(env::required)?;
        Ok(Self {
            store: Store::new(aws.dynamodb(), Some(aws.bucket("LEDGERPOST_BUCKET")?), names, Meter::to_log()),
            clock: Clock::from_env()?,
            queue: aws.queue(env::required("LEDGERPOST_ORDERS_QUEUE_URL")?),
            turns: aws.queue(env::required("LEDGERPOST_TURNS_QUEUE_URL")?),
        })
    }
}

/// Why an order did not go on. Its message comes again.
#[derive(Debug, thiserror::Error)]
pub enum ActError {
    /// The message is none of ours.
    #[error("the message cannot be read: {0}")]
    Undecodable(serde_json::Error),
    /// The queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Others changed the same again and again.
    #[error(transparent)]
    Sales(#[from] SalesError),
    /// Tables or bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Handles a batch from the queue of orders.
pub async fn handle(app: &App, event: SqsEvent, invocation: &Invocation) -> Result<SqsBatchResponse, AllFailed> {
    batch::each(event, |record, place| async move {
        let message: OrderMessage =
            serde_json::from_str(record.body.as_deref().unwrap_or_default()).map_err(ActError::Undecodable)?;
        Box::pin(go_on(app, &message, invocation, place)).await
    })
    .await
}

/// Goes on with the runs of an order until all are at their end or one waits.
async fn go_on(app: &App, message: &OrderMessage, invocation: &Invocation, place: u32) -> Result<(), ActError> {
    let tenant = app.store.tenant(message.tenant);
    let runs = tenant.order_runs();
    loop {
        // Read anew after each: it may have set off others, which come after those that were there.
        let open = runs.of(message.order, Read::Consistent).await?;
        let Some(run) = open.into_iter().find(|run| run.state == RunState::Open) else { return Ok(()) };
        if !one(app, &tenant, run, invocation, place).await? {
            return Ok(());
        }
    }
}

/// Goes on with a run. Whether it came to its end, so that the next one's turn has come.
async fn one(
    app: &App,
    tenant: &TenantStore,
    mut run: OrderRun,
    invocation: &Invocation,
    place: u32,
) -> Result<bool, ActError> {
    while let Some((at, step)) = run.current() {
        if invocation.remaining() < TIME_OF_AN_ACTION {
            let message = OrderMessage { tenant: tenant.id(), order: run.order };
            app.queue.send("orders.go_on", &message, Duration::ZERO).await?;
            return Ok(false);
        }
        let now = app.clock.now();
        let request = format!("{}/{place}/{}/{}/{}", invocation.request, run.event, run.rule, run.version);
        let desk = Desk { tenant, by: run.by, now, request: &request };
        let acted = match forbidden(tenant, &run).await? {
            None => actions::act(app, &desk, &run, at, step).await,
            Some(why) => Ok(Outcome::Failed(Reason::said(&why))),
        };
        let outcome = match acted {
            Ok(outcome) => outcome,
            // Somebody changed the same thing at the same moment: the message comes again.
            Err(ActError::Sales(SalesError::Busy)) => return Err(SalesError::Busy.into()),
            Err(ActError::Sales(error)) => refused(error)?,
            Err(error) => return Err(error),
        };
        let waits = matches!(outcome, Outcome::Wait(_));
        if let Some(after) = run.after(outcome, now) {
            match tenant.order_runs().update(&run, &after, &Writer::new(&request, 0)).await {
                Ok(()) => tell(&after, at),
                // Somebody else goes on with it.
                Err(error) if error.kind() == ErrorKind::Conflict => return Ok(false),
                Err(error) => return Err(error.into()),
            }
            run = after;
        }
        if waits && run.gives_up_at().is_some() {
            // What it waits for calls it, and maintenance when its patience is over.
            return Ok(false);
        }
    }
    Ok(true)
}

/// What forbids acting in a run: the office is closed, or the person on whose behalf it acts may not any more.
async fn forbidden(tenant: &TenantStore, run: &OrderRun) -> Result<Option<Acted>, StoreError> {
    if tenant.deletion().get(Read::Eventual).await?.is_some_and(|deletion| deletion.closes()) {
        return Ok(Some(Acted::OfficeClosed));
    }
    let user = tenant.users().get(run.by, Read::Eventual).await?;
    let may = user.is_some_and(|user| {
        let is_active = match user.state {
            UserState::Active => true,
            UserState::Disabled => false,
        };
        is_active && user.roles.permit(Permission::IssueDocuments) && user.access.covers(run.administration)
    });
    Ok((!may).then_some(Acted::ActorGone))
}

/// What cannot be done for a reason that a person can see to.
fn refused(error: SalesError) -> Result<Outcome, ActError> {
    match error {
        SalesError::Store(error) => Err(error.into()),
        SalesError::NoConnector => Ok(Outcome::Failed(Reason::said(&Note::NoConnector))),
        SalesError::NoOrder(_)
        | SalesError::NoSeries(_)
        | SalesError::NoSeller
        | SalesError::Issue(_)
        | SalesError::Numbering(_)
        | SalesError::Busy
        | SalesError::NoConnection
        | SalesError::Unsupported(_)
        | SalesError::KeptHere(_)
        | SalesError::State(_) => Ok(Outcome::Failed(actions::not_issued(&error))),
    }
}

fn tell(run: &OrderRun, at: usize) {
    let step = run.steps.get(at).map(|step| &step.state);
    let (is, reason) = match step {
        Some(domain::sales::StepState::Done { reason, .. }) => ("done", Some(reason)),
        Some(domain::sales::StepState::Failed { reason, .. }) => ("failed", Some(reason)),
        Some(domain::sales::StepState::Waiting { reason, .. }) => ("waiting", Some(reason)),
        Some(domain::sales::StepState::Pending | domain::sales::StepState::LeftOut) | None => ("pending", None),
    };
    tracing::info!(
        order = %run.order,
        rule = %run.rule,
        action = at + 1,
        is,
        why = reason.map(|reason| reason.shown(Language::English)),
        run = run.state.as_str(),
        "Action of an order."
    );
}
