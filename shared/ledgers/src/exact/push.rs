//! A push to Exact Online, one request at a time:
//! find or make the relation, look up codes, look for somebody else's entry, make the document that carries our key,
//! attach files, send the entry. An attempt that follows another one first looks for the document and its entry.

use super::{
    contacts,
    directory::PERIODS,
    map::{self, Plan, Side},
    odata::{self, Rows},
    wire::{self, Attachment, Document, Entry, GlAccount, Guid, Made, NewDocument, Period, VatCode},
};
use crate::{
    call::{Answer, Call, Purpose, Target},
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    push::{Asked, Booked, Duplicates, Facts, Found, LedgerDocument, Looked, Progress, PushRequest, Step, compare},
};
use base64::{display::Base64Display, engine::general_purpose::STANDARD};
use domain::ledger::{AccountCode, VatCode as VatCodeName};
use std::{
    collections::{BTreeMap, BTreeSet},
    io::Write,
};

const DOCUMENTS: &str = "documents/Documents";
const ATTACHMENTS: &str = "documents/DocumentAttachments";
const GL_ACCOUNTS: &str = "financial/GLAccounts";
const VAT_CODES: &str = "vat/VATCodes";
const DOCUMENT_FIELDS: &str = "ID,DocumentViewUrl";
/// An address may have 6,000 characters, and a page has 60 rows.
const CODES_PER_REQUEST: usize = 25;

/// What only Exact Online wants to know.
#[derive(Debug, Default)]
struct Own {
    /// Year and number of the period in which the booking date lies.
    period: Option<(i32, i32)>,
}

fn period(facts: &Facts) -> Option<(i32, i32)> {
    facts.own::<Own>()?.period
}

pub(super) fn next(at: &Target, request: &PushRequest<'_>, progress: &Progress) -> Result<Step, LedgerError> {
    let plan = Plan::of(request)?;
    let facts = &progress.facts;
    let side = plan.side;
    if let Some(booked) = &facts.booking {
        if !booked.is_complete() && facts.read_back == Looked::NotYet {
            let id = odata::stored(&booked.id)?;
            return odata::by_id(at, Operation::Compare, side.entries, &id, side.fields).map(Step::Call);
        }
        return finish(&plan, facts, booked).map(|document| Step::Done(Box::new(document)));
    }
    let holder = progress.checkpoint.holder.as_deref().map(odata::stored).transpose()?;
    if facts.holder == Looked::NotYet {
        let subject = format!("Subject eq {}", odata::text(&plan.subject));
        let call = match &holder {
            Some(id) => odata::by_id(at, Operation::FindHolder, DOCUMENTS, id, DOCUMENT_FIELDS),
            None => odata::list(at, Operation::FindHolder, DOCUMENTS, DOCUMENT_FIELDS, &subject),
        };
        return call.map(Step::Call);
    }
    if let (Some(id), Looked::NotYet) = (&holder, facts.own_booking) {
        return list_entries(at, Operation::FindBooking, side, &format!("Document eq {}", odata::guid(id)));
    }
    let Some(relation) = contacts::known(request, facts) else {
        return contacts::next(at, request, facts).map(Step::Call);
    };
    if let Some(call) = missing_codes(at, request, facts)? {
        return Ok(Step::Call(call));
    }
    if facts.number_taken
        && let Some(number) = plan.number
    {
        let filter = format!("Journal eq {} and EntryNumber eq {number}", odata::text(plan.journal));
        return list_entries(at, Operation::FindBooking, side, &filter);
    }
    if facts.duplicates == Looked::NotYet && request.duplicates == Duplicates::Refuse {
        if let Some(path) = &facts.more_duplicates {
            return Ok(Step::Call(odata::get(Operation::CheckDuplicate, side.entries, path.clone())));
        }
        return list_entries(at, Operation::CheckDuplicate, side, &duplicates_filter(&plan, &relation));
    }
    let Some(holder) = holder else {
        let record = NewDocument {
            subject: &plan.subject,
            kind: side.document_type,
            account: relation.as_str(),
            date: odata::date(request.posting.issue_date),
        };
        return odata::post(at, Operation::CreateHolder, DOCUMENTS, &record).map(Step::Call);
    };
    if let Some(call) = missing_file(at, request, facts, &holder)? {
        return Ok(Step::Call(call));
    }
    let entry = plan.entry((&relation, &holder), period(facts), request.codes, &facts.codes)?;
    odata::post(at, Operation::CreateBooking, side.entries, &entry).map(Step::Call)
}

fn list_entries(at: &Target, operation: Operation, side: &Side, filter: &str) -> Result<Step, LedgerError> {
    odata::list(at, operation, side.entries, side.fields, filter).map(Step::Call)
}

/// Entries of this relation with our number, or of the same date: a person may have typed the number with other
/// capitals or signs, which only we can compare.
fn duplicates_filter(plan: &Plan<'_>, relation: &Guid) -> String {
    let relation = format!("{} eq {}", plan.side.relation, odata::guid(relation));
    let number = odata::text(&plan.your_ref);
    let date = odata::date(plan.posting.issue_date);
    let same = format!("{relation} and YourRef eq {number} or {relation} and EntryDate eq datetime'{date}'");
    match plan.number {
        Some(number) => format!("{same} or Journal eq {} and EntryNumber eq {number}", odata::text(plan.journal)),
        None => same,
    }
}

fn missing_codes(at: &Target, request: &PushRequest<'_>, facts: &Facts) -> Result<Option<Call>, LedgerError> {
    let wanted = wanted_accounts(request, facts);
    if !wanted.is_empty() {
        let filter = by_code(wanted.iter().map(AccountCode::as_str));
        let select = "ID,Code,Description,IsBlocked";
        return odata::list(at, Operation::ReadCodes, GL_ACCOUNTS, select, &filter).map(Some);
    }
    let wanted = wanted_vat_codes(request, facts);
    if !wanted.is_empty() {
        let filter = by_code(wanted.iter().map(VatCodeName::as_str));
        return odata::list(at, Operation::ReadCodes, VAT_CODES, wire::VAT_CODE_FIELDS, &filter).map(Some);
    }
    if let (Some(day), None) = (request.posting.booking_date, period(facts)) {
        let day = odata::date(day);
        let filter = format!("StartDate le datetime'{day}' and EndDate ge datetime'{day}'");
        return odata::list(at, Operation::ReadCodes, PERIODS, wire::PERIOD_FIELDS, &filter).map(Some);
    }
    Ok(None)
}

/// Codes may be stored with spaces around them.
fn by_code<'a>(codes: impl Iterator<Item = &'a str> + Clone) -> String {
    let exact = odata::any_of("Code", codes.clone().map(odata::text));
    let trimmed = odata::any_of("trim(Code)", codes.map(odata::text));
    format!("{exact} or {trimmed}")
}

fn wanted_accounts(request: &PushRequest<'_>, facts: &Facts) -> BTreeSet<AccountCode> {
    let known =
        |code: &AccountCode| request.codes.accounts.contains_key(code) || facts.codes.accounts.contains_key(code);
    let wanted: BTreeSet<_> =
        request.posting.lines.iter().map(|line| line.account.clone()).filter(|code| !known(code)).collect();
    wanted.into_iter().take(CODES_PER_REQUEST).collect()
}

fn wanted_vat_codes(request: &PushRequest<'_>, facts: &Facts) -> BTreeSet<VatCodeName> {
    let known =
        |code: &VatCodeName| request.codes.vat_codes.contains_key(code) || facts.codes.vat_codes.contains_key(code);
    let wanted: BTreeSet<_> =
        request.posting.lines.iter().map(|line| line.vat_code.clone()).filter(|code| !known(code)).collect();
    wanted.into_iter().take(CODES_PER_REQUEST).collect()
}

fn missing_file(
    at: &Target,
    request: &PushRequest<'_>,
    facts: &Facts,
    holder: &Guid,
) -> Result<Option<Call>, LedgerError> {
    let mut files = map::chosen(request).peekable();
    if files.peek().is_none() {
        return Ok(None);
    }
    let Some(present) = &facts.files else {
        let filter = format!("Document eq {}", odata::guid(holder));
        return odata::list(at, Operation::ListFiles, ATTACHMENTS, "ID,FileName", &filter).map(Some);
    };
    let Some(file) = files.find(|file| !present.contains(file.name)) else { return Ok(None) };
    // The file goes into the request in one pass; a copy as base64 text beside it would cost its size again.
    let mut body = Vec::with_capacity(file.bytes.len() / 3 * 4 + 256);
    let written = serde_json::to_string(file.name).ok().and_then(|name| {
        let document = holder.as_str();
        let content = Base64Display::new(file.bytes, &STANDARD);
        write!(body, "{{\"Document\":\"{document}\",\"FileName\":{name},\"Attachment\":\"{content}\"}}").ok()
    });
    written.ok_or_else(|| {
        let message = "A file could not be written into a request.";
        LedgerError::new(ErrorKind::Bug, ErrorCode::BadRequest, Operation::AttachFile, message)
    })?;
    odata::post_raw(at, Operation::AttachFile, ATTACHMENTS, body).map(Some)
}

fn finish(plan: &Plan<'_>, facts: &Facts, booked: &Booked) -> Result<LedgerDocument, LedgerError> {
    let asked = Asked { posting: plan.posting, reference: &plan.your_ref, vat: plan.posting.vat };
    compare(&asked, booked, "Exact Online")?;
    Ok(LedgerDocument {
        id: booked.id.clone(),
        number: booked.number.clone(),
        link: facts.holder_link.clone(),
        creator: booked.creator.clone(),
        contact: booked.contact.clone(),
        found: booked.found,
        codes: facts.codes.clone(),
    })
}

/// Reads an answer into what is known.
pub(super) fn learn(
    at: &Target,
    request: &PushRequest<'_>,
    progress: &mut Progress,
    purpose: Purpose,
    answer: Result<Answer, LedgerError>,
) -> Result<(), LedgerError> {
    let plan = Plan::of(request)?;
    let operation = purpose.operation;
    let facts = &mut progress.facts;
    let answer = match answer {
        Ok(answer) => answer,
        // With a number of our own, "in use" may mean that an earlier attempt of ours succeeded: look whose it is.
        Err(error)
            if operation == Operation::CreateBooking
                && error.code() == ErrorCode::NumberInUse
                && plan.number.is_some()
                && !facts.number_taken =>
        {
            facts.number_taken = true;
            return Ok(());
        }
        // A document that a person deleted since is looked for by its subject, then made again.
        Err(error) if operation == Operation::FindHolder && error.code() == ErrorCode::NotFound => {
            return match progress.checkpoint.holder.take() {
                Some(_) => Ok(()),
                None => Err(error),
            };
        }
        Err(error) => return Err(error),
    };
    match operation {
        Operation::FindHolder => {
            let document = odata::rows::<Document>(operation, &answer)?.rows.into_iter().next();
            facts.holder = Looked::Done;
            if let Some(document) = document {
                facts.holder_link = document.view_url.and_then(|link| own_link(at, link));
                progress.checkpoint.holder = Some(document.id.into());
            }
        }
        Operation::CreateHolder => {
            let document: Document = odata::record(purpose, &answer)?;
            facts.holder_link = document.view_url.and_then(|link| own_link(at, link));
            progress.checkpoint.holder = Some(document.id.into());
        }
        Operation::FindBooking => {
            let entries = odata::rows::<Entry>(operation, &answer)?.rows;
            let holder = progress.checkpoint.holder.as_deref();
            let (ours, others): (Vec<_>, Vec<_>) = entries.into_iter().partition(|entry| is_ours(entry, holder));
            match ours.into_iter().next() {
                Some(entry) => facts.booking = Some(found(plan.side, entry, facts)?),
                None if facts.number_taken => return Err(number_taken(&plan, others.first())),
                None => facts.own_booking = Looked::Done,
            }
        }
        Operation::CheckDuplicate => {
            let Rows { rows: entries, next } = odata::rows::<Entry>(operation, &answer)?;
            let holder = progress.checkpoint.holder.as_deref();
            for entry in entries {
                if is_ours(&entry, holder) {
                    facts.booking = Some(found(plan.side, entry, facts)?);
                } else if plan.is_same_document(&entry) {
                    return Err(duplicate(&plan, &entry));
                }
            }
            facts.more_duplicates = odata::next_path(at, operation, next)?;
            if facts.more_duplicates.is_none() {
                facts.duplicates = Looked::Done;
            }
        }
        Operation::FindContact | Operation::CreateContact => contacts::learn(request, facts, purpose, &answer)?,
        Operation::ReadCodes if purpose.resource == GL_ACCOUNTS => learn_accounts(request, facts, &answer)?,
        Operation::ReadCodes if purpose.resource == PERIODS => {
            let found = odata::rows::<Period>(operation, &answer)?.rows.into_iter().next();
            let period = found.ok_or_else(|| {
                let message = "The booking date lies in no period of Exact Online. Choose another booking date.";
                LedgerError::rejected(ErrorCode::YearMissing, operation, message)
            })?;
            if let Some(own) = facts.own_mut::<Own>() {
                own.period = Some((period.year, period.number));
            }
        }
        Operation::ReadCodes => learn_vat_codes(request, facts, &answer)?,
        Operation::ListFiles => {
            let files = odata::rows::<Attachment>(operation, &answer)?.rows;
            facts.files = Some(files.into_iter().map(|file| file.file_name).collect());
        }
        Operation::AttachFile => {
            let _: Made = odata::record(purpose, &answer)?;
            let present = facts.files.get_or_insert_default();
            let sent = map::chosen(request).find(|file| !present.contains(file.name)).map(|file| file.name.to_owned());
            present.extend(sent);
        }
        Operation::CreateBooking => {
            let entry: Entry = odata::record(purpose, &answer)?;
            let relation = contacts::known(request, facts).and_then(|guid| guid.as_str().parse().ok());
            let booked = map::booked(plan.side, entry, relation.as_ref(), Found::Created);
            facts.booking = Some(booked.ok_or_else(|| odata::malformed(operation, purpose.effect))?);
        }
        Operation::Compare => {
            facts.read_back = Looked::Done;
            if let Some(entry) = odata::rows::<Entry>(operation, &answer)?.rows.into_iter().next()
                && let Some(before) = facts.booking.take()
            {
                let read = map::booked(plan.side, entry, Some(&before.contact), before.found);
                facts.booking = Some(read.unwrap_or(before));
            }
        }
        Operation::Prepare
        | Operation::ExchangeCode
        | Operation::RefreshToken
        | Operation::Identity
        | Operation::Directory
        | Operation::Fetch
        | Operation::Template
        | Operation::Forward => {}
    }
    Ok(())
}

fn is_ours(entry: &Entry, holder: Option<&str>) -> bool {
    entry.document.as_ref().is_some_and(|document| Some(document.as_str()) == holder)
}

fn found(side: &Side, entry: Entry, facts: &Facts) -> Result<Booked, LedgerError> {
    map::booked(side, entry, facts.contact.as_ref(), Found::Again)
        .ok_or_else(|| odata::malformed(Operation::FindBooking, crate::Effect::Reads))
}

fn duplicate(plan: &Plan<'_>, entry: &Entry) -> LedgerError {
    let message = format!(
        "Exact Online already has this document: entry {} of the same relation has number {}. Look at it there; if it \
         is another document, post this one again and accept the duplicate.",
        entry.number,
        entry.your_ref.as_deref().unwrap_or(&plan.your_ref)
    );
    LedgerError::rejected(ErrorCode::Duplicate, Operation::CheckDuplicate, message)
        .with_booking(entry.number.to_string())
}

fn number_taken(plan: &Plan<'_>, entry: Option<&Entry>) -> LedgerError {
    match entry {
        Some(entry) => duplicate(plan, entry),
        None => LedgerError::rejected(
            ErrorCode::NumberInUse,
            Operation::FindBooking,
            "Exact Online says that the number of this entry is used, but shows no such entry in the journal. Let Exact \
             number the entries in the settings of the connection and post again.",
        ),
    }
}

/// A link is shown to people: only one on the ledger's own site is kept.
fn own_link(at: &Target, link: String) -> Option<String> {
    at.endpoint.relative(&link).map(|_| link)
}

fn learn_accounts(request: &PushRequest<'_>, facts: &mut Facts, answer: &Answer) -> Result<(), LedgerError> {
    let rows = odata::rows::<GlAccount>(Operation::ReadCodes, answer)?.rows;
    let by_code: BTreeMap<&str, &GlAccount> = rows.iter().map(|row| (row.code.trim(), row)).collect();
    for code in wanted_accounts(request, facts) {
        match by_code.get(code.as_str()) {
            Some(row) if row.is_blocked != Some(true) => {
                facts.codes.accounts.insert(code, row.id.as_str().to_owned());
            }
            Some(_) => return Err(unknown_account(&code, "is blocked in this division")),
            None => return Err(unknown_account(&code, "does not exist in this division")),
        }
    }
    Ok(())
}

fn unknown_account(code: &AccountCode, trouble: &str) -> LedgerError {
    let message = format!(
        "Ledger account {code} {trouble} of Exact Online. Choose another one in the posting template, and post again."
    );
    LedgerError::rejected(ErrorCode::UnknownAccount, Operation::ReadCodes, message).about(code)
}

fn learn_vat_codes(request: &PushRequest<'_>, facts: &mut Facts, answer: &Answer) -> Result<(), LedgerError> {
    let rows = odata::rows::<VatCode>(Operation::ReadCodes, answer)?.rows;
    let by_code: BTreeMap<&str, &VatCode> = rows.iter().map(|row| (row.code.trim(), row)).collect();
    for code in wanted_vat_codes(request, facts) {
        let trouble = match by_code.get(code.as_str()) {
            Some(row) if row.is_blocked == Some(true) => "is blocked in this division",
            Some(row) if row.kind.as_deref() == Some("I") => {
                "is for amounts including VAT, not for entries, in this division"
            }
            Some(row) => {
                facts.codes.vat_codes.insert(code, row.code.clone());
                continue;
            }
            None => "does not exist in this division",
        };
        let message = format!(
            "VAT code {code} {trouble} of Exact Online. Choose another one in the posting template, and post again."
        );
        return Err(LedgerError::rejected(ErrorCode::UnknownVatCode, Operation::ReadCodes, message).about(code));
    }
    Ok(())
}
