//! Our own invoices, receipts, corrections and pro-forma invoices as PDF, in Polish and English. Every amount is one that the content
//! has, or a sum or difference of such; VAT is computed nowhere here (CO-26). The same content gives the same bytes.

mod file;
mod font;
mod invoice;
mod lines;
mod number;
mod page;
mod table;
mod text;
mod words;

use domain::{
    money::Currency,
    sales::{IssuedContent, SalesVat},
    time::Date,
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// Why there is no PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum RenderError {
    /// A correction that says not what it corrects.
    #[error("the correction does not say what it corrects")]
    NoOriginal,
    /// Sums do not fit.
    #[error("the amounts are too large")]
    TooLarge,
    /// The fonts that are compiled in cannot be read.
    #[error("the fonts cannot be read")]
    Font,
}

/// What a document must show and its content does not know. Each is left out where it is absent.
#[derive(Debug, Clone, Copy, Default)]
pub struct Beside<'a> {
    /// The number that counts in law, where another than ours does ([`domain::sales::Issued::legal_number`]).
    pub legal_number: Option<&'a str>,
    /// The VAT in the currency of the seller's country, where the document's is another (directive 2006/112, art. 230).
    pub national_vat: Option<&'a NationalVat>,
}

/// VAT in the currency in which the seller owes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NationalVat {
    /// That currency.
    pub currency: Currency,
    /// What one of the document's currency is in it.
    pub rate: Decimal,
    /// The day of that rate.
    pub rate_date: Date,
    /// Who published it, such as the number of a table of the National Bank of Poland.
    pub source: Option<String>,
    /// The VAT of each rate; of a correction the difference.
    pub vat: BTreeMap<SalesVat, Decimal>,
}

/// The PDF (PDF/A-2b) of what was issued.
pub fn pdf(content: &IssuedContent, beside: &Beside<'_>) -> Result<Vec<u8>, RenderError> {
    let (sheet, about) = invoice::lay_out(content, beside)?;
    file::write(sheet, &about)
}
