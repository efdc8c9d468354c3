//! A message as bytes.
//!
//! Of `mail-builder` only the writing of parts is used: its `MessageBuilder` would add a `Message-ID`, which SES sets itself, and
//! would ask the clock and the host's name. The boundary between parts is made from the delivery, so that the same message is the
//! same bytes.

use crate::{
    header::{AttachmentName, HeaderText},
    size::{SES_MESSAGE_BYTES_MAX, encoded_size, is_too_large},
};
use domain::{
    ids::DeliveryId,
    mail::{EmailAddress, MailLanguage},
    time::Instant,
};
use mail_builder::{
    headers::{HeaderType, address::Address, content_type::ContentType, date::Date, raw::Raw, text::Text},
    mime::{BodyPart, MimePart},
};
use std::borrow::Cow;

/// The header by which what comes back is recognised where SES gives no tags.
pub const DELIVERY_HEADER: &str = "X-Ledgerpost-Delivery";

/// Who sends.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sender {
    /// Name that is shown.
    pub name: HeaderText,
    /// Address, of a domain that SES may send for.
    pub address: EmailAddress,
}

/// What an attachment says it is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum MediaType {
    /// E-invoices and CAMT.053 statements. `application/xml`, since text may be translated under way and `text/xml` without a charset
    /// would be ASCII whatever the file's own declaration says.
    Xml,
    /// PDF.
    Pdf,
    /// MT940 and CODA statements.
    PlainText,
    /// CSV.
    Csv,
    /// ZIP.
    Zip,
    /// Anything else.
    OctetStream,
}

impl MediaType {
    /// Every one.
    pub const ALL: [Self; 6] = [Self::Xml, Self::Pdf, Self::PlainText, Self::Csv, Self::Zip, Self::OctetStream];

    /// As in the header `Content-Type`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Xml => "application/xml",
            Self::Pdf => "application/pdf",
            Self::PlainText => "text/plain",
            Self::Csv => "text/csv",
            Self::Zip => "application/zip",
            Self::OctetStream => "application/octet-stream",
        }
    }
}

/// A file that goes with a message.
#[derive(Debug, Clone, Copy)]
pub struct Attachment<'a> {
    /// Its name.
    pub name: &'a AttachmentName,
    /// What it is.
    pub media: MediaType,
    /// Its content, which arrives byte for byte.
    pub bytes: &'a [u8],
}

/// A message to one address (ED-21: one document a message).
#[derive(Debug, Clone, Copy)]
pub struct Message<'a> {
    /// Who sends.
    pub from: &'a Sender,
    /// To whom.
    pub to: &'a EmailAddress,
    /// Where answers go, when not to the sender.
    pub reply_to: Option<&'a EmailAddress>,
    /// Subject.
    pub subject: &'a HeaderText,
    /// Body, plain text; lines end with `\n` or `\r\n`.
    pub text: &'a str,
    /// In which language it is written.
    pub language: MailLanguage,
    /// Which delivery it is.
    pub delivery: DeliveryId,
    /// When it is sent.
    pub at: Instant,
    /// Files.
    pub attachments: &'a [Attachment<'a>],
}

/// Why there is no message.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ComposeError {
    /// SES would refuse it (ED-24).
    #[error("the message would have up to {bytes} bytes, and {SES_MESSAGE_BYTES_MAX} are allowed")]
    TooLarge {
        /// What [`encoded_size`] says.
        bytes: u64,
    },
}

/// The message as SES takes it raw. Its size is never above [`encoded_size`], which also decides whether it is too large.
pub fn compose(message: &Message<'_>) -> Result<Vec<u8>, ComposeError> {
    let bytes = encoded_size(message, &[]);
    if is_too_large(bytes) {
        return Err(ComposeError::TooLarge { bytes });
    }
    let capacity = usize::try_from(bytes).map_err(|_| ComposeError::TooLarge { bytes })?;
    let mut raw = Vec::with_capacity(capacity);
    let body = body(message.text);
    let text = MimePart::new("text/plain", body.as_str());
    let mut whole = if message.attachments.is_empty() {
        text
    } else {
        let mut parts = Vec::with_capacity(message.attachments.len() + 1);
        parts.push(text);
        parts.extend(message.attachments.iter().map(file));
        let kind = ContentType::new("multipart/mixed").attribute("boundary", boundary(message.delivery, &body));
        MimePart::new(kind, BodyPart::Multipart(parts))
    };
    whole.headers.splice(0..0, headers(message));
    whole.write_part(&mut raw);
    Ok(raw)
}

fn headers<'a>(message: &Message<'a>) -> Vec<(Cow<'a, str>, HeaderType<'a>)> {
    let bare = |address: &'a EmailAddress| Address::new_address(None::<&str>, address.as_str()).into();
    let name = Some(message.from.name.as_str()).filter(|name| !name.is_empty());
    let from = Address::new_address(name, message.from.address.as_str());
    let mut headers: Vec<(Cow<'a, str>, HeaderType<'a>)> =
        vec![("From".into(), from.into()), ("To".into(), bare(message.to))];
    if let Some(reply_to) = message.reply_to {
        headers.push(("Reply-To".into(), bare(reply_to)));
    }
    headers.extend([
        ("Subject".into(), Text::new(message.subject.as_str()).into()),
        ("Date".into(), Date::new(message.at.timestamp()).into()),
        (DELIVERY_HEADER.into(), Raw::new(message.delivery.to_string()).into()),
        // Answering machines leave such a message unanswered (RFC 3834).
        ("Auto-Submitted".into(), Raw::new("auto-generated").into()),
        ("Content-Language".into(), Raw::new(message.language.tag()).into()),
        ("MIME-Version".into(), Raw::new("1.0").into()),
    ]);
    headers
}

/// A file with its name in ASCII, which every importer reads, and as it is shown where that differs (RFC 2231).
fn file<'a>(attachment: &Attachment<'a>) -> MimePart<'a> {
    let name = attachment.name;
    // A media type that is given raw counts as no text: the content is never anything but base64.
    let media = Raw::new(format!("{}; name=\"{}\"", attachment.media.as_str(), name.ascii()));
    let mut disposition = ContentType::new("attachment").attribute("filename", name.ascii());
    if let Some(shown) = name.beyond_ascii() {
        disposition = disposition.attribute("filename", shown);
    }
    MimePart {
        headers: vec![("Content-Type".into(), media.into()), ("Content-Disposition".into(), disposition.into())],
        contents: BodyPart::Binary(Cow::Borrowed(attachment.bytes)),
    }
}

/// The body with lines that end as mail wants them, and without control characters.
fn body(text: &str) -> String {
    let mut body = String::with_capacity(text.len() + text.len() / 16 + 2);
    for line in text.lines() {
        body.extend(line.chars().map(|c| if c.is_control() && c != '\t' { ' ' } else { c }));
        body.push_str("\r\n");
    }
    body
}

/// What stands between parts: `=_` never stands in quoted-printable or base64, and it is in no line of the body either.
fn boundary(delivery: DeliveryId, body: &str) -> String {
    let plain = format!("=_{delivery}");
    if !body.contains(&plain) {
        return plain;
    }
    // A body has fewer places for one than it has bytes.
    (0..=body.len()).map(|n| format!("{plain}_{n}")).find(|other| !body.contains(other)).unwrap_or(plain)
}
