//! The day in Poland: documents there are dated and numbered by it, whatever the hour elsewhere.

use chrono::{DateTime, Datelike, NaiveDate, TimeDelta, Utc, Weekday};

/// The day on the calendar in Warsaw at an instant.
pub fn today(now: DateTime<Utc>) -> NaiveDate {
    (now + TimeDelta::hours(hours_ahead(now))).date_naive()
}

/// Two hours from the last Sunday of March to the last one of October, at one o'clock universal time; otherwise one.
fn hours_ahead(now: DateTime<Utc>) -> i64 {
    let turn = |month| {
        let end = NaiveDate::from_ymd_opt(now.year(), month, 31).unwrap_or_default();
        let sunday = end.week(Weekday::Sun).first_day();
        sunday.and_hms_opt(1, 0, 0).unwrap_or_default().and_utc()
    };
    if now >= turn(3) && now < turn(10) { 2 } else { 1 }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_day_begins_earlier_than_elsewhere() {
        for (instant, day) in [
            ("2026-03-28T22:59:59Z", "2026-03-28"),
            ("2026-03-28T23:00:00Z", "2026-03-29"),
            ("2026-03-29T22:00:00Z", "2026-03-30"),
            ("2026-10-24T22:00:00Z", "2026-10-25"),
            ("2026-10-25T22:30:00Z", "2026-10-25"),
        ] {
            let now: DateTime<Utc> = instant.parse().expect("an instant");
            assert_eq!(today(now).to_string(), day, "{instant}");
        }
    }
}
