//! Automation rules of contacts (AP-16 to AP-24).

use crate::{
    app::App,
    auth::Caller,
    extract::{Creating, Ids, IfMatch, IfMatchMaybe, Json, Params},
    idempotency::{Making, once},
    problem::{Answer, Code, Problem},
    recommendations,
    reply::{Gone, Made, Page, Paging, Shown, Versioned, next},
    schema,
    text::Amount,
};
use axum::{extract::State, response::Response};
use domain::{
    automation::{AutomationRule, DocumentScope, RuleState},
    ids::{AdministrationId, ContactId, RuleId},
    time::Instant,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use store::Read;
use utoipa::ToSchema;

/// A rule to be made.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleBody {
    /// Supplier or customer; has to have a posting template (AP-18).
    #[schema(schema_with = schema::one::<ContactId>)]
    pub contact: ContactId,
    /// Which documents (AP-19).
    #[schema(schema_with = schema::one::<DocumentScope>)]
    pub documents: DocumentScope,
    /// Maximum total including VAT, whatever the currency (AP-20); no limit when left out.
    #[serde(default)]
    pub max_amount: Option<Amount>,
}

/// What a rule is to be from now on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RuleChange {
    /// Which documents (AP-19).
    #[schema(schema_with = schema::one::<DocumentScope>)]
    pub documents: DocumentScope,
    /// Maximum total including VAT, whatever the currency (AP-20); no limit when left out.
    #[serde(default)]
    pub max_amount: Option<Amount>,
}

/// A limit that can be one.
fn limit(amount: Option<Amount>) -> Answer<Option<Decimal>> {
    match amount.map(Amount::decimal) {
        Some(amount) if amount.is_sign_negative() => {
            Err(Problem::invalid("/max_amount", "The maximum is compared with the absolute total: it is 0 or more."))
        }
        amount => Ok(amount),
    }
}

/// Something to know about a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Warning {
    /// All documents without a limit: every complete document of the contact is posted (AP-21).
    PostsEverything,
}

/// Why a rule is suspended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Suspended {
    /// The contact's posting template was deleted. Once one is saved again the rule posts what is received after that.
    TemplateMissing,
}

/// An automation rule.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleView {
    /// Id; stays through edits.
    #[schema(schema_with = schema::one::<RuleId>)]
    pub id: RuleId,
    /// Supplier or customer.
    #[schema(schema_with = schema::one::<ContactId>)]
    pub contact: ContactId,
    /// What the contact is called.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contact_name: Option<String>,
    /// Which documents.
    #[schema(schema_with = schema::one::<DocumentScope>)]
    pub documents: DocumentScope,
    /// Maximum total including VAT.
    pub max_amount: Option<Amount>,
    /// Documents received after this are posted; nothing is posted in retrospect (AP-24).
    #[schema(value_type = String, format = DateTime)]
    pub effective_from: Instant,
    /// Why no decision uses the rule; absent when decisions use it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub suspended: Option<Suspended>,
    /// Things to know.
    pub warnings: Vec<Warning>,
    /// Counts edits.
    pub version: u32,
}

impl RuleView {
    /// A rule with the name of its contact.
    fn new(rule: &AutomationRule, contact_name: Option<String>) -> Self {
        Self {
            id: rule.id,
            contact: rule.contact,
            contact_name,
            documents: rule.documents,
            max_amount: rule.max_amount.map(Amount::from),
            effective_from: rule.effective_from,
            suspended: match rule.state {
                RuleState::Active => None,
                RuleState::Suspended => Some(Suspended::TemplateMissing),
            },
            warnings: if rule.is_unlimited() { vec![Warning::PostsEverything] } else { Vec::new() },
            version: rule.version,
        }
    }
}

/// The automation rules of an administration, with the names of their contacts (AP-16).
#[utoipa::path(
    get, path = "/administrations/{administration}/rules", tag = "rules",
    params(Paging),
    responses((status = 200, body = Page<RuleView>))
)]
pub async fn list_rules(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(paging): Params<Paging>,
) -> Answer<Shown<Page<RuleView>>> {
    app.check_administration(&caller, administration).await?;
    let rules = app.of(caller.tenant).rules(administration);
    let listed = rules.list(paging.cursor().as_ref(), paging.limit()).await?;
    let items = listed.items.into_iter().map(|named| RuleView::new(&named.rule, named.contact_name)).collect();
    Ok(Shown(Page { items, next: next(listed.next) }))
}

/// Makes an automation rule; the contact has to have a posting template (AP-18). Documents received from now on are
/// posted by it, once automatic posting is on (AP-17, AP-24).
#[utoipa::path(
    post, path = "/administrations/{administration}/rules", tag = "rules",
    request_body = RuleBody,
    responses((status = 201, body = RuleView))
)]
pub async fn create_rule(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    request: Creating<RuleBody>,
) -> Answer<Response> {
    let work = async |body, making| create(&app, &caller, administration, body, making).await;
    once(&app, &caller, request, work).await
}

pub(crate) async fn create(
    app: &App,
    caller: &Caller,
    administration: AdministrationId,
    body: RuleBody,
    making: Making<RuleId>,
) -> Answer<Made<RuleView>> {
    app.check_administration(caller, administration).await?;
    let settings = app.of(caller.tenant);
    let (contact, template) = settings.contacts(administration).with_template(body.contact).await?;
    let name = contact.as_ref().map(|contact| contact.name.clone());
    let made = |rule: &AutomationRule| {
        let location = format!("/administrations/{administration}/rules/{}", rule.id);
        Made::created(location, RuleView::new(rule, name.clone()), rule.version)
    };
    let rules = settings.rules(administration);
    if making.repeated
        && let Some(rule) = rules.get(body.contact, making.id, Read::Consistent).await?
    {
        return Ok(made(&rule));
    }
    let max_amount = limit(body.max_amount)?;
    if contact.is_none() {
        let detail = format!("There is no contact {} in this administration.", body.contact);
        return Err(Problem::new(Code::UnknownReference, detail.clone()).at("/contact", detail));
    }
    if template.is_none() {
        let detail = "The contact has no posting template: save one first, a rule posts with it.";
        return Err(Problem::new(Code::TemplateMissing, detail).at("/contact", detail).about(body.contact));
    }
    let rule = AutomationRule {
        id: making.id,
        version: 1,
        contact: body.contact,
        documents: body.documents,
        max_amount,
        effective_from: caller.now,
        state: RuleState::Active,
    };
    rules.create(&rule, &caller.hand(1).author()).await?;
    recommendations::refresh(app, caller, administration, rule.contact).await;
    Ok(made(&rule))
}

/// A rule that the caller may see, as it is now.
pub async fn load(app: &App, caller: &Caller, administration: AdministrationId, id: RuleId) -> Answer<AutomationRule> {
    app.check_administration(caller, administration).await?;
    let rule = app.of(caller.tenant).rules(administration).find(id).await?;
    rule.ok_or_else(|| Problem::not_found("automation rule", id))
}

/// An automation rule.
#[utoipa::path(
    get, path = "/administrations/{administration}/rules/{rule}", tag = "rules",
    responses((status = 200, body = RuleView))
)]
pub async fn get_rule(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, RuleId)>,
) -> Answer<Versioned<RuleView>> {
    let rule = load(&app, &caller, administration, id).await?;
    shown(&app, &caller, administration, &rule).await
}

/// A rule with the name of its contact.
pub async fn shown(
    app: &App,
    caller: &Caller,
    administration: AdministrationId,
    rule: &AutomationRule,
) -> Answer<Versioned<RuleView>> {
    let contact = app.of(caller.tenant).contacts(administration).get(rule.contact, Read::Eventual).await?;
    let body = RuleView::new(rule, contact.map(|contact| contact.name));
    Ok(Versioned { body, version: rule.version })
}

/// Changes an automation rule. It makes a new version, for documents received from now on (AP-24).
#[utoipa::path(
    put, path = "/administrations/{administration}/rules/{rule}", tag = "rules",
    request_body = RuleChange,
    responses((status = 200, body = RuleView))
)]
pub async fn put_rule(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, RuleId)>,
    seen: IfMatch,
    Json(body): Json<RuleChange>,
) -> Answer<Versioned<RuleView>> {
    let before = load(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    let after = AutomationRule {
        documents: body.documents,
        max_amount: limit(body.max_amount)?,
        effective_from: caller.now,
        version: before.version.saturating_add(1),
        ..before.clone()
    };
    app.of(caller.tenant).rules(administration).replace(&before, &after, &caller.hand(1).author()).await?;
    shown(&app, &caller, administration, &after).await
}

/// Deletes an automation rule. Its versions stay: past decisions name them.
#[utoipa::path(
    delete, path = "/administrations/{administration}/rules/{rule}", tag = "rules",
    responses((status = 204, description = "It is deleted."))
)]
pub async fn delete_rule(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, RuleId)>,
    seen: IfMatchMaybe,
) -> Answer<Gone> {
    let before = load(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    app.of(caller.tenant).rules(administration).delete(&before, &caller.hand(1).author()).await?;
    recommendations::refresh(&app, &caller, administration, before.contact).await;
    Ok(Gone)
}
