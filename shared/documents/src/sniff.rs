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
        [0xff, 0xfe, b'<', 0, ..] | [0xfe, 0xff, 0, b'<', ..] => FileKind::Xml,
        _ if text.starts_with(b"<") => FileKind::Xml,
        _ if has_pdf_header(start) => FileKind::Pdf,
        // `BM`, the size of the file, and four reserved bytes that are zero.
        [b'B', b'M', _, _, _, _, 0, 0, 0, 0, ..] => FileKind::Bmp,
        _ => FileKind::Unknown,
    }
}

/// Readers of PDF accept rubbish before the header, as long as it begins within the first kilobyte.
fn has_pdf_header(bytes: &[u8]) -> bool {
    bytes.iter().take(1024).copied().collect::<Vec<u8>>().windows(5).any(|window| window == b"%PDF-")
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
