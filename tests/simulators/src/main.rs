//! Runs the simulator of Exact Online as a process, on the loopback interface only.

use std::path::PathBuf;
use std::process::ExitCode;

use simulators::exact::{Options, Simulator, State, seed};
use tokio::signal::unix::{SignalKind, signal};

const USAGE: &str =
    "usage: simulators [--port N] [--state-file FILE] [--seed demo|empty] [--per-minute N] [--per-day N]

  --port N           the port on 127.0.0.1 (default: a free one, printed)
  --state-file FILE  keeps the state there; a state found there takes the place of the seed
  --seed             demo: an app, a user and two administrations (default); empty: nothing
  --per-minute N     calls of an app in an administration in a minute (default 60)
  --per-day N        calls of an app in an administration in a day (default 5000)";

#[tokio::main]
async fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    if arguments.iter().any(|argument| argument == "--help" || argument == "-h") {
        println!("{USAGE}");
        return ExitCode::SUCCESS;
    }
    let options = match options(&arguments) {
        Ok(options) => options,
        Err(text) => {
            eprintln!("simulators: {text}\n{USAGE}");
            return ExitCode::from(2);
        }
    };
    match run(options).await {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("simulators: {error}");
            ExitCode::FAILURE
        }
    }
}

async fn run(options: Options) -> std::io::Result<()> {
    let (mut terminate, mut interrupt) = (signal(SignalKind::terminate())?, signal(SignalKind::interrupt())?);
    let simulator = Simulator::start(options).await?;
    println!("simulators: Exact Online on {}", simulator.base_url());
    tokio::select! {
        _ = terminate.recv() => {}
        _ = interrupt.recv() => {}
    }
    simulator.stop().await
}

fn options(arguments: &[String]) -> Result<Options, String> {
    let mut options = Options::demo();
    for pair in arguments.chunks(2) {
        let [name, value] = pair else {
            return Err(format!("{} needs a value", pair.join(" ")));
        };
        match name.as_str() {
            "--port" => options.port = number(name, value)?,
            "--state-file" => options.state_file = Some(PathBuf::from(value)),
            "--per-minute" => options.calls_per_minute = Some(number(name, value)?),
            "--per-day" => options.calls_per_day = Some(number(name, value)?),
            "--seed" => {
                options.seed = match value.as_str() {
                    "demo" => seed::demo(),
                    "empty" => State::default(),
                    _ => return Err(format!("--seed is demo or empty, not {value}")),
                };
            }
            _ => return Err(format!("{name} is not known")),
        }
    }
    Ok(options)
}

fn number<T: std::str::FromStr>(name: &str, value: &str) -> Result<T, String> {
    value.parse().map_err(|_| format!("{name} needs a number, not {value}"))
}
