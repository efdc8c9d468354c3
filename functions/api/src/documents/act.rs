//! What a person does with a document: tag, choose its contact, post, reject, delete.

use super::{Desk, EditsBody, after, content, entry, load, next, store, view::DocumentView};
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, IfMatchMaybe, Json, JsonMaybe},
    problem::{Answer, Code, Problem},
    reply::{Gone, InWords, Versioned},
    schema,
    templates::TemplateView,
    text::Why,
};
use ::store::{
    Read,
    document::{Change, ClaimKey, Record},
};
use axum::extract::State;
use domain::{
    automation::DocumentFormat,
    coding::HandCoding,
    content::{Coded, Content},
    document::{Document, Event, PostedBy, Status, UnitId},
    ids::{ContactId, DocumentId},
    ledger::Direction,
    office::ConnectionState,
    reason::Reason,
    template::PostingTemplate,
    words::Language,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// A tag.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TagBody {
    /// What the document is.
    #[schema(schema_with = schema::one::<Direction>)]
    pub tag: Direction,
}

/// A reason for the history.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReasonBody {
    /// Why; for people.
    #[serde(default)]
    pub reason: Option<Why>,
}

/// A contact.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ContactChoice {
    /// Supplier or customer of the document's administration.
    #[schema(schema_with = schema::one::<ContactId>)]
    pub contact: ContactId,
}

/// A document and its version.
pub type Changed = InWords<Versioned<DocumentView>>;

pub(super) fn changed(caller: &Caller, document: &Document) -> Changed {
    let body = DocumentView::new(document, caller.language);
    InWords(caller.language, Versioned { body, version: document.version })
}

/// What a person said, for the history.
pub(super) fn said(code: &str, why: Option<&Why>) -> Option<Reason> {
    why.map(|why| Reason::new(code, why.as_str()))
}

/// Tags a document, or tags it again: it is read, matched and coded anew (AP-38).
#[utoipa::path(
    post, path = "/documents/{document}/tag", tag = "documents",
    request_body = TagBody,
    responses((status = 200, body = DocumentView))
)]
pub async fn tag_document(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
    Json(body): Json<TagBody>,
) -> Answer<Changed> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    let tagged = tagged(&app, &caller, &before, body.tag, None).await?;
    Ok(changed(&caller, &tagged))
}

/// What choosing a contact came to.
#[derive(Debug, Clone, PartialEq, Eq, serde::Serialize, ToSchema)]
pub struct ChosenView {
    /// The document.
    #[serde(flatten)]
    pub document: DocumentView,
    /// The contact was chosen again: this is its posting template now. `POST /documents/{document}/apply-template` codes
    /// the document with it; left alone, the document stays as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub template_offer: Option<TemplateView>,
}

/// Chooses a document's supplier or customer: it is coded anew with that contact's posting template, and what was corrected
/// stays. Choosing the contact that it has changes nothing and offers the contact's template (AP-38).
#[utoipa::path(
    post, path = "/documents/{document}/contact", tag = "documents",
    request_body = ContactChoice,
    responses((status = 200, body = ChosenView))
)]
pub async fn choose_contact(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
    Json(body): Json<ContactChoice>,
) -> Answer<InWords<Versioned<ChosenView>>> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    after(&before, Event::Tag)?;
    let direction = before.tag.ok_or_else(|| {
        Problem::new(Code::State, "The document is not tagged: tag it first, then choose its contact.").about(id)
    })?;
    let chosen = |document: &Document, template_offer| {
        let body = ChosenView { document: DocumentView::new(document, caller.language), template_offer };
        InWords(caller.language, Versioned { body, version: document.version })
    };
    if before.contact == Some(body.contact) && before.content_version.is_some() {
        let template =
            app.of(caller.tenant).templates(before.administration).get(body.contact, Read::Consistent).await?;
        return Ok(chosen(&before, template.map(|template| TemplateView::new(&template.value, template.version))));
    }
    let contact = app.of(caller.tenant).contacts(before.administration).get(body.contact, Read::Consistent).await?;
    if contact.is_none_or(|contact| contact.direction != direction) {
        let wanted = match direction {
            Direction::Purchase => "supplier",
            Direction::Sales => "customer",
        };
        let detail = format!("{} is no {wanted} of the document's administration.", body.contact);
        return Err(Problem::new(Code::UnknownReference, detail.clone()).at("/contact", detail));
    }
    let tagged = tagged(&app, &caller, &before, direction, Some(body.contact)).await?;
    Ok(chosen(&tagged, None))
}

/// Tags a document. A contact that is set on a tagged document was chosen by a person, and none is matched.
async fn tagged(
    app: &App,
    caller: &Caller,
    before: &Document,
    tag: Direction,
    contact: Option<ContactId>,
) -> Answer<Document> {
    if before.format == DocumentFormat::Statement {
        let detail = "A file of bank statements is mailed as it is and never booked: it takes no tag.";
        return Err(Problem::new(Code::State, detail).about(before.id));
    }
    let (status, step) = after(before, Event::Tag)?;
    let tagged = Document {
        status,
        tag: Some(tag),
        tagged_at: Some(caller.now),
        tagged_by: Some(caller.actor()),
        contact,
        holds: Vec::new(),
        reason: None,
        missing: Vec::new(),
        accounts: None,
        ..next(before, caller)
    };
    let change = Change::new(before, &tagged, step, Record::Covered);
    app.of(caller.tenant).documents().transition(change, &caller.writer()).await?;
    Ok(tagged)
}

/// What a document is booked with.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostBody {
    /// Last corrections and coding, as in an edit.
    #[serde(default)]
    pub edits: EditsBody,
    /// Keep all lines of this booking as the contact's posting template (AP-36). Left out, nothing is kept (AP-35).
    #[serde(default)]
    pub save_template: bool,
}

/// Posts a complete or failed document by hand, as it is coded or with last edits, and keeps the coding as the contact's
/// template when that is asked for. The caller has to be linked to a user of the ledger, and holds that need clearing have
/// to be cleared first. The body may be left out.
#[utoipa::path(
    post, path = "/documents/{document}/post", tag = "documents",
    request_body = PostBody,
    responses((status = 200, body = DocumentView))
)]
pub async fn post_document(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
    JsonMaybe(body): JsonMaybe<PostBody>,
) -> Answer<Changed> {
    let mut before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    if !body.edits.is_empty() || body.save_template {
        before = Box::pin(booked_with(&app, &caller, before, body)).await?;
    }
    Ok(changed(&caller, &post(&app, &caller, &before).await?))
}

/// Stores what a document is booked with: first everything is looked at, so that nothing is stored of a booking that cannot
/// be made.
async fn booked_with(app: &App, caller: &Caller, before: Document, body: PostBody) -> Answer<Document> {
    let desk = Desk::open(app, caller, before).await?;
    let edited =
        if body.edits.is_empty() { None } else { desk.edit(caller, desk.merged(app, caller, body.edits).await?) };
    let coded = edited.as_ref().map_or(&desk.content, |edited| &edited.content);
    let Some(posting) = coded.posting() else {
        let missing = match &coded.coded {
            Coded::Incomplete { missing } => missing.as_slice(),
            Coded::Complete { .. } | Coded::Unreadable { .. } => &[],
        };
        let words: Vec<_> =
            missing.iter().map(|reason| format!("{} ({})", reason.shown(Language::English), reason.code)).collect();
        let detail = format!("The document cannot be booked yet: {}.", words.join("; "));
        return Err(Problem::new(Code::Incomplete, detail).about(desk.before.id));
    };
    let template = if body.save_template { template_of(&desk, coded, posting.contact)? } else { None };
    unit_to_post(app, caller, &desk.before).await?;
    let document = match edited {
        Some(edited) => Box::pin(desk.store(app, caller, edited)).await?,
        None => desk.before.clone(),
    };
    check_holds(&document)?;
    if let Some((contact, template)) = template {
        let templates = app.of(caller.tenant).templates(document.administration);
        templates.put(contact, desk.template.as_ref(), &template, &caller.hand(2).author()).await?;
        crate::recommendations::refresh(app, caller, document.administration, contact).await;
        crate::templates::tell_ledger(app, caller, document.administration, contact).await;
    }
    Ok(document)
}

/// The contact's template with all lines of this booking; none when it has them already.
fn template_of(desk: &Desk, coded: &Content, contact: ContactId) -> Answer<Option<(ContactId, PostingTemplate)>> {
    let before = desk.template.as_ref().map(|template| &template.value);
    let none = HandCoding::default();
    let coding = coded.edits.as_ref().map_or(&none, |edits| &edits.coding);
    let invoice = coded.corrected().unwrap_or_default();
    let template = coding.template(&invoice, before).map_err(|error| {
        let detail = format!("This booking cannot be kept as a posting template: {error}. Post it without keeping it.");
        Problem::new(Code::Template, detail.clone()).at("/save_template", detail)
    })?;
    Ok(template.filter(|template| Some(template) != before).map(|template| (contact, template)))
}

fn check_holds(document: &Document) -> Answer<()> {
    let open: Vec<_> = document.holds.iter().copied().filter(|hold| hold.needs_clearing()).collect();
    if open.is_empty() {
        return Ok(());
    }
    let open: Vec<_> =
        open.iter().map(|hold| format!("{} ({})", hold.as_str(), hold.brief(Language::English))).collect();
    let detail = format!("Clear these holds with a reason first: {}.", open.join("; "));
    Err(Problem::new(Code::HoldsOpen, detail).about(document.id))
}

pub(super) async fn post(app: &App, caller: &Caller, before: &Document) -> Answer<Document> {
    let (status, step) = after(before, Event::Post)?;
    check_holds(before)?;
    let unit = unit_to_post(app, caller, before).await?;
    let posting = Document {
        status,
        unit: Some(unit.clone()),
        posted_by: Some(PostedBy { user: caller.user.id, rule: None }),
        reason: None,
        ..next(before, caller)
    };
    app.of(caller.tenant).units().register(&unit).await?;
    let entry = entry(caller, &posting, Some(Event::Post), None);
    store(app, caller, before, &posting, step, entry).await?;
    Ok(posting)
}

/// The unit into which the caller may post the document.
async fn unit_to_post(app: &App, caller: &Caller, document: &Document) -> Answer<UnitId> {
    let settings = app.of(caller.tenant);
    let administration = settings.administrations().get(document.administration, Read::Consistent).await?;
    let unit = administration.and_then(|administration| administration.unit).ok_or_else(|| {
        let detail =
            "No division of a ledger was chosen for this administration: a Superuser does that at the connection.";
        Problem::new(Code::UnitMissing, detail).about(document.administration)
    })?;
    if !caller.user.ledger_users.contains_key(&unit.connection) {
        let detail =
            "You are not linked to a user in the ledger: a Superuser or Accountant sets that link at your user.";
        return Err(Problem::new(Code::NotLinked, detail).about(unit.connection));
    }
    let connection = settings.connections().get(unit.connection, Read::Consistent).await?;
    match connection.map(|connection| connection.state) {
        Some(ConnectionState::Connected | ConnectionState::ReconnectNeeded) => Ok(unit),
        Some(ConnectionState::Draft) | None => {
            let detail = "Nobody has signed in at the ledger yet: a Superuser connects it first.";
            Err(Problem::new(Code::NotConnected, detail).about(unit.connection))
        }
    }
}

/// Rejects a document: its tag is removed and it is in the intake as newly received (AP-44).
#[utoipa::path(
    post, path = "/documents/{document}/reject", tag = "documents",
    request_body = ReasonBody,
    responses((status = 200, body = DocumentView))
)]
pub async fn reject_document(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
    Json(body): Json<ReasonBody>,
) -> Answer<Changed> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    Ok(changed(&caller, &reject(&app, &caller, &before, body.reason.as_ref()).await?))
}

pub(super) async fn reject(app: &App, caller: &Caller, before: &Document, why: Option<&Why>) -> Answer<Document> {
    let (status, step) = after(before, Event::Reject)?;
    let rejected = Document { status, ..next(before, caller).put_back() };
    let claims = claims_of(app, caller, before).await?;
    let entry = entry(caller, &rejected, Some(Event::Reject), said("rejected_by_person", why));
    store(app, caller, before, &rejected, step, entry).await?;
    // Another copy may be the first now.
    app.of(caller.tenant).claims().release(&claims, before.id).await?;
    Ok(rejected)
}

/// What a document has claimed, as far as it was read.
pub(super) async fn claims_of(app: &App, caller: &Caller, document: &Document) -> Answer<Vec<ClaimKey>> {
    let (Some(direction), Some(contact)) = (document.tag, document.contact) else { return Ok(Vec::new()) };
    let content = content(app, caller, document).await?;
    let invoice = content.and_then(|content| content.corrected());
    Ok(invoice.map(|invoice| ClaimKey::of(document.administration, direction, contact, &invoice)).unwrap_or_default())
}

/// Deletes an untagged document; it stays in the archive as deleted (AP-54).
#[utoipa::path(
    delete, path = "/documents/{document}", tag = "documents",
    responses((status = 204, description = "It is deleted."))
)]
pub async fn delete_document(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
) -> Answer<Gone> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    if before.status == Status::Deleted {
        return Ok(Gone);
    }
    let (status, step) = after(&before, Event::Delete)?;
    let deleted = Document { status, ..next(&before, &caller) };
    let entry = entry(&caller, &deleted, Some(Event::Delete), None);
    store(&app, &caller, &before, &deleted, step, entry).await?;
    Ok(Gone)
}
