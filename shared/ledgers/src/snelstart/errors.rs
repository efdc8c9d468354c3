//! What SnelStart's refusals mean. All of its rules answer 400; a code tells them apart, in one of several bodies.

use crate::{
    call::{Answer, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use serde_json::Value;
use std::time::Duration;

/// Where a quota is spoken of without a time, it is an hour's.
const QUOTA: Duration = Duration::from_mins(15);

/// An answer of the API that is not success, 429 apart.
pub(super) fn refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    let Purpose { operation, effect, .. } = purpose;
    let said = Said::of(answer);
    let lower = said.text.to_lowercase();
    let rejected = |code| LedgerError::rejected(code, operation, sentence(code)).with_ledger_text(&said.words());
    match answer.status {
        400 => ruled(operation, effect, &said),
        401 if lower.contains("subscription key") => rejected(ErrorCode::AppRefused),
        401 => {
            let code = ErrorCode::TokenRefused;
            LedgerError::new(ErrorKind::Unauthorised, code, operation, sentence(code))
        }
        403 if lower.contains("quota") => {
            let message = "SnelStart's quota of requests is used up. It goes on by itself.";
            LedgerError::retryable(Some(QUOTA), ErrorCode::RateLimited, operation, message)
        }
        403 => rejected(ErrorCode::UserRights),
        404 => rejected(ErrorCode::NotFound),
        413 => rejected(ErrorCode::FileTooLarge),
        300..=399 | 408 | 500..=599 => outage(operation, effect),
        _ => bug(operation, &said),
    }
}

/// What an answer of the token endpoint other than success means, 429 apart.
pub(super) fn token_refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    let Purpose { operation, effect, .. } = purpose;
    let said = Said::of(answer);
    match answer.status {
        400 | 401 | 403 => {
            // The first time, nothing is lost yet: what was pasted was wrong.
            let code = match operation {
                Operation::ExchangeCode => ErrorCode::ConsentRefused,
                _ => ErrorCode::ReconnectNeeded,
            };
            LedgerError::new(ErrorKind::ReconnectNeeded, code, operation, sentence(code))
                .with_ledger_text(&said.words())
        }
        300..=399 | 404 | 408 | 500..=599 => outage(operation, effect),
        _ => bug(operation, &said),
    }
}

/// SnelStart, or the gateway before it, is out of order; the request may have been carried out.
fn outage(operation: Operation, effect: Effect) -> LedgerError {
    LedgerError::outage("SnelStart", operation, effect)
}

fn bug(operation: Operation, said: &Said) -> LedgerError {
    let code = ErrorCode::BadRequest;
    LedgerError::new(ErrorKind::Bug, code, operation, sentence(code)).with_ledger_text(&said.words())
}

/// A rule of SnelStart refuses a request.
fn ruled(operation: Operation, effect: Effect, said: &Said) -> LedgerError {
    match said.code.as_deref().map(classify) {
        Some(Meaning::Refused(code)) => {
            LedgerError::rejected(code, operation, sentence(code)).with_ledger_text(&said.words())
        }
        Some(Meaning::Ours) => bug(operation, said),
        // It says itself that it does not know what happened.
        Some(Meaning::Unknown) => outage(operation, effect).with_ledger_text(&said.words()),
        // A field that could not be read: we wrote it.
        None if said.is_model => bug(operation, said),
        None => {
            let code = ErrorCode::Refused;
            LedgerError::rejected(code, operation, sentence(code)).with_ledger_text(&said.words())
        }
    }
}

/// What is said in an answer that is not success.
#[derive(Debug, Default, PartialEq, Eq)]
struct Said {
    /// Such as `BOE-0039`.
    code: Option<String>,
    text: String,
    /// The fields of the request are spoken of, one by one.
    is_model: bool,
}

impl Said {
    /// Takes every body that was seen: a list of codes, an object with or without the fields it complains of, the
    /// gateway's, a bare text, or nothing.
    fn of(answer: &Answer) -> Self {
        match serde_json::from_slice::<Value>(&answer.body) {
            Ok(value) => Self::of_value(&value),
            Err(_) => Self { text: answer.text().trim().to_owned(), ..Self::default() },
        }
    }

    fn of_value(value: &Value) -> Self {
        match value {
            // The first one decides; all are shown.
            Value::Array(rows) => {
                let all: Vec<Self> = rows.iter().map(Self::of_value).collect();
                let text = all.iter().map(Self::words).collect::<Vec<_>>().join("; ");
                let is_alone = all.len() == 1;
                match all.into_iter().next() {
                    Some(first) if is_alone => first,
                    Some(first) => Self { text, ..first },
                    None => Self::default(),
                }
            }
            Value::Object(fields) => {
                let find = |name: &str| fields.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, it)| it);
                let inner = find("error").filter(|inner| inner.is_object()).map(Self::of_value).unwrap_or_default();
                let code = find("errorCode").and_then(Value::as_str).map(str::to_owned).or(inner.code);
                let message = ["message", "error_description", "error"]
                    .into_iter()
                    .find_map(|name| find(name).and_then(Value::as_str))
                    .unwrap_or(&inner.text);
                let model = find("modelState");
                let text = model.map_or_else(|| message.to_owned(), |model| format!("{message} {model}"));
                Self { code, text, is_model: model.is_some() }
            }
            Value::String(text) => Self { text: text.clone(), ..Self::default() },
            Value::Null | Value::Bool(_) | Value::Number(_) => Self::default(),
        }
    }

    /// The code and the words after it.
    fn words(&self) -> String {
        match &self.code {
            Some(code) if !self.text.starts_with(code.as_str()) => format!("{code}: {}", self.text),
            Some(_) | None => self.text.clone(),
        }
    }
}

/// What a code means for us.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Meaning {
    /// Refused for good.
    Refused(ErrorCode),
    /// We sent something that we should not have sent.
    Ours,
    /// Nobody knows what happened.
    Unknown,
}

/// The published codes, and one that is not. An unknown one refuses.
fn classify(code: &str) -> Meaning {
    use ErrorCode as E;
    Meaning::Refused(match code.trim() {
        "ALG-0100" | "ALG-0101" | "ALG-0103" | "ALG-0104" | "ALG-0106" | "BOE-0023" | "BOE-0028" | "BOE-0058"
        | "BOE-0068" | "BOE-0071" | "BLG-0011" | "BLG-0016" | "BLG-0017" => return Meaning::Ours,
        "ALG-0102" | "BLG-0015" => return Meaning::Unknown,
        "ALG-0105" | "BOE-0019" | "BOE-0026" | "KPL-0001" => E::UnknownReference,
        "BOE-0021" => E::NumberInUse,
        "BOE-0002" | "BOE-0038" | "REL-0005" => E::ContactMissing,
        "BOE-0003" => E::NotASupplier,
        "BOE-0054" => E::ContactBlocked,
        "BOE-0060" => E::NotACustomer,
        "BOE-0008" | "BOE-0037" | "BOE-0089" => E::UnknownAccount,
        "BOE-0061" | "BOE-0080" => E::AccountType,
        "BOE-0009" | "BOE-0010" => E::WrongJournal,
        "BOE-0022" | "BOE-0093" => E::CostCentreLink,
        "BOE-0039" => E::OutOfBalance,
        "BOE-0042" | "BOE-0051" => E::PeriodClosed,
        "BOE-0033" | "BOE-0070" => E::YearMissing,
        "BOE-0036" => E::CurrencyNotAllowed,
        "BOE-0053" | "BOE-0062" | "BOE-0069" | "BOE-0082" => E::VatCodeNotAllowed,
        "BOE-0046" | "BOE-0047" | "BOE-0048" | "BOE-0049" | "BOE-0050" | "BOE-0083" => E::AlreadyProcessed,
        "BLG-0013" => E::FileTooLarge,
        "REL-0007" => E::MandatoryField,
        _ => E::Refused,
    })
}

/// What a bookkeeper reads: what happened and what to do. SnelStart's own words stand beside it.
fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::TokenRefused => "SnelStart did not accept our access. It is renewed by itself.",
        ErrorCode::AppRefused => {
            "SnelStart does not accept our own subscription, whatever the customer's key. We have to repair that; nobody \
             needs a new key, and documents wait."
        }
        ErrorCode::UserRights => {
            "The connection key lacks a right for this. Give the connection the rights for bookkeeping, relations and \
             documents in SnelStart, or make a new key there and paste it; then post again."
        }
        ErrorCode::NotFound => {
            "Something that the booking refers to is no longer in SnelStart. Refresh the lists of this connection and \
             post again."
        }
        ErrorCode::FileTooLarge => {
            "A file of this document is larger than the 10 MB that SnelStart takes. Choose other files to attach in the \
             connection, or post the document with a smaller file."
        }
        ErrorCode::MandatoryField => {
            "SnelStart misses a mandatory field. Its own words say which one; complete the document or the contact and \
             post again."
        }
        ErrorCode::UnknownReference => {
            "Something that the booking names is not in SnelStart, or is inactive there: its own words say what. Correct \
             the posting template or the settings of the connection and post again."
        }
        ErrorCode::UnknownAccount => {
            "A ledger account of the posting template is not in this administration, or is inactive. Choose another one \
             in the template and post again."
        }
        ErrorCode::AccountType => {
            "SnelStart does not allow a ledger account of the posting template for this booking or this relation. Choose \
             another one in the template and post again."
        }
        ErrorCode::ContactMissing => {
            "The relation is no longer in SnelStart. Choose the right one at the contact and post again."
        }
        ErrorCode::NotASupplier => "The relation is not a supplier in SnelStart. Make it one there, then post again.",
        ErrorCode::NotACustomer => "The relation is not a customer in SnelStart. Make it one there, then post again.",
        ErrorCode::ContactBlocked => "The relation is inactive in SnelStart. Make it active there, then post again.",
        ErrorCode::WrongJournal => {
            "The purchase journal is missing or inactive in SnelStart. Put that right in its settings, then post again."
        }
        ErrorCode::CostCentreLink => {
            "The ledger account needs a cost centre, or takes none. Correct the posting template and post again."
        }
        ErrorCode::OutOfBalance => {
            "The booking does not balance in SnelStart. Check the VAT kinds of the posting template and post again, or \
             book it by hand."
        }
        ErrorCode::PeriodClosed => {
            "The period is blocked in SnelStart, or was checked by the accountant. Open it there and post again, or \
             choose a booking date in an open period."
        }
        ErrorCode::YearMissing => {
            "SnelStart takes no booking on this date. Choose a booking date in a year that is open there, and post again."
        }
        ErrorCode::CurrencyNotAllowed => "SnelStart books in euro only. Book this document by hand.",
        ErrorCode::VatCodeNotAllowed => {
            "The ledger account does not take this kind of VAT, or kinds stand together that may not. Choose another one \
             in the posting template, allow it on the account in SnelStart, and post again."
        }
        ErrorCode::NumberInUse => {
            "The invoice number is already used in SnelStart. Look whether the document was booked before."
        }
        ErrorCode::AlreadyProcessed => {
            "SnelStart has already processed this booking: it belongs to a VAT return or a payment. Look at it there."
        }
        ErrorCode::BadRequest => {
            "SnelStart did not understand our request. We have to repair that; the document can be booked by hand."
        }
        ErrorCode::ConsentRefused => {
            "SnelStart does not know this connection key. Copy the key of the administration once more from SnelStart \
             Web, and paste it."
        }
        ErrorCode::ReconnectNeeded => {
            "The connection key no longer works: it was withdrawn or made anew in SnelStart. Paste the new key; documents \
             wait until then."
        }
        ErrorCode::Refused
        | ErrorCode::RateLimited
        | ErrorCode::ErrorBudget
        | ErrorCode::OutOfTime
        | ErrorCode::Unavailable
        | ErrorCode::TimedOut
        | ErrorCode::Unreachable
        | ErrorCode::MalformedAnswer
        | ErrorCode::TokenTooEarly
        | ErrorCode::UserBlocked
        | ErrorCode::AppScope
        | ErrorCode::NoDivisionAccess
        | ErrorCode::DivisionBlocked
        | ErrorCode::CustomerBlocked
        | ErrorCode::LicenceExpired
        | ErrorCode::PaymentConditionMissing
        | ErrorCode::UnknownVatCode
        | ErrorCode::ContactAccount
        | ErrorCode::VatPercentage
        | ErrorCode::Chronology
        | ErrorCode::LedgerSetting
        | ErrorCode::StockTooLow
        | ErrorCode::QuotaUsedUp
        | ErrorCode::WrongDivision
        | ErrorCode::DocumentType
        | ErrorCode::Duplicate
        | ErrorCode::Mismatch
        | ErrorCode::ContactAmbiguous
        | ErrorCode::ContactUnidentified
        | ErrorCode::Option
        | ErrorCode::Held
        | ErrorCode::Unsupported
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
            "SnelStart refused the booking. Its own words say why; correct the document and post again, or book it by \
             hand."
        }
    }
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
