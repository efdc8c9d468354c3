//! The way of a document. It is made by a task: one is left, and asked for until it says what came of it. A task whose reference is
//! known is never left again. Without a reference the document is looked for by ours; where a number went with the task, that number
//! locks, so that another task may follow; where none can, a person says when.

use super::{
    INVOICES, NAME, SHARES, TASKS, errors, get, malformed, map, post,
    wire::{self, Document, List, NextNumber, Rate, ShareLink, Task},
};
use crate::{
    PassRequest, PassedDocument,
    call::{Answer, Call, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{Checkpoint, Facts, Found, Looked, Progress, Step},
};
use domain::{
    sales::{IssuedKind, Numbering},
    time::Date,
};
use rust_decimal::{Decimal, dec};
use serde::de::DeserializeOwned;
use std::{sync::Mutex, time::Duration};
use url::form_urlencoded;

/// Documents on a page: the most that is given.
const PAGE: usize = 100;
/// More pages are not read: then nothing is known.
const PAGES_MAX: usize = 20;
/// How often a task is asked for in one turn.
const ASKED_MAX: usize = 5;
/// When a task that was just left is asked for again.
const ASK_SOON: Duration = Duration::from_secs(5);
/// When one is asked for again that takes long.
const ASK_LATER: Duration = Duration::from_mins(1);
/// Numbers that are tried when others take the next one before us.
const NUMBERS_MAX: usize = 3;

const RATES: &str = "vat_rates";
const NEXT_NUMBER: &str = "next_number";

/// What outlives the process: the task that was left, the number that went with it, or that one may have been left without.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Kept {
    task: Option<String>,
    number: Option<String>,
    /// A task may have been left that no number locks.
    left: bool,
}

impl Kept {
    /// The letters say what follows.
    fn of(checkpoint: &Checkpoint) -> Self {
        let Some(text) = checkpoint.holder.as_deref() else { return Self::default() };
        let (what, rest) = text.split_once(' ').unwrap_or((text, ""));
        let some = |text: &str| (!text.is_empty()).then(|| text.to_owned());
        match what {
            "t" => {
                let (task, number) = rest.split_once(' ').unwrap_or((rest, ""));
                Self { task: some(task), number: some(number), left: true }
            }
            "n" => Self { number: some(rest), ..Self::default() },
            _ => Self { left: true, ..Self::default() },
        }
    }

    fn checkpoint(&self) -> Checkpoint {
        let number = self.number.as_deref();
        let holder = match (&self.task, number) {
            (Some(task), number) => Some(format!("t {task} {}", number.unwrap_or_default())),
            (None, Some(number)) => Some(format!("n {number}")),
            (None, None) => self.left.then(|| "l".to_owned()),
        };
        Checkpoint { holder }
    }
}

/// What only this ledger wants to know.
#[derive(Debug, Default)]
struct Own {
    /// Whether the task was left in this attempt.
    left_now: bool,
    /// How often the task was asked for.
    asked: usize,
    /// Whether the stored task is over, or unknown there: it is not asked for any more.
    over: bool,
    /// The document that a task made, or that was found.
    made: Option<(String, Found)>,
    /// How often it was read before it had a number.
    read: usize,
    document: Option<Document>,
    /// Pages that were read in search of our reference.
    pages: usize,
    found: Vec<Document>,
    /// Whether the search ended with nothing although a task may still be waiting that nothing locks.
    unseen: bool,
    /// Why no task was left for a correction: told after it is stored that none was, and once, so that the same step may follow.
    refused: Mutex<Option<LedgerError>>,
    numbers: usize,
    rates: Option<Vec<Rate>>,
    /// What a correction corrects, as the ledger has it.
    original: Option<Document>,
}

pub(super) fn next(request: &PassRequest<'_>, progress: &Progress) -> Result<Step<PassedDocument>, LedgerError> {
    let facts = &progress.facts;
    if let Some(passed) = &facts.passed {
        return Ok(Step::Done(Box::new(passed.clone())));
    }
    let nothing = Own::default();
    let own = facts.own::<Own>().unwrap_or(&nothing);
    let kept = Kept::of(&progress.checkpoint);
    let resource = resource(request);
    let call = match (&own.made, &own.document, &kept.task) {
        (Some((uuid, _)), Some(_), _) => share(resource, uuid),
        (Some((uuid, _)), None, _) => get(Operation::Fetch, resource, super::record(resource, uuid)),
        (None, _, Some(task)) if !own.over => {
            get(Operation::CreateBooking, TASKS, format!("/api/v3/async/{resource}/status/{task}.json"))
        }
        (None, _, _) if facts.own_booking != Looked::Done => find(request, &kept, own.pages),
        (None, _, _) => return create(request, own, &kept).map(Step::Call),
    };
    Ok(Step::Call(call))
}

/// What comes before a task is left, and the task.
fn create(request: &PassRequest<'_>, own: &Own, kept: &Kept) -> Result<Call, LedgerError> {
    let content = request.content;
    if own.unseen {
        return Err(unseen());
    }
    // Not before: what an earlier attempt made is found whatever the settings say now.
    map::check(request)?;
    if let Some(error) = own.refused.lock().ok().and_then(|mut refused| refused.take()) {
        return Err(error);
    }
    if map::needs_rates(request) && own.rates.is_none() {
        return Ok(get(Operation::ReadCodes, RATES, "/api/v3/vat_rates.json".to_owned()));
    }
    let rates = own.rates.as_deref().unwrap_or_default();
    if content.kind == IssuedKind::Correction {
        // Nothing locks its task: that one may have been left is stored, with what is read here, before it is.
        let Some(original) = own.original.as_ref().filter(|_| kept.left) else {
            let uuid = super::uuid(request.corrected(NAME)?)?;
            return Ok(get(Operation::ReadCodes, INVOICES, super::record(INVOICES, uuid)));
        };
        return post(TASKS, "/api/v3/async/corrective_invoices.json", &map::correction(request, original, rates)?);
    }
    let number = match request.number() {
        Some(number) => number,
        None => match &kept.number {
            Some(number) => number,
            None => return Ok(next_number(content.issue_date)),
        },
    };
    post(TASKS, "/api/v3/async/invoices.json", &map::invoice(request, Some(number), rates)?)
}

/// The number that the next document would have. It is not kept free: the task that comes with it says whether it still is.
fn next_number(date: Date) -> Call {
    let path = format!("/api/v3/invoices/next_number.json?kind=vat&date={date}");
    get(Operation::ReadCodes, NEXT_NUMBER, path)
}

fn resource(request: &PassRequest<'_>) -> &'static str {
    super::resource(request.content.kind)
}

/// A page by which others see the document. It changes no document and may be made twice.
fn share(resource: &'static str, uuid: &str) -> Call {
    let purpose = Purpose { operation: Operation::Fetch, effect: Effect::Reads, resource: SHARES };
    let path = format!("/api/v3/{resource}/{uuid}/share_links.json");
    Call { purpose, path, body: crate::call::Body::Json(b"{}".to_vec()) }
}

/// The number under which a document of ours must stand, if it is there.
fn number_of<'a>(request: &'a PassRequest<'_>, kept: &'a Kept) -> Option<&'a str> {
    if request.content.kind == IssuedKind::Correction {
        return None;
    }
    request.number().or(kept.number.as_deref())
}

/// Looks for the document: by its number where that is known, else among those of its day. What comes is compared, for a filter that is
/// not understood lets everything through.
fn find(request: &PassRequest<'_>, kept: &Kept, page: usize) -> Call {
    let date = request.content.issue_date.to_string();
    let mut query = form_urlencoded::Serializer::new(String::new());
    match number_of(request, kept) {
        Some(number) => query.append_pair("q[number_eq]", number),
        None => query.append_pair("q[invoice_date_gteq]", &date).append_pair("q[invoice_date_lteq]", &date),
    };
    let offset = page.saturating_mul(PAGE).to_string();
    query
        .append_pair("order", "invoice_date desc")
        .append_pair("limit", &PAGE.to_string())
        .append_pair("offset", &offset);
    let resource = resource(request);
    get(Operation::FindBooking, resource, format!("/api/v3/{resource}.json?{}", query.finish()))
}

pub(super) fn learn(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    match (purpose.operation, purpose.resource, purpose.effect) {
        (Operation::FindBooking, ..) => found(request, progress, &answer?),
        (Operation::ReadCodes, RATES, _) => {
            own(&mut progress.facts)?.rates = Some(read::<List<Rate>>(purpose, &answer?)?.entities);
            Ok(())
        }
        (Operation::ReadCodes, NEXT_NUMBER, _) => {
            let number = read::<NextNumber>(purpose, &answer?)?.next_number;
            if number.trim().is_empty() {
                return Err(malformed(purpose.operation, purpose.effect));
            }
            progress.checkpoint = Kept { number: Some(number), ..Kept::default() }.checkpoint();
            Ok(())
        }
        (Operation::ReadCodes, ..) => {
            own(&mut progress.facts)?.original = Some(read(purpose, &answer?)?);
            progress.checkpoint = Kept { left: true, ..Kept::default() }.checkpoint();
            Ok(())
        }
        (_, TASKS, Effect::Writes) => left(request, progress, answer),
        (_, TASKS, Effect::Reads) => asked(request, progress, answer),
        (_, SHARES, _) => {
            // A document without a page is a document: the plan may have none, or corrections.
            let link = answer.ok().and_then(|answer| serde_json::from_slice::<ShareLink>(&answer.body).ok());
            settle(request, progress, link.and_then(|link| wire::is_address(&link.share_link)))
        }
        _ => document(request, progress, purpose, answer),
    }
}

fn read<T: DeserializeOwned>(purpose: Purpose, answer: &Answer) -> Result<T, LedgerError> {
    serde_json::from_slice(&answer.body).map_err(|_| malformed(purpose.operation, purpose.effect))
}

fn own(facts: &mut Facts) -> Result<&mut Own, LedgerError> {
    facts.own_mut().ok_or_else(|| {
        let message = "What was learned is of another ledger. We have to repair that.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Prepare, message)
    })
}

/// A task was left.
fn left(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if request.content.kind == IssuedKind::Correction => return not_left(progress, error),
        Err(error) => return refused(request, progress, error),
    };
    let task = serde_json::from_slice::<Task>(&answer.body).ok().and_then(|task| task.invoice_task_reference_number);
    // It stands in addresses.
    let is_reference = |task: &String| {
        (1..=100).contains(&task.len()) && task.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_'))
    };
    let task = task.filter(is_reference).ok_or_else(|| malformed(Operation::CreateBooking, Effect::Writes))?;
    let number = Kept::of(&progress.checkpoint).number;
    progress.checkpoint = Kept { task: Some(task), number, left: true }.checkpoint();
    let own = own(&mut progress.facts)?;
    (own.left_now, own.over, own.asked) = (true, false, 0);
    Ok(())
}

/// No task was left for a correction, unless nobody knows: then nothing may follow it by itself.
fn not_left(progress: &mut Progress, error: LedgerError) -> Result<(), LedgerError> {
    if error.kind() == ErrorKind::Unknown {
        return Err(error);
    }
    progress.checkpoint = Checkpoint::default();
    own(&mut progress.facts)?.refused = Mutex::new(Some(error));
    Ok(())
}

/// A task, or what left it, was refused: nothing was made. A number that is taken may be taken by ours.
fn refused(request: &PassRequest<'_>, progress: &mut Progress, error: LedgerError) -> Result<(), LedgerError> {
    let is_taken = error.kind() == ErrorKind::Rejected && error.code() == ErrorCode::NumberInUse;
    let first = !progress.facts.number_taken;
    if !is_taken || request.content.kind == IssuedKind::Correction || !first {
        return Err(error);
    }
    progress.facts.number_taken = true;
    progress.facts.own_booking = Looked::NotYet;
    let number = Kept::of(&progress.checkpoint).number;
    progress.checkpoint = Kept { number, ..Kept::default() }.checkpoint();
    let own = own(&mut progress.facts)?;
    (own.pages, own.over) = (0, true);
    Ok(())
}

/// A task says how it stands.
fn asked(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let known = own(&mut progress.facts)?;
    known.asked += 1;
    let (times, left_now) = (known.asked, known.left_now);
    let after = if left_now { ASK_SOON } else { ASK_LATER };
    let again = |times: usize| if times < ASKED_MAX { Ok(()) } else { Err(waiting(after)) };
    let answer = match answer {
        Ok(answer) => answer,
        // A task that was just left is not known at once. One that stays unknown is looked for by what it was to make.
        Err(error) if error.code() == ErrorCode::NotFound && (times < ASKED_MAX || left_now) => return again(times),
        Err(error) if error.code() == ErrorCode::NotFound => {
            own(&mut progress.facts)?.over = true;
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let task: Task =
        serde_json::from_slice(&answer.body).map_err(|_| malformed(Operation::CreateBooking, Effect::Reads))?;
    match (task.processing_code, task.invoice_uuid) {
        (Some(200 | 201), Some(uuid)) => {
            let uuid = super::uuid(&uuid)?.to_owned();
            let found = if left_now { Found::Created } else { Found::Again };
            own(&mut progress.facts)?.made = Some((uuid, found));
            Ok(())
        }
        (Some(400..=499), _) if left_now => {
            let errors = task.invoice_errors.unwrap_or_default();
            let error = errors::ruled(Operation::CreateBooking, &errors::said_in(&errors));
            refused(request, progress, error)
        }
        // An earlier attempt was refused. Somebody may have mended why: it is tried once more.
        (Some(400..=499), _) => {
            let number = Kept::of(&progress.checkpoint).number;
            progress.checkpoint = Kept { number, ..Kept::default() }.checkpoint();
            Ok(())
        }
        _ => again(times),
    }
}

/// It is under way there; it is asked for again by itself.
fn waiting(after: Duration) -> LedgerError {
    let message = format!("{NAME} is still working on this document. It is asked again by itself what came of it.");
    LedgerError::retryable(Some(after), ErrorCode::InProgress, Operation::CreateBooking, message)
}

/// A task may have been left, and nothing is seen of it.
fn unseen() -> LedgerError {
    let message = format!(
        "It is not certain whether {NAME} took this document: the answer was lost, and it is not there so far. It may still come. \
         Look there later, then say here whether it is there; if not, it can be passed again."
    );
    LedgerError::new(ErrorKind::Uncertain, ErrorCode::NotSeen, Operation::FindBooking, message)
}

/// Only a person can tell.
fn unclear(what: &str) -> LedgerError {
    let message = format!("{what}. Look there what became of this document, then settle it by hand.");
    LedgerError::new(ErrorKind::Uncertain, ErrorCode::AlreadyProcessed, Operation::FindBooking, message)
}

/// A page of what may be ours.
fn found(request: &PassRequest<'_>, progress: &mut Progress, answer: &Answer) -> Result<(), LedgerError> {
    let purpose = Purpose { operation: Operation::FindBooking, effect: Effect::Reads, resource: resource(request) };
    let rows = read::<List<Document>>(purpose, answer)?.entities;
    let is_full = rows.len() >= PAGE;
    let kept = Kept::of(&progress.checkpoint);
    let own = own(&mut progress.facts)?;
    if is_full && own.pages + 1 >= PAGES_MAX {
        return Err(unclear("inFakt has more documents of this day than can be looked through"));
    }
    // A list whose pages move may give one twice.
    for row in rows {
        if may_be_ours(request, &row) && own.found.iter().all(|known| known.uuid != row.uuid) {
            own.found.push(row);
        }
    }
    own.pages += 1;
    if is_full {
        return Ok(());
    }
    let ours = std::mem::take(&mut own.found);
    own.pages = 0;
    match ours.as_slice() {
        [one] => {
            own.made = Some((super::uuid(&one.uuid)?.to_owned(), Found::Again));
            progress.facts.own_booking = Looked::Done;
            Ok(())
        }
        [] => absent(request, progress, &kept),
        several => {
            let numbers = several.iter().filter_map(|one| one.number.clone()).collect::<Vec<_>>().join(", ");
            Err(unclear("inFakt has several documents that may be this one").with_booking(numbers))
        }
    }
}

/// It is not there. With a number that is taken by another document, it never will be.
fn absent(request: &PassRequest<'_>, progress: &mut Progress, kept: &Kept) -> Result<(), LedgerError> {
    let taken = progress.facts.number_taken;
    if taken && request.numbering == Numbering::Ours {
        return Err(errors::number_in_use().about(&request.content.number));
    }
    let own = own(&mut progress.facts)?;
    own.unseen = kept.left && number_of(request, kept).is_none();
    if own.unseen {
        // From here on it is for a person to say, who is obeyed.
        progress.checkpoint = Checkpoint::default();
    }
    if taken {
        own.numbers += 1;
        if own.numbers >= NUMBERS_MAX {
            return Err(errors::number_in_use());
        }
        progress.facts.number_taken = false;
        progress.checkpoint = Checkpoint::default();
    }
    progress.facts.own_booking = Looked::Done;
    Ok(())
}

/// Whether a document is the one that is looked for: by our reference, or, where a correction did not keep it, by what it corrects.
fn may_be_ours(request: &PassRequest<'_>, row: &Document) -> bool {
    if row.carries(&request.key()) {
        return true;
    }
    let Some(corrects) = &request.content.corrects else { return false };
    let original = |row: &Document| match &row.corrected_invoice_uuid {
        Some(uuid) => Some(uuid.as_str()) == corrects.ledger_id.as_deref(),
        None => row.corrected_invoice_number.as_deref() == Some(corrects.number.as_str()),
    };
    let lines = Decimal::from(u32::try_from(corrects.lines.len()).unwrap_or(u32::MAX));
    let effect = request.content.effect().map(|effect| effect.gross);
    let is_near = |gross: Decimal| effect.is_some_and(|effect| (gross - effect).abs() <= dec!(0.02) * lines);
    let unmarked = row.notes.as_deref().is_none_or(|notes| notes.trim().is_empty());
    unmarked && original(row) && row.gross().is_some_and(is_near)
}

/// The document was read.
fn document(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let own = own(&mut progress.facts)?;
    own.read += 1;
    let times = own.read;
    let again = || if times < ASKED_MAX { Ok(()) } else { Err(waiting(ASK_LATER)) };
    let is_new = own.left_now;
    let read: Document = match answer {
        Ok(answer) => read(purpose, &answer)?,
        Err(error) if error.code() == ErrorCode::NotFound && (is_new || times < ASKED_MAX) => return again(),
        Err(error) if error.code() == ErrorCode::NotFound => {
            return Err(unclear("inFakt made this document and has it no more: somebody may have deleted it"));
        }
        Err(error) => return Err(error),
    };
    if read.number.as_deref().is_none_or(str::is_empty) {
        return again();
    }
    if read.kind.as_deref().is_some_and(|kind| kind != super::kind(request.content.kind)) {
        let number = read.number.unwrap_or_default();
        let message =
            format!("{NAME} made a document of another kind, {number}. Remove it there and settle this one by hand.");
        let error = LedgerError::new(ErrorKind::Uncertain, ErrorCode::Mismatch, Operation::Compare, message);
        return Err(error.about(&number).with_booking(&number));
    }
    let link = read.link();
    own.document = Some(read);
    if link.is_none() && request.options.get(&map::PUBLIC_PAGE) == Some("made") {
        return Ok(());
    }
    settle(request, progress, link)
}

fn settle(request: &PassRequest<'_>, progress: &mut Progress, link: Option<String>) -> Result<(), LedgerError> {
    let own = own(&mut progress.facts)?;
    let (Some(document), Some((uuid, found))) = (own.document.take(), own.made.clone()) else {
        return Err(malformed(Operation::Fetch, Effect::Reads));
    };
    let (gross, ksef) = (document.gross(), document.ksef());
    let number = document.number.unwrap_or_default();
    let passed = PassedDocument { id: uuid, number, link, gross, ksef, found };
    progress.facts.own_booking = Looked::Done;
    progress.facts.remark = differs(request, &passed);
    progress.facts.passed = Some(passed);
    Ok(())
}

/// What differs although the ledger has the document: its number, where ours counts, or its total.
fn differs(request: &PassRequest<'_>, passed: &PassedDocument) -> Option<LedgerError> {
    let Some(number) = request.number().filter(|number| *number != passed.number) else {
        return request.difference(NAME, passed);
    };
    let message = format!(
        "{NAME} gave this document the number {} instead of {number}. The document was made; change its number there.",
        passed.number
    );
    let differs = format!("{} ≠ {number}", passed.number);
    Some(LedgerError::rejected(ErrorCode::Mismatch, Operation::Compare, message).about(differs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_outlives_the_process_reads_back() {
        let some = |text: &str| Some(text.to_owned());
        for kept in [
            Kept::default(),
            Kept { left: true, ..Kept::default() },
            Kept { number: some("FV 12/03/2026"), ..Kept::default() },
            Kept { task: some("6f0c2f5e-task"), number: some("FV 12/03/2026"), left: true },
            Kept { task: some("6f0c2f5e-task"), number: None, left: true },
        ] {
            assert_eq!(Kept::of(&kept.checkpoint()), kept);
        }
        assert!(Kept::of(&Checkpoint { holder: some("?") }).left, "what cannot be read may have been left");
    }
}
