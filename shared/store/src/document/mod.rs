//! Documents: the head with its transitions, and what hangs on it.

mod claims;
mod content;
mod files;
mod filter;
pub(crate) mod head;
mod history;
pub(crate) mod keys;
mod lists;
mod packed;
mod relay;

pub use claims::{Claim, ClaimKey, Claims};
pub use content::{Put, Traced};
pub use files::{Delivered, File, Kept, SOURCE_BYTES_MAX};
pub use filter::{Credit, Filter, Span};
pub use head::{HEAD_BYTES_MAX, Head};
pub use lists::{Due, Stuck};
pub use relay::{RelayRecord, StreamRecord};

use crate::{
    ErrorKind, Read, StoreError, Tables, Writer,
    expression::{Changes, Expression},
    item::{Fields, Item, bytes, number, text},
    mail,
    runs::Fence,
    schema::{TRANSIT, UNITS, WRITER},
    table::{Old, Table, Write, Written},
    transaction::{Outcome, is_by, transact},
};
use domain::{
    content::HistoryEntry,
    document::{Document, Status, Step},
    ids::{DocumentId, Id as _, TenantId},
    mail::Home,
    office::Choice,
    time::Instant,
};
use head::{BODY_HASH, CHECKPOINT, EMIT, FENCE, Place, STATUS, VERSION};
use sha2::{Digest, Sha256};
use std::sync::Arc;

/// The largest checkpoint of a push, in bytes: it stands in the head.
pub const CHECKPOINT_BYTES_MAX: usize = 2_048;

/// The hash of a request's body: tells whether a repeated request is the same.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct BodyHash([u8; 32]);

impl BodyHash {
    /// The hash of these bytes.
    pub fn of(body: &[u8]) -> Self {
        Self(Sha256::digest(body).into())
    }

    pub(crate) fn as_bytes(&self) -> &[u8] {
        &self.0
    }

    pub(crate) fn from_bytes(bytes: &[u8]) -> Option<Self> {
        bytes.try_into().ok().map(Self)
    }
}

/// The id of the document that a request with this idempotency key makes: the same request repeated names the same one.
pub fn derived_document_id(tenant: TenantId, idempotency_key: &str) -> DocumentId {
    let mut hash = Sha256::new();
    hash.update(b"document\0");
    hash.update(tenant.to_string().as_bytes());
    hash.update(b"\0");
    hash.update(idempotency_key.as_bytes());
    let digest: [u8; 32] = hash.finalize().into();
    let number = digest.iter().take(16).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    DocumentId::from_ulid(number.into())
}

/// What [`Documents::create`] came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Created {
    /// It is new.
    New,
    /// There is one of this id already.
    Existing {
        /// It.
        document: Box<Document>,
        /// The hash of the body that it was made from.
        body_hash: Option<BodyHash>,
    },
}

/// How a change gets into the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Record {
    /// The content or trace that was written just before tells it, or the head itself does (a booking).
    Covered,
    /// By an entry of its own, written together with the head. Costs twice.
    Entry(HistoryEntry),
}

/// A change of a document from one version to the next.
#[derive(Debug, Clone)]
pub struct Change<'a> {
    before: &'a Document,
    after: &'a Document,
    step: Option<Step>,
    record: Record,
    fence: Option<Fence>,
}

impl<'a> Change<'a> {
    /// A change that asks for a step.
    pub fn new(before: &'a Document, after: &'a Document, step: Step, record: Record) -> Self {
        Self { before, after, step: Some(step), record, fence: None }
    }

    /// A change that nobody is told of: whoever makes it goes on with the document himself.
    pub fn quiet(before: &'a Document, after: &'a Document, record: Record) -> Self {
        Self { before, after, step: None, record, fence: None }
    }

    /// Made by a turn: refused when a later lease has written already.
    #[must_use]
    pub fn fenced(mut self, fence: Fence) -> Self {
        self.fence = Some(fence);
        self
    }
}

/// How a document's turn is put off.
#[derive(Debug, Clone, Copy)]
pub struct PutOff<'a, E = HistoryEntry> {
    /// Until then.
    pub due: Instant,
    /// How far the push has come; unchanged when absent.
    pub checkpoint: Option<&'a str>,
    /// What its history says about it; nothing when it was said before.
    pub entry: Option<&'a E>,
}

/// The documents of a tenant.
#[derive(Debug, Clone)]
pub struct Documents {
    tables: Arc<Tables>,
    tenant: TenantId,
}

impl Documents {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    fn table(&self) -> &Table {
        &self.tables.documents
    }

    /// Puts a new document: received, or tagged in the same request. `step` is what is to be done with it.
    pub async fn create(
        &self,
        document: &Document,
        body_hash: Option<BodyHash>,
        step: Option<Step>,
        writer: &Writer,
    ) -> Result<Created, StoreError> {
        const OPERATION: &str = "documents.create";
        let mut changes = Changes::default();
        Place::after(None, document).set(OPERATION, self.tenant, document, &mut changes)?;
        let mut item = head::encode(document);
        item.extend(keys::head(self.tenant, document.id).item());
        item.extend(changes.into_set());
        item.insert(WRITER.to_owned(), text(writer.as_str()));
        if let Some(hash) = &body_hash {
            item.insert(BODY_HASH.to_owned(), bytes(hash.as_bytes()));
        }
        if let Some(step) = step {
            item.insert(EMIT.to_owned(), text(step.as_str()));
        }
        let put = Write::Put { item, condition: Some(Expression::absent()) };
        let there = match self.arming(None, document, writer) {
            None => match self.table().write(OPERATION, put, Old::NotNeeded).await? {
                Written::Done(_) => return Ok(Created::New),
                Written::Refused(there) => there,
            },
            Some(arming) => {
                let what = document.id.to_string();
                match transact(self.table(), OPERATION, &what, writer, vec![put, arming]).await? {
                    Outcome::Done => return Ok(Created::New),
                    Outcome::Refused(refusals) => refusals.item(0).cloned(),
                }
            }
        };
        let Some(there) = there else {
            return Err(StoreError::conflict(OPERATION, "a document of this id came and went"));
        };
        let (_, existing) = head::decode(OPERATION, &there)?;
        if is_by(Some(&there), writer) && existing.version == document.version {
            return Ok(Created::New);
        }
        let body_hash = Fields::of(OPERATION, &there).bytes(BODY_HASH)?.and_then(BodyHash::from_bytes);
        Ok(Created::Existing { document: Box::new(existing), body_hash })
    }

    /// What goes with a change that shares a document: its mails are made.
    fn arming(&self, before: Option<&Document>, after: &Document, writer: &Writer) -> Option<Write> {
        let was = before.and_then(|before| before.shared);
        let shared = after.shared.filter(|_| was != after.shared)?;
        let look_at = shared.at + mail::LOOKED_AT_AFTER;
        Some(mail::arming(self.tenant, Home::Received(after.id), look_at, Choice::Yes, writer))
    }

    async fn item(&self, operation: &'static str, id: DocumentId, read: Read) -> Result<Option<Item>, StoreError> {
        self.table().get(operation, &keys::head(self.tenant, id), read).await
    }

    /// A document.
    pub async fn get(&self, id: DocumentId, read: Read) -> Result<Option<Document>, StoreError> {
        const OPERATION: &str = "documents.get";
        let item = self.item(OPERATION, id, read).await?;
        item.map(|item| head::decode(OPERATION, &item).map(|(_, document)| document)).transpose()
    }

    /// A document that has reached at least this version: what a message names. Reads cheaply first, and again when the
    /// cheap read is behind.
    pub async fn get_at_least(&self, id: DocumentId, version: u32) -> Result<Option<Document>, StoreError> {
        match self.get(id, Read::Eventual).await? {
            Some(document) if document.version >= version => Ok(Some(document)),
            Some(_) | None => self.get(id, Read::Consistent).await,
        }
    }

    /// A document with what a turn needs, strongly consistent.
    pub async fn head(&self, id: DocumentId) -> Result<Option<Head>, StoreError> {
        const OPERATION: &str = "documents.head";
        let item = self.item(OPERATION, id, Read::Consistent).await?;
        item.map(|item| head::decode_head(OPERATION, &item)).transpose()
    }

    /// Takes a document to its next version and asks for a step, in one conditional write. Where it is listed follows
    /// from its status. A conflict means that somebody else was faster: read again and decide again.
    pub async fn transition(&self, change: Change<'_>, writer: &Writer) -> Result<(), StoreError> {
        let place = Place::after(Some(change.before.status), change.after);
        self.change("documents.transition", &change, place, writer).await
    }

    /// As [`Documents::transition`], for a change after which the document stays where people see it though its status
    /// may be the same: the decision that a complete document is not posted, or a hold that was cleared.
    pub async fn rest(&self, change: Change<'_>, writer: &Writer) -> Result<(), StoreError> {
        self.change("documents.rest", &change, Place::List, writer).await
    }

    async fn change(
        &self,
        operation: &'static str,
        change: &Change<'_>,
        place: Place,
        writer: &Writer,
    ) -> Result<(), StoreError> {
        let (before, after) = (change.before, change.after);
        if before.id != after.id || before.version.checked_add(1) != Some(after.version) {
            let detail = format!("{} {} cannot follow {} {}", after.id, after.version, before.id, before.version);
            return Err(StoreError::bug(operation, detail));
        }
        let mut changes = head::changes(after);
        place.set(operation, self.tenant, after, &mut changes)?;
        changes.set_or_remove(EMIT, change.step.map(|step| text(step.as_str())));
        changes.set(WRITER, text(writer.as_str()));
        let mut condition = Expression::new("#v = :before").with("before", number(before.version));
        match (after.status, change.fence) {
            // A new posting: leases of the unit count anew, since it may be another unit than last time.
            (Status::Posting, None) => changes.remove(FENCE),
            (_, Some(fence)) => {
                condition = condition.and(not_overtaken(fence));
                changes.set(FENCE, number(fence));
            }
            (_, None) => {}
        }
        match after.status {
            // What a push has done so far counts until it is in the ledger or begins anew; an edit in between changes nothing
            // about what the ledger has.
            Status::Complete
            | Status::Incomplete
            | Status::Unreadable
            | Status::Posting
            | Status::Rejected
            | Status::Uncertain
            | Status::Ready
            | Status::Exporting => {}
            Status::Received
            | Status::Tagged
            | Status::Posted
            | Status::Archived
            | Status::Deleted
            | Status::Exported
            | Status::Shared => {
                changes.remove(CHECKPOINT);
            }
        }
        let key = keys::head(self.tenant, after.id);
        let update = Write::Update { key, changes, condition: Some(condition) };
        let arming = self.arming(Some(before), after, writer);
        let there = match &change.record {
            Record::Covered if arming.is_none() => match self.table().write(operation, update, Old::NotNeeded).await? {
                Written::Done(_) => return Ok(()),
                Written::Refused(there) => there,
            },
            record @ (Record::Covered | Record::Entry(_)) => {
                let mut writes = vec![update];
                match record {
                    Record::Covered => {}
                    Record::Entry(entry) => writes.push(self.history_write(operation, after.id, entry)?),
                }
                writes.extend(arming);
                let what = format!("{} {}", after.id, after.version);
                match transact(self.table(), operation, &what, writer, writes).await? {
                    Outcome::Done => return Ok(()),
                    Outcome::Refused(refusals) => refusals.item(0).cloned(),
                }
            }
        };
        refused(operation, there.as_ref(), after, writer)
    }

    /// Stores how far a push has come. No transition: the version stays, and nothing is emitted.
    pub async fn checkpoint(
        &self,
        id: DocumentId,
        version: u32,
        fence: Fence,
        checkpoint: &str,
        writer: &Writer,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "documents.checkpoint";
        let mut changes = Changes::default();
        changes.set(CHECKPOINT, text(fitting(OPERATION, checkpoint)?));
        changes.set(FENCE, number(fence));
        changes.set(WRITER, text(writer.as_str()));
        changes.remove(EMIT);
        let write = Write::Update {
            key: keys::head(self.tenant, id),
            changes,
            condition: Some(in_posting(version).and(not_overtaken(fence))),
        };
        match self.table().write(OPERATION, write, Old::NotNeeded).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => Err(overtaken(OPERATION, id)),
        }
    }

    /// Puts off a document's turn until it is due again, and says why in its history if that is wanted. The version stays.
    pub async fn postpone(
        &self,
        document: &Document,
        put_off: PutOff<'_>,
        fence: Fence,
        writer: &Writer,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "documents.postpone";
        let PutOff { due, checkpoint, entry } = put_off;
        let mut changes = Changes::default();
        changes.set(UNITS.range, text(keys::unit_entry(due, document.id.into())));
        if let Some(checkpoint) = checkpoint {
            changes.set(CHECKPOINT, text(fitting(OPERATION, checkpoint)?));
        }
        changes.set(FENCE, number(fence));
        changes.set(WRITER, text(writer.as_str()));
        changes.remove(EMIT);
        let update = Write::Update {
            key: keys::head(self.tenant, document.id),
            changes,
            condition: Some(in_posting(document.version).and(not_overtaken(fence))),
        };
        let Some(entry) = entry else {
            return match self.table().write(OPERATION, update, Old::NotNeeded).await? {
                Written::Done(_) => Ok(()),
                Written::Refused(_) => Err(overtaken(OPERATION, document.id)),
            };
        };
        let writes = vec![update, self.history_write(OPERATION, document.id, entry)?];
        let what = format!("{} {} {}", document.id, document.version, due.timestamp_millis());
        match transact(self.table(), OPERATION, &what, writer, writes).await? {
            Outcome::Done => Ok(()),
            Outcome::Refused(_) => Err(overtaken(OPERATION, document.id)),
        }
    }

    /// Asks again for the step of a document that is stuck in transit, and counts its time in transit anew. Returns the
    /// step, or nothing when the document has moved on. The version stays.
    pub async fn emit_again(&self, id: DocumentId, now: Instant) -> Result<Option<Step>, StoreError> {
        const OPERATION: &str = "documents.emit_again";
        let Some(item) = self.item(OPERATION, id, Read::Consistent).await? else { return Ok(None) };
        let (_, document) = head::decode(OPERATION, &item)?;
        if !item.contains_key(TRANSIT.hash) {
            return Ok(None);
        }
        let step = match document.status {
            Status::Tagged => Step::Read,
            Status::Complete => Step::Evaluate,
            Status::Received
            | Status::Incomplete
            | Status::Unreadable
            | Status::Posting
            | Status::Posted
            | Status::Rejected
            | Status::Uncertain
            | Status::Archived
            | Status::Deleted
            | Status::Ready
            | Status::Exporting
            | Status::Exported
            | Status::Shared => return Ok(None),
        };
        let mut changes = Changes::default();
        changes.set(TRANSIT.range, text(keys::transit_entry(now, self.tenant, id)));
        changes.set(EMIT, text(step.as_str()));
        let condition =
            Expression::new("#v = :version AND attribute_exists(#tpk)").with("version", number(document.version));
        let write = Write::Update { key: keys::head(self.tenant, id), changes, condition: Some(condition) };
        match self.table().write(OPERATION, write, Old::NotNeeded).await? {
            Written::Done(_) => Ok(Some(step)),
            Written::Refused(_) => Ok(None),
        }
    }
}

/// A refused change: our own earlier success, somebody else's, or nothing to change.
fn refused(operation: &'static str, there: Option<&Item>, after: &Document, writer: &Writer) -> Result<(), StoreError> {
    let Some(there) = there else {
        return Err(StoreError::new(ErrorKind::NotFound, operation, format!("there is no {}", after.id)));
    };
    let fields = Fields::of(operation, there);
    let version = fields.needed(VERSION, fields.parsed::<u32>(VERSION)?)?;
    let status = fields.needed(STATUS, fields.parsed::<Status>(STATUS)?)?;
    if is_by(Some(there), writer) && version == after.version && status == after.status {
        return Ok(());
    }
    let detail = format!("{} is at version {version}, {status}; wanted was {}", after.id, after.version);
    Err(StoreError::conflict(operation, detail))
}

fn fitting<'a>(operation: &'static str, checkpoint: &'a str) -> Result<&'a str, StoreError> {
    if checkpoint.len() <= CHECKPOINT_BYTES_MAX {
        return Ok(checkpoint);
    }
    Err(StoreError::new(ErrorKind::TooLarge, operation, format!("a checkpoint of {} bytes", checkpoint.len())))
}

fn in_posting(version: u32) -> Expression {
    Expression::new("#v = :version AND #s = :posting")
        .with("version", number(version))
        .with("posting", text(Status::Posting.as_str()))
}

fn not_overtaken(fence: Fence) -> Expression {
    Expression::new("attribute_not_exists(#fe) OR #fe <= :fence").with("fence", number(fence))
}

fn overtaken(operation: &'static str, id: DocumentId) -> StoreError {
    StoreError::conflict(operation, format!("{id} is no longer posted under this lease"))
}
