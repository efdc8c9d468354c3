//! A message as its reader sees it, read by a parser that knows nothing of its writer.

use std::fmt::Write as _;

use chrono::{DateTime, Utc};
use mailparse::{MailHeaderMap as _, ParsedMail};
use ring::digest;
use serde::Serialize;

use super::lines;
use super::state::Message;

/// A file in a message.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Attachment {
    /// Its name.
    pub name: String,
    /// Its media type.
    pub media_type: String,
    /// Its size in bytes.
    pub size: usize,
    /// Digest of its bytes, in hexadecimal digits.
    pub sha256: String,
    /// Its bytes.
    #[serde(skip)]
    pub bytes: Vec<u8>,
}

/// A message that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Sent {
    /// The id it got.
    pub id: String,
    /// When it was taken.
    pub at: DateTime<Utc>,
    /// The sender on the envelope.
    pub source: String,
    /// The addresses on the envelope.
    pub destinations: Vec<String>,
    /// Its configuration set.
    pub configuration_set: Option<String>,
    /// Its tags: name and value.
    pub tags: Vec<(String, String)>,
    /// Its writer, decoded.
    pub from: String,
    /// Its readers, decoded.
    pub to: String,
    /// Where answers go, decoded.
    pub reply_to: String,
    /// Its subject, decoded.
    pub subject: String,
    /// Its text.
    pub text: Option<String>,
    /// Its text as HTML.
    pub html: Option<String>,
    /// Its files.
    pub attachments: Vec<Attachment>,
    /// Fields of its header, decoded, in order.
    pub headers: Vec<(String, String)>,
    /// Its bytes, as they were sent.
    #[serde(skip)]
    pub raw: Vec<u8>,
}

impl Sent {
    /// Reads a message. What can't be read is empty; such a message is not taken in the first place.
    pub(crate) fn read(message: &Message) -> Self {
        let mut sent = Self {
            id: message.id.clone(),
            at: message.at,
            source: message.source.clone(),
            destinations: message.destinations.clone(),
            configuration_set: message.configuration_set.clone(),
            tags: message.tags.clone(),
            from: String::new(),
            to: String::new(),
            reply_to: String::new(),
            subject: String::new(),
            text: None,
            html: None,
            attachments: Vec::new(),
            headers: Vec::new(),
            raw: message.raw.clone(),
        };
        let Ok(mail) = mailparse::parse_mail(&message.raw) else { return sent };
        let header = |name: &str| mail.headers.get_first_value(name).unwrap_or_default();
        (sent.from, sent.to, sent.reply_to) = (header("From"), header("To"), header("Reply-To"));
        sent.subject = header("Subject");
        sent.headers = mail.headers.iter().map(|header| (header.get_key(), header.get_value())).collect();
        for part in mail.parts().filter(|part| !part.ctype.mimetype.starts_with("multipart/")) {
            match (file_name(part), part.ctype.mimetype.as_str()) {
                (Some(name), media_type) => {
                    let bytes = part.get_body_raw().unwrap_or_default();
                    let digest = digest::digest(&digest::SHA256, &bytes);
                    let (size, sha256) = (bytes.len(), hex(digest.as_ref()));
                    sent.attachments.push(Attachment { name, media_type: media_type.to_owned(), size, sha256, bytes });
                }
                (None, "text/plain") if sent.text.is_none() => sent.text = part.get_body().ok(),
                (None, "text/html") if sent.html.is_none() => sent.html = part.get_body().ok(),
                (None, _) => {}
            }
        }
        sent
    }

    /// Whether its subject or a name of its files holds a text.
    pub(crate) fn mentions(&self, text: &str) -> bool {
        self.subject.contains(text) || self.attachments.iter().any(|file| file.name.contains(text))
    }

    /// The value of a tag.
    pub fn tag(&self, name: &str) -> Option<&str> {
        self.tags.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str())
    }
}

/// The name of the file in a part; `None` when it is no file.
pub(super) fn file_name(part: &ParsedMail<'_>) -> Option<String> {
    let disposition = part.get_content_disposition();
    let name = disposition.params.get("filename").or_else(|| part.ctype.params.get("name"));
    let is_file = disposition.disposition == mailparse::DispositionType::Attachment;
    name.cloned().or_else(|| is_file.then(String::new))
}

/// The message as SES hands it to the next server: with its own date and id, and without what is for SES alone.
pub(super) fn delivered(message: &Message, region: &str) -> Vec<u8> {
    let Ok((fields, body)) = lines::split(&message.raw) else { return message.raw.clone() };
    let own = ["Message-ID", "Date", "Bcc", "Return-Path", "X-SES-CONFIGURATION-SET", "X-SES-MESSAGE-TAGS"];
    let id = if region == "us-east-1" { "email" } else { region };
    let mut bytes = format!("Date: {}\r\nMessage-ID: <{}@{id}.amazonses.com>\r\n", message.at.to_rfc2822(), message.id)
        .into_bytes();
    for field in fields.iter().filter(|field| !own.iter().any(|name| field.is(name))) {
        bytes.extend_from_slice(&field.bytes);
    }
    bytes.extend_from_slice(b"\r\n");
    bytes.extend_from_slice(body);
    bytes
}

/// Bytes in hexadecimal digits.
pub(super) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |mut text, byte| {
        // Writing to a String has no way to fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}
