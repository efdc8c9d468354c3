//! Maintenance: every few minutes it sets going again what is stuck and wakes units that have work; an operator invokes it to
//! make a tenant. Messages may be lost and processes may die: what is to be done stands in the tables, and this finds it.

mod operator;
mod recommendations;
mod sweep;

pub use operator::{CreateTenant, Superuser};
pub use sweep::{STUCK_AT_ONCE, Swept, sweep};

use domain::permission::RolesError;
use runtime::{
    Invocation,
    aws::Aws,
    clock::Clock,
    env::{self, SettingError},
    queue::{Queue, QueueError},
};
use serde::Serialize;
use serde_json::Value;
use store::{Meter, Names, Store, StoreError, Writer, settings::UserError};

/// What the function works with.
pub struct App {
    /// Tables.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The queue of turns.
    pub turns: Queue,
    /// The queue of export runs.
    pub exports: Queue,
    /// The queue of orders.
    pub orders: Queue,
    /// The queue of what is to be mailed.
    pub mails: Queue,
    /// How many stuck documents are set going in one sweep, the oldest first. The next sweep goes on where this one ended,
    /// since those that were set going count as new in transit.
    pub stuck_at_once: usize,
}

impl App {
    /// From the environment of the function.
    pub fn from_env() -> Result<Self, SettingError> {
        let aws = Aws::from_env()?;
        let names = Names::all(env::required)?;
        Ok(Self {
            store: Store::new(aws.dynamodb(), None, names, Meter::to_log()),
            clock: Clock::from_env()?,
            turns: aws.queue(env::required("LEDGERPOST_TURNS_QUEUE_URL")?),
            exports: aws.queue(env::required("LEDGERPOST_EXPORTS_QUEUE_URL")?),
            orders: aws.queue(env::required("LEDGERPOST_ORDERS_QUEUE_URL")?),
            mails: aws.queue(env::required("LEDGERPOST_MAILS_QUEUE_URL")?),
            stuck_at_once: STUCK_AT_ONCE,
        })
    }
}

/// Why maintenance, or an operator's command, did not succeed. It may be repeated.
#[derive(Debug, thiserror::Error)]
pub enum MaintenanceError {
    /// The command is none that we know.
    #[error("the command cannot be read: {0}")]
    Undecodable(#[from] serde_json::Error),
    /// A tenant of this id was made with other values.
    #[error("there is a tenant {0} already, with another name or Superuser")]
    OtherTenant(String),
    /// The first user's roles.
    #[error(transparent)]
    Roles(#[from] RolesError),
    /// The first user.
    #[error(transparent)]
    User(#[from] UserError),
    /// A queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Parts of a sweep failed; the others were done.
    #[error("{failed} parts of the sweep failed, the first: {first}")]
    Partly {
        /// How many.
        failed: usize,
        /// Why the first one did.
        first: Box<MaintenanceError>,
    },
    /// A table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// What an invocation answers.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub enum Answer {
    /// Of the schedule.
    Swept(Swept),
    /// Of `create_tenant`.
    Made(operator::Made),
}

/// Handles an invocation: an operator's command names itself, everything else is the schedule.
pub async fn handle(app: &App, event: Value, invocation: &Invocation) -> Result<Answer, MaintenanceError> {
    let writer = Writer::new(&invocation.request, 0);
    match event.get("command").and_then(Value::as_str) {
        Some(_) => Box::pin(operator::run(app, serde_json::from_value(event)?, &writer)).await.map(Answer::Made),
        None => Box::pin(sweep(app, invocation)).await.map(Answer::Swept),
    }
}
