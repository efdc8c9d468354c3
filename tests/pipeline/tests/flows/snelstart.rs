//! SnelStart: connected through the API by a key that a person types in, and posted to.

use connector_push::Registration;
use domain::{
    document::{Actor, Document, Status, UnitId},
    ids::{ConnectionId, DocumentId},
    invoice::InvoiceKind,
    ledger::DirectoryKind,
    office::{Administration, ConnectionState},
    task::Work,
};
use ledgers::{Endpoint, Secret};
use pipeline::{Person, Pipeline, Ubl};
use rust_decimal::dec;
use serde_json::{Value, json};
use simulators::{
    snelstart::{Booking, Snelstart, seed},
    stand::{Handle, Options},
};
use store::{Read, Writer, settings::Author};

/// An office whose administration is posted into SnelStart, as a person sets it up.
struct Office {
    p: Pipeline,
    snelstart: Handle<Snelstart>,
    anna: Person,
    connection: ConnectionId,
}

impl Office {
    async fn ask(&self, method: &str, path: &str, version: Option<u32>, body: Value) -> Value {
        let (status, answer) = self.p.ask(&self.anna, method, path, version, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    fn link(&self, rest: &str) -> String {
        format!("/connections/{}{rest}", self.connection)
    }

    async fn state(&self) -> ConnectionState {
        let connections = self.p.office.store().connections();
        connections.get(self.connection, Read::Consistent).await.unwrap().unwrap().state
    }

    /// Types a key in; the outcome of the task that it makes.
    async fn type_key(&self, key: &str) -> Value {
        let body = json!({ "fields": { "client_key": key } });
        let task = self.ask("POST", &self.link("/credentials"), None, body).await;
        self.p.turn_of(&UnitId { connection: self.connection, division: None }, None).await;
        let id = task["id"].as_str().unwrap();
        let kept = self.p.office.store().tasks().get(id.parse().unwrap(), Read::Consistent).await.unwrap().unwrap();
        let nothing = Work::Connect { sealed: String::new(), redirect_uri: String::new() };
        assert_eq!(kept.work, nothing, "the key is kept with the tokens only");
        self.ask("GET", &format!("/tasks/{id}"), None, Value::Null).await
    }

    async fn start() -> Self {
        let mut p = Pipeline::start().await;
        let snelstart = Options::<Snelstart>::demo().start().await.unwrap();
        let registration = Registration {
            client_id: "ledgerpost".to_owned(),
            client_secret: Secret::new(seed::SUBSCRIPTION_KEY),
            endpoint: Some(Endpoint::test(snelstart.base_url()).unwrap()),
            redirect_uri: String::new(),
            app_per_minute: None,
        };
        p.push.registrations = p.push.registrations.clone().with("snelstart", registration);
        leave_the_other_ledger(&p).await;
        let anna = p.accountant().await;
        p.promote(&anna, p.office.connection).await;
        let body = json!({
            "system": "snelstart", "name": "SnelStart", "licence_country": "NL",
            "options": { "purchase_credit_notes": "negative" },
        });
        let (status, made) = p.ask(&anna, "POST", "/connections", None, body).await;
        assert_eq!(status, 201, "{made}");
        let connection = made["id"].as_str().unwrap().parse().unwrap();
        p.promote(&anna, connection).await;
        Self { p, snelstart, anna, connection }
    }

    /// Connected, with the administration's division, directories and the supplier's template.
    async fn connected() -> Self {
        let office = Self::start().await;
        let task = office.type_key(seed::CLIENT_KEY).await;
        assert_eq!(task["state"], "done", "{task}");
        let administration = office.p.office.administration;
        let body = json!({ "administration": administration, "division": seed::ADMINISTRATION });
        office.ask("POST", &office.link("/divisions"), None, body).await;
        for directory in [DirectoryKind::LedgerAccounts, DirectoryKind::VatCodes] {
            let path =
                office.link(&format!("/directories/{}/refresh?administration={administration}", directory.as_str()));
            office.ask("POST", &path, None, json!({})).await;
        }
        assert!(office.p.turn_of(&office.unit(), None).await);
        let path = format!("/administrations/{administration}/contacts/{}/template", office.p.office.supplier);
        let lines = json!([
            { "category": "S", "rate": "21", "account": "4600", "vat_code": "Hoog", "description": "[contact]" },
            { "category": "AE", "rate": "0", "account": "4600", "vat_code": "Verlegd", "description": "[contact]" },
        ]);
        office.ask("PUT", &path, Some(1), json!({ "lines": lines })).await;
        office
    }

    fn unit(&self) -> UnitId {
        UnitId { connection: self.connection, division: Some(seed::ADMINISTRATION.parse().unwrap()) }
    }

    /// Delivers a document and posts it by hand.
    async fn post(&self, ubl: &Ubl) -> Document {
        let id: DocumentId = self.p.process(ubl).await.id;
        self.ask("POST", &format!("/documents/{id}/post"), None, Value::Null).await;
        self.p.run().await;
        self.p.document(id).await
    }

    fn bookings(&self) -> Vec<Booking> {
        self.snelstart.read(|state| state.administration(seed::ADMINISTRATION).unwrap().bookings.clone())
    }
}

/// The administration is not posted into Exact Online any more.
pub async fn leave_the_other_ledger(p: &Pipeline) {
    let administrations = p.office.store().administrations();
    let before = administrations.get(p.office.administration, Read::Consistent).await.unwrap().unwrap();
    let after = Administration { unit: None, version: before.version + 1, ..before.clone() };
    let writer = Writer::new("leave", 0);
    let author = Author { by: &Actor::Operator, at: p.now(), writer: &writer };
    administrations.replace(&before, &after, &author).await.unwrap();
}

fn ubl(office: &Office, number: &str) -> Ubl {
    Ubl::new(number, office.p.now().date_naive() - chrono::Days::new(3))
}

#[tokio::test]
async fn an_invoice_and_its_credit_note_are_posted_with_a_key_that_was_typed_in() {
    let office = Office::connected().await;
    let invoice = Ubl { pdf: Some(b"%PDF-1.7 picture".to_vec()), ..ubl(&office, "F-1") };
    let document = office.post(&invoice).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    let bookings = office.bookings();
    assert_eq!((bookings.len(), bookings[0].total, bookings[0].number.as_str()), (1, dec!(121.00), "F-1"));
    assert_eq!(document.booked.unwrap().ledger_number, bookings[0].voucher);
    let files = office.snelstart.read(|state| {
        let files = &state.administration(seed::ADMINISTRATION).unwrap().documents;
        files.iter().map(|file| file.file_name.clone()).collect::<Vec<_>>()
    });
    assert_eq!(files, ["F-1.xml", "F-1.pdf"]);
    let note = Ubl { kind: InvoiceKind::CreditNote, ..ubl(&office, "C-1") };
    let document = office.post(&note).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    let balances = office.snelstart.read(|state| state.administration(seed::ADMINISTRATION).unwrap().balances());
    assert!(balances.values().all(rust_decimal::Decimal::is_zero), "{balances:?}");
    assert_eq!(office.p.ledger_requests(), 0, "the other ledger is not asked");
}

#[tokio::test]
async fn what_is_held_says_so_and_nothing_is_sent() {
    let office = Office::connected().await;
    let asked = office.snelstart.requests().total();
    let lines = vec![pipeline::Line { category: "AE", rate: dec!(0), net: dec!(80.00) }];
    let document = office.post(&Ubl { lines, ..ubl(&office, "F-1") }).await;
    let reason = document.reason.unwrap();
    assert_eq!((document.status, reason.code.as_str()), (Status::Rejected, "held"), "others are not held up by it");
    assert!(reason.values.contains(&"purchase_reverse_charge".to_owned()), "{reason:?}");
    assert_eq!(office.snelstart.requests().count("POST", "inkoopboekingen"), 0);
    assert!(office.snelstart.requests().total() <= asked + 1, "at most a token");
}

/// Documents would end in the books of somebody else.
#[tokio::test]
async fn a_key_of_another_administration_is_refused_and_the_old_one_stays() {
    let office = Office::connected().await;
    let task = office.type_key(seed::SECOND_CLIENT_KEY).await;
    assert_eq!((&task["state"], &task["error"]["code"]), (&json!("failed"), &json!("wrong_division")), "{task}");
    assert_eq!(office.post(&ubl(&office, "F-1")).await.status, Status::Posted);
    assert_eq!(office.bookings().len(), 1);
}

#[tokio::test]
async fn a_key_that_was_withdrawn_keeps_documents_waiting_until_a_new_one_is_typed_in() {
    let mut office = Office::connected().await;
    office.snelstart.change(|state| {
        state.administration_mut(seed::ADMINISTRATION).unwrap().key = Some("anew".to_owned());
        state.tokens.clear();
    });
    let document = office.post(&ubl(&office, "F-1")).await;
    assert_eq!((document.status, office.state().await), (Status::Posting, ConnectionState::ReconnectNeeded));
    let task = office.type_key("wrong").await;
    assert_eq!((&task["state"], &task["error"]["code"]), (&json!("failed"), &json!("consent_refused")), "{task}");
    let task = office.type_key("anew").await;
    assert_eq!((task["state"].clone(), office.state().await), (json!("done"), ConnectionState::Connected), "{task}");
    office.p.run_to_rest().await;
    assert_eq!(office.p.document(document.id).await.status, Status::Posted);
    assert_eq!(office.bookings().len(), 1);
}
