//! What happens by itself to orders: the chain of actions that stops after a failure (CO-20 to CO-23).

use chrono::TimeDelta;
use domain::{
    ids::OrderId,
    sales::{Passing, RunState, StepState},
};
use pipeline::shop::Office;
use pipeline::{Pipeline, Queue};
use serde_json::{Value, json};
use simulators::faults::{Effect, Fault, Stored};
use std::collections::BTreeSet;
use store::{Read, sales::IssuedPdf, testing::Fault as StoreFault};

/// The recommended chain: issue, and stop when that fails; then change the status; the mail hangs on that status.
async fn chain(office: &Office) {
    let rule = json!({
        "name": "Invoice at once", "trigger": { "on": "order_created" }, "patience_minutes": 30,
        "steps": [
            { "action": { "do": "issue_document", "series": office.series } },
            { "action": { "do": "change_status", "to": "invoice generated correctly" } }
        ]
    });
    office.ask("POST", &office.of_books("order-rules"), None, rule).await;
    let rule = json!({
        "name": "Mail the invoice", "trigger": { "on": "status_changed", "to": "invoice generated correctly" },
        "steps": [{ "action": { "do": "send_email", "document": "attachment" } }]
    });
    office.ask("POST", &office.of_books("order-rules"), None, rule).await;
}

struct Card {
    status: String,
    documents: Vec<Value>,
    runs: Vec<Value>,
    mails: Vec<Value>,
}

impl Card {
    /// Of each run the state of its actions.
    fn states(&self) -> Vec<Vec<&str>> {
        self.runs
            .iter()
            .map(|run| run["steps"].as_array().unwrap().iter().map(|step| step["state"].as_str().unwrap()).collect())
            .collect()
    }
}

async fn card(office: &Office, order: &str) -> Card {
    let of = |what: &str| office.of_books(&format!("orders/{order}{what}"));
    let shown = office.ask("GET", &of(""), None, Value::Null).await;
    let list = async |what: &str| {
        let page = office.ask("GET", &of(what), None, Value::Null).await;
        page["items"].as_array().unwrap().clone()
    };
    Card {
        status: shown["status"].as_str().unwrap().to_owned(),
        documents: shown["documents"].as_array().cloned().unwrap_or_default(),
        runs: list("/runs").await,
        mails: list("/mails").await,
    }
}

#[tokio::test]
async fn an_order_is_invoiced_its_status_changes_and_the_mail_waits_for_the_ledgers_pdf() {
    let mut office = Office::start().await;
    chain(&office).await;
    let order = office.order("100234").await;
    office.p.run_to_rest().await;
    let done = card(&office, &order).await;
    assert_eq!(done.states(), [vec!["done", "done"], vec!["done"]], "{:#?}", done.runs);
    assert_eq!(done.status, "invoice generated correctly");
    assert_eq!(office.documents().len(), 1);
    assert_eq!(done.documents[0]["shown"], "ledger");
    let [mail] = done.mails.as_slice() else { panic!("{:#?}", done.mails) };
    assert_eq!((&mail["state"], &mail["to"]), (&json!("delivered"), &json!("zakupy@zielonykubek.example")));
    let id = done.documents[0]["id"].as_str().unwrap().parse().unwrap();
    let issued = office.issued(id).await;
    let repository = office.p.office.store().issued();
    assert!(repository.has_pdf(id, IssuedPdf::Ledgers).await.unwrap(), "the mail waited for it");
    let number = issued.legal_number().unwrap();
    let own = repository.pdf(id, IssuedPdf::Ours { number }).await.unwrap();
    assert!(own.starts_with(b"%PDF-"), "ours is laid out as well, with the legal number");
}

#[tokio::test]
async fn with_the_ledger_down_the_order_keeps_its_status_and_no_mail_goes() {
    let mut office = Office::start().await;
    chain(&office).await;
    let down = Effect::Answer { status: 503, headers: [].into(), body: "<html/>".into(), stored: Stored::No };
    office.ledger.faults().add(Fault::on("POST", "invoices.json", down).always());
    let order = office.order("100234").await;
    office.p.run().await;
    let waits = card(&office, &order).await;
    assert_eq!(waits.states(), [["waiting", "pending"]]);
    assert_eq!(waits.runs[0]["steps"][0]["reason"]["code"], "awaits_ledger");
    assert_eq!((waits.status.as_str(), waits.mails.len()), ("new", 0));

    // Its patience is over: the chain has ended, and the order carries our own basic invoice only (CO-22).
    office.p.advance(TimeDelta::minutes(31));
    office.p.sweep().await;
    office.p.run().await;
    let stopped = card(&office, &order).await;
    assert_eq!((stopped.states(), &stopped.runs[0]["state"]), (vec![vec!["failed", "left_out"]], &json!("stopped")));
    assert_eq!((stopped.status.as_str(), stopped.mails.len()), ("new", 0));
    assert_eq!((stopped.documents.len(), &stopped.documents[0]["shown"]), (1, &json!("ours")));
    assert!(office.documents().is_empty());

    // The ledger is up again: the document goes by itself, the chain does not, until somebody says so.
    office.ledger.faults().clear();
    office.settle().await;
    assert_eq!(office.documents().len(), 1);
    let still = card(&office, &order).await;
    assert_eq!((still.status.as_str(), still.mails.len()), ("new", 0));
    let retry = json!({ "event": still.runs[0]["event"], "rule": still.runs[0]["rule"] });
    office.ask("POST", &office.of_books(&format!("orders/{order}/runs/retry")), None, retry.clone()).await;
    office.p.run_to_rest().await;
    let done = card(&office, &order).await;
    assert_eq!(done.states(), [vec!["done", "done"], vec!["done"]], "{:#?}", done.runs);
    assert_eq!((done.mails.len(), office.documents().len()), (1, 1));
    let path = office.of_books(&format!("orders/{order}/runs/retry"));
    let (status, again) = office.p.ask(&office.anna, "POST", &path, None, retry).await;
    assert_eq!(status, 409, "{again}");
}

#[tokio::test]
async fn a_ledger_that_refuses_stops_the_chain_and_one_without_stop_goes_on() {
    let mut office = Office::start().await;
    chain(&office).await;
    let path = office.of_books("connector");
    let connector = json!({
        "connection": office.connection, "numbering": "ledger", "automatic": "yes", "show_ledger_document": "yes",
        "series": { office.series.as_str(): { "to": "series", "code": "999999" } }
    });
    office.ask("PUT", &path, Some(1), connector).await;
    let refused = office.order("100234").await;
    office.p.run_to_rest().await;
    let stopped = card(&office, &refused).await;
    assert_eq!(stopped.states(), [["failed", "left_out"]]);
    assert_eq!((stopped.status.as_str(), stopped.mails.len()), ("new", 0));
    let why = stopped.runs[0]["steps"][0]["reason"]["text"].as_str().unwrap_or_default().to_owned();
    assert!(!why.is_empty(), "{}", stopped.runs[0]);

    // The same without stopping: the status changes, but the mail, whose document is the ledger's, is not sent with ours (CO-22).
    let rules = office.ask("GET", &office.of_books("order-rules"), None, Value::Null).await;
    let rule = rules["items"][0]["id"].as_str().unwrap();
    let goes_on = json!({
        "name": "Goes on", "trigger": { "on": "order_created" },
        "steps": [
            { "action": { "do": "issue_document", "series": office.series }, "stop_after_failure": "no" },
            { "action": { "do": "change_status", "to": "invoice generated correctly" } }
        ]
    });
    office.ask("PUT", &office.of_books(&format!("order-rules/{rule}")), Some(1), goes_on).await;
    let order = office.order("100235").await;
    office.p.run_to_rest().await;
    let went = card(&office, &order).await;
    assert_eq!(went.states(), [vec!["failed", "done"], vec!["failed"]], "{:#?}", went.runs);
    assert_eq!((went.status.as_str(), went.mails.len()), ("invoice generated correctly", 0));
    assert!(office.documents().is_empty());
}

#[tokio::test]
async fn a_series_that_is_not_passed_does_not_fail_the_chain() {
    let mut office = Office::start().await;
    chain(&office).await;
    let connector = json!({
        "connection": office.connection, "numbering": "ledger", "automatic": "yes", "show_ledger_document": "yes",
        "series": { office.series.as_str(): { "to": "do_not_pass" } }
    });
    office.ask("PUT", &office.of_books("connector"), Some(1), connector).await;
    let order = office.order("100234").await;
    office.p.run_to_rest().await;
    let done = card(&office, &order).await;
    assert_eq!(done.states(), [vec!["done", "done"], vec!["done"]], "{:#?}", done.runs);
    assert_eq!((done.mails.len(), &done.documents[0]["shown"]), (1, &json!("ours")));
    assert!(office.documents().is_empty());
}

#[tokio::test]
async fn orders_at_once_collide_in_no_number() {
    let mut office = Office::start().await;
    chain(&office).await;
    let mut orders = Vec::new();
    for number in 0..30 {
        orders.push(office.order(&format!("20{number}")).await);
    }
    office.p.relay().await;
    // Three workers at the same moment, each with orders of its own; and one message comes twice.
    let batches: Vec<_> = (0..3).map(|_| office.p.cloud.receive(Queue::Orders)).collect();
    let [one, two, three] = batches.as_slice() else { panic!("three") };
    let again = one.clone();
    let failed = futures_util::future::join_all(
        [one.clone(), two.clone(), three.clone(), again].map(|batch| office.p.invoke(Queue::Orders, batch)),
    )
    .await;
    assert!(failed.iter().all(Vec::is_empty), "{failed:?}");
    office.settle().await;
    office.settle().await;
    let mut numbers = BTreeSet::new();
    for order in &orders {
        let done = card(&office, order).await;
        assert_eq!(done.status, "invoice generated correctly", "{:#?}", done.runs);
        assert_eq!((done.documents.len(), done.mails.len()), (1, 1));
        numbers.insert(done.documents[0]["number"].as_str().unwrap().to_owned());
    }
    assert_eq!(numbers.len(), 30);
    let expected: BTreeSet<String> = {
        let month = numbers.iter().next().unwrap().split_once('/').unwrap().1.to_owned();
        (1..=30).map(|n| format!("FV {n}/{month}")).collect()
    };
    assert_eq!(numbers, expected, "no gap, no double");
    assert_eq!(office.documents().len(), 30);
}

/// Lets order-actions go on with a process that dies when its nth request of this kind was carried out. Whether it died.
async fn dies(p: &Pipeline, operation: &'static str, request: usize) -> bool {
    p.store.faults().plan(operation, request, StoreFault::Silence);
    let died = tokio::select! {
        () = p.store.faults().silence() => true,
        _ = p.step(Queue::Orders) => false,
    };
    p.store.faults().clear();
    died
}

#[tokio::test]
async fn actions_killed_after_any_write_are_done_once() {
    let mut deaths = 0;
    for operation in ["PutItem", "UpdateItem", "TransactWriteItems"] {
        for request in 0.. {
            let mut office = Office::start().await;
            chain(&office).await;
            let order = office.order("100234").await;
            office.p.relay().await;
            let died = dies(&office.p, operation, request).await;
            // The message died with it: maintenance finds the order.
            office.p.advance(TimeDelta::minutes(16));
            office.p.sweep().await;
            office.p.run_to_rest().await;
            let context = format!("{operation} {request}");
            let done = card(&office, &order).await;
            assert_eq!(done.states(), [vec!["done", "done"], vec!["done"]], "{context}: {:#?}", done.runs);
            assert_eq!((done.documents.len(), done.mails.len(), office.documents().len()), (1, 1, 1), "{context}");
            let issued = office.issued(done.documents[0]["id"].as_str().unwrap().parse().unwrap()).await;
            assert_eq!(issued.passing, Passing::Passed, "{context}");
            if !died {
                break;
            }
            deaths += 1;
        }
    }
    assert!(deaths >= 3, "{deaths}");
}

#[tokio::test]
async fn a_rule_acts_on_behalf_of_somebody_who_still_may() {
    let mut office = Office::start().await;
    chain(&office).await;
    let order = office.order("100234").await;
    office.p.demote(&office.anna).await;
    office.p.run_to_rest().await;
    let order: OrderId = order.parse().unwrap();
    let runs = office.p.office.store().order_runs().of(order, Read::Consistent).await.unwrap();
    let StepState::Failed { reason, .. } = &runs[0].steps[0].state else { panic!("{runs:?}") };
    assert_eq!((reason.code.as_str(), runs[0].state), ("acting_user_gone", RunState::Stopped));
    assert!(office.documents().is_empty());
}

#[tokio::test]
async fn nothing_is_done_for_the_orders_of_a_closed_office() {
    let mut office = Office::start().await;
    chain(&office).await;
    let order = office.order("100234").await;
    crate::protection::confirmed(&office.p).await;
    office.p.run_to_rest().await;
    let order: OrderId = order.parse().unwrap();
    let runs = office.p.office.store().order_runs().of(order, Read::Consistent).await.unwrap();
    let StepState::Failed { reason, .. } = &runs[0].steps[0].state else { panic!("{runs:?}") };
    assert_eq!((reason.code.as_str(), runs[0].state), ("office_closed", RunState::Stopped));
    assert!(office.documents().is_empty());
}

#[tokio::test]
async fn a_rule_that_cannot_work_is_refused() {
    let office = Office::start().await;
    let path = office.of_books("order-rules");
    let refused = async |steps: Value| {
        let rule = json!({ "name": "X", "trigger": { "on": "status_changed", "to": "paid" }, "steps": steps });
        let (status, problem) = office.p.ask(&office.anna, "POST", &path, None, rule).await;
        (status, problem["errors"][0]["pointer"].as_str().or(problem["detail"].as_str()).unwrap_or_default().to_owned())
    };
    assert_eq!(refused(json!([])).await, (422, "/steps".to_owned()));
    assert_eq!(refused(json!([{ "action": { "do": "change_status", "to": "paid" } }])).await.0, 422);
    assert_eq!(refused(json!([{ "action": { "do": "issue_document", "series": office.corrections } }])).await.0, 422);
    let unknown = json!([{ "action": { "do": "issue_document", "series": "ser_01JZ0000000000000000000000" } }]);
    assert!((400..500).contains(&refused(unknown).await.0));
    assert!((400..500).contains(&refused(json!([{ "action": { "do": "dance" } }])).await.0));
}
