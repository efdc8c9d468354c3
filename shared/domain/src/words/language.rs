//! Languages, and which one a reader prefers.

/// A language of the catalogue.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default)]
pub enum Language {
    /// English.
    #[default]
    English,
    /// Dutch.
    Dutch,
    /// Polish.
    Polish,
}

impl Language {
    /// Every language, the default first.
    pub const ALL: [Self; 3] = [Self::English, Self::Dutch, Self::Polish];

    /// Its tag, as in `Content-Language`.
    pub fn tag(self) -> &'static str {
        match self {
            Self::English => "en",
            Self::Dutch => "nl",
            Self::Polish => "pl",
        }
    }

    /// The one of three texts in this language.
    pub(crate) fn of(self, [english, dutch, polish]: [&'static str; 3]) -> &'static str {
        match self {
            Self::English => english,
            Self::Dutch => dutch,
            Self::Polish => polish,
        }
    }

    /// The language that an `Accept-Language` header prefers: by quality, then by place; a region does not matter. English
    /// when nothing fits.
    pub fn preferred(accept: &str) -> Self {
        let ranges: Vec<(&str, f32)> = accept.split(',').filter_map(range).collect();
        let named = |language: Self| ranges.iter().position(|(tag, _)| tag.eq_ignore_ascii_case(language.tag()));
        let anything = ranges.iter().position(|(tag, _)| *tag == "*");
        let mut best: Option<(Self, f32, usize)> = None;
        for language in Self::ALL {
            let Some(place) = named(language).or(anything) else { continue };
            let quality = ranges.get(place).map_or(0.0, |(_, quality)| *quality);
            let better = best.is_none_or(|(_, most, at)| quality > most || (quality >= most && place < at));
            if quality > 0.0 && better {
                best = Some((language, quality, place));
            }
        }
        best.map_or_else(Self::default, |(language, _, _)| language)
    }
}

/// A language range without its region, and its quality. What cannot be read counts for nothing.
fn range(text: &str) -> Option<(&str, f32)> {
    let (range, parameters) = text.split_once(';').unwrap_or((text, "q=1"));
    let quality = parameters.trim().strip_prefix(['q', 'Q'])?.trim_start().strip_prefix('=')?;
    let quality: f32 = quality.trim().parse().ok().filter(|quality| (0.0..=1.0).contains(quality))?;
    let tag = range.trim().split('-').next().filter(|tag| !tag.is_empty())?;
    Some((tag, quality))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Language::{Dutch, English, Polish};

    #[test]
    fn a_language_is_chosen_by_quality_and_a_region_does_not_matter() {
        for (accept, language) in [
            ("", English),
            ("nl", Dutch),
            ("nl-BE", Dutch),
            ("NL-be, en;q=0.8", Dutch),
            ("pl-PL,pl;q=0.9,en;q=0.8", Polish),
            ("de, fr;q=0.9", English),
            ("de, pl;q=0.3", Polish),
            ("en;q=0.5, nl;q=0.7, pl;q=0.6", Dutch),
            ("pl, nl", Polish),
            ("nl;q=0, *", English),
            ("en;q=0, *;q=0.5", Dutch),
            ("*", English),
            ("*;q=0.1, pl;q=0.2", Polish),
            ("nl;q=2, pl;q=x, ;;, en;q=0.1", English),
            ("nl ; q = 0.9 , pl;q=0.8", Dutch),
        ] {
            assert_eq!(Language::preferred(accept), language, "{accept}");
        }
    }
}
