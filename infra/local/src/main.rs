//! `cargo local`: the local cloud, the operator's commands, and the checks that CI runs.

mod aws;
mod check;
mod cloud;
mod deploy;
mod failure;
mod licences;
mod processes;
mod project;
mod simulators;
mod tools;

use std::process::ExitCode;

use failure::Failure;
use project::Project;

/// What the commands are.
const USAGE: &str = "\
Usage: cargo local COMMAND

  up                      builds, starts and deploys everything on this machine; it keeps running
  down [--forget]         stops what `up` started and keeps its state, or drops the state too
  test                    everything CI checks: format, lints, licences, template, all tests";

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match processes::stop_on_interrupt().and_then(|()| dispatch(&arguments)) {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[&str]) -> Result<ExitCode, Failure> {
    match arguments {
        ["up"] => up(&Project::open()?).map(|()| ExitCode::SUCCESS),
        ["down"] => down(&Project::open()?).map(|()| ExitCode::SUCCESS),
        ["down", "--forget"] => forget(&Project::open()?).map(|()| ExitCode::SUCCESS),
        ["test"] => check::run(&Project::open()?).map(|()| ExitCode::SUCCESS),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        other => Err(Failure::Usage(format!("There is no command `{}`.", other.join(" ")))),
    }
}

fn up(project: &Project) -> Result<(), Failure> {
    let _lock = project.lock()?;
    tools::ensure(project)?;
    deploy::build(project)?;
    let mut memory = project.memory()?;
    cloud::start(project, &mut memory)?;
    simulators::start(project, &mut memory)?;
    deploy::deploy(project, &mut memory)?;
    processes::let_run();
    println!("The API is at {}", memory.api_url()?);
    println!("Stop with `cargo local down`; the state stays.");
    Ok(())
}

fn down(project: &Project) -> Result<(), Failure> {
    let _lock = project.lock()?;
    let mut memory = project.memory()?;
    match cloud::stop(project, &mut memory)? {
        0 => println!("Nothing was running."),
        _ => println!("Stopped. `cargo local up` brings everything back with its state."),
    }
    Ok(())
}

fn forget(project: &Project) -> Result<(), Failure> {
    down(project)?;
    let folder = project.cloud_folder();
    if folder.exists() {
        std::fs::remove_dir_all(&folder).map_err(Failure::file(&folder))?;
    }
    project.remember(&project::Memory::default())?;
    println!("The state is dropped.");
    Ok(())
}
