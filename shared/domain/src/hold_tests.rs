use super::*;
use crate::{
    arithmetic,
    ids::{ContactId, Id},
    invoice::{PaymentMeans, Totals},
    party::Party,
};
use rust_decimal::dec;

fn own() -> OwnIdentifiers {
    OwnIdentifiers { names: vec!["Bakkerij De Ster".into()], ..OwnIdentifiers::default() }
}

fn contact() -> Contact {
    Contact {
        id: ContactId::from_ulid(ulid::Ulid::from_parts(1, 1)),
        direction: Direction::Purchase,
        name: "Paper Co".into(),
        vat_number: None,
        registry_number: None,
        ibans: vec!["NL91ABNA0417164300".parse().unwrap()],
        other_accounts: vec!["53007720".into()],
        payment_days: None,
        ledger_contact: None,
        version: 1,
    }
}

fn named(name: &str) -> Party {
    Party { name: Some(name.into()), ..Party::default() }
}

fn invoice() -> Invoice {
    Invoice {
        type_code: Some("380".into()),
        profile: Some("urn:cen.eu:en16931:2017#compliant#urn:fdc:peppol.eu:2017:poacc:billing:3.0".into()),
        issue_date: Date::from_ymd_opt(2026, 7, 1),
        supplier: named("Paper Co"),
        customer: named("Bakkerij De Ster"),
        payment_means: vec![PaymentMeans { account: Some("NL91 ABNA 0417 1643 00".into()), ..PaymentMeans::default() }],
        totals: Totals { gross: Some(dec!(121)), prepaid: Some(dec!(0.00)), ..Totals::default() },
        ..Invoice::default()
    }
}

fn codes(invoice: &Invoice) -> Vec<HoldCode> {
    let read = Obtained::Read { violations: &[] };
    let today = Date::from_ymd_opt(2026, 7, 1).unwrap();
    holds(invoice, Direction::Purchase, Some(&contact()), &own(), read, today).iter().map(|hold| hold.code).collect()
}

#[test]
fn an_ordinary_invoice_is_not_held() {
    assert_eq!(codes(&invoice()), []);
}

#[test]
fn each_condition_holds() {
    type Change = fn(&mut Invoice);
    let changes: [(Change, HoldCode); 11] = [
        (|i| i.customer = named("Somebody Else"), HoldCode::WrongBuyer),
        (|i| i.payment_means[0].account = Some("GB82WEST12345698765432".into()), HoldCode::NewIban),
        (|i| i.payment_means[0].account = Some("1-234".into()), HoldCode::NewIban),
        (|i| i.payee = Some(named("Factor Bank")), HoldCode::OtherPayee),
        (|i| i.totals.prepaid = Some(dec!(-1)), HoldCode::Prepaid),
        (|i| i.type_code = Some("326".into()), HoldCode::DocumentType),
        (|i| i.type_code = Some("389".into()), HoldCode::DocumentType),
        (|i| i.type_code = None, HoldCode::DocumentType),
        (|i| i.issue_date = Date::from_ymd_opt(2026, 7, 2), HoldCode::FutureDate),
        (|i| i.due_date = Date::from_ymd_opt(2026, 6, 30), HoldCode::DueBeforeIssue),
        (|i| i.profile = None, HoldCode::UnknownProfile),
    ];
    for (change, hold) in changes {
        let mut document = invoice();
        change(&mut document);
        assert_eq!(codes(&document), [hold]);
    }
}

#[test]
fn accounts_and_payees_that_are_known_do_not_hold() {
    let mut document = invoice();
    document.payment_means[0].account = Some("5300-7720".into());
    document.payee = Some(named("PAPER CO."));
    assert_eq!(codes(&document), []);
}

#[test]
fn a_negative_credit_note_is_held_and_a_negative_invoice_is_not() {
    let mut document = invoice();
    document.totals.gross = Some(dec!(-121));
    assert_eq!(codes(&document), []);
    document.kind = InvoiceKind::CreditNote;
    document.type_code = Some("381".into());
    assert_eq!(codes(&document), [HoldCode::NegativeCreditNote]);
}

#[test]
fn a_broken_rule_is_named() {
    let mut document = invoice();
    document.totals.net = Some(dec!(100));
    let violations = arithmetic::check(&document);
    let read = Obtained::Read { violations: &violations };
    let today = Date::from_ymd_opt(2026, 7, 1).unwrap();
    let found = holds(&document, Direction::Purchase, Some(&contact()), &own(), read, today);
    let hold = found.iter().find(|hold| hold.code == HoldCode::Arithmetic).unwrap();
    assert!(hold.detail.contains(violations[0].rule.as_str()), "{}", hold.detail);
}

#[test]
fn uncertain_fields_are_named_and_certain_ones_need_no_profile() {
    let field = |name: &str, confidence| RecognisedField { name: name.into(), confidence };
    let fields = [field("gross", dec!(0.99)), field("issue_date", dec!(0.79))];
    let today = Date::from_ymd_opt(2026, 7, 1).unwrap();
    let recognised = |threshold| {
        let obtained = Obtained::Recognised { fields: &fields, threshold, violations: &[] };
        let plain = Invoice { profile: None, type_code: None, ..invoice() };
        holds(&plain, Direction::Purchase, Some(&contact()), &own(), obtained, today)
    };
    assert_eq!(recognised(dec!(0.79)), []);
    let held = recognised(dec!(0.80));
    assert_eq!(held[0].code, HoldCode::LowConfidence);
    assert!(held[0].detail.contains("issue_date 0.79") && !held[0].detail.contains("gross"));
}

#[test]
fn a_picture_that_says_something_else_holds() {
    let data = Invoice { number: Some("F-1".into()), ..invoice() };
    let mut picture = Invoice { number: Some("f1".into()), ..invoice() };
    assert_eq!(disagreement(&data, &picture), None);
    assert_eq!(disagreement(&data, &Invoice::default()), None, "what was not recognised does not count");
    picture.totals.gross = Some(dec!(12.10));
    picture.payment_means[0].account = Some("GB82WEST12345698765432".into());
    assert_eq!(disagreement(&data, &picture).unwrap().detail, "gross, account");
}

#[test]
fn codes_read_back() {
    for hold in HoldCode::ALL {
        assert_eq!(hold.as_str().parse(), Ok(*hold));
        assert_eq!(serde_json::to_string(hold).unwrap(), format!("\"{}\"", hold.as_str()));
    }
    assert_eq!("moon_phase".parse::<HoldCode>(), Err(UnknownHold));
}
