//! Resources as data: which properties one has, of which type, who may set them, and how its records read and write
//! them. One declaration serves the store, `$select`, `$filter`, `$orderby`, POST and PUT.

use chrono::{DateTime, NaiveDate, NaiveDateTime, Utc};
use rust_decimal::Decimal;

use super::guid::Guid;
use crate::json;

/// The type of a property, as far as literals and JSON are concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// `Edm.Guid`
    Guid,
    /// `Edm.String`
    Text,
    /// `Edm.Byte`, `Edm.Int16`, `Edm.Int32`
    Int,
    /// `Edm.Double`, kept as the decimal it spells
    Number,
    /// `Edm.Boolean`
    Bool,
    /// `Edm.DateTime`
    Instant,
    /// A collection that an answer only points to.
    Collection,
}

impl Kind {
    /// The name in messages of the ledger.
    pub fn name(self) -> &'static str {
        match self {
            Self::Guid => "Guid",
            Self::Text => "String",
            Self::Int => "Int32",
            Self::Number => "Double",
            Self::Bool => "Boolean",
            Self::Instant => "DateTime",
            Self::Collection => "Collection",
        }
    }
}

/// Who sets a property.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// The ledger alone.
    Read,
    /// The caller, when making the record.
    Create,
    /// The caller, at any time.
    Write,
}

/// A property of a resource.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Property {
    /// The name on the wire.
    pub name: &'static str,
    /// The type.
    pub kind: Kind,
    /// Who sets it.
    pub access: Access,
}

/// The value of a property in a record.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub enum Cell {
    /// None.
    Null,
    /// A GUID.
    Guid(Guid),
    /// Text.
    Text(String),
    /// A whole number.
    Int(i64),
    /// An amount, a rate, a quantity.
    Number(Decimal),
    /// Yes or no.
    Bool(bool),
    /// An instant; calendar dates are midnight UTC.
    Instant(DateTime<Utc>),
}

/// A value that does not have the property's type.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mismatch;

/// A Rust type that can be a property.
pub trait Field: Sized {
    /// The type on the wire.
    const KIND: Kind;

    /// The value for answers and filters.
    fn cell(&self) -> Cell;

    /// Reads the JSON text of a request.
    fn read(text: &str) -> Result<Self, Mismatch>;
}

fn string(text: &str) -> Result<String, Mismatch> {
    serde_json::from_str(text).map_err(|_| Mismatch)
}

impl Field for Guid {
    const KIND: Kind = Kind::Guid;

    fn cell(&self) -> Cell {
        if self.is_none() { Cell::Null } else { Cell::Guid(*self) }
    }

    fn read(text: &str) -> Result<Self, Mismatch> {
        string(text)?.parse().map_err(|_| Mismatch)
    }
}

impl Field for String {
    const KIND: Kind = Kind::Text;

    fn cell(&self) -> Cell {
        Cell::Text(self.clone())
    }

    fn read(text: &str) -> Result<Self, Mismatch> {
        string(text)
    }
}

impl Field for i32 {
    const KIND: Kind = Kind::Int;

    fn cell(&self) -> Cell {
        Cell::Int(i64::from(*self))
    }

    fn read(text: &str) -> Result<Self, Mismatch> {
        text.trim().parse().map_err(|_| Mismatch)
    }
}

impl Field for bool {
    const KIND: Kind = Kind::Bool;

    fn cell(&self) -> Cell {
        Cell::Bool(*self)
    }

    fn read(text: &str) -> Result<Self, Mismatch> {
        text.trim().parse().map_err(|_| Mismatch)
    }
}

impl Field for Decimal {
    const KIND: Kind = Kind::Number;

    fn cell(&self) -> Cell {
        Cell::Number(*self)
    }

    fn read(text: &str) -> Result<Self, Mismatch> {
        json::decimal(text).ok_or(Mismatch)
    }
}

impl Field for DateTime<Utc> {
    const KIND: Kind = Kind::Instant;

    fn cell(&self) -> Cell {
        Cell::Instant(*self)
    }

    fn read(text: &str) -> Result<Self, Mismatch> {
        instant(&string(text)?).ok_or(Mismatch)
    }
}

impl Field for NaiveDate {
    const KIND: Kind = Kind::Instant;

    fn cell(&self) -> Cell {
        Cell::Instant(self.and_time(chrono::NaiveTime::MIN).and_utc())
    }

    fn read(text: &str) -> Result<Self, Mismatch> {
        instant(&string(text)?).map(|at| at.date_naive()).ok_or(Mismatch)
    }
}

impl<T: Field> Field for Option<T> {
    const KIND: Kind = T::KIND;

    fn cell(&self) -> Cell {
        self.as_ref().map_or(Cell::Null, Field::cell)
    }

    fn read(text: &str) -> Result<Self, Mismatch> {
        if text.trim() == "null" { Ok(None) } else { T::read(text).map(Some) }
    }
}

/// Reads `2026-07-01T00:00:00`, with or without a fraction, or `2026-07-01`.
pub fn instant(text: &str) -> Option<DateTime<Utc>> {
    let date = || NaiveDate::parse_from_str(text, "%Y-%m-%d").ok().and_then(|date| date.and_hms_opt(0, 0, 0));
    NaiveDateTime::parse_from_str(text, "%Y-%m-%dT%H:%M:%S%.f").ok().or_else(date).map(|at| at.and_utc())
}

/// A record of a resource.
pub trait Entity {
    /// The type in `__metadata`.
    const TYPE: &'static str;

    /// Its properties; the first is the key.
    const PROPERTIES: &'static [Property];

    /// The values, in the order of [`PROPERTIES`](Self::PROPERTIES).
    fn cells(&self) -> Vec<Cell>;

    /// Sets a property from JSON text. A name that is no property changes nothing.
    fn set(&mut self, name: &str, text: &str) -> Result<(), Mismatch>;
}

/// Declares a resource: its struct, its names on the wire, and what the ledger keeps beside it without showing it.
/// In JSON (seeds and the kept state) a record has the names of the wire; amounts are strings.
macro_rules! entity {
    (
        $(#[$meta:meta])*
        $name:ident: $type:literal {
            $($(#[$field_meta:meta])* $field:ident: $kind:ty => $wire:literal $access:ident,)*
        }
        beside { $($(#[$beside_meta:meta])* $beside:ident: $beside_kind:ty,)* }
    ) => {
        $(#[$meta])*
        #[derive(Debug, Clone, Default, PartialEq, serde::Serialize, serde::Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct $name {
            $(
                #[doc = concat!("`", $wire, "` of the ledger.")]
                $(#[$field_meta])*
                #[serde(rename = $wire)]
                pub $field: $kind,
            )*
            $($(#[$beside_meta])* pub $beside: $beside_kind,)*
        }

        impl $crate::exact::entity::Entity for $name {
            const TYPE: &'static str = concat!("Exact.Web.Api.Models.", $type);
            const PROPERTIES: &'static [$crate::exact::entity::Property] = &[$(
                $crate::exact::entity::Property {
                    name: $wire,
                    kind: <$kind as $crate::exact::entity::Field>::KIND,
                    access: $crate::exact::entity::Access::$access,
                },
            )*];

            fn cells(&self) -> Vec<$crate::exact::entity::Cell> {
                vec![$($crate::exact::entity::Field::cell(&self.$field),)*]
            }

            fn set(&mut self, name: &str, text: &str) -> Result<(), $crate::exact::entity::Mismatch> {
                match name {
                    $($wire => self.$field = $crate::exact::entity::Field::read(text)?,)*
                    _ => {}
                }
                Ok(())
            }
        }
    };
}
pub(crate) use entity;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_read_by_their_type_only() {
        assert_eq!(Decimal::read("100.10").map(|d| d.to_string()), Ok("100.10".to_owned()));
        assert_eq!(Decimal::read("\"100.10\""), Err(Mismatch));
        assert_eq!(String::read("60"), Err(Mismatch));
        assert_eq!(Option::<String>::read("null"), Ok(None));
        assert_eq!(i32::read("1.5"), Err(Mismatch));
        let date = NaiveDate::from_ymd_opt(2026, 7, 1);
        assert_eq!(NaiveDate::read("\"2026-07-01T00:00:00\"").ok(), date);
        assert_eq!(NaiveDate::read("\"2026-07-01\"").ok(), date);
        assert_eq!(NaiveDate::read("\"01-07-2026\""), Err(Mismatch));
        let midnight = date.map(|date| date.cell());
        assert_eq!(midnight, DateTime::from_timestamp_millis(1_782_864_000_000).map(Cell::Instant));
    }
}
