//! What can be seen of messages that were taken, the same wherever they were: a list, the bytes of each, its files, and a table.

#![expect(clippy::result_large_err, reason = "an answer is an answer, refused or not")]

use http::StatusCode;

use crate::control;
use crate::page::Field;
use crate::server::{Answer, Request};
use crate::ses::{Attachment, Message, Sent};

/// Those that went to an address (`?to=`), oldest first; all without one.
pub(crate) fn list(messages: &[Message], request: &Request) -> Result<Answer, Answer> {
    let to = request.parameters().into_iter().find(|(name, _)| name == "to").map(|(_, to)| to);
    let is_to = |message: &&Message| to.as_ref().is_none_or(|to| message.destinations.contains(to));
    let read: Vec<Sent> = messages.iter().filter(is_to).map(Sent::read).collect();
    control::json(StatusCode::OK, &read)
}

/// The one of an id.
pub(crate) fn of<'a>(messages: &'a [Message], id: &str) -> Result<&'a Message, Answer> {
    messages.iter().find(|message| message.id == id).ok_or_else(missing)
}

/// The bytes of one, as they came.
pub(crate) fn raw(bytes: Vec<u8>) -> Answer {
    Answer::of(StatusCode::OK, "message/rfc822", bytes)
}

/// The bytes of a file in one, counted from 1.
pub(crate) fn file(messages: &[Message], id: &str, place: &str) -> Result<Answer, Answer> {
    let files = Sent::read(of(messages, id)?).attachments;
    let place = place.parse::<usize>().ok().and_then(|place| place.checked_sub(1));
    let file = place.and_then(|place| files.into_iter().nth(place)).ok_or_else(missing)?;
    Ok(Answer::of(StatusCode::OK, "application/octet-stream", file.bytes).with("content-type", &file.media_type))
}

/// There is no such message.
pub(crate) fn missing() -> Answer {
    control::wrong(StatusCode::NOT_FOUND, "no such message")
}

/// Its fields on a page: when, from whom, to whom, the subject, the files.
pub(crate) fn row(sent: &Sent) -> [Field; 5] {
    let file = |(file, place): (&Attachment, i32)| {
        (format!("_messages/{}/files/{place}", sent.id), format!("{} ({} bytes)", file.name, file.size))
    };
    [
        Field::text(&sent.at.format("%Y-%m-%d %H:%M:%S")),
        Field::text(&sent.from),
        Field::text(&sent.destinations.join(", ")),
        Field::Links(vec![(format!("_messages/{}", sent.id), sent.subject.clone())]),
        Field::Links(sent.attachments.iter().zip(1..).map(file).collect()),
    ]
}
