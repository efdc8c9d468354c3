//! What is in the simulator: registrations, tokens, administrations, and what was booked.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What is done about members of a request that are not known.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownMembers {
    /// They are refused.
    #[default]
    Refused,
    /// They are passed over, as the real one may do.
    Ignored,
}

/// What becomes of a refresh token that was used.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshTokens {
    /// It goes on working.
    #[default]
    Fixed,
    /// It dies, and another one is given.
    Rotating,
}

/// Whether a renewal names where consents come back to. Some clients leave it out.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RefreshRedirect {
    /// It may.
    #[default]
    Optional,
    /// It must.
    Needed,
}

/// What is done about an invoice number that the relation has already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SameNumber {
    /// Nothing: the worst case.
    #[default]
    Taken,
    /// It is refused.
    Refused,
}

/// Whether lists heed filters and pages.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filters {
    /// They do.
    #[default]
    Heeded,
    /// They come whole.
    Ignored,
}

/// Whether links to documents are taken.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Links {
    /// They are.
    #[default]
    Taken,
    /// The module for documents is missing.
    Refused,
}

/// How a credit note or a negative line is booked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CreditNotes {
    /// On the other side.
    #[default]
    Swap,
    /// With negative amounts.
    Negative,
}

/// A side of a booking.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Side {
    /// Debit.
    Debit,
    /// Credit.
    #[default]
    Credit,
}

/// Switches: what nobody is sure of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Versions of the API that answer.
    pub versions: Vec<String>,
    /// Life of an access token, seconds.
    pub token_seconds: i64,
    /// What becomes of refresh tokens.
    pub refresh_tokens: RefreshTokens,
    /// The redirect URI in a renewal.
    pub refresh_redirect: RefreshRedirect,
    /// Members that are not known.
    pub unknown_members: UnknownMembers,
    /// Numbers that are there already.
    pub same_number: SameNumber,
    /// Filters and pages.
    pub filters: Filters,
    /// Links to documents.
    pub links: Links,
    /// Credit notes.
    pub credit_notes: CreditNotes,
    /// Where revenue is booked.
    pub revenue_side: Side,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            versions: vec!["V221".to_owned()],
            token_seconds: 3_600,
            refresh_tokens: RefreshTokens::default(),
            refresh_redirect: RefreshRedirect::default(),
            unknown_members: UnknownMembers::default(),
            same_number: SameNumber::default(),
            filters: Filters::default(),
            links: Links::default(),
            credit_notes: CreditNotes::default(),
            revenue_side: Side::default(),
        }
    }
}

/// A registered client.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct App {
    /// Its id.
    pub id: String,
    /// Its secret.
    pub secret: String,
    /// Where consents may come back to.
    pub redirect_uris: Vec<String>,
}

/// A code of a consent.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Code {
    /// The code.
    pub code: String,
    /// For which app.
    pub app: String,
    /// Where it was sent.
    pub redirect_uri: String,
    /// When it was given.
    pub issued: DateTime<Utc>,
}

/// Everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct State {
    /// Switches.
    pub settings: Settings,
    /// Registered clients.
    pub apps: Vec<App>,
    /// Codes that consents brought.
    pub codes: Vec<Code>,
    /// Access tokens, and until when they are good.
    pub access_tokens: BTreeMap<String, DateTime<Utc>>,
    /// Refresh tokens, and whose they are.
    pub refresh_tokens: BTreeMap<String, String>,
    /// Whether the person refuses.
    pub consent_denied: bool,
    /// Administrations.
    pub databases: Vec<Database>,
    /// Counts what has to be different.
    pub sequence: u64,
}

/// An administration.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Database {
    /// Its id, such as `MVL00124`.
    pub id: String,
    /// Its name.
    pub name: String,
    /// Fiscal years.
    pub years: Vec<Year>,
    /// Journals.
    pub journals: Vec<Journal>,
    /// VAT codes.
    pub vat_codes: Vec<VatCode>,
    /// Payment conditions: id, name, days.
    pub conditions: Vec<(String, String, i64)>,
    /// Cost centres by code.
    pub cost_centres: BTreeMap<String, String>,
    /// Cost units by code.
    pub cost_units: BTreeMap<String, String>,
    /// VAT scenarios by id.
    pub scenarios: BTreeMap<i64, String>,
    /// So much of the euro for one of each currency.
    pub currencies: BTreeMap<String, Decimal>,
    /// Suppliers and customers.
    pub relations: Vec<Relation>,
    /// Bank accounts: organisation and IBAN.
    pub bank_accounts: Vec<(String, String)>,
    /// Invoices, oldest first.
    pub invoices: Vec<Invoice>,
    /// Journal entries, oldest first.
    pub entries: Vec<Entry>,
}

/// A fiscal year with what belongs to it.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Year {
    /// Its number.
    pub year: i64,
    /// Its periods.
    pub periods: Vec<Period>,
    /// Its ledger accounts: number and name.
    pub accounts: BTreeMap<String, String>,
}

/// A period.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub struct Period {
    /// Its number.
    pub number: i64,
    /// First and last day.
    pub days: (NaiveDate, NaiveDate),
    /// Whether it is closed.
    pub closed: bool,
}

/// What is booked in a journal.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JournalKind {
    /// Purchases.
    Purchase,
    /// Sales.
    Sales,
    /// Anything.
    #[default]
    Memorial,
}

/// A journal.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Journal {
    /// Its code.
    pub id: String,
    /// Its name.
    pub name: String,
    /// What is booked in it.
    pub kind: JournalKind,
    /// The last number given, by year.
    pub last: BTreeMap<i64, i64>,
}

/// What a VAT code does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Charged {
    /// VAT on top.
    #[default]
    Once,
    /// Owed and deducted at once, whatever a line states: it must state none.
    BothSides,
}

/// A VAT code.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct VatCode {
    /// Its number.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// Percentages by the day from which they hold.
    pub percentages: BTreeMap<NaiveDate, Decimal>,
    /// What it does.
    pub charged: Charged,
}

/// Which side of the books a relation or an invoice is on.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// A supplier, a purchase.
    #[default]
    Purchase,
    /// A customer, a sale.
    Sales,
}

/// A supplier or customer.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Relation {
    /// Its code.
    pub code: String,
    /// Which of the two it is.
    pub direction: Direction,
    /// Its name.
    pub name: String,
    /// Its short name.
    pub short_name: String,
    /// Its VAT number.
    pub vat_number: String,
    /// Its number in the trade register.
    pub registry: String,
    /// By which bank accounts know it.
    pub organisation: String,
}

/// A link to a document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct DocumentLink {
    /// Address.
    pub address: String,
    /// What it says.
    pub description: String,
    /// Reference.
    pub reference: String,
    /// Subject.
    pub subject: String,
}

/// An amount in the currency of the books and in that of the invoice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Amount {
    /// In the currency of the books.
    pub base: Decimal,
    /// In that of the invoice.
    pub own: Decimal,
}

/// An invoice. Totals are signed by their effect.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Invoice {
    /// Its id.
    pub id: String,
    /// Purchase or sale.
    pub direction: Direction,
    /// Supplier or customer.
    pub relation: String,
    /// Journal.
    pub journal: String,
    /// Number in the journal.
    pub transaction: i64,
    /// Fiscal year.
    pub year: i64,
    /// Period.
    pub period: i64,
    /// Date.
    pub date: NaiveDate,
    /// Due date.
    pub due: NaiveDate,
    /// Payment condition.
    pub condition: String,
    /// Payment reference.
    pub payment_reference: String,
    /// The number on the invoice.
    pub reference: String,
    /// Currency.
    pub currency: String,
    /// So much of the books' currency for one of it.
    pub rate: Decimal,
    /// With VAT.
    pub total: Amount,
    /// Without VAT.
    pub net: Amount,
    /// VAT.
    pub vat: Amount,
    /// VAT scenario.
    pub scenario: Option<i64>,
    /// The link to the document.
    pub link: Option<DocumentLink>,
    /// Lines.
    pub lines: Vec<Line>,
}

/// A line, as it came.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Line {
    /// Ledger account.
    pub account: String,
    /// What it says.
    pub description: String,
    /// Debit.
    pub debit: Option<Amount>,
    /// Credit.
    pub credit: Option<Amount>,
    /// VAT.
    pub vat: Amount,
    /// VAT code.
    pub vat_code: Option<i64>,
    /// Cost centre.
    pub cost_centre: String,
    /// Cost unit.
    pub cost_unit: String,
    /// What stands in its document field.
    pub document: String,
    /// What it adds to the invoice: net and VAT, signed by their effect.
    pub effect: (Amount, Amount),
}

/// A journal entry.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
pub struct Entry {
    /// Journal.
    pub journal: String,
    /// Number in the journal.
    pub transaction: i64,
    /// Fiscal year.
    pub year: i64,
    /// Period.
    pub period: i64,
    /// Date.
    pub date: NaiveDate,
    /// What it says.
    pub description: String,
    /// Account and amount of each line: debit is positive.
    pub lines: Vec<(String, Decimal)>,
}

impl State {
    /// A text that no other has.
    pub fn fresh(&mut self, kind: &str) -> String {
        use std::hash::{BuildHasher, RandomState};
        self.sequence += 1;
        // Not secret: this guards play money.
        format!("{kind}-{}-{:016x}", self.sequence, RandomState::new().hash_one(self.sequence))
    }

    /// An administration.
    pub fn database(&self, id: &str) -> Option<&Database> {
        self.databases.iter().find(|database| database.id.eq_ignore_ascii_case(id))
    }

    /// An administration, to be changed.
    pub fn database_mut(&mut self, id: &str) -> Option<&mut Database> {
        self.databases.iter_mut().find(|database| database.id.eq_ignore_ascii_case(id))
    }
}

impl Database {
    /// A fiscal year.
    pub fn year(&self, year: i64) -> Option<&Year> {
        self.years.iter().find(|known| known.year == year)
    }

    /// A relation.
    pub fn relation(&self, direction: Direction, code: &str) -> Option<&Relation> {
        self.relations.iter().find(|known| known.direction == direction && known.code == code)
    }

    /// An invoice.
    pub fn invoice(&self, direction: Direction, id: &str) -> Option<&Invoice> {
        self.invoices.iter().find(|known| known.direction == direction && known.id == id)
    }

    /// Closes or opens a period; false when there is none.
    pub fn close(&mut self, year: i64, number: i64, closed: bool) -> bool {
        let periods = self.years.iter_mut().filter(|known| known.year == year).flat_map(|year| &mut year.periods);
        let mut found = false;
        for period in periods.filter(|period| period.number == number) {
            period.closed = closed;
            found = true;
        }
        found
    }

    /// The next number of a journal in a year.
    pub fn next_transaction(&mut self, journal: &str, year: i64) -> i64 {
        let journal = self.journals.iter_mut().find(|known| known.id == journal);
        journal.map_or(0, |journal| {
            let last = journal.last.entry(year).or_default();
            *last += 1;
            *last
        })
    }

    /// What stands on each account, with each relation and for each VAT code, in the currency of the books: debit is
    /// positive.
    pub fn balances(&self) -> BTreeMap<String, Decimal> {
        let mut balances: BTreeMap<String, Decimal> = BTreeMap::new();
        for invoice in &self.invoices {
            let sign = match invoice.direction {
                Direction::Purchase => Decimal::ONE,
                Direction::Sales => Decimal::NEGATIVE_ONE,
            };
            for line in &invoice.lines {
                *balances.entry(line.account.clone()).or_default() += sign * line.effect.0.base;
                let code = line.vat_code.map_or_else(|| "VAT".to_owned(), |code| format!("VAT {code}"));
                *balances.entry(code).or_default() += sign * line.effect.1.base;
            }
            *balances.entry(format!("relation {}", invoice.relation)).or_default() -= sign * invoice.total.base;
        }
        for entry in &self.entries {
            for (account, amount) in &entry.lines {
                *balances.entry(account.clone()).or_default() += amount;
            }
        }
        balances
    }
}
