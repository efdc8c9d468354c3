//! Why a call is refused, and how Amazon says so.

use http::StatusCode;

use crate::page::escape;
use crate::server::Answer;

/// The namespace of all answers.
pub(super) const NAMESPACE: &str = "http://ses.amazonaws.com/doc/2010-12-01/";

/// Why a call is refused.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Refusal {
    status: StatusCode,
    code: &'static str,
    message: String,
    /// The configuration set it is about.
    set: Option<String>,
}

impl Refusal {
    pub(super) fn new(status: StatusCode, code: &'static str, message: impl Into<String>) -> Self {
        Self { status, code, message: message.into(), set: None }
    }

    /// A value that can't be taken.
    pub(super) fn value(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "InvalidParameterValue", message)
    }

    /// A message that is not sent.
    pub(super) fn rejected(message: impl Into<String>) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "MessageRejected", message)
    }

    /// Too much, for now.
    pub(super) fn throttled(message: &str) -> Self {
        Self::new(StatusCode::BAD_REQUEST, "Throttling", message)
    }

    /// Something that a configuration set does not allow.
    pub(super) fn of_set(code: &'static str, message: String, set: &str) -> Self {
        Self { set: Some(set.to_owned()), ..Self::new(StatusCode::BAD_REQUEST, code, message) }
    }

    pub(super) fn answer(&self, request_id: &str) -> Answer {
        let who = if self.status.is_server_error() { "Receiver" } else { "Sender" };
        let body = error(who, self.code, &self.message, self.set.as_deref(), request_id);
        xml(self.status, body, request_id)
    }
}

/// The document of an error.
pub(super) fn error(who: &str, code: &str, message: &str, set: Option<&str>, request_id: &str) -> String {
    let set = set.map(|set| format!("    <ConfigurationSetName>{}</ConfigurationSetName>\n", escape(set)));
    format!(
        "<ErrorResponse xmlns=\"{NAMESPACE}\">\n  <Error>\n    <Type>{who}</Type>\n    <Code>{code}</Code>\n    \
         <Message>{}</Message>\n{}  </Error>\n  <RequestId>{request_id}</RequestId>\n</ErrorResponse>\n",
        escape(message),
        set.unwrap_or_default(),
    )
}

/// An answer of XML.
pub(super) fn xml(status: StatusCode, body: String, request_id: &str) -> Answer {
    Answer::of(status, "text/xml", body).with("x-amzn-RequestId", request_id)
}
