//! Why a document could not be read, and what was odd about one that could.

use serde::{Deserialize, Serialize};

macro_rules! codes {
    ($(#[$outer:meta])* $name:ident { $($(#[$doc:meta])* $variant:ident = $text:literal,)+ }) => {
        $(#[$outer])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum $name {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)+
        }

        impl $name {
            /// Stable text, as in the API.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }
        }
    };
}

codes! {
    /// Why a document could not be read.
    ErrorCode {
        /// No bytes at all.
        Empty = "empty",
        /// More bytes than are accepted.
        TooLarge = "too_large",
        /// An image or another file that is no XML and no PDF.
        NotXml = "not_xml",
        /// XML that is not well formed.
        MalformedXml = "malformed_xml",
        /// A document type declaration: none is ever needed, and it is how XML attacks begin.
        DtdRefused = "dtd_refused",
        /// A reference to an entity other than the five that XML has.
        UnknownEntity = "unknown_entity",
        /// Elements nested more deeply than any invoice.
        TooDeep = "too_deep",
        /// More elements, attributes or text than any invoice.
        TooComplex = "too_complex",
        /// Bytes that are not valid in the encoding, or an encoding that is not read.
        BadEncoding = "bad_encoding",
        /// The root element is not one of an invoice.
        UnknownRoot = "unknown_root",
        /// The root element is called as an invoice's, but in another namespace or in none.
        WrongNamespace = "wrong_namespace",
        /// An element that may stand once stands twice.
        RepeatedElement = "repeated_element",
        /// An element inside a value.
        MisplacedElement = "misplaced_element",
        /// An amount, price, quantity or percentage that is no plain decimal number.
        BadAmount = "bad_amount",
        /// A date that is not one of the calendar.
        BadDate = "bad_date",
        /// True or false is wanted, and something else stands there.
        BadIndicator = "bad_indicator",
        /// Something follows the end of the document.
        TrailingContent = "trailing_content",
        /// A PDF without a structured invoice in it: it can be read by recognition only.
        NotAPdfWithInvoice = "not_a_pdf_with_invoice",
        /// A PDF that needs a password.
        EncryptedPdf = "encrypted_pdf",
        /// A PDF that is damaged.
        MalformedPdf = "malformed_pdf",
        /// Two structured invoices in one PDF.
        AmbiguousPdf = "ambiguous_pdf",
        /// A PDF with an order (Order-X), which is no invoice.
        OrderNotInvoice = "order_not_invoice",
        /// ZUGFeRD 1.0, whose structure is another.
        Zugferd1 = "zugferd_1_not_supported",
    }
}

codes! {
    /// What was odd about a document that could be read.
    FindingCode {
        /// An embedded file that is not valid base64; the invoice data are not touched by it.
        UndecodableAttachment = "undecodable_attachment",
        /// An embedded file that is not what it says it is.
        MislabelledAttachment = "mislabelled_attachment",
        /// More embedded files, or more bytes of them, than are taken out.
        AttachmentsLimited = "attachments_limited",
        /// An amount says another currency than the document's.
        AmountCurrency = "amount_currency",
        /// A currency that is no three capital letters.
        BadCurrency = "bad_currency",
        /// An element without the part that gives it its meaning, such as an allowance without amount; it is left out.
        IncompleteElement = "incomplete_element",
        /// A recognised field that nobody knows; it is left out.
        UnknownField = "unknown_field",
        /// A recognised field that holds something else than its kind; it is left out.
        UnreadableField = "unreadable_field",
    }
}

/// A stranger's text as it may stand in a message: short, on one line, without control and formatting characters.
pub(crate) fn shown(text: &str) -> String {
    const CHARACTERS_MAX: usize = 40;
    let visible = |c: &char| {
        !c.is_control()
            && !matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
    };
    let mut shown: String = text.chars().filter(visible).take(CHARACTERS_MAX).collect();
    if text.chars().filter(visible).nth(CHARACTERS_MAX).is_some() {
        shown.push('…');
    }
    shown
}

/// Why a document could not be read.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct ReadError {
    /// Stable code.
    pub code: ErrorCode,
    /// What is wrong, where, and what to do about it.
    pub message: String,
}

impl ReadError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}

/// Something odd about a document that could be read: a reason for a person to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFinding {
    /// Stable code.
    pub code: FindingCode,
    /// What was seen, and where.
    pub message: String,
}

impl ReadFinding {
    pub(crate) fn new(code: FindingCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into() }
    }
}
