use super::*;
use reqwest::header::HeaderMap;

const READ: Purpose = Purpose { operation: Operation::FindBooking, effect: Effect::Reads, resource: "inkoopfacturen" };
const WRITE: Purpose =
    Purpose { operation: Operation::CreateBooking, effect: Effect::Writes, resource: "inkoopboekingen" };
const TOKEN: Purpose = Purpose { operation: Operation::RefreshToken, effect: Effect::Reads, resource: "b2b/token" };

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
}

fn ruled_by(code: &str) -> LedgerError {
    refusal(WRITE, &answer(400, &format!(r#"[{{"errorCode":"{code}","message":"Nee"}}]"#)))
}

#[test]
fn every_published_code_has_its_kind_and_a_sentence() {
    for (codes, kind, code) in [
        ("ALG-0100 ALG-0101 ALG-0103 ALG-0104 ALG-0106", ErrorKind::Bug, ErrorCode::BadRequest),
        ("BOE-0023 BOE-0028 BOE-0058 BOE-0068 BOE-0071 BLG-0011", ErrorKind::Bug, ErrorCode::BadRequest),
        ("ALG-0102 BLG-0015", ErrorKind::Unknown, ErrorCode::Unavailable),
        ("ALG-0105 BOE-0019 BOE-0026 KPL-0001", ErrorKind::Rejected, ErrorCode::UnknownReference),
        ("BOE-0021", ErrorKind::Rejected, ErrorCode::NumberInUse),
        ("BOE-0002 BOE-0038 REL-0005", ErrorKind::Rejected, ErrorCode::ContactMissing),
        ("BOE-0003", ErrorKind::Rejected, ErrorCode::NotASupplier),
        ("BOE-0054", ErrorKind::Rejected, ErrorCode::ContactBlocked),
        ("BOE-0060", ErrorKind::Rejected, ErrorCode::NotACustomer),
        ("BOE-0008 BOE-0037 BOE-0089", ErrorKind::Rejected, ErrorCode::UnknownAccount),
        ("BOE-0061 BOE-0080", ErrorKind::Rejected, ErrorCode::AccountType),
        ("BOE-0009 BOE-0010", ErrorKind::Rejected, ErrorCode::WrongJournal),
        ("BOE-0022 BOE-0093", ErrorKind::Rejected, ErrorCode::CostCentreLink),
        ("BOE-0039", ErrorKind::Rejected, ErrorCode::OutOfBalance),
        ("BOE-0042 BOE-0051", ErrorKind::Rejected, ErrorCode::PeriodClosed),
        ("BOE-0033 BOE-0070", ErrorKind::Rejected, ErrorCode::YearMissing),
        ("BOE-0036", ErrorKind::Rejected, ErrorCode::CurrencyNotAllowed),
        ("BOE-0053 BOE-0062 BOE-0069 BOE-0082", ErrorKind::Rejected, ErrorCode::VatCodeNotAllowed),
        ("BOE-0046 BOE-0050 BOE-0083", ErrorKind::Rejected, ErrorCode::AlreadyProcessed),
        ("BLG-0013", ErrorKind::Rejected, ErrorCode::FileTooLarge),
        ("REL-0007", ErrorKind::Rejected, ErrorCode::MandatoryField),
        ("REL-0006 REL-0008 REL-0010 REL-0011 REL-0088 XYZ-9999", ErrorKind::Rejected, ErrorCode::Refused),
    ] {
        for ledger_code in codes.split(' ') {
            let error = ruled_by(ledger_code);
            assert_eq!((error.kind(), error.code()), (kind, code), "{ledger_code}");
            assert_eq!(error.ledger_text(), Some(format!("{ledger_code}: Nee").as_str()));
            assert!(error.message().len() > 40, "{ledger_code}: {}", error.message());
        }
    }
}

#[test]
fn every_body_is_understood() {
    for (body, words) in [
        (
            r#"[{"errorCode":"BOE-0039","message":"Nee"},{"errorCode":"BOE-0042","message":"Dicht"}]"#,
            "BOE-0039: Nee; BOE-0042: Dicht",
        ),
        (r#"{"Message":"Nee"}"#, "Nee"),
        (r#"{"error":{"message":"Nee"}}"#, "Nee"),
        (r#""Nee""#, "Nee"),
        ("Nee", "Nee"),
    ] {
        assert_eq!(refusal(WRITE, &answer(400, body)).ledger_text(), Some(words), "{body}");
    }
    assert_eq!(refusal(WRITE, &answer(400, "")).code(), ErrorCode::Refused);
    let model = r#"{"message":"Invalid.","modelState":{"inkoopboeking.factuurdatum":["Nee"]}}"#;
    let error = refusal(WRITE, &answer(400, model));
    assert_eq!(error.kind(), ErrorKind::Bug, "we wrote the field");
    assert!(error.ledger_text().unwrap().contains("inkoopboeking.factuurdatum"));
}

#[test]
fn the_two_keys_are_told_apart() {
    let gateway = r#"{"statusCode":401,"message":"Access denied due to invalid subscription key."}"#;
    let error = refusal(READ, &answer(401, gateway));
    assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, ErrorCode::AppRefused));
    assert!(error.message().contains("We have to repair that"));
    assert_eq!(refusal(READ, &answer(401, "")).kind(), ErrorKind::Unauthorised);
    assert_eq!(refusal(READ, &answer(403, "")).code(), ErrorCode::UserRights);
    let quota = refusal(READ, &answer(403, r#"{"message":"Out of call volume quota."}"#));
    assert_eq!((quota.kind(), quota.code()), (ErrorKind::Retryable { after: Some(QUOTA) }, ErrorCode::RateLimited));
}

#[test]
fn without_a_usable_answer_a_write_is_looked_up() {
    for status in [500, 502, 503, 504, 302, 408] {
        assert_eq!(refusal(WRITE, &answer(status, "<html>")).kind(), ErrorKind::Unknown, "{status}");
        assert_eq!(refusal(READ, &answer(status, "<html>")).kind(), ErrorKind::Retryable { after: None }, "{status}");
    }
}

#[test]
fn a_key_that_is_refused_is_for_a_person() {
    let body = r#"{"error":"invalid_grant"}"#;
    let first = token_refusal(Purpose { operation: Operation::ExchangeCode, ..TOKEN }, &answer(400, body));
    assert_eq!((first.kind(), first.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused));
    let later = token_refusal(TOKEN, &answer(400, body));
    assert_eq!((later.kind(), later.code()), (ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded));
    assert_eq!(later.ledger_text(), Some("invalid_grant"));
    assert_eq!(token_refusal(TOKEN, &answer(503, "")).kind(), ErrorKind::Retryable { after: None });
}
