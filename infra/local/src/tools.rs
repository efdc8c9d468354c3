//! Python tools, pinned, installed once into virtual environments under `.local/`.

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
    thread,
    time::Instant,
};

use crate::{failure::Failure, processes, project, project::Project};

/// A virtual environment of ours.
#[derive(Debug, Clone, Copy)]
pub enum Environment {
    /// The local cloud, cargo-lambda, cfn-lint.
    Cloud,
    /// The SAM command line.
    Sam,
}

impl Environment {
    const ALL: [Self; 2] = [Self::Cloud, Self::Sam];

    fn name(self) -> &'static str {
        match self {
            Self::Cloud => "cloud",
            Self::Sam => "sam",
        }
    }

    fn requirements(self) -> (&'static str, &'static str) {
        match self {
            Self::Cloud => ("requirements-cloud.txt", include_str!("../requirements-cloud.txt")),
            Self::Sam => ("requirements-sam.txt", include_str!("../requirements-sam.txt")),
        }
    }

    fn folder(self, project: &Project) -> PathBuf {
        project.kept.join(self.name())
    }

    /// A program of this environment.
    pub fn program(self, project: &Project, name: &str) -> PathBuf {
        self.folder(project).join("bin").join(name)
    }

    fn stamp(self, project: &Project) -> PathBuf {
        self.folder(project).join("installed")
    }

    fn is_installed(self, project: &Project) -> bool {
        fs::read_to_string(self.stamp(project)).is_ok_and(|stamp| stamp == self.fingerprint())
            && self.program(project, "python3").exists()
    }

    fn fingerprint(self) -> String {
        project::fingerprint([self.requirements().1.as_bytes()])
    }

    fn install(self, project: &Project, python: &Path) -> Result<(), Failure> {
        let folder = self.folder(project);
        if folder.exists() {
            fs::remove_dir_all(&folder).map_err(Failure::file(&folder))?;
        }
        let what = format!("making the Python environment {}", folder.display());
        processes::read(Command::new(python).args(["-m", "venv"]).arg(&folder), &what)?;
        let requirements = project.root.join("infra/local").join(self.requirements().0);
        let what = format!(
            "installing {} (pip uses this machine's own settings; is the network, or the mirror they name, reachable?)",
            self.requirements().0
        );
        // Byte code is made when first used: compiling all of it costs more than the download.
        let mut pip = Command::new(self.program(project, "python3"));
        pip.args([
            "-m",
            "pip",
            "install",
            "--quiet",
            "--no-input",
            "--no-compile",
            "--disable-pip-version-check",
            "-r",
        ]);
        processes::read(pip.arg(requirements), &what)?;
        let stamp = self.stamp(project);
        fs::write(&stamp, self.fingerprint()).map_err(Failure::file(&stamp))
    }
}

/// Installs what is not there yet; milliseconds when everything is.
pub fn ensure(project: &Project) -> Result<(), Failure> {
    let absent: Vec<Environment> =
        Environment::ALL.into_iter().filter(|environment| !environment.is_installed(project)).collect();
    if absent.is_empty() {
        return Ok(());
    }
    let python = find_python()?;
    let started = Instant::now();
    println!("Installing the local cloud and its tools into .local/ (once, about a minute) ...");
    thread::scope(|scope| {
        let installs: Vec<_> = absent
            .into_iter()
            .map(|environment| {
                let python = &python;
                (environment, scope.spawn(move || environment.install(project, python)))
            })
            .collect();
        installs.into_iter().try_for_each(|(environment, install)| match install.join() {
            Ok(result) => result,
            Err(_) => Err(Failure::Program { what: format!("installing {environment:?}"), detail: String::new() }),
        })
    })?;
    println!("Installed in {} s.", started.elapsed().as_secs());
    Ok(())
}

/// A Python of 3.10 or later that can make virtual environments.
fn find_python() -> Result<PathBuf, Failure> {
    let wanted =
        "Python 3.10 or later is needed (as `python3` on the PATH; another one: LEDGERPOST_PYTHON=/path/to/python3)";
    let given = env::var_os("LEDGERPOST_PYTHON").filter(|given| !given.is_empty());
    let python = given.map_or_else(|| PathBuf::from("python3"), PathBuf::from);
    let asked = Command::new(&python)
        .args(["-c", "import sys; print('%d.%d' % sys.version_info[:2]); import venv, ensurepip"])
        .output();
    let Ok(answer) = asked else {
        return Err(Failure::Missing(format!("{wanted}, and {} can't be started.", python.display())));
    };
    let version = String::from_utf8_lossy(&answer.stdout).trim().to_owned();
    if !is_recent(&version) {
        let found =
            if version.is_empty() { "something that isn't Python".to_owned() } else { format!("Python {version}") };
        return Err(Failure::Missing(format!("{wanted}, and {} is {found}.", python.display())));
    }
    if !answer.status.success() {
        return Err(Failure::Missing(format!(
            "Python {version} can't make virtual environments; on Debian and Ubuntu install the package python3-venv."
        )));
    }
    Ok(python)
}

fn is_recent(version: &str) -> bool {
    let mut numbers = version.split('.').map(|part| part.parse::<u32>().unwrap_or_default());
    (numbers.next().unwrap_or_default(), numbers.next().unwrap_or_default()) >= (3, 10)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn versions_compare_as_numbers() {
        for (version, recent) in
            [("3.9", false), ("3.10", true), ("3.14", true), ("4.0", true), ("2.7", false), ("", false)]
        {
            assert_eq!(is_recent(version), recent, "{version}");
        }
    }

    #[test]
    fn every_requirement_is_pinned() {
        for environment in Environment::ALL {
            let lines = environment.requirements().1.lines().filter(|line| !line.starts_with('#'));
            assert!(lines.into_iter().all(|line| line.contains("==")), "{environment:?}");
        }
    }
}
