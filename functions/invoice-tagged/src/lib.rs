//! Invoice-tagged: a document was tagged, so it is read, recognised, matched and coded, and comes out complete (green),
//! incomplete (orange) or unreadable, with what was read kept as its content.

mod event;
mod process;
pub mod reading;

pub use event::{Incoming, TaggedEvent};
pub use process::TaggedError;

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::{
    ids::{AdministrationId, TenantId},
    office::Administration,
};
use runtime::{
    aws::Aws,
    batch::{self, AllFailed, Shared},
    clock::Clock,
    env::{self, SettingError},
};
use rust_decimal::Decimal;
use store::{Meter, Names, Store, Writer};

/// What the function works with.
pub struct App {
    /// Tables and bucket.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// Below this confidence a recognised field holds its document.
    pub confidence_threshold: Decimal,
}

impl App {
    /// From the environment of the function.
    pub fn from_env() -> Result<Self, SettingError> {
        let aws = Aws::from_env()?;
        let names = Names {
            documents: env::required("LEDGERPOST_DOCUMENTS_TABLE")?,
            settings: env::required("LEDGERPOST_SETTINGS_TABLE")?,
            ..Names::default()
        };
        Ok(Self {
            store: Store::new(aws.dynamodb(), Some(aws.bucket("LEDGERPOST_BUCKET")?), names, Meter::to_log()),
            clock: Clock::from_env()?,
            confidence_threshold: env::parsed("LEDGERPOST_RECOGNITION_CONFIDENCE", Decimal::new(80, 2))?,
        })
    }
}

/// Administrations as they are while a batch is handled.
type Books = Shared<(TenantId, AdministrationId), Option<Administration>>;

/// Handles a batch from the queue of tagged documents: messages of the relay, and `invoice.tagged` events of the bus.
pub async fn handle(app: &App, event: SqsEvent, request: &str) -> Result<SqsBatchResponse, AllFailed> {
    let books = &Books::default();
    batch::each(event, |record, place| async move {
        let writer = Writer::new(request, place);
        match Incoming::parse(record.body.as_deref().unwrap_or_default())? {
            Incoming::Message(message) => Box::pin(process::read(app, books, &message, &writer)).await,
            Incoming::Event(event) => event::take_in(app, &event, &writer).await,
        }
    })
    .await
}
