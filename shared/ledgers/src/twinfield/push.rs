//! A push to Twinfield, one request at a time: find or make the relation, look for bookings of the same document, find
//! the period when a person chose another booking date, send the transaction. Our reference stands in the transaction
//! itself, so nothing is left behind by an attempt that was refused.

use super::{
    contacts, errors,
    known::{Candidates, Known},
    map::{self, Plan},
    options,
    soap::{self, BROWSE, Period, TRANSACTIONS},
    xml::Element,
};
use crate::{
    call::{Answer, Call, Effect, Purpose, Target},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{Asked, Booked, Duplicates, Facts, Found, LedgerDocument, Looked, Progress, PushRequest, Step, compare},
};
use chrono::Datelike;
use domain::{
    ledger::{Direction, LedgerContact},
    time::Date,
};

/// More bookings of one number are not read one by one.
const CANDIDATES_MAX: usize = 20;

pub(super) fn next(at: &Target, request: &PushRequest<'_>, progress: &Progress) -> Result<Step, LedgerError> {
    let plan = Plan::of(request)?;
    let office = soap::office(at, Operation::Prepare)?;
    let facts = &progress.facts;
    if let Some(booked) = &facts.booking {
        if !booked.is_complete() && facts.read_back == Looked::NotYet {
            return by_id(at, office, Operation::Compare, &booked.id).map(Step::Call);
        }
        return finish(&plan, booked).map(|document| Step::Done(Box::new(document)));
    }
    let Some(relation) = contacts::known(request, facts) else {
        return contacts::next(at, request, facts).map(Step::Call);
    };
    let (operation, known) = (looking(facts), Known::of(facts));
    if let Some(id) = known.bookings.unread.last() {
        return by_id(at, office, operation, id).map(Step::Call);
    }
    if must_look(request, facts) {
        if let Some(search) = searches(request, &plan).get(known.searches) {
            return Ok(Step::Call(browse(at, operation, request.posting.direction, &relation, search)));
        }
        match known.bookings.fitting.first() {
            Some(number) if facts.number_taken || request.duplicates == Duplicates::Refuse => {
                return Err(duplicate(&plan, number));
            }
            None if facts.number_taken => return Err(number_taken()),
            Some(_) | None => {}
        }
    }
    if let (Some(day), None) = (request.posting.booking_date, known.period) {
        return soap::periods(at, Operation::ReadCodes, day.year()).map(Step::Call);
    }
    let purpose = Purpose { operation: Operation::CreateBooking, effect: Effect::Writes, resource: TRANSACTIONS };
    Ok(Step::Call(soap::process(at, purpose, &plan.transaction(office, &relation, known.period))))
}

/// Whether bookings of the same document have to be looked for: one of ours, or one of somebody else.
fn must_look(request: &PushRequest<'_>, facts: &Facts) -> bool {
    facts.own_booking == Looked::NotYet || facts.number_taken || request.duplicates == Duplicates::Refuse
}

fn looking(facts: &Facts) -> Operation {
    if facts.own_booking == Looked::NotYet || facts.number_taken {
        Operation::FindBooking
    } else {
        Operation::CheckDuplicate
    }
}

/// A search among the bookings of a relation.
struct Lookout {
    periods: (String, String),
    number: Option<String>,
}

/// The number as it was sent, in the years around the document; then, since a person may have typed it with other
/// capitals or signs, all bookings of the relation around the document's month.
fn searches(request: &PushRequest<'_>, plan: &Plan<'_>) -> Vec<Lookout> {
    let day = request.posting.booking_date.unwrap_or(request.posting.issue_date);
    let years = map::years_around(day);
    if request.options.get(&options::NUMBER_SEARCH) == Some("here") {
        return vec![Lookout { periods: years, number: None }];
    }
    let number = Some(plan.number.clone());
    vec![Lookout { periods: years, number }, Lookout { periods: map::months_around(day), number: None }]
}

fn browse(at: &Target, operation: Operation, direction: Direction, relation: &LedgerContact, search: &Lookout) -> Call {
    let code = match direction {
        Direction::Sales => "100",
        Direction::Purchase => "200",
    };
    let shown = |field: &str| Element::new("column").field("field", field).field("label", field).field("visible", true);
    let asked = |field: &str, operator: &str, from: &str, to: &str| {
        shown(field).field("ask", true).field("operator", operator).field("from", from).field("to", to)
    };
    let (from, to) = &search.periods;
    let number = "fin.trs.line.invnumber";
    let columns = Element::new("columns")
        .attribute("code", code)
        .with(asked("fin.trs.head.yearperiod", "between", from, to))
        .with(shown("fin.trs.head.code"))
        .with(shown("fin.trs.head.number"))
        .with(asked("fin.trs.line.dim2", "between", relation.as_str(), relation.as_str()))
        .with(match &search.number {
            Some(wanted) => asked(number, "equal", wanted, ""),
            None => shown(number),
        });
    soap::read(at, operation, BROWSE, &columns)
}

/// Reads a transaction by its id.
pub(super) fn by_id(at: &Target, office: &str, operation: Operation, id: &str) -> Result<Call, LedgerError> {
    let (daybook, number) = map::parts(office, id).ok_or_else(|| {
        let message = "The stored id of a booking is none of this company of Twinfield. We have to repair that.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, operation, message)
    })?;
    let read = Element::new("read")
        .field("type", "transaction")
        .field("office", office)
        .field("code", daybook)
        .field("number", number);
    Ok(soap::read(at, operation, TRANSACTIONS, &read))
}

/// The transaction in an answer: alone or in a list of one.
pub(super) fn transaction(root: &Element) -> &Element {
    root.child("transaction").unwrap_or(root)
}

fn finish(plan: &Plan<'_>, booked: &Booked) -> Result<LedgerDocument, LedgerError> {
    let asked = Asked { posting: plan.posting, reference: &plan.number, vat: plan.posting.vat };
    compare(&asked, booked, "Twinfield")?;
    Ok(LedgerDocument {
        id: booked.id.clone(),
        number: booked.number.clone(),
        link: None,
        creator: booked.creator.clone(),
        contact: booked.contact.clone(),
        found: booked.found,
        codes: crate::Codes::default(),
    })
}

/// Reads an answer into what is known.
pub(super) fn learn(
    at: &Target,
    request: &PushRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let plan = Plan::of(request)?;
    let operation = purpose.operation;
    let office = soap::office(at, operation)?;
    let direction = request.posting.direction;
    let facts = &mut progress.facts;
    let answer = answer?;
    match operation {
        Operation::FindContact | Operation::CreateContact => contacts::learn(request, facts, purpose, &answer)?,
        Operation::FindBooking | Operation::CheckDuplicate if purpose.resource == BROWSE => {
            let ids = rows(&plan, office, purpose, &answer)?;
            if ids.len() > CANDIDATES_MAX {
                return Err(duplicate(&plan, &plan.number));
            }
            Known::change(facts, |known| {
                known.searches += 1;
                known.bookings.unread = ids.into_iter().filter(|id| !known.bookings.read.contains(id)).collect();
            });
        }
        Operation::FindBooking | Operation::CheckDuplicate => {
            let root = soap::processed(purpose, &answer)?;
            let booked = map::booked(direction, office, transaction(&root), facts.contact.as_ref(), Found::Again);
            // A booking that somebody removed meanwhile is none.
            let booked = booked.filter(|_| errors::succeeded(&root));
            let ours = plan.is_ours(transaction(&root));
            Known::change(facts, |known| {
                let Candidates { unread, fitting, read, .. } = &mut known.bookings;
                read.extend(unread.pop());
                fitting.extend(
                    booked.iter().filter(|booked| !ours && plan.is_same_kind(booked)).map(|it| it.number.clone()),
                );
            });
            facts.booking = booked.filter(|_| ours);
        }
        Operation::ReadCodes => {
            let period = period(request, &answer)?;
            Known::change(facts, |known| known.period = Some(period));
        }
        Operation::CreateBooking => match soap::done(purpose, &answer) {
            Ok(root) => {
                let relation = contacts::known(request, facts);
                let booked = map::booked(direction, office, transaction(&root), relation.as_ref(), Found::Created);
                facts.booking = Some(booked.ok_or_else(|| errors::malformed(operation, purpose.effect))?);
            }
            // It may be an earlier attempt of ours that succeeded: look whose it is.
            Err(error) if error.code() == ErrorCode::NumberInUse && !facts.number_taken => {
                facts.number_taken = true;
                Known::change(facts, |known| (known.searches, known.bookings) = (0, Candidates::default()));
            }
            Err(error) => return Err(error),
        },
        Operation::Compare => {
            let root = soap::processed(purpose, &answer)?;
            facts.read_back = Looked::Done;
            if let Some(before) = facts.booking.take() {
                let relation = Some(&before.contact);
                let read = map::booked(direction, office, transaction(&root), relation, before.found);
                facts.booking = Some(read.unwrap_or(before));
            }
        }
        Operation::Prepare
        | Operation::ExchangeCode
        | Operation::RefreshToken
        | Operation::Identity
        | Operation::Directory
        | Operation::FindHolder
        | Operation::CreateHolder
        | Operation::ListFiles
        | Operation::AttachFile
        | Operation::Fetch
        | Operation::Template
        | Operation::Forward => {}
    }
    Ok(())
}

/// Bookings among the rows that have the number of the document.
fn rows(plan: &Plan<'_>, office: &str, purpose: Purpose, answer: &Answer) -> Result<Vec<String>, LedgerError> {
    let root = soap::done(purpose, answer)?;
    let mut ids = Vec::new();
    for row in root.all("tr") {
        let cell = |field: &str| row.all("td").find(|cell| cell.get("field") == Some(field)).and_then(Element::text);
        let Some(key) = row.child("key") else { continue };
        if let (Some(number), Some(daybook), Some(entry)) =
            (cell("fin.trs.line.invnumber"), key.text_of("code"), key.text_of("number"))
            && plan.is_number(number)
        {
            let id = map::id(office, daybook, entry);
            if !ids.contains(&id) {
                ids.push(id);
            }
        }
    }
    Ok(ids)
}

/// The period in which the chosen booking date lies.
fn period(request: &PushRequest<'_>, answer: &Answer) -> Result<(i32, i32), LedgerError> {
    let operation = Operation::ReadCodes;
    let day = request.posting.booking_date.unwrap_or(request.posting.issue_date);
    let periods = soap::periods_of(operation, answer)?;
    lies_in(day, &periods).map(|period| (day.year(), period.number)).ok_or_else(|| {
        let message = "The booking date lies in no period of Twinfield that we can tell. Choose another booking date, and \
                       post again.";
        LedgerError::rejected(ErrorCode::YearMissing, operation, message)
    })
}

/// The first period that does not end before a day. Where the first of a year begins is not told: one of a month begins
/// with it, and a longer one is not longer than a quarter.
fn lies_in(day: Date, periods: &[Period]) -> Option<Period> {
    let place = periods.iter().position(|period| period.end >= day)?;
    let found = periods.get(place).copied()?;
    let length = periods.get(1).zip(periods.first()).map(|(second, first)| (second.end - first.end).num_days());
    let begun = place > 0
        || match length {
            Some(days) if days > 31 => (found.end - day).num_days() < 92,
            Some(_) | None => (found.end.year(), found.end.month()) == (day.year(), day.month()),
        };
    begun.then_some(found)
}

fn duplicate(plan: &Plan<'_>, number: &str) -> LedgerError {
    let message = format!(
        "Twinfield already has this document: booking {number} of the same relation has invoice number {}. Look at it \
         there; if it is another document, post this one again and accept the duplicate.",
        plan.posting.number
    );
    LedgerError::rejected(ErrorCode::Duplicate, Operation::CheckDuplicate, message).with_booking(number)
}

fn number_taken() -> LedgerError {
    LedgerError::rejected(
        ErrorCode::NumberInUse,
        Operation::FindBooking,
        "Twinfield says that this invoice number is used, but shows no such booking of this relation. Look for the number \
         there; if it is another document, change the number and post again.",
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_day_lies_in_a_period_only_when_that_has_begun() {
        let day = |text: &str| text.parse::<Date>().unwrap();
        let of = |ends: &[&str]| -> Vec<Period> {
            ends.iter().zip(1..).map(|(end, number)| Period { number, end: day(end) }).collect()
        };
        let months = of(&["2026-07-31", "2026-08-31", "2026-09-30"]);
        let quarters = of(&["2026-03-31", "2026-06-30", "2026-09-30", "2026-12-31"]);
        for (periods, wanted, number) in [
            (&months, "2026-07-01", Some(1)),
            (&months, "2026-08-15", Some(2)),
            (&months, "2026-06-30", None),
            (&months, "2026-10-01", None),
            (&quarters, "2026-01-01", Some(1)),
            (&quarters, "2025-12-29", None),
            (&quarters, "2026-12-31", Some(4)),
            (&Vec::new(), "2026-07-01", None),
        ] {
            assert_eq!(lies_in(day(wanted), periods).map(|period| period.number), number, "{wanted}");
        }
    }
}
