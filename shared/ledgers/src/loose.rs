//! JSON objects of ledgers that write numbers now as numbers and now as texts, and leave out what is empty or not.

use crate::json;
use rust_decimal::Decimal;
use serde::{Deserialize, de::DeserializeOwned};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// An object whose members are looked at one by one.
#[derive(Debug, Default, Deserialize)]
#[serde(transparent)]
pub(crate) struct Loose(BTreeMap<String, Box<RawValue>>);

impl Loose {
    /// The object in a body; nothing when that is another thing.
    pub(crate) fn read(body: &[u8]) -> Option<Self> {
        serde_json::from_slice(body).ok()
    }

    /// A text, or a number as it is written; nothing when it is absent or empty.
    pub(crate) fn text(&self, name: &str) -> Option<String> {
        let raw = self.0.get(name)?.get().trim();
        let text = match raw.as_bytes().first()? {
            b'"' => serde_json::from_str(raw).ok()?,
            b'-' | b'0'..=b'9' => raw.to_owned(),
            _ => return None,
        };
        let text = text.trim();
        (!text.is_empty()).then(|| text.to_owned())
    }

    /// An amount, with all its digits.
    pub(crate) fn amount(&self, name: &str) -> Option<Decimal> {
        json::read(&self.text(name)?)
    }

    /// A whole number.
    pub(crate) fn whole(&self, name: &str) -> Option<i64> {
        self.amount(name)?.try_into().ok()
    }

    /// An object in it.
    pub(crate) fn object(&self, name: &str) -> Option<Self> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }

    /// A list of objects in it.
    pub(crate) fn list(&self, name: &str) -> Option<Vec<Self>> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }

    /// A member of a type of its own.
    pub(crate) fn read_as<T: DeserializeOwned>(&self, name: &str) -> Option<T> {
        serde_json::from_str(self.0.get(name)?.get()).ok()
    }

    /// Whether there is such a member, whatever it is.
    pub(crate) fn has(&self, name: &str) -> bool {
        self.0.contains_key(name)
    }

    /// The names of its members.
    pub(crate) fn names(&self) -> impl Iterator<Item = &str> {
        self.0.keys().map(String::as_str)
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn numbers_come_as_numbers_and_as_texts() {
        let object = Loose::read(br#"{"a":12.30,"b":" 12.30 ","c":"","d":null,"e":[],"f":{"id":7},"g":true}"#).unwrap();
        assert_eq!(object.text("a").as_deref(), Some("12.30"));
        assert_eq!(object.amount("b"), Some(dec!(12.30)));
        for name in ["c", "d", "e", "f", "g", "h"] {
            assert_eq!(object.text(name), None, "{name}");
        }
        assert_eq!(object.object("f").unwrap().whole("id"), Some(7));
        assert!(object.object("e").is_none() && object.list("e").unwrap().is_empty());
        assert!(object.has("d") && !object.has("h"));
        assert!(Loose::read(b"[]").is_none() && Loose::read(b"<html>").is_none());
    }
}
