//! What the simulator holds. Its JSON is what `/_sim/state` shows.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, Datelike, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Purchase or sales.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// `inkoopboekingen`
    #[default]
    Purchase,
    /// `verkoopboekingen`
    Sales,
}

impl Direction {
    /// The kind of relation that is booked on.
    pub fn relation(self) -> &'static str {
        match self {
            Self::Purchase => "Leverancier",
            Self::Sales => "Klant",
        }
    }

    /// The word before a kind of VAT on a whole booking.
    pub fn vat(self) -> &'static str {
        match self {
            Self::Purchase => "Inkopen",
            Self::Sales => "Verkopen",
        }
    }
}

/// A relation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Relation {
    /// `id`
    pub id: String,
    /// `relatiecode`
    pub code: i64,
    /// `naam`
    pub name: String,
    /// `relatiesoort`
    pub kinds: BTreeSet<String>,
    /// `btwNummer`
    pub vat_number: Option<String>,
    /// `kvkNummer`
    pub registry: Option<String>,
    /// `iban`
    pub iban: Option<String>,
    /// `krediettermijn`, in days
    pub term: i64,
    /// `nonactief`
    pub inactive: bool,
}

/// Whether an account takes cost centres.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostCentres {
    /// As one likes.
    #[default]
    Allowed,
    /// `kostenplaatsVerplicht`
    Required,
    /// None.
    Refused,
}

/// A ledger account.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// `id`
    pub id: String,
    /// `nummer`
    pub number: i64,
    /// `omschrijving`
    pub name: String,
    /// `btwSoort`: the kinds of VAT that lines may have.
    pub vat_kinds: BTreeSet<String>,
    /// Cost centres.
    pub cost_centres: CostCentres,
    /// Lines are booked on it.
    pub bookable: bool,
    /// `nonactief`
    pub inactive: bool,
}

/// A cost centre.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CostCentre {
    /// `id`
    pub id: String,
    /// `nummer`
    pub number: i64,
    /// `omschrijving`
    pub name: String,
    /// `nonactief`
    pub inactive: bool,
}

/// A rate of VAT over a time.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VatRate {
    /// `btwSoort`
    pub kind: String,
    /// `btwPercentage`
    pub percent: Decimal,
    /// `datumVanaf`
    pub from: NaiveDate,
    /// `datumTotEnMet`
    pub to: Option<NaiveDate>,
}

/// A line of a booking.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Line {
    /// Id of the account.
    pub account: String,
    /// `bedrag`
    pub amount: Decimal,
    /// `btwSoort`
    pub vat_kind: String,
    /// Id of the cost centre.
    pub cost_centre: Option<String>,
    /// `omschrijving`
    pub description: String,
}

/// VAT of a whole booking.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VatAmount {
    /// `btwSoort`
    pub kind: String,
    /// `btwBedrag`
    pub amount: Decimal,
}

/// A booking, and the open item that it makes.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Booking {
    /// `id`
    pub id: String,
    /// Id of the open item.
    pub invoice_id: String,
    /// Purchase or sales.
    pub direction: Direction,
    /// `boekstuk`
    pub voucher: String,
    /// `factuurnummer`
    pub number: String,
    /// `factuurdatum`
    pub date: NaiveDate,
    /// `vervalDatum`
    pub due: NaiveDate,
    /// Id of the relation.
    pub relation: String,
    /// `omschrijving`
    pub description: String,
    /// `factuurbedrag`
    pub total: Decimal,
    /// `boekingsregels`
    pub lines: Vec<Line>,
    /// `btw`
    pub vat: Vec<VatAmount>,
    /// `modifiedOn`
    pub modified: DateTime<Utc>,
}

/// A file with a booking.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Document {
    /// `id`
    pub id: String,
    /// Id of the booking.
    pub parent: String,
    /// `fileName`
    pub file_name: String,
    /// Bytes, decoded.
    pub bytes: usize,
}

/// An administration, which one connection key opens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Administration {
    /// `administratieIdentifier`
    pub id: String,
    /// `administratieNaam`
    pub name: String,
    /// The connection key; none when it was withdrawn.
    pub key: Option<String>,
    /// What the key may do.
    pub scopes: BTreeSet<String>,
    /// Relations.
    pub relations: Vec<Relation>,
    /// Ledger accounts.
    pub accounts: Vec<Account>,
    /// Cost centres.
    pub cost_centres: Vec<CostCentre>,
    /// VAT rates.
    pub vat_rates: Vec<VatRate>,
    /// Months that take no bookings.
    pub blocked: BTreeSet<(i32, u32)>,
    /// VAT numbers that are refused: they are looked up at the tax office.
    pub refused_vat_numbers: BTreeSet<String>,
    /// Bookings, oldest first.
    pub bookings: Vec<Booking>,
    /// Files.
    pub documents: Vec<Document>,
    /// Calls in the minute that is counted.
    pub minute: (i64, u32),
    /// Calls in the hour that is counted.
    pub hour: (i64, u32),
}

impl Administration {
    /// A relation by its id.
    pub fn relation(&self, id: &str) -> Option<&Relation> {
        self.relations.iter().find(|relation| relation.id == id)
    }

    /// An account by its id.
    pub fn account(&self, id: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.id == id)
    }

    /// A booking by its id.
    pub fn booking(&self, direction: Direction, id: &str) -> Option<&Booking> {
        self.bookings_of(direction).find(|booking| booking.id == id)
    }

    /// The bookings of a side, oldest first.
    pub fn bookings_of(&self, direction: Direction) -> impl Iterator<Item = &Booking> {
        self.bookings.iter().filter(move |booking| booking.direction == direction)
    }

    /// Whether a day is in a month that takes no bookings.
    pub fn is_blocked(&self, day: NaiveDate) -> bool {
        self.blocked.contains(&(day.year(), day.month()))
    }

    /// What stands on each account, each relation and each kind of VAT: debit positive.
    pub fn balances(&self) -> BTreeMap<String, Decimal> {
        let mut balances: BTreeMap<String, Decimal> = BTreeMap::new();
        for booking in &self.bookings {
            let sign = match booking.direction {
                Direction::Purchase => Decimal::ONE,
                Direction::Sales => Decimal::NEGATIVE_ONE,
            };
            for line in &booking.lines {
                *balances.entry(line.account.clone()).or_default() += sign * line.amount;
            }
            for vat in &booking.vat {
                *balances.entry(vat.kind.clone()).or_default() += sign * vat.amount;
            }
            *balances.entry(booking.relation.clone()).or_default() -= sign * booking.total;
        }
        balances
    }
}

/// How much VAT a purchase under reverse charge must state. Nobody is sure of the real one.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReverseCharge {
    /// 0.00
    #[default]
    Zero,
    /// The VAT that the buyer owes; it does not count in the balance.
    Owed,
}

/// Switches.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// How long a token lives, in seconds.
    pub token_seconds: i64,
    /// Calls of an administration in a minute.
    pub calls_per_minute: u32,
    /// Calls of an administration in an hour.
    pub calls_per_hour: u32,
    /// Whether 429 says how long to wait.
    pub says_retry_after: bool,
    /// Reverse charge.
    pub reverse_charge: ReverseCharge,
    /// Whether bookings without a voucher number get one.
    pub numbers_vouchers: bool,
    /// Whether filters on the ledger accounts are passed over, as they are on journals.
    pub ignores_account_filters: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            token_seconds: 3_599,
            calls_per_minute: 500,
            calls_per_hour: 5_000,
            says_retry_after: true,
            reverse_charge: ReverseCharge::Zero,
            numbers_vouchers: true,
            ignores_account_filters: false,
        }
    }
}

/// A token that was minted.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Token {
    /// Id of the administration.
    pub administration: String,
    /// When it ends.
    pub expires: DateTime<Utc>,
}

/// Everything the simulator holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Snelstart {
    /// Switches.
    pub settings: Settings,
    /// Subscription keys of partners.
    pub subscription_keys: BTreeSet<String>,
    /// Administrations.
    pub administrations: Vec<Administration>,
    /// Tokens.
    pub tokens: BTreeMap<String, Token>,
    /// The last number given to anything.
    pub sequence: u64,
}

impl Snelstart {
    /// A new id. The first part says what it is for.
    pub(crate) fn new_id(&mut self, family: u32) -> String {
        self.sequence += 1;
        id(family, self.sequence)
    }

    /// The administration of an id.
    pub fn administration(&self, id: &str) -> Option<&Administration> {
        self.administrations.iter().find(|administration| administration.id == id)
    }

    /// The administration of an id, to be changed.
    pub fn administration_mut(&mut self, id: &str) -> Option<&mut Administration> {
        self.administrations.iter_mut().find(|administration| administration.id == id)
    }
}

/// An id from two numbers.
pub(crate) fn id(family: u32, number: u64) -> String {
    format!("{family:08x}-0000-4000-8000-{number:012x}")
}
