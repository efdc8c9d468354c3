//! Whether a client's mails, which normally flow, have stopped.

use crate::time::Date;
use chrono::Days;
use serde::{Deserialize, Serialize};

/// On which of the last 64 days a connection sent mails.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailDays {
    /// The latest of them.
    pub last: Date,
    /// Bit n: whether there was a mail n days before the latest.
    bits: u64,
}

/// That nothing was sent for longer than is usual.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Silence {
    /// The day of the latest mail.
    pub since: Date,
    /// The longest time between two mails before, in days.
    pub usual_days: u16,
}

/// So many days with mails make a habit.
const HABIT: u32 = 5;
/// Nobody is missed within a week.
const DAYS_MIN: u16 = 7;

impl MailDays {
    /// With its first day.
    pub fn first(day: Date) -> Self {
        Self { last: day, bits: 1 }
    }

    /// With another day; nothing when it is there already or too long ago.
    #[must_use]
    pub fn with(self, day: Date) -> Option<Self> {
        let later = (day - self.last).num_days();
        if later > 0 {
            let bits = u32::try_from(later).ok().and_then(|days| self.bits.checked_shl(days)).unwrap_or(0) | 1;
            return Some(Self { last: day, bits });
        }
        let bit = u32::try_from(-later).ok().and_then(|days| 1_u64.checked_shl(days))?;
        (self.bits & bit == 0).then_some(Self { bits: self.bits | bit, ..self })
    }

    /// The longest time without a mail between two with one, in days, once there is a habit.
    fn usual_days(self) -> Option<u16> {
        if self.bits.count_ones() < HABIT {
            return None;
        }
        let days = (0..64_u16).filter(|day| self.bits & (1 << day) != 0);
        days.clone().zip(days.skip(1)).map(|(later, earlier)| earlier - later).max()
    }

    /// The day on which it is said to have stopped, unless there is a mail until then: after twice the longest time that it
    /// was silent before, and a week at least.
    pub fn missed_on(self) -> Option<Date> {
        let usual = self.usual_days()?;
        self.last.checked_add_days(Days::new(u64::from((usual * 2).max(DAYS_MIN)) + 1))
    }

    /// Whether it has stopped.
    pub fn silence(self, today: Date) -> Option<Silence> {
        let usual_days = self.usual_days()?;
        self.missed_on().filter(|day| *day <= today).map(|_| Silence { since: self.last, usual_days })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn day(text: &str) -> Date {
        text.parse().unwrap()
    }

    fn days(list: &[&str]) -> MailDays {
        list[1..].iter().fold(MailDays::first(day(list[0])), |days, next| days.with(day(next)).unwrap_or(days))
    }

    #[test]
    fn a_habit_that_stops_is_missed() {
        let weekly = days(&["2026-02-02", "2026-02-09", "2026-02-16", "2026-02-23", "2026-03-02"]);
        assert_eq!(weekly.silence(day("2026-03-16")), None, "twice its own time");
        let silence = Silence { since: day("2026-03-02"), usual_days: 7 };
        assert_eq!(weekly.silence(day("2026-03-17")), Some(silence));
        assert_eq!(weekly.missed_on(), Some(day("2026-03-17")));
        assert_eq!(weekly.with(day("2026-03-16")).unwrap().silence(day("2026-03-17")), None);
    }

    #[test]
    fn a_busy_client_is_not_missed_over_a_weekend() {
        let busy = days(&["2026-03-02", "2026-03-03", "2026-03-04", "2026-03-05", "2026-03-06"]);
        assert_eq!(busy.missed_on(), Some(day("2026-03-14")));
    }

    #[test]
    fn a_few_mails_are_no_habit() {
        let few = days(&["2026-02-02", "2026-02-03", "2026-02-04", "2026-02-05"]);
        assert_eq!((few.silence(day("2027-01-01")), few.missed_on()), (None, None));
    }

    #[test]
    fn the_order_of_days_does_not_matter() {
        let forth = days(&["2026-02-02", "2026-02-09", "2026-02-16"]);
        let back = days(&["2026-02-16", "2026-02-09", "2026-02-02"]);
        assert_eq!(forth, back);
        assert_eq!(forth.with(day("2026-02-09")), None, "nothing new");
        assert_eq!(forth.with(day("2025-01-01")), None, "too long ago");
        assert_eq!(forth.with(day("2026-12-01")).unwrap(), MailDays::first(day("2026-12-01")));
    }
}
