//! Fields that recognition found in a PDF or a scan, each with its confidence.
//!
//! ```json
//! {"kind": "invoice",
//!  "fields": {"number": {"value": "2026-17", "confidence": 0.98}, "gross": {"value": "121.00", "confidence": 0.93}},
//!  "vat_breakdown": [{"category": "S", "rate": "21", "taxable": "100.00", "vat": "21.00", "confidence": 0.9}],
//!  "lines": [{"description": "Paper", "quantity": "2", "price": "50", "net": "100.00", "confidence": 0.8}]}
//! ```
//!
//! Recognition errs, so one bad value costs that value and no more. A confidence that is none is the sender's mistake and
//! refuses the whole: without it nobody can say what may be trusted.

mod values;

use crate::{FindingCode, ReadFinding, error::shown};
use domain::invoice::{Invoice, InvoiceKind, InvoiceLine, PaymentMeans, VatSubtotal, VatTreatment};
use rust_decimal::{Decimal, prelude::ToPrimitive};
use serde::{Deserialize, Serialize};
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use values::{Row, Value};

/// More is no set of recognised fields, in bytes.
pub const RECOGNISED_BYTES_MAX: usize = 4 * 1024 * 1024;

/// How sure recognition is of a value, in basis points: 10,000 is certain.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Confidence(u16);

impl Confidence {
    /// From 0 to 10,000.
    pub fn basis_points(self) -> u16 {
        self.0
    }

    fn read(json: Option<&RawValue>) -> Option<Self> {
        const BASIS_POINTS: Decimal = Decimal::from_parts(10_000, 0, 0, false, 0);
        let text = json?.get();
        let value: Decimal = text.parse().or_else(|_| Decimal::from_scientific(text)).ok()?;
        let inside = (Decimal::ZERO..=Decimal::ONE).contains(&value);
        inside.then_some((value * BASIS_POINTS).round())?.to_u16().map(Self)
    }
}

macro_rules! fields {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)+) => {
        /// A field that recognition may find.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        pub enum RecognisedField {
            $($(#[$doc])* #[serde(rename = $text)] $variant,)+
        }

        impl RecognisedField {
            /// Stable text, as in the JSON.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Self::$variant => $text,)+
                }
            }

            /// The field of that name.
            fn named(name: &str) -> Option<Self> {
                match name {
                    $($text => Some(Self::$variant),)+
                    _ => None,
                }
            }
        }
    };
}

fields! {
    /// Invoice number.
    Number = "number",
    /// Issue date, as `2026-03-31`.
    IssueDate = "issue_date",
    /// Due date.
    DueDate = "due_date",
    /// Currency, as `EUR`.
    Currency = "currency",
    /// Name of the seller.
    SupplierName = "supplier_name",
    /// VAT number of the seller.
    SupplierVat = "supplier_vat",
    /// Register number of the seller.
    SupplierRegistry = "supplier_registry",
    /// Account to which to pay.
    SupplierIban = "supplier_iban",
    /// Name of the buyer.
    CustomerName = "customer_name",
    /// VAT number of the buyer.
    CustomerVat = "customer_vat",
    /// Register number of the buyer.
    CustomerRegistry = "customer_registry",
    /// Total without VAT.
    Net = "net",
    /// VAT.
    Vat = "vat",
    /// Total with VAT.
    Gross = "gross",
    /// Still to be paid.
    Payable = "payable",
    /// Reference to give with the payment.
    PaymentReference = "payment_reference",
    /// Purchase order.
    OrderReference = "order_reference",
    /// A row of the VAT breakdown.
    VatBreakdown = "vat_breakdown",
    /// A line.
    Line = "lines",
}

/// What recognition found, as an invoice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recognised {
    /// The values that could be read.
    pub invoice: Invoice,
    /// How sure recognition was of each; rows of the VAT breakdown and lines each have an entry of their own.
    pub confidences: Vec<(RecognisedField, Confidence)>,
    /// Fields that held something else than their kind and are absent for it.
    pub findings: Vec<ReadFinding>,
}

/// Why recognised fields could not be taken at all.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{message}")]
pub struct RecognisedError {
    /// Which field, when one is to blame.
    pub field: Option<String>,
    /// What is wrong and what to do.
    pub message: String,
}

#[derive(Deserialize)]
struct Input<'a> {
    #[serde(borrow)]
    kind: Option<&'a RawValue>,
    #[serde(borrow, default)]
    fields: BTreeMap<String, &'a RawValue>,
    #[serde(borrow, default)]
    vat_breakdown: Vec<&'a RawValue>,
    #[serde(borrow, default)]
    lines: Vec<&'a RawValue>,
}

#[derive(Deserialize)]
struct Field<'a> {
    #[serde(borrow)]
    value: Option<&'a RawValue>,
    #[serde(borrow)]
    confidence: Option<&'a RawValue>,
}

/// Takes the recognised fields of a PDF or scan, written as JSON. Fails when it is not such JSON, when the kind is neither
/// `invoice` nor `credit_note`, or when a confidence is not a number from 0 to 1.
pub fn read(json: &[u8]) -> Result<Recognised, RecognisedError> {
    if json.len() > RECOGNISED_BYTES_MAX {
        let message =
            format!("The recognised fields have {} bytes and at most {RECOGNISED_BYTES_MAX} are read.", json.len());
        return Err(RecognisedError { field: None, message });
    }
    let input: Input<'_> = serde_json::from_slice(json).map_err(|error| RecognisedError {
        field: None,
        message: format!("The recognised fields are not the JSON that is wanted: {}.", shown(&error.to_string())),
    })?;
    let mut reading =
        Reading { invoice: Invoice { kind: kind(input.kind)?, ..Invoice::default() }, ..Reading::default() };
    for (name, json) in &input.fields {
        reading.field(name, json)?;
    }
    for (index, json) in input.vat_breakdown.iter().enumerate() {
        reading.vat_row(index, json)?;
    }
    for (index, json) in input.lines.iter().enumerate() {
        reading.line(index, json)?;
    }
    let Reading { mut invoice, means, confidences, findings } = reading;
    if means != PaymentMeans::default() {
        invoice.payment_means.push(means);
    }
    Ok(Recognised { invoice, confidences, findings })
}

fn kind(json: Option<&RawValue>) -> Result<InvoiceKind, RecognisedError> {
    json.and_then(|json| serde_json::from_str(json.get()).ok()).ok_or_else(|| RecognisedError {
        field: Some("kind".to_owned()),
        message: "The field kind must be \"invoice\" or \"credit_note\".".to_owned(),
    })
}

#[derive(Default)]
struct Reading {
    invoice: Invoice,
    means: PaymentMeans,
    confidences: Vec<(RecognisedField, Confidence)>,
    findings: Vec<ReadFinding>,
}

impl Reading {
    fn field(&mut self, name: &str, json: &RawValue) -> Result<(), RecognisedError> {
        let Some(field) = RecognisedField::named(name) else {
            self.find(FindingCode::UnknownField, &shown(name), format!("The field {} is not known.", shown(name)));
            return Ok(());
        };
        let Ok(Field { value, confidence }) = serde_json::from_str::<Field<'_>>(json.get()) else {
            self.unreadable(name, "an object with value and confidence");
            return Ok(());
        };
        let Some(value) = value else { return Ok(()) };
        let confidence = sure(name, confidence)?;
        match self.take(field, Value(value)) {
            Ok(()) => self.confidences.push((field, confidence)),
            Err(wanted) => self.unreadable(name, wanted),
        }
        Ok(())
    }

    /// Puts a value where it belongs, or says what it should have been.
    fn take(&mut self, field: RecognisedField, value: Value<'_>) -> Result<(), &'static str> {
        let Self { invoice, means, .. } = self;
        match field {
            RecognisedField::Number => invoice.number = Some(value.text()?),
            RecognisedField::IssueDate => invoice.issue_date = Some(value.date()?),
            RecognisedField::DueDate => invoice.due_date = Some(value.date()?),
            RecognisedField::Currency => invoice.currency = Some(value.currency()?),
            RecognisedField::SupplierName => invoice.supplier.name = Some(value.text()?),
            RecognisedField::SupplierVat => invoice.supplier.vat = Some(value.vat_number()?),
            RecognisedField::SupplierRegistry => invoice.supplier.registry = Some(value.registry_number()?),
            RecognisedField::SupplierIban => means.account = Some(value.iban()?),
            RecognisedField::CustomerName => invoice.customer.name = Some(value.text()?),
            RecognisedField::CustomerVat => invoice.customer.vat = Some(value.vat_number()?),
            RecognisedField::CustomerRegistry => invoice.customer.registry = Some(value.registry_number()?),
            RecognisedField::Net => invoice.totals.net = Some(value.amount()?),
            RecognisedField::Vat => invoice.totals.vat = Some(value.amount()?),
            RecognisedField::Gross => invoice.totals.gross = Some(value.amount()?),
            RecognisedField::Payable => invoice.totals.payable = Some(value.amount()?),
            RecognisedField::PaymentReference => means.reference = Some(value.text()?),
            RecognisedField::OrderReference => invoice.order_reference = Some(value.text()?),
            RecognisedField::VatBreakdown | RecognisedField::Line => return Err("a list beside the fields"),
        }
        Ok(())
    }

    /// A group of the VAT breakdown: nothing without both amounts.
    fn vat_row(&mut self, index: usize, json: &RawValue) -> Result<(), RecognisedError> {
        let name = format!("vat_breakdown[{index}]");
        let Some(row) = Row::read(json) else {
            self.unreadable(&name, "an object");
            return Ok(());
        };
        let confidence = sure(&name, row.confidence)?;
        let treatment = VatTreatment {
            category: self.optional(&name, row.category, Value::vat_category),
            rate: self.optional(&name, row.rate, Value::amount),
        };
        let taxable = self.optional(&name, row.taxable, Value::amount);
        let vat = self.optional(&name, row.vat, Value::amount);
        if let (Some(taxable), Some(vat)) = (taxable, vat) {
            self.invoice.vat_breakdown.push(VatSubtotal { treatment, taxable, vat, exemption_reason: None });
            self.confidences.push((RecognisedField::VatBreakdown, confidence));
        } else {
            self.unreadable(&name, "a row with taxable and vat");
        }
        Ok(())
    }

    fn line(&mut self, index: usize, json: &RawValue) -> Result<(), RecognisedError> {
        let name = format!("lines[{index}]");
        let Some(row) = Row::read(json) else {
            self.unreadable(&name, "an object");
            return Ok(());
        };
        let confidence = sure(&name, row.confidence)?;
        let line = InvoiceLine {
            id: (index + 1).to_string(),
            description: self.optional(&name, row.description, Value::text),
            quantity: self.optional(&name, row.quantity, Value::amount),
            unit: self.optional(&name, row.unit, Value::text),
            price: self.optional(&name, row.price, Value::amount),
            net: self.optional(&name, row.net, Value::amount),
            treatment: VatTreatment {
                category: self.optional(&name, row.category, Value::vat_category),
                rate: self.optional(&name, row.rate, Value::amount),
            },
            ..InvoiceLine::default()
        };
        self.invoice.lines.push(line);
        self.confidences.push((RecognisedField::Line, confidence));
        Ok(())
    }

    fn optional<'a, T>(
        &mut self,
        name: &str,
        json: Option<&'a RawValue>,
        read: impl FnOnce(Value<'a>) -> Result<T, &'static str>,
    ) -> Option<T> {
        match read(Value(json?)) {
            Ok(value) => Some(value),
            Err(wanted) => {
                self.unreadable(name, wanted);
                None
            }
        }
    }

    fn unreadable(&mut self, name: &str, wanted: &str) {
        self.find(FindingCode::UnreadableField, name, format!("The field {name} is left out: it is not {wanted}."));
    }

    fn find(&mut self, code: FindingCode, about: &str, message: String) {
        const FINDINGS_MAX: usize = 100;
        if self.findings.len() < FINDINGS_MAX {
            self.findings.push(ReadFinding::new(code, about, message));
        }
    }
}

fn sure(name: &str, json: Option<&RawValue>) -> Result<Confidence, RecognisedError> {
    Confidence::read(json).ok_or_else(|| RecognisedError {
        field: Some(name.to_owned()),
        message: format!("The field {name} must have a confidence from 0 to 1."),
    })
}

#[cfg(test)]
mod tests;
