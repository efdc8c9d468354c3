//! `cargo local cost`: what one automatically posted invoice asks of AWS, and what a million of them cost by list price. The main
//! job runs on the local cloud, and what the running functions say that they asked for is counted.

pub mod exports;
mod hold;
mod prices;
mod report;
pub mod scale;
mod tally;

use std::{
    collections::BTreeSet,
    process::ExitCode,
    thread,
    time::{Duration, Instant},
};

use rust_decimal::Decimal;

use crate::{
    failure::Failure,
    office::{Office, milliseconds},
    operate::Deployment,
    processes,
    project::Project,
};
use hold::Hold;
use prices::{Assumed, Prices};
use tally::{Counts, Stage, Tally};

/// So many come one by one.
const ALONE: usize = 10;
/// So many come at once.
const BURST: usize = 50;
/// So many are sent at a time in a burst.
const SENDERS: usize = 10;
/// A ledger that limits requests lets so many pass in a few minutes.
const PATIENCE: Duration = Duration::from_mins(8);
/// Between two looks at the logs.
const PAUSE: Duration = Duration::from_millis(400);
/// Whose invoices they are.
const SUPPLIER: &str = "Molen Supplies B.V.";

/// How the result is shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Output {
    /// As tables.
    Tables,
    /// As tables, and as a last line of JSON.
    Json,
}

/// What a number of invoices asked for.
#[derive(Debug)]
struct Measured {
    tally: Tally,
    invoices: usize,
}

impl Measured {
    fn counts(&self, stage: Stage) -> Counts {
        self.tally.stages.get(&stage).copied().unwrap_or_default()
    }

    fn total(&self) -> Counts {
        self.tally.total()
    }
}

/// Measures. Succeeds when the budget holds.
pub fn run(project: &Project, output: Output) -> Result<ExitCode, Failure> {
    let prices = Prices::load(project)?;
    let ports = crate::start_as_shipped(project)?;
    processes::let_run();
    let office = Office::open(project, &ports, &[])?;
    let mut meter = Meter { deployment: Deployment::open(project, None)?, office, assumed: prices.assumed };

    // The first one starts processes and fills what they remember; one by one means one after another, not the first ever.
    meter.one("WARM", 1)?;
    println!("{ALONE} invoices, one by one ...");
    next_minute();
    let mut tally = Tally::default();
    for number in 0..ALONE {
        tally.join(meter.one(&format!("ONE-{number}"), number + 2)?);
    }
    let alone = Measured { tally, invoices: ALONE };
    println!("\n{}", report::table(&alone, &prices));
    next_minute();
    println!("{BURST} invoices in a burst; the ledger takes 60 requests a minute, so this takes some minutes ...");
    let burst = Measured { tally: meter.burst(project)?, invoices: BURST };

    println!("\n{}", report::table(&burst, &prices));
    println!(
        "Counted, from what the functions said: requests to tables and their write units, to S3, SQS (sends), EventBridge, KMS, \
         and invocations. Computed: read units, from the sizes of items; what SQS's pollers ask for, a receive and a delete \
         for each batch; requests through API Gateway, one for each call. Time is computed, too: the CPU time that the \
         functions used here (built as they ship), stretched to the share of a CPU that their memory buys. Assumed: how \
         long each request keeps a function waiting, and that {}% of the calls are traced. In the burst the relay was held while the invoices were delivered, as its batching window \
         does, which the local cloud does not know. The announcement comes after `posted` and is not in the sums. Not in \
         them either: storage, logs, starts of processes, waiting for the ledger, looking into empty queues. \
         Prices: {} of {}.",
        (prices.assumed.traced * Decimal::ONE_HUNDRED).normalize(),
        prices.region,
        prices.date
    );
    let beyond = report::beyond(&alone, &burst, &prices);
    for line in &beyond {
        println!("Too much: {line}.");
    }
    if beyond.is_empty() {
        println!("The budget holds.");
    }
    if output == Output::Json {
        println!("{}", report::json(&alone, &burst, &prices));
    }
    Ok(if beyond.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

struct Meter {
    deployment: Deployment,
    office: Office,
    assumed: Assumed,
}

impl Meter {
    /// Sends an invoice and counts until everything is done.
    fn one(&mut self, number: &str, bags: usize) -> Result<Tally, Failure> {
        let since = milliseconds();
        let document = send(&self.office, number, bags)?;
        self.settled(since, &BTreeSet::from([document]))
    }

    /// Sends many at once and counts until everything is done.
    fn burst(&mut self, project: &Project) -> Result<Tally, Failure> {
        let since = milliseconds();
        let hold = Hold::begin(project)?;
        let office = &self.office;
        let sent: Result<Vec<BTreeSet<String>>, Failure> = thread::scope(|scope| {
            let senders: Vec<_> = (0..SENDERS)
                .map(|sender| {
                    scope.spawn(move || {
                        (sender..BURST)
                            .step_by(SENDERS)
                            .map(|number| send(office, &format!("BURST-{number}"), 100 + number))
                            .collect()
                    })
                })
                .collect();
            let died = || Err(Failure::State("A thread that sends invoices died.".into()));
            senders.into_iter().map(|sender| sender.join().unwrap_or_else(|_| died())).collect()
        });
        hold.end()?;
        let documents: BTreeSet<String> = sent?.into_iter().flatten().collect();
        self.settled(since, &documents)
    }

    /// Counts what was logged since then, once all documents are posted and nothing moves any more.
    fn settled(&mut self, since: u64, documents: &BTreeSet<String>) -> Result<Tally, Failure> {
        let deadline = Instant::now() + PATIENCE;
        let mut lines = 0;
        loop {
            processes::check_interrupt()?;
            thread::sleep(PAUSE);
            let tally = self.look(since)?;
            if let Some(tenant) = tally.tenants.iter().find(|tenant| **tenant != self.office.tenant) {
                let message = format!("The local cloud was used by somebody else ({tenant}) meanwhile. Measure again.");
                return Err(Failure::State(message));
            }
            if let Some((document, status)) = tally.stayed.iter().next() {
                return Err(Failure::State(format!(
                    "{document} was not posted, it is {status}; see `cargo local logs`."
                )));
            }
            if tally.posted.is_superset(documents) && tally.is_at_rest() && tally.lines == lines {
                return Ok(tally);
            }
            lines = tally.lines;
            if Instant::now() > deadline {
                let missing = documents.len() - tally.posted.len();
                return Err(Failure::State(format!(
                    "{missing} documents were not posted in time; see `cargo local logs`."
                )));
            }
        }
    }

    fn look(&mut self, since: u64) -> Result<Tally, Failure> {
        let mut tally = Tally::default();
        for stage in Stage::FUNCTIONS {
            let mut lines = Vec::new();
            self.deployment.log_lines(stage.name(), since, &mut lines)?;
            tally.add(stage, lines.iter().map(|(_, _, line)| line.as_str()), &self.assumed);
        }
        Ok(tally)
    }
}

/// The ledger's limit starts again with each minute of the clock: what it makes us wait for is not what is measured.
fn next_minute() {
    thread::sleep(Duration::from_millis(60_500 - milliseconds() % 60_000));
}

fn send(office: &Office, number: &str, bags: usize) -> Result<String, Failure> {
    let bags = u32::try_from(bags).unwrap_or(1);
    office.deliver(&format!("{number}.xml"), office.invoice(SUPPLIER, number, bags)?.as_bytes())
}
