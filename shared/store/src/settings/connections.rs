//! Administrations and connections: plain versioned settings of the tenant.

use super::{
    entity::{Author, What, all, audited, commit_alone, item_of, next, page, put},
    keys,
};
use crate::{
    Cursor, Listed, Read, StoreError, Tables,
    expression::Expression,
    item::{decode, number},
    runs::Units,
    table::{Order, Write},
};
use domain::{
    ids::{AdministrationId, ConnectionId, TenantId},
    office::{Administration, Connection, User},
};
use std::{
    future::{Ready, ready},
    sync::Arc,
};

macro_rules! settings {
    ($(#[$doc:meta])* $repository:ident of $value:ident, $id:ident, $key:ident, $prefix:ident, $word:literal, $prepare:path) => {
        $(#[$doc])*
        #[derive(Debug, Clone)]
        pub struct $repository {
            tables: Arc<Tables>,
            tenant: TenantId,
        }

        impl $repository {
            pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
                Self { tables, tenant }
            }

            /// The one with this id.
            pub async fn get(&self, id: $id, read: Read) -> Result<Option<$value>, StoreError> {
                const OPERATION: &str = concat!($word, "s.get");
                let item = self.tables.settings.get(OPERATION, &keys::$key(self.tenant, id), read).await?;
                item.map(|item| decode(OPERATION, item)).transpose()
            }

            /// All of the tenant, in the order in which they were made.
            pub async fn all(&self) -> Result<Vec<$value>, StoreError> {
                const OPERATION: &str = concat!($word, "s.all");
                all(&self.tables.settings, OPERATION, &self.tenant.to_string(), keys::$prefix).await
            }

            /// A page of the tenant's, in the order in which they were made.
            pub async fn list(&self, cursor: Option<&Cursor>, limit: usize) -> Result<Listed<$value>, StoreError> {
                const OPERATION: &str = concat!($word, "s.list");
                let pk = self.tenant.to_string();
                let read = |item| decode(OPERATION, item);
                let keys = (pk.as_str(), keys::$prefix);
                page(&self.tables.settings, OPERATION, keys, Order::Ascending, cursor, limit, read).await
            }

            /// Puts a new one.
            pub async fn create(&self, value: &$value, author: &Author<'_>) -> Result<(), StoreError> {
                self.put((concat!($word, "s.create"), concat!($word, ".created")), None, value, author).await
            }

            /// Puts an edited one in place of the one that was read.
            pub async fn replace(
                &self,
                before: &$value,
                after: &$value,
                author: &Author<'_>,
            ) -> Result<(), StoreError> {
                const OPERATION: &str = concat!($word, "s.replace");
                next(OPERATION, before.version, after.version)?;
                self.put((OPERATION, concat!($word, ".changed")), Some(before), after, author).await
            }

            async fn put(
                &self,
                (operation, event): (&'static str, &str),
                before: Option<&$value>,
                after: &$value,
                author: &Author<'_>,
            ) -> Result<(), StoreError> {
                $prepare(&self.tables, self.tenant, before, after).await?;
                let key = keys::$key(self.tenant, after.id);
                let item = item_of(operation, &key, after, after.version, author.writer)?;
                let writes = vec![put(item, before.map(|before| before.version))];
                let old = before.map(|before| audited(operation, before)).transpose()?;
                let new = audited(operation, after)?;
                let subject = after.id.to_string();
                let what = What { operation, event, subject: &subject };
                let values = (old.as_ref(), Some(&new));
                commit_alone(&self.tables.settings, self.tenant, what, author, values, writes).await
            }
        }
    };
}

/// Makes a unit known to maintenance before the first administration posts into it, so that no document can wait in a
/// unit that nobody looks after.
async fn register_unit(
    tables: &Arc<Tables>,
    tenant: TenantId,
    before: Option<&Administration>,
    after: &Administration,
) -> Result<(), StoreError> {
    match &after.unit {
        Some(unit) if before.is_none_or(|before| before.unit.as_ref() != Some(unit)) => {
            Units::new(tables.clone(), tenant).register(unit).await
        }
        Some(_) | None => Ok(()),
    }
}

fn nothing(_: &Arc<Tables>, _: TenantId, _: Option<&Connection>, _: &Connection) -> Ready<Result<(), StoreError>> {
    ready(Ok(()))
}

settings!(
    /// The administrations of a tenant.
    Administrations of Administration, AdministrationId, administration, ADMINISTRATION, "administration", register_unit
);
settings!(
    /// The connections of a tenant.
    Connections of Connection, ConnectionId, connection, CONNECTION, "connection", nothing
);

impl Administrations {
    /// The one with this id, also when it was deleted: for documents that were on their way.
    pub async fn get_even_deleted(&self, id: AdministrationId) -> Result<Option<Administration>, StoreError> {
        const OPERATION: &str = "administrations.get_even_deleted";
        if let Some(administration) = self.get(id, Read::Eventual).await? {
            return Ok(Some(administration));
        }
        let key = keys::removed_administration(self.tenant, id);
        // Boxed, so that what is hardly ever needed makes the callers' futures no larger.
        let item = Box::pin(self.tables.settings.get_surely(OPERATION, &key)).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// All of the tenant, deleted ones included: what belongs to those is kept and has to be accounted for.
    pub async fn all_even_deleted(&self) -> Result<Vec<Administration>, StoreError> {
        const OPERATION: &str = "administrations.all_even_deleted";
        let mut found = self.all().await?;
        let pk = self.tenant.to_string();
        found.extend(all(&self.tables.settings, OPERATION, &pk, keys::REMOVED_ADMINISTRATION).await?);
        Ok(found)
    }

    /// Takes the one that was read out of everybody's sight. What belongs to it stays, for as long as it has to be kept.
    pub async fn delete(&self, before: &Administration, author: &Author<'_>) -> Result<(), StoreError> {
        const OPERATION: &str = "administrations.delete";
        let unchanged = Expression::new("#version = :before").with("before", number(before.version));
        let kept = keys::removed_administration(self.tenant, before.id);
        let kept = item_of(OPERATION, &kept, before, before.version, author.writer)?;
        let key = keys::administration(self.tenant, before.id);
        let writes =
            vec![Write::Delete { key, condition: Some(unchanged) }, Write::Put { item: kept, condition: None }];
        let old = audited(OPERATION, before)?;
        let subject = before.id.to_string();
        let what = What { operation: OPERATION, event: "administration.deleted", subject: &subject };
        commit_alone(&self.tables.settings, self.tenant, what, author, (Some(&old), None), writes).await
    }
}

/// What a decision has to know about a connection.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AutomationFacts {
    /// The connection.
    pub connection: Connection,
    /// Its automation user as it is now, when one is set and exists.
    pub user: Option<User>,
}

impl Connections {
    /// The connection and its automation user.
    pub async fn automation_facts(&self, id: ConnectionId) -> Result<Option<AutomationFacts>, StoreError> {
        let Some(connection) = self.get(id, Read::Eventual).await? else { return Ok(None) };
        let user = match connection.automation_user {
            None => None,
            Some(user) => super::Users::new(self.tables.clone(), self.tenant).get(user, Read::Eventual).await?,
        };
        Ok(Some(AutomationFacts { connection, user }))
    }
}
