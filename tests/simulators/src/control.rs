//! What every simulator's `/_sim` offers: its log, faults and clock. Each adds what only its books can do.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use chrono::{DateTime, TimeDelta, Utc};
use http::{Method, StatusCode};
use serde::{Deserialize, Serialize};

use crate::clock::Setting;
use crate::faults::Fault;
use crate::server::{Answer, Request, Surroundings};

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

/// The number of a fault that was set.
#[derive(Debug, Serialize)]
struct FaultSet {
    id: u64,
}

/// What a simulator is started over with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Preset {
    /// The demo's books.
    Demo,
    /// Nothing.
    Empty,
}

/// Starts over.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Reset {
    pub(crate) seed: Preset,
}

/// The first segment of a control's path and what follows it.
pub(crate) fn path(request: &Request) -> (&str, Option<&str>) {
    let path = request.path.strip_prefix("/_sim").unwrap_or(&request.path).trim_matches('/');
    path.split_once('/').map_or((path, None), |(first, rest)| (first, Some(rest)))
}

/// Answers a control that every simulator has; `changed` is told that the clock moved. `None` when it is none of them.
pub(crate) fn answer(around: &Surroundings, request: &Request, changed: impl FnOnce()) -> Option<Answer> {
    let (first, rest) = path(request);
    let answer = match (&request.method, first, rest) {
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
        (&Method::POST, "faults", None) => body::<Fault>(request)
            .and_then(|fault| json(StatusCode::CREATED, &FaultSet { id: around.faults.add(fault) })),
        (&Method::DELETE, "faults", None) => {
            around.faults.clear();
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        (&Method::DELETE, "faults", Some(id)) if id.parse().is_ok_and(|id| around.faults.remove(id)) => {
            Ok(Answer::empty(StatusCode::NO_CONTENT))
        }
        (&Method::DELETE, "faults", Some(_)) => Err(wrong(StatusCode::NOT_FOUND, "no such fault")),
        (&Method::GET, "clock", None) => clock_shown(around),
        (&Method::POST, "clock", None) => body::<ClockChange>(request).and_then(|change| {
            match change {
                ClockChange::StopAt(at) => around.clock.stop_at(at),
                ClockChange::AdvanceSeconds(seconds) => around.clock.advance(TimeDelta::seconds(seconds)),
                ClockChange::FollowSystem => around.clock.follow_system(),
            }
            changed();
            clock_shown(around)
        }),
        _ => return None,
    };
    Some(answer.unwrap_or_else(|refused| refused))
}

fn clock_shown(around: &Surroundings) -> Result<Answer, Answer> {
    json(StatusCode::OK, &ClockShown { now: around.clock.now(), setting: around.clock.setting() })
}

pub(crate) fn body<T: for<'de> Deserialize<'de>>(request: &Request) -> Result<T, Answer> {
    serde_json::from_slice(&request.body).map_err(|error| wrong(StatusCode::BAD_REQUEST, &error.to_string()))
}

pub(crate) fn json<T: Serialize + ?Sized>(status: StatusCode, value: &T) -> Result<Answer, Answer> {
    let text =
        serde_json::to_vec(value).map_err(|error| wrong(StatusCode::INTERNAL_SERVER_ERROR, &error.to_string()))?;
    Ok(Answer::of(status, "application/json", text))
}

pub(crate) fn wrong(status: StatusCode, text: &str) -> Answer {
    Answer::of(status, "application/json", serde_json::json!({ "error": text }).to_string())
}
