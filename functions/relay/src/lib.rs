//! The relay: whatever a change of a document asks for is sent to its place. A plain table from [`Step`] to queue or event;
//! the change itself was one write that sent nothing.
//!
//! A batch succeeds or fails as a whole: what was sent twice does no harm, what was not sent would.

mod announce;
mod plan;

pub use plan::{Announcement, DeliveryAnnouncement, IssuedAnnouncement, Plan, Told, plan};

use aws_lambda_events::dynamodb::Event;
use runtime::{
    aws::Aws,
    env,
    queue::{Queue, QueueError},
};
use store::document::StreamRecord;

/// Where everything goes.
pub struct App {
    /// The queue of tagged documents.
    pub tagged: Queue,
    /// The queue of documents to evaluate.
    pub evaluate: Queue,
    /// The queue of turns.
    pub turns: Queue,
    /// The queue of orders.
    pub orders: Queue,
    /// The queue of documents to lay out.
    pub renders: Queue,
    /// The queue of what is to be mailed.
    pub mails: Queue,
    /// The event bus.
    pub events: aws_sdk_eventbridge::Client,
    /// The name of the bus.
    pub bus: String,
}

impl App {
    /// From the environment of the function.
    pub fn from_env() -> Result<Self, env::SettingError> {
        let aws = Aws::from_env()?;
        Ok(Self {
            tagged: aws.queue(env::required("LEDGERPOST_TAGGED_QUEUE_URL")?),
            evaluate: aws.queue(env::required("LEDGERPOST_EVALUATE_QUEUE_URL")?),
            turns: aws.queue(env::required("LEDGERPOST_TURNS_QUEUE_URL")?),
            orders: aws.queue(env::required("LEDGERPOST_ORDERS_QUEUE_URL")?),
            renders: aws.queue(env::required("LEDGERPOST_RENDERS_QUEUE_URL")?),
            mails: aws.queue(env::required("LEDGERPOST_MAILS_QUEUE_URL")?),
            events: aws.eventbridge(),
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
    /// A queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// An announcement is no JSON.
    #[error("an announcement cannot be written: {0}")]
    Unwritable(#[from] serde_json::Error),
    /// The bus did not take what was sent.
    #[error("the event bus did not take {0} of the announcements")]
    NotTaken(usize),
    /// The bus did not answer.
    #[error("the event bus did not answer: {0}")]
    NoAnswer(String),
}

/// Relays a batch of stream records.
pub async fn handle(app: &App, event: Event) -> Result<(), RelayError> {
    let records = event
        .records
        .into_iter()
        .filter(|record| !record.change.new_image.is_empty())
        .map(|record| StreamRecord::from_image(record.change.new_image))
        .collect::<Result<Vec<_>, _>>()?;
    for record in &records {
        match record {
            StreamRecord::Received(record) => tracing::info!(
                tenant = %record.tenant,
                document = %record.document.id,
                version = record.document.version,
                status = record.document.status.as_str(),
                step = record.step.as_str(),
                "Document changed."
            ),
            StreamRecord::Issued(record) => tracing::info!(
                tenant = %record.tenant,
                issued = %record.issued.id,
                version = record.issued.version,
                passing = record.issued.passing.as_str(),
                step = record.step.as_str(),
                "Issued document changed."
            ),
            StreamRecord::Order(order) => {
                tracing::info!(tenant = %order.tenant, order = %order.order, "Order has something to do.");
            }
            StreamRecord::Mail(mail) => {
                tracing::info!(tenant = %mail.tenant, home = %mail.home, "Something is to be mailed.");
            }
            StreamRecord::Delivery(tenant, delivery) => tracing::info!(
                %tenant,
                home = %delivery.home,
                delivery = %delivery.id,
                version = delivery.version,
                state = delivery.state.as_str(),
                "Delivery changed."
            ),
        }
    }
    let plan = plan(&records);
    app.tagged.send_all("relay.send", &plan.read).await?;
    app.evaluate.send_all("relay.send", &plan.evaluate).await?;
    app.turns.send_all("relay.send", &plan.turns).await?;
    app.orders.send_all("relay.send", &plan.orders).await?;
    app.renders.send_all("relay.send", &plan.renders).await?;
    app.mails.send_all("relay.send", &plan.mails).await?;
    announce::announce(app, &plan.announcements).await
}
