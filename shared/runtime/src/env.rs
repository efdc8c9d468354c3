//! Settings from the environment: read once, before the first event, with an error that names the setting.

use std::{collections::BTreeMap, fmt, str::FromStr};

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

/// A setting of another type than text that has to be there.
pub fn needed<T>(name: &'static str) -> Result<T, SettingError>
where
    T: FromStr,
    T::Err: fmt::Display,
{
    let value = required(name)?;
    value.parse().map_err(|problem: T::Err| SettingError::Wrong { name, value, problem: problem.to_string() })
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

/// A setting that holds a value for each of several names: `name:value`, separated by commas. Values hold no comma.
pub fn by_name(name: &'static str) -> Result<BTreeMap<String, String>, SettingError> {
    let value = optional(name).unwrap_or_default();
    named(&value).ok_or_else(|| {
        // Not shown: it may be secret.
        SettingError::Wrong { name, value: "(hidden)".to_owned(), problem: "not name:value,name:value".to_owned() }
    })
}

fn named(text: &str) -> Option<BTreeMap<String, String>> {
    let pairs = text.split(',').map(str::trim).filter(|pair| !pair.is_empty());
    pairs
        .map(|pair| {
            let (name, value) = pair.split_once(':')?;
            (!name.is_empty() && !value.is_empty()).then(|| (name.to_owned(), value.to_owned()))
        })
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_setting_may_hold_a_value_for_each_name() {
        let pairs = named("exact-online:a:b, snelstart:c,").unwrap();
        let pairs: Vec<_> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("exact-online", "a:b"), ("snelstart", "c")]);
        assert_eq!(named("").unwrap().len(), 0);
        for wrong in ["a", ":b", "a:", "a:b,c"] {
            assert_eq!(named(wrong), None, "{wrong}");
        }
    }

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
