//! A ledger as the target: documents are handed to its unit, whose turns post them one by one as they post everything else; the
//! run waits until each has an answer. What the ledger refuses is ready again, with its words.

use crate::{Next, RunError, Step, collect::posting_date_field, taken::unless_changed};
use domain::{
    document::{Actor, Document, Event, InRun, PostedBy, Status, UnitId},
    export::{Phase, Run, RunState, count},
    export_format::PostingDateField,
    reason::Reason,
    words::{Stop, Text},
};
use std::time::Duration;
use store::Read;

/// Between two looks at documents that are under way.
const LOOK_AFTER: Duration = Duration::from_secs(30);

pub(crate) async fn hand(step: &Step<'_>, slice: u32) -> Result<Next, RunError> {
    let run = step.run;
    let books = step.tenant.administrations().get(run.administration, Read::Consistent).await?;
    let unit = match (&run.target, books.and_then(|books| books.unit)) {
        (domain::export::Target::Ledger { connection }, Some(unit)) if unit.connection == *connection => unit,
        (_, _) => return Ok(Next::Run(Box::new(step.given_up(&Reason::said(&Stop::ConnectionGone))))),
    };
    let field = posting_date_field(step).await?;
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
    if let Some(field) = needs_other_date(step, document, export, field).await? {
        let reason = Reason::said(&Stop::DateShared { field: Text(field.to_owned()) });
        return Ok(u8::from(unless_changed(step.put_back(document, by, reason).await)?.is_some()));
    }
    let (status, asks) = document.status.after(Event::ExportToLedger)?;
    let after = Document {
        status,
        version: document.version.saturating_add(1),
        updated_at: step.now,
        reason: None,
        unit: Some(unit.clone()),
        posted_by: Some(PostedBy { user: export.on_behalf_of, rule: None }),
        ..document.clone()
    };
    let (by, reason) = step.told(export);
    unless_changed(step.store(document, &after, asks, (by, Some(Event::ExportToLedger), reason)).await)?;
    Ok(0)
}

/// The field in which the ledger keeps its only date, when the run would have to change that of the document.
async fn needs_other_date(
    step: &Step<'_>,
    document: &Document,
    export: &InRun,
    field: PostingDateField,
) -> Result<Option<&'static str>, RunError> {
    let PostingDateField::Shared(name) = field else { return Ok(None) };
    let issued = document.issue_date.unwrap_or(export.posting_date);
    let content = match document.content_version {
        Some(version) => step.tenant.documents().content(document.id, version).await?,
        None => None,
    };
    let own = content.as_ref().and_then(|content| content.posting()?.booking_date).unwrap_or(issued);
    let run = step.run;
    let possible =
        domain::export::posting_date_of(run.posting_date_policy, field, run.job_date, (own, issued)).is_some();
    Ok((!possible).then_some(name))
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
            | Status::Exported => {}
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
