//! Cursors: where the next page of a list begins. Opaque to callers, and good for the list they came from only.

use crate::{
    error::{ErrorKind, StoreError},
    item::{Item, text},
    schema::{PK, SK},
};
use aws_sdk_dynamodb::types::AttributeValue;
use base64::{Engine, prelude::BASE64_URL_SAFE_NO_PAD};
use std::{collections::BTreeMap, fmt};

/// The longest cursor that is looked at, in bytes.
const CURSOR_BYTES_MAX: usize = 2_048;

/// Where the next page of a list begins.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Cursor(String);

impl Cursor {
    /// A cursor as a client sent it; whether it is one shows when it is used.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text for a client.
    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// From the key of the last item of a page.
    pub(crate) fn of_key(operation: &'static str, key: &Item) -> Result<Self, StoreError> {
        let mut plain = BTreeMap::new();
        for (name, value) in key {
            match value {
                AttributeValue::S(value) => plain.insert(name, value),
                _ => return Err(StoreError::bug(operation, format!("key attribute '{name}' is no text"))),
            };
        }
        let json = serde_json::to_vec(&plain).map_err(|error| StoreError::bug(operation, error.to_string()))?;
        Ok(Self(BASE64_URL_SAFE_NO_PAD.encode(json)))
    }

    /// The key of a cursor that we kept ourselves and nobody outside ever saw.
    pub(crate) fn any_key(&self, operation: &'static str) -> Result<Item, StoreError> {
        self.key(operation, &[(PK, ""), (SK, "")])
    }

    /// The key, when it belongs to the list: each of its attributes, and no other, begins as the list's keys do.
    pub(crate) fn key(&self, operation: &'static str, bounds: &[(&str, &str)]) -> Result<Item, StoreError> {
        let bad = || StoreError::new(ErrorKind::BadCursor, operation, "the cursor does not belong to this list");
        if self.0.len() > CURSOR_BYTES_MAX {
            return Err(bad());
        }
        let json = BASE64_URL_SAFE_NO_PAD.decode(&self.0).map_err(|_| bad())?;
        let plain: BTreeMap<String, String> = serde_json::from_slice(&json).map_err(|_| bad())?;
        let fits = |(name, value): (&String, &String)| {
            bounds.iter().any(|(bound, prefix)| bound == name && value.starts_with(prefix))
        };
        if plain.len() != bounds.len() || !plain.iter().all(fits) {
            return Err(bad());
        }
        Ok(plain.into_iter().map(|(name, value)| (name, text(value))).collect())
    }
}

impl fmt::Display for Cursor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// One page of a list and where the next one begins. A page may be short, even empty, and still have a next one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listed<T> {
    /// In the list's order.
    pub items: Vec<T>,
    /// Absent at the end of the list.
    pub next: Option<Cursor>,
}

#[cfg(test)]
mod tests {
    use super::*;

    const BOUNDS: &[(&str, &str)] = &[("pk", "ten_1#"), ("sk", "head")];

    fn key(pk: &str, sk: &str) -> Item {
        Item::from([("pk".into(), text(pk)), ("sk".into(), text(sk))])
    }

    #[test]
    fn a_cursor_reads_back_in_its_own_list() {
        let key = key("ten_1#doc_1", "head");
        assert_eq!(Cursor::of_key("x", &key).unwrap().key("x", BOUNDS).unwrap(), key);
    }

    #[test]
    fn a_cursor_of_another_list_is_refused() {
        let of = |key: &Item| Cursor::of_key("x", key).unwrap();
        let mut more = key("ten_1#doc_1", "head");
        more.insert("lpk".into(), text("ten_1"));
        for cursor in [
            of(&key("ten_2#doc_1", "head")),
            of(&key("ten_1#doc_1", "trace")),
            of(&more),
            of(&Item::from([("pk".into(), text("ten_1#doc_1"))])),
            Cursor::new("not a cursor"),
            Cursor::new(""),
            Cursor::new("x".repeat(10_000)),
        ] {
            assert_eq!(cursor.key("x", BOUNDS).unwrap_err().kind(), ErrorKind::BadCursor, "{cursor}");
        }
    }
}
