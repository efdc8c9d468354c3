//! How domain types look in the `OpenAPI` document: words come from the domain's own lists, so that the two cannot differ.

use domain::{
    automation::{DocumentFormat, DocumentScope},
    document::{Event, Status},
    hold::HoldCode,
    ids::{
        AdministrationId, ConnectionId, ContactId, DeliveryId, DocumentId, FacilityId, Id, IssuedId, JobId,
        MailConnectionId, OrderId, OrderRuleId, PackageId, RuleId, RunId, SeriesId, TaskId, TenantId, UserId,
    },
    invoice::VatCategory,
    ledger::{Direction, DirectoryKind},
    mail::{AccountingStatus, DeliveryState},
    overview::Column,
    permission::{Permission, Role},
};
use utoipa::openapi::{
    Array, Object,
    schema::{ArrayBuilder, ObjectBuilder, Schema, SchemaType, Type},
};

/// A domain type as a schema.
pub trait Documented {
    /// Its schema.
    fn schema() -> Object;
}

/// The schema of one.
pub fn one<T: Documented>() -> Schema {
    Schema::Object(T::schema())
}

/// The schema of one that may be null.
pub fn maybe<T: Documented>() -> Schema {
    let mut schema = T::schema();
    schema.schema_type = SchemaType::from_iter([Type::String, Type::Null]);
    if let Some(words) = &mut schema.enum_values {
        words.push(serde_json::Value::Null);
    }
    Schema::Object(schema)
}

/// The schema of a list.
pub fn many<T: Documented>() -> Schema {
    Schema::Array(list::<T>())
}

fn list<T: Documented>() -> Array {
    ArrayBuilder::new().items(T::schema()).build()
}

fn text() -> ObjectBuilder {
    ObjectBuilder::new().schema_type(SchemaType::Type(Type::String))
}

fn words<'a>(words: impl IntoIterator<Item = &'a str>) -> Object {
    text().enum_values(Some(words)).build()
}

/// The schema of an id by what it begins with.
pub fn id(prefix: &str) -> Object {
    text().pattern(Some(format!("^{prefix}[0-9A-HJKMNP-TV-Z]{{26}}$"))).build()
}

macro_rules! ids {
    ($($name:ident),*) => { $(impl Documented for $name {
        fn schema() -> Object {
            id(<$name as Id>::PREFIX)
        }
    })* };
}
ids!(
    TenantId,
    AdministrationId,
    UserId,
    ContactId,
    DocumentId,
    RuleId,
    ConnectionId,
    TaskId,
    JobId,
    FacilityId,
    RunId,
    OrderId,
    SeriesId,
    IssuedId,
    OrderRuleId,
    DeliveryId,
    PackageId,
    MailConnectionId
);

macro_rules! listed {
    ($($name:ident),*) => { $(impl Documented for $name {
        fn schema() -> Object {
            words($name::ALL.iter().map(|word| word.as_str()))
        }
    })* };
}
listed!(Role, Permission, Status, Event, HoldCode, DirectoryKind, Column, DeliveryState, AccountingStatus);

impl Documented for Direction {
    fn schema() -> Object {
        words([Self::Purchase, Self::Sales].map(Self::as_str))
    }
}

impl Documented for DocumentFormat {
    fn schema() -> Object {
        words([Self::Ubl, Self::Pdf, Self::Scan, Self::Statement].map(Self::as_str))
    }
}

impl Documented for DocumentScope {
    fn schema() -> Object {
        words([Self::All, Self::Ubl].map(Self::as_str))
    }
}

impl Documented for VatCategory {
    fn schema() -> Object {
        use VatCategory as V;
        words([V::S, V::Z, V::E, V::AE, V::K, V::G, V::O, V::L, V::M, V::B].map(V::as_str))
    }
}
