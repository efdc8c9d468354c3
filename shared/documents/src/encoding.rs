//! From bytes to UTF-8: the byte order mark decides, then the declaration. Nothing is guessed and nothing is replaced.

use crate::{ErrorCode, ReadError};
use encoding_rs::{Encoding, UTF_16BE, UTF_16LE, mem};
use std::borrow::Cow;

/// How many bytes of the file an XML declaration may take.
const DECLARATION_BYTES_MAX: usize = 256;
const UTF8_BOM: &[u8] = b"\xef\xbb\xbf";

/// The file in UTF-8 without a byte order mark. What is UTF-8 already is borrowed and not yet checked: the XML reader
/// checks each piece as it comes to it.
pub(crate) fn to_utf8(bytes: &[u8]) -> Result<Cow<'_, [u8]>, ReadError> {
    if let Some(rest) = bytes.strip_prefix(UTF8_BOM) {
        return Ok(Cow::Borrowed(rest));
    }
    match bytes {
        [0xff, 0xfe, 0, 0, ..] | [0, 0, 0xfe, 0xff, ..] => Err(unread("UTF-32")),
        [0xff, 0xfe, rest @ ..] => decode(UTF_16LE, rest),
        [0xfe, 0xff, rest @ ..] => decode(UTF_16BE, rest),
        [b'<', 0, ..] | [0, b'<', ..] => {
            Err(bad("The file looks like UTF-16 but has no byte order mark. Save it as UTF-8 and send it again."))
        }
        _ => declared(bytes),
    }
}

fn declared(bytes: &[u8]) -> Result<Cow<'_, [u8]>, ReadError> {
    let Some(name) = declaration(bytes) else { return Ok(Cow::Borrowed(bytes)) };
    match name.to_ascii_lowercase().as_str() {
        "utf-8" | "utf8" | "us-ascii" | "ascii" => Ok(Cow::Borrowed(bytes)),
        // Every byte is a character here, the control characters from 0x80 to 0x9f included: no byte can be invalid.
        "iso-8859-1" | "iso8859-1" | "iso_8859-1" | "latin1" | "latin-1" => {
            Ok(Cow::Owned(mem::decode_latin1(bytes).into_owned().into_bytes()))
        }
        "windows-1252" | "cp1252" => {
            // The decoder maps the five unassigned bytes to control characters; they are invalid here.
            if bytes.iter().any(|byte| matches!(byte, 0x81 | 0x8d | 0x8f | 0x90 | 0x9d)) {
                return Err(invalid("windows-1252"));
            }
            decode(encoding_rs::WINDOWS_1252, bytes)
        }
        "utf-16" | "utf-16le" | "utf-16be" => {
            Err(bad("The file declares UTF-16 but has no UTF-16 byte order mark. Save it as UTF-8 and send it again."))
        }
        other => Err(unread(other)),
    }
}

fn decode(encoding: &'static Encoding, bytes: &[u8]) -> Result<Cow<'static, [u8]>, ReadError> {
    encoding
        .decode_without_bom_handling_and_without_replacement(bytes)
        .map(|text| Cow::Owned(text.into_owned().into_bytes()))
        .ok_or_else(|| invalid(encoding.name()))
}

/// The encoding that the XML declaration names, if there is one.
fn declaration(bytes: &[u8]) -> Option<&str> {
    let start = bytes.get(..bytes.len().min(DECLARATION_BYTES_MAX))?;
    let text = start.strip_prefix(b"<?xml")?;
    let end = text.windows(2).position(|pair| pair == b"?>")?;
    let text = std::str::from_utf8(text.get(..end)?).ok()?;
    let (before, after) = text.split_once("encoding")?;
    if !before.ends_with([' ', '\t', '\r', '\n']) {
        return None;
    }
    let value = after.trim_start().strip_prefix('=')?.trim_start();
    let quote = value.chars().next().filter(|quote| matches!(quote, '"' | '\''))?;
    value.strip_prefix(quote)?.split_once(quote).map(|(name, _)| name)
}

fn bad(message: impl Into<String>) -> ReadError {
    ReadError::new(ErrorCode::BadEncoding, message)
}

fn unread(name: &str) -> ReadError {
    let name = crate::error::shown(name);
    bad(format!(
        "The encoding {name} is not read. Save the file as UTF-8 (UTF-16 with byte order mark, ISO-8859-1 and \
         windows-1252 are read as well) and send it again."
    ))
}

fn invalid(name: &str) -> ReadError {
    bad(format!(
        "The file holds bytes that are not valid {name}, the encoding it says it is in. Save it as UTF-8 and send it \
         again."
    ))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(bytes: &[u8]) -> String {
        String::from_utf8(to_utf8(bytes).unwrap().into_owned()).unwrap()
    }

    fn utf16(text: &str, unit: fn(u16) -> [u8; 2]) -> Vec<u8> {
        std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(unit).collect()
    }

    #[test]
    fn each_encoding_gives_the_same_text() {
        let wanted = "<a>Säljare €</a>";
        assert_eq!(text(wanted.as_bytes()), wanted);
        assert_eq!(text(&[UTF8_BOM, wanted.as_bytes()].concat()), wanted);
        assert_eq!(text(&utf16(wanted, u16::to_le_bytes)), wanted);
        assert_eq!(text(&utf16(wanted, u16::to_be_bytes)), wanted);
        assert_eq!(
            text(b"<?xml version='1.0' encoding='windows-1252'?><a>S\xe4 \x80</a>"),
            "<?xml version='1.0' encoding='windows-1252'?><a>Sä €</a>"
        );
        assert!(text(b"<?xml version=\"1.0\" encoding = \"ISO-8859-1\"?><a>S\xe4</a>").ends_with("<a>Sä</a>"));
    }

    #[test]
    fn the_byte_order_mark_comes_before_the_declaration() {
        let lying = "<?xml version='1.0' encoding='ISO-8859-1'?><a>ä</a>";
        assert_eq!(text(&[UTF8_BOM, lying.as_bytes()].concat()), lying);
    }

    #[test]
    fn what_cannot_be_decoded_is_refused() {
        for bytes in [
            &b"\xff\xfe<\0a\0\xd8"[..],
            b"\xff\xfe\x00\xd8<\0",
            b"<\0a\0",
            b"\xff\xfe\0\0<\0\0\0",
            b"<?xml version='1.0' encoding='UTF-16'?><a/>",
            b"<?xml version='1.0' encoding='EBCDIC-CP-NL'?><a/>",
            b"<?xml version='1.0' encoding='windows-1252'?><a>\x81</a>",
        ] {
            assert_eq!(to_utf8(bytes).unwrap_err().code, ErrorCode::BadEncoding, "{bytes:?}");
        }
    }
}
