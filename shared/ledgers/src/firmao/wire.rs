//! What is sent to Firmao: nested values are written flat, with dots.

use crate::json::Number;
use domain::time::Date;
use serde::Serialize;

/// A document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "names of the wire")]
pub(super) struct Transaction<'a> {
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    pub(super) mode: &'static str,
    pub(super) transaction_number: &'a str,
    /// The numbering series.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) invoice_pattern_id: Option<u64>,
    pub(super) invoice_date: Date,
    pub(super) transaction_date: Date,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) payment_date: Option<Date>,
    pub(super) currency: &'a str,
    #[serde(flatten, skip_serializing_if = "Option::is_none")]
    pub(super) exchange: Option<Exchange>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) split_payment: Option<bool>,
    pub(super) payment_type: &'a str,
    pub(super) paid: bool,
    pub(super) paid_value: Number,
    pub(super) rest_of_paid_value: Number,
    pub(super) transaction_netto_price: String,
    pub(super) transaction_vat_price: String,
    pub(super) transaction_brutto_price: String,
    pub(super) calculate_from_gross: bool,
    #[serde(flatten)]
    pub(super) buyer: Buyer<'a>,
    pub(super) invoice_annotations: String,
    /// Internal: our reference.
    pub(super) description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) warehouse: Option<u64>,
    pub(super) transaction_entries: Vec<Entry<'a>>,
}

/// What one of the document's currency is in zloty.
#[derive(Debug, Serialize)]
pub(super) struct Exchange {
    #[serde(rename = "exchangeRate")]
    pub(super) rate: Number,
    #[serde(rename = "exchangeRateDate")]
    pub(super) date: Date,
    /// The rate is of so many.
    pub(super) factor: u32,
}

/// Who buys, as written on the document.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Buyer<'a> {
    /// The card.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) customer: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) create_customer_if_needed: Option<bool>,
    pub(super) customer_name: String,
    #[serde(rename = "customerAddress.street")]
    pub(super) street: &'a str,
    #[serde(rename = "customerAddress.city")]
    pub(super) city: &'a str,
    #[serde(rename = "customerAddress.postCode", skip_serializing_if = "Option::is_none")]
    pub(super) post_code: Option<&'a str>,
    #[serde(rename = "customerAddress.country")]
    pub(super) country: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) nip_number: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) emails: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) phones: Vec<&'a str>,
}

/// A line.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Entry<'a> {
    pub(super) product: Product<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) product_code: Option<&'a str>,
    pub(super) quantity: Number,
    pub(super) unit: Option<&'a str>,
    pub(super) vat_percent: Vat,
    pub(super) unit_netto_price: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) unit_brutto_price: Option<String>,
    /// Always `null`: discounts are in the price.
    pub(super) discount: Option<Number>,
    pub(super) classification_number: &'static str,
}

/// What is sold. A number is a product's id, whatever it was meant to be: an SKU never goes here.
#[derive(Debug, Serialize)]
#[serde(untagged)]
pub(super) enum Product<'a> {
    Id(u64),
    Text(&'a str),
}

/// How a line is taxed.
#[derive(Debug, PartialEq, Eq, Serialize)]
#[serde(untagged)]
pub(super) enum Vat {
    Rate(Number),
    Word(String),
}

/// A customer's card.
#[derive(Debug, Serialize)]
#[serde(rename_all = "camelCase")]
#[expect(clippy::struct_field_names, reason = "names of the wire")]
pub(super) struct Customer<'a> {
    pub(super) customer_type: &'static str,
    pub(super) name: String,
    /// The short name, which is unique.
    pub(super) label: String,
    pub(super) nip_number: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) emails: Vec<&'a str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) phones: Vec<&'a str>,
    #[serde(rename = "officeAddress.street")]
    pub(super) street: &'a str,
    #[serde(rename = "officeAddress.city")]
    pub(super) city: &'a str,
    #[serde(rename = "officeAddress.postCode", skip_serializing_if = "Option::is_none")]
    pub(super) post_code: Option<&'a str>,
    #[serde(rename = "officeAddress.country")]
    pub(super) country: String,
}
