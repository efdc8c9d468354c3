//! What wFirma's refusals mean. Its status stands in the body; that of HTTP is 200 whatever happened.

use super::{NAME, api};
use crate::{
    call::{Answer, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError},
    loose::Loose,
};
use std::time::Duration;

/// After too many requests.
const PAUSE: Duration = Duration::from_mins(1);
/// After too many wrong keys; none may come earlier.
const LOCKED: Duration = Duration::from_secs(310);
/// While it is being repaired.
const REPAIR: Duration = Duration::from_mins(5);
/// While a company is restored from a backup.
const RESTORE: Duration = Duration::from_mins(20);

/// Nothing for an answer whose status is good; else what it means.
pub(super) fn check(purpose: Purpose, body: &Loose) -> Result<(), LedgerError> {
    let status = body.object("status").unwrap_or_default();
    let code = status.text("code").ok_or_else(|| api::malformed(purpose))?;
    match code.trim().to_uppercase().replace('_', " ").as_str() {
        "OK" => Ok(()),
        "ERROR" => Err(broken(purpose, body)),
        word => {
            let words = status.text("message").unwrap_or_default();
            Err(judge(purpose, word).with_ledger_text(format!("{code} {words}").trim()))
        }
    }
}

/// An answer whose HTTP status is no success, 429 apart: something in front of wFirma.
pub(super) fn refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    if let Some(body) = Loose::read(&answer.body).filter(|body| body.has("status"))
        && let Err(error) = check(purpose, &body)
    {
        return error;
    }
    match answer.status {
        300..=399 | 408 | 500..=599 => LedgerError::outage(NAME, purpose.operation, purpose.effect),
        _ => {
            let message = format!("{NAME} refused our request. Its own words say why.");
            LedgerError::rejected(ErrorCode::Refused, purpose.operation, message).with_ledger_text(&answer.text())
        }
    }
}

fn judge(purpose: Purpose, status: &str) -> LedgerError {
    let Purpose { operation, effect, .. } = purpose;
    let rejected = |code, message: &str| LedgerError::rejected(code, operation, message);
    let later = |after, code, message: &str| LedgerError::retryable(Some(after), code, operation, message);
    match status {
        "AUTH" => LedgerError::new(
            ErrorKind::ReconnectNeeded,
            ErrorCode::ReconnectNeeded,
            operation,
            "wFirma does not know these API keys: they were changed or removed there. Give the new keys to the connection; \
             documents wait until then.",
        ),
        word if word.starts_with("AUTH FAILED LIMIT") => later(
            LOCKED,
            ErrorCode::RateLimited,
            "wFirma takes no requests for five minutes, after too many with wrong keys. It goes on by itself then.",
        ),
        "ACCESS DENIED" | "DENIED SCOPE REQUESTED" => rejected(
            ErrorCode::UserRights,
            "The keys may not be used for this in wFirma, or not in this company. Give their user the rights, or choose \
             another company.",
        ),
        "COMPANY ID REQUIRED" => rejected(
            ErrorCode::WrongDivision,
            "wFirma does not know for which of the companies this is. Choose the company of the connection, and link our \
             series to its numbering series.",
        ),
        "INPUT ERROR" => rejected(
            ErrorCode::CustomerRefused,
            "wFirma does not take one of the fields. Often an e-mail address has other text with it: leave the bare address in \
             the order and issue the document again.",
        ),
        "TOTAL REQUESTS LIMIT EXCEEDED" => {
            later(PAUSE, ErrorCode::RateLimited, "wFirma takes no more requests for a while. It goes on by itself.")
        }
        // It may have stopped in the middle.
        "TOTAL EXECUTION TIME LIMIT EXCEEDED" if effect == Effect::Reads => {
            later(PAUSE, ErrorCode::RateLimited, "wFirma has spent its time on our requests. It goes on by itself.")
        }
        "FATAL" | "TOTAL EXECUTION TIME LIMIT EXCEEDED" => LedgerError::outage(NAME, operation, effect),
        "OUT OF SERVICE" => later(REPAIR, ErrorCode::Unavailable, "wFirma is out of service. It goes on by itself."),
        "SNAPSHOT LOCK" => later(
            RESTORE,
            ErrorCode::DivisionBlocked,
            "wFirma restores this company from a backup. It goes on by itself afterwards.",
        ),
        "ACTION NOT FOUND" => LedgerError::new(
            ErrorKind::Bug,
            ErrorCode::BadRequest,
            operation,
            "wFirma does not know what we asked for. We have to repair that.",
        ),
        word if is_missing(word) => {
            rejected(ErrorCode::NotFound, "wFirma does not have this document: it was removed there.")
        }
        _ => rejected(ErrorCode::Refused, "wFirma refused this. Its own words say why."),
    }
}

/// Now and then a sentence stands where the code should.
fn is_missing(status: &str) -> bool {
    status == "NOT FOUND" || ["NIE ISTNIEJE", "NIE ZNALEZIONO", "USUNIĘT"].iter().any(|words| status.contains(words))
}

/// Rules that a document breaks: each with the field that is wrong and a sentence in Polish.
fn broken(purpose: Purpose, body: &Loose) -> LedgerError {
    let mut wrong = Vec::new();
    collect(body, "", 0, &mut wrong);
    let said: Vec<String> = wrong.iter().map(|(field, message)| format!("{field}: {message}")).collect();
    let code = wrong.iter().map(|(field, message)| code(field, message)).min().unwrap_or(ErrorCode::Refused);
    let error = LedgerError::rejected(code, purpose.operation, sentence(code)).with_ledger_text(&said.join("; "));
    match wrong.first() {
        Some((field, _)) => error.about(field),
        None => error,
    }
}

/// Records are not nested deeper.
const DEPTH_MAX: usize = 8;

fn collect(record: &Loose, at: &str, depth: usize, wrong: &mut Vec<(String, String)>) {
    for (name, below) in record.names().filter_map(|name| Some((name, record.object(name)?))) {
        if name == "errors" {
            for error in below.names().filter_map(|name| below.object(name)?.object("error")) {
                let field = error.text("field").unwrap_or_default();
                let field = if at.is_empty() { field } else { format!("{at}.{field}") };
                wrong.push((field, error.text("message").unwrap_or_default()));
            }
        } else if depth < DEPTH_MAX {
            let outer = name.parse::<u32>().is_ok() || ["invoices", "invoice", "invoicecontents"].contains(&name);
            collect(&below, if outer { at } else { name }, depth + 1, wrong);
        }
    }
}

fn code(field: &str, message: &str) -> ErrorCode {
    let message = message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| message.contains(word));
    let own = field.rsplit('.').next().unwrap_or_default();
    match own {
        _ if says(&["chronolog"]) => ErrorCode::Chronology,
        _ if says(&["już istnieje"]) => ErrorCode::NumberInUse,
        _ if says(&["zamknięt"]) => ErrorCode::PeriodClosed,
        _ if says(&["pakiet", "nieaktywn"]) => ErrorCode::LicenceExpired,
        "number" | "day" | "month" | "year" | "lumpcode" | "ereceipt_integration_receipt" => ErrorCode::LedgerSetting,
        "type" => ErrorCode::DocumentType,
        "vat" | "vat_code" => ErrorCode::UnknownVatCode,
        "series" | "good" => ErrorCode::UnknownReference,
        "id" if field == "contractor.id" => ErrorCode::UnknownReference,
        _ if field.starts_with("contractor.") => ErrorCode::CustomerRefused,
        _ if says(&["puste pole"]) => ErrorCode::MandatoryField,
        _ => ErrorCode::Refused,
    }
}

fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::Chronology => {
            "The number would not follow the dates of the series in wFirma. It often starts anew by the month on one side and by \
             the year on the other: make both equal, or let wFirma number, and pass the document again."
        }
        ErrorCode::NumberInUse => {
            "wFirma has a document with this number. Look whether it was entered by hand; if so, let wFirma number, and pass \
             the document again."
        }
        ErrorCode::PeriodClosed => "The period is closed in wFirma. Open it there, and pass the document again.",
        ErrorCode::LicenceExpired => "The wFirma package is not active. Extend it there; documents wait until then.",
        ErrorCode::LedgerSetting => {
            "A setting of wFirma does not let this in. To send our own numbers, switch the control of numbering off for the \
             series there; a company in the register of revenue needs the option 'lumpcode'. Then pass the document again."
        }
        ErrorCode::DocumentType => {
            "wFirma does not take this type of document in this company. Set the option 'vat_payer' as the company is, and pass \
             the document again."
        }
        ErrorCode::UnknownVatCode => {
            "wFirma does not know a VAT code of this document. Set the codes in the options of the connection as wFirma lists \
             them, and pass the document again."
        }
        ErrorCode::UnknownReference => {
            "wFirma does not have the series, product or buyer that was named. Choose the series anew in the settings, and pass \
             the document again."
        }
        ErrorCode::CustomerRefused => {
            "wFirma does not take the buyer as on the order. Its own words say which field; correct the order, and issue the \
             document again."
        }
        ErrorCode::MandatoryField => {
            "wFirma misses a field of this document. Complete the order, and issue the document again."
        }
        _ => "wFirma refused the document. Its own words say why; correct that, and pass the document again.",
    }
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
