//! The job of a facility: only on an active one, on behalf of Finance users, on the UTC grid or by the clocks of a place (EX-8 to
//! EX-18).

use super::{FacilityView, facilities::replace, facility};
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, IfMatch, Json},
    problem::{Answer, Code, Problem},
    reply::{Shown, Versioned},
    schema,
};
use axum::extract::State;
use domain::{
    export::{JobRefused, OnBehalfOf, Switched},
    ids::{AdministrationId, FacilityId, UserId},
    schedule::{DayOfMonth, Frequency, LocalTime, QuarterHour, Schedule, ScheduleError, Weekday},
    time::{Instant, TimeZone},
};
use serde::{Deserialize, Serialize};
use std::collections::BTreeSet;
use utoipa::ToSchema;

/// What a job is to be from now on (EX-11).
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct JobBody {
    /// `hourly`, `every_4_hours`, `daily`, `weekly` or `monthly` (EX-12).
    #[schema(example = "monthly")]
    pub frequency: String,
    /// For weekly: `mon` to `sun`; Monday when left out.
    #[serde(default)]
    pub weekday: Option<String>,
    /// For monthly: 1 to 31; a month without that day runs on its last one (EX-13).
    #[serde(default)]
    pub day: Option<u32>,
    /// IANA time zone by whose clocks it runs; UTC when left out (EX-16).
    #[serde(default)]
    #[schema(example = "Europe/Amsterdam")]
    pub time_zone: Option<String>,
    /// HH:MM there, in quarters of an hour; 00:00 when left out.
    #[serde(default)]
    pub at: Option<String>,
    /// Finance users on whose behalf it runs, at least one; the first who still may does (EX-15).
    #[schema(schema_with = schema::many::<UserId>)]
    pub on_behalf_of: Vec<UserId>,
    /// `on` or `off` (EX-17).
    #[schema(value_type = String, example = "on")]
    pub switch: Switched,
}

impl JobBody {
    fn schedule(&self) -> Answer<Schedule> {
        let at = |pointer: &'static str| move |error: ScheduleError| Problem::invalid(pointer, format!("{error}."));
        let weekday = self.weekday.as_deref().map(str::parse::<Weekday>).transpose().map_err(at("/weekday"))?;
        let day = self.day.map(|day| day.to_string().parse::<DayOfMonth>()).transpose().map_err(at("/day"))?;
        let frequency = Frequency::new(&self.frequency, weekday, day).map_err(|error| {
            let pointer = match error {
                ScheduleError::DayMissing | ScheduleError::DayWithoutMonthly | ScheduleError::Day(_) => "/day",
                ScheduleError::WeekdayWithoutWeekly | ScheduleError::Weekday(_) => "/weekday",
                ScheduleError::Frequency(_) => "/frequency",
                ScheduleError::Time(_) => "/at",
                ScheduleError::Zone(_) => "/time_zone",
            };
            Problem::invalid(pointer, format!("{error}."))
        })?;
        let local = match (&self.time_zone, &self.at) {
            (None, None) => None,
            (None, Some(_)) => {
                return Err(Problem::invalid(
                    "/at",
                    "Without a time zone it runs on the UTC grid: give one, or leave this out.",
                ));
            }
            (Some(zone), time) => {
                let zone: TimeZone =
                    zone.parse().map_err(|error| Problem::invalid("/time_zone", format!("{error}.")))?;
                let time = time.as_deref().map(str::parse::<QuarterHour>).transpose().map_err(at("/at"))?;
                Some(LocalTime { zone, at: time.unwrap_or_default() })
            }
        };
        Ok(Schedule { frequency, local })
    }
}

/// Sets the job: its schedule, its users, on or off. Everything applies at once, and nothing before (EX-11).
#[utoipa::path(
    put, path = "/administrations/{administration}/export-facilities/{facility}/job", tag = "exports",
    request_body = JobBody,
    responses((status = 200, body = FacilityView))
)]
pub async fn put_job(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, FacilityId)>,
    seen: IfMatch,
    Json(body): Json<JobBody>,
) -> Answer<Versioned<FacilityView>> {
    let before = facility(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    let schedule = body.schedule()?;
    let on_behalf_of = OnBehalfOf::try_from(body.on_behalf_of)
        .map_err(|error| Problem::invalid("/on_behalf_of", format!("{error}.")))?;
    let chosen: BTreeSet<UserId> = on_behalf_of.users().iter().copied().collect();
    let users = app.of(caller.tenant).users().some(&chosen).await?;
    let mut after = before.clone();
    after.set_job((schedule, on_behalf_of), body.switch, &users, caller.now).map_err(|refused| match refused {
        JobRefused::User(problem) => {
            let detail = format!("{problem}: choose a user with the role Finance.");
            Problem::new(Code::FinanceUserInvalid, detail.clone()).at("/on_behalf_of", detail)
        }
        JobRefused::Draft | JobRefused::Inactive => {
            Problem::new(Code::FacilityInactive, format!("{refused}.")).about(id)
        }
    })?;
    if after == before {
        let ledger = super::ledger_facts(&app, &caller, &before).await?;
        return Ok(Versioned { body: FacilityView::new(&before, ledger), version: before.version });
    }
    replace(&app, &caller, &before, after, "facility.job").await
}

/// An instant at which a job runs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextRun {
    /// In UTC.
    #[schema(value_type = String, format = DateTime)]
    pub utc: Instant,
    /// By the clocks of the schedule's time zone, or else of the administration's.
    #[schema(example = "2026-07-01T02:00:00+02:00")]
    pub local: String,
    /// The date with which it books (EX-3).
    #[schema(value_type = String, format = Date)]
    pub job_date: domain::time::Date,
}

/// When a job runs next.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct NextRuns {
    /// Whose clocks `local` shows.
    pub time_zone: String,
    /// The next ten; empty while the job is off.
    pub runs: Vec<NextRun>,
}

/// How many of the next runs are shown.
const NEXT_RUNS: usize = 10;

/// The next ten runs of the job, in UTC and local time (EX-16).
#[utoipa::path(
    get, path = "/administrations/{administration}/export-facilities/{facility}/next-runs", tag = "exports",
    responses((status = 200, body = NextRuns))
)]
pub async fn next_runs(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, FacilityId)>,
) -> Answer<Shown<NextRuns>> {
    let books = app.administration(&caller, administration).await?;
    let facility = facility(&app, &caller, administration, id).await?;
    let schedule = facility.job.as_ref().map(|job| job.schedule);
    let zone = schedule.and_then(|schedule| schedule.local).map_or(books.time_zone, |local| local.zone);
    let mut runs = Vec::new();
    let mut after = caller.now;
    while let (true, Some(next), Some(schedule)) = (runs.len() < NEXT_RUNS, facility.next_run(after), schedule) {
        runs.push(NextRun { utc: next, local: shown(zone, next), job_date: schedule.job_date(next) });
        after = next;
    }
    Ok(Shown(NextRuns { time_zone: zone.to_string(), runs }))
}

/// An instant as the clocks of a zone show it.
fn shown(zone: TimeZone, at: Instant) -> String {
    let offset = chrono::FixedOffset::east_opt(zone.offset_at(at));
    offset.map_or_else(|| at.to_rfc3339(), |offset| at.with_timezone(&offset).to_rfc3339())
}
