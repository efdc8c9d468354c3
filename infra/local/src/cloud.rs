//! The stand-in for AWS: started, stopped and brought back with its state.

use std::{
    fs,
    path::PathBuf,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use crate::{
    failure::Failure,
    processes,
    project::{self, Memory, Project, Remembered, Service},
    simulators,
    tools::Environment,
};

/// The region that the local cloud plays.
pub const REGION: &str = "eu-west-1";
/// The name of the stack, here and in README's deployment to AWS.
pub const STACK: &str = "ledgerpost";

const PORT_VARIABLE: &str = "LEDGERPOST_PORT";
const START_PATIENCE: Duration = Duration::from_mins(1);

/// Address of the local cloud for AWS clients.
pub fn endpoint(port: u16) -> String {
    format!("http://127.0.0.1:{port}")
}

/// The API's address on the local cloud, known before it is deployed and in the form that needs no name resolution.
pub fn api_url(port: u16) -> String {
    format!("{}/_aws/execute-api/{}", endpoint(port), api_id(port))
}

/// Eight hexadecimal digits, the only shape of an API's id that the local cloud takes.
pub fn api_id(port: u16) -> String {
    format!("1ed9{port:04x}")
}

/// Makes a program talk to the local cloud and to nothing else: no profile, key or proxy of this machine's user gets in.
pub fn point_at_local_cloud<'a>(command: &'a mut Command, project: &Project, port: u16) -> &'a mut Command {
    for variable in
        ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"]
    {
        command.env_remove(variable);
    }
    let nothing = project.kept.join("no-aws-configuration");
    command
        .env("AWS_ENDPOINT_URL", endpoint(port))
        .env("AWS_ACCESS_KEY_ID", "test")
        .env("AWS_SECRET_ACCESS_KEY", "test")
        .env("AWS_REGION", REGION)
        .env("AWS_DEFAULT_REGION", REGION)
        .env("AWS_CONFIG_FILE", &nothing)
        .env("AWS_SHARED_CREDENTIALS_FILE", &nothing)
        .env("AWS_EC2_METADATA_DISABLED", "true")
        .env("NO_PROXY", "127.0.0.1,localhost,.localhost")
        .env("no_proxy", "127.0.0.1,localhost,.localhost")
        .env("SAM_CLI_TELEMETRY", "0")
        .env("SAM_CLI_POLL_DELAY", "0.2")
        .env("__SAM_CLI_APP_DIR", project.kept.join("sam-settings"))
}

/// Where the local cloud writes what it does; lines of functions are in it too.
pub fn log_file(project: &Project) -> PathBuf {
    project.cloud_folder().join("cloud.log")
}

/// Whether the local cloud that is remembered runs.
pub fn is_up(project: &Project, memory: &Memory) -> bool {
    memory.services.get(&Service::Cloud).and_then(|cloud| cloud.pid).is_some_and(|pid| {
        processes::is_running(pid, &Environment::Cloud.program(project, "ministack").display().to_string())
    })
}

/// The port that the local cloud has or will have.
pub fn port(project: &Project, memory: &Memory) -> Result<u16, Failure> {
    let port = project.port(PORT_VARIABLE, Service::Cloud, memory)?;
    match memory.port(Service::Cloud) {
        // Stored queue addresses name the port.
        Some(kept) if kept != port => Err(Failure::State(format!(
            "The kept state belongs to port {kept}, not {port}. Unset {PORT_VARIABLE}, or drop the state with `cargo local down --forget`."
        ))),
        _ => Ok(port),
    }
}

/// Starts the local cloud with the state it had; does nothing when it runs.
pub fn start(project: &Project, memory: &mut Memory) -> Result<u16, Failure> {
    let port = port(project, memory)?;
    if is_up(project, memory) {
        return Ok(port);
    }
    if memory.services.get(&Service::Cloud).is_some_and(|cloud| cloud.pid.is_some()) {
        // It ended without being asked to and saved nothing: what was deployed may be gone.
        memory.deployed = None;
    }
    if !project::port_is_free(port) {
        return Err(Failure::Missing(format!(
            "Port {port} on 127.0.0.1 is taken by another program. Stop that program, or name another port: {PORT_VARIABLE}=PORT"
        )));
    }
    let folder = project.cloud_folder();
    let scratch = folder.join("tmp");
    fs::create_dir_all(&scratch).map_err(Failure::file(&scratch))?;
    replay_streams(project)?;

    let mut command = Command::new(Environment::Cloud.program(project, "ministack"));
    point_at_local_cloud(&mut command, project, port)
        .env("GATEWAY_PORT", port.to_string())
        .env("BIND_HOST", "127.0.0.1")
        .env("MINISTACK_REGION", REGION)
        .env("LAMBDA_EXECUTOR", "local")
        .env("IOT_MTLS_ENABLED", "0")
        .env("PERSIST_STATE", "1")
        .env("S3_PERSIST", "1")
        .env("STATE_DIR", folder.join("state"))
        .env("S3_DATA_DIR", folder.join("s3"))
        .env("TMPDIR", scratch);
    let pid = processes::start_service(&mut command, &log_file(project))?;
    memory.services.insert(Service::Cloud, Remembered { port, pid: Some(pid) });
    project.remember(memory)?;

    let deadline = Instant::now() + START_PATIENCE;
    while ureq::get(format!("{}/_ministack/ready", endpoint(port))).call().is_err() {
        processes::check_interrupt()?;
        if !is_up(project, memory) || Instant::now() > deadline {
            let log = fs::read_to_string(log_file(project)).unwrap_or_default();
            processes::stop_group(pid);
            return Err(Failure::State(format!("The local cloud did not start:\n{}", processes::last_lines(&log, 15))));
        }
        thread::sleep(Duration::from_millis(50));
    }
    Ok(port)
}

/// Stops everything that is remembered as running and keeps its state.
pub fn stop(project: &Project, memory: &mut Memory) -> Result<usize, Failure> {
    let mut stopped = 0;
    for (service, remembered) in &mut memory.services {
        let Some(pid) = remembered.pid.take() else { continue };
        let mark = match service {
            Service::Cloud => Environment::Cloud.program(project, "ministack"),
            Service::Simulators => simulators::program(project),
        };
        if processes::is_running(pid, &mark.display().to_string()) {
            processes::stop_group(pid);
            stopped += 1;
        } else if *service == Service::Cloud {
            memory.deployed = None;
        }
    }
    project.remember(memory)?;
    Ok(stopped)
}

/// The local cloud keeps how far it had read each stream but not the stream itself, and would wait for its old place to come
/// again. Without the place it reads what is new from the beginning.
fn replay_streams(project: &Project) -> Result<(), Failure> {
    let path = project.cloud_folder().join("state/lambda.json");
    let Ok(bytes) = fs::read(&path) else { return Ok(()) };
    let mut state: Value = serde_json::from_slice(&bytes).map_err(Failure::unexpected(&path.display().to_string()))?;
    if let Some(places) = state.pointer_mut("/payload/dynamodb_stream_positions") {
        *places = json!({});
    }
    project::write_whole(&path, state.to_string().as_bytes())
}
