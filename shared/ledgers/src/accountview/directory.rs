//! Directories of `AccountView`: what a person chooses from. Before journals are listed it is looked whether pages can be
//! made at all: without a journal there is no posting.

use super::{
    api::{
        self, ACCOUNTS, BUSINESS_OBJECTS, COMPANIES, COST_CENTRES, CUSTOMERS, FIELDS, Filter, JOURNALS, PAGES, Query,
        Row, SUPPLIERS, VAT_CODES,
    },
    checks::side,
    contacts,
    known::{Account, Vat},
};
use crate::{
    Directory, Page,
    call::{Answer, Call, Effect, Purpose},
    error::{ErrorCode, LedgerError, Operation},
};
use domain::ledger::{DirectoryEntry, DirectoryKind, VatCodeKind};

const OPERATION: Operation = Operation::Directory;
/// Fields of a table that are read.
const FIELDS_MAX: usize = 1_000;

/// Every kind but periods, whose fields are not known for certain.
pub(super) const KINDS: &[DirectoryKind] = &[
    DirectoryKind::Divisions,
    DirectoryKind::LedgerAccounts,
    DirectoryKind::VatCodes,
    DirectoryKind::Journals,
    DirectoryKind::CostCentres,
    DirectoryKind::Suppliers,
    DirectoryKind::Customers,
];

/// Columns without which no page can be made.
const PAGE_COLUMNS: &[&str] =
    &["DJ_CODE", "HDR_DESC", "TRN_DATE", "SUB_NR", "INV_NR", "CUR_CODE", "CRED_DAYS", "EXT_DESC", "COMMENT1"];
const LINE_COLUMNS: &[&str] =
    &["ACCT_NR", "TRN_DATE", "TRN_DESC", "AMOUNT", "VAT_CODE", "VAT_AMT", "BASE_AMT", "SUB_NR", "INV_NR", "COST_CODE"];

/// Where the listing of journals stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Stage {
    /// Whether pages may be made.
    Objects,
    /// Whether the header has its columns.
    Header,
    /// Whether the lines have theirs.
    Lines,
    /// A page of journals.
    Journals(usize),
}

impl Stage {
    fn read(next: Option<&str>) -> Self {
        match next {
            None => Self::Objects,
            Some("DJ_PAGE") => Self::Header,
            Some("DJ_LINE") => Self::Lines,
            Some(page) => Self::Journals(page.parse().unwrap_or(1)),
        }
    }

    /// Table and columns that are looked for.
    fn wanted(self) -> Option<(&'static str, &'static [&'static str])> {
        match self {
            Self::Header => Some(("DJ_PAGE", PAGE_COLUMNS)),
            Self::Lines => Some(("DJ_LINE", LINE_COLUMNS)),
            Self::Objects | Self::Journals(_) => None,
        }
    }

    fn following(self) -> &'static str {
        match self {
            Self::Objects => "DJ_PAGE",
            Self::Header => "DJ_LINE",
            Self::Lines | Self::Journals(_) => "1",
        }
    }
}

/// Business object and table of a directory.
fn source(kind: DirectoryKind) -> (&'static str, &'static str) {
    match kind {
        DirectoryKind::Divisions
        | DirectoryKind::Periods
        | DirectoryKind::NumberingSeries
        | DirectoryKind::PaymentTypes => (COMPANIES, ""),
        DirectoryKind::LedgerAccounts => (ACCOUNTS, "LEDGER"),
        DirectoryKind::VatCodes => (VAT_CODES, "VAT"),
        DirectoryKind::Journals => (JOURNALS, "DAILY"),
        DirectoryKind::CostCentres => (COST_CENTRES, "COST"),
        DirectoryKind::Suppliers => (SUPPLIERS, "CONTACT"),
        DirectoryKind::Customers => (CUSTOMERS, "CONTACT"),
    }
}

fn page_of(directory: &Directory) -> usize {
    directory.next.as_deref().and_then(|page| page.parse().ok()).unwrap_or(1)
}

pub(super) fn next(directory: &Directory) -> Call {
    let (object, _) = source(directory.kind);
    let query = Query::of(object).page(page_of(directory));
    match directory.kind {
        DirectoryKind::Divisions
        | DirectoryKind::Periods
        | DirectoryKind::NumberingSeries
        | DirectoryKind::PaymentTypes => api::companies(OPERATION),
        DirectoryKind::Suppliers | DirectoryKind::Customers => query.fields(contacts::COLUMNS).call(OPERATION),
        DirectoryKind::LedgerAccounts | DirectoryKind::VatCodes | DirectoryKind::CostCentres => query.call(OPERATION),
        DirectoryKind::Journals => {
            let stage = Stage::read(directory.next.as_deref());
            match (stage, stage.wanted()) {
                (_, Some((table, _))) => {
                    let fields = "dct_fld.field_name,dct_fld.dbf_name,dct_fld.field_len,dct_fld.field_type";
                    let query = Query { rows: FIELDS_MAX, ..Query::of(FIELDS).fields(fields) };
                    query.with(Filter::contains("DBF_NAME", table)).call_system(OPERATION)
                }
                (Stage::Objects, None) => api::business_objects(OPERATION),
                (_, None) => query.call(OPERATION),
            }
        }
    }
}

pub(super) fn learn(directory: &Directory, answer: &Answer) -> Result<Page, LedgerError> {
    let kind = directory.kind;
    let (object, table) = source(kind);
    match kind {
        DirectoryKind::Divisions => {
            let rows = api::list(OPERATION, COMPANIES, answer)?;
            return Ok(Page { entries: rows.iter().filter_map(company).collect(), next: None });
        }
        DirectoryKind::Periods | DirectoryKind::NumberingSeries | DirectoryKind::PaymentTypes => {
            return Ok(Page { entries: Vec::new(), next: None });
        }
        DirectoryKind::Journals => {
            let stage = Stage::read(directory.next.as_deref());
            let looked = match (stage, stage.wanted()) {
                (_, Some((table, columns))) => Some(has_columns(table, columns, answer)?),
                (Stage::Objects, None) => Some(may_insert(answer)?),
                (_, None) => None,
            };
            if let Some(()) = looked {
                let next = Directory { kind, next: Some(stage.following().to_owned()), half: None };
                return Ok(Page { entries: Vec::new(), next: Some(next) });
            }
        }
        DirectoryKind::LedgerAccounts
        | DirectoryKind::VatCodes
        | DirectoryKind::CostCentres
        | DirectoryKind::Suppliers
        | DirectoryKind::Customers => {}
    }
    let purpose = Purpose { operation: OPERATION, effect: Effect::Reads, resource: object };
    let tables = api::tables(purpose, answer)?;
    let rows = tables.rows(table);
    let entry = |row: &Row| match kind {
        DirectoryKind::LedgerAccounts => account(row),
        DirectoryKind::VatCodes => vat_code(row),
        DirectoryKind::Journals => journal(row),
        DirectoryKind::CostCentres => named(row, "COST_CODE", "COST_DESC"),
        DirectoryKind::Suppliers | DirectoryKind::Customers => relation(row),
        DirectoryKind::Divisions
        | DirectoryKind::Periods
        | DirectoryKind::NumberingSeries
        | DirectoryKind::PaymentTypes => None,
    };
    let after = api::following(OPERATION, page_of(directory), api::PAGE, rows.len())?;
    let next = after.map(|page| Directory { kind, next: Some(page.to_string()), half: None });
    Ok(Page { entries: rows.iter().filter_map(entry).collect(), next })
}

pub(super) fn company(row: &Row) -> Option<DirectoryEntry> {
    let code = row.text("Code");
    let name = row.text("Description");
    let name = if code.is_empty() { name } else { format!("{name} ({code})") };
    Some(DirectoryEntry { code: row.filled("Id")?, name, ..DirectoryEntry::default() })
}

/// Refuses when journal pages may not be made.
fn may_insert(answer: &Answer) -> Result<(), LedgerError> {
    let rows = api::list(OPERATION, BUSINESS_OBJECTS, answer)?;
    let pages = rows.iter().find(|row| row.text("Code").eq_ignore_ascii_case(PAGES));
    if pages.is_some_and(|row| row.flag("InsertAllowed")) {
        return Ok(());
    }
    let message = "The connected user may not make journal pages in AccountView. Give the user that right there and link the \
                   application to the user; then list the journals again. Until then nothing is posted.";
    let words = pages.map_or_else(|| format!("{PAGES}: –"), |_| format!("{PAGES}: InsertAllowed = false"));
    Err(LedgerError::rejected(ErrorCode::UserRights, OPERATION, message).with_ledger_text(&words))
}

/// Refuses when a column is missing without which no page can be made.
fn has_columns(table: &str, wanted: &[&str], answer: &Answer) -> Result<(), LedgerError> {
    let purpose = Purpose { operation: OPERATION, effect: Effect::Reads, resource: FIELDS };
    let tables = api::tables(purpose, answer)?;
    let of_table = tables.rows("DCT_FLD").iter().filter(|row| row.text("DBF_NAME").eq_ignore_ascii_case(table));
    let there: Vec<String> = of_table.map(|row| row.text("FIELD_NAME").to_ascii_uppercase()).collect();
    let missing: Vec<&str> = wanted.iter().copied().filter(|column| !there.iter().any(|one| one == column)).collect();
    if missing.is_empty() {
        return Ok(());
    }
    let missing = missing.join(", ");
    let message = format!(
        "This AccountView does not have all the fields that a booking needs: {table} lacks {missing}. Nothing can be posted \
         to it; a newer version may help."
    );
    Err(LedgerError::rejected(ErrorCode::Unsupported, OPERATION, message).about(missing))
}

fn named(row: &Row, code: &str, name: &str) -> Option<DirectoryEntry> {
    Some(DirectoryEntry { code: row.filled(code)?, name: row.text(name), ..DirectoryEntry::default() })
}

fn account(row: &Row) -> Option<DirectoryEntry> {
    let entry = named(row, "ACCT_NR", "ACCT_NAME")?;
    Some(DirectoryEntry { id: Some(Account::packed(row)), blocked: row.flag("REC_BLK"), ..entry })
}

fn vat_code(row: &Row) -> Option<DirectoryEntry> {
    let entry = named(row, "VAT_CODE", "VAT_NAME")?;
    let kind = vat_kind(&entry.name, row);
    Some(DirectoryEntry { id: Some(Vat::of(row).packed()), vat: Some(kind), ..entry })
}

/// What a VAT code does. The numbers of its type are not public, so its name tells what its flag does not; for which side it
/// is meant a person reads in its name.
fn vat_kind(name: &str, row: &Row) -> VatCodeKind {
    let name = name.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| name.contains(word));
    let Some(percent) = row.number("VAT_PCT") else { return VatCodeKind::Unusable };
    let is_reversed = row.flag("IS_REVERSE");
    let within_the_union = says(&[
        "intracom",
        "intra-com",
        "icp",
        "icl",
        "icv",
        "binnen eu",
        "binnen de eu",
        "within the eu",
        "within eu",
    ]);
    let reversed = is_reversed || says(&["verlegd", "reverse charge"]);
    if within_the_union && (is_reversed || percent.is_zero()) {
        VatCodeKind::IntraCommunity
    } else if reversed && (is_reversed || percent.is_zero()) {
        VatCodeKind::ReverseCharge
    } else if percent.is_zero() {
        VatCodeKind::None
    } else {
        VatCodeKind::Rate { percent: percent.normalize() }
    }
}

fn journal(row: &Row) -> Option<DirectoryEntry> {
    let entry = named(row, "DJ_CODE", "DJ_NAME")?;
    let name = row.filled("DJ_TYPEV").map_or_else(|| entry.name.clone(), |kind| format!("{} ({kind})", entry.name));
    Some(DirectoryEntry { name, direction: side(row), blocked: row.flag("CNG_BLK"), ..entry })
}

fn relation(row: &Row) -> Option<DirectoryEntry> {
    let entry = named(row, "SUB_NR", "ACCT_NAME")?;
    let ibans = ["IBAN_NR", "IBAN_NR2"].into_iter().filter_map(|column| row.filled(column));
    Some(DirectoryEntry {
        vat_number: row.filled("VAT_NR"),
        registry: row.filled("COC_CODE"),
        ibans: ibans.collect(),
        blocked: row.flag("REC_BLK"),
        ..entry
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;
    use rust_decimal::dec;

    fn row(body: &str) -> Row {
        let answer = Answer { status: 200, headers: HeaderMap::new(), body: body.into() };
        api::list(OPERATION, VAT_CODES, &answer).unwrap().remove(0)
    }

    #[test]
    fn vat_codes_say_what_they_do() {
        for (name, percent, reverse, kind) in [
            ("BTW hoog inkoop", "21.000", false, VatCodeKind::Rate { percent: dec!(21) }),
            ("Geen BTW", "0", false, VatCodeKind::None),
            ("Inkoop verlegd", "21.000", true, VatCodeKind::ReverseCharge),
            ("Onderaanneming", "21.000", true, VatCodeKind::ReverseCharge),
            ("Verkoop verlegd", "0.000", false, VatCodeKind::ReverseCharge),
            ("Inkopen binnen EU", "21.000", true, VatCodeKind::IntraCommunity),
            ("ICL goederen", "0", false, VatCodeKind::IntraCommunity),
            ("BTW hoog (was verlegd)", "21", false, VatCodeKind::Rate { percent: dec!(21) }),
        ] {
            let row = row(&format!(r#"{{"VAT_PCT":{percent},"IS_REVERSE":{reverse}}}"#));
            assert_eq!(vat_kind(name, &row), kind, "{name}");
        }
        assert_eq!(vat_kind("BTW", &row("{}")), VatCodeKind::Unusable);
    }
}
