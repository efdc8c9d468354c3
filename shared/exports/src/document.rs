//! What an export is told: the document, the run and the set of books.

use domain::{
    contact::{Contact, OwnIdentifiers},
    content::Content,
    document::Document,
    exchange::ExchangeRate,
    ids::DocumentId,
    invoice::Invoice,
    money::Currency,
    office::Administration,
    posting::Posting,
    reason::Reason,
    time::{Date, Instant},
    words::{Note, Stop},
};

/// A document as it is exported. Amounts of the posting are signed by effect; see [`Posting`].
#[derive(Debug, Clone, PartialEq)]
pub struct ExportDocument {
    /// Which.
    pub id: DocumentId,
    /// What is booked.
    pub posting: Posting,
    /// The document as read, with what a person corrected.
    pub invoice: Invoice,
    /// Supplier or customer.
    pub contact: Contact,
    /// The day on which it is booked, by the run's policy (EX-3). Dates of the posting and the invoice stay as they are.
    pub posting_date: Date,
    /// The rate to the currency of the books, when the document is in another one and the rate is known.
    pub rate: Option<ExchangeRate>,
    /// What was delivered; only where [`crate::Writer::needs_originals`] says so.
    pub original: Option<Original>,
}

impl ExportDocument {
    /// A document with what was read of it, or why it cannot be exported. It is booked with the date of its run, else with its own.
    /// What was delivered is not with it yet.
    pub fn new(document: &Document, content: Option<Content>, contact: Option<Contact>) -> Result<Self, Reason> {
        let content = content.ok_or_else(|| Reason::said(&Note::ContentMissing))?;
        let (Some(posting), Some(invoice), Some(contact)) = (content.posting().cloned(), content.corrected(), contact)
        else {
            return Err(Reason::said(&Stop::NotComplete));
        };
        let posting_date = document.export.as_ref().map_or(posting.issue_date, |export| export.posting_date);
        Ok(Self { id: document.id, posting, invoice, contact, posting_date, rate: content.rate, original: None })
    }
}

/// A document as it was delivered, byte for byte.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Original {
    /// The bytes.
    pub bytes: Vec<u8>,
    /// What they are.
    pub kind: OriginalKind,
}

/// What was delivered.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OriginalKind {
    /// A UBL invoice or credit note.
    Ubl,
    /// Another XML invoice (CII).
    OtherXml,
    /// A PDF, with or without an invoice inside.
    Pdf,
    /// A picture.
    Picture,
}

/// The set of books that is exported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Books {
    /// Name, for people.
    pub name: String,
    /// Names and numbers of its own.
    pub own: OwnIdentifiers,
    /// The currency that the books are kept in.
    pub currency: Currency,
}

impl From<Administration> for Books {
    fn from(books: Administration) -> Self {
        Self { name: books.name, own: books.own, currency: books.currency }
    }
}

/// The run that is exported. Nothing else may influence a file: the same run gives the same bytes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RunFacts {
    /// The run's id, short enough for a header field of any format (the first 16 characters after the prefix).
    pub reference: String,
    /// The scheduled instant, or when it was started by hand.
    pub at: Instant,
    /// The date of that instant, in the time zone of the schedule.
    pub job_date: Date,
    /// Name of the user on whose behalf it runs (EX-15).
    pub on_behalf_of: String,
}
