//! Documents as the API puts them: tagged in the same request.

use crate::{Fields, Pipeline, Ubl};
use domain::{
    automation::DocumentFormat,
    content::{Content, HistoryEntry},
    document::{Actor, Channel, Document, Event, PostedBy, Step},
    ids::{DocumentId, UserId},
    ledger::Direction,
    time::Instant,
};
use store::{
    Read,
    document::{BodyHash, Change, Created, File as StoredFile, Record},
};

/// What is delivered.
#[derive(Debug, Clone)]
pub enum File {
    /// An XML file, or what claims to be one.
    Xml(Vec<u8>),
    /// A PDF, with or without recognised fields.
    Pdf(Vec<u8>, Option<Fields>),
    /// A picture, with or without recognised fields.
    Scan(Vec<u8>, Option<Fields>),
}

/// A delivery.
#[derive(Debug, Clone)]
pub struct Delivery {
    /// The file.
    pub file: File,
    /// Its tag.
    pub tag: Direction,
    /// When it was received, if not now.
    pub received_at: Option<Instant>,
}

impl From<&Ubl> for Delivery {
    fn from(ubl: &Ubl) -> Self {
        let tag = if ubl.supplier.1 == Some("NL820646660B01") { Direction::Sales } else { Direction::Purchase };
        Self { file: File::Xml(ubl.xml()), tag, received_at: None }
    }
}

impl From<File> for Delivery {
    fn from(file: File) -> Self {
        Self { file, tag: Direction::Purchase, received_at: None }
    }
}

/// A document that was delivered.
pub type Delivered = DocumentId;

impl Pipeline {
    /// Delivers a document with its tag.
    pub async fn deliver(&self, delivery: impl Into<Delivery>) -> Delivered {
        let Delivery { file, tag, received_at } = delivery.into();
        let now = self.now();
        let id: DocumentId = runtime::clock::new_id(now);
        let documents = self.office.store().documents();
        let (format, bytes, fields) = match file {
            File::Xml(bytes) => (DocumentFormat::Ubl, bytes, None),
            File::Pdf(bytes, fields) => (DocumentFormat::Pdf, bytes, fields),
            File::Scan(bytes, fields) => (DocumentFormat::Scan, bytes, fields),
        };
        let hash = BodyHash::of(&bytes);
        documents.put_file(id, StoredFile::Source, bytes, "application/octet-stream").await.unwrap();
        if let Some(fields) = fields {
            documents.put_file(id, StoredFile::Fields, fields.json(), "application/json").await.unwrap();
        }
        let delivered = domain::document::Delivered {
            id,
            administration: self.office.administration,
            format,
            file_name: "invoice",
            channel: Channel::Api,
            at: now,
        };
        let document = Document {
            received_at: received_at.unwrap_or(now),
            ..Document::tagged(&delivered, tag, Actor::User(self.office.automation_user))
        };
        let created = documents.create(&document, Some(hash), Some(Step::Read), &crate::office::unique(now)).await;
        assert_eq!(created.unwrap(), Created::New);
        id
    }

    /// Delivers a document and lets everything run that can.
    pub async fn process(&self, delivery: impl Into<Delivery>) -> Document {
        let id = self.deliver(delivery).await;
        self.run().await;
        self.document(id).await
    }

    /// A document as it is now.
    pub async fn document(&self, id: DocumentId) -> Document {
        self.office.store().documents().get(id, Read::Consistent).await.unwrap().unwrap()
    }

    /// What was read of a document.
    pub async fn content(&self, id: DocumentId) -> Content {
        let version = self.document(id).await.content_version.expect("a content");
        self.office.store().documents().content(id, version).await.unwrap().unwrap()
    }

    /// The code of the reason for which a document waits or failed.
    pub async fn reason(&self, id: DocumentId) -> Option<String> {
        self.document(id).await.reason.map(|reason| reason.code)
    }

    /// What happened to a document.
    pub async fn history(&self, id: DocumentId) -> Vec<HistoryEntry> {
        self.office.store().documents().history(id).await.unwrap()
    }

    /// The codes of the reasons in a document's history.
    pub async fn history_codes(&self, id: DocumentId) -> Vec<String> {
        self.history(id).await.into_iter().filter_map(|entry| entry.reason.map(|reason| reason.code)).collect()
    }

    /// A person tags a document again.
    pub async fn tag_again(&self, id: DocumentId) {
        let now = self.now();
        let before = self.document(id).await;
        let (status, step) = before.status.after(Event::Tag).unwrap();
        let after = Document {
            version: before.version + 1,
            status,
            tagged_at: Some(now),
            updated_at: now,
            contact: None,
            holds: Vec::new(),
            reason: None,
            ..before.clone()
        };
        self.change(&before, &after, step, Record::Covered).await;
    }

    /// A person posts a document.
    pub async fn post_by_hand(&self, id: DocumentId, user: UserId) {
        let now = self.now();
        let before = self.document(id).await;
        let (status, step) = before.status.after(Event::Post).unwrap();
        let version = before.version + 1;
        let posted_by = Some(PostedBy { user, rule: None });
        let unit = Some(self.office.unit());
        let after = Document { version, status, unit, posted_by, updated_at: now, reason: None, ..before.clone() };
        let by = Actor::User(user);
        let entry = HistoryEntry { at: now, by, event: Some(Event::Post), status, version, reason: None };
        self.change(&before, &after, step, Record::Entry(entry)).await;
    }

    async fn change(&self, before: &Document, after: &Document, step: Step, record: Record) {
        let writer = crate::office::unique(self.now());
        let change = Change::new(before, after, step, record);
        self.office.store().documents().transition(change, &writer).await.unwrap();
    }
}
