//! Orders, numbering series, issuing and the ledger that gets what is issued, over the API.

use crate::{exports::finance, world::*};
use domain::{
    document::{Step, UnitId},
    ids::{ConnectionId, IssuedId, TurnDocument},
    office::{Choice, Connection, ConnectionState},
    reason::Reason,
    sales::{Copy, Issued, Outcome, PassEvent, Passed},
    task::{Fetch, Work},
    words::Note,
};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use store::{
    Read, Writer,
    sales::{PassChange, PassEntry},
};

fn of_books(path: &str) -> String {
    format!("/administrations/{}/{path}", books())
}

pub fn seller() -> Value {
    json!({
        "name": "Demo Sp. z o.o.", "tax_number": "5252344078",
        "address": { "street": "Prosta 1", "post_code": "00-001", "city": "Warszawa", "country": "PL" }
    })
}

pub fn invoices() -> Value {
    json!({ "name": "Invoices", "kind": "invoice", "pattern": "FV {n}/{mm}/{yyyy}", "reset": "monthly" })
}

pub fn order(reference: &str) -> Value {
    json!({
        "reference": reference, "source": "shop", "currency": "PLN", "prices": "gross",
        "customer": {
            "is": "company", "name": "Zielony Kubek Sp. z o.o.", "tax_number": "1234563218",
            "address": { "street": "Morska 5/2", "post_code": "81-001", "city": "Gdynia", "country": "PL" }
        },
        "lines": [
            { "name": "Kubek", "sku": "MUG-01", "quantity": "2", "unit": "szt.", "price": "49.20", "vat": "23" },
            { "name": "Dostawa", "quantity": "1", "price": "12.30", "vat": "23" }
        ],
        "payment": { "name": "Przelew", "paid": "110.70", "paid_on": "2026-06-30" }
    })
}

/// The connection to a ledger that takes issued documents.
fn ledger() -> ConnectionId {
    id(77)
}

fn ledger_unit() -> UnitId {
    UnitId { connection: ledger(), division: "demo-sklep".parse().ok() }
}

pub fn connector() -> Value {
    json!({ "connection": ledger(), "numbering": "ledger", "automatic": "no" })
}

/// A series, at version 1.
pub async fn series(world: &World, body: Value) -> String {
    let made = world.post(&superuser(), of_books("numbering-series"), &body).await.ok(201);
    made["id"].as_str().unwrap().to_owned()
}

/// Everything that issuing needs: the seller, and a series.
pub async fn ready(world: &World) -> String {
    if world.ours().invoicing(books()).seller(Read::Consistent).await.unwrap().is_none() {
        world.ask(&superuser(), "PUT", of_books("seller")).json(&seller()).send().await.ok(200);
    }
    series(world, invoices()).await
}

/// An order that was taken in.
pub async fn taken(world: &World, reference: &str) -> String {
    let made = world.post(&accountant(), of_books("orders"), &order(reference)).await.ok(201);
    made["id"].as_str().unwrap().to_owned()
}

/// A connection to a ledger that takes issued documents, signed in, with a division for the administration.
pub async fn connect(world: &World) {
    let by = Hand::new("connect-ledger");
    let connection = Connection {
        id: ledger(),
        system: "fakturownia".parse().unwrap(),
        name: "Fakturownia".to_owned(),
        state: ConnectionState::Connected,
        licence_country: "PL".to_owned(),
        intermediary: None,
        create_contacts: Choice::No,
        options: BTreeMap::new(),
        ledger_user: Some("demo-sklep".parse().unwrap()),
        divisions: BTreeMap::from([(books(), ledger_unit().division.unwrap())]),
        automation: domain::automation::AutomationSwitch::Off,
        automation_user: None,
        version: 1,
    };
    world.ours().connections().create(&connection, &by.author()).await.unwrap();
}

/// A rule that changes the status of orders that come.
pub fn rule(to: &str) -> Value {
    json!({
        "name": "Rule", "trigger": { "on": "order_created" },
        "steps": [{ "action": { "do": "change_status", "to": to } }]
    })
}

/// Such a rule, at version 1.
pub async fn made_rule(world: &World, to: &str) -> String {
    let made = world.post(&accountant(), of_books("order-rules"), &rule(to)).await.ok(201);
    made["id"].as_str().unwrap().to_owned()
}

/// An order with a run that was stopped, and what names that run.
pub async fn stopped(world: &World) -> (String, Value) {
    made_rule(world, "paid").await;
    let order = taken(world, "1").await;
    let repository = world.ours().order_runs();
    let run = repository.of(order.parse().unwrap(), Read::Consistent).await.unwrap().remove(0);
    let after = run.after(Outcome::Failed(Reason::said(&Note::WentOn)), world.now()).unwrap();
    repository.update(&run, &after, &Writer::new("stopped", 1)).await.unwrap();
    (order, json!({ "event": run.event, "rule": run.rule }))
}

/// The connection to a marketplace.
pub fn marketplace() -> ConnectionId {
    id(88)
}

/// That connection, signed in.
pub async fn connect_marketplace(world: &World) {
    let by = Hand::new("connect-marketplace");
    let connection = Connection {
        id: marketplace(),
        system: "emag".parse().unwrap(),
        name: "eMAG".to_owned(),
        state: ConnectionState::Connected,
        licence_country: "RO".to_owned(),
        intermediary: None,
        create_contacts: Choice::No,
        options: BTreeMap::new(),
        ledger_user: None,
        divisions: BTreeMap::new(),
        automation: domain::automation::AutomationSwitch::Off,
        automation_user: None,
        version: 1,
    };
    world.ours().connections().create(&connection, &by.author()).await.unwrap();
}

/// Documents of orders from the shop, and from eMAG, are forwarded.
pub async fn forwarding(world: &World) {
    connect_marketplace(world).await;
    for source in ["shop", "emag"] {
        let body = json!({ "connection": marketplace(), "forward": "yes" });
        world.ask(&superuser(), "PUT", of_books(&format!("marketplaces/{source}"))).json(&body).send().await.ok(200);
    }
}

/// A document that was issued from an order.
pub async fn issued(world: &World, order: &str, series: &str) -> String {
    issue(world, order, series).await["id"].as_str().unwrap().to_owned()
}

async fn connected(world: &World, body: Value) -> Value {
    connect(world).await;
    world.ask(&superuser(), "PUT", of_books("connector")).json(&body).send().await.ok(200)
}

async fn issue(world: &World, order: &str, series: &str) -> Value {
    let path = of_books(&format!("orders/{order}/documents"));
    world.post(&accountant(), path, &json!({ "series": series })).await.ok(201)
}

/// A document that waits for somebody to pass it.
pub async fn unpassed(world: &World, reference: &str) -> String {
    let series = ready(world).await;
    connected(world, connector()).await;
    let issued = issue(world, &taken(world, reference).await, &series).await;
    assert_eq!(issued["passing"], "not_passed");
    issued["id"].as_str().unwrap().to_owned()
}

/// An invoice of an office without a ledger, and a correction of it.
pub async fn correctable(world: &World, reference: &str) -> (String, Value) {
    let invoices = ready(world).await;
    let corrections =
        json!({ "name": "Corrections", "kind": "correction", "pattern": "KOR {n}/{yyyy}", "reset": "yearly" });
    let corrections = series(world, corrections).await;
    let issued = issue(world, &taken(world, reference).await, &invoices).await;
    let lines = json!([{ "line": 1, "quantity": "1" }]);
    let body = json!({ "series": corrections, "reason": "Zwrot towaru", "lines": lines });
    (issued["id"].as_str().unwrap().to_owned(), body)
}

#[tokio::test]
async fn an_order_is_taken_in_once() {
    let world = World::start().await;
    let first = world.post(&accountant(), of_books("orders"), &order("100")).await.ok(201);
    let again = world.post(&accountant(), of_books("orders"), &order("100")).await.ok(200);
    assert_eq!(first["id"], again["id"]);
    assert_eq!(first["status"], "new");
    let mut other = order("100");
    other["lines"][0]["price"] = json!("1.00");
    world.post(&accountant(), of_books("orders"), &other).await.refused(409, "conflict");
    let path = of_books(&format!("orders/{}", first["id"].as_str().unwrap()));
    let moved = world.put(&accountant(), &format!("{path}/status"), 1, &json!({ "status": "packed" })).await.ok(200);
    assert_eq!((&moved["status"], &moved["version"]), (&json!("packed"), &json!(2)));
    world.put(&accountant(), &format!("{path}/status"), 1, &json!({ "status": "x" })).await.refused(412, "stale");
    assert_eq!(world.get(&finance(), of_books("orders")).await.ok(200)["items"].as_array().unwrap().len(), 1);
    let elsewhere = format!("/administrations/{}/orders/{}", hidden_books(), first["id"].as_str().unwrap());
    world.get(&superuser(), elsewhere).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_order_that_makes_no_document_is_refused_with_what_is_wrong() {
    let world = World::start().await;
    let with = |change: fn(&mut Value)| {
        let mut order = order("100");
        change(&mut order);
        order
    };
    for (body, pointer) in [
        (with(|order| order["lines"] = json!([])), ""),
        (with(|order| order["lines"][0]["quantity"] = json!("0")), "/lines/0/quantity"),
        (with(|order| order["lines"][0]["price"] = json!(49.2)), "/lines/0/price"),
        (with(|order| order["lines"][1]["vat"] = json!("zw")), "/lines/1/vat"),
        (with(|order| order["lines"][0]["vat"] = json!("exempt")), ""),
        (with(|order| order["currency"] = json!("ABC")), ""),
        (with(|order| order["payment"]["paid"] = json!("-1")), "/payment/paid"),
        (with(|order| order["colour"] = json!("red")), "/colour"),
    ] {
        let reply = world.post(&accountant(), of_books("orders"), &body).await;
        assert_eq!(reply.status, 422, "{}", reply.text);
        if !pointer.is_empty() {
            assert_eq!(reply.body["errors"][0]["pointer"], pointer, "{}", reply.text);
        }
        assert!(reply.body["detail"].as_str().unwrap().len() > 20, "it says what to do: {}", reply.text);
    }
}

#[tokio::test]
async fn a_series_that_cannot_number_is_refused() {
    let world = World::start().await;
    let with = |name: &str, value: Value| {
        let mut body = invoices();
        body[name] = value;
        body
    };
    for (body, pointer) in [
        (with("pattern", json!("FV")), "/pattern"),
        (with("pattern", json!("FV {n}")), "/pattern"),
        (with("first", json!(0)), "/first"),
        (with("payment_days", json!(1000)), "/payment_days"),
        (with("kind", json!("memo")), "/kind"),
    ] {
        let reply = world.post(&superuser(), of_books("numbering-series"), &body).await;
        assert_eq!((reply.status, &reply.body["errors"][0]["pointer"]), (422, &json!(pointer)), "{}", reply.text);
    }
    let id = series(&world, invoices()).await;
    let path = of_books(&format!("numbering-series/{id}"));
    let receipts = with("kind", json!("receipt"));
    world.put(&superuser(), &path, 1, &receipts).await.refused(422, "invalid");
    let renamed = world.put(&superuser(), &path, 1, &with("name", json!("Faktury"))).await.ok(200);
    assert_eq!((&renamed["name"], &renamed["version"]), (&json!("Faktury"), &json!(2)));
}

#[tokio::test]
async fn an_order_has_one_invoice_with_the_next_number() {
    let world = World::start().await;
    let order = taken(&world, "100").await;
    let path = of_books(&format!("orders/{order}/documents"));
    let series_id = series(&world, invoices()).await;
    let body = json!({ "series": series_id });
    world.post(&accountant(), &path, &body).await.refused(409, "incomplete");
    world.ask(&superuser(), "PUT", of_books("seller")).json(&seller()).send().await.ok(200);
    let tomorrow = json!({ "series": series_id, "date": "2099-01-01" });
    world.post(&accountant(), &path, &tomorrow).await.refused(422, "invalid");
    let issued = world.post(&accountant(), &path, &body).await.ok(201);
    let number = issued["number"].as_str().unwrap();
    assert!(number.starts_with("FV 1/"), "{number}");
    assert_eq!((&issued["legal_number"], &issued["gross"]), (&issued["number"], &json!("110.70")));
    assert_eq!(issued["passing"], "not_passed", "there is no ledger");
    let again = world.post(&accountant(), &path, &body).await.ok(201);
    assert_eq!(again["id"], issued["id"]);
    let other = taken(&world, "101").await;
    let second = issue(&world, &other, &series_id).await;
    assert!(second["number"].as_str().unwrap().starts_with("FV 2/"), "no gap: {}", second["number"]);
    let dated_back = json!({ "series": series_id, "date": "2020-01-01" });
    let third = of_books(&format!("orders/{}/documents", taken(&world, "102").await));
    world.post(&accountant(), third, &dated_back).await.refused(422, "invalid");

    let card = world.get(&accountant(), of_books(&format!("orders/{order}"))).await.ok(200);
    assert_eq!((&card["documents"][0]["id"], &card["documents"][0]["shown"]), (&issued["id"], &json!("ours")));
    let content = format!("/issued-documents/{}/content", issued["id"].as_str().unwrap());
    let content = world.get(&finance(), content).await.ok(200);
    assert_eq!(content["lines"][0]["vat_amount"], "18.40");
    world
        .get(&client(), format!("/issued-documents/{}", issued["id"].as_str().unwrap()))
        .await
        .refused(403, "not_permitted");
}

#[tokio::test]
async fn the_connector_takes_only_what_its_ledger_can() {
    let world = World::start().await;
    world.connect().await;
    let path = of_books("connector");
    world.get(&superuser(), &path).await.refused(404, "not_found");
    let put = async |body: Value| world.ask(&superuser(), "PUT", path.clone()).json(&body).send().await;
    put(json!({ "connection": connection() })).await.refused(409, "not_offered");
    put(connector()).await.refused(422, "unknown_reference");
    connect(&world).await;
    put(json!({ "connection": ledger(), "series": { "ser_01ARZ3NDEKTSV4RRFFQ69G5FAV": { "to": "do_not_pass" } } }))
        .await
        .refused(422, "unknown_reference");
    let shown = put(connector()).await.ok(200);
    assert_eq!((&shown["numbering"], &shown["automatic"]), (&json!("ledger"), &json!("no")));
    let of = |name: &str| {
        let all = shown["capabilities"].as_array().unwrap().clone();
        all.into_iter().find(|it| it["capability"] == name).unwrap()
    };
    assert_eq!((&of("sku")["available"], &of("sku")["active"]), (&json!("yes"), &json!("no")), "CO-9");
    put(connector()).await.refused(428, "if_match_missing");
    let mut skus = connector();
    skus["send_sku"] = json!("yes");
    let shown = world.put(&superuser(), &path, 1, &skus).await.ok(200);
    assert_eq!((&shown["send_sku"], &shown["version"]), (&json!("yes"), &json!(2)));
}

#[tokio::test]
async fn a_document_goes_to_the_ledger_as_the_settings_say() {
    let world = World::start().await;
    let kept = ready(&world).await;
    let passed = ready(&world).await;
    let mut body = connector();
    body["automatic"] = json!("yes");
    body["series"] = json!({ kept.as_str(): { "to": "do_not_pass" } });
    connected(&world, body).await;

    // As soon as it is issued (CO-12): in the same write.
    let issued = issue(&world, &taken(&world, "100").await, &passed).await;
    assert_eq!((&issued["passing"], &issued["legal_number"]), (&json!("passing"), &Value::Null));
    let due = world.ours().documents().due(&ledger_unit(), world.now(), 10).await.unwrap();
    let id: IssuedId = issued["id"].as_str().unwrap().parse().unwrap();
    assert_eq!(due[0].document, TurnDocument::Issued(id));
    // Not passed: our own number counts (CO-14).
    let withheld = issue(&world, &taken(&world, "101").await, &kept).await;
    assert_eq!((&withheld["passing"], &withheld["legal_number"]), (&json!("withheld"), &withheld["number"]));
    let path = format!("/issued-documents/{}/pass", withheld["id"].as_str().unwrap());
    world.post(&accountant(), path, &json!({})).await.refused(409, "state");
    let lists = async |part: &str| {
        let listed = world.get(&accountant(), of_books(&format!("issued-documents?part={part}"))).await.ok(200);
        listed["items"].as_array().unwrap().len()
    };
    assert_eq!((lists("unpassed").await, lists("settled").await), (1, 1));
}

/// A document that the ledger has.
pub async fn passed(world: &World, reference: &str) -> String {
    let id = unpassed(world, reference).await;
    world.post(&accountant(), format!("/issued-documents/{id}/pass"), &json!({})).await.ok(200);
    accept(world, &id).await;
    id
}

/// A document of which nobody knows whether the ledger has it.
pub async fn uncertain(world: &World, reference: &str) -> String {
    let id = unpassed(world, reference).await;
    world.post(&accountant(), format!("/issued-documents/{id}/pass"), &json!({})).await.ok(200);
    became(world, &id, PassEvent::Unclear, None).await;
    id
}

/// The ledger made its document.
pub async fn accept(world: &World, id: &str) {
    let passed = Passed {
        ledger_id: "900123".into(),
        number: "12/06/2026".into(),
        link: Some("https://demo-sklep.fakturownia.pl/invoice/AbC".into()),
        copy: Copy::Awaited,
        ksef: None,
        at: world.now(),
    };
    became(world, id, PassEvent::Accepted, Some(passed)).await;
}

/// As a turn records it.
async fn became(world: &World, id: &str, event: PassEvent, passed: Option<Passed>) {
    let repository = world.ours().issued();
    let before = repository.get(id.parse().unwrap(), Read::Consistent).await.unwrap().unwrap();
    let (passing, step) = before.passing.after(event).unwrap();
    let after = Issued { version: before.version + 1, passing, passed, ..before.clone() };
    let entry = PassEntry {
        at: world.now(),
        by: domain::document::Actor::System,
        event: Some(event),
        passing,
        version: after.version,
        reason: None,
    };
    let change = PassChange { before: &before, after: &after, step: Some(step), entry, fence: None };
    repository.transition(&change, &store::Writer::new("ledger", 1)).await.unwrap();
    assert_eq!(step, Step::Announce);
}

#[tokio::test]
async fn a_document_is_passed_once_ever_and_superseded() {
    let world = World::start().await;
    let id = unpassed(&world, "100").await;
    let path = format!("/issued-documents/{id}");
    let passing = world.post(&accountant(), format!("{path}/pass"), &json!({})).await.ok(200);
    assert_eq!(passing["passing"], "passing");
    let again = world.post(&accountant(), format!("{path}/pass"), &json!({})).await.ok(200);
    assert_eq!(again["version"], passing["version"], "it is on its way already");
    accept(&world, &id).await;
    let shown = world.get(&finance(), &path).await.ok(200);
    assert_eq!((&shown["passing"], &shown["legal_number"]), (&json!("passed"), &json!("12/06/2026")));
    let refused = world.post(&accountant(), format!("{path}/pass"), &json!({})).await.refused(409, "state");
    assert!(refused["detail"].as_str().unwrap().contains("once, ever"), "{refused}");
    let history = world.get(&accountant(), format!("{path}/history")).await.ok(200);
    let events: Vec<_> = history["items"].as_array().unwrap().iter().map(|entry| entry["event"].clone()).collect();
    assert_eq!(events, ["pass", "accepted"]);
}

#[tokio::test]
async fn a_correction_waits_for_the_number_of_its_original() {
    let world = World::start().await;
    let (id, body) = correctable(&world, "100").await;
    connected(&world, connector()).await;
    let path = format!("/issued-documents/{id}");
    let refused = world.post(&accountant(), format!("{path}/corrections"), &body).await.refused(409, "state");
    assert!(refused["detail"].as_str().unwrap().contains("pass it first"), "{refused}");
    world.post(&accountant(), format!("{path}/pass"), &json!({})).await.ok(200);
    world.post(&accountant(), format!("{path}/corrections"), &body).await.refused(409, "state");
    accept(&world, &id).await;
    let correction = world.post(&accountant(), format!("{path}/corrections"), &body).await.ok(201);
    assert_eq!((&correction["kind"], &correction["gross"]), (&json!("correction"), &json!("-49.20")));
    assert_eq!(correction["passing"], "not_passed", "corrections are passed by hand (CO-30)");
    let content = format!("/issued-documents/{}/content", correction["id"].as_str().unwrap());
    let content = world.get(&accountant(), content).await.ok(200);
    assert_eq!(content["corrects"]["number"], "12/06/2026", "the ledger's number is the legal one");
    let mut nothing = body.clone();
    nothing["lines"] = json!([]);
    world.post(&accountant(), format!("{path}/corrections"), &nothing).await.refused(422, "invalid");
    let mut beyond = body;
    beyond["lines"][0]["line"] = json!(9);
    world.post(&accountant(), format!("{path}/corrections"), &beyond).await.refused(422, "invalid");
}

#[tokio::test]
async fn the_ledgers_copy_is_fetched_anew_and_downloaded() {
    let world = World::start().await;
    let id = passed(&world, "100").await;
    let path = format!("/issued-documents/{id}");
    world.get(&accountant(), format!("{path}/pdf?which=ledger")).await.refused(404, "not_found");
    let task = world.post(&accountant(), format!("{path}/refresh"), &json!({})).await.ok(202);
    assert_eq!((&task["kind"], &task["state"]), (&json!("fetch_copy"), &json!("open")));
    let open = world.ours().tasks().open(&ledger_unit(), world.now(), 5).await.unwrap();
    assert_eq!(open[0].work, Work::FetchCopy { issued: id.parse().unwrap(), fetch: Fetch::All });
    world.post(&accountant(), format!("{path}/check"), &json!({})).await.refused(409, "state");

    let repository = world.ours().issued();
    repository.put_pdf(id.parse().unwrap(), store::sales::IssuedPdf::Ledgers, b"%PDF-1.7".to_vec()).await.unwrap();
    let before = repository.get(id.parse().unwrap(), Read::Consistent).await.unwrap().unwrap();
    let of = |copy| before.passed.clone().map(|passed| Passed { copy, ..passed });
    let fetched = of(Copy::Fetched { at: world.now() });
    let after = Issued { version: before.version + 1, passed: fetched, ..before.clone() };
    repository.remark(&before, &after, &store::Writer::new("copy", 1)).await.unwrap();
    let audited = world.audited().await.len();
    let address = world.get(&finance(), format!("{path}/pdf?which=ledger")).await.ok(200);
    assert!(address["url"].as_str().unwrap().contains("12-06-2026.pdf"), "{address}");
    assert_eq!(world.audited().await.len(), audited + 1);
    // CO-33: where the ledger makes none, that is said.
    let none = of(Copy::Missing { reason: Reason::said(&Note::NoLedgerPdf), at: world.now() });
    let missing = Issued { version: after.version + 1, passed: none, ..after.clone() };
    repository.remark(&after, &missing, &store::Writer::new("copy", 2)).await.unwrap();
    let refused = world.get(&accountant(), format!("{path}/pdf?which=ledger")).await.refused(404, "not_found");
    assert!(refused["detail"].as_str().unwrap().contains("missing there"), "{refused}");
}

#[tokio::test]
async fn an_uncertain_document_is_looked_up_before_anything_is_sent_again() {
    let world = World::start().await;
    let id = uncertain(&world, "100").await;
    let path = format!("/issued-documents/{id}");
    let refused = world.post(&accountant(), format!("{path}/pass"), &json!({})).await.refused(409, "state");
    assert!(refused["detail"].as_str().unwrap().contains("/check"), "{refused}");
    world.post(&accountant(), format!("{path}/refresh"), &json!({})).await.refused(409, "state");
    world.post(&accountant(), format!("{path}/check"), &json!({})).await.ok(202);
    let open = world.ours().tasks().open(&ledger_unit(), world.now(), 5).await.unwrap();
    assert_eq!(open[0].work, Work::CheckIssued { issued: id.parse().unwrap() });
}

#[tokio::test]
async fn a_rule_is_set_changed_and_removed() {
    let world = World::start().await;
    let id = made_rule(&world, "paid").await;
    let path = of_books(&format!("order-rules/{id}"));
    let shown = world.get(&finance(), path.clone()).await.ok(200);
    assert_eq!((&shown["steps"][0]["stop_after_failure"], &shown["patience_minutes"]), (&json!("yes"), &json!(60)));
    assert_eq!(
        (&shown["active"], &shown["set_by"]),
        (&json!("yes"), &json!(user_id(domain::permission::Role::Accountant)))
    );
    let mut off = rule("paid");
    off["active"] = json!("no");
    world.ask(&accountant(), "PUT", path.clone()).at(1).json(&off).send().await.ok(200);
    // What is switched off is not set off.
    let order = taken(&world, "1").await;
    let runs = world.get(&accountant(), of_books(&format!("orders/{order}/runs"))).await.ok(200);
    assert_eq!(runs["items"], json!([]));
    world.ask(&accountant(), "PUT", path.clone()).at(2).json(&rule("paid")).send().await.ok(200);
    let order = taken(&world, "2").await;
    let runs = world.get(&accountant(), of_books(&format!("orders/{order}/runs"))).await.ok(200);
    assert_eq!((&runs["items"][0]["state"], &runs["items"][0]["rule"]), (&json!("open"), &json!(id)));
    world.ask(&accountant(), "DELETE", path.clone()).at(2).send().await.refused(412, "stale");
    world.ask(&accountant(), "DELETE", path.clone()).at(3).send().await.ok(204);
    world.get(&accountant(), path).await.refused(404, "not_found");
}

#[tokio::test]
async fn an_address_opens_the_document_that_is_shown_until_it_is_taken_back() {
    let world = World::start().await;
    let (order, series) = (taken(&world, "1").await, ready(&world).await);
    let id = issued(&world, &order, &series).await;
    let path = format!("/issued-documents/{id}/links");
    world.post(&accountant(), path.clone(), &json!({ "days": 0 })).await.refused(422, "invalid");
    let made = world.post(&accountant(), path.clone(), &json!({ "days": 2 })).await.ok(201);
    let secret = made["secret"].as_str().unwrap();
    assert_eq!(secret.len(), 40);
    let opened = made["url"].as_str().unwrap().strip_prefix("https://api.example.nl").unwrap().to_owned();
    assert!(opened.strip_suffix(".pdf").is_some(), "{opened}");
    let open = async || world.get(&Token::None, opened.clone()).await;
    open().await.refused(404, "not_found");
    let head = world.ours().issued().get(id.parse().unwrap(), Read::Consistent).await.unwrap().unwrap();
    let own = store::sales::IssuedPdf::Ours { number: head.legal_number().unwrap() };
    world.ours().issued().put_pdf(head.id, own, b"%PDF-1.7 ours".to_vec()).await.unwrap();
    let audited = world.audited().await.len();
    let reply = open().await;
    assert_eq!((reply.status, reply.header("cache-control")), (302, "private, no-store"));
    assert!(reply.header("location").contains("own-"), "{}", reply.header("location"));
    assert_eq!(world.audited().await.len(), audited + 1, "each opening is told");
    // What is attached from elsewhere takes its place, number and all (CO-35).
    let replace = format!("/issued-documents/{id}/replacement");
    let ask = |body: Value| world.ask(&accountant(), "PUT", replace.clone()).at(1).json(&body).send();
    ask(json!({})).await.refused(422, "invalid");
    ask(json!({ "number": "N".repeat(31) })).await.refused(422, "invalid");
    ask(json!({ "pdf": "aGFsbG8=" })).await.refused(422, "invalid");
    let replaced = ask(json!({ "number": "ERP 77", "pdf": "JVBERi0xLjcgZXJw" })).await.ok(200);
    assert_eq!(replaced["legal_number"], "ERP 77");
    let first = open().await.header("location").to_owned();
    assert!(first.contains("replacement"), "{first}");
    // Another one has a name of its own: until the document says so, and if it never does, customers see the first.
    let again = json!({ "pdf": "JVBERi0xLjcgbmV1" });
    world.ask(&accountant(), "PUT", replace.clone()).at(2).json(&again).send().await.ok(200);
    let name = |location: &str| location.split('?').next().unwrap().to_owned();
    assert_ne!(name(open().await.header("location")), name(&first));
    assert_eq!(world.store.object_names().iter().filter(|name| name.contains("/replacement-")).count(), 2);
    let address = world.get(&finance(), format!("/issued-documents/{id}/pdf")).await.ok(200);
    assert_eq!(address["which"], "replacement");
    // Nobody guesses, another tenant's address opens nothing, and neither does one that was taken back or is too old.
    let other = opened.replace(&world.ours().id().to_string(), &id_of_another_tenant());
    world.get(&Token::None, other).await.refused(404, "not_found");
    world.get(&Token::None, opened.replace(secret, &"0".repeat(40))).await.refused(404, "not_found");
    world.ask(&accountant(), "DELETE", format!("{path}/{secret}")).send().await.ok(204);
    open().await.refused(404, "not_found");
    let again = world.post(&accountant(), path, &json!({ "days": 2 })).await.ok(201);
    let again = again["url"].as_str().unwrap().strip_prefix("https://api.example.nl").unwrap().to_owned();
    assert_eq!(world.get(&Token::None, again.clone()).await.status, 302);
    world.wait(3 * 24 * 3600);
    world.get(&Token::None, again).await.refused(404, "not_found");
}

fn id_of_another_tenant() -> String {
    id::<domain::ids::TenantId>(999_999).to_string()
}

#[tokio::test]
async fn a_document_is_forwarded_only_where_its_marketplace_is_switched_on() {
    let world = World::start().await;
    let id = unpassed(&world, "1").await;
    let path = format!("/issued-documents/{id}/forward");
    world.post(&accountant(), path.clone(), &json!({})).await.refused(409, "not_connected");
    let to = |connection: ConnectionId, forward: &str| json!({ "connection": connection, "forward": forward });
    let put = |body: Value| world.ask(&superuser(), "PUT", of_books("marketplaces/shop")).json(&body).send();
    put(to(ledger(), "yes")).await.refused(409, "not_offered");
    connect_marketplace(&world).await;
    put(to(marketplace(), "no")).await.ok(200);
    world.post(&accountant(), path.clone(), &json!({})).await.refused(409, "not_connected");
    let on = to(marketplace(), "yes");
    world.ask(&superuser(), "PUT", of_books("marketplaces/shop")).at(1).json(&on).send().await.ok(200);
    let forwarded = world.post(&accountant(), path.clone(), &json!({})).await.ok(200);
    assert_eq!(forwarded["state"], "waiting");
    world.post(&accountant(), path, &json!({})).await.ok(200);
    let unit = UnitId { connection: marketplace(), division: None };
    let open = world.ours().tasks().open(&unit, world.now(), 5).await.unwrap();
    assert_eq!(open.len(), 1, "asked for twice, it is done once");
    assert_eq!(open[0].work, Work::Forward { issued: id.parse().unwrap() });
    let listed = world.get(&finance(), format!("/issued-documents/{id}/forwardings")).await.ok(200);
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}
