use super::sample::{REDUCED, STANDARD, any_document, credited, document, file, foreign, refused, sold, text, writer};
use proptest::prelude::*;
use rust_decimal::{Decimal, dec};

const HEADINGS: &str = "account,account_type,credit,debit,tax_code,cost_object,description,document_id,iban,posting_date,\
                        currency,number\r\n";

#[test]
fn one_credit_line_and_a_debit_line_for_each_line() {
    let mut invoice = document(1, &[STANDARD, REDUCED]);
    invoice.posting.lines[0].cost_centre = Some("K1".parse().unwrap());
    assert_eq!(
        text(&*writer("standard", "{}"), &[invoice]),
        format!(
            "{HEADINGS}\
             70001,supplier,172.50,,,,Mühle Süd KG RE-1,doc_00000000010000000000000000,DE89370400440532013000,2026-04-01,EUR,RE-1\r\n\
             4980,ledger,,119.00,V19,K1,Mühle Süd KG Ware 4980,doc_00000000010000000000000000,DE89370400440532013000,2026-04-01,EUR,RE-1\r\n\
             4940,ledger,,53.50,V7,,Mühle Süd KG Ware 4940,doc_00000000010000000000000000,DE89370400440532013000,2026-04-01,EUR,RE-1\r\n"
        )
    );
}

/// Account, credit, debit and tax code of each row.
fn booked(text: &str) -> Vec<[String; 4]> {
    let mut reader = csv::Reader::from_reader(text.as_bytes());
    let rows = reader.records().map(Result::unwrap);
    rows.map(|row| [0, 2, 3, 4].map(|at| row[at].to_owned())).collect()
}

#[test]
fn sales_and_credit_notes_have_the_sides_exchanged() {
    let standard = writer("standard", "{}");
    let of = |document| booked(&text(&*standard, &[document]));
    let purchase = || document(1, &[STANDARD]);
    assert_eq!(of(purchase()), [["70001", "119.00", "", ""], ["4980", "", "119.00", "V19"]]);
    assert_eq!(of(credited(purchase())), [["70001", "", "119.00", ""], ["4980", "119.00", "", "V19"]]);
    assert_eq!(of(sold(purchase())), [["10001", "", "119.00", ""], ["4980", "119.00", "", "V19"]]);
    assert_eq!(of(sold(credited(purchase()))), [["10001", "119.00", "", ""], ["4980", "", "119.00", "V19"]]);
}

#[test]
fn a_line_that_takes_away_stands_on_the_other_side_and_is_positive() {
    let discount = ("4980", "V19", STANDARD.2, dec!(19), dec!(-10.00), dec!(-1.90));
    let rows = booked(&text(&*writer("standard", "{}"), &[document(1, &[STANDARD, discount])]));
    assert_eq!(rows, [["70001", "107.10", "", ""], ["4980", "", "119.00", "V19"], ["4980", "11.90", "", "V19"]]);
    let nothing = ("4980", "V19", STANDARD.2, dec!(19), dec!(0), dec!(0));
    let rows = booked(&text(&*writer("standard", "{}"), &[document(1, &[STANDARD, nothing])]));
    assert_eq!(rows[2], ["4980", "", "0.00", "V19"], "a line of nothing keeps its side");
}

#[test]
fn vat_has_lines_of_its_own_by_wish() {
    let options =
        r#"{"tax":"vat_lines","vat_accounts":{"V19":"1576","V7":"1571"},"amounts":"company","attributes":[]}"#;
    let split = writer("standard", options);
    let rows = booked(&text(&*split, &[document(1, &[STANDARD, REDUCED, STANDARD])]));
    assert_eq!(
        rows,
        [
            ["70001", "291.50", "", ""],
            ["4980", "", "100.00", "V19"],
            ["4940", "", "50.00", "V7"],
            ["4980", "", "100.00", "V19"],
            ["1576", "", "38.00", "V19"],
            ["1571", "", "3.50", "V7"],
        ]
    );
    let other = ("4980", "A19", STANDARD.2, dec!(19), dec!(1), dec!(0.19));
    let reason = refused(&*split, &document(1, &[other]));
    assert_eq!(
        (reason.code.as_str(), reason.values),
        ("export_setting_missing", vec!["vat_accounts".into(), "A19".into()])
    );
    let free = ("4980", "A19", STANDARD.2, dec!(19), dec!(1), dec!(0));
    assert_eq!(booked(&text(&*split, &[document(1, &[free])])).len(), 2, "no VAT, no account for it");
}

#[test]
fn what_is_missing_leaves_the_document_out() {
    let mut unknown = document(1, &[STANDARD]);
    unknown.contact.ledger_contact = None;
    let reason = refused(&*writer("standard", "{}"), &unknown);
    assert_eq!((reason.code.as_str(), reason.values), ("export_value_missing", vec!["ledger_contact".into()]));
    let company = writer("standard", r#"{"amounts":"company"}"#);
    assert_eq!(refused(&*company, &foreign(document(1, &[STANDARD]), "USD", None)).code, "no_rate");
}

#[test]
fn the_iban_of_a_sales_document_is_the_customers() {
    let mut sale = sold(document(1, &[STANDARD]));
    let iban = |document| {
        text(&*writer("standard", "{}"), &[document]).lines().nth(1).unwrap().split(',').nth(8).unwrap().to_owned()
    };
    assert_eq!(iban(sale.clone()), "", "the account on it is our own");
    sale.contact.ibans = vec!["NL91ABNA0417164300".parse().unwrap()];
    assert_eq!(iban(sale), "NL91ABNA0417164300");
}

#[test]
fn formulas_of_others_are_guarded() {
    let mut attack = document(1, &[STANDARD]);
    attack.contact.name = "=cmd|' /C calc'!A0".into();
    attack.posting.number = "@1".into();
    attack.posting.lines[0].vat_code = "+1".parse().unwrap();
    let made = text(&*writer("standard", "{}"), &[attack]);
    let mut reader = csv::Reader::from_reader(made.as_bytes());
    for row in reader.records().map(Result::unwrap) {
        assert!(row[6].starts_with("'=cmd") && row[11].starts_with("'@1"), "{row:?}");
        assert!(row[4].is_empty() || &row[4] == "'+1", "{row:?}");
    }
}

proptest! {
    #[test]
    fn debit_equals_credit_in_each_document_and_in_the_file(
        documents in prop::collection::vec(any_document(), 1..8),
        company in any::<bool>(),
        vat_lines in any::<bool>(),
    ) {
        let amounts = if company { "company" } else { "original" };
        let tax = if vat_lines { "vat_lines" } else { "gross" };
        let accounts = r#"{"V19":"1576","V7":"1571","A19":"1577"}"#;
        let options = format!(r#"{{"amounts":"{amounts}","tax":"{tax}","vat_accounts":{accounts}}}"#);
        let writer = writer("standard", &options);
        let (bytes, summary) = file(&*writer, &documents);
        let mut open = std::collections::BTreeMap::<String, Decimal>::new();
        let mut debit = Decimal::ZERO;
        let mut reader = csv::Reader::from_reader(bytes.as_slice());
        let mut rows = 0;
        for row in reader.records().map(Result::unwrap) {
            let side = |at: usize| if row[at].is_empty() { Decimal::ZERO } else { row[at].parse().unwrap() };
            prop_assert!(row[2].is_empty() != row[3].is_empty());
            prop_assert!(side(2) >= Decimal::ZERO && side(3) >= Decimal::ZERO);
            *open.entry(row[7].to_owned()).or_default() += side(2) - side(3);
            debit += side(3);
            rows += 1;
        }
        prop_assert!(open.values().all(Decimal::is_zero), "{:?}", open);
        prop_assert_eq!(rows, summary.rows);
        let total = |side: &str| summary.sums.iter().filter(|(name, _)| name.starts_with(side)).map(|(_, v)| *v).sum::<Decimal>();
        prop_assert_eq!((total("debit"), total("credit")), (debit, debit));
    }
}
