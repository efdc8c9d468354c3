//! Posting one document: request by request, with what must outlive the process stored in between.

use crate::{
    tokens::Access,
    turn::{Turn, TurnError},
};
use chrono::TimeDelta;
use domain::{
    contact::Contact,
    content::{Content, HistoryEntry, Source},
    document::{Actor, Booked, Document, Event, PostedBy, Status},
    hold::HoldCode,
    ids::DocumentId,
    invoice::AttachmentSource,
    ledger::DirectoryKind,
    office::{Choice, ConnectionState},
    posting::Posting,
    reason::Reason,
    time::Instant,
};
use ledgers::{
    Advance, Checkpoint, Codes, CreateContacts, Duplicates, ErrorCode, ErrorKind, File, FileKind, LedgerDocument,
    LedgerError, Options, Progress, PushRequest, Reach, Seen,
};
use runtime::telemetry::{Metric, count};
use serde::{Deserialize, Serialize};
use store::{
    ErrorKind as StoreErrorKind, Read,
    document::{Change, File as StoredFile, Head, Record, SOURCE_BYTES_MAX},
};

/// Without the ledger's own word, a failed attempt is repeated after this long.
const RETRY: TimeDelta = TimeDelta::seconds(30);

/// The limits that matter here start again each minute of the clock.
const RATE_PAUSE: TimeDelta = TimeDelta::seconds(20);

/// What became of a document in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Went {
    /// It is done, or there was nothing to do: on to the next one.
    On,
    /// It is due again then; others may go on.
    Later(Instant),
    /// Nothing more can be done in this unit before then.
    Stop(Instant),
}

/// What is kept of an attempt between turns.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Attempt {
    /// What the ledger's code wants to find again.
    #[serde(rename = "c")]
    pub checkpoint: Checkpoint,
    /// An earlier request may still land until then: nothing is looked for or sent before.
    #[serde(rename = "n", skip_serializing_if = "Option::is_none")]
    pub not_before: Option<Instant>,
}

impl Attempt {
    /// Reads what is stored; nothing stored, or nothing readable, is an attempt of which nothing is known.
    pub fn read(stored: Option<&str>) -> Self {
        stored.and_then(|stored| serde_json::from_str(stored).ok()).unwrap_or_default()
    }

    /// As it is stored.
    pub fn stored(&self) -> String {
        serde_json::to_string(self).unwrap_or_else(|_| "{}".to_owned())
    }
}

/// Everything that a push needs, read once.
struct Material {
    content: Content,
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
    let now = turn.app.clock.now();
    let attempt = head.checkpoint.as_deref().map(|stored| Attempt::read(Some(stored)));
    let not_before = attempt.as_ref().and_then(|attempt| attempt.not_before);
    if let Some(later) = head.due.max(not_before).filter(|due| *due > now) {
        return Ok(Went::Later(later));
    }
    if turn.connection.state != ConnectionState::Connected {
        return wait_for_a_person(turn, &head, reconnect()).await;
    }
    let material = material(turn, document).await?;
    let Some(posting) = material.content.posting() else { return Err(TurnError::NoContent(id)) };
    let access = match turn.access(Seen::Good).await? {
        Access::Token(access) => access,
        Access::WaitUntil(until) => return Ok(Went::Stop(until)),
        Access::Failed(until) => {
            turn.memory.circuit.failed(now);
            return Ok(Went::Stop(turn.memory.circuit.open_until(now).unwrap_or(until)));
        }
        Access::ReconnectNeeded => {
            turn.connection.state = ConnectionState::ReconnectNeeded;
            return wait_for_a_person(turn, &head, reconnect()).await;
        }
    };
    if !turn.names(id) {
        turn.name(Some(id)).await?;
    }

    let clock_source = turn.app.clock;
    let clock = move || clock_source.now();
    let mut client = turn.client(access, &clock)?;
    if client.room() < turn.ledger.descriptor().requests_per_push {
        // The rest of this minute is not worth beginning with; nothing was sent.
        return Ok(Went::Stop(clock() + RATE_PAUSE));
    }
    let codes = known_codes(turn).await?;
    let files: Vec<File<'_>> =
        material.files.iter().map(|(kind, name, bytes)| File { kind: *kind, name, bytes }).collect();
    let request = PushRequest {
        document: id,
        posting,
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
    let mut progress = attempt.map_or_else(Progress::first, |attempt| Progress::again(attempt.checkpoint));
    let mut refused_once = false;
    let outcome = loop {
        match client.advance(&request, &mut progress).await {
            Ok(Advance::Next) => {}
            Ok(Advance::Store) => {
                let attempt = Attempt { checkpoint: progress.checkpoint().clone(), not_before: None };
                let documents = turn.tenant.documents();
                documents.checkpoint(id, document.version, turn.lease.fence, &attempt.stored(), &turn.writer).await?;
            }
            Ok(Advance::Done(booking)) => break Ok(booking),
            Err(error) if error.kind() == ErrorKind::Unauthorised && !refused_once => {
                refused_once = true;
                match turn.access(Seen::Refused).await? {
                    Access::Token(access) => client.access = access,
                    Access::WaitUntil(until) | Access::Failed(until) => {
                        // Until there is a new one, every request would be refused, and ledgers count that.
                        turn.memory.circuit.leave_alone(until);
                        break Err(error);
                    }
                    Access::ReconnectNeeded => {
                        turn.connection.state = ConnectionState::ReconnectNeeded;
                        break Err(error);
                    }
                }
            }
            Err(error) => break Err(error),
        }
    };
    turn.memory.budget = client.budget;
    match outcome {
        Ok(booking) => {
            turn.memory.circuit.answered();
            posted(turn, document, &material.contact, &booking).await
        }
        Err(error) => failed(turn, &head, posting, progress.checkpoint().clone(), &error).await,
    }
}

fn reconnect() -> Reason {
    Reason::new("reconnect_needed", "The connection to the ledger needs somebody to sign in there again")
}

async fn material(turn: &Turn<'_>, document: &Document) -> Result<Material, TurnError> {
    let documents = turn.tenant.documents();
    let content = match document.content_version {
        Some(version) => documents.content(document.id, version).await?,
        None => None,
    };
    let content = content.ok_or(TurnError::NoContent(document.id))?;
    let posting = content.posting().ok_or(TurnError::NoContent(document.id))?;
    let contacts = turn.tenant.contacts(document.administration);
    let contact = contacts.get(posting.contact, Read::Eventual).await?.ok_or(TurnError::NoContent(document.id))?;
    let files = files(turn, document, &content, posting).await?;
    let options: Options = turn.connection.options.clone().into_iter().collect();
    Ok(Material { content, contact, files, options })
}

/// The document as delivered, and the first PDF that is embedded in it.
async fn files(
    turn: &Turn<'_>,
    document: &Document,
    content: &Content,
    posting: &Posting,
) -> Result<Vec<(FileKind, String, Vec<u8>)>, TurnError> {
    let documents = turn.tenant.documents();
    let name: String = posting.number.chars().map(|c| if c.is_alphanumeric() { c } else { '-' }).collect();
    let kind = match &content.source {
        Some(Source::Ubl | Source::Cii) => Some(FileKind::Ubl),
        Some(Source::HybridPdf) => Some(FileKind::Pdf),
        Some(Source::Recognised { .. }) | None => match document.format {
            domain::automation::DocumentFormat::Pdf => Some(FileKind::Pdf),
            domain::automation::DocumentFormat::Ubl | domain::automation::DocumentFormat::Scan => None,
        },
    };
    let mut files = Vec::new();
    if let Some(kind) = kind {
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
        && let Some(number) = first_pdf.and_then(|number| u16::try_from(number).ok())
    {
        match documents.file(document.id, StoredFile::Attachment(number), SOURCE_BYTES_MAX).await {
            Ok(bytes) => files.push((FileKind::Pdf, format!("{name}.pdf"), bytes)),
            // It claimed to be a PDF and was not kept as one.
            Err(error) if error.kind() == StoreErrorKind::NotFound => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(files)
}

/// Records the booking.
async fn posted(
    turn: &mut Turn<'_>,
    before: &Document,
    contact: &Contact,
    booking: &LedgerDocument,
) -> Result<Went, TurnError> {
    let now = turn.app.clock.now();
    let (status, step) = before.status.after(Event::LedgerAccepted)?;
    let booked = Booked {
        ledger_id: booking.id.clone(),
        ledger_number: booking.number.clone(),
        link: booking.link.clone(),
        at: now,
    };
    let after = Document {
        version: before.version + 1,
        status,
        updated_at: now,
        reason: None,
        booked: Some(booked),
        ..before.clone()
    };
    let change = Change::new(before, &after, step, Record::Covered).fenced(turn.lease.fence);
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
    for kind in [DirectoryKind::LedgerAccounts, DirectoryKind::VatCodes] {
        if let Some(listed) = turn.tenant.directories().get(&turn.unit, kind).await? {
            codes.learn(kind, &listed.entries);
        }
    }
    turn.app.known.codes().insert(turn.unit.clone(), codes.clone());
    Ok(codes)
}

fn merged(turn: &Turn<'_>, learned: &Codes) -> Codes {
    let mut codes = turn.app.known.codes().get(&turn.unit).cloned().unwrap_or_default();
    codes.accounts.extend(learned.accounts.clone());
    codes.vat_codes.extend(learned.vat_codes.clone());
    codes
}

/// Stores with the contact who it is in the ledger, once: the next push need not look.
async fn remember_contact(
    turn: &Turn<'_>,
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
    }
    Ok(())
}

/// What an error means for the document and for the unit.
async fn failed(
    turn: &mut Turn<'_>,
    head: &Head,
    posting: &Posting,
    checkpoint: Checkpoint,
    error: &LedgerError,
) -> Result<Went, TurnError> {
    let now = turn.app.clock.now();
    let document = &head.document;
    tracing::warn!(
        tenant = %turn.tenant.id(),
        document = %document.id,
        unit = %turn.unit,
        code = error.code().as_str(),
        operation = error.operation().as_str(),
        "Document not posted."
    );
    let reason = reason(error);
    match error.kind() {
        ErrorKind::Retryable { after } => {
            let after = after.and_then(|after| TimeDelta::from_std(after).ok());
            match error.code() {
                // Nothing was sent: the next turn goes on where this one stopped.
                ErrorCode::OutOfTime => Ok(Went::Stop(now)),
                ErrorCode::RateLimited | ErrorCode::ErrorBudget => {
                    let until = now + after.unwrap_or(RETRY);
                    postpone(turn, document, until, reason).await?;
                    Ok(Went::Stop(until))
                }
                _ => {
                    turn.memory.circuit.failed(now);
                    let until = turn.memory.circuit.open_until(now).unwrap_or(now + after.unwrap_or(RETRY));
                    postpone(turn, document, until, reason).await?;
                    if error.code().reach() == Reach::Document { Ok(Went::Later(until)) } else { Ok(Went::Stop(until)) }
                }
            }
        }
        ErrorKind::Unknown => {
            turn.memory.circuit.failed(now);
            let not_before = now + turn.settle();
            let attempt = Attempt { checkpoint, not_before: Some(not_before) };
            let documents = turn.tenant.documents();
            documents
                .checkpoint(document.id, document.version, turn.lease.fence, &attempt.stored(), &turn.writer)
                .await?;
            postpone(turn, document, not_before, reason).await?;
            Ok(if turn.memory.circuit.open_until(now).is_some() {
                Went::Stop(not_before)
            } else {
                Went::Later(not_before)
            })
        }
        ErrorKind::Unauthorised if turn.connection.state == ConnectionState::ReconnectNeeded => {
            wait_for_a_person(turn, head, reconnect()).await
        }
        ErrorKind::Unauthorised => {
            let until = turn.memory.circuit.open_until(now).unwrap_or(now + RETRY);
            postpone(turn, document, until, reason).await?;
            Ok(Went::Stop(until))
        }
        ErrorKind::ReconnectNeeded => {
            turn.holder()?.broken().await?;
            turn.connection.state = ConnectionState::ReconnectNeeded;
            wait_for_a_person(turn, head, reason).await
        }
        // The whole connection or set of books is refused, not this document: it waits until a person mended that.
        ErrorKind::Rejected if error.code().reach() != Reach::Document => wait_for_a_person(turn, head, reason).await,
        ErrorKind::Rejected => {
            forget_codes(turn, posting, error.code());
            turn.memory.circuit.answered();
            count(Metric::LedgerRejected, 1);
            end(turn, document, Event::LedgerRejected, reason).await
        }
        ErrorKind::Uncertain | ErrorKind::Bug => {
            count(Metric::LedgerUncertain, 1);
            end(turn, document, Event::LedgerUnclear, reason).await
        }
    }
}

/// For people: our sentence, and the ledger's own words beside it.
fn reason(error: &LedgerError) -> Reason {
    let text = match error.ledger_text() {
        Some(words) => format!("{} Ledger: {words}", error.message()),
        None => error.message().to_owned(),
    };
    Reason::new(error.code().as_str(), &text)
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

async fn postpone(turn: &Turn<'_>, document: &Document, due: Instant, reason: Reason) -> Result<(), TurnError> {
    let entry = turn.note(document, reason);
    turn.tenant.documents().postpone(document, due, turn.lease.fence, &entry, &turn.writer).await?;
    Ok(())
}

/// Documents wait, they do not fail: somebody has to sign in again or mend a setting first.
async fn wait_for_a_person(turn: &mut Turn<'_>, head: &Head, reason: Reason) -> Result<Went, TurnError> {
    let due = turn.for_a_person();
    postpone(turn, &head.document, due, reason).await?;
    Ok(Went::Stop(due))
}

/// The ledger, or nobody, has the last word: the document goes back to people.
async fn end(turn: &mut Turn<'_>, before: &Document, event: Event, reason: Reason) -> Result<Went, TurnError> {
    let now = turn.app.clock.now();
    let (status, step) = before.status.after(event)?;
    let version = before.version + 1;
    let mut holds = before.holds.clone();
    if reason.code == ErrorCode::Duplicate.as_str() && !holds.contains(&HoldCode::InLedger) {
        holds.push(HoldCode::InLedger);
    }
    let after = Document { version, status, updated_at: now, holds, reason: Some(reason.clone()), ..before.clone() };
    let entry = HistoryEntry { at: now, by: Actor::System, event: Some(event), status, version, reason: Some(reason) };
    let change = Change::new(before, &after, step, Record::Entry(entry)).fenced(turn.lease.fence);
    turn.tenant.documents().transition(change, &turn.writer).await?;
    Ok(Went::On)
}
