//! The command decides as the deployed function does: random cases go both ways, through the file of the command, and
//! through the tables and the function that decides on documents.

use automation_evaluate::App;
use aws_lambda_events::sqs::{SqsEvent, SqsMessage};
use chrono::{DateTime, TimeDelta};
use domain::{
    automation::{AutomationRule, AutomationSwitch, DocumentFormat, DocumentScope, Outcome, RuleState},
    document::{Actor, Channel, Document, Status, UnitId},
    hold::HoldCode,
    ids::{AdministrationId, ConnectionId, ContactId, DocumentId, Id, RuleId, TenantId, UserId},
    invoice::{InvoiceKind, VatCategory},
    ledger::{Direction, VatCodeKind},
    money::Currency,
    office::{Access, Choice, Connection, ConnectionState, User, UserState},
    permission::{Role, Roles},
    template::{PostingTemplate, TemplateLine},
    time::Instant,
};
use proptest::{
    collection::vec,
    option,
    prelude::*,
    sample::{select, subsequence},
    test_runner::{Config, TestRunner},
};
use runtime::{clock::Clock, message::DocumentMessage};
use rust_decimal::Decimal;
use serde_json::{Value, json};
use std::{cell::Cell, collections::BTreeSet};
use store::{Read, TenantStore, Writer, settings::Author, testing::TestStore};
use ulid::Ulid;

/// So many cases go both ways.
const CASES: u32 = 250;

/// What both are made of. Moments are minutes, amounts are near the maximums of the rules.
#[derive(Debug, Clone)]
struct Case {
    switch: AutomationSwitch,
    has_user: bool,
    intermediary: Option<&'static str>,
    licence: &'static str,
    status: Status,
    format: DocumentFormat,
    gross: Option<Decimal>,
    received: i64,
    contact: Option<u64>,
    holds: Vec<HoldCode>,
    rules: Vec<Conditions>,
}

#[derive(Debug, Clone)]
struct Conditions {
    contact: u64,
    version: u32,
    documents: DocumentScope,
    maximum: Option<Decimal>,
    effective: i64,
}

fn minute(minute: i64) -> Instant {
    DateTime::from_timestamp_millis(1_782_900_000_000).unwrap() + TimeDelta::minutes(minute)
}

prop_compose! {
    fn conditions()(
        contact in 0_u64..2,
        version in 1_u32..4,
        documents in select(vec![DocumentScope::All, DocumentScope::Ubl]),
        maximum in option::of(select(vec![10_000_i64, 20_000, 30_000])),
        effective in 0_i64..6,
    ) -> Conditions {
        let maximum = maximum.map(|cents| Decimal::new(cents, 2));
        Conditions { contact, version, documents, maximum, effective }
    }
}

prop_compose! {
    // Most of it is as it has to be, so that many cases get as far as the rules.
    fn cases()(
        (on, has_user, through, licence) in (0..10_u8, 0..10_u8, 0..10_u8, 0..10_u8),
        status in prop_oneof![12 => Just(Status::Complete), 1 => select(vec![
            Status::Received, Status::Tagged, Status::Incomplete, Status::Unreadable, Status::Posted, Status::Rejected,
            Status::Uncertain, Status::Archived,
        ])],
        format in select(vec![DocumentFormat::Ubl, DocumentFormat::Pdf, DocumentFormat::Scan]),
        gross in option::weighted(0.95, (select(vec![0_i64, 10_000, 20_000, 30_000]), -1_i64..=1, any::<bool>())),
        received in 0_i64..6,
        contact in option::weighted(0.95, 0_u64..2),
        holds in prop_oneof![4 => Just(Vec::new()), 1 => subsequence(HoldCode::ALL.to_vec(), 0..3)],
        rules in vec(conditions(), 0..4),
    ) -> Case {
        Case {
            switch: if on == 0 { AutomationSwitch::Off } else { AutomationSwitch::On { since: DateTime::UNIX_EPOCH } },
            has_user: has_user > 0,
            intermediary: (through == 0).then_some("bouw7"),
            licence: if licence == 0 { "XX" } else { "NL" },
            status,
            format,
            gross: gross.map(|(limit, off, negative)| {
                let cents = limit + off;
                Decimal::new(if negative { -cents } else { cents }, 2)
            }),
            received,
            contact,
            holds,
            rules,
        }
    }
}

/// The ids of a case: each has an office of its own.
struct Ids(u64);

impl Ids {
    fn of<I: Id>(&self, number: u64) -> I {
        I::from_ulid(Ulid::from_parts(self.0, number.into()))
    }

    fn contact(&self, number: u64) -> ContactId {
        self.of(10 + number)
    }

    fn rule(&self, place: usize) -> RuleId {
        self.of(20 + u64::try_from(place).unwrap())
    }
}

impl Case {
    /// As the command reads it.
    fn file(&self, ids: &Ids) -> Value {
        let duplicate = self.holds.contains(&HoldCode::DuplicateSuspected);
        json!({
            "now": minute(100),
            "automation": {
                "enabled": self.switch != AutomationSwitch::Off,
                "automation_user": self.has_user.then(|| ids.of::<UserId>(1)),
                "intermediary": self.intermediary,
                "auto_posting_supported": self.licence == "NL",
            },
            "document": {
                "status": self.status, "contact": self.contact.map(|contact| ids.contact(contact)), "format": self.format,
                "kind": "invoice", "gross": self.gross, "currency": "EUR", "received_at": minute(self.received),
                "duplicate_suspected": duplicate,
                "holds": self.holds.iter().filter(|hold| **hold != HoldCode::DuplicateSuspected).collect::<Vec<_>>(),
            },
            "rules": self.rules.iter().enumerate().map(|(place, rule)| json!({
                "id": ids.rule(place), "version": rule.version, "contact": ids.contact(rule.contact),
                "documents": rule.documents, "max_amount": rule.maximum, "effective_from": minute(rule.effective),
            })).collect::<Vec<_>>(),
        })
    }

    /// As the tables hold it.
    async fn put(&self, tenant: &TenantStore, ids: &Ids) -> Document {
        let (connection, administration) = (ids.of::<ConnectionId>(2), ids.of::<AdministrationId>(3));
        let writer = Writer::new("case", 0);
        let author = Author { by: &Actor::Operator, at: minute(0), writer: &writer };
        let user = User {
            id: ids.of(1),
            email: "robot@example.nl".to_owned(),
            name: "Automatic user".to_owned(),
            roles: Roles::new([Role::Accountant]).unwrap(),
            access: Access::All,
            ledger_users: [(connection, "robot".parse().unwrap())].into(),
            may_change_ibans: Choice::No,
            state: UserState::Active,
            version: 1,
        };
        tenant.users().create(&user, None, &author).await.unwrap();
        let link = Connection {
            id: connection,
            system: "exact-online".parse().unwrap(),
            name: "Exact".to_owned(),
            state: ConnectionState::Connected,
            licence_country: self.licence.to_owned(),
            intermediary: self.intermediary.map(str::to_owned),
            create_contacts: Choice::No,
            options: [].into(),
            ledger_user: None,
            divisions: [].into(),
            automation: self.switch,
            automation_user: self.has_user.then_some(user.id),
            version: 1,
        };
        tenant.connections().create(&link, &author).await.unwrap();
        for contact in self.rules.iter().map(|rule| rule.contact).collect::<BTreeSet<_>>() {
            let contact = ids.contact(contact);
            tenant.templates(administration).put(contact, None, &template(), &author).await.unwrap();
        }
        for (place, rule) in self.rules.iter().enumerate() {
            let rule = AutomationRule {
                id: ids.rule(place),
                version: rule.version,
                contact: ids.contact(rule.contact),
                documents: rule.documents,
                max_amount: rule.maximum,
                effective_from: minute(rule.effective),
                state: RuleState::Active,
            };
            tenant.rules(administration).create(&rule, &author).await.unwrap();
        }
        let document = self.document(ids, administration, UnitId { connection, division: "1".parse().ok() });
        tenant.documents().create(&document, None, None, &writer).await.unwrap();
        document
    }

    fn document(&self, ids: &Ids, administration: AdministrationId, unit: UnitId) -> Document {
        // What needs clearing comes first, as when a document is read.
        let (duplicate, others): (Vec<_>, Vec<_>) =
            self.holds.iter().partition(|hold| **hold == HoldCode::DuplicateSuspected);
        Document {
            id: ids.of::<DocumentId>(4),
            administration,
            version: 2,
            status: self.status,
            tag: Some(Direction::Purchase),
            format: self.format,
            file_name: "a".to_owned(),
            channel: Channel::Api,
            received_at: minute(self.received),
            tagged_at: Some(minute(self.received)),
            tagged_by: Some(Actor::System),
            updated_at: minute(self.received),
            content_version: Some(2),
            decision_version: None,
            kind: Some(InvoiceKind::Invoice),
            contact: self.contact.map(|contact| ids.contact(contact)),
            party: None,
            number: None,
            issue_date: None,
            currency: Some(Currency::EUR),
            gross: self.gross,
            holds: duplicate.into_iter().chain(others).collect(),
            reason: None,
            missing: Vec::new(),
            accounts: None,
            unit: Some(unit),
            posted_by: None,
            booked: None,
            export: None,
            shared: None,
        }
    }
}

fn template() -> PostingTemplate {
    let line = TemplateLine {
        category: VatCategory::S,
        rate: Some(Decimal::from(21)),
        share: Decimal::ONE_HUNDRED,
        account: "4600".parse().unwrap(),
        vat_code: "21".parse().unwrap(),
        vat_code_kind: VatCodeKind::Rate { percent: Decimal::from(21) },
        cost_centre: None,
        project: None,
        description: "[contact]".parse().unwrap(),
    };
    PostingTemplate::new(vec![line], None).unwrap()
}

/// Outcome, reason, rule, and each condition with how it ended: what has to be the same.
type Told = (String, String, Option<RuleId>, Vec<(Value, Value, Value)>);

fn conditions_of(trace: &Value) -> Vec<(Value, Value, Value)> {
    let steps = trace.as_array().unwrap().iter();
    steps.map(|step| (step["check"].clone(), step["verdict"].clone(), step["rule"].clone())).collect()
}

/// What the command says.
fn by_command(case: &Case, ids: &Ids) -> Told {
    let mut line = Vec::new();
    assert_eq!(super::decide(case.file(ids).to_string().as_bytes(), &mut line).unwrap(), 0);
    let line: Value = serde_json::from_slice(&line).unwrap();
    let text = |name: &str| line[name].as_str().unwrap().to_owned();
    let rule = line["rule"].as_str().map(|rule| rule.parse().unwrap());
    (text("outcome"), text("reason"), rule, conditions_of(&line["trace"]))
}

/// What the function comes to; nothing where it decides nothing.
async fn by_function(app: &App, case: &Case, ids: &Ids) -> Option<Told> {
    let tenant = app.store.tenant(ids.of::<TenantId>(0));
    let before = case.put(&tenant, ids).await;
    let message = DocumentMessage { tenant: tenant.id(), document: before.id, version: before.version };
    let mut record = SqsMessage::default();
    record.body = Some(json!(message).to_string());
    let mut event = SqsEvent::default();
    event.records = vec![record];
    let answered = automation_evaluate::handle(app, event, "request").await.unwrap();
    assert!(answered.batch_item_failures.is_empty());
    let documents = tenant.documents();
    let after = documents.get(before.id, Read::Consistent).await.unwrap().unwrap();
    let Some(version) = after.decision_version else {
        assert_eq!(after, before, "without a decision nothing changes");
        return None;
    };
    let decision = documents.trace(before.id, version).await.unwrap().unwrap().decision;
    let conditions = conditions_of(&serde_json::to_value(&decision.trace).unwrap());
    Some(match decision.outcome {
        Outcome::Post { rule, version, .. } => {
            let posted_by = after.posted_by.clone().and_then(|by| by.rule);
            assert_eq!((after.status, posted_by), (Status::Posting, Some((rule, version))));
            ("post".to_owned(), "rule_matched".to_owned(), Some(rule), conditions)
        }
        Outcome::Stay { reason } => {
            let shown = after.reason.as_ref().map(|reason| reason.code.as_str());
            assert_eq!((after.status, shown), (Status::Complete, Some(reason.code())));
            ("stay".to_owned(), reason.code().to_owned(), None, conditions)
        }
    })
}

#[test]
fn the_command_decides_as_the_deployed_function_does() {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let store = runtime.block_on(TestStore::start());
    let app = App { store: store.store().clone(), clock: Clock::shifted(0) };
    let (number, posted, stayed) = (Cell::new(0), Cell::new(0), Cell::new(0));
    let mut runner = TestRunner::new(Config { cases: CASES, failure_persistence: None, ..Config::default() });
    let agreed = runner.run(&cases(), |case| {
        number.set(number.get() + 1);
        let ids = Ids(number.get());
        let command = by_command(&case, &ids);
        match runtime.block_on(by_function(&app, &case, &ids)) {
            Some(function) => prop_assert_eq!(&command, &function),
            // The function decides on complete documents only; asked all the same, the command lets the others stay.
            None => {
                prop_assert_ne!(case.status, Status::Complete);
                prop_assert_eq!(command.0.as_str(), "stay");
            }
        }
        let count = if command.0 == "post" { &posted } else { &stayed };
        count.set(count.get() + 1);
        Ok(())
    });
    assert!(agreed.is_ok(), "{agreed:?}");
    assert!(posted.get() > 10 && stayed.get() > 10, "{posted:?} posted, {stayed:?} stayed");
}
