//! Keys of the table of runs. Nothing else formats one.
//!
//! | item | pk | sk |
//! | --- | --- | --- |
//! | unit | `{tenant}#{unit}` | `unit` |
//! | credential of a connection | `{tenant}#{connection}` | `credential` |
//! | task | `{tenant}#tasks` | `task#{task}` |
//! | how far a task has come | `{tenant}#tasks` | `progress#{task}` |
//! | job about protection | `{tenant}#jobs` | `job#{job}` |
//! | export run | `{tenant}#{administration}#exports` | `run#{run}` |
//! | run in progress of a facility | same | `running#{facility}` |
//! | when a facility's job runs next | same | `due#{facility}` |
//! | documents that a run took | `{tenant}#{run}` | `slice#{number}` |
//! | documents that it left out | same | `left#{slice}#{document}` |
//! | documents that could not be taken back | same | `kept#{slice}` |
//! | consent under way | `{tenant}#consents` | `state#{digest}` |
//! | answer to a request that may be repeated | `{tenant}#idempotency` | `{digest}` |
//! | figures of a day | `{tenant}#{administration}#figures` | `day#{date}` |
//! | figures of a contact | same | `contact#{contact}` |
//! | the last changes of documents | same | `changes` |
//! | recommended contact | `{tenant}#{administration}#recommended` | `{inverse count}#{contact}` |
//! | credits of an app in a minute, of no tenant | `app#{system}#{digest}` | `{minute}` |
//!
//! | entry of the index `system` | ypk | ysk |
//! | --- | --- | --- |
//! | unit | `units#{shard}` | `{tenant}#{unit}` |
//! | credential | `tokens#{shard}` | `{day of the last renewal}#{tenant}#{connection}` |
//! | recommended contact | `recommended#{shard}` | `{next fall of its count}#{tenant}#{administration}#{contact}` |
//! | job of a facility | `exportjobs#{shard}` | `{due}#{tenant}#{administration}#{facility}` |
//! | open export run | `exports` | `{last look}#{tenant}#{administration}#{run}` |
//! | open job | `jobs` | `{due}#{tenant}#{job}` |
//! | open task of a unit | `tasks#{tenant}#{unit}` | `{due}#{task}` |

use crate::{
    item::{Key, from_sortable, sortable},
    schema::SHARDS,
    transaction::digest,
};
use domain::{
    document::UnitId,
    ids::{AdministrationId, ConnectionId, ContactId, FacilityId, Id as _, JobId, RunId, TaskId, TenantId},
    time::{Date, Instant},
};

pub(crate) const TASK: &str = "task#";

pub(crate) fn unit(tenant: TenantId, unit: &UnitId) -> Key {
    Key::new(format!("{tenant}#{unit}"), "unit")
}

pub(crate) fn credential(tenant: TenantId, connection: ConnectionId) -> Key {
    Key::new(format!("{tenant}#{connection}"), "credential")
}

pub(crate) fn tasks(tenant: TenantId) -> String {
    format!("{tenant}#tasks")
}

pub(crate) fn task(tenant: TenantId, task: TaskId) -> Key {
    Key::new(tasks(tenant), format!("{TASK}{task}"))
}

pub(crate) fn progress(tenant: TenantId, task: TaskId) -> Key {
    Key::new(tasks(tenant), format!("progress#{task}"))
}

pub(crate) const JOB: &str = "job#";
/// The partition of open jobs in the index.
pub(crate) const JOBS: &str = "jobs";

pub(crate) fn jobs(tenant: TenantId) -> String {
    format!("{tenant}#jobs")
}

pub(crate) fn job(tenant: TenantId, job: JobId) -> Key {
    Key::new(jobs(tenant), format!("{JOB}{job}"))
}

pub(crate) fn open_job(due: Instant, tenant: TenantId, job: JobId) -> String {
    format!("{}#{tenant}#{job}", sortable(due))
}

pub(crate) fn open_jobs_until(due: Instant) -> String {
    format!("{}#~", sortable(due))
}

/// The tenant and job of an entry.
pub(crate) fn of_open_job(entry: &str) -> Option<(TenantId, JobId)> {
    let mut parts = entry.split('#').skip(1);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

pub(crate) const RUN: &str = "run#";
/// The partition of open export runs in the index.
pub(crate) const OPEN_RUNS: &str = "exports";

/// The partition of an administration's exports.
pub(crate) fn exports(tenant: TenantId, administration: AdministrationId) -> String {
    format!("{tenant}#{administration}#exports")
}

pub(crate) fn run(tenant: TenantId, administration: AdministrationId, run: RunId) -> Key {
    Key::new(exports(tenant, administration), format!("{RUN}{run}"))
}

/// The run of a facility that is in progress.
pub(crate) fn running(tenant: TenantId, administration: AdministrationId, facility: FacilityId) -> Key {
    Key::new(exports(tenant, administration), format!("running#{facility}"))
}

/// When the job of a facility runs next.
pub(crate) fn due_job(tenant: TenantId, administration: AdministrationId, facility: FacilityId) -> Key {
    Key::new(exports(tenant, administration), format!("due#{facility}"))
}

pub(crate) fn due_jobs_shard(facility: FacilityId) -> String {
    due_jobs(u8::try_from(facility.ulid().0 % u128::from(SHARDS)).unwrap_or_default())
}

pub(crate) fn due_jobs(shard: u8) -> String {
    format!("exportjobs#{shard}")
}

pub(crate) fn due_jobs_entry(
    due: Instant,
    tenant: TenantId,
    administration: AdministrationId,
    facility: FacilityId,
) -> String {
    format!("{}#{tenant}#{administration}#{facility}", sortable(due))
}

/// Sorts after every entry that is due at this instant.
pub(crate) fn due_jobs_until(due: Instant) -> String {
    format!("{}#~", sortable(due))
}

/// The due instant, tenant, administration and facility of an entry.
pub(crate) fn of_due_job(entry: &str) -> Option<(Instant, TenantId, AdministrationId, FacilityId)> {
    let mut parts = entry.split('#');
    let due = from_sortable(parts.next()?)?;
    Some((due, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

pub(crate) fn open_run(moved: Instant, tenant: TenantId, administration: AdministrationId, run: RunId) -> String {
    format!("{}#{tenant}#{administration}#{run}", sortable(moved))
}

/// The tenant, administration and run of an entry.
pub(crate) fn of_open_run(entry: &str) -> Option<(TenantId, AdministrationId, RunId)> {
    let mut parts = entry.split('#').skip(1);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

/// The partition of what a run took.
pub(crate) fn taken(tenant: TenantId, run: RunId) -> String {
    format!("{tenant}#{run}")
}

pub(crate) fn slice(tenant: TenantId, run: RunId, slice: u32) -> Key {
    Key::new(taken(tenant, run), format!("slice#{slice:06}"))
}

pub(crate) const LEFT_OUT: &str = "left#";

/// What was left out from this document of a slice on.
pub(crate) fn left_out(tenant: TenantId, run: RunId, slice: u32, document: u32) -> Key {
    Key::new(taken(tenant, run), format!("{LEFT_OUT}{slice:06}#{document:06}"))
}

pub(crate) const KEPT: &str = "kept#";

/// What could not be taken back of a slice.
pub(crate) fn kept(tenant: TenantId, run: RunId, slice: u32) -> Key {
    Key::new(taken(tenant, run), format!("{KEPT}{slice:06}"))
}

pub(crate) fn consent(tenant: TenantId, digest: &str) -> Key {
    Key::new(format!("{tenant}#consents"), format!("state#{digest}"))
}

pub(crate) fn idempotency(tenant: TenantId, digest: &str) -> Key {
    Key::new(format!("{tenant}#idempotency"), digest)
}

/// The name of an app is a ledger's to choose: its digest has neither length nor signs to think of.
pub(crate) fn app_minute(system: &str, app: &str, minute: Instant) -> Key {
    Key::new(format!("app#{system}#{}", digest(&[app], 32)), sortable(minute))
}

fn shard(connection: ConnectionId) -> u128 {
    connection.ulid().0 % u128::from(SHARDS)
}

pub(crate) fn units_shard(unit: &UnitId) -> String {
    units(u8::try_from(shard(unit.connection)).unwrap_or_default())
}

pub(crate) fn units(shard: u8) -> String {
    format!("units#{shard}")
}

pub(crate) fn units_entry(tenant: TenantId, unit: &UnitId) -> String {
    format!("{tenant}#{unit}")
}

/// The tenant and unit of an entry.
pub(crate) fn of_units_entry(entry: &str) -> Option<(TenantId, UnitId)> {
    let (tenant, unit) = entry.split_once('#')?;
    Some((tenant.parse().ok()?, unit.parse().ok()?))
}

pub(crate) fn tokens_shard(connection: ConnectionId) -> String {
    tokens(u8::try_from(shard(connection)).unwrap_or_default())
}

pub(crate) fn tokens(shard: u8) -> String {
    format!("tokens#{shard}")
}

pub(crate) fn tokens_entry(renewed: Date, tenant: TenantId, connection: ConnectionId) -> String {
    format!("{renewed}#{tenant}#{connection}")
}

/// Sorts after every token that was renewed on this day or before.
pub(crate) fn tokens_entries_until(day: Date) -> String {
    format!("{day}#~")
}

/// The tenant and connection of an entry.
pub(crate) fn of_tokens_entry(entry: &str) -> Option<(TenantId, ConnectionId)> {
    let mut parts = entry.split('#').skip(1);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}

pub(crate) fn open_tasks(tenant: TenantId, unit: &UnitId) -> String {
    format!("tasks#{tenant}#{unit}")
}

pub(crate) fn open_task(due: Instant, task: TaskId) -> String {
    format!("{}#{task}", sortable(due))
}

/// Sorts after every task that is due at this instant.
pub(crate) fn open_tasks_until(due: Instant) -> String {
    format!("{}#~", sortable(due))
}

/// The due instant and the task of an entry.
pub(crate) fn of_open_task(entry: &str) -> Option<(Instant, TaskId)> {
    let (due, task) = entry.split_once('#')?;
    Some((from_sortable(due)?, task.parse().ok()?))
}

/// The partition of an administration's figures.
pub(crate) fn figures(tenant: TenantId, administration: AdministrationId) -> String {
    format!("{tenant}#{administration}#figures")
}

/// Sorts as the calendar does.
pub(crate) fn day(date: Date) -> String {
    format!("day#{date}")
}

/// The date of a day's figures.
pub(crate) fn of_day(sk: &str) -> Option<Date> {
    sk.strip_prefix("day#")?.parse().ok()
}

pub(crate) fn contact_figures(tenant: TenantId, administration: AdministrationId, contact: ContactId) -> Key {
    Key::new(figures(tenant, administration), format!("contact#{contact}"))
}

pub(crate) fn changes(tenant: TenantId, administration: AdministrationId) -> Key {
    Key::new(figures(tenant, administration), "changes")
}

/// The partition of an administration's recommendations.
pub(crate) fn recommended(tenant: TenantId, administration: AdministrationId) -> String {
    format!("{tenant}#{administration}#recommended")
}

/// The most documents first.
pub(crate) fn recommendation(count: u32, contact: ContactId) -> String {
    format!("{:010}#{contact}", u32::MAX - count)
}

/// The contact of a recommendation.
pub(crate) fn of_recommendation(sk: &str) -> Option<ContactId> {
    sk.split_once('#')?.1.parse().ok()
}

pub(crate) fn falls_shard(contact: ContactId) -> String {
    falls(u8::try_from(contact.ulid().0 % u128::from(SHARDS)).unwrap_or_default())
}

pub(crate) fn falls(shard: u8) -> String {
    format!("recommended#{shard}")
}

pub(crate) fn fall(due: Instant, tenant: TenantId, administration: AdministrationId, contact: ContactId) -> String {
    format!("{}#{tenant}#{administration}#{contact}", sortable(due))
}

/// Sorts after every entry that is due at this instant.
pub(crate) fn falls_until(due: Instant) -> String {
    format!("{}#~", sortable(due))
}

/// The tenant, administration and contact of an entry.
pub(crate) fn of_fall(entry: &str) -> Option<(TenantId, AdministrationId, ContactId)> {
    let mut parts = entry.split('#').skip(1);
    Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
}
