//! Names of files.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// What takes the place of a word in braces.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NamePart {
    /// Name of the set of books.
    Administration,
    /// Reference of the run.
    Run,
    /// Date of the run.
    Date,
    /// Name of the format.
    Format,
    /// First posting date in the file.
    From,
    /// Last posting date in the file.
    To,
    /// How many documents.
    Documents,
}

impl NamePart {
    /// Every part.
    pub const ALL: [Self; 7] =
        [Self::Administration, Self::Run, Self::Date, Self::Format, Self::From, Self::To, Self::Documents];

    /// What stands between the braces.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Administration => "administration",
            Self::Run => "run",
            Self::Date => "date",
            Self::Format => "format",
            Self::From => "from",
            Self::To => "to",
            Self::Documents => "documents",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Part(NamePart),
}

/// How files are named, without ending: letters, digits, `-`, `_` and `.` as they are, and words in braces for what the
/// run makes of them. `{format}-{date}-{run}` when none was chosen.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NamePattern(Vec<Piece>);

/// The longest pattern, in characters.
pub const NAME_PATTERN_CHARS_MAX: usize = 100;

/// Why a pattern is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NamePatternError {
    /// No such word.
    #[error("there is no {{{0}}}; there are {list}", list = words())]
    UnknownPart(String),
    /// A brace without its other half.
    #[error("a '{{' is not closed by a '}}'")]
    Unclosed,
    /// A character that a file's name may not have.
    #[error("a file's name has letters, digits, '-', '_' and '.' only, not '{0}', and does not begin with a dot")]
    Character(char),
    /// Empty or too long.
    #[error("a file's name has 1 to {NAME_PATTERN_CHARS_MAX} characters")]
    Length,
}

fn words() -> String {
    NamePart::ALL.map(|part| format!("{{{}}}", part.as_str())).join(", ")
}

impl NamePattern {
    /// The name with every part replaced by what `value` says.
    pub fn fill(&self, value: impl Fn(NamePart) -> String) -> String {
        let text = |piece: &Piece| match piece {
            Piece::Text(text) => text.clone(),
            Piece::Part(part) => value(*part),
        };
        self.0.iter().map(text).collect()
    }
}

impl Default for NamePattern {
    fn default() -> Self {
        let dash = || Piece::Text("-".to_owned());
        Self(vec![
            Piece::Part(NamePart::Format),
            dash(),
            Piece::Part(NamePart::Date),
            dash(),
            Piece::Part(NamePart::Run),
        ])
    }
}

impl FromStr for NamePattern {
    type Err = NamePatternError;
    fn from_str(text: &str) -> Result<Self, NamePatternError> {
        if text.is_empty() || text.chars().count() > NAME_PATTERN_CHARS_MAX {
            return Err(NamePatternError::Length);
        }
        if text.starts_with('.') {
            return Err(NamePatternError::Character('.'));
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while !rest.is_empty() {
            let (literal, behind) = rest.split_at(rest.find('{').unwrap_or(rest.len()));
            let allowed = |c: &char| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.');
            if let Some(other) = literal.chars().find(|c| !allowed(c)) {
                return Err(NamePatternError::Character(other));
            }
            if !literal.is_empty() {
                pieces.push(Piece::Text(literal.to_owned()));
            }
            rest = behind;
            if let Some(word) = behind.strip_prefix('{') {
                let (name, after) = word.split_once('}').ok_or(NamePatternError::Unclosed)?;
                let part = NamePart::ALL.into_iter().find(|part| part.as_str() == name);
                pieces.push(Piece::Part(part.ok_or_else(|| NamePatternError::UnknownPart(name.to_owned()))?));
                rest = after;
            }
        }
        Ok(Self(pieces))
    }
}

impl fmt::Display for NamePattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Part(part) => write!(f, "{{{}}}", part.as_str()),
        })
    }
}

impl TryFrom<String> for NamePattern {
    type Error = NamePatternError;
    fn try_from(text: String) -> Result<Self, NamePatternError> {
        text.parse()
    }
}

impl From<NamePattern> for String {
    fn from(pattern: NamePattern) -> String {
        pattern.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_pattern_is_read_and_written_as_it_was() {
        for text in ["{format}-{date}-{run}", "invoices", "EXTF_{administration}_{from}_{to}.{documents}"] {
            assert_eq!(text.parse::<NamePattern>().unwrap().to_string(), text);
        }
        assert_eq!(NamePattern::default().to_string(), "{format}-{date}-{run}");
    }

    #[test]
    fn what_a_name_may_not_have_is_refused() {
        let refused = |text: &str| text.parse::<NamePattern>().unwrap_err();
        assert_eq!(refused("../{run}"), NamePatternError::Character('.'));
        assert_eq!(refused("a/{run}"), NamePatternError::Character('/'));
        assert_eq!(refused("a b"), NamePatternError::Character(' '));
        assert_eq!(refused("a}b"), NamePatternError::Character('}'));
        assert_eq!(refused("{run"), NamePatternError::Unclosed);
        assert_eq!(refused(""), NamePatternError::Length);
        assert!(refused("{time}").to_string().contains("{administration}, {run}"));
    }
}
