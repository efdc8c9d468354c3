//! Orders: taken in, listed, moved on.

use super::{OrderView, order};
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, IfMatch, Json, Params},
    problem::{Answer, Code, Problem},
    reply::{InWords, Made, Page, Paging, Shown, Versioned, next},
};
use axum::{
    extract::State,
    response::{IntoResponse as _, Response},
};
use domain::{
    ids::{AdministrationId, OrderId},
    sales::{Order, OrderData, OrderStatus},
};
use serde::Deserialize;
use store::sales::Taken;
use utoipa::ToSchema;

/// An order, as a shop or a marketplace says it: reference and source, customer, currency, lines, payment. Amounts are texts. In
/// another currency than the seller's own it has the rate for the VAT: `"exchange_rate": { "rate": "4.2512", "date": "2026-03-09",
/// "source": "NBP 046/A/NBP/2026" }`; `"split_payment": "yes"` where the law wants that on its invoice.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(transparent)]
#[schema(value_type = Object, example = json!({
        "reference": "100234", "source": "shop", "status": "new", "currency": "PLN", "prices": "gross",
        "customer": {
            "is": "company", "name": "Zielony Kubek Sp. z o.o.", "tax_number": "1234563218", "email": "biuro@example.com",
            "address": { "street": "Morska 5/2", "post_code": "81-001", "city": "Gdynia", "country": "PL" }
        },
        "lines": [{ "name": "Kubek", "sku": "MUG-01", "quantity": "2", "unit": "szt.", "price": "49.20", "vat": "23" }],
        "payment": { "name": "Przelew", "paid": "98.40", "paid_on": "2026-03-09" }
    }))]
pub struct OrderBody(pub OrderData);

/// Takes an order in. One of the same source and reference is the same order: it comes back as it is, unchanged.
#[utoipa::path(
    post, path = "/administrations/{administration}/orders", tag = "sales",
    request_body = OrderBody,
    responses((status = 201, body = OrderView), (status = 200, body = OrderView))
)]
pub async fn create_order(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Json(OrderBody(data)): Json<OrderBody>,
) -> Answer<Response> {
    app.check_administration(&caller, administration).await?;
    data.check().map_err(|error| Problem::new(Code::Invalid, format!("{error}.")))?;
    let orders = app.of(caller.tenant).orders(administration);
    let order = Order {
        id: orders.id(&data.source, &data.reference),
        administration,
        status: data.status.clone(),
        data,
        documents: Vec::new(),
        received_at: caller.now,
        updated_at: caller.now,
        version: 1,
    };
    match caller.desk(&app.of(caller.tenant)).take(&order).await? {
        Taken::New => {
            let location = format!("/administrations/{administration}/orders/{}", order.id);
            let view = OrderView::new(&order, &[], None, caller.language);
            Ok(Made::created(location, view, order.version).in_words(caller.language).into_response())
        }
        Taken::Existing(existing) if existing.data == order.data => {
            Ok(card(&app, &caller, &existing).await?.into_response())
        }
        Taken::Existing(existing) => {
            let detail = "There is an order of this source and reference that says something else. It was not changed.";
            Err(Problem::new(Code::Conflict, detail).about(existing.id))
        }
    }
}

/// The order with its documents, and which of them counts (CO-13).
async fn card(app: &App, caller: &Caller, order: &Order) -> Answer<InWords<Versioned<OrderView>>> {
    let repository = app.of(caller.tenant).issued();
    let mut documents = Vec::new();
    for document in &order.documents {
        documents.extend(repository.get(document.id, store::Read::Consistent).await?);
    }
    let connector = app.of(caller.tenant).invoicing(order.administration).connector(store::Read::Eventual).await?;
    let body = OrderView::new(order, &documents, connector.as_ref(), caller.language);
    Ok(InWords(caller.language, Versioned { body, version: order.version }))
}

/// Orders of an administration, the newest first.
#[utoipa::path(
    get, path = "/administrations/{administration}/orders", tag = "sales",
    params(Paging),
    responses((status = 200, body = Page<OrderView>))
)]
pub async fn list_orders(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(paging): Params<Paging>,
) -> Answer<InWords<Shown<Page<OrderView>>>> {
    app.check_administration(&caller, administration).await?;
    let orders = app.of(caller.tenant).orders(administration);
    let listed = orders.list(paging.cursor().as_ref(), paging.limit()).await?;
    let items = listed.items.iter().map(|order| OrderView::new(order, &[], None, caller.language)).collect();
    Ok(InWords(caller.language, Shown(Page { items, next: next(listed.next) })))
}

/// An order: its card, with the documents that were issued from it.
#[utoipa::path(
    get, path = "/administrations/{administration}/orders/{order}", tag = "sales",
    responses((status = 200, body = OrderView))
)]
pub async fn get_order(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, OrderId)>,
) -> Answer<InWords<Versioned<OrderView>>> {
    let order = order(&app, &caller, administration, id).await?;
    card(&app, &caller, &order).await
}

/// Where an order is to stand.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct OrderStatusBody {
    /// In your own words; at most 60 characters.
    #[schema(value_type = String, example = "invoice generated")]
    pub status: OrderStatus,
}

/// Changes the status of an order, which sets off the rules for that status (CO-20).
#[utoipa::path(
    put, path = "/administrations/{administration}/orders/{order}/status", tag = "sales",
    request_body = OrderStatusBody,
    responses((status = 200, body = OrderView))
)]
pub async fn put_order_status(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, id)): Ids<(AdministrationId, OrderId)>,
    seen: IfMatch,
    Json(body): Json<OrderStatusBody>,
) -> Answer<InWords<Versioned<OrderView>>> {
    let before = order(&app, &caller, administration, id).await?;
    seen.check(before.version)?;
    let after = caller.desk(&app.of(caller.tenant)).change_status(&before, &body.status).await?;
    card(&app, &caller, &after).await
}
