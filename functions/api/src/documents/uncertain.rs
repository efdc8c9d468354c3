//! Documents of which nobody knows whether the ledger has them: a person says so, or has the ledger asked.

use super::{Changed, after, changed, entry, load, next, said, store, view::DocumentView};
use crate::{
    app::App,
    auth::Caller,
    extract::{Ids, IfMatchMaybe, Json},
    problem::{Answer, Code, Problem},
    reply::Made,
    tasks::{self, TaskView},
    text::{LedgerText, Why},
};
use ::store::settings::AuditEntry;
use axum::extract::State;
use domain::{
    document::{Booked, Document, Event, Status},
    ids::DocumentId,
    reason::Reason,
    task::Work,
};
use serde::Deserialize;
use serde_json::json;
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
    /// What was looked at, and why it is this document.
    pub reason: Why,
}

/// Why a person settles something; stays in the history and in the audit record.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SettleBody {
    /// Why.
    pub reason: Why,
}

/// Puts into the audit record that a person settled what the ledger left open.
pub(super) async fn audit(
    app: &App,
    caller: &Caller,
    what: &str,
    before: &Document,
    after: serde_json::Value,
) -> Answer<()> {
    let entry = AuditEntry {
        at: caller.now,
        by: caller.actor(),
        what: what.to_owned(),
        subject: before.id.to_string(),
        before: Some(serde_json::json!({ "status": before.status, "reason": before.reason })),
        after: Some(after),
    };
    Ok(app.of(caller.tenant).audit().append(&entry, &caller.writer()).await?)
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
    let entry = entry(&caller, &posted, Some(Event::MarkPosted), said("seen_in_ledger", Some(&body.reason)));
    store(&app, &caller, &before, &posted, step, entry).await?;
    let number = posted.booked.as_ref().map(|booked| &booked.ledger_number);
    let told = json!({ "status": posted.status, "ledger_number": number, "reason": body.reason.as_str() });
    audit(&app, &caller, "document.marked_posted", &before, told).await?;
    Ok(changed(&caller, &posted))
}

/// Records that a person saw that the uncertain document is not in the ledger: it can be posted again.
#[utoipa::path(
    post, path = "/documents/{document}/release", tag = "documents",
    request_body = SettleBody,
    responses((status = 200, body = DocumentView))
)]
pub async fn release_document(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfMatchMaybe,
    Json(body): Json<SettleBody>,
) -> Answer<Changed> {
    let before = load(&app, &caller, id).await?;
    seen.check(before.version)?;
    // What an export run handed over goes back to its list.
    let released = after(&before, Event::Release)?;
    let (event, (status, step)) = match &before.export {
        Some(_) => (Event::PutBack, after(&before, Event::PutBack)?),
        None => (Event::Release, released),
    };
    let reason = Some(Reason::new("not_in_ledger", body.reason.as_str()));
    let released = Document { status, reason: reason.clone(), export: None, ..next(&before, &caller) };
    let entry = entry(&caller, &released, Some(event), reason);
    store(&app, &caller, &before, &released, step, entry).await?;
    let told = json!({ "status": released.status, "reason": body.reason.as_str() });
    audit(&app, &caller, "document.released", &before, told).await?;
    Ok(changed(&caller, &released))
}

/// Has the ledger asked whether it has the uncertain document.
#[utoipa::path(
    post, path = "/documents/{document}/check", tag = "documents",
    request_body = SettleBody,
    responses((status = 202, body = TaskView))
)]
pub async fn check_document(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    Json(body): Json<SettleBody>,
) -> Answer<Made<TaskView>> {
    let document = load(&app, &caller, id).await?;
    let unit = document.unit.clone().filter(|_| document.status == Status::Uncertain).ok_or_else(|| {
        let detail = format!("The document is {}: only uncertain ones are looked up in the ledger.", document.status);
        Problem::new(Code::State, detail).about(id)
    })?;
    let queued = tasks::queue(&app, &caller, unit, Work::CheckDocument { document: id }).await?;
    let note = entry(&caller, &document, None, said("check_requested", Some(&body.reason)));
    app.of(caller.tenant).documents().note(id, &note).await?;
    let told = json!({ "status": document.status, "reason": body.reason.as_str() });
    audit(&app, &caller, "document.check_requested", &document, told).await?;
    Ok(queued)
}
