//! What an export is told: the document, the run and the set of books.

use domain::{
    contact::{Contact, OwnIdentifiers},
    export_format::ExchangeRate,
    ids::DocumentId,
    invoice::Invoice,
    money::Currency,
    posting::Posting,
    time::{Date, Instant},
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
