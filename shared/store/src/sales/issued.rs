//! Issued documents: the head with its way to a ledger, what it says, its history and its files.

use super::{keys, pass_runs};
use crate::{
    Cursor, Download, ErrorKind, Listed, PresignedUrl, Read, StoreError, Tables, Writer, blob,
    document::{
        self, CHECKPOINT_BYTES_MAX, PutOff,
        head::{CHECKPOINT, EMIT, FENCE, VERSION},
    },
    expression::{Changes, Expression},
    item::{Fields, Item, Key, number, text},
    mail,
    runs::Fence,
    schema::{LISTS, PK, SK, UNITS, WRITER},
    table::{Old, Order, Query, Write, Written},
    transaction::{Outcome, digest, is_by, transact},
};
use domain::{
    document::{Actor, SharedAs, Step},
    ids::{AdministrationId, IssuedId, TenantId},
    mail::Home,
    office::Choice,
    reason::Reason,
    sales::{Issued, IssuedContent, PassEvent, Passing},
    time::Instant,
};
use serde::{Deserialize, Serialize};
use std::sync::Arc;

const BODY: &str = "b";
/// The state, so that a checkpoint is only stored while it is on its way.
const PASSING: &str = "s";
const ENTRY: &str = "e";
/// Whether an action waits for what becomes of it.
pub(super) const WATCHED: &str = "aw";
/// The most issued documents of one page.
const LIMIT_MAX: usize = 100;
/// The largest PDF that is read back.
const PDF_BYTES_MAX: u64 = 25 * 1024 * 1024;

/// One entry of an issued document's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PassEntry {
    /// When.
    pub at: Instant,
    /// Who.
    pub by: Actor,
    /// What happened; absent for a note that changed no state, such as a postponed attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<PassEvent>,
    /// The state after it.
    pub passing: Passing,
    /// The version after it.
    pub version: u32,
    /// Why, or what was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}

/// The head with what only a turn needs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IssuedHead {
    /// The document.
    pub issued: Issued,
    /// How far a pass has come, as the ledger's code wrote it.
    pub checkpoint: Option<String>,
    /// When it is due, while it waits for a turn.
    pub due: Option<Instant>,
}

/// A change of an issued document from one version to the next.
#[derive(Debug, Clone)]
pub struct PassChange<'a> {
    /// As it was read.
    pub before: &'a Issued,
    /// As it is to be.
    pub after: &'a Issued,
    /// What is asked for with it.
    pub step: Option<Step>,
    /// What its history says.
    pub entry: PassEntry,
    /// The lease of the turn that makes it.
    pub fence: Option<Fence>,
}

/// Which issued documents are listed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum WhichIssued {
    /// Those that still have to be passed, or stay ours alone.
    Unpassed,
    /// Those that were passed, or are withheld.
    Settled,
}

/// Which PDF of an issued document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IssuedPdf<'a> {
    /// Ours, with this number on it: with another number it is another file.
    Ours {
        /// The number.
        number: &'a str,
    },
    /// The ledger's, as it was fetched last.
    Ledgers,
    /// What was attached in place of ours (CO-35).
    Replacement {
        /// What the document says it is kept as.
        file: &'a str,
    },
}

/// The issued documents of a tenant.
#[derive(Debug, Clone)]
pub struct IssuedRepository {
    tables: Arc<Tables>,
    tenant: TenantId,
}

/// Body, state and places of a head.
fn changes(operation: &'static str, tenant: TenantId, issued: &Issued) -> Result<Changes, StoreError> {
    let json = serde_json::to_string(issued)
        .map_err(|error| StoreError::bug(operation, "an issued document cannot be encoded").caused_by(error))?;
    let mut changes = Changes::default();
    changes.set(BODY, text(json));
    changes.set(VERSION, number(issued.version));
    changes.set(PASSING, text(issued.passing.as_str()));
    changes.set(LISTS.hash, text(keys::list(tenant, issued.administration, issued.passing)));
    changes.set(LISTS.range, text(keys::listed(issued.issued_at, &issued.id)));
    match issued.passing {
        Passing::Passing => {
            let Some(unit) = &issued.unit else {
                return Err(StoreError::bug(operation, format!("{} is to be passed without a unit", issued.id)));
            };
            changes.set(UNITS.hash, text(document::keys::unit(tenant, unit)));
            changes.set(UNITS.range, text(document::keys::issued_entry(issued.updated_at, issued)));
        }
        Passing::NotPassed | Passing::Withheld | Passing::Passed | Passing::Failed | Passing::Uncertain => {
            changes.remove(UNITS.hash);
            changes.remove(UNITS.range);
        }
    }
    match issued.passing {
        // What was begun counts until the ledger's document is known.
        Passing::NotPassed | Passing::Withheld | Passing::Passing | Passing::Failed | Passing::Uncertain => {}
        Passing::Passed => changes.remove(CHECKPOINT),
    }
    Ok(changes)
}

/// The item of a new document.
pub(super) fn new_item(
    operation: &'static str,
    tenant: TenantId,
    issued: &Issued,
    step: Step,
    writer: &Writer,
) -> Result<Item, StoreError> {
    let mut item = keys::head(tenant, issued.id).item();
    item.extend(changes(operation, tenant, issued)?.into_set());
    item.insert(EMIT.to_owned(), text(step.as_str()));
    item.insert(WRITER.to_owned(), text(writer.as_str()));
    Ok(item)
}

/// The tenant and the document of a head.
pub(super) fn decode(operation: &'static str, item: &Item) -> Result<(TenantId, Issued), StoreError> {
    let fields = Fields::of(operation, item);
    let (tenant, _) = fields.needed(PK, Key::of(item).and_then(|key| keys::of_partition(&key.pk)))?;
    Ok((tenant, fields.needed(BODY, fields.json(BODY)?)?))
}

fn not_overtaken(fence: Fence) -> Expression {
    Expression::new("attribute_not_exists(#fe) OR #fe <= :fence").with("fence", number(fence))
}

fn on_its_way(version: u32) -> Expression {
    Expression::new("#s = :passing AND #v = :version")
        .with("passing", text(Passing::Passing.as_str()))
        .with("version", number(version))
}

fn overtaken(operation: &'static str, id: IssuedId) -> StoreError {
    StoreError::conflict(operation, format!("{id} is not on its way as it was read, or a later lease has it"))
}

fn fitting(operation: &'static str, checkpoint: &str) -> Result<String, StoreError> {
    if checkpoint.len() <= CHECKPOINT_BYTES_MAX {
        return Ok(checkpoint.to_owned());
    }
    Err(StoreError::new(ErrorKind::TooLarge, operation, format!("a checkpoint of {} bytes", checkpoint.len())))
}

impl IssuedRepository {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    fn entry(&self, operation: &'static str, id: IssuedId, entry: &PassEntry) -> Result<Write, StoreError> {
        let json = serde_json::to_string(entry)
            .map_err(|error| StoreError::bug(operation, "a history entry cannot be encoded").caused_by(error))?;
        let mut item = keys::history(self.tenant, id, entry.version, entry.at).item();
        item.insert(ENTRY.to_owned(), text(json));
        Ok(Write::Put { item, condition: None })
    }

    /// A document.
    pub async fn get(&self, id: IssuedId, read: Read) -> Result<Option<Issued>, StoreError> {
        const OPERATION: &str = "issued.get";
        let item = self.tables.documents.get(OPERATION, &keys::head(self.tenant, id), read).await?;
        item.map(|item| decode(OPERATION, &item).map(|(_, issued)| issued)).transpose()
    }

    /// A document with what a turn needs, strongly consistent.
    pub async fn head(&self, id: IssuedId) -> Result<Option<IssuedHead>, StoreError> {
        const OPERATION: &str = "issued.head";
        let item = self.tables.documents.get(OPERATION, &keys::head(self.tenant, id), Read::Consistent).await?;
        let Some(item) = item else { return Ok(None) };
        let fields = Fields::of(OPERATION, &item);
        let (_, issued) = decode(OPERATION, &item)?;
        let checkpoint = fields.text(CHECKPOINT)?.map(ToOwned::to_owned);
        let due = fields.text(UNITS.range)?.and_then(document::keys::instant_of);
        Ok(Some(IssuedHead { issued, checkpoint, due }))
    }

    /// What a document says. It never changes.
    pub async fn content(&self, id: IssuedId) -> Result<Option<IssuedContent>, StoreError> {
        const OPERATION: &str = "issued.content";
        let item = self.tables.documents.get_surely(OPERATION, &keys::content(self.tenant, id)).await?;
        match item {
            Some(item) => blob::load(&self.tables.objects, OPERATION, &item).await.map(Some),
            None => Ok(None),
        }
    }

    /// The history of a document, the oldest entry first.
    pub async fn history(&self, id: IssuedId) -> Result<Vec<PassEntry>, StoreError> {
        const OPERATION: &str = "issued.history";
        let query = Query::prefix(&keys::partition(self.tenant, id), keys::HISTORY);
        let items = self.tables.documents.query_all(OPERATION, query).await?;
        let read = |item: &Item| {
            let fields = Fields::of(OPERATION, item);
            fields.needed(ENTRY, fields.json(ENTRY)?)
        };
        items.iter().map(read).collect()
    }

    /// A page of an administration's documents, those that were issued last first.
    pub async fn list(
        &self,
        administration: AdministrationId,
        which: WhichIssued,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Listed<Issued>, StoreError> {
        const OPERATION: &str = "issued.list";
        let state = match which {
            WhichIssued::Unpassed => Passing::NotPassed,
            WhichIssued::Settled => Passing::Passed,
        };
        let hash = keys::list(self.tenant, administration, state);
        let mut query = Query::index(LISTS, &hash);
        query.order = Order::Descending;
        query.limit = i32::try_from(limit.clamp(1, LIMIT_MAX)).ok();
        if let Some(cursor) = cursor {
            let own = format!("{}#", self.tenant);
            let bounds = [(PK, own.as_str()), (SK, keys::HEAD), (LISTS.hash, &hash), (LISTS.range, "")];
            query.start = Some(cursor.key(OPERATION, &bounds)?);
        }
        let page = self.tables.documents.query(OPERATION, query).await?;
        let read = |item: &Item| decode(OPERATION, item).map(|(_, issued)| issued);
        Ok(Listed {
            items: page.items.iter().map(read).collect::<Result<_, _>>()?,
            next: page.last_key.map(|key| Cursor::of_key(OPERATION, &key)).transpose()?,
        })
    }

    /// Documents of an administration that are not in the ledger, those that were issued first first; after one of them, or from the
    /// beginning. The index may be a moment behind.
    pub async fn unpassed(
        &self,
        administration: AdministrationId,
        after: Option<(Instant, IssuedId)>,
    ) -> Result<Vec<Issued>, StoreError> {
        const OPERATION: &str = "issued.unpassed";
        let hash = keys::list(self.tenant, administration, Passing::NotPassed);
        let mut query = Query::index(LISTS, &hash);
        query.limit = i32::try_from(LIMIT_MAX).ok();
        if let Some((at, id)) = after {
            let mut start = keys::head(self.tenant, id).item();
            start.insert(LISTS.hash.to_owned(), text(hash));
            start.insert(LISTS.range.to_owned(), text(keys::listed(at, &id)));
            query.start = Some(start);
        }
        let page = self.tables.documents.query(OPERATION, query).await?;
        page.items.iter().map(|item| decode(OPERATION, item).map(|(_, issued)| issued)).collect()
    }

    /// Takes a document to its next version, with its entry in the history, in one transaction. A conflict means that somebody
    /// else was faster: read again and decide again.
    pub async fn transition(&self, change: &PassChange<'_>, writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "issued.transition";
        let (before, after) = (change.before, change.after);
        if before.id != after.id || before.version.checked_add(1) != Some(after.version) {
            let detail = format!("{} {} cannot follow {} {}", after.id, after.version, before.id, before.version);
            return Err(StoreError::bug(OPERATION, detail));
        }
        let mut changes = changes(OPERATION, self.tenant, after)?;
        changes.set_or_remove(EMIT, change.step.map(|step| text(step.as_str())));
        changes.set(WRITER, text(writer.as_str()));
        let mut condition = Expression::new("#v = :before").with("before", number(before.version));
        match change.fence {
            Some(fence) => {
                condition = condition.and(not_overtaken(fence));
                changes.set(FENCE, number(fence));
            }
            // On its way anew: leases count anew, since it may be another unit than last time.
            None if after.passing == Passing::Passing => changes.remove(FENCE),
            None => {}
        }
        let key = keys::head(self.tenant, after.id);
        let update = Write::Update { key, changes, condition: Some(condition) };
        let mut writes = vec![update, self.entry(OPERATION, after.id, &change.entry)?];
        writes.extend(pass_runs::counts(self.tenant, before, after));
        if let Some(shared) = after.shared.filter(|_| before.shared != after.shared) {
            let look_at = shared.at + mail::LOOKED_AT_AFTER;
            writes.push(mail::arming(self.tenant, Home::Issued(after.id), look_at, Choice::Yes, writer));
        }
        let what = format!("{} {}", after.id, after.version);
        match transact(&self.tables.documents, OPERATION, &what, writer, writes).await? {
            Outcome::Done => Ok(()),
            Outcome::Refused(refusals) if refusals.is_own(0, writer) => {
                let there = refusals.item(0).map(|item| decode(OPERATION, item)).transpose()?;
                let is_done = there.is_some_and(|(_, there)| there.version == after.version);
                if is_done { Ok(()) } else { Err(overtaken(OPERATION, after.id)) }
            }
            Outcome::Refused(_) => Err(StoreError::conflict(OPERATION, format!("{} was changed meanwhile", after.id))),
        }
    }

    /// Stores how far a pass has come. The version stays, and nothing is emitted.
    pub async fn checkpoint(
        &self,
        issued: &Issued,
        fence: Fence,
        checkpoint: &str,
        writer: &Writer,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "issued.checkpoint";
        let mut changes = Changes::default();
        changes.set(CHECKPOINT, text(fitting(OPERATION, checkpoint)?));
        self.on_the_way(OPERATION, issued, changes, fence, None, writer).await
    }

    /// Puts off a document's turn until it is due again, and says why in its history if that is wanted. The version stays.
    pub async fn postpone(
        &self,
        issued: &Issued,
        put_off: PutOff<'_, PassEntry>,
        fence: Fence,
        writer: &Writer,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "issued.postpone";
        let mut changes = Changes::default();
        changes.set(UNITS.range, text(document::keys::issued_entry(put_off.due, issued)));
        if let Some(checkpoint) = put_off.checkpoint {
            changes.set(CHECKPOINT, text(fitting(OPERATION, checkpoint)?));
        }
        self.on_the_way(OPERATION, issued, changes, fence, put_off.entry, writer).await
    }

    async fn on_the_way(
        &self,
        operation: &'static str,
        issued: &Issued,
        mut changes: Changes,
        fence: Fence,
        entry: Option<&PassEntry>,
        writer: &Writer,
    ) -> Result<(), StoreError> {
        changes.set(FENCE, number(fence));
        changes.set(WRITER, text(writer.as_str()));
        changes.remove(EMIT);
        let condition = Some(on_its_way(issued.version).and(not_overtaken(fence)));
        let update = Write::Update { key: keys::head(self.tenant, issued.id), changes, condition };
        let Some(entry) = entry else {
            return match self.tables.documents.write(operation, update, Old::NotNeeded).await? {
                Written::Done(_) => Ok(()),
                Written::Refused(_) => Err(overtaken(operation, issued.id)),
            };
        };
        let writes = vec![update, self.entry(operation, issued.id, entry)?];
        let what = format!("{} {} {}", issued.id, issued.version, entry.at.timestamp_millis());
        match transact(&self.tables.documents, operation, &what, writer, writes).await? {
            Outcome::Done => Ok(()),
            Outcome::Refused(_) => Err(overtaken(operation, issued.id)),
        }
    }

    /// Whether an administration is warned of something for the first time.
    pub async fn warns_first(&self, administration: AdministrationId, of: &str) -> Result<bool, StoreError> {
        const OPERATION: &str = "issued.warns_first";
        let item = keys::warned(self.tenant, administration, of).item();
        let put = Write::Put { item, condition: Some(Expression::absent()) };
        match self.tables.documents.write(OPERATION, put, Old::NotNeeded).await? {
            Written::Done(_) => Ok(true),
            Written::Refused(_) => Ok(false),
        }
    }

    /// Has the order's actions go on when the document changes, and says how it is now: what changes after that is told.
    pub async fn watch(&self, id: IssuedId) -> Result<Option<Issued>, StoreError> {
        const OPERATION: &str = "issued.watch";
        let mut changes = Changes::default();
        changes.set(WATCHED, text("1"));
        changes.remove(EMIT);
        let key = keys::head(self.tenant, id);
        let update = Write::Update { key, changes, condition: Some(Expression::present()) };
        match self.tables.documents.write(OPERATION, update, Old::Wanted).await? {
            Written::Done(Some(item)) => decode(OPERATION, &item).map(|(_, issued)| Some(issued)),
            Written::Done(None) | Written::Refused(_) => Ok(None),
        }
    }

    /// Changes what is known of a document without changing where it stands: the ledger's copy of it, or what replaced it.
    pub async fn remark(&self, before: &Issued, after: &Issued, writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "issued.remark";
        if before.passing != after.passing || before.version.checked_add(1) != Some(after.version) {
            return Err(StoreError::bug(OPERATION, format!("{} is no remark on {}", after.version, before.version)));
        }
        let mut changes = changes(OPERATION, self.tenant, after)?;
        changes.set(EMIT, text(Step::Announce.as_str()));
        changes.set(WRITER, text(writer.as_str()));
        let condition = Some(Expression::new("#v = :before").with("before", number(before.version)));
        let update = Write::Update { key: keys::head(self.tenant, after.id), changes, condition };
        match self.tables.documents.write(OPERATION, update, Old::NotNeeded).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(there) if is_by(there.as_ref(), writer) => Ok(()),
            Written::Refused(_) => Err(StoreError::conflict(OPERATION, format!("{} was changed meanwhile", after.id))),
        }
    }

    /// Shares a document with the accountant, unless it is shared already (ED-12). Its mails are made.
    pub async fn share(
        &self,
        id: IssuedId,
        how: SharedAs,
        by: &Actor,
        now: Instant,
        writer: &Writer,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "issued.share";
        const TRIES: u32 = 5;
        for _ in 0..TRIES {
            let Some(before) = self.get(id, Read::Consistent).await? else { return Ok(()) };
            let Ok(after) = before.shared_as(how, now) else { return Ok(()) };
            let (passing, version) = (after.passing, after.version);
            let entry = PassEntry { at: now, by: by.clone(), event: None, passing, version, reason: None };
            // A turn that has it finds another version: it looks in the ledger before it goes on, and is woken for that.
            let step = Some(if passing == Passing::Passing { Step::Turn } else { Step::Announce });
            match self
                .transition(&PassChange { before: &before, after: &after, step, entry, fence: None }, writer)
                .await
            {
                Ok(()) => return Ok(()),
                Err(error) if error.kind() == ErrorKind::Conflict => {}
                Err(error) => return Err(error),
            }
        }
        Err(StoreError::conflict(OPERATION, format!("{id} was changed again and again")))
    }

    fn pdf_name(&self, id: IssuedId, which: IssuedPdf<'_>) -> String {
        let name = match which {
            IssuedPdf::Ours { number } => format!("own-{}", digest(&[number], 16)),
            IssuedPdf::Ledgers => "ledger".to_owned(),
            IssuedPdf::Replacement { file } => format!("replacement-{}", digest(&[file], 16)),
        };
        format!("{}/{id}/{name}.pdf", self.tenant)
    }

    /// Keeps a PDF of a document. A newer one takes the place of an older one (CO-31).
    pub async fn put_pdf(&self, id: IssuedId, which: IssuedPdf<'_>, pdf: Vec<u8>) -> Result<(), StoreError> {
        let name = self.pdf_name(id, which);
        self.tables.objects.put("issued.put_pdf", &name, pdf, "application/pdf").await
    }

    /// Whether a PDF is kept.
    pub async fn has_pdf(&self, id: IssuedId, which: IssuedPdf<'_>) -> Result<bool, StoreError> {
        Ok(self.tables.objects.look("issued.has_pdf", &self.pdf_name(id, which)).await?.is_some())
    }

    /// An expiring address of a PDF that was kept.
    pub fn pdf_address(
        &self,
        id: IssuedId,
        which: IssuedPdf<'_>,
        download: &Download<'_>,
        seconds: u64,
    ) -> Result<PresignedUrl, StoreError> {
        self.tables.objects.address_to_get("issued.pdf_address", &self.pdf_name(id, which), download, seconds)
    }

    /// A PDF that was kept.
    pub async fn pdf(&self, id: IssuedId, which: IssuedPdf<'_>) -> Result<Vec<u8>, StoreError> {
        self.tables.objects.get("issued.pdf", &self.pdf_name(id, which), PDF_BYTES_MAX).await
    }
}
