//! `cargo local test`: everything that CI checks.

use std::{
    process::{Command, Stdio},
    time::Instant,
};

use crate::{
    cloud::REGION,
    deploy,
    failure::Failure,
    licences, processes,
    project::Project,
    system,
    tools::{self, Environment},
};

/// A check: what it is called and how it is made.
type Check = (&'static str, fn(&Project) -> Result<(), Failure>);

/// Cheap ones first; all are run, so that one look shows everything that is wrong.
const CHECKS: [Check; 6] = [
    ("format", format),
    ("licences and bans", licences::check),
    ("template.yaml", template),
    ("clippy", clippy),
    ("tests", tests),
    ("whole-system tests", whole_system),
];

/// Runs all checks, or the one that is named, and fails with the names of those that did not pass.
pub fn run(project: &Project, only: Option<&str>) -> Result<(), Failure> {
    let wanted: Vec<Check> = CHECKS.into_iter().filter(|(name, _)| only.is_none_or(|only| only == *name)).collect();
    if wanted.is_empty() {
        let names = CHECKS.map(|(name, _)| format!("\"{name}\"")).join(", ");
        return Err(Failure::Usage(format!("`test` takes one of these checks, or none for all: {names}.")));
    }
    let _lock = project.lock()?;
    tools::ensure(project)?;
    let all = Instant::now();
    let mut failed = Vec::new();
    for (name, check) in wanted {
        println!("--- {name}");
        let started = Instant::now();
        match check(project) {
            Ok(()) => println!("--- {name}: ok ({:.0} s)", started.elapsed().as_secs_f64()),
            Err(Failure::Interrupted) => return Err(Failure::Interrupted),
            Err(failure) => {
                println!("{failure}\n--- {name}: not passed ({:.0} s)", started.elapsed().as_secs_f64());
                failed.push(name);
            }
        }
    }
    if failed.is_empty() {
        println!("All checks passed in {:.0} s.", all.elapsed().as_secs_f64());
        return Ok(());
    }
    Err(Failure::Checks(format!("Not passed: {}", failed.join(", "))))
}

fn format(project: &Project) -> Result<(), Failure> {
    processes::run(deploy::cargo(project).args(["fmt", "--all", "--check"]), "cargo fmt")
}

fn clippy(project: &Project) -> Result<(), Failure> {
    let mut cargo = deploy::cargo(project);
    cargo.args(["clippy", "--workspace", "--all-targets", "--locked", "--quiet", "--", "--deny", "warnings"]);
    processes::run(&mut cargo, "cargo clippy")
}

fn template(project: &Project) -> Result<(), Failure> {
    let template = project.root.join("template.yaml");
    let mut lint = Command::new(Environment::Cloud.program(project, "cfn-lint"));
    processes::read(lint.args(["--regions", REGION, "--"]).arg(&template), "cfn-lint")?;
    let mut sam = Command::new(Environment::Sam.program(project, "sam"));
    sam.current_dir(&project.root)
        .envs(deploy::sam_settings(project))
        .args(["validate", "--lint", "--region", REGION, "--template-file"])
        .arg(&template);
    processes::read(&mut sam, "sam validate --lint").map(drop)
}

fn tests(project: &Project) -> Result<(), Failure> {
    let has_nextest = deploy::cargo(project)
        .args(["nextest", "--version"])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success());
    let mut cargo = deploy::cargo(project);
    if has_nextest {
        cargo.args(["nextest", "run", "--workspace", "--locked", "--no-fail-fast", "--status-level", "fail"]);
    } else {
        cargo.args(["test", "--workspace", "--locked", "--no-fail-fast", "--quiet"]);
    }
    processes::run(&mut cargo, "the tests")
}

/// The functions are those that the tests were built with; only what changed since is built again.
fn whole_system(project: &Project) -> Result<(), Failure> {
    deploy::build(project)?;
    system::run()
}
