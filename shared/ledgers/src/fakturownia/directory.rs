//! Departments, which series are linked to, and payment types.

use super::{NAME, get, malformed, wire};
use crate::{
    Identity, Page,
    call::{Answer, Call, Effect},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use domain::ledger::{DirectoryEntry, DirectoryKind};

const DEPARTMENTS: &str = "departments";

/// Payment types that have a name of their own there; any other text is taken as it is.
const PAYMENT_TYPES: &[(&str, &str)] = &[
    ("transfer", "Przelew"),
    ("card", "Karta płatnicza"),
    ("cash", "Gotówka"),
    ("cash_on_delivery", "Za pobraniem"),
    ("payu", "PayU"),
    ("paypal", "PayPal"),
    ("compensation", "Kompensata"),
    ("barter", "Barter"),
    ("cheque", "Czek"),
    ("bill_of_exchange", "Weksel"),
    ("letter_of_credit", "Akredytywa"),
    ("off", "—"),
];

/// Asks for the departments. Payment types are not listed there: for them, the request only shows that the account answers.
pub(super) fn departments(operation: Operation) -> Call {
    get(operation, DEPARTMENTS, format!("/{DEPARTMENTS}.json"))
}

fn rows(operation: Operation, answer: &Answer) -> Result<Vec<wire::Department>, LedgerError> {
    if answer.text().trim_start().starts_with('<') {
        return Err(super::errors::token_refused(operation));
    }
    serde_json::from_slice(&answer.body).map_err(|_| malformed(operation, Effect::Reads))
}

pub(super) fn learn(kind: DirectoryKind, answer: &Answer) -> Result<Page, LedgerError> {
    let departments = rows(Operation::Directory, answer)?;
    let entry = |code: &str, name: &str| DirectoryEntry {
        code: code.to_owned(),
        name: name.to_owned(),
        ..DirectoryEntry::default()
    };
    let entries = match kind {
        DirectoryKind::NumberingSeries => departments
            .iter()
            .map(|department| entry(department.id.as_str(), department.name.as_deref().unwrap_or_default()))
            .collect(),
        DirectoryKind::PaymentTypes => PAYMENT_TYPES.iter().map(|(code, name)| entry(code, name)).collect(),
        DirectoryKind::Divisions
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
    let departments = rows(Operation::Identity, answer)?;
    let user = "token".parse().map_err(|_| {
        let message = format!("The user of {NAME} has no name. We have to repair that.");
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Identity, message)
    })?;
    let name = format!("the user of {NAME} whose token it is, in an account with {} departments", departments.len());
    Ok(Identity { user, name, division: None, only: None })
}
