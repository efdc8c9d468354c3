//! Refusals: an error code, the field, its value, and more about it.

use http::StatusCode;

use crate::json::Node;
use crate::server::Answer;

/// Why a request is refused.
#[derive(Debug, Clone, PartialEq)]
pub(super) struct Refusal {
    status: u16,
    code: &'static str,
    field: &'static str,
    value: Node,
    more: Node,
}

/// A code with a status.
pub(super) fn refusal(status: u16, code: &'static str) -> Refusal {
    Refusal { status, code, field: "", value: Node::Null, more: Node::Object(Vec::new()) }
}

/// A field whose value will not do.
pub(super) fn wrong(code: &'static str, field: &'static str, value: Node) -> Refusal {
    Refusal { field, value, ..refusal(400, code) }
}

/// A field that has to be there.
pub(super) fn missing(field: &'static str) -> Refusal {
    wrong("fieldCannotBeEmpty", field, Node::Null)
}

/// An id that nothing has.
pub(super) fn not_found(field: &'static str, class: &'static str, value: Node) -> Refusal {
    Refusal { more: Node::object([("cls", Node::text(class))]), ..wrong("entityNotFoundForId", field, value) }
}

/// A number that is taken, and another one that is not.
pub(super) fn taken(number: &str, suggested: String) -> Refusal {
    Refusal {
        more: Node::object([("suggestedNumber", Node::Text(suggested))]),
        ..wrong("transactionNumberAlreadyExists", "transactionNumber", Node::text(number))
    }
}

impl Refusal {
    /// The same with another status.
    pub(super) fn with_status(self, status: u16) -> Self {
        Self { status, ..self }
    }

    pub(super) fn answer(self) -> Answer {
        let body = Node::object([
            ("errorCode", Node::text(self.code)),
            ("field", Node::text(self.field)),
            ("rejectedValue", self.value),
            ("additionalInfo", self.more),
        ]);
        Answer::json(StatusCode::from_u16(self.status).unwrap_or(StatusCode::BAD_REQUEST), &body)
    }
}
