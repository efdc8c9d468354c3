//! Contacts of an administration, and the keys by which documents find them (AP-55).

use super::{
    entity::{Author, Committed, VERSION, Versioned, What, audited, commit, item_of, next, page, put},
    keys,
};
use crate::{
    Cursor, Listed, Read, StoreError, Tables,
    expression::{Changes, Expression},
    item::{Fields, Item, Key, decode, number, text},
    schema::WRITER,
    table::{Old, Order, Write, Written},
};
use domain::{
    contact::{Contact, MatchKey},
    ids::{AdministrationId, ContactId, TenantId},
    ledger::{Direction, LedgerContact},
    template::PostingTemplate,
};
use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

/// Who a contact is in the ledger.
const LEDGER_CONTACT: &str = "ledger_contact";
/// The contact that has a match key.
const OWNER: &str = "contact";

/// Why a contact was not stored.
#[derive(Debug, thiserror::Error)]
pub enum ContactError {
    /// Another contact of the same direction is known by this key.
    #[error("contact {by} is already known by {} {}", key.parts().0, key.parts().1)]
    KeyTaken {
        /// Which key.
        key: MatchKey,
        /// Whose it is.
        by: ContactId,
    },
    /// Anything else.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// A contact that is known by a key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// By this key.
    pub key: MatchKey,
    /// This contact.
    pub contact: ContactId,
}

/// The contacts of an administration.
#[derive(Debug, Clone)]
pub struct Contacts {
    tables: Arc<Tables>,
    tenant: TenantId,
    books: String,
}

impl Contacts {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId, administration: AdministrationId) -> Self {
        Self { tables, tenant, books: keys::books(tenant, administration) }
    }

    /// A contact.
    pub async fn get(&self, id: ContactId, read: Read) -> Result<Option<Contact>, StoreError> {
        const OPERATION: &str = "contacts.get";
        let item = self.tables.settings.get(OPERATION, &keys::contact(&self.books, id), read).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// The names of these contacts, as far as they exist. May be a moment behind.
    pub async fn names(&self, ids: &[ContactId]) -> Result<BTreeMap<ContactId, String>, StoreError> {
        const OPERATION: &str = "contacts.names";
        let wanted: Vec<_> = ids.iter().map(|id| keys::contact(&self.books, *id)).collect();
        let items = self.tables.settings.batch_get(OPERATION, &wanted).await?;
        let read = |item| decode::<Contact>(OPERATION, item).map(|contact| (contact.id, contact.name));
        items.into_iter().map(read).collect()
    }

    /// A contact and its posting template, each where there is one. What the cheap read does not find is looked for again
    /// with a consistent one: it may have been saved a moment ago.
    pub async fn with_template(
        &self,
        id: ContactId,
    ) -> Result<(Option<Contact>, Option<Versioned<PostingTemplate>>), StoreError> {
        const OPERATION: &str = "contacts.with_template";
        let wanted = [keys::contact(&self.books, id), keys::template(&self.books, id)];
        let mut items = self.tables.settings.batch_get(OPERATION, &wanted).await?;
        for key in &wanted {
            if !items.iter().any(|item| Key::of(item).as_ref() == Some(key)) {
                items.extend(self.tables.settings.get(OPERATION, key, Read::Consistent).await?);
            }
        }
        let (mut contact, mut template) = (None, None);
        for item in items {
            if Key::of(&item).is_some_and(|key| key.sk.starts_with(keys::CONTACT)) {
                contact = Some(decode(OPERATION, item)?);
            } else {
                let fields = Fields::of(OPERATION, &item);
                let version = fields.needed(VERSION, fields.parsed(VERSION)?)?;
                template = Some(Versioned { value: decode(OPERATION, item)?, version });
            }
        }
        Ok((contact, template))
    }

    /// The contacts that are known by these keys.
    pub async fn find(&self, direction: Direction, by: &[MatchKey]) -> Result<Vec<Found>, StoreError> {
        const OPERATION: &str = "contacts.find";
        let unique: BTreeSet<&MatchKey> = by.iter().collect();
        let wanted: Vec<(Key, &MatchKey)> =
            unique.into_iter().map(|key| (keys::match_key(&self.books, direction, key), key)).collect();
        if wanted.is_empty() {
            return Ok(Vec::new());
        }
        let keys: Vec<Key> = wanted.iter().map(|(key, _)| key.clone()).collect();
        let mut found = Vec::new();
        for item in self.tables.settings.batch_get(OPERATION, &keys).await? {
            let fields = Fields::of(OPERATION, &item);
            let contact = fields.needed(OWNER, fields.parsed(OWNER)?)?;
            let key = Key::of(&item);
            if let Some((_, by)) = wanted.iter().find(|(wanted, _)| Some(wanted) == key.as_ref()) {
                found.push(Found { key: (*by).clone(), contact });
            }
        }
        found.sort_by(|one, other| one.key.cmp(&other.key));
        Ok(found)
    }

    /// A page of contacts, in the order in which they were made.
    pub async fn list(&self, cursor: Option<&Cursor>, limit: usize) -> Result<Listed<Contact>, StoreError> {
        const OPERATION: &str = "contacts.list";
        let read = |item: Item| decode(OPERATION, item);
        let keys = (self.books.as_str(), keys::CONTACT);
        page(&self.tables.settings, OPERATION, keys, Order::Ascending, cursor, limit, read).await
    }

    /// Puts a new contact and its match keys.
    pub async fn create(&self, contact: &Contact, author: &Author<'_>) -> Result<(), ContactError> {
        self.put(("contacts.create", "contact.created"), None, contact, author).await
    }

    /// Puts an edited contact in place of the one that was read, and moves its match keys.
    pub async fn replace(&self, before: &Contact, after: &Contact, author: &Author<'_>) -> Result<(), ContactError> {
        const OPERATION: &str = "contacts.replace";
        next(OPERATION, before.version, after.version)?;
        self.put((OPERATION, "contact.changed"), Some(before), after, author).await
    }

    /// Notes who a contact is in the ledger, as a push found out. Nobody decided anything: neither version nor audit record
    /// tell of it. Refused when somebody edited the contact since it was read.
    pub async fn remember(&self, contact: &Contact, ledger_contact: &LedgerContact) -> Result<(), StoreError> {
        const OPERATION: &str = "contacts.remember";
        let mut changes = Changes::default();
        changes.set(LEDGER_CONTACT, text(ledger_contact.as_str()));
        let unchanged = Expression::new("#version = :before").with("before", number(contact.version));
        let key = keys::contact(&self.books, contact.id);
        let write = Write::Update { key, changes, condition: Some(unchanged) };
        match self.tables.settings.write(OPERATION, write, Old::NotNeeded).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => Err(StoreError::conflict(OPERATION, format!("{} was edited", contact.id))),
        }
    }

    async fn put(
        &self,
        (operation, event): (&'static str, &str),
        before: Option<&Contact>,
        after: &Contact,
        author: &Author<'_>,
    ) -> Result<(), ContactError> {
        let keyed = |contact: &Contact| -> BTreeSet<(Direction, MatchKey)> {
            contact.match_keys().into_iter().map(|key| (contact.direction, key)).collect()
        };
        let (old, new) = (before.map(keyed).unwrap_or_default(), keyed(after));
        let added: Vec<_> = new.difference(&old).collect();
        let item = item_of(operation, &keys::contact(&self.books, after.id), after, after.version, author.writer)?;
        let id = text(after.id.to_string());
        let mut writes = vec![put(item, before.map(|before| before.version))];
        for (direction, key) in &added {
            let mut item = keys::match_key(&self.books, *direction, key).item();
            item.insert(OWNER.to_owned(), id.clone());
            item.insert(WRITER.to_owned(), text(author.writer.as_str()));
            let free = Expression::new("attribute_not_exists(#pk) OR #contact = :contact").with(OWNER, id.clone());
            writes.push(Write::Put { item, condition: Some(free) });
        }
        for (direction, key) in old.difference(&new) {
            let mine = Expression::new("attribute_not_exists(#pk) OR #contact = :contact").with(OWNER, id.clone());
            let key = keys::match_key(&self.books, *direction, key);
            writes.push(Write::Delete { key, condition: Some(mine) });
        }
        let old = before.map(|before| audited(operation, before)).transpose()?;
        let new = audited(operation, after)?;
        let subject = after.id.to_string();
        let what = What { operation, event, subject: &subject };
        let values = (old.as_ref(), Some(&new));
        let refusals = match commit(&self.tables.settings, self.tenant, what, author, values, writes).await? {
            Committed::Done => return Ok(()),
            Committed::Refused(refusals) => refusals,
        };
        for (place, (_, key)) in added.into_iter().enumerate() {
            if let Some(there) = refusals.item(place + 1) {
                let fields = Fields::of(operation, there);
                let by = fields.needed(OWNER, fields.parsed(OWNER)?)?;
                return Err(ContactError::KeyTaken { key: key.clone(), by });
            }
        }
        Err(StoreError::conflict(operation, "a match key was changed").into())
    }
}
