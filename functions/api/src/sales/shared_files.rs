//! What an address opens that was mailed, or given to a marketplace: whoever has it needs no login (CO-4, CO-13, ED-23).

use super::{links::audit, shown_copy};
use crate::{
    app::App,
    extract::Ids,
    problem::{Answer, Code, Problem},
};
use axum::{
    extract::State,
    http::{HeaderValue, StatusCode, header},
    response::{IntoResponse, Response},
};
use domain::{
    automation::DocumentFormat,
    document::{Actor, Status},
    ids::{AdministrationId, DeliveryId, DocumentId, IssuedId, RunId, TaskId, TenantId},
    sales::LinkTarget,
};
use runtime::clock::new_id;
use store::{Download, ErrorKind, Read, StoreError, Writer, document::File};

/// For so many seconds the file behind an address can be fetched once it was opened.
const FETCH_SECONDS: u64 = 300;

/// One answer for whatever is wrong: who guesses learns nothing.
fn gone() -> Problem {
    Problem::new(Code::NotFound, "This address is not good, or not any more. Ask who gave it to you.")
}

/// A file that is not there any more is told like an address that never was.
fn unless_missing(error: StoreError) -> Problem {
    match error.kind() {
        ErrorKind::NotFound => gone(),
        ErrorKind::Retryable | ErrorKind::Conflict | ErrorKind::TooLarge | ErrorKind::BadCursor | ErrorKind::Bug => {
            error.into()
        }
    }
}

async fn of_issued(app: &App, tenant: TenantId, id: IssuedId) -> Answer<String> {
    let issued = app.of(tenant).issued().get(id, Read::Consistent).await?.ok_or_else(gone)?;
    let (_, url) = shown_copy(app, tenant, &issued, FETCH_SECONDS).await?.map_err(|_| gone())?;
    Ok(url)
}

async fn of_received(app: &App, tenant: TenantId, id: DocumentId) -> Answer<String> {
    let documents = app.of(tenant).documents();
    let document = documents.get(id, Read::Consistent).await?;
    let document = document.filter(|document| document.status != Status::Deleted).ok_or_else(gone)?;
    let content_type = match document.format {
        DocumentFormat::Ubl => "application/xml",
        DocumentFormat::Pdf => "application/pdf",
        DocumentFormat::Scan | DocumentFormat::Statement => "application/octet-stream",
    };
    let download = Download { file_name: &document.file_name, content_type };
    let url = documents.file_address(id, File::Source, download, FETCH_SECONDS).await.map_err(unless_missing)?;
    Ok(url.expose().to_owned())
}

fn of_written(app: &App, tenant: TenantId, id: DeliveryId) -> Answer<String> {
    let download = Download { file_name: "invoice.xml", content_type: "application/xml" };
    let url = app.of(tenant).deliveries().written_address(id, &download, FETCH_SECONDS)?;
    Ok(url.expose().to_owned())
}

async fn of_run(app: &App, tenant: TenantId, administration: AdministrationId, id: RunId) -> Answer<String> {
    let exports = app.of(tenant).exports(administration);
    let file = exports.get(id).await?.and_then(|run| run.file).ok_or_else(gone)?;
    let download = Download { file_name: &file.name, content_type: &file.content_type };
    Ok(exports.file_address(id, &download, FETCH_SECONDS)?.expose().to_owned())
}

/// Opens what an address stands for: leads on to the file as it is at that moment. The address ends like the file. An office that is
/// closed opens nothing.
#[utoipa::path(
    get, path = "/shared/{tenant}/{file}", tag = "sales",
    responses((status = 302, description = "The file is at the address of `Location`, for five minutes."))
)]
pub async fn open_link(State(app): State<App>, Ids((tenant, file)): Ids<(TenantId, String)>) -> Answer<Response> {
    let now = app.now();
    let (secret, _) = file.rsplit_once('.').filter(|(secret, _)| !secret.is_empty()).ok_or_else(gone)?;
    let link = app.of(tenant).forwardings().link(secret).await?.filter(|link| link.is_good(now)).ok_or_else(gone)?;
    let deletion = app.of(tenant).deletion().get(Read::Consistent).await?;
    if deletion.is_some_and(|deletion| deletion.closes()) {
        return Err(gone());
    }
    let (subject, url) = match link.target {
        LinkTarget::Issued { issued } => (issued.to_string(), of_issued(&app, tenant, issued).await?),
        LinkTarget::Received { document } => (document.to_string(), of_received(&app, tenant, document).await?),
        LinkTarget::Written { delivery } => (delivery.to_string(), of_written(&app, tenant, delivery)?),
        LinkTarget::ExportFile { administration, run } => {
            (run.to_string(), of_run(&app, tenant, administration, run).await?)
        }
    };
    let writer = Writer::new(&new_id::<TaskId>(now).to_string(), 1);
    audit(&app, (tenant, now), Actor::System, ("link.opened", subject), &writer).await?;
    let location = HeaderValue::from_str(&url).map_err(|error| crate::app::internal(&error))?;
    let headers = [
        (header::LOCATION, location),
        (header::CACHE_CONTROL, HeaderValue::from_static("private, no-store")),
        (header::REFERRER_POLICY, HeaderValue::from_static("no-referrer")),
    ];
    Ok((StatusCode::FOUND, headers).into_response())
}
