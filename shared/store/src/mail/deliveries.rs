//! Deliveries, and that there is something to mail.
//!
//! What is to be mailed is *armed*: an item beside it says when to look at it, asks the relay to have that done at once, and is
//! found by maintenance when a message is lost. Whoever has seen to all of it takes the item away, unless it was armed anew.

use super::keys;
use crate::{
    Cursor, Download, Listed, PresignedUrl, Read, StoreError, SystemStore, Tables, Writer,
    document::head::{EMIT, VERSION},
    expression::{Changes, Expression},
    item::{Fields, Item, Key, number, text},
    schema::{LISTS, PK, SK, TRANSIT, WRITER},
    table::{Old, Order, Query, Write, Written},
    transaction::{Outcome, is_by, transact},
};
use domain::{
    ids::{AdministrationId, DeliveryId, TenantId},
    mail::{Delivery, DeliveryState, Home, Processed},
    office::Choice,
    time::Instant,
};
use std::sync::Arc;

const BODY: &str = "b";
/// Whether the mails of a shared document are still to be made.
const PLAN: &str = "pl";
/// What the relay is asked for: to have it looked at, or to tell of a delivery.
const DELIVER: &str = "deliver";
const TELL: &str = "told";
/// The most deliveries of one page.
const LIMIT_MAX: usize = 100;

/// Something of a tenant that is to be mailed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct MailRef {
    /// Whose.
    pub tenant: TenantId,
    /// What.
    pub home: Home,
}

/// That there is something to mail, as it was read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mailing {
    /// Whether the mails of a shared document are still to be made.
    pub plan: Choice,
    writer: String,
}

/// What stands with one home.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct HomeMails {
    /// Nothing when all is seen to.
    pub mailing: Option<Mailing>,
    /// In the order of their ids.
    pub deliveries: Vec<Delivery>,
}

/// How recording a delivery ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Recorded {
    /// It is new, and ours to see to.
    New,
    /// It was there: it is seen to by whoever recorded it.
    There(Box<Delivery>),
}

/// The deliveries of a tenant.
#[derive(Debug, Clone)]
pub struct Deliveries {
    tables: Arc<Tables>,
    tenant: TenantId,
}

/// The write that arms a home: it is looked at at once, and at this time if that goes wrong.
pub(crate) fn arming(tenant: TenantId, home: Home, look_at: Instant, plan: Choice, writer: &Writer) -> Write {
    let mut changes = Changes::default();
    changes.set(EMIT, text(DELIVER));
    changes.set(WRITER, text(writer.as_str()));
    changes.set(TRANSIT.hash, text(keys::shard_of(home)));
    changes.set(TRANSIT.range, text(keys::listed(look_at, &home)));
    match plan {
        Choice::Yes => changes.set(PLAN, text("1")),
        // What was to be planned stays so.
        Choice::No => {}
    }
    Write::Update { key: keys::mailing(tenant, home), changes, condition: None }
}

/// What a record of the table's stream is about, when it is about mail.
pub(crate) enum MailRecord {
    /// Something is to be mailed.
    Armed(MailRef),
    /// A delivery came to a state that is told.
    Told(TenantId, Box<Delivery>),
}

/// Of a new image, when it is one of these items.
pub(crate) fn of_stream(operation: &'static str, item: &Item) -> Result<Option<MailRecord>, StoreError> {
    let Some(key) = Key::of(item) else { return Ok(None) };
    if key.sk == keys::MAILING {
        let Some((tenant, home)) = keys::of_partition(&key.pk) else { return Ok(None) };
        return Ok(Some(MailRecord::Armed(MailRef { tenant, home })));
    }
    if !key.sk.starts_with(keys::DELIVERY) {
        return Ok(None);
    }
    let fields = Fields::of(operation, item);
    let (tenant, _) = fields.needed(PK, keys::of_partition(&key.pk))?;
    Ok(Some(MailRecord::Told(tenant, Box::new(decode(operation, item)?))))
}

fn decode(operation: &'static str, item: &Item) -> Result<Delivery, StoreError> {
    let fields = Fields::of(operation, item);
    fields.needed(BODY, fields.json(BODY)?)
}

/// The list in which people find a delivery: what waits, and what went wrong. What went well stands with its document alone.
fn is_listed(state: DeliveryState) -> bool {
    match state {
        DeliveryState::Sending | DeliveryState::Sent | DeliveryState::Delivered | DeliveryState::Delayed => false,
        DeliveryState::Queued
        | DeliveryState::Held
        | DeliveryState::NotShared
        | DeliveryState::Bounced
        | DeliveryState::Complained
        | DeliveryState::Rejected
        | DeliveryState::Failed
        | DeliveryState::Uncertain => true,
    }
}

/// Whether the tenant's systems are told: what is still under way is not.
fn is_told(state: DeliveryState) -> bool {
    match state {
        DeliveryState::Queued | DeliveryState::Sending => false,
        DeliveryState::Held
        | DeliveryState::NotShared
        | DeliveryState::Sent
        | DeliveryState::Delivered
        | DeliveryState::Delayed
        | DeliveryState::Bounced
        | DeliveryState::Complained
        | DeliveryState::Rejected
        | DeliveryState::Failed
        | DeliveryState::Uncertain => true,
    }
}

impl Deliveries {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    /// The id of a delivery: of what is delivered, to whom, and what asked for it.
    pub fn id(&self, home: Home, mailbox: &str, asked: &str) -> DeliveryId {
        keys::delivery_id(self.tenant, home, mailbox, asked)
    }

    fn item(&self, operation: &'static str, delivery: &Delivery, writer: &Writer) -> Result<Item, StoreError> {
        let body = serde_json::to_string(delivery)
            .map_err(|error| StoreError::bug(operation, "a delivery cannot be encoded").caused_by(error))?;
        let mut item = keys::delivery(self.tenant, delivery.home, delivery.id).item();
        item.insert(BODY.to_owned(), text(body));
        item.insert(VERSION.to_owned(), number(delivery.version));
        item.insert(WRITER.to_owned(), text(writer.as_str()));
        if is_told(delivery.state) {
            item.insert(EMIT.to_owned(), text(TELL));
        }
        if is_listed(delivery.state) {
            let hash = keys::list(self.tenant, delivery.administration, delivery.state);
            item.insert(LISTS.hash.to_owned(), text(hash));
            item.insert(LISTS.range.to_owned(), text(keys::listed(delivery.updated_at, &delivery.id)));
        }
        Ok(item)
    }

    /// All that stands with a home.
    pub async fn of(&self, home: Home, read: Read) -> Result<HomeMails, StoreError> {
        const OPERATION: &str = "deliveries.of";
        let mut query = Query::prefix(&keys::partition(self.tenant, home), keys::MAILS);
        query.read = read;
        let mut mails = HomeMails::default();
        for item in self.tables.documents.query_all(OPERATION, query).await? {
            let fields = Fields::of(OPERATION, &item);
            if Key::of(&item).is_some_and(|key| key.sk == keys::MAILING) {
                let plan = if item.contains_key(PLAN) { Choice::Yes } else { Choice::No };
                let writer = fields.text(WRITER)?.unwrap_or_default().to_owned();
                mails.mailing = Some(Mailing { plan, writer });
            } else {
                mails.deliveries.push(decode(OPERATION, &item)?);
            }
        }
        Ok(mails)
    }

    /// One delivery.
    pub async fn get(&self, home: Home, id: DeliveryId) -> Result<Option<Delivery>, StoreError> {
        const OPERATION: &str = "deliveries.get";
        let key = keys::delivery(self.tenant, home, id);
        let item = self.tables.documents.get(OPERATION, &key, Read::Consistent).await?;
        item.map(|item| decode(OPERATION, &item)).transpose()
    }

    /// Records a new delivery: before it is handed to SES, so that nobody else does that too (ED-26).
    pub async fn record(&self, delivery: &Delivery, writer: &Writer) -> Result<Recorded, StoreError> {
        const OPERATION: &str = "deliveries.record";
        let put = Write::Put { item: self.item(OPERATION, delivery, writer)?, condition: Some(Expression::absent()) };
        match self.tables.documents.write(OPERATION, put, Old::NotNeeded).await? {
            Written::Done(_) => Ok(Recorded::New),
            Written::Refused(there) if is_by(there.as_ref(), writer) => Ok(Recorded::New),
            Written::Refused(Some(there)) => Ok(Recorded::There(Box::new(decode(OPERATION, &there)?))),
            Written::Refused(None) => Err(StoreError::conflict(OPERATION, "a delivery came and went")),
        }
    }

    /// Records a delivery that is to be seen to, and has it looked at; the same one twice is one.
    pub async fn ask(&self, delivery: &Delivery, look_at: Instant, writer: &Writer) -> Result<Recorded, StoreError> {
        const OPERATION: &str = "deliveries.ask";
        let put = Write::Put { item: self.item(OPERATION, delivery, writer)?, condition: Some(Expression::absent()) };
        let arm = arming(self.tenant, delivery.home, look_at, Choice::No, writer);
        let what = delivery.id.to_string();
        match transact(&self.tables.documents, OPERATION, &what, writer, vec![put, arm]).await? {
            Outcome::Done => Ok(Recorded::New),
            Outcome::Refused(refusals) if refusals.is_own(0, writer) => Ok(Recorded::New),
            Outcome::Refused(refusals) => match refusals.item(0) {
                Some(there) => Ok(Recorded::There(Box::new(decode(OPERATION, there)?))),
                None => Err(StoreError::conflict(OPERATION, "a delivery was recorded at the same moment")),
            },
        }
    }

    fn update(
        &self,
        operation: &'static str,
        before: &Delivery,
        after: &Delivery,
        writer: &Writer,
    ) -> Result<Write, StoreError> {
        if before.id != after.id || before.version.checked_add(1) != Some(after.version) {
            let detail = format!("version {} of a delivery cannot follow {}", after.version, before.version);
            return Err(StoreError::bug(operation, detail));
        }
        let unchanged = Expression::new("#v = :before").with("before", number(before.version));
        Ok(Write::Put { item: self.item(operation, after, writer)?, condition: Some(unchanged) })
    }

    /// Puts a delivery as it is after an event in place of the one that was read. A conflict means that something else
    /// happened to it: read again.
    pub async fn change(&self, before: &Delivery, after: &Delivery, writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "deliveries.change";
        let put = self.update(OPERATION, before, after, writer)?;
        match self.tables.documents.write(OPERATION, put, Old::NotNeeded).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(there) if is_by(there.as_ref(), writer) => Ok(()),
            Written::Refused(_) => Err(StoreError::conflict(OPERATION, format!("{} was changed meanwhile", before.id))),
        }
    }

    /// As [`Deliveries::change`], for one that is to go out now.
    pub async fn release(
        &self,
        before: &Delivery,
        after: &Delivery,
        look_at: Instant,
        writer: &Writer,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "deliveries.release";
        let put = self.update(OPERATION, before, after, writer)?;
        let arm = arming(self.tenant, after.home, look_at, Choice::No, writer);
        let what = format!("{} {}", after.id, after.version);
        match transact(&self.tables.documents, OPERATION, &what, writer, vec![put, arm]).await? {
            Outcome::Done => Ok(()),
            Outcome::Refused(refusals) if refusals.is_own(0, writer) => Ok(()),
            Outcome::Refused(_) => Err(StoreError::conflict(OPERATION, format!("{} was changed meanwhile", before.id))),
        }
    }

    /// All that was to be mailed of a home is seen to, as far as it was armed when it was read.
    pub async fn settle(&self, home: Home, mailing: &Mailing) -> Result<(), StoreError> {
        const OPERATION: &str = "deliveries.settle";
        let unchanged = Expression::new(format!("#{WRITER} = :seen")).with("seen", text(&mailing.writer));
        let delete = Write::Delete { key: keys::mailing(self.tenant, home), condition: Some(unchanged) };
        // Refused means that it was armed anew, and is looked at again, or that it is gone.
        self.tables.documents.write(OPERATION, delete, Old::NotNeeded).await.map(|_| ())
    }

    /// Something of a home is still to be seen to, then. What was to be planned is planned.
    pub async fn look_again(&self, home: Home, mailing: &Mailing, at: Instant) -> Result<(), StoreError> {
        let mut changes = Changes::default();
        changes.remove(PLAN);
        self.put_look("deliveries.look_again", home, mailing, at, changes).await
    }

    /// Nothing of a home was seen to; all of it is, then.
    pub async fn look_later(&self, home: Home, mailing: &Mailing, at: Instant) -> Result<(), StoreError> {
        self.put_look("deliveries.look_later", home, mailing, at, Changes::default()).await
    }

    async fn put_look(
        &self,
        operation: &'static str,
        home: Home,
        mailing: &Mailing,
        at: Instant,
        mut changes: Changes,
    ) -> Result<(), StoreError> {
        changes.set(TRANSIT.hash, text(keys::shard_of(home)));
        changes.set(TRANSIT.range, text(keys::listed(at, &home)));
        changes.remove(EMIT);
        let unchanged = Expression::new(format!("#{WRITER} = :seen")).with("seen", text(&mailing.writer));
        let update = Write::Update { key: keys::mailing(self.tenant, home), changes, condition: Some(unchanged) };
        self.tables.documents.write(operation, update, Old::NotNeeded).await.map(|_| ())
    }

    /// Deliveries of an administration that wait, or went wrong, so: the latest first.
    pub async fn list(
        &self,
        administration: AdministrationId,
        state: DeliveryState,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Listed<Delivery>, StoreError> {
        const OPERATION: &str = "deliveries.list";
        let hash = keys::list(self.tenant, administration, state);
        let mut query = Query::index(LISTS, &hash);
        query.order = Order::Descending;
        query.limit = i32::try_from(limit.clamp(1, LIMIT_MAX)).ok();
        if let Some(cursor) = cursor {
            let own = format!("{}#", self.tenant);
            let bounds = [(PK, own.as_str()), (SK, keys::DELIVERY), (LISTS.hash, &hash), (LISTS.range, "")];
            query.start = Some(cursor.key(OPERATION, &bounds)?);
        }
        let page = self.tables.documents.query(OPERATION, query).await?;
        Ok(Listed {
            items: page.items.iter().map(|item| decode(OPERATION, item)).collect::<Result<_, _>>()?,
            next: page.last_key.map(|key| Cursor::of_key(OPERATION, &key)).transpose()?,
        })
    }

    fn written_name(&self, delivery: DeliveryId) -> String {
        format!("{}/mails/{delivery}/invoice.xml", self.tenant)
    }

    /// Keeps an e-invoice that was written for a mail, so that the mail's address opens it (ED-23).
    pub async fn put_written(&self, delivery: DeliveryId, xml: Vec<u8>) -> Result<(), StoreError> {
        let name = self.written_name(delivery);
        self.tables.objects.put("deliveries.put_written", &name, xml, "application/xml").await
    }

    /// A short-lived address of an e-invoice that was written for a mail.
    pub fn written_address(
        &self,
        delivery: DeliveryId,
        download: &Download<'_>,
        seconds: u64,
    ) -> Result<PresignedUrl, StoreError> {
        let name = self.written_name(delivery);
        self.tables.objects.address_to_get("deliveries.written_address", &name, download, seconds)
    }

    /// Marks what is delivered as processed (ED-16), or takes the mark away.
    pub async fn mark_processed(&self, home: Home, processed: Option<&Processed>) -> Result<(), StoreError> {
        const OPERATION: &str = "deliveries.mark_processed";
        let key = keys::processed(self.tenant, home);
        let write = match processed {
            None => Write::Delete { key, condition: None },
            Some(processed) => {
                let body = serde_json::to_string(processed)
                    .map_err(|error| StoreError::bug(OPERATION, "a mark cannot be encoded").caused_by(error))?;
                let mut item = key.item();
                item.insert(BODY.to_owned(), text(body));
                Write::Put { item, condition: None }
            }
        };
        self.tables.documents.write(OPERATION, write, Old::NotNeeded).await.map(|_| ())
    }

    /// Whether, and by whom, it was marked as processed.
    pub async fn processed(&self, home: Home) -> Result<Option<Processed>, StoreError> {
        const OPERATION: &str = "deliveries.processed";
        let key = keys::processed(self.tenant, home);
        let item = self.tables.documents.get(OPERATION, &key, Read::Eventual).await?;
        let Some(item) = item else { return Ok(None) };
        let fields = Fields::of(OPERATION, &item);
        fields.needed(BODY, fields.json(BODY)?).map(Some)
    }
}

impl SystemStore {
    /// What is to be looked at by now, of a shard (0 to 15), the longest waiting first.
    pub async fn still_mails(&self, shard: u8, now: Instant, limit: usize) -> Result<Vec<MailRef>, StoreError> {
        const OPERATION: &str = "system.still_mails";
        let mut query = Query::index(TRANSIT, &keys::mail_shard(shard)).up_to(&keys::until(now));
        query.limit = i32::try_from(limit).ok();
        let page = self.tables.documents.query(OPERATION, query).await?;
        let found = page.items.iter().map(|item| {
            let of = Key::of(item).and_then(|key| keys::of_partition(&key.pk));
            let (tenant, home) = Fields::of(OPERATION, item).needed(PK, of)?;
            Ok(MailRef { tenant, home })
        });
        found.collect()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_listed_is_told_except_what_only_waits() {
        for state in DeliveryState::ALL {
            let waits = state == DeliveryState::Queued;
            assert!(!is_listed(state) || is_told(state) || waits, "{state}");
            assert!(!state.is_error() || is_listed(state), "{state}");
        }
    }
}
