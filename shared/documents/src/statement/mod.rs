//! Bank statements: which files are one, and what little of them the subject of a mail needs (ED-8, ED-9). They are passed
//! on as they came; nothing here is read for booking.

mod camt;
mod coda;
mod mt940;

use crate::{DOCUMENT_BYTES_MAX, FileKind};
use domain::{mail::StatementFormat, money::Currency, time::Date};

/// What a statement says of itself, as far as it could be read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct StatementSummary {
    /// IBAN or other account as written, without the currency that some banks put behind it.
    pub account: Option<String>,
    /// The bank's number of the statement; `first-last` where the file holds several.
    pub number: Option<String>,
    /// First day, or the day of the balance it starts from.
    pub from: Option<Date>,
    /// Last day, or the day of the balance it ends with.
    pub to: Option<Date>,
    /// Currency of the account.
    pub currency: Option<Currency>,
}

/// Says whether a file is a bank statement, and of which kind, by its content. An invoice, a picture, a PDF or any other
/// text is none; nor is a file that breaks off before the end of its statement, where that can be seen (MT940, CODA).
pub fn sniff(bytes: &[u8]) -> Option<StatementFormat> {
    if bytes.len() > DOCUMENT_BYTES_MAX {
        return None;
    }
    match crate::sniff(bytes) {
        FileKind::Xml => camt::is_statement(bytes).then_some(StatementFormat::Camt053),
        FileKind::Unknown if coda::is_statement(bytes) => Some(StatementFormat::Coda),
        FileKind::Unknown => mt940::is_statement(bytes).then_some(StatementFormat::Mt940),
        FileKind::Pdf | FileKind::Jpeg | FileKind::Png | FileKind::Gif | FileKind::Bmp | FileKind::Tiff => None,
    }
}

/// What a statement says of itself. What cannot be read is left out.
pub fn summary(bytes: &[u8], format: StatementFormat) -> StatementSummary {
    let bytes = bytes.get(..bytes.len().min(DOCUMENT_BYTES_MAX)).unwrap_or_default();
    match format {
        StatementFormat::Mt940 => mt940::summary(bytes),
        StatementFormat::Camt053 => camt::summary(bytes),
        StatementFormat::Coda => coda::summary(bytes),
    }
}

/// More statements in one file than these are summed up by the first ones.
const STATEMENTS_MAX: usize = 10_000;
/// No value of a summary is longer than this, in characters.
const VALUE_CHARACTERS_MAX: usize = 64;

/// Text that may stand in a subject: short, on one line, without control characters.
fn value(text: &str) -> Option<String> {
    let kept: String = text.chars().filter(|c| !c.is_control()).take(VALUE_CHARACTERS_MAX).collect();
    let trimmed = kept.trim();
    (!trimmed.is_empty()).then(|| trimmed.to_owned())
}

/// Text that came as bytes. The formats of lines are in ASCII or in one of its larger relatives.
fn text(bytes: &[u8]) -> Option<String> {
    value(&String::from_utf8_lossy(bytes))
}

/// The lines of a file, without their ends and a byte order mark.
fn lines(bytes: &[u8]) -> impl Iterator<Item = &[u8]> {
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    bytes.split(|byte| *byte == b'\n').map(|line| line.strip_suffix(b"\r").unwrap_or(line))
}

/// Two digits each of year, month and day, in the order in which they are given. Years from 80 are of the last century.
fn short_date(year: &[u8], month: &[u8], day: &[u8]) -> Option<Date> {
    let number = |digits: &[u8]| match digits {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some(u32::from(tens - b'0') * 10 + u32::from(ones - b'0')),
        _ => None,
    };
    let year = number(year)?;
    let century = if year >= 80 { 1900 } else { 2000 };
    Date::from_ymd_opt(i32::try_from(century + year).ok()?, number(month)?, number(day)?)
}

fn currency(bytes: &[u8]) -> Option<Currency> {
    std::str::from_utf8(bytes).ok()?.parse().ok()
}

/// What the statements of a file say together.
#[derive(Default)]
struct Together {
    summary: StatementSummary,
    last_number: Option<String>,
}

impl Together {
    fn account(&mut self, account: Option<String>) {
        self.summary.account = self.summary.account.take().or(account);
    }

    fn currency(&mut self, currency: Option<Currency>) {
        self.summary.currency = self.summary.currency.or(currency);
    }

    fn number(&mut self, number: Option<String>) {
        if self.summary.number.is_none() {
            self.summary.number = number;
        } else if number.is_some() {
            self.last_number = number;
        }
    }

    fn from(&mut self, date: Option<Date>) {
        self.summary.from = earlier(self.summary.from, date);
    }

    fn to(&mut self, date: Option<Date>) {
        self.summary.to = self.summary.to.max(date);
    }

    fn finish(self) -> StatementSummary {
        let mut summary = self.summary;
        if let (Some(first), Some(last)) = (&summary.number, &self.last_number)
            && first != last
        {
            summary.number = Some(format!("{first}-{last}"));
        }
        summary
    }
}

fn earlier(known: Option<Date>, other: Option<Date>) -> Option<Date> {
    match (known, other) {
        (Some(known), Some(other)) => Some(known.min(other)),
        (known, other) => known.or(other),
    }
}
