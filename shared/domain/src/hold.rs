//! Holds: conditions of ours that keep a complete document from being posted without a person. A person may still post
//! it; some holds are cleared first, with a reason.

use crate::{
    arithmetic::RuleViolation,
    contact::{Contact, OwnIdentifiers, own_side},
    ids::DocumentId,
    invoice::{Invoice, InvoiceKind},
    ledger::Direction,
    party::normalise,
    profile::Profile,
    reason::Reason,
    time::Date,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

macro_rules! holds {
    ($($(#[$doc:meta])* $name:ident = $code:literal, $sentence:literal;)*) => {
        /// What holds a document.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
        #[serde(rename_all = "snake_case")]
        pub enum HoldCode { $($(#[$doc])* $name,)* }

        impl HoldCode {
            /// Every hold.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Stable code.
            pub fn as_str(self) -> &'static str {
                match self { $(Self::$name => $code,)* }
            }

            /// In words.
            pub fn sentence(self) -> &'static str {
                match self { $(Self::$name => $sentence,)* }
            }
        }
    };
}

holds! {
    /// A document of the same contact and kind has this number, or this date, currency and total (AP-56).
    DuplicateSuspected = "duplicate_suspected", "Another document of this contact has the same number, or the same date and total";
    /// The buyer of a purchase document (the seller of a sales document) is not the administration.
    WrongBuyer = "wrong_buyer", "The document is not addressed to this administration";
    /// Payment is asked to an account that was never seen for the contact.
    NewIban = "new_iban", "The bank account on the document was never seen for this contact";
    /// Somebody else than the supplier is to be paid.
    OtherPayee = "other_payee", "Somebody else than the supplier is to be paid";
    /// Part was paid before: VAT may be in the books twice.
    Prepaid = "prepaid", "An amount was paid in advance: its VAT may already be in the books";
    /// Self-billed, partial, pro forma or another type that is not a plain invoice.
    DocumentType = "document_type", "The document is of a type that is not posted automatically";
    /// A rule of EN 16931 is broken.
    Arithmetic = "arithmetic", "The document breaks a rule of EN 16931";
    /// The issue date is in the future.
    FutureDate = "future_date", "The invoice date is in the future";
    /// Due before it was issued.
    DueBeforeIssue = "due_before_issue", "The due date is before the invoice date";
    /// A recognised field is below the confidence threshold.
    LowConfidence = "low_confidence", "A recognised field is uncertain";
    /// A credit note with a negative total raises the debt.
    NegativeCreditNote = "negative_credit_note", "A credit note with a negative total raises the debt";
    /// Not a profile whose rules we know.
    UnknownProfile = "unknown_profile", "The document follows rules that are not known here";
    /// An amount is in another currency than the document, or part of the document makes no sense.
    OddContent = "odd_content", "Part of the document makes no sense";
    /// The picture and the data of a hybrid PDF say different things.
    PictureDisagrees = "picture_disagrees", "The picture of the document and its data disagree";
    /// The ledger already has a booking of this number that is not ours.
    InLedger = "in_ledger", "The ledger already has a booking of this number made by somebody else";
}

/// There is no such hold.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("there is no such hold")]
pub struct UnknownHold;

impl FromStr for HoldCode {
    type Err = UnknownHold;
    fn from_str(text: &str) -> Result<Self, UnknownHold> {
        Self::ALL.iter().copied().find(|hold| hold.as_str() == text).ok_or(UnknownHold)
    }
}

impl HoldCode {
    /// Whether a person has to clear it with a reason before the document may be posted at all; the others keep a
    /// document from automatic posting only.
    pub fn needs_clearing(self) -> bool {
        match self {
            Self::DuplicateSuspected | Self::InLedger => true,
            Self::WrongBuyer
            | Self::NewIban
            | Self::OtherPayee
            | Self::Prepaid
            | Self::DocumentType
            | Self::Arithmetic
            | Self::FutureDate
            | Self::DueBeforeIssue
            | Self::LowConfidence
            | Self::NegativeCreditNote
            | Self::UnknownProfile
            | Self::OddContent
            | Self::PictureDisagrees => false,
        }
    }
}

/// A hold with the values that caused it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Hold {
    /// Which.
    pub code: HoldCode,
    /// The values: what was found and what was expected.
    pub detail: String,
}

impl Hold {
    fn new(code: HoldCode, detail: impl Into<String>) -> Self {
        Self { code, detail: detail.into() }
    }

    /// A duplicate of this document is suspected.
    pub fn duplicate_of(other: DocumentId) -> Self {
        Self::new(HoldCode::DuplicateSuspected, other.to_string())
    }

    /// The document of which this one is suspected to be a duplicate.
    pub fn duplicated(&self) -> Option<DocumentId> {
        (self.code == HoldCode::DuplicateSuspected).then(|| self.detail.parse().ok()).flatten()
    }
}

impl From<&Hold> for Reason {
    fn from(hold: &Hold) -> Self {
        match hold.duplicated() {
            Some(other) => Self::new(hold.code.as_str(), hold.code.sentence()).about(other),
            None => Self::new(hold.code.as_str(), &format!("{}: {}", hold.code.sentence(), hold.detail)),
        }
    }
}

/// A field that was recognised on a PDF or scan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RecognisedField {
    /// Its name, for example `issue_date`.
    pub name: String,
    /// From 0 (guess) to 1 (certain).
    pub confidence: Decimal,
}

/// How the invoice was obtained.
#[derive(Debug, Clone, Copy)]
pub enum Obtained<'a> {
    /// Read from structured data: the rules of EN 16931 and the profile are checked.
    Read {
        /// Rules that the document breaks.
        violations: &'a [RuleViolation],
    },
    /// Recognised from a picture: each field has a confidence.
    Recognised {
        /// The fields.
        fields: &'a [RecognisedField],
        /// Below this a field is uncertain.
        threshold: Decimal,
        /// Sums that do not add up.
        violations: &'a [RuleViolation],
    },
}

/// Types that are posted automatically: invoice, credit note, corrected invoice.
const AUTOMATIC_TYPES: [&str; 3] = ["380", "381", "384"];

/// What holds this document, apart from duplicates, which only the store can find. `today` is the date where the
/// administration is.
pub fn holds(
    invoice: &Invoice,
    direction: Direction,
    contact: Option<&Contact>,
    own: &OwnIdentifiers,
    obtained: Obtained<'_>,
    today: Date,
) -> Vec<Hold> {
    let mut holds = Vec::new();
    let own_party = own_side(invoice, direction);
    if !own.is(own_party) {
        let stated = [own_party.name.as_deref(), own_party.vat.as_deref()];
        holds.push(Hold::new(HoldCode::WrongBuyer, stated.into_iter().flatten().collect::<Vec<_>>().join(", ")));
    }
    if let (Direction::Purchase, Some(contact)) = (direction, contact) {
        if let Some(account) = invoice
            .payment_means
            .iter()
            .filter_map(|means| means.account.as_deref())
            .find(|account| !contact.knows_account(account))
        {
            holds.push(Hold::new(HoldCode::NewIban, account));
        }
        if let Some(payee) = invoice.payee.as_ref().filter(|payee| !same_party(payee, invoice)) {
            holds.push(Hold::new(HoldCode::OtherPayee, payee.name.clone().unwrap_or_default()));
        }
    }
    if let Some(prepaid) = invoice.totals.prepaid.filter(|amount| !amount.is_zero()) {
        holds.push(Hold::new(HoldCode::Prepaid, prepaid.to_string()));
    }
    if let Some(date) = invoice.issue_date.filter(|date| *date > today) {
        holds.push(Hold::new(HoldCode::FutureDate, date.to_string()));
    }
    if let (Some(issued), Some(due)) = (invoice.issue_date, invoice.due_date)
        && due < issued
    {
        holds.push(Hold::new(HoldCode::DueBeforeIssue, format!("due {due}, issued {issued}")));
    }
    if let (InvoiceKind::CreditNote, Some(gross)) = (invoice.kind, invoice.totals.gross)
        && gross.is_sign_negative()
        && !gross.is_zero()
    {
        holds.push(Hold::new(HoldCode::NegativeCreditNote, gross.to_string()));
    }
    match obtained {
        Obtained::Read { violations } => {
            let code = invoice.type_code.as_deref().unwrap_or("none");
            if !AUTOMATIC_TYPES.contains(&code) {
                holds.push(Hold::new(HoldCode::DocumentType, format!("type code {code}")));
            }
            if !Profile::of(invoice.profile.as_deref()).trusted_for_automation() {
                holds.push(Hold::new(
                    HoldCode::UnknownProfile,
                    invoice.profile.clone().unwrap_or_else(|| "none stated".into()),
                ));
            }
            holds.extend(arithmetic(violations));
        }
        Obtained::Recognised { fields, threshold, violations } => {
            holds.extend(arithmetic(violations));
            let uncertain: Vec<_> = fields
                .iter()
                .filter(|field| field.confidence < threshold)
                .map(|field| format!("{} {}", field.name, field.confidence))
                .collect();
            if !uncertain.is_empty() {
                holds.push(Hold::new(
                    HoldCode::LowConfidence,
                    format!("{} (threshold {threshold})", uncertain.join(", ")),
                ));
            }
        }
    }
    holds
}

fn arithmetic(violations: &[RuleViolation]) -> Option<Hold> {
    let first = violations.first()?;
    let rules: Vec<_> = violations.iter().map(|violation| violation.rule.as_str()).collect();
    Some(Hold::new(HoldCode::Arithmetic, format!("{} ({})", rules.join(", "), first.message)))
}

/// Where the data of a hybrid PDF and the fields recognised on its picture differ: in number, date, total or account. What
/// was not recognised does not count.
pub fn disagreement(data: &Invoice, picture: &Invoice) -> Option<Hold> {
    let number = |invoice: &Invoice| invoice.number.as_deref().map(normalise);
    let account = |invoice: &Invoice| {
        let accounts: Vec<_> =
            invoice.payment_means.iter().filter_map(|means| means.account.as_deref().map(normalise)).collect();
        (!accounts.is_empty()).then_some(accounts)
    };
    let differs = [
        ("number", number(picture).is_some_and(|seen| number(data) != Some(seen))),
        ("issue_date", picture.issue_date.is_some_and(|seen| data.issue_date != Some(seen))),
        ("gross", picture.totals.gross.is_some_and(|seen| data.totals.gross != Some(seen))),
        (
            "account",
            account(picture).is_some_and(|seen| {
                account(data).is_some_and(|stated| !seen.iter().all(|account| stated.contains(account)))
            }),
        ),
    ];
    let names: Vec<_> = differs.into_iter().filter_map(|(name, differs)| differs.then_some(name)).collect();
    (!names.is_empty()).then(|| Hold::new(HoldCode::PictureDisagrees, names.join(", ")))
}

/// Whether the payee that a document names is the supplier after all.
fn same_party(payee: &crate::party::Party, invoice: &Invoice) -> bool {
    let supplier = &invoice.supplier;
    match (payee.registry_number(), supplier.registry_number()) {
        (Some(payee), Some(supplier)) => payee == supplier,
        (Some(_) | None, Some(_) | None) => {
            let name =
                |party: &crate::party::Party| party.name.as_deref().map(normalise).filter(|name| !name.is_empty());
            name(payee).is_some() && name(payee) == name(supplier)
        }
    }
}

#[cfg(test)]
#[path = "hold_tests.rs"]
mod tests;
