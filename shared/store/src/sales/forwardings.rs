//! Forwardings of issued documents, what each marketplace account was given lately, and addresses of documents.

use super::keys;
use crate::{
    ErrorKind, Read, StoreError, Tables, Writer,
    document::head::{EMIT, VERSION},
    expression::{Changes, Expression},
    item::{Fields, Item, Key, number, text},
    schema::{TTL, WRITER},
    table::{Old, Query, Write, Written},
    transaction::is_by,
};
use chrono::TimeDelta;
use domain::{
    ids::{ConnectionId, IssuedId, TaskId, TenantId},
    sales::{DocumentLink, Forwarding},
    time::Instant,
};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;

const BODY: &str = "b";
const ORDER: &str = "o";
const ID: &str = "i";
/// For so long it is remembered what an account was given: longer than an attempt whose outcome is unknown lasts.
const REMEMBERED: TimeDelta = TimeDelta::hours(48);

/// The forwardings and addresses of a tenant's documents.
#[derive(Debug, Clone)]
pub struct Forwardings {
    tables: Arc<Tables>,
    tenant: TenantId,
}

fn body(operation: &'static str, value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value)
        .map_err(|error| StoreError::bug(operation, "a forwarding cannot be encoded").caused_by(error))
}

fn read<T: DeserializeOwned>(operation: &'static str, item: &Item) -> Result<T, StoreError> {
    let fields = Fields::of(operation, item);
    fields.needed(BODY, fields.json(BODY)?)
}

impl Forwardings {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    /// The forwarding of a document to an account.
    pub async fn get(&self, issued: IssuedId, connection: ConnectionId) -> Result<Option<Forwarding>, StoreError> {
        const OPERATION: &str = "forwardings.get";
        let key = keys::forwarding(self.tenant, issued, connection);
        let item = self.tables.documents.get(OPERATION, &key, Read::Consistent).await?;
        item.map(|item| read(OPERATION, &item)).transpose()
    }

    /// The id of the task that forwards: another one each time that it is asked for.
    pub fn task_id(&self, forwarding: &Forwarding) -> TaskId {
        keys::forward_task(self.tenant, forwarding.issued, forwarding.connection, forwarding.asked_at)
    }

    /// All forwardings of a document.
    pub async fn of(&self, issued: IssuedId) -> Result<Vec<Forwarding>, StoreError> {
        const OPERATION: &str = "forwardings.of";
        let query = Query::prefix(&keys::partition(self.tenant, issued), keys::FORWARD);
        let items = self.tables.documents.query_all(OPERATION, query).await?;
        items.iter().map(|item| read(OPERATION, item)).collect()
    }

    /// Puts a new forwarding, or one in place of the one that was read. At its end the order's actions are called.
    pub async fn put(
        &self,
        before: Option<&Forwarding>,
        after: &Forwarding,
        writer: &Writer,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "forwardings.put";
        let mut item = keys::forwarding(self.tenant, after.issued, after.connection).item();
        item.insert(BODY.to_owned(), text(body(OPERATION, after)?));
        item.insert(VERSION.to_owned(), number(after.version));
        item.insert(WRITER.to_owned(), text(writer.as_str()));
        item.insert(ORDER.to_owned(), text(after.order.to_string()));
        if after.state.is_over() {
            item.insert(EMIT.to_owned(), text("act"));
        }
        let condition = match before {
            None => Expression::absent(),
            Some(before) => Expression::new("#v = :before").with("before", number(before.version)),
        };
        let put = Write::Put { item, condition: Some(condition) };
        match self.tables.documents.write(OPERATION, put, Old::NotNeeded).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(there) if is_by(there.as_ref(), writer) => Ok(()),
            Written::Refused(_) => Err(StoreError::conflict(
                OPERATION,
                format!("the forwarding of {} was changed meanwhile", after.issued),
            )),
        }
    }

    /// Claims an account for a document whose outcome may become unknown: no other is begun there before it is known. Whether it is
    /// this document's now.
    pub async fn claim(&self, connection: ConnectionId, issued: IssuedId) -> Result<bool, StoreError> {
        const OPERATION: &str = "forwardings.claim";
        let mut changes = Changes::default();
        changes.set(ID, text(issued.to_string()));
        let free = Expression::new(format!("attribute_not_exists(#pk) OR #{ID} = :mine"))
            .with("mine", text(issued.to_string()));
        let key = keys::forwarding_claim(self.tenant, connection);
        let update = Write::Update { key, changes, condition: Some(free) };
        match self.tables.runs.write(OPERATION, update, Old::NotNeeded).await? {
            Written::Done(_) => Ok(true),
            Written::Refused(_) => Ok(false),
        }
    }

    /// Gives an account free that this document has claimed.
    pub async fn free(&self, connection: ConnectionId, issued: IssuedId) -> Result<(), StoreError> {
        const OPERATION: &str = "forwardings.free";
        let mine = Expression::new(format!("#{ID} = :mine")).with("mine", text(issued.to_string()));
        let key = keys::forwarding_claim(self.tenant, connection);
        let delete = Write::Delete { key, condition: Some(mine) };
        // Refused means that it was free, or is another's by now.
        self.tables.runs.write(OPERATION, delete, Old::NotNeeded).await.map(|_| ())
    }

    /// Remembers the marketplace's id of what an account was given for a document.
    pub async fn remember(
        &self,
        connection: ConnectionId,
        issued: IssuedId,
        id: &str,
        now: Instant,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "forwardings.remember";
        let mut item = keys::forwarded(self.tenant, connection, issued).item();
        item.insert(ID.to_owned(), text(id));
        item.insert(TTL.to_owned(), number((now + REMEMBERED).timestamp()));
        self.tables.runs.write(OPERATION, Write::Put { item, condition: None }, Old::NotNeeded).await.map(|_| ())
    }

    /// The marketplace's ids of what an account was given lately for other documents than this one.
    pub async fn others(&self, connection: ConnectionId, issued: IssuedId) -> Result<Vec<String>, StoreError> {
        const OPERATION: &str = "forwardings.others";
        let mut query = Query::prefix(&keys::forwarded_of(self.tenant, connection), keys::GIVEN);
        query.read = Read::Consistent;
        let items = self.tables.runs.query_all(OPERATION, query).await?;
        let own = keys::forwarded(self.tenant, connection, issued).sk;
        let others = items.iter().filter(|item| Key::of(item).is_some_and(|key| key.sk != own));
        others
            .map(|item| {
                let fields = Fields::of(OPERATION, item);
                fields.needed(ID, fields.text(ID)?.map(ToOwned::to_owned))
            })
            .collect()
    }

    /// Keeps an address of a document. The same secret twice is one.
    pub async fn put_link(&self, link: &DocumentLink) -> Result<(), StoreError> {
        const OPERATION: &str = "links.put";
        let mut item = keys::link(self.tenant, &link.secret).item();
        item.insert(BODY.to_owned(), text(body(OPERATION, link)?));
        let put = Write::Put { item, condition: Some(Expression::absent()) };
        self.tables.documents.write(OPERATION, put, Old::NotNeeded).await.map(|_| ())
    }

    /// What an address opens.
    pub async fn link(&self, secret: &str) -> Result<Option<DocumentLink>, StoreError> {
        const OPERATION: &str = "links.get";
        let key = keys::link(self.tenant, secret);
        let item = self.tables.documents.get(OPERATION, &key, Read::Consistent).await?;
        item.map(|item| read(OPERATION, &item)).transpose()
    }

    /// Takes an address back.
    pub async fn revoke_link(&self, link: &DocumentLink) -> Result<(), StoreError> {
        const OPERATION: &str = "links.revoke";
        let revoked = DocumentLink { revoked: domain::office::Choice::Yes, ..link.clone() };
        let mut changes = Changes::default();
        changes.set(BODY, text(body(OPERATION, &revoked)?));
        let key = keys::link(self.tenant, &link.secret);
        let update = Write::Update { key, changes, condition: Some(Expression::present()) };
        match self.tables.documents.write(OPERATION, update, Old::NotNeeded).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => Err(StoreError::new(ErrorKind::NotFound, OPERATION, "there is no such address")),
        }
    }
}
