//! Erasing: a document with everything that hangs on it, a connection's tokens, and at last everything of a tenant.
//!
//! Whatever has a key of the tenant goes, whoever wrote it: tables are scanned for the tenant's keys, so that nothing is forgotten
//! that a list would not name. Only two things stay: the audit record, which holds no personal data and which no function may
//! remove, and the jobs, which say how far the erasure is and go last.

use crate::{
    Cursor, StoreError, Tables,
    document::keys as documents,
    item::{Item, Key},
    runs::keys as runs,
    settings::keys as settings,
    table::{Old, Query, Table, Write},
};
use domain::ids::{ConnectionId, DocumentId, TenantId};
use std::sync::Arc;

/// How many requests one step makes at most.
const DELETIONS_AT_ONCE: usize = 400;

/// A store of a tenant's things.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Part {
    /// Table of documents.
    Documents,
    /// Table of settings.
    Settings,
    /// Table of runs.
    Runs,
    /// The bucket.
    Bucket,
}

impl Part {
    /// Every one, in the order in which they are wiped.
    pub const ALL: [Self; 4] = [Self::Documents, Self::Settings, Self::Runs, Self::Bucket];
}

/// What a step of erasing came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Wiped {
    /// There is more: go on from here.
    More(Option<Cursor>),
    /// Nothing is left.
    All,
}

/// Erases what a tenant has.
#[derive(Debug, Clone)]
pub struct Eraser {
    tables: Arc<Tables>,
    tenant: TenantId,
}

impl Eraser {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    async fn delete(&self, operation: &'static str, table: &Table, key: Key) -> Result<(), StoreError> {
        table.write(operation, Write::Delete { key, condition: None }, Old::NotNeeded).await.map(|_| ())
    }

    /// Erases a document: files first, the head last, so that one that was begun is found again.
    pub async fn document(&self, id: DocumentId) -> Result<(), StoreError> {
        const OPERATION: &str = "erase.document";
        let table = &self.tables.documents;
        for prefix in [format!("{}/{id}/", self.tenant), format!("uploads/{}/{id}", self.tenant)] {
            while self.tables.objects.delete_some(OPERATION, &prefix).await? > 0 {}
        }
        let mut head = None;
        let query = Query::partition(&documents::partition(self.tenant, id));
        for key in table.query_all(OPERATION, query).await?.iter().filter_map(Key::of) {
            if key.sk == documents::HEAD {
                head = Some(key);
            } else {
                self.delete(OPERATION, table, key).await?;
            }
        }
        match head {
            Some(key) => self.delete(OPERATION, table, key).await,
            None => Ok(()),
        }
    }

    /// Forgets the tokens of a connection.
    pub async fn credential(&self, connection: ConnectionId) -> Result<(), StoreError> {
        const OPERATION: &str = "erase.credential";
        self.delete(OPERATION, &self.tables.runs, runs::credential(self.tenant, connection)).await
    }

    /// Erases a part of what a store holds for the tenant.
    pub async fn wipe(&self, part: Part, from: Option<&Cursor>) -> Result<Wiped, StoreError> {
        const OPERATION: &str = "erase.wipe";
        let table = match part {
            Part::Documents => &self.tables.documents,
            Part::Settings => &self.tables.settings,
            Part::Runs => &self.tables.runs,
            Part::Bucket => return self.wipe_bucket().await,
        };
        let start = match from {
            Some(cursor) => Some(cursor.any_key(OPERATION)?),
            None => None,
        };
        let page = table.scan_keys(OPERATION, &self.tenant.to_string(), start).await?;
        let stays = [settings::audit(self.tenant), runs::jobs(self.tenant)];
        for key in page.items.iter().filter_map(Key::of).filter(|key| !stays.contains(&key.pk)) {
            self.delete(OPERATION, table, key).await?;
        }
        match page.last_key {
            Some(key) => Ok(Wiped::More(Some(Cursor::of_key(OPERATION, &key_only(&key))?))),
            None => Ok(Wiped::All),
        }
    }

    async fn wipe_bucket(&self) -> Result<Wiped, StoreError> {
        const OPERATION: &str = "erase.wipe_bucket";
        let mut deleted = 0;
        for prefix in
            [format!("{}/", self.tenant), format!("uploads/{}/", self.tenant), format!("exports/{}/", self.tenant)]
        {
            while deleted < DELETIONS_AT_ONCE {
                let some = self.tables.objects.delete_some(OPERATION, &prefix).await?;
                if some == 0 {
                    break;
                }
                deleted += some;
            }
        }
        Ok(if deleted == 0 { Wiped::All } else { Wiped::More(None) })
    }

    /// Forgets the jobs themselves: the last thing that is erased.
    pub async fn jobs(&self) -> Result<(), StoreError> {
        const OPERATION: &str = "erase.jobs";
        let query = Query::partition(&runs::jobs(self.tenant));
        for key in self.tables.runs.query_all(OPERATION, query).await?.iter().filter_map(Key::of) {
            self.delete(OPERATION, &self.tables.runs, key).await?;
        }
        Ok(())
    }
}

fn key_only(item: &Item) -> Item {
    Key::of(item).map(|key| key.item()).unwrap_or_default()
}
