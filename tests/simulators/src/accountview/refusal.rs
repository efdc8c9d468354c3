//! How it is refused: an object with a type, numbers and a text, with a status that a switch decides.

use http::StatusCode;

use super::books::Settings;
use crate::json::Node;
use crate::server::Answer;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Refusal {
    /// No token, or none that is good.
    Token,
    /// The consent does not allow this.
    Scope(&'static str),
    /// Too many requests.
    TooMany,
    /// There is no such address.
    NotFound,
    /// The body is of another type.
    MediaType,
    /// A rule of the installation.
    Rule(String),
    /// The installation cannot be reached.
    Unreachable,
}

/// A rule's refusal.
pub(crate) fn rule(text: impl Into<String>) -> Refusal {
    Refusal::Rule(text.into())
}

fn object(kind: &str, text: &str) -> Node {
    Node::object([("ErrorType", Node::text(kind)), ("ErrorNumbers", Node::Null), ("ErrorMessage", Node::text(text))])
}

impl Refusal {
    pub(crate) fn answer(self, settings: &Settings) -> Answer {
        let told = StatusCode::from_u16(settings.error_status).unwrap_or(StatusCode::BAD_REQUEST);
        let sentence = |status, text: &str| Answer::json(status, &Node::object([("Message", Node::text(text))]));
        match self {
            Self::Token => sentence(StatusCode::UNAUTHORIZED, "Authorization has been denied for this request."),
            Self::Scope(scope) => Answer::json(
                StatusCode::FORBIDDEN,
                &object("AuthorizationError", &format!("The scope {scope} is missing.")),
            ),
            Self::TooMany => Answer::empty(StatusCode::TOO_MANY_REQUESTS),
            Self::NotFound => {
                sentence(StatusCode::NOT_FOUND, "No HTTP resource was found that matches the request URI.")
            }
            Self::MediaType => sentence(StatusCode::UNSUPPORTED_MEDIA_TYPE, "The media type is not supported."),
            Self::Rule(text) => Answer::json(told, &object("AccountViewError", &text)),
            Self::Unreachable => {
                Answer::json(told, &object("ConnectionError", "AccountView is niet bereikbaar voor deze onderneming."))
            }
        }
    }
}
