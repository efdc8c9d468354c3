//! Refusals, as the API words them. The real texts are not published; these are ours.

use http::StatusCode;

use crate::json::Node;
use crate::server::Answer;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Refusal {
    /// No token, or one that has ended.
    Token,
    /// Nothing is there.
    NotFound,
    /// JSON is not asked for.
    NotAcceptable,
    /// The body is no JSON.
    MediaType,
    /// A rule is broken: id, words, and the member that it is about.
    Rule(&'static str, String, String),
}

/// A rule that is broken.
pub(super) fn rule(id: &'static str, text: impl Into<String>, path: impl Into<String>) -> Refusal {
    Refusal::Rule(id, text.into(), path.into())
}

impl Refusal {
    pub(super) fn answer(self) -> Answer {
        let plain = |text: &str| Node::object([("Message", Node::text(text))]);
        match self {
            Self::Token => {
                Answer::json(StatusCode::UNAUTHORIZED, &plain("Authorization has been denied for this request."))
            }
            Self::NotFound => {
                Answer::json(StatusCode::NOT_FOUND, &plain("No HTTP resource was found that matches the request URI."))
            }
            Self::NotAcceptable => Answer::empty(StatusCode::NOT_ACCEPTABLE),
            Self::MediaType => Answer::empty(StatusCode::UNSUPPORTED_MEDIA_TYPE),
            Self::Rule(id, text, path) => {
                let message = Node::object([
                    ("exceptionId", Node::text(id)),
                    ("message", Node::Text(text)),
                    ("messageType", Node::text("Error")),
                    ("path", Node::Text(path)),
                ]);
                let body = Node::object([("messages", Node::List(vec![message]))]);
                Answer::json(StatusCode::BAD_REQUEST, &body)
            }
        }
    }
}
