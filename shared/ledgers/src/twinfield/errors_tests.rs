use super::*;
use reqwest::header::HeaderMap;

const BOOKS: Purpose =
    Purpose { operation: Operation::CreateBooking, effect: Effect::Writes, resource: "processxml/transaction" };
const READS: Purpose =
    Purpose { operation: Operation::Directory, effect: Effect::Reads, resource: "processxml/dimensions" };

fn of(text: &str) -> LedgerError {
    refused(Operation::CreateBooking, &Element::read(text).unwrap())
}

fn line(kind: &str, field: &str, message: &str) -> String {
    let message = message.replace('<', "&lt;");
    format!(
        "<transaction result='0'><header/><lines><line type='{kind}' id='2'>\
         <{field} msgtype='error' msg='{message}' result='0'>X1</{field}></line></lines></transaction>"
    )
}

fn header(field: &str, message: &str) -> String {
    format!(
        "<transaction result='0'><header><{field} msgtype='error' msg='{message}' result='0'>X1</{field}></header>\
         </transaction>"
    )
}

#[test]
fn each_refusal_of_a_booking_is_told_from_the_others_in_dutch_and_english() {
    let detail = |field, message| line("detail", field, message);
    let total = |field, message| line("total", field, message);
    let root = |message: &str| format!("<transaction msgtype='error' msg='{message}' result='0'/>");
    for (answer, code) in [
        (detail("dim1", "Dimensie 4699 komt niet voor in administratie NL001."), ErrorCode::UnknownAccount),
        (detail("dim1", "Dimension 4699 does not exist"), ErrorCode::UnknownAccount),
        (detail("dim1", "Grootboekrekening 4700 vereist een kostenplaats."), ErrorCode::CostCentreLink),
        (detail("dim2", "Dimensie KP9 komt niet voor in administratie NL001."), ErrorCode::UnknownReference),
        (total("dim2", "Dimensie 2999 komt niet voor in administratie NL001."), ErrorCode::ContactMissing),
        (total("dim1", "Dimension 1699 does not exist"), ErrorCode::ContactAccount),
        (detail("vatcode", "Btw IX bestaat niet of is (nog) niet actief."), ErrorCode::UnknownVatCode),
        (
            detail("vatcode", "BTW Hoog (VH) is van het type Verkoop terwijl het dagboek van het btw-type Inkoop is."),
            ErrorCode::VatCodeNotAllowed,
        ),
        (detail("dim1", "Er mist een BTW code"), ErrorCode::CostCentreLink),
        (detail("line2", "A VAT code is missing"), ErrorCode::MandatoryField),
        (detail("vatvalue", "Het btw-bedrag is onjuist."), ErrorCode::VatPercentage),
        (
            root("De boeking is niet in balans. Er ontbreekt 0.01 debet.//In de basisvaluta 0.01."),
            ErrorCode::OutOfBalance,
        ),
        (root("The transaction is not in balance."), ErrorCode::OutOfBalance),
        (
            header("period", "De boeking kan niet gemaakt worden omdat periode 2020/01 niet bestaat"),
            ErrorCode::YearMissing,
        ),
        (header("period", "Periode 2026/04 is gesloten."), ErrorCode::PeriodClosed),
        (header("period", "Period 2026/04 is closed."), ErrorCode::PeriodClosed),
        (header("date", "Datum 01-10-2019 valt buiten de opgegeven periode (2019/09)."), ErrorCode::PeriodClosed),
        (header("invoicenumber", "Factuurnummer F-1 komt reeds voor."), ErrorCode::NumberInUse),
        (header("code", "Dagboek XX bestaat niet."), ErrorCode::WrongJournal),
        (header("freetext3", "Vrij tekstveld 3 is niet toegestaan."), ErrorCode::Option),
        (header("currency", "Valuta SEK bestaat niet."), ErrorCode::CurrencyNotAllowed),
        (root("De administratie bestaat niet."), ErrorCode::WrongDivision),
        (root("U hebt geen toegang tot deze administratie."), ErrorCode::NoDivisionAccess),
        (root("Wij weten het niet."), ErrorCode::Refused),
        ("<transaction result='0'/>".to_owned(), ErrorCode::Refused),
    ] {
        let error = of(&answer);
        assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, code), "{answer}");
        assert!(error.message().ends_with('.') && error.message().len() > 60, "{}", error.message());
        assert!(!error.message().contains('%'));
    }
    for message in ["Type niet geïmplementeerd.", "Het element &apos;inuse&apos; mag niet worden aangeleverd."] {
        assert_eq!(of(&root(message)).kind(), ErrorKind::Bug, "{message}");
    }
}

#[test]
fn the_ledgers_words_are_kept_whole_and_the_cause_is_named_before_its_consequence() {
    let error = of("<transaction result='0' msgtype='error' msg='De boeking is niet in balans.'><lines>\
                    <line type='detail'><vatcode msgtype='error' msg='Btw IX bestaat niet.' result='0'>IX</vatcode>\
                    <dim1 msgtype='warning' msg='Let op.' result='0'>4600</dim1></line></lines></transaction>");
    assert_eq!(error.code(), ErrorCode::UnknownVatCode);
    assert!(error.message().contains("VAT code IX "), "{}", error.message());
    assert_eq!(error.ledger_text(), Some("De boeking is niet in balans. // Btw IX bestaat niet. // Let op."));
    let warned =
        of("<transaction result='0'><header><x msgtype='warning' msg='Let op.' result='0'/></header></transaction>");
    assert!(warned.message().contains("warning"), "{}", warned.message());
}

#[test]
fn a_failure_on_any_element_is_a_failure() {
    for (text, good) in [
        ("<transaction result='1'><line result='1'/></transaction>", true),
        ("<transaction><line/></transaction>", true),
        ("<transaction result='1'><line result='0'/></transaction>", false),
        ("<transaction result='0'/>", false),
    ] {
        assert_eq!(succeeded(&Element::read(text).unwrap()), good, "{text}");
    }
}

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
}

fn fault(code: u16) -> String {
    format!(
        "<soap:Envelope xmlns:soap='s'><soap:Body><soap:Fault><faultcode>soap:Server</faultcode>\
         <faultstring>It went wrong.</faultstring><detail><message>Access &lt;denied&gt;.</message><code>{code}</code>\
         <source>ProcessXmlString</source></detail></soap:Fault></soap:Body></soap:Envelope>"
    )
}

#[test]
fn each_numbered_fault_has_its_meaning() {
    use ErrorKind::{Bug, ReconnectNeeded, Rejected, Unauthorised, Unknown};
    let retry = ErrorKind::Retryable { after: None };
    for (status, code, kind, meaning) in [
        (500, 100, Unknown, ErrorCode::Unavailable),
        (500, 101, Bug, ErrorCode::BadRequest),
        (403, 102, Rejected, ErrorCode::UserRights),
        (401, 103, Unauthorised, ErrorCode::TokenRefused),
        (403, 104, ReconnectNeeded, ErrorCode::UserBlocked),
        (403, 105, ReconnectNeeded, ErrorCode::UserBlocked),
        (403, 106, Rejected, ErrorCode::CustomerBlocked),
        (500, 108, Unauthorised, ErrorCode::TokenRefused),
        (500, 110, Unauthorised, ErrorCode::TokenRefused),
        (500, 109, Rejected, ErrorCode::NoDivisionAccess),
        (500, 122, Rejected, ErrorCode::AppRefused),
        (500, 168, retry, ErrorCode::Unavailable),
        (500, 187, Bug, ErrorCode::BadRequest),
        (401, 351, ReconnectNeeded, ErrorCode::AppScope),
        (403, 352, ReconnectNeeded, ErrorCode::AppScope),
        (403, 353, ReconnectNeeded, ErrorCode::AppScope),
        (401, 354, Unauthorised, ErrorCode::TokenRefused),
        (500, 358, retry, ErrorCode::Unavailable),
        (500, 359, Rejected, ErrorCode::WrongDivision),
        (500, 999, Unknown, ErrorCode::Unavailable),
    ] {
        let error = refusal(BOOKS, &answer(status, &fault(code)));
        assert_eq!((error.kind(), error.code()), (kind, meaning), "{code}");
        assert_eq!(error.ledger_text(), Some("Access <denied>."), "{code}");
    }
}

#[test]
fn answers_without_a_fault_mean_what_their_status_says() {
    let retry = ErrorKind::Retryable { after: None };
    for (purpose, status, body, kind) in [
        (BOOKS, 400, "", ErrorKind::Bug),
        (BOOKS, 401, "", ErrorKind::Unauthorised),
        (BOOKS, 403, "", ErrorKind::Rejected),
        (BOOKS, 502, "Bad Gateway", ErrorKind::Unknown),
        (READS, 502, "Bad Gateway", retry),
        (BOOKS, 302, "", ErrorKind::Unknown),
        (READS, 500, "<html><body>Runtime Error</body></html>", retry),
    ] {
        assert_eq!(refusal(purpose, &answer(status, body)).kind(), kind, "{status} {body}");
    }
    let lead = "<E><Body><Fault><faultstring>354 : Access denied. Token invalid.</faultstring></Fault></Body></E>";
    assert_eq!(refusal(BOOKS, &answer(500, lead)).kind(), ErrorKind::Unauthorised);
    let session = "<E><Body><Fault><faultstring>Your logon credentials are not valid anymore. Try to log on again.\
                   </faultstring></Fault></Body></E>";
    assert_eq!(refusal(BOOKS, &answer(500, session)).kind(), ErrorKind::Unauthorised);
}

#[test]
fn tokens_are_refused_for_our_mistakes_or_for_a_new_consent() {
    let purpose = |operation| Purpose { operation, effect: Effect::Reads, resource: "connect/token" };
    let (renew, first) = (purpose(Operation::RefreshToken), purpose(Operation::ExchangeCode));
    for (purpose, status, body, kind, code) in [
        (renew, 400, r#"{"error":"invalid_grant"}"#, ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded),
        (first, 400, r#"{"error":"invalid_grant"}"#, ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused),
        (renew, 401, r#"{"error":"invalid_client"}"#, ErrorKind::Rejected, ErrorCode::AppRefused),
        (renew, 401, "", ErrorKind::Rejected, ErrorCode::AppRefused),
        (renew, 400, r#"{"error":"invalid_request"}"#, ErrorKind::Bug, ErrorCode::BadRequest),
        (renew, 503, "", ErrorKind::Retryable { after: None }, ErrorCode::Unavailable),
    ] {
        let error = token_refusal(purpose, &answer(status, body));
        assert_eq!((error.kind(), error.code()), (kind, code), "{status} {body}");
    }
}
