//! What export runs of 1,000, 10,000 and 100,000 documents ask for. A program of the workspace makes the documents, with tables and
//! bucket in files of its own, and lets the functions export them; each run has a process to itself.

use std::{env, fmt::Write as _, fs, path::PathBuf, process, process::ExitCode};

use rust_decimal::{Decimal, dec};
use serde::Deserialize;

use super::{prices::Prices, tally::Counts};
use crate::{deploy, failure::Failure, processes, project::Project};

/// The program.
const PROGRAM: [&str; 4] = ["--package", "pipeline", "--bin", "exports"];
/// Formats, each with the numbers of documents.
const RUNS: [(&str, &[u32]); 2] = [("csv", &[1_000, 10_000, 100_000]), ("ubl_bundle", &[1_000, 10_000])];
/// Memory of the function, as in `template.yaml`.
const MEMORY_MB: u64 = 256;
/// What a run may take of memory: half of that.
const MEMORY_MAX_KB: u64 = 128 * 1024;
/// By what part the units of a document may differ: a tenth.
const APART: Decimal = dec!(0.1);
/// Where files are kept in memory, so that no disk slows the tables down.
const IN_MEMORY: &str = "/dev/shm";

/// What one run asked for.
#[derive(Debug, Clone, Copy, Deserialize)]
struct Asked {
    documents: u32,
    write_units: u64,
    read_half_units: u64,
    s3_requests: u64,
    s3_puts: u64,
    sqs_sent: u64,
    invocations: u64,
    longest_milliseconds: u64,
    all_milliseconds: u64,
    memory_before_kb: u64,
    memory_peak_kb: u64,
    file_bytes: u64,
}

impl Asked {
    /// For each document.
    fn write_units(&self) -> Decimal {
        Decimal::from(self.write_units) / Decimal::from(self.documents.max(1))
    }

    /// For each document.
    fn read_units(&self) -> Decimal {
        Decimal::from(self.read_half_units) / Decimal::from(2 * self.documents.max(1))
    }

    /// Memory that the run took.
    fn memory_kb(&self) -> u64 {
        self.memory_peak_kb.saturating_sub(self.memory_before_kb)
    }

    /// Requests to queues: what the functions sent, and a receive and a delete for each message.
    fn sqs_requests(&self) -> u64 {
        3 * self.sqs_sent
    }

    /// What the run costs. Its time is that of this machine, its tables and its debug build: more than it takes on AWS.
    fn usd(&self, prices: &Prices) -> Decimal {
        let counts = Counts {
            write_units: self.write_units,
            read_half_units: self.read_half_units,
            s3_requests: self.s3_requests,
            s3_puts: self.s3_puts,
            sqs_sent: self.sqs_sent,
            sqs_polled: 2 * self.sqs_sent,
            invocations: self.invocations,
            megabyte_milliseconds: MEMORY_MB * self.all_milliseconds,
            ..Counts::default()
        };
        // Prices are for a million, so that one run in a million costs what the run does.
        prices.usd(&counts, 1_000_000)
    }
}

/// Measures all sizes and prints them. Succeeds when cost grows with the documents and memory stays within its bound.
pub fn run(project: &Project) -> Result<ExitCode, Failure> {
    let prices = Prices::load(project)?;
    println!("What export runs ask for; the largest has 100,000 documents and takes many minutes ...\n");
    println!("{}", heading());
    let mut beyond = Vec::new();
    for (format, sizes) in RUNS {
        let mut runs = Vec::new();
        for documents in sizes {
            let asked = measure(project, format, *documents)?;
            print!("{}", line(format, &asked, &prices));
            runs.push(asked);
        }
        beyond.extend(too_much(format, &runs));
    }
    println!(
        "\nCounted by the stores and queues of the run; read units are computed from the sizes of items, receives and deletes of \
         messages from their number. Seconds and gigabyte-seconds are those of this machine, with tables and bucket in the same \
         process. Memory is what the process grew by, tables' requests included. Not in it: announcing each document \
         afterwards. Prices: {} of {}.",
        prices.region, prices.date
    );
    for line in &beyond {
        println!("Too much: {line}.");
    }
    Ok(if beyond.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn measure(project: &Project, format: &str, documents: u32) -> Result<Asked, Failure> {
    let folder = folder(format, documents);
    fs::create_dir(&folder).map_err(Failure::file(&folder))?;
    let mut cargo = deploy::cargo(project);
    cargo.args(["run", "--quiet", "--locked"]).args(PROGRAM).arg("--");
    cargo.args([format, &documents.to_string()]).arg(&folder);
    let printed = processes::read(&mut cargo, "what an export run asks for");
    fs::remove_dir_all(&folder).map_err(Failure::file(&folder))?;
    of(&printed?)
}

fn folder(format: &str, documents: u32) -> PathBuf {
    let memory = PathBuf::from(IN_MEMORY);
    let of_all = if memory.is_dir() { memory } else { env::temp_dir() };
    of_all.join(format!("ledgerpost-exports-{}-{format}-{documents}", process::id()))
}

/// From what the program printed.
fn of(printed: &str) -> Result<Asked, Failure> {
    serde_json::from_str(printed).map_err(Failure::unexpected("what an export run asks for"))
}

fn heading() -> String {
    format!(
        "{:<11} {:>9} {:>8} {:>8} {:>8} {:>8} {:>6} {:>6} {:>5} {:>8} {:>7} {:>6} {:>7} {:>8}",
        "format",
        "documents",
        "writes",
        "each",
        "reads",
        "each",
        "S3",
        "puts",
        "SQS",
        "calls",
        "longest",
        "all",
        "memory",
        "USD"
    )
}

fn line(format: &str, asked: &Asked, prices: &Prices) -> String {
    let mut text = String::new();
    let megabytes = Decimal::from(asked.memory_kb()) / dec!(1024);
    // Writing to a String cannot fail.
    let _written = writeln!(
        text,
        "{format:<11} {:>9} {:>8} {:>8.2} {:>8.1} {:>8.2} {:>6} {:>6} {:>5} {:>8} {:>6}s {:>5}s {:>4.0} MB {:>8.2}  file {:.1} MB",
        asked.documents,
        asked.write_units,
        asked.write_units(),
        Decimal::from(asked.read_half_units) / dec!(2),
        asked.read_units(),
        asked.s3_requests,
        asked.s3_puts,
        asked.sqs_requests(),
        asked.invocations,
        asked.longest_milliseconds / 1000,
        asked.all_milliseconds / 1000,
        megabytes,
        asked.usd(prices),
        Decimal::from(asked.file_bytes) / dec!(1_000_000),
    );
    text
}

/// What grows faster than the documents, and what needs too much memory; nothing when all is well.
fn too_much(format: &str, runs: &[Asked]) -> Vec<String> {
    let mut beyond = Vec::new();
    for asked in runs.iter().filter(|asked| asked.memory_kb() >= MEMORY_MAX_KB) {
        beyond.push(format!("{format}: {} documents take {} kB of memory", asked.documents, asked.memory_kb()));
    }
    if let (Some(small), Some(large)) = (runs.first(), runs.last()) {
        for (what, units) in [
            ("write units", Asked::write_units as fn(&Asked) -> Decimal),
            ("read units", Asked::read_units as fn(&Asked) -> Decimal),
        ] {
            let (small, each) = (units(small), units(large));
            if (each - small).abs() > small * APART {
                let documents = large.documents;
                beyond.push(format!(
                    "{format}: {each:.2} {what} for each of {documents} documents, {small:.2} with fewer"
                ));
            }
        }
    }
    beyond
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Instance;

    const PRINTED: &str = r#"{"documents":1000,"write_units":4000,"read_half_units":3000,"s3_requests":5,"s3_puts":3,"sqs_sent":2,
        "invocations":3,"longest_milliseconds":2100,"all_milliseconds":2500,"memory_before_kb":90000,"memory_peak_kb":100000,
        "file_bytes":250000}"#;

    #[test]
    fn a_run_is_shown_with_its_price() {
        let asked = of(PRINTED).unwrap();
        let prices = Prices::load(&Project::open(Instance::Test).unwrap()).unwrap();
        let line = line("csv", &asked, &prices);
        let row: Vec<&str> = line.split_whitespace().collect();
        assert_eq!(row[..10], ["csv", "1000", "4000", "4.00", "1500.0", "1.50", "5", "3", "6", "3"]);
        assert_eq!(heading().split_whitespace().count(), 14);
        assert!(of("no JSON").is_err());
    }

    #[test]
    fn what_grows_faster_than_the_documents_is_too_much() {
        let small = of(PRINTED).unwrap();
        let large = Asked { documents: 10_000, write_units: 41_000, read_half_units: 30_000, ..small };
        assert_eq!(too_much("csv", &[small, large]), Vec::<String>::new());
        let more = Asked { read_half_units: 36_000, memory_peak_kb: 90_000 + MEMORY_MAX_KB, ..large };
        let beyond = too_much("csv", &[small, more]);
        assert_eq!(beyond.len(), 2, "{beyond:?}");
    }
}
