//! Sharing documents with the accountant: whatever accounting package he works with gets them by mail (ED-12).

use super::{Changed, after, changed, entry, load, next, store, view::DocumentView};
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, IfMatchMaybe},
    problem::{Answer, Code, Problem},
};
use axum::extract::State;
use domain::{
    document::{Document, Event, Shared, SharedAs},
    hold::HoldCode,
    ids::DocumentId,
    office::Choice,
};

/// Accepts a purchase document: it is shared with the accountant (ED-12). What was posted or exported stays so and is shared as a
/// copy. Refused for a suspected duplicate where the administration says so (ED-27).
#[utoipa::path(
    post, path = "/documents/{document}/accept", tag = "mail",
    responses((status = 200, body = DocumentView))
)]
pub async fn accept_document(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
) -> Answer<Changed> {
    share(&app, &caller, id, seen, SharedAs::Accepted).await
}

/// Marks a sales document as sent to the customer: it is shared with the accountant (ED-12). Refused for a suspected duplicate where
/// the administration says so (ED-28).
#[utoipa::path(
    post, path = "/documents/{document}/mark-sent", tag = "mail",
    responses((status = 200, body = DocumentView))
)]
pub async fn mark_document_sent(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
) -> Answer<Changed> {
    share(&app, &caller, id, seen, SharedAs::Sent).await
}

/// Archives a sales document without sending it to the customer: it is shared with the accountant (ED-12).
#[utoipa::path(
    post, path = "/documents/{document}/archive-directly", tag = "mail",
    responses((status = 200, body = DocumentView))
)]
pub async fn archive_document_directly(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
) -> Answer<Changed> {
    share(&app, &caller, id, seen, SharedAs::Archived).await
}

/// Puts a document that is no invoice into the folder that the accountant sees (ED-12).
#[utoipa::path(
    post, path = "/documents/{document}/share", tag = "mail",
    responses((status = 200, body = DocumentView))
)]
pub async fn share_document(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
) -> Answer<Changed> {
    share(&app, &caller, id, seen, SharedAs::InFolder).await
}

async fn share(app: &App, caller: &Caller, id: DocumentId, seen: IfMatchMaybe, how: SharedAs) -> Answer<Changed> {
    let before = load(app, caller, id).await?;
    seen.check(before.version)?;
    if let Some(shared) = before.shared {
        return Err(shared_already(shared).about(id));
    }
    before
        .shareable(how)
        .map_err(|error| Problem::new(Code::State, format!("This is not possible: {error}.")).about(id))?;
    check_duplicate(app, caller, &before, how).await?;
    let event = before.sharing();
    let (status, step) = after(&before, event)?;
    let mut shared = Document { status, shared: Some(Shared { how, at: caller.now }), ..next(&before, caller) };
    if event == Event::Share {
        // What was missing for a booking, or why one failed, is the accountant's to see to.
        shared.reason = None;
        shared.missing = Vec::new();
    }
    let entry = entry(caller, &shared, Some(event), None);
    store(app, caller, &before, &shared, step, entry).await?;
    Ok(changed(caller, &shared))
}

/// It is shared once; mails go out again by hand.
pub(crate) fn shared_already(shared: Shared) -> Problem {
    let detail = format!(
        "The document is shared with the accountant already: {} at {}. To send it once more: POST to its deliveries.",
        shared.how,
        shared.at.to_rfc3339_opts(chrono::SecondsFormat::Secs, true)
    );
    Problem::new(Code::State, detail)
}

async fn check_duplicate(app: &App, caller: &Caller, document: &Document, how: SharedAs) -> Answer<()> {
    if !document.holds.contains(&HoldCode::DuplicateSuspected) {
        return Ok(());
    }
    let rules = app.administration(caller, document.administration).await?.duplicates;
    let (blocks, done) = match how {
        SharedAs::Accepted => (rules.block_acceptance, "accepted"),
        SharedAs::Sent => (rules.block_sending, "marked as sent"),
        SharedAs::Archived | SharedAs::InFolder | SharedAs::Arrived => (Choice::No, "shared"),
    };
    match blocks {
        Choice::No => Ok(()),
        Choice::Yes => {
            let detail = format!(
                "The document may be a duplicate, and those are not {done} here. Compare the two: clear the hold {} with a \
                 reason when it is none, or reject the document and delete it.",
                HoldCode::DuplicateSuspected.as_str()
            );
            Err(Problem::new(Code::Duplicate, detail).about(document.id))
        }
    }
}
