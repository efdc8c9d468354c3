//! How records are written: money in grosze.

use chrono::NaiveDate;
use rust_decimal::Decimal;
use rust_decimal::prelude::ToPrimitive;

use super::state::{Client, Invoice, Kind, Service, Settings, Taken};
use crate::json::Node;

/// Money in grosze.
pub(super) fn money(amount: Decimal) -> Node {
    Node::Int((amount * Decimal::ONE_HUNDRED).round().to_i64().unwrap_or_default())
}

fn day(day: Option<NaiveDate>) -> Node {
    day.map_or(Node::Null, |day| Node::Text(day.to_string()))
}

pub(super) fn optional(text: &str) -> Node {
    if text.is_empty() { Node::Null } else { Node::text(text) }
}

/// An id; all of them are far below the largest number.
pub(super) fn id(id: u64) -> Node {
    Node::Int(i64::try_from(id).unwrap_or(i64::MAX))
}

fn number(number: Decimal) -> Node {
    if number.fract().is_zero() { Node::Int(number.to_i64().unwrap_or_default()) } else { Node::Number(number) }
}

fn service(service: &Service, kind: Kind) -> Node {
    let mut members = vec![
        ("name", Node::text(&service.name)),
        ("tax_symbol", Node::text(&service.tax_symbol)),
        ("quantity", number(service.quantity)),
        ("unit", optional(&service.unit)),
        ("unit_net_price", money(service.unit_net)),
        ("net_price", money(service.amounts.net)),
        ("tax_price", money(service.amounts.vat)),
        ("gross_price", money(service.amounts.gross)),
    ];
    if kind == Kind::Correction {
        members.push(("group", Node::text(&service.group)));
        members.push(("correction", Node::Bool(service.correction)));
    }
    Node::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// The address of a share link.
pub(super) fn link(base: &str, token: &str) -> String {
    format!("{base}/app/twoja-faktura/{token}")
}

/// A document.
pub(super) fn invoice(invoice: &Invoice, settings: &Settings, base: &str) -> Node {
    let order =
        |(number, date): &(String, String)| Node::object([("number", optional(number)), ("date", optional(date))]);
    let orders = match settings.orders {
        Taken::Kept => invoice.orders.iter().map(order).collect(),
        Taken::Ignored => Vec::new(),
    };
    let share = invoice.share.as_ref();
    let shares = Node::object([
        ("link", share.map_or(Node::Null, |share| Node::Text(link(base, &share.token)))),
        ("available", Node::Bool(share.is_some())),
        ("valid_until", share.map_or(Node::Null, |share| Node::Text(share.until.to_rfc3339()))),
    ]);
    let client = &invoice.client;
    let mut members = vec![
        ("id", id(invoice.id)),
        ("uuid", Node::text(&invoice.uuid)),
        ("number", Node::text(&invoice.number)),
        ("kind", Node::text(invoice.kind.word())),
        ("status", Node::text(&invoice.status)),
        ("currency", Node::text(&invoice.currency)),
        ("net_price", money(invoice.totals.net)),
        ("tax_price", money(invoice.totals.vat)),
        ("gross_price", money(invoice.totals.gross)),
        ("payment_method", Node::text(&invoice.payment_method)),
        ("bank_account", optional(&invoice.bank_account)),
        ("invoice_date", Node::Text(invoice.invoice_date.to_string())),
        ("sale_date", day(invoice.sale_date)),
        ("payment_date", day(invoice.payment_date)),
        ("paid_date", day(invoice.paid_date)),
        ("paid_price", money(invoice.paid)),
        ("left_to_pay", money(invoice.totals.gross - invoice.paid)),
        ("notes", optional(&invoice.notes)),
        ("client_id", id(client.id)),
        ("client_company_name", optional(&client.company)),
        ("client_first_name", optional(&client.first_name)),
        ("client_last_name", optional(&client.last_name)),
        ("client_business_activity_kind", optional(&client.activity)),
        ("client_tax_code", optional(&client.tax_code)),
        ("client_street", optional(&client.street)),
        ("client_street_number", optional(&client.street_number)),
        ("client_flat_number", optional(&client.flat_number)),
        ("client_post_code", optional(&client.post_code)),
        ("client_city", optional(&client.city)),
        ("client_country", optional(&client.country)),
        ("transaction_terms", Node::object([("orders", Node::List(orders))])),
        ("ksef_data", ksef(invoice)),
        ("extensions", Node::object([("shares", shares)])),
        ("created_at", Node::Text(invoice.created.to_rfc3339())),
        ("services", Node::List(invoice.services.iter().map(|line| service(line, invoice.kind)).collect())),
    ];
    if let Some(corrected) = &invoice.corrected {
        members.push(("corrected_invoice_uuid", Node::text(corrected)));
        members.push(("corrected_invoice_number", Node::text(&invoice.corrected_number)));
        members.push(("correction_reason", Node::text(&invoice.reason)));
    }
    Node::Object(members.into_iter().map(|(name, value)| (name.into(), value)).collect())
}

/// What became of a document at KSeF.
pub(super) fn ksef(invoice: &Invoice) -> Node {
    invoice.ksef.as_ref().map_or(Node::Null, |data| {
        Node::object([
            ("request_uuid", Node::text(&invoice.uuid)),
            ("ksef_number", data.number.as_ref().map_or(Node::Null, Node::text)),
            ("status", Node::text(&data.status)),
            (
                "status_description",
                Node::text(if data.status == "error" { "Dokument odrzucony przez KSeF" } else { "" }),
            ),
        ])
    })
}

/// A client.
pub(super) fn client(client: &Client) -> Node {
    Node::object([
        ("id", id(client.id)),
        ("company_name", optional(&client.company)),
        ("first_name", optional(&client.first_name)),
        ("last_name", optional(&client.last_name)),
        ("business_activity_kind", optional(&client.activity)),
        ("nip", optional(&client.tax_code)),
        ("street", optional(&client.street)),
        ("street_number", optional(&client.street_number)),
        ("flat_number", optional(&client.flat_number)),
        ("city", optional(&client.city)),
        ("postal_code", optional(&client.post_code)),
        ("country", optional(&client.country)),
        ("email", optional(&client.email)),
    ])
}
