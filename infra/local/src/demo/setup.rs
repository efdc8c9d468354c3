//! Sets the office up through the API: people, administrations, the connection with the ledger, contacts with their templates
//! and rules, and automatic posting.

use std::{
    collections::BTreeMap,
    thread,
    time::{Duration, Instant},
};

use serde_json::{Value, json};

use super::{
    api::Client,
    ledger::Ledger,
    people::People,
    scenario::{
        AdministrationSetup, ConnectionSetup, ContactSetup, Elsewhere, OpenedBy, OtherLedger, Person, Scenario,
    },
};
use crate::{
    Ports,
    aws::text,
    cloud,
    failure::Failure,
    office::milliseconds,
    operate::{Deployment, MadeTenant, NewTenant},
    processes,
    project::Project,
    simulators,
};

/// A task of the ledger is done in seconds, unless something is broken.
const TASK_PATIENCE: Duration = Duration::from_mins(2);
/// What templates are checked against. Each costs a request, of which the ledger allows a division 60 a minute.
const DIRECTORIES: [&str; 3] = ["ledger_accounts", "vat_codes", "cost_centres"];
/// What the templates of other ledgers are checked against.
const DIRECTORIES_ELSEWHERE: [&str; 2] = ["ledger_accounts", "vat_codes"];

/// Ids of what was made.
#[derive(Debug)]
pub struct Office {
    /// Ids of administrations by their keys.
    pub administrations: BTreeMap<String, String>,
    /// Keys of rules by their ids.
    pub rules: BTreeMap<String, String>,
    /// Id of the connection.
    pub connection: String,
    /// Ids of the connections with other ledgers.
    pub elsewhere: Vec<String>,
}

/// An office on a running local cloud, with everything but automatic posting.
pub struct Opened {
    /// Number of the run in hexadecimal: each office has a tenant, addresses and divisions of its own.
    pub run: String,
    /// The tenant and its Superuser.
    pub tenant: MadeTenant,
    /// The API without anybody's name.
    pub api: Client,
    /// The API as the Superuser.
    pub superuser: Client,
    /// The API as the accountant.
    pub accountant: Client,
    /// Id of the user under whom documents are posted without a person.
    pub automation_user: String,
    /// The Finance user's id, and the API under that name.
    pub finance: Option<(String, Client)>,
    /// Logins.
    pub people: People,
    /// The ledger's books.
    pub ledger: Ledger,
    /// The divisions at the ledger, by keys of administrations.
    pub divisions: BTreeMap<String, u32>,
    /// What was made through the API.
    pub office: Office,
}

impl Opened {
    /// Makes the office that a scenario describes. `event_sources` may send events to it.
    pub fn new(project: &Project, ports: &Ports, scenario: &Scenario, event_sources: &[&str]) -> Result<Self, Failure> {
        let number = milliseconds();
        let run = format!("{number:x}");
        let ledger = Ledger::at(simulators::exact(ports.ledgers));
        let divisions = ledger.prepare(scenario, number)?;
        let mut people = People::of(project, &project.memory()?, &run)?;
        let staff = &scenario.office;
        let tenant = Deployment::open(project, None)?.create_tenant(&NewTenant {
            name: staff.name.clone(),
            email: people.address(&staff.superuser),
            user_name: staff.superuser.name.clone(),
            password: Some(People::password()),
            event_sources: event_sources.iter().map(|source| (*source).to_owned()).collect(),
        })?;
        let api = Client::new(cloud::api_url(ports.cloud));
        let superuser = people.sign_in(&api, &staff.superuser)?;
        let office = set_up(scenario, &superuser, &divisions)?;
        let accountant = invite(&superuser, &mut people, &staff.accountant, "accountant")?;
        office.link(&superuser, &accountant)?;
        let automation_user = invite(&superuser, &mut people, &staff.automation_user, "accountant")?;
        let accountant = people.sign_in(&api, &staff.accountant)?;
        let finance = match &staff.finance {
            None => None,
            Some(person) => {
                let id = invite(&superuser, &mut people, person, "finance")?;
                Some((id, people.sign_in(&api, person)?))
            }
        };
        let names = [&staff.superuser, &staff.accountant].into_iter().chain(&staff.finance);
        let names: Vec<&str> = names.map(|person| person.name.as_str()).collect();
        println!("  {} and {}", names.join(", "), staff.automation_user.name);
        Ok(Self {
            run,
            tenant,
            api,
            superuser,
            accountant,
            automation_user,
            finance,
            people,
            ledger,
            divisions,
            office,
        })
    }

    /// Turns automatic posting on.
    pub fn switch_on(&self) -> Result<(), Failure> {
        self.office.switch_on(&self.superuser, &self.automation_user)
    }
}

/// Makes everything but automatic posting. `divisions` are the ledger's, by keys of administrations.
fn set_up(scenario: &Scenario, superuser: &Client, divisions: &BTreeMap<String, u32>) -> Result<Office, Failure> {
    let mut administrations = BTreeMap::new();
    for setup in &scenario.administrations {
        administrations.insert(setup.key.clone(), make_administration(superuser, setup)?);
    }
    println!("  {} administrations", administrations.len());

    let connection = connect(&scenario.connection, &OpenedBy::Consent, superuser)?;
    let mut tasks = Vec::new();
    for (key, administration) in &administrations {
        let division = divisions.get(key).map(ToString::to_string).unwrap_or_default();
        tasks.extend(choose(superuser, (&connection, administration), &division, &DIRECTORIES)?);
    }
    for task in &tasks {
        wait_for(superuser, task)?;
    }
    println!(
        "  a connection with {}, {} divisions, {} lists fetched",
        scenario.connection.name,
        divisions.len(),
        tasks.len()
    );

    let mut rules = BTreeMap::new();
    let (mut contacts, mut templates) = (0, 0);
    // Administrations have nothing to do with each other.
    let made = side_by_side(&scenario.administrations, |setup| {
        let id = administrations.get(&setup.key).map(String::as_str).unwrap_or_default();
        make_contacts(superuser, setup, id)
    });
    for (setup, made) in scenario.administrations.iter().zip(made) {
        rules.extend(made?);
        contacts += setup.contacts.len();
        templates += setup.contacts.iter().filter(|contact| contact.template.is_some()).count();
    }
    println!("  {contacts} contacts, {templates} posting templates, {} automation rules", rules.len());
    let mut office = Office { administrations, rules, connection, elsewhere: Vec::new() };
    if let Some(elsewhere) = &scenario.elsewhere {
        office.open_elsewhere(superuser, elsewhere)?;
    }
    Ok(office)
}

/// Does the same with each at once.
fn side_by_side<T: Sync, R: Send>(
    all: &[T],
    work: impl Fn(&T) -> Result<R, Failure> + Sync,
) -> Vec<Result<R, Failure>> {
    thread::scope(|scope| {
        let threads: Vec<_> = all.iter().map(|one| scope.spawn(|| work(one))).collect();
        threads
            .into_iter()
            .map(|thread| thread.join().unwrap_or_else(|_| Err(Failure::State("A thread of the demo died.".into()))))
            .collect()
    })
}

fn make_administration(superuser: &Client, setup: &AdministrationSetup) -> Result<String, Failure> {
    let body = json!({ "name": setup.name, "time_zone": setup.time_zone, "own": setup.own });
    let made = superuser.post("/administrations", &body)?;
    Ok(text(&made, "/id").to_owned())
}

/// Chooses the division for an administration, and asks for its lists. The tasks.
fn choose(
    superuser: &Client,
    (connection, administration): (&str, &str),
    division: &str,
    directories: &[&str],
) -> Result<Vec<String>, Failure> {
    let body = json!({ "administration": administration, "division": division });
    superuser.post(&format!("/connections/{connection}/divisions"), &body)?;
    let refreshed = directories.iter().map(|directory| {
        let path = format!("/connections/{connection}/directories/{directory}/refresh?administration={administration}");
        Ok(text(&superuser.post(&path, &Value::Null)?, "/id").to_owned())
    });
    refreshed.collect()
}

/// An administration with a ledger of its own.
struct OpenedElsewhere {
    administration: String,
    connection: String,
    rules: BTreeMap<String, String>,
}

impl OpenedElsewhere {
    fn new(superuser: &Client, ledger: &OtherLedger, setup: &AdministrationSetup) -> Result<Self, Failure> {
        let administration = make_administration(superuser, setup)?;
        let connection = connect(&ledger.connection, &ledger.opened, superuser)?;
        let books = (connection.as_str(), administration.as_str());
        for task in choose(superuser, books, &ledger.division, &DIRECTORIES_ELSEWHERE)? {
            wait_for(superuser, &task)?;
        }
        let rules = make_contacts(superuser, setup, &administration)?;
        Ok(Self { administration, connection, rules })
    }
}

/// The connect flow: a connection, and the task that gets its tokens.
fn connect(setup: &ConnectionSetup, opened: &OpenedBy, superuser: &Client) -> Result<String, Failure> {
    let made = superuser.post("/connections", &json!(setup))?;
    let id = text(&made, "/id").to_owned();
    let task = match opened {
        OpenedBy::Consent => consent(superuser, &id)?,
        OpenedBy::Typed(fields) => {
            let task = superuser.post(&format!("/connections/{id}/credentials"), &json!({ "fields": fields }))?;
            text(&task, "/id").to_owned()
        }
    };
    wait_for(superuser, &task)?;
    Ok(id)
}

/// Authorise, consent at the ledger, and back to us. The task that this makes.
fn consent(superuser: &Client, connection: &str) -> Result<String, Failure> {
    let consent = superuser.post(&format!("/connections/{connection}/authorise"), &Value::Null)?;
    // A browser is not signed in with us, and asks with no token.
    let browser = Client::new(String::new());
    let back = browser.redirection(text(&consent, "/url"))?;
    browser.open(&back)?;
    let tasks: Value = superuser.get(&format!("/connections/{connection}/tasks"))?;
    let items = tasks.get("items").and_then(Value::as_array);
    let task = items.into_iter().flatten().find(|task| text(task, "/kind") == "connect");
    let task = task.ok_or_else(|| Failure::State("The consent made no task to connect.".into()))?;
    Ok(text(task, "/id").to_owned())
}

/// Waits until a task is done.
pub(super) fn wait_for(api: &Client, task: &str) -> Result<(), Failure> {
    let deadline = Instant::now() + TASK_PATIENCE;
    loop {
        let seen: Value = api.get(&format!("/tasks/{task}"))?;
        match text(&seen, "/state") {
            "done" => return Ok(()),
            "failed" => {
                let (kind, why) = (text(&seen, "/kind"), text(&seen, "/error/text"));
                return Err(Failure::State(format!("The task {kind} failed: {why}")));
            }
            _ if Instant::now() > deadline => {
                let kind = text(&seen, "/kind");
                return Err(Failure::State(format!("The task {kind} ({task}) does not end; see `cargo local logs`.")));
            }
            _ => thread::sleep(Duration::from_millis(100)),
        }
        processes::check_interrupt()?;
    }
}

fn make_contacts(
    superuser: &Client,
    setup: &AdministrationSetup,
    administration: &str,
) -> Result<BTreeMap<String, String>, Failure> {
    let mut rules = BTreeMap::new();
    for contact in &setup.contacts {
        processes::check_interrupt()?;
        let made = superuser.post(&format!("/administrations/{administration}/contacts"), &body(contact))?;
        let id = text(&made, "/id");
        if let Some(template) = &contact.template {
            let path = format!("/administrations/{administration}/contacts/{id}/template");
            superuser.put(&path, None, &json!(template))?;
        }
        for rule in &contact.rules {
            let body = json!({ "contact": id, "documents": rule.documents, "max_amount": rule.max_amount });
            let made = superuser.post(&format!("/administrations/{administration}/rules"), &body)?;
            rules.insert(text(&made, "/id").to_owned(), rule.key.clone());
        }
    }
    Ok(rules)
}

fn body(contact: &ContactSetup) -> Value {
    json!({
        "direction": contact.direction,
        "name": contact.name,
        "vat_number": contact.vat_number,
        "registry_number": contact.registry_number,
        "ibans": contact.ibans,
        "other_accounts": contact.other_accounts,
        "payment_days": contact.payment_days,
    })
}

/// Invites somebody, who chooses a password.
fn invite(superuser: &Client, people: &mut People, person: &Person, role: &str) -> Result<String, Failure> {
    let body = json!({
        "email": people.address(person),
        "name": person.name,
        "roles": [role],
        "access": { "scope": "all" },
    });
    let made = superuser.post("/users", &body)?;
    people.choose_password(person)?;
    Ok(text(&made, "/id").to_owned())
}

impl Office {
    fn open_elsewhere(&mut self, superuser: &Client, elsewhere: &Elsewhere) -> Result<(), Failure> {
        let books = elsewhere.administrations();
        let opened = side_by_side(&books, |(ledger, setup)| OpenedElsewhere::new(superuser, ledger, setup));
        for ((_, setup), opened) in books.into_iter().zip(opened) {
            let opened = opened?;
            self.administrations.insert(setup.key, opened.administration);
            self.elsewhere.push(opened.connection);
            self.rules.extend(opened.rules);
        }
        let names: Vec<_> = elsewhere.ledgers.iter().map(|ledger| ledger.connection.name.as_str()).collect();
        println!("  an administration for each of {}", names.join(", "));
        Ok(())
    }

    fn connections(&self) -> impl Iterator<Item = &String> {
        std::iter::once(&self.connection).chain(&self.elsewhere)
    }

    /// Links somebody to the ledgers' users, under whose names he posts there.
    fn link(&self, superuser: &Client, user: &str) -> Result<(), Failure> {
        let mut linked = BTreeMap::new();
        for id in self.connections() {
            let connection: Value = superuser.get(&format!("/connections/{id}"))?;
            linked.insert(id, connection.get("ledger_user").cloned());
        }
        let path = format!("/users/{user}");
        let user: Value = superuser.get(&path)?;
        let body = json!({
            "name": user.get("name"),
            "roles": user.get("roles"),
            "access": user.get("access"),
            "ledger_users": linked,
        });
        superuser.put(&path, Some(&user), &body).map(drop)
    }

    /// Links the automation user to the ledgers' users, chooses it and turns the switches.
    fn switch_on(&self, superuser: &Client, automation_user: &str) -> Result<(), Failure> {
        self.link(superuser, automation_user)?;
        for id in self.connections() {
            let path = format!("/connections/{id}");
            let connection: Value = superuser.get(&path)?;
            let chosen = json!({ "user": automation_user });
            let connection = superuser.put(&format!("{path}/automation-user"), Some(&connection), &chosen)?;
            superuser.put(&format!("{path}/automation"), Some(&connection), &json!({ "enabled": true }))?;
        }
        Ok(())
    }
}
