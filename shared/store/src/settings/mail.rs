//! Mail packages of an office, connections of its clients, and addresses that are suspended.

use super::{
    entity::{Author, VERSION, Versioned, What, all, audited, commit_alone, item_of, next, put},
    keys,
};
use crate::{
    Read, StoreError, Tables, Writer,
    expression::Expression,
    item::{Fields, Item, Key, decode, number},
    table::{Old, Query, Write, Written},
};
use domain::{
    ids::{AdministrationId, MailConnectionId, PackageId, TenantId},
    mail::{EmailAddress, MailConnection, MailPackage, OwnText, Suspension},
};
use serde::Serialize;
use std::sync::Arc;

/// The packages of a tenant.
#[derive(Debug, Clone)]
pub struct MailPackages {
    tables: Arc<Tables>,
    tenant: TenantId,
}

/// The mail connections of an administration.
#[derive(Debug, Clone)]
pub struct MailConnections {
    tables: Arc<Tables>,
    tenant: TenantId,
    books: String,
}

/// Where the documents of a client go.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailSettings {
    /// In the order in which they were made.
    pub connections: Vec<MailConnection>,
    /// Addresses that get nothing until somebody confirms them (ED-25).
    pub suspended: Vec<Suspension>,
    /// What mails to customers say, where it is the tenant's own.
    pub customer_text: Option<Versioned<OwnText>>,
}

/// A change of a setting that has a version of its own.
struct Changed<'a, T> {
    key: Key,
    before: Option<(&'a T, u32)>,
    after: Option<(&'a T, u32)>,
}

async fn write<T: Serialize>(
    tables: &Tables,
    tenant: TenantId,
    what: What<'_>,
    changed: Changed<'_, T>,
    author: &Author<'_>,
) -> Result<(), StoreError> {
    let was = changed.before.map(|(_, version)| version);
    let item = match changed.after {
        Some((after, version)) => {
            if let Some(was) = was {
                next(what.operation, was, version)?;
            }
            put(item_of(what.operation, &changed.key, after, version, author.writer)?, was)
        }
        None => {
            let unchanged = Expression::new("#version = :before").with("before", number(was.unwrap_or_default()));
            Write::Delete { key: changed.key, condition: Some(unchanged) }
        }
    };
    let before = changed.before.map(|(value, _)| audited(what.operation, value)).transpose()?;
    let after = changed.after.map(|(value, _)| audited(what.operation, value)).transpose()?;
    commit_alone(&tables.settings, tenant, what, author, (before.as_ref(), after.as_ref()), vec![item]).await
}

impl MailPackages {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    /// All: an office has a handful.
    pub async fn all(&self) -> Result<Vec<MailPackage>, StoreError> {
        all(&self.tables.settings, "mail_packages.all", &self.tenant.to_string(), keys::MAIL_PACKAGE).await
    }

    /// The one with this id.
    pub async fn get(&self, id: PackageId, read: Read) -> Result<Option<MailPackage>, StoreError> {
        const OPERATION: &str = "mail_packages.get";
        let item = self.tables.settings.get(OPERATION, &keys::mail_package(self.tenant, id), read).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// Puts a new one, an edited one in place of the one that was read, or takes one away.
    pub async fn put(
        &self,
        before: Option<&MailPackage>,
        after: Option<&MailPackage>,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        let Some(either) = after.or(before) else { return Ok(()) };
        let event = match (before, after) {
            (None, _) => "mail_package.created",
            (Some(_), Some(_)) => "mail_package.changed",
            (Some(_), None) => "mail_package.deleted",
        };
        let subject = either.id.to_string();
        let what = What { operation: "mail_packages.put", event, subject: &subject };
        let changed = Changed {
            key: keys::mail_package(self.tenant, either.id),
            before: before.map(|it| (it, it.version)),
            after: after.map(|it| (it, it.version)),
        };
        write(&self.tables, self.tenant, what, changed, author).await
    }
}

impl MailConnections {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId, administration: AdministrationId) -> Self {
        Self { tables, tenant, books: keys::books(tenant, administration) }
    }

    /// All that says where documents go, in one read.
    pub async fn all(&self, read: Read) -> Result<MailSettings, StoreError> {
        const OPERATION: &str = "mail_connections.all";
        let mut query = Query::prefix(&self.books, keys::MAIL_TO);
        query.read = read;
        let mut settings = MailSettings::default();
        for item in self.tables.settings.query_all(OPERATION, query).await? {
            let is_suspension =
                |item: &Item| Key::of(item).is_some_and(|key| key.sk.starts_with(keys::MAIL_SUSPENSION));
            if is_suspension(&item) {
                settings.suspended.push(decode(OPERATION, item)?);
            } else if Key::of(&item).is_some_and(|key| key.sk == keys::MAIL_TEXT) {
                let fields = Fields::of(OPERATION, &item);
                let version = fields.needed(VERSION, fields.parsed(VERSION)?)?;
                settings.customer_text = Some(Versioned { value: decode(OPERATION, item)?, version });
            } else {
                settings.connections.push(decode(OPERATION, item)?);
            }
        }
        Ok(settings)
    }

    /// The one with this id.
    pub async fn get(&self, id: MailConnectionId, read: Read) -> Result<Option<MailConnection>, StoreError> {
        const OPERATION: &str = "mail_connections.get";
        let item = self.tables.settings.get(OPERATION, &keys::mail_connection(&self.books, id), read).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// Puts a new one, an edited one in place of the one that was read, or takes one away.
    pub async fn put(
        &self,
        before: Option<&MailConnection>,
        after: Option<&MailConnection>,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        let Some(either) = after.or(before) else { return Ok(()) };
        let event = match (before, after) {
            (None, _) => "mail_connection.created",
            (Some(_), Some(_)) => "mail_connection.changed",
            (Some(_), None) => "mail_connection.deleted",
        };
        let subject = either.id.to_string();
        let what = What { operation: "mail_connections.put", event, subject: &subject };
        let changed = Changed {
            key: keys::mail_connection(&self.books, either.id),
            before: before.map(|it| (it, it.version)),
            after: after.map(|it| (it, it.version)),
        };
        write(&self.tables, self.tenant, what, changed, author).await
    }

    /// Puts what mails to customers say, in place of what was read; or goes back to the usual words.
    pub async fn put_customer_text(
        &self,
        before: Option<&Versioned<OwnText>>,
        after: Option<&OwnText>,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        if before.is_none() && after.is_none() {
            return Ok(());
        }
        let subject = self.books.clone();
        let event = if after.is_some() { "customer_mail_text.changed" } else { "customer_mail_text.deleted" };
        let what = What { operation: "mail_connections.put_customer_text", event, subject: &subject };
        let changed = Changed {
            key: keys::mail_text(&self.books),
            before: before.map(|it| (&it.value, it.version)),
            after: after.map(|it| (it, before.map_or(0, |before| before.version) + 1)),
        };
        write(&self.tables, self.tenant, what, changed, author).await
    }

    /// Suspends an address (ED-25). One that is suspended stays so, for its first reason.
    pub async fn suspend(&self, suspension: &Suspension, writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "mail_connections.suspend";
        let key = keys::mail_suspension(&self.books, &suspension.mailbox);
        let item = item_of(OPERATION, &key, suspension, 1, writer)?;
        let put = Write::Put { item, condition: Some(Expression::absent()) };
        match self.tables.settings.write(OPERATION, put, Old::NotNeeded).await? {
            Written::Done(_) | Written::Refused(_) => Ok(()),
        }
    }

    /// Confirms an address: what waits for it may go.
    pub async fn confirm(&self, suspension: &Suspension, author: &Author<'_>) -> Result<(), StoreError> {
        let subject = suspension.delivery.to_string();
        let what = What { operation: "mail_connections.confirm", event: "mail_address.confirmed", subject: &subject };
        let key = keys::mail_suspension(&self.books, &suspension.mailbox);
        let changed = Changed { key, before: Some((suspension, 1)), after: None };
        write(&self.tables, self.tenant, what, changed, author).await
    }

    /// The suspension of an address.
    pub async fn suspension(&self, mailbox: &EmailAddress) -> Result<Option<Suspension>, StoreError> {
        const OPERATION: &str = "mail_connections.suspension";
        let key = keys::mail_suspension(&self.books, mailbox);
        let item = self.tables.settings.get(OPERATION, &key, Read::Consistent).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }
}
