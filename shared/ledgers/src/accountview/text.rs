//! Texts as `AccountView` keeps them: in the code page Windows-1252, in fields of a fixed length.

/// What Windows-1252 has beyond Latin-1.
const BEYOND_LATIN_1: &str = "€‚ƒ„…†‡ˆ‰Š‹ŒŽ‘’“”•–—˜™š›œžŸ";

/// Letters and signs that it lacks, and what is written in their place.
const IN_PLACE: &[(&str, &str)] = &[
    ("ĀĂĄ", "A"),
    ("āăą", "a"),
    ("ĆĈĊČ", "C"),
    ("ćĉċč", "c"),
    ("ĎĐ", "D"),
    ("ďđ", "d"),
    ("ĒĔĖĘĚ", "E"),
    ("ēĕėęě", "e"),
    ("ĜĞĠĢ", "G"),
    ("ĝğġģ", "g"),
    ("ĤĦ", "H"),
    ("ĥħ", "h"),
    ("ĨĪĬĮİ", "I"),
    ("ĩīĭįı", "i"),
    ("Ĵ", "J"),
    ("ĵ", "j"),
    ("Ķ", "K"),
    ("ķ", "k"),
    ("ĹĻĽĿŁ", "L"),
    ("ĺļľŀł", "l"),
    ("ŃŅŇ", "N"),
    ("ńņň", "n"),
    ("ŌŎŐ", "O"),
    ("ōŏő", "o"),
    ("ŔŖŘ", "R"),
    ("ŕŗř", "r"),
    ("ŚŜŞȘ", "S"),
    ("śŝşș", "s"),
    ("ŢŤŦȚ", "T"),
    ("ţťŧț", "t"),
    ("ŨŪŬŮŰŲ", "U"),
    ("ũūŭůűų", "u"),
    ("Ŵ", "W"),
    ("ŵ", "w"),
    ("Ŷ", "Y"),
    ("ŷ", "y"),
    ("ŹŻ", "Z"),
    ("źż", "z"),
    ("ẞ", "SS"),
    ("‐‑‒―−", "-"),
    ("′‛", "'"),
    ("″‟", "\""),
    ("ﬁ", "fi"),
    ("ﬂ", "fl"),
    ("№", "nr"),
    ("→", ">"),
    ("≤", "<="),
    ("≥", ">="),
];

/// A text in Windows-1252: what the code page lacks is replaced, control characters become spaces.
pub(super) fn plain(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    for c in text.chars() {
        match c {
            ' '..='~' | '\u{a0}'..='\u{ff}' => plain.push(c),
            _ if c.is_control() || c.is_whitespace() => plain.push(' '),
            _ if BEYOND_LATIN_1.contains(c) => plain.push(c),
            _ => plain.push_str(IN_PLACE.iter().find(|(letters, _)| letters.contains(c)).map_or("?", |(_, is)| is)),
        }
    }
    plain.trim().to_owned()
}

/// The same, cut to a field's length.
pub(super) fn fit(text: &str, most: usize) -> String {
    plain(text).chars().take(most).collect::<String>().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_in_windows_1252() {
        for (text, expected) in [
            ("Café “Zürich” – € 5…", "Café “Zürich” – € 5…"),
            ("Łódź Çınar Škoda", "Lódz Çinar Škoda"),
            ("a\tb\r\nc", "a b  c"),
            ("Tōkyō 東京 🙂", "Tokyo ?? ?"),
            (" − ", "-"),
        ] {
            assert_eq!(plain(text), expected);
        }
        assert_eq!(fit("Łódź handel hurtowy", 12), "Lódz handel");
    }
}
