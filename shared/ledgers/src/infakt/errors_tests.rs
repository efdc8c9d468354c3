use super::*;
use reqwest::header::HeaderMap;

fn refused(operation: Operation, resource: &'static str, status: u16, body: &str) -> LedgerError {
    let effect = if operation == Operation::CreateBooking { Effect::Writes } else { Effect::Reads };
    let answer = Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() };
    refusal(Purpose { operation, effect, resource }, &answer)
}

#[test]
fn each_status_has_its_meaning() {
    use ErrorCode as E;
    let create = Operation::CreateBooking;
    for (status, body, kind, code) in [
        (401, r#"{"error":"Nieprawidłowy klucz API"}"#, ErrorKind::ReconnectNeeded, E::ReconnectNeeded),
        (402, r#"{"error":"plan"}"#, ErrorKind::Rejected, E::LicenceExpired),
        (403, r#"{"error":"Brak uprawnień do zasobu"}"#, ErrorKind::Rejected, E::UserRights),
        (400, "", ErrorKind::Bug, E::BadRequest),
        (406, "", ErrorKind::Bug, E::BadRequest),
        (410, "", ErrorKind::Bug, E::BadRequest),
        (423, "", ErrorKind::Retryable { after: Some(LOCKED) }, E::InProgress),
        (500, "<html>", ErrorKind::Unknown, E::Unavailable),
        (502, "", ErrorKind::Unknown, E::Unavailable),
        (503, "", ErrorKind::Unknown, E::Unavailable),
        (503, "Przerwa techniczna", ErrorKind::Retryable { after: None }, E::Unavailable),
    ] {
        let error = refused(create, TASKS, status, body);
        assert_eq!((error.kind(), error.code()), (kind, code), "{status} {body}");
    }
    let read = refused(Operation::Fetch, super::super::INVOICES, 503, "");
    assert_eq!(read.kind(), ErrorKind::Retryable { after: None }, "a read did nothing");
    assert_eq!(refused(Operation::Fetch, SHARES, 403, "").code(), E::Unsupported);
    assert_eq!(refused(Operation::ReadCodes, super::super::INVOICES, 404, "").code(), E::UnknownReference);
    assert_eq!(refused(create, TASKS, 404, "").code(), E::NotFound);
}

#[test]
fn fields_say_what_is_wrong_and_the_first_cause_leads() {
    use ErrorCode as E;
    for (fields, code, about) in [
        (r#"{"number":["duplicated_number"]}"#, E::NumberInUse, "number"),
        (
            r#"{"services.gross_price":["nie może być puste"],"services.tax_symbol":["nie może być puste"]}"#,
            E::UnknownVatCode,
            "services.tax_symbol",
        ),
        (r#"{"bank_account":["nie może być puste"]}"#, E::SellerIncomplete, "bank_account"),
        (r#"{"client_tax_code":["nie jest prawidłowym numerem NIP"]}"#, E::CustomerRefused, "client_tax_code"),
        (r#"{"send_to_ksef":["integracja z KSeF nie jest aktywna"]}"#, E::Option, "send_to_ksef"),
        (r#"{"vat_exemption_reason":["nie może być puste"]}"#, E::MandatoryField, "vat_exemption_reason"),
        (r#"{"paid_date":["nie może być wcześniejsza niż data wystawienia"]}"#, E::Refused, "paid_date"),
        (r#"{"corrected_invoice_uuid":["nie istnieje"]}"#, E::UnknownReference, "corrected_invoice_uuid"),
        (r#"{"whatever":["?"]}"#, E::Refused, "whatever"),
    ] {
        let error = refused(Operation::CreateBooking, TASKS, 422, &format!(r#"{{"errors":{fields}}}"#));
        assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, code), "{fields}");
        let words = error.ledger_text().unwrap();
        assert!(words.starts_with(&format!("{about}: ")), "{words}");
    }
    assert!(number_in_use().message().contains("duplicated_number"));
    let bare = refused(Operation::CreateBooking, TASKS, 422, r#"{"error":"coś innego"}"#);
    assert_eq!((bare.code(), bare.ledger_text()), (E::Refused, Some("coś innego")));
}
