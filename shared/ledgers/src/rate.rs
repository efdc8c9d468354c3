//! How many requests a ledger still takes. Kept with the unit's lease, so that it costs no write of its own.

use crate::{
    app_credits::{AppBudget, Share},
    call::{Answer, Effect},
};
use chrono::{DurationRound, TimeDelta};
use domain::time::Instant;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Requests in a day, or another time that begins by the clock.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Quota {
    /// How many.
    pub requests: u32,
    /// In what time.
    pub every: TimeDelta,
}

/// What a ledger allows.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct RateLimits {
    /// Requests in a minute of the clock.
    pub per_minute: u32,
    /// Requests in a minute of the clock that our registration with the ledger may make for all customers together, counted in the
    /// same way; none where only those for one customer are counted. A deployment may have been given another number.
    pub app_per_minute: Option<u32>,
    /// As how many a request counts that writes.
    pub per_write: u32,
    /// Of these, left for others who share the limit.
    pub minute_reserve: u32,
    /// Requests in a longer time.
    pub quota: Quota,
    /// Errors on one resource in an hour after which we stop by ourselves, before the ledger blocks us.
    pub errors_per_hour: u32,
}

/// One window as an answer states it. What the answer leaves out is `None`, which is not zero.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct WindowHeaders {
    /// Requests left.
    pub remaining: Option<u32>,
    /// When the window starts again.
    pub resets_at: Option<Instant>,
}

/// What an answer says about limits.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct RateHeaders {
    /// The minute.
    pub minute: WindowHeaders,
    /// The longer time.
    pub quota: WindowHeaders,
    /// Seconds to wait, when the ledger says so directly.
    pub retry_after: Option<u32>,
}

impl RateHeaders {
    /// Of a ledger that says no more about its limits than how long to wait.
    pub(crate) fn from_retry_after(answer: &Answer) -> Self {
        let retry_after = answer.header("Retry-After").and_then(|value| value.trim().parse().ok());
        Self { retry_after, ..Self::default() }
    }

    /// Until when a refused caller waits: what the ledger says, plus a second for clocks that differ; a minute when it
    /// says nothing.
    pub fn wait_until(&self, now: Instant) -> Instant {
        let minute = TimeDelta::minutes(1);
        let until = match (self.retry_after, self.minute, self.quota) {
            (Some(seconds), _, _) => now + TimeDelta::seconds(seconds.into()),
            (None, WindowHeaders { remaining: Some(0), resets_at }, _) => resets_at.unwrap_or(now + minute),
            (None, _, WindowHeaders { remaining: Some(0), resets_at: Some(at) }) => at,
            (None, _, _) => now + minute,
        };
        until.max(now) + TimeDelta::seconds(1)
    }
}

/// Whether a request may be made.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It may.
    Go,
    /// Too many requests: not before this instant.
    Wait(Instant),
    /// Too many errors on this resource: not before this instant.
    Errors(Instant),
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Window {
    until: Instant,
    left: u32,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
struct Errors {
    since: Instant,
    count: u32,
}

/// What is left of a ledger's limits for one unit. Pure; small when stored.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct RateBudget {
    #[serde(skip_serializing_if = "Option::is_none")]
    minute: Option<Window>,
    #[serde(skip_serializing_if = "Option::is_none")]
    quota: Option<Window>,
    #[serde(skip_serializing_if = "Option::is_none")]
    closed_until: Option<Instant>,
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    errors: BTreeMap<String, Errors>,
    /// Of the app's credits of a minute.
    #[serde(skip_serializing_if = "Share::is_nothing")]
    share: Share,
}

impl RateLimits {
    /// As how many requests one counts.
    pub fn counts(&self, effect: Effect) -> u32 {
        match effect {
            Effect::Reads => 1,
            Effect::Writes => self.per_write,
        }
    }
}

impl RateBudget {
    /// Whether a request to a resource may be made now.
    pub fn may_call(&self, limits: &RateLimits, resource: &str, now: Instant) -> Verdict {
        if let Some(until) = self.closed_until.filter(|until| *until > now) {
            return Verdict::Wait(until);
        }
        let used_up = |window: Option<Window>, reserve: u32| {
            window.filter(|window| window.until > now && window.left <= reserve).map(|window| window.until)
        };
        if let Some(until) = used_up(self.quota, 0).or_else(|| used_up(self.minute, limits.minute_reserve)) {
            return Verdict::Wait(until + TimeDelta::seconds(1));
        }
        match self.errors.get(resource) {
            Some(errors) if errors.count >= limits.errors_per_hour && now < errors.since + TimeDelta::hours(1) => {
                Verdict::Errors(errors.since + TimeDelta::hours(1))
            }
            Some(_) | None => Verdict::Go,
        }
    }

    /// Not before then may so many requests be made in a row; none when they may be made now. Begin a push only with
    /// [`crate::Descriptor::requests_per_push`]: one that is cut short has to look up again what it knew.
    pub fn wait_for(&self, limits: &RateLimits, requests: u32, now: Instant) -> Option<Instant> {
        let closed = self.closed_until.filter(|until| *until > now);
        let full = |window: Option<Window>, reserve: u32| {
            window
                .filter(|window| window.until > now && window.left.saturating_sub(reserve) < requests)
                .map(|window| window.until + TimeDelta::seconds(1))
        };
        closed.max(full(self.quota, 0)).max(full(self.minute, limits.minute_reserve))
    }

    /// Takes it that the app's credits are spent: whoever had them did not live to say what he left.
    pub fn lose_share(&mut self) {
        self.share = Share::default();
    }

    /// Sees to it that the app's credits cover so many requests, and the rest of the push that is under way. Until when to wait
    /// where they do not.
    pub(crate) async fn cover(
        &mut self,
        app: &AppBudget,
        limits: &RateLimits,
        requests: u32,
        now: Instant,
    ) -> Result<(), Instant> {
        let left = |window: Option<Window>, size: u32| {
            window.filter(|window| window.until > now).map_or(size, |window| window.left)
        };
        let minute = left(self.minute, limits.per_minute).saturating_sub(limits.minute_reserve);
        let allowance = minute.min(left(self.quota, limits.quota.requests));
        app.cover(&mut self.share, requests, allowance, now).await
    }

    /// Counts a request that is about to be made: its answer may never come.
    pub fn spend(&mut self, limits: &RateLimits, effect: Effect, now: Instant) {
        let counts = limits.counts(effect);
        self.share.spend(counts, now);
        for (window, size, length) in [
            (&mut self.minute, limits.per_minute, TimeDelta::minutes(1)),
            (&mut self.quota, limits.quota.requests, limits.quota.every),
        ] {
            let begins = now.duration_trunc(length).unwrap_or(now);
            let current = window.filter(|window| window.until > now);
            let current = current.unwrap_or(Window { until: begins + length, left: size });
            *window = Some(Window { left: current.left.saturating_sub(counts), ..current });
        }
    }

    /// Takes over what an answer says. Others share the limits, so the ledger's count is better than ours; what it
    /// leaves out is kept.
    pub fn learn(&mut self, headers: &RateHeaders, now: Instant) {
        for (window, heard) in [(&mut self.minute, headers.minute), (&mut self.quota, headers.quota)] {
            if let (Some(left), Some(current)) = (heard.remaining, window.as_mut()) {
                current.left = left;
            }
            if let (Some(until), Some(current)) = (heard.resets_at.filter(|at| *at > now), window.as_mut()) {
                current.until = until;
            }
        }
    }

    /// The ledger refused a request because of its limits; returns until when to wait.
    pub fn refused(&mut self, headers: &RateHeaders, now: Instant) -> Instant {
        let until = headers.wait_until(now);
        self.closed_until = Some(until);
        until
    }

    /// Counts an error of the kind that ledgers count.
    pub fn failed(&mut self, resource: &str, now: Instant) {
        self.errors.retain(|_, errors| now < errors.since + TimeDelta::hours(1));
        self.errors.entry(resource.to_owned()).or_insert(Errors { since: now, count: 0 }).count += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const LIMITS: RateLimits = RateLimits {
        per_minute: 60,
        app_per_minute: None,
        per_write: 1,
        minute_reserve: 10,
        quota: Quota { requests: 5_000, every: TimeDelta::days(1) },
        errors_per_hour: 6,
    };

    fn at(second: i64) -> Instant {
        // A full minute, twenty hours into a day.
        Instant::from_timestamp(1_782_936_000 + second, 0).unwrap()
    }

    #[test]
    fn the_reserve_of_a_minute_is_left_alone() {
        let mut budget = RateBudget::default();
        for second in 0..50 {
            assert_eq!(budget.may_call(&LIMITS, "entries", at(second)), Verdict::Go);
            budget.spend(&LIMITS, Effect::Writes, at(second));
            let left = 49 - u32::try_from(second).unwrap();
            assert_eq!(budget.wait_for(&LIMITS, left, at(second)), None);
            assert_eq!(budget.wait_for(&LIMITS, left + 1, at(second)), Some(at(61)));
        }
        assert_eq!(budget.may_call(&LIMITS, "entries", at(50)), Verdict::Wait(at(61)));
        assert_eq!(budget.may_call(&LIMITS, "entries", at(60)), Verdict::Go, "the minute is over");
        assert_eq!(budget.wait_for(&LIMITS, 50, at(60)), None);
    }

    #[test]
    fn a_push_waits_for_the_window_that_has_no_room_for_it() {
        let mut budget = RateBudget::default();
        assert_eq!(budget.wait_for(&LIMITS, 15, at(0)), None);
        for _ in 0..36 {
            budget.spend(&LIMITS, Effect::Writes, at(0));
        }
        assert_eq!(budget.wait_for(&LIMITS, 14, at(0)), None);
        assert_eq!(budget.wait_for(&LIMITS, 15, at(0)), Some(at(61)));
        assert_eq!(budget.wait_for(&LIMITS, 15, at(60)), None, "the minute is over");
        let day = WindowHeaders { remaining: Some(14), resets_at: Some(at(14_400)) };
        budget.learn(&RateHeaders { quota: day, ..RateHeaders::default() }, at(1));
        assert_eq!(budget.wait_for(&LIMITS, 15, at(1)), Some(at(14_401)), "the day, not the minute");
        assert_eq!(budget.wait_for(&LIMITS, 15, at(14_400)), None);
        let mut budget = RateBudget::default();
        budget.refused(&RateHeaders { retry_after: Some(120), ..RateHeaders::default() }, at(0));
        assert_eq!(budget.wait_for(&LIMITS, 1, at(5)), Some(at(121)), "as the ledger said");
    }

    #[test]
    fn a_request_that_writes_may_count_for_more() {
        let limits = RateLimits { per_write: 3, ..LIMITS };
        let mut budget = RateBudget::default();
        budget.spend(&limits, Effect::Reads, at(0));
        budget.spend(&limits, Effect::Writes, at(0));
        assert_eq!(budget.wait_for(&limits, 46, at(0)), None);
        assert_eq!(budget.wait_for(&limits, 47, at(0)), Some(at(61)));
    }

    #[test]
    fn the_ledgers_own_count_wins_and_silence_changes_nothing() {
        let mut budget = RateBudget::default();
        budget.spend(&LIMITS, Effect::Writes, at(0));
        let minute = WindowHeaders { remaining: Some(3), resets_at: Some(at(30)) };
        budget.learn(&RateHeaders { minute, ..RateHeaders::default() }, at(0));
        assert_eq!(budget.may_call(&LIMITS, "entries", at(1)), Verdict::Wait(at(31)));
        budget.learn(&RateHeaders::default(), at(1));
        assert_eq!(budget.may_call(&LIMITS, "entries", at(1)), Verdict::Wait(at(31)));
        let day = WindowHeaders { remaining: Some(0), resets_at: Some(at(14_400)) };
        budget.learn(&RateHeaders { quota: day, ..RateHeaders::default() }, at(1));
        assert_eq!(budget.may_call(&LIMITS, "entries", at(60)), Verdict::Wait(at(14_401)));
    }

    #[test]
    fn a_refusal_closes_until_the_window_that_is_used_up_starts_again() {
        let zero = |second| WindowHeaders { remaining: Some(0), resets_at: Some(at(second)) };
        let none = WindowHeaders::default();
        for (headers, until) in [
            (RateHeaders { minute: zero(30), ..RateHeaders::default() }, 31),
            (RateHeaders { quota: zero(14_400), ..RateHeaders::default() }, 14_401),
            (RateHeaders { minute: zero(30), quota: none, retry_after: Some(120) }, 121),
            (RateHeaders::default(), 61),
            (RateHeaders { minute: zero(-5), ..RateHeaders::default() }, 1),
        ] {
            let mut budget = RateBudget::default();
            assert_eq!(budget.refused(&headers, at(0)), at(until), "{headers:?}");
            assert_eq!(budget.may_call(&LIMITS, "entries", at(0)), Verdict::Wait(at(until)));
            assert_eq!(budget.may_call(&LIMITS, "entries", at(until)), Verdict::Go);
        }
    }

    #[test]
    fn errors_stop_one_resource_for_the_rest_of_the_hour() {
        let mut budget = RateBudget::default();
        for minute in 0..6 {
            assert_eq!(budget.may_call(&LIMITS, "entries", at(minute * 60)), Verdict::Go);
            budget.failed("entries", at(minute * 60));
        }
        assert_eq!(budget.may_call(&LIMITS, "entries", at(360)), Verdict::Errors(at(3_600)));
        assert_eq!(budget.may_call(&LIMITS, "accounts", at(360)), Verdict::Go);
        assert_eq!(budget.may_call(&LIMITS, "entries", at(3_600)), Verdict::Go);
        budget.failed("entries", at(3_600));
        assert_eq!(budget.may_call(&LIMITS, "entries", at(3_601)), Verdict::Go, "a new hour counts from one");
    }

    #[test]
    fn a_stored_budget_is_small_and_reads_back() {
        let mut budget = RateBudget::default();
        budget.spend(&LIMITS, Effect::Writes, at(0));
        budget.failed("purchaseentry/PurchaseEntries", at(0));
        budget.refused(&RateHeaders::default(), at(0));
        let stored = serde_json::to_string(&budget).unwrap();
        assert!(stored.len() < 300, "{}", stored.len());
        assert_eq!(serde_json::from_str::<RateBudget>(&stored).unwrap(), budget);
        budget.share = Share::of(at(0), 13);
        let stored = serde_json::to_string(&budget).unwrap();
        assert!(stored.len() < 360, "{}", stored.len());
        assert_eq!(serde_json::from_str::<RateBudget>(&stored).unwrap(), budget, "the next turn goes on with it");
        budget.lose_share();
        assert!(budget.share.is_nothing());
        assert_eq!(serde_json::from_str::<RateBudget>("{}").unwrap(), RateBudget::default());
    }
}
