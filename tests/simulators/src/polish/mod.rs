//! What the simulators of Polish ledgers share: tax numbers, amounts, a document as tests look at it, and its PDF.

pub mod paper;
pub mod sold;

use std::collections::BTreeMap;

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};

/// Whether a Polish tax number (NIP) has ten digits of which the last one fits the others.
pub fn is_nip(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let [first @ .., check] = digits.as_slice() else { return false };
    let sum: u32 = first.iter().zip([6, 5, 7, 2, 3, 4, 5, 6, 7]).map(|(digit, weight)| digit * weight).sum();
    digits.len() == 10 && text.len() == 10 && sum % 11 == *check
}

/// An amount to the grosz, half of one away from zero.
pub fn round(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// What prices hold.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Priced {
    /// No VAT.
    #[default]
    Net,
    /// VAT as well.
    Gross,
}

/// How the VAT of a document is rounded.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Rounding {
    /// On each line.
    #[default]
    PerLine,
    /// On the sum of each rate.
    PerRate,
}

/// What a line or a document comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Amounts {
    /// Without VAT.
    pub net: Decimal,
    /// VAT.
    pub vat: Decimal,
    /// With VAT.
    pub gross: Decimal,
}

impl Amounts {
    /// Of a value at a rate in percent.
    pub fn of(value: Decimal, rate: Decimal, priced: Priced) -> Self {
        let value = round(value);
        match priced {
            Priced::Net => {
                let vat = round(value * rate / Decimal::ONE_HUNDRED);
                Self { net: value, vat, gross: value + vat }
            }
            Priced::Gross => {
                let vat = round(value * rate / (Decimal::ONE_HUNDRED + rate));
                Self { net: value - vat, vat, gross: value }
            }
        }
    }

    /// The sum of lines, each with its rate in percent.
    pub fn sum<'a>(lines: impl IntoIterator<Item = (Decimal, &'a Self)>, priced: Priced, rounding: Rounding) -> Self {
        let mut rates: BTreeMap<Decimal, Self> = BTreeMap::new();
        for (rate, line) in lines {
            let sum = rates.entry(rate).or_default();
            *sum = sum.plus(*line);
        }
        let of_rate = |(rate, sum): (Decimal, Self)| match (rounding, priced) {
            (Rounding::PerLine, _) => sum,
            (Rounding::PerRate, Priced::Net) => Self::of(sum.net, rate, priced),
            (Rounding::PerRate, Priced::Gross) => Self::of(sum.gross, rate, priced),
        };
        rates.into_iter().map(of_rate).fold(Self::default(), Self::plus)
    }

    fn plus(self, other: Self) -> Self {
        Self { net: self.net + other.net, vat: self.vat + other.vat, gross: self.gross + other.gross }
    }
}

#[cfg(test)]
mod tests {
    use rust_decimal::dec;

    use super::*;

    #[test]
    fn the_last_digit_of_a_tax_number_checks_the_others() {
        assert!(is_nip("5260250274") && is_nip("1234563218"));
        for wrong in ["5260250275", "526025027", "526-025-02-74", "", "PL5260250274"] {
            assert!(!is_nip(wrong), "{wrong}");
        }
    }

    #[test]
    fn vat_is_rounded_on_lines_or_on_rates() {
        let line = Amounts::of(dec!(0.99), dec!(23), Priced::Gross);
        assert_eq!((line.net, line.vat), (dec!(0.80), dec!(0.19)));
        let lines = [(dec!(23), &line), (dec!(23), &line), (dec!(23), &line)];
        assert_eq!(Amounts::sum(lines, Priced::Gross, Rounding::PerLine).vat, dec!(0.57));
        assert_eq!(Amounts::sum(lines, Priced::Gross, Rounding::PerRate).vat, dec!(0.56));
        assert_eq!(Amounts::of(dec!(0.10), dec!(5), Priced::Net).vat, dec!(0.01), "half a grosz goes up");
    }
}
