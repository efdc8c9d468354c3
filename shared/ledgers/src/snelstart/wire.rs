//! What SnelStart sends and takes, as far as it is used. Its words are Dutch and part of the wire.

use crate::json::Number;
use domain::time::Date;
use serde::{Deserialize, Serialize};

/// An id of SnelStart: a GUID.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Deserialize)]
#[serde(try_from = "String")]
pub(super) struct Id(String);

impl Id {
    /// An id in lower case; `None` when it is not a GUID.
    pub(super) fn parse(text: &str) -> Option<Self> {
        let text = text.trim();
        let hyphens = [8, 13, 18, 23];
        let fits = |(place, byte): (usize, u8)| {
            if hyphens.contains(&place) { byte == b'-' } else { byte.is_ascii_hexdigit() }
        };
        (text.len() == 36 && text.bytes().enumerate().all(fits)).then(|| Self(text.to_ascii_lowercase()))
    }

    pub(super) fn as_str(&self) -> &str {
        &self.0
    }
}

impl TryFrom<String> for Id {
    type Error = &'static str;
    fn try_from(text: String) -> Result<Self, Self::Error> {
        Self::parse(&text).ok_or("an id is a GUID")
    }
}

/// A reference to something by its id.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Ref {
    pub(super) id: Id,
}

/// A reference as it is sent.
#[derive(Debug, Serialize)]
pub(super) struct NewRef<'a> {
    pub(super) id: &'a str,
}

/// The day of a date-time without a zone.
pub(super) fn day(text: &str) -> Option<Date> {
    text.get(..10)?.parse().ok()
}

/// `companyInfo`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Company {
    #[serde(rename = "administratieIdentifier")]
    pub(super) id: String,
    #[serde(rename = "administratieNaam")]
    pub(super) name: Option<String>,
}

/// `relaties`
#[derive(Debug, Clone, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Relation {
    pub(super) id: Id,
    pub(super) relatiecode: Option<i64>,
    pub(super) naam: Option<String>,
    #[serde(default)]
    pub(super) relatiesoort: Vec<String>,
    pub(super) btw_nummer: Option<String>,
    pub(super) kvk_nummer: Option<String>,
    pub(super) iban: Option<String>,
    #[serde(default)]
    pub(super) nonactief: bool,
}

impl Relation {
    /// Whether it is somebody else, and not a placeholder or the administration itself.
    pub(super) fn is_somebody(&self) -> bool {
        self.relatiecode.is_none_or(|code| code >= 0) && !self.relatiesoort.iter().any(|kind| kind == "Eigen")
    }

    pub(super) fn is_a(&self, kind: &str) -> bool {
        self.relatiesoort.iter().any(|own| own == kind)
    }
}

/// `grootboeken`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Account {
    pub(super) id: Id,
    pub(super) nummer: i64,
    pub(super) omschrijving: Option<String>,
    #[serde(default)]
    pub(super) nonactief: bool,
}

/// `kostenplaatsen` and `dagboeken`
#[derive(Debug, Deserialize)]
pub(super) struct Numbered {
    pub(super) id: Id,
    pub(super) nummer: i64,
    pub(super) omschrijving: Option<String>,
    pub(super) soort: Option<String>,
    #[serde(default)]
    pub(super) nonactief: bool,
}

/// `btwtarieven`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VatRate {
    pub(super) btw_soort: String,
    pub(super) btw_percentage: Number,
    pub(super) datum_vanaf: Option<String>,
    pub(super) datum_tot_en_met: Option<String>,
}

/// `inkoopfacturen` and `verkoopfacturen`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Invoice {
    pub(super) factuurnummer: Option<String>,
    pub(super) factuur_datum: Option<String>,
    pub(super) factuur_bedrag: Option<Number>,
    pub(super) relatie: Option<Ref>,
    #[serde(alias = "verkoopBoeking", alias = "inkoopboeking", alias = "verkoopboeking")]
    pub(super) inkoop_boeking: Option<Ref>,
}

/// `inkoopboekingen` and `verkoopboekingen`
#[derive(Debug, Deserialize)]
pub(super) struct Booking {
    pub(super) id: Id,
    pub(super) boekstuk: Option<String>,
    pub(super) factuurnummer: Option<String>,
    #[serde(alias = "klant")]
    pub(super) leverancier: Option<Ref>,
    pub(super) omschrijving: Option<String>,
    pub(super) factuurbedrag: Option<Number>,
    pub(super) btw: Option<Vec<VatAmount>>,
}

#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct VatAmount {
    pub(super) btw_bedrag: Number,
}

/// `documenten`
#[derive(Debug, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Attachment {
    pub(super) file_name: Option<String>,
}

/// The answer to a record that was made.
#[derive(Debug, Deserialize)]
pub(super) struct Made {
    pub(super) id: Id,
}

/// A relation to be made.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewRelation<'a> {
    pub(super) naam: &'a str,
    pub(super) relatiesoort: [&'static str; 1],
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) btw_nummer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kvk_nummer: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) iban: Option<&'a str>,
}

/// A booking to be made. Amounts are texts with two decimals.
#[derive(Debug, Serialize)]
pub(super) struct NewBooking<'a> {
    pub(super) factuurnummer: &'a str,
    pub(super) factuurdatum: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) leverancier: Option<NewRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) klant: Option<NewRef<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) betalingstermijn: Option<i64>,
    pub(super) omschrijving: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) boekstuk: Option<&'a str>,
    pub(super) factuurbedrag: String,
    pub(super) boekingsregels: Vec<NewLine<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) btw: Vec<NewVat>,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewLine<'a> {
    pub(super) omschrijving: String,
    pub(super) grootboek: NewRef<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kostenplaats: Option<NewRef<'a>>,
    pub(super) bedrag: String,
    pub(super) btw_soort: &'static str,
}

#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewVat {
    pub(super) btw_soort: &'static str,
    pub(super) btw_bedrag: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_is_a_guid() {
        let id = Id::parse("6B0D3F5E-0000-4000-8000-0000000000A1").unwrap();
        assert_eq!(id.as_str(), "6b0d3f5e-0000-4000-8000-0000000000a1");
        for text in ["", "1", "6b0d3f5e-0000-4000-8000-0000000000a", "6b0d3f5e-0000-4000-8000-0000000000a1'"] {
            assert_eq!(Id::parse(text), None, "{text}");
        }
    }
}
