//! How fast, and how much in a day, all functions together may hand to SES.

use crate::time::Instant;
use chrono::{DurationRound as _, TimeDelta};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What SES allows an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Allowance {
    /// Mails in a second, at least 1.
    pub per_second: u32,
    /// Mails in 24 hours; nothing where SES sets no bound.
    pub per_day: Option<u32>,
}

/// What was claimed of it: when the next mail may go, and how many went in each of the last hours.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
pub struct Budget {
    /// The next mail goes then, at the earliest.
    next: Option<Instant>,
    /// Mails by the hour in which they went.
    hours: BTreeMap<Instant, u32>,
}

/// What came of a claim.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// Mails go from then on, each so long after the one before.
    From {
        /// The first.
        at: Instant,
        /// Between two.
        apart: TimeDelta,
    },
    /// The day's mails are used up until then.
    UsedUp {
        /// Try again then.
        until: Instant,
    },
    /// So many wait before these that they come later than asked for.
    TooLong {
        /// Try again then.
        until: Instant,
    },
}

impl Budget {
    /// Claims a number of mails that go within a time from now, or not at all.
    pub fn claim(&self, mails: u32, allowance: Allowance, now: Instant, within: TimeDelta) -> (Self, Claimed) {
        let hour = now.duration_trunc(TimeDelta::hours(1)).unwrap_or(now);
        let day_ago = now - TimeDelta::days(1);
        let mut hours = self.hours.clone();
        hours.retain(|begun, _| *begun + TimeDelta::hours(1) > day_ago);
        let kept = Self { next: self.next, hours };
        let used: u32 = kept.hours.values().sum();
        if allowance.per_day.is_some_and(|most| used.saturating_add(mails) > most) {
            let oldest = kept.hours.keys().next().copied().unwrap_or(hour);
            let until = oldest + TimeDelta::hours(25);
            return (kept, Claimed::UsedUp { until: until.max(now + TimeDelta::minutes(1)) });
        }
        let apart = TimeDelta::microseconds(1_000_000 / i64::from(allowance.per_second.max(1)) + 1);
        let at = kept.next.map_or(now, |next| next.max(now));
        if at - now > within {
            return (kept, Claimed::TooLong { until: at });
        }
        let mut after = Self { next: Some(at + apart * i32::try_from(mails).unwrap_or(i32::MAX)), ..kept };
        *after.hours.entry(hour).or_default() += mails;
        (after, Claimed::From { at, apart })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALLOWED: Allowance = Allowance { per_second: 2, per_day: Some(10) };

    fn now() -> Instant {
        "2026-03-10T10:20:00Z".parse().unwrap()
    }

    fn claim(budget: &mut Budget, mails: u32, at: Instant) -> Claimed {
        let (after, claimed) = budget.claim(mails, ALLOWED, at, TimeDelta::seconds(5));
        *budget = after;
        claimed
    }

    #[test]
    fn mails_go_one_after_another_whoever_sends_them() {
        let mut budget = Budget::default();
        let mut sent = Vec::new();
        for mails in [1, 3, 2] {
            let Claimed::From { at, apart } = claim(&mut budget, mails, now()) else { panic!() };
            sent.extend((0..mails).map(|n| at + apart * i32::try_from(n).unwrap()));
        }
        for window in sent.windows(3) {
            assert!(window[2] - window[0] >= TimeDelta::seconds(1), "more than two in a second: {sent:?}");
        }
    }

    #[test]
    fn who_would_wait_for_long_comes_again() {
        let mut budget = Budget::default();
        let allowance = Allowance { per_day: None, ..ALLOWED };
        let (after, _) = budget.claim(100, allowance, now(), TimeDelta::seconds(5));
        budget = after;
        let (same, claimed) = budget.claim(1, allowance, now(), TimeDelta::seconds(5));
        assert!(matches!(claimed, Claimed::TooLong { until } if until >= now() + TimeDelta::seconds(50)));
        assert_eq!(same, budget, "nothing is used up by asking");
    }

    #[test]
    fn a_days_mails_come_back_after_a_day() {
        let mut budget = Budget::default();
        assert!(matches!(claim(&mut budget, 6, now()), Claimed::From { .. }));
        let later = now() + TimeDelta::hours(3);
        assert!(matches!(claim(&mut budget, 4, later), Claimed::From { .. }));
        let until = "2026-03-11T11:00:00Z".parse().unwrap();
        assert_eq!(claim(&mut budget, 1, later), Claimed::UsedUp { until });
        assert!(matches!(claim(&mut budget, 6, until), Claimed::From { .. }));
        assert!(matches!(claim(&mut budget, 1, until), Claimed::UsedUp { .. }));
    }
}
