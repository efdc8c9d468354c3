//! Numbering series: which number the next document gets.
//!
//! A series counts within a period of its own, in the order of issue: numbers have no gaps and no doubles, and a document is
//! never dated before the one that was numbered before it. Whoever stores the next [`Counter`] together with the document, under
//! the condition that the counter is as it was read, keeps that under parallel issuing too.

use super::IssuedKind;
use crate::{
    ids::{AdministrationId, SeriesId},
    office::Choice,
    time::Date,
};
use chrono::Datelike as _;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// When a series begins with its first number again.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reset {
    /// It never does.
    Never,
    /// On 1 January.
    Yearly,
    /// On the first of the month.
    Monthly,
    /// Every day.
    Daily,
}

/// A part of a number.
#[derive(Debug, Clone, PartialEq, Eq)]
enum Part {
    Text(String),
    /// The counter, with leading zeros up to so many digits.
    Counter(usize),
    Year,
    ShortYear,
    Month,
    Day,
}

/// How numbers of a series are written: text with `{n}` (or `{n:4}` for four digits), `{yyyy}`, `{yy}`, `{mm}` and `{dd}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct NumberPattern {
    text: String,
    parts: Vec<Part>,
}

/// The most characters of a number; ledgers take few more.
pub const NUMBER_CHARS_MAX: usize = 30;

/// Why a pattern cannot be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum PatternError {
    /// Unknown or unfinished part.
    #[error("'{0}' is not known: use {{n}}, {{n:4}}, {{yyyy}}, {{yy}}, {{mm}} and {{dd}}")]
    Unknown(String),
    /// Exactly one counter is needed.
    #[error("the pattern needs {{n}} once")]
    Counter,
    /// Numbers would become too long or hold odd characters.
    #[error("numbers would have more than {NUMBER_CHARS_MAX} characters, or control characters")]
    Characters,
    /// Numbers would come again in the next period.
    #[error("numbers would come again after the counter starts anew: add {0}")]
    Repeats(&'static str),
}

impl FromStr for NumberPattern {
    type Err = PatternError;
    fn from_str(text: &str) -> Result<Self, PatternError> {
        let text = text.trim();
        let mut parts = Vec::new();
        let mut rest = text;
        while let Some(start) = rest.find('{') {
            let (before, after) = rest.split_at(start);
            let end = after.find('}').ok_or_else(|| PatternError::Unknown(after.chars().take(20).collect()))?;
            let (token, next) = after.split_at(end + 1);
            if !before.is_empty() {
                parts.push(Part::Text(before.to_owned()));
            }
            parts.push(match token {
                "{n}" => Part::Counter(1),
                "{yyyy}" => Part::Year,
                "{yy}" => Part::ShortYear,
                "{mm}" => Part::Month,
                "{dd}" => Part::Day,
                other => {
                    let digits = other.strip_prefix("{n:").and_then(|rest| rest.strip_suffix('}'));
                    let digits =
                        digits.and_then(|digits| digits.parse().ok()).filter(|digits| (1..=9).contains(digits));
                    Part::Counter(digits.ok_or_else(|| PatternError::Unknown(other.chars().take(20).collect()))?)
                }
            });
            rest = next;
        }
        if rest.contains('}') {
            return Err(PatternError::Unknown(rest.chars().take(20).collect()));
        }
        if !rest.is_empty() {
            parts.push(Part::Text(rest.to_owned()));
        }
        if parts.iter().filter(|part| matches!(part, Part::Counter(_))).count() != 1 {
            return Err(PatternError::Counter);
        }
        let width = |part: &Part| match part {
            Part::Text(text) => text.chars().count(),
            Part::Counter(digits) => (*digits).max(7),
            Part::Year => 4,
            Part::ShortYear | Part::Month | Part::Day => 2,
        };
        let is_odd = text.chars().any(char::is_control);
        if is_odd || parts.iter().map(width).sum::<usize>() > NUMBER_CHARS_MAX {
            return Err(PatternError::Characters);
        }
        Ok(Self { text: text.to_owned(), parts })
    }
}

impl TryFrom<String> for NumberPattern {
    type Error = PatternError;
    fn try_from(text: String) -> Result<Self, PatternError> {
        text.parse()
    }
}

impl From<NumberPattern> for String {
    fn from(pattern: NumberPattern) -> String {
        pattern.text
    }
}

impl fmt::Display for NumberPattern {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.text)
    }
}

impl NumberPattern {
    /// Refuses a pattern whose numbers would come again when the counter starts anew.
    pub fn check(&self, reset: Reset) -> Result<(), PatternError> {
        let year = self.parts.iter().any(|part| matches!(part, Part::Year | Part::ShortYear));
        let month = self.parts.contains(&Part::Month);
        let day = self.parts.contains(&Part::Day);
        let missing = match reset {
            Reset::Never => return Ok(()),
            Reset::Yearly => (!year).then_some("{yyyy}"),
            Reset::Monthly => (!(year && month)).then_some("{mm} and {yyyy}"),
            Reset::Daily => (!(year && month && day)).then_some("{dd}, {mm} and {yyyy}"),
        };
        missing.map_or(Ok(()), |missing| Err(PatternError::Repeats(missing)))
    }

    /// The number of a document that is the `count`th of its period.
    pub fn number(&self, count: u64, date: Date) -> String {
        self.parts
            .iter()
            .map(|part| match part {
                Part::Text(text) => text.clone(),
                Part::Counter(digits) => format!("{count:0digits$}"),
                Part::Year => format!("{:04}", date.year()),
                Part::ShortYear => format!("{:02}", date.year().rem_euclid(100)),
                Part::Month => format!("{:02}", date.month()),
                Part::Day => format!("{:02}", date.day()),
            })
            .collect()
    }
}

/// A numbering series of an administration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Series {
    /// Id.
    pub id: SeriesId,
    /// Whose.
    pub administration: AdministrationId,
    /// Name, for people.
    pub name: String,
    /// What is numbered with it.
    pub kind: IssuedKind,
    /// How numbers look.
    pub pattern: NumberPattern,
    /// When it begins again.
    pub reset: Reset,
    /// The first number of the first period, for who goes on with a series from elsewhere.
    pub first: u64,
    /// Do not display the payment date: it is then not kept at all (CO-25).
    #[serde(default)]
    pub hide_payment_date: Choice,
    /// Days after the issue date at which payment is due.
    pub payment_days: u16,
    /// Counts edits, from 1.
    pub version: u32,
}

/// How far a series has counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Counter {
    /// The last number of the period.
    pub count: u64,
    /// The issue date of the document that has it.
    pub date: Date,
}

/// Why no number is given.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NumberingError {
    /// The document would stand before an earlier number.
    #[error(
        "the last document of the series is of {last}: a document with a later number cannot be of an earlier date"
    )]
    Chronology {
        /// The date of the last one.
        last: Date,
    },
}

impl Series {
    /// Whether two dates are in one period.
    fn same_period(&self, one: Date, other: Date) -> bool {
        match self.reset {
            Reset::Never => true,
            Reset::Yearly => one.year() == other.year(),
            Reset::Monthly => (one.year(), one.month()) == (other.year(), other.month()),
            Reset::Daily => one == other,
        }
    }

    /// The counter after the next document, and its number.
    pub fn next(&self, counter: Option<Counter>, date: Date) -> Result<(Counter, String), NumberingError> {
        let count = match counter {
            Some(counter) if date < counter.date => return Err(NumberingError::Chronology { last: counter.date }),
            Some(counter) if self.same_period(counter.date, date) => counter.count.saturating_add(1),
            Some(_) => 1,
            None => self.first,
        };
        Ok((Counter { count, date }, self.pattern.number(count, date)))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id as _;
    use proptest::prelude::*;
    use std::collections::BTreeSet;
    use ulid::Ulid;

    fn series(pattern: &str, reset: Reset) -> Series {
        Series {
            id: SeriesId::from_ulid(Ulid::from_parts(1, 1)),
            administration: AdministrationId::from_ulid(Ulid::from_parts(1, 1)),
            name: "Invoices".to_owned(),
            kind: IssuedKind::Invoice,
            pattern: pattern.parse().unwrap(),
            reset,
            first: 1,
            hide_payment_date: Choice::No,
            payment_days: 14,
            version: 1,
        }
    }

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    #[test]
    fn numbers_are_written_as_the_pattern_says() {
        for (pattern, number) in [
            ("FV {n}/{mm}/{yyyy}", "FV 7/03/2026"),
            ("{yy}{mm}{dd}-{n:4}", "260309-0007"),
            ("{n}", "7"),
            ("PAR/{n:3}/{yyyy}", "PAR/007/2026"),
        ] {
            assert_eq!(pattern.parse::<NumberPattern>().unwrap().number(7, day("2026-03-09")), number);
        }
    }

    #[test]
    fn a_pattern_that_cannot_work_is_refused() {
        assert_eq!("FV".parse::<NumberPattern>(), Err(PatternError::Counter));
        assert_eq!("{n}{n}".parse::<NumberPattern>(), Err(PatternError::Counter));
        assert_eq!("{n}/{month}".parse::<NumberPattern>(), Err(PatternError::Unknown("{month}".to_owned())));
        assert_eq!("{n:0}".parse::<NumberPattern>(), Err(PatternError::Unknown("{n:0}".to_owned())));
        assert_eq!("{n".parse::<NumberPattern>(), Err(PatternError::Unknown("{n".to_owned())));
        assert_eq!("{n}}".parse::<NumberPattern>(), Err(PatternError::Unknown("}".to_owned())));
        assert_eq!(format!("{{n}}{}", "x".repeat(24)).parse::<NumberPattern>(), Err(PatternError::Characters));
        assert_eq!("{n}\u{7}".parse::<NumberPattern>(), Err(PatternError::Characters));
    }

    #[test]
    fn a_counter_that_starts_anew_needs_its_period_in_the_number() {
        let check = |pattern: &str, reset| pattern.parse::<NumberPattern>().unwrap().check(reset);
        assert_eq!(check("{n}", Reset::Never), Ok(()));
        assert_eq!(check("{n}", Reset::Yearly), Err(PatternError::Repeats("{yyyy}")));
        assert_eq!(check("{n}/{yy}", Reset::Yearly), Ok(()));
        assert_eq!(check("{n}/{mm}", Reset::Monthly), Err(PatternError::Repeats("{mm} and {yyyy}")));
        assert_eq!(check("{n}/{mm}/{yyyy}", Reset::Monthly), Ok(()));
        assert!(check("{n}/{mm}/{yyyy}", Reset::Daily).is_err());
        assert_eq!(check("{dd}{mm}{yy}{n}", Reset::Daily), Ok(()));
    }

    #[test]
    fn a_series_counts_within_its_period_and_never_back() {
        let monthly = series("{n}/{mm}/{yyyy}", Reset::Monthly);
        let (first, number) = monthly.next(None, day("2026-03-30")).unwrap();
        assert_eq!(number, "1/03/2026");
        let (second, number) = monthly.next(Some(first), day("2026-03-31")).unwrap();
        assert_eq!(number, "2/03/2026");
        assert_eq!(
            monthly.next(Some(second), day("2026-03-30")),
            Err(NumberingError::Chronology { last: day("2026-03-31") })
        );
        let (third, number) = monthly.next(Some(second), day("2026-04-01")).unwrap();
        assert_eq!((number.as_str(), third.count), ("1/04/2026", 1));
        let taken_over = Series { first: 120, ..series("{n}/{yyyy}", Reset::Yearly) };
        assert_eq!(taken_over.next(None, day("2026-03-30")).unwrap().1, "120/2026");
    }

    proptest! {
        #[test]
        fn numbers_have_no_doubles_and_no_gaps(mut days in proptest::collection::vec(0_i64..800, 1..60), reset in 0..4) {
            days.sort_unstable();
            let reset = [Reset::Never, Reset::Yearly, Reset::Monthly, Reset::Daily][usize::try_from(reset).unwrap()];
            let series = series("{n}/{dd}/{mm}/{yyyy}", reset);
            let (mut counter, mut seen) = (None, BTreeSet::new());
            for offset in days {
                let date = day("2026-01-01") + chrono::TimeDelta::days(offset);
                let (next, number) = series.next(counter, date).unwrap();
                let follows = counter.is_none_or(|before: Counter| next.count == before.count + 1);
                prop_assert!(follows || next.count == 1);
                prop_assert!(seen.insert(number));
                counter = Some(next);
            }
        }
    }
}
