//! Text before it is set: what cannot be seen goes, what belongs together is put together, long lines are broken.

use unicode_normalization::char::compose;

/// A space at which no line is broken.
pub const NO_BREAK: char = '\u{a0}';

/// Marks of direction, joiners and the like, which have no form of their own.
fn is_invisible(character: char) -> bool {
    matches!(
        character,
        '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{202a}'..='\u{202e}' | '\u{2060}'..='\u{206f}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{feff}'
    )
}

/// As it is set: letters with their marks as one character, every kind of space as a space.
pub fn clean(text: &str) -> String {
    let mut cleaned = String::with_capacity(text.len());
    for character in text.chars().filter(|character| !is_invisible(*character)) {
        let character = match character {
            NO_BREAK | '\u{202f}' => NO_BREAK,
            other if other.is_whitespace() || other.is_control() => ' ',
            other => other,
        };
        let before = cleaned.pop();
        match before.and_then(|before| compose(before, character)) {
            Some(one) => cleaned.push(one),
            None => cleaned.extend(before.into_iter().chain([character])),
        }
    }
    cleaned
}

/// Lines that are no wider than asked, as `measure` says. A word that is too wide by itself is cut; nothing is left out.
pub fn wrap(text: &str, width: f32, mut measure: impl FnMut(&str) -> f32) -> Vec<String> {
    let text = clean(text);
    let mut lines = Vec::new();
    let mut line = String::new();
    for word in text.split(' ').filter(|word| !word.is_empty()) {
        let before = line.len();
        if before > 0 {
            line.push(' ');
        }
        line.push_str(word);
        if measure(&line) <= width {
            continue;
        }
        if before > 0 {
            line.truncate(before);
            lines.push(std::mem::replace(&mut line, word.to_owned()));
        }
        while let Some(at) = too_wide_at(&line, width, &mut measure) {
            let rest = line.split_off(at);
            lines.push(std::mem::replace(&mut line, rest));
        }
    }
    if !line.is_empty() || lines.is_empty() {
        lines.push(line);
    }
    lines
}

/// Where a word must be cut to fit; at least one character stays before it.
fn too_wide_at(word: &str, width: f32, measure: &mut impl FnMut(&str) -> f32) -> Option<usize> {
    if measure(word) <= width {
        return None;
    }
    let ends: Vec<usize> = word.char_indices().skip(1).map(|(at, _)| at).collect();
    let fitting = ends.partition_point(|at| measure(word.get(..*at).unwrap_or(word)) <= width);
    ends.get(fitting.saturating_sub(1)).copied()
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Every character one wide.
    fn wide(text: &str) -> f32 {
        text.chars().map(|_| 1.0).sum()
    }

    #[test]
    fn lines_are_broken_at_spaces_and_a_long_word_anywhere() {
        for (text, lines) in [
            ("one two three", vec!["one two", "three"]),
            ("  one\n two ", vec!["one two"]),
            ("abcdefghijklmnopq rs", vec!["abcdefgh", "ijklmnop", "q rs"]),
            ("to abcdefghijkl", vec!["to", "abcdefgh", "ijkl"]),
            ("a 1\u{a0}234\u{a0}567", vec!["a", "1\u{a0}234\u{a0}56", "7"]),
            ("", vec![""]),
        ] {
            assert_eq!(wrap(text, 8.0, wide), lines, "{text}");
        }
        assert_eq!(wrap("abc", 0.5, wide), ["a", "b", "c"]);
    }

    #[test]
    fn letters_are_put_together_and_what_cannot_be_seen_goes() {
        assert_eq!(clean("z\u{307}o\u{301}ł\u{200b}ty\u{feff}"), "żółty");
        assert_eq!(clean("a\tb\u{2009}c\u{202f}d"), "a b c\u{a0}d");
    }
}
