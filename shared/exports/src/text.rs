//! Text of others, made fit for a column.

use std::borrow::Cow;

/// Whether a character breaks a line or steers a terminal.
fn is_break(c: char) -> bool {
    c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// Text on one line: each line break, tab and other control character is a space, several together one.
pub(crate) fn one_line(text: &str) -> Cow<'_, str> {
    if !text.chars().any(is_break) {
        return Cow::Borrowed(text);
    }
    let mut line = String::with_capacity(text.len());
    let mut breaks = false;
    for c in text.chars() {
        if !is_break(c) {
            line.push(c);
        } else if !breaks {
            line.push(' ');
        }
        breaks = is_break(c);
    }
    Cow::Owned(line)
}

/// Whether a cell with this text would be run by a spreadsheet. The start counts, as it is and without spaces and byte order
/// marks before it; full-width forms of the signs count too.
fn is_formula(text: &str) -> bool {
    let starts = |text: &str| {
        text.starts_with(['=', '+', '-', '@', '\t', '\r', '\n', '\0', '\u{ff1d}', '\u{ff0b}', '\u{ff0d}', '\u{ff20}'])
    };
    starts(text) || starts(text.trim_start_matches(|c: char| c.is_whitespace() || c == '\u{feff}' || c == '\u{200b}'))
}

/// The text with a `'` before what a spreadsheet would run.
pub(crate) fn guarded(text: &str) -> Cow<'_, str> {
    if is_formula(text) { Cow::Owned(format!("'{text}")) } else { Cow::Borrowed(text) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn breaks_become_one_space() {
        assert_eq!(one_line("a\r\nb\u{2028}c\td"), "a b c d");
        assert!(matches!(one_line("a b"), Cow::Borrowed("a b")));
    }

    #[test]
    fn what_a_spreadsheet_would_run_is_guarded() {
        for text in
            ["=1+1", "+31", "-2", "@SUM(A1)", "\t=1", "\r=1", "\0", "  =1", "\u{feff}=1", " \u{feff} @x", "\u{ff1d}1"]
        {
            assert_eq!(guarded(text), format!("'{text}"));
        }
        for text in ["", "a=1", "'=1", "Jansen - Zn", "1-2", "first\n=1"] {
            assert_eq!(guarded(text), text);
        }
    }
}
