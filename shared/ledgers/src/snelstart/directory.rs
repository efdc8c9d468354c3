//! Directories of SnelStart: what a person chooses from.

use super::{
    api,
    vat::{Kind, RateTable},
    wire::{Account, Company, Numbered, Relation, VatRate},
};
use crate::{
    Directory, Page,
    call::{Answer, Call},
    error::{LedgerError, Operation},
};
use domain::ledger::{Direction, DirectoryEntry, DirectoryKind};
use serde::de::DeserializeOwned;

const OPERATION: Operation = Operation::Directory;
pub(super) const ACCOUNTS: &str = "grootboeken";
pub(super) const COST_CENTRES: &str = "kostenplaatsen";
pub(super) const VAT_RATES: &str = "btwtarieven";
pub(super) const COMPANY: &str = "companyInfo";
const JOURNALS: &str = "dagboeken";
const RELATIONS: &str = "relaties";

/// Whether a list comes in pages.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Paged {
    Yes,
    No,
}

/// Resource and filter of a directory, and whether it comes in pages.
fn source(kind: DirectoryKind) -> (&'static str, &'static str, Paged) {
    match kind {
        DirectoryKind::Divisions
        | DirectoryKind::Periods
        | DirectoryKind::NumberingSeries
        | DirectoryKind::PaymentTypes => (COMPANY, "", Paged::No),
        DirectoryKind::LedgerAccounts => (ACCOUNTS, "", Paged::Yes),
        DirectoryKind::VatCodes => (VAT_RATES, "", Paged::No),
        DirectoryKind::Journals => (JOURNALS, "", Paged::No),
        DirectoryKind::CostCentres => (COST_CENTRES, "", Paged::No),
        DirectoryKind::Suppliers => (RELATIONS, "Relatiesoort/any(r:r eq 'Leverancier')", Paged::Yes),
        DirectoryKind::Customers => (RELATIONS, "Relatiesoort/any(r:r eq 'Klant')", Paged::Yes),
    }
}

/// How many entries were listed before.
fn skipped(directory: &Directory) -> usize {
    directory.next.as_deref().and_then(|skip| skip.parse().ok()).unwrap_or(0)
}

pub(super) fn next(directory: &Directory) -> Call {
    let (resource, filter, paged) = source(directory.kind);
    let path = match paged {
        Paged::Yes => api::page(resource, filter, skipped(directory)),
        Paged::No => format!("/v2/{resource}"),
    };
    api::get(OPERATION, resource, path)
}

pub(super) fn learn(directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
    let kind = directory.kind;
    match kind {
        DirectoryKind::Divisions => {
            let company: Company =
                serde_json::from_slice(&answer.body).map_err(|_| api::malformed(OPERATION, crate::Effect::Reads))?;
            let name = company.name.unwrap_or_default();
            let entry = DirectoryEntry { code: company.id, name, ..DirectoryEntry::default() };
            Ok(Page { entries: vec![entry], next: None })
        }
        DirectoryKind::Periods | DirectoryKind::NumberingSeries | DirectoryKind::PaymentTypes => {
            Ok(Page { entries: Vec::new(), next: None })
        }
        DirectoryKind::VatCodes => {
            let rates: Vec<VatRate> = api::rows(OPERATION, answer)?;
            let entries = Kind::ALL.into_iter().filter_map(|kind| vat_code(kind, &rates)).collect();
            Ok(Page { entries, next: None })
        }
        DirectoryKind::LedgerAccounts => paged(directory, answer, |row: Account| Some(account(row))),
        DirectoryKind::CostCentres => paged(directory, answer, |row: Numbered| Some(numbered(row, None))),
        DirectoryKind::Journals => paged(directory, answer, |row: Numbered| {
            let direction = match row.soort.as_deref() {
                Some("Inkoop") => Direction::Purchase,
                Some("Verkoop") => Direction::Sales,
                Some(_) | None => return None,
            };
            Some(numbered(row, Some(direction)))
        }),
        DirectoryKind::Suppliers => paged(directory, answer, |row| relation(row, "Leverancier")),
        DirectoryKind::Customers => paged(directory, answer, |row| relation(row, "Klant")),
    }
}

/// A page, and the next one when it is full.
fn paged<T: DeserializeOwned>(
    directory: &Directory,
    answer: &Answer,
    entry: impl Fn(T) -> Option<DirectoryEntry>,
) -> Result<Page, LedgerError> {
    let rows: Vec<T> = api::rows(OPERATION, answer)?;
    let (_, _, paged) = source(directory.kind);
    let after = (paged == Paged::Yes && rows.len() >= api::PAGE).then(|| skipped(directory) + api::PAGE);
    if after.is_some_and(|after| after / api::PAGE >= api::PAGES_MAX) {
        return Err(api::too_many(OPERATION));
    }
    let next = after.map(|skip| Directory { kind: directory.kind, next: Some(skip.to_string()), half: None });
    Ok(Page { entries: rows.into_iter().filter_map(entry).collect(), next })
}

fn account(row: Account) -> DirectoryEntry {
    DirectoryEntry {
        code: row.nummer.to_string(),
        id: Some(row.id.as_str().to_owned()),
        name: row.omschrijving.unwrap_or_default(),
        blocked: row.nonactief,
        ..DirectoryEntry::default()
    }
}

fn numbered(row: Numbered, direction: Option<Direction>) -> DirectoryEntry {
    DirectoryEntry {
        code: row.nummer.to_string(),
        id: Some(row.id.as_str().to_owned()),
        name: row.omschrijving.unwrap_or_default(),
        direction,
        blocked: row.nonactief,
        ..DirectoryEntry::default()
    }
}

fn relation(row: Relation, kind: &str) -> Option<DirectoryEntry> {
    // The filter may have been passed over.
    if !row.is_somebody() || !row.is_a(kind) {
        return None;
    }
    let text = |text: Option<String>| text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty());
    Some(DirectoryEntry {
        code: row.relatiecode.map_or_else(|| row.id.as_str().to_owned(), |code| code.to_string()),
        id: Some(row.id.as_str().to_owned()),
        name: row.naam.unwrap_or_default(),
        vat_number: text(row.btw_nummer),
        registry: text(row.kvk_nummer),
        ibans: text(row.iban).into_iter().collect(),
        blocked: row.nonactief,
        ..DirectoryEntry::default()
    })
}

/// A kind of VAT; rated kinds only when they have a rate. Their rates over time are the id behind the code.
fn vat_code(kind: Kind, rates: &[VatRate]) -> Option<DirectoryEntry> {
    let table = RateTable::of(kind, rates);
    let is_rated = Kind::RATED.contains(&kind);
    if is_rated && table.is_none() {
        return None;
    }
    let name = match (kind, table.as_ref().and_then(RateTable::latest)) {
        (Kind::High, Some(percent)) => format!("BTW hoog {}%", percent.normalize()),
        (Kind::Low, Some(percent)) => format!("BTW laag {}%", percent.normalize()),
        (Kind::Other, Some(percent)) => format!("BTW overig {}%", percent.normalize()),
        (Kind::High | Kind::Low | Kind::Other, None) => "Geen tarief".to_owned(),
        (Kind::None, _) => "Geen BTW: 0%, vrijgesteld".to_owned(),
        (Kind::Reversed, _) => "BTW verlegd".to_owned(),
        (Kind::IntraCommunity, _) => "Binnen de EU".to_owned(),
    };
    Some(DirectoryEntry {
        code: kind.code().to_owned(),
        id: table.as_ref().filter(|_| is_rated).map(RateTable::packed),
        name,
        vat: Some(kind.does(table.as_ref())),
        ..DirectoryEntry::default()
    })
}
