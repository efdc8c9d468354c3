//! `documents/Documents` and `documents/DocumentTypes`.

use http::StatusCode;

use super::super::api::Call;
use super::super::books::{Division, Document, DocumentType};
use super::super::entity::Entity;
use super::super::guid::Guid;
use super::super::messages::{Message, Subject};
use super::super::odata::Schema;
use super::super::refusal::Refusal;
use super::super::state::{Family, Right, State};
use super::{Listing, Made, Writing, books, books_mut, fill};
use crate::json::Members;
use crate::server::Answer;

/// Number, name, and whether anyone may make one.
const TYPES: &[(i32, &str, bool)] = &[
    (10, "Sales entry", true),
    (20, "Purchase entry", true),
    (21, "Purchase order", false),
    (55, "Miscellaneous", true),
    (183, "E-mail", true),
];

/// The types of documents.
pub(super) fn types() -> Listing {
    let row = |(id, description, creatable): &(i32, &str, bool)| {
        DocumentType { id: *id, description: (*description).to_owned(), creatable: *creatable }.cells()
    };
    Listing { schema: Schema::of::<DocumentType>(), records: TYPES.iter().map(row).collect() }
}

pub(super) fn create(state: &mut State, call: &Call<'_>, division: i32, members: &Members) -> Result<Made, Refusal> {
    let schema = Schema::of::<Document>();
    let user = state.users.get(&call.session.user).ok_or(Refusal::Unauthorized)?;
    let mut document = Document {
        creator: user.id,
        creator_full_name: user.full_name.clone(),
        created: Some(call.now),
        modified: Some(call.now),
        ..Document::default()
    };
    let allowed = user.rights.contains(&Right::Documents);
    fill(&mut document, &schema, members, &state.settings, Writing::Create, str::to_owned)?;
    let mut wrong = check(state, books(state, division)?, &document);
    if document.kind == 0 {
        wrong.push(Message::Mandatory(Subject::Type));
    } else if !allowed || !TYPES.iter().any(|(id, _, creatable)| *id == document.kind && *creatable) {
        wrong.push(Message::DocumentType);
    }
    if !wrong.is_empty() {
        return Err(Refusal::Business(wrong));
    }
    document.id = state.next_guid(Family::Document);
    document.view_url = format!("{}/docs/DocView.aspx?DocumentID={}&_Division_={division}", call.base, document.id);
    let books = books_mut(state, division)?;
    document.hid = books.documents.iter().map(|other| other.hid).max().unwrap_or(1000) + 1;
    document.document_date = document.document_date.or_else(|| Some(call.now.date_naive()));
    let cells = document.cells();
    books.documents.put(document);
    Ok(Made { schema, cells })
}

pub(super) fn update(
    state: &mut State,
    call: &Call<'_>,
    division: i32,
    id: Guid,
    members: &Members,
) -> Result<Answer, Refusal> {
    let books = books(state, division)?;
    let mut document = books.documents.get(&id).cloned().ok_or(Refusal::NotFound)?;
    fill(&mut document, &Schema::of::<Document>(), members, &state.settings, Writing::Update, str::to_owned)?;
    let wrong = check(state, books, &document);
    if !wrong.is_empty() {
        return Err(Refusal::Business(wrong));
    }
    document.modified = Some(call.now);
    books_mut(state, division)?.documents.put(document);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

/// Deletes a document and its files; one that belongs to an entry stays.
pub(super) fn delete(state: &mut State, division: i32, id: Guid) -> Result<Answer, Refusal> {
    let books = books_mut(state, division)?;
    if books.entries.iter().any(|entry| entry.document == Some(id)) {
        return Err(Message::InUse(Subject::Document).into());
    }
    books.documents.remove(&id).ok_or(Refusal::NotFound)?;
    books.attachments.retain(|attachment| attachment.document != id);
    Ok(Answer::empty(StatusCode::NO_CONTENT))
}

fn check(state: &State, books: &Division, document: &Document) -> Vec<Message> {
    let mut wrong = Vec::new();
    if document.subject.trim().is_empty() {
        wrong.push(Message::Mandatory(Subject::Subject));
    }
    if let Some(account) = document.account.filter(|id| books.accounts.get(id).is_none()) {
        let elsewhere = state.is_elsewhere(account, books.code);
        wrong.push(if elsewhere { Message::WrongDivision } else { Message::InvalidReference(Subject::Account) });
    }
    wrong
}
