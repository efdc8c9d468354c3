//! How Fakturownia refuses: always `code` and `message`, which is a sentence or texts by field.

use std::borrow::Cow;

use http::StatusCode;

use crate::json::Node;
use crate::server::Answer;

/// Texts by field.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Faults(Vec<(String, String)>);

/// A field that must not be empty.
pub(super) const EMPTY: &str = "nie może być puste";

impl Faults {
    pub(super) fn add(&mut self, field: &str, text: &str) {
        self.0.push((field.to_owned(), format!("- {text}")));
    }

    pub(super) fn texts(&self) -> impl Iterator<Item = String> {
        self.0.iter().map(|(field, text)| format!("{field} {text}"))
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Refuses when there are any.
    pub(super) fn refuse(self) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Fields(self)) }
    }

    fn node(self) -> Node {
        let mut fields: Vec<(Cow<'static, str>, Node)> = Vec::new();
        for (field, text) in self.0 {
            match fields.iter_mut().find(|(known, _)| *known == field) {
                Some((_, Node::List(texts))) => texts.push(Node::Text(text)),
                _ => fields.push((Cow::Owned(field), Node::List(vec![Node::Text(text)]))),
            }
        }
        Node::Object(fields)
    }
}

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No token, or none that is good.
    Unauthorized,
    /// There is no such account, record or address.
    NotFound,
    /// The body is no JSON.
    Malformed,
    /// The body is of another type.
    MediaType,
    /// Too many requests are open; seconds to wait, when they are said.
    TooMany(Option<u32>),
    /// The service fails.
    Broken,
    /// Fields.
    Fields(Faults),
    /// A sentence.
    Sentence(&'static str),
}

/// A refusal of one field.
pub(super) fn field(name: &str, text: &str) -> Refusal {
    let mut faults = Faults::default();
    faults.add(name, text);
    Refusal::Fields(faults)
}

impl Refusal {
    pub(super) fn answer(self) -> Answer {
        let body = |message: Node| Node::object([("code", Node::text("error")), ("message", message)]);
        let sentence = |status: StatusCode, text: &str| Answer::json(status, &body(Node::text(text)));
        match self {
            Self::Unauthorized => sentence(StatusCode::UNAUTHORIZED, "Unauthorized"),
            Self::NotFound => sentence(StatusCode::NOT_FOUND, "Not found"),
            Self::Malformed => sentence(StatusCode::BAD_REQUEST, "Bad Request"),
            Self::MediaType => sentence(StatusCode::UNSUPPORTED_MEDIA_TYPE, "Unsupported Media Type"),
            Self::TooMany(seconds) => {
                let answer = sentence(StatusCode::TOO_MANY_REQUESTS, "Too many requests");
                match seconds {
                    Some(seconds) => answer.with("Retry-After", &seconds.to_string()),
                    None => answer,
                }
            }
            Self::Broken => Answer::html(
                StatusCode::INTERNAL_SERVER_ERROR,
                "<!DOCTYPE html><html><body><h1>500 Internal Server Error</h1></body></html>".to_owned(),
            ),
            Self::Fields(faults) => Answer::json(StatusCode::UNPROCESSABLE_ENTITY, &body(faults.node())),
            Self::Sentence(text) => sentence(StatusCode::UNPROCESSABLE_ENTITY, text),
        }
    }
}
