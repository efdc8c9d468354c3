//! The query options of a list, and the page they ask for.

use std::cmp::Ordering;

use super::Schema;
use super::filter::{Condition, literals};
use crate::exact::entity::{Cell, Kind};
use crate::exact::refusal::Refusal;

/// Records on a page.
pub const PAGE: usize = 60;

/// Which way a list is sorted by a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Way {
    Up,
    Down,
}

/// The query options of a call.
#[derive(Debug, Clone, Default)]
pub struct Query {
    /// The places of the properties to show; all when none.
    pub select: Option<Vec<usize>>,
    /// The condition.
    pub filter: Option<Condition>,
    /// At most so many records.
    pub top: Option<usize>,
    order: Vec<(usize, Way)>,
    after: Option<Vec<Cell>>,
}

/// A page of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Page {
    /// The records.
    pub records: Vec<Vec<Cell>>,
    /// Where the next page begins, and the `$top` that is left for it.
    pub next: Option<(String, Option<usize>)>,
}

impl Query {
    /// Reads the options; `parameters` are decoded.
    pub fn parse(parameters: &[(String, String)], schema: &Schema) -> Result<Self, Refusal> {
        let mut query = Self::default();
        for (name, value) in parameters.iter().filter(|(name, _)| name.starts_with('$')) {
            match name.as_str() {
                "$select" => query.select = Some(select(value, schema)?),
                "$filter" => query.filter = Some(Condition::parse(value, schema)?),
                "$orderby" => query.order = order(value, schema)?,
                "$top" => query.top = Some(value.parse().map_err(|_| Refusal::bad("Incorrect format for $top."))?),
                "$skiptoken" => query.after = Some(literals(value)?),
                "$skip" => return Err(Refusal::bad("Query option $skip is not supported. Use $skiptoken.")),
                other => return Err(Refusal::bad(format!("The query parameter '{other}' is not supported."))),
            }
        }
        if query.after.as_ref().is_some_and(|after| after.len() != query.order.len() + 1) {
            return Err(Refusal::bad("The $skiptoken does not belong to this query."));
        }
        Ok(query)
    }

    /// The page of these records that the options ask for.
    pub fn page(&self, records: Vec<Vec<Cell>>) -> Page {
        let mut records: Vec<Vec<Cell>> = records
            .into_iter()
            .filter(|record| self.filter.as_ref().is_none_or(|filter| filter.holds(record)))
            .filter(|record| self.after.as_ref().is_none_or(|after| self.compare(&self.place(record), after).is_gt()))
            .collect();
        records.sort_by(|a, b| self.compare(&self.place(a), &self.place(b)));
        let wanted = self.top.unwrap_or(usize::MAX);
        let more = records.len().min(wanted) > PAGE;
        records.truncate(wanted.min(PAGE));
        let last = records.last().filter(|_| more).map(|record| token(&self.place(record)));
        Page { next: last.map(|token| (token, self.top.map(|top| top - PAGE))), records }
    }

    /// A record's place in the order: the values it is sorted by, and its key.
    fn place(&self, record: &[Cell]) -> Vec<Cell> {
        let positions = self.order.iter().map(|(position, _)| *position).chain([0]);
        positions.map(|position| record.get(position).cloned().unwrap_or(Cell::Null)).collect()
    }

    fn compare(&self, left: &[Cell], right: &[Cell]) -> Ordering {
        let ways = self.order.iter().map(|(_, way)| *way).chain([Way::Up]);
        left.iter().zip(right).zip(ways).fold(Ordering::Equal, |so_far, ((left, right), way)| {
            so_far.then_with(|| match way {
                Way::Up => left.cmp(right),
                Way::Down => right.cmp(left),
            })
        })
    }
}

fn select(value: &str, schema: &Schema) -> Result<Vec<usize>, Refusal> {
    let position = |name: &str| {
        let unknown = || format!("Could not find a property named '{name}' on type '{}'.", schema.type_name);
        schema.position(name).ok_or_else(|| Refusal::bad(unknown()))
    };
    if value.trim() == "*" {
        Ok((0..schema.properties.len()).collect())
    } else {
        value.split(',').map(|name| position(name.trim())).collect()
    }
}

fn order(value: &str, schema: &Schema) -> Result<Vec<(usize, Way)>, Refusal> {
    let one = |text: &str| {
        let wrong = || Refusal::bad(format!("Syntax error in $orderby '{text}'."));
        let mut words = text.split_whitespace();
        let position = words.next().and_then(|name| schema.position(name)).ok_or_else(wrong)?;
        if schema.property(position).is_none_or(|property| property.kind == Kind::Collection) {
            return Err(wrong());
        }
        match (words.next(), words.next()) {
            (None | Some("asc"), None) => Ok((position, Way::Up)),
            (Some("desc"), None) => Ok((position, Way::Down)),
            _ => Err(wrong()),
        }
    };
    value.split(',').map(one).collect()
}

/// Writes values as literals, for `$skiptoken`.
fn token(values: &[Cell]) -> String {
    let literal = |cell: &Cell| match cell {
        Cell::Null => "null".to_owned(),
        Cell::Guid(guid) => format!("guid'{guid}'"),
        Cell::Text(text) => format!("'{}'", text.replace('\'', "''")),
        Cell::Int(number) => number.to_string(),
        Cell::Number(number) => number.to_string(),
        Cell::Bool(value) => value.to_string(),
        Cell::Instant(at) => format!("datetime'{}'", at.format("%Y-%m-%dT%H:%M:%S%.f")),
    };
    values.iter().map(literal).collect::<Vec<_>>().join(",")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::exact::books::CostCenter;
    use crate::exact::entity::Entity;
    use crate::exact::guid::Guid;

    fn records(count: u64) -> Vec<Vec<Cell>> {
        let record =
            |n: u64| CostCenter { id: Guid::numbered(1, n), code: format!("K{}", n % 3), ..CostCenter::default() };
        (1..=count).map(|n| record(n).cells()).collect()
    }

    fn walk(options: &[(&str, &str)], count: u64) -> Vec<usize> {
        let mut options: Vec<(String, String)> = options.iter().map(|(k, v)| ((*k).into(), (*v).into())).collect();
        let mut sizes = Vec::new();
        loop {
            let query = Query::parse(&options, &Schema::of::<CostCenter>()).expect("a query");
            let page = query.page(records(count));
            sizes.push(page.records.len());
            let Some((token, top)) = page.next else { return sizes };
            options.retain(|(name, _)| name != "$skiptoken" && name != "$top");
            options.push(("$skiptoken".into(), token));
            options.extend(top.map(|top| ("$top".into(), top.to_string())));
        }
    }

    #[test]
    fn pages_of_sixty_follow_each_other() {
        assert_eq!(walk(&[], 60), [60]);
        assert_eq!(walk(&[], 150), [60, 60, 30]);
        assert_eq!(walk(&[("$top", "70")], 150), [60, 10]);
        assert_eq!(walk(&[("$orderby", "Code desc,Description")], 150), [60, 60, 30]);
        assert_eq!(walk(&[("$filter", "Code eq 'K1'")], 150), [50]);
    }

    #[test]
    fn unknown_options_and_properties_are_refused() {
        for (name, value) in [
            ("$select", "ID,Nope"),
            ("$orderby", "Nope"),
            ("$orderby", "Code sideways"),
            ("$skip", "60"),
            ("$top", "-1"),
            ("$expand", "Lines"),
            ("$skiptoken", "guid'x'"),
            ("$skiptoken", "1,2"),
        ] {
            let parsed = Query::parse(&[(name.into(), value.into())], &Schema::of::<CostCenter>());
            assert!(matches!(parsed, Err(Refusal::Bad(_))), "{name}={value}");
        }
    }
}
