//! Tasks: work at a ledger that somebody waits for. Open ones are found by unit and due instant.

use super::keys;
use crate::{
    Cursor, Listed, Read, StoreError, Tables, Writer, blob,
    expression::Expression,
    item::{Fields, Item, decode, number, text},
    schema::{SYSTEM, TTL, WRITER},
    settings::page,
    table::{Old, Order, Query, Write, Written},
    transaction::is_by,
};
use chrono::TimeDelta;
use domain::{
    document::UnitId,
    ids::{TaskId, TenantId},
    task::{Task, TaskState},
    time::Instant,
};
use serde::{Serialize, de::DeserializeOwned};
use std::sync::Arc;

/// How long it is kept how far a task has come.
const PROGRESS_KEPT: TimeDelta = TimeDelta::days(7);
/// How long a task can be looked up after it has ended.
const KEPT: TimeDelta = TimeDelta::days(90);
/// The most open tasks that are given at once.
const OPEN_LIMIT_MAX: usize = 50;

/// Counts attempts; a task is changed by nothing else than an attempt, so it does for a version.
const ATTEMPTS: &str = "attempts";

/// The tasks of a tenant.
#[derive(Debug, Clone)]
pub struct Tasks {
    tables: Arc<Tables>,
    tenant: TenantId,
}

impl Tasks {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    fn item(&self, operation: &'static str, task: &Task, writer: &Writer) -> Result<Item, StoreError> {
        let mut item = keys::task(self.tenant, task.id).item_of(operation, task)?;
        item.insert(WRITER.to_owned(), text(writer.as_str()));
        match &task.state {
            TaskState::Open => {
                item.insert(SYSTEM.hash.to_owned(), text(keys::open_tasks(self.tenant, &task.unit)));
                item.insert(SYSTEM.range.to_owned(), text(keys::open_task(task.due, task.id)));
            }
            TaskState::Done { at, .. } | TaskState::Failed { at, .. } => {
                item.insert(TTL.to_owned(), number((*at + KEPT).timestamp()));
            }
        }
        Ok(item)
    }

    /// Puts a new task. The same task put again by the same writer is the same.
    pub async fn create(&self, task: &Task, writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "tasks.create";
        let put = Write::Put { item: self.item(OPERATION, task, writer)?, condition: Some(Expression::absent()) };
        match self.tables.runs.write(OPERATION, put, Old::NotNeeded).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(there) if is_by(there.as_ref(), writer) => Ok(()),
            Written::Refused(_) => Err(StoreError::conflict(OPERATION, format!("there is a {} already", task.id))),
        }
    }

    /// Puts a task after an attempt in place of the one that was read: done, failed, or open again and due later.
    /// `after.attempts` is one more than before.
    pub async fn update(&self, before: &Task, after: &Task, writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "tasks.update";
        if before.id != after.id || before.attempts.checked_add(1) != Some(after.attempts) {
            let detail = format!("attempt {} cannot follow {}", after.attempts, before.attempts);
            return Err(StoreError::bug(OPERATION, detail));
        }
        let unchanged = Expression::new(format!("#{ATTEMPTS} = :before")).with("before", number(before.attempts));
        let put = Write::Put { item: self.item(OPERATION, after, writer)?, condition: Some(unchanged) };
        match self.tables.runs.write(OPERATION, put, Old::NotNeeded).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(Some(there)) => {
                let attempts = Fields::of(OPERATION, &there).parsed(ATTEMPTS)?;
                if is_by(Some(&there), writer) && attempts == Some(after.attempts) {
                    return Ok(());
                }
                Err(StoreError::conflict(OPERATION, format!("{} was attempted by somebody else", after.id)))
            }
            Written::Refused(None) => {
                Err(StoreError::new(crate::ErrorKind::NotFound, OPERATION, format!("there is no {}", after.id)))
            }
        }
    }

    /// Stores how far a task has come that takes several turns, in place of what was there; as whoever does it wrote it.
    pub async fn put_progress(&self, id: TaskId, progress: &impl Serialize, now: Instant) -> Result<(), StoreError> {
        const OPERATION: &str = "tasks.put_progress";
        let mut item = keys::progress(self.tenant, id).item();
        // Each is whole in itself: a late writer's object in place of ours only sets the task back.
        let object = || format!("{}/tasks/{id}", self.tenant);
        blob::store(&self.tables.objects, OPERATION, &mut item, progress, object).await?;
        item.insert(TTL.to_owned(), number((now + PROGRESS_KEPT).timestamp()));
        self.tables.runs.write(OPERATION, Write::Put { item, condition: None }, Old::NotNeeded).await.map(|_| ())
    }

    /// How far a task has come, if it was stored.
    pub async fn progress<T: DeserializeOwned>(&self, id: TaskId) -> Result<Option<T>, StoreError> {
        const OPERATION: &str = "tasks.progress";
        let key = keys::progress(self.tenant, id);
        match self.tables.runs.get(OPERATION, &key, Read::Consistent).await? {
            Some(item) => blob::load(&self.tables.objects, OPERATION, &item).await.map(Some),
            None => Ok(None),
        }
    }

    /// A task.
    pub async fn get(&self, id: TaskId, read: Read) -> Result<Option<Task>, StoreError> {
        const OPERATION: &str = "tasks.get";
        let item = self.tables.runs.get(OPERATION, &keys::task(self.tenant, id), read).await?;
        item.map(|item| decode(OPERATION, item)).transpose()
    }

    /// A page of the tenant's tasks, newest first.
    pub async fn list(&self, cursor: Option<&Cursor>, limit: usize) -> Result<Listed<Task>, StoreError> {
        const OPERATION: &str = "tasks.list";
        let pk = keys::tasks(self.tenant);
        let read = |item: Item| decode(OPERATION, item);
        page(&self.tables.runs, OPERATION, (&pk, keys::TASK), Order::Descending, cursor, limit, read).await
    }

    /// Open tasks of a unit that are due, the longest waiting first. The index may be a moment behind.
    pub async fn open(&self, unit: &UnitId, now: Instant, limit: usize) -> Result<Vec<Task>, StoreError> {
        const OPERATION: &str = "tasks.open";
        let mut query = Query::index(SYSTEM, &keys::open_tasks(self.tenant, unit)).up_to(&keys::open_tasks_until(now));
        query.limit = i32::try_from(limit.clamp(1, OPEN_LIMIT_MAX)).ok();
        let entries = self.tables.runs.query(OPERATION, query).await?.items;
        let mut tasks = Vec::with_capacity(entries.len());
        for entry in &entries {
            let (_, id) = entry_of(OPERATION, entry)?;
            if let Some(task) = self.get(id, Read::Consistent).await?
                && task.state == TaskState::Open
            {
                tasks.push(task);
            }
        }
        Ok(tasks)
    }

    /// When the next open task of a unit is due; in the past when one is due already.
    pub async fn next_due(&self, unit: &UnitId) -> Result<Option<Instant>, StoreError> {
        const OPERATION: &str = "tasks.next_due";
        let mut query = Query::index(SYSTEM, &keys::open_tasks(self.tenant, unit));
        query.limit = Some(1);
        let entries = self.tables.runs.query(OPERATION, query).await?.items;
        entries.first().map(|entry| entry_of(OPERATION, entry).map(|(due, _)| due)).transpose()
    }
}

fn entry_of(operation: &'static str, entry: &Item) -> Result<(Instant, TaskId), StoreError> {
    let fields = Fields::of(operation, entry);
    fields.needed(SYSTEM.range, fields.text(SYSTEM.range)?.and_then(keys::of_open_task))
}
