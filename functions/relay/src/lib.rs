//! The relay: whatever a change of a document asks for is sent to its place. A plain table from [`Step`] to queue or event;
//! the change itself was one write that sent nothing.
//!
//! A batch succeeds or fails as a whole: what was sent twice does no harm, what was not sent would.

mod plan;
mod send;

pub use plan::{Announcement, Plan, plan};

use aws_lambda_events::dynamodb::Event;
use runtime::{aws::Aws, env};
use store::document::RelayRecord;

/// Where everything goes.
pub struct App {
    /// Queues.
    pub sqs: aws_sdk_sqs::Client,
    /// The event bus.
    pub events: aws_sdk_eventbridge::Client,
    /// The queue of tagged documents.
    pub tagged_queue: String,
    /// The queue of documents to evaluate.
    pub evaluate_queue: String,
    /// The queue of turns.
    pub turns_queue: String,
    /// The name of the bus.
    pub bus: String,
}

impl App {
    /// From the environment of the function.
    pub fn from_env() -> Result<Self, env::SettingError> {
        let aws = Aws::from_env()?;
        Ok(Self {
            sqs: aws.sqs(),
            events: aws.eventbridge(),
            tagged_queue: env::required("LEDGERPOST_TAGGED_QUEUE_URL")?,
            evaluate_queue: env::required("LEDGERPOST_EVALUATE_QUEUE_URL")?,
            turns_queue: env::required("LEDGERPOST_TURNS_QUEUE_URL")?,
            bus: env::required("LEDGERPOST_BUS_NAME")?,
        })
    }
}

/// Why a batch was not relayed. The stream delivers it again, in halves.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// A record is no head of a document.
    #[error("a record of the stream cannot be read: {0}")]
    Record(#[from] store::StoreError),
    /// A queue or the bus did not take what was sent.
    #[error("{0} did not take {1} of the messages")]
    NotTaken(&'static str, usize),
    /// A queue or the bus did not answer.
    #[error("{0} did not answer: {1}")]
    NoAnswer(&'static str, String),
}

/// Relays a batch of stream records.
pub async fn handle(app: &App, event: Event) -> Result<(), RelayError> {
    let records = event
        .records
        .into_iter()
        .filter(|record| !record.change.new_image.is_empty())
        .map(|record| RelayRecord::from_image(record.change.new_image))
        .collect::<Result<Vec<_>, _>>()?;
    for record in &records {
        tracing::info!(
            tenant = %record.tenant,
            document = %record.document.id,
            version = record.document.version,
            status = record.document.status.as_str(),
            step = record.step.as_str(),
            "Document changed."
        );
    }
    let plan = plan(&records);
    send::queue(app, "the queue of tagged documents", &app.tagged_queue, &plan.read).await?;
    send::queue(app, "the queue of documents to evaluate", &app.evaluate_queue, &plan.evaluate).await?;
    send::queue(app, "the queue of turns", &app.turns_queue, &plan.turns).await?;
    send::announce(app, &plan.announcements).await
}
