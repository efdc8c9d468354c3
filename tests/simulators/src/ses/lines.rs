//! The lines of a message and the fields of its header, read strictly and without a library.

use super::refusal::Refusal;

/// The longest line, without its end.
const LONGEST_LINE: usize = 998;
/// The longest header.
const LONGEST_HEADER: usize = 64 * 1024;

/// Fields that a header has at most once, in small letters.
const ONCE: &[&str] = &[
    "accept-language",
    "acceptlanguage",
    "archived-at",
    "auto-submitted",
    "bcc",
    "bounces-to",
    "cc",
    "comments",
    "content-alternative",
    "content-base",
    "content-class",
    "content-description",
    "content-disposition",
    "content-duration",
    "content-id",
    "content-language",
    "content-length",
    "content-location",
    "content-md5",
    "content-transfer-encoding",
    "content-type",
    "date",
    "delivered-to",
    "disposition-notification-options",
    "disposition-notification-to",
    "dkim-signature",
    "domainkey-signature",
    "errors-to",
    "from",
    "importance",
    "in-reply-to",
    "keywords",
    "list-archive",
    "list-help",
    "list-id",
    "list-owner",
    "list-post",
    "list-subscribe",
    "list-unsubscribe",
    "message-context",
    "message-id",
    "mime-version",
    "organization",
    "original-from",
    "original-message-id",
    "original-recipient",
    "original-subject",
    "precedence",
    "priority",
    "references",
    "reply-to",
    "return-path",
    "return-receipt-to",
    "sender",
    "solicitation",
    "sensitivity",
    "subject",
    "thread-index",
    "thread-topic",
    "to",
    "user-agent",
    "vbr-info",
];

/// A field of a header.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Field {
    /// Its name, as it was written.
    pub(super) name: String,
    /// Its value in one line, as it was written.
    pub(super) value: String,
    /// Its bytes, with the ends of its lines.
    pub(super) bytes: Vec<u8>,
}

impl Field {
    /// Whether it is the one of a name.
    pub(super) fn is(&self, name: &str) -> bool {
        self.name.eq_ignore_ascii_case(name)
    }
}

/// Refuses bytes that break a message up where its writer did not mean to: a lone CR, both kinds of line ends, NUL, endless lines.
pub(super) fn check(raw: &[u8]) -> Result<(), Refusal> {
    let (mut pairs, mut lone) = (0_usize, 0_usize);
    let mut rest = raw;
    while let Some(at) = rest.iter().position(|byte| matches!(byte, b'\r' | b'\n' | 0)) {
        let (line, end) = rest.split_at(at);
        if line.len() > LONGEST_LINE {
            return Err(too_long());
        }
        rest = match end {
            [b'\r', b'\n', after @ ..] => {
                pairs += 1;
                after
            }
            [b'\n', after @ ..] => {
                lone += 1;
                after
            }
            [b'\r', ..] => return Err(Refusal::value("Message contains a CR that no LF follows")),
            [..] => return Err(Refusal::value("Message contains a NUL character")),
        };
    }
    if rest.len() > LONGEST_LINE {
        return Err(too_long());
    }
    if pairs > 0 && lone > 0 {
        return Err(Refusal::value("Message contains an LF that follows no CR"));
    }
    Ok(())
}

fn too_long() -> Refusal {
    Refusal::value(format!("Message contains a line of more than {LONGEST_LINE} characters"))
}

/// The fields of the header, and the bytes of the body after the empty line.
pub(super) fn split(raw: &[u8]) -> Result<(Vec<Field>, &[u8]), Refusal> {
    let mut fields: Vec<Field> = Vec::new();
    let mut rest = raw;
    loop {
        let Some(at) = rest.iter().position(|byte| *byte == b'\n') else {
            return Err(Refusal::value("Missing empty line between header and body"));
        };
        let (line, after) = rest.split_at(at + 1);
        rest = after;
        if raw.len() - rest.len() > LONGEST_HEADER {
            return Err(Refusal::value("Header section too long."));
        }
        let text = String::from_utf8_lossy(line);
        let text = text.trim_end_matches(['\r', '\n']);
        if text.is_empty() {
            return Ok((fields, rest));
        }
        if text.starts_with([' ', '\t']) {
            let Some(field) = fields.last_mut().filter(|_| !text.trim().is_empty()) else {
                return Err(Refusal::value(format!("Illegal header '{}'.", text.trim())));
            };
            field.value.push_str(text);
            field.bytes.extend_from_slice(line);
            continue;
        }
        let Some((name, value)) = text.split_once(':') else {
            return Err(Refusal::value(format!("Illegal header '{text}'.")));
        };
        if name.trim().is_empty() {
            return Err(Refusal::value("Empty header names are illegal."));
        }
        if name.contains(|c: char| c <= ' ' || c >= '\u{7f}') {
            return Err(Refusal::value(format!("Illegal header '{name}'.")));
        }
        let (name, value) = (name.to_owned(), value.trim_start().to_owned());
        fields.push(Field { name, value, bytes: line.to_vec() });
    }
}

/// Refuses fields that are twice there, and characters that no header holds as they are.
pub(super) fn check_fields(fields: &[Field]) -> Result<(), Refusal> {
    for (place, field) in fields.iter().enumerate() {
        if field.value.contains(|c: char| (c < ' ' && c != '\t') || c >= '\u{7f}') {
            return Err(Refusal::value(format!("Header '{}' contains characters other than 7-bit ASCII", field.name)));
        }
        let again = fields.iter().take(place).any(|other| other.is(&field.name));
        if again && ONCE.contains(&field.name.to_ascii_lowercase().as_str()) {
            return Err(Refusal::value(format!("Duplicate header '{}'.", field.name)));
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn line_ends_are_all_of_one_kind() {
        assert_eq!(check(b"a\r\nb\r\n"), Ok(()));
        assert_eq!(check(b"a\nb"), Ok(()));
        for wrong in [&b"a\r\nb\nc"[..], b"a\rb", b"a\0b", &[b'a'; 999]] {
            assert!(check(wrong).is_err(), "{wrong:?}");
        }
        assert_eq!(check(&[b'a'; 998]), Ok(()));
    }

    #[test]
    fn fields_go_on_over_lines() {
        let (fields, body) = split(b"Subject: a\r\n b\r\nTo: c\r\n\r\nx: y").expect("a header");
        assert_eq!((fields.len(), body), (2, &b"x: y"[..]));
        assert_eq!(fields.first().map(|field| field.value.as_str()), Some("a b"));
    }
}
