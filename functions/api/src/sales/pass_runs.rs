//! Passing everything that is not in the ledger yet, and how far that has come (CO-3, CO-12, CO-32).

use super::{IssuedView, ledger};
use crate::{
    app::App,
    auth::Caller,
    extract::{Creating, Ids, Params},
    idempotency::{Making, once},
    problem::{Answer, Problem},
    reply::{InWords, Made, Page, Paging, Shown, next},
    schema, tasks,
};
use axum::{extract::State, response::Response};
use domain::{
    document::UnitId,
    ids::{AdministrationId, TaskId, UserId},
    sales::{PassCounts, PassRun, Passing, WhichToPass},
    task::{Task, TaskState, Work},
    time::Instant,
};
use sales::SalesError;
use serde::{Deserialize, Serialize};
use store::{Read, sales::WhichIssued};
use utoipa::ToSchema;

/// What is passed in bulk.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PassRunBody {
    /// `not_passed`: what is not in the ledger and is not uncertain. `failed`: what failed, and what is uncertain once the ledger was
    /// asked and provably does not have it.
    #[schema(value_type = String, example = "not_passed")]
    pub which: WhichToPass,
}

/// A run that passes in bulk.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PassRunView {
    /// Id; that of the task that collects for it.
    #[schema(schema_with = schema::one::<TaskId>)]
    pub id: TaskId,
    /// Where the documents go.
    #[schema(value_type = String)]
    pub unit: UnitId,
    /// `not_passed` or `failed`.
    pub which: &'static str,
    /// `collecting`, `passing` or `finished`.
    pub state: &'static str,
    /// How many documents are in it; it grows while it collects.
    pub total: u32,
    /// How many came to an end, good or bad.
    pub done: u32,
    /// How many of them are in the ledger.
    pub passed: u32,
    /// How many failed: see its failures.
    pub failed: u32,
    /// How many may or may not be in the ledger: see its failures.
    pub uncertain: u32,
    /// How many were seen that cannot be passed in bulk: of series that are not passed, of kinds that the ledger does not take, and
    /// corrections (CO-30).
    pub left_out: u32,
    /// Who asked for it.
    #[schema(schema_with = schema::one::<UserId>)]
    pub requested_by: UserId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Instant,
}

impl From<&PassRun> for PassRunView {
    fn from(run: &PassRun) -> Self {
        let counts = run.counts;
        Self {
            id: run.id,
            unit: run.unit.clone(),
            which: run.which.as_str(),
            state: run.state().as_str(),
            total: counts.total,
            done: counts.ended(),
            passed: counts.passed,
            failed: counts.failed,
            uncertain: counts.uncertain,
            left_out: run.left_out,
            requested_by: run.requested_by,
            requested_at: run.requested_at,
        }
    }
}

/// Passes everything of an administration that is not in the ledger yet, or tries again what failed: poll it until it is finished.
#[utoipa::path(
    post, path = "/administrations/{administration}/pass-runs", tag = "sales",
    request_body = PassRunBody,
    responses((status = 201, body = PassRunView))
)]
pub async fn create_pass_run(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    request: Creating<PassRunBody>,
) -> Answer<Response> {
    app.check_administration(&caller, administration).await?;
    once(&app, &caller, request, async |body, making: Making<TaskId>| {
        let runs = app.of(caller.tenant).pass_runs(administration);
        let made = |run: &PassRun| {
            let location = format!("/administrations/{administration}/pass-runs/{}", run.id);
            Made::created(location, PassRunView::from(run), 1)
        };
        let there = if making.repeated { runs.get(making.id, Read::Consistent).await? } else { None };
        let run = match there {
            Some(run) => run,
            None => {
                let found = ledger(&app, &caller, administration).await?;
                let (connector, _) = found.ok_or(SalesError::NoConnector)?;
                let run = PassRun {
                    id: making.id,
                    administration,
                    unit: connector.unit,
                    which: body.which,
                    requested_by: caller.user.id,
                    requested_at: caller.now,
                    collected_at: None,
                    left_out: 0,
                    counts: PassCounts::default(),
                };
                runs.create(&run, &caller.writer()).await?;
                run
            }
        };
        // The task last: dying before it, the same request makes it.
        if app.of(caller.tenant).tasks().get(run.id, Read::Consistent).await?.is_none() {
            let task = Task {
                id: run.id,
                unit: run.unit.clone(),
                work: Work::PassInBulk { administration },
                requested_by: run.requested_by,
                requested_at: run.requested_at,
                due: run.requested_at,
                attempts: 0,
                state: TaskState::Open,
            };
            tasks::store(&app, caller.tenant, &task, &caller.writer()).await?;
        }
        Ok(made(&run))
    })
    .await
}

/// Runs that passed in bulk, the newest first.
#[utoipa::path(
    get, path = "/administrations/{administration}/pass-runs", tag = "sales",
    params(Paging),
    responses((status = 200, body = Page<PassRunView>))
)]
pub async fn list_pass_runs(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(paging): Params<Paging>,
) -> Answer<Shown<Page<PassRunView>>> {
    app.check_administration(&caller, administration).await?;
    let runs = app.of(caller.tenant).pass_runs(administration);
    let listed = runs.list(paging.cursor().as_ref(), paging.limit()).await?;
    Ok(Shown(Page { items: listed.items.iter().map(Into::into).collect(), next: next(listed.next) }))
}

async fn pass_run(app: &App, caller: &Caller, administration: AdministrationId, id: TaskId) -> Answer<PassRun> {
    app.check_administration(caller, administration).await?;
    let found = app.of(caller.tenant).pass_runs(administration).get(id, Read::Consistent).await?;
    found.ok_or_else(|| Problem::not_found("pass run", id))
}

/// How far a run has come.
#[utoipa::path(
    get, path = "/administrations/{administration}/pass-runs/{pass_run}", tag = "sales",
    responses((status = 200, body = PassRunView))
)]
pub async fn get_pass_run(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, TaskId)>,
) -> Answer<Shown<PassRunView>> {
    Ok(Shown((&pass_run(&app, &caller, administration, id).await?).into()))
}

/// The documents of a run that failed or are uncertain, each with the reason. What was passed since is no longer there. A page may hold
/// fewer than it could and still have a next one.
#[utoipa::path(
    get, path = "/administrations/{administration}/pass-runs/{pass_run}/failures", tag = "sales",
    params(Paging),
    responses((status = 200, body = Page<IssuedView>))
)]
pub async fn list_pass_failures(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, TaskId)>,
    Params(paging): Params<Paging>,
) -> Answer<InWords<Shown<Page<IssuedView>>>> {
    let run = pass_run(&app, &caller, administration, id).await?;
    let repository = app.of(caller.tenant).issued();
    let (cursor, limit) = (paging.cursor(), paging.limit());
    let listed = repository.list(administration, WhichIssued::Unpassed, cursor.as_ref(), limit).await?;
    let is_failure = |passing: Passing| match passing {
        Passing::Failed | Passing::Uncertain => true,
        Passing::NotPassed | Passing::Withheld | Passing::Passing | Passing::Passed => false,
    };
    let failures = listed.items.iter().filter(|issued| issued.run == Some(run.id) && is_failure(issued.passing));
    let items = failures.map(|issued| IssuedView::new(issued, caller.language)).collect();
    Ok(InWords(caller.language, Shown(Page { items, next: next(listed.next) })))
}
