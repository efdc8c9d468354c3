//! Issuing: an invoice, a receipt, a pro-forma invoice or a correction gets its number, and goes to the ledger where the settings say
//! so (CO-1, CO-3).

use super::{IssuedView, issued, order};
use crate::{
    app::App,
    auth::Caller,
    extract::{Creating, Ids},
    idempotency::{Making, once},
    problem::{Answer, Code, Problem},
    reply::Made,
    schema,
};
use axum::{extract::State, response::Response};
use domain::{
    exchange::ExchangeRate,
    ids::{AdministrationId, IssuedId, OrderId, SeriesId},
    sales::{IssueError, Issued, IssuedKind, Issuing, ItemName, LineChange, Order},
    time::Date,
};
use sales::{SalesError, Settings};
use serde::Deserialize;
use std::collections::BTreeMap;
use utoipa::ToSchema;

/// What is to be issued from an order.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct IssueBody {
    /// The numbering series: it says what is issued.
    #[schema(schema_with = schema::one::<SeriesId>)]
    pub series: SeriesId,
    /// The day of issue; today where the administration is when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub date: Option<Date>,
    /// What one of the order's currency is in the currency in which the seller owes VAT, where that is another one; goes before the
    /// order's own.
    #[serde(default)]
    #[schema(value_type = Option<Object>, example = json!({ "rate": "4.2512", "date": "2026-03-09", "source": "NBP 046/A/NBP/2026" }))]
    pub exchange_rate: Option<ExchangeRate>,
}

/// How a line of an invoice should have been.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct LineChangeBody {
    /// Which line, counted from 1.
    #[schema(minimum = 1)]
    pub line: usize,
    /// How many; zero takes the line back.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub quantity: Option<domain::sales::CorrectedQuantity>,
    /// At which price.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub price: Option<domain::sales::UnitPrice>,
    /// With which VAT.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub vat: Option<domain::sales::SalesVat>,
}

/// A correction of an invoice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CorrectionBody {
    /// A numbering series of corrections.
    #[schema(schema_with = schema::one::<SeriesId>)]
    pub series: SeriesId,
    /// The day of issue; today where the administration is when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub date: Option<Date>,
    /// Why; stands on the document.
    #[schema(value_type = String)]
    pub reason: ItemName,
    /// The rate for the VAT, of an original in another currency that has none; else the original's counts.
    #[serde(default)]
    #[schema(value_type = Option<Object>)]
    pub exchange_rate: Option<ExchangeRate>,
    /// Lines that should have been otherwise.
    pub lines: Vec<LineChangeBody>,
}

impl From<IssueError> for Problem {
    fn from(error: IssueError) -> Self {
        let detail = format!("{error}.");
        match error {
            IssueError::WrongSeries { .. } => Self::invalid("/series", detail),
            IssueError::Future { .. } => Self::invalid("/date", detail),
            IssueError::NoChange | IssueError::NoLine(_) | IssueError::NoExemption | IssueError::TooLarge => {
                Self::invalid("/lines", detail)
            }
            IssueError::Issued(id) => Self::new(Code::State, detail).about(id),
            IssueError::NoExchangeRate { .. } => Self::invalid("/exchange_rate", detail),
            IssueError::NotCorrectable(_) | IssueError::OriginalNotPassed => Self::new(Code::State, detail),
        }
    }
}

impl From<SalesError> for Problem {
    fn from(error: SalesError) -> Self {
        let detail = format!("{error}.");
        match error {
            SalesError::NoOrder(id) => Self::not_found("order", id),
            SalesError::NoSeries(_) => Self::new(Code::UnknownReference, detail.clone()).at("/series", detail),
            SalesError::NoSeller => Self::new(Code::Incomplete, detail),
            SalesError::Issue(error) => error.into(),
            SalesError::Numbering(_) => Self::invalid("/date", detail),
            SalesError::Busy => Self::new(Code::Unavailable, detail),
            SalesError::NoConnector | SalesError::NoConnection => Self::new(Code::NotConnected, detail),
            SalesError::Unsupported(_) => Self::new(Code::NotOffered, detail),
            SalesError::KeptHere(series) => Self::new(Code::State, detail).about(series),
            SalesError::State(error) => error.into(),
            SalesError::Store(error) => error.into(),
        }
    }
}

/// What issuing in a series of an administration needs.
async fn settings(
    app: &App,
    caller: &Caller,
    administration: AdministrationId,
    (series, date): (SeriesId, Option<Date>),
) -> Answer<Settings> {
    let today = app.administration(caller, administration).await?.time_zone.date_at(caller.now);
    let tenant = app.of(caller.tenant);
    Ok(caller.desk(&tenant).settings(administration, series, (date, today)).await?)
}

/// Issues an invoice, a receipt or a pro-forma invoice of an order. An order has one of each: asked for again, the same one comes back.
#[utoipa::path(
    post, path = "/administrations/{administration}/orders/{order}/documents", tag = "sales",
    request_body = IssueBody,
    responses((status = 201, body = IssuedView))
)]
pub async fn issue_document(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, OrderId)>,
    request: Creating<IssueBody>,
) -> Answer<Response> {
    order(&app, &caller, administration, id).await?;
    once(&app, &caller, request, async |body, _: Making<IssuedId>| {
        let mut settings = settings(&app, &caller, administration, (body.series, body.date)).await?;
        settings.exchange_rate = body.exchange_rate;
        let kind = settings.series.kind;
        if kind == IssuedKind::Correction {
            let detail = "Corrections are issued from an invoice: POST /issued-documents/{issued}/corrections.";
            return Err(Problem::invalid("/series", detail));
        }
        let issued = caller.desk(&app.of(caller.tenant)).issue(id, &settings).await?;
        Ok(made(&app, &caller, &issued).await)
    })
    .await
}

/// Issues a correction of an invoice. It quotes the invoice's legal number, and is refused while the ledger has still to give it.
#[utoipa::path(
    post, path = "/issued-documents/{issued}/corrections", tag = "sales",
    request_body = CorrectionBody,
    responses((status = 201, body = IssuedView))
)]
pub async fn issue_correction(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
    request: Creating<CorrectionBody>,
) -> Answer<Response> {
    let original = issued(&app, &caller, id).await?;
    once(&app, &caller, request, async |body, making: Making<IssuedId>| {
        let mut settings = settings(&app, &caller, original.administration, (body.series, body.date)).await?;
        settings.exchange_rate = body.exchange_rate;
        if settings.series.kind != IssuedKind::Correction {
            let error = IssueError::WrongSeries { series: settings.series.kind, wanted: IssuedKind::Correction };
            return Err(error.into());
        }
        let content = app.of(caller.tenant).issued().content(id).await?;
        let content = content.ok_or_else(|| Problem::not_found("issued document", id))?;
        let mut changes = BTreeMap::new();
        for LineChangeBody { line, quantity, price, vat } in body.lines {
            let place = line.checked_sub(1).ok_or(IssueError::NoLine(0))?;
            changes.insert(place, LineChange { quantity, price, vat });
        }
        if settings.exchange_rate.is_some() && content.exchange_rate.is_some() {
            let detail =
                "The invoice says at which rate its VAT is given, and its correction goes by that: leave this out.";
            return Err(Problem::invalid("/exchange_rate", detail));
        }
        let connector = settings.ledger.as_ref().map(|(connector, _)| connector);
        let write = |_: &Order, issuing: &Issuing<'_>| {
            issuing.correction((&original, &content), &changes, &body.reason, connector)
        };
        let tenant = app.of(caller.tenant);
        let issued = caller.desk(&tenant).number(original.order, making.id, &settings, write).await?;
        Ok(made(&app, &caller, &issued).await)
    })
    .await
}

async fn made(app: &App, caller: &Caller, issued: &Issued) -> Made<IssuedView> {
    if let (domain::sales::Passing::Passing, Some(unit)) = (issued.passing, &issued.unit) {
        app.wake(caller.tenant, unit).await;
    }
    let view = IssuedView::new(issued, caller.language);
    Made::created(format!("/issued-documents/{}", issued.id), view, issued.version).in_words(caller.language)
}
