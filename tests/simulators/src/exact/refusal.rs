//! Why a call is refused, and how that looks on the wire.

use http::StatusCode;

use super::messages::{Message, joined};
use super::state::Language;
use crate::json::Node;
use crate::server::Answer;

/// The machine word in the `Reason` header of a 403.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reason {
    /// The user is blocked.
    BlockedUser,
    /// The user is no longer active.
    InactiveUser,
    /// The customer is blocked.
    BlockedCustomer,
    /// The licence has expired.
    LicenseExpired,
    /// The administration is blocked.
    DivisionBlocked,
    /// The user or the app has no access to the administration.
    NoDivisionAccess,
}

impl Reason {
    fn word(self) -> &'static str {
        match self {
            Self::BlockedUser => "BlockedUser",
            Self::InactiveUser => "InactiveUser",
            Self::BlockedCustomer => "BlockedCustomer",
            Self::LicenseExpired => "LicenseExpired",
            Self::DivisionBlocked => "DivisionBlocked",
            Self::NoDivisionAccess => "NoDivisionAccess",
        }
    }
}

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refusal {
    /// The access token is missing, unknown or expired.
    Unauthorized,
    /// Rights, with a machine word when there is one.
    Forbidden(Option<Reason>, String),
    /// No such resource or record.
    NotFound,
    /// The resource does not take this method.
    Method,
    /// The request is not well-formed.
    Bad(String),
    /// The body is too large.
    TooLarge,
    /// The URL is too long.
    UrlTooLong,
    /// A limit is reached; the caller adds the headers.
    Limited,
    /// The bookkeeping refuses.
    Business(Vec<Message>),
}

impl From<Message> for Refusal {
    fn from(message: Message) -> Self {
        Self::Business(vec![message])
    }
}

impl Refusal {
    /// A malformed request.
    pub fn bad(text: impl Into<String>) -> Self {
        Self::Bad(text.into())
    }

    /// Whether it counts in the error budget.
    pub fn counts(&self) -> bool {
        match self {
            Self::Unauthorized | Self::Forbidden(..) | Self::NotFound | Self::Bad(_) => true,
            Self::Method | Self::TooLarge | Self::UrlTooLong | Self::Limited | Self::Business(_) => false,
        }
    }

    /// The answer.
    pub fn answer(&self, language: Language) -> Answer {
        match self {
            Self::Unauthorized => Answer::empty(StatusCode::UNAUTHORIZED)
                .with("WWW-Authenticate", "Bearer")
                .with("Reason", "Authentication Required"),
            Self::Forbidden(reason, text) => {
                let answer = verbose(StatusCode::FORBIDDEN, text);
                reason.map_or(answer.clone(), |reason| answer.with("Reason", reason.word()))
            }
            Self::NotFound => verbose(StatusCode::NOT_FOUND, "Resource not found for the segment or key."),
            Self::Method => verbose(StatusCode::METHOD_NOT_ALLOWED, "Method not allowed"),
            Self::Bad(text) => verbose(StatusCode::BAD_REQUEST, text),
            Self::TooLarge => verbose(StatusCode::PAYLOAD_TOO_LARGE, "Maximum size of the request exceeded (10.0 MB)"),
            Self::UrlTooLong => Answer::html(
                StatusCode::URI_TOO_LONG,
                "<html><body><h1>Request URL Too Long</h1></body></html>".to_owned(),
            ),
            Self::Limited => Answer::empty(StatusCode::TOO_MANY_REQUESTS),
            Self::Business(messages) => verbose(StatusCode::INTERNAL_SERVER_ERROR, &joined(messages, language)),
        }
    }
}

/// The shape of all errors of the API.
pub fn verbose(status: StatusCode, text: &str) -> Answer {
    let message = Node::object([("lang", Node::text("")), ("value", Node::text(text))]);
    let error = Node::object([("code", Node::text("")), ("message", message)]);
    Answer::json(status, &Node::object([("error", error)]))
}
