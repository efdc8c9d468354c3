//! What Exact Online's refusals mean. Its usual way of refusing a booking is HTTP 500 with a message in the language of
//! the connected user, so the text is what tells them apart.

use crate::{
    call::{Answer, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use serde::Deserialize;

/// An answer of the API that is not success, 429 apart.
pub(super) fn refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    let Purpose { operation, effect, .. } = purpose;
    let text = answer.text();
    match answer.status {
        401 => unauthorised(operation),
        // Some addresses send a browser to the login page in place of a 401.
        300..=399 if text.contains("Object moved") => unauthorised(operation),
        403 => forbidden(operation, answer),
        404 => LedgerError::rejected(ErrorCode::NotFound, operation, sentence(ErrorCode::NotFound))
            .with_ledger_text(&message(answer).unwrap_or_default()),
        413 => LedgerError::rejected(ErrorCode::FileTooLarge, operation, sentence(ErrorCode::FileTooLarge)),
        500 => match message(answer) {
            Some(message) if !message.contains("Object reference not set") => refused(operation, &message),
            Some(_) | None => outage(operation, effect),
        },
        300..=399 | 408 | 501..=599 => outage(operation, effect),
        _ => LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, operation, sentence(ErrorCode::BadRequest))
            .with_ledger_text(&message(answer).unwrap_or_else(|| text.into_owned())),
    }
}

fn unauthorised(operation: Operation) -> LedgerError {
    LedgerError::new(ErrorKind::Unauthorised, ErrorCode::TokenRefused, operation, sentence(ErrorCode::TokenRefused))
}

/// A booking that was there once.
pub(super) fn gone(operation: Operation) -> LedgerError {
    let message = "The entry is no longer in Exact Online: somebody removed it there.";
    LedgerError::rejected(ErrorCode::NotFound, operation, message)
}

/// Something in front of Exact, or Exact itself, is out of order; the request may have been carried out.
fn outage(operation: Operation, effect: Effect) -> LedgerError {
    LedgerError::outage("Exact Online", operation, effect)
}

/// Rights stand in three layers: the user's, the app's link with the company, and the app's scopes.
fn forbidden(operation: Operation, answer: &Answer) -> LedgerError {
    let text = message(answer).unwrap_or_else(|| answer.text().into_owned());
    let code = match answer.header("Reason").map(str::trim) {
        Some("BlockedUser" | "InactiveUser") => ErrorCode::UserBlocked,
        Some("BlockedCustomer") => ErrorCode::CustomerBlocked,
        Some("LicenseExpired") => ErrorCode::LicenceExpired,
        Some("DivisionBlocked") => ErrorCode::DivisionBlocked,
        Some("NoDivisionAccess") => ErrorCode::NoDivisionAccess,
        Some(_) | None if text.contains("Application Scope Violated") => ErrorCode::AppScope,
        Some(_) | None => ErrorCode::UserRights,
    };
    LedgerError::rejected(code, operation, sentence(code)).with_ledger_text(&text)
}

/// A message of Exact that refuses a request.
fn refused(operation: Operation, text: &str) -> LedgerError {
    let code = classify(text);
    LedgerError::rejected(code, operation, sentence(code)).with_ledger_text(text)
}

#[derive(Deserialize)]
struct Verbose {
    error: VerboseError,
}

#[derive(Deserialize)]
struct VerboseError {
    message: VerboseMessage,
}

#[derive(Deserialize)]
struct VerboseMessage {
    value: String,
}

/// The message of an error answer, when it has one.
fn message(answer: &Answer) -> Option<String> {
    let Verbose { error } = serde_json::from_slice(&answer.body).ok()?;
    let value = error.message.value.trim().to_owned();
    (!value.is_empty()).then_some(value)
}

/// Beginnings and parts of Exact's messages in English and Dutch, in lower case; the first that occurs decides, so the
/// particular ones come before the general.
const MESSAGES: &[(ErrorCode, &[&str])] = &[
    (
        ErrorCode::PaymentConditionMissing,
        &[
            "mandatory: payment condition",
            "mandatory: due date",
            "verplicht: betalingsconditie",
            "verplicht: vervaldatum",
        ],
    ),
    (ErrorCode::MandatoryField, &["mandatory: ", "verplicht: "]),
    (ErrorCode::UnknownVatCode, &["invalid reference: vat code", "ongeldige referentie: btw-code"]),
    (ErrorCode::UnknownAccount, &["invalid reference: g/l account", "ongeldige referentie: grootboekrekening"]),
    (ErrorCode::UnknownReference, &["invalid reference: ", "ongeldige referentie: "]),
    (ErrorCode::NotASupplier, &["invalid: supplier (type)", "leverancier (type)"]),
    (ErrorCode::NotACustomer, &["invalid: customer (type)", "klant (type)"]),
    (ErrorCode::ContactAccount, &["not found: account (", "niet gevonden: relatie ("]),
    (ErrorCode::WrongJournal, &["invalid: journal (type)", "dagboek (type)"]),
    (ErrorCode::VatCodeNotAllowed, &["not allowed: vat code", "niet toegestaan: btw-code"]),
    (
        ErrorCode::CurrencyNotAllowed,
        &[
            "not allowed: exchange rate",
            "not allowed: currency",
            "niet toegestaan: wisselkoers",
            "niet toegestaan: valuta",
        ],
    ),
    (ErrorCode::VatPercentage, &["invalid: vat percentage", "ongeldig: btw-percentage"]),
    (ErrorCode::CostCentreLink, &["invalid: cost center link", "ongeldig: koppeling kostenplaats"]),
    (ErrorCode::AccountType, &["ongeldig grootboekrekeningtype", "invalid g/l account type"]),
    (ErrorCode::PeriodClosed, &["period is closed", "periode is afgesloten"]),
    (ErrorCode::YearMissing, &["unknown: financial year", "onbekend: boekjaar"]),
    (ErrorCode::OutOfBalance, &["out of balance on", "niet in evenwicht op"]),
    (
        ErrorCode::NumberInUse,
        &[
            "in use: entry number",
            "in use: document number",
            "already exists - entry number",
            "in gebruik: boekstuknummer",
            "in gebruik: documentnummer",
            "bestaat reeds - boekstuknummer",
        ],
    ),
    (ErrorCode::AlreadyProcessed, &["already processed", "reeds verwerkt"]),
    (ErrorCode::WrongDivision, &["wrong division", "verkeerde administratie"]),
    (ErrorCode::DocumentType, &["document type not allowed", "documenttype niet toegestaan"]),
    (ErrorCode::ContactBlocked, &["blocked: account", "geblokkeerd: relatie"]),
];

fn classify(text: &str) -> ErrorCode {
    let text = text.to_lowercase();
    MESSAGES
        .iter()
        .find(|(_, parts)| parts.iter().any(|part| text.contains(part)))
        .map_or(ErrorCode::Refused, |(code, _)| *code)
}

/// What a bookkeeper reads: what happened and what to do. Exact's own words stand beside it.
fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::TokenRefused => "Exact Online did not accept our access. It is renewed by itself.",
        ErrorCode::UserBlocked => {
            "The Exact Online user of this connection is blocked or inactive. Unblock the user in Exact Online, or \
             connect again with another one."
        }
        ErrorCode::CustomerBlocked => "Exact blocked this customer. Contact Exact; posting goes on after that.",
        ErrorCode::LicenceExpired => "The licence of Exact Online has ended. Renew it; posting goes on after that.",
        ErrorCode::DivisionBlocked => "This division is blocked in Exact Online. Unblock it there, then post again.",
        ErrorCode::NoDivisionAccess => {
            "The Exact Online user or our app has no access to this division. Give the user access to the company, and \
             allow the app for it under Manage companies in the app settings; then post again."
        }
        ErrorCode::AppScope => {
            "Our registration with Exact lacks a permission for this. We have to repair that; nothing needs to be done \
             in Exact Online."
        }
        ErrorCode::UserRights => {
            "The Exact Online user of this connection may not do this. Give the user the rights for entries and \
             documents in this company, then post again."
        }
        ErrorCode::NotFound => {
            "Something that the booking refers to is no longer in Exact Online. Refresh the lists of this connection \
             and post again."
        }
        ErrorCode::FileTooLarge => {
            "A file of this document is larger than the 10 MB that Exact Online takes. Choose other files to attach in \
             the connection, or post the document with a smaller file."
        }
        ErrorCode::MandatoryField => {
            "Exact Online misses a mandatory field. Its own words say which one; complete the document or the settings \
             of the connection and post again."
        }
        ErrorCode::PaymentConditionMissing => {
            "Exact Online needs a due date or a payment condition. Enter a due date, or set a payment condition for the \
             relation in Exact Online or in the connection, and post again."
        }
        ErrorCode::UnknownVatCode => {
            "The VAT code of the posting template does not exist in this division. Choose another one in the template \
             and post again."
        }
        ErrorCode::UnknownAccount => {
            "A ledger account of the posting template does not exist in this division, or is blocked. Choose another \
             one in the template and post again."
        }
        ErrorCode::UnknownReference => {
            "Something that the booking names does not exist in this division: Exact's own words say what. Correct the \
             posting template or the settings of the connection and post again."
        }
        ErrorCode::NotASupplier => {
            "The relation is not a supplier in Exact Online. Make it one there, then post again."
        }
        ErrorCode::NotACustomer => {
            "The relation is not a customer in Exact Online. Make it one there, then post again."
        }
        ErrorCode::ContactBlocked => "The relation is blocked in Exact Online. Unblock it there, then post again.",
        ErrorCode::ContactAccount => {
            "The relation cannot be booked on its payable or receivable account. Check the accounts of the relation in \
             Exact Online, then post again."
        }
        ErrorCode::WrongJournal => {
            "The journal of the connection is of another kind. Choose a purchase or sales journal in the connection and \
             post again."
        }
        ErrorCode::VatCodeNotAllowed => {
            "The journal or the ledger account does not take this VAT code. Choose another VAT code in the posting \
             template and post again."
        }
        ErrorCode::CurrencyNotAllowed => {
            "The journal does not take this currency. Allow other currencies for the journal in Exact Online, or choose \
             another journal in the connection, and post again."
        }
        ErrorCode::VatPercentage => {
            "The VAT code has no percentage for this date. Choose another VAT code in the posting template and post \
             again."
        }
        ErrorCode::CostCentreLink => {
            "The cost centre does not belong to the ledger account. Choose another one in the posting template and post \
             again."
        }
        ErrorCode::AccountType => {
            "A ledger account of the posting template cannot be used for this. Choose another one in the template and \
             post again."
        }
        ErrorCode::PeriodClosed => {
            "The period is closed in Exact Online. Open it there and post again, or choose a booking date in the first \
             open period."
        }
        ErrorCode::YearMissing => {
            "The financial year of the invoice date does not exist in Exact Online. Make it there and post again."
        }
        ErrorCode::OutOfBalance => {
            "The booking does not balance in Exact Online. Set an account for rounding differences there, or check the \
             VAT code of the posting template, and post again."
        }
        ErrorCode::NumberInUse => {
            "The number of this booking is already used in Exact Online. Look whether the document was booked before; \
             if not, let Exact number the entries in the settings of the connection and post again."
        }
        ErrorCode::AlreadyProcessed => {
            "Exact Online has already processed this. Look there whether the document is booked."
        }
        ErrorCode::WrongDivision => {
            "Exact Online answered for another division. Choose the division of the administration again in the \
             connection."
        }
        ErrorCode::DocumentType => {
            "The Exact Online user of this connection may not make documents of this type. Give the user the right and \
             post again."
        }
        ErrorCode::BadRequest => {
            "Exact Online did not understand our request. We have to repair that; the document can be booked by hand."
        }
        ErrorCode::TokenTooEarly => {
            "A new access to Exact Online was asked for too early. It is tried again by itself."
        }
        ErrorCode::ReconnectNeeded => {
            "The connection with Exact Online has ended. A person with access to Exact Online must connect again; \
             documents wait until then."
        }
        ErrorCode::ConsentRefused => {
            "Exact Online did not accept the consent: it was used before or is too old. Connect again."
        }
        ErrorCode::AppRefused => {
            "Exact Online does not know our registration or its secret. We have to repair that; documents wait."
        }
        ErrorCode::Refused
        | ErrorCode::RateLimited
        | ErrorCode::ErrorBudget
        | ErrorCode::OutOfTime
        | ErrorCode::Unavailable
        | ErrorCode::TimedOut
        | ErrorCode::Unreachable
        | ErrorCode::MalformedAnswer
        | ErrorCode::Duplicate
        | ErrorCode::Mismatch
        | ErrorCode::ContactMissing
        | ErrorCode::ContactAmbiguous
        | ErrorCode::ContactUnidentified
        | ErrorCode::Option
        | ErrorCode::Held
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
            "Exact Online refused the booking. Its own words say why; correct the document and post again, or book it \
             by hand."
        }
    }
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenError {
    error: String,
    error_description: String,
}

/// An answer of the token endpoint that is not success, 429 apart.
pub(super) fn token_refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    let Purpose { operation, effect, .. } = purpose;
    let TokenError { error, error_description } = serde_json::from_slice(&answer.body).unwrap_or_default();
    let description = error_description.to_lowercase();
    let early = answer.header("Reason").is_some_and(|reason| reason.starts_with("TooEarly"))
        || description.contains("access_token not expired");
    let (kind, code) = match (answer.status, error.as_str()) {
        (400, _) if early => (ErrorKind::Retryable { after: None }, ErrorCode::TokenTooEarly),
        (400 | 401, _) if operation == Operation::ExchangeCode && error != "invalid_client" => {
            (ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused)
        }
        (400 | 401, "invalid_client") => (ErrorKind::Rejected, ErrorCode::AppRefused),
        (401, "unauthorized_client") if !description.contains("refresh token") => {
            (ErrorKind::Rejected, ErrorCode::AppRefused)
        }
        (400 | 401, _) => (ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded),
        (403, _) => return forbidden(operation, answer),
        (300..=399 | 408 | 500.., _) => return outage(operation, effect),
        _ => (ErrorKind::Bug, ErrorCode::BadRequest),
    };
    LedgerError::new(kind, code, operation, sentence(code)).with_ledger_text(&error_description)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::{HeaderMap, HeaderValue};

    const READ: Purpose = Purpose { operation: Operation::FindBooking, effect: Effect::Reads, resource: "entries" };
    const WRITE: Purpose = Purpose { operation: Operation::CreateBooking, effect: Effect::Writes, resource: "entries" };
    const TOKEN: Purpose = Purpose { operation: Operation::RefreshToken, effect: Effect::Writes, resource: "token" };
    const CODE: Purpose = Purpose { operation: Operation::ExchangeCode, effect: Effect::Writes, resource: "token" };

    fn answer(status: u16, body: &str) -> Answer {
        Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    fn with_reason(status: u16, body: &str, reason: &'static str) -> Answer {
        let headers = HeaderMap::from_iter([("reason".parse().unwrap(), HeaderValue::from_static(reason))]);
        Answer { headers, ..answer(status, body) }
    }

    /// A refusal as the API words it.
    fn verbose(text: &str) -> String {
        serde_json::json!({"error": {"code": "", "message": {"lang": "", "value": text}}}).to_string()
    }

    #[test]
    fn every_known_message_has_its_code_in_both_languages() {
        for (text, code) in [
            ("Mandatory: Journal", ErrorCode::MandatoryField),
            ("Mandatory: Diary", ErrorCode::MandatoryField),
            ("Mandatory: Account", ErrorCode::MandatoryField),
            ("Mandatory: Relationship", ErrorCode::MandatoryField),
            ("Verplicht: Dagboek", ErrorCode::MandatoryField),
            ("Verplicht: Relatie", ErrorCode::MandatoryField),
            ("Mandatory: Payment condition", ErrorCode::PaymentConditionMissing),
            ("Mandatory: Due date", ErrorCode::PaymentConditionMissing),
            ("Verplicht: Betalingsconditie", ErrorCode::PaymentConditionMissing),
            ("Verplicht: Vervaldatum", ErrorCode::PaymentConditionMissing),
            ("Mandatory: Journal\nMandatory: Due date", ErrorCode::PaymentConditionMissing),
            ("Invalid reference: VAT code", ErrorCode::UnknownVatCode),
            ("Ongeldige referentie: Btw-code", ErrorCode::UnknownVatCode),
            ("Invalid reference: G/L Account", ErrorCode::UnknownAccount),
            ("Ongeldige referentie: Grootboekrekening", ErrorCode::UnknownAccount),
            ("Invalid reference: Cost unit", ErrorCode::UnknownReference),
            ("Ongeldige referentie: Kostendrager", ErrorCode::UnknownReference),
            ("Invalid: Supplier (Type)", ErrorCode::NotASupplier),
            ("Leverancier (type)", ErrorCode::NotASupplier),
            ("Invalid: Customer (Type)", ErrorCode::NotACustomer),
            ("Ongeldig: Klant (Type)", ErrorCode::NotACustomer),
            ("Not found: Account (1001 - Paper Co) - G/L Account: 4600", ErrorCode::ContactAccount),
            ("Niet gevonden: Relatie (1001 - Paper Co) - Grootboekrekening: 4600", ErrorCode::ContactAccount),
            ("Blocked: Account", ErrorCode::ContactBlocked),
            ("Geblokkeerd: Relatie", ErrorCode::ContactBlocked),
            ("Invalid: Journal (type)", ErrorCode::WrongJournal),
            ("Ongeldig: Dagboek (type)", ErrorCode::WrongJournal),
            ("Not allowed: VAT code", ErrorCode::VatCodeNotAllowed),
            ("Niet toegestaan: Btw-code", ErrorCode::VatCodeNotAllowed),
            ("Not allowed: Exchange rate", ErrorCode::CurrencyNotAllowed),
            ("Niet toegestaan: Wisselkoers", ErrorCode::CurrencyNotAllowed),
            ("Invalid: VAT percentage []", ErrorCode::VatPercentage),
            ("Invalid: Cost center link", ErrorCode::CostCentreLink),
            ("Ongeldig grootboekrekeningtype", ErrorCode::AccountType),
            ("Period is closed", ErrorCode::PeriodClosed),
            ("Periode is afgesloten: 2026 - 4", ErrorCode::PeriodClosed),
            ("Unknown: Financial year (Period-date table)", ErrorCode::YearMissing),
            (
                "Entry 26600042 out of balance on: 2026 / 4 (Type: Purchase entry) - Difference: EUR -0,01",
                ErrorCode::OutOfBalance,
            ),
            ("De boeking is niet in evenwicht op: 2026 / 4 - Verschil: EUR -0,01", ErrorCode::OutOfBalance),
            ("In use: Entry number", ErrorCode::NumberInUse),
            ("Already exists - Entry number: 123, Journal: 700", ErrorCode::NumberInUse),
            ("In use: Document number", ErrorCode::NumberInUse),
            ("In gebruik: Boekstuknummer", ErrorCode::NumberInUse),
            ("Reeds verwerkt", ErrorCode::AlreadyProcessed),
            ("Wrong Division", ErrorCode::WrongDivision),
            ("Document Type not allowed", ErrorCode::DocumentType),
            ("Something that nobody has seen before", ErrorCode::Refused),
        ] {
            let error = refusal(WRITE, &answer(500, &verbose(text)));
            assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, code), "{text}");
            assert_eq!(error.ledger_text(), Some(text));
        }
    }

    #[test]
    fn a_500_without_a_message_is_an_outage_of_unknown_outcome() {
        let null_reference = verbose("Object reference not set to an instance of an object.");
        for body in
            ["", "<!DOCTYPE html><html><title>Runtime Error</title></html>", "{}", &verbose(" "), &null_reference]
        {
            let error = refusal(WRITE, &answer(500, body));
            assert_eq!((error.kind(), error.code()), (ErrorKind::Unknown, ErrorCode::Unavailable), "{body}");
            assert_eq!(refusal(READ, &answer(500, body)).kind(), ErrorKind::Retryable { after: None }, "{body}");
        }
    }

    #[test]
    fn what_a_status_means() {
        for (status, write, code) in [
            (401, ErrorKind::Unauthorised, ErrorCode::TokenRefused),
            (400, ErrorKind::Bug, ErrorCode::BadRequest),
            (403, ErrorKind::Rejected, ErrorCode::UserRights),
            (404, ErrorKind::Rejected, ErrorCode::NotFound),
            (405, ErrorKind::Bug, ErrorCode::BadRequest),
            (408, ErrorKind::Unknown, ErrorCode::Unavailable),
            (413, ErrorKind::Rejected, ErrorCode::FileTooLarge),
            (302, ErrorKind::Unknown, ErrorCode::Unavailable),
            (502, ErrorKind::Unknown, ErrorCode::Unavailable),
            (503, ErrorKind::Unknown, ErrorCode::Unavailable),
            (504, ErrorKind::Unknown, ErrorCode::Unavailable),
            (507, ErrorKind::Unknown, ErrorCode::Unavailable),
        ] {
            let error = refusal(WRITE, &answer(status, "Service Unavailable"));
            assert_eq!((error.kind(), error.code()), (write, code), "{status}");
        }
        let moved = "<html><head><title>Object moved</title></head></html>";
        assert_eq!(refusal(READ, &answer(302, moved)).kind(), ErrorKind::Unauthorised);
        let filter = "This endpoint has mandatory filtering applied. Filter on ID";
        assert_eq!(refusal(READ, &answer(400, &verbose(filter))).ledger_text(), Some(filter));
    }

    #[test]
    fn a_403_says_which_layer() {
        let scope = "Forbidden - Application Scope Violated. Cannot read 'organization.administration' scope.";
        for (answer, code) in [
            (with_reason(403, "", "BlockedUser"), ErrorCode::UserBlocked),
            (with_reason(403, "", "InactiveUser"), ErrorCode::UserBlocked),
            (with_reason(403, "", "BlockedCustomer"), ErrorCode::CustomerBlocked),
            (with_reason(403, "", "LicenseExpired"), ErrorCode::LicenceExpired),
            (with_reason(403, "", "DivisionBlocked"), ErrorCode::DivisionBlocked),
            (with_reason(403, "", "NoDivisionAccess"), ErrorCode::NoDivisionAccess),
            (answer(403, scope), ErrorCode::AppScope),
            (answer(403, &verbose(scope)), ErrorCode::AppScope),
            (answer(403, ""), ErrorCode::UserRights),
        ] {
            assert_eq!(refusal(WRITE, &answer).code(), code);
        }
    }

    #[test]
    fn the_token_endpoint_has_its_own_words() {
        let early = r#"{"error":"access_denied","error_description":"Rate limit exceeded: access_token not expired"}"#;
        let old = r#"{"error":"unauthorized_client","error_description":"Old refresh token used."}"#;
        let retry = ErrorKind::Retryable { after: None };
        for (purpose, answer, kind, code) in [
            (TOKEN, answer(400, early), retry, ErrorCode::TokenTooEarly),
            (TOKEN, with_reason(400, "", "TooEarlyToRefreshTokens: 12"), retry, ErrorCode::TokenTooEarly),
            (TOKEN, answer(401, old), ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded),
            (
                TOKEN,
                answer(400, r#"{"error":"invalid_grant"}"#),
                ErrorKind::ReconnectNeeded,
                ErrorCode::ReconnectNeeded,
            ),
            (TOKEN, answer(401, r#"{"error":"invalid_client"}"#), ErrorKind::Rejected, ErrorCode::AppRefused),
            (CODE, answer(400, r#"{"error":"invalid_grant"}"#), ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused),
            (TOKEN, answer(503, "<html>"), ErrorKind::Unknown, ErrorCode::Unavailable),
            (TOKEN, with_reason(403, "", "BlockedUser"), ErrorKind::Rejected, ErrorCode::UserBlocked),
        ] {
            let error = token_refusal(purpose, &answer);
            assert_eq!((error.kind(), error.code()), (kind, code), "{answer:?}");
        }
    }

    #[test]
    fn every_sentence_says_something() {
        for code in ErrorCode::ALL {
            let sentence = sentence(*code);
            assert!(sentence.len() > 40 && sentence.ends_with('.') && !sentence.contains("  "), "{code:?}: {sentence}");
        }
    }
}
