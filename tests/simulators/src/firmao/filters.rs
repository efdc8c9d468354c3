//! Lists: filters such as `id(eq)=5`, an order, and a page.

use std::cmp::Ordering;

use http::StatusCode;

use super::refusal::{Refusal, wrong};
use super::state::{Filters, Settings, TotalSize};
use crate::json::{self, Node};
use crate::server::{Answer, Request};

/// Rows when nothing is said.
const USUAL: usize = 25;

/// A value as filters see it: what is referred to is its id.
fn plain(node: &Node) -> String {
    match node {
        Node::Text(text) => text.clone(),
        Node::Int(whole) => whole.to_string(),
        Node::Number(number) => number.normalize().to_string(),
        Node::Bool(flag) => flag.to_string(),
        Node::Object(_) => node.get("id").map(plain).unwrap_or_default(),
        Node::Null | Node::List(_) => String::new(),
    }
}

fn compare(one: &str, other: &str) -> Ordering {
    match (json::decimal(one), json::decimal(other)) {
        // Days begin with a digit as well, but are no numbers.
        (Some(one), Some(other)) => one.cmp(&other),
        (Some(_) | None, Some(_) | None) => one.cmp(other),
    }
}

fn holds(value: &str, operator: &str, wanted: &str) -> Option<bool> {
    let is_in = || wanted.split(';').any(|one| one == value);
    let contains = || value.to_lowercase().contains(&wanted.to_lowercase());
    Some(match operator {
        "eq" => value == wanted,
        "ne" => value != wanted,
        "contains" => contains(),
        "notContains" => !contains(),
        "in" => is_in(),
        "notin" => !is_in(),
        "gt" | "nle" => compare(value, wanted).is_gt(),
        "ge" | "nlt" => compare(value, wanted).is_ge(),
        "lt" | "nge" => compare(value, wanted).is_lt(),
        "le" | "ngt" => compare(value, wanted).is_le(),
        _ => return None,
    })
}

/// A member of a record, or of one in it: `customerAddress.city`.
fn field<'a>(record: &'a Node, name: &str) -> Option<&'a Node> {
    match (record, name.split_once('.')) {
        (Node::Object(members), None) => members.iter().find(|(known, _)| known == name).map(|(_, value)| value),
        (_, Some((of, name))) => field(record.get(of)?, name),
        (Node::Null | Node::Bool(_) | Node::Int(_) | Node::Number(_) | Node::Text(_) | Node::List(_), None) => None,
    }
}

/// Answers the rows that a request asks for.
pub(super) fn list(
    mut rows: Vec<Node>,
    settings: &Settings,
    request: &Request,
    usual_sort: &'static str,
) -> Result<Answer, Refusal> {
    let (mut start, mut limit, mut sort, mut dir) = (0, USUAL, usual_sort.to_owned(), "DESC".to_owned());
    for (name, value) in request.parameters() {
        let number = || value.parse().map_err(|_| wrong("invalidValue", "limit", Node::text(value.as_str())));
        match name.as_str() {
            "start" => start = number()?,
            "limit" => limit = number()?,
            "sort" => sort.clone_from(&value),
            "dir" if value == "ASC" || value == "DESC" => dir.clone_from(&value),
            "dataFormat" => {}
            _ => filter(&mut rows, settings, &name, &value)?,
        }
    }
    let key = |row: &Node| field(row, &sort).map(plain).unwrap_or_default();
    rows.sort_by(|one, other| {
        let ascending = compare(&key(one), &key(other));
        if dir == "DESC" { ascending.reverse() } else { ascending }
    });
    let (total, limit) = (rows.len(), limit.min(settings.limit_most));
    let size = match settings.total_size {
        TotalSize::Unknown if start + limit < total => -1,
        TotalSize::Unknown | TotalSize::Exact => i64::try_from(total).unwrap_or(i64::MAX),
    };
    let body = Node::object([
        ("data", Node::List(rows.into_iter().skip(start).take(limit).collect())),
        ("totalSize", Node::Int(size)),
        ("sort", Node::Text(sort)),
        ("dir", Node::Text(dir)),
    ]);
    Ok(Answer::json(StatusCode::OK, &body))
}

fn filter(rows: &mut Vec<Node>, settings: &Settings, name: &str, wanted: &str) -> Result<(), Refusal> {
    if settings.filters == Filters::Ignored {
        return Ok(());
    }
    let unknown = || wrong("unknownFilter", "filter", Node::text(name));
    let (of, operator) = name.strip_suffix(')').and_then(|name| name.split_once('(')).ok_or_else(unknown)?;
    if of == "description" && settings.description_filter == Filters::Ignored {
        return Ok(());
    }
    let mut kept = Vec::new();
    for row in rows.drain(..) {
        let value = field(&row, of).map(plain).ok_or_else(unknown)?;
        if holds(&value, operator, wanted).ok_or_else(unknown)? {
            kept.push(row);
        }
    }
    *rows = kept;
    Ok(())
}
