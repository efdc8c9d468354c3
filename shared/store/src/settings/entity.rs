//! What all settings have in common: a version, an author, an entry in the audit record.

use super::audit::AuditEntry;
use crate::{
    Cursor, ErrorKind, Listed, StoreError, Writer,
    expression::Expression,
    item::{Item, Key, decode, number, text},
    schema::{PK, SK, WRITER},
    table::{Order, Query, Table, Write},
    transaction::{Outcome, Refusals, transact},
};
use domain::{document::Actor, ids::TenantId, time::Instant};
use serde::{Serialize, de::DeserializeOwned};

/// Who changes a setting, when, and in which attempt at which request.
#[derive(Debug, Clone, Copy)]
pub struct Author<'a> {
    /// The user, or a machine.
    pub by: &'a Actor,
    /// Now.
    pub at: Instant,
    /// For the write itself.
    pub writer: &'a Writer,
}

/// A value and the version of the item that holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Versioned<T> {
    /// The value.
    pub value: T,
    /// Counts edits, from 1.
    pub version: u32,
}

/// Counts edits of an item.
pub(crate) const VERSION: &str = "version";
/// The most entries of one page.
pub(crate) const PAGE_LIMIT_MAX: usize = 100;

/// What a change is about, for the audit record and for telling transactions apart.
#[derive(Debug, Clone, Copy)]
pub(crate) struct What<'a> {
    pub(crate) operation: &'static str,
    /// For example `contact.created`.
    pub(crate) event: &'a str,
    /// Id of what is changed.
    pub(crate) subject: &'a str,
}

/// An item with its writer and, where the value has none of its own, its version.
pub(crate) fn item_of(
    operation: &'static str,
    key: &Key,
    value: &impl Serialize,
    version: u32,
    writer: &Writer,
) -> Result<Item, StoreError> {
    let mut item = key.item_of(operation, value)?;
    item.insert(VERSION.to_owned(), number(version));
    item.insert(WRITER.to_owned(), text(writer.as_str()));
    Ok(item)
}

/// Puts an item that must be new, or that must be at the version before.
pub(crate) fn put(item: Item, before: Option<u32>) -> Write {
    let condition = match before {
        None => Expression::absent(),
        Some(version) => Expression::new("#version = :before").with("before", number(version)),
    };
    Write::Put { item, condition: Some(condition) }
}

/// How a change of settings ended.
pub(crate) enum Committed {
    Done,
    /// Some other write than the first was refused.
    Refused(Refusals),
}

/// Writes a change, the item itself first, together with its audit entry. When the item itself is not as it was before,
/// that is a conflict; the caller judges refusals of the other writes.
pub(crate) async fn commit(
    table: &Table,
    tenant: TenantId,
    what: What<'_>,
    author: &Author<'_>,
    values: (Option<&serde_json::Value>, Option<&serde_json::Value>),
    mut writes: Vec<Write>,
) -> Result<Committed, StoreError> {
    let (before, after) = values;
    let entry = AuditEntry {
        at: author.at,
        by: author.by.clone(),
        what: what.event.to_owned(),
        subject: what.subject.to_owned(),
        before: before.cloned(),
        after: after.cloned(),
    };
    let version = after.or(before).and_then(|value| value.get(VERSION)).map(ToString::to_string).unwrap_or_default();
    writes.extend(entry.writes(what.operation, tenant, author.writer)?);
    let change = format!("{tenant} {} {} {version} {}", what.event, what.subject, author.at.timestamp_millis());
    match transact(table, what.operation, &change, author.writer, writes).await? {
        Outcome::Done => Ok(Committed::Done),
        Outcome::Refused(refusals) if refusals.is_own(0, author.writer) => Ok(Committed::Done),
        Outcome::Refused(refusals) if refusals.places().any(|place| place != 0) && !refusals.is_refused(0) => {
            Ok(Committed::Refused(refusals))
        }
        Outcome::Refused(refusals) => {
            let there = refusals.item(0).is_some();
            let (kind, detail) = if there || before.is_none() {
                (ErrorKind::Conflict, format!("{} was changed by somebody else", what.subject))
            } else {
                (ErrorKind::NotFound, format!("there is no {}", what.subject))
            };
            Err(StoreError::new(kind, what.operation, detail))
        }
    }
}

/// As [`commit`], for changes in which only the item itself can be refused.
pub(crate) async fn commit_alone(
    table: &Table,
    tenant: TenantId,
    what: What<'_>,
    author: &Author<'_>,
    values: (Option<&serde_json::Value>, Option<&serde_json::Value>),
    writes: Vec<Write>,
) -> Result<(), StoreError> {
    match commit(table, tenant, what, author, values, writes).await? {
        Committed::Done => Ok(()),
        Committed::Refused(_) => Err(StoreError::conflict(what.operation, "a companion item was changed")),
    }
}

/// A value for the audit record.
pub(crate) fn audited(operation: &'static str, value: &impl Serialize) -> Result<serde_json::Value, StoreError> {
    serde_json::to_value(value)
        .map_err(|error| StoreError::bug(operation, "a setting cannot be encoded").caused_by(error))
}

/// The version after this one.
pub(crate) fn next(operation: &'static str, before: u32, after: u32) -> Result<(), StoreError> {
    if before.checked_add(1) == Some(after) {
        Ok(())
    } else {
        Err(StoreError::bug(operation, format!("version {after} cannot follow {before}")))
    }
}

/// All values of a partition whose sort key begins so.
pub(crate) async fn all<T: DeserializeOwned>(
    table: &Table,
    operation: &'static str,
    pk: &str,
    prefix: &str,
) -> Result<Vec<T>, StoreError> {
    let items = table.query_all(operation, Query::prefix(pk, prefix)).await?;
    items.into_iter().map(|item| decode(operation, item)).collect()
}

/// A page of the items of a partition whose sort key begins so.
pub(crate) async fn page<T>(
    table: &Table,
    operation: &'static str,
    (pk, prefix): (&str, &str),
    order: Order,
    cursor: Option<&Cursor>,
    limit: usize,
    read: impl Fn(Item) -> Result<T, StoreError>,
) -> Result<Listed<T>, StoreError> {
    let mut query = if prefix.is_empty() { Query::partition(pk) } else { Query::prefix(pk, prefix) };
    query.order = order;
    query.limit = i32::try_from(limit.clamp(1, PAGE_LIMIT_MAX)).ok();
    if let Some(cursor) = cursor {
        let start = cursor.key(operation, &[(PK, pk), (SK, prefix)])?;
        if Key::of(&start).is_none_or(|key| key.pk != pk) {
            return Err(StoreError::new(ErrorKind::BadCursor, operation, "the cursor is of another list"));
        }
        query.start = Some(start);
    }
    let page = table.query(operation, query).await?;
    Ok(Listed {
        items: page.items.into_iter().map(read).collect::<Result<_, _>>()?,
        next: page.last_key.map(|key| Cursor::of_key(operation, &key)).transpose()?,
    })
}
