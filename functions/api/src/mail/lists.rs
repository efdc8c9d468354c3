//! What waits and what went wrong in an administration, and the addresses behind it (ED-25).

use super::{DeliveryView, SuspensionView, look_at, writer};
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, Json, Params},
    problem::{Answer, Code, Problem},
    reply::{InWords, Limit, Page, Paging, Shown, next},
};
use axum::extract::State;
use domain::{
    ids::AdministrationId,
    mail::{Delivery, DeliveryEvent, DeliveryState, EmailAddress},
};
use serde::{Deserialize, Serialize};
use store::{Cursor, Read};
use utoipa::{IntoParams, ToSchema};

/// A state in which deliveries are listed: they wait for somebody, or went wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ListedState {
    /// It goes out when it is due.
    Queued,
    /// Its address is suspended until somebody confirms it.
    Held,
    /// It came back.
    Bounced,
    /// The receiver called it unwanted.
    Complained,
    /// It was refused for sending.
    Rejected,
    /// It could not be made.
    Failed,
    /// The switch was turned off before it went.
    NotShared,
    /// Whether it went is not known.
    Uncertain,
}

impl From<ListedState> for DeliveryState {
    fn from(state: ListedState) -> Self {
        match state {
            ListedState::Queued => Self::Queued,
            ListedState::Held => Self::Held,
            ListedState::Bounced => Self::Bounced,
            ListedState::Complained => Self::Complained,
            ListedState::Rejected => Self::Rejected,
            ListedState::Failed => Self::Failed,
            ListedState::NotShared => Self::NotShared,
            ListedState::Uncertain => Self::Uncertain,
        }
    }
}

/// Which deliveries of an administration.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliveryParams {
    /// Those that are so: they wait for somebody, or went wrong. What went well stands with its document.
    #[param(inline)]
    pub state: ListedState,
    /// `next` of the part before.
    pub cursor: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    pub limit: Limit,
}

/// Deliveries of an administration that wait or went wrong, those that changed last first.
#[utoipa::path(
    get, path = "/administrations/{administration}/deliveries", tag = "mail",
    params(DeliveryParams),
    responses((status = 200, body = Page<DeliveryView>))
)]
pub async fn list_deliveries(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(params): Params<DeliveryParams>,
) -> Answer<InWords<Shown<Page<DeliveryView>>>> {
    app.check_administration(&caller, administration).await?;
    let paging = Paging { cursor: params.cursor, limit: params.limit };
    let deliveries = app.of(caller.tenant).deliveries();
    let listed = deliveries.list(administration, params.state.into(), paging.cursor().as_ref(), paging.limit()).await?;
    let items = listed.items.iter().map(|delivery| DeliveryView::new(delivery, caller.language)).collect();
    Ok(InWords(caller.language, Shown(Page { items, next: next(listed.next) })))
}

/// Addresses of a client that get nothing until somebody confirms them.
#[utoipa::path(
    get, path = "/administrations/{administration}/mail-suspensions", tag = "mail",
    responses((status = 200, body = Page<SuspensionView>))
)]
pub async fn list_suspensions(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
) -> Answer<InWords<Shown<Page<SuspensionView>>>> {
    app.check_administration(&caller, administration).await?;
    let settings = app.of(caller.tenant).mail_connections(administration).all(Read::Consistent).await?;
    let items = settings.suspended.iter().map(|one| SuspensionView::new(one, caller.language)).collect();
    Ok(InWords(caller.language, Shown(Page { items, next: None })))
}

/// An address that is good after all.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct ConfirmBody {
    /// The address.
    #[schema(value_type = String, example = "purchases@example.com")]
    pub address: EmailAddress,
}

/// What confirming an address came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct ConfirmedView {
    /// So many mails that waited for it go out.
    pub released: usize,
    /// More wait: confirm it again.
    pub more: bool,
}

/// Lets held mails go: how many went, and whether there are more to look through.
pub(super) async fn release(
    app: &App,
    caller: &Caller,
    administration: AdministrationId,
    wanted: impl Fn(&Delivery) -> bool,
) -> Answer<(usize, bool)> {
    let (mut released, mut writes) = (0, 1);
    let mut cursor: Option<Cursor> = None;
    let deliveries = app.of(caller.tenant).deliveries();
    for _ in 0..PAGES_MAX {
        let listed = deliveries.list(administration, DeliveryState::Held, cursor.as_ref(), PAGE).await?;
        for held in listed.items.iter().filter(|held| wanted(held)) {
            // Changed meanwhile: the list is a moment behind.
            let Ok(after) = held.after(DeliveryEvent::Release, None, caller.now) else { continue };
            writes += 1;
            match deliveries.release(held, &after, look_at(caller), &writer(caller, writes)).await {
                Ok(()) => released += 1,
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error.into()),
            }
        }
        cursor = listed.next;
        if cursor.is_none() {
            break;
        }
    }
    Ok((released, cursor.is_some()))
}

/// So many pages of held mails are looked through in one request.
const PAGES_MAX: usize = 5;
const PAGE: usize = 100;

/// Confirms a suspended address: what waits for it goes out (ED-25). Addresses that are wrong are changed at the connection instead.
#[utoipa::path(
    post, path = "/administrations/{administration}/mail-suspensions/confirm", tag = "mail",
    request_body = ConfirmBody,
    responses((status = 200, body = ConfirmedView))
)]
pub async fn confirm_suspension(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Json(body): Json<ConfirmBody>,
) -> Answer<Shown<ConfirmedView>> {
    app.check_administration(&caller, administration).await?;
    let tenant = app.of(caller.tenant);
    let settings = tenant.mail_connections(administration);
    let suspension = settings.suspension(&body.address).await?;
    // First the address: what is planned from now on does not wait any more.
    if let Some(suspension) = &suspension {
        settings.confirm(suspension, &caller.hand(1).author()).await?;
    }
    let waits = |held: &Delivery| held.to.mailbox() == body.address.mailbox();
    let (released, more) = release(&app, &caller, administration, waits).await?;
    if suspension.is_none() && released == 0 && !more {
        let detail = "This address is not suspended: mails to it go out.";
        return Err(Problem::new(Code::NotFound, detail).at("/address", detail));
    }
    Ok(Shown(ConfirmedView { released, more }))
}
