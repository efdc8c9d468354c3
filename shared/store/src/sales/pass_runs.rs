//! Runs that pass in bulk. What was asked for is written once and completed when all documents are in it; counts go along in the
//! transactions that change documents, so that they are exact whoever dies when.

use super::keys;
use crate::{
    Cursor, Listed, Read, StoreError, Tables, Writer,
    expression::{Changes, Expression},
    item::{Fields, Item, number, text},
    schema::WRITER,
    settings::page,
    table::{Old, Order, Write, Written},
    transaction::is_by,
};
use domain::{
    ids::{AdministrationId, TaskId, TenantId},
    sales::{Issued, PassCounts, PassRun, Passing},
};
use std::{collections::BTreeMap, sync::Arc};

const BODY: &str = "b";
const TOTAL: &str = "nt";
const PASSED: &str = "np";
const FAILED: &str = "nf";
const UNCERTAIN: &str = "nu";

/// Runs of an administration that pass in bulk.
#[derive(Debug, Clone)]
pub struct PassRuns {
    tables: Arc<Tables>,
    tenant: TenantId,
    administration: AdministrationId,
}

fn read(operation: &'static str, item: &Item) -> Result<PassRun, StoreError> {
    let fields = Fields::of(operation, item);
    let count = |name| Ok::<u32, StoreError>(fields.parsed(name)?.unwrap_or_default());
    let counts = PassCounts {
        total: count(TOTAL)?,
        passed: count(PASSED)?,
        failed: count(FAILED)?,
        uncertain: count(UNCERTAIN)?,
    };
    let run: PassRun = fields.needed(BODY, fields.json(BODY)?)?;
    Ok(PassRun { counts, ..run })
}

fn body(operation: &'static str, run: &PassRun) -> Result<String, StoreError> {
    serde_json::to_string(run).map_err(|error| StoreError::bug(operation, "a run cannot be encoded").caused_by(error))
}

/// Under which name a document in this state is counted.
fn counted(passing: Passing) -> Option<&'static str> {
    match passing {
        Passing::Passed => Some(PASSED),
        Passing::Failed => Some(FAILED),
        Passing::Uncertain => Some(UNCERTAIN),
        Passing::NotPassed | Passing::Withheld | Passing::Passing => None,
    }
}

/// What a change of a document changes of the counts of the run that it is in.
pub(super) fn counts(tenant: TenantId, before: &Issued, after: &Issued) -> Option<Write> {
    let run = after.run?;
    let joins = before.run != Some(run);
    let mut added: BTreeMap<&'static str, i32> = BTreeMap::new();
    if joins {
        added.insert(TOTAL, 1);
    } else if let Some(from) = counted(before.passing) {
        added.insert(from, -1);
    }
    if let Some(to) = counted(after.passing) {
        *added.entry(to).or_default() += 1;
    }
    added.retain(|_, value| *value != 0);
    if added.is_empty() {
        return None;
    }
    let names: Vec<String> = added.keys().map(|name| format!("#{name} :{name}")).collect();
    let clause = Expression::new(format!("ADD {}", names.join(", ")));
    let mut changes = Changes::default();
    changes.clause(added.iter().fold(clause, |clause, (name, value)| clause.with(name, number(value))));
    let key = keys::pass_run(tenant, after.administration, run);
    Some(Write::Update { key, changes, condition: None })
}

impl PassRuns {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId, administration: AdministrationId) -> Self {
        Self { tables, tenant, administration }
    }

    /// Puts a new run; the same one put again is the same.
    pub async fn create(&self, run: &PassRun, writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "pass_runs.create";
        let mut item = keys::pass_run(self.tenant, self.administration, run.id).item();
        item.insert(BODY.to_owned(), text(body(OPERATION, run)?));
        item.insert(WRITER.to_owned(), text(writer.as_str()));
        let put = Write::Put { item, condition: Some(Expression::absent()) };
        match self.tables.documents.write(OPERATION, put, Old::NotNeeded).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(there) if is_by(there.as_ref(), writer) => Ok(()),
            Written::Refused(_) => Err(StoreError::conflict(OPERATION, format!("there is a run {} already", run.id))),
        }
    }

    /// A run with its counts.
    pub async fn get(&self, id: TaskId, how: Read) -> Result<Option<PassRun>, StoreError> {
        const OPERATION: &str = "pass_runs.get";
        let key = keys::pass_run(self.tenant, self.administration, id);
        let item = self.tables.documents.get(OPERATION, &key, how).await?;
        item.map(|item| read(OPERATION, &item)).transpose()
    }

    /// Completes a run: all documents are in it.
    pub async fn collected(&self, run: &PassRun, writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "pass_runs.collected";
        let mut changes = Changes::default();
        changes.set(BODY, text(body(OPERATION, run)?));
        changes.set(WRITER, text(writer.as_str()));
        let key = keys::pass_run(self.tenant, self.administration, run.id);
        let update = Write::Update { key, changes, condition: Some(Expression::present()) };
        self.tables.documents.write(OPERATION, update, Old::NotNeeded).await.map(|_| ())
    }

    /// A page of runs, the newest first.
    pub async fn list(&self, cursor: Option<&Cursor>, limit: usize) -> Result<Listed<PassRun>, StoreError> {
        const OPERATION: &str = "pass_runs.list";
        let pk = keys::pass_runs(self.tenant, self.administration);
        let read = |item: Item| read(OPERATION, &item);
        page(&self.tables.documents, OPERATION, (&pk, ""), Order::Descending, cursor, limit, read).await
    }
}
