//! Marketplaces: which orders come from which, whether finished documents go there (CO-13), and where they stand.

use super::{issued, order};
use crate::{
    app::App,
    auth::Caller,
    documents::view::ReasonView,
    exports::YesNo,
    extract::{Ids, IfMatchMaybe, Json},
    problem::{Answer, Code, Problem},
    reply::{InWords, Page, Shown, Versioned},
    schema,
};
use axum::extract::State;
use domain::{
    document::UnitId,
    ids::{AdministrationId, ConnectionId, IssuedId},
    sales::{Forwarding, MarketplaceLink, OrderSource},
    time::Instant,
    words::Language,
};
use serde::{Deserialize, Serialize};
use store::Read;
use utoipa::ToSchema;

/// The marketplace of orders of a source.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct MarketplaceBody {
    /// A connection to the seller's account there.
    #[schema(schema_with = schema::one::<ConnectionId>)]
    pub connection: ConnectionId,
    /// Whether finished documents of these orders are forwarded; nothing goes there without it (CO-13).
    pub forward: YesNo,
}

/// The marketplace of orders of a source.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct MarketplaceView {
    /// The source, as orders name it.
    pub source: String,
    /// The connection to the seller's account.
    #[schema(schema_with = schema::one::<ConnectionId>)]
    pub connection: ConnectionId,
    /// Whether finished documents are forwarded.
    pub forward: YesNo,
    /// Counts edits.
    pub version: u32,
}

impl From<&MarketplaceLink> for MarketplaceView {
    fn from(link: &MarketplaceLink) -> Self {
        Self {
            source: link.source.to_string(),
            connection: link.connection,
            forward: link.forward.into(),
            version: link.version,
        }
    }
}

/// The marketplaces of an administration's orders.
#[utoipa::path(
    get, path = "/administrations/{administration}/marketplaces", tag = "sales",
    responses((status = 200, body = Page<MarketplaceView>))
)]
pub async fn list_marketplaces(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
) -> Answer<Shown<Page<MarketplaceView>>> {
    app.check_administration(&caller, administration).await?;
    let links = app.of(caller.tenant).invoicing(administration).marketplaces().await?;
    Ok(Shown(Page { items: links.iter().map(Into::into).collect(), next: None }))
}

/// Says to which account documents of orders of a source go, and whether they do. The first time without If-Match.
#[utoipa::path(
    put, path = "/administrations/{administration}/marketplaces/{source}", tag = "sales",
    request_body = MarketplaceBody,
    responses((status = 200, body = MarketplaceView))
)]
pub async fn put_marketplace(
    State(app): State<App>,
    caller: Caller,
    Ids((administration, source)): Ids<(AdministrationId, String)>,
    seen: IfMatchMaybe,
    Json(body): Json<MarketplaceBody>,
) -> Answer<Versioned<MarketplaceView>> {
    app.check_administration(&caller, administration).await?;
    let source: OrderSource = source.parse().map_err(|error| Problem::invalid("/source", format!("{error}.")))?;
    let tenant = app.of(caller.tenant);
    let connection = tenant.connections().get(body.connection, Read::Consistent).await?.ok_or_else(|| {
        let detail = "There is no such connection: GET /connections lists them.";
        Problem::new(Code::UnknownReference, detail).at("/connection", detail)
    })?;
    if !ledgers::described(&connection.system).is_some_and(ledgers::Descriptor::forwards) {
        let detail = format!("{} is no marketplace that takes documents.", connection.system);
        return Err(Problem::new(Code::NotOffered, detail.clone()).at("/connection", detail));
    }
    let settings = tenant.invoicing(administration);
    let before = settings.marketplace(&source, Read::Consistent).await?;
    if let Some(before) = &before {
        seen.required()?.check(before.version)?;
    }
    let version = before.as_ref().map_or(1, |before| before.version.saturating_add(1));
    let after =
        MarketplaceLink { administration, source, connection: body.connection, forward: body.forward.into(), version };
    settings.put_marketplace(before.as_ref(), &after, &caller.hand(1).author()).await?;
    Ok(Versioned { body: (&after).into(), version })
}

/// A document on its way to a marketplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ForwardingView {
    /// To which account.
    #[schema(schema_with = schema::one::<ConnectionId>)]
    pub connection: ConnectionId,
    /// `waiting`, `sending`, `forwarded`, `not_needed`, `switched_off` or `failed`.
    pub state: &'static str,
    /// The marketplace's own id.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub marketplace_id: Option<String>,
    /// Why it waits or failed.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonView>,
    /// When it was asked for.
    #[schema(value_type = String, format = DateTime)]
    pub asked_at: Instant,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Instant,
}

impl ForwardingView {
    fn new(forwarding: &Forwarding, language: Language) -> Self {
        Self {
            connection: forwarding.connection,
            state: forwarding.state.as_str(),
            marketplace_id: forwarding.marketplace_id.clone(),
            reason: forwarding.reason.as_ref().map(|reason| ReasonView::new(reason, language)),
            asked_at: forwarding.asked_at,
            updated_at: forwarding.updated_at,
        }
    }
}

/// Where a document was forwarded to.
#[utoipa::path(
    get, path = "/issued-documents/{issued}/forwardings", tag = "sales",
    responses((status = 200, body = Page<ForwardingView>))
)]
pub async fn list_forwardings(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
) -> Answer<InWords<Shown<Page<ForwardingView>>>> {
    issued(&app, &caller, id).await?;
    let found = app.of(caller.tenant).forwardings().of(id).await?;
    let items = found.iter().map(|forwarding| ForwardingView::new(forwarding, caller.language)).collect();
    Ok(InWords(caller.language, Shown(Page { items, next: None })))
}

/// Has the document that the customer is shown forwarded to the marketplace of its order: once, and again only when it failed.
#[utoipa::path(
    post, path = "/issued-documents/{issued}/forward", tag = "sales",
    responses((status = 200, body = ForwardingView))
)]
pub async fn forward_issued(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<IssuedId>,
) -> Answer<InWords<Shown<ForwardingView>>> {
    let document = issued(&app, &caller, id).await?;
    let order = order(&app, &caller, document.administration, document.order).await?;
    let tenant = app.of(caller.tenant);
    let desk = caller.desk(&tenant);
    let link = desk.marketplace(&order).await?.ok_or_else(|| {
        let detail = format!(
            "Documents of orders from '{}' are not forwarded: PUT /administrations/{{administration}}/marketplaces/{{source}}.",
            order.data.source
        );
        Problem::new(Code::NotConnected, detail).about(id)
    })?;
    let forwarding = desk.forward(&document, &link).await?;
    app.wake(caller.tenant, &UnitId { connection: link.connection, division: None }).await;
    Ok(InWords(caller.language, Shown(ForwardingView::new(&forwarding, caller.language))))
}
