//! The members of an object that is sent. What is unknown is passed over.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::refusal::{Faults, add};
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

    /// Truth.
    pub(super) fn flag(self, name: &str) -> bool {
        matches!(self.text(name).as_str(), "true" | "1")
    }

    /// A number, also as text; `None` when it is absent or none.
    pub(super) fn decimal(self, name: &str) -> Option<Decimal> {
        match self.0.get(name)? {
            Node::Text(text) => json::decimal(text),
            value => value.as_number(),
        }
    }

    /// Money, in złoty. It must be whole grosze: of a text or a fraction only what stands before the point is taken, so
    /// that `"500.00"` is five złoty.
    pub(super) fn money(self, name: &str) -> Option<Decimal> {
        let grosze = match self.0.get(name)? {
            Node::Text(text) => {
                let whole: String = text.chars().take_while(|c| c.is_ascii_digit() || *c == '-').collect();
                whole.parse().unwrap_or_default()
            }
            value => value.as_number()?.trunc(),
        };
        Some(grosze / Decimal::ONE_HUNDRED)
    }

    /// A day; one that is none is a fault.
    pub(super) fn day(self, name: &str, faults: &mut Faults) -> Option<NaiveDate> {
        let text = self.text(name);
        let day = text.parse().ok().filter(|day: &NaiveDate| day.to_string() == text);
        if day.is_none() && !text.is_empty() {
            add(faults, name, "nie jest prawidłową datą");
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
