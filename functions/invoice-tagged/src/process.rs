//! One tagged document: read, match, code, claim, and the transition that says how it came out.

use crate::{App, Books, reading, reading::Reading};
use domain::{
    automation::DocumentFormat,
    coding::{self, OtherSide},
    contact::{self, Contact, Match},
    content::{ClearedHold, Coded, Content, Situation, Source},
    document::{Actor, Document, Event, NotAllowed, Status, Step},
    edit::Edits,
    hold::{self, Hold, HoldCode, Obtained},
    ids::{AdministrationId, DocumentId, TenantId},
    invoice::Invoice,
    ledger::Direction,
    office::Administration,
    reason::{Reason, cut},
    template::PostingTemplate,
    time::Instant,
};
use runtime::message::DocumentMessage;
use store::{
    ErrorKind, StoreError, TenantStore, Writer,
    document::{Change, Claim, ClaimKey, Delivered, File, Put, Record},
};

/// Why a record could not be handled. It is delivered again, and ends among the dead letters when that does not help.
#[derive(Debug, thiserror::Error)]
pub enum TaggedError {
    /// The body of the record is nothing we know.
    #[error("the record cannot be decoded: {0}")]
    Undecodable(String),
    /// The source of an event may not act for the tenant.
    #[error("the source {from} is not mapped to {tenant}")]
    SourceNotMapped {
        /// Who sent it.
        from: String,
        /// For whom.
        tenant: TenantId,
    },
    /// An event came with another file under the id of an earlier one.
    #[error("an event {0} came before with another file")]
    EventReused(String),
    /// No such document.
    #[error("there is no {0}")]
    NoDocument(DocumentId),
    /// No such administration.
    #[error("there is no {0}")]
    NoAdministration(AdministrationId),
    /// The document cannot be tagged as it stands.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// A table or the bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Reads and codes the document that a message names. A document that has moved on since needs nothing.
pub async fn read(app: &App, books: &Books, message: &DocumentMessage, writer: &Writer) -> Result<(), TaggedError> {
    let tenant = app.store.tenant(message.tenant);
    let documents = tenant.documents();
    let Some(delivered) = documents.delivered_at_least(message.document, message.version).await? else {
        return Err(TaggedError::NoDocument(message.document));
    };
    let before = &delivered.document;
    let (Status::Tagged, Some(tag), true) = (before.status, before.tag, before.version == message.version) else {
        tracing::info!(document = %before.id, version = before.version, "Nothing to do: the document has moved on.");
        return Ok(());
    };
    let look = async { tenant.administrations().get_even_deleted(before.administration).await };
    let Some(administration) = Box::pin(books.get((message.tenant, before.administration), look)).await? else {
        return Err(TaggedError::NoAdministration(before.administration));
    };
    let content = Box::pin(content(app, &tenant, &delivered, tag, &administration)).await?;
    let version = before.version + 1;
    let content = match documents.put_content(before.id, version, &content, writer).await? {
        Put::New => content,
        Put::Existing(first) => first,
    };
    let (after, step) = outcome(before, tag, &content, &administration)?;
    let stored = match (after.status, &content.edits) {
        // What a person has in hand is posted by a person: nothing is decided on it.
        (Status::Complete, Some(_)) => {
            documents.rest(Change::new(before, &after, Step::Announce, Record::Covered), writer).await
        }
        (_, _) => documents.transition(Change::new(before, &after, step, Record::Covered), writer).await,
    };
    match stored {
        Ok(()) => {
            tracing::info!(
                tenant = %message.tenant,
                document = %after.id,
                status = after.status.as_str(),
                reason = after.reason.as_ref().map(|reason| reason.code.as_str()),
                "Document read."
            );
            Ok(())
        }
        // Somebody was faster with the same message: it is done.
        Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What the document says and how it is coded.
async fn content(
    app: &App,
    tenant: &TenantStore,
    delivered: &Delivered,
    tag: Direction,
    administration: &Administration,
) -> Result<Content, TaggedError> {
    let documents = tenant.documents();
    let document = &delivered.document;
    let now = app.clock.now();
    let earlier = documents.content_now(document).await?;
    let unread = |coded| Content {
        tagged_at: document.tagged_at.unwrap_or(document.received_at),
        tagged_by: document.tagged_by.clone().unwrap_or(Actor::System),
        read_at: now,
        contact: document.contact,
        source: None,
        invoice: None,
        violations: Vec::new(),
        holds: Vec::new(),
        cleared: earlier.as_ref().map(|content| content.cleared.clone()).unwrap_or_default(),
        confidence_threshold: None,
        edits: None,
        rate: None,
        refusal: None,
        coded,
    };
    let bytes = documents.source(delivered).await?;
    let fields = match document.format {
        DocumentFormat::Ubl => None,
        DocumentFormat::Pdf | DocumentFormat::Scan | DocumentFormat::Statement => {
            documents.recognised(delivered).await?
        }
    };
    let reading = match reading::read(&bytes, document.format, fields.as_deref()) {
        Ok(reading) => reading,
        Err(error) => {
            // What a person keyed in of it stays.
            let content = unread(Coded::Unreadable { error });
            let Some(edits) = kept_edits(document, earlier.as_ref()) else { return Ok(content) };
            let found = other_side(tenant, document, tag, &Invoice::default(), administration).await?;
            let content = content.edited(Some(edits), &found.situation(tag, administration, now), now);
            return claimed(tenant, document, content, tag, earlier.as_ref()).await;
        }
    };
    for file in &reading.embedded {
        let number = u16::try_from(file.index).unwrap_or(u16::MAX);
        documents.put_file(document.id, File::Attachment(number), file.bytes.clone(), file.mime.as_str()).await?;
    }
    let found = other_side(tenant, document, tag, &reading.invoice, administration).await?;
    let mut holds = reading.holds.clone();
    holds.extend(hold::holds(
        &reading.invoice,
        tag,
        found.contact(),
        &administration.own,
        obtained(app, &reading),
        administration.time_zone.date_at(now),
    ));
    let coded = match coding::code(&reading.invoice, tag, found.other_side(), found.template()) {
        Ok(posting) => Coded::Complete { posting: Box::new(posting) },
        Err(missing) => {
            let missing = missing.iter().map(Reason::from).chain(reading.findings.iter().cloned()).collect();
            Coded::Incomplete { missing }
        }
    };
    let confidence_threshold = match &reading.source {
        Source::Recognised { .. } => Some(app.confidence_threshold),
        Source::Ubl | Source::HybridPdf | Source::Cii => None,
    };
    let mut content = Content {
        contact: found.contact().map(|contact| contact.id),
        source: Some(reading.source),
        invoice: Some(reading.invoice),
        violations: reading.violations,
        holds,
        confidence_threshold,
        ..unread(coded)
    };
    if let Some(edits) = kept_edits(document, earlier.as_ref()) {
        content = content.edited(Some(edits), &found.situation(tag, administration, now), now);
    }
    claimed(tenant, document, content, tag, earlier.as_ref()).await
}

/// The content with what was found of duplicates.
async fn claimed(
    tenant: &TenantStore,
    document: &Document,
    mut content: Content,
    tag: Direction,
    earlier: Option<&Content>,
) -> Result<Content, TaggedError> {
    let keys = match (content.posting(), content.corrected()) {
        (Some(posting), Some(invoice)) => ClaimKey::of(document.administration, tag, posting.contact, &invoice),
        (_, _) => Vec::new(),
    };
    let duplicate = duplicate(tenant, document, &keys, &content.cleared, earlier).await?;
    // The first hold is what lists show, and nothing else goes on before this one is cleared.
    content.holds = duplicate.into_iter().chain(content.holds).collect();
    Ok(content)
}

/// A person who only chose another contact keeps what he corrected; lines were meant for the contact of before. Tagged
/// again, a document begins anew.
fn kept_edits(document: &Document, earlier: Option<&Content>) -> Option<Edits> {
    let mut edits = earlier?.edits.clone().filter(|_| document.contact.is_some())?;
    edits.coding.lines = None;
    edits.coding.booking_date = None;
    Some(edits).filter(|edits| !edits.is_empty())
}

fn obtained<'a>(app: &App, reading: &'a Reading) -> Obtained<'a> {
    match &reading.source {
        Source::Recognised { fields } => {
            Obtained::Recognised { fields, threshold: app.confidence_threshold, violations: &reading.violations }
        }
        Source::Ubl | Source::HybridPdf | Source::Cii => Obtained::Read { violations: &reading.violations },
    }
}

/// Who the other side of the document is.
enum Found {
    Known(Box<Contact>, Option<PostingTemplate>),
    Unknown,
    Ambiguous,
}

impl Found {
    fn contact(&self) -> Option<&Contact> {
        match self {
            Self::Known(contact, _) => Some(contact),
            Self::Unknown | Self::Ambiguous => None,
        }
    }

    fn template(&self) -> Option<&PostingTemplate> {
        match self {
            Self::Known(_, template) => template.as_ref(),
            Self::Unknown | Self::Ambiguous => None,
        }
    }

    fn situation<'a>(&'a self, tag: Direction, administration: &'a Administration, now: Instant) -> Situation<'a> {
        Situation {
            direction: tag,
            other_side: self.other_side(),
            template: self.template(),
            own: &administration.own,
            today: administration.time_zone.date_at(now),
        }
    }

    fn other_side(&self) -> OtherSide<'_> {
        match self {
            Self::Known(contact, _) => OtherSide::Known(contact),
            Self::Unknown => OtherSide::Unknown,
            Self::Ambiguous => OtherSide::Ambiguous,
        }
    }
}

/// The contact that a person chose, or the one that the document's identifiers name (AP-55).
async fn other_side(
    tenant: &TenantStore,
    document: &Document,
    tag: Direction,
    invoice: &Invoice,
    administration: &Administration,
) -> Result<Found, TaggedError> {
    let contacts = tenant.contacts(document.administration);
    let matched = match document.contact {
        Some(chosen) => Match::One(chosen),
        None => {
            let keys = contact::match_keys(invoice, tag, &administration.own);
            contact::conclude(contacts.find(tag, &keys).await?.into_iter().map(|found| found.contact))
        }
    };
    Ok(match matched {
        Match::One(id) => match contacts.with_template(id).await? {
            (Some(contact), template) => Found::Known(Box::new(contact), template.map(|template| template.value)),
            (None, _) => Found::Unknown,
        },
        Match::Nobody => Found::Unknown,
        Match::Several(_) => Found::Ambiguous,
    })
}

/// Claims a complete document's number, and its date and total: whoever has them already makes it a suspected duplicate
/// (AP-56). Claims of an earlier reading that no longer hold go back. A cleared suspicion claims nothing.
async fn duplicate(
    tenant: &TenantStore,
    document: &Document,
    keys: &[ClaimKey],
    cleared: &[ClearedHold],
    earlier: Option<&Content>,
) -> Result<Option<Hold>, TaggedError> {
    let claims = tenant.claims();
    if let Some(posting) = earlier.and_then(Content::posting)
        && let Some(invoice) = earlier.and_then(Content::corrected)
    {
        let held = ClaimKey::of(document.administration, posting.direction, posting.contact, &invoice);
        let gone: Vec<ClaimKey> = held.into_iter().filter(|key| !keys.contains(key)).collect();
        claims.release(&gone, document.id).await?;
    }
    if let Some(hold) = earlier
        .filter(|_| cleared.iter().any(|cleared| cleared.code == HoldCode::DuplicateSuspected))
        .and_then(|content| content.holds.iter().find(|hold| hold.code == HoldCode::DuplicateSuspected))
    {
        return Ok(Some(hold.clone()));
    }
    Ok(match claims.claim(keys, document.id).await? {
        Claim::Claimed => None,
        Claim::HeldBy(other) => Some(Hold::duplicate_of(other)),
    })
}

/// The document as it comes out.
fn outcome(
    before: &Document,
    tag: Direction,
    content: &Content,
    administration: &Administration,
) -> Result<(Document, Step), NotAllowed> {
    let held = content.open_holds().next().map(Reason::from);
    let (event, reason) = match &content.coded {
        Coded::Complete { .. } => (Event::Completed, held),
        Coded::Incomplete { missing } => (Event::FoundIncomplete, missing.first().cloned().or(held)),
        Coded::Unreadable { error } => (Event::FoundUnreadable, Some(error.clone())),
    };
    let (status, step) = before.status.after(event)?;
    let invoice = content.corrected();
    let invoice = invoice.as_ref();
    let version = before.version + 1;
    let name = invoice.and_then(|invoice| contact::other_side(invoice, tag).name.clone());
    Ok((
        Document {
            version,
            status,
            updated_at: content.read_at,
            content_version: Some(version),
            decision_version: None,
            format: content.source.as_ref().map_or(before.format, |source| format(source, before)),
            kind: invoice.map(|invoice| invoice.kind),
            contact: content.contact.or(before.contact),
            party: name.map(|name| cut(&name, 60).to_owned()),
            number: invoice.and_then(|invoice| invoice.number.as_deref().map(|number| cut(number, 40).to_owned())),
            issue_date: invoice.and_then(|invoice| invoice.issue_date),
            currency: invoice.and_then(|invoice| invoice.currency),
            gross: invoice.and_then(|invoice| invoice.totals.gross),
            holds: content.open_holds().map(|hold| hold.code).collect(),
            reason,
            missing: content.missing_codes(),
            accounts: content.accounts(),
            unit: administration.unit.clone(),
            posted_by: None,
            booked: None,
            export: None,
            ..before.clone()
        },
        step,
    ))
}

/// What the document counts as for automation rules: a structured file that is no UBL counts as PDF.
fn format(source: &Source, before: &Document) -> DocumentFormat {
    match source {
        Source::Ubl => DocumentFormat::Ubl,
        Source::HybridPdf | Source::Cii => DocumentFormat::Pdf,
        Source::Recognised { .. } => before.format,
    }
}
