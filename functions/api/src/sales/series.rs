//! Numbering series, and who sells.

use super::SeriesView;
use crate::{
    app::App,
    auth::Caller,
    exports::YesNo,
    extract::{Creating, Ids, IfMatch, IfMatchMaybe, Json},
    idempotency::{Making, once},
    problem::{Answer, Problem},
    reply::{Made, Page, Shown, Versioned},
    text::Name,
};
use axum::{extract::State, response::Response};
use domain::{
    ids::{AdministrationId, SeriesId},
    sales::{IssuedKind, NumberPattern, Reset, Seller, Series},
};
use serde::Deserialize;
use store::Read;
use utoipa::ToSchema;

/// A numbering series.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeriesBody {
    /// Name, for people.
    pub name: Name,
    /// `invoice`, `receipt`, `correction` or `pro_forma`.
    #[schema(value_type = String, example = "invoice")]
    pub kind: IssuedKind,
    /// Text with `{n}` (or `{n:4}` for four digits), `{yyyy}`, `{yy}`, `{mm}` and `{dd}`; at most 30 characters.
    #[schema(value_type = String, example = "FV {n}/{mm}/{yyyy}")]
    pub pattern: NumberPattern,
    /// When it begins with 1 again: `never`, `yearly`, `monthly` or `daily`. The pattern must hold what tells the periods apart.
    #[schema(value_type = String, example = "monthly")]
    pub reset: Reset,
    /// The first number of all; 1 when left out.
    #[serde(default)]
    #[schema(minimum = 1)]
    pub first: Option<u64>,
    /// Do not display the payment date on the document: it is then not kept at all (CO-25).
    #[serde(default)]
    pub hide_payment_date: Option<YesNo>,
    /// Days after the issue date at which payment is due; 14 when left out.
    #[serde(default)]
    pub payment_days: Option<u16>,
}

/// The largest first number and the longest time to pay.
const FIRST_MAX: u64 = 9_999_999;
const PAYMENT_DAYS_MAX: u16 = 730;

impl SeriesBody {
    fn series(self, id: SeriesId, administration: AdministrationId, version: u32) -> Answer<Series> {
        self.pattern.check(self.reset).map_err(|error| Problem::invalid("/pattern", format!("{error}.")))?;
        let first = self.first.unwrap_or(1);
        if !(1..=FIRST_MAX).contains(&first) {
            return Err(Problem::invalid("/first", format!("A first number is from 1 to {FIRST_MAX}.")));
        }
        let payment_days = self.payment_days.unwrap_or(14);
        if payment_days > PAYMENT_DAYS_MAX {
            let detail = format!("Payment is due after at most {PAYMENT_DAYS_MAX} days.");
            return Err(Problem::invalid("/payment_days", detail));
        }
        Ok(Series {
            id,
            administration,
            name: self.name.into_string(),
            kind: self.kind,
            pattern: self.pattern,
            reset: self.reset,
            first,
            hide_payment_date: self.hide_payment_date.unwrap_or(YesNo::No).into(),
            payment_days,
            version,
        })
    }
}

/// The numbering series of an administration.
#[utoipa::path(
    get, path = "/administrations/{administration}/numbering-series", tag = "sales",
    responses((status = 200, body = Page<SeriesView>))
)]
pub async fn list_series(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
) -> Answer<Shown<Page<SeriesView>>> {
    app.check_administration(&caller, administration).await?;
    let series = app.of(caller.tenant).invoicing(administration).series().await?;
    Ok(Shown(Page { items: series.iter().map(SeriesView::new).collect(), next: None }))
}

/// Makes a numbering series.
#[utoipa::path(
    post, path = "/administrations/{administration}/numbering-series", tag = "sales",
    request_body = SeriesBody,
    responses((status = 201, body = SeriesView))
)]
pub async fn create_series(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    request: Creating<SeriesBody>,
) -> Answer<Response> {
    app.check_administration(&caller, administration).await?;
    once(&app, &caller, request, async |body, making: Making<SeriesId>| {
        let settings = app.of(caller.tenant).invoicing(administration);
        let made = match settings.one_series(making.id, Read::Consistent).await? {
            Some(made) if making.repeated => made,
            Some(_) | None => {
                let series = body.series(making.id, administration, 1)?;
                settings.put_series(None, &series, &caller.hand(1).author()).await?;
                series
            }
        };
        let location = format!("/administrations/{administration}/numbering-series/{}", made.id);
        Ok(Made::created(location, SeriesView::new(&made), made.version))
    })
    .await
}

async fn load(app: &App, caller: &Caller, administration: AdministrationId, id: SeriesId) -> Answer<Series> {
    app.check_administration(caller, administration).await?;
    let found = app.of(caller.tenant).invoicing(administration).one_series(id, Read::Consistent).await?;
    found.ok_or_else(|| Problem::not_found("numbering series", id))
}

/// A numbering series.
#[utoipa::path(
    get, path = "/administrations/{administration}/numbering-series/{series}", tag = "sales",
    responses((status = 200, body = SeriesView))
)]
pub async fn get_series(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, SeriesId)>,
) -> Answer<Versioned<SeriesView>> {
    let series = load(&app, &caller, administration, id).await?;
    Ok(Versioned { body: SeriesView::new(&series), version: series.version })
}

/// Changes a numbering series; documents that have a number keep it. What is numbered with it stays.
#[utoipa::path(
    put, path = "/administrations/{administration}/numbering-series/{series}", tag = "sales",
    request_body = SeriesBody,
    responses((status = 200, body = SeriesView))
)]
pub async fn put_series(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, SeriesId)>,
    seen: IfMatch,
    Json(body): Json<SeriesBody>,
) -> Answer<Versioned<SeriesView>> {
    let before = load(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    let after = body.series(id, administration, before.version.saturating_add(1))?;
    if after.kind != before.kind {
        return Err(Problem::invalid("/kind", format!("The series numbers documents of the kind '{}'.", before.kind)));
    }
    let settings = app.of(caller.tenant).invoicing(administration);
    settings.put_series(Some(&before), &after, &caller.hand(1).author()).await?;
    Ok(Versioned { body: SeriesView::new(&after), version: after.version })
}

/// Who sells, as on issued documents: name, tax number, address, and where there are any, account and place.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SellerBody {
    /// Legal name.
    pub name: Name,
    /// Tax number.
    pub tax_number: Name,
    /// `street`, `post_code`, `city` and `country`.
    #[schema(value_type = Object)]
    pub address: domain::sales::Address,
    /// Account to pay to.
    #[serde(default)]
    pub account: Option<Name>,
    /// The place named on documents; the town when left out.
    #[serde(default)]
    pub place: Option<Name>,
    /// Whether VAT is owed only once a document is paid (cash accounting): documents say so.
    #[serde(default)]
    pub cash_accounting: Option<YesNo>,
}

/// Who sells, as on issued documents.
#[utoipa::path(
    get, path = "/administrations/{administration}/seller", tag = "sales",
    responses((status = 200, body = Object))
)]
pub async fn get_seller(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
) -> Answer<Versioned<Seller>> {
    app.check_administration(&caller, administration).await?;
    let seller = app.of(caller.tenant).invoicing(administration).seller(Read::Consistent).await?;
    let seller = seller.ok_or_else(|| Problem::not_found("seller", administration))?;
    Ok(Versioned { body: seller.value, version: seller.version })
}

/// Says who sells. The first time without If-Match.
#[utoipa::path(
    put, path = "/administrations/{administration}/seller", tag = "sales",
    request_body = SellerBody,
    responses((status = 200, body = Object))
)]
pub async fn put_seller(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    seen: IfMatchMaybe,
    Json(body): Json<SellerBody>,
) -> Answer<Versioned<Seller>> {
    app.check_administration(&caller, administration).await?;
    let settings = app.of(caller.tenant).invoicing(administration);
    let before = settings.seller(Read::Consistent).await?;
    if let Some(before) = &before {
        seen.required()?.check(before.version)?;
    }
    let after = Seller {
        name: body.name.into_string(),
        tax_number: body.tax_number.into_string(),
        address: body.address,
        account: body.account.map(Name::into_string),
        place: body.place.map(Name::into_string),
        cash_accounting: body.cash_accounting.unwrap_or(YesNo::No).into(),
    };
    let hand = caller.hand(1);
    let version = settings.put_seller(administration, before.as_ref(), &after, &hand.author()).await?;
    Ok(Versioned { body: after, version })
}
