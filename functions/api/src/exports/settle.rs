//! A run that hangs, ended by a person; exports taken back (EX-26, EX-27).

use super::{LeftOutView, RunView, call, check_revert, run};
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, IfMatchMaybe, Json, JsonMaybe},
    problem::{Answer, Code, Problem},
    reply::{InWords, Made, Page, Shown},
    text::Why,
};
use ::exports::LeftOut;
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use domain::{
    export::{Closing, Run, RunStatus},
    ids::{AdministrationId, RunId},
    office::Choice,
};
use serde::Deserialize;
use serde_json::json;
use store::settings::AuditEntry;
use utoipa::ToSchema;

/// That somebody looked at the target.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarkBody {
    /// `true`: I have seen in the target system that it has the documents. Nothing else is taken.
    pub checked_in_target: bool,
    /// Kept in the history of each document.
    #[serde(default)]
    pub comment: Option<Why>,
}

/// Why a run is cancelled.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CancelBody {
    /// Kept in the history of each document.
    #[serde(default)]
    pub reason: Option<Why>,
}

/// Why a run is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevertBody {
    /// Kept in the history of each document.
    pub reason: Why,
    /// `true`: I know that exporting again may book twice. Nothing else is taken.
    pub may_book_twice: bool,
}

/// A hanging run that the caller may end.
async fn hanging(app: &App, caller: &Caller, administration: AdministrationId, id: RunId) -> Answer<Run> {
    let books = app.administration(caller, administration).await?;
    let run = run(app, caller, administration, id).await?;
    if books.exports.settle_hanging != Choice::Yes {
        let detail = "Ending a hanging run is not enabled for this administration: somebody with the right to change its \
                      invoice settings enables it.";
        return Err(Problem::new(Code::SettlingDisabled, detail).about(administration));
    }
    if !run.hangs(caller.now) {
        let detail = match run.status() {
            RunStatus::InProgress => {
                "The run is at work: it hangs only when nothing has moved for twenty minutes.".to_owned()
            }
            status @ (RunStatus::Completed | RunStatus::Stopped | RunStatus::Cancelled | RunStatus::Skipped) => {
                format!("The run is {}: there is nothing to end.", status.as_str())
            }
        };
        return Err(Problem::new(Code::State, detail).about(id));
    }
    Ok(run)
}

async fn close(app: &App, caller: &Caller, before: &Run, closing: Closing, what: &str) -> Answer<Response> {
    let told = json!({ "closing": closing });
    let after = before
        .close(closing, caller.now)
        .ok_or_else(|| Problem::new(Code::State, "Somebody is ending this run already.").about(before.id))?;
    store_ending(app, caller, (before, &after), what, told).await
}

/// Stores what a person wishes of a run, with its entry in the audit record, and calls the run.
async fn store_ending(
    app: &App,
    caller: &Caller,
    (before, after): (&Run, &Run),
    what: &str,
    told: serde_json::Value,
) -> Answer<Response> {
    let entry = AuditEntry {
        at: caller.now,
        by: caller.actor(),
        what: what.to_owned(),
        subject: before.id.to_string(),
        before: None,
        after: Some(told),
    };
    let tenant = app.of(caller.tenant);
    tenant.audit().append(&entry, &caller.writer()).await?;
    tenant.exports(before.administration).update(before, after, &caller.writer()).await?;
    call(app, caller, after).await;
    let location = format!("/administrations/{}/export-runs/{}", after.administration, after.id);
    let view = RunView::new(after, caller.now, caller.language);
    Ok(InWords(caller.language, Made::accepted(location, view)).into_response())
}

/// Marks the documents of a hanging run that are in progress as exported; the run is completed (EX-26). Look into the target system
/// first.
#[utoipa::path(
    post, path = "/administrations/{administration}/export-runs/{run}/mark-exported", tag = "exports",
    request_body = MarkBody,
    responses((status = 202, body = RunView))
)]
pub async fn mark_exported(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, RunId)>,
    seen: IfMatchMaybe,
    Json(body): Json<MarkBody>,
) -> Answer<Response> {
    let run = hanging(&app, &caller, administration, id).await?;
    seen.check(run.version)?;
    if !body.checked_in_target {
        let detail =
            "Look into the target system first, and say so with true: what it does not have is not exported again.";
        return Err(Problem::invalid("/checked_in_target", detail));
    }
    let comment = body.comment.map(|comment| comment.as_str().to_owned()).unwrap_or_default();
    close(&app, &caller, &run, Closing::Exported { by: caller.user.id, comment }, "export.marked_exported").await
}

/// Cancels a hanging run: all its documents are ready to export again (EX-26). What the target has already is not undone.
#[utoipa::path(
    post, path = "/administrations/{administration}/export-runs/{run}/cancel", tag = "exports",
    request_body = CancelBody,
    responses((status = 202, body = RunView))
)]
pub async fn cancel_run(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, RunId)>,
    seen: IfMatchMaybe,
    JsonMaybe(body): JsonMaybe<CancelBody>,
) -> Answer<Response> {
    let run = hanging(&app, &caller, administration, id).await?;
    seen.check(run.version)?;
    let reason = body.reason.map(|reason| reason.as_str().to_owned()).unwrap_or_default();
    close(&app, &caller, &run, Closing::Cancelled { by: caller.user.id, reason }, "export.cancelled").await
}

/// Takes a completed run back: each document is ready to export again, unless the ledger of the administration has it. The ledger is asked
/// for each first; GET its `kept` tells what could not be taken back, and why.
#[utoipa::path(
    post, path = "/administrations/{administration}/export-runs/{run}/revert", tag = "exports",
    request_body = RevertBody,
    responses((status = 202, body = RunView))
)]
pub async fn revert_run(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, RunId)>,
    seen: IfMatchMaybe,
    Json(body): Json<RevertBody>,
) -> Answer<Response> {
    let books = app.administration(&caller, administration).await?;
    let before = run(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    check_revert(&books)?;
    if !body.may_book_twice {
        let detail = "A second export may book documents twice where no ledger can be asked: look into the target system \
                      first, and say so with true.";
        return Err(Problem::invalid("/may_book_twice", detail));
    }
    let after = before.revert(caller.user.id, body.reason.as_str().to_owned(), caller.now).ok_or_else(|| {
        let detail = format!("Only a completed run is taken back: this one is {}.", before.status().as_str());
        Problem::new(Code::State, detail).about(id)
    })?;
    let told = json!({ "reason": body.reason.as_str() });
    store_ending(&app, &caller, (&before, &after), "export.reverted", told).await
}

/// What of a run could not be taken back, each document with what the ledger said.
#[utoipa::path(
    get, path = "/administrations/{administration}/export-runs/{run}/kept", tag = "exports",
    responses((status = 200, body = Page<LeftOutView>))
)]
pub async fn run_kept(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, RunId)>,
) -> Answer<InWords<Shown<Page<LeftOutView>>>> {
    let run = run(&app, &caller, administration, id).await?;
    let lists: Vec<Vec<LeftOut>> = app.of(caller.tenant).exports(administration).kept(run.id).await?;
    let items = lists.iter().flatten().map(|one| LeftOutView::new(one, caller.language)).collect();
    Ok(InWords(caller.language, Shown(Page { items, next: None })))
}
