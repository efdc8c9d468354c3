//! Building the functions for the local cloud and deploying template.yaml there.

use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    fs,
    path::{Path, PathBuf},
    process::Command,
    time::Instant,
};

use serde_json::{Value, json};

use crate::{
    aws::{Aws, text},
    cloud, environment,
    failure::Failure,
    processes,
    project::{self, Memory, Project, Service},
    services, simulators,
    tools::Environment,
};

/// The programs that are built: the functions, each a folder under functions/, and the ledgers' simulators.
const SIMULATORS: &str = "simulators";

/// The domain that documents are mailed from here: the local SES takes mails from it.
pub const MAIL_DOMAIN: &str = "mail.ledgerpost.example";

/// Deploys what is built now, unless just that is deployed already.
pub fn deploy(project: &Project, memory: &mut Memory) -> Result<(), Failure> {
    let port = cloud::port(project, memory)?;
    let parameters = parameters(memory, port)?;
    let wanted = fingerprint(project, &parameters)?;
    if memory.deployed.as_deref() == Some(&wanted) {
        return Ok(());
    }
    let started = Instant::now();
    println!("Deploying template.yaml ...");
    let mut sam = Command::new(Environment::Sam.program(project, "sam"));
    cloud::point_at_local_cloud(&mut sam, project, port)
        .current_dir(&project.root)
        .envs(sam_settings(project))
        .args(["deploy", "--template-file", "template.yaml", "--stack-name", cloud::STACK, "--resolve-s3"])
        .args(["--capabilities", "CAPABILITY_IAM", "--no-confirm-changeset", "--no-fail-on-empty-changeset"])
        // The local cloud takes the API's id from this tag, so that the address is known beforehand.
        .args(["--tags", &format!("ms-custom-id={}", cloud::api_id(port)), "--parameter-overrides"])
        .args(parameters.iter().map(|(name, value)| format!("{name}={value}")));
    memory.deployed = None;
    processes::read(&mut sam, "sam deploy")?;
    let mut aws = Aws::local(project, memory)?;
    memory.outputs = outputs(&mut aws, cloud::STACK)?;
    know_sender(&mut aws, memory)?;
    write_environment(project, port, &mut aws)?;
    memory.deployed = Some(wanted);
    project.remember(memory)?;
    println!("Deployed in {:.1} s.", started.elapsed().as_secs_f64());
    Ok(())
}

/// Makes the local SES know our domain, and tell our topic what becomes of its mails. A configuration set it keeps and never uses.
fn know_sender(aws: &mut Aws, memory: &Memory) -> Result<(), Failure> {
    let topic = memory.outputs.get("MailEventsTopic");
    let topic = topic.ok_or_else(|| Failure::State("The stack has no output MailEventsTopic.".into()))?;
    aws.call("ses", "verify_domain_identity", &json!({ "Domain": MAIL_DOMAIN }))?;
    for kind in ["Bounce", "Complaint", "Delivery"] {
        let request = json!({ "Identity": MAIL_DOMAIN, "NotificationType": kind, "SnsTopic": topic });
        aws.call("ses", "set_identity_notification_topic", &request)?;
    }
    Ok(())
}

/// SAM reports to nobody and keeps its own settings inside the checkout.
pub fn sam_settings(project: &Project) -> [(&'static str, OsString); 3] {
    [
        ("SAM_CLI_TELEMETRY", "0".into()),
        ("SAM_CLI_POLL_DELAY", "0.2".into()),
        ("__SAM_CLI_APP_DIR", project.kept.join("sam-settings").into_os_string()),
    ]
}

/// What a stack says about itself.
pub fn outputs(aws: &mut Aws, stack: &str) -> Result<BTreeMap<String, String>, Failure> {
    let answer = aws.call("cloudformation", "describe_stacks", &json!({ "StackName": stack }))?;
    let outputs = answer.pointer("/Stacks/0/Outputs").and_then(Value::as_array).cloned().unwrap_or_default();
    Ok(outputs
        .iter()
        .map(|output| (text(output, "/OutputKey").to_owned(), text(output, "/OutputValue").to_owned()))
        .collect())
}

/// Leaves what the functions' environments hold in a file, so that `cargo lambda watch` can run them too.
fn write_environment(project: &Project, port: u16, aws: &mut Aws) -> Result<(), Failure> {
    let listed = aws.call("lambda", "list_functions", &json!({}))?;
    let mut variables: BTreeMap<String, String> =
        cloud::environment(project, port).into_iter().map(|(name, value)| (name.to_owned(), value)).collect();
    for function in listed.get("Functions").and_then(Value::as_array).into_iter().flatten() {
        for (name, value) in function.pointer("/Environment/Variables").and_then(Value::as_object).into_iter().flatten()
        {
            variables.insert(name.clone(), value.as_str().unwrap_or_default().to_owned());
        }
    }
    let lines: Vec<String> = variables.iter().map(|(name, value)| format!("{name}={value}")).collect();
    project::write_whole(&project.cloud_folder().join(environment::FILE), lines.join("\n").as_bytes())
}

/// The template's parameters for this machine.
fn parameters(memory: &Memory, port: u16) -> Result<BTreeMap<&'static str, String>, Failure> {
    let ledgers = memory
        .port(Service::Simulators)
        .ok_or_else(|| Failure::State("The ledger simulators have no port yet.".into()))?;
    Ok(BTreeMap::from([
        ("Stage", "local".to_owned()),
        ("Architecture", architecture().to_owned()),
        ("PublicUrl", cloud::api_url(port)),
        ("LedgersBaseUrl", services::url(ledgers)),
        ("ClientIds", simulators::client_ids()),
        ("ClientSecrets", simulators::client_secrets()),
        ("AppLimits", simulators::app_limits()),
        ("MailFrom", format!("documents@{MAIL_DOMAIN}")),
        ("MailFeedbackBy", "identity".to_owned()),
        ("LogFilter", "info,cost=info".to_owned()),
        // Retries come soon: what is tested locally should not wait for minutes.
        ("HandlerTimeoutSeconds", "10".to_owned()),
        ("TurnTimeoutSeconds", "30".to_owned()),
    ]))
}

fn architecture() -> &'static str {
    if env::consts::ARCH == "aarch64" { "arm64" } else { "x86_64" }
}

fn fingerprint(project: &Project, parameters: &BTreeMap<&'static str, String>) -> Result<String, Failure> {
    let template = project.root.join("template.yaml");
    let mut parts =
        vec![fs::read(&template).map_err(Failure::file(&template))?, format!("{parameters:?}").into_bytes()];
    for function in functions(project)? {
        let bootstrap = bootstrap(project, &function);
        parts.push(fs::read(&bootstrap).map_err(Failure::file(&bootstrap))?);
    }
    Ok(project::fingerprint(parts.iter().map(Vec::as_slice)))
}

/// Names of the functions, which are those of their folders, packages and binaries.
pub fn functions(project: &Project) -> Result<Vec<String>, Failure> {
    let folder = project.root.join("functions");
    let mut names = Vec::new();
    for entry in fs::read_dir(&folder).map_err(Failure::file(&folder))? {
        let entry = entry.map_err(Failure::file(&folder))?;
        if entry.path().join("Cargo.toml").exists() {
            names.push(entry.file_name().to_string_lossy().into_owned());
        }
    }
    names.sort();
    Ok(names)
}

/// Where the template looks for a function.
fn bootstrap(project: &Project, function: &str) -> PathBuf {
    project.root.join("target/lambda").join(function).join("bootstrap")
}

/// Builds the functions and the simulators as the tests build them, so that nothing is compiled twice, and puts the functions,
/// stripped, where the template looks. What goes to AWS is built by `cargo lambda build --release`.
pub fn build(project: &Project) -> Result<(), Failure> {
    let functions = functions(project)?;
    println!("Building {} functions and the ledger simulators ...", functions.len());
    let mut cargo = cargo(project);
    cargo.args(["build", "--quiet", "--locked", "--bins", "--package", SIMULATORS]);
    for function in &functions {
        cargo.args(["--package", function]);
    }
    processes::run(&mut cargo, "cargo build")?;
    place(project, &functions, "debug")
}

/// Builds the functions as they ship, and puts them where [`build`] does. The simulators are those of the tests.
pub fn build_as_shipped(project: &Project) -> Result<(), Failure> {
    let functions = functions(project)?;
    println!("Building {} functions as they ship (some minutes the first time) ...", functions.len());
    let mut simulators = cargo(project);
    simulators.args(["build", "--quiet", "--locked", "--bins", "--package", SIMULATORS]);
    processes::run(&mut simulators, "cargo build")?;
    release(project, &functions)?;
    place(project, &functions, "release")
}

/// Builds functions in the profile that ships, for this machine.
pub fn release(project: &Project, functions: &[String]) -> Result<(), Failure> {
    let mut cargo = cargo(project);
    cargo.args(["build", "--quiet", "--locked", "--release", "--bins"]);
    for function in functions {
        cargo.args(["--package", function]);
    }
    processes::run(&mut cargo, "cargo build --release")
}

/// Copies functions from the folder of a profile to where they are deployed from.
fn place(project: &Project, functions: &[String], profile: &str) -> Result<(), Failure> {
    for function in functions {
        let to = bootstrap(project, function);
        // Which profile a copy is of stands beside the folder that is deployed, not in it.
        let note = project.root.join("target/lambda").join(format!("{function}.profile"));
        if fs::read_to_string(&note).is_ok_and(|noted| noted != profile) {
            fs::remove_file(&to).map_err(Failure::file(&to))?;
        }
        strip(&project.target().join(profile).join(function), &to)?;
        fs::write(&note, profile).map_err(Failure::file(&note))?;
    }
    Ok(())
}

/// Cargo, in the workspace.
pub fn cargo(project: &Project) -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(&project.root);
    command
}

/// Copies a program without its symbols, which are most of its size; does nothing when the copy is up to date.
fn strip(built: &Path, to: &Path) -> Result<(), Failure> {
    let changed = |path: &Path| fs::metadata(path).and_then(|metadata| metadata.modified());
    let source = changed(built).map_err(Failure::file(built))?;
    if changed(to).is_ok_and(|copy| copy > source) {
        return Ok(());
    }
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).map_err(Failure::file(folder))?;
    }
    let stripped = Command::new("strip").arg("-o").arg(to).arg(built).status();
    if !stripped.is_ok_and(|status| status.success()) {
        fs::copy(built, to).map_err(Failure::file(to))?;
    }
    Ok(())
}
