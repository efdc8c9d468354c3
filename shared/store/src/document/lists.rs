//! Lists of documents: for people, for turns, and for maintenance.

use super::{
    Documents,
    filter::{Filter, Span},
    head, keys,
};
use crate::{
    Cursor, Listed, Read, StoreError, SystemStore,
    expression::Expression,
    item::{Fields, Item, Key, sortable, text},
    schema::{LISTS, PK, SHARDS, SK, TRANSIT, UNITS},
    table::{Order, Query},
};
use domain::{
    document::{Document, List, Status, UnitId},
    ids::{AdministrationId, ContactId, DocumentId, TenantId, TurnDocument},
    time::Instant,
};

/// The most documents of one page.
pub const LIST_LIMIT_MAX: usize = 100;
/// How many pages are looked through for documents that a filter lets through, before a short page is given.
const FILTERED_PAGES_MAX: usize = 5;

/// A document that waits for its unit's turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Due {
    /// Which.
    pub document: TurnDocument,
    /// Since when it is due.
    pub due: Instant,
}

/// A document that has been under way for long.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Stuck {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub document: DocumentId,
    /// Since when.
    pub since: Instant,
}

/// The attributes of an item that a cursor is made of.
fn list_key(item: &Item) -> Item {
    let names = [PK, SK, LISTS.hash, LISTS.range];
    item.iter()
        .filter(|(name, _)| names.contains(&name.as_str()))
        .map(|(name, value)| (name.clone(), value.clone()))
        .collect()
}

fn entry(operation: &'static str, item: &Item, range: &str) -> Result<(TenantId, DocumentId, Instant), StoreError> {
    let fields = Fields::of(operation, item);
    let (tenant, document) = fields.needed(PK, Key::of(item).and_then(|key| keys::of_partition(&key.pk)))?;
    let at = fields.needed(range, fields.text(range)?.and_then(keys::instant_of))?;
    Ok((tenant, document, at))
}

fn due(operation: &'static str, item: &Item) -> Result<Due, StoreError> {
    let fields = Fields::of(operation, item);
    let (due, document) = fields.needed(UNITS.range, fields.text(UNITS.range)?.and_then(keys::of_unit_entry))?;
    Ok(Due { document, due })
}

impl Documents {
    /// A page of a list, newest first.
    pub async fn list(
        &self,
        administration: AdministrationId,
        list: List,
        filter: Filter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Listed<Document>, StoreError> {
        self.list_received((administration, list), Span::default(), filter, cursor, limit).await
    }

    /// As [`Documents::list`], of documents that were received in a period.
    pub async fn list_received(
        &self,
        (administration, list): (AdministrationId, List),
        received: Span,
        filter: Filter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Listed<Document>, StoreError> {
        const OPERATION: &str = "documents.list";
        let limit = limit.clamp(1, LIST_LIMIT_MAX);
        let hash = keys::list(self.tenant, administration, list);
        let mut query = Query::index(LISTS, &hash);
        let received = filter.within(received);
        if received != Span::default() {
            // An entry begins with its instant and goes on: the bare instant sorts before all entries of that moment.
            let from = sortable(received.from.unwrap_or(Instant::UNIX_EPOCH));
            let to = received.before.map_or_else(|| "~".to_owned(), sortable);
            if from > to {
                return Ok(Listed { items: Vec::new(), next: None });
            }
            query = query.between(&from, &to);
        }
        query.order = Order::Descending;
        query.filter = filter.expression();
        if let Some(cursor) = cursor {
            let own = format!("{}#", self.tenant);
            let bounds = [(PK, own.as_str()), (SK, keys::HEAD), (LISTS.hash, &hash), (LISTS.range, "")];
            query.start = Some(cursor.key(OPERATION, &bounds)?);
        }
        let (found, next) = self.filtered(OPERATION, query, limit, list_key).await?;
        Ok(Listed {
            items: found
                .iter()
                .map(|item| head::decode(OPERATION, item).map(|(_, document)| document))
                .collect::<Result<_, _>>()?,
            next: next.map(|key| Cursor::of_key(OPERATION, &key)).transpose()?,
        })
    }

    /// A page of what is ready for export, in the order in which files have it: date, supplier or customer, number.
    pub async fn ready(
        &self,
        administration: AdministrationId,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Listed<Document>, StoreError> {
        self.exportable("documents.ready", (administration, List::Ready), None, cursor, limit).await
    }

    /// A page of what is in a run, in the same order.
    pub async fn exporting(
        &self,
        administration: AdministrationId,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Listed<Document>, StoreError> {
        self.exportable("documents.exporting", (administration, List::Exporting), None, cursor, limit).await
    }

    /// A page of what was received since an instant, is posted, and was in no run: what a copy is taken of (SE-1). By when it was
    /// received, so that a page may be empty and not the last one.
    pub async fn posted_since(
        &self,
        administration: AdministrationId,
        since: Instant,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Listed<Document>, StoreError> {
        self.exportable("documents.posted_since", (administration, List::Archive), Some(since), cursor, limit).await
    }

    async fn exportable(
        &self,
        operation: &'static str,
        (administration, list): (AdministrationId, List),
        posted_since: Option<Instant>,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Listed<Document>, StoreError> {
        let hash = keys::list(self.tenant, administration, list);
        let mut query = Query::index(LISTS, &hash);
        if let Some(since) = posted_since {
            query = query.between(&sortable(since), "~");
            let posted = Expression::new("#s = :posted AND attribute_not_exists(#ex)");
            query.filter = Some(posted.with("posted", text(Status::Posted.as_str())));
        }
        query.limit = i32::try_from(limit.max(1)).ok();
        if let Some(cursor) = cursor {
            let own = format!("{}#", self.tenant);
            let bounds = [(PK, own.as_str()), (SK, keys::HEAD), (LISTS.hash, &hash), (LISTS.range, "")];
            query.start = Some(cursor.key(operation, &bounds)?);
        }
        let page = self.table().query(operation, query).await?;
        let read = |item: &Item| head::decode(operation, item).map(|(_, document)| document);
        Ok(Listed {
            items: page.items.iter().map(read).collect::<Result<_, _>>()?,
            next: page.last_key.map(|key| Cursor::of_key(operation, &key)).transpose()?,
        })
    }

    /// The heads of these documents, in any order; one that is gone is left out. Strongly consistent.
    pub async fn heads(&self, ids: &[DocumentId]) -> Result<Vec<Document>, StoreError> {
        const OPERATION: &str = "documents.heads";
        let keys: Vec<Key> = ids.iter().map(|id| keys::head(self.tenant, *id)).collect();
        let items = self.table().batch_get_as(OPERATION, &keys, Read::Consistent).await?;
        items.iter().map(|item| head::decode(OPERATION, item).map(|(_, document)| document)).collect()
    }

    /// So many of the items that a query and its filter let through, as far as a few pages go, and where to go on.
    async fn filtered(
        &self,
        operation: &'static str,
        mut query: Query,
        limit: usize,
        key_of: impl Fn(&Item) -> Item,
    ) -> Result<(Vec<Item>, Option<Item>), StoreError> {
        let page = if query.filter.is_some() { LIST_LIMIT_MAX } else { limit };
        query.limit = i32::try_from(page).ok();
        let mut found: Vec<Item> = Vec::new();
        let mut next = None;
        for _ in 0..FILTERED_PAGES_MAX {
            let page = self.table().query(operation, query.clone()).await?;
            found.extend(page.items);
            next = page.last_key;
            if found.len() >= limit || next.is_none() {
                break;
            }
            query.start.clone_from(&next);
        }
        if found.len() > limit {
            found.truncate(limit);
            next = found.last().map(key_of);
        }
        Ok((found, next))
    }

    /// A page of the archive of a contact, newest first, each document as it was when it was counted: nothing of it changes
    /// any more (AP-59). A document is found here a few seconds after it came into the archive.
    pub async fn archive_of_contact(
        &self,
        (administration, contact): (AdministrationId, ContactId),
        received: Span,
        filter: Filter,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Listed<Document>, StoreError> {
        const OPERATION: &str = "documents.archive_of_contact";
        let pk = keys::archived(self.tenant, administration, contact);
        let received = filter.within(received);
        let from = sortable(received.from.unwrap_or(Instant::UNIX_EPOCH));
        let to = received.before.map_or_else(|| "~".to_owned(), sortable);
        if from > to {
            return Ok(Listed { items: Vec::new(), next: None });
        }
        let mut query = Query::range(&pk, &from, &to);
        query.order = Order::Descending;
        query.filter = filter.expression();
        if let Some(cursor) = cursor {
            query.start = Some(cursor.key(OPERATION, &[(PK, &pk), (SK, "")])?);
        }
        let key_of = |item: &Item| Key::of(item).map(|key| key.item()).unwrap_or_default();
        let (found, next) = self.filtered(OPERATION, query, limit.clamp(1, LIST_LIMIT_MAX), key_of).await?;
        let read = |item: &Item| {
            let fields = Fields::of(OPERATION, item);
            let id = fields.needed(SK, fields.text(SK)?.and_then(keys::of_list_entry))?;
            head::decode_as(OPERATION, item, id)
        };
        Ok(Listed {
            items: found.iter().map(read).collect::<Result<_, _>>()?,
            next: next.map(|key| Cursor::of_key(OPERATION, &key)).transpose()?,
        })
    }

    /// Documents of a unit that are due, the longest waiting first. The index may be a moment behind: a document that a
    /// message names is read by its key as well.
    pub async fn due(&self, unit: &UnitId, now: Instant, limit: usize) -> Result<Vec<Due>, StoreError> {
        const OPERATION: &str = "documents.due";
        let mut query = Query::index(UNITS, &keys::unit(self.tenant, unit)).up_to(&keys::unit_entries_until(now));
        query.limit = i32::try_from(limit.clamp(1, LIST_LIMIT_MAX)).ok();
        let page = self.table().query(OPERATION, query).await?;
        page.items.iter().map(|item| due(OPERATION, item)).collect()
    }

    /// A page of what waits for a unit's turn, whenever it is due. The index may be a moment behind.
    pub async fn waiting(
        &self,
        unit: &UnitId,
        cursor: Option<&Cursor>,
        limit: usize,
    ) -> Result<Listed<TurnDocument>, StoreError> {
        const OPERATION: &str = "documents.waiting";
        let hash = keys::unit(self.tenant, unit);
        let mut query = Query::index(UNITS, &hash);
        query.limit = i32::try_from(limit.clamp(1, LIST_LIMIT_MAX)).ok();
        if let Some(cursor) = cursor {
            let own = format!("{}#", self.tenant);
            let bounds = [(PK, own.as_str()), (SK, keys::HEAD), (UNITS.hash, &hash), (UNITS.range, "")];
            query.start = Some(cursor.key(OPERATION, &bounds)?);
        }
        let page = self.table().query(OPERATION, query).await?;
        Ok(Listed {
            items: page
                .items
                .iter()
                .map(|item| due(OPERATION, item).map(|due| due.document))
                .collect::<Result<_, _>>()?,
            next: page.last_key.map(|key| Cursor::of_key(OPERATION, &key)).transpose()?,
        })
    }

    /// When the next document of a unit is due; in the past when one is due already.
    pub async fn next_due(&self, unit: &UnitId) -> Result<Option<Instant>, StoreError> {
        const OPERATION: &str = "documents.next_due";
        let mut query = Query::index(UNITS, &keys::unit(self.tenant, unit));
        query.limit = Some(1);
        let page = self.table().query(OPERATION, query).await?;
        page.items.first().map(|item| due(OPERATION, item).map(|due| due.due)).transpose()
    }
}

impl SystemStore {
    /// How many shards there are to look through.
    pub const SHARDS: u8 = SHARDS;

    /// Documents of a shard (0 to 15) that have been under way since before an instant, the oldest first.
    pub async fn stuck(&self, shard: u8, before: Instant, limit: usize) -> Result<Vec<Stuck>, StoreError> {
        const OPERATION: &str = "system.stuck";
        let mut query = Query::index(TRANSIT, &shard.to_string()).up_to(&keys::transit_entries_until(before));
        query.limit = i32::try_from(limit.clamp(1, LIST_LIMIT_MAX)).ok();
        let page = self.tables.documents.query(OPERATION, query).await?;
        let stuck = |item| {
            entry(OPERATION, item, TRANSIT.range).map(|(tenant, document, since)| Stuck { tenant, document, since })
        };
        page.items.iter().map(stuck).collect()
    }
}
