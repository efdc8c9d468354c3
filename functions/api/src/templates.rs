//! Posting templates: the stored coding of a contact (AP-34 to AP-39), checked against the ledger's directories.

use crate::{
    app::App,
    auth::Caller,
    contacts,
    extract::{Ids, IfMatchMaybe, Json},
    problem::{Answer, Code, Problem},
    recommendations,
    reply::{Gone, Versioned},
    schema, tasks,
    text::Amount,
};
use axum::extract::State;
use domain::{
    document::UnitId,
    ids::{AdministrationId, ContactId},
    invoice::VatCategory,
    ledger::{AccountCode, CostCentre, Direction, DirectoryEntry, DirectoryKind, Project, VatCode, VatCodeKind},
    office::ConnectionState,
    task::Work,
    template::{LabelText, PostingTemplate, TemplateError, TemplateLine},
};
use ledgers::{Options, described};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use store::Read;
use utoipa::ToSchema;

/// A line of a template: which VAT group of a document it takes, and how that is booked.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateLineBody {
    /// VAT category of EN 16931 that the line takes.
    #[schema(schema_with = schema::one::<VatCategory>)]
    pub category: VatCategory,
    /// Rate in percent; left out where the category has none.
    #[serde(default)]
    pub rate: Option<Amount>,
    /// Percent of the group; the lines of one group total 100. 100 when left out.
    #[serde(default)]
    pub share: Option<Amount>,
    /// Ledger account, by its code in the ledger.
    #[schema(value_type = String, example = "4600")]
    pub account: AccountCode,
    /// VAT code, by its code in the ledger.
    #[schema(value_type = String, example = "4")]
    pub vat_code: VatCode,
    /// Cost centre.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub cost_centre: Option<CostCentre>,
    /// Project.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub project: Option<Project>,
    /// Text with labels in brackets, such as `[contact] [invoice number]` (AP-39).
    #[schema(value_type = String, example = "[contact] [invoice number]")]
    pub description: LabelText,
}

/// The coding of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TemplateBody {
    /// At least one.
    pub lines: Vec<TemplateLineBody>,
    /// What to send as payment reference instead of the document's own; may have labels.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub payment_reference: Option<LabelText>,
}

/// What a template is checked against.
pub(crate) struct Directories {
    /// Ledger accounts.
    pub accounts: Vec<DirectoryEntry>,
    /// VAT codes.
    pub vat_codes: Vec<DirectoryEntry>,
    /// Cost centres, where they were fetched.
    pub cost_centres: Option<Vec<DirectoryEntry>>,
}

impl Directories {
    /// What a VAT code does on this side of the ledger.
    pub(crate) fn vat_code(&self, code: &VatCode, direction: Direction, pointer: &str) -> Answer<VatCodeKind> {
        let vat = known(&self.vat_codes, code.as_str(), "VAT code", pointer)?;
        if vat.direction.is_some_and(|meant_for| meant_for != direction) {
            let detail = format!("VAT code {} of the ledger is not for {} documents.", vat.code, direction.as_str());
            return Err(Problem::new(Code::UnknownCode, detail.clone()).at(pointer, detail));
        }
        Ok(vat.vat.unwrap_or(VatCodeKind::Unusable))
    }
}

impl TemplateBody {
    /// The template, with what its VAT codes do in the ledger.
    pub(crate) fn resolve(self, direction: Direction, directories: &Directories) -> Answer<PostingTemplate> {
        let mut lines = Vec::with_capacity(self.lines.len());
        for (index, line) in self.lines.into_iter().enumerate() {
            let at = |field: &str| format!("/lines/{index}/{field}");
            known(&directories.accounts, line.account.as_str(), "ledger account", &at("account"))?;
            let kind = directories.vat_code(&line.vat_code, direction, &at("vat_code"))?;
            if let (Some(cost_centre), Some(entries)) = (&line.cost_centre, &directories.cost_centres) {
                known(entries, cost_centre.as_str(), "cost centre", &at("cost_centre"))?;
            }
            lines.push(TemplateLine {
                category: line.category,
                rate: line.rate.map(Amount::decimal),
                share: line.share.map_or(Decimal::ONE_HUNDRED, Amount::decimal),
                account: line.account,
                vat_code: line.vat_code,
                vat_code_kind: kind,
                cost_centre: line.cost_centre,
                project: line.project,
                description: line.description,
            });
        }
        PostingTemplate::new(lines, self.payment_reference).map_err(|error| {
            let detail = format!("{error}.");
            let pointer = match error {
                TemplateError::NoLines
                | TemplateError::TooManyLines
                | TemplateError::Share(_)
                | TemplateError::SharesTotal { .. }
                | TemplateError::VatCode { .. } => "/lines",
            };
            Problem::new(Code::Template, detail.clone()).at(pointer, detail)
        })
    }
}

pub(crate) fn known<'a>(
    entries: &'a [DirectoryEntry],
    code: &str,
    what: &str,
    pointer: &str,
) -> Answer<&'a DirectoryEntry> {
    let refuse = |detail: String| Problem::new(Code::UnknownCode, detail.clone()).at(pointer, detail);
    let entry = entries.iter().find(|entry| entry.code == code).ok_or_else(|| {
        refuse(format!(
            "The ledger has no {what} {code}, as far as its directory was fetched. Fetch it again if it is new."
        ))
    })?;
    if entry.blocked {
        return Err(refuse(format!("The {what} {code} is blocked in the ledger.")));
    }
    Ok(entry)
}

/// A line of a template.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TemplateLineView {
    /// VAT category that the line takes.
    #[schema(schema_with = schema::one::<VatCategory>)]
    pub category: VatCategory,
    /// Rate in percent.
    pub rate: Option<Amount>,
    /// Percent of the group.
    pub share: Amount,
    /// Ledger account.
    #[schema(value_type = String)]
    pub account: AccountCode,
    /// VAT code.
    #[schema(value_type = String)]
    pub vat_code: VatCode,
    /// What that code did in the ledger when the template was saved.
    #[schema(value_type = Object)]
    pub vat_code_kind: VatCodeKind,
    /// Cost centre.
    #[schema(value_type = Option<String>)]
    pub cost_centre: Option<CostCentre>,
    /// Project.
    #[schema(value_type = Option<String>)]
    pub project: Option<Project>,
    /// Text with labels.
    #[schema(value_type = String)]
    pub description: LabelText,
}

/// The coding of a contact.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TemplateView {
    /// The lines.
    pub lines: Vec<TemplateLineView>,
    /// What is sent as payment reference instead of the document's own.
    #[schema(value_type = Option<String>)]
    pub payment_reference: Option<LabelText>,
    /// Counts edits.
    pub version: u32,
}

impl TemplateView {
    /// A template at a version.
    pub fn new(template: &PostingTemplate, version: u32) -> Self {
        let lines = template.lines().iter().cloned().map(|line| TemplateLineView {
            category: line.category,
            rate: line.rate.map(Amount::from),
            share: line.share.into(),
            account: line.account,
            vat_code: line.vat_code,
            vat_code_kind: line.vat_code_kind,
            cost_centre: line.cost_centre,
            project: line.project,
            description: line.description,
        });
        Self { lines: lines.collect(), payment_reference: template.payment_reference().cloned(), version }
    }
}

/// What the ledger lists, as it was fetched last.
pub(crate) async fn directories(app: &App, caller: &Caller, administration: AdministrationId) -> Answer<Directories> {
    let unit = app.administration(caller, administration).await?.unit.ok_or_else(|| {
        let detail =
            "No division of a ledger was chosen for this administration: a Superuser does that at the connection.";
        Problem::new(Code::UnitMissing, detail)
    })?;
    Ok(Directories {
        accounts: directory(app, caller, &unit, DirectoryKind::LedgerAccounts).await?,
        vat_codes: directory(app, caller, &unit, DirectoryKind::VatCodes).await?,
        cost_centres: app
            .of(caller.tenant)
            .directories()
            .get(&unit, DirectoryKind::CostCentres)
            .await?
            .map(|directory| directory.entries),
    })
}

async fn directory(app: &App, caller: &Caller, unit: &UnitId, kind: DirectoryKind) -> Answer<Vec<DirectoryEntry>> {
    let directory = app.of(caller.tenant).directories().get(unit, kind).await?;
    directory.map(|directory| directory.entries).ok_or_else(|| not_fetched(unit, kind))
}

/// A directory that is needed was not fetched.
pub(crate) fn not_fetched(unit: &UnitId, kind: DirectoryKind) -> Problem {
    let (kind, connection) = (kind.as_str(), unit.connection);
    let detail = format!(
        "The ledger's {kind} were not fetched yet: POST /connections/{connection}/directories/{kind}/refresh fetches them."
    );
    Problem::new(Code::DirectoryMissing, detail).about(connection)
}

/// Has a ledger that keeps posting templates itself get what was saved or deleted, once the contact is known there (AP-40).
/// What was changed is changed: when this fails, the next synchronisation makes up for a template that was saved.
pub(crate) async fn tell_ledger(app: &App, caller: &Caller, administration: AdministrationId, contact: ContactId) {
    let work = async {
        let settings = app.of(caller.tenant);
        let Some(unit) = app.administration(caller, administration).await?.unit else { return Ok(()) };
        let Some(connection) = settings.connections().get(unit.connection, Read::Eventual).await? else {
            return Ok(());
        };
        let options: Options = connection.options.into_iter().collect();
        let wanted = described(&connection.system).is_some_and(|ledger| ledger.syncs_templates(&options));
        if wanted && connection.state != ConnectionState::Draft {
            let known = settings.contacts(administration).get(contact, Read::Consistent).await?;
            if known.is_some_and(|contact| contact.ledger_contact.is_some()) {
                tasks::queue(app, caller, unit, Work::Template { administration, contact }).await?;
            }
        }
        Answer::Ok(())
    };
    if let Err(problem) = work.await {
        tracing::warn!(%contact, code = problem.code().as_str(), "The ledger was not told of a posting template.");
    }
}

/// The posting template of a contact.
#[utoipa::path(
    get, path = "/administrations/{administration}/contacts/{contact}/template", tag = "templates",
    responses((status = 200, body = TemplateView))
)]
pub async fn get_template(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, contact)): Ids<(AdministrationId, ContactId)>,
) -> Answer<Versioned<TemplateView>> {
    contacts::load(&app, &caller, administration, contact).await?;
    let template = app.of(caller.tenant).templates(administration).get(contact, Read::Consistent).await?;
    let template = template.ok_or_else(|| Problem::not_found("posting template of contact", contact))?;
    Ok(Versioned { body: TemplateView::new(&template.value, template.version), version: template.version })
}

/// Saves the posting template of a contact: the first one, or one in place of the last, then with `If-Match`.
#[utoipa::path(
    put, path = "/administrations/{administration}/contacts/{contact}/template", tag = "templates",
    request_body = TemplateBody,
    responses((status = 200, body = TemplateView))
)]
pub async fn put_template(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, contact)): Ids<(AdministrationId, ContactId)>,
    seen: IfMatchMaybe,
    Json(body): Json<TemplateBody>,
) -> Answer<Versioned<TemplateView>> {
    let direction = contacts::load(&app, &caller, administration, contact).await?.direction;
    let templates = app.of(caller.tenant).templates(administration);
    let before = templates.get(contact, Read::Consistent).await?;
    match &before {
        Some(before) => seen.required()?.check(before.version)?,
        None => seen.check(0)?,
    }
    let template = body.resolve(direction, &directories(&app, &caller, administration).await?)?;
    let version = templates.put(contact, before.as_ref(), &template, &caller.hand(1).author()).await?;
    recommendations::refresh(&app, &caller, administration, contact).await;
    tell_ledger(&app, &caller, administration, contact).await;
    Ok(Versioned { body: TemplateView::new(&template, version), version })
}

/// Deletes the posting template of a contact. Its automation rules stay and are suspended: no decision uses them until a
/// template is saved again, and then only for documents received after that.
#[utoipa::path(
    delete, path = "/administrations/{administration}/contacts/{contact}/template", tag = "templates",
    responses((status = 204, description = "It is deleted."))
)]
pub async fn delete_template(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, contact)): Ids<(AdministrationId, ContactId)>,
    seen: IfMatchMaybe,
) -> Answer<Gone> {
    contacts::load(&app, &caller, administration, contact).await?;
    let templates = app.of(caller.tenant).templates(administration);
    let Some(before) = templates.get(contact, Read::Consistent).await? else { return Ok(Gone) };
    seen.check(before.version)?;
    templates.delete(contact, &before, &caller.hand(1).author()).await?;
    recommendations::refresh(&app, &caller, administration, contact).await;
    tell_ledger(&app, &caller, administration, contact).await;
    Ok(Gone)
}
