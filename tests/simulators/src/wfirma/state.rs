//! What is in the simulator: keys, companies, their series, goods, contractors and invoices.

use std::collections::{BTreeMap, BTreeSet};

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::polish::{Amounts, Priced, Rounding};

/// What becomes of a buyer whose tax number is on a card already.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum KnownNip {
    /// The card is used; the invoice has the data that were sent.
    #[default]
    Reused,
    /// Another card is made.
    Duplicated,
}

/// Whether an invoice lowers the stock of its goods.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stock {
    /// Where the company keeps a warehouse.
    #[default]
    ByModule,
    /// Always.
    Lowered,
    /// Never.
    Kept,
}

/// Whether invoices are found by our reference.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ReferenceFilter {
    /// They are.
    #[default]
    Heeded,
    /// The condition is passed over.
    Ignored,
}

/// Whether tax numbers are checked.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxNumbers {
    /// By their last digit.
    #[default]
    Checked,
    /// They are taken as they are.
    Taken,
}

/// What a list without records is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Nothing {
    /// A branch with its parameters only.
    #[default]
    Parameters,
    /// No branch.
    Absent,
    /// An empty list.
    List,
}

/// Switches: what nobody is sure of.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Buyers whose tax number is known.
    pub known_nip: KnownNip,
    /// Stock.
    pub stock: Stock,
    /// Filtering by `id_external`.
    pub reference_filter: ReferenceFilter,
    /// Most characters of `id_external`.
    pub reference_most: usize,
    /// Tax numbers.
    pub tax_numbers: TaxNumbers,
    /// Empty lists.
    pub nothing: Nothing,
    /// Rounding of VAT.
    pub rounding: Rounding,
    /// Most records of a page.
    pub page_most: usize,
    /// How long keys are locked after five wrong ones, seconds.
    pub lock_seconds: i64,
    /// Calls in a minute, where there is such a limit.
    pub calls_per_minute: Option<u32>,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            known_nip: KnownNip::default(),
            stock: Stock::default(),
            reference_filter: ReferenceFilter::default(),
            reference_most: 255,
            tax_numbers: TaxNumbers::default(),
            nothing: Nothing::default(),
            rounding: Rounding::default(),
            page_most: 100,
            lock_seconds: 300,
            calls_per_minute: None,
        }
    }
}

/// Whose keys they are, and which companies they open.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct User {
    /// `accessKey`
    pub access_key: String,
    /// `secretKey`
    pub secret_key: String,
    /// Ids of companies.
    pub companies: BTreeSet<u64>,
    /// Modules that they may not use, such as `invoices`.
    pub denied: BTreeSet<String>,
}

/// When a series counts from the beginning again.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ResetEvery {
    /// Each year.
    #[default]
    Yearly,
    /// Each month.
    Monthly,
    /// Each day.
    Daily,
}

/// Who chooses numbers.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum NumberControl {
    /// The ledger: numbers that are sent are refused.
    #[default]
    On,
    /// The sender may.
    Off,
}

/// A numbering series.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Series {
    /// Its id.
    pub id: u64,
    /// Its name.
    pub name: String,
    /// `FV [numer]/[rok]`
    pub template: String,
    /// The type of document.
    pub kind: String,
    /// When it begins again.
    pub reset: ResetEvery,
    /// Its first number.
    pub first: u32,
    /// Who chooses numbers.
    pub control: NumberControl,
}

/// A rate of VAT.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VatCode {
    /// Its id.
    pub id: u64,
    /// `23`, `ZW`
    pub code: String,
    /// Percent.
    pub rate: Decimal,
    /// `standard`, `reduced`, `other`
    pub kind: String,
    /// 0 is Poland.
    pub country: u64,
}

/// A product.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Good {
    /// Its id.
    pub id: u64,
    /// SKU.
    pub code: String,
    /// Its name.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// Price without VAT.
    pub net: Decimal,
    /// Price with VAT.
    pub gross: Decimal,
    /// Stock.
    pub count: Decimal,
}

/// A buyer: on a card, or on an invoice.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Contractor {
    /// Id of the card.
    pub id: u64,
    /// Name.
    pub name: String,
    /// `nip`, `vat`, `none`, ...
    pub tax_id_type: String,
    /// The tax number.
    pub nip: String,
    /// Street and house.
    pub street: String,
    /// Post code.
    pub zip: String,
    /// Town.
    pub city: String,
    /// Two letters.
    pub country: String,
    /// E-mail.
    pub email: String,
    /// Telephone.
    pub phone: String,
}

/// A line of an invoice.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Line {
    /// Its id.
    pub id: u64,
    /// What was sold.
    pub name: String,
    /// Unit.
    pub unit: String,
    /// How much.
    pub count: Decimal,
    /// Price of a unit, as the document's prices are.
    pub price: Decimal,
    /// Discount in percent.
    pub discount: Decimal,
    /// Code of the rate.
    pub vat: String,
    /// Id of the rate.
    pub vat_code: u64,
    /// Percent.
    pub rate: Decimal,
    /// Id of the product.
    pub good: Option<u64>,
    /// What it comes to.
    pub amounts: Amounts,
}

/// Where an invoice stands in the national system of invoices.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Ksef {
    /// `pending`, `accepted`, `rejected`; empty when it was not handed over.
    pub status: String,
    /// Its number there.
    pub number: String,
    /// When it got it.
    pub registered: Option<DateTime<Utc>>,
    /// It is accepted when it was read so many times more.
    pub reads: u32,
}

/// An invoice or a receipt.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Invoice {
    /// Its id.
    pub id: u64,
    /// `normal`, `receipt_fiscal_normal`, ...
    pub kind: String,
    /// Id of the series.
    pub series: u64,
    /// Its counter; 0 for a draft.
    pub number: u32,
    /// The whole number; empty for a draft.
    pub full_number: String,
    /// Day of issue.
    pub date: NaiveDate,
    /// Day of the sale.
    pub disposal_date: Option<NaiveDate>,
    /// Day by which it is to be paid.
    pub payment_date: Option<NaiveDate>,
    /// How it is paid.
    pub payment_method: String,
    /// Currency.
    pub currency: String,
    /// What prices hold.
    pub priced: Priced,
    /// Our reference.
    pub id_external: String,
    /// Notes on the print.
    pub description: String,
    /// `schema`
    pub schema: String,
    /// So much was paid when it was issued.
    pub paid_initial: Decimal,
    /// The buyer on the document; none on a receipt without one.
    pub contractor: Option<Contractor>,
    /// Lines.
    pub lines: Vec<Line>,
    /// What it comes to.
    pub totals: Amounts,
    /// Protects the link for people; receipts have none.
    pub hash: String,
    /// Whether the fiscal printer had it.
    pub fiscalized: bool,
    /// The national system.
    pub ksef: Ksef,
    /// When it was made.
    pub created: DateTime<Utc>,
}

/// A later payment.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Payment {
    /// Its id.
    pub id: u64,
    /// Id of the invoice.
    pub invoice: u64,
    /// How much.
    pub value: Decimal,
    /// When.
    pub date: NaiveDate,
    /// How.
    pub method: String,
}

/// A company.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Company {
    /// `company_id`
    pub id: u64,
    /// Its name.
    pub name: String,
    /// Its tax number.
    pub nip: String,
    /// Whether it pays VAT.
    pub vat_payer: bool,
    /// Whether it keeps the register of revenue: lines then need `lumpcode`.
    pub revenue_register: bool,
    /// Whether it keeps a warehouse: stock then follows from documents.
    pub extended_warehouse: bool,
    /// Whether buyers may see their invoices by a link.
    pub customer_panel: bool,
    /// Whether receipts go to eparagony.pl.
    pub ereceipts: bool,
    /// Whether it is being restored from a backup.
    pub restoring: bool,
    /// Whether its package has ended.
    pub inactive: bool,
    /// Up to this day the books are closed.
    pub closed_until: Option<NaiveDate>,
    /// Whether invoices go to the national system by themselves, and after how many reads they are accepted.
    pub ksef_after: Option<u32>,
    /// Series; the first of a type is its default.
    pub series: Vec<Series>,
    /// Rates.
    pub vat_codes: Vec<VatCode>,
    /// Products.
    pub goods: Vec<Good>,
    /// Cards.
    pub contractors: Vec<Contractor>,
    /// Documents, oldest first.
    pub invoices: Vec<Invoice>,
    /// Payments, oldest first.
    pub payments: Vec<Payment>,
}

impl Company {
    /// So much is paid of a document.
    pub fn paid(&self, invoice: &Invoice) -> Decimal {
        let later = self.payments.iter().filter(|payment| payment.invoice == invoice.id);
        invoice.paid_initial + later.map(|payment| payment.value).sum::<Decimal>()
    }
}

/// Everything.
#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Wfirma {
    /// Switches.
    pub settings: Settings,
    /// Keys of integrations: `appKey`.
    pub app_keys: BTreeSet<String>,
    /// Keys of customers.
    pub users: Vec<User>,
    /// Companies.
    pub companies: Vec<Company>,
    /// Wrong keys in a row, by `accessKey`.
    pub failures: BTreeMap<String, u32>,
    /// Until when keys are locked.
    pub locked: BTreeMap<String, DateTime<Utc>>,
    /// Calls in the minute that is counted.
    pub minute: (i64, u32),
    /// The last number given to anything.
    pub sequence: u64,
}

impl Wfirma {
    /// A new id.
    pub(super) fn new_id(&mut self) -> u64 {
        self.sequence += 1;
        421_000_000 + self.sequence
    }

    /// A company by its id.
    pub fn company(&self, id: u64) -> Option<&Company> {
        self.companies.iter().find(|company| company.id == id)
    }

    /// A company by its id, to be changed.
    pub fn company_mut(&mut self, id: u64) -> Option<&mut Company> {
        self.companies.iter_mut().find(|company| company.id == id)
    }
}
