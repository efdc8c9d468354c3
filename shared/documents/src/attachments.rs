//! Embedded files: decoded strictly, and told apart by their first bytes.

use crate::{EmbeddedFile, FindingCode, error::shown, sniff::MimeType, values::Findings};
use base64_simd::STANDARD;
use domain::invoice::AttachmentSource;

/// Files taken out of one document.
const FILES_MAX: usize = 100;

/// What to do with embedded files.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Files {
    /// Decode them and hand them out.
    Take,
    /// See whether they can be decoded, and how large they are.
    Check,
}

/// The files of a document as they are met.
pub(crate) struct Embedded {
    files: Files,
    taken: Vec<EmbeddedFile>,
}

impl Embedded {
    pub fn new(files: Files) -> Self {
        Self { files, taken: Vec::new() }
    }

    /// Decodes base64; what cannot be decoded is a finding and leaves the invoice usable.
    pub fn decode(
        &mut self,
        index: usize,
        encoded: &str,
        filename: Option<&str>,
        claimed: Option<&str>,
        findings: &mut Findings,
    ) -> AttachmentSource {
        let encoded = encoded.trim_ascii().as_bytes();
        let source = match self.files {
            Files::Check => decoded_size(encoded).map(|size| AttachmentSource::Embedded { size: size as u64 }),
            Files::Take => decode(encoded).map(|bytes| self.keep(index, bytes, filename, claimed, findings)),
        };
        source.unwrap_or_else(|| {
            let name = shown(filename.unwrap_or("without a name"));
            let message = format!("The embedded file {name} is not valid base64. The invoice itself is read.");
            findings.add(FindingCode::UndecodableAttachment, shown(filename.unwrap_or_default()), message);
            AttachmentSource::Undecodable
        })
    }

    /// Keeps a file that has been decoded.
    fn keep(
        &mut self,
        index: usize,
        bytes: Vec<u8>,
        filename: Option<&str>,
        claimed: Option<&str>,
        findings: &mut Findings,
    ) -> AttachmentSource {
        let size = bytes.len() as u64;
        let name = shown(filename.unwrap_or("without a name"));
        let mime = MimeType::of(&bytes, claimed);
        if claimed.is_some_and(|claimed| claimed != mime.as_str()) {
            let message = format!(
                "The embedded file {name} says it is {} and is by its content {}.",
                shown(claimed.unwrap_or_default()),
                mime.as_str()
            );
            findings.add(FindingCode::MislabelledAttachment, shown(filename.unwrap_or_default()), message);
        }
        if self.taken.len() < FILES_MAX {
            self.taken.push(EmbeddedFile { index, filename: filename.map(str::to_owned), mime, bytes });
        } else {
            let message = format!("Only the first {FILES_MAX} embedded files are taken out.");
            findings.add(FindingCode::AttachmentsLimited, "", message);
        }
        AttachmentSource::Embedded { size }
    }

    pub fn into_files(self) -> Vec<EmbeddedFile> {
        self.taken
    }
}

/// Decodes strictly, without regard to line breaks and indentation. Most files come without: looking for white space first
/// would cost them more than decoding does.
fn decode(encoded: &[u8]) -> Option<Vec<u8>> {
    let decode = |encoded: &[u8]| STANDARD.decode_to_vec(encoded).ok();
    decode(encoded).or_else(|| decode(&compact(encoded)?))
}

/// The size that a file would have decoded, when it can be.
fn decoded_size(encoded: &[u8]) -> Option<usize> {
    let size = |encoded: &[u8]| {
        STANDARD.check(encoded).ok()?;
        STANDARD.decoded_length(encoded).ok()
    };
    size(encoded).or_else(|| size(&compact(encoded)?))
}

/// Without white space, if there is any.
fn compact(encoded: &[u8]) -> Option<Vec<u8>> {
    let mut compact = Vec::with_capacity(encoded.len());
    for run in encoded.split(u8::is_ascii_whitespace) {
        compact.extend_from_slice(run);
    }
    (compact.len() < encoded.len()).then_some(compact)
}

#[cfg(test)]
mod tests {
    use super::{decode, decoded_size};

    #[test]
    fn white_space_does_not_count_and_all_else_does() {
        assert_eq!(decode(b"aGVsbG8=").as_deref(), Some(&b"hello"[..]));
        assert_eq!(decode(b"aGVs\r\n\t bG8=").as_deref(), Some(&b"hello"[..]));
        assert_eq!(decoded_size(b"aGVs\r\n\t bG8="), Some(5));
        for broken in [&b"aGVsbG8"[..], b"aGVsbG9=", b"aGVs-G8=", b"aGVsbG8=aGVsbG8=", b"a", b"a GVs*bG8="] {
            assert_eq!(decode(broken), None, "{broken:?}");
            assert_eq!(decoded_size(broken), None, "{broken:?}");
        }
    }
}
