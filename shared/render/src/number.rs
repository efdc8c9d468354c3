//! Numbers and dates as each language writes them.

use crate::{text::NO_BREAK, words::Word};
use domain::{money::Currency, sales::DocumentLanguage, time::Date};
use rust_decimal::Decimal;

/// What is written before decimals.
pub fn mark(language: DocumentLanguage) -> char {
    match language {
        DocumentLanguage::Polish => ',',
        DocumentLanguage::English => '.',
    }
}

/// What parts thousands.
fn thousands(language: DocumentLanguage) -> char {
    match language {
        DocumentLanguage::Polish => NO_BREAK,
        DocumentLanguage::English => ',',
    }
}

/// A number with all its decimals, and at least so many.
pub fn plain(value: Decimal, least: u32, language: DocumentLanguage) -> String {
    let mut value = value.normalize();
    if value.scale() < least {
        value.rescale(least);
    }
    let text = value.abs().to_string();
    let (whole, decimals) = text.split_once('.').unwrap_or((&text, ""));
    let mut written = String::with_capacity(text.len() + 8);
    if value.is_sign_negative() && !value.is_zero() {
        written.push('-');
    }
    for (place, digit) in whole.char_indices() {
        if place > 0 && (whole.len() - place) % 3 == 0 {
            written.push(thousands(language));
        }
        written.push(digit);
    }
    if !decimals.is_empty() {
        written.push(mark(language));
        written.push_str(decimals);
    }
    written
}

/// An amount, without its currency.
pub fn amount(value: Decimal, language: DocumentLanguage) -> String {
    plain(value, 2, language)
}

/// An amount with its currency.
pub fn money(value: Decimal, currency: Currency, language: DocumentLanguage) -> String {
    format!("{}{NO_BREAK}{currency}", amount(value, language))
}

/// A day.
pub fn day(date: Date, language: DocumentLanguage) -> String {
    date.format(Word { pl: "%d.%m.%Y", en: "%-d\u{a0}%b\u{a0}%Y" }.of(language)).to_string()
}

/// A bank account in groups, as banks print it; anything else as it is.
pub fn account(text: &str) -> String {
    let digits: String = text.chars().filter(|character| !character.is_whitespace()).collect();
    let is_account = digits.len() >= 15
        && digits.len() <= 34
        && digits.chars().all(|c| c.is_ascii_alphanumeric())
        && digits.chars().skip(2).take(2).all(|c| c.is_ascii_digit());
    if !is_account {
        return text.to_owned();
    }
    // A Polish account without the letters of the country begins with a group of two.
    let first = if digits.starts_with(|c: char| c.is_ascii_digit()) { 2 } else { 0 };
    let mut grouped = String::with_capacity(digits.len() * 5 / 4 + 1);
    for (place, character) in digits.char_indices() {
        if place > 0 && place >= first && (place - first) % 4 == 0 {
            grouped.push(NO_BREAK);
        }
        grouped.push(character);
    }
    grouped
}

#[cfg(test)]
mod tests {
    use super::*;
    use DocumentLanguage::{English, Polish};

    #[test]
    fn numbers_are_written_as_the_language_does() {
        for (value, polish, english) in [
            ("0", "0,00", "0.00"),
            ("-0.00", "0,00", "0.00"),
            ("1234.56", "1\u{a0}234,56", "1,234.56"),
            ("-1234567.8", "-1\u{a0}234\u{a0}567,80", "-1,234,567.80"),
            ("999", "999,00", "999.00"),
            ("0.0125", "0,0125", "0.0125"),
            (
                "1000000000000000000.99",
                "1\u{a0}000\u{a0}000\u{a0}000\u{a0}000\u{a0}000\u{a0}000,99",
                "1,000,000,000,000,000,000.99",
            ),
        ] {
            let value: Decimal = value.parse().unwrap();
            assert_eq!(amount(value, Polish), polish);
            assert_eq!(amount(value, English), english);
        }
        let quantity: Decimal = "2.500".parse().unwrap();
        assert_eq!((plain(quantity, 0, Polish), plain(quantity, 0, English)), ("2,5".to_owned(), "2.5".to_owned()));
        assert_eq!(money(quantity, Currency::EUR, English), "2.50\u{a0}EUR");
    }

    #[test]
    fn days_and_accounts() {
        let date = "2026-03-09".parse().unwrap();
        assert_eq!(
            (day(date, Polish), day(date, English)),
            ("09.03.2026".to_owned(), "9\u{a0}Mar\u{a0}2026".to_owned())
        );
        for (text, grouped) in [
            ("PL61109010140000071219812874", "PL61 1090 1014 0000 0712 1981 2874"),
            ("61109010140000071219812874", "61 1090 1014 0000 0712 1981 2874"),
            ("61 1090 1014 0000 0712 1981 2874", "61 1090 1014 0000 0712 1981 2874"),
            ("ask for it", "ask for it"),
        ] {
            assert_eq!(account(text).replace(NO_BREAK, " "), grouped);
        }
    }
}
