//! The parties of an invoice and the identifiers by which they are recognised.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Why an identifier could not be taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IdentifierError {
    /// Not a VAT number: a country prefix and 2 to 14 letters or digits.
    #[error("not a VAT number: two letters of the country and 2 to 14 letters or digits")]
    Vat,
    /// Not a register number: 2 to 20 letters or digits.
    #[error("not a registry number: 2 to 20 letters or digits")]
    Registry,
    /// Not an IBAN, or its check digits are wrong.
    #[error("not an IBAN: country, two check digits and up to 30 letters or digits that satisfy the check")]
    Iban,
}

/// Keeps ASCII letters and digits, in capitals: how identifiers are compared whatever dots and spaces they came with.
pub fn normalise(text: &str) -> String {
    text.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_uppercase()).collect()
}

macro_rules! identifier {
    ($(#[$doc:meta])* $name:ident) => {
        $(#[$doc])*
        #[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(String);

        impl $name {
            /// The normalised text.
            pub fn as_str(&self) -> &str {
                &self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(&self.0)
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdentifierError;
            fn try_from(text: String) -> Result<Self, IdentifierError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(value: $name) -> String {
                value.0
            }
        }
    };
}

identifier!(
    /// A VAT number in the form in which it is compared: no spaces or dots, and without the suffix that Norway appends
    /// to its organisation number.
    VatNumber
);
identifier!(
    /// A number of a trade register (the Dutch chamber of commerce and its like).
    RegistryNumber
);
identifier!(
    /// An IBAN whose check digits are right.
    Iban
);

impl FromStr for VatNumber {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let mut number = normalise(text);
        if number.starts_with("NO") && number.ends_with("MVA") {
            number.truncate(number.len() - 3);
        }
        let rest = number.get(2..).unwrap_or_default();
        let country = number.bytes().take(2).all(|b| b.is_ascii_alphabetic());
        if country && (2..=14).contains(&rest.len()) { Ok(Self(number)) } else { Err(IdentifierError::Vat) }
    }
}

impl FromStr for RegistryNumber {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let number = normalise(text);
        if (2..=20).contains(&number.len()) { Ok(Self(number)) } else { Err(IdentifierError::Registry) }
    }
}

impl FromStr for Iban {
    type Err = IdentifierError;
    fn from_str(text: &str) -> Result<Self, IdentifierError> {
        let iban = normalise(text);
        let bytes = iban.as_bytes();
        let shape = (15..=34).contains(&bytes.len())
            && bytes.iter().take(2).all(u8::is_ascii_alphabetic)
            && bytes.iter().skip(2).take(2).all(u8::is_ascii_digit);
        // The first four characters move to the end, letters count from A=10, and the number modulo 97 must be 1.
        let remainder = bytes.iter().cycle().skip(4).take(bytes.len()).fold(0_u32, |rest, byte| {
            let value = match byte {
                b'0'..=b'9' => u32::from(byte - b'0'),
                letter => u32::from(letter - b'A') + 10,
            };
            if value < 10 { (rest * 10 + value) % 97 } else { (rest * 100 + value) % 97 }
        });
        if shape && remainder == 1 { Ok(Self(iban)) } else { Err(IdentifierError::Iban) }
    }
}

/// A party as an invoice states it. Identifiers are kept as written, since an invoice may state anything; compare them
/// through [`Party::vat_number`] and its like.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Party {
    /// Legal name, or the trading name when there is no other.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// `name` is the trading name (BT-28): no legal name is stated.
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub name_is_trading: bool,
    /// VAT number as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat: Option<String>,
    /// Local tax number that is not a VAT number (BT-32).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_number: Option<String>,
    /// Number in a trade register as written.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry: Option<String>,
    /// Scheme of the register number as written, for example `0106` for the Dutch chamber of commerce.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub registry_scheme: Option<String>,
    /// Other identifiers with their scheme, for example `0088:5790000436057` (BT-29, BT-46).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub identifiers: Vec<String>,
    /// Two letters of the country.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub country: Option<String>,
    /// Network address with its scheme, for example `0106:12345678`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub endpoint: Option<String>,
}

impl Party {
    /// The VAT number in comparable form, when what was written is one.
    pub fn vat_number(&self) -> Option<VatNumber> {
        self.vat.as_deref()?.parse().ok()
    }

    /// The registry number in comparable form, when what was written is one.
    pub fn registry_number(&self) -> Option<RegistryNumber> {
        self.registry.as_deref()?.parse().ok()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn vat_numbers_compare_whatever_their_dress() {
        for (written, compared) in [
            ("DE 123456789", "DE123456789"),
            ("NL1111.11.111.B.01", "NL111111111B01"),
            ("NO123456789MVA", "NO123456789"),
            ("nl8200.98.395.b.01", "NL820098395B01"),
        ] {
            assert_eq!(written.parse::<VatNumber>().unwrap().as_str(), compared);
        }
        for written in ["", "123456789", "NL", "DE1234567890123456"] {
            assert_eq!(written.parse::<VatNumber>(), Err(IdentifierError::Vat), "{written}");
        }
    }

    #[test]
    fn ibans_are_checked() {
        assert_eq!("NL91 ABNA 0417 1643 00".parse::<Iban>().unwrap().as_str(), "NL91ABNA0417164300");
        assert!("GB82WEST12345698765432".parse::<Iban>().is_ok());
        for written in ["NL91ABNA0417164301", "", "NL", "1234567890123456", "é"] {
            assert_eq!(written.parse::<Iban>(), Err(IdentifierError::Iban), "{written}");
        }
    }
}
