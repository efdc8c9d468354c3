//! Export runs: the run itself with its lock, what it took, the segments of its file, and when jobs are due.

use super::keys;
use crate::{
    Cursor, Download, ErrorKind, Listed, PresignedUrl, Read, StoreError, SystemStore, Tables, Writer,
    expression::Expression,
    item::{Fields, Item, bytes, number, text},
    schema::{SHARDS, SYSTEM, WRITER},
    settings::page,
    table::{Old, Order, Query, Write, Written},
    transaction::{Outcome, is_by, transact},
};
use domain::{
    export::{Phase, Run, RunState},
    ids::{AdministrationId, DocumentId, FacilityId, Id as _, RunId, TenantId},
    time::Instant,
};
use futures_util::future::try_join_all;
use serde::{Serialize, de::DeserializeOwned};
use sha2::{Digest as _, Sha256};
use std::sync::Arc;

/// Parts in which a file is put together; S3 wants no smaller ones but the last.
pub const PART_BYTES: usize = 8 * 1024 * 1024;
/// The largest segment that is read back.
const SEGMENT_BYTES_MAX: u64 = 64 * 1024 * 1024;

const BODY: &str = "b";
const VERSION: &str = "v";
const RUNNING: &str = "run";
const DOCUMENTS: &str = "d";
const NEXT: &str = "n";
const DUE: &str = "due";

/// Where a run looks for documents next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Place {
    /// In what is ready for export.
    Ready(Option<Cursor>),
    /// In what was posted on other paths (SE-1).
    Posted(Option<Cursor>),
}

impl Place {
    fn write(&self) -> String {
        let cursor = |cursor: &Option<Cursor>| cursor.as_ref().map(ToString::to_string).unwrap_or_default();
        match self {
            Self::Ready(at) => format!("ready {}", cursor(at)),
            Self::Posted(at) => format!("posted {}", cursor(at)),
        }
    }

    fn read(text: &str) -> Option<Self> {
        let (list, cursor) = text.split_once(' ')?;
        let cursor = (!cursor.is_empty()).then(|| Cursor::new(cursor));
        match list {
            "ready" => Some(Self::Ready(cursor)),
            "posted" => Some(Self::Posted(cursor)),
            _ => None,
        }
    }
}

/// Some documents that a run meant to take, each at the version at which it saw it; and where it looks next.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ExportSlice {
    /// In the order of the file.
    pub documents: Vec<(DocumentId, u32)>,
    /// Nothing after the last.
    pub next: Option<Place>,
}

/// How starting a run ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Started {
    /// It is new.
    New,
    /// There is one of this id: an earlier delivery of the same trigger made it.
    Existing,
    /// The facility has another run in progress (EX-29).
    Overlaps(RunId),
}

/// A job that is due.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct DueJob {
    /// Since when.
    pub due: Instant,
    /// Whose.
    pub tenant: TenantId,
    /// Of which administration.
    pub administration: AdministrationId,
    /// Of which facility.
    pub facility: FacilityId,
}

/// Says when a facility's job runs next; nothing: it does not.
pub(crate) fn due_job_write(
    tenant: TenantId,
    administration: AdministrationId,
    facility: FacilityId,
    due: Option<Instant>,
    condition: Option<Expression>,
) -> Write {
    let key = keys::due_job(tenant, administration, facility);
    match due {
        None => Write::Delete { key, condition },
        Some(due) => {
            let mut item = key.item();
            item.insert(DUE.to_owned(), number(due.timestamp_millis()));
            item.insert(SYSTEM.hash.to_owned(), text(keys::due_jobs_shard(facility)));
            item.insert(SYSTEM.range.to_owned(), text(keys::due_jobs_entry(due, tenant, administration, facility)));
            Write::Put { item, condition }
        }
    }
}

/// The export runs of an administration.
#[derive(Debug, Clone)]
pub struct Exports {
    tables: Arc<Tables>,
    tenant: TenantId,
    administration: AdministrationId,
}

impl Exports {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId, administration: AdministrationId) -> Self {
        Self { tables, tenant, administration }
    }

    /// The id of the run that a facility has at an instant: the same trigger twice names the same one. It sorts by the instant.
    pub fn run_id(&self, facility: FacilityId, at: Instant) -> RunId {
        let mut hash = Sha256::new();
        for part in ["run", &self.tenant.to_string(), &facility.to_string(), &at.timestamp_millis().to_string()] {
            hash.update(part.as_bytes());
            hash.update(b"\0");
        }
        let digest: [u8; 32] = hash.finalize().into();
        let random = digest.iter().take(10).fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
        let millis = u128::try_from(at.timestamp_millis().max(0)).unwrap_or_default() & ((1 << 48) - 1);
        RunId::from_ulid((millis << 80 | random).into())
    }

    fn item(&self, operation: &'static str, run: &Run, writer: &Writer) -> Result<Item, StoreError> {
        let json = serde_json::to_string(run).map_err(|error| StoreError::bug(operation, error.to_string()))?;
        let mut item = keys::run(self.tenant, self.administration, run.id).item();
        item.insert(BODY.to_owned(), text(json));
        item.insert(VERSION.to_owned(), number(run.version));
        item.insert(WRITER.to_owned(), text(writer.as_str()));
        match run.state {
            RunState::Open { .. } => {
                item.insert(SYSTEM.hash.to_owned(), text(keys::OPEN_RUNS));
                let entry = keys::open_run(run.looked_at, self.tenant, self.administration, run.id);
                item.insert(SYSTEM.range.to_owned(), text(entry));
            }
            RunState::Completed { .. }
            | RunState::Stopped { .. }
            | RunState::Cancelled { .. }
            | RunState::Skipped { .. } => {}
        }
        Ok(item)
    }

    fn running(&self, facility: FacilityId) -> crate::item::Key {
        keys::running(self.tenant, self.administration, facility)
    }

    /// Starts an open run, unless the facility has one in progress.
    pub async fn start(&self, run: &Run, writer: &Writer) -> Result<Started, StoreError> {
        const OPERATION: &str = "exports.start";
        let put = Write::Put { item: self.item(OPERATION, run, writer)?, condition: Some(Expression::absent()) };
        let own = text(run.id.to_string());
        let mut lock = self.running(run.facility).item();
        lock.insert(RUNNING.to_owned(), own.clone());
        let free = Expression::new("attribute_not_exists(#pk) OR #run = :own").with("own", own);
        let writes = vec![put, Write::Put { item: lock, condition: Some(free) }];
        let what = format!("{} {}", run.id, run.version);
        let refusals = match transact(&self.tables.runs, OPERATION, &what, writer, writes).await? {
            Outcome::Done => return Ok(Started::New),
            Outcome::Refused(refusals) => refusals,
        };
        if refusals.is_refused(0) {
            return Ok(Started::Existing);
        }
        let there = refusals.item(1);
        match there.map(|there| Fields::of(OPERATION, there).parsed::<RunId>(RUNNING)).transpose()?.flatten() {
            Some(other) => Ok(Started::Overlaps(other)),
            None => Err(StoreError::conflict(OPERATION, "the facility's lock came and went")),
        }
    }

    /// Records a run that has ended before it began: skipped, or stopped. One that is there already stays.
    pub async fn record(&self, run: &Run, writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "exports.record";
        let put = Write::Put { item: self.item(OPERATION, run, writer)?, condition: Some(Expression::absent()) };
        self.tables.runs.write(OPERATION, put, Old::NotNeeded).await.map(drop)
    }

    /// Puts a run after a step in place of the one that was read. With its end the facility is free for the next.
    pub async fn update(&self, before: &Run, after: &Run, writer: &Writer) -> Result<(), StoreError> {
        const OPERATION: &str = "exports.update";
        if before.id != after.id || before.version.checked_add(1) != Some(after.version) {
            return Err(StoreError::bug(OPERATION, format!("step {} cannot follow {}", after.version, before.version)));
        }
        let unchanged = Expression::new("#v = :before").with("before", number(before.version));
        let put = Write::Put { item: self.item(OPERATION, after, writer)?, condition: Some(unchanged) };
        // A run that is taken back ended before, and gave the facility free then.
        let is_taken_back = matches!(before.state, RunState::Open { phase: Phase::Reverting { .. } });
        let there = match after.ended_at().filter(|_| !is_taken_back) {
            None => match self.tables.runs.write(OPERATION, put, Old::NotNeeded).await? {
                Written::Done(_) => return Ok(()),
                Written::Refused(there) => there,
            },
            Some(_) => {
                let own = text(after.id.to_string());
                let ours = Expression::new("attribute_not_exists(#pk) OR #run = :own").with("own", own);
                let free = Write::Delete { key: self.running(after.facility), condition: Some(ours) };
                let what = format!("{} {}", after.id, after.version);
                match transact(&self.tables.runs, OPERATION, &what, writer, vec![put, free]).await? {
                    Outcome::Done => return Ok(()),
                    Outcome::Refused(refusals) => refusals.item(0).cloned(),
                }
            }
        };
        let version = there.as_ref().map(|there| Fields::of(OPERATION, there).parsed::<u32>(VERSION)).transpose()?;
        if is_by(there.as_ref(), writer) && version.flatten() == Some(after.version) {
            return Ok(());
        }
        Err(StoreError::conflict(OPERATION, format!("{} went on elsewhere", after.id)))
    }

    /// A run, as it is now.
    pub async fn get(&self, id: RunId) -> Result<Option<Run>, StoreError> {
        const OPERATION: &str = "exports.get";
        let key = keys::run(self.tenant, self.administration, id);
        let item = self.tables.runs.get(OPERATION, &key, Read::Consistent).await?;
        item.map(|item| read_run(OPERATION, &item)).transpose()
    }

    /// A page of runs, the latest first.
    pub async fn list(&self, cursor: Option<&Cursor>, limit: usize) -> Result<Listed<Run>, StoreError> {
        const OPERATION: &str = "exports.list";
        let pk = keys::exports(self.tenant, self.administration);
        let read = |item: Item| read_run(OPERATION, &item);
        page(&self.tables.runs, OPERATION, (&pk, keys::RUN), Order::Descending, cursor, limit, read).await
    }

    /// Puts a slice, and gives the one that counts: an earlier try may have put another.
    pub async fn put_slice(&self, run: RunId, slice: u32, meant: ExportSlice) -> Result<ExportSlice, StoreError> {
        const OPERATION: &str = "exports.put_slice";
        let mut item = keys::slice(self.tenant, run, slice).item();
        let mut packed = Vec::with_capacity(meant.documents.len() * DOCUMENT_BYTES);
        for (id, version) in &meant.documents {
            packed.extend_from_slice(&id.ulid().0.to_be_bytes());
            packed.extend_from_slice(&version.to_be_bytes());
        }
        item.insert(DOCUMENTS.to_owned(), bytes(packed));
        if let Some(next) = &meant.next {
            item.insert(NEXT.to_owned(), text(next.write()));
        }
        let put = Write::Put { item, condition: Some(Expression::absent()) };
        match self.tables.runs.write(OPERATION, put, Old::NotNeeded).await? {
            Written::Done(_) => Ok(meant),
            Written::Refused(Some(there)) => read_slice(OPERATION, &there),
            Written::Refused(None) => Err(StoreError::conflict(OPERATION, "a slice came and went")),
        }
    }

    /// A slice.
    pub async fn slice(&self, run: RunId, slice: u32) -> Result<Option<ExportSlice>, StoreError> {
        const OPERATION: &str = "exports.slice";
        let key = keys::slice(self.tenant, run, slice);
        let item = self.tables.runs.get(OPERATION, &key, Read::Consistent).await?;
        item.map(|item| read_slice(OPERATION, &item)).transpose()
    }

    /// Says what was left out of a stretch of a slice that begins with this document; said again, it is the same.
    pub async fn put_left_out(
        &self,
        run: RunId,
        (slice, document): (u32, u32),
        left_out: &impl Serialize,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "exports.put_left_out";
        let json = serde_json::to_string(left_out).map_err(|error| StoreError::bug(OPERATION, error.to_string()))?;
        let mut item = keys::left_out(self.tenant, run, slice, document).item();
        item.insert(BODY.to_owned(), text(json));
        self.tables.runs.write(OPERATION, Write::Put { item, condition: None }, Old::NotNeeded).await.map(drop)
    }

    /// What was left out of a slice, or of all: as many lists as there are stretches.
    pub async fn left_out<T: DeserializeOwned>(&self, run: RunId, slice: Option<u32>) -> Result<Vec<T>, StoreError> {
        const OPERATION: &str = "exports.left_out";
        let prefix = slice.map_or_else(|| keys::LEFT_OUT.to_owned(), |slice| format!("{}{slice:06}#", keys::LEFT_OUT));
        let query = Query::prefix(&keys::taken(self.tenant, run), &prefix);
        let items = self.tables.runs.query_all(OPERATION, query).await?;
        items
            .iter()
            .map(|item| {
                let fields = Fields::of(OPERATION, item);
                fields.needed(BODY, fields.json(BODY)?)
            })
            .collect()
    }

    /// Says what could not be taken back of a slice; said again, it is the same.
    pub async fn put_kept(&self, run: RunId, slice: u32, kept: &impl Serialize) -> Result<(), StoreError> {
        const OPERATION: &str = "exports.put_kept";
        let json = serde_json::to_string(kept).map_err(|error| StoreError::bug(OPERATION, error.to_string()))?;
        let mut item = keys::kept(self.tenant, run, slice).item();
        item.insert(BODY.to_owned(), text(json));
        self.tables.runs.write(OPERATION, Write::Put { item, condition: None }, Old::NotNeeded).await.map(drop)
    }

    /// What could not be taken back of a run: a list for each slice.
    pub async fn kept<T: DeserializeOwned>(&self, run: RunId) -> Result<Vec<T>, StoreError> {
        const OPERATION: &str = "exports.kept";
        let query = Query::prefix(&keys::taken(self.tenant, run), keys::KEPT);
        let items = self.tables.runs.query_all(OPERATION, query).await?;
        let read = |item: &Item| {
            let fields = Fields::of(OPERATION, item);
            fields.needed(BODY, fields.json(BODY)?)
        };
        items.iter().map(read).collect()
    }

    fn folder(&self, run: RunId) -> String {
        format!("exports/{}/{run}", self.tenant)
    }

    fn section(&self, run: RunId, segment: u32, section: usize) -> String {
        format!("{}/segment-{segment:05}-{section}", self.folder(run))
    }

    fn summary(&self, run: RunId, segment: u32) -> String {
        format!("{}/segment-{segment:05}.json", self.folder(run))
    }

    /// Kept with what was delivered, unlike the segments, which are nobody's any more soon after the run.
    fn file(&self, run: RunId) -> String {
        format!("{}/exports/{run}/file", self.tenant)
    }

    /// Stores a segment: its sections, those that are empty left out, and last what they add up to.
    pub async fn put_segment(
        &self,
        run: RunId,
        segment: u32,
        sections: Vec<(usize, Vec<u8>)>,
        summary: &impl Serialize,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "exports.put_segment";
        let objects = &self.tables.objects;
        let puts = sections.into_iter().map(|(section, bytes)| async move {
            objects.put(OPERATION, &self.section(run, segment, section), bytes, "application/octet-stream").await
        });
        try_join_all(puts).await?;
        let json = serde_json::to_vec(summary).map_err(|error| StoreError::bug(OPERATION, error.to_string()))?;
        objects.put(OPERATION, &self.summary(run, segment), json, "application/json").await
    }

    /// What a segment adds up to.
    pub async fn segment_summary<T: DeserializeOwned>(&self, run: RunId, segment: u32) -> Result<T, StoreError> {
        const OPERATION: &str = "exports.segment_summary";
        let json = self.tables.objects.get(OPERATION, &self.summary(run, segment), SEGMENT_BYTES_MAX).await?;
        serde_json::from_slice(&json).map_err(|error| StoreError::bug(OPERATION, format!("segment {segment}: {error}")))
    }

    /// A section of a segment.
    pub async fn segment_section(&self, run: RunId, segment: u32, section: usize) -> Result<Vec<u8>, StoreError> {
        const OPERATION: &str = "exports.segment_section";
        self.tables.objects.get(OPERATION, &self.section(run, segment, section), SEGMENT_BYTES_MAX).await
    }

    /// Stores a file that is no larger than one part.
    pub async fn put_file(&self, run: RunId, bytes: Vec<u8>, content_type: &str) -> Result<(), StoreError> {
        self.tables.objects.put("exports.put_file", &self.file(run), bytes, content_type).await
    }

    /// Begins a file of several parts, and gives the name of the upload.
    pub async fn begin_file(&self, run: RunId, content_type: &str) -> Result<String, StoreError> {
        self.tables.objects.begin("exports.begin_file", &self.file(run), content_type).await
    }

    /// Stores a part of the file, counted from 1, and gives its tag.
    pub async fn put_part(&self, run: RunId, upload: &str, part: u16, bytes: Vec<u8>) -> Result<String, StoreError> {
        self.tables.objects.put_part("exports.put_part", (&self.file(run), upload), part, bytes).await
    }

    /// Puts the file together. An upload that is gone was put together before, when the file is there with this size.
    pub async fn finish_file(&self, run: RunId, upload: &str, parts: &[String], size: u64) -> Result<(), StoreError> {
        const OPERATION: &str = "exports.finish_file";
        match self.tables.objects.finish(OPERATION, (&self.file(run), upload), parts).await {
            Err(error) if error.kind() == ErrorKind::NotFound => {
                match self.tables.objects.look(OPERATION, &self.file(run)).await? {
                    Some(found) if found.size == size => Ok(()),
                    Some(_) | None => Err(error),
                }
            }
            other => other,
        }
    }

    /// The file, if it has no more than so many bytes.
    pub async fn file_bytes(&self, run: RunId, bytes_max: u64) -> Result<Vec<u8>, StoreError> {
        self.tables.objects.get("exports.file_bytes", &self.file(run), bytes_max).await
    }

    /// A short-lived address from which the file can be downloaded.
    pub fn file_address(&self, run: RunId, file: &Download<'_>, seconds: u64) -> Result<PresignedUrl, StoreError> {
        self.tables.objects.address_to_get("exports.file_address", &self.file(run), file, seconds)
    }

    /// Takes a job that was due to its next run: only while it is due as it was read, since somebody may have changed it.
    pub async fn advance(&self, job: &DueJob, next: Option<Instant>) -> Result<(), StoreError> {
        const OPERATION: &str = "exports.advance";
        let same = Expression::new("#due = :due").with("due", number(job.due.timestamp_millis()));
        let write = due_job_write(self.tenant, self.administration, job.facility, next, Some(same));
        self.tables.runs.write(OPERATION, write, Old::NotNeeded).await.map(drop)
    }
}

/// An id and a version.
const DOCUMENT_BYTES: usize = 20;

fn read_run(operation: &'static str, item: &Item) -> Result<Run, StoreError> {
    let fields = Fields::of(operation, item);
    fields.needed(BODY, fields.json(BODY)?)
}

fn read_slice(operation: &'static str, item: &Item) -> Result<ExportSlice, StoreError> {
    let fields = Fields::of(operation, item);
    let packed = fields.needed(DOCUMENTS, fields.bytes(DOCUMENTS)?)?;
    let read = |document: &[u8]| {
        let (id, version) = document.split_first_chunk::<16>()?;
        let version = version.first_chunk::<4>()?;
        Some((DocumentId::from_ulid(u128::from_be_bytes(*id).into()), u32::from_be_bytes(*version)))
    };
    let documents = packed.chunks(DOCUMENT_BYTES).map(read).collect::<Option<_>>();
    let next = match fields.text(NEXT)? {
        None => None,
        Some(text) => Some(fields.needed(NEXT, Place::read(text))?),
    };
    Ok(ExportSlice { documents: fields.needed(DOCUMENTS, documents)?, next })
}

impl SystemStore {
    /// Jobs of all tenants that are due, the longest waiting of each shard first; as many of each shard as said. What it costs
    /// grows with how many are due, not with how many there are.
    pub async fn due_export_jobs(&self, now: Instant, limit: i32) -> Result<Vec<DueJob>, StoreError> {
        const OPERATION: &str = "system.due_export_jobs";
        let shards = (0..SHARDS).map(|shard| async move {
            let mut query = Query::index(SYSTEM, &keys::due_jobs(shard)).up_to(&keys::due_jobs_until(now));
            query.limit = Some(limit.max(1));
            self.tables.runs.query(OPERATION, query).await
        });
        let read = |item: &Item| {
            let fields = Fields::of(OPERATION, item);
            let entry = fields.text(SYSTEM.range)?.and_then(keys::of_due_job);
            let (due, tenant, administration, facility) = fields.needed(SYSTEM.range, entry)?;
            Ok(DueJob { due, tenant, administration, facility })
        };
        let pages = try_join_all(shards).await?;
        pages.iter().flat_map(|page| &page.items).map(read).collect()
    }

    /// Open runs of all tenants that nobody has looked after since an instant, the longest waiting first.
    pub async fn still_runs(
        &self,
        since: Instant,
        limit: i32,
    ) -> Result<Vec<(TenantId, AdministrationId, RunId)>, StoreError> {
        const OPERATION: &str = "system.still_runs";
        let mut query = Query::index(SYSTEM, keys::OPEN_RUNS).up_to(&keys::due_jobs_until(since));
        query.limit = Some(limit.max(1));
        let page = self.tables.runs.query(OPERATION, query).await?;
        let read = |item: &Item| {
            let fields = Fields::of(OPERATION, item);
            fields.needed(SYSTEM.range, fields.text(SYSTEM.range)?.and_then(keys::of_open_run))
        };
        page.items.iter().map(read).collect()
    }
}
