//! Delivering documents.

use super::{
    delivery::{Declared, Delivery, File, UPLOAD_BYTES_MAX, declared, format, whole_format},
    view::DocumentView,
};
use crate::{
    app::App,
    auth::Caller,
    extract::{Json, Params},
    idempotency::{guarded, reused},
    problem::{Answer, Code, Problem},
    reply::{Made, Shown},
    schema,
    text::FileName,
};
use axum::{
    extract::State,
    response::{IntoResponse, Response},
};
use chrono::TimeDelta;
use domain::{
    automation::DocumentFormat,
    document::{Channel, Delivered, Document, Event, Status, Step},
    ids::{AdministrationId, DocumentId},
    ledger::Direction,
    permission::Permission,
    time::Instant,
};
use runtime::clock::new_id;
use serde::{Deserialize, Serialize};
use store::{
    ErrorKind,
    document::{BodyHash, Created, File as Stored, Kept, derived_document_id},
};
use utoipa::{IntoParams, ToSchema};

/// For so long the address of an upload is good.
const UPLOAD_MINUTES: i64 = 15;

/// Where a document belongs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub struct DeliverParams {
    /// The administration.
    #[param(value_type = String)]
    administration: AdministrationId,
    /// `purchase` or `sales`: tags the document at once, which needs the permission to tag.
    #[param(value_type = Option<String>)]
    tag: Option<Direction>,
}

/// A file that will be sent apart.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct UploadBody {
    /// Its name.
    pub file_name: FileName,
    /// Its size in bytes.
    #[schema(minimum = 1, maximum = 26_214_400)]
    pub size: u64,
}

/// Where to send a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct UploadView {
    /// Name it in `POST /documents` once the file is there. The document will have this id.
    #[schema(schema_with = schema::one::<DocumentId>)]
    pub upload: DocumentId,
    /// PUT the file's bytes there.
    pub url: String,
    /// Until then.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Instant,
}

/// Gives an address for a file of up to 25 MB. PUT the file there, then name the upload in `POST /documents`.
#[utoipa::path(
    post, path = "/uploads", tag = "documents",
    request_body = UploadBody,
    responses((status = 200, body = UploadView))
)]
pub async fn create_upload(
    State(app): State<App>,
    caller: Caller,
    Json(body): Json<UploadBody>,
) -> Answer<Shown<UploadView>> {
    declared(None, Some(body.file_name.as_str()))?;
    match usize::try_from(body.size) {
        Ok(0) => return Err(Problem::new(Code::Empty, "An empty file makes no document.").at("/size", "0")),
        Ok(1..=UPLOAD_BYTES_MAX) => {}
        Ok(_) | Err(_) => {
            let detail = format!("A file may have {UPLOAD_BYTES_MAX} bytes.");
            return Err(Problem::new(Code::TooLarge, detail.clone()).at("/size", detail));
        }
    }
    let upload = new_id(caller.now);
    let life = TimeDelta::minutes(UPLOAD_MINUTES);
    let seconds = u64::try_from(life.num_seconds()).unwrap_or_default();
    let url = app.of(caller.tenant).documents().upload_address(upload, seconds)?;
    Ok(Shown(UploadView { upload, url: url.expose().to_owned(), expires_at: caller.now + life }))
}

/// Delivers a document: the file as the body (XML, PDF or a picture, up to 4 MB), as the part `file` of a form with the
/// part `recognised` beside it, or as JSON that names an upload. What cannot be read becomes a document as well, with its
/// original; only empty files, files that are too large and types that are not taken are refused. A file of bank statements
/// (CAMT.053, MT940, CODA) is never booked: it is shared with the accountant as it arrives (ED-8). XML may be sent as
/// `application/octet-stream` with its name in `Content-Disposition`, and has to be when it is not UTF-8: as
/// `application/xml` it comes as text.
#[utoipa::path(
    post, path = "/documents", tag = "documents", params(DeliverParams),
    request_body(
        content(
            (Vec<u8> = "application/octet-stream"), (Vec<u8> = "application/xml"), (Vec<u8> = "application/pdf"),
            (Vec<u8> = "image/*"),
            (Vec<u8> = "multipart/form-data"), (super::delivery::UploadedBody = "application/json"),
        )
    ),
    responses((status = 201, body = DocumentView))
)]
pub async fn create_document(
    State(app): State<App>,
    caller: Caller,
    Params(params): Params<DeliverParams>,
    delivery: Delivery,
) -> Answer<Response> {
    if params.tag.is_some() {
        caller.must(Permission::TagDocuments)?;
    }
    app.check_administration(&caller, params.administration).await?;
    match delivery.file {
        File::Inline(ref bytes) => {
            let (counts_as, content_type) = whole_format(bytes, delivery.declared);
            check_tag(counts_as, params.tag)?;
            let id = match &delivery.key {
                Some(key) => derived_document_id(caller.tenant, key.as_str()),
                None => new_id(caller.now),
            };
            let document = new_document(&caller, id, params, counts_as, &delivery);
            let documents = app.of(caller.tenant).documents();
            // The bytes come first: a head without its file would be read in vain. They are put once: whoever comes with the
            // same key and something else, also at the same moment, goes no further than this.
            let request = BodyHash::of(delivery.fingerprint.as_bytes());
            let kept = documents.put_source(id, bytes.to_vec(), content_type, request).await?;
            keep_fields(&app, &caller, id, kept, delivery.recognised.clone()).await?;
            create(&app, &caller, &document, &delivery).await.map(IntoResponse::into_response)
        }
        File::Upload(ref upload) => {
            let id: DocumentId = upload.parse().map_err(|error| Problem::invalid("/upload", format!("{error}.")))?;
            let work = async || take_upload(&app, &caller, id, params, &delivery).await;
            match &delivery.key {
                Some(key) => guarded(&app, &caller, ("upload", key), delivery.fingerprint, work).await,
                None => work().await.map(IntoResponse::into_response),
            }
        }
    }
}

/// Keeps recognised fields beside the source of this request.
async fn keep_fields(app: &App, caller: &Caller, id: DocumentId, source: Kept, fields: Option<Vec<u8>>) -> Answer<()> {
    match (source, fields) {
        (Kept::Others, _) => Err(reused()),
        (Kept::Ours, None) => Ok(()),
        (Kept::Ours, Some(fields)) => {
            let documents = app.of(caller.tenant).documents();
            Ok(documents.put_file(id, Stored::Fields, fields, "application/json").await?)
        }
    }
}

async fn take_upload(
    app: &App,
    caller: &Caller,
    id: DocumentId,
    params: DeliverParams,
    delivery: &Delivery,
) -> Answer<Made<DocumentView>> {
    let (mut counts_as, content_type) = format(&[], delivery.declared);
    let documents = app.of(caller.tenant).documents();
    if documents.get(id, store::Read::Consistent).await?.is_none() {
        let request = BodyHash::of(delivery.fingerprint.as_bytes());
        let taken = documents.take_upload(id, content_type, request).await;
        let (size, kept) = taken.map_err(|error| match error.kind() {
            ErrorKind::NotFound => {
                let detail = format!("Nothing was sent for the upload {id} yet: PUT the file to its address first.");
                Problem::new(Code::UnknownReference, detail.clone()).at("/upload", detail)
            }
            ErrorKind::TooLarge => Problem::new(Code::TooLarge, format!("A file may have {UPLOAD_BYTES_MAX} bytes.")),
            ErrorKind::Retryable | ErrorKind::Conflict | ErrorKind::BadCursor | ErrorKind::Bug => error.into(),
        })?;
        if size == 0 {
            return Err(Problem::new(Code::Empty, "The file that was sent is empty."));
        }
        keep_fields(app, caller, id, kept, delivery.recognised.clone()).await?;
        // What is sent apart is not seen on its way: only what may be a file of bank statements is looked at.
        match delivery.declared {
            Declared::Xml | Declared::Kept => {
                let bytes = documents.file(id, Stored::Source, UPLOAD_BYTES_MAX as u64).await?;
                counts_as = whole_format(&bytes, delivery.declared).0;
            }
            Declared::Pdf | Declared::Picture => {}
        }
        check_tag(counts_as, params.tag)?;
    }
    let document = new_document(caller, id, params, counts_as, delivery);
    create(app, caller, &document, delivery).await
}

fn new_document(
    caller: &Caller,
    id: DocumentId,
    params: DeliverParams,
    format: DocumentFormat,
    delivery: &Delivery,
) -> Document {
    let delivered = Delivered {
        id,
        administration: params.administration,
        format,
        file_name: delivery.file_name.as_deref().unwrap_or(default_name(format)),
        channel: Channel::Api,
        at: caller.now,
    };
    match (format, params.tag) {
        (DocumentFormat::Statement, _) => Document::arrived(&delivered),
        (_, Some(tag)) => Document::tagged(&delivered, tag, caller.actor()),
        (_, None) => Document::received(&delivered),
    }
}

/// A file of bank statements is mailed as it is, and never booked.
fn check_tag(format: DocumentFormat, tag: Option<Direction>) -> Answer<()> {
    if format != DocumentFormat::Statement || tag.is_none() {
        return Ok(());
    }
    let detail = "This is a file of bank statements: it is mailed as it is and never booked. Deliver it without a tag.";
    Err(Problem::new(Code::State, detail))
}

fn default_name(format: DocumentFormat) -> &'static str {
    match format {
        DocumentFormat::Ubl => "document.xml",
        DocumentFormat::Pdf => "document.pdf",
        DocumentFormat::Scan => "document",
        DocumentFormat::Statement => "statement",
    }
}

async fn create(app: &App, caller: &Caller, document: &Document, delivery: &Delivery) -> Answer<Made<DocumentView>> {
    let step = document.tag.map(|_| Status::Received.after(Event::Tag)).transpose();
    let step = step.map_err(|error| crate::app::internal(&error))?.map_or(Step::Announce, |(_, step)| step);
    let body = BodyHash::of(delivery.fingerprint.as_bytes());
    let documents = app.of(caller.tenant).documents();
    let made = |document: &Document| {
        let view = DocumentView::new(document, caller.language);
        Made::created(format!("/documents/{}", document.id), view, document.version).in_words(caller.language)
    };
    match documents.create(document, Some(body), Some(step), &caller.writer()).await? {
        Created::New => Ok(made(document)),
        Created::Existing { document, body_hash } if body_hash == Some(body) => {
            if !caller.covers(document.administration) {
                return Err(Problem::not_found("document", document.id));
            }
            Ok(made(&document))
        }
        Created::Existing { .. } => Err(reused()),
    }
}
