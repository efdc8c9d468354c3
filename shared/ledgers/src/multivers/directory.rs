//! Directories: what a person chooses from.

use super::{
    api::{self, After, Paging},
    checks::{ACCOUNTS, COST_CENTRES, VAT_CODES},
    map::side,
    record::Record,
    vat::Rates,
};
use crate::{
    Directory, Page,
    call::{Answer, Call, Target},
    error::{ErrorCode, LedgerError, Operation},
};
use domain::ledger::{Direction, DirectoryEntry, DirectoryKind};

const OPERATION: Operation = Operation::Directory;
/// Asks for every administration that the connected user may open.
pub(super) const ADMINISTRATIONS: &str = "AdministrationNVL";
const YEARS: &str = "FiscalYearInfoList";
const JOURNALS: &str = "JournalInfoList";
const JOURNAL_TYPES: &str = "JournalTypeNVL";

/// Every kind but periods, which are asked for by year.
pub(super) const KINDS: &[DirectoryKind] = &[
    DirectoryKind::Divisions,
    DirectoryKind::LedgerAccounts,
    DirectoryKind::VatCodes,
    DirectoryKind::Journals,
    DirectoryKind::CostCentres,
    DirectoryKind::Suppliers,
    DirectoryKind::Customers,
];

/// Where a listing goes on: `year skip first types`, of which the first is none until it is known.
#[derive(Debug, Default, PartialEq, Eq)]
struct Place {
    year: Option<i64>,
    paging: Paging,
    /// Types of journals: for purchases, for sales.
    types: Option<(Vec<String>, Vec<String>)>,
}

impl Place {
    fn of(directory: &Directory) -> Self {
        let mut words = directory.next.as_deref().unwrap_or_default().split('\n');
        let mut word = || words.next().filter(|word| !word.is_empty());
        let (year, skip, first, purchase, sales) = (word(), word(), word(), word(), word());
        let list = |text: &str| text.split(',').map(str::to_owned).collect();
        Self {
            year: year.and_then(|year| year.parse().ok()),
            paging: Paging {
                skip: skip.and_then(|skip| skip.parse().ok()).unwrap_or_default(),
                first: first.map(str::to_owned),
            },
            types: purchase.zip(sales).map(|(purchase, sales)| (list(purchase), list(sales))),
        }
    }

    fn directory(&self, kind: DirectoryKind) -> Directory {
        let year = self.year.map(|year| year.to_string()).unwrap_or_default();
        let Paging { skip, first } = &self.paging;
        let (purchase, sales) =
            self.types.as_ref().map(|(purchase, sales)| (purchase.join(","), sales.join(","))).unwrap_or_default();
        let first = first.as_deref().unwrap_or_default().replace('\n', " ");
        Directory { kind, next: Some(format!("{year}\n{skip}\n{first}\n{purchase}\n{sales}")), half: None }
    }
}

pub(super) fn next(name: &str, at: &Target, directory: &Directory) -> Result<Call, LedgerError> {
    let place = Place::of(directory);
    let list = |resource: &'static str, under: &str| {
        let path = api::path(at, OPERATION, name, under)?;
        Ok(api::get(OPERATION, resource, path))
    };
    let paged = |resource: &'static str, under: &str| {
        let path = api::path(at, OPERATION, name, under)?;
        Ok(api::get(OPERATION, resource, api::paged(&path, place.paging.skip)))
    };
    match (directory.kind, place.year) {
        (DirectoryKind::Divisions, _) => Ok(api::get(OPERATION, ADMINISTRATIONS, format!("/api/{ADMINISTRATIONS}"))),
        // Accounts and journals belong to a year.
        (DirectoryKind::LedgerAccounts | DirectoryKind::Journals, None) => list(YEARS, YEARS),
        (DirectoryKind::LedgerAccounts, Some(year)) => paged(ACCOUNTS, &format!("{ACCOUNTS}/{year}")),
        (DirectoryKind::Journals, Some(_)) if place.types.is_none() => list(JOURNAL_TYPES, JOURNAL_TYPES),
        (DirectoryKind::Journals, Some(year)) => list(JOURNALS, &format!("{JOURNALS}?fiscalYear={year}")),
        (DirectoryKind::VatCodes, _) => list(VAT_CODES, VAT_CODES),
        (DirectoryKind::CostCentres, _) => list(COST_CENTRES, COST_CENTRES),
        (DirectoryKind::Suppliers, _) => {
            let relations = side(Direction::Purchase).relations;
            paged(relations, relations)
        }
        (DirectoryKind::Customers, _) => {
            let relations = side(Direction::Sales).relations;
            paged(relations, relations)
        }
        (DirectoryKind::Periods | DirectoryKind::NumberingSeries | DirectoryKind::PaymentTypes, _) => {
            Err(LedgerError::rejected(
                ErrorCode::Unsupported,
                OPERATION,
                format!("{name} does not list all its periods to us."),
            ))
        }
    }
}

pub(super) fn learn(name: &str, directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
    let place = Place::of(directory);
    let kind = directory.kind;
    let rows = api::rows(name, OPERATION, answer)?;
    match (kind, place.year) {
        (DirectoryKind::LedgerAccounts | DirectoryKind::Journals, None) => {
            let year = newest(&rows).ok_or_else(|| {
                let message = format!("{name} lists no fiscal year for this administration. Make one there.");
                LedgerError::rejected(ErrorCode::YearMissing, OPERATION, message)
            })?;
            let place = Place { year: Some(year), ..Place::default() };
            Ok(Page { entries: Vec::new(), next: Some(place.directory(kind)) })
        }
        (DirectoryKind::Journals, Some(_)) if place.types.is_none() => {
            let place = Place { types: Some(types(&rows)), ..place };
            Ok(Page { entries: Vec::new(), next: Some(place.directory(kind)) })
        }
        (DirectoryKind::Journals, _) => {
            let (purchase, sales) = place.types.unwrap_or_default();
            let entry = |row: &Record| {
                let kind = row.text(&["journalType"])?;
                let direction = if purchase.contains(&kind) {
                    Direction::Purchase
                } else if sales.contains(&kind) {
                    Direction::Sales
                } else {
                    return None;
                };
                Some(DirectoryEntry { direction: Some(direction), ..coded(row, "journalId")? })
            };
            Ok(Page { entries: rows.iter().filter_map(entry).collect(), next: None })
        }
        (DirectoryKind::LedgerAccounts, Some(year)) => {
            // The year behind the code: in another one the account has to be looked for again.
            let entry = |row: &Record| Some(DirectoryEntry { id: Some(year.to_string()), ..coded(row, "accountId")? });
            page(name, kind, place, &rows, "accountId", entry)
        }
        (DirectoryKind::VatCodes, _) => {
            let entry = |row: &Record| {
                let (entry, rates) = (coded(row, "vatCodeId")?, Rates::of(row));
                Some(DirectoryEntry { id: Some(rates.packed()), vat: Some(rates.does(&entry.name)), ..entry })
            };
            Ok(Page { entries: rows.iter().filter_map(entry).collect(), next: None })
        }
        (DirectoryKind::Divisions | DirectoryKind::CostCentres, _) => {
            Ok(Page { entries: rows.iter().filter_map(named).collect(), next: None })
        }
        (DirectoryKind::Suppliers, _) => relations(name, kind, place, &rows, Direction::Purchase),
        (DirectoryKind::Customers, _) => relations(name, kind, place, &rows, Direction::Sales),
        (DirectoryKind::Periods | DirectoryKind::NumberingSeries | DirectoryKind::PaymentTypes, _) => {
            Ok(Page { entries: Vec::new(), next: None })
        }
    }
}

/// The newest fiscal year.
fn newest(rows: &[Record]) -> Option<i64> {
    rows.iter().filter_map(|row| row.integer(&["fiscalYear", "year"])).max()
}

/// Which types of journals are for purchases, and which for sales: by their names.
fn types(rows: &[Record]) -> (Vec<String>, Vec<String>) {
    let of = |words: &[&str]| -> Vec<String> {
        let says = |row: &&Record| {
            row.text(&["value"]).is_some_and(|value| words.iter().any(|word| value.to_lowercase().contains(word)))
        };
        let found: Vec<String> = rows.iter().filter(says).filter_map(|row| row.text(&["name"])).collect();
        // No type has this name; it keeps an empty list apart from none.
        if found.is_empty() { vec!["-".to_owned()] } else { found }
    };
    (of(&["inkoop", "purchase"]), of(&["verkoop", "sales"]))
}

/// A row of a list with codes.
fn coded(row: &Record, code: &str) -> Option<DirectoryEntry> {
    let name = row.text(&["description", "name"]).unwrap_or_default();
    Some(DirectoryEntry { code: row.text(&[code])?, name, ..DirectoryEntry::default() })
}

/// A row of names and values.
fn named(row: &Record) -> Option<DirectoryEntry> {
    let name = row.text(&["value"]).unwrap_or_default();
    Some(DirectoryEntry { code: row.text(&["name"])?, name, ..DirectoryEntry::default() })
}

fn relations(
    name: &str,
    kind: DirectoryKind,
    place: Place,
    rows: &[Record],
    direction: Direction,
) -> Result<Page, LedgerError> {
    let code = side(direction).relation_id;
    let entry = |row: &Record| {
        Some(DirectoryEntry {
            code: row.text(&[code])?,
            name: row.text(&["name", "shortName"]).unwrap_or_default(),
            vat_number: row.text(&["vatNumber"]),
            registry: row.text(&["cocRegistration", "cocNumber"]),
            ..DirectoryEntry::default()
        })
    };
    page(name, kind, place, rows, code, entry)
}

/// A page of a list, and what comes after it.
fn page(
    name: &str,
    kind: DirectoryKind,
    place: Place,
    rows: &[Record],
    key: &str,
    entry: impl Fn(&Record) -> Option<DirectoryEntry>,
) -> Result<Page, LedgerError> {
    let is_repeated = place.paging.skip > 0 && rows.first().and_then(|row| row.text(&[key])) == place.paging.first;
    let entries = if is_repeated { Vec::new() } else { rows.iter().filter_map(entry).collect() };
    let next = match place.paging.after(rows, &[key]) {
        After::More(paging) => Some(Place { paging, ..place }.directory(kind)),
        After::End => None,
        After::TooMany => return Err(api::too_many(name, OPERATION, "entries")),
    };
    Ok(Page { entries, next })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn where_a_listing_goes_on_survives_being_stored() {
        for place in [
            Place::default(),
            Place { year: Some(2026), ..Place::default() },
            Place {
                year: Some(2026),
                paging: Paging { skip: 200, first: Some("70 01".into()) },
                types: Some((vec!["1".into(), "4".into()], vec!["-".into()])),
            },
        ] {
            assert_eq!(Place::of(&place.directory(DirectoryKind::Journals)), place);
        }
        assert_eq!(Place::of(&Directory::of(DirectoryKind::Journals)), Place::default());
    }
}
