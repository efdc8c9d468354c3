//! Files of a document: the original bytes and the attachments taken out of it.
//!
//! What was delivered (the source, and recognised fields beside it) is told by an item next to the head. Small files stand in it, large
//! ones in the object that it names; callers do not see which. The item is put once, so that of two deliveries under one id one is
//! kept whole. Attachments follow from the source, so they are objects of a fixed name.

use super::{BODY_HASH, BodyHash, Documents, head, keys, packed};
use crate::{
    Download, ErrorKind, PresignedUrl, Read, StoreError,
    expression::Expression,
    item::{Fields, Item, Key, bytes, text},
    table::{Old, Query, Write, Written},
};
use domain::{document::Document, ids::DocumentId};
use sha2::{Digest as _, Sha256};
use std::fmt::Write as _;

/// The largest file that is taken in, in bytes (25 MB).
pub const SOURCE_BYTES_MAX: u64 = 25 * 1024 * 1024;

/// The most packed bytes of a file that stand in its item: a write unit a kilobyte, as much as a put into the bucket costs.
const INLINE_BYTES_MAX: usize = 8 * 1024;
/// Larger files are not packed to see whether they fit.
const PACKED_BYTES_MAX: usize = 256 * 1024;
/// A file in its item, packed against the first dictionary.
const PACKED: &str = "p";
/// The object of a file outside its item.
const OUTSIDE: &str = "o";

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

/// Whose file is kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    /// That of this request, or of the same one sent before.
    Ours,
    /// That of another request for the same document, which came first.
    Others,
}

/// A document with what was delivered of it.
#[derive(Debug, Clone)]
pub struct Delivered {
    /// The document.
    pub document: Document,
    source: Option<Item>,
    fields: Option<Item>,
}

/// Where a file is.
enum Place<'a> {
    Inline(&'a [u8]),
    Outside(&'a str),
}

fn place<'a>(operation: &'static str, item: &'a Item) -> Result<Place<'a>, StoreError> {
    let fields = Fields::of(operation, item);
    match (fields.bytes(PACKED)?, fields.text(OUTSIDE)?) {
        (Some(packed), _) => Ok(Place::Inline(packed)),
        (None, Some(name)) => Ok(Place::Outside(name)),
        (None, None) => Err(fields.wrong(PACKED)),
    }
}

fn unpacked(operation: &'static str, packed: &[u8], bytes_max: u64) -> Result<Vec<u8>, StoreError> {
    let unpacked = packed::unpack(packed, bytes_max)
        .map_err(|error| StoreError::bug(operation, "a file cannot be unpacked").caused_by(error))?;
    unpacked.ok_or_else(|| StoreError::new(ErrorKind::TooLarge, operation, format!("more than {bytes_max} bytes")))
}

/// What tells the objects of different bytes apart.
fn mark(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(16).fold(String::new(), |mut mark, byte| {
        // Writing to a String cannot fail.
        let _written = write!(mark, "{byte:02x}");
        mark
    })
}

fn missing(operation: &'static str, id: DocumentId, file: File) -> StoreError {
    StoreError::new(ErrorKind::NotFound, operation, format!("there is no {file:?} of {id}"))
}

impl Documents {
    fn object(&self, id: DocumentId, file: File) -> String {
        match file {
            File::Source => format!("{}/{id}/source", self.tenant),
            File::Fields => format!("{}/{id}/fields", self.tenant),
            File::Attachment(number) => format!("{}/{id}/attachment/{number}", self.tenant),
        }
    }

    /// The item that tells of a file, for those that were delivered.
    fn told_by(&self, id: DocumentId, file: File) -> Option<Key> {
        match file {
            File::Source => Some(keys::source(self.tenant, id)),
            File::Fields => Some(keys::fields(self.tenant, id)),
            File::Attachment(_) => None,
        }
    }

    fn upload_name(&self, id: DocumentId) -> String {
        format!("uploads/{}/{id}", self.tenant)
    }

    /// The item of a file, with its bytes or the name of the object in which they are stored now. An object's name follows
    /// from its bytes, so that other ones never take its place.
    async fn filled(
        &self,
        operation: &'static str,
        (id, file): (DocumentId, File),
        key: &Key,
        content: Vec<u8>,
        content_type: &str,
    ) -> Result<Item, StoreError> {
        let mut item = key.item();
        if content.len() <= PACKED_BYTES_MAX {
            let packed = packed::pack(&content)
                .map_err(|error| StoreError::bug(operation, "a file cannot be packed").caused_by(error))?;
            if packed.len() <= INLINE_BYTES_MAX {
                item.insert(PACKED.to_owned(), bytes(packed));
                return Ok(item);
            }
        }
        let name = format!("{}-{}", self.object(id, file), mark(&content));
        self.tables.objects.put(operation, &name, content, content_type).await?;
        item.insert(OUTSIDE.to_owned(), text(name));
        Ok(item)
    }

    /// Stores the source, unless that of another request is there already: `request` tells them apart. Whoever is told
    /// [`Kept::Others`] must not go on.
    pub async fn put_source(
        &self,
        id: DocumentId,
        content: Vec<u8>,
        content_type: &str,
        request: BodyHash,
    ) -> Result<Kept, StoreError> {
        const OPERATION: &str = "documents.put_source";
        let item =
            self.filled(OPERATION, (id, File::Source), &keys::source(self.tenant, id), content, content_type).await?;
        self.keep(OPERATION, item, request).await
    }

    async fn keep(&self, operation: &'static str, mut item: Item, request: BodyHash) -> Result<Kept, StoreError> {
        item.insert(BODY_HASH.to_owned(), bytes(request.as_bytes()));
        let put = Write::Put { item, condition: Some(Expression::absent()) };
        match self.table().write(operation, put, Old::NotNeeded).await? {
            Written::Done(_) => Ok(Kept::Ours),
            Written::Refused(None) => Err(StoreError::conflict(operation, "a file came and went")),
            Written::Refused(Some(there)) => {
                let by = Fields::of(operation, &there).bytes(BODY_HASH)?.and_then(BodyHash::from_bytes);
                Ok(if by == Some(request) { Kept::Ours } else { Kept::Others })
            }
        }
    }

    /// Stores a file, in place of what was there; a source only where there is none ([`ErrorKind::Conflict`]). Recognised
    /// fields are stored by the request whose source is kept, attachments by whoever reads it.
    pub async fn put_file(
        &self,
        id: DocumentId,
        file: File,
        content: Vec<u8>,
        content_type: &str,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "documents.put_file";
        match file {
            File::Source => {
                let request = BodyHash::of(&content);
                match self.put_source(id, content, content_type, request).await? {
                    Kept::Ours => Ok(()),
                    Kept::Others => Err(StoreError::conflict(OPERATION, format!("{id} has another source"))),
                }
            }
            File::Fields => {
                let key = keys::fields(self.tenant, id);
                let item = self.filled(OPERATION, (id, file), &key, content, content_type).await?;
                self.table().write(OPERATION, Write::Put { item, condition: None }, Old::NotNeeded).await?;
                Ok(())
            }
            File::Attachment(_) => {
                self.tables.objects.put(OPERATION, &self.object(id, file), content, content_type).await
            }
        }
    }

    /// A file, if it has no more than `bytes_max`. Absent is an error of kind [`ErrorKind::NotFound`].
    pub async fn file(&self, id: DocumentId, file: File, bytes_max: u64) -> Result<Vec<u8>, StoreError> {
        const OPERATION: &str = "documents.file";
        let Some(key) = self.told_by(id, file) else {
            return self.tables.objects.get(OPERATION, &self.object(id, file), bytes_max).await;
        };
        match self.table().get_surely(OPERATION, &key).await? {
            Some(item) => self.content_of(OPERATION, &item, bytes_max).await,
            None => Err(missing(OPERATION, id, file)),
        }
    }

    async fn content_of(&self, operation: &'static str, item: &Item, bytes_max: u64) -> Result<Vec<u8>, StoreError> {
        match place(operation, item)? {
            Place::Inline(packed) => unpacked(operation, packed, bytes_max),
            Place::Outside(name) => self.tables.objects.get(operation, name, bytes_max).await,
        }
    }

    /// A document that has reached at least this version, with what was delivered of it: they stand side by side, so that one
    /// query reads them together. It reads cheaply first, and again when the cheap read is behind.
    pub async fn delivered_at_least(&self, id: DocumentId, version: u32) -> Result<Option<Delivered>, StoreError> {
        match self.delivered(id, Read::Eventual).await? {
            Some(delivered) if delivered.document.version >= version && delivered.source.is_some() => {
                Ok(Some(delivered))
            }
            Some(_) | None => self.delivered(id, Read::Consistent).await,
        }
    }

    async fn delivered(&self, id: DocumentId, read: Read) -> Result<Option<Delivered>, StoreError> {
        const OPERATION: &str = "documents.delivered";
        let (first, last) = (keys::head(self.tenant, id), keys::last_file(self.tenant, id));
        let mut query = Query::partition(&first.pk);
        query.condition = Expression::new("#pk = :pk AND #sk BETWEEN :first AND :last")
            .with("pk", text(first.pk))
            .with("first", text(first.sk))
            .with("last", text(last.sk));
        query.read = read;
        let items = self.table().query_all(OPERATION, query).await?;
        let (mut document, mut source, mut fields) = (None, None, None);
        for item in items {
            match Key::of(&item) {
                Some(key) if key.sk == keys::HEAD => document = Some(head::decode(OPERATION, &item)?.1),
                Some(key) if key.sk == keys::SOURCE => source = Some(item),
                Some(key) if key.sk == keys::FIELDS => fields = Some(item),
                Some(_) | None => {}
            }
        }
        Ok(document.map(|document| Delivered { document, source, fields }))
    }

    /// The source of a document. Absent is an error of kind [`ErrorKind::NotFound`].
    pub async fn source(&self, of: &Delivered) -> Result<Vec<u8>, StoreError> {
        const OPERATION: &str = "documents.source";
        match &of.source {
            Some(item) => self.content_of(OPERATION, item, SOURCE_BYTES_MAX).await,
            None => Err(missing(OPERATION, of.document.id, File::Source)),
        }
    }

    /// The recognised fields of a document, where some came with it.
    pub async fn recognised(&self, of: &Delivered) -> Result<Option<Vec<u8>>, StoreError> {
        match &of.fields {
            Some(item) => self.content_of("documents.recognised", item, SOURCE_BYTES_MAX).await.map(Some),
            None => Ok(None),
        }
    }

    /// A short-lived address from which a file can be downloaded. A file that stands in the table is copied into the bucket for
    /// that.
    pub async fn file_address(
        &self,
        id: DocumentId,
        file: File,
        download: Download<'_>,
        seconds: u64,
    ) -> Result<PresignedUrl, StoreError> {
        const OPERATION: &str = "documents.file_address";
        let objects = &self.tables.objects;
        let name = match self.told_by(id, file) {
            None => self.object(id, file),
            Some(key) => {
                let item = self.table().get_surely(OPERATION, &key).await?;
                let item = item.ok_or_else(|| missing(OPERATION, id, file))?;
                match place(OPERATION, &item)? {
                    Place::Outside(name) => name.to_owned(),
                    Place::Inline(packed) => {
                        let content = unpacked(OPERATION, packed, SOURCE_BYTES_MAX)?;
                        let name = format!("{}-{}", self.object(id, file), mark(&content));
                        objects.put_if_absent(OPERATION, &name, content, download.content_type).await?;
                        name
                    }
                }
            }
        };
        objects.address_to_get(OPERATION, &name, &download, seconds)
    }

    /// A short-lived address to which the source of a document that is yet to be made can be sent. It is kept apart until
    /// [`Documents::take_upload`], so that the address can't change a document afterwards.
    pub fn upload_address(&self, id: DocumentId, seconds: u64) -> Result<PresignedUrl, StoreError> {
        self.tables.objects.address_to_put("documents.upload_address", &self.upload_name(id), seconds)
    }

    /// Makes an upload the document's source, as [`Documents::put_source`] does; its size in bytes. Without an upload:
    /// [`ErrorKind::NotFound`]; larger than [`SOURCE_BYTES_MAX`]: [`ErrorKind::TooLarge`]; sent anew at this moment:
    /// [`ErrorKind::Retryable`].
    pub async fn take_upload(
        &self,
        id: DocumentId,
        content_type: &str,
        request: BodyHash,
    ) -> Result<(u64, Kept), StoreError> {
        const OPERATION: &str = "documents.take_upload";
        let upload = self.upload_name(id);
        match self.tables.objects.look(OPERATION, &upload).await? {
            None => Err(StoreError::new(ErrorKind::NotFound, OPERATION, format!("nothing was uploaded for {id}"))),
            Some(found) if found.size > SOURCE_BYTES_MAX => {
                let detail = format!("an upload of {} bytes", found.size);
                Err(StoreError::new(ErrorKind::TooLarge, OPERATION, detail))
            }
            Some(found) => {
                let name = format!("{}-{}", self.object(id, File::Source), found.plain_tag());
                self.tables.objects.copy(OPERATION, (&upload, &found), &name, content_type).await?;
                let mut item = keys::source(self.tenant, id).item();
                item.insert(OUTSIDE.to_owned(), text(name));
                Ok((found.size, self.keep(OPERATION, item, request).await?))
            }
        }
    }
}
