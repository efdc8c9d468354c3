//! The order of the validation overview, what of it is wanted, and which columns a person sees (AP-42, AP-45, AP-46).
//! Pure: which documents wait comes in.

use crate::{
    document::{Document, Status},
    hold::HoldCode,
    ids::{ContactId, DocumentId},
    ledger::Direction,
    time::Date,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

macro_rules! named {
    ($(#[$doc:meta])* $name:ident { $($(#[$item_doc:meta])* $item:ident = $code:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$item_doc])* $item),* }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$item),*];

            /// Stable text, as in the API.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$item => $code),* }
            }
        }
    };
}

named! {
    /// By what waiting documents are sorted.
    Sort {
        /// When they were received: the order of the list itself.
        Received = "received",
        /// Green, orange, unreadable, rejected, uncertain.
        Status = "status",
        /// Name of the other side.
        Relation = "relation",
        /// Total including VAT.
        Total = "total",
        /// Month of the document's date.
        Period = "period",
        /// Date of the document.
        IssueDate = "issue_date",
        /// Number.
        Number = "number",
        /// Ledger account.
        LedgerAccount = "ledger_account",
    }
}

named! {
    /// A column of the overview.
    Column {
        /// Status with its reasons.
        Status = "status",
        /// Total including VAT.
        Total = "total",
        /// Name of the other side.
        Relation = "relation",
        /// Ledger account.
        LedgerAccount = "ledger_account",
        /// Number of the document.
        Number = "number",
        /// Date of the document.
        IssueDate = "issue_date",
        /// Its month.
        Period = "period",
        /// When it was received.
        Received = "received",
        /// Purchase or sales.
        Tag = "tag",
        /// Invoice or credit note.
        Kind = "kind",
        /// Currency.
        Currency = "currency",
        /// UBL, PDF or scan.
        Format = "format",
        /// File name.
        FileName = "file_name",
        /// How it was delivered.
        Channel = "channel",
        /// Why it waits.
        Reasons = "reasons",
    }
}

/// What is shown to who never chose (AP-45).
pub const DEFAULT_COLUMNS: [Column; 4] = [Column::Status, Column::Total, Column::Relation, Column::LedgerAccount];

/// The columns that a person chose, in his order.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Vec<Column>", into = "Vec<Column>")]
pub struct Columns(Vec<Column>);

/// Why a choice of columns is refused.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum ColumnsError {
    /// None at all.
    #[error("choose at least one column")]
    None,
    /// One of them twice.
    #[error("the column {} is named twice", .0.as_str())]
    Twice(Column),
}

impl Columns {
    /// At least one, each once.
    pub fn new(columns: Vec<Column>) -> Result<Self, ColumnsError> {
        if columns.is_empty() {
            return Err(ColumnsError::None);
        }
        for (place, column) in columns.iter().enumerate() {
            if columns.iter().take(place).any(|earlier| earlier == column) {
                return Err(ColumnsError::Twice(*column));
            }
        }
        Ok(Self(columns))
    }

    /// In order.
    pub fn as_slice(&self) -> &[Column] {
        &self.0
    }
}

impl Default for Columns {
    fn default() -> Self {
        Self(DEFAULT_COLUMNS.to_vec())
    }
}

impl TryFrom<Vec<Column>> for Columns {
    type Error = ColumnsError;
    fn try_from(columns: Vec<Column>) -> Result<Self, ColumnsError> {
        Self::new(columns)
    }
}

impl From<Columns> for Vec<Column> {
    fn from(columns: Columns) -> Self {
        columns.0
    }
}

/// Which waiting documents are wanted; what is not said does not matter.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Wanted {
    /// In this state.
    pub status: Option<Status>,
    /// Of this supplier or customer.
    pub contact: Option<ContactId>,
    /// Purchase or sales.
    pub tag: Option<Direction>,
    /// Waiting for this reason: something missing, a hold, or what the ledger said.
    pub reason: Option<String>,
    /// Dated on or after this.
    pub issued_from: Option<Date>,
    /// Dated on or before this.
    pub issued_to: Option<Date>,
    /// Total, without its sign, of at least this.
    pub gross_from: Option<Decimal>,
    /// Total, without its sign, of at most this.
    pub gross_to: Option<Decimal>,
}

impl Wanted {
    /// Whether a document is wanted.
    pub fn takes(&self, document: &Document) -> bool {
        let issued = |holds: fn(Date, Date) -> bool, bound: Option<Date>| {
            bound.is_none_or(|bound| document.issue_date.is_some_and(|date| holds(date, bound)))
        };
        let gross = |holds: fn(Decimal, Decimal) -> bool, bound: Option<Decimal>| {
            bound.is_none_or(|bound| document.gross.is_some_and(|gross| holds(gross.abs(), bound)))
        };
        self.status.is_none_or(|status| document.status == status)
            && self.contact.is_none_or(|contact| document.contact == Some(contact))
            && self.tag.is_none_or(|tag| document.tag == Some(tag))
            && self.reason.as_deref().is_none_or(|code| has_reason(document, code))
            && issued(|date, bound| date >= bound, self.issued_from)
            && issued(|date, bound| date <= bound, self.issued_to)
            && gross(|gross, bound| gross >= bound, self.gross_from)
            && gross(|gross, bound| gross <= bound, self.gross_to)
    }
}

/// Whether this code is among the reasons for which a document waits.
fn has_reason(document: &Document, code: &str) -> bool {
    document.reason.as_ref().is_some_and(|reason| reason.code == code)
        || document.missing.iter().any(|missing| missing == code)
        || document.holds.iter().copied().map(HoldCode::as_str).any(|hold| hold == code)
}

/// Where a document stands in an order: texts that compare as what they stand for. What a document does not state comes
/// last in either direction, so that it is written apart.
pub fn sort_key(document: &Document, by: Sort) -> Option<String> {
    let lower = |text: &str| text.to_lowercase();
    match by {
        Sort::Received => Some(format!("{:020}", document.received_at.timestamp_millis())),
        Sort::Status => Some(rank(document.status).to_string()),
        Sort::Relation => document.party.as_deref().map(lower),
        Sort::Total => document.gross.map(total),
        Sort::Period => document.issue_date.map(|date| date.format("%Y-%m").to_string()),
        Sort::IssueDate => document.issue_date.map(|date| date.to_string()),
        Sort::Number => document.number.as_deref().map(lower),
        Sort::LedgerAccount => document.accounts.clone(),
    }
}

/// Signed amounts as texts that sort: no amount has more than thirteen digits before the dot.
fn total(gross: Decimal) -> String {
    let shifted = gross + Decimal::from(100_000_000_000_000_i64);
    format!("{:0>26}", format!("{shifted:.10}"))
}

fn rank(status: Status) -> u8 {
    match status {
        Status::Complete => 0,
        Status::Incomplete => 1,
        Status::Unreadable => 2,
        Status::Rejected => 3,
        Status::Uncertain => 4,
        Status::Received
        | Status::Tagged
        | Status::Posting
        | Status::Posted
        | Status::Archived
        | Status::Deleted
        | Status::Ready
        | Status::Exporting
        | Status::Exported
        | Status::Shared => 5,
    }
}

/// Which end comes first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// The smallest.
    Ascending,
    /// The largest.
    Descending,
}

/// The place of a document in an order: its key, and its id where keys are equal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Place {
    /// Key, see [`sort_key`].
    pub key: Option<String>,
    /// Which document.
    pub document: DocumentId,
}

impl Place {
    /// Of a document.
    pub fn of(document: &Document, by: Sort) -> Self {
        Self { key: sort_key(document, by), document: document.id }
    }

    /// Before, at, or after another one.
    pub fn compare(&self, other: &Self, order: Order) -> std::cmp::Ordering {
        let absent = self.key.is_none().cmp(&other.key.is_none());
        let keys = match order {
            Order::Ascending => self.key.cmp(&other.key),
            Order::Descending => other.key.cmp(&self.key),
        };
        absent.then(keys).then(other.document.cmp(&self.document))
    }
}

/// The documents after a place, in order, at most `limit`; and the place at which the next part begins.
pub fn part(
    documents: Vec<Document>,
    wanted: &Wanted,
    (by, order): (Sort, Order),
    after: Option<&Place>,
    limit: usize,
) -> (Vec<Document>, Option<Place>) {
    let mut placed: Vec<(Place, Document)> = documents
        .into_iter()
        .filter(|document| wanted.takes(document))
        .map(|document| (Place::of(&document, by), document))
        .filter(|(place, _)| after.is_none_or(|after| place.compare(after, order).is_gt()))
        .collect();
    placed.sort_by(|(one, _), (other, _)| one.compare(other, order));
    let more = placed.len() > limit;
    placed.truncate(limit);
    let next = placed.last().filter(|_| more).map(|(place, _)| place.clone());
    (placed.into_iter().map(|(_, document)| document).collect(), next)
}

#[cfg(test)]
#[path = "overview_tests.rs"]
mod tests;
