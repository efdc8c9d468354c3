//! The books of the demo: two companies of one user, and one of another.

use std::collections::BTreeSet;

use rust_decimal::{Decimal, dec};

use super::state::{Company, Contractor, Good, NumberControl, ResetEvery, Series, User, VatCode, Wfirma};

/// Our own key.
pub const APP_KEY: &str = "app-ledgerpost-demo";
/// Key of the demo's customer.
pub const ACCESS_KEY: &str = "access-demo";
/// The secret that belongs to it.
pub const SECRET_KEY: &str = "secret-demo";
/// Key of a customer with one company only.
pub const SECOND_ACCESS_KEY: &str = "access-second";
/// The secret that belongs to it.
pub const SECOND_SECRET_KEY: &str = "secret-second";
/// The first company: it pays VAT.
pub const COMPANY: u64 = 900_001;
/// The second company of the same user: it does not pay VAT.
pub const EXEMPT_COMPANY: u64 = 900_002;
/// Somebody else's company.
pub const OTHER_COMPANY: u64 = 900_003;
/// Series of invoices that nobody has to name.
pub const SERIES: u64 = 5_000;
/// Series of invoices of the shop, without control of numbers.
pub const SHOP: u64 = 5_001;
/// Series of fiscal receipts.
pub const RECEIPTS: u64 = 5_009;
/// The product in stock, and its SKU.
pub const GOOD: (u64, &str) = (7_701, "MUG-BLUE");
/// A buyer that is known.
pub const CONTRACTOR: (u64, &str) = (170_000_001, "5260250274");
/// German standard rate, for sales to consumers there.
pub const GERMAN_RATE: u64 = 601;

fn series(id: u64, name: &str, template: &str, kind: &str, reset: ResetEvery) -> Series {
    let (name, template, kind) = (name.to_owned(), template.to_owned(), kind.to_owned());
    Series { id, name, template, kind, reset, first: 1, control: NumberControl::On }
}

fn vat_codes() -> Vec<VatCode> {
    let row = |(id, code, rate, kind, country): (u64, &str, Decimal, &str, u64)| VatCode {
        id,
        code: code.to_owned(),
        rate,
        kind: kind.to_owned(),
        country,
    };
    [
        (222, "23", dec!(23), "standard", 0),
        (223, "8", dec!(8), "reduced", 0),
        (224, "5", dec!(5), "reduced", 0),
        (225, "0", dec!(0), "reduced", 0),
        (226, "ZW", dec!(0), "other", 0),
        (227, "NP", dec!(0), "other", 0),
        (228, "WDT", dec!(0), "other", 0),
        (229, "EXP", dec!(0), "other", 0),
        (GERMAN_RATE, "19", dec!(19), "standard", 54),
    ]
    .map(row)
    .to_vec()
}

/// A company.
pub fn company(id: u64, name: &str, pays_vat: bool) -> Company {
    let suffix = if pays_vat { "normal" } else { "bill" };
    let receipts = |kind: &str| format!("{kind}_{suffix}");
    Company {
        id,
        name: name.to_owned(),
        nip: "1234563218".to_owned(),
        vat_payer: pays_vat,
        extended_warehouse: true,
        customer_panel: true,
        ereceipts: true,
        series: vec![
            series(SERIES, "Domyślna", "FV [numer]/[miesiąc]/[rok]", suffix, ResetEvery::Monthly),
            Series {
                control: NumberControl::Off,
                ..series(SHOP, "Sklep", "FS [numer]/[rok]", suffix, ResetEvery::Yearly)
            },
            series(RECEIPTS, "Paragony", "PF [numer]/[rok]", &receipts("receipt_fiscal"), ResetEvery::Yearly),
            series(5_010, "Paragony niefiskalne", "PN [numer]/[rok]", &receipts("receipt"), ResetEvery::Yearly),
            series(
                5_011,
                "Pro forma",
                "PRO [numer]/[rok]",
                if pays_vat { "proforma" } else { "proforma_bill" },
                ResetEvery::Yearly,
            ),
        ],
        vat_codes: vat_codes(),
        goods: vec![Good {
            id: GOOD.0,
            code: GOOD.1.to_owned(),
            name: "Kubek niebieski".to_owned(),
            unit: "szt.".to_owned(),
            net: dec!(100),
            gross: dec!(123),
            count: dec!(14),
        }],
        contractors: vec![Contractor {
            id: CONTRACTOR.0,
            name: "Buk sp. z o.o.".to_owned(),
            tax_id_type: "nip".to_owned(),
            nip: CONTRACTOR.1.to_owned(),
            street: "Polna 3".to_owned(),
            zip: "00-622".to_owned(),
            city: "Warszawa".to_owned(),
            country: "PL".to_owned(),
            ..Contractor::default()
        }],
        ..Company::default()
    }
}

/// The demo.
pub(super) fn demo() -> Wfirma {
    let user = |access: &str, secret: &str, companies: &[u64]| User {
        access_key: access.to_owned(),
        secret_key: secret.to_owned(),
        companies: companies.iter().copied().collect(),
        denied: BTreeSet::new(),
    };
    Wfirma {
        app_keys: BTreeSet::from([APP_KEY.to_owned()]),
        users: vec![
            user(ACCESS_KEY, SECRET_KEY, &[COMPANY, EXEMPT_COMPANY]),
            user(SECOND_ACCESS_KEY, SECOND_SECRET_KEY, &[OTHER_COMPANY]),
        ],
        companies: vec![
            company(COMPANY, "Zielony Kubek sp. z o.o.", true),
            company(EXEMPT_COMPANY, "Szary Kubek", false),
            company(OTHER_COMPANY, "Obcy Kubek", true),
        ],
        ..Wfirma::default()
    }
}
