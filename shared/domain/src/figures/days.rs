//! On which days how many documents of a contact were posted, within the window that recommendations look at.

use crate::time::Date;
use chrono::Days;
use std::{collections::BTreeMap, fmt, fmt::Write as _, str::FromStr};

/// So many days count: today and the days before it (AP-26).
pub const WINDOW_DAYS: u32 = 90;

/// How many documents of a contact were posted on each day of the administration's calendar.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PostedDays(BTreeMap<Date, u32>);

/// The text is none that [`PostedDays`] writes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a first day followed by counts of days")]
pub struct PostedDaysError;

impl PostedDays {
    /// One more document on this day.
    pub fn add(&mut self, day: Date) {
        let count = self.0.entry(day).or_default();
        *count = count.saturating_add(1);
    }

    /// Whether a day is within the window that ends today. What lies ahead is: a zone may have been changed.
    fn counts(day: Date, today: Date) -> bool {
        day.checked_add_days(Days::new(WINDOW_DAYS.into())).is_none_or(|out| out > today)
    }

    /// How many documents were posted within the window that ends today.
    pub fn count(&self, today: Date) -> u32 {
        let within = self.0.iter().filter(|(day, _)| Self::counts(**day, today));
        within.fold(0, |sum, (_, count)| sum.saturating_add(*count))
    }

    /// Forgets the days that have fallen out of the window.
    pub fn forget(&mut self, today: Date) {
        self.0.retain(|day, _| Self::counts(*day, today));
    }

    /// The first day on which the count is lower though nothing happens.
    pub fn next_fall(&self) -> Option<Date> {
        self.0.keys().next()?.checked_add_days(Days::new(WINDOW_DAYS.into()))
    }
}

/// The first day, then the count of each day from it on; a day without any is left empty.
impl fmt::Display for PostedDays {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Some((first, _)) = self.0.first_key_value() else { return Ok(()) };
        write!(f, "{first}")?;
        let mut last = *first;
        f.write_char(' ')?;
        for (day, count) in &self.0 {
            for _ in 0..(*day - last).num_days() {
                f.write_char(',')?;
            }
            write!(f, "{count}")?;
            last = *day;
        }
        Ok(())
    }
}

impl FromStr for PostedDays {
    type Err = PostedDaysError;
    fn from_str(text: &str) -> Result<Self, PostedDaysError> {
        if text.is_empty() {
            return Ok(Self::default());
        }
        let (first, counts) = text.split_once(' ').ok_or(PostedDaysError)?;
        let first: Date = first.parse().map_err(|_| PostedDaysError)?;
        let mut days = BTreeMap::new();
        for (after, count) in (0..).zip(counts.split(',')).filter(|(_, count)| !count.is_empty()) {
            let day = first.checked_add_days(Days::new(after)).ok_or(PostedDaysError)?;
            days.insert(day, count.parse().map_err(|_| PostedDaysError)?);
        }
        Ok(Self(days))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn day(after: u64) -> Date {
        Date::from_ymd_opt(2026, 1, 1).unwrap() + Days::new(after)
    }

    fn of(days: &[u64]) -> PostedDays {
        let mut posted = PostedDays::default();
        for after in days {
            posted.add(day(*after));
        }
        posted
    }

    #[test]
    fn a_day_counts_for_ninety_days() {
        let posted = of(&[0, 0, 1]);
        assert_eq!(posted.count(day(0)), 3);
        assert_eq!(posted.count(day(89)), 3);
        assert_eq!(posted.count(day(90)), 1);
        assert_eq!(posted.count(day(91)), 0);
        assert_eq!(posted.next_fall(), Some(day(90)));
        assert_eq!(PostedDays::default().next_fall(), None);
    }

    #[test]
    fn days_are_stored_as_a_short_text() {
        assert_eq!(of(&[0, 0, 3]).to_string(), "2026-01-01 2,,,1");
        assert_eq!(PostedDays::default().to_string(), "");
        for wrong in ["x", "2026-01-01", "2026-01-01 a", "2026-13-01 1", "2026-01-01 -1"] {
            assert_eq!(wrong.parse::<PostedDays>(), Err(PostedDaysError), "{wrong}");
        }
    }

    proptest! {
        #[test]
        fn the_text_reads_back(days in proptest::collection::vec(0_u64..90, 0..300)) {
            let posted = of(&days);
            prop_assert_eq!(posted.to_string().parse(), Ok(posted));
        }

        #[test]
        fn the_count_is_that_of_the_plain_list(days in proptest::collection::vec(0_u64..300, 0..60), today in 0_u64..400) {
            let mut posted = of(&days);
            // What lies ahead of today counts as well.
            let expected = days.iter().filter(|after| **after + 90 > today).count();
            prop_assert_eq!(posted.count(day(today)) as usize, expected);
            posted.forget(day(today));
            prop_assert_eq!(posted.count(day(today)) as usize, expected, "forgetting changes nothing");
            prop_assert!(posted.next_fall().is_none_or(|fall| fall > day(today)));
        }

        #[test]
        fn a_full_window_is_less_than_a_kilobyte(counts in proptest::collection::vec(0_u32..99_999, 90)) {
            let posted = PostedDays((0..).zip(counts).map(|(after, count)| (day(after), count)).collect());
            prop_assert!(posted.to_string().len() < 600);
        }
    }
}
