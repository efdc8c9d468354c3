//! The fields of a form. Names are flat; what is unknown is passed over.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::refusal::{Refusal, refused};

/// A form.
#[derive(Debug, Clone)]
pub(super) struct Fields(Vec<(String, String)>);

impl Fields {
    /// Reads a form, or the query of an address.
    pub(super) fn read(text: &[u8]) -> Self {
        Self(url::form_urlencoded::parse(text).into_owned().collect())
    }

    /// Reads a form whose fields are parts, each with a name.
    pub(super) fn read_parts(content_type: &str, body: &[u8]) -> Self {
        let whole = [b"Content-Type: ", content_type.as_bytes(), b"\r\n\r\n", body].concat();
        let Ok(form) = mailparse::parse_mail(&whole) else { return Self(Vec::new()) };
        let field = |part: &mailparse::ParsedMail<'_>| {
            let name = part.get_content_disposition().params.get("name")?.clone();
            let value = part.get_body_raw().ok()?;
            Some((name, String::from_utf8_lossy(&value).into_owned()))
        };
        Self(form.subparts.iter().filter_map(field).collect())
    }

    /// A field without blanks around it; empty when it is absent.
    pub(super) fn text(&self, name: &str) -> &str {
        self.0.iter().find(|(known, _)| known == name).map_or("", |(_, value)| value.trim())
    }

    /// Whether any field has a name that begins so.
    pub(super) fn any(&self, start: &str) -> bool {
        self.0.iter().any(|(name, value)| name.starts_with(start) && !value.trim().is_empty())
    }

    /// A whole number; `usual` when it is absent.
    pub(super) fn code(&self, name: &str, usual: u32, what: &str) -> Result<u32, Refusal> {
        match self.text(name) {
            "" => Ok(usual),
            text => text.parse().or_else(|_| refused(format!("Nieprawidłowa wartość pola {what}"))),
        }
    }

    /// A switch, 0 or 1; absent is off.
    pub(super) fn switch(&self, name: &str) -> Result<bool, Refusal> {
        match self.text(name) {
            "" | "0" => Ok(false),
            "1" => Ok(true),
            _ => refused(format!("Nieprawidłowa wartość pola {name}")),
        }
    }

    /// A day, written day-month-year.
    pub(super) fn day(&self, name: &str, what: &str) -> Result<Option<NaiveDate>, Refusal> {
        let text = self.text(name);
        if text.is_empty() {
            return Ok(None);
        }
        let day = NaiveDate::parse_from_str(text, "%d-%m-%Y").ok();
        match day.filter(|day| day.format("%d-%m-%Y").to_string() == text) {
            Some(day) => Ok(Some(day)),
            None => refused(format!("Nieprawidłowa data {what}")),
        }
    }

    /// A number with a point; `None` when it is absent.
    pub(super) fn decimal(&self, name: &str, what: &str) -> Result<Option<Decimal>, Refusal> {
        match self.text(name) {
            "" => Ok(None),
            text => match crate::json::decimal(text) {
                Some(number) => Ok(Some(number)),
                None => refused(format!("Nieprawidłowa {what}")),
            },
        }
    }
}
