//! What is in the simulator: registrations, companies with a set of books for each year, and switches for what nobody is sure
//! of. Records are rows of columns, as in the database behind it.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// A value of a row.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cell {
    /// Text or memo.
    Text(String),
    /// Any number.
    Number(Decimal),
    /// Logical.
    Flag(bool),
    /// A date.
    Day(NaiveDate),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<Decimal> for Cell {
    fn from(number: Decimal) -> Self {
        Self::Number(number)
    }
}

impl From<bool> for Cell {
    fn from(flag: bool) -> Self {
        Self::Flag(flag)
    }
}

impl From<NaiveDate> for Cell {
    fn from(day: NaiveDate) -> Self {
        Self::Day(day)
    }
}

/// A row: the columns that are filled.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Row(pub BTreeMap<String, Cell>);

impl Row {
    /// With a column.
    #[must_use]
    pub fn with(mut self, column: &str, cell: impl Into<Cell>) -> Self {
        self.set(column, cell);
        self
    }

    /// Fills a column.
    pub fn set(&mut self, column: &str, cell: impl Into<Cell>) {
        self.0.insert(column.to_owned(), cell.into());
    }

    /// A text; empty when it is not filled.
    pub fn text(&self, column: &str) -> &str {
        match self.0.get(column) {
            Some(Cell::Text(text)) => text,
            Some(Cell::Number(_) | Cell::Flag(_) | Cell::Day(_)) | None => "",
        }
    }

    /// A number; zero when it is not filled.
    pub fn number(&self, column: &str) -> Decimal {
        match self.0.get(column) {
            Some(Cell::Number(number)) => *number,
            Some(Cell::Text(_) | Cell::Flag(_) | Cell::Day(_)) | None => Decimal::ZERO,
        }
    }

    /// Whether it is set.
    pub fn flag(&self, column: &str) -> bool {
        self.0.get(column) == Some(&Cell::Flag(true))
    }

    /// A day.
    pub fn day(&self, column: &str) -> Option<NaiveDate> {
        match self.0.get(column) {
            Some(Cell::Day(day)) => Some(*day),
            Some(Cell::Text(_) | Cell::Flag(_) | Cell::Number(_)) | None => None,
        }
    }
}

/// A journal page with its lines, and what it does to the accounts.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Page {
    /// `DJ_PAGE`
    pub header: Row,
    /// `DJ_LINE`
    pub lines: Vec<Row>,
    /// The transactions that it becomes: `TRANSACT`
    pub entries: Vec<Row>,
    /// Whether it was processed.
    pub processed: bool,
}

/// The books of a year.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Year {
    /// Its first day.
    pub first: NaiveDate,
    /// Its last day.
    pub last: NaiveDate,
    /// Relations, accounts, codes: by table.
    pub tables: BTreeMap<String, Vec<Row>>,
    /// Pages, oldest first.
    pub pages: Vec<Page>,
    /// The last number of a page, by journal.
    pub numbers: BTreeMap<String, u32>,
}

impl Year {
    /// The rows of a table.
    pub fn rows(&self, table: &str) -> &[Row] {
        self.tables.get(table).map_or(&[], Vec::as_slice)
    }

    /// A row by the text of a column.
    pub fn find(&self, table: &str, column: &str, text: &str) -> Option<&Row> {
        self.rows(table).iter().find(|row| !text.is_empty() && row.text(column) == text)
    }

    /// The same, to be changed.
    pub fn find_mut(&mut self, table: &str, column: &str, text: &str) -> Option<&mut Row> {
        self.tables.get_mut(table)?.iter_mut().find(|row| row.text(column) == text)
    }

    /// What stands on each account and each relation: debit positive.
    pub fn balances(&self) -> BTreeMap<String, Decimal> {
        let mut balances: BTreeMap<String, Decimal> = BTreeMap::new();
        for entry in self.pages.iter().flat_map(|page| &page.entries) {
            for column in ["ACCT_NR", "SUB_NR"] {
                if !entry.text(column).is_empty() {
                    *balances.entry(entry.text(column).to_owned()).or_default() += entry.number("AMOUNT");
                }
            }
        }
        balances
    }

    /// Closes or opens the period of a number; `false` when there is none.
    pub fn close(&mut self, period: u32, closed: bool) -> bool {
        let periods = self.tables.get_mut("PERIOD").into_iter().flatten();
        let found = periods.into_iter().find(|row| row.number("PERIOD") == Decimal::from(period));
        found.map(|row| row.set("REC_BLK", closed)).is_some()
    }
}

/// A company.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct Company {
    /// `Id`
    pub id: String,
    /// `Description`
    pub description: String,
    /// `Code`
    pub code: String,
    /// An administration for each year.
    pub years: Vec<Year>,
}

impl Company {
    /// The books that hold a day.
    pub fn year(&self, day: NaiveDate) -> Option<&Year> {
        self.years.iter().find(|year| (year.first..=year.last).contains(&day))
    }

    /// The same, to be changed.
    pub fn year_mut(&mut self, day: NaiveDate) -> Option<&mut Year> {
        self.years.iter_mut().find(|year| (year.first..=year.last).contains(&day))
    }
}

/// How purchase and sales pages are filled.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filling {
    /// Cost lines under a header; the others are made from it.
    #[default]
    Header,
    /// All lines, which add up to nothing.
    Balanced,
}

/// The sign of revenue under a header.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum SalesSign {
    /// Credit, as in the ledger.
    #[default]
    Negative,
    /// As it stands on the invoice.
    Positive,
}

/// What VAT stands on a purchase line of which the buyer owes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReverseCharge {
    /// 0.00
    #[default]
    Zero,
    /// What is owed.
    Owed,
}

/// Where the VAT code of a balanced page stands.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BalancedVatCode {
    /// On the VAT line alone.
    #[default]
    VatLine,
    /// On the cost lines as well.
    Both,
}

/// A second page of a relation with the number of the first.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Duplicates {
    /// Is taken.
    #[default]
    Accept,
    /// Is refused.
    Refuse,
}

/// Switches, for what nobody is sure of and for what may go wrong.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The status of errors: 200 or 400.
    pub error_status: u16,
    /// Whether a table of one row comes as an object.
    pub single_row_as_object: bool,
    /// Whether texts are filled up with spaces to the length of their column.
    pub padded: bool,
    /// Whether a second filter is heeded.
    pub heeds_second_filter: bool,
    /// Whether the answer to a write shows what was stored.
    pub shows_stored: bool,
    /// Filling of purchase and sales pages.
    pub filling: Filling,
    /// Sign of sales under a header.
    pub sales_sign: SalesSign,
    /// Reverse charge on purchases.
    pub reverse_charge: ReverseCharge,
    /// VAT code of balanced pages.
    pub balanced_vat_code: BalancedVatCode,
    /// Second pages of one number.
    pub duplicates: Duplicates,
    /// So much VAT may differ from what its rate makes.
    pub vat_tolerance: Decimal,
    /// Whether pages are processed at once.
    pub processes_at_once: bool,
    /// Whether processed pages are no longer among the pages.
    pub processed_leave: bool,
    /// Whether the header of posted transactions shows the note.
    pub processed_show_note: bool,
    /// `InsertAllowed` of `DJ2`.
    pub insert_allowed: bool,
    /// Columns that this version does not have, as `TABLE.COLUMN`.
    pub missing_columns: BTreeSet<String>,
    /// Whether the customer's installation is on.
    pub reachable: bool,
    /// Requests that are taken in a minute.
    pub per_minute: u32,
    /// Life of an access token, in seconds.
    pub expires_in: i64,
    /// Whether the person refuses to consent.
    pub consent_denied: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            error_status: 400,
            single_row_as_object: false,
            padded: true,
            heeds_second_filter: true,
            shows_stored: true,
            filling: Filling::Header,
            sales_sign: SalesSign::Negative,
            reverse_charge: ReverseCharge::Zero,
            balanced_vat_code: BalancedVatCode::VatLine,
            duplicates: Duplicates::Accept,
            vat_tolerance: Decimal::new(5, 2),
            processes_at_once: false,
            processed_leave: true,
            processed_show_note: false,
            insert_allowed: true,
            missing_columns: BTreeSet::new(),
            reachable: true,
            per_minute: 600,
            expires_in: 3_600,
            consent_denied: false,
        }
    }
}

/// A registered application.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct App {
    /// `API-sleutel`
    pub id: String,
    /// `API-secret`
    pub secret: String,
    /// Where consents may come back to.
    pub redirect_uris: Vec<String>,
}

/// What a code, an access token or a refresh token stands for.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
pub struct Grant {
    /// For which application.
    pub app: String,
    /// What it may do.
    pub scopes: BTreeSet<String>,
    /// Where the code was sent.
    pub redirect_uri: String,
    /// When it ends; refresh tokens do not end by themselves.
    pub until: DateTime<Utc>,
}

/// Everything the simulator holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default)]
pub struct AccountView {
    /// Switches.
    pub settings: Settings,
    /// Applications.
    pub apps: Vec<App>,
    /// Companies.
    pub companies: Vec<Company>,
    /// Who consents: stands on every page.
    pub user: String,
    /// Rates of other currencies: what one of them is in euro.
    pub rates: BTreeMap<String, Decimal>,
    /// Codes of consents.
    pub codes: BTreeMap<String, Grant>,
    /// Access tokens.
    pub access_tokens: BTreeMap<String, Grant>,
    /// Refresh tokens, each good for one exchange.
    pub refresh_tokens: BTreeMap<String, Grant>,
    /// Requests in the minute that is counted.
    pub minute: (i64, u32),
    /// Counts what has to be different.
    pub sequence: u64,
}

impl AccountView {
    /// The company of an id.
    pub fn company(&self, id: &str) -> Option<&Company> {
        self.companies.iter().find(|company| company.id == id)
    }

    /// The company of an id, to be changed.
    pub fn company_mut(&mut self, id: &str) -> Option<&mut Company> {
        self.companies.iter_mut().find(|company| company.id == id)
    }

    pub(super) fn fresh(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }

    /// Processes all pages of a company: their lines become posted transactions. Returns how many there were.
    pub fn process(&mut self, company: &str) -> usize {
        let years = self.company_mut(company).into_iter().flat_map(|company| &mut company.years);
        let pages = years.flat_map(|year| &mut year.pages).filter(|page| !page.processed);
        pages.map(|page| page.processed = true).count()
    }
}
