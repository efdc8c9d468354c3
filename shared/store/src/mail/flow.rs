//! On which days a connection sent mails, and which connections are missed.

use super::keys;
use crate::{
    Read, StoreError, SystemStore, Tables,
    expression::Expression,
    item::{Fields, Item, Key, text},
    schema::TRANSIT,
    table::{Old, Query, Write},
};
use chrono::NaiveTime;
use domain::{
    ids::{AdministrationId, MailConnectionId, TenantId},
    mail::MailDays,
    time::{Date, Instant},
};
use std::sync::Arc;

const BODY: &str = "b";

/// The flow of mails of an administration's connections.
#[derive(Debug, Clone)]
pub struct MailFlow {
    tables: Arc<Tables>,
    tenant: TenantId,
    administration: AdministrationId,
}

/// A connection that sent nothing for longer than is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Missed {
    /// Whose.
    pub tenant: TenantId,
    /// Of which administration.
    pub administration: AdministrationId,
    /// Which.
    pub connection: MailConnectionId,
}

fn midnight(day: Date) -> Instant {
    day.and_time(NaiveTime::MIN).and_utc()
}

impl MailFlow {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId, administration: AdministrationId) -> Self {
        Self { tables, tenant, administration }
    }

    /// The days of a connection.
    pub async fn days(&self, connection: MailConnectionId) -> Result<Option<MailDays>, StoreError> {
        const OPERATION: &str = "mail_flow.days";
        let key = keys::flow(self.tenant, self.administration, connection);
        let item = self.tables.documents.get(OPERATION, &key, Read::Eventual).await?;
        let Some(item) = item else { return Ok(None) };
        let fields = Fields::of(OPERATION, &item);
        fields.needed(BODY, fields.json(BODY)?).map(Some)
    }

    /// Notes that a connection sent something on a day: one write a day. Of two at once one is enough.
    pub async fn note(&self, connection: MailConnectionId, day: Date) -> Result<(), StoreError> {
        const OPERATION: &str = "mail_flow.note";
        let before = self.days(connection).await?;
        let after = match before {
            None => MailDays::first(day),
            Some(days) => match days.with(day) {
                None => return Ok(()),
                Some(days) => days,
            },
        };
        let write = |body: &MailDays| {
            serde_json::to_string(body)
                .map_err(|error| StoreError::bug(OPERATION, "days cannot be encoded").caused_by(error))
        };
        let mut item = keys::flow(self.tenant, self.administration, connection).item();
        item.insert(BODY.to_owned(), text(write(&after)?));
        listed(&mut item, connection, after.missed_on());
        let unchanged = match &before {
            None => Expression::absent(),
            Some(days) => Expression::new(format!("#{BODY} = :before")).with("before", text(write(days)?)),
        };
        let put = Write::Put { item, condition: Some(unchanged) };
        self.tables.documents.write(OPERATION, put, Old::NotNeeded).await.map(|_| ())
    }

    /// It was told that a connection is missed: it is told again once it has sent and stopped anew.
    pub async fn told(&self, connection: MailConnectionId) -> Result<(), StoreError> {
        const OPERATION: &str = "mail_flow.told";
        let mut changes = crate::expression::Changes::default();
        changes.remove(TRANSIT.hash);
        changes.remove(TRANSIT.range);
        let key = keys::flow(self.tenant, self.administration, connection);
        let update = Write::Update { key, changes, condition: Some(Expression::present()) };
        self.tables.documents.write(OPERATION, update, Old::NotNeeded).await.map(|_| ())
    }
}

fn listed(item: &mut Item, connection: MailConnectionId, missed_on: Option<Date>) {
    if let Some(day) = missed_on {
        item.insert(TRANSIT.hash.to_owned(), text(keys::flow_shard_of(connection)));
        item.insert(TRANSIT.range.to_owned(), text(keys::listed(midnight(day), &connection)));
    }
}

impl SystemStore {
    /// Connections of a shard (0 to 15) that are missed by now.
    pub async fn missed_mails(&self, shard: u8, now: Instant, limit: usize) -> Result<Vec<Missed>, StoreError> {
        const OPERATION: &str = "system.missed_mails";
        let mut query = Query::index(TRANSIT, &keys::flow_shard(shard)).up_to(&keys::until(now));
        query.limit = i32::try_from(limit).ok();
        let page = self.tables.documents.query(OPERATION, query).await?;
        let found = page.items.iter().map(|item| {
            let of = Key::of(item).and_then(|key| keys::of_flow(&key));
            let (tenant, administration, connection) = Fields::of(OPERATION, item).needed("pk", of)?;
            Ok(Missed { tenant, administration, connection })
        });
        found.collect()
    }
}
