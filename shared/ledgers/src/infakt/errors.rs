//! What inFakt's refusals mean: a status, and a text or texts by field. A task that fails says the same in its own words.

use super::{NAME, PDF, SHARES, TASKS};
use crate::{
    call::{Answer, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use serde_json::Value;
use std::time::Duration;

/// A document that somebody has open is asked for again after this long.
const LOCKED: Duration = Duration::from_mins(1);

/// An answer that is not success, 429 apart.
pub(super) fn refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    let Purpose { operation, effect, resource } = purpose;
    let said = said(answer);
    match answer.status {
        401 => {
            let code = ErrorCode::ReconnectNeeded;
            LedgerError::new(ErrorKind::ReconnectNeeded, code, operation, sentence(code))
        }
        402 => rejected(ErrorCode::LicenceExpired, operation, &said),
        // What the plan does not include is no matter of the key.
        403 if resource == SHARES => rejected(ErrorCode::Unsupported, operation, &said),
        403 => rejected(ErrorCode::UserRights, operation, &said),
        404 => not_there(purpose, &said),
        422 if resource == PDF => rejected(ErrorCode::Refused, operation, &said),
        422 => ruled(operation, &said),
        423 => {
            let message = "The document is locked in inFakt at the moment. It is tried again by itself.";
            LedgerError::retryable(Some(LOCKED), ErrorCode::InProgress, operation, message)
        }
        503 if effect == Effect::Writes && is_maintenance(answer) => {
            let message = "inFakt is under maintenance. It is tried again by itself.";
            LedgerError::retryable(None, ErrorCode::Unavailable, operation, message)
        }
        300..=399 | 408 | 500..=599 => LedgerError::outage(NAME, operation, effect),
        _ => {
            let code = ErrorCode::BadRequest;
            LedgerError::new(ErrorKind::Bug, code, operation, sentence(code)).with_ledger_text(&words(&said))
        }
    }
}

/// Whether the ledger says itself that it does not work, so that it took nothing.
fn is_maintenance(answer: &Answer) -> bool {
    let text = answer.text().to_lowercase();
    ["maintenance", "przerwa techniczna", "prace serwisowe"].iter().any(|word| text.contains(word))
}

fn rejected(code: ErrorCode, operation: Operation, said: &[Said]) -> LedgerError {
    LedgerError::rejected(code, operation, sentence(code)).with_ledger_text(&words(said))
}

/// 404: a task, the original of a correction, or a document.
fn not_there(purpose: Purpose, said: &[Said]) -> LedgerError {
    let (code, message) = match (purpose.operation, purpose.resource) {
        (_, TASKS) => (ErrorCode::NotFound, "inFakt does not know the task that was to make this document."),
        (Operation::ReadCodes, _) => (
            ErrorCode::UnknownReference,
            "The original of this correction is no longer in inFakt. Enter the correction there by hand.",
        ),
        _ => {
            (ErrorCode::NotFound, "The document is not in inFakt: somebody deleted it there, or it is another account.")
        }
    };
    LedgerError::rejected(code, purpose.operation, message).with_ledger_text(&words(said))
}

/// The number is taken. The ledger says so with a word of its own.
pub(super) fn number_in_use() -> LedgerError {
    rejected(ErrorCode::NumberInUse, Operation::CreateBooking, &[])
}

/// Fields that are refused: the one that decides comes first.
pub(super) fn ruled(operation: Operation, said: &[Said]) -> LedgerError {
    let judged = said.iter().map(|said| (said, meaning(said)));
    let lead = judged.min_by_key(|(_, (rank, _))| *rank);
    let Some((lead, (_, code))) = lead else { return rejected(ErrorCode::Refused, operation, &[]) };
    let others = said.iter().filter(|other| *other != lead);
    let ordered: Vec<Said> = std::iter::once(lead).chain(others).cloned().collect();
    let error = rejected(code, operation, &ordered);
    if lead.field.is_empty() { error } else { error.about(&lead.field) }
}

/// What a text means, and how much it decides: less is more. One empty field makes several texts.
fn meaning(said: &Said) -> (u8, ErrorCode) {
    let field = said.field.strip_prefix("services.").unwrap_or(&said.field);
    match field {
        "number" => (0, ErrorCode::NumberInUse),
        _ if said.text.contains("duplicated_number") => (0, ErrorCode::NumberInUse),
        "tax_symbol" => (1, ErrorCode::UnknownVatCode),
        "bank_account" | "bank_name" | "swift" => (2, ErrorCode::SellerIncomplete),
        "send_to_ksef" | "ksef" => (3, ErrorCode::Option),
        "vat_exemption_reason" => (4, ErrorCode::MandatoryField),
        "paid_date" | "payment_date" | "invoice_date" | "sale_date" => (5, ErrorCode::Refused),
        "corrected_invoice_uuid" | "corrected_invoice_number" | "corrected_invoice_date" | "client_id" => {
            (6, ErrorCode::UnknownReference)
        }
        "payment_method" => (7, ErrorCode::UnknownReference),
        "currency" => (8, ErrorCode::CurrencyNotAllowed),
        field if field.starts_with("client_") => (9, ErrorCode::CustomerRefused),
        _ => (10, ErrorCode::Refused),
    }
}

/// What the ledger says of a field, or of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Said {
    /// Empty when it is of the whole.
    field: String,
    text: String,
}

fn said(answer: &Answer) -> Vec<Said> {
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { return Vec::new() };
    ["errors", "invoice_errors", "error", "message"]
        .iter()
        .find_map(|name| body.get(name))
        .map(said_in)
        .unwrap_or_default()
}

/// Texts by field, or one text.
pub(super) fn said_in(errors: &Value) -> Vec<Said> {
    match errors {
        Value::Object(fields) => {
            fields.iter().map(|(field, texts)| Said { field: field.clone(), text: text(texts) }).collect()
        }
        Value::Null => Vec::new(),
        other => vec![Said { field: String::new(), text: text(other) }],
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Array(texts) => texts.iter().map(text).collect::<Vec<_>>().join(", "),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

fn words(said: &[Said]) -> String {
    let one = |Said { field, text }: &Said| if field.is_empty() { text.clone() } else { format!("{field}: {text}") };
    said.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// What happened, and what to do.
fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::ReconnectNeeded => {
            "inFakt does not take the API key: it was removed or replaced there. Copy it from Settings, API, and connect again; \
             documents wait until then."
        }
        ErrorCode::LicenceExpired => {
            "The plan of the account in inFakt does not include this, or its limit is reached. Extend the plan there; documents \
             wait until then."
        }
        ErrorCode::UserRights => {
            "The API key may not do this in inFakt: it lacks the right to read or to write invoices, or requests from here are \
             blocked. Give the key both rights in Settings, API; documents wait until then."
        }
        ErrorCode::NumberInUse => {
            "The number is used in inFakt already (duplicated_number): a document with an earlier date was added there by hand. \
             Let inFakt number, then pass the document again."
        }
        ErrorCode::UnknownVatCode => {
            "inFakt does not know the VAT rate of a line. Its own words say more; enter the document there by hand."
        }
        ErrorCode::SellerIncomplete => {
            "A document that is paid by transfer needs a bank account in inFakt, and the account has none, or not this one. Add it \
             in the settings there, then pass the document again."
        }
        ErrorCode::Option => {
            "inFakt is not connected with KSeF. Connect it there, or set the option 'ksef' of the connection to 'by_hand'; then \
             pass the document again."
        }
        ErrorCode::MandatoryField => {
            "inFakt wants to know on what grounds a line is exempt from VAT. Set the option 'exemption_reason' of the connection, \
             then pass the document again."
        }
        ErrorCode::UnknownReference => {
            "inFakt does not know something that the document names. Its own words say what: correct the link of the payment type, \
             or look whether the original of the correction was changed there."
        }
        ErrorCode::CurrencyNotAllowed => "inFakt does not take the currency of this document. Enter it there by hand.",
        ErrorCode::CustomerRefused => {
            "inFakt does not take the customer's data as they stand on the order. Its own words say which field; enter the document \
             there by hand."
        }
        ErrorCode::Unsupported => "The plan of the account in inFakt does not include this.",
        ErrorCode::BadRequest => {
            "inFakt did not understand our request. We have to repair that; the document can be entered by hand."
        }
        _ => {
            "inFakt refused the document. Its own words say why; change that there or in the settings and pass it again, or enter \
             it there by hand."
        }
    }
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
