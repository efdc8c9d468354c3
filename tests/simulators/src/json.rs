//! JSON without binary floats: numbers are written from decimals digit by digit, and read from their text.

use std::borrow::Cow;
use std::collections::BTreeMap;

use rust_decimal::Decimal;
use serde::ser::{Error, SerializeMap};
use serde::{Serialize, Serializer};
use serde_json::value::RawValue;

/// A JSON value to be written. Objects keep the order of their members.
#[derive(Debug, Clone, PartialEq)]
pub enum Node {
    /// `null`
    Null,
    /// `true` or `false`
    Bool(bool),
    /// A whole number.
    Int(i64),
    /// A number with decimals, written as the ledgers do: `121.0`, `20.85`.
    Number(Decimal),
    /// A string.
    Text(String),
    /// An array.
    List(Vec<Node>),
    /// An object.
    Object(Vec<(Cow<'static, str>, Node)>),
}

impl Node {
    /// A string.
    pub fn text(text: impl Into<String>) -> Self {
        Self::Text(text.into())
    }

    /// An object with known names.
    pub fn object<const N: usize>(members: [(&'static str, Node); N]) -> Self {
        Self::Object(members.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect())
    }

    /// Reads JSON; numbers keep their digits. `None` when it is none, or has a number that no decimal can hold.
    pub fn parse(text: &[u8]) -> Option<Self> {
        let text: &RawValue = serde_json::from_slice(text).ok()?;
        Self::from_raw(text.get())
    }

    fn from_raw(text: &str) -> Option<Self> {
        Some(match text.as_bytes().first()? {
            b'{' => {
                let members: Members = serde_json::from_str(text).ok()?;
                let read =
                    |(name, value): (String, Box<RawValue>)| Some((Cow::Owned(name), Self::from_raw(value.get())?));
                Self::Object(members.into_iter().map(read).collect::<Option<_>>()?)
            }
            b'[' => {
                let values: Vec<Box<RawValue>> = serde_json::from_str(text).ok()?;
                Self::List(values.iter().map(|value| Self::from_raw(value.get())).collect::<Option<_>>()?)
            }
            b'"' => Self::Text(serde_json::from_str(text).ok()?),
            b't' => Self::Bool(true),
            b'f' => Self::Bool(false),
            b'n' => Self::Null,
            _ => match text.parse() {
                Ok(whole) => Self::Int(whole),
                Err(_) => Self::Number(decimal(text)?),
            },
        })
    }

    /// A member of an object; `None` when it is absent or `null`.
    pub fn get(&self, name: &str) -> Option<&Self> {
        match self {
            Self::Object(members) => {
                let found = members.iter().find(|(known, _)| known == name).map(|(_, value)| value);
                found.filter(|value| **value != Self::Null)
            }
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Number(_) | Self::Text(_) | Self::List(_) => None,
        }
    }

    /// The characters of a string.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Self::Text(text) => Some(text),
            Self::Null | Self::Bool(_) | Self::Int(_) | Self::Number(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// A number, not one in a string.
    pub fn as_number(&self) -> Option<Decimal> {
        match self {
            Self::Int(whole) => Some(Decimal::from(*whole)),
            Self::Number(number) => Some(*number),
            Self::Null | Self::Bool(_) | Self::Text(_) | Self::List(_) | Self::Object(_) => None,
        }
    }

    /// Its JSON text.
    pub fn render(&self) -> Vec<u8> {
        // Strings, numbers and names known to be valid: writing them into memory has no way to fail.
        serde_json::to_vec(self).unwrap_or_default()
    }
}

impl Serialize for Node {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Null => serializer.serialize_unit(),
            Self::Bool(value) => serializer.serialize_bool(*value),
            Self::Int(value) => serializer.serialize_i64(*value),
            Self::Number(value) => number(value).map_err(S::Error::custom)?.serialize(serializer),
            Self::Text(value) => serializer.serialize_str(value),
            Self::List(values) => serializer.collect_seq(values),
            Self::Object(members) => {
                let mut map = serializer.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}

fn number(value: &Decimal) -> serde_json::Result<Box<RawValue>> {
    let mut text = value.normalize().to_string();
    if !text.contains('.') {
        text.push_str(".0");
    }
    RawValue::from_string(text)
}

/// The members of a JSON object that was received; each keeps its text until its type is known.
pub type Members = BTreeMap<String, Box<RawValue>>;

/// Reads an object.
pub fn members(text: &[u8]) -> serde_json::Result<Members> {
    serde_json::from_slice(text)
}

/// Reads a JSON number to the exact decimal it spells; `None` when the text is something else.
pub fn decimal(text: &str) -> Option<Decimal> {
    let text = text.trim();
    if !text.starts_with(|c: char| c == '-' || c.is_ascii_digit()) {
        return None;
    }
    if text.contains(['e', 'E']) { Decimal::from_scientific(text).ok() } else { Decimal::from_str_exact(text).ok() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_and_read_digit_by_digit() {
        let amount = Decimal::from_str_exact("12345678901234567.89").expect("a decimal");
        let text = Node::object([("AmountFC", Node::Number(amount)), ("Whole", Node::Number(Decimal::ONE))]).render();
        assert_eq!(String::from_utf8_lossy(&text), r#"{"AmountFC":12345678901234567.89,"Whole":1.0}"#);
        let read = members(&text).expect("an object");
        assert_eq!(decimal(read["AmountFC"].get()), Some(amount));
        assert_eq!(decimal("1e2"), Some(Decimal::ONE_HUNDRED));
        assert_eq!(decimal("\"1\""), None);
    }

    #[test]
    fn a_whole_text_is_read_digit_by_digit() {
        let read = Node::parse(br#" {"a": [1, 49.20, "x", null, true], "b": null} "#).expect("JSON");
        let list = Node::List(vec![
            Node::Int(1),
            Node::Number(Decimal::new(4_920, 2)),
            Node::text("x"),
            Node::Null,
            Node::Bool(true),
        ]);
        assert_eq!((read.get("a"), read.get("b")), (Some(&list), None));
        assert_eq!(Node::parse(b"{\"a\":"), None);
    }
}
