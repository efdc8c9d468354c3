//! How a sale is taxed, as the seller states it.

use crate::invoice::{VatCategory, VatTreatment};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// The VAT of a line, as the order states it: it is computed with, sent on, and never chosen anew (CO-26). As text: a
/// rate such as `23`, or `exempt`, `reverse_charge`, `intra_community`, `export`, `out_of_scope`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum SalesVat {
    /// A rate in percent; zero is one.
    Rate(Percent),
    /// Exempt; the document says on what grounds.
    Exempt,
    /// The buyer owes the VAT.
    ReverseCharge,
    /// Supply to another member state.
    IntraCommunity,
    /// Supply to a place outside the European Union.
    Export,
    /// Outside the scope of VAT.
    OutOfScope,
}

/// A rate in percent: 0 to 100, at most two decimals.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Percent(Decimal);

impl Percent {
    /// For example 23.
    pub fn value(self) -> Decimal {
        self.0
    }
}

/// The text is not a treatment of VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error(
    "not a VAT rate: a percentage from 0 to 100 with at most two decimals, or exempt, reverse_charge, intra_community, \
     export or out_of_scope"
)]
pub struct UnknownVat;

impl SalesVat {
    /// What a net amount is multiplied by for the VAT, in percent.
    pub fn percent(self) -> Decimal {
        match self {
            Self::Rate(percent) => percent.0,
            Self::Exempt | Self::ReverseCharge | Self::IntraCommunity | Self::Export | Self::OutOfScope => {
                Decimal::ZERO
            }
        }
    }

    /// The same as category and rate of EN 16931.
    pub fn treatment(self) -> VatTreatment {
        let (category, rate) = match self {
            Self::Rate(percent) if percent.0.is_zero() => (VatCategory::Z, Some(Decimal::ZERO)),
            Self::Rate(percent) => (VatCategory::S, Some(percent.0)),
            Self::Exempt => (VatCategory::E, Some(Decimal::ZERO)),
            Self::ReverseCharge => (VatCategory::AE, Some(Decimal::ZERO)),
            Self::IntraCommunity => (VatCategory::K, Some(Decimal::ZERO)),
            Self::Export => (VatCategory::G, Some(Decimal::ZERO)),
            Self::OutOfScope => (VatCategory::O, None),
        };
        VatTreatment { category: Some(category.as_str().to_owned()), rate }
    }
}

impl fmt::Display for SalesVat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Rate(percent) => fmt::Display::fmt(&percent.0, f),
            Self::Exempt => f.write_str("exempt"),
            Self::ReverseCharge => f.write_str("reverse_charge"),
            Self::IntraCommunity => f.write_str("intra_community"),
            Self::Export => f.write_str("export"),
            Self::OutOfScope => f.write_str("out_of_scope"),
        }
    }
}

impl FromStr for SalesVat {
    type Err = UnknownVat;
    fn from_str(text: &str) -> Result<Self, UnknownVat> {
        Ok(match text {
            "exempt" => Self::Exempt,
            "reverse_charge" => Self::ReverseCharge,
            "intra_community" => Self::IntraCommunity,
            "export" => Self::Export,
            "out_of_scope" => Self::OutOfScope,
            rate => {
                let rate = crate::money::parse_decimal(rate).map_err(|_| UnknownVat)?.normalize();
                if rate.is_sign_negative() || rate > Decimal::ONE_HUNDRED || rate.scale() > 2 {
                    return Err(UnknownVat);
                }
                Self::Rate(Percent(rate))
            }
        })
    }
}

impl TryFrom<String> for SalesVat {
    type Error = UnknownVat;
    fn try_from(text: String) -> Result<Self, UnknownVat> {
        text.parse()
    }
}

impl From<SalesVat> for String {
    fn from(vat: SalesVat) -> String {
        vat.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_read_as_it_is_written() {
        for (text, percent) in [("23", "23"), ("8.0", "8"), ("5.5", "5.5"), ("0", "0"), ("exempt", "0")] {
            let vat: SalesVat = text.parse().unwrap();
            assert_eq!(vat.percent().to_string(), percent, "{text}");
            assert_eq!(vat.to_string().parse(), Ok(vat));
        }
        for text in ["", "-1", "101", "zw", "23%", "5.555", "1e1"] {
            assert_eq!(text.parse::<SalesVat>(), Err(UnknownVat), "{text}");
        }
    }

    #[test]
    fn no_rate_is_not_the_rate_of_zero() {
        let treatments: Vec<_> = ["0", "exempt", "reverse_charge", "intra_community", "export", "out_of_scope"]
            .iter()
            .map(|text| text.parse::<SalesVat>().unwrap().treatment().category.unwrap())
            .collect();
        assert_eq!(treatments, ["Z", "E", "AE", "K", "G", "O"]);
    }
}
