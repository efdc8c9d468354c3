//! Requests to Twinfield's services as SOAP envelopes, and what their answers hold.

use super::{errors, xml::Element};
use crate::{
    call::{Answer, Body, Call, Effect, Purpose, Target},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
};
use domain::{ledger::Division, time::Date};

pub(super) const OFFICES: &str = "processxml/offices";
pub(super) const DIMENSIONS: &str = "processxml/dimensions";
pub(super) const VAT: &str = "processxml/vat";
pub(super) const TRANSACTIONS: &str = "processxml/transaction";
pub(super) const BROWSE: &str = "processxml/browse";
pub(super) const FINDER: &str = "finder/search";
pub(super) const PERIODS: &str = "periodservice/query";

const SPACE: &str = "http://www.twinfield.com/";
const ENVELOPE: &str = "http://schemas.xmlsoap.org/soap/envelope/";
const INSTANCE: &str = "http://www.w3.org/2001/XMLSchema-instance";
const PERIOD_TYPES: &str = "http://schemas.datacontract.org/2004/07/Twinfield.WebServices.PeriodService";

/// The envelope without the access, which is put in when it is sent: see [`with_access`].
fn envelope(header: Element, body: Element) -> Vec<u8> {
    Element::new("soap:Envelope")
        .attribute("xmlns:soap", ENVELOPE)
        .attribute("xmlns:xsi", INSTANCE)
        .with(Element::new("soap:Header").with(header))
        .with(Element::new("soap:Body").with(body))
        .write()
        .into_bytes()
}

/// The header of the `.asmx` services. Without a company only the list of companies is asked for.
fn header(at: &Target) -> Element {
    let header = Element::new("Header").attribute("xmlns", SPACE);
    match &at.division {
        Some(office) => {
            header.field("CompanyCode", office.as_str()).with(Element::new("CompanyId").attribute("xsi:nil", "true"))
        }
        None => header,
    }
}

/// Puts the access token first in the header.
pub(super) fn with_access(envelope: &[u8], token: &str) -> Option<Vec<u8>> {
    let mut tree = Element::read(std::str::from_utf8(envelope).ok()?).ok()?;
    let header = tree.children.first_mut()?.children.first_mut()?;
    header.children.insert(0, Element::of("AccessToken", token));
    Some(tree.write().into_bytes())
}

/// The company, which every request but the first few needs.
pub(super) fn office(at: &Target, operation: Operation) -> Result<&str, LedgerError> {
    at.division.as_ref().map(Division::as_str).ok_or_else(|| {
        let message = "No company of Twinfield is chosen for this administration. Choose one in the connection.";
        LedgerError::rejected(ErrorCode::Option, operation, message)
    })
}

/// A request in Twinfield's own XML, which travels as one escaped string.
pub(super) fn process(at: &Target, purpose: Purpose, request: &Element) -> Call {
    let body = Element::new("ProcessXmlString").attribute("xmlns", SPACE).field("xmlRequest", request.write());
    Call {
        body: Body::Soap { action: "http://www.twinfield.com/ProcessXmlString", envelope: envelope(header(at), body) },
        purpose,
        path: "/webservices/processxml.asmx".to_owned(),
    }
}

/// A request that reads.
pub(super) fn read(at: &Target, operation: Operation, resource: &'static str, request: &Element) -> Call {
    process(at, Purpose { operation, effect: Effect::Reads, resource }, request)
}

/// What the finder is asked.
pub(super) struct Search<'a> {
    pub(super) kind: &'static str,
    pub(super) pattern: &'a str,
    /// 0: code or name, 3: bank account, 4: address.
    pub(super) field: u8,
    pub(super) first_row: usize,
    pub(super) rows: usize,
    pub(super) options: &'a [(&'static str, &'a str)],
}

pub(super) fn search(at: &Target, operation: Operation, search: &Search<'_>) -> Call {
    let options = search
        .options
        .iter()
        .map(|(name, value)| Element::new("ArrayOfString").field("string", name).field("string", value));
    let body = Element::new("Search")
        .attribute("xmlns", SPACE)
        .field("type", search.kind)
        .field("pattern", search.pattern)
        .field("field", search.field)
        .field("firstRow", search.first_row)
        .field("maxRows", search.rows)
        .with(Element::new("options").with_all(options));
    Call {
        body: Body::Soap { action: "http://www.twinfield.com/Search", envelope: envelope(header(at), body) },
        purpose: Purpose { operation, effect: Effect::Reads, resource: FINDER },
        path: "/webservices/finder.asmx".to_owned(),
    }
}

/// Asks for the periods of a year.
pub(super) fn periods(at: &Target, operation: Operation, year: i32) -> Result<Call, LedgerError> {
    let header = Element::new("Authentication").attribute("xmlns", SPACE).field("CompanyCode", office(at, operation)?);
    let query = Element::new("Query")
        .attribute("xmlns", SPACE)
        .attribute("xmlns:a", PERIOD_TYPES)
        .attribute("xsi:type", "a:GetPeriods")
        .field("a:Year", year);
    Ok(Call {
        body: Body::Soap { action: "http://www.twinfield.com/PeriodService/Query", envelope: envelope(header, query) },
        purpose: Purpose { operation, effect: Effect::Reads, resource: PERIODS },
        path: "/webservices/PeriodService.svc".to_owned(),
    })
}

fn body(purpose: Purpose, answer: &Answer) -> Result<Element, LedgerError> {
    let malformed = || errors::malformed(purpose.operation, purpose.effect);
    let text = std::str::from_utf8(&answer.body).map_err(|_| malformed())?;
    let mut envelope = Element::read(text).map_err(|_| malformed())?;
    let body = envelope.children.iter().position(|child| child.name() == "Body").ok_or_else(malformed)?;
    Ok(envelope.children.swap_remove(body))
}

/// What `ProcessXml` answered, whether it did what was asked or not.
pub(super) fn processed(purpose: Purpose, answer: &Answer) -> Result<Element, LedgerError> {
    let malformed = || errors::malformed(purpose.operation, purpose.effect);
    let body = body(purpose, answer)?;
    let result = body.at(&["ProcessXmlStringResponse", "ProcessXmlStringResult"]).and_then(Element::text);
    Element::read(result.ok_or_else(malformed)?).map_err(|_| malformed())
}

/// What `ProcessXml` answered, when it did what was asked.
pub(super) fn done(purpose: Purpose, answer: &Answer) -> Result<Element, LedgerError> {
    let root = processed(purpose, answer)?;
    if errors::succeeded(&root) { Ok(root) } else { Err(errors::refused(purpose.operation, &root)) }
}

/// Rows of the finder.
pub(super) struct Rows {
    pub(super) rows: Vec<Vec<String>>,
    /// How many there are on all pages.
    pub(super) total: usize,
}

pub(super) fn rows(operation: Operation, answer: &Answer) -> Result<Rows, LedgerError> {
    let malformed = || errors::malformed(operation, Effect::Reads);
    let purpose = Purpose { operation, effect: Effect::Reads, resource: FINDER };
    let body = body(purpose, answer)?;
    let response = body.child("SearchResponse").ok_or_else(malformed)?;
    if let Some(result) = response.child("SearchResult") {
        let wrong = |message: &&Element| message.text_of("Type").is_none_or(|kind| kind == "Error");
        if let Some(message) = result.children.iter().find(wrong) {
            let (code, text) = (message.text_of("Code"), message.text_of("Text"));
            return Err(errors::finder(operation, code.unwrap_or_default(), text.unwrap_or_default()));
        }
    }
    let data = response.child("data").ok_or_else(malformed)?;
    let text = |cell: &Element| cell.text().unwrap_or_default().to_owned();
    let rows: Vec<Vec<String>> = data
        .child("Items")
        .map(|items| items.all("ArrayOfString").map(|row| row.all("string").map(text).collect()).collect())
        .unwrap_or_default();
    let total = data.text_of("TotalRows").and_then(|total| total.parse().ok()).unwrap_or(rows.len());
    Ok(Rows { rows, total })
}

/// A period of a year.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) struct Period {
    pub(super) number: i32,
    /// Its last day.
    pub(super) end: Date,
}

/// The periods of a year, the earliest first.
pub(super) fn periods_of(operation: Operation, answer: &Answer) -> Result<Vec<Period>, LedgerError> {
    let purpose = Purpose { operation, effect: Effect::Reads, resource: PERIODS };
    let body = body(purpose, answer)?;
    let period = |element: &&Element| {
        let number = element.text_of("Number")?.parse().ok()?;
        Some(Period { number, end: element.text_of("EndDate")?.get(..10)?.parse().ok()? })
    };
    let all = body.everything();
    let mut periods: Vec<Period> =
        all.iter().copied().filter(|element| element.name() == "Period").filter_map(|it| period(&it)).collect();
    periods.sort_by_key(|period| period.end);
    Ok(periods)
}

/// The access has no server with it: a new one brings it.
pub(super) fn no_server(operation: Operation) -> LedgerError {
    let message = "Which server of Twinfield keeps this organisation is not known yet. It is looked up by itself.";
    LedgerError::new(ErrorKind::Unauthorised, ErrorCode::TokenRefused, operation, message)
}
