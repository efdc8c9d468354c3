//! The history of a document: what was recorded, and what follows from content, decisions and the head itself.

use super::{Documents, content::ENTRY, head, keys};
use crate::{
    StoreError, blob,
    item::{Fields, Item, Key, text},
    schema::SK,
    table::{Old, Query, Write},
};
use domain::{
    content::{Coded, Content, HistoryEntry},
    document::{Actor, Document, Event, InRun, Status},
    ids::DocumentId,
    reason::Reason,
    words::{Note, Text},
};

impl Documents {
    pub(super) fn history_write(
        &self,
        operation: &'static str,
        id: DocumentId,
        entry: &HistoryEntry,
    ) -> Result<Write, StoreError> {
        let json = serde_json::to_string(entry).map_err(|error| StoreError::bug(operation, error.to_string()))?;
        let mut item = keys::history(self.tenant, id, entry.version, entry.at).item();
        item.insert(ENTRY.to_owned(), text(json));
        Ok(Write::Put { item, condition: None })
    }

    /// Adds a note about a document that does not change it.
    pub async fn note(&self, id: DocumentId, entry: &HistoryEntry) -> Result<(), StoreError> {
        const OPERATION: &str = "documents.note";
        let write = self.history_write(OPERATION, id, entry)?;
        self.table().write(OPERATION, write, Old::NotNeeded).await?;
        Ok(())
    }

    /// Everything that happened to a document, oldest first.
    pub async fn history(&self, id: DocumentId) -> Result<Vec<HistoryEntry>, StoreError> {
        const OPERATION: &str = "documents.history";
        let items = self.table().query_all(OPERATION, Query::partition(&keys::partition(self.tenant, id))).await?;
        let mut recorded = Vec::new();
        let mut contents = Vec::new();
        let mut document = None;
        for item in &items {
            let fields = Fields::of(OPERATION, item);
            let sk = fields.needed(SK, fields.text(SK)?)?;
            if sk == keys::HEAD {
                document = Some(head::decode(OPERATION, item)?.1);
            } else if sk.starts_with(keys::CONTENT) {
                contents.push((version(OPERATION, item)?, blob::load(&self.tables.objects, OPERATION, item).await?));
            } else if sk.starts_with(keys::TRACE) || sk.starts_with(keys::HISTORY) {
                recorded.push(fields.needed(ENTRY, fields.json::<HistoryEntry>(ENTRY)?)?);
            } else {
                // What was delivered, counted or mailed is no event.
            }
        }
        Ok(document.map(|document| compose(&document, &contents, recorded)).unwrap_or_default())
    }
}

fn version(operation: &'static str, item: &Item) -> Result<u32, StoreError> {
    let version = Key::of(item).and_then(|key| keys::version_of(&key.sk));
    Fields::of(operation, item).needed(SK, version)
}

/// Puts the history together. A version with an entry of its own is told by that entry; others by what they left behind.
fn compose(document: &Document, contents: &[(u32, Content)], recorded: Vec<HistoryEntry>) -> Vec<HistoryEntry> {
    let mut entries = recorded;
    let told = |entries: &[HistoryEntry], version| {
        entries.iter().any(|entry| entry.version == version && entry.event.is_some())
    };
    let mut derived = vec![HistoryEntry {
        at: document.received_at,
        by: Actor::System,
        event: None,
        status: Status::Received,
        version: 0,
        reason: None,
    }];
    let mut tagged_before = None;
    // What a writer left behind that died before its version became true is not history.
    for (version, content) in contents.iter().filter(|(version, _)| *version <= document.version) {
        let tagged_version = version.saturating_sub(1);
        if tagged_before != Some(content.tagged_at) && !told(&entries, tagged_version) {
            derived.push(HistoryEntry {
                at: content.tagged_at,
                by: content.tagged_by.clone(),
                event: Some(Event::Tag),
                status: Status::Tagged,
                version: tagged_version,
                reason: None,
            });
        }
        tagged_before = Some(content.tagged_at);
        // An edit, such as a hold that was cleared, is told by its own entry.
        if !entries.iter().any(|entry| entry.version == *version) {
            derived.push(reading(*version, content));
        }
    }
    entries.retain(|entry| entry.version <= document.version);
    entries.extend(derived);
    if !entries.iter().any(|entry| entry.version == document.version) {
        entries.push(last(document));
    }
    entries.sort_by_key(|entry| (entry.version, entry.at));
    entries
}

fn reading(version: u32, content: &Content) -> HistoryEntry {
    let (event, status, reason) = match &content.coded {
        Coded::Complete { .. } => (Event::Completed, Status::Complete, None),
        Coded::Incomplete { missing } => (Event::FoundIncomplete, Status::Incomplete, missing.first().cloned()),
        Coded::Unreadable { error } => (Event::FoundUnreadable, Status::Unreadable, Some(error.clone())),
    };
    HistoryEntry { at: content.read_at, by: Actor::System, event: Some(event), status, version, reason }
}

/// What the head itself tells about its last change.
fn last(document: &Document) -> HistoryEntry {
    let entry = |at, by, event, reason| HistoryEntry {
        at,
        by,
        event,
        status: document.status,
        version: document.version,
        reason,
    };
    let poster = || document.posted_by.as_ref().map_or(Actor::System, |by| Actor::User(by.user));
    match (document.status, &document.booked, document.tagged_at) {
        (Status::Posted, Some(booked), _) => entry(booked.at, poster(), Some(Event::LedgerAccepted), None),
        (Status::Tagged, _, Some(tagged_at)) => {
            entry(tagged_at, document.tagged_by.clone().unwrap_or(Actor::System), Some(Event::Tag), None)
        }
        (Status::Exporting, _, _) => {
            let export = document.export.as_ref();
            let by = export.map_or(Actor::System, |export| Actor::User(export.on_behalf_of));
            let run = |export: &InRun| {
                Reason::said(&Note::InRun { run: Text(export.run.to_string()), date: export.posting_date })
            };
            entry(document.updated_at, by, Some(Event::Collect), export.map(run))
        }
        (_, _, _) => entry(document.updated_at, Actor::System, None, document.reason.clone()),
    }
}
