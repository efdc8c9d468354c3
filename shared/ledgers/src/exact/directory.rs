//! Directories of Exact Online: what a person chooses from.

use super::{
    contacts::{ACCOUNTS, BANK_ACCOUNTS},
    odata,
    wire::{self, Account, BankAccount, CostCentre, Division, GlAccount, Guid, Journal, Period, VatCode},
};
use crate::{
    Directory, HalfPage, Page,
    call::{Answer, Call, Target},
    error::{LedgerError, Operation},
};
use domain::ledger::{Direction, DirectoryEntry, DirectoryKind, VatCodeKind};
use rust_decimal::Decimal;
use serde::de::DeserializeOwned;
use std::collections::BTreeMap;

const OPERATION: Operation = Operation::Directory;

/// Periods of the financial years.
pub(super) const PERIODS: &str = "financial/FinancialPeriods";

/// Resource, fields and filter of a directory.
fn source(kind: DirectoryKind) -> (&'static str, &'static str, &'static str) {
    match kind {
        DirectoryKind::Divisions => ("system/Divisions", "Code,Description,VATNumber,ChamberOfCommerceNumber", ""),
        DirectoryKind::LedgerAccounts => ("financial/GLAccounts", "ID,Code,Description,IsBlocked", ""),
        DirectoryKind::VatCodes => ("vat/VATCodes", wire::VAT_CODE_FIELDS, ""),
        DirectoryKind::Journals => (
            "financial/Journals",
            "Code,Description,Type,IsBlocked",
            "Type eq 20 or Type eq 21 or Type eq 22 or Type eq 23",
        ),
        DirectoryKind::CostCentres => ("hrm/Costcenters", "Code,Description,Active", ""),
        DirectoryKind::Suppliers => (ACCOUNTS, wire::ACCOUNT_FIELDS, "IsSupplier eq true"),
        DirectoryKind::Customers => (ACCOUNTS, wire::ACCOUNT_FIELDS, "Status eq 'C'"),
        // Nobody asks for the last two: they are no capabilities.
        DirectoryKind::Periods | DirectoryKind::NumberingSeries | DirectoryKind::PaymentTypes => {
            (PERIODS, wire::PERIOD_FIELDS, "")
        }
    }
}

pub(super) fn next(at: &Target, directory: &Directory) -> Result<Call, LedgerError> {
    let (resource, select, filter) = source(directory.kind);
    if let Some(half) = &directory.half {
        if let Some(path) = &directory.next {
            return Ok(odata::get(OPERATION, BANK_ACCOUNTS, path.clone()));
        }
        let owners = half.entries.iter().filter_map(|entry| Guid::parse(entry.id.as_deref()?));
        let filter = odata::any_of("Account", owners.map(|owner| odata::guid(&owner)));
        return odata::list(at, OPERATION, BANK_ACCOUNTS, "Account,BankAccount", &filter);
    }
    match &directory.next {
        Some(path) => Ok(odata::get(OPERATION, resource, path.clone())),
        None => odata::list(at, OPERATION, resource, select, filter),
    }
}

pub(super) fn learn(at: &Target, directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
    let kind = directory.kind;
    if let Some(half) = &directory.half {
        return bank_accounts(at, kind, half, answer);
    }
    let (entries, after) = match kind {
        DirectoryKind::Divisions => read(at, answer, division)?,
        DirectoryKind::LedgerAccounts => read(at, answer, ledger_account)?,
        DirectoryKind::VatCodes => read(at, answer, vat_code)?,
        DirectoryKind::Journals => read(at, answer, journal)?,
        DirectoryKind::CostCentres => read(at, answer, cost_centre)?,
        DirectoryKind::Suppliers | DirectoryKind::Customers => read(at, answer, relation)?,
        DirectoryKind::Periods => read(at, answer, period)?,
        DirectoryKind::NumberingSeries | DirectoryKind::PaymentTypes => (Vec::new(), None),
    };
    // Bank accounts identify suppliers; those of customers are of no use here.
    if kind == DirectoryKind::Suppliers && !entries.is_empty() {
        let half = HalfPage { entries, after };
        return Ok(Page { entries: Vec::new(), next: Some(Directory { kind, next: None, half: Some(half) }) });
    }
    Ok(Page { entries, next: after.map(|path| Directory { kind, next: Some(path), half: None }) })
}

type Part = (Vec<DirectoryEntry>, Option<String>);

fn read<T: DeserializeOwned>(
    at: &Target,
    answer: &Answer,
    entry: impl Fn(T) -> DirectoryEntry,
) -> Result<Part, LedgerError> {
    let rows = odata::rows::<T>(OPERATION, answer)?;
    Ok((rows.rows.into_iter().map(entry).collect(), odata::next_path(at, OPERATION, rows.next)?))
}

fn bank_accounts(at: &Target, kind: DirectoryKind, half: &HalfPage, answer: &Answer) -> Result<Page, LedgerError> {
    let rows = odata::rows::<BankAccount>(OPERATION, answer)?;
    let mut by_owner: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for row in rows.rows {
        let number = row.bank_account.map(|number| number.trim().to_owned()).filter(|number| !number.is_empty());
        by_owner.entry(row.account.into()).or_default().extend(number);
    }
    let mut entries = half.entries.clone();
    for entry in &mut entries {
        entry.ibans.extend(entry.id.as_ref().and_then(|id| by_owner.remove(id)).unwrap_or_default());
    }
    if let Some(path) = odata::next_path(at, OPERATION, rows.next)? {
        let half = HalfPage { entries, after: half.after.clone() };
        return Ok(Page { entries: Vec::new(), next: Some(Directory { kind, next: Some(path), half: Some(half) }) });
    }
    Ok(Page { entries, next: half.after.clone().map(|path| Directory { kind, next: Some(path), half: None }) })
}

fn trimmed(text: Option<String>) -> Option<String> {
    text.map(|text| text.trim().to_owned()).filter(|text| !text.is_empty())
}

fn division(row: Division) -> DirectoryEntry {
    DirectoryEntry {
        code: row.code.to_string(),
        name: trimmed(row.description).unwrap_or_default(),
        vat_number: trimmed(row.vat_number),
        registry: trimmed(row.chamber_of_commerce),
        ..DirectoryEntry::default()
    }
}

fn ledger_account(row: GlAccount) -> DirectoryEntry {
    DirectoryEntry {
        code: row.code.trim().to_owned(),
        id: Some(row.id.into()),
        name: trimmed(row.description).unwrap_or_default(),
        blocked: row.is_blocked == Some(true),
        ..DirectoryEntry::default()
    }
}

fn vat_code(row: VatCode) -> DirectoryEntry {
    let direction = match row.transaction.as_deref() {
        Some("P") => Some(Direction::Purchase),
        Some("S") => Some(Direction::Sales),
        Some(_) | None => None,
    };
    DirectoryEntry {
        code: row.code.trim().to_owned(),
        vat: Some(vat_kind(&row)),
        id: Some(row.code),
        name: trimmed(row.description).unwrap_or_default(),
        direction,
        blocked: row.is_blocked == Some(true),
        ..DirectoryEntry::default()
    }
}

/// What a VAT code does. Exact marks reverse charge and acquisitions alike as charged; goods in the sales listing of the
/// EU (and triangulation) tell an intra-community supply, while services within the EU are invoiced as reverse charge.
/// A sales code for domestic reverse charge looks like zero rate in every field, so only its description can tell it.
fn vat_kind(row: &VatCode) -> VatCodeKind {
    let percent = percent(row.percentage.map_or(Decimal::ZERO, |percentage| percentage.0));
    let charged = row.charged == Some(true);
    let without_vat = charged || percent.is_zero();
    let listing = row.eu_sales_listing.as_deref().map(str::trim);
    let description = row.description.as_deref().unwrap_or_default().to_lowercase();
    let said = row.transaction.as_deref() == Some("S")
        && ["verlegd", "reverse charge", "autoliquidation", "steuerschuldnerschaft"]
            .iter()
            .any(|word| description.contains(word));
    match row.kind.as_deref().map(str::trim) {
        Some("B" | "E" | "N") if without_vat && matches!(listing, Some("L" | "T")) => VatCodeKind::IntraCommunity,
        Some("B" | "E" | "N") if without_vat && (charged || said || listing == Some("S")) => VatCodeKind::ReverseCharge,
        Some("E") if !percent.is_zero() => VatCodeKind::Rate { percent },
        Some("B" | "E" | "N") => VatCodeKind::None,
        // I: amounts including VAT. Anything else is unknown.
        Some(_) | None => VatCodeKind::Unusable,
    }
}

/// Percentages come as a fraction, `0.21`, or as they are read, `21`.
fn percent(value: Decimal) -> Decimal {
    let percent = if value.abs() <= Decimal::ONE { value * Decimal::ONE_HUNDRED } else { value };
    percent.normalize()
}

fn journal(row: Journal) -> DirectoryEntry {
    let direction = match row.kind {
        20 | 21 => Some(Direction::Sales),
        22 | 23 => Some(Direction::Purchase),
        _ => None,
    };
    DirectoryEntry {
        code: row.code.trim().to_owned(),
        name: trimmed(row.description).unwrap_or_default(),
        direction,
        blocked: row.is_blocked == Some(true),
        ..DirectoryEntry::default()
    }
}

fn cost_centre(row: CostCentre) -> DirectoryEntry {
    DirectoryEntry {
        code: row.code.trim().to_owned(),
        name: trimmed(row.description).unwrap_or_default(),
        blocked: row.active == Some(false),
        ..DirectoryEntry::default()
    }
}

/// Exact lists the periods, but not which of them are closed: that it says when something is booked.
fn period(row: Period) -> DirectoryEntry {
    let Period { year, number, start, end } = row;
    DirectoryEntry {
        code: format!("{year}-{number:02}"),
        days: odata::read_date(&start).zip(odata::read_date(&end)),
        ..DirectoryEntry::default()
    }
}

fn relation(row: Account) -> DirectoryEntry {
    DirectoryEntry {
        code: trimmed(row.code).unwrap_or_default(),
        id: Some(row.id.into()),
        name: trimmed(row.name).unwrap_or_default(),
        vat_number: trimmed(row.vat_number),
        registry: trimmed(row.chamber_of_commerce),
        blocked: row.blocked == Some(true),
        ..DirectoryEntry::default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::json::Number;
    use rust_decimal::dec;

    fn code(kind: &str, percentage: Decimal, charged: Option<bool>, listing: &str) -> VatCode {
        VatCode {
            code: "4  ".into(),
            description: None,
            percentage: Some(Number(percentage)),
            kind: Some(kind.into()),
            transaction: Some("P".into()),
            is_blocked: None,
            charged,
            eu_sales_listing: Some(listing.into()),
        }
    }

    fn sales(description: &str) -> VatCode {
        let row = code("B", dec!(0), None, "N");
        VatCode { description: Some(description.into()), transaction: Some("S".into()), ..row }
    }

    #[test]
    fn vat_codes_say_what_they_do() {
        let rate = |percent| VatCodeKind::Rate { percent };
        for (row, kind) in [
            (code("E", dec!(0.21), None, "N"), rate(dec!(21))),
            (code("E", dec!(21), Some(false), "N"), rate(dec!(21))),
            (code("E", dec!(0.055), None, "N"), rate(dec!(5.5))),
            (code("I", dec!(0.21), None, "N"), VatCodeKind::Unusable),
            (code("X", dec!(0.21), None, "N"), VatCodeKind::Unusable),
            (code("B", dec!(0), None, "N"), VatCodeKind::None),
            (code("N", dec!(0), None, "N"), VatCodeKind::None),
            (code("E", dec!(0), None, "N"), VatCodeKind::None),
            (code("E", dec!(0.21), Some(true), "N"), VatCodeKind::ReverseCharge),
            (code("E", dec!(0.21), Some(true), "L"), VatCodeKind::IntraCommunity),
            (code("B", dec!(0), None, "L"), VatCodeKind::IntraCommunity),
            (code("B", dec!(0), None, "S"), VatCodeKind::ReverseCharge),
            (code("E", dec!(0.21), Some(true), "S"), VatCodeKind::ReverseCharge),
            (code("E", dec!(0.21), None, "L"), rate(dec!(21))),
            (sales("Verkoop BTW verlegd"), VatCodeKind::ReverseCharge),
            (sales("Verkoop nultarief"), VatCodeKind::None),
        ] {
            assert_eq!(vat_kind(&row), kind, "{row:?}");
        }
    }

    #[test]
    fn a_vat_code_is_shown_trimmed_and_kept_as_it_is() {
        let entry = vat_code(code("E", dec!(0.21), None, "N"));
        assert_eq!((entry.code.as_str(), entry.id.as_deref()), ("4", Some("4  ")));
        assert_eq!(entry.direction, Some(Direction::Purchase));
    }
}
