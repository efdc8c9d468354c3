//! What a run has of a document: changes of its state, each with what the history says.

use crate::{RunError, Step};
use domain::{
    content::HistoryEntry,
    document::{Actor, Document, Event, InRun, Status, Step as Asks},
    ids::{DocumentId, UserId},
    reason::Reason,
    time::Date,
    words::{Note, Text},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::HashMap;
use store::{
    ErrorKind,
    document::{Change, Record},
};

/// So many documents are handled at the same time.
pub(crate) const AT_ONCE: usize = 24;

impl Step<'_> {
    /// Whether the run has the document.
    pub(crate) fn has(&self, document: &Document) -> bool {
        document.export.as_ref().is_some_and(|export| export.run == self.run.id)
    }

    /// The mark that the run leaves on a document.
    pub(crate) fn mark(&self, posting_date: Date) -> Result<InRun, RunError> {
        Ok(InRun { run: self.run.id, posting_date, on_behalf_of: self.acting()?.0 })
    }

    /// On whose behalf the run works.
    pub(crate) fn acting(&self) -> Result<&(UserId, String), RunError> {
        self.run.acting.as_ref().ok_or_else(|| RunError::Lost("it has no user to act for".to_owned()))
    }

    /// The documents of a slice as they are now, in the order of the file; those that are gone left out.
    pub(crate) async fn documents(&self, slice: u32) -> Result<Vec<Document>, RunError> {
        let ids = self.slice(slice).await?;
        self.heads(&ids).await
    }

    /// The documents of a slice.
    pub(crate) async fn slice(&self, slice: u32) -> Result<Vec<DocumentId>, RunError> {
        let slice = self.exports.slice(self.run.id, slice).await?;
        let slice = slice.ok_or_else(|| RunError::Lost("a slice is missing".to_owned()))?;
        Ok(slice.documents.into_iter().map(|(id, _)| id).collect())
    }

    /// Documents as they are now, in the given order.
    pub(crate) async fn heads(&self, ids: &[DocumentId]) -> Result<Vec<Document>, RunError> {
        let heads = self.tenant.documents().heads(ids).await?;
        let mut heads: HashMap<DocumentId, Document> = heads.into_iter().map(|head| (head.id, head)).collect();
        Ok(ids.iter().filter_map(|id| heads.remove(id)).collect())
    }

    /// Changes documents side by side.
    pub(crate) async fn each<T, F, Fut>(&self, documents: Vec<Document>, change: F) -> Result<Vec<T>, RunError>
    where
        F: Fn(Document) -> Fut,
        Fut: Future<Output = Result<T, RunError>>,
    {
        stream::iter(documents).map(change).buffered(AT_ONCE).try_collect().await
    }

    /// Takes a document to the state after an event, with an entry in its history.
    pub(crate) async fn change(
        &self,
        before: &Document,
        event: Event,
        export: Option<InRun>,
        told: (Actor, Option<Reason>),
    ) -> Result<Document, RunError> {
        let (status, asks) = before.status.after(event)?;
        let (by, reason) = told;
        let after = Document {
            status,
            version: before.version.saturating_add(1),
            updated_at: self.now,
            reason: if status == Status::Ready { reason.clone() } else { None },
            export,
            ..before.clone()
        };
        self.store(before, &after, asks, (by, Some(event), reason)).await?;
        Ok(after)
    }

    /// Stores a change with its entry in the history.
    pub(crate) async fn store(
        &self,
        before: &Document,
        after: &Document,
        asks: Asks,
        (by, event, reason): (Actor, Option<Event>, Option<Reason>),
    ) -> Result<(), RunError> {
        let (status, version) = (after.status, after.version);
        let entry = HistoryEntry { at: self.now, by, event, status, version, reason };
        let change = Change::new(before, after, asks, Record::Entry(entry));
        Ok(self.tenant.documents().transition(change, self.writer).await?)
    }

    /// Puts a document back to what is ready, or takes back a copy, with the reason.
    pub(crate) async fn put_back(&self, document: &Document, by: Actor, reason: Reason) -> Result<Document, RunError> {
        let event = if document.status == Status::Posted { Event::WithdrawCopy } else { Event::PutBack };
        self.change(document, event, None, (by, Some(reason))).await
    }

    /// What the history says of a document that the run exported.
    pub(crate) fn told(&self, export: &InRun) -> (Actor, Option<Reason>) {
        let note = Note::InRun { run: Text(self.run.id.to_string()), date: export.posting_date };
        (Actor::User(export.on_behalf_of), Some(Reason::said(&note)))
    }
}

/// What a change came to, when somebody else may have changed the document at the same time.
pub(crate) fn unless_changed<T>(outcome: Result<T, RunError>) -> Result<Option<T>, RunError> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(RunError::Store(error)) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
