use super::*;
use crate::error::Operation;

fn said(body: &str, effect: Effect) -> LedgerError {
    let operation = if effect == Effect::Writes { Operation::CreateBooking } else { Operation::FindBooking };
    check(Purpose { operation, effect, resource: "invoices" }, &Loose::read(body.as_bytes()).unwrap()).unwrap_err()
}

/// Error catalogue of the connector, and what else the status may be.
#[test]
fn every_status_has_a_kind_and_a_code() {
    let later = |after| ErrorKind::Retryable { after: Some(after) };
    for (status, kind, code) in [
        ("AUTH", ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded),
        ("AUTH FAILED LIMIT WAIT 5 MINUTES", later(LOCKED), ErrorCode::RateLimited),
        ("ACCESS DENIED", ErrorKind::Rejected, ErrorCode::UserRights),
        ("COMPANY ID REQUIRED", ErrorKind::Rejected, ErrorCode::WrongDivision),
        ("company_id_required ", ErrorKind::Rejected, ErrorCode::WrongDivision),
        ("INPUT ERROR", ErrorKind::Rejected, ErrorCode::CustomerRefused),
        ("TOTAL REQUESTS LIMIT EXCEEDED", later(PAUSE), ErrorCode::RateLimited),
        ("TOTAL EXECUTION TIME LIMIT EXCEEDED", ErrorKind::Unknown, ErrorCode::Unavailable),
        ("FATAL", ErrorKind::Unknown, ErrorCode::Unavailable),
        ("OUT OF SERVICE", later(REPAIR), ErrorCode::Unavailable),
        ("SNAPSHOT LOCK", later(RESTORE), ErrorCode::DivisionBlocked),
        ("NOT FOUND", ErrorKind::Rejected, ErrorCode::NotFound),
        ("Obiekt nie istnieje", ErrorKind::Rejected, ErrorCode::NotFound),
        ("ACTION NOT FOUND", ErrorKind::Bug, ErrorCode::BadRequest),
        ("SOMETHING ELSE", ErrorKind::Rejected, ErrorCode::Refused),
    ] {
        let error = said(&format!(r#"{{"status":{{"code":"{status}"}}}}"#), Effect::Writes);
        assert_eq!((error.kind(), error.code()), (kind, code), "{status}");
        assert_eq!(error.ledger_text(), Some(status.trim()));
    }
    let read = said(r#"{"status":{"code":"FATAL"}}"#, Effect::Reads);
    assert_eq!(read.kind(), ErrorKind::Retryable { after: None }, "nothing happened");
    let silent = said("{}", Effect::Writes);
    assert_eq!((silent.kind(), silent.code()), (ErrorKind::Unknown, ErrorCode::MalformedAnswer));
}

#[test]
fn a_broken_rule_is_told_with_its_field_wherever_it_stands() {
    let invoice = |inner: &str| {
        let body = format!(r#"{{"invoices":{{"0":{{"invoice":{inner}}}}},"status":{{"code":"ERROR"}}}}"#);
        let error = said(&body, Effect::Writes);
        (error.code(), error.ledger_text().unwrap_or_default().to_owned())
    };
    let error = |field: &str, message: &str| {
        format!(r#""errors":{{"0":{{"error":{{"field":"{field}","message":"{message}"}}}}}}"#)
    };
    for (field, message, code) in [
        ("date", "Operacja naruszyłaby chronologię i poprawność numeracji", ErrorCode::Chronology),
        ("number", "Faktura o numerze FV 7/2026 już istnieje", ErrorCode::NumberInUse),
        ("number", "kontrola numeracji jest włączona", ErrorCode::LedgerSetting),
        ("date", "okres jest zamknięty", ErrorCode::PeriodClosed),
        ("type", "Twój pakiet jest nieaktywny", ErrorCode::LicenceExpired),
        ("type", "nieprawidłowa wartość", ErrorCode::DocumentType),
        ("series", "nie znaleziono serii numeracji", ErrorCode::UnknownReference),
        ("date", "zły format", ErrorCode::Refused),
    ] {
        assert_eq!(invoice(&format!("{{{}}}", error(field, message))), (code, format!("{field}: {message}")));
    }
    let buyer = format!(r#"{{"contractor":{{{}}}}}"#, error("nip", "nieprawidłowy numer NIP"));
    assert_eq!(invoice(&buyer), (ErrorCode::CustomerRefused, "contractor.nip: nieprawidłowy numer NIP".to_owned()));
    let line = format!(r#"{{"invoicecontents":{{"0":{{"invoicecontent":{{{}}}}}}}}}"#, error("vat", "puste pole"));
    assert_eq!(invoice(&line), (ErrorCode::UnknownVatCode, "invoicecontent.vat: puste pole".to_owned()));
}
