//! The audit record: every change of a setting, right, connection or address, every decision override and download.
//! Entries are only added.

use super::{entity::page, keys};
use crate::{
    Cursor, Listed, StoreError, Tables, Writer,
    item::{Fields, Item, instant, text},
    schema::WRITER,
    table::{Old, Order, Write},
    transaction::digest,
};
use domain::{document::Actor, ids::TenantId, time::Instant};
use std::sync::Arc;

/// One entry.
#[derive(Debug, Clone, PartialEq)]
pub struct AuditEntry {
    /// When.
    pub at: Instant,
    /// Who.
    pub by: Actor,
    /// What was done: `contact.created`, `document.downloaded`.
    pub what: String,
    /// Id of what it was done to.
    pub subject: String,
    /// How it was before; none for what is new.
    pub before: Option<serde_json::Value>,
    /// How it is after; none for what is gone.
    pub after: Option<serde_json::Value>,
}

impl AuditEntry {
    pub(crate) fn write(
        &self,
        operation: &'static str,
        tenant: TenantId,
        writer: &Writer,
    ) -> Result<Write, StoreError> {
        let json = |value: &serde_json::Value| text(value.to_string());
        let by = serde_json::to_string(&self.by).map_err(|error| StoreError::bug(operation, error.to_string()))?;
        let digest = digest(&[&self.what, &self.subject, writer.as_str()], 12);
        let mut item = keys::audit_entry(tenant, self.at, &digest).item();
        let mut put = |name: &str, value| item.insert(name.to_owned(), value);
        put("at", instant(self.at));
        put("by", text(by));
        put("what", text(&self.what));
        put("subject", text(&self.subject));
        put(WRITER, text(writer.as_str()));
        if let Some(before) = &self.before {
            put("before", json(before));
        }
        if let Some(after) = &self.after {
            put("after", json(after));
        }
        Ok(Write::Put { item, condition: None })
    }

    fn read(operation: &'static str, item: &Item) -> Result<Self, StoreError> {
        let fields = Fields::of(operation, item);
        Ok(Self {
            at: fields.needed("at", fields.instant("at")?)?,
            by: fields.needed("by", fields.json("by")?)?,
            what: fields.needed("what", fields.text("what")?)?.to_owned(),
            subject: fields.needed("subject", fields.text("subject")?)?.to_owned(),
            before: fields.json("before")?,
            after: fields.json("after")?,
        })
    }
}

/// The audit record of a tenant.
#[derive(Debug, Clone)]
pub struct Audit {
    tables: Arc<Tables>,
    tenant: TenantId,
}

impl Audit {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    /// Adds an entry for what changes no setting: a download, an override. Added again by the same writer it is the same
    /// entry.
    pub async fn append(&self, entry: &AuditEntry, writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "audit.append";
        let write = entry.write(OPERATION, self.tenant, writer)?;
        self.tables.settings.write(OPERATION, write, Old::NotNeeded).await?;
        Ok(())
    }

    /// A page of entries, newest first.
    pub async fn list(&self, cursor: Option<&Cursor>, limit: usize) -> Result<Listed<AuditEntry>, StoreError> {
        const OPERATION: &str = "audit.list";
        let pk = keys::audit(self.tenant);
        let read = |item: Item| AuditEntry::read(OPERATION, &item);
        page(&self.tables.settings, OPERATION, (&pk, ""), Order::Descending, cursor, limit, read).await
    }
}
