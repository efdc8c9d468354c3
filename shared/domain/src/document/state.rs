//! The state machine of a document. [`Status::after`] is the only place that says which state follows which event.

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
pub(super) use states;

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
        /// Shared with the accountant, whose package imports it by mail (ED-12). No other path posts it from here.
        Shared = "shared",
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
            Self::Posted | Self::Archived | Self::Deleted | Self::Exported | Self::Shared => Some(List::Archive),
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
            | Self::Exported
            | Self::Shared => false,
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
        /// The client shares it with the accountant (ED-12).
        Share = "share",
        /// The client shares what has come to its end on another path: it stays there (SE-1).
        ShareCopy = "share_copy",
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
                | Self::Exported
                | Self::Shared => no,
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
                | Self::Exported
                | Self::Shared => no,
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
                | Self::Exported
                | Self::Shared => no,
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
                | Self::Exported
                | Self::Shared => no,
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
                | Self::Exported
                | Self::Shared => no,
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
                | Self::Exported
                | Self::Shared => no,
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
                | Self::Exporting
                | Self::Shared => no,
            },
            Event::Copy | Event::WithdrawCopy => self.only_from(Self::Posted, event, Self::Posted, Step::Announce),
            Event::Share => match self {
                Self::Received | Self::Complete | Self::Incomplete | Self::Unreadable | Self::Rejected => {
                    Ok((Self::Shared, Step::Announce))
                }
                Self::Tagged
                | Self::Posting
                | Self::Posted
                | Self::Uncertain
                | Self::Archived
                | Self::Deleted
                | Self::Ready
                | Self::Exporting
                | Self::Exported
                | Self::Shared => no,
            },
            Event::ShareCopy => match self {
                Self::Posted | Self::Exported | Self::Archived => Ok((self, Step::Announce)),
                Self::Received
                | Self::Tagged
                | Self::Complete
                | Self::Incomplete
                | Self::Unreadable
                | Self::Posting
                | Self::Rejected
                | Self::Uncertain
                | Self::Deleted
                | Self::Ready
                | Self::Exporting
                | Self::Shared => no,
            },
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
            | Self::Exported
            | Self::Shared => Err(NotAllowed { status: self, event }),
        }
    }

    fn only_from(self, from: Self, event: Event, to: Self, step: Step) -> Result<(Self, Step), NotAllowed> {
        if self == from { Ok((to, step)) } else { Err(NotAllowed { status: self, event }) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
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
        (S::Received, E::Share, S::Shared),
        (S::Complete, E::Share, S::Shared),
        (S::Incomplete, E::Share, S::Shared),
        (S::Unreadable, E::Share, S::Shared),
        (S::Rejected, E::Share, S::Shared),
        (S::Posted, E::ShareCopy, S::Posted),
        (S::Exported, E::ShareCopy, S::Exported),
        (S::Archived, E::ShareCopy, S::Archived),
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
        // A run may take a copy of it, and a copy may be mailed; what a run posted may be reverted once the ledger no longer has it.
        let copies = [E::Copy, E::WithdrawCopy, E::Revert, E::ShareCopy];
        for event in Event::ALL.iter().filter(|event| !copies.contains(event)) {
            assert_eq!(S::Posted.after(*event), Err(NotAllowed { status: S::Posted, event: *event }));
        }
    }

    #[test]
    fn what_is_shared_is_posted_on_no_path() {
        for event in Event::ALL {
            assert_eq!(S::Shared.after(*event), Err(NotAllowed { status: S::Shared, event: *event }));
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
    fn states_read_back() {
        for status in Status::ALL {
            assert_eq!(status.as_str().parse(), Ok(*status));
            assert_eq!(serde_json::to_string(status).unwrap(), format!("\"{status}\""));
        }
    }
}
