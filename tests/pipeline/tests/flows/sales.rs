//! Orders: issued from, passed to Fakturownia, and the ledger's document comes back.

use domain::{
    ids::IssuedId,
    sales::{Copy, Passing},
};
use pipeline::Queue;
use pipeline::shop::Office;
use serde_json::{Value, json};
use simulators::faults::{Effect, Fault, Stored};
use std::time::Duration;
use store::sales::IssuedPdf;

#[tokio::test]
async fn an_order_becomes_a_document_of_the_ledger_and_comes_back() {
    let mut office = Office::start().await;
    let id = office.issue("100234").await;
    assert_eq!(office.issued(id).await.passing, Passing::Passing, "as soon as it is issued");
    office.p.run_to_rest().await;
    let issued = office.issued(id).await;
    assert_eq!(issued.passing, Passing::Passed, "{:?}", issued.reason);
    let documents = office.documents();
    assert_eq!(documents.len(), 1);
    assert_eq!(documents[0].1, "129.90");
    assert_eq!(issued.legal_number(), Some(documents[0].0.as_str()), "the ledger numbers");
    let passed = issued.passed.unwrap();
    assert!(matches!(passed.copy, Copy::Fetched { .. }), "{:?}", passed.copy);
    assert!(passed.link.is_some());
    let pdf = office.p.office.store().issued().pdf(id, IssuedPdf::Ledgers).await.unwrap();
    assert!(pdf.starts_with(b"%PDF-"));
    let card = office.ask("GET", &office.of_books(&format!("orders/{}", issued.order)), None, Value::Null).await;
    assert_eq!(card["documents"][0]["shown"], "ledger");
    let told: Vec<String> = office.p.cloud.events().into_iter().map(|(kind, _)| kind).collect();
    assert!(told.iter().any(|kind| kind == "issued.passed"), "{told:?}");

    // A correction is passed by hand, and once.
    let lines = json!([{ "line": 1, "quantity": "1" }]);
    let body = json!({ "series": office.corrections, "reason": "Zwrot towaru", "lines": lines });
    let made = office.ask("POST", &format!("/issued-documents/{id}/corrections"), None, body).await;
    let correction: IssuedId = made["id"].as_str().unwrap().parse().unwrap();
    office.p.run_to_rest().await;
    assert_eq!(office.issued(correction).await.passing, Passing::NotPassed);
    office.ask("POST", &format!("/issued-documents/{correction}/pass"), None, Value::Null).await;
    office.p.run_to_rest().await;
    let correction = office.issued(correction).await;
    assert_eq!(correction.passing, Passing::Passed, "{:?}", correction.reason);
    assert_eq!(office.documents().len(), 2);
    assert_eq!(office.p.ledger_requests(), 0, "the other ledger is not asked");
}

#[tokio::test]
async fn a_worker_that_dies_after_the_ledger_made_its_document_makes_no_second_one() {
    let mut office = Office::start().await;
    let id = office.issue("100234").await;
    office.p.relay().await;
    let fault = office.ledger.faults().add(Fault::on("POST", "invoices.json", Effect::hang(Stored::Yes)));
    let silence = async {
        while office.ledger.faults().fired(fault) == 0 {
            tokio::time::sleep(Duration::from_millis(1)).await;
        }
        tokio::time::sleep(Duration::from_millis(5)).await;
    };
    tokio::select! {
        () = silence => {}
        _ = office.p.step(Queue::Turns) => panic!("nothing was sent"),
    }
    office.ledger.faults().clear();
    assert_eq!(office.issued(id).await.passing, Passing::Passing);
    office.p.restart();
    office.registered();
    // The dead turn's lease lapses first; then what it sent is given time to land.
    office.settle().await;
    office.settle().await;
    let issued = office.issued(id).await;
    assert_eq!(issued.passing, Passing::Passed, "{:?}", issued.reason);
    assert_eq!(office.documents().len(), 1, "it is looked for, not made again");
    let history = office.p.office.store().issued().history(id).await.unwrap();
    let codes: Vec<_> = history.iter().filter_map(|entry| entry.reason.as_ref()).map(|it| it.code.as_str()).collect();
    assert!(codes.contains(&"pass_interrupted"), "{codes:?}");
}

#[tokio::test]
async fn a_ledger_that_is_down_keeps_documents_waiting_and_one_that_says_no_says_why() {
    let mut office = Office::start().await;
    let down = Effect::Answer { status: 503, headers: [].into(), body: "<html/>".into(), stored: Stored::No };
    let fault = office.ledger.faults().add(Fault::on("POST", "invoices.json", down).always());
    let id = office.issue("100234").await;
    office.p.run().await;
    let waiting = office.issued(id).await;
    assert_eq!((waiting.passing, waiting.legal_number()), (Passing::Passing, None));
    assert!(office.ledger.faults().fired(fault) > 0);
    assert!(office.documents().is_empty());
    // Tried again and still down: its history says so once, not at each look.
    let before = office.ledger.faults().fired(fault);
    office.settle().await;
    assert!(office.ledger.faults().fired(fault) > before);
    let history = office.p.office.store().issued().history(id).await.unwrap();
    assert_eq!(history.iter().filter(|entry| entry.event.is_none()).count(), 1, "{history:?}");
    office.ledger.faults().clear();
    office.settle().await;
    assert_eq!(office.issued(id).await.passing, Passing::Passed);
    assert_eq!(office.documents().len(), 1);

    // A series of the ledger that it does not have: refused, with what to do.
    let path = office.of_books("connector");
    let connector = json!({
        "connection": office.connection, "numbering": "ledger", "automatic": "yes",
        "series": { office.series.as_str(): { "to": "series", "code": "999999" } }
    });
    office.ask("PUT", &path, Some(1), connector).await;
    let refused = office.issue("100235").await;
    office.p.run_to_rest().await;
    let refused = office.issued(refused).await;
    assert_eq!(refused.passing, Passing::Failed);
    assert!(refused.reason.is_some());
    assert_eq!(office.documents().len(), 1);
}
