//! What is not posted waits in the validation overview with the reason, and nothing reaches the ledger.

use chrono::TimeDelta;
use domain::{
    automation::{AutomationSwitch, DocumentScope},
    document::{List, Status},
    invoice::InvoiceKind,
    office::UserState,
    permission::{Role, Roles},
};
use pipeline::{Delivery, Fields, File, Line, Pipeline, Ubl, plain_pdf};
use rust_decimal::dec;

fn ubl(p: &Pipeline, number: &str) -> Ubl {
    Ubl::new(number, p.now().date_naive() - chrono::Days::new(3))
}

async fn waits(p: &Pipeline, delivery: impl Into<Delivery>, status: Status, reason: &str) {
    let before = p.bookings().len();
    let document = p.process(delivery).await;
    let shown = document.reason.clone();
    assert_eq!((document.status, shown.as_ref().map(|it| it.code.as_str())), (status, Some(reason)), "{shown:?}");
    assert_eq!(p.bookings().len(), before, "{reason}: nothing reaches the ledger");
    let documents = p.office.store().documents();
    let page = documents
        .list(p.office.administration, List::Overview, store::document::Filter::default(), None, 50)
        .await
        .unwrap();
    assert!(page.items.iter().any(|it| it.id == document.id), "{reason}: it stands in the validation overview");
    assert!(p.history(document.id).await.iter().any(|entry| entry.status == status), "{reason}: the history says so");
}

async fn stays(p: &Pipeline, delivery: impl Into<Delivery>, reason: &str) {
    waits(p, delivery, Status::Complete, reason).await;
}

async fn is_incomplete(p: &Pipeline, delivery: impl Into<Delivery>, reason: &str) {
    waits(p, delivery, Status::Incomplete, reason).await;
}

#[tokio::test]
async fn without_a_rule_it_waits() {
    let p = Pipeline::start().await;
    p.office.remove_rule(p.now()).await;
    stays(&p, &ubl(&p, "F-1"), "no_rule").await;
}

#[tokio::test]
async fn above_the_maximum_it_waits_and_the_absolute_amount_counts() {
    let p = Pipeline::start().await;
    p.office.change_rule(p.now(), |rule| rule.max_amount = Some(dec!(121.00))).await;
    assert_eq!(p.process(&ubl(&p, "F-1")).await.status, Status::Posted, "equality passes");
    stays(&p, &ubl(&p, "F-2").of(dec!(100.01)), "above_maximum").await;
    stays(&p, &ubl(&p, "F-3").of(dec!(-200.00)), "above_maximum").await;
}

#[tokio::test]
async fn a_rule_for_ubl_leaves_a_pdf_waiting() {
    let p = Pipeline::start().await;
    p.office.change_rule(p.now(), |rule| rule.documents = DocumentScope::Ubl).await;
    let fields = Fields::new("F-1", p.now().date_naive(), dec!(100.00), dec!(21.00));
    stays(&p, File::Pdf(plain_pdf(), Some(fields)), "not_ubl").await;
    assert_eq!(p.process(&ubl(&p, "F-2")).await.status, Status::Posted);
}

#[tokio::test]
async fn switched_off_it_waits() {
    let p = Pipeline::start().await;
    p.office.change_connection(p.now(), |connection| connection.automation = AutomationSwitch::Off).await;
    stays(&p, &ubl(&p, "F-1"), "automation_off").await;
}

#[tokio::test]
async fn what_was_received_before_the_rule_waits() {
    let p = Pipeline::start().await;
    let received_at = Some(p.now());
    p.office.change_rule(p.now(), |rule| rule.effective_from = p.now() + TimeDelta::milliseconds(1)).await;
    stays(&p, Delivery { received_at, ..(&ubl(&p, "F-1")).into() }, "received_before_rule").await;
}

#[tokio::test]
async fn what_was_received_before_the_switch_waits() {
    let p = Pipeline::start().await;
    let received_at = Some(p.now());
    let since = p.now() + TimeDelta::milliseconds(1);
    p.office.change_connection(p.now(), |connection| connection.automation = AutomationSwitch::On { since }).await;
    stays(&p, Delivery { received_at, ..(&ubl(&p, "F-1")).into() }, "received_before_switch").await;
}

#[tokio::test]
async fn the_same_number_again_is_a_suspected_duplicate() {
    let p = Pipeline::start().await;
    let first = p.process(&ubl(&p, "F-2026/001")).await;
    assert_eq!(first.status, Status::Posted);
    let again =
        Ubl { issue_date: first.issue_date.unwrap() - chrono::Days::new(1), ..ubl(&p, "f 2026 001").of(dec!(55)) };
    stays(&p, &again, "duplicate_suspected").await;
    let note = Ubl { kind: InvoiceKind::CreditNote, ..ubl(&p, "F-2026/001") };
    assert_eq!(p.process(&note).await.status, Status::Posted, "a credit note of the same number is another kind");
}

#[tokio::test]
async fn the_same_date_and_total_again_is_a_suspected_duplicate() {
    let p = Pipeline::start().await;
    let first = p.process(&ubl(&p, "F-1")).await;
    stays(&p, &ubl(&p, "F-2"), "duplicate_suspected").await;
    let held = p.content(first.id).await;
    assert_eq!(held.holds, [], "the first one is none");
}

#[tokio::test]
async fn a_suspected_duplicate_names_the_first_document() {
    let p = Pipeline::start().await;
    let first = p.process(&ubl(&p, "F-1")).await;
    let second = p.process(&ubl(&p, "F-1")).await;
    let holds = p.content(second.id).await.holds;
    assert_eq!(holds, [domain::hold::Hold::duplicate_of(first.id)]);
}

#[tokio::test]
async fn an_invoice_to_somebody_else_waits() {
    let p = Pipeline::start().await;
    let invoice = Ubl { customer: ("Bakkerij De Ster B.V.", "NL001122334B01"), ..ubl(&p, "F-1") };
    stays(&p, &invoice, "wrong_buyer").await;
}

#[tokio::test]
async fn an_account_that_was_never_seen_waits() {
    let p = Pipeline::start().await;
    stays(&p, &Ubl { iban: Some("GB82WEST12345698765432"), ..ubl(&p, "F-1") }, "new_iban").await;
}

#[tokio::test]
async fn another_payee_waits() {
    let p = Pipeline::start().await;
    stays(&p, &Ubl { payee: Some("Factor Finance N.V."), ..ubl(&p, "F-1") }, "other_payee").await;
}

#[tokio::test]
async fn what_was_paid_in_advance_waits() {
    let p = Pipeline::start().await;
    stays(&p, &Ubl { prepaid: Some(dec!(21.00)), ..ubl(&p, "F-1") }, "prepaid").await;
}

#[tokio::test]
async fn self_billed_and_partial_types_wait() {
    let p = Pipeline::start().await;
    for (number, code) in ["389", "326", "325"].into_iter().enumerate() {
        let invoice = Ubl {
            type_code: Some(code),
            ..ubl(&p, &format!("F-{number}")).of(dec!(10) + dec!(1) * rust_decimal::Decimal::from(number))
        };
        stays(&p, &invoice, "document_type").await;
    }
}

#[tokio::test]
async fn a_broken_rule_of_arithmetic_waits() {
    let p = Pipeline::start().await;
    // Three groups whose VAT total is right while a group's own VAT is not what its rate gives.
    let invoice = Ubl { lines: vec![Line { category: "S", rate: dec!(21), net: dec!(100.00) }], ..ubl(&p, "F-1") };
    let xml = String::from_utf8(invoice.xml()).unwrap();
    let broken =
        xml.replace("currencyID=\"EUR\">100.00</cbc:PriceAmount>", "currencyID=\"EUR\">90.00</cbc:PriceAmount>");
    assert_ne!(xml, broken);
    stays(&p, File::Xml(broken.into_bytes()), "arithmetic").await;
}

#[tokio::test]
async fn a_date_in_the_future_waits() {
    let p = Pipeline::start().await;
    let tomorrow = p.now().date_naive() + chrono::Days::new(2);
    stays(&p, &Ubl::new("F-1", tomorrow), "future_date").await;
}

#[tokio::test]
async fn an_uncertain_field_waits() {
    let p = Pipeline::start().await;
    let fields = Fields::new("F-1", p.now().date_naive(), dec!(100.00), dec!(21.00)).unsure_of("number", 0.79);
    stays(&p, File::Pdf(plain_pdf(), Some(fields)), "low_confidence").await;
    let fields = Fields::new("F-2", p.now().date_naive(), dec!(110.00), dec!(23.10)).unsure_of("number", 0.80);
    assert_eq!(p.process(File::Pdf(plain_pdf(), Some(fields))).await.status, Status::Posted, "the threshold passes");
}

#[tokio::test]
async fn an_unknown_profile_waits() {
    let p = Pipeline::start().await;
    stays(&p, &Ubl { profile: "urn:example.org:own-rules", ..ubl(&p, "F-1") }, "unknown_profile").await;
}

#[tokio::test]
async fn an_unknown_contact_is_incomplete() {
    let p = Pipeline::start().await;
    let supplier = ("Nieuw B.V.", Some("NL009999999B01"), Some("87654321"));
    let invoice = Ubl { supplier, iban: None, ..ubl(&p, "F-1") };
    is_incomplete(&p, &invoice, "contact_unknown").await;
}

#[tokio::test]
async fn identifiers_of_two_contacts_are_incomplete() {
    let p = Pipeline::start().await;
    let now = p.now();
    let mut other = p.office.get_supplier().await;
    other.id = runtime::clock::new_id(now);
    (other.vat_number, other.registry_number) = (Some("NL009999999B01".parse().unwrap()), None);
    other.ibans.clear();
    let writer = store::Writer::new("other", 0);
    let author = store::settings::Author { by: &domain::document::Actor::Operator, at: now, writer: &writer };
    p.office.store().contacts(p.office.administration).create(&other, &author).await.unwrap();
    let supplier = ("Papier & Co B.V.", Some("NL009999999B01"), Some("12345678"));
    is_incomplete(&p, &Ubl { supplier, ..ubl(&p, "F-1") }, "contact_ambiguous").await;
}

#[tokio::test]
async fn a_contact_without_a_template_is_incomplete() {
    let p = Pipeline::start().await;
    p.office.remove_template(p.now()).await;
    is_incomplete(&p, &ubl(&p, "F-1"), "template_missing").await;
}

#[tokio::test]
async fn a_vat_group_without_a_line_is_incomplete() {
    let p = Pipeline::start().await;
    let lines = vec![Line { category: "S", rate: dec!(6), net: dec!(100.00) }];
    is_incomplete(&p, &Ubl { lines, ..ubl(&p, "F-1") }, "vat_group_without_line").await;
}

#[tokio::test]
async fn a_missing_recognised_field_is_incomplete() {
    let p = Pipeline::start().await;
    let fields = Fields::new("F-1", p.now().date_naive(), dec!(100.00), dec!(21.00)).without("number");
    is_incomplete(&p, File::Pdf(plain_pdf(), Some(fields)), "number_missing").await;
}

#[tokio::test]
async fn the_automation_user_is_checked_again_at_each_decision() {
    let p = Pipeline::start().await;
    assert_eq!(p.process(&ubl(&p, "F-1")).await.status, Status::Posted);
    p.office.change_automation_user(p.now(), |user| user.state = UserState::Disabled).await;
    stays(&p, &ubl(&p, "F-2").of(dec!(2)), "automation_user_invalid").await;
    p.office.change_automation_user(p.now(), |user| user.state = UserState::Active).await;
    p.office.change_automation_user(p.now(), |user| user.roles = Roles::new([Role::ClientUser]).unwrap()).await;
    stays(&p, &ubl(&p, "F-3").of(dec!(3)), "automation_user_invalid").await;
    p.office.change_automation_user(p.now(), |user| user.roles = Roles::new([Role::Accountant]).unwrap()).await;
    p.office.change_automation_user(p.now(), |user| user.ledger_users.clear()).await;
    stays(&p, &ubl(&p, "F-4").of(dec!(4)), "automation_user_invalid").await;
}

#[tokio::test]
async fn behind_another_product_or_under_another_licence_it_waits() {
    let p = Pipeline::start().await;
    p.office.change_connection(p.now(), |connection| connection.intermediary = Some("Bridge".to_owned())).await;
    stays(&p, &ubl(&p, "F-1"), "intermediary").await;
    p.office
        .change_connection(p.now(), |connection| {
            connection.intermediary = None;
            connection.licence_country = "BE".to_owned();
        })
        .await;
    stays(&p, &ubl(&p, "F-2").of(dec!(2)), "auto_posting_not_offered").await;
}

#[tokio::test]
async fn what_cannot_be_read_is_kept_and_says_why() {
    let p = Pipeline::start().await;
    let entity =
        br#"<?xml version="1.0"?><!DOCTYPE a [<!ENTITY x SYSTEM "file:///etc/passwd">]><Invoice>&x;</Invoice>"#;
    for (bytes, code) in
        [(&b"<Invoice"[..], "malformed"), (&b"\xff\xd8\xff\xe0 picture"[..], "not_xml"), (&entity[..], "dtd")]
    {
        let document = p.process(File::Xml(bytes.to_vec())).await;
        let reason = document.reason.clone().unwrap();
        assert_eq!(document.status, Status::Unreadable, "{code}: {reason:?}");
        let kept = p.office.store().documents().file(document.id, store::document::File::Source, 1_000).await.unwrap();
        assert_eq!(kept, bytes, "{code}");
        assert!(
            p.history(document.id)
                .await
                .iter()
                .any(|entry| entry.reason.as_ref().is_some_and(|it| it.code == reason.code))
        );
    }
    assert_eq!(p.bookings(), []);
}

#[tokio::test]
async fn several_reasons_are_all_kept_and_the_trace_shows_each_check() {
    let p = Pipeline::start().await;
    let invoice = Ubl { payee: Some("Factor Finance N.V."), prepaid: Some(dec!(1.00)), ..ubl(&p, "F-1") };
    let document = p.process(&invoice).await;
    let holds: Vec<_> = p.content(document.id).await.holds.iter().map(|hold| hold.code.as_str()).collect();
    assert_eq!(holds, ["other_payee", "prepaid"]);
    let traced =
        p.office.store().documents().trace(document.id, document.decision_version.unwrap()).await.unwrap().unwrap();
    let held = traced.decision.trace.iter().filter(|step| step.check == domain::automation::Check::Hold).count();
    assert_eq!(held, 2);
}
