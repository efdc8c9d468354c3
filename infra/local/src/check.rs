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
    tools::{self, Environment},
};

/// A check: what it is called and how it is made.
type Check = (&'static str, fn(&Project) -> Result<(), Failure>);

/// Cheap ones first; all are run, so that one look shows everything that is wrong.
const CHECKS: [Check; 5] = [
    ("format", format),
    ("licences and bans", licences::check),
    ("template.yaml", template),
    ("clippy", clippy),
    ("tests", tests),
];

/// Runs all checks and fails with the names of those that did not pass.
pub fn run(project: &Project) -> Result<(), Failure> {
    let _lock = project.lock()?;
    tools::ensure(project)?;
    let mut failed = Vec::new();
    for (name, check) in CHECKS {
        println!("--- {name}");
        let started = Instant::now();
        match check(project) {
            Ok(()) => println!("--- {name}: ok ({:.0} s)", started.elapsed().as_secs_f64()),
            Err(Failure::Interrupted) => return Err(Failure::Interrupted),
            Err(failure) => {
                println!("{failure}");
                failed.push(name);
            }
        }
    }
    if failed.is_empty() {
        println!("All checks passed.");
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
