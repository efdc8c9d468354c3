//! The way of a document: a place for it, the document, the feed, how far that is, where its report is, and the report.
//!
//! That a feed may have been made is stored before it is, and its id as soon as it is known: a feed whose answer was lost is looked for
//! among those of that time, and taken for ours when it belongs to no other document. Nothing that Amazon lists names the document.

use super::{
    API, DOCUMENTS, FEED, FEEDS, NAME, REPORT, RESULT, UPLOAD,
    errors::{self, Meaning},
    map, post, reading, report,
    wire::{self, Document, FEED_TYPE, Feed, Feeds, Made, NewDocument, PDF, Status},
};
use crate::{
    ForwardRequest, Forwarded, ForwardedAs,
    auth::Secret,
    call::{Answer, Body, Call, Effect, Purpose, Target},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    forwarding,
    push::{Checkpoint, Found, Progress, Step},
};
use chrono::{SecondsFormat, TimeDelta};
use domain::time::Instant;
use std::{sync::Mutex, time::Duration};
use url::form_urlencoded;

/// A feed whose answer was lost is looked for from so long before it was asked for: clocks differ.
const BEFORE: TimeDelta = TimeDelta::minutes(1);
/// After so many looks that found none there is none.
const LOOKS: u32 = 2;
/// Between them.
const BETWEEN_LOOKS: TimeDelta = TimeDelta::minutes(1);
/// How often a place for the document is asked for in one attempt, and the address of the report.
const ADDRESSES_MAX: usize = 3;
/// So long an order that is not known is tried again, and how often.
const PATIENCE: TimeDelta = TimeDelta::hours(24);
const ORDER_AGAIN: Duration = Duration::from_hours(1);
/// A feed that was cancelled is made again after this.
const CANCELLED_AGAIN: Duration = Duration::from_mins(2);
/// A feed that takes longer is for a person.
const LONGEST: TimeDelta = TimeDelta::days(2);

/// What outlives the process.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
enum Kept {
    /// No feed was made.
    #[default]
    Nothing,
    /// One may have been made of this document from then on; it was looked for so often.
    Begun { since: Instant, looks: u32, document: String },
    /// It was made about then, and known by the answer or by a look.
    Made { since: Instant, feed: String, found: Found },
}

impl Kept {
    /// The letters say what follows.
    fn of(checkpoint: &Checkpoint) -> Self {
        let words: Vec<&str> = checkpoint.holder.as_deref().unwrap_or_default().split(' ').collect();
        let instant = |text: &str| Instant::from_timestamp(text.parse().ok()?, 0);
        let read = || match words.as_slice() {
            ["b", since, looks, document] => {
                let (since, looks) = (instant(since)?, looks.parse().ok()?);
                Some(Self::Begun { since, looks, document: (*document).to_owned() })
            }
            [letter @ ("f" | "a"), since, feed] => {
                let found = if *letter == "f" { Found::Created } else { Found::Again };
                Some(Self::Made { since: instant(since)?, feed: (*feed).to_owned(), found })
            }
            _ => None,
        };
        read().unwrap_or_default()
    }

    fn checkpoint(&self) -> Checkpoint {
        let holder = match self {
            Self::Nothing => None,
            Self::Begun { since, looks, document } => Some(format!("b {} {looks} {document}", since.timestamp())),
            Self::Made { since, feed, found } => {
                let letter = match found {
                    Found::Created => "f",
                    Found::Again => "a",
                };
                Some(format!("{letter} {} {feed}", since.timestamp()))
            }
        };
        Checkpoint { holder }
    }
}

pub(super) fn known(checkpoint: &Checkpoint) -> Option<String> {
    match Kept::of(checkpoint) {
        Kept::Made { feed, .. } => Some(feed),
        Kept::Nothing | Kept::Begun { .. } => None,
    }
}

/// Where the report is, and how it is packed.
#[derive(Debug, Clone)]
struct ReportAt {
    address: Secret,
    packing: Option<String>,
}

/// What only this marketplace wants to know.
#[derive(Debug, Default)]
struct Own {
    /// A place for the document: its id and address.
    place: Option<(String, Secret)>,
    /// Addresses that turned out too old.
    too_old: usize,
    /// Whether the document was put there in this attempt, so that no feed can have been made of it.
    is_put: bool,
    /// Whether the feed was made in this attempt.
    made_now: bool,
    /// When feeds were last looked through, or this one last asked for.
    asked_at: Option<Instant>,
    /// How the feed ended, and the document that is its report.
    ended: Option<(Status, String)>,
    report: Option<ReportAt>,
    /// Whether the access was refused before.
    refused: bool,
    /// What is told after it is stored that nothing is under way any more, and once, so that the same step may follow.
    told: Mutex<Option<LedgerError>>,
}

pub(super) fn next(
    _at: &Target,
    request: &ForwardRequest<'_>,
    progress: &Progress,
) -> Result<Step<Forwarded>, LedgerError> {
    let facts = &progress.facts;
    if let Some(forwarded) = &facts.forwarded {
        return Ok(Step::Done(Box::new(forwarded.clone())));
    }
    let nothing = Own::default();
    let own = facts.own::<Own>().unwrap_or(&nothing);
    if let Some(error) = own.told.lock().ok().and_then(|mut told| told.take()) {
        return Err(error);
    }
    let call = match Kept::of(&progress.checkpoint) {
        Kept::Made { since, feed, .. } => match (&own.report, &own.ended) {
            (Some(report), _) => reading(REPORT, report.address.expose().to_owned()),
            (None, Some((_, document))) => reading(RESULT, format!("{API}/documents/{document}")),
            (None, None) => {
                // One that was just made is not ready; one of an earlier attempt has had its time.
                let last = own.asked_at.or(own.made_now.then_some(since));
                wait(last, pace(facts.now - since), facts.now)?;
                reading(FEED, format!("{API}/feeds/{feed}"))
            }
        },
        Kept::Begun { document, .. } if own.is_put => make(request, &document)?,
        Kept::Begun { since, .. } => {
            wait(own.asked_at, BETWEEN_LOOKS, facts.now)?;
            look(since)
        }
        Kept::Nothing => begin(request, own)?,
    };
    Ok(Step::Call(call))
}

/// How often a feed is asked for, by its age: most are done in seconds, and asking has its limits as well.
fn pace(age: TimeDelta) -> TimeDelta {
    match age.num_seconds() {
        ..60 => TimeDelta::seconds(5),
        60..600 => TimeDelta::seconds(30),
        600..7_200 => TimeDelta::minutes(5),
        _ => TimeDelta::minutes(30),
    }
}

/// Nothing is asked sooner than so long after the last time.
fn wait(last: Option<Instant>, pause: TimeDelta, now: Instant) -> Result<(), LedgerError> {
    let left = last.map_or(TimeDelta::zero(), |last| last + pause - now);
    match left.to_std() {
        Ok(left) if !left.is_zero() => {
            let message =
                format!("{NAME} is still working on this document. It is asked again by itself what came of it.");
            Err(LedgerError::retryable(Some(left), ErrorCode::InProgress, Operation::Forward, message))
        }
        _ => Ok(()),
    }
}

/// A place for the document, and the document. Neither changes anything that a customer sees.
fn begin(request: &ForwardRequest<'_>, own: &Own) -> Result<Call, LedgerError> {
    map::mapped(request)?;
    let purpose = |resource| Purpose { operation: Operation::Forward, effect: Effect::Reads, resource };
    match &own.place {
        Some((_, address)) => {
            let body = Body::Put { content_type: PDF, bytes: request.pdf.to_vec() };
            Ok(Call { purpose: purpose(UPLOAD), path: address.expose().to_owned(), body })
        }
        None => post(purpose(DOCUMENTS), format!("{API}/documents"), &NewDocument { content_type: PDF }),
    }
}

fn make(request: &ForwardRequest<'_>, document: &str) -> Result<Call, LedgerError> {
    let purpose = Purpose { operation: Operation::Forward, effect: Effect::Writes, resource: FEEDS };
    post(purpose, format!("{API}/feeds"), &map::mapped(request)?.feed(document))
}

/// Feeds of the time in which ours may have been made.
fn look(since: Instant) -> Call {
    let from = (since - BEFORE).to_rfc3339_opts(SecondsFormat::Secs, true);
    let mut query = form_urlencoded::Serializer::new(String::new());
    query.append_pair("feedTypes", FEED_TYPE).append_pair("createdSince", &from).append_pair("pageSize", "100");
    reading(FEED, format!("{API}/feeds?{}", query.finish()))
}

pub(super) fn learn(
    request: &ForwardRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    // Storage wants no access.
    if !matches!(purpose.resource, UPLOAD | REPORT) {
        let refused = answer.as_ref().err().filter(|error| error.kind() == ErrorKind::Unauthorised);
        let before = std::mem::replace(&mut forwarding::own::<Own>(progress)?.refused, refused.is_some());
        if let Some(error) = refused.filter(|_| before) {
            // What is under way stays so.
            let error = errors::no_role(error);
            return if purpose.resource == FEEDS { told(progress, error) } else { Err(error) };
        }
    }
    match purpose.resource {
        DOCUMENTS => place(progress, purpose, &answer?),
        UPLOAD => put(progress, answer),
        FEEDS => made(progress, purpose, answer),
        RESULT => result(progress, purpose, &answer?),
        REPORT => reported(request, progress, purpose, answer),
        _ => match Kept::of(&progress.checkpoint) {
            Kept::Begun { since, looks, document } => {
                looked(request, progress, purpose, &answer?, (since, looks, document))
            }
            Kept::Made { since, .. } => asked(progress, purpose, answer, since),
            Kept::Nothing => Err(wire::malformed(purpose)),
        },
    }
}

/// Nothing is under way any more; that is stored, and then this is told.
fn told(progress: &mut Progress, error: LedgerError) -> Result<(), LedgerError> {
    progress.checkpoint = Checkpoint::default();
    let own = forwarding::own::<Own>(progress)?;
    let refused = own.refused;
    *own = Own { told: Mutex::new(Some(error)), refused, ..Own::default() };
    Ok(())
}

/// There is a place for the document.
fn place(progress: &mut Progress, purpose: Purpose, answer: &Answer) -> Result<(), LedgerError> {
    let document: Document = wire::read(purpose, answer)?;
    let id = wire::id(purpose, document.feed_document_id)?;
    forwarding::own::<Own>(progress)?.place = Some((id, Secret::new(document.url)));
    Ok(())
}

/// The document was put there, or the place is no more. From here on a feed may be made of it.
fn put(progress: &mut Progress, answer: Result<Answer, LedgerError>) -> Result<(), LedgerError> {
    let now = progress.facts.now;
    let own = forwarding::own::<Own>(progress)?;
    match answer {
        Ok(_) => {
            let Some((document, _)) = own.place.take() else { return Ok(()) };
            own.is_put = true;
            progress.checkpoint = Kept::Begun { since: now, looks: 0, document }.checkpoint();
            Ok(())
        }
        Err(error) if error.code() == ErrorCode::NotFound && own.too_old < ADDRESSES_MAX => {
            own.too_old += 1;
            own.place = None;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// The feed was made, or not, or nobody knows.
fn made(progress: &mut Progress, purpose: Purpose, answer: Result<Answer, LedgerError>) -> Result<(), LedgerError> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if error.kind() == ErrorKind::Unknown => return Err(error),
        // Nothing was made, and a document that was put there is soon put there again.
        Err(error) => return told(progress, error),
    };
    let feed = wire::id(purpose, wire::read::<Made>(purpose, &answer)?.feed_id)?;
    progress.checkpoint = Kept::Made { since: progress.facts.now, feed, found: Found::Created }.checkpoint();
    let own = forwarding::own::<Own>(progress)?;
    (own.is_put, own.made_now) = (false, true);
    Ok(())
}

/// Feeds were looked through for one that belongs to no other document.
fn looked(
    request: &ForwardRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: &Answer,
    (since, looks, document): (Instant, u32, String),
) -> Result<(), LedgerError> {
    let Feeds { feeds, next_token } = wire::feeds(purpose, answer)?;
    let shop = map::mapped(request)?.marketplace;
    let here = |feed: &Feed| feed.marketplace_ids.is_empty() || feed.marketplace_ids.iter().any(|id| id == shop);
    let late = |feed: &Feed| feed.created_time.is_none_or(|at| at >= since - BEFORE);
    let foreign = |feed: &Feed| request.others.contains(&feed.id.as_str());
    // One that was cancelled made nothing.
    let may_be_ours =
        |feed: &&Feed| feed.processing_status != Status::Cancelled && here(feed) && late(feed) && !foreign(feed);
    let ours: Vec<&Feed> = feeds.iter().filter(may_be_ours).collect();
    match ours.as_slice() {
        [feed] if next_token.is_none() => {
            let feed = wire::id(purpose, feed.id.clone())?;
            progress.checkpoint = Kept::Made { since, feed, found: Found::Again }.checkpoint();
            forwarding::own::<Own>(progress)?.asked_at = None;
            Ok(())
        }
        [] if next_token.is_none() && looks + 1 < LOOKS => {
            progress.checkpoint = Kept::Begun { since, looks: looks + 1, document }.checkpoint();
            let now = progress.facts.now;
            forwarding::own::<Own>(progress)?.asked_at = Some(now);
            Ok(())
        }
        [] if next_token.is_none() => {
            progress.checkpoint = Checkpoint::default();
            *forwarding::own::<Own>(progress)? = Own::default();
            Ok(())
        }
        _ => told(
            progress,
            unclear("several uploads of that time may be this document, or too many were made to look through"),
        ),
    }
}

/// Only a person can tell; who then says that it may be sent again is obeyed.
fn unclear(what: &str) -> LedgerError {
    let message = format!(
        "It is not certain whether {NAME} took this document: {what}. Look at the order there, then say here whether the invoice is \
         with it; if not, it can be forwarded again."
    );
    LedgerError::new(ErrorKind::Uncertain, ErrorCode::NotSeen, Operation::Forward, message)
}

/// The feed says how far it is.
fn asked(
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
    since: Instant,
) -> Result<(), LedgerError> {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if error.code() == ErrorCode::NotFound => {
            return told(progress, unclear("it knows the upload no more"));
        }
        Err(error) => return Err(error),
    };
    let feed: Feed = wire::read(purpose, &answer)?;
    let now = progress.facts.now;
    let result = feed.result_feed_document_id.map(|id| wire::id(purpose, id)).transpose()?;
    match (feed.processing_status, result) {
        (Status::InQueue | Status::InProgress, _) if now - since >= LONGEST => {
            told(progress, unclear("it has been working on it for days"))
        }
        (Status::InQueue | Status::InProgress, _) => {
            forwarding::own::<Own>(progress)?.asked_at = Some(now);
            Ok(())
        }
        (status @ (Status::Done | Status::Fatal), Some(document)) => {
            forwarding::own::<Own>(progress)?.ended = Some((status, document));
            Ok(())
        }
        (Status::Done, None) => Err(wire::malformed(purpose)),
        (Status::Fatal, None) => told(progress, fatal()),
        (Status::Cancelled, _) => {
            let message = format!("The upload of this document was cancelled at {NAME}. It is made again by itself.");
            let after = Some(CANCELLED_AGAIN);
            told(progress, LedgerError::retryable(after, ErrorCode::InProgress, Operation::Forward, message))
        }
    }
}

fn fatal() -> LedgerError {
    unclear("it broke off in the middle (FATAL)")
}

/// Where the report is.
fn result(progress: &mut Progress, purpose: Purpose, answer: &Answer) -> Result<(), LedgerError> {
    let document: Document = wire::read(purpose, answer)?;
    let report = ReportAt { address: Secret::new(document.url), packing: document.compression_algorithm };
    forwarding::own::<Own>(progress)?.report = Some(report);
    Ok(())
}

/// The report: only this says what came of the document.
fn reported(
    request: &ForwardRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let waited = progress.facts.now - request.first_tried;
    let Kept::Made { feed, found, .. } = Kept::of(&progress.checkpoint) else { return Err(wire::malformed(purpose)) };
    let own = forwarding::own::<Own>(progress)?;
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) if error.code() == ErrorCode::NotFound && own.too_old < ADDRESSES_MAX => {
            own.too_old += 1;
            own.report = None;
            return Ok(());
        }
        Err(error) => return Err(error),
    };
    let packing = own.report.as_ref().and_then(|report| report.packing.as_deref());
    let text = report::unpacked(&answer.body, packing).ok_or_else(|| wire::malformed(purpose))?;
    let report = report::read(&text).ok_or_else(|| wire::malformed(purpose))?;
    let broke_off = own.ended.as_ref().is_some_and(|(status, _)| *status == Status::Fatal);
    let settled = |outcome| Some(Forwarded { id: feed.clone(), found, outcome });
    if report.is_success() {
        progress.facts.forwarded = settled(ForwardedAs::Accepted);
        return Ok(());
    }
    let Some(row) = report.errors.first() else {
        return if broke_off { told(progress, fatal()) } else { Err(wire::malformed(purpose)) };
    };
    match errors::meaning(row) {
        Meaning::NotNeeded => {
            progress.facts.forwarded = settled(ForwardedAs::NotNeeded);
            Ok(())
        }
        Meaning::NotYet if waited < PATIENCE => {
            let message = format!(
                "{NAME} does not know the order yet, or that it was sent. It is tried again by itself, for a day."
            );
            let (after, code) = (Some(ORDER_AGAIN), ErrorCode::OrderUnknown);
            let error = LedgerError::retryable(after, code, Operation::Forward, message).about(request.order);
            told(progress, error.with_ledger_text(&row.message))
        }
        Meaning::NotYet => {
            let error = errors::told(ErrorKind::Rejected, ErrorCode::OrderUnknown, row);
            told(progress, error.about(request.order))
        }
        Meaning::Refused(kind, code) => told(progress, errors::told(kind, code, row)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_outlives_the_process_reads_back_and_is_small() {
        let since = Instant::from_timestamp(1_782_936_000, 0).unwrap();
        let document = "amzn1.tortuga.4.eu.5d4e42b5-1d6e-44e8-a89c-2abfca0625bb.TTKFJXEMZX5AB".to_owned();
        for kept in [
            Kept::Nothing,
            Kept::Begun { since, looks: 1, document },
            Kept::Made { since, feed: "53347000001".to_owned(), found: Found::Created },
            Kept::Made { since, feed: "53347000001".to_owned(), found: Found::Again },
        ] {
            let checkpoint = kept.checkpoint();
            assert_eq!(Kept::of(&checkpoint), kept);
            assert!(serde_json::to_string(&checkpoint).unwrap().len() < 128);
            assert_eq!(known(&checkpoint).is_some(), matches!(kept, Kept::Made { .. }));
        }
        assert_eq!(Kept::of(&Checkpoint { holder: Some("f x y".to_owned()) }), Kept::Nothing);
    }

    #[test]
    fn a_feed_is_asked_for_less_often_the_older_it_is() {
        let seconds = |age| pace(TimeDelta::seconds(age)).num_seconds();
        assert_eq!([-3, 0, 59, 60, 600, 7_200].map(seconds), [5, 5, 5, 30, 300, 1_800]);
    }
}
