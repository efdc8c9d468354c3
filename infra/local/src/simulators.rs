//! The stand-ins for the ledgers, as a process beside the local cloud.

use std::{path::PathBuf, process::Command};

use serde_json::json;

use crate::{
    cloud,
    failure::Failure,
    project::{Memory, Project, Service},
    services,
};

/// System, public name and secret of each registration of Ledgerpost there. The secrets open nothing but simulators.
const REGISTRATIONS: &[(&str, &str, &str)] = &[
    (EXACT, EXACT_APP, "exact-demo-secret"),
    ("snelstart", "ledgerpost", "snelstart-demo-subscription"),
    (TWINFIELD, TWINFIELD_APP, "twinfield-demo-secret"),
    (ACCOUNTVIEW, ACCOUNTVIEW_APP, "accountview-demo-secret"),
    (MULTIVERS, MULTIVERS_APP, "multivers-demo-secret"),
    (BOEKHOUDGEMAK, MULTIVERS_APP, "boekhoudgemak-demo-secret"),
    // A key of each account opens it; there is no registration of ours.
    ("fakturownia", "ledgerpost", "none"),
    ("fakturowo", "ledgerpost", "none"),
    ("firmao", "ledgerpost", "none"),
    ("ifirma", "ledgerpost", "none"),
    ("infakt", "ledgerpost", "none"),
    ("wfirma", "ledgerpost", "app-ledgerpost-demo"),
    ("amazon", "amzn1.application-oa2-client.ledgerpost", "amzn1.oa2-cs.v1.ledgerpost-secret"),
    ("emag", "ledgerpost", "none"),
    ("fashion-days", "ledgerpost", "none"),
];
const EXACT: &str = "exact-online";
const EXACT_APP: &str = "0a9f0000-0000-4000-8000-000000000001";
const TWINFIELD: &str = "twinfield";
const TWINFIELD_APP: &str = "ledgerpost-demo";
const ACCOUNTVIEW: &str = "accountview";
const ACCOUNTVIEW_APP: &str = "ledgerpost-demo";
const MULTIVERS: &str = "multivers";
const BOEKHOUDGEMAK: &str = "boekhoudgemak";
const MULTIVERS_APP: &str = "0a9f0000-0000-4000-8000-0000000000b6";

/// The public names of the registrations, as the template takes them.
pub fn client_ids() -> String {
    let pairs = REGISTRATIONS.iter().map(|(system, client_id, _)| format!("{system}:{client_id}"));
    pairs.collect::<Vec<_>>().join(",")
}

/// Their secrets, as the template takes them.
pub fn client_secrets() -> String {
    let pairs = REGISTRATIONS.iter().map(|(system, _, secret)| format!("{system}:{secret}"));
    pairs.collect::<Vec<_>>().join(",")
}

/// What the simulators allow a registration in a minute, where that is not the ledger's usual number.
pub fn app_limits() -> String {
    // As with a certificate.
    format!("{TWINFIELD}:1000")
}

/// Where the simulator of Exact Online answers.
pub fn exact(port: u16) -> String {
    format!("{}/{EXACT}", services::url(port))
}

/// Where the mails can be looked at that left the local cloud.
pub fn mailbox(port: u16) -> String {
    format!("{}/mailbox", services::url(port))
}

/// The program, as cargo builds it.
pub fn program(project: &Project) -> PathBuf {
    project.target().join("debug/simulators")
}

/// Starts the simulators with the books they had; does nothing when they run as they were built last.
pub fn start(project: &Project, memory: &mut Memory) -> Result<u16, Failure> {
    let port = project.port(Service::Simulators, memory)?;
    services::stop_outdated(project, memory, Service::Simulators);
    if services::is_up(project, memory, Service::Simulators) {
        return Ok(port);
    }
    let mut command = Command::new(program(project));
    let mailbox = project.mailbox_port(memory)?;
    command.arg("--port").arg(port.to_string()).arg("--smtp-port").arg(mailbox.to_string());
    command.arg("--state-folder").arg(project.cloud_folder().join("ledgers"));
    services::start(project, memory, Service::Simulators, port, &mut command)?;
    register(memory, port)?;
    Ok(port)
}

/// Registers our address with the apps, as is done once on the pages of each ledger for developers.
fn register(memory: &Memory, port: u16) -> Result<(), Failure> {
    let Some(cloud) = memory.port(Service::Cloud) else { return Ok(()) };
    let callback = format!("{}/oauth/callback", cloud::api_url(cloud));
    let exact =
        (format!("{}/_sim/seed", exact(port)), json!({ "apps": [{ "id": EXACT_APP, "redirect_uris": [callback] }] }));
    let others = [
        (TWINFIELD, TWINFIELD_APP),
        (ACCOUNTVIEW, ACCOUNTVIEW_APP),
        (MULTIVERS, MULTIVERS_APP),
        (BOEKHOUDGEMAK, MULTIVERS_APP),
    ];
    let others = others.map(|(system, app)| {
        let body = json!({ "id": app, "redirect_uri": callback });
        (format!("{}/{system}/_sim/apps", services::url(port)), body)
    });
    std::iter::once(exact).chain(others).try_for_each(|(url, seed)| {
        ureq::post(url)
            .header("content-type", "application/json")
            .send(seed.to_string())
            .map(drop)
            .map_err(|error| Failure::Cloud { operation: "the simulator's seed".into(), message: error.to_string() })
    })
}
