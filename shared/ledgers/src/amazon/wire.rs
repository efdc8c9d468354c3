//! What is sent and what comes.

use super::NAME;
use crate::{
    call::{Answer, Purpose},
    error::LedgerError,
};
use domain::time::Instant;
use serde::{Deserialize, Serialize, de::DeserializeOwned};
use std::collections::BTreeMap;

/// The feed that makes invoices.
pub(super) const FEED_TYPE: &str = "UPLOAD_VAT_INVOICE";
pub(super) const PDF: &str = "application/pdf";

/// Asks for a place for a document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewDocument {
    pub(super) content_type: &'static str,
}

/// A place for a document, or a document that is there.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Document {
    pub(super) feed_document_id: String,
    /// Whoever has it may use it.
    pub(super) url: String,
    #[serde(default)]
    pub(super) compression_algorithm: Option<String>,
}

/// Makes an invoice of a document.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct NewFeed<'a> {
    pub(super) feed_type: &'static str,
    pub(super) marketplace_ids: [&'a str; 1],
    pub(super) input_feed_document_id: &'a str,
    pub(super) feed_options: BTreeMap<&'static str, String>,
}

/// What was made.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Made {
    pub(super) feed_id: String,
}

/// How far a feed is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "SCREAMING_SNAKE_CASE")]
pub(super) enum Status {
    InQueue,
    InProgress,
    /// Processed, which says not how.
    Done,
    Cancelled,
    /// Ended in the middle.
    Fatal,
}

/// A feed. Nothing in it names the document.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feed {
    #[serde(rename = "feedId")]
    pub(super) id: String,
    pub(super) processing_status: Status,
    #[serde(default)]
    pub(super) marketplace_ids: Vec<String>,
    #[serde(default)]
    pub(super) created_time: Option<Instant>,
    #[serde(default)]
    pub(super) result_feed_document_id: Option<String>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
pub(super) struct Feeds {
    pub(super) feeds: Vec<Feed>,
    #[serde(default)]
    pub(super) next_token: Option<String>,
}

pub(super) fn read<T: DeserializeOwned>(purpose: Purpose, answer: &Answer) -> Result<T, LedgerError> {
    serde_json::from_slice(&answer.body).map_err(|_| malformed(purpose))
}

pub(super) fn feeds(purpose: Purpose, answer: &Answer) -> Result<Feeds, LedgerError> {
    read(purpose, answer)
}

pub(super) fn malformed(purpose: Purpose) -> LedgerError {
    LedgerError::malformed(NAME, purpose.operation, purpose.effect)
}

/// An id that Amazon gave. It stands in addresses and is stored.
pub(super) fn id(purpose: Purpose, text: String) -> Result<String, LedgerError> {
    let fits = (1..=200).contains(&text.len())
        && text.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '-' | '_' | '.'))
        && !text.starts_with('.');
    if fits { Ok(text) } else { Err(malformed(purpose)) }
}
