//! How Firmao is asked: objects with filters, lists in pages, and lists of changes as the answer to what is made.

use super::NAME;
use crate::{
    call::{Answer, Body, Call, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    loose::Loose,
};
use serde::Serialize;
use url::form_urlencoded;

/// Records of a page; the licence may give fewer.
pub(super) const PAGE: usize = 50;

pub(super) const SERIES: &str = "invoicenumbers";
pub(super) const NEXT: &str = "invoicenumbers/next";
pub(super) const PRODUCTS: &str = "products";
pub(super) const CUSTOMERS: &str = "customers";
pub(super) const TRANSACTIONS: &str = "transactions";
pub(super) const REPORTS: &str = "reports";

/// Most characters of a number that is believed to be one.
const NUMBER_CHARS_MAX: usize = 100;

fn get(operation: Operation, resource: &'static str, path: String) -> Call {
    Call { purpose: Purpose { operation, effect: Effect::Reads, resource }, path, body: Body::Nothing }
}

/// A value in an address. Blanks are no plus signs there.
fn encoded(text: &str) -> String {
    form_urlencoded::byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20")
}

/// A page of the records that meet every filter, newest first. A filter that Firmao does not heed lets everything through: what comes is
/// compared.
pub(super) fn list(operation: Operation, resource: &'static str, filters: &[(&str, &str)], start: usize) -> Call {
    page(operation, resource, filters, (start, PAGE))
}

/// The documents that were made last, as many as a page can have.
pub(super) fn latest(operation: Operation) -> Call {
    page(operation, TRANSACTIONS, &[("mode(eq)", "SALE")], (0, 100))
}

fn page(
    operation: Operation,
    resource: &'static str,
    filters: &[(&str, &str)],
    (start, limit): (usize, usize),
) -> Call {
    let filters = filters.iter().map(|(name, value)| format!("{name}={}", encoded(value)));
    let rest = format!("dataFormat=MEDIUM&sort=id&dir=DESC&start={start}&limit={limit}");
    let query = filters.chain([rest]).collect::<Vec<_>>().join("&");
    let path = format!("/{resource}?{query}");
    get(operation, resource, path)
}

/// Asks for a document by its id.
pub(super) fn read(id: u64) -> Call {
    list(Operation::Fetch, TRANSACTIONS, &[("id(eq)", &id.to_string())], 0)
}

/// Asks for the next number of a series, or of the default one. Nothing keeps it free.
pub(super) fn next(kind: &str, series: Option<u64>) -> Call {
    let series = series.map(|id| format!("&id={id}")).unwrap_or_default();
    let path = format!("/{NEXT}?objectClass=transaction&type={}&mode=SALE{series}", kind.to_lowercase());
    get(Operation::ReadCodes, NEXT, path)
}

/// Asks for the PDF of a document, by the template that its record names.
pub(super) fn print(id: u64, template: &str) -> Call {
    let path = format!("/{REPORTS}/invoices/transaction/{}/{id}.pdf?original=true&id={id}", encoded(template));
    get(Operation::Fetch, REPORTS, path)
}

/// A request that makes something.
pub(super) fn create(operation: Operation, resource: &'static str, body: &impl Serialize) -> Result<Call, LedgerError> {
    let body = serde_json::to_vec(body).map_err(|_| {
        let message = "The request could not be written as JSON.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, operation, message)
    })?;
    let purpose = Purpose { operation, effect: Effect::Writes, resource };
    Ok(Call { purpose, path: format!("/{resource}"), body: Body::Json(body) })
}

/// Records of an answer.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) records: Vec<Loose>,
    /// How many there are on all pages, where it says so.
    total: Option<usize>,
}

impl Rows {
    /// Whether there are more after these, of which the first is the one at `start`.
    pub(super) fn go_on(&self, start: usize) -> bool {
        // Less than nothing: at least one page more is likely.
        !self.records.is_empty() && self.total.is_none_or(|total| start + self.records.len() < total)
    }
}

pub(super) fn rows(purpose: Purpose, answer: &Answer) -> Result<Rows, LedgerError> {
    let body = Loose::read(&answer.body).ok_or_else(|| malformed(purpose))?;
    let records = body.list("data").ok_or_else(|| malformed(purpose))?;
    let total = body.whole("totalSize");
    // Without a size, a page that is not full is the last one.
    let total = if total.is_none() && records.len() < PAGE { Some(0) } else { total.and_then(|n| n.try_into().ok()) };
    Ok(Rows { records, total })
}

/// The id of what was made, in a list of all that changed with it.
pub(super) fn created(purpose: Purpose, class: &str, answer: &Answer) -> Result<u64, LedgerError> {
    let log = Loose::read(&answer.body).and_then(|body| body.list("changelog")).ok_or_else(|| malformed(purpose))?;
    let is = |change: &&Loose, name: &str, value: &str| {
        change.text(name).is_some_and(|text| text.eq_ignore_ascii_case(value))
    };
    let made = log.iter().find(|change| is(change, "modification", "CREATE") && is(change, "objectClass", class));
    made.and_then(|made| id(made, "objectId")).ok_or_else(|| malformed(purpose))
}

/// An id, written as a number or as a text.
pub(super) fn id(record: &Loose, name: &str) -> Option<u64> {
    record.text(name)?.parse().ok()
}

/// A number, whatever it is wrapped in: nothing, quotes, or an object with one text whose name speaks of a number.
pub(super) fn number(purpose: Purpose, answer: &Answer) -> Result<String, LedgerError> {
    let text = answer.text();
    let text = text.trim();
    let number = match text.as_bytes().first() {
        Some(b'"') => serde_json::from_str(text).ok(),
        Some(b'{') => Loose::read(&answer.body).and_then(|body| {
            let name = body.names().find(|name| name.to_lowercase().contains("number"))?;
            body.text(name)
        }),
        _ => Some(text.to_owned()),
    };
    let fits = |number: &String| {
        number.chars().count() <= NUMBER_CHARS_MAX
            && number.contains(|c: char| c.is_ascii_digit())
            && !number.contains(|c: char| c.is_control() || matches!(c, '<' | '>' | '{' | '[' | '"'))
    };
    number.map(|number| number.trim().to_owned()).filter(fits).ok_or_else(|| malformed(purpose))
}

/// An answer that says success and cannot be read.
pub(super) fn malformed(purpose: Purpose) -> LedgerError {
    LedgerError::malformed(NAME, purpose.operation, purpose.effect)
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    fn answer(body: &str) -> Answer {
        Answer { status: 200, headers: HeaderMap::new(), body: body.as_bytes().to_vec() }
    }

    const PURPOSE: Purpose = Purpose { operation: Operation::ReadCodes, effect: Effect::Reads, resource: NEXT };

    #[test]
    fn a_number_is_read_whatever_it_is_wrapped_in() {
        for body in ["2026/03/017", "\"2026/03/017\"", "{\"nextNumber\":\"2026/03/017\"}", " 2026/03/017\n"] {
            assert_eq!(number(PURPOSE, &answer(body)).unwrap(), "2026/03/017", "{body}");
        }
        for body in ["", "\"2026/03", "{\"nextNumber\":", "{\"a\":\"1\"}", "<html>1</html>", "null", "[1]"] {
            assert_eq!(number(PURPOSE, &answer(body)).unwrap_err().code(), ErrorCode::MalformedAnswer, "{body}");
        }
    }

    #[test]
    fn pages_go_on_until_the_end_whether_or_not_it_is_said() {
        let go_on = |body: &str, start| rows(PURPOSE, &answer(body)).unwrap().go_on(start);
        assert!(go_on(r#"{"data":[{"id":1}],"totalSize":-1}"#, 0));
        assert!(go_on(r#"{"data":[{"id":1}],"totalSize":3}"#, 1));
        assert!(!go_on(r#"{"data":[{"id":1}],"totalSize":2}"#, 1));
        assert!(!go_on(r#"{"data":[{"id":1}]}"#, 0));
        assert!(!go_on(r#"{"data":[],"totalSize":-1}"#, 50));
        assert!(rows(PURPOSE, &answer("{}")).is_err());
    }

    #[test]
    fn what_was_made_is_told_from_what_changed_with_it() {
        let log = r#"{"changelog":[
            {"modification":"CREATE","objectClass":"customer","objectId":"51"},
            {"modification":"CHANGE","objectClass":"transaction","objectId":1},
            {"modification":"CREATE","objectClass":"transaction","objectId":"50410"}]}"#;
        assert_eq!(created(PURPOSE, "transaction", &answer(log)).unwrap(), 50_410);
        assert!(created(PURPOSE, "transaction", &answer(r#"{"changelog":[]}"#)).is_err());
        assert!(created(PURPOSE, "transaction", &answer("{}")).is_err());
    }

    #[test]
    fn filters_stand_in_addresses_as_they_are_and_their_values_do_not() {
        let call = list(Operation::FindBooking, TRANSACTIONS, &[("transactionNumber(eq)", "FV 1/03")], 50);
        let path =
            "/transactions?transactionNumber(eq)=FV%201%2F03&dataFormat=MEDIUM&sort=id&dir=DESC&start=50&limit=50";
        assert_eq!(call.path, path);
        assert_eq!(
            print(7, "Faktura_korygująca 2").path.split('?').next(),
            Some("/reports/invoices/transaction/Faktura_koryguj%C4%85ca%202/7.pdf")
        );
    }
}
