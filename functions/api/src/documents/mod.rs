//! Documents: delivered, tagged, looked at, posted or rejected by a person.

mod act;
mod bulk;
mod changes;
mod decisions;
mod deliver;
pub mod delivery;
mod edit_body;
mod edits;
mod exports;
mod files;
mod holds;
mod lists;
mod overview;
mod share;
mod show;
mod uncertain;
pub mod view;

pub use act::*;
pub use bulk::*;
pub use changes::*;
pub use decisions::*;
pub use deliver::*;
pub use edit_body::*;
pub use edits::*;
pub use exports::*;
pub use files::*;
pub use holds::*;
pub use lists::*;
pub use overview::*;
pub use share::*;
pub use show::*;
pub use uncertain::*;

use crate::{
    app::App,
    auth::Caller,
    problem::{Answer, Code, Problem},
};
use domain::{
    content::{Content, HistoryEntry},
    document::{Document, Event, List, Status, Step},
    ids::DocumentId,
    permission::Permission,
    reason::Reason,
};
use store::{
    Read,
    document::{Change, Put, Record},
    settings::AuditEntry,
};

/// A document that the caller may see, as it is now.
pub(crate) async fn load(app: &App, caller: &Caller, id: DocumentId) -> Answer<Document> {
    found(caller, id, app.of(caller.tenant).documents().get(id, Read::Consistent).await?)
}

/// A document that the caller may see. Cheap, and perhaps a moment old.
pub(crate) async fn glance(app: &App, caller: &Caller, id: DocumentId) -> Answer<Document> {
    found(caller, id, app.of(caller.tenant).documents().get_at_least(id, 1).await?)
}

fn found(caller: &Caller, id: DocumentId, document: Option<Document>) -> Answer<Document> {
    document.filter(|document| caller.covers(document.administration)).ok_or_else(|| Problem::not_found("document", id))
}

/// Who only sees the archive does not see what is under way.
pub(crate) fn check_sight(caller: &Caller, document: &Document) -> Answer<()> {
    match document.status.list() {
        Some(List::Archive) => caller.must_any(&[Permission::DeliverDocuments, Permission::ViewArchive]),
        Some(List::Intake) => caller.must(Permission::DeliverDocuments),
        // Finance reviews what is complete before it releases it (EX-24).
        Some(List::Overview | List::Ready | List::Exporting) | None => {
            caller.must_any(&[Permission::DeliverDocuments, Permission::ReleaseDocuments])
        }
    }
}

/// The state after an event, and what follows from it.
fn after(document: &Document, event: Event) -> Answer<(Status, Step)> {
    document.status.after(event).map_err(|refused| {
        if document.status == Status::Posted {
            let detail = "The document is posted and locked. To redo it, delete the booking in the ledger, download the \
                          document and deliver it again (or correct it in the ledger).";
            return Problem::new(Code::Locked, detail).about(document.id);
        }
        let detail = match document.status {
            Status::Ready => format!("{refused}: send it back for review first"),
            Status::Exporting => format!("{refused}: it is in a run; wait for its end, or cancel the run"),
            Status::Exported => format!("{refused}: revert the export first"),
            Status::Shared => format!("{refused}: the accountant has it, whose package imports it by mail"),
            Status::Received
            | Status::Tagged
            | Status::Complete
            | Status::Incomplete
            | Status::Unreadable
            | Status::Posting
            | Status::Posted
            | Status::Rejected
            | Status::Uncertain
            | Status::Archived
            | Status::Deleted => refused.to_string(),
        };
        Problem::new(Code::State, format!("This is not possible now: {detail}.")).about(document.id)
    })
}

/// What was read from a document, if it was read.
async fn content(app: &App, caller: &Caller, document: &Document) -> Answer<Option<Content>> {
    Ok(app.of(caller.tenant).documents().content_now(document).await?)
}

/// Stores what is known of the next version of a document, before the head that points to it.
async fn store_content(app: &App, caller: &Caller, next: &Document, content: &Content) -> Answer<()> {
    let documents = app.of(caller.tenant).documents();
    match documents.put_content(next.id, next.version, content, &caller.writer()).await? {
        Put::New => Ok(()),
        Put::Existing(_) => {
            Err(Problem::new(Code::Conflict, "Somebody changed this at the same moment. Read it again."))
        }
    }
}

/// The next version of a document, changed by the caller now.
fn next(document: &Document, caller: &Caller) -> Document {
    Document { version: document.version.saturating_add(1), updated_at: caller.now, ..document.clone() }
}

/// The history entry of a change by the caller.
fn entry(caller: &Caller, changed: &Document, event: Option<Event>, reason: Option<Reason>) -> HistoryEntry {
    HistoryEntry { at: caller.now, by: caller.actor(), event, status: changed.status, version: changed.version, reason }
}

/// Stores a change with its own entry in the history.
async fn store(
    app: &App,
    caller: &Caller,
    before: &Document,
    changed: &Document,
    step: Step,
    entry: HistoryEntry,
) -> Answer<()> {
    let change = Change::new(before, changed, step, Record::Entry(entry));
    Ok(app.of(caller.tenant).documents().transition(change, &caller.writer()).await?)
}

/// Records in the audit record that a person overrides what the system decided or does not know. Written before the change, with the
/// version that the document gets by it: no override can go unrecorded, and its reason is in the document's history.
async fn overridden(app: &App, caller: &Caller, changed: &Document, what: &str) -> Answer<()> {
    let entry = AuditEntry {
        at: caller.now,
        by: caller.actor(),
        what: what.to_owned(),
        subject: changed.id.to_string(),
        before: None,
        after: Some(serde_json::json!({ "version": changed.version, "status": changed.status })),
    };
    Ok(app.of(caller.tenant).audit().append(&entry, &caller.writer()).await?)
}
