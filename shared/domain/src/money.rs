//! Amounts and currencies. Decimal arithmetic throughout, checked: a sum that does not fit is an error, never a wrap.

use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Why an amount could not be read or computed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum MoneyError {
    /// Not a plain decimal number such as `-1234.50`.
    #[error(
        "not a plain decimal number (digits, an optional sign and a dot; at most 13 digits before and 10 after the dot)"
    )]
    NotADecimal,
    /// Three capital letters are wanted.
    #[error("not a currency code: three capital letters such as EUR")]
    NotACurrency,
    /// Two amounts in different currencies cannot be added or compared.
    #[error("the amounts are in different currencies")]
    CurrencyMismatch,
    /// The result is larger than any amount this system accepts.
    #[error("the amount is too large")]
    Overflow,
}

/// The largest number of digits before the dot: ten million million is beyond any invoice.
pub const INTEGER_DIGITS_MAX: usize = 13;
/// The largest number of digits after the dot; prices and quantities may have many, amounts two.
pub const FRACTION_DIGITS_MAX: usize = 10;

/// Reads an `xsd:decimal` as invoices write it: optional sign, ASCII digits, optional fraction. No exponent, no comma,
/// no separators, no white space, a bounded number of digits. The scale is kept as written.
pub fn parse_decimal(text: &str) -> Result<Decimal, MoneyError> {
    let digits = text.strip_prefix(['+', '-']).unwrap_or(text);
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, ""));
    let all_digits = |part: &str| part.bytes().all(|b| b.is_ascii_digit());
    let significant = whole.trim_start_matches('0').len();
    if (whole.is_empty() && fraction.is_empty())
        || !all_digits(whole)
        || !all_digits(fraction)
        || significant > INTEGER_DIGITS_MAX
        || whole.len() > 28
        || fraction.len() > FRACTION_DIGITS_MAX
    {
        return Err(MoneyError::NotADecimal);
    }
    let negative = text.starts_with('-');
    let mut value = Decimal::from_str_exact(digits).map_err(|_| MoneyError::NotADecimal)?;
    value.set_sign_negative(negative && !value.is_zero());
    Ok(value)
}

/// Rounds to whole cents, halves away from zero.
pub fn to_cents(value: Decimal) -> Decimal {
    value.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
}

/// Sums without wrapping.
pub fn sum(values: impl IntoIterator<Item = Decimal>) -> Result<Decimal, MoneyError> {
    values.into_iter().try_fold(Decimal::ZERO, Decimal::checked_add).ok_or(MoneyError::Overflow)
}

/// A currency code: three capital letters. [`Currency::is_iso4217`] tells whether it is one that exists.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Currency([u8; 3]);

impl Currency {
    /// The euro.
    pub const EUR: Self = Self(*b"EUR");

    /// The code as text.
    pub fn as_str(&self) -> &str {
        std::str::from_utf8(&self.0).unwrap_or("???")
    }

    /// Whether ISO 4217 lists this code.
    pub fn is_iso4217(self) -> bool {
        ISO_4217.as_bytes().chunks(4).any(|code| code.starts_with(&self.0))
    }
}

/// Active ISO 4217 codes, funds and precious metals included, four bytes each.
const ISO_4217: &str = "AED AFN ALL AMD AOA ARS AUD AWG AZN BAM BBD BDT BGN BHD BIF BMD BND BOB BOV BRL BSD BTN BWP \
BYN BZD CAD CDF CHE CHF CHW CLF CLP CNY COP COU CRC CUP CVE CZK DJF DKK DOP DZD EGP ERN ETB EUR FJD FKP GBP GEL GHS \
GIP GMD GNF GTQ GYD HKD HNL HTG HUF IDR ILS INR IQD IRR ISK JMD JOD JPY KES KGS KHR KMF KPW KRW KWD KYD KZT LAK LBP \
LKR LRD LSL LYD MAD MDL MGA MKD MMK MNT MOP MRU MUR MVR MWK MXN MXV MYR MZN NAD NGN NIO NOK NPR NZD OMR PAB PEN PGK \
PHP PKR PLN PYG QAR RON RSD RUB RWF SAR SBD SCR SDG SEK SGD SHP SLE SOS SRD SSP STN SVC SYP SZL THB TJS TMT TND TOP \
TRY TTD TWD TZS UAH UGX USD USN UYI UYU UYW UZS VED VES VND VUV WST XAF XAG XAU XBA XBB XBC XBD XCD XCG XDR XOF XPD \
XPF XPT XSU XUA YER ZAR ZMW ZWG ";

impl FromStr for Currency {
    type Err = MoneyError;
    fn from_str(text: &str) -> Result<Self, MoneyError> {
        match text.as_bytes() {
            &[a, b, c] if [a, b, c].iter().all(u8::is_ascii_uppercase) => Ok(Self([a, b, c])),
            _ => Err(MoneyError::NotACurrency),
        }
    }
}

impl TryFrom<String> for Currency {
    type Error = MoneyError;
    fn try_from(text: String) -> Result<Self, MoneyError> {
        text.parse()
    }
}

impl From<Currency> for String {
    fn from(currency: Currency) -> String {
        currency.as_str().to_owned()
    }
}

impl fmt::Display for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

impl fmt::Debug for Currency {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// An amount in a currency. Serialised as `{"amount":"12.50","currency":"EUR"}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub struct Money {
    amount: Decimal,
    currency: Currency,
}

impl Money {
    /// An amount in a currency.
    pub fn new(amount: Decimal, currency: Currency) -> Self {
        Self { amount, currency }
    }

    /// The number alone.
    pub fn amount(self) -> Decimal {
        self.amount
    }

    /// The currency alone.
    pub fn currency(self) -> Currency {
        self.currency
    }

    /// The sum, when both are in one currency and the result fits.
    pub fn checked_add(self, other: Self) -> Result<Self, MoneyError> {
        if self.currency != other.currency {
            return Err(MoneyError::CurrencyMismatch);
        }
        let amount = self.amount.checked_add(other.amount).ok_or(MoneyError::Overflow)?;
        Ok(Self { amount, currency: self.currency })
    }
}

impl fmt::Display for Money {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:.2} {}", self.amount, self.currency)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;
    use rust_decimal::dec;

    #[test]
    fn decimals_are_read_as_written() {
        for (text, value) in
            [("700", dec!(700)), ("+0.10", dec!(0.10)), ("-0.00", dec!(0.00)), (".5", dec!(0.5)), ("5.", dec!(5))]
        {
            assert_eq!(parse_decimal(text), Ok(value), "{text}");
        }
        assert!(!parse_decimal("-0.00").unwrap().is_sign_negative());
    }

    #[test]
    fn what_is_not_a_plain_decimal_is_refused() {
        for text in
            ["", ".", "-", "1e5", "1,5", "NaN", "1 000", "٣", "12345678901234", "0.12345678901", "--1", "+-1", "0x10"]
        {
            assert_eq!(parse_decimal(text), Err(MoneyError::NotADecimal), "{text}");
        }
    }

    #[test]
    fn halves_go_away_from_zero() {
        assert_eq!(to_cents(dec!(0.125)), dec!(0.13));
        assert_eq!(to_cents(dec!(-0.125)), dec!(-0.13));
    }

    #[test]
    fn currencies() {
        assert!("EUR".parse::<Currency>().unwrap().is_iso4217());
        assert!(!"XYZ".parse::<Currency>().unwrap().is_iso4217());
        assert_eq!("eur".parse::<Currency>(), Err(MoneyError::NotACurrency));
        let eur = Money::new(dec!(1), Currency::EUR);
        assert_eq!(eur.checked_add(Money::new(dec!(1), "USD".parse().unwrap())), Err(MoneyError::CurrencyMismatch));
        assert_eq!(Money::new(Decimal::MAX, Currency::EUR).checked_add(eur), Err(MoneyError::Overflow));
    }

    proptest! {
        #[test]
        fn decimals_round_trip(mantissa in -9_999_999_999_999_i64..=9_999_999_999_999, scale in 0_u32..=10) {
            let value = Decimal::new(mantissa, scale);
            prop_assert_eq!(parse_decimal(&value.to_string()), Ok(value));
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,40}") {
            let _ = parse_decimal(&text);
        }
    }
}
