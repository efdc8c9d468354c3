//! How wFirma is asked: modules, records under numbered keys, and a status that tells more than that of HTTP.

use super::{NAME, errors};
use crate::{
    call::{Answer, Body, Call, Effect, Purpose, Target},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    loose::Loose,
};
use serde_json::{Value, json};

/// Records on a page.
pub(super) const PAGE: usize = 100;

/// A kind of records: the name of many, which stands in addresses, and that of one.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Module {
    pub(super) many: &'static str,
    pub(super) one: &'static str,
}

pub(super) const INVOICES: Module = Module { many: "invoices", one: "invoice" };
pub(super) const SERIES: Module = Module { many: "series", one: "series" };
pub(super) const GOODS: Module = Module { many: "goods", one: "good" };
pub(super) const CONTRACTORS: Module = Module { many: "contractors", one: "contractor" };
pub(super) const COMPANIES: Module = Module { many: "user_companies", one: "user_company" };

/// Formats that go with every request.
const FORMATS: &str = "inputFormat=json&outputFormat=json";

/// The company of a request: without one, wFirma may take another.
fn company(at: &Target, operation: Operation) -> Result<&str, LedgerError> {
    let id = at.division.as_ref().map(domain::ledger::Division::as_str);
    id.filter(|id| id.bytes().all(|digit| digit.is_ascii_digit())).ok_or_else(|| {
        let message = format!("No company of {NAME} was chosen for this administration. Choose one, and pass again.");
        LedgerError::rejected(ErrorCode::WrongDivision, operation, message)
    })
}

fn post(
    at: &Target,
    (operation, effect): (Operation, Effect),
    (module, action): (Module, &str),
    body: &Value,
) -> Result<Call, LedgerError> {
    let company = company(at, operation)?;
    Ok(Call {
        purpose: Purpose { operation, effect, resource: module.many },
        path: format!("/{}/{action}?{FORMATS}&company_id={company}", module.many),
        body: Body::Json(json!({ module.many: body }).to_string().into_bytes()),
    })
}

/// A request that lists records: those that meet every condition, newest first.
pub(super) fn find(
    at: &Target,
    operation: Operation,
    module: Module,
    conditions: &[(&str, &str, &str)],
    page: usize,
) -> Result<Call, LedgerError> {
    let mut parameters = json!({ "page": page.to_string(), "limit": PAGE.to_string() });
    if !conditions.is_empty() {
        let conditions = conditions.iter().map(
            |(field, operator, value)| json!({ "condition": { "field": field, "operator": operator, "value": value } }),
        );
        parameters["conditions"] = numbered(conditions);
    }
    post(at, (operation, Effect::Reads), (module, "find"), &json!({ "parameters": parameters }))
}

/// Values under numbered keys.
pub(super) fn numbered(values: impl Iterator<Item = Value>) -> Value {
    Value::Object(values.enumerate().map(|(place, value)| (place.to_string(), value)).collect())
}

/// A request that makes a document.
pub(super) fn add(at: &Target, invoice: &Value) -> Result<Call, LedgerError> {
    let body = numbered([json!({ "invoice": invoice })].into_iter());
    post(at, (Operation::CreateBooking, Effect::Writes), (INVOICES, "add"), &body)
}

/// A request for the PDF of a document.
pub(super) fn download(at: &Target, id: &str) -> Result<Call, LedgerError> {
    let parameter = |(name, value): (&str, &str)| json!({ "parameter": { "name": name, "value": value } });
    let parameters = [("page", "invoice"), ("leaflet", "0"), ("duplicate", "0")].into_iter().map(parameter);
    let body = json!({ "parameters": numbered(parameters) });
    post(at, (Operation::Fetch, Effect::Reads), (INVOICES, &format!("download/{}", checked(id)?)), &body)
}

/// A request for a document.
pub(super) fn get(at: &Target, id: &str) -> Result<Call, LedgerError> {
    let operation = Operation::Fetch;
    let (company, id) = (company(at, operation)?, checked(id)?);
    Ok(Call {
        purpose: Purpose { operation, effect: Effect::Reads, resource: INVOICES.many },
        path: format!("/invoices/get/{id}?{FORMATS}&company_id={company}"),
        body: Body::Nothing,
    })
}

/// A request for a page of the companies of who is connected; the only one without a company.
pub(super) fn companies(operation: Operation, page: usize) -> Call {
    let parameters = json!({ "page": page.to_string(), "limit": PAGE.to_string() });
    Call {
        purpose: Purpose { operation, effect: Effect::Reads, resource: COMPANIES.many },
        path: format!("/{}/find?{FORMATS}", COMPANIES.many),
        body: Body::Json(json!({ COMPANIES.many: { "parameters": parameters } }).to_string().into_bytes()),
    }
}

fn checked(id: &str) -> Result<&str, LedgerError> {
    let is_id = !id.is_empty() && id.bytes().all(|digit| digit.is_ascii_digit());
    is_id.then_some(id).ok_or_else(|| {
        let message = format!("What is stored as the document's id in {NAME} is none.");
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Fetch, message)
    })
}

/// Records of an answer.
#[derive(Debug, Default)]
pub(super) struct Rows {
    pub(super) records: Vec<Loose>,
    /// How many there are on all pages, where it says so.
    total: Option<usize>,
}

impl Rows {
    /// Whether there are more on later pages than this one.
    pub(super) fn go_on(&self, page: usize) -> bool {
        let full = self.records.len() >= PAGE;
        let here = !self.records.is_empty();
        here && self.total.map_or(full, |total| full || page.saturating_sub(1) * PAGE + self.records.len() < total)
    }
}

/// Reads an answer: what its status says, else its records.
pub(super) fn rows(purpose: Purpose, module: Module, answer: &Answer) -> Result<Rows, LedgerError> {
    let body = Loose::read(&answer.body).ok_or_else(|| malformed(purpose))?;
    errors::check(purpose, &body)?;
    // Without records there may be no branch, or another thing in its place.
    let Some(branch) = body.object(module.many) else { return Ok(Rows::default()) };
    let mut places: Vec<(u32, &str)> = branch.names().filter_map(|name| Some((name.parse().ok()?, name))).collect();
    places.sort_unstable();
    let records = places.into_iter().filter_map(|(_, name)| branch.object(name)?.object(module.one)).collect();
    let total = branch.object("parameters").and_then(|parameters| parameters.whole("total"));
    Ok(Rows { records, total: total.and_then(|total| total.try_into().ok()) })
}

/// An answer that says success and cannot be read.
pub(super) fn malformed(purpose: Purpose) -> LedgerError {
    LedgerError::malformed(NAME, purpose.operation, purpose.effect)
}
