//! What can be read: lists without an envelope, and single records.

use chrono::NaiveDate;
use http::StatusCode;

use super::odata::{self, Cell, Searched};
use super::refusal::Refusal;
use super::state::{Account, Administration, Booking, CostCentres, Direction, Relation, Settings, id};
use crate::json::Node;
use crate::server::{Answer, Request};

fn text(text: Option<&str>) -> Node {
    text.map_or(Node::Null, Node::text)
}

pub(super) fn reference(id: &str, resource: &str) -> Node {
    Node::object([("id", Node::text(id)), ("uri", Node::text(format!("/{resource}/{id}")))])
}

pub(super) fn day(day: NaiveDate) -> Node {
    Node::text(format!("{day}T00:00:00"))
}

fn list(rows: impl Iterator<Item = Node>) -> Answer {
    Answer::json(StatusCode::OK, &Node::List(rows.collect()))
}

impl Searched for Relation {
    fn cell(&self, property: &str) -> Option<Cell> {
        Some(match property {
            "Id" => Cell::Guid(Some(self.id.clone())),
            "Relatiecode" => Cell::Int(self.code),
            "Naam" => Cell::Text(Some(self.name.clone())),
            "Relatiesoort" => Cell::Words(self.kinds.iter().cloned().collect()),
            "BtwNummer" => Cell::Text(self.vat_number.clone()),
            "KvkNummer" => Cell::Text(self.registry.clone()),
            "Iban" => Cell::Text(self.iban.clone()),
            _ => return None,
        })
    }
}

pub(super) fn relation(row: &Relation) -> Node {
    Node::object([
        ("relatiesoort", Node::List(row.kinds.iter().map(Node::text).collect())),
        ("relatiecode", Node::Int(row.code)),
        ("naam", Node::text(&row.name)),
        ("btwNummer", text(row.vat_number.as_deref())),
        ("kvkNummer", text(row.registry.as_deref())),
        ("iban", text(row.iban.as_deref())),
        ("krediettermijn", Node::Int(row.term)),
        ("nonactief", Node::Bool(row.inactive)),
        ("id", Node::text(&row.id)),
        ("uri", Node::text(format!("/relaties/{}", row.id))),
    ])
}

pub(super) fn relations(books: &Administration, request: &Request) -> Result<Answer, Refusal> {
    let page = odata::page(books.relations.iter().cloned(), &request.parameters())?;
    Ok(list(page.iter().map(relation)))
}

impl Searched for Account {
    fn cell(&self, property: &str) -> Option<Cell> {
        Some(match property {
            "Id" => Cell::Guid(Some(self.id.clone())),
            "Nummer" => Cell::Int(self.number),
            "Omschrijving" => Cell::Text(Some(self.name.clone())),
            _ => return None,
        })
    }
}

pub(super) fn accounts(books: &Administration, settings: &Settings, request: &Request) -> Result<Answer, Refusal> {
    let mut parameters = request.parameters();
    if settings.ignores_account_filters {
        parameters.retain(|(name, _)| name != "$filter");
    }
    let row = |row: &Account| {
        Node::object([
            ("id", Node::text(&row.id)),
            ("nummer", Node::Int(row.number)),
            ("omschrijving", Node::text(&row.name)),
            ("btwSoort", Node::List(row.vat_kinds.iter().map(Node::text).collect())),
            ("kostenplaatsVerplicht", Node::Bool(row.cost_centres == CostCentres::Required)),
            ("nonactief", Node::Bool(row.inactive)),
        ])
    };
    Ok(list(odata::page(books.accounts.iter().cloned(), &parameters)?.iter().map(row)))
}

/// The filter is passed over, without a word.
pub(super) fn journals() -> Answer {
    let rows = [(1, 100, "Inkoop", "Inkoop"), (2, 200, "Verkoop", "Verkoop"), (3, 900, "Memoriaal", "Memoriaal")];
    list(rows.into_iter().map(|(place, number, name, kind)| {
        Node::object([
            ("id", Node::Text(id(0x00da, place))),
            ("nummer", Node::Int(number)),
            ("omschrijving", Node::text(name)),
            ("soort", Node::text(kind)),
            ("nonactief", Node::Bool(false)),
        ])
    }))
}

pub(super) fn cost_centres(books: &Administration) -> Answer {
    list(books.cost_centres.iter().map(|row| {
        Node::object([
            ("id", Node::text(&row.id)),
            ("nummer", Node::Int(row.number)),
            ("omschrijving", Node::text(&row.name)),
            ("nonactief", Node::Bool(row.inactive)),
        ])
    }))
}

pub(super) fn vat_rates(books: &Administration) -> Answer {
    let last = NaiveDate::from_ymd_opt(9_999, 12, 31).unwrap_or_default();
    list(books.vat_rates.iter().map(|rate| {
        Node::object([
            ("btwSoort", Node::text(&rate.kind)),
            ("btwPercentage", Node::Number(rate.percent)),
            ("datumVanaf", day(rate.from)),
            ("datumTotEnMet", day(rate.to.unwrap_or(last))),
        ])
    }))
}

pub(super) fn company(books: &Administration) -> Answer {
    let company = Node::object([
        ("administratieIdentifier", Node::text(&books.id)),
        ("administratieNaam", Node::text(&books.name)),
    ]);
    Answer::json(StatusCode::OK, &company)
}

/// An open item.
#[derive(Clone, Default)]
struct Invoice(Booking);

impl Searched for Invoice {
    fn cell(&self, property: &str) -> Option<Cell> {
        let Self(booking) = self;
        Some(match property {
            "Id" => Cell::Guid(Some(booking.invoice_id.clone())),
            "Factuurnummer" => Cell::Text(Some(booking.number.clone())),
            "FactuurDatum" => Cell::Day(booking.date),
            "VervalDatum" => Cell::Day(booking.due),
            "Relatie/Id" => Cell::Guid(Some(booking.relation.clone())),
            _ => return None,
        })
    }
}

pub(super) fn invoices(books: &Administration, direction: Direction, request: &Request) -> Result<Answer, Refusal> {
    let (name, resource) = match direction {
        Direction::Purchase => ("inkoopBoeking", "inkoopboekingen"),
        Direction::Sales => ("verkoopBoeking", "verkoopboekingen"),
    };
    let row = |Invoice(booking): Invoice| {
        Node::object([
            ("id", Node::text(&booking.invoice_id)),
            ("factuurnummer", Node::text(&booking.number)),
            ("factuurDatum", day(booking.date)),
            ("vervalDatum", day(booking.due)),
            ("factuurBedrag", Node::Number(booking.total)),
            ("openstaandSaldo", Node::Number(booking.total)),
            ("relatie", reference(&booking.relation, "relaties")),
            (name, reference(&booking.id, resource)),
        ])
    };
    let invoices = books.bookings_of(direction).cloned().map(Invoice);
    Ok(list(odata::page(invoices, &request.parameters())?.into_iter().map(row)))
}

pub(super) fn booking(books: &Administration, direction: Direction, id: &str) -> Result<Answer, Refusal> {
    let booking = books.booking(direction, id).ok_or(Refusal::NotFound)?;
    Ok(Answer::json(StatusCode::OK, &booking_node(books, booking)))
}

/// A booking as it is shown.
pub(super) fn booking_node(books: &Administration, booking: &Booking) -> Node {
    let (resource, relation) = match booking.direction {
        Direction::Purchase => ("inkoopboekingen", "leverancier"),
        Direction::Sales => ("verkoopboekingen", "klant"),
    };
    let lines = booking.lines.iter().map(|line| {
        Node::object([
            ("omschrijving", Node::text(&line.description)),
            ("grootboek", reference(&line.account, "grootboeken")),
            (
                "kostenplaats",
                line.cost_centre.as_deref().map_or(Node::Null, |centre| reference(centre, "kostenplaatsen")),
            ),
            ("bedrag", Node::Number(line.amount)),
            ("btwSoort", Node::text(&line.vat_kind)),
        ])
    });
    let vat = booking
        .vat
        .iter()
        .map(|vat| Node::object([("btwSoort", Node::text(&vat.kind)), ("btwBedrag", Node::Number(vat.amount))]));
    let documents = books.documents.iter().filter(|document| document.parent == booking.id);
    Node::object([
        ("id", Node::text(&booking.id)),
        ("uri", Node::text(format!("/{resource}/{}", booking.id))),
        ("boekstuk", Node::text(&booking.voucher)),
        ("modifiedOn", Node::text(booking.modified.format("%Y-%m-%dT%H:%M:%S%.f").to_string())),
        ("factuurnummer", Node::text(&booking.number)),
        ("factuurdatum", day(booking.date)),
        (relation, reference(&booking.relation, "relaties")),
        ("omschrijving", Node::text(&booking.description)),
        ("factuurbedrag", Node::Number(booking.total)),
        ("markering", Node::Bool(false)),
        ("boekingsregels", Node::List(lines.collect())),
        ("btw", Node::List(vat.collect())),
        ("documents", Node::List(documents.map(|document| reference(&document.id, "documenten")).collect())),
    ])
}
