use super::*;
use reqwest::header::HeaderMap;

const BOOKS: Purpose = Purpose { operation: Operation::CreateBooking, effect: Effect::Writes, resource: "DJ2" };
const READS: Purpose = Purpose { operation: Operation::Directory, effect: Effect::Reads, resource: "GL1" };

fn answer(status: u16, body: &str) -> Answer {
    Answer { status, headers: HeaderMap::new(), body: body.into() }
}

fn object(message: &str) -> String {
    format!(r#"{{"ErrorType":"AccountViewError","ErrorNumbers":[1234],"ErrorMessage":"{message}"}}"#)
}

#[test]
fn each_refusal_is_told_from_the_others_whatever_its_status() {
    for (message, code) in [
        ("Periode 7 van boekjaar 2026 is afgesloten.", ErrorCode::PeriodClosed),
        ("De periode is geblokkeerd", ErrorCode::PeriodClosed),
        ("Er is geen administratie voor datum 01-01-2031.", ErrorCode::YearMissing),
        ("Boekjaar 2031 bestaat niet", ErrorCode::YearMissing),
        ("Onderneming onbekend", ErrorCode::WrongDivision),
        ("Crediteur 20009 bestaat niet.", ErrorCode::ContactMissing),
        ("Debiteur 10009 is geblokkeerd.", ErrorCode::ContactBlocked),
        ("Grootboekrekening 9999 bestaat niet.", ErrorCode::UnknownAccount),
        ("Rekening 4999 is geblokkeerd", ErrorCode::UnknownAccount),
        ("BTW-code 9 bestaat niet.", ErrorCode::UnknownVatCode),
        ("BTW-code is verplicht bij rekening 4500.", ErrorCode::MandatoryField),
        ("Het BTW-bedrag wijkt te veel af.", ErrorCode::VatPercentage),
        ("Kostenplaats is verplicht bij rekening 4700.", ErrorCode::CostCentreLink),
        ("Kostenplaats 999 bestaat niet.", ErrorCode::UnknownReference),
        ("De bladzijde is niet in evenwicht: 12.10.", ErrorCode::OutOfBalance),
        ("Factuurnummer F-1 bestaat al bij crediteur 20001.", ErrorCode::NumberInUse),
        ("INV_NR is te lang: 13 in plaats van 12.", ErrorCode::BadRequest),
        ("Dagboek XYZ bestaat niet.", ErrorCode::WrongJournal),
        ("Valuta CHF bestaat niet", ErrorCode::CurrencyNotAllowed),
        ("Omschrijving bladzijde is verplicht.", ErrorCode::MandatoryField),
        ("U heeft onvoldoende rechten voor deze handeling.", ErrorCode::UserRights),
        ("Geen toegang tot deze onderneming.", ErrorCode::WrongDivision),
        ("Iets heel anders.", ErrorCode::Refused),
    ] {
        for error in
            [told(BOOKS, &answer(200, &object(message))).unwrap(), refusal(BOOKS, &answer(400, &object(message)))]
        {
            assert_eq!((error.kind(), error.code()), (ErrorKind::Rejected, code), "{message}");
            assert_eq!(error.ledger_text(), Some(format!("{message} [1234]").as_str()), "its own words and numbers");
            assert!(error.message().len() > 40, "says what to do: {error}");
        }
    }
    let ours = told(BOOKS, &answer(200, &object("Kolom FOO bestaat niet in DJ_PAGE."))).unwrap();
    assert_eq!((ours.kind(), ours.code()), (ErrorKind::Bug, ErrorCode::BadRequest));
}

#[test]
fn a_server_that_is_off_is_waited_for() {
    for status in [200, 400, 500, 503] {
        for message in [
            "AccountView is niet bereikbaar.",
            "De verbinding met AccountView is niet beschikbaar",
            "AccountView server not reachable",
        ] {
            let answer = answer(status, &object(message));
            let error = told(BOOKS, &answer).filter(|_| status == 200).unwrap_or_else(|| refusal(BOOKS, &answer));
            assert_eq!(error.code(), ErrorCode::Unreachable, "{message}");
            assert_eq!(error.kind(), ErrorKind::Retryable { after: Some(UNREACHABLE_PAUSE) }, "it was not passed on");
        }
    }
}

#[test]
fn what_is_not_told_is_judged_by_the_status() {
    for (status, body, reads, books, code) in [
        (401, "", ErrorKind::Unauthorised, ErrorKind::Unauthorised, ErrorCode::TokenRefused),
        (403, "", ErrorKind::Rejected, ErrorKind::Rejected, ErrorCode::UserRights),
        (404, "", ErrorKind::Bug, ErrorKind::Bug, ErrorCode::NotFound),
        (400, "", ErrorKind::Bug, ErrorKind::Bug, ErrorCode::BadRequest),
        (
            502,
            "<html>Bad Gateway</html>",
            ErrorKind::Retryable { after: None },
            ErrorKind::Unknown,
            ErrorCode::Unavailable,
        ),
        (500, "", ErrorKind::Retryable { after: None }, ErrorKind::Unknown, ErrorCode::Unavailable),
    ] {
        let of = |purpose| refusal(purpose, &answer(status, body));
        assert_eq!((of(READS).kind(), of(READS).code()), (reads, code), "{status}");
        assert_eq!((of(BOOKS).kind(), of(BOOKS).code()), (books, code), "{status}");
    }
    let scope = refusal(BOOKS, &answer(403, &object("The scope updateaccountviewdata is missing.")));
    assert_eq!((scope.kind(), scope.code()), (ErrorKind::Rejected, ErrorCode::AppScope));
    assert!(told(READS, &answer(200, r#"{"LEDGER":[],"ErrorMessage":""}"#)).is_none(), "an empty one is none");
}

#[test]
fn a_refused_token_says_what_to_do() {
    let refresh = Purpose { operation: Operation::RefreshToken, effect: Effect::Writes, resource: "token" };
    let exchange = Purpose { operation: Operation::ExchangeCode, ..refresh };
    for (purpose, status, body, kind, code) in [
        (refresh, 400, r#"{"error":"invalid_grant"}"#, ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded),
        (exchange, 400, r#"{"error":"invalid_grant"}"#, ErrorKind::ReconnectNeeded, ErrorCode::ConsentRefused),
        (refresh, 400, r#"{"error":"invalid_client"}"#, ErrorKind::Rejected, ErrorCode::AppRefused),
        (refresh, 401, "", ErrorKind::Rejected, ErrorCode::AppRefused),
        (refresh, 400, "", ErrorKind::Bug, ErrorCode::BadRequest),
        (refresh, 503, "", ErrorKind::Unknown, ErrorCode::Unavailable),
    ] {
        let error = token_refusal(purpose, &answer(status, body));
        assert_eq!((error.kind(), error.code()), (kind, code), "{status} {body}");
    }
}
