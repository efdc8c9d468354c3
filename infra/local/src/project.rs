//! Where things are, what is remembered between commands, and that only one command changes it at a time.

use std::{
    collections::BTreeMap,
    fs,
    hash::{DefaultHasher, Hash, Hasher},
    net::{Ipv4Addr, TcpListener},
    path::{Path, PathBuf},
    time::SystemTime,
};

use serde::{Deserialize, Serialize};

use crate::failure::Failure;

/// The variable that names another port for the mailbox.
const MAILBOX_PORT: &str = "LEDGERPOST_MAILBOX_PORT";

/// The checkout that this program was built from.
#[derive(Debug, Clone)]
pub struct Project {
    /// The workspace's folder.
    pub root: PathBuf,
    /// Everything these commands install or remember; never under version control.
    pub kept: PathBuf,
    cloud: PathBuf,
}

/// A local cloud of its own: state, ports, processes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Instance {
    /// The one that people use.
    Up,
    /// The one that tests use and throw away.
    Test,
}

impl Instance {
    fn folder(self) -> &'static str {
        match self {
            Self::Up => "up",
            Self::Test => "test",
        }
    }
}

impl Project {
    /// Finds the checkout and makes the folders for what is kept.
    pub fn open(instance: Instance) -> Result<Self, Failure> {
        let here = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = here.ancestors().nth(2).unwrap_or(here).to_path_buf();
        Self::at(root, instance)
    }

    fn at(root: PathBuf, instance: Instance) -> Result<Self, Failure> {
        let kept = root.join(".local");
        let cloud = kept.join(instance.folder());
        fs::create_dir_all(&cloud).map_err(Failure::file(&cloud))?;
        Ok(Self { root, kept, cloud })
    }

    /// Where cargo leaves what it builds.
    pub fn target(&self) -> PathBuf {
        match std::env::var_os("CARGO_TARGET_DIR") {
            Some(folder) => self.root.join(folder),
            None => self.root.join("target"),
        }
    }

    /// State of the local cloud and its logs.
    pub fn cloud_folder(&self) -> &Path {
        &self.cloud
    }

    /// Keeps other commands of this checkout out until the returned file is dropped.
    pub fn lock(&self) -> Result<fs::File, Failure> {
        let path = self.kept.join("lock");
        let file = fs::File::create(&path).map_err(Failure::file(&path))?;
        if file.try_lock().is_err() {
            eprintln!("Waiting for another `cargo local` in this checkout ...");
            file.lock().map_err(Failure::file(&path))?;
        }
        Ok(file)
    }

    /// What earlier commands left; the default when there was none.
    pub fn memory(&self) -> Result<Memory, Failure> {
        let path = self.memory_path();
        match fs::read(&path) {
            Ok(bytes) => serde_json::from_slice(&bytes).map_err(Failure::unexpected(&path.display().to_string())),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Memory::default()),
            Err(source) => Err(Failure::File { path, source }),
        }
    }

    /// Remembers for the next command.
    pub fn remember(&self, memory: &Memory) -> Result<(), Failure> {
        let path = self.memory_path();
        let bytes = serde_json::to_vec_pretty(memory).map_err(Failure::unexpected("memory.json"))?;
        write_whole(&path, &bytes)
    }

    fn memory_path(&self) -> PathBuf {
        self.cloud.join("memory.json")
    }

    /// The port for `service`: what the variable says, else what was used last, else a free one near a number made from the
    /// checkout's path, so that two checkouts run side by side and keep their addresses.
    pub fn port(&self, service: Service, memory: &Memory) -> Result<u16, Failure> {
        self.port_for(service, service.port_variable(), memory.port(service), memory)
    }

    /// The port on which the simulators' mailbox takes mails, chosen in the same way.
    pub fn mailbox_port(&self, memory: &Memory) -> Result<u16, Failure> {
        self.port_for("mailbox", MAILBOX_PORT, memory.mailbox, memory)
    }

    fn port_for(
        &self,
        what: impl Hash,
        variable: &str,
        remembered: Option<u16>,
        memory: &Memory,
    ) -> Result<u16, Failure> {
        if let Some(given) = std::env::var_os(variable) {
            let given = given.to_string_lossy();
            return match given.parse() {
                Ok(0) | Err(_) => Err(Failure::Usage(format!("{variable}={given} is not a port"))),
                Ok(port) => Ok(port),
            };
        }
        if let Some(port) = remembered {
            return Ok(port);
        }
        let mut hasher = DefaultHasher::new();
        (&self.cloud, what).hash(&mut hasher);
        // Below the range that systems hand out to outgoing connections.
        let start = 20_000 + u16::try_from(hasher.finish() % 10_000).unwrap_or_default();
        // One of ours that nobody listens at yet is not free.
        let free = |port: &u16| !memory.ports().any(|ours| ours == *port) && port_is_free(*port);
        (start..start + 100).find(free).ok_or_else(|| {
            Failure::Missing(format!("No free port from {start} on 127.0.0.1. Name one with {variable}=PORT."))
        })
    }
}

/// A process of the local cloud that goes on after the command that started it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "kebab-case")]
pub enum Service {
    /// The stand-in for AWS.
    Cloud,
    /// The stand-ins for the ledgers.
    Simulators,
}

/// What is remembered of a service.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Remembered {
    /// Where it listens on 127.0.0.1; kept for good, since stored addresses name it.
    pub port: u16,
    /// The process and its group while it runs.
    pub pid: Option<u32>,
    /// When the program was built that runs.
    #[serde(default)]
    pub built: Option<SystemTime>,
}

/// What is remembered between commands.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Memory {
    /// Ports and processes.
    pub services: BTreeMap<Service, Remembered>,
    /// Where the simulators' mailbox takes mails.
    pub mailbox: Option<u16>,
    /// Hash of what was deployed last (template, parameters, binaries).
    pub deployed: Option<String>,
    /// The stack's outputs.
    pub outputs: BTreeMap<String, String>,
}

impl Memory {
    /// The port of a service that has been started once.
    pub fn port(&self, service: Service) -> Option<u16> {
        self.services.get(&service).map(|remembered| remembered.port)
    }

    fn ports(&self) -> impl Iterator<Item = u16> {
        self.services.values().map(|remembered| remembered.port).chain(self.mailbox)
    }
}

/// Whether nobody listens there.
pub fn port_is_free(port: u16) -> bool {
    TcpListener::bind((Ipv4Addr::LOCALHOST, port)).is_ok()
}

/// Writes a file so that a reader sees the old bytes or the new ones, never half.
pub fn write_whole(path: &Path, bytes: &[u8]) -> Result<(), Failure> {
    let beside = path.with_extension("new");
    fs::write(&beside, bytes).map_err(Failure::file(&beside))?;
    fs::rename(&beside, path).map_err(Failure::file(path))
}

/// A short name for some bytes; equal bytes have equal names.
pub fn fingerprint<'a>(parts: impl IntoIterator<Item = &'a [u8]>) -> String {
    let mut hasher = DefaultHasher::new();
    for part in parts {
        part.hash(&mut hasher);
    }
    format!("{:016x}", hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn project(name: &str) -> Project {
        Project::at(std::env::temp_dir().join(format!("ledgerpost-{name}-{}", std::process::id())), Instance::Test)
            .unwrap()
    }

    #[test]
    fn memory_survives_and_starts_empty() {
        let project = project("memory");
        let mut memory = project.memory().unwrap();
        assert!(memory.services.is_empty());
        memory.services.insert(Service::Cloud, Remembered { port: 20_001, pid: None, built: None });
        project.remember(&memory).unwrap();
        assert_eq!(project.memory().unwrap().port(Service::Cloud), Some(20_001));
        fs::remove_dir_all(&project.root).unwrap();
    }

    #[test]
    fn a_port_in_use_is_not_taken_and_a_remembered_one_stays() {
        let project = project("ports");
        let mut memory = Memory::default();
        let first = project.port(Service::Cloud, &memory).unwrap();
        let taken = TcpListener::bind((Ipv4Addr::LOCALHOST, first)).unwrap();
        assert!(!port_is_free(first));
        assert_ne!(project.port(Service::Cloud, &memory).unwrap(), first);
        memory.services.insert(Service::Cloud, Remembered { port: first, pid: None, built: None });
        assert_eq!(project.port(Service::Cloud, &memory).unwrap(), first);
        drop(taken);
        // A port of ours is kept for what it was chosen for, whoever listens.
        let mailbox = project.mailbox_port(&memory).unwrap();
        memory.services.insert(Service::Simulators, Remembered { port: mailbox, pid: None, built: None });
        assert_ne!(project.mailbox_port(&memory).unwrap(), mailbox);
        memory.mailbox = Some(mailbox);
        assert_eq!(project.mailbox_port(&memory).unwrap(), mailbox);
        fs::remove_dir_all(&project.root).unwrap();
    }

    #[test]
    fn fingerprints_tell_contents_apart() {
        assert_eq!(fingerprint([b"a".as_slice()]), fingerprint([b"a".as_slice()]));
        assert_ne!(fingerprint([b"a".as_slice(), b"b"]), fingerprint([b"ab".as_slice()]));
    }
}
