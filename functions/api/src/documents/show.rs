//! Looking at one document: where it stands and why, what was read, what happened, how it was decided.

use super::{
    check_sight, content, glance,
    view::{ContentView, DocumentView, HistoryView},
};
use crate::{
    app::{App, internal},
    auth::Caller,
    extract::{Ids, IfNoneMatch},
    problem::{Answer, Code, Problem},
    recommendations,
    reply::{InWords, Shown, Unchanged, Versioned},
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use domain::{content::HistoryEntry, ids::DocumentId};

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
    let language = caller.language;
    if seen.has_in(version, language) {
        return Ok(InWords(language, Unchanged { version }).into_response());
    }
    let automation_prompt = recommendations::prompt(&app, &caller, &document).await?;
    let body = DocumentView { automation_prompt, ..DocumentView::new(&document, language) };
    Ok(InWords(language, Versioned { body, version }).into_response())
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
) -> Answer<InWords<Shown<ContentView>>> {
    let document = glance(&app, &caller, id).await?;
    let content = content(&app, &caller, &document).await?.ok_or_else(|| {
        Problem::new(Code::NotFound, "The document was not read yet: it is read once it is tagged.").about(id)
    })?;
    let view = ContentView::new(&content, caller.language).map_err(|error| internal(&error))?;
    Ok(InWords(caller.language, Shown(view)))
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
) -> Answer<InWords<Shown<Vec<HistoryView>>>> {
    glance(&app, &caller, id).await?;
    let documents = app.of(caller.tenant).documents();
    let (entries, traces) = (documents.history(id).await?, documents.traces(id).await?);
    let decision = |version| traces.iter().find(|traced| traced.version == version).map(|traced| &traced.decision);
    let view = |entry: &HistoryEntry| HistoryView::new(entry, decision(entry.version), caller.language);
    Ok(InWords(caller.language, Shown(entries.iter().map(view).collect())))
}
