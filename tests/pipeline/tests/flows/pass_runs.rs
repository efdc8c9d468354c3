//! Passing everything that is not in the ledger yet: with its progress, once each, whoever dies when (CO-3, CO-12, CO-32).

use chrono::TimeDelta;
use domain::sales::Passing;
use pipeline::{Queue, Workers, passes_of, shop::Office};
use serde_json::{Value, json};
use simulators::faults::{Effect, Fault, Stored};
use store::testing::Fault as StoreFault;

fn counts(run: &Value) -> (&str, [u64; 5]) {
    let count = |name: &str| run[name].as_u64().unwrap();
    (run["state"].as_str().unwrap(), ["total", "passed", "failed", "uncertain", "left_out"].map(count))
}

#[tokio::test]
async fn everything_that_is_not_in_the_ledger_is_passed_once_with_its_progress() {
    let mut office = Office::waiting(12).await;
    let run = office.begin("not_passed").await;
    office.turn().await;
    office.p.run_to_rest().await;
    assert_eq!(counts(&office.progress(&run).await), ("finished", [12, 12, 0, 0, 0]));
    assert_eq!(office.documents().len(), 12);
    // Nothing is left to pass (CO-32).
    let again = office.begin("not_passed").await;
    office.turn().await;
    office.p.run_to_rest().await;
    assert_eq!(counts(&office.progress(&again).await), ("finished", [0, 0, 0, 0, 0]));
    assert_eq!(office.documents().len(), 12);
    let listed = office.ask("GET", &office.of_books("pass-runs"), None, Value::Null).await;
    assert_eq!(listed["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_ledger_that_numbers_numbers_in_the_order_of_issue() {
    let mut office = Office::waiting(0).await;
    for reference in 600..610 {
        office.issue(&reference.to_string()).await;
        office.p.advance(TimeDelta::milliseconds(1));
    }
    office.begin("not_passed").await;
    office.turn().await;
    office.p.run_to_rest().await;
    let path = office.of_books("issued-documents?part=settled");
    let passed = office.ask("GET", &path, None, Value::Null).await;
    let count = |number: &Value| number.as_str().unwrap().split(['/', ' ']).find_map(|part| part.parse::<u32>().ok());
    let mut numbers: Vec<_> = passed["items"]
        .as_array()
        .unwrap()
        .iter()
        .map(|it| (count(&it["number"]), count(&it["legal_number"])))
        .collect();
    assert_eq!(numbers.len(), 10);
    numbers.sort_unstable();
    assert!(numbers.is_sorted_by_key(|(_, theirs)| *theirs), "{numbers:?}");
}

#[tokio::test]
async fn what_failed_is_listed_with_its_reason_and_a_retry_looks_uncertain_ones_up_first() {
    let mut office = Office::waiting(4).await;
    let refusal = json!({ "code": "error", "message": { "buyer_name": ["zły"] } });
    let refused = Effect::Answer { status: 422, headers: [].into(), body: refusal.to_string(), stored: Stored::No };
    office.ledger.faults().add(Fault::on("POST", "invoices.json", refused).times(1));
    let run = office.begin("not_passed").await;
    office.turn().await;
    office.p.run_to_rest().await;
    assert_eq!(counts(&office.progress(&run).await), ("finished", [4, 3, 1, 0, 0]));
    let path = office.of_books(&format!("pass-runs/{run}/failures"));
    let failures = office.ask("GET", &path, None, Value::Null).await;
    let [failure] = failures["items"].as_array().unwrap().as_slice() else { panic!("{failures}") };
    assert_eq!(failure["passing"], "failed");
    assert!(failure["reason"]["code"].is_string(), "{failure}");

    // Two more that become uncertain: one that the ledger made, one that it did not. Nobody can tell them apart from here.
    let mut ids = Vec::new();
    for reference in ["401", "402"] {
        ids.push(office.issue(reference).await);
    }
    let repository = office.p.office.store().issued();
    office.ask("POST", &format!("/issued-documents/{}/pass", ids[0]), None, Value::Null).await;
    office.p.run_to_rest().await;
    for id in &ids {
        office.make_uncertain(*id).await;
    }
    assert_eq!(office.documents().len(), 4, "the first of the two is there");
    let retry = office.begin("failed").await;
    office.turn().await;
    office.p.run_to_rest().await;
    assert_eq!(counts(&office.progress(&retry).await), ("finished", [3, 3, 0, 0, 0]));
    assert_eq!(office.documents().len(), 6, "the one that was there was found, not made again");
    for id in ids {
        assert_eq!(repository.get(id, store::Read::Consistent).await.unwrap().unwrap().passing, Passing::Passed);
    }
    assert_eq!(counts(&office.progress(&run).await), ("finished", [4, 3, 1, 0, 0]), "the old run stays as it was");
}

#[tokio::test]
async fn what_cannot_be_passed_in_bulk_is_left_out() {
    let mut office = Office::waiting(2).await;
    let id = office.issue("500").await;
    office.ask("POST", &format!("/issued-documents/{id}/pass"), None, Value::Null).await;
    office.p.run_to_rest().await;
    let lines = json!([{ "line": 1, "quantity": "1" }]);
    let body = json!({ "series": office.corrections, "reason": "Zwrot towaru", "lines": lines });
    office.ask("POST", &format!("/issued-documents/{id}/corrections"), None, body).await;
    let run = office.begin("not_passed").await;
    office.turn().await;
    office.p.run_to_rest().await;
    assert_eq!(counts(&office.progress(&run).await), ("finished", [2, 2, 0, 0, 1]), "corrections go by hand (CO-30)");
}

#[tokio::test]
async fn a_run_killed_after_any_write_passes_each_document_once() {
    let mut deaths = 0;
    for operation in ["PutItem", "UpdateItem", "TransactWriteItems"] {
        for request in 0.. {
            let mut office = Office::waiting(3).await;
            let run = office.begin("not_passed").await;
            office.p.store.faults().plan(operation, request, StoreFault::Silence);
            let died = tokio::select! {
                () = office.p.store.faults().silence() => true,
                _ = office.turn() => false,
            };
            office.p.store.faults().clear();
            office.p.restart();
            office.registered();
            office.p.cloud.lose(Queue::Turns);
            office.settle().await;
            office.settle().await;
            let context = format!("{operation} {request}");
            assert_eq!(counts(&office.progress(&run).await), ("finished", [3, 3, 0, 0, 0]), "{context}");
            assert_eq!(office.documents().len(), 3, "{context}");
            if !died {
                break;
            }
            deaths += 1;
        }
    }
    assert!(deaths > 10, "{deaths}");
}

#[tokio::test]
async fn a_run_makes_no_request_too_many_and_sleeps_no_longer_than_the_ledgers_limit_asks() {
    // More than two minutes of the ledger's limit hold, with their PDFs.
    let passed = passes_of(60, Workers::Live).await;
    let shown = passed.shown();
    assert_eq!(passed.counts, [60, 60, 0, 0, 0], "{shown}");
    assert_eq!((passed.in_ledger, passed.references, passed.copies), (60, 60, 60), "{shown}");
    assert_eq!((passed.creates, passed.look_ups, passed.pdfs, passed.others), (60, 0, 60, 0), "{shown}");
    assert_eq!((passed.refused, passed.given_up), (0, 0), "{shown}");
    assert!(passed.seconds_to_pass <= 70 && passed.seconds_to_end <= 140, "{shown}");
    assert!(passed.turns <= 6, "{shown}");
}

#[tokio::test]
async fn a_run_whose_workers_die_again_and_again_passes_each_document_once_and_counts_exactly() {
    let passed = passes_of(60, Workers::Die { seed: 1 }).await;
    let shown = passed.shown();
    assert!(passed.deaths > 1, "{shown}");
    assert_eq!(passed.counts, [60, 60, 0, 0, 0], "{shown}");
    assert_eq!((passed.in_ledger, passed.references, passed.copies), (60, 60, 60), "{shown}");
    // A death costs a look-up, and the request that nobody heard the end of, once more.
    assert!(passed.creates + passed.look_ups <= 60 + 2 * passed.deaths, "{shown}");
    assert!(passed.pdfs <= 60 + passed.deaths, "{shown}");
    assert_eq!((passed.refused, passed.given_up), (0, 0), "{shown}");
}
