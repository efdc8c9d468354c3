//! Export runs of any size, and what they ask for: in proportion to their documents, and in memory that does not grow.

use crate::{Pipeline, Queue, Ubl};
use domain::{
    ids::{ContactId, DocumentId, Id},
    invoice::InvoiceKind,
    time::Date,
};
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};
use simulators::exact::Options;
use std::{
    collections::HashSet,
    fs,
    path::Path,
    time::{Duration, Instant},
};
use store::testing::{TestStore, Which};

/// So many documents are made by the functions; all others are copies of their items with ids of their own.
const KINDS: usize = 10;
/// So many suppliers the documents are of.
const CONTACTS: u32 = 200;
/// How often what was counted is added up, so that the list of it stays short.
const OFTEN: Duration = Duration::from_millis(100);
/// An id of a document begins with this.
const ID: &[u8] = b"doc_";
/// Bytes of an id after that.
const ID_BYTES: usize = 26;

/// What a run asked for, from the trigger to its end.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Exported {
    /// Documents that were ready.
    pub documents: usize,
    /// Write units.
    pub write_units: u64,
    /// Read units in halves.
    pub read_half_units: u64,
    /// Requests to the bucket.
    pub s3_requests: u64,
    /// Those of them that store something.
    pub s3_puts: u64,
    /// Messages that the functions sent.
    pub sqs_sent: u64,
    /// Invocations: one of the trigger, the others of export-run.
    pub invocations: u64,
    /// The longest of them.
    pub longest: Duration,
    /// All of them.
    pub all: Duration,
    /// Kilobytes of memory that this process had before the run.
    pub memory_before: u64,
    /// The most that it had during the run.
    pub memory_peak: u64,
    /// Bytes of the file.
    pub file_bytes: usize,
}

/// Makes so many documents that are ready, with tables and bucket in an empty folder, and exports them in a format.
pub async fn export_of(folder: &Path, format: &str, documents: usize) -> Exported {
    let mut p = Pipeline::start_on(TestStore::start_in(folder).await, Options::demo().unlimited()).await;
    p.office.remove_rule(p.now()).await;
    let e = p.exporting(format, json!({})).await;
    p.set_job(&e, json!({ "frequency": "hourly" })).await;
    let date = p.now().date_naive() - chrono::Days::new(30);
    let invoices: Vec<Ubl> = (0..KINDS).map(|kind| invoice(kind, date)).collect();
    let made = p.ready(&e.finance, &invoices).await;
    p.copy(&made, documents - KINDS).await;
    p.wait_for_run(&e).await;
    let mut exported = Exported { documents, ..p.export().await };
    let run = p.export_runs(&e.finance).await.swap_remove(0);
    assert_eq!((run["status"].as_str(), run["documents"].as_u64()), (Some("completed"), u64::try_from(documents).ok()));
    let file = p.export_file(run["id"].as_str().unwrap().parse().unwrap());
    assert_eq!(named(&file), documents, "each document once");
    exported.file_bytes = file.len();
    exported
}

/// An invoice of a supplier without a rule, every fifth a credit note.
fn invoice(kind: usize, date: Date) -> Ubl {
    let days = u64::try_from(kind).unwrap() % 7;
    let mut invoice = Ubl::new(&format!("F-{kind}"), date + chrono::Days::new(days)).of(Decimal::from(10 + kind));
    if kind % 5 == 4 {
        invoice.kind = InvoiceKind::CreditNote;
        invoice.number = format!("C-{kind}");
    }
    if kind % 3 == 2 {
        invoice.lines.push(crate::Line { category: "S", rate: dec!(9), net: dec!(20.00) });
    }
    invoice
}

/// How many documents a file names, each in one stretch of it: none may come back further on.
fn named(file: &[u8]) -> usize {
    let (mut seen, mut last) = (HashSet::new(), None);
    for start in file.windows(ID.len()).enumerate().filter(|(_, window)| *window == ID).map(|(at, _)| at + ID.len()) {
        let id = &file[start..start + ID_BYTES];
        if last != Some(id) {
            assert!(seen.insert(id), "{} is in the file twice", String::from_utf8_lossy(id));
            last = Some(id);
        }
    }
    seen.len()
}

fn copy_id<T: Id>(kind: u128, number: usize) -> T {
    T::from_ulid(ulid::Ulid::from_parts(1_763_700_000_000, kind << 32 | u128::try_from(number).unwrap()))
}

/// A number of kilobytes in what the system says of this process.
fn memory(name: &str) -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find_map(|line| line.strip_prefix(name)).unwrap();
    line.split_whitespace().next().unwrap().parse().unwrap()
}

impl Pipeline {
    /// Copies documents, and their supplier, as often as said.
    async fn copy(&self, made: &[DocumentId], copies: usize) {
        let supplier = self.office.supplier.to_string();
        let items = self.store.items(Which::Settings).await;
        let contact = items.iter().find(|item| item["sk"]["S"] == format!("contact#{supplier}")).unwrap().to_string();
        let contact_id = |number| copy_id::<ContactId>(2, number).to_string();
        let suppliers = (0..CONTACTS as usize).map(|number| contact.replace(&supplier, &contact_id(number)));
        self.store.fill(Which::Settings, suppliers);
        // The history and the claims of a document stay out: no run asks for them.
        let is_asked_for = |item: &&Value| {
            let sk = item["sk"]["S"].as_str().unwrap();
            !(sk.starts_with("h#") || sk.starts_with("t#") || sk == "counted")
        };
        let items = self.store.items(Which::Documents).await;
        let mut patterns = Vec::new();
        for id in made {
            let partition = format!("{}#{id}", self.office.tenant);
            let of = items.iter().filter(|item| item["pk"]["S"] == partition).filter(is_asked_for);
            patterns.push((id.to_string(), of.map(Value::to_string).collect::<Vec<_>>()));
        }
        let copy = |number: usize| {
            let (id, items) = &patterns[number % patterns.len()];
            let (copy, other) = (copy_id::<DocumentId>(1, number).to_string(), contact_id(number % CONTACTS as usize));
            let supplier = supplier.as_str();
            items.iter().map(move |item| item.replace(id, &copy).replace(supplier, &other))
        };
        self.store.fill(Which::Documents, (0..copies).flat_map(copy));
    }

    /// Starts the run that is due and lets it work to its end, each invocation with the time that it has when deployed.
    async fn export(&self) -> Exported {
        // The kernel keeps the most that a process had; it begins anew with what it has now.
        fs::write("/proc/self/clear_refs", "5").unwrap();
        let mut exported = Exported { memory_before: memory("VmRSS:"), ..Exported::default() };
        self.store.take_costs();
        let began = Instant::now();
        assert_eq!(self.trigger().await["started"], 1);
        exported.invoked(began);
        loop {
            let messages = self.cloud.receive(Queue::Exports);
            if messages.is_empty() {
                break;
            }
            exported.sqs_sent += u64::try_from(messages.len()).unwrap();
            let began = Instant::now();
            let run = self.deployed_export_run(&messages);
            let mut run = std::pin::pin!(run);
            let handled = loop {
                tokio::select! {
                    handled = &mut run => break handled,
                    () = tokio::time::sleep(OFTEN) => exported.count(&self.store),
                }
            };
            assert!(handled, "the run goes well");
            exported.invoked(began);
            exported.count(&self.store);
        }
        exported.memory_peak = memory("VmHWM:");
        exported
    }
}

impl Exported {
    fn invoked(&mut self, began: Instant) {
        let took = began.elapsed();
        self.invocations += 1;
        self.longest = self.longest.max(took);
        self.all += took;
    }

    fn count(&mut self, store: &TestStore) {
        for cost in store.take_costs() {
            self.write_units += u64::from(cost.write_units);
            self.read_half_units += u64::from(cost.read_half_units);
            self.s3_requests += u64::from(cost.s3_requests);
            self.s3_puts += u64::from(cost.s3_puts);
        }
    }

    /// As JSON.
    pub fn shown(&self) -> Value {
        json!({
            "documents": self.documents, "write_units": self.write_units, "read_half_units": self.read_half_units,
            "s3_requests": self.s3_requests, "s3_puts": self.s3_puts, "sqs_sent": self.sqs_sent,
            "invocations": self.invocations, "longest_milliseconds": milliseconds(self.longest),
            "all_milliseconds": milliseconds(self.all), "memory_before_kb": self.memory_before,
            "memory_peak_kb": self.memory_peak, "file_bytes": self.file_bytes,
        })
    }
}

fn milliseconds(time: Duration) -> u64 {
    u64::try_from(time.as_millis()).unwrap_or(u64::MAX)
}
