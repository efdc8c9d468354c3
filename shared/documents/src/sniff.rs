//! What a file is by its first bytes, whatever its name or its sender says.

use serde::{Deserialize, Serialize};

/// The kind of a file, by content.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// XML in any of the encodings that are read.
    Xml,
    /// PDF.
    Pdf,
    /// JPEG image.
    Jpeg,
    /// PNG image.
    Png,
    /// GIF image.
    Gif,
    /// BMP image.
    Bmp,
    /// TIFF image.
    Tiff,
    /// None of these.
    Unknown,
}

impl FileKind {
    /// Stable text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Xml => "xml",
            Self::Pdf => "pdf",
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::Gif => "gif",
            Self::Bmp => "bmp",
            Self::Tiff => "tiff",
            Self::Unknown => "unknown",
        }
    }
}

/// Says what a file is by its first bytes.
pub fn sniff(bytes: &[u8]) -> FileKind {
    // A byte order mark and white space may precede the first `<`; in UTF-16 every second byte is zero.
    let start = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(bytes);
    let text = start.trim_ascii_start();
    match start {
        [0xff, 0xd8, 0xff, ..] => FileKind::Jpeg,
        [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1a, b'\n', ..] => FileKind::Png,
        [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => FileKind::Gif,
        [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => FileKind::Tiff,
        // UTF-16 with and without byte order mark; UTF-32 is told by its decoder that it is not read.
        [0xff, 0xfe, ..] | [0xfe, 0xff, ..] | [0, b'<', ..] | [0, 0, 0xfe, 0xff, ..] => FileKind::Xml,
        _ if text.starts_with(b"<") => FileKind::Xml,
        _ if has_pdf_header(start) => FileKind::Pdf,
        // `BM`, the size of the file, and four reserved bytes that are zero.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => FileKind::Bmp,
        _ => FileKind::Unknown,
    }
}

/// Readers of PDF accept rubbish before the header, as long as it begins within the first kilobyte.
fn has_pdf_header(bytes: &[u8]) -> bool {
    let start = bytes.get(..bytes.len().min(1024)).unwrap_or_default();
    start.windows(5).any(|window| window == b"%PDF-")
}

/// The types of embedded files that are handed out; everything else is [`MimeType::OctetStream`], for download only.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum MimeType {
    /// PDF.
    #[serde(rename = "application/pdf")]
    Pdf,
    /// PNG image.
    #[serde(rename = "image/png")]
    Png,
    /// JPEG image.
    #[serde(rename = "image/jpeg")]
    Jpeg,
    /// Comma separated values: text without markup.
    #[serde(rename = "text/csv")]
    Csv,
    /// Spreadsheet of Office Open XML.
    #[serde(rename = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet")]
    Xlsx,
    /// Spreadsheet of OpenDocument.
    #[serde(rename = "application/vnd.oasis.opendocument.spreadsheet")]
    Ods,
    /// Anything else.
    #[serde(rename = "application/octet-stream")]
    OctetStream,
}

impl MimeType {
    /// What a file is by its content. Comma separated values have no mark of their own: they are taken for such when the
    /// sender says so and the content is text without markup.
    pub(crate) fn of(bytes: &[u8], claimed: Option<&str>) -> Self {
        const ODS: &[u8] = b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet";
        match sniff(bytes) {
            FileKind::Pdf => Self::Pdf,
            FileKind::Png => Self::Png,
            FileKind::Jpeg => Self::Jpeg,
            // A ZIP archive: OpenDocument names its type in the first entry, Office names its parts.
            FileKind::Unknown if bytes.starts_with(b"PK\x03\x04") => {
                let has = |part: &[u8]| bytes.windows(part.len()).any(|window| window == part);
                if bytes.get(30..30 + ODS.len()) == Some(ODS) {
                    Self::Ods
                } else if has(b"[Content_Types].xml") && has(b"xl/workbook.xml") {
                    Self::Xlsx
                } else {
                    Self::OctetStream
                }
            }
            FileKind::Unknown if claimed == Some("text/csv") && is_text(bytes) => Self::Csv,
            FileKind::Xml | FileKind::Gif | FileKind::Bmp | FileKind::Tiff | FileKind::Unknown => Self::OctetStream,
        }
    }

    /// The media type to serve it as, with `nosniff` and as a download.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Csv => "text/csv",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Ods => "application/vnd.oasis.opendocument.spreadsheet",
            Self::OctetStream => "application/octet-stream",
        }
    }
}

fn is_text(bytes: &[u8]) -> bool {
    const LOOKED_AT: usize = 4096;
    let start = bytes.get(..bytes.len().min(LOOKED_AT)).unwrap_or_default();
    start.iter().all(|byte| *byte >= b' ' || matches!(byte, b'\t' | b'\r' | b'\n'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn content_decides() {
        for (bytes, kind) in [
            (&b"\xff\xd8\xff\xe0\0\x10JFIF"[..], FileKind::Jpeg),
            (b"\x89PNG\r\n\x1a\n", FileKind::Png),
            (b"GIF89a", FileKind::Gif),
            (b"II*\0", FileKind::Tiff),
            (b"MM\0*", FileKind::Tiff),
            (b"BM\x10\0\0\0\0\0\0\0", FileKind::Bmp),
            (b"%PDF-1.7", FileKind::Pdf),
            (b"rubbish\n%PDF-1.7", FileKind::Pdf),
            (b"\xef\xbb\xbf\r\n<a/>", FileKind::Xml),
            (b"\xff\xfe<\0a\0", FileKind::Xml),
            (b"", FileKind::Unknown),
            (b"hello", FileKind::Unknown),
        ] {
            assert_eq!(sniff(bytes), kind, "{bytes:?}");
        }
    }

    #[test]
    fn embedded_files_are_what_they_are() {
        let csv = Some("text/csv");
        assert_eq!(MimeType::of(b"a;b\r\n1;2", csv), MimeType::Csv);
        assert_eq!(MimeType::of(b"a;b\r\n1;2", Some("application/pdf")), MimeType::OctetStream);
        assert_eq!(MimeType::of(b"<html><script>", csv), MimeType::OctetStream);
        assert_eq!(MimeType::of(b"MZ\x90\0", csv), MimeType::OctetStream);
        let xlsx = b"PK\x03\x04....[Content_Types].xml....xl/workbook.xml";
        assert_eq!(MimeType::of(xlsx, None), MimeType::Xlsx);
        let mut ods = b"PK\x03\x04".to_vec();
        ods.resize(30, 0);
        ods.extend(b"mimetypeapplication/vnd.oasis.opendocument.spreadsheet");
        assert_eq!(MimeType::of(&ods, None), MimeType::Ods);
        assert_eq!(MimeType::of(b"PK\x03\x04", None), MimeType::OctetStream);
    }
}
