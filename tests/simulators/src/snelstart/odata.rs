//! The part of `OData` that SnelStart documents: `eq`, `ne`, `gt`, `ge`, `lt`, `le` joined by `and`, `any` on collections,
//! and pages by `$top` and `$skip`.

use chrono::NaiveDate;

use super::refusal::{Refusal, rule};

/// Records on a page at most.
const PAGE: usize = 500;

/// A value of a record.
#[derive(Debug, Clone, PartialEq, PartialOrd)]
pub(crate) enum Cell {
    Text(Option<String>),
    Int(i64),
    Guid(Option<String>),
    Day(NaiveDate),
    Words(Vec<String>),
}

/// A record that can be searched; property names are as filters write them.
pub(crate) trait Searched: Default {
    /// The value of a property; `None` when there is no such.
    fn cell(&self, property: &str) -> Option<Cell>;
}

struct Term {
    property: String,
    operator: String,
    value: Cell,
}

fn wrong(filter: &str) -> Refusal {
    rule("ALG-0104", format!("Ongeldig filter: {filter}"))
}

/// The records of a page that pass a filter.
pub(crate) fn page<T: Searched>(
    records: impl Iterator<Item = T>,
    parameters: &[(String, String)],
) -> Result<Vec<T>, Refusal> {
    let parameter = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let number =
        |name: &str, default: usize| parameter(name).map_or(Ok(default), |text| text.parse().map_err(|_| wrong(text)));
    let (top, skip) = (number("$top", PAGE)?, number("$skip", 0)?);
    if !(1..=PAGE).contains(&top) {
        return Err(wrong("$top"));
    }
    let filter = parameter("$filter").unwrap_or_default();
    let terms = terms::<T>(filter)?;
    let passes = |record: &T| terms.iter().all(|term| holds(record, term));
    Ok(records.filter(passes).skip(skip).take(top).collect())
}

fn terms<T: Searched>(filter: &str) -> Result<Vec<Term>, Refusal> {
    if filter.is_empty() {
        return Ok(Vec::new());
    }
    let pattern = T::default();
    split(filter).into_iter().map(|text| term(&pattern, &text).ok_or_else(|| wrong(filter))).collect()
}

/// Splits at `and`, not inside texts.
fn split(filter: &str) -> Vec<String> {
    let mut parts = vec![String::new()];
    let mut quoted = false;
    for word in filter.split_inclusive(' ') {
        if !quoted && word.trim() == "and" {
            parts.push(String::new());
            continue;
        }
        quoted ^= word.matches('\'').count() % 2 == 1;
        if let Some(last) = parts.last_mut() {
            last.push_str(word);
        }
    }
    parts.into_iter().map(|part| part.trim().to_owned()).collect()
}

fn term<T: Searched>(pattern: &T, text: &str) -> Option<Term> {
    if let Some((property, rest)) = text.split_once("/any(r:r eq ") {
        let value = literal(rest.strip_suffix(')')?)?;
        let known = matches!(pattern.cell(property)?, Cell::Words(_)) && matches!(value, Cell::Text(_));
        return known.then(|| Term { property: property.to_owned(), operator: "any".to_owned(), value });
    }
    let (property, rest) = text.split_once(' ')?;
    let (operator, value) = rest.split_once(' ')?;
    let value = literal(value)?;
    let same_kind = std::mem::discriminant(&pattern.cell(property)?) == std::mem::discriminant(&value);
    let known = ["eq", "ne", "gt", "ge", "lt", "le"].contains(&operator);
    (same_kind && known).then(|| Term { property: property.to_owned(), operator: operator.to_owned(), value })
}

fn literal(text: &str) -> Option<Cell> {
    let quoted = |text: &str| text.strip_prefix('\'').and_then(|text| text.strip_suffix('\'')).map(str::to_owned);
    if let Some(guid) = text.strip_prefix("guid") {
        return quoted(guid).map(|guid| Cell::Guid(Some(guid.to_ascii_lowercase())));
    }
    if let Some(instant) = text.strip_prefix("datetime") {
        return quoted(instant)?.get(..10)?.parse().ok().map(Cell::Day);
    }
    match quoted(text) {
        // A quote inside is written twice.
        Some(inner) => {
            let plain = inner.replace("''", "\u{0}");
            (!plain.contains('\'')).then(|| Cell::Text(Some(plain.replace('\u{0}', "'"))))
        }
        None => text.parse().ok().map(Cell::Int),
    }
}

fn holds<T: Searched>(record: &T, term: &Term) -> bool {
    let Some(cell) = record.cell(&term.property) else { return false };
    if let (Cell::Words(words), Cell::Text(Some(word))) = (&cell, &term.value) {
        return words.contains(word);
    }
    match term.operator.as_str() {
        "eq" => cell == term.value,
        "ne" => cell != term.value,
        "gt" => cell > term.value,
        "ge" => cell >= term.value,
        "lt" => cell < term.value,
        _ => cell <= term.value,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[derive(Default, Clone)]
    struct Row(i64, String);

    impl Searched for Row {
        fn cell(&self, property: &str) -> Option<Cell> {
            match property {
                "Nummer" => Some(Cell::Int(self.0)),
                "Naam" => Some(Cell::Text(Some(self.1.clone()))),
                "Soort" => Some(Cell::Words(vec![self.1.clone()])),
                _ => None,
            }
        }
    }

    fn found(filter: &str) -> Result<Vec<i64>, Refusal> {
        let rows = [Row(1, "a and b".into()), Row(2, "d'Or".into()), Row(3, "x".into())];
        let page = page(rows.into_iter(), &[("$filter".to_owned(), filter.to_owned())]);
        page.map(|rows| rows.into_iter().map(|row| row.0).collect())
    }

    #[test]
    fn terms_are_joined_by_and() {
        assert_eq!(found("").unwrap(), [1, 2, 3]);
        assert_eq!(found("Naam eq 'a and b'").unwrap(), [1]);
        assert_eq!(found("Naam eq 'd''Or' and Nummer gt 1").unwrap(), [2]);
        assert_eq!(found("Soort/any(r:r eq 'x')").unwrap(), [3]);
        for wrong in ["naam eq 'x'", "Nummer eq '1'", "Naam eq x", "Naam like 'x'", "Naam eq 'x' or Nummer eq 1"] {
            assert!(matches!(found(wrong), Err(Refusal::Rule("ALG-0104", _))), "{wrong}");
        }
    }
}
