//! Runs of order rules. They stand with their order, in the order in which they are done; an open one is in the index of what is
//! under way, so that maintenance finds it when its message is lost.

use super::keys;
use crate::{
    Read, StoreError, SystemStore, Tables, Writer,
    document::head::{EMIT, VERSION},
    expression::Expression,
    item::{Fields, Item, Key, number, text},
    schema::{PK, SHARDS, TRANSIT, WRITER},
    table::{Old, Query, Write, Written},
    transaction::is_by,
};
use domain::{
    ids::{DeliveryId, Id as _, OrderId, TenantId},
    sales::{OrderRun, RunState},
    time::Instant,
};
use serde::de::DeserializeOwned;
use std::sync::Arc;

const BODY: &str = "b";
/// What the relay is asked for.
const ACT: &str = "act";

/// An order that has something to do.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct OrderRef {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub order: OrderId,
}

/// The runs of a tenant's orders.
#[derive(Debug, Clone)]
pub struct OrderRuns {
    tables: Arc<Tables>,
    tenant: TenantId,
}

fn body(operation: &'static str, value: &impl serde::Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::bug(operation, "what is done to an order cannot be encoded").caused_by(error))
}

fn shard(order: OrderId) -> String {
    format!("order{}", order.ulid().0 % u128::from(SHARDS))
}

/// The item of a run. It asks the relay to have the order looked at when it is new, or goes on after it was stopped.
fn item(
    operation: &'static str,
    tenant: TenantId,
    run: &OrderRun,
    writer: &Writer,
    asks: Asks,
) -> Result<Item, StoreError> {
    let mut item = keys::order_run(tenant, run).item();
    item.insert(BODY.to_owned(), text(body(operation, run)?));
    item.insert(VERSION.to_owned(), number(run.version));
    item.insert(WRITER.to_owned(), text(writer.as_str()));
    match asks {
        Asks::ToBeDone => {
            item.insert(EMIT.to_owned(), text(ACT));
        }
        Asks::Nothing => {}
    }
    match run.state {
        RunState::Open => {
            item.insert(TRANSIT.hash.to_owned(), text(shard(run.order)));
            item.insert(TRANSIT.range.to_owned(), text(keys::listed(run.look_at(), &run.order)));
        }
        RunState::Done | RunState::Stopped => {}
    }
    Ok(item)
}

/// What a write of a run asks the relay for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Asks {
    ToBeDone,
    Nothing,
}

/// The writes of runs that an event of their order sets off, to go with the order's own.
pub(super) fn set_off(
    operation: &'static str,
    tenant: TenantId,
    runs: &[OrderRun],
    writer: &Writer,
) -> Result<Vec<Write>, StoreError> {
    runs.iter()
        .map(|run| Ok(Write::Put { item: item(operation, tenant, run, writer, Asks::ToBeDone)?, condition: None }))
        .collect()
}

/// The order of a stream record, when it is that of a run, or of a forwarding that came to its end.
pub(crate) fn of_stream(item: &Item) -> Option<OrderRef> {
    let key = Key::of(item)?;
    if key.sk.starts_with(keys::FORWARD) {
        let (tenant, _) = keys::of_partition(&key.pk)?;
        let order = Fields::of("documents.relay_record", item).parsed("o").ok()??;
        return Some(OrderRef { tenant, order });
    }
    let (tenant, order) = keys::of_order(&key.pk)?;
    key.sk.starts_with(keys::RUN).then_some(OrderRef { tenant, order })
}

impl OrderRuns {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    async fn all<T: DeserializeOwned>(
        &self,
        operation: &'static str,
        order: OrderId,
        prefix: &str,
        read: Read,
    ) -> Result<Vec<T>, StoreError> {
        let pk = keys::order(self.tenant, order).pk;
        let mut query = Query::prefix(&pk, prefix);
        query.read = read;
        let items = self.tables.documents.query_all(operation, query).await?;
        let decoded = |item: &Item| {
            let fields = Fields::of(operation, item);
            fields.needed(BODY, fields.json(BODY)?)
        };
        items.iter().map(decoded).collect()
    }

    /// The runs of an order, in the order in which they are done.
    pub async fn of(&self, order: OrderId, read: Read) -> Result<Vec<OrderRun>, StoreError> {
        self.all("order_runs.of", order, keys::RUN, read).await
    }

    /// Puts a run as it is after an action in place of the one that was read. A conflict means that somebody else goes on with it.
    pub async fn update(&self, before: &OrderRun, after: &OrderRun, writer: &Writer) -> Result<(), StoreError> {
        self.replace("order_runs.update", before, after, writer, Asks::Nothing).await
    }

    /// Puts a stopped run that goes on, and has its order looked at.
    pub async fn retry(&self, before: &OrderRun, after: &OrderRun, writer: &Writer) -> Result<(), StoreError> {
        self.replace("order_runs.retry", before, after, writer, Asks::ToBeDone).await
    }

    async fn replace(
        &self,
        operation: &'static str,
        before: &OrderRun,
        after: &OrderRun,
        writer: &Writer,
        asks: Asks,
    ) -> Result<(), StoreError> {
        if before.version.checked_add(1) != Some(after.version) {
            let detail = format!("version {} of a run cannot follow {}", after.version, before.version);
            return Err(StoreError::bug(operation, detail));
        }
        let unchanged = Expression::new("#v = :before").with("before", number(before.version));
        let put = Write::Put { item: item(operation, self.tenant, after, writer, asks)?, condition: Some(unchanged) };
        match self.tables.documents.write(operation, put, Old::NotNeeded).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(there) if is_by(there.as_ref(), writer) => Ok(()),
            Written::Refused(_) => {
                Err(StoreError::conflict(operation, format!("a run of {} went on meanwhile", before.order)))
            }
        }
    }

    /// The id of the mail that an action of a run asks for.
    pub fn mail_id(&self, run: &OrderRun, place: usize) -> DeliveryId {
        keys::delivery_id(self.tenant, run, place)
    }
}

impl SystemStore {
    /// Orders of a shard (0 to 15) with a run that is to be looked at by now, the longest waiting first.
    pub async fn still_orders(&self, shard: u8, now: Instant, limit: usize) -> Result<Vec<OrderRef>, StoreError> {
        const OPERATION: &str = "system.still_orders";
        let mut query = Query::index(TRANSIT, &format!("order{shard}")).up_to(&keys::listed_until(now));
        query.limit = i32::try_from(limit).ok();
        let page = self.tables.documents.query(OPERATION, query).await?;
        let mut orders = Vec::with_capacity(page.items.len());
        for item in &page.items {
            let fields = Fields::of(OPERATION, item);
            let (tenant, order) = fields.needed(PK, Key::of(item).and_then(|key| keys::of_order(&key.pk)))?;
            let found = OrderRef { tenant, order };
            if !orders.contains(&found) {
                orders.push(found);
            }
        }
        Ok(orders)
    }
}
