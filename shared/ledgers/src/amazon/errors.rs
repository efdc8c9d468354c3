//! What Amazon's refusals mean: statuses with codes and texts, and the rows of a report.

use super::{FEEDS, NAME, REPORT, UPLOAD, report::Row};
use crate::{
    call::{Answer, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use serde::Deserialize;

#[derive(Default, Deserialize)]
#[serde(default)]
struct Body {
    errors: Vec<Said>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Said {
    code: String,
    message: String,
    details: Option<String>,
}

/// What an answer says in its own words.
fn words(answer: &Answer) -> String {
    let body: Body = serde_json::from_slice(&answer.body).unwrap_or_default();
    let one = |said: &Said| {
        let details = said.details.as_deref().unwrap_or_default();
        [said.code.as_str(), said.message.as_str(), details]
            .iter()
            .filter(|text| !text.is_empty())
            .copied()
            .collect::<Vec<_>>()
            .join(": ")
    };
    body.errors.iter().map(one).collect::<Vec<_>>().join("; ")
}

/// An answer that is not success, 429 apart.
pub(super) fn refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    let Purpose { operation, effect, resource } = purpose;
    let own = matches!(resource, UPLOAD | REPORT);
    match answer.status {
        // What is there is said in a body that repeats the address.
        403 if own => gone(operation),
        401 | 403 => {
            let message = "Amazon did not accept our access, or it has not the role Tax Invoicing. It is renewed and tried once more.";
            let kind = ErrorKind::Unauthorised;
            LedgerError::new(kind, ErrorCode::TokenRefused, operation, message).with_ledger_text(&words(answer))
        }
        404 => {
            let message = "Amazon does not know this feed or document any more. Look at the order there.";
            LedgerError::rejected(ErrorCode::NotFound, operation, message).with_ledger_text(&words(answer))
        }
        413 => {
            let message =
                "The PDF is larger than Amazon takes. Make it smaller, or upload it to the order there by hand.";
            LedgerError::rejected(ErrorCode::FileTooLarge, operation, message)
        }
        300..=399 | 408 | 500..=599 => LedgerError::outage(NAME, operation, effect),
        400 if resource == FEEDS => LedgerError::rejected(ErrorCode::Refused, operation, sentence(ErrorCode::Refused))
            .with_ledger_text(&words(answer)),
        _ => {
            let (kind, code) = (ErrorKind::Bug, ErrorCode::BadRequest);
            LedgerError::new(kind, code, operation, sentence(code)).with_ledger_text(&words(answer))
        }
    }
}

/// The address that was given is used up, which it is after five minutes.
fn gone(operation: Operation) -> LedgerError {
    let message = "The address that Amazon gave for a file is too old. Another one is asked for by itself.";
    LedgerError::retryable(None, ErrorCode::NotFound, operation, message)
}

/// The access is new, and refused all the same.
pub(super) fn no_role(error: &LedgerError) -> LedgerError {
    let message = "Amazon refuses our access although it is new: the role Tax Invoicing is missing, of our registration or of the \
                   seller's consent. Give the consent again in Seller Central; documents wait until then.";
    let text = error.ledger_text().unwrap_or_default().to_owned();
    LedgerError::rejected(ErrorCode::AppScope, error.operation(), message).with_ledger_text(&text)
}

/// The connection holds nothing that opens the account.
pub(super) fn reconnect(operation: Operation) -> LedgerError {
    let message = "Amazon does not take the refresh token of this connection: the seller's consent ended or was withdrawn. Authorise \
                   again in Seller Central and paste the new token; documents wait until then.";
    LedgerError::new(ErrorKind::ReconnectNeeded, ErrorCode::ReconnectNeeded, operation, message)
}

/// An address that is not on a host of Amazon's.
pub(super) fn foreign(operation: Operation) -> LedgerError {
    let message = "Amazon named an address for a file that is not one of its own. Nothing was sent there; we have to look at that.";
    LedgerError::new(ErrorKind::Bug, ErrorCode::ForeignHost, operation, message)
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct TokenError {
    error: String,
    error_description: String,
}

/// An answer of the token endpoint that is not success, 429 apart.
pub(super) fn token_refusal(purpose: Purpose, answer: &Answer) -> LedgerError {
    let Purpose { operation, effect, .. } = purpose;
    let said: TokenError = serde_json::from_slice(&answer.body).unwrap_or_default();
    match (answer.status, said.error.as_str()) {
        (300..=399 | 408 | 500..=599, _) => LedgerError::outage(NAME, operation, effect),
        (_, "invalid_client" | "unauthorized_client") => {
            let message =
                "Amazon does not know our registration or its secret. We have to repair that; documents wait.";
            LedgerError::new(ErrorKind::Bug, ErrorCode::AppRefused, operation, message)
        }
        _ => reconnect(operation),
    }
    .with_ledger_text(&said.error_description)
}

/// What a row of a report means.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Meaning {
    /// Amazon issues the invoice of this order itself.
    NotNeeded,
    /// The order is not known, or not sent: it may be soon.
    NotYet,
    /// Refused.
    Refused(ErrorKind, ErrorCode),
}

pub(super) fn meaning(row: &Row) -> Meaning {
    let text = row.message.to_lowercase();
    let says = |words: &[&str]| words.iter().any(|word| text.contains(word));
    let enabled = |text: &str| text.contains("FeatureNotAvailable");
    match row.code.as_str() {
        "79503" => Meaning::Refused(ErrorKind::Rejected, ErrorCode::FileRefused),
        "79513" => Meaning::Refused(ErrorKind::Bug, ErrorCode::BadRequest),
        "79525" => Meaning::NotNeeded,
        code if enabled(code) || enabled(&row.message) => {
            Meaning::Refused(ErrorKind::Rejected, ErrorCode::SellerNotEnabled)
        }
        _ if says(&["order", "shipment"])
            && says(&[
                "not found",
                "not exist",
                "not known",
                "unknown",
                "not yet",
                "not shipped",
                "not been shipped",
                "unshipped",
            ]) =>
        {
            Meaning::NotYet
        }
        _ => Meaning::Refused(ErrorKind::Rejected, ErrorCode::Refused),
    }
}

/// What people read of a row.
pub(super) fn told(kind: ErrorKind, code: ErrorCode, row: &Row) -> LedgerError {
    LedgerError::new(kind, code, Operation::Forward, sentence(code))
        .with_ledger_text(&format!("{} {}", row.code, row.message))
}

/// What happened, and what to do.
pub(super) fn sentence(code: ErrorCode) -> &'static str {
    match code {
        ErrorCode::FileRefused => {
            "Amazon did not take the file as a PDF (79503). Look whether the document opens; then forward it again, or upload it to the \
             order there by hand."
        }
        ErrorCode::BadRequest => {
            "Amazon misses something in our request (79513). We have to repair that; the document can be uploaded to the order there by \
             hand."
        }
        ErrorCode::SellerNotEnabled => {
            "Amazon does not let this seller upload invoices of his own (FeatureNotAvailable). Have that switched on in Seller Central; \
             documents wait until then."
        }
        ErrorCode::OrderUnknown => {
            "Amazon did not know the order for a whole day, or it was not sent. Check the number of the order and that it was sent; then \
             forward the document again."
        }
        _ => {
            "Amazon refused the document. Its own words say why; correct that and forward the document again, or upload it to the order \
             there by hand."
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Effect;
    use reqwest::header::HeaderMap;

    fn row(code: &str, message: &str) -> Row {
        Row { code: code.to_owned(), message: message.to_owned() }
    }

    #[test]
    fn every_row_of_a_report_has_a_meaning() {
        use ErrorKind::{Bug, Rejected};
        for (row, expected) in [
            (row("79503", "Not a PDF"), Meaning::Refused(Rejected, ErrorCode::FileRefused)),
            (row("79513", "Please provide metadata:orderid"), Meaning::Refused(Bug, ErrorCode::BadRequest)),
            (row("79525", "Amazon invoices this order"), Meaning::NotNeeded),
            (row("FeatureNotAvailable", ""), Meaning::Refused(Rejected, ErrorCode::SellerNotEnabled)),
            (row("79500", "FeatureNotAvailable: x"), Meaning::Refused(Rejected, ErrorCode::SellerNotEnabled)),
            (row("79508", "The order was not found"), Meaning::NotYet),
            (row("79508", "The shipment has not been shipped"), Meaning::NotYet),
            (row("79531", "Something else"), Meaning::Refused(Rejected, ErrorCode::Refused)),
        ] {
            assert_eq!(meaning(&row), expected, "{row:?}");
        }
    }

    #[test]
    fn a_status_is_judged_by_what_was_asked() {
        let answer = |status, body: &str| Answer { status, headers: HeaderMap::new(), body: body.into() };
        let purpose = |resource, effect| Purpose { operation: Operation::Forward, effect, resource };
        let body = r#"{"errors":[{"code":"Unauthorized","message":"Access is denied.","details":""}]}"#;
        for (status, resource, effect, kind, code) in [
            (403, FEEDS, Effect::Writes, ErrorKind::Unauthorised, ErrorCode::TokenRefused),
            (403, UPLOAD, Effect::Reads, ErrorKind::Retryable { after: None }, ErrorCode::NotFound),
            (400, FEEDS, Effect::Writes, ErrorKind::Rejected, ErrorCode::Refused),
            (400, UPLOAD, Effect::Reads, ErrorKind::Bug, ErrorCode::BadRequest),
            (413, UPLOAD, Effect::Reads, ErrorKind::Rejected, ErrorCode::FileTooLarge),
            (500, FEEDS, Effect::Writes, ErrorKind::Unknown, ErrorCode::Unavailable),
            (503, UPLOAD, Effect::Reads, ErrorKind::Retryable { after: None }, ErrorCode::Unavailable),
        ] {
            let error = refusal(purpose(resource, effect), &answer(status, body));
            assert_eq!((error.kind(), error.code()), (kind, code), "{status} {resource}");
        }
        let error = refusal(purpose(FEEDS, Effect::Writes), &answer(400, body));
        assert_eq!(error.ledger_text(), Some("Unauthorized: Access is denied."));
        let token = |error: &str| token_refusal(purpose("auth/o2/token", Effect::Reads), &answer(400, error)).code();
        assert_eq!(token(r#"{"error":"invalid_grant"}"#), ErrorCode::ReconnectNeeded);
        assert_eq!(token(r#"{"error":"invalid_client"}"#), ErrorCode::AppRefused);
    }
}
