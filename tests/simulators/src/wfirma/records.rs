//! Records as they are answered: every value is a text.

use chrono::NaiveDate;
use rust_decimal::Decimal;

use super::envelope::numbered;
use super::state::{Company, Contractor, Good, Invoice, Line, Payment, ResetEvery, Series, VatCode};
use crate::json::Node;
use crate::polish::Priced;

fn id(id: u64) -> Node {
    Node::Text(id.to_string())
}

fn money(amount: Decimal) -> Node {
    Node::Text(format!("{amount:.2}"))
}

fn count(count: Decimal) -> Node {
    Node::Text(format!("{count:.4}"))
}

fn day(day: Option<NaiveDate>) -> Node {
    Node::Text(day.map(|day| day.to_string()).unwrap_or_default())
}

fn flag(flag: bool) -> Node {
    Node::text(if flag { "1" } else { "0" })
}

fn only_id(of: u64) -> Node {
    Node::object([("id", id(of))])
}

/// A company of a user.
pub(super) fn company(company: &Company) -> Node {
    let inner = Node::object([
        ("id", id(company.id)),
        ("name", Node::text(company.name.as_str())),
        ("nip", Node::text(company.nip.as_str())),
        ("vat_payer", flag(company.vat_payer)),
    ]);
    Node::object([("id", id(company.id)), ("company", inner)])
}

/// A numbering series.
pub(super) fn series(series: &Series) -> Node {
    let reset = match series.reset {
        ResetEvery::Yearly => "yearly",
        ResetEvery::Monthly => "monthly",
        ResetEvery::Daily => "daily",
    };
    Node::object([
        ("id", id(series.id)),
        ("name", Node::text(series.name.as_str())),
        ("template", Node::text(series.template.as_str())),
        ("type", Node::text(series.kind.as_str())),
        ("reset", Node::text(reset)),
        ("initnumber", Node::Text(series.first.max(1).to_string())),
        ("visibility", Node::text("visible")),
    ])
}

/// A rate.
pub(super) fn vat_code(code: &VatCode) -> Node {
    Node::object([
        ("id", id(code.id)),
        ("label", Node::text(code.code.as_str())),
        ("rate", money(code.rate)),
        ("code", Node::text(code.code.as_str())),
        ("type", Node::text(code.kind.as_str())),
        ("declaration_country_id", id(code.country)),
        ("declaration_country", only_id(code.country)),
    ])
}

/// A product.
pub(super) fn good(company: &Company, good: &Good) -> Node {
    Node::object([
        ("id", id(good.id)),
        ("name", Node::text(good.name.as_str())),
        ("code", Node::text(good.code.as_str())),
        ("unit", Node::text(good.unit.as_str())),
        ("netto", money(good.net)),
        ("brutto", money(good.gross)),
        ("count", count(good.count)),
        ("reserved", count(Decimal::ZERO)),
        ("type", Node::text("good")),
        ("warehouse_type", Node::text(warehouse(company))),
    ])
}

fn warehouse(company: &Company) -> &'static str {
    if company.extended_warehouse { "extended" } else { "simple" }
}

/// A buyer.
pub(super) fn contractor(contractor: &Contractor) -> Node {
    Node::object([
        ("id", id(contractor.id)),
        ("name", Node::text(contractor.name.as_str())),
        ("tax_id_type", Node::text(contractor.tax_id_type.as_str())),
        ("nip", Node::text(contractor.nip.as_str())),
        ("street", Node::text(contractor.street.as_str())),
        ("zip", Node::text(contractor.zip.as_str())),
        ("city", Node::text(contractor.city.as_str())),
        ("country", Node::text(contractor.country.as_str())),
        ("email", Node::text(contractor.email.as_str())),
        ("phone", Node::text(contractor.phone.as_str())),
    ])
}

/// A payment.
pub(super) fn payment(payment: &Payment) -> Node {
    Node::object([
        ("id", id(payment.id)),
        ("object_name", Node::text("invoice")),
        ("object_id", id(payment.invoice)),
        ("value", money(payment.value)),
        ("date", day(Some(payment.date))),
        ("payment_method", Node::text(payment.method.as_str())),
    ])
}

fn line(line: &Line) -> Node {
    Node::object([
        ("id", id(line.id)),
        ("name", Node::text(line.name.as_str())),
        ("unit", Node::text(line.unit.as_str())),
        ("count", count(line.count)),
        ("unit_count", count(line.count)),
        ("price", money(line.price)),
        ("discount", flag(!line.discount.is_zero())),
        ("discount_percent", money(line.discount)),
        ("vat", Node::text(line.vat.as_str())),
        ("vat_code", only_id(line.vat_code)),
        ("netto", money(line.amounts.net)),
        ("brutto", money(line.amounts.gross)),
        ("good", only_id(line.good.unwrap_or_default())),
    ])
}

/// A document.
pub(super) fn invoice(company: &Company, invoice: &Invoice) -> Node {
    let (paid, total) = (company.paid(invoice), invoice.totals.gross);
    let buyer = invoice.contractor.clone().unwrap_or_default();
    let (status, number) = (invoice.ksef.status.as_str(), invoice.ksef.number.as_str());
    let registered = invoice.ksef.registered.map(|at| at.format("%Y-%m-%d %H:%M:%S").to_string());
    let price_type = match invoice.priced {
        Priced::Net => "netto",
        Priced::Gross => "brutto",
    };
    Node::object([
        ("id", id(invoice.id)),
        ("type", Node::text(invoice.kind.as_str())),
        ("fullnumber", Node::text(invoice.full_number.as_str())),
        ("number", Node::Text(invoice.number.to_string())),
        ("date", day(Some(invoice.date))),
        ("disposaldate", day(invoice.disposal_date)),
        ("paymentdate", day(invoice.payment_date)),
        ("paymentmethod", Node::text(invoice.payment_method.as_str())),
        ("paymentstate", Node::text(if paid >= total { "paid" } else { "unpaid" })),
        ("price_type", Node::text(price_type)),
        ("currency", Node::text(invoice.currency.as_str())),
        ("netto", money(invoice.totals.net)),
        ("tax", money(invoice.totals.vat)),
        ("total", money(total)),
        ("total_composed", money(total)),
        ("alreadypaid_initial", money(invoice.paid_initial)),
        ("alreadypaid", money(paid)),
        ("remaining", money(total - paid)),
        ("schema", Node::text(invoice.schema.as_str())),
        ("description", Node::text(invoice.description.as_str())),
        ("id_external", Node::text(invoice.id_external.as_str())),
        ("hash", Node::text(invoice.hash.as_str())),
        ("warehouse_type", Node::text(warehouse(company))),
        ("receipt_fiscal_printed", flag(invoice.fiscalized)),
        ("ksef_reference_number", Node::text(number)),
        ("ksef_status", Node::text(status)),
        ("ksef_registration_date", Node::Text(registered.unwrap_or_default())),
        ("series", only_id(invoice.series)),
        ("contractor", only_id(buyer.id)),
        ("contractor_detail", contractor(&buyer)),
        ("invoicecontents", Node::Object(numbered("invoicecontent", invoice.lines.iter().map(line)))),
        ("created", Node::Text(invoice.created.format("%Y-%m-%d %H:%M:%S").to_string())),
        ("modified", Node::Text(invoice.created.format("%Y-%m-%d %H:%M:%S").to_string())),
    ])
}
