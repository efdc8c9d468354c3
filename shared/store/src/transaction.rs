//! Writes that go together.

use crate::{
    error::StoreError,
    item::Item,
    schema::WRITER,
    table::{Refusal, Table, Transacted, Write},
    writer::Writer,
};
use aws_sdk_dynamodb::types::AttributeValue;
use sha2::{Digest, Sha256};
use std::fmt::Write as _;

/// Whether an item was written last by this writer.
pub(crate) fn is_by(item: Option<&Item>, writer: &Writer) -> bool {
    matches!(item.and_then(|item| item.get(WRITER)), Some(AttributeValue::S(by)) if by == writer.as_str())
}

/// Hexadecimal digits of a hash of these parts, cut to `digits`.
pub(crate) fn digest(parts: &[&str], digits: usize) -> String {
    let mut hash = Sha256::new();
    for part in parts {
        hash.update(part.len().to_be_bytes());
        hash.update(part.as_bytes());
    }
    let mut text = hex(&hash.finalize());
    text.truncate(digits);
    text
}

/// Bytes as hexadecimal digits.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        // Writing to a string does not fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// All writes or none. `what` names what is changed, and to which version, so that a retry of the same change by the
/// same writer is the same transaction, and another change is another.
pub(crate) async fn transact(
    table: &Table,
    operation: &'static str,
    what: &str,
    writer: &Writer,
    writes: Vec<Write>,
) -> Result<Outcome, StoreError> {
    transact_across(table, operation, what, writer, writes.into_iter().map(|write| (table, write)).collect()).await
}

/// As [`transact`], over several tables.
pub(crate) async fn transact_across(
    table: &Table,
    operation: &'static str,
    what: &str,
    writer: &Writer,
    writes: Vec<(&Table, Write)>,
) -> Result<Outcome, StoreError> {
    let token = digest(&[operation, what, writer.as_str()], 32);
    match table.transact(operation, &token, writes).await? {
        Transacted::Done => Ok(Outcome::Done),
        Transacted::Refused(refusals) => Ok(Outcome::Refused(Refusals(refusals))),
    }
}

/// How writes that go together ended.
pub(crate) enum Outcome {
    Done,
    Refused(Refusals),
}

/// Which writes were refused.
pub(crate) struct Refusals(Vec<Refusal>);

impl Refusals {
    /// Whether the write at this place was refused.
    pub(crate) fn is_refused(&self, place: usize) -> bool {
        matches!(self.0.get(place), Some(Refusal::Refused(_)))
    }

    /// The item for which the write at this place was refused, when there is one.
    pub(crate) fn item(&self, place: usize) -> Option<&Item> {
        match self.0.get(place) {
            Some(Refusal::Refused(item)) => item.as_ref(),
            Some(Refusal::Held) | None => None,
        }
    }

    /// Whether the write at this place was refused because our own earlier try had succeeded.
    pub(crate) fn is_own(&self, place: usize, writer: &Writer) -> bool {
        is_by(self.item(place), writer)
    }

    /// The places of all refused writes.
    pub(crate) fn places(&self) -> impl Iterator<Item = usize> {
        self.0.iter().enumerate().filter(|(_, refusal)| matches!(refusal, Refusal::Refused(_))).map(|(place, _)| place)
    }
}
