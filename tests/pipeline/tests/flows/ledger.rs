//! A ledger that is slow, full, down, closed or that knows better.

use chrono::{Datelike, TimeDelta};
use domain::{
    contact::Contact,
    content::ClearedHold,
    document::{Actor, Document, Status, Step},
    hold::HoldCode,
    ids::DocumentId,
    office::Choice,
    words::Language,
};
use pipeline::{Pipeline, Queue, Ubl};
use rust_decimal::{Decimal, dec};
use simulators::{
    exact::{Options, books::PeriodState, seed},
    faults::{Effect, Fault, Stored},
};
use std::time::Duration;
use store::document::{Change, Record};

const ENTRIES: &str = "purchaseentry/PurchaseEntries";

fn ubl(p: &Pipeline, number: u32) -> Ubl {
    Ubl::new(&format!("F-{number}"), p.now().date_naive() - chrono::Days::new(3)).of(dec!(10) * Decimal::from(number))
}

async fn posted_once(p: &Pipeline, id: DocumentId, context: &str) {
    let document = p.document(id).await;
    assert_eq!(document.status, Status::Posted, "{context}: {:?}", document.reason);
    assert_eq!((p.bookings().len(), p.ledger_documents()), (1, 1), "{context}");
    assert_eq!(p.booking().entry_number.to_string(), document.booked.unwrap().ledger_number, "{context}");
}

#[tokio::test]
async fn a_ledger_that_times_out_before_or_after_storing_or_stores_late_books_once() {
    let effects = [
        ("before", Effect::hang(Stored::No)),
        ("after", Effect::hang(Stored::Yes)),
        ("late", Effect::store_late(Duration::from_millis(50))),
        ("dropped", Effect::drop(Stored::Yes)),
        ("cut off", Effect::Malformed),
        ("down", Effect::unavailable(Stored::Yes)),
    ];
    for (what, effect) in effects {
        for path in ["documents/Documents", "documents/DocumentAttachments", ENTRIES] {
            let context = format!("{what}, POST {path}");
            let mut p = Pipeline::start().await;
            let fault = p.exact.faults().add(Fault::on("POST", path, effect.clone()));
            let id = p.deliver(&ubl(&p, 1)).await;
            p.run().await;
            assert_eq!(p.exact.faults().fired(fault), 1, "{context}");
            assert_eq!(p.document(id).await.status, Status::Posting, "{context}: it waits");
            let codes = p.history_codes(id).await;
            let told = ["timed_out", "unreachable", "malformed_answer", "unavailable"];
            assert!(codes.iter().any(|code| told.contains(&code.as_str())), "{context}: {codes:?}");
            let requests = p.ledger_requests();
            p.advance(TimeDelta::seconds(20));
            p.turn().await;
            assert_eq!(p.ledger_requests(), requests, "{context}: nothing is asked before it has settled");
            tokio::time::sleep(Duration::from_millis(80)).await;
            p.run_to_rest().await;
            posted_once(&p, id, &context).await;
        }
    }
}

#[tokio::test]
async fn too_many_requests_wait_as_long_as_the_ledger_says() {
    let mut p = Pipeline::start().await;
    p.exact.faults().add(Fault::on("POST", ENTRIES, Effect::too_many_requests(Some(120))));
    let id = p.deliver(&ubl(&p, 1)).await;
    p.run().await;
    assert!(p.history_codes(id).await.contains(&"rate_limited".to_owned()));
    let requests = p.ledger_requests();
    p.advance(TimeDelta::seconds(100));
    p.run().await;
    p.turn().await;
    assert_eq!(p.ledger_requests(), requests, "too early");
    p.run_to_rest().await;
    posted_once(&p, id, "429").await;
}

#[tokio::test]
async fn a_burst_beyond_the_ledgers_limit_goes_on_in_the_next_minutes_without_a_refusal() {
    let mut p = Pipeline::start_with(Options::demo()).await;
    // From the beginning of a minute: one that changes meanwhile would have room for sixty more.
    p.advance(TimeDelta::seconds(60 - p.now().timestamp().rem_euclid(60)));
    for number in 1..=12 {
        p.deliver(&ubl(&p, number)).await;
    }
    p.run().await;
    assert!(p.bookings().len() < 12, "sixty requests a minute are not enough");
    p.run_to_rest().await;
    assert_eq!((p.bookings().len(), p.ledger_documents()), (12, 12));
    let refused = p.exact.requests().list().iter().filter(|request| request.status == Some(429)).count();
    assert_eq!(refused, 0);
}

#[tokio::test]
async fn a_closed_period_is_rejected_with_the_ledgers_words() {
    let p = Pipeline::start().await;
    let invoice = ubl(&p, 1);
    let (year, month) = (invoice.issue_date.year(), i32::try_from(invoice.issue_date.month()).unwrap());
    let found = p
        .exact
        .change(|state| state.division_mut(seed::DIVISION).unwrap().close_period(year, month, PeriodState::Closed));
    assert!(found);
    let document = p.process(&invoice).await;
    let reason = document.reason.clone().unwrap();
    assert_eq!((document.status, reason.code.as_str()), (Status::Rejected, "period_closed"));
    let told =
        p.history(document.id).await.into_iter().filter_map(|entry| entry.reason).find(|it| it.code == reason.code);
    let told = told.unwrap();
    for language in Language::ALL {
        let words = told.shown(language);
        assert!(words.contains("Exact Online: Periode"), "its own words, in its user's language: {words}");
    }
    assert_eq!(p.bookings(), []);
    // Opened again, a person posts it.
    p.exact.change(|state| state.division_mut(seed::DIVISION).unwrap().close_period(year, month, PeriodState::Open));
    p.post_by_hand(document.id, p.office.automation_user).await;
    p.run().await;
    posted_once(&p, document.id, "opened again").await;
}

#[tokio::test]
async fn somebody_elses_booking_of_the_same_number_is_rejected_and_held() {
    let p = Pipeline::start().await;
    // Booked by us for another document, then the claim is forgotten: to the second document it is somebody else's.
    let first = p.process(&ubl(&p, 1)).await;
    p.exact.change(|state| {
        for entry in state.division_mut(seed::DIVISION).unwrap().entries.iter_mut() {
            entry.document = None;
        }
    });
    let content = p.content(first.id).await;
    let invoice = content.invoice.clone().unwrap();
    let direction = domain::ledger::Direction::Purchase;
    let keys = store::document::ClaimKey::of(p.office.administration, direction, p.office.supplier, &invoice);
    p.office.store().claims().release(&keys, first.id).await.unwrap();

    let second = p.process(&ubl(&p, 1)).await;
    let reason = second.reason.clone().unwrap();
    assert_eq!((second.status, reason.code.as_str()), (Status::Rejected, "duplicate"), "{reason:?}");
    assert_eq!(second.holds, [HoldCode::InLedger]);
    assert_eq!(p.bookings().len(), 1);

    // A person looked and says that it is another invoice.
    let now = p.now();
    let documents = p.office.store().documents();
    let mut content = p.content(second.id).await;
    let by = Actor::User(p.office.automation_user);
    content.cleared.push(ClearedHold { code: HoldCode::InLedger, by, at: now, reason: "another one".to_owned() });
    let version = second.version + 1;
    let writer = store::Writer::new("person", 0);
    documents.put_content(second.id, version, &content, &writer).await.unwrap();
    let cleared = Document { version, holds: vec![], content_version: Some(version), ..second.clone() };
    documents.rest(Change::new(&second, &cleared, Step::Announce, Record::Covered), &writer).await.unwrap();
    p.post_by_hand(second.id, p.office.automation_user).await;
    p.run().await;
    assert_eq!(p.document(second.id).await.status, Status::Posted, "{:?}", p.document(second.id).await.reason);
    assert_eq!(p.bookings().len(), 2);
}

#[tokio::test]
async fn a_ledger_that_is_down_is_asked_a_few_times_only_and_probed() {
    let mut p = Pipeline::start().await;
    let down = p.exact.faults().add(Fault::on_any(Effect::unavailable(Stored::No)).always());
    let mut ids = Vec::new();
    for number in 1..=20 {
        ids.push(p.deliver(&ubl(&p, number)).await);
    }
    p.run().await;
    for _ in 0..10 {
        p.turn().await;
    }
    let asked = p.ledger_requests();
    assert!((3..=4).contains(&asked), "{asked} requests: the circuit opens at the third failure");
    for _ in 0..12 {
        p.advance(TimeDelta::minutes(5));
        p.sweep().await;
        p.run().await;
    }
    let asked = p.ledger_requests();
    assert!(asked <= 12, "{asked} requests in an hour");
    for id in &ids {
        let document = p.document(*id).await;
        assert_eq!(document.status, Status::Posting, "it waits");
    }
    assert!(p.exact.faults().remove(down));
    p.run_to_rest().await;
    for id in ids {
        assert_eq!(p.document(id).await.status, Status::Posted);
    }
    assert_eq!((p.bookings().len(), p.ledger_documents()), (20, 20));
}

#[tokio::test]
async fn one_turn_posts_its_documents_one_after_another() {
    let p = Pipeline::start().await;
    let mut ids = Vec::new();
    for number in 1..=5 {
        ids.push(p.deliver(&ubl(&p, number)).await);
    }
    p.relay().await;
    p.step(Queue::Tagged).await;
    p.relay().await;
    p.step(Queue::Evaluate).await;
    assert!(p.turn().await);
    for id in ids {
        assert_eq!(p.document(id).await.status, Status::Posted);
    }
    let posts: Vec<_> = p
        .exact
        .requests()
        .list()
        .into_iter()
        .filter(|request| request.method == "POST")
        .map(|request| request.path.rsplit('/').next().unwrap().to_owned())
        .collect();
    let one = ["Documents", "DocumentAttachments", "PurchaseEntries"];
    assert_eq!(posts, one.repeat(5), "each is through before the next one begins");
}

#[tokio::test]
async fn of_two_turns_at_once_one_leaves_a_wake_that_the_other_sees() {
    let p = Pipeline::start().await;
    let first = p.deliver(&ubl(&p, 1)).await;
    p.relay().await;
    p.step(Queue::Tagged).await;
    p.relay().await;
    p.step(Queue::Evaluate).await;
    p.lose_changes().await;
    // The first turn is under way when a second document comes, whose turn finds the unit taken.
    p.exact.faults().add(Fault::on("GET", "crm/Accounts", Effect::SlowBody { over_ms: 200 }));
    let slow = p.turn();
    let second = async {
        tokio::time::sleep(Duration::from_millis(30)).await;
        let id = p.deliver(&ubl(&p, 2)).await;
        p.run().await;
        let requests = p.ledger_requests();
        assert_eq!(p.document(id).await.status, Status::Posting, "the unit is taken");
        (id, requests)
    };
    let (went, (second, _)) = tokio::join!(slow, second);
    assert!(went);
    for id in [first, second] {
        assert_eq!(p.document(id).await.status, Status::Posted, "the first turn did both");
    }
    assert_eq!((p.bookings().len(), p.ledger_documents()), (2, 2));
}

#[tokio::test]
async fn a_turn_that_lost_its_lease_writes_nothing_more() {
    let mut p = Pipeline::start().await;
    let id = p.deliver(&ubl(&p, 1)).await;
    p.relay().await;
    p.step(Queue::Tagged).await;
    p.relay().await;
    p.step(Queue::Evaluate).await;
    p.lose_changes().await;
    // While the entry is being sent, somebody else takes the lease: as if this process had slept for long.
    p.exact.faults().add(Fault::on("POST", ENTRIES, Effect::SlowBody { over_ms: 200 }));
    let units = p.office.store().units();
    let later = p.now() + TimeDelta::hours(1);
    let thief = async {
        while p.exact.requests().count("POST", ENTRIES) == 0 {
            tokio::time::sleep(Duration::from_millis(2)).await;
        }
        let owner = store::Writer::new("thief", 0);
        let taken = units.take(&p.office.unit(), &owner, later, later, None).await.unwrap();
        let store::runs::Taken::Taken(lease, state) = taken else { panic!("it is free by then") };
        assert_eq!(state.abandoned, Some(id.into()), "what was under way is known");
        // The later lease writes: what the earlier one writes after it is refused.
        let documents = p.office.store().documents();
        let version = p.document(id).await.version;
        documents.checkpoint(id, version, lease.fence, "{}", &owner).await.unwrap();
    };
    let (went, ()) = tokio::join!(p.turn(), thief);
    assert!(!went, "the turn's own result is refused");
    assert_eq!(p.document(id).await.status, Status::Posting);
    p.advance(TimeDelta::hours(1));
    p.run_to_rest().await;
    posted_once(&p, id, "lost lease").await;
}

#[tokio::test]
async fn the_contacts_id_in_the_ledger_is_remembered() {
    let p = Pipeline::start().await;
    p.process(&ubl(&p, 1)).await;
    let Contact { ledger_contact, version, .. } = p.office.get_supplier().await;
    assert!(ledger_contact.is_some());
    let looked = p.exact.requests().count("GET", "crm/Accounts");
    p.process(&ubl(&p, 2)).await;
    assert_eq!(p.exact.requests().count("GET", "crm/Accounts"), looked, "nobody is looked for again");
    assert_eq!(p.office.get_supplier().await.version, version, "and nothing stored again");
}

fn unknown_to_the_ledger(p: &Pipeline) {
    p.exact.change(|state| {
        let books = state.division_mut(seed::DIVISION).unwrap();
        books.accounts.retain(|account| account.code.trim() != seed::SUPPLIER);
        books.bank_accounts.retain(|_| false);
    });
}

#[tokio::test]
async fn a_contact_that_the_ledger_lacks_is_made_there_when_that_is_allowed() {
    let p = Pipeline::start().await;
    unknown_to_the_ledger(&p);
    let document = p.process(&ubl(&p, 1)).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    assert_eq!(p.booking().relation_name, "Papier & Co B.V.");
    p.process(&ubl(&p, 2)).await;
    assert_eq!(p.exact.requests().count("POST", "crm/Accounts"), 1, "once");
}

#[tokio::test]
async fn a_contact_that_the_ledger_lacks_is_not_made_when_that_is_switched_off() {
    let p = Pipeline::start().await;
    unknown_to_the_ledger(&p);
    p.office.change_connection(p.now(), |connection| connection.create_contacts = Choice::No).await;
    let document = p.process(&ubl(&p, 1)).await;
    assert_eq!((document.status, p.reason(document.id).await.as_deref()), (Status::Rejected, Some("contact_missing")));
    assert_eq!((p.bookings().len(), p.exact.requests().count("POST", "")), (0, 0));
}

#[tokio::test]
async fn a_missing_option_of_the_connection_waits_for_a_person_and_not_for_ever() {
    let mut p = Pipeline::start().await;
    let journal = |connection: &mut domain::office::Connection| connection.options.remove("purchase_journal");
    p.office
        .change_connection(p.now(), |connection| {
            journal(connection);
        })
        .await;
    let id = p.deliver(&ubl(&p, 1)).await;
    p.run().await;
    assert_eq!(p.document(id).await.status, Status::Posting, "the whole connection is concerned, not this document");
    assert!(p.history_codes(id).await.contains(&"option".to_owned()));
    p.office
        .change_connection(p.now(), |connection| {
            connection.options.insert("purchase_journal".to_owned(), "60".to_owned());
        })
        .await;
    p.run_to_rest().await;
    posted_once(&p, id, "mended").await;
}
