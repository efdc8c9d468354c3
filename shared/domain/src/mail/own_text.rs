//! Subject and body of a tenant's own, with placeholders in square brackets.

use serde::{Deserialize, Serialize};
use std::fmt;

/// What takes the place of a word in square brackets.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Placeholder {
    /// Where the document can be fetched.
    InvoiceLink,
    /// Number of the document.
    DocumentNumber,
    /// Number of the order.
    OrderNumber,
    /// Name of the customer.
    CustomerName,
    /// Name of the seller.
    SellerName,
}

impl Placeholder {
    /// Every one.
    pub const ALL: [Self; 5] =
        [Self::InvoiceLink, Self::DocumentNumber, Self::OrderNumber, Self::CustomerName, Self::SellerName];

    /// What stands between the brackets.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvoiceLink => "invoice_link",
            Self::DocumentNumber => "document_number",
            Self::OrderNumber => "order_number",
            Self::CustomerName => "customer_name",
            Self::SellerName => "seller_name",
        }
    }
}

/// Which of the two texts an error speaks of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OwnTextPart {
    /// The subject.
    Subject,
    /// The body.
    Body,
}

impl OwnTextPart {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Subject => "subject",
            Self::Body => "body",
        }
    }
}

impl fmt::Display for OwnTextPart {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The longest subject, in characters.
pub const OWN_SUBJECT_CHARS_MAX: usize = 150;
/// The longest body, in characters.
pub const OWN_BODY_CHARS_MAX: usize = 5_000;

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum OwnTextError {
    /// No such placeholder.
    #[error("the {part} holds [{name}], which nothing takes the place of; there are {list}", list = known())]
    UnknownPlaceholder {
        /// Where.
        part: OwnTextPart,
        /// What stands between the brackets, cut.
        name: String,
    },
    /// A link opens the document to whoever has it, and subjects are shown in notifications and kept in logs.
    #[error("the subject may not hold [invoice_link]: it belongs into the body")]
    LinkInSubject,
    /// Empty, or too long.
    #[error("the {part} has 1 to {max} characters", max = chars_max(*.part))]
    Length {
        /// Which.
        part: OwnTextPart,
    },
    /// A line break in the subject, or a control character.
    #[error("the {part} holds a control character; lines break in the body only")]
    Control {
        /// Which.
        part: OwnTextPart,
    },
}

impl OwnTextError {
    /// Which of the two texts it speaks of.
    pub fn part(&self) -> OwnTextPart {
        match self {
            Self::UnknownPlaceholder { part, .. } | Self::Length { part } | Self::Control { part } => *part,
            Self::LinkInSubject => OwnTextPart::Subject,
        }
    }
}

fn known() -> String {
    Placeholder::ALL.map(|placeholder| format!("[{}]", placeholder.as_str())).join(", ")
}

fn chars_max(part: OwnTextPart) -> usize {
    match part {
        OwnTextPart::Subject => OWN_SUBJECT_CHARS_MAX,
        OwnTextPart::Body => OWN_BODY_CHARS_MAX,
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Placeholder(Placeholder),
}

/// Subject and body of a tenant's own for mails to customers. Whatever stands in square brackets on one line is a placeholder, so that a
/// slip of the pen is refused when it is saved and not read by a customer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "OwnTextFields", into = "OwnTextFields")]
pub struct OwnText {
    subject: Vec<Piece>,
    body: Vec<Piece>,
}

/// Both texts as they are written. Where they are stored, keys and versions stand beside them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct OwnTextFields {
    /// Subject, one line.
    pub subject: String,
    /// Body.
    pub body: String,
}

impl OwnText {
    /// Both texts, checked.
    pub fn parse(subject: &str, body: &str) -> Result<Self, OwnTextError> {
        let subject = read(OwnTextPart::Subject, subject.trim())?;
        if subject.contains(&Piece::Placeholder(Placeholder::InvoiceLink)) {
            return Err(OwnTextError::LinkInSubject);
        }
        Ok(Self { subject, body: read(OwnTextPart::Body, body)? })
    }

    /// The subject with every placeholder replaced by what `value` says.
    pub fn subject(&self, value: impl Fn(Placeholder) -> String) -> String {
        fill(&self.subject, value)
    }

    /// The body with every placeholder replaced by what `value` says.
    pub fn body(&self, value: impl Fn(Placeholder) -> String) -> String {
        fill(&self.body, value)
    }

    /// Whether the body says where the document can be fetched.
    pub fn has_link(&self) -> bool {
        self.body.contains(&Piece::Placeholder(Placeholder::InvoiceLink))
    }
}

fn fill(pieces: &[Piece], value: impl Fn(Placeholder) -> String) -> String {
    let text = |piece: &Piece| match piece {
        Piece::Text(text) => text.clone(),
        Piece::Placeholder(placeholder) => value(*placeholder),
    };
    pieces.iter().map(text).collect()
}

fn read(part: OwnTextPart, text: &str) -> Result<Vec<Piece>, OwnTextError> {
    if text.trim().is_empty() || text.chars().count() > chars_max(part) {
        return Err(OwnTextError::Length { part });
    }
    let allowed = |c: char| match part {
        OwnTextPart::Subject => false,
        OwnTextPart::Body => matches!(c, '\n' | '\r' | '\t'),
    };
    if text.chars().any(|c| c.is_control() && !allowed(c)) {
        return Err(OwnTextError::Control { part });
    }
    let mut pieces = Vec::new();
    let mut literal = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('[') {
        literal.push_str(before);
        let closed = behind.split_once(']').filter(|(name, _)| !name.contains(['[', '\n']));
        let Some((name, behind_it)) = closed else {
            literal.push('[');
            rest = behind;
            continue;
        };
        let Some(placeholder) = Placeholder::ALL.into_iter().find(|known| known.as_str() == name) else {
            return Err(OwnTextError::UnknownPlaceholder { part, name: name.chars().take(40).collect() });
        };
        if !literal.is_empty() {
            pieces.push(Piece::Text(std::mem::take(&mut literal)));
        }
        pieces.push(Piece::Placeholder(placeholder));
        rest = behind_it;
    }
    literal.push_str(rest);
    if !literal.is_empty() {
        pieces.push(Piece::Text(literal));
    }
    Ok(pieces)
}

impl TryFrom<OwnTextFields> for OwnText {
    type Error = OwnTextError;
    fn try_from(fields: OwnTextFields) -> Result<Self, OwnTextError> {
        Self::parse(&fields.subject, &fields.body)
    }
}

impl From<OwnText> for OwnTextFields {
    fn from(text: OwnText) -> Self {
        let written = |placeholder: Placeholder| format!("[{}]", placeholder.as_str());
        Self { subject: text.subject(written), body: text.body(written) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn placeholders_are_filled() {
        let text = OwnText::parse(" Invoice [document_number] ", "Dear [customer_name],\n[invoice_link]\n[").unwrap();
        assert!(text.has_link());
        let value = |placeholder: Placeholder| format!("<{}[order_number]>", placeholder.as_str());
        assert_eq!(text.subject(value), "Invoice <document_number[order_number]>");
        assert_eq!(text.body(value), "Dear <customer_name[order_number]>,\n<invoice_link[order_number]>\n[");
        let stored = serde_json::to_string(&text).unwrap();
        assert_eq!(
            stored,
            r#"{"subject":"Invoice [document_number]","body":"Dear [customer_name],\n[invoice_link]\n["}"#
        );
        assert_eq!(serde_json::from_str::<OwnText>(&stored).unwrap(), text);
    }

    #[test]
    fn what_nothing_replaces_is_refused() {
        use OwnTextPart::{Body, Subject};
        let unknown = |part, name: &str| OwnTextError::UnknownPlaceholder { part, name: name.to_owned() };
        for (subject, body, error) in [
            ("s", "[invoice link]", unknown(Body, "invoice link")),
            ("[Document_Number]", "b", unknown(Subject, "Document_Number")),
            ("s", "a [ b [total] c", unknown(Body, "total")),
            ("[invoice_link]", "b", OwnTextError::LinkInSubject),
            (" ", "b", OwnTextError::Length { part: Subject }),
            ("s", "\n", OwnTextError::Length { part: Body }),
            ("a\nb", "b", OwnTextError::Control { part: Subject }),
            ("s", "\u{0}b", OwnTextError::Control { part: Body }),
        ] {
            let refused = OwnText::parse(subject, body).unwrap_err();
            assert_eq!(refused, error);
            assert_eq!(refused.part() == Subject, refused.to_string().contains("subject"), "{refused}");
        }
        let message = OwnText::parse("s", "[x]").unwrap_err().to_string();
        assert!(message.contains("[x]") && message.contains("[invoice_link], [document_number], [order_number]"));
        let wrong = serde_json::from_str::<OwnText>(r#"{"subject":"s","body":"[x]"}"#).unwrap_err();
        assert!(wrong.to_string().contains("[x]"), "{wrong}");
    }

    proptest! {
        #[test]
        fn what_is_taken_reads_back(subject in "[a-z\\[\\]_]{1,20}", body in "[a-z\\[\\]\n_]{1,40}|a\\[seller_name\\]b") {
            if let Ok(text) = OwnText::parse(&subject, &body) {
                let fields = OwnTextFields::from(text.clone());
                prop_assert_eq!(&fields.body, &body);
                prop_assert_eq!(OwnText::try_from(fields), Ok(text));
            }
        }
    }
}
