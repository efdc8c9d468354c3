//! The sweep: what should have gone on by itself and did not.

use crate::{App, MaintenanceError};
use chrono::TimeDelta;
use domain::{document::UnitId, ids::TenantId};
use runtime::{
    message::TurnMessage,
    telemetry::{Metric, count},
};
use serde::Serialize;
use store::SystemStore;

/// A document in transit for so long is stuck.
const STUCK: TimeDelta = TimeDelta::minutes(15);
/// Work that is due for so long was forgotten: its wake came to nothing.
const FORGOTTEN: TimeDelta = TimeDelta::minutes(2);
/// Tokens that were last renewed so many days ago are renewed, work or none.
const KEEP_ALIVE: TimeDelta = TimeDelta::days(7);
/// So many stuck documents of a shard are set going in one sweep.
const STUCK_AT_ONCE: usize = 100;

/// What a sweep did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Documents that were set going again.
    pub unstuck: u32,
    /// Units that were woken.
    pub woken: u32,
}

/// Sweeps all shards.
pub async fn sweep(app: &App) -> Result<Swept, MaintenanceError> {
    let mut swept = Swept::default();
    for shard in 0..SystemStore::SHARDS {
        swept.unstuck += unstick(app, shard).await?;
        swept.woken += wake(app, shard).await?;
        swept.woken += keep_alive(app, shard).await?;
    }
    if swept.unstuck > 0 {
        count(Metric::Unstuck, swept.unstuck);
    }
    tracing::info!(unstuck = swept.unstuck, woken = swept.woken, "Swept.");
    Ok(swept)
}

async fn unstick(app: &App, shard: u8) -> Result<u32, MaintenanceError> {
    let now = app.clock.now();
    let mut unstuck = 0;
    for stuck in app.store.system().stuck(shard, now - STUCK, STUCK_AT_ONCE).await? {
        if let Some(step) = app.store.tenant(stuck.tenant).documents().emit_again(stuck.document, now).await? {
            tracing::warn!(
                tenant = %stuck.tenant,
                document = %stuck.document,
                step = step.as_str(),
                since = %stuck.since,
                "Document was stuck; its step is asked for again."
            );
            unstuck += 1;
        }
    }
    Ok(unstuck)
}

async fn wake(app: &App, shard: u8) -> Result<u32, MaintenanceError> {
    let mut woken = 0;
    for unit in app.store.system().units(shard).await? {
        let tenant = app.store.tenant(unit.tenant);
        let documents = tenant.documents().next_due(&unit.unit).await?;
        let tasks = tenant.tasks().next_due(&unit.unit).await?;
        let forgotten = app.clock.now() - FORGOTTEN;
        if documents.into_iter().chain(tasks).any(|due| due < forgotten) {
            send(app, unit.tenant, unit.unit).await?;
            woken += 1;
        }
    }
    Ok(woken)
}

async fn keep_alive(app: &App, shard: u8) -> Result<u32, MaintenanceError> {
    let mut woken = 0;
    let day = (app.clock.now() - KEEP_ALIVE).date_naive();
    for (tenant, connection) in app.store.system().tokens_renewed_until(shard, day).await? {
        send(app, tenant, UnitId { connection, division: None }).await?;
        woken += 1;
    }
    Ok(woken)
}

async fn send(app: &App, tenant: TenantId, unit: UnitId) -> Result<(), MaintenanceError> {
    let body = serde_json::to_string(&TurnMessage { tenant, unit, document: None })?;
    let sent = app.sqs.send_message().queue_url(&app.turns_queue).message_body(body).send().await;
    sent.map(drop).map_err(|error| MaintenanceError::Queue(aws_sdk_sqs::error::DisplayErrorContext(&error).to_string()))
}
