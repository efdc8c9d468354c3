//! A push to SnelStart, one request at a time: find or make the relation, look up codes, look for somebody else's booking,
//! send the booking, which carries our mark in its description, and attach files to it. An attempt that follows another one
//! first looks for a booking with our mark.

use super::{
    api,
    contacts::{self, LeftOut},
    directory::{ACCOUNTS, COST_CENTRES, VAT_RATES},
    map::{self, Plan},
    vat::{Kind, RateTable},
    wire::{self, Account, Attachment, Booking, Id, Invoice, Made, Numbered, VatRate},
};
use crate::{
    call::{Answer, Call, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{
        Asked, Booked, Codes, Duplicates, Facts, Found, LedgerDocument, Looked, Progress, PushRequest, Step, compare,
    },
};
use base64::{display::Base64Display, engine::general_purpose::STANDARD};
use domain::ledger::{AccountCode, CostCentre};
use rust_decimal::Decimal;
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
};

const LEDGER: &str = "SnelStart";

/// What only SnelStart wants to know.
#[derive(Debug, Default)]
pub(super) struct Own {
    /// Where the list goes on that is being read.
    pub(super) skip: usize,
    /// Relations that fit, on the pages read so far.
    pub(super) relations: Vec<wire::Relation>,
    /// What of a new relation was refused.
    pub(super) left_out: LeftOut,
    /// Bookings to be looked at, once their invoices were listed.
    candidates: Option<Vec<Id>>,
    /// Bookings found on pages read so far.
    listed: Vec<Id>,
    /// Invoices with our very number were looked at.
    number_searched: Looked,
    /// A booking of somebody else that was looked at: number of the booking and of the invoice.
    foreign: Option<(String, String)>,
}

/// What is being looked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Search {
    /// A booking with our mark, from an earlier attempt.
    Ours,
    /// Somebody else's booking with our number on the same relation.
    SameNumber,
    /// Somebody else's booking of the same relation and day, whose number is dressed in another way.
    SameDay,
    /// Whose the number is that SnelStart says is taken.
    Taken,
}

impl Search {
    fn operation(self) -> Operation {
        match self {
            Self::Ours | Self::Taken => Operation::FindBooking,
            Self::SameNumber | Self::SameDay => Operation::CheckDuplicate,
        }
    }
}

/// What is to be looked for now, given that everything before it is known.
fn search(request: &PushRequest<'_>, facts: &Facts) -> Option<Search> {
    if facts.own_booking == Looked::NotYet {
        return Some(Search::Ours);
    }
    if facts.number_taken {
        return Some(Search::Taken);
    }
    if facts.duplicates == Looked::Done || request.duplicates == Duplicates::Accepted {
        return None;
    }
    let number_searched = facts.own::<Own>().map(|own| own.number_searched).unwrap_or_default();
    Some(if number_searched == Looked::Done { Search::SameDay } else { Search::SameNumber })
}

pub(super) fn next(request: &PushRequest<'_>, progress: &Progress) -> Result<Step, LedgerError> {
    let plan = Plan::of(request)?;
    let facts = &progress.facts;
    if let Some(booked) = &facts.booking {
        return finish(&plan, request, facts, booked);
    }
    if facts.own_booking == Looked::NotYet {
        return Ok(Step::Call(look(&plan, facts, Search::Ours, None)));
    }
    let Some(relation) = contacts::known(request, facts) else {
        return contacts::next(request, facts).map(Step::Call);
    };
    if let Some(call) = missing_codes(&plan, request, facts) {
        return Ok(Step::Call(call));
    }
    let tables = tables(&plan, request, facts);
    plan.check_rates(&tables)?;
    if let Some(search) = search(request, facts) {
        return Ok(Step::Call(look(&plan, facts, search, Some(&relation))));
    }
    let booking = plan.booking(&relation, &tables, [&facts.codes, request.codes])?;
    api::post(Operation::CreateBooking, plan.side.bookings, &booking).map(Step::Call)
}

/// The next request of a search: a page of invoices, then each of their bookings.
fn look(plan: &Plan<'_>, facts: &Facts, search: Search, relation: Option<&Id>) -> Call {
    let operation = search.operation();
    let own = facts.own::<Own>();
    if let Some(id) = own.and_then(|own| own.candidates.as_ref()?.last()) {
        return api::by_id(operation, plan.side.bookings, id);
    }
    let filter = match (search, relation) {
        (Search::SameDay, Some(relation)) => {
            format!("Relatie/Id eq {} and FactuurDatum eq datetime'{}'", api::guid(relation), api::date(plan.day))
        }
        (Search::Ours | Search::SameNumber | Search::SameDay | Search::Taken, _) => {
            format!("Factuurnummer eq {}", api::text(plan.number))
        }
    };
    let path = api::page(plan.side.invoices, &filter, own.map_or(0, |own| own.skip));
    api::get(operation, plan.side.invoices, path)
}

fn missing_codes(plan: &Plan<'_>, request: &PushRequest<'_>, facts: &Facts) -> Option<Call> {
    let operation = Operation::ReadCodes;
    if let Some(account) = wanted_accounts(request, facts).into_iter().next() {
        let skip = facts.own::<Own>().map_or(0, |own| own.skip);
        let filter = match (request.options.get(&map::ACCOUNT_LOOKUP), account.as_str().parse::<i64>()) {
            (Some("number"), Ok(number)) => format!("Nummer eq {number}"),
            (Some("text"), Ok(number)) => format!("Nummer eq '{number}'"),
            _ => String::new(),
        };
        return Some(api::get(operation, ACCOUNTS, api::page(ACCOUNTS, &filter, skip)));
    }
    if !wanted_centres(plan, request, facts).is_empty() {
        return Some(api::get(operation, COST_CENTRES, format!("/v2/{COST_CENTRES}")));
    }
    let known = tables(plan, request, facts);
    let missing = plan.rated().iter().any(|kind| !known.contains_key(kind));
    missing.then(|| api::get(operation, VAT_RATES, format!("/v2/{VAT_RATES}")))
}

fn both<'a>(request: &'a PushRequest<'_>, facts: &'a Facts) -> [&'a Codes; 2] {
    [&facts.codes, request.codes]
}

fn wanted_accounts(request: &PushRequest<'_>, facts: &Facts) -> BTreeSet<AccountCode> {
    let known = |code: &AccountCode| both(request, facts).iter().any(|codes| codes.accounts.contains_key(code));
    request.posting.lines.iter().map(|line| line.account.clone()).filter(|code| !known(code)).collect()
}

fn wanted_centres(plan: &Plan<'_>, request: &PushRequest<'_>, facts: &Facts) -> BTreeSet<CostCentre> {
    let known = |code: &CostCentre| both(request, facts).iter().any(|codes| codes.cost_centres.contains_key(code));
    plan.posting.lines.iter().filter_map(|line| plan.centre_of(line)).filter(|code| !known(code)).cloned().collect()
}

/// The percentages that are known, by kind.
fn tables(plan: &Plan<'_>, request: &PushRequest<'_>, facts: &Facts) -> BTreeMap<Kind, RateTable> {
    let table = |kind: Kind| {
        let code = kind.code().parse().ok()?;
        let kept = both(request, facts).into_iter().find_map(|codes| codes.vat_codes.get(&code))?;
        Some((kind, RateTable::unpack(kept)?))
    };
    plan.rated().into_iter().filter_map(table).collect()
}

/// Compares the booking and attaches what it lacks.
fn finish(plan: &Plan<'_>, request: &PushRequest<'_>, facts: &Facts, booked: &Booked) -> Result<Step, LedgerError> {
    let id = stored(&booked.id)?;
    if !booked.is_complete() && facts.read_back == Looked::NotYet {
        return Ok(Step::Call(api::by_id(Operation::Compare, plan.side.bookings, &id)));
    }
    let rates = tables(plan, request, facts);
    // Found by our mark, the percentages were not asked for: then VAT that is owed is as it is.
    let asked = plan.vat(&rates).values().sum();
    let vat = if plan.is_vat_known(&rates) { asked } else { booked.vat.unwrap_or(asked) };
    compare(&Asked { posting: plan.posting, reference: plan.number, vat }, booked, LEDGER)?;
    if let Some(call) = missing_file(plan, request, facts, &id)? {
        return Ok(Step::Call(call));
    }
    Ok(Step::Done(Box::new(LedgerDocument {
        id: booked.id.clone(),
        number: booked.number.clone(),
        link: None,
        creator: None,
        contact: booked.contact.clone(),
        found: booked.found,
        codes: facts.codes.clone(),
    })))
}

/// An id that we stored: a GUID, or it was not stored by us.
pub(super) fn stored(id: &str) -> Result<Id, LedgerError> {
    Id::parse(id).ok_or_else(|| {
        let message = "A stored id is not one of SnelStart.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Prepare, message)
    })
}

fn missing_file(
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    facts: &Facts,
    booking: &Id,
) -> Result<Option<Call>, LedgerError> {
    let mut files = map::chosen(request).peekable();
    if files.peek().is_none() {
        return Ok(None);
    }
    let documents = plan.side.documents;
    let Some(present) = &facts.files else {
        return Ok(Some(api::by_id(Operation::ListFiles, documents, booking)));
    };
    let Some(file) = files.find(|file| !present.contains(file.name)) else { return Ok(None) };
    // The file goes into the request in one pass; a copy as base64 text beside it would cost its size again.
    let mut body = Vec::with_capacity(file.bytes.len() / 3 * 4 + 256);
    let written = serde_json::to_string(file.name).ok().and_then(|name| {
        let (parent, content) = (booking.as_str(), Base64Display::new(file.bytes, &STANDARD));
        write!(
            body,
            "{{\"parentIdentifier\":\"{parent}\",\"fileName\":{name},\"content\":\"{content}\",\"readOnly\":true}}"
        )
        .ok()
    });
    written.ok_or_else(|| {
        let message = "A file could not be written into a request.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::AttachFile, message)
    })?;
    Ok(Some(api::post_raw(Operation::AttachFile, documents, format!("/v2/{documents}"), body)))
}

/// Reads an answer into what is known.
pub(super) fn learn(
    request: &PushRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let plan = Plan::of(request)?;
    let operation = purpose.operation;
    let facts = &mut progress.facts;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => return recover(facts, operation, error),
    };
    match operation {
        Operation::FindBooking | Operation::CheckDuplicate if purpose.resource == plan.side.invoices => {
            let rows: Vec<Invoice> = api::rows(operation, &answer)?;
            listed(&plan, request, facts, operation, rows)?;
        }
        Operation::FindBooking | Operation::CheckDuplicate => {
            let booking: Booking = api::read(purpose, &answer)?;
            looked_at(&plan, request, facts, operation, booking)?;
        }
        Operation::FindContact | Operation::CreateContact => contacts::learn(request, facts, purpose, &answer)?,
        Operation::ReadCodes if purpose.resource == ACCOUNTS => learn_accounts(request, facts, &answer)?,
        Operation::ReadCodes if purpose.resource == COST_CENTRES => {
            let rows: Vec<Numbered> = api::rows(operation, &answer)?;
            learn_centres(&plan, request, facts, &rows)?;
        }
        Operation::ReadCodes => learn_rates(&plan, facts, &api::rows(operation, &answer)?)?,
        Operation::CreateBooking => {
            let booking: Booking = api::read(purpose, &answer)?;
            let booked = map::booked(booking, Found::Created);
            facts.booking = Some(booked.ok_or_else(|| api::malformed(operation, purpose.effect))?);
        }
        Operation::Compare => {
            facts.read_back = Looked::Done;
            let booking: Booking = api::read(purpose, &answer)?;
            if let Some(before) = facts.booking.take() {
                let read = map::booked(booking, before.found).unwrap_or(before);
                // What is left out twice is not there.
                facts.booking = Some(Booked { vat: read.vat.or(Some(Decimal::ZERO)), ..read });
            }
        }
        Operation::ListFiles => {
            let files: Vec<Attachment> = api::rows(operation, &answer)?;
            facts.files = Some(files.into_iter().filter_map(|file| file.file_name).collect());
        }
        Operation::AttachFile => {
            let _: Made = api::read(purpose, &answer)?;
            let present = facts.files.get_or_insert_default();
            let sent = map::chosen(request).find(|file| !present.contains(file.name)).map(|file| file.name.to_owned());
            present.extend(sent);
        }
        Operation::Prepare
        | Operation::ExchangeCode
        | Operation::RefreshToken
        | Operation::Identity
        | Operation::Directory
        | Operation::FindHolder
        | Operation::CreateHolder
        | Operation::Fetch
        | Operation::Template
        | Operation::Forward => {}
    }
    Ok(())
}

/// What can be gone on from although a request was refused.
fn recover(facts: &mut Facts, operation: Operation, error: LedgerError) -> Result<(), LedgerError> {
    match operation {
        // "In use" may mean that an earlier attempt of ours succeeded: look whose it is.
        Operation::CreateBooking if error.code() == ErrorCode::NumberInUse && !facts.number_taken => {
            facts.number_taken = true;
            Ok(())
        }
        Operation::CreateContact => {
            let goes_on = facts.own_mut::<Own>().is_some_and(|own| contacts::leaves_out(own, &error));
            if goes_on { Ok(()) } else { Err(error) }
        }
        // Removed between being listed and being looked at.
        Operation::FindBooking | Operation::CheckDuplicate if error.code() == ErrorCode::NotFound => {
            let candidates = facts.own_mut::<Own>().and_then(|own| own.candidates.as_mut());
            candidates.and_then(Vec::pop).map(drop).ok_or(error)
        }
        // The booking stands: it must neither be sent again nor be called refused.
        Operation::AttachFile if error.kind() == ErrorKind::Rejected => {
            let number = facts.booking.as_ref().map(|booking| booking.number.clone()).unwrap_or_default();
            let message = format!(
                "SnelStart booked this as {number}, but did not take its file. Attach the file there, then settle this \
                 document by hand. {}",
                error.message()
            );
            Err(LedgerError::new(ErrorKind::Uncertain, ErrorCode::Mismatch, operation, message)
                .with_ledger_text(error.ledger_text().unwrap_or_default())
                .with_booking(number))
        }
        _ => Err(error),
    }
}

/// A page of invoices: those whose bookings have to be looked at.
fn listed(
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    facts: &mut Facts,
    operation: Operation,
    rows: Vec<Invoice>,
) -> Result<(), LedgerError> {
    let Some(search) = search(request, facts) else { return Ok(()) };
    let relation = contacts::known(request, facts);
    let is_full = rows.len() >= api::PAGE;
    // The filter may have been passed over.
    let counts = |row: &Invoice| {
        let same_relation = relation.is_some() && row.relatie.as_ref().map(|theirs| &theirs.id) == relation.as_ref();
        match search {
            Search::Ours => plan.has_number(row),
            Search::Taken => plan.has_number(row) && same_relation,
            Search::SameNumber => plan.has_number(row) && same_relation && plan.is_same_document(row),
            Search::SameDay => plan.has_day(row) && same_relation && plan.is_same_document(row),
        }
    };
    let found = rows.into_iter().filter(counts).filter_map(|row| row.inkoop_boeking.map(|booking| booking.id));
    let found: Vec<Id> = found.collect();
    let Some(own) = facts.own_mut::<Own>() else { return Ok(()) };
    own.listed.extend(found);
    if is_full {
        own.skip += api::PAGE;
        return if own.skip / api::PAGE < api::PAGES_MAX { Ok(()) } else { Err(api::too_many(operation)) };
    }
    own.skip = 0;
    let candidates = std::mem::take(&mut own.listed);
    own.candidates = Some(candidates);
    ended(plan, facts, search)
}

/// A booking that was looked at.
fn looked_at(
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    facts: &mut Facts,
    operation: Operation,
    booking: Booking,
) -> Result<(), LedgerError> {
    let Some(search) = search(request, facts) else { return Ok(()) };
    if plan.is_ours(&booking) {
        let booked = map::booked(booking, Found::Again);
        facts.booking = Some(booked.ok_or_else(|| api::malformed(operation, Effect::Reads))?);
        // What an earlier attempt attached is not known.
        facts.files = None;
        return Ok(());
    }
    let Some(own) = facts.own_mut::<Own>() else { return Ok(()) };
    let number = booking.boekstuk.or_else(|| booking.factuurnummer.clone()).unwrap_or_default();
    own.foreign = Some((number, booking.factuurnummer.unwrap_or_default()));
    own.candidates.as_mut().and_then(Vec::pop);
    ended(plan, facts, search)
}

/// Ends a search once all its bookings were looked at and none is ours.
fn ended(plan: &Plan<'_>, facts: &mut Facts, search: Search) -> Result<(), LedgerError> {
    let Some(own) = facts.own_mut::<Own>() else { return Ok(()) };
    if own.candidates.as_ref().is_some_and(|candidates| !candidates.is_empty()) {
        return Ok(());
    }
    own.candidates = None;
    let foreign = own.foreign.take();
    match search {
        Search::Ours => facts.own_booking = Looked::Done,
        Search::SameNumber | Search::SameDay | Search::Taken => {
            if let Some((booking, number)) = foreign {
                return Err(duplicate(&booking, &number));
            }
            match search {
                Search::SameNumber => own.number_searched = Looked::Done,
                Search::Ours | Search::SameDay => facts.duplicates = Looked::Done,
                Search::Taken => return Err(number_taken(plan)),
            }
        }
    }
    Ok(())
}

fn duplicate(booking: &str, number: &str) -> LedgerError {
    let message = format!(
        "SnelStart already has this document: booking {booking} of the same relation has number {number}. Look at it \
         there; if it is another document, post this one again and accept the duplicate."
    );
    LedgerError::rejected(ErrorCode::Duplicate, Operation::CheckDuplicate, message).with_booking(booking)
}

fn number_taken(plan: &Plan<'_>) -> LedgerError {
    let message = format!(
        "SnelStart says that invoice number {} is used, but not on this relation. Look there which booking has it; book \
         this document by hand.",
        plan.number
    );
    LedgerError::rejected(ErrorCode::NumberInUse, Operation::FindBooking, message).about(plan.number)
}

fn learn_accounts(request: &PushRequest<'_>, facts: &mut Facts, answer: &Answer) -> Result<(), LedgerError> {
    let operation = Operation::ReadCodes;
    let rows: Vec<Account> = api::rows(operation, answer)?;
    let is_full = rows.len() >= api::PAGE;
    let asked = wanted_accounts(request, facts);
    for row in rows {
        let Some(code) = row.nummer.to_string().parse().ok().filter(|code| asked.contains(code)) else { continue };
        if row.nonactief {
            return Err(unknown_account(&code, "is inactive"));
        }
        facts.codes.accounts.insert(code, row.id.as_str().to_owned());
    }
    let Some(first) = asked.into_iter().next() else { return Ok(()) };
    let is_found = facts.codes.accounts.contains_key(&first);
    let Some(own) = facts.own_mut::<Own>() else { return Ok(()) };
    if is_found {
        own.skip = 0;
        return Ok(());
    }
    if is_full {
        own.skip += api::PAGE;
        return if own.skip / api::PAGE < api::PAGES_MAX { Ok(()) } else { Err(api::too_many(operation)) };
    }
    Err(unknown_account(&first, "does not exist"))
}

fn unknown_account(code: &AccountCode, trouble: &str) -> LedgerError {
    let message = format!(
        "Ledger account {code} {trouble} in this administration of SnelStart. Choose another one in the posting \
         template, and post again."
    );
    LedgerError::rejected(ErrorCode::UnknownAccount, Operation::ReadCodes, message).about(code)
}

fn learn_centres(
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    facts: &mut Facts,
    rows: &[Numbered],
) -> Result<(), LedgerError> {
    for code in wanted_centres(plan, request, facts) {
        let trouble = match rows.iter().find(|row| row.nummer.to_string() == code.as_str()) {
            Some(row) if !row.nonactief => {
                facts.codes.cost_centres.insert(code, row.id.as_str().to_owned());
                continue;
            }
            Some(_) => "is inactive",
            None => "does not exist",
        };
        let message = format!(
            "Cost centre {code} {trouble} in this administration of SnelStart. Choose another one in the posting \
             template or the connection, and post again."
        );
        return Err(LedgerError::rejected(ErrorCode::UnknownReference, Operation::ReadCodes, message).about(code));
    }
    Ok(())
}

fn learn_rates(plan: &Plan<'_>, facts: &mut Facts, rates: &[VatRate]) -> Result<(), LedgerError> {
    for kind in plan.rated() {
        let Some(table) = RateTable::of(kind, rates) else {
            let message = format!(
                "SnelStart lists no rate for VAT kind {}. Choose another one in the posting template, and post again.",
                kind.code()
            );
            return Err(
                LedgerError::rejected(ErrorCode::UnknownVatCode, Operation::ReadCodes, message).about(kind.code())
            );
        };
        kind.code().parse().map(|code| facts.codes.vat_codes.insert(code, table.packed())).ok();
    }
    Ok(())
}
