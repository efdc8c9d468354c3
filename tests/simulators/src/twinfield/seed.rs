//! The demo: an app, an organisation on the second server with a user for Ledgerpost, and two companies.

use std::collections::{BTreeMap, BTreeSet};

use chrono::NaiveDate;
use rust_decimal::{Decimal, dec};

use super::books::{
    App, Charged, Daybook, Dimension, Language, Office, Organisation, SameNumber, Standing, Twinfield, User, VatCode,
};

/// Id of the app.
pub const APP: &str = "ledgerpost-demo";
/// Its secret.
pub const SECRET: &str = "twinfield-demo-secret";
/// Where consents come back to.
pub const REDIRECT_URI: &str = "https://app.example/oauth/twinfield";
/// The organisation.
pub const ORGANISATION: &str = "DEMO";
/// On which server it is kept.
pub const CLUSTER: &str = "c2";
/// The user that books.
pub const USER: &str = "ROBOT";
/// The company.
pub const OFFICE: &str = "NL001";
/// Another company.
pub const SECOND_OFFICE: &str = "NL002";
/// Daybook for purchases.
pub const PURCHASE: &str = "INK";
/// Daybook for sales.
pub const SALES: &str = "VRK";
/// A supplier with all identifiers.
pub const SUPPLIER: &str = "2001";
/// A supplier that is not active.
pub const INACTIVE_SUPPLIER: &str = "2009";
/// A customer in another member state.
pub const CUSTOMER: &str = "1001";

fn dimension(kind: &str, code: &str, name: &str) -> Dimension {
    Dimension { kind: kind.into(), code: code.into(), name: name.into(), active: true, ..Dimension::default() }
}

fn relation(kind: &str, code: &str, name: &str, vat_number: &str, registry: &str, ibans: &[&str]) -> Dimension {
    let substitute = if kind == "CRD" { "1600" } else { "1300" };
    Dimension {
        vat_number: vat_number.into(),
        registry: registry.into(),
        ibans: ibans.iter().map(|iban| (*iban).to_owned()).collect(),
        substitute: substitute.into(),
        ..dimension(kind, code, name)
    }
}

fn day(year: i32, month: u32, day: u32) -> NaiveDate {
    NaiveDate::from_ymd_opt(year, month, day).unwrap_or_default()
}

fn vat(code: &str, name: &str, percent: Decimal) -> VatCode {
    VatCode {
        code: code.into(),
        name: name.into(),
        percentages: BTreeMap::from([(day(2012, 10, 1), percent)]),
        account: "1520".into(),
        active: true,
        ..VatCode::default()
    }
}

fn sales_vat(code: &str, name: &str, percent: Decimal) -> VatCode {
    VatCode { sales: true, account: "1510".into(), ..vat(code, name, percent) }
}

fn office(code: &str, name: &str) -> Office {
    let both = |vat: VatCode| VatCode { charged: Charged::BothSides, ..vat };
    let listed = |vat: VatCode| VatCode { listed: true, ..vat };
    Office {
        code: code.into(),
        name: name.into(),
        currencies: BTreeMap::from([
            ("EUR".into(), dec!(1)),
            ("SEK".into(), dec!(0.0885)),
            ("USD".into(), dec!(0.92)),
            ("PLN".into(), dec!(0.233)),
        ]),
        dimensions: vec![
            dimension("BAS", "0110", "Inventaris"),
            dimension("BAS", "1300", "Debiteuren"),
            dimension("BAS", "1510", "Af te dragen btw"),
            dimension("BAS", "1520", "Te vorderen btw"),
            dimension("BAS", "1600", "Crediteuren"),
            dimension("PNL", "4600", "Kantoorkosten"),
            Dimension { needs_cost_centre: true, ..dimension("PNL", "4700", "Projectkosten") },
            Dimension { active: false, ..dimension("PNL", "4999", "Vervallen") },
            dimension("PNL", "8000", "Omzet"),
            dimension("KPL", "KP01", "Kantoor"),
            dimension("PRJ", "P001", "Verbouwing"),
            relation("CRD", SUPPLIER, "Paper Co B.V.", "NL001234567B01", "12345678", &["NL02ABNA0123456789"]),
            Dimension {
                active: false,
                ..relation("CRD", INACTIVE_SUPPLIER, "Oude Leverancier", "NL001234569B01", "87654321", &[])
            },
            relation("DEB", CUSTOMER, "Afnemer N.V.", "BE0123456749", "", &[]),
        ],
        vat_codes: vec![
            vat("IH", "BTW hoog inkoop", dec!(21)),
            vat("IL", "BTW laag inkoop", dec!(9)),
            vat("IN", "BTW nul inkoop", dec!(0)),
            both(vat("IV", "BTW verlegd inkoop", dec!(21))),
            both(vat("IE", "BTW inkopen binnen EU", dec!(21))),
            sales_vat("VH", "BTW hoog verkoop", dec!(21)),
            sales_vat("VL", "BTW laag verkoop", dec!(9)),
            sales_vat("VN", "BTW nul verkoop", dec!(0)),
            listed(sales_vat("VV", "BTW verlegd verkoop", dec!(0))),
            listed(sales_vat("VE", "Leveringen binnen EU", dec!(0))),
            VatCode { active: false, ..vat("IO", "BTW oud inkoop", dec!(19)) },
        ],
        daybooks: vec![
            Daybook {
                code: PURCHASE.into(),
                name: "Inkoopfactuur".into(),
                free_texts: BTreeSet::from([3]),
                ..Daybook::default()
            },
            Daybook {
                code: "INKS".into(),
                name: "Inkoop strikt".into(),
                free_texts: BTreeSet::from([3]),
                same_number: SameNumber::Refuse,
                ..Daybook::default()
            },
            Daybook { code: "INKN".into(), name: "Inkoop zonder vrije tekst".into(), ..Daybook::default() },
            Daybook {
                code: SALES.into(),
                name: "Verkoopfactuur".into(),
                sales: true,
                free_texts: BTreeSet::from([3]),
                ..Daybook::default()
            },
        ],
        years: (2024..=2028).collect(),
        closed: BTreeSet::from([(2024, 1)]),
        next_relation: BTreeMap::from([("CRD".into(), 2100), ("DEB".into(), 1100)]),
        transactions: Vec::new(),
    }
}

/// The demo.
pub fn demo() -> Twinfield {
    let user = User {
        code: USER.into(),
        name: "Robot Facturen".into(),
        language: Language::Nl,
        standing: Standing::Active,
        web_services: true,
        offices: BTreeSet::from([OFFICE.into(), SECOND_OFFICE.into()]),
    };
    Twinfield {
        apps: vec![App { id: APP.into(), secret: SECRET.into(), redirect_uris: vec![REDIRECT_URI.into()] }],
        organisations: vec![Organisation {
            code: ORGANISATION.into(),
            id: "7b0a2c1e-0000-4000-8000-000000000001".into(),
            cluster: CLUSTER.into(),
            active: true,
            users: vec![user],
            offices: vec![office(OFFICE, "Demo B.V."), office(SECOND_OFFICE, "Demo Holding B.V.")],
            usage: BTreeMap::new(),
        }],
        // What an app with a certificate has.
        credits_per_minute: 500,
        app_credits_per_minute: 1_000,
        ..Twinfield::default()
    }
}
