//! Closing: a person ended the run (EX-26). Marked as exported: what is in progress becomes exported. Cancelled: everything that the
//! run has goes back to the list; what the target did with it already is not undone, and what a ledger has stays there.

use crate::{Next, RunError, Step};
use domain::{
    document::{Actor, Document, Event, Status},
    export::{Closing, Phase, Run, RunState, Target, count},
    ids::UserId,
    reason::Reason,
    words::{Note, Text},
};

pub(crate) async fn close(step: &Step<'_>, closing: &Closing, slice: u32) -> Result<Next, RunError> {
    let run = step.run;
    let end = || match closing {
        Closing::Exported { .. } => step.ended(RunState::Completed { at: step.now }),
        Closing::Cancelled { .. } => step.ended(RunState::Cancelled { at: step.now }),
    };
    // A slice may have been written down and not counted yet.
    let Some(found) = step.exports.slice(run.id, slice).await? else { return Ok(Next::Run(Box::new(end()))) };
    let ids: Vec<_> = found.documents.iter().map(|(id, _)| *id).collect();
    let documents = step.heads(&ids).await?;
    let ours: Vec<Document> = documents.into_iter().filter(|document| step.has(document)).collect();
    let (mut exported, mut left_out) = (run.exported.clone(), run.left_out);
    let ended = step.each(ours, |document| async move { one(step, document, closing).await }).await?;
    match closing {
        Closing::Exported { .. } => ended.iter().flatten().for_each(|document| count(&mut exported, document)),
        Closing::Cancelled { .. } => {
            exported.clear();
            left_out += ended.iter().flatten().count() as u64;
        }
    }
    let after = step.phase(Phase::Closing { closing: closing.clone(), slice: slice + 1 });
    Ok(Next::Run(Box::new(Run { exported, left_out, ..after })))
}

/// The document, when it was changed.
async fn one(step: &Step<'_>, document: Document, closing: &Closing) -> Result<Option<Document>, RunError> {
    let run = Text(step.run.id.to_string());
    match closing {
        Closing::Exported { by, comment } => match document.status {
            Status::Exporting => {
                let note = Note::MarkedExported { run, comment: Text(comment.clone()) };
                step.change(&document, Event::Export, document.export.clone(), told(*by, &note)).await
            }
            // What was settled before was counted then, and what is with a ledger stays there.
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
            | Status::Deleted
            | Status::Ready
            | Status::Exported
            | Status::Shared => Ok(None),
        },
        Closing::Cancelled { by, reason } => {
            let Some(event) = undone_by(document.status, &step.run.target) else { return Ok(None) };
            let note = Note::RunCancelled { run, reason: Text(reason.clone()) };
            step.change(&document, event, None, told(*by, &note)).await
        }
    }
}

fn told(by: UserId, note: &Note) -> (Actor, Option<Reason>) {
    (Actor::User(by), Some(Reason::said(note)))
}

/// What takes a document out of a cancelled run. What is with a ledger, or was posted there, cannot be taken out by us.
fn undone_by(status: Status, target: &Target) -> Option<Event> {
    match (status, target) {
        (Status::Exporting, _) => Some(Event::PutBack),
        (Status::Exported, _) => Some(Event::Revert),
        // A file has a copy of what was posted on another path; a ledger has what the run posted.
        (Status::Posted, Target::File { .. }) => Some(Event::WithdrawCopy),
        (
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
            | Status::Deleted
            | Status::Ready
            | Status::Shared,
            _,
        ) => None,
    }
}
