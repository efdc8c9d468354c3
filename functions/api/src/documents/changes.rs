//! The overview, followed live: what changed since a number that was given before.

use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, IfNoneMatch, Params},
    problem::Answer,
    reply::{Unchanged, Versioned},
    schema,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{
    document::Status,
    figures::{Change, Followed},
    ids::{AdministrationId, DocumentId},
    time::Instant,
};
use serde::{Deserialize, Serialize};
use store::Read;
use utoipa::{IntoParams, ToSchema};

/// From where on.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct ChangesParams {
    /// The `sequence` of an earlier answer; without it, nothing is told but where to begin.
    since: Option<u32>,
}

/// A document came to be so.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangeView {
    /// Which.
    #[schema(schema_with = schema::one::<DocumentId>)]
    pub document: DocumentId,
    /// How it is.
    #[schema(schema_with = schema::one::<Status>)]
    pub status: Status,
    /// Its version then.
    pub version: u32,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

impl From<Change> for ChangeView {
    fn from(Change { document, version, status, at }: Change) -> Self {
        Self { document, status, version, at }
    }
}

/// What changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ChangesView {
    /// Send it as `since` next time; also the `ETag`.
    pub sequence: u32,
    /// Whether these are all changes. If not, more happened than is kept: read the overview anew and go on from `sequence`.
    pub complete: bool,
    /// The changes, oldest first.
    pub changes: Vec<ChangeView>,
}

/// What changed in the overview since an earlier answer. Ask again with `If-None-Match`: as long as nothing changed, the
/// answer is 304 and costs one read.
#[utoipa::path(
    get, path = "/administrations/{administration}/overview/changes", tag = "documents",
    params(ChangesParams),
    responses((status = 200, body = ChangesView), (status = 304, description = "Nothing changed since."))
)]
pub async fn overview_changes(
    State(app): State<App>,
    caller: Caller,
    Ids(administration): Ids<AdministrationId>,
    Params(params): Params<ChangesParams>,
    seen: IfNoneMatch,
) -> Answer<Response> {
    app.check_administration(&caller, administration).await?;
    let figures = app.of(caller.tenant).figures(administration);
    let mut changes = figures.changes(Read::Eventual).await?;
    // A cheap read may be behind one that was answered before: no reason to have the overview read anew.
    if params.since.is_some_and(|since| since > changes.sequence) {
        changes = figures.changes(Read::Consistent).await?;
    }
    let version = changes.sequence;
    if seen.has(version) && params.since.is_none_or(|since| since == version) {
        return Ok(Unchanged { version }.into_response());
    }
    let (complete, told) = match changes.since(params.since.unwrap_or(version)) {
        Followed::All(told) => (true, told),
        Followed::TooLate => (false, Vec::new()),
    };
    let told = told.into_iter().map(ChangeView::from).collect();
    Ok(Versioned { body: ChangesView { sequence: version, complete, changes: told }, version }.into_response())
}
