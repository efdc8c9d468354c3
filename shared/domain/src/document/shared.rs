//! What makes a document one that the accountant gets (ED-12).

use super::{Document, Event, Status};
use crate::{automation::DocumentFormat, ledger::Direction, time::Instant};
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// By what a document came to be shared with the accountant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SharedAs {
    /// A purchase document was accepted.
    Accepted,
    /// A sales document was sent to the customer.
    Sent,
    /// A sales document was archived without being sent.
    Archived,
    /// Another document was put into the folder that the accountant sees.
    InFolder,
    /// A file of bank statements arrived.
    Arrived,
}

impl SharedAs {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Accepted, Self::Sent, Self::Archived, Self::InFolder, Self::Arrived];

    /// Stable text, as in the API and in storage.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Accepted => "accepted",
            Self::Sent => "sent",
            Self::Archived => "archived",
            Self::InFolder => "in_folder",
            Self::Arrived => "arrived",
        }
    }
}

impl fmt::Display for SharedAs {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no such way of sharing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such way of sharing")]
pub struct UnknownSharing;

impl FromStr for SharedAs {
    type Err = UnknownSharing;
    fn from_str(text: &str) -> Result<Self, UnknownSharing> {
        Self::ALL.into_iter().find(|it| it.as_str() == text).ok_or(UnknownSharing)
    }
}

/// That a document is shared with the accountant, since when.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Shared {
    /// By what.
    #[serde(rename = "as")]
    pub how: SharedAs,
    /// When: nothing is sent over connections that were made active later (ED-13).
    pub at: Instant,
}

/// Why a document is not shared in this way.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotShareable {
    /// Its tag says that it is something else.
    #[error("a document is {how} only when it is tagged as {}", .wanted.as_str())]
    Tag {
        /// The way.
        how: SharedAs,
        /// What it would have to be tagged as.
        wanted: Direction,
    },
    /// It is an invoice: those are accepted, or sent.
    #[error("a document that is tagged as {} is not put into the folder: accept it, mark it as sent or archive it", .tag.as_str())]
    Tagged {
        /// Its tag.
        tag: Direction,
    },
    /// Only a file of bank statements arrives.
    #[error("only files of bank statements are shared by arriving")]
    NoStatement,
    /// A file of bank statements is shared already.
    #[error("a file of bank statements is shared when it arrives")]
    Statement,
}

impl Document {
    /// Whether it can be shared in this way (ED-12), whatever its state.
    pub fn shareable(&self, how: SharedAs) -> Result<(), NotShareable> {
        let tagged = |wanted: Direction| {
            if self.tag == Some(wanted) { Ok(()) } else { Err(NotShareable::Tag { how, wanted }) }
        };
        match (how, self.format, self.tag) {
            (SharedAs::Arrived, DocumentFormat::Statement, _) => Ok(()),
            (SharedAs::Arrived, _, _) => Err(NotShareable::NoStatement),
            (_, DocumentFormat::Statement, _) => Err(NotShareable::Statement),
            (SharedAs::Accepted, _, _) => tagged(Direction::Purchase),
            (SharedAs::Sent | SharedAs::Archived, _, _) => tagged(Direction::Sales),
            (SharedAs::InFolder, _, None) => Ok(()),
            (SharedAs::InFolder, _, Some(tag)) => Err(NotShareable::Tagged { tag }),
        }
    }

    /// The event by which it is shared: what is at its end already stays there and is shared as a copy (SE-1).
    pub fn sharing(&self) -> Event {
        match self.status {
            Status::Posted | Status::Exported | Status::Archived | Status::Shared => Event::ShareCopy,
            Status::Received
            | Status::Tagged
            | Status::Complete
            | Status::Incomplete
            | Status::Unreadable
            | Status::Posting
            | Status::Rejected
            | Status::Uncertain
            | Status::Deleted
            | Status::Ready
            | Status::Exporting => Event::Share,
        }
    }

    /// Whether it came into a ledger on another path (SE-1).
    pub fn is_booked(&self) -> bool {
        match self.status {
            Status::Posted | Status::Exported => true,
            Status::Received
            | Status::Tagged
            | Status::Complete
            | Status::Incomplete
            | Status::Unreadable
            | Status::Posting
            | Status::Rejected
            | Status::Uncertain
            | Status::Archived
            | Status::Deleted
            | Status::Ready
            | Status::Exporting
            | Status::Shared => false,
        }
    }

    /// A file of bank statements: shared as it arrives, and never posted.
    pub fn arrived(delivered: &super::Delivered<'_>) -> Self {
        let shared = Shared { how: SharedAs::Arrived, at: delivered.at };
        Self { status: Status::Shared, shared: Some(shared), ..Self::received(delivered) }
    }
}
