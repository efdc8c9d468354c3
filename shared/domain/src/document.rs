//! A document: what lists show and transitions need. Its states stand in `document/state.rs`.

mod shared;
mod state;

pub use shared::{NotShareable, Shared, SharedAs, UnknownSharing};
pub use state::{Event, List, NotAllowed, Status, Step, UnknownState};

use crate::{
    automation::DocumentFormat,
    hold::HoldCode,
    ids::{AdministrationId, ConnectionId, ContactId, DocumentId, RuleId, RunId, UserId},
    invoice::InvoiceKind,
    ledger::{Direction, Division},
    money::Currency,
    reason::{Reason, cut},
    time::{Date, Instant},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use state::states;
use std::{fmt, str::FromStr};

/// Who did something: a person, a machine under a name of its own, or a system outside.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "kind", content = "id")]
pub enum Actor {
    /// A user of the tenant; the automation user is one.
    User(UserId),
    /// Ledgerpost itself.
    System,
    /// A source of events that the tenant has mapped.
    Source(String),
    /// Who runs Ledgerpost.
    Operator,
}

impl fmt::Display for Actor {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::User(id) => fmt::Display::fmt(id, f),
            Self::System => f.write_str("system"),
            Self::Source(name) => write!(f, "source:{name}"),
            Self::Operator => f.write_str("operator"),
        }
    }
}

/// The part of a ledger in which documents are posted one after another: a connection and one of its divisions. Work
/// that concerns the connection as a whole has no division.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct UnitId {
    /// The connection.
    pub connection: ConnectionId,
    /// The division.
    pub division: Option<Division>,
}

impl fmt::Display for UnitId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match &self.division {
            Some(division) => write!(f, "{}/{division}", self.connection),
            None => fmt::Display::fmt(&self.connection, f),
        }
    }
}

/// The text names no unit.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("not a unit: a connection id, or a connection id, a slash and a division")]
pub struct UnitError;

impl FromStr for UnitId {
    type Err = UnitError;
    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (connection, division) = match text.split_once('/') {
            Some((connection, division)) => (connection, Some(division.parse().map_err(|_| UnitError)?)),
            None => (text, None),
        };
        Ok(Self { connection: connection.parse().map_err(|_| UnitError)?, division })
    }
}

impl TryFrom<String> for UnitId {
    type Error = UnitError;
    fn try_from(text: String) -> Result<Self, UnitError> {
        text.parse()
    }
}

impl From<UnitId> for String {
    fn from(unit: UnitId) -> String {
        unit.to_string()
    }
}

states! {
    /// Where a document came from (AP-33 counts by it).
    Channel {
        /// The HTTP API.
        Api = "api",
        /// An event on the bus.
        Event = "event",
    }
}

/// The booking that a document became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Booked {
    /// The ledger's own id of the booking.
    pub ledger_id: String,
    /// The number that people see in the ledger.
    pub ledger_number: String,
    /// Where it can be looked at in the ledger.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// When it was recorded here.
    pub at: Instant,
}

/// Who or what wanted a document posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostedBy {
    /// The person, or the automation user (AP-31).
    pub user: UserId,
    /// The rule and its version, when it was posted automatically.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<(RuleId, u32)>,
}

/// The run that took a document (EX-24).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct InRun {
    /// Which.
    pub run: RunId,
    /// The day on which the run books it (EX-3); dates of the document stay as they are.
    pub posting_date: Date,
    /// The user on whose behalf the run works (EX-15).
    pub on_behalf_of: UserId,
}

/// The head of a document: what lists show and transitions need. What was read is kept apart, under
/// `content_version`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Document {
    /// Id.
    pub id: DocumentId,
    /// The set of books it belongs to.
    pub administration: AdministrationId,
    /// Counts transitions, from 1. A message names the version it was made from.
    pub version: u32,
    /// Where it stands.
    pub status: Status,
    /// The tag: purchase or sales; none while it is untagged.
    pub tag: Option<Direction>,
    /// UBL, PDF or scan.
    pub format: DocumentFormat,
    /// File name as delivered, cut to 60 characters.
    pub file_name: String,
    /// How it was delivered.
    pub channel: Channel,
    /// When it was received.
    pub received_at: Instant,
    /// When it was last tagged.
    pub tagged_at: Option<Instant>,
    /// Who tagged it last.
    pub tagged_by: Option<Actor>,
    /// When it last changed.
    pub updated_at: Instant,
    /// Version whose content item holds what was read.
    pub content_version: Option<u32>,
    /// Version whose trace item holds the last decision.
    pub decision_version: Option<u32>,
    /// Invoice or credit note, once read.
    pub kind: Option<InvoiceKind>,
    /// Supplier or customer.
    pub contact: Option<ContactId>,
    /// Name of the other side as the document states it, cut to 60 characters.
    pub party: Option<String>,
    /// Number as the document states it, cut to 40 characters.
    pub number: Option<String>,
    /// Date of the document.
    pub issue_date: Option<Date>,
    /// Currency.
    pub currency: Option<Currency>,
    /// Total including VAT as stated.
    pub gross: Option<Decimal>,
    /// What keeps it from automatic posting and was not cleared: all that a decision needs to know of the content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<HoldCode>,
    /// Why it waits or failed: the first reason, with its values.
    pub reason: Option<Reason>,
    /// Codes of everything that is missing, once each; their values are in the content.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub missing: Vec<String>,
    /// Ledger accounts on which it would be booked, as the overview shows them: `4600`, or `4600 +1`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub accounts: Option<String>,
    /// The ledger unit in which it is posted.
    pub unit: Option<UnitId>,
    /// Who wanted it posted.
    pub posted_by: Option<PostedBy>,
    /// The booking.
    pub booked: Option<Booked>,
    /// The run that has it, exported it, or took a copy of it (SE-1).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub export: Option<InRun>,
    /// Since when, and by what, it is shared with the accountant (ED-12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<Shared>,
}

/// How much of a file name is kept, in characters.
pub const FILE_NAME_CHARS_MAX: usize = 60;

/// What is known of a document when it is delivered.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Delivered<'a> {
    /// Id.
    pub id: DocumentId,
    /// The set of books it is for.
    pub administration: AdministrationId,
    /// As what it is to be read.
    pub format: DocumentFormat,
    /// File name, of any length.
    pub file_name: &'a str,
    /// How it came.
    pub channel: Channel,
    /// When.
    pub at: Instant,
}

impl Document {
    /// As it is delivered: not tagged, and nothing of it was read.
    pub fn received(delivered: &Delivered<'_>) -> Self {
        Self {
            id: delivered.id,
            administration: delivered.administration,
            version: 1,
            status: Status::Received,
            tag: None,
            format: delivered.format,
            file_name: cut(delivered.file_name, FILE_NAME_CHARS_MAX).to_owned(),
            channel: delivered.channel,
            received_at: delivered.at,
            tagged_at: None,
            tagged_by: None,
            updated_at: delivered.at,
            content_version: None,
            decision_version: None,
            kind: None,
            contact: None,
            party: None,
            number: None,
            issue_date: None,
            currency: None,
            gross: None,
            holds: Vec::new(),
            reason: None,
            missing: Vec::new(),
            accounts: None,
            unit: None,
            posted_by: None,
            booked: None,
            export: None,
            shared: None,
        }
    }

    /// As it is delivered together with its tag.
    pub fn tagged(delivered: &Delivered<'_>, tag: Direction, by: Actor) -> Self {
        Self {
            status: Status::Tagged,
            tag: Some(tag),
            tagged_at: Some(delivered.at),
            tagged_by: Some(by),
            ..Self::received(delivered)
        }
    }

    /// As it was delivered: the tag, what was read and what was decided are put away.
    #[must_use]
    pub fn put_back(&self) -> Self {
        let delivered = Delivered {
            id: self.id,
            administration: self.administration,
            format: self.format,
            file_name: &self.file_name,
            channel: self.channel,
            at: self.received_at,
        };
        Self { version: self.version, updated_at: self.updated_at, ..Self::received(&delivered) }
    }
}
#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id;

    #[test]
    fn units_read_back() {
        let connection = ConnectionId::from_ulid(ulid::Ulid::from_parts(1, 1));
        for unit in [UnitId { connection, division: None }, UnitId { connection, division: "123456".parse().ok() }] {
            assert_eq!(unit.to_string().parse(), Ok(unit));
        }
        assert_eq!("123456".parse::<UnitId>(), Err(UnitError));
    }
}
