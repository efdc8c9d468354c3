//! Embedded files: decoded strictly, and told apart by their first bytes.

use crate::{EmbeddedFile, FindingCode, error::shown, sniff::MimeType, values::Findings};
use base64::{Engine, engine::general_purpose::STANDARD};
use domain::invoice::AttachmentSource;
use std::borrow::Cow;

/// Files taken out of one document.
const FILES_MAX: usize = 100;

/// The files of a document as they are met.
#[derive(Default)]
pub(crate) struct Embedded(Vec<EmbeddedFile>);

impl Embedded {
    /// Decodes base64; what cannot be decoded is a finding and leaves the invoice usable.
    pub fn decode(
        &mut self,
        index: usize,
        encoded: &str,
        filename: Option<&str>,
        claimed: Option<&str>,
        findings: &mut Findings,
    ) -> AttachmentSource {
        let name = shown(filename.unwrap_or("without a name"));
        match STANDARD.decode(compact(encoded).as_ref()) {
            Ok(bytes) => self.keep(index, bytes, filename, claimed, findings),
            Err(error) => {
                let message =
                    format!("The embedded file {name} is not valid base64 ({error}). The invoice itself is read.");
                findings.add(FindingCode::UndecodableAttachment, message);
                AttachmentSource::Undecodable
            }
        }
    }

    /// Keeps a file that has been decoded.
    pub fn keep(
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
            findings.add(FindingCode::MislabelledAttachment, message);
        }
        if self.0.len() < FILES_MAX {
            self.0.push(EmbeddedFile { index, filename: filename.map(str::to_owned), mime, bytes });
        } else {
            let message = format!("Only the first {FILES_MAX} embedded files are taken out.");
            findings.add(FindingCode::AttachmentsLimited, message);
        }
        AttachmentSource::Embedded { size }
    }

    pub fn into_files(self) -> Vec<EmbeddedFile> {
        self.0
    }
}

/// Removes the line breaks and indentation that base64 comes with, copying only where there are any.
fn compact(encoded: &str) -> Cow<'_, [u8]> {
    let bytes = encoded.trim_ascii().as_bytes();
    if !bytes.iter().any(u8::is_ascii_whitespace) {
        return Cow::Borrowed(bytes);
    }
    let mut compact = Vec::with_capacity(bytes.len());
    for run in bytes.split(u8::is_ascii_whitespace) {
        compact.extend_from_slice(run);
    }
    Cow::Owned(compact)
}
