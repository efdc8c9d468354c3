//! The members of an object that is sent. Capitals make no difference; what is missing or of another type is refused.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde_json::value::RawValue;

use super::refusal::{Refusal, rule};
use super::state::UnknownMembers;
use crate::json;

/// An object, and where it stands in the request.
#[derive(Debug)]
pub(super) struct Fields {
    members: BTreeMap<String, Box<RawValue>>,
    at: String,
}

impl Fields {
    /// Reads an object of a model.
    pub(super) fn read(text: &[u8], at: &str, model: &[&str], unknown: UnknownMembers) -> Result<Self, Refusal> {
        let members = json::members(text).map_err(|error| rule("JSON", format!("Geen object: {error}"), at))?;
        let members: BTreeMap<_, _> =
            members.into_iter().map(|(name, value)| (name.to_ascii_lowercase(), value)).collect();
        let is_known = |name: &&String| model.iter().any(|known| known.eq_ignore_ascii_case(name));
        let strange = members.keys().find(|name| !is_known(name));
        match (strange, unknown) {
            (Some(name), UnknownMembers::Refused) => {
                Err(rule("UNKNOWN", format!("Onbekend veld {name}"), format!("{at}{name}")))
            }
            (_, _) => Ok(Self { members, at: at.to_owned() }),
        }
    }

    /// The path of a member.
    pub(super) fn path(&self, name: &str) -> String {
        format!("{}{name}", self.at)
    }

    fn wrong(&self, name: &str, wanted: &str) -> Refusal {
        rule("TYPE", format!("{name} moet {wanted} zijn"), self.path(name))
    }

    pub(super) fn raw(&self, name: &str) -> Option<&str> {
        let text = self.members.get(&name.to_ascii_lowercase())?.get();
        (text != "null").then_some(text)
    }

    /// A text of at most so many characters; empty when it is absent.
    pub(super) fn text(&self, name: &str, most: usize) -> Result<String, Refusal> {
        let Some(text) = self.raw(name) else { return Ok(String::new()) };
        let text: String = serde_json::from_str(text).map_err(|_| self.wrong(name, "een tekst"))?;
        if text.chars().count() > most {
            return Err(rule("LENGTH", format!("{name} is langer dan {most} tekens"), self.path(name)));
        }
        Ok(text)
    }

    /// A text that must be there.
    pub(super) fn required(&self, name: &str, most: usize) -> Result<String, Refusal> {
        let text = self.text(name, most)?;
        if text.trim().is_empty() { Err(self.missing(name)) } else { Ok(text) }
    }

    pub(super) fn missing(&self, name: &str) -> Refusal {
        rule("REQUIRED", format!("{name} is verplicht"), self.path(name))
    }

    /// A whole number; none when it is absent.
    pub(super) fn whole(&self, name: &str) -> Result<Option<i64>, Refusal> {
        self.raw(name).map(|text| text.parse().map_err(|_| self.wrong(name, "een geheel getal"))).transpose()
    }

    /// A whole number that must be there.
    pub(super) fn required_whole(&self, name: &str) -> Result<i64, Refusal> {
        self.whole(name)?.ok_or_else(|| self.missing(name))
    }

    /// An amount, with two decimals at most; none when it is absent.
    pub(super) fn amount(&self, name: &str) -> Result<Option<Decimal>, Refusal> {
        let Some(text) = self.raw(name) else { return Ok(None) };
        match json::decimal(text).map(|amount| amount.normalize()) {
            Some(amount) if amount.scale() <= 2 => Ok(Some(amount)),
            Some(_) | None => Err(self.wrong(name, "een bedrag met twee decimalen")),
        }
    }

    /// A number; none when it is absent.
    pub(super) fn number(&self, name: &str) -> Result<Option<Decimal>, Refusal> {
        let wrong = || self.wrong(name, "een getal");
        self.raw(name).map(|text| json::decimal(text).ok_or_else(wrong)).transpose()
    }

    /// Yes or no; no when it is absent.
    pub(super) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        let wrong = |_| self.wrong(name, "true of false");
        self.raw(name).map_or(Ok(false), |text| serde_json::from_str(text).map_err(wrong))
    }

    /// A Dutch day; none when it is absent or empty.
    pub(super) fn day(&self, name: &str) -> Result<Option<NaiveDate>, Refusal> {
        let text = self.text(name, 20)?;
        if text.is_empty() {
            return Ok(None);
        }
        let day = text.split(' ').next().unwrap_or_default();
        let parts: Vec<&str> = day.split('-').collect();
        let read = || {
            let [day, month, year] = parts.as_slice() else { return None };
            if year.len() != 4 || day.len() > 2 || month.len() > 2 {
                return None;
            }
            NaiveDate::from_ymd_opt(year.parse().ok()?, month.parse().ok()?, day.parse().ok()?)
        };
        read().map(Some).ok_or_else(|| self.wrong(name, "een datum als 28-2-2026"))
    }

    /// A day that must be there.
    pub(super) fn required_day(&self, name: &str) -> Result<NaiveDate, Refusal> {
        self.day(name)?.ok_or_else(|| self.missing(name))
    }

    /// The objects of a list, each as its text.
    pub(super) fn list(&self, name: &str) -> Result<Vec<Box<RawValue>>, Refusal> {
        let wrong = |_| self.wrong(name, "een lijst");
        self.raw(name).map_or(Ok(Vec::new()), |text| serde_json::from_str(text).map_err(wrong))
    }
}
