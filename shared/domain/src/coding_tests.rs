use super::*;
use crate::{
    ids::{ContactId, Id},
    invoice::{InvoiceLine, PaymentMeans, Totals, VatSubtotal, VatTreatment},
    template::tests::line,
};
use proptest::prelude::*;
use rust_decimal::dec;

pub(super) fn contact() -> Contact {
    Contact {
        id: ContactId::from_ulid(ulid::Ulid::from_parts(1, 1)),
        direction: Direction::Purchase,
        name: "Paper Co".into(),
        vat_number: None,
        registry_number: None,
        ibans: vec![],
        other_accounts: vec![],
        payment_days: Some(14),
        ledger_contact: None,
        version: 1,
    }
}

pub(super) fn group(category: &str, rate: Decimal, taxable: Decimal, vat: Decimal) -> VatSubtotal {
    VatSubtotal {
        treatment: VatTreatment { category: Some(category.into()), rate: Some(rate) },
        taxable,
        vat,
        exemption_reason: None,
    }
}

pub(super) fn invoice(groups: Vec<VatSubtotal>) -> Invoice {
    let net = groups.iter().map(|g| g.taxable).sum();
    let vat = groups.iter().map(|g| g.vat).sum();
    Invoice {
        number: Some(" F-2026-118 ".into()),
        issue_date: Date::from_ymd_opt(2026, 7, 1),
        currency: Some(Currency::EUR),
        payment_means: vec![PaymentMeans { reference: Some("7000123".into()), ..PaymentMeans::default() }],
        lines: vec![InvoiceLine { description: Some("Copy paper".into()), ..InvoiceLine::default() }],
        totals: Totals { net: Some(net), vat: Some(vat), gross: Some(net + vat), ..Totals::default() },
        vat_breakdown: groups,
        ..Invoice::default()
    }
}

fn template(lines: Vec<TemplateLine>) -> PostingTemplate {
    PostingTemplate::new(lines, None).unwrap()
}

fn code_with(invoice: &Invoice, template: &PostingTemplate) -> Result<Posting, Vec<Missing>> {
    code(invoice, Direction::Purchase, OtherSide::Known(&contact()), Some(template))
}

#[test]
fn a_complete_invoice_becomes_a_posting() {
    let posting = code_with(
        &invoice(vec![group("S", dec!(21), dec!(100), dec!(21))]),
        &template(vec![line(VatCategory::S, dec!(21.00), dec!(100))]),
    )
    .unwrap();
    assert_eq!((posting.net, posting.vat, posting.gross), (dec!(100), dec!(21), dec!(121)));
    assert_eq!(posting.number, "F-2026-118");
    assert_eq!(posting.due_date, Date::from_ymd_opt(2026, 7, 15), "terms of the contact");
    assert_eq!(posting.payment_reference.as_deref(), Some("7000123"));
    assert_eq!(posting.lines[0].description, "Paper Co F-2026-118", "labels are replaced (AP-39)");
}

#[test]
fn everything_that_is_missing_is_named_at_once() {
    let nothing = code(&Invoice::default(), Direction::Purchase, OtherSide::Unknown, None).unwrap_err();
    assert_eq!(nothing, [Missing::Contact, Missing::Number, Missing::IssueDate, Missing::Currency, Missing::Gross]);
    let contact = contact();
    let no_template = code(&invoice(vec![]), Direction::Purchase, OtherSide::Known(&contact), None).unwrap_err();
    assert_eq!(no_template, [Missing::Template]);
    let ambiguous = code(&invoice(vec![]), Direction::Purchase, OtherSide::Ambiguous, None).unwrap_err();
    assert_eq!(ambiguous, [Missing::ContactAmbiguous]);
    let mut odd = invoice(vec![]);
    odd.currency = "XYZ".parse().ok();
    assert_eq!(
        code(&odd, Direction::Purchase, OtherSide::Known(&contact), None).unwrap_err(),
        [Missing::Currency, Missing::Template]
    );
}

#[test]
fn a_vat_group_without_a_line_makes_the_document_incomplete() {
    let document = invoice(vec![group("S", dec!(21), dec!(100), dec!(21)), group("S", dec!(9), dec!(10), dec!(0.90))]);
    let problems = code_with(&document, &template(vec![line(VatCategory::S, dec!(21), dec!(100))])).unwrap_err();
    assert_eq!(problems, [Missing::VatGroupWithoutLine { category: "S".into(), rate: dec!(9) }]);
}

#[test]
fn a_credit_note_turns_the_sign_once_and_a_negative_invoice_is_the_same_booking() {
    let coding = template(vec![line(VatCategory::S, dec!(21), dec!(100))]);
    let mut credit_note = invoice(vec![group("S", dec!(21), dec!(100), dec!(21))]);
    credit_note.kind = InvoiceKind::CreditNote;
    let negative = invoice(vec![group("S", dec!(21), dec!(-100), dec!(-21))]);
    let credit = code_with(&credit_note, &coding).unwrap();
    let negative = code_with(&negative, &coding).unwrap();
    assert_eq!(credit.gross, dec!(-121));
    assert_eq!((credit.lines, credit.net, credit.vat), (negative.lines, negative.net, negative.vat));
}

#[test]
fn reverse_charge_states_no_vat() {
    let coding = template(vec![line(VatCategory::AE, dec!(0), dec!(100))]);
    assert!(code_with(&invoice(vec![group("AE", dec!(0), dec!(100), dec!(0))]), &coding).is_ok());
    let wrong = invoice(vec![group("AE", dec!(0), dec!(100), dec!(21))]);
    assert_eq!(
        code_with(&wrong, &coding).unwrap_err(),
        [Missing::VatOnReverseCharge { category: VatCategory::AE, vat: dec!(21) }]
    );
}

#[test]
fn foreign_categories_and_fractions_of_cents_are_not_booked() {
    let coding = template(vec![line(VatCategory::S, dec!(21), dec!(100))]);
    for category in ["B", "AA", "SR"] {
        let document = invoice(vec![group(category, dec!(21), dec!(100), dec!(21))]);
        assert_eq!(code_with(&document, &coding).unwrap_err(), [Missing::VatCategory(category.into())]);
    }
    let document = invoice(vec![group("S", dec!(21), dec!(61.0500), dec!(6.3249))]);
    assert_eq!(code_with(&document, &coding).unwrap_err(), [Missing::Precision(dec!(6.3249))]);
}

#[test]
fn totals_that_do_not_add_up_are_incomplete() {
    let mut document = invoice(vec![group("S", dec!(21), dec!(100), dec!(21))]);
    document.totals.gross = Some(dec!(122));
    assert_eq!(
        code_with(&document, &template(vec![line(VatCategory::S, dec!(21), dec!(100))])).unwrap_err(),
        [Missing::TotalsDisagree { net: dec!(100), vat: dec!(21), gross: dec!(122) }]
    );
}

#[test]
fn recognised_totals_are_one_group_when_the_template_knows_one() {
    let one = template(vec![line(VatCategory::S, dec!(21), dec!(100))]);
    let mut document = invoice(vec![]);
    document.totals = Totals { net: Some(dec!(826.45)), gross: Some(dec!(1000.00)), ..Totals::default() };
    let posting = code_with(&document, &one).unwrap();
    assert_eq!((posting.net, posting.vat), (dec!(826.45), dec!(173.55)));
    document.totals.gross = Some(dec!(1100.00));
    assert_eq!(code_with(&document, &one).unwrap_err(), [Missing::VatBreakdown]);
    let two = template(vec![line(VatCategory::S, dec!(21), dec!(100)), line(VatCategory::S, dec!(9), dec!(100))]);
    document.totals.gross = Some(dec!(1000.00));
    assert_eq!(code_with(&document, &two).unwrap_err(), [Missing::VatBreakdown]);
}

proptest! {
    /// The last line takes the cent: whatever the split, what is booked is the document, for every group.
    #[test]
    fn a_split_loses_no_cent(cents in -10_000_000_i64..10_000_000, vat in -1_000_000_i64..1_000_000, first in 1_u32..99, second in 1_u32..99) {
        prop_assume!(first + second < 100);
        let shares = [first, second, 100 - first - second];
        let coding = template(shares.iter().map(|share| line(VatCategory::S, dec!(21), Decimal::from(*share))).collect());
        let (net, vat) = (Decimal::new(cents, 2), Decimal::new(vat, 2));
        let posting = code_with(&invoice(vec![group("S", dec!(21), net, vat)]), &coding).unwrap();
        prop_assert_eq!(posting.lines.iter().map(|line| line.net).sum::<Decimal>(), net);
        prop_assert_eq!(posting.lines.iter().map(|line| line.vat).sum::<Decimal>(), vat);
        prop_assert!(posting.lines.iter().all(|line| line.net.scale() <= 2 && line.vat.scale() <= 2));
        prop_assert_eq!(posting.gross, net + vat);
    }
}
