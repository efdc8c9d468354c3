//! Content and decisions of a document: one immutable item per version, written before the head that points to it.

use super::{Documents, keys};
use crate::{
    Read, StoreError, Writer, blob,
    expression::Expression,
    item::{Fields, Item, Key, instant, text},
    schema::{SK, WRITER},
    table::{Old, Order, Query, Write, Written},
    transaction::digest,
};
use chrono::TimeDelta;
use domain::{
    automation::Decision,
    content::{Content, HistoryEntry},
    document::Document,
    ids::DocumentId,
    time::Instant,
};

/// When an item was written.
const AT: &str = "at";
/// The history entry of a decision.
pub(crate) const ENTRY: &str = "e";
/// After so long the writer of an item that no head points to is gone: longer than any function may run.
const LAPSED: TimeDelta = TimeDelta::minutes(5);

/// What putting an immutable item came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Put<T> {
    /// It is stored.
    New,
    /// Somebody who handles the same version was first: go on with what is there.
    Existing(T),
}

/// A decision, and how it stands in the history.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Traced {
    /// The version of the document that it led to.
    pub version: u32,
    /// The decision with its trace.
    pub decision: Decision,
    /// Its entry in the history.
    pub entry: HistoryEntry,
}

impl Documents {
    /// Puts an item that nobody changes afterwards: absent before, or our own, or left behind by somebody who died before
    /// a head pointed to it.
    async fn put_once(
        &self,
        operation: &'static str,
        mut item: Item,
        at: Instant,
        writer: &Writer,
    ) -> Result<Put<Item>, StoreError> {
        item.insert(WRITER.to_owned(), text(writer.as_str()));
        item.insert(AT.to_owned(), instant(at));
        let condition = Expression::new("attribute_not_exists(#pk) OR #w = :writer OR #at < :lapsed")
            .with("writer", text(writer.as_str()))
            .with("lapsed", instant(at - LAPSED));
        let put = Write::Put { item, condition: Some(condition) };
        match self.table().write(operation, put, Old::NotNeeded).await? {
            Written::Done(_) => Ok(Put::New),
            Written::Refused(Some(there)) => Ok(Put::Existing(there)),
            Written::Refused(None) => Err(StoreError::conflict(operation, "an item came and went")),
        }
    }

    /// Stores what was read of a document and how it was coded, under the version that the head will have.
    pub async fn put_content(
        &self,
        id: DocumentId,
        version: u32,
        content: &Content,
        writer: &Writer,
    ) -> Result<Put<Content>, StoreError> {
        const OPERATION: &str = "documents.put_content";
        let mut item = keys::content(self.tenant, id, version).item();
        let object = || {
            let writer = digest(&[writer.as_str()], 12);
            format!("{}/{id}/content/{version}-{writer}", self.tenant)
        };
        blob::store(&self.tables.objects, OPERATION, &mut item, content, object).await?;
        Ok(match self.put_once(OPERATION, item, content.read_at, writer).await? {
            Put::New => Put::New,
            Put::Existing(there) => Put::Existing(blob::load(&self.tables.objects, OPERATION, &there).await?),
        })
    }

    /// The content of a version. It never changes, so the cheap read comes first.
    pub async fn content(&self, id: DocumentId, version: u32) -> Result<Option<Content>, StoreError> {
        const OPERATION: &str = "documents.content";
        let key = keys::content(self.tenant, id, version);
        let Some(item) = self.table().get_surely(OPERATION, &key).await? else { return Ok(None) };
        blob::load(&self.tables.objects, OPERATION, &item).await.map(Some)
    }

    /// What was read of a document, by its head; nothing while nothing was.
    pub async fn content_now(&self, document: &Document) -> Result<Option<Content>, StoreError> {
        match document.content_version {
            Some(version) => self.content(document.id, version).await,
            None => Ok(None),
        }
    }

    /// Every reading and edit of a document with its version, oldest first.
    pub async fn contents(&self, id: DocumentId) -> Result<Vec<(u32, Content)>, StoreError> {
        const OPERATION: &str = "documents.contents";
        let query = Query::prefix(&keys::partition(self.tenant, id), keys::CONTENT);
        let mut contents = Vec::new();
        for item in self.table().query_all(OPERATION, query).await? {
            let version = Key::of(&item).and_then(|key| keys::version_of(&key.sk));
            let version = Fields::of(OPERATION, &item).needed(SK, version)?;
            contents.push((version, blob::load(&self.tables.objects, OPERATION, &item).await?));
        }
        Ok(contents)
    }

    /// Stores a decision with its trace, under the version that the head will have.
    pub async fn put_trace(
        &self,
        id: DocumentId,
        version: u32,
        decision: &Decision,
        entry: &HistoryEntry,
        writer: &Writer,
    ) -> Result<Put<Traced>, StoreError> {
        const OPERATION: &str = "documents.put_trace";
        let mut item = keys::trace(self.tenant, id, version).item();
        let object = || {
            let writer = digest(&[writer.as_str()], 12);
            format!("{}/{id}/trace/{version}-{writer}", self.tenant)
        };
        blob::store(&self.tables.objects, OPERATION, &mut item, decision, object).await?;
        let json = serde_json::to_string(entry).map_err(|error| StoreError::bug(OPERATION, error.to_string()))?;
        item.insert(ENTRY.to_owned(), text(json));
        Ok(match self.put_once(OPERATION, item, entry.at, writer).await? {
            Put::New => Put::New,
            Put::Existing(there) => Put::Existing(self.traced(OPERATION, &there).await?),
        })
    }

    async fn traced(&self, operation: &'static str, item: &Item) -> Result<Traced, StoreError> {
        let fields = Fields::of(operation, item);
        let version = Key::of(item).and_then(|key| keys::version_of(&key.sk));
        Ok(Traced {
            version: fields.needed(SK, version)?,
            decision: blob::load(&self.tables.objects, operation, item).await?,
            entry: fields.needed(ENTRY, fields.json(ENTRY)?)?,
        })
    }

    /// The decision of a version: the head's `decision_version` names the last one.
    pub async fn trace(&self, id: DocumentId, version: u32) -> Result<Option<Traced>, StoreError> {
        const OPERATION: &str = "documents.trace";
        let key = keys::trace(self.tenant, id, version);
        match self.table().get(OPERATION, &key, Read::Consistent).await? {
            Some(item) => self.traced(OPERATION, &item).await.map(Some),
            None => Ok(None),
        }
    }

    /// Decisions that led to versions below `before`, the last one first, as many as asked for.
    pub async fn traces_before(&self, id: DocumentId, before: u32, limit: usize) -> Result<Vec<Traced>, StoreError> {
        const OPERATION: &str = "documents.traces_before";
        let Some(last) = before.checked_sub(1) else { return Ok(Vec::new()) };
        let (first, last) = (keys::trace(self.tenant, id, 0), keys::trace(self.tenant, id, last));
        let query = Query {
            read: Read::Consistent,
            order: Order::Descending,
            limit: i32::try_from(limit).ok(),
            ..Query::range(&first.pk, &first.sk, &last.sk)
        };
        let mut traces = Vec::new();
        for item in self.table().query(OPERATION, query).await?.items {
            traces.push(self.traced(OPERATION, &item).await?);
        }
        Ok(traces)
    }

    /// All decisions on a document, oldest first.
    pub async fn traces(&self, id: DocumentId) -> Result<Vec<Traced>, StoreError> {
        const OPERATION: &str = "documents.traces";
        let query = Query::prefix(&keys::partition(self.tenant, id), keys::TRACE);
        let mut traces = Vec::new();
        for item in self.table().query_all(OPERATION, query).await? {
            traces.push(self.traced(OPERATION, &item).await?);
        }
        Ok(traces)
    }
}
