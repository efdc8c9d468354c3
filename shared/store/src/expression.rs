//! DynamoDB's expressions. In them, `#name` stands for the attribute `name`: no list of reserved words has to be known.

use crate::item::{Item, Key};
use aws_sdk_dynamodb::types::AttributeValue;
use std::collections::HashMap;

/// An expression and its values.
#[derive(Debug, Clone, Default)]
pub(crate) struct Expression {
    pub(crate) text: String,
    pub(crate) values: HashMap<String, AttributeValue>,
}

impl Expression {
    pub(crate) fn new(text: impl Into<String>) -> Self {
        Self { text: text.into(), values: HashMap::new() }
    }

    /// A value for `:name`.
    pub(crate) fn with(mut self, name: &str, value: AttributeValue) -> Self {
        self.values.insert(format!(":{name}"), value);
        self
    }

    pub(crate) fn and(mut self, other: Self) -> Self {
        self.text = format!("({}) AND ({})", self.text, other.text);
        self.values.extend(other.values);
        self
    }

    /// The item does not exist.
    pub(crate) fn absent() -> Self {
        Self::new("attribute_not_exists(#pk)")
    }

    /// The item exists.
    pub(crate) fn present() -> Self {
        Self::new("attribute_exists(#pk)")
    }

    pub(crate) fn attributes(&self) -> impl Iterator<Item = (String, String)> {
        self.text.split('#').skip(1).map(|rest| {
            let name: String = rest.chars().take_while(|c| c.is_ascii_alphanumeric() || *c == '_').collect();
            (format!("#{name}"), name)
        })
    }
}

/// Changes to an item, collected and then written as one expression.
#[derive(Debug, Clone, Default)]
pub(crate) struct Changes {
    set: Vec<(&'static str, AttributeValue)>,
    remove: Vec<&'static str>,
    /// Further clauses of `SET` and others, written out.
    special: Vec<Expression>,
}

impl Changes {
    pub(crate) fn set(&mut self, name: &'static str, value: AttributeValue) {
        self.set.push((name, value));
    }

    pub(crate) fn remove(&mut self, name: &'static str) {
        self.remove.push(name);
    }

    pub(crate) fn set_or_remove(&mut self, name: &'static str, value: Option<AttributeValue>) {
        match value {
            Some(value) => self.set(name, value),
            None => self.remove(name),
        }
    }

    /// A clause such as `ADD #f :one`.
    pub(crate) fn clause(&mut self, clause: Expression) {
        self.special.push(clause);
    }

    /// The plain settings alone, for an item that is new.
    pub(crate) fn into_set(self) -> impl Iterator<Item = (String, AttributeValue)> {
        self.set.into_iter().map(|(name, value)| (name.to_owned(), value))
    }

    pub(crate) fn expression(&self) -> Expression {
        let mut parts = Vec::new();
        let mut expression = Expression::default();
        let (set, other): (Vec<_>, Vec<_>) = self.special.iter().partition(|clause| clause.text.starts_with("SET "));
        let sets: Vec<String> = self
            .set
            .iter()
            .map(|(name, _)| format!("#{name} = :{name}"))
            .chain(set.iter().filter_map(|clause| clause.text.strip_prefix("SET ").map(ToOwned::to_owned)))
            .collect();
        if !sets.is_empty() {
            parts.push(format!("SET {}", sets.join(", ")));
        }
        if !self.remove.is_empty() {
            let names: Vec<_> = self.remove.iter().map(|name| format!("#{name}")).collect();
            parts.push(format!("REMOVE {}", names.join(", ")));
        }
        parts.extend(other.iter().map(|clause| clause.text.clone()));
        expression.text = parts.join(" ");
        for (name, value) in &self.set {
            expression.values.insert(format!(":{name}"), value.clone());
        }
        for clause in &self.special {
            expression.values.extend(clause.values.clone());
        }
        expression
    }

    /// The item as it will be, as far as plain changes say.
    pub(crate) fn applied_to(&self, key: &Key, old: Option<&Item>) -> Item {
        let mut item = old.cloned().unwrap_or_else(|| key.item());
        item.extend(self.set.iter().map(|(name, value)| ((*name).to_owned(), value.clone())));
        for name in &self.remove {
            item.remove(*name);
        }
        item
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_found_in_expressions() {
        let names: HashMap<_, _> =
            Expression::new("attribute_not_exists(#pk) OR #v_1 = :v AND #s<:x").attributes().collect();
        let expected = [("#pk", "pk"), ("#v_1", "v_1"), ("#s", "s")].map(|(a, b)| (a.to_owned(), b.to_owned()));
        assert_eq!(names, HashMap::from(expected));
    }

    #[test]
    fn changes_become_one_expression() {
        let mut changes = Changes::default();
        changes.set("a", AttributeValue::N("1".into()));
        changes.set_or_remove("b", None);
        changes.clause(
            Expression::new("SET #c = if_not_exists(#c, :none)").with("none", AttributeValue::S(String::new())),
        );
        changes.clause(Expression::new("ADD #f :one").with("one", AttributeValue::N("1".into())));
        let expression = changes.expression();
        assert_eq!(expression.text, "SET #a = :a, #c = if_not_exists(#c, :none) REMOVE #b ADD #f :one");
        assert_eq!(expression.values.len(), 3);
    }
}
