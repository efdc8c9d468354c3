//! Which columns of the overview each user chose (AP-45). A preference of his own: no entry in the audit record.

use super::keys;
use crate::{
    Read, StoreError, Tables,
    item::{Fields, text},
    table::{Old, Write},
};
use domain::{
    ids::{TenantId, UserId},
    overview::Columns,
};
use std::sync::Arc;

const COLUMNS: &str = "columns";

/// What the users of a tenant chose to see.
#[derive(Debug, Clone)]
pub struct Preferences {
    tables: Arc<Tables>,
    tenant: TenantId,
}

impl Preferences {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    /// The columns that a user chose, if he ever did.
    pub async fn columns(&self, user: UserId) -> Result<Option<Columns>, StoreError> {
        const OPERATION: &str = "preferences.columns";
        let key = keys::preferences(self.tenant, user);
        let Some(item) = self.tables.settings.get(OPERATION, &key, Read::Consistent).await? else { return Ok(None) };
        Fields::of(OPERATION, &item).json(COLUMNS)
    }

    /// Keeps the columns that a user chose.
    pub async fn choose_columns(&self, user: UserId, columns: &Columns) -> Result<(), StoreError> {
        const OPERATION: &str = "preferences.choose_columns";
        let json = serde_json::to_string(columns).map_err(|error| StoreError::bug(OPERATION, error.to_string()))?;
        let mut item = keys::preferences(self.tenant, user).item();
        item.insert(COLUMNS.to_owned(), text(json));
        self.tables.settings.write(OPERATION, Write::Put { item, condition: None }, Old::NotNeeded).await?;
        Ok(())
    }
}
