//! Running other programs: to their end, or as services in a process group of their own that can be stopped whole.

use std::{
    fs, io,
    path::Path,
    process::{Child, Command, Stdio},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::{Duration, Instant},
};

use crate::failure::Failure;

/// Groups that the running command has started and that go down with it when it is interrupted.
static STARTED: Mutex<Vec<u32>> = Mutex::new(Vec::new());
/// Programs that the running command waits for.
static AWAITED: Mutex<Vec<u32>> = Mutex::new(Vec::new());
static INTERRUPTED: AtomicBool = AtomicBool::new(false);

/// How long a service gets to save its state.
const STOP_PATIENCE: Duration = Duration::from_secs(20);

/// From now on Ctrl-C (and SIGTERM) stops what this command has started before it ends.
pub fn stop_on_interrupt() -> Result<(), Failure> {
    ctrlc::set_handler(|| {
        INTERRUPTED.store(true, Ordering::SeqCst);
        eprintln!("\nInterrupted; stopping what was started ...");
        // Ctrl-C reaches these as well; a signal to this process alone does not.
        for program in AWAITED.lock().unwrap_or_else(PoisonError::into_inner).drain(..) {
            signal("TERM", &program.to_string());
        }
        stop_started();
        std::process::exit(130);
    })
    .map_err(Failure::unexpected("the handler for Ctrl-C"))
}

/// Ends with [`Failure::Interrupted`] once Ctrl-C was pressed; for loops that wait.
pub fn check_interrupt() -> Result<(), Failure> {
    if INTERRUPTED.load(Ordering::SeqCst) { Err(Failure::Interrupted) } else { Ok(()) }
}

/// Once Ctrl-C was pressed: leaves the end of the process to the handler, which is still stopping what was started. Whatever
/// the command came to meanwhile came of that.
pub fn leave_the_end_to_an_interrupt() {
    while INTERRUPTED.load(Ordering::SeqCst) {
        thread::park();
    }
}

/// Stops what the command has started: it did not come to its end.
pub fn stop_started() {
    let groups: Vec<u32> = STARTED.lock().unwrap_or_else(PoisonError::into_inner).drain(..).collect();
    for group in groups {
        stop_group(group);
    }
}

/// The command is through: what it started may go on without it.
pub fn let_run() {
    STARTED.lock().unwrap_or_else(PoisonError::into_inner).clear();
}

/// Runs a program to its end, its output going where ours goes.
pub fn run(command: &mut Command, what: &str) -> Result<(), Failure> {
    let status = awaited(command, |mut child| child.wait())?;
    check_interrupt()?;
    if status.success() {
        return Ok(());
    }
    Err(Failure::Program { what: what.to_owned(), detail: format!(" ({status})") })
}

/// Runs a program to its end and returns what it printed; what it said is in the failure.
pub fn read(command: &mut Command, what: &str) -> Result<String, Failure> {
    command.stdin(Stdio::null()).stdout(Stdio::piped()).stderr(Stdio::piped());
    let output = awaited(command, Child::wait_with_output)?;
    check_interrupt()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        return Ok(text);
    }
    let said = format!("{text}{}", String::from_utf8_lossy(&output.stderr));
    Err(Failure::Program { what: what.to_owned(), detail: format!(":\n{}", last_lines(&said, 25)) })
}

/// Starts a program and waits for it, in a way that an interrupt can end.
fn awaited<T>(command: &mut Command, wait: impl FnOnce(Child) -> io::Result<T>) -> Result<T, Failure> {
    let child = command.spawn().map_err(|error| not_started(command, &error))?;
    let pid = child.id();
    AWAITED.lock().unwrap_or_else(PoisonError::into_inner).push(pid);
    let outcome = wait(child);
    AWAITED.lock().unwrap_or_else(PoisonError::into_inner).retain(|awaited| *awaited != pid);
    outcome.map_err(|error| not_started(command, &error))
}

fn not_started(command: &Command, error: &std::io::Error) -> Failure {
    Failure::Missing(format!("{} can't be started: {error}", command.get_program().to_string_lossy()))
}

/// The end of a text.
pub fn last_lines(text: &str, count: usize) -> String {
    let lines: Vec<&str> = text.lines().filter(|line| !line.trim().is_empty()).collect();
    lines[lines.len().saturating_sub(count)..].join("\n")
}

/// A service that this command has started.
#[derive(Debug)]
pub struct Started {
    /// The process, which is also its group.
    pub pid: u32,
    ended: Arc<AtomicBool>,
}

impl Started {
    /// Whether the process has ended.
    pub fn has_ended(&self) -> bool {
        self.ended.load(Ordering::SeqCst)
    }
}

/// Starts a service in its own process group, so that it outlives this command and can be stopped with all its children.
pub fn start_service(command: &mut Command, log: &Path) -> Result<Started, Failure> {
    use std::os::unix::process::CommandExt as _;
    let file = fs::File::options().create(true).append(true).open(log).map_err(Failure::file(log))?;
    let errors = file.try_clone().map_err(Failure::file(log))?;
    command.stdin(Stdio::null()).stdout(file).stderr(errors).process_group(0);
    let mut child = command.spawn().map_err(|error| not_started(command, &error))?;
    let started = Started { pid: child.id(), ended: Arc::default() };
    STARTED.lock().unwrap_or_else(PoisonError::into_inner).push(started.pid);
    // Waited for in the background: until then an ended process would look alive to whoever stops it.
    let ended = Arc::clone(&started.ended);
    thread::spawn(move || {
        let status = child.wait();
        ended.store(true, Ordering::SeqCst);
        status
    });
    Ok(started)
}

/// Whether `pid` is alive and is a process whose command line names `mark` (numbers are used again by the system).
pub fn is_running(pid: u32, mark: &str) -> bool {
    let known = match fs::read(format!("/proc/{pid}/cmdline")) {
        Ok(bytes) => String::from_utf8_lossy(&bytes).replace('\0', " "),
        Err(_) => Command::new("ps")
            .args(["-o", "command=", "-p", &pid.to_string()])
            .stderr(Stdio::null())
            .output()
            .map(|output| String::from_utf8_lossy(&output.stdout).into_owned())
            .unwrap_or_default(),
    };
    known.contains(mark)
}

/// Asks a process group to end, waits, and ends it.
pub fn stop_group(pid: u32) {
    let group = format!("-{pid}");
    signal("TERM", &group);
    let deadline = Instant::now() + STOP_PATIENCE;
    while Instant::now() < deadline {
        if !signal("0", &group) {
            return;
        }
        thread::sleep(Duration::from_millis(50));
    }
    signal("KILL", &group);
}

/// Sends a signal to a process, or with a minus to a group, through the shell, whose `kill` is built in; false when there is none.
fn signal(name: &str, whom: &str) -> bool {
    Command::new("sh")
        .args(["-c", &format!("kill -{name} {whom}")])
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .status()
        .is_ok_and(|status| status.success())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_service_goes_down_with_its_children() {
        let log = std::env::temp_dir().join(format!("ledgerpost-service-{}.log", std::process::id()));
        let started = start_service(Command::new("sh").args(["-c", "sleep 61 & sleep 62"]), &log).unwrap();
        let deadline = Instant::now() + Duration::from_secs(5);
        while !is_running(started.pid, "sleep 62") && Instant::now() < deadline {
            thread::sleep(Duration::from_millis(5));
        }
        assert!(is_running(started.pid, "sleep 62"));
        assert!(!is_running(started.pid, "another program"));
        stop_group(started.pid);
        assert!(!is_running(started.pid, "sleep 62"));
        fs::remove_file(log).unwrap();
    }

    #[test]
    fn failures_say_what_the_program_said() {
        let failure =
            read(Command::new("sh").args(["-c", "echo first; echo last >&2; exit 3"]), "the try").unwrap_err();
        assert_eq!(failure.to_string(), "the try failed:\nfirst\nlast");
        let missing = read(&mut Command::new("no-such-program-here"), "the try").unwrap_err();
        assert!(missing.to_string().starts_with("no-such-program-here can't be started"));
    }

    #[test]
    fn only_the_end_is_shown() {
        assert_eq!(last_lines("a\n\nb\nc\n", 2), "b\nc");
        assert_eq!(last_lines("a", 5), "a");
    }
}
