//! What an office sets up once for an accounting package that imports by mail (ED-4 to ED-7).

use super::{MailLanguage, UblFlavour};
use crate::{ids::PackageId, office::Choice};
use serde::{Deserialize, Serialize};

/// Whether purchase and sales documents go to one address or two (ED-5).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AddressMode {
    /// One address for both.
    Same,
    /// One for what was received, another for what was issued.
    #[default]
    Separate,
}

/// How a document goes along (ED-5, ED-22, ED-23).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Attach {
    /// As a file in the mail.
    #[default]
    Attachment,
    /// As an address from which it is fetched.
    Link,
}

/// By what a mail says whose books it is for (ED-5, ED-21).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identifier {
    /// The client's VAT number.
    #[default]
    VatNumber,
    /// The client's number in the company register.
    RegisterNumber,
    /// By nothing but its name: for those who book themselves.
    None,
}

/// For how many days an address of a document is good: 1 to 400.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(try_from = "u16", into = "u16")]
pub struct LinkDays(u16);

/// The number of days is out of bounds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("an address of a document is good for 1 to 400 days")]
pub struct LinkDaysError;

impl LinkDays {
    /// The days.
    pub fn get(self) -> u16 {
        self.0
    }
}

impl Default for LinkDays {
    fn default() -> Self {
        Self(30)
    }
}

impl TryFrom<u16> for LinkDays {
    type Error = LinkDaysError;
    fn try_from(days: u16) -> Result<Self, LinkDaysError> {
        if (1..=400).contains(&days) { Ok(Self(days)) } else { Err(LinkDaysError) }
    }
}

impl From<LinkDays> for u16 {
    fn from(days: LinkDays) -> u16 {
        days.0
    }
}

/// An accounting package that imports by mail, as an office works with it (ED-4, ED-5).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct MailPackage {
    /// Id.
    pub id: PackageId,
    /// Name of the package, for people.
    pub name: String,
    /// Where a client's connection does not say.
    #[serde(default)]
    pub addresses: AddressMode,
    /// File or address.
    #[serde(default)]
    pub attach: Attach,
    /// Whether the PDF goes along with an e-invoice. It may make doubles in the ledger (ED-5).
    #[serde(default)]
    pub pdf_alongside: Choice,
    /// What identifies the client in the mail.
    #[serde(default)]
    pub identifier: Identifier,
    /// In which flavour of UBL a document goes that came without an e-invoice.
    #[serde(default)]
    pub flavour: UblFlavour,
    /// In which language mails are written.
    #[serde(default)]
    pub language: MailLanguage,
    /// For how long addresses of documents are good.
    #[serde(default)]
    pub link_days: LinkDays,
    /// Counts edits, from 1.
    pub version: u32,
}
