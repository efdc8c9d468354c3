//! Twinfield: connected by a consent, and posted to on the server that keeps the organisation.

use base64::{Engine as _, engine::general_purpose::STANDARD};
use chrono::TimeDelta;
use connector_push::Registration;
use domain::{
    document::{Document, Status, UnitId},
    ids::{ConnectionId, DocumentId},
    invoice::InvoiceKind,
    ledger::DirectoryKind,
    task::{TaskState, Work},
};
use ledgers::{Endpoint, Secret};
use pipeline::{Person, Pipeline, Ubl};
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};
use simulators::{
    stand::{Handle, Options},
    twinfield::{Twinfield, books, seed},
};

const OTHER_ORGANISATION: &str = "OTHER";
const OTHER_USER: &str = "BOEKER";
const OTHER_COMPANY: &str = "NL101";

/// An office whose administration is posted into Twinfield, as a person sets it up.
struct Office {
    p: Pipeline,
    twinfield: Handle<Twinfield>,
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

    /// Goes through the ledger's own page and hands the code to the task that connects.
    async fn consent(&self) -> TaskState {
        let address = format!(
            "{}/auth/authentication/connect/authorize?client_id={}&redirect_uri={}&response_type=code&state=s&nonce=s\
             &scope=openid+offline_access+twf.user+twf.organisation+twf.organisationUser",
            self.twinfield.base_url(),
            seed::APP,
            "https%3A%2F%2Fapp.example%2Foauth%2Ftwinfield",
        );
        drop(rustls::crypto::ring::default_provider().install_default());
        let client = reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().unwrap();
        let answer = client.get(address).send().await.unwrap();
        let url = url::Url::parse(answer.headers()["location"].to_str().unwrap()).unwrap();
        let code = url.query_pairs().find(|(name, _)| name == "code").unwrap().1.into_owned();
        let sealed = self.p.push.vault.seal(self.p.office.tenant, self.connection, code.as_bytes()).await.unwrap();
        let work = Work::Connect { sealed: STANDARD.encode(sealed), redirect_uri: seed::REDIRECT_URI.to_owned() };
        self.p.task(UnitId { connection: self.connection, division: None }, work).await.state
    }

    /// Connected, with the administration's company, directories and the supplier's template.
    async fn connected() -> Self {
        let mut p = Pipeline::start().await;
        let twinfield = Options::<Twinfield>::demo().clock(p.exact.clock()).start().await.unwrap();
        let registration = Registration {
            client_id: seed::APP.to_owned(),
            client_secret: Secret::new(seed::SECRET),
            endpoint: Some(Endpoint::test(twinfield.base_url()).unwrap()),
            redirect_uri: String::new(),
            // With a certificate, as the simulator has it.
            app_per_minute: Some(1_000),
        };
        p.push.registrations = p.push.registrations.clone().with("twinfield", registration);
        Self::in_office(p, twinfield, (seed::USER, seed::OFFICE)).await
    }

    /// The same in the office that the pipeline is with, for a user who signs in and a company.
    async fn in_office(p: Pipeline, twinfield: Handle<Twinfield>, (user, company): (&str, &str)) -> Self {
        crate::snelstart::leave_the_other_ledger(&p).await;
        let anna = p.accountant().await;
        p.promote(&anna, p.office.connection).await;
        let body = json!({
            "system": "twinfield", "name": "Twinfield", "licence_country": "NL",
            "options": { "purchase_journal": seed::PURCHASE },
        });
        let (status, made) = p.ask(&anna, "POST", "/connections", None, body).await;
        assert_eq!(status, 201, "{made}");
        let connection = made["id"].as_str().unwrap().parse().unwrap();
        p.promote(&anna, connection).await;
        let office = Self { p, twinfield, anna, connection };
        let state = office.consent().await;
        assert!(matches!(&state, TaskState::Done { summary, .. } if summary.contains(user)), "{state:?}");
        let administration = office.p.office.administration;
        office.choose(company).await;
        for directory in [DirectoryKind::LedgerAccounts, DirectoryKind::VatCodes, DirectoryKind::Journals] {
            let path =
                office.link(&format!("/directories/{}/refresh?administration={administration}", directory.as_str()));
            office.ask("POST", &path, None, json!({})).await;
        }
        let unit = UnitId { connection, division: Some(company.parse().unwrap()) };
        assert!(office.p.turn_of(&unit, None).await);
        let path = format!("/administrations/{administration}/contacts/{}/template", office.p.office.supplier);
        let lines = json!([
            { "category": "S", "rate": "21", "account": "4600", "vat_code": "IH", "description": "[contact]" },
            { "category": "AE", "rate": "0", "account": "4600", "vat_code": "IV", "description": "[contact]" },
        ]);
        office.ask("PUT", &path, Some(1), json!({ "lines": lines })).await;
        office
    }

    /// Chooses the company into which the administration is posted.
    async fn choose(&self, company: &str) {
        let body = json!({ "administration": self.p.office.administration, "division": company });
        self.ask("POST", &self.link("/divisions"), None, body).await;
    }

    fn advance(&mut self, by: TimeDelta) {
        self.p.advance(by);
    }

    /// What this deployment's registration may ask for in a minute.
    fn limit_app(&mut self, per_minute: u32) {
        let registrations = self.p.push.registrations.clone();
        let twinfield = registrations.named("twinfield").unwrap().clone();
        let limited = Registration { app_per_minute: Some(per_minute), ..twinfield };
        self.p.push.registrations = registrations.with("twinfield", limited);
    }

    /// Lets the minute go by, and a little of the next one.
    fn begin_minute(&mut self) {
        let left = 65 - self.p.now().timestamp().rem_euclid(60);
        self.advance(TimeDelta::seconds(left));
    }

    /// Delivers so many documents, which are complete then.
    async fn deliver(&self, count: u32) -> Vec<DocumentId> {
        let mut ids = Vec::new();
        for number in 0..count {
            let ubl = ubl(self, &format!("F-{number}")).of(dec!(10) + Decimal::from(number));
            ids.push(self.p.process(&ubl).await.id);
        }
        ids
    }

    /// Asks for documents to be posted; nothing has acted on it yet.
    async fn ask_to_post(&self, ids: &[DocumentId]) {
        for id in ids {
            self.ask("POST", &format!("/documents/{id}/post"), None, Value::Null).await;
        }
    }

    /// Delivers a document and posts it by hand.
    async fn post(&self, ubl: &Ubl) -> Document {
        let id: DocumentId = self.p.process(ubl).await.id;
        self.ask("POST", &format!("/documents/{id}/post"), None, Value::Null).await;
        self.p.run().await;
        self.p.document(id).await
    }

    fn template(&self) -> String {
        format!("/administrations/{}/contacts/{}/template", self.p.office.administration, self.p.office.supplier)
    }

    /// The posting rules of the supplier in Twinfield.
    fn rules(&self) -> Vec<books::PostingRule> {
        self.books(|books| books.dimension(&["CRD"], seed::SUPPLIER).unwrap().rules.clone())
    }

    fn change_supplier(&self, change: impl FnOnce(&mut books::Dimension)) {
        self.twinfield.change(|all| {
            let dimensions = &mut all.office_mut(seed::OFFICE).unwrap().dimensions;
            change(dimensions.iter_mut().find(|one| one.code == seed::SUPPLIER).unwrap());
        });
    }

    /// Takes a turn of the company: what the API asked for is done.
    async fn turn(&self) {
        let unit = UnitId { connection: self.connection, division: Some(seed::OFFICE.parse().unwrap()) };
        assert!(self.p.turn_of(&unit, None).await);
        self.p.run().await;
    }

    /// Has templates and posting rules brought together as far as it goes now, and tells the task.
    async fn sync(&self) -> Value {
        let body = json!({ "administration": self.p.office.administration, "direction": "purchase" });
        let task = self.ask("POST", &self.link("/sync-templates"), None, body).await;
        self.turn().await;
        self.task(&task).await
    }

    async fn task(&self, task: &Value) -> Value {
        self.ask("GET", &format!("/tasks/{}", task["id"].as_str().unwrap()), None, Value::Null).await
    }

    fn books<T>(&self, look: impl FnOnce(&books::Office) -> T) -> T {
        self.twinfield.read(|all| look(all.office(seed::OFFICE).unwrap()))
    }
}

/// Another organisation on another server, whose user consents from now on.
fn add_organisation(twinfield: &Handle<Twinfield>) {
    twinfield.change(|all| {
        let mut another = all.organisation(seed::ORGANISATION).unwrap().clone();
        (another.code, another.cluster) = (OTHER_ORGANISATION.to_owned(), "c1".to_owned());
        OTHER_USER.clone_into(&mut another.users[0].code);
        another.users[0].offices.insert(OTHER_COMPANY.to_owned());
        another.offices.truncate(1);
        OTHER_COMPANY.clone_into(&mut another.offices[0].code);
        all.organisations.push(another);
        all.consenting = Some((OTHER_ORGANISATION.to_owned(), OTHER_USER.to_owned()));
    });
}

fn ubl(office: &Office, number: &str) -> Ubl {
    Ubl::new(number, office.p.now().date_naive() - chrono::Days::new(3))
}

#[tokio::test]
async fn an_invoice_and_its_credit_note_are_posted_after_a_consent() {
    let office = Office::connected().await;
    let document = office.post(&ubl(&office, "F-1")).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    let booked = office.books(|books| books.transactions[0].clone());
    assert_eq!((booked.vat(), booked.invoice_number.as_str()), (dec!(21.00), "F-1"));
    assert_eq!(booked.free_texts[&3], document.id.to_string(), "it leads back to the document");
    assert_eq!(document.booked.unwrap().ledger_number, format!("INK {}", booked.number));
    let note = Ubl { kind: InvoiceKind::CreditNote, ..ubl(&office, "C-1") };
    let document = office.post(&note).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    let balances = office.books(books::Office::balances);
    assert!(balances.values().all(rust_decimal::Decimal::is_zero), "{balances:?}");
    assert_eq!(office.p.ledger_requests(), 0, "the other ledger is not asked");
}

#[tokio::test]
async fn what_decides_vat_is_held_and_says_so() {
    let office = Office::connected().await;
    let lines = vec![pipeline::Line { category: "AE", rate: dec!(0), net: dec!(80.00) }];
    let document = office.post(&Ubl { lines, ..ubl(&office, "F-1") }).await;
    assert_ne!(document.status, Status::Posted);
    let reason = document.reason.unwrap();
    assert_eq!((reason.code.as_str(), reason.values[1].as_str()), ("held", "reverse_charge"), "{reason:?}");
    assert!(office.books(|books| books.transactions.is_empty()));
}

#[tokio::test]
async fn companies_of_one_organisation_share_its_credits() {
    let mut office = Office::connected().await;
    // An app without a certificate.
    office.twinfield.change(|all| all.credits_per_minute = 25);
    office.advance(TimeDelta::minutes(1));
    let document = office.post(&ubl(&office, "F-1")).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    office.choose(seed::SECOND_OFFICE).await;
    let before = office.twinfield.requests().list().len();
    let document = office.post(&Ubl::new("F-2", office.p.now().date_naive() - chrono::Days::new(4))).await;
    assert_eq!(document.unit.unwrap().division.unwrap().as_str(), seed::SECOND_OFFICE);
    assert_eq!(document.status, Status::Posting, "the minute has no room left, whichever company asks");
    assert_eq!(office.twinfield.requests().list().len(), before);
    office.advance(TimeDelta::minutes(1) + TimeDelta::seconds(2));
    office.p.run().await;
    let document = office.p.document(document.id).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    let refused = office.twinfield.requests().list().iter().filter(|request| request.status == Some(429)).count();
    assert_eq!(refused, 0, "the limit is kept before it is hit");
}

#[tokio::test]
async fn organisations_of_different_tenants_share_the_credits_of_the_app() {
    const LIMIT: u32 = 60;
    const EACH: u32 = 8;
    let mut office = Office::connected().await;
    add_organisation(&office.twinfield);
    let first = office.p.move_to_another_office().await;
    let anna_of_first = office.anna.clone();
    let mut office = Office::in_office(office.p, office.twinfield, (OTHER_USER, OTHER_COMPANY)).await;
    let second = office.p.office.clone();
    assert_ne!(first.tenant, second.tenant);
    office.twinfield.change(|all| all.app_credits_per_minute = LIMIT);
    office.limit_app(LIMIT);
    let of_second = office.deliver(EACH).await;
    office.p.office = first.clone();
    let of_first = office.deliver(EACH).await;
    office.p.office = second.clone();
    office.ask_to_post(&of_second).await;
    (office.p.office, office.anna) = (first.clone(), anna_of_first);
    office.ask_to_post(&of_first).await;
    office.begin_minute();
    office.twinfield.change(|all| all.app_usage.clear());
    office.p.run_to_rest().await;
    let all = of_first.into_iter().map(|id| (&first, id)).chain(of_second.into_iter().map(|id| (&second, id)));
    for (at, id) in all {
        office.p.office = at.clone();
        let document = office.p.document(id).await;
        assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
        assert_eq!(crate::throttled::life(&office.p, id).await, crate::throttled::LIFE, "it waits and does not fail");
    }
    let refused = office.twinfield.requests().list().iter().filter(|request| request.status == Some(429)).count();
    assert_eq!(refused, 0, "the limit is kept before it is hit");
    let (most, booked) = office.twinfield.read(|all| {
        let booked = all.organisations.iter().map(|one| one.offices[0].transactions.len()).collect::<Vec<_>>();
        (all.app_usage[seed::APP].most, booked)
    });
    assert!((LIMIT / 2..=LIMIT).contains(&most), "{most}: much of the minute is used, and no more than there is");
    assert_eq!(booked, [EACH as usize; 2]);
}

#[tokio::test]
async fn credits_of_the_app_cost_a_write_a_block_and_not_a_write_a_document() {
    let mut office = Office::connected().await;
    let ids = office.deliver(10).await;
    office.ask_to_post(&ids).await;
    office.begin_minute();
    office.p.store.take_costs();
    office.p.run_uncounted().await;
    let claims: Vec<u32> = office
        .p
        .store
        .take_costs()
        .iter()
        .filter(|cost| cost.operation == "system.claim_credits")
        .map(|cost| cost.write_units)
        .collect();
    assert_eq!(office.books(|books| books.transactions.len()), 10);
    assert!((1..=3).contains(&claims.len()), "{claims:?}");
    assert!(claims.iter().all(|units| *units == 1), "{claims:?}");
}

#[tokio::test]
async fn a_template_is_kept_with_the_supplier_in_twinfield_and_taken_over_from_there() {
    let office = Office::connected().await;
    let before = office.books(|books| books.dimension(&["CRD"], seed::SUPPLIER).unwrap().clone());
    assert_eq!(before.rules, [], "who the supplier is in Twinfield is not known yet");
    let document = office.post(&ubl(&office, "F-1")).await;
    assert_eq!(document.status, Status::Posted, "{:?}", document.reason);
    let [rule] = office.rules().try_into().unwrap();
    let said: Vec<_> =
        rule.lines.iter().map(|line| (line.account.as_str(), line.vat_code.as_str(), line.ratio)).collect();
    assert_eq!(said, [("4600", "IH", dec!(100)), ("4600", "IV", dec!(100))], "it is written after the first posting");
    assert_eq!((rule.description.as_str(), rule.lines[0].description.as_str()), ("Ledgerpost", "[contact]"));
    office.change_supplier(|supplier| supplier.rules.clear());
    let after = office.books(|books| books.dimension(&["CRD"], seed::SUPPLIER).unwrap().clone());
    assert_eq!(after, before, "all else of the supplier is as it was");

    // Saved anew, it takes the place of the former one; a rule of somebody else stays.
    let theirs = books::PostingRule { id: 7, description: "Huur".to_owned(), ..rule };
    office.change_supplier(|supplier| supplier.rules = vec![theirs.clone()]);
    let line =
        json!({ "category": "S", "rate": "21", "account": "0110", "vat_code": "IH", "description": "[contact]" });
    for account in ["0110", "4600"] {
        let version = office.ask("GET", &office.template(), None, Value::Null).await["version"].as_u64().unwrap();
        let mut line = line.clone();
        line["account"] = json!(account);
        let version = u32::try_from(version).ok();
        office.ask("PUT", &office.template(), version, json!({ "lines": [line] })).await;
        office.turn().await;
        let [former, ours] = office.rules().try_into().unwrap();
        assert_eq!((former, ours.lines[0].account.as_str()), (theirs.clone(), account));
    }

    // Taken away here, ours goes there, and nothing else.
    let version = office.ask("GET", &office.template(), None, Value::Null).await["version"].as_u64().unwrap();
    office.ask("DELETE", &office.template(), u32::try_from(version).ok(), Value::Null).await;
    office.turn().await;
    assert_eq!(office.rules(), [theirs]);

    // What Twinfield has becomes the template on request.
    let done = office.sync().await;
    assert_eq!(done["state"], "done", "{done}");
    assert!(done["summary"].as_str().unwrap().starts_with("1 taken over"), "{done}");
    let template = office.ask("GET", &office.template(), None, Value::Null).await;
    let line = &template["lines"][0];
    assert_eq!((&line["category"], &line["rate"], &line["account"]), (&json!("S"), &json!("21"), &json!("4600")));
    assert_eq!(template["lines"][1]["category"], "AE");
    assert!(office.sync().await["summary"].as_str().unwrap().contains("1 were the same"));

    // What differs stays on both sides and is named.
    office.change_supplier(|supplier| supplier.rules[0].lines[0].account = "0110".to_owned());
    let rules = office.rules();
    let done = office.sync().await;
    assert!(done["summary"].as_str().unwrap().contains("(the ledger's rule differs from the template here)"), "{done}");
    assert_eq!(office.ask("GET", &office.template(), None, Value::Null).await, template);
    assert_eq!(office.rules(), rules);
    assert_eq!(office.p.ledger_requests(), 0, "the other ledger is not asked");
}

#[tokio::test]
async fn a_template_that_twinfield_refuses_says_so_and_templates_can_be_left_alone() {
    let office = Office::connected().await;
    office.post(&ubl(&office, "F-1")).await;
    let before = office.rules();
    assert_eq!(before.len(), 1);
    // An account that asks for a cost centre.
    let line =
        json!({ "category": "S", "rate": "21", "account": "4700", "vat_code": "IH", "description": "[contact]" });
    office.ask("PUT", &office.template(), Some(2), json!({ "lines": [line] })).await;
    office.turn().await;
    let tasks = office.ask("GET", &office.link("/tasks"), None, Value::Null).await;
    let failed =
        tasks["items"].as_array().unwrap().iter().find(|task| task["kind"] == "template" && task["state"] == "failed");
    let failed = failed.unwrap_or_else(|| panic!("{tasks}"));
    assert_eq!(failed["error"]["code"], "cost_centre_link");
    assert!(failed.to_string().contains("kostenplaats"), "in the words of Twinfield too: {failed}");
    assert_eq!(office.rules(), before, "nothing of it is stored");
    let shown = office.ask("GET", &office.link(""), None, Value::Null).await;
    let version = shown["version"].as_u64().and_then(|version| u32::try_from(version).ok());
    let body = json!({
        "name": "Twinfield", "options": { "purchase_journal": seed::PURCHASE, "templates": "off" },
    });
    office.ask("PUT", &office.link(""), version, body).await;
    let asked = office.twinfield.requests().list().len();
    office.ask("DELETE", &office.template(), Some(3), Value::Null).await;
    office.turn().await;
    assert_eq!((office.rules(), office.twinfield.requests().list().len()), (before, asked));
    let body = json!({ "administration": office.p.office.administration, "direction": "purchase" });
    let (status, refused) = office.p.ask(&office.anna, "POST", &office.link("/sync-templates"), None, body).await;
    assert_eq!((status, refused["code"].as_str()), (409, Some("not_offered")), "{refused}");
}

#[tokio::test]
async fn templates_are_brought_together_minute_by_minute() {
    let mut office = Office::connected().await;
    office.post(&ubl(&office, "F-1")).await;
    let [rule] = office.rules().try_into().unwrap();
    let contacts = format!("/administrations/{}/contacts", office.p.office.administration);
    for number in 0..40 {
        let code = (2300 + number).to_string();
        let body = json!({ "direction": "purchase", "name": format!("Leverancier {number}"), "ledger_contact": code });
        office.ask("POST", &contacts, None, body).await;
        // One is gone.
        if number > 0 {
            office.twinfield.change(|all| {
                let dimensions = &mut all.office_mut(seed::OFFICE).unwrap().dimensions;
                let supplier = dimensions.iter().find(|one| one.code == seed::SUPPLIER).unwrap().clone();
                dimensions.push(books::Dimension { code, rules: vec![rule.clone()], ..supplier });
            });
        }
    }
    // An app without a certificate.
    office.twinfield.change(|all| all.credits_per_minute = 25);
    office.advance(TimeDelta::minutes(1));
    let mut task = office.sync().await;
    assert_eq!(task["state"], "open", "the credits of the minute are used up: {task}");
    for _ in 0..3 {
        office.advance(TimeDelta::seconds(62));
        office.p.run().await;
        task = office.task(&task).await;
    }
    let summary = task["summary"].as_str().unwrap_or_else(|| panic!("{task}"));
    assert!(summary.starts_with("39 taken over from the ledger, 0 written there, 1 were the same"), "{summary}");
    assert!(summary.contains("Leverancier 0 ("), "{summary}");
    let all = office.twinfield.requests().list();
    assert!(all.iter().all(|request| request.status != Some(429)), "the limit is kept before it is hit");
}
