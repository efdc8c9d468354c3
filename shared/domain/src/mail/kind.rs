//! Which of a client's addresses a document goes to.

use crate::document::SharedAs;
use serde::{Deserialize, Serialize};

/// Which of a client's addresses a document goes to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum MailKind {
    /// Received from a supplier: inbound (ED-6).
    Purchase,
    /// Issued to a customer: outbound (ED-6).
    Sales,
    /// Neither: inbound.
    Other,
    /// A file of a bank's statements (ED-9).
    BankStatement,
}

impl MailKind {
    /// Of a document that was shared so.
    pub fn of(how: SharedAs) -> Self {
        match how {
            SharedAs::Accepted => Self::Purchase,
            SharedAs::Sent | SharedAs::Archived => Self::Sales,
            SharedAs::InFolder => Self::Other,
            SharedAs::Arrived => Self::BankStatement,
        }
    }
}
