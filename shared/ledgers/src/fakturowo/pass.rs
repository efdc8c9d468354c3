//! A pass. Fakturowo keeps no reference of ours and may take a number twice. What guards against a second document is what is stored
//! before one is sent: the id of the newest document there, and the number that goes along. After an answer that nobody heard, the
//! documents that are newer are looked through: the one with that number is ours, and where no number went along, the only one. Where
//! several are newer, a person says which; nothing is sent again then.

use super::{
    NAME,
    api::{self, Made, Row, Stored},
    errors, map,
    pages::Walk,
};
use crate::{
    call::{Answer, Effect, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    invoicing::{PassRequest, PassedDocument},
    push::{Checkpoint, Facts, Found, Looked, Progress, Step},
};
use domain::sales::Numbering;
use std::sync::Mutex;
use url::form_urlencoded;

/// More pages of newer documents are not looked through.
const PAGES_MAX: usize = 10;
/// So many pages are read for the number of a document that was just made.
const PAGES_FOR_NUMBER: usize = 3;
/// Numbers that are tried when others take them before us.
const NUMBERS_MAX: usize = 5;

/// What outlives the process: all of it is stored before the document is sent, in one step. Without it nothing was sent.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Kept {
    /// The id of the newest document before ours; 0 when there was none.
    newest: Option<u64>,
    /// The number that goes along.
    number: Option<String>,
    /// What was made, while its number is not known.
    made: Option<Made>,
}

impl Kept {
    fn of(checkpoint: &Checkpoint) -> Self {
        let text = checkpoint.holder.as_deref().unwrap_or_default();
        let field = |name: &str| {
            let mut pairs = form_urlencoded::parse(text.as_bytes());
            pairs.find(|(known, _)| known == name).map(|(_, value)| value.into_owned())
        };
        let made = field("id").and_then(|id| id.parse().ok());
        Self {
            newest: field("newest").and_then(|id| id.parse().ok()),
            number: field("number"),
            made: made.map(|id| Made { id, pdf: field("pdf"), link: field("link"), file: field("file") }),
        }
    }

    fn checkpoint(&self) -> Checkpoint {
        let Some(newest) = self.newest else { return Checkpoint::default() };
        let made = self.made.as_ref();
        let fields = [
            ("newest", Some(newest.to_string())),
            ("number", self.number.clone()),
            ("id", made.map(|made| made.id.to_string())),
            ("pdf", made.and_then(|made| made.pdf.clone())),
            ("link", made.and_then(|made| made.link.clone())),
            ("file", made.and_then(|made| made.file.clone())),
        ];
        let mut text = form_urlencoded::Serializer::new(String::new());
        for (name, value) in fields {
            if let Some(value) = value {
                text.append_pair(name, &value);
            }
        }
        Checkpoint { holder: Some(text.finish()) }
    }
}

/// What only Fakturowo wants to know.
#[derive(Debug, Default)]
struct Known {
    walk: Walk,
    /// The next number, as it was told in this attempt.
    number: Option<String>,
    /// Whether an earlier attempt may have sent the document.
    begun: bool,
    /// Whether what was made was made in this attempt.
    made_now: bool,
    /// Fakturowo tells no next number: it gives one with the document.
    unnumbered: bool,
    /// Numbers that somebody else took.
    lost: usize,
    /// Why it was not made, or is not known to be: told after that is stored, and once, so that the same step may follow.
    refused: Mutex<Option<LedgerError>>,
}

pub(super) fn next(request: &PassRequest<'_>, progress: &Progress) -> Result<Step<PassedDocument>, LedgerError> {
    let facts = &progress.facts;
    if let Some(passed) = &facts.passed {
        return Ok(Step::Done(Box::new(passed.clone())));
    }
    let nothing = Known::default();
    let known = facts.own::<Known>().unwrap_or(&nothing);
    if let Some(error) = known.refused.lock().ok().and_then(|mut refused| refused.take()) {
        return Err(error);
    }
    let kept = Kept::of(&progress.checkpoint);
    let list = |operation| Ok(Step::Call(api::list(operation, known.walk.next())));
    if kept.made.is_some() {
        return list(Operation::Fetch);
    }
    // Settings may have changed since an earlier attempt: what it made is looked for before they are.
    if kept.newest.is_some() && facts.own_booking == Looked::NotYet {
        return list(Operation::FindBooking);
    }
    let form = map::document(request, request.number().or(kept.number.as_deref()))?;
    if kept.newest.is_some() {
        return Ok(Step::Call(api::issue(form)));
    }
    let is_known = request.number().or(known.number.as_deref()).is_some() || known.unnumbered;
    if is_known || !map::asks_for_number(request.options) {
        return list(Operation::ReadCodes);
    }
    let (kind, day) = (map::kind(request.content.kind)?, map::day(request.content.issue_date));
    Ok(Step::Call(api::next(kind, day)))
}

pub(super) fn learn(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    match (purpose.operation, purpose.resource) {
        (Operation::FindBooking, _) => found(request, progress, purpose, &answer?),
        (Operation::ReadCodes, api::NEXT) => numbered(progress, purpose, answer),
        (Operation::ReadCodes, _) => newest(progress, purpose, &answer?),
        (Operation::Fetch, _) => read_back(request, progress, purpose, answer),
        _ => created(request, progress, purpose, answer),
    }
}

fn own(facts: &mut Facts) -> Result<&mut Known, LedgerError> {
    facts.own_mut().ok_or_else(|| {
        let message = "What was learned is of another ledger. We have to repair that.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Prepare, message)
    })
}

/// A page with the newest document, before ours is sent.
fn newest(progress: &mut Progress, purpose: Purpose, answer: &Answer) -> Result<(), LedgerError> {
    let page = api::page(purpose, answer)?;
    let known = own(&mut progress.facts)?;
    known.walk.take(page);
    if known.walk.has_newest() {
        let newest = std::mem::take(&mut known.walk).newest();
        let kept = Kept { newest: Some(newest.unwrap_or_default()), number: known.number.take(), made: None };
        progress.checkpoint = kept.checkpoint();
        progress.facts.own_booking = Looked::Done;
    }
    Ok(())
}

/// The next number, or that Fakturowo does not tell it.
fn numbered(progress: &mut Progress, purpose: Purpose, answer: Result<Answer, LedgerError>) -> Result<(), LedgerError> {
    match answer.and_then(|answer| api::number(purpose, &answer)) {
        Ok(number) => {
            own(&mut progress.facts)?.number = Some(number);
            Ok(())
        }
        Err(error) if matches!(error.kind(), ErrorKind::Rejected | ErrorKind::Bug) => {
            own(&mut progress.facts)?.unnumbered = true;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// A page of what may be ours.
fn found(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: &Answer,
) -> Result<(), LedgerError> {
    let page = api::page(purpose, answer)?;
    let kept = Kept::of(&progress.checkpoint);
    let (newest, taken) = (kept.newest.unwrap_or_default(), progress.facts.number_taken);
    let known = own(&mut progress.facts)?;
    known.begun = true;
    known.walk.take(page);
    if !known.walk.has_all_after(newest) {
        if known.walk.read() >= PAGES_MAX {
            return Err(unclear("Fakturowo lists more new documents than can be looked through", String::new()));
        }
        return Ok(());
    }
    let number = request.number().or(kept.number.as_deref());
    let rows = std::mem::take(&mut known.walk).rows;
    let is_ours = |row: &Row| row.id > newest && number.is_none_or(|number| row.number == number);
    // A list whose pages move may give one twice.
    let mut ours: Vec<Row> = rows.into_iter().filter(is_ours).collect();
    ours.sort_by_key(|row| row.id);
    ours.dedup_by_key(|row| row.id);
    match ours.as_slice() {
        [one] => {
            let remark = number.is_none().then(|| only_one(&one.number)).or_else(|| without_pdf(request));
            let made = Made { id: one.id, ..Made::default() };
            settle(progress, made, one.number.clone(), Found::Again, remark);
            Ok(())
        }
        [] if taken => another_number(request, progress),
        [] => {
            progress.facts.own_booking = Looked::Done;
            Ok(())
        }
        several => {
            let numbers = several.iter().map(|row| row.number.as_str()).collect::<Vec<_>>().join(", ");
            Err(unclear("Fakturowo has several new documents that may be this one", numbers))
        }
    }
}

/// The number is somebody else's. Ours stays ours; where Fakturowo numbers, another one follows.
fn another_number(request: &PassRequest<'_>, progress: &mut Progress) -> Result<(), LedgerError> {
    let kept = Kept::of(&progress.checkpoint);
    let known = own(&mut progress.facts)?;
    known.lost += 1;
    if request.numbering == Numbering::Ours || known.lost >= NUMBERS_MAX {
        let number = request.number().or(kept.number.as_deref()).unwrap_or_default();
        return refuse(progress, errors::number_in_use(number));
    }
    known.begun = false;
    progress.facts.number_taken = false;
    progress.facts.own_booking = Looked::Done;
    progress.checkpoint = Checkpoint::default();
    Ok(())
}

/// Nothing was made, for certain: what was stored must not make somebody's next document look like ours.
fn refuse(progress: &mut Progress, error: LedgerError) -> Result<(), LedgerError> {
    progress.checkpoint = Checkpoint::default();
    own(&mut progress.facts)?.refused = Mutex::new(Some(error));
    Ok(())
}

/// The answer to the request that makes the document.
fn created(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let made = match answer.and_then(|answer| api::made(purpose, &answer)) {
        Ok(made) => made,
        Err(error) if error.kind() == ErrorKind::Unknown => return Err(error),
        Err(error) if error.code() == ErrorCode::NumberInUse => {
            // Taken by an attempt of ours that nobody heard the end of, perhaps.
            if own(&mut progress.facts)?.begun && !progress.facts.number_taken {
                progress.facts.number_taken = true;
                progress.facts.own_booking = Looked::NotYet;
                return Ok(());
            }
            return another_number(request, progress);
        }
        Err(error) => return refuse(progress, error),
    };
    let kept = Kept::of(&progress.checkpoint);
    let number = request.number().or(kept.number.as_deref()).map(str::to_owned);
    match number {
        // An answer of all lines is a whole one.
        Some(number) if made.file.is_some() => {
            settle(progress, made, number, Found::Created, None);
        }
        Some(_) | None => {
            progress.checkpoint = Kept { made: Some(made), ..kept }.checkpoint();
            own(&mut progress.facts)?.made_now = true;
        }
    }
    Ok(())
}

/// A page on which what was made should be, with its number.
fn read_back(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let kept = Kept::of(&progress.checkpoint);
    let made = kept.made.clone().ok_or_else(|| api::malformed(purpose))?;
    let known = own(&mut progress.facts)?;
    match answer.and_then(|answer| api::page(purpose, &answer)) {
        Ok(page) => known.walk.take(page),
        Err(error) if error.kind() == ErrorKind::Rejected => {}
        Err(error) => return Err(error),
    }
    let row = known.walk.rows.iter().find(|row| row.id == made.id).map(|row| row.number.clone());
    let over = known.walk.has_all_after(made.id) || known.walk.read() >= PAGES_FOR_NUMBER || known.walk.read() == 0;
    let found = if known.made_now { Found::Created } else { Found::Again };
    if let Some(number) = row {
        settle(progress, made, number, found, None);
        return Ok(());
    }
    if !over {
        return Ok(());
    }
    if made.file.is_none() && known.walk.read() > 0 {
        // Two lines alone may have been cut off in the middle of the id: then it is looked for as if nothing had been heard.
        progress.checkpoint = Kept { made: None, ..kept }.checkpoint();
        let unheard = LedgerError::malformed(NAME, Operation::CreateBooking, Effect::Writes);
        own(&mut progress.facts)?.refused = Mutex::new(Some(unheard));
        return Ok(());
    }
    let of_file = made.file.as_deref().map(|file| file.trim_end_matches(".pdf").to_owned());
    let number = request.number().map(str::to_owned).or(kept.number).or(of_file);
    // It is there: its number is asked for again.
    settle(progress, made, number.ok_or_else(|| api::malformed(purpose))?, found, None);
    Ok(())
}

/// It is in the ledger. What it comes to there, nothing tells.
fn settle(progress: &mut Progress, made: Made, number: String, found: Found, remark: Option<LedgerError>) {
    let Made { id, pdf, link, .. } = made;
    let stored = Stored { id, number: number.clone(), pdf };
    let passed = PassedDocument { id: stored.written(), number, link, gross: None, ksef: None, found };
    progress.facts.own_booking = Looked::Done;
    progress.facts.remark = remark;
    progress.facts.passed = Some(passed);
}

/// It is taken for ours because there is no other.
fn only_one(number: &str) -> LedgerError {
    let message = format!(
        "{NAME}'s answer was lost. {number} is the only document that was made there since, and taken for this one. Compare the two."
    );
    LedgerError::rejected(ErrorCode::AnswerLost, Operation::Compare, message).about(number)
}

/// Its addresses were in the answer that was lost.
fn without_pdf(request: &PassRequest<'_>) -> Option<LedgerError> {
    let message = format!(
        "{NAME}'s answer was lost, and with it the addresses of page and PDF. The document was made; customers get ours instead."
    );
    let error = LedgerError::rejected(ErrorCode::AnswerLost, Operation::Compare, message);
    map::is_open(request).then(|| error.about("PDF"))
}

/// Only a person can tell.
fn unclear(what: &str, numbers: String) -> LedgerError {
    let message = format!("{what}. Look there which of them is this document, then settle it by hand.");
    let error = LedgerError::new(ErrorKind::Uncertain, ErrorCode::AlreadyProcessed, Operation::FindBooking, message);
    if numbers.is_empty() { error } else { error.with_booking(numbers) }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_outlives_the_process_reads_back() {
        let number = Some("FV 12/03/2026".to_owned());
        let made = Made { id: 7, pdf: Some("https://a/b?c=d&e".to_owned()), ..Made::default() };
        for kept in [
            Kept::default(),
            Kept { newest: Some(0), ..Kept::default() },
            Kept { newest: Some(8_400_123), number: number.clone(), made: None },
            Kept { newest: Some(8_400_123), number, made: Some(made) },
        ] {
            assert_eq!(Kept::of(&kept.checkpoint()), kept);
        }
    }
}
