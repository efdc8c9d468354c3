//! A sales document as tests look at it, whatever ledger made it.

use chrono::NaiveDate;
use http::StatusCode;
use rust_decimal::Decimal;
use serde::Serialize;

use super::Amounts;
use crate::control::json;
use crate::page::{Field, Page};
use crate::server::{Answer, Request};

/// Who bought.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Buyer {
    /// Name.
    pub name: String,
    /// Tax number, as it is kept.
    pub tax_number: String,
    /// Street and house.
    pub street: String,
    /// Post code.
    pub zip: String,
    /// Town.
    pub city: String,
    /// Country, as it is kept.
    pub country: String,
    /// E-mail.
    pub email: String,
}

/// A line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct SoldLine {
    /// What was sold.
    pub name: String,
    /// How much of it.
    pub quantity: Decimal,
    /// Unit.
    pub unit: String,
    /// Price of a unit, as it was sent.
    pub price: Decimal,
    /// VAT as the ledger writes it: a rate in percent or a code.
    pub vat: String,
    /// Code of the product that the line is linked to; empty when it is free text.
    pub sku: String,
    /// What it comes to.
    pub amounts: Amounts,
}

/// A document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Sold {
    /// The ledger's id.
    pub id: String,
    /// The whole number.
    pub number: String,
    /// Kind, in the ledger's words.
    pub kind: String,
    /// The sender's own reference.
    pub reference: String,
    /// Series, in the ledger's words.
    pub series: String,
    /// Day of issue.
    pub issued: Option<NaiveDate>,
    /// Day of the sale.
    pub sold: Option<NaiveDate>,
    /// Day by which it is to be paid.
    pub due: Option<NaiveDate>,
    /// Currency.
    pub currency: String,
    /// How it is paid, in the ledger's words.
    pub payment: String,
    /// So much is paid.
    pub paid: Decimal,
    /// Who bought.
    pub buyer: Buyer,
    /// Lines.
    pub lines: Vec<SoldLine>,
    /// What it comes to.
    pub totals: Amounts,
    /// Notes on the print.
    pub notes: String,
    /// Number of the document that it corrects.
    pub corrects: Option<String>,
    /// Number in the national system of invoices.
    pub ksef: Option<String>,
}

/// Answers the documents that a query asks for by `number`, `reference` or `mentions` (a part of reference or notes), and
/// how many they are.
pub fn documents(request: &Request, all: Vec<Sold>) -> Answer {
    let parameters = request.parameters();
    let is_asked = |sold: &Sold| {
        parameters.iter().all(|(name, wanted)| match name.as_str() {
            "number" => sold.number == *wanted,
            "reference" => sold.reference == *wanted,
            "mentions" => sold.reference.contains(wanted) || sold.notes.contains(wanted),
            _ => true,
        })
    };
    let found: Vec<Sold> = all.into_iter().filter(is_asked).collect();
    json(StatusCode::OK, &serde_json::json!({ "count": found.len(), "documents": found }))
        .unwrap_or_else(|refused| refused)
}

/// A table of documents.
pub fn table(page: &mut Page, documents: &[Sold]) {
    let day = |day: Option<NaiveDate>| Field::text(&day.map(|day| day.to_string()).unwrap_or_default());
    let row = |sold: &Sold| {
        let line = |line: &SoldLine| {
            let sku = if line.sku.is_empty() { String::new() } else { format!(" [{}]", line.sku) };
            format!("{}{sku} {} {} x {} ({})", line.name, line.quantity, line.unit, line.price, line.vat)
        };
        vec![
            Field::text(&sold.number),
            Field::text(&sold.kind),
            Field::text(&sold.series),
            day(sold.issued),
            day(sold.sold),
            day(sold.due),
            Field::text(&[sold.buyer.name.as_str(), sold.buyer.tax_number.as_str()].join(" ")),
            Field::text(&sold.lines.iter().map(line).collect::<Vec<_>>().join("; ")),
            Field::number(&sold.totals.net),
            Field::number(&sold.totals.vat),
            Field::number(&format!("{} {}", sold.currency, sold.totals.gross)),
            Field::number(&format!("{} {}", sold.payment, sold.paid)),
            Field::text(&sold.reference),
            Field::text(&sold.ksef.clone().unwrap_or_default()),
        ]
    };
    page.table(
        &[
            "Number",
            "Kind",
            "Series",
            "Issued",
            "Sold",
            "Due",
            "Buyer",
            "Lines",
            "Net",
            "VAT",
            "Gross",
            "Paid",
            "Reference",
            "KSeF",
        ],
        &documents.iter().map(row).collect::<Vec<_>>(),
    );
}
