//! The way of a document: looked for by our reference when an earlier attempt was begun, the original read when it is a
//! correction, then made with one request. A reference that is taken is looked up, never sent again under another name.

use super::{
    INVOICES, NAME, errors, get, malformed,
    map::{self, Status},
    wire::{self, Document, Original},
};
use crate::{
    PassRequest, PassedDocument,
    call::{Answer, Body, Call, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{Facts, Found, Looked, Progress, Step},
};
use url::form_urlencoded;

/// Documents on a page: the most that is given.
const PAGE: usize = 100;
/// More pages are not read: then the filter by reference does not work, and nothing is known.
const PAGES_MAX: usize = 3;

/// What only this ledger wants to know.
#[derive(Debug, Default)]
struct Own {
    /// Pages that were read in search of our reference.
    pages: usize,
    /// What was found under it.
    found: Vec<Document>,
    /// Whether such a search ended with nothing, so that an earlier attempt made nothing.
    absent: bool,
    /// What a correction corrects, as the ledger has it.
    original: Option<Original>,
    status: Status,
}

pub(super) fn next(request: &PassRequest<'_>, progress: &Progress) -> Result<Step<PassedDocument>, LedgerError> {
    let facts = &progress.facts;
    if let Some(passed) = &facts.passed {
        return Ok(Step::Done(Box::new(passed.clone())));
    }
    let nothing = Own::default();
    let own = facts.own::<Own>().unwrap_or(&nothing);
    // Settings may have changed since an earlier attempt: what it made is looked for before they are.
    if facts.own_booking != Looked::Done {
        return Ok(Step::Call(find(request, own.pages + 1)));
    }
    map::check(request)?;
    if request.content.corrects.is_some() && own.original.is_none() {
        let id = map::original_id(request)?;
        return Ok(Step::Call(get(Operation::ReadCodes, INVOICES, format!("/invoices/{id}.json"))));
    }
    let key = request.key();
    let body = map::create(request, &key, own.original.as_ref(), own.status)?;
    let body = serde_json::to_vec(&body).map_err(|_| {
        let message = "The request could not be written as JSON.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::CreateBooking, message)
    })?;
    let purpose = Purpose { operation: Operation::CreateBooking, effect: Effect::Writes, resource: INVOICES };
    Ok(Step::Call(Call { purpose, path: "/invoices.json".to_owned(), body: Body::Json(body) }))
}

/// Looks for our reference. The filter may find what only begins with it, so what comes is compared.
fn find(request: &PassRequest<'_>, page: usize) -> Call {
    let key: String = form_urlencoded::byte_serialize(request.key().as_bytes()).collect();
    let path = format!("/invoices.json?oid={key}&period=all&per_page={PAGE}&page={page}");
    get(Operation::FindBooking, INVOICES, path)
}

pub(super) fn learn(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    match purpose.operation {
        Operation::FindBooking => found(request, progress, &answer?),
        Operation::ReadCodes => {
            let original = serde_json::from_slice(&answer?.body);
            let original = original.map_err(|_| malformed(purpose.operation, purpose.effect))?;
            own(&mut progress.facts)?.original = Some(original);
            Ok(())
        }
        _ => created(request, progress, answer),
    }
}

fn own(facts: &mut Facts) -> Result<&mut Own, LedgerError> {
    facts.own_mut().ok_or_else(|| {
        let message = "What was learned is of another ledger. We have to repair that.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Prepare, message)
    })
}

/// A page of what may be ours.
fn found(request: &PassRequest<'_>, progress: &mut Progress, answer: &Answer) -> Result<(), LedgerError> {
    let malformed = || malformed(Operation::FindBooking, Effect::Reads);
    let rows: Vec<Document> = serde_json::from_slice(&answer.body).map_err(|_| malformed())?;
    let (key, kind) = (request.key(), wire::kind(request.content.kind));
    let is_full = rows.len() >= PAGE;
    let is_ours = |row: &Document| row.oid.as_ref().is_some_and(|oid| oid.as_str() == key);
    let ours: Vec<Document> = rows.into_iter().filter(is_ours).collect();
    let taken = progress.facts.number_taken;
    let own = own(&mut progress.facts)?;
    let pages = own.pages + 1;
    if is_full && pages >= PAGES_MAX {
        return Err(unclear("Fakturownia lists more documents under our reference than can be looked through"));
    }
    let all: Vec<Document> = own.found.iter().cloned().chain(ours).collect();
    if is_full {
        (own.pages, own.found) = (pages, all);
        return Ok(());
    }
    match all.as_slice() {
        [] if taken => Err(unclear("Fakturownia says that it has a document with our reference, and does not list it")),
        [] => {
            own.absent = true;
            progress.facts.own_booking = Looked::Done;
            Ok(())
        }
        [one] if one.kind.as_deref().is_none_or(|of| of == kind) => {
            let passed = passed(one, Found::Again).ok_or_else(malformed)?;
            settle(request, progress, passed);
            Ok(())
        }
        [one] => {
            Err(unclear("Fakturownia has a document of another kind with our reference").with_booking(number(one)))
        }
        several => {
            let numbers = several.iter().map(number).collect::<Vec<_>>().join(", ");
            Err(unclear("Fakturownia has several documents with our reference").with_booking(numbers))
        }
    }
}

fn number(document: &Document) -> String {
    document.number.as_ref().map_or_else(|| document.id.as_str().to_owned(), |number| number.as_str().to_owned())
}

/// Only a person can tell.
fn unclear(what: &str) -> LedgerError {
    let message = format!("{what}. Look there which of them is this document, then settle it by hand.");
    LedgerError::new(ErrorKind::Uncertain, ErrorCode::AlreadyProcessed, Operation::FindBooking, message)
}

/// The answer to the request that makes the document.
fn created(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let answer = match answer {
        Ok(answer) => answer,
        // The reference is taken: by an attempt of ours that nobody heard the end of.
        Err(error) if errors::names(&error, "oid") && !progress.facts.number_taken => {
            progress.facts.number_taken = true;
            progress.facts.own_booking = Looked::NotYet;
            own(&mut progress.facts)?.pages = 0;
            return Ok(());
        }
        Err(error) if errors::names(&error, "status") && own(&mut progress.facts)?.status == Status::Sent => {
            own(&mut progress.facts)?.status = Status::LeftOut;
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    match serde_json::from_slice::<Document>(&answer.body).ok().and_then(|made| passed(&made, Found::Created)) {
        Some(passed) => {
            settle(request, progress, passed);
            Ok(())
        }
        None => Err(without_id(progress, &answer)),
    }
}

/// Success that names no document. It may have been made all the same; when it provably was not the time before, the token may
/// only read.
fn without_id(progress: &mut Progress, answer: &Answer) -> LedgerError {
    if let Some(refused) = errors::dressed(Operation::CreateBooking, answer) {
        return refused;
    }
    let was_absent = progress.facts.own::<Own>().is_some_and(|own| own.absent);
    if was_absent && answer.text().trim() == "{}" {
        return errors::read_only();
    }
    malformed(Operation::CreateBooking, Effect::Writes)
}

fn settle(request: &PassRequest<'_>, progress: &mut Progress, passed: PassedDocument) {
    progress.facts.own_booking = Looked::Done;
    progress.facts.remark = request.difference(NAME, &passed);
    progress.facts.passed = Some(passed);
}

/// The document as it is told on; nothing without a number.
fn passed(document: &Document, found: Found) -> Option<PassedDocument> {
    Some(PassedDocument {
        id: document.id.id()?.to_string(),
        number: document.number.as_ref()?.as_str().to_owned(),
        link: document.link(),
        gross: document.price_gross.as_ref().and_then(wire::Scalar::amount),
        ksef: document.ksef(),
        found,
    })
}
