//! How SnelStart refuses: a list of codes, the fields that could not be read, or a sentence.

use http::StatusCode;

use crate::json::Node;
use crate::server::Answer;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// The gateway does not know the subscription.
    Subscription,
    /// No token, or none that is good.
    Token,
    /// The key was not granted this.
    Scope(&'static str),
    /// Too many calls; seconds to wait, when they are said.
    TooMany(Option<i64>),
    /// There is no such record or address.
    NotFound,
    /// The body is of another type.
    MediaType,
    /// A rule, by its code.
    Rule(&'static str, String),
    /// A field that could not be read.
    Field(&'static str, String),
}

/// A rule's refusal.
pub(crate) fn rule(code: &'static str, text: impl Into<String>) -> Refusal {
    Refusal::Rule(code, text.into())
}

impl Refusal {
    pub(crate) fn answer(self) -> Answer {
        let sentence = |text: &str| Node::object([("message", Node::text(text))]);
        match self {
            Self::Subscription => Answer::json(
                StatusCode::UNAUTHORIZED,
                &Node::object([
                    ("statusCode", Node::Int(401)),
                    (
                        "message",
                        Node::text(
                            "Access denied due to invalid subscription key. Make sure to provide a valid key for an \
                             active subscription.",
                        ),
                    ),
                ]),
            ),
            Self::Token => {
                Answer::json(StatusCode::UNAUTHORIZED, &sentence("Authorization has been denied for this request."))
            }
            Self::Scope(scope) => {
                Answer::json(StatusCode::FORBIDDEN, &sentence(&format!("The scope {scope} is not granted.")))
            }
            Self::TooMany(seconds) => {
                let answer = Answer::json(StatusCode::TOO_MANY_REQUESTS, &sentence("Rate limit is exceeded."));
                match seconds {
                    Some(seconds) => answer.with("Retry-After", &seconds.to_string()),
                    None => answer,
                }
            }
            Self::NotFound => Answer::json(StatusCode::NOT_FOUND, &sentence("Niet gevonden")),
            Self::MediaType => Answer::json(StatusCode::UNSUPPORTED_MEDIA_TYPE, &sentence("Unsupported media type")),
            Self::Rule(code, text) => {
                let row = Node::object([("errorCode", Node::text(code)), ("message", Node::Text(text))]);
                Answer::json(StatusCode::BAD_REQUEST, &Node::List(vec![row]))
            }
            Self::Field(field, text) => {
                let state = Node::object([(field, Node::List(vec![Node::Text(text)]))]);
                let body = Node::object([("message", Node::text("The request is invalid.")), ("modelState", state)]);
                Answer::json(StatusCode::BAD_REQUEST, &body)
            }
        }
    }
}
