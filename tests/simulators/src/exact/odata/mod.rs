//! The part of `OData` that the sheet describes: `$select`, `$filter`, `$orderby`, `$top`, `$skiptoken`, verbose JSON.

pub mod filter;
pub mod query;
pub mod render;

use super::entity::{Access, Entity, Kind, Property};

/// The properties of a resource as a client sees them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Schema {
    /// The type in `__metadata`.
    pub type_name: String,
    /// The properties; the first is the key. Collections are last and have no value in records.
    pub properties: Vec<Property>,
}

impl Schema {
    /// The schema of a record type.
    pub fn of<T: Entity>() -> Self {
        Self { type_name: T::TYPE.to_owned(), properties: T::PROPERTIES.to_vec() }
    }

    /// The same under another type name.
    #[must_use]
    pub fn named(mut self, type_name: &str) -> Self {
        type_name.clone_into(&mut self.type_name);
        self
    }

    /// The same with a property under another name.
    #[must_use]
    pub fn rename(mut self, from: &str, to: &'static str) -> Self {
        for property in self.properties.iter_mut().filter(|property| property.name == from) {
            property.name = to;
        }
        self
    }

    /// The same with a collection that answers point to.
    #[must_use]
    pub fn with_collection(mut self, name: &'static str) -> Self {
        self.properties.push(Property { name, kind: Kind::Collection, access: Access::Create });
        self
    }

    /// The place of a property.
    pub fn position(&self, name: &str) -> Option<usize> {
        self.properties.iter().position(|property| property.name == name)
    }

    /// A property.
    pub fn property(&self, position: usize) -> Option<&Property> {
        self.properties.get(position)
    }
}
