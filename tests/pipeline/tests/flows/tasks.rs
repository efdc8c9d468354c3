//! What somebody asked for through the API and only a turn may do.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use domain::{
    document::{Document, Event, Status, Step},
    ledger::{Direction, DirectoryKind},
    office::ConnectionState,
    task::{Task, TaskState, Work},
};
use pipeline::{Pipeline, Queue, Ubl};
use runtime::{Invocation, message::TurnMessage};
use simulators::{
    exact::{Options, seed},
    faults::{Effect, Fault, Stored},
};
use store::{
    Read,
    document::{Change, Record},
};

fn ubl(p: &Pipeline, number: &str) -> Ubl {
    Ubl::new(number, p.now().date_naive() - chrono::Days::new(3))
}

/// A code as it comes back from the ledger's own page, sealed as the API seals it.
pub async fn sealed_code(p: &Pipeline) -> String {
    let address = format!(
        "{}/api/oauth2/auth?client_id={}&redirect_uri={}&response_type=code&force_login=1&state=s",
        p.exact.base_url(),
        seed::APP,
        "https%3A%2F%2Fapp.example%2Foauth%2Fexact",
    );
    drop(rustls::crypto::ring::default_provider().install_default());
    let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
    let answer = client.get(address).send().await.unwrap();
    let location = answer.headers()["location"].to_str().unwrap().to_owned();
    let url = url::Url::parse(&location).unwrap();
    let code = url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
    let sealed = p.push.vault.seal(p.office.tenant, p.office.connection, code.as_bytes()).await.unwrap();
    STANDARD.encode(sealed)
}

/// Hands the code to the task that connects.
pub async fn connect(p: &Pipeline, sealed: String) -> TaskState {
    let work = Work::Connect { sealed, redirect_uri: seed::REDIRECT_URI.to_owned() };
    p.task(p.office.whole_connection(), work).await.state
}

fn failed(state: &TaskState) -> &str {
    match state {
        TaskState::Failed { error, .. } => &error.code,
        TaskState::Open | TaskState::Done { .. } => panic!("{state:?}"),
    }
}

#[tokio::test]
async fn a_consent_connects_says_who_and_lists_the_divisions() {
    let p = Pipeline::start().await;
    p.office
        .change_connection(p.now(), |connection| {
            connection.state = ConnectionState::ReconnectNeeded;
            connection.ledger_user = None;
        })
        .await;
    let state = connect(&p, sealed_code(&p).await).await;
    assert!(matches!(&state, TaskState::Done { summary, .. } if summary.contains("Robot Facturen")), "{state:?}");
    let connection = p.office.get_connection().await;
    assert_eq!((connection.state, connection.ledger_user.is_some()), (ConnectionState::Connected, true));
    let unit = p.office.whole_connection();
    let divisions = p.office.store().directories().get(&unit, DirectoryKind::Divisions).await.unwrap().unwrap();
    let codes: Vec<_> = divisions.entries.iter().map(|entry| entry.code.as_str()).collect();
    assert_eq!(codes, ["100001", "100002"]);
    assert_eq!(p.process(&ubl(&p, "F-1")).await.status, Status::Posted, "with the new tokens");
}

#[tokio::test]
async fn a_code_that_was_used_fails_the_task_and_says_so() {
    let p = Pipeline::start().await;
    let code = sealed_code(&p).await;
    connect(&p, code.clone()).await;
    assert_eq!(failed(&connect(&p, code).await), "consent_refused");
}

#[tokio::test]
async fn a_code_that_was_sealed_for_another_connection_is_not_opened() {
    let p = Pipeline::start().await;
    let other = runtime::clock::new_id(p.now());
    let sealed = p.push.vault.seal(p.office.tenant, other, b"code").await.unwrap();
    assert_eq!(connect(&p, STANDARD.encode(sealed)).await, TaskState::Open, "the turn fails and nothing is sent");
    assert_eq!(p.ledger_requests(), 0);
}

#[tokio::test]
async fn a_connection_stands_although_its_divisions_cannot_be_listed() {
    let p = Pipeline::start().await;
    p.office.change_connection(p.now(), |connection| connection.state = ConnectionState::Draft).await;
    p.exact.faults().add(Fault::on("GET", "system/Divisions", Effect::unavailable(Stored::No)));
    let state = connect(&p, sealed_code(&p).await).await;
    assert!(matches!(&state, TaskState::Done { summary, .. } if summary.contains("could not be listed")), "{state:?}");
    assert_eq!(p.office.get_connection().await.state, ConnectionState::Connected);
    let again = p.task(p.office.whole_connection(), Work::Directory { directory: DirectoryKind::Divisions }).await;
    assert!(matches!(again.state, TaskState::Done { .. }), "{:?}", again.state);
}

#[tokio::test]
async fn every_directory_is_fetched_and_kept() {
    let p = Pipeline::start().await;
    let exact = ledgers::described(&"exact-online".parse().unwrap()).unwrap();
    for &directory in exact.capabilities.directories {
        let unit = match directory {
            DirectoryKind::Divisions => p.office.whole_connection(),
            _ => p.office.unit(),
        };
        let task = p.task(unit.clone(), Work::Directory { directory }).await;
        assert!(matches!(task.state, TaskState::Done { .. }), "{directory:?}: {:?}", task.state);
        let kept = p.office.store().directories().get(&unit, directory).await.unwrap().unwrap();
        assert!(!kept.entries.is_empty(), "{directory:?}");
    }
}

#[tokio::test]
async fn a_directory_is_tried_again_when_the_ledger_is_down() {
    let mut p = Pipeline::start().await;
    let id = p.exact.faults().add(Fault::on("GET", "financial/Journals", Effect::unavailable(Stored::No)).always());
    let work = Work::Directory { directory: DirectoryKind::Journals };
    let task = p.task(p.office.unit(), work).await;
    assert_eq!((task.state, task.attempts), (TaskState::Open, 1));
    assert!(task.due > p.now(), "later");
    p.exact.faults().remove(id);
    p.advance(TimeDelta::seconds(70));
    p.run().await;
    let task = p.office.store().tasks().get(task.id, Read::Consistent).await.unwrap().unwrap();
    assert!(matches!(task.state, TaskState::Done { .. }), "{:?}", task.state);
}

#[tokio::test]
async fn a_lost_task_is_found_by_the_sweep() {
    let mut p = Pipeline::start().await;
    p.office.store().units().register(&p.office.unit()).await.unwrap();
    let id = p.exact.faults().add(Fault::on("GET", "financial/Journals", Effect::unavailable(Stored::No)).always());
    let task = p.task(p.office.unit(), Work::Directory { directory: DirectoryKind::Journals }).await;
    p.exact.faults().remove(id);
    p.cloud.lose(Queue::Turns);
    p.advance(TimeDelta::minutes(5));
    assert_eq!(p.sweep().await["woken"], 1);
    p.run().await;
    let task = p.office.store().tasks().get(task.id, Read::Consistent).await.unwrap().unwrap();
    assert!(matches!(task.state, TaskState::Done { .. }), "{:?}", task.state);
}

#[tokio::test]
async fn suppliers_are_imported_with_their_numbers_and_their_ids_in_the_ledger() {
    let p = Pipeline::start().await;
    p.exact.change(|state| {
        let books = state.division_mut(seed::DIVISION).unwrap();
        let mut new = books.accounts.iter().find(|it| it.code.trim() == seed::SUPPLIER).unwrap().clone();
        new.id = simulators::exact::Guid::numbered(0x77, 1);
        new.code = format!("{:>18}", "1010");
        new.name = "Nieuw B.V.".to_owned();
        new.vat_number = Some("NL003333333B01".to_owned());
        new.chamber_of_commerce = None;
        books.accounts.put(new);
    });
    let work = Work::ImportContacts { administration: p.office.administration, direction: Direction::Purchase };
    let task = p.task(p.office.unit(), work.clone()).await;
    let TaskState::Done { summary, .. } = &task.state else { panic!("{:?}", task.state) };
    assert!(summary.starts_with("1 contacts made, 1 known already"), "{summary}");
    assert!(p.office.get_supplier().await.ledger_contact.is_some(), "the known one gets its id");
    let contacts = p.office.store().contacts(p.office.administration);
    let all = contacts.list(None, 50).await.unwrap().items;
    let new = all.iter().find(|it| it.name == "Nieuw B.V.").unwrap();
    assert_eq!(new.vat_number.as_ref().unwrap().as_str(), "NL003333333B01");
    assert!(all.iter().all(|it| it.name != "Oude Leverancier"), "blocked ones are left out");
    let again = p.task(p.office.unit(), work).await;
    let TaskState::Done { summary, .. } = &again.state else { panic!("{:?}", again.state) };
    assert!(summary.starts_with("0 contacts made"), "{summary}");
}

/// Fills the ledger with so many more of what it has already.
fn many_accounts(p: &Pipeline, count: u64) {
    p.exact.change(|state| {
        let books = state.division_mut(seed::DIVISION).unwrap();
        let first = books.gl_accounts.iter().next().unwrap().clone();
        for number in 0..count {
            let mut new = first.clone();
            new.id = simulators::exact::Guid::numbered(0x88, number);
            new.code = format!("9{number:05}");
            books.gl_accounts.put(new);
        }
    });
}

async fn state_of(p: &Pipeline, task: domain::ids::TaskId) -> TaskState {
    p.office.store().tasks().get(task, Read::Consistent).await.unwrap().unwrap().state
}

#[tokio::test]
async fn a_directory_larger_than_the_ledgers_limit_of_a_minute_goes_on_where_it_stopped() {
    let mut p = Pipeline::start_with(Options::demo()).await;
    // More than a hundred pages of sixty, and fifty requests a minute.
    many_accounts(&p, 6_100);
    let directory = DirectoryKind::LedgerAccounts;
    let task = p.task(p.office.unit(), Work::Directory { directory }).await;
    assert_eq!((task.state, task.attempts), (TaskState::Open, 1));
    p.restart();
    for _ in 0..4 {
        p.advance(TimeDelta::seconds(62));
        p.run().await;
    }
    let state = state_of(&p, task.id).await;
    assert!(matches!(&state, TaskState::Done { .. }), "{state:?}");
    let kept = p.office.store().directories().get(&p.office.unit(), directory).await.unwrap().unwrap();
    let codes: std::collections::BTreeSet<_> = kept.entries.iter().map(|entry| entry.code.as_str()).collect();
    assert!(codes.len() > 6_100, "{}", codes.len());
    assert_eq!(codes.len(), kept.entries.len(), "none twice");
    let pages = kept.entries.len().div_ceil(60) as u64;
    let asked = p.exact.requests().count("GET", "financial/GLAccounts") as u64;
    assert_eq!(asked, pages, "no page twice");
}

/// A turn that has little more time than it needs to begin anything.
async fn short_turn(p: &Pipeline, number: u32) {
    let message = TurnMessage { tenant: p.office.tenant, unit: p.office.unit(), document: None };
    let event = serde_json::json!({ "Records": [{
        "messageId": "short", "receiptHandle": "handle", "body": serde_json::to_string(&message).unwrap(), "md5OfBody": "",
        "attributes": {}, "messageAttributes": {}, "eventSource": "aws:sqs", "awsRegion": "eu-west-1",
        "eventSourceARN": "arn:aws:sqs:eu-west-1:123456789012:queue",
    }] });
    let deadline = std::time::Instant::now() + std::time::Duration::from_millis(10_600);
    let invocation = Invocation { request: format!("20000000-0000-4000-8000-{number:012}"), deadline };
    let answer = connector_push::handle(&p.push, serde_json::from_value(event).unwrap(), &invocation).await.unwrap();
    assert_eq!(answer.batch_item_failures, []);
}

#[tokio::test]
async fn an_import_that_takes_longer_than_a_turn_goes_on_in_the_next_one() {
    let p = Pipeline::start().await;
    p.exact.change(|state| {
        let books = state.division_mut(seed::DIVISION).unwrap();
        let first = books.accounts.iter().find(|it| it.code.trim() == seed::SUPPLIER).unwrap().clone();
        for number in 0..300_u64 {
            let mut new = first.clone();
            new.id = simulators::exact::Guid::numbered(0x77, number);
            new.code = format!("{:>18}", 5_000 + number);
            new.name = format!("Leverancier {number}");
            new.vat_number = None;
            new.chamber_of_commerce = Some(format!("{}", 20_000_000 + number));
            books.accounts.put(new);
        }
    });
    let work = Work::ImportContacts { administration: p.office.administration, direction: Direction::Purchase };
    let now = p.now();
    let task = Task {
        id: runtime::clock::new_id(now),
        unit: p.office.unit(),
        work,
        requested_by: p.office.automation_user,
        requested_at: now,
        due: now,
        attempts: 0,
        state: TaskState::Open,
    };
    p.office.store().tasks().create(&task, &store::Writer::new("api", 0)).await.unwrap();
    let mut turns = 0;
    let mut state = TaskState::Open;
    while state == TaskState::Open {
        turns += 1;
        assert!(turns < 200, "it gets nowhere");
        short_turn(&p, turns).await;
        state = state_of(&p, task.id).await;
    }
    assert!(turns > 1, "it took several turns");
    let TaskState::Done { summary, .. } = &state else { panic!("{state:?}") };
    assert!(summary.starts_with("300 contacts made"), "{summary}");
}

/// A document of which nobody knows whether the ledger has it.
async fn uncertain(p: &Pipeline, booked: bool) -> Document {
    let id = if booked {
        let effect = Effect::hang(Stored::Yes);
        p.exact.faults().add(Fault::on("POST", "purchaseentry/PurchaseEntries", effect));
        p.deliver(&ubl(p, "F-1")).await
    } else {
        p.exact.faults().add(Fault::on("POST", "purchaseentry/PurchaseEntries", Effect::hang(Stored::No)));
        p.deliver(&ubl(p, "F-1")).await
    };
    p.run().await;
    let before = p.document(id).await;
    let (status, _) = before.status.after(Event::LedgerUnclear).unwrap();
    let after = Document { version: before.version + 1, status, ..before.clone() };
    let writer = store::Writer::new("unclear", 0);
    let change = Change::new(&before, &after, Step::Announce, Record::Covered);
    p.office.store().documents().transition(change, &writer).await.unwrap();
    p.cloud.lose(Queue::Turns);
    after
}

#[tokio::test]
async fn an_uncertain_document_that_the_ledger_has_is_posted_by_looking_alone() {
    let p = Pipeline::start().await;
    let document = uncertain(&p, true).await;
    let writes = p.exact.requests().count("POST", "");
    let task = p.task(p.office.unit(), Work::CheckDocument { document: document.id }).await;
    assert!(matches!(task.state, TaskState::Done { .. }), "{:?}", task.state);
    let after = p.document(document.id).await;
    assert_eq!((after.status, after.booked.is_some()), (Status::Posted, true));
    assert!(p.history_codes(document.id).await.contains(&"found_in_ledger".to_owned()));
    assert_eq!((p.bookings().len(), p.exact.requests().count("POST", "")), (1, writes), "nothing is written there");
}

#[tokio::test]
async fn an_uncertain_document_that_the_ledger_lacks_is_left_to_a_person() {
    let p = Pipeline::start().await;
    let document = uncertain(&p, false).await;
    let writes = p.exact.requests().count("POST", "");
    let task = p.task(p.office.unit(), Work::CheckDocument { document: document.id }).await;
    let TaskState::Done { summary, .. } = &task.state else { panic!("{:?}", task.state) };
    assert!(summary.contains("does not have it"), "{summary}");
    assert_eq!(p.document(document.id).await.status, Status::Uncertain);
    assert_eq!((p.bookings().len(), p.exact.requests().count("POST", "")), (0, writes));
}

#[tokio::test]
async fn an_uncertain_document_that_somebody_else_booked_is_told_with_its_number() {
    let p = Pipeline::start().await;
    let document = uncertain(&p, true).await;
    p.exact.change(|state| {
        for entry in state.division_mut(seed::DIVISION).unwrap().entries.iter_mut() {
            entry.document = None;
        }
    });
    let task = p.task(p.office.unit(), Work::CheckDocument { document: document.id }).await;
    let TaskState::Done { summary, .. } = &task.state else { panic!("{:?}", task.state) };
    assert!(summary.contains(&p.booking().entry_number.to_string()), "{summary}");
    assert_eq!(p.document(document.id).await.status, Status::Uncertain);
}

#[tokio::test]
async fn a_task_waits_for_the_ledgers_limit() {
    let p = Pipeline::start_with(Options { calls_per_minute: Some(0), ..Options::demo() }).await;
    let task = p.task(p.office.unit(), Work::Directory { directory: DirectoryKind::Journals }).await;
    assert_eq!((task.state, task.attempts), (TaskState::Open, 1));
}

#[tokio::test]
async fn an_operator_makes_a_tenant_and_may_repeat_it() {
    let p = Pipeline::start().await;
    let tenant: domain::ids::TenantId = runtime::clock::new_id(p.now());
    let command = serde_json::json!({
        "command": "create_tenant", "tenant": tenant, "name": "Kantoor Twee",
        "superuser": { "login": "sub-1", "email": "baas@example.nl", "name": "De baas" },
    });
    let made = p.operate(command.clone()).await.unwrap();
    assert_eq!(p.operate(command.clone()).await.unwrap(), made);
    let mut other = command.clone();
    other["name"] = "Kantoor Drie".into();
    assert!(p.operate(other).await.is_err(), "an id is one tenant's");
    let mut unknown = command;
    unknown["command"] = "delete_tenant".into();
    assert!(p.operate(unknown).await.is_err());
    let users = p.store.store().tenant(tenant).users().list().await.unwrap();
    assert_eq!(users.len(), 1);
    assert!(users[0].roles.contains(domain::permission::Role::Superuser));
}
