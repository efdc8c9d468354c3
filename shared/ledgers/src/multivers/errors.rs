//! What refusals mean. The ledger's texts and ids of its errors are not published: the field that a message is about tells
//! what is wrong, and its own words stand beside our sentence.

use super::record::Record;
use crate::{
    call::{Answer, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use serde_json::Value;

/// What an answer says: its words, and the fields that they are about.
#[derive(Debug, Default, PartialEq, Eq)]
pub(super) struct Said {
    text: String,
    /// The last part of each path, in lower case.
    fields: Vec<String>,
    /// The first path, whole.
    path: String,
}

/// The messages in an answer; none when it has none that are errors.
pub(super) fn said(answer: &Answer) -> Option<Said> {
    let record: Record = serde_json::from_slice(&answer.body).ok()?;
    let messages = record.list(&["messages"]);
    let is_error = |message: &&Record| {
        !message
            .text(&["messageType"])
            .is_some_and(|kind| matches!(kind.to_lowercase().as_str(), "warning" | "information"))
    };
    let paths: Vec<String> = messages.iter().filter(is_error).filter_map(|message| message.text(&["path"])).collect();
    let texts: Vec<String> = messages
        .iter()
        .filter(is_error)
        .filter_map(|message| {
            let text = message.text(&["message", "text"]);
            match (message.text(&["exceptionId"]), text) {
                (Some(id), Some(text)) => Some(format!("{id}: {text}")),
                (id, text) => text.or(id),
            }
        })
        .collect();
    if texts.is_empty() && paths.is_empty() {
        return None;
    }
    let fields = paths.iter().map(|path| field(path)).collect();
    Some(Said { text: texts.join("; "), fields, path: paths.into_iter().next().unwrap_or_default() })
}

/// `supplierInvoiceLines[0].accountId` is about `accountid`.
fn field(path: &str) -> String {
    let last = path.rsplit('.').next().unwrap_or(path);
    last.split('[').next().unwrap_or(last).trim().to_lowercase()
}

/// The words of an answer that has no messages.
fn words(answer: &Answer) -> String {
    let text = answer.text();
    let value: Option<Value> = serde_json::from_str(&text).ok();
    let find = |name: &str| {
        let members = value.as_ref()?.as_object()?;
        members.iter().find(|(key, _)| key.eq_ignore_ascii_case(name))?.1.as_str().map(str::to_owned)
    };
    let words = find("message").or_else(|| find("error_description")).or_else(|| find("error"));
    // A page for people says nothing to them here.
    words.unwrap_or_else(|| if text.trim_start().starts_with('<') { String::new() } else { text.trim().to_owned() })
}

/// An answer other than success, 429 apart.
pub(super) fn refusal(name: &str, purpose: Purpose, answer: &Answer) -> LedgerError {
    let Purpose { operation, effect, resource } = purpose;
    let said = said(answer);
    let text = said.as_ref().map_or_else(|| words(answer), |said| said.text.clone());
    let entity = matches!(resource, "SupplierInvoice" | "CustomerInvoice");
    let error = match (answer.status, &said) {
        (401, _) => LedgerError::new(
            ErrorKind::Unauthorised,
            ErrorCode::TokenRefused,
            operation,
            format!("{name} did not accept the access. A new one is asked for by itself."),
        ),
        (403, _) => rejected(name, ErrorCode::UserRights, operation),
        (404, None) if entity => rejected(name, ErrorCode::NotFound, operation),
        (404, None) => rejected(name, ErrorCode::WrongDivision, operation),
        (406 | 415, _) => LedgerError::new(
            ErrorKind::Bug,
            ErrorCode::BadRequest,
            operation,
            format!("{name} does not take this request as we made it. We have to repair that."),
        ),
        (300..=399 | 408 | 500..=599, None) => outage(name, operation, effect),
        // Success, a rule that is broken, and 500 that says which: nothing was booked.
        (_, said) => {
            let said = said.as_ref();
            let fields = said.map(|said| said.fields.as_slice()).unwrap_or_default();
            let code = fields.iter().find_map(|field| classify(field)).unwrap_or(ErrorCode::Refused);
            let error = rejected(name, code, operation);
            match said.map(|said| said.path.as_str()).filter(|path| !path.is_empty()) {
                Some(path) => error.about(path),
                None => error,
            }
        }
    };
    error.with_ledger_text(&text)
}

fn rejected(name: &str, code: ErrorCode, operation: Operation) -> LedgerError {
    LedgerError::rejected(code, operation, sentence(code).replace('%', name))
}

/// Which fact a field stands for; the names of its parts are those of requests.
fn classify(field: &str) -> Option<ErrorCode> {
    Some(match field {
        "journalid" => ErrorCode::WrongJournal,
        "supplierid" | "customerid" => ErrorCode::ContactMissing,
        "fiscalyear" => ErrorCode::YearMissing,
        "periodnumber" | "invoicedate" | "transactiondate" => ErrorCode::PeriodClosed,
        "accountid" => ErrorCode::UnknownAccount,
        "vatcodeid" => ErrorCode::UnknownVatCode,
        "vatscenarioid" | "vattype" => ErrorCode::VatCodeNotAllowed,
        "costcentreid" | "costunitid" => ErrorCode::UnknownReference,
        "paymentconditionid" | "invoiceexpirationdate" => ErrorCode::PaymentConditionMissing,
        "currencyid" | "exchangerate" => ErrorCode::CurrencyNotAllowed,
        "reference" | "invoicereference" => ErrorCode::NumberInUse,
        "amounttotal"
        | "amounttotalcur"
        | "totalamountvatexcl"
        | "totalamountvatexclcur"
        | "debitamount"
        | "creditamount" => ErrorCode::OutOfBalance,
        "vatamount" | "vatamountcur" => ErrorCode::VatPercentage,
        "documentlink" => ErrorCode::DocumentType,
        _ => return None,
    })
}

/// Whether a booking was refused for its link to the document and nothing else.
pub(super) fn is_about_link(error: &LedgerError) -> bool {
    error.kind() == ErrorKind::Rejected
        && error.operation() == Operation::CreateBooking
        && error.code() == ErrorCode::DocumentType
}

/// What a bookkeeper reads: what happened and what to do. The ledger's own words stand beside it; `%` is its name.
fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::UserRights => {
            "The connected user may not do this in %, or may not open this administration. Give the user the right there, \
             and post again."
        }
        ErrorCode::NotFound => "The booking is no longer in %: somebody may have removed it there.",
        ErrorCode::WrongDivision => {
            "% does not know this administration, or does not show it to the connected user any more. Give the user access \
             to it there, or choose the right one in the connection."
        }
        ErrorCode::WrongJournal => {
            "% does not take the journal of this booking. Choose another one in the connection, and post again."
        }
        ErrorCode::ContactMissing => {
            "The supplier or customer of this booking is not in %, or may not be used. Choose the right one at the contact, \
             and post again."
        }
        ErrorCode::YearMissing => {
            "% does not take the fiscal year of this booking. Make the year there or choose another booking date, and post \
             again."
        }
        ErrorCode::PeriodClosed => {
            "% does not take the period or the date of this booking. Open the period there or choose another booking date, \
             and post again."
        }
        ErrorCode::UnknownAccount => {
            "% does not take a ledger account of this booking: accounts belong to a fiscal year there. Choose another one in \
             the posting template, and post again."
        }
        ErrorCode::UnknownVatCode => {
            "% does not take a VAT code of this booking. Choose another one in the posting template, and post again."
        }
        ErrorCode::VatCodeNotAllowed => {
            "% does not take the VAT scenario of this booking. Correct it in the connection, and post again."
        }
        ErrorCode::UnknownReference => {
            "% does not take a cost centre or cost unit of this booking. Choose another one in the posting template, and \
             post again."
        }
        ErrorCode::PaymentConditionMissing => {
            "% does not take the payment condition or the due date of this booking. Set the payment condition in the \
             connection, and post again."
        }
        ErrorCode::CurrencyNotAllowed => {
            "% does not take the currency of this booking, or its rate. Add it there, and post again."
        }
        ErrorCode::NumberInUse => {
            "% does not take the invoice number: it may be used already. Look there whether the document was booked before."
        }
        ErrorCode::OutOfBalance => {
            "% says that the amounts of this booking do not add up. Check the document; if it is right, tell us."
        }
        ErrorCode::VatPercentage => {
            "% does not take the VAT of this booking. Compare it with the VAT code in the posting template, and post again."
        }
        ErrorCode::DocumentType => {
            "% takes no link to the document: the module for documents may be missing there. Leave the link out in the \
             connection, and post again."
        }
        ErrorCode::AppRefused => {
            "% does not accept our registration or its secret. We have to repair that; nobody needs to sign in."
        }
        ErrorCode::ConsentRefused => {
            "% did not accept the sign-in: it was used before or took too long. Sign in once more."
        }
        ErrorCode::ReconnectNeeded => {
            "The consent in % was withdrawn or has ended. Somebody has to sign in to % again."
        }
        ErrorCode::Refused
        | ErrorCode::RateLimited
        | ErrorCode::ErrorBudget
        | ErrorCode::OutOfTime
        | ErrorCode::Unavailable
        | ErrorCode::TimedOut
        | ErrorCode::Unreachable
        | ErrorCode::MalformedAnswer
        | ErrorCode::TokenRefused
        | ErrorCode::TokenTooEarly
        | ErrorCode::UserBlocked
        | ErrorCode::AppScope
        | ErrorCode::NoDivisionAccess
        | ErrorCode::DivisionBlocked
        | ErrorCode::CustomerBlocked
        | ErrorCode::LicenceExpired
        | ErrorCode::BadRequest
        | ErrorCode::MandatoryField
        | ErrorCode::NotASupplier
        | ErrorCode::NotACustomer
        | ErrorCode::ContactAccount
        | ErrorCode::CostCentreLink
        | ErrorCode::AccountType
        | ErrorCode::AlreadyProcessed
        | ErrorCode::Duplicate
        | ErrorCode::Mismatch
        | ErrorCode::ContactAmbiguous
        | ErrorCode::ContactUnidentified
        | ErrorCode::ContactBlocked
        | ErrorCode::Option
        | ErrorCode::Held
        | ErrorCode::FileTooLarge
        | ErrorCode::Unsupported
        | ErrorCode::Chronology
        | ErrorCode::LedgerSetting
        | ErrorCode::StockTooLow
        | ErrorCode::QuotaUsedUp
        | ErrorCode::InProgress
        | ErrorCode::NotSeen
        | ErrorCode::OrderUnknown
        | ErrorCode::OrderOpen
        | ErrorCode::FileRefused
        | ErrorCode::SellerNotEnabled
        | ErrorCode::AddressNotAllowed
        | ErrorCode::AnswerLost
        | ErrorCode::SellerIncomplete
        | ErrorCode::CustomerRefused
        | ErrorCode::AccountProtection
        | ErrorCode::ForeignHost => {
            "% refused this. Its own words say why; correct that there or in the document, and post again."
        }
    }
}

/// The ledger, or something in front of it, is out of order; the request may have been carried out.
fn outage(name: &str, operation: Operation, effect: Effect) -> LedgerError {
    LedgerError::outage(name, operation, effect)
}

/// What an answer of the token endpoint other than success means, 429 apart.
pub(super) fn token_refusal(name: &str, purpose: Purpose, answer: &Answer) -> LedgerError {
    let Purpose { operation, effect, .. } = purpose;
    let text = words(answer);
    let error = serde_json::from_slice::<Value>(&answer.body).ok();
    let error = error.as_ref().and_then(|body| body.get("error")?.as_str()).unwrap_or_default();
    let reconnect =
        |code| LedgerError::new(ErrorKind::ReconnectNeeded, code, operation, sentence(code).replace('%', name));
    let refused = match (error, answer.status, operation) {
        ("invalid_client" | "unauthorized_client", _, _) | (_, 401, _) => {
            rejected(name, ErrorCode::AppRefused, operation)
        }
        ("invalid_grant", _, Operation::ExchangeCode) => reconnect(ErrorCode::ConsentRefused),
        ("invalid_grant", _, _) => reconnect(ErrorCode::ReconnectNeeded),
        (_, 300..=399 | 408 | 500..=599, _) => outage(name, operation, effect),
        (_, _, _) => LedgerError::new(
            ErrorKind::Bug,
            ErrorCode::BadRequest,
            operation,
            format!("{name} does not take our request for access as we made it. We have to repair that."),
        ),
    };
    refused.with_ledger_text(&text)
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
