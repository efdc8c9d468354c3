//! Documents of which nobody knows whether the ledger has them: a person says so, or has the ledger asked.

use super::{Changed, ReasonBody, after, changed, entry, load, next, said, store, view::DocumentView};
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, IfMatchMaybe, Json},
    problem::{Answer, Code, Problem},
    reply::Made,
    tasks::{self, TaskView},
    text::{LedgerText, Why},
};
use axum::extract::State;
use domain::{
    document::{Booked, Document, Event, Status},
    ids::DocumentId,
    reason::Reason,
    task::Work,
};
use serde::Deserialize;
use utoipa::ToSchema;

/// What was seen in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SeenBody {
    /// The number that people see in the ledger.
    pub ledger_number: LedgerText,
    /// The ledger's own id, if it is known.
    #[serde(default)]
    pub ledger_id: Option<LedgerText>,
    /// What was checked; for people.
    #[serde(default)]
    pub reason: Option<Why>,
}

/// Records that a person saw the uncertain document in the ledger: it is posted.
#[utoipa::path(
    post, path = "/documents/{document}/mark-posted", tag = "documents",
    request_body = SeenBody,
    responses((status = 200, body = DocumentView))
)]
pub async fn mark_posted(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
    Json(body): Json<SeenBody>,
) -> Answer<Changed> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    let (status, step) = after(&before, Event::MarkPosted)?;
    let posted = Document {
        status,
        reason: None,
        booked: Some(Booked {
            ledger_id: body.ledger_id.map(LedgerText::into_string).unwrap_or_default(),
            ledger_number: body.ledger_number.into_string(),
            link: None,
            at: caller.now,
        }),
        ..next(&before, &caller)
    };
    let entry = entry(&caller, &posted, Some(Event::MarkPosted), said("seen_in_ledger", body.reason.as_ref()));
    store(&app, &caller, &before, &posted, step, entry).await?;
    Ok(changed(&posted))
}

/// Records that a person saw that the uncertain document is not in the ledger: it can be posted again.
#[utoipa::path(
    post, path = "/documents/{document}/release", tag = "documents",
    request_body = ReasonBody,
    responses((status = 200, body = DocumentView))
)]
pub async fn release_document(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
    Json(body): Json<ReasonBody>,
) -> Answer<Changed> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    let (status, step) = after(&before, Event::Release)?;
    let why = body.reason.as_ref().map_or("A person saw that it is not in the ledger.", Why::as_str);
    let reason = Some(Reason::new("not_in_ledger", why));
    let released = Document { status, reason: reason.clone(), ..next(&before, &caller) };
    let entry = entry(&caller, &released, Some(Event::Release), reason);
    store(&app, &caller, &before, &released, step, entry).await?;
    Ok(changed(&released))
}

/// Has the ledger asked whether it has the uncertain document.
#[utoipa::path(
    post, path = "/documents/{document}/check", tag = "documents",
    responses((status = 202, body = TaskView))
)]
pub async fn check_document(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
) -> Answer<Made<TaskView>> {
    let document = load(&app, &caller, id).await?;
    let unit = document.unit.filter(|_| document.status == Status::Uncertain).ok_or_else(|| {
        let detail = format!("The document is {}: only uncertain ones are looked up in the ledger.", document.status);
        Problem::new(Code::State, detail).about(id)
    })?;
    tasks::queue(&app, &caller, unit, Work::CheckDocument { document: id }).await
}
