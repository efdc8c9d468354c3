//! What a person corrected and coded, laid over what was read: the reading itself stays as it is and is shown beside it.

use crate::{
    coding::HandCoding,
    document::Actor,
    invoice::{Invoice, InvoiceKind, VatSubtotal},
    ledger::DirectoryEntry,
    money::Currency,
    reason::Reason,
    time::{Date, Instant},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// Corrected fields. What is absent stands as it was read.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Corrections {
    /// Invoice or credit note.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<InvoiceKind>,
    /// Number.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// Date of the document.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub issue_date: Option<Date>,
    /// Currency.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub currency: Option<Currency>,
    /// Total without VAT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<Decimal>,
    /// VAT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat: Option<Decimal>,
    /// Total with VAT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub gross: Option<Decimal>,
    /// The whole VAT breakdown.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_breakdown: Option<Vec<VatSubtotal>>,
    /// Purchase order.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub order_reference: Option<String>,
}

/// A field that can be corrected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Field {
    /// Invoice or credit note.
    Kind,
    /// Number.
    Number,
    /// Date of the document.
    IssueDate,
    /// Currency.
    Currency,
    /// Total without VAT.
    Net,
    /// VAT.
    Vat,
    /// Total with VAT.
    Gross,
    /// VAT breakdown.
    VatBreakdown,
    /// Purchase order.
    OrderReference,
}

impl Field {
    /// Every field.
    pub const ALL: [Self; 9] = [
        Self::Kind,
        Self::Number,
        Self::IssueDate,
        Self::Currency,
        Self::Net,
        Self::Vat,
        Self::Gross,
        Self::VatBreakdown,
        Self::OrderReference,
    ];

    /// Stable name, as recognition and the API call it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Kind => "kind",
            Self::Number => "number",
            Self::IssueDate => "issue_date",
            Self::Currency => "currency",
            Self::Net => "net",
            Self::Vat => "vat",
            Self::Gross => "gross",
            Self::VatBreakdown => "vat_breakdown",
            Self::OrderReference => "order_reference",
        }
    }

    /// The field as a document states it, in words; none when it does not.
    pub fn of(self, invoice: &Invoice) -> Option<String> {
        let totals = &invoice.totals;
        match self {
            Self::Kind => Some(invoice.kind.as_str().to_owned()),
            Self::Number => invoice.number.clone(),
            Self::IssueDate => invoice.issue_date.map(|date| date.to_string()),
            Self::Currency => invoice.currency.map(|currency| currency.to_string()),
            Self::Net => totals.net.map(|amount| amount.to_string()),
            Self::Vat => totals.vat.map(|amount| amount.to_string()),
            Self::Gross => totals.gross.map(|amount| amount.to_string()),
            Self::OrderReference => invoice.order_reference.clone(),
            Self::VatBreakdown => (!invoice.vat_breakdown.is_empty()).then(|| breakdown(&invoice.vat_breakdown)),
        }
    }

    /// Whether the field may be corrected: everything that was recognised; of a structured document only what it does not
    /// state itself, and never its amounts.
    pub fn is_open(self, reading: Reading, invoice: &Invoice) -> bool {
        match (reading, self) {
            (Reading::Recognised, _) => true,
            (Reading::Structured, Self::Number | Self::IssueDate | Self::Currency | Self::OrderReference) => {
                self.of(invoice).is_none_or(|stated| stated.trim().is_empty())
            }
            (Reading::Structured, Self::Kind | Self::Net | Self::Vat | Self::Gross | Self::VatBreakdown) => false,
        }
    }
}

fn breakdown(groups: &[VatSubtotal]) -> String {
    let words = |group: &VatSubtotal| {
        let (category, rate) = (group.treatment.category.as_deref().unwrap_or("?"), group.treatment.rate);
        format!("{category} {} %: {} + {}", rate.unwrap_or_default(), group.taxable, group.vat)
    };
    groups.iter().map(words).collect::<Vec<_>>().join("; ")
}

/// How a document was read, as far as corrections go.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reading {
    /// From structured data: it says itself what it is.
    Structured,
    /// From a picture, or not at all: a person knows better.
    Recognised,
}

impl Corrections {
    /// Whether nothing was corrected.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The corrected fields.
    pub fn fields(&self) -> Vec<Field> {
        let given = |field: Field| match field {
            Field::Kind => self.kind.is_some(),
            Field::Number => self.number.is_some(),
            Field::IssueDate => self.issue_date.is_some(),
            Field::Currency => self.currency.is_some(),
            Field::Net => self.net.is_some(),
            Field::Vat => self.vat.is_some(),
            Field::Gross => self.gross.is_some(),
            Field::VatBreakdown => self.vat_breakdown.is_some(),
            Field::OrderReference => self.order_reference.is_some(),
        };
        Field::ALL.into_iter().filter(|field| given(*field)).collect()
    }

    /// The document with the corrections in place of what was read.
    pub fn apply(&self, read: &Invoice) -> Invoice {
        let mut invoice = read.clone();
        if let Some(kind) = self.kind {
            invoice.kind = kind;
        }
        if let Some(groups) = &self.vat_breakdown {
            invoice.vat_breakdown.clone_from(groups);
        }
        let totals = &mut invoice.totals;
        totals.net = self.net.or(totals.net);
        totals.vat = self.vat.or(totals.vat);
        totals.gross = self.gross.or(totals.gross);
        invoice.number = self.number.clone().or(invoice.number);
        invoice.issue_date = self.issue_date.or(invoice.issue_date);
        invoice.currency = self.currency.or(invoice.currency);
        invoice.order_reference = self.order_reference.clone().or(invoice.order_reference);
        invoice
    }
}

/// What a person made of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Edits {
    /// Who edited it last; earlier ones are in the history.
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// Corrected fields.
    #[serde(default, skip_serializing_if = "Corrections::is_empty")]
    pub fields: Corrections,
    /// How it is booked.
    #[serde(default, skip_serializing_if = "HandCoding::is_empty")]
    pub coding: HandCoding,
}

impl Edits {
    /// Whether it says anything.
    pub fn is_empty(&self) -> bool {
        self.fields.is_empty() && self.coding.is_empty()
    }

    /// What differs from an earlier edit, in words for the history: `number: F-1 -> F-2; lines`.
    pub fn difference(&self, before: Option<&Self>, read: &Invoice) -> String {
        let nothing =
            Self { by: self.by.clone(), at: self.at, fields: Corrections::default(), coding: HandCoding::default() };
        let before = before.unwrap_or(&nothing);
        let (was, is) = (before.fields.apply(read), self.fields.apply(read));
        let mut words = Vec::new();
        for field in Field::ALL {
            let (old, new) = (field.of(&was), field.of(&is));
            let named = self.fields.fields().contains(&field) != before.fields.fields().contains(&field);
            let shown = |value: &Option<String>| value.clone().unwrap_or_else(|| "nothing".to_owned());
            if old != new {
                words.push(format!("{}: {} -> {}", field.as_str(), shown(&old), shown(&new)));
            } else if named {
                words.push(format!("{}: {} confirmed", field.as_str(), shown(&new)));
            }
        }
        let (old, new) = (&before.coding, &self.coding);
        let text = |name: &str, old: Option<String>, new: Option<String>| {
            let shown = |value: Option<String>| value.unwrap_or_else(|| "as before".to_owned());
            (old != new).then(|| format!("{name}: {} -> {}", shown(old), shown(new)))
        };
        let day = |date: Option<Date>| date.map(|date| date.to_string());
        words.extend(text("due_date", day(old.due_date), day(new.due_date)));
        words.extend(text("booking_date", day(old.booking_date), day(new.booking_date)));
        let label = |text: &Option<crate::template::LabelText>| text.as_ref().map(ToString::to_string);
        words.extend(text("description", label(&old.description), label(&new.description)));
        words.extend(text("payment_reference", label(&old.payment_reference), label(&new.payment_reference)));
        if old.lines != new.lines {
            let count = |lines: &Option<Vec<_>>| {
                lines.as_ref().map_or_else(|| "of the template".to_owned(), |lines| lines.len().to_string())
            };
            words.push(format!("lines: {} -> {}", count(&old.lines), count(&new.lines)));
        }
        words.join("; ")
    }
}

/// The code with which a ledger's refusal of a closed period is kept.
pub const PERIOD_CLOSED: &str = "period_closed";

/// Why a booking date is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum BookingDateError {
    /// The ledger did not say that the period is closed.
    #[error("a booking date may only be chosen after the ledger refused the document because its period is closed")]
    NotRefused,
    /// Nothing to compare with.
    #[error("the document has no date yet")]
    NoIssueDate,
    /// Into the period that is closed, or before it.
    #[error("the booking date must lie in a later period than {0}, the date of the document")]
    NotLater(Date),
    /// The ledger has no period there.
    #[error("the ledger has no period in which {0} lies, as far as its periods were fetched")]
    NoPeriod(Date),
    /// Known to be closed.
    #[error("period {0} is closed in the ledger")]
    Closed(String),
    /// An earlier one is open.
    #[error("period {first} is the first open one after that of the document, {chosen} is later")]
    NotFirst {
        /// The first open period.
        first: String,
        /// The one that was chosen.
        chosen: String,
    },
    /// In a period that has not begun.
    #[error("the booking date lies in a period that has not begun")]
    NotBegun,
}

/// Whether a person may have a document booked on a day that is not its own: only after the ledger refused it for its
/// closed period, and in the first open one. `periods` is what the ledger listed; a ledger that does not list them, or
/// does not say which of them are closed, says the rest when the document is booked.
pub fn check_booking_date(
    refused: Option<&Reason>,
    issue_date: Option<Date>,
    chosen: Date,
    today: Date,
    periods: Option<&[DirectoryEntry]>,
) -> Result<(), BookingDateError> {
    if refused.is_none_or(|refused| refused.code != PERIOD_CLOSED) {
        return Err(BookingDateError::NotRefused);
    }
    let issued = issue_date.ok_or(BookingDateError::NoIssueDate)?;
    let Some(periods) = periods else {
        return match chosen {
            _ if chosen <= issued => Err(BookingDateError::NotLater(issued)),
            _ if chosen > today => Err(BookingDateError::NotBegun),
            _ => Ok(()),
        };
    };
    let days = |entry: &DirectoryEntry| entry.days.map(|(first, last)| first..=last);
    let of = |day: Date| periods.iter().find(|entry| days(entry).is_some_and(|days| days.contains(&day)));
    let period = of(chosen).ok_or(BookingDateError::NoPeriod(chosen))?;
    let begins = |entry: &DirectoryEntry| entry.days.map(|(first, _)| first);
    if chosen <= issued || of(issued).is_some_and(|own| begins(own) >= begins(period)) {
        return Err(BookingDateError::NotLater(issued));
    }
    if period.blocked {
        return Err(BookingDateError::Closed(period.code.clone()));
    }
    if begins(period) > Some(today) {
        return Err(BookingDateError::NotBegun);
    }
    // Only a ledger that says of some that they are closed says of the others that they are open.
    if periods.iter().any(|entry| entry.blocked) {
        let after = periods.iter().filter(|entry| !entry.blocked && begins(entry) > Some(issued));
        if let Some(first) = after.min_by_key(|entry| begins(entry))
            && begins(first) < begins(period)
        {
            return Err(BookingDateError::NotFirst { first: first.code.clone(), chosen: period.code.clone() });
        }
    }
    Ok(())
}

#[cfg(test)]
#[path = "edit_tests.rs"]
mod tests;
