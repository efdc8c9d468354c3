//! The demo: two accounts, each with its key.

use std::collections::BTreeMap;

use super::state::{Account, Fakturowo};

/// The key of the demo's account.
pub const KEY: &str = "0f1e2d3c4b5a69788796a5b4c3d2e1f0";
/// The key of another account.
pub const OTHER_KEY: &str = "ffeeddccbbaa99887766554433221100";
/// Number of the type of VAT invoices.
pub const INVOICE: u32 = 0;
/// Number of the type of receipts.
pub const RECEIPT: u32 = 20;

fn account(key: &str) -> Account {
    let prefixes = [(INVOICE, "FV"), (RECEIPT, "PAR"), (2, "PRO"), (6, "R")];
    Account {
        key: Some(key.to_owned()),
        prefixes: prefixes.into_iter().map(|(kind, prefix)| (kind, prefix.to_owned())).collect::<BTreeMap<_, _>>(),
        documents: Vec::new(),
    }
}

/// The demo.
pub fn demo() -> Fakturowo {
    Fakturowo { accounts: vec![account(KEY), account(OTHER_KEY)], ..Fakturowo::default() }
}
