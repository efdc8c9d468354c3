//! The deletion of a tenant as far as it was asked for, and what stays afterwards.

use super::{
    entity::{Author, What, audited, commit_alone, item_of, next, put},
    keys,
};
use crate::{
    Read, StoreError, SystemStore, Tables,
    expression::Expression,
    item::{decode, number},
    table::{Old, Write},
};
use domain::{
    ids::TenantId,
    protection::{Deletion, DeletionStage, Tombstone},
};
use std::sync::Arc;

/// The deletion of a tenant; absent for nearly all.
#[derive(Debug, Clone)]
pub struct Deletions {
    tables: Arc<Tables>,
    tenant: TenantId,
}

impl Deletions {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    /// As it stands.
    pub async fn get(&self, read: Read) -> Result<Option<Deletion>, StoreError> {
        const OPERATION: &str = "deletion.get";
        let item = self.tables.settings.get(OPERATION, &keys::deletion(self.tenant), read).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// Puts what was asked for, or the next stage in place of the one that was read.
    pub async fn put(
        &self,
        before: Option<&Deletion>,
        after: &Deletion,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "deletion.put";
        if let Some(before) = before {
            next(OPERATION, before.version, after.version)?;
        }
        let event = match after.stage {
            DeletionStage::Requested => "tenant.deletion_requested",
            DeletionStage::Confirmed { .. } => "tenant.deletion_confirmed",
            DeletionStage::Erasing { .. } => "tenant.erasing",
        };
        let item = item_of(OPERATION, &keys::deletion(self.tenant), after, after.version, author.writer)?;
        self.commit((OPERATION, event), (before, Some(after)), vec![put(item, before.map(|it| it.version))], author)
            .await
    }

    /// Takes it back.
    pub async fn cancel(&self, before: &Deletion, author: &Author<'_>) -> Result<(), StoreError> {
        const OPERATION: &str = "deletion.cancel";
        let unchanged = Expression::new("#version = :before").with("before", number(before.version));
        let write = Write::Delete { key: keys::deletion(self.tenant), condition: Some(unchanged) };
        self.commit((OPERATION, "tenant.deletion_cancelled"), (Some(before), None), vec![write], author).await
    }

    async fn commit(
        &self,
        (operation, event): (&'static str, &str),
        (before, after): (Option<&Deletion>, Option<&Deletion>),
        writes: Vec<Write>,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        // The digest of the token is no business of the audit record.
        let shown = |deletion: &Deletion| audited(operation, &Deletion { token: String::new(), ..deletion.clone() });
        let (old, new) = (before.map(shown).transpose()?, after.map(shown).transpose()?);
        let subject = self.tenant.to_string();
        let what = What { operation, event, subject: &subject };
        commit_alone(&self.tables.settings, self.tenant, what, author, (old.as_ref(), new.as_ref()), writes).await
    }

    /// Notes that nothing is left of the tenant. The first note stays.
    pub async fn bury(&self, tombstone: &Tombstone) -> Result<(), StoreError> {
        const OPERATION: &str = "deletion.bury";
        let item = keys::tombstone(self.tenant).item_of(OPERATION, tombstone)?;
        let write = Write::Put { item, condition: Some(Expression::absent()) };
        self.tables.settings.write(OPERATION, write, Old::NotNeeded).await.map(|_| ())
    }
}

impl SystemStore {
    /// What stays of an erased tenant.
    pub async fn tombstone(&self, tenant: TenantId) -> Result<Option<Tombstone>, StoreError> {
        const OPERATION: &str = "system.tombstone";
        let item = self.tables.settings.get(OPERATION, &keys::tombstone(tenant), Read::Consistent).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }
}
