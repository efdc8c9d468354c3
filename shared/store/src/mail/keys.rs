//! Keys of deliveries. Nothing else formats one.
//!
//! | item | pk | sk |
//! | --- | --- | --- |
//! | delivery | `{tenant}#{what is delivered}` | `mail#{delivery}` |
//! | that there is something to mail | same | `mailing` |
//! | that it was marked as processed | same | `processed` |
//! | days on which a connection sent | `{tenant}#{administration}#mailflow` | `{connection}` |
//! | what all functions may send (runs) | `mail#budget` | `budget` |
//! | whose a mail is (runs) | `mail#message#{SES's id}` | `message` |
//!
//! | index | partition | sort |
//! | --- | --- | --- |
//! | lists, what waits or failed | `{tenant}#{administration}#mail#{state}` | `{changed}#{delivery}` |
//! | transit, something to mail | `mail{shard}` | `{look at}#{home}` |
//! | transit, connections by the day on which they are missed | `mailflow{shard}` | `{instant}#{connection}` |

use crate::{
    item::{Key, sortable},
    schema::SHARDS,
    transaction::digest,
};
use domain::{
    ids::{AdministrationId, DeliveryId, Id as _, MailConnectionId, TenantId},
    mail::{DeliveryState, Home},
    time::Instant,
};

/// What the keys of all that is mailed begin with.
pub(super) const MAILS: &str = "mail";
pub(super) const DELIVERY: &str = "mail#";
pub(super) const MAILING: &str = "mailing";
pub(super) const PROCESSED: &str = "processed";

pub(super) fn partition(tenant: TenantId, home: Home) -> String {
    format!("{tenant}#{home}")
}

/// The tenant and the home of a partition.
pub(super) fn of_partition(pk: &str) -> Option<(TenantId, Home)> {
    let (tenant, home) = pk.split_once('#')?;
    Some((tenant.parse().ok()?, home.parse().ok()?))
}

pub(super) fn delivery(tenant: TenantId, home: Home, delivery: DeliveryId) -> Key {
    Key::new(partition(tenant, home), format!("{DELIVERY}{delivery}"))
}

pub(super) fn mailing(tenant: TenantId, home: Home) -> Key {
    Key::new(partition(tenant, home), MAILING)
}

pub(super) fn processed(tenant: TenantId, home: Home) -> Key {
    Key::new(partition(tenant, home), PROCESSED)
}

pub(super) fn list(tenant: TenantId, administration: AdministrationId, state: DeliveryState) -> String {
    format!("{tenant}#{administration}#mail#{state}")
}

pub(super) fn listed(at: Instant, id: &impl std::fmt::Display) -> String {
    format!("{}#{id}", sortable(at))
}

pub(super) fn until(at: Instant) -> String {
    format!("{}#~", sortable(at))
}

fn number(home: Home) -> u128 {
    match home {
        Home::Received(id) => id.ulid().0,
        Home::Issued(id) => id.ulid().0,
        Home::Order(id) => id.ulid().0,
        Home::Run(id) => id.ulid().0,
        Home::Connection(id) => id.ulid().0,
    }
}

pub(super) fn mail_shard(shard: u8) -> String {
    format!("mail{shard}")
}

pub(super) fn shard_of(home: Home) -> String {
    format!("mail{}", number(home) % u128::from(SHARDS))
}

pub(super) fn flow(tenant: TenantId, administration: AdministrationId, connection: MailConnectionId) -> Key {
    Key::new(format!("{tenant}#{administration}#mailflow"), connection.to_string())
}

/// Whose flow a key is.
pub(super) fn of_flow(key: &Key) -> Option<(TenantId, AdministrationId, MailConnectionId)> {
    let (tenant, rest) = key.pk.split_once('#')?;
    let administration = rest.strip_suffix("#mailflow")?;
    Some((tenant.parse().ok()?, administration.parse().ok()?, key.sk.parse().ok()?))
}

pub(super) fn flow_shard(shard: u8) -> String {
    format!("mailflow{shard}")
}

pub(super) fn flow_shard_of(connection: MailConnectionId) -> String {
    format!("mailflow{}", connection.ulid().0 % u128::from(SHARDS))
}

pub(super) fn message(id: &str) -> Key {
    Key::new(format!("mail#message#{id}"), "message")
}

pub(super) fn budget() -> Key {
    Key::new("mail#budget", "budget")
}

/// The id of a delivery: what is delivered, to which mailbox, and what asked for it; the same three are one delivery (ED-26).
pub(super) fn delivery_id(tenant: TenantId, home: Home, mailbox: &str, asked: &str) -> DeliveryId {
    let parts = ["delivery", &tenant.to_string(), &home.to_string(), mailbox, asked];
    let digits = digest(&parts, 32);
    DeliveryId::from_ulid(u128::from_str_radix(&digits, 16).unwrap_or_default().into())
}
