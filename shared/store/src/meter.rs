//! What an operation costs: counted from item sizes, since not every place where this runs reports consumed capacity.

use crate::{
    item::{Item, size_of_item},
    schema::{Projection, Schema},
};
use std::{fmt, sync::Arc};

/// Bytes that one write unit pays for.
const WRITE_UNIT_BYTES: usize = 1024;
/// Bytes that one strongly consistent read unit pays for.
const READ_UNIT_BYTES: usize = 4096;

/// What one operation cost.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Cost {
    /// Name of the operation, for example `documents.transition`.
    pub operation: &'static str,
    /// Logical name of the table, or `Bucket`.
    pub table: &'static str,
    /// Write request units.
    pub write_units: u32,
    /// Read request units in halves: an eventually consistent read of up to 4 KB is one half.
    pub read_half_units: u32,
    /// Requests to the object store.
    pub s3_requests: u32,
    /// Those of them that store something, which cost more.
    pub s3_puts: u32,
}

type Sink = dyn Fn(Cost) + Send + Sync;

/// Where costs are told. Off unless asked for.
#[derive(Clone, Default)]
pub struct Meter(To);

#[derive(Clone, Default)]
enum To {
    #[default]
    Nobody,
    Log,
    Function(Arc<Sink>),
}

impl Meter {
    /// Tells nobody.
    pub fn off() -> Self {
        Self(To::Nobody)
    }

    /// Writes a log event with the target `cost` for each operation, as long as such events are wanted; counting costs
    /// nothing otherwise.
    pub fn to_log() -> Self {
        Self(To::Log)
    }

    /// Tells a function.
    pub fn to(sink: impl Fn(Cost) + Send + Sync + 'static) -> Self {
        Self(To::Function(Arc::new(sink)))
    }

    pub(crate) fn is_on(&self) -> bool {
        match &self.0 {
            To::Nobody => false,
            To::Log => tracing::enabled!(target: "cost", tracing::Level::INFO),
            To::Function(_) => true,
        }
    }

    pub(crate) fn tell(&self, cost: Cost) {
        match &self.0 {
            To::Nobody => {}
            To::Log => tracing::info!(
                target: "cost",
                operation = cost.operation,
                table = cost.table,
                write_units = cost.write_units,
                read_half_units = cost.read_half_units,
                s3_requests = cost.s3_requests,
                s3_puts = cost.s3_puts,
            ),
            To::Function(sink) => sink(cost),
        }
    }
}

impl fmt::Debug for Meter {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(if self.is_on() { "Meter(on)" } else { "Meter(off)" })
    }
}

fn units(bytes: usize, unit: usize) -> u32 {
    u32::try_from(bytes.div_ceil(unit).max(1)).unwrap_or(u32::MAX)
}

/// Half read units for the bytes of one item, or of all items of a query together.
pub(crate) fn read_half_units(bytes: usize, consistency: crate::Read) -> u32 {
    match consistency {
        crate::Read::Consistent => 2 * units(bytes, READ_UNIT_BYTES),
        crate::Read::Eventual => units(bytes, READ_UNIT_BYTES),
    }
}

/// Write units for turning one item into another, index entries included. Either may be missing.
pub(crate) fn write_units(schema: &Schema, old: Option<&Item>, new: Option<&Item>) -> u32 {
    let size = |item: Option<&Item>| item.map_or(0, size_of_item);
    let table = units(size(old).max(size(new)), WRITE_UNIT_BYTES);
    let indexes: u32 = schema
        .indexes
        .iter()
        .map(|index| {
            let keys = |item: Option<&Item>| {
                let item = item?;
                Some((item.get(index.hash)?.clone(), item.get(index.range)?.clone()))
            };
            let entry = |item: Option<&Item>| match index.projection {
                Projection::All => units(size(item), WRITE_UNIT_BYTES),
                Projection::KeysOnly => 1,
            };
            match (keys(old), keys(new)) {
                (None, None) => 0,
                (None, Some(_)) => entry(new),
                (Some(_), None) => entry(old),
                (Some(before), Some(after)) if before != after => entry(old) + entry(new),
                (Some(_), Some(_)) => match index.projection {
                    Projection::All if old != new => entry(old).max(entry(new)),
                    Projection::All | Projection::KeysOnly => 0,
                },
            }
        })
        .sum();
    table + indexes
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::schema::DOCUMENTS;
    use aws_sdk_dynamodb::types::AttributeValue::S;

    fn item(extra: &[(&str, &str)]) -> Item {
        let mut item = Item::from([("pk".into(), S("a".into())), ("sk".into(), S("b".into()))]);
        item.extend(extra.iter().map(|(name, value)| ((*name).to_owned(), S((*value).to_owned()))));
        item
    }

    #[test]
    fn sizes_round_up() {
        assert_eq!(units(0, 1024), 1);
        assert_eq!(units(1024, 1024), 1);
        assert_eq!(units(1025, 1024), 2);
        assert_eq!(read_half_units(4097, crate::Read::Eventual), 2);
        assert_eq!(read_half_units(10, crate::Read::Consistent), 2);
    }

    #[test]
    fn index_entries_cost_what_changes_in_them() {
        let plain = item(&[]);
        let listed = item(&[("lpk", "x"), ("lsk", "1")]);
        let moved = item(&[("lpk", "x"), ("lsk", "2")]);
        let transit = item(&[("tpk", "1"), ("tsk", "1")]);
        let transit_changed = item(&[("tpk", "1"), ("tsk", "1"), ("s", "complete")]);
        let cost = |old: Option<&Item>, new: Option<&Item>| write_units(&DOCUMENTS, old, new);
        assert_eq!(cost(None, Some(&plain)), 1);
        assert_eq!(cost(None, Some(&listed)), 2);
        assert_eq!(cost(Some(&listed), Some(&moved)), 3);
        assert_eq!(cost(Some(&listed), None), 2);
        assert_eq!(cost(Some(&transit), Some(&transit_changed)), 1, "an index of keys does not see other attributes");
        assert_eq!(cost(Some(&transit), Some(&listed)), 3);
    }
}
