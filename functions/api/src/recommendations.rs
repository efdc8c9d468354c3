//! Contacts for which automation could still be set up, and what can be answered to that (AP-26 to AP-30).

use crate::{
    app::App,
    auth::Caller,
    contacts,
    extract::{Creating, Fingerprint, IdempotencyKey, Ids, Params, request_line},
    idempotency::{Making, once},
    problem::{Answer, Code, Problem},
    reply::{Gone, Made, Page, Paging, Shown, next},
    rules::{self, RuleBody, RuleView},
    schema,
    text::Amount,
};
use axum::{
    extract::State,
    http::{HeaderMap, Method, Uri},
    response::Response,
};
use domain::{
    automation::DocumentScope,
    document::{Document, Status},
    ids::{AdministrationId, ContactId, RuleId},
    permission::Permission,
};
use serde::{Deserialize, Serialize};
use store::{Writer, figures::Dismissed, settings::AuditEntry};
use utoipa::ToSchema;

/// A contact with a posting template and without automation rules.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RecommendationView {
    /// Supplier or customer.
    #[schema(schema_with = schema::one::<ContactId>)]
    pub contact: ContactId,
    /// Its name.
    pub name: String,
    /// How many of its documents were posted in the past 90 days, today included.
    pub posted: u32,
}

/// Which documents are to be posted without a person. At least one bound: without any it is `post-always`.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct PostSpecificBody {
    /// Which documents (AP-19); all when left out.
    #[serde(default)]
    #[schema(schema_with = schema::maybe::<DocumentScope>)]
    pub documents: Option<DocumentScope>,
    /// Maximum total including VAT, whatever the currency (AP-20); no limit when left out.
    #[serde(default)]
    pub max_amount: Option<Amount>,
}

/// What a suited document prompts for: the next one could be posted without a person (AP-29).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AutomationPrompt {
    /// How many documents of the contact were posted in the past 90 days, today included.
    pub posted: u32,
    /// POST here to have all documents of the contact posted.
    pub post_always: String,
    /// POST here to have some of them posted.
    pub post_specific: String,
    /// POST here not to be asked again until twice as many were posted.
    pub dismiss: String,
}

/// Contacts for which automation could be set up, those with the most postings in the past 90 days first (AP-26, AP-30).
#[utoipa::path(
    get, path = "/administrations/{administration}/recommendations", tag = "recommendations",
    params(Paging),
    responses((status = 200, body = Page<RecommendationView>))
)]
pub async fn list_recommendations(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(paging): Params<Paging>,
) -> Answer<Shown<Page<RecommendationView>>> {
    let zone = app.administration(&caller, administration).await?.time_zone;
    let settings = app.of(caller.tenant);
    let figures = settings.figures(administration);
    let today = zone.date_at(caller.now);
    let listed = figures.recommendations(today, paging.cursor().as_ref(), paging.limit()).await?;
    let contacts: Vec<_> = listed.items.iter().map(|recommendation| recommendation.contact).collect();
    let mut names = settings.contacts(administration).names(&contacts).await?;
    let items = listed.items.into_iter().map(|recommendation| RecommendationView {
        contact: recommendation.contact,
        name: names.remove(&recommendation.contact).unwrap_or_default(),
        posted: recommendation.count,
    });
    Ok(Shown(Page { items: items.collect(), next: next(listed.next) }))
}

/// Makes a rule that posts every complete document of the contact received from now on (AP-28).
#[utoipa::path(
    post, path = "/administrations/{administration}/recommendations/{contact}/post-always", tag = "recommendations",
    responses((status = 201, body = RuleView))
)]
pub async fn post_always(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, contact)): Ids<(AdministrationId, ContactId)>,
    method: Method,
    uri: Uri,
    headers: HeaderMap,
) -> Answer<Response> {
    let key = IdempotencyKey::of(&headers)?;
    let line = request_line(method.as_str(), &uri);
    let body = RuleBody { contact, documents: DocumentScope::All, max_amount: None };
    let request = Creating { body, key, fingerprint: Fingerprint::of([line.as_bytes()]) };
    let work = async |body, making| accept(&app, &caller, administration, body, making).await;
    once(&app, &caller, request, work).await
}

/// Makes a rule that posts some of the contact's documents: those up to an amount, or UBL alone, or both (AP-28).
#[utoipa::path(
    post, path = "/administrations/{administration}/recommendations/{contact}/post-specific", tag = "recommendations",
    request_body = PostSpecificBody,
    responses((status = 201, body = RuleView))
)]
pub async fn post_specific(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, contact)): Ids<(AdministrationId, ContactId)>,
    Creating { body, key, fingerprint }: Creating<PostSpecificBody>,
) -> Answer<Response> {
    let documents = body.documents.unwrap_or(DocumentScope::All);
    if documents == DocumentScope::All && body.max_amount.is_none() {
        let detail = "Say a max_amount, or documents: ubl. To post everything of this contact, use post-always.";
        return Err(Problem::invalid("/max_amount", detail));
    }
    let body = RuleBody { contact, documents, max_amount: body.max_amount };
    let work = async |body, making| accept(&app, &caller, administration, body, making).await;
    once(&app, &caller, Creating { body, key, fingerprint }, work).await
}

/// Makes the rule, unless the contact has one: then there was nothing to recommend.
async fn accept(
    app: &App,
    caller: &Caller,
    administration: AdministrationId,
    body: RuleBody,
    making: Making<RuleId>,
) -> Answer<Made<RuleView>> {
    contacts::load(app, caller, administration, body.contact).await?;
    let rules = app.of(caller.tenant).rules(administration).of_contact_now(body.contact).await?;
    if let Some(rule) = rules.first()
        && rules.iter().all(|rule| rule.id != making.id)
    {
        // Whoever made that rule may have died before the recommendation was taken away.
        refresh(app, caller, administration, body.contact).await;
        let detail = "The contact has an automation rule already: edit that one, or add another beside it.";
        return Err(Problem::new(Code::RuleExists, detail).about(rule.id));
    }
    rules::create(app, caller, administration, body, making).await
}

/// Takes a recommendation away until twice as many documents were posted in 90 days.
#[utoipa::path(
    post, path = "/administrations/{administration}/recommendations/{contact}/dismiss", tag = "recommendations",
    responses((status = 204, description = "It stays away."))
)]
pub async fn dismiss(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, contact)): Ids<(AdministrationId, ContactId)>,
) -> Answer<Gone> {
    contacts::load(&app, &caller, administration, contact).await?;
    let zone = app.administration(&caller, administration).await?.time_zone;
    let settings = app.of(caller.tenant);
    match settings.figures(administration).dismiss(contact, zone, caller.now, &caller.writer()).await? {
        Dismissed::Done => {}
        Dismissed::NotRecommended => {
            let detail = "Automation is not recommended for this contact: there is nothing to dismiss.";
            return Err(Problem::new(Code::NotRecommended, detail).about(contact));
        }
    }
    let entry = AuditEntry {
        at: caller.now,
        by: caller.actor(),
        what: "recommendation.dismissed".to_owned(),
        subject: contact.to_string(),
        before: None,
        after: None,
    };
    settings.audit().append(&entry, &caller.writer()).await?;
    Ok(Gone)
}

/// Brings the recommendation of a contact up to date, after its template or one of its rules came or went. What was changed
/// is changed: when this fails, the next posting, the next answer to the recommendation or maintenance makes up for it.
pub(crate) async fn refresh(app: &App, caller: &Caller, administration: AdministrationId, contact: ContactId) {
    let work = async {
        let settings = app.of(caller.tenant);
        let zone = app.administration(caller, administration).await?.time_zone;
        // The first writers of the request are those of what was changed.
        let writer = Writer::new(&caller.request, 100);
        settings.figures(administration).refresh(contact, zone, caller.now, &writer).await?;
        Answer::Ok(())
    };
    if let Err(problem) = work.await {
        tracing::warn!(%contact, code = problem.code().as_str(), "A recommendation was not brought up to date.");
    }
}

/// The prompt of a document: it is complete, automation could be set up for its contact, nobody has dismissed that, and the
/// caller sees rules.
pub(crate) async fn prompt(app: &App, caller: &Caller, document: &Document) -> Answer<Option<AutomationPrompt>> {
    let (Status::Complete, Some(contact)) = (document.status, document.contact) else { return Ok(None) };
    if !caller.user.roles.permit(Permission::ViewRules) {
        return Ok(None);
    }
    let administration = document.administration;
    let zone = app.administration(caller, administration).await?.time_zone;
    let figures = app.of(caller.tenant).figures(administration);
    let Some(posted) = figures.prompt(contact, zone.date_at(caller.now)).await? else { return Ok(None) };
    let at = |answer| format!("/administrations/{administration}/recommendations/{contact}/{answer}");
    Ok(Some(AutomationPrompt {
        posted,
        post_always: at("post-always"),
        post_specific: at("post-specific"),
        dismiss: at("dismiss"),
    }))
}
