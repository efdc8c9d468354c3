//! Invoices of the relation that may be this document: one of an earlier attempt of ours, or somebody else's. Lists tell
//! the number; whose an invoice is tells our reference in its lines, so each that may be it is read.

use super::{
    api::{self, After},
    known::{Known, Search},
    map::Plan,
};
use crate::{
    call::{Answer, Call, Purpose, Target},
    error::{ErrorCode, LedgerError, Operation},
    push::{Duplicates, Facts, Found, Looked, PushRequest},
};
use chrono::Datelike;
use domain::ledger::LedgerContact;

/// More invoices of one number are not read one by one.
const CANDIDATES_MAX: usize = 20;

/// Fiscal years in which the document may stand: that of its period and the next one, and those of its own date.
fn years(plan: &Plan<'_>, facts: &Facts) -> Vec<i64> {
    let period = Known::of(facts).period.as_ref().map_or_else(|| i64::from(plan.day().year()), |period| period.year);
    let own = i64::from(plan.posting.issue_date.year());
    let mut years = Vec::new();
    for year in [period, period + 1, own, own + 1] {
        if !years.contains(&year) {
            years.push(year);
        }
    }
    years
}

/// What is being looked for now; an earlier attempt's before all checks, somebody else's after them.
pub(super) fn looking(facts: &Facts) -> Option<Operation> {
    match (facts.own_booking, facts.duplicates) {
        (Looked::NotYet, _) => Some(Operation::FindBooking),
        (Looked::Done, Looked::NotYet) => Some(Operation::CheckDuplicate),
        (Looked::Done, Looked::Done) => None,
    }
}

/// The next request of a search.
pub(super) fn next(
    at: &Target,
    plan: &Plan<'_>,
    facts: &Facts,
    operation: Operation,
    relation: &LedgerContact,
) -> Result<Call, LedgerError> {
    let known = Known::of(facts);
    if let Some(id) = known.search.unread.last() {
        return by_id(at, plan.name, operation, plan.side.invoice, id);
    }
    let year = years(plan, facts).into_iter().nth(known.search.years).unwrap_or_default();
    let id = api::encoded(relation.as_str());
    // Whatever became of them: paid ones as well.
    let under = format!("{}/ByFiscalYear/{year}/0?id={id}", plan.side.invoices);
    let path = api::path(at, operation, plan.name, &under)?;
    Ok(api::get(operation, plan.side.invoices, api::paged(&path, known.paging.skip)))
}

/// A request for an invoice by its id.
pub(super) fn by_id(
    at: &Target,
    name: &str,
    operation: Operation,
    invoice: &'static str,
    id: &str,
) -> Result<Call, LedgerError> {
    let id = api::segment(id).ok_or_else(|| api::malformed(name, operation, crate::Effect::Reads))?;
    Ok(api::get(operation, invoice, api::path(at, operation, name, &format!("{invoice}/{id}"))?))
}

/// Reads the answer to [`next`].
pub(super) fn learn(
    plan: &Plan<'_>,
    request: &PushRequest<'_>,
    facts: &mut Facts,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let operation = purpose.operation;
    if purpose.resource == plan.side.invoice {
        let candidate = match answer {
            Ok(answer) => Some(api::record(plan.name, purpose, &answer)?),
            // Removed between being listed and being read.
            Err(error) if error.code() == ErrorCode::NotFound => None,
            Err(error) => return Err(error),
        };
        let ours = candidate.as_ref().is_some_and(|invoice| plan.is_ours(invoice));
        let relation = facts.contact.as_ref().or(request.contact.ledger_contact.as_ref());
        let booked = candidate.map(|invoice| {
            let booked = plan.booked(&invoice, relation, Found::Again);
            booked.ok_or_else(|| api::malformed(plan.name, operation, crate::Effect::Reads))
        });
        let booked = booked.transpose()?;
        let foreign = booked.as_ref().filter(|booked| !ours && plan.is_same_kind(booked));
        let foreign = foreign.map(|booked| booked.number.clone());
        Known::change(facts, |known| {
            let Search { unread, read, foreign: known, .. } = &mut known.search;
            read.extend(unread.pop());
            *known = known.take().or(foreign);
        });
        facts.booking = booked.filter(|_| ours);
        return ended(plan, request, facts);
    }
    let (years, searched) = (years(plan, facts).len(), Known::of(facts).search.years);
    let rows = match answer {
        Ok(answer) => api::rows(plan.name, operation, &answer)?,
        // A year after or before the first one need not exist.
        Err(error) if searched > 0 && is_no_year(error.code()) => Vec::new(),
        Err(error) => return Err(error),
    };
    let relation = facts.contact.as_ref().or(request.contact.ledger_contact.as_ref()).map(LedgerContact::as_str);
    let mut ids: Vec<String> = Vec::new();
    for row in &rows {
        let theirs = row.text(&[plan.side.relation_id]);
        // The filter may have been passed over.
        let same_relation = theirs.is_none() || theirs.as_deref() == relation;
        if let Some(id) = row.text(&["invoiceId"]).filter(|_| same_relation && plan.may_be(row)) {
            ids.push(id);
        }
    }
    let after = Known::of(facts).paging.after(&rows, &["invoiceId"]);
    Known::change(facts, |known| {
        let Search { unread, read, .. } = &mut known.search;
        for id in ids {
            if !read.contains(&id) && !unread.contains(&id) {
                unread.push(id);
            }
        }
        known.paging = match &after {
            After::More(paging) => paging.clone(),
            After::End | After::TooMany => {
                known.search.years = (searched + 1).min(years);
                api::Paging::default()
            }
        };
    });
    if after == After::TooMany || Known::of(facts).search.unread.len() > CANDIDATES_MAX {
        return Err(api::too_many(plan.name, operation, "invoices of one relation or number"));
    }
    ended(plan, request, facts)
}

fn is_no_year(code: ErrorCode) -> bool {
    matches!(code, ErrorCode::NotFound | ErrorCode::WrongDivision | ErrorCode::Refused | ErrorCode::YearMissing)
}

/// Ends a search once all years were looked through and everything found was read.
fn ended(plan: &Plan<'_>, request: &PushRequest<'_>, facts: &mut Facts) -> Result<(), LedgerError> {
    let known = Known::of(facts);
    let is_over = known.search.unread.is_empty() && known.search.years >= years(plan, facts).len();
    if facts.booking.is_some() || !is_over {
        return Ok(());
    }
    let foreign = known.search.foreign.clone();
    let was = looking(facts);
    Known::change(facts, |known| known.search = Search::default());
    if was == Some(Operation::FindBooking) {
        facts.own_booking = Looked::Done;
        // Nothing of ours: whose the others are is told at once.
        if foreign.is_none() || request.duplicates == Duplicates::Accepted {
            return Ok(());
        }
    }
    match foreign {
        Some(number) if request.duplicates == Duplicates::Refuse => Err(duplicate(plan, &number)),
        Some(_) | None => {
            facts.duplicates = Looked::Done;
            Ok(())
        }
    }
}

fn duplicate(plan: &Plan<'_>, booking: &str) -> LedgerError {
    let message = format!(
        "{} already has this document: booking {booking} of the same {} has number {}. Look at it there; if it is another \
         document, post this one again and accept the duplicate.",
        plan.name, plan.side.role, plan.number
    );
    LedgerError::rejected(ErrorCode::Duplicate, Operation::CheckDuplicate, message).with_booking(booking)
}
