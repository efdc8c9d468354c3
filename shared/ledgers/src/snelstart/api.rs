//! How SnelStart is asked: addresses, literals, pages, and bare JSON answers.

use super::wire::Id;
use crate::{
    call::{Answer, Body, Call, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use domain::time::Date;
use serde::{Serialize, de::DeserializeOwned};
use url::form_urlencoded;

/// Records on a page: the most that is given.
pub(super) const PAGE: usize = 500;
/// More pages are not read: who needs more has to be asked in another way.
pub(super) const PAGES_MAX: usize = 200;

/// A request that reads a resource.
pub(super) fn get(operation: Operation, resource: &'static str, path: String) -> Call {
    Call { purpose: Purpose { operation, effect: Effect::Reads, resource }, path, body: Body::Nothing }
}

/// A request for one record.
pub(super) fn by_id(operation: Operation, resource: &'static str, id: &Id) -> Call {
    get(operation, resource, format!("/v2/{resource}/{}", id.as_str()))
}

/// The path of a page of a resource. Not all resources heed the filter: what comes is looked at again.
pub(super) fn page(resource: &str, filter: &str, skip: usize) -> String {
    let mut path = match skip {
        0 => format!("/v2/{resource}?$top={PAGE}"),
        skip => format!("/v2/{resource}?$top={PAGE}&$skip={skip}"),
    };
    if !filter.is_empty() {
        path.push_str("&$filter=");
        // A plus sign for a space is a convention of forms; %20 is understood everywhere.
        let encoded: String = form_urlencoded::byte_serialize(filter.as_bytes()).collect();
        path.push_str(&encoded.replace('+', "%20"));
    }
    path
}

/// A request that makes a record.
pub(super) fn post(operation: Operation, resource: &'static str, record: &impl Serialize) -> Result<Call, LedgerError> {
    let body = serde_json::to_vec(record).map_err(|_| {
        let message = "The request could not be written as JSON.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, operation, message)
    })?;
    Ok(post_raw(operation, resource, format!("/v2/{resource}"), body))
}

/// A request that makes a record from JSON already written.
pub(super) fn post_raw(operation: Operation, resource: &'static str, path: String, body: Vec<u8>) -> Call {
    Call { purpose: Purpose { operation, effect: Effect::Writes, resource }, path, body: Body::Json(body) }
}

/// A text literal.
pub(super) fn text(value: &str) -> String {
    format!("'{}'", value.replace('\'', "''"))
}

/// A GUID literal.
pub(super) fn guid(id: &Id) -> String {
    format!("guid'{}'", id.as_str())
}

/// A date in requests: of the Netherlands, without a zone.
pub(super) fn date(day: Date) -> String {
    format!("{}T00:00:00", day.format("%Y-%m-%d"))
}

/// Reads an answer that is success.
pub(super) fn read<T: DeserializeOwned>(purpose: Purpose, answer: &Answer) -> Result<T, LedgerError> {
    serde_json::from_slice(&answer.body).map_err(|_| malformed(purpose.operation, purpose.effect))
}

/// Reads an answer to a request that only reads.
pub(super) fn rows<T: DeserializeOwned>(operation: Operation, answer: &Answer) -> Result<Vec<T>, LedgerError> {
    serde_json::from_slice(&answer.body).map_err(|_| malformed(operation, Effect::Reads))
}

/// An answer that says success and cannot be read.
pub(super) fn malformed(operation: Operation, effect: Effect) -> LedgerError {
    LedgerError::malformed("SnelStart", operation, effect)
}

/// More comes than is read: a partial list would be worse than none.
pub(super) fn too_many(operation: Operation) -> LedgerError {
    let message =
        "SnelStart lists more than can be looked through. We have to repair that; the document can be booked by hand.";
    LedgerError::new(ErrorKind::Bug, ErrorCode::MalformedAnswer, operation, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn filters_are_encoded_whole() {
        assert_eq!(
            page("relaties", &format!("Naam eq {}", text("d'Or & Co")), 500),
            "/v2/relaties?$top=500&$skip=500&$filter=Naam%20eq%20%27d%27%27Or%20%26%20Co%27"
        );
        assert_eq!(page("grootboeken", "", 0), "/v2/grootboeken?$top=500");
    }
}
