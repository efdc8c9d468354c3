//! Units, credentials, tasks, consents and repeated requests on a DynamoDB in this process.
#![allow(clippy::unwrap_used, clippy::panic)]

mod support;

use domain::{
    document::UnitId,
    ids::TurnDocument,
    ledger::DirectoryKind,
    reason::Reason,
    task::{Task, TaskState, Work},
};
use store::{
    Cursor, ErrorKind, Read, SystemStore, TenantStore,
    document::BodyHash,
    runs::{
        Answer, Attempt, CredentialState, Fence, Lease, OauthState, PreviousRefresh, Refresh, Released, RequestKey,
        SealedTokens, Taken, UnitMemory, UnitState,
    },
    settings::Author,
    testing::{Fault, TestStore, Which},
};
use support::{at, connection, id, minutes, task_id, tenant, unit, user_id, writer};

async fn store() -> (TestStore, TenantStore) {
    let store = TestStore::start().await;
    let tenant = store.store().tenant(tenant());
    (store, tenant)
}

fn document(number: u128) -> TurnDocument {
    TurnDocument::Received(id(number))
}

fn memory(budget: &str) -> UnitMemory {
    UnitMemory { budget: Some(budget.into()), ..UnitMemory::default() }
}

async fn take(tenant: &TenantStore, owner: &str, now: i64, current: Option<TurnDocument>) -> Taken {
    tenant.units().take(&unit(), &writer(owner), at(now), at(now + 60), current).await.unwrap()
}

async fn taken(tenant: &TenantStore, owner: &str, now: i64, current: Option<TurnDocument>) -> (Lease, UnitState) {
    match take(tenant, owner, now, current).await {
        Taken::Taken(lease, state) => (lease, state),
        Taken::Busy { until } => panic!("busy until {until}"),
    }
}

#[tokio::test]
async fn one_turn_at_a_time_and_no_wake_is_lost() {
    let (_store, tenant) = store().await;
    let (lease, state) = taken(&tenant, "one", 0, None).await;
    assert_eq!((lease.fence, state), (Fence(1), UnitState { given_back: true, ..UnitState::default() }));
    assert_eq!(take(&tenant, "two", 1, None).await, Taken::Busy { until: at(60) });
    let units = tenant.units();
    assert_eq!(units.release(&lease, 0, &memory("{}")).await.unwrap(), Released::NewWake { wakes: 1 });
    assert_eq!(take(&tenant, "three", 2, None).await, Taken::Busy { until: at(60) });
    assert_eq!(units.release(&lease, 1, &memory("{}")).await.unwrap(), Released::NewWake { wakes: 2 });
    assert_eq!(units.release(&lease, 2, &memory("{\"left\":59}")).await.unwrap(), Released::Released);
    let (lease, state) = taken(&tenant, "four", 3, None).await;
    assert_eq!(lease.fence, Fence(2));
    let expected = UnitState { memory: memory("{\"left\":59}"), wakes: 2, abandoned: None, given_back: true };
    assert_eq!(state, expected);
    assert_eq!(units.release(&lease, 2, &memory("{}")).await.unwrap(), Released::Released);
}

#[tokio::test]
async fn a_lease_that_ran_out_tells_what_it_was_doing() {
    let (_store, tenant) = store().await;
    let units = tenant.units();
    let (dead, _) = taken(&tenant, "dead", 0, None).await;
    units.renew(&dead, Some(document(10)), at(120), &memory("{}")).await.unwrap();
    assert_eq!(take(&tenant, "two", 119, None).await, Taken::Busy { until: at(120) });
    let (second, state) = taken(&tenant, "two", 120, Some(document(11))).await;
    assert_eq!((second.fence, state.abandoned, state.given_back), (Fence(2), Some(document(10)), false));
    // The second dies as well before it looked into it: the third still learns of it.
    let (third, state) = taken(&tenant, "three", 300, Some(document(12))).await;
    assert_eq!((third.fence, state.abandoned), (Fence(3), Some(document(10))));
    for late in [&dead, &second] {
        let renewed = units.renew(late, None, at(999), &memory("{}")).await.unwrap_err();
        assert_eq!(renewed.kind(), ErrorKind::Conflict);
        let released = units.release(late, 0, &memory("{}")).await.unwrap_err();
        assert_eq!(released.kind(), ErrorKind::Conflict);
    }
    units.renew(&third, Some(document(12)), at(400), &memory("{}")).await.unwrap();
    assert_eq!(units.release(&third, 1, &memory("{}")).await.unwrap(), Released::Released);
    let (_, state) = taken(&tenant, "four", 500, None).await;
    assert_eq!(state.abandoned, None, "given back in order");
}

#[tokio::test]
async fn taking_renewing_and_releasing_survive_a_lost_answer() {
    let (store, tenant) = store().await;
    let units = tenant.units();
    store.faults().plan("UpdateItem", 0, Fault::LoseAnswer);
    let (lease, state) = taken(&tenant, "one", 0, Some(document(10))).await;
    assert_eq!((lease.fence, state.abandoned), (Fence(1), None), "our own document is not abandoned");
    store.faults().plan("UpdateItem", 0, Fault::LoseAnswer);
    units.renew(&lease, Some(document(11)), at(90), &memory("{}")).await.unwrap();
    let (lease, state) = {
        store.faults().plan("UpdateItem", 0, Fault::LoseAnswer);
        taken(&tenant, "two", 91, Some(document(11))).await
    };
    assert_eq!((lease.fence, state.abandoned), (Fence(2), Some(document(11))), "even when it is the same document");
    assert_eq!(state.memory, memory("{}"));
    store.faults().plan("UpdateItem", 0, Fault::LoseAnswer);
    assert_eq!(units.release(&lease, 0, &memory("{\"x\":1}")).await.unwrap(), Released::Released);
    assert!(store.faults().are_over());
    let (unit_memory, until) = units.peek(&unit()).await.unwrap().unwrap();
    assert_eq!((unit_memory, until), (memory("{\"x\":1}"), None));
}

#[tokio::test]
async fn a_turn_that_failed_gives_its_lease_back_and_tells_what_is_unfinished() {
    let (_store, tenant) = store().await;
    let units = tenant.units();
    let (lease, _) = taken(&tenant, "one", 0, Some(document(10))).await;
    assert!(!units.give_up(&lease, 0, None, &memory("{\"left\":1}")).await.unwrap());
    let (lease, state) = taken(&tenant, "two", 1, None).await;
    assert_eq!((lease.fence, state.abandoned), (Fence(2), None), "at once, and nothing was begun");
    assert_eq!(state.memory, memory("{\"left\":1}"));
    assert_eq!(take(&tenant, "three", 2, None).await, Taken::Busy { until: at(61) });
    assert!(units.give_up(&lease, 0, Some(document(11)), &memory("{}")).await.unwrap(), "a wake that was not seen");
    let (third, state) = taken(&tenant, "four", 3, None).await;
    assert_eq!((third.fence, state.abandoned, state.given_back), (Fence(3), Some(document(11)), true));
    assert!(!units.give_up(&lease, 0, None, &memory("old")).await.unwrap(), "a lost lease is nobody's to give back");
    assert_eq!(take(&tenant, "five", 4, None).await, Taken::Busy { until: at(63) });
}

#[tokio::test]
async fn the_units_of_a_connection_are_found() {
    let (_store, tenant) = store().await;
    let units = tenant.units();
    let whole = UnitId { connection: connection(), division: None };
    let other = UnitId { connection: id(51), division: None };
    for unit in [&unit(), &whole, &other] {
        units.register(unit).await.unwrap();
    }
    assert_eq!(units.of_connection(connection()).await.unwrap(), [whole, unit()]);
}

#[tokio::test]
async fn of_two_at_once_one_gets_the_lease() {
    let (_store, tenant) = store().await;
    let (one, other) = tokio::join!(take(&tenant, "one", 0, None), take(&tenant, "two", 0, None));
    let busy = |taken: &Taken| matches!(taken, Taken::Busy { .. });
    assert!(busy(&one) != busy(&other), "{one:?} {other:?}");
}

#[tokio::test]
async fn turns_of_one_request_do_not_share_a_lease() {
    let (_store, tenant) = store().await;
    let (lease, _) = taken(&tenant, "one", 0, None).await;
    tenant.units().renew(&lease, Some(document(10)), at(60), &memory("{}")).await.unwrap();
    assert_eq!(take(&tenant, "one", 1, None).await, Taken::Busy { until: at(60) });
    let (_, state) = taken(&tenant, "one", 60, None).await;
    assert_eq!(state.abandoned, Some(document(10)), "what the first was doing is not forgotten");
}

#[tokio::test]
async fn maintenance_finds_every_unit() {
    let (store, tenant) = store().await;
    let books = domain::office::Administration {
        id: support::administration(),
        name: "De Ster".into(),
        time_zone: domain::time::TimeZone::default(),
        own: domain::contact::OwnIdentifiers::default(),
        unit: Some(unit()),
        currency: domain::money::Currency::EUR,
        exports: domain::office::ExportRules::default(),
        duplicates: domain::office::DuplicateRules::default(),
        version: 1,
    };
    let (by, name) = (support::actor(), writer("a"));
    let author = Author { by: &by, at: at(0), writer: &name };
    tenant.administrations().create(&books, &author).await.unwrap();
    tenant.units().register(&unit()).await.unwrap();
    let whole = UnitId { connection: id(51), division: None };
    tenant.units().take(&whole, &writer("a"), at(0), at(1), None).await.unwrap();
    let mut found = Vec::new();
    for shard in 0..SystemStore::SHARDS {
        found.extend(store.store().system().units(shard).await.unwrap());
    }
    found.sort_by(|one, other| one.unit.cmp(&other.unit));
    assert!(found.iter().all(|found| found.tenant == tenant.id()));
    assert_eq!(found.into_iter().map(|found| found.unit).collect::<Vec<_>>(), [unit(), whole]);
    assert_eq!(store.store().tenant(id(77)).units().peek(&unit()).await.unwrap(), None, "another tenant");
}

fn tokens(second: i64) -> SealedTokens {
    SealedTokens { sealed: second.to_be_bytes().to_vec(), issued_at: at(second), expires_at: at(second + 600) }
}

async fn begin(tenant: &TenantStore, owner: &str, now: i64) -> Refresh {
    tenant.credentials().begin_refresh(connection(), &writer(owner), at(now), at(now + 30)).await.unwrap()
}

#[tokio::test]
async fn tokens_are_renewed_by_one_at_a_time() {
    let (store, tenant) = store().await;
    let credentials = tenant.credentials();
    assert_eq!(begin(&tenant, "a", 0).await, Refresh::ReconnectNeeded, "there are none");
    assert_eq!(store.items(Which::Runs).await, Vec::<serde_json::Value>::new());
    credentials.put(connection(), &tokens(0), &writer("a")).await.unwrap();
    let Refresh::Granted { lease, credential, previous } = begin(&tenant, "b", 570).await else { panic!() };
    assert_eq!((credential.tokens, credential.version, previous), (tokens(0), 1, PreviousRefresh::Ended));
    assert_eq!(begin(&tenant, "c", 571).await, Refresh::Busy { until: at(600) });
    assert_eq!(begin(&tenant, "b", 571).await, Refresh::Busy { until: at(600) }, "another turn of the same request");
    let renewed = credentials.complete_refresh(&lease, &tokens(572), &writer("b")).await.unwrap();
    assert_eq!(credentials.get(connection(), Read::Consistent).await.unwrap(), Some(renewed));
    let Refresh::Granted { credential, previous, .. } = begin(&tenant, "c", 1200).await else { panic!() };
    assert_eq!((credential.tokens, credential.version, previous), (tokens(572), 2, PreviousRefresh::Ended));
}

#[tokio::test]
async fn a_renewal_that_died_is_told_and_cannot_come_back() {
    let (_store, tenant) = store().await;
    let credentials = tenant.credentials();
    credentials.put(connection(), &tokens(0), &writer("a")).await.unwrap();
    let Refresh::Granted { lease: dead, .. } = begin(&tenant, "b", 570).await else { panic!() };
    let Refresh::Granted { lease, previous, .. } = begin(&tenant, "c", 600).await else { panic!() };
    assert_eq!(previous, PreviousRefresh::Unfinished { tries: 1 });
    let late = credentials.complete_refresh(&dead, &tokens(580), &writer("b")).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Conflict);
    credentials.fail_refresh(&lease, CredentialState::ReconnectNeeded, &writer("c")).await.unwrap();
    assert_eq!(begin(&tenant, "d", 900).await, Refresh::ReconnectNeeded);
    let kept = credentials.get(connection(), Read::Consistent).await.unwrap().unwrap();
    assert_eq!(kept.state, CredentialState::ReconnectNeeded);
    credentials.put(connection(), &tokens(1000), &writer("e")).await.unwrap();
    credentials.put(connection(), &tokens(1100), &writer("e")).await.unwrap();
    let again = credentials.get(connection(), Read::Consistent).await.unwrap().unwrap();
    assert_eq!((again.tokens, again.version), (tokens(1100), 3), "two consents in one turn: the later counts");
    credentials.put(connection(), &tokens(1000), &writer("e")).await.unwrap();
    let Refresh::Granted { credential, previous, .. } = begin(&tenant, "f", 1600).await else { panic!() };
    assert_eq!((credential.tokens, previous), (tokens(1000), PreviousRefresh::Ended));
}

#[tokio::test]
async fn renewals_survive_lost_answers() {
    let (store, tenant) = store().await;
    let credentials = tenant.credentials();
    store.faults().plan("UpdateItem", 0, Fault::LoseAnswer);
    credentials.put(connection(), &tokens(0), &writer("a")).await.unwrap();
    assert_eq!(credentials.get(connection(), Read::Consistent).await.unwrap().unwrap().version, 1, "put once");
    store.faults().plan("UpdateItem", 0, Fault::LoseAnswer);
    let Refresh::Granted { lease, previous, .. } = begin(&tenant, "b", 570).await else { panic!() };
    assert_eq!(previous, PreviousRefresh::Ended);
    store.faults().plan("UpdateItem", 0, Fault::LoseAnswer);
    credentials.complete_refresh(&lease, &tokens(571), &writer("b")).await.unwrap();
    let Refresh::Granted { lease, .. } = begin(&tenant, "c", 1200).await else { panic!() };
    store.faults().plan("UpdateItem", 0, Fault::LoseAnswer);
    credentials.fail_refresh(&lease, CredentialState::Good, &writer("c")).await.unwrap();
    let Refresh::Granted { credential, .. } = begin(&tenant, "d", 1201).await else { panic!() };
    assert_eq!((credential.tokens, credential.version), (tokens(571), 2));
    assert!(store.faults().are_over());
}

#[tokio::test]
async fn renewals_that_ended_in_the_dark_are_counted() {
    let (store, tenant) = store().await;
    let credentials = tenant.credentials();
    credentials.put(connection(), &tokens(0), &writer("a")).await.unwrap();
    begin(&tenant, "b", 570).await;
    store.faults().plan("UpdateItem", 0, Fault::LoseAnswer);
    let Refresh::Granted { lease, previous, .. } = begin(&tenant, "c", 600).await else { panic!() };
    assert_eq!(previous, PreviousRefresh::Unfinished { tries: 1 }, "told though the answer was lost");
    // The second one surely did nothing: what the first did is still not known.
    credentials.fail_refresh(&lease, CredentialState::Good, &writer("c")).await.unwrap();
    let Refresh::Granted { previous, .. } = begin(&tenant, "d", 660).await else { panic!() };
    assert_eq!(previous, PreviousRefresh::Unfinished { tries: 1 });
    let Refresh::Granted { lease, previous, .. } = begin(&tenant, "e", 720).await else { panic!() };
    assert_eq!(previous, PreviousRefresh::Unfinished { tries: 2 });
    credentials.complete_refresh(&lease, &tokens(721), &writer("e")).await.unwrap();
    let Refresh::Granted { previous, .. } = begin(&tenant, "f", 1300).await else { panic!() };
    assert_eq!(previous, PreviousRefresh::Ended);
}

#[tokio::test]
async fn idle_tokens_are_found() {
    let (store, tenant) = store().await;
    tenant.credentials().put(connection(), &tokens(0), &writer("a")).await.unwrap();
    let idle = async |day: chrono::NaiveDate| {
        let mut found = Vec::new();
        for shard in 0..SystemStore::SHARDS {
            found.extend(store.store().system().tokens_renewed_until(shard, day).await.unwrap());
        }
        found
    };
    let day = at(0).date_naive();
    assert_eq!(idle(day).await, [(tenant.id(), connection())]);
    assert_eq!(idle(day.pred_opt().unwrap()).await, []);
    let other = store.store().tenant(id(77)).credentials();
    assert_eq!(other.get(connection(), Read::Consistent).await.unwrap(), None, "another tenant");
    let Refresh::Granted { lease, .. } = begin(&tenant, "b", 600).await else { panic!() };
    tenant.credentials().fail_refresh(&lease, CredentialState::ReconnectNeeded, &writer("b")).await.unwrap();
    assert_eq!(idle(day).await, [], "nothing is left to be kept alive");
}

fn task(number: u128, due: i64) -> Task {
    Task {
        id: id(number),
        unit: unit(),
        work: Work::Directory { directory: DirectoryKind::VatCodes },
        requested_by: user_id(),
        requested_at: at(0),
        due: at(due),
        attempts: 0,
        state: TaskState::Open,
    }
}

#[tokio::test]
async fn tasks_wait_for_their_unit_and_end() {
    let (store, tenant) = store().await;
    let tasks = tenant.tasks();
    let (one, two) = (task(8, 0), task(9, 50));
    store.faults().plan("PutItem", 0, Fault::LoseAnswer);
    tasks.create(&one, &writer("a")).await.unwrap();
    tasks.create(&two, &writer("a")).await.unwrap();
    assert_eq!(tasks.create(&one, &writer("b")).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(tasks.get(task_id(), Read::Consistent).await.unwrap(), Some(one.clone()));
    assert_eq!(tasks.open(&unit(), at(10), 10).await.unwrap(), std::slice::from_ref(&one));
    assert_eq!(tasks.next_due(&unit()).await.unwrap(), Some(at(0)));

    let later = Task { due: at(100), attempts: 1, ..one.clone() };
    store.faults().plan("PutItem", 0, Fault::LoseAnswer);
    tasks.update(&one, &later, &writer("c")).await.unwrap();
    assert_eq!(tasks.update(&one, &later, &writer("d")).await.unwrap_err().kind(), ErrorKind::Conflict);
    assert_eq!(tasks.next_due(&unit()).await.unwrap(), Some(at(50)));
    let done =
        Task { attempts: 2, state: TaskState::Done { summary: "12 codes".into(), at: at(101) }, ..later.clone() };
    tasks.update(&later, &done, &writer("e")).await.unwrap();
    let error = Reason::new("forbidden", "no right");
    let failed = Task { attempts: 1, state: TaskState::Failed { error, at: at(102) }, ..two.clone() };
    tasks.update(&two, &failed, &writer("f")).await.unwrap();
    assert_eq!(tasks.open(&unit(), at(9999), 10).await.unwrap(), []);
    assert_eq!(tasks.next_due(&unit()).await.unwrap(), None);
    let page = tasks.list(None, 1).await.unwrap();
    assert_eq!(page.items, [failed], "newest first");
    assert_eq!(tasks.list(page.next.as_ref(), 1).await.unwrap().items, [done]);
    let other = store.store().tenant(id(77)).tasks();
    assert_eq!(other.get(task_id(), Read::Consistent).await.unwrap(), None, "another tenant");
    assert_eq!(other.list(page.next.as_ref(), 1).await.unwrap_err().kind(), ErrorKind::BadCursor);
    assert_eq!(tasks.list(Some(&Cursor::new("x")), 1).await.unwrap_err().kind(), ErrorKind::BadCursor);
    assert_eq!(tasks.progress::<Vec<u32>>(task_id()).await.unwrap(), None);
    // More than an item holds.
    let progress: Vec<u32> = (0..100_000).map(|number: u32| number.wrapping_mul(2_654_435_761)).collect();
    tasks.put_progress(task_id(), &progress, at(1)).await.unwrap();
    assert_eq!(tasks.progress::<Vec<u32>>(task_id()).await.unwrap(), Some(progress));
    assert_eq!(other.progress::<Vec<u32>>(task_id()).await.unwrap(), None, "another tenant");
    let absent = task(55, 0);
    let missing = tasks.update(&absent, &Task { attempts: 1, ..absent.clone() }, &writer("g")).await;
    assert_eq!(missing.unwrap_err().kind(), ErrorKind::NotFound);
}

#[tokio::test]
async fn a_consent_is_good_once_and_for_a_while() {
    let (store, tenant) = store().await;
    let states = tenant.oauth_states();
    let secret = |byte| [byte; 32];
    let state = states.issue(&secret(1), user_id(), connection(), at(600)).await.unwrap();
    assert_eq!(format!("{state:?}"), "(hidden)");
    let back = OauthState::new(state.expose());
    let consent = store.store().take_oauth_state(&back, at(1)).await.unwrap().unwrap();
    assert_eq!((consent.tenant, consent.user, consent.connection), (tenant.id(), user_id(), connection()));
    assert_eq!(store.store().take_oauth_state(&back, at(1)).await.unwrap(), None, "once");
    let late = states.issue(&secret(2), user_id(), connection(), at(600)).await.unwrap();
    assert_eq!(store.store().take_oauth_state(&late, at(600)).await.unwrap(), None, "expired");
    let stored = states.issue(&secret(3), user_id(), connection(), at(600)).await.unwrap();
    let items = store.items(Which::Runs).await;
    assert!(
        !items.iter().any(|item| item.to_string().contains(stored.expose().split_once('.').unwrap().1)),
        "a digest only"
    );
    let foreign = stored.expose().replacen(&tenant.id().to_string(), &id::<domain::ids::TenantId>(77).to_string(), 1);
    for wrong in [foreign.as_str(), "", "x", "ten_1.abc", &"y".repeat(5000)] {
        assert_eq!(store.store().take_oauth_state(&OauthState::new(wrong), at(1)).await.unwrap(), None, "{wrong}");
    }
    assert_eq!(states.issue(b"short", user_id(), connection(), at(1)).await.unwrap_err().kind(), ErrorKind::Bug);
}

#[tokio::test]
async fn a_repeated_request_gets_the_first_ones_answer() {
    let (store, tenant) = store().await;
    let requests = tenant.idempotency();
    let key = RequestKey::new("POST /users", "usr", "k1");
    let (body, other_body) = (BodyHash::of(b"{}"), BodyHash::of(b"[]"));
    let begin = async |key: &RequestKey, body, now: i64, name: &str| {
        requests.begin(key, body, at(now), at(now + 30), &writer(name)).await.unwrap()
    };
    store.faults().plan("PutItem", 0, Fault::LoseAnswer);
    assert_eq!(begin(&key, body, 0, "a").await, Attempt::First);
    assert_eq!(begin(&key, body, 1, "b").await, Attempt::InProgress);
    assert_eq!(begin(&key, other_body, 1, "b").await, Attempt::OtherBody);
    let answer = Answer { status: 201, body: "{\"id\":1}".into() };
    store.faults().plan("UpdateItem", 0, Fault::LoseAnswer);
    requests.complete(&key, &answer, &writer("a")).await.unwrap();
    assert_eq!(begin(&key, body, 2, "b").await, Attempt::Answered(answer.clone()));
    assert_eq!(begin(&key, other_body, 2, "b").await, Attempt::OtherBody);
    assert_eq!(begin(&key, other_body, 49 * 3600, "b").await, Attempt::First, "forgotten after two days");

    let key = RequestKey::new("POST /users", "usr", "k2");
    assert_eq!(begin(&key, body, 0, "dead").await, Attempt::First);
    assert_eq!(begin(&key, other_body, 31, "next").await, Attempt::OtherBody, "whoever died, the body stays the same");
    assert_eq!(begin(&key, body, 31, "next").await, Attempt::First, "whoever died blocks nobody for long");
    let late = requests.complete(&key, &answer, &writer("dead")).await.unwrap_err();
    assert_eq!(late.kind(), ErrorKind::Conflict);
    requests.abandon(&key, &writer("next")).await.unwrap();
    assert_eq!(begin(&key, other_body, 32, "third").await, Attempt::First);
    let large = Answer { status: 200, body: "x".repeat(100_000) };
    assert_eq!(requests.complete(&key, &large, &writer("third")).await.unwrap_err().kind(), ErrorKind::TooLarge);
    let other = store.store().tenant(id(77)).idempotency();
    assert_eq!(other.begin(&key, body, at(0), at(1), &writer("x")).await.unwrap(), Attempt::First, "another tenant");
}

#[tokio::test]
async fn stored_runs_keep_their_shape() {
    let (store, tenant) = store().await;
    let (lease, _) = taken(&tenant, "one", 0, Some(document(10))).await;
    let kept = UnitMemory {
        budget: Some("{}".into()),
        circuit: Some("{}".into()),
        asleep_until: Some(at(700)),
        awaits_consent: true,
    };
    tenant.units().renew(&lease, Some(document(10)), at(0) + minutes(5), &kept).await.unwrap();
    take(&tenant, "two", 1, None).await;
    tenant.credentials().put(connection(), &tokens(0), &writer("a")).await.unwrap();
    begin(&tenant, "b", 570).await;
    tenant.tasks().create(&task(8, 0), &writer("a")).await.unwrap();
    let done = Task { attempts: 1, state: TaskState::Done { summary: "d".into(), at: at(1) }, ..task(9, 0) };
    tenant.tasks().create(&task(9, 0), &writer("a")).await.unwrap();
    tenant.tasks().update(&task(9, 0), &done, &writer("b")).await.unwrap();
    tenant.tasks().put_progress(task_id(), &"page 2", at(1)).await.unwrap();
    tenant.oauth_states().issue(&[7; 32], user_id(), connection(), at(1)).await.unwrap();
    let key = RequestKey::new("POST /users", "usr", "k1");
    tenant.idempotency().begin(&key, BodyHash::of(b"x"), at(0), at(1), &writer("a")).await.unwrap();
    let shapes: Vec<String> = store
        .items(Which::Runs)
        .await
        .iter()
        .map(|item| {
            let mut names: Vec<_> = item.as_object().unwrap().keys().map(String::as_str).collect();
            names.retain(|name| !["pk", "sk"].contains(name));
            names.sort_unstable();
            let (pk, sk) = (item["pk"]["S"].as_str().unwrap(), item["sk"]["S"].as_str().unwrap());
            let sk = sk.split('#').next().filter(|_| sk.contains('#') || sk.len() < 40).unwrap_or("(digest)");
            format!("{pk} / {sk}: {}", names.join(" "))
        })
        .collect();
    let t = tenant.id();
    let expected = [
        format!("{t}#{} / credential: e ea f ia ow rn s v w ypk ysk z", connection()),
        format!("{t}#{} / unit: aw b c ci e f k ow sl ypk ysk", unit()),
        format!("{t}#consents / state: connection expires ttl user"),
        format!("{t}#idempotency / (digest): e h s ttl w x"),
        format!("{t}#tasks / progress: ttl z"),
        format!("{t}#tasks / task: attempts due id requested_at requested_by state unit w work ypk ysk"),
        format!("{t}#tasks / task: attempts due id requested_at requested_by state ttl unit w work"),
    ];
    assert_eq!(shapes, expected);
}
