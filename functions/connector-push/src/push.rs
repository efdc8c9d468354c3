//! Posting one document: request by request, with what must outlive the process stored in between.

use crate::{
    attempt::{Attempt, CONSENT, LEDGER},
    gate::{Gate, Key, Waiting, gate, key},
    templates,
    turn::{Turn, TurnError},
    verdict::{FOR_CONSENT, Verdict, Went, judge},
};
use domain::{
    contact::Contact,
    content::{Content, HistoryEntry, Source},
    document::{Actor, Booked, Document, Event, PostedBy, Status},
    export_format::PostingDateField,
    hold::HoldCode,
    ids::DocumentId,
    invoice::AttachmentSource,
    office::Choice,
    posting::Posting,
    reason::Reason,
    time::Instant,
    words::{Lacking, Note, Text},
};
use ledgers::{
    Advance, Codes, CreateContacts, Duplicates, ErrorCode, ErrorKind, File, FileKind, LedgerDocument, LedgerError,
    Options, PushRequest,
};
use runtime::telemetry::{Metric, count};
use store::{
    ErrorKind as StoreErrorKind, Read, StoreError,
    document::{Change, File as StoredFile, PutOff, Record, SOURCE_BYTES_MAX},
};

/// Everything that a push needs, read once.
struct Material {
    content: Content,
    posting: Posting,
    contact: Contact,
    files: Vec<(FileKind, String, Vec<u8>)>,
    options: Options,
}

/// Posts a document, if it is due.
pub async fn document(turn: &mut Turn<'_>, id: DocumentId) -> Result<Went, TurnError> {
    let Some(head) = turn.tenant.documents().head(id).await? else { return Ok(Went::On) };
    let document = &head.document;
    if document.status != Status::Posting || document.unit.as_ref() != Some(&turn.unit) {
        return Ok(Went::On);
    }
    let waiting = Waiting { version: document.version, due: head.due, checkpoint: head.checkpoint.as_deref() };
    let mut attempt = match gate(turn, waiting) {
        Gate::Open(attempt) => attempt,
        Gate::Shut(went) => return Ok(went),
        Gate::Consent(attempt) => return wait_for_consent(turn, document, attempt, reconnect()).await,
    };
    let material = match material(turn, document).await? {
        Ok(material) => material,
        Err(reason) => return unpostable(turn, document, &attempt, reason).await,
    };
    let access = match key(turn).await? {
        Key::Token(access) => access,
        Key::Wait(until) => return Ok(Went::Stop(until)),
        Key::PutOff(until) => {
            put_off(turn, document, until, attempt, LEDGER, Reason::said(&Note::TokenNotRenewed)).await?;
            return Ok(Went::Stop(until));
        }
        Key::Consent => return wait_for_consent(turn, document, attempt, reconnect()).await,
    };
    let clock_source = turn.app.clock;
    let clock = move || clock_source.now();
    let mut client = turn.client(access, &clock)?;
    if let Err(until) = client.cover_push().await {
        return Ok(Went::Stop(until));
    }
    if attempt.waits_for_consent() {
        go_on(turn, document, &mut attempt).await?;
    }
    turn.names(id.into()).await?;

    let codes = known_codes(turn).await?;
    let files: Vec<File<'_>> =
        material.files.iter().map(|(kind, name, bytes)| File { kind: *kind, name, bytes }).collect();
    let request = PushRequest {
        document: id,
        posting: &material.posting,
        contact: &material.contact,
        create_contacts: match turn.connection.create_contacts {
            Choice::Yes => CreateContacts::Allowed,
            Choice::No => CreateContacts::Refused,
        },
        // Only a person's word that it is none lets a second booking of this number in.
        duplicates: if material.content.cleared.iter().any(|cleared| cleared.code == HoldCode::InLedger) {
            Duplicates::Accepted
        } else {
            Duplicates::Refuse
        },
        files: &files,
        options: &material.options,
        codes: &codes,
    };
    let mut progress = attempt.progress();
    attempt.not_before = None;
    let mut refused_once = false;
    turn.in_flight = Some(id.into());
    let outcome = loop {
        match client.advance(&request, &mut progress).await {
            Ok(Advance::Next) => {}
            Ok(Advance::Store) => {
                attempt.reached(progress.checkpoint());
                let documents = turn.tenant.documents();
                documents.checkpoint(id, document.version, turn.lease.fence, &attempt.stored(), &turn.writer).await?;
            }
            Ok(Advance::Done(booking)) => break Ok(booking),
            Err(error) if error.kind() == ErrorKind::Unauthorised && !refused_once => {
                refused_once = true;
                match turn.another_token().await? {
                    Some(access) => client.access = access,
                    None => break Err(error),
                }
            }
            Err(error) => break Err(error),
        }
    };
    turn.memory.budget = client.budget;
    let went = match outcome {
        Ok(booking) => {
            turn.memory.circuit.answered();
            posted(turn, document, &material.contact, &booking, &attempt, progress.remark()).await?
        }
        Err(error) => {
            attempt.reached(progress.checkpoint());
            failed(turn, document, &material.posting, attempt, &error).await?
        }
    };
    turn.in_flight = None;
    Ok(went)
}

pub fn reconnect() -> Reason {
    Reason::said(&Note::AwaitsConsent)
}

/// What should be there and is not: nobody but us can have lost it.
pub fn missing() -> Reason {
    Reason::said(&Note::ContentMissing)
}

/// Everything that a push needs, or why this document cannot be posted.
async fn material(turn: &Turn<'_>, document: &Document) -> Result<Result<Material, Reason>, TurnError> {
    let documents = turn.tenant.documents();
    let content = found(documents.content_now(document).await)?.flatten();
    let Some((content, mut posting)) = content.and_then(|content| content.posting().cloned().map(|it| (content, it)))
    else {
        return Ok(Err(missing()));
    };
    // A run books on its own day where the ledger has a place for that (EX-3).
    if let Some(export) = &document.export
        && let Some(PostingDateField::Own(_)) = ledgers::posting_date_field(&turn.connection)
    {
        posting.booking_date = Some(export.posting_date).filter(|date| *date != posting.issue_date);
    }
    let contacts = turn.tenant.contacts(document.administration);
    let contact = match contacts.get(posting.contact, Read::Eventual).await? {
        Some(contact) => Some(contact),
        None => contacts.get(posting.contact, Read::Consistent).await?,
    };
    let Some(contact) = contact else {
        return Ok(Err(Reason::said(&Lacking::ContactRemoved { contact: Text::of(posting.contact) })));
    };
    let options: Options = turn.connection.options.clone().into_iter().collect();
    let wanted = turn.ledger.books().map(|books| books.attaches(&options)).unwrap_or_default();
    let Some(files) = found(files(turn, document, &content, &posting, wanted).await)? else {
        return Ok(Err(missing()));
    };
    Ok(Ok(Material { content, posting, contact, files, options }))
}

/// Nothing where nothing was found.
pub fn found<T>(result: Result<T, StoreError>) -> Result<Option<T>, StoreError> {
    match result {
        Ok(found) => Ok(Some(found)),
        Err(error) if error.kind() == StoreErrorKind::NotFound => Ok(None),
        Err(error) => Err(error),
    }
}

/// The document as delivered, and the first PDF that is embedded in it, as far as they are wanted.
async fn files(
    turn: &Turn<'_>,
    document: &Document,
    content: &Content,
    posting: &Posting,
    wanted: &[FileKind],
) -> Result<Vec<(FileKind, String, Vec<u8>)>, StoreError> {
    let documents = turn.tenant.documents();
    let name: String = posting.number.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let kind = match &content.source {
        Some(Source::Ubl | Source::Cii) => Some(FileKind::Ubl),
        Some(Source::HybridPdf) => Some(FileKind::Pdf),
        Some(Source::Recognised { .. }) | None => match document.format {
            domain::automation::DocumentFormat::Pdf => Some(FileKind::Pdf),
            domain::automation::DocumentFormat::Ubl
            | domain::automation::DocumentFormat::Scan
            | domain::automation::DocumentFormat::Statement => None,
        },
    };
    let mut files = Vec::new();
    if let Some(kind) = kind.filter(|kind| wanted.contains(kind)) {
        let ending = match kind {
            FileKind::Pdf => "pdf",
            FileKind::Ubl => "xml",
        };
        let bytes = documents.file(document.id, StoredFile::Source, SOURCE_BYTES_MAX).await?;
        files.push((kind, format!("{name}.{ending}"), bytes));
    }
    let attachments = content.invoice.as_ref().map(|invoice| invoice.attachments.as_slice()).unwrap_or_default();
    let first_pdf = attachments.iter().position(|attachment| {
        matches!(attachment.source, AttachmentSource::Embedded { .. })
            && attachment.mime.as_deref() == Some("application/pdf")
    });
    if kind == Some(FileKind::Ubl)
        && wanted.contains(&FileKind::Pdf)
        && let Some(number) = first_pdf.and_then(|number| u16::try_from(number).ok())
    {
        // It may have claimed to be a PDF and was not kept as one.
        let file = documents.file(document.id, StoredFile::Attachment(number), SOURCE_BYTES_MAX).await;
        files.extend(found(file)?.map(|bytes| (FileKind::Pdf, format!("{name}.pdf"), bytes)));
    }
    Ok(files)
}

/// Records the booking. What the ledger did not take of it stands in the history beside it.
async fn posted(
    turn: &mut Turn<'_>,
    before: &Document,
    contact: &Contact,
    booking: &LedgerDocument,
    attempt: &Attempt,
    remark: Option<&LedgerError>,
) -> Result<Went, TurnError> {
    let now = turn.app.clock.now();
    let (status, step) = before.status.after(Event::LedgerAccepted)?;
    let booked = Booked {
        ledger_id: booking.id.clone(),
        ledger_number: booking.number.clone(),
        link: booking.link.clone(),
        at: now,
    };
    let version = before.version + 1;
    let after = Document { version, status, updated_at: now, reason: None, booked: Some(booked), ..before.clone() };
    let remark = remark.map(|remark| reason(turn, remark));
    let record = if attempt.waits_for.is_some() || remark.is_some() {
        let by = before.posted_by.as_ref().map_or(Actor::System, |by| Actor::User(by.user));
        let reason = Some(remark.unwrap_or_else(|| Reason::said(&Note::WentOn)));
        let event = Some(Event::LedgerAccepted);
        Record::Entry(HistoryEntry { at: now, by, event, status, version, reason })
    } else {
        Record::Covered
    };
    let change = Change::new(before, &after, step, record).fenced(turn.lease.fence);
    turn.tenant.documents().transition(change, &turn.writer).await?;
    count(if is_automatic(before.posted_by.as_ref()) { Metric::PostedAutomatically } else { Metric::PostedByHand }, 1);
    tracing::info!(
        tenant = %turn.tenant.id(),
        document = %before.id,
        unit = %turn.unit,
        ledger_number = %booking.number,
        "Document posted."
    );
    // First put together, then stored: both want the lock.
    let codes = merged(turn, &booking.codes);
    turn.app.known.codes().insert(turn.unit.clone(), codes);
    remember_contact(turn, before, contact, booking).await?;
    Ok(Went::On)
}

fn is_automatic(posted_by: Option<&PostedBy>) -> bool {
    posted_by.is_some_and(|posted_by| posted_by.rule.is_some())
}

/// Ids behind the codes of this unit, as this process knows them; else as its directories listed them last. What is not among
/// them the ledger is asked for, and it allows few requests.
async fn known_codes(turn: &Turn<'_>) -> Result<Codes, TurnError> {
    let known = turn.app.known.codes().get(&turn.unit).cloned();
    if let Some(codes) = known {
        return Ok(codes);
    }
    let mut codes = Codes::default();
    for kind in turn.ledger.descriptor().ids {
        if let Some(listed) = turn.tenant.directories().get(&turn.unit, *kind).await? {
            codes.learn(*kind, &listed.entries);
        }
    }
    turn.app.known.codes().insert(turn.unit.clone(), codes.clone());
    Ok(codes)
}

fn merged(turn: &Turn<'_>, learned: &Codes) -> Codes {
    let mut codes = turn.app.known.codes().get(&turn.unit).cloned().unwrap_or_default();
    codes.extend(learned);
    codes
}

/// Stores with the contact who it is in the ledger, once: the next push need not look.
async fn remember_contact(
    turn: &mut Turn<'_>,
    document: &Document,
    contact: &Contact,
    booking: &LedgerDocument,
) -> Result<(), TurnError> {
    if contact.ledger_contact.as_ref() == Some(&booking.contact) {
        return Ok(());
    }
    let contacts = turn.tenant.contacts(document.administration);
    if let Err(error) = contacts.remember(contact, &booking.contact).await {
        // Only a convenience: somebody edits the contact right now, and the next push looks again.
        tracing::info!(contact = %contact.id, %error, "The contact's ledger id was not stored.");
    } else if let Some(by) = &document.posted_by {
        templates::relation_known(turn, document.administration, contact.id, by.user).await?;
    }
    Ok(())
}

/// What an error means for the document and for the unit.
async fn failed(
    turn: &mut Turn<'_>,
    document: &Document,
    posting: &Posting,
    attempt: Attempt,
    error: &LedgerError,
) -> Result<Went, TurnError> {
    tracing::warn!(
        tenant = %turn.tenant.id(),
        document = %document.id,
        unit = %turn.unit,
        code = error.code().as_str(),
        operation = error.operation().as_str(),
        "Document not posted."
    );
    match judge(turn, attempt, error).await? {
        Verdict::NothingSent => Ok(Went::Stop(turn.app.clock.now())),
        Verdict::PutOff { until, attempt, wait, went } => {
            put_off(turn, document, until, *attempt, wait, reason(turn, error)).await?;
            Ok(went)
        }
        Verdict::Consent(attempt) => {
            let why = if error.kind() == ErrorKind::ReconnectNeeded { reason(turn, error) } else { reconnect() };
            wait_for_consent(turn, document, *attempt, why).await
        }
        Verdict::Refused => {
            forget_codes(turn, posting, error.code());
            count(Metric::LedgerRejected, 1);
            end(turn, document, Event::LedgerRejected, reason(turn, error)).await
        }
        Verdict::Unclear => {
            count(Metric::LedgerUncertain, 1);
            end(turn, document, Event::LedgerUnclear, reason(turn, error)).await
        }
    }
}

/// A document of which something is missing on our side: it goes back to people, and holds up nobody else. Whether the
/// ledger has it is only in doubt when something was sent before.
async fn unpostable(
    turn: &mut Turn<'_>,
    document: &Document,
    attempt: &Attempt,
    reason: Reason,
) -> Result<Went, TurnError> {
    tracing::error!(
        tenant = %turn.tenant.id(),
        document = %document.id,
        unit = %turn.unit,
        code = %reason.code,
        "Document cannot be posted."
    );
    let (event, metric) = match attempt.checkpoint {
        None => (Event::LedgerRejected, Metric::LedgerRejected),
        Some(_) => (Event::LedgerUnclear, Metric::LedgerUncertain),
    };
    count(metric, 1);
    end(turn, document, event, reason).await
}

/// For people: our sentence, and the ledger's own words beside it.
pub fn reason(turn: &Turn<'_>, error: &LedgerError) -> Reason {
    Reason::said(&error.told(turn.ledger.descriptor().name))
}

/// A code that the ledger does not know is not remembered any longer.
fn forget_codes(turn: &Turn<'_>, posting: &Posting, code: ErrorCode) {
    if matches!(code, ErrorCode::UnknownAccount | ErrorCode::UnknownVatCode | ErrorCode::UnknownReference)
        && let Some(codes) = turn.app.known.codes().get_mut(&turn.unit)
    {
        for line in &posting.lines {
            codes.accounts.remove(&line.account);
            codes.vat_codes.remove(&line.vat_code);
        }
    }
}

/// Puts a document off. Its history is told why, unless it waits for that already.
async fn put_off(
    turn: &Turn<'_>,
    document: &Document,
    due: Instant,
    mut attempt: Attempt,
    wait: &str,
    reason: Reason,
) -> Result<(), TurnError> {
    let said = attempt.waits_for.as_ref().is_some_and(|waits_for| waits_for.what == wait);
    attempt.wait_for(wait, document.version);
    let entry = (!said).then(|| turn.note(document, reason));
    let stored = attempt.stored();
    let put_off = PutOff { due, checkpoint: Some(&stored), entry: entry.as_ref() };
    turn.tenant.documents().postpone(document, put_off, turn.lease.fence, &turn.writer).await?;
    Ok(())
}

/// Documents wait, they do not fail: somebody has to sign in first. The unit remembers it before the document does, so that
/// whoever comes after that looks for it.
async fn wait_for_consent(
    turn: &mut Turn<'_>,
    document: &Document,
    attempt: Attempt,
    reason: Reason,
) -> Result<Went, TurnError> {
    turn.awaits_consent().await?;
    let due = turn.app.clock.now() + FOR_CONSENT;
    put_off(turn, document, due, attempt, CONSENT, reason).await?;
    Ok(Went::On)
}

/// Somebody signed in: the document says that it goes on.
async fn go_on(turn: &Turn<'_>, document: &Document, attempt: &mut Attempt) -> Result<(), TurnError> {
    attempt.waits_for = None;
    let entry = turn.note(document, Reason::said(&Note::Reconnected));
    let stored = attempt.stored();
    let put_off = PutOff { due: turn.app.clock.now(), checkpoint: Some(&stored), entry: Some(&entry) };
    turn.tenant.documents().postpone(document, put_off, turn.lease.fence, &turn.writer).await?;
    Ok(())
}

/// The ledger, or nobody, has the last word: the document goes back to people.
async fn end(turn: &mut Turn<'_>, before: &Document, event: Event, reason: Reason) -> Result<Went, TurnError> {
    let now = turn.app.clock.now();
    // What an export run handed over goes back to its list when the ledger says no: Finance has it in hand.
    let (event, export) = match (event, &before.export) {
        (Event::LedgerRejected, Some(_)) => (Event::PutBack, None),
        (event, export) => (event, export.clone()),
    };
    let (status, step) = before.status.after(event)?;
    let version = before.version + 1;
    let mut holds = before.holds.clone();
    // Somebody looks into the ledger, and says that it is not there.
    let asks_a_look = reason.code == ErrorCode::Duplicate.as_str()
        || (event == Event::LedgerUnclear && reason.code == ErrorCode::Held.as_str());
    if asks_a_look && !holds.contains(&HoldCode::InLedger) {
        holds.push(HoldCode::InLedger);
    }
    let after =
        Document { version, status, updated_at: now, holds, reason: Some(reason.clone()), export, ..before.clone() };
    let entry = HistoryEntry { at: now, by: Actor::System, event: Some(event), status, version, reason: Some(reason) };
    let change = Change::new(before, &after, step, Record::Entry(entry)).fenced(turn.lease.fence);
    turn.tenant.documents().transition(change, &turn.writer).await?;
    Ok(Went::On)
}
