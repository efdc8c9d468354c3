//! What an administration sets about the ledger to which its issued documents go (CO-11 to CO-17), and what that ledger can do.

use super::{Issued, IssuedKind, Numbering, PaymentName};
use crate::{
    document::UnitId,
    ids::{AdministrationId, SeriesId},
    office::Choice,
};
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// What an invoicing ledger may be able to do beside taking invoices (CO-10).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Capability {
    /// Takes receipts.
    Receipts,
    /// Takes corrections, by hand (CO-30).
    Corrections,
    /// Has numbering series that ours can be linked to (CO-14).
    Series,
    /// Has payment types that ours can be linked to (CO-15).
    Payments,
    /// Takes SKUs, by which it lowers its stock (CO-17).
    Sku,
}

impl Capability {
    /// Every one.
    pub const ALL: [Self; 5] = [Self::Receipts, Self::Corrections, Self::Series, Self::Payments, Self::Sku];

    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Receipts => "receipts",
            Self::Corrections => "corrections",
            Self::Series => "series",
            Self::Payments => "payments",
            Self::Sku => "sku",
        }
    }
}

impl fmt::Display for Capability {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// What becomes of the documents of one of our series (CO-14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "to")]
pub enum SeriesLink {
    /// They go into this series of the ledger.
    Series {
        /// The ledger's own code or id of it.
        code: String,
    },
    /// They are not passed.
    DoNotPass,
}

/// The settings of one administration for the ledger that gets its issued documents.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Connector {
    /// Whose.
    pub administration: AdministrationId,
    /// The ledger unit: a connection and its set of books.
    pub unit: UnitId,
    /// Who numbers (CO-11).
    #[serde(default)]
    pub numbering: Numbering,
    /// Pass as soon as issued, or on bulk export by hand only (CO-12).
    #[serde(default)]
    pub automatic: Choice,
    /// Show the customer the ledger's document instead of ours (CO-13).
    #[serde(default)]
    pub show_ledger_document: Choice,
    /// Send SKUs (CO-17).
    #[serde(default)]
    pub send_sku: Choice,
    /// Links of our series; a series without one goes into the ledger's default (CO-14).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub series: BTreeMap<SeriesId, SeriesLink>,
    /// Links of payment types to the ledger's; one without becomes the ledger's default (CO-15).
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub payments: BTreeMap<PaymentName, String>,
    /// Counts edits, from 1.
    pub version: u32,
}

/// Why a document is not passed, or a setting not taken.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Unsupported {
    /// The ledger lacks a capability.
    #[error("{ledger} has no {capability}")]
    Capability {
        /// The ledger.
        ledger: &'static str,
        /// What it lacks.
        capability: Capability,
    },
    /// Pro-forma invoices are not booked (CO-28).
    #[error("pro-forma invoices are not passed to {ledger}")]
    ProForma {
        /// The ledger.
        ledger: &'static str,
    },
}

/// An invoicing ledger, as far as settings and documents must fit it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Offers {
    /// Name of the ledger, for people.
    pub ledger: &'static str,
    /// What it can do beside taking invoices.
    pub capabilities: &'static [Capability],
}

impl Offers {
    fn needs(&self, capability: Capability) -> Result<(), Unsupported> {
        if self.capabilities.contains(&capability) {
            Ok(())
        } else {
            Err(Unsupported::Capability { ledger: self.ledger, capability })
        }
    }

    /// Refuses a kind of document that the ledger does not take.
    pub fn takes(&self, kind: IssuedKind) -> Result<(), Unsupported> {
        match kind {
            IssuedKind::Invoice => Ok(()),
            IssuedKind::Receipt => self.needs(Capability::Receipts),
            IssuedKind::Correction => self.needs(Capability::Corrections),
            IssuedKind::ProForma => Err(Unsupported::ProForma { ledger: self.ledger }),
        }
    }
}

impl Connector {
    /// Refuses settings that the ledger would have to ignore.
    pub fn check(&self, offers: &Offers) -> Result<(), Unsupported> {
        if self.series.values().any(|link| matches!(link, SeriesLink::Series { .. })) {
            offers.needs(Capability::Series)?;
        }
        if !self.payments.is_empty() {
            offers.needs(Capability::Payments)?;
        }
        match self.send_sku {
            Choice::Yes => offers.needs(Capability::Sku),
            Choice::No => Ok(()),
        }
    }

    /// Whether this capability of the ledger is in use here (CO-9).
    pub fn uses(&self, capability: Capability) -> bool {
        match capability {
            Capability::Receipts | Capability::Corrections => true,
            Capability::Series => !self.series.is_empty(),
            Capability::Payments => !self.payments.is_empty(),
            Capability::Sku => self.send_sku == Choice::Yes,
        }
    }

    /// Whether documents of this series stay here.
    pub fn withholds(&self, series: SeriesId) -> bool {
        self.series.get(&series) == Some(&SeriesLink::DoNotPass)
    }

    /// Whether a customer is shown the ledger's document in place of ours of this series (CO-13).
    pub fn replaces_ours(&self, series: SeriesId) -> bool {
        self.show_ledger_document == Choice::Yes && !self.withholds(series)
    }

    /// The ledger's series for one of ours; its default when nothing is linked.
    pub fn ledger_series(&self, series: SeriesId) -> Option<&str> {
        match self.series.get(&series)? {
            SeriesLink::Series { code } => Some(code),
            SeriesLink::DoNotPass => None,
        }
    }

    /// What happens to a document at the moment of its issue (CO-12, CO-14). Corrections are passed by hand only (CO-30).
    pub fn at_issue(&self, issued: &Issued, offers: &Offers) -> AtIssue {
        if self.withholds(issued.series) {
            return AtIssue::Withhold;
        }
        let by_hand = issued.kind == IssuedKind::Correction || self.automatic == Choice::No;
        if by_hand || offers.takes(issued.kind).is_err() { AtIssue::Keep } else { AtIssue::Pass }
    }
}

/// What happens to a document at the moment of its issue.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AtIssue {
    /// It is sent on its way.
    Pass,
    /// It waits for somebody to pass it.
    Keep,
    /// It stays here.
    Withhold,
}
