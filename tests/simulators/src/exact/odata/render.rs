//! Verbose JSON.

use std::borrow::Cow;

use super::Schema;
use super::query::{Page, Query};
use crate::exact::entity::{Cell, Kind};
use crate::json::Node;

/// Where a resource is, for the addresses in answers.
#[derive(Debug, Clone)]
pub struct Place {
    /// `http://host/api/v1/123/crm/Accounts`
    pub resource: String,
}

impl Place {
    /// The address of a record.
    pub fn record(&self, key: &Cell) -> String {
        match key {
            Cell::Guid(guid) => format!("{}(guid'{guid}')", self.resource),
            Cell::Int(number) => format!("{}({number})", self.resource),
            _ => self.resource.clone(),
        }
    }
}

/// A record: `__metadata` and the selected properties, in the order of the schema.
pub fn record(schema: &Schema, place: &Place, cells: &[Cell], select: Option<&[usize]>) -> Node {
    let uri = place.record(cells.first().unwrap_or(&Cell::Null));
    let metadata = Node::object([("uri", Node::text(&uri)), ("type", Node::text(&schema.type_name))]);
    let shown = |position: &usize| select.is_none_or(|select| select.contains(position));
    let properties = schema.properties.iter().enumerate().filter(|(position, _)| shown(position));
    let members = properties.map(|(position, property)| {
        let value = match (property.kind, cells.get(position)) {
            (Kind::Collection, _) => {
                let uri = Node::text(format!("{uri}/{}", property.name));
                Node::object([("__deferred", Node::object([("uri", uri)]))])
            }
            (_, Some(cell)) => node(cell),
            (_, None) => Node::Null,
        };
        (Cow::Borrowed(property.name), value)
    });
    Node::Object([(Cow::Borrowed("__metadata"), metadata)].into_iter().chain(members).collect())
}

/// The answer that holds one record.
pub fn one(record: Node) -> Node {
    Node::object([("d", record)])
}

/// The answer that holds a page. `next` is made from the call's own address, without `$skiptoken` and `$top`.
pub fn page(
    schema: &Schema,
    place: &Place,
    query: &Query,
    page: &Page,
    next: impl Fn(&str, Option<usize>) -> String,
) -> Node {
    let select = query.select.as_deref();
    let results = Node::List(page.records.iter().map(|cells| record(schema, place, cells, select)).collect());
    if query.top == Some(1) {
        return Node::object([("d", results)]);
    }
    let mut members = vec![(Cow::Borrowed("results"), results)];
    members.extend(page.next.as_ref().map(|(token, top)| (Cow::Borrowed("__next"), Node::Text(next(token, *top)))));
    Node::object([("d", Node::Object(members))])
}

/// A value; instants as `/Date(milliseconds)/`.
pub fn node(cell: &Cell) -> Node {
    match cell {
        Cell::Null => Node::Null,
        Cell::Guid(guid) => Node::text(guid.to_string()),
        Cell::Text(text) => Node::text(text),
        Cell::Int(value) => Node::Int(*value),
        Cell::Number(value) => Node::Number(*value),
        Cell::Bool(value) => Node::Bool(*value),
        Cell::Instant(at) => Node::text(format!("/Date({})/", at.timestamp_millis())),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::books::FinancialPeriod;
    use crate::exact::entity::Entity;
    use crate::exact::guid::Guid;
    use chrono::NaiveDate;

    #[test]
    fn a_record_in_verbose_json() {
        let start = NaiveDate::from_ymd_opt(2026, 7, 1).expect("a date");
        let period =
            FinancialPeriod { id: Guid::numbered(1, 1), year: 2026, period: 7, start, ..FinancialPeriod::default() };
        let schema = Schema::of::<FinancialPeriod>().with_collection("Lines");
        let place = Place { resource: "http://x/financial/FinancialPeriods".to_owned() };
        let node = record(&schema, &place, &period.cells(), Some(&[1, 3, 5]));
        let expected = "{\"__metadata\":{\"uri\":\"http://x/financial/FinancialPeriods\
            (guid'00000001-0000-4000-8000-000000000001')\",\"type\":\"Exact.Web.Api.Models.Financial.FinancialPeriod\"},\
            \"FinYear\":2026,\"StartDate\":\"/Date(1782864000000)/\",\"Lines\":{\"__deferred\":{\"uri\":\
            \"http://x/financial/FinancialPeriods(guid'00000001-0000-4000-8000-000000000001')/Lines\"}}}";
        assert_eq!(String::from_utf8_lossy(&node.render()), expected);
    }
}
