//! What a run has of a document: the date with which it books it, and changes of its state, each with what the history says.

use crate::{RunError, Step};
use domain::{
    content::HistoryEntry,
    document::{Actor, Document, Event, InRun, Status, Step as Asks},
    export::{Target, posting_date_of},
    export_format::PostingDateField,
    ids::{DocumentId, UserId},
    reason::Reason,
    schedule::PostingDatePolicy,
    time::Date,
    words::{Note, Stop, Text},
};
use futures_util::{StreamExt as _, TryStreamExt as _, stream};
use std::collections::HashMap;
use store::{
    ErrorKind, Read, StoreError,
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
    pub(crate) async fn each<D, T, F, Fut>(&self, documents: Vec<D>, change: F) -> Result<Vec<T>, RunError>
    where
        F: Fn(D) -> Fut,
        Fut: Future<Output = Result<T, RunError>>,
    {
        stream::iter(documents).map(change).buffered(AT_ONCE).try_collect().await
    }

    /// A document that the run has now, perhaps by an earlier try of the same step.
    pub(crate) async fn ours_now(&self, document: DocumentId) -> Result<Option<Document>, RunError> {
        let now = self.tenant.documents().get(document, Read::Consistent).await?;
        Ok(now.filter(|now| self.has(now)))
    }

    /// What becomes of the posting date in the run's target.
    pub(crate) async fn posting_date_field(&self) -> Result<PostingDateField, RunError> {
        let target = &self.run.target;
        let connection = match target {
            Target::Ledger { connection } => self.tenant.connections().get(*connection, Read::Eventual).await?,
            Target::File { .. } => None,
        };
        Ok(ledgers::posting_date_field_in(target, connection.as_ref()))
    }

    /// The date with which the run books a document that is dated so, or that its target has no place for that.
    pub(crate) async fn posting_date(
        &self,
        document: &Document,
        issued: Date,
        field: PostingDateField,
    ) -> Result<Result<Date, Stop>, RunError> {
        let run = self.run;
        let content = match run.posting_date_policy {
            // Whatever the document says: its content need not be read.
            PostingDatePolicy::JobDate => None,
            PostingDatePolicy::NotBeforeJobDate => self.tenant.documents().content_now(document).await?,
        };
        let own = content.as_ref().and_then(|content| content.posting()?.booking_date).unwrap_or(issued);
        Ok(posting_date_of(run.posting_date_policy, field, run.job_date, (own, issued)))
    }

    /// The next version of a document, in another state.
    pub(crate) fn next(&self, before: &Document, status: Status) -> Document {
        let version = before.version.saturating_add(1);
        Document { status, version, updated_at: self.now, reason: None, ..before.clone() }
    }

    /// Takes a document to the state after an event, with an entry in its history. Nothing when somebody else changed it.
    pub(crate) async fn change(
        &self,
        before: &Document,
        event: Event,
        export: Option<InRun>,
        told: (Actor, Option<Reason>),
    ) -> Result<Option<Document>, RunError> {
        let (status, asks) = before.status.after(event)?;
        let (by, reason) = told;
        let reason_shown = if status == Status::Ready { reason.clone() } else { None };
        let after = Document { reason: reason_shown, export, ..self.next(before, status) };
        self.store(before, after, asks, (by, event, reason)).await
    }

    /// Stores a change with its entry in the history. The document after it; nothing when somebody else changed it.
    pub(crate) async fn store(
        &self,
        before: &Document,
        after: Document,
        asks: Asks,
        (by, event, reason): (Actor, Event, Option<Reason>),
    ) -> Result<Option<Document>, RunError> {
        let (status, version) = (after.status, after.version);
        let entry = HistoryEntry { at: self.now, by, event: Some(event), status, version, reason };
        let change = Change::new(before, &after, asks, Record::Entry(entry));
        Ok(unless_changed(self.tenant.documents().transition(change, self.writer).await)?.map(|()| after))
    }

    /// Puts a document back to what is ready, or takes back a copy, with the reason. Nothing when somebody else changed it.
    pub(crate) async fn put_back(
        &self,
        document: &Document,
        by: Actor,
        reason: Reason,
    ) -> Result<Option<Document>, RunError> {
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
pub(crate) fn unless_changed<T>(outcome: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match outcome {
        Ok(value) => Ok(Some(value)),
        Err(error) if matches!(error.kind(), ErrorKind::Conflict | ErrorKind::NotFound) => Ok(None),
        Err(error) => Err(error),
    }
}
