//! What the simulator holds. Its JSON is what `/_sim/state` shows.

use std::collections::BTreeSet;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use crate::polish::{Amounts, Rounding};

/// A rate of VAT in the account's own spelling.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct VatRate {
    /// `id`
    pub id: u64,
    /// `rate`, in percent
    pub rate: Decimal,
    /// `name`
    pub name: String,
    /// `symbol`
    pub symbol: String,
}

/// A bank account of the user.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct BankAccount {
    /// `id`
    pub id: u64,
    /// `bank_name`
    pub bank: String,
    /// `account_number`
    pub number: String,
    /// `currency`
    pub currency: String,
}

/// A stored client.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Client {
    /// `id`
    pub id: u64,
    /// `company_name`
    pub company: String,
    /// `first_name`
    pub first_name: String,
    /// `last_name`
    pub last_name: String,
    /// `business_activity_kind`
    pub activity: String,
    /// `nip`
    pub tax_code: String,
    /// `street`
    pub street: String,
    /// `street_number`
    pub street_number: String,
    /// `flat_number`
    pub flat_number: String,
    /// `postal_code`
    pub post_code: String,
    /// `city`
    pub city: String,
    /// `country`
    pub country: String,
    /// `email`
    pub email: String,
}

/// A line, or one side of a corrected one.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Service {
    /// `group`, of a correction
    pub group: String,
    /// `correction`: how it should be
    pub correction: bool,
    /// `name`
    pub name: String,
    /// `tax_symbol`
    pub tax_symbol: String,
    /// The rate of that symbol.
    pub rate: Decimal,
    /// `quantity`
    pub quantity: Decimal,
    /// `unit`
    pub unit: String,
    /// `unit_net_price`, in złoty
    pub unit_net: Decimal,
    /// What it comes to, in złoty.
    pub amounts: Amounts,
}

/// Invoice or correction.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// `vat`
    #[default]
    Vat,
    /// `proforma`
    Proforma,
    /// `correction`
    Correction,
}

impl Kind {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::Vat => "vat",
            Self::Proforma => "proforma",
            Self::Correction => "correction",
        }
    }
}

/// A link by which others see a document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Share {
    /// Last part of the address.
    pub token: String,
    /// When it ends.
    pub until: DateTime<Utc>,
}

/// What became of a document at KSeF.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct KsefData {
    /// `pending`, `sent`, `success` or `error`
    pub status: String,
    /// `ksef_number`
    pub number: Option<String>,
}

/// A document.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Invoice {
    /// `id`
    pub id: u64,
    /// `uuid`
    pub uuid: String,
    /// `kind`
    pub kind: Kind,
    /// `number`
    pub number: String,
    /// `status`
    pub status: String,
    /// `currency`
    pub currency: String,
    /// `payment_method`
    pub payment_method: String,
    /// `bank_account`
    pub bank_account: String,
    /// `invoice_date`
    pub invoice_date: NaiveDate,
    /// `sale_date`
    pub sale_date: Option<NaiveDate>,
    /// `payment_date`: when it is due
    pub payment_date: Option<NaiveDate>,
    /// `paid_date`
    pub paid_date: Option<NaiveDate>,
    /// `paid_price`, in złoty
    pub paid: Decimal,
    /// Who buys; its id is `client_id`.
    pub client: Client,
    /// `notes`
    pub notes: String,
    /// `transaction_terms.orders`: number and date
    pub orders: Vec<(String, String)>,
    /// `services`
    pub services: Vec<Service>,
    /// Totals in złoty; of a correction the difference.
    pub totals: Amounts,
    /// `corrected_invoice_uuid`
    pub corrected: Option<String>,
    /// `corrected_invoice_number`
    pub corrected_number: String,
    /// `correction_reason`
    pub reason: String,
    /// `extensions.shares`
    pub share: Option<Share>,
    /// `ksef_data`
    pub ksef: Option<KsefData>,
    /// `created_at`
    pub created: DateTime<Utc>,
}

/// What a task does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Action {
    /// `create_invoice`
    #[default]
    CreateInvoice,
    /// `create_corrective_invoice`
    CreateCorrection,
    /// `mark_as_paid`
    MarkPaid,
}

impl Action {
    /// As it is written.
    pub fn word(self) -> &'static str {
        match self {
            Self::CreateInvoice => "create_invoice",
            Self::CreateCorrection => "create_corrective_invoice",
            Self::MarkPaid => "mark_as_paid",
        }
    }
}

/// How a task ended.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Outcome {
    /// The document of this uuid was made.
    Created(String),
    /// Done.
    Done,
    /// Texts by field.
    Failed(Vec<(String, String)>),
}

/// A task.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Task {
    /// `invoice_task_reference_number`
    pub reference: String,
    /// What it does.
    pub action: Action,
    /// The body that was sent.
    pub body: String,
    /// The document to be marked as paid.
    pub uuid: String,
    /// When it was left.
    pub posted: DateTime<Utc>,
    /// How often its state was asked for.
    pub reads: u32,
    /// How it ended; `None` while it waits.
    pub outcome: Option<Outcome>,
}

/// An account, which its key opens.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Account {
    /// The key; none when it was withdrawn.
    pub key: Option<String>,
    /// What the key may do.
    pub scopes: BTreeSet<String>,
    /// Whether the plan does not include the API.
    pub unpaid: bool,
    /// Whether the plan includes share links.
    pub shares: bool,
    /// The currency where none is sent.
    pub currency: String,
    /// Bank accounts.
    pub bank_accounts: Vec<BankAccount>,
    /// VAT rates.
    pub vat_rates: Vec<VatRate>,
    /// Clients.
    pub clients: Vec<Client>,
    /// Documents, oldest first.
    pub invoices: Vec<Invoice>,
    /// Tasks, oldest first.
    pub tasks: Vec<Task>,
    /// Whether KSeF is connected.
    pub ksef_active: bool,
    /// Whether KSeF refuses what is sent.
    pub ksef_refuses: bool,
}

impl Account {
    /// A document by its uuid.
    pub fn invoice(&self, uuid: &str) -> Option<&Invoice> {
        self.invoices.iter().find(|invoice| invoice.uuid == uuid)
    }

    /// A document by its uuid, to be changed.
    pub fn invoice_mut(&mut self, uuid: &str) -> Option<&mut Invoice> {
        self.invoices.iter_mut().find(|invoice| invoice.uuid == uuid)
    }
}

/// What marking a paid invoice as paid does.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PaidAgain {
    /// The task fails.
    #[default]
    Refused,
    /// The task is done.
    Done,
}

/// A field that the service may keep or pass over.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Taken {
    /// Kept.
    #[default]
    Kept,
    /// Passed over.
    Ignored,
}

/// What nobody is sure of, and limits.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Settings {
    /// Reads of its state before a task runs.
    pub task_reads: u32,
    /// Seconds after which a task runs by itself.
    pub task_seconds: i64,
    /// Reads of a fresh task that find nothing.
    pub unknown_reads: u32,
    /// The status of a task that is taken: 201 or 202.
    pub accepted_status: u16,
    /// Marking as paid twice.
    pub paid_again: PaidAgain,
    /// `paid_price` without `status`.
    pub part_payment: Taken,
    /// `transaction_terms` when a document is read.
    pub orders: Taken,
    /// `notes` of a correction.
    pub correction_notes: Taken,
    /// Days until an invoice is due, where nothing is sent.
    pub usual_term: i64,
    /// How VAT is rounded.
    pub rounding: Rounding,
    /// Whether corrections have share links.
    pub correction_shares: bool,
    /// Reads in a minute.
    pub reads_per_minute: u32,
    /// Other calls in a minute.
    pub writes_per_minute: u32,
    /// Whether 429 says how long to wait.
    pub says_retry_after: bool,
}

impl Default for Settings {
    fn default() -> Self {
        Self {
            task_reads: 1,
            task_seconds: 2,
            unknown_reads: 0,
            accepted_status: 201,
            paid_again: PaidAgain::default(),
            part_payment: Taken::default(),
            orders: Taken::default(),
            correction_notes: Taken::default(),
            usual_term: 7,
            rounding: Rounding::default(),
            correction_shares: false,
            reads_per_minute: 300,
            writes_per_minute: 150,
            says_retry_after: true,
        }
    }
}

/// Everything the simulator holds.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Infakt {
    /// Switches.
    pub settings: Settings,
    /// Accounts.
    pub accounts: Vec<Account>,
    /// The minute that is counted, its reads and its other calls.
    pub minute: (i64, u32, u32),
    /// The last number given to anything.
    pub sequence: u64,
}

impl Infakt {
    /// A new number.
    pub(crate) fn next(&mut self) -> u64 {
        self.sequence += 1;
        self.sequence
    }
}

/// A uuid from a number.
pub(crate) fn uuid(number: u64) -> String {
    format!("0b8f3a6c-0000-4000-8000-{number:012x}")
}
