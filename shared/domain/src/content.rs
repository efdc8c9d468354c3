//! What was read from a document and how it was coded: written once per reading or edit, never changed.

use crate::{
    arithmetic::{RuleViolation, check_sums},
    coding::{HandCoding, OtherSide, code_by_hand},
    contact::{Contact, OwnIdentifiers},
    document::{Actor, Event, Status},
    edit::{Corrections, Edits, Field, Reading},
    exchange::ExchangeRate,
    hold::{self, Hold, HoldCode, Obtained, RecognisedField},
    ids::ContactId,
    invoice::Invoice,
    ledger::{AccountCode, Direction},
    posting::Posting,
    reason::Reason,
    template::PostingTemplate,
    time::{Date, Instant},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// How the invoice was obtained.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "from")]
pub enum Source {
    /// A UBL file.
    Ubl,
    /// The invoice inside a hybrid PDF.
    HybridPdf,
    /// A CII file.
    Cii,
    /// Fields recognised on a PDF or scan.
    Recognised {
        /// With the confidence of each.
        fields: Vec<RecognisedField>,
    },
}

/// What coding came to.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum Coded {
    /// Nothing is missing (green).
    Complete {
        /// What would be booked.
        posting: Box<Posting>,
    },
    /// Something is missing (orange).
    Incomplete {
        /// What, and what to do about it.
        missing: Vec<Reason>,
    },
    /// It could not be read.
    Unreadable {
        /// Why.
        error: Reason,
    },
}

/// A hold that a person cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct ClearedHold {
    /// Which.
    pub code: HoldCode,
    /// By whom.
    pub by: Actor,
    /// When.
    pub at: Instant,
    /// Why it is none.
    pub reason: String,
}

/// One reading of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Content {
    /// When it was tagged.
    pub tagged_at: Instant,
    /// By whom.
    pub tagged_by: Actor,
    /// When it was read or edited.
    pub read_at: Instant,
    /// Supplier or customer: recognised, or chosen by a person.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub contact: Option<ContactId>,
    /// How the invoice was obtained; none when it could not be.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub source: Option<Source>,
    /// The invoice as read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub invoice: Option<Invoice>,
    /// Rules of EN 16931 that it breaks.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub violations: Vec<RuleViolation>,
    /// What keeps it from automatic posting, cleared ones included.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub holds: Vec<Hold>,
    /// Holds that a person cleared.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub cleared: Vec<ClearedHold>,
    /// Below this a recognised field is uncertain; none where nothing was recognised.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub confidence_threshold: Option<Decimal>,
    /// What a person corrected and coded since; `invoice` stays as it was read.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub edits: Option<Edits>,
    /// What one unit of the document's currency is worth in that of the books: stored by a person, never assumed (EX-31).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<ExchangeRate>,
    /// What the ledger said when it refused the document before it was edited.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub refusal: Option<Reason>,
    /// What coding came to.
    pub coded: Coded,
}

/// What an edited document is coded with.
#[derive(Debug, Clone, Copy)]
pub struct Situation<'a> {
    /// Purchase or sales.
    pub direction: Direction,
    /// Supplier or customer.
    pub other_side: OtherSide<'a>,
    /// Its template.
    pub template: Option<&'a PostingTemplate>,
    /// The administration's own numbers.
    pub own: &'a OwnIdentifiers,
    /// The date where the administration is.
    pub today: Date,
}

impl Situation<'_> {
    fn contact(&self) -> Option<&Contact> {
        match self.other_side {
            OtherSide::Known(contact) => Some(contact),
            OtherSide::Unknown | OtherSide::Ambiguous => None,
        }
    }
}

/// Holds that the reading itself found: no correction undoes them, a person clears them.
fn is_of_the_reading(code: HoldCode) -> bool {
    match code {
        HoldCode::OddContent | HoldCode::PictureDisagrees => true,
        HoldCode::DuplicateSuspected
        | HoldCode::WrongBuyer
        | HoldCode::NewIban
        | HoldCode::OtherPayee
        | HoldCode::Prepaid
        | HoldCode::DocumentType
        | HoldCode::Arithmetic
        | HoldCode::FutureDate
        | HoldCode::DueBeforeIssue
        | HoldCode::LowConfidence
        | HoldCode::NegativeCreditNote
        | HoldCode::UnknownProfile
        | HoldCode::InLedger => false,
    }
}

impl Content {
    /// How the document was read, as far as corrections go.
    pub fn reading(&self) -> Reading {
        match &self.source {
            Some(Source::Ubl | Source::HybridPdf | Source::Cii) => Reading::Structured,
            Some(Source::Recognised { .. }) | None => Reading::Recognised,
        }
    }

    /// The invoice with a person's corrections: what is booked, claimed and compared.
    pub fn corrected(&self) -> Option<Invoice> {
        match (&self.invoice, &self.edits) {
            (Some(read), Some(edits)) => Some(edits.fields.apply(read)),
            (Some(read), None) => Some(read.clone()),
            (None, Some(edits)) if !edits.fields.is_empty() => Some(edits.fields.apply(&Invoice::default())),
            (None, _) => None,
        }
    }

    /// The document with these edits in place of the earlier ones: coded and held anew. A suspected duplicate stays as it
    /// was found: only who knows the other documents finds it again. A document that could not be read is one whose
    /// fields all are still missing.
    #[must_use]
    pub fn edited(&self, edits: Option<Edits>, situation: &Situation<'_>, at: Instant) -> Self {
        let edits = edits.filter(|edits| !edits.is_empty());
        let contact = situation.contact().map(|contact| contact.id);
        let mut content = Self { read_at: at, contact, edits, ..self.clone() };
        let invoice = match (content.corrected(), &self.coded) {
            (Some(invoice), _) => invoice,
            (None, Coded::Unreadable { .. }) if content.edits.is_none() => return content,
            (None, _) => Invoice::default(),
        };
        let empty = Edits { by: Actor::System, at, fields: Corrections::default(), coding: HandCoding::default() };
        let edits = content.edits.as_ref().unwrap_or(&empty);
        let confirmed: Vec<&str> = edits.fields.fields().into_iter().map(Field::as_str).collect();
        let mut holds: Vec<Hold> = self
            .holds
            .iter()
            .filter(|hold| is_of_the_reading(hold.code) || hold.code == HoldCode::DuplicateSuspected)
            .cloned()
            .collect();
        let found = |obtained: Obtained<'_>| {
            hold::holds(&invoice, situation.direction, situation.contact(), situation.own, obtained, situation.today)
        };
        match (&self.source, content.reading()) {
            (Some(Source::Recognised { fields }), _) => {
                content.violations = check_sums(&invoice);
                let is_open = |field: &&RecognisedField| !confirmed.contains(&field.name.as_str());
                let fields: Vec<RecognisedField> = fields.iter().filter(is_open).cloned().collect();
                let threshold = self.confidence_threshold.unwrap_or(Decimal::ONE);
                let violations = &content.violations;
                holds.extend(found(Obtained::Recognised { fields: &fields, threshold, violations }));
            }
            (_, Reading::Recognised) => {
                content.violations = check_sums(&invoice);
                let violations = &content.violations;
                holds.extend(found(Obtained::Recognised { fields: &[], threshold: Decimal::ZERO, violations }));
            }
            (_, Reading::Structured) => holds.extend(found(Obtained::Read { violations: &self.violations })),
        }
        let coded =
            code_by_hand(&invoice, situation.direction, situation.other_side, situation.template, &edits.coding);
        content.coded = match coded {
            Ok(posting) => Coded::Complete { posting: Box::new(posting) },
            Err(missing) => Coded::Incomplete { missing: missing.iter().map(Reason::from).collect() },
        };
        content.holds = holds;
        content
    }

    /// Codes of everything that is missing, once each.
    pub fn missing_codes(&self) -> Vec<String> {
        let mut codes: Vec<String> = Vec::new();
        if let Coded::Incomplete { missing } = &self.coded {
            for reason in missing {
                if !codes.contains(&reason.code) {
                    codes.push(reason.code.clone());
                }
            }
        }
        codes
    }

    /// The ledger accounts of the booking as a list shows them: the first one, and how many others.
    pub fn accounts(&self) -> Option<String> {
        let mut accounts: Vec<&str> = match &self.coded {
            Coded::Complete { posting } => posting.lines.iter().map(|line| line.account.as_str()).collect(),
            Coded::Incomplete { .. } | Coded::Unreadable { .. } => {
                let lines = self.edits.as_ref().and_then(|edits| edits.coding.lines.as_deref()).unwrap_or_default();
                lines.iter().filter_map(|line| line.account.as_ref().map(AccountCode::as_str)).collect()
            }
        };
        let first = (*accounts.first()?).to_owned();
        accounts.sort_unstable();
        accounts.dedup();
        Some(match accounts.len() {
            1 => first,
            count => format!("{first} +{}", count - 1),
        })
    }

    /// The holds that nobody cleared.
    pub fn open_holds(&self) -> impl Iterator<Item = &Hold> {
        self.holds.iter().filter(|hold| !self.cleared.iter().any(|cleared| cleared.code == hold.code))
    }

    /// The posting, when nothing is missing.
    pub fn posting(&self) -> Option<&Posting> {
        match &self.coded {
            Coded::Complete { posting } => Some(posting),
            Coded::Incomplete { .. } | Coded::Unreadable { .. } => None,
        }
    }
}

/// One entry of a document's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct HistoryEntry {
    /// When.
    pub at: Instant,
    /// Who.
    pub by: Actor,
    /// What happened; absent for a note that changed no state, such as a postponed attempt.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub event: Option<Event>,
    /// The state after it.
    pub status: Status,
    /// The document's version after it.
    pub version: u32,
    /// Why, or what was seen.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
}
