//! What eMAG's refusals mean: `isError` in the body whatever the HTTP status, and texts.

use super::NAME;
use crate::{
    call::{Answer, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    loose::Loose,
};
use serde_json::Value;

/// The body of an answer that says itself that it is no error.
pub(super) fn opened(purpose: Purpose, answer: &Answer) -> Result<Loose, LedgerError> {
    match body(answer) {
        Some(Said::Fine(body)) => Ok(body),
        Some(Said::Error(text)) => Err(judge(purpose, &text)),
        None => Err(malformed(purpose)),
    }
}

/// What a body says about itself.
pub(super) enum Said {
    /// `isError` is false.
    Fine(Loose),
    /// `isError` is true; its texts.
    Error(String),
}

/// Nothing when it does not say whether it is an error: that is no success.
pub(super) fn body(answer: &Answer) -> Option<Said> {
    let body = Loose::read(&answer.body)?;
    let is_error: bool = body.read_as("isError")?;
    Some(if is_error { Said::Error(texts(&body)) } else { Said::Fine(body) })
}

pub(super) fn malformed(purpose: Purpose) -> LedgerError {
    LedgerError::malformed(NAME, purpose.operation, purpose.effect)
}

fn texts(body: &Loose) -> String {
    let text = |value: &Value| match value {
        Value::String(text) => text.clone(),
        other => other.get("text").and_then(Value::as_str).unwrap_or_default().to_owned(),
    };
    let messages: Vec<Value> = body.read_as("messages").unwrap_or_default();
    let mut texts: Vec<String> = messages.iter().map(text).chain(body.text("message")).collect();
    texts.retain(|text| !text.trim().is_empty());
    texts.join("; ")
}

/// An answer that is not success, 429 apart.
pub(super) fn refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    let Purpose { operation, effect, .. } = purpose;
    match answer.status {
        401 => reconnect(operation).with_ledger_text(&answer.text()),
        403 => {
            let message = "eMAG let our request not in: our address is not on the list of the account, the user has no right to use the \
                           API, or its password is another one. Allow our address and give the right in eMAG Marketplace; documents \
                           wait until then.";
            LedgerError::rejected(ErrorCode::AddressNotAllowed, operation, message).with_ledger_text(&answer.text())
        }
        300..=399 | 408 | 500..=599 => LedgerError::outage(NAME, operation, effect),
        _ => match body(answer) {
            Some(Said::Error(text)) => judge(purpose, &text),
            Some(Said::Fine(_)) | None => judge(purpose, &answer.text()),
        },
    }
}

/// The connection holds nothing that opens the account.
pub(super) fn reconnect(operation: Operation) -> LedgerError {
    let message = "eMAG does not know the user or the password of this connection, or lets that user not in from here. Type both in \
                   again, and look whether our address is allowed in eMAG Marketplace; documents wait until then.";
    LedgerError::new(ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded, operation, message)
}

/// An error in its own words: nothing was done.
pub(super) fn judge(purpose: Purpose, text: &str) -> LedgerError {
    let code = meaning(text).unwrap_or(ErrorCode::Refused);
    let kind = if code == ErrorCode::BadRequest { ErrorKind::Bug } else { ErrorKind::Rejected };
    LedgerError::new(kind, code, purpose.operation, sentence(code)).with_ledger_text(text)
}

/// Which fact a text is; nothing when it is none that is known, so that nobody knows what was done.
pub(super) fn meaning(text: &str) -> Option<ErrorCode> {
    let text = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    if says(&["order_type", "required", "missing"]) {
        return Some(ErrorCode::BadRequest);
    }
    if says(&["url", "pdf", "download", "file"]) {
        return Some(ErrorCode::FileRefused);
    }
    if says(&["status", "finalized"]) {
        return Some(ErrorCode::OrderOpen);
    }
    if says(&["not found", "does not exist", "order_id"]) {
        return Some(ErrorCode::OrderUnknown);
    }
    says(&["invalid"]).then_some(ErrorCode::Refused)
}

/// A request that was answered by an error in words that nobody knows.
pub(super) fn is_unclear(purpose: Purpose, text: &str) -> bool {
    purpose.effect == Effect::Writes && meaning(text).is_none()
}

pub(super) fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::OrderUnknown => {
            "eMAG does not know the order of this document. Check the number of the order, and that this connection is the one of its \
             shop; then forward the document again."
        }
        ErrorCode::OrderOpen => {
            "The order of this document is not finalized in eMAG, which takes the invoice with the shipment. Finalize it there, then \
             forward the document again."
        }
        ErrorCode::FileRefused => {
            "eMAG could not fetch the PDF of this document, or took it not as one. Look whether the document opens at its address; then \
             forward it again, or add it to the order there by hand."
        }
        ErrorCode::BadRequest => {
            "eMAG did not understand our request. We have to repair that; the document can be added to the order there by hand."
        }
        _ => {
            "eMAG refused the document. Its own words say why; correct that and forward the document again, or add it to the order \
             there by hand."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    const SAVES: Purpose =
        Purpose { operation: Operation::Forward, effect: Effect::Writes, resource: super::super::SAVE };

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: HeaderMap::new(), body: body.into() }
    }

    #[test]
    fn an_answer_is_no_success_unless_it_says_so() {
        assert!(opened(SAVES, &answer(200, r#"{"isError":false,"messages":[],"results":[]}"#)).is_ok());
        for body in
            ["", "[]", "{}", r#"{"results":[]}"#, r#"{"isError":null}"#, r#"{"isError":"false"}"#, r#"{"isError":0}"#]
        {
            let error = opened(SAVES, &answer(200, body)).unwrap_err();
            assert_eq!((error.kind(), error.code()), (ErrorKind::Unknown, ErrorCode::MalformedAnswer), "{body}");
        }
    }

    #[test]
    fn every_error_has_a_fact_and_its_own_words() {
        for (body, code) in [
            (r#"{"isError":true,"messages":["Missing order_id"]}"#, ErrorCode::BadRequest),
            (r#"{"isError":true,"messages":[{"text":"Invalid order_type"}]}"#, ErrorCode::BadRequest),
            (r#"{"isError":true,"messages":["Order not found"]}"#, ErrorCode::OrderUnknown),
            (r#"{"isError":true,"messages":["The url is invalid"]}"#, ErrorCode::FileRefused),
            (r#"{"isError":true,"messages":["Order status does not allow it"]}"#, ErrorCode::OrderOpen),
            (r#"{"isError":true,"messages":["Invalid value"]}"#, ErrorCode::Refused),
            (r#"{"isError":true,"message":"Maximum input vars of 4000 exceeded"}"#, ErrorCode::Refused),
            (r#"{"isError":true}"#, ErrorCode::Refused),
        ] {
            let error = opened(SAVES, &answer(200, body)).unwrap_err();
            assert_eq!(error.code(), code, "{body}");
            assert_eq!(error.ledger_text().is_some(), body.contains("essage"), "{body}");
        }
        assert!(is_unclear(SAVES, "Unexpected condition") && !is_unclear(SAVES, "Order not found"));
    }

    #[test]
    fn a_status_decides_before_the_words() {
        for (status, kind, code) in [
            (401, ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded),
            (403, ErrorKind::Rejected, ErrorCode::AddressNotAllowed),
            (500, ErrorKind::Unknown, ErrorCode::Unavailable),
            (302, ErrorKind::Unknown, ErrorCode::Unavailable),
            (400, ErrorKind::Rejected, ErrorCode::OrderUnknown),
        ] {
            let error = refusal(SAVES, &answer(status, r#"{"isError":true,"messages":["Order not found"]}"#));
            assert_eq!((error.kind(), error.code()), (kind, code), "{status}");
        }
    }
}
