//! Settings from the environment: read once, before the first event, with an error that names the setting.

use std::{fmt, str::FromStr};

/// A setting is missing or cannot be what it says.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum SettingError {
    /// Not set, or empty.
    #[error("the environment variable {0} is not set")]
    Missing(&'static str),
    /// Set to something else than is wanted.
    #[error("the environment variable {name} is '{value}': {problem}")]
    Wrong {
        /// Its name.
        name: &'static str,
        /// What it is set to.
        value: String,
        /// What is wrong with that.
        problem: String,
    },
}

/// A setting that has to be there. An empty one counts as missing.
pub fn required(name: &'static str) -> Result<String, SettingError> {
    optional(name).ok_or(SettingError::Missing(name))
}

/// A setting that may be left out or empty.
pub fn optional(name: &'static str) -> Option<String> {
    std::env::var(name).ok().filter(|value| !value.is_empty())
}

/// A setting of another type than text, or its default.
pub fn parsed<T>(name: &'static str, default: T) -> Result<T, SettingError>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    match optional(name) {
        None => Ok(default),
        Some(value) => {
            value.parse().map_err(|problem: T::Err| SettingError::Wrong { name, value, problem: problem.to_string() })
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_name_the_setting() {
        assert_eq!(
            required("LEDGERPOST_NO_SUCH").unwrap_err().to_string(),
            "the environment variable LEDGERPOST_NO_SUCH is not set"
        );
        assert_eq!(parsed("LEDGERPOST_NO_SUCH", 7_u32), Ok(7));
        let wrong = parsed("PATH", 7_u32).unwrap_err();
        assert!(matches!(wrong, SettingError::Wrong { name: "PATH", .. }));
    }
}
