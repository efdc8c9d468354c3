//! How large a message will be, from lengths alone: whether a file can be attached is known before it is fetched (ED-24).

use crate::{compose::Message, header::AttachmentName};

/// The largest message that SES takes, in bytes, as it is sent: base64 included.
pub const SES_MESSAGE_BYTES_MAX: u64 = 10 * 1024 * 1024;

/// A file that would be attached.
#[derive(Debug, Clone, Copy)]
pub struct FileSize<'a> {
    /// Its name.
    pub name: &'a AttachmentName,
    /// Its length in bytes, as it is stored.
    pub bytes: u64,
}

/// Bytes of headers whose values have a length of their own, of the text's part and of the last boundary, folds included.
const FIXED_BYTES: u64 = 700;
/// The same for one attachment: boundary and headers without the name.
const FILE_FIXED_BYTES: u64 = 260;
/// A line of base64 has 76 characters and an end of two.
const LINE_CHARS: u64 = 76;

/// The size that the message has at most once `to_come` is attached beside what it has already; never less than what
/// [`compose`](crate::compose()) makes.
pub fn encoded_size(message: &Message<'_>, to_come: &[FileSize<'_>]) -> u64 {
    let addresses = [Some(&message.from.address), Some(message.to), message.reply_to];
    let addresses: u64 = addresses.into_iter().flatten().map(|address| length(address.as_str()) + 20).sum();
    let words = encoded_words(message.from.name.as_str()) + encoded_words(message.subject.as_str());
    let present = message.attachments.iter().map(|file| FileSize { name: file.name, bytes: length_of(file.bytes) });
    let files = present.chain(to_come.iter().copied()).map(file).fold(0, u64::saturating_add);
    (FIXED_BYTES + addresses + words + body(message.text)).saturating_add(files)
}

/// Whether a message of this size is too large to be sent.
pub fn is_too_large(bytes: u64) -> bool {
    bytes > SES_MESSAGE_BYTES_MAX
}

fn length_of(bytes: &[u8]) -> u64 {
    u64::try_from(bytes.len()).unwrap_or(u64::MAX)
}

fn length(text: &str) -> u64 {
    length_of(text.as_bytes())
}

fn base64(bytes: u64) -> u64 {
    let digits = bytes.div_ceil(3).saturating_mul(4);
    digits.saturating_add(digits.div_ceil(LINE_CHARS).saturating_mul(2))
}

/// The body is written in the shortest of three ways, so never longer than as base64, or as it is; line ends get longer by one.
fn body(text: &str) -> u64 {
    let ends = length_of(text.as_bytes()) + u64::try_from(text.matches('\n').count()).unwrap_or(u64::MAX) + 2;
    base64(ends)
}

/// Text of a header at worst: base64 in words of at most 75 characters, at least 40 of which are text; or quoted.
fn encoded_words(text: &str) -> u64 {
    let digits = length(text).div_ceil(3) * 4;
    length(text) + digits + (digits / 40 + 2) * 20
}

/// An attachment: its name stands three times, once with each byte as three characters, in sections of at least 40.
fn file(file: FileSize<'_>) -> u64 {
    let shown = file.name.beyond_ascii().map_or(0, |shown| {
        let percent = length(shown) * 3;
        percent + (percent / 40 + 2) * 24
    });
    base64(file.bytes).saturating_add(FILE_FIXED_BYTES + 2 * length(file.name.ascii()) + shown)
}
