//! Snapshots of what a ledger lists, with their age.

use super::keys;
use crate::{
    StoreError, Tables, blob,
    item::{Fields, instant},
    table::{Old, Write},
};
use domain::{
    document::UnitId,
    ids::TenantId,
    ledger::{DirectoryEntry, DirectoryKind},
    time::Instant,
};
use std::sync::Arc;

const FETCHED_AT: &str = "at";

/// A snapshot.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Directory {
    /// What the ledger listed, in its order.
    pub entries: Vec<DirectoryEntry>,
    /// When.
    pub fetched_at: Instant,
}

/// The snapshots of a tenant's ledgers.
#[derive(Debug, Clone)]
pub struct Directories {
    tables: Arc<Tables>,
    tenant: TenantId,
}

impl Directories {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    /// The last snapshot, or one that was replaced a moment ago.
    pub async fn get(&self, unit: &UnitId, kind: DirectoryKind) -> Result<Option<Directory>, StoreError> {
        const OPERATION: &str = "directories.get";
        let key = keys::directory(self.tenant, unit, kind);
        let Some(item) = self.tables.settings.get_surely(OPERATION, &key).await? else { return Ok(None) };
        let fields = Fields::of(OPERATION, &item);
        Ok(Some(Directory {
            fetched_at: fields.needed(FETCHED_AT, fields.instant(FETCHED_AT)?)?,
            entries: blob::load(&self.tables.objects, OPERATION, &item).await?,
        }))
    }

    /// Puts a snapshot in place of the last one.
    pub async fn put(&self, unit: &UnitId, kind: DirectoryKind, directory: &Directory) -> Result<(), StoreError> {
        const OPERATION: &str = "directories.put";
        let mut item = keys::directory(self.tenant, unit, kind).item();
        item.insert(FETCHED_AT.to_owned(), instant(directory.fetched_at));
        let object = || {
            let unit = unit.to_string().replace('/', ".");
            let at = directory.fetched_at.timestamp_millis();
            format!("{}/directories/{unit}/{}-{at}", self.tenant, kind.as_str())
        };
        blob::store(&self.tables.objects, OPERATION, &mut item, &directory.entries, object).await?;
        self.tables.settings.write(OPERATION, Write::Put { item, condition: None }, Old::NotNeeded).await?;
        Ok(())
    }
}
