//! Text that stands in headers. Whoever holds one of these types holds a text without line breaks and control characters.

use crate::{
    fold::{one_line, to_ascii},
    names::FileName,
};
use std::fmt;

/// Longest subject or name of a sender, in characters.
pub const HEADER_TEXT_CHARS_MAX: usize = 200;
/// Longest name of an attachment, in characters: such a name stands in a header line of 78 characters without being split, which
/// older importers cannot read.
pub const ATTACHMENT_NAME_CHARS_MAX: usize = 60;
/// Longest ending of a file's name that is kept when the name is cut, in characters.
const ENDING_CHARS_MAX: usize = 8;

/// A subject or the name of a sender: one line of at most [`HEADER_TEXT_CHARS_MAX`] characters. Line breaks and control characters
/// have become spaces; what would look like an encoded word to a reader (`=?`) is taken apart.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct HeaderText(String);

impl HeaderText {
    /// The text, made harmless.
    pub fn new(text: &str) -> Self {
        Self(one_line(&text.replace("=?", "= ?"), HEADER_TEXT_CHARS_MAX))
    }

    /// As it is shown.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<&str> for HeaderText {
    fn from(text: &str) -> Self {
        Self::new(text)
    }
}

impl fmt::Display for HeaderText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The name of an attachment, as it is shown and as programs see it that read ASCII only. Never empty, never hidden, without
/// anything that leads to another folder.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct AttachmentName {
    shown: String,
    ascii: String,
}

impl AttachmentName {
    /// The name, made harmless and cut to [`ATTACHMENT_NAME_CHARS_MAX`]; its ending stays.
    pub fn new(text: &str) -> Self {
        let line = one_line(&text.replace("=?", "= ?"), usize::MAX);
        let apart = |c: char| if matches!(c, '/' | '\\' | ':' | '"' | '<' | '>' | '|' | '?' | '*') { '_' } else { c };
        let line: String = line.chars().map(apart).collect();
        let shown = with_ending(line.trim_matches(['.', ' ']));
        let ascii = |c: char| if c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.') { c } else { '_' };
        let (stem, ending) = split(&shown);
        let stem: String = to_ascii(stem).chars().map(ascii).collect();
        let ending: String = to_ascii(ending).chars().filter(char::is_ascii_alphanumeric).collect();
        let stem = stem.trim_matches(['.', '_']);
        let stem = if stem.is_empty() { EMPTY } else { stem };
        let ascii = if ending.is_empty() { with_ending(stem) } else { with_ending(&format!("{stem}.{ending}")) };
        Self { shown, ascii }
    }

    /// As it is shown.
    pub fn as_str(&self) -> &str {
        &self.shown
    }

    /// For programs that read ASCII only: letters, digits, `-`, `_` and `.`.
    pub fn ascii(&self) -> &str {
        &self.ascii
    }

    /// What is shown, where ASCII cannot say it.
    pub(crate) fn beyond_ascii(&self) -> Option<&str> {
        (!self.shown.is_ascii()).then_some(&self.shown)
    }
}

const EMPTY: &str = "attachment";

/// A name and its ending, without the dot; no ending where there is none that is worth keeping.
fn split(name: &str) -> (&str, &str) {
    match name.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() && ending.chars().count() <= ENDING_CHARS_MAX => (stem, ending),
        Some(_) | None => (name, ""),
    }
}

/// A name of at most the allowed length, cut before its ending.
fn with_ending(name: &str) -> String {
    let (stem, ending) = split(name);
    let room = ATTACHMENT_NAME_CHARS_MAX - if ending.is_empty() { 0 } else { ending.chars().count() + 1 };
    let stem: String = stem.chars().take(room).collect();
    let stem = stem.trim_end_matches(['.', ' ']);
    let stem = if stem.is_empty() { EMPTY } else { stem };
    if ending.is_empty() { stem.to_owned() } else { format!("{stem}.{ending}") }
}

impl From<&FileName> for AttachmentName {
    fn from(name: &FileName) -> Self {
        Self::new(name.as_str())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fold::is_steering;
    use proptest::prelude::*;

    #[test]
    fn header_text_is_harmless() {
        assert_eq!(HeaderText::new("Factuur\r\nBcc: a@b.example").as_str(), "Factuur Bcc: a@b.example");
        assert_eq!(HeaderText::new("=?utf-8?Q?x?=").as_str(), "= ?utf-8?Q?x?=");
        assert_eq!(HeaderText::new(&"é".repeat(300)).as_str().chars().count(), HEADER_TEXT_CHARS_MAX);
    }

    #[test]
    fn attachment_names_have_an_ascii_form() {
        for (given, shown, ascii) in [
            ("purchase-2026-0042.xml", "purchase-2026-0042.xml", "purchase-2026-0042.xml"),
            ("Wyciąg łódź.sta", "Wyciąg łódź.sta", "Wyciag_lodz.sta"),
            ("发票.xml", "发票.xml", "attachment.xml"),
            ("../../etc/passwd", "_.._etc_passwd", "etc_passwd"),
            ("a\r\nContent-Type: x.pdf", "a Content-Type_ x.pdf", "a_Content-Type__x.pdf"),
            ("", "attachment", "attachment"),
            (".htaccess", "htaccess", "htaccess"),
            ("\"q\\uote\".pdf", "_q_uote_.pdf", "q_uote.pdf"),
        ] {
            let name = AttachmentName::new(given);
            assert_eq!((name.as_str(), name.ascii()), (shown, ascii), "{given:?}");
        }
        let long = AttachmentName::new(&format!("{}.xml", "ż".repeat(200)));
        assert_eq!(long.as_str().chars().count(), ATTACHMENT_NAME_CHARS_MAX);
        assert_eq!(long.ascii().len(), ATTACHMENT_NAME_CHARS_MAX);
        assert!(long.ascii().ends_with("z.xml"));
    }

    proptest! {
        #[test]
        fn any_text_makes_a_name(text in any::<String>()) {
            let name = AttachmentName::new(&text);
            for form in [name.as_str(), name.ascii()] {
                prop_assert!(!form.is_empty() && form.chars().count() <= ATTACHMENT_NAME_CHARS_MAX);
                prop_assert!(!form.starts_with('.') && !form.contains(['/', '\\', '"']) && !form.chars().any(is_steering));
            }
            prop_assert!(name.ascii().is_ascii());
        }
    }
}
