//! Reasons, as people see them: a stable code, and the values of its sentence.

use crate::{
    ids::DocumentId,
    words::{self, Language, Sentence},
};
use serde::{Deserialize, Serialize};

/// Why a document waits or failed. Made from the typed reason by whoever decided; its sentence is made when it is shown, in
/// the language of whoever reads it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Reason {
    /// Stable, for programs: `vat_group_without_line`.
    pub code: String,
    /// The values of its sentence, as [`words`] stores them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
    /// Words that are shown as they are: a person's, or a sentence from before sentences were made when shown. Empty where
    /// the catalogue has the sentence.
    #[serde(default)]
    pub text: String,
    /// Another document that it is about: apart from the words, so that cutting them loses nothing.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentId>,
}

/// The longest text that is kept, in characters.
pub const REASON_CHARS_MAX: usize = 240;

impl Reason {
    /// A reason in somebody's own words, cut to [`REASON_CHARS_MAX`].
    pub fn new(code: &str, text: &str) -> Self {
        Self { text: cut(text, REASON_CHARS_MAX).to_owned(), ..Self::bare(code) }
    }

    /// A reason of which only the code is known.
    pub fn bare(code: &str) -> Self {
        Self { code: code.to_owned(), values: Vec::new(), text: String::new(), document: None }
    }

    /// A sentence of the catalogue. Free text in it is cut to [`REASON_CHARS_MAX`].
    pub fn said(sentence: &impl Sentence) -> Self {
        let values = sentence.values().iter().map(|value| cut(value, REASON_CHARS_MAX).to_owned()).collect();
        Self { values, ..Self::bare(sentence.code()) }
    }

    /// The same about another document.
    #[must_use]
    pub fn about(self, document: DocumentId) -> Self {
        Self { document: Some(document), ..self }
    }

    /// In words. What was stored as a sentence is shown as it was stored, unless it is one that needs no values.
    pub fn shown(&self, language: Language) -> String {
        let said = |language| words::read(&self.code, &self.values, language);
        let is_that = |english: String| english.to_lowercase().starts_with(&self.text.to_lowercase());
        if self.text.is_empty() || said(Language::English).is_some_and(is_that) {
            said(language).or_else(|| words::brief(&self.code, language)).unwrap_or_else(|| self.code.clone())
        } else {
            self.text.clone()
        }
    }
}

/// The first `chars_max` characters of a text.
pub fn cut(text: &str, chars_max: usize) -> &str {
    text.char_indices().nth(chars_max).and_then(|(end, _)| text.get(..end)).unwrap_or(text)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::words::{Held, Text};

    #[test]
    fn sentences_are_cut_at_characters() {
        assert_eq!(cut("é́abc", 2), "é́");
        assert_eq!(cut("ab", 5), "ab");
        assert_eq!(Reason::new("x", &"ö".repeat(500)).text.chars().count(), REASON_CHARS_MAX);
    }

    #[test]
    fn a_sentence_is_made_when_it_is_shown() {
        let reason = Reason::said(&Held::NewIban { account: Text::of("NL02ABNA0123456789") });
        let stored = serde_json::to_string(&reason).unwrap();
        assert_eq!(stored, r#"{"code":"new_iban","values":["NL02ABNA0123456789"],"text":""}"#);
        assert_eq!(serde_json::from_str::<Reason>(&stored).unwrap(), reason);
        let dutch = reason.shown(Language::Dutch);
        assert_eq!(dutch, "De bankrekening op het document is nieuw voor deze relatie: NL02ABNA0123456789");
        // Of values that did not fit, nothing is said.
        let bare = Reason::bare("new_iban").shown(Language::Polish);
        assert_eq!(bare, "Rachunek bankowy na dokumencie nie był dotąd znany u tego kontrahenta");
    }

    #[test]
    fn what_was_stored_as_a_sentence_is_still_shown() {
        let stored = |json: &str| serde_json::from_str::<Reason>(json).unwrap();
        // Without values it is known by its code, also when it was cut.
        let template = stored(r#"{"code":"template_missing","text":"the contact has no posting temp"}"#);
        assert_eq!(template.shown(Language::Dutch), "De relatie heeft geen boekingssjabloon: sla er een op");
        // Its values stand in its words only.
        let text = "the amounts do not add up: net 1 and VAT 2 are not the total 4";
        let totals = Reason::new("totals_disagree", text);
        assert_eq!([totals.shown(Language::English), totals.shown(Language::Dutch)], [text, text]);
        // The ledger's own words.
        let ledger = Reason::new("contact_ambiguous", "Several relations fit. Ledger: Meerdere relaties");
        assert_eq!(ledger.shown(Language::Polish), "Several relations fit. Ledger: Meerdere relaties");
        // A person's.
        assert_eq!(Reason::new("rejected", "Nie nasza").shown(Language::Dutch), "Nie nasza");
        assert_eq!(Reason::bare("unheard_of").shown(Language::Dutch), "unheard_of");
    }
}
