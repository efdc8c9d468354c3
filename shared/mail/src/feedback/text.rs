//! Texts of others, fit to be kept and shown.

use crate::fold::one_line;

/// What takes the place of an address.
const REDACTED: &str = "[address]";

/// A word of theirs, on one line and of a bounded length.
pub(super) fn cut(text: &str, max: usize) -> String {
    one_line(text, max)
}

/// What a server said, on one line, without the addresses in it: it is shown to people and kept for long. Cut last, so that no half of an
/// address is left.
pub(super) fn redacted(text: &str, max: usize) -> String {
    let parts_words = |c: char| c.is_whitespace() || c.is_control() || "<>()[],;:\"'`{}|".contains(c);
    let mut shown = String::with_capacity(text.len());
    for piece in text.split_inclusive(parts_words) {
        let word = piece.trim_end_matches(parts_words);
        let behind = piece.get(word.len()..).unwrap_or_default();
        shown.push_str(if word.contains('@') { REDACTED } else { word });
        shown.push_str(behind);
    }
    one_line(&shown, max)
}

/// The address alone where a name stands before it.
pub(super) fn bare_address(text: &str) -> String {
    let inside = text.rsplit_once('<').and_then(|(_, behind)| behind.split_once('>')).map(|(address, _)| address);
    cut(inside.unwrap_or(text), 320)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn addresses_are_left_out() {
        for (said, kept) in [
            ("smtp; 550 5.1.1 <jane@example.com>... User unknown", "smtp; 550 5.1.1 <[address]>... User unknown"),
            ("rfc822;a.b+c@d.example: \r\n no\u{0}", "rfc822;[address]: no"),
            ("jane@example.com", "[address]"),
            ("mailto:jane@example.com,joe@example.com", "mailto:[address],[address]"),
            ("452 4.2.2 full", "452 4.2.2 full"),
        ] {
            assert_eq!(redacted(said, 300), kept);
        }
        assert_eq!(redacted("no such user jane@example.com", 17), "no such user [add");
        assert_eq!(bare_address("Jane <jane@example.com>"), "jane@example.com");
        assert_eq!(bare_address("jane@example.com"), "jane@example.com");
    }

    proptest! {
        #[test]
        fn no_address_survives(text in any::<String>(), max in 1_usize..400) {
            prop_assert!(!redacted(&text, max).contains('@'));
            let _ = bare_address(&text);
        }
    }
}
