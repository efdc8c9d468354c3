//! Reasons, as people see them: a stable code and a sentence.

use crate::ids::DocumentId;
use serde::{Deserialize, Serialize};

/// Why a document waits or failed. Made from the typed reason by whoever decided; from then on only shown.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable, for programs: `vat_group_without_line`.
    pub code: String,
    /// For people: what is the matter and with which values.
    pub text: String,
    /// Another document that it is about: apart from the words, so that cutting them loses nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentId>,
}

/// The longest sentence that is kept, in characters.
pub const REASON_CHARS_MAX: usize = 240;

impl Reason {
    /// A reason with its sentence cut to [`REASON_CHARS_MAX`].
    pub fn new(code: &str, text: &str) -> Self {
        Self { code: code.to_owned(), text: cut(text, REASON_CHARS_MAX).to_owned(), document: None }
    }

    /// The same about another document.
    #[must_use]
    pub fn about(self, document: DocumentId) -> Self {
        Self { document: Some(document), ..self }
    }
}

/// The first `chars_max` characters of a text.
pub fn cut(text: &str, chars_max: usize) -> &str {
    text.char_indices().nth(chars_max).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sentences_are_cut_at_characters() {
        assert_eq!(cut("é́abc", 2), "é́");
        assert_eq!(cut("ab", 5), "ab");
        assert_eq!(Reason::new("x", &"ö".repeat(500)).text.chars().count(), REASON_CHARS_MAX);
    }
}
