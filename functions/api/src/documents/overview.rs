//! The validation overview: sorted, filtered, with the columns that each user chose (AP-41 to AP-46).

use super::view::DocumentView;
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, Json, Params},
    problem::{Answer, Code, Problem},
    reply::{InWords, Limit, Shown, next},
    schema,
    text::Amount,
};
use axum::extract::State;
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};
use domain::{
    document::{Document, List, Status},
    ids::{AdministrationId, ContactId},
    ledger::Direction,
    overview::{Column, Columns, Order, Place, Sort, Wanted, part},
    time::{Date, Instant},
    words::Language,
};
use serde::{Deserialize, Serialize};
use store::{
    Cursor,
    document::{Filter, Span},
};
use utoipa::{IntoParams, ToSchema};

/// The most waiting documents that are sorted for one answer.
const SORTED_MAX: usize = 1_000;
/// How many of them are read at once.
const READ_AT_ONCE: usize = 100;
/// What a cursor of a sorted list begins with.
const SORTED: &str = "sorted.";

/// Which part of the validation overview, and in which order.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct OverviewParams {
    /// Only documents that are so: `complete`, `incomplete`, `unreadable`, `rejected` or `uncertain`.
    #[param(value_type = Option<String>)]
    status: Option<Status>,
    /// Only documents of this supplier or customer.
    #[param(value_type = Option<String>)]
    contact: Option<ContactId>,
    /// Only `purchase` or `sales`.
    #[param(value_type = Option<String>)]
    tag: Option<Direction>,
    /// Only documents that wait for this reason, by its code: something missing, a hold, or what the ledger said.
    reason: Option<String>,
    /// Only documents received at or after this.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Instant>,
    /// Only documents received before this.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Instant>,
    /// Only documents dated on or after this.
    #[param(value_type = Option<String>, format = Date)]
    issued_from: Option<Date>,
    /// Only documents dated on or before this.
    #[param(value_type = Option<String>, format = Date)]
    issued_to: Option<Date>,
    /// Only documents whose total, without its sign, is at least this.
    #[param(value_type = Option<String>)]
    gross_from: Option<Amount>,
    /// Only documents whose total, without its sign, is at most this.
    #[param(value_type = Option<String>)]
    gross_to: Option<Amount>,
    /// By `received` (when left out), `status`, `relation`, `total`, `period`, `issue_date`, `number` or `ledger_account`.
    #[param(value_type = Option<String>)]
    sort: Option<Sort>,
    /// `ascending` or `descending`; when left out, newest first by `received` and ascending by anything else.
    #[param(value_type = Option<String>)]
    order: Option<Order>,
    /// `next` of the part before.
    cursor: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    limit: Limit,
}

impl OverviewParams {
    fn order(&self) -> (Sort, Order) {
        let sort = self.sort.unwrap_or(Sort::Received);
        let usual = if sort == Sort::Received { Order::Descending } else { Order::Ascending };
        (sort, self.order.unwrap_or(usual))
    }

    fn wanted(&self) -> Wanted {
        Wanted {
            status: self.status,
            contact: self.contact,
            tag: self.tag,
            reason: self.reason.clone(),
            issued_from: self.issued_from,
            issued_to: self.issued_to,
            gross_from: self.gross_from.map(Amount::decimal),
            gross_to: self.gross_to.map(Amount::decimal),
        }
    }

    /// Whether the list has this order itself, and the table can filter it: then a part costs one query.
    fn is_as_listed(&self) -> bool {
        let listed = Wanted { status: self.status, contact: self.contact, ..Wanted::default() };
        self.order() == (Sort::Received, Order::Descending) && self.wanted() == listed
    }
}

/// A part of the validation overview.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct OverviewPage {
    /// What this part lists.
    pub items: Vec<DocumentView>,
    /// Send it as `cursor` for the next part; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
    /// Whether everything that waits was looked at. Only the order of receipt without further filters always is; otherwise
    /// the 1,000 documents received last are.
    pub complete: bool,
}

impl OverviewPage {
    fn new(documents: &[Document], next: Option<String>, complete: bool, language: Language) -> InWords<Shown<Self>> {
        let items = documents.iter().map(|document| DocumentView::new(document, language)).collect();
        InWords(language, Shown(Self { items, next, complete }))
    }
}

/// The validation overview: what waits for a person, each with its status and all its reasons (AP-42), sorted and filtered
/// as asked for (AP-46).
#[utoipa::path(
    get, path = "/administrations/{administration}/overview", tag = "documents",
    params(OverviewParams),
    responses((status = 200, body = OverviewPage))
)]
pub async fn overview(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(params): Params<OverviewParams>,
) -> Answer<InWords<Shown<OverviewPage>>> {
    app.check_administration(&caller, administration).await?;
    let documents = app.of(caller.tenant).documents();
    let waiting = (administration, List::Overview);
    let received = Span { from: params.from, before: params.to };
    let filter = Filter { status: params.status, contact: params.contact, ..Filter::default() };
    let limit = params.limit.get();
    if params.is_as_listed() {
        let cursor = params.cursor.map(Cursor::new);
        let listed = documents.list_received(waiting, received, filter, cursor.as_ref(), limit).await?;
        return Ok(OverviewPage::new(&listed.items, next(listed.next), true, caller.language));
    }
    let order = params.order();
    let after = params.cursor.as_deref().map(|cursor| place(cursor, order)).transpose()?;
    let (mut read, mut cursor) = (Vec::new(), None);
    let complete = loop {
        let filter = Filter::default();
        let listed = documents.list_received(waiting, received, filter, cursor.as_ref(), READ_AT_ONCE).await?;
        read.extend(listed.items);
        match listed.next {
            None => break true,
            Some(_) if read.len() >= SORTED_MAX => break false,
            Some(next) => cursor = Some(next),
        }
    };
    let (items, next) = part(read, &params.wanted(), order, after.as_ref(), limit);
    let next = next.map(|place| shown(&place, order)).transpose().map_err(|error| crate::app::internal(&error))?;
    Ok(OverviewPage::new(&items, next, complete, caller.language))
}

fn shown(place: &Place, order: (Sort, Order)) -> Result<String, serde_json::Error> {
    Ok(format!("{SORTED}{}", URL_SAFE_NO_PAD.encode(serde_json::to_vec(&(order, place))?)))
}

fn place(cursor: &str, order: (Sort, Order)) -> Answer<Place> {
    let read = || {
        let bytes = URL_SAFE_NO_PAD.decode(cursor.strip_prefix(SORTED)?).ok()?;
        let (of, place): ((Sort, Order), Place) = serde_json::from_slice(&bytes).ok()?;
        (of == order).then_some(place)
    };
    let detail = "The cursor does not belong to this list in this order. Begin again without one.";
    read().ok_or_else(|| Problem::new(Code::Cursor, detail))
}

/// Columns of the overview.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ColumnsBody {
    /// In the order in which they are shown; at least one, each once.
    #[schema(schema_with = schema::many::<Column>)]
    pub columns: Columns,
}

/// The columns of the overview that the caller sees.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ColumnsView {
    /// In the order in which they are shown.
    #[schema(schema_with = schema::many::<Column>)]
    pub columns: Columns,
    /// All that can be chosen.
    #[schema(schema_with = schema::many::<Column>)]
    pub available: &'static [Column],
}

fn columns_view(columns: Columns) -> Shown<ColumnsView> {
    Shown(ColumnsView { columns, available: Column::ALL })
}

/// The columns of the overview that the caller chose, or those that everybody starts with (AP-45).
#[utoipa::path(get, path = "/me/overview-columns", tag = "users", responses((status = 200, body = ColumnsView)))]
pub async fn get_columns(State(app): State<App>, caller: Caller) -> Answer<Shown<ColumnsView>> {
    let chosen = app.of(caller.tenant).preferences().columns(caller.user.id).await?;
    Ok(columns_view(chosen.unwrap_or_default()))
}

/// Chooses the columns of the overview and their order, for the caller alone and wherever he signs in (AP-45).
#[utoipa::path(
    put, path = "/me/overview-columns", tag = "users",
    request_body = ColumnsBody,
    responses((status = 200, body = ColumnsView))
)]
pub async fn put_columns(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<ColumnsBody>,
) -> Answer<Shown<ColumnsView>> {
    app.of(caller.tenant).preferences().choose_columns(caller.user.id, &body.columns).await?;
    Ok(columns_view(body.columns))
}
