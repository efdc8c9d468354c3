//! What a Superuser does about the tenant's data as a whole: export it, delete the tenant, erase a person's data. The function
//! `protection` does the work; here it is asked for, confirmed and looked at.

use crate::{
    app::{App, unavailable},
    auth::Caller,
    documents::{FileView, view::ReasonView},
    extract::{Ids, Json},
    problem::{Answer, Code, Problem},
    random,
    reply::{Gone, Made, Page, Paging, Shown, next},
    schema,
};
use axum::extract::State;
use base64::{Engine as _, prelude::BASE64_URL_SAFE_NO_PAD};
use chrono::TimeDelta;
use domain::{
    automation::AutomationSwitch,
    ids::{JobId, UserId},
    office::{User, UserState},
    permission::Role,
    protection::{
        Confirmation, Deletion, DeletionRefused, DeletionStage, Erasure, Export, Job, JobState, JobWork, Superusers,
        erased_user,
    },
    time::{Date, Instant},
};
use runtime::clock::new_id;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use store::{
    Read,
    settings::{AuditEntry, AuditFilter, LastSuperuser},
};
use utoipa::ToSchema;

/// One export of a tenant a day.
const BETWEEN_EXPORTS: TimeDelta = TimeDelta::hours(24);
/// For so long the archives of an export are kept.
const ARCHIVES_KEPT: TimeDelta = TimeDelta::days(14);
/// For so long an address of an archive is good.
const DOWNLOAD: TimeDelta = TimeDelta::minutes(5);
/// Whoever confirms has this long until the work begins: the confirmation itself is stored by then.
const BEFORE_WORK: TimeDelta = TimeDelta::minutes(1);
/// Somebody else may be editing a connection: so often switching off is tried.
const EDITS_MAX: usize = 3;

/// An archive of an export.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ArchiveView {
    /// Counted from 1.
    pub number: u32,
    /// Bytes.
    pub size: u64,
    /// SHA-256 in hexadecimal digits.
    pub sha256: String,
}

/// Work on the protection of data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct JobView {
    /// Id.
    #[schema(schema_with = schema::one::<JobId>)]
    pub id: JobId,
    /// `export`, `erase_person` or `delete_tenant`.
    pub work: &'static str,
    /// `open` or `done`.
    pub state: &'static str,
    /// Who asked for it.
    #[schema(schema_with = schema::one::<UserId>)]
    pub requested_by: UserId,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub requested_at: Instant,
    /// When it goes on, while it is open.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub due: Option<Instant>,
    /// When it ended.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub ended_at: Option<Instant>,
    /// Archives that are written so far, of an export.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub archives: Vec<ArchiveView>,
    /// What was done, and what was kept and why.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub report: Vec<ReasonView>,
}

impl From<&Job> for JobView {
    fn from(job: &Job) -> Self {
        let archives = match &job.work {
            JobWork::Export { progress } => progress.parts.as_slice(),
            JobWork::ErasePerson { .. } | JobWork::DeleteTenant { .. } => &[],
        };
        let (state, ended_at, report) = match &job.state {
            JobState::Open => ("open", None, [].as_slice()),
            JobState::Done { at, report } => ("done", Some(*at), report.as_slice()),
        };
        Self {
            id: job.id,
            work: job.work.as_str(),
            state,
            requested_by: job.requested_by,
            requested_at: job.requested_at,
            due: ended_at.is_none().then_some(job.due),
            ended_at,
            archives: archives
                .iter()
                .map(|part| ArchiveView { number: part.number, size: part.size, sha256: part.sha256.clone() })
                .collect(),
            report: report.iter().map(Into::into).collect(),
        }
    }
}

async fn audited(app: &App, caller: &Caller, what: &str, subject: String) -> Answer<()> {
    let entry =
        AuditEntry { at: caller.now, by: caller.actor(), what: what.to_owned(), subject, before: None, after: None };
    Ok(app.of(caller.tenant).audit().append(&entry, &caller.writer()).await?)
}

fn accepted(job: &Job) -> Made<JobView> {
    Made::accepted(format!("/tenant/jobs/{}", job.id), job.into())
}

/// Asks for an export of everything that the tenant has here, as archives of JSON lines and original files. Look at its job until it
/// is done; it begins within five minutes. One a day.
#[utoipa::path(post, path = "/tenant/export", tag = "protection", responses((status = 202, body = JobView)))]
pub async fn export_tenant(State(app): State<App>, caller: Caller) -> Answer<Made<JobView>> {
    let jobs = app.of(caller.tenant).jobs();
    let recent = jobs.list(None, 100).await?.items.into_iter().find(|job| {
        matches!(job.work, JobWork::Export { .. })
            && (job.state == JobState::Open || caller.now < job.requested_at + BETWEEN_EXPORTS)
    });
    if let Some(job) = recent {
        let detail = "There is an export of the last 24 hours: look at it under /tenant/jobs.";
        return Err(Problem::new(Code::State, detail).about(job.id));
    }
    let work = JobWork::Export { progress: Export::default() };
    let job = Job::new(new_id(caller.now), work, caller.user.id, caller.now);
    audited(&app, &caller, "tenant.export_requested", job.id.to_string()).await?;
    jobs.create(&job, &caller.writer()).await?;
    Ok(accepted(&job))
}

/// Exports and erasures, newest first.
#[utoipa::path(
    get, path = "/tenant/jobs", tag = "protection",
    params(Paging),
    responses((status = 200, body = Page<JobView>))
)]
pub async fn list_jobs(
    State(app): State<App>,
    caller: Caller,
    crate::extract::Params(paging): crate::extract::Params<Paging>,
) -> Answer<Shown<Page<JobView>>> {
    let listed = app.of(caller.tenant).jobs().list(paging.cursor().as_ref(), paging.limit()).await?;
    Ok(Shown(Page { items: listed.items.iter().map(JobView::from).collect(), next: next(listed.next) }))
}

async fn load(app: &App, caller: &Caller, id: JobId) -> Answer<Job> {
    app.of(caller.tenant).jobs().get(id).await?.ok_or_else(|| Problem::not_found("job", id))
}

/// An export or erasure: poll it until it is done.
#[utoipa::path(get, path = "/tenant/jobs/{job}", tag = "protection", responses((status = 200, body = JobView)))]
pub async fn get_job(State(app): State<App>, caller: Caller, Ids(id): Ids<JobId>) -> Answer<Shown<JobView>> {
    Ok(Shown((&load(&app, &caller, id).await?).into()))
}

/// An address at which an archive of an export can be downloaded for five minutes. The download is recorded. Archives are kept for
/// 14 days.
#[utoipa::path(
    get, path = "/tenant/jobs/{job}/archives/{archive}", tag = "protection",
    responses((status = 200, body = FileView))
)]
pub async fn get_archive(
    State(app): State<App>,
    caller: Caller,
    Ids((id, number)): Ids<(JobId, u16)>,
) -> Answer<Shown<FileView>> {
    let job = load(&app, &caller, id).await?;
    let there = JobView::from(&job).archives.iter().any(|archive| archive.number == u32::from(number));
    let kept = job.requested_at + ARCHIVES_KEPT;
    if !there || caller.now >= kept {
        return Err(Problem::not_found("archive", number));
    }
    audited(&app, &caller, "tenant.export_downloaded", format!("{id}.{number}")).await?;
    let seconds = u64::try_from(DOWNLOAD.num_seconds()).unwrap_or_default();
    let url = app.of(caller.tenant).jobs().archive_address(id, u32::from(number), seconds)?;
    Ok(Shown(FileView {
        url: url.expose().to_owned(),
        expires_at: caller.now + DOWNLOAD,
        file_name: format!("export-{number:04}.zip"),
    }))
}

/// How far the deletion of the tenant is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DeletionView {
    /// `none`, `requested`, `confirmed` (closed; it can be cancelled) or `erasing`.
    pub stage: &'static str,
    /// Who asked for it.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::maybe::<UserId>)]
    pub requested_by: Option<UserId>,
    /// When.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub requested_at: Option<Instant>,
    /// Give it with the confirmation. Shown this once.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub token: Option<String>,
    /// When erasing begins or began.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = DateTime)]
    pub erases_at: Option<Instant>,
    /// Until then documents are kept because a law says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date)]
    pub kept_until: Option<Date>,
}

impl DeletionView {
    fn of(deletion: Option<&Deletion>, token: Option<String>) -> Self {
        let (stage, kept_until) = match deletion.map(|deletion| &deletion.stage) {
            None => ("none", None),
            Some(DeletionStage::Requested) => ("requested", None),
            Some(DeletionStage::Confirmed { .. }) => ("confirmed", None),
            Some(DeletionStage::Erasing { kept_until, .. }) => ("erasing", *kept_until),
        };
        Self {
            stage,
            requested_by: deletion.map(|deletion| deletion.requested_by),
            requested_at: deletion.map(|deletion| deletion.requested_at),
            token,
            erases_at: deletion.and_then(Deletion::erases_at),
            kept_until,
        }
    }
}

impl From<DeletionRefused> for Problem {
    fn from(refused: DeletionRefused) -> Self {
        let text = refused.to_string();
        let mut rest = text.chars();
        let text = rest.next().map(|first| format!("{}{}.", first.to_uppercase(), rest.as_str())).unwrap_or_default();
        match refused {
            DeletionRefused::Token => Self::new(Code::Invalid, text.clone()).at("/token", text),
            DeletionRefused::Name => Self::new(Code::Invalid, text.clone()).at("/name", text),
            DeletionRefused::Confirmed
            | DeletionRefused::Lapsed
            | DeletionRefused::AnotherSuperuser
            | DeletionRefused::TooSoon(_)
            | DeletionRefused::Erasing => Self::new(Code::State, text),
        }
    }
}

fn digest(token: &str) -> String {
    BASE64_URL_SAFE_NO_PAD.encode(Sha256::digest(token.as_bytes()))
}

async fn deletion_of(app: &App, caller: &Caller) -> Answer<Option<Deletion>> {
    Ok(app.of(caller.tenant).deletion().get(Read::Consistent).await?)
}

/// How far the deletion of the tenant is.
#[utoipa::path(get, path = "/tenant/deletion", tag = "protection", responses((status = 200, body = DeletionView)))]
pub async fn get_deletion(State(app): State<App>, caller: Caller) -> Answer<Shown<DeletionView>> {
    Ok(Shown(DeletionView::of(deletion_of(&app, &caller).await?.as_ref(), None)))
}

/// Asks for the deletion of the tenant. Nothing changes yet: it has to be confirmed with the token that this answers.
#[utoipa::path(post, path = "/tenant/deletion", tag = "protection", responses((status = 200, body = DeletionView)))]
pub async fn request_deletion(State(app): State<App>, caller: Caller) -> Answer<Shown<DeletionView>> {
    if deletion_of(&app, &caller).await?.is_some() {
        let detail = "The deletion was asked for already. Cancel it first to ask for it anew.";
        return Err(Problem::new(Code::State, detail));
    }
    let token = BASE64_URL_SAFE_NO_PAD.encode(random::secret()?);
    let deletion = Deletion::requested(caller.user.id, caller.now, digest(&token));
    app.of(caller.tenant).deletion().put(None, &deletion, &caller.hand(1).author()).await?;
    Ok(Shown(DeletionView::of(Some(&deletion), Some(token))))
}

/// The confirmation of a deletion.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmBody {
    /// The token that the request was answered with.
    pub token: String,
    /// The name of the office, typed as it is written.
    pub name: String,
}

/// Confirms the deletion: a second Superuser does, or, where there is none, the same one a day after the request. From now on
/// nothing is delivered or posted and only Superusers come in; 30 days later erasing begins, except for what a law wants kept.
#[utoipa::path(
    post, path = "/tenant/deletion/confirm", tag = "protection",
    request_body = ConfirmBody,
    responses((status = 200, body = DeletionView))
)]
pub async fn confirm_deletion(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<ConfirmBody>,
) -> Answer<Shown<DeletionView>> {
    let settings = app.of(caller.tenant);
    let before = deletion_of(&app, &caller)
        .await?
        .ok_or_else(|| Problem::new(Code::State, "Nobody has asked for the deletion: POST /tenant/deletion first."))?;
    let office = settings.office().get(Read::Consistent).await?;
    let office = office.ok_or_else(|| Problem::not_found("tenant", caller.tenant))?;
    let is_superuser = |user: &&User| user.state == UserState::Active && user.roles.contains(Role::Superuser);
    let superusers = match settings.users().list().await?.iter().filter(is_superuser).count() {
        0 | 1 => Superusers::Only,
        _ => Superusers::Several,
    };
    let job = new_id::<JobId>(caller.now);
    let after = before.confirmed(Confirmation {
        by: caller.user.id,
        token: &digest(&body.token),
        name: &body.name,
        office: &office.value.name,
        superusers,
        now: caller.now,
        job,
    })?;
    let work = JobWork::DeleteTenant { progress: Erasure::default() };
    let job = Job { due: caller.now + BEFORE_WORK, ..Job::new(job, work, caller.user.id, caller.now) };
    settings.jobs().create(&job, &caller.writer()).await?;
    settings.deletion().put(Some(&before), &after, &caller.hand(1).author()).await?;
    app.remembered.forget_tenant(caller.tenant);
    switch_off(&app, &caller).await?;
    Ok(Shown(DeletionView::of(Some(&after), None)))
}

/// Automatic posting off, at once. What cannot be switched off here the job switches off a minute later.
async fn switch_off(app: &App, caller: &Caller) -> Answer<()> {
    let connections = app.of(caller.tenant).connections();
    let mut write = 1;
    for connection in connections.all().await? {
        for attempt in 1.. {
            let Some(before) = connections.get(connection.id, Read::Consistent).await? else { break };
            if before.automation == AutomationSwitch::Off {
                break;
            }
            let mut after = before.clone();
            after.switch_off();
            after.version = before.version.saturating_add(1);
            write += 1;
            match connections.replace(&before, &after, &caller.hand(write).author()).await {
                Ok(()) => break,
                Err(error) if error.is_conflict() && attempt < EDITS_MAX => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(())
}

/// Takes the deletion back; possible until erasing begins. Automatic posting stays off, and ledgers have to be connected anew.
#[utoipa::path(
    delete, path = "/tenant/deletion", tag = "protection",
    responses((status = 204, description = "It is taken back."))
)]
pub async fn cancel_deletion(State(app): State<App>, caller: Caller) -> Answer<Gone> {
    let settings = app.of(caller.tenant);
    if let Some(before) = deletion_of(&app, &caller).await? {
        before.check_cancel()?;
        settings.deletion().cancel(&before, &caller.hand(1).author()).await?;
        app.remembered.forget_tenant(caller.tenant);
    }
    // The work sees at its next step that it was taken back.
    for job in settings.jobs().list(None, 100).await?.items {
        if job.state == JobState::Open && matches!(job.work, JobWork::DeleteTenant { .. }) {
            let woken = job.stepped(job.work.clone(), caller.now);
            settings.jobs().update(&job, &woken, &caller.writer()).await?;
        }
    }
    Ok(Gone)
}

/// Erases a user's data: name, address, links to ledger users and login; the id stays, so that history is still true. The job's
/// report says what was kept and why.
#[utoipa::path(post, path = "/users/{user}/erase", tag = "protection", responses((status = 202, body = JobView)))]
pub async fn erase_user(State(app): State<App>, caller: Caller, Ids(id): Ids<UserId>) -> Answer<Made<JobView>> {
    let settings = app.of(caller.tenant);
    if id == caller.user.id {
        let detail = "You cannot erase yourself: another Superuser does that.";
        return Err(Problem::new(Code::State, detail).about(id));
    }
    let job = Job::new(new_id(caller.now), JobWork::ErasePerson { user: id }, caller.user.id, caller.now);
    let Some(user) = settings.users().get(id, Read::Consistent).await? else {
        // One who was deleted stands in the details of the audit record still.
        let about = AuditFilter { subject: Some(id.to_string()), ..AuditFilter::default() };
        if settings.audit().list(&about, None, 1).await?.items.is_empty() {
            return Err(Problem::not_found("user", id));
        }
        audited(&app, &caller, "user.erased", id.to_string()).await?;
        settings.jobs().create(&job, &caller.writer()).await?;
        return Ok(accepted(&job));
    };
    let named = settings.connections().all().await?.into_iter().find(|it| it.automation_user == Some(id));
    if let Some(connection) = named {
        let detail = "This user is the automation user of a connection: choose another one there first.";
        return Err(Problem::new(Code::UserInUse, detail).about(connection.id));
    }
    let erased = erased_user(&user);
    // The login first: while the address is known.
    app.logins.remove(&user.email).await.map_err(|error| unavailable(&error))?;
    settings.jobs().create(&job, &caller.writer()).await?;
    if user.name != erased.name || user.email != erased.email {
        settings.users().erase(&user, &erased, LastSuperuser::Stays, &caller.hand(1).author()).await?;
    }
    app.remembered.forget(caller.tenant, id);
    Ok(accepted(&job))
}
