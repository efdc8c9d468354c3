//! Directories of Twinfield: what a person chooses from.

use super::{
    soap::{self, DIMENSIONS, OFFICES, Search, VAT},
    xml::Element,
};
use crate::{
    Directory, HalfPage, Page,
    call::{Answer, Call, Effect, Purpose, Target},
    error::{LedgerError, Operation},
};
use domain::ledger::{Direction, DirectoryEntry, DirectoryKind, VatCodeKind};
use rust_decimal::Decimal;

const OPERATION: Operation = Operation::Directory;
/// Rows of the finder in one page.
const ROWS: usize = 100;
/// The second part of the list of ledger accounts.
const PROFIT_AND_LOSS: &str = "PNL";

/// Every kind but periods, which Twinfield lists by year only.
pub(super) const KINDS: &[DirectoryKind] = &[
    DirectoryKind::Divisions,
    DirectoryKind::LedgerAccounts,
    DirectoryKind::VatCodes,
    DirectoryKind::Journals,
    DirectoryKind::CostCentres,
    DirectoryKind::Suppliers,
    DirectoryKind::Customers,
];

/// Where a listing goes on: from a row, of the daybooks of one side.
fn place(next: Option<&str>) -> (&'static str, usize) {
    let (category, row) = next.and_then(|next| next.split_once(' ')).unwrap_or(("purchase", "1"));
    (if category == "sales" { "sales" } else { "purchase" }, row.parse().unwrap_or(1))
}

pub(super) fn next(at: &Target, directory: &Directory) -> Result<Call, LedgerError> {
    let next = directory.next.as_deref();
    let dimensions = |kind: &str| {
        let list = Element::new("list")
            .field("type", "dimensions")
            .field("office", soap::office(at, OPERATION)?)
            .field("dimtype", kind);
        Ok(soap::read(at, OPERATION, DIMENSIONS, &list))
    };
    match directory.kind {
        DirectoryKind::Divisions => {
            Ok(soap::read(at, OPERATION, OFFICES, &Element::new("list").field("type", "offices")))
        }
        DirectoryKind::LedgerAccounts => {
            dimensions(if next == Some(PROFIT_AND_LOSS) { PROFIT_AND_LOSS } else { "BAS" })
        }
        DirectoryKind::CostCentres => dimensions("KPL"),
        DirectoryKind::Suppliers => dimensions("CRD"),
        DirectoryKind::Customers => dimensions("DEB"),
        DirectoryKind::VatCodes => {
            let office = soap::office(at, OPERATION)?;
            if let Some(entry) = directory.half.as_ref().and_then(|half| half.entries.first()) {
                let read = Element::new("read").field("type", "vat").field("office", office).field("code", &entry.code);
                return Ok(soap::read(at, OPERATION, VAT, &read));
            }
            Ok(finder(at, "VAT", place(next).1, &[("office", office)]))
        }
        DirectoryKind::Journals => {
            let (category, row) = place(next);
            Ok(finder(at, "TRS", row, &[("category", category), ("office", soap::office(at, OPERATION)?)]))
        }
        DirectoryKind::Periods | DirectoryKind::NumberingSeries | DirectoryKind::PaymentTypes => {
            Err(LedgerError::rejected(
                crate::ErrorCode::Unsupported,
                OPERATION,
                "Twinfield does not list all its periods to us.",
            ))
        }
    }
}

fn finder(at: &Target, kind: &'static str, first_row: usize, options: &[(&'static str, &str)]) -> Call {
    soap::search(at, OPERATION, &Search { kind, pattern: "*", field: 0, first_row, rows: ROWS, options })
}

pub(super) fn learn(directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
    let kind = directory.kind;
    let on = |next: String| Some(Directory { kind, next: Some(next), half: None });
    match kind {
        DirectoryKind::Divisions => {
            let root = list(OFFICES, answer)?;
            Ok(Page { entries: root.all("office").filter_map(named).collect(), next: None })
        }
        DirectoryKind::LedgerAccounts
        | DirectoryKind::CostCentres
        | DirectoryKind::Suppliers
        | DirectoryKind::Customers => {
            let root = list(DIMENSIONS, answer)?;
            // The last row repeats the type, without a name.
            let entries = root.all("dimension").filter_map(named).filter(|entry| !entry.name.is_empty()).collect();
            let more = kind == DirectoryKind::LedgerAccounts && directory.next.is_none();
            Ok(Page { entries, next: if more { on(PROFIT_AND_LOSS.to_owned()) } else { None } })
        }
        DirectoryKind::VatCodes => match &directory.half {
            Some(half) => vat_code(kind, half, answer),
            None => {
                let (_, row) = place(directory.next.as_deref());
                let (entries, after) = found(row, answer)?;
                let after = after.map(|row| format!("purchase {row}"));
                let half = (!entries.is_empty()).then_some(HalfPage { entries, after });
                Ok(Page {
                    entries: Vec::new(),
                    next: half.map(|half| Directory { kind, next: None, half: Some(half) }),
                })
            }
        },
        DirectoryKind::Journals => {
            let (category, row) = place(directory.next.as_deref());
            let (mut entries, after) = found(row, answer)?;
            let direction = if category == "sales" { Direction::Sales } else { Direction::Purchase };
            for entry in &mut entries {
                entry.direction = Some(direction);
            }
            let next = match (after, direction) {
                (Some(row), _) => on(format!("{category} {row}")),
                (None, Direction::Purchase) => on("sales 1".to_owned()),
                (None, Direction::Sales) => None,
            };
            Ok(Page { entries, next })
        }
        DirectoryKind::Periods | DirectoryKind::NumberingSeries | DirectoryKind::PaymentTypes => {
            Ok(Page { entries: Vec::new(), next: None })
        }
    }
}

fn list(resource: &'static str, answer: &Answer) -> Result<Element, LedgerError> {
    soap::done(Purpose { operation: OPERATION, effect: Effect::Reads, resource }, answer)
}

/// A row of a list: the code with its name.
fn named(row: &Element) -> Option<DirectoryEntry> {
    let name = row.get("name").map(str::trim).unwrap_or_default().to_owned();
    Some(DirectoryEntry { code: row.text()?.to_owned(), name, ..DirectoryEntry::default() })
}

/// Rows of the finder, and the row after them.
fn found(first_row: usize, answer: &Answer) -> Result<(Vec<DirectoryEntry>, Option<usize>), LedgerError> {
    let page = soap::rows(OPERATION, answer)?;
    let after = first_row + page.rows.len();
    let more = !page.rows.is_empty() && after <= page.total;
    let entry = |row: Vec<String>| {
        let mut cells = row.into_iter();
        let code = cells.next().filter(|code| !code.is_empty())?;
        Some(DirectoryEntry { code, name: cells.next().unwrap_or_default(), ..DirectoryEntry::default() })
    };
    Ok((page.rows.into_iter().filter_map(entry).collect(), more.then_some(after)))
}

/// The finder says no more of VAT codes than their names: each is read.
fn vat_code(kind: DirectoryKind, half: &HalfPage, answer: &Answer) -> Result<Page, LedgerError> {
    let root = list(VAT, answer)?;
    let mut rest = half.entries.clone();
    let entry = (!rest.is_empty()).then(|| rest.remove(0));
    let entries = entry.map(|entry| completed(entry, &root)).into_iter().collect();
    let after = half.after.clone();
    let next = if rest.is_empty() {
        after.map(|after| Directory { kind, next: Some(after), half: None })
    } else {
        Some(Directory { kind, next: None, half: Some(HalfPage { entries: rest, after }) })
    };
    Ok(Page { entries, next })
}

fn completed(entry: DirectoryEntry, vat: &Element) -> DirectoryEntry {
    let direction = match vat.text_of("type") {
        Some("purchase") => Some(Direction::Purchase),
        Some("sales") => Some(Direction::Sales),
        Some(_) | None => None,
    };
    let blocked = vat.get("status").is_some_and(|status| status != "active");
    DirectoryEntry { vat: Some(vat_kind(&entry.name, vat)), direction, blocked, ..entry }
}

/// What a VAT code does. Twinfield has no field for it: reverse charge shows in accounts that take the VAT once with each
/// sign, or in the name of the code; whether it is intra-community in the name alone. A code that is taken for the wrong
/// kind is refused for a document, or chosen by nobody.
fn vat_kind(name: &str, vat: &Element) -> VatCodeKind {
    let name = name.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let newest = vat
        .child("percentages")
        .into_iter()
        .flat_map(|percentages| percentages.all("percentage"))
        .filter(|percentage| percentage.get("status").is_none_or(|status| status == "active"))
        .max_by_key(|percentage| percentage.text_of("date").unwrap_or_default().to_owned());
    let decimal = |element: &Element| element.text_of("percentage").and_then(|text| Decimal::from_str_exact(text).ok());
    let Some(percent) = newest.and_then(decimal) else { return VatCodeKind::Unusable };
    let both_sides = newest.and_then(|newest| newest.child("accounts")).is_some_and(|accounts| {
        accounts.all("account").any(|account| decimal(account).is_some_and(|share| share.is_sign_negative()))
    });
    let within_the_union =
        says(&["intracom", "intra-com", "icp", "icl", "icv", "binnen eu", "within eu", "within the eu"]);
    let reversed = both_sides || says(&["verlegd", "reverse charge"]);
    if within_the_union && (both_sides || percent.is_zero()) {
        VatCodeKind::IntraCommunity
    } else if reversed && (both_sides || percent.is_zero()) {
        VatCodeKind::ReverseCharge
    } else if percent.is_zero() {
        VatCodeKind::None
    } else {
        VatCodeKind::Rate { percent: percent.normalize() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    fn vat(percent: &str, accounts: &str) -> Element {
        Element::read(&format!(
            "<vat status='active'><percentages>\
             <percentage status='active'><date>20121001</date><percentage>{percent}</percentage>{accounts}</percentage>\
             <percentage status='active'><date>20010101</date><percentage>19.000000000</percentage></percentage>\
             <percentage status='deleted'><date>20300101</date><percentage>25.000000000</percentage></percentage>\
             </percentages></vat>"
        ))
        .unwrap()
    }

    #[test]
    fn vat_codes_say_what_they_do() {
        let both = "<accounts><account><percentage>100.00</percentage></account>\
                    <account><percentage>-100.00</percentage></account></accounts>";
        for (name, percent, accounts, kind) in [
            ("BTW hoog inkoop", "21.000000000", "", VatCodeKind::Rate { percent: dec!(21) }),
            ("BTW geen", "0.000000000", "", VatCodeKind::None),
            ("BTW verlegd inkoop", "21.000000000", both, VatCodeKind::ReverseCharge),
            ("BTW inkoop bijzonder", "21.000000000", both, VatCodeKind::ReverseCharge),
            ("BTW verlegd verkoop", "0.000000000", "", VatCodeKind::ReverseCharge),
            ("BTW inkopen binnen EU", "21.000000000", both, VatCodeKind::IntraCommunity),
            ("Intracommunautaire levering", "0.000000000", "", VatCodeKind::IntraCommunity),
            ("BTW hoog (was verlegd)", "21.000000000", "", VatCodeKind::Rate { percent: dec!(21) }),
        ] {
            assert_eq!(vat_kind(name, &vat(percent, accounts)), kind, "{name}");
        }
        assert_eq!(vat_kind("BTW", &Element::new("vat")), VatCodeKind::Unusable);
    }
}
