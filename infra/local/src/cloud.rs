//! The stand-in for AWS: started, and brought back with its state.

use std::{fs, process::Command};

use serde_json::{Value, json};

use crate::{
    failure::Failure,
    project::{self, Memory, Project, Service},
    services,
};

/// The region that the local cloud plays.
pub const REGION: &str = "eu-west-1";
/// The name of the stack, here and in README's deployment to AWS.
pub const STACK: &str = "ledgerpost";

/// Variables that would lead a program elsewhere.
pub const FOREIGN: [&str; 5] =
    ["AWS_PROFILE", "AWS_DEFAULT_PROFILE", "AWS_SESSION_TOKEN", "AWS_ROLE_ARN", "AWS_WEB_IDENTITY_TOKEN_FILE"];

/// The API's address on the local cloud, known before it is deployed and in the form that needs no name resolution.
pub fn api_url(port: u16) -> String {
    format!("{}/_aws/execute-api/{}", services::url(port), api_id(port))
}

/// Eight hexadecimal digits, the only shape of an API's id that the local cloud takes.
pub fn api_id(port: u16) -> String {
    format!("1ed9{port:04x}")
}

/// What makes a program talk to the local cloud and to nothing else.
pub fn environment(project: &Project, port: u16) -> Vec<(&'static str, String)> {
    let nothing = project.kept.join("no-aws-configuration").display().to_string();
    let direct = "127.0.0.1,localhost,.localhost".to_owned();
    vec![
        ("AWS_ENDPOINT_URL", services::url(port)),
        ("AWS_ACCESS_KEY_ID", "test".to_owned()),
        ("AWS_SECRET_ACCESS_KEY", "test".to_owned()),
        ("AWS_REGION", REGION.to_owned()),
        ("AWS_DEFAULT_REGION", REGION.to_owned()),
        ("AWS_CONFIG_FILE", nothing.clone()),
        ("AWS_SHARED_CREDENTIALS_FILE", nothing),
        ("AWS_EC2_METADATA_DISABLED", "true".to_owned()),
        ("NO_PROXY", direct.clone()),
        ("no_proxy", direct),
    ]
}

/// Makes a program talk to the local cloud and to nothing else: no profile, key or proxy of this machine's user gets in.
pub fn point_at_local_cloud<'a>(command: &'a mut Command, project: &Project, port: u16) -> &'a mut Command {
    for variable in FOREIGN {
        command.env_remove(variable);
    }
    command.envs(environment(project, port))
}

/// The port that the local cloud has or will have.
pub fn port(project: &Project, memory: &Memory) -> Result<u16, Failure> {
    let port = project.port(Service::Cloud, memory)?;
    match memory.port(Service::Cloud) {
        // Stored queue addresses name the port.
        Some(kept) if kept != port => Err(Failure::State(format!(
            "The kept state belongs to port {kept}, not {port}. Unset {}, or drop the state with `cargo local down --forget`.",
            Service::Cloud.port_variable()
        ))),
        _ => Ok(port),
    }
}

/// Starts the local cloud with the state it had; does nothing when it runs.
pub fn start(project: &Project, memory: &mut Memory) -> Result<u16, Failure> {
    let port = port(project, memory)?;
    let mailbox = project.mailbox_port(memory)?;
    if services::is_up(project, memory, Service::Cloud) {
        if memory.mailbox == Some(mailbox) {
            return Ok(port);
        }
        // It sends mails to nobody, or elsewhere.
        services::stop(project, memory, Service::Cloud);
        services::stop(project, memory, Service::Simulators);
    }
    memory.mailbox = Some(mailbox);
    if memory.services.get(&Service::Cloud).is_some_and(|cloud| cloud.pid.is_some()) {
        // It ended without being asked to and saved nothing: what was deployed may be gone.
        memory.deployed = None;
    }
    let folder = project.cloud_folder();
    let scratch = folder.join("tmp");
    fs::create_dir_all(&scratch).map_err(Failure::file(&scratch))?;
    replay_streams(project)?;

    let mut command = Command::new(Service::Cloud.program(project));
    point_at_local_cloud(&mut command, project, port)
        .env("GATEWAY_PORT", port.to_string())
        .env("BIND_HOST", "127.0.0.1")
        .env("MINISTACK_REGION", REGION)
        .env("LAMBDA_EXECUTOR", "local")
        // It would listen on a second port, and on every interface.
        .env("IOT_MTLS_ENABLED", "0")
        .env("PERSIST_STATE", "1")
        .env("S3_PERSIST", "1")
        // Mails that SES takes go on from there.
        .env("SMTP_HOST", format!("127.0.0.1:{mailbox}"))
        .env("STATE_DIR", folder.join("state"))
        .env("S3_DATA_DIR", folder.join("s3"))
        .env("TMPDIR", scratch);
    services::start(project, memory, Service::Cloud, port, &mut command)?;
    Ok(port)
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
