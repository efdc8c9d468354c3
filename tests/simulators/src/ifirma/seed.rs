//! The books of the demo: one account that pays VAT, and one that does not.

use std::collections::BTreeMap;

use super::state::{Account, Contractor, Ifirma, Series};

/// The demo's account.
pub const LOGIN: &str = "jan.nowak@example.com";
/// Its key for invoices.
pub const INVOICE_KEY: &str = "EAB0D8ACF3308F3B";
/// Its key for the accounting month and the limit.
pub const ACCOUNT_KEY: &str = "0123456789ABCDEF";
/// An account that does not pay VAT, with the same keys.
pub const EXEMPT_LOGIN: &str = "anna.szara@example.com";
/// The series that need not be named.
pub const DEFAULT_SERIES: &str = "default";
/// A series that counts years.
pub const SHOP_SERIES: &str = "Sklep";
/// The accounting month.
pub const MONTH: (i32, u32) = (2026, 3);
/// A buyer that is known, and its tax number.
pub const CONTRACTOR: (&str, &str) = ("BUK", "5260250274");

/// An account with the usual series.
pub fn account(login: &str, pays_vat: bool) -> Account {
    let series = |name: &str, format: &str| Series { name: name.to_owned(), format: format.to_owned() };
    Account {
        login: login.to_owned(),
        keys: BTreeMap::from([
            ("faktura".to_owned(), INVOICE_KEY.to_owned()),
            ("abonent".to_owned(), ACCOUNT_KEY.to_owned()),
        ]),
        vat_payer: pays_vat,
        terms_accepted: true,
        has_api: true,
        month: MONTH,
        allowance: 1_000,
        bank_account: "61109010140000071219812874".to_owned(),
        series: vec![series(DEFAULT_SERIES, "[numer]/[miesiąc]/[rok]"), series(SHOP_SERIES, "[numer]/[rok]/Sklep")],
        contractors: vec![Contractor {
            code: CONTRACTOR.0.to_owned(),
            name: "Buk sp. z o.o.".to_owned(),
            nip: CONTRACTOR.1.to_owned(),
            street: "Polna 3".to_owned(),
            zip: "00-622".to_owned(),
            city: "Warszawa".to_owned(),
            country: "Polska".to_owned(),
            ..Contractor::default()
        }],
        ..Account::default()
    }
}

/// The demo.
pub(super) fn demo() -> Ifirma {
    Ifirma { accounts: vec![account(LOGIN, true), account(EXEMPT_LOGIN, false)], ..Ifirma::default() }
}
