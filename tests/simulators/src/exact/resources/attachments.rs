//! `documents/DocumentAttachments`, and the files themselves.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;

use super::super::api::{Call, LARGEST_BODY};
use super::super::books::{Attachment, Content};
use super::super::entity::{Access, Entity, Kind, Property};
use super::super::guid::Guid;
use super::super::messages::{Message, Subject};
use super::super::odata::Schema;
use super::super::refusal::Refusal;
use super::super::state::{Family, State};
use super::{Made, Writing, books, books_mut, fill, mismatch};
use crate::json::Members;
use crate::server::Answer;

pub(super) fn create(state: &mut State, call: &Call<'_>, division: i32, members: &Members) -> Result<Made, Refusal> {
    let schema = Schema::of::<Attachment>();
    // The file itself can be sent but is never shown.
    let mut writable = schema.clone();
    writable.properties.push(Property { name: "Attachment", kind: Kind::Text, access: Access::Create });
    let mut attachment = Attachment::default();
    fill(&mut attachment, &writable, members, &state.settings, Writing::Create, str::to_owned)?;
    let content = members.get("Attachment").map(|raw| raw.get()).filter(|text| *text != "null");
    let content = content.map(|text| decode(text).ok_or_else(|| mismatch("Attachment", text, "Byte[]"))).transpose()?;
    if content.as_ref().is_some_and(|(bytes, _)| bytes.len() > LARGEST_BODY) {
        return Err(Refusal::TooLarge);
    }
    let mut wrong = Vec::new();
    if attachment.document.is_none() {
        wrong.push(Message::Mandatory(Subject::Document));
    } else if books(state, division)?.documents.get(&attachment.document).is_none() {
        let elsewhere = state.is_elsewhere(attachment.document, division);
        wrong.push(if elsewhere { Message::WrongDivision } else { Message::InvalidReference(Subject::Document) });
    }
    if attachment.file_name.trim().is_empty() {
        wrong.push(Message::Mandatory(Subject::FileName));
    }
    let (Some((bytes, text)), true) = (content, wrong.is_empty()) else {
        if !members.contains_key("Attachment") {
            wrong.push(Message::Mandatory(Subject::Attachment));
        }
        return Err(Refusal::Business(wrong));
    };
    attachment.id = state.next_guid(Family::Attachment);
    attachment.file_size = i32::try_from(bytes.len()).unwrap_or(i32::MAX);
    attachment.content = Content::from(text);
    attachment.url = format!("{}/docs/SysAttachment.aspx?ID={}&_Division_={division}", call.base, attachment.id);
    let cells = attachment.cells();
    books_mut(state, division)?.attachments.put(attachment);
    Ok(Made { schema, cells })
}

/// The bytes and the base64 text of a JSON string.
fn decode(json: &str) -> Option<(Vec<u8>, String)> {
    let text: String = serde_json::from_str(json).ok()?;
    let bytes = STANDARD.decode(&text).ok()?;
    Some((bytes, text))
}

pub(super) fn delete(state: &mut State, division: i32, id: Guid) -> Result<Answer, Refusal> {
    books_mut(state, division)?.attachments.remove(&id).ok_or(Refusal::NotFound)?;
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// The file of an attachment.
pub fn file(attachment: &Attachment) -> Answer {
    let bytes = STANDARD.decode(attachment.content.as_str()).unwrap_or_default();
    let extension = attachment.file_name.rsplit_once('.').map(|(_, extension)| extension.to_ascii_lowercase());
    let content_type = match extension.as_deref() {
        Some("pdf") => "application/pdf",
        Some("xml") => "application/xml",
        _ => "application/octet-stream",
    };
    let name = attachment.file_name.replace(['"', '\r', '\n'], "_");
    Answer::of(StatusCode::OK, content_type, bytes)
        .with("Content-Disposition", &format!("attachment; filename=\"{name}\""))
}
