//! `/_sim`: the simulator's own interface, for tests in other processes and for people.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use super::books::{Division, PeriodState};
use super::guid::Guid;
use super::report::{balances, bookings};
use super::simulator::Core;
use super::state::State;
use super::{merge, resources, seed, view};
use crate::clock::Setting;
use crate::faults::Fault;
use crate::server::{Answer, Request};

/// Moves the clock: `{"stop_at": "2026-07-01T12:00:00Z"}`, `{"advance_seconds": 600}` or `"follow_system"`.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum ClockChange {
    StopAt(DateTime<Utc>),
    AdvanceSeconds(i64),
    FollowSystem,
}

/// What the clock shows.
#[derive(Debug, Serialize)]
struct ClockShown {
    now: DateTime<Utc>,
    setting: Setting,
}

/// Closes or opens a period.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct PeriodChange {
    division: i32,
    year: i32,
    period: i32,
    #[serde(default)]
    state: PeriodState,
}

/// The number of a fault that was set.
#[derive(Debug, Serialize)]
struct FaultSet {
    id: u64,
}

/// What a simulator is started over with.
#[derive(Debug, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Preset {
    Demo,
    Empty,
}

/// Starts over.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Reset {
    seed: Preset,
}

/// Answers a control request.
pub(crate) fn answer(core: &Core, request: &Request) -> Answer {
    serve(core, request).unwrap_or_else(|answer| answer)
}

fn serve(core: &Core, request: &Request) -> Result<Answer, Answer> {
    let path = request.path.strip_prefix("/_sim").unwrap_or(&request.path).trim_matches('/');
    let (first, rest) = path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)));
    let around = &core.around;
    match (&request.method, first, rest) {
        (&Method::GET, "", None) => Ok(Answer::html(StatusCode::OK, read(core, view::page))),
        (&Method::GET, "state", None) => read(core, |state| json(StatusCode::OK, state)),
        (&Method::GET, "balances", None) => division(core, request, |books| json(StatusCode::OK, &balances(books))),
        (&Method::GET, "bookings", None) => division(core, request, |books| json(StatusCode::OK, &bookings(books))),
        (&Method::GET, "attachments", Some(id)) => {
            let id: Guid = id.parse().map_err(|_| wrong(StatusCode::BAD_REQUEST, "not a GUID"))?;
            let find = |state: &State| {
                state.divisions.iter().find_map(|books| books.attachments.get(&id).map(resources::file))
            };
            read(core, find).ok_or_else(|| wrong(StatusCode::NOT_FOUND, "no such attachment"))
        }
        (&Method::GET, "requests", None) => {
            let log = serde_json::json!({
                "total": around.requests.total(),
                "counters": around.requests.counters(),
                "requests": around.requests.list(),
            });
            json(StatusCode::OK, &log)
        }
        (&Method::DELETE, "requests", None) => {
            around.requests.clear();
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        (&Method::GET, "faults", None) => json(StatusCode::OK, &around.faults.list()),
        (&Method::POST, "faults", None) => {
            let fault: Fault = body(request)?;
            json(StatusCode::CREATED, &FaultSet { id: around.faults.add(fault) })
        }
        (&Method::DELETE, "faults", None) => {
            around.faults.clear();
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        (&Method::DELETE, "faults", Some(id)) if id.parse().is_ok_and(|id| around.faults.remove(id)) => {
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        (&Method::DELETE, "faults", Some(_)) => Err(wrong(StatusCode::NOT_FOUND, "no such fault")),
        (&Method::POST, "seed", None) => {
            let given = body(request)?;
            let seeded = core.change(|state| merge::seed(state, given));
            seeded.map_err(|error| wrong(StatusCode::BAD_REQUEST, &error.to_string()))?;
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        (&Method::POST, "reset", None) => {
            let reset: Reset = body(request)?;
            core.change(|state| {
                let fresh = match reset.seed {
                    Preset::Demo => seed::demo(),
                    Preset::Empty => State::default(),
                };
                // Tokens of before must stay unknown, and switches are not data.
                *state = State {
                    instance: state.instance,
                    sequence: state.sequence,
                    settings: state.settings.clone(),
                    ..fresh
                };
            });
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        (&Method::GET, "clock", None) => clock_shown(core),
        (&Method::POST, "clock", None) => {
            let change: ClockChange = body(request)?;
            core.change(|_| match change {
                ClockChange::StopAt(at) => around.clock.stop_at(at),
                ClockChange::AdvanceSeconds(seconds) => around.clock.advance(TimeDelta::seconds(seconds)),
                ClockChange::FollowSystem => around.clock.follow_system(),
            });
            clock_shown(core)
        }
        (&Method::POST, "periods", None) => {
            let change: PeriodChange = body(request)?;
            let found = core.change(|state| {
                let books = state.division_mut(change.division);
                books.is_some_and(|books| books.close_period(change.year, change.period, change.state))
            });
            let missing = || wrong(StatusCode::NOT_FOUND, "no such division or period");
            if found { Ok(Answer::empty(StatusCode::NO_CONTENT)) } else { Err(missing()) }
        }
        _ => Err(wrong(StatusCode::NOT_FOUND, "no such control")),
    }
}

fn read<T>(core: &Core, look: impl FnOnce(&State) -> T) -> T {
    look(&core.state.lock().unwrap_or_else(std::sync::PoisonError::into_inner))
}

fn clock_shown(core: &Core) -> Result<Answer, Answer> {
    let clock = &core.around.clock;
    json(StatusCode::OK, &ClockShown { now: clock.now(), setting: clock.setting() })
}

fn division(
    core: &Core,
    request: &Request,
    show: impl FnOnce(&Division) -> Result<Answer, Answer>,
) -> Result<Answer, Answer> {
    let parameters = request.parameters();
    let code = parameters.iter().find(|(name, _)| name == "division").and_then(|(_, code)| code.parse().ok());
    let code: i32 = code.ok_or_else(|| wrong(StatusCode::BAD_REQUEST, "the query needs division=<code>"))?;
    read(core, |state| state.division(code).map(show))
        .unwrap_or_else(|| Err(wrong(StatusCode::NOT_FOUND, "no such division")))
}

fn body<T: for<'de> Deserialize<'de>>(request: &Request) -> Result<T, Answer> {
    serde_json::from_slice(&request.body).map_err(|error| wrong(StatusCode::BAD_REQUEST, &error.to_string()))
}

fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Result<Answer, Answer> {
    let text =
        serde_json::to_vec(value).map_err(|error| wrong(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()))?;
    Ok(Answer::of(status, "application/json", text))
}

fn wrong(status: StatusCode, text: &str) -> Answer {
    Answer::of(status, "application/json", serde_json::json!({ "error": text }).to_string())
}
