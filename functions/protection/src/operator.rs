//! What an operator asks for by invoking the function: how a tenant stands, and taking back its deletion.

use crate::{App, ProtectionError};
use domain::{
    document::Actor,
    ids::{JobId, TenantId},
    protection::{DeletionStage, JobState, JobWork, Tombstone},
    time::{Date, Instant},
};
use serde::{Deserialize, Serialize};
use store::{Read, Writer, settings::Author};

/// An operator's command.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(tag = "command", rename_all = "snake_case", deny_unknown_fields)]
pub(crate) enum Command {
    /// Shows how a tenant stands.
    TenantState {
        /// Which.
        tenant: TenantId,
    },
    /// Takes back the deletion of a tenant, as a Superuser can.
    CancelDeletion {
        /// Which.
        tenant: TenantId,
    },
}

/// How far a tenant's life is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(rename_all = "snake_case")]
pub enum TenantState {
    /// In use.
    Open,
    /// Its deletion was asked for.
    DeletionRequested,
    /// Closed; erasing begins later.
    Closed,
    /// Being erased, or kept as far as a law says so.
    Erasing,
    /// Gone.
    Erased,
}

/// A job, for the operator.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct ShownJob {
    id: JobId,
    work: &'static str,
    step: &'static str,
    due: Instant,
    steps: u32,
}

/// How a tenant stands.
#[derive(Debug, PartialEq, Eq, Serialize)]
pub struct Shown {
    /// The tenant.
    pub tenant: TenantId,
    /// How far its life is.
    pub state: TenantState,
    /// When erasing begins or began.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub erases_at: Option<Instant>,
    /// Until then documents are kept because a law says so.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kept_until: Option<Date>,
    /// What stays of it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tombstone: Option<Tombstone>,
    /// Its last jobs, newest first.
    pub jobs: Vec<ShownJob>,
}

pub(crate) async fn run(app: &App, command: Command, writer: &Writer) -> Result<Shown, ProtectionError> {
    match command {
        Command::TenantState { tenant } => state(app, tenant).await,
        Command::CancelDeletion { tenant } => {
            let of = app.store.tenant(tenant);
            if let Some(deletion) = of.deletion().get(Read::Consistent).await? {
                deletion.check_cancel()?;
                let author = Author { by: &Actor::Operator, at: app.clock.now(), writer };
                of.deletion().cancel(&deletion, &author).await?;
            }
            wake_deletion(app, tenant, writer).await?;
            state(app, tenant).await
        }
    }
}

/// The job sees at its next step that the deletion was taken back.
async fn wake_deletion(app: &App, tenant: TenantId, writer: &Writer) -> Result<(), ProtectionError> {
    let jobs = app.store.tenant(tenant).jobs();
    for job in jobs.list(None, 50).await?.items {
        if job.state == JobState::Open && matches!(job.work, JobWork::DeleteTenant { .. }) {
            jobs.update(&job, &job.stepped(job.work.clone(), app.clock.now()), writer).await?;
        }
    }
    Ok(())
}

async fn state(app: &App, id: TenantId) -> Result<Shown, ProtectionError> {
    let tenant = app.store.tenant(id);
    let jobs = tenant.jobs().list(None, 20).await?.items;
    let jobs = jobs.iter().map(|job| ShownJob {
        id: job.id,
        work: job.work.as_str(),
        step: match (&job.state, &job.work) {
            (JobState::Done { .. }, _) => "done",
            (JobState::Open, JobWork::DeleteTenant { progress }) => progress.as_str(),
            (JobState::Open, JobWork::Export { .. } | JobWork::ErasePerson { .. }) => "open",
        },
        due: job.due,
        steps: job.version,
    });
    let jobs: Vec<ShownJob> = jobs.collect();
    if let Some(tombstone) = app.store.system().tombstone(id).await? {
        let state = TenantState::Erased;
        return Ok(Shown { tenant: id, state, erases_at: None, kept_until: None, tombstone: Some(tombstone), jobs });
    }
    let deletion = tenant.deletion().get(Read::Consistent).await?;
    if deletion.is_none() && tenant.office().get(Read::Consistent).await?.is_none() {
        if jobs.is_empty() {
            return Err(ProtectionError::NoTenant(id));
        }
        // The settings are gone already, the jobs go last.
        let state = TenantState::Erasing;
        return Ok(Shown { tenant: id, state, erases_at: None, kept_until: None, tombstone: None, jobs });
    }
    let (state, kept_until) = match deletion.as_ref().map(|deletion| &deletion.stage) {
        None => (TenantState::Open, None),
        Some(DeletionStage::Requested) => (TenantState::DeletionRequested, None),
        Some(DeletionStage::Confirmed { .. }) => (TenantState::Closed, None),
        Some(DeletionStage::Erasing { kept_until, .. }) => (TenantState::Erasing, *kept_until),
    };
    let erases_at = deletion.and_then(|deletion| deletion.erases_at());
    Ok(Shown { tenant: id, state, erases_at, kept_until, tombstone: None, jobs })
}
