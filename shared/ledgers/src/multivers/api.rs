//! How Multivers is asked: addresses, pages, and bare JSON answers.

use super::record::Record;
use crate::{
    call::{Answer, Body, Call, Effect, Purpose, Target},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use serde::Serialize;
use url::form_urlencoded;

/// Rows on a page.
pub(super) const PAGE: usize = 200;
/// More pages are not read: who needs more has to be asked in another way.
pub(super) const PAGES_MAX: usize = 25;

/// A part of a path. None for what would lead to another place.
pub(super) fn segment(text: &str) -> Option<String> {
    let text = text.trim();
    (!text.chars().all(|c| c == '.')).then(|| encoded(text))
}

/// A plus sign for a space is a convention of forms; %20 is understood everywhere.
pub(super) fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// The path of something in the administration that is the target.
pub(super) fn path(at: &Target, operation: Operation, name: &str, under: &str) -> Result<String, LedgerError> {
    let database = at.division.as_ref().and_then(|division| segment(division.as_str()));
    database.map(|database| format!("/api/{database}/{under}")).ok_or_else(|| {
        let message = format!("No administration of {name} is chosen. Choose one in the connection, and post again.");
        LedgerError::rejected(ErrorCode::Option, operation, message)
    })
}

/// A request that reads a path.
pub(super) fn get(operation: Operation, resource: &'static str, path: String) -> Call {
    Call { purpose: Purpose { operation, effect: Effect::Reads, resource }, path, body: Body::Nothing }
}

/// The path of a page of a list. Not every list heeds that: see [`Paging`].
pub(super) fn paged(path: &str, skip: usize) -> String {
    let join = if path.contains('?') { '&' } else { '?' };
    match skip {
        0 => format!("{path}{join}$top={PAGE}"),
        skip => format!("{path}{join}$top={PAGE}&$skip={skip}"),
    }
}

/// A request that writes.
pub(super) fn post(
    operation: Operation,
    resource: &'static str,
    path: String,
    record: &impl Serialize,
) -> Result<Call, LedgerError> {
    let body = serde_json::to_vec(record).map_err(|_| {
        let message = "The request could not be written as JSON.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, operation, message)
    })?;
    Ok(Call { purpose: Purpose { operation, effect: Effect::Writes, resource }, path, body: Body::Json(body) })
}

/// Reads an answer that is one object.
pub(super) fn record(name: &str, purpose: Purpose, answer: &Answer) -> Result<Record, LedgerError> {
    serde_json::from_slice(&answer.body).map_err(|_| malformed(name, purpose.operation, purpose.effect))
}

/// Reads an answer that is a list.
pub(super) fn rows(name: &str, operation: Operation, answer: &Answer) -> Result<Vec<Record>, LedgerError> {
    serde_json::from_slice(&answer.body).map_err(|_| malformed(name, operation, Effect::Reads))
}

/// Reads what a command answers: a value alone, or as a member.
pub(super) fn answered(answer: &Answer, name: &str) -> Option<String> {
    let text = answer.text();
    let wrapped = format!("{{\"value\":{text}}}");
    let alone = serde_json::from_str::<Record>(&wrapped).ok()?.text(&["value"]);
    alone.or_else(|| serde_json::from_str::<Record>(&text).ok()?.text(&[name, "id", "value", "result"]))
}

/// Where the reading of a list stands.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(super) struct Paging {
    /// Rows read before.
    pub(super) skip: usize,
    /// What the page before began with.
    pub(super) first: Option<String>,
}

/// What follows a page.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum After {
    /// Another page.
    More(Paging),
    /// Nothing.
    End,
    /// More than is read.
    TooMany,
}

impl Paging {
    /// A list that heeds no page comes whole, or as it came before: its length and beginning tell.
    pub(super) fn after(&self, rows: &[Record], key: &[&str]) -> After {
        let first = rows.first().and_then(|row| row.text(key));
        if rows.len() != PAGE || (self.skip > 0 && first == self.first) {
            return After::End;
        }
        let skip = self.skip + PAGE;
        if skip / PAGE >= PAGES_MAX { After::TooMany } else { After::More(Self { skip, first }) }
    }
}

/// An answer that says success and cannot be read.
pub(super) fn malformed(name: &str, operation: Operation, effect: Effect) -> LedgerError {
    LedgerError::malformed(name, operation, effect)
}

/// More comes than is looked through.
pub(super) fn too_many(name: &str, operation: Operation, what: &str) -> LedgerError {
    let most = PAGE * PAGES_MAX;
    let message =
        format!("{name} lists more than {most} {what}, which are not looked through for one document. {TOO_MANY}");
    LedgerError::rejected(ErrorCode::Unsupported, operation, message)
}

const TOO_MANY: &str = "Choose the supplier or customer at the contact, or book the document by hand.";

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_in_a_path_leads_elsewhere() {
        assert_eq!(segment("MVL 1/2").as_deref(), Some("MVL%201%2F2"));
        for text in ["..", ".", "", " "] {
            assert_eq!(segment(text), None, "{text}");
        }
        assert_eq!(paged("/api/M/SupplierInfoList", 0), "/api/M/SupplierInfoList?$top=200");
        assert_eq!(paged("/api/M/A?id=7", 200), "/api/M/A?id=7&$top=200&$skip=200");
    }

    #[test]
    fn a_list_that_heeds_no_pages_ends() {
        let rows = |from: usize, count: usize| -> Vec<Record> {
            let ids = (from..from + count).map(|id| format!("{{\"supplierId\":\"{id}\"}}"));
            serde_json::from_str(&format!("[{}]", ids.collect::<Vec<_>>().join(","))).unwrap()
        };
        let key = ["supplierId"];
        let start = Paging::default();
        for count in [0, 7, 199, 201, 1_000] {
            assert_eq!(start.after(&rows(0, count), &key), After::End, "{count}");
        }
        let After::More(second) = start.after(&rows(0, PAGE), &key) else { panic!("a full page") };
        assert_eq!(second.skip, PAGE);
        assert_eq!(second.after(&rows(0, PAGE), &key), After::End, "the same once more");
        assert!(matches!(second.after(&rows(PAGE, PAGE), &key), After::More(_)));
        let last = Paging { skip: PAGE * (PAGES_MAX - 1), first: None };
        assert_eq!(last.after(&rows(0, PAGE), &key), After::TooMany);
    }
}
