//! Automation-evaluate: a document is complete; may it be posted without a person? The decision is a pure function of the
//! domain; here its facts are gathered, its trace is kept and its outcome carried out.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::{
    automation::{AutoPosting, Automation, Candidate, Completeness, Decision, Outcome, decide},
    content::HistoryEntry,
    document::{Actor, Document, Event, NotAllowed, PostedBy, Status, Step},
    ids::{ConnectionId, DocumentId, TenantId},
    office::Connection,
    reason::Reason,
    time::Instant,
    words::{Note, Text},
};
use runtime::{
    aws::Aws,
    batch::{self, AllFailed, Shared},
    clock::Clock,
    env::{self, SettingError},
    message::DocumentMessage,
};
use store::{
    ErrorKind, Meter, Names, Store, StoreError, TenantStore, Writer,
    document::{Change, Put, Record},
    settings::AutomationFacts,
};

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
        let names = Names {
            documents: env::required("LEDGERPOST_DOCUMENTS_TABLE")?,
            settings: env::required("LEDGERPOST_SETTINGS_TABLE")?,
            ..Names::default()
        };
        let store = Store::new(Aws::from_env()?.dynamodb(), None, names, Meter::to_log());
        Ok(Self { store, clock: Clock::from_env()? })
    }
}

/// Why a record could not be handled.
#[derive(Debug, thiserror::Error)]
pub enum EvaluateError {
    /// The body of the record is no message.
    #[error("the record cannot be decoded: {0}")]
    Undecodable(#[from] serde_json::Error),
    /// No such document.
    #[error("there is no {0}")]
    NoDocument(DocumentId),
    /// The state machine refuses what was decided.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// A table.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Connections with their automation users, as they are while a batch is handled.
type Links = Shared<(TenantId, ConnectionId), Option<AutomationFacts>>;

/// Handles a batch from the queue of documents to evaluate.
pub async fn handle(app: &App, event: SqsEvent, request: &str) -> Result<SqsBatchResponse, AllFailed> {
    let links = &Links::default();
    batch::each(event, |record, place| async move {
        let message: DocumentMessage = serde_json::from_str(record.body.as_deref().unwrap_or_default())?;
        evaluate(app, links, &message, &Writer::new(request, place)).await
    })
    .await
}

/// Decides on the document that a message names. A document that has moved on since needs nothing.
async fn evaluate(app: &App, links: &Links, message: &DocumentMessage, writer: &Writer) -> Result<(), EvaluateError> {
    let tenant = app.store.tenant(message.tenant);
    let documents = tenant.documents();
    let Some(before) = documents.get_at_least(message.document, message.version).await? else {
        return Err(EvaluateError::NoDocument(message.document));
    };
    if before.status != Status::Complete || before.version != message.version {
        tracing::info!(document = %before.id, version = before.version, "Nothing to do: the document has moved on.");
        return Ok(());
    }
    let now = app.clock.now();
    let decision = decision(&tenant, links, &before).await?;
    let version = before.version + 1;
    let entry = entry(&decision, version, now);
    let decision = match documents.put_trace(before.id, version, &decision, &entry, writer).await? {
        Put::New => decision,
        Put::Existing(first) => first.decision,
    };
    let changed = match decision.outcome {
        Outcome::Post { rule, version: rule_version, user } => {
            let (status, step) = before.status.after(Event::Post)?;
            let posted_by = Some(PostedBy { user, rule: Some((rule, rule_version)) });
            let after = Document { status, reason: None, posted_by, ..next(&before, now) };
            documents.transition(Change::new(&before, &after, step, Record::Covered), writer).await
        }
        Outcome::Stay { reason } => {
            // What holds it says more in the document's own words than the decision does.
            let held = before.reason.clone().filter(|held| held.code == reason.code());
            let after = Document { reason: held.or_else(|| Some(Reason::from(reason))), ..next(&before, now) };
            documents.rest(Change::new(&before, &after, Step::Announce, Record::Covered), writer).await
        }
    };
    match changed {
        Ok(()) => {
            let (outcome, reason) = match decision.outcome {
                Outcome::Post { .. } => ("post", None),
                Outcome::Stay { reason } => ("stay", Some(reason.code())),
            };
            tracing::info!(tenant = %message.tenant, document = %before.id, outcome, reason, "Document evaluated.");
            Ok(())
        }
        // Somebody was faster with the same message, or a person changed it: it is theirs.
        Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
        Err(error) => Err(error.into()),
    }
}

fn next(before: &Document, now: Instant) -> Document {
    let version = before.version + 1;
    Document { version, decision_version: Some(version), updated_at: now, ..before.clone() }
}

fn entry(decision: &Decision, version: u32, now: Instant) -> HistoryEntry {
    let (event, status, by, reason) = match decision.outcome {
        Outcome::Post { rule, version, user } => {
            let matched = Note::RuleMatched { rule: Text::of(rule), version };
            (Some(Event::Post), Status::Posting, Actor::User(user), Reason::said(&matched))
        }
        Outcome::Stay { reason } => (None, Status::Complete, Actor::System, Reason::from(reason)),
    };
    HistoryEntry { at: now, by, event, status, version, reason: Some(reason) }
}

/// Gathers what the decision looks at: the connection and its automation user, checked anew, and the contact's rules.
async fn decision(tenant: &TenantStore, links: &Links, document: &Document) -> Result<Decision, StoreError> {
    let facts = match &document.unit {
        Some(unit) => {
            let look = async { tenant.connections().automation_facts(unit.connection).await };
            Box::pin(links.get((tenant.id(), unit.connection), look)).await?
        }
        None => None,
    };
    let automation = match facts {
        Some(facts) => {
            let offered = auto_posting(&facts.connection);
            facts.connection.automation(facts.user.as_ref(), offered)
        }
        None => Automation::unconnected(),
    };
    let rules = match document.contact {
        Some(contact) => tenant.rules(document.administration).of_contact(contact).await?,
        None => Vec::new(),
    };
    let candidate = Candidate {
        completeness: Completeness::Complete,
        contact: document.contact,
        format: document.format,
        gross: document.gross,
        received_at: document.received_at,
        holds: &document.holds,
    };
    Ok(decide(&automation, &candidate, &rules))
}

/// Whether automatic posting exists for this ledger under this licence (AP-2): the ledger's own word.
fn auto_posting(connection: &Connection) -> AutoPosting {
    let offered = ledgers::described(&connection.system)
        .is_some_and(|ledger| ledger.capabilities.auto_posting.contains(&connection.licence_country.as_str()));
    if offered { AutoPosting::Offered } else { AutoPosting::NotOffered }
}
