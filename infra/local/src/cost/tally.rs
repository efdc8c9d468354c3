//! What the functions' logs say that they asked for, counted by stage.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::prices::Assumed;

/// A function on the way of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Stage {
    /// Takes the document in.
    Api,
    /// Sends on what a transition asks for.
    Relay,
    /// Reads and codes.
    InvoiceTagged,
    /// Decides.
    AutomationEvaluate,
    /// Posts.
    ConnectorPush,
    /// The relay once more, when everything is done: tells the tenant's systems. Comes after `posted` and is no part of the budget.
    Announcement,
}

impl Stage {
    /// Those that log, in the order of a document's way.
    pub const FUNCTIONS: [Self; 5] =
        [Self::Api, Self::Relay, Self::InvoiceTagged, Self::AutomationEvaluate, Self::ConnectorPush];
    /// All, in the order of a document's way.
    pub const ALL: [Self; 6] = [
        Self::Api,
        Self::Relay,
        Self::InvoiceTagged,
        Self::AutomationEvaluate,
        Self::ConnectorPush,
        Self::Announcement,
    ];

    /// What it is called; a function's own name.
    pub fn name(self) -> &'static str {
        match self {
            Self::Api => "api",
            Self::Relay => "relay",
            Self::InvoiceTagged => "invoice-tagged",
            Self::AutomationEvaluate => "automation-evaluate",
            Self::ConnectorPush => "connector-push",
            Self::Announcement => "announcement",
        }
    }

    fn is_fed_by_a_queue(self) -> bool {
        match self {
            Self::Api | Self::Relay | Self::Announcement => false,
            Self::InvoiceTagged | Self::AutomationEvaluate | Self::ConnectorPush => true,
        }
    }
}

/// What was asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    /// Write request units of tables and their indexes.
    pub write_units: u64,
    /// Read request units in halves.
    pub read_half_units: u64,
    /// Requests to the bucket.
    pub s3_requests: u64,
    /// Those of them that store something.
    pub s3_puts: u64,
    /// Requests to queues that functions made.
    pub sqs_sent: u64,
    /// Requests to queues that pollers make: for each batch a receive and a delete. Computed.
    pub sqs_polled: u64,
    /// Events for the bus.
    pub events: u64,
    /// Requests to the key service.
    pub kms_requests: u64,
    /// Requests through the HTTP API. Computed: one for each invocation behind it.
    pub api_requests: u64,
    /// Invocations.
    pub invocations: u64,
    /// Megabytes of memory times milliseconds. Computed: the time that a function with its share of a CPU takes for the work that
    /// it told, and an assumed time for each request. Ledgers are not waited for.
    pub megabyte_milliseconds: u64,
}

impl Counts {
    /// Both together.
    #[must_use]
    pub fn plus(self, other: Self) -> Self {
        Self {
            write_units: self.write_units + other.write_units,
            read_half_units: self.read_half_units + other.read_half_units,
            s3_requests: self.s3_requests + other.s3_requests,
            s3_puts: self.s3_puts + other.s3_puts,
            sqs_sent: self.sqs_sent + other.sqs_sent,
            sqs_polled: self.sqs_polled + other.sqs_polled,
            events: self.events + other.events,
            kms_requests: self.kms_requests + other.kms_requests,
            api_requests: self.api_requests + other.api_requests,
            invocations: self.invocations + other.invocations,
            megabyte_milliseconds: self.megabyte_milliseconds + other.megabyte_milliseconds,
        }
    }
}

/// A line of a function's own, as far as it matters here.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Event {
    target: String,
    write_units: u64,
    read_half_units: u64,
    s3_requests: u64,
    s3_puts: u64,
    service: String,
    requests: u64,
    operation: String,
    table: String,
    cpu_microseconds: Option<u64>,
    milliseconds: u64,
    tenant: String,
    document: String,
    status: String,
    step: String,
    span: Span,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Span {
    tenant: String,
    /// Of the API.
    request_id: String,
    /// Of the other functions.
    #[serde(rename = "requestId")]
    invocation: String,
    /// The record of a batch, if it is about one.
    message: String,
}

impl Span {
    fn request(&self) -> &str {
        if self.invocation.is_empty() { &self.request_id } else { &self.invocation }
    }
}

/// One invocation; lines that do not name theirs are gathered under none.
#[derive(Debug, Default)]
struct Call {
    counts: Counts,
    memory: u64,
    /// Microseconds of a CPU, as the function tells; where the system does not tell, those that it took.
    worked: u64,
    /// Milliseconds that requests are assumed to take, by record: a batch has all its records under way at once.
    waited: BTreeMap<String, u64>,
    announces: bool,
    wakes: bool,
}

impl Call {
    /// What it asked for.
    fn counts(self, stage: Stage, assumed: &Assumed) -> Counts {
        let mut counts = self.counts;
        counts.megabyte_milliseconds = self.memory * self.milliseconds(assumed);
        if stage.is_fed_by_a_queue() {
            counts.sqs_polled = 2 * counts.invocations;
        }
        if stage == Stage::Api {
            counts.api_requests = counts.invocations;
        }
        counts
    }

    /// How long it would take on AWS, in begun milliseconds.
    fn milliseconds(&self, assumed: &Assumed) -> u64 {
        let whole = assumed.megabytes_for_a_cpu;
        let work = (self.worked * whole.max(self.memory)).div_ceil(1000 * self.memory.max(1));
        let of_none = self.waited.get("").copied().unwrap_or_default();
        let of_records = self.waited.iter().filter(|(record, _)| !record.is_empty()).map(|(_, waited)| *waited).max();
        work + of_none + of_records.unwrap_or_default()
    }
}

/// The logs of a stretch of time, counted.
#[derive(Debug, Default)]
pub struct Tally {
    /// By stage.
    pub stages: BTreeMap<Stage, Counts>,
    /// Documents that were announced to have been posted.
    pub posted: BTreeSet<String>,
    /// Documents that came to rest elsewhere: where.
    pub stayed: BTreeMap<String, String>,
    /// Tenants for which something was done.
    pub tenants: BTreeSet<String>,
    /// Lines that were counted.
    pub lines: usize,
    begun: usize,
    ended: usize,
}

impl Tally {
    /// Counts what a function logged. Of the relay's calls those that only announce are told apart.
    pub fn add<'a>(&mut self, stage: Stage, lines: impl Iterator<Item = &'a str>, assumed: &Assumed) {
        let mut calls: BTreeMap<String, Call> = BTreeMap::new();
        for line in lines {
            self.lines += 1;
            let id = request(line);
            if line.starts_with("START ") {
                self.begun += 1;
                calls.entry(id.to_owned()).or_default().counts.invocations += 1;
            } else if line.starts_with("REPORT ") {
                self.ended += 1;
                calls.entry(id.to_owned()).or_default().memory = number(line, "Memory Size: ");
            } else if let Ok(event) = serde_json::from_str::<Event>(line) {
                let call = calls.entry(event.span.request().to_owned()).or_default();
                self.event(call, event, assumed);
            }
        }
        for call in calls.into_values() {
            let stage = if call.announces && !call.wakes { Stage::Announcement } else { stage };
            let counts = call.counts(stage, assumed);
            let sum = self.stages.entry(stage).or_default();
            *sum = sum.plus(counts);
        }
    }

    /// Counts one line.
    fn event(&mut self, call: &mut Call, event: Event, assumed: &Assumed) {
        match event.target.as_str() {
            "cost" => {
                let counts = &mut call.counts;
                counts.write_units += event.write_units;
                counts.read_half_units += event.read_half_units;
                counts.s3_requests += event.s3_requests;
                counts.s3_puts += event.s3_puts;
                let waited = match (event.service.as_str(), event.table.as_str()) {
                    ("sqs", _) => {
                        counts.sqs_sent += event.requests;
                        assumed.sqs_milliseconds
                    }
                    ("events", _) => {
                        counts.events += event.requests;
                        assumed.events_milliseconds
                    }
                    ("kms", _) => {
                        counts.kms_requests += event.requests;
                        assumed.kms_milliseconds
                    }
                    (_, "Bucket") => assumed.s3_milliseconds,
                    (_, "") => 0,
                    (_, _) => assumed.table_milliseconds,
                };
                *call.waited.entry(event.span.message).or_default() += waited;
                if event.operation == "invocation" {
                    call.worked += event.cpu_microseconds.unwrap_or(1000 * event.milliseconds);
                }
            }
            "relay" if event.step == "announce" => {
                call.announces = true;
                if event.status == "posted" {
                    self.posted.insert(event.document);
                } else {
                    self.stayed.insert(event.document, event.status);
                }
            }
            "relay" if !event.step.is_empty() => call.wakes = true,
            _ => {}
        }
        self.tenants.extend([event.tenant, event.span.tenant].into_iter().filter(|tenant| !tenant.is_empty()));
    }

    /// Whether no invocation is under way.
    pub fn is_at_rest(&self) -> bool {
        self.begun == self.ended
    }

    /// All stages from the request to `posted` together.
    pub fn total(&self) -> Counts {
        let until_posted = self.stages.iter().filter(|(stage, _)| **stage != Stage::Announcement);
        until_posted.fold(Counts::default(), |total, (_, counts)| total.plus(*counts))
    }

    /// Takes in what was counted at another time.
    pub fn join(&mut self, other: Self) {
        for (stage, counts) in other.stages {
            let sum = self.stages.get(&stage).copied().unwrap_or_default().plus(counts);
            self.stages.insert(stage, sum);
        }
        self.posted.extend(other.posted);
        self.tenants.extend(other.tenants);
    }
}

/// The request that a START, END or REPORT line names.
fn request(line: &str) -> &str {
    let after = line.split_once("RequestId: ").map(|(_, after)| after).unwrap_or_default();
    after.split_whitespace().next().unwrap_or_default()
}

/// The whole number after a label of a REPORT line.
fn number(line: &str, label: &str) -> u64 {
    let after = line.split_once(label).map(|(_, after)| after).unwrap_or_default();
    let digits: String = after.chars().take_while(char::is_ascii_digit).collect();
    digits.parse().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ASSUMED: Assumed = Assumed {
        traced: rust_decimal::Decimal::ONE,
        megabytes_for_a_cpu: 1769,
        table_milliseconds: 5,
        s3_milliseconds: 25,
        sqs_milliseconds: 8,
        events_milliseconds: 15,
        kms_milliseconds: 10,
    };

    const LINES: [&str; 10] = [
        "START RequestId: 14cf77cc Version: $LATEST",
        r#"{"operation":"units.take","table":"Runs","write_units":1,"target":"cost","span":{"name":"record","message":"a","requestId":"14cf77cc"}}"#,
        r#"{"operation":"units.take","table":"Runs","write_units":1,"target":"cost","span":{"name":"record","message":"b","requestId":"14cf77cc"}}"#,
        r#"{"operation":"documents.file","table":"Bucket","s3_requests":1,"s3_puts":1,"target":"cost","span":{"name":"record","message":"b","requestId":"14cf77cc"}}"#,
        r#"{"operation":"vault.open","service":"kms","requests":1,"target":"cost","span":{"requestId":"14cf77cc"}}"#,
        r#"{"level":"INFO","message":"ledger answered","milliseconds":40,"target":"ledgers::sender","span":{"requestId":"14cf77cc"}}"#,
        r#"{"operation":"invocation","milliseconds":70,"cpu_microseconds":2000,"target":"cost","span":{"requestId":"14cf77cc"}}"#,
        "END RequestId: 14cf77cc",
        "REPORT RequestId: 14cf77cc\tDuration: 99.5 ms\tBilled Duration: 100 ms\tMemory Size: 256 MB\tMax Memory Used: 219 MB",
        "something else",
    ];

    #[test]
    fn a_turn_is_counted_and_its_time_computed() {
        let mut tally = Tally::default();
        tally.add(Stage::ConnectorPush, LINES.into_iter(), &ASSUMED);
        let counts = tally.total();
        assert_eq!((counts.write_units, counts.s3_requests, counts.s3_puts, counts.kms_requests), (2, 1, 1, 1));
        assert_eq!((counts.invocations, counts.sqs_polled, counts.sqs_sent), (1, 2, 0));
        // 2 ms of a CPU take 13.8 with 256 of 1769 MB; then the key, and the slower of two records at once.
        assert_eq!(counts.megabyte_milliseconds, 256 * (14 + 10 + 5 + 25));
        assert!(tally.is_at_rest());
    }

    #[test]
    fn announcements_say_where_documents_ended_and_come_after_the_budget() {
        let changed = |request: &str, document: &str, status: &str, step: &str| {
            format!(
                r#"{{"message":"Document changed.","tenant":"ten_1","document":"{document}","status":"{status}","step":"{step}","target":"relay","span":{{"requestId":"{request}"}}}}"#
            )
        };
        let event = r#"{"service":"events","requests":1,"target":"cost","span":{"requestId":"1"}}"#.to_owned();
        let lines = [
            "START RequestId: 1 Version: $LATEST".to_owned(),
            changed("1", "doc_1", "posted", "announce"),
            event,
            "REPORT RequestId: 1\tBilled Duration: 5 ms\tMemory Size: 256 MB".to_owned(),
            "START RequestId: 2 Version: $LATEST".to_owned(),
            changed("2", "doc_2", "complete", "announce"),
            changed("2", "doc_3", "posting", "turn"),
        ];
        let mut tally = Tally::default();
        tally.add(Stage::Relay, lines.iter().map(String::as_str), &ASSUMED);
        assert_eq!(tally.posted, BTreeSet::from(["doc_1".to_owned()]));
        assert_eq!(tally.stayed, BTreeMap::from([("doc_2".to_owned(), "complete".to_owned())]));
        assert_eq!(tally.tenants, BTreeSet::from(["ten_1".to_owned()]));
        assert!(!tally.is_at_rest());
        let announced = tally.stages[&Stage::Announcement];
        assert_eq!((announced.events, announced.invocations, announced.megabyte_milliseconds), (1, 1, 15 * 256));
        assert_eq!((tally.total().events, tally.total().invocations), (0, 1));
    }
}
