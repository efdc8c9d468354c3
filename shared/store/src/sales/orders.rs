//! Orders of an administration, counters of its series, and issuing: one transaction for number, document and order.

use super::{issued, keys, order_runs};
use crate::{
    Cursor, ErrorKind, Listed, Read, StoreError, Tables, Writer, blob,
    document::head::VERSION,
    expression::Expression,
    item::{Fields, Item, number, text},
    schema::{LISTS, PK, SK, WRITER},
    table::{Old, Order as Direction, Query, Write, Written},
    transaction::{Outcome, digest, is_by, transact},
};
use domain::{
    document::Step,
    ids::{AdministrationId, IssuedId, OrderId, SeriesId, TenantId},
    sales::{Counter, Issued, IssuedContent, IssuedKind, Order, OrderReference, OrderRun, OrderSource},
};
use std::sync::Arc;

const COUNT: &str = "n";
const DATE: &str = "d";
/// The most orders of one page.
const LIMIT_MAX: usize = 100;

/// What putting an order came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is new.
    New,
    /// There is one of this source and reference.
    Existing(Box<Order>),
}

/// A document that is to be issued: what changes with it, and what it was decided from.
#[derive(Debug, Clone)]
pub struct Issue<'a> {
    /// The order as it was read.
    pub before: &'a Order,
    /// The order with the document.
    pub after: &'a Order,
    /// The counter of the series as it was read.
    pub counter: Option<Counter>,
    /// The counter with the document's number.
    pub next: Counter,
    /// The document.
    pub issued: &'a Issued,
    /// What it says.
    pub content: &'a IssuedContent,
    /// What is asked for with it.
    pub step: Step,
}

/// What issuing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum IssueOutcome {
    /// It is issued.
    Issued,
    /// It was issued before.
    Existing(Box<Issued>),
    /// Somebody else took the number, or changed the order: read both again.
    Overtaken,
}

/// The orders of an administration.
#[derive(Debug, Clone)]
pub struct Orders {
    tables: Arc<Tables>,
    tenant: TenantId,
    administration: AdministrationId,
}

impl Orders {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId, administration: AdministrationId) -> Self {
        Self { tables, tenant, administration }
    }

    /// The id of an order: the same source and reference name the same one.
    pub fn id(&self, source: &OrderSource, reference: &OrderReference) -> OrderId {
        keys::order_id(self.tenant, self.administration, source, reference)
    }

    /// The id of the one document of a kind that an order has.
    pub fn document_id(&self, order: OrderId, kind: IssuedKind) -> IssuedId {
        keys::issued_id(self.tenant, order, kind.as_str())
    }

    async fn item(&self, operation: &'static str, order: &Order, writer: &Writer) -> Result<Item, StoreError> {
        let mut item = keys::order(self.tenant, order.id).item();
        let object = || {
            let writer = digest(&[writer.as_str()], 12);
            format!("{}/{}/order/{}-{writer}", self.tenant, order.id, order.version)
        };
        blob::store(&self.tables.objects, operation, &mut item, order, object).await?;
        item.insert(VERSION.to_owned(), number(order.version));
        item.insert(WRITER.to_owned(), text(writer.as_str()));
        item.insert(LISTS.hash.to_owned(), text(keys::orders(self.tenant, order.administration)));
        item.insert(LISTS.range.to_owned(), text(keys::listed(order.received_at, &order.id)));
        Ok(item)
    }

    async fn read(&self, operation: &'static str, item: &Item) -> Result<Order, StoreError> {
        blob::load(&self.tables.objects, operation, item).await
    }

    /// Writes an order, and the runs that this sets off; what was there, when it is not as it should be.
    async fn put(
        &self,
        operation: &'static str,
        order: &Order,
        condition: Expression,
        runs: &[OrderRun],
        writer: &Writer,
    ) -> Result<Written, StoreError> {
        let item = self.item(operation, order, writer).await?;
        let put = Write::Put { item, condition: Some(condition) };
        if runs.is_empty() {
            return self.tables.documents.write(operation, put, Old::NotNeeded).await;
        }
        let mut writes = vec![put];
        writes.extend(order_runs::set_off(operation, self.tenant, runs, writer)?);
        let what = format!("{} {}", order.id, order.version);
        match transact(&self.tables.documents, operation, &what, writer, writes).await? {
            Outcome::Done => Ok(Written::Done(None)),
            Outcome::Refused(refusals) => Ok(Written::Refused(refusals.item(0).cloned())),
        }
    }

    /// Takes an order, unless it is there, and sets off these runs.
    pub async fn create(&self, order: &Order, runs: &[OrderRun], writer: &Writer) -> Result<Taken, StoreError> {
        const OPERATION: &str = "orders.create";
        let there = match self.put(OPERATION, order, Expression::absent(), runs, writer).await? {
            Written::Done(_) => return Ok(Taken::New),
            Written::Refused(there) => there,
        };
        let Some(there) = there else {
            return Err(StoreError::conflict(OPERATION, "an order of this id came and went"));
        };
        let existing = self.read(OPERATION, &there).await?;
        let is_own = is_by(Some(&there), writer) && existing.version == order.version;
        Ok(if is_own { Taken::New } else { Taken::Existing(Box::new(existing)) })
    }

    /// An order, when it is of this administration.
    pub async fn get(&self, id: OrderId, read: Read) -> Result<Option<Order>, StoreError> {
        const OPERATION: &str = "orders.get";
        let item = self.tables.documents.get(OPERATION, &keys::order(self.tenant, id), read).await?;
        let Some(item) = item else { return Ok(None) };
        let order = self.read(OPERATION, &item).await?;
        Ok((order.administration == self.administration).then_some(order))
    }

    /// Puts a changed order in place of the one that was read, and sets off these runs.
    pub async fn replace(
        &self,
        before: &Order,
        after: &Order,
        runs: &[OrderRun],
        writer: &Writer,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "orders.replace";
        match self.put(OPERATION, after, unchanged(before), runs, writer).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(there) if is_by(there.as_ref(), writer) => Ok(()),
            Written::Refused(_) => Err(StoreError::conflict(OPERATION, format!("{} was changed meanwhile", before.id))),
        }
    }

    /// A page of orders, the newest first.
    pub async fn list(&self, cursor: Option<&Cursor>, limit: usize) -> Result<Listed<Order>, StoreError> {
        const OPERATION: &str = "orders.list";
        let hash = keys::orders(self.tenant, self.administration);
        let mut query = Query::index(LISTS, &hash);
        query.order = Direction::Descending;
        query.limit = i32::try_from(limit.clamp(1, LIMIT_MAX)).ok();
        if let Some(cursor) = cursor {
            let own = format!("{}#", self.tenant);
            let bounds = [(PK, own.as_str()), (SK, keys::HEAD), (LISTS.hash, &hash), (LISTS.range, "")];
            query.start = Some(cursor.key(OPERATION, &bounds)?);
        }
        let page = self.tables.documents.query(OPERATION, query).await?;
        let mut items = Vec::with_capacity(page.items.len());
        for item in &page.items {
            items.push(self.read(OPERATION, item).await?);
        }
        Ok(Listed { items, next: page.last_key.map(|key| Cursor::of_key(OPERATION, &key)).transpose()? })
    }

    /// How far a series has counted; nothing before its first document. Strongly consistent.
    pub async fn counter(&self, series: SeriesId) -> Result<Option<Counter>, StoreError> {
        const OPERATION: &str = "orders.counter";
        let key = keys::counter(self.tenant, self.administration, series);
        let Some(item) = self.tables.documents.get(OPERATION, &key, Read::Consistent).await? else { return Ok(None) };
        let fields = Fields::of(OPERATION, &item);
        Ok(Some(Counter {
            count: fields.needed(COUNT, fields.parsed(COUNT)?)?,
            date: fields.needed(DATE, fields.parsed(DATE)?)?,
        }))
    }

    /// Issues a document: its number is taken, it is stored, and its order names it, all or nothing.
    pub async fn issue(&self, issue: &Issue<'_>, writer: &Writer) -> Result<IssueOutcome, StoreError> {
        const OPERATION: &str = "orders.issue";
        let (id, series) = (issue.issued.id, issue.issued.series);
        let mut counter = keys::counter(self.tenant, self.administration, series).item();
        counter.insert(COUNT.to_owned(), number(issue.next.count));
        counter.insert(DATE.to_owned(), text(issue.next.date.to_string()));
        let as_read = match issue.counter {
            None => Expression::absent(),
            Some(before) => Expression::new("#n = :count AND #d = :date")
                .with("count", number(before.count))
                .with("date", text(before.date.to_string())),
        };
        let mut content = keys::content(self.tenant, id).item();
        let object = || {
            let writer = digest(&[writer.as_str(), &issue.issued.number], 12);
            format!("{}/{id}/content/{writer}", self.tenant)
        };
        blob::store(&self.tables.objects, OPERATION, &mut content, issue.content, object).await?;
        let head = issued::new_item(OPERATION, self.tenant, issue.issued, issue.step, writer)?;
        let order = self.item(OPERATION, issue.after, writer).await?;
        let writes = vec![
            Write::Put { item: head, condition: Some(Expression::absent()) },
            Write::Put { item: content, condition: None },
            Write::Put { item: counter, condition: Some(as_read) },
            Write::Put { item: order, condition: Some(unchanged(issue.before)) },
        ];
        let what = format!("{id} {} {}", issue.issued.number, issue.after.version);
        let refusals = match transact(&self.tables.documents, OPERATION, &what, writer, writes).await {
            Ok(Outcome::Done) => return Ok(IssueOutcome::Issued),
            Ok(Outcome::Refused(refusals)) => refusals,
            // Another transaction has the counter right now.
            Err(error) if error.kind() == ErrorKind::Conflict => return Ok(IssueOutcome::Overtaken),
            Err(error) => return Err(error),
        };
        if refusals.is_own(0, writer) {
            return Ok(IssueOutcome::Issued);
        }
        match refusals.item(0) {
            Some(there) => {
                Ok(IssueOutcome::Existing(Box::new(issued::decode(OPERATION, there).map(|(_, issued)| issued)?)))
            }
            None => Ok(IssueOutcome::Overtaken),
        }
    }
}

fn unchanged(before: &Order) -> Expression {
    Expression::new("#v = :before").with("before", number(before.version))
}
