//! What goes over the wire: documents as they are sent, and as they come back.

use crate::json::{self, Number};
use domain::{
    sales::{IssuedKind, Ksef},
    time::Date,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer, Serialize, de};
use serde_json::value::RawValue;
use std::fmt;

/// The body of a request that makes a document.
#[derive(Debug, Serialize)]
pub(super) struct Create<'a> {
    pub(super) invoice: Invoice<'a>,
    /// `true` sends it to KSeF whatever the account's own setting.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) gov_save_and_send: Option<bool>,
}

/// A document as it is sent. What is absent is the account's, or the department's, to say.
#[derive(Debug, Default, Serialize)]
#[expect(clippy::struct_field_names, reason = "names of the wire")]
pub(super) struct Invoice<'a> {
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) number: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) department_id: Option<u64>,
    pub(super) issue_date: Date,
    pub(super) sell_date: Date,
    pub(super) place: &'a str,
    #[serde(flatten)]
    pub(super) buyer: Buyer<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payment_type: Option<&'a str>,
    pub(super) payment_to_kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payment_to: Option<Date>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) status: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) paid: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) paid_date: Option<Date>,
    pub(super) currency: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exchange_currency: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exchange_kind: Option<&'static str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) split_payment: Option<&'static str>,
    pub(super) lang: &'static str,
    /// Our reference.
    pub(super) oid: &'a str,
    /// `yes`: a second document with the same reference is refused.
    pub(super) oid_unique: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) description: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) exempt_tax_kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) np_tax_kind: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) invoice_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) from_invoice_id: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) correction_reason: Option<&'a str>,
    pub(super) positions: Vec<Position<'a>>,
}

/// Who buys. A country that is absent is Poland (CO-27).
#[derive(Debug, Default, PartialEq, Eq, Serialize)]
#[expect(clippy::struct_field_names, reason = "names of the wire")]
pub(super) struct Buyer<'a> {
    pub(super) buyer_company: bool,
    pub(super) buyer_name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) buyer_first_name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) buyer_last_name: Option<&'a str>,
    pub(super) buyer_tax_no: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) buyer_tax_no_kind: Option<String>,
    pub(super) buyer_street: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) buyer_post_code: Option<&'a str>,
    pub(super) buyer_city: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) buyer_country: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) buyer_email: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) buyer_phone: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) buyer_note: Option<String>,
}

/// A line, or one side of a corrected line.
#[derive(Debug, Serialize)]
pub(super) struct Position<'a> {
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<&'a str>,
    pub(super) quantity: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) quantity_unit: Option<&'a str>,
    pub(super) tax: Tax,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) price_net: Option<Number>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) total_price_net: Option<Number>,
    pub(super) total_price_gross: Number,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) kind: Option<&'static str>,
    #[serde(rename = "correction_before_attributes", skip_serializing_if = "Option::is_none")]
    pub(super) before: Option<Box<Position<'a>>>,
    #[serde(rename = "correction_after_attributes", skip_serializing_if = "Option::is_none")]
    pub(super) after: Option<Box<Position<'a>>>,
}

/// How a line is taxed: a rate, or a word.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Tax {
    Rate(Number),
    Word(&'static str),
}

/// What documents are called there. A pro-forma invoice is never passed.
pub(super) fn kind(kind: IssuedKind) -> &'static str {
    match kind {
        IssuedKind::Invoice => "vat",
        IssuedKind::Receipt => "receipt",
        IssuedKind::Correction => "correction",
        IssuedKind::ProForma => "proforma",
    }
}

/// A document as it comes back, whole or in a list. Only the id is sure to be there.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub(super) struct Document {
    pub(super) id: Scalar,
    #[serde(default)]
    pub(super) number: Option<Scalar>,
    #[serde(default)]
    pub(super) kind: Option<String>,
    #[serde(default)]
    pub(super) oid: Option<Scalar>,
    #[serde(default)]
    pub(super) view_url: Option<String>,
    #[serde(default)]
    pub(super) price_gross: Option<Scalar>,
    #[serde(default)]
    pub(super) gov_status: Option<String>,
    #[serde(default)]
    pub(super) gov_id: Option<Scalar>,
}

/// What a correction takes over from the document that it corrects.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub(super) struct Original {
    pub(super) department_id: Option<Scalar>,
    pub(super) buyer_company: Option<Scalar>,
    pub(super) buyer_tax_no: Option<Scalar>,
    pub(super) buyer_tax_no_kind: Option<String>,
    pub(super) buyer_email: Option<String>,
    pub(super) buyer_phone: Option<Scalar>,
    pub(super) buyer_note: Option<String>,
}

/// A department: what a series is linked to.
#[derive(Debug, Deserialize)]
pub(super) struct Department {
    pub(super) id: Scalar,
    #[serde(default)]
    pub(super) name: Option<String>,
}

/// A number, a text or a truth: which of them a value is, nothing says.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Scalar(String);

impl Scalar {
    pub(super) fn as_str(&self) -> &str {
        &self.0
    }

    /// As an amount, with a dot or a comma.
    pub(super) fn amount(&self) -> Option<Decimal> {
        json::read(&self.0.replace(',', "."))
    }

    /// As a truth.
    pub(super) fn is_true(&self) -> bool {
        matches!(self.0.as_str(), "true" | "1")
    }

    /// As an id.
    pub(super) fn id(&self) -> Option<u64> {
        self.0.parse().ok()
    }
}

impl fmt::Debug for Scalar {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl<'de> Deserialize<'de> for Scalar {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        let raw = Box::<RawValue>::deserialize(deserializer)?;
        let text = raw.get().trim();
        match text.as_bytes().first() {
            Some(b'"') => serde_json::from_str(text).map(Self).map_err(de::Error::custom),
            Some(b'-' | b'0'..=b'9' | b't' | b'f') => Ok(Self(text.to_owned())),
            _ => Err(de::Error::custom("neither a number nor a text")),
        }
    }
}

impl Document {
    /// How KSeF stands to it. A number there is what counts; of the statuses only those that are known to be an end are taken as one.
    pub(super) fn ksef(&self) -> Option<Ksef> {
        if let Some(number) = self.gov_id.as_ref().filter(|number| !number.as_str().is_empty()) {
            return Some(Ksef::Accepted { number: number.as_str().to_owned() });
        }
        let status = self.gov_status.as_deref().filter(|status| !status.is_empty())?;
        // In the trial mode of KSeF.
        let plain = status.strip_prefix("demo_").unwrap_or(status);
        Some(match plain {
            "not_applicable" => Ksef::NotApplicable,
            "send_error" | "duplicate_error" | "blocked_403_error" => Ksef::Refused { status: status.to_owned() },
            _ => Ksef::Awaited { status: status.to_owned() },
        })
    }

    /// Its public page, if that is an address.
    pub(super) fn link(&self) -> Option<String> {
        let link = self.view_url.as_deref()?;
        url::Url::parse(link).ok().filter(|url| matches!(url.scheme(), "https" | "http")).map(|_| link.to_owned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    fn read(text: &str) -> Document {
        serde_json::from_str(text).unwrap()
    }

    #[test]
    fn numbers_and_texts_are_read_alike() {
        for (text, gross) in [
            (r#"{"id":7,"price_gross":"110.7"}"#, Some(dec!(110.70))),
            (r#"{"id":"7","price_gross":110.70,"number":12}"#, Some(dec!(110.70))),
            (r#"{"id":7,"price_gross":"110,70","oid":null,"view_url":null}"#, Some(dec!(110.70))),
            (r#"{"id":7,"price_gross":null,"more":{"a":[1]}}"#, None),
        ] {
            let document = read(text);
            assert_eq!((document.id.id(), document.price_gross.as_ref().and_then(Scalar::amount)), (Some(7), gross));
        }
        for text in [r#"{"id":null}"#, "{}", r#"{"id":[7]}"#] {
            assert!(serde_json::from_str::<Document>(text).is_err(), "{text}");
        }
    }

    #[test]
    fn ksef_is_told_as_far_as_it_is_known() {
        let ksef =
            |status: &str, number: &str| read(&format!(r#"{{"id":7,"gov_status":{status},"gov_id":{number}}}"#)).ksef();
        let (awaited, refused) = (
            |status: &str| Some(Ksef::Awaited { status: status.into() }),
            |status: &str| Some(Ksef::Refused { status: status.into() }),
        );
        assert_eq!(ksef("null", "null"), None);
        assert_eq!(ksef(r#""not_applicable""#, "null"), Some(Ksef::NotApplicable));
        assert_eq!(ksef(r#""demo_processing""#, r#""""#), awaited("demo_processing"));
        assert_eq!(ksef(r#""server_error""#, "null"), awaited("server_error"));
        assert_eq!(ksef(r#""demo_send_error""#, "null"), refused("demo_send_error"));
        assert_eq!(ksef(r#""ok""#, r#""5260250274-1""#), Some(Ksef::Accepted { number: "5260250274-1".into() }));
    }

    #[test]
    fn a_link_is_an_address_or_none() {
        let link = |url: &str| read(&format!(r#"{{"id":7,"view_url":"{url}"}}"#)).link();
        assert!(link("https://demo.fakturownia.pl/invoice/AbC").is_some());
        for url in ["", "javascript:alert(1)", "/invoice/AbC"] {
            assert_eq!(link(url), None, "{url}");
        }
    }
}
