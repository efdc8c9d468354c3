//! What a person settles by hand: a closed period, a coding of his own, a scan that was read wrongly, and what the ledger
//! left open.

use chrono::{Datelike, Days, NaiveDate};
use domain::{
    document::{Document, Event, Status, Step},
    ids::DocumentId,
    ledger::DirectoryKind,
    task::Work,
};
use pipeline::{Line, Person, Pipeline, Ubl};
use rust_decimal::dec;
use serde_json::{Value, json};
use simulators::{
    exact::{books::PeriodState, seed},
    faults::{Effect, Fault, Stored},
};
use store::document::{Change, Record};

const ENTRIES: &str = "purchaseentry/PurchaseEntries";

fn at(id: DocumentId, what: &str) -> String {
    format!("/documents/{id}{what}")
}

async fn edit(p: &Pipeline, who: &Person, id: DocumentId, body: Value) -> (u16, Value) {
    let version = p.document(id).await.version;
    p.ask(who, "PATCH", &at(id, "/edits"), Some(version), body).await
}

async fn post(p: &Pipeline, who: &Person, id: DocumentId, body: Value) -> Document {
    let (status, answer) = p.ask(who, "POST", &at(id, "/post"), None, body).await;
    assert_eq!(status, 200, "{answer}");
    p.run().await;
    p.document(id).await
}

fn close(p: &Pipeline, date: NaiveDate, state: PeriodState) {
    let (year, month) = (date.year(), i32::try_from(date.month()).unwrap());
    let found = p.exact.change(|state_| state_.division_mut(seed::DIVISION).unwrap().close_period(year, month, state));
    assert!(found);
}

/// The first day of a month, counted from that of a date.
fn month(date: NaiveDate, later: u32) -> NaiveDate {
    date.with_day(1).unwrap().checked_add_months(chrono::Months::new(later)).unwrap()
}

#[tokio::test]
async fn a_closed_period_is_booked_in_the_first_open_one_with_the_invoice_date_unchanged() {
    let p = Pipeline::start().await;
    let anna = p.accountant().await;
    let issued = month(p.now().date_naive(), 0) - Days::new(40);
    let opens = month(issued, 1);
    close(&p, issued, PeriodState::Closed);
    let document = p.process(&Ubl::new("F-1", issued)).await;
    let id = document.id;
    assert_eq!((document.status, p.reason(id).await.as_deref()), (Status::Rejected, Some("period_closed")));
    assert_eq!(p.bookings(), [], "nothing chooses another date by itself");

    let chosen = json!({ "booking_date": opens });
    let (status, answer) = edit(&p, &anna, id, chosen.clone()).await;
    assert_eq!((status, &answer["code"]), (409, &json!("directory_missing")), "{answer}");
    p.task(p.office.unit(), Work::Directory { directory: DirectoryKind::Periods }).await;
    let (status, answer) = edit(&p, &anna, id, json!({ "booking_date": issued })).await;
    assert_eq!((status, &answer["code"]), (409, &json!("booking_date")), "{answer}");
    let (status, answer) = edit(&p, &anna, id, chosen).await;
    assert_eq!((status, &answer["status"]), (200, &json!("complete")), "{answer}");
    let document = post(&p, &anna, id, Value::Null).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    assert_eq!((document.issue_date, document.posted_by.unwrap().user), (Some(issued), anna.user));
    p.exact.read(|state| {
        let books = state.division(seed::DIVISION).unwrap();
        let entry = books.entries.iter().next().unwrap();
        assert_eq!(entry.entry_date, Some(issued), "the date of the invoice is untouched");
        let period = (opens.year(), i32::try_from(opens.month()).unwrap());
        assert_eq!((entry.reporting_year, entry.reporting_period), period);
    });
    assert_eq!((p.bookings().len(), p.ledger_documents()), (1, 1), "what the refused attempt had made is used again");
    let told: Vec<_> = p.history(id).await.into_iter().filter_map(|entry| entry.reason).collect();
    assert!(told.iter().any(|reason| reason.text.contains(&format!("booking_date: as before -> {opens}"))), "{told:?}");
    let audited =
        p.office.store().audit().list(&store::settings::AuditFilter::default(), None, 20).await.unwrap().items;
    assert!(audited.iter().any(|entry| entry.what == "document.booking_date"));
}

#[tokio::test]
async fn a_booking_date_in_a_period_that_is_closed_as_well_is_refused_by_the_ledger() {
    let p = Pipeline::start().await;
    let anna = p.accountant().await;
    let issued = month(p.now().date_naive(), 0) - Days::new(75);
    for later in [0, 1] {
        close(&p, month(issued, later), PeriodState::Closed);
    }
    p.task(p.office.unit(), Work::Directory { directory: DirectoryKind::Periods }).await;
    let id = p.process(&Ubl::new("F-1", issued)).await.id;
    for (later, expected) in [(1, Status::Rejected), (2, Status::Posted)] {
        let (status, answer) = edit(&p, &anna, id, json!({ "booking_date": month(issued, later) })).await;
        assert_eq!(status, 200, "{answer}");
        assert_eq!(post(&p, &anna, id, Value::Null).await.status, expected);
    }
    assert_eq!(p.bookings().len(), 1);
}

#[tokio::test]
async fn book_and_save_codes_the_next_document_of_the_contact() {
    let p = Pipeline::start().await;
    let anna = p.accountant().await;
    p.office.remove_rule(p.now()).await;
    p.office.remove_template(p.now()).await;
    let day = p.now().date_naive() - Days::new(3);
    let two = |number: &str| Ubl {
        lines: vec![
            Line { category: "S", rate: dec!(21), net: dec!(100.00) },
            Line { category: "S", rate: dec!(9), net: dec!(50.00) },
        ],
        ..Ubl::new(number, day)
    };
    let first = p.process(&two("F-1")).await;
    assert_eq!(p.reason(first.id).await.as_deref(), Some("template_missing"));
    p.task(p.office.unit(), Work::Directory { directory: DirectoryKind::LedgerAccounts }).await;
    p.task(p.office.unit(), Work::Directory { directory: DirectoryKind::VatCodes }).await;
    let waiting = p.process(&two("F-2").of(dec!(80))).await;
    let line = |vat_code: &str, net: &str| {
        json!({ "account": "4600", "vat_code": vat_code, "net": net, "cost_centre": "KP01",
                "description": "Paper [invoice number]" })
    };
    let body = json!({
        "edits": {
            "lines": [line("21", "60.00"), line("21", "40.00"), line("9", "50.00")],
            "payment_reference": "RF [invoice number]", "due_date": day + Days::new(9),
        },
        "save_template": true,
    });
    let posted = post(&p, &anna, first.id, body).await;
    assert_eq!(posted.status, Status::Posted, "{:?}", posted.reason);
    p.exact.read(|state| {
        let books = state.division(seed::DIVISION).unwrap();
        let entry = books.entries.iter().next().unwrap();
        assert_eq!(entry.lines.len(), 3);
        for line in &entry.lines {
            assert_eq!(line.cost_center.as_deref(), Some("KP01"));
            assert_eq!(line.description.as_deref(), Some("Paper F-1"));
        }
        assert_eq!(entry.payment_reference.as_deref(), Some("RF F-1"));
        assert_eq!(entry.due_date, Some(day + Days::new(9)));
    });
    // The next one is green by itself; what waits takes the template on request.
    let third = p.process(&two("F-3").of(dec!(70))).await;
    assert_eq!((third.status, third.accounts.as_deref()), (Status::Complete, Some("4600")), "{:?}", third.reason);
    assert_eq!(p.document(waiting.id).await.status, Status::Incomplete);
    let all = format!("/administrations/{}/contacts/{}/apply-template", p.office.administration, p.office.supplier);
    let (status, answer) = p.ask(&anna, "POST", &all, None, Value::Null).await;
    assert_eq!((status, answer["results"].as_array().unwrap().len()), (207, 2), "{answer}");
    assert_eq!(p.document(waiting.id).await.status, Status::Complete);
    assert_eq!(post(&p, &anna, waiting.id, Value::Null).await.status, Status::Posted);
}

/// A document of which nobody knows whether the ledger has it.
async fn uncertain(p: &Pipeline, stored: Stored) -> DocumentId {
    p.exact.faults().add(Fault::on("POST", ENTRIES, Effect::hang(stored)));
    let id = p.deliver(&Ubl::new("F-1", p.now().date_naive() - Days::new(3))).await;
    p.run().await;
    let before = p.document(id).await;
    let (status, _) = before.status.after(Event::LedgerUnclear).unwrap();
    let after = Document { version: before.version + 1, status, ..before.clone() };
    let writer = store::Writer::new("unclear", 0);
    let change = Change::new(&before, &after, Step::Announce, Record::Covered);
    p.office.store().documents().transition(change, &writer).await.unwrap();
    p.cloud.lose(pipeline::Queue::Turns);
    id
}

#[tokio::test]
async fn what_is_uncertain_is_looked_up_on_request_and_found() {
    let p = Pipeline::start().await;
    let anna = p.accountant().await;
    let id = uncertain(&p, Stored::Yes).await;
    let reason = json!({ "reason": "The supplier says that it was paid" });
    let (status, task) = p.ask(&anna, "POST", &at(id, "/check"), None, reason).await;
    assert_eq!(status, 202, "{task}");
    p.turn().await;
    assert_eq!(p.document(id).await.status, Status::Posted);
    let codes = p.history_codes(id).await;
    assert!(
        codes.contains(&"check_requested".to_owned()) && codes.contains(&"found_in_ledger".to_owned()),
        "{codes:?}"
    );
    assert_eq!(p.bookings().len(), 1);
}

#[tokio::test]
async fn what_is_uncertain_is_released_and_booked_once() {
    let mut p = Pipeline::start().await;
    let anna = p.accountant().await;
    let id = uncertain(&p, Stored::No).await;
    let (status, _) = p.ask(&anna, "POST", &at(id, "/release"), None, json!({})).await;
    assert_eq!(status, 422, "not without a reason");
    let (status, answer) =
        p.ask(&anna, "POST", &at(id, "/release"), None, json!({ "reason": "Not in the ledger" })).await;
    assert_eq!((status, &answer["status"]), (200, &json!("rejected")));
    let (status, _) = edit(&p, &anna, id, json!({ "description": "Again" })).await;
    assert_eq!(status, 200);
    post(&p, &anna, id, Value::Null).await;
    p.run_to_rest().await;
    assert_eq!(p.document(id).await.status, Status::Posted);
    assert_eq!((p.bookings().len(), p.ledger_documents()), (1, 1), "an edit forgets nothing that the ledger has");
}
