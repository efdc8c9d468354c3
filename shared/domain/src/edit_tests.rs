use super::*;
use crate::{
    coding::{CodingLine, OtherSide},
    contact::{Contact, OwnIdentifiers},
    content::{Coded, Content, Situation, Source},
    hold::{Hold, HoldCode, RecognisedField},
    ids::{ContactId, Id},
    invoice::{Totals, VatTreatment},
    ledger::{Direction, VatCodeKind},
    reason::Reason,
};
use rust_decimal::dec;

fn at() -> Instant {
    "2026-07-01T10:00:00Z".parse().unwrap()
}

fn contact() -> Contact {
    Contact {
        id: ContactId::from_ulid(ulid::Ulid::from_parts(1, 1)),
        direction: Direction::Purchase,
        name: "Paper Co".into(),
        vat_number: None,
        registry_number: None,
        ibans: vec![],
        other_accounts: vec![],
        payment_days: None,
        ledger_contact: None,
        version: 1,
    }
}

/// A scan of which the number is uncertain and the date was not found.
fn scanned() -> Content {
    let field = |name: &str, confidence| RecognisedField { name: name.into(), confidence };
    let breakdown = VatSubtotal {
        treatment: VatTreatment { category: Some("S".into()), rate: Some(dec!(21)) },
        taxable: dec!(100),
        vat: dec!(21),
        exemption_reason: None,
    };
    Content {
        tagged_at: at(),
        tagged_by: Actor::System,
        read_at: at(),
        contact: None,
        source: Some(Source::Recognised { fields: vec![field("number", dec!(0.5)), field("gross", dec!(0.99))] }),
        invoice: Some(Invoice {
            number: Some("F-l".into()),
            currency: Some(Currency::EUR),
            totals: Totals { gross: Some(dec!(121)), ..Totals::default() },
            vat_breakdown: vec![breakdown],
            ..Invoice::default()
        }),
        violations: vec![],
        holds: vec![
            Hold { code: HoldCode::PictureDisagrees, detail: "x".into(), values: Vec::new() },
            Hold { code: HoldCode::LowConfidence, detail: "number 0.5".into(), values: Vec::new() },
        ],
        cleared: vec![],
        confidence_threshold: Some(dec!(0.8)),
        edits: None,
        rate: None,
        refusal: None,
        coded: Coded::Incomplete { missing: vec![Reason::new("issue_date_missing", "x")] },
    }
}

fn edits(fields: Corrections, coding: HandCoding) -> Edits {
    Edits { by: Actor::Operator, at: at(), fields, coding }
}

fn edited(content: &Content, edits: impl Into<Option<Edits>>) -> Content {
    let (contact, own) = (contact(), OwnIdentifiers::default());
    let situation = Situation {
        direction: Direction::Purchase,
        other_side: OtherSide::Known(&contact),
        template: None,
        own: &own,
        today: at().date_naive(),
    };
    content.edited(edits.into(), &situation, at())
}

fn lines() -> HandCoding {
    let line = CodingLine {
        account: "4600".parse().ok(),
        vat_code: "4".parse().ok(),
        vat_code_kind: Some(VatCodeKind::Rate { percent: dec!(21) }),
        net: Some(dec!(100)),
        ..CodingLine::default()
    };
    HandCoding { lines: Some(vec![line]), ..HandCoding::default() }
}

#[test]
fn a_correction_keeps_the_original_beside_it() {
    let date = Date::from_ymd_opt(2026, 6, 30);
    let fields = Corrections { number: Some("F-1".into()), issue_date: date, ..Corrections::default() };
    let content = edited(&scanned(), edits(fields, lines()));
    assert_eq!(content.invoice, scanned().invoice, "the reading stays");
    let posting = content.posting().unwrap();
    assert_eq!((posting.number.as_str(), Some(posting.issue_date)), ("F-1", date));
    let holds: Vec<_> = content.holds.iter().map(|hold| hold.code).collect();
    assert_eq!(holds, [HoldCode::PictureDisagrees, HoldCode::WrongBuyer], "a corrected field is certain");
    assert_eq!(content.accounts().as_deref(), Some("4600"));
    let without = edited(&content, None::<Edits>);
    assert_eq!((without.edits.is_none(), without.corrected()), (true, scanned().invoice));
    assert_eq!(without.missing_codes(), ["issue_date_missing", "template_missing"]);
    assert!(without.holds.iter().any(|hold| hold.code == HoldCode::LowConfidence), "uncertain again");
}

#[test]
fn a_field_is_confirmed_by_saying_it_again() {
    let fields = Corrections { number: Some("F-l".into()), ..Corrections::default() };
    let content = edited(&scanned(), edits(fields.clone(), HandCoding::default()));
    assert!(content.holds.iter().all(|hold| hold.code != HoldCode::LowConfidence));
    let words = edits(fields, HandCoding::default()).difference(None, &scanned().invoice.unwrap());
    assert_eq!(words, "number: F-l confirmed");
}

#[test]
fn what_could_not_be_read_is_keyed_in() {
    let unread = Content {
        source: None,
        invoice: None,
        holds: vec![],
        coded: Coded::Unreadable { error: Reason::new("not_recognised", "x") },
        ..scanned()
    };
    assert!(matches!(edited(&unread, None::<Edits>).coded, Coded::Unreadable { .. }), "nothing was keyed in");
    let mut fields = Corrections { number: Some("7".into()), gross: Some(dec!(121)), ..Corrections::default() };
    let content = edited(&unread, edits(fields.clone(), lines()));
    assert_eq!(content.missing_codes(), ["issue_date_missing", "currency_missing"]);
    fields.issue_date = Date::from_ymd_opt(2026, 6, 30);
    fields.currency = Some(Currency::EUR);
    assert_eq!(edited(&unread, edits(fields, lines())).posting().unwrap().gross, dec!(121));
}

#[test]
fn a_structured_document_says_its_amounts_itself() {
    let mut invoice = scanned().invoice.unwrap();
    let open = |invoice: &Invoice| {
        let names = Field::ALL.into_iter().filter(|field| field.is_open(Reading::Structured, invoice));
        names.map(Field::as_str).collect::<Vec<_>>()
    };
    assert_eq!(open(&invoice), ["issue_date", "order_reference"], "only what it leaves out");
    invoice.number = None;
    assert_eq!(open(&invoice), ["number", "issue_date", "order_reference"]);
    assert!(Field::ALL.into_iter().all(|field| field.is_open(Reading::Recognised, &invoice)));
}

#[test]
fn the_history_says_what_was_changed() {
    let read = scanned().invoice.unwrap();
    let first = edits(Corrections { number: Some("F-1".into()), ..Corrections::default() }, lines());
    assert_eq!(first.difference(None, &read), "number: F-l -> F-1; lines: of the template -> 1");
    let mut second = first.clone();
    second.fields.gross = Some(dec!(120));
    second.coding.booking_date = Date::from_ymd_opt(2026, 7, 1);
    assert_eq!(second.difference(Some(&first), &read), "gross: 121 -> 120; booking_date: as before -> 2026-07-01");
    assert_eq!(second.difference(Some(&second), &read), "");
}

#[test]
fn a_booking_date_lies_in_the_first_open_period_and_only_after_a_refusal() {
    let day = |month, day| Date::from_ymd_opt(2026, month, day).unwrap();
    let period = |month: u32, blocked| DirectoryEntry {
        code: format!("2026-{month:02}"),
        days: Some((day(month, 1), day(month + 1, 1).pred_opt().unwrap())),
        blocked,
        ..DirectoryEntry::default()
    };
    let closed = Reason::new(PERIOD_CLOSED, "x");
    let other = Reason::new("unknown_account", "x");
    let issued = Some(day(4, 17));
    let today = day(7, 1);
    let silent: Vec<_> = (1..=9).map(|month| period(month, false)).collect();
    let telling: Vec<_> = (1..=9).map(|month| period(month, month <= 5)).collect();
    let check = |chosen, periods| check_booking_date(Some(&closed), issued, chosen, today, periods);
    assert_eq!(check(day(5, 1), Some(&silent)), Ok(()), "the ledger itself says whether it is open");
    assert_eq!(check(day(4, 30), Some(&silent)), Err(BookingDateError::NotLater(day(4, 17))));
    assert_eq!(check(day(3, 30), Some(&silent)), Err(BookingDateError::NotLater(day(4, 17))));
    assert_eq!(check(day(8, 1), Some(&silent)), Err(BookingDateError::NotBegun));
    assert_eq!(check(day(10, 1), Some(&silent)), Err(BookingDateError::NoPeriod(day(10, 1))));
    assert_eq!(check(day(5, 1), Some(&telling)), Err(BookingDateError::Closed("2026-05".into())));
    assert_eq!(check(day(6, 1), Some(&telling)), Ok(()));
    let not_first = BookingDateError::NotFirst { first: "2026-06".into(), chosen: "2026-07".into() };
    assert_eq!(check(day(7, 1), Some(&telling)), Err(not_first));
    assert_eq!(check(day(5, 1), None), Ok(()));
    assert_eq!(check(day(7, 2), None), Err(BookingDateError::NotBegun));
    for refused in [None, Some(&other)] {
        let outcome = check_booking_date(refused, issued, day(5, 1), today, Some(&silent));
        assert_eq!(outcome, Err(BookingDateError::NotRefused));
    }
    let undated = check_booking_date(Some(&closed), None, day(5, 1), today, None);
    assert_eq!(undated, Err(BookingDateError::NoIssueDate));
}
