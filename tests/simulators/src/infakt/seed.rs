//! The demo: an account with all that a plan can have, and one with little.

use rust_decimal::Decimal;

use super::state::{Account, BankAccount, Infakt, VatRate};

/// The key of the demo's account.
pub const KEY: &str = "infakt-demo-key";
/// The key of an account without bank account, share links and KSeF, that spells its rates otherwise.
pub const SMALL_KEY: &str = "infakt-small-key";
/// The bank account of the demo.
pub const BANK_ACCOUNT: &str = "61109010140000071219812874";
/// Everything that a key may be allowed.
pub const SCOPES: &[&str] = &["api:invoices:read", "api:invoices:write", "api:ksef:integration:write"];

/// Symbol and rate.
const RATES: &[(&str, u32)] =
    &[("23", 23), ("8", 8), ("5", 5), ("0", 0), ("zw", 0), ("np", 0), ("oo", 0), ("22", 22), ("7", 7), ("3", 3)];

fn account(key: &str, dotted: &str) -> Account {
    let rates = RATES.iter().zip(1..).map(|((symbol, rate), id)| {
        let is_word = symbol.chars().all(char::is_alphabetic);
        let symbol = if is_word { format!("{symbol}{dotted}") } else { (*symbol).to_owned() };
        let name = if is_word { symbol.clone() } else { format!("{symbol}%") };
        VatRate { id, rate: Decimal::from(*rate), name, symbol }
    });
    Account {
        key: Some(key.to_owned()),
        scopes: SCOPES.iter().map(|scope| (*scope).to_owned()).collect(),
        currency: "PLN".to_owned(),
        vat_rates: rates.collect(),
        ..Account::default()
    }
}

/// The demo.
pub fn demo() -> Infakt {
    let bank = |id, bank: &str, number: &str, currency: &str| BankAccount {
        id,
        bank: bank.to_owned(),
        number: number.to_owned(),
        currency: currency.to_owned(),
    };
    let full = Account {
        shares: true,
        ksef_active: true,
        bank_accounts: vec![
            bank(1, "Bank Pierwszy", BANK_ACCOUNT, "PLN"),
            bank(2, "Bank Drugi", "27114020040000300201355387", "EUR"),
        ],
        ..account(KEY, "")
    };
    Infakt { accounts: vec![full, account(SMALL_KEY, ".")], ..Infakt::default() }
}
