//! `cargo local bench`: how large the functions are and how soon they start, beside a function that does nothing; how long the
//! pure code takes; how much memory a long invoice takes. Each figure is held against what it may be.

mod criterion;
mod functions;
mod runtime_api;

use std::{process::ExitCode, time::Duration};

use crate::{deploy, failure::Failure, processes, project::Project};
use functions::Figures;

/// The function that does nothing.
const HELLO: &str = "hello";
/// How often each function is started; the middle of so many is what counts.
const RUNS: usize = 21;

/// Bytes that a function may have.
const SIZE_MAX: u64 = 10_000_000;
/// How many times the start of the function that does nothing a function may take.
const INIT_MAX: f64 = 3.0;
/// How long a decision on twenty rules may take.
const DECIDE_MAX: Duration = Duration::from_micros(2);
/// How many times as long as merely tokenising a file reading it may take.
const READ_MAX: f64 = 3.0;
/// Kilobytes that a warm function may take with an invoice of 5,000 lines.
const MEMORY_MAX: u64 = 64 * 1024;

/// Measures everything, prints it, and succeeds when nothing is over what it may be.
pub fn run(project: &Project) -> Result<ExitCode, Failure> {
    let mut over = Over::default();
    start(project, &mut over)?;
    pure(project, &mut over)?;
    memory(project, &mut over)?;
    if over.0.is_empty() {
        println!("\nEverything is within what it may be.");
        return Ok(ExitCode::SUCCESS);
    }
    println!("\nOver what it may be: {}", over.0.join("; "));
    Ok(ExitCode::FAILURE)
}

/// What is over what it may be.
#[derive(Default)]
struct Over(Vec<String>);

impl Over {
    fn check<T: PartialOrd + Copy>(&mut self, what: &str, is: T, may_be: T) {
        if is > may_be {
            self.0.push(what.to_owned());
        }
    }
}

/// Size and start of each function.
fn start(project: &Project, over: &mut Over) -> Result<(), Failure> {
    let mut names = deploy::functions(project)?;
    names.push(HELLO.to_owned());
    println!("Building {} functions as they ship (some minutes the first time) ...", names.len());
    deploy::release(project, &names)?;
    let figures = functions::measure(project, &names, RUNS)?;
    let Some(hello) = figures.iter().find(|it| it.name == HELLO).map(Figures::init) else { return Ok(()) };
    println!("\n{:<20} {:>8} {:>10} {:>10} {:>9} {:>9}", "function", "size", "init", "quickest", "x hello", "memory");
    for it in &figures {
        let ratio = it.init().as_secs_f64() / hello.as_secs_f64();
        println!(
            "{:<20} {:>5.2} MB {:>7.2} ms {:>7.2} ms {ratio:>9.2} {:>6.1} MB",
            it.name,
            megabytes(it.bytes),
            milliseconds(it.init()),
            milliseconds(it.quickest()),
            megabytes(it.resident_kb * 1024),
        );
        over.check(&format!("size of {}", it.name), it.bytes, SIZE_MAX);
        over.check(&format!("init of {}", it.name), ratio, INIT_MAX);
    }
    println!("init: process start to first poll of the runtime API, middle of {RUNS}; memory: resident at that moment");
    Ok(())
}

/// The decision, and reading beside tokenising.
fn pure(project: &Project, over: &mut Over) -> Result<(), Failure> {
    let times = criterion::run(project, &[("domain", "decide"), ("documents", "read")])?;
    let time = |full_id: &str| times.get(full_id).copied();
    println!("\n{:<70} {:>12}", "pure code", "time");
    for (id, took) in times.iter().filter(|(id, _)| id.starts_with("decide")) {
        println!("{id:<70} {:>9.2} us", microseconds(*took));
        over.check(id, *took, DECIDE_MAX);
    }
    println!("\n{:<70} {:>12} {:>12} {:>6}", "file", "tokenise", "read", "x");
    for (id, tokenise) in &times {
        let Some(file) = id.strip_prefix("ubl/tokenise/") else { continue };
        let Some(read) = time(&format!("ubl/read/{file}")) else { continue };
        let ratio = read.as_secs_f64() / tokenise.as_secs_f64();
        println!("{file:<70} {:>9.1} us {:>9.1} us {ratio:>6.2}", microseconds(*tokenise), microseconds(read));
        over.check(&format!("reading {file}"), ratio, READ_MAX);
    }
    Ok(())
}

/// The most memory that a process has had in which invoice-tagged handles an invoice of 5,000 lines.
fn memory(project: &Project, over: &mut Over) -> Result<(), Failure> {
    let mut cargo = deploy::cargo(project);
    cargo.args(["test", "--quiet", "--locked", "--package", "invoice-tagged", "--test", "memory", "--", "--nocapture"]);
    let said = processes::read(&mut cargo, "the memory test of invoice-tagged")?;
    let peak = said.split_whitespace().find_map(|word| word.strip_prefix("peak_kb=")?.parse::<u64>().ok());
    let Some(peak) = peak else {
        println!("\nMemory is measured on Linux only.");
        return Ok(());
    };
    println!(
        "\ninvoice-tagged, warm, with 5,000 lines: at most {:.1} MB, a DynamoDB in the same process included",
        megabytes(peak * 1024)
    );
    over.check("memory", peak, MEMORY_MAX);
    Ok(())
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e3
}

fn microseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1e6
}

#[expect(clippy::cast_precision_loss, reason = "shown with two decimals")]
fn megabytes(bytes: u64) -> f64 {
    bytes as f64 / 1e6
}
