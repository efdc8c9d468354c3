//! Runs the simulators as a process, on the loopback interface only.

use std::path::PathBuf;
use std::process::ExitCode;

use simulators::Preset;
use simulators::program::{Program, Setup};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str =
    "usage: simulators [--port N] [--smtp-port N] [--state-folder FOLDER] [--seed demo|empty] [--per-minute N] [--per-day N]

  --port N               the port on 127.0.0.1 (default: a free one, printed)
  --smtp-port N          the port on 127.0.0.1 where the mailbox takes mails (0: a free one, printed); without it there are none
  --state-folder FOLDER  keeps the books there, a file a system; books found there take the place of the seed
  --seed                 demo: books to post into (default); empty: nothing
  --per-minute N         Exact Online: calls of an app in an administration in a minute (default 60)
  --per-day N            Exact Online: calls of an app in an administration in a day (default 5000)";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let setup = match setup(&arguments) {
        Ok(setup) => setup,
        Err(text) => {
            eprintln!("simulators: {text}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(&setup).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("simulators: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(setup: &Setup) -> std::io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let program = Program::start(setup).await?;
    // In one write: whoever reads only the first line does not make the others fail.
    let mut lines: Vec<_> =
        program.addresses().map(|(title, address)| format!("simulators: {title} on {address}\n")).collect();
    lines.extend(program.mailbox().map(|address| format!("simulators: mails are taken on {address}\n")));
    print!("{}", lines.concat());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    program.stop().await
}

fn setup(arguments: &[String]) -> Result<Setup, String> {
    let mut setup = Setup::default();
    for pair in arguments.chunks(2) {
        let [name, value] = pair else {
            return Err(format!("{} needs a value", pair.join(" ")));
        };
        match name.as_str() {
            "--port" => setup.port = number(name, value)?,
            "--smtp-port" => setup.smtp_port = Some(number(name, value)?),
            "--state-folder" => setup.state_folder = Some(PathBuf::from(value)),
            "--per-minute" => setup.calls_per_minute = Some(number(name, value)?),
            "--per-day" => setup.calls_per_day = Some(number(name, value)?),
            "--seed" => {
                setup.seed = match value.as_str() {
                    "demo" => Preset::Demo,
                    "empty" => Preset::Empty,
                    _ => return Err(format!("--seed is demo or empty, not {value}")),
                };
            }
            _ => return Err(format!("{name} is not known")),
        }
    }
    Ok(setup)
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} needs a number, not {value}"))
}
