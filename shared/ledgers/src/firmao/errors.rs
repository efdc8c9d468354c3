//! What Firmao's refusals mean: a word in the body. Which status of HTTP goes with it is not certain, so the word decides.

use super::{NAME, api};
use crate::{
    call::{Answer, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    loose::Loose,
};

/// An answer that is not success, 429 apart.
pub(super) fn refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    let body = Loose::read(&answer.body).unwrap_or_default();
    if let Some(word) = body.text("errorCode")
        && let Some(error) = judge(purpose, answer.status, &word, &body)
    {
        let texts = ["field", "fieldName", "rejectedValue"].map(|name| body.text(name));
        let words: Vec<String> = std::iter::once(word).chain(texts.into_iter().flatten()).collect();
        return error.with_ledger_text(&words.join(": "));
    }
    match answer.status {
        401 => reconnect(purpose),
        403 => rejected(purpose, ErrorCode::UserRights).with_ledger_text(&answer.text()),
        404 if purpose.operation == Operation::Fetch => rejected(purpose, ErrorCode::NotFound),
        404 => rejected(purpose, ErrorCode::NoDivisionAccess),
        300..=399 | 408 | 500..=599 => LedgerError::outage(NAME, purpose.operation, purpose.effect),
        _ => rejected(purpose, ErrorCode::Refused).with_ledger_text(&answer.text()),
    }
}

/// What a word means; nothing for one that says no more than the status.
fn judge(purpose: Purpose, status: u16, word: &str, body: &Loose) -> Option<LedgerError> {
    let code = match word {
        "userNotFound" => return Some(reconnect(purpose)),
        "noActiveLicence" => ErrorCode::LicenceExpired,
        "userLimitExceeded" => ErrorCode::QuotaUsedUp,
        "missingPermissionException" => ErrorCode::UserRights,
        "shouldModifyStorageState" => ErrorCode::LedgerSetting,
        "warehouseNotInSingleWarehouseMode" => ErrorCode::Option,
        "storeStateCanNotBeNegative" => ErrorCode::StockTooLow,
        "transactionNumberAlreadyExists" => {
            // The number that Firmao would give instead: it is tried where Firmao numbers.
            let suggested = body.object("additionalInfo").and_then(|more| more.text("suggestedNumber"));
            let error = rejected(purpose, ErrorCode::NumberInUse);
            return Some(match suggested {
                Some(number) => error.about(number),
                None => error,
            });
        }
        "duplicateValueFoundException" => {
            // Whose card it is: that one is used.
            let known = body.list("duplicateValues").unwrap_or_default();
            let card = known.first().and_then(|known| api::id(known, "objectId"));
            let error = rejected(purpose, ErrorCode::ContactAmbiguous);
            return Some(match card {
                Some(card) => error.about(card),
                None => error,
            });
        }
        _ if status >= 500 || matches!(status, 401 | 403 | 404) => return None,
        word => return Some(named(purpose, word, &body.text("field").unwrap_or_default())),
    };
    Some(rejected(purpose, code))
}

/// Something about a field.
fn named(purpose: Purpose, word: &str, field: &str) -> LedgerError {
    let is_unknown = word == "entityNotFoundForId";
    let code = match field {
        "warehouse" => {
            return LedgerError::rejected(ErrorCode::Option, purpose.operation, WAREHOUSE).about(field);
        }
        "nipNumber" => ErrorCode::CustomerRefused,
        "customer" if is_unknown => ErrorCode::UnknownReference,
        "customer" => ErrorCode::MandatoryField,
        _ if field.starts_with("customer") || matches!(field, "emails" | "phones") => ErrorCode::CustomerRefused,
        "vatPercent" => ErrorCode::UnknownVatCode,
        "exchangeRate" | "currency" => ErrorCode::CurrencyNotAllowed,
        "paymentType" => ErrorCode::UnknownReference,
        // Where the series of a document is meant, and no other.
        "id" | "type" if purpose.resource == api::NEXT => ErrorCode::UnknownReference,
        _ if is_unknown => ErrorCode::UnknownReference,
        _ if word.contains("Empty") => ErrorCode::MandatoryField,
        _ => ErrorCode::Refused,
    };
    let error = rejected(purpose, code);
    if field.is_empty() { error } else { error.about(field) }
}

/// Whether a document was refused because it has this field at all, not because of its value.
pub(super) fn is_unwanted(error: &LedgerError, field: &str) -> bool {
    error.kind() == ErrorKind::Rejected && error.code() == ErrorCode::Refused && error.named() == Some(field)
}

/// Login or password do not open the organisation.
fn reconnect(purpose: Purpose) -> LedgerError {
    let message = "Firmao does not know the API login or password of this connection, or the password was made anew there. Give \
                   organisation, login and password again; documents wait until then.";
    LedgerError::new(ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded, purpose.operation, message)
}

/// Another document has this number.
pub(super) fn number_in_use(number: &str) -> LedgerError {
    let code = ErrorCode::NumberInUse;
    LedgerError::rejected(code, Operation::CreateBooking, sentence(code)).about(number)
}

/// The document is not there.
pub(super) fn gone() -> LedgerError {
    LedgerError::rejected(ErrorCode::NotFound, Operation::Fetch, sentence(ErrorCode::NotFound))
}

fn rejected(purpose: Purpose, code: ErrorCode) -> LedgerError {
    LedgerError::rejected(code, purpose.operation, sentence(code))
}

/// About the warehouse, before a request and after one.
pub(super) const WAREHOUSE: &str = "Firmao wants a warehouse by its number, and has none with the one that is set. Set the option \
                                    'warehouse' of the connection to the number that stands in Firmao's list of warehouses, not \
                                    to the name; documents wait until then.";

fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::LicenceExpired => {
            "The Firmao account of this organisation is not active. Have its licence extended; documents wait until then."
        }
        ErrorCode::QuotaUsedUp => {
            "The invoices that the Firmao account may have are used up. Choose a larger package there; documents wait until then."
        }
        ErrorCode::UserRights => {
            "The API user lacks a right in Firmao. Give the user the rights of an administrator there; documents wait until then."
        }
        ErrorCode::LedgerSetting => {
            "Firmao asks a person before documents change the stock, which nobody can answer here. Choose in the organisation's \
             settings that stock is changed always or never, and pass the document again."
        }
        ErrorCode::Option => {
            "The organisation has several warehouses in Firmao, and none was named. Set the option 'warehouse' of the connection to \
             the number of one; documents wait until then."
        }
        ErrorCode::StockTooLow => {
            "Firmao has less in stock than this document sells. Correct the stock there, or allow it to fall below zero, and pass \
             the document again."
        }
        ErrorCode::NumberInUse => {
            "Firmao has another document with this number. Look whether it was entered by hand; if so, change its number or let \
             Firmao number, and pass the document again."
        }
        ErrorCode::ContactAmbiguous => {
            "Firmao has a customer with this tax number or short name already and does not say which. Look at it there, and pass \
             the document again."
        }
        ErrorCode::NoDivisionAccess => {
            "Firmao does not know the organisation of this connection. Copy it from the browser's address there, and connect again."
        }
        ErrorCode::NotFound => "Firmao does not have this document, or no PDF of it: it was removed there.",
        ErrorCode::CustomerRefused => {
            "Firmao does not take the buyer as on the order. Its own words say which field; correct the order, and issue the \
             document again."
        }
        ErrorCode::UnknownVatCode => {
            "Firmao does not know the VAT of a line. Set in the options of the connection how Firmao writes it, and pass the \
             document again."
        }
        ErrorCode::CurrencyNotAllowed => {
            "Firmao does not take a document in this currency without an exchange rate. Issue documents of such orders with one; enter \
             this one there by hand."
        }
        ErrorCode::UnknownReference => {
            "Firmao does not have the series, payment type, product or customer that was named. Choose series and payment types \
             anew in the settings, from the lists, and pass the document again."
        }
        ErrorCode::MandatoryField => {
            "Firmao misses a field of this document. Its own words say which. Where it wants a customer's card, set the options \
             'cards' and 'without_number' of the connection so that each buyer gets one, and pass the document again."
        }
        _ => "Firmao refused the document. Its own words say why; correct that, and pass the document again.",
    }
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
