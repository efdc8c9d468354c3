//! Forwarding of finished documents to the marketplaces of their orders (CO-13), and addresses under which customers and marketplaces
//! fetch them.

use super::OrderSource;
use crate::{
    document::Actor,
    ids::{AdministrationId, ConnectionId, DeliveryId, DocumentId, IssuedId, OrderId, RunId, UserId},
    office::Choice,
    reason::Reason,
    time::Instant,
};
use serde::{Deserialize, Serialize};

/// What an administration sets for the orders of a marketplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MarketplaceLink {
    /// Whose.
    pub administration: AdministrationId,
    /// Orders of this source.
    pub source: OrderSource,
    /// The connection to the seller's account there.
    pub connection: ConnectionId,
    /// The marketplace's own switch: without it nothing is forwarded (CO-13).
    pub forward: Choice,
    /// Counts edits, from 1.
    pub version: u32,
}

/// Where a forwarding stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ForwardState {
    /// Nothing was sent: the document is not there yet, or its turn has not come.
    Waiting,
    /// Something may have been sent.
    Sending,
    /// The marketplace shows the document.
    Forwarded,
    /// The marketplace issues documents of this order itself.
    NotNeeded,
    /// The switch is off: nothing was sent.
    SwitchedOff,
    /// The marketplace, or a check before it, said no.
    Failed,
}

impl ForwardState {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Waiting => "waiting",
            Self::Sending => "sending",
            Self::Forwarded => "forwarded",
            Self::NotNeeded => "not_needed",
            Self::SwitchedOff => "switched_off",
            Self::Failed => "failed",
        }
    }

    /// Whether it has come to its end.
    pub fn is_over(self) -> bool {
        match self {
            Self::Waiting | Self::Sending => false,
            Self::Forwarded | Self::NotNeeded | Self::SwitchedOff | Self::Failed => true,
        }
    }

    /// Whether it may be asked for again: nothing is at the marketplace.
    pub fn may_begin_again(self) -> bool {
        match self {
            Self::SwitchedOff | Self::Failed => true,
            Self::Waiting | Self::Sending | Self::Forwarded | Self::NotNeeded => false,
        }
    }
}

/// One document on its way to one marketplace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Forwarding {
    /// The document.
    pub issued: IssuedId,
    /// Its order.
    pub order: OrderId,
    /// Whose.
    pub administration: AdministrationId,
    /// To which account.
    pub connection: ConnectionId,
    /// Where it stands.
    pub state: ForwardState,
    /// On whose behalf.
    pub by: UserId,
    /// The secret of the address that the marketplace was given, for one that fetches.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// The marketplace's own id.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub marketplace_id: Option<String>,
    /// Why it waits or failed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// When it first began.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub first_tried: Option<Instant>,
    /// How far an attempt has come, as the marketplace's code wrote it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub attempt: Option<String>,
    /// When it was asked for.
    pub asked_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
    /// Counts changes, from 1.
    pub version: u32,
}

/// What an address opens.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "opens")]
pub enum LinkTarget {
    /// The document that the customer is shown then, as PDF (CO-13, CO-31).
    Issued {
        /// Which.
        issued: IssuedId,
    },
    /// A document that was received, as it was received (ED-23).
    Received {
        /// Which.
        document: DocumentId,
    },
    /// An e-invoice that was written for a mail.
    Written {
        /// Which mail.
        delivery: DeliveryId,
    },
    /// The file of an export run.
    ExportFile {
        /// Of which administration.
        administration: AdministrationId,
        /// Which run.
        run: RunId,
    },
}

/// An address under which whoever has it fetches a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLink {
    /// What nobody can guess.
    pub secret: String,
    /// What it opens.
    #[serde(flatten)]
    pub target: LinkTarget,
    /// Good until then.
    pub expires_at: Instant,
    /// Whether somebody took it back.
    pub revoked: Choice,
    /// Who made it.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

impl DocumentLink {
    /// Whether it still opens the document.
    pub fn is_good(&self, now: Instant) -> bool {
        self.revoked == Choice::No && now < self.expires_at
    }

    /// Its path below the address of the deployment. It ends like a file (`pdf`, `xml`), since marketplaces look at that.
    pub fn path(tenant: crate::ids::TenantId, secret: &str, extension: &str) -> String {
        format!("/shared/{tenant}/{secret}.{extension}")
    }
}
