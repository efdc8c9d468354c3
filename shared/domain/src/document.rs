//! A document and its states. [`Status::after`] is the only place that says which state follows which event.

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
use std::{fmt, str::FromStr};

macro_rules! states {
    ($(#[$doc:meta])* $name:ident { $($(#[$state_doc:meta])* $state:ident = $code:literal),* $(,)? }) => {
        $(#[$doc])*
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum $name { $($(#[$state_doc])* $state),* }

        impl $name {
            /// Every one.
            pub const ALL: &'static [Self] = &[$(Self::$state),*];

            /// Stable text, as in the API and in storage.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$state => $code),* }
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str(self.as_str())
            }
        }

        impl FromStr for $name {
            type Err = UnknownState;
            fn from_str(text: &str) -> Result<Self, UnknownState> {
                Self::ALL.iter().copied().find(|state| state.as_str() == text).ok_or(UnknownState)
            }
        }
    };
}

/// The text names no such state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such state")]
pub struct UnknownState;

states! {
    /// Where a document stands.
    Status {
        /// Delivered, not tagged: nothing is evaluated yet.
        Received = "received",
        /// Tagged: it is being read, matched and coded.
        Tagged = "tagged",
        /// Green: everything a posting needs is there.
        Complete = "complete",
        /// Orange: something is missing.
        Incomplete = "incomplete",
        /// It could not be read; the original is kept.
        Unreadable = "unreadable",
        /// Waits for, or is in, a turn of its ledger unit.
        Posting = "posting",
        /// In the ledger; locked (AP-59).
        Posted = "posted",
        /// The ledger or a rule said no; stays in the overview with the error.
        Rejected = "rejected",
        /// It may or may not be in the ledger: a person checks.
        Uncertain = "uncertain",
        /// Kept without being posted.
        Archived = "archived",
        /// Deleted before it was tagged; still found in the archive (AP-54).
        Deleted = "deleted",
        /// Waits in the export list for the next run (EX-24). No other path posts it from here.
        #[serde(rename = "ready_to_export")]
        Ready = "ready_to_export",
        /// In a run (EX-25).
        Exporting = "exporting",
        /// Handed over in a run's file (EX-24).
        Exported = "exported",
    }
}

/// Where a document is listed for people.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum List {
    /// Delivered and not tagged.
    Intake,
    /// The validation overview.
    Overview,
    /// The archive.
    Archive,
    /// The export list: what is ready for the next run.
    Ready,
    /// What is in a run.
    Exporting,
}

impl Status {
    /// The list in which a document in this state is found, once it has come to rest there.
    pub fn list(self) -> Option<List> {
        match self {
            Self::Received => Some(List::Intake),
            Self::Tagged | Self::Posting => None,
            Self::Ready => Some(List::Ready),
            Self::Exporting => Some(List::Exporting),
            Self::Complete | Self::Incomplete | Self::Unreadable | Self::Rejected | Self::Uncertain => {
                Some(List::Overview)
            }
            Self::Posted | Self::Archived | Self::Deleted | Self::Exported => Some(List::Archive),
        }
    }

    /// Whether a machine has the next move, so that a document which stays here too long is stuck.
    pub fn is_in_transit(self) -> bool {
        match self {
            Self::Tagged | Self::Posting | Self::Exporting => true,
            Self::Received
            | Self::Complete
            | Self::Incomplete
            | Self::Unreadable
            | Self::Posted
            | Self::Rejected
            | Self::Uncertain
            | Self::Archived
            | Self::Deleted
            | Self::Ready
            | Self::Exported => false,
        }
    }
}

states! {
    /// What happens to a document.
    Event {
        /// A person or an event tags it; also again, for a fresh match (AP-38).
        Tag = "tag",
        /// Read and coded; nothing is missing.
        Completed = "completed",
        /// Read and coded; something is missing.
        FoundIncomplete = "found_incomplete",
        /// It cannot be read.
        FoundUnreadable = "found_unreadable",
        /// A rule or a person wants it posted.
        Post = "post",
        /// The ledger has it.
        LedgerAccepted = "ledger_accepted",
        /// The ledger, or a check before it, said no.
        LedgerRejected = "ledger_rejected",
        /// Whether the ledger has it cannot be known.
        LedgerUnclear = "ledger_unclear",
        /// A person saw it in the ledger.
        MarkPosted = "mark_posted",
        /// A person saw that it is not in the ledger.
        Release = "release",
        /// A person corrected or coded it; nothing is missing.
        EditedComplete = "edited_complete",
        /// A person corrected or coded it half-way; something is missing.
        EditedIncomplete = "edited_incomplete",
        /// A person rejects it: the tag is removed and it is as newly received (AP-44).
        Reject = "reject",
        /// A person keeps it without posting.
        Archive = "archive",
        /// A person deletes it before it is tagged (AP-54).
        Delete = "delete",
        /// Finance releases it for export, or it is approved (EX-24).
        MakeReady = "make_ready",
        /// A person sends it back from the export list for review (EX-24).
        SendBack = "send_back",
        /// A run takes it.
        Collect = "collect",
        /// The run's file has it, or a person says that it has arrived (EX-26).
        Export = "export",
        /// The run hands it to a ledger.
        ExportToLedger = "export_to_ledger",
        /// The run could not export it, or was cancelled (EX-26).
        PutBack = "put_back",
        /// A person takes the export back (EX-27).
        Revert = "revert",
        /// A run takes a copy of what was posted on another path (SE-1).
        Copy = "copy",
        /// The run that took a copy left it out, or was cancelled.
        WithdrawCopy = "withdraw_copy",
    }
}

states! {
    /// What a change of state asks others to do: the relay sends each to its place.
    Step {
        /// Read, match and code it.
        Read = "read",
        /// Decide whether it may be posted.
        Evaluate = "evaluate",
        /// Its ledger unit has work.
        Turn = "turn",
        /// Tell the tenant's systems.
        Announce = "announce",
    }
}

/// The event does not fit the state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a document that is {status} cannot take '{event}'")]
pub struct NotAllowed {
    /// The state.
    pub status: Status,
    /// The event.
    pub event: Event,
}

impl Status {
    /// The state after an event and the step that it asks for. Every pair is listed: what is not allowed is an error.
    pub fn after(self, event: Event) -> Result<(Status, Step), NotAllowed> {
        let no = Err(NotAllowed { status: self, event });
        match event {
            Event::Tag => match self {
                Self::Received | Self::Complete | Self::Incomplete | Self::Unreadable | Self::Rejected => {
                    Ok((Self::Tagged, Step::Read))
                }
                Self::Tagged
                | Self::Posting
                | Self::Posted
                | Self::Uncertain
                | Self::Archived
                | Self::Deleted
                | Self::Ready
                | Self::Exporting
                | Self::Exported => no,
            },
            Event::Completed => self.only_from(Self::Tagged, event, Self::Complete, Step::Evaluate),
            Event::FoundIncomplete => self.only_from(Self::Tagged, event, Self::Incomplete, Step::Announce),
            Event::FoundUnreadable => self.only_from(Self::Tagged, event, Self::Unreadable, Step::Announce),
            Event::Post => match self {
                Self::Complete | Self::Rejected => Ok((Self::Posting, Step::Turn)),
                Self::Received
                | Self::Tagged
                | Self::Incomplete
                | Self::Unreadable
                | Self::Posting
                | Self::Posted
                | Self::Uncertain
                | Self::Archived
                | Self::Deleted
                | Self::Ready
                | Self::Exporting
                | Self::Exported => no,
            },
            Event::LedgerAccepted => self.only_from(Self::Posting, event, Self::Posted, Step::Announce),
            Event::LedgerRejected => self.only_from(Self::Posting, event, Self::Rejected, Step::Announce),
            Event::LedgerUnclear => self.only_from(Self::Posting, event, Self::Uncertain, Step::Announce),
            Event::MarkPosted => self.only_from(Self::Uncertain, event, Self::Posted, Step::Announce),
            Event::Release => self.only_from(Self::Uncertain, event, Self::Rejected, Step::Announce),
            Event::Reject => match self {
                Self::Complete | Self::Incomplete | Self::Unreadable | Self::Rejected => {
                    Ok((Self::Received, Step::Announce))
                }
                Self::Received
                | Self::Tagged
                | Self::Posting
                | Self::Posted
                | Self::Uncertain
                | Self::Archived
                | Self::Deleted
                | Self::Ready
                | Self::Exporting
                | Self::Exported => no,
            },
            // What a person has in hand is posted by a person: nothing is decided on it.
            Event::EditedComplete => self.edited(event, Self::Complete),
            Event::EditedIncomplete => self.edited(event, Self::Incomplete),
            Event::Archive => match self {
                Self::Received | Self::Complete | Self::Incomplete | Self::Unreadable | Self::Rejected => {
                    Ok((Self::Archived, Step::Announce))
                }
                Self::Tagged
                | Self::Posting
                | Self::Posted
                | Self::Uncertain
                | Self::Archived
                | Self::Deleted
                | Self::Ready
                | Self::Exporting
                | Self::Exported => no,
            },
            Event::Delete => self.only_from(Self::Received, event, Self::Deleted, Step::Announce),
            Event::MakeReady => match self {
                Self::Complete | Self::Rejected => Ok((Self::Ready, Step::Announce)),
                Self::Received
                | Self::Tagged
                | Self::Incomplete
                | Self::Unreadable
                | Self::Posting
                | Self::Posted
                | Self::Uncertain
                | Self::Archived
                | Self::Deleted
                | Self::Ready
                | Self::Exporting
                | Self::Exported => no,
            },
            Event::SendBack => self.only_from(Self::Ready, event, Self::Complete, Step::Announce),
            Event::Collect => self.only_from(Self::Ready, event, Self::Exporting, Step::Announce),
            Event::Export => self.only_from(Self::Exporting, event, Self::Exported, Step::Announce),
            Event::ExportToLedger => self.only_from(Self::Exporting, event, Self::Posting, Step::Turn),
            // A ledger's no to an exported document sends it back to the list, not to the overview: Finance has it in hand.
            Event::PutBack => match self {
                Self::Exporting | Self::Posting | Self::Uncertain => Ok((Self::Ready, Step::Announce)),
                Self::Received
                | Self::Tagged
                | Self::Complete
                | Self::Incomplete
                | Self::Unreadable
                | Self::Posted
                | Self::Rejected
                | Self::Archived
                | Self::Deleted
                | Self::Ready
                | Self::Exported => no,
            },
            Event::Revert => match self {
                Self::Exported | Self::Posted => Ok((Self::Ready, Step::Announce)),
                Self::Received
                | Self::Tagged
                | Self::Complete
                | Self::Incomplete
                | Self::Unreadable
                | Self::Posting
                | Self::Rejected
                | Self::Uncertain
                | Self::Archived
                | Self::Deleted
                | Self::Ready
                | Self::Exporting => no,
            },
            Event::Copy | Event::WithdrawCopy => self.only_from(Self::Posted, event, Self::Posted, Step::Announce),
        }
    }

    fn edited(self, event: Event, to: Self) -> Result<(Self, Step), NotAllowed> {
        match self {
            Self::Complete | Self::Incomplete | Self::Unreadable | Self::Rejected => Ok((to, Step::Announce)),
            Self::Received
            | Self::Tagged
            | Self::Posting
            | Self::Posted
            | Self::Uncertain
            | Self::Archived
            | Self::Deleted
            | Self::Ready
            | Self::Exporting
            | Self::Exported => Err(NotAllowed { status: self, event }),
        }
    }

    fn only_from(self, from: Self, event: Event, to: Self, step: Step) -> Result<(Self, Step), NotAllowed> {
        if self == from { Ok((to, step)) } else { Err(NotAllowed { status: self, event }) }
    }
}

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
    use Event as E;
    use Status as S;

    /// Every allowed pair; all others are refused.
    const ALLOWED: &[(Status, Event, Status)] = &[
        (S::Received, E::Tag, S::Tagged),
        (S::Complete, E::Tag, S::Tagged),
        (S::Incomplete, E::Tag, S::Tagged),
        (S::Unreadable, E::Tag, S::Tagged),
        (S::Rejected, E::Tag, S::Tagged),
        (S::Tagged, E::Completed, S::Complete),
        (S::Tagged, E::FoundIncomplete, S::Incomplete),
        (S::Tagged, E::FoundUnreadable, S::Unreadable),
        (S::Complete, E::Post, S::Posting),
        (S::Rejected, E::Post, S::Posting),
        (S::Posting, E::LedgerAccepted, S::Posted),
        (S::Posting, E::LedgerRejected, S::Rejected),
        (S::Posting, E::LedgerUnclear, S::Uncertain),
        (S::Uncertain, E::MarkPosted, S::Posted),
        (S::Uncertain, E::Release, S::Rejected),
        (S::Complete, E::Reject, S::Received),
        (S::Incomplete, E::Reject, S::Received),
        (S::Unreadable, E::Reject, S::Received),
        (S::Rejected, E::Reject, S::Received),
        (S::Complete, E::EditedComplete, S::Complete),
        (S::Incomplete, E::EditedComplete, S::Complete),
        (S::Unreadable, E::EditedComplete, S::Complete),
        (S::Rejected, E::EditedComplete, S::Complete),
        (S::Complete, E::EditedIncomplete, S::Incomplete),
        (S::Incomplete, E::EditedIncomplete, S::Incomplete),
        (S::Unreadable, E::EditedIncomplete, S::Incomplete),
        (S::Rejected, E::EditedIncomplete, S::Incomplete),
        (S::Received, E::Archive, S::Archived),
        (S::Complete, E::Archive, S::Archived),
        (S::Incomplete, E::Archive, S::Archived),
        (S::Unreadable, E::Archive, S::Archived),
        (S::Rejected, E::Archive, S::Archived),
        (S::Received, E::Delete, S::Deleted),
        (S::Complete, E::MakeReady, S::Ready),
        (S::Rejected, E::MakeReady, S::Ready),
        (S::Ready, E::SendBack, S::Complete),
        (S::Ready, E::Collect, S::Exporting),
        (S::Exporting, E::Export, S::Exported),
        (S::Exporting, E::ExportToLedger, S::Posting),
        (S::Exporting, E::PutBack, S::Ready),
        (S::Posting, E::PutBack, S::Ready),
        (S::Uncertain, E::PutBack, S::Ready),
        (S::Exported, E::Revert, S::Ready),
        (S::Posted, E::Revert, S::Ready),
        (S::Posted, E::Copy, S::Posted),
        (S::Posted, E::WithdrawCopy, S::Posted),
    ];

    #[test]
    fn every_pair_of_state_and_event() {
        for status in Status::ALL {
            for event in Event::ALL {
                let expected = ALLOWED.iter().find(|(from, on, _)| from == status && on == event).map(|(_, _, to)| *to);
                assert_eq!(status.after(*event).ok().map(|(to, _)| to), expected, "{status} + {event}");
            }
        }
    }

    #[test]
    fn a_posted_document_is_locked() {
        // A run may take a copy of it; what a run posted may be reverted once the ledger no longer has it.
        let of_runs = [E::Copy, E::WithdrawCopy, E::Revert];
        for event in Event::ALL.iter().filter(|event| !of_runs.contains(event)) {
            assert_eq!(S::Posted.after(*event), Err(NotAllowed { status: S::Posted, event: *event }));
        }
    }

    #[test]
    fn only_a_complete_document_is_evaluated() {
        for status in Status::ALL {
            for event in Event::ALL {
                if let Ok((to, Step::Evaluate)) = status.after(*event) {
                    assert_eq!(to, S::Complete);
                }
            }
        }
    }

    #[test]
    fn units_read_back() {
        let connection = ConnectionId::from_ulid(ulid::Ulid::from_parts(1, 1));
        for unit in [UnitId { connection, division: None }, UnitId { connection, division: "123456".parse().ok() }] {
            assert_eq!(unit.to_string().parse(), Ok(unit));
        }
        assert_eq!("123456".parse::<UnitId>(), Err(UnitError));
    }

    #[test]
    fn states_read_back() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
            assert_eq!(serde_json::to_string(status).unwrap(), format!("\"{status}\""));
        }
    }
}
