//! `cargo local env`: what a shell needs to run functions one at a time with `cargo lambda` against the local cloud.

use std::{fs, os::unix::fs::symlink, path::Path};

use crate::{
    cloud,
    failure::Failure,
    project::{Memory, Project, Service},
    services,
    tools::Environment,
};

/// The file in which a deployment leaves the functions' variables, a `NAME=value` a line.
pub const FILE: &str = "functions.env";

/// Lines for `eval`: the functions' variables, and a PATH with cargo-lambda.
pub fn lines(project: &Project, memory: &Memory) -> Result<String, Failure> {
    if !services::is_up(project, memory, Service::Cloud) || memory.deployed.is_none() {
        return Err(Failure::State("The local cloud isn't up. Run `cargo local up`.".into()));
    }
    let path = project.cloud_folder().join(FILE);
    let variables = fs::read_to_string(&path).map_err(Failure::file(&path))?;
    let tools = project.kept.join("bin");
    link(&Environment::Cloud.program(project, "cargo-lambda"), &tools)?;
    Ok(exports(&variables, &tools))
}

/// Puts a program alone into a folder: the one where it is installed has a Python, which would stand before the user's own.
fn link(program: &Path, folder: &Path) -> Result<(), Failure> {
    let at = folder.join("cargo-lambda");
    if fs::read_link(&at).is_ok_and(|to| to == program) {
        return Ok(());
    }
    fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    if at.is_symlink() {
        fs::remove_file(&at).map_err(Failure::file(&at))?;
    }
    symlink(program, &at).map_err(Failure::file(&at))
}

fn exports(variables: &str, tools: &Path) -> String {
    let unset = format!("unset {}", cloud::FOREIGN.join(" "));
    let set = variables.lines().filter_map(|line| line.split_once('='));
    let set = set.map(|(name, value)| format!("export {name}={}", quoted(value)));
    let path = format!("export PATH={}:\"$PATH\"", quoted(&tools.display().to_string()));
    std::iter::once(unset).chain(set).chain([path]).collect::<Vec<_>>().join("\n")
}

/// As one word of a shell.
fn quoted(text: &str) -> String {
    format!("'{}'", text.replace('\'', r"'\''"))
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::process::Command;

    #[test]
    fn a_shell_takes_the_lines_as_they_are_meant() {
        let lines = exports("A=one two\nB=it's $HOME=x\n", Path::new("/tools of/mine"));
        let script =
            format!("AWS_PROFILE=mine\n{lines}\nprintf '%s|%s|%s|%s' \"$A\" \"$B\" \"$PATH\" \"$AWS_PROFILE\"");
        let said = Command::new("/bin/sh").args(["-c", &script]).env("PATH", "/bin").output().unwrap();
        assert_eq!(String::from_utf8(said.stdout).unwrap(), "one two|it's $HOME=x|/tools of/mine:/bin|");
    }
}
