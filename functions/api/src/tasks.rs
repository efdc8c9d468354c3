//! Tasks: work at a ledger. It is stored here, and the unit's turn does it.

use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, Params},
    idempotency::Making,
    problem::{Answer, Problem},
    reply::{Made, Page, Paging, Shown, next},
    schema,
};
use axum::extract::State;
use domain::{
    document::UnitId,
    ids::{ConnectionId, TaskId, TenantId, UserId},
    reason::Reason,
    task::{Task, TaskState, Work},
    time::Instant,
};
use runtime::clock::new_id;
use serde::Serialize;
use store::{Read, Writer, settings::AuditEntry};
use utoipa::ToSchema;

/// A task.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TaskView {
    /// Id.
    #[schema(schema_with = schema::one::<TaskId>)]
    pub id: TaskId,
    /// `connect`, `directory`, `import_contacts`, `template`, `sync_templates` or `check_document`.
    pub kind: &'static str,
    /// The ledger unit whose turn does it.
    pub unit: String,
    /// `open`, `done` or `failed`.
    pub state: &'static str,
    /// What came of it, in words.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub summary: Option<String>,
    /// Why it failed, and what to do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub error: Option<crate::documents::view::ReasonView>,
    /// Who asked for it.
    #[schema(schema_with = schema::one::<UserId>)]
    pub requested_by: UserId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Instant,
    /// How often it was tried.
    pub attempts: u32,
    /// When it is tried next, while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Instant>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Instant>,
}

fn kind_of(work: &Work) -> &'static str {
    match work {
        Work::Connect { .. } => "connect",
        Work::Directory { .. } => "directory",
        Work::ImportContacts { .. } => "import_contacts",
        Work::Template { .. } => "template",
        Work::SyncTemplates { .. } => "sync_templates",
        Work::CheckDocument { .. } => "check_document",
        Work::RevertExport { .. } => "revert_export",
        Work::FetchCopy { .. } => "fetch_copy",
        Work::PassInBulk { .. } => "pass_in_bulk",
        Work::Forward { .. } => "forward",
        Work::CheckIssued { .. } => "check_issued",
    }
}

impl From<&Task> for TaskView {
    fn from(task: &Task) -> Self {
        let kind = kind_of(&task.work);
        let view = |state, summary: Option<&String>, error: Option<&Reason>, ended_at: Option<Instant>| Self {
            id: task.id,
            kind,
            unit: task.unit.to_string(),
            state,
            summary: summary.cloned(),
            error: error.map(Into::into),
            requested_by: task.requested_by,
            requested_at: task.requested_at,
            attempts: task.attempts,
            due: ended_at.is_none().then_some(task.due),
            ended_at,
        };
        match &task.state {
            TaskState::Open => view("open", None, None, None),
            TaskState::Done { summary, at } => view("done", Some(summary), None, Some(*at)),
            TaskState::Failed { error, at } => view("failed", None, Some(error), Some(*at)),
        }
    }
}

/// Stores a task and wakes its unit.
pub async fn store(app: &App, tenant: TenantId, task: &Task, writer: &Writer) -> Answer<()> {
    let settings = app.of(tenant);
    settings.units().register(&task.unit).await?;
    settings.tasks().create(task, writer).await?;
    app.wake(tenant, &task.unit).await;
    Ok(())
}

/// Queues work at a ledger for the caller.
pub async fn queue(app: &App, caller: &Caller, unit: UnitId, work: Work) -> Answer<Made<TaskView>> {
    queue_as(app, caller, Making { id: new_id(caller.now), repeated: false }, unit, work).await
}

/// Queues work at a ledger for the caller, once for each id.
pub async fn queue_as(
    app: &App,
    caller: &Caller,
    making: Making<TaskId>,
    unit: UnitId,
    work: Work,
) -> Answer<Made<TaskView>> {
    let made = |task: &Task| Made::accepted(format!("/tasks/{}", task.id), task.into());
    if making.repeated
        && let Some(task) = app.of(caller.tenant).tasks().get(making.id, Read::Consistent).await?
    {
        return Ok(made(&task));
    }
    let task = Task {
        id: making.id,
        unit,
        work,
        requested_by: caller.user.id,
        requested_at: caller.now,
        due: caller.now,
        attempts: 0,
        state: TaskState::Open,
    };
    store(app, caller.tenant, &task, &caller.writer()).await?;
    match &task.work {
        // Told by whoever asks: with the reason, or as the template that was saved or deleted.
        Work::CheckDocument { .. }
        | Work::RevertExport { .. }
        | Work::Template { .. }
        | Work::FetchCopy { .. }
        | Work::Forward { .. }
        | Work::CheckIssued { .. } => {}
        Work::Connect { .. }
        | Work::Directory { .. }
        | Work::ImportContacts { .. }
        | Work::SyncTemplates { .. }
        | Work::PassInBulk { .. } => {
            let entry = AuditEntry {
                at: caller.now,
                by: caller.actor(),
                what: format!("task.{}", kind_of(&task.work)),
                subject: task.unit.connection.to_string(),
                before: None,
                after: Some(serde_json::json!({ "task": task.id, "unit": task.unit })),
            };
            app.of(caller.tenant).audit().append(&entry, &caller.writer()).await?;
        }
    }
    Ok(made(&task))
}

/// Whether the caller may see a unit: he has an administration of its division, or the connection as a whole is meant.
async fn may_see(app: &App, caller: &Caller, unit: &UnitId) -> Answer<bool> {
    let Some(division) = &unit.division else { return Ok(true) };
    let connection = app.of(caller.tenant).connections().get(unit.connection, Read::Consistent).await?;
    Ok(connection.is_some_and(|connection| {
        let mut of_division = connection.divisions.iter().filter(|(_, known)| *known == division);
        of_division.any(|(administration, _)| caller.covers(*administration))
    }))
}

/// A task: poll it until it is done or failed.
#[utoipa::path(get, path = "/tasks/{task}", tag = "tasks", responses((status = 200, body = TaskView)))]
pub async fn get_task(State(app): State<App>, caller: Caller, Ids(id): Ids<TaskId>) -> Answer<Shown<TaskView>> {
    let task = app.of(caller.tenant).tasks().get(id, Read::Consistent).await?;
    match task {
        Some(task) if may_see(&app, &caller, &task.unit).await? => Ok(Shown((&task).into())),
        Some(_) | None => Err(Problem::not_found("task", id)),
    }
}

/// The tasks of a connection, newest first. A part may be short and still have a next one.
#[utoipa::path(
    get, path = "/connections/{connection}/tasks", tag = "tasks",
    params(Paging),
    responses((status = 200, body = Page<TaskView>))
)]
pub async fn list_tasks(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<ConnectionId>,
    Params(paging): Params<Paging>,
) -> Answer<Shown<Page<TaskView>>> {
    let settings = app.of(caller.tenant);
    if settings.connections().get(id, Read::Consistent).await?.is_none() {
        return Err(Problem::not_found("connection", id));
    }
    let listed = settings.tasks().list(paging.cursor().as_ref(), paging.limit()).await?;
    let mut items = Vec::new();
    for task in listed.items.iter().filter(|task| task.unit.connection == id) {
        if may_see(&app, &caller, &task.unit).await? {
            items.push(task.into());
        }
    }
    Ok(Shown(Page { items, next: next(listed.next) }))
}
