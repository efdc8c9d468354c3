//! Days and times of day that a schedule can name.

use super::{ScheduleError, excerpt};
use crate::time::Date;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A day of the week; Monday unless another is chosen (EX-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
#[allow(missing_docs, reason = "the names say it")]
pub enum Weekday {
    #[default]
    Monday,
    Tuesday,
    Wednesday,
    Thursday,
    Friday,
    Saturday,
    Sunday,
}

impl Weekday {
    /// All of them, in order.
    pub const ALL: [Self; 7] =
        [Self::Monday, Self::Tuesday, Self::Wednesday, Self::Thursday, Self::Friday, Self::Saturday, Self::Sunday];

    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Monday => "monday",
            Self::Tuesday => "tuesday",
            Self::Wednesday => "wednesday",
            Self::Thursday => "thursday",
            Self::Friday => "friday",
            Self::Saturday => "saturday",
            Self::Sunday => "sunday",
        }
    }

    /// 0 for Monday.
    pub(super) fn days_from_monday(self) -> u8 {
        self as u8
    }
}

impl FromStr for Weekday {
    type Err = ScheduleError;
    /// Takes the name and its first three letters.
    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let is_named = |day: &Self| text == day.as_str() || Some(text) == day.as_str().get(..3);
        Self::ALL.into_iter().find(is_named).ok_or_else(|| ScheduleError::Weekday(excerpt(text)))
    }
}

impl TryFrom<String> for Weekday {
    type Error = ScheduleError;
    fn try_from(text: String) -> Result<Self, ScheduleError> {
        text.parse()
    }
}

impl From<Weekday> for String {
    fn from(day: Weekday) -> String {
        day.as_str().to_owned()
    }
}

/// A day of the month, 1 to 31. In a month without it, the month's last day (EX-13).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "i64", into = "u8")]
pub struct DayOfMonth(u8);

impl DayOfMonth {
    /// The date in a month: this day, or the last one that there is.
    pub fn in_month(self, year: i32, month: u32) -> Option<Date> {
        (1..=self.0.into()).rev().find_map(|day| Date::from_ymd_opt(year, month, day))
    }
}

impl TryFrom<i64> for DayOfMonth {
    type Error = ScheduleError;
    fn try_from(day: i64) -> Result<Self, ScheduleError> {
        match u8::try_from(day) {
            Ok(day @ 1..=31) => Ok(Self(day)),
            Ok(_) | Err(_) => Err(ScheduleError::Day(day.to_string())),
        }
    }
}

impl FromStr for DayOfMonth {
    type Err = ScheduleError;
    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        let refused = || ScheduleError::Day(excerpt(text));
        text.parse::<i64>().map_err(|_| refused())?.try_into().map_err(|_| refused())
    }
}

impl From<DayOfMonth> for u8 {
    fn from(day: DayOfMonth) -> u8 {
        day.0
    }
}

impl fmt::Display for DayOfMonth {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

/// A time of day in quarters of an hour, written `07:30`. Zones of today are whole quarters of an hour from UTC (a test holds
/// them to it): all runs lie on the quarter hours of UTC as well.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct QuarterHour(u8);

impl QuarterHour {
    /// How many there are in a day.
    const COUNT: u32 = 24 * 4;

    /// Minutes after midnight.
    pub fn minutes(self) -> u32 {
        u32::from(self.0) * 15
    }
}

impl FromStr for QuarterHour {
    type Err = ScheduleError;
    fn from_str(text: &str) -> Result<Self, ScheduleError> {
        // Only what is written back the same is a time: no sign, no missing zero, no 24:00.
        (0..Self::COUNT)
            .filter_map(|quarter| u8::try_from(quarter).ok().map(Self))
            .find(|time| time.to_string() == text)
            .ok_or_else(|| ScheduleError::Time(excerpt(text)))
    }
}

impl TryFrom<String> for QuarterHour {
    type Error = ScheduleError;
    fn try_from(text: String) -> Result<Self, ScheduleError> {
        text.parse()
    }
}

impl From<QuarterHour> for String {
    fn from(time: QuarterHour) -> String {
        time.to_string()
    }
}

impl fmt::Display for QuarterHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:02}:{:02}", self.minutes() / 60, self.minutes() % 60)
    }
}

impl fmt::Debug for QuarterHour {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}
