//! A pass: an earlier attempt's document, products, the buyer's card, and then the one request that makes it.

use super::{
    NAME,
    api::{self, CONTRACTORS, GOODS, INVOICES},
    map,
};
use crate::{
    call::{Answer, Purpose, Target},
    counter,
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    invoicing::{PassRequest, PassedDocument},
    push::{Found, Looked, Progress, Step},
};
use std::collections::BTreeMap;

/// SKUs that are asked for at a time.
const SKUS: usize = 40;
/// More documents of one day are not looked through.
const PAGES_MAX: usize = 20;

/// What only wFirma wants to know.
#[derive(Debug, Default)]
struct Known {
    /// Pages of documents that were looked through.
    pages: usize,
    /// Questions for products that were answered.
    asked: usize,
    /// Ids of products by SKU.
    goods: BTreeMap<String, String>,
    card: Looked,
    /// The id of the buyer's card, when it says the same as the order.
    card_id: Option<String>,
}

/// How products are asked for: many at once, but for SKUs that hold what separates them.
fn questions<'a>(request: &PassRequest<'a>) -> Vec<(&'static str, String)> {
    let (alone, together): (Vec<&'a str>, Vec<&'a str>) =
        map::skus(request).into_iter().partition(|sku| sku.contains(','));
    let many = together.chunks(SKUS).map(|skus| ("in", skus.join(",")));
    many.chain(alone.into_iter().map(|sku| ("eq", sku.to_owned()))).collect()
}

pub(super) fn next(
    at: &Target,
    request: &PassRequest<'_>,
    progress: &Progress,
) -> Result<Step<PassedDocument>, LedgerError> {
    if let Some(passed) = &progress.facts.passed {
        return Ok(Step::Done(Box::new(passed.clone())));
    }
    let nothing = Known::default();
    let known = progress.facts.own::<Known>().unwrap_or(&nothing);
    if progress.facts.own_booking == Looked::NotYet {
        // Should the reference not be filtered by, it is among the documents of its day.
        let (key, day) = (request.key(), request.content.issue_date.to_string());
        let conditions = [("id_external", "eq", key.as_str()), ("date", "eq", day.as_str())];
        return api::find(at, Operation::FindBooking, INVOICES, &conditions, known.pages + 1).map(Step::Call);
    }
    map::check(request)?;
    if let Some((operator, skus)) = questions(request).get(known.asked) {
        return api::find(at, Operation::ReadCodes, GOODS, &[("code", operator, skus)], 1).map(Step::Call);
    }
    if let Some(nip) = map::nip(request).filter(|_| known.card == Looked::NotYet) {
        return api::find(at, Operation::FindContact, CONTRACTORS, &[("nip", "eq", &nip)], 1).map(Step::Call);
    }
    let record = map::document(request, known.card_id.as_deref(), &known.goods)?;
    api::add(at, &record).map(Step::Call)
}

pub(super) fn learn(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let answer = answer?;
    let own =
        || LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, purpose.operation, "An answer came out of turn.");
    match purpose.operation {
        Operation::FindBooking => {
            let rows = api::rows(purpose, INVOICES, &answer)?;
            let key = request.key();
            if let Some(record) = rows.records.iter().find(|record| record.text("id_external").as_ref() == Some(&key)) {
                let passed = map::passed(record, Found::Again).ok_or_else(|| api::malformed(purpose))?;
                settled(request, progress, passed);
                return Ok(());
            }
            let known = progress.facts.own_mut::<Known>().ok_or_else(own)?;
            if !rows.go_on(known.pages + 1) {
                progress.facts.own_booking = Looked::Done;
            } else if known.pages + 1 >= PAGES_MAX {
                return Err(too_many(purpose.operation));
            } else {
                known.pages += 1;
            }
        }
        Operation::ReadCodes => {
            let rows = api::rows(purpose, GOODS, &answer)?;
            let known = progress.facts.own_mut::<Known>().ok_or_else(own)?;
            let found = rows.records.iter().filter_map(|good| Some((good.text("code")?, good.text("id")?)));
            known.goods.extend(found);
            known.asked += 1;
        }
        Operation::FindContact => {
            let rows = api::rows(purpose, CONTRACTORS, &answer)?;
            let nip = map::nip(request).unwrap_or_default();
            let same = rows.records.iter().find(|card| map::is_same(card, request, &nip));
            let known = progress.facts.own_mut::<Known>().ok_or_else(own)?;
            known.card_id = same.and_then(|card| card.text("id"));
            known.card = Looked::Done;
        }
        _ => {
            let rows = api::rows(purpose, INVOICES, &answer)?;
            // It may be there all the same: it is looked for before another one is made.
            let made = rows.records.first().and_then(|record| map::passed(record, Found::Created));
            settled(request, progress, made.ok_or_else(|| api::malformed(purpose))?);
        }
    }
    Ok(())
}

/// It is in the ledger; what people should know all the same.
fn settled(request: &PassRequest<'_>, progress: &mut Progress, passed: PassedDocument) {
    let missing = || {
        let known = progress.facts.own::<Known>().filter(|_| passed.found == Found::Created)?;
        let missing: Vec<&str> = map::skus(request).into_iter().filter(|sku| !known.goods.contains_key(*sku)).collect();
        let skus = missing.join(", ");
        let message = format!(
            "{NAME} has no product with the code {skus}: those lines were passed without one, and its stock did not change. Add \
             the products there."
        );
        let error = LedgerError::rejected(ErrorCode::UnknownReference, Operation::Compare, message);
        (!missing.is_empty()).then(|| error.about(skus))
    };
    let remark = counter::differs(request, NAME, &passed).or_else(missing);
    progress.facts.remark = remark;
    progress.facts.passed = Some(passed);
}

fn too_many(operation: Operation) -> LedgerError {
    let message = format!(
        "Whether an earlier attempt made this document cannot be seen: {NAME} lists more documents of its day than can be looked \
         through. Look for it there, and settle it by hand."
    );
    LedgerError::new(ErrorKind::Uncertain, ErrorCode::MalformedAnswer, operation, message)
}
