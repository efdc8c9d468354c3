//! Orders: issued from, passed to Fakturownia, and the ledger's document comes back.

use connector_push::Registration;
use domain::{
    document::UnitId,
    ids::{ConnectionId, IssuedId},
    sales::{Copy, Issued, Passing},
};
use ledgers::{Endpoint, Secret};
use pipeline::{Person, Pipeline, Queue};
use serde_json::{Value, json};
use simulators::{
    fakturownia::{Fakturownia, seed},
    faults::{Effect, Fault, Stored},
    stand::{Handle, Options},
};
use std::time::Duration;
use store::Read;

/// An office whose issued documents go to Fakturownia, as a person sets it up.
struct Office {
    p: Pipeline,
    ledger: Handle<Fakturownia>,
    anna: Person,
    connection: ConnectionId,
    series: String,
    corrections: String,
}

impl Office {
    async fn ask(&self, method: &str, path: &str, version: Option<u32>, body: Value) -> Value {
        let (status, answer) = self.p.ask(&self.anna, method, path, version, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    fn of_books(&self, path: &str) -> String {
        format!("/administrations/{}/{path}", self.p.office.administration)
    }

    fn registered(&mut self) {
        let registration = Registration {
            client_id: "ledgerpost".to_owned(),
            client_secret: Secret::new("none"),
            endpoint: Some(Endpoint::test(self.ledger.base_url()).unwrap()),
            redirect_uri: String::new(),
            app_per_minute: None,
        };
        self.p.push.registrations = self.p.push.registrations.clone().with("fakturownia", registration);
    }

    /// Connected, with two series, and documents passed as soon as they are issued.
    async fn start() -> Self {
        let p = Pipeline::start().await;
        let ledger = Options::<Fakturownia>::demo().clock(p.exact.clock()).start().await.unwrap();
        let anna = p.accountant().await;
        p.promote(&anna, p.office.connection).await;
        let nothing = String::new();
        let connection = p.office.connection;
        let mut office = Self { p, ledger, anna, connection, series: nothing.clone(), corrections: nothing };
        office.registered();
        let body = json!({ "system": "fakturownia", "name": "Fakturownia", "licence_country": "PL" });
        let made = office.ask("POST", "/connections", None, body).await;
        office.connection = made["id"].as_str().unwrap().parse().unwrap();
        office.p.promote(&office.anna, office.connection).await;
        let link = format!("/connections/{}", office.connection);
        let body = json!({ "fields": { "account": seed::PREFIX, "api_token": seed::TOKEN } });
        let task = office.ask("POST", &format!("{link}/credentials"), None, body).await;
        office.p.turn_of(&UnitId { connection: office.connection, division: None }, None).await;
        let task = office.ask("GET", &format!("/tasks/{}", task["id"].as_str().unwrap()), None, Value::Null).await;
        assert_eq!(task["state"], "done", "{task}");
        let administration = office.p.office.administration;
        let body = json!({ "administration": administration, "division": seed::PREFIX });
        office.ask("POST", &format!("{link}/divisions"), None, body).await;
        let seller = json!({
            "name": "Sklep z Kubkami Sp. z o.o.", "tax_number": "5260250274",
            "address": { "street": "Długa 12", "post_code": "80-831", "city": "Gdańsk", "country": "PL" }
        });
        office.ask("PUT", &office.of_books("seller"), None, seller).await;
        let series = async |kind: &str, pattern: &str| {
            let body = json!({ "name": kind, "kind": kind, "pattern": pattern, "reset": "monthly" });
            let made = office.ask("POST", &office.of_books("numbering-series"), None, body).await;
            made["id"].as_str().unwrap().to_owned()
        };
        let (invoices, corrections) =
            (series("invoice", "FV {n}/{mm}/{yyyy}").await, series("correction", "KOR {n}/{mm}/{yyyy}").await);
        let connector = json!({
            "connection": office.connection, "numbering": "ledger", "automatic": "yes", "send_sku": "yes",
            "show_ledger_document": "yes", "series": { invoices.as_str(): { "to": "series", "code": seed::SHOP.to_string() } },
            "payments": { "Przelew": "transfer" }
        });
        office.ask("PUT", &office.of_books("connector"), None, connector).await;
        Self { series: invoices, corrections, ..office }
    }

    /// An order that was taken in, and its invoice.
    async fn issue(&self, reference: &str) -> IssuedId {
        let order = json!({
            "reference": reference, "source": "shop", "currency": "PLN", "prices": "gross",
            "customer": {
                "is": "company", "name": "Zielony Kubek Sp. z o.o.", "tax_number": "1234563218",
                "address": { "street": "Morska 5/2", "post_code": "81-001", "city": "Gdynia", "country": "PL" }
            },
            "lines": [
                { "name": "Kubek", "sku": "MUG-01", "quantity": "2", "unit": "szt.", "price": "49.20", "vat": "23" },
                { "name": "Książka", "quantity": "3", "price": "10.50", "vat": "5" }
            ],
            "payment": { "name": "Przelew" }
        });
        let order = self.ask("POST", &self.of_books("orders"), None, order).await;
        let path = self.of_books(&format!("orders/{}/documents", order["id"].as_str().unwrap()));
        let issued = self.ask("POST", &path, None, json!({ "series": self.series })).await;
        issued["id"].as_str().unwrap().parse().unwrap()
    }

    /// Until nothing is left to do: what may still land in the ledger is waited for, longer than a message waits.
    async fn settle(&mut self) {
        self.p.run_to_rest().await;
        self.p.advance(chrono::TimeDelta::minutes(20));
        self.p.sweep().await;
        self.p.run_to_rest().await;
    }

    async fn issued(&self, id: IssuedId) -> Issued {
        self.p.office.store().issued().get(id, Read::Consistent).await.unwrap().unwrap()
    }

    /// Numbers and totals of the ledger's documents.
    fn documents(&self) -> Vec<(String, String)> {
        self.ledger.read(|ledger| {
            let account = ledger.accounts.iter().find(|account| account.prefix == seed::PREFIX).unwrap();
            let shown = |document: &simulators::fakturownia::Document| {
                (document.number.clone(), format!("{:.2}", document.totals.gross))
            };
            account.documents.iter().map(shown).collect()
        })
    }
}

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
    let pdf = office.p.office.store().issued().pdf(id, "ledger").await.unwrap();
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
