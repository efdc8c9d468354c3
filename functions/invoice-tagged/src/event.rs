//! What comes in: a message of the relay, or an `invoice.tagged` event of a system that works beside the API.

use crate::{App, TaggedError};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use domain::{
    automation::DocumentFormat,
    content::HistoryEntry,
    document::{Actor, Channel, Delivered, Document, Event, Step},
    ids::{AdministrationId, DocumentId, TenantId},
    ledger::Direction,
    time::Instant,
};
use runtime::message::DocumentMessage;
use serde::Deserialize;
use store::{
    Read, Writer,
    document::{BodyHash, Change, Created, Kept, Record, derived_document_id},
};

/// An event of the bus, as `EventBridge` delivers it.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct TaggedEvent {
    /// Id of the event: the same event delivered twice makes one document.
    pub id: String,
    /// Who sent it; has to be mapped to the tenant.
    pub source: String,
    /// When it was sent: a document that was tagged since is not tagged again by it.
    pub time: Instant,
    /// What it says.
    pub detail: Detail,
}

/// The detail of an `invoice.tagged` event: a document that is here already, or a file.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Detail {
    /// Whose.
    pub tenant: TenantId,
    /// Purchase or sales.
    pub tag: Direction,
    /// A document that was received and is tagged by this event.
    #[serde(default)]
    pub document: Option<DocumentId>,
    /// For a file: the administration it is for.
    #[serde(default)]
    pub administration: Option<AdministrationId>,
    /// For a file: its name.
    #[serde(default)]
    pub file_name: Option<String>,
    /// For a file: its content as base64, as far as an event may be long.
    #[serde(default)]
    pub content: Option<String>,
}

/// One record of the queue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Incoming {
    /// The relay says that a document was tagged.
    Message(DocumentMessage),
    /// Another system says so.
    Event(TaggedEvent),
}

impl Incoming {
    /// Reads a record's body.
    pub fn parse(body: &str) -> Result<Self, TaggedError> {
        let value: serde_json::Value =
            serde_json::from_str(body).map_err(|error| TaggedError::Undecodable(error.to_string()))?;
        let parsed = if value.get("detail-type").is_some() {
            serde_json::from_value(value).map(Self::Event)
        } else {
            serde_json::from_value(value).map(Self::Message)
        };
        parsed.map_err(|error| TaggedError::Undecodable(error.to_string()))
    }
}

/// Takes in an event: tags the document that it names, or makes one of the file that it carries. The table's stream does
/// the rest, as for a request through the API.
pub async fn take_in(app: &App, event: &TaggedEvent, writer: &Writer) -> Result<(), TaggedError> {
    let detail = &event.detail;
    let tenant = app.store.tenant(detail.tenant);
    let mapped = tenant
        .office()
        .get(Read::Eventual)
        .await?
        .is_some_and(|office| office.value.event_sources.contains(&event.source));
    // An office whose deletion is confirmed takes nothing in.
    if !mapped || tenant.deletion().get(Read::Eventual).await?.is_some_and(|deletion| deletion.closes()) {
        return Err(TaggedError::SourceNotMapped { from: event.source.clone(), tenant: detail.tenant });
    }
    let now = app.clock.now();
    let actor = Actor::Source(event.source.clone());
    match (detail.document, detail.administration, &detail.content) {
        (Some(id), _, None) => {
            let Some(before) = tenant.documents().get(id, Read::Consistent).await? else {
                return Err(TaggedError::NoDocument(id));
            };
            if before.tagged_at.is_some_and(|tagged_at| tagged_at >= event.time) {
                tracing::info!(document = %id, "Nothing to do: the document was tagged since the event was sent.");
                return Ok(());
            }
            let (status, step) = before.status.after(Event::Tag)?;
            let version = before.version + 1;
            let after = Document {
                version,
                status,
                tag: Some(detail.tag),
                tagged_at: Some(now),
                tagged_by: Some(actor.clone()),
                updated_at: now,
                contact: None,
                reason: None,
                ..before.clone()
            };
            let entry = HistoryEntry { at: now, by: actor, event: Some(Event::Tag), status, version, reason: None };
            tenant.documents().transition(Change::new(&before, &after, step, Record::Entry(entry)), writer).await?;
            Ok(())
        }
        (None, Some(administration), Some(content)) => {
            if tenant.administrations().get(administration, Read::Eventual).await?.is_none() {
                return Err(TaggedError::NoAdministration(administration));
            }
            let bytes = STANDARD.decode(content).map_err(|error| TaggedError::Undecodable(error.to_string()))?;
            let id = derived_document_id(detail.tenant, &format!("{} {}", event.source, event.id));
            let delivered = Delivered {
                id,
                administration,
                format: format_of(&bytes),
                file_name: detail.file_name.as_deref().unwrap_or("event"),
                channel: Channel::Event,
                at: now,
            };
            let document = Document::tagged(&delivered, detail.tag, actor);
            let hash = BodyHash::of(&bytes);
            match tenant.documents().put_source(id, bytes, "application/octet-stream", hash).await? {
                Kept::Ours => {}
                Kept::Others => return Err(TaggedError::EventReused(event.id.clone())),
            }
            match tenant.documents().create(&document, Some(hash), Some(Step::Read), writer).await? {
                Created::New | Created::Existing { .. } => Ok(()),
            }
        }
        (_, _, _) => Err(TaggedError::Undecodable(
            "an event names either a document, or an administration with content".to_owned(),
        )),
    }
}

fn format_of(bytes: &[u8]) -> DocumentFormat {
    match documents::sniff(bytes) {
        documents::FileKind::Pdf => DocumentFormat::Pdf,
        documents::FileKind::Xml | documents::FileKind::Unknown => DocumentFormat::Ubl,
        documents::FileKind::Jpeg
        | documents::FileKind::Png
        | documents::FileKind::Gif
        | documents::FileKind::Bmp
        | documents::FileKind::Tiff => DocumentFormat::Scan,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_two_kinds_of_records_are_told_apart() {
        let message =
            r#"{"tenant":"ten_01ARZ3NDEKTSV4RRFFQ69G5FAV","document":"doc_01ARZ3NDEKTSV4RRFFQ69G5FAV","version":1}"#;
        assert!(matches!(Incoming::parse(message), Ok(Incoming::Message(_))));
        let event = r#"{"id":"1","source":"partner.intake","detail-type":"invoice.tagged","account":"1","region":"eu",
            "time":"2026-07-01T12:00:00Z",
            "detail":{"tenant":"ten_01ARZ3NDEKTSV4RRFFQ69G5FAV","tag":"purchase","document":"doc_01ARZ3NDEKTSV4RRFFQ69G5FAV"}}"#;
        assert!(matches!(Incoming::parse(event), Ok(Incoming::Event(_))));
    }

    #[test]
    fn what_is_neither_is_said_so() {
        for body in ["", "x", "{}", r#"{"detail-type":"invoice.tagged"}"#] {
            assert!(matches!(Incoming::parse(body), Err(TaggedError::Undecodable(_))), "{body}");
        }
    }
}
