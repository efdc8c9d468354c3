//! A pass. iFirma has no field for references and answers an invoice with its id only. So an earlier attempt's invoice is looked for
//! by day and amount, and known by its remarks; and one that was made is read back for its number.

use super::{NAME, api, map};
use crate::{
    call::{Answer, Purpose},
    counter,
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    invoicing::{PassRequest, PassedDocument},
    loose::Loose,
    push::{Found, Looked, Progress, Step},
};
use domain::sales::IssuedContent;
use rust_decimal::Decimal;

/// Longer lists are not looked through.
const PAGES_MAX: usize = 50;

/// What only iFirma wants to know.
#[derive(Debug, Default)]
struct Known {
    /// Pages of the list that were read.
    pages: usize,
    /// Whether there are no more of them.
    end: Looked,
    /// Invoices of that day and amount which have still to be looked at.
    candidates: Vec<Listed>,
    /// The id of what was made.
    made: Option<String>,
    /// Whether what was made was looked for in the list.
    listed: Looked,
}

/// A row of the list.
#[derive(Debug, Clone)]
struct Listed {
    id: String,
    number: Option<String>,
    gross: Option<Decimal>,
    buyer: Option<String>,
    tax_number: Option<String>,
}

impl Listed {
    fn read(row: &Loose) -> Option<Self> {
        Some(Self {
            id: row.text("FakturaId")?,
            number: row.text("PelnyNumer"),
            gross: row.amount("Brutto"),
            buyer: row.text("KontrahentNazwa"),
            tax_number: row.text("NIPKontrahenta"),
        })
    }

    /// Whether it may be of this buyer: what is not said, or written in another way, tells nothing.
    fn may_be_of(&self, content: &IssuedContent) -> bool {
        let plain =
            |text: &str| text.chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect::<String>();
        let ours = content.customer.name.tax_number().map(plain).filter(|number| !number.is_empty());
        match (ours, self.tax_number.as_deref().map(plain), &self.buyer) {
            // Letters of a country may stand before one of them.
            (Some(ours), Some(theirs), _) => ours.ends_with(&theirs) || theirs.ends_with(&ours),
            (None, None, Some(buyer)) => {
                let (buyer, name) = (plain(buyer), plain(&content.customer.name.full()));
                name.starts_with(&buyer) || buyer.starts_with(&name)
            }
            (Some(_), None, _) | (None, Some(_), _) | (None, None, None) => true,
        }
    }
}

/// By how much the total may differ: a cent for each line. Totals in other currencies are not searched by.
fn amounts(content: &IssuedContent) -> Option<(Decimal, Decimal)> {
    if map::is_foreign(content) {
        return None;
    }
    let cents = Decimal::new(i64::try_from(content.lines.len()).unwrap_or(i64::MAX).clamp(1, 1_000), 2);
    Some((content.total.gross - cents, content.total.gross + cents))
}

pub(super) fn next(request: &PassRequest<'_>, progress: &Progress) -> Result<Step<PassedDocument>, LedgerError> {
    if let Some(passed) = &progress.facts.passed {
        return Ok(Step::Done(Box::new(passed.clone())));
    }
    let content = request.content;
    let kind = api::Kind::of(content);
    let nothing = Known::default();
    let known = progress.facts.own::<Known>().unwrap_or(&nothing);
    let list = |operation, page| api::list(operation, content.issue_date, amounts(content), page);
    if progress.facts.own_booking == Looked::NotYet {
        return Ok(Step::Call(match known.candidates.last() {
            Some(candidate) => api::read(Operation::FindBooking, kind, &candidate.id),
            None => list(Operation::FindBooking, known.pages + 1),
        }));
    }
    match (&known.made, known.listed) {
        (None, _) => api::create(kind, &map::invoice(request)?),
        (Some(_), Looked::NotYet) => Ok(list(Operation::Compare, 1)),
        (Some(id), Looked::Done) => Ok(api::read(Operation::Compare, kind, id)),
    }
    .map(Step::Call)
}

pub(super) fn learn(
    request: &PassRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let malformed = || LedgerError::malformed(NAME, purpose.operation, purpose.effect);
    let own =
        || LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, purpose.operation, "An answer came out of turn.");
    let content = request.content;
    let kind = api::Kind::of(content);
    let response = answer.and_then(|answer| super::errors::opened(purpose, &answer));
    let looking = purpose.operation == Operation::FindBooking;
    let listing = purpose.resource == api::LIST;
    match (looking, listing) {
        (true, true) => {
            let rows = api::rows(purpose, &response?)?;
            let all = rows.len();
            let found = rows.iter().filter_map(Listed::read).filter(|row| row.may_be_of(content));
            let candidates: Vec<Listed> = found.collect();
            let known = progress.facts.own_mut::<Known>().ok_or_else(own)?;
            if all >= api::PAGE && known.pages + 1 >= PAGES_MAX {
                return Err(too_many(purpose.operation));
            }
            known.pages += 1;
            known.end = if all < api::PAGE { Looked::Done } else { Looked::NotYet };
            known.candidates = candidates;
            seen_all(progress);
        }
        (true, false) => {
            let read = match response {
                // Removed in this very moment.
                Err(error) if error.code() == ErrorCode::NotFound => None,
                response => Some(response?),
            };
            let known = progress.facts.own_mut::<Known>().ok_or_else(own)?;
            let candidate = known.candidates.pop().ok_or_else(own)?;
            let ours = read.filter(|read| read.text("Uwagi").is_some_and(|text| map::carries(&text, &request.key())));
            match ours {
                None => seen_all(progress),
                Some(read) => {
                    let number = read.text("PelnyNumer").or(candidate.number).ok_or_else(malformed)?;
                    let id = kind.stored(&candidate.id);
                    let (gross, ksef) = (candidate.gross, api::ksef(&read));
                    settled(
                        request,
                        progress,
                        PassedDocument { id, number, link: None, gross, ksef, found: Found::Again },
                    );
                }
            }
        }
        (false, true) => {
            let rows = api::rows(purpose, &response?)?;
            let known = progress.facts.own_mut::<Known>().ok_or_else(own)?;
            known.listed = Looked::Done;
            let made = known.made.clone();
            let row = rows.iter().filter_map(Listed::read).find(|row| Some(&row.id) == made.as_ref());
            if let Some(Listed { id, number: Some(number), gross, .. }) = row {
                let id = kind.stored(&id);
                settled(
                    request,
                    progress,
                    PassedDocument { id, number, link: None, gross, ksef: None, found: Found::Created },
                );
            }
        }
        (false, false) if purpose.operation == Operation::CreateBooking => {
            // It may be there all the same: it is looked for before another one is made.
            let id = response?.text("Identyfikator").ok_or_else(malformed)?;
            progress.facts.own_mut::<Known>().ok_or_else(own)?.made = Some(id);
        }
        (false, false) => {
            let read = response?;
            let number = read.text("PelnyNumer").ok_or_else(malformed)?;
            let made = progress.facts.own::<Known>().and_then(|known| known.made.clone()).ok_or_else(own)?;
            let (id, ksef) = (kind.stored(&made), api::ksef(&read));
            settled(
                request,
                progress,
                PassedDocument { id, number, link: None, gross: None, ksef, found: Found::Created },
            );
        }
    }
    Ok(())
}

/// Notes when everything was looked at without finding it.
fn seen_all(progress: &mut Progress) {
    let seen =
        progress.facts.own::<Known>().is_some_and(|known| known.end == Looked::Done && known.candidates.is_empty());
    if seen {
        progress.facts.own_booking = Looked::Done;
    }
}

/// It is in the ledger; what people should know all the same.
fn settled(request: &PassRequest<'_>, progress: &mut Progress, passed: PassedDocument) {
    let left_out = || {
        let lines = map::left_out(request.content);
        let message =
            format!("{NAME} takes no lines that come to nothing: {lines} of this document were left out there.");
        (lines > 0).then(|| LedgerError::rejected(ErrorCode::Mismatch, Operation::Compare, message).about("0.00"))
    };
    progress.facts.remark = counter::differs(request, NAME, &passed).or_else(left_out);
    progress.facts.passed = Some(passed);
}

fn too_many(operation: Operation) -> LedgerError {
    let message = format!(
        "Whether an earlier attempt made this document cannot be seen: {NAME} lists more invoices of its day and amount than can be \
         looked through. Look for it there, and settle it by hand."
    );
    LedgerError::new(ErrorKind::Uncertain, ErrorCode::MalformedAnswer, operation, message)
}
