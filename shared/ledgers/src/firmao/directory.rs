//! Numbering series, and payment types, which Firmao does not list: those that documents have.

use super::{NAME, api};
use crate::{
    Directory, Identity, Page,
    call::{Answer, Call, Effect, Purpose},
    error::{LedgerError, Operation},
    loose::Loose,
};
use domain::ledger::{DirectoryEntry, DirectoryKind};
use std::collections::BTreeSet;

/// Payment types that its guide names.
const PAYMENT_TYPES: [&str; 2] = ["CASH", "TRANSFER"];

fn purpose(operation: Operation, resource: &'static str) -> Purpose {
    Purpose { operation, effect: Effect::Reads, resource }
}

fn start(directory: &Directory) -> usize {
    directory.next.as_deref().and_then(|start| start.parse().ok()).unwrap_or_default()
}

/// Asks whether login and password are good.
pub(super) fn probe() -> Call {
    api::list(Operation::Identity, api::SERIES, &[], 0)
}

pub(super) fn identified(answer: &Answer) -> Result<Identity, LedgerError> {
    let purpose = purpose(Operation::Identity, api::SERIES);
    api::rows(purpose, answer)?;
    let user = "api-user".parse().map_err(|_| api::malformed(purpose))?;
    Ok(Identity { user, name: format!("API user of {NAME}"), division: None, only: None })
}

pub(super) fn ask(directory: &Directory) -> Call {
    match directory.kind {
        DirectoryKind::PaymentTypes => api::latest(Operation::Directory),
        _ => api::list(Operation::Directory, api::SERIES, &[], start(directory)),
    }
}

pub(super) fn learn(directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
    let entry = |code: &str, name: &str| DirectoryEntry {
        code: code.to_owned(),
        name: name.to_owned(),
        ..DirectoryEntry::default()
    };
    if directory.kind == DirectoryKind::PaymentTypes {
        let rows = api::rows(purpose(Operation::Directory, api::TRANSACTIONS), answer)?;
        let met = rows.records.iter().filter_map(|row| row.text("paymentType"));
        let all: BTreeSet<String> = PAYMENT_TYPES.map(str::to_owned).into_iter().chain(met).collect();
        return Ok(Page { entries: all.iter().map(|word| entry(word, word)).collect(), next: None });
    }
    let rows = api::rows(purpose(Operation::Directory, api::SERIES), answer)?;
    let series = |row: &Loose| {
        // The names of these members are not published.
        let named = ["name", "pattern", "template", "type"].iter().filter_map(|name| row.text(name));
        Some(entry(&row.text("id")?, &named.collect::<Vec<_>>().join(": ")))
    };
    let from = start(directory);
    let next = rows.go_on(from).then(|| Directory {
        kind: directory.kind,
        next: Some((from + rows.records.len()).to_string()),
        half: None,
    });
    Ok(Page { entries: rows.records.iter().filter_map(series).collect(), next })
}
