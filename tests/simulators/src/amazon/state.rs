//! What the simulator holds. Its JSON is what `/_sim/state` shows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Utc};
use serde::{Deserialize, Serialize};

/// A seller who gave his consent.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seller {
    /// The seller's id.
    pub id: String,
    /// The refresh token of the consent; none when it was withdrawn.
    pub refresh_token: Option<String>,
    /// Whether the consent has not the role Tax Invoicing.
    pub lacks_role: bool,
    /// Whether the seller may not upload invoices.
    pub lacks_feature: bool,
}

/// Access to what a seller has.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Access {
    /// The token.
    pub token: String,
    /// Whose.
    pub seller: String,
    /// Its end.
    pub until: DateTime<Utc>,
}

/// A place for a document, and the document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Document {
    /// `feedDocumentId`
    pub id: String,
    /// Whose.
    pub seller: String,
    /// `contentType`
    pub content_type: String,
    /// Last part of the address.
    pub key: String,
    /// End of the address.
    pub until: DateTime<Utc>,
    /// Bytes that were put there.
    pub bytes: Option<usize>,
    /// Whether they are a PDF.
    pub is_pdf: bool,
}

/// How a feed is to end, other than well.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fate {
    /// `FATAL`, without a report; nothing was done.
    Fatal,
    /// `FATAL`, with the report of what was done.
    FatalWithReport,
    /// `CANCELLED`
    Cancelled,
}

/// A feed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Feed {
    /// `feedId`
    pub id: String,
    /// Whose.
    pub seller: String,
    /// `feedType`
    pub kind: String,
    /// `marketplaceIds`
    pub marketplaces: Vec<String>,
    /// `inputFeedDocumentId`
    pub document: String,
    /// `feedOptions`
    pub options: BTreeMap<String, String>,
    /// `createdTime`
    pub created: DateTime<Utc>,
    /// How often it was asked for.
    pub polls: u32,
    /// How it is to end, other than well.
    pub fate: Option<Fate>,
    /// Rows of its report: code and text. None: the invoice was taken.
    pub errors: Vec<(String, String)>,
}

impl Feed {
    /// Whether a customer sees the document.
    pub fn is_shown(&self) -> bool {
        self.errors.is_empty() && !matches!(self.fate, Some(Fate::Fatal | Fate::Cancelled))
    }

    /// The order, or the shipment.
    pub fn order(&self) -> &str {
        let order = self.options.get("metadata:orderid").or_else(|| self.options.get("metadata:shippingid"));
        order.map_or("", String::as_str)
    }

    /// The number of the invoice.
    pub fn number(&self) -> &str {
        self.options.get("metadata:invoicenumber").map_or("", String::as_str)
    }
}

/// An address of a report.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct ReportAddress {
    /// Last part of the address.
    pub key: String,
    /// Of which feed.
    pub feed: String,
    /// End of the address.
    pub until: DateTime<Utc>,
}

/// How reports are packed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Packing {
    /// Not at all.
    #[default]
    None,
    /// `GZIP`
    Gzip,
}

/// What nobody is sure of, and what is to go wrong.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Seconds that access lives.
    pub access_seconds: i64,
    /// Seconds that an address for a document lives.
    pub upload_seconds: i64,
    /// Seconds that an address of a report lives.
    pub report_seconds: i64,
    /// Times that a feed is asked for and is in the queue.
    pub polls_in_queue: u32,
    /// Times that it is worked on after that.
    pub polls_in_progress: u32,
    /// How reports are packed.
    pub packing: Packing,
    /// Orders whose invoices Amazon issues itself (79525).
    pub invoiced_by_amazon: BTreeSet<String>,
    /// Orders that are not known, or not yet.
    pub unknown_orders: BTreeSet<String>,
    /// A row that every report has: code and text.
    pub refuses_with: Option<(String, String)>,
    /// How the next feeds end, one each.
    pub fates: Vec<Fate>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            access_seconds: 3_600,
            upload_seconds: 300,
            report_seconds: 300,
            polls_in_queue: 1,
            polls_in_progress: 1,
            packing: Packing::None,
            invoiced_by_amazon: BTreeSet::new(),
            unknown_orders: BTreeSet::new(),
            refuses_with: None,
            fates: Vec::new(),
        }
    }
}

/// Everything the simulator holds.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Amazon {
    /// Switches.
    pub settings: Settings,
    /// Sellers.
    pub sellers: Vec<Seller>,
    /// Access that was given.
    pub access: Vec<Access>,
    /// Documents.
    pub documents: Vec<Document>,
    /// Feeds, oldest first.
    pub feeds: Vec<Feed>,
    /// Addresses of reports.
    pub reports: Vec<ReportAddress>,
    /// When the bucket of an operation of a seller is full again, in milliseconds.
    pub buckets: BTreeMap<String, i64>,
    /// The last number given to anything.
    pub sequence: u64,
}

impl Amazon {
    /// A new number.
    pub(crate) fn next(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// The invoices that customers see, oldest first.
    pub fn shown(&self) -> impl Iterator<Item = &Feed> {
        self.feeds.iter().filter(|feed| feed.is_shown())
    }
}
