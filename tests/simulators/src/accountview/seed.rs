//! The demo: an application, a user and two companies with books of five years.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use rust_decimal::{Decimal, dec};

use super::books::{AccountView, App, Company, Row, Year};
use super::data::calendar;

/// `API-sleutel` of the application.
pub const APP: &str = "ledgerpost-demo";
/// Its `API-secret`.
pub const SECRET: &str = "accountview-demo-secret";
/// Where consents come back to.
pub const REDIRECT_URI: &str = "https://app.example/oauth/accountview";
/// Id of the company.
pub const COMPANY: &str = "5d0f6c2e-0000-4000-8000-000000000001";
/// Id of another company.
pub const SECOND_COMPANY: &str = "5d0f6c2e-0000-4000-8000-000000000002";
/// Who consents.
pub const USER: &str = "robot.facturen";
/// Journal for purchases.
pub const PURCHASE: &str = "INK";
/// Journal for sales.
pub const SALES: &str = "VRK";
/// A supplier with all identifiers.
pub const SUPPLIER: &str = "20001";
/// A supplier that is blocked.
pub const BLOCKED_SUPPLIER: &str = "20009";
/// A customer.
pub const CUSTOMER: &str = "10001";

fn relation(number: &str, name: &str, account: &str, flag: &str) -> Row {
    let search: String = name.chars().filter(|c| c.is_alphanumeric()).take(10).collect();
    Row::default()
        .with("SUB_NR", number)
        .with("SRC_CODE", search.to_uppercase().as_str())
        .with("ACCT_NAME", name)
        .with("ACCT_NR", account)
        .with("CNT_CODE", "NL")
        .with(flag, true)
}

fn account(code: &str, name: &str) -> Row {
    Row::default().with("ACCT_NR", code).with("ACCT_NAME", name)
}

fn vat(code: &str, name: &str, percent: Decimal, kind: u8, account: &str) -> Row {
    Row::default()
        .with("VAT_CODE", code)
        .with("VAT_NAME", name)
        .with("VAT_PCT", percent)
        .with("VAT_TYPE", Decimal::from(kind))
        .with("VAT_ACCT", account)
        .with("CALC_TYPE", Decimal::ONE)
}

fn reversed(row: Row) -> Row {
    row.with("IS_REVERSE", true).with("ACCT_MEMO", "1525")
}

fn journal(code: &str, name: &str, kind: u8, words: &str) -> Row {
    Row::default()
        .with("DJ_CODE", code)
        .with("DJ_NAME", name)
        .with("DJ_TYPE", Decimal::from(kind))
        .with("DJ_TYPEV", words)
}

fn periods(year: i32) -> Vec<Row> {
    let first = |month: u32| {
        let (year, month) = if month > 12 { (year + 1, 1) } else { (year, month) };
        NaiveDate::from_ymd_opt(year, month, 1).unwrap_or_default()
    };
    let one = |month: u32| {
        Row::default()
            .with("PERIOD", Decimal::from(month))
            .with("BEG_DATE", first(month))
            .with("END_DATE", first(month + 1).pred_opt().unwrap_or_default())
    };
    (1..=12).map(one).collect()
}

fn year(number: i32) -> Year {
    let (first, last) = calendar(number);
    let tables = [
        (
            "CONTACT",
            vec![
                relation(SUPPLIER, "Paper Co B.V.", "1600", "CRED_SHOW")
                    .with("VAT_NR", "NL001234567B01")
                    .with("COC_CODE", "12345678")
                    .with("IBAN_NR", "NL02ABNA0123456789"),
                relation(BLOCKED_SUPPLIER, "Oude Leverancier", "1600", "CRED_SHOW")
                    .with("VAT_NR", "NL001234569B01")
                    .with("REC_BLK", true),
                relation(CUSTOMER, "Afnemer N.V.", "1300", "DEB_SHOW").with("VAT_NR", "NL001234568B01"),
            ],
        ),
        (
            "LEDGER",
            vec![
                account("0110", "Inventaris"),
                account("1300", "Debiteuren"),
                account("1510", "Af te dragen btw"),
                account("1520", "Te vorderen btw"),
                account("1525", "Btw verlegd"),
                account("1600", "Crediteuren"),
                account("4600", "Kantoorkosten"),
                account("4700", "Projectkosten").with("COST_MAND", true),
                account("4800", "Autokosten").with("VAT_MAND", true),
                account("4999", "Vervallen").with("REC_BLK", true),
                account("8000", "Omzet"),
                account("9999", "Vraagposten"),
            ],
        ),
        (
            "VAT",
            vec![
                vat("0", "Geen BTW", dec!(0), 3, "1520"),
                vat("1", "BTW hoog verkoop", dec!(21), 2, "1510"),
                vat("2", "BTW laag verkoop", dec!(9), 2, "1510"),
                vat("3", "BTW verlegd verkoop", dec!(0), 2, "1510"),
                vat("4", "Leveringen binnen EU (ICL)", dec!(0), 2, "1510"),
                vat("5", "BTW hoog inkoop", dec!(21), 1, "1520"),
                vat("6", "BTW laag inkoop", dec!(9), 1, "1520"),
                reversed(vat("7", "BTW verlegd inkoop", dec!(21), 1, "1520")),
                reversed(vat("8", "Inkopen binnen EU", dec!(21), 1, "1520")),
            ],
        ),
        (
            "DAILY",
            vec![
                journal(PURCHASE, "Inkoopboek", 1, "Inkoop"),
                journal("INC", "Inkoop creditnota's", 1, "Inkoop"),
                journal("INB", "Inkoop bruto", 1, "Inkoop").with("GROSS_FLG", true),
                journal(SALES, "Verkoopboek", 2, "Verkoop"),
                journal("600", "Memoriaal", 5, "Memoriaal"),
            ],
        ),
        (
            "COST",
            vec![
                Row::default().with("COST_CODE", "100").with("COST_DESC", "Kantoor"),
                Row::default().with("COST_CODE", "200").with("COST_DESC", "Magazijn"),
            ],
        ),
        ("PROJECTS", vec![Row::default().with("PROJ_CODE", "P001").with("PROJ_DESC", "Verbouwing")]),
        ("PERIOD", periods(number)),
    ];
    let tables = tables.into_iter().map(|(name, rows)| (name.to_owned(), rows)).collect();
    Year { first, last, tables, pages: Vec::new(), numbers: BTreeMap::new() }
}

/// A company with the usual accounts and the books of five years.
pub fn company(id: &str, description: &str, code: &str) -> Company {
    let mut years: Vec<Year> = (2024..=2028).map(year).collect();
    for year in years.iter_mut().filter(|year| year.first.year() == 2024) {
        year.close(1, true);
    }
    Company { id: id.into(), description: description.into(), code: code.into(), years }
}

/// The demo.
pub fn demo() -> AccountView {
    AccountView {
        apps: vec![App { id: APP.into(), secret: SECRET.into(), redirect_uris: vec![REDIRECT_URI.into()] }],
        companies: vec![company(COMPANY, "Demo B.V.", "DEMO"), company(SECOND_COMPANY, "Demo Holding B.V.", "HOLDING")],
        user: USER.into(),
        rates: BTreeMap::from([("SEK".into(), dec!(0.0885)), ("USD".into(), dec!(0.92)), ("PLN".into(), dec!(0.233))]),
        ..AccountView::default()
    }
}
