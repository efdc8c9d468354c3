use super::*;
use crate::call::Effect;
use reqwest::header::HeaderMap;

fn refused(status: u16, body: &str, operation: Operation) -> LedgerError {
    let effect = match operation {
        Operation::CreateBooking | Operation::CreateContact => Effect::Writes,
        _ => Effect::Reads,
    };
    let resource = if operation == Operation::ReadCodes { api::NEXT } else { api::TRANSACTIONS };
    let answer = Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() };
    refusal(Purpose { operation, effect, resource }, &answer)
}

/// Error catalogue of the connector: which status goes with a word is not certain.
#[test]
fn every_word_has_a_kind_and_a_code_whatever_its_status() {
    for (word, field, kind, code) in [
        ("entityNotFoundForId", "warehouse", ErrorKind::Rejected, ErrorCode::Option),
        ("entityNotFoundForId", "invoicePatternId", ErrorKind::Rejected, ErrorCode::UnknownReference),
        ("missingPermissionException", "", ErrorKind::Rejected, ErrorCode::UserRights),
        ("shouldModifyStorageState", "", ErrorKind::Rejected, ErrorCode::LedgerSetting),
        ("userNotFound", "", ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded),
        ("noActiveLicence", "", ErrorKind::Rejected, ErrorCode::LicenceExpired),
        ("userLimitExceeded", "", ErrorKind::Rejected, ErrorCode::QuotaUsedUp),
        ("warehouseNotInSingleWarehouseMode", "", ErrorKind::Rejected, ErrorCode::Option),
        ("storeStateCanNotBeNegative", "", ErrorKind::Rejected, ErrorCode::StockTooLow),
        ("transactionNumberAlreadyExists", "transactionNumber", ErrorKind::Rejected, ErrorCode::NumberInUse),
    ] {
        for status in [400, 409, 500] {
            let body =
                format!(r#"{{"errorCode":"{word}","field":"{field}","rejectedValue":"x","additionalInfo":{{}}}}"#);
            let error = refused(status, &body, Operation::CreateBooking);
            let named = word == "entityNotFoundForId" && status == 500;
            if !named {
                assert_eq!((error.kind(), error.code()), (kind, code), "{word} {status}");
                assert!(error.ledger_text().is_none_or(|text| text.starts_with(word)), "{error:?}");
            }
        }
    }
}

#[test]
fn what_is_said_of_a_field_is_told_of_it() {
    for (word, field, code) in [
        ("invalidNipNumber", "nipNumber", ErrorCode::CustomerRefused),
        ("fieldCannotBeEmpty", "customer", ErrorCode::MandatoryField),
        ("invalidValue", "customerAddress.city", ErrorCode::CustomerRefused),
        ("invalidValue", "vatPercent", ErrorCode::UnknownVatCode),
        ("invalidValue", "paymentType", ErrorCode::UnknownReference),
        ("fieldCannotBeEmpty", "exchangeRate", ErrorCode::CurrencyNotAllowed),
        ("fieldCannotBeEmpty", "unitNettoPrice", ErrorCode::MandatoryField),
        ("invalidField", "invoicePatternId", ErrorCode::Refused),
    ] {
        let error = refused(400, &format!(r#"{{"errorCode":"{word}","field":"{field}"}}"#), Operation::CreateBooking);
        assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, code), "{field}");
        assert_eq!((error.named(), error.ledger_text()), (Some(field), Some(format!("{word}: {field}").as_str())));
        assert_eq!(is_unwanted(&error, "invoicePatternId"), word == "invalidField");
    }
    let next = refused(400, r#"{"errorCode":"invalidValue","field":"type"}"#, Operation::ReadCodes);
    assert_eq!(next.code(), ErrorCode::UnknownReference);
}

#[test]
fn what_firmao_offers_instead_goes_along() {
    let body = r#"{"errorCode":"transactionNumberAlreadyExists","additionalInfo":{"suggestedNumber":"2026/03/018"}}"#;
    assert_eq!(refused(400, body, Operation::CreateBooking).named(), Some("2026/03/018"));
    let body = r#"{"errorCode":"duplicateValueFoundException","fieldName":"nipNumber",
                   "duplicateValues":[{"lineNumber":-1,"objectId":51,"value":"5260250274"}]}"#;
    let error = refused(409, body, Operation::CreateContact);
    assert_eq!((error.code(), error.named()), (ErrorCode::ContactAmbiguous, Some("51")));
}

#[test]
fn without_a_word_the_status_decides() {
    for (status, operation, kind, code) in [
        (401, Operation::CreateBooking, ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded),
        (403, Operation::CreateBooking, ErrorKind::Rejected, ErrorCode::UserRights),
        (404, Operation::Identity, ErrorKind::Rejected, ErrorCode::NoDivisionAccess),
        (404, Operation::Fetch, ErrorKind::Rejected, ErrorCode::NotFound),
        (500, Operation::CreateBooking, ErrorKind::Unknown, ErrorCode::Unavailable),
        (502, Operation::FindBooking, ErrorKind::Retryable { after: None }, ErrorCode::Unavailable),
        (400, Operation::CreateBooking, ErrorKind::Rejected, ErrorCode::Refused),
    ] {
        for body in ["<html>", "", r#"{"errorCode":""}"#] {
            let error = refused(status, body, operation);
            assert_eq!((error.kind(), error.code()), (kind, code), "{status} {body}");
        }
    }
    // A fault inside it may have made the document, whatever it is called.
    let error = refused(500, r#"{"errorCode":"internalError","field":"warehouse"}"#, Operation::CreateBooking);
    assert_eq!((error.kind(), error.code()), (ErrorKind::Unknown, ErrorCode::Unavailable));
}
