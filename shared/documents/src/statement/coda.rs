//! CODA of the Belgian banks: records of 128 characters, from a header (`0`) to a trailer (`9`), one such run for each
//! account and day.

use super::{STATEMENTS_MAX, StatementSummary, Together, currency, lines, short_date, text};
use domain::{money::Currency, time::Date};
use std::borrow::Cow;

const RECORD: usize = 128;

/// A record as one byte per character: a file in UTF-8 may have letters of two bytes in names.
fn record(line: &[u8]) -> Option<Cow<'_, [u8]>> {
    if line.len() == RECORD {
        return Some(Cow::Borrowed(line));
    }
    let text = std::str::from_utf8(line).ok().filter(|text| !text.is_ascii())?;
    let flat: Vec<u8> =
        text.chars().map(|c| if c.is_ascii() { u8::try_from(c).unwrap_or(b'?') } else { b'?' }).collect();
    (flat.len() == RECORD).then_some(Cow::Owned(flat))
}

/// Characters by the positions that the standard counts from one.
fn at(record: &[u8], first: usize, last: usize) -> &[u8] {
    record.get(first.saturating_sub(1)..last).unwrap_or_default()
}

/// `0`, zeros, the date of making, the bank, `05` for the application, and the version `2` at the end.
fn is_header(record: &[u8]) -> bool {
    at(record, 1, 5) == b"00000"
        && date(at(record, 6, 11)).is_some()
        && at(record, 12, 14).iter().all(u8::is_ascii_digit)
        && at(record, 15, 16) == b"05"
        && at(record, 128, 128) == b"2"
}

/// Day, month and year.
fn date(digits: &[u8]) -> Option<Date> {
    match digits {
        [d1, d2, m1, m2, y1, y2] => short_date(&[*y1, *y2], &[*m1, *m2], &[*d1, *d2]),
        _ => None,
    }
}

/// Headers, each followed by an old balance, and all of it records up to a trailer.
pub(super) fn is_statement(bytes: &[u8]) -> bool {
    let mut previous = b'9';
    let mut records = lines(bytes).filter(|line| !line.is_empty() && *line != b"\x1a").peekable();
    if records.peek().is_none() {
        return false;
    }
    for line in records {
        let Some(record) = record(line) else { return false };
        let kind = record.first().copied().unwrap_or_default();
        let fits = match kind {
            b'0' => previous == b'9' && is_header(&record),
            b'1' => previous == b'0',
            b'2' | b'3' | b'4' | b'8' | b'9' => !matches!(previous, b'0' | b'9'),
            _ => false,
        };
        if !fits {
            return false;
        }
        previous = kind;
    }
    previous == b'9'
}

pub(super) fn summary(bytes: &[u8]) -> StatementSummary {
    let mut together = Together::default();
    let mut statements = 0;
    for line in lines(bytes) {
        let Some(record) = record(line) else { continue };
        match record.first() {
            Some(b'1') => {
                statements += 1;
                if statements > STATEMENTS_MAX {
                    break;
                }
                let (account, currency) = account(at(&record, 2, 2), at(&record, 6, 42));
                together.account(account);
                together.currency(currency);
                let number = text(at(&record, 126, 128)).or_else(|| text(at(&record, 3, 5)));
                together.number(number.filter(|number| number != "000"));
                together.from(date(at(&record, 59, 64)));
            }
            Some(b'8') => together.to(date(at(&record, 58, 63))),
            _ => {}
        }
    }
    together.finish()
}

/// The structure says where account and currency stand: an old Belgian number, or an IBAN.
fn account(structure: &[u8], field: &[u8]) -> (Option<String>, Option<Currency>) {
    let part = |first, last| at(field, first, last);
    match structure {
        b"0" => (text(part(1, 12)), currency(part(14, 16))),
        b"2" => (text(part(1, 31)), currency(part(35, 37))),
        b"1" | b"3" => (text(part(1, 34)), currency(part(35, 37))),
        _ => (None, None),
    }
}
