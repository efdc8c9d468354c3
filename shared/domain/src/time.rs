//! Instants, calendar dates and time zones. Domain code never asks what time it is.

use chrono::{DateTime, NaiveDate, NaiveTime, TimeDelta, TimeZone as _, Utc};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// An instant, in UTC.
pub type Instant = DateTime<Utc>;
/// A calendar date, as invoices bear it.
pub type Date = NaiveDate;

/// The IANA time zone of an administration: what "today" is for its dates and periods.
#[derive(Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct TimeZone(chrono_tz::Tz);

/// The name is not in the time zone database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a time zone of the IANA database, such as Europe/Amsterdam")]
pub struct UnknownTimeZone(String);

impl TimeZone {
    /// The date there at an instant.
    pub fn date_at(self, now: Instant) -> Date {
        now.with_timezone(&self.0).date_naive()
    }

    /// When a date begins there: at midnight, or at the first moment after it where a change of the clock skips midnight.
    pub fn start_of(self, date: Date) -> Instant {
        let midnight = date.and_time(NaiveTime::MIN);
        let skipped = || self.0.from_local_datetime(&(midnight + TimeDelta::hours(1))).earliest();
        let local = self.0.from_local_datetime(&midnight).earliest().or_else(skipped);
        local.map_or_else(|| midnight.and_utc(), |local| local.with_timezone(&Utc))
    }
}

impl Default for TimeZone {
    fn default() -> Self {
        Self(chrono_tz::Europe::Amsterdam)
    }
}

impl FromStr for TimeZone {
    type Err = UnknownTimeZone;
    fn from_str(text: &str) -> Result<Self, UnknownTimeZone> {
        text.parse().map(Self).map_err(|_| UnknownTimeZone(text.chars().take(64).collect()))
    }
}

impl TryFrom<String> for TimeZone {
    type Error = UnknownTimeZone;
    fn try_from(text: String) -> Result<Self, UnknownTimeZone> {
        text.parse()
    }
}

impl From<TimeZone> for String {
    fn from(zone: TimeZone) -> String {
        zone.to_string()
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0.name())
    }
}

impl fmt::Debug for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn midnight_is_local() {
        let zone: TimeZone = "Europe/Amsterdam".parse().unwrap();
        let now = "2026-06-30T22:30:00Z".parse().unwrap();
        assert_eq!(zone.date_at(now), Date::from_ymd_opt(2026, 7, 1).unwrap());
    }

    #[test]
    fn a_day_begins_at_local_midnight_or_just_after_it() {
        let start =
            |zone: &str, day: &str| zone.parse::<TimeZone>().unwrap().start_of(day.parse().unwrap()).to_rfc3339();
        assert_eq!(start("Europe/Amsterdam", "2026-07-01"), "2026-06-30T22:00:00+00:00");
        assert_eq!(start("America/Santiago", "2026-09-06"), "2026-09-06T04:00:00+00:00", "that midnight is skipped");
        let zone: TimeZone = "America/Santiago".parse().unwrap();
        let day = "2026-09-06".parse().unwrap();
        assert_eq!(zone.date_at(zone.start_of(day)), day);
        assert_eq!(zone.date_at(zone.start_of(day) - TimeDelta::milliseconds(1)), day.pred_opt().unwrap());
    }

    #[test]
    fn unknown_zones_are_refused_with_a_hint() {
        assert!("Europe/Hilversum".parse::<TimeZone>().unwrap_err().to_string().contains("Europe/Amsterdam"));
    }
}
