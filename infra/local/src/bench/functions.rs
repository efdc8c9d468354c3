//! Builds the functions as they ship and starts each one many times.

use std::{
    fs,
    path::Path,
    process::{Child, Command, Stdio},
    time::{Duration, Instant},
};

use super::runtime_api::RuntimeApi;
use crate::{cloud::REGION, failure::Failure, processes, project::Project};

/// The environment that template.yaml gives the functions, with values that need no cloud: nothing is asked of it before the
/// first event. A function reads the settings that it knows.
const SETTINGS: [(&str, &str); 26] = [
    ("LEDGERPOST_STAGE", "bench"),
    ("LEDGERPOST_CLOCK_OFFSET_SECONDS", "0"),
    ("LEDGERPOST_LOG", "info"),
    ("LEDGERPOST_DOCUMENTS_TABLE", "documents"),
    ("LEDGERPOST_SETTINGS_TABLE", "settings"),
    ("LEDGERPOST_RUNS_TABLE", "runs"),
    ("LEDGERPOST_BUCKET", "bucket"),
    ("LEDGERPOST_TAGGED_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/000000000000/tagged"),
    ("LEDGERPOST_EVALUATE_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/000000000000/evaluate"),
    ("LEDGERPOST_EXPORTS_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/000000000000/exports"),
    ("LEDGERPOST_ORDERS_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/000000000000/orders"),
    ("LEDGERPOST_RENDERS_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/000000000000/renders"),
    ("LEDGERPOST_MAILS_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/000000000000/mails"),
    ("LEDGERPOST_TURNS_QUEUE_URL", "https://sqs.eu-west-1.amazonaws.com/000000000000/turns"),
    ("LEDGERPOST_BUS_NAME", "bus"),
    ("LEDGERPOST_KMS_KEY_ID", "00000000-0000-0000-0000-000000000000"),
    ("LEDGERPOST_USER_POOL_ID", "eu-west-1_bench"),
    ("LEDGERPOST_RECOGNITION_CONFIDENCE", "0.80"),
    ("LEDGERPOST_CLIENT_IDS", "exact-online:client"),
    ("LEDGERPOST_CLIENT_SECRETS", "exact-online:secret"),
    ("LEDGERPOST_APP_LIMITS", ""),
    ("LEDGERPOST_LEDGER_HOSTS", ""),
    ("LEDGERPOST_LEDGERS_BASE_URL", ""),
    ("LEDGERPOST_PUBLIC_URL", "https://api.example.com"),
    ("LEDGERPOST_MAIL_FROM", "documents@example.com"),
    ("LEDGERPOST_MAIL_CONFIGURATION_SET", "mails"),
];

/// What Lambda itself sets.
const LAMBDA: [(&str, &str); 7] = [
    ("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE"),
    ("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY"),
    ("AWS_SESSION_TOKEN", "session"),
    ("AWS_LAMBDA_FUNCTION_VERSION", "$LATEST"),
    ("AWS_LAMBDA_FUNCTION_MEMORY_SIZE", "256"),
    ("AWS_LAMBDA_LOG_GROUP_NAME", "group"),
    ("AWS_LAMBDA_LOG_STREAM_NAME", "stream"),
];

/// What was measured of one function.
pub struct Figures {
    /// Its name.
    pub name: String,
    /// Length of the program.
    pub bytes: u64,
    /// Kilobytes of memory that it had when it polled; 0 where the system does not tell.
    pub resident_kb: u64,
    /// From the start of the process to its first poll, sorted.
    inits: Vec<Duration>,
}

impl Figures {
    /// The middle one.
    pub fn init(&self) -> Duration {
        self.inits.get(self.inits.len() / 2).copied().unwrap_or_default()
    }

    /// The one that was least disturbed by what else runs on the machine.
    pub fn quickest(&self) -> Duration {
        self.inits.first().copied().unwrap_or_default()
    }
}

/// Starts each function `runs` times, taking turns, so that whatever else the machine does disturbs all of them alike.
pub fn measure(project: &Project, names: &[String], runs: usize) -> Result<Vec<Figures>, Failure> {
    let folder = project.target().join("release");
    let api = RuntimeApi::start()?;
    let mut measured = Vec::new();
    for name in names {
        let program = folder.join(name);
        let bytes = fs::metadata(&program).map_err(Failure::file(&program))?.len();
        // Once without the clock: the file comes from the disk.
        let (_, resident_kb) = start(&api, &program, name)?;
        measured.push(Figures { name: name.clone(), bytes, resident_kb, inits: Vec::new() });
    }
    for _ in 0..runs {
        for figures in &mut measured {
            let (init, _) = start(&api, &folder.join(&figures.name), &figures.name)?;
            figures.inits.push(init);
        }
    }
    for figures in &mut measured {
        figures.inits.sort();
    }
    Ok(measured)
}

/// Starts a function, waits for its first poll and ends it.
fn start(api: &RuntimeApi, program: &Path, name: &str) -> Result<(Duration, u64), Failure> {
    processes::check_interrupt()?;
    let mut command = Command::new(program);
    command
        .env_clear()
        .envs(SETTINGS)
        .envs(LAMBDA)
        .env("AWS_REGION", REGION)
        .env("AWS_LAMBDA_FUNCTION_NAME", name)
        .env("AWS_LAMBDA_RUNTIME_API", api.address.to_string())
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let begun = Instant::now();
    let child = command.spawn().map_err(Failure::file(program))?;
    match api.poll() {
        Some(poll) => {
            let resident_kb = resident_kb(child.id());
            end(child)?;
            Ok((poll.at.duration_since(begun), resident_kb))
        }
        None => Err(Failure::Program { what: format!("starting {name}"), detail: format!(":\n{}", end(child)?) }),
    }
}

/// Ends a function and returns what it said.
fn end(mut child: Child) -> Result<String, Failure> {
    child.kill().map_err(Failure::unexpected("the end of a function"))?;
    let output = child.wait_with_output().map_err(Failure::unexpected("the end of a function"))?;
    let said = [output.stdout, output.stderr].concat();
    Ok(processes::last_lines(&String::from_utf8_lossy(&said), 15))
}

fn resident_kb(pid: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{pid}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn functions_get_the_settings_of_the_template() {
        let template = include_str!("../../../../template.yaml");
        let names = template.lines().filter_map(|line| line.trim().split_once(':'));
        for (name, _) in names.filter(|(name, _)| name.starts_with("LEDGERPOST_")) {
            assert!(SETTINGS.iter().any(|(known, _)| *known == name), "{name}");
        }
        for (name, _) in SETTINGS {
            assert!(template.contains(&format!(" {name}: ")), "{name}");
        }
    }

    #[test]
    fn the_middle_and_the_quickest_are_told_apart() {
        let inits = [1, 2, 9].map(Duration::from_millis).to_vec();
        let figures = Figures { name: "one".into(), bytes: 0, resident_kb: 0, inits };
        assert_eq!((figures.init(), figures.quickest()), (Duration::from_millis(2), Duration::from_millis(1)));
    }
}
