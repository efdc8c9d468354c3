//! What lines come to. Each line is rounded to cents by itself and totals are sums of lines, so that a ledger which is given the lines
//! comes to the same totals.

use super::{ItemName, OrderData, Prices, Quantity, SalesVat, Sku, UnitPrice, order::AddressText};
use crate::money::to_cents;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// A line of an issued document, with what it comes to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedLine {
    /// What.
    pub name: ItemName,
    /// The seller's own code of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sku: Option<Sku>,
    /// How many; zero on a correction that takes a line back.
    pub quantity: Decimal,
    /// The word for one of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<AddressText>,
    /// The price of one, with or without VAT as the document says.
    pub price: UnitPrice,
    /// How it is taxed.
    pub vat: SalesVat,
    /// Without VAT.
    pub net: Decimal,
    /// The VAT.
    pub vat_amount: Decimal,
    /// With VAT.
    pub gross: Decimal,
}

/// What lines come to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amounts {
    /// Without VAT.
    pub net: Decimal,
    /// The VAT.
    pub vat: Decimal,
    /// With VAT.
    pub gross: Decimal,
}

impl Amounts {
    fn plus(self, line: &IssuedLine) -> Option<Self> {
        Some(Self {
            net: self.net.checked_add(line.net)?,
            vat: self.vat.checked_add(line.vat_amount)?,
            gross: self.gross.checked_add(line.gross)?,
        })
    }

    /// What this is more than another; nothing when it does not fit.
    pub fn minus(self, other: Self) -> Option<Self> {
        Some(Self {
            net: self.net.checked_sub(other.net)?,
            vat: self.vat.checked_sub(other.vat)?,
            gross: self.gross.checked_sub(other.gross)?,
        })
    }
}

/// Rounded to cents, and written with both digits.
fn cents(value: Decimal) -> Decimal {
    let mut cents = to_cents(value);
    cents.rescale(2);
    cents
}

/// What a quantity at a price comes to.
pub fn of_line(quantity: Decimal, price: UnitPrice, vat: SalesVat, prices: Prices) -> Option<Amounts> {
    let amount = cents(quantity.checked_mul(price.value())?);
    let percent = vat.percent();
    Some(match prices {
        Prices::Net => {
            let vat = cents(amount.checked_mul(percent)?.checked_div(Decimal::ONE_HUNDRED)?);
            Amounts { net: amount, vat, gross: amount.checked_add(vat)? }
        }
        Prices::Gross => {
            let whole = Decimal::ONE_HUNDRED.checked_add(percent)?;
            let vat = cents(amount.checked_mul(percent)?.checked_div(whole)?);
            Amounts { net: amount.checked_sub(vat)?, vat, gross: amount }
        }
    })
}

/// A line with what it comes to; nothing when that does not fit.
pub fn line(
    (name, sku, unit): (&ItemName, Option<&Sku>, Option<&AddressText>),
    quantity: Decimal,
    price: UnitPrice,
    vat: SalesVat,
    prices: Prices,
) -> Option<IssuedLine> {
    let Amounts { net, vat: vat_amount, gross } = of_line(quantity, price, vat, prices)?;
    let (name, sku, unit) = (name.clone(), sku.cloned(), unit.cloned());
    Some(IssuedLine { name, sku, quantity, unit, price, vat, net, vat_amount, gross })
}

/// The lines of an order as a document has them; nothing when the amounts do not fit.
pub fn lines(order: &OrderData) -> Option<Vec<IssuedLine>> {
    let lines: Option<Vec<IssuedLine>> = order
        .lines
        .iter()
        .map(|of| {
            let named = (&of.name, of.sku.as_ref(), of.unit.as_ref());
            line(named, Quantity::value(of.quantity), of.price, of.vat, order.prices)
        })
        .collect();
    let lines = lines?;
    total(&lines)?;
    Some(lines)
}

/// What lines come to together; nothing when it does not fit.
pub fn total<'a>(lines: impl IntoIterator<Item = &'a IssuedLine>) -> Option<Amounts> {
    lines.into_iter().try_fold(Amounts::default(), Amounts::plus)
}

/// What lines come to by rate; nothing when it does not fit.
pub fn by_vat(lines: &[IssuedLine]) -> Option<BTreeMap<SalesVat, Amounts>> {
    lines.iter().try_fold(BTreeMap::new(), |mut groups: BTreeMap<SalesVat, Amounts>, line| {
        let group = groups.entry(line.vat).or_default();
        *group = group.plus(line)?;
        Some(groups)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn amounts(quantity: &str, price: &str, vat: &str, prices: Prices) -> [String; 3] {
        let price = UnitPrice::try_from(price.parse::<Decimal>().unwrap()).unwrap();
        let of = of_line(quantity.parse().unwrap(), price, vat.parse().unwrap(), prices).unwrap();
        [of.net, of.vat, of.gross].map(|amount| format!("{amount:.2}"))
    }

    #[test]
    fn vat_is_in_a_price_or_on_top_of_it() {
        assert_eq!(amounts("2", "49.20", "23", Prices::Gross), ["80.00", "18.40", "98.40"]);
        assert_eq!(amounts("2", "40.00", "23", Prices::Net), ["80.00", "18.40", "98.40"]);
        assert_eq!(amounts("3", "0.99", "8", Prices::Gross), ["2.75", "0.22", "2.97"]);
        assert_eq!(amounts("1.5", "10", "exempt", Prices::Gross), ["15.00", "0.00", "15.00"]);
        assert_eq!(amounts("1", "10", "reverse_charge", Prices::Net), ["10.00", "0.00", "10.00"]);
    }

    proptest! {
        #[test]
        fn net_and_vat_are_the_gross(cents in 0_i64..100_000_000, quantity in 1_i64..1000, rate in 0_u32..=27) {
            let price = UnitPrice::try_from(Decimal::new(cents, 2)).unwrap();
            for prices in [Prices::Gross, Prices::Net] {
                let vat = rate.to_string().parse().unwrap();
                let of = of_line(Decimal::new(quantity, 1), price, vat, prices).unwrap();
                prop_assert_eq!(of.net + of.vat, of.gross);
                let ideal = of.net * Decimal::from(rate) / Decimal::ONE_HUNDRED;
                prop_assert!((ideal - of.vat).abs() <= Decimal::new(1, 2));
            }
        }
    }
}
