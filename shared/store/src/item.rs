//! Items: their size, and reading attributes out of them with errors that name the item.

use crate::{
    error::StoreError,
    schema::{PK, SK},
};
use aws_sdk_dynamodb::{primitives::Blob, types::AttributeValue};
use domain::time::Instant;
use serde::{Serialize, de::DeserializeOwned};
use std::{collections::HashMap, fmt, hash::BuildHasher, str::FromStr};

/// An item as the SDK has it.
pub(crate) type Item = HashMap<String, AttributeValue>;

/// The bytes of an item as DynamoDB counts them: names and values, numbers by their digits.
pub fn size_of_item<S: BuildHasher>(item: &HashMap<String, AttributeValue, S>) -> usize {
    item.iter().map(|(name, value)| name.len() + size_of_value(value)).sum()
}

fn size_of_value(value: &AttributeValue) -> usize {
    match value {
        AttributeValue::S(text) => text.len(),
        AttributeValue::N(number) => size_of_number(number),
        AttributeValue::B(bytes) => bytes.as_ref().len(),
        AttributeValue::Ss(texts) => texts.iter().map(String::len).sum(),
        AttributeValue::Ns(numbers) => numbers.iter().map(|number| size_of_number(number)).sum(),
        AttributeValue::Bs(blobs) => blobs.iter().map(|bytes| bytes.as_ref().len()).sum(),
        AttributeValue::L(values) => 3 + values.iter().map(|value| 1 + size_of_value(value)).sum::<usize>(),
        AttributeValue::M(map) => {
            3 + map.iter().map(|(name, value)| 1 + name.len() + size_of_value(value)).sum::<usize>()
        }
        // Boolean and null are one byte; the enum is open and holds nothing else that we write.
        _ => 1,
    }
}

/// Two digits a byte, and one byte for sign and exponent.
fn size_of_number(number: &str) -> usize {
    let digits = number.trim_start_matches(['-', '0', '.']).bytes().filter(u8::is_ascii_digit).count();
    digits.div_ceil(2) + 1 + usize::from(number.starts_with('-'))
}

/// The primary key of an item.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Key {
    pub(crate) pk: String,
    pub(crate) sk: String,
}

impl Key {
    pub(crate) fn new(pk: impl Into<String>, sk: impl Into<String>) -> Self {
        Self { pk: pk.into(), sk: sk.into() }
    }

    /// The key of an item.
    pub(crate) fn of(item: &Item) -> Option<Self> {
        match (item.get(PK), item.get(SK)) {
            (Some(AttributeValue::S(pk)), Some(AttributeValue::S(sk))) => Some(Self::new(pk, sk)),
            _ => None,
        }
    }

    pub(crate) fn item(&self) -> Item {
        Item::from([(PK.to_owned(), text(&self.pk)), (SK.to_owned(), text(&self.sk))])
    }

    /// An item of this key with the fields of a value.
    pub(crate) fn item_of(&self, operation: &'static str, value: &impl Serialize) -> Result<Item, StoreError> {
        let mut item: Item = serde_dynamo::to_item(value)
            .map_err(|error| StoreError::bug(operation, format!("{self} cannot be encoded")).caused_by(error))?;
        item.extend(self.item());
        Ok(item)
    }
}

impl fmt::Display for Key {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} / {}", self.pk, self.sk)
    }
}

pub(crate) fn text(value: impl Into<String>) -> AttributeValue {
    AttributeValue::S(value.into())
}

pub(crate) fn number(value: impl fmt::Display) -> AttributeValue {
    AttributeValue::N(value.to_string())
}

pub(crate) fn bytes(value: impl Into<Vec<u8>>) -> AttributeValue {
    AttributeValue::B(Blob::new(value))
}

/// An instant as milliseconds since 1970.
pub(crate) fn instant(value: Instant) -> AttributeValue {
    number(value.timestamp_millis())
}

/// An instant as text that sorts: 13 digits of milliseconds, enough until the year 2286.
pub(crate) fn sortable(value: Instant) -> String {
    format!("{:013}", value.timestamp_millis().max(0))
}

/// Reads an instant back from [`sortable`].
pub(crate) fn from_sortable(text: &str) -> Option<Instant> {
    Instant::from_timestamp_millis(text.parse().ok()?)
}

/// The whole item as a value; keys and other attributes that the value does not know are left out.
pub(crate) fn decode<T: DeserializeOwned>(operation: &'static str, item: Item) -> Result<T, StoreError> {
    let key = Key::of(&item).map_or_else(|| "an item without a key".to_owned(), |key| key.to_string());
    serde_dynamo::from_item(item)
        .map_err(|error| StoreError::bug(operation, format!("{key} cannot be read: {error}")).caused_by(error))
}

/// Reads single attributes.
#[derive(Clone, Copy)]
pub(crate) struct Fields<'a> {
    operation: &'static str,
    item: &'a Item,
}

impl<'a> Fields<'a> {
    pub(crate) fn of(operation: &'static str, item: &'a Item) -> Self {
        Self { operation, item }
    }

    /// The error that says which attribute of which item is wrong.
    pub(crate) fn wrong(&self, name: &str) -> StoreError {
        let key = Key::of(self.item).map_or_else(|| "an item without a key".to_owned(), |key| key.to_string());
        StoreError::bug(self.operation, format!("{key} cannot be read: attribute '{name}'"))
    }

    pub(crate) fn text(&self, name: &str) -> Result<Option<&'a str>, StoreError> {
        match self.item.get(name) {
            None => Ok(None),
            Some(AttributeValue::S(text)) => Ok(Some(text)),
            Some(_) => Err(self.wrong(name)),
        }
    }

    pub(crate) fn bytes(&self, name: &str) -> Result<Option<&'a [u8]>, StoreError> {
        match self.item.get(name) {
            None => Ok(None),
            Some(AttributeValue::B(bytes)) => Ok(Some(bytes.as_ref())),
            Some(_) => Err(self.wrong(name)),
        }
    }

    /// A text or number that is written as its `FromStr` reads it.
    pub(crate) fn parsed<T: FromStr>(&self, name: &str) -> Result<Option<T>, StoreError> {
        match self.item.get(name) {
            None => Ok(None),
            Some(AttributeValue::S(text) | AttributeValue::N(text)) => {
                text.parse().map(Some).map_err(|_| self.wrong(name))
            }
            Some(_) => Err(self.wrong(name)),
        }
    }

    /// A text that is written as serde writes it.
    pub(crate) fn word<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        serde_json::from_value(serde_json::Value::String(text.to_owned()))
            .map(Some)
            .map_err(|error| self.wrong(name).caused_by(error))
    }

    pub(crate) fn json<T: DeserializeOwned>(&self, name: &str) -> Result<Option<T>, StoreError> {
        let Some(text) = self.text(name)? else { return Ok(None) };
        serde_json::from_str(text).map(Some).map_err(|error| self.wrong(name).caused_by(error))
    }

    pub(crate) fn instant(&self, name: &str) -> Result<Option<Instant>, StoreError> {
        let Some(millis) = self.parsed::<i64>(name)? else { return Ok(None) };
        Instant::from_timestamp_millis(millis).map(Some).ok_or_else(|| self.wrong(name))
    }

    /// For attributes that must be there.
    pub(crate) fn needed<T>(&self, name: &str, value: Option<T>) -> Result<T, StoreError> {
        value.ok_or_else(|| self.wrong(name))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn sizes_are_those_of_the_documentation() {
        for (number, size) in [("0", 1), ("1", 2), ("12", 2), ("123", 3), ("-12", 3), ("1763700000000", 8)] {
            assert_eq!(size_of_number(number), size, "{number}");
        }
        let item = Item::from([("pk".into(), text("abc")), ("n".into(), number(12)), ("b".into(), bytes([0; 10]))]);
        assert_eq!(size_of_item(&item), 5 + 3 + 11);
    }

    #[test]
    fn what_cannot_be_read_names_the_item() {
        let mut item = Key::new("ten_1#doc_2", "head").item();
        item.insert("v".into(), text("many"));
        let error = Fields::of("documents.get", &item).parsed::<u32>("v").unwrap_err();
        assert_eq!(error.kind(), crate::ErrorKind::Bug);
        assert!(error.to_string().contains("ten_1#doc_2 / head") && error.to_string().contains("'v'"), "{error}");
    }

    #[test]
    fn sortable_instants_sort() {
        let at = |text: &str| text.parse::<Instant>().unwrap();
        let (early, late) = (at("2001-01-01T00:00:00Z"), at("2026-01-01T00:00:00.001Z"));
        assert!(sortable(early) < sortable(late));
        assert_eq!(from_sortable(&sortable(late)), Some(late));
    }
}
