//! Who may call, and what a call is about.

use chrono::{DateTime, Utc};
use http::{Method, StatusCode};

use super::refusal::Refusal;
use super::state::{Direction, State};
use super::{auth, entries, invoices, lists, relations};
use crate::json::Node;
use crate::server::{Answer, Request};

/// Answers anything: sign-in and API, under a version.
pub(super) fn answer(state: &mut State, now: DateTime<Utc>, request: &Request) -> Answer {
    let path = request.path.trim_start_matches('/');
    let Some((version, under)) = path.split_once('/') else { return Refusal::NotFound.answer() };
    if !state.settings.versions.iter().any(|known| known.eq_ignore_ascii_case(version)) {
        return Refusal::NotFound.answer();
    }
    let lower = under.to_ascii_lowercase();
    match (lower.as_str(), &request.method) {
        ("oauth/authorize", &Method::GET) => auth::authorize(state, now, request),
        ("oauth/token", &Method::POST) => auth::token(state, now, request),
        (_, _) => match under.split_at_checked(4) {
            Some((api, under)) if api.eq_ignore_ascii_case("api/") => {
                call(state, now, request, under).unwrap_or_else(Refusal::answer)
            }
            _ => Refusal::NotFound.answer(),
        },
    }
}

/// What JSON is asked for by.
fn wants_json(request: &Request, path: &str) -> bool {
    let accepts = request.header("accept").unwrap_or_default();
    path.to_ascii_lowercase().ends_with(".json") || accepts.contains("application/json") || accepts.contains("*/*")
}

fn call(state: &mut State, now: DateTime<Utc>, request: &Request, path: &str) -> Result<Answer, Refusal> {
    let token = request.bearer().and_then(|token| state.access_tokens.get(token));
    if token.is_none_or(|expires| *expires <= now) {
        return Err(Refusal::Token);
    }
    if !wants_json(request, path) {
        return Err(Refusal::NotAcceptable);
    }
    let path = path.strip_suffix(".json").unwrap_or(path);
    let path = url::form_urlencoded::parse(path.replace('+', "%2B").as_bytes())
        .next()
        .map(|(path, _)| path.into_owned())
        .unwrap_or_default();
    let parameters = request.parameters();
    let parameter = |name: &str| {
        let named = |(key, _): &&(String, String)| key.eq_ignore_ascii_case(name);
        parameters.iter().find(named).map(|(_, value)| value.clone())
    };
    let page = |rows| {
        let rows = lists::odata(rows, state.settings.filters, &parameter)?;
        Ok(Answer::json(StatusCode::OK, &Node::List(rows)))
    };
    if request.method == Method::GET {
        match path.to_ascii_lowercase().as_str() {
            "administrationnvl" => return page(lists::administrations(&state.databases)),
            "administrationinfolist" => return page(lists::administration_infos(&state.databases)),
            _ => {}
        }
    }
    let (database, under) = path.split_once('/').ok_or(Refusal::NotFound)?;
    let books = state.database(database).ok_or(Refusal::NotFound)?;
    let lower = under.to_ascii_lowercase();
    let segments: Vec<&str> = lower.split('/').collect();
    if request.method == Method::GET {
        if let Some(rows) = lists::list(books, &segments, &parameter)? {
            return page(rows);
        }
        return read(state, database, under, &segments);
    }
    if request.method != Method::POST {
        return Err(Refusal::NotFound);
    }
    // A command may come without a body.
    let is_json = request.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    if !is_json && !request.body.is_empty() {
        return Err(Refusal::MediaType);
    }
    let (database, body) = (database.to_owned(), request.body.as_slice());
    match segments.as_slice() {
        ["supplierinvoice"] => invoices::create(state, &database, Direction::Purchase, body),
        ["customerinvoice"] => invoices::create(state, &database, Direction::Sales, body),
        ["fintrans"] => entries::create(state, &database, body),
        ["supplier"] => relations::create(state, &database, Direction::Purchase, body),
        ["customer"] => relations::create(state, &database, Direction::Sales, body),
        ["getinvoiceidcommand"] => invoices::command(state, &database),
        ["getsupplieridcommand"] => relations::command(state, &database, Direction::Purchase),
        ["getcustomeridcommand"] => relations::command(state, &database, Direction::Sales),
        _ => Err(Refusal::NotFound),
    }
}

/// Single records.
fn read(state: &State, database: &str, path: &str, segments: &[&str]) -> Result<Answer, Refusal> {
    let books = state.database(database).ok_or(Refusal::NotFound)?;
    // Ids are as they are written.
    let ids: Vec<&str> = path.split('/').skip(1).collect();
    let invoice = |direction, id: &str| {
        let invoice = books.invoice(direction, id).ok_or(Refusal::NotFound)?;
        Ok(Answer::json(StatusCode::OK, &lists::invoice_node(invoice)))
    };
    let relation = |direction, id: &str| {
        let relation = books.relation(direction, id).ok_or(Refusal::NotFound)?;
        Ok(Answer::json(StatusCode::OK, &lists::relation_node(relation)))
    };
    match (segments, ids.as_slice()) {
        (["supplierinvoice", _], [id]) => invoice(Direction::Purchase, id),
        (["customerinvoice", _], [id]) => invoice(Direction::Sales, id),
        (["supplier", _], [id]) => relation(Direction::Purchase, id),
        (["customer", _], [id]) => relation(Direction::Sales, id),
        (["fintrans", _, _, _], key) => entries::find(state, database, key),
        (_, _) => Err(Refusal::NotFound),
    }
}
