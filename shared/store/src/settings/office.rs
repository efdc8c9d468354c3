//! The tenant's own record.

use super::{
    entity::{Author, VERSION, Versioned, What, audited, commit_alone, item_of, put},
    keys,
};
use crate::{
    Read, StoreError, Tables,
    item::{Fields, decode},
};
use domain::{ids::TenantId, office::Tenant};
use std::sync::Arc;

/// The tenant's own record.
#[derive(Debug, Clone)]
pub struct Office {
    tables: Arc<Tables>,
    tenant: TenantId,
}

impl Office {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    /// The tenant, if there is one of this id.
    pub async fn get(&self, read: Read) -> Result<Option<Versioned<Tenant>>, StoreError> {
        const OPERATION: &str = "office.get";
        let Some(item) = self.tables.settings.get(OPERATION, &keys::tenant(self.tenant), read).await? else {
            return Ok(None);
        };
        let fields = Fields::of(OPERATION, &item);
        let version = fields.needed(VERSION, fields.parsed(VERSION)?)?;
        Ok(Some(Versioned { value: decode(OPERATION, item)?, version }))
    }

    /// Puts a new tenant.
    pub async fn create(&self, tenant: &Tenant, author: &Author<'_>) -> Result<(), StoreError> {
        self.put("office.create", "tenant.created", None, tenant, author).await
    }

    /// Puts an edited tenant in place of the one that was read.
    pub async fn replace(
        &self,
        before: &Versioned<Tenant>,
        after: &Tenant,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        self.put("office.replace", "tenant.changed", Some(before), after, author).await
    }

    async fn put(
        &self,
        operation: &'static str,
        event: &str,
        before: Option<&Versioned<Tenant>>,
        after: &Tenant,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        let version = before.map_or(1, |before| before.version.saturating_add(1));
        let item = item_of(operation, &keys::tenant(self.tenant), after, version, author.writer)?;
        let writes = vec![put(item, before.map(|before| before.version))];
        let subject = self.tenant.to_string();
        let old = before.map(|before| audited(operation, &before.value)).transpose()?;
        let new = audited(operation, after)?;
        let what = What { operation, event, subject: &subject };
        commit_alone(&self.tables.settings, self.tenant, what, author, (old.as_ref(), Some(&new)), writes).await
    }
}
