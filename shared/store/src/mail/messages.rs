//! Whose a mail is by SES's own id of it: needed only where SES tells what becomes of mails without the tags that they were given.

use super::keys;
use crate::{
    Read, StoreError, SystemStore,
    item::{Fields, number, text},
    schema::TTL,
    table::{Old, Write},
};
use chrono::TimeDelta;
use domain::{
    ids::{DeliveryId, TenantId},
    mail::Home,
    time::Instant,
};

const TENANT: &str = "t";
const HOME: &str = "h";
const DELIVERY: &str = "d";

/// A mail is told of for so long at most.
const KEPT: TimeDelta = TimeDelta::days(35);

impl SystemStore {
    /// Notes whose a mail is.
    pub async fn note_message(
        &self,
        message: &str,
        (tenant, home, delivery): (TenantId, Home, DeliveryId),
        now: Instant,
    ) -> Result<(), StoreError> {
        let mut item = keys::message(message).item();
        item.insert(TENANT.to_owned(), text(tenant.to_string()));
        item.insert(HOME.to_owned(), text(home.to_string()));
        item.insert(DELIVERY.to_owned(), text(delivery.to_string()));
        item.insert(TTL.to_owned(), number((now + KEPT).timestamp()));
        let put = Write::Put { item, condition: None };
        self.tables.runs.write("system.note_message", put, Old::NotNeeded).await.map(|_| ())
    }

    /// Whose a mail is.
    pub async fn message(&self, message: &str) -> Result<Option<(TenantId, Home, DeliveryId)>, StoreError> {
        const OPERATION: &str = "system.message";
        let item = self.tables.runs.get(OPERATION, &keys::message(message), Read::Consistent).await?;
        let Some(item) = item else { return Ok(None) };
        let fields = Fields::of(OPERATION, &item);
        let tenant = fields.needed(TENANT, fields.parsed(TENANT)?)?;
        let home = fields.needed(HOME, fields.parsed(HOME)?)?;
        Ok(Some((tenant, home, fields.needed(DELIVERY, fields.parsed(DELIVERY)?)?)))
    }
}
