//! The sweep: what should have gone on by itself and did not. Each part of it stands alone: what fails is said in the end, and
//! holds up nothing else.

use crate::{App, MaintenanceError, recommendations};
use chrono::TimeDelta;
use domain::{document::UnitId, ids::TenantId, mail::Sharing, time::Instant};
use futures_util::future::join_all;
use runtime::{
    Invocation,
    message::{MailMessage, OrderMessage, RunMessage, TurnMessage},
    telemetry::{Metric, count},
};
use serde::Serialize;
use std::time::Duration;
use store::{
    Read, SystemStore, Writer,
    document::Stuck,
    mail::{MailRef, Missed},
    runs::UnitRef,
    sales::OrderRef,
};

/// A document in transit for so long is stuck.
const STUCK: TimeDelta = TimeDelta::minutes(15);
/// Work that is due for so long was forgotten: its wake came to nothing.
const FORGOTTEN: TimeDelta = TimeDelta::minutes(2);
/// An export run that has not gone on for so long is called again.
const STILL: TimeDelta = TimeDelta::minutes(10);
/// So many export runs are called in one sweep, the longest waiting first.
const RUNS_AT_ONCE: i32 = 100;
/// So many orders of a shard are called in one sweep, the longest waiting first.
const ORDERS_OF_SHARD: usize = 50;
/// So many things to mail of a shard are called in one sweep, the longest waiting first.
const MAILS_OF_SHARD: usize = 100;
/// Tokens that were last renewed so many days ago are renewed, work or none.
const KEEP_ALIVE: TimeDelta = TimeDelta::days(7);
/// So many stuck documents are set going in one sweep.
pub const STUCK_AT_ONCE: usize = 500;
/// So many of a shard are looked at: together more than a sweep sets going, since ids spread evenly over shards.
const STUCK_OF_SHARD: usize = 100;
/// So many documents or units are handled at the same time.
const AT_ONCE: usize = 10;
/// With less time than this left, nothing more is begun: the next sweep goes on.
const SPARE: Duration = Duration::from_secs(2);

/// What a sweep did.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Swept {
    /// Documents that were set going again.
    pub unstuck: u32,
    /// Documents that were seen stuck and are left for the next sweep.
    pub left: u32,
    /// Units that were woken.
    pub woken: u32,
    /// Export runs that were called again.
    pub called: u32,
    /// Orders whose actions were called again.
    pub orders: u32,
    /// What is to be mailed and was called: its time has come, or its message was lost.
    pub mails: u32,
    /// Clients whose mails normally flow, and have stopped.
    pub silent: u32,
}

/// A sweep under way.
struct Sweep<'a> {
    app: &'a App,
    invocation: &'a Invocation,
    now: Instant,
    swept: Swept,
    failed: usize,
    first: Option<MaintenanceError>,
}

/// Sweeps all shards.
pub async fn sweep(app: &App, invocation: &Invocation) -> Result<Swept, MaintenanceError> {
    let mut sweep = Sweep { app, invocation, now: app.clock.now(), swept: Swept::default(), failed: 0, first: None };
    sweep.unstick().await;
    for shard in shards(sweep.now) {
        sweep.wake(shard).await;
        sweep.keep_alive(shard).await;
        sweep.refresh(shard).await;
        sweep.call_orders(shard).await;
        sweep.call_mails(shard).await;
        sweep.miss(shard).await;
    }
    sweep.call_runs().await;
    let Swept { unstuck, left, woken, called, orders, mails, silent } = sweep.swept;
    if unstuck > 0 {
        count(Metric::Unstuck, unstuck);
    }
    tracing::info!(unstuck, left, woken, called, orders, mails, silent, failed = sweep.failed, "Swept.");
    match sweep.first {
        None => Ok(sweep.swept),
        Some(first) => Err(MaintenanceError::Partly { failed: sweep.failed, first: Box::new(first) }),
    }
}

/// All shards, each sweep beginning with another one: should time never suffice for all, each has its turn.
fn shards(now: Instant) -> impl Iterator<Item = u8> {
    let count = SystemStore::SHARDS;
    let first = u8::try_from((now.timestamp() / 60).rem_euclid(i64::from(count))).unwrap_or(0);
    (0..count).map(move |shard| (first + shard) % count)
}

impl Sweep<'_> {
    fn is_over(&self) -> bool {
        self.invocation.remaining() < SPARE
    }

    fn note<T>(&mut self, outcome: Result<T, MaintenanceError>) -> Option<T> {
        match outcome {
            Ok(value) => Some(value),
            Err(error) => {
                tracing::error!(%error, "Part of a sweep failed.");
                self.failed += 1;
                self.first.get_or_insert(error);
                None
            }
        }
    }

    async fn unstick(&mut self) {
        let mut stuck = Vec::new();
        for shard in 0..SystemStore::SHARDS {
            let found = self.app.store.system().stuck(shard, self.now - STUCK, STUCK_OF_SHARD).await;
            stuck.extend(self.note(found.map_err(MaintenanceError::from)).into_iter().flatten());
        }
        stuck.sort_by_key(|stuck: &Stuck| (stuck.since, stuck.document));
        let mut rest = stuck.as_slice();
        // What fails does not count: it must not keep those behind it from their turn.
        while let Some(room) = self.app.stuck_at_once.checked_sub(self.swept.unstuck as usize).filter(|room| *room > 0)
            && !rest.is_empty()
            && !self.is_over()
        {
            let (some, others) = rest.split_at(rest.len().min(AT_ONCE).min(room));
            for outcome in join_all(some.iter().map(|stuck| set_going(self.app, stuck, self.now))).await {
                self.swept.unstuck += u32::from(self.note(outcome).unwrap_or_default());
            }
            rest = others;
        }
        self.swept.left = u32::try_from(rest.len()).unwrap_or(u32::MAX);
    }

    /// Calls export runs that have not gone on for long: whoever was at it died.
    async fn call_runs(&mut self) {
        let found = self.app.store.system().still_runs(self.now - STILL, RUNS_AT_ONCE).await;
        for (tenant, administration, run) in self.note(found.map_err(MaintenanceError::from)).unwrap_or_default() {
            if self.is_over() {
                return;
            }
            let message = RunMessage { tenant, administration, run };
            let sent = self.app.exports.send("maintenance.call_run", &message, Duration::ZERO).await;
            self.swept.called += u32::from(self.note(sent.map_err(MaintenanceError::from)).is_some());
        }
    }

    /// Calls orders with a run whose message was lost, or whose patience is over.
    async fn call_orders(&mut self, shard: u8) {
        if self.is_over() {
            return;
        }
        let found = self.app.store.system().still_orders(shard, self.now, ORDERS_OF_SHARD).await;
        for OrderRef { tenant, order } in self.note(found.map_err(MaintenanceError::from)).unwrap_or_default() {
            if self.is_over() {
                return;
            }
            let message = OrderMessage { tenant, order };
            let sent = self.app.orders.send("maintenance.call_order", &message, Duration::ZERO).await;
            self.swept.orders += u32::from(self.note(sent.map_err(MaintenanceError::from)).is_some());
        }
    }

    /// Calls what is to be mailed by now.
    async fn call_mails(&mut self, shard: u8) {
        if self.is_over() {
            return;
        }
        let found = self.app.store.system().still_mails(shard, self.now, MAILS_OF_SHARD).await;
        let found = self.note(found.map_err(MaintenanceError::from)).unwrap_or_default();
        let messages: Vec<MailMessage> =
            found.into_iter().map(|MailRef { tenant, home }| MailMessage { tenant, home }).collect();
        let sent = self.app.mails.send_all("maintenance.call_mail", &messages).await;
        if self.note(sent.map_err(MaintenanceError::from)).is_some() {
            self.swept.mails += u32::try_from(messages.len()).unwrap_or_default();
        }
    }

    /// Tells of clients whose mails normally flow, and have stopped: once, until they flow again.
    async fn miss(&mut self, shard: u8) {
        if self.is_over() {
            return;
        }
        let missed = self.app.store.system().missed_mails(shard, self.now, MAILS_OF_SHARD).await;
        for missed in self.note(missed.map_err(MaintenanceError::from)).unwrap_or_default() {
            if self.is_over() {
                return;
            }
            let Missed { tenant, administration, connection } = missed;
            let connections = self.app.store.tenant(tenant).mail_connections(administration);
            let known = connections.get(connection, Read::Eventual).await.map_err(MaintenanceError::from);
            let Some(known) = self.note(known) else { continue };
            let is_on = known.is_some_and(|known| match known.sharing {
                Sharing::On { .. } => true,
                Sharing::Off => false,
            });
            if !is_on {
                // Somebody turned it off: nobody misses it.
                let told = self.app.store.tenant(tenant).mail_flow(administration).told(connection).await;
                self.note(told.map_err(MaintenanceError::from));
                continue;
            }
            tracing::warn!(%tenant, %administration, %connection, "Mails of a client, which normally flow, have stopped.");
            count(Metric::MailSilent, 1);
            let told = self.app.store.tenant(tenant).mail_flow(administration).told(connection).await;
            self.swept.silent += u32::from(self.note(told.map_err(MaintenanceError::from)).is_some());
        }
    }

    async fn wake(&mut self, shard: u8) {
        if self.is_over() {
            return;
        }
        let units = self.app.store.system().units(shard).await.map_err(MaintenanceError::from);
        let units = self.note(units).unwrap_or_default();
        for some in units.chunks(AT_ONCE) {
            if self.is_over() {
                return;
            }
            for outcome in join_all(some.iter().map(|unit| wake_if_due(self.app, unit, self.now))).await {
                self.swept.woken += u32::from(self.note(outcome).unwrap_or_default());
            }
        }
    }

    async fn keep_alive(&mut self, shard: u8) {
        if self.is_over() {
            return;
        }
        let day = (self.now - KEEP_ALIVE).date_naive();
        let old = self.app.store.system().tokens_renewed_until(shard, day).await.map_err(MaintenanceError::from);
        for (tenant, connection) in self.note(old).unwrap_or_default() {
            let sent = send(self.app, tenant, UnitId { connection, division: None }).await;
            self.swept.woken += u32::from(self.note(sent).is_some());
        }
    }

    /// Recommendations whose count fell because a day left their window.
    async fn refresh(&mut self, shard: u8) {
        if self.is_over() {
            return;
        }
        let fallen = self.app.store.system().fallen(shard, self.now, recommendations::AT_ONCE).await;
        let writer = Writer::new(&self.invocation.request, u32::from(shard));
        for fallen in self.note(fallen.map_err(MaintenanceError::from)).unwrap_or_default() {
            if self.is_over() {
                return;
            }
            let refreshed = recommendations::refresh(self.app, fallen, self.now, &writer).await;
            self.note(refreshed.map_err(MaintenanceError::from));
        }
    }
}

/// Whether the document was still stuck and goes on.
async fn set_going(app: &App, stuck: &Stuck, now: Instant) -> Result<bool, MaintenanceError> {
    let step = app.store.tenant(stuck.tenant).documents().emit_again(stuck.document, now).await?;
    if let Some(step) = step {
        tracing::warn!(
            tenant = %stuck.tenant,
            document = %stuck.document,
            step = step.as_str(),
            since = %stuck.since,
            "Document was stuck; its step is asked for again."
        );
    }
    Ok(step.is_some())
}

/// Whether the unit has forgotten work and was woken.
async fn wake_if_due(app: &App, unit: &UnitRef, now: Instant) -> Result<bool, MaintenanceError> {
    let tenant = app.store.tenant(unit.tenant);
    let (memory, _) = tenant.units().peek(&unit.unit).await?.unwrap_or_default();
    let documents = match memory.asleep_until {
        // Its documents are due, and nothing can come of a turn before then.
        Some(until) => Some(until),
        None => tenant.documents().next_due(&unit.unit).await?,
    };
    let tasks = tenant.tasks().next_due(&unit.unit).await?;
    let is_due = documents.into_iter().chain(tasks).any(|due| due < now - FORGOTTEN);
    if is_due {
        send(app, unit.tenant, unit.unit.clone()).await?;
    }
    Ok(is_due)
}

async fn send(app: &App, tenant: TenantId, unit: UnitId) -> Result<(), MaintenanceError> {
    let message = TurnMessage { tenant, unit, document: None };
    Ok(app.turns.send("maintenance.wake", &message, Duration::ZERO).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_sweep_sees_every_shard_and_begins_with_another() {
        let at = |minute: i64| Instant::from_timestamp(minute * 60, 0).unwrap();
        let mut begins: Vec<u8> = Vec::new();
        // Sweeps are five minutes apart.
        for sweep in 0..i64::from(SystemStore::SHARDS) {
            let mut seen: Vec<u8> = shards(at(1_000_000 + 5 * sweep)).collect();
            begins.extend(seen.first());
            seen.sort_unstable();
            assert_eq!(seen, (0..SystemStore::SHARDS).collect::<Vec<_>>());
        }
        begins.sort_unstable();
        assert_eq!(begins, (0..SystemStore::SHARDS).collect::<Vec<_>>());
    }
}
