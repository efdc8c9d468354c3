//! A client's connection to a package: whether documents are shared, and to which addresses they go (ED-8 to ED-15).

use super::{AddressMode, EmailAddress, MailKind, MailPackage};
use crate::{
    document::Actor,
    ids::{AdministrationId, DeliveryId, MailConnectionId, PackageId},
    office::Choice,
    reason::Reason,
    time::{Clock, Date, Instant, TimeZone},
};
use chrono::{Datelike, Days, NaiveTime, Weekday};
use serde::{Deserialize, Serialize};

/// The switch "share documents with accountant" (ED-8, ED-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Sharing {
    /// Nothing is sent.
    #[default]
    Off,
    /// What is shared since then is sent (ED-13).
    On {
        /// Since when, without a break.
        since: Instant,
    },
}

/// When documents are sent (ED-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Frequency {
    /// At once.
    #[default]
    Immediately,
    /// Every day at two in the night, where the client is.
    Nightly,
    /// On Saturdays at two in the night, where the client is.
    Weekend,
    /// When a person has them sent.
    Manual,
}

impl Frequency {
    /// When what is shared now is sent; nothing where a person says when.
    pub fn due(self, now: Instant, zone: TimeZone) -> Option<Instant> {
        let is_a_night = |day: Date| match self {
            Self::Immediately | Self::Manual => false,
            Self::Nightly => true,
            Self::Weekend => day.weekday() == Weekday::Sat,
        };
        match self {
            Self::Immediately => Some(now),
            Self::Manual => None,
            Self::Nightly | Self::Weekend => {
                let (clock, today): (Clock, Date) = (zone.clock(), zone.date_at(now));
                let two = NaiveTime::from_hms_opt(2, 0, 0)?;
                let nights = (0..=8).filter_map(|days| today.checked_add_days(Days::new(days)));
                nights.filter(|day| is_a_night(*day)).filter_map(|day| clock.first(day, two)).find(|at| *at > now)
            }
        }
    }
}

/// Which documents go (ED-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// Sales documents only.
    SalesOnly,
    /// All.
    #[default]
    SalesAndPurchases,
}

/// The addresses of a client. Which of them count depends on the mode: the client's own, else the package's (ED-10).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct ClientAddresses {
    /// The client's own choice.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<AddressMode>,
    /// The one for both.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub both: Option<EmailAddress>,
    /// For what was received.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub inbound: Option<EmailAddress>,
    /// For what was issued.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub outbound: Option<EmailAddress>,
    /// For files of bank statements; without it they are not sent (ED-9).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bank_statements: Option<EmailAddress>,
}

/// What the mode asks for and the client does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum AddressesMissing {
    /// One for both.
    #[error("one address for inbound and outbound documents is asked for, and `both` is empty")]
    Both,
    /// Neither of two.
    #[error("separate addresses are asked for, and both `inbound` and `outbound` are empty")]
    Separate,
}

impl ClientAddresses {
    /// The mode that counts.
    pub fn mode(&self, package: &MailPackage) -> AddressMode {
        self.mode.unwrap_or(package.addresses)
    }

    /// The address for documents of a kind.
    pub fn of(&self, kind: MailKind, package: &MailPackage) -> Option<&EmailAddress> {
        match (kind, self.mode(package)) {
            (MailKind::BankStatement, AddressMode::Same | AddressMode::Separate) => self.bank_statements.as_ref(),
            (MailKind::Purchase | MailKind::Sales | MailKind::Other, AddressMode::Same) => self.both.as_ref(),
            (MailKind::Purchase | MailKind::Other, AddressMode::Separate) => self.inbound.as_ref(),
            (MailKind::Sales, AddressMode::Separate) => self.outbound.as_ref(),
        }
    }

    /// Whether it is one of them.
    pub fn has(&self, address: &EmailAddress) -> bool {
        let all = [&self.both, &self.inbound, &self.outbound, &self.bank_statements];
        all.into_iter().flatten().any(|own| own.mailbox() == address.mailbox())
    }

    /// Whether what the mode needs is there. Of two addresses one is enough: a client may have sales or purchases alone.
    pub fn check(&self, package: &MailPackage) -> Result<(), AddressesMissing> {
        match self.mode(package) {
            AddressMode::Same if self.both.is_none() => Err(AddressesMissing::Both),
            AddressMode::Separate if self.inbound.is_none() && self.outbound.is_none() => {
                Err(AddressesMissing::Separate)
            }
            AddressMode::Same | AddressMode::Separate => Ok(()),
        }
    }
}

/// A client's connection to a package. A client may have several (ED-14).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailConnection {
    /// Id.
    pub id: MailConnectionId,
    /// Whose documents.
    pub administration: AdministrationId,
    /// How they go.
    pub package: PackageId,
    /// Whether they go.
    #[serde(default)]
    pub sharing: Sharing,
    /// Where they go.
    #[serde(default)]
    pub addresses: ClientAddresses,
    /// The client's own choice about PDFs beside e-invoices; it wins over the package's (ED-10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pdf_alongside: Option<Choice>,
    /// When they go.
    #[serde(default)]
    pub frequency: Frequency,
    /// Which of them go.
    #[serde(default)]
    pub scope: Scope,
    /// Whether what was posted into a ledger already goes too; else it is done (SE-1).
    #[serde(default)]
    pub copies_of_posted: Choice,
    /// Counts edits, from 1.
    pub version: u32,
}

impl MailConnection {
    /// Whether PDFs go beside e-invoices (ED-10).
    pub fn pdf_alongside(&self, package: &MailPackage) -> Choice {
        self.pdf_alongside.unwrap_or(package.pdf_alongside)
    }

    /// Turns the switch; on stays on since it was turned on first (ED-13).
    pub fn switch(&mut self, wanted: Choice, now: Instant) {
        self.sharing = match (wanted, self.sharing) {
            (Choice::Yes, Sharing::Off) => Sharing::On { since: now },
            (Choice::Yes, on @ Sharing::On { .. }) => on,
            (Choice::No, Sharing::Off | Sharing::On { .. }) => Sharing::Off,
        };
    }

    /// Whether documents of a kind go over it, whatever their addresses.
    pub(super) fn takes(&self, kind: MailKind) -> bool {
        match (self.scope, kind) {
            (Scope::SalesAndPurchases, _) | (Scope::SalesOnly, MailKind::Sales) => true,
            (Scope::SalesOnly, MailKind::Purchase | MailKind::Other | MailKind::BankStatement) => false,
        }
    }
}

/// That an address of a client gets nothing until somebody confirms it (ED-25).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Suspension {
    /// The address, in small letters.
    pub mailbox: EmailAddress,
    /// Why.
    pub reason: Reason,
    /// The delivery that came back.
    pub delivery: DeliveryId,
    /// Who or what suspended it.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

impl Suspension {
    /// Whether mails to an address wait.
    pub fn holds(suspended: &[Self], to: &EmailAddress) -> Choice {
        let mailbox = to.mailbox();
        Choice::from(suspended.iter().any(|one| one.mailbox.mailbox() == mailbox))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(text: &str) -> Instant {
        text.parse().unwrap()
    }

    #[test]
    fn nights_and_weekends_are_the_clients_own() {
        let zone: TimeZone = "Europe/Amsterdam".parse().unwrap();
        // A Friday in winter.
        let now = at("2026-11-20T23:30:00Z");
        assert_eq!(Frequency::Immediately.due(now, zone), Some(now));
        assert_eq!(Frequency::Manual.due(now, zone), None);
        assert_eq!(Frequency::Nightly.due(now, zone), Some(at("2026-11-21T01:00:00Z")));
        assert_eq!(Frequency::Weekend.due(now, zone), Some(at("2026-11-21T01:00:00Z")));
        let later = at("2026-11-21T01:00:00Z");
        assert_eq!(Frequency::Nightly.due(later, zone), Some(at("2026-11-22T01:00:00Z")));
        assert_eq!(Frequency::Weekend.due(later, zone), Some(at("2026-11-28T01:00:00Z")));
        // The night in which two o'clock is left out: as soon as clocks show a time after it.
        let spring = at("2027-03-27T12:00:00Z");
        assert_eq!(Frequency::Nightly.due(spring, zone), Some(at("2027-03-28T01:00:00Z")));
    }
}
