//! The canonical invoice: what was read from a document, in one shape whatever format it came in.
//!
//! Everything is optional that a sender may leave out: reading says what is there, and [`crate::coding`] says what is
//! missing. Amounts bear the sign of the document; a credit note has positive amounts.

use crate::{money::Currency, party::Party, time::Date};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// Invoice or credit note, decided by the root element of UBL and by the type code elsewhere, never by signs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum InvoiceKind {
    /// The buyer owes more.
    #[default]
    Invoice,
    /// The buyer owes less; amounts are positive.
    CreditNote,
}

impl InvoiceKind {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::CreditNote => "credit_note",
        }
    }
}

/// VAT categories of EN 16931 (UNCL 5305).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
pub enum VatCategory {
    /// Standard: any positive rate.
    S,
    /// Zero rated.
    Z,
    /// Exempt.
    E,
    /// Reverse charge: the buyer owes the VAT.
    AE,
    /// Intra-community supply.
    K,
    /// Export outside the EU.
    G,
    /// Outside the scope of VAT.
    O,
    /// Canary Islands.
    L,
    /// Ceuta and Melilla.
    M,
    /// Italian split payment.
    B,
}

impl VatCategory {
    /// The code of UNCL 5305.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::S => "S",
            Self::Z => "Z",
            Self::E => "E",
            Self::AE => "AE",
            Self::K => "K",
            Self::G => "G",
            Self::O => "O",
            Self::L => "L",
            Self::M => "M",
            Self::B => "B",
        }
    }
}

impl fmt::Display for VatCategory {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// The code is not one of EN 16931's VAT categories.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not a VAT category of EN 16931 (S, Z, E, AE, K, G, O, L, M, B)")]
pub struct UnknownVatCategory;

impl FromStr for VatCategory {
    type Err = UnknownVatCategory;
    fn from_str(text: &str) -> Result<Self, UnknownVatCategory> {
        Ok(match text {
            "S" => Self::S,
            "Z" => Self::Z,
            "E" => Self::E,
            "AE" => Self::AE,
            "K" => Self::K,
            "G" => Self::G,
            "O" => Self::O,
            "L" => Self::L,
            "M" => Self::M,
            "B" => Self::B,
            _ => return Err(UnknownVatCategory),
        })
    }
}

/// A category and its rate: what VAT is grouped by. The category is kept as written, since a document may state one
/// that EN 16931 does not know.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct VatTreatment {
    /// The category code as written; [`VatTreatment::known`] reads it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<String>,
    /// Percent, for example 21; absent where the category has none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Decimal>,
}

impl VatTreatment {
    /// The category, when EN 16931 knows it.
    pub fn known(&self) -> Option<VatCategory> {
        self.category.as_deref()?.parse().ok()
    }
}

/// One group of the VAT breakdown (BG-23).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct VatSubtotal {
    /// Category and rate.
    #[serde(flatten)]
    pub treatment: VatTreatment,
    /// What the VAT is computed on (BT-116).
    pub taxable: Decimal,
    /// The VAT (BT-117).
    pub vat: Decimal,
    /// Why there is no VAT, as text or code (BT-120, BT-121).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemption_reason: Option<String>,
}

/// Reduces or raises a net amount.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AllowanceChargeKind {
    /// Reduces.
    Allowance,
    /// Raises.
    Charge,
}

/// An allowance or a charge of the document or of a line (BG-20, BG-21, BG-27, BG-28).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AllowanceCharge {
    /// Which of the two.
    pub kind: AllowanceChargeKind,
    /// Always as written; normally positive.
    pub amount: Decimal,
    /// Why.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<String>,
    /// Category and rate; lines have none of their own here.
    #[serde(default)]
    pub treatment: VatTreatment,
}

/// One line (BG-25).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct InvoiceLine {
    /// Line id as written.
    pub id: String,
    /// What was sold: name of the item, else its description.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// How many.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub quantity: Option<Decimal>,
    /// Unit code of the quantity.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Net price of one `base_quantity`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub price: Option<Decimal>,
    /// The price is for this many; one when absent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub base_quantity: Option<Decimal>,
    /// Net amount after the line's allowances and charges (BT-131).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<Decimal>,
    /// Category and rate.
    #[serde(skip_serializing_if = "is_default")]
    pub treatment: VatTreatment,
    /// Allowances and charges, already in `net`.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowance_charges: Vec<AllowanceCharge>,
    /// The buyer's booking hint, echoed by the seller: a hint, never an instruction.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounting_cost: Option<String>,
}

fn is_default<T: Default + PartialEq>(value: &T) -> bool {
    *value == T::default()
}

/// The totals as stated (BG-22). `vat` is BT-110, in the document's currency.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Totals {
    /// Sum of the lines (BT-106).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Decimal>,
    /// Sum of document allowances (BT-107).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub allowances: Option<Decimal>,
    /// Sum of document charges (BT-108).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub charges: Option<Decimal>,
    /// Total without VAT (BT-109).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<Decimal>,
    /// VAT in the document's currency (BT-110).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat: Option<Decimal>,
    /// Further VAT totals stated in the document's currency: there should be none (BR-CO-15).
    #[serde(skip_serializing_if = "is_default")]
    pub vat_repeats: u16,
    /// VAT in the currency of the VAT return (BT-111).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_in_tax_currency: Option<Decimal>,
    /// Total with VAT (BT-112): what is posted, and what a limit is compared with (AP-20).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gross: Option<Decimal>,
    /// Already paid (BT-113).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub prepaid: Option<Decimal>,
    /// Added to reach a round amount (BT-114).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rounding: Option<Decimal>,
    /// Still to be paid (BT-115).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payable: Option<Decimal>,
}

/// One way in which the seller wants to be paid (BG-16).
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct PaymentMeans {
    /// UNCL 4461, for example 58.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub code: Option<String>,
    /// Remittance reference, exactly as written (BT-83).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reference: Option<String>,
    /// IBAN or other account as written (BT-84).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// Holder of the account (BT-85).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account_name: Option<String>,
    /// BIC (BT-86).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub bic: Option<String>,
    /// Direct debit mandate (BT-89).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mandate: Option<String>,
}

/// The invoice that a correction or credit note refers to (BG-3).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PrecedingInvoice {
    /// Its number.
    pub number: String,
    /// Its date, where stated.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<Date>,
}

/// Where the content of an attachment is.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum AttachmentSource {
    /// In the document itself: the decoded size in bytes.
    Embedded {
        /// Decoded size in bytes.
        size: u64,
    },
    /// Somewhere else. Shown as text and never fetched.
    External {
        /// As written.
        uri: String,
    },
    /// In the document, but not decodable.
    Undecodable,
}

/// A supporting document (BG-24).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Attachment {
    /// BT-122.
    pub id: String,
    /// BT-123.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub description: Option<String>,
    /// As the sender names it: for display only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub filename: Option<String>,
    /// As the sender claims it: check the first bytes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mime: Option<String>,
    /// The content.
    pub source: AttachmentSource,
}

/// An invoice or credit note.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Invoice {
    /// Invoice or credit note.
    pub kind: InvoiceKind,
    /// UNTDID 1001 code, for example 380 (BT-3).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub type_code: Option<String>,
    /// Which rules the sender claims (BT-24).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub profile: Option<String>,
    /// Free text, never a number (BT-1).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// BT-2.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<Date>,
    /// BT-9.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Date>,
    /// Date of the VAT, when not the issue date (BT-7).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_point_date: Option<Date>,
    /// Code of the event that decides the date of the VAT (BT-8).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_point_code: Option<String>,
    /// BT-72.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_date: Option<Date>,
    /// Country to which was delivered (BT-80).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub delivery_country: Option<String>,
    /// Start of the invoiced period (BT-73).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_start: Option<Date>,
    /// End of the invoiced period (BT-74).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub period_end: Option<Date>,
    /// Currency of all amounts but `totals.vat_in_tax_currency` (BT-5).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// BT-6.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_currency: Option<Currency>,
    /// Free text (BT-22).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub notes: Vec<String>,
    /// BT-10.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub buyer_reference: Option<String>,
    /// Purchase order (BT-13).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_reference: Option<String>,
    /// BT-12.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub contract_reference: Option<String>,
    /// BT-11.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project_reference: Option<String>,
    /// The buyer's booking hint (BT-19).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub accounting_cost: Option<String>,
    /// Invoices that this one corrects or credits (BG-3).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub preceding: Vec<PrecedingInvoice>,
    /// Seller (BG-4).
    pub supplier: Party,
    /// Buyer (BG-7).
    pub customer: Party,
    /// Who gets the money, when not the seller (BG-10).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payee: Option<Party>,
    /// BG-11.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_representative: Option<Party>,
    /// BG-16.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub payment_means: Vec<PaymentMeans>,
    /// Terms as text (BT-20).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_terms: Option<String>,
    /// Allowances and charges of the document (BG-20, BG-21).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub allowance_charges: Vec<AllowanceCharge>,
    /// VAT breakdown (BG-23).
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub vat_breakdown: Vec<VatSubtotal>,
    /// BG-22.
    pub totals: Totals,
    /// Lines directly under the root; nested ones are not counted.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub lines: Vec<InvoiceLine>,
    /// BG-24.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub attachments: Vec<Attachment>,
}
