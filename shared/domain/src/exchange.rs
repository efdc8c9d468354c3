//! Rates between currencies, as people and programs give them: nothing is looked up here.

use crate::{money::parse_decimal, text::text, time::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What one of a currency is in another: more than zero.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Rate(Decimal);

/// The number is no rate.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an exchange rate must be more than zero, with at most nine digits before and ten after the dot")]
pub struct RateError;

impl Rate {
    /// The number.
    pub fn value(self) -> Decimal {
        self.0
    }
}

impl TryFrom<Decimal> for Rate {
    type Error = RateError;
    fn try_from(rate: Decimal) -> Result<Self, RateError> {
        let fits = rate > Decimal::ZERO && rate < Decimal::from(1_000_000_000);
        if fits { Ok(Self(rate)) } else { Err(RateError) }
    }
}

impl TryFrom<String> for Rate {
    type Error = RateError;
    fn try_from(text: String) -> Result<Self, RateError> {
        parse_decimal(&text).map_err(|_| RateError)?.try_into()
    }
}

impl From<Rate> for String {
    fn from(rate: Rate) -> String {
        rate.0.to_string()
    }
}

text!(
    /// Who published a rate, such as `ECB`, or the number of a table of the National Bank of Poland.
    RateSource, "the source of a rate", 200
);

/// What one unit of a document's currency is worth in another: that of the books, or that in which the seller owes VAT.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ExchangeRate {
    /// Units of the other currency for one unit of the document's.
    pub rate: Rate,
    /// The day of the rate.
    pub date: Date,
    /// Who published it.
    pub source: RateSource,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_rate_is_more_than_zero_with_the_decimals_of_small_currencies() {
        for text in ["4.2512", "0.010823", "0.0000000027", "1"] {
            assert_eq!(String::from(Rate::try_from(text.to_owned()).unwrap()), text);
        }
        for text in ["0", "-4.25", "4,25", "0.00000000001", "1000000000", ""] {
            assert_eq!(Rate::try_from(text.to_owned()), Err(RateError), "{text}");
        }
    }
}
