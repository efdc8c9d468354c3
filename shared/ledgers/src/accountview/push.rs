//! A push to `AccountView`, one request at a time: find or make the relation, look for bookings of the same document, look
//! at everything that the page names, send the page, and read it back. Our reference stands in the page's own note, so
//! nothing is left behind by an attempt that was refused.

use super::{
    api::{self, Filter, PAGES, PAGES_READ, Query, TRANSACTIONS, Tables},
    checks, contacts,
    known::{Behind, Foreign, Known, Processed},
    map::Plan,
    options,
    read::{self, Signs},
};
use crate::{
    call::{Answer, Call, Effect, Purpose, Target},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{
        Asked, Booked, Checkpoint, Duplicates, Facts, Found, LedgerDocument, Looked, Progress, PushRequest, Step,
        compare,
    },
};
use domain::{
    ledger::{Direction, Division, LedgerContact},
    party::normalise,
    time::Date,
};

/// What is kept of a page that was taken, when its number was not told.
const TAKEN: &str = "taken";
/// Transactions of a processed page that are read.
const LINES_MAX: usize = 1_000;

/// The company of a request.
pub(super) fn company(at: &Target, operation: Operation) -> Result<&Division, LedgerError> {
    at.division.as_ref().ok_or_else(|| {
        let message = "No company of AccountView was chosen for this administration. Choose one, and post again.";
        LedgerError::rejected(ErrorCode::WrongDivision, operation, message)
    })
}

/// A search among the bookings of a relation.
#[derive(Debug, Clone, Copy)]
struct Lookout {
    object: &'static str,
    /// A day of the year.
    day: Date,
    by: By,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum By {
    /// The number as it is sent.
    Number,
    /// The date: a person may have typed the number with other signs.
    Date,
    /// Nothing: everything is compared here.
    Relation,
}

/// In pages and in what was processed, in each year in which the document may have been booked. How many of the searches
/// find a page of ours: the others only find what somebody else typed.
fn lookouts(plan: &Plan<'_>) -> (Vec<Lookout>, usize) {
    let in_both = |by: By| {
        let days = plan.days().into_iter();
        days.flat_map(move |day| [PAGES_READ, TRANSACTIONS].map(|object| Lookout { object, day, by }))
    };
    if plan.chosen(&options::FILTERS, "one") {
        let all: Vec<_> = in_both(By::Relation).collect();
        let count = all.len();
        return (all, count);
    }
    let exact: Vec<_> = in_both(By::Number).collect();
    let count = exact.len();
    (exact.into_iter().chain(in_both(By::Date)).collect(), count)
}

impl Lookout {
    fn call(self, plan: &Plan<'_>, relation: &LedgerContact, operation: Operation, page: usize) -> Call {
        let query = Query::of(self.object).on(self.day).with(Filter::equal("SUB_NR", relation.as_str())).page(page);
        let query = match self.by {
            By::Number => query.with(Filter::equal("INV_NR", &plan.inv_nr)),
            By::Date => query.with(Filter::since("TRN_DATE", plan.since())),
            By::Relation => query,
        };
        query.call(operation)
    }
}

/// Whether a page of ours has to be looked for.
fn looks_for_ours(progress: &Progress) -> bool {
    let Progress { checkpoint, facts } = progress;
    facts.own_booking == Looked::NotYet || facts.number_taken || checkpoint.holder.is_some()
}

fn operation(progress: &Progress) -> Operation {
    if looks_for_ours(progress) { Operation::FindBooking } else { Operation::CheckDuplicate }
}

pub(super) fn next(at: &Target, request: &PushRequest<'_>, progress: &Progress) -> Result<Step, LedgerError> {
    let plan = Plan::of(request)?;
    company(at, Operation::Prepare)?;
    let facts = &progress.facts;
    if let Some(booked) = &facts.booking {
        return finish(&plan, facts, booked).map(|document| Step::Done(Box::new(document)));
    }
    let Some(relation) = contacts::known(request, facts) else {
        return contacts::next(&plan, request, facts).map(Step::Call);
    };
    if let Some(call) = look(&plan, request, progress, &relation) {
        return Ok(Step::Call(call));
    }
    let known = Known::of(facts);
    if progress.checkpoint.holder.is_some() {
        return Err(vanished(&progress.checkpoint));
    }
    match &known.foreign {
        Some(foreign) if facts.number_taken || request.duplicates == Duplicates::Refuse => {
            return Err(duplicate(&plan, foreign));
        }
        None if facts.number_taken => return Err(number_taken()),
        Some(_) | None => {}
    }
    if let Some(call) = checks::next(&plan, request, facts, &relation)? {
        return Ok(Step::Call(call));
    }
    let control = known.control_account.as_deref().unwrap_or_default();
    let body = plan.page(&relation, control, known.period_number, Behind::of(request, facts))?;
    Ok(Step::Call(api::post(Operation::CreateBooking, PAGES, body)))
}

/// The next request of the searches, as far as they are wanted.
fn look(plan: &Plan<'_>, request: &PushRequest<'_>, progress: &Progress, relation: &LedgerContact) -> Option<Call> {
    let known = Known::of(&progress.facts);
    let operation = operation(progress);
    if let Some(Processed { journal, page, day }) = known.unread.last() {
        let query = Query { rows: LINES_MAX, ..Query::of(TRANSACTIONS).on(*day) };
        let query = query.with(Filter::equal("DJ_CODE", journal)).with(Filter::equal("PAGE_NR", page));
        return Some(query.call(operation));
    }
    let (lookouts, exact) = lookouts(plan);
    let wanted = if request.duplicates == Duplicates::Refuse && progress.checkpoint.holder.is_none() {
        lookouts.len()
    } else if looks_for_ours(progress) {
        exact
    } else {
        0
    };
    let lookout = lookouts.get(..wanted)?.get(known.searched)?;
    Some(lookout.call(plan, relation, operation, known.page + 1))
}

/// Reads a page back by its id.
pub(super) fn by_id(at: &Target, operation: Operation, id: &str) -> Result<Call, LedgerError> {
    let (day, journal, page) = read::parts(company(at, operation)?, id).ok_or_else(|| {
        let message = "The stored id of a booking is none of this company of AccountView. We have to repair that.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, operation, message)
    })?;
    let query = Query::of(PAGES_READ).on(day);
    Ok(query.with(Filter::equal("DJ_CODE", journal)).with(Filter::equal("PAGE_NR", page)).call(operation))
}

fn finish(plan: &Plan<'_>, facts: &Facts, booked: &Booked) -> Result<LedgerDocument, LedgerError> {
    compare(&Asked { posting: plan.posting, reference: &plan.inv_nr, vat: plan.posting.vat }, booked, "AccountView")?;
    Ok(LedgerDocument {
        id: booked.id.clone(),
        number: booked.number.clone(),
        link: None,
        creator: booked.creator.clone(),
        contact: booked.contact.clone(),
        found: booked.found,
        codes: facts.codes.clone(),
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
    let company = company(at, operation)?;
    match operation {
        Operation::FindContact | Operation::CreateContact => {
            contacts::learn(request, &mut progress.facts, purpose, &answer?)
        }
        Operation::FindBooking | Operation::CheckDuplicate => {
            looked(&plan, request, progress, company, answer.and_then(|answer| api::tables(purpose, &answer)))
        }
        Operation::ReadCodes => checks::learn(&plan, request, &mut progress.facts, purpose, &answer?),
        Operation::CreateBooking => sent(progress, answer.and_then(|answer| api::tables(purpose, &answer))),
        Operation::Prepare
        | Operation::ExchangeCode
        | Operation::RefreshToken
        | Operation::Identity
        | Operation::Directory
        | Operation::FindHolder
        | Operation::CreateHolder
        | Operation::ListFiles
        | Operation::AttachFile
        | Operation::Compare
        | Operation::Fetch
        | Operation::Template
        | Operation::Forward => Ok(()),
    }
}

/// The page was taken, or not. What the answer shows of it is not relied on: it is read back. That it was taken outlives the
/// process, so that it is never sent once more.
fn sent(progress: &mut Progress, tables: Result<Tables, LedgerError>) -> Result<(), LedgerError> {
    match tables {
        Ok(tables) => {
            let page = tables.rows("DJ_PAGE").first();
            let number = page.and_then(|page| Some(format!("{}-{}", page.filled("DJ_CODE")?, page.filled("PAGE_NR")?)));
            progress.checkpoint.holder = Some(number.unwrap_or_else(|| TAKEN.to_owned()));
            Known::look_again(&mut progress.facts);
            Known::change(&mut progress.facts, |known| known.sent = Looked::Done);
            Ok(())
        }
        // It may be an earlier attempt of ours that succeeded: look whose it is.
        Err(error) if error.code() == ErrorCode::NumberInUse && !progress.facts.number_taken => {
            progress.facts.number_taken = true;
            Known::look_again(&mut progress.facts);
            Ok(())
        }
        Err(error) => Err(error),
    }
}

fn looked(
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    progress: &mut Progress,
    company: &Division,
    tables: Result<Tables, LedgerError>,
) -> Result<(), LedgerError> {
    let for_ours = looks_for_ours(progress);
    let operation = operation(progress);
    let is_owed = |code: &str| plan.is_owed(code);
    let signs = Signs {
        direction: plan.posting.direction,
        sign: plan.sign,
        filling: Some(plan.filling),
        home: plan.option(&options::CURRENCY),
        is_owed: &is_owed,
    };
    let facts = &mut progress.facts;
    let mut known = Known::of(facts).clone();
    if let Some(wanted) = known.unread.pop() {
        let tables = tables?;
        facts.booking = processed(plan, &signs, company, &wanted, &tables, &mut known)?;
        Known::change(facts, |own| *own = known);
        return Ok(());
    }
    let (lookouts, exact) = lookouts(plan);
    let Some(lookout) = lookouts.get(known.searched) else { return Ok(()) };
    let tables = match tables {
        Ok(tables) => tables,
        // A year that is not there holds no bookings.
        Err(error) if lookout.day != plan.day && error.code() == ErrorCode::YearMissing => Tables::default(),
        Err(error) => return Err(error),
    };
    let relation = contacts::known(request, facts);
    let is_theirs = |number: &str| relation.as_ref().is_some_and(|relation| relation.as_str() == number);
    let found = if known.sent == Looked::Done { Found::Created } else { Found::Again };
    let rows = if lookout.object == PAGES_READ {
        for page in read::pages(&tables) {
            if !is_theirs(&page.header.text("SUB_NR")) {
                continue;
            }
            let number = page.header.text("PAGE_NR");
            if plan.is_ours(&page.note()) {
                let id = |journal: &str, page: &str| read::id(company, lookout.day, journal, page);
                let booked = page.booked(&signs, id, found);
                facts.booking = Some(booked.ok_or_else(|| super::errors::malformed(operation, Effect::Reads))?);
            } else if plan.is_number(&page.header.text("INV_NR")) {
                known.pages.insert((page.header.text("DJ_CODE"), number.clone()));
                if is_same_kind(plan, page.reduces(&signs)) {
                    known.foreign.get_or_insert(Foreign { page: number, number: read::number_in(&page.note()) });
                }
            }
        }
        tables.rows("DJ_PAGE").len()
    } else {
        for row in tables.rows("TRANSACT") {
            let (journal, page) = (row.text("DJ_CODE"), row.text("PAGE_NR"));
            let is_new = !known.pages.contains(&(journal.clone(), page.clone()));
            if !is_new || !is_theirs(&row.text("SUB_NR")) || !plan.is_number(&row.text("INV_NR")) {
                continue;
            }
            known.pages.insert((journal.clone(), page.clone()));
            if for_ours && known.searched < exact {
                known.unread.push(Processed { journal, page, day: lookout.day });
            } else if is_same_kind(plan, reduces(plan.posting.direction, row)) {
                known.foreign.get_or_insert(Foreign { page, number: None });
            }
        }
        tables.rows("TRANSACT").len()
    };
    match api::following(operation, known.page + 1, api::PAGE, rows)? {
        Some(_) => known.page += 1,
        None => (known.searched, known.page) = (known.searched + 1, 0),
    }
    Known::change(facts, |own| *own = known);
    Ok(())
}

/// A processed page: ours by its note, or, where that is not shown and an attempt of ours came before, by relation, number,
/// journal and amount.
fn processed(
    plan: &Plan<'_>,
    signs: &Signs<'_>,
    company: &Division,
    wanted: &Processed,
    tables: &Tables,
    known: &mut Known,
) -> Result<Option<Booked>, LedgerError> {
    let malformed = || super::errors::malformed(Operation::FindBooking, Effect::Reads);
    let is_wanted = |row: &&api::Row| row.text("DJ_CODE") == wanted.journal && row.text("PAGE_NR") == wanted.page;
    let rows: Vec<api::Row> = tables.rows("TRANSACT").iter().filter(is_wanted).cloned().collect();
    let note = tables.rows("TRN_HDR").iter().find(|row| row.has("COMMENT1")).map(|row| row.text("COMMENT1"));
    let mut booked = read::processed(&rows, plan, signs, company, wanted.day).ok_or_else(malformed)?;
    let note = note.filter(|note| !note.is_empty());
    if note.as_deref().is_some_and(|note| plan.is_ours(note)) {
        if known.sent == Looked::Done {
            booked.found = Found::Created;
        }
        return Ok(Some(booked));
    }
    let same_amount = booked.gross.is_some_and(|gross| gross == plan.posting.gross);
    if note.is_some() || wanted.journal != plan.journal || !same_amount {
        if is_same_kind(plan, booked.reduces) {
            let number = note.as_deref().and_then(read::number_in);
            known.foreign.get_or_insert(Foreign { page: wanted.page.clone(), number });
        }
        return Ok(None);
    }
    if known.sent == Looked::NotYet && plan.chosen(&options::PROCESSED, options::HOLD) {
        let message = format!(
            "AccountView has page {} of this relation with the same number and amount, but does not show whether it is \
             ours. Look at it there, then settle this document by hand.",
            wanted.page
        );
        return Err(LedgerError::new(ErrorKind::Uncertain, ErrorCode::Mismatch, Operation::FindBooking, message)
            .about(options::PROCESSED.key)
            .with_booking(&wanted.page));
    }
    if known.sent == Looked::Done {
        booked.found = Found::Created;
    }
    Ok(Some(booked))
}

/// Whether a transaction of the relation reduces what is owed.
fn reduces(direction: Direction, row: &api::Row) -> Option<bool> {
    let amount = row.number("AMOUNT").filter(|amount| !amount.is_zero())?;
    Some(match direction {
        Direction::Purchase => amount.is_sign_positive(),
        Direction::Sales => amount.is_sign_negative(),
    })
}

/// Whether both are invoices or both credit notes.
fn is_same_kind(plan: &Plan<'_>, theirs: Option<bool>) -> bool {
    let reduces = plan.posting.gross.is_sign_negative();
    plan.posting.gross.is_zero() || theirs.is_none_or(|theirs| theirs == reduces)
}

fn duplicate(plan: &Plan<'_>, foreign: &Foreign) -> LedgerError {
    let Foreign { page, number } = foreign;
    if let Some(other) = number.as_ref().filter(|other| normalise(other) != normalise(&plan.number)) {
        let message = format!(
            "AccountView keeps twelve characters of an invoice number. Those of {} stand on page {page} of the same \
             relation already, for invoice {other}. Book this document by hand with a number of your choice; or post it \
             again and accept the duplicate.",
            plan.number
        );
        return LedgerError::rejected(ErrorCode::NumberInUse, Operation::CheckDuplicate, message)
            .about(format!("{} / {other}", plan.number))
            .with_booking(page);
    }
    let message = format!(
        "AccountView already has this document: page {page} of the same relation has invoice number {}. Look at it there; if \
         it is another document, post this one again and accept the duplicate.",
        plan.number
    );
    LedgerError::rejected(ErrorCode::Duplicate, Operation::CheckDuplicate, message).with_booking(page)
}

fn number_taken() -> LedgerError {
    LedgerError::rejected(
        ErrorCode::NumberInUse,
        Operation::FindBooking,
        "AccountView says that this invoice number is used, but shows no such booking of this relation. Look for the number \
         there; if it is another document, change the number and post again.",
    )
}

/// It said that it took the page, and does not show it: sent once more, it might stand there twice.
fn vanished(checkpoint: &Checkpoint) -> LedgerError {
    let page = checkpoint.holder.as_deref().filter(|page| *page != TAKEN);
    let message = "AccountView took this booking, but shows it neither among its journal pages nor among its transactions: it \
                   may wait in a workflow, or somebody removed it. Look for it there, then settle this document by hand.";
    let error = LedgerError::new(ErrorKind::Uncertain, ErrorCode::Mismatch, Operation::FindBooking, message);
    match page {
        Some(page) => error.with_booking(page),
        None => error,
    }
}
