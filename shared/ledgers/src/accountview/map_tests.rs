use super::*;
use crate::{
    push::Codes,
    sample::{self, DOCUMENT},
};
use rust_decimal::dec;

fn line(category: VatCategory, net: Decimal, vat: Decimal) -> PostingLine {
    sample::line(category, "5", net, vat)
}

fn posting(direction: Direction, lines: Vec<PostingLine>) -> Posting {
    sample::posting(direction, lines)
}

fn invoice(direction: Direction) -> Posting {
    posting(direction, vec![line(VatCategory::S, dec!(100.00), dec!(21.00))])
}

fn options() -> Options {
    Options::default().with("purchase_journal", "INK").with("sales_journal", "VRK").with("filling", "header")
}

fn planned<T>(posting: &Posting, options: &Options, look: impl FnOnce(&Plan<'_>) -> T) -> Result<T, LedgerError> {
    let (contact, codes) = (sample::contact(posting), Codes::default());
    let request = sample::request(posting, &contact, options, &codes);
    Plan::of(&request).map(|plan| look(&plan))
}

#[test]
fn what_decides_vat_or_a_sign_is_held_until_the_connection_says_how() {
    let options = options();
    let credit = |direction| posting(direction, vec![line(VatCategory::S, dec!(-100.00), dec!(-21.00))]);
    let of = |category| posting(Direction::Purchase, vec![line(category, dec!(100.00), dec!(0))]);
    let foreign = Posting { currency: "USD".parse().unwrap(), ..invoice(Direction::Purchase) };
    let none = Options::default().with("purchase_journal", "INK");
    for (posting, options, option, opens) in [
        (invoice(Direction::Purchase), &none, "filling", "balanced"),
        (invoice(Direction::Sales), &options, "sales_sign", "negative"),
        (credit(Direction::Purchase), &options, "credit_notes", "reversed"),
        (of(VatCategory::AE), &options, "reverse_charge", "zero"),
        (of(VatCategory::K), &options, "intra_community", "owed"),
        (foreign, &options, "foreign_currency", "ledger_rate"),
    ] {
        let error = planned(&posting, options, |_| ()).unwrap_err();
        assert_eq!(error.code(), ErrorCode::Held, "{option}: {error}");
        assert!(error.message().contains(option), "{error}");
        assert!(planned(&posting, &options.clone().with(option, opens), |_| ()).is_ok(), "{option}");
    }
    assert!(planned(&invoice(Direction::Purchase), &options, |_| ()).is_ok());
}

#[test]
fn what_is_missing_or_wrong_is_said_before_the_first_request() {
    let code = |posting: &Posting, options: &Options| planned(posting, options, |_| ()).unwrap_err().code();
    let filled = Options::default().with("filling", "header");
    assert_eq!(code(&invoice(Direction::Purchase), &filled), ErrorCode::Option, "no journal");
    let nameless = Posting { number: " ".into(), ..invoice(Direction::Purchase) };
    assert_eq!(code(&nameless, &options()), ErrorCode::MandatoryField);
    let link = options().with("document_link", "javascript:alert(1)");
    assert_eq!(code(&invoice(Direction::Purchase), &link), ErrorCode::Option);
}

#[test]
fn a_long_number_is_always_shortened_to_the_same_one() {
    for (number, short) in [
        ("F-26-00417", "F-26-00417"),
        ("123456789012", "123456789012"),
        ("1234567890123", "234567890123"),
        ("2026/INV-0000-4711", "6INV00004711"),
        ("INV 2026-00417", "INV202600417"),
        ("-------------", "------------"),
        (" F-1 ", "F-1"),
    ] {
        assert_eq!(short_number(number), short);
    }
}

#[test]
fn a_page_under_a_header_is_as_documented() {
    let body = planned(&invoice(Direction::Purchase), &options(), |plan| {
        let codes = Codes::default();
        let relation = "20001".parse().unwrap();
        plan.page(&relation, "1600", None, Behind::known(&codes)).unwrap()
    });
    let body: serde_json::Value = serde_json::from_slice(&body.unwrap()).unwrap();
    let names = |fields: &serde_json::Value| -> Vec<String> {
        let of = |field: &serde_json::Value| format!("{}:{}", field["Name"], field["FieldType"]).replace('"', "");
        fields.as_array().unwrap().iter().map(of).collect()
    };
    assert_eq!(body["BookDate"], "2026-07-01T00:00:00.000Z");
    assert_eq!(
        names(&body["Table"]["Definition"]["Fields"]),
        [
            "RowId:C",
            "DJ_CODE:C",
            "HDR_DESC:C",
            "TRN_DATE:T",
            "SUB_NR:C",
            "INV_NR:C",
            "CUR_CODE:C",
            "CRED_DAYS:N",
            "EXT_DESC:C",
            "COMMENT1:C"
        ]
    );
    let note = format!("ref 0K3J5QWERTY1 | F-2026-118 | {DOCUMENT}");
    assert_eq!(
        body["TableData"]["Data"]["Rows"][0]["Values"],
        serde_json::json!([
            "1",
            "INK",
            "Paper Co F-2026-118",
            "2026-07-01T00:00:00",
            "20001",
            "F-2026-118",
            "EUR",
            30,
            "7000123456789012",
            note
        ])
    );
    assert_eq!(
        names(&body["Table"]["DetailDefinitions"][0]["Fields"]),
        ["RowId:C", "HeaderId:C", "ACCT_NR:C", "TRN_DATE:T", "TRN_DESC:C", "AMOUNT:N", "VAT_CODE:C", "VAT_AMT:N"]
    );
}

#[test]
fn only_a_note_with_our_reference_is_ours() {
    planned(&invoice(Direction::Purchase), &options(), |plan| {
        let note = plan.note();
        assert!(plan.is_ours(&note) && plan.is_ours(&format!("  {note}")));
        let longer = note.replacen(" | ", "X | ", 1);
        for other in ["", "ref ", "ref 000000000000 | F-26-00417 | x", longer.as_str(), "see ref 0K3J5QWERTY1"] {
            assert!(!plan.is_ours(other), "{other}");
        }
    })
    .unwrap();
}

#[test]
fn both_years_are_looked_through_around_their_turn() {
    let days = |day: &str, issued: &str, start: &str| -> Vec<String> {
        let posting = Posting {
            issue_date: issued.parse().unwrap(),
            booking_date: Some(day.parse().unwrap()),
            ..invoice(Direction::Purchase)
        };
        let options = options().with("year_start", start);
        planned(&posting, &options, |plan| plan.days().iter().map(ToString::to_string).collect()).unwrap()
    };
    assert_eq!(days("2026-03-14", "2026-03-14", "1"), ["2026-03-14"]);
    assert_eq!(days("2026-01-10", "2026-01-10", "1"), ["2026-01-10", "2025-12-31"]);
    assert_eq!(days("2026-12-20", "2026-12-20", "1"), ["2026-12-20", "2027-01-01"]);
    assert_eq!(days("2026-07-02", "2026-07-02", "7"), ["2026-07-02", "2026-06-30"]);
    assert_eq!(days("2026-01-10", "2026-01-10", "7"), ["2026-01-10"]);
    assert_eq!(days("2026-03-14", "2025-11-02", "1"), ["2026-03-14", "2025-11-02"], "and that of the document");
}
