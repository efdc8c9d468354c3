//! Ledgers that take documents which were issued here, and give their own of it back (CO-1).

use crate::{
    call::{Answer, Call, Purpose, Target},
    descriptor::Options,
    error::{ErrorCode, LedgerError, Operation},
    push::{Found, Progress, Step, key_of},
};
use domain::{
    office::Choice,
    sales::{IssuedContent, IssuedKind, Ksef, Numbering},
};
use rust_decimal::Decimal;

/// What is to be passed, and how the settings want it.
#[derive(Clone, Copy)]
pub struct PassRequest<'a> {
    /// The document.
    pub content: &'a IssuedContent,
    /// Who numbers (CO-11).
    pub numbering: Numbering,
    /// The ledger's series; its default when absent (CO-14).
    pub series: Option<&'a str>,
    /// The ledger's payment type; its default when absent (CO-15).
    pub payment: Option<&'a str>,
    /// Whether SKUs go with the lines (CO-17).
    pub skus: Choice,
    /// Whether customers are shown the ledger's document (CO-13).
    pub show: Choice,
    /// The connection's options.
    pub options: &'a Options,
}

impl PassRequest<'_> {
    /// Our reference in the ledger, another one for each document: its kind and 60 random bits.
    pub fn key(&self) -> String {
        let kind = match self.content.kind {
            IssuedKind::Invoice => "INV",
            IssuedKind::Receipt => "REC",
            IssuedKind::Correction => "COR",
            IssuedKind::ProForma => "PRO",
        };
        format!("{kind}-{}", key_of(self.content.id))
    }

    /// The ledger's id of the document that this one corrects.
    pub(crate) fn corrected(&self, ledger: &str) -> Result<&str, LedgerError> {
        let corrects = self.content.corrects.as_ref().and_then(|corrects| corrects.ledger_id.as_deref());
        corrects.ok_or_else(|| {
            let message = format!("The original of this correction is not in {ledger}. Pass it first.");
            LedgerError::rejected(ErrorCode::UnknownReference, Operation::Prepare, message)
        })
    }

    /// Our number, when it is the one that counts.
    pub(crate) fn number(&self) -> Option<&str> {
        match self.numbering {
            Numbering::Ledger => None,
            Numbering::Ours => Some(&self.content.number),
        }
    }

    /// What differs although the ledger has the document, for people: its total is another one (rounding), or its number.
    pub(crate) fn difference(&self, ledger: &str, passed: &PassedDocument) -> Option<LedgerError> {
        let wanted = self.content.effect()?.gross;
        let equal = |gross: Decimal| gross.round_dp(2) == wanted;
        let gross = passed.gross.filter(|gross| !equal(*gross))?;
        let message = format!(
            "{ledger} computed {gross:.2} for this document instead of {wanted:.2}: its way of rounding is another one. \
             The document was made; compare the two."
        );
        let differs = format!("{gross:.2} ≠ {wanted:.2}");
        Some(LedgerError::rejected(ErrorCode::Mismatch, Operation::Compare, message).about(differs))
    }
}

/// The ledger's document of an issued one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PassedDocument {
    /// The ledger's own id.
    pub id: String,
    /// Its number there.
    pub number: String,
    /// Its public page, where there is one.
    pub link: Option<String>,
    /// Its total with VAT, where the answer says it.
    pub gross: Option<Decimal>,
    /// KSeF, where the ledger reports it.
    pub ksef: Option<Ksef>,
    /// How it came to be known.
    pub found: Found,
}

/// A document that the ledger has, as it is known here.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StoredDocument<'a> {
    /// The ledger's own id.
    pub id: &'a str,
    /// What it is.
    pub kind: IssuedKind,
}

/// What the ledger has of a document now (CO-31).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LedgerCopy {
    /// Its number.
    pub number: String,
    /// Its public page.
    pub link: Option<String>,
    /// KSeF.
    pub ksef: Option<Ksef>,
}

/// The ledger's PDF.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Pdf {
    /// It.
    Bytes(Vec<u8>),
    /// Not made yet: ask again later.
    NotYet,
    /// There is none (CO-33).
    None,
}

/// A ledger that takes issued documents. Pure, as [`crate::Ledger`] is; [`crate::Client::pass`] and its neighbours send.
pub trait Invoicing: Send + Sync {
    /// The next request of a pass, or its end. Errors are those that need no request.
    fn pass(
        &self,
        at: &Target,
        request: &PassRequest<'_>,
        progress: &Progress,
    ) -> Result<Step<PassedDocument>, LedgerError>;

    /// Reads the answer to the request of [`Invoicing::pass`] into `progress`. On an error `progress` is unchanged.
    fn passed(
        &self,
        at: &Target,
        request: &PassRequest<'_>,
        progress: &mut Progress,
        purpose: Purpose,
        answer: Result<Answer, LedgerError>,
    ) -> Result<(), LedgerError>;

    /// Asks for a document by the ledger's own id.
    fn read(&self, at: &Target, document: &StoredDocument<'_>) -> Result<Call, LedgerError>;

    /// Reads its answer.
    fn was_read(&self, document: &StoredDocument<'_>, answer: &Answer) -> Result<LedgerCopy, LedgerError>;

    /// Asks for its PDF; nothing where the ledger makes none of this kind (CO-33).
    fn print(&self, at: &Target, document: &StoredDocument<'_>) -> Result<Option<Call>, LedgerError>;

    /// Where its address stands in a first answer: the request for the PDF itself.
    fn print_next(&self, _document: &StoredDocument<'_>, _answer: &Answer) -> Result<Option<Call>, LedgerError> {
        Ok(None)
    }

    /// Reads the answer that has it.
    fn printed(&self, document: &StoredDocument<'_>, answer: Answer) -> Result<Pdf, LedgerError>;

    /// Tells a PDF that is not there, or not yet, from what went wrong.
    fn not_printed(&self, _document: &StoredDocument<'_>, error: LedgerError) -> Result<Pdf, LedgerError> {
        Err(error)
    }
}
