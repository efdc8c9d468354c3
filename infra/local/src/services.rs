//! The two services of the local cloud: how each is started, seen to answer, and stopped.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant, SystemTime},
};

use crate::{
    failure::Failure,
    processes,
    project::{self, Memory, Project, Remembered, Service},
    simulators,
    tools::Environment,
};

const PATIENCE: Duration = Duration::from_mins(1);

impl Service {
    /// The variable that names another port.
    pub fn port_variable(self) -> &'static str {
        match self {
            Self::Cloud => "LEDGERPOST_PORT",
            Self::Simulators => "LEDGERPOST_SIMULATORS_PORT",
        }
    }

    /// The program, which the process's command line names.
    pub fn program(self, project: &Project) -> PathBuf {
        match self {
            Self::Cloud => Environment::Cloud.program(project, "ministack"),
            Self::Simulators => simulators::program(project),
        }
    }

    /// Where it writes what it does.
    pub fn log(self, project: &Project) -> PathBuf {
        project.cloud_folder().join(match self {
            Self::Cloud => "cloud.log",
            Self::Simulators => "simulators.log",
        })
    }

    fn ready_path(self) -> &'static str {
        match self {
            Self::Cloud => "/_ministack/ready",
            Self::Simulators => "/",
        }
    }
}

/// An address on this machine.
pub fn url(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// Whether the service that is remembered runs.
pub fn is_up(project: &Project, memory: &Memory, service: Service) -> bool {
    let pid = memory.services.get(&service).and_then(|remembered| remembered.pid);
    pid.is_some_and(|pid| processes::is_running(pid, &service.program(project).display().to_string()))
}

fn built(project: &Project, service: Service) -> Option<SystemTime> {
    fs::metadata(service.program(project)).and_then(|program| program.modified()).ok()
}

/// Stops a service whose program has been built anew since it was started; it keeps its state.
pub fn stop_outdated(project: &Project, memory: &mut Memory, service: Service) {
    let Some(remembered) = memory.services.get_mut(&service) else { return };
    if remembered.built != built(project, service)
        && let Some(pid) = remembered.pid
        && processes::is_running(pid, &service.program(project).display().to_string())
    {
        processes::stop_group(pid);
        remembered.pid = None;
    }
}

/// Stops a service if it runs; it keeps its state.
pub fn stop(project: &Project, memory: &mut Memory, service: Service) {
    let running = is_up(project, memory, service);
    let Some(remembered) = memory.services.get_mut(&service) else { return };
    if let Some(pid) = remembered.pid.take()
        && running
    {
        processes::stop_group(pid);
    }
}

/// Starts a service at `port` and waits until it answers.
pub fn start(
    project: &Project,
    memory: &mut Memory,
    service: Service,
    port: u16,
    command: &mut Command,
) -> Result<(), Failure> {
    if !project::port_is_free(port) {
        return Err(Failure::Missing(format!(
            "Port {port} on 127.0.0.1 is taken by another program. Stop that program, or name another port with {}=PORT \
             (kept state keeps its port: `cargo local down --forget` drops both).",
            service.port_variable()
        )));
    }
    let log = service.log(project);
    let started = processes::start_service(command, &log)?;
    let built = built(project, service);
    memory.services.insert(service, Remembered { port, pid: Some(started.pid), built });
    project.remember(memory)?;
    let address = format!("{}{}", url(port), service.ready_path());
    let deadline = Instant::now() + PATIENCE;
    while ureq::get(&address).call().is_err() {
        processes::check_interrupt()?;
        if started.has_ended() || Instant::now() > deadline {
            processes::stop_group(started.pid);
            let said = fs::read_to_string(&log).unwrap_or_default();
            return Err(Failure::State(format!(
                "{} did not start:\n{}",
                service.program(project).display(),
                processes::last_lines(&said, 15)
            )));
        }
        thread::sleep(Duration::from_millis(20));
    }
    Ok(())
}

/// Stops everything that is remembered as running and keeps its state. Says how many ran.
pub fn stop_all(project: &Project, memory: &mut Memory) -> Result<usize, Failure> {
    let mut stopped = 0;
    for service in [Service::Simulators, Service::Cloud] {
        let running = is_up(project, memory, service);
        let Some(remembered) = memory.services.get_mut(&service) else { continue };
        let Some(pid) = remembered.pid.take() else { continue };
        if running {
            processes::stop_group(pid);
            stopped += 1;
        } else if service == Service::Cloud {
            // It ended without being asked to and saved nothing: what was deployed may be gone.
            memory.deployed = None;
        }
    }
    project.remember(memory)?;
    Ok(stopped)
}
