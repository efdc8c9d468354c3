//! A ledger as the target: documents are handed to its unit, whose turns post them one by one as they post everything else; the
//! run waits until each has an answer. What the ledger refuses is ready again, with its words.

use crate::{Next, RunError, Step};
use domain::{
    document::{Actor, Document, Event, PostedBy, Status, UnitId},
    export::{Phase, Run, RunState, Target, count},
    export_format::PostingDateField,
    reason::Reason,
    words::Stop,
};
use std::time::Duration;
use store::Read;

/// Between two looks at documents that are under way.
const LOOK_AFTER: Duration = Duration::from_secs(30);

pub(crate) async fn hand(step: &Step<'_>, slice: u32) -> Result<Next, RunError> {
    let run = step.run;
    let books = step.tenant.administrations().get(run.administration, Read::Consistent).await?;
    let unit = match (&run.target, books.and_then(|books| books.unit)) {
        (Target::Ledger { connection }, Some(unit)) if unit.connection == *connection => unit,
        (_, _) => return Ok(Next::Run(Box::new(step.given_up(&Reason::said(&Stop::ConnectionGone))))),
    };
    let field = step.posting_date_field().await?;
    let documents = step.documents(slice).await?;
    let ours = documents.into_iter().filter(|document| step.has(document) && document.status == Status::Exporting);
    let unit = &unit;
    let put_back =
        step.each(ours.collect(), |document| async move { give(step, &document, unit, field).await }).await?;
    let left_out = run.left_out + put_back.into_iter().map(u64::from).sum::<u64>();
    let phase = match slice + 1 {
        next if next < run.slices => Phase::Handing { slice: next },
        _ => Phase::Awaiting { slice: 0, open: 0 },
    };
    Ok(Next::Run(Box::new(Run { left_out, ..step.phase(phase) })))
}

/// Hands a document over. How many were put back: one, or none.
async fn give(step: &Step<'_>, document: &Document, unit: &UnitId, field: PostingDateField) -> Result<u8, RunError> {
    let Some(export) = &document.export else { return Ok(0) };
    let by = Actor::User(export.on_behalf_of);
    // The ledger has one date only, and the run would have to change it.
    if let PostingDateField::Shared(_) = field {
        let issued = document.issue_date.unwrap_or(export.posting_date);
        if let Err(stop) = step.posting_date(document, issued, field).await? {
            return Ok(u8::from(step.put_back(document, by, Reason::said(&stop)).await?.is_some()));
        }
    }
    let (status, asks) = document.status.after(Event::ExportToLedger)?;
    let posted_by = Some(PostedBy { user: export.on_behalf_of, rule: None });
    let after = Document { unit: Some(unit.clone()), posted_by, ..step.next(document, status) };
    let (by, reason) = step.told(export);
    step.store(document, after, asks, (by, Event::ExportToLedger, reason)).await?;
    Ok(0)
}

pub(crate) async fn look(step: &Step<'_>, slice: u32, open: u32) -> Result<Next, RunError> {
    let run = step.run;
    if slice >= run.slices {
        return Ok(Next::Run(Box::new(step.ended(RunState::Completed { at: step.now }))));
    }
    let ids = step.slice(slice).await?;
    let documents = step.heads(&ids).await?;
    let ours: Vec<&Document> = documents.iter().filter(|document| step.has(document)).collect();
    let under_way =
        ours.iter().filter(|document| matches!(document.status, Status::Posting | Status::Exporting)).count();
    match u32::try_from(under_way).unwrap_or(u32::MAX) {
        0 => {}
        same if same == open => return Ok(Next::Wait(LOOK_AFTER)),
        // Some came to their end since: the run goes on, however slowly.
        fewer => return Ok(Next::Run(Box::new(step.phase(Phase::Awaiting { slice, open: fewer })))),
    }
    let mut exported = run.exported.clone();
    let mut uncertain = run.uncertain;
    for document in &ours {
        match document.status {
            Status::Posted => count(&mut exported, document),
            Status::Uncertain => uncertain += 1,
            Status::Received
            | Status::Tagged
            | Status::Complete
            | Status::Incomplete
            | Status::Unreadable
            | Status::Posting
            | Status::Rejected
            | Status::Archived
            | Status::Deleted
            | Status::Ready
            | Status::Exporting
            | Status::Exported
            | Status::Shared => {}
        }
    }
    let after = match slice + 1 {
        next if next < run.slices => step.phase(Phase::Awaiting { slice: next, open: 0 }),
        _ => {
            // What is neither in the ledger nor unclear was put back.
            let there: u64 = exported.values().map(|sum| sum.documents).sum();
            let left_out = run.taken.saturating_sub(there + uncertain);
            Run { left_out, ..step.ended(RunState::Completed { at: step.now }) }
        }
    };
    Ok(Next::Run(Box::new(Run { exported, uncertain, ..after })))
}
