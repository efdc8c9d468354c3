//! When an export job runs (EX-12 to EX-14, EX-16), and with which date its invoices are posted (EX-3).
//!
//! A [`Schedule`] is a rule, not a list: [`Schedule::next_after`] and [`Schedule::latest_at_or_before`] compute a run from the
//! calendar around an instant. Runs are whole seconds, in strictly increasing order, none twice. Without a time zone
//! they lie on a grid in UTC that knows no daylight saving; with one they follow the clocks there, and
//! `docs/decisions/11-local-time-of-a-schedule.md` says what happens when those change.

mod when;

pub use when::{DayOfMonth, QuarterHour, Weekday};

use crate::time::{Clock, Date, Instant, TimeZone, UnknownTimeZone};
use chrono::{Datelike as _, Days, NaiveTime, TimeDelta};
use serde::{Deserialize, Serialize};

/// Why a schedule is refused: what is wrong, and what to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ScheduleError {
    /// No such frequency.
    #[error("'{0}' is not a frequency: give hourly, every_4_hours, daily, weekly or monthly")]
    Frequency(String),
    /// No such day of the week.
    #[error("'{0}' is not a day of the week: give monday, tuesday, ... or mon, tue, ...")]
    Weekday(String),
    /// No month has such a day.
    #[error("'{0}' is not a day of the month: give 1 to 31; 31 is the last day of every month")]
    Day(String),
    /// Not a time of day, or between two quarters of an hour.
    #[error(
        "'{0}' is not a time on the quarter hour: give HH:MM from 00:00 to 23:45 with the minutes 00, 15, 30 or 45"
    )]
    Time(String),
    /// No such time zone.
    #[error(transparent)]
    Zone(#[from] UnknownTimeZone),
    /// Monthly on which day?
    #[error("a monthly schedule needs its day of the month: give 1 to 31; 31 is the last day of every month")]
    DayMissing,
    /// A day of the month beside another frequency.
    #[error("only a monthly schedule has a day of the month: leave the day out, or choose monthly")]
    DayWithoutMonthly,
    /// A day of the week beside another frequency.
    #[error("only a weekly schedule has a day of the week: leave the weekday out, or choose weekly")]
    WeekdayWithoutWeekly,
}

/// How often a job runs (EX-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "FrequencyParts", into = "FrequencyParts")]
pub enum Frequency {
    /// Every hour.
    Hourly,
    /// Six times a day.
    EveryFourHours,
    /// Once a day.
    Daily,
    /// Once a week, on this day.
    Weekly(Weekday),
    /// Once a month, on this day or the last one that the month has (EX-13).
    Monthly(DayOfMonth),
}

impl Frequency {
    /// From what a person chose. Weekly is on Monday unless a day is given; monthly needs its day; no other frequency has one.
    pub fn new(name: &str, weekday: Option<Weekday>, day: Option<DayOfMonth>) -> Result<Self, ScheduleError> {
        let frequency = match name {
            "hourly" => Self::Hourly,
            "every_4_hours" => Self::EveryFourHours,
            "daily" => Self::Daily,
            "weekly" => Self::Weekly(weekday.unwrap_or_default()),
            "monthly" => Self::Monthly(day.ok_or(ScheduleError::DayMissing)?),
            other => return Err(ScheduleError::Frequency(excerpt(other))),
        };
        if day.is_some() && !matches!(frequency, Self::Monthly(_)) {
            return Err(ScheduleError::DayWithoutMonthly);
        }
        if weekday.is_some() && !matches!(frequency, Self::Weekly(_)) {
            return Err(ScheduleError::WeekdayWithoutWeekly);
        }
        Ok(frequency)
    }

    /// Stable text, as in the API, without the day.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Hourly => "hourly",
            Self::EveryFourHours => "every_4_hours",
            Self::Daily => "daily",
            Self::Weekly(_) => "weekly",
            Self::Monthly(_) => "monthly",
        }
    }
}

/// A frequency as it is written: `{"frequency":"monthly","day":31}`.
#[derive(Serialize, Deserialize)]
struct FrequencyParts {
    frequency: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    weekday: Option<Weekday>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    day: Option<DayOfMonth>,
}

impl TryFrom<FrequencyParts> for Frequency {
    type Error = ScheduleError;
    fn try_from(parts: FrequencyParts) -> Result<Self, ScheduleError> {
        Self::new(&parts.frequency, parts.weekday, parts.day)
    }
}

impl From<Frequency> for FrequencyParts {
    fn from(frequency: Frequency) -> Self {
        let (weekday, day) = match frequency {
            Frequency::Hourly | Frequency::EveryFourHours | Frequency::Daily => (None, None),
            Frequency::Weekly(weekday) => (Some(weekday), None),
            Frequency::Monthly(day) => (None, Some(day)),
        };
        Self { frequency: frequency.as_str().to_owned(), weekday, day }
    }
}

/// A time of day in a time zone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct LocalTime {
    /// Whose clocks.
    #[serde(rename = "time_zone")]
    pub zone: TimeZone,
    /// What they show; midnight unless given.
    #[serde(default)]
    pub at: QuarterHour,
}

/// When a job runs. Serialised as `{"frequency":"daily","local":{"time_zone":"Europe/Amsterdam","at":"07:30"}}`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Schedule {
    /// How often.
    #[serde(flatten)]
    pub frequency: Frequency,
    /// By whose clocks. Without it by UTC, from 00:00 (EX-14, EX-16). Daily, weekly and monthly run at that time; every four
    /// hours at that time and four, eight, ... hours from it; hourly at its minutes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub local: Option<LocalTime>,
}

impl Schedule {
    /// The first run after an instant, never the instant itself. `None` outside the years -9999 to 9999, as everywhere here.
    pub fn next_after(&self, instant: Instant) -> Option<Instant> {
        self.grid().next_after(instant)
    }

    /// The last run not after an instant: the one to catch up with after an outage (EX-30).
    pub fn latest_at_or_before(&self, instant: Instant) -> Option<Instant> {
        self.grid().latest_at_or_before(instant)
    }

    /// The runs after an instant, one by one, without end but that of the calendar.
    pub fn runs_after(&self, instant: Instant) -> impl Iterator<Item = Instant> + use<> {
        let grid = self.grid();
        std::iter::successors(grid.next_after(instant), move |run| grid.next_after(*run))
    }

    /// The job date of a run: its date in the schedule's own time zone, or in UTC (EX-3).
    pub fn job_date(&self, run: Instant) -> Date {
        self.local.map_or_else(|| run.date_naive(), |local| local.zone.date_at(run))
    }

    fn grid(&self) -> Grid {
        let (clock, at) = match self.local {
            Some(local) => (local.zone.clock(), local.at),
            None => (Clock::utc(), QuarterHour::default()),
        };
        Grid { frequency: self.frequency, clock, at }
    }
}

/// With which date the invoices of a run are posted (EX-3).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PostingDatePolicy {
    /// With the job date.
    #[default]
    JobDate,
    /// With their own posting date, unless that lies before the job date.
    NotBeforeJobDate,
}

impl PostingDatePolicy {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::JobDate => "job_date",
            Self::NotBeforeJobDate => "not_before_job_date",
        }
    }
}

/// The date an invoice is posted with by a run of this job date (EX-3).
pub fn posting_date(policy: PostingDatePolicy, job_date: Date, own: Date) -> Date {
    match policy {
        PostingDatePolicy::JobDate => job_date,
        PostingDatePolicy::NotBeforeJobDate => own.max(job_date),
    }
}

/// What was given, short enough for a message.
fn excerpt(text: &str) -> String {
    text.chars().take(64).collect()
}

/// A schedule with the rules of its clocks at hand.
struct Grid {
    frequency: Frequency,
    clock: Clock,
    at: QuarterHour,
}

/// How far from the period of an instant its next or latest run can be: where clocks skip a date or show it twice, two.
const PERIODS: std::ops::RangeInclusive<i32> = -2..=2;

impl Grid {
    fn next_after(&self, instant: Instant) -> Option<Instant> {
        let now = Instant::from_timestamp(instant.timestamp(), 0)?;
        match self.frequency {
            Frequency::Hourly => self.next_hour(now),
            Frequency::EveryFourHours | Frequency::Daily | Frequency::Weekly(_) | Frequency::Monthly(_) => {
                let today = self.clock.shown_at(now)?.date();
                // Where the clocks jump over several runs, they are not in order.
                PERIODS.flat_map(|periods| self.runs(today, periods)).filter(|run| *run > now).min()
            }
        }
    }

    fn latest_at_or_before(&self, instant: Instant) -> Option<Instant> {
        let now = Instant::from_timestamp(instant.timestamp(), 0)?;
        match self.frequency {
            Frequency::Hourly => self.latest_hour(now),
            Frequency::EveryFourHours | Frequency::Daily | Frequency::Weekly(_) | Frequency::Monthly(_) => {
                let today = self.clock.shown_at(now)?.date();
                PERIODS.flat_map(|periods| self.runs(today, periods)).filter(|run| *run <= now).max()
            }
        }
    }

    /// The runs of a day, week or month, in order: that of today, or as many before or after it.
    fn runs(&self, today: Date, periods: i32) -> impl Iterator<Item = Instant> {
        let date = self.date(today, periods);
        let (first, times) = match self.frequency {
            Frequency::EveryFourHours => (self.at.minutes() % FOUR_HOURS, 6),
            Frequency::Hourly | Frequency::Daily | Frequency::Weekly(_) | Frequency::Monthly(_) => {
                (self.at.minutes(), 1)
            }
        };
        (0..times).filter_map(move |nth| self.run(date?, first + nth * FOUR_HOURS))
    }

    /// The date of the run in a week or month, or the day itself.
    fn date(&self, today: Date, periods: i32) -> Option<Date> {
        let days = |date: Date, days: i64| date.checked_add_signed(TimeDelta::days(days));
        match self.frequency {
            Frequency::Hourly | Frequency::EveryFourHours | Frequency::Daily => days(today, periods.into()),
            Frequency::Weekly(weekday) => {
                let monday = i64::from(today.weekday().num_days_from_monday());
                days(today, i64::from(periods) * 7 - monday + i64::from(weekday.days_from_monday()))
            }
            Frequency::Monthly(day) => {
                let months = today.year() * 12 + i32::try_from(today.month0()).ok()? + periods;
                day.in_month(months.div_euclid(12), u32::try_from(months.rem_euclid(12)).ok()? + 1)
            }
        }
    }

    /// The run of a date at so many minutes after midnight. Where the clocks skip the whole date, what runs once a week or
    /// month runs on the date before it, as it does for a day that the month has not (EX-13).
    fn run(&self, date: Date, minutes: u32) -> Option<Instant> {
        let time = NaiveTime::from_num_seconds_from_midnight_opt(minutes * 60, 0)?;
        let run = self.clock.first(date, time);
        match self.frequency {
            Frequency::Hourly | Frequency::EveryFourHours | Frequency::Daily => run,
            Frequency::Weekly(_) | Frequency::Monthly(_) => {
                run.or_else(|| self.clock.first(date.checked_sub_days(Days::new(1))?, time))
            }
        }
    }

    /// Hourly: whenever the clocks show the minutes.
    fn next_hour(&self, now: Instant) -> Option<Instant> {
        let mut from = now.checked_add_signed(TimeDelta::seconds(1))?;
        loop {
            let run = from.checked_add_signed(TimeDelta::seconds((-self.since_minutes(from)?).rem_euclid(HOUR)))?;
            match self.clock.change_after(from) {
                // The clocks change before: it is to be asked again what they show from then on.
                Some(change) if change <= run => from = change,
                Some(_) | None => return self.clock.shown_at(run).map(|_| run),
            }
        }
    }

    fn latest_hour(&self, now: Instant) -> Option<Instant> {
        let mut to = now;
        loop {
            let run = to.checked_sub_signed(TimeDelta::seconds(self.since_minutes(to)?))?;
            match self.clock.change_at_or_before(to) {
                Some(change) if run < change => to = change.checked_sub_signed(TimeDelta::seconds(1))?,
                Some(_) | None => return self.clock.shown_at(run).map(|_| run),
            }
        }
    }

    /// How many seconds ago the clocks showed the minutes of an hourly run, as they go at the instant; less than an hour.
    fn since_minutes(&self, instant: Instant) -> Option<i64> {
        let shown = self.clock.shown_at(instant)?.and_utc().timestamp();
        Some((shown - i64::from(self.at.minutes()) * 60).rem_euclid(HOUR))
    }
}

/// In minutes.
const FOUR_HOURS: u32 = 4 * 60;
/// In seconds.
const HOUR: i64 = 60 * 60;

#[cfg(test)]
#[path = "schedule_tests.rs"]
mod tests;
