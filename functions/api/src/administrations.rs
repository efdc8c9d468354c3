//! Administrations: sets of books with their time zone and own identifiers.

use crate::{
    app::App,
    auth::Caller,
    exports::ExportRulesView,
    extract::{Creating, Ids, IfMatch, IfMatchMaybe, Json, Params},
    idempotency::{Making, once},
    problem::{Answer, Code, Problem},
    reply::{Gone, Made, Page, Paging, Shown, Versioned, next},
    schema,
    text::Name,
};
use axum::{extract::State, response::Response};
use domain::{
    contact::OwnIdentifiers,
    document::List,
    export::FacilityState,
    ids::AdministrationId,
    money::Currency,
    office::{Access, Administration, Choice, Connection, DuplicateRules, ExportRules, User},
    party::{Iban, RegistryNumber, VatNumber},
    time::TimeZone,
};
use serde::{Deserialize, Serialize};
use store::{
    Read,
    document::{Filter, Span},
};
use utoipa::ToSchema;

/// What identifies the administration itself: never matched as the other side of a document (AP-55).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct OwnBody {
    /// Legal and trading names.
    pub names: Vec<Name>,
    /// VAT numbers.
    #[schema(value_type = Vec<String>, example = json!(["NL001234567B01"]))]
    pub vat_numbers: Vec<VatNumber>,
    /// Trade register numbers.
    #[schema(value_type = Vec<String>)]
    pub registry_numbers: Vec<RegistryNumber>,
    /// Bank accounts.
    #[schema(value_type = Vec<String>)]
    pub ibans: Vec<Iban>,
}

impl From<OwnBody> for OwnIdentifiers {
    fn from(body: OwnBody) -> Self {
        Self {
            names: body.names.into_iter().map(Name::into_string).collect(),
            vat_numbers: body.vat_numbers,
            registry_numbers: body.registry_numbers,
            ibans: body.ibans,
        }
    }
}

/// An administration to be made, or what it is to be from now on.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct AdministrationBody {
    /// Name, for people.
    pub name: Name,
    /// IANA time zone: what "today" is there; Europe/Amsterdam when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Europe/Amsterdam")]
    pub time_zone: TimeZone,
    /// Own names and numbers.
    #[serde(default)]
    pub own: OwnBody,
    /// The currency that the books are kept in, an ISO 4217 code; EUR when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "EUR")]
    pub currency: Option<Currency>,
    /// What a suspected duplicate is kept from; stays when left out.
    #[serde(default)]
    pub duplicates: Option<DuplicateRulesView>,
}

/// What a suspected duplicate is kept from, until a person clears the hold `duplicate_suspected` with a reason.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct DuplicateRulesView {
    /// Its acceptance (ED-27). Off at first.
    pub block_acceptance: bool,
    /// Being marked as sent (ED-28). Off at first.
    pub block_sending: bool,
}

impl From<DuplicateRules> for DuplicateRulesView {
    fn from(rules: DuplicateRules) -> Self {
        Self { block_acceptance: rules.block_acceptance.into(), block_sending: rules.block_sending.into() }
    }
}

impl From<DuplicateRulesView> for DuplicateRules {
    fn from(rules: DuplicateRulesView) -> Self {
        Self {
            block_acceptance: Choice::from(rules.block_acceptance),
            block_sending: Choice::from(rules.block_sending),
        }
    }
}

/// Own names and numbers, as stored.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OwnView {
    /// Legal and trading names.
    pub names: Vec<String>,
    /// VAT numbers.
    #[schema(value_type = Vec<String>)]
    pub vat_numbers: Vec<VatNumber>,
    /// Trade register numbers.
    #[schema(value_type = Vec<String>)]
    pub registry_numbers: Vec<RegistryNumber>,
    /// Bank accounts.
    #[schema(value_type = Vec<String>)]
    pub ibans: Vec<Iban>,
}

/// An administration.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct AdministrationView {
    /// Id.
    #[schema(schema_with = schema::one::<AdministrationId>)]
    pub id: AdministrationId,
    /// Name, for people.
    pub name: String,
    /// IANA time zone.
    #[schema(value_type = String)]
    pub time_zone: TimeZone,
    /// Own names and numbers.
    pub own: OwnView,
    /// The ledger unit into which its documents are posted: a connection, a slash and a division.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// The currency that the books are kept in.
    #[schema(value_type = String)]
    pub currency: Currency,
    /// What users with the role Finance may do by hand (EX-21, EX-26, EX-27).
    pub exports: ExportRulesView,
    /// What a suspected duplicate is kept from (ED-27, ED-28).
    pub duplicates: DuplicateRulesView,
    /// Counts edits.
    pub version: u32,
}

impl From<&Administration> for AdministrationView {
    fn from(administration: &Administration) -> Self {
        let own = administration.own.clone();
        Self {
            id: administration.id,
            name: administration.name.clone(),
            time_zone: administration.time_zone,
            own: OwnView {
                names: own.names,
                vat_numbers: own.vat_numbers,
                registry_numbers: own.registry_numbers,
                ibans: own.ibans,
            },
            unit: administration.unit.as_ref().map(ToString::to_string),
            currency: administration.currency,
            exports: administration.exports.into(),
            duplicates: administration.duplicates.into(),
            version: administration.version,
        }
    }
}

fn made(administration: &Administration) -> Made<AdministrationView> {
    Made::created(format!("/administrations/{}", administration.id), administration.into(), administration.version)
}

/// The administrations that the caller may see.
#[utoipa::path(
    get, path = "/administrations", tag = "administrations",
    params(Paging),
    responses((status = 200, body = Page<AdministrationView>))
)]
pub async fn list_administrations(
    State(app): State<App>,
    caller: Caller,
    Params(paging): Params<Paging>,
) -> Answer<Shown<Page<AdministrationView>>> {
    let cursor = paging.cursor();
    let listed = app.of(caller.tenant).administrations().list(cursor.as_ref(), paging.limit()).await?;
    let visible = listed.items.iter().filter(|administration| caller.covers(administration.id));
    Ok(Shown(Page { items: visible.map(AdministrationView::from).collect(), next: next(listed.next) }))
}

/// Makes an administration.
#[utoipa::path(
    post, path = "/administrations", tag = "administrations",
    request_body = AdministrationBody,
    responses((status = 201, body = AdministrationView))
)]
pub async fn create_administration(
    State(app): State<App>,
    caller: Caller,
    request: Creating<AdministrationBody>,
) -> Answer<Response> {
    once(&app, &caller, request, async |body, making| create(&app, &caller, body, making).await).await
}

async fn create(
    app: &App,
    caller: &Caller,
    body: AdministrationBody,
    making: Making<AdministrationId>,
) -> Answer<Made<AdministrationView>> {
    let administrations = app.of(caller.tenant).administrations();
    if making.repeated
        && let Some(administration) = administrations.get(making.id, Read::Consistent).await?
    {
        return Ok(made(&administration));
    }
    let administration = Administration {
        id: making.id,
        name: body.name.into_string(),
        time_zone: body.time_zone,
        own: body.own.into(),
        unit: None,
        currency: body.currency.unwrap_or(Currency::EUR),
        exports: ExportRules::default(),
        duplicates: body.duplicates.map(Into::into).unwrap_or_default(),
        version: 1,
    };
    administrations.create(&administration, &caller.hand(1).author()).await?;
    if let Access::Only(_) = &caller.user.access {
        give_access(app, caller, administration.id).await?;
    }
    Ok(made(&administration))
}

/// Who makes an administration may see it.
async fn give_access(app: &App, caller: &Caller, administration: AdministrationId) -> Answer<()> {
    let users = app.of(caller.tenant).users();
    let Some(before) = users.get(caller.user.id, Read::Consistent).await? else { return Ok(()) };
    let Access::Only(mut administrations) = before.access.clone() else { return Ok(()) };
    administrations.insert(administration);
    let version = before.version.saturating_add(1);
    let after = User { access: Access::Only(administrations), version, ..before.clone() };
    users.replace(&before, &after, &caller.hand(2).author()).await?;
    app.remembered.forget(caller.tenant, caller.user.id);
    Ok(())
}

/// An administration.
#[utoipa::path(
    get, path = "/administrations/{administration}", tag = "administrations",
    responses((status = 200, body = AdministrationView))
)]
pub async fn get_administration(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<AdministrationId>,
) -> Answer<Versioned<AdministrationView>> {
    let administration = app.administration(&caller, id).await?;
    Ok(Versioned { body: (&administration).into(), version: administration.version })
}

/// Changes an administration: name, time zone, own names and numbers, what duplicates are kept from.
#[utoipa::path(
    put, path = "/administrations/{administration}", tag = "administrations",
    request_body = AdministrationBody,
    responses((status = 200, body = AdministrationView))
)]
pub async fn put_administration(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<AdministrationId>,
    seen: IfMatch,
    Json(body): Json<AdministrationBody>,
) -> Answer<Versioned<AdministrationView>> {
    let before = app.administration(&caller, id).await?;
    seen.check(before.version)?;
    let after = Administration {
        name: body.name.into_string(),
        time_zone: body.time_zone,
        own: body.own.into(),
        currency: body.currency.unwrap_or(before.currency),
        duplicates: body.duplicates.map_or(before.duplicates, Into::into),
        version: before.version.saturating_add(1),
        ..before.clone()
    };
    app.of(caller.tenant).administrations().replace(&before, &after, &caller.hand(1).author()).await?;
    Ok(Versioned { body: (&after).into(), version: after.version })
}

/// Deletes an administration: nobody sees it any more and nothing is delivered to it. Its documents are kept for as long as
/// they have to be. Refused while documents wait in its intake or validation overview.
#[utoipa::path(
    delete, path = "/administrations/{administration}", tag = "administrations",
    responses((status = 204, description = "It is deleted."))
)]
pub async fn delete_administration(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<AdministrationId>,
    seen: IfMatchMaybe,
) -> Answer<Gone> {
    let before = app.administration(&caller, id).await?;
    seen.check(before.version)?;
    let settings = app.of(caller.tenant);
    for list in [List::Intake, List::Overview, List::Ready, List::Exporting] {
        let waiting =
            settings.documents().list_received((id, list), Span::default(), Filter::default(), None, 1).await?;
        if let Some(document) = waiting.items.first() {
            let detail = "Documents of this administration wait in the intake, the validation overview or the export list: \
                          post, export, reject or delete them first.";
            return Err(Problem::new(Code::AdministrationInUse, detail).about(document.id));
        }
    }
    let facilities = settings.facilities(id).all().await?;
    if let Some(active) = facilities.iter().find(|facility| facility.state == FacilityState::Active) {
        let detail = "An export facility of this administration is active: deactivate it first.";
        return Err(Problem::new(Code::AdministrationInUse, detail).about(active.id));
    }
    // The connection first: without its division the automation user needs no access to it any more.
    if let Some(unit) = &before.unit
        && let Some(connection) = settings.connections().get(unit.connection, Read::Consistent).await?
        && connection.divisions.contains_key(&id)
    {
        let mut after = Connection { version: connection.version.saturating_add(1), ..connection.clone() };
        after.divisions.remove(&id);
        settings.connections().replace(&connection, &after, &caller.hand(1).author()).await?;
    }
    settings.administrations().delete(&before, &caller.hand(2).author()).await?;
    app.forget_administration(caller.tenant, id);
    Ok(Gone)
}
