use super::*;
use crate::error::Operation;
use reqwest::header::HeaderMap;

fn said(body: &str, effect: Effect) -> Result<Loose, LedgerError> {
    let operation = if effect == Effect::Writes { Operation::CreateBooking } else { Operation::FindBooking };
    let answer = Answer { status: 200, headers: HeaderMap::new(), body: body.as_bytes().to_vec() };
    opened(Purpose { operation, effect, resource: "fakturakraj" }, &answer)
}

#[test]
fn every_number_has_a_kind_and_a_code() {
    for (number, text, kind, code) in [
        (100, "Błąd", ErrorKind::Unknown, ErrorCode::Unavailable),
        (101, "", ErrorKind::Bug, ErrorCode::BadRequest),
        (102, "", ErrorKind::Bug, ErrorCode::BadRequest),
        (200, "Niepoprawna zawartość żądania", ErrorKind::Rejected, ErrorCode::BadRequest),
        (
            201,
            "Data sprzedaży musi być zgodna z miesiącem i rokiem księgowym",
            ErrorKind::Rejected,
            ErrorCode::PeriodClosed,
        ),
        (
            201,
            "Data wystawienia faktury nie może być wcześniejsza niż data wystawienia poprzedniej faktury w serii",
            ErrorKind::Rejected,
            ErrorCode::Chronology,
        ),
        (201, "Faktura o numerze 7/2026 już istnieje", ErrorKind::Rejected, ErrorCode::NumberInUse),
        (201, "Nie znaleziono serii numeracji Sklep", ErrorKind::Rejected, ErrorCode::UnknownReference),
        (201, "Podany numer NIP jest nieprawidłowy", ErrorKind::Rejected, ErrorCode::CustomerRefused),
        (201, "Pole Podstawa prawna jest wymagane.", ErrorKind::Rejected, ErrorCode::MandatoryField),
        (201, "Przekroczono limit dokumentów", ErrorKind::Rejected, ErrorCode::QuotaUsedUp),
        (500, "Przekroczono limit dokumentów", ErrorKind::Rejected, ErrorCode::QuotaUsedUp),
        (201, "Konto nie ma integracji z KSeF", ErrorKind::Rejected, ErrorCode::LedgerSetting),
        (201, "Coś innego", ErrorKind::Rejected, ErrorCode::Refused),
        (202, "", ErrorKind::Rejected, ErrorCode::LedgerSetting),
        (208, "", ErrorKind::Rejected, ErrorCode::CustomerRefused),
        (400, "", ErrorKind::Bug, ErrorCode::BadRequest),
        (401, "", ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded),
        (402, "", ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded),
        (403, "", ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded),
        (499, "", ErrorKind::Rejected, ErrorCode::UserRights),
        (500, "", ErrorKind::Rejected, ErrorCode::UserRights),
    ] {
        let body = format!(r#"{{"response":{{"Kod":{number},"Informacja":"{text}"}}}}"#);
        let error = said(&body, Effect::Writes).unwrap_err();
        assert_eq!((error.kind(), error.code()), (kind, code), "{number} {text}");
        assert!(error.ledger_text().is_some_and(|words| words.contains(text)));
    }
}

#[test]
fn an_answer_without_a_number_is_good_only_when_it_is_read() {
    let body = r#"{"response":{"PelnyNumer":"7/2026"}}"#;
    assert!(said(body, Effect::Reads).is_ok());
    let error = said(body, Effect::Writes).unwrap_err();
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unknown, ErrorCode::MalformedAnswer));
    for body in ["", "{}", "<html>", r#"{"response":[]}"#] {
        assert_eq!(said(body, Effect::Writes).unwrap_err().kind(), ErrorKind::Unknown, "{body}");
    }
}
