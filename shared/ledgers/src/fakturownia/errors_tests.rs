use super::*;
use crate::{call::Effect, fakturownia::INVOICES};
use reqwest::header::HeaderMap;

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
}

fn told(operation: Operation, effect: Effect, status: u16, body: &str) -> LedgerError {
    refusal(Purpose { operation, effect, resource: INVOICES }, &answer(status, body))
}

fn create(status: u16, body: &str) -> LedgerError {
    told(Operation::CreateBooking, Effect::Writes, status, body)
}

#[test]
fn the_field_that_decides_is_told_first() {
    for (message, code, words) in [
        (r#"{"positions.tax":["- x"]}"#, ErrorCode::UnknownVatCode, "positions.tax: x"),
        (r#"{"seller_name":["- nie może być puste"]}"#, ErrorCode::SellerIncomplete, "seller_name: nie może być puste"),
        (r#"{"buyer_email":["- a","- b"]}"#, ErrorCode::CustomerRefused, "buyer_email: a, b"),
        (
            r#"{"buyer_tax_no":["a"],"number":["już istnieje"]}"#,
            ErrorCode::NumberInUse,
            "number: już istnieje; buyer_tax_no: a",
        ),
        (r#"{"number":["a"],"oid":["- już istnieje"]}"#, ErrorCode::AlreadyProcessed, "oid: już istnieje; number: a"),
        (r#"{"base":["poziom zabezpieczeń konta"]}"#, ErrorCode::AccountProtection, "base: poziom zabezpieczeń konta"),
        (r#"{"exempt_tax_kind":["x"]}"#, ErrorCode::MandatoryField, "exempt_tax_kind: x"),
        (r#""Nie można""#, ErrorCode::Refused, "Nie można"),
        (r#"{"issue_date":7}"#, ErrorCode::Refused, "issue_date: 7"),
    ] {
        let error = create(422, &format!(r#"{{"code":"error","message":{message}}}"#));
        assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, code), "{message}");
        assert_eq!(error.ledger_text(), Some(words));
    }
    let error = create(422, r#"{"error":{"oid":"taken"}}"#);
    assert!(names(&error, "oid") && !names(&error, "oi"));
    for body in ["", "<html>", "{}", "[]", "null"] {
        assert_eq!(create(422, body).code(), ErrorCode::Refused, "{body}");
    }
}

#[test]
fn a_status_says_whether_anything_may_have_happened() {
    assert_eq!(create(401, "").kind(), ErrorKind::ReconnectNeeded);
    assert_eq!(create(403, "<html>").code(), ErrorCode::UserRights);
    assert_eq!(create(404, "").code(), ErrorCode::UnknownReference);
    assert_eq!(create(400, "").kind(), ErrorKind::Bug);
    for status in [301, 408, 500, 502, 503, 504] {
        assert_eq!(create(status, "<html>").kind(), ErrorKind::Unknown, "{status}");
        let read = told(Operation::FindBooking, Effect::Reads, status, "");
        assert_eq!(read.kind(), ErrorKind::Retryable { after: None }, "{status}");
    }
    for (operation, code) in [
        (Operation::Fetch, ErrorCode::NotFound),
        (Operation::ReadCodes, ErrorCode::UnknownReference),
        (Operation::FindBooking, ErrorCode::NoDivisionAccess),
        (Operation::Identity, ErrorCode::NoDivisionAccess),
    ] {
        assert_eq!(told(operation, Effect::Reads, 404, r#"{"code":"error","message":"Not found"}"#).code(), code);
    }
}

#[test]
fn success_may_be_a_refusal() {
    let of = |body: &str| dressed(Operation::CreateBooking, &answer(200, body)).map(|error| error.code());
    assert_eq!(of(r#"{"status":"error","message":"x"}"#), Some(ErrorCode::Refused));
    assert_eq!(of(r#"{"code":"error","message":{"number":["x"]}}"#), Some(ErrorCode::NumberInUse));
    for body in ["{}", "", r#"{"status":"issued"}"#, "[]"] {
        assert_eq!(of(body), None, "{body}");
    }
}
