//! What is in the simulator: organisations with their series, warehouses, products, customers and transactions.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::polish::Amounts;

/// How the next number is answered.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NextShape {
    /// A JSON string.
    #[default]
    JsonString,
    /// The bare text.
    Text,
    /// An object with the text in it.
    Object,
}

/// Whether lists heed filters.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Filters {
    /// They do.
    #[default]
    Heeded,
    /// They come whole.
    Ignored,
}

/// Which documents may not have the same number.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberSpace {
    /// All sales.
    #[default]
    Sales,
    /// Those of a type.
    Type,
}

/// Whether something is let through.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Strictness {
    /// It is refused.
    Refused,
    /// It is taken.
    Taken,
}

/// How ids are written in lists of changes.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Identifiers {
    /// As numbers.
    #[default]
    Numbers,
    /// As texts.
    Texts,
}

/// How long lists say they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TotalSize {
    /// So many rows.
    #[default]
    Exact,
    /// -1 where another page follows.
    Unknown,
}

/// Switches: what nobody is sure of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// The next number.
    pub next_shape: NextShape,
    /// Filters.
    pub filters: Filters,
    /// Filters on `description`.
    pub description_filter: Filters,
    /// Which numbers are unique.
    pub number_space: NumberSpace,
    /// `invoicePatternId` in what is created.
    pub pattern_id: Strictness,
    /// Buyers as text only.
    pub nameless_customers: Strictness,
    /// `vatPercent` as a text, such as `zw`.
    pub vat_texts: Strictness,
    /// `unitBruttoPrice` in what is created.
    pub gross_prices: Strictness,
    /// Other currencies without a rate.
    pub no_exchange_rate: Strictness,
    /// Tax numbers whose last digit is wrong.
    pub wrong_tax_numbers: Strictness,
    /// Ids.
    pub identifiers: Identifiers,
    /// Sizes of lists.
    pub total_size: TotalSize,
    /// Most rows of a page.
    pub limit_most: usize,
    /// What `paymentType` may be.
    pub payment_types: BTreeSet<String>,
    /// Status of `userNotFound`.
    pub user_status: u16,
    /// Status of `noActiveLicence`.
    pub licence_status: u16,
    /// Status of `missingPermissionException`.
    pub permission_status: u16,
    /// Status of `userLimitExceeded`.
    pub quota_status: u16,
    /// Status of what is refused because of stock and warehouses.
    pub stock_status: u16,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            next_shape: NextShape::default(),
            filters: Filters::default(),
            description_filter: Filters::default(),
            number_space: NumberSpace::default(),
            pattern_id: Strictness::Taken,
            nameless_customers: Strictness::Taken,
            vat_texts: Strictness::Taken,
            gross_prices: Strictness::Taken,
            no_exchange_rate: Strictness::Taken,
            wrong_tax_numbers: Strictness::Taken,
            identifiers: Identifiers::default(),
            total_size: TotalSize::default(),
            limit_most: 100,
            payment_types: ["CASH", "TRANSFER", "CARD", "COMPENSATION", "PAYPAL"].map(str::to_owned).into(),
            user_status: 401,
            licence_status: 403,
            permission_status: 403,
            quota_status: 400,
            stock_status: 400,
        }
    }
}

/// A numbering series.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Series {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
    /// `PAR/[year]/[month]/[number]`
    pub pattern: String,
    /// The type of document: `INVOICE`, `RECEIPT`, ...
    pub kind: String,
}

/// A warehouse.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Warehouse {
    /// Its id.
    pub id: i64,
    /// Its name.
    pub name: String,
}

/// A product.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Product {
    /// Its id.
    pub id: i64,
    /// SKU.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// VAT in percent.
    pub vat: Decimal,
    /// Stock.
    pub stock: Decimal,
}

/// A customer, or the buyer on a document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Customer {
    /// Its id; 0 for a buyer who is only written on a document.
    pub id: i64,
    /// Name.
    pub name: String,
    /// Short name.
    pub label: String,
    /// Tax number.
    pub nip: String,
    /// Street and house.
    pub street: String,
    /// Town.
    pub city: String,
    /// Post code.
    pub zip: String,
    /// Country.
    pub country: String,
    /// E-mails.
    pub emails: Vec<String>,
    /// Telephones.
    pub phones: Vec<String>,
    /// Documents so far.
    pub transactions: u32,
}

/// A line.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Entry {
    /// Its id.
    pub id: i64,
    /// Id of the product; none for a line of free text.
    pub product: Option<i64>,
    /// What was sold.
    pub name: String,
    /// SKU, as it was sent.
    pub code: String,
    /// How much.
    pub quantity: Decimal,
    /// Unit.
    pub unit: String,
    /// VAT as it was sent.
    pub vat: String,
    /// Price of a unit, as the document's prices are.
    pub price: Decimal,
    /// Code in the classification of goods.
    pub classification: String,
    /// What it comes to.
    pub amounts: Amounts,
}

/// A document.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Transaction {
    /// Its id.
    pub id: i64,
    /// `INVOICE`, `RECEIPT`, ...
    pub kind: String,
    /// Its number.
    pub number: String,
    /// Id of the series.
    pub series: Option<i64>,
    /// Day of issue.
    pub issued: NaiveDate,
    /// Day of the sale.
    pub sold: NaiveDate,
    /// Day by which it is to be paid.
    pub due: Option<NaiveDate>,
    /// Currency.
    pub currency: String,
    /// How it is paid.
    pub payment: String,
    /// So much is paid.
    pub paid: Decimal,
    /// The totals that were sent.
    pub totals: Amounts,
    /// The buyer on the document.
    pub buyer: Customer,
    /// Notes on the print.
    pub notes: String,
    /// Internal text.
    pub description: String,
    /// Id of the warehouse.
    pub warehouse: Option<i64>,
    /// Lines.
    pub entries: Vec<Entry>,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// An organisation.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Organisation {
    /// Its name in addresses.
    pub id: String,
    /// Login of the API's user.
    pub login: String,
    /// Its password.
    pub password: String,
    /// Whether the licence is in force.
    pub licensed: bool,
    /// Objects that the user may not touch, such as `transactions`.
    pub denied: BTreeSet<String>,
    /// So many documents may still be made; none when there is no limit.
    pub quota: Option<u32>,
    /// Whether it asks before stock is changed, which nobody can answer here.
    pub asks_for_stock: bool,
    /// Series; the first of a type is its default.
    pub series: Vec<Series>,
    /// Warehouses.
    pub warehouses: Vec<Warehouse>,
    /// Products.
    pub products: Vec<Product>,
    /// Customers.
    pub customers: Vec<Customer>,
    /// Documents, oldest first.
    pub transactions: Vec<Transaction>,
}

/// Everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Firmao {
    /// Switches.
    pub settings: Settings,
    /// Organisations.
    pub organisations: Vec<Organisation>,
    /// The last number given to anything.
    pub sequence: i64,
}

impl Firmao {
    /// A new id.
    pub(super) fn new_id(&mut self) -> i64 {
        self.sequence += 1;
        50_400 + self.sequence
    }

    /// An organisation by its name in addresses.
    pub fn organisation(&self, id: &str) -> Option<&Organisation> {
        self.organisations.iter().find(|books| books.id == id)
    }

    /// An organisation, to be changed.
    pub fn organisation_mut(&mut self, id: &str) -> Option<&mut Organisation> {
        self.organisations.iter_mut().find(|books| books.id == id)
    }
}
