//! What the relay puts into queues. A message names work and never carries it: it may be doubled, late or lost, and whoever
//! gets it looks at the table.

use domain::{
    document::UnitId,
    ids::{AdministrationId, DocumentId, IssuedId, OrderId, RunId, TenantId, TurnDocument},
    mail::Home,
};
use serde::{Deserialize, Serialize};

/// A document has come to a step. If its version is another by now, the work is done or no longer wanted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct DocumentMessage {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub document: DocumentId,
    /// The version that asked for the step.
    pub version: u32,
}

/// A ledger unit has work.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct TurnMessage {
    /// Whose.
    pub tenant: TenantId,
    /// Which unit.
    pub unit: UnitId,
    /// For instance this document: the index of due documents lags, a look by key does not.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub document: Option<TurnDocument>,
}

/// An export run has a step to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RunMessage {
    /// Whose.
    pub tenant: TenantId,
    /// Of which administration.
    pub administration: AdministrationId,
    /// Which run.
    pub run: RunId,
}

/// An order has something to do by itself, or what it waits for has changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct OrderMessage {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub order: OrderId,
}

/// An issued document is to be laid out as PDF, with the number that counts then.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct RenderMessage {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub issued: IssuedId,
}

/// Something is to be mailed, or is to be looked at again.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct MailMessage {
    /// Whose.
    pub tenant: TenantId,
    /// What.
    pub home: Home,
}

/// An event of our own bus, as its rule puts it into a queue: a document came to be so. The relay may say more in it than is
/// looked at here.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AnnouncedEvent {
    /// What it says.
    pub detail: AnnouncedDocument,
}

/// The document of an [`AnnouncedEvent`].
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
pub struct AnnouncedDocument {
    /// Whose.
    pub tenant: TenantId,
    /// In which set of books.
    pub administration: AdministrationId,
    /// Which.
    pub document: DocumentId,
    /// Its version then.
    pub version: u32,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn messages_name_their_work() {
        let text =
            r#"{"tenant":"ten_01ARZ3NDEKTSV4RRFFQ69G5FAV","document":"doc_01ARZ3NDEKTSV4RRFFQ69G5FAV","version":2}"#;
        let message: DocumentMessage = serde_json::from_str(text).unwrap();
        assert_eq!(serde_json::to_string(&message).unwrap(), text);
        assert!(serde_json::from_str::<DocumentMessage>(r#"{"version":1}"#).is_err());
    }
}
