//! Original bytes and attachments: short-lived addresses, each hand-out in the audit record.

use super::{check_sight, content, glance};
use crate::{
    app::App,
    auth::Caller,
    extract::Ids,
    problem::{Answer, Code, Problem},
    reply::Shown,
};
use axum::extract::State;
use chrono::TimeDelta;
use domain::{
    automation::DocumentFormat, document::Document, ids::DocumentId, invoice::AttachmentSource, time::Instant,
};
use serde::Serialize;
use store::{Download, document::File, settings::AuditEntry};
use utoipa::ToSchema;

/// For so long an address is good.
const DOWNLOAD_MINUTES: i64 = 5;

/// Where to get a file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FileView {
    /// GET it there, without the token of this API.
    pub url: String,
    /// Until then.
    #[schema(value_type = String, format = DateTime)]
    pub expires_at: Instant,
    /// Name of the file.
    pub file_name: String,
}

async fn hand_out(
    app: &App,
    caller: &Caller,
    document: &Document,
    file: File,
    what: &str,
    download: Download<'_>,
) -> Answer<Shown<FileView>> {
    let entry = AuditEntry {
        at: caller.now,
        by: caller.actor(),
        what: what.to_owned(),
        subject: document.id.to_string(),
        before: None,
        after: None,
    };
    let settings = app.of(caller.tenant);
    settings.audit().append(&entry, &caller.writer()).await?;
    let life = TimeDelta::minutes(DOWNLOAD_MINUTES);
    let seconds = u64::try_from(life.num_seconds()).unwrap_or_default();
    let url = settings.documents().file_address(document.id, file, download, seconds).await?;
    Ok(Shown(FileView {
        url: url.expose().to_owned(),
        expires_at: caller.now + life,
        file_name: download.file_name.to_owned(),
    }))
}

/// An address at which the original can be downloaded for five minutes. The download is recorded.
#[utoipa::path(
    get, path = "/documents/{document}/source", tag = "documents",
    responses((status = 200, body = FileView))
)]
pub async fn get_source(State(app): State<App>, caller: Caller, Ids(id): Ids<DocumentId>) -> Answer<Shown<FileView>> {
    let document = glance(&app, &caller, id).await?;
    check_sight(&caller, &document)?;
    let content_type = match document.format {
        DocumentFormat::Ubl => "application/xml",
        DocumentFormat::Pdf => "application/pdf",
        DocumentFormat::Scan | DocumentFormat::Statement => "application/octet-stream",
    };
    let download = Download { file_name: &document.file_name, content_type };
    hand_out(&app, &caller, &document, File::Source, "document.source_downloaded", download).await
}

/// An address at which an attachment, by its number from 0, can be downloaded for five minutes. The download is recorded.
#[utoipa::path(
    get, path = "/documents/{document}/attachments/{attachment}", tag = "documents",
    responses((status = 200, body = FileView))
)]
pub async fn get_attachment(
    State(app): State<App>,
    caller: Caller,
    Ids((id, number)): Ids<(DocumentId, u16)>,
) -> Answer<Shown<FileView>> {
    let document = glance(&app, &caller, id).await?;
    check_sight(&caller, &document)?;
    let content = content(&app, &caller, &document).await?;
    let attachments = content.and_then(|content| content.invoice).map(|invoice| invoice.attachments);
    let attachment = attachments.unwrap_or_default().into_iter().nth(usize::from(number));
    let attachment = attachment.ok_or_else(|| Problem::not_found("attachment", number))?;
    match attachment.source {
        AttachmentSource::Embedded { .. } => {}
        AttachmentSource::External { uri } => {
            let detail = format!("This attachment is elsewhere, and is not fetched from there: {uri}");
            return Err(Problem::new(Code::NotFound, detail));
        }
        AttachmentSource::Undecodable => {
            return Err(Problem::new(Code::NotFound, "This attachment could not be decoded; it is in the original."));
        }
    }
    let file_name = attachment.filename.unwrap_or_else(|| format!("attachment-{number}"));
    let download = Download { file_name: &file_name, content_type: "application/octet-stream" };
    hand_out(&app, &caller, &document, File::Attachment(number), "document.attachment_downloaded", download).await
}
