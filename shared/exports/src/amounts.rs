//! Amounts of a document in the currency that a file is in.

use crate::document::{Books, ExportDocument};
use domain::{
    export_format::AmountStrategy,
    money::{Currency, MoneyError, sum, to_cents},
    reason::Reason,
    words::{Amount, Text, Unfit},
};
use rust_decimal::Decimal;

/// Amounts of a line of the posting, signed by effect.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) struct LineAmounts {
    /// Without VAT.
    pub net: Decimal,
    /// VAT.
    pub vat: Decimal,
}

impl LineAmounts {
    /// With VAT.
    pub fn gross(self) -> Decimal {
        self.net + self.vat
    }
}

/// Amounts of a document, signed by effect, in whole cents. The lines add up to the totals.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Amounts {
    /// Of all of them.
    pub currency: Currency,
    /// Without VAT.
    pub net: Decimal,
    /// VAT.
    pub vat: Decimal,
    /// With VAT.
    pub gross: Decimal,
    /// Each line of the posting.
    pub lines: Vec<LineAmounts>,
}

/// The amounts as the strategy wants them.
pub(crate) fn of(document: &ExportDocument, books: &Books, strategy: AmountStrategy) -> Result<Amounts, Reason> {
    match strategy {
        AmountStrategy::Original => original(document),
        AmountStrategy::Company => company(document, books),
    }
}

/// The amounts as the document states them. More decimals than two are refused: no format here has room for them.
pub(crate) fn original(document: &ExportDocument) -> Result<Amounts, Reason> {
    let amounts = stated(document)?;
    let lines = amounts.lines.iter().flat_map(|line| [line.net, line.vat]);
    match [amounts.net, amounts.vat, amounts.gross].into_iter().chain(lines).find(|value| to_cents(*value) != *value) {
        Some(odd) => Err(out_of_range("amount", odd)),
        None => Ok(amounts),
    }
}

/// The amounts in the currency of the books. Each line is converted and rounded; the difference to the converted total goes
/// to the largest line, so that the lines still add up.
pub(crate) fn company(document: &ExportDocument, books: &Books) -> Result<Amounts, Reason> {
    if document.posting.currency == books.currency {
        return original(document);
    }
    let stated = stated(document)?;
    let convert = |value: Decimal| converted(document, books, value);
    let gross = convert(stated.gross)?;
    let vat = convert(stated.vat)?;
    let net = gross - vat;
    let mut nets = stated.lines.iter().map(|line| convert(line.net)).collect::<Result<Vec<_>, _>>()?;
    let mut vats = stated.lines.iter().map(|line| convert(line.vat)).collect::<Result<Vec<_>, _>>()?;
    balance(&mut nets, net)?;
    balance(&mut vats, vat)?;
    let lines = nets.into_iter().zip(vats).map(|(net, vat)| LineAmounts { net, vat }).collect();
    Ok(Amounts { currency: books.currency, net, vat, gross, lines })
}

/// One amount of the document in the currency of the books, in whole cents. Never converted without a rate.
pub(crate) fn converted(document: &ExportDocument, books: &Books, value: Decimal) -> Result<Decimal, Reason> {
    let currency = document.posting.currency;
    if currency == books.currency {
        return Ok(value);
    }
    let missing = || Unfit::NoRate { currency: Text::of(currency), books: Text::of(books.currency) };
    let rate = document.rate.as_ref().map(|rate| rate.rate.value());
    let rate = rate.ok_or_else(|| Reason::said(&missing()))?;
    value.checked_mul(rate).map(to_cents).ok_or_else(|| out_of_range("amount", value))
}

/// Puts what is missing from the total on the largest of the values, the first of several.
fn balance(values: &mut [Decimal], total: Decimal) -> Result<(), Reason> {
    let difference = total - sum(values.iter().copied()).map_err(too_large)?;
    let mut largest: Option<&mut Decimal> = None;
    for value in values {
        if largest.as_ref().is_none_or(|held| held.abs() < value.abs()) {
            largest = Some(value);
        }
    }
    if let Some(largest) = largest {
        *largest += difference;
    }
    Ok(())
}

/// The posting's amounts, when its lines add up.
fn stated(document: &ExportDocument) -> Result<Amounts, Reason> {
    let posting = &document.posting;
    let lines: Vec<LineAmounts> =
        posting.lines.iter().map(|line| LineAmounts { net: line.net, vat: line.vat }).collect();
    let nets = sum(lines.iter().map(|line| line.net)).map_err(too_large)?;
    let vats = sum(lines.iter().map(|line| line.vat)).map_err(too_large)?;
    if nets != posting.net || vats != posting.vat || nets + vats != posting.gross {
        return Err(unbalanced(nets + vats, posting.gross));
    }
    Ok(Amounts { currency: posting.currency, net: nets, vat: vats, gross: posting.gross, lines })
}

/// The rows would not add up to the document.
pub(crate) fn unbalanced(lines: Decimal, total: Decimal) -> Reason {
    Reason::said(&Unfit::Unbalanced { lines: Amount(lines), total: Amount(total) })
}

/// A number that the format does not take.
pub(crate) fn out_of_range(field: &str, value: Decimal) -> Reason {
    Reason::said(&Unfit::OutOfRange { field: Text::of(field), value: Text::of(value) })
}

/// A sum beyond every amount.
pub(crate) fn too_large(error: MoneyError) -> Reason {
    Reason::said(&Unfit::OutOfRange { field: Text::of("amount"), value: Text::of(error) })
}

/// Two decimals behind a point, as amounts are written everywhere. Zero has no sign.
pub(crate) fn cents(value: Decimal) -> String {
    let mut value = if value.is_zero() { Decimal::ZERO } else { value };
    value.rescale(2);
    value.to_string()
}

/// A number with no more decimals than it needs.
pub(crate) fn plain(value: Decimal) -> String {
    if value.is_zero() { "0".to_owned() } else { value.normalize().to_string() }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rust_decimal::dec;

    #[test]
    fn amounts_have_two_decimals_and_zero_no_sign() {
        assert_eq!([cents(dec!(-50)), cents(dec!(1.5)), cents(-Decimal::ZERO)], ["-50.00", "1.50", "0.00"]);
        assert_eq!([plain(dec!(21.00)), plain(dec!(0.00)), plain(dec!(4.2513))], ["21", "0", "4.2513"]);
    }

    proptest! {
        #[test]
        fn the_difference_goes_to_the_largest(values in prop::collection::vec(-10_000_i64..10_000, 1..9), off in -5_i64..5) {
            let before: Vec<Decimal> = values.iter().map(|cents| Decimal::new(*cents, 2)).collect();
            let total = before.iter().sum::<Decimal>() + Decimal::new(off, 2);
            let mut after = before.clone();
            balance(&mut after, total).unwrap();
            prop_assert_eq!(after.iter().sum::<Decimal>(), total);
            prop_assert!(before.iter().zip(&after).filter(|(a, b)| a != b).count() <= 1);
        }
    }
}
