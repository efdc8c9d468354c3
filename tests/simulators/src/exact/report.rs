//! What the books say, for tests and people: balances and bookings.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::Serialize;

use super::books::{Account, Direction, Division, Entry};
use super::guid::Guid;

/// What stands on a ledger account or with a relation. Debit is positive.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Balance {
    /// The code of the account or relation.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The sum of its postings, in the currency of the administration, with two decimals.
    pub balance: Decimal,
}

/// The balances of an administration: everything that was ever posted to, also when it is 0.00 again.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Balances {
    /// By ledger account.
    pub ledger_accounts: Vec<Balance>,
    /// By relation.
    pub relations: Vec<Balance>,
}

impl Balances {
    /// The balance of a ledger account; 0 when nothing was posted to it.
    pub fn ledger_account(&self, code: &str) -> Decimal {
        of(&self.ledger_accounts, code)
    }

    /// The balance of a relation; 0 when nothing was posted to it.
    pub fn relation(&self, code: &str) -> Decimal {
        of(&self.relations, code)
    }

    /// Whether everything stands at 0.00.
    pub fn all_zero(&self) -> bool {
        self.ledger_accounts.iter().chain(&self.relations).all(|one| one.balance.is_zero())
    }
}

fn of(balances: &[Balance], code: &str) -> Decimal {
    balances.iter().find(|one| one.code == code).map_or(Decimal::ZERO, |one| one.balance)
}

/// Adds up the postings.
pub fn balances(division: &Division) -> Balances {
    let mut by_account: BTreeMap<Guid, Decimal> = BTreeMap::new();
    let mut by_relation: BTreeMap<Guid, Decimal> = BTreeMap::new();
    for posting in division.entries.iter().flat_map(|entry| &entry.postings) {
        *by_account.entry(posting.gl_account).or_default() += posting.amount;
        if let Some(relation) = posting.relation {
            *by_relation.entry(relation).or_default() += posting.amount;
        }
    }
    let sorted = |mut balances: Vec<Balance>| {
        balances.sort_by(|a, b| a.code.cmp(&b.code));
        balances
    };
    let ledger = by_account.into_iter().map(|(id, amount)| {
        let account = division.gl_accounts.get(&id);
        let name = account.map(|account| account.description.clone());
        balance(account.map_or_else(|| id.to_string(), |account| account.code.clone()), name, amount)
    });
    let relations = by_relation.into_iter().map(|(id, amount)| {
        let account = division.accounts.get(&id);
        let name = account.map(|account| account.name.clone());
        balance(account.map_or_else(|| id.to_string(), |account| account.code.trim().to_owned()), name, amount)
    });
    Balances { ledger_accounts: sorted(ledger.collect()), relations: sorted(relations.collect()) }
}

fn balance(code: String, name: Option<String>, mut balance: Decimal) -> Balance {
    balance.rescale(2);
    Balance { code, name: name.unwrap_or_default(), balance }
}

/// A line of a booking.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BookingLine {
    /// The ledger account.
    pub gl_account: String,
    /// What it says.
    pub description: Option<String>,
    /// Without VAT, in the currency of the booking.
    pub amount: Decimal,
    /// The VAT code.
    pub vat_code: Option<String>,
    /// The VAT, in the currency of the booking.
    pub vat: Decimal,
    /// The cost centre.
    pub cost_center: Option<String>,
    /// The cost unit.
    pub cost_unit: Option<String>,
}

/// A movement on a ledger account.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BookingPosting {
    /// The ledger account.
    pub gl_account: String,
    /// Debit is positive; in the currency of the administration.
    pub amount: Decimal,
}

/// A file of a booking's document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct BookingFile {
    /// Its id, for `/_sim/attachments/{id}`.
    pub id: Guid,
    /// Its name.
    pub file_name: String,
    /// Its size.
    pub bytes: i32,
}

/// An entry with everything around it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Booking {
    /// `EntryID`
    pub entry_id: Guid,
    /// Purchase or sales.
    pub direction: Direction,
    /// The journal.
    pub journal: String,
    /// The number in it.
    pub entry_number: i32,
    /// 30, 31, 20 or 21.
    pub kind: i32,
    /// 20 open, 50 processed.
    pub status: i32,
    /// The code of the relation.
    pub relation: String,
    /// Its name.
    pub relation_name: String,
    /// The invoice number.
    pub your_ref: Option<String>,
    /// What the header says.
    pub description: Option<String>,
    /// The date.
    pub date: Option<NaiveDate>,
    /// The due date.
    pub due_date: Option<NaiveDate>,
    /// The currency.
    pub currency: String,
    /// With VAT, in that currency.
    pub amount: Decimal,
    /// The VAT, in that currency.
    pub vat: Decimal,
    /// Who booked it.
    pub creator: String,
    /// When.
    pub created: Option<DateTime<Utc>>,
    /// The document's subject.
    pub subject: Option<String>,
    /// The document's files.
    pub files: Vec<BookingFile>,
    /// The lines.
    pub lines: Vec<BookingLine>,
    /// What it did to the ledger accounts.
    pub postings: Vec<BookingPosting>,
}

/// The bookings of an administration, oldest first.
pub fn bookings(division: &Division) -> Vec<Booking> {
    division.entries.iter().map(|entry| booking(division, entry)).collect()
}

fn booking(division: &Division, entry: &Entry) -> Booking {
    let relation = division.accounts.get(&entry.relation).map(|account: &Account| account.code.trim().to_owned());
    let document = entry.document.and_then(|id| division.documents.get(&id));
    let gl_account = |id: &Guid| division.gl_accounts.get(id).map_or_else(|| id.to_string(), |one| one.code.clone());
    Booking {
        entry_id: entry.id,
        direction: entry.direction,
        journal: entry.journal.clone(),
        entry_number: entry.entry_number,
        kind: entry.kind,
        status: entry.status,
        relation: relation.unwrap_or_default(),
        relation_name: entry.relation_name.clone(),
        your_ref: entry.your_ref.clone(),
        description: entry.description.clone(),
        date: entry.entry_date,
        due_date: entry.due_date,
        currency: entry.currency.clone(),
        amount: entry.amount_fc,
        vat: entry.vat_amount_fc.unwrap_or_default(),
        creator: entry.creator_full_name.clone(),
        created: entry.created,
        subject: document.map(|document| document.subject.clone()),
        files: files(division, entry.document),
        lines: entry
            .lines
            .iter()
            .map(|line| BookingLine {
                gl_account: line.gl_account_code.clone(),
                description: line.description.clone(),
                amount: line.amount_fc.unwrap_or_default(),
                vat_code: line.vat_code.clone(),
                vat: line.vat_amount_fc.unwrap_or_default(),
                cost_center: line.cost_center.clone(),
                cost_unit: line.cost_unit.clone(),
            })
            .collect(),
        postings: entry
            .postings
            .iter()
            .map(|posting| BookingPosting { gl_account: gl_account(&posting.gl_account), amount: posting.amount })
            .collect(),
    }
}

/// The files of a document.
pub fn files(division: &Division, document: Option<Guid>) -> Vec<BookingFile> {
    let of_document = division.attachments.iter().filter(|file| Some(file.document) == document);
    of_document
        .map(|file| BookingFile { id: file.id, file_name: file.file_name.clone(), bytes: file.file_size })
        .collect()
}
