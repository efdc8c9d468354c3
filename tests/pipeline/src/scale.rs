//! Administrations of any size, and what requests to them cost: the same, whatever the size.

use crate::{Person, Pipeline, Queue, office::unique};
use chrono::TimeDelta;
use domain::{
    automation::{AutomationRule, DocumentFormat, DocumentScope, RuleState},
    contact::Contact,
    document::{Actor, Booked, Channel, Delivered, Document, PostedBy, Status, Step},
    ids::{ContactId, DocumentId, Id, RuleId, UserId},
    invoice::{InvoiceKind, VatCategory},
    ledger::{Direction, VatCodeKind},
    money::Currency,
    reason::Reason,
    template::{PostingTemplate, TemplateLine},
    time::{Instant, TimeZone},
};
use runtime::message::DocumentMessage;
use rust_decimal::{Decimal, dec};
use serde_json::{Value, json};
use store::{
    TenantStore,
    document::{Change, Record},
    settings::Author,
    testing::{TestStore, Which},
};

/// One contact of so many has a posting template and no condition: it is recommended.
const RECOMMENDED_OF: u32 = 5;
/// Each of the others has so many conditions.
const CONDITIONS: u32 = 5;
/// So many kinds of documents there are; two of them wait.
const KINDS: u32 = 20;
/// By what part of it read units may differ: a fifth.
const APART: u32 = 5;

/// How large an administration is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    /// Documents: nine of ten are posted, the others wait.
    pub documents: u32,
    /// Suppliers and customers.
    pub contacts: u32,
}

impl Size {
    /// What others are compared with: 1,000 documents, 250 contacts, 1,000 conditions.
    pub const SMALL: Self = Self { documents: 1_000, contacts: 250 };
    /// What every run of the tests can afford: 10,000 documents, 1,000 contacts, 4,000 conditions.
    pub const MIDDLE: Self = Self { documents: 10_000, contacts: 1_000 };
    /// 200,000 documents, 5,000 contacts, 20,000 conditions.
    pub const LARGE: Self = Self { documents: 200_000, contacts: 5_000 };

    /// What requests to an administration of this size and a decision ask of the tables.
    pub async fn costs(self) -> Vec<Asked> {
        let p = Pipeline::start().await;
        p.fill(self).await;
        p.costs_at_scale().await
    }
}

/// What something asked of the tables.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Asked {
    /// What asked.
    pub what: &'static str,
    /// Requests.
    pub requests: usize,
    /// Read units in halves.
    pub read_half_units: u32,
}

impl Asked {
    /// Whether it costs as much as the same elsewhere: as many requests, and read units that differ by a fifth at most.
    pub fn is_like(&self, other: &Self) -> bool {
        let apart = self.read_half_units.abs_diff(other.read_half_units);
        self.requests == other.requests && apart * APART <= other.read_half_units
    }
}

fn numbered<T: Id>(kind: u128, number: u32) -> T {
    T::from_ulid(ulid::Ulid::from_parts(1_763_700_000_000, kind << 32 | u128::from(number)))
}

fn document_id(number: u32) -> DocumentId {
    numbered(1, number)
}

fn contact_id(number: u32) -> ContactId {
    numbered(2, number)
}

fn rule_id(contact: u32, number: u32) -> RuleId {
    numbered(3 + u128::from(number), contact)
}

/// Somebody who never posted anything.
fn nobody() -> UserId {
    numbered(99, 0)
}

/// The contacts whose items are copied: one with conditions, one that is recommended.
const WITH_CONDITIONS: u32 = u32::MAX - 1;
const RECOMMENDED: u32 = u32::MAX;
/// The documents that are copied begin with this one.
const FIRST_KIND: u32 = u32::MAX - KINDS;

/// Items as the repositories store them, made in tables of their own, to be copied with other ids.
struct Patterns<'a> {
    p: &'a Pipeline,
    test: TestStore,
    now: Instant,
}

impl Patterns<'_> {
    fn tenant(&self) -> TenantStore {
        self.test.store().tenant(self.p.office.tenant)
    }

    /// When a kind of document was received and posted: texts that stand for nothing else.
    fn times(&self, kind: u32) -> (Instant, Instant) {
        let received = self.now - TimeDelta::days(2) + TimeDelta::milliseconds(kind.into());
        (received, received + TimeDelta::hours(1))
    }

    fn document(&self, kind: u32) -> Document {
        let (received, posted) = self.times(kind);
        let delivered = Delivered {
            id: document_id(FIRST_KIND + kind),
            administration: self.p.office.administration,
            format: DocumentFormat::Ubl,
            file_name: "invoice-2026-001234.xml",
            channel: Channel::Api,
            at: received,
        };
        let rule = kind.is_multiple_of(3).then(|| (rule_id(WITH_CONDITIONS, 0), 1));
        let posted_by = PostedBy { user: self.p.office.automation_user, rule };
        let booked = Booked {
            ledger_id: "6b1c5d6e-0000-4000-8000-000000000001".to_owned(),
            ledger_number: "26700001".to_owned(),
            link: None,
            at: posted,
        };
        let waits = kind % (KINDS / 2) == 5;
        Document {
            status: if waits { Status::Incomplete } else { Status::Posted },
            tag: Some(if kind.is_multiple_of(2) { Direction::Purchase } else { Direction::Sales }),
            tagged_at: Some(received),
            tagged_by: Some(Actor::System),
            kind: Some(InvoiceKind::Invoice),
            contact: Some(contact_id(RECOMMENDED)),
            party: Some("Papier & Co B.V.".to_owned()),
            number: Some("F-2026-001234".to_owned()),
            issue_date: Some(received.date_naive()),
            currency: Some(Currency::EUR),
            gross: Some(Decimal::from(50 + 10 * kind)),
            reason: waits.then(|| Reason::new("number_missing", "the invoice number is missing")),
            unit: Some(self.p.office.unit()),
            posted_by: (!waits).then_some(posted_by),
            booked: (!waits).then_some(booked),
            ..Document::received(&delivered)
        }
    }

    async fn add_document(&self, kind: u32) {
        let (tenant, document, writer) = (self.tenant(), self.document(kind), unique(self.now));
        tenant.documents().create(&document, None, None, &writer).await.unwrap();
        let figures = tenant.figures(document.administration);
        figures.record(&document, TimeZone::default(), self.now, &writer).await.unwrap();
    }

    async fn add_contact(&self, number: u32, conditions: u32) {
        let (tenant, administration) = (self.tenant(), self.p.office.administration);
        let (writer, at) = (unique(self.now), self.now - TimeDelta::hours(1));
        let author = Author { by: &Actor::Operator, at, writer: &writer };
        let contact = Contact {
            id: contact_id(number),
            direction: Direction::Purchase,
            name: "Papier & Co B.V.".to_owned(),
            vat_number: None,
            registry_number: None,
            ibans: Vec::new(),
            other_accounts: Vec::new(),
            payment_days: Some(30),
            ledger_contact: None,
            version: 1,
        };
        tenant.contacts(administration).create(&contact, &author).await.unwrap();
        let line = TemplateLine {
            category: VatCategory::S,
            rate: Some(dec!(21)),
            share: Decimal::ONE_HUNDRED,
            account: "4600".parse().unwrap(),
            vat_code: "21".parse().unwrap(),
            vat_code_kind: VatCodeKind::Rate { percent: dec!(21) },
            cost_centre: None,
            project: None,
            description: "[contact] [invoice number]".parse().unwrap(),
        };
        let template = PostingTemplate::new(vec![line], None).unwrap();
        tenant.templates(administration).put(contact.id, None, &template, &author).await.unwrap();
        for condition in 0..conditions {
            let writer = unique(self.now);
            let rule = AutomationRule {
                id: rule_id(number, condition),
                version: 1,
                contact: contact.id,
                documents: DocumentScope::All,
                max_amount: Some(Decimal::from(50 * (condition + 1))),
                effective_from: at,
                state: RuleState::Active,
            };
            let author = Author { by: &Actor::Operator, at, writer: &writer };
            tenant.rules(administration).create(&rule, &author).await.unwrap();
        }
    }

    /// The items of a table that have an id in them, as text.
    async fn items(&self, which: Which, id: &impl ToString) -> Vec<String> {
        let id = id.to_string();
        // What of a document was counted and the audit record stand apart from all that is asked for.
        let is_asked_for =
            |item: &Value| item["sk"]["S"] != "counted" && !item["pk"]["S"].to_string().contains("#audit");
        let items = self.test.items(which).await;
        items.iter().filter(|item| is_asked_for(item)).map(Value::to_string).filter(|item| item.contains(&id)).collect()
    }
}

/// An item with other texts in place of some.
fn copied(item: &str, texts: &[(String, String)]) -> String {
    texts.iter().fold(item.to_owned(), |item, (of, other)| item.replace(of, other))
}

fn pair<T: ToString>(of: &T, other: &T) -> (String, String) {
    (of.to_string(), other.to_string())
}

impl Pipeline {
    /// Makes the office's administration as large as this, its newest document a day old.
    async fn fill(&self, size: Size) {
        let patterns = Patterns { p: self, test: TestStore::start().await, now: self.now() };
        patterns.add_contact(WITH_CONDITIONS, CONDITIONS).await;
        patterns.add_contact(RECOMMENDED, 0).await;
        for kind in 0..KINDS {
            patterns.add_document(kind).await;
        }
        for which in [Which::Settings, Which::Runs] {
            let mut items = Vec::new();
            for pattern in [WITH_CONDITIONS, RECOMMENDED] {
                items.push(patterns.items(which, &contact_id(pattern)).await);
            }
            self.store.fill(which, (0..size.contacts).flat_map(|contact| contact_items(&items, contact)));
        }
        let mut kinds = Vec::new();
        for kind in 0..KINDS {
            let (received, posted) = patterns.times(kind);
            kinds.push((patterns.items(Which::Documents, &document_id(FIRST_KIND + kind)).await, received, posted));
        }
        let newest = patterns.now - TimeDelta::days(1);
        let copies = (0..size.documents).zip(kinds.iter().zip(0..).cycle()).flat_map(|(number, (kind, at))| {
            let (items, received, posted) = kind;
            let is = newest - TimeDelta::minutes(number.into());
            let texts = [
                pair(&document_id(FIRST_KIND + at), &document_id(number)),
                pair(&contact_id(RECOMMENDED), &contact_id(number % size.contacts)),
                pair(&received.timestamp_millis(), &is.timestamp_millis()),
                pair(&posted.timestamp_millis(), &(is + TimeDelta::hours(1)).timestamp_millis()),
            ];
            items.iter().map(move |item| copied(item, &texts))
        });
        self.store.fill(Which::Documents, copies);
    }

    async fn costs_at_scale(&self) -> Vec<Asked> {
        let accountant = self.accountant().await;
        let administration = self.office.administration;
        let path = |list: &str| format!("/administrations/{administration}/{list}");
        let rare = format!("archive?posted_by={}&tag=purchase&credit=false", nobody());
        let automatic = "archive?tag=purchase&automatic=true&gross_from=100";
        vec![
            self.asked(&accountant, "overview, first page", &path("overview"), Some(50)).await,
            self.asked(&accountant, "archive, three filters", &path(automatic), Some(50)).await,
            self.asked(&accountant, "archive, three filters that nothing passes", &path(&rare), Some(0)).await,
            self.decided().await,
            self.asked(&accountant, "recommendations, first page", &path("recommendations"), Some(50)).await,
        ]
    }

    fn take_asked(&self, what: &'static str) -> Asked {
        let costs = self.store.take_costs();
        Asked { what, requests: costs.len(), read_half_units: costs.iter().map(|cost| cost.read_half_units).sum() }
    }

    /// What a person's request asks for, that has so many things in its answer and more to come.
    async fn asked(&self, who: &Person, what: &'static str, path: &str, things: Option<usize>) -> Asked {
        self.store.take_costs();
        let (status, answer) = self.ask(who, "GET", path, None, Value::Null).await;
        assert_eq!((status, answer["items"].as_array().map(Vec::len)), (200, things), "{path}: {answer}");
        self.take_asked(what)
    }

    /// What a decision asks for that looks at the conditions of a contact and posts the document.
    async fn decided(&self) -> Asked {
        let (now, documents) = (self.now(), self.office.store().documents());
        let delivered = Delivered {
            id: document_id(FIRST_KIND),
            administration: self.office.administration,
            format: DocumentFormat::Ubl,
            file_name: "invoice.xml",
            channel: Channel::Api,
            at: now,
        };
        let tagged = Document { status: Status::Tagged, ..Document::received(&delivered) };
        documents.create(&tagged, None, Some(Step::Read), &unique(now)).await.unwrap();
        let complete = Document {
            version: 2,
            status: Status::Complete,
            contact: Some(contact_id(1)),
            gross: Some(dec!(121)),
            unit: Some(self.office.unit()),
            ..tagged.clone()
        };
        let change = Change::new(&tagged, &complete, Step::Evaluate, Record::Covered);
        documents.transition(change, &unique(now)).await.unwrap();
        let message = DocumentMessage { tenant: self.office.tenant, document: complete.id, version: 2 };
        let message = self.message(&json!(message).to_string());
        self.store.take_costs();
        assert!(self.invoke(Queue::Evaluate, vec![message]).await.is_empty());
        let asked = self.take_asked("decision");
        assert_eq!(self.document(complete.id).await.status, Status::Posting);
        asked
    }
}

/// The items of a contact: of five, four have conditions and one is recommended.
fn contact_items(patterns: &[Vec<String>], contact: u32) -> Vec<String> {
    let (pattern, items) = match contact % RECOMMENDED_OF {
        0 => (RECOMMENDED, patterns.get(1)),
        _ => (WITH_CONDITIONS, patterns.first()),
    };
    let mut texts = vec![pair(&contact_id(pattern), &contact_id(contact))];
    texts.extend((0..CONDITIONS).map(|number| pair(&rule_id(pattern, number), &rule_id(contact, number))));
    items.into_iter().flatten().map(|item| copied(item, &texts)).collect()
}
