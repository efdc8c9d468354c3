//! Reads UBL, CII and hybrid PDFs into the canonical invoice, writes it as UBL, and recognises bank statements.
//!
//! The sender is a stranger: there is a limit on everything, nothing outside the given bytes is ever looked at, and what
//! cannot be read is an error with a stable code, never a panic.

mod attachments;
mod cii;
mod encoding;
mod error;
mod pdf;
pub mod recognised;
mod sniff;
pub mod statement;
pub mod summary;
pub mod ubl;
mod values;
mod vat_totals;
pub mod write;
mod xml;

pub use error::{ErrorCode, FindingCode, ReadError, ReadFinding};
pub use sniff::{FileKind, MimeType, sniff};

use attachments::Files;
use domain::invoice::Invoice;
use xml::{Element, Xml};

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

/// Reads a document of any known format, recognised by its content, and takes its embedded files out.
pub fn read(bytes: &[u8]) -> Result<ReadDocument, ReadError> {
    read_with(bytes, Files::Take)
}

/// As [`read`], with embedded files checked but not taken out: [`ReadDocument::embedded`] stays empty, and whether they
/// are what they say they are is not looked at.
pub fn read_invoice(bytes: &[u8]) -> Result<ReadDocument, ReadError> {
    read_with(bytes, Files::Check)
}

fn read_with(bytes: &[u8], files: Files) -> Result<ReadDocument, ReadError> {
    check_size(bytes)?;
    let kind = sniff(bytes);
    match kind {
        FileKind::Xml => read_xml(bytes, files),
        FileKind::Pdf => pdf::read(bytes, files),
        FileKind::Jpeg | FileKind::Png | FileKind::Gif | FileKind::Bmp | FileKind::Tiff => {
            let message = format!(
                "The file is a {} image by its content, whatever its name. Send it as a scan with recognised fields.",
                kind.as_str().to_ascii_uppercase()
            );
            Err(ReadError::new(ErrorCode::NotXml, message))
        }
        FileKind::Unknown => {
            let message = "The file is neither XML nor PDF by its content. Send the invoice file itself.";
            Err(ReadError::new(ErrorCode::NotXml, message))
        }
    }
}

fn read_xml(bytes: &[u8], files: Files) -> Result<ReadDocument, ReadError> {
    let text = encoding::to_utf8(bytes)?;
    let mut xml = Xml::new(&text);
    let root = xml.root()?;
    if let Some(kind) = ubl::kind_of(root) {
        ubl::read_root(xml, kind, files)
    } else if cii::is_root(root) {
        cii::read_root(xml, files)
    } else {
        Err(unknown_root(root))
    }
}

/// Reads the file inside a hybrid PDF, which is never UBL.
fn read_cii(bytes: &[u8], files: Files) -> Result<ReadDocument, ReadError> {
    check_size(bytes)?;
    let text = encoding::to_utf8(bytes)?;
    let mut xml = Xml::new(&text);
    let root = xml.root()?;
    if cii::is_root(root) { cii::read_root(xml, files) } else { Err(unknown_root(root)) }
}

fn zugferd_1() -> ReadError {
    ReadError::new(ErrorCode::Zugferd1, "ZUGFeRD 1.0 is not read: ask the sender for ZUGFeRD 2 or Factur-X.")
}

fn check_size(bytes: &[u8]) -> Result<(), ReadError> {
    if bytes.is_empty() {
        return Err(ReadError::new(ErrorCode::Empty, "The file is empty."));
    }
    if bytes.len() > DOCUMENT_BYTES_MAX {
        let message = format!(
            "The file has {} bytes and at most {DOCUMENT_BYTES_MAX} are read. Send it without its large attachments.",
            bytes.len()
        );
        return Err(ReadError::new(ErrorCode::TooLarge, message));
    }
    Ok(())
}

/// Says which of the two is wrong, name or namespace.
fn unknown_root(root: Element<'_>) -> ReadError {
    match root.local {
        b"Invoice" | b"CreditNote" | b"CrossIndustryInvoice" => ReadError::new(
            ErrorCode::WrongNamespace,
            format!("The root element {} is in another namespace than UBL 2.1 or CII, or in none.", root.name()),
        )
        .about(root.name()),
        b"CrossIndustryDocument" => zugferd_1(),
        _ => ReadError::new(
            ErrorCode::UnknownRoot,
            format!("The root element {} is not the one of an invoice or credit note (UBL 2.1 or CII).", root.name()),
        )
        .about(root.name()),
    }
}
