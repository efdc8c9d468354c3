//! Collecting: everything that is ready, in slices (EX-1). A slice is written down before its documents are marked; who dies in
//! between finds it and marks the rest. A document that was changed since it was seen stays for the next run.

use crate::{Next, RunError, Step, taken::unless_changed};
use domain::{
    document::{Document, Event, Status},
    export::{Origin, Phase, Run, RunState, Target, Written, count},
    export_format::PostingDateField,
};
use std::collections::HashMap;
use store::{
    document::{Change, Record},
    runs::{ExportSlice, Place},
};

pub(crate) async fn collect(step: &Step<'_>) -> Result<Next, RunError> {
    let run = step.run;
    let mut seen: HashMap<_, Document> = HashMap::new();
    let slice = match step.exports.slice(run.id, run.slices).await? {
        Some(slice) => Some(slice),
        None => match place(step).await? {
            None => None,
            Some(place) => {
                let (meant, documents) = look(step, place).await?;
                seen.extend(documents.into_iter().map(|document| (document.id, document)));
                Some(step.exports.put_slice(run.id, run.slices, meant).await?)
            }
        },
    };
    let Some(slice) = slice else { return Ok(Next::Run(Box::new(collected(step)))) };
    let field = step.posting_date_field().await?;
    let unseen: Vec<_> = slice.documents.iter().map(|(id, _)| *id).filter(|id| !seen.contains_key(id)).collect();
    seen.extend(step.heads(&unseen).await?.into_iter().map(|document| (document.id, document)));
    let documents: Vec<(Document, u32)> =
        slice.documents.iter().filter_map(|(id, version)| Some((seen.remove(id)?, *version))).collect();
    let taken = step.each(documents, |(document, wanted)| take(step, document, wanted, field)).await?;
    let mut collected = run.collected.clone();
    for document in taken.iter().flatten() {
        count(&mut collected, document);
    }
    let phase = Phase::Collecting;
    let taken = run.taken + u64::try_from(taken.iter().flatten().count()).unwrap_or_default();
    Ok(Next::Run(Box::new(Run { taken, collected, slices: run.slices + 1, ..step.phase(phase) })))
}

/// What follows when everything is taken.
fn collected(step: &Step<'_>) -> Run {
    let run = step.run;
    if run.taken == 0 {
        // Nothing to export: a run all the same, without a file and without a call (EX-28).
        return step.ended(RunState::Completed { at: step.now });
    }
    match run.target {
        Target::File { .. } => step.phase(Phase::Writing { slice: 0, document: 0, written: Written::default() }),
        Target::Ledger { .. } => step.phase(Phase::Handing { slice: 0 }),
    }
}

/// Where the next slice begins.
async fn place(step: &Step<'_>) -> Result<Option<Place>, RunError> {
    let run = step.run;
    match (run.origin, run.slices.checked_sub(1)) {
        // The documents that a person chose were written down with the run.
        (Origin::Manual { .. }, _) => Ok(None),
        (Origin::Scheduled { .. }, None) => Ok(Some(Place::Ready(None))),
        (Origin::Scheduled { .. }, Some(last)) => {
            let last = step.exports.slice(run.id, last).await?;
            Ok(last.ok_or_else(|| RunError::Lost("a slice is missing".to_owned()))?.next)
        }
    }
}

/// The documents at a place.
async fn look(step: &Step<'_>, place: Place) -> Result<(ExportSlice, Vec<Document>), RunError> {
    let (documents, administration, limit) = (step.tenant.documents(), step.run.administration, step.app.sizes.slice);
    let (listed, next) = match (place, step.run.copies_since) {
        (Place::Ready(cursor), copies) => {
            let listed = documents.ready(administration, cursor.as_ref(), limit).await?;
            let next = match (&listed.next, copies) {
                (Some(next), _) => Some(Place::Ready(Some(next.clone()))),
                (None, Some(_)) => Some(Place::Posted(None)),
                (None, None) => None,
            };
            (listed, next)
        }
        (Place::Posted(cursor), Some(since)) => {
            let listed = documents.posted_since(administration, since, cursor.as_ref(), limit).await?;
            let next = listed.next.clone().map(|next| Place::Posted(Some(next)));
            (listed, next)
        }
        (Place::Posted(_), None) => return Ok((ExportSlice { documents: Vec::new(), next: None }, Vec::new())),
    };
    let seen = listed.items.iter().map(|document| (document.id, document.version)).collect();
    Ok((ExportSlice { documents: seen, next }, listed.items))
}

/// Marks a document as in the run; nothing when it was changed since.
async fn take(
    step: &Step<'_>,
    document: Document,
    wanted: u32,
    field: PostingDateField,
) -> Result<Option<Document>, RunError> {
    if step.has(&document) {
        return Ok(Some(document));
    }
    if document.version != wanted || document.administration != step.run.administration {
        return Ok(None);
    }
    let issued = document.issue_date.unwrap_or(step.run.job_date);
    // Where the target's only date would have to change, the document's own: it is left out before it is booked.
    let export = step.mark(step.posting_date(&document, issued, field).await?.unwrap_or(issued))?;
    let marked = match document.status {
        Status::Ready => {
            let (status, _) = document.status.after(Event::Collect)?;
            let after = Document { export: Some(export), ..step.next(&document, status) };
            // Nobody is told: the run itself goes on with it, and tells when it is exported.
            let change = Change::quiet(&document, &after, Record::Covered);
            let stored = step.tenant.documents().transition(change, step.writer).await;
            unless_changed(stored)?.map(|()| after)
        }
        Status::Posted => {
            let told = step.told(&export);
            step.change(&document, Event::Copy, Some(export), told).await?
        }
        Status::Received
        | Status::Tagged
        | Status::Complete
        | Status::Incomplete
        | Status::Unreadable
        | Status::Posting
        | Status::Rejected
        | Status::Uncertain
        | Status::Archived
        | Status::Deleted
        | Status::Exporting
        | Status::Exported
        | Status::Shared => return Ok(None),
    };
    match marked {
        Some(document) => Ok(Some(document)),
        None => step.ours_now(document.id).await,
    }
}
