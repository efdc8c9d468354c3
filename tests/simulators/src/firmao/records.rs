//! Records as they are read: what was written flat is nested here.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::state::{Customer, Entry, Identifiers, Organisation, Product, Series, Settings, Transaction, Warehouse};
use crate::json::Node;

fn day(day: Option<NaiveDate>) -> Node {
    day.map_or(Node::Null, |day| Node::Text(day.to_string()))
}

fn texts(texts: &[String]) -> Node {
    Node::List(texts.iter().map(|text| Node::text(text.as_str())).collect())
}

/// What a template of documents is called.
pub(super) fn report(kind: &str) -> &'static str {
    match kind {
        "RECEIPT" => "Paragon",
        "PROFORMA" => "Faktura_proforma",
        "BILL" => "Rachunek",
        _ => "Faktura",
    }
}

/// A numbering series.
pub(super) fn series(series: &Series) -> Node {
    Node::object([
        ("id", Node::Int(series.id)),
        ("name", Node::text(series.name.as_str())),
        ("pattern", Node::text(series.pattern.as_str())),
        ("objectClass", Node::text("transaction")),
        ("type", Node::Text(series.kind.to_lowercase())),
        ("mode", Node::text("SALE")),
    ])
}

/// A product.
pub(super) fn product(product: &Product) -> Node {
    Node::object([
        ("id", Node::Int(product.id)),
        ("productCode", Node::text(product.code.as_str())),
        ("name", Node::text(product.name.as_str())),
        ("unit", Node::text(product.unit.as_str())),
        ("vat", Node::Number(product.vat)),
        ("currentStoreState", Node::Number(product.stock)),
        ("saleable", Node::Bool(true)),
    ])
}

/// A warehouse.
pub(super) fn warehouse(warehouse: &Warehouse) -> Node {
    Node::object([("id", Node::Int(warehouse.id)), ("name", Node::text(warehouse.name.as_str()))])
}

fn address(customer: &Customer) -> Node {
    Node::object([
        ("street", Node::text(customer.street.as_str())),
        ("city", Node::text(customer.city.as_str())),
        ("postCode", Node::text(customer.zip.as_str())),
        ("country", Node::text(customer.country.as_str())),
    ])
}

/// A customer.
pub(super) fn customer(customer: &Customer) -> Node {
    Node::object([
        ("id", Node::Int(customer.id)),
        ("name", Node::text(customer.name.as_str())),
        ("label", Node::text(customer.label.as_str())),
        ("nipNumber", Node::text(customer.nip.as_str())),
        ("customerType", Node::text("PARTNER")),
        ("emails", texts(&customer.emails)),
        ("phones", texts(&customer.phones)),
        ("officeAddress", address(customer)),
        ("transactionsCount", Node::Int(customer.transactions.into())),
    ])
}

/// A document.
pub(super) fn transaction(books: &Organisation, one: &Transaction) -> Node {
    let known = books.customers.iter().find(|known| known.id == one.buyer.id && known.id > 0);
    let referred = known.map_or(Node::Null, |known| {
        Node::object([("id", Node::Int(known.id)), ("label", Node::text(known.label.as_str()))])
    });
    let store = books.warehouses.iter().find(|known| Some(known.id) == one.warehouse);
    let rest = one.totals.gross - one.paid;
    Node::object([
        ("id", Node::Int(one.id)),
        ("transactionNumber", Node::text(one.number.as_str())),
        ("type", Node::text(one.kind.as_str())),
        ("mode", Node::text("SALE")),
        ("invoiceDate", day(Some(one.issued))),
        ("transactionDate", day(Some(one.sold))),
        ("paymentDate", day(one.due)),
        ("currency", Node::text(one.currency.as_str())),
        ("paymentType", Node::text(one.payment.as_str())),
        ("paid", Node::Bool(rest <= Decimal::ZERO)),
        ("paidValue", Node::Number(one.paid)),
        ("restOfPaidValue", Node::Number(rest)),
        ("transactionNettoPrice", Node::Number(one.totals.net)),
        ("transactionVatPrice", Node::Number(one.totals.vat)),
        ("transactionBruttoPrice", Node::Number(one.totals.gross)),
        ("customer", referred),
        ("customerName", Node::text(one.buyer.name.as_str())),
        ("customerAddress", address(&one.buyer)),
        ("nipNumber", Node::text(one.buyer.nip.as_str())),
        ("invoicePatternId", one.series.map_or(Node::Null, Node::Int)),
        ("lastSelectedInvoiceReport", Node::text(report(&one.kind))),
        ("invoiceAnnotations", Node::text(one.notes.as_str())),
        ("description", Node::text(one.description.as_str())),
        ("warehouse", store.map_or(Node::Null, warehouse)),
        ("storageStateUpdate", Node::text("NO_UPDATE")),
        ("documentGenerated", Node::Bool(true)),
    ])
}

/// A line of a document.
pub(super) fn entry(one: &Transaction, entry: &Entry) -> Node {
    Node::object([
        ("id", Node::Int(entry.id)),
        ("transaction", Node::object([("id", Node::Int(one.id)), ("label", Node::text(one.number.as_str()))])),
        ("product", entry.product.map_or(Node::Null, |id| Node::object([("id", Node::Int(id))]))),
        ("productName", Node::text(entry.name.as_str())),
        ("productCode", Node::text(entry.code.as_str())),
        ("quantity", Node::Number(entry.quantity)),
        ("unit", Node::text(entry.unit.as_str())),
        ("vatPercent", Node::text(entry.vat.as_str())),
        ("unitNettoPrice", Node::Number(entry.price)),
        ("classificationNumber", Node::text(entry.classification.as_str())),
        ("nettoPrice", Node::Number(entry.amounts.net)),
        ("bruttoPrice", Node::Number(entry.amounts.gross)),
    ])
}

/// A record that was made or changed.
pub(super) fn change(
    settings: &Settings,
    modification: &'static str,
    class: &'static str,
    id: i64,
    label: &str,
) -> Node {
    let id = match settings.identifiers {
        Identifiers::Numbers => Node::Int(id),
        Identifiers::Texts => Node::Text(id.to_string()),
    };
    Node::object([
        ("modification", Node::text(modification)),
        ("objectClass", Node::text(class)),
        ("objectId", id),
        ("objectLabel", Node::text(label)),
        ("property", Node::text("")),
    ])
}
