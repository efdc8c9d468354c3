//! The stand-ins for the ledgers, as a process beside the local cloud.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::json;

use crate::{
    cloud,
    failure::Failure,
    processes,
    project::{self, Memory, Project, Remembered, Service},
};

/// The app that Ledgerpost is registered as there.
pub const CLIENT_ID: &str = "0a9f0000-0000-4000-8000-000000000001";
/// Its secret, which opens nothing but the simulator.
pub const CLIENT_SECRET: &str = "exact-demo-secret";

const PORT_VARIABLE: &str = "LEDGERPOST_SIMULATORS_PORT";
const START_PATIENCE: Duration = Duration::from_secs(10);

/// The program, as cargo builds it.
pub fn program(project: &Project) -> PathBuf {
    project.target().join("debug/simulators")
}

/// Where Exact Online's stand-in answers.
pub fn exact_url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

fn is_up(project: &Project, memory: &Memory) -> bool {
    let pid = memory.services.get(&Service::Simulators).and_then(|simulators| simulators.pid);
    pid.is_some_and(|pid| processes::is_running(pid, &program(project).display().to_string()))
}

/// Starts the simulators with the books they had; does nothing when they run.
pub fn start(project: &Project, memory: &mut Memory) -> Result<(), Failure> {
    let port = project.port(PORT_VARIABLE, Service::Simulators, memory)?;
    if is_up(project, memory) {
        return Ok(());
    }
    if !project::port_is_free(port) {
        return Err(Failure::Missing(format!(
            "Port {port} on 127.0.0.1 is taken by another program. Stop that program, or name another port: {PORT_VARIABLE}=PORT"
        )));
    }
    let folder = project.cloud_folder();
    fs::create_dir_all(&folder).map_err(Failure::file(&folder))?;
    let mut command = Command::new(program(project));
    command.arg("--port").arg(port.to_string()).arg("--state-file").arg(folder.join("exact.json"));
    let pid = processes::start_service(&mut command, &folder.join("simulators.log"))?;
    memory.services.insert(Service::Simulators, Remembered { port, pid: Some(pid) });
    project.remember(memory)?;
    let deadline = Instant::now() + START_PATIENCE;
    while ureq::get(format!("{}/_sim/clock", exact_url(port))).call().is_err() {
        processes::check_interrupt()?;
        if !is_up(project, memory) || Instant::now() > deadline {
            let log = fs::read_to_string(folder.join("simulators.log")).unwrap_or_default();
            processes::stop_group(pid);
            return Err(Failure::State(format!(
                "The ledger simulators did not start:\n{}",
                processes::last_lines(&log, 15)
            )));
        }
        thread::sleep(Duration::from_millis(20));
    }
    register(memory, port)
}

/// Registers our address with the app, as is done once at Exact Online's app centre.
fn register(memory: &Memory, port: u16) -> Result<(), Failure> {
    let Some(cloud) = memory.port(Service::Cloud) else { return Ok(()) };
    let callback = format!("{}/oauth/callback", cloud::api_url(cloud));
    let seed = json!({ "apps": [{ "id": CLIENT_ID, "redirect_uris": [callback] }] });
    let answer = ureq::post(format!("{}/_sim/seed", exact_url(port))).send(seed.to_string());
    answer
        .map(drop)
        .map_err(|error| Failure::Cloud { operation: "the simulator's seed".into(), message: error.to_string() })
}
