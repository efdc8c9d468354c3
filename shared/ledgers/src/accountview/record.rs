//! Records as they are written: the columns first, then values by their place. Both are made from one list, so that they
//! cannot drift apart.

use crate::{
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    json::Number,
};
use domain::time::Date;
use rust_decimal::Decimal;
use serde::Serialize;

/// A value with the type that its column then has.
#[derive(Debug, Clone, PartialEq)]
pub(super) enum Value {
    /// `C`
    Text(String),
    /// `N`
    Number(Decimal),
    /// `T`
    Day(Date),
}

impl Value {
    pub(super) fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    pub(super) fn number(number: impl Into<Decimal>) -> Self {
        Self::Number(number.into())
    }

    fn kind(&self) -> &'static str {
        match self {
            Self::Text(_) => "C",
            Self::Number(_) => "N",
            Self::Day(_) => "T",
        }
    }

    fn cell(&self) -> Cell {
        match self {
            Self::Text(text) => Cell::Text(text.clone()),
            Self::Number(number) => Cell::Number(Number(*number)),
            Self::Day(day) => Cell::Text(format!("{}T00:00:00", day.format("%Y-%m-%d"))),
        }
    }
}

/// A record: names with their values. What it has not is not sent.
#[derive(Debug, Clone, Default)]
pub(super) struct Record(Vec<(&'static str, Value)>);

impl Record {
    pub(super) fn set(mut self, name: &'static str, value: Value) -> Self {
        self.0.push((name, value));
        self
    }

    /// The same, where there is something to set.
    pub(super) fn maybe(self, name: &'static str, value: Option<Value>) -> Self {
        match value {
            Some(value) => self.set(name, value),
            None => self,
        }
    }

    fn get(&self, name: &str) -> Option<&Value> {
        self.0.iter().find(|(known, _)| *known == name).map(|(_, value)| value)
    }
}

#[derive(Serialize)]
#[serde(untagged)]
enum Cell {
    Text(String),
    Number(Number),
    Nothing(()),
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Column {
    name: &'static str,
    field_type: &'static str,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Definition {
    name: &'static str,
    fields: Vec<Column>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Values {
    values: Vec<Cell>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Rows {
    rows: Vec<Values>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Table {
    definition: Definition,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    detail_definitions: Vec<Definition>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct TableData {
    data: Rows,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    detail_data: Vec<Rows>,
}

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct Envelope {
    book_date: String,
    business_object: &'static str,
    table: Table,
    table_data: TableData,
}

/// Columns and values of records of one table: each column that any of them has, in order of first appearance. In a record
/// that lacks it a text is empty and anything else nothing.
fn columns(table: &'static str, records: &[Record]) -> (Definition, Rows) {
    let mut known: Vec<(&'static str, &'static str)> = Vec::new();
    for (name, value) in records.iter().flat_map(|record| &record.0) {
        if !known.iter().any(|(column, _)| column == name) {
            known.push((name, value.kind()));
        }
    }
    let cell = |record: &Record, (name, kind): &(&'static str, &'static str)| match (record.get(name), *kind) {
        (Some(value), _) => value.cell(),
        (None, "C") => Cell::Text(String::new()),
        (None, _) => Cell::Nothing(()),
    };
    let rows = records
        .iter()
        .map(|record| Values { values: known.iter().map(|column| cell(record, column)).collect() })
        .collect();
    let fields = known.iter().map(|(name, field_type)| Column { name, field_type }).collect();
    (Definition { name: table, fields }, Rows { rows })
}

/// One header with its lines, in the books of the year that holds a day.
pub(super) fn envelope(
    operation: Operation,
    object: &'static str,
    day: Date,
    header: (&'static str, Record),
    lines: Option<(&'static str, Vec<Record>)>,
) -> Result<Vec<u8>, LedgerError> {
    let numbered = Record::default().set("RowId", Value::text("1"));
    let header_record = Record(numbered.0.into_iter().chain(header.1.0).collect());
    let (definition, data) = columns(header.0, &[header_record]);
    let (detail_definitions, detail_data) = lines
        .map(|(table, lines)| {
            let numbered = lines.into_iter().zip(1_usize..).map(|(line, place)| {
                let link = [("RowId", Value::text(place.to_string())), ("HeaderId", Value::text("1"))];
                Record(link.into_iter().chain(line.0).collect())
            });
            columns(table, &numbered.collect::<Vec<_>>())
        })
        .into_iter()
        .unzip();
    let envelope = Envelope {
        book_date: format!("{}T00:00:00.000Z", day.format("%Y-%m-%d")),
        business_object: object,
        table: Table { definition, detail_definitions },
        table_data: TableData { data, detail_data },
    };
    serde_json::to_vec(&envelope).map_err(|_| {
        let message = "The request could not be written as JSON. We have to repair that.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, operation, message)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn definition_and_values_are_of_one_list() {
        let day = "2026-03-14".parse().unwrap();
        let header = Record::default().set("DJ_CODE", Value::text("INK")).maybe("EXT_DESC", None);
        let lines = vec![
            Record::default().set("ACCT_NR", Value::text("4500")).set("AMOUNT", Value::number(dec!(100.10))),
            Record::default()
                .set("ACCT_NR", Value::text("4510"))
                .set("COST_CODE", Value::text("100"))
                .set("TRN_DATE", Value::Day(day)),
        ];
        let body = envelope(Operation::CreateBooking, "DJ2", day, ("DJ_PAGE", header), Some(("DJ_LINE", lines)));
        assert_eq!(
            String::from_utf8(body.unwrap()).unwrap(),
            r#"{"BookDate":"2026-03-14T00:00:00.000Z","BusinessObject":"DJ2","Table":{"Definition":{"Name":"DJ_PAGE","#
                .to_owned()
                + r#""Fields":[{"Name":"RowId","FieldType":"C"},{"Name":"DJ_CODE","FieldType":"C"}]},"#
                + r#""DetailDefinitions":[{"Name":"DJ_LINE","Fields":[{"Name":"RowId","FieldType":"C"},"#
                + r#"{"Name":"HeaderId","FieldType":"C"},{"Name":"ACCT_NR","FieldType":"C"},"#
                + r#"{"Name":"AMOUNT","FieldType":"N"},{"Name":"COST_CODE","FieldType":"C"},"#
                + r#"{"Name":"TRN_DATE","FieldType":"T"}]}]},"#
                + r#""TableData":{"Data":{"Rows":[{"Values":["1","INK"]}]},"DetailData":[{"Rows":["#
                + r#"{"Values":["1","1","4500",100.10,"",null]},"#
                + r#"{"Values":["2","1","4510",null,"100","2026-03-14T00:00:00"]}]}]}}"#
        );
    }
}
