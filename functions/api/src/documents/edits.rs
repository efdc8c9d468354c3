//! A document in a person's hands: corrected, coded, saved half-way, and coded with the contact's template on request.

use super::{
    BULK_MAX, BulkAnswer, BulkResult, Changed, EditsBody, after, answered, audit, changed, content, entry, load, next,
    store_content, view::DocumentView,
};
use crate::{
    app::App,
    auth::Caller,
    contacts,
    extract::{Ids, IfMatch, IfMatchMaybe, Json},
    problem::{Answer, Code, Problem},
    templates,
};
use ::store::{
    Cursor, Read,
    document::{Change, Claim, ClaimKey, Filter, Record, Span},
    settings::Versioned as Stored,
};
use axum::{extract::State, response::Response};
use domain::{
    coding::{HandCoding, OtherSide},
    contact::Contact,
    content::{Coded, Content, Situation},
    document::{Document, Event, List, Status},
    edit::{Corrections, Edits, check_booking_date},
    hold::{Hold, HoldCode},
    ids::{AdministrationId, ContactId, DocumentId},
    ledger::{Direction, DirectoryEntry, DirectoryKind},
    office::Administration,
    reason::{Reason, cut},
    template::PostingTemplate,
    words::{Note, Text},
};
use serde_json::json;

/// A document that waits for a person, and everything it is coded with.
pub(super) struct Desk {
    pub(super) before: Document,
    pub(super) content: Content,
    pub(super) direction: Direction,
    administration: Administration,
    contact: Option<Contact>,
    pub(super) template: Option<Stored<PostingTemplate>>,
}

/// What an edit made of a document, not stored yet.
pub(super) struct Edited {
    pub(super) content: Content,
    what: Reason,
}

impl Desk {
    /// Everything about a document, if it may be edited now.
    pub(super) async fn open(app: &App, caller: &Caller, before: Document) -> Answer<Self> {
        after(&before, Event::EditedIncomplete)?;
        let direction = before.tag.ok_or_else(|| Problem::new(Code::State, "The document is not tagged."))?;
        let content = content(app, caller, &before).await?.ok_or_else(|| {
            Problem::new(Code::State, "The document was not read yet: it is read once it is tagged.").about(before.id)
        })?;
        let administration = app.administration(caller, before.administration).await?;
        let settings = app.of(caller.tenant);
        let (contact, template) = match before.contact {
            Some(id) => (
                settings.contacts(before.administration).get(id, Read::Consistent).await?,
                settings.templates(before.administration).get(id, Read::Consistent).await?,
            ),
            None => (None, None),
        };
        Ok(Self { before, content, direction, administration, contact, template })
    }

    fn other_side(&self) -> OtherSide<'_> {
        match &self.contact {
            Some(contact) => OtherSide::Known(contact),
            None if self.content.missing_codes().iter().any(|code| code == "contact_ambiguous") => OtherSide::Ambiguous,
            None => OtherSide::Unknown,
        }
    }

    /// What the ledger said last, when it refused the document.
    fn refusal(&self) -> Option<&Reason> {
        match self.before.status {
            Status::Rejected => self.before.reason.as_ref(),
            Status::Received
            | Status::Tagged
            | Status::Complete
            | Status::Incomplete
            | Status::Unreadable
            | Status::Posting
            | Status::Posted
            | Status::Uncertain
            | Status::Archived
            | Status::Deleted
            | Status::Ready
            | Status::Exporting
            | Status::Exported
            | Status::Shared => self.content.refusal.as_ref(),
        }
    }

    /// The edits that a request leads to, checked.
    pub(super) async fn merged(&self, app: &App, caller: &Caller, body: EditsBody) -> Answer<Edits> {
        let read = self.content.invoice.clone().unwrap_or_default();
        let reading = self.content.reading();
        if let Some(field) = body.corrected().into_iter().find(|field| !field.is_open(reading, &read)) {
            let detail = format!(
                "The document states its {} itself, in structured data: it stands as it is. Ask the sender for another \
                 document, or code this one.",
                field.as_str()
            );
            return Err(Problem::new(Code::NotEditable, detail.clone()).at(format!("/{}", field.as_str()), detail));
        }
        let directories = if body.needs_directories() {
            Some(templates::directories(app, caller, self.before.administration).await?)
        } else {
            None
        };
        let booking_date = body.booking_date.value();
        let mut edits = self.content.edits.clone().unwrap_or_else(|| Edits {
            by: caller.actor(),
            at: caller.now,
            fields: Corrections::default(),
            coding: HandCoding::default(),
        });
        body.merge(&mut edits.fields, &mut edits.coding, self.direction, directories.as_ref())?;
        if let Some(chosen) = booking_date {
            let issued = edits.fields.apply(&read).issue_date;
            let today = self.administration.time_zone.date_at(caller.now);
            let periods = self.periods(app, caller).await?;
            check_booking_date(self.refusal(), issued, chosen, today, periods.as_deref()).map_err(|error| {
                let detail = format!("{error}.");
                Problem::new(Code::BookingDate, detail.clone()).at("/booking_date", detail).about(self.before.id)
            })?;
        }
        edits.by = caller.actor();
        edits.at = caller.now;
        Ok(edits)
    }

    /// The ledger's periods, where it lists them.
    async fn periods(&self, app: &App, caller: &Caller) -> Answer<Option<Vec<DirectoryEntry>>> {
        let Some(unit) = &self.administration.unit else { return Ok(None) };
        let settings = app.of(caller.tenant);
        let connection = settings.connections().get(unit.connection, Read::Eventual).await?;
        let ledger = connection.and_then(|connection| ledgers::described(&connection.system));
        let listed = ledger.is_some_and(|ledger| ledger.capabilities.directories.contains(&DirectoryKind::Periods));
        match settings.directories().get(unit, DirectoryKind::Periods).await? {
            Some(directory) => Ok(Some(directory.entries)),
            None if listed => Err(templates::not_fetched(unit, DirectoryKind::Periods)),
            None => Ok(None),
        }
    }

    /// What the document becomes with these edits; nothing, when it stays as it is.
    pub(super) fn edit(&self, caller: &Caller, edits: Edits) -> Option<Edited> {
        let read = self.content.invoice.clone().unwrap_or_default();
        let difference = edits.difference(self.content.edits.as_ref(), &read);
        (!difference.is_empty()).then(|| self.recoded(caller, Some(edits), Reason::new("edited", &difference)))
    }

    /// What the document becomes with the contact's template in place of a person's lines; nothing, when it stays as it
    /// is. What a person corrected stays.
    fn with_template(&self, caller: &Caller) -> Answer<Option<Edited>> {
        let Some(contact) = &self.contact else {
            let detail = "The document has no contact yet: choose it, and its template is applied.";
            return Err(Problem::new(Code::State, detail).about(self.before.id));
        };
        let Some(template) = &self.template else {
            let detail = "The contact has no posting template: save one, or code the document.";
            return Err(Problem::new(Code::TemplateMissing, detail).about(contact.id));
        };
        let mut edits = self.content.edits.clone();
        if let Some(edits) = &mut edits {
            (edits.coding.lines, edits.coding.payment_reference) = (None, None);
        }
        let applied = Note::TemplateApplied { version: template.version, contact: Text::of(&contact.name) };
        let edited = self.recoded(caller, edits, Reason::said(&applied));
        let same = edited.content.coded == self.content.coded && edited.content.edits == self.content.edits;
        Ok((!same).then_some(edited))
    }

    fn recoded(&self, caller: &Caller, edits: Option<Edits>, what: Reason) -> Edited {
        let situation = Situation {
            direction: self.direction,
            other_side: self.other_side(),
            template: self.template.as_ref().map(|template| &template.value),
            own: &self.administration.own,
            today: self.administration.time_zone.date_at(caller.now),
        };
        let mut content = self.content.edited(edits, &situation, caller.now);
        content.refusal = self.refusal().cloned();
        Edited { content, what }
    }

    fn claims(&self, content: &Content) -> Vec<ClaimKey> {
        let contact = content.contact.or(self.before.contact);
        contact
            .zip(content.corrected())
            .map(|(contact, invoice)| ClaimKey::of(self.before.administration, self.direction, contact, &invoice))
            .unwrap_or_default()
    }

    /// Number, date and total are claimed as they are now: what another document has makes this one a suspected duplicate.
    /// A word given for other values does not count for these.
    async fn claim(&self, app: &App, caller: &Caller, content: &mut Content) -> Answer<bool> {
        let claims = app.of(caller.tenant).claims();
        let (held, wanted) = (self.claims(&self.content), self.claims(content));
        let same = held == wanted;
        let about_duplicates = |code: HoldCode| matches!(code, HoldCode::DuplicateSuspected | HoldCode::InLedger);
        if !same {
            let gone: Vec<ClaimKey> = held.into_iter().filter(|key| !wanted.contains(key)).collect();
            claims.release(&gone, self.before.id).await?;
            content.cleared.retain(|cleared| !about_duplicates(cleared.code));
        }
        let settled = content.cleared.iter().any(|cleared| cleared.code == HoldCode::DuplicateSuspected);
        if !settled {
            content.holds.retain(|hold| hold.code != HoldCode::DuplicateSuspected);
            if content.posting().is_some()
                && let Claim::HeldBy(other) = claims.claim(&wanted, self.before.id).await?
            {
                content.holds.insert(0, Hold::duplicate_of(other));
            }
        }
        Ok(same)
    }

    /// Stores what an edit made of the document.
    pub(super) async fn store(&self, app: &App, caller: &Caller, edited: Edited) -> Answer<Document> {
        let Edited { mut content, what } = edited;
        let before = &self.before;
        let same_claims = self.claim(app, caller, &mut content).await?;
        let event = match &content.coded {
            Coded::Complete { .. } => Event::EditedComplete,
            Coded::Incomplete { .. } | Coded::Unreadable { .. } => Event::EditedIncomplete,
        };
        let (status, step) = after(before, event)?;
        let mut holds: Vec<HoldCode> = content.open_holds().map(|hold| hold.code).collect();
        if same_claims && before.holds.contains(&HoldCode::InLedger) && !holds.contains(&HoldCode::InLedger) {
            holds.push(HoldCode::InLedger);
        }
        let held = content.open_holds().next().map(Reason::from);
        let reason = match &content.coded {
            Coded::Complete { .. } => held,
            Coded::Incomplete { missing } => missing.first().cloned().or(held),
            Coded::Unreadable { error } => Some(error.clone()),
        };
        let following = next(before, caller);
        let invoice = content.corrected();
        let invoice = invoice.as_ref();
        let edited = Document {
            status,
            content_version: Some(following.version),
            kind: invoice.map(|invoice| invoice.kind),
            contact: content.contact.or(before.contact),
            number: invoice.and_then(|invoice| Some(cut(invoice.number.as_deref()?, 40).to_owned())),
            issue_date: invoice.and_then(|invoice| invoice.issue_date),
            currency: invoice.and_then(|invoice| invoice.currency),
            gross: invoice.and_then(|invoice| invoice.totals.gross),
            holds,
            reason,
            missing: content.missing_codes(),
            accounts: content.accounts(),
            unit: self.administration.unit.clone(),
            posted_by: None,
            booked: None,
            export: None,
            ..following
        };
        let documents = app.of(caller.tenant).documents();
        store_content(app, caller, &edited, &content).await?;
        let entry = entry(caller, &edited, Some(event), Some(what));
        documents.rest(Change::new(before, &edited, step, Record::Entry(entry)), &caller.writer()).await?;
        let booking_date = |content: &Content| content.edits.as_ref().and_then(|edits| edits.coding.booking_date);
        let (was, is) = (booking_date(&self.content), booking_date(&content));
        if was != is {
            let told = json!({ "issue_date": edited.issue_date, "booking_date": is, "booking_date_before": was });
            audit(app, caller, "document.booking_date", before, told).await?;
        }
        Ok(edited)
    }
}

/// Corrects and codes a document that waits, whole or half-way: it is green or orange accordingly, with all that is
/// missing, and its holds are looked at anew. What was read stays beside the corrections. A request that changes nothing
/// stores nothing. What a person has in hand is posted by a person.
#[utoipa::path(
    patch, path = "/documents/{document}/edits", tag = "documents",
    request_body = EditsBody,
    responses((status = 200, body = DocumentView))
)]
pub async fn edit_document(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatch,
    Json(body): Json<EditsBody>,
) -> Answer<Changed> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    let desk = Desk::open(&app, &caller, before).await?;
    let edits = desk.merged(&app, &caller, body).await?;
    match desk.edit(&caller, edits) {
        Some(edited) => Ok(changed(&caller, &Box::pin(desk.store(&app, &caller, edited)).await?)),
        None => Ok(changed(&caller, &desk.before)),
    }
}

/// Codes a waiting document with the posting template that its contact has now, in place of lines that a person chose
/// (AP-38). What was corrected stays.
#[utoipa::path(
    post, path = "/documents/{document}/apply-template", tag = "documents",
    responses((status = 200, body = DocumentView))
)]
pub async fn apply_template(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
) -> Answer<Changed> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    Ok(changed(&caller, &Box::pin(applied(&app, &caller, before)).await?))
}

async fn applied(app: &App, caller: &Caller, before: Document) -> Answer<Document> {
    let desk = Desk::open(app, caller, before).await?;
    match desk.with_template(caller)? {
        Some(edited) => Box::pin(desk.store(app, caller, edited)).await,
        None => Ok(desk.before),
    }
}

/// Which part of a contact's waiting documents.
#[derive(Debug, Clone, Default, PartialEq, Eq, serde::Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ApplyParams {
    /// `next` of the answer before.
    cursor: Option<String>,
}

/// Codes all waiting documents of a contact with its posting template, up to ten a request, each answered on its own; ask
/// again with `next` until there is none.
#[utoipa::path(
    post, path = "/administrations/{administration}/contacts/{contact}/apply-template", tag = "documents",
    params(ApplyParams),
    responses((status = 207, body = BulkAnswer))
)]
pub async fn apply_template_to_all(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, contact)): Ids<(AdministrationId, ContactId)>,
    crate::extract::Params(params): crate::extract::Params<ApplyParams>,
) -> Answer<Response> {
    contacts::load(&app, &caller, administration, contact).await?;
    if app.of(caller.tenant).templates(administration).get(contact, Read::Consistent).await?.is_none() {
        let detail = "The contact has no posting template: save one first.";
        return Err(Problem::new(Code::TemplateMissing, detail).about(contact));
    }
    let cursor = params.cursor.map(Cursor::new);
    let filter = Filter { contact: Some(contact), ..Filter::default() };
    let documents = app.of(caller.tenant).documents();
    let waiting = (administration, List::Overview);
    let listed = documents.list_received(waiting, Span::default(), filter, cursor.as_ref(), BULK_MAX).await?;
    let mut results = Vec::with_capacity(listed.items.len());
    for document in listed.items {
        // The list may be a moment behind.
        let outcome = async { Box::pin(applied(&app, &caller, load(&app, &caller, document.id).await?)).await };
        results.push(BulkResult::new(&caller, document.id, outcome.await));
    }
    Ok(answered(&caller, results, crate::reply::next(listed.next)))
}
