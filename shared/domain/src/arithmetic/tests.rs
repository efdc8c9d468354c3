//! A valid invoice, and what is said when one thing in it is wrong.

use super::*;
use crate::{
    invoice::{
        AllowanceCharge, AllowanceChargeKind, InvoiceKind, InvoiceLine, PaymentMeans, Totals, VatSubtotal, VatTreatment,
    },
    money::Currency,
    party::Party,
    time::Date,
};
use rust_decimal::dec;

fn treatment(category: &str, rate: Option<Decimal>) -> VatTreatment {
    VatTreatment { category: Some(category.to_owned()), rate }
}

fn line(net: Decimal, category: &str, rate: Option<Decimal>) -> InvoiceLine {
    InvoiceLine {
        id: "1".to_owned(),
        description: Some("Paper".to_owned()),
        quantity: Some(dec!(1)),
        unit: Some("C62".to_owned()),
        price: Some(net.abs()),
        net: Some(net),
        treatment: treatment(category, rate),
        ..InvoiceLine::default()
    }
}

fn party(vat: Option<&str>) -> Party {
    Party {
        name: Some("A".to_owned()),
        vat: vat.map(str::to_owned),
        registry: Some("12345678".to_owned()),
        country: Some("NL".to_owned()),
        ..Party::default()
    }
}

fn group(taxable: Decimal, vat: Decimal, category: &str, rate: Option<Decimal>) -> VatSubtotal {
    VatSubtotal { treatment: treatment(category, rate), taxable, vat, exemption_reason: None }
}

/// 100.00 at 21 %.
fn valid() -> Invoice {
    Invoice {
        kind: InvoiceKind::Invoice,
        type_code: Some("380".to_owned()),
        profile: Some("urn:cen.eu:en16931:2017".to_owned()),
        number: Some("1".to_owned()),
        issue_date: Date::from_ymd_opt(2026, 3, 31),
        currency: Some(Currency::EUR),
        supplier: party(Some("NL123456789B01")),
        customer: party(None),
        vat_breakdown: vec![group(dec!(100), dec!(21), "S", Some(dec!(21)))],
        totals: Totals {
            lines: Some(dec!(100)),
            net: Some(dec!(100)),
            vat: Some(dec!(21.00)),
            gross: Some(dec!(121)),
            payable: Some(dec!(121)),
            ..Totals::default()
        },
        lines: vec![line(dec!(100.00), "S", Some(dec!(21.0)))],
        ..Invoice::default()
    }
}

/// A valid invoice without VAT, of a category that needs a reason.
fn without_vat(category: &str, rate: Option<Decimal>) -> Invoice {
    let mut invoice = valid();
    invoice.lines = vec![line(dec!(100), category, rate)];
    invoice.vat_breakdown = vec![group(dec!(100), dec!(0), category, rate)];
    invoice.vat_breakdown[0].exemption_reason = Some("Article".to_owned());
    invoice.totals.vat = Some(dec!(0));
    invoice.totals.gross = Some(dec!(100));
    invoice.totals.payable = Some(dec!(100));
    invoice
}

fn rules(violations: &[RuleViolation]) -> Vec<&str> {
    violations.iter().map(|violation| violation.rule.as_str()).collect()
}

#[track_caller]
fn breaks(change: impl FnOnce(&mut Invoice), wanted: &[&str]) {
    let mut invoice = valid();
    change(&mut invoice);
    assert_eq!(rules(&check(&invoice)), wanted);
}

#[test]
fn a_valid_invoice_breaks_nothing() {
    assert_eq!(check(&valid()), []);
    assert_eq!(check_sums(&valid()), []);
    assert_eq!(deviations(&valid()), []);
}

#[test]
fn what_must_be_there() {
    breaks(|invoice| invoice.profile = None, &["BR-01"]);
    breaks(|invoice| invoice.number = None, &["BR-02"]);
    breaks(|invoice| invoice.issue_date = None, &["BR-03"]);
    breaks(|invoice| invoice.type_code = None, &["BR-04"]);
    breaks(|invoice| invoice.currency = None, &["BR-05"]);
    breaks(|invoice| invoice.supplier.name_is_trading = true, &["BR-06"]);
    breaks(|invoice| invoice.customer.name = None, &["BR-07"]);
    breaks(|invoice| invoice.supplier.country = None, &["BR-09"]);
    breaks(|invoice| invoice.customer.country = None, &["BR-11"]);
    breaks(|invoice| invoice.totals.payable = None, &["BR-15"]);
    breaks(|invoice| invoice.lines.clear(), &["BR-16", "BR-CO-10", "BR-S-01", "BR-S-08"]);
    breaks(|invoice| invoice.vat_breakdown.clear(), &["BR-CO-18", "BR-S-01"]);
    breaks(|invoice| invoice.lines[0].treatment.category = None, &["BR-CO-04", "BR-S-01", "BR-S-08"]);
    breaks(|invoice| invoice.lines[0].price = Some(dec!(-1)), &["BR-27"]);
    breaks(|invoice| invoice.tax_currency = "SEK".parse().ok(), &["BR-53"]);
    breaks(
        |invoice| {
            invoice.tax_point_date = invoice.issue_date;
            invoice.tax_point_code = Some("35".to_owned());
        },
        &["BR-CO-03"],
    );
    breaks(
        |invoice| {
            invoice.supplier.vat = None;
            invoice.supplier.registry = None;
            invoice.supplier.tax_number = Some("12/34".to_owned());
        },
        &["BR-CO-26"],
    );
    let means = PaymentMeans { code: Some("58".to_owned()), ..PaymentMeans::default() };
    breaks(move |invoice| invoice.payment_means = vec![means], &["BR-61"]);
}

#[test]
fn codes() {
    breaks(|invoice| invoice.type_code = Some("381".to_owned()), &["BR-CL-01"]);
    breaks(|invoice| invoice.kind = InvoiceKind::CreditNote, &["BR-CL-01"]);
    breaks(|invoice| invoice.currency = "XYZ".parse().ok(), &["BR-CL-04"]);
    breaks(|invoice| invoice.supplier.vat = Some("312345678912343".to_owned()), &["BR-CO-09"]);
    breaks(|invoice| invoice.supplier.vat = Some("EL123456789".to_owned()), &[]);
    breaks(
        |invoice| {
            invoice.lines[0].treatment.category = Some("AA".to_owned());
            invoice.vat_breakdown[0].treatment.category = Some("AA".to_owned());
        },
        &["BR-CL-17", "BR-CL-18"],
    );
}

#[test]
fn sums() {
    breaks(|invoice| invoice.lines[0].net = Some(dec!(99)), &["BR-CO-10", "BR-S-08"]);
    breaks(|invoice| invoice.totals.net = Some(dec!(99)), &["BR-CO-13", "BR-CO-15"]);
    breaks(|invoice| invoice.totals.vat = Some(dec!(22)), &["BR-CO-14", "BR-CO-15"]);
    breaks(|invoice| invoice.totals.vat = None, &["BR-CO-15"]);
    breaks(|invoice| invoice.totals.vat_repeats = 1, &["BR-CO-15"]);
    breaks(|invoice| invoice.totals.gross = Some(dec!(120.99)), &["BR-CO-15", "BR-CO-16"]);
    breaks(|invoice| invoice.totals.payable = Some(dec!(120)), &["BR-CO-16"]);
    breaks(|invoice| invoice.totals.prepaid = Some(dec!(21)), &["BR-CO-16"]);
    breaks(|invoice| invoice.totals.allowances = Some(dec!(1)), &["BR-CO-11", "BR-CO-13"]);
    breaks(|invoice| invoice.totals.lines = Some(dec!(100.000)), &["BR-DEC-09"]);
    breaks(
        |invoice| {
            invoice.totals.prepaid = Some(dec!(21.30));
            invoice.totals.rounding = Some(dec!(0.30));
            invoice.totals.payable = Some(dec!(100));
        },
        &[],
    );
    let allowance = AllowanceCharge {
        kind: AllowanceChargeKind::Charge,
        amount: dec!(5),
        reason: Some("Freight".to_owned()),
        treatment: treatment("S", Some(dec!(21))),
    };
    breaks(move |invoice| invoice.allowance_charges = vec![allowance], &["BR-CO-12", "BR-S-08"]);
}

#[test]
fn messages_bear_both_values() {
    let mut invoice = valid();
    invoice.totals.gross = Some(dec!(120));
    let message = check(&invoice).remove(0).message;
    assert_eq!(message, "The total with VAT is 120 and should be 121.");
}

#[test]
fn halves_of_negative_amounts_may_go_either_way() {
    for stated in [dec!(-0.12), dec!(-0.13)] {
        assert!(is_rounded(stated, dec!(-0.125)), "{stated}");
    }
    assert!(is_rounded(dec!(0.13), dec!(0.125)));
    assert!(!is_rounded(dec!(0.12), dec!(0.125)));
}

#[test]
fn vat_groups_have_a_published_and_a_close_tolerance() {
    let off = |by: Decimal| {
        let mut invoice = valid();
        invoice.vat_breakdown[0].vat += by;
        invoice.totals.vat = Some(dec!(21) + by);
        invoice.totals.gross = Some(dec!(121) + by);
        invoice.totals.payable = Some(dec!(121) + by);
        invoice
    };
    assert_eq!(rules(&check(&off(dec!(0.99)))), [] as [&str; 0]);
    assert_eq!(rules(&deviations(&off(dec!(0.99)))), ["BR-CO-17"]);
    assert_eq!(rules(&deviations(&off(dec!(0.01)))), [] as [&str; 0]);
    assert_eq!(rules(&check(&off(dec!(1)))), ["BR-CO-17"]);
    let mut invoice = valid();
    invoice.vat_breakdown[0].taxable = dec!(100.40);
    assert_eq!(rules(&check(&invoice)), [] as [&str; 0]);
    assert_eq!(rules(&deviations(&invoice)), ["BR-CO-17", "BR-S-08"]);
}

#[test]
fn lines_are_compared_with_quantity_times_price() {
    let mut invoice = valid();
    invoice.lines[0].quantity = Some(dec!(4));
    invoice.lines[0].base_quantity = Some(dec!(2));
    assert_eq!(rules(&check(&invoice)), [] as [&str; 0]);
    assert_eq!(rules(&deviations(&invoice)), ["PEPPOL-EN16931-R120"]);
    invoice.lines[0].price = Some(dec!(50));
    assert_eq!(deviations(&invoice), []);
}

#[test]
fn categories_without_vat() {
    let zero = Some(dec!(0));
    let mut reverse = without_vat("AE", zero);
    reverse.customer.vat = Some("NL987654321B01".to_owned());
    assert_eq!(check(&reverse), []);
    reverse.vat_breakdown[0].exemption_reason = None;
    reverse.customer.vat = None;
    reverse.customer.registry = None;
    assert_eq!(rules(&check(&reverse)), ["BR-AE-02", "BR-AE-10"]);

    let supply = without_vat("K", zero);
    assert_eq!(rules(&check(&supply)), ["BR-IC-02", "BR-IC-11", "BR-IC-12"]);

    let mut exempt = without_vat("E", zero);
    exempt.vat_breakdown[0].vat = dec!(0.40);
    assert_eq!(rules(&check(&exempt)), ["BR-CO-14", "BR-E-09"]);

    let mut zero_rated = without_vat("Z", Some(dec!(5)));
    zero_rated.vat_breakdown[0].treatment.rate = zero;
    assert_eq!(rules(&check(&zero_rated)), ["BR-Z-05", "BR-Z-10"]);

    let mut outside = without_vat("O", None);
    assert_eq!(rules(&check(&outside)), ["BR-O-02"]);
    outside.supplier.vat = None;
    assert_eq!(check(&outside), []);
    outside.totals.vat = None;
    assert_eq!(check(&outside), []);
    outside.lines[0].treatment.rate = zero;
    assert_eq!(rules(&check(&outside)), ["BR-O-05"]);
}

#[test]
fn split_payment_is_italian() {
    let mut invoice = valid();
    invoice.lines[0].treatment = treatment("B", Some(dec!(21)));
    invoice.vat_breakdown[0].treatment = treatment("B", Some(dec!(21)));
    assert_eq!(rules(&check(&invoice)), ["BR-B-01"]);
    invoice.supplier.country = Some("IT".to_owned());
    invoice.customer.country = Some("IT".to_owned());
    assert_eq!(check(&invoice), []);
}

#[test]
fn a_recognised_document_is_asked_for_sums_only() {
    let mut invoice = Invoice { totals: valid().totals, ..Invoice::default() };
    invoice.totals.lines = None;
    assert_eq!(check_sums(&invoice), []);
    invoice.totals.gross = Some(dec!(119));
    assert_eq!(rules(&check_sums(&invoice)), ["BR-CO-15", "BR-CO-16"]);
    assert_eq!(check_sums(&Invoice::default()), []);
}

#[test]
fn absurd_amounts_are_violations_and_no_panic() {
    let mut invoice = valid();
    invoice.lines.push(line(Decimal::MAX, "S", Some(Decimal::MAX)));
    invoice.vat_breakdown[0].taxable = Decimal::MIN;
    invoice.totals.gross = Some(Decimal::MAX);
    assert!(rules(&check(&invoice)).contains(&"BR-CO-10"));
    assert!(!deviations(&invoice).is_empty());
}
