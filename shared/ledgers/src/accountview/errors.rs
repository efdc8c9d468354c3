//! What refusals mean. A filled `ErrorMessage` is a failure whatever the status; its words are Dutch, differ from version to
//! version, and tell the cases apart.

use super::api::Told;
use crate::{
    call::{Answer, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use std::time::Duration;

/// A customer's own server is off for a night, not for a minute.
const UNREACHABLE_PAUSE: Duration = Duration::from_mins(10);

/// What is wrong, and the sentence for it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct Trouble {
    kind: ErrorKind,
    code: ErrorCode,
    sentence: &'static str,
}

const fn no(code: ErrorCode, sentence: &'static str) -> Trouble {
    Trouble { kind: ErrorKind::Rejected, code, sentence }
}

const fn bug(code: ErrorCode, sentence: &'static str) -> Trouble {
    Trouble { kind: ErrorKind::Bug, code, sentence }
}

const UNREACHABLE: Trouble = Trouble {
    kind: ErrorKind::Retryable { after: Some(UNREACHABLE_PAUSE) },
    code: ErrorCode::Unreachable,
    sentence: "The AccountView of this customer is not reachable at the moment: its server may be off. It is tried again by \
               itself, for as long as that takes.",
};
const PERIOD_CLOSED: Trouble = no(
    ErrorCode::PeriodClosed,
    "The period of this booking is closed in AccountView. Open it there or choose another booking date, and post again.",
);
const YEAR_MISSING: Trouble = no(
    ErrorCode::YearMissing,
    "AccountView has no financial year or period for the date of this booking. Make it there or choose another booking date, \
     and post again.",
);
const NO_COMPANY: Trouble = no(
    ErrorCode::WrongDivision,
    "This company does not exist in AccountView for the connected user. Choose the right one at the administration, or give \
     the user access to it there.",
);
const UNKNOWN_RELATION: Trouble = no(
    ErrorCode::ContactMissing,
    "The supplier or customer of this booking does not exist in AccountView in this financial year. Choose the right one at \
     the contact, and post again.",
);
const BLOCKED_RELATION: Trouble = no(
    ErrorCode::ContactBlocked,
    "The supplier or customer of this booking is blocked in AccountView. Unblock it there, and post again.",
);
const UNKNOWN_ACCOUNT: Trouble = no(
    ErrorCode::UnknownAccount,
    "A ledger account of this booking does not exist in AccountView, or is blocked there. Choose another one in the posting \
     template, and post again.",
);
const UNKNOWN_VAT_CODE: Trouble = no(
    ErrorCode::UnknownVatCode,
    "A VAT code of this booking does not exist in AccountView. Choose another one in the posting template, and post again.",
);
const VAT_CODE_MISSING: Trouble = no(
    ErrorCode::MandatoryField,
    "A ledger account of this booking needs a VAT code. Choose one in the posting template, and post again.",
);
const VAT_CODE_NOT_ALLOWED: Trouble = no(
    ErrorCode::VatCodeNotAllowed,
    "A VAT code of this booking is not meant for this journal or account. Choose another one in the posting template, and \
     post again.",
);
const VAT_AMOUNT: Trouble = no(
    ErrorCode::VatPercentage,
    "AccountView does not accept the VAT of this booking. Compare the VAT of the document with the VAT code in the posting \
     template, and post again.",
);
const COST_CENTRE_MISSING: Trouble = no(
    ErrorCode::CostCentreLink,
    "A ledger account of this booking needs a cost centre, or takes none. Correct the posting template, and post again.",
);
const UNKNOWN_COST_CENTRE: Trouble = no(
    ErrorCode::UnknownReference,
    "A cost centre or project of this booking does not exist in AccountView. Choose another one in the posting template, and \
     post again.",
);
const OUT_OF_BALANCE: Trouble = no(
    ErrorCode::OutOfBalance,
    "AccountView says that debit and credit of this booking differ. Look at the filling of pages in the connection and at the \
     amounts of the document; if they are right, tell us.",
);
const NUMBER_IN_USE: Trouble = no(
    ErrorCode::NumberInUse,
    "AccountView has a booking with this invoice number. Look for it there; if it is another document, change the number and \
     post again.",
);
const TOO_LONG: Trouble = no(
    ErrorCode::BadRequest,
    "AccountView says that something in this booking is too long. Its own words say what; shorten that in the document or the \
     posting template, and post again.",
);
const WRONG_JOURNAL: Trouble = no(
    ErrorCode::WrongJournal,
    "The journal of this booking does not exist in AccountView, is blocked, or is of another kind. Choose another one in the \
     connection, and post again.",
);
const CURRENCY: Trouble = no(
    ErrorCode::CurrencyNotAllowed,
    "AccountView does not have the currency of this document, or no rate for it on this date. Add it there, and post again.",
);
const MANDATORY: Trouble = no(
    ErrorCode::MandatoryField,
    "AccountView needs something for this booking that is missing. Its own words say what; complete the posting template or \
     the document, and post again.",
);
const USER_RIGHTS: Trouble = no(
    ErrorCode::UserRights,
    "The connected user may not do this in AccountView. Give the user the right there, link the application to the user, and \
     post again.",
);
const APP_SCOPE: Trouble = no(
    ErrorCode::AppScope,
    "The consent that was given in AccountView does not allow writing. Sign in to AccountView again and agree to everything \
     that is asked for.",
);
const GONE: Trouble =
    no(ErrorCode::NotFound, "What was asked for is not in AccountView any more: somebody may have removed it there.");
const REFUSED: Trouble = no(
    ErrorCode::Refused,
    "AccountView refused this. Its own words say why; correct that there or in the document, and post again.",
);
const OUR_MISTAKE: Trouble =
    bug(ErrorCode::BadRequest, "AccountView does not take this request as we made it. We have to repair that.");
const WRONG_PATH: Trouble =
    bug(ErrorCode::NotFound, "AccountView does not know what we asked for. We have to repair that.");
const TOKEN_REFUSED: Trouble = Trouble {
    kind: ErrorKind::Unauthorised,
    code: ErrorCode::TokenRefused,
    sentence: "AccountView did not accept the access. A new one is asked for by itself.",
};

fn said(trouble: Trouble, operation: Operation) -> LedgerError {
    LedgerError::new(trouble.kind, trouble.code, operation, trouble.sentence)
}

/// What the words of an error mean; none when they are not known.
fn trouble(text: &str) -> Option<Trouble> {
    let text = text.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let missing = says(&[
        "bestaat niet",
        "niet bestaat",
        "bestaan niet",
        "niet gevonden",
        "komt niet voor",
        "onbekend",
        "does not exist",
        "not found",
        "unknown",
    ]);
    let blocked = says(&["geblokkeerd", "blocked"]);
    let required =
        says(&["verplicht", "vereist", "ontbreekt", "moet worden ingevuld", "required", "mandatory", "missing"]);
    let reachable = says(&["accountview", "server", "verbinding", "connection", "relay"]);
    let silent = says(&[
        "niet bereikbaar",
        "niet beschikbaar",
        "geen verbinding",
        "verbinding verbroken",
        "offline",
        "not reachable",
        "unreachable",
        "not available",
        "unavailable",
        "not connected",
    ]);
    let about_a_booking =
        says(&["veld", "kolom", "rekening", "dagboek", "btw", "crediteur", "debiteur", "kostenplaats"]);
    if reachable && silent && !about_a_booking {
        return Some(UNREACHABLE);
    }
    if says(&["scope"]) {
        return Some(APP_SCOPE);
    }
    if says(&[
        "geen rechten",
        "onvoldoende rechten",
        "niet bevoegd",
        "geen toegang",
        "not authorized",
        "no access",
        "access denied",
    ]) {
        let company = says(&["onderneming", "administratie", "company"]);
        return Some(if company { NO_COMPANY } else { USER_RIGHTS });
    }
    if says(&["te lang", "te groot", "maximale lengte", "too long"]) {
        return Some(TOO_LONG);
    }
    if says(&["kolom", "veld ", "column", "field", "values", "businessobject", "business object"])
        && (missing || says(&["ongeldig", "invalid", "aantal"]))
    {
        return Some(OUR_MISTAKE);
    }
    if says(&["periode", "boekjaar", "period", "fiscal year"]) {
        if says(&["gesloten", "closed"]) || blocked {
            return Some(PERIOD_CLOSED);
        }
        if missing || says(&["geen administratie", "geen periode", "geen boekjaar", "buiten"]) {
            return Some(YEAR_MISSING);
        }
    }
    if says(&["geen administratie", "no administration"]) {
        return Some(YEAR_MISSING);
    }
    if says(&["onderneming", "x-company", "company"]) {
        return Some(NO_COMPANY);
    }
    if says(&["in evenwicht", "in balans", "saldo van de bladzijde", "in balance"]) {
        return Some(OUT_OF_BALANCE);
    }
    if says(&["factuurnummer", "documentnummer", "document-/factuurnummer", "invoice number"])
        && says(&["bestaat al", "al gebruikt", "in gebruik", "reeds", "komt al voor", "already", "duplicate"])
    {
        return Some(NUMBER_IN_USE);
    }
    if says(&["kostenplaats", "cost centre", "cost center", "project"]) {
        return Some(if required { COST_CENTRE_MISSING } else { UNKNOWN_COST_CENTRE });
    }
    if says(&["btw-bedrag", "vat amount"]) {
        return Some(VAT_AMOUNT);
    }
    if says(&["btw-code", "btw code", "vat code"]) {
        return Some(match (missing, required) {
            (true, _) => UNKNOWN_VAT_CODE,
            (false, true) => VAT_CODE_MISSING,
            (false, false) => VAT_CODE_NOT_ALLOWED,
        });
    }
    if says(&["crediteur", "debiteur", "relatie", "creditor", "debtor", "contact"]) {
        if blocked {
            return Some(BLOCKED_RELATION);
        }
        if missing {
            return Some(UNKNOWN_RELATION);
        }
    }
    if says(&["dagboek", "journal"]) && (missing || blocked || says(&["type", "soort"])) {
        return Some(WRONG_JOURNAL);
    }
    if says(&["rekening", "ledger account"]) && (missing || blocked) {
        return Some(UNKNOWN_ACCOUNT);
    }
    if says(&["valuta", "currency", "koers"]) {
        return Some(CURRENCY);
    }
    if required {
        return Some(MANDATORY);
    }
    missing.then_some(GONE)
}

/// The error that an answer tells of, if it does: whatever its status.
pub(super) fn told(purpose: Purpose, answer: &Answer) -> Option<LedgerError> {
    let told = read(answer)?;
    let (text, words) = told;
    Some(said(trouble(&text).unwrap_or(REFUSED), purpose.operation).with_ledger_text(&words))
}

/// The message, and all that is told as one text.
fn read(answer: &Answer) -> Option<(String, String)> {
    let told: Told = serde_json::from_slice(&answer.body).ok()?;
    let message = told.message.map(|message| message.trim().to_owned()).filter(|message| !message.is_empty())?;
    let numbers = told.numbers.map(|numbers| numbers.get().to_owned()).filter(|numbers| numbers != "null");
    let kind = told.kind.filter(|kind| kind != "AccountViewError");
    let words = [kind, Some(message.clone()), numbers].into_iter().flatten().collect::<Vec<_>>().join(" ");
    Some((message, words))
}

/// An answer other than success, 429 apart.
pub(super) fn refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    let Purpose { operation, effect, .. } = purpose;
    let told = read(answer);
    let words = told.as_ref().map(|(_, words)| words.as_str()).unwrap_or_default();
    let meant = told.as_ref().and_then(|(text, _)| trouble(text));
    let error = match (answer.status, meant) {
        (401, _) => said(TOKEN_REFUSED, operation),
        (_, Some(trouble)) => said(trouble, operation),
        (403, None) => said(USER_RIGHTS, operation),
        (404, None) => said(WRONG_PATH, operation),
        (400..=499, None) if told.is_some() => said(REFUSED, operation),
        (400 | 405 | 411 | 413 | 414 | 415, None) => said(OUR_MISTAKE, operation),
        // Whether it was carried out before it failed is not told.
        (_, None) => outage(operation, effect),
    };
    error.with_ledger_text(words)
}

/// Something in front of `AccountView`, or `AccountView` itself, is out of order; the request may have been carried out.
fn outage(operation: Operation, effect: Effect) -> LedgerError {
    LedgerError::outage("AccountView", operation, effect)
}

/// An answer that says nothing that can be used.
pub(super) fn malformed(operation: Operation, effect: Effect) -> LedgerError {
    LedgerError::malformed("AccountView", operation, effect)
}

/// An answer of the token endpoint that is not success, 429 apart.
pub(super) fn token_refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    let operation = purpose.operation;
    let error = serde_json::from_slice::<serde_json::Value>(&answer.body)
        .ok()
        .and_then(|body| body.get("error").and_then(|error| error.as_str()).map(str::to_owned))
        .unwrap_or_default();
    let trouble = match (error.as_str(), operation, answer.status) {
        ("invalid_grant", Operation::ExchangeCode, _) => Trouble {
            kind: ErrorKind::ReconnectNeeded,
            code: ErrorCode::ConsentRefused,
            sentence: "AccountView did not accept the sign-in: it was used before or took too long. Sign in once more.",
        },
        ("invalid_grant", _, _) => Trouble {
            kind: ErrorKind::ReconnectNeeded,
            code: ErrorCode::ReconnectNeeded,
            sentence: "The consent in AccountView was withdrawn or has ended. Somebody has to sign in to AccountView again.",
        },
        ("invalid_client" | "unauthorized_client", _, _) | (_, _, 401) => no(
            ErrorCode::AppRefused,
            "AccountView does not accept our registration or its secret. We have to repair that; nobody needs to sign in.",
        ),
        (_, _, 400 | 403..=428) => OUR_MISTAKE,
        _ => return outage(operation, purpose.effect),
    };
    let words = if error.is_empty() { answer.text().into_owned() } else { error };
    said(trouble, operation).with_ledger_text(&words)
}

#[cfg(test)]
#[path = "errors_tests.rs"]
mod tests;
