//! An office that issues documents and passes them to Fakturownia, as a person sets it up: what several tests of sales need.

use crate::{Person, Pipeline};
use connector_push::Registration;
use domain::{
    document::{Actor, UnitId},
    ids::{ConnectionId, IssuedId},
    sales::{Issued, Passing},
};
use ledgers::{Endpoint, Secret};
use serde_json::{Value, json};
use simulators::{
    fakturownia::{Fakturownia, seed},
    stand::{Handle, Options},
};
use store::{
    Read, Writer,
    sales::{PassChange, PassEntry},
};

/// An office whose issued documents go to Fakturownia, as a person sets it up.
pub struct Office {
    /// Everything else.
    pub p: Pipeline,
    /// The ledger of what is issued.
    pub ledger: Handle<Fakturownia>,
    /// Who does it all.
    pub anna: Person,
    /// The connection to that ledger.
    pub connection: ConnectionId,
    /// The series of invoices.
    pub series: String,
    /// The series of corrections.
    pub corrections: String,
}

impl Office {
    /// What the API answers to a request that goes well.
    pub async fn ask(&self, method: &str, path: &str, version: Option<u32>, body: Value) -> Value {
        let (status, answer) = self.p.ask(&self.anna, method, path, version, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// A path under the administration.
    pub fn of_books(&self, path: &str) -> String {
        format!("/administrations/{}/{path}", self.p.office.administration)
    }

    /// The posting function, which may have been started anew, knows where the ledger is.
    pub fn registered(&mut self) {
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
    pub async fn start() -> Self {
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

    /// The same with so many documents that were issued and wait for somebody to pass them.
    pub async fn waiting(count: usize) -> Self {
        let office = Box::pin(Self::start()).await;
        let connector = json!({ "connection": office.connection, "numbering": "ledger", "automatic": "no" });
        office.ask("PUT", &office.of_books("connector"), Some(1), connector).await;
        for number in 0..count {
            office.issue(&format!("30{number}")).await;
        }
        office
    }

    /// Begins to pass them in bulk; the run's id.
    pub async fn begin(&self, which: &str) -> String {
        let made = self.ask("POST", &self.of_books("pass-runs"), None, json!({ "which": which })).await;
        assert_eq!(made["state"], "collecting");
        made["id"].as_str().unwrap().to_owned()
    }

    /// How far a run has come.
    pub async fn progress(&self, run: &str) -> Value {
        self.ask("GET", &self.of_books(&format!("pass-runs/{run}")), None, Value::Null).await
    }

    /// An order that was taken in: its id.
    pub async fn order(&self, reference: &str) -> String {
        self.order_at(reference, "PL").await
    }

    /// An order of a marketplace's shop.
    pub async fn order_at(&self, reference: &str, site: &str) -> String {
        let order = json!({
            "marketplace": { "site": site },
            "reference": reference, "source": "shop", "currency": "PLN", "prices": "gross",
            "customer": {
                "is": "company", "name": "Zielony Kubek Sp. z o.o.", "tax_number": "1234563218",
                "address": { "street": "Morska 5/2", "post_code": "81-001", "city": "Gdynia", "country": "PL" },
                "email": "zakupy@zielonykubek.example"
            },
            "lines": [
                { "name": "Kubek", "sku": "MUG-01", "quantity": "2", "unit": "szt.", "price": "49.20", "vat": "23" },
                { "name": "Książka", "quantity": "3", "price": "10.50", "vat": "5" }
            ],
            "payment": { "name": "Przelew" }
        });
        let order = self.ask("POST", &self.of_books("orders"), None, order).await;
        order["id"].as_str().unwrap().to_owned()
    }

    /// An order that was taken in, and its invoice.
    pub async fn issue(&self, reference: &str) -> IssuedId {
        let order = self.order(reference).await;
        let path = self.of_books(&format!("orders/{order}/documents"));
        let issued = self.ask("POST", &path, None, json!({ "series": self.series })).await;
        issued["id"].as_str().unwrap().parse().unwrap()
    }

    /// The unit to which documents go.
    pub fn unit(&self) -> UnitId {
        UnitId { connection: self.connection, division: seed::PREFIX.parse().ok() }
    }

    /// A turn of that unit, as when the API has woken it. Whether it went well.
    pub async fn turn(&self) -> bool {
        self.p.turn_of(&self.unit(), None).await
    }

    /// Until nothing is left to do: what may still land in the ledger is waited for, longer than a message waits.
    pub async fn settle(&mut self) {
        self.p.run_to_rest().await;
        self.p.advance(chrono::TimeDelta::minutes(20));
        self.p.sweep().await;
        self.p.run_to_rest().await;
    }

    /// A document as it is now.
    pub async fn issued(&self, id: IssuedId) -> Issued {
        self.p.office.store().issued().get(id, Read::Consistent).await.unwrap().unwrap()
    }

    /// Makes a document one of which nobody knows whether the ledger has it, as after an answer that never came.
    pub async fn make_uncertain(&self, id: IssuedId) {
        let repository = self.p.office.store().issued();
        let before = repository.get(id, Read::Consistent).await.unwrap().unwrap();
        let version = before.version + 1;
        let after =
            Issued { version, passing: Passing::Uncertain, passed: None, unit: Some(self.unit()), ..before.clone() };
        let (at, by) = (self.p.now(), Actor::System);
        let entry = PassEntry { at, by, event: None, passing: after.passing, version, reason: None };
        let change = PassChange { before: &before, after: &after, step: None, entry, fence: None };
        repository.transition(&change, &Writer::new(&format!("uncertain {id}"), 1)).await.unwrap();
    }

    /// Numbers and totals of the ledger's documents.
    pub fn documents(&self) -> Vec<(String, String)> {
        self.ledger.read(|ledger| {
            let account = ledger.accounts.iter().find(|account| account.prefix == seed::PREFIX).unwrap();
            let shown = |document: &simulators::fakturownia::Document| {
                (document.number.clone(), format!("{:.2}", document.totals.gross))
            };
            account.documents.iter().map(shown).collect()
        })
    }
}
