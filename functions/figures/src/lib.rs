//! Figures: counts what becomes of documents, as our own bus announces it, for the dashboard (AP-33), for recommendations
//! (AP-26) and for those who follow the overview live.
//!
//! An event only says which document to look at: counted is the document as it is now, against what was counted of it
//! before. So events may come twice, late and in any order, and whoever dies leaves the rest to the next try.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::{
    figures::Change,
    ids::{AdministrationId, TenantId},
    time::TimeZone,
};
use runtime::{
    aws::Aws,
    batch::{self, AllFailed},
    clock::Clock,
    env::{self, SettingError},
    message::{AnnouncedDocument, AnnouncedEvent},
};
use std::{collections::BTreeMap, time::Duration};
use store::{Meter, Names, Read, Store, StoreError, Writer};
use tracing::Instrument;

/// How long to wait, in milliseconds, before something is tried again that others kept from being done: two invocations may
/// count for the same day at the same moment.
const PAUSES: [u64; 4] = [15, 60, 200, 600];

/// What the function works with.
pub struct App {
    /// Tables.
    pub store: Store,
    /// The time.
    pub clock: Clock,
}

impl App {
    /// From the environment of the function.
    pub fn from_env() -> Result<Self, SettingError> {
        let names = Names::all(env::required)?;
        let store = Store::new(Aws::from_env()?.dynamodb(), None, names, Meter::to_log());
        Ok(Self { store, clock: Clock::from_env()? })
    }
}

/// Why a record could not be handled.
#[derive(Debug, thiserror::Error)]
pub enum FiguresError {
    /// The body of the record is no event of ours.
    #[error("the record cannot be decoded: {0}")]
    Undecodable(#[from] serde_json::Error),
    /// The document is of an administration that is not there.
    #[error("there is no {0}")]
    NoAdministration(AdministrationId),
    /// A table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// The books of a tenant.
type Books = (TenantId, AdministrationId);

/// Handles a batch of announcements: counts each document, one after another since they count for the same days, then tells
/// each administration's followers in one write.
pub async fn handle(app: &App, event: SqsEvent, request: &str) -> Result<SqsBatchResponse, AllFailed> {
    let mut zones = BTreeMap::new();
    let mut told: BTreeMap<Books, Vec<(usize, Change)>> = BTreeMap::new();
    let mut results: Vec<(String, Result<(), String>)> = Vec::with_capacity(event.records.len());
    for (place, record) in (0..).zip(event.records) {
        let id = record.message_id.clone().unwrap_or_default();
        let span = tracing::info_span!("record", message = %id);
        let work = async {
            let counted = Box::pin(count(app, &record, &mut zones, &Writer::new(request, place))).await;
            counted.map_err(|fault| fault.to_string())
        };
        let outcome = batch::guarded(work).instrument(span).await;
        if let Ok(Some((books, change))) = &outcome {
            told.entry(*books).or_default().push((results.len(), *change));
        }
        results.push((id, outcome.map(drop)));
    }
    for (number, ((tenant, administration), changes)) in (0..).zip(told) {
        let writer = Writer::new(request, number);
        let happened: Vec<Change> = changes.iter().map(|(_, change)| *change).collect();
        let figures = app.store.tenant(tenant).figures(administration);
        if let Err(error) = patiently(async || Box::pin(figures.tell(&happened, &writer)).await).await {
            for (place, _) in changes {
                if let Some((_, result)) = results.get_mut(place) {
                    *result = Err(error.to_string());
                }
            }
        }
    }
    batch::report(results)
}

/// Tries again what others kept from being done.
async fn patiently<T>(work: impl AsyncFn() -> Result<T, StoreError>) -> Result<T, StoreError> {
    for pause in PAUSES {
        match work().await {
            Err(error) if error.is_retryable() || error.is_conflict() => {
                tokio::time::sleep(Duration::from_millis(pause)).await;
            }
            done => return done,
        }
    }
    work().await
}

/// Counts the document of an announcement. What it is now, for those who follow.
async fn count(
    app: &App,
    record: &SqsMessage,
    zones: &mut BTreeMap<Books, TimeZone>,
    writer: &Writer,
) -> Result<Option<(Books, Change)>, FiguresError> {
    let event: AnnouncedEvent = serde_json::from_str(record.body.as_deref().unwrap_or_default())?;
    let AnnouncedDocument { tenant, document: id, .. } = event.detail;
    let settings = app.store.tenant(tenant);
    // Announcements follow writes, and this read sees every write before it: what it does not find was erased.
    let Some(document) = settings.documents().get(id, Read::Consistent).await? else {
        tracing::warn!(%tenant, document = %id, "Nothing to count: there is no such document any more.");
        return Ok(None);
    };
    let books = (tenant, document.administration);
    let zone = match zones.get(&books) {
        Some(zone) => *zone,
        None => {
            let administration = settings.administrations().get(books.1, Read::Consistent).await?;
            let zone = administration.ok_or(FiguresError::NoAdministration(books.1))?.time_zone;
            zones.insert(books, zone);
            zone
        }
    };
    let figures = settings.figures(books.1);
    let now = app.clock.now();
    let recorded = patiently(async || Box::pin(figures.record(&document, zone, now, writer)).await).await?;
    tracing::info!(%tenant, document = %id, version = document.version, ?recorded, "Document counted.");
    let change = Change { document: id, version: document.version, status: document.status, at: document.updated_at };
    Ok(Some((books, change)))
}
