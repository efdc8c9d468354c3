//! Automation rules of an administration, with every version they ever had.

use super::{
    entity::{Author, What, all, audited, commit_alone, item_of, next, page, put},
    keys,
};
use crate::{
    Cursor, Listed, Read, StoreError, Tables,
    expression::Expression,
    item::{Fields, Item, decode, number, text},
    schema::WRITER,
    table::{Order, Query, Write},
};
use domain::{
    automation::AutomationRule,
    ids::{AdministrationId, ContactId, RuleId, TenantId},
};
use std::sync::Arc;

/// Whose a rule is.
const CONTACT: &str = "contact";

/// The automation rules of an administration.
#[derive(Debug, Clone)]
pub struct Rules {
    tables: Arc<Tables>,
    tenant: TenantId,
    books: String,
}

impl Rules {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId, administration: AdministrationId) -> Self {
        Self { tables, tenant, books: keys::books(tenant, administration) }
    }

    /// A rule.
    pub async fn get(
        &self,
        contact: ContactId,
        rule: RuleId,
        read: Read,
    ) -> Result<Option<AutomationRule>, StoreError> {
        const OPERATION: &str = "rules.get";
        let item = self.tables.settings.get(OPERATION, &keys::rule(&self.books, contact, rule), read).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// A rule whose contact is not known; strongly consistent, so that who made it finds it.
    pub async fn find(&self, rule: RuleId) -> Result<Option<AutomationRule>, StoreError> {
        const OPERATION: &str = "rules.find";
        let key = keys::rule_owner(&self.books, rule);
        let Some(owner) = self.tables.settings.get(OPERATION, &key, Read::Consistent).await? else { return Ok(None) };
        let fields = Fields::of(OPERATION, &owner);
        self.get(fields.needed(CONTACT, fields.parsed(CONTACT)?)?, rule, Read::Consistent).await
    }

    /// The rules of a contact, in the order in which they were made: what a decision looks at.
    pub async fn of_contact(&self, contact: ContactId) -> Result<Vec<AutomationRule>, StoreError> {
        all(&self.tables.settings, "rules.of_contact", &self.books, &keys::rules_of(contact)).await
    }

    /// Whether a contact has rules, as of now, and which is the first.
    pub async fn first_of_contact(&self, contact: ContactId) -> Result<Option<AutomationRule>, StoreError> {
        const OPERATION: &str = "rules.first_of_contact";
        let mut query = Query::prefix(&self.books, &keys::rules_of(contact));
        query.read = Read::Consistent;
        query.limit = Some(1);
        let page = self.tables.settings.query(OPERATION, query).await?;
        page.items.into_iter().next().map(|item| decode(OPERATION, item)).transpose()
    }

    /// A page of the administration's rules, by contact.
    pub async fn list(&self, cursor: Option<&Cursor>, limit: usize) -> Result<Listed<AutomationRule>, StoreError> {
        const OPERATION: &str = "rules.list";
        let read = |item: Item| decode(OPERATION, item);
        let keys = (self.books.as_str(), keys::RULE);
        page(&self.tables.settings, OPERATION, keys, Order::Ascending, cursor, limit, read).await
    }

    /// Every version of a rule, oldest first; also of a rule that was deleted.
    pub async fn versions(&self, contact: ContactId, rule: RuleId) -> Result<Vec<AutomationRule>, StoreError> {
        let prefix = keys::rule_versions(contact, rule);
        all(&self.tables.settings, "rules.versions", &self.books, &prefix).await
    }

    /// Puts a new rule.
    pub async fn create(&self, rule: &AutomationRule, author: &Author<'_>) -> Result<(), StoreError> {
        self.put(("rules.create", "rule.created"), None, rule, author).await
    }

    /// Puts an edited rule in place of the one that was read. A rule stays with its contact.
    pub async fn replace(
        &self,
        before: &AutomationRule,
        after: &AutomationRule,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "rules.replace";
        next(OPERATION, before.version, after.version)?;
        if before.contact != after.contact || before.id != after.id {
            return Err(StoreError::bug(OPERATION, format!("{} cannot become {}", before.id, after.id)));
        }
        self.put((OPERATION, "rule.changed"), Some(before), after, author).await
    }

    async fn put(
        &self,
        (operation, event): (&'static str, &str),
        before: Option<&AutomationRule>,
        after: &AutomationRule,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        let key = keys::rule(&self.books, after.contact, after.id);
        let version_key = keys::rule_version(&self.books, after.contact, after.id, after.version);
        let item = item_of(operation, &key, after, after.version, author.writer)?;
        let version = item_of(operation, &version_key, after, after.version, author.writer)?;
        let mut writes = vec![put(item, before.map(|before| before.version)), put(version, None)];
        if before.is_none() {
            let mut owner = keys::rule_owner(&self.books, after.id).item();
            owner.insert(CONTACT.to_owned(), text(after.contact.to_string()));
            owner.insert(WRITER.to_owned(), text(author.writer.as_str()));
            writes.push(put(owner, None));
        }
        let old = before.map(|before| audited(operation, before)).transpose()?;
        let new = audited(operation, after)?;
        let subject = after.id.to_string();
        let what = What { operation, event, subject: &subject };
        let values = (old.as_ref(), Some(&new));
        commit_alone(&self.tables.settings, self.tenant, what, author, values, writes).await
    }

    /// Removes the rule that was read. Its versions stay: decisions point to them.
    pub async fn delete(&self, before: &AutomationRule, author: &Author<'_>) -> Result<(), StoreError> {
        const OPERATION: &str = "rules.delete";
        let key = keys::rule(&self.books, before.contact, before.id);
        let unchanged = Expression::new("#version = :before").with("before", number(before.version));
        let owner = keys::rule_owner(&self.books, before.id);
        let writes =
            vec![Write::Delete { key, condition: Some(unchanged) }, Write::Delete { key: owner, condition: None }];
        let old = audited(OPERATION, before)?;
        let subject = before.id.to_string();
        let what = What { operation: OPERATION, event: "rule.deleted", subject: &subject };
        commit_alone(&self.tables.settings, self.tenant, what, author, (Some(&old), None), writes).await
    }
}
