//! Looking at one document: where it stands and why, what was read, what happened, how it was decided.

use super::{
    check_sight, content, glance,
    view::{ContentView, DecisionView, DocumentView, HistoryView},
};
use crate::{
    app::{App, internal},
    auth::Caller,
    extract::{Ids, IfNoneMatch},
    problem::{Answer, Code, Problem},
    recommendations,
    reply::{Shown, Unchanged, Versioned},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::ids::DocumentId;

/// A document: where it stands and why. Ask again with `If-None-Match` to learn cheaply whether it changed.
#[utoipa::path(
    get, path = "/documents/{document}", tag = "documents",
    responses((status = 200, body = DocumentView), (status = 304, description = "It is still at this version."))
)]
pub async fn get_document(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
    seen: IfNoneMatch,
) -> Answer<Response> {
    let document = glance(&app, &caller, id).await?;
    check_sight(&caller, &document)?;
    let version = document.version;
    if seen.has(version) {
        return Ok(Unchanged { version }.into_response());
    }
    let automation_prompt = recommendations::prompt(&app, &caller, &document).await?;
    let body = DocumentView { automation_prompt, ..DocumentView::from(&document) };
    Ok(Versioned { body, version }.into_response())
}

/// What was read from a document, what holds it, what is missing and what would be booked.
#[utoipa::path(
    get, path = "/documents/{document}/content", tag = "documents",
    responses((status = 200, body = ContentView))
)]
pub async fn get_content(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
) -> Answer<Shown<ContentView>> {
    let document = glance(&app, &caller, id).await?;
    let content = content(&app, &caller, &document).await?.ok_or_else(|| {
        Problem::new(Code::NotFound, "The document was not read yet: it is read once it is tagged.").about(id)
    })?;
    ContentView::try_from(&content).map(Shown).map_err(|error| internal(&error))
}

/// Everything that happened to a document, each decision with its trace.
#[utoipa::path(
    get, path = "/documents/{document}/history", tag = "documents",
    responses((status = 200, body = Vec<HistoryView>))
)]
pub async fn get_history(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
) -> Answer<Shown<Vec<HistoryView>>> {
    glance(&app, &caller, id).await?;
    let documents = app.of(caller.tenant).documents();
    let (entries, traces) = (documents.history(id).await?, documents.traces(id).await?);
    let decision = |version| traces.iter().find(|traced| traced.version == version).map(|traced| &traced.decision);
    Ok(Shown(entries.iter().map(|entry| HistoryView::new(entry, decision(entry.version))).collect()))
}

/// The last decision whether the document is posted without a person: each condition with its values.
#[utoipa::path(
    get, path = "/documents/{document}/decision", tag = "documents",
    responses((status = 200, body = DecisionView))
)]
pub async fn get_decision(
    State(app): State<App>,
    caller: Caller,
    Ids(id): Ids<DocumentId>,
) -> Answer<Shown<DecisionView>> {
    let document = glance(&app, &caller, id).await?;
    let traced = match document.decision_version {
        None => None,
        Some(version) => app.of(caller.tenant).documents().trace(id, version).await?,
    };
    let traced = traced.ok_or_else(|| {
        let detail = "Nothing was decided on this document yet: only complete documents are.";
        Problem::new(Code::NotFound, detail).about(id)
    })?;
    Ok(Shown(DecisionView::from(&traced.decision)))
}
