//! A pass. Firmao takes a number with every document and refuses one that it has: that number is what guards against a second
//! document. Where Firmao numbers, the next number is asked for and stored before it is sent, and whatever becomes of the answer, the
//! same number is looked for and sent again. Our reference in the internal text says whose a document on that number is.

use super::{
    NAME,
    api::{self, CUSTOMERS, NEXT, PRODUCTS, TRANSACTIONS},
    errors,
    map::{self, Learned, Sent, Whose},
};
use crate::{
    call::{Answer, Call, Purpose},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    invoicing::{PassRequest, PassedDocument},
    loose::Loose,
    push::{Checkpoint, Facts, Found, Looked, Progress, Step},
};
use domain::sales::Numbering;
use std::collections::BTreeMap;

/// SKUs that are asked for at a time.
const SKUS: usize = 40;
/// More pages are not looked through: then nothing is known.
const PAGES_MAX: usize = 20;
/// Numbers that are tried when others take them before us.
const NUMBERS_MAX: usize = 5;

/// What outlives the process: the number that may have been sent, and the series that gave it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Kept {
    series: Option<u64>,
    number: Option<String>,
}

impl Kept {
    fn of(checkpoint: &Checkpoint) -> Self {
        let split = checkpoint.holder.as_deref().and_then(|text| text.split_once(' '));
        let Some((series, number)) = split else { return Self::default() };
        Self { series: series.parse().ok(), number: Some(number.to_owned()) }
    }

    fn checkpoint(&self) -> Checkpoint {
        let series = self.series.map_or_else(|| "-".to_owned(), |series| series.to_string());
        Checkpoint { holder: self.number.as_ref().map(|number| format!("{series} {number}")) }
    }
}

/// What only Firmao wants to know.
#[derive(Debug, Default)]
struct Known {
    /// Documents and pages that were looked through in the search that is under way.
    seen: usize,
    pages: usize,
    /// Whether an earlier attempt was begun.
    begun: bool,
    /// Questions for products that were answered.
    asked: usize,
    products: BTreeMap<String, u64>,
    card: Looked,
    card_id: Option<u64>,
    /// Firmao wants no series with a document: the number carries it.
    without_series: bool,
    /// Whether a document stands on the number that was refused.
    occupied: bool,
    /// The number that Firmao offered instead.
    suggested: Option<String>,
    /// Numbers that somebody else took.
    lost: usize,
    /// The id of what was made.
    made: Option<u64>,
}

/// How products are asked for: many at once, but for SKUs that hold what separates them.
fn questions<'a>(request: &PassRequest<'a>) -> Vec<(&'static str, String)> {
    let (alone, together): (Vec<&'a str>, Vec<&'a str>) =
        map::skus(request).into_iter().partition(|sku| sku.contains(';'));
    let several = together.chunks(SKUS).map(|skus| match skus {
        [one] => ("productCode(eq)", (*one).to_owned()),
        several => ("productCode(in)", several.join(";")),
    });
    several.chain(alone.into_iter().map(|sku| ("productCode(eq)", sku.to_owned()))).collect()
}

/// The number under which a document of ours stands, if it is there; nothing while none was sent.
fn number_of<'a>(request: &'a PassRequest<'_>, kept: &'a Kept) -> Option<&'a str> {
    kept.number.as_deref().or(request.number())
}

pub(super) fn next(request: &PassRequest<'_>, progress: &Progress) -> Result<Step<PassedDocument>, LedgerError> {
    let facts = &progress.facts;
    if let Some(passed) = &facts.passed {
        return Ok(Step::Done(Box::new(passed.clone())));
    }
    let nothing = Known::default();
    let known = facts.own::<Known>().unwrap_or(&nothing);
    if let Some(id) = known.made {
        return Ok(Step::Call(api::read(id)));
    }
    let kept = Kept::of(&progress.checkpoint);
    // Settings may have changed since an earlier attempt: what it made is looked for before they are.
    if facts.own_booking == Looked::NotYet {
        return Ok(Step::Call(find(request, &kept, known)));
    }
    map::check(request)?;
    if let Some((filter, skus)) = questions(request).get(known.asked) {
        return Ok(Step::Call(api::list(Operation::ReadCodes, PRODUCTS, &[(filter, skus)], 0)));
    }
    if let Some(number) = map::carded(request).filter(|_| known.card_id.is_none()) {
        if known.card == Looked::NotYet {
            return Ok(Step::Call(api::list(Operation::FindContact, CUSTOMERS, &[("nipNumber(eq)", &number)], 0)));
        }
        let card = map::card(&request.content.customer, number);
        return api::create(Operation::CreateContact, CUSTOMERS, &card).map(Step::Call);
    }
    let series = map::series(request)?;
    let stored = kept.number.as_deref().filter(|_| kept.series == series);
    let Some(number) = request.number().or(stored) else {
        return Ok(Step::Call(api::next(map::kind(request.content.kind)?, series)));
    };
    let learned = Learned {
        card: known.card_id,
        series: series.filter(|_| !known.without_series),
        products: Some(&known.products),
    };
    let document = map::document(request, number, &learned)?;
    api::create(Operation::CreateBooking, TRANSACTIONS, &document).map(Step::Call)
}

/// Looks for the document by its number; without one, among those of its day.
fn find(request: &PassRequest<'_>, kept: &Kept, known: &Known) -> Call {
    let day = request.content.issue_date.to_string();
    let by = match number_of(request, kept) {
        Some(number) => ("transactionNumber(eq)", number),
        None => ("invoiceDate(eq)", day.as_str()),
    };
    api::list(Operation::FindBooking, TRANSACTIONS, &[by, ("mode(eq)", "SALE")], known.seen)
}

pub(super) fn learn(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    match (purpose.operation, purpose.resource) {
        (Operation::FindBooking, _) => found(request, progress, purpose, &answer?),
        (Operation::ReadCodes, NEXT) => {
            let number = Some(api::number(purpose, &answer?)?);
            progress.checkpoint = Kept { series: map::series(request)?, number }.checkpoint();
            Ok(())
        }
        (Operation::ReadCodes, _) => {
            let rows = api::rows(purpose, &answer?)?;
            let known = own(&mut progress.facts)?;
            known.products.extend(map::products(&rows.records));
            known.asked += 1;
            Ok(())
        }
        (Operation::FindContact, _) => {
            let rows = api::rows(purpose, &answer?)?;
            let ours = map::carded(request).unwrap_or_default();
            let is_ours =
                |card: &&Loose| card.text("nipNumber").is_some_and(|theirs| map::is_same_number(&ours, &theirs));
            let known = own(&mut progress.facts)?;
            known.card_id = rows.records.iter().find(is_ours).and_then(|card| api::id(card, "id"));
            known.card = Looked::Done;
            Ok(())
        }
        (Operation::CreateContact, _) => {
            let id = match answer {
                Ok(answer) => api::created(purpose, "customer", &answer)?,
                // Somebody made the card meanwhile, or it was not found: it is used.
                Err(error) if error.code() == ErrorCode::ContactAmbiguous => {
                    error.named().and_then(|id| id.parse().ok()).ok_or(error)?
                }
                Err(error) => return Err(error),
            };
            own(&mut progress.facts)?.card_id = Some(id);
            Ok(())
        }
        (Operation::Fetch, _) => read_back(request, progress, purpose, answer),
        _ => created(progress, purpose, request, answer),
    }
}

fn own(facts: &mut Facts) -> Result<&mut Known, LedgerError> {
    facts.own_mut().ok_or_else(|| {
        let message = "What was learned is of another ledger. We have to repair that.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::Prepare, message)
    })
}

/// A page of what may be ours.
fn found(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: &Answer,
) -> Result<(), LedgerError> {
    let rows = api::rows(purpose, answer)?;
    let kept = Kept::of(&progress.checkpoint);
    let taken = progress.facts.number_taken;
    let known = own(&mut progress.facts)?;
    known.begun |= !taken;
    let number = number_of(request, &kept);
    // By a number that was sent before now; a document of the day is ours by the reference only.
    let sent = if known.begun && number.is_some() { Sent::Perhaps } else { Sent::Never };
    for row in &rows.records {
        let theirs = row.text("transactionNumber");
        if number.is_some() && theirs.as_deref() != number {
            continue;
        }
        match map::whose(request, row, sent) {
            Whose::Ours => {
                let passed = passed(row, Found::Again).ok_or_else(|| api::malformed(purpose))?;
                settle(request, progress, passed);
                return Ok(());
            }
            Whose::Unclear => {
                let error = unclear("Firmao has a document that says the same and does not carry our reference");
                return Err(error.with_booking(theirs.unwrap_or_default()));
            }
            Whose::SomebodyElses => known.occupied |= number.is_some(),
        }
    }
    if rows.go_on(known.seen) {
        known.pages += 1;
        known.seen += rows.records.len();
        if known.pages >= PAGES_MAX {
            return Err(unclear("Firmao lists more documents than can be looked through"));
        }
        return Ok(());
    }
    (known.seen, known.pages) = (0, 0);
    if taken {
        return another_number(request, progress);
    }
    progress.facts.own_booking = Looked::Done;
    Ok(())
}

/// The number is somebody else's. Ours stays ours; where Firmao numbers, another one follows.
fn another_number(request: &PassRequest<'_>, progress: &mut Progress) -> Result<(), LedgerError> {
    let kept = Kept::of(&progress.checkpoint);
    let known = own(&mut progress.facts)?;
    if known.begun && !known.occupied {
        return Err(unclear("Firmao says that it has a document with this number, and does not list it"));
    }
    known.lost += 1;
    known.occupied = false;
    let suggested = known.suggested.take();
    if request.numbering == Numbering::Ours || known.lost >= NUMBERS_MAX {
        return Err(errors::number_in_use(number_of(request, &kept).unwrap_or_default()));
    }
    // Nothing of ours was ever sent under the next one.
    known.begun = false;
    let suggested = suggested.filter(|number| Some(number) != kept.number.as_ref());
    progress.checkpoint = Kept { series: kept.series, number: suggested }.checkpoint();
    progress.facts.number_taken = false;
    progress.facts.own_booking = Looked::Done;
    Ok(())
}

/// The answer to the request that makes the document.
fn created(
    progress: &mut Progress,
    purpose: Purpose,
    request: &PassRequest<'_>,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let known = own(&mut progress.facts)?;
    match answer {
        Ok(answer) => {
            // It may be there all the same: it is looked for before another one is made.
            known.made = Some(api::created(purpose, "transaction", &answer)?);
            Ok(())
        }
        Err(error) if error.code() == ErrorCode::NumberInUse => {
            known.suggested = error.named().map(str::to_owned);
            progress.facts.number_taken = true;
            progress.facts.own_booking = Looked::NotYet;
            Ok(())
        }
        Err(error)
            if request.series.is_some() && !known.without_series && errors::is_unwanted(&error, "invoicePatternId") =>
        {
            known.without_series = true;
            Ok(())
        }
        Err(error) => Err(error),
    }
}

/// What was made, read back: Firmao may have come to another total. It is there, whatever becomes of this request.
fn read_back(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let rows = match answer {
        Ok(answer) => api::rows(purpose, &answer)?,
        Err(error) if error.kind() == ErrorKind::Rejected => api::Rows::default(),
        Err(error) => return Err(error),
    };
    let kept = Kept::of(&progress.checkpoint);
    let id = own(&mut progress.facts)?.made;
    let row = rows.records.iter().find(|row| id.is_some() && api::id(row, "id") == id);
    let passed = row.and_then(|row| passed(row, Found::Created)).or_else(|| {
        let number = request.number().or(kept.number.as_deref())?.to_owned();
        Some(PassedDocument { id: id?.to_string(), number, link: None, gross: None, ksef: None, found: Found::Created })
    });
    settle(request, progress, passed.ok_or_else(|| api::malformed(purpose))?);
    Ok(())
}

/// A document of Firmao; nothing without an id or a number. Firmao has no page for customers.
fn passed(row: &Loose, found: Found) -> Option<PassedDocument> {
    Some(PassedDocument {
        id: api::id(row, "id")?.to_string(),
        number: row.text("transactionNumber")?,
        link: None,
        gross: row.amount("transactionBruttoPrice"),
        ksef: None,
        found,
    })
}

/// It is in the ledger; what people should know all the same.
fn settle(request: &PassRequest<'_>, progress: &mut Progress, passed: PassedDocument) {
    let missing = || {
        let known = progress.facts.own::<Known>().filter(|_| passed.found == Found::Created)?;
        let missing: Vec<&str> =
            map::skus(request).into_iter().filter(|sku| !known.products.contains_key(*sku)).collect();
        let skus = missing.join(", ");
        let message = format!(
            "{NAME} has no product with the code {skus}: those lines were passed as text, and its stock did not change. Add the \
             products there."
        );
        let error = LedgerError::rejected(ErrorCode::UnknownReference, Operation::Compare, message);
        (!missing.is_empty()).then(|| error.about(skus))
    };
    let remark = request.difference(NAME, &passed).or_else(missing);
    progress.facts.own_booking = Looked::Done;
    progress.facts.remark = remark;
    progress.facts.passed = Some(passed);
}

/// Only a person can tell.
fn unclear(what: &str) -> LedgerError {
    let message = format!("{what}. Look there what became of this document, then settle it by hand.");
    LedgerError::new(ErrorKind::Uncertain, ErrorCode::AlreadyProcessed, Operation::FindBooking, message)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_outlives_the_process_reads_back() {
        let number = Some("FV 12/03/2026".to_owned());
        for kept in [Kept::default(), Kept { series: None, number: number.clone() }, Kept { series: Some(2), number }] {
            assert_eq!(Kept::of(&kept.checkpoint()), kept);
        }
    }
}
