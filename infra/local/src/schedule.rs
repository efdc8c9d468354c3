//! `cargo local schedule`: when an export job would run.

use chrono::{DateTime, SecondsFormat, Utc};
use domain::{
    schedule::{Frequency, LocalTime, Schedule, ScheduleError},
    time::Instant,
};

use crate::failure::Failure;

/// The most instants that are printed at once: a year of hourly runs is under nine thousand.
const COUNT_MAX: usize = 100_000;

/// What is asked for.
#[derive(Debug, PartialEq, Eq)]
struct Question {
    schedule: Schedule,
    from: Instant,
    count: usize,
}

/// The runs that the arguments ask for, a line each: in UTC, RFC 3339 with whole seconds.
pub fn lines(arguments: &[&str]) -> Result<Vec<String>, Failure> {
    let Question { schedule, from, count } = question(arguments)?;
    let runs: Vec<Instant> = schedule.runs_after(from).take(count).collect();
    if runs.len() < count {
        return Err(Failure::State(format!(
            "The calendar ends with the year 9999: there are {} runs after --from, not {count}.",
            runs.len()
        )));
    }
    Ok(runs.into_iter().map(|run| run.to_rfc3339_opts(SecondsFormat::Secs, true)).collect())
}

fn question(arguments: &[&str]) -> Result<Question, Failure> {
    let (mut frequency, mut weekday, mut day) = (None, None, None);
    let (mut zone, mut at, mut from, mut count) = (None, None, None, None);
    for pair in arguments.chunks(2) {
        let [option, value] = *pair else { return Err(usage(format!("{} needs a value.", pair.join(" ")))) };
        let place = match option {
            "--frequency" => &mut frequency,
            "--weekday" => &mut weekday,
            "--day" => &mut day,
            "--time-zone" => &mut zone,
            "--at" => &mut at,
            "--from" => &mut from,
            "--count" => &mut count,
            other => return Err(usage(format!("`schedule` does not take {other}."))),
        };
        if place.replace(value).is_some() {
            return Err(usage(format!("{option} is given twice: give it once.")));
        }
    }
    let (Some(frequency), Some(from), Some(count)) = (frequency, from, count) else {
        return Err(usage("`schedule` needs --frequency, --from and --count."));
    };
    let weekday = weekday.map(str::parse).transpose().map_err(|error| refused(&error))?;
    let day = day.map(str::parse).transpose().map_err(|error| refused(&error))?;
    let frequency = Frequency::new(frequency, weekday, day).map_err(|error| refused(&error))?;
    let local = match (zone, at) {
        (Some(zone), at) => Some(LocalTime {
            zone: zone.parse().map_err(ScheduleError::Zone).map_err(|error| refused(&error))?,
            at: at.map(str::parse).transpose().map_err(|error| refused(&error))?.unwrap_or_default(),
        }),
        (None, Some(_)) => {
            return Err(usage("--at is the time in a time zone: give --time-zone as well, or neither for 00:00 UTC."));
        }
        (None, None) => None,
    };
    let from = DateTime::parse_from_rfc3339(from).map_err(|error| {
        usage(format!("--from: '{from}' is not an instant ({error}): give it as 2026-03-31T10:17:00Z."))
    })?;
    let count = count
        .parse()
        .ok()
        .filter(|count| (1..=COUNT_MAX).contains(count))
        .ok_or_else(|| usage(format!("--count: '{count}' is not a number of runs: give 1 to {COUNT_MAX}.")))?;
    Ok(Question { schedule: Schedule { frequency, local }, from: from.with_timezone(&Utc), count })
}

fn usage(message: impl Into<String>) -> Failure {
    Failure::Usage(message.into())
}

fn refused(error: &ScheduleError) -> Failure {
    let option = match error {
        ScheduleError::Frequency(_) => "--frequency",
        ScheduleError::Weekday(_) | ScheduleError::WeekdayWithoutWeekly => "--weekday",
        ScheduleError::Day(_) | ScheduleError::DayMissing | ScheduleError::DayWithoutMonthly => "--day",
        ScheduleError::Zone(_) => "--time-zone",
        ScheduleError::Time(_) => "--at",
    };
    usage(format!("{option}: {error}."))
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What is printed for a command line, its parts divided by spaces.
    fn printed(line: &str) -> Vec<String> {
        lines(&line.split(' ').collect::<Vec<_>>()).unwrap()
    }

    #[test]
    fn the_worked_examples_are_printed() {
        assert_eq!(
            printed("--frequency every_4_hours --from 2026-07-01T10:17:00Z --count 4"),
            ["2026-07-01T12:00:00Z", "2026-07-01T16:00:00Z", "2026-07-01T20:00:00Z", "2026-07-02T00:00:00Z"]
        );
        assert_eq!(
            printed("--frequency hourly --from 2026-07-01T10:17:00Z --count 2"),
            ["2026-07-01T11:00:00Z", "2026-07-01T12:00:00Z"]
        );
        assert_eq!(
            printed("--frequency monthly --day 31 --from 2026-01-01T00:00:00Z --count 4"),
            ["2026-01-31T00:00:00Z", "2026-02-28T00:00:00Z", "2026-03-31T00:00:00Z", "2026-04-30T00:00:00Z"]
        );
        assert_eq!(
            printed("--count 3 --from 2028-01-01T00:00:00Z --day 30 --frequency monthly"),
            ["2028-01-30T00:00:00Z", "2028-02-29T00:00:00Z", "2028-03-30T00:00:00Z"]
        );
        assert_eq!(
            printed("--frequency monthly --day 15 --from 2026-07-15T00:00:00Z --count 1"),
            ["2026-08-15T00:00:00Z"]
        );
    }

    #[test]
    fn weekdays_zones_and_offsets_are_understood() {
        assert_eq!(printed("--frequency weekly --from 2026-07-01T00:00:00Z --count 1"), ["2026-07-06T00:00:00Z"]);
        assert_eq!(
            printed("--frequency weekly --weekday sun --from 2026-07-01T00:00:00Z --count 1"),
            ["2026-07-05T00:00:00Z"]
        );
        assert_eq!(
            printed(
                "--frequency daily --time-zone Europe/Amsterdam --at 02:30 --from 2026-03-28T12:00:00+01:00 --count 2"
            ),
            ["2026-03-29T01:30:00Z", "2026-03-30T00:30:00Z"]
        );
        assert_eq!(
            printed("--frequency daily --time-zone Europe/Amsterdam --from 2026-07-01T12:00:00Z --count 1"),
            ["2026-07-01T22:00:00Z"]
        );
    }

    #[test]
    fn what_makes_no_sense_is_refused_with_what_to_do() {
        let rest = "--from 2026-07-01T00:00:00Z --count 1";
        for (line, wanted) in [
            (format!("--frequency yearly {rest}"), "'yearly' is not a frequency: give hourly, every_4_hours"),
            (format!("--frequency monthly {rest}"), "--day: a monthly schedule needs its day of the month"),
            (format!("--frequency monthly --day 0 {rest}"), "--day: '0' is not a day of the month: give 1 to 31"),
            (format!("--frequency monthly --day 32 {rest}"), "--day: '32' is not a day of the month: give 1 to 31"),
            (format!("--frequency daily --day 3 {rest}"), "--day: only a monthly schedule has a day of the month"),
            (format!("--frequency monthly --day 3 --weekday mon {rest}"), "--weekday: only a weekly schedule"),
            (format!("--frequency weekly --weekday someday {rest}"), "'someday' is not a day of the week"),
            (format!("--frequency daily --time-zone Europe/Hilversum {rest}"), "--time-zone: 'Europe/Hilversum'"),
            (
                format!("--frequency daily --time-zone Asia/Tokyo --at 9:00 {rest}"),
                "--at: '9:00' is not a time on the quarter",
            ),
            (format!("--frequency daily --at 09:00 {rest}"), "give --time-zone as well"),
            (format!("--frequency daily --frequency daily {rest}"), "--frequency is given twice"),
            (format!("--frequency daily --colour red {rest}"), "does not take --colour"),
            ("--frequency daily --count 1 --from".into(), "--from needs a value"),
            ("--frequency daily --count 1".into(), "needs --frequency, --from and --count"),
            ("--frequency daily --count 1 --from yesterday".into(), "--from: 'yesterday' is not an instant"),
            ("--frequency daily --count 0 --from 2026-07-01T00:00:00Z".into(), "--count: '0' is not a number of runs"),
            ("--frequency daily --count -1 --from 2026-07-01T00:00:00Z".into(), "give 1 to 100000"),
        ] {
            let failure = lines(&line.split(' ').collect::<Vec<_>>()).unwrap_err();
            assert!(matches!(failure, Failure::Usage(_)), "{line}: {failure:?}");
            assert!(failure.to_string().contains(wanted), "{line}: {failure}");
        }
    }

    #[test]
    fn at_the_end_of_the_calendar_nothing_is_printed() {
        let asked = ["--frequency", "daily", "--from", "9999-12-28T12:00:00Z", "--count", "9"];
        let failure = lines(&asked).unwrap_err().to_string();
        assert!(failure.contains("The calendar ends"), "{failure}");
    }
}
