//! Several documents at once, at most ten (AP-43); each is answered on its own.

use super::{load, post, reject, view::DocumentView};
use crate::{
    app::App,
    auth::Caller,
    extract::Json,
    problem::{Answer, Details, Problem},
    reply::InWords,
    schema,
    text::Why,
};
use axum::{
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use domain::{document::Document, ids::DocumentId};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The most documents of one request (AP-43).
pub const BULK_MAX: usize = 10;

/// Documents to be posted.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkPost {
    /// One to ten.
    #[schema(schema_with = schema::many::<DocumentId>)]
    pub documents: Vec<DocumentId>,
}

/// Documents to be rejected.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct BulkReject {
    /// One to ten.
    #[schema(schema_with = schema::many::<DocumentId>)]
    pub documents: Vec<DocumentId>,
    /// Why; for people.
    #[serde(default)]
    pub reason: Option<Why>,
}

/// What became of one document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BulkResult {
    /// Which.
    #[schema(schema_with = schema::one::<DocumentId>)]
    pub id: DocumentId,
    /// The status that a request for this document alone would have got.
    pub status: u16,
    /// The document, when it worked.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<DocumentView>,
    /// Why it did not.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub problem: Option<Details>,
}

/// What became of each document, in the order of the request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BulkAnswer {
    /// One for each.
    pub results: Vec<BulkResult>,
    /// Send it as `cursor` for the next ones, where there is a list behind; absent at the end.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}

impl BulkResult {
    pub(super) fn new(caller: &Caller, id: DocumentId, outcome: Answer<Document>) -> Self {
        match outcome {
            Ok(document) => {
                let view = DocumentView::new(&document, caller.language);
                Self { id, status: StatusCode::OK.as_u16(), document: Some(view), problem: None }
            }
            Err(problem) => {
                let details = problem.details();
                Self { id, status: details.status, document: None, problem: Some(details) }
            }
        }
    }
}

fn check(documents: &[DocumentId]) -> Answer<()> {
    let mut distinct = documents.to_vec();
    distinct.sort();
    distinct.dedup();
    if distinct.len() != documents.len() {
        return Err(Problem::invalid("/documents", "A document is named twice."));
    }
    match documents.len() {
        1..=BULK_MAX => Ok(()),
        count => Err(Problem::invalid("/documents", format!("Name 1 to {BULK_MAX} documents, not {count}."))),
    }
}

pub(super) fn answered(caller: &Caller, results: Vec<BulkResult>, next: Option<String>) -> Response {
    let answer = (StatusCode::MULTI_STATUS, axum::Json(BulkAnswer { results, next }));
    InWords(caller.language, answer).into_response()
}

/// Posts up to ten documents by hand; each is answered on its own.
#[utoipa::path(
    post, path = "/documents/post", tag = "documents",
    request_body = BulkPost,
    responses((status = 207, body = BulkAnswer))
)]
pub async fn post_documents(State(app): State<App>, caller: Caller, Json(body): Json<BulkPost>) -> Answer<Response> {
    check(&body.documents)?;
    let mut results = Vec::with_capacity(body.documents.len());
    for id in body.documents {
        let outcome = async { post(&app, &caller, &load(&app, &caller, id).await?).await };
        results.push(BulkResult::new(&caller, id, outcome.await));
    }
    Ok(answered(&caller, results, None))
}

/// Rejects up to ten documents; each is answered on its own.
#[utoipa::path(
    post, path = "/documents/reject", tag = "documents",
    request_body = BulkReject,
    responses((status = 207, body = BulkAnswer))
)]
pub async fn reject_documents(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<BulkReject>,
) -> Answer<Response> {
    check(&body.documents)?;
    let mut results = Vec::with_capacity(body.documents.len());
    for id in body.documents {
        let outcome = async { reject(&app, &caller, &load(&app, &caller, id).await?, body.reason.as_ref()).await };
        results.push(BulkResult::new(&caller, id, outcome.await));
    }
    Ok(answered(&caller, results, None))
}
