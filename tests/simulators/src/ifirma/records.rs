//! Invoices as they are read.

use std::borrow::Cow;

use chrono::NaiveDate;

use super::check::discounted;
use super::state::{Contractor, Identifiers, Invoice, Ksef, Line, Settings};
use crate::json::Node;
use crate::polish::Priced;

fn day(day: Option<NaiveDate>) -> Node {
    day.map_or(Node::Null, |day| Node::Text(day.to_string()))
}

fn text(text: &str) -> Node {
    if text.is_empty() { Node::Null } else { Node::text(text) }
}

/// An id.
pub(super) fn id(settings: &Settings, id: u64) -> Node {
    match (settings.identifiers, i64::try_from(id)) {
        (Identifiers::Numbers, Ok(id)) => Node::Int(id),
        (Identifiers::Texts, _) | (Identifiers::Numbers, Err(_)) => Node::Text(id.to_string()),
    }
}

fn line(line: &Line) -> Node {
    Node::object([
        ("NazwaPelna", Node::text(line.name.as_str())),
        ("Jednostka", Node::text(line.unit.as_str())),
        ("Ilosc", Node::Number(line.quantity)),
        ("CenaJednostkowa", Node::Number(line.price)),
        ("CenaZRabatem", Node::Number(discounted(line))),
        ("Rabat", Node::Number(line.discount)),
        ("TypStawkiVat", Node::text(if line.rate.is_some() { "PRC" } else { "ZW" })),
        ("StawkaVat", line.rate.map_or(Node::Null, Node::Number)),
        ("PKWiU", text(&line.classification)),
        ("GTU", Node::text(line.gtu.as_str())),
        ("PodstawaPrawna", text(&line.basis)),
    ])
}

fn contractor(buyer: &Contractor) -> Node {
    Node::object([
        ("Identyfikator", text(&buyer.code)),
        ("Nazwa", Node::text(buyer.name.as_str())),
        ("Nazwa2", text(&buyer.name2)),
        ("PrefiksUE", text(&buyer.prefix)),
        ("NIP", text(&buyer.nip)),
        ("Ulica", text(&buyer.street)),
        ("KodPocztowy", Node::text(buyer.zip.as_str())),
        ("Miejscowosc", Node::text(buyer.city.as_str())),
        ("Kraj", text(&buyer.country)),
        ("KodKraju", text(&buyer.country_code)),
        ("Email", text(&buyer.email)),
        ("Telefon", text(&buyer.phone)),
        ("OsobaFizyczna", Node::Bool(buyer.person)),
    ])
}

/// The members of an invoice that is read.
pub(super) fn invoice(settings: &Settings, invoice: &Invoice) -> Vec<(Cow<'static, str>, Node)> {
    let extra = invoice
        .extra_notes
        .iter()
        .map(|(kind, info)| Node::object([("Typ", Node::text(kind.as_str())), ("Info", Node::text(info.as_str()))]));
    let priced = match invoice.priced {
        Priced::Net => "NET",
        Priced::Gross => "BRT",
    };
    let mut members: Vec<(Cow<'static, str>, Node)> = [
        ("Identyfikator", id(settings, invoice.id)),
        ("PelnyNumer", Node::text(invoice.full_number.as_str())),
        ("Numer", Node::Int(invoice.number.into())),
        ("NazwaSeriiNumeracji", Node::text(invoice.series.as_str())),
        ("LiczOd", Node::text(priced)),
        ("DataWystawienia", day(Some(invoice.issued))),
        ("DataSprzedazy", day(Some(invoice.sold))),
        ("FormatDatySprzedazy", Node::text(invoice.sold_format.as_str())),
        ("TerminPlatnosci", day(invoice.due)),
        ("SposobZaplaty", Node::text(invoice.payment.as_str())),
        ("NumerKontaBankowego", text(&invoice.account)),
        ("Waluta", Node::text(invoice.currency.as_str())),
        ("Zaplacono", Node::Number(invoice.paid())),
        ("ZaplaconoNaDokumencie", Node::Number(invoice.paid_printed)),
        ("Uwagi", text(&invoice.notes)),
        ("DodatkoweUwagi", Node::List(extra.collect())),
        ("Kontrahent", contractor(&invoice.contractor)),
        ("Pozycje", Node::List(invoice.lines.iter().map(line).collect())),
    ]
    .into_iter()
    .map(|(name, value)| (Cow::Borrowed(name), value))
    .collect();
    if let Ksef::Numbered(number) = &invoice.ksef {
        members.push((Cow::Owned(settings.ksef_field.clone()), Node::text(number.as_str())));
    }
    members
}

/// A row of the list: without notes.
pub(super) fn row(settings: &Settings, invoice: &Invoice) -> Node {
    Node::object([
        ("FakturaId", id(settings, invoice.id)),
        ("PelnyNumer", Node::text(invoice.full_number.as_str())),
        ("DataWystawienia", day(Some(invoice.issued))),
        ("Brutto", Node::Number(invoice.totals.gross)),
        ("Zaplacono", Node::Number(invoice.paid())),
        ("Waluta", Node::text(invoice.currency.as_str())),
        ("Rodzaj", Node::text(invoice.kind.listed())),
        ("NIPKontrahenta", text(&invoice.contractor.nip)),
        ("IdentyfikatorKontrahenta", text(&invoice.contractor.code)),
        ("KontrahentNazwa", Node::text(invoice.contractor.name.as_str())),
        ("TerminPlatnosci", day(invoice.due)),
        ("CzyWyslano", Node::Bool(false)),
    ])
}
