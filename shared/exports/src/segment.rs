//! A file is made in segments: each holds a stretch of documents, cut into the sections of the format. One last step joins
//! the segments in the order that the format asks for.

use domain::{
    ids::DocumentId,
    money::{Currency, MoneyError, sum},
    reason::Reason,
    time::Date,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most sections of any format.
pub const SECTIONS_MAX: usize = 3;

/// What a segment's documents became: the bytes of each section.
#[derive(Debug, Default)]
pub struct Segment {
    /// In the order of the format's own numbering; unused ones stay empty.
    pub sections: [Vec<u8>; SECTIONS_MAX],
}

impl Segment {
    /// Bytes in all sections.
    pub fn bytes(&self) -> usize {
        self.sections.iter().map(Vec::len).sum()
    }
}

/// What documents of one currency add up to, signed by effect: a credit note takes away.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Totals {
    /// How many documents.
    pub documents: u64,
    /// Without VAT.
    pub net: Decimal,
    /// VAT.
    pub vat: Decimal,
    /// With VAT.
    pub gross: Decimal,
}

impl Totals {
    /// Adds others.
    pub fn add(&mut self, other: &Self) -> Result<(), MoneyError> {
        *self = Self {
            documents: self.documents + other.documents,
            net: sum([self.net, other.net])?,
            vat: sum([self.vat, other.vat])?,
            gross: sum([self.gross, other.gross])?,
        };
        Ok(())
    }
}

/// What is known of the documents that were written so far: what a header, a footer, a table of contents or the next
/// document's number needs. Summaries of segments add up to that of the file, and are kept with the run.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Summary {
    /// Documents written: the number of the next one is one more.
    pub documents: u64,
    /// Bookings, rows or lines written, as the format counts them.
    pub rows: u64,
    /// Per currency, as the documents state it.
    pub totals: BTreeMap<Currency, Totals>,
    /// The first and the last posting date.
    pub dates: Option<(Date, Date)>,
    /// What the format checks its file by: for example debit and credit. Names are the format's own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub sums: BTreeMap<String, Decimal>,
    /// What the file has to declare before it is used: per kind (account, contact, VAT code) and code, what the format
    /// says of it. Kinds are the format's own.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub declared: BTreeMap<String, BTreeMap<String, String>>,
    /// Files inside the file, in order.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub entries: Vec<Entry>,
}

/// A file inside an archive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Entry {
    /// Name with folder.
    pub name: String,
    /// CRC-32 of the plain bytes.
    pub crc: u32,
    /// Bytes plain.
    pub size: u64,
    /// Bytes as stored.
    pub stored: u64,
    /// Bytes of header and content in the section.
    pub length: u64,
}

impl Summary {
    /// What a writer has to know of so many documents and rows before the next one.
    pub fn carried(documents: u64, rows: u64) -> Self {
        Self { documents, rows, ..Self::default() }
    }

    /// The summary of what came after so many documents and rows alone.
    #[must_use]
    pub fn since(self, documents: u64, rows: u64) -> Self {
        Self { documents: self.documents.saturating_sub(documents), rows: self.rows.saturating_sub(rows), ..self }
    }

    /// Adds the summary of what follows.
    pub fn append(&mut self, next: Self) -> Result<(), MoneyError> {
        self.documents += next.documents;
        self.rows += next.rows;
        for (currency, totals) in &next.totals {
            self.totals.entry(*currency).or_default().add(totals)?;
        }
        self.dates = match (self.dates, next.dates) {
            (Some((first, last)), Some((from, to))) => Some((first.min(from), last.max(to))),
            (one, other) => one.or(other),
        };
        for (name, value) in next.sums {
            let held = self.sums.entry(name).or_default();
            *held = sum([*held, value])?;
        }
        for (kind, codes) in next.declared {
            self.declared.entry(kind).or_default().extend(codes);
        }
        self.entries.extend(next.entries);
        Ok(())
    }
}

/// A part of the joined file.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Piece {
    /// These bytes.
    Bytes(Vec<u8>),
    /// This section of every segment, one after the other.
    Section(usize),
}

/// The file: the pieces in their order, each section from all segments.
pub fn join(segments: &[Segment], layout: &[Piece]) -> Vec<u8> {
    let mut file = Vec::new();
    for piece in layout {
        match piece {
            Piece::Bytes(bytes) => file.extend_from_slice(bytes),
            Piece::Section(at) => {
                for section in segments.iter().filter_map(|segment| segment.sections.get(*at)) {
                    file.extend_from_slice(section);
                }
            }
        }
    }
    file
}

/// Why a document is not in the file. Nothing of it was written.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LeftOut {
    /// Which.
    pub document: DocumentId,
    /// Why, and what to do about it.
    pub reason: Reason,
}
