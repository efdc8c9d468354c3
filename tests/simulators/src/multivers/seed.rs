//! The books of the demo: Dutch administrations with the usual accounts and codes.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use rust_decimal::{Decimal, dec};

use super::state::{App, Charged, Database, Direction, Journal, JournalKind, Period, Relation, State, VatCode, Year};

/// Our registration.
pub const APP: &str = "0a9f0000-0000-4000-8000-0000000000b6";
/// Where its consents come back to in tests.
pub const REDIRECT_URI: &str = "http://localhost:8090/oauth/callback";
/// Journal of purchases.
pub const PURCHASE: &str = "I";
/// Journal of sales.
pub const SALES: &str = "V";

const ACCOUNTS: &[(&str, &str)] = &[
    ("0110", "Inventaris"),
    ("4300", "Huisvestingskosten"),
    ("4500", "Kantoorkosten"),
    ("4600", "Algemene kosten"),
    ("4900", "Afrondingsverschillen"),
    ("7000", "Inkoop handelsgoederen"),
    ("8000", "Omzet"),
    ("8100", "Omzet binnen de EU"),
];
/// Code, name, VAT number, number in the trade register.
const SUPPLIERS: &[(&str, &str, &str, &str)] =
    &[("7001", "Paper Co B.V.", "NL 0012.34.567.B.01", "12345678"), ("7002", "Drukkerij Noord", "NL001234570B01", "")];
const CUSTOMERS: &[(&str, &str, &str, &str)] = &[("1301", "Afnemer N.V.", "NL001234568B01", "87654321")];

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

/// A year of months that begins with one of them.
pub fn year(number: i64, first: NaiveDate) -> Year {
    let month = |place: u32| {
        let from = first.checked_add_months(chrono::Months::new(place)).unwrap_or(first);
        let next = first.checked_add_months(chrono::Months::new(place + 1)).unwrap_or(first);
        Period { number: i64::from(place) + 1, days: (from, next.pred_opt().unwrap_or(next)), closed: false }
    };
    let accounts = ACCOUNTS.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned()));
    Year { year: number, periods: (0..12).map(month).collect(), accounts: accounts.collect() }
}

fn relations(direction: Direction, rows: &[(&str, &str, &str, &str)]) -> Vec<Relation> {
    let row = |(code, name, vat, registry): &(&str, &str, &str, &str)| Relation {
        code: (*code).to_owned(),
        direction,
        name: (*name).to_owned(),
        short_name: name.chars().take(10).collect(),
        vat_number: (*vat).to_owned(),
        registry: (*registry).to_owned(),
        organisation: format!("O{code}"),
    };
    rows.iter().map(row).collect()
}

fn texts(rows: &[(&str, &str)]) -> BTreeMap<String, String> {
    rows.iter().map(|(id, name)| ((*id).to_owned(), (*name).to_owned())).collect()
}

/// An administration.
pub fn database(id: &str, name: &str) -> Database {
    let vat = |id, name: &str, percentages: &[(NaiveDate, i64)], charged| VatCode {
        id,
        name: name.to_owned(),
        percentages: percentages.iter().map(|(from, percent)| (*from, Decimal::from(*percent))).collect(),
        charged,
    };
    let journal =
        |id: &str, name: &str, kind| Journal { id: id.to_owned(), name: name.to_owned(), kind, ..Journal::default() };
    let condition = |id: &str, name: &str, days| (id.to_owned(), name.to_owned(), days);
    let began = day(2001, 1, 1);
    let mut known = relations(Direction::Purchase, SUPPLIERS);
    known.extend(relations(Direction::Sales, CUSTOMERS));
    Database {
        id: id.to_owned(),
        name: name.to_owned(),
        years: (2024..=2027).map(|number| year(i64::from(number), day(number, 1, 1))).collect(),
        journals: vec![
            journal(PURCHASE, "Inkoopboek", JournalKind::Purchase),
            journal(SALES, "Verkoopboek", JournalKind::Sales),
            journal("M", "Memoriaal", JournalKind::Memorial),
        ],
        vat_codes: vec![
            vat(0, "Geen BTW", &[(began, 0)], Charged::Once),
            vat(1, "BTW laag", &[(began, 6), (day(2019, 1, 1), 9)], Charged::Once),
            vat(2, "BTW hoog", &[(began, 19), (day(2012, 10, 1), 21)], Charged::Once),
            vat(3, "BTW verlegd", &[(began, 21)], Charged::BothSides),
            vat(4, "Binnen de EU", &[(began, 21)], Charged::BothSides),
        ],
        conditions: vec![
            condition("00", "Contant", 0),
            condition("14", "14 dagen", 14),
            condition("30", "30 dagen", 30),
            condition("60", "60 dagen", 60),
        ],
        cost_centres: texts(&[("100", "Kantoor"), ("200", "Werkplaats")]),
        cost_units: texts(&[("D1", "Dossier 1"), ("D2", "Dossier 2")]),
        scenarios: [(1, "Binnenland"), (2, "Verlegd"), (3, "Binnen de EU"), (6, "Verkoop binnenland")]
            .into_iter()
            .map(|(id, name)| (id, name.to_owned()))
            .collect(),
        currencies: [("EUR", dec!(1)), ("SEK", dec!(0.088)), ("USD", dec!(0.92))]
            .into_iter()
            .map(|(id, rate)| (id.to_owned(), rate))
            .collect(),
        relations: known,
        bank_accounts: vec![("O7001".to_owned(), "NL02 ABNA 0123 4567 89".to_owned())],
        ..Database::default()
    }
}

/// Two administrations of a product, and our registration with it.
pub(super) fn demo(secret: &str, prefix: &str) -> State {
    let app = App { id: APP.to_owned(), secret: secret.to_owned(), redirect_uris: vec![REDIRECT_URI.to_owned()] };
    State {
        apps: vec![app],
        databases: vec![
            database(&format!("{prefix}00124"), "Voorbeeld bedrijf"),
            database(&format!("{prefix}00125"), "Tweede bedrijf"),
        ],
        ..State::default()
    }
}

/// The month of a day, as the demo's periods have it.
pub fn month(day: NaiveDate) -> (i64, i64) {
    (day.year().into(), day.month().into())
}
