//! What the simulator holds. Its JSON is what `/_sim/state` shows.

use std::collections::BTreeMap;

use chrono::NaiveDate;
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::polish::{Amounts, Rounding};

/// Who buys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Buyer {
    /// `nabywca_osoba`: a person and no company
    pub person: bool,
    /// `nabywca_nazwa`, or `nabywca_imie` and `nabywca_nazwisko`
    pub name: String,
    /// `nabywca_nip`
    pub tax_number: String,
    /// `nabywca_ulica`, `nabywca_budynek` and `nabywca_lokal`
    pub street: String,
    /// `nabywca_kod`
    pub zip: String,
    /// `nabywca_miasto`
    pub city: String,
    /// `nabywca_kraj` or `nabywca_panstwo`
    pub country: String,
    /// `nabywca_email`
    pub email: String,
}

/// A line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Line {
    /// `produkt_nazwa`
    pub name: String,
    /// `produkt_ilosc`
    pub quantity: Decimal,
    /// `produkt_jm`
    pub unit: String,
    /// `produkt_stawka_vat`
    pub vat: String,
    /// The net price of one, as it was sent or as it follows.
    pub price: Decimal,
    /// What it comes to.
    pub amounts: Amounts,
}

/// A document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Document {
    /// `api_numer`
    pub id: u64,
    /// `dokument_rodzaj`
    pub kind: u32,
    /// `dokument_numer`
    pub number: String,
    /// `dokument_data_w`
    pub issued: NaiveDate,
    /// `dokument_data_s`
    pub sold: Option<NaiveDate>,
    /// `dokument_data_p`
    pub due: Option<NaiveDate>,
    /// `dokument_waluta`, as a code
    pub currency: String,
    /// `dokument_zaplata`
    pub payment: u32,
    /// `dokument_status`: 0 unpaid, 1 paid, 2 partly
    pub status: u32,
    /// `dokument_zaplacono`
    pub paid: Decimal,
    /// `dokument_zamowienie`
    pub order: String,
    /// `dokument_uwagi`
    pub notes: String,
    /// `dokument_dostep`: others see it by its link
    pub open: bool,
    /// Last part of its addresses.
    pub token: String,
    /// Who buys.
    pub buyer: Buyer,
    /// Lines.
    pub lines: Vec<Line>,
    /// What it comes to.
    pub totals: Amounts,
}

/// An account, which its key opens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// The key; none when it was withdrawn.
    pub key: Option<String>,
    /// What stands before the numbers of a type.
    pub prefixes: BTreeMap<u32, String>,
    /// Documents, oldest first.
    pub documents: Vec<Document>,
}

/// A number that is sent and used already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UsedNumber {
    /// Refused.
    #[default]
    Refused,
    /// Taken a second time.
    Taken,
}

/// The order of lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Order {
    /// Newest first.
    #[default]
    NewestFirst,
    /// Oldest first.
    OldestFirst,
}

/// How text stands in lists.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// As it is.
    #[default]
    Plain,
    /// Percent-encoded.
    Percent,
}

/// What ends a line.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    /// LF
    #[default]
    Newline,
    /// CR and LF
    CarriageReturn,
}

/// Whether a document that nobody else may see has addresses.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClosedLinks {
    /// Only the first two lines.
    #[default]
    Absent,
    /// All five lines.
    Present,
}

/// Whether the next number can be asked for.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextNumber {
    /// It can.
    #[default]
    Told,
    /// The task is not known.
    Unknown,
}

/// Quantities with decimals.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Fractions {
    /// Taken.
    #[default]
    Taken,
    /// Refused.
    Refused,
}

/// What nobody is sure of.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// A number that is used already.
    pub used_number: UsedNumber,
    /// The order of lists.
    pub list_order: Order,
    /// Text in lists.
    pub list_encoding: Encoding,
    /// Ends of lines.
    pub line_end: LineEnd,
    /// Addresses of documents that are not open.
    pub closed_links: ClosedLinks,
    /// The task for the next number.
    pub next_number: NextNumber,
    /// Quantities with decimals.
    pub fractions: Fractions,
    /// How VAT is rounded.
    pub rounding: Rounding,
}

/// What no client may do; a test looks whether any of it was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Misuse {
    /// Requests with the key in their address.
    pub keys_in_addresses: u64,
    /// Documents that would have been mailed.
    pub mails: u64,
    /// Requests that came while another of the same key was open.
    pub parallel: u64,
}

/// Everything the simulator holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fakturowo {
    /// Switches.
    pub settings: Settings,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// What no client may do.
    pub misuse: Misuse,
    /// The last number given to anything.
    pub sequence: u64,
}

impl Fakturowo {
    /// The account that a key opens.
    pub fn account(&self, key: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.key.as_deref() == Some(key))
    }

    /// The account that a key opens, to be changed.
    pub fn account_mut(&mut self, key: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.key.as_deref() == Some(key))
    }
}
