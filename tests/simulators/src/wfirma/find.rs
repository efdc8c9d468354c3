//! Lists: conditions that all must hold, an order, and a page.

use std::borrow::Cow;
use std::cmp::Ordering;

use super::envelope::{INPUT_ERROR, Refusal, numbered, records};
use super::fields::text;
use super::state::{Nothing, ReferenceFilter, Settings};
use crate::json::{self, Node};

/// Records per page when nothing is said.
const USUAL: usize = 20;

/// `ContractorDetail` as members are named: `contractor_detail`.
fn snake(name: &str) -> String {
    let mut text = String::new();
    for c in name.chars() {
        if c.is_ascii_uppercase() && !text.is_empty() {
            text.push('_');
        }
        text.push(c.to_ascii_lowercase());
    }
    text
}

/// A field of a record, or of one that belongs to it; `None` when there is no such field.
fn field<'a>(record: &'a Node, singular: &str, name: &str) -> Option<&'a str> {
    match name.split_once('.') {
        None => record.get(name)?.as_text(),
        Some((of, name)) if snake(of) == singular => record.get(name)?.as_text(),
        Some((of, name)) => record.get(&snake(of))?.get(name)?.as_text(),
    }
}

/// Numbers are compared as numbers, everything else as text.
fn compare(one: &str, other: &str) -> Ordering {
    match (json::decimal(one), json::decimal(other)) {
        (Some(one), Some(other)) if !one.is_sign_negative() && !other.is_sign_negative() => one.cmp(&other),
        (Some(_) | None, Some(_) | None) => one.cmp(other),
    }
}

/// `%` stands for anything.
fn like(value: &str, pattern: &str) -> bool {
    let (value, pattern) = (value.to_lowercase(), pattern.to_lowercase());
    let pieces: Vec<&str> = pattern.split('%').collect();
    let [first, between @ .., last] = pieces.as_slice() else { return value == pattern };
    let Some(mut rest) = value.strip_prefix(first) else { return false };
    for piece in between {
        match rest.split_once(piece) {
            Some((_, after)) => rest = after,
            None => return false,
        }
    }
    rest.ends_with(last)
}

fn holds(value: &str, operator: &str, wanted: &str) -> Result<bool, Refusal> {
    Ok(match operator {
        "eq" => value == wanted,
        "ne" => value != wanted,
        "gt" => compare(value, wanted).is_gt(),
        "lt" => compare(value, wanted).is_lt(),
        "ge" => compare(value, wanted).is_ge(),
        "le" => compare(value, wanted).is_le(),
        "like" => like(value, wanted),
        "not like" => !like(value, wanted),
        "in" => wanted.split(',').any(|one| one.trim() == value),
        "is null" => value.is_empty(),
        "is not null" => !value.is_empty(),
        _ => return Err(INPUT_ERROR),
    })
}

fn keeps(conditions: &Node, record: &Node, singular: &str, settings: &Settings) -> Result<bool, Refusal> {
    for (_, condition) in records(conditions, "condition")? {
        let name = text(condition.get("field"));
        let own = name.rsplit('.').next().unwrap_or_default();
        if own == "id_external" && settings.reference_filter == ReferenceFilter::Ignored {
            continue;
        }
        let value = field(record, singular, &name).ok_or(INPUT_ERROR)?;
        if !holds(value, &text(condition.get("operator")), &text(condition.get("value")))? {
            return Ok(false);
        }
    }
    Ok(true)
}

/// The page of records that a request asks for; none when the branch is left out.
pub(super) fn find(
    all: Vec<Node>,
    branch: Option<&Node>,
    singular: &'static str,
    settings: &Settings,
) -> Result<Option<Node>, Refusal> {
    let parameters = branch.and_then(|branch| branch.get("parameters"));
    let parameter = |name: &str| parameters.and_then(|parameters| parameters.get(name));
    let mut found = Vec::new();
    for record in all {
        let keep = parameter("conditions").map_or(Ok(true), |all| keeps(all, &record, singular, settings))?;
        if keep {
            found.push(record);
        }
    }
    if let Some(Node::Object(order)) = parameter("order") {
        for (direction, by) in order {
            let by = text(Some(by));
            let key = |record: &Node| field(record, singular, &by).unwrap_or_default().to_owned();
            found.sort_by(|one, other| {
                let ascending = compare(&key(one), &key(other));
                if direction == "desc" { ascending.reverse() } else { ascending }
            });
        }
    }
    let number = |name: &str, usual: usize| match text(parameter(name)) {
        given if given.is_empty() => Ok(usual),
        given => given.parse().ok().filter(|number| *number > 0).ok_or(INPUT_ERROR),
    };
    let (page, limit) = (number("page", 1)?, number("limit", USUAL)?.min(settings.page_most));
    let total = found.len();
    if total == 0 {
        match settings.nothing {
            Nothing::Parameters => {}
            Nothing::Absent => return Ok(None),
            Nothing::List => return Ok(Some(Node::List(Vec::new()))),
        }
    }
    let rows = found.into_iter().skip((page - 1).saturating_mul(limit)).take(limit);
    let mut members = numbered(singular, rows);
    let shown = Node::object([
        ("limit", Node::Text(limit.to_string())),
        ("page", Node::Text(page.to_string())),
        ("total", Node::Text(total.to_string())),
    ]);
    members.push((Cow::Borrowed("parameters"), shown));
    Ok(Some(Node::Object(members)))
}
