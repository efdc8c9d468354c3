//! Files with bookings.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;

use super::api::Call;
use super::booking::Fields;
use super::refusal::{Refusal, rule};
use super::state::{Administration, Direction, Document, Snelstart};
use crate::json::Node;
use crate::server::Answer;

/// 10 MB
const LARGEST: usize = 10 * 1024 * 1024;

pub(super) fn create(state: &mut Snelstart, call: &Call<'_>, direction: Direction) -> Result<Answer, Refusal> {
    let fields = Fields::read(&call.request.body, &["id", "parentIdentifier", "fileName", "content", "readOnly"])?;
    let id = state.new_id(0x0d0c);
    let books = state.administration_mut(&call.administration).ok_or(Refusal::Token)?;
    let parent = fields.text("parentIdentifier")?.unwrap_or_default();
    if books.booking(direction, &parent).is_none() {
        return Err(Refusal::NotFound);
    }
    let file_name = fields.text("fileName")?.unwrap_or_default();
    if file_name.is_empty() || file_name.contains(['/', '\\', ':', '*', '?', '"', '<', '>', '|']) {
        return Err(rule("BLG-0016", "De bestandsnaam bevat ongeldige tekens"));
    }
    if file_name.chars().count() > 100 {
        return Err(rule("BLG-0017", "De bestandsnaam is te lang"));
    }
    let content = STANDARD.decode(fields.text("content")?.unwrap_or_default());
    let content = content.map_err(|_| Refusal::Field("content", "Not Base64".to_owned()))?;
    if content.is_empty() {
        return Err(rule("BLG-0011", "Het bestand is leeg"));
    }
    if content.len() > LARGEST {
        return Err(rule("BLG-0013", "Het bestand is groter dan 10 MB"));
    }
    let document = Document { id, parent, file_name, bytes: content.len() };
    let answer = Answer::json(StatusCode::CREATED, &node(&document));
    books.documents.push(document);
    Ok(answer)
}

pub(super) fn list(books: &Administration, direction: Direction, booking: &str) -> Result<Answer, Refusal> {
    let booking = books.booking(direction, booking).ok_or(Refusal::NotFound)?;
    let documents = books.documents.iter().filter(|document| document.parent == booking.id);
    Ok(Answer::json(StatusCode::OK, &Node::List(documents.map(node).collect())))
}

fn node(document: &Document) -> Node {
    Node::object([
        ("id", Node::text(&document.id)),
        ("uri", Node::text(format!("/documenten/{}", document.id))),
        ("fileName", Node::text(&document.file_name)),
        ("readOnly", Node::Bool(true)),
    ])
}
