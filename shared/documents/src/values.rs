//! Values as invoices write them: amounts, dates, indicators.

use crate::{
    ErrorCode, FindingCode, ReadError, ReadFinding,
    error::shown,
    xml::{Element, Xml},
};
use domain::{
    invoice::AllowanceChargeKind,
    money::{Currency, FRACTION_DIGITS_MAX, MoneyError, parse_decimal},
    time::Date,
};
use rust_decimal::Decimal;
use std::borrow::Cow;

/// More findings than these say nothing new.
const FINDINGS_MAX: usize = 100;

/// What was odd, up to a limit.
#[derive(Default)]
pub(crate) struct Findings(Vec<ReadFinding>);

impl Findings {
    pub fn add(&mut self, code: FindingCode, about: impl Into<String>, message: impl Into<String>) {
        if self.0.len() < FINDINGS_MAX {
            self.0.push(ReadFinding::new(code, about, message));
        }
    }

    pub fn into_vec(self) -> Vec<ReadFinding> {
        self.0
    }
}

/// An element with what stands in it.
fn held(element: Element<'_>, text: &str) -> String {
    format!("{}: {}", element.name(), shown(text))
}

impl<'i> Xml<'i> {
    /// The text of an element, owned.
    pub fn string(&mut self, element: Element<'i>) -> Result<Option<String>, ReadError> {
        Ok(self.text(element)?.map(Cow::into_owned))
    }

    /// As [`Self::string`], for an element that may stand once.
    pub fn single(&mut self, element: Element<'i>) -> Result<Option<String>, ReadError> {
        self.once(element)?;
        self.string(element)
    }

    /// A decimal number.
    pub fn decimal(&mut self, element: Element<'i>) -> Result<Option<Decimal>, ReadError> {
        let Some(text) = self.text(element)? else { return Ok(None) };
        self.number(element, &text, parse_decimal(&text)).map(Some)
    }

    /// A decimal number in an element that may stand once.
    pub fn single_decimal(&mut self, element: Element<'i>) -> Result<Option<Decimal>, ReadError> {
        self.once(element)?;
        self.decimal(element)
    }

    /// A quantity or price in an element that may stand once. Programs write long tails behind the dot there; beyond the
    /// tenth digit they are cut off.
    pub fn single_quantity(&mut self, element: Element<'i>) -> Result<Option<Decimal>, ReadError> {
        self.once(element)?;
        let Some(text) = self.text(element)? else { return Ok(None) };
        self.number(element, &text, parse_decimal(without_tail(&text))).map(Some)
    }

    fn number(
        &self,
        element: Element<'i>,
        text: &str,
        value: Result<Decimal, MoneyError>,
    ) -> Result<Decimal, ReadError> {
        value.map_err(|error| {
            let message = format!("{}: '{}' is {error}.", element.name(), shown(text));
            self.error(element, ErrorCode::BadAmount, &message).about(held(element, text))
        })
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
            self.error(element, ErrorCode::BadDate, &message).about(held(element, text))
        })
    }

    /// A charge indicator: `true` or `1` is a charge, `false` or `0` an allowance.
    pub fn charge_indicator(&mut self, element: Element<'i>) -> Result<Option<AllowanceChargeKind>, ReadError> {
        let Some(text) = self.text(element)? else { return Ok(None) };
        match text.as_ref() {
            "true" | "1" => Ok(Some(AllowanceChargeKind::Charge)),
            "false" | "0" => Ok(Some(AllowanceChargeKind::Allowance)),
            other => {
                let message = format!("{}: '{}' is neither true nor false.", element.name(), shown(other));
                Err(self.error(element, ErrorCode::BadIndicator, &message).about(held(element, other)))
            }
        }
    }
}

/// The number without the digits behind the tenth after the dot, if it has a bounded number of such and they are digits.
fn without_tail(text: &str) -> &str {
    const TAIL_MAX: usize = 20;
    let cut = text.find('.').and_then(|dot| text.split_at_checked(dot + 1 + FRACTION_DIGITS_MAX));
    match cut {
        Some((number, tail)) if tail.len() <= TAIL_MAX && tail.bytes().all(|byte| byte.is_ascii_digit()) => number,
        _ => text,
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

/// The currencies that amounts state, each with the first element that does: all should be the document's.
#[derive(Default)]
pub(crate) struct Currencies<'i>(Vec<(Cow<'i, str>, Element<'i>)>);

impl<'i> Currencies<'i> {
    /// An amount in the document's currency, in an element that may stand once.
    pub fn single_amount(&mut self, xml: &mut Xml<'i>, element: Element<'i>) -> Result<Option<Decimal>, ReadError> {
        self.note(element);
        xml.single_decimal(element)
    }

    /// Takes note of the currency that an element states.
    pub fn note(&mut self, element: Element<'i>) {
        const DISTINCT_MAX: usize = 8;
        if let Some(stated) = element.attribute("currencyID")
            && !self.0.iter().any(|(known, _)| *known == stated)
            && self.0.len() < DISTINCT_MAX
        {
            self.0.push((stated, element));
        }
    }

    /// Finds amounts that are in another currency than the document.
    pub fn compare(&self, document: Option<&str>, xml: &Xml<'i>, findings: &mut Findings) {
        let Some(document) = document else { return };
        for (stated, element) in self.0.iter().filter(|(stated, _)| stated != document) {
            let (name, place) = (element.name(), xml.place(*element));
            let message = format!("{name} is in {} and the document in {} ({place}).", shown(stated), shown(document));
            findings.add(FindingCode::AmountCurrency, format!("{name}: {}", shown(stated)), message);
        }
    }
}

/// The currency a document states, or a finding when it is none.
pub(crate) fn currency(text: Option<&str>, findings: &mut Findings) -> Option<Currency> {
    let text = text?;
    let currency = text.parse().ok();
    if currency.is_none() {
        let message = format!("'{}' is not a currency code: three capital letters such as EUR.", shown(text));
        findings.add(FindingCode::BadCurrency, shown(text), message);
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
    fn tails_of_quantities_are_cut_off_when_they_are_digits() {
        assert_eq!(without_tail("30.00000000000"), "30.0000000000");
        assert_eq!(without_tail("0.30000000000000004"), "0.3000000000");
        for whole in ["30", "30.5", "1.0123456789", "1.0123456789e5", "1.0000000000000000000000000000000000001"] {
            assert_eq!(without_tail(whole), whole);
        }
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
