//! How Exact Online is asked: addresses, literals, and the envelopes of answers.

use super::wire::Guid;
use crate::{
    call::{Answer, Body, Call, Effect, Purpose, Target},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use domain::time::Date;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use url::form_urlencoded;

/// The path of a resource in the target's division.
pub(super) fn path(at: &Target, operation: Operation, resource: &str) -> Result<String, LedgerError> {
    let division = at.division.as_ref().map(domain::ledger::Division::as_str).unwrap_or_default();
    if division.is_empty() || !division.bytes().all(|byte| byte.is_ascii_digit()) {
        let message = "No division of Exact Online is chosen for this administration. Choose one in its connection.";
        return Err(LedgerError::rejected(ErrorCode::Option, operation, message));
    }
    Ok(format!("/api/v1/{division}/{resource}"))
}

/// A request that lists rows of a resource.
pub(super) fn list(
    at: &Target,
    operation: Operation,
    resource: &'static str,
    select: &str,
    filter: &str,
) -> Result<Call, LedgerError> {
    let mut path = path(at, operation, resource)?;
    path.push_str("?$select=");
    path.push_str(select);
    if !filter.is_empty() {
        path.push_str("&$filter=");
        // A plus sign for a space is a convention of forms; %20 is understood everywhere.
        let encoded: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        path.push_str(&encoded.replace('+', "%20"));
    }
    Ok(get(operation, resource, path))
}

/// A request for one record by its id: found at once, where a filter may lag behind a new record.
pub(super) fn by_id(
    at: &Target,
    operation: Operation,
    resource: &'static str,
    id: &Guid,
    select: &str,
) -> Result<Call, LedgerError> {
    let path = format!("{}({})?$select={select}", path(at, operation, resource)?, guid(id));
    Ok(get(operation, resource, path))
}

/// A request for a path, as the ledger gave it or as made by [`list`].
pub(super) fn get(operation: Operation, resource: &'static str, path: String) -> Call {
    Call { purpose: Purpose { operation, effect: Effect::Reads, resource }, path, body: Body::Nothing }
}

/// A request that makes a record.
pub(super) fn post(
    at: &Target,
    operation: Operation,
    resource: &'static str,
    record: &impl Serialize,
) -> Result<Call, LedgerError> {
    let body = serde_json::to_vec(record).map_err(|_| {
        let message = "The request could not be written as JSON.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, operation, message)
    })?;
    post_raw(at, operation, resource, body)
}

/// A request that makes a record from JSON already written.
pub(super) fn post_raw(
    at: &Target,
    operation: Operation,
    resource: &'static str,
    body: Vec<u8>,
) -> Result<Call, LedgerError> {
    let purpose = Purpose { operation, effect: Effect::Writes, resource };
    Ok(Call { purpose, path: path(at, operation, resource)?, body: Body::Json(body) })
}

/// A text literal.
pub(super) fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A GUID literal.
pub(super) fn guid(value: &Guid) -> String {
    format!("guid'{}'", value.as_str())
}

/// An id that we stored: a GUID, or it was not stored by us.
pub(super) fn stored(id: &str) -> Result<Guid, LedgerError> {
    Guid::parse(id).ok_or_else(|| {
        let message = "A stored id is not one of Exact Online.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Prepare, message)
    })
}

/// A date in requests, bare.
pub(super) fn date(value: Date) -> String {
    format!("{}T00:00:00", value.format("%Y-%m-%d"))
}

/// A date in answers: `/Date(1782864000000)/`, or as in requests.
pub(super) fn read_date(text: &str) -> Option<Date> {
    match text.strip_prefix("/Date(") {
        Some(rest) => {
            let millis: i64 = rest.split([')', '+']).next()?.parse().ok()?;
            Some(domain::time::Instant::from_timestamp_millis(millis)?.date_naive())
        }
        None => text.get(..10)?.parse().ok(),
    }
}

/// `field eq a or field eq b`, for comparing one field with several literals.
pub(super) fn any_of(field: &str, literals: impl IntoIterator<Item = String>) -> String {
    literals.into_iter().map(|literal| format!("{field} eq {literal}")).collect::<Vec<_>>().join(" or ")
}

/// Rows of a listing and the address of the next page.
#[derive(Debug)]
pub(super) struct Rows<T> {
    pub(super) rows: Vec<T>,
    pub(super) next: Option<String>,
}

/// The path of the next page; it is followed on the ledger's own host only.
pub(super) fn next_path(
    at: &Target,
    operation: Operation,
    next: Option<String>,
) -> Result<Option<String>, LedgerError> {
    match next.map(|address| at.endpoint.relative(&address)) {
        None => Ok(None),
        Some(Some(path)) => Ok(Some(path)),
        Some(None) => Err(malformed(operation, Effect::Reads)),
    }
}

#[derive(Deserialize)]
struct Envelope {
    d: Box<RawValue>,
}

#[derive(Deserialize)]
struct Paged<T> {
    results: Vec<T>,
    #[serde(rename = "__next")]
    next: Option<String>,
}

/// Reads what was asked for: `{"d":{"results":[…],"__next":…}}`, `{"d":[…]}` as some resources have it, or the single
/// record `{"d":{…}}` that was asked for by its id.
pub(super) fn rows<T: DeserializeOwned>(operation: Operation, answer: &Answer) -> Result<Rows<T>, LedgerError> {
    let read = || {
        let inner = serde_json::from_slice::<Envelope>(&answer.body).ok()?.d;
        let inner = inner.get();
        if inner.trim_start().starts_with('[') {
            return Some(Rows { rows: serde_json::from_str(inner).ok()?, next: None });
        }
        if let Ok(Paged { results, next }) = serde_json::from_str(inner) {
            return Some(Rows { rows: results, next });
        }
        Some(Rows { rows: vec![serde_json::from_str(inner).ok()?], next: None })
    };
    read().ok_or_else(|| malformed(operation, Effect::Reads))
}

/// Reads a single record: `{"d":{…}}`.
pub(super) fn record<T: DeserializeOwned>(purpose: Purpose, answer: &Answer) -> Result<T, LedgerError> {
    let read = || {
        let inner = serde_json::from_slice::<Envelope>(&answer.body).ok()?.d;
        serde_json::from_str(inner.get()).ok()
    };
    read().ok_or_else(|| malformed(purpose.operation, purpose.effect))
}

/// An answer of success that cannot be read: what was to be written is written, but under which id?
pub(super) fn malformed(operation: Operation, effect: Effect) -> LedgerError {
    LedgerError::malformed("Exact Online", operation, effect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Endpoint;
    use reqwest::header::HeaderMap;

    fn answer(body: &str) -> Answer {
        Answer { status: 200, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    fn target(division: Option<&str>) -> Target {
        Target {
            endpoint: Endpoint::test("http://127.0.0.1:1").unwrap(),
            division: division.map(|division| division.parse().unwrap()),
        }
    }

    #[test]
    fn filters_are_quoted_and_encoded() {
        let filter = format!("Name eq {}", text("O'Brien & Co +1"));
        let call = list(&target(Some("7")), Operation::FindContact, "crm/Accounts", "ID", &filter).unwrap();
        assert_eq!(
            call.path,
            "/api/v1/7/crm/Accounts?$select=ID&$filter=Name%20eq%20%27O%27%27Brien%20%26%20Co%20%2B1%27"
        );
    }

    #[test]
    fn dates_are_read_in_both_forms() {
        let day = Date::from_ymd_opt(2026, 7, 1);
        for text in ["/Date(1782864000000)/", "/Date(1782864000000+0000)/", "2026-07-01T00:00:00", "2026-07-01"] {
            assert_eq!(read_date(text), day, "{text}");
        }
        assert_eq!((read_date("/Date()/"), read_date("soon")), (None, None));
    }

    #[test]
    fn a_division_is_a_number() {
        for division in [None, Some("../1"), Some("1/2"), Some("abc")] {
            let error = path(&target(division), Operation::Directory, "crm/Accounts").unwrap_err();
            assert_eq!(error.code(), ErrorCode::Option, "{division:?}");
        }
    }

    #[test]
    fn both_shapes_of_listings_are_read() {
        let paged = answer(r#"{"d":{"results":[1,2],"__next":"https://x/y?$skiptoken=1"}}"#);
        let rows_: Rows<u8> = rows(Operation::Directory, &paged).unwrap();
        assert_eq!((rows_.rows.as_slice(), rows_.next.is_some()), ([1, 2].as_slice(), true));
        assert_eq!(rows::<u8>(Operation::Directory, &answer(r#"{"d":[3]}"#)).unwrap().rows, [3]);
        assert_eq!(rows::<u8>(Operation::Fetch, &answer(r#"{"d":4}"#)).unwrap().rows, [4]);
    }

    #[test]
    fn what_cannot_be_read_is_unknown_when_it_answered_a_write() {
        for body in ["", "<html>", "{\"d\":{", "{}", "{\"d\":{\"results\":7}}"] {
            let error = rows::<u8>(Operation::Directory, &answer(body)).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::Retryable { after: None });
            let purpose = Purpose { operation: Operation::CreateBooking, effect: Effect::Writes, resource: "entries" };
            assert_eq!(record::<u8>(purpose, &answer(body)).unwrap_err().kind(), ErrorKind::Unknown);
        }
    }
}
