//! Keys of orders, counters and issued documents, which stand in the table of documents. Nothing else formats one.
//!
//! | item | pk | sk |
//! | --- | --- | --- |
//! | order | `{tenant}#{order}` | `head` |
//! | run of an order rule | same | `run#{event}#{rule}` |
//! | forwarding to a marketplace | `{tenant}#{issued}` | `forward#{connection}` |
//! | address of a document | `{tenant}#links` | `{secret}` |
//! | what was warned of | `{tenant}#{administration}#warned` | its name |
//! | run in bulk | `{tenant}#{administration}#passes` | `{task}` |
//! | counter of a series | `{tenant}#{administration}#counters` | `{series}` |
//! | head of an issued document | `{tenant}#{issued}` | `head` |
//! | what it says | same | `content` |
//! | history entry | same | `h#{version}#{instant}` |
//!
//! | index | partition | sort |
//! | --- | --- | --- |
//! | lists, orders | `{tenant}#{administration}#orders` | `{received}#{order}` |
//! | lists, issued and not passed | `{tenant}#{administration}#unpassed` | `{issued}#{id}` |
//! | lists, passed or withheld | `{tenant}#{administration}#issued` | `{issued}#{id}` |
//! | units | as for documents | `{due}#{issue date}.{issued}#{id}` |
//! | transit, open runs | `order{shard}` | `{since}#{order}` |

use crate::item::{Key, sortable};
use domain::{
    ids::{AdministrationId, ConnectionId, DeliveryId, Id as _, IssuedId, OrderId, SeriesId, TaskId, TenantId},
    sales::{OrderReference, OrderRun, OrderSource, Passing},
    time::Instant,
};

pub(crate) const HEAD: &str = "head";
pub(crate) const HISTORY: &str = "h#";

pub(crate) fn order(tenant: TenantId, order: OrderId) -> Key {
    Key::new(format!("{tenant}#{order}"), HEAD)
}

pub(crate) const RUN: &str = "run#";

/// The tenant and order of a partition.
pub(crate) fn of_order(pk: &str) -> Option<(TenantId, OrderId)> {
    let (tenant, order) = pk.split_once('#')?;
    Some((tenant.parse().ok()?, order.parse().ok()?))
}

/// Runs of an order sort in the order in which they are done.
pub(crate) fn order_run(tenant: TenantId, run: &OrderRun) -> Key {
    Key::new(format!("{tenant}#{}", run.order), format!("{RUN}{:010}#{}", run.event, run.rule))
}

pub(crate) fn pass_runs(tenant: TenantId, administration: AdministrationId) -> String {
    format!("{tenant}#{administration}#passes")
}

pub(crate) fn pass_run(tenant: TenantId, administration: AdministrationId, run: TaskId) -> Key {
    Key::new(pass_runs(tenant, administration), run.to_string())
}

pub(crate) const FORWARD: &str = "forward#";

pub(crate) fn forwarding(tenant: TenantId, issued: IssuedId, connection: ConnectionId) -> Key {
    Key::new(partition(tenant, issued), format!("{FORWARD}{connection}"))
}

pub(crate) fn link(tenant: TenantId, secret: &str) -> Key {
    Key::new(format!("{tenant}#links"), secret)
}

/// In the table of runs: which document an account is claimed for, and what it was given lately.
pub(crate) fn forwarded_of(tenant: TenantId, connection: ConnectionId) -> String {
    format!("{tenant}#{connection}#forwarded")
}

pub(crate) fn forwarding_claim(tenant: TenantId, connection: ConnectionId) -> Key {
    Key::new(forwarded_of(tenant, connection), "claim")
}

pub(crate) const GIVEN: &str = "given#";

pub(crate) fn forwarded(tenant: TenantId, connection: ConnectionId, issued: IssuedId) -> Key {
    Key::new(forwarded_of(tenant, connection), format!("{GIVEN}{issued}"))
}

/// The id of the task that forwards a document to an account.
pub(crate) fn forward_task(tenant: TenantId, issued: IssuedId, connection: ConnectionId, at: Instant) -> TaskId {
    let parts = [&tenant.to_string(), &issued.to_string(), &connection.to_string(), &sortable(at)];
    TaskId::from_ulid(derived(&parts.map(String::as_str)).into())
}

/// What an administration was warned of.
pub(crate) fn warned(tenant: TenantId, administration: AdministrationId, of: &str) -> Key {
    Key::new(format!("{tenant}#{administration}#warned"), of)
}

pub(crate) fn listed_until(at: Instant) -> String {
    format!("{}#~", sortable(at))
}

pub(crate) fn orders(tenant: TenantId, administration: AdministrationId) -> String {
    format!("{tenant}#{administration}#orders")
}

pub(crate) fn listed(at: Instant, id: &impl std::fmt::Display) -> String {
    format!("{}#{id}", sortable(at))
}

pub(crate) fn counter(tenant: TenantId, administration: AdministrationId, series: SeriesId) -> Key {
    Key::new(format!("{tenant}#{administration}#counters"), series.to_string())
}

pub(crate) fn partition(tenant: TenantId, issued: IssuedId) -> String {
    format!("{tenant}#{issued}")
}

/// The tenant and issued document of a partition.
pub(crate) fn of_partition(pk: &str) -> Option<(TenantId, IssuedId)> {
    let (tenant, issued) = pk.split_once('#')?;
    Some((tenant.parse().ok()?, issued.parse().ok()?))
}

/// Whether an image of the stream is that of an issued document.
pub(crate) fn is_issued(pk: &str) -> bool {
    pk.split_once('#').is_some_and(|(_, id)| id.starts_with(IssuedId::PREFIX))
}

pub(crate) fn head(tenant: TenantId, issued: IssuedId) -> Key {
    Key::new(partition(tenant, issued), HEAD)
}

pub(crate) fn content(tenant: TenantId, issued: IssuedId) -> Key {
    Key::new(partition(tenant, issued), "content")
}

pub(crate) fn history(tenant: TenantId, issued: IssuedId, version: u32, at: Instant) -> Key {
    Key::new(partition(tenant, issued), format!("{HISTORY}{version:06}#{}", sortable(at)))
}

/// The list in which an issued document stands: what still has to be passed is found without going through what was.
pub(crate) fn list(tenant: TenantId, administration: AdministrationId, passing: Passing) -> String {
    let name = match passing {
        Passing::NotPassed | Passing::Passing | Passing::Failed | Passing::Uncertain => "unpassed",
        Passing::Passed | Passing::Withheld => "issued",
    };
    format!("{tenant}#{administration}#{name}")
}

/// The id that an order has: the same source and reference name the same one.
pub(crate) fn order_id(
    tenant: TenantId,
    administration: AdministrationId,
    source: &OrderSource,
    reference: &OrderReference,
) -> OrderId {
    let parts = ["order", &tenant.to_string(), &administration.to_string(), source.as_str(), reference.as_str()];
    OrderId::from_ulid(derived(&parts).into())
}

/// The id of the one document of a kind that an order has.
pub(crate) fn issued_id(tenant: TenantId, order: OrderId, kind: &str) -> IssuedId {
    IssuedId::from_ulid(derived(&["issued", &tenant.to_string(), &order.to_string(), kind]).into())
}

/// The id of the mail that an action of a run asks for: by its place, and by which try of the run.
pub(crate) fn delivery_id(tenant: TenantId, run: &OrderRun, place: usize) -> DeliveryId {
    let parts = ["mail", &tenant.to_string(), &run.order.to_string(), &run.event.to_string(), &run.rule.to_string()];
    let place = place.to_string();
    DeliveryId::from_ulid(derived(&[parts.as_slice(), &[place.as_str()]].concat()).into())
}

fn derived(parts: &[&str]) -> u128 {
    let digits = crate::transaction::digest(parts, 32);
    u128::from_str_radix(&digits, 16).unwrap_or_default()
}
