//! Letters without their accents, and text without what steers a line or a reader.

use unicode_normalization::UnicodeNormalization as _;

/// Whether a character is none of a text but does something to it: a control character, a line or paragraph separator, or an
/// invisible mark that turns the direction of reading.
pub(crate) fn is_steering(c: char) -> bool {
    c.is_control()
        || matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}' | '\u{feff}')
}

/// One line: whatever steers is a space, spaces in a row are one, none stand at the ends, and there are at most `max` characters.
pub(crate) fn one_line(text: &str, max: usize) -> String {
    let mut line = String::with_capacity(text.len().min(max.saturating_mul(2)));
    let mut length = 0;
    for word in text.split(|c: char| c.is_whitespace() || is_steering(c)).filter(|word| !word.is_empty()) {
        let space = usize::from(length > 0);
        if length + space >= max {
            break;
        }
        if space > 0 {
            line.push(' ');
        }
        line.extend(word.chars().take(max - length - space));
        length += space + word.chars().count();
    }
    line
}

/// The text in ASCII: letters lose their accents, and what has no ASCII form is left out.
pub(crate) fn to_ascii(text: &str) -> String {
    let mut ascii = String::with_capacity(text.len());
    for c in text.nfkd() {
        match c {
            c if c.is_ascii() => ascii.push(c),
            // Letters that Unicode does not take apart.
            'ł' => ascii.push('l'),
            'Ł' => ascii.push('L'),
            'ø' => ascii.push('o'),
            'Ø' => ascii.push('O'),
            'đ' | 'ð' => ascii.push('d'),
            'Đ' | 'Ð' => ascii.push('D'),
            'ı' => ascii.push('i'),
            'ß' => ascii.push_str("ss"),
            'ẞ' => ascii.push_str("SS"),
            'æ' => ascii.push_str("ae"),
            'Æ' => ascii.push_str("AE"),
            'œ' => ascii.push_str("oe"),
            'Œ' => ascii.push_str("OE"),
            'þ' => ascii.push_str("th"),
            'Þ' => ascii.push_str("Th"),
            '–' | '—' | '\u{2212}' => ascii.push('-'),
            _ => {}
        }
    }
    ascii
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn accents_go_and_letters_stay() {
        assert_eq!(to_ascii("Zażółć gęślą jaźń"), "Zazolc gesla jazn");
        assert_eq!(to_ascii("Straße Ærø naïve №5 發票"), "Strasse AEro naive No5 ");
    }

    #[test]
    fn a_line_is_one_line() {
        assert_eq!(one_line(" a\r\nBcc: b\u{202e}c\u{0}\td ", 99), "a Bcc: b c d");
        assert_eq!(one_line("abc def", 5), "abc d");
        assert_eq!(one_line("abc def", 4), "abc");
        assert_eq!(one_line("abc def", 3), "abc");
        assert_eq!(one_line("\r\n", 3), "");
    }

    proptest! {
        #[test]
        fn lines_have_no_end_and_a_length(text in any::<String>(), max in 1_usize..80) {
            let line = one_line(&text, max);
            prop_assert!(line.chars().count() <= max);
            prop_assert!(!line.chars().any(is_steering));
            prop_assert_eq!(one_line(&line, max), line);
        }
    }
}
