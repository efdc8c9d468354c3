//! A record that is sent: its members are read one by one, and what is wrong with them is noted where it stands.

use std::borrow::Cow;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::envelope::{Refusal, numbered};
use crate::json::{self, Node};

/// The text of a number or a string; absent and `null` are empty.
pub(super) fn text(node: Option<&Node>) -> String {
    match node {
        Some(Node::Text(text)) => text.trim().to_owned(),
        Some(Node::Int(whole)) => whole.to_string(),
        Some(Node::Number(number)) => number.to_string(),
        Some(Node::Bool(flag)) => if *flag { "1" } else { "0" }.to_owned(),
        Some(Node::Null | Node::List(_) | Node::Object(_)) | None => String::new(),
    }
}

/// What is wrong: where, which field, and why.
#[derive(Debug)]
struct Wrong {
    at: Vec<String>,
    field: &'static str,
    message: String,
}

/// What is wrong with a record.
#[derive(Debug, Default)]
pub(super) struct Check(Vec<Wrong>);

impl Check {
    /// Notes what is wrong.
    pub(super) fn wrong(&mut self, at: &[&str], field: &'static str, message: impl Into<String>) {
        let at = at.iter().map(|step| (*step).to_owned()).collect();
        self.0.push(Wrong { at, field, message: message.into() });
    }

    /// Refuses when anything is wrong: the record as it was sent, with errors in it.
    pub(super) fn refuse(self, record: &Node) -> Result<(), Refusal> {
        if self.0.is_empty() { Ok(()) } else { Err(Refusal::Errors(Box::new(self.echo(record, &[])))) }
    }

    fn echo(&self, node: &Node, at: &[&str]) -> Node {
        let mut members: Vec<(Cow<'static, str>, Node)> = Vec::new();
        if let Node::Object(sent) = node {
            for (name, value) in sent.iter().filter(|(_, value)| *value != Node::Null) {
                let mut under = at.to_vec();
                under.push(name);
                let value = match value {
                    Node::Object(_) => self.echo(value, &under),
                    Node::Null | Node::Bool(_) | Node::Int(_) | Node::Number(_) | Node::Text(_) | Node::List(_) => {
                        Node::Text(text(Some(value)))
                    }
                };
                members.push((name.clone(), value));
            }
        }
        let here = self.0.iter().filter(|wrong| wrong.at == at);
        let errors: Vec<Node> = here
            .map(|wrong| {
                Node::object([("field", Node::text(wrong.field)), ("message", Node::text(wrong.message.as_str()))])
            })
            .collect();
        if !errors.is_empty() {
            members.push((Cow::Borrowed("errors"), Node::Object(numbered("error", errors))));
        }
        // What should have been sent has its errors in a branch of its own.
        for wrong in &self.0 {
            let Some((step, before)) = wrong.at.split_last() else { continue };
            if before == at && !members.iter().any(|(name, _)| name == step) {
                let mut under = at.to_vec();
                under.push(step);
                members.push((Cow::Owned(step.clone()), self.echo(&Node::Null, &under)));
            }
        }
        Node::Object(members)
    }

    /// A text that must be there.
    pub(super) fn required(&mut self, record: &Node, at: &[&str], field: &'static str) -> String {
        let value = text(record.get(field));
        if value.is_empty() {
            self.wrong(at, field, "puste pole");
        }
        value
    }

    /// A day; none when it is absent or no day.
    pub(super) fn day(&mut self, record: &Node, at: &[&str], field: &'static str) -> Option<NaiveDate> {
        let value = text(record.get(field));
        if value.is_empty() {
            return None;
        }
        let day = value.parse().ok().filter(|_| value.len() == 10);
        if day.is_none() {
            self.wrong(at, field, "zły format");
        }
        day
    }

    /// A number; none when it is absent or no number.
    pub(super) fn number(&mut self, record: &Node, at: &[&str], field: &'static str) -> Option<Decimal> {
        let value = text(record.get(field));
        if value.is_empty() {
            return None;
        }
        let number = json::decimal(&value);
        if number.is_none() {
            self.wrong(at, field, "zły format");
        }
        number
    }

    /// One of a list of words, or the first of them when it is absent.
    pub(super) fn word(
        &mut self,
        record: &Node,
        at: &[&str],
        field: &'static str,
        words: &[&'static str],
    ) -> &'static str {
        let value = text(record.get(field));
        let first = words.first().copied().unwrap_or_default();
        if value.is_empty() {
            return first;
        }
        words.iter().find(|word| **word == value).copied().unwrap_or_else(|| {
            self.wrong(at, field, "nieprawidłowa wartość");
            first
        })
    }
}

/// The id in `{"id": 7}`; none when it is absent, 0 when it is no number.
pub(super) fn reference(record: &Node, field: &str) -> Option<u64> {
    let id = text(record.get(field)?.get("id"));
    if id.is_empty() { None } else { Some(id.parse().unwrap_or_default()) }
}
