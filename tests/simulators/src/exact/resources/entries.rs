//! `purchaseentry/PurchaseEntries`, `salesentry/SalesEntries` and their lines.

use http::StatusCode;

use super::super::api::{Call, Key};
use super::super::booking::{Ledger, next_number};
use super::super::books::{Direction, Division, Entry, Line};
use super::super::entity::{Cell, Entity};
use super::super::guid::Guid;
use super::super::messages::Message;
use super::super::odata::Schema;
use super::super::refusal::Refusal;
use super::super::state::{Family, HeaderSign, State};
use super::{Listing, Made, Resource, Writing, books, books_mut, fill};
use crate::json::{self, Members};
use crate::server::Answer;

/// An entry that can still be changed.
const OPEN: i32 = 20;
/// Header amounts, whose sign nobody is sure of.
const SIGNED: [&str; 4] = ["AmountFC", "AmountDC", "VATAmountFC", "VATAmountDC"];
/// Properties whose effect is not simulated; leaving them out of the sums would be a wrong booking.
const NOT_COMPUTED: [&str; 7] = [
    "GAccountAmountFC",
    "VATNonDeductiblePercentage",
    "PrivateUsePercentage",
    "VATBaseAmountDC",
    "Asset",
    "Subscription",
    "TrackingNumber",
];

fn lines_name(direction: Direction) -> &'static str {
    match direction {
        Direction::Purchase => "PurchaseEntryLines",
        Direction::Sales => "SalesEntryLines",
    }
}

fn schema(direction: Direction) -> Schema {
    let schema = Schema::of::<Entry>().with_collection(lines_name(direction));
    match direction {
        Direction::Purchase => schema.named("Exact.Web.Api.Models.Financial.PurchaseEntry"),
        Direction::Sales => schema
            .named("Exact.Web.Api.Models.Financial.SalesEntry")
            .rename("Supplier", "Customer")
            .rename("SupplierName", "CustomerName"),
    }
}

fn line_schema(direction: Direction) -> Schema {
    Schema::of::<Line>().named(match direction {
        Direction::Purchase => "Exact.Web.Api.Models.Financial.PurchaseEntryLine",
        Direction::Sales => "Exact.Web.Api.Models.Financial.SalesEntryLine",
    })
}

fn stored_name(name: &str) -> String {
    match name {
        "Customer" => "Supplier".to_owned(),
        "CustomerName" => "SupplierName".to_owned(),
        _ => name.to_owned(),
    }
}

/// The entries of a direction.
pub(super) fn headers(state: &State, books: &Division, direction: Direction) -> Listing {
    let records = books.entries_of(direction).map(|entry| cells(entry, state.settings.header_sign)).collect();
    Listing { schema: schema(direction), records }
}

/// The lines of all entries of a direction.
pub(super) fn lines(books: &Division, direction: Direction) -> Listing {
    let lines = books.entries_of(direction).flat_map(|entry| entry.lines.iter().map(Entity::cells));
    Listing { schema: line_schema(direction), records: lines.collect() }
}

/// The lines of one entry, as the address in `__deferred` asks.
pub(super) fn collection(state: &State, division: i32, resource: Resource, key: Key, name: &str) -> Option<Listing> {
    let direction = match resource {
        Resource::PurchaseEntries => Direction::Purchase,
        Resource::SalesEntries => Direction::Sales,
        _ => return None,
    };
    let Key::Guid(id) = key else { return None };
    let entry = state.division(division)?.entries.get(&id).filter(|entry| entry.direction == direction)?;
    let records = entry.lines.iter().map(Entity::cells).collect();
    (name == lines_name(direction)).then(|| Listing { schema: line_schema(direction), records })
}

fn cells(entry: &Entry, sign: HeaderSign) -> Vec<Cell> {
    let mut cells = entry.cells();
    match sign {
        HeaderSign::AsSent => {}
        HeaderSign::Inverted => {
            for (cell, property) in cells.iter_mut().zip(Entry::PROPERTIES) {
                if let (Cell::Number(amount), true) = (&cell, SIGNED.contains(&property.name)) {
                    *cell = Cell::Number(-*amount);
                }
            }
        }
    }
    cells
}

pub(super) fn create(
    state: &mut State,
    call: &Call<'_>,
    division: i32,
    direction: Direction,
    members: &Members,
) -> Result<Made, Refusal> {
    let user = state.users.get(&call.session.user).ok_or(Refusal::Unauthorized)?;
    let mut draft = Entry {
        direction,
        division,
        status: OPEN,
        creator: user.id,
        creator_full_name: user.full_name.clone(),
        created: Some(call.now),
        modified: Some(call.now),
        ..Entry::default()
    };
    computed(members)?;
    fill(&mut draft, &schema(direction), members, &state.settings, Writing::Create, stored_name)?;
    draft.lines = read_lines(state, direction, members)?;
    let ledger = Ledger { division: books(state, division)?, state, today: call.now.date_naive() };
    let mut entry = ledger.book(draft).map_err(Refusal::Business)?;
    entry.id = state.next_guid(Family::Entry);
    for line in &mut entry.lines {
        (line.id, line.entry) = (state.next_guid(Family::Line), entry.id);
    }
    let books = books_mut(state, division)?;
    if entry.entry_number == 0 {
        entry.entry_number = next_number(books, &entry.journal, entry.reporting_year);
    }
    link(books, &entry);
    books.entries.put(entry.clone());
    Ok(Made { schema: schema(direction), cells: cells(&entry, state.settings.header_sign) })
}

fn read_lines(state: &State, direction: Direction, members: &Members) -> Result<Vec<Line>, Refusal> {
    let name = lines_name(direction);
    let Some(raw) = members.get(name).filter(|raw| raw.get() != "null") else { return Ok(Vec::new()) };
    let items: Vec<&serde_json::value::RawValue> = serde_json::from_str(raw.get())
        .map_err(|_| Refusal::bad(format!("Error processing request stream. '{name}' must be an array.")))?;
    let read = |item: &&serde_json::value::RawValue| {
        let members = json::members(item.get().as_bytes())
            .map_err(|_| Refusal::bad(format!("Error processing request stream. '{name}' must hold objects.")))?;
        computed(&members)?;
        let mut line = Line::default();
        fill(&mut line, &line_schema(direction), &members, &state.settings, Writing::Create, str::to_owned)?;
        Ok(line)
    };
    items.iter().map(read).collect()
}

fn computed(members: &Members) -> Result<(), Refusal> {
    let sent = |name: &&&str| {
        let value = members.get(**name).map_or("null", |raw| raw.get());
        value != "null" && json::decimal(value).is_none_or(|amount| !amount.is_zero())
    };
    match NOT_COMPUTED.iter().find(sent) {
        Some(name) => Err(Refusal::bad(format!("The simulator does not compute '{name}'; leave it out."))),
        None => Ok(()),
    }
}

/// The document of an entry points back to it.
fn link(books: &mut Division, entry: &Entry) {
    if let Some(document) = entry.document.and_then(|id| books.documents.get_mut(&id)) {
        document.financial_transaction_entry = Some(entry.id);
    }
}

fn unlink(books: &mut Division, entry: &Entry) {
    if let Some(document) = entry.document.and_then(|id| books.documents.get_mut(&id)) {
        document.financial_transaction_entry = None;
    }
}

/// An entry that may still be changed.
fn changeable(books: &Division, direction: Direction, id: Guid) -> Result<Entry, Refusal> {
    let entry = books.entries.get(&id).filter(|entry| entry.direction == direction).ok_or(Refusal::NotFound)?;
    if entry.status != OPEN {
        return Err(Message::AlreadyProcessed.into());
    }
    let (year, period) = (entry.reporting_year, entry.reporting_period);
    let closed = books.periods.iter().any(|one| (one.year, one.period) == (year, period) && one.closed);
    if closed { Err(Message::PeriodClosed { year, period }.into()) } else { Ok(entry.clone()) }
}

/// Changes header fields that do not move amounts.
pub(super) fn update(
    state: &mut State,
    call: &Call<'_>,
    division: i32,
    direction: Direction,
    id: Guid,
    members: &Members,
) -> Result<Answer, Refusal> {
    let before = changeable(books(state, division)?, direction, id)?;
    if members.contains_key(lines_name(direction)) {
        return Err(Refusal::bad(format!("The property '{}' cannot be changed.", lines_name(direction))));
    }
    let mut entry = before.clone();
    fill(&mut entry, &schema(direction), members, &state.settings, Writing::Update, stored_name)?;
    let ledger = Ledger { division: books(state, division)?, state, today: call.now.date_naive() };
    ledger.check_header(&mut entry).map_err(Refusal::Business)?;
    entry.modified = Some(call.now);
    let books = books_mut(state, division)?;
    unlink(books, &before);
    link(books, &entry);
    books.entries.put(entry);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// Deletes an entry with everything it did to the ledger accounts.
pub(super) fn delete(state: &mut State, division: i32, direction: Direction, id: Guid) -> Result<Answer, Refusal> {
    let books = books_mut(state, division)?;
    let entry = changeable(books, direction, id)?;
    unlink(books, &entry);
    books.entries.remove(&id);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}
