//! An office whose administration is posted into a ledger that a consent opens, as a person sets it up: what the flows of such
//! ledgers share.

use crate::snelstart::leave_the_other_ledger;
use base64::{Engine as _, engine::general_purpose::STANDARD};
use connector_push::{Registration, Registrations};
use domain::{
    document::{Document, Status, UnitId},
    ids::{ConnectionId, DocumentId},
    invoice::InvoiceKind,
    ledger::DirectoryKind,
    task::{TaskState, Work},
};
use ledgers::{Credentials, Endpoint, Options, Secret};
use pipeline::{Person, Pipeline, Queue, Ubl};
use serde_json::{Value, json};
use simulators::{
    faults::{Effect, Fault, Stored},
    stand::{Books, Handle},
};
use std::time::Duration;

/// What differs from ledger to ledger.
pub struct Ledger<'a> {
    /// The name of our registration.
    pub registration: &'a str,
    /// Its public name there, its secret, and where its consents come back to.
    pub app: (&'a str, &'a str, &'a str),
    /// Options of the connection.
    pub options: Value,
    /// The set of books.
    pub division: &'a str,
    /// An account for costs and the code of 21 % on purchases.
    pub codes: (&'a str, &'a str),
}

/// The office.
pub struct Office<B> {
    /// Everything of ours.
    pub p: Pipeline,
    /// The ledger.
    pub ledger: Handle<B>,
    /// Who works there.
    pub anna: Person,
    /// Its connection.
    pub connection: ConnectionId,
    registrations: Registrations,
}

impl<B: Books> Office<B> {
    /// Connected, with the administration's set of books, directories and the supplier's template.
    pub async fn connected(mut p: Pipeline, simulator: Handle<B>, set_up: &Ledger<'_>) -> Self {
        let (client_id, client_secret, redirect_uri) = set_up.app;
        let registration = Registration {
            client_id: client_id.to_owned(),
            client_secret: Secret::new(client_secret),
            endpoint: Some(Endpoint::test(simulator.base_url()).unwrap()),
            redirect_uri: redirect_uri.to_owned(),
            app_per_minute: None,
        };
        p.push.registrations = p.push.registrations.clone().with(set_up.registration, registration);
        leave_the_other_ledger(&p).await;
        let anna = p.accountant().await;
        p.promote(&anna, p.office.connection).await;
        let body = json!({
            "system": B::SYSTEM, "name": B::TITLE, "licence_country": "NL", "options": set_up.options,
        });
        let (status, made) = p.ask(&anna, "POST", "/connections", None, body).await;
        assert_eq!(status, 201, "{made}");
        let connection = made["id"].as_str().unwrap().parse().unwrap();
        p.promote(&anna, connection).await;
        let registrations = p.push.registrations.clone();
        let office = Self { p, ledger: simulator, anna, connection, registrations };
        let state = office.consent(set_up).await;
        assert!(matches!(state, TaskState::Done { .. }), "{state:?}");
        let administration = office.p.office.administration;
        let body = json!({ "administration": administration, "division": set_up.division });
        office.ask("POST", &office.link("/divisions"), None, body).await;
        for directory in [DirectoryKind::LedgerAccounts, DirectoryKind::VatCodes] {
            let path =
                office.link(&format!("/directories/{}/refresh?administration={administration}", directory.as_str()));
            office.ask("POST", &path, None, json!({})).await;
        }
        let unit = UnitId { connection, division: Some(set_up.division.parse().unwrap()) };
        assert!(office.p.turn_of(&unit, None).await);
        let path = format!("/administrations/{administration}/contacts/{}/template", office.p.office.supplier);
        let (account, vat_code) = set_up.codes;
        let line = json!({
            "category": "S", "rate": "21", "account": account, "vat_code": vat_code, "description": "[contact]",
        });
        office.ask("PUT", &path, Some(1), json!({ "lines": [line] })).await;
        office
    }

    /// Goes through the ledger's own page and hands the code to the task that connects.
    async fn consent(&self, set_up: &Ledger<'_>) -> TaskState {
        let descriptor = ledgers::described(&B::SYSTEM.parse().unwrap()).unwrap();
        let Credentials::Consent(consent) = descriptor.credentials else { panic!("a consent opens it") };
        let (client_id, _, redirect_uri) = set_up.app;
        let endpoint = Endpoint::test(self.ledger.base_url()).unwrap();
        let endpoint = endpoint.versioned(descriptor, &Options::default());
        let url = consent.url(&endpoint, client_id, redirect_uri, &Secret::new("state")).unwrap();
        drop(rustls::crypto::ring::default_provider().install_default());
        let browser = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let answer = browser.get(url).send().await.unwrap();
        let back = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let code = back.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let sealed = self.p.push.vault.seal(self.p.office.tenant, self.connection, code.as_bytes()).await.unwrap();
        let work = Work::Connect { sealed: STANDARD.encode(sealed), redirect_uri: redirect_uri.to_owned() };
        self.p.task(UnitId { connection: self.connection, division: None }, work).await.state
    }

    /// A request of the person that goes well.
    pub async fn ask(&self, method: &str, path: &str, version: Option<u32>, body: Value) -> Value {
        let (status, answer) = self.p.ask(&self.anna, method, path, version, body).await;
        assert!((200..300).contains(&status), "{method} {path}: {status} {answer}");
        answer
    }

    /// A path below the connection.
    pub fn link(&self, rest: &str) -> String {
        format!("/connections/{}{rest}", self.connection)
    }

    /// An invoice of the supplier: 100.00 and 21.00 VAT.
    pub fn invoice(&self, number: &str) -> Ubl {
        Ubl::new(number, self.p.now().date_naive() - chrono::Days::new(3))
    }

    /// Delivers a document and asks for it to be posted, which nothing has acted on yet.
    async fn asked(&self, ubl: &Ubl) -> DocumentId {
        let id = self.p.process(ubl).await.id;
        self.ask("POST", &format!("/documents/{id}/post"), None, Value::Null).await;
        id
    }

    /// Posts an invoice, then the credit note that takes it back. The two documents.
    pub async fn post_and_take_back(&self) -> [Document; 2] {
        let note = Ubl { kind: InvoiceKind::CreditNote, ..self.invoice("C-1") };
        let mut documents = Vec::new();
        for ubl in [self.invoice("F-1"), note] {
            let id = self.asked(&ubl).await;
            self.p.run().await;
            let document = self.p.document(id).await;
            assert_eq!(document.status, Status::Posted, "{}: {:?}", ubl.number, document.reason);
            documents.push(document);
        }
        assert_eq!(self.p.ledger_requests(), 0, "the other ledger is not asked");
        documents.try_into().unwrap()
    }

    /// Posts an invoice with a process that dies when the request that books it was carried out, and lets another one go on.
    pub async fn post_dying(&mut self, booking: &str) -> Document {
        let id = self.asked(&self.invoice("F-1")).await;
        self.p.relay().await;
        let fault = self.ledger.faults().add(Fault::on("POST", booking, Effect::hang(Stored::Yes)));
        let silence = async {
            while self.ledger.faults().fired(fault) == 0 {
                tokio::time::sleep(Duration::from_millis(1)).await;
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        };
        tokio::select! {
            () = silence => {}
            _ = self.p.step(Queue::Turns) => panic!("nothing was booked"),
        }
        self.ledger.faults().clear();
        let asked = self.ledger.requests().count("POST", booking);
        assert_eq!(self.p.document(id).await.status, Status::Posting);
        self.p.restart();
        self.p.push.registrations = self.registrations.clone();
        self.p.run_to_rest().await;
        assert_eq!(self.ledger.requests().count("POST", booking), asked, "it is looked for, not sent again");
        let document = self.p.document(id).await;
        assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
        assert_eq!(self.ledger.read(|books| books.booked("F-1")), 1);
        document
    }
}
