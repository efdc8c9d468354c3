//! What several formats ask of a setting.

use super::Problem;

/// A text of the settings that a format has room for. White space around it does not count.
pub(super) fn text(field: &str, value: &str, chars_max: usize) -> Option<Problem> {
    let chars = value.trim().chars().count();
    if chars == 0 {
        Some(Problem::new(field, "is empty: enter it, or leave it out"))
    } else if chars > chars_max {
        Some(Problem::new(field, format!("has {chars} characters and may have {chars_max}: shorten it")))
    } else if value.chars().any(|c| c.is_control() || matches!(c, '\u{fffe}' | '\u{ffff}')) {
        Some(Problem::new(field, "has line breaks or other control characters: take them out"))
    } else {
        None
    }
}

/// As [`text`], where the setting is there.
pub(super) fn optional(field: &str, value: Option<&str>, chars_max: usize) -> Option<Problem> {
    value.and_then(|value| text(field, value, chars_max))
}

/// As [`text`], of a setting that cannot be done without.
pub(super) fn required(field: &str, value: Option<&str>, chars_max: usize, wanted: &str) -> Option<Problem> {
    match value {
        None => Some(Problem::new(field, format!("is missing: enter {wanted}"))),
        Some(value) => text(field, value, chars_max),
    }
}

/// As [`text`], of a code by which something is looked up: as it is written.
pub(super) fn code(field: &str, value: &str, chars_max: usize) -> Option<Problem> {
    let spaced = || Problem::new(field, "has white space around its code: take it out");
    text(field, value, chars_max).or_else(|| (value.trim() != value).then(spaced))
}

/// Whether this is a code of so many digits.
pub(super) fn is_digits(value: &str, count: usize) -> bool {
    value.len() == count && value.bytes().all(|byte| byte.is_ascii_digit())
}
