//! The outside of requests and answers: numbered records under their module, a status, JSON or XML.

use std::borrow::Cow;

use http::StatusCode;

use crate::json::Node;
use crate::page::escape;
use crate::server::{Answer, Request};

/// Why a request is refused: the status that says so.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Refusal {
    /// A status code.
    Status(&'static str),
    /// Rules that are broken, with the record that was sent and what is wrong with it.
    Errors(Box<Node>),
}

/// The only refusal of a body whose shape is wrong.
pub(super) const INPUT_ERROR: Refusal = Refusal::Status("INPUT ERROR");

/// How requests and answers are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Json,
    Xml,
}

/// The format of a request, and that of its answer, which is the same when it is not said.
pub(super) fn formats(request: &Request) -> Option<(Format, Format)> {
    let parameters = request.parameters();
    let named = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let format = |text: &str| match text {
        "json" => Some(Format::Json),
        "xml" => Some(Format::Xml),
        _ => None,
    };
    let input = named("inputFormat").map_or(Some(Format::Xml), format)?;
    let output = named("outputFormat").map_or(Some(input), format)?;
    Some((input, output))
}

/// An answer: the module's branch, when there is one, and the status.
pub(super) fn answer(format: Format, branch: Option<(&'static str, Node)>, status: &'static str) -> Answer {
    let status = ("status", Node::object([("code", Node::text(status))]));
    let members = branch.into_iter().chain([status]).map(|(name, value)| (Cow::Borrowed(name), value));
    let node = Node::Object(members.collect());
    match format {
        Format::Json => Answer::json(StatusCode::OK, &node),
        Format::Xml => {
            let mut text = String::from("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<api>");
            xml(&node, &mut text);
            text.push_str("</api>\n");
            Answer::of(StatusCode::OK, "application/xml; charset=utf-8", text)
        }
    }
}

fn xml(node: &Node, text: &mut String) {
    match node {
        Node::Null => {}
        Node::Bool(value) => text.push_str(if *value { "1" } else { "0" }),
        Node::Int(value) => text.push_str(&value.to_string()),
        Node::Number(value) => text.push_str(&value.to_string()),
        Node::Text(value) => text.push_str(&escape(value)),
        Node::List(values) => values.iter().for_each(|value| xml(value, text)),
        Node::Object(members) => {
            for (name, value) in members {
                if is_number(name) {
                    xml(value, text);
                } else {
                    text.extend(["<", name, ">"]);
                    xml(value, text);
                    text.extend(["</", name, ">"]);
                }
            }
        }
    }
}

fn is_number(name: &str) -> bool {
    !name.is_empty() && name.bytes().all(|byte| byte.is_ascii_digit())
}

/// Records under numbered keys, each in its own name.
pub(super) fn numbered(name: &'static str, records: impl IntoIterator<Item = Node>) -> Vec<(Cow<'static, str>, Node)> {
    let wrapped = records.into_iter().enumerate();
    wrapped.map(|(place, record)| (Cow::Owned(place.to_string()), Node::object([(name, record)]))).collect()
}

/// The records of a branch, by the order of their numbers. A list, or another key than a number, is refused.
pub(super) fn records<'a>(branch: &'a Node, name: &str) -> Result<Vec<(&'a str, &'a Node)>, Refusal> {
    let Node::Object(members) = branch else { return Err(INPUT_ERROR) };
    let mut found = Vec::new();
    for (key, value) in members.iter().filter(|(key, _)| key != "parameters") {
        let place: u32 = key.parse().ok().filter(|_| is_number(key)).ok_or(INPUT_ERROR)?;
        let record = value.get(name).filter(|record| matches!(record, Node::Object(_))).ok_or(INPUT_ERROR)?;
        found.push((place, key.as_ref(), record));
    }
    found.sort_by_key(|(place, _, _)| *place);
    Ok(found.into_iter().map(|(_, key, record)| (key, record)).collect())
}

/// The body of a request under its module; nothing when there is no body.
pub(super) fn branch(input: Format, request: &Request, module: &str) -> Result<Option<Node>, Refusal> {
    if request.body.is_empty() {
        return Ok(None);
    }
    if input == Format::Xml {
        return Err(INPUT_ERROR);
    }
    let body = Node::parse(&request.body).ok_or(INPUT_ERROR)?;
    if has_list(&body) {
        return Err(INPUT_ERROR);
    }
    body.get(module).cloned().map(Some).ok_or(INPUT_ERROR)
}

/// Lists are objects with numbered keys here.
fn has_list(node: &Node) -> bool {
    match node {
        Node::List(_) => true,
        Node::Object(members) => members.iter().any(|(_, value)| has_list(value)),
        Node::Null | Node::Bool(_) | Node::Int(_) | Node::Number(_) | Node::Text(_) => false,
    }
}
