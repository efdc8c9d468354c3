//! Runs that pass in bulk, of any size, and what they ask of the ledger and of the tables: followed to their end by the schedule's
//! sweeps and the messages that come due, at a ledger that holds them to its limit.

use crate::{
    Message, Queue,
    pipeline::{SWEEP, VISIBILITY},
    shop::Office,
};
use chrono::TimeDelta;
use domain::{
    sales::{Copy, Issued, Passing},
    time::Instant,
};
use runtime::message::TurnMessage;
use serde_json::{Value, json};
use simulators::{
    fakturownia::seed,
    faults::{Effect, Fault as LedgerFault, Stored},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use store::testing::{Fault, Which};

/// Who dies at a table does so within so many requests.
const TABLE_REQUESTS: u64 = 120;
/// Who dies at the ledger does so within so many requests.
const LEDGER_REQUESTS: u64 = 15;
/// Who dies at the queue does so within so many messages.
const MESSAGES: u64 = 2;
/// No run takes longer than this and a minute for each document, whoever dies.
const LONGEST: TimeDelta = TimeDelta::days(1);

/// What becomes of the functions that take turns.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Workers {
    /// They live.
    Live,
    /// Two of three are about to die, at a request to a table, to the queue or to the ledger.
    Die {
        /// Where.
        seed: u64,
    },
}

/// What a run asked for, until every document is in the ledger and its PDF is here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PassedInBulk {
    /// Documents that were passed.
    pub documents: usize,
    /// What the run says: total, passed, failed, uncertain, left out.
    pub counts: [u64; 5],
    /// Documents that the ledger has.
    pub in_ledger: usize,
    /// Different references among them.
    pub references: usize,
    /// Documents whose PDF came.
    pub copies: usize,
    /// Tasks that were given up.
    pub given_up: usize,
    /// Requests that make a document.
    pub creates: u64,
    /// Requests that look for one.
    pub look_ups: u64,
    /// Requests for a PDF.
    pub pdfs: u64,
    /// All other requests.
    pub others: u64,
    /// Requests that the ledger refused for its limit.
    pub refused: u64,
    /// Write units.
    pub write_units: u64,
    /// Read units in halves.
    pub read_half_units: u64,
    /// Requests to the bucket.
    pub s3_requests: u64,
    /// Messages that were delivered.
    pub messages: u64,
    /// Invocations that they were delivered with.
    pub invocations: u64,
    /// How many of those died.
    pub deaths: u64,
    /// Turns: leases that were taken.
    pub turns: u64,
    /// Seconds until every document was passed.
    pub seconds_to_pass: i64,
    /// Seconds until every PDF was here as well.
    pub seconds_to_end: i64,
    /// Seconds that the limit asks for at least, for so many requests as were made to make documents.
    pub least_to_pass: u64,
    /// The same for all requests.
    pub least_to_end: u64,
    /// Of each operation at the tables: how often, write units, half read units.
    pub operations: BTreeMap<&'static str, [u64; 3]>,
}

/// Passes so many documents to Fakturownia.
pub async fn passes_of(documents: usize, workers: Workers) -> PassedInBulk {
    let office = Box::pin(Office::waiting(documents)).await;
    // What else is done with a document that was issued is no part of this.
    office.p.lose_changes().await;
    for queue in Queue::EVERY {
        office.p.cloud.lose(queue);
    }
    office.ledger.requests().clear();
    office.p.store.take_costs();
    let per_minute = ledgers::by_system(&"fakturownia".parse().unwrap()).unwrap().descriptor().limits.per_minute;
    office.ledger.limit().set(per_minute);
    let run = office.begin("not_passed").await;
    let (began, sweep) = (office.p.now(), office.p.now() + SWEEP);
    let chance = match workers {
        Workers::Live => None,
        Workers::Die { seed } => Some(Chance(seed)),
    };
    let passed = PassedInBulk { documents, ..PassedInBulk::default() };
    let mut follower = Follower { office, run, began, sweep, chance, passed };
    follower.wake();
    follower.follow().await;
    follower.judge(per_minute).await
}

/// A run that is followed to its end.
struct Follower {
    office: Office,
    run: String,
    began: Instant,
    /// When the next sweep is due.
    sweep: Instant,
    chance: Option<Chance>,
    passed: PassedInBulk,
}

/// Numbers that look random and are the same each time.
struct Chance(u64);

impl Chance {
    /// One below a number (splitmix64).
    fn below(&mut self, bound: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mixed = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        let mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (mixed ^ (mixed >> 31)) % bound
    }
}

impl Follower {
    /// As the API does when it has stored the task.
    fn wake(&self) {
        let message = TurnMessage { tenant: self.office.p.office.tenant, unit: self.office.unit(), document: None };
        self.office.p.cloud.send(Queue::Turns, &serde_json::to_string(&message).unwrap());
    }

    async fn follow(&mut self) {
        let mut is_collected = false;
        loop {
            self.deliver().await;
            if !is_collected {
                // What was taken into the run asks for turns.
                while self.office.p.relay().await {
                    self.deliver().await;
                }
            }
            self.count();
            let run = self.office.progress(&self.run).await;
            is_collected = run["state"] != "collecting";
            self.passed.counts =
                ["total", "passed", "failed", "uncertain", "left_out"].map(|name| run[name].as_u64().unwrap());
            let now = self.office.p.now();
            if run["state"] == "finished" && self.passed.seconds_to_pass == 0 {
                self.passed.seconds_to_pass = (now - self.began).num_seconds();
            }
            let open = self.office.p.office.store().tasks().next_due(&self.office.unit()).await.unwrap();
            self.office.p.store.take_costs();
            if run["state"] == "finished" && open.is_none() {
                self.passed.seconds_to_end = (now - self.began).num_seconds();
                return;
            }
            let longest = LONGEST + TimeDelta::minutes(self.passed.documents.try_into().unwrap());
            assert!(now - self.began < longest, "it never ends: {run}, {:?}", self.passed);
            let next = self.office.p.cloud.next_due().map_or(self.sweep, |due| due.min(self.sweep));
            self.office.p.advance((next - now).max(TimeDelta::zero()) + TimeDelta::milliseconds(1));
            if self.office.p.now() >= self.sweep {
                self.office.p.sweep().await;
                self.sweep += SWEEP;
                self.office.p.relay().await;
                self.count();
            }
        }
    }

    /// Delivers the messages that are due, until none is.
    async fn deliver(&mut self) {
        loop {
            for queue in [Queue::Orders, Queue::Renders, Queue::Figures] {
                self.office.p.cloud.lose(queue);
            }
            let messages = self.office.p.cloud.receive(Queue::Turns);
            if messages.is_empty() {
                return;
            }
            self.passed.messages += u64::try_from(messages.len()).unwrap();
            self.passed.invocations += 1;
            let dies = self.chance.is_some() && !self.passed.invocations.is_multiple_of(3);
            let back = if dies { self.invoke_dying(messages).await } else { self.invoke(messages).await };
            for message in back {
                self.office.p.cloud.give_back(Queue::Turns, message, VISIBILITY);
            }
        }
    }

    async fn invoke(&self, messages: Vec<Message>) -> Vec<Message> {
        self.office.p.invoke(Queue::Turns, messages).await
    }

    /// Delivers messages to a process that dies at one of its requests, if it makes so many. What comes again.
    async fn invoke_dying(&mut self, messages: Vec<Message>) -> Vec<Message> {
        let mut below = |bound| self.chance.as_mut().unwrap().below(bound);
        let (place, stored) = (below(3), if below(2) == 0 { Stored::Yes } else { Stored::No });
        let office = &self.office;
        let mut fault = None;
        match place {
            0 => office.p.store.faults().plan("", usize::try_from(below(TABLE_REQUESTS)).unwrap(), Fault::Silence),
            1 => office.p.cloud.silence_after(u32::try_from(below(MESSAGES)).unwrap()),
            _ => {
                let skip = u32::try_from(below(LEDGER_REQUESTS)).unwrap();
                fault = Some(office.ledger.faults().add(LedgerFault::on_any(Effect::hang(stored)).skip(skip)));
            }
        }
        let ledger = async {
            let Some(fault) = fault else { return std::future::pending().await };
            while office.ledger.faults().fired(fault) == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            // What was to be carried out is.
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        let back = tokio::select! {
            () = office.p.store.faults().silence() => None,
            () = office.p.cloud.silence() => None,
            () = ledger => None,
            back = self.invoke(messages.clone()) => Some(back),
        };
        office.p.store.faults().clear();
        office.p.cloud.calm();
        office.ledger.faults().clear();
        if let Some(back) = back {
            return back;
        }
        self.passed.deaths += 1;
        self.office.p.restart();
        self.office.registered();
        messages
    }

    /// Counts what was asked of the tables.
    fn count(&mut self) {
        for cost in self.office.p.store.take_costs() {
            let sum = self.passed.operations.entry(cost.operation).or_default();
            sum[0] += 1;
            sum[1] += u64::from(cost.write_units);
            sum[2] += u64::from(cost.read_half_units);
            self.passed.write_units += u64::from(cost.write_units);
            self.passed.read_half_units += u64::from(cost.read_half_units);
            self.passed.s3_requests += u64::from(cost.s3_requests);
        }
    }

    /// What came of it, where each document is to be in the ledger once.
    async fn judge(self, per_minute: u32) -> PassedInBulk {
        let (office, mut passed) = (self.office, self.passed);
        let requests = office.ledger.requests();
        passed.creates = requests.count("POST", "/invoices.json");
        passed.look_ups = requests.count("GET", "/invoices.json");
        passed.pdfs = requests.count("GET", ".pdf");
        passed.others = requests.total() - passed.creates - passed.look_ups - passed.pdfs;
        passed.refused = office.ledger.limit().refused();
        passed.turns = passed.operations.get("units.take").map_or(0, |sum| sum[0]);
        let least = |requests: u64| requests.saturating_sub(1) / u64::from(per_minute) * 60;
        (passed.least_to_pass, passed.least_to_end) =
            (least(passed.creates + passed.look_ups), least(requests.total()));
        let references: Vec<String> = office.ledger.read(|ledger| {
            let account = ledger.accounts.iter().find(|account| account.prefix == seed::PREFIX).unwrap();
            account.documents.iter().map(|document| document.oid.clone()).collect()
        });
        passed.in_ledger = references.len();
        passed.references = references.into_iter().collect::<BTreeSet<_>>().len();
        for item in office.p.store.items(Which::Documents).await {
            let is_issued =
                item["pk"]["S"].as_str().is_some_and(|pk| pk.contains("#iss_")) && item["sk"]["S"] == "head";
            if is_issued {
                let issued: Issued = serde_json::from_str(item["b"]["S"].as_str().unwrap()).unwrap();
                assert_eq!(issued.passing, Passing::Passed, "{}: {:?}", issued.id, issued.reason);
                let copy = issued.passed.unwrap().copy;
                passed.copies += usize::from(matches!(copy, Copy::Fetched { .. }));
            }
        }
        for item in office.p.store.items(Which::Runs).await {
            passed.given_up += usize::from(item.to_string().contains(r#""S":"failed""#));
        }
        passed
    }
}

impl PassedInBulk {
    /// As JSON.
    pub fn shown(&self) -> Value {
        let [total, passed, failed, uncertain, left_out] = self.counts;
        json!({
            "documents": self.documents, "total": total, "passed": passed, "failed": failed, "uncertain": uncertain,
            "left_out": left_out, "in_ledger": self.in_ledger, "references": self.references, "copies": self.copies,
            "given_up": self.given_up, "creates": self.creates, "look_ups": self.look_ups, "pdfs": self.pdfs,
            "others": self.others, "refused": self.refused, "write_units": self.write_units,
            "read_half_units": self.read_half_units, "s3_requests": self.s3_requests, "messages": self.messages,
            "invocations": self.invocations, "deaths": self.deaths, "turns": self.turns,
            "seconds_to_pass": self.seconds_to_pass, "seconds_to_end": self.seconds_to_end,
            "least_to_pass": self.least_to_pass, "least_to_end": self.least_to_end, "operations": self.operations,
        })
    }
}
