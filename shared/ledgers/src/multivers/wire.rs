//! What is sent: objects whose members keep their order, since the ledger heeds it in places, with exact amounts.

use crate::json::Number;
use rust_decimal::Decimal;
use serde::{Serialize, Serializer, ser::SerializeMap};

/// A value to be sent.
#[derive(Debug, PartialEq)]
pub(super) enum Json {
    Text(String),
    Whole(i64),
    /// An amount, with two decimals.
    Amount(Decimal),
    /// A number as it is.
    Number(Decimal),
    Flag(bool),
    List(Vec<Object>),
    Object(Object),
}

/// An object to be sent.
#[derive(Debug, Default, PartialEq)]
pub(super) struct Object(Vec<(&'static str, Json)>);

impl Object {
    /// Adds a member.
    pub(super) fn with(mut self, name: &'static str, value: Json) -> Self {
        self.0.push((name, value));
        self
    }

    /// Adds a text.
    pub(super) fn text(self, name: &'static str, value: impl Into<String>) -> Self {
        self.with(name, Json::Text(value.into()))
    }

    /// Adds a member when there is a value.
    pub(super) fn maybe(self, name: &'static str, value: Option<Json>) -> Self {
        match value {
            Some(value) => self.with(name, value),
            None => self,
        }
    }

    /// Adds an amount in the currency of the books and in that of the document.
    pub(super) fn amounts(self, names: (&'static str, &'static str), (base, own): (Decimal, Decimal)) -> Self {
        self.with(names.0, Json::Amount(base)).with(names.1, Json::Amount(own))
    }
}

/// A code that the ledger has as a number.
pub(super) fn code(text: &str) -> Json {
    text.trim().parse().map_or_else(|_| Json::Text(text.to_owned()), Json::Whole)
}

impl Serialize for Object {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        let mut map = serializer.serialize_map(Some(self.0.len()))?;
        for (name, value) in &self.0 {
            map.serialize_entry(name, value)?;
        }
        map.end()
    }
}

impl Serialize for Json {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        match self {
            Self::Text(text) => serializer.serialize_str(text),
            Self::Whole(number) => serializer.serialize_i64(*number),
            Self::Amount(amount) => {
                let mut amount = *amount;
                amount.rescale(2);
                Number(amount).serialize(serializer)
            }
            Self::Number(number) => Number(*number).serialize(serializer),
            Self::Flag(flag) => serializer.serialize_bool(*flag),
            Self::List(objects) => serializer.collect_seq(objects),
            Self::Object(object) => object.serialize(serializer),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn members_keep_their_order_and_amounts_their_digits() {
        let object = Object::default()
            .text("$type", "x")
            .with("vatCodeId", code("2"))
            .with("odd", code("2a"))
            .amounts(("debitAmount", "debitAmountCur"), (dec!(0.1), dec!(12345678901234567.89)))
            .with("rate", Json::Number(dec!(0.088123)))
            .maybe("none", None)
            .with("lines", Json::List(vec![Object::default().with("auto", Json::Flag(false))]));
        assert_eq!(
            serde_json::to_string(&object).unwrap(),
            r#"{"$type":"x","vatCodeId":2,"odd":"2a","debitAmount":0.10,"debitAmountCur":12345678901234567.89,"#
                .to_owned()
                + r#""rate":0.088123,"lines":[{"auto":false}]}"#
        );
    }
}
