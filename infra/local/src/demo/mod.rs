//! `cargo local demo`: the main job from end to end. An office is set up, real invoices are sent through the API, each is followed
//! to its end, and the ends are compared with a scenario that was written by hand.

mod afterwards;
pub mod api;
mod export;
mod follow;
pub mod ledger;
pub mod mails;
mod orders;
pub mod people;
mod report;
mod samples;
pub mod scenario;
pub mod setup;

#[cfg(test)]
mod walk_tests;

use std::{process::ExitCode, time::Instant};

use crate::{
    cloud,
    failure::Failure,
    mailbox::Mailbox,
    operate::Deployment,
    processes,
    project::{Project, Service},
    services, simulators,
};
use afterwards::Afterwards;
use api::Client;
use export::{Export, Exported};
use follow::{Followed, Post};
use mails::{Mails, Papers};
use orders::FirstOrder;
use report::Counts;
use samples::Subjects;
use scenario::Scenario;
use setup::Opened;

/// Runs the demo. It succeeds when every document ended where the scenario says.
pub fn run(project: &Project) -> Result<ExitCode, Failure> {
    let scenario = Scenario::load(&project.root)?;
    let ports = crate::start(project)?;
    let started = Instant::now();
    println!("Setting up {} ...", scenario.office.name);
    let opened = Opened::new(project, &ports, &scenario, &[])?;
    let post = Post::new(project, &opened.accountant, &opened.office, &opened.run);
    let mut documents: Vec<Followed<'_>> = scenario.documents.iter().map(Followed::of).collect();
    post.deliver_early(&mut documents)?;
    opened.switch_on()?;
    println!("Set up in {:.1} s. Sending {} documents ...", started.elapsed().as_secs_f64(), documents.len());
    post.follow(&mut documents)?;
    processes::let_run();

    println!("\n{}", report::table(&documents));
    let mut wrong = report::differences(&documents);
    wrong.extend(report::books(&documents, &opened.ledger, &opened.divisions)?);
    if let Some(elsewhere) = &scenario.elsewhere {
        let all = Client::new(services::url(ports.ledgers));
        wrong.extend(report::books_elsewhere(&documents, elsewhere, &all)?);
    }
    let mut exported = Exported::default();
    let mut first_order = None;
    let mailbox = Mailbox::at(ports.ledgers);
    if wrong.is_empty() {
        println!("Every document ended where {} says, and the ledgers have each posted one once.", scenario::FILE);
        if let Some(wanted) = &scenario.afterwards {
            println!("\nAfterwards, by people:");
            Afterwards { wanted, scenario: &scenario, opened: &opened, documents: &documents }.show()?;
        }
        if let Some(wanted) = &scenario.export {
            println!("\nAt the end of the month, by a scheduled export:");
            let export = Export { wanted, scenario: &scenario, opened: &opened, documents: &documents };
            exported = export.show(&mut Deployment::open(project, None)?)?;
            wrong.append(&mut exported.wrong);
        }
    }
    if wrong.is_empty() {
        println!("\nOrders of a shop, each by its own rules:");
        let shown = orders::show(&opened, &Client::new(services::url(ports.ledgers)), &mailbox)?;
        wrong.extend(shown.wrong);
        first_order = shown.first;
    }
    if wrong.is_empty() {
        println!("\nDocuments for accounting packages that import by mail, a client for each example:");
        let (papers, api_url) = (Papers::load(&project.root)?, cloud::api_url(ports.cloud));
        wrong.extend(Mails { opened: &opened, papers: &papers, api_url: &api_url, mailbox: &mailbox }.show()?);
    }
    if !wrong.is_empty() {
        println!("Not as it should be (see {}):", scenario::FILE);
        for line in &wrong {
            println!("  {line}");
        }
    }
    if let Some(events) = write_samples(project, &opened, &documents, (exported.run.as_deref(), first_order.as_ref()))?
    {
        println!("\nSample events   {} (cargo lambda invoke)", events.display());
    }
    println!("API             {}", cloud::api_url(ports.cloud));
    for administration in &scenario.administrations {
        let Some(division) = opened.divisions.get(&administration.key) else { continue };
        let (name, path) = (&administration.name, ledger::bookings_path(*division));
        println!("Bookings        {}{path} ({name})", simulators::exact(ports.ledgers));
    }
    println!("Exact Online    {}/_sim (simulator, as a page)", simulators::exact(ports.ledgers));
    println!("Other ledgers   {} (simulators, as pages)", services::url(ports.ledgers));
    println!("Mails           {}/_sim (those that left, as a page)", simulators::mailbox(ports.ledgers));
    println!("Logs            cargo local logs [FUNCTION] [--follow]; {}", Service::Cloud.log(project).display());
    println!(
        "It keeps running. `cargo local up` brings it up to date or back, `cargo local down` stops it; the state stays."
    );
    println!("{}", Counts::of(&documents, exported.documents));
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

/// Leaves the sample events with this office's ids, about the first document that was posted, the export run, and the first
/// order with its mail.
fn write_samples(
    project: &Project,
    opened: &Opened,
    documents: &[Followed<'_>],
    (run, order): (Option<&str>, Option<&FirstOrder>),
) -> Result<Option<std::path::PathBuf>, Failure> {
    let posted = documents.iter().find(|document| matches!(document.end, Some(scenario::End::Posted { .. })));
    let Some((posted, id)) = posted.and_then(|posted| Some((posted, posted.id.as_deref()?))) else { return Ok(None) };
    let key = &posted.delivery.administration;
    let (Some(administration), Some(division)) = (opened.office.administrations.get(key), opened.divisions.get(key))
    else {
        return Ok(None);
    };
    let (tenant, connection) = (&opened.tenant, &opened.office.connection);
    let mut ids = vec![tenant.tenant.as_str(), administration, &tenant.superuser, connection, id];
    ids.extend(run);
    ids.extend(order.into_iter().flat_map(FirstOrder::ids));
    let subjects = Subjects { ids: &ids, division: *division, login: &tenant.login };
    samples::write(&project.root, project.cloud_folder(), &subjects).map(Some)
}
