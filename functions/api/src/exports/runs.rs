//! Runs: listed, looked at, downloaded, started by hand (EX-21 to EX-25).

use super::{LeftOutView, RunView, facility};
use crate::{
    app::App,
    auth::Caller,
    documents::view::DocumentView,
    extract::{Creating, Ids, Params},
    idempotency::{Making, once},
    problem::{Answer, Code, Problem},
    reply::{InWords, Made, Page, Paging, Shown, Versioned, next},
    schema,
};
use ::exports::LeftOut;
use axum::{extract::State, response::Response};
use chrono::TimeDelta;
use domain::{
    document::Status,
    export::{FacilityState, Origin, Run, RunState, Starting},
    ids::{AdministrationId, DocumentId, FacilityId, RunId},
    office::Choice,
    time::Instant,
};
use runtime::message::RunMessage;
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use store::{
    Download,
    runs::{ExportSlice, Started},
    settings::AuditEntry,
};
use utoipa::ToSchema;

/// For so long an address is good.
const DOWNLOAD_MINUTES: i64 = 5;
/// The most documents that are exported by hand in one run.
pub const CHOSEN_MAX: usize = 500;

/// A run that the caller may see.
pub(super) async fn run(app: &App, caller: &Caller, administration: AdministrationId, id: RunId) -> Answer<Run> {
    app.check_administration(caller, administration).await?;
    let found = app.of(caller.tenant).exports(administration).get(id).await?;
    found.ok_or_else(|| Problem::not_found("export run", id))
}

/// Calls export-run. When that fails, maintenance does it a few minutes later.
pub(super) async fn call(app: &App, caller: &Caller, run: &Run) {
    let message = RunMessage { tenant: caller.tenant, administration: run.administration, run: run.id };
    if let Err(error) = app.runner.call(&message).await {
        tracing::warn!(run = %run.id, %error, "A run was not called; maintenance will do it.");
    }
}

/// The runs of an administration, the latest first, with status, totals, duration and file (EX-25).
#[utoipa::path(
    get, path = "/administrations/{administration}/export-runs", tag = "exports",
    params(Paging),
    responses((status = 200, body = Page<RunView>))
)]
pub async fn list_runs(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(paging): Params<Paging>,
) -> Answer<InWords<Shown<Page<RunView>>>> {
    app.check_administration(&caller, administration).await?;
    let cursor = paging.cursor();
    let listed = app.of(caller.tenant).exports(administration).list(cursor.as_ref(), paging.limit()).await?;
    let items = listed.items.iter().map(|run| RunView::new(run, caller.now, caller.language)).collect();
    Ok(InWords(caller.language, Shown(Page { items, next: next(listed.next) })))
}

/// A run.
#[utoipa::path(
    get, path = "/administrations/{administration}/export-runs/{run}", tag = "exports",
    responses((status = 200, body = RunView))
)]
pub async fn get_run(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, RunId)>,
) -> Answer<InWords<Versioned<RunView>>> {
    let run = run(&app, &caller, administration, id).await?;
    let body = RunView::new(&run, caller.now, caller.language);
    Ok(InWords(caller.language, Versioned { body, version: run.version }))
}

/// Where in a run's documents to go on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct SlicePaging {
    /// `next` of the page before.
    pub cursor: Option<u32>,
}

/// The documents that a run took, in the order of its file, as they are now. A page is a slice of a few hundred.
#[utoipa::path(
    get, path = "/administrations/{administration}/export-runs/{run}/documents", tag = "exports",
    params(SlicePaging),
    responses((status = 200, body = Page<DocumentView>))
)]
pub async fn run_documents(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, RunId)>,
    Params(paging): Params<SlicePaging>,
) -> Answer<InWords<Shown<Page<DocumentView>>>> {
    let run = run(&app, &caller, administration, id).await?;
    let slice = paging.cursor.unwrap_or_default();
    let tenant = app.of(caller.tenant);
    let taken = tenant.exports(administration).slice(id, slice).await?;
    let ids: Vec<DocumentId> = taken.iter().flat_map(|slice| &slice.documents).map(|(id, _)| *id).collect();
    let mut heads = tenant.documents().heads(&ids).await?;
    heads.sort_by_key(|head| ids.iter().position(|id| *id == head.id));
    let items = heads.iter().map(|head| DocumentView::new(head, caller.language)).collect();
    let next = (slice + 1 < run.slices).then(|| (slice + 1).to_string());
    Ok(InWords(caller.language, Shown(Page { items, next })))
}

/// The documents that a run left out of its file, each with the reason.
#[utoipa::path(
    get, path = "/administrations/{administration}/export-runs/{run}/left-out", tag = "exports",
    responses((status = 200, body = Page<LeftOutView>))
)]
pub async fn run_left_out(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, RunId)>,
) -> Answer<InWords<Shown<Page<LeftOutView>>>> {
    let run = run(&app, &caller, administration, id).await?;
    let lists: Vec<Vec<LeftOut>> = app.of(caller.tenant).exports(administration).left_out(run.id, None).await?;
    let items = lists.iter().flatten().map(|one| LeftOutView::new(one, caller.language)).collect();
    Ok(InWords(caller.language, Shown(Page { items, next: None })))
}

/// Where to get the file of a run.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RunDownload {
    /// GET it there, without the token of this API.
    pub url: String,
    /// Until then.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Instant,
    /// Name of the file.
    pub file_name: String,
}

/// An address at which the file of a run can be downloaded for five minutes. The download is recorded.
#[utoipa::path(
    get, path = "/administrations/{administration}/export-runs/{run}/file", tag = "exports",
    responses((status = 200, body = RunDownload))
)]
pub async fn run_file(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, RunId)>,
) -> Answer<Shown<RunDownload>> {
    let run = run(&app, &caller, administration, id).await?;
    let Some(file) = &run.file else {
        let detail = match run.state {
            RunState::Open { .. } => "The file is not ready yet: the run is in progress.",
            RunState::Completed { .. }
            | RunState::Stopped { .. }
            | RunState::Cancelled { .. }
            | RunState::Skipped { .. } => "The run made no file: there was nothing to put into one.",
        };
        return Err(Problem::new(Code::NotFound, detail).about(id));
    };
    let entry = AuditEntry {
        at: caller.now,
        by: caller.actor(),
        what: "export.downloaded".to_owned(),
        subject: id.to_string(),
        before: None,
        after: None,
    };
    let tenant = app.of(caller.tenant);
    tenant.audit().append(&entry, &caller.writer()).await?;
    let life = TimeDelta::minutes(DOWNLOAD_MINUTES);
    let seconds = u64::try_from(life.num_seconds()).unwrap_or_default();
    let download = Download { file_name: &file.name, content_type: &file.content_type };
    let url = tenant.exports(administration).file_address(id, &download, seconds)?;
    Ok(Shown(RunDownload { url: url.expose().to_owned(), expires_at: caller.now + life, file_name: file.name.clone() }))
}

/// Documents to be exported by hand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ManualBody {
    /// One to five hundred that are ready to export.
    #[schema(schema_with = schema::many::<DocumentId>)]
    pub documents: Vec<DocumentId>,
}

/// Exports chosen documents by hand, through the active facility and on behalf of the caller (EX-21). Refused where manual exports are
/// disabled (EX-22).
#[utoipa::path(
    post, path = "/administrations/{administration}/export-facilities/{facility}/runs", tag = "exports",
    request_body = ManualBody,
    responses((status = 202, body = RunView))
)]
pub async fn export_by_hand(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, FacilityId)>,
    request: Creating<ManualBody>,
) -> Answer<Response> {
    let books = app.administration(&caller, administration).await?;
    if books.exports.manual_disabled == Choice::Yes {
        let detail =
            "Manual exports are disabled for this administration: its documents are exported by scheduled jobs.";
        return Err(Problem::new(Code::ManualExportsDisabled, detail).about(administration));
    }
    let facility = facility(&app, &caller, administration, id).await?;
    if facility.state != FacilityState::Active {
        let detail = format!("The facility is {}: only an active one exports.", facility.state);
        return Err(Problem::new(Code::FacilityInactive, detail).about(id));
    }
    once(&app, &caller, request, async |body, making: Making<RunId>| {
        let chosen: BTreeSet<DocumentId> = body.documents.iter().copied().collect();
        if chosen.is_empty() || chosen.len() > CHOSEN_MAX || chosen.len() != body.documents.len() {
            let detail = format!("Name 1 to {CHOSEN_MAX} documents, each once.");
            return Err(Problem::invalid("/documents", detail));
        }
        let tenant = app.of(caller.tenant);
        let exports = tenant.exports(administration);
        if making.repeated
            && let Some(run) = exports.get(making.id).await?
        {
            return Ok(accepted(&caller, &run));
        }
        let mut heads = tenant.documents().heads(&body.documents).await?;
        heads.retain(|head| head.administration == administration);
        for id in &body.documents {
            let found = heads.iter().find(|head| head.id == *id);
            let status = found.map(|head| head.status).ok_or_else(|| Problem::not_found("document", id))?;
            if status != Status::Ready {
                let detail = format!("Only documents that are ready to export can be: this one is {status}.");
                return Err(Problem::new(Code::State, detail).about(id));
            }
        }
        heads.sort_by_key(|head| (head.issue_date, head.contact, head.number.clone(), head.id));
        let documents = heads.iter().map(|head| (head.id, head.version)).collect();
        exports.put_slice(making.id, 0, ExportSlice { documents, next: None }).await?;
        let starting = Starting {
            id: making.id,
            facility: &facility,
            origin: Origin::Manual { user: caller.user.id },
            at: caller.now,
            job_date: books.time_zone.date_at(caller.now),
            on_behalf_of: &[caller.user.id],
            now: caller.now,
        };
        let run = Run::start(&starting)
            .ok_or_else(|| Problem::new(Code::FacilityIncomplete, "The facility has no system.").about(id))?;
        match exports.start(&run, &caller.writer()).await? {
            Started::New | Started::Existing => {}
            Started::Overlaps(other) => {
                let detail =
                    "Another run of this facility is in progress: wait for its end, or cancel it when it hangs.";
                return Err(Problem::new(Code::RunInProgress, detail).about(other));
            }
        }
        call(&app, &caller, &run).await;
        Ok(accepted(&caller, &run))
    })
    .await
}

fn accepted(caller: &Caller, run: &Run) -> Made<RunView> {
    let location = format!("/administrations/{}/export-runs/{}", run.administration, run.id);
    Made::accepted(location, RunView::new(run, caller.now, caller.language)).in_words(caller.language)
}
