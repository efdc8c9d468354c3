//! How `AccountView` is asked: by business object, with filters, page by page; and what its answers are made of.

use super::errors;
use crate::{
    call::{Answer, Body, Call, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    json,
};
use domain::time::Date;
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use url::form_urlencoded;

/// Rows on a page.
pub(super) const PAGE: usize = 200;
/// More pages are not read: a partial list would be worse than none.
const PAGES_MAX: usize = 100;

/// Suppliers.
pub(super) const SUPPLIERS: &str = "AP1";
/// Customers.
pub(super) const CUSTOMERS: &str = "AR1";
/// Ledger accounts.
pub(super) const ACCOUNTS: &str = "GL1";
/// VAT codes.
pub(super) const VAT_CODES: &str = "VA1";
/// Journals.
pub(super) const JOURNALS: &str = "DJ1";
/// Cost centres.
pub(super) const COST_CENTRES: &str = "CC1";
/// Periods.
pub(super) const PERIODS: &str = "PER";
/// Journal pages, to be written.
pub(super) const PAGES: &str = "DJ2";
/// Journal pages, to be read.
pub(super) const PAGES_READ: &str = "DJ2P";
/// Posted transactions.
pub(super) const TRANSACTIONS: &str = "GJ1";
/// The dictionary of fields.
pub(super) const FIELDS: &str = "FLD";
pub(super) const COMPANIES: &str = "Companies";
pub(super) const BUSINESS_OBJECTS: &str = "AccountViewSystemBusinessObjects";

/// How a column is compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operator {
    Equal,
    Contains,
    OnOrAfter,
}

/// What a row must have. What comes is compared again here.
#[derive(Debug, Clone)]
pub(super) struct Filter {
    pub(super) column: &'static str,
    pub(super) operator: Operator,
    pub(super) value: String,
}

impl Filter {
    pub(super) fn equal(column: &'static str, value: impl Into<String>) -> Self {
        Self { column, operator: Operator::Equal, value: value.into() }
    }

    pub(super) fn contains(column: &'static str, value: impl Into<String>) -> Self {
        Self { column, operator: Operator::Contains, value: value.into() }
    }

    /// A day goes as a literal of `FoxPro`.
    pub(super) fn since(column: &'static str, day: Date) -> Self {
        Self { column, operator: Operator::OnOrAfter, value: format!("{{^{}}}", day.format("%Y-%m-%d")) }
    }
}

/// What is read.
#[derive(Debug, Clone)]
pub(super) struct Query {
    pub(super) object: &'static str,
    /// Which year's books; those of today when absent.
    pub(super) day: Option<Date>,
    pub(super) filters: Vec<Filter>,
    /// Which columns; all when absent.
    pub(super) fields: Option<&'static str>,
    /// Counted from 1.
    pub(super) page: usize,
    pub(super) rows: usize,
}

impl Query {
    pub(super) fn of(object: &'static str) -> Self {
        Self { object, day: None, filters: Vec::new(), fields: None, page: 1, rows: PAGE }
    }

    /// In the books of the year that holds a day.
    pub(super) fn on(self, day: Date) -> Self {
        Self { day: Some(day), ..self }
    }

    pub(super) fn with(mut self, filter: Filter) -> Self {
        self.filters.push(filter);
        self
    }

    pub(super) fn fields(self, fields: &'static str) -> Self {
        Self { fields: Some(fields), ..self }
    }

    pub(super) fn page(self, page: usize) -> Self {
        Self { page, ..self }
    }

    fn path(&self, resource: &str) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair("BusinessObject", self.object);
        if let Some(day) = self.day {
            query.append_pair("BookDate", &day.format("%Y-%m-%d").to_string());
        }
        query.append_pair("PageSize", &self.rows.to_string()).append_pair("PageNumber", &self.page.to_string());
        if let Some(fields) = self.fields {
            query.append_pair("Fields", fields);
        }
        for (filter, place) in self.filters.iter().zip(1_usize..) {
            let (operator, kind) = match filter.operator {
                Operator::Equal => ("Equal", "C"),
                Operator::Contains => ("Contains", "C"),
                Operator::OnOrAfter => ("DateOnOrAfterDate", "D"),
            };
            query
                .append_pair(&format!("FilterControlSource{place}"), filter.column)
                .append_pair(&format!("FilterOperator{place}"), operator)
                .append_pair(&format!("FilterValueType{place}"), kind)
                .append_pair(&format!("FilterValue{place}"), &filter.value)
                .append_pair(&format!("FilterIsListOfValues{place}"), "false");
        }
        // A plus sign for a space is a convention of forms; %20 is understood everywhere.
        format!("/api/v3/{resource}?{}", query.finish().replace('+', "%20"))
    }

    pub(super) fn call(&self, operation: Operation) -> Call {
        get(operation, self.object, self.path("AccountViewData"))
    }

    /// The same of the dictionary.
    pub(super) fn call_system(&self, operation: Operation) -> Call {
        get(operation, self.object, self.path("AccountViewSystemData"))
    }
}

fn get(operation: Operation, resource: &'static str, path: String) -> Call {
    Call { purpose: Purpose { operation, effect: Effect::Reads, resource }, path, body: Body::Nothing }
}

/// Lists the companies that the user may open.
pub(super) fn companies(operation: Operation) -> Call {
    get(operation, COMPANIES, format!("/api/v3/{COMPANIES}"))
}

/// Lists what may be read and written.
pub(super) fn business_objects(operation: Operation) -> Call {
    get(operation, BUSINESS_OBJECTS, format!("/api/v3/{BUSINESS_OBJECTS}"))
}

/// A request that writes.
pub(super) fn post(operation: Operation, resource: &'static str, body: Vec<u8>) -> Call {
    let purpose = Purpose { operation, effect: Effect::Writes, resource };
    Call { purpose, path: "/api/v3/AccountViewData".to_owned(), body: Body::Json(body) }
}

/// A row of a table, by the names of its columns in capitals.
#[derive(Debug, Clone, Default)]
pub(super) struct Row(BTreeMap<String, Box<RawValue>>);

impl Row {
    fn read(text: &str) -> Option<Self> {
        let members: BTreeMap<String, Box<RawValue>> = serde_json::from_str(text).ok()?;
        Some(Self(members.into_iter().map(|(name, value)| (name.to_ascii_uppercase(), value)).collect()))
    }

    fn raw(&self, column: &str) -> Option<&str> {
        self.0.get(&column.to_ascii_uppercase()).map(|value| value.get())
    }

    pub(super) fn has(&self, column: &str) -> bool {
        self.raw(column).is_some()
    }

    /// A text without the spaces that fill the field; a number as its digits.
    pub(super) fn text(&self, column: &str) -> String {
        let Some(raw) = self.raw(column) else { return String::new() };
        match serde_json::from_str::<String>(raw) {
            Ok(text) => text.trim().to_owned(),
            Err(_) if raw == "null" => String::new(),
            Err(_) => raw.to_owned(),
        }
    }

    /// A text that is there.
    pub(super) fn filled(&self, column: &str) -> Option<String> {
        Some(self.text(column)).filter(|text| !text.is_empty())
    }

    pub(super) fn number(&self, column: &str) -> Option<Decimal> {
        json::read(self.raw(column)?)
    }

    /// A number, or nothing as zero.
    pub(super) fn amount(&self, column: &str) -> Decimal {
        self.number(column).unwrap_or_default()
    }

    pub(super) fn flag(&self, column: &str) -> bool {
        matches!(self.text(column).to_ascii_lowercase().as_str(), "true" | "1" | ".t.")
    }

    /// A day, however it is written; none when it is empty.
    pub(super) fn day(&self, column: &str) -> Option<Date> {
        self.text(column).get(..10)?.parse().ok()
    }
}

/// The tables of an answer, by their names in capitals.
#[derive(Debug, Default)]
pub(super) struct Tables(BTreeMap<String, Vec<Row>>);

impl Tables {
    pub(super) fn rows(&self, table: &str) -> &[Row] {
        self.0.get(table).map_or(&[], Vec::as_slice)
    }

    /// The first table that has rows, whatever its name.
    pub(super) fn any(&self) -> &[Row] {
        self.0.values().find(|rows| !rows.is_empty()).map_or(&[], Vec::as_slice)
    }
}

/// Reads the tables of an answer. One row may come without a list around it. An answer that tells of an error is one,
/// whatever its status.
pub(super) fn tables(purpose: Purpose, answer: &Answer) -> Result<Tables, LedgerError> {
    let malformed = || errors::malformed(purpose.operation, purpose.effect);
    if let Some(error) = errors::told(purpose, answer) {
        return Err(error);
    }
    let members: BTreeMap<String, Box<RawValue>> = serde_json::from_slice(&answer.body).map_err(|_| malformed())?;
    let mut tables = BTreeMap::new();
    for (name, value) in members {
        match Shape::of(value.get()) {
            Shape::Rows(rows) => drop(tables.insert(name.to_ascii_uppercase(), rows)),
            Shape::Plain => {}
            Shape::Damaged => return Err(malformed()),
        }
    }
    Ok(Tables(tables))
}

/// Reads an answer that is a list.
pub(super) fn list(operation: Operation, resource: &'static str, answer: &Answer) -> Result<Vec<Row>, LedgerError> {
    let purpose = Purpose { operation, effect: Effect::Reads, resource };
    if let Some(error) = errors::told(purpose, answer) {
        return Err(error);
    }
    match Shape::of(&answer.text()) {
        Shape::Rows(rows) => Ok(rows),
        Shape::Plain | Shape::Damaged => Err(errors::malformed(operation, Effect::Reads)),
    }
}

/// What a member of an answer is.
enum Shape {
    /// A table: several rows, or one without a list around it.
    Rows(Vec<Row>),
    /// A text, a number, nothing.
    Plain,
    /// A table of which a row cannot be read.
    Damaged,
}

impl Shape {
    fn of(text: &str) -> Self {
        let rows = match text.trim_start().as_bytes().first() {
            Some(b'[') => {
                let rows: Option<Vec<Box<RawValue>>> = serde_json::from_str(text).ok();
                rows.and_then(|rows| rows.iter().map(|row| Row::read(row.get())).collect())
            }
            Some(b'{') => Row::read(text).map(|row| vec![row]),
            Some(_) | None => return Self::Plain,
        };
        rows.map_or(Self::Damaged, Self::Rows)
    }
}

/// The page after a full one; none after the last.
pub(super) fn following(
    operation: Operation,
    page: usize,
    size: usize,
    rows: usize,
) -> Result<Option<usize>, LedgerError> {
    if rows < size {
        return Ok(None);
    }
    if page >= PAGES_MAX {
        let message = "AccountView lists more than can be looked through. We have to repair that; the document can be \
                       booked by hand.";
        return Err(LedgerError::new(ErrorKind::Bug, ErrorCode::MalformedAnswer, operation, message));
    }
    Ok(Some(page + 1))
}

/// What is filled when something goes wrong.
#[derive(Debug, Deserialize)]
pub(super) struct Told {
    #[serde(rename = "ErrorType", alias = "errorType", default)]
    pub(super) kind: Option<String>,
    #[serde(rename = "ErrorNumbers", alias = "errorNumbers", default)]
    pub(super) numbers: Option<Box<RawValue>>,
    #[serde(rename = "ErrorMessage", alias = "errorMessage", default)]
    pub(super) message: Option<String>,
}

#[cfg(test)]
mod tests {
    use super::*;
    use reqwest::header::HeaderMap;

    const READS: Purpose = Purpose { operation: Operation::Directory, effect: Effect::Reads, resource: SUPPLIERS };

    fn answer(body: &str) -> Answer {
        Answer { status: 200, headers: HeaderMap::new(), body: body.into() }
    }

    #[test]
    fn a_query_is_encoded_whole() {
        let query = Query::of(PAGES_READ)
            .on("2026-03-14".parse().unwrap())
            .with(Filter::equal("SUB_NR", "2 & 1"))
            .with(Filter::since("TRN_DATE", "2026-02-14".parse().unwrap()));
        assert_eq!(
            query.call(Operation::FindBooking).path,
            "/api/v3/AccountViewData?BusinessObject=DJ2P&BookDate=2026-03-14&PageSize=200&PageNumber=1\
             &FilterControlSource1=SUB_NR&FilterOperator1=Equal&FilterValueType1=C&FilterValue1=2%20%26%201\
             &FilterIsListOfValues1=false\
             &FilterControlSource2=TRN_DATE&FilterOperator2=DateOnOrAfterDate&FilterValueType2=D\
             &FilterValue2=%7B%5E2026-02-14%7D&FilterIsListOfValues2=false"
        );
    }

    #[test]
    fn rows_are_read_in_each_of_their_shapes() {
        let one = r#"{"CONTACT":{"SUB_NR":"20001     ","ACCT_NAME":"Toner BV","REC_BLK":false,"DR_AMT":12.50},"USR_LINK":[]}"#;
        let two = r#"{"contact":[{"sub_nr":"20001"},{"SUB_NR":"20002"}],"EXT":3}"#;
        let tables_of = |body: &str| tables(READS, &answer(body)).unwrap();
        let rows = tables_of(one);
        let row = &rows.rows("CONTACT")[0];
        assert_eq!((row.text("SUB_NR"), row.flag("REC_BLK")), ("20001".to_owned(), false));
        assert_eq!(row.amount("DR_AMT").to_string(), "12.50");
        assert_eq!(tables_of(two).rows("CONTACT").len(), 2);
        for date in ["2026-03-14T00:00:00", "2026-03-14", "2026-03-14T00:00:00.000Z"] {
            let row = Row::read(&format!(r#"{{"TRN_DATE":"{date}"}}"#)).unwrap();
            assert_eq!(row.day("TRN_DATE"), "2026-03-14".parse().ok());
        }
        assert_eq!(Row::read(r#"{"TRN_DATE":""}"#).unwrap().day("TRN_DATE"), None);
    }

    #[test]
    fn damaged_answers_are_none() {
        for body in ["", "[", r#"{"CONTACT":[{"SUB_NR":"20"#, "<html></html>", r#"{"CONTACT":[1]}"#, "null"] {
            let error = tables(READS, &answer(body)).unwrap_err();
            assert_eq!(error.code(), ErrorCode::MalformedAnswer, "{body}");
        }
        assert!(list(Operation::Directory, COMPANIES, &answer("7")).is_err());
    }
}
