//! Posting templates of an administration: one per contact (AP-22, AP-36).

use super::{
    entity::{Author, VERSION, Versioned, What, audited, commit_alone, item_of, put},
    keys, rules,
};
use crate::{
    Read, StoreError, Tables,
    expression::Expression,
    item::{Fields, decode},
    table::Write,
};
use domain::{
    ids::{AdministrationId, ContactId, TenantId},
    template::PostingTemplate,
};
use std::sync::Arc;

/// The posting templates of an administration.
#[derive(Debug, Clone)]
pub struct Templates {
    tables: Arc<Tables>,
    tenant: TenantId,
    books: String,
}

impl Templates {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId, administration: AdministrationId) -> Self {
        Self { tables, tenant, books: keys::books(tenant, administration) }
    }

    /// The template of a contact.
    pub async fn get(&self, contact: ContactId, read: Read) -> Result<Option<Versioned<PostingTemplate>>, StoreError> {
        const OPERATION: &str = "templates.get";
        let key = keys::template(&self.books, contact);
        let Some(item) = self.tables.settings.get(OPERATION, &key, read).await? else { return Ok(None) };
        let fields = Fields::of(OPERATION, &item);
        let version = fields.needed(VERSION, fields.parsed(VERSION)?)?;
        Ok(Some(Versioned { value: decode(OPERATION, item)?, version }))
    }

    /// Puts the first template of a contact, or one in place of the one that was read. The version that it has then. After
    /// a deletion the contact's rules count again, for documents received from now on.
    pub async fn put(
        &self,
        contact: ContactId,
        before: Option<&Versioned<PostingTemplate>>,
        after: &PostingTemplate,
        author: &Author<'_>,
    ) -> Result<u32, StoreError> {
        const OPERATION: &str = "templates.put";
        let version = before.map_or(1, |before| before.version.saturating_add(1));
        let item = item_of(OPERATION, &keys::template(&self.books, contact), after, version, author.writer)?;
        let mut writes = vec![put(item, before.map(|before| before.version))];
        if before.is_none() {
            let contact = (self.books.as_str(), contact);
            writes.push(rules::template_saved(&self.tables.settings, OPERATION, contact, author).await?);
        }
        let old = before.map(|before| audited(OPERATION, &before.value)).transpose()?;
        let new = audited(OPERATION, after)?;
        let subject = contact.to_string();
        let what = What { operation: OPERATION, event: "template.saved", subject: &subject };
        let values = (old.as_ref(), Some(&new));
        commit_alone(&self.tables.settings, self.tenant, what, author, values, writes).await?;
        Ok(version)
    }

    /// Removes the template that was read; the contact's documents are incomplete from then on, and its automation rules
    /// are suspended with the same write.
    pub async fn delete(
        &self,
        contact: ContactId,
        before: &Versioned<PostingTemplate>,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "templates.delete";
        let unchanged = Expression::new("#version = :before").with("before", crate::item::number(before.version));
        let key = keys::template(&self.books, contact);
        let writes = vec![
            Write::Delete { key, condition: Some(unchanged) },
            rules::template_deleted(&self.books, contact, author),
        ];
        let old = audited(OPERATION, &before.value)?;
        let subject = contact.to_string();
        let what = What { operation: OPERATION, event: "template.deleted", subject: &subject };
        commit_alone(&self.tables.settings, self.tenant, what, author, (Some(&old), None), writes).await
    }
}
