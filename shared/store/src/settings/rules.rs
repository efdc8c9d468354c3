//! Automation rules of an administration, with every version they ever had.
//!
//! A rule posts with its contact's posting template. When that is deleted, its rules are suspended: not one by one, but by
//! an item that lies beside them and is written with the template, so that it holds for all of them, also for those that
//! are made at the same moment, and costs a decision no read of its own.

use super::{
    entity::{Author, Committed, What, audited, commit, commit_alone, item_of, next, page, put},
    keys,
};
use crate::{
    Cursor, ErrorKind, Listed, Read, StoreError, Tables,
    expression::Expression,
    item::{Fields, Item, Key, decode, instant, number, text},
    schema::{SK, WRITER},
    table::{Order, Query, Table, Write},
};
use domain::{
    automation::{AutomationRule, RuleState},
    contact::Contact,
    document::Actor,
    ids::{AdministrationId, ContactId, RuleId, TenantId},
    time::Instant,
};
use std::{collections::BTreeMap, sync::Arc};

/// Whose a rule is.
const CONTACT: &str = "contact";
/// When something was done.
const AT: &str = "at";
/// Who did it.
const BY: &str = "by";
/// The version whose conditions were taken again.
const RESTORED: &str = "restored";
/// Since when there is a posting template again; absent while there is none.
const SINCE: &str = "since";

/// The automation rules of an administration.
#[derive(Debug, Clone)]
pub struct Rules {
    tables: Arc<Tables>,
    tenant: TenantId,
    books: String,
}

/// A rule with the name of its contact.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedRule {
    /// The rule.
    pub rule: AutomationRule,
    /// What its contact is called.
    pub contact_name: Option<String>,
}

/// A version of a rule.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleVersion {
    /// The rule as it was.
    pub rule: AutomationRule,
    /// When it was made so.
    pub at: Instant,
    /// By whom.
    pub by: Actor,
    /// The version whose conditions were taken again, when it was restored.
    pub restored_from: Option<u32>,
}

/// Everything that a rule ever was.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleHistory {
    /// Its contact.
    pub contact: ContactId,
    /// Oldest first.
    pub versions: Vec<RuleVersion>,
    /// When it was deleted and by whom, if it was.
    pub deleted: Option<(Instant, Actor)>,
}

/// Whether the rules of a contact are suspended, or since when they no longer are.
enum Template {
    Deleted,
    Back(Instant),
}

impl Template {
    fn read(operation: &'static str, item: &Item) -> Result<Self, StoreError> {
        Ok(Fields::of(operation, item).instant(SINCE)?.map_or(Self::Deleted, Self::Back))
    }

    fn apply(&self, rule: &mut AutomationRule) {
        match self {
            Self::Deleted => rule.state = RuleState::Suspended,
            Self::Back(since) => rule.effective_from = rule.effective_from.max(*since),
        }
    }
}

/// What is to be written beside the rules of a contact when its first posting template is saved: nothing, as long as none
/// was ever deleted.
pub(super) async fn template_saved(
    table: &Table,
    operation: &'static str,
    (books, contact): (&str, ContactId),
    author: &Author<'_>,
) -> Result<Write, StoreError> {
    let key = keys::rules_template(books, contact);
    Ok(match table.get(operation, &key, Read::Consistent).await? {
        None => Write::Check { key, condition: Expression::absent() },
        Some(_) => {
            let mut item = key.item();
            item.insert(SINCE.to_owned(), instant(author.at));
            item.insert(WRITER.to_owned(), text(author.writer.as_str()));
            Write::Put { item, condition: None }
        }
    })
}

/// What is to be written beside the rules of a contact when its posting template is deleted.
pub(super) fn template_deleted(books: &str, contact: ContactId, author: &Author<'_>) -> Write {
    let mut item = keys::rules_template(books, contact).item();
    item.insert(WRITER.to_owned(), text(author.writer.as_str()));
    Write::Put { item, condition: None }
}

fn signed(operation: &'static str, item: &mut Item, author: &Author<'_>) -> Result<(), StoreError> {
    let by = serde_json::to_string(author.by).map_err(|error| StoreError::bug(operation, error.to_string()))?;
    item.insert(BY.to_owned(), text(by));
    item.insert(AT.to_owned(), instant(author.at));
    Ok(())
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
        let rules = self.read("rules.get", contact, read).await?;
        Ok(rules.into_iter().find(|one| one.id == rule))
    }

    /// A rule whose contact is not known; strongly consistent, so that who made it finds it.
    pub async fn find(&self, rule: RuleId) -> Result<Option<AutomationRule>, StoreError> {
        const OPERATION: &str = "rules.find";
        let key = keys::rule_owner(&self.books, rule);
        let Some(owner) = self.tables.settings.get(OPERATION, &key, Read::Consistent).await? else { return Ok(None) };
        let fields = Fields::of(OPERATION, &owner);
        if fields.instant(AT)?.is_some() {
            return Ok(None);
        }
        self.get(fields.needed(CONTACT, fields.parsed(CONTACT)?)?, rule, Read::Consistent).await
    }

    /// The rules of a contact, in the order in which they were made: what a decision looks at.
    pub async fn of_contact(&self, contact: ContactId) -> Result<Vec<AutomationRule>, StoreError> {
        self.read("rules.of_contact", contact, Read::Eventual).await
    }

    /// As [`Rules::of_contact`], as of now: who made a rule a moment ago finds it.
    pub async fn of_contact_now(&self, contact: ContactId) -> Result<Vec<AutomationRule>, StoreError> {
        self.read("rules.of_contact_now", contact, Read::Consistent).await
    }

    /// The rules of a contact, with what their posting template does to them.
    async fn read(
        &self,
        operation: &'static str,
        contact: ContactId,
        read: Read,
    ) -> Result<Vec<AutomationRule>, StoreError> {
        let query = Query { read, ..Query::prefix(&self.books, &keys::rules_of(contact)) };
        let mut template = None;
        let mut rules: Vec<AutomationRule> = Vec::new();
        for item in self.tables.settings.query_all(operation, query).await? {
            if Key::of(&item).is_some_and(|key| keys::is_rules_template(&key.sk)) {
                template = Some(Template::read(operation, &item)?);
            } else {
                rules.push(decode(operation, item)?);
            }
        }
        if let Some(template) = template {
            for rule in &mut rules {
                template.apply(rule);
            }
        }
        Ok(rules)
    }

    /// A page of the administration's rules, by contact (AP-16). A page may be shorter than its limit and have a next one.
    pub async fn list(&self, cursor: Option<&Cursor>, limit: usize) -> Result<Listed<NamedRule>, StoreError> {
        const OPERATION: &str = "rules.list";
        let read = |item: Item| match Key::of(&item) {
            Some(key) if keys::is_rules_template(&key.sk) => Ok(None),
            Some(_) | None => decode::<AutomationRule>(OPERATION, item).map(Some),
        };
        let prefix = (self.books.as_str(), keys::RULE);
        let listed = page(&self.tables.settings, OPERATION, prefix, Order::Ascending, cursor, limit, read).await?;
        let rules: Vec<AutomationRule> = listed.items.into_iter().flatten().collect();
        let mut contacts: Vec<ContactId> = rules.iter().map(|rule| rule.contact).collect();
        contacts.dedup();
        let wanted: Vec<Key> = contacts
            .iter()
            .flat_map(|contact| [keys::contact(&self.books, *contact), keys::rules_template(&self.books, *contact)])
            .collect();
        let mut found: BTreeMap<String, Item> = BTreeMap::new();
        for item in self.tables.settings.batch_get(OPERATION, &wanted).await? {
            if let Some(key) = Key::of(&item) {
                found.insert(key.sk, item);
            }
        }
        let mut items = Vec::with_capacity(rules.len());
        for mut rule in rules {
            if let Some(item) = found.get(&keys::rules_template(&self.books, rule.contact).sk) {
                Template::read(OPERATION, item)?.apply(&mut rule);
            }
            let contact = found.get(&keys::contact(&self.books, rule.contact).sk).cloned();
            let contact: Option<Contact> = contact.map(|item| decode(OPERATION, item)).transpose()?;
            items.push(NamedRule { rule, contact_name: contact.map(|contact| contact.name) });
        }
        Ok(Listed { items, next: listed.next })
    }

    /// Everything that a rule ever was, also after it was deleted: past decisions name its versions.
    pub async fn history(&self, rule: RuleId) -> Result<Option<RuleHistory>, StoreError> {
        const OPERATION: &str = "rules.history";
        let key = keys::rule_owner(&self.books, rule);
        let Some(owner) = self.tables.settings.get(OPERATION, &key, Read::Consistent).await? else { return Ok(None) };
        let fields = Fields::of(OPERATION, &owner);
        let contact = fields.needed(CONTACT, fields.parsed(CONTACT)?)?;
        let deleted = match fields.instant(AT)? {
            None => None,
            Some(at) => Some((at, fields.needed(BY, fields.json(BY)?)?)),
        };
        let prefix = keys::rule_versions(contact, rule);
        let query = Query { read: Read::Consistent, ..Query::prefix(&self.books, &prefix) };
        let mut versions = Vec::new();
        for item in self.tables.settings.query_all(OPERATION, query).await? {
            let fields = Fields::of(OPERATION, &item);
            let at = fields.needed(AT, fields.instant(AT)?)?;
            let by = fields.needed(BY, fields.json(BY)?)?;
            let restored_from = fields.parsed(RESTORED)?;
            versions.push(RuleVersion { rule: decode(OPERATION, item)?, at, by, restored_from });
        }
        Ok(Some(RuleHistory { contact, versions, deleted }))
    }

    /// Puts a new rule. Its contact has to have a posting template (AP-18): without one that is a conflict.
    pub async fn create(&self, rule: &AutomationRule, author: &Author<'_>) -> Result<(), StoreError> {
        self.put(("rules.create", "rule.created"), None, (rule, None), author).await
    }

    /// Puts an edited rule in place of the one that was read. A rule stays with its contact.
    pub async fn replace(
        &self,
        before: &AutomationRule,
        after: &AutomationRule,
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        self.put(("rules.replace", "rule.changed"), Some(before), (after, None), author).await
    }

    /// Puts a rule with the conditions of an earlier version in place of the one that was read.
    pub async fn restore(
        &self,
        before: &AutomationRule,
        (after, from): (&AutomationRule, u32),
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        self.put(("rules.restore", "rule.restored"), Some(before), (after, Some(from)), author).await
    }

    async fn put(
        &self,
        (operation, event): (&'static str, &str),
        before: Option<&AutomationRule>,
        (after, restored): (&AutomationRule, Option<u32>),
        author: &Author<'_>,
    ) -> Result<(), StoreError> {
        // Whether it is suspended follows from the template and is no part of the rule.
        let after = &AutomationRule { state: RuleState::Active, ..after.clone() };
        if let Some(before) = before {
            next(operation, before.version, after.version)?;
            if before.contact != after.contact || before.id != after.id {
                return Err(StoreError::bug(operation, format!("{} cannot become {}", before.id, after.id)));
            }
        }
        let key = keys::rule(&self.books, after.contact, after.id);
        let version_key = keys::rule_version(&self.books, after.contact, after.id, after.version);
        let item = item_of(operation, &key, after, after.version, author.writer)?;
        let mut version = item_of(operation, &version_key, after, after.version, author.writer)?;
        signed(operation, &mut version, author)?;
        if let Some(restored) = restored {
            version.insert(RESTORED.to_owned(), number(restored));
        }
        let mut writes = vec![put(item, before.map(|before| before.version)), put(version, None)];
        if before.is_none() {
            let mut owner = keys::rule_owner(&self.books, after.id).item();
            owner.insert(CONTACT.to_owned(), text(after.contact.to_string()));
            owner.insert(WRITER.to_owned(), text(author.writer.as_str()));
            writes.push(put(owner, None));
            let template = keys::template(&self.books, after.contact);
            let exists = Expression::new(format!("attribute_exists(#{SK})"));
            writes.push(Write::Check { key: template, condition: exists });
        }
        let old = before.map(|before| audited(operation, before)).transpose()?;
        let new = audited(operation, after)?;
        let subject = after.id.to_string();
        let what = What { operation, event, subject: &subject };
        let values = (old.as_ref(), Some(&new));
        match commit(&self.tables.settings, self.tenant, what, author, values, writes).await? {
            Committed::Done => Ok(()),
            Committed::Refused(_) => {
                Err(StoreError::new(ErrorKind::Conflict, operation, "the contact has no posting template"))
            }
        }
    }

    /// Removes the rule that was read. Its versions stay, and that it was deleted is noted: decisions point to them.
    pub async fn delete(&self, before: &AutomationRule, author: &Author<'_>) -> Result<(), StoreError> {
        const OPERATION: &str = "rules.delete";
        let key = keys::rule(&self.books, before.contact, before.id);
        let unchanged = Expression::new("#version = :before").with("before", number(before.version));
        let mut owner = keys::rule_owner(&self.books, before.id).item();
        owner.insert(CONTACT.to_owned(), text(before.contact.to_string()));
        owner.insert(WRITER.to_owned(), text(author.writer.as_str()));
        signed(OPERATION, &mut owner, author)?;
        let writes =
            vec![Write::Delete { key, condition: Some(unchanged) }, Write::Put { item: owner, condition: None }];
        let old = audited(OPERATION, before)?;
        let subject = before.id.to_string();
        let what = What { operation: OPERATION, event: "rule.deleted", subject: &subject };
        commit_alone(&self.tables.settings, self.tenant, what, author, (Some(&old), None), writes).await
    }
}
