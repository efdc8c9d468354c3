//! VAT of a line, as the VAT code says.

use rust_decimal::{Decimal, RoundingStrategy};

use super::books::VatCode;

/// What a line comes to.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct LineVat {
    /// The amount without VAT.
    pub base: Decimal,
    /// The VAT.
    pub vat: Decimal,
    /// The VAT is owed by this administration itself: booked on both sides, not part of the total.
    pub charged: bool,
}

impl LineVat {
    /// What the other side pays or gets for this line.
    pub fn gross(&self) -> Decimal {
        if self.charged { self.base } else { self.base + self.vat }
    }
}

/// Whether a code has VAT at all; `B` and `N` have none.
pub fn bears_vat(code: &VatCode) -> bool {
    matches!(code.kind.as_str(), "E" | "I")
}

/// Computes a line. `given` is the VAT that the caller states; it takes the place of the computed one.
pub fn compute(amount: Decimal, code: Option<&VatCode>, given: Option<Decimal>) -> LineVat {
    let Some(code) = code.filter(|code| bears_vat(code)) else {
        return LineVat { base: amount, ..LineVat::default() };
    };
    if code.kind == "I" && !code.charged {
        let vat = given.unwrap_or_else(|| cents(amount * code.percentage / (Decimal::ONE + code.percentage)));
        return LineVat { base: amount - vat, vat, charged: false };
    }
    let vat = given.unwrap_or_else(|| cents(amount * code.percentage));
    LineVat { base: amount, vat, charged: code.charged }
}

/// Rounds to cents, half away from zero.
pub fn cents(amount: Decimal) -> Decimal {
    amount.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn code(kind: &str, percentage: Decimal, charged: bool) -> VatCode {
        VatCode { kind: kind.to_owned(), percentage, charged, ..VatCode::default() }
    }

    fn line(amount: i64, kind: &str, charged: bool, given: Option<i64>) -> (String, String, String) {
        let code = code(kind, Decimal::new(21, 2), charged);
        let line = compute(Decimal::new(amount, 2), Some(&code), given.map(|cents| Decimal::new(cents, 2)));
        (line.base.to_string(), line.vat.to_string(), line.gross().to_string())
    }

    #[test]
    fn each_type_of_code() {
        let of = |base: &str, vat: &str, gross: &str| (base.to_owned(), vat.to_owned(), gross.to_owned());
        assert_eq!(line(10_000, "E", false, None), of("100.00", "21.00", "121.00"));
        assert_eq!(line(10_000, "E", false, Some(2_099)), of("100.00", "20.99", "120.99"));
        assert_eq!(line(12_100, "I", false, None), of("100.00", "21.00", "121.00"));
        assert_eq!(line(10_000, "B", false, None), of("100.00", "0", "100.00"));
        assert_eq!(line(10_000, "N", false, None), of("100.00", "0", "100.00"));
        assert_eq!(line(10_000, "E", true, None), of("100.00", "21.00", "100.00"));
    }

    #[test]
    fn half_a_cent_goes_away_from_zero() {
        assert_eq!(line(50, "E", false, None).1, "0.11");
        assert_eq!(line(-50, "E", false, None).1, "-0.11");
    }
}
