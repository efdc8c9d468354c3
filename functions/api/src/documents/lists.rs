//! Lists of documents: intake and archive.

use super::view::DocumentView;
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, Params},
    problem::Answer,
    reply::{Limit, Page, Paging, Shown, next},
};
use axum::extract::State;
use domain::{
    document::{List, Status},
    ids::{AdministrationId, UserId},
    time::Instant,
};
use serde::Deserialize;
use store::{
    Cursor,
    document::{Filter, PostedByFilter, Received},
};
use utoipa::IntoParams;

/// By whom documents were posted.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(try_from = "String")]
struct PostedBy(PostedByFilter);

impl TryFrom<String> for PostedBy {
    type Error = String;
    fn try_from(text: String) -> Result<Self, String> {
        Ok(Self(match text.as_str() {
            "automation" => PostedByFilter::Automation,
            "person" => PostedByFilter::Person,
            id => PostedByFilter::User(
                id.parse::<UserId>()
                    .map_err(|_| "posted_by is automation, person or the id of a user (usr_...)".to_owned())?,
            ),
        }))
    }
}

/// Which part of the archive.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ArchiveParams {
    /// Only documents posted by: `automation`, `person`, or a user by id (AP-31).
    #[param(value_type = Option<String>)]
    posted_by: Option<PostedBy>,
    /// Only documents that are so: `posted`, `archived` or `deleted`.
    #[param(value_type = Option<String>)]
    status: Option<Status>,
    /// Only documents received at or after this.
    #[param(value_type = Option<String>, format = DateTime)]
    from: Option<Instant>,
    /// Only documents received before this.
    #[param(value_type = Option<String>, format = DateTime)]
    to: Option<Instant>,
    /// `next` of the part before.
    cursor: Option<String>,
    /// How many at most.
    #[serde(default)]
    #[param(value_type = Option<u16>, minimum = 1, maximum = 100)]
    limit: Limit,
}

async fn list(
    app: &App,
    caller: &Caller,
    (administration, list): (AdministrationId, List),
    received: Received,
    filter: Filter,
    paging: (Option<String>, Limit),
) -> Answer<Shown<Page<DocumentView>>> {
    app.check_administration(caller, administration).await?;
    let (cursor, limit) = (paging.0.map(Cursor::new), paging.1.get());
    let documents = app.of(caller.tenant).documents();
    let listed = documents.list_received((administration, list), received, filter, cursor.as_ref(), limit).await?;
    Ok(Shown(Page { items: listed.items.iter().map(DocumentView::from).collect(), next: next(listed.next) }))
}

/// The intake: what was delivered and not tagged yet, newest first.
#[utoipa::path(
    get, path = "/administrations/{administration}/intake", tag = "documents",
    params(Paging),
    responses((status = 200, body = Page<DocumentView>))
)]
pub async fn intake(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(paging): Params<Paging>,
) -> Answer<Shown<Page<DocumentView>>> {
    list(
        &app,
        &caller,
        (administration, List::Intake),
        Received::default(),
        Filter::default(),
        (paging.cursor, paging.limit),
    )
    .await
}

/// The archive, newest first. With filters a part may be short and still have a next one.
#[utoipa::path(
    get, path = "/administrations/{administration}/archive", tag = "documents",
    params(ArchiveParams),
    responses((status = 200, body = Page<DocumentView>))
)]
pub async fn archive(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(params): Params<ArchiveParams>,
) -> Answer<Shown<Page<DocumentView>>> {
    let filter = Filter { posted_by: params.posted_by.map(|by| by.0), status: params.status, ..Filter::default() };
    let received = Received { from: params.from, before: params.to };
    list(&app, &caller, (administration, List::Archive), received, filter, (params.cursor, params.limit)).await
}
