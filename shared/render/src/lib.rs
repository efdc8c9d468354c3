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

use domain::sales::IssuedContent;

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
}

/// The PDF (PDF/A-2b) of what was issued.
pub fn pdf(content: &IssuedContent, beside: &Beside<'_>) -> Result<Vec<u8>, RenderError> {
    let (sheet, about) = invoice::lay_out(content, beside)?;
    file::write(sheet, &about)
}
