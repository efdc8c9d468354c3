//! Why a document could not be read, and what was odd about one that could.

use domain::words::{Oddity, Place, Text, Unread};
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
    /// What is wrong, where, and what to do about it, for who looks at the file itself.
    pub message: String,
    /// The element or value that it is about, where there is one.
    pub about: String,
    /// Where in the file, if that is known.
    pub place: Option<Place>,
}

impl ReadError {
    pub(crate) fn new(code: ErrorCode, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), about: String::new(), place: None }
    }

    /// With the element or value that it is about.
    pub(crate) fn about(self, about: impl Into<String>) -> Self {
        Self { about: about.into(), ..self }
    }

    /// In the catalogue of what people read.
    pub fn sentence(&self) -> Unread {
        let place = self.place;
        let about = || Text::of(&self.about);
        match self.code {
            ErrorCode::Empty => Unread::Empty,
            ErrorCode::TooLarge => Unread::TooLarge,
            ErrorCode::NotXml => Unread::NotXml,
            ErrorCode::MalformedXml => Unread::MalformedXml { place },
            ErrorCode::DtdRefused => Unread::DtdRefused,
            ErrorCode::UnknownEntity => Unread::UnknownEntity { place },
            ErrorCode::TooDeep => Unread::TooDeep,
            ErrorCode::TooComplex => Unread::TooComplex,
            ErrorCode::BadEncoding => Unread::BadEncoding,
            ErrorCode::UnknownRoot => Unread::UnknownRoot { element: about() },
            ErrorCode::WrongNamespace => Unread::WrongNamespace { element: about() },
            ErrorCode::RepeatedElement => Unread::RepeatedElement { element: about(), place },
            ErrorCode::MisplacedElement => Unread::MisplacedElement { place },
            ErrorCode::BadAmount => Unread::BadAmount { place, about: about() },
            ErrorCode::BadDate => Unread::BadDate { place, about: about() },
            ErrorCode::BadIndicator => Unread::BadIndicator { place, about: about() },
            ErrorCode::TrailingContent => Unread::TrailingContent { place },
            ErrorCode::NotAPdfWithInvoice => Unread::NotAPdfWithInvoice,
            ErrorCode::EncryptedPdf => Unread::EncryptedPdf,
            ErrorCode::MalformedPdf => Unread::MalformedPdf,
            ErrorCode::AmbiguousPdf => Unread::AmbiguousPdf,
            ErrorCode::OrderNotInvoice => Unread::OrderNotInvoice,
            ErrorCode::Zugferd1 => Unread::Zugferd1,
        }
    }
}

/// Something odd about a document that could be read: a reason for a person to look.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ReadFinding {
    /// Stable code.
    pub code: FindingCode,
    /// What was seen, and where, for who looks at the file itself.
    pub message: String,
    /// The element, field or file that it is about.
    #[serde(default)]
    pub about: String,
}

impl ReadFinding {
    pub(crate) fn new(code: FindingCode, about: impl Into<String>, message: impl Into<String>) -> Self {
        Self { code, message: message.into(), about: about.into() }
    }

    /// In the catalogue of what people read.
    pub fn sentence(&self) -> Oddity {
        let about = || Text::of(&self.about);
        match self.code {
            FindingCode::UndecodableAttachment => Oddity::UndecodableAttachment { file: about() },
            FindingCode::MislabelledAttachment => Oddity::MislabelledAttachment { file: about() },
            FindingCode::AttachmentsLimited => Oddity::AttachmentsLimited,
            FindingCode::AmountCurrency => Oddity::AmountCurrency { about: about() },
            FindingCode::BadCurrency => Oddity::BadCurrency { about: about() },
            FindingCode::IncompleteElement => Oddity::IncompleteElement { about: about() },
            FindingCode::UnknownField => Oddity::UnknownField { about: about() },
            FindingCode::UnreadableField => Oddity::UnreadableField { about: about() },
        }
    }
}

#[cfg(test)]
mod tests {
    use domain::words::{Language, Sentence as _};

    #[test]
    fn what_could_not_be_read_is_told_with_its_place_in_each_language() {
        let error = crate::read(b"<Invoice").unwrap_err();
        assert!(error.place.is_some(), "{error:?}");
        assert_eq!(error.sentence().code(), error.code.as_str());
        let [english, dutch, polish] = Language::ALL.map(|language| error.sentence().write(language));
        assert!(english.contains("(line 1, column "), "{english}");
        assert!(dutch.contains("(regel 1, kolom ") && polish.contains("(wiersz 1, kolumna "), "{dutch} {polish}");
    }
}
