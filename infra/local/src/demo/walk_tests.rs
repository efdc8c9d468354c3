//! The scenario, walked in this process by the functions that decide in production: reading, recognising the contact, coding,
//! holds, rules. What the ledger itself says is its simulator's business: a document that it refuses is here one that goes
//! there.

use super::scenario::{AdministrationSetup, ContactSetup, Delivery, End, LineSetup, Received, Scenario};
use documents::FileKind;
use domain::{
    automation::{
        AutoPosting, Automation, AutomationRule, AutomationSwitch, AutomationUser, Candidate, Completeness,
        DocumentFormat, LedgerLink, Outcome, RuleState, decide,
    },
    coding::{self, OtherSide},
    contact::{self, Contact, Match},
    content::Source,
    hold::{self, HoldCode, Obtained},
    ids::{ContactId, Id, RuleId, UserId},
    invoice::{Invoice, VatCategory},
    ledger::{Direction, NormalisedNumber, VatCodeKind},
    party::normalise,
    template::{PostingTemplate, TemplateLine},
    time::Instant,
};
use invoice_tagged::reading::{self, Reading};
use rust_decimal::Decimal;
use std::{
    collections::{BTreeMap, BTreeSet},
    fs,
    path::{Path, PathBuf},
};
use ulid::Ulid;

const THRESHOLD: Decimal = Decimal::from_parts(80, 0, 0, false, 2);

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(2).unwrap().to_path_buf()
}

fn at(second: u32) -> Instant {
    format!("2026-11-20T09:00:{second:02}Z").parse().unwrap()
}

/// An administration with its settings, as the store would hold them.
struct Books<'a> {
    setup: &'a AdministrationSetup,
    contacts: Vec<(Contact, Option<PostingTemplate>)>,
    rules: Vec<AutomationRule>,
    rule_keys: BTreeMap<RuleId, &'a str>,
    claims: BTreeSet<String>,
}

impl<'a> Books<'a> {
    fn of(setup: &'a AdministrationSetup) -> Self {
        let mut books = Self {
            setup,
            contacts: Vec::new(),
            rules: Vec::new(),
            rule_keys: BTreeMap::new(),
            claims: BTreeSet::new(),
        };
        for (number, contact) in setup.contacts.iter().enumerate() {
            let id = ContactId::from_ulid(Ulid::from_parts(1, number as u128));
            books.contacts.push((stored(id, contact), contact.template.as_ref().map(template)));
            for rule in &contact.rules {
                let rule_id = RuleId::from_ulid(Ulid::from_parts(2, books.rules.len() as u128));
                books.rule_keys.insert(rule_id, &rule.key);
                books.rules.push(AutomationRule {
                    id: rule_id,
                    version: 1,
                    contact: id,
                    documents: rule.documents,
                    max_amount: rule.max_amount,
                    effective_from: at(10),
                    state: RuleState::Active,
                });
            }
        }
        books
    }

    fn find(&self, tag: Direction, invoice: &Invoice) -> Match {
        let keys = contact::match_keys(invoice, tag, &self.setup.own);
        contact::conclude(keys.iter().filter_map(|key| {
            let owner = self.contacts.iter().find(|(it, _)| it.direction == tag && it.match_keys().contains(key));
            owner.map(|(contact, _)| contact.id)
        }))
    }

    /// The claims of a document on its number and its total: true when another document has one of them.
    fn duplicate(&mut self, tag: Direction, contact: ContactId, invoice: &Invoice) -> bool {
        let of = format!("{}#{contact}#{}", tag.as_str(), invoice.kind.as_str());
        let number = invoice.number.as_deref().map(|it| format!("{of}#{}", NormalisedNumber::of(it).as_str()));
        let total = match (invoice.issue_date, invoice.currency, invoice.totals.gross) {
            (Some(date), Some(currency), Some(gross)) => Some(format!("{of}#{date}#{currency}#{}", gross.normalize())),
            _ => None,
        };
        number.into_iter().chain(total).any(|claim| !self.claims.insert(claim))
    }
}

fn stored(id: ContactId, setup: &ContactSetup) -> Contact {
    Contact {
        id,
        direction: setup.direction,
        name: setup.name.clone(),
        vat_number: setup.vat_number.clone(),
        registry_number: setup.registry_number.clone(),
        ibans: setup.ibans.clone(),
        other_accounts: setup.other_accounts.iter().map(|account| normalise(account)).collect(),
        payment_days: setup.payment_days,
        ledger_contact: None,
        version: 1,
    }
}

/// What the ledger's directory says of a VAT code is what its category needs; that it does say so, the API checks.
fn template(setup: &super::scenario::TemplateSetup) -> PostingTemplate {
    let line = |line: &LineSetup| TemplateLine {
        category: line.category,
        rate: line.rate,
        share: line.share.unwrap_or(Decimal::ONE_HUNDRED),
        account: line.account.clone(),
        vat_code: line.vat_code.clone(),
        vat_code_kind: match line.category {
            VatCategory::S => VatCodeKind::Rate { percent: line.rate.unwrap() },
            VatCategory::AE => VatCodeKind::ReverseCharge,
            VatCategory::K => VatCodeKind::IntraCommunity,
            VatCategory::Z | VatCategory::E | VatCategory::G | VatCategory::O => VatCodeKind::None,
            VatCategory::L | VatCategory::M | VatCategory::B => VatCodeKind::Unusable,
        },
        cost_centre: line.cost_centre.clone(),
        project: None,
        description: line.description.clone(),
    };
    PostingTemplate::new(setup.lines.iter().map(line).collect(), setup.payment_reference.clone()).unwrap()
}

/// Reads a document as the API and `invoice-tagged` do; what it counts as comes with it.
fn read(delivery: &Delivery) -> Result<(Reading, DocumentFormat), String> {
    let bytes = |file: &str| fs::read(root().join(file)).expect(file);
    let (source, fields) = (bytes(&delivery.file), delivery.recognised.as_deref().map(bytes));
    let sent_as = match documents::sniff(&source) {
        FileKind::Xml => DocumentFormat::Ubl,
        FileKind::Pdf => DocumentFormat::Pdf,
        _ => DocumentFormat::Scan,
    };
    let reading = reading::read(&source, sent_as, fields.as_deref()).map_err(|error| error.code)?;
    let format = match &reading.source {
        Source::Ubl => DocumentFormat::Ubl,
        Source::HybridPdf | Source::Cii => DocumentFormat::Pdf,
        Source::Recognised { .. } => sent_as,
    };
    Ok((reading, format))
}

/// Where a document ends before any ledger is asked.
#[derive(Debug, PartialEq, Eq)]
enum Decided {
    ToLedger { rule: String },
    Waits { reason: String },
}

fn walk(books: &mut Books<'_>, delivery: &Delivery) -> Decided {
    let waits = |reason: &str| Decided::Waits { reason: reason.to_owned() };
    let (reading, format) = match read(delivery) {
        Ok(reading) => reading,
        Err(code) => return waits(&code),
    };
    let found = books.find(delivery.tag, &reading.invoice);
    let known = match &found {
        Match::One(id) => books.contacts.iter().find(|(contact, _)| contact.id == *id),
        Match::Nobody | Match::Several(_) => None,
    };
    let other_side = match (&found, known) {
        (_, Some((contact, _))) => OtherSide::Known(contact),
        (Match::Several(_), None) => OtherSide::Ambiguous,
        (Match::Nobody | Match::One(_), None) => OtherSide::Unknown,
    };
    let coded = coding::code(&reading.invoice, delivery.tag, other_side, known.and_then(|(_, it)| it.as_ref()));
    let obtained = match &reading.source {
        Source::Recognised { fields } => {
            Obtained::Recognised { fields, threshold: THRESHOLD, violations: &reading.violations }
        }
        Source::Ubl | Source::HybridPdf | Source::Cii => Obtained::Read { violations: &reading.violations },
    };
    let contact = known.map(|(contact, _)| contact);
    let today = books.setup.time_zone.date_at(at(30));
    let held = hold::holds(&reading.invoice, delivery.tag, contact, &books.setup.own, obtained, today);
    let mut holds: Vec<HoldCode> = reading.holds.iter().chain(&held).map(|hold| hold.code).collect();
    let contact = contact.map(|contact| contact.id);
    if contact.is_some_and(|contact| books.duplicate(delivery.tag, contact, &reading.invoice)) {
        holds.insert(0, HoldCode::DuplicateSuspected);
    }
    let posting = match coded {
        Ok(posting) => posting,
        Err(missing) => return waits(missing[0].code()),
    };
    assert_eq!(posting.lines.iter().map(|line| line.net + line.vat).sum::<Decimal>(), posting.gross);
    let automation = Automation {
        switch: AutomationSwitch::On { since: at(20) },
        user: AutomationUser::Valid(UserId::from_ulid(Ulid::from_parts(3, 0))),
        link: LedgerLink::Direct,
        auto_posting: AutoPosting::Offered,
    };
    let candidate = Candidate {
        completeness: Completeness::Complete,
        contact,
        format,
        gross: reading.invoice.totals.gross,
        received_at: match delivery.received {
            Received::InTurn => at(30),
            Received::BeforeSwitch => at(15),
        },
        holds: &holds,
    };
    match decide(&automation, &candidate, &books.rules).outcome {
        Outcome::Post { rule, .. } => Decided::ToLedger { rule: books.rule_keys[&rule].to_owned() },
        Outcome::Stay { reason } => waits(reason.code()),
    }
}

#[test]
fn every_document_ends_as_the_scenario_says() {
    let scenario = Scenario::load(&root()).unwrap();
    let elsewhere = scenario.elsewhere.as_ref().map(super::scenario::Elsewhere::administrations).unwrap_or_default();
    let elsewhere = elsewhere.iter().map(|(_, setup)| setup);
    let mut books: Vec<_> = scenario.administrations.iter().chain(elsewhere).map(Books::of).collect();
    let mut wrong = Vec::new();
    for delivery in &scenario.documents {
        let books = books.iter_mut().find(|books| books.setup.key == delivery.administration).expect(&delivery.file);
        let decided = walk(books, delivery);
        let as_said = match (&delivery.expect, &decided) {
            (End::Posted { rule: expected }, Decided::ToLedger { rule }) => expected == rule,
            (End::Failed { .. }, Decided::ToLedger { .. }) => true,
            (End::Waiting { reason: expected }, Decided::Waits { reason }) => expected == reason,
            _ => false,
        };
        if !as_said {
            wrong.push(format!("{}: {decided:?}, and the scenario says {:?}", delivery.file, delivery.expect));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_scenario_shows_what_it_has_to() {
    let scenario = Scenario::load(&root()).unwrap();
    let documents = &scenario.documents;
    let count = |wanted: fn(&End) -> bool| documents.iter().filter(|document| wanted(&document.expect)).count();
    assert!(documents.iter().filter(|document| document.file.starts_with("tests/corpus/")).count() >= 25);
    assert!(documents.iter().filter(|document| document.file.starts_with("tests/demo/")).count() >= 3);
    assert!(count(|end| matches!(end, End::Posted { .. })) >= 8);
    assert!(count(|end| matches!(end, End::Waiting { .. })) >= 8);
    assert!(count(|end| matches!(end, End::Failed { .. })) >= 2);
    let reasons: BTreeSet<_> = documents
        .iter()
        .filter_map(|document| match &document.expect {
            End::Waiting { reason } => Some(reason),
            End::Posted { .. } | End::Failed { .. } => None,
        })
        .collect();
    assert!(reasons.len() >= 6, "{reasons:?}");

    assert_eq!(scenario.administrations.len(), 2);
    for administration in &scenario.administrations {
        assert_eq!(administration.time_zone.to_string(), "Europe/Amsterdam");
        assert!(documents.iter().any(|document| document.administration == administration.key));
    }
    let contacts: Vec<_> = scenario.administrations.iter().flat_map(|books| &books.contacts).collect();
    assert!(contacts.iter().any(|contact| contact.rules.len() > 1), "several rules of one contact");
    let rules: Vec<_> = contacts.iter().flat_map(|contact| &contact.rules).collect();
    let keys: BTreeSet<_> = rules.iter().map(|rule| &rule.key).collect();
    assert_eq!(keys.len(), rules.len(), "each rule has a key of its own");
    for rule in rules {
        let everything = rule.documents == domain::automation::DocumentScope::All && rule.max_amount.is_none();
        assert!(!everything, "{} posts everything", rule.key);
    }
    for document in documents.iter().filter(|document| document.after.is_some()) {
        let first = documents.iter().position(|other| Some(&other.file) == document.after.as_ref());
        let second = documents.iter().position(|other| other.file == document.file);
        assert!(first.is_some() && first < second, "{} comes after what it names", document.file);
    }
}

#[test]
fn an_invoice_and_a_credit_note_are_posted_into_each_other_ledger() {
    let scenario = Scenario::load(&root()).unwrap();
    for ledger in &scenario.elsewhere.as_ref().unwrap().ledgers {
        let system = &ledger.connection.system;
        let kinds: Vec<_> = scenario
            .documents
            .iter()
            .filter(|it| it.administration == *system && matches!(it.expect, End::Posted { .. }))
            .map(|delivery| read(delivery).unwrap().0.invoice.kind)
            .collect();
        assert_eq!(
            kinds,
            [domain::invoice::InvoiceKind::Invoice, domain::invoice::InvoiceKind::CreditNote],
            "{system}"
        );
    }
}

#[test]
fn credit_notes_and_negative_invoices_are_among_the_posted() {
    let scenario = Scenario::load(&root()).unwrap();
    let (mut credit_notes, mut negative) = (0, 0);
    for delivery in scenario.documents.iter().filter(|it| matches!(it.expect, End::Posted { .. })) {
        let invoice = read(delivery).unwrap_or_else(|code| panic!("{}: {code}", delivery.file)).0.invoice;
        credit_notes += u32::from(invoice.kind == domain::invoice::InvoiceKind::CreditNote);
        negative += u32::from(invoice.totals.gross.is_some_and(|gross| gross.is_sign_negative()));
    }
    assert!(credit_notes >= 1 && negative >= 1, "{credit_notes} credit notes, {negative} negative invoices");
}

#[test]
fn what_people_do_afterwards_is_possible() {
    let scenario = Scenario::load(&root()).unwrap();
    let wanted = scenario.afterwards.as_ref().unwrap();
    let end = |file: &str| scenario.documents.iter().find(|document| document.file == file).unwrap().expect.clone();
    assert_eq!(end(&wanted.recommended), End::Waiting { reason: "no_rule".into() });
    assert_eq!(end(&wanted.refused), End::Failed { reason: "period_closed".into() });
    let rules = scenario.administrations.iter().flat_map(|setup| &setup.contacts).flat_map(|contact| &contact.rules);
    let rule = rules.clone().find(|rule| rule.key == wanted.rule).unwrap();
    assert_ne!((rule.documents, rule.max_amount), (wanted.edited.documents, wanted.edited.max_amount));
}

#[test]
fn what_is_exported_waits_for_no_rule_and_comes_to_the_total() {
    let scenario = Scenario::load(&root()).unwrap();
    let wanted = scenario.export.as_ref().unwrap();
    assert!(scenario.office.finance.is_some());
    let format = serde_json::json!({ "format": wanted.format, "options": wanted.configuration["options"] });
    let format: domain::export_format::FileFormat = serde_json::from_value(format).unwrap();
    assert_eq!(format.as_str(), wanted.format);
    let deliveries: Vec<_> = wanted
        .documents
        .iter()
        .map(|file| scenario.documents.iter().find(|delivery| delivery.file == *file).expect(file))
        .collect();
    let (mut total, mut kinds) = (Decimal::ZERO, BTreeSet::new());
    for delivery in &deliveries {
        assert_eq!(delivery.administration, wanted.administration);
        assert_eq!(delivery.expect, End::Waiting { reason: "no_rule".into() });
        let invoice = read(delivery).unwrap().0.invoice;
        assert_eq!(invoice.currency.unwrap().as_str(), wanted.exported[0].currency);
        total += super::export::signed(Some(invoice.kind), invoice.totals.gross.unwrap());
        kinds.insert(invoice.kind.as_str());
    }
    assert_eq!(wanted.exported.len(), 1);
    assert_eq!((wanted.exported[0].documents, wanted.exported[0].gross), (deliveries.len() as u64, total));
    assert_eq!(kinds.len(), 2, "invoices and a credit note");
}
