//! A push: what is to be booked, where an attempt stands, and what came of it.

use crate::{
    call::Call,
    descriptor::Options,
    error::{ErrorCode, ErrorKind, LedgerError, Operation},
    forwarding::Forwarded,
    invoicing::PassedDocument,
};
use domain::{
    contact::Contact,
    ids::{DocumentId, Id},
    ledger::{AccountCode, CostCentre, DirectoryEntry, DirectoryKind, LedgerContact, VatCode},
    money::{Currency, Money},
    posting::Posting,
    time::Instant,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{
    any::Any,
    collections::{BTreeMap, BTreeSet},
};

/// What a file is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    /// A PDF.
    Pdf,
    /// The invoice as XML.
    Ubl,
}

/// A file that may be attached; the connection's options say which kinds are.
#[derive(Clone, Copy)]
pub struct File<'a> {
    /// What it is.
    pub kind: FileKind,
    /// Its name in the ledger; different for each file of a document.
    pub name: &'a str,
    /// Its content.
    pub bytes: &'a [u8],
}

/// Whether a missing supplier or customer may be made in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreateContacts {
    /// It may.
    Allowed,
    /// A person makes it.
    Refused,
}

/// What to do when somebody else seems to have booked the same document in the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// Stop: [`ErrorCode::Duplicate`].
    Refuse,
    /// A person looked and wants it booked all the same.
    Accepted,
}

/// Ledger ids behind codes, where a ledger wants ids. Known ones save a request for each push; wrong ones show as
/// [`ErrorCode::UnknownAccount`] or its like, after which the caller forgets them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Codes {
    /// Ids of ledger accounts.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub accounts: BTreeMap<AccountCode, String>,
    /// VAT codes exactly as the ledger wants them back.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub vat_codes: BTreeMap<VatCode, String>,
    /// Ids of cost centres.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub cost_centres: BTreeMap<CostCentre, String>,
}

impl Codes {
    /// Takes what a directory says.
    pub fn learn(&mut self, kind: DirectoryKind, entries: &[DirectoryEntry]) {
        for entry in entries {
            let id = entry.id.clone().unwrap_or_else(|| entry.code.clone());
            match kind {
                DirectoryKind::LedgerAccounts => {
                    entry.code.parse().map(|code| self.accounts.insert(code, id)).ok();
                }
                DirectoryKind::VatCodes => {
                    entry.code.parse().map(|code| self.vat_codes.insert(code, id)).ok();
                }
                DirectoryKind::CostCentres => {
                    entry.code.parse().map(|code| self.cost_centres.insert(code, id)).ok();
                }
                DirectoryKind::Divisions
                | DirectoryKind::Journals
                | DirectoryKind::Suppliers
                | DirectoryKind::Customers
                | DirectoryKind::Periods
                | DirectoryKind::NumberingSeries
                | DirectoryKind::PaymentTypes => {}
            }
        }
    }

    /// Takes over what others know.
    pub fn extend(&mut self, others: &Self) {
        self.accounts.extend(others.accounts.clone());
        self.vat_codes.extend(others.vat_codes.clone());
        self.cost_centres.extend(others.cost_centres.clone());
    }
}

/// What is to be booked, and all that a ledger needs for it.
#[derive(Clone, Copy)]
pub struct PushRequest<'a> {
    /// Whose booking it is: our reference in the ledger is made from this id.
    pub document: DocumentId,
    /// The booking.
    pub posting: &'a Posting,
    /// The supplier or customer.
    pub contact: &'a Contact,
    /// Whether it may be made in the ledger.
    pub create_contacts: CreateContacts,
    /// What to do about a booking of somebody else.
    pub duplicates: Duplicates,
    /// The document's files.
    pub files: &'a [File<'a>],
    /// The connection's options for this set of books.
    pub options: &'a Options,
    /// Ids that are already known.
    pub codes: &'a Codes,
}

impl PushRequest<'_> {
    /// Our reference in the ledger: short enough for a subject, and 60 random bits long.
    pub fn key(&self) -> String {
        key_of(self.document)
    }
}

/// Our reference for a document: the last twelve characters of its id, 60 random bits.
pub(crate) fn key_of(id: impl Id) -> String {
    let id = id.ulid().to_string();
    id.get(id.len().saturating_sub(12)..).unwrap_or(&id).to_owned()
}

/// What of an attempt has to outlive the process: a few bytes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Checkpoint {
    /// Id of what was made in the ledger to carry our key and the files.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) holder: Option<String>,
}

/// Whether something was looked up in this attempt.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(crate) enum Looked {
    #[default]
    NotYet,
    Done,
}

/// What is known so far; re-derived after a restart.
#[derive(Debug, Default)]
pub(crate) struct Facts {
    pub(crate) contact: Option<LedgerContact>,
    /// How many ways of finding the contact were tried.
    pub(crate) contact_ways: usize,
    /// Whose bank account it is; whether that relation fits has to be looked at.
    pub(crate) contact_owner: Option<String>,
    pub(crate) codes: Codes,
    pub(crate) holder: Looked,
    pub(crate) holder_link: Option<String>,
    pub(crate) own_booking: Looked,
    pub(crate) duplicates: Looked,
    /// Path of the next page of what may be duplicates.
    pub(crate) more_duplicates: Option<String>,
    /// Names of the files that the holder has.
    pub(crate) files: Option<BTreeSet<String>>,
    /// The ledger said that the number is taken: whose booking is it?
    pub(crate) number_taken: bool,
    pub(crate) booking: Option<Booked>,
    /// The ledger's document of an issued one.
    pub(crate) passed: Option<PassedDocument>,
    /// What a marketplace made of a forwarded one.
    pub(crate) forwarded: Option<Forwarded>,
    /// What time it is, for marketplaces that take their time.
    pub(crate) now: Instant,
    /// Whether the booking was read back because the answer to the request left something out.
    pub(crate) read_back: Looked,
    /// What is to be told although it was booked.
    pub(crate) remark: Option<LedgerError>,
    /// What only this ledger wants to know, in a type of its own: see [`Facts::own`].
    own: Option<Box<dyn Any + Send + Sync>>,
}

impl Facts {
    /// What only this ledger wants to know, as far as it was learned.
    pub(crate) fn own<T: Any + Send + Sync>(&self) -> Option<&T> {
        self.own.as_ref()?.downcast_ref()
    }

    /// The same, to be added to. Each ledger has one type for it.
    pub(crate) fn own_mut<T: Any + Send + Sync + Default>(&mut self) -> Option<&mut T> {
        self.own.get_or_insert_with(|| Box::<T>::default()).downcast_mut()
    }
}

/// Where a push stands. [`Progress::first`] for the first attempt of a document, [`Progress::again`] whenever an earlier
/// attempt was begun, whatever became of it.
#[derive(Debug)]
pub struct Progress {
    pub(crate) checkpoint: Checkpoint,
    pub(crate) facts: Facts,
}

impl Progress {
    /// No attempt was ever begun for this document on this connection: nothing has to be looked for.
    pub fn first() -> Self {
        let facts =
            Facts { holder: Looked::Done, own_booking: Looked::Done, files: Some(BTreeSet::new()), ..Facts::default() };
        Self { checkpoint: Checkpoint::default(), facts }
    }

    /// An attempt was begun before; `checkpoint` is what it stored, or the default. Looks in the ledger before it
    /// writes, so it must not begin before the descriptor's settle time has passed since the earlier attempt can last
    /// have sent anything.
    pub fn again(checkpoint: Checkpoint) -> Self {
        Self { checkpoint, facts: Facts::default() }
    }

    /// What to store when [`Advance::Store`] says so.
    pub fn checkpoint(&self) -> &Checkpoint {
        &self.checkpoint
    }

    /// What people should know although it was booked: something optional that the ledger did not take.
    pub fn remark(&self) -> Option<&LedgerError> {
        self.facts.remark.as_ref()
    }
}

/// What comes next in a push.
#[derive(Debug)]
pub enum Step<D = LedgerDocument> {
    /// This request.
    Call(Call),
    /// Nothing: it is in the ledger as asked.
    Done(Box<D>),
}

/// What one request of a push came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Advance<D = LedgerDocument> {
    /// Go on; nothing needs to be stored.
    Next,
    /// Store [`Progress::checkpoint`] durably, then go on.
    Store,
    /// In the ledger, and equal to what was asked.
    Done(Box<D>),
}

/// What a look into the ledger came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Lookup<D = LedgerDocument> {
    /// Look on.
    More,
    /// Our booking, equal to what was asked.
    Ours(Box<D>),
    /// Somebody else's booking of the same document: its number.
    Foreign(String),
    /// No booking.
    Absent,
}

/// How a booking came to be known.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Found {
    /// The ledger's answer to our request.
    Created,
    /// It was found in the ledger: an earlier attempt had succeeded.
    Again,
}

/// A booking in the ledger.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct LedgerDocument {
    /// The ledger's own id.
    pub id: String,
    /// The number that people see there.
    pub number: String,
    /// Where a person can look at it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Who made it, by name (AP-11: the ledger user behind the connection).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub creator: Option<String>,
    /// The relation it was booked on: store it with the contact.
    pub contact: LedgerContact,
    /// How it came to be known.
    pub found: Found,
    /// Ids learned on the way: worth keeping for the next push.
    #[serde(skip)]
    pub codes: Codes,
}

/// A booking as the ledger describes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Booked {
    pub(crate) id: String,
    pub(crate) number: String,
    pub(crate) contact: LedgerContact,
    pub(crate) creator: Option<String>,
    pub(crate) gross: Option<Decimal>,
    pub(crate) vat: Option<Decimal>,
    pub(crate) currency: Option<Currency>,
    /// Whether the ledger took it as reducing what is owed.
    pub(crate) reduces: Option<bool>,
    /// The document's number as the ledger has it.
    pub(crate) reference: Option<String>,
    pub(crate) found: Found,
}

impl Booked {
    /// Whether everything is known that has to be compared.
    pub(crate) fn is_complete(&self) -> bool {
        self.gross.is_some() && self.vat.is_some() && self.currency.is_some() && self.reduces.is_some()
    }
}

/// What must be equal between posting and booking: see [`compare`].
#[derive(Debug, Clone, Copy)]
pub(crate) struct Asked<'a> {
    pub(crate) posting: &'a Posting,
    /// The document's number as it was sent.
    pub(crate) reference: &'a str,
    /// The VAT that the ledger reports for such a booking.
    pub(crate) vat: Decimal,
}

/// Compares what the ledger did with what was asked. Amounts are compared without their sign, which ledgers turn as they
/// like; whether it was taken as an invoice or a credit note is compared by itself.
pub(crate) fn compare(asked: &Asked<'_>, booked: &Booked, ledger: &str) -> Result<(), LedgerError> {
    let posting = asked.posting;
    // In words, and as what stands there against what should.
    let (mut differences, mut values) = (Vec::new(), Vec::new());
    let mut amount = |what: &str, want: Decimal, got: Option<Decimal>| {
        // Ledgers that compute in binary floats may append digits that mean nothing.
        let equal = |got: Decimal| got.abs().round_dp(want.scale().max(2)) == want.abs();
        if !got.is_some_and(equal) {
            let want = Money::new(want, posting.currency);
            let got = got.map_or_else(|| "—".to_owned(), |got| format!("{got:.2}"));
            values.push(format!("{got} ≠ {want}"));
            differences.push(format!("{what}: {got} instead of {want}"));
        }
    };
    amount("amount", posting.gross, booked.gross);
    amount("VAT", asked.vat, booked.vat);
    if booked.currency != Some(posting.currency) {
        let got = booked.currency.map_or_else(|| "—".to_owned(), |currency| currency.to_string());
        values.push(format!("{got} ≠ {}", posting.currency));
        differences.push(format!("currency: {got} instead of {}", posting.currency));
    }
    let reduces = posting.gross.is_sign_negative();
    if !posting.gross.is_zero() && booked.reduces != Some(reduces) {
        let (is, should) = if reduces { ("an invoice", "a credit note") } else { ("a credit note", "an invoice") };
        values.push(if reduces { "380 ≠ 381" } else { "381 ≠ 380" }.to_owned());
        differences.push(format!("type: {is} instead of {should}"));
    }
    if booked.reference.as_deref().map(str::trim) != Some(asked.reference.trim()) {
        values.push(format!("{} ≠ {}", booked.reference.as_deref().unwrap_or("—"), asked.reference));
        differences.push("invoice number: another one".to_owned());
    }
    if differences.is_empty() {
        return Ok(());
    }
    let message = format!(
        "{ledger} booked this as entry {} but not as asked ({}). Correct or remove the entry in {ledger}, then settle \
         this document by hand.",
        booked.number,
        differences.join("; ")
    );
    Err(LedgerError::new(ErrorKind::Uncertain, ErrorCode::Mismatch, Operation::Compare, message)
        .about(format!("{}; {}", booked.number, values.join("; ")))
        .with_booking(&booked.number))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_checkpoint_is_a_few_bytes_and_reads_back() {
        let checkpoint = Checkpoint { holder: Some("d0c0ffee-0000-4000-8000-000000000001".into()) };
        let stored = serde_json::to_string(&checkpoint).unwrap();
        assert!(stored.len() < 64, "{stored}");
        assert_eq!(serde_json::from_str::<Checkpoint>(&stored).unwrap(), checkpoint);
        assert_eq!(serde_json::from_str::<Checkpoint>("{}").unwrap(), Checkpoint::default());
    }

    #[test]
    fn directories_fill_the_known_ids() {
        let entry = |code: &str, id: Option<&str>| DirectoryEntry {
            code: code.into(),
            id: id.map(Into::into),
            ..DirectoryEntry::default()
        };
        let mut codes = Codes::default();
        codes.learn(DirectoryKind::LedgerAccounts, &[entry("4600", Some("guid"))]);
        codes.learn(DirectoryKind::VatCodes, &[entry("4", Some("4  ")), entry("2", None)]);
        assert_eq!(codes.accounts[&"4600".parse::<AccountCode>().unwrap()], "guid");
        assert_eq!(codes.vat_codes[&"4".parse::<VatCode>().unwrap()], "4  ");
        assert_eq!(codes.vat_codes[&"2".parse::<VatCode>().unwrap()], "2");
    }
}
