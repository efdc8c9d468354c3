//! Formats of export files and their settings. The settings of a facility are kept as they were entered, complete or not;
//! [`FileFormat::problems`] says what is missing. How a file is written is not said here.

mod check;
mod column;
mod csv;
mod datev;
mod delimited;
mod jpk_fa;
mod name;
mod standard;
mod ubl_bundle;
mod xaf;

pub use column::{COLUMNS_MAX, ChosenColumn, Column, ColumnKind, HEADING_CHARS_MAX, Rows};
pub use csv::{CsvOptions, CsvSign};
pub use datev::{DatevBasis, DatevLock, DatevNumbers, DatevOptions, DatevTaxDates, DatevTaxKey, DatevVersion};
pub use delimited::{DateFormat, DecimalMark, Delimited, Encoding, HeaderLine, LineEnd, Quoting, Separator};
pub use jpk_fa::{
    JPK_TEXT_CHARS_MAX, JpkAddress, JpkCorrectedInvoice, JpkExemptionBasis, JpkFaOptions, JpkForeignRates, JpkPeriod,
    is_nip,
};
pub use name::{NAME_PATTERN_CHARS_MAX, NamePart, NamePattern, NamePatternError};
pub use standard::{CostObject, STANDARD_HEADINGS, StandardOptions, TaxHandling};
pub use ubl_bundle::{BundleLayout, UblBundleOptions, WithoutUbl};
pub use xaf::{XAF_ID_CHARS_MAX, XafAccount, XafAccountType, XafContactIds, XafJournal, XafOptions, XafVatCode};

use serde::{Deserialize, Serialize};

/// In which currency amounts are exported (EX-31).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AmountStrategy {
    /// As the document states them.
    #[default]
    Original,
    /// In the currency of the books, by the rate that is stored with the document. A document without one is left out.
    Company,
}

/// A setting that is missing or wrong.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Problem {
    /// Which, by its name in the API: `consultant`, `vat_accounts.VH`.
    pub field: String,
    /// What is wrong and what to do.
    pub detail: String,
}

impl Problem {
    /// A problem of a field.
    pub fn new(field: &str, detail: impl Into<String>) -> Self {
        Self { field: field.to_owned(), detail: detail.into() }
    }
}

/// What becomes of the posting date in a format or a ledger (EX-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PostingDateField {
    /// It has a field of its own; the dates of the document stay as they are.
    Own(&'static str),
    /// It shares the only date with the document: a policy that changes it cannot be kept.
    Shared(&'static str),
    /// Nothing is booked by it: it carries the document's dates alone.
    None,
}

/// How a format shows that a credit note takes away.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CreditNoteSign {
    /// Amounts are negative.
    Negative,
    /// Amounts are positive on the other side (debit and credit exchanged).
    OtherSide,
    /// As the settings say.
    Chosen,
    /// As the document has it: it goes out as it came.
    AsReceived,
}

/// A format with its settings.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "format", content = "options")]
pub enum FileFormat {
    /// Columns of one's own choice.
    Csv(CsvOptions),
    /// One credit line and a debit line for each line of the document (EX-31).
    Standard(StandardOptions),
    /// DATEV EXTF Buchungsstapel.
    Datev(DatevOptions),
    /// Dutch audit file XAF 3.2.
    Xaf(XafOptions),
    /// Polish `JPK_FA` (4): sales documents only.
    JpkFa(JpkFaOptions),
    /// A ZIP of the documents as they were received.
    UblBundle(UblBundleOptions),
}

impl FileFormat {
    /// Stable name, as in the API.
    pub fn as_str(&self) -> &'static str {
        match self {
            Self::Csv(_) => "csv",
            Self::Standard(_) => "standard",
            Self::Datev(_) => "datev",
            Self::Xaf(_) => "xaf",
            Self::JpkFa(_) => "jpk_fa",
            Self::UblBundle(_) => "ubl_bundle",
        }
    }

    /// What keeps these settings from being used; empty when they are complete.
    pub fn problems(&self) -> Vec<Problem> {
        match self {
            Self::Csv(options) => options.problems(),
            Self::Standard(options) => options.problems(),
            Self::Datev(options) => options.problems(),
            Self::Xaf(options) => options.problems(),
            Self::JpkFa(options) => options.problems(),
            Self::UblBundle(options) => options.problems(),
        }
    }

    /// Where the posting date goes.
    pub fn posting_date_field(&self) -> PostingDateField {
        match self {
            Self::Csv(options) if !options.has(Column::PostingDate) => PostingDateField::None,
            Self::Csv(_) | Self::Standard(_) | Self::UblBundle(_) => PostingDateField::Own("posting_date"),
            Self::Datev(_) => PostingDateField::Own("Belegdatum"),
            Self::Xaf(_) => PostingDateField::Own("trDt"),
            Self::JpkFa(_) => PostingDateField::None,
        }
    }

    /// Which sign a credit note has.
    pub fn credit_note_sign(&self) -> CreditNoteSign {
        match self {
            Self::Csv(_) => CreditNoteSign::Chosen,
            Self::Standard(_) | Self::Datev(_) | Self::Xaf(_) => CreditNoteSign::OtherSide,
            Self::JpkFa(_) => CreditNoteSign::Negative,
            Self::UblBundle(_) => CreditNoteSign::AsReceived,
        }
    }
}
