//! Limits: calls per minute and day, and the error budget.

use chrono::{DateTime, TimeDelta, Utc};

use super::guid::Guid;
use super::state::{Block, Errors, State, Usage};
use crate::server::Answer;

/// What an app has used in an administration, and what it may.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Budget {
    per_minute: u32,
    per_day: u32,
    in_minute: u32,
    in_day: u32,
    minute_ends: i64,
    day_ends: i64,
    verdict: Verdict,
}

/// Whether a call is within the limits.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// It is.
    Within,
    /// Over the limit of the minute.
    OverMinute,
    /// Over the limit of the day.
    OverDay,
}

impl Budget {
    /// Whether the call is within the limits.
    pub fn verdict(&self) -> Verdict {
        self.verdict
    }

    /// Adds the headers: on a limit only those of that limit.
    pub fn headers(&self, answer: Answer) -> Answer {
        let day = |answer: Answer| {
            answer
                .with("X-RateLimit-Limit", &self.per_day.to_string())
                .with("X-RateLimit-Remaining", &self.per_day.saturating_sub(self.in_day).to_string())
                .with("X-RateLimit-Reset", &self.day_ends.to_string())
        };
        let minute = |answer: Answer| {
            answer
                .with("X-RateLimit-Minutely-Limit", &self.per_minute.to_string())
                .with("X-RateLimit-Minutely-Remaining", &self.per_minute.saturating_sub(self.in_minute).to_string())
                .with("X-RateLimit-Minutely-Reset", &self.minute_ends.to_string())
        };
        match self.verdict {
            Verdict::Within => minute(day(answer)),
            Verdict::OverMinute => minute(answer),
            Verdict::OverDay => day(answer),
        }
    }
}

/// Counts a call of an app in an administration; one over a limit is not counted.
pub fn count(state: &mut State, now: DateTime<Utc>, app: &str, division: i32) -> Budget {
    let (per_minute, per_day) = (state.settings.calls_per_minute, state.settings.calls_per_day);
    let (minute, day) = (now.timestamp().div_euclid(60), now.timestamp().div_euclid(86_400));
    let key = (app.to_owned(), division);
    let usage = state.usage.entry(key, || Usage { app: app.to_owned(), division, ..Usage::default() });
    if usage.minute != minute {
        (usage.minute, usage.in_minute) = (minute, 0);
    }
    if usage.day != day {
        (usage.day, usage.in_day) = (day, 0);
    }
    let verdict = if usage.in_day >= per_day {
        Verdict::OverDay
    } else if usage.in_minute >= per_minute {
        Verdict::OverMinute
    } else {
        usage.in_minute += 1;
        usage.in_day += 1;
        Verdict::Within
    };
    Budget {
        per_minute,
        per_day,
        in_minute: usage.in_minute,
        in_day: usage.in_day,
        minute_ends: (minute + 1) * 60_000,
        day_ends: (day + 1) * 86_400_000,
        verdict,
    }
}

/// Whether the app is blocked for its errors.
pub fn blocked(state: &State, now: DateTime<Utc>, app: &str) -> bool {
    state.blocks.get(&app.to_owned()).is_some_and(|block| now < block.until)
}

/// Counts an error at an endpoint. One more than allowed in an hour blocks the app: an hour, then two, then four.
pub fn count_error(state: &mut State, now: DateTime<Utc>, app: &str, user: Guid, division: i32, endpoint: &str) {
    let hour = now.timestamp().div_euclid(3_600);
    let key = (app.to_owned(), user, division, endpoint.to_owned());
    let make = || Errors { app: app.to_owned(), user, division, endpoint: endpoint.to_owned(), ..Errors::default() };
    let errors = state.errors.entry(key, make);
    if errors.hour != hour {
        (errors.hour, errors.count) = (hour, 0);
    }
    errors.count += 1;
    if errors.count > state.settings.errors_per_hour {
        errors.count = 0;
        let block = state.blocks.entry(app.to_owned(), || Block { app: app.to_owned(), ..Block::default() });
        block.until = now + TimeDelta::hours(1 << block.times.min(6));
        block.times += 1;
    }
}
