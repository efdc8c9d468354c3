//! Collecting: everything that is ready, in slices (EX-1). A slice is written down before its documents are marked; who dies in
//! between finds it and marks the rest. A document that was changed since it was seen stays for the next run.

use crate::{Next, RunError, Step, taken::unless_changed};
use domain::{
    document::{Document, Event, InRun, Status},
    export::{Origin, Phase, Run, RunState, Target, Written, count, posting_date_of},
    export_format::PostingDateField,
    schedule::PostingDatePolicy,
};
use std::collections::HashMap;
use store::{
    Read,
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
    let field = posting_date_field(step).await?;
    let unseen: Vec<_> = slice.documents.iter().map(|(id, _)| *id).filter(|id| !seen.contains_key(id)).collect();
    seen.extend(step.heads(&unseen).await?.into_iter().map(|document| (document.id, document)));
    let documents: Vec<(Document, u32)> =
        slice.documents.iter().filter_map(|(id, version)| Some((seen.remove(id)?, *version))).collect();
    let versions: HashMap<_, u32> = documents.iter().map(|(document, version)| (document.id, *version)).collect();
    let versions = &versions;
    let taken = step
        .each(documents.into_iter().map(|(document, _)| document).collect(), |document| async move {
            let wanted = versions.get(&document.id).copied().unwrap_or_default();
            take(step, document, wanted, field).await
        })
        .await?;
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
    let marked = match mark(step, &document, wanted, field).await? {
        Marked::Now(document) | Marked::Before(document) => Some(document),
        Marked::Refused => {
            // Perhaps by an earlier try of our own.
            let now = step.tenant.documents().get(document.id, Read::Consistent).await?;
            now.filter(|now| step.has(now))
        }
        Marked::Not => None,
    };
    Ok(marked)
}

enum Marked {
    Now(Document),
    Before(Document),
    Refused,
    Not,
}

async fn mark(step: &Step<'_>, document: &Document, wanted: u32, field: PostingDateField) -> Result<Marked, RunError> {
    if step.has(document) {
        return Ok(Marked::Before(document.clone()));
    }
    if document.version != wanted || document.administration != step.run.administration {
        return Ok(Marked::Not);
    }
    let export = step.mark(posting_date(step, document, field).await?)?;
    match document.status {
        Status::Ready => {
            let (status, _) = document.status.after(Event::Collect)?;
            let after = in_run(step, document, status, export);
            // Nobody is told: the run itself goes on with it, and tells when it is exported.
            let change = Change::quiet(document, &after, Record::Covered);
            let stored = step.tenant.documents().transition(change, step.writer).await;
            Ok(match unless_changed(stored.map_err(RunError::from))? {
                Some(()) => Marked::Now(after),
                None => Marked::Refused,
            })
        }
        Status::Posted => {
            let told = step.told(&export);
            let changed = step.change(document, Event::Copy, Some(export), told).await;
            Ok(unless_changed(changed)?.map_or(Marked::Refused, Marked::Now))
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
        | Status::Exported => Ok(Marked::Not),
    }
}

fn in_run(step: &Step<'_>, document: &Document, status: Status, export: InRun) -> Document {
    Document {
        status,
        version: document.version.saturating_add(1),
        updated_at: step.now,
        reason: None,
        export: Some(export),
        ..document.clone()
    }
}

/// What becomes of the posting date in the run's target.
pub(crate) async fn posting_date_field(step: &Step<'_>) -> Result<PostingDateField, RunError> {
    match &step.run.target {
        Target::File { file } => Ok(file.posting_date_field()),
        Target::Ledger { connection } => {
            let connection = step.tenant.connections().get(*connection, Read::Eventual).await?;
            let field = connection.and_then(|connection| ledgers::posting_date_field(&connection));
            Ok(field.unwrap_or(PostingDateField::Shared("date")))
        }
    }
}

/// The date with which the run books a document. Where the target's only date would have to change, the document's own: it is left
/// out before it is booked.
async fn posting_date(
    step: &Step<'_>,
    document: &Document,
    field: PostingDateField,
) -> Result<domain::time::Date, RunError> {
    let run = step.run;
    let issued = document.issue_date.unwrap_or(run.job_date);
    let own = match (run.posting_date_policy, document.content_version) {
        // The job date, whatever the document says: its content need not be read.
        (PostingDatePolicy::JobDate, _) | (PostingDatePolicy::NotBeforeJobDate, None) => issued,
        (PostingDatePolicy::NotBeforeJobDate, Some(version)) => {
            let content = step.tenant.documents().content(document.id, version).await?;
            content.as_ref().and_then(|content| content.posting()?.booking_date).unwrap_or(issued)
        }
    };
    Ok(posting_date_of(run.posting_date_policy, field, run.job_date, (own, issued)).unwrap_or(issued))
}
