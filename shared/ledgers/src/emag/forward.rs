//! The way of a document: its order is read until it is finalized; when an earlier attempt was begun, or an answer says nothing, what
//! goes with the order is looked through for our address; and the address is saved, once.

use super::{
    ATTACHMENTS, NAME, ORDER, SAVE, TITLE,
    errors::{self, Said},
    post,
    wire::{self, Attachment, ById, OfOrder, Order, Stage},
};
use crate::{
    ForwardRequest, Forwarded, ForwardedAs,
    call::{Answer, Endpoint, Purpose, Target},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    forwarding,
    loose::Loose,
    push::{Found, Looked, Progress, Step},
};
use chrono::TimeDelta;
use domain::sales::{Fulfilment, IssuedKind};
use std::time::Duration;
use url::{Host, Url};

/// The most characters of an address.
const ADDRESS_CHARS_MAX: usize = 1_024;
/// The most characters of what customers read.
const NAME_CHARS_MAX: usize = 60;
/// So long an order is waited for.
const PATIENCE: TimeDelta = TimeDelta::days(14);
/// How often it is read on the first day, and later. Not a whole number of hours: eMAG asks not to begin on the hour.
const SOON: Duration = Duration::from_mins(67);
const LATER: Duration = Duration::from_mins(367);

/// What only this marketplace wants to know.
#[derive(Debug, Default)]
struct Own {
    order: Option<Order>,
    /// The document was answered by an error in words that nobody knows: whether it is there is looked up before that is believed.
    unclear: Option<LedgerError>,
}

/// What is asked of the request itself.
struct Asked<'a> {
    order: u64,
    address: &'a str,
}

impl<'a> Asked<'a> {
    fn of(at: &Endpoint, request: &ForwardRequest<'a>) -> Result<Self, LedgerError> {
        let order = request.order.trim().parse().ok().filter(|order| *order > 0).ok_or_else(|| {
            let message = format!(
                "'{}' is no number of an order at {NAME}: those have digits only. Correct the order.",
                request.order
            );
            LedgerError::rejected(ErrorCode::OrderUnknown, Operation::Prepare, message).about(request.order)
        })?;
        let usable = |address: &&str| fits(at, address);
        let address = request.address.filter(usable).ok_or_else(|| {
            let message = format!(
                "{NAME} fetches documents from an address, and this one has none that it takes. We have to repair that; add the \
                 document to the order there by hand."
            );
            LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Prepare, message)
        })?;
        Ok(Self { order, address })
    }
}

/// Whether an address is one that eMAG takes. A simulator fetches from this machine.
fn fits(at: &Endpoint, address: &str) -> bool {
    let Ok(url) = Url::parse(address) else { return false };
    let here = match url.host() {
        Some(Host::Domain(name)) => name == "localhost",
        Some(Host::Ipv4(ip)) => ip.is_loopback(),
        Some(Host::Ipv6(ip)) => ip.is_loopback(),
        None => false,
    };
    let secure = url.scheme() == "https" || (at.is_test() && url.scheme() == "http" && here);
    secure
        && url.path().rsplit_once('.').is_some_and(|(_, end)| end == "pdf")
        && address.chars().count() <= ADDRESS_CHARS_MAX
}

pub(super) fn next(
    at: &Target,
    request: &ForwardRequest<'_>,
    progress: &Progress,
) -> Result<Step<Forwarded>, LedgerError> {
    let facts = &progress.facts;
    if let Some(forwarded) = &facts.forwarded {
        return Ok(Step::Done(Box::new(forwarded.clone())));
    }
    let asked = Asked::of(&at.endpoint, request)?;
    let Some(order) = facts.own::<Own>().and_then(|own| own.order) else {
        return post(Operation::Forward, ORDER, &ById { id: asked.order }).map(Step::Call);
    };
    let order_type =
        order.kind.unwrap_or_else(|| match request.place.map(|place| place.fulfilled_by).unwrap_or_default() {
            Fulfilment::Marketplace => 2,
            Fulfilment::Seller => 3,
        });
    let call = if facts.own_booking == Looked::Done {
        let attachment = Attachment {
            order_id: asked.order,
            order_type,
            name: name(request),
            kind: if request.kind == IssuedKind::ProForma { 11 } else { 1 },
            force_download: 1,
            url: asked.address,
        };
        post(Operation::Forward, SAVE, &[attachment])
    } else {
        post(Operation::Forward, ATTACHMENTS, &OfOrder { order_id: asked.order, order_type })
    };
    call.map(Step::Call)
}

/// What the customer reads.
fn name(request: &ForwardRequest<'_>) -> String {
    let title = match request.kind {
        IssuedKind::Invoice | IssuedKind::Receipt => request.options.get(&TITLE).unwrap_or("Invoice"),
        IssuedKind::Correction => "Credit note",
        IssuedKind::ProForma => "Pro forma",
    };
    format!("{title} {}", request.number.trim()).chars().take(NAME_CHARS_MAX).collect()
}

pub(super) fn learn(
    request: &ForwardRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    match purpose.resource {
        ORDER => read(request, progress, purpose, &answer?),
        ATTACHMENTS => looked(request, progress, purpose, &answer?),
        _ => saved(request, progress, purpose, &answer?),
    }
}

/// The order was read.
fn read(
    request: &ForwardRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: &Answer,
) -> Result<(), LedgerError> {
    let body = errors::opened(purpose, answer)?;
    let rows = body.list("results").ok_or_else(|| errors::malformed(purpose))?;
    let asked: Option<i64> = request.order.trim().parse().ok();
    let ours = |row: &&Loose| asked.is_some() && row.whole("id") == asked;
    let Some(row) = rows.iter().find(ours) else {
        let code = ErrorCode::OrderUnknown;
        return Err(LedgerError::rejected(code, purpose.operation, errors::sentence(code)).about(request.order));
    };
    if is_there(request, &row.list("attachments").unwrap_or_default()) {
        return there(request, progress);
    }
    let order = Order::read(row).ok_or_else(|| errors::malformed(purpose))?;
    match order.stage {
        Stage::Open => return Err(open(request, progress)),
        Stage::Cancelled => {
            let message = format!(
                "The order was cancelled in {NAME}: its document is not forwarded. If that is wrong, add it there by hand."
            );
            return Err(LedgerError::rejected(ErrorCode::OrderOpen, purpose.operation, message).about(request.order));
        }
        Stage::Finished => {}
    }
    forwarding::own::<Own>(progress)?.order = Some(order);
    Ok(())
}

/// The order is not finalized: it is read again by itself, for two weeks.
fn open(request: &ForwardRequest<'_>, progress: &Progress) -> LedgerError {
    let waited = progress.facts.now - request.first_tried;
    let code = ErrorCode::OrderOpen;
    if waited >= PATIENCE {
        return LedgerError::rejected(code, Operation::Forward, errors::sentence(code)).about(request.order);
    }
    let after = if waited < TimeDelta::days(1) { SOON } else { LATER };
    let message = format!("The order is not finalized in {NAME} yet. It is looked at again by itself, for two weeks.");
    LedgerError::retryable(Some(after), code, Operation::Forward, message).about(request.order)
}

/// What goes with the order was looked through.
fn looked(
    request: &ForwardRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: &Answer,
) -> Result<(), LedgerError> {
    let body = errors::opened(purpose, answer)?;
    let rows = body.list("results").ok_or_else(|| errors::malformed(purpose))?;
    if is_there(request, &rows) {
        return there(request, progress);
    }
    // What is not there was refused, in whatever words.
    if let Some(error) = &forwarding::own::<Own>(progress)?.unclear {
        return Err(error.clone());
    }
    progress.facts.own_booking = Looked::Done;
    Ok(())
}

/// The document was sent.
fn saved(
    request: &ForwardRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: &Answer,
) -> Result<(), LedgerError> {
    match errors::body(answer) {
        Some(Said::Fine(_)) => {
            settle(request, progress, Found::Created);
            Ok(())
        }
        Some(Said::Error(text)) if errors::is_unclear(purpose, &text) => {
            forwarding::own::<Own>(progress)?.unclear = Some(errors::judge(purpose, &text));
            progress.facts.own_booking = Looked::NotYet;
            Ok(())
        }
        Some(Said::Error(text)) if errors::meaning(&text) == Some(ErrorCode::OrderOpen) => {
            Err(open(request, progress).with_ledger_text(&text))
        }
        Some(Said::Error(text)) => Err(errors::judge(purpose, &text)),
        None => Err(errors::malformed(purpose)),
    }
}

fn is_there(request: &ForwardRequest<'_>, attachments: &[Loose]) -> bool {
    request.address.is_some_and(|address| wire::holds(attachments, address))
}

/// An earlier attempt had succeeded, or this one although it was answered by an error.
fn there(request: &ForwardRequest<'_>, progress: &mut Progress) -> Result<(), LedgerError> {
    let found = match forwarding::own::<Own>(progress)?.unclear {
        Some(_) => Found::Created,
        None => Found::Again,
    };
    settle(request, progress, found);
    Ok(())
}

fn settle(request: &ForwardRequest<'_>, progress: &mut Progress, found: Found) {
    let id = request.address.unwrap_or_default().to_owned();
    progress.facts.own_booking = Looked::Done;
    progress.facts.forwarded = Some(Forwarded { id, found, outcome: ForwardedAs::Accepted });
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_public_and_a_pdf() {
        let here = Endpoint::test("http://127.0.0.1:8099/emag").unwrap();
        let there = Endpoint::of_site(&super::super::DESCRIPTOR, "ro").unwrap();
        let public = "https://files.example.com/i/6f1d0c2b9a/FV-7-2026.pdf";
        assert!(fits(&here, public) && fits(&there, public));
        let local = "http://127.0.0.1:8099/i/6f1d0c2b9a/FV-7-2026.pdf";
        assert!(fits(&here, local) && !fits(&there, local), "only a simulator fetches from this machine");
        let long = format!("https://files.example.com/{}.pdf", "a".repeat(1_024));
        for wrong in
            ["http://files.example.com/a.pdf", "https://files.example.com/a", "ftp://x/a.pdf", "a.pdf", "", &long]
        {
            assert!(!fits(&here, wrong) && !fits(&there, wrong), "{wrong}");
        }
    }
}
