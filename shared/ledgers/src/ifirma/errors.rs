//! What iFirma's refusals mean: a number in the body, whatever the HTTP status, and a sentence in Polish.

use super::NAME;
use crate::{
    call::{Answer, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError},
    loose::Loose,
};

/// What is in the envelope of an answer, or what its number means.
pub(super) fn opened(purpose: Purpose, answer: &Answer) -> Result<Loose, LedgerError> {
    let malformed = || LedgerError::malformed(NAME, purpose.operation, purpose.effect);
    let response = Loose::read(&answer.body).and_then(|body| body.object("response")).ok_or_else(malformed)?;
    match response.whole("Kod") {
        Some(0) => Ok(response),
        // What is read may come without a number.
        None if !response.has("Kod") && purpose.effect == Effect::Reads => Ok(response),
        None => Err(malformed()),
        Some(number) => {
            let text = response.text("Informacja").unwrap_or_default();
            Err(judge(purpose, number, &text).with_ledger_text(&format!("{number} {text}")))
        }
    }
}

/// An answer whose HTTP status is no success, 429 apart.
pub(super) fn refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    match answer.status {
        401 | 403 => reconnect(purpose),
        300..=399 | 408 | 500..=599 => LedgerError::outage(NAME, purpose.operation, purpose.effect),
        404 => LedgerError::rejected(ErrorCode::NotFound, purpose.operation, sentence(ErrorCode::NotFound)),
        _ => LedgerError::rejected(ErrorCode::Refused, purpose.operation, sentence(ErrorCode::Refused))
            .with_ledger_text(&answer.text()),
    }
}

/// The connection holds nothing that opens the account.
pub(super) fn reconnect(purpose: Purpose) -> LedgerError {
    let message = "iFirma does not know the login or the key of this connection, or the key was made anew there. Give login and \
                   key again; documents wait until then.";
    LedgerError::new(ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded, purpose.operation, message)
}

fn judge(purpose: Purpose, number: i64, text: &str) -> LedgerError {
    let Purpose { operation, effect, .. } = purpose;
    let rejected = |code| LedgerError::rejected(code, operation, sentence(code));
    let rights = |message: &str| LedgerError::rejected(ErrorCode::UserRights, operation, message);
    let lower = text.to_lowercase();
    match number {
        100 => LedgerError::outage(NAME, operation, effect),
        101 | 102 | 400 => {
            let message =
                "iFirma did not understand our request. We have to repair that; the document can be entered by hand.";
            LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, operation, message)
        }
        200 => rejected(ErrorCode::BadRequest),
        202 => rejected(ErrorCode::LedgerSetting),
        208 => rejected(ErrorCode::CustomerRefused),
        401..=403 => reconnect(purpose),
        499 => {
            rights("The terms of the API were not accepted in iFirma. Accept them there; documents wait until then.")
        }
        500 if !lower.contains("limit") => {
            rights("The iFirma account may not use the API. Have that switched on there; documents wait until then.")
        }
        _ => rejected(ruled(&lower)),
    }
}

/// Which rule it is, by its words.
fn ruled(text: &str) -> ErrorCode {
    let says = |words: &[&str]| words.iter().all(|word| text.contains(word));
    match () {
        () if says(&["limit", "dokument"]) || says(&["przekroczono", "limit"]) => ErrorCode::QuotaUsedUp,
        () if says(&["miesiąc", "księgow"]) || says(&["rokiem księgowym"]) => ErrorCode::PeriodClosed,
        () if says(&["poprzedni", "wcześniejsza"]) => ErrorCode::Chronology,
        () if says(&["już istnieje"]) => ErrorCode::NumberInUse,
        () if says(&["nie znaleziono", "faktur"]) => ErrorCode::NotFound,
        () if says(&["serii"]) => ErrorCode::UnknownReference,
        () if says(&["ksef"]) || says(&["w walucie"]) => ErrorCode::LedgerSetting,
        () if says(&["nip"]) || says(&["kontrahen"]) => ErrorCode::CustomerRefused,
        () if says(&["wymagane"]) => ErrorCode::MandatoryField,
        () => ErrorCode::Refused,
    }
}

fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::QuotaUsedUp => {
            "The documents that the iFirma account may make by the API this month are used up. Extend that there; documents wait \
             until then."
        }
        ErrorCode::PeriodClosed => {
            "The day of the sale is outside the month that is open in iFirma's books. Open that month there, and pass the document \
             again."
        }
        ErrorCode::Chronology => {
            "The series in iFirma has an invoice of a later date already. Pass documents in the order of their dates, or link \
             another series."
        }
        ErrorCode::NumberInUse => {
            "iFirma has an invoice with this number. Look whether it was entered by hand; if so, let iFirma number, and pass the \
             document again."
        }
        ErrorCode::NotFound => "iFirma does not have this invoice: it was removed there.",
        ErrorCode::UnknownReference => {
            "iFirma does not have the numbering series that was named. Write its name in the settings exactly as in iFirma, \
             capitals and blanks included, and pass the document again."
        }
        ErrorCode::LedgerSetting => {
            "A setting of the iFirma account is missing or wrong. Its own words say which; set it there, and pass the document \
             again."
        }
        ErrorCode::CustomerRefused => {
            "iFirma does not take the buyer as on the order. Its own words say why; correct the order, and issue the document \
             again."
        }
        ErrorCode::MandatoryField => {
            "iFirma misses a field of this document. Complete the order, and issue the document again."
        }
        ErrorCode::BadRequest => {
            "iFirma does not take the form of this document: a rate or a field does not go with the account, such as the rate of \
             a lump-sum tax (option 'lump_rate') or VAT of who pays none (option 'vat_payer'). Set the options, and pass it again."
        }
        _ => "iFirma refused the document. Its own words say why; correct that, and pass the document again.",
    }
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
