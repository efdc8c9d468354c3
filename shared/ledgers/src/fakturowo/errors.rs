//! What Fakturowo's refusals mean. There are no codes, only sentences in Polish, which are told by their words.

use super::{NAME, api};
use crate::{
    call::{Answer, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use std::time::Duration;

/// Until a request of ours that is still open there is over.
const OPEN: Duration = Duration::from_mins(2);

/// Words of sentences, without Polish letters, and what they mean: the first that fits. All words of a group must be there.
const MEANINGS: &[(&[&str], ErrorCode)] = &[
    (&["poprzedni", "zakonczon"], ErrorCode::RateLimited),
    (&["juz istnieje"], ErrorCode::NumberInUse),
    (&["numer", "zajety"], ErrorCode::NumberInUse),
    (&["numer", "uzyty"], ErrorCode::NumberInUse),
    (&["pakiet"], ErrorCode::LicenceExpired),
    (&["abonament"], ErrorCode::LicenceExpired),
    (&["limit"], ErrorCode::QuotaUsedUp),
    (&["bankow"], ErrorCode::LedgerSetting),
    (&["klucz"], ErrorCode::ReconnectNeeded),
    (&["api_id"], ErrorCode::ReconnectNeeded),
    (&["konto"], ErrorCode::ReconnectNeeded),
    (&["konta"], ErrorCode::ReconnectNeeded),
    (&["zadani"], ErrorCode::BadRequest),
    (&["podstaw", "zwoln"], ErrorCode::MandatoryField),
    (&["stawk", "vat"], ErrorCode::UnknownVatCode),
    (&["walut"], ErrorCode::CurrencyNotAllowed),
    (&["form", "platnosci"], ErrorCode::UnknownReference),
    (&["nip"], ErrorCode::CustomerRefused),
    (&["nabywc"], ErrorCode::CustomerRefused),
    (&["rodzaj dokumentu"], ErrorCode::DocumentType),
    (&["nie znaleziono"], ErrorCode::NotFound),
];

/// A sentence in small letters, each Polish one as its Latin neighbour: Fakturowo writes both.
fn folded(text: &str) -> String {
    let fold = |c: char| match c {
        'ą' => 'a',
        'ć' => 'c',
        'ę' => 'e',
        'ł' => 'l',
        'ń' => 'n',
        'ó' => 'o',
        'ś' => 's',
        'ź' | 'ż' => 'z',
        other => other,
    };
    text.to_lowercase().chars().map(fold).collect()
}

/// What a sentence means.
pub(super) fn refused(purpose: Purpose, text: &str) -> LedgerError {
    let folded = folded(text);
    let fits = |(words, _): &&(&[&str], ErrorCode)| words.iter().all(|word| folded.contains(word));
    let code = MEANINGS.iter().find(fits).map_or(ErrorCode::Refused, |(_, code)| *code);
    let kind = match code {
        ErrorCode::ReconnectNeeded => ErrorKind::ReconnectNeeded,
        ErrorCode::RateLimited => ErrorKind::Retryable { after: Some(OPEN) },
        ErrorCode::BadRequest => ErrorKind::Bug,
        _ => ErrorKind::Rejected,
    };
    if code == ErrorCode::Refused {
        // Not the sentence: it may quote what was sent.
        tracing::info!(
            operation = purpose.operation.as_str(),
            characters = text.len(),
            "A sentence of Fakturowo is not known."
        );
    }
    LedgerError::new(kind, code, purpose.operation, sentence(code)).with_ledger_text(text)
}

/// An answer that is not success, 429 apart: something in front of Fakturowo, which itself answers 200 whatever happened.
pub(super) fn refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    match answer.status {
        404 if purpose.resource == api::PDF => gone(),
        404 if matches!(purpose.operation, Operation::Identity | Operation::Directory) => {
            let code = ErrorCode::NoDivisionAccess;
            LedgerError::rejected(code, purpose.operation, sentence(code))
        }
        _ => LedgerError::outage(NAME, purpose.operation, purpose.effect),
    }
}

/// The document is not there.
pub(super) fn gone() -> LedgerError {
    LedgerError::rejected(ErrorCode::NotFound, Operation::Fetch, sentence(ErrorCode::NotFound))
}

/// Another document has this number.
pub(super) fn number_in_use(number: &str) -> LedgerError {
    let code = ErrorCode::NumberInUse;
    LedgerError::rejected(code, Operation::CreateBooking, sentence(code)).about(number)
}

fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::ReconnectNeeded => {
            "Fakturowo does not know the API key of this connection, or it was made anew there. Copy it from the account's page and \
             give it again; documents wait until then."
        }
        ErrorCode::RateLimited => {
            "Fakturowo has not finished an earlier request yet and takes one at a time. It goes on by itself."
        }
        ErrorCode::NumberInUse => {
            "Fakturowo has another document with this number. Look whether it was entered by hand; if so, change its number or let \
             Fakturowo number, and pass the document again."
        }
        ErrorCode::LicenceExpired => {
            "The package of the Fakturowo account does not include this, or has ended. Extend it there; documents wait until then."
        }
        ErrorCode::QuotaUsedUp => {
            "The documents that the Fakturowo account may have are used up. Choose a larger package there; documents wait until \
             then."
        }
        ErrorCode::LedgerSetting => {
            "A setting of the Fakturowo account is missing or wrong. Its own words say which; set it there, and pass the document \
             again."
        }
        ErrorCode::BadRequest => {
            "Fakturowo did not understand our request. We have to repair that; the document can be entered by hand."
        }
        ErrorCode::MandatoryField => {
            "Fakturowo wants to know on what grounds a line is exempt from VAT. Add that to the order, and issue the document again."
        }
        ErrorCode::UnknownVatCode => {
            "Fakturowo does not know the VAT rate of a line. Its own words say more; enter the document there by hand."
        }
        ErrorCode::CurrencyNotAllowed => {
            "Fakturowo does not have the currency of this document. Enter the document there by hand, in another one."
        }
        ErrorCode::UnknownReference => {
            "Fakturowo does not have the way of payment that was named. Choose payment types anew in the settings, from the list, \
             and pass the document again."
        }
        ErrorCode::CustomerRefused => {
            "Fakturowo does not take the buyer as on the order. Its own words say why; correct the order, and issue the document \
             again."
        }
        ErrorCode::DocumentType => "The Fakturowo account does not take this type of document. Enter it there by hand.",
        ErrorCode::NotFound => "Fakturowo does not have this document: it was removed there.",
        ErrorCode::NoDivisionAccess => {
            "There is no API at the address of this connection. Copy the address from the account's page in Fakturowo, and connect \
             again."
        }
        _ => "Fakturowo refused the document. Its own words say why; correct that, and pass the document again.",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Effect;
    use reqwest::header::HeaderMap;

    const WRITES: Purpose =
        Purpose { operation: Operation::CreateBooking, effect: Effect::Writes, resource: api::DOCUMENTS };

    #[test]
    fn a_sentence_is_known_by_its_words() {
        for (text, kind, code) in [
            ("Nieprawidłowy klucz API (api_id)", ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded),
            ("Konto jest nieaktywne", ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded),
            ("Nieprawidlowy NIP nabywcy", ErrorKind::Rejected, ErrorCode::CustomerRefused),
            ("Brak numeru NIP nabywcy. Podaj imię i nazwisko nabywcy", ErrorKind::Rejected, ErrorCode::CustomerRefused),
            ("Dokument o podanym numerze już istnieje", ErrorKind::Rejected, ErrorCode::NumberInUse),
            ("NUMER DOKUMENTU ZAJĘTY", ErrorKind::Rejected, ErrorCode::NumberInUse),
            ("Nieprawidłowa stawka VAT produktu", ErrorKind::Rejected, ErrorCode::UnknownVatCode),
            ("Brak podstawy zwolnienia z VAT", ErrorKind::Rejected, ErrorCode::MandatoryField),
            ("Nieznana waluta", ErrorKind::Rejected, ErrorCode::CurrencyNotAllowed),
            ("Nieznana forma płatności", ErrorKind::Rejected, ErrorCode::UnknownReference),
            ("Nieprawidłowe konto bankowe", ErrorKind::Rejected, ErrorCode::LedgerSetting),
            ("Twój pakiet wygasł", ErrorKind::Rejected, ErrorCode::LicenceExpired),
            ("Przekroczono limit dokumentów", ErrorKind::Rejected, ErrorCode::QuotaUsedUp),
            ("Nieznane zadanie (api_zadanie)", ErrorKind::Bug, ErrorCode::BadRequest),
            (
                "Poprzednie zapytanie nie zostało zakończone",
                ErrorKind::Retryable { after: Some(OPEN) },
                ErrorCode::RateLimited,
            ),
            ("Co innego", ErrorKind::Rejected, ErrorCode::Refused),
        ] {
            let error = refused(WRITES, text);
            assert_eq!((error.kind(), error.code()), (kind, code), "{text}");
            assert_eq!(error.ledger_text(), Some(text));
        }
    }

    #[test]
    fn what_stands_in_front_of_it_says_nothing_of_the_document() {
        let answer = |status| Answer { status, headers: HeaderMap::new(), body: b"<html>".to_vec() };
        for status in [302, 403, 404, 500, 503] {
            assert_eq!(refusal(WRITES, &answer(status)).kind(), ErrorKind::Unknown, "{status}");
        }
        let pdf = Purpose { operation: Operation::Fetch, effect: Effect::Reads, resource: api::PDF };
        assert_eq!(refusal(pdf, &answer(404)).code(), ErrorCode::NotFound);
        let reads = Purpose { operation: Operation::Identity, effect: Effect::Reads, resource: api::LIST };
        assert_eq!(refusal(reads, &answer(404)).code(), ErrorCode::NoDivisionAccess);
    }
}
