//! What waits in a unit: for somebody to sign in, for the ledger, for its limits. Waiting costs nothing and is told once.

use crate::tasks::{connect, sealed_code};
use chrono::TimeDelta;
use domain::{
    document::{Event, Status},
    ids::DocumentId,
    office::ConnectionState,
    task::{TaskState, Work},
};
use pipeline::{Pipeline, Queue, Ubl};
use rust_decimal::{Decimal, dec};
use simulators::{
    exact::{Options, seed},
    faults::{Effect, Fault as LedgerFault, Stored},
};
use store::testing::{Fault, Which};

fn ubl(p: &Pipeline, number: u32) -> Ubl {
    Ubl::new(&format!("F-{number}"), p.now().date_naive() - chrono::Days::new(3)).of(dec!(10) * Decimal::from(number))
}

async fn deliver(p: &Pipeline, numbers: std::ops::RangeInclusive<u32>) -> Vec<DocumentId> {
    let mut ids = Vec::new();
    for number in numbers {
        ids.push(p.deliver(&ubl(p, number)).await);
    }
    ids
}

async fn told(p: &Pipeline, id: DocumentId, code: &str) -> usize {
    p.history_codes(id).await.iter().filter(|it| *it == code).count()
}

/// What a document's history says since it was to be posted.
pub async fn since_posting(p: &Pipeline, id: DocumentId) -> Vec<String> {
    let history = p.history(id).await;
    let posting = history.iter().rposition(|entry| entry.event == Some(Event::Post)).unwrap();
    history[posting + 1..].iter().filter_map(|entry| entry.reason.as_ref()).map(|it| it.code.clone()).collect()
}

async fn sweep_for(p: &mut Pipeline, time: TimeDelta) {
    for _ in 0..time.num_minutes() / 5 {
        p.advance(TimeDelta::minutes(5));
        p.sweep().await;
        p.run().await;
    }
}

/// How many turns the office's unit has had.
async fn turns(p: &Pipeline) -> u64 {
    let key = format!("{}#{}", p.office.tenant, p.office.unit());
    let items = p.store.items(Which::Runs).await;
    let unit = items.iter().find(|item| item["pk"]["S"] == key.as_str()).unwrap();
    unit["f"]["N"].as_str().unwrap().parse().unwrap()
}

/// Brings documents before the unit's turn.
async fn up_to_turns(p: &Pipeline) {
    p.relay().await;
    p.step(Queue::Tagged).await;
    p.relay().await;
    p.step(Queue::Evaluate).await;
    p.lose_changes().await;
}

#[tokio::test]
async fn who_signs_in_sets_all_going_at_once_and_waiting_is_told_once() {
    let mut p = Pipeline::start().await;
    // Somebody else connected the same user: our chain is dead.
    p.exact.connect(seed::APP, seed::USER);
    p.advance(TimeDelta::seconds(590));
    let ids = deliver(&p, 1..=3).await;
    p.run().await;
    assert_eq!(p.office.get_connection().await.state, ConnectionState::ReconnectNeeded);
    let (asked, taken) = (p.ledger_requests(), turns(&p).await);
    sweep_for(&mut p, TimeDelta::hours(2)).await;
    assert_eq!(turns(&p).await, taken, "nobody looks again and again");
    assert_eq!(p.ledger_requests(), asked);
    for id in &ids {
        assert_eq!(p.document(*id).await.status, Status::Posting);
        assert_eq!(told(&p, *id, "reconnect_needed").await, 1);
    }
    // A day later it is looked at again, and not told again.
    p.advance(TimeDelta::hours(22));
    sweep_for(&mut p, TimeDelta::minutes(10)).await;
    assert!(turns(&p).await > taken);

    let state = connect(&p, sealed_code(&p).await).await;
    assert!(matches!(state, TaskState::Done { .. }), "{state:?}");
    p.run().await;
    for id in &ids {
        assert_eq!(p.document(*id).await.status, Status::Posted, "at once: {:?}", p.history_codes(*id).await);
        assert_eq!(told(&p, *id, "reconnect_needed").await, 1);
        assert_eq!(told(&p, *id, "reconnected").await, 1);
    }
    assert_eq!(p.bookings().len(), 3);
    p.sweep().await;
    p.run().await;
    assert_eq!(p.bookings().len(), 3);
}

#[tokio::test]
async fn a_reconnection_whose_wakes_failed_wakes_again() {
    let mut p = Pipeline::start().await;
    p.exact.connect(seed::APP, seed::USER);
    p.advance(TimeDelta::seconds(590));
    let ids = deliver(&p, 1..=2).await;
    p.run().await;
    let code = sealed_code(&p).await;
    // The SDK tries a request three times.
    p.cloud.refuse(3);
    assert_eq!(connect(&p, code).await, TaskState::Open, "connected, and the turn failed before it woke anybody");
    assert_eq!(p.office.get_connection().await.state, ConnectionState::Connected);
    sweep_for(&mut p, TimeDelta::minutes(10)).await;
    for id in ids {
        assert_eq!(p.document(id).await.status, Status::Posted);
    }
}

#[tokio::test]
async fn a_reconnection_while_a_turn_still_waits_for_it_is_not_missed() {
    let mut p = Pipeline::start().await;
    p.exact.connect(seed::APP, seed::USER);
    p.advance(TimeDelta::seconds(590));
    let ids = deliver(&p, 1..=1).await;
    up_to_turns(&p).await;
    // The refusal of the old token comes slowly; meanwhile somebody signs in, and the wake finds the unit taken.
    p.exact.faults().add(LedgerFault::on("POST", "oauth2/token", Effect::SlowBody { over_ms: 300 }));
    let signs_in = async {
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
        p.connect().await;
        p.turn().await;
    };
    tokio::join!(p.turn(), signs_in);
    p.run().await;
    sweep_for(&mut p, TimeDelta::minutes(10)).await;
    assert_eq!(p.document(ids[0]).await.status, Status::Posted, "{:?}", p.history_codes(ids[0]).await);
}

#[tokio::test]
async fn a_ledger_that_is_down_for_hours_is_told_once_and_so_is_that_it_went_on() {
    let mut p = Pipeline::start().await;
    let down = p.exact.faults().add(LedgerFault::on_any(Effect::unavailable(Stored::No)).always());
    let ids = deliver(&p, 1..=2).await;
    p.run().await;
    sweep_for(&mut p, TimeDelta::hours(3)).await;
    assert!(p.exact.faults().remove(down));
    p.run_to_rest().await;
    for id in ids {
        assert_eq!(p.document(id).await.status, Status::Posted);
        let codes = since_posting(&p, id).await;
        assert!(codes == ["unavailable", "went_on"] || codes.is_empty(), "{codes:?}");
    }
    assert_eq!(p.bookings().len(), 2);
}

#[tokio::test]
async fn with_the_days_limit_used_up_the_unit_sleeps_until_the_next_day() {
    let mut p = Pipeline::start_with(Options { calls_per_day: Some(40), ..Options::demo() }).await;
    // Ten in the morning of a day, wherever in its own day the test runs.
    let tomorrow = (p.now() + TimeDelta::days(1)).date_naive().and_hms_opt(10, 0, 0).unwrap().and_utc();
    p.advance(tomorrow - p.now());
    let ids = deliver(&p, 1..=8).await;
    p.run().await;
    for _ in 0..3 {
        p.advance(TimeDelta::seconds(61));
        p.run().await;
    }
    let posted = p.bookings().len();
    assert!((1..8).contains(&posted), "{posted}");
    let (asked, taken) = (p.ledger_requests(), turns(&p).await);
    sweep_for(&mut p, TimeDelta::hours(4)).await;
    assert_eq!((p.ledger_requests(), turns(&p).await), (asked, taken), "nobody is woken for nothing");
    let midnight = (tomorrow + TimeDelta::days(1)).date_naive().and_time(chrono::NaiveTime::MIN).and_utc();
    p.advance(midnight - p.now());
    sweep_for(&mut p, TimeDelta::minutes(15)).await;
    for id in ids {
        assert_eq!(p.document(id).await.status, Status::Posted, "{:?}", p.history_codes(id).await);
    }
    let refused = p.exact.requests().list().iter().filter(|request| request.status == Some(429)).count();
    assert_eq!((p.bookings().len(), refused), (8, 0));
}

#[tokio::test]
async fn a_turn_that_failed_before_it_sent_anything_holds_up_nobody() {
    let p = Pipeline::start().await;
    let ids = deliver(&p, 1..=1).await;
    up_to_turns(&p).await;
    // What was read of the document cannot be read; the SDK tries three times.
    for _ in 0..3 {
        p.store.faults().plan("GetItem", 2, Fault::Throttle);
    }
    assert!(!p.turn().await, "the turn fails");
    assert!(p.store.faults().are_over());
    assert_eq!(p.document(ids[0]).await.status, Status::Posting);
    assert!(p.turn().await);
    assert_eq!(p.document(ids[0]).await.status, Status::Posted, "the lease was free, and nothing had to settle");
    assert_eq!(since_posting(&p, ids[0]).await, Vec::<String>::new());
}

#[tokio::test]
async fn a_turn_that_failed_in_the_middle_of_a_push_gives_its_lease_back_and_tells_what_is_unfinished() {
    let mut p = Pipeline::start().await;
    let first = deliver(&p, 1..=1).await[0];
    up_to_turns(&p).await;
    // The lease is taken and names the document; then it is to be written how far the push has come.
    for _ in 0..3 {
        p.store.faults().plan("UpdateItem", 2, Fault::Throttle);
    }
    assert!(!p.turn().await, "the turn fails");
    assert!(p.store.faults().are_over());
    let other = deliver(&p, 2..=2).await[0];
    p.run().await;
    assert_eq!(p.document(other).await.status, Status::Posted, "others go on at once");
    assert_eq!(p.document(first).await.status, Status::Posting, "what was under way waits until it is settled");
    assert_eq!(told(&p, first, "attempt_interrupted").await, 1);
    p.run_to_rest().await;
    assert_eq!(p.document(first).await.status, Status::Posted);
    assert_eq!((p.bookings().len(), p.ledger_documents()), (2, 2));
}

#[tokio::test]
async fn a_document_whose_content_is_missing_goes_back_to_people_and_holds_up_nobody() {
    let p = Pipeline::start().await;
    let ids = deliver(&p, 1..=2).await;
    up_to_turns(&p).await;
    let items = p.store.items(Which::Documents).await;
    let is_head = |item: &&serde_json::Value| {
        item["sk"]["S"] == "head" && item["pk"]["S"].as_str().unwrap().ends_with(&ids[0].to_string())
    };
    let mut head = items.iter().find(is_head).unwrap().clone();
    head["cv"]["N"] = "99".into();
    p.store.put_item(Which::Documents, &head).await;
    assert!(p.turn().await, "the unit is not poisoned");
    let document = p.document(ids[0]).await;
    let reason = document.reason.clone().unwrap();
    assert_eq!((document.status, reason.code.as_str()), (Status::Rejected, "content_missing"), "nothing was sent");
    assert!(p.history_codes(ids[0]).await.contains(&"content_missing".to_owned()));
    assert_eq!(p.document(ids[1]).await.status, Status::Posted);
    // Tagged again it is read again.
    p.tag_again(ids[0]).await;
    p.run().await;
    assert_eq!(p.document(ids[0]).await.status, Status::Posted, "{:?}", p.document(ids[0]).await.reason);
}

#[tokio::test]
async fn a_check_of_a_document_whose_content_is_missing_ends_and_says_so() {
    let p = Pipeline::start().await;
    let id = p.process(&ubl(&p, 1)).await.id;
    let items = p.store.items(Which::Documents).await;
    let mut head = items.iter().find(|item| item["sk"]["S"] == "head").unwrap().clone();
    (head["cv"]["N"], head["s"]["S"]) = ("99".into(), "uncertain".into());
    p.store.put_item(Which::Documents, &head).await;
    let task = p.task(p.office.unit(), Work::CheckDocument { document: id }).await;
    assert!(
        matches!(&task.state, TaskState::Failed { error, .. } if error.code == "content_missing"),
        "{:?}",
        task.state
    );
}

/// How often a push of this document reads a file of it.
async fn files_read(attach: &str, pdf: Option<Vec<u8>>) -> usize {
    let p = Pipeline::start().await;
    p.office
        .change_connection(p.now(), |connection| {
            connection.options.insert("attach".to_owned(), attach.to_owned());
        })
        .await;
    let id = p.deliver(&Ubl { pdf, ..ubl(&p, 1) }).await;
    up_to_turns(&p).await;
    p.store.take_costs();
    assert!(p.turn().await);
    assert_eq!(p.document(id).await.status, Status::Posted);
    p.store.take_costs().iter().filter(|cost| cost.operation == "documents.file").count()
}

#[tokio::test]
async fn only_files_that_are_attached_are_fetched() {
    let pdf = || Some(b"%PDF-1.7 picture".to_vec());
    for (attach, files, with_pdf) in [("none", 0, 0), ("pdf", 0, 1), ("ubl", 1, 1), ("both", 1, 2)] {
        assert_eq!(files_read(attach, None).await, files, "{attach}");
        assert_eq!(files_read(attach, pdf()).await, with_pdf, "{attach}, with a PDF inside");
    }
}
