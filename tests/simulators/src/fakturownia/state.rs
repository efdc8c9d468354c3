//! What the simulator holds. Its JSON is what `/_sim/state` shows.

use std::collections::BTreeMap;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::polish::Amounts;

/// What a token may do.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Role {
    /// Everything.
    #[default]
    Full,
    /// Reads; what it makes is answered with success and not kept.
    ReadOnly,
}

/// Who sells: the account itself, or a department.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Seller {
    /// `seller_name`
    pub name: String,
    /// `seller_tax_no`
    pub tax_no: String,
    /// `seller_street`
    pub street: String,
    /// `seller_post_code`
    pub post_code: String,
    /// `seller_city`
    pub city: String,
    /// `seller_country`
    pub country: String,
    /// `seller_email`
    pub email: String,
    /// `seller_phone`
    pub phone: String,
    /// `seller_bank_account`
    pub bank_account: String,
}

/// A department: what a series is linked to.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Department {
    /// `id`
    pub id: u64,
    /// `name` of the list
    pub title: String,
    /// `shortcut`
    pub shortcut: String,
    /// What stands behind its numbers.
    pub suffix: String,
    /// Who sells there.
    pub seller: Seller,
}

/// A product of the account's list.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Product {
    /// `id`
    pub id: u64,
    /// `name`
    pub name: String,
    /// `code`: the SKU
    pub code: String,
    /// `price_gross`
    pub price_gross: Decimal,
    /// `tax`
    pub tax: String,
}

/// A card of a buyer.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Client {
    /// `id`
    pub id: u64,
    /// Who it is.
    pub buyer: Buyer,
}

/// Who buys.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Buyer {
    /// `buyer_name`
    pub name: String,
    /// `buyer_first_name`
    pub first_name: String,
    /// `buyer_last_name`
    pub last_name: String,
    /// `buyer_company`
    pub company: bool,
    /// `buyer_tax_no`
    pub tax_no: String,
    /// `buyer_tax_no_kind`
    pub tax_no_kind: String,
    /// `buyer_street`
    pub street: String,
    /// `buyer_post_code`
    pub post_code: String,
    /// `buyer_city`
    pub city: String,
    /// `buyer_country`
    pub country: String,
    /// `buyer_email`
    pub email: String,
    /// `buyer_phone`
    pub phone: String,
    /// `buyer_note`
    pub note: String,
}

/// A line, or one side of a corrected line.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Position {
    /// `id`
    pub id: u64,
    /// `name`
    pub name: String,
    /// `code`
    pub code: String,
    /// `description`
    pub description: String,
    /// `quantity`
    pub quantity: Decimal,
    /// `quantity_unit`
    pub unit: String,
    /// `tax`
    pub tax: String,
    /// What it comes to, after a discount.
    pub amounts: Amounts,
    /// Whether the net amount was sent and taken.
    pub net_given: bool,
    /// Both sides of a corrected line: before and after.
    pub sides: Vec<Position>,
}

impl Position {
    /// The rate in percent; nothing where there is no VAT.
    pub fn rate(&self) -> Decimal {
        self.tax.parse().unwrap_or_default()
    }
}

/// A document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Document {
    /// `id`
    pub id: u64,
    /// `kind`
    pub kind: String,
    /// `number`
    pub number: String,
    /// `oid`
    pub oid: String,
    /// `department_id`
    pub department_id: Option<u64>,
    /// `client_id`
    pub client_id: Option<u64>,
    /// `issue_date`
    pub issue_date: NaiveDate,
    /// `sell_date`, a day or a month
    pub sell_date: String,
    /// `payment_to`
    pub payment_to: Option<NaiveDate>,
    /// `payment_type`
    pub payment_type: String,
    /// `status`
    pub status: String,
    /// `paid`
    pub paid: Decimal,
    /// `paid_date`
    pub paid_date: Option<NaiveDate>,
    /// `currency`
    pub currency: String,
    /// `lang`
    pub lang: String,
    /// `place`
    pub place: String,
    /// `description`
    pub description: String,
    /// `internal_note`
    pub internal_note: String,
    /// `seller_...`
    pub seller: Seller,
    /// `buyer_...`
    pub buyer: Buyer,
    /// `positions`
    pub positions: Vec<Position>,
    /// `price_net`, `price_tax`, `price_gross`
    pub totals: Amounts,
    /// `token` of the public page
    pub token: String,
    /// `from_invoice_id`
    pub from_invoice_id: Option<u64>,
    /// `correction_reason`
    pub correction_reason: String,
    /// `exempt_tax_kind`
    pub exempt_tax_kind: String,
    /// `np_tax_kind`
    pub np_tax_kind: String,
    /// `created_at`
    pub created: DateTime<Utc>,
    /// `gov_status`
    pub gov_status: Option<String>,
    /// `gov_id`
    pub gov_id: Option<String>,
    /// `gov_error_messages`
    pub gov_errors: Vec<String>,
    /// Reads since it went to KSeF.
    pub gov_reads: u32,
    /// Reads of its PDF that were refused.
    pub pdf_reads: u32,
}

/// A payment.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Payment {
    /// `id`
    pub id: u64,
    /// `name`
    pub name: String,
    /// `price`
    pub price: Decimal,
    /// `paid_date`
    pub paid_date: Option<NaiveDate>,
    /// What was settled, in order: document and amount.
    pub settled: Vec<(u64, Decimal)>,
}

/// How an account works with KSeF.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Ksef {
    /// Not at all.
    #[default]
    Off,
    /// What it would not take is refused.
    Block,
    /// What it would not take is kept, with its faults.
    Persist,
}

/// What goes to KSeF by itself.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Sends {
    /// Nothing.
    #[default]
    Nothing,
    /// Documents to companies in Poland.
    PolishCompanies,
    /// Documents to companies.
    Companies,
    /// Everything.
    Everything,
}

/// What an account does with a bank account that is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BankProtection {
    /// Passes it over.
    #[default]
    Ignores,
    /// Refuses the document.
    Refuses,
    /// Takes it.
    Takes,
}

/// An account, which has a host of its own.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// First label of the host.
    pub prefix: String,
    /// Tokens.
    pub tokens: BTreeMap<String, Role>,
    /// The account's main company.
    pub seller: Seller,
    /// Departments.
    pub departments: Vec<Department>,
    /// Products.
    pub products: Vec<Product>,
    /// Cards of buyers.
    pub clients: Vec<Client>,
    /// Documents, oldest first.
    pub documents: Vec<Document>,
    /// Payments, oldest first.
    pub payments: Vec<Payment>,
    /// The kind of discount that the account works with.
    pub discount_kind: String,
    /// KSeF.
    pub ksef: Ksef,
    /// What goes there by itself.
    pub sends: Sends,
    /// Reads of a document that show `processing`.
    pub ksef_reads: u32,
    /// How sending ends: `ok`, or a status of failure.
    pub ksef_outcome: String,
    /// Reads of a PDF that are refused at first.
    pub pdf_delay_reads: u32,
    /// Bank accounts that are sent.
    pub bank_protection: BankProtection,
}

impl Account {
    /// A document by its id.
    pub fn document(&self, id: u64) -> Option<&Document> {
        self.documents.iter().find(|document| document.id == id)
    }

    /// A document by its id, to be changed.
    pub fn document_mut(&mut self, id: u64) -> Option<&mut Document> {
        self.documents.iter_mut().find(|document| document.id == id)
    }

    /// A department by its id.
    pub fn department(&self, id: u64) -> Option<&Department> {
        self.departments.iter().find(|department| department.id == id)
    }
}

/// How a department that is not there is refused.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum UnknownDepartment {
    /// 422 under its field.
    #[default]
    Refused,
    /// 404.
    NotFound,
}

/// What the filter by `oid` finds.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OidFilter {
    /// What begins with it.
    #[default]
    Prefix,
    /// What is equal to it.
    Exact,
}

/// Among which documents an `oid` is unique.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum OidScope {
    /// All of the account.
    #[default]
    Account,
    /// Those of the same kind.
    Kind,
}

/// How money is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Money {
    /// As text: `"110.7"`
    #[default]
    Text,
    /// As a number: `110.7`
    Number,
}

/// What becomes of a line with a net and a gross total.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BothTotals {
    /// Both are kept.
    #[default]
    Kept,
    /// The net one is computed from the gross one.
    GrossWins,
}

/// Lines that a correction leaves as they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Untouched {
    /// May be left out.
    #[default]
    LeftOut,
    /// Must be sent with a difference of nothing.
    Required,
}

/// What happens when `calculating_strategy` is sent.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strategy {
    /// 500, and nothing is kept.
    #[default]
    Fails,
    /// It is passed over.
    Ignored,
}

/// What nobody is sure of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// A department that is not there.
    pub unknown_department: UnknownDepartment,
    /// The filter by `oid`.
    pub oid_filter: OidFilter,
    /// Where an `oid` is unique.
    pub oid_scope: OidScope,
    /// Seconds after which lists show a document.
    pub list_lag_seconds: i64,
    /// Money in answers.
    pub money: Money,
    /// Net and gross total in one line.
    pub both_totals: BothTotals,
    /// Lines that a correction does not touch.
    pub untouched_lines: Untouched,
    /// `calculating_strategy`
    pub calculating_strategy: Strategy,
    /// Whether a PDF takes the token in the header; if not, only in the query.
    pub bearer_on_pdf: bool,
    /// Requests of a client that may be open at once.
    pub open_requests: usize,
    /// `Retry-After` with 429, in seconds.
    pub retry_after: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            unknown_department: UnknownDepartment::default(),
            oid_filter: OidFilter::default(),
            oid_scope: OidScope::default(),
            list_lag_seconds: 0,
            money: Money::default(),
            both_totals: BothTotals::default(),
            untouched_lines: Untouched::default(),
            calculating_strategy: Strategy::default(),
            bearer_on_pdf: true,
            open_requests: 2,
            retry_after: None,
        }
    }
}

/// Everything the simulator holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Fakturownia {
    /// Switches.
    pub settings: Settings,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// The last number given to anything.
    pub sequence: u64,
}

impl Fakturownia {
    /// A new id.
    pub(crate) fn new_id(&mut self) -> u64 {
        self.sequence += 1;
        900_000 + self.sequence
    }

    /// An account by the first label of its host.
    pub fn account(&self, prefix: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.prefix == prefix)
    }

    /// An account by the first label of its host, to be changed.
    pub fn account_mut(&mut self, prefix: &str) -> Option<&mut Account> {
        self.accounts.iter_mut().find(|account| account.prefix == prefix)
    }
}
