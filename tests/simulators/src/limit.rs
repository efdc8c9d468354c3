//! A limit of requests in a minute of the clock, for ledgers whose own books keep none.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};

#[derive(Debug, Default)]
struct Count {
    per_minute: Option<u32>,
    minute: i64,
    used: u32,
    refused: u64,
}

/// How many requests a minute are taken; all of them until one is set. Clones are the same limit.
#[derive(Debug, Clone, Default)]
pub struct Limit(Arc<Mutex<Count>>);

impl Limit {
    /// From now on so many are taken in a minute; the others are answered 429 and not done.
    pub fn set(&self, per_minute: u32) {
        self.with(|count| count.per_minute = Some(per_minute));
    }

    /// How many were refused.
    pub fn refused(&self) -> u64 {
        self.with(|count| count.refused)
    }

    /// Counts a request. Whether it is taken.
    pub(crate) fn takes(&self, now: DateTime<Utc>) -> bool {
        self.with(|count| {
            let minute = now.timestamp().div_euclid(60);
            if count.minute != minute {
                (count.minute, count.used) = (minute, 0);
            }
            count.used += 1;
            let takes = count.per_minute.is_none_or(|most| count.used <= most);
            count.refused += u64::from(!takes);
            takes
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Count) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use chrono::TimeDelta;

    #[test]
    fn what_is_beyond_the_limit_of_a_minute_is_refused_and_counted() {
        let (limit, start) = (Limit::default(), DateTime::UNIX_EPOCH);
        assert!(limit.takes(start), "no limit is set");
        limit.set(3);
        let taken: Vec<bool> = (1..=5).map(|second| limit.takes(start + TimeDelta::seconds(second * 15))).collect();
        assert_eq!(taken, [true, true, false, true, true], "the first one counts as well");
        assert!(limit.takes(start + TimeDelta::seconds(76)) && !limit.takes(start + TimeDelta::seconds(119)));
        assert_eq!(limit.refused(), 2);
    }
}
