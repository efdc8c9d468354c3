//! What an administration holds: its master data, documents and bookings.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use chrono::{DateTime, NaiveDate, Utc};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

use super::entity::entity;
use super::guid::Guid;
use super::table::{Keyed, Table};

entity! {
    /// A relation: supplier, customer, both or neither.
    Account: "CRM.Account" {
        id: Guid => "ID" Read,
        /// 18 characters, padded on the left with spaces.
        code: String => "Code" Write,
        name: String => "Name" Write,
        /// `A` none, `S` suspect, `P` prospect, `C` customer.
        status: Option<String> => "Status" Write,
        is_supplier: bool => "IsSupplier" Write,
        is_sales: bool => "IsSales" Read,
        blocked: bool => "Blocked" Write,
        kind: String => "Type" Read,
        vat_number: Option<String> => "VATNumber" Write,
        chamber_of_commerce: Option<String> => "ChamberOfCommerce" Write,
        country: Option<String> => "Country" Write,
        city: Option<String> => "City" Write,
        postcode: Option<String> => "Postcode" Write,
        address: Option<String> => "AddressLine1" Write,
        email: Option<String> => "Email" Write,
        search_code: Option<String> => "SearchCode" Write,
        payment_condition_purchase: Option<String> => "PaymentConditionPurchase" Write,
        payment_condition_sales: Option<String> => "PaymentConditionSales" Write,
        purchase_vat_code: Option<String> => "PurchaseVATCode" Write,
        sales_vat_code: Option<String> => "SalesVATCode" Write,
        gl_account_purchase: Option<Guid> => "GLAccountPurchase" Write,
        gl_account_sales: Option<Guid> => "GLAccountSales" Write,
        gl_ap: Option<Guid> => "GLAP" Write,
        gl_ar: Option<Guid> => "GLAR" Write,
        peppol_identifier: Option<String> => "PeppolIdentifier" Write,
        oin_number: Option<String> => "OINNumber" Write,
        automatic_process_proposed_entry: i32 => "AutomaticProcessProposedEntry" Write,
        created: Option<DateTime<Utc>> => "Created" Read,
        modified: Option<DateTime<Utc>> => "Modified" Read,
    }
    beside {}
}

entity! {
    /// A bank account of a relation.
    BankAccount: "CRM.BankAccount" {
        id: Guid => "ID" Read,
        account: Guid => "Account" Create,
        bank_account: String => "BankAccount" Write,
        bic: Option<String> => "BICCode" Write,
        holder: Option<String> => "BankAccountHolderName" Write,
        main: bool => "Main" Write,
        created: Option<DateTime<Utc>> => "Created" Read,
    }
    beside {}
}

entity! {
    /// A ledger account.
    GlAccount: "Financial.GLAccount" {
        id: Guid => "ID" Read,
        code: String => "Code" Read,
        description: String => "Description" Read,
        /// 10 cash, 12 bank, 20 receivable, 22 payable, 24 VAT, 110 revenue, 120 other costs, 121 general costs, ...
        kind: i32 => "Type" Read,
        /// `B` balance, `W` profit and loss.
        balance_type: String => "BalanceType" Read,
        is_blocked: bool => "IsBlocked" Read,
        vat_code: Option<String> => "VATCode" Read,
        /// 0 optional, 1 mandatory, 2 no.
        use_costcenter: i32 => "UseCostcenter" Read,
        /// 0 optional, 1 mandatory, 2 no.
        use_costunit: i32 => "UseCostunit" Read,
    }
    beside {}
}

entity! {
    /// A daybook.
    Journal: "Financial.Journal" {
        id: Guid => "ID" Read,
        code: String => "Code" Read,
        description: String => "Description" Read,
        /// 20 sales, 21 return invoice, 22 purchase, 23 received return invoice, 90 general, 12 bank, ...
        kind: i32 => "Type" Read,
        currency: String => "Currency" Read,
        allow_variable_currency: bool => "AllowVariableCurrency" Read,
        allow_variable_exchange_rate: bool => "AllowVariableExchangeRate" Read,
        allow_vat: bool => "AllowVAT" Read,
        is_blocked: bool => "IsBlocked" Read,
    }
    beside {
        /// The last number given out, by reporting year.
        numbers: BTreeMap<i32, i32>,
    }
}

entity! {
    /// A VAT code.
    VatCode: "VAT.VATCode" {
        id: Guid => "ID" Read,
        /// May end in spaces; entries must use it exactly so.
        code: String => "Code" Read,
        description: String => "Description" Read,
        /// A fraction, `0.21`.
        percentage: Decimal => "Percentage" Read,
        /// `B` base only, `E` excluding, `I` including, `N` none.
        kind: String => "Type" Read,
        /// `B` both, `P` purchase, `S` sales.
        transaction: String => "VATTransactionType" Read,
        is_blocked: bool => "IsBlocked" Read,
        /// Reverse charge or intra-EU: both sides are booked, nothing is paid to the supplier.
        charged: bool => "Charged" Read,
        /// `N` no, `L` goods, `S` services, for the intra-EU sales listing.
        eu_sales_listing: String => "EUSalesListing" Read,
        gl_to_pay: Option<Guid> => "GLToPay" Read,
        gl_to_claim: Option<Guid> => "GLToClaim" Read,
    }
    beside {}
}

entity! {
    /// A cost centre.
    CostCenter: "HRM.Costcenter" {
        id: Guid => "ID" Read,
        code: String => "Code" Read,
        description: String => "Description" Read,
        active: bool => "Active" Read,
        end_date: Option<NaiveDate> => "EndDate" Read,
    }
    beside {}
}

entity! {
    /// A cost unit.
    CostUnit: "HRM.Costunit" {
        id: Guid => "ID" Read,
        code: String => "Code" Read,
        description: String => "Description" Read,
    }
    beside {}
}

entity! {
    /// A payment condition.
    PaymentCondition: "Cashflow.PaymentCondition" {
        id: Guid => "ID" Read,
        code: String => "Code" Read,
        description: String => "Description" Read,
        payment_days: i32 => "PaymentDays" Read,
        payment_end_of_months: i32 => "PaymentEndOfMonths" Read,
        /// `B` on credit, `I` collection, `K` cash.
        payment_method: String => "PaymentMethod" Read,
    }
    beside {}
}

entity! {
    /// A period of a financial year. Whether it is open, Exact does not show.
    FinancialPeriod: "Financial.FinancialPeriod" {
        id: Guid => "ID" Read,
        year: i32 => "FinYear" Read,
        period: i32 => "FinPeriod" Read,
        start: NaiveDate => "StartDate" Read,
        end: NaiveDate => "EndDate" Read,
    }
    beside {
        /// Nothing can be booked in it.
        closed: bool,
    }
}

entity! {
    /// A document: a card with a subject, to which files are attached.
    Document: "Documents.Document" {
        id: Guid => "ID" Read,
        hid: i32 => "HID" Read,
        subject: String => "Subject" Write,
        /// 10 sales entry, 20 purchase entry, 55 miscellaneous.
        kind: i32 => "Type" Create,
        account: Option<Guid> => "Account" Write,
        amount_fc: Option<Decimal> => "AmountFC" Write,
        currency: Option<String> => "Currency" Write,
        document_date: Option<NaiveDate> => "DocumentDate" Write,
        category: Option<Guid> => "Category" Write,
        document_folder: Option<Guid> => "DocumentFolder" Write,
        body: Option<String> => "Body" Write,
        language: Option<String> => "Language" Write,
        financial_transaction_entry: Option<Guid> => "FinancialTransactionEntryID" Write,
        view_url: String => "DocumentViewUrl" Read,
        proposed_entry_status: i32 => "ProposedEntryStatus" Read,
        scan_service_status: i32 => "ScanServiceStatus" Read,
        creator: Guid => "Creator" Read,
        creator_full_name: String => "CreatorFullName" Read,
        created: Option<DateTime<Utc>> => "Created" Read,
        modified: Option<DateTime<Utc>> => "Modified" Read,
    }
    beside {}
}

entity! {
    /// A type of document.
    DocumentType: "Documents.DocumentType" {
        id: i32 => "ID" Read,
        description: String => "Description" Read,
        creatable: bool => "DocumentIsCreatable" Read,
    }
    beside {}
}

entity! {
    /// A file of a document.
    Attachment: "Documents.DocumentAttachment" {
        id: Guid => "ID" Read,
        document: Guid => "Document" Create,
        file_name: String => "FileName" Create,
        file_size: i32 => "FileSize" Read,
        url: String => "Url" Read,
    }
    beside {
        /// The file, as base64.
        content: Content,
    }
}

/// A file as base64; clones share it, so that keeping the state does not copy every file.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(from = "String", into = "String")]
pub struct Content(Arc<str>);

impl Content {
    /// The base64 text.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl From<String> for Content {
    fn from(text: String) -> Self {
        Self(text.into())
    }
}

impl From<Content> for String {
    fn from(content: Content) -> Self {
        content.0.as_ref().to_owned()
    }
}

/// Which way the goods went.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Direction {
    /// An invoice from a supplier.
    #[default]
    Purchase,
    /// An invoice to a customer.
    Sales,
}

entity! {
    /// A purchase or sales entry. The names of the wire are those of purchase; sales has `Customer` for `Supplier` and
    /// `SalesEntryLines` for the lines.
    Entry: "Entry" {
        id: Guid => "EntryID" Read,
        entry_number: i32 => "EntryNumber" Create,
        journal: String => "Journal" Create,
        relation: Guid => "Supplier" Create,
        relation_name: String => "SupplierName" Read,
        entry_date: Option<NaiveDate> => "EntryDate" Create,
        due_date: Option<NaiveDate> => "DueDate" Write,
        currency: String => "Currency" Create,
        rate: Option<Decimal> => "Rate" Create,
        your_ref: Option<String> => "YourRef" Write,
        description: Option<String> => "Description" Write,
        payment_condition: Option<String> => "PaymentCondition" Write,
        payment_reference: Option<String> => "PaymentReference" Write,
        document: Option<Guid> => "Document" Write,
        invoice_number: Option<i32> => "InvoiceNumber" Create,
        order_number: Option<i32> => "OrderNumber" Create,
        batch_number: Option<i32> => "BatchNumber" Create,
        process_number: Option<i32> => "ProcessNumber" Create,
        reporting_year: i32 => "ReportingYear" Create,
        reporting_period: i32 => "ReportingPeriod" Create,
        external_link_reference: Option<String> => "ExternalLinkReference" Write,
        external_link_description: Option<String> => "ExternalLinkDescription" Read,
        g_account_amount_fc: Option<Decimal> => "GAccountAmountFC" Create,
        amount_fc: Decimal => "AmountFC" Read,
        amount_dc: Decimal => "AmountDC" Read,
        vat_amount_fc: Option<Decimal> => "VATAmountFC" Create,
        vat_amount_dc: Decimal => "VATAmountDC" Read,
        /// 30 purchase, 31 purchase credit note, 20 sales, 21 sales credit note.
        kind: i32 => "Type" Read,
        /// 5 rejected, 20 open, 50 processed.
        status: i32 => "Status" Read,
        division: i32 => "Division" Read,
        creator: Guid => "Creator" Read,
        creator_full_name: String => "CreatorFullName" Read,
        created: Option<DateTime<Utc>> => "Created" Read,
        modified: Option<DateTime<Utc>> => "Modified" Read,
    }
    beside {
        /// Purchase or sales.
        direction: Direction,
        /// Its lines.
        lines: Vec<Line>,
        /// What it does to the ledger accounts; adds up to zero.
        postings: Vec<Posting>,
    }
}

entity! {
    /// A line of an entry.
    Line: "EntryLine" {
        id: Guid => "ID" Read,
        entry: Guid => "EntryID" Read,
        line_number: i32 => "LineNumber" Read,
        gl_account: Guid => "GLAccount" Create,
        gl_account_code: String => "GLAccountCode" Read,
        gl_account_description: String => "GLAccountDescription" Read,
        amount_fc: Option<Decimal> => "AmountFC" Create,
        amount_dc: Decimal => "AmountDC" Read,
        vat_code: Option<String> => "VATCode" Create,
        vat_amount_fc: Option<Decimal> => "VATAmountFC" Create,
        vat_amount_dc: Decimal => "VATAmountDC" Read,
        vat_base_amount_fc: Option<Decimal> => "VATBaseAmountFC" Create,
        vat_base_amount_dc: Option<Decimal> => "VATBaseAmountDC" Create,
        vat_percentage: Option<Decimal> => "VATPercentage" Create,
        vat_non_deductible_percentage: Option<Decimal> => "VATNonDeductiblePercentage" Create,
        private_use_percentage: Option<Decimal> => "PrivateUsePercentage" Create,
        cost_center: Option<String> => "CostCenter" Create,
        cost_unit: Option<String> => "CostUnit" Create,
        project: Option<Guid> => "Project" Create,
        asset: Option<Guid> => "Asset" Create,
        subscription: Option<Guid> => "Subscription" Create,
        tracking_number: Option<Guid> => "TrackingNumber" Create,
        description: Option<String> => "Description" Create,
        notes: Option<String> => "Notes" Create,
        quantity: Option<Decimal> => "Quantity" Create,
        from: Option<NaiveDate> => "From" Create,
        to: Option<NaiveDate> => "To" Create,
    }
    beside {}
}

/// A movement of one ledger account, in the currency of the administration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Posting {
    /// The ledger account.
    pub gl_account: Guid,
    /// The relation, on payable and receivable accounts.
    pub relation: Option<Guid>,
    /// Debit is positive, credit negative.
    pub amount: Decimal,
}

/// How it stands with an administration.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DivisionStanding {
    /// Open.
    #[default]
    Open,
    /// Blocked by Exact.
    Blocked,
}

/// An administration.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Division {
    /// The code in the URL.
    pub code: i32,
    /// The number people see.
    pub hid: i32,
    /// Its name.
    pub description: String,
    /// ISO country.
    pub country: String,
    /// Its own currency.
    pub currency: String,
    /// Its VAT number.
    pub vat_number: Option<String>,
    /// Its registry number.
    pub chamber_of_commerce: Option<String>,
    /// The main administration of its contract.
    pub is_main: bool,
    /// The contract it belongs to.
    pub contract: String,
    /// Whether it is blocked.
    pub standing: DivisionStanding,
    /// Ids of the apps that may use it.
    pub apps: BTreeSet<String>,
    /// The payment condition where neither entry nor relation has one.
    pub payment_condition: Option<String>,
    /// Takes differences of cents; without it, such entries are refused.
    pub rounding_account: Option<Guid>,
    /// Accounts payable.
    pub payable: Guid,
    /// Accounts receivable.
    pub receivable: Guid,
    /// VAT to pay.
    pub vat_to_pay: Guid,
    /// VAT to claim.
    pub vat_to_claim: Guid,
    /// Own currency for one unit of another.
    pub rates: BTreeMap<String, Decimal>,
    /// Relations.
    pub accounts: Table<Account>,
    /// Bank accounts of relations.
    pub bank_accounts: Table<BankAccount>,
    /// Ledger accounts.
    pub gl_accounts: Table<GlAccount>,
    /// Daybooks.
    pub journals: Table<Journal>,
    /// VAT codes.
    pub vat_codes: Table<VatCode>,
    /// Cost centres.
    pub cost_centers: Table<CostCenter>,
    /// Cost units.
    pub cost_units: Table<CostUnit>,
    /// Payment conditions.
    pub payment_conditions: Table<PaymentCondition>,
    /// Periods.
    pub periods: Table<FinancialPeriod>,
    /// Documents.
    pub documents: Table<Document>,
    /// Files.
    pub attachments: Table<Attachment>,
    /// Purchase and sales entries.
    pub entries: Table<Entry>,
}

macro_rules! keyed {
    ($($name:ident by $key:ident: $kind:ty,)*) => {$(
        impl Keyed for $name {
            type Key = $kind;

            fn key(&self) -> $kind {
                self.$key.clone()
            }
        }
    )*};
}
pub(crate) use keyed;

keyed! {
    Account by id: Guid,
    BankAccount by id: Guid,
    GlAccount by id: Guid,
    Journal by id: Guid,
    VatCode by id: Guid,
    CostCenter by id: Guid,
    CostUnit by id: Guid,
    PaymentCondition by id: Guid,
    FinancialPeriod by id: Guid,
    Document by id: Guid,
    Attachment by id: Guid,
    Entry by id: Guid,
    Division by code: i32,
}

impl Division {
    /// The relation with this code, however it is padded.
    pub fn account_by_code(&self, code: &str) -> Option<&Account> {
        self.accounts.iter().find(|account| account.code.trim() == code.trim())
    }

    /// The ledger account with this code.
    pub fn gl_account_by_code(&self, code: &str) -> Option<&GlAccount> {
        self.gl_accounts.iter().find(|account| account.code == code)
    }

    /// The journal with this code.
    pub fn journal_by_code(&self, code: &str) -> Option<&Journal> {
        self.journals.iter().find(|journal| journal.code == code)
    }

    /// Entries of a direction, oldest first.
    pub fn entries_of(&self, direction: Direction) -> impl Iterator<Item = &Entry> {
        self.entries.iter().filter(move |entry| entry.direction == direction)
    }

    /// Closes or opens a period; `false` when it does not exist.
    pub fn close_period(&mut self, year: i32, period: i32, closed: PeriodState) -> bool {
        let found = self.periods.iter_mut().find(|one| one.year == year && one.period == period);
        found.map(|period| period.closed = closed == PeriodState::Closed).is_some()
    }
}

/// Whether a period takes bookings.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum PeriodState {
    /// It does.
    Open,
    /// It does not.
    #[default]
    Closed,
}

/// A relation's code as Exact stores it: 18 characters, spaces on the left.
pub fn padded(code: &str) -> String {
    format!("{:>18}", code.trim())
}
