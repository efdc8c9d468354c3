//! JSON objects of Multivers, read by name. Which capitals a name has differs between versions, and some fields are known
//! by guess only: each is asked for by all names that it may have.

use crate::json;
use domain::time::Date;
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use serde_json::value::RawValue;
use std::collections::BTreeMap;

/// An object: its members by their names in lower case, each as its text.
#[derive(Debug, Default)]
pub(super) struct Record(BTreeMap<String, Box<RawValue>>);

impl<'de> Deserialize<'de> for Record {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let members = BTreeMap::<String, Box<RawValue>>::deserialize(deserializer)?;
        Ok(Self(members.into_iter().map(|(name, value)| (name.to_lowercase(), value)).collect()))
    }
}

impl Record {
    /// The first of the names that has a value.
    fn find<T>(&self, names: &[&str], read: impl Fn(&str) -> Option<T>) -> Option<T> {
        names.iter().find_map(|name| {
            let value = self.0.get(&name.to_lowercase())?.get();
            if value == "null" { None } else { read(value) }
        })
    }

    /// A text, or a number as its text; none when it is empty.
    pub(super) fn text(&self, names: &[&str]) -> Option<String> {
        self.find(names, |value| {
            let text = if value.starts_with('"') {
                serde_json::from_str::<String>(value).ok()?.trim().to_owned()
            } else if value.starts_with(['{', '[']) {
                return None;
            } else {
                value.to_owned()
            };
            (!text.is_empty()).then_some(text)
        })
    }

    /// A number, or a text that is one.
    pub(super) fn number(&self, names: &[&str]) -> Option<Decimal> {
        self.find(names, json::read)
    }

    /// A whole number.
    pub(super) fn integer(&self, names: &[&str]) -> Option<i64> {
        self.number(names)?.try_into().ok()
    }

    /// A day.
    pub(super) fn date(&self, names: &[&str]) -> Option<Date> {
        self.text(names).as_deref().and_then(read_date)
    }

    /// Yes or no.
    pub(super) fn flag(&self, names: &[&str]) -> Option<bool> {
        self.find(names, |value| match value.trim_matches('"').to_lowercase().as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        })
    }

    /// The objects of a list.
    pub(super) fn list(&self, names: &[&str]) -> Vec<Self> {
        self.find(names, |value| serde_json::from_str(value).ok()).unwrap_or_default()
    }
}

/// A day as it is written: Dutch, without leading zeros.
pub(super) fn date(day: Date) -> String {
    day.format("%-d-%-m-%Y").to_string()
}

/// A day as it is read: Dutch with or without zeros and a time, or as ISO has it.
fn read_date(text: &str) -> Option<Date> {
    let day = text.split([' ', 'T']).next()?;
    let parts: Vec<&str> = day.split('-').collect();
    let [first, month, last] = parts.as_slice() else { return None };
    let (year, day) = if first.len() == 4 { (first, last) } else { (last, first) };
    if year.len() != 4 {
        return None;
    }
    Date::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    #[test]
    fn dates_are_dutch() {
        let day = Date::from_ymd_opt(2026, 4, 3).unwrap();
        assert_eq!(date(day), "3-4-2026");
        for text in ["3-4-2026", "03-04-2026", "03-04-2026 0:00:00", "2026-04-03", "2026-04-03T00:00:00"] {
            assert_eq!(read_date(text), Some(day), "{text}");
        }
        for text in ["", "3-4-26", "4/3/2026", "31-2-2026", "3-4"] {
            assert_eq!(read_date(text), None, "{text}");
        }
    }

    #[test]
    fn members_are_found_by_any_of_their_names() {
        let text = r#"{"PeriodNumber":3,"Name":" Paper ","none":null,"empty":"","amount":121.10,"open":"True",
            "lines":[{"a":1},{"A":2}],"one":{"b":"c"},"id":7001}"#;
        let record: Record = serde_json::from_str(text).unwrap();
        assert_eq!(record.integer(&["period", "periodNumber"]), Some(3));
        assert_eq!(record.text(&["empty", "none", "name"]).as_deref(), Some("Paper"));
        assert_eq!(record.text(&["id"]).as_deref(), Some("7001"));
        assert_eq!(record.number(&["amount"]), Some(dec!(121.10)));
        assert_eq!(record.flag(&["open"]), Some(true));
        assert_eq!(record.list(&["lines"]).iter().filter_map(|line| line.integer(&["a"])).sum::<i64>(), 3);
        assert!(record.text(&["one"]).is_none() && record.list(&["one"]).is_empty());
    }
}
