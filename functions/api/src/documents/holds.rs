//! Clearing a hold with a reason.

use super::{Changed, changed, claims_of, content, entry, load, next, overridden, store_content, view::DocumentView};
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, IfMatchMaybe, Json},
    problem::{Answer, Code, Problem},
    text::Why,
};
use axum::extract::State;
use domain::{
    content::{ClearedHold, Content},
    document::{Document, Status, Step},
    hold::HoldCode,
    ids::DocumentId,
    reason::Reason,
    words::{Note, ReasonName, Text},
};
use serde::Deserialize;
use store::document::{Change, Record};
use utoipa::ToSchema;

/// Why a hold is none.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ClearBody {
    /// Why; stays in the history.
    pub reason: Why,
}

/// Clears a hold with a reason. A complete document that nothing holds any more is decided on anew.
#[utoipa::path(
    post, path = "/documents/{document}/holds/{hold}/clear", tag = "documents",
    request_body = ClearBody,
    responses((status = 200, body = DocumentView))
)]
pub async fn clear_hold(
    State(app): State<App>,
    caller: Caller,
    Ids((id, code)): Ids<(DocumentId, String)>,
    seen: IfMatchMaybe,
    Json(body): Json<ClearBody>,
) -> Answer<Changed> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    check_status(&before)?;
    let not_open = || {
        let open: Vec<_> = before.holds.iter().map(|hold| hold.as_str()).collect();
        let open = if open.is_empty() { "none".to_owned() } else { open.join(", ") };
        Problem::new(Code::HoldNotOpen, format!("There is no open hold of this name. Open: {open}.")).about(id)
    };
    let code: HoldCode = code.parse().map_err(|_| not_open())?;
    if !before.holds.contains(&code) {
        return Err(not_open());
    }
    let content = content(&app, &caller, &before).await?.ok_or_else(not_open)?;
    let documents = app.of(caller.tenant).documents();
    let mut cleared = next(&before, &caller);
    cleared.holds.retain(|hold| *hold != code);
    cleared.content_version = Some(cleared.version);
    if cleared.reason.as_ref().is_some_and(|reason| reason.code == code.as_str()) {
        cleared.reason = None;
    }
    let mut content = Content { read_at: caller.now, ..content };
    content.cleared.push(ClearedHold {
        code,
        by: caller.actor(),
        at: caller.now,
        reason: body.reason.as_str().to_owned(),
    });
    overridden(&app, &caller, &cleared, &format!("document.hold_cleared.{}", code.as_str())).await?;
    if code == HoldCode::DuplicateSuspected {
        // From now on this is the first of its kind, and a third copy is suspected in its turn.
        let claims = claims_of(&app, &caller, &before).await?;
        app.of(caller.tenant).claims().overwrite(&claims, id).await?;
    }
    store_content(&app, &caller, &cleared, &content).await?;
    let hold = ReasonName(code.as_str().to_owned());
    let said = Note::HoldCleared { hold, reason: Text::of(body.reason.as_str()) };
    let entry = entry(&caller, &cleared, None, Some(Reason::said(&said)));
    // What a person has in hand is posted by a person: nothing is decided on it.
    let step = match (cleared.status, cleared.holds.is_empty(), &content.edits) {
        (Status::Complete, true, None) => Step::Evaluate,
        (_, _, _) => Step::Announce,
    };
    documents.rest(Change::new(&before, &cleared, step, Record::Entry(entry)), &caller.writer()).await?;
    Ok(changed(&caller, &cleared))
}

fn check_status(document: &Document) -> Answer<()> {
    match document.status {
        Status::Complete | Status::Incomplete | Status::Rejected => Ok(()),
        Status::Posted => Err(Problem::new(Code::Locked, "The document is posted and locked.").about(document.id)),
        Status::Received
        | Status::Tagged
        | Status::Unreadable
        | Status::Posting
        | Status::Uncertain
        | Status::Archived
        | Status::Deleted
        | Status::Ready
        | Status::Exporting
        | Status::Exported
        | Status::Shared => {
            let detail = format!("A document that is {} has no holds to be cleared.", document.status);
            Err(Problem::new(Code::State, detail).about(document.id))
        }
    }
}
