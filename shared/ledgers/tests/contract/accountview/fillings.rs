//! Each way of filling a page that an option names, against a simulator that takes that one alone.

use super::*;
use crate::{
    bench::{Line, Work},
    turn::Turn,
};
use domain::invoice::InvoiceKind;
use ledgers::{ErrorCode, ErrorKind};
use simulators::accountview::books::{BalancedVatCode, Filling, ReverseCharge, Row, SalesSign};

const MIXED: [Line; 3] = [
    (VatCategory::S, dec!(21), dec!(100.00), dec!(21.00)),
    (VatCategory::S, dec!(9), dec!(50.00), dec!(4.50)),
    (VatCategory::AE, dec!(0), dec!(250.00), dec!(0)),
];

/// An invoice and a credit note of each side: read back, compared, and nothing is left on any account.
async fn both_ways(bench: &AccountViewBench, options: &[(&str, &str)], lines: &[Line]) {
    let mut turn = Turn::new(bench);
    for direction in [Direction::Purchase, Direction::Sales] {
        let mut invoice = Work::new(bench, direction, InvoiceKind::Invoice, "I-1", lines);
        for (key, value) in options {
            invoice.options = invoice.options.with(key, value);
        }
        let credit = invoice.reversed(InvoiceKind::CreditNote, "C-1");
        turn.post(&invoice).await.unwrap_or_else(|error| panic!("{direction:?} {error} {:?}", error.ledger_text()));
        assert!(!bench.all_zero());
        turn.post(&credit).await.unwrap_or_else(|error| panic!("{direction:?} {error} {:?}", error.ledger_text()));
        assert!(bench.all_zero(), "{direction:?}");
        let booked = bench.bookings(direction);
        let reduces: Vec<bool> = booked.iter().map(|booking| booking.reduces).collect();
        assert_eq!(reduces, [false, true]);
        assert!(
            booked.iter().all(|booking| (booking.gross, booking.vat) == (invoice.posting.gross, invoice.posting.vat))
        );
    }
}

fn amounts(rows: &[Row]) -> Vec<(String, Decimal, String, Decimal)> {
    let text = |row: &Row, column: &str| row.text(column).to_owned();
    rows.iter()
        .map(|row| (text(row, "ACCT_NR"), row.number("AMOUNT"), text(row, "VAT_CODE"), row.number("BASE_AMT")))
        .collect()
}

#[tokio::test]
async fn a_page_in_balance_has_all_its_lines() {
    for (vat_code, setting) in [("vat_line", BalancedVatCode::VatLine), ("both", BalancedVatCode::Both)] {
        let bench = AccountViewBench::start().await;
        bench.settings(|settings| (settings.filling, settings.balanced_vat_code) = (Filling::Balanced, setting));
        both_ways(&bench, &[("filling", "balanced"), ("balanced_vat_code", vat_code)], &MIXED).await;
        let lines = amounts(&bench.pages()[0].lines);
        let on_costs = |code: &str| if vat_code == "both" { code.to_owned() } else { String::new() };
        let expected = [
            ("4600", dec!(100.00), on_costs("5"), dec!(0)),
            ("4600", dec!(50.00), on_costs("6"), dec!(0)),
            ("4600", dec!(250.00), on_costs("7"), dec!(0)),
            ("1520", dec!(21.00), "5".into(), dec!(100.00)),
            ("1520", dec!(4.50), "6".into(), dec!(50.00)),
            ("1520", dec!(0.00), "7".into(), dec!(250.00)),
            ("1600", dec!(-425.50), String::new(), dec!(0)),
        ];
        assert_eq!(lines, expected.map(|(account, amount, code, base)| (account.to_owned(), amount, code, base)));
    }
}

#[tokio::test]
async fn vat_that_the_buyer_owes_is_sent_where_the_option_says_so() {
    for (filling, setting) in [("header", Filling::Header), ("balanced", Filling::Balanced)] {
        let bench = AccountViewBench::start().await;
        bench.settings(|settings| (settings.filling, settings.reverse_charge) = (setting, ReverseCharge::Owed));
        let options = [("filling", filling), ("reverse_charge", "owed"), ("intra_community", "owed")];
        let lines = [MIXED[0], MIXED[2], (VatCategory::K, dec!(0), dec!(99.99), dec!(0))];
        both_ways(&bench, &options, &lines).await;
        let owed: Decimal = bench.pages()[0]
            .entries
            .iter()
            .filter(|row| row.text("ACCT_NR") == "1525")
            .map(|row| row.number("AMOUNT"))
            .sum();
        assert_eq!(owed, dec!(-73.50), "52.50 and 21.00, {filling}");
    }
}

#[tokio::test]
async fn revenue_has_the_sign_that_the_option_says() {
    let bench = AccountViewBench::start().await;
    bench.settings(|settings| settings.sales_sign = SalesSign::Positive);
    both_ways(&bench, &[("sales_sign", "positive")], &MIXED).await;
    let sale = bench.pages().into_iter().find(|page| page.header.text("DJ_CODE") == seed::SALES).unwrap();
    assert_eq!(sale.lines[0].number("AMOUNT"), dec!(100.00));
    assert_eq!(sale.entries[0].number("AMOUNT"), dec!(-100.00), "credit in the ledger");
}

/// A setting that is not what `AccountView` does shows when the page is read back, before anybody relies on it.
#[tokio::test]
async fn a_wrong_guess_of_the_filling_is_refused_or_shows_at_once() {
    let bench = AccountViewBench::start().await;
    bench.settings(|settings| settings.filling = Filling::Balanced);
    let error = Turn::new(&bench).post(&Work::purchase(&bench, "I-1")).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::OutOfBalance));
    let bench = AccountViewBench::start().await;
    let mut work = Work::purchase(&bench, "I-1");
    work.options = work.options.with("filling", "balanced");
    let error = Turn::new(&bench).post(&work).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::OutOfBalance));
    assert!(bench.pages().is_empty());
}

#[tokio::test]
async fn another_currency_is_booked_at_the_ledgers_own_rate() {
    let bench = AccountViewBench::start().await;
    let mut work = Work::purchase(&bench, "SEK-1");
    work.posting.currency = "SEK".parse().unwrap();
    Turn::new(&bench).post(&work).await.unwrap();
    let page = bench.pages().remove(0);
    assert_eq!((page.lines[0].number("CUR_AMT"), page.lines[0].number("CUR_VAT")), (dec!(100.00), dec!(21.00)));
    assert_eq!((page.lines[0].number("AMOUNT"), page.header.number("PAGE_AMT")), (dec!(8.85), dec!(10.71)));
    // One that it does not have.
    let mut work = Work::purchase(&bench, "CHF-1");
    work.posting.currency = "CHF".parse().unwrap();
    let error = Turn::new(&bench).post(&work).await.unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::CurrencyNotAllowed));
    work.options = work.options.with("filling", "balanced");
    let error = Turn::new(&bench).post(&work).await.unwrap_err();
    assert_eq!(error.code(), ErrorCode::CurrencyNotAllowed);
    assert_eq!(error.operation(), ledgers::Operation::Prepare, "no rate stands in a document");
}

#[tokio::test]
async fn credit_notes_have_a_journal_of_their_own_when_one_is_chosen() {
    let bench = AccountViewBench::start().await;
    let invoice = Work::purchase(&bench, "I-1");
    let mut credit = invoice.reversed(InvoiceKind::CreditNote, "C-1");
    credit.options = credit.options.with("purchase_credit_journal", "INC");
    Turn::new(&bench).post(&credit).await.unwrap();
    let page = bench.pages().remove(0);
    assert_eq!((page.header.text("DJ_CODE"), page.lines[0].number("AMOUNT")), ("INC", dec!(-100.00)));
}

#[tokio::test]
async fn cost_centres_and_projects_stand_on_their_lines() {
    let bench = AccountViewBench::start().await;
    let mut work = Work::new(&bench, Direction::Purchase, InvoiceKind::Invoice, "D-1", &MIXED[..2]);
    work.posting.lines[0].account = "4700".parse().unwrap();
    work.posting.lines[0].cost_centre = Some("200".parse().unwrap());
    work.posting.lines[1].project = Some("P001".parse().unwrap());
    work.options = work.options.with("cost_centre", "100");
    Turn::new(&bench).post(&work).await.unwrap();
    let lines = bench.pages().remove(0).lines;
    let shown: Vec<_> = lines.iter().map(|line| (line.text("COST_CODE"), line.text("PROJ_CODE"))).collect();
    assert_eq!(shown, [("200", ""), ("100", "P001")]);
}

#[tokio::test]
async fn the_day_of_the_booking_decides_year_and_period() {
    let bench = AccountViewBench::start().await;
    let mut turn = Turn::new(&bench);
    let mut work = Work::purchase(&bench, "Y-1");
    work.posting.issue_date = "2025-12-30".parse().unwrap();
    work.posting.due_date = Some("2026-01-29".parse().unwrap());
    turn.post(&work).await.unwrap();
    let page = bench.year("2025-12-30", |year| year.pages[0].clone());
    assert_eq!((page.header.number("PERIOD"), page.header.number("CRED_DAYS")), (dec!(12), dec!(30)));
    // A person chose another day: the page is dated then, and the due date stays.
    let mut late = Work::purchase(&bench, "Y-2");
    (late.posting.issue_date, late.posting.due_date) = (work.posting.issue_date, work.posting.due_date);
    late.posting.booking_date = Some("2026-01-09".parse().unwrap());
    turn.post(&late).await.unwrap();
    let page = bench.year("2026-01-09", |year| year.pages[0].clone());
    assert_eq!(page.header.day("TRN_DATE"), late.posting.booking_date);
    assert_eq!((page.header.number("PERIOD"), page.header.number("CRED_DAYS")), (dec!(1), dec!(20)));
    assert!(page.header.text("COMMENT1").ends_with("factuurdatum 2025-12-30"), "{}", page.header.text("COMMENT1"));
    // Where the number of the period is sent, the date is that of the document.
    let mut numbered = late.clone();
    numbered.document = crate::turn::sample(&bench).document;
    numbered.posting.number = "Y-3".into();
    numbered.options = numbered.options.with("period", "number").with("page_number", "empty");
    turn.post(&numbered).await.unwrap();
    let page = bench.year("2026-01-09", |year| year.pages[1].clone());
    assert_eq!(page.header.day("TRN_DATE"), Some(work.posting.issue_date));
    assert_eq!((page.header.number("PERIOD"), page.header.number("CRED_DAYS")), (dec!(1), dec!(30)));
    // What was booked in the other year is found.
    let mut again = late.clone();
    again.document = crate::turn::sample(&bench).document;
    again.posting.number = "Y-1".into();
    assert_eq!(turn.post(&again).await.unwrap_err().code(), ErrorCode::Duplicate);
}
