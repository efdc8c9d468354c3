//! Whole-system tests, run by `cargo local test`: the real template and the real binaries on a local cloud of the tests' own,
//! spoken to as a client does. Few and broad; what one function does is tested beside it.

mod documents;
mod ground;
mod mails;
mod requests;
mod survival;
mod tokens;

use std::{fs, time::Instant};

use crate::{
    failure::Failure,
    processes,
    project::{Instance, Project},
    services,
};
use ground::Ground;

/// A test: what it shows, and how.
type Case = (&'static str, fn(&mut Ground) -> Result<(), Failure>);

/// All of them, in this order. The last one stops and starts the cloud under the others' feet.
const CASES: [Case; 14] = [
    ("an invoice is posted, another waits, a third is refused by the ledger", documents::main_path),
    ("the same invoice twice is booked once", documents::twice),
    ("what cannot be read becomes a document that says why", documents::bad_input),
    ("XML in other encodings is posted, and refused as text", documents::encodings),
    ("files that are too large are refused", documents::too_large),
    ("an event on the bus works beside the API", documents::event),
    ("an accepted invoice is mailed to the accounting package, byte for byte", mails::accepted),
    ("no token, a tampered, a foreign and an expired one are refused", tokens::refused),
    ("an access token is no ID token", tokens::access_token),
    ("a role without the right is told so", requests::rights),
    ("another tenant's ids name nothing", requests::other_tenant),
    ("a key that comes again with another body is refused", requests::replayed_key),
    ("an edit of what has changed since is refused", requests::old_version),
    ("everything survives down and up", survival::down_and_up),
];

/// Runs them all on a fresh cloud, which is thrown away unless something failed. The programs must have been built.
pub fn run() -> Result<(), Failure> {
    let project = Project::open(Instance::Test)?;
    forget(&project)?;
    // Remembered things live in the folder that was just removed.
    let project = Project::open(Instance::Test)?;
    let started = Instant::now();
    let outcome = Ground::prepare(&project).and_then(|mut ground| cases(&mut ground));
    services::stop_all(&project, &mut project.memory()?)?;
    let failed = outcome?;
    let passed = CASES.len() - failed.len();
    println!("whole-system tests: {passed} passed, {} failed; {:.1} s", failed.len(), started.elapsed().as_secs_f64());
    if failed.is_empty() {
        return forget(&project);
    }
    println!("What the functions logged stays in {}.", crate::project::Service::Cloud.log(&project).display());
    Err(Failure::Checks(format!("failed: {}", failed.join("; "))))
}

fn cases(ground: &mut Ground) -> Result<Vec<&'static str>, Failure> {
    let mut failed = Vec::new();
    for (name, case) in CASES {
        processes::check_interrupt()?;
        let started = Instant::now();
        match case(ground) {
            Ok(()) => println!("test {name} ... ok ({:.1} s)", started.elapsed().as_secs_f64()),
            Err(Failure::Interrupted) => return Err(Failure::Interrupted),
            Err(failure) => {
                println!("test {name} ... FAILED\n  {failure}");
                failed.push(name);
            }
        }
    }
    Ok(failed)
}

fn forget(project: &Project) -> Result<(), Failure> {
    services::stop_all(project, &mut project.memory()?)?;
    let folder = project.cloud_folder();
    match fs::remove_dir_all(folder) {
        Err(error) if error.kind() != std::io::ErrorKind::NotFound => Err(Failure::file(folder)(error)),
        Ok(()) | Err(_) => Ok(()),
    }
}
