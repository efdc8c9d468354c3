//! Words and numbers as the API takes them: each checked when the body is read, with a sentence that says what it takes.

use domain::{
    money::parse_decimal,
    reason::cut,
    time::{Date, Instant},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::str::FromStr;
use utoipa::ToSchema;

/// Why a text is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{0}")]
pub struct Refused(&'static str);

macro_rules! text {
    ($(#[$doc:meta])* $name:ident, $check:expr, $wanted:literal, example = $example:literal) => {
        $(#[$doc])*
        #[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
        #[serde(try_from = "String", into = "String")]
        #[schema(value_type = String, example = $example)]
        pub struct $name(String);

        impl $name {
            /// As text.
            pub fn as_str(&self) -> &str {
                &self.0
            }

            /// The text itself.
            pub fn into_string(self) -> String {
                self.0
            }
        }

        impl TryFrom<String> for $name {
            type Error = Refused;
            fn try_from(text: String) -> Result<Self, Refused> {
                let text = text.trim();
                let check: fn(&str) -> bool = $check;
                if check(text) { Ok(Self(text.to_owned())) } else { Err(Refused($wanted)) }
            }
        }

        impl From<$name> for String {
            fn from(text: $name) -> String {
                text.0
            }
        }
    };
}

fn plain(text: &str, most: usize) -> bool {
    !text.is_empty() && text.chars().count() <= most && !text.chars().any(char::is_control)
}

text!(
    /// A name for people.
    Name, |text| plain(text, 120), "a name has 1 to 120 characters and no control characters", example = "Bakkerij De Ster"
);
text!(
    /// A name of a mail package, for people.
    PackageName, |text| plain(text, 60), "a name has 1 to 60 characters and no control characters", example = "Exact mailbox"
);
text!(
    /// Why somebody did something, in his own words.
    Why, |text| plain(text, 500), "a reason has 1 to 500 characters and no control characters", example = "Checked by phone"
);
text!(
    /// An address for mail.
    Email, is_email, "an address such as ann@example.com, at most 254 characters", example = "ann@example.com"
);
text!(
    /// A country, by ISO 3166-1.
    Country,
    |text| text.len() == 2 && text.bytes().all(|b| b.is_ascii_uppercase()),
    "a country has two capital letters, for example NL",
    example = "NL"
);
text!(
    /// Name of a file.
    FileName,
    |text| plain(text, 255),
    "a file name has 1 to 255 characters and no control characters",
    example = "invoice.xml"
);
text!(
    /// A short text of the ledger: a number, an id.
    LedgerText, |text| plain(text, 64), "1 to 64 characters without control characters", example = "26600042"
);

fn is_email(text: &str) -> bool {
    let Some((user, host)) = text.rsplit_once('@') else { return false };
    plain(text, 254)
        && !user.is_empty()
        && host.contains('.')
        && host.split('.').all(|part| !part.is_empty())
        && !text.chars().any(char::is_whitespace)
}

/// A decimal number as text, so that no reader takes it for a binary float.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(into = "String")]
#[schema(value_type = String, example = "1000.00")]
pub struct Amount(Decimal);

impl Amount {
    /// The number.
    pub fn decimal(self) -> Decimal {
        self.0
    }
}

impl From<Decimal> for Amount {
    fn from(number: Decimal) -> Self {
        Self(number)
    }
}

impl From<Amount> for String {
    fn from(amount: Amount) -> String {
        amount.0.to_string()
    }
}

impl<'de> Deserialize<'de> for Amount {
    fn deserialize<D: serde::Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Text;
        impl serde::de::Visitor<'_> for Text {
            type Value = Amount;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("a decimal number in quotes, such as \"1000.00\"")
            }
            fn visit_str<E: serde::de::Error>(self, text: &str) -> Result<Amount, E> {
                parse_decimal(text).map(Amount).map_err(|error| E::custom(format!("'{text}' is {error}")))
            }
        }
        deserializer.deserialize_str(Text)
    }
}

/// What stands in a query for a moment or a day, if anything does, with an error that says how it is written.
fn written<'de, D, T>(deserializer: D, what: &str) -> Result<Option<T>, D::Error>
where
    D: serde::Deserializer<'de>,
    T: FromStr,
{
    let text = String::deserialize(deserializer)?;
    text.parse().map(Some).map_err(|_| serde::de::Error::custom(format!("'{}' is not {what}", cut(&text, 40))))
}

/// A moment of a query.
pub fn moment<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Instant>, D::Error> {
    written(deserializer, "a moment with its zone, such as 2026-12-31T23:00:00Z")
}

/// A day of a query.
pub fn day<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Date>, D::Error> {
    written(deserializer, "a day, such as 2026-12-31")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_text() {
        let amount: Amount = serde_json::from_str("\"1000.00\"").unwrap();
        assert_eq!(serde_json::to_string(&amount).unwrap(), "\"1000.00\"");
        for wrong in ["1000.00", "\"1e3\"", "\"1,000\"", "null", "\"\""] {
            assert!(serde_json::from_str::<Amount>(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn texts_are_trimmed_and_bounded() {
        assert_eq!(Name::try_from(" a ".to_owned()).unwrap().as_str(), "a");
        assert!(Name::try_from("  ".to_owned()).is_err());
        assert!(Name::try_from("a\nb".to_owned()).is_err());
        assert!(Country::try_from("nl".to_owned()).is_err());
        for (text, good) in [("a@b.nl", true), ("a@b", false), ("@b.nl", false), ("a b@c.nl", false), ("a@.nl", false)]
        {
            assert_eq!(Email::try_from(text.to_owned()).is_ok(), good, "{text}");
        }
    }
}
