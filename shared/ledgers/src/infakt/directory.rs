//! Payment methods, and who is connected.

use super::{INVOICES, NAME, get, malformed, map, wire};
use crate::{
    Identity, Page,
    call::{Answer, Call, Effect},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use domain::ledger::{DirectoryEntry, DirectoryKind};

/// The least that shows that the key is good: one document.
pub(super) fn look(operation: Operation) -> Call {
    get(operation, INVOICES, "/api/v3/invoices.json?limit=1".to_owned())
}

fn check(operation: Operation, answer: &Answer) -> Result<(), LedgerError> {
    let list = serde_json::from_slice::<wire::List<wire::Document>>(&answer.body);
    list.map(drop).map_err(|_| malformed(operation, Effect::Reads))
}

/// What is said to be connected: nothing there names the account.
const ACCOUNT: (&str, &str) = ("account", "The account whose API key it is");

/// A key opens one account. Payment methods are the same in every account and are not listed there.
pub(super) fn learn(kind: DirectoryKind, answer: &Answer) -> Result<Page, LedgerError> {
    check(Operation::Directory, answer)?;
    let entry = |(code, name): &(&str, &str)| DirectoryEntry {
        code: (*code).to_owned(),
        name: (*name).to_owned(),
        ..DirectoryEntry::default()
    };
    let entries = match kind {
        DirectoryKind::PaymentTypes => map::PAYMENT_METHODS.iter().map(entry).collect(),
        DirectoryKind::Divisions => vec![entry(&ACCOUNT)],
        DirectoryKind::NumberingSeries
        | DirectoryKind::LedgerAccounts
        | DirectoryKind::VatCodes
        | DirectoryKind::Journals
        | DirectoryKind::CostCentres
        | DirectoryKind::Suppliers
        | DirectoryKind::Customers
        | DirectoryKind::Periods => Vec::new(),
    };
    Ok(Page { entries, next: None })
}

pub(super) fn identified(answer: &Answer) -> Result<Identity, LedgerError> {
    check(Operation::Identity, answer)?;
    let user = "key".parse().map_err(|_| {
        let message = format!("The user of {NAME} has no name. We have to repair that.");
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Identity, message)
    })?;
    Ok(Identity { user, name: format!("the account in {NAME} whose API key it is"), division: None, only: None })
}
