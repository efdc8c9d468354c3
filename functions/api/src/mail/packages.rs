//! Accounting packages that import by mail, as the office works with them (ED-4 to ED-7).

use super::MailPackageView;
use crate::{
    app::App,
    auth::Caller,
    extract::{Creating, Ids, IfMatch, IfMatchMaybe, Json},
    idempotency::{Making, once},
    problem::{Answer, Problem},
    reply::{Gone, Made, Page, Shown, Versioned},
    text::PackageName,
};
use axum::{extract::State, response::Response};
use domain::{
    ids::PackageId,
    mail::{AddressMode, Attach, Identifier, LinkDays, MailLanguage, MailPackage, UblFlavour},
};
use serde::Deserialize;
use store::Read;
use utoipa::ToSchema;

/// An accounting package that imports by mail. What is left out is as it usually is.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MailPackageBody {
    /// Name, for people.
    pub name: PackageName,
    /// `same` address for purchases and sales, or `separate` ones; a client may choose otherwise.
    #[serde(default)]
    #[schema(value_type = String, example = "separate")]
    pub addresses: AddressMode,
    /// Documents go as `attachment`, which is recommended, or as `link`.
    #[serde(default)]
    #[schema(value_type = String, example = "attachment")]
    pub attach: Attach,
    /// PDFs go along with e-invoices. Off is recommended: they may make doubles in the ledger.
    #[serde(default)]
    pub pdf_alongside: bool,
    /// By what mails say whose books they are for: `vat_number`, `register_number`, or `none` but the name.
    #[serde(default)]
    #[schema(value_type = String, example = "vat_number")]
    pub identifier: Identifier,
    /// In which rules an e-invoice is written for a document that has none: `peppol_bis_3`, `si_ubl_2_0`, `e_fff`, `xrechnung`.
    #[serde(default)]
    #[schema(value_type = String, example = "peppol_bis_3")]
    pub flavour: UblFlavour,
    /// In which language mails are written: `english`, `dutch`, `french` or `polish`.
    #[serde(default)]
    #[schema(value_type = String, example = "english")]
    pub language: MailLanguage,
    /// For how many days addresses of documents are good; 30 when left out.
    #[serde(default)]
    #[schema(value_type = u16, minimum = 1, maximum = 400)]
    pub link_days: LinkDays,
}

impl MailPackageBody {
    fn package(self, id: PackageId, version: u32) -> MailPackage {
        MailPackage {
            id,
            name: self.name.into_string(),
            addresses: self.addresses,
            attach: self.attach,
            pdf_alongside: self.pdf_alongside.into(),
            identifier: self.identifier,
            flavour: self.flavour,
            language: self.language,
            link_days: self.link_days,
            version,
        }
    }
}

fn shown(app: &App, package: &MailPackage) -> Versioned<MailPackageView> {
    Versioned { body: MailPackageView::new(package, &app.mail_from), version: package.version }
}

async fn load(app: &App, caller: &Caller, id: PackageId) -> Answer<MailPackage> {
    let found = app.of(caller.tenant).mail_packages().get(id, Read::Consistent).await?;
    found.ok_or_else(|| Problem::not_found("mail package", id))
}

/// The accounting packages of the office that import by mail.
#[utoipa::path(get, path = "/mail-packages", tag = "mail", responses((status = 200, body = Page<MailPackageView>)))]
pub async fn list_mail_packages(State(app): State<App>, caller: Caller) -> Answer<Shown<Page<MailPackageView>>> {
    let packages = app.of(caller.tenant).mail_packages().all().await?;
    let items = packages.iter().map(|package| MailPackageView::new(package, &app.mail_from)).collect();
    Ok(Shown(Page { items, next: None }))
}

/// Sets up an accounting package that imports by mail (ED-4).
#[utoipa::path(
    post, path = "/mail-packages", tag = "mail",
    request_body = MailPackageBody,
    responses((status = 201, body = MailPackageView))
)]
pub async fn create_mail_package(
    State(app): State<App>,
    caller: Caller,
    request: Creating<MailPackageBody>,
) -> Answer<Response> {
    once(&app, &caller, request, async |body, making: Making<PackageId>| {
        let packages = app.of(caller.tenant).mail_packages();
        let made = match packages.get(making.id, Read::Consistent).await? {
            Some(made) if making.repeated => made,
            Some(_) | None => {
                let package = body.package(making.id, 1);
                packages.put(None, Some(&package), &caller.hand(1).author()).await?;
                package
            }
        };
        let view = MailPackageView::new(&made, &app.mail_from);
        Ok(Made::created(format!("/mail-packages/{}", made.id), view, made.version))
    })
    .await
}

/// An accounting package that imports by mail.
#[utoipa::path(
    get, path = "/mail-packages/{package}", tag = "mail",
    responses((status = 200, body = MailPackageView))
)]
pub async fn get_mail_package(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<PackageId>,
) -> Answer<Versioned<MailPackageView>> {
    Ok(shown(&app, &load(&app, &caller, id).await?))
}

/// Changes an accounting package: it counts for what is mailed from now on.
#[utoipa::path(
    put, path = "/mail-packages/{package}", tag = "mail",
    request_body = MailPackageBody,
    responses((status = 200, body = MailPackageView))
)]
pub async fn put_mail_package(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<PackageId>,
    seen: IfMatch,
    Json(body): Json<MailPackageBody>,
) -> Answer<Versioned<MailPackageView>> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    let after = body.package(id, before.version.saturating_add(1));
    app.of(caller.tenant).mail_packages().put(Some(&before), Some(&after), &caller.hand(1).author()).await?;
    Ok(shown(&app, &after))
}

/// Deletes an accounting package. Connections that use it send nothing until another one is chosen for them.
#[utoipa::path(
    delete, path = "/mail-packages/{package}", tag = "mail",
    responses((status = 204, description = "It is deleted."))
)]
pub async fn delete_mail_package(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<PackageId>,
    seen: IfMatchMaybe,
) -> Answer<Gone> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    app.of(caller.tenant).mail_packages().put(Some(&before), None, &caller.hand(1).author()).await?;
    Ok(Gone)
}
