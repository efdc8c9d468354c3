//! How inFakt refuses: a text, or texts by field.

use std::borrow::Cow;

use http::StatusCode;

use crate::json::Node;
use crate::server::Answer;

/// Texts by field.
pub(super) type Faults = Vec<(String, String)>;

/// A field that must not be empty.
pub(super) const EMPTY: &str = "nie może być puste";

/// Adds a text to a field.
pub(super) fn add(faults: &mut Faults, field: &str, text: &str) {
    faults.push((field.to_owned(), text.to_owned()));
}

/// Texts by field, as an object of lists.
pub(super) fn node(faults: &Faults) -> Node {
    let mut fields: Vec<(Cow<'static, str>, Node)> = Vec::new();
    for (field, text) in faults {
        match fields.iter_mut().find(|(known, _)| known == field) {
            Some((_, Node::List(texts))) => texts.push(Node::text(text)),
            _ => fields.push((Cow::Owned(field.clone()), Node::List(vec![Node::text(text)]))),
        }
    }
    Node::Object(fields)
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// A status and a text.
    Text(StatusCode, &'static str),
    /// Too many calls; seconds to wait, when they are said.
    TooMany(Option<i64>),
    /// Fields.
    Fields(Faults),
    /// The service fails.
    Broken,
}

/// There is no such record or address.
pub(super) const NOT_FOUND: Refusal = Refusal::Text(StatusCode::NOT_FOUND, "Nie znaleziono zasobu");

/// A refusal of one field.
pub(super) fn field(name: &str, text: &str) -> Refusal {
    Refusal::Fields(vec![(name.to_owned(), text.to_owned())])
}

impl Refusal {
    pub(super) fn answer(self) -> Answer {
        let error = |status: StatusCode, text: &str| Answer::json(status, &Node::object([("error", Node::text(text))]));
        match self {
            Self::Text(status, text) => error(status, text),
            Self::TooMany(seconds) => {
                let answer = error(StatusCode::TOO_MANY_REQUESTS, "Przekroczono limit zapytań");
                match seconds {
                    Some(seconds) => answer.with("Retry-After", &seconds.to_string()),
                    None => answer,
                }
            }
            Self::Fields(faults) => {
                Answer::json(StatusCode::UNPROCESSABLE_ENTITY, &Node::object([("errors", node(&faults))]))
            }
            Self::Broken => Answer::html(
                StatusCode::INTERNAL_SERVER_ERROR,
                "<!DOCTYPE html><html><body><h1>500 Internal Server Error</h1></body></html>".to_owned(),
            ),
        }
    }
}
