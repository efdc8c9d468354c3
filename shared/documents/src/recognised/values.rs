//! Values of recognised fields. Text and numbers are both accepted; numbers are taken as written, never as floats.

use crate::values::parse_date;
use domain::{
    invoice::VatCategory,
    money::{Currency, parse_decimal},
    party::{Iban, RegistryNumber, VatNumber},
    time::Date,
};
use rust_decimal::Decimal;
use serde::Deserialize;
use serde_json::value::RawValue;
use std::str::FromStr;

/// Characters of a recognised text.
const CHARACTERS_MAX: usize = 500;

/// A value as it stands in the JSON. Each method says in its error what it should have been.
pub(super) struct Value<'a>(pub &'a RawValue);

impl Value<'_> {
    /// One line of visible text.
    pub fn text(self) -> Result<String, &'static str> {
        const WANTED: &str = "a text of 1 to 500 characters";
        let json = self.0.get();
        let text = match json.as_bytes().first() {
            Some(b'"') => serde_json::from_str::<String>(json).map_err(|_| WANTED)?,
            Some(b'-' | b'0'..=b'9') => json.to_owned(),
            _ => return Err(WANTED),
        };
        let words: Vec<&str> =
            text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty()).collect();
        let text = words.join(" ");
        if text.is_empty() || text.chars().nth(CHARACTERS_MAX).is_some() { Err(WANTED) } else { Ok(text) }
    }

    pub fn amount(self) -> Result<Decimal, &'static str> {
        const WANTED: &str = "a plain decimal number such as -1234.50";
        parse_decimal(&self.text().map_err(|_| WANTED)?).map_err(|_| WANTED)
    }

    pub fn date(self) -> Result<Date, &'static str> {
        const WANTED: &str = "a date such as 2026-03-31";
        parse_date(&self.text().map_err(|_| WANTED)?).ok_or(WANTED)
    }

    pub fn currency(self) -> Result<Currency, &'static str> {
        self.parsed::<Currency>("three capital letters such as EUR").map(|(currency, _)| currency)
    }

    pub fn vat_number(self) -> Result<String, &'static str> {
        self.parsed::<VatNumber>("a VAT number with the letters of its country").map(|(_, text)| text)
    }

    pub fn registry_number(self) -> Result<String, &'static str> {
        self.parsed::<RegistryNumber>("a register number").map(|(_, text)| text)
    }

    pub fn iban(self) -> Result<String, &'static str> {
        self.parsed::<Iban>("an IBAN with the right check digits").map(|(_, text)| text)
    }

    pub fn vat_category(self) -> Result<String, &'static str> {
        self.parsed::<VatCategory>("a VAT category of EN 16931").map(|(_, text)| text)
    }

    /// The value and the text it was read from.
    fn parsed<T: FromStr>(self, wanted: &'static str) -> Result<(T, String), &'static str> {
        let text = self.text().map_err(|_| wanted)?;
        let value = text.parse().map_err(|_| wanted)?;
        Ok((value, text))
    }
}

/// A row of the VAT breakdown or a line.
#[derive(Deserialize)]
pub(super) struct Row<'a> {
    #[serde(borrow)]
    pub confidence: Option<&'a RawValue>,
    #[serde(borrow)]
    pub category: Option<&'a RawValue>,
    #[serde(borrow)]
    pub rate: Option<&'a RawValue>,
    #[serde(borrow)]
    pub taxable: Option<&'a RawValue>,
    #[serde(borrow)]
    pub vat: Option<&'a RawValue>,
    #[serde(borrow)]
    pub description: Option<&'a RawValue>,
    #[serde(borrow)]
    pub quantity: Option<&'a RawValue>,
    #[serde(borrow)]
    pub unit: Option<&'a RawValue>,
    #[serde(borrow)]
    pub price: Option<&'a RawValue>,
    #[serde(borrow)]
    pub net: Option<&'a RawValue>,
}

impl<'a> Row<'a> {
    /// `None` when it is no object.
    pub fn read(json: &'a RawValue) -> Option<Self> {
        serde_json::from_str(json.get()).ok()
    }
}
