//! One DynamoDB table: the few requests that repositories are made of, with conditions, cost and errors.
//!
//! In expressions, `#name` stands for the attribute `name`: no list of reserved words has to be known.

use crate::{
    error::{StoreError, kind_of},
    expression::{Changes, Expression},
    item::{Item, Key},
    meter::{Cost, Meter, read_half_units, write_units},
    schema::{Index, PK, SK, Schema},
};
use aws_sdk_dynamodb::{
    Client,
    error::SdkError,
    operation::{
        delete_item::DeleteItemError, put_item::PutItemError, transact_write_items::TransactWriteItemsError,
        update_item::UpdateItemError,
    },
    types::{
        AttributeValue, ConditionCheck, ConsumedCapacity, Delete, KeysAndAttributes, Put, ReturnConsumedCapacity,
        ReturnValue, ReturnValuesOnConditionCheckFailure as OnRefusal, TransactWriteItem, Update,
    },
};
use rust_decimal::{
    Decimal,
    prelude::{FromPrimitive as _, ToPrimitive as _},
};
use std::collections::{BTreeMap, HashMap};

/// How fresh a read has to be.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Read {
    /// Sees every write that was answered before. Costs double.
    Consistent,
    /// May be a moment behind.
    Eventual,
}

/// A write, alone or in a transaction.
#[derive(Debug, Clone)]
pub(crate) enum Write {
    Put {
        item: Item,
        condition: Option<Expression>,
    },
    Update {
        key: Key,
        changes: Changes,
        condition: Option<Expression>,
    },
    Delete {
        key: Key,
        condition: Option<Expression>,
    },
    /// Changes nothing; in a transaction only, which it refuses when the condition does not hold.
    Check {
        key: Key,
        condition: Expression,
    },
}

/// How a write ended.
#[derive(Debug)]
pub(crate) enum Written {
    /// Done; the item as it was before, when asked for.
    Done(Option<Item>),
    /// The condition did not hold; the item as it is.
    Refused(Option<Item>),
}

/// How a transaction ended.
#[derive(Debug)]
pub(crate) enum Transacted {
    Done,
    /// For each write whether its condition did not hold, and the item as it is.
    Refused(Vec<Refusal>),
}

#[derive(Debug)]
pub(crate) enum Refusal {
    Held,
    Refused(Option<Item>),
}

/// Whether a write is to return the item as it was.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Old {
    Wanted,
    NotNeeded,
}

/// One page of a query.
#[derive(Debug)]
pub(crate) struct Page {
    pub(crate) items: Vec<Item>,
    pub(crate) last_key: Option<Item>,
}

/// In which order a query goes through sort keys.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Order {
    Ascending,
    Descending,
}

/// A query of one partition.
#[derive(Debug, Clone)]
pub(crate) struct Query {
    pub(crate) index: Option<Index>,
    pub(crate) condition: Expression,
    pub(crate) filter: Option<Expression>,
    pub(crate) read: Read,
    pub(crate) order: Order,
    pub(crate) limit: Option<i32>,
    pub(crate) start: Option<Item>,
}

impl Query {
    /// All items of a partition.
    pub(crate) fn partition(pk: &str) -> Self {
        Self {
            index: None,
            condition: Expression::new("#pk = :pk").with(PK, AttributeValue::S(pk.to_owned())),
            filter: None,
            read: Read::Eventual,
            order: Order::Ascending,
            limit: None,
            start: None,
        }
    }

    /// Items of a partition whose sort key begins so.
    pub(crate) fn prefix(pk: &str, prefix: &str) -> Self {
        let mut query = Self::partition(pk);
        query.condition = Expression::new("#pk = :pk AND begins_with(#sk, :sk)")
            .with(PK, AttributeValue::S(pk.to_owned()))
            .with(SK, AttributeValue::S(prefix.to_owned()));
        query
    }

    /// Items of a partition whose sort key is at least `from` and at most `to`.
    pub(crate) fn range(pk: &str, from: &str, to: &str) -> Self {
        let mut query = Self::partition(pk);
        query.condition = Expression::new("#pk = :pk AND #sk BETWEEN :from AND :to")
            .with(PK, AttributeValue::S(pk.to_owned()))
            .with("from", AttributeValue::S(from.to_owned()))
            .with("to", AttributeValue::S(to.to_owned()));
        query
    }

    /// Entries of an index's partition.
    pub(crate) fn index(index: Index, hash: &str) -> Self {
        let mut query = Self::partition(hash);
        query.condition =
            Expression::new(format!("#{} = :hash", index.hash)).with("hash", AttributeValue::S(hash.to_owned()));
        query.index = Some(index);
        query
    }

    /// Only entries whose sort key is at most this; of an index.
    pub(crate) fn up_to(mut self, range: &str) -> Self {
        if let Some(index) = self.index {
            let range = AttributeValue::S(range.to_owned());
            self.condition.text = format!("{} AND #{} <= :upto", self.condition.text, index.range);
            self.condition = self.condition.with("upto", range);
        }
        self
    }

    /// Only entries whose sort key is at least `from` and at most `to`; of an index.
    pub(crate) fn between(mut self, from: &str, to: &str) -> Self {
        if let Some(index) = self.index {
            self.condition.text = format!("{} AND #{} BETWEEN :from AND :to", self.condition.text, index.range);
            self.condition = self
                .condition
                .with("from", AttributeValue::S(from.to_owned()))
                .with("to", AttributeValue::S(to.to_owned()));
        }
        self
    }
}

/// The most items of one transaction.
pub(crate) const TRANSACTION_ITEMS_MAX: usize = 100;
/// The most keys of one batch read.
const BATCH_KEYS_MAX: usize = 100;
/// How often a batch read asks again for keys that were left out.
const BATCH_ATTEMPTS_MAX: usize = 4;
/// The most pages that are read where all items of a partition are wanted.
const PAGES_MAX: usize = 200;

/// What an item counts for that a filter kept back, where nobody says what was read: a document's head has about as much.
const KEPT_BACK_BYTES: usize = 1024;

/// Units that DynamoDB says were consumed, in halves.
fn half_units(units: f64) -> Option<u32> {
    (Decimal::from_f64(units)? * Decimal::TWO).to_u32().filter(|halves| *halves > 0)
}

/// A table with its client.
#[derive(Debug, Clone)]
pub(crate) struct Table {
    client: Client,
    name: String,
    schema: &'static Schema,
    meter: Meter,
}

/// What came of a conditional write. The SDK's answers and errors are types of their own for each kind of write.
macro_rules! written {
    ($operation:expr, $sent:expr, $error:ident) => {
        match $sent {
            Ok(output) => Written::Done(output.attributes),
            Err(SdkError::ServiceError(context)) if context.err().is_conditional_check_failed_exception() => {
                match context.into_err() {
                    $error::ConditionalCheckFailedException(refused) => Written::Refused(refused.item),
                    other => return Err(StoreError::bug($operation, other.to_string())),
                }
            }
            Err(error) => return Err(StoreError::of_sdk($operation, error)),
        }
    };
}

impl Table {
    pub(crate) fn new(client: Client, name: String, schema: &'static Schema, meter: Meter) -> Self {
        Self { client, name, schema, meter }
    }

    fn tell(&self, operation: &'static str, write_units: u32, read_half_units: u32) {
        let table = self.schema.resource;
        self.meter.tell(Cost { operation, table, write_units, read_half_units, s3_requests: 0, s3_puts: 0 });
    }

    fn tell_read<'a>(&self, operation: &'static str, read: Read, items: impl Iterator<Item = &'a Item>) {
        if self.meter.is_on() {
            self.tell(operation, 0, read_half_units(items.map(crate::size_of_item).sum(), read));
        }
    }

    /// Tells of a read that looked at more items than came back: DynamoDB says itself what it read. Where it does not, each item
    /// that was kept back counts as a kilobyte.
    fn tell_filtered(&self, operation: &'static str, read: Read, looked_at: i32, items: &[Item], said: Option<f64>) {
        if self.meter.is_on() {
            let kept_back = usize::try_from(looked_at).unwrap_or_default().saturating_sub(items.len());
            let bytes = items.iter().map(crate::size_of_item).sum::<usize>() + kept_back * KEPT_BACK_BYTES;
            let half_units = said.and_then(half_units).unwrap_or_else(|| read_half_units(bytes, read));
            self.tell(operation, 0, half_units);
        }
    }

    /// Asks what a read that looks at more items than come back consumes, when that is told.
    fn wants_consumed(&self) -> Option<ReturnConsumedCapacity> {
        self.meter.is_on().then_some(ReturnConsumedCapacity::Total)
    }

    /// One item by its key.
    pub(crate) async fn get(&self, operation: &'static str, key: &Key, read: Read) -> Result<Option<Item>, StoreError> {
        let output = self
            .client
            .get_item()
            .table_name(&self.name)
            .set_key(Some(key.item()))
            .consistent_read(read == Read::Consistent)
            .send()
            .await
            .map_err(|error| StoreError::of_sdk(operation, error))?;
        self.tell_read(operation, read, output.item.iter());
        Ok(output.item)
    }

    /// An item that may be a moment old, but is found when it is there: what the cheap read does not find, a consistent one
    /// looks for.
    pub(crate) async fn get_surely(&self, operation: &'static str, key: &Key) -> Result<Option<Item>, StoreError> {
        match self.get(operation, key, Read::Eventual).await? {
            Some(item) => Ok(Some(item)),
            None => self.get(operation, key, Read::Consistent).await,
        }
    }

    /// The items of these keys that exist, in no order; eventually consistent.
    pub(crate) async fn batch_get(&self, operation: &'static str, keys: &[Key]) -> Result<Vec<Item>, StoreError> {
        self.batch_get_as(operation, keys, Read::Eventual).await
    }

    /// The items of these keys that exist, in no order.
    pub(crate) async fn batch_get_as(
        &self,
        operation: &'static str,
        keys: &[Key],
        read: Read,
    ) -> Result<Vec<Item>, StoreError> {
        let mut found = Vec::with_capacity(keys.len());
        for chunk in keys.chunks(BATCH_KEYS_MAX) {
            let wanted = KeysAndAttributes::builder()
                .set_keys(Some(chunk.iter().map(Key::item).collect()))
                .consistent_read(read == Read::Consistent)
                .build();
            let wanted = wanted.map_err(|error| StoreError::bug(operation, error.to_string()))?;
            let mut rest = Some(HashMap::from([(self.name.clone(), wanted)]));
            let mut attempts = 0;
            while let Some(request) = rest.take() {
                attempts += 1;
                if attempts > BATCH_ATTEMPTS_MAX {
                    return Err(StoreError::new(crate::ErrorKind::Retryable, operation, "keys were left out"));
                }
                let output = self
                    .client
                    .batch_get_item()
                    .set_request_items(Some(request))
                    .send()
                    .await
                    .map_err(|error| StoreError::of_sdk(operation, error))?;
                found.extend(output.responses.unwrap_or_default().into_values().flatten());
                rest = output.unprocessed_keys.filter(|keys| !keys.is_empty());
            }
        }
        if self.meter.is_on() {
            let missing = keys.len().saturating_sub(found.len());
            let units: u32 = found.iter().map(|item| read_half_units(crate::size_of_item(item), read)).sum();
            let absent = read_half_units(0, read).max(1);
            self.tell(operation, 0, units + u32::try_from(missing).unwrap_or_default() * absent);
        }
        Ok(found)
    }

    /// One page of a query.
    pub(crate) async fn query(&self, operation: &'static str, query: Query) -> Result<Page, StoreError> {
        let names = query.condition.attributes().chain(query.filter.iter().flat_map(Expression::attributes)).collect();
        let mut values = query.condition.values;
        let consumed = query.filter.as_ref().and_then(|_| self.wants_consumed());
        let filter = query.filter.map(|filter| {
            values.extend(filter.values);
            filter.text
        });
        let output = self
            .client
            .query()
            .table_name(&self.name)
            .set_index_name(query.index.map(|index| index.name.to_owned()))
            .key_condition_expression(query.condition.text)
            .set_filter_expression(filter)
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(values))
            .consistent_read(query.read == Read::Consistent)
            .scan_index_forward(query.order == Order::Ascending)
            .set_limit(query.limit)
            .set_exclusive_start_key(query.start)
            .set_return_consumed_capacity(consumed)
            .send()
            .await
            .map_err(|error| StoreError::of_sdk(operation, error))?;
        let items = output.items.unwrap_or_default();
        let said = output.consumed_capacity.as_ref().and_then(ConsumedCapacity::capacity_units);
        self.tell_filtered(operation, query.read, output.scanned_count, &items, said);
        Ok(Page { items, last_key: output.last_evaluated_key.filter(|key| !key.is_empty()) })
    }

    /// One page of the keys of items whose partition begins so, over the whole table: everything is looked through and paid for.
    pub(crate) async fn scan_keys(
        &self,
        operation: &'static str,
        prefix: &str,
        start: Option<Item>,
    ) -> Result<Page, StoreError> {
        let filter = Expression::new("begins_with(#pk, :prefix)").with("prefix", AttributeValue::S(prefix.to_owned()));
        let names = filter.attributes().chain([(format!("#{SK}"), SK.to_owned())]).collect();
        let output = self
            .client
            .scan()
            .table_name(&self.name)
            .filter_expression(filter.text)
            .projection_expression(format!("#{PK}, #{SK}"))
            .set_expression_attribute_names(Some(names))
            .set_expression_attribute_values(Some(filter.values))
            .set_exclusive_start_key(start)
            .set_return_consumed_capacity(self.wants_consumed())
            .send()
            .await
            .map_err(|error| StoreError::of_sdk(operation, error))?;
        let items = output.items.unwrap_or_default();
        let said = output.consumed_capacity.as_ref().and_then(ConsumedCapacity::capacity_units);
        self.tell_filtered(operation, Read::Eventual, output.scanned_count, &items, said);
        Ok(Page { items, last_key: output.last_evaluated_key.filter(|key| !key.is_empty()) })
    }

    /// All items that a query finds, up to a bound that no real partition reaches.
    pub(crate) async fn query_all(&self, operation: &'static str, mut query: Query) -> Result<Vec<Item>, StoreError> {
        let mut items = Vec::new();
        for _ in 0..PAGES_MAX {
            let page = self.query(operation, query.clone()).await?;
            items.extend(page.items);
            match page.last_key {
                None => return Ok(items),
                Some(key) => query.start = Some(key),
            }
        }
        Err(StoreError::new(crate::ErrorKind::TooLarge, operation, "more pages than may be read at once"))
    }

    /// One write.
    pub(crate) async fn write(&self, operation: &'static str, write: Write, old: Old) -> Result<Written, StoreError> {
        let metered = self.meter.is_on().then(|| write.clone());
        let want_old = if old == Old::Wanted || self.meter.is_on() { ReturnValue::AllOld } else { ReturnValue::None };
        let written = match write {
            Write::Check { .. } => return Err(StoreError::bug(operation, "a check stands only in a transaction")),
            Write::Put { item, condition } => {
                let (text, names, values) = parts(condition, None);
                let sent = self
                    .client
                    .put_item()
                    .table_name(&self.name)
                    .set_item(Some(item))
                    .set_condition_expression(text)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values(want_old)
                    .return_values_on_condition_check_failure(OnRefusal::AllOld)
                    .send()
                    .await;
                written!(operation, sent, PutItemError)
            }
            Write::Update { key, changes, condition } => {
                let update = changes.expression();
                let (text, names, values) = parts(condition, Some(&update));
                let sent = self
                    .client
                    .update_item()
                    .table_name(&self.name)
                    .set_key(Some(key.item()))
                    .update_expression(update.text)
                    .set_condition_expression(text)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values(want_old)
                    .return_values_on_condition_check_failure(OnRefusal::AllOld)
                    .send()
                    .await;
                written!(operation, sent, UpdateItemError)
            }
            Write::Delete { key, condition } => {
                let (text, names, values) = parts(condition, None);
                let sent = self
                    .client
                    .delete_item()
                    .table_name(&self.name)
                    .set_key(Some(key.item()))
                    .set_condition_expression(text)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values(want_old)
                    .return_values_on_condition_check_failure(OnRefusal::AllOld)
                    .send()
                    .await;
                written!(operation, sent, DeleteItemError)
            }
        };
        if let Some(write) = metered {
            let units = match &written {
                Written::Done(old) => write.units(self.schema, old.as_ref()),
                Written::Refused(there) => write_units(self.schema, there.as_ref(), there.as_ref()),
            };
            self.tell(operation, units, 0);
        }
        Ok(written)
    }

    /// The write as part of a transaction.
    fn transact_item(&self, operation: &'static str, write: Write) -> Result<TransactWriteItem, StoreError> {
        let built = |error: aws_sdk_dynamodb::error::BuildError| StoreError::bug(operation, error.to_string());
        let item = TransactWriteItem::builder();
        Ok(match write {
            Write::Put { item: put, condition } => {
                let (text, names, values) = parts(condition, None);
                let put = Put::builder()
                    .table_name(&self.name)
                    .set_item(Some(put))
                    .set_condition_expression(text)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(OnRefusal::AllOld)
                    .build();
                item.put(put.map_err(built)?).build()
            }
            Write::Update { key, changes, condition } => {
                let update = changes.expression();
                let (text, names, values) = parts(condition, Some(&update));
                let update = Update::builder()
                    .table_name(&self.name)
                    .set_key(Some(key.item()))
                    .update_expression(update.text)
                    .set_condition_expression(text)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(OnRefusal::AllOld)
                    .build();
                item.update(update.map_err(built)?).build()
            }
            Write::Delete { key, condition } => {
                let (text, names, values) = parts(condition, None);
                let delete = Delete::builder()
                    .table_name(&self.name)
                    .set_key(Some(key.item()))
                    .set_condition_expression(text)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(OnRefusal::AllOld)
                    .build();
                item.delete(delete.map_err(built)?).build()
            }
            Write::Check { key, condition } => {
                let (text, names, values) = parts(Some(condition), None);
                let check = ConditionCheck::builder()
                    .table_name(&self.name)
                    .set_key(Some(key.item()))
                    .set_condition_expression(text)
                    .set_expression_attribute_names(names)
                    .set_expression_attribute_values(values)
                    .return_values_on_condition_check_failure(OnRefusal::AllOld)
                    .build();
                item.condition_check(check.map_err(built)?).build()
            }
        })
    }

    /// All writes or none, each to its table; the request is this table's. The token makes a repeated request the same request
    /// for ten minutes.
    pub(crate) async fn transact(
        &self,
        operation: &'static str,
        token: &str,
        writes: Vec<(&Self, Write)>,
    ) -> Result<Transacted, StoreError> {
        if writes.len() > TRANSACTION_ITEMS_MAX {
            let detail = format!("{} writes at once, at most {TRANSACTION_ITEMS_MAX}", writes.len());
            return Err(StoreError::new(crate::ErrorKind::TooLarge, operation, detail));
        }
        if self.meter.is_on() {
            // Each write of a transaction is prepared and committed: two units for one. What was there before is not
            // told, so that index entries that are removed are missing here.
            let mut units: BTreeMap<&'static str, (&Self, u32)> = BTreeMap::new();
            for (table, write) in &writes {
                let of = units.entry(table.schema.resource).or_insert((table, 0));
                of.1 += 2 * write.units(table.schema, None);
            }
            for (table, units) in units.into_values() {
                table.tell(operation, units, 0);
            }
        }
        let item = |(table, write): (&Self, Write)| table.transact_item(operation, write);
        let items = writes.into_iter().map(item).collect::<Result<_, _>>()?;
        let sent =
            self.client.transact_write_items().client_request_token(token).set_transact_items(Some(items)).send().await;
        let cancelled = match sent {
            Ok(_) => return Ok(Transacted::Done),
            Err(SdkError::ServiceError(context)) if context.err().is_transaction_canceled_exception() => {
                match context.into_err() {
                    TransactWriteItemsError::TransactionCanceledException(cancelled) => cancelled,
                    other => return Err(StoreError::bug(operation, other.to_string())),
                }
            }
            Err(error) => return Err(StoreError::of_sdk(operation, error)),
        };
        let mut refusals = Vec::new();
        for reason in cancelled.cancellation_reasons.unwrap_or_default() {
            match reason.code.as_deref() {
                None | Some("None") => refusals.push(Refusal::Held),
                Some("ConditionalCheckFailed") => refusals.push(Refusal::Refused(reason.item)),
                Some(code) => {
                    let message = reason.message.unwrap_or_default();
                    return Err(StoreError::new(kind_of(code, &message), operation, format!("{code}: {message}")));
                }
            }
        }
        Ok(Transacted::Refused(refusals))
    }
}

impl Write {
    fn units(&self, schema: &Schema, old: Option<&Item>) -> u32 {
        match self {
            Self::Put { item, .. } => write_units(schema, old, Some(item)),
            Self::Update { key, changes, .. } => write_units(schema, old, Some(&changes.applied_to(key, old))),
            Self::Delete { .. } | Self::Check { .. } => write_units(schema, old, None),
        }
    }
}

type Parts = (Option<String>, Option<HashMap<String, String>>, Option<HashMap<String, AttributeValue>>);

/// Text, names and values of a condition, with the names and values of an update beside it.
fn parts(condition: Option<Expression>, update: Option<&Expression>) -> Parts {
    let mut names = HashMap::new();
    let mut values = HashMap::new();
    for expression in condition.iter().chain(update) {
        names.extend(expression.attributes());
        values.extend(expression.values.clone());
    }
    let filled = |empty: bool| (!empty).then_some(());
    let (some_names, some_values) = (filled(names.is_empty()), filled(values.is_empty()));
    (condition.map(|condition| condition.text), some_names.map(|()| names), some_values.map(|()| values))
}
