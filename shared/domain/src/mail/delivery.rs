//! A delivery: one document, to one address, by one mail, and what became of it (ED-25, ED-26).
//!
//! [`DeliveryState::after`] is the only place that says which state follows which event. What SES tells may come in any
//! order, twice, and before the send itself is recorded: a state that is further on stays.

use super::{Attach, EmailAddress, MailKind};
use crate::{
    document::Actor,
    ids::{
        AdministrationId, DeliveryId, DocumentId, FacilityId, IdError, IssuedId, MailConnectionId, OrderId, RunId,
        TurnDocument,
    },
    office::Choice,
    reason::Reason,
    time::Instant,
    words::{Mailed, Text},
};
use chrono::TimeDelta;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// How long SES may take to tell that it has a mail whose send was not answered. What is not told of by then is uncertain.
pub const SETTLE: TimeDelta = TimeDelta::minutes(15);

/// What a delivery stands with. As text it is the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum Home {
    /// A document that was received.
    Received(DocumentId),
    /// One that was issued.
    Issued(IssuedId),
    /// An order, whose customer gets a document.
    Order(OrderId),
    /// An export run, whose file is mailed.
    Run(RunId),
    /// A connection that is tried (ED-17).
    Connection(MailConnectionId),
}

impl fmt::Display for Home {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Received(id) => fmt::Display::fmt(id, f),
            Self::Issued(id) => fmt::Display::fmt(id, f),
            Self::Order(id) => fmt::Display::fmt(id, f),
            Self::Run(id) => fmt::Display::fmt(id, f),
            Self::Connection(id) => fmt::Display::fmt(id, f),
        }
    }
}

impl FromStr for Home {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        let of = |it: Result<Self, IdError>| it.ok();
        let found = of(text.parse().map(Self::Issued))
            .or_else(|| of(text.parse().map(Self::Order)))
            .or_else(|| of(text.parse().map(Self::Run)))
            .or_else(|| of(text.parse().map(Self::Connection)));
        match found {
            Some(home) => Ok(home),
            None => text.parse().map(Self::Received),
        }
    }
}

impl TryFrom<String> for Home {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<Home> for String {
    fn from(home: Home) -> String {
        home.to_string()
    }
}

impl From<TurnDocument> for Home {
    fn from(document: TurnDocument) -> Self {
        match document {
            TurnDocument::Received(id) => Self::Received(id),
            TurnDocument::Issued(id) => Self::Issued(id),
        }
    }
}

/// What a mail is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "for")]
pub enum Purpose {
    /// An accounting package imports the document (ED-1).
    Accounting {
        /// Over which connection.
        connection: MailConnectionId,
        /// Others that would have sent it to the same address.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        also: Vec<MailConnectionId>,
        /// To which kind of address.
        kind: MailKind,
        /// Whether the PDF goes beside an e-invoice.
        pdf_alongside: Choice,
        /// Whether the document's accounting status takes no notice of it (ED-20).
        #[serde(default)]
        quiet: Choice,
    },
    /// A customer gets the document that counts (CO-4, CO-13).
    Customer {
        /// Which document.
        issued: IssuedId,
    },
    /// Somebody gets the file of an export run.
    ExportFile {
        /// Of which facility.
        facility: FacilityId,
    },
    /// A connection is tried (ED-17).
    Test,
}

/// How the document goes along.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Form {
    /// As a file.
    Attachment,
    /// As an address.
    Link,
    /// As an address, since it is too large for a mail (ED-24).
    LinkForSize,
}

impl From<Attach> for Form {
    fn from(attach: Attach) -> Self {
        match attach {
            Attach::Attachment => Self::Attachment,
            Attach::Link => Self::Link,
        }
    }
}

/// Where a delivery stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DeliveryState {
    /// It goes out when it is due.
    Queued,
    /// The address is suspended until somebody confirms it (ED-25).
    Held,
    /// Recorded as handed to SES; SES has not answered yet.
    Sending,
    /// SES has it.
    Sent,
    /// The receiving server has it.
    Delivered,
    /// The receiving server does not take it for now; SES goes on trying.
    Delayed,
    /// It came back.
    Bounced,
    /// The receiver called it unwanted.
    Complained,
    /// SES refused it.
    Rejected,
    /// It could not be made.
    Failed,
    /// The switch was turned off before it went (ED-11).
    NotShared,
    /// Whether SES has it is not known, and it is not sent again by itself.
    Uncertain,
}

/// What happens to a delivery.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum DeliveryEvent {
    /// It is about to be handed to SES.
    Send,
    /// SES took it.
    Taken,
    /// SES did certainly not take it, and may do so later.
    PutOff,
    /// SES refused it.
    Refused,
    /// SES did not answer, and told nothing since.
    Lost,
    /// It can't be made.
    Failed,
    /// Its address is suspended.
    Hold,
    /// Its address is confirmed.
    Release,
    /// The switch is off.
    SwitchOff,
    /// SES tells that it has it.
    ToldSent,
    /// SES tells that the receiving server has it.
    ToldDelivered,
    /// SES tells that it goes on trying.
    ToldDelayed,
    /// SES tells that it came back.
    ToldBounced,
    /// SES tells that the receiver called it unwanted.
    ToldComplained,
    /// SES tells that it threw it away.
    ToldRejected,
    /// A person saw that it arrived.
    Confirm,
}

impl DeliveryState {
    /// Every one.
    pub const ALL: [Self; 12] = [
        Self::Queued,
        Self::Held,
        Self::Sending,
        Self::Sent,
        Self::Delivered,
        Self::Delayed,
        Self::Bounced,
        Self::Complained,
        Self::Rejected,
        Self::Failed,
        Self::NotShared,
        Self::Uncertain,
    ];

    /// Stable text, as in the API, in events and in storage.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Queued => "queued",
            Self::Held => "held",
            Self::Sending => "sending",
            Self::Sent => "sent",
            Self::Delivered => "delivered",
            Self::Delayed => "delayed",
            Self::Bounced => "bounced",
            Self::Complained => "complained",
            Self::Rejected => "rejected",
            Self::Failed => "failed",
            Self::NotShared => "not_shared",
            Self::Uncertain => "uncertain",
        }
    }

    /// The state after an event; nothing when the event says nothing new.
    pub fn after(self, event: DeliveryEvent) -> Option<Self> {
        use DeliveryEvent as E;
        let is_open = self.is_unanswered();
        let is_out = is_open || matches!(self, Self::Sent | Self::Delayed);
        let only = |is_so: bool, to: Self| is_so.then_some(to);
        match event {
            E::Send => only(self == Self::Queued, Self::Sending),
            E::Taken | E::ToldSent => only(is_open, Self::Sent),
            E::PutOff => only(self == Self::Sending, Self::Queued),
            E::Refused => only(self == Self::Sending, Self::Rejected),
            E::Lost => only(self == Self::Sending, Self::Uncertain),
            E::Failed => only(matches!(self, Self::Queued | Self::Sending), Self::Failed),
            E::Hold => only(self == Self::Queued, Self::Held),
            E::Release => only(self == Self::Held, Self::Queued),
            E::SwitchOff => only(matches!(self, Self::Queued | Self::Held), Self::NotShared),
            E::ToldDelivered => only(is_out, Self::Delivered),
            E::ToldDelayed => only(is_open || self == Self::Sent, Self::Delayed),
            // A server may take a mail and send it back later.
            E::ToldBounced => only(is_out || self == Self::Delivered, Self::Bounced),
            E::ToldComplained => only(is_out || matches!(self, Self::Delivered | Self::Bounced), Self::Complained),
            E::ToldRejected => only(is_open || self == Self::Sent, Self::Rejected),
            E::Confirm => only(self == Self::Uncertain, Self::Delivered),
        }
    }

    /// Whether it was handed to SES, and nobody knows yet what SES said.
    pub fn is_unanswered(self) -> bool {
        match self {
            Self::Sending | Self::Uncertain => true,
            Self::Queued
            | Self::Held
            | Self::Sent
            | Self::Delivered
            | Self::Delayed
            | Self::Bounced
            | Self::Complained
            | Self::Rejected
            | Self::Failed
            | Self::NotShared => false,
        }
    }

    /// Whether it went wrong, so that somebody has to look at it.
    pub fn is_error(self) -> bool {
        match self {
            Self::Bounced | Self::Complained | Self::Rejected | Self::Failed | Self::Uncertain => true,
            Self::Queued
            | Self::Held
            | Self::Sending
            | Self::Sent
            | Self::Delivered
            | Self::Delayed
            | Self::NotShared => false,
        }
    }

    /// Whether SES has, or may have, the mail: the same document does not go to the same address again by itself.
    pub fn is_out(self) -> bool {
        match self {
            Self::Sending | Self::Sent | Self::Delivered | Self::Delayed | Self::Uncertain => true,
            Self::Queued
            | Self::Held
            | Self::Bounced
            | Self::Complained
            | Self::Rejected
            | Self::Failed
            | Self::NotShared => false,
        }
    }
}

impl fmt::Display for DeliveryState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// There is no such state.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such state of a delivery")]
pub struct UnknownDeliveryState;

impl FromStr for DeliveryState {
    type Err = UnknownDeliveryState;
    fn from_str(text: &str) -> Result<Self, UnknownDeliveryState> {
        Self::ALL.into_iter().find(|state| state.as_str() == text).ok_or(UnknownDeliveryState)
    }
}

/// One document, to one address, by one mail.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Delivery {
    /// Id: made from what is sent and to whom, so that it is sent once (ED-26).
    pub id: DeliveryId,
    /// What it stands with.
    pub home: Home,
    /// Of which administration.
    pub administration: AdministrationId,
    /// Counts changes, from 1.
    pub version: u32,
    /// What the mail is for.
    #[serde(flatten)]
    pub purpose: Purpose,
    /// To whom.
    pub to: EmailAddress,
    /// How the document goes along.
    pub form: Form,
    /// Where it stands.
    pub state: DeliveryState,
    /// Why it waits or failed, or what is to be known of it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// When it goes out; while SES has not answered, when it is uncertain.
    pub due: Instant,
    /// What nobody can guess of the address in the mail, once it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// SES's own id of the mail.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub message_id: Option<String>,
    /// How often it was put off.
    #[serde(default)]
    pub put_off: u32,
    /// Who asked for it: a person who sends it again, or the system.
    pub by: Actor,
    /// When it was asked for.
    pub at: Instant,
    /// When SES took it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sent_at: Option<Instant>,
    /// When it last changed.
    pub updated_at: Instant,
}

/// A delivery that is asked for: which document goes, to whom, and who wants it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AskedDelivery {
    /// Id: made from what is sent and to whom.
    pub id: DeliveryId,
    /// What it stands with.
    pub home: Home,
    /// Of which administration.
    pub administration: AdministrationId,
    /// What the mail is for.
    pub purpose: Purpose,
    /// To whom.
    pub to: EmailAddress,
    /// How the document goes along.
    pub form: Form,
    /// Whether the address is suspended: it waits until somebody confirms that (ED-25).
    pub is_held: Choice,
    /// When it goes out.
    pub due: Instant,
    /// Who asked for it.
    pub by: Actor,
}

/// What stopped a delivery from being changed: nothing new was said.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("a delivery that is {state} is not changed by this")]
pub struct Stopped {
    /// Where it stands.
    pub state: DeliveryState,
}

/// How much later a delivery is tried again that was put off so often: a minute, doubling, an hour at most.
fn later(times: u32) -> TimeDelta {
    TimeDelta::minutes(i64::from(1_u32 << times.min(6)).min(60))
}

impl Delivery {
    /// As it is when it was just asked for.
    pub fn asked(asked: AskedDelivery, now: Instant) -> Self {
        let AskedDelivery { id, home, administration, purpose, to, form, is_held, due, by } = asked;
        let (state, reason) = match is_held {
            Choice::No => (DeliveryState::Queued, None),
            Choice::Yes => {
                let address = Text::of(to.as_str());
                (DeliveryState::Held, Some(Reason::said(&Mailed::Suspended { address })))
            }
        };
        Self {
            id,
            home,
            administration,
            version: 1,
            purpose,
            to,
            form,
            state,
            reason,
            due,
            link: None,
            message_id: None,
            put_off: 0,
            by,
            at: now,
            sent_at: None,
            updated_at: now,
        }
    }

    /// As it is after an event.
    pub fn after(&self, event: DeliveryEvent, reason: Option<Reason>, now: Instant) -> Result<Self, Stopped> {
        let state = self.state.after(event).ok_or(Stopped { state: self.state })?;
        let mut after = Self { state, version: self.version.saturating_add(1), updated_at: now, ..self.clone() };
        match event {
            DeliveryEvent::Send => after.due = now + SETTLE,
            DeliveryEvent::PutOff => {
                after.due = now + later(self.put_off);
                after.put_off = self.put_off.saturating_add(1);
            }
            DeliveryEvent::Release => after.due = now,
            DeliveryEvent::Taken | DeliveryEvent::ToldSent | DeliveryEvent::ToldDelivered => {
                after.sent_at = self.sent_at.or(Some(now));
            }
            DeliveryEvent::Refused
            | DeliveryEvent::Lost
            | DeliveryEvent::Failed
            | DeliveryEvent::Hold
            | DeliveryEvent::SwitchOff
            | DeliveryEvent::ToldDelayed
            | DeliveryEvent::ToldBounced
            | DeliveryEvent::ToldComplained
            | DeliveryEvent::ToldRejected
            | DeliveryEvent::Confirm => {}
        }
        after.reason = reason;
        Ok(after)
    }

    /// The connection over which it goes, where it goes over one.
    pub fn connection(&self) -> Option<MailConnectionId> {
        match (&self.purpose, self.home) {
            (Purpose::Accounting { connection, .. }, _) => Some(*connection),
            (Purpose::Test, Home::Connection(connection)) => Some(connection),
            (Purpose::Customer { .. } | Purpose::ExportFile { .. } | Purpose::Test, _) => None,
        }
    }

    /// Whether it is one of those by which the document's accounting status is told.
    pub fn counts(&self) -> bool {
        match self.purpose {
            Purpose::Accounting { quiet, .. } => quiet == Choice::No,
            Purpose::Customer { .. } | Purpose::ExportFile { .. } | Purpose::Test => false,
        }
    }
}

#[cfg(test)]
#[path = "delivery_tests.rs"]
mod tests;
