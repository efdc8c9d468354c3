//! The members of an object that is sent. Nested ones are written flat, with dots; strange ones are passed over.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::refusal::{Refusal, missing, wrong};
use crate::json::{self, Node};

/// An object.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(pub(super) &'a Node);

impl<'a> Fields<'a> {
    /// A member; `None` when it is absent or `null`.
    pub(super) fn get(self, name: &str) -> Option<&'a Node> {
        self.0.get(name)
    }

    fn spoiled(self, name: &'static str) -> Refusal {
        wrong("invalidValue", name, self.get(name).cloned().unwrap_or(Node::Null))
    }

    /// A text; empty when it is absent.
    pub(super) fn text(self, name: &'static str) -> Result<String, Refusal> {
        let text = |node: &Node| node.as_text().map(|text| text.trim().to_owned());
        self.get(name).map_or(Ok(String::new()), |node| text(node).ok_or_else(|| self.spoiled(name)))
    }

    /// A text that must be there.
    pub(super) fn required(self, name: &'static str) -> Result<String, Refusal> {
        let text = self.text(name)?;
        if text.is_empty() { Err(missing(name)) } else { Ok(text) }
    }

    /// A number, which may be written as a text; none when it is absent.
    pub(super) fn number(self, name: &'static str) -> Result<Option<Decimal>, Refusal> {
        let Some(node) = self.get(name) else { return Ok(None) };
        let number = node.as_number().or_else(|| node.as_text().and_then(json::decimal));
        number.map(Some).ok_or_else(|| self.spoiled(name))
    }

    /// A number that must be there.
    pub(super) fn required_number(self, name: &'static str) -> Result<Decimal, Refusal> {
        self.number(name)?.ok_or_else(|| missing(name))
    }

    /// Yes or no; no when it is absent.
    pub(super) fn flag(self, name: &'static str) -> Result<bool, Refusal> {
        match self.get(name) {
            None => Ok(false),
            Some(Node::Bool(flag)) => Ok(*flag),
            Some(Node::Null | Node::Int(_) | Node::Number(_) | Node::Text(_) | Node::List(_) | Node::Object(_)) => {
                Err(self.spoiled(name))
            }
        }
    }

    /// A day; none when it is absent.
    pub(super) fn day(self, name: &'static str) -> Result<Option<NaiveDate>, Refusal> {
        let text = self.text(name)?;
        if text.is_empty() {
            return Ok(None);
        }
        text.parse().ok().filter(|_| text.len() == 10).map(Some).ok_or_else(|| self.spoiled(name))
    }

    /// A day that must be there.
    pub(super) fn required_day(self, name: &'static str) -> Result<NaiveDate, Refusal> {
        self.day(name)?.ok_or_else(|| missing(name))
    }

    /// One of a list of words that must be there.
    pub(super) fn word(self, name: &'static str, words: &[&str]) -> Result<String, Refusal> {
        let text = self.required(name)?;
        if words.contains(&text.as_str()) { Ok(text) } else { Err(self.spoiled(name)) }
    }

    /// Texts in a list.
    pub(super) fn texts(self, name: &'static str) -> Result<Vec<String>, Refusal> {
        let rows = self.list(name)?;
        let texts = rows.iter().map(|row| row.as_text().map(str::to_owned)).collect::<Option<Vec<_>>>();
        texts.ok_or_else(|| self.spoiled(name))
    }

    /// The rows of a list; none when it is absent.
    pub(super) fn list(self, name: &'static str) -> Result<&'a [Node], Refusal> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Node::List(rows)) => Ok(rows),
            Some(Node::Null | Node::Bool(_) | Node::Int(_) | Node::Number(_) | Node::Text(_) | Node::Object(_)) => {
                Err(self.spoiled(name))
            }
        }
    }
}
