//! Who may call, and what a call is about.

use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use chrono::{DateTime, Utc};
use http::{Method, StatusCode};

use super::refusal::{Refusal, not_found, refusal, wrong};
use super::state::{Firmao, NextShape, Organisation, Settings};
use super::{customers, filters, numbers, records, transactions, view};
use crate::json::Node;
use crate::polish::paper;
use crate::server::{Answer, Request};
use crate::warsaw;

/// Answers anything.
pub(super) fn answer(state: &mut Firmao, now: DateTime<Utc>, request: &Request) -> Answer {
    let path = request.path.trim_start_matches('/');
    let segments: Vec<&str> = path.split('/').collect();
    match segments.as_slice() {
        [organisation, "svc", "v1", rest @ ..] if state.organisation(organisation).is_some() => {
            call(state, now, request, organisation, rest).unwrap_or_else(Refusal::answer)
        }
        _ => Answer::html(StatusCode::NOT_FOUND, "<html><body><h1>404</h1></body></html>".to_owned()),
    }
}

/// Login and password of a request.
fn basic(request: &Request) -> Option<(String, String)> {
    let coded = request.header("authorization")?.strip_prefix("Basic ")?;
    let text = String::from_utf8(BASE64_STANDARD.decode(coded).ok()?).ok()?;
    text.split_once(':').map(|(login, password)| (login.to_owned(), password.to_owned()))
}

fn call(
    state: &mut Firmao,
    now: DateTime<Utc>,
    request: &Request,
    organisation: &str,
    rest: &[&str],
) -> Result<Answer, Refusal> {
    let settings = state.settings.clone();
    let books = state.organisation(organisation).ok_or_else(|| refusal(404, "notFound"))?;
    if basic(request).is_none_or(|(login, password)| login != books.login || password != books.password) {
        return Err(refusal(settings.user_status, "userNotFound"));
    }
    if !books.licensed {
        return Err(refusal(settings.licence_status, "noActiveLicence"));
    }
    let object = rest.first().copied().unwrap_or_default();
    if books.denied.contains(object) {
        return Err(refusal(settings.permission_status, "missingPermissionException"));
    }
    match (&request.method, rest) {
        (&Method::GET, _) => read(books, &settings, now, request, rest),
        (&Method::POST, ["customers"]) => customers::create(state, organisation, &body(request)?),
        (&Method::POST, ["transactions"]) => transactions::create(state, organisation, now, &body(request)?),
        (&Method::POST, _) => Err(refusal(404, "notFound")),
        _ => Err(refusal(501, "notImplemented")),
    }
}

/// The body: an object in JSON, and said to be JSON.
fn body(request: &Request) -> Result<Node, Refusal> {
    let is_json = request.header("content-type").is_some_and(|kind| kind.starts_with("application/json"));
    let node = Node::parse(&request.body).filter(|node| is_json && matches!(node, Node::Object(_)));
    node.ok_or_else(|| refusal(400, "malformedRequest"))
}

fn read(
    books: &Organisation,
    settings: &Settings,
    now: DateTime<Utc>,
    request: &Request,
    rest: &[&str],
) -> Result<Answer, Refusal> {
    let list = |rows: Vec<Node>, sort| filters::list(rows, settings, request, sort);
    match rest {
        ["invoicenumbers"] => list(books.series.iter().map(records::series).collect(), "id"),
        ["invoicenumbers", "next"] => next(books, settings, now, request),
        ["products"] => list(books.products.iter().map(records::product).collect(), "id"),
        ["customers"] => list(books.customers.iter().map(records::customer).collect(), "id"),
        ["warehouses"] => list(books.warehouses.iter().map(records::warehouse).collect(), "id"),
        ["transactions"] => {
            let all = books.transactions.iter().map(|one| records::transaction(books, one));
            list(all.collect(), "transactionDate")
        }
        ["transactionentries"] => {
            let entries = |one| {
                let one: &super::state::Transaction = one;
                one.entries.iter().map(move |entry| records::entry(one, entry))
            };
            list(books.transactions.iter().flat_map(entries).collect(), "id")
        }
        ["reports", "invoices", "transaction", template, file] if file.strip_suffix(".pdf").is_some() => {
            Ok(paper(books, request, template))
        }
        _ => Err(refusal(404, "notFound")),
    }
}

/// The next number of a series; nothing keeps it for who asked.
fn next(books: &Organisation, settings: &Settings, now: DateTime<Utc>, request: &Request) -> Result<Answer, Refusal> {
    let parameters = request.parameters();
    let parameter = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let must = |name: &'static str, wanted: &str| match parameter(name) {
        Some(given) if given == wanted => Ok(()),
        given => Err(wrong("invalidValue", name, given.map_or(Node::Null, Node::text))),
    };
    must("objectClass", "transaction")?;
    must("mode", "SALE")?;
    let kind = parameter("type").unwrap_or_default();
    let mut of_kind = books.series.iter().filter(|series| series.kind.to_lowercase() == kind);
    let series = match parameter("id") {
        None => of_kind.next().ok_or_else(|| wrong("invalidValue", "type", Node::text(kind)))?,
        Some(id) => of_kind
            .find(|series| series.id.to_string() == id)
            .ok_or_else(|| not_found("id", "InvoicePattern", Node::text(id)))?,
    };
    let number = numbers::next(books, settings, series, warsaw::today(now));
    Ok(match settings.next_shape {
        NextShape::JsonString => Answer::json(StatusCode::OK, &Node::Text(number)),
        NextShape::Text => Answer::of(StatusCode::OK, "text/plain; charset=utf-8", number),
        NextShape::Object => Answer::json(StatusCode::OK, &Node::object([("nextNumber", Node::Text(number))])),
    })
}

fn paper(books: &Organisation, request: &Request, template: &str) -> Answer {
    let parameters = request.parameters();
    let id = parameters.iter().find(|(name, _)| name == "id").map(|(_, id)| id.as_str()).unwrap_or_default();
    let found = books.transactions.iter().find(|one| one.id.to_string() == id);
    match found.filter(|one| records::report(&one.kind) == template) {
        Some(one) => Answer::of(StatusCode::OK, "application/pdf", paper::pdf(&view::document(books, one))),
        None => Answer::html(StatusCode::NOT_FOUND, "<html><body><h1>404</h1></body></html>".to_owned()),
    }
}
