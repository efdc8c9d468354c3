//! Settling: each document that is in the file is exported, each that was left out is ready again, with the reason.

use crate::{Next, RunError, Step};
use domain::{
    document::{Actor, Document, Event, Status},
    export::{Phase, Run, RunState, count},
    ids::DocumentId,
    mail::{AskedDelivery, Delivery, Form, Home, Purpose},
    office::Choice,
    reason::Reason,
};
use exports::LeftOut;
use std::collections::HashMap;
use store::mail::LOOKED_AT_AFTER;

pub(crate) async fn settle(step: &Step<'_>, slice: u32) -> Result<Next, RunError> {
    let run = step.run;
    if slice >= run.slices {
        mail(step).await?;
        return Ok(Next::Run(Box::new(step.ended(RunState::Completed { at: step.now }))));
    }
    let lists: Vec<Vec<LeftOut>> = step.exports.left_out(run.id, Some(slice)).await?;
    let left_out: HashMap<DocumentId, Reason> =
        lists.into_iter().flatten().map(|one| (one.document, one.reason)).collect();
    let left_out = &left_out;
    let documents = step.documents(slice).await?;
    let ours = documents.into_iter().filter(|document| step.has(document)).collect();
    let settled = step.each(ours, |document| async move { one(step, document, left_out).await }).await?;
    let mut exported = run.exported.clone();
    for document in settled.iter().flatten() {
        count(&mut exported, document);
    }
    let all_left_out = run.left_out + left_out.len() as u64;
    let after = match slice + 1 {
        next if next < run.slices => step.phase(Phase::Settling { slice: next }),
        _ => {
            mail(step).await?;
            step.ended(RunState::Completed { at: step.now })
        }
    };
    Ok(Next::Run(Box::new(Run { exported, left_out: all_left_out, ..after })))
}

/// Has the file mailed to whoever is to get it, once however often this is done.
async fn mail(step: &Step<'_>) -> Result<(), RunError> {
    let run = step.run;
    let (Some(to), Some(_)) = (&run.mail_to, &run.file) else { return Ok(()) };
    let deliveries = step.tenant.deliveries();
    let home = Home::Run(run.id);
    let asked = AskedDelivery {
        id: deliveries.id(home, &to.mailbox(), "export"),
        home,
        administration: run.administration,
        purpose: Purpose::ExportFile { facility: run.facility },
        to: to.clone(),
        form: Form::Attachment,
        is_held: Choice::No,
        due: step.now,
        by: Actor::System,
    };
    let delivery = Delivery::asked(asked, step.now);
    deliveries.ask(&delivery, step.now + LOOKED_AT_AFTER, step.writer).await?;
    Ok(())
}

/// The document, when it is exported.
async fn one(
    step: &Step<'_>,
    document: Document,
    left_out: &HashMap<DocumentId, Reason>,
) -> Result<Option<Document>, RunError> {
    match (document.status, left_out.get(&document.id)) {
        (Status::Exporting | Status::Posted, Some(reason)) => {
            let by = step.acting()?.0;
            step.put_back(&document, Actor::User(by), reason.clone()).await?;
            Ok(None)
        }
        (Status::Exporting, None) => {
            let Some(export) = &document.export else { return Ok(None) };
            match step.change(&document, Event::Export, Some(export.clone()), step.told(export)).await? {
                Some(exported) => Ok(Some(exported)),
                None => Ok(step.ours_now(document.id).await?.filter(|now| now.status == Status::Exported)),
            }
        }
        // A copy was noted when it was taken; what was exported before stays so.
        (Status::Posted | Status::Exported, _) => Ok(Some(document)),
        (
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
            | Status::Ready
            | Status::Shared,
            _,
        ) => Ok(None),
    }
}
