//! What is ready for export: released, sent back, reverted, given its rate (EX-24, EX-27).

use super::{
    BulkAnswer, BulkResult, Changed, after, bulk::answered, changed, content, entry, load, next as next_version,
    overridden, store, store_content, view::DocumentView,
};
use crate::{
    app::App,
    auth::Caller,
    exports::check_revert,
    extract::{Ids, IfMatch, IfMatchMaybe, Json, Params},
    problem::{Answer, Code, Problem},
    reply::{InWords, Limit, Page, Paging, Shown, next},
    schema,
    text::Why,
};
use ::store::document::{Change, Filter, Record, Span};
use axum::extract::State;
use domain::{
    content::Content,
    document::{Document, Event, List, Status, Step},
    exchange::{ExchangeRate, Rate, RateSource},
    ids::{AdministrationId, DocumentId},
    money::Currency,
    reason::Reason,
    time::Date,
    words::{Note, Text},
};
use serde::Deserialize;
use utoipa::ToSchema;

/// Which part of the export list.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ExportPart {
    /// Complete and not released yet.
    Complete,
    /// Ready to export.
    #[default]
    Ready,
    /// In a run.
    Exporting,
}

/// What of the export list is wanted.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, utoipa::IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ExportListParams {
    /// `complete`, `ready` or `exporting`; `ready` when left out.
    #[serde(default)]
    #[param(value_type = Option<String>)]
    pub part: ExportPart,
    /// `next` of the page before.
    pub cursor: Option<String>,
    /// At most so many; 50 when left out.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    pub limit: Limit,
}

/// The export list of an administration: what is complete and may be released, what is ready, or what is in a run.
#[utoipa::path(
    get, path = "/administrations/{administration}/export-list", tag = "exports",
    params(ExportListParams),
    responses((status = 200, body = Page<DocumentView>))
)]
pub async fn export_list(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(params): Params<ExportListParams>,
) -> Answer<InWords<Shown<Page<DocumentView>>>> {
    app.check_administration(&caller, administration).await?;
    let paging = Paging { cursor: params.cursor, limit: params.limit };
    let (cursor, limit) = (paging.cursor(), paging.limit());
    let documents = app.of(caller.tenant).documents();
    let listed = match params.part {
        ExportPart::Complete => {
            let filter = Filter { status: Some(Status::Complete), ..Filter::default() };
            let list = (administration, List::Overview);
            documents.list_received(list, Span::default(), filter, cursor.as_ref(), limit).await?
        }
        ExportPart::Ready => documents.ready(administration, cursor.as_ref(), limit).await?,
        ExportPart::Exporting => documents.exporting(administration, cursor.as_ref(), limit).await?,
    };
    let items = listed.items.iter().map(|document| DocumentView::new(document, caller.language)).collect();
    Ok(InWords(caller.language, Shown(Page { items, next: next(listed.next) })))
}

/// Why a document is sent back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SendBackBody {
    /// Why; stays in the history.
    pub reason: Why,
}

/// Releases a complete document for export: the next run takes it, and no other path posts it (EX-24, SE-1).
#[utoipa::path(
    post, path = "/documents/{document}/ready", tag = "exports",
    responses((status = 200, body = DocumentView))
)]
pub async fn make_ready(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
) -> Answer<Changed> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    Ok(changed(&caller, &release(&app, &caller, &before).await?))
}

async fn release(app: &App, caller: &Caller, before: &Document) -> Answer<Document> {
    let (status, step) = after(before, Event::MakeReady)?;
    let posting = content(app, caller, before).await?.is_some_and(|content| content.posting().is_some());
    if !posting {
        let detail = "Something is missing in what is to be booked: complete the document first.";
        return Err(Problem::new(Code::Incomplete, detail).about(before.id));
    }
    if let Some(hold) = before.holds.first() {
        let detail = format!("Holds have to be cleared first, for example {}.", hold.as_str());
        return Err(Problem::new(Code::HoldsOpen, detail).about(before.id));
    }
    let ready = Document { status, reason: None, ..next_version(before, caller) };
    let told = entry(caller, &ready, Some(Event::MakeReady), None);
    store(app, caller, before, &ready, step, told).await?;
    Ok(ready)
}

/// Documents to be released.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ReadyBody {
    /// One to fifty.
    #[schema(schema_with = schema::many::<DocumentId>)]
    pub documents: Vec<DocumentId>,
}

/// The most documents that are released in one request.
pub const READY_MAX: usize = 50;

/// Releases several documents; each is answered on its own.
#[utoipa::path(
    post, path = "/documents/ready", tag = "exports",
    request_body = ReadyBody,
    responses((status = 207, body = BulkAnswer))
)]
pub async fn make_several_ready(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<ReadyBody>,
) -> Answer<axum::response::Response> {
    if body.documents.is_empty() || body.documents.len() > READY_MAX {
        return Err(Problem::invalid("/documents", format!("Name 1 to {READY_MAX} documents.")));
    }
    let mut results = Vec::with_capacity(body.documents.len());
    for id in body.documents {
        let outcome = async { release(&app, &caller, &load(&app, &caller, id).await?).await };
        results.push(BulkResult::new(&caller, id, outcome.await));
    }
    Ok(answered(&caller, results, None))
}

/// Sends a document back from the export list for review, with a reason (EX-24).
#[utoipa::path(
    post, path = "/documents/{document}/send-back", tag = "exports",
    request_body = SendBackBody,
    responses((status = 200, body = DocumentView))
)]
pub async fn send_back(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
    Json(body): Json<SendBackBody>,
) -> Answer<Changed> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    let (status, step) = after(&before, Event::SendBack)?;
    let reason = Some(Reason::new("sent_back", body.reason.as_str()));
    let back = Document { status, reason: reason.clone(), ..next_version(&before, &caller) };
    let told = entry(&caller, &back, Some(Event::SendBack), reason);
    store(&app, &caller, &before, &back, step, told).await?;
    Ok(changed(&caller, &back))
}

/// Why an export is taken back.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RevertExportBody {
    /// Why; stays in the history.
    pub reason: Why,
    /// `true`: I know that exporting it again may book it twice. Nothing else is taken.
    pub may_book_twice: bool,
}

/// Takes the export of one document back: it is ready to export again (EX-27). Only where that is enabled. A second export may book it
/// twice.
#[utoipa::path(
    post, path = "/documents/{document}/revert-export", tag = "exports",
    request_body = RevertExportBody,
    responses((status = 200, body = DocumentView))
)]
pub async fn revert_export(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
    Json(body): Json<RevertExportBody>,
) -> Answer<Changed> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    let run = match (before.status, &before.export) {
        (Status::Exported, Some(export)) => export.run,
        (Status::Posted, _) => {
            let detail = "It is booked in a ledger and locked: delete the booking there. Reverting the export run that it was in, \
                          where it was in one, asks the ledger first.";
            return Err(Problem::new(Code::Locked, detail).about(id));
        }
        (_, _) => {
            let detail = format!("Only an exported document can be taken back: this one is {}.", before.status);
            return Err(Problem::new(Code::State, detail).about(id));
        }
    };
    let books = app.administration(&caller, before.administration).await?;
    check_revert(&books)?;
    if !body.may_book_twice {
        let detail =
            "A second export may book the document twice: look into the target system first, and say so with true.";
        return Err(Problem::invalid("/may_book_twice", detail));
    }
    let (status, step) = after(&before, Event::Revert)?;
    let note = Note::ExportReverted { run: Text(run.to_string()), reason: Text::of(body.reason.as_str()) };
    let reason = Some(Reason::said(&note));
    let reverted = Document { status, reason: None, export: None, ..next_version(&before, &caller) };
    overridden(&app, &caller, &reverted, "document.export_reverted").await?;
    let told = entry(&caller, &reverted, Some(Event::Revert), reason);
    store(&app, &caller, &before, &reverted, step, told).await?;
    Ok(changed(&caller, &reverted))
}

/// What one unit of the document's currency is worth in that of the books.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct RateBody {
    /// Units of the books' currency for one of the document's; more than zero.
    #[schema(value_type = String, example = "0.91")]
    pub rate: Rate,
    /// The day of the rate.
    #[schema(value_type = String, format = Date)]
    pub date: Date,
    /// Who published it.
    #[schema(value_type = String, example = "ECB")]
    pub source: RateSource,
}

/// Stores the exchange rate of a document with its date and source: without one it is left out of exports in the currency of the books,
/// and never converted at 1 (EX-31).
#[utoipa::path(
    put, path = "/documents/{document}/exchange-rate", tag = "exports",
    request_body = RateBody,
    responses((status = 200, body = DocumentView))
)]
pub async fn put_rate(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatch,
    Json(body): Json<RateBody>,
) -> Answer<Changed> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    match before.status {
        Status::Complete | Status::Incomplete | Status::Rejected | Status::Ready => {}
        Status::Received
        | Status::Tagged
        | Status::Unreadable
        | Status::Posting
        | Status::Posted
        | Status::Uncertain
        | Status::Archived
        | Status::Deleted
        | Status::Exporting
        | Status::Exported
        | Status::Shared => {
            let detail = format!("A document that is {} cannot be given a rate any more.", before.status);
            return Err(Problem::new(Code::State, detail).about(id));
        }
    }
    let books = app.administration(&caller, before.administration).await?;
    check_currency(before.currency, books.currency)?;
    let read = content(&app, &caller, &before)
        .await?
        .ok_or_else(|| Problem::new(Code::State, "Nothing was read from this document yet.").about(id))?;
    let rate = ExchangeRate { rate: body.rate, date: body.date, source: body.source };
    let note = Note::RateStored {
        rate: Text(rate.rate.value().normalize().to_string()),
        date: rate.date,
        source: Text::of(&rate.source),
    };
    let mut rated = next_version(&before, &caller);
    rated.content_version = Some(rated.version);
    if rated.reason.as_ref().is_some_and(|reason| reason.code == "no_rate") {
        rated.reason = None;
    }
    let stored = Content { read_at: caller.now, rate: Some(rate), ..read };
    let documents = app.of(caller.tenant).documents();
    store_content(&app, &caller, &rated, &stored).await?;
    let told = entry(&caller, &rated, None, Some(Reason::said(&note)));
    let change = Change::new(&before, &rated, Step::Announce, Record::Entry(told));
    documents.rest(change, &caller.writer()).await?;
    Ok(changed(&caller, &rated))
}

fn check_currency(currency: Option<Currency>, books: Currency) -> Answer<()> {
    match currency {
        Some(currency) if currency == books => {
            let detail = format!("The document is in {books}, as the books are: it needs no rate.");
            Err(Problem::new(Code::State, detail))
        }
        Some(_) => Ok(()),
        None => Err(Problem::new(Code::State, "The document's currency is not known yet.")),
    }
}
