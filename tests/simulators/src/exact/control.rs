//! `/_sim`: the simulator's own interface, for tests in other processes and for people.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use http::{Method, StatusCode};
use serde::Deserialize;

use super::books::{Division, PeriodState};
use super::guid::Guid;
use super::report::{balances, bookings};
use super::simulator::Core;
use super::state::State;
use super::{merge, resources, seed, view};
use crate::control::{self, Preset, Reset, body, json, wrong};
use crate::server::{Answer, Request};

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

/// Answers a control request.
pub(crate) fn answer(core: &Core, request: &Request) -> Answer {
    control::answer(&core.around, request, || core.change(|_| ()))
        .unwrap_or_else(|| serve(core, request).unwrap_or_else(|answer| answer))
}

fn serve(core: &Core, request: &Request) -> Result<Answer, Answer> {
    let (first, rest) = control::path(request);
    match (&request.method, first, rest) {
        (&Method::GET, "", None) => {
            Ok(Answer::html(StatusCode::OK, read(core, |state| view::page(state, &request.mount))))
        }
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
