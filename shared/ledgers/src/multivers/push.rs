//! A push, one request at a time: find or make the relation, find the period, look for an earlier attempt's invoice, check
//! what the booking names, look for somebody else's invoice, and send it. Our reference stands in the invoice itself, so
//! nothing is left behind by an attempt that was refused.
//!
//! The last look before the invoice is sent notes in the checkpoint that it is about to be: an attempt that finds this
//! note, and no invoice, does not know what became of it.

use super::{
    api, checks, contacts,
    known::{Known, Period, Search},
    map::{Link, Plan, Told},
    options, periods, search,
    wire::Object,
};
use crate::{
    call::{Answer, Call, Purpose, Target},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{Asked, Booked, Duplicates, Facts, Found, LedgerDocument, Looked, Progress, PushRequest, Step, compare},
};

const PERIODS: &str = "PeriodInfoList";
const INVOICE_ID: &str = "GetInvoiceIdCommand";
/// In the checkpoint: an invoice is about to be sent.
const ANNOUNCED: &str = "sending";
/// The same, with its id.
const ANNOUNCED_AS: &str = "id:";

pub(super) fn next(
    name: &'static str,
    at: &Target,
    request: &PushRequest<'_>,
    progress: &Progress,
) -> Result<Step, LedgerError> {
    let plan = Plan::of(name, request)?;
    let facts = &progress.facts;
    if let Some(refusal) = &Known::of(facts).refusal {
        return Err(refusal.clone());
    }
    if let Some(booked) = &facts.booking {
        if !booked.is_complete() && facts.read_back == Looked::NotYet {
            return search::by_id(at, name, Operation::Compare, plan.side.invoice, &booked.id).map(Step::Call);
        }
        return finish(&plan, facts, booked).map(|document| Step::Done(Box::new(document)));
    }
    if let Some(id) = announced_as(progress).filter(|_| Known::of(facts).probed == Looked::NotYet)
        && facts.own_booking == Looked::NotYet
    {
        return search::by_id(at, name, Operation::FindHolder, plan.side.invoice, id).map(Step::Call);
    }
    let Some(relation) = contacts::known(request, facts) else {
        return contacts::next(at, &plan, request, facts).map(Step::Call);
    };
    let period = period(&plan, facts);
    if period.is_none()
        && let Some(call) = ask_period(at, &plan, facts)?
    {
        return Ok(Step::Call(call));
    }
    if facts.own_booking == Looked::NotYet {
        return search::next(at, &plan, facts, Operation::FindBooking, &relation).map(Step::Call);
    }
    let period = period.ok_or_else(|| periods::missing(&plan))?;
    periods::check(&plan, &period)?;
    if let Some(call) = checks::next(at, &plan, request, facts, &period)? {
        return Ok(Step::Call(call));
    }
    if is_doubtful(&plan, request, progress) {
        return Err(parked(&plan));
    }
    if let Some(operation) = search::looking(facts) {
        return search::next(at, &plan, facts, operation, &relation).map(Step::Call);
    }
    let own = Known::of(facts);
    if reserves(&plan) && own.invoice_id.is_none() {
        let path = api::path(at, Operation::CreateHolder, name, INVOICE_ID)?;
        return api::post(Operation::CreateHolder, INVOICE_ID, path, &Object::default()).map(Step::Call);
    }
    let told = Told {
        relation: &relation,
        period: (period.year, period.number),
        condition: checks::condition(&plan, own).unwrap_or_default(),
        rate: own.rate,
        link: own.link,
        invoice_id: own.invoice_id.as_deref(),
    };
    let path = api::path(at, Operation::CreateBooking, name, plan.side.invoice)?;
    api::post(Operation::CreateBooking, plan.side.invoice, path, &plan.invoice(&told)).map(Step::Call)
}

fn period(plan: &Plan<'_>, facts: &Facts) -> Option<Period> {
    Known::of(facts).period.clone().or_else(|| periods::by_calendar(plan))
}

/// Asks for the periods of the next year that may have the day; none when all were asked for.
fn ask_period(at: &Target, plan: &Plan<'_>, facts: &Facts) -> Result<Option<Call>, LedgerError> {
    let Some(year) = periods::years(plan.day()).get(Known::of(facts).years).copied() else { return Ok(None) };
    let path = api::path(at, Operation::ReadCodes, plan.name, &format!("{PERIODS}?fiscalYear={year}"))?;
    Ok(Some(api::get(Operation::ReadCodes, PERIODS, path)))
}

/// Whether the id of the invoice is asked for beforehand.
fn reserves(plan: &Plan<'_>) -> bool {
    plan.options.get(&options::INVOICE_ID) == Some("reserve")
}

/// The id under which an earlier attempt may have sent the invoice.
fn announced_as(progress: &Progress) -> Option<&str> {
    progress.checkpoint.holder.as_deref()?.strip_prefix(ANNOUNCED_AS)
}

/// Whether an earlier attempt may have sent the invoice, and a look that found none is not believed. A person's word that
/// it is not in the ledger is.
fn is_doubtful(plan: &Plan<'_>, request: &PushRequest<'_>, progress: &Progress) -> bool {
    let earlier = progress.checkpoint.holder.is_some() && Known::of(&progress.facts).announced == Looked::NotYet;
    // No invoice has the id: it was not booked.
    let is_known = announced_as(progress).is_some() && Known::of(&progress.facts).probed == Looked::Done;
    let is_settled = is_known || request.duplicates == Duplicates::Accepted;
    earlier && !is_settled && plan.options.get(&options::UNKNOWN_OUTCOME) == Some("park")
}

fn parked(plan: &Plan<'_>) -> LedgerError {
    let (name, option) = (plan.name, options::UNKNOWN_OUTCOME.key);
    let message = format!(
        "This document was sent to {name}, the answer was lost, and no such booking is in its list; but whether the list \
         shows our bookings was never confirmed. Look in {name} whether it was booked, and settle this document by hand. \
         Once it is certain that the list shows them, set '{option}' in the connection."
    );
    LedgerError::new(ErrorKind::Uncertain, ErrorCode::Held, Operation::FindBooking, message).about(option)
}

fn finish(plan: &Plan<'_>, facts: &Facts, booked: &Booked) -> Result<LedgerDocument, LedgerError> {
    let asked = Asked { posting: plan.posting, reference: plan.number, vat: plan.posting.vat };
    compare(&asked, booked, plan.name)?;
    Ok(LedgerDocument {
        id: booked.id.clone(),
        number: booked.number.clone(),
        link: None,
        creator: None,
        contact: booked.contact.clone(),
        found: booked.found,
        codes: facts.codes.clone(),
    })
}

/// Reads an answer into what is known.
pub(super) fn learn(
    name: &'static str,
    request: &PushRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let plan = Plan::of(name, request)?;
    match purpose.operation {
        Operation::FindContact | Operation::CreateContact => {
            contacts::learn(&plan, request, &mut progress.facts, purpose, &answer?)
        }
        Operation::ReadCodes if purpose.resource == PERIODS => learn_periods(&plan, &mut progress.facts, answer),
        Operation::ReadCodes => match period(&plan, &progress.facts) {
            Some(period) => checks::learn(&plan, request, &mut progress.facts, purpose, &answer?, &period),
            None => Ok(()),
        },
        Operation::FindBooking | Operation::CheckDuplicate => {
            search::learn(&plan, request, &mut progress.facts, purpose, answer)?;
            if search::looking(&progress.facts).is_none() && progress.facts.booking.is_none() {
                // With an id of its own it is announced once it has that.
                if !reserves(&plan) {
                    progress.checkpoint.holder = Some(ANNOUNCED.to_owned());
                }
                Known::change(&mut progress.facts, |known| known.announced = Looked::Done);
            }
            Ok(())
        }
        Operation::FindHolder => probed(&plan, request, &mut progress.facts, purpose, answer),
        Operation::CreateHolder => {
            let id = api::answered(&answer?, "invoiceId");
            let id = id.ok_or_else(|| api::malformed(name, purpose.operation, purpose.effect))?;
            progress.checkpoint.holder = Some(format!("{ANNOUNCED_AS}{id}"));
            Known::change(&mut progress.facts, |known| known.invoice_id = Some(id));
            Ok(())
        }
        Operation::CreateBooking => created(&plan, request, progress, purpose, answer),
        Operation::Compare => {
            let invoice = api::record(name, purpose, &answer?)?;
            let facts = &mut progress.facts;
            facts.read_back = Looked::Done;
            if let Some(before) = facts.booking.take() {
                let read = plan.booked(&invoice, Some(&before.contact), before.found);
                facts.booking = Some(read.unwrap_or(before));
            }
            Ok(())
        }
        Operation::Prepare
        | Operation::ExchangeCode
        | Operation::RefreshToken
        | Operation::Identity
        | Operation::Directory
        | Operation::ListFiles
        | Operation::AttachFile
        | Operation::Fetch
        | Operation::Template
        | Operation::Forward => Ok(()),
    }
}

fn learn_periods(plan: &Plan<'_>, facts: &mut Facts, answer: Result<Answer, LedgerError>) -> Result<(), LedgerError> {
    let asked = Known::of(facts).years;
    let all = periods::years(plan.day());
    let found = match answer {
        Ok(answer) => {
            let rows = api::rows(plan.name, Operation::ReadCodes, &answer)?;
            periods::containing(plan, all.get(asked).copied().unwrap_or_default(), &rows)
        }
        // Not every year need exist; when none is left, this is what is wrong.
        Err(error) if error.kind() == ErrorKind::Rejected && asked + 1 < all.len() => None,
        Err(error) => return Err(error),
    };
    Known::change(facts, |known| {
        known.years = asked + 1;
        known.period = found;
    });
    Ok(())
}

/// Reads whether there is an invoice with the id that an earlier attempt had asked for, and whether it is ours.
fn probed(
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    facts: &mut Facts,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    match answer {
        Ok(answer) => {
            let invoice = api::record(plan.name, purpose, &answer)?;
            let relation = contacts::known(request, facts);
            facts.booking = plan.booked(&invoice, relation.as_ref(), Found::Again).filter(|_| plan.is_ours(&invoice));
        }
        Err(error) if error.code() == ErrorCode::NotFound => {}
        Err(error) => return Err(error),
    }
    Known::change(facts, |known| known.probed = Looked::Done);
    Ok(())
}

/// Reads what became of the invoice.
fn created(
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let operation = purpose.operation;
    let invoice = match answer.and_then(|answer| {
        let invoice = api::record(plan.name, purpose, &answer)?;
        // Success that says what is wrong, and has no id, is none.
        match (invoice.text(&["invoiceId"]), super::errors::said(&answer)) {
            (None, Some(_)) => Err(super::errors::refusal(plan.name, purpose, &answer)),
            (_, _) => Ok(invoice),
        }
    }) {
        Ok(invoice) => invoice,
        Err(error) => return refused(plan, progress, error),
    };
    let relation = contacts::known(request, &progress.facts);
    let booked = plan.booked(&invoice, relation.as_ref(), Found::Created);
    progress.facts.booking = Some(booked.ok_or_else(|| api::malformed(plan.name, operation, purpose.effect))?);
    Ok(())
}

fn refused(plan: &Plan<'_>, progress: &mut Progress, error: LedgerError) -> Result<(), LedgerError> {
    let facts = &mut progress.facts;
    // Without its module the ledger takes no link: the booking goes without.
    if super::errors::is_about_link(&error) && Known::of(facts).link == Link::Sent {
        let message = format!(
            "{} took the booking, but not its link to the document: the module for documents may be missing there. Set \
             '{}' in the connection to leave links out.",
            plan.name,
            options::DOCUMENT_LINK.key
        );
        let remark = LedgerError::rejected(error.code(), error.operation(), message).about(options::DOCUMENT_LINK.key);
        facts.remark = Some(remark.with_ledger_text(error.ledger_text().unwrap_or_default()));
        Known::change(facts, |known| known.link = Link::Refused);
        return Ok(());
    }
    if error.kind() == ErrorKind::Unknown {
        return Err(error);
    }
    // Nothing was booked, and nobody need wonder later. What comes next is announced anew.
    progress.checkpoint.holder = None;
    facts.duplicates = Looked::NotYet;
    let is_last = matches!(error.kind(), ErrorKind::Rejected | ErrorKind::Uncertain | ErrorKind::Bug);
    Known::change(facts, |known| {
        known.search = Search::default();
        known.invoice_id = None;
        known.refusal = is_last.then(|| error.clone());
    });
    // That nothing is under way is stored before the end is told: what is posted again later begins with it.
    if is_last { Ok(()) } else { Err(error) }
}
