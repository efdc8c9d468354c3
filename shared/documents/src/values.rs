//! Values as invoices write them: amounts, dates, indicators.

use crate::{
    ErrorCode, FindingCode, ReadError, ReadFinding,
    error::shown,
    xml::{Element, Xml},
};
use domain::{
    money::{Currency, parse_decimal},
    time::Date,
};
use rust_decimal::Decimal;

/// More findings than these say nothing new.
const FINDINGS_MAX: usize = 100;

/// What was odd, up to a limit.
#[derive(Default)]
pub(crate) struct Findings(Vec<ReadFinding>);

impl Findings {
    pub fn add(&mut self, code: FindingCode, message: impl Into<String>) {
        if self.0.len() < FINDINGS_MAX {
            self.0.push(ReadFinding::new(code, message));
        }
    }

    pub fn into_vec(self) -> Vec<ReadFinding> {
        self.0
    }
}

impl<'i> Xml<'i> {
    /// The text of an element, owned.
    pub fn string(&mut self, element: Element<'i>) -> Result<Option<String>, ReadError> {
        Ok(self.text(element)?.map(std::borrow::Cow::into_owned))
    }

    /// As [`Self::string`], for an element that may stand once.
    pub fn single(&mut self, element: Element<'i>) -> Result<Option<String>, ReadError> {
        self.once(element)?;
        self.string(element)
    }

    /// A decimal number.
    pub fn decimal(&mut self, element: Element<'i>) -> Result<Option<Decimal>, ReadError> {
        let Some(text) = self.text(element)? else { return Ok(None) };
        match parse_decimal(&text) {
            Ok(value) => Ok(Some(value)),
            Err(error) => {
                let message = format!("{}: '{}' is {error}.", element.name(), shown(&text));
                Err(self.error(element, ErrorCode::BadAmount, &message))
            }
        }
    }

    /// A decimal number in an element that may stand once.
    pub fn single_decimal(&mut self, element: Element<'i>) -> Result<Option<Decimal>, ReadError> {
        self.once(element)?;
        self.decimal(element)
    }

    /// A date of the calendar. A time zone is dropped and the day not shifted.
    pub fn date(&mut self, element: Element<'i>) -> Result<Option<Date>, ReadError> {
        let Some(text) = self.text(element)? else { return Ok(None) };
        self.dated(element, &text, parse_date(&text)).map(Some)
    }

    /// A date in an element that may stand once.
    pub fn single_date(&mut self, element: Element<'i>) -> Result<Option<Date>, ReadError> {
        self.once(element)?;
        self.date(element)
    }

    /// The date, or an error that shows what stands there instead.
    pub fn dated(&self, element: Element<'i>, text: &str, date: Option<Date>) -> Result<Date, ReadError> {
        date.ok_or_else(|| {
            let message = format!("{}: '{}' is not a date such as 2026-03-31.", element.name(), shown(text));
            self.error(element, ErrorCode::BadDate, &message)
        })
    }

    /// `true`, `false`, `1` or `0`.
    pub fn indicator(&mut self, element: Element<'i>) -> Result<Option<bool>, ReadError> {
        let Some(text) = self.text(element)? else { return Ok(None) };
        match text.as_ref() {
            "true" | "1" => Ok(Some(true)),
            "false" | "0" => Ok(Some(false)),
            other => {
                let message = format!("{}: '{}' is neither true nor false.", element.name(), shown(other));
                Err(self.error(element, ErrorCode::BadIndicator, &message))
            }
        }
    }
}

/// Reads `2026-03-31`, with or without a time zone behind it.
pub(crate) fn parse_date(text: &str) -> Option<Date> {
    let (date, zone) = text.split_at_checked(10)?;
    if !is_zone(zone) {
        return None;
    }
    match date.as_bytes() {
        [y @ .., b'-', m1, m2, b'-', d1, d2] if y.len() == 4 => calendar(y, [*m1, *m2], [*d1, *d2]),
        _ => None,
    }
}

/// Reads `20260331`, as CII writes dates.
pub(crate) fn parse_compact_date(text: &str) -> Option<Date> {
    match text.as_bytes() {
        [y1, y2, y3, y4, m1, m2, d1, d2] => calendar(&[*y1, *y2, *y3, *y4], [*m1, *m2], [*d1, *d2]),
        _ => None,
    }
}

fn calendar(year: &[u8], month: [u8; 2], day: [u8; 2]) -> Option<Date> {
    let number = |digits: &[u8]| {
        digits
            .iter()
            .try_fold(0_u32, |value, digit| digit.is_ascii_digit().then(|| value * 10 + u32::from(digit - b'0')))
    };
    Date::from_ymd_opt(i32::try_from(number(year)?).ok()?, number(&month)?, number(&day)?)
}

fn is_zone(zone: &str) -> bool {
    match zone.as_bytes() {
        [] | b"Z" => true,
        [b'+' | b'-', h1, h2, b':', m1, m2] => [h1, h2, m1, m2].iter().all(|digit| digit.is_ascii_digit()),
        _ => false,
    }
}

/// The currency a document states, or a finding when it is none.
pub(crate) fn currency(text: Option<&str>, findings: &mut Findings) -> Option<Currency> {
    let text = text?;
    let currency = text.parse().ok();
    if currency.is_none() {
        let message = format!("'{}' is not a currency code: three capital letters such as EUR.", shown(text));
        findings.add(FindingCode::BadCurrency, message);
    }
    currency
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn dates_drop_their_time_zone() {
        let date = Date::from_ymd_opt(2026, 3, 31);
        for text in ["2026-03-31", "2026-03-31Z", "2026-03-31+02:00", "2026-03-31-11:30"] {
            assert_eq!(parse_date(text), date, "{text}");
        }
        assert_eq!(parse_compact_date("20260331"), date);
    }

    #[test]
    fn what_is_no_date_of_the_calendar_is_refused() {
        for text in [
            "",
            "2026-02-30",
            "2026-3-31",
            "26-03-31",
            "2026-03-31T00:00:00",
            "2026/03/31",
            "-026-03-31",
            "２026-03-31",
            "+026-03-31",
            "2026-03-31Zz",
        ] {
            assert_eq!(parse_date(text), None, "{text}");
        }
        assert_eq!(parse_compact_date("2026033"), None);
    }
}
