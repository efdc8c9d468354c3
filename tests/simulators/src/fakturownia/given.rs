//! The members of an object that is sent: numbers may be text, truth may be `"1"`, and what is unknown is passed over.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::refusal::Faults;
use crate::json::{self, Node};

/// An object that is sent.
#[derive(Debug, Clone, Copy)]
pub(super) struct Given<'a>(pub(super) &'a Node);

impl<'a> Given<'a> {
    /// Whether there is something other than `null` or an empty text.
    pub(super) fn has(self, name: &str) -> bool {
        self.0.get(name).is_some_and(|value| value.as_text() != Some(""))
    }

    /// A text, or a number as text; empty when it is absent.
    pub(super) fn text(self, name: &str) -> String {
        match self.0.get(name) {
            Some(Node::Text(text)) => text.trim().to_owned(),
            Some(Node::Int(whole)) => whole.to_string(),
            Some(Node::Number(number)) => number.normalize().to_string(),
            Some(Node::Bool(value)) => value.to_string(),
            Some(Node::Null | Node::List(_) | Node::Object(_)) | None => String::new(),
        }
    }

    /// Truth, as `true`, `1`, `"1"` or `"yes"`; `None` when it is absent.
    pub(super) fn flag(self, name: &str) -> Option<bool> {
        self.has(name).then(|| matches!(self.text(name).as_str(), "true" | "1" | "yes"))
    }

    /// A number, also as text with a point or a comma; `None` when it is absent or none.
    pub(super) fn decimal(self, name: &str) -> Option<Decimal> {
        match self.0.get(name)? {
            Node::Text(text) => json::decimal(&text.replace(',', ".")),
            value => value.as_number(),
        }
    }

    /// An id; `None` when it is absent, and 0, which is no id, when it is none.
    pub(super) fn id(self, name: &str) -> Option<u64> {
        self.has(name).then(|| self.text(name).parse().unwrap_or_default())
    }

    /// A day; one that is none is a fault.
    pub(super) fn day(self, name: &str, faults: &mut Faults) -> Option<NaiveDate> {
        let text = self.text(name);
        let day = text.parse().ok().filter(|day: &NaiveDate| day.to_string() == text);
        if day.is_none() && !text.is_empty() {
            faults.add(name, "nieprawidłowa data");
        }
        day
    }

    /// The objects of a list.
    pub(super) fn list(self, name: &str) -> Vec<Given<'a>> {
        match self.0.get(name) {
            Some(Node::List(values)) => values.iter().map(Given).collect(),
            _ => Vec::new(),
        }
    }
}
