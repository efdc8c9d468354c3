//! The stand-ins for the ledgers, as a process beside the local cloud.

use crate::{
    failure::Failure,
    project::{Memory, Project, Remembered, Service},
};

const PORT_VARIABLE: &str = "LEDGERPOST_SIMULATORS_PORT";

/// Starts the simulators; does nothing when they run.
pub fn start(project: &Project, memory: &mut Memory) -> Result<(), Failure> {
    let port = project.port(PORT_VARIABLE, Service::Simulators, memory)?;
    memory.services.insert(Service::Simulators, Remembered { port, pid: None });
    project.remember(memory)
}
