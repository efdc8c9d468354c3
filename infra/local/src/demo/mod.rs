//! `cargo local demo`: the main job from end to end. An office is set up, real invoices are sent through the API, each is followed
//! to its end, and the ends are compared with a scenario that was written by hand.

pub mod api;
mod follow;
pub mod ledger;
pub mod people;
mod report;
pub mod scenario;
pub mod setup;

#[cfg(test)]
mod walk_tests;

use std::{
    process::ExitCode,
    time::{Instant, SystemTime, UNIX_EPOCH},
};

use crate::{
    cloud,
    failure::Failure,
    operate::{Deployment, NewTenant},
    processes,
    project::{Project, Service},
    services,
};
use api::Client;
use follow::{Followed, Post};
use ledger::Ledger;
use people::People;
use report::Counts;
use scenario::Scenario;

/// Runs the demo. It succeeds when every document ended where the scenario says.
pub fn run(project: &Project) -> Result<ExitCode, Failure> {
    let scenario = Scenario::load(&project.root)?;
    let ports = crate::start(project)?;
    let started = Instant::now();
    // Milliseconds number the runs: each has a tenant, addresses and divisions of its own.
    let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let number = u64::try_from(now.as_millis()).unwrap_or_default();
    let run = format!("{number:x}");

    println!("Setting up {} ...", scenario.office.name);
    let ledger = Ledger::at(services::url(ports.ledgers));
    let divisions = ledger.prepare(&scenario, number)?;
    let mut people = People::of(project, &project.memory()?, &run)?;
    let office = &scenario.office;
    Deployment::open(project, None)?.create_tenant(&NewTenant {
        name: office.name.clone(),
        email: people.address(&office.superuser),
        user_name: office.superuser.name.clone(),
        password: Some(People::password()),
        event_sources: Vec::new(),
    })?;
    let api = Client::new(cloud::api_url(ports.cloud));
    let superuser = people.sign_in(&api, &office.superuser)?;
    let made = setup::set_up(&scenario, &superuser, &divisions)?;
    setup::invite(&superuser, &mut people, &office.accountant)?;
    let automation_user = setup::invite(&superuser, &mut people, &office.automation_user)?;
    let accountant = people.sign_in(&api, &office.accountant)?;
    println!("  {}, {} and {}", office.superuser.name, office.accountant.name, office.automation_user.name);

    let post = Post::new(project, &accountant, &made, &run);
    let mut documents: Vec<Followed<'_>> = scenario.documents.iter().map(Followed::of).collect();
    post.deliver_early(&mut documents)?;
    made.switch_on(&superuser, &automation_user)?;
    println!("Set up in {:.1} s. Sending {} documents ...", started.elapsed().as_secs_f64(), documents.len());
    post.follow(&mut documents)?;
    processes::let_run();

    println!("\n{}", report::table(&documents));
    let mut wrong = report::differences(&documents);
    wrong.extend(report::books(&documents, &ledger, &divisions)?);
    if wrong.is_empty() {
        println!("Every document ended where {} says, and the ledger has each posted one once.", scenario::FILE);
    } else {
        println!("Not as {} says:", scenario::FILE);
        for line in &wrong {
            println!("  {line}");
        }
    }
    println!("\nAPI             {}", cloud::api_url(ports.cloud));
    for administration in &scenario.administrations {
        let Some(division) = divisions.get(&administration.key) else { continue };
        let (name, path) = (&administration.name, ledger::bookings_path(*division));
        println!("Bookings        {}{path} ({name})", services::url(ports.ledgers));
    }
    println!("Exact Online    {}/_sim (simulator, as a page)", services::url(ports.ledgers));
    println!("Logs            cargo local logs [FUNCTION] [--follow]; {}", Service::Cloud.log(project).display());
    println!(
        "It keeps running. `cargo local up` brings it up to date or back, `cargo local down` stops it; the state stays."
    );
    println!("{}", Counts::of(&documents));
    Ok(if wrong.is_empty() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}
