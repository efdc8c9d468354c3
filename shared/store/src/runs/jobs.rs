//! Jobs about protection: exports and erasures. Open ones are found across tenants by when they are due.

use super::keys;
use crate::{
    Cursor, Download, Listed, PresignedUrl, Read, StoreError, SystemStore, Tables, Writer,
    expression::Expression,
    item::{Fields, Item, decode, number, text},
    schema::{SYSTEM, TTL, WRITER},
    settings::page,
    table::{Old, Order, Query, Write, Written},
    transaction::is_by,
};
use chrono::TimeDelta;
use domain::{
    ids::{JobId, TenantId},
    protection::{Job, JobState},
    time::Instant,
};
use std::sync::Arc;

/// How long a job can be looked up after it has ended.
const KEPT: TimeDelta = TimeDelta::days(365);
/// Counts steps.
const VERSION: &str = "version";

/// The jobs of a tenant.
#[derive(Debug, Clone)]
pub struct Jobs {
    tables: Arc<Tables>,
    tenant: TenantId,
}

impl Jobs {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    fn item(&self, operation: &'static str, job: &Job, writer: &Writer) -> Result<Item, StoreError> {
        let mut item = keys::job(self.tenant, job.id).item_of(operation, job)?;
        item.insert(WRITER.to_owned(), text(writer.as_str()));
        match &job.state {
            JobState::Open => {
                item.insert(SYSTEM.hash.to_owned(), text(keys::JOBS));
                item.insert(SYSTEM.range.to_owned(), text(keys::open_job(job.due, self.tenant, job.id)));
            }
            JobState::Done { at, .. } => {
                item.insert(TTL.to_owned(), number((*at + KEPT).timestamp()));
            }
        }
        Ok(item)
    }

    /// Puts a new job. The same job put again by the same writer is the same.
    pub async fn create(&self, job: &Job, writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "jobs.create";
        let put = Write::Put { item: self.item(OPERATION, job, writer)?, condition: Some(Expression::absent()) };
        match self.tables.runs.write(OPERATION, put, Old::NotNeeded).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(there) if is_by(there.as_ref(), writer) => Ok(()),
            Written::Refused(_) => Err(StoreError::conflict(OPERATION, format!("there is a {} already", job.id))),
        }
    }

    /// Puts a job after a step in place of the one that was read.
    pub async fn update(&self, before: &Job, after: &Job, writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "jobs.update";
        if before.id != after.id || before.version.checked_add(1) != Some(after.version) {
            return Err(StoreError::bug(OPERATION, format!("step {} cannot follow {}", after.version, before.version)));
        }
        let unchanged = Expression::new(format!("#{VERSION} = :before")).with("before", number(before.version));
        let put = Write::Put { item: self.item(OPERATION, after, writer)?, condition: Some(unchanged) };
        match self.tables.runs.write(OPERATION, put, Old::NotNeeded).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(Some(there))
                if is_by(Some(&there), writer)
                    && Fields::of(OPERATION, &there).parsed(VERSION)? == Some(after.version) =>
            {
                Ok(())
            }
            Written::Refused(_) => Err(StoreError::conflict(OPERATION, format!("{} went on elsewhere", after.id))),
        }
    }

    /// A job.
    pub async fn get(&self, id: JobId) -> Result<Option<Job>, StoreError> {
        const OPERATION: &str = "jobs.get";
        let item = self.tables.runs.get(OPERATION, &keys::job(self.tenant, id), Read::Consistent).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// A page of the tenant's jobs, newest first.
    pub async fn list(&self, cursor: Option<&Cursor>, limit: usize) -> Result<Listed<Job>, StoreError> {
        const OPERATION: &str = "jobs.list";
        let pk = keys::jobs(self.tenant);
        let read = |item: Item| decode(OPERATION, item);
        page(&self.tables.runs, OPERATION, (&pk, keys::JOB), Order::Descending, cursor, limit, read).await
    }

    fn archive(&self, job: JobId, number: u32) -> String {
        format!("exports/{}/{job}/part-{number:04}.zip", self.tenant)
    }

    /// Stores an archive of an export, in place of one that a step left that died.
    pub async fn put_archive(&self, job: JobId, number: u32, bytes: Vec<u8>) -> Result<(), StoreError> {
        let name = self.archive(job, number);
        self.tables.objects.put("jobs.put_archive", &name, bytes, "application/zip").await
    }

    /// A short-lived address from which an archive can be downloaded.
    pub fn archive_address(&self, job: JobId, number: u32, seconds: u64) -> Result<PresignedUrl, StoreError> {
        let (name, file) = (self.archive(job, number), format!("export-{number:04}.zip"));
        let download = Download { file_name: &file, content_type: "application/zip" };
        self.tables.objects.address_to_get("jobs.archive_address", &name, &download, seconds)
    }
}

impl SystemStore {
    /// Open jobs of all tenants that are due, the longest waiting first.
    pub async fn due_jobs(&self, now: Instant, limit: i32) -> Result<Vec<(TenantId, JobId)>, StoreError> {
        const OPERATION: &str = "system.due_jobs";
        let mut query = Query::index(SYSTEM, keys::JOBS).up_to(&keys::open_jobs_until(now));
        query.limit = Some(limit.max(1));
        let page = self.tables.runs.query(OPERATION, query).await?;
        let read = |item: &Item| {
            let fields = Fields::of(OPERATION, item);
            fields.needed(SYSTEM.range, fields.text(SYSTEM.range)?.and_then(keys::of_open_job))
        };
        page.items.iter().map(read).collect()
    }
}
