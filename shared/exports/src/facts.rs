//! What several formats say of a document.

use crate::{
    document::{Books, ExportDocument},
    text::one_line,
};
use domain::{contact::stated_ibans, invoice::InvoiceKind, ledger::Direction, party::Iban, time::Date};
use rust_decimal::Decimal;

/// The account that a purchase document asks to be paid to, else one of the contact. On a sales document the account stated is
/// our own, so it is the contact's.
pub(crate) fn iban(document: &ExportDocument) -> Option<Iban> {
    let stated = match document.posting.direction {
        Direction::Purchase => stated_ibans(&document.invoice).into_iter().next(),
        Direction::Sales => None,
    };
    stated.or_else(|| document.contact.ibans.first().cloned())
}

/// The contact's name and a text, the name once, on one line.
pub(crate) fn described(document: &ExportDocument, text: &str) -> String {
    let name = one_line(&document.contact.name);
    let (name, text) = (name.trim(), one_line(text));
    let text = text.trim();
    if text.starts_with(name) { text.to_owned() } else { format!("{name} {text}").trim().to_owned() }
}

/// An amount as the document states it, signed by effect.
pub(crate) fn by_effect(document: &ExportDocument, stated: Decimal) -> Decimal {
    match document.posting.kind {
        InvoiceKind::Invoice => stated,
        InvoiceKind::CreditNote => -stated,
    }
}

/// The day of the supply (Leistungsdatum): delivery, else the end of the invoiced period, else the tax point, else the date
/// of the document.
pub(crate) fn supply_date(document: &ExportDocument) -> Date {
    let invoice = &document.invoice;
    let dates = invoice.delivery_date.or(invoice.period_end).or(invoice.tax_point_date);
    dates.unwrap_or(document.posting.issue_date)
}

/// The day in whose period the VAT belongs: the tax point, else the date of the document. The posting date does not move it.
pub(crate) fn tax_point(document: &ExportDocument) -> Date {
    document.invoice.tax_point_date.unwrap_or(document.posting.issue_date)
}

/// Prefixes of VAT numbers in the European Union, Northern Ireland included.
const EU_PREFIXES: [&str; 28] = [
    "AT", "BE", "BG", "CY", "CZ", "DE", "DK", "EE", "EL", "ES", "FI", "FR", "HR", "HU", "IE", "IT", "LT", "LU", "LV",
    "MT", "NL", "PL", "PT", "RO", "SE", "SI", "SK", "XI",
];

/// The contact's VAT number when it is one of another member state. Books without a VAT number of their own are taken to be
/// German, as this is asked for a German format.
pub(crate) fn foreign_eu_vat_number<'a>(document: &'a ExportDocument, books: &Books) -> Option<&'a str> {
    let number = document.contact.vat_number.as_ref()?.as_str();
    let prefix = number.get(..2)?;
    let own = &books.own.vat_numbers;
    let is_own = if own.is_empty() { prefix == "DE" } else { own.iter().any(|own| own.as_str().starts_with(prefix)) };
    (EU_PREFIXES.contains(&prefix) && !is_own).then_some(number)
}
