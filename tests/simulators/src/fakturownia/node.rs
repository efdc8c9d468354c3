//! How records are written.

use std::borrow::Cow;

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::state::{Account, Document, Fakturownia, Money, Payment, Position, Settings};
use crate::json::Node;

fn day(day: Option<NaiveDate>) -> Node {
    day.map_or(Node::Null, |day| Node::Text(day.to_string()))
}

fn optional(text: &str) -> Node {
    if text.is_empty() { Node::Null } else { Node::text(text) }
}

/// An id; all of them are far below the largest number.
pub(super) fn id(id: u64) -> Node {
    Node::Int(i64::try_from(id).unwrap_or(i64::MAX))
}

/// Money: without needless zeros, but with one decimal.
pub(super) fn money(amount: Decimal, settings: &Settings) -> Node {
    match settings.money {
        Money::Number => Node::Number(amount),
        Money::Text => {
            let text = amount.normalize().to_string();
            Node::Text(if text.contains('.') { text } else { format!("{text}.0") })
        }
    }
}

fn position(position: &Position, kind: &str, settings: &Settings) -> Vec<(Cow<'static, str>, Node)> {
    let unit = |amount: Decimal| if position.quantity.is_zero() { amount } else { amount / position.quantity };
    let price = |amount: Decimal| money(unit(amount).round_dp(2), settings);
    let members = [
        ("id", id(position.id)),
        ("name", Node::text(&position.name)),
        ("code", optional(&position.code)),
        ("description", optional(&position.description)),
        ("kind", optional(kind)),
        ("quantity", money(position.quantity, settings)),
        ("quantity_unit", optional(&position.unit)),
        ("tax", Node::text(&position.tax)),
        ("price_net", price(position.amounts.net)),
        ("price_gross", price(position.amounts.gross)),
        ("total_price_net", money(position.amounts.net, settings)),
        ("total_price_tax", money(position.amounts.vat, settings)),
        ("total_price_gross", money(position.amounts.gross, settings)),
    ];
    members.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect()
}

fn positions(document: &Document, settings: &Settings, with_sides: bool) -> Node {
    let kind = if document.kind == "correction" { "correction" } else { "" };
    let write = |line: &Position| {
        let mut members = position(line, kind, settings);
        if let ([before, after], true) = (line.sides.as_slice(), with_sides) {
            for (name, kind, side) in [
                ("correction_before_attributes", "correction_before", before),
                ("correction_after_attributes", "correction_after", after),
            ] {
                members.push((Cow::Borrowed(name), Node::Object(position(side, kind, settings))));
            }
        }
        Node::Object(members)
    };
    Node::List(document.positions.iter().map(write).collect())
}

/// A document; `home` is where its account is.
pub(super) fn document(document: &Document, settings: &Settings, home: &str, whole: bool) -> Node {
    let (buyer, seller, totals) = (&document.buyer, &document.seller, &document.totals);
    let link = Node::Text(format!("{home}/invoice/{}", document.token));
    let mut members = vec![
        ("id", id(document.id)),
        ("number", Node::text(&document.number)),
        ("kind", Node::text(&document.kind)),
        ("status", Node::text(&document.status)),
        ("income", Node::Bool(true)),
        ("oid", optional(&document.oid)),
        ("issue_date", Node::Text(document.issue_date.to_string())),
        ("sell_date", Node::text(&document.sell_date)),
        ("payment_to", day(document.payment_to)),
        ("payment_type", Node::text(&document.payment_type)),
        ("paid", money(document.paid, settings)),
        ("paid_date", day(document.paid_date)),
        ("price_net", money(totals.net, settings)),
        ("price_tax", money(totals.vat, settings)),
        ("price_gross", money(totals.gross, settings)),
        ("currency", Node::text(&document.currency)),
        ("lang", Node::text(&document.lang)),
        ("place", optional(&document.place)),
        ("description", optional(&document.description)),
        ("internal_note", optional(&document.internal_note)),
        ("token", Node::text(&document.token)),
        ("view_url", link.clone()),
        ("gov_link", document.gov_id.as_ref().map_or(Node::Null, |_| link)),
        ("department_id", document.department_id.map_or(Node::Null, id)),
        ("client_id", document.client_id.map_or(Node::Null, id)),
        ("invoice_id", document.from_invoice_id.map_or(Node::Null, id)),
        ("from_invoice_id", document.from_invoice_id.map_or(Node::Null, id)),
        ("correction_reason", optional(&document.correction_reason)),
        ("exempt_tax_kind", optional(&document.exempt_tax_kind)),
        ("gov_status", document.gov_status.as_ref().map_or(Node::Null, Node::text)),
        ("gov_id", document.gov_id.as_ref().map_or(Node::Null, Node::text)),
        ("gov_error_messages", Node::List(document.gov_errors.iter().map(Node::text).collect())),
        ("seller_name", Node::text(&seller.name)),
        ("seller_tax_no", Node::text(&seller.tax_no)),
        ("seller_email", optional(&seller.email)),
        ("seller_phone", optional(&seller.phone)),
        ("seller_bank_account", optional(&seller.bank_account)),
        ("buyer_name", Node::text(&buyer.name)),
        ("buyer_first_name", optional(&buyer.first_name)),
        ("buyer_last_name", optional(&buyer.last_name)),
        ("buyer_company", Node::Bool(buyer.company)),
        ("buyer_tax_no", optional(&buyer.tax_no)),
        ("buyer_tax_no_kind", Node::text(&buyer.tax_no_kind)),
        ("buyer_street", optional(&buyer.street)),
        ("buyer_post_code", optional(&buyer.post_code)),
        ("buyer_city", optional(&buyer.city)),
        ("buyer_country", optional(&buyer.country)),
        ("buyer_email", optional(&buyer.email)),
        ("buyer_phone", optional(&buyer.phone)),
        ("buyer_note", optional(&buyer.note)),
    ];
    if whole {
        members.push(("positions", positions(document, settings, false)));
    }
    Node::Object(members.into_iter().map(|(name, value)| (Cow::Borrowed(name), value)).collect())
}

/// Puts both sides of its lines into a correction.
pub(super) fn with_sides(node: Node, of: &Document, settings: &Settings) -> Node {
    match node {
        Node::Object(mut members) => {
            members.retain(|(name, _)| name != "positions");
            members.push((Cow::Borrowed("positions"), positions(of, settings, true)));
            Node::Object(members)
        }
        other => other,
    }
}

/// The departments of an account.
pub(super) fn departments(account: &Account) -> Node {
    let write = |department: &super::state::Department| {
        Node::object([
            ("id", id(department.id)),
            ("name", Node::text(&department.title)),
            ("shortcut", Node::text(&department.shortcut)),
            ("tax_no", optional(&department.seller.tax_no)),
        ])
    };
    Node::List(account.departments.iter().map(write).collect())
}

/// The products of an account.
pub(super) fn products(state: &Fakturownia, account: &Account) -> Node {
    let write = |product: &super::state::Product| {
        Node::object([
            ("id", id(product.id)),
            ("name", Node::text(&product.name)),
            ("code", optional(&product.code)),
            ("price_gross", money(product.price_gross, &state.settings)),
            ("tax", Node::text(&product.tax)),
        ])
    };
    Node::List(account.products.iter().map(write).collect())
}

/// A payment.
pub(super) fn payment(payment: &Payment, settings: &Settings) -> Node {
    Node::object([
        ("id", id(payment.id)),
        ("name", optional(&payment.name)),
        ("price", money(payment.price, settings)),
        ("paid", Node::Bool(true)),
        ("paid_date", day(payment.paid_date)),
        ("invoice_ids", Node::List(payment.settled.iter().map(|(document, _)| id(*document)).collect())),
    ])
}
