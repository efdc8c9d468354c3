//! Requests to AWS, or to the local cloud that plays it, through the SDK of the installed tools: signing, profiles and
//! single sign-on work as for any AWS tool, and this program needs none of it.

use std::{
    io::{BufRead as _, BufReader, Write as _},
    process::{Child, ChildStdin, ChildStdout, Command, Stdio},
};

use serde_json::{Value, json};

use crate::{
    cloud,
    failure::Failure,
    project::{Memory, Project, Service},
    services,
    tools::Environment,
};

/// A conversation with AWS.
#[derive(Debug)]
pub struct Aws {
    process: Child,
    requests: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Aws {
    /// Talks to the local cloud, which must be up.
    pub fn local(project: &Project, memory: &Memory) -> Result<Self, Failure> {
        let port = memory.port(Service::Cloud).filter(|_| services::is_up(project, memory, Service::Cloud));
        let port = port.ok_or_else(|| Failure::State("The local cloud isn't up. Run `cargo local up`.".into()))?;
        let mut command = Self::command(project);
        cloud::point_at_local_cloud(&mut command, project, port);
        Self::open(command)
    }

    /// Talks to AWS with the credentials that AWS tools find on this machine.
    pub fn real(project: &Project) -> Result<Self, Failure> {
        Self::open(Self::command(project))
    }

    fn command(project: &Project) -> Command {
        let mut command = Command::new(Environment::Cloud.program(project, "python3"));
        command.args(["-c", include_str!("aws.py")]);
        command
    }

    fn open(mut command: Command) -> Result<Self, Failure> {
        let mut process = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .map_err(|error| Failure::Missing(format!("The AWS SDK under .local/ can't be started: {error}")))?;
        let (Some(requests), Some(answers)) = (process.stdin.take(), process.stdout.take()) else {
            return Err(Failure::Missing("The AWS SDK under .local/ can't be talked to.".into()));
        };
        Ok(Self { process, requests, answers: BufReader::new(answers) })
    }

    /// One request, by the SDK's names: `call("sqs", "get_queue_attributes", json!({..}))`.
    pub fn call(&mut self, service: &str, operation: &str, parameters: &Value) -> Result<Value, Failure> {
        let name = format!("{service}.{operation}");
        let mut answer = String::new();
        let line = format!("{}\n", json!([service, operation, parameters]));
        self.requests
            .write_all(line.as_bytes())
            .and_then(|()| self.answers.read_line(&mut answer))
            .map_err(Failure::unexpected(&name))?;
        let mut answer: Value = serde_json::from_str(&answer).map_err(Failure::unexpected(&name))?;
        match answer.get_mut("ok") {
            Some(ok) => Ok(ok.take()),
            None => Err(Failure::Cloud {
                operation: name,
                message: format!("{} ({})", text(&answer, "/message"), text(&answer, "/code")),
            }),
        }
    }
}

impl Drop for Aws {
    fn drop(&mut self) {
        // Nothing is under way: each request has been answered.
        let _ended = self.process.kill().and_then(|()| self.process.wait());
    }
}

/// A text inside a JSON value; empty when it isn't there.
pub fn text<'a>(value: &'a Value, pointer: &str) -> &'a str {
    value.pointer(pointer).and_then(Value::as_str).unwrap_or_default()
}
