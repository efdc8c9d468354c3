//! What is in the simulator: accounts with their keys, accounting month, series, buyers and invoices.

use std::collections::BTreeMap;

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::polish::{Amounts, Priced, Rounding};

/// Whether something is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strictness {
    /// It is refused.
    Refused,
    /// It is taken.
    Taken,
}

/// Whether a day must lie in the accounting month.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssueDay {
    /// It need not.
    #[default]
    Free,
    /// It must, as the day of the sale.
    InMonth,
}

/// How ids are written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identifiers {
    /// As numbers.
    #[default]
    Numbers,
    /// As texts.
    Texts,
}

/// Whether reads say `Kod`.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CodeOnRead {
    /// They do.
    #[default]
    Present,
    /// They do not.
    Absent,
}

/// What becomes of a card that matches a buyer.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cards {
    /// It stays as it is.
    #[default]
    Kept,
    /// It gets what was sent.
    Overwritten,
}

/// When an invoice goes to the national system.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KsefSending {
    /// When it is asked for.
    #[default]
    OnDemand,
    /// By itself.
    ByItself,
}

/// Switches: what nobody is sure of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Numbers of a series that are given already.
    pub taken_number: Strictness,
    /// Members of a request that are not known.
    pub unknown_members: Strictness,
    /// `DodatkoweUwagi`
    pub extra_notes: Strictness,
    /// Payments above the rest.
    pub overpayment: Strictness,
    /// Tax numbers whose last digit is wrong.
    pub wrong_tax_numbers: Strictness,
    /// Exempt lines without the law that exempts them.
    pub no_exemption_basis: Strictness,
    /// Invoices in other currencies.
    pub currencies: Strictness,
    /// The day of issue.
    pub issue_day: IssueDay,
    /// Ids.
    pub identifiers: Identifiers,
    /// `Kod` on reads.
    pub code_on_read: CodeOnRead,
    /// Cards of buyers.
    pub cards: Cards,
    /// The national system.
    pub ksef_sending: KsefSending,
    /// Its number in what is read.
    pub ksef_field: String,
    /// Rounding of VAT.
    pub rounding: Rounding,
    /// The code when the month's documents are used up.
    pub allowance_code: i64,
    /// Most rows of a page.
    pub page_most: usize,
    /// Requests of an account in a minute.
    pub calls_per_minute: u32,
    /// Requests of an account in a day.
    pub calls_per_day: u32,
    /// The address that clients sign, where another machine is in front.
    pub signed_base: Option<String>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            taken_number: Strictness::Refused,
            unknown_members: Strictness::Refused,
            extra_notes: Strictness::Taken,
            overpayment: Strictness::Refused,
            wrong_tax_numbers: Strictness::Refused,
            no_exemption_basis: Strictness::Taken,
            currencies: Strictness::Taken,
            issue_day: IssueDay::default(),
            identifiers: Identifiers::default(),
            code_on_read: CodeOnRead::default(),
            cards: Cards::default(),
            ksef_sending: KsefSending::default(),
            ksef_field: "NumerKSeF".to_owned(),
            rounding: Rounding::default(),
            allowance_code: 201,
            page_most: 100,
            calls_per_minute: 100,
            calls_per_day: 15_000,
            signed_base: None,
        }
    }
}

/// A numbering series.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Series {
    /// Its name.
    pub name: String,
    /// `[numer]/[rok]/Sklep`; it counts each month where it has `[miesiąc]`, each year elsewhere.
    pub format: String,
}

/// A buyer.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contractor {
    /// `Identyfikator`
    pub code: String,
    /// `Nazwa`
    pub name: String,
    /// `Nazwa2`
    pub name2: String,
    /// `PrefiksUE`
    pub prefix: String,
    /// `NIP`
    pub nip: String,
    /// `Ulica`
    pub street: String,
    /// `KodPocztowy`
    pub zip: String,
    /// `Miejscowosc`
    pub city: String,
    /// `Kraj`
    pub country: String,
    /// `KodKraju`
    pub country_code: String,
    /// `Email`
    pub email: String,
    /// `Telefon`
    pub phone: String,
    /// `OsobaFizyczna`
    pub person: bool,
}

/// A line of an invoice.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Line {
    /// `NazwaPelna`
    pub name: String,
    /// `Jednostka`
    pub unit: String,
    /// `Ilosc`
    pub quantity: Decimal,
    /// `CenaJednostkowa`
    pub price: Decimal,
    /// `Rabat`, percent
    pub discount: Decimal,
    /// `StawkaVat` as a fraction; none when it is exempt.
    pub rate: Option<Decimal>,
    /// `PKWiU`
    pub classification: String,
    /// `GTU`
    pub gtu: String,
    /// `PodstawaPrawna`
    pub basis: String,
    /// What it comes to.
    pub amounts: Amounts,
}

/// A payment.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Payment {
    /// `Kwota`
    pub amount: Decimal,
    /// `Data`
    pub date: Option<NaiveDate>,
}

/// The kinds of invoice.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// In zloty.
    #[default]
    Domestic,
    /// In another currency.
    Currency,
}

impl Kind {
    /// The first part of its addresses.
    pub fn prefix(self) -> &'static str {
        match self {
            Self::Domestic => "fakturakraj",
            Self::Currency => "fakturawaluta",
        }
    }

    /// Its name in lists.
    pub fn listed(self) -> &'static str {
        match self {
            Self::Domestic => "prz_faktura_kraj",
            Self::Currency => "prz_faktura_waluta",
        }
    }

    /// The kind behind the first part of an address.
    pub fn of_prefix(prefix: &str) -> Option<Self> {
        [Self::Domestic, Self::Currency].into_iter().find(|kind| kind.prefix() == prefix)
    }
}

/// Where an invoice stands in the national system.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ksef {
    /// It was not sent.
    #[default]
    Unsent,
    /// It gets its number when it was read so many times more.
    Waiting(u32),
    /// It has its number.
    Numbered(String),
}

/// An invoice.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Invoice {
    /// `FakturaId`
    pub id: u64,
    /// Its kind.
    pub kind: Kind,
    /// Name of the series.
    pub series: String,
    /// `Numer`
    pub number: u32,
    /// `PelnyNumer`
    pub full_number: String,
    /// `DataWystawienia`
    pub issued: NaiveDate,
    /// `DataSprzedazy`
    pub sold: NaiveDate,
    /// `FormatDatySprzedazy`
    pub sold_format: String,
    /// `TerminPlatnosci`
    pub due: Option<NaiveDate>,
    /// `SposobZaplaty`
    pub payment: String,
    /// `LiczOd`
    pub priced: Priced,
    /// `Waluta`
    pub currency: String,
    /// `NumerKontaBankowego`
    pub account: String,
    /// `Zaplacono` when it was made
    pub paid_first: Decimal,
    /// `ZaplaconoNaDokumencie`
    pub paid_printed: Decimal,
    /// `Uwagi`
    pub notes: String,
    /// `DodatkoweUwagi`: kind and text
    pub extra_notes: Vec<(String, String)>,
    /// `Kontrahent`, as it was on that day
    pub contractor: Contractor,
    /// `Pozycje`
    pub lines: Vec<Line>,
    /// What it comes to.
    pub totals: Amounts,
    /// Later payments.
    pub payments: Vec<Payment>,
    /// The national system.
    pub ksef: Ksef,
}

impl Invoice {
    /// So much is paid.
    pub fn paid(&self) -> Decimal {
        self.paid_first + self.payments.iter().map(|payment| payment.amount).sum::<Decimal>()
    }
}

/// An account.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// Its login.
    pub login: String,
    /// Keys in hex, by their area: `faktura`, `abonent`.
    pub keys: BTreeMap<String, String>,
    /// Whether it pays VAT.
    pub vat_payer: bool,
    /// Whether it pays a lump sum: lines then say `StawkaRyczaltu`.
    pub lump_sum: bool,
    /// Whether the terms were accepted.
    pub terms_accepted: bool,
    /// Whether its package has the API.
    pub has_api: bool,
    /// The accounting month: year and month.
    pub month: (i32, u32),
    /// Documents by API in a month.
    pub allowance: u32,
    /// Documents by API so far, by year and month.
    pub used: BTreeMap<String, u32>,
    /// After how many reads the national system gives a number; none when the account does not use it.
    pub ksef_after: Option<u32>,
    /// The bank account that is printed where none is named.
    pub bank_account: String,
    /// Series; the first is the default.
    pub series: Vec<Series>,
    /// Cards.
    pub contractors: Vec<Contractor>,
    /// Invoices, oldest first.
    pub invoices: Vec<Invoice>,
    /// Requests in the minute that is counted.
    pub minute: (i64, u32),
    /// Requests in the day that is counted.
    pub day: (i64, u32),
}

impl Account {
    /// Whether a day lies in the accounting month.
    pub fn in_month(&self, day: NaiveDate) -> bool {
        (day.year(), day.month()) == self.month
    }
}

/// Everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ifirma {
    /// Switches.
    pub settings: Settings,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// The last number given to anything.
    pub sequence: u64,
}

impl Ifirma {
    /// An account by its login.
    pub fn account(&self, login: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.login == login)
    }

    /// An account by its login, to be changed.
    pub fn account_mut(&mut self, login: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.login == login)
    }
}
