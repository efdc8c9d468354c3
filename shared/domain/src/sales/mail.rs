//! Mails with which customers get their documents. What is to be sent is recorded here; e-mail delivery sends it.

use super::{AddressText, InMail};
use crate::{
    ids::{AdministrationId, DeliveryId, IssuedId, OrderId, UserId},
    time::Instant,
};
use serde::{Deserialize, Serialize};

/// Where a mail stands.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailState {
    /// It is recorded, and e-mail delivery has not taken it yet.
    Pending,
}

impl MailState {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
        }
    }
}

/// A mail to a customer with the document that counts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct CustomerMail {
    /// Id: made from what asked for it, so that it is sent once.
    pub id: DeliveryId,
    /// Of which administration.
    pub administration: AdministrationId,
    /// About which order.
    pub order: OrderId,
    /// With which document. Which copy of it goes out is decided when it is sent (CO-31).
    pub issued: IssuedId,
    /// To whom.
    pub to: AddressText,
    /// As a file or a link (CO-4).
    pub document: InMail,
    /// On whose behalf.
    pub by: UserId,
    /// Where it stands.
    pub state: MailState,
    /// When it was asked for.
    pub at: Instant,
}
