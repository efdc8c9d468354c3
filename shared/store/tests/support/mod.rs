//! What the store's tests share: ids, documents, settings.
#![allow(dead_code, clippy::unwrap_used, missing_docs, reason = "each test file takes what it needs")]

use chrono::TimeDelta;
use domain::{
    automation::{AutomationRule, DocumentFormat, DocumentScope, RuleState},
    contact::Contact,
    content::{Coded, Content, HistoryEntry, Source},
    document::{Actor, Channel, Delivered, Document, Event, Status},
    ids::{AdministrationId, ConnectionId, ContactId, DocumentId, Id, RuleId, TaskId, TenantId, UserId},
    invoice::{Invoice, InvoiceKind},
    ledger::Direction,
    money::Currency,
    office::{Access, Choice, User, UserState},
    permission::{Role, Roles},
    reason::Reason,
    time::Instant,
};
use rust_decimal::dec;
use store::Writer;

pub fn id<T: Id>(number: u128) -> T {
    // A time in 2025 and a random part that is plain to see.
    T::from_ulid(ulid::Ulid::from_parts(1_763_700_000_000, number))
}

pub fn tenant() -> TenantId {
    id(1)
}

pub fn administration() -> AdministrationId {
    id(2)
}

pub fn contact_id() -> ContactId {
    id(3)
}

pub fn user_id() -> UserId {
    id(4)
}

pub fn connection() -> ConnectionId {
    id(5)
}

pub fn document_id() -> DocumentId {
    id(6)
}

pub fn rule_id() -> RuleId {
    id(7)
}

pub fn task_id() -> TaskId {
    id(8)
}

pub fn at(second: i64) -> Instant {
    Instant::from_timestamp(1_763_700_000 + second, 0).unwrap()
}

pub fn minutes(count: i64) -> TimeDelta {
    TimeDelta::minutes(count)
}

pub fn writer(name: &str) -> Writer {
    Writer::new(name, 1)
}

pub fn actor() -> Actor {
    Actor::User(user_id())
}

/// As delivered and not tagged.
pub fn received(id: DocumentId) -> Document {
    Document::received(&Delivered {
        id,
        administration: administration(),
        format: DocumentFormat::Ubl,
        file_name: "invoice.xml",
        channel: Channel::Api,
        at: at(0),
    })
}

/// As delivered with its tag.
pub fn tagged(id: DocumentId) -> Document {
    Document {
        status: Status::Tagged,
        tag: Some(Direction::Purchase),
        tagged_at: Some(at(0)),
        tagged_by: Some(actor()),
        ..received(id)
    }
}

/// The next version in a state.
pub fn next(before: &Document, status: Status, second: i64) -> Document {
    Document { version: before.version + 1, status, updated_at: at(second), ..before.clone() }
}

/// Read and coded.
pub fn completed(before: &Document, second: i64) -> Document {
    Document {
        content_version: Some(before.version + 1),
        kind: Some(InvoiceKind::Invoice),
        contact: Some(contact_id()),
        party: Some("Molen Supplies B.V.".into()),
        number: Some("F2026-0017".into()),
        issue_date: Some("2026-06-30".parse().unwrap()),
        currency: Some(Currency::EUR),
        gross: Some(dec!(121.00)),
        unit: Some(unit()),
        ..next(before, Status::Complete, second)
    }
}

pub fn unit() -> domain::document::UnitId {
    domain::document::UnitId { connection: connection(), division: Some("1234567".parse().unwrap()) }
}

pub fn entry(event: Event, status: Status, version: u32, second: i64) -> HistoryEntry {
    HistoryEntry { at: at(second), by: actor(), event: Some(event), status, version, reason: None }
}

pub fn invoice() -> Invoice {
    let mut invoice = Invoice {
        number: Some("F2026-0017".into()),
        issue_date: Some("2026-06-30".parse().unwrap()),
        currency: Some(Currency::EUR),
        ..Invoice::default()
    };
    invoice.totals.gross = Some(dec!(121.00));
    invoice
}

pub fn content(second: i64) -> Content {
    Content {
        tagged_at: at(0),
        tagged_by: actor(),
        read_at: at(second),
        source: Some(Source::Ubl),
        invoice: Some(invoice()),
        violations: vec![],
        holds: vec![],
        cleared: vec![],
        contact: None,
        confidence_threshold: None,
        edits: None,
        rate: None,
        refusal: None,
        coded: Coded::Incomplete { missing: vec![Reason::new("template_missing", "save one")] },
    }
}

pub fn contact() -> Contact {
    Contact {
        id: contact_id(),
        direction: Direction::Purchase,
        name: "Molen Supplies B.V.".into(),
        vat_number: Some("NL001122334B01".parse().unwrap()),
        registry_number: Some("87654321".parse().unwrap()),
        ibans: vec!["NL91ABNA0417164300".parse().unwrap()],
        other_accounts: vec![],
        payment_days: Some(30),
        ledger_contact: None,
        version: 1,
    }
}

pub fn rule(version: u32) -> AutomationRule {
    AutomationRule {
        id: rule_id(),
        version,
        contact: contact_id(),
        documents: DocumentScope::Ubl,
        max_amount: Some(dec!(5000)),
        effective_from: at(0),
        state: RuleState::Active,
    }
}

pub fn user(id: UserId, email: &str, roles: &[Role]) -> User {
    User {
        id,
        email: email.into(),
        name: "Ada".into(),
        roles: Roles::new(roles.iter().copied()).unwrap(),
        access: Access::All,
        ledger_users: std::collections::BTreeMap::default(),
        may_change_ibans: Choice::No,
        state: UserState::Active,
        version: 1,
    }
}

/// A posting template for what is taxed at 21 %.
pub fn template(account: &str) -> domain::template::PostingTemplate {
    let line = domain::template::TemplateLine {
        category: domain::invoice::VatCategory::S,
        rate: Some(dec!(21)),
        share: dec!(100),
        account: account.parse().unwrap(),
        vat_code: "4".parse().unwrap(),
        vat_code_kind: domain::ledger::VatCodeKind::Rate { percent: dec!(21) },
        cost_centre: None,
        project: None,
        description: "[contact] [invoice number]".parse().unwrap(),
    };
    domain::template::PostingTemplate::new(vec![line], None).unwrap()
}
