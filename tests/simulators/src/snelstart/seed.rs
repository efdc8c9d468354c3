//! The books of the demo: a Dutch administration with the usual accounts, and the keys that open it.

use std::collections::BTreeSet;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::state::{Account, Administration, CostCentre, CostCentres, Relation, Snelstart, VatRate, id};

/// Our subscription key.
pub const SUBSCRIPTION_KEY: &str = "snelstart-demo-subscription";
/// The connection key of the first administration.
pub const CLIENT_KEY: &str = "c25lbHN0YXJ0LWRlbW8ta2V5OjE=";
/// The connection key of the second administration.
pub const SECOND_CLIENT_KEY: &str = "c25lbHN0YXJ0LWRlbW8ta2V5OjI=";
/// The first administration.
pub const ADMINISTRATION: &str = "0000ad00-0000-4000-8000-000000000001";
/// The second administration.
pub const SECOND_ADMINISTRATION: &str = "0000ad00-0000-4000-8000-000000000002";
/// Everything that a key may be allowed.
pub const SCOPES: &[&str] = &[
    "boekhouden:read",
    "boekhouden:write",
    "orders:read",
    "documenten:read",
    "documenten:write",
    "relaties:read",
    "relaties:write",
    "settings:read",
];

/// Number, name, kinds of VAT.
const ACCOUNTS: &[(i64, &str, &[&str])] = &[
    (4000, "Personeelskosten", &["Geen"]),
    (4300, "Huisvestingskosten", &["Geen", "Laag", "Hoog"]),
    (4500, "Kantoorkosten", &["Geen", "Laag", "Hoog", "Overig"]),
    (4600, "Algemene kosten", &["Geen", "Laag", "Hoog", "Overig"]),
    (4800, "Projectkosten", &["Geen", "Laag", "Hoog"]),
    (4900, "Afrondingsverschillen", &["Geen"]),
    (7000, "Inkoop handelsgoederen", &["Geen", "Laag", "Hoog"]),
    (8000, "Omzet", &["Geen", "Laag", "Hoog"]),
    (8100, "Omzet binnen de EU", &["Geen"]),
];

/// Code, name, kind, VAT number, registry number, IBAN.
type RelationRow = (i64, &'static str, &'static str, Option<&'static str>, Option<&'static str>, Option<&'static str>);
const RELATIONS: &[RelationRow] = &[
    (-1, "Onbekend", "Leverancier", None, None, None),
    (1, "Voorbeeld Handel", "Eigen", Some("NL001234560B01"), None, None),
    (1001, "Paper Co B.V.", "Leverancier", Some("NL001234567B01"), Some("12345678"), Some("NL02ABNA0123456789")),
    (1002, "Afnemer N.V.", "Klant", Some("NL001234568B01"), None, None),
    (1003, "Slapend B.V.", "Leverancier", Some("NL001234569B01"), None, None),
];

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

fn texts(words: &[&str]) -> BTreeSet<String> {
    words.iter().map(|word| (*word).to_owned()).collect()
}

/// An administration with the usual accounts and codes, and a few relations.
pub fn administration(number: u64, name: &str, key: &str) -> Administration {
    let accounts = ACCOUNTS.iter().zip(1..).map(|((account, name, kinds), place)| Account {
        id: id(0x0091, number * 1_000 + place),
        number: *account,
        name: (*name).to_owned(),
        vat_kinds: texts(kinds),
        cost_centres: match account {
            4800 => CostCentres::Required,
            4900 => CostCentres::Refused,
            _ => CostCentres::Allowed,
        },
        bookable: true,
        inactive: false,
    });
    let relations = RELATIONS.iter().zip(1..).map(|((code, name, kind, vat, registry, iban), place)| Relation {
        id: id(0x00a1, number * 1_000 + place),
        code: *code,
        name: (*name).to_owned(),
        kinds: texts(&[kind]),
        vat_number: vat.map(str::to_owned),
        registry: registry.map(str::to_owned),
        iban: iban.map(str::to_owned),
        term: 30,
        inactive: *code == 1003,
    });
    let cost_centres = [(1_u32, "Kantoor", false), (2, "Werkplaats", false), (9, "Oud", true)].into_iter();
    let rate = |kind: &str, percent: i64, from: NaiveDate, to: Option<NaiveDate>| VatRate {
        kind: kind.to_owned(),
        percent: Decimal::from(percent),
        from,
        to,
    };
    Administration {
        id: id(0xad00, number),
        name: name.to_owned(),
        key: Some(key.to_owned()),
        scopes: texts(SCOPES),
        relations: relations.collect(),
        accounts: accounts.collect(),
        cost_centres: cost_centres
            .map(|(code, name, inactive)| CostCentre {
                id: id(0x00c1, number * 1_000 + u64::from(code)),
                number: i64::from(code),
                name: name.to_owned(),
                inactive,
            })
            .collect(),
        vat_rates: vec![
            rate("Hoog", 21, day(2012, 10, 1), None),
            rate("Laag", 6, day(1986, 10, 1), Some(day(2018, 12, 31))),
            rate("Laag", 9, day(2019, 1, 1), None),
            rate("Geen", 0, day(1986, 10, 1), None),
        ],
        refused_vat_numbers: texts(&["NL999999999B99"]),
        ..Administration::default()
    }
}

/// The demo.
pub fn demo() -> Snelstart {
    Snelstart {
        subscription_keys: texts(&[SUBSCRIPTION_KEY]),
        administrations: vec![
            administration(1, "Voorbeeld Handel", CLIENT_KEY),
            administration(2, "Tweede Handel", SECOND_CLIENT_KEY),
        ],
        ..Snelstart::default()
    }
}
