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
    words::{self, Amount, Confidences, FieldNames, Held, HeldKind, Language, Oddity, RuleNames, Sentence as _, Text},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::str::FromStr;

macro_rules! holds {
    ($($(#[$doc:meta])* $name:ident = $code:literal;)*) => {
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
        }
    };
}

holds! {
    /// A document of the same contact and kind has this number, or this date, currency and total (AP-56).
    DuplicateSuspected = "duplicate_suspected";
    /// The buyer of a purchase document (the seller of a sales document) is not the administration.
    WrongBuyer = "wrong_buyer";
    /// Payment is asked to an account that was never seen for the contact.
    NewIban = "new_iban";
    /// Somebody else than the supplier is to be paid.
    OtherPayee = "other_payee";
    /// Part was paid before: VAT may be in the books twice.
    Prepaid = "prepaid";
    /// Self-billed, partial, pro forma or another type that is not a plain invoice.
    DocumentType = "document_type";
    /// A rule of EN 16931 is broken.
    Arithmetic = "arithmetic";
    /// The issue date is in the future.
    FutureDate = "future_date";
    /// Due before it was issued.
    DueBeforeIssue = "due_before_issue";
    /// A recognised field is below the confidence threshold.
    LowConfidence = "low_confidence";
    /// A credit note with a negative total raises the debt.
    NegativeCreditNote = "negative_credit_note";
    /// Not a profile whose rules we know.
    UnknownProfile = "unknown_profile";
    /// An amount is in another currency than the document, or part of the document makes no sense.
    OddContent = "odd_content";
    /// The picture and the data of a hybrid PDF say different things.
    PictureDisagrees = "picture_disagrees";
    /// The ledger has a booking of this number that is not ours, or may have one of ours that could not be found.
    InLedger = "in_ledger";
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
    /// In words, without what was found.
    pub fn brief(self, language: Language) -> &'static str {
        match self {
            Self::DuplicateSuspected => HeldKind::DuplicateSuspected,
            Self::WrongBuyer => HeldKind::WrongBuyer,
            Self::NewIban => HeldKind::NewIban,
            Self::OtherPayee => HeldKind::OtherPayee,
            Self::Prepaid => HeldKind::Prepaid,
            Self::DocumentType => HeldKind::DocumentType,
            Self::Arithmetic => HeldKind::Arithmetic,
            Self::FutureDate => HeldKind::FutureDate,
            Self::DueBeforeIssue => HeldKind::DueBeforeIssue,
            Self::LowConfidence => HeldKind::LowConfidence,
            Self::NegativeCreditNote => HeldKind::NegativeCreditNote,
            Self::UnknownProfile => HeldKind::UnknownProfile,
            Self::OddContent => HeldKind::OddContent,
            Self::PictureDisagrees => HeldKind::PictureDisagrees,
            Self::InLedger => HeldKind::InLedger,
        }
        .brief(language)
    }

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
    /// What was found, as it was found: not for sentences.
    pub detail: String,
    /// The values of its sentence. Holds from before sentences were made when shown have none.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<String>,
}

impl Hold {
    fn new(said: &Held, detail: impl Into<String>) -> Self {
        let code = match said {
            Held::DuplicateSuspected => HoldCode::DuplicateSuspected,
            Held::WrongBuyer { .. } => HoldCode::WrongBuyer,
            Held::NewIban { .. } => HoldCode::NewIban,
            Held::OtherPayee { .. } => HoldCode::OtherPayee,
            Held::Prepaid { .. } => HoldCode::Prepaid,
            Held::DocumentType { .. } => HoldCode::DocumentType,
            Held::Arithmetic { .. } | Held::Sums { .. } => HoldCode::Arithmetic,
            Held::FutureDate { .. } => HoldCode::FutureDate,
            Held::DueBeforeIssue { .. } => HoldCode::DueBeforeIssue,
            Held::LowConfidence { .. } => HoldCode::LowConfidence,
            Held::NegativeCreditNote { .. } => HoldCode::NegativeCreditNote,
            Held::UnknownProfile { .. } => HoldCode::UnknownProfile,
            Held::OddContent { .. } => HoldCode::OddContent,
            Held::PictureDisagrees { .. } => HoldCode::PictureDisagrees,
            Held::InLedger => HoldCode::InLedger,
        };
        Self { code, detail: detail.into(), values: said.values() }
    }

    /// A duplicate of this document is suspected.
    pub fn duplicate_of(other: DocumentId) -> Self {
        Self::new(&Held::DuplicateSuspected, other.to_string())
    }

    /// Something was odd about what was read.
    pub fn odd(about: Oddity, detail: impl Into<String>) -> Self {
        Self::new(&Held::OddContent { about }, detail)
    }

    /// The document of which this one is suspected to be a duplicate.
    pub fn duplicated(&self) -> Option<DocumentId> {
        (self.code == HoldCode::DuplicateSuspected).then(|| self.detail.parse().ok()).flatten()
    }

    /// In words, with what was found.
    pub fn shown(&self, language: Language) -> String {
        let brief = self.code.brief(language);
        match words::read(self.code.as_str(), &self.values, language) {
            Some(said) => said,
            None if self.detail.is_empty() => brief.to_owned(),
            None => format!("{brief}: {}", self.detail),
        }
    }
}

impl From<&Hold> for Reason {
    fn from(hold: &Hold) -> Self {
        let reason = Self { values: hold.values.clone(), ..Self::bare(hold.code.as_str()) };
        match hold.duplicated() {
            Some(other) => reason.about(other),
            None if hold.values.is_empty() => Self::new(hold.code.as_str(), &hold.shown(Language::English)),
            None => reason,
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
        let party = stated.into_iter().flatten().collect::<Vec<_>>().join(", ");
        holds.push(Hold::new(&Held::WrongBuyer { party: Text::of(&party) }, party));
    }
    if let (Direction::Purchase, Some(contact)) = (direction, contact) {
        if let Some(account) = invoice
            .payment_means
            .iter()
            .filter_map(|means| means.account.as_deref())
            .find(|account| !contact.knows_account(account))
        {
            holds.push(Hold::new(&Held::NewIban { account: Text::of(account) }, account));
        }
        if let Some(payee) = invoice.payee.as_ref().filter(|payee| !same_party(payee, invoice)) {
            let payee = payee.name.clone().unwrap_or_default();
            holds.push(Hold::new(&Held::OtherPayee { payee: Text::of(&payee) }, payee));
        }
    }
    if let Some(prepaid) = invoice.totals.prepaid.filter(|amount| !amount.is_zero()) {
        holds.push(Hold::new(&Held::Prepaid { amount: Amount(prepaid) }, prepaid.to_string()));
    }
    if let Some(date) = invoice.issue_date.filter(|date| *date > today) {
        holds.push(Hold::new(&Held::FutureDate { date }, date.to_string()));
    }
    if let (Some(issued), Some(due)) = (invoice.issue_date, invoice.due_date)
        && due < issued
    {
        holds.push(Hold::new(&Held::DueBeforeIssue { due, issued }, format!("{due} < {issued}")));
    }
    if let (InvoiceKind::CreditNote, Some(gross)) = (invoice.kind, invoice.totals.gross)
        && gross.is_sign_negative()
        && !gross.is_zero()
    {
        holds.push(Hold::new(&Held::NegativeCreditNote { total: Amount(gross) }, gross.to_string()));
    }
    match obtained {
        Obtained::Read { violations } => {
            let code = invoice.type_code.as_deref().unwrap_or_default();
            if !AUTOMATIC_TYPES.contains(&code) {
                holds.push(Hold::new(&Held::DocumentType { code: Text::of(code) }, code));
            }
            if !Profile::of(invoice.profile.as_deref()).trusted_for_automation() {
                let profile = invoice.profile.clone().unwrap_or_default();
                holds.push(Hold::new(&Held::UnknownProfile { profile: Text::of(&profile) }, profile));
            }
            holds.extend(arithmetic(violations));
        }
        Obtained::Recognised { fields, threshold, violations } => {
            holds.extend(arithmetic(violations));
            let uncertain = fields.iter().filter(|field| field.confidence < threshold);
            let fields: Vec<_> = uncertain.map(|field| (field.name.clone(), field.confidence)).collect();
            if !fields.is_empty() {
                let found: Vec<_> = fields.iter().map(|(name, confidence)| format!("{name} {confidence}")).collect();
                let said = Held::LowConfidence { fields: Confidences(fields), threshold: Amount(threshold) };
                holds.push(Hold::new(&said, format!("{} < {threshold}", found.join(", "))));
            }
        }
    }
    holds
}

fn arithmetic(violations: &[RuleViolation]) -> Option<Hold> {
    let first = violations.first()?;
    let names: Vec<_> = violations.iter().map(|violation| violation.rule.to_string()).collect();
    let detail = names.join(", ");
    let rules = RuleNames(names);
    let said = match first.amounts {
        Some((stated, computed)) => Held::Sums { rules, stated: Amount(stated), computed: Amount(computed) },
        None => Held::Arithmetic { rules },
    };
    Some(Hold::new(&said, detail))
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
    let names: Vec<_> = differs.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name.to_owned()).collect();
    let detail = names.join(", ");
    (!names.is_empty()).then(|| Hold::new(&Held::PictureDisagrees { fields: FieldNames(names) }, detail))
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
