//! Issuing: an invoice, a receipt, a pro-forma invoice or a correction gets its number, and goes to the ledger where the settings say
//! so (CO-1, CO-3).

use super::{IssuedView, issued, ledger, order};
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
    document::Step,
    ids::{AdministrationId, IssuedId, OrderId, SeriesId},
    sales::{
        AtIssue, Connector, IssueError, Issued, IssuedContent, IssuedKind, Issuing, ItemName, LineChange, Numbering,
        Offers, Order, OrderDocument, Seller, Series,
    },
    time::Date,
};
use serde::Deserialize;
use std::collections::BTreeMap;
use store::{
    Read, Writer,
    sales::{Issue, IssueOutcome},
};
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
    /// Lines that should have been otherwise.
    pub lines: Vec<LineChangeBody>,
}

impl From<IssueError> for Problem {
    fn from(error: IssueError) -> Self {
        let detail = format!("{error}.");
        match error {
            IssueError::WrongSeries { .. } => Self::invalid("/series", detail),
            IssueError::Future { .. } => Self::invalid("/date", detail),
            IssueError::NoChange | IssueError::NoLine(_) | IssueError::TooLarge => Self::invalid("/lines", detail),
            IssueError::Issued(id) => Self::new(Code::State, detail).about(id),
            IssueError::NotCorrectable(_) | IssueError::OriginalNotPassed => Self::new(Code::State, detail),
        }
    }
}

/// How often a number is tried for that others take at the same moment.
const TRIES_MAX: u32 = 50;

/// What issuing needs of settings, read once.
struct Settings {
    series: Series,
    seller: Seller,
    ledger: Option<(Connector, Offers)>,
    date: Date,
}

async fn settings(
    app: &App,
    caller: &Caller,
    administration: AdministrationId,
    (series, date): (SeriesId, Option<Date>),
) -> Answer<Settings> {
    let today = app.administration(caller, administration).await?.time_zone.date_at(caller.now);
    let date = date.unwrap_or(today);
    if date > today {
        return Err(IssueError::Future { today }.into());
    }
    let invoicing = app.of(caller.tenant).invoicing(administration);
    let unknown = "There is no such numbering series in this administration.";
    let unknown = || Problem::new(Code::UnknownReference, unknown).at("/series", unknown);
    let series = invoicing.one_series(series, Read::Consistent).await?.ok_or_else(unknown)?;
    let missing = "Nobody has said yet who sells: PUT /administrations/{administration}/seller.";
    let seller = invoicing.seller(Read::Consistent).await?.ok_or_else(|| Problem::new(Code::Incomplete, missing))?;
    Ok(Settings { series, seller: seller.value, ledger: ledger(app, caller, administration).await?, date })
}

/// Numbers a document and stores it with its order: again and again while others take numbers of the same series.
async fn number(
    app: &App,
    caller: &Caller,
    order: OrderId,
    id: IssuedId,
    settings: &Settings,
    write: impl Fn(&Order, &Issuing<'_>) -> Answer<IssuedContent>,
) -> Answer<Issued> {
    let series = &settings.series;
    let orders = app.of(caller.tenant).orders(series.administration);
    for attempt in 1..=TRIES_MAX {
        let before = orders.get(order, Read::Consistent).await?.ok_or_else(|| Problem::not_found("order", order))?;
        if let Some(there) = app.of(caller.tenant).issued().get(id, Read::Consistent).await? {
            return Ok(there);
        }
        let counter = orders.counter(series.id).await?;
        let (next, number) =
            series.next(counter, settings.date).map_err(|error| Problem::invalid("/date", format!("{error}.")))?;
        let issuing = Issuing { id, series, number: &number, date: settings.date, seller: &settings.seller };
        let content = write(&before, &issuing)?;
        let (issued, step) = head(caller, &content, &before, settings)?;
        let mut after = Order { updated_at: caller.now, version: before.version.saturating_add(1), ..before.clone() };
        after.documents.push(OrderDocument { kind: content.kind, id });
        let issue = Issue { before: &before, after: &after, counter, next, issued: &issued, content: &content, step };
        match orders.issue(&issue, &Writer::new(&caller.request, attempt)).await? {
            IssueOutcome::Issued => return Ok(issued),
            IssueOutcome::Existing(issued) => return Ok(*issued),
            IssueOutcome::Overtaken => {}
        }
    }
    Err(Problem::new(Code::Unavailable, "Many documents are being issued in this series: try again in a moment."))
}

/// The head of a new document: on its way already, where the settings say so (CO-12, CO-14).
fn head(caller: &Caller, content: &IssuedContent, order: &Order, settings: &Settings) -> Answer<(Issued, Step)> {
    let numbering = settings.ledger.as_ref().map_or(Numbering::Ours, |(connector, _)| connector.numbering);
    let of = (order.administration, order.id);
    let issued = Issued::new(content, of, numbering, caller.now).ok_or(IssueError::TooLarge)?;
    let Some((connector, offers)) = &settings.ledger else { return Ok((issued, Step::Announce)) };
    let changed = match connector.at_issue(&issued, offers) {
        AtIssue::Keep => return Ok((issued, Step::Announce)),
        AtIssue::Pass => issued.on_its_way(connector, &caller.actor(), caller.now),
        AtIssue::Withhold => issued.withheld(caller.now),
    };
    changed.map_err(|error| crate::app::internal(&error))
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
        let settings = settings(&app, &caller, administration, (body.series, body.date)).await?;
        let kind = settings.series.kind;
        if kind == IssuedKind::Correction {
            let detail = "Corrections are issued from an invoice: POST /issued-documents/{issued}/corrections.";
            return Err(Problem::invalid("/series", detail));
        }
        let document = app.of(caller.tenant).orders(administration).document_id(id, kind);
        let write = |order: &Order, issuing: &Issuing<'_>| Ok(issuing.of_order(&order.data)?);
        let issued = number(&app, &caller, id, document, &settings, write).await?;
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
        let settings = settings(&app, &caller, original.administration, (body.series, body.date)).await?;
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
        let connector = settings.ledger.as_ref().map(|(connector, _)| connector);
        let write = |_: &Order, issuing: &Issuing<'_>| {
            Ok(issuing.correction((&original, &content), &changes, &body.reason, connector)?)
        };
        let issued = number(&app, &caller, original.order, making.id, &settings, write).await?;
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
