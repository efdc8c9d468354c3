use super::*;
use reqwest::header::HeaderMap;

const NAME: &str = "Boekhoud Gemak";
const WRITE: Purpose =
    Purpose { operation: Operation::CreateBooking, effect: Effect::Writes, resource: "SupplierInvoice" };
const READ: Purpose = Purpose { operation: Operation::ReadCodes, effect: Effect::Reads, resource: "PeriodInfoList" };
const TOKEN: Purpose = Purpose { operation: Operation::RefreshToken, effect: Effect::Writes, resource: "OAuth/Token" };
const CODE: Purpose = Purpose { operation: Operation::ExchangeCode, ..TOKEN };

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
}

fn messages(path: &str) -> String {
    format!(r#"{{"messages":[{{"exceptionId":"E7","message":"Onjuist","messageType":"Error","path":"{path}"}}]}}"#)
}

#[test]
fn the_field_that_a_message_is_about_tells_what_is_wrong() {
    for (path, code) in [
        ("journalId", ErrorCode::WrongJournal),
        ("SupplierId", ErrorCode::ContactMissing),
        ("customerId", ErrorCode::ContactMissing),
        ("fiscalYear", ErrorCode::YearMissing),
        ("periodNumber", ErrorCode::PeriodClosed),
        ("supplierInvoiceLines[0].accountId", ErrorCode::UnknownAccount),
        ("supplierInvoiceLines[1].vatCodeId", ErrorCode::UnknownVatCode),
        ("customerInvoiceLines[0].costCentreId", ErrorCode::UnknownReference),
        ("paymentConditionId", ErrorCode::PaymentConditionMissing),
        ("exchangeRate", ErrorCode::CurrencyNotAllowed),
        ("vatScenarioId", ErrorCode::VatCodeNotAllowed),
        ("reference", ErrorCode::NumberInUse),
        ("amountTotal", ErrorCode::OutOfBalance),
        ("vatAmount", ErrorCode::VatPercentage),
        ("documentLink.documentLink", ErrorCode::DocumentType),
        ("documentLink", ErrorCode::DocumentType),
        ("somethingElse", ErrorCode::Refused),
        ("", ErrorCode::Refused),
    ] {
        // 500 and even success may say what is wrong.
        for status in [400, 409, 412, 500, 200] {
            let error = refusal(NAME, WRITE, &answer(status, &messages(path)));
            assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, code), "{path} {status}");
            assert_eq!(error.ledger_text(), Some("E7: Onjuist"));
            assert!(error.message().contains(NAME) && error.message().len() > 40, "{}", error.message());
        }
    }
}

#[test]
fn what_a_status_means() {
    for (status, body, write, code) in [
        (
            401,
            r#"{"Message":"Authorization has been denied for this request."}"#,
            ErrorKind::Unauthorised,
            ErrorCode::TokenRefused,
        ),
        (403, "", ErrorKind::Rejected, ErrorCode::UserRights),
        (404, "", ErrorKind::Rejected, ErrorCode::NotFound),
        (406, "", ErrorKind::Bug, ErrorCode::BadRequest),
        (409, "Conflict", ErrorKind::Rejected, ErrorCode::Refused),
        (500, "<html>Runtime Error</html>", ErrorKind::Unknown, ErrorCode::Unavailable),
        (500, r#"{"messages":[]}"#, ErrorKind::Unknown, ErrorCode::Unavailable),
        (502, "", ErrorKind::Unknown, ErrorCode::Unavailable),
        (503, "", ErrorKind::Unknown, ErrorCode::Unavailable),
        (504, "", ErrorKind::Unknown, ErrorCode::Unavailable),
    ] {
        let error = refusal(NAME, WRITE, &answer(status, body));
        assert_eq!((error.kind(), error.code()), (write, code), "{status}");
        assert!(!error.ledger_text().unwrap_or_default().contains('<'));
    }
    assert_eq!(refusal(NAME, READ, &answer(404, "")).code(), ErrorCode::WrongDivision);
    assert_eq!(refusal(NAME, READ, &answer(503, "")).kind(), ErrorKind::Retryable { after: None });
    let denied = refusal(NAME, READ, &answer(403, r#"{"Message":"Geen recht"}"#));
    assert_eq!(denied.ledger_text(), Some("Geen recht"));
}

#[test]
fn warnings_alone_refuse_nothing() {
    let warned = r#"{"invoiceId":"1","messages":[{"message":"Let op","messageType":"Warning","path":"vatAmount"}]}"#;
    assert_eq!(said(&answer(200, warned)), None);
    assert_eq!(said(&answer(200, r#"{"invoiceId":"1","messages":[]}"#)), None);
}

#[test]
fn the_token_endpoint_has_its_own_words() {
    for (purpose, status, body, kind, code) in [
        (TOKEN, 400, r#"{"error":"invalid_grant"}"#, ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded),
        (CODE, 400, r#"{"error":"invalid_grant"}"#, ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused),
        (TOKEN, 400, r#"{"error":"invalid_client"}"#, ErrorKind::Rejected, ErrorCode::AppRefused),
        (TOKEN, 401, "", ErrorKind::Rejected, ErrorCode::AppRefused),
        (TOKEN, 400, r#"{"error":"invalid_request"}"#, ErrorKind::Bug, ErrorCode::BadRequest),
        (TOKEN, 503, "<html>", ErrorKind::Unknown, ErrorCode::Unavailable),
    ] {
        let error = token_refusal(NAME, purpose, &answer(status, body));
        assert_eq!((error.kind(), error.code()), (kind, code), "{status} {body}");
    }
}
