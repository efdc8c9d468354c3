//! In which fiscal year and period a day lies, and whether it is open. A broken year may be named after either of its
//! calendar years, so the ledger's list is asked for.

use super::{known::Period, map::Plan, options, record::Record};
use crate::error::{ErrorCode, LedgerError, Operation};
use chrono::{Datelike, Months};
use domain::time::Date;

/// The years whose periods are asked for, one after the other.
pub(super) fn years(day: Date) -> [i64; 3] {
    let year = i64::from(day.year());
    [year, year - 1, year + 1]
}

/// By the calendar, when the connection says so.
pub(super) fn by_calendar(plan: &Plan<'_>) -> Option<Period> {
    (plan.options.get(&options::PERIODS) == Some("calendar")).then(|| {
        let day = plan.day();
        Period { year: day.year().into(), number: day.month().into(), days: (day, day), closed: None }
    })
}

/// The period of a day among those of a year.
pub(super) fn containing(plan: &Plan<'_>, year: i64, rows: &[Record]) -> Option<Period> {
    let day = plan.day();
    let periods = rows.iter().filter_map(|row| read(plan.options.get(&options::OPEN_STATES), year, row));
    // A period of opening or closing entries is one day long at the edge of the year: the longer one is meant.
    periods
        .filter(|period| period.days.0 <= day && day <= period.days.1)
        .max_by_key(|period| period.days.1 - period.days.0)
}

fn read(open_states: Option<&str>, year: i64, row: &Record) -> Option<Period> {
    let number = row.integer(&["periodNumber", "period", "number"])?;
    let first = row.date(&["startDate", "dateFrom", "beginDate", "periodStartDate"])?;
    let last = row.date(&["endDate", "dateTo", "periodEndDate"]);
    // Without an end it is a month.
    let last = last.or_else(|| first.checked_add_months(Months::new(1))?.pred_opt())?;
    let closed = match row.flag(&["closed", "isClosed", "blocked", "isBlocked"]) {
        Some(closed) => closed.then(|| "closed".to_owned()),
        None => {
            let state = row.text(&["state", "periodState", "stateId", "status"]);
            let is_open = |state: &String| {
                open_states.unwrap_or_default().split(',').any(|open| open.trim().eq_ignore_ascii_case(state))
            };
            state.filter(|state| !is_open(state))
        }
    };
    Some(Period { year: row.integer(&["fiscalYear"]).unwrap_or(year), number, days: (first, last), closed })
}

/// Refuses a period that is closed.
pub(super) fn check(plan: &Plan<'_>, period: &Period) -> Result<(), LedgerError> {
    let Some(state) = &period.closed else { return Ok(()) };
    let (ledger, number, year) = (plan.name, period.number, period.year);
    let message = format!(
        "Period {number} of {year} is not open in {ledger}. Open it there or choose another booking date, and post again."
    );
    Err(LedgerError::rejected(ErrorCode::PeriodClosed, Operation::ReadCodes, message)
        .about(format!("{year}/{number}"))
        .with_ledger_text(state))
}

/// No year of the ledger has the day.
pub(super) fn missing(plan: &Plan<'_>) -> LedgerError {
    let (ledger, day) = (plan.name, plan.day());
    let message = format!(
        "{ledger} has no period for {day}. Make the fiscal year there or choose another booking date, and post again."
    );
    LedgerError::rejected(ErrorCode::YearMissing, Operation::ReadCodes, message).about(day)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_period_is_read_by_guess_and_said_to_be_open_in_several_ways() {
        let read = |text: &str| super::read(Some("open,0"), 2026, &serde_json::from_str(text).unwrap());
        let march = ("2026-03-01".parse::<Date>().unwrap(), "2026-03-31".parse::<Date>().unwrap());
        for (text, closed) in [
            (r#"{"periodNumber":3,"startDate":"1-3-2026","endDate":"31-3-2026","state":"Open"}"#, None),
            (r#"{"PeriodNumber":3,"StartDate":"01-03-2026 0:00:00","state":0}"#, None),
            (r#"{"period":3,"dateFrom":"2026-03-01","dateTo":"2026-03-31"}"#, None),
            (r#"{"periodNumber":3,"startDate":"1-3-2026","endDate":"31-3-2026","state":"Gesloten"}"#, Some("Gesloten")),
            (r#"{"periodNumber":3,"startDate":"1-3-2026","endDate":"31-3-2026","closed":true}"#, Some("closed")),
        ] {
            let closed = closed.map(str::to_owned);
            assert_eq!(read(text), Some(Period { year: 2026, number: 3, days: march, closed }), "{text}");
        }
        assert_eq!(read(r#"{"periodNumber":3}"#), None);
        let other = read(r#"{"fiscalYear":2025,"periodNumber":9,"startDate":"1-3-2026","endDate":"31-3-2026"}"#);
        assert_eq!(other.unwrap().year, 2025, "a broken year");
    }
}
