//! Reads UBL, CII and hybrid PDFs into the canonical invoice.
//!
//! The sender is a stranger: there is a limit on everything, nothing outside the given bytes is ever looked at, and what
//! cannot be read is an error with a stable code, never a panic.

mod error;
pub mod recognised;
mod sniff;
pub mod summary;
pub mod ubl;

pub use error::{ErrorCode, FindingCode, ReadError, ReadFinding};
pub use sniff::{FileKind, MimeType, sniff};

use domain::invoice::Invoice;

/// No document may be larger than this, in bytes.
pub const DOCUMENT_BYTES_MAX: usize = 25 * 1024 * 1024;

/// What a document was read from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceFormat {
    /// UBL 2.1, invoice or credit note.
    Ubl,
    /// UN/CEFACT Cross Industry Invoice as a file of its own.
    Cii,
    /// A Cross Industry Invoice inside a PDF (Factur-X, ZUGFeRD 2). Counts as PDF in automation rules.
    HybridPdf,
}

impl SourceFormat {
    /// Stable text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ubl => "ubl",
            Self::Cii => "cii",
            Self::HybridPdf => "hybrid_pdf",
        }
    }
}

/// A file that was embedded in the document.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct EmbeddedFile {
    /// Which entry of [`Invoice::attachments`] it belongs to.
    pub index: usize,
    /// As the sender names it: for display only, never a path.
    pub filename: Option<String>,
    /// By its first bytes, whatever the sender claims.
    pub mime: MimeType,
    /// The content.
    pub bytes: Vec<u8>,
}

/// A document that could be read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ReadDocument {
    /// What it was read from.
    pub format: SourceFormat,
    /// What it says. What it does not say is absent.
    pub invoice: Invoice,
    /// Embedded files that could be decoded.
    pub embedded: Vec<EmbeddedFile>,
    /// What was odd: reasons for a person to look.
    pub findings: Vec<ReadFinding>,
}

/// Reads a document of any known format, recognised by its content.
pub fn read(bytes: &[u8]) -> Result<ReadDocument, ReadError> {
    ubl::read(bytes)
}
