//! The audit record: every change of a setting, right, connection or address, every decision override and download.
//!
//! An entry says when, who (by id), what and to which subject, and bears the digest of its details. It holds no name and no
//! content, and nothing removes or changes it. How the subject was before and is after stands beside it, in the details of the
//! subject: those can be erased with a person or a tenant, and the entry stays true.

use super::{entity::PAGE_LIMIT_MAX, keys};
use crate::{
    Cursor, ErrorKind, Listed, StoreError, Tables, Writer,
    expression::{Changes, Expression},
    item::{Fields, Item, Key, instant, sortable, text},
    schema::{PK, SK, WRITER},
    table::{Old, Order, Query, Write},
    transaction::{digest, transact},
};
use domain::{document::Actor, ids::TenantId, time::Instant};
use std::{collections::HashMap, sync::Arc};

const BEFORE: &str = "before";
const AFTER: &str = "after";
const BY: &str = "by";
const WHAT: &str = "what";
const SUBJECT: &str = "subject";
/// Digest of the details.
const DIGEST: &str = "d";
/// When personal data was taken out of the details.
const ERASED: &str = "erased";
/// How many pages are looked through for entries that a filter lets through, before a short page is given.
const FILTERED_PAGES_MAX: usize = 5;

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
    /// How it was before; none for what is new, and when the details were erased.
    pub before: Option<serde_json::Value>,
    /// How it is after; none for what is gone, and when the details were erased.
    pub after: Option<serde_json::Value>,
}

/// Which entries are wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// At or after this.
    pub from: Option<Instant>,
    /// Before this.
    pub before: Option<Instant>,
    /// By this one.
    pub by: Option<Actor>,
    /// About what has this id: it has a key of its own.
    pub subject: Option<String>,
    /// Of this kind: `contact.created`, or `contact` for all of them.
    pub kind: Option<String>,
}

fn json<T: serde::Serialize>(operation: &'static str, value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::bug(operation, error.to_string()))
}

impl AuditEntry {
    /// The entry and its details.
    pub(crate) fn writes(
        &self,
        operation: &'static str,
        tenant: TenantId,
        writer: &Writer,
    ) -> Result<[Write; 2], StoreError> {
        let (before, after) =
            (self.before.as_ref().map(ToString::to_string), self.after.as_ref().map(ToString::to_string));
        let mark = digest(&[&self.what, &self.subject, writer.as_str()], 12);
        let key = keys::audit_entry(tenant, self.at, &mark);
        let mut details = Key::new(keys::audited(tenant, &self.subject), &key.sk).item();
        let mut entry = key.item();
        for item in [&mut entry, &mut details] {
            item.insert("at".to_owned(), instant(self.at));
            item.insert(BY.to_owned(), text(json(operation, &self.by)?));
            item.insert(WHAT.to_owned(), text(&self.what));
            item.insert(SUBJECT.to_owned(), text(&self.subject));
            item.insert(WRITER.to_owned(), text(writer.as_str()));
        }
        let shown = |value: &Option<String>| value.clone().unwrap_or_default();
        entry.insert(DIGEST.to_owned(), text(digest(&[&shown(&before), &shown(&after)], 32)));
        for (name, value) in [(BEFORE, before), (AFTER, after)] {
            if let Some(value) = value {
                details.insert(name.to_owned(), text(value));
            }
        }
        let put = |item| {
            // An entry is never replaced, save by the same attempt that writes it again.
            let new = Expression::new(format!("attribute_not_exists(#pk) OR #{WRITER} = :{WRITER}"));
            Write::Put { item, condition: Some(new.with(WRITER, text(writer.as_str()))) }
        };
        Ok([put(entry), put(details)])
    }

    fn read(operation: &'static str, item: &Item) -> Result<Self, StoreError> {
        let fields = Fields::of(operation, item);
        Ok(Self {
            at: fields.needed("at", fields.instant("at")?)?,
            by: fields.needed(BY, fields.json(BY)?)?,
            what: fields.needed(WHAT, fields.text(WHAT)?)?.to_owned(),
            subject: fields.needed(SUBJECT, fields.text(SUBJECT)?)?.to_owned(),
            before: fields.json(BEFORE)?,
            after: fields.json(AFTER)?,
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
        let writes = entry.writes(OPERATION, self.tenant, writer)?.to_vec();
        let what = format!("{} {} {} {}", self.tenant, entry.what, entry.subject, entry.at.timestamp_millis());
        match transact(&self.tables.settings, OPERATION, &what, writer, writes).await? {
            crate::transaction::Outcome::Done => Ok(()),
            crate::transaction::Outcome::Refused(_) => {
                Err(StoreError::conflict(OPERATION, format!("an entry about {} is there already", entry.subject)))
            }
        }
    }

    /// A page of entries, newest first. Whatever the filter: at most five queries and one read of details. A page may be short
    /// and have a next one.
    pub async fn list(
        &self,
        filter: &AuditFilter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Listed<AuditEntry>, StoreError> {
        const OPERATION: &str = "audit.list";
        let limit = limit.clamp(1, PAGE_LIMIT_MAX);
        let pk = match &filter.subject {
            Some(subject) => keys::audited(self.tenant, subject),
            None => keys::audit(self.tenant),
        };
        let mut query = Self::query(OPERATION, &pk, filter)?;
        let filtered = query.filter.is_some();
        query.limit = i32::try_from(if filtered { PAGE_LIMIT_MAX } else { limit }).ok();
        if let Some(cursor) = cursor {
            let start = cursor.key(OPERATION, &[(PK, &pk), (SK, "")])?;
            if Key::of(&start).is_none_or(|key| key.pk != pk) {
                return Err(StoreError::new(ErrorKind::BadCursor, OPERATION, "the cursor is of another list"));
            }
            query.start = Some(start);
        }
        let mut found: Vec<Item> = Vec::new();
        let mut next = None;
        for _ in 0..FILTERED_PAGES_MAX {
            let page = self.tables.settings.query(OPERATION, query.clone()).await?;
            found.extend(page.items);
            next = page.last_key;
            if found.len() >= limit || next.is_none() {
                break;
            }
            query.start.clone_from(&next);
        }
        if found.len() > limit {
            found.truncate(limit);
            next = found.last().and_then(Key::of).map(|key| key.item());
        }
        let items = match filter.subject {
            Some(_) => found.iter().map(|item| AuditEntry::read(OPERATION, item)).collect::<Result<_, _>>()?,
            None => self.with_details(OPERATION, &found).await?,
        };
        Ok(Listed { items, next: next.map(|key| Cursor::of_key(OPERATION, &key)).transpose()? })
    }

    fn query(operation: &'static str, pk: &str, filter: &AuditFilter) -> Result<Query, StoreError> {
        let mut query = Query::partition(pk);
        query.order = Order::Descending;
        if filter.from.is_some() || filter.before.is_some() {
            // Sort keys begin with their instant and go on: the bare instant sorts before all entries of that moment.
            let from = sortable(filter.from.unwrap_or(Instant::UNIX_EPOCH));
            let to = filter.before.map_or_else(|| "~".to_owned(), sortable);
            let to = if to < from { from.clone() } else { to };
            query.condition.text = format!("{} AND #{SK} BETWEEN :from AND :to", query.condition.text);
            query.condition = query.condition.with("from", text(from)).with("to", text(to));
        }
        let by = match &filter.by {
            Some(by) => Some(Expression::new(format!("#{BY} = :{BY}")).with(BY, text(json(operation, by)?))),
            None => None,
        };
        let kind = filter.kind.as_ref().map(|kind| {
            Expression::new(format!("#{WHAT} = :{WHAT} OR begins_with(#{WHAT}, :group)"))
                .with(WHAT, text(kind))
                .with("group", text(format!("{kind}.")))
        });
        query.filter = match (by, kind) {
            (Some(by), Some(kind)) => Some(by.and(kind)),
            (by, kind) => by.or(kind),
        };
        Ok(query)
    }

    async fn with_details(&self, operation: &'static str, found: &[Item]) -> Result<Vec<AuditEntry>, StoreError> {
        let mut entries = Vec::with_capacity(found.len());
        let mut wanted = Vec::with_capacity(found.len());
        for item in found {
            let entry = AuditEntry::read(operation, item)?;
            let sk = Key::of(item).map(|key| key.sk).unwrap_or_default();
            wanted.push(Key::new(keys::audited(self.tenant, &entry.subject), sk));
            entries.push(entry);
        }
        if wanted.is_empty() {
            return Ok(entries);
        }
        let details = self.tables.settings.batch_get(operation, &wanted).await?;
        let mut details: HashMap<(String, String), Item> =
            details.into_iter().filter_map(|item| Key::of(&item).map(|key| ((key.pk, key.sk), item))).collect();
        for (entry, key) in entries.iter_mut().zip(wanted) {
            if let Some(item) = details.remove(&(key.pk, key.sk)) {
                let fields = Fields::of(operation, &item);
                entry.before = fields.json(BEFORE)?;
                entry.after = fields.json(AFTER)?;
            }
        }
        Ok(entries)
    }

    /// Takes personal data out of the details about a subject, as `erase` makes each value. How many entries were changed; done
    /// again, none.
    pub async fn erase_details(
        &self,
        subject: &str,
        at: Instant,
        erase: impl Fn(&mut serde_json::Value),
    ) -> Result<u32, StoreError> {
        const OPERATION: &str = "audit.erase_details";
        let mut erased = 0;
        let query = Query::partition(&keys::audited(self.tenant, subject));
        for item in self.tables.settings.query_all(OPERATION, query).await? {
            let Some(key) = Key::of(&item) else { continue };
            let fields = Fields::of(OPERATION, &item);
            let mut changes = Changes::default();
            let mut any = false;
            for name in [BEFORE, AFTER] {
                if let Some(mut value) = fields.json::<serde_json::Value>(name)? {
                    let before = value.clone();
                    erase(&mut value);
                    if value != before {
                        changes.set(name, text(value.to_string()));
                        any = true;
                    }
                }
            }
            if any {
                changes.set(ERASED, instant(at));
                let write = Write::Update { key, changes, condition: Some(Expression::present()) };
                self.tables.settings.write(OPERATION, write, Old::NotNeeded).await?;
                erased += 1;
            }
        }
        Ok(erased)
    }
}
