//! `cargo local`: the local cloud, the operator's commands, and the checks that CI runs.

mod aws;
mod bench;
mod check;
mod clock;
mod cloud;
mod cost;
mod decide;
mod demo;
mod deploy;
mod environment;
mod failure;
mod licences;
mod mailbox;
mod office;
mod operate;
mod processes;
mod project;
mod read;
mod schedule;
mod services;
mod simulators;
mod system;
mod tools;

use std::{
    borrow::Cow,
    ffi::OsString,
    fs::File,
    io::{self, BufWriter, Write as _},
    process::ExitCode,
};

use failure::Failure;
use operate::{Deployment, Follow, NewTenant};
use project::{Instance, Project, Service};

/// What the commands are.
const USAGE: &str = "\
Usage: cargo local COMMAND

  demo                    the main job, end to end: sets everything up, sends real invoices, shows where each ends
  up                      builds, starts and deploys everything on this machine; it keeps running
  down [--forget]         stops what `up` started and keeps its state, or drops the state too
  test [CHECK]            everything CI checks: format, licences, template, lints, all tests, whole-system tests
  bench                   size and start of the functions, times of the pure code, memory, beside what they may be
  cost [--json]           what an automatically posted invoice asks of AWS, and what a million of them cost
  cost --scale            what requests ask of AWS with 200,000 documents, beside 1,000
  cost --exports          what export runs of 1,000 to 100,000 documents ask of AWS, and their memory
  read FILE...            what documents say, one JSON line a file
  decide FILE             whether documents would be posted without a person, one JSON line a case
  schedule --frequency hourly|every_4_hours|daily|weekly|monthly [--weekday mon..sun] [--day 1..31]
           [--time-zone Area/City [--at HH:MM]] --from INSTANT --count N
                          when an export job would run after an instant such as 2026-03-31T10:17:00Z, one instant a line,
                          in UTC; by UTC, or by the clocks of a time zone
  logs [FUNCTION] [--follow]
                          what the functions logged in the last 15 minutes
  env                     what a shell needs for `cargo lambda watch`, for `eval`
  redrive                 sends dead letters to their queues again
  tenant create --name OFFICE --email ADDRESS [--user-name NAME] [--password PASSWORD] [--event-source SOURCE]...
                          makes a tenant and its first Superuser, who is invited by mail when no password is given
  tenant state ID         how a tenant stands: open, closed, being erased or gone, and how far exports and erasures are
  tenant keep ID          takes back the deletion of a tenant, as long as erasing has not begun
  token --email ADDRESS --password PASSWORD
                          signs a user in and prints the ID token, for the header `Authorization: Bearer TOKEN`

  logs, redrive, tenant and token take `--stack NAME` for a deployment on AWS, as this machine's AWS settings say.";

fn main() -> ExitCode {
    let given: Vec<OsString> = std::env::args_os().skip(1).collect();
    let arguments: Vec<Cow<'_, str>> = given.iter().map(|argument| argument.to_string_lossy()).collect();
    let arguments: Vec<&str> = arguments.iter().map(AsRef::as_ref).collect();
    let done = processes::stop_on_interrupt().and_then(|()| match given.split_first() {
        // File names need not be text.
        Some((command, files)) if command == "read" => read_files(files),
        _ => dispatch(&arguments),
    });
    processes::leave_the_end_to_an_interrupt();
    match done {
        Ok(code) => code,
        Err(failure) => {
            eprintln!("{failure}");
            processes::stop_started();
            ExitCode::FAILURE
        }
    }
}

fn dispatch(arguments: &[&str]) -> Result<ExitCode, Failure> {
    match arguments {
        ["demo"] => demo::run(&Project::open(Instance::Up)?),
        ["up"] => up(&Project::open(Instance::Up)?).map(|()| ExitCode::SUCCESS),
        ["down"] => down(&Project::open(Instance::Up)?).map(|()| ExitCode::SUCCESS),
        ["down", "--forget"] => forget(&Project::open(Instance::Up)?).map(|()| ExitCode::SUCCESS),
        ["test"] => check::run(&Project::open(Instance::Up)?, None).map(|()| ExitCode::SUCCESS),
        ["test", check] => check::run(&Project::open(Instance::Up)?, Some(check)).map(|()| ExitCode::SUCCESS),
        ["cost"] => cost::run(&Project::open(Instance::Up)?, cost::Output::Tables),
        ["cost", "--json"] => cost::run(&Project::open(Instance::Up)?, cost::Output::Json),
        ["cost", "--exports"] => cost::exports::run(&Project::open(Instance::Up)?),
        ["cost", "--scale"] => cost::scale::run(&Project::open(Instance::Up)?),
        ["bench"] => bench::run(&Project::open(Instance::Up)?),
        ["env"] => environment(&Project::open(Instance::Up)?).map(|()| ExitCode::SUCCESS),
        ["decide", file] => decide_cases(file),
        ["schedule", rest @ ..] => print_schedule(rest),
        ["tenant", "create", rest @ ..] => create_tenant(rest).map(|()| ExitCode::SUCCESS),
        ["tenant", "state", rest @ ..] => about_tenant(rest, Deployment::tenant_state).map(|()| ExitCode::SUCCESS),
        ["tenant", "keep", rest @ ..] => about_tenant(rest, Deployment::cancel_deletion).map(|()| ExitCode::SUCCESS),
        ["token", rest @ ..] => print_token(rest).map(|()| ExitCode::SUCCESS),
        ["redrive", rest @ ..] => redrive(rest).map(|()| ExitCode::SUCCESS),
        ["logs", rest @ ..] => logs(rest).map(|()| ExitCode::SUCCESS),
        [] | ["help" | "--help" | "-h"] => {
            println!("{USAGE}");
            Ok(ExitCode::SUCCESS)
        }
        other => Err(Failure::Usage(format!("There is no command `{}`.", other.join(" ")))),
    }
}

/// Where the local cloud and the ledgers' simulators listen.
struct Ports {
    cloud: u16,
    ledgers: u16,
}

/// Builds, starts and deploys everything that is not there yet. An interrupt stops what was started here.
fn start(project: &Project) -> Result<Ports, Failure> {
    let _lock = project.lock()?;
    tools::ensure(project)?;
    deploy::build(project)?;
    start_built(project)
}

/// The same with functions as they ship, until another command builds them again.
fn start_as_shipped(project: &Project) -> Result<Ports, Failure> {
    let _lock = project.lock()?;
    tools::ensure(project)?;
    deploy::build_as_shipped(project)?;
    start_built(project)
}

/// Starts and deploys what was built. The caller keeps other commands out.
fn start_built(project: &Project) -> Result<Ports, Failure> {
    let mut memory = project.memory()?;
    let cloud = cloud::start(project, &mut memory)?;
    let ledgers = simulators::start(project, &mut memory)?;
    deploy::deploy(project, &mut memory)?;
    Ok(Ports { cloud, ledgers })
}

fn up(project: &Project) -> Result<(), Failure> {
    let Ports { cloud: port, ledgers } = start(project)?;
    processes::let_run();
    println!("API             {}", cloud::api_url(port));
    println!("Ledgers         {} (simulators, their bookings)", services::url(ledgers));
    println!("Mails           {}/_sim (those that left)", simulators::mailbox(ledgers));
    println!("Logs            cargo local logs [FUNCTION] [--follow]; {}", Service::Cloud.log(project).display());
    println!("Stop with `cargo local down`; the state stays.");
    Ok(())
}

fn down(project: &Project) -> Result<(), Failure> {
    let _lock = project.lock()?;
    let mut memory = project.memory()?;
    match services::stop_all(project, &mut memory)? {
        0 => println!("Nothing was running."),
        _ => println!("Stopped. `cargo local up` brings everything back with its state."),
    }
    Ok(())
}

fn forget(project: &Project) -> Result<(), Failure> {
    down(project)?;
    let folder = project.cloud_folder();
    std::fs::remove_dir_all(folder).map_err(Failure::file(folder))?;
    println!("The state is dropped.");
    Ok(())
}

fn environment(project: &Project) -> Result<(), Failure> {
    println!("{}", environment::lines(project, &project.memory()?)?);
    Ok(())
}

fn read_files(files: &[OsString]) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    read::read(files, &mut out)?;
    out.flush().map_err(Failure::file("standard output"))?;
    Ok(ExitCode::SUCCESS)
}

fn decide_cases(file: &str) -> Result<ExitCode, Failure> {
    let cases = File::open(file).map_err(Failure::file(file))?;
    let mut out = BufWriter::new(io::stdout().lock());
    let refused = decide::decide(cases, &mut out)?;
    out.flush().map_err(Failure::file("standard output"))?;
    Ok(if refused == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn print_schedule(arguments: &[&str]) -> Result<ExitCode, Failure> {
    let mut out = BufWriter::new(io::stdout().lock());
    let written = schedule::lines(arguments)?.iter().try_for_each(|line| writeln!(out, "{line}"));
    written.and_then(|()| out.flush()).map_err(Failure::file("standard output"))?;
    Ok(ExitCode::SUCCESS)
}

fn create_tenant(arguments: &[&str]) -> Result<(), Failure> {
    let (stack, rest) = stack_option(arguments)?;
    let tenant = new_tenant(&rest)?;
    let made = Deployment::open(&Project::open(Instance::Up)?, stack)?.create_tenant(&tenant)?;
    println!("{}", serde_json::json!(made));
    Ok(())
}

/// Asks something about one tenant and prints the answer.
fn about_tenant(
    arguments: &[&str],
    ask: impl FnOnce(&mut Deployment, &str) -> Result<serde_json::Value, Failure>,
) -> Result<(), Failure> {
    let (stack, rest) = stack_option(arguments)?;
    let [tenant] = rest.as_slice() else { return Err(Failure::Usage("Name one tenant by its id.".into())) };
    let answer = ask(&mut Deployment::open(&Project::open(Instance::Up)?, stack)?, tenant)?;
    println!("{answer:#}");
    Ok(())
}

fn new_tenant(arguments: &[&str]) -> Result<NewTenant, Failure> {
    let (mut name, mut email, mut user_name, mut password, mut event_sources) = (None, None, None, None, Vec::new());
    for pair in arguments.chunks(2) {
        let [option, value] = pair else { return Err(Failure::Usage(format!("{} needs a value.", pair.join(" ")))) };
        let value = (*value).to_owned();
        match *option {
            "--name" => name = Some(value),
            "--email" => email = Some(value),
            "--user-name" => user_name = Some(value),
            "--password" => password = Some(value),
            "--event-source" => event_sources.push(value),
            other => return Err(Failure::Usage(format!("`tenant create` does not take {other}."))),
        }
    }
    match (name, email) {
        (Some(name), Some(email)) => Ok(NewTenant {
            name,
            user_name: user_name.unwrap_or_else(|| email.clone()),
            email,
            password,
            event_sources,
        }),
        _ => Err(Failure::Usage("`tenant create` needs --name and --email.".into())),
    }
}

fn print_token(arguments: &[&str]) -> Result<(), Failure> {
    let (stack, rest) = stack_option(arguments)?;
    let (["--email", email, "--password", password] | ["--password", password, "--email", email]) = rest.as_slice()
    else {
        return Err(Failure::Usage("`token` needs --email and --password.".into()));
    };
    println!("{}", Deployment::open(&Project::open(Instance::Up)?, stack)?.token(email, password)?);
    Ok(())
}

fn redrive(arguments: &[&str]) -> Result<(), Failure> {
    let (stack, rest) = stack_option(arguments)?;
    if !rest.is_empty() {
        return Err(Failure::Usage("`redrive` takes only --stack NAME.".into()));
    }
    Deployment::open(&Project::open(Instance::Up)?, stack)?.redrive()
}

fn logs(arguments: &[&str]) -> Result<(), Failure> {
    let project = Project::open(Instance::Up)?;
    let (stack, mut rest) = stack_option(arguments)?;
    let given = rest.len();
    rest.retain(|argument| *argument != "--follow");
    let follow = if rest.len() < given { Follow::Yes } else { Follow::No };
    let mut functions = deploy::functions(&project)?;
    match rest.as_slice() {
        [] => {}
        [name] if functions.iter().any(|function| function == name) => functions.retain(|function| function == name),
        _ => return Err(Failure::Usage(format!("`logs` takes one of these functions: {}.", functions.join(", ")))),
    }
    Deployment::open(&project, stack)?.logs(&functions, follow)
}

/// Takes `--stack NAME` out of the arguments.
fn stack_option<'a>(arguments: &[&'a str]) -> Result<(Option<&'a str>, Vec<&'a str>), Failure> {
    let mut rest = arguments.to_vec();
    let Some(at) = rest.iter().position(|argument| *argument == "--stack") else { return Ok((None, rest)) };
    let given: Vec<&str> = rest.drain(at..rest.len().min(at + 2)).collect();
    match given.as_slice() {
        [_, name] => Ok((Some(*name), rest)),
        _ => Err(Failure::Usage("--stack needs the name of a stack.".into())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_stack_is_taken_from_anywhere() {
        assert_eq!(
            stack_option(&["api", "--stack", "one", "--follow"]).unwrap(),
            (Some("one"), vec!["api", "--follow"])
        );
        assert_eq!(stack_option(&["api"]).unwrap(), (None, vec!["api"]));
        assert!(stack_option(&["--stack"]).is_err());
    }

    #[test]
    fn a_tenant_needs_a_name_and_an_address() {
        let tenant = new_tenant(&["--name", "Office", "--email", "a@example.com", "--event-source", "scan"]).unwrap();
        assert_eq!((tenant.user_name.as_str(), tenant.password), ("a@example.com", None));
        assert_eq!(tenant.event_sources, ["scan"]);
        for wrong in [&["--name", "Office"][..], &["--name"], &["--name", "x", "--email", "y", "--colour", "red"]] {
            assert!(new_tenant(wrong).is_err(), "{wrong:?}");
        }
    }

    #[test]
    fn a_token_is_of_somebody_with_a_password() {
        for wrong in [&["token"][..], &["token", "--email", "a@example.com"], &["token", "--email", "--password"]] {
            assert!(dispatch(wrong).unwrap_err().to_string().contains("needs --email and --password"), "{wrong:?}");
        }
    }

    #[test]
    fn unknown_commands_show_what_there_is() {
        let failure = dispatch(&["fly"]).unwrap_err().to_string();
        assert!(failure.contains("There is no command `fly`") && failure.contains("cargo local COMMAND"), "{failure}");
    }
}
