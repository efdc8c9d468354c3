//! Files of a document: the original bytes and the attachments taken out of it.

use super::Documents;
use crate::{Download, ErrorKind, PresignedUrl, StoreError};
use domain::ids::DocumentId;

/// The largest file that is taken in, in bytes (25 MB).
pub const SOURCE_BYTES_MAX: u64 = 25 * 1024 * 1024;

/// A file of a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum File {
    /// As it was delivered.
    Source,
    /// The recognised fields that came with it, as JSON.
    Fields,
    /// The attachment with this number, counted from 0 as in the invoice.
    Attachment(u16),
}

impl Documents {
    fn name(&self, id: DocumentId, file: File) -> String {
        match file {
            File::Source => format!("{}/{id}/source", self.tenant),
            File::Fields => format!("{}/{id}/fields", self.tenant),
            File::Attachment(number) => format!("{}/{id}/attachment/{number}", self.tenant),
        }
    }

    fn upload_name(&self, id: DocumentId) -> String {
        format!("uploads/{}/{id}", self.tenant)
    }

    /// Stores a file, in place of what was there.
    pub async fn put_file(
        &self,
        id: DocumentId,
        file: File,
        bytes: Vec<u8>,
        content_type: &str,
    ) -> Result<(), StoreError> {
        self.tables.objects.put("documents.put_file", &self.name(id, file), bytes, content_type).await
    }

    /// A file, if it has no more than `bytes_max`. Absent is an error of kind [`ErrorKind::NotFound`].
    pub async fn file(&self, id: DocumentId, file: File, bytes_max: u64) -> Result<Vec<u8>, StoreError> {
        self.tables.objects.get("documents.file", &self.name(id, file), bytes_max).await
    }

    /// A short-lived address from which a file can be downloaded.
    pub async fn file_address(
        &self,
        id: DocumentId,
        file: File,
        download: Download<'_>,
        seconds: u64,
    ) -> Result<PresignedUrl, StoreError> {
        let name = self.name(id, file);
        self.tables.objects.address_to_get("documents.file_address", &name, &download, seconds).await
    }

    /// A short-lived address to which the source of a document that is yet to be made can be sent. It is kept apart until
    /// [`Documents::take_upload`], so that the address can't change a document afterwards.
    pub async fn upload_address(&self, id: DocumentId, seconds: u64) -> Result<PresignedUrl, StoreError> {
        self.tables.objects.address_to_put("documents.upload_address", &self.upload_name(id), seconds).await
    }

    /// Makes an upload the document's source; its size in bytes. Without an upload: [`ErrorKind::NotFound`]; larger than
    /// [`SOURCE_BYTES_MAX`]: [`ErrorKind::TooLarge`].
    pub async fn take_upload(&self, id: DocumentId, content_type: &str) -> Result<u64, StoreError> {
        const OPERATION: &str = "documents.take_upload";
        let upload = self.upload_name(id);
        match self.tables.objects.size(OPERATION, &upload).await? {
            None => Err(StoreError::new(ErrorKind::NotFound, OPERATION, format!("nothing was uploaded for {id}"))),
            Some(size) if size > SOURCE_BYTES_MAX => {
                Err(StoreError::new(ErrorKind::TooLarge, OPERATION, format!("an upload of {size} bytes")))
            }
            Some(size) => {
                let source = self.name(id, File::Source);
                self.tables.objects.copy(OPERATION, &upload, &source, content_type).await?;
                Ok(size)
            }
        }
    }
}
