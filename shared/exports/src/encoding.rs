//! Characters as bytes.

use domain::export_format::Encoding;
use encoding_rs::WINDOWS_1252;

/// What stands before the first character.
pub(crate) fn mark(encoding: Encoding) -> &'static [u8] {
    match encoding {
        Encoding::Utf8 | Encoding::Windows1252 => &[],
        Encoding::Utf8Bom => &[0xEF, 0xBB, 0xBF],
        Encoding::Utf16 => &[0xFF, 0xFE],
    }
}

/// The text has a character that the encoding does not.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Inexpressible;

/// Appends the text, or nothing of it.
pub(crate) fn append(bytes: &mut Vec<u8>, text: &str, encoding: Encoding) -> Result<(), Inexpressible> {
    match encoding {
        Encoding::Utf8 | Encoding::Utf8Bom => bytes.extend_from_slice(text.as_bytes()),
        Encoding::Windows1252 => {
            // Five bytes stand for no character; the encoder knows them as control characters of Unicode.
            let (encoded, _, replaced) = WINDOWS_1252.encode(text);
            if replaced || text.contains(['\u{81}', '\u{8d}', '\u{8f}', '\u{90}', '\u{9d}']) {
                return Err(Inexpressible);
            }
            bytes.extend_from_slice(&encoded);
        }
        Encoding::Utf16 => bytes.extend(text.encode_utf16().flat_map(u16::to_le_bytes)),
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bytes_are_those_of_the_encoding() {
        let bytes = |text, encoding| {
            let mut bytes = Vec::new();
            append(&mut bytes, text, encoding).map(|()| bytes)
        };
        assert_eq!(bytes("€ü", Encoding::Windows1252), Ok(vec![0x80, 0xFC]));
        assert_eq!(bytes("Łódź", Encoding::Windows1252), Err(Inexpressible));
        assert_eq!(bytes("\u{81}", Encoding::Windows1252), Err(Inexpressible));
        assert_eq!(bytes("Ł", Encoding::Utf16), Ok(vec![0x41, 0x01]));
        assert_eq!(bytes("Ł", Encoding::Utf8Bom), Ok("Ł".as_bytes().to_vec()));
    }
}
