//! A posting: the booking that a document becomes, before any ledger's own shapes.

use crate::{
    ids::ContactId,
    invoice::{InvoiceKind, VatCategory},
    ledger::{AccountCode, CostCentre, Direction, Project, VatCode},
    money::Currency,
    time::Date,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One line of a posting. Amounts are signed by effect: see [`Posting`].
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct PostingLine {
    /// Ledger account that is debited by a purchase invoice and credited by a sales invoice.
    pub account: AccountCode,
    /// The ledger's VAT code.
    pub vat_code: VatCode,
    /// Category of the VAT group that the line belongs to.
    pub category: VatCategory,
    /// Rate of that group in percent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Decimal>,
    /// Net amount.
    pub net: Decimal,
    /// VAT as the document states it; zero for reverse charge and intra-community supply, where the ledger computes both
    /// sides.
    pub vat: Decimal,
    /// Cost centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_centre: Option<CostCentre>,
    /// Project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Project>,
    /// Text of the line, labels already replaced (AP-39).
    pub description: String,
}

/// What is to be booked. Amounts are signed by their effect on the contact's account: an invoice is positive, a credit
/// note and a negative invoice are negative. This is the one place where a credit note's sign is turned.
///
/// The lines' VAT adds up to `vat`, their net to `net`, and `net + vat = gross`: [`crate::coding`] makes no other.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Posting {
    /// Side of the ledger.
    pub direction: Direction,
    /// What the document calls itself.
    pub kind: InvoiceKind,
    /// Supplier or customer.
    pub contact: ContactId,
    /// Number of the document, as written.
    pub number: String,
    /// Date of the document.
    pub issue_date: Date,
    /// Due date, as stated or from the contact's terms (AP-57).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Date>,
    /// The day in whose period it is booked, when a person chose another one than that of the document; the date of the
    /// document stays as it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub booking_date: Option<Date>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// Text of the whole booking.
    pub description: String,
    /// Remittance reference, exactly as the document has it or as the template says.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub payment_reference: Option<String>,
    /// At least one.
    pub lines: Vec<PostingLine>,
    /// Total without VAT.
    pub net: Decimal,
    /// VAT of the document.
    pub vat: Decimal,
    /// Total with VAT.
    pub gross: Decimal,
}
