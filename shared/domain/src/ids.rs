//! Identifiers: a short prefix that says what is named, and a ULID, so that ids sort by the time they were made.

use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};
use ulid::Ulid;

/// The text is not an id of the wanted kind.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("'{text}' is not {what}: it must begin with '{prefix}' followed by 26 characters of a ULID")]
pub struct IdError {
    text: String,
    what: &'static str,
    prefix: &'static str,
}

/// An id that can be made from a ULID: a caller with a clock and a source of randomness makes the ULID.
pub trait Id: Copy + Eq + Ord + fmt::Display + FromStr<Err = IdError> {
    /// What its text begins with, for example `doc_`.
    const PREFIX: &'static str;
    /// The id with this ULID.
    fn from_ulid(ulid: Ulid) -> Self;
    /// The ULID behind the prefix.
    fn ulid(self) -> Ulid;
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal, $what:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(try_from = "String", into = "String")]
        pub struct $name(Ulid);

        impl Id for $name {
            const PREFIX: &'static str = $prefix;
            fn from_ulid(ulid: Ulid) -> Self {
                Self(ulid)
            }
            fn ulid(self) -> Ulid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, concat!($prefix, "{}"), self.0)
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;
            fn from_str(text: &str) -> Result<Self, IdError> {
                text.strip_prefix($prefix)
                    .filter(|rest| rest.len() == ulid::ULID_LEN && !rest.bytes().any(|b| b.is_ascii_lowercase()))
                    .and_then(|rest| Ulid::from_string(rest).ok())
                    .map(Self)
                    .ok_or_else(|| IdError { text: text.chars().take(64).collect(), what: $what, prefix: $prefix })
            }
        }

        impl TryFrom<String> for $name {
            type Error = IdError;
            fn try_from(text: String) -> Result<Self, IdError> {
                text.parse()
            }
        }

        impl From<$name> for String {
            fn from(id: $name) -> String {
                id.to_string()
            }
        }
    };
}

id!(
    /// The tenant: an accounting firm or a company account (an office).
    TenantId, "ten_", "a tenant id"
);
id!(
    /// One set of books inside a tenant.
    AdministrationId, "adm_", "an administration id"
);
id!(
    /// A person or an automation user of a tenant.
    UserId, "usr_", "a user id"
);
id!(
    /// A supplier or customer of an administration.
    ContactId, "con_", "a contact id"
);
id!(
    /// An invoice, credit note or other file that was delivered.
    DocumentId, "doc_", "a document id"
);
id!(
    /// An automation rule of a contact.
    RuleId, "rul_", "an automation rule id"
);
id!(
    /// The configured link between a tenant and one ledger.
    ConnectionId, "cnn_", "a connection id"
);
id!(
    /// Work that a unit's turn does for somebody who waits for it.
    TaskId, "tsk_", "a task id"
);
id!(
    /// Work on the protection of a tenant's data: an export, an erasure.
    JobId, "job_", "a job id"
);
id!(
    /// Where an administration's documents are exported to, and how.
    FacilityId, "fac_", "an export facility id"
);
id!(
    /// One run of an export.
    RunId, "run_", "an export run id"
);
id!(
    /// An order of a shop or marketplace.
    OrderId, "ord_", "an order id"
);
id!(
    /// A numbering series of an administration.
    SeriesId, "ser_", "a numbering series id"
);
id!(
    /// A document that an administration issued.
    IssuedId, "iss_", "an issued document id"
);
id!(
    /// A rule that says what happens by itself to orders.
    OrderRuleId, "oru_", "an order rule id"
);
id!(
    /// A delivery of a document by mail.
    DeliveryId, "dlv_", "a delivery id"
);

id!(
    /// How documents go by mail into one accounting package (ED-4).
    PackageId, "pkg_", "a mail package id"
);
id!(
    /// A client's connection to a mail package (ED-8).
    MailConnectionId, "mcn_", "a mail connection id"
);

/// A document that waits for a turn of its ledger unit: one that was received, or one that was issued. As text it is the id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub enum TurnDocument {
    /// It is posted.
    Received(DocumentId),
    /// It is passed.
    Issued(IssuedId),
}

impl fmt::Display for TurnDocument {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Received(id) => fmt::Display::fmt(id, f),
            Self::Issued(id) => fmt::Display::fmt(id, f),
        }
    }
}

impl FromStr for TurnDocument {
    type Err = IdError;
    fn from_str(text: &str) -> Result<Self, IdError> {
        match text.parse() {
            Ok(id) => Ok(Self::Issued(id)),
            Err(_) => text.parse().map(Self::Received),
        }
    }
}

impl TryFrom<String> for TurnDocument {
    type Error = IdError;
    fn try_from(text: String) -> Result<Self, IdError> {
        text.parse()
    }
}

impl From<TurnDocument> for String {
    fn from(document: TurnDocument) -> String {
        document.to_string()
    }
}

impl From<DocumentId> for TurnDocument {
    fn from(id: DocumentId) -> Self {
        Self::Received(id)
    }
}

impl From<IssuedId> for TurnDocument {
    fn from(id: IssuedId) -> Self {
        Self::Issued(id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_id_reads_back_what_it_writes() {
        let id = DocumentId::from_ulid(Ulid::from_parts(1_700_000_000_000, 42));
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(serde_json::from_str::<DocumentId>(&serde_json::to_string(&id).unwrap()).unwrap(), id);
    }

    #[test]
    fn an_id_of_another_kind_is_refused() {
        let id = ContactId::from_ulid(Ulid::from_parts(1, 1)).to_string();
        let error = id.parse::<DocumentId>().unwrap_err();
        assert!(error.to_string().contains("must begin with 'doc_'"), "{error}");
        assert!("doc_".parse::<DocumentId>().is_err());
        assert!("doc_01ARZ3NDEKTSV4RRFFQ69G5FA".parse::<DocumentId>().is_err());
        assert!("doc_01arz3ndektsv4rrffq69g5fav".parse::<DocumentId>().is_err(), "one spelling only");
    }

    #[test]
    fn ids_sort_by_the_time_they_were_made() {
        assert!(DocumentId::from_ulid(Ulid::from_parts(1, 99)) < DocumentId::from_ulid(Ulid::from_parts(2, 0)));
    }
}
