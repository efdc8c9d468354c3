//! What Fakturownia's refusals mean: a status, and texts by field or a sentence.

use super::{NAME, PDF};
use crate::{
    call::{Answer, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use serde_json::Value;

/// An answer that is not success, 429 apart.
pub(super) fn refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    let Purpose { operation, effect, resource } = purpose;
    match answer.status {
        401 => token_refused(operation),
        403 => rejected(ErrorCode::UserRights, operation, &said(answer)),
        404 => not_there(operation, &said(answer)),
        // So a PDF is refused that is still being made.
        422 if resource == PDF => rejected(ErrorCode::Refused, operation, &said(answer)),
        422 => ruled(operation, &said(answer)),
        // Who is not signed in is sent to the page for that.
        300..=399 if answer.header("Location").is_some_and(|to| to.contains("/login")) => token_refused(operation),
        300..=399 | 408 | 500..=599 => LedgerError::outage(NAME, operation, effect),
        _ => {
            let code = ErrorCode::BadRequest;
            LedgerError::new(ErrorKind::Bug, code, operation, sentence(code)).with_ledger_text(&words(&said(answer)))
        }
    }
}

/// A refusal that is dressed as success.
pub(super) fn dressed(operation: Operation, answer: &Answer) -> Option<LedgerError> {
    let body: Value = serde_json::from_slice(&answer.body).ok()?;
    let is_error = |name: &str| body.get(name).and_then(Value::as_str) == Some("error");
    (is_error("status") || is_error("code")).then(|| ruled(operation, &said(answer)))
}

/// The token is unknown, or no longer known. It is not renewed: a person gives another.
pub(super) fn token_refused(operation: Operation) -> LedgerError {
    let code = ErrorCode::ReconnectNeeded;
    LedgerError::new(ErrorKind::ReconnectNeeded, code, operation, sentence(code))
}

/// A document was asked for twice and answered as if it had been made, and was not.
pub(super) fn read_only() -> LedgerError {
    let message = "Fakturownia answers as if it made the document and makes none: so it does when the user whose token it is \
                   may only read. Give the user the right to issue, or connect with another token; documents wait until then.";
    LedgerError::rejected(ErrorCode::UserRights, Operation::CreateBooking, message)
}

/// Whether a refusal names a field first.
pub(super) fn names(error: &LedgerError, field: &str) -> bool {
    let text = error.ledger_text().unwrap_or_default();
    error.kind() == ErrorKind::Rejected && text.strip_prefix(field).is_some_and(|rest| rest.starts_with(':'))
}

fn rejected(code: ErrorCode, operation: Operation, said: &[Said]) -> LedgerError {
    LedgerError::rejected(code, operation, sentence(code)).with_ledger_text(&words(said))
}

/// 404: the account, a department or a document.
fn not_there(operation: Operation, said: &[Said]) -> LedgerError {
    let (code, message) = match operation {
        Operation::CreateBooking => (
            ErrorCode::UnknownReference,
            "Fakturownia does not know the department that the series is linked to. Link the series to the department's number, \
             or to nothing when there is only one; then pass the document again.",
        ),
        Operation::ReadCodes => (
            ErrorCode::UnknownReference,
            "The original of this correction is no longer in Fakturownia. Enter the correction there by hand.",
        ),
        Operation::Fetch => (
            ErrorCode::NotFound,
            "The document is not in Fakturownia: somebody deleted it there, or it is another account.",
        ),
        _ => (
            ErrorCode::NoDivisionAccess,
            "Fakturownia has no account at this address. Copy the address from the browser and connect again.",
        ),
    };
    LedgerError::rejected(code, operation, message).with_ledger_text(&words(said))
}

/// 422: the field that decides comes first.
fn ruled(operation: Operation, said: &[Said]) -> LedgerError {
    let judged = said.iter().map(|said| (said, meaning(said)));
    let lead = judged.min_by_key(|(_, (rank, _))| *rank);
    let Some((lead, (_, code))) = lead else { return rejected(ErrorCode::Refused, operation, &[]) };
    let others = said.iter().filter(|other| *other != lead);
    let ordered: Vec<Said> = std::iter::once(lead).chain(others).cloned().collect();
    let error = rejected(code, operation, &ordered);
    if lead.field.is_empty() { error } else { error.about(&lead.field) }
}

/// What a text means, and how much it decides: less is more.
fn meaning(said: &Said) -> (u8, ErrorCode) {
    let text = said.text.to_lowercase();
    match said.field.as_str() {
        "oid" => (0, ErrorCode::AlreadyProcessed),
        "number" => (1, ErrorCode::NumberInUse),
        "department_id" | "invoice_id" | "from_invoice_id" => (2, ErrorCode::UnknownReference),
        "seller_bank_account" | "seller_bank" => (3, ErrorCode::AccountProtection),
        _ if text.contains("zabezpiecze") => (3, ErrorCode::AccountProtection),
        field if field.starts_with("seller") => (4, ErrorCode::SellerIncomplete),
        field if field.starts_with("buyer") => (5, ErrorCode::CustomerRefused),
        "positions.tax" => (6, ErrorCode::UnknownVatCode),
        "exempt_tax_kind" | "np_tax_kind" => (7, ErrorCode::MandatoryField),
        _ => (8, ErrorCode::Refused),
    }
}

/// What the ledger says of a field, or of the whole.
#[derive(Debug, Clone, PartialEq, Eq)]
struct Said {
    /// Empty when it is of the whole.
    field: String,
    text: String,
}

/// What a body says: texts by field, or one text, under `message` or `error`.
fn said(answer: &Answer) -> Vec<Said> {
    let Ok(body) = serde_json::from_slice::<Value>(&answer.body) else { return Vec::new() };
    let message = ["message", "error", "errors"].iter().find_map(|name| body.get(name));
    match message {
        Some(Value::Object(fields)) => {
            fields.iter().map(|(field, texts)| Said { field: field.clone(), text: text(texts) }).collect()
        }
        Some(other) => vec![Said { field: String::new(), text: text(other) }],
        None => Vec::new(),
    }
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.trim_start_matches(['-', ' ']).to_owned(),
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
            "Fakturownia does not take the API token: it was changed there, or it is of another account. Copy it from Settings, \
             Account settings, Integration, and connect again; documents wait until then."
        }
        ErrorCode::UserRights => {
            "The user whose token this is may not do this in Fakturownia. Give the user the right there, or connect with the \
             token of another one."
        }
        ErrorCode::AlreadyProcessed => {
            "Fakturownia has a document with our reference already. Look at it there before this one is passed again."
        }
        ErrorCode::NumberInUse => {
            "Fakturownia has a document with this number already. Let Fakturownia number, or change the number of the other one \
             there; then pass the document again."
        }
        ErrorCode::UnknownReference => {
            "Fakturownia does not know the department or the document that is named. Link the series to the number of a \
             department, or to nothing when there is only one; then pass the document again."
        }
        ErrorCode::AccountProtection => {
            "The level of protection against changes of the bank account, which is chosen in Fakturownia, does not allow this. \
             Choose another level in the settings of the account, then pass the document again."
        }
        ErrorCode::SellerIncomplete => {
            "Fakturownia lacks the seller's name, tax number or address. Complete the data of the company, or of the department \
             that the series is linked to, then pass the document again."
        }
        ErrorCode::CustomerRefused => {
            "Fakturownia does not take the customer's data as they stand on the order. Its own words say which field; enter the \
             document there by hand."
        }
        ErrorCode::UnknownVatCode => {
            "Fakturownia does not know the VAT rate of a line. Its own words say more; enter the document there by hand."
        }
        ErrorCode::MandatoryField => {
            "Fakturownia wants to know on what grounds there is no VAT on a line, because the account uses KSeF. Set the option \
             of the connection, or enter the document there by hand."
        }
        ErrorCode::BadRequest => {
            "Fakturownia did not understand our request. We have to repair that; the document can be entered by hand."
        }
        _ => {
            "Fakturownia refused the document. Its own words say why; change that in the settings there and pass it again, or \
             enter it there by hand."
        }
    }
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
