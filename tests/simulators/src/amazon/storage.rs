//! Where documents are put and reports fetched: by addresses that end soon, and without access.

use std::io::Write;

use chrono::{DateTime, TimeDelta, Utc};
use flate2::Compression;
use flate2::write::GzEncoder;
use http::StatusCode;

use super::api::Refusal;
use super::state::{Amazon, Feed, Packing, ReportAddress, Seller};
use crate::json::Node;
use crate::server::{Answer, Request};

/// Storage refuses in XML.
fn denied(code: &str, text: &str) -> Answer {
    let body = format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<Error><Code>{code}</Code><Message>{text}</Message></Error>"
    );
    Answer::of(StatusCode::FORBIDDEN, "application/xml", body)
}

/// Whoever sends access along breaks the signature, and gives it away.
fn has_access(request: &Request) -> bool {
    request.header("x-amz-access-token").is_some() || request.header("authorization").is_some()
}

pub(super) fn put(state: &mut Amazon, now: DateTime<Utc>, request: &Request, key: &str) -> Answer {
    let Some(document) = state.documents.iter_mut().find(|document| document.key == key) else {
        return denied("AccessDenied", "Access Denied");
    };
    if document.until <= now {
        return denied("AccessDenied", "Request has expired");
    }
    if has_access(request) || !request.query.contains("X-Amz-Signature=a%2Fb") {
        return denied(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        );
    }
    if request.header("content-type") != Some(document.content_type.as_str()) {
        return denied("SignatureDoesNotMatch", "The content type is another one");
    }
    document.bytes = Some(request.body.len());
    document.is_pdf = request.body.starts_with(b"%PDF");
    Answer::empty(StatusCode::OK)
}

/// Where a report is.
pub(super) fn document(
    state: &mut Amazon,
    now: DateTime<Utc>,
    request: &Request,
    seller: &Seller,
    id: &str,
) -> Result<Answer, Refusal> {
    let feed = id.strip_prefix("amzn1.tortuga.4.eu.result.").unwrap_or_default();
    if !state.feeds.iter().any(|known| known.id == feed && known.seller == seller.id) {
        return Err(Refusal::Said(StatusCode::NOT_FOUND, "NotFound", "No such document".to_owned()));
    }
    let number = state.next();
    let key = format!("r{number}");
    let address = format!("{}/storage/reports/{key}?X-Amz-Signature=a%2Fb{number}", request.base());
    let until = now + TimeDelta::seconds(state.settings.report_seconds);
    state.reports.push(ReportAddress { key, feed: feed.to_owned(), until });
    let mut body = vec![("feedDocumentId".into(), Node::text(id)), ("url".into(), Node::text(address))];
    if state.settings.packing == Packing::Gzip {
        body.push(("compressionAlgorithm".into(), Node::text("GZIP")));
    }
    Ok(Answer::json(StatusCode::OK, &Node::Object(body)))
}

/// The report.
pub(super) fn report(state: &Amazon, now: DateTime<Utc>, request: &Request, key: &str) -> Answer {
    let Some(address) = state.reports.iter().find(|report| report.key == key && report.until > now) else {
        return denied("AccessDenied", "Request has expired");
    };
    if has_access(request) {
        return denied(
            "SignatureDoesNotMatch",
            "The request signature we calculated does not match the signature you provided.",
        );
    }
    let Some(feed) = state.feeds.iter().find(|feed| feed.id == address.feed) else {
        return denied("AccessDenied", "Access Denied");
    };
    let text = text(feed);
    let body = match state.settings.packing {
        Packing::None => text.into_bytes(),
        Packing::Gzip => {
            let mut packer = GzEncoder::new(Vec::new(), Compression::fast());
            // Writing into memory has no way to fail.
            packer.write_all(text.as_bytes()).and_then(|()| packer.finish()).unwrap_or_default()
        }
    };
    Answer::of(StatusCode::OK, "text/plain", body)
}

fn text(feed: &Feed) -> String {
    let successful = usize::from(feed.errors.is_empty());
    let mut text = format!(
        "Feed Processing Summary:\n\tNumber of records processed\t\t1\n\tNumber of records successful\t\t{successful}\n\n"
    );
    if !feed.errors.is_empty() {
        text.push_str("original-record-number\tsku\terror-code\terror-type\terror-message\n");
    }
    for (code, message) in &feed.errors {
        text.push_str(&["1", "", code, "Error", message].join("\t"));
        text.push('\n');
    }
    text
}
