//! The members of an object that is sent: what is missing or of another type spoils the whole request.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::refusal::{Refusal, STRUCTURE, rule};
use super::state::Strictness;
use crate::json::Node;

/// An object of a model.
#[derive(Debug, Clone, Copy)]
pub(super) struct Fields<'a>(&'a Node);

impl<'a> Fields<'a> {
    /// Reads an object.
    pub(super) fn read(node: &'a Node, model: &[&str], unknown: Strictness) -> Result<Self, Refusal> {
        let Node::Object(members) = node else { return Err(STRUCTURE) };
        let is_strange = members.iter().any(|(name, _)| !model.contains(&name.as_ref()));
        if is_strange && unknown == Strictness::Refused { Err(STRUCTURE) } else { Ok(Self(node)) }
    }

    /// Whether a member is there, be it `null`.
    pub(super) fn has(self, name: &str) -> bool {
        match self.0 {
            Node::Object(members) => members.iter().any(|(known, _)| known == name),
            Node::Null | Node::Bool(_) | Node::Int(_) | Node::Number(_) | Node::Text(_) | Node::List(_) => false,
        }
    }

    /// A member; `None` when it is absent or `null`.
    pub(super) fn get(self, name: &str) -> Option<&'a Node> {
        self.0.get(name)
    }

    /// A text of at most so many characters; empty when it is absent.
    pub(super) fn text(self, name: &str, most: usize) -> Result<String, Refusal> {
        let Some(node) = self.get(name) else { return Ok(String::new()) };
        let text = node.as_text().ok_or(STRUCTURE)?.to_owned();
        if text.chars().count() > most {
            return Err(rule(format!("Pole {name} może zawierać maksymalnie {most} znaków")));
        }
        Ok(text)
    }

    /// A text that must be there.
    pub(super) fn required_text(self, name: &str, most: usize) -> Result<String, Refusal> {
        self.get(name).ok_or(STRUCTURE)?;
        let text = self.text(name, most)?;
        if text.trim().is_empty() { Err(rule(format!("Pole {name} jest wymagane"))) } else { Ok(text) }
    }

    /// A number, not one in a text; none when it is absent.
    pub(super) fn number(self, name: &str) -> Result<Option<Decimal>, Refusal> {
        self.get(name).map(|node| node.as_number().ok_or(STRUCTURE)).transpose()
    }

    /// A number that must be there.
    pub(super) fn required_number(self, name: &str) -> Result<Decimal, Refusal> {
        self.number(name)?.ok_or(STRUCTURE)
    }

    /// Yes or no; no when it is absent.
    pub(super) fn flag(self, name: &str) -> Result<bool, Refusal> {
        match self.get(name) {
            None => Ok(false),
            Some(Node::Bool(flag)) => Ok(*flag),
            Some(Node::Null | Node::Int(_) | Node::Number(_) | Node::Text(_) | Node::List(_) | Node::Object(_)) => {
                Err(STRUCTURE)
            }
        }
    }

    /// A day; none when it is absent.
    pub(super) fn day(self, name: &str) -> Result<Option<NaiveDate>, Refusal> {
        let Some(node) = self.get(name) else { return Ok(None) };
        let text = node.as_text().filter(|text| text.len() == 10).ok_or(STRUCTURE)?;
        text.parse().map(Some).map_err(|_| STRUCTURE)
    }

    /// A day that must be there.
    pub(super) fn required_day(self, name: &str) -> Result<NaiveDate, Refusal> {
        self.day(name)?.ok_or(STRUCTURE)
    }

    /// One of a list of words; `None` when it is absent.
    pub(super) fn word(self, name: &str, words: &[&'static str]) -> Result<Option<&'static str>, Refusal> {
        let Some(node) = self.get(name) else { return Ok(None) };
        let text = node.as_text().ok_or(STRUCTURE)?;
        words.iter().find(|word| **word == text).copied().map(Some).ok_or(STRUCTURE)
    }

    /// One of a list of words that must be there.
    pub(super) fn required_word(self, name: &str, words: &[&'static str]) -> Result<&'static str, Refusal> {
        self.word(name, words)?.ok_or(STRUCTURE)
    }

    /// The rows of a list; none when it is absent.
    pub(super) fn list(self, name: &str) -> Result<&'a [Node], Refusal> {
        match self.get(name) {
            None => Ok(&[]),
            Some(Node::List(rows)) => Ok(rows),
            Some(Node::Null | Node::Bool(_) | Node::Int(_) | Node::Number(_) | Node::Text(_) | Node::Object(_)) => {
                Err(STRUCTURE)
            }
        }
    }
}
