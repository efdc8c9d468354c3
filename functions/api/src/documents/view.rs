//! Documents as the API shows them: where one stands, and why.

use crate::{recommendations::AutomationPrompt, schema, text::Amount};
use domain::{
    automation::{Check, Decision, DocumentFormat, Outcome, TraceStep, Value, Verdict},
    content::{ClearedHold, Coded, Content, HistoryEntry},
    document::{Booked, Channel, Document, Event, Shared, SharedAs, Status},
    edit::{Edits, Field},
    hold::{Hold, HoldCode},
    ids::{AdministrationId, ContactId, DocumentId, RuleId, UserId},
    invoice::{Invoice, InvoiceKind},
    ledger::Direction,
    reason::Reason,
    time::{Date, Instant},
    words::{self, Language, Sentence as _, Stands},
};
use serde::Serialize;
use utoipa::ToSchema;

/// A reason: a stable code, and a sentence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ReasonView {
    /// Stable, for programs.
    #[schema(example = "vat_group_without_line")]
    pub code: String,
    /// For people.
    pub text: String,
    /// Another document that it is about: of which this one is suspected to be a duplicate.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::one::<DocumentId>)]
    pub document: Option<DocumentId>,
}

impl ReasonView {
    /// A reason in words.
    pub fn new(reason: &Reason, language: Language) -> Self {
        Self { code: reason.code.clone(), text: reason.shown(language), document: reason.document }
    }

    fn of_hold(hold: HoldCode, language: Language) -> Self {
        Self { code: hold.as_str().to_owned(), text: hold.brief(language).to_owned(), document: None }
    }
}

impl From<&Reason> for ReasonView {
    fn from(reason: &Reason) -> Self {
        Self::new(reason, Language::English)
    }
}

/// Where a document stands and why, in words.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WhyView {
    /// In one sentence.
    pub text: String,
    /// The first reason; the others are in the content and the decision.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonView>,
    /// What holds the document and was not cleared.
    pub holds: Vec<ReasonView>,
    /// All reasons: why it waits or failed, everything that is missing, everything that holds it. Values are in the content.
    pub reasons: Vec<ReasonView>,
}

/// Each reason once, the first one with its values.
fn all_reasons(document: &Document, language: Language) -> Vec<ReasonView> {
    let words = |code: &String| ReasonView {
        code: code.clone(),
        text: words::brief(code, language).unwrap_or_else(|| code.clone()),
        document: None,
    };
    let held = |hold: &HoldCode| ReasonView::of_hold(*hold, language);
    let mut reasons: Vec<ReasonView> = document.reason.iter().map(|why| ReasonView::new(why, language)).collect();
    for reason in document.missing.iter().map(words).chain(document.holds.iter().map(held)) {
        if !reasons.iter().any(|known| known.code == reason.code) {
            reasons.push(reason);
        }
    }
    reasons
}

impl WhyView {
    fn of(document: &Document, language: Language) -> Self {
        let stands = match document.status {
            Status::Received => Stands::Received,
            Status::Tagged => Stands::Tagged,
            Status::Complete => Stands::Complete,
            Status::Incomplete => Stands::Incomplete,
            Status::Unreadable => Stands::Unreadable,
            Status::Posting => Stands::Posting,
            Status::Posted => Stands::Posted,
            Status::Rejected => Stands::Rejected,
            Status::Uncertain => Stands::Uncertain,
            Status::Archived => Stands::Archived,
            Status::Deleted => Stands::Deleted,
            Status::Ready => Stands::Ready,
            Status::Exporting => Stands::Exporting,
            Status::Exported => Stands::Exported,
            Status::Shared => Stands::Shared,
        };
        let stands = stands.write(language);
        let reason = document.reason.as_ref().map(|reason| ReasonView::new(reason, language));
        let text = match &reason {
            Some(ReasonView { text, document: Some(other), .. }) => format!("{stands} {text}: {other}."),
            Some(reason) => format!("{stands} {}.", reason.text.trim_end_matches('.')),
            None => stands,
        };
        let about = |code: HoldCode| {
            let same = document.reason.as_ref().filter(|reason| reason.code == code.as_str());
            ReasonView { document: same.and_then(|reason| reason.document), ..ReasonView::of_hold(code, language) }
        };
        Self {
            text,
            reason,
            holds: document.holds.iter().copied().map(about).collect(),
            reasons: all_reasons(document, language),
        }
    }
}

/// Who wanted a document posted.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PostedByView {
    /// A person, or the automation user (AP-31).
    #[schema(schema_with = schema::one::<UserId>)]
    pub user: UserId,
    /// The rule, when it was posted automatically.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleRef>,
}

/// A rule at a version.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct RuleRef {
    /// The rule.
    #[schema(schema_with = schema::one::<RuleId>)]
    pub id: RuleId,
    /// Its version at that time.
    pub version: u32,
}

impl From<(RuleId, u32)> for RuleRef {
    fn from((id, version): (RuleId, u32)) -> Self {
        Self { id, version }
    }
}

/// The booking that a document became.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct BookedView {
    /// The ledger's own id.
    pub ledger_id: String,
    /// The number that people see in the ledger.
    pub ledger_number: String,
    /// Where it can be looked at in the ledger.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// When it was recorded here.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

impl From<&Booked> for BookedView {
    fn from(booked: &Booked) -> Self {
        let booked = booked.clone();
        Self { ledger_id: booked.ledger_id, ledger_number: booked.ledger_number, link: booked.link, at: booked.at }
    }
}

/// That a document is shared with the accountant (ED-12).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct SharedView {
    /// By what: `accepted`, `sent`, `archived`, `in_folder` or `arrived`.
    #[serde(rename = "as")]
    #[schema(value_type = String)]
    pub how: SharedAs,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
}

impl From<Shared> for SharedView {
    fn from(shared: Shared) -> Self {
        Self { how: shared.how, at: shared.at }
    }
}

/// A document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DocumentView {
    /// Id.
    #[schema(schema_with = schema::one::<DocumentId>)]
    pub id: DocumentId,
    /// The set of books it belongs to.
    #[schema(schema_with = schema::one::<AdministrationId>)]
    pub administration: AdministrationId,
    /// Where it stands.
    #[schema(schema_with = schema::one::<Status>)]
    pub status: Status,
    /// In words, with the reason.
    pub why: WhyView,
    /// `purchase` or `sales`, once tagged.
    #[schema(schema_with = schema::maybe::<Direction>)]
    pub tag: Option<Direction>,
    /// What it came as.
    #[schema(schema_with = schema::one::<DocumentFormat>)]
    pub format: DocumentFormat,
    /// File name as delivered, perhaps cut.
    pub file_name: String,
    /// How it was delivered.
    #[schema(value_type = String)]
    pub channel: Channel,
    /// When it was received.
    #[schema(value_type = String, format = DateTime)]
    pub received_at: Instant,
    /// When it was last tagged.
    #[schema(value_type = Option<String>, format = DateTime)]
    pub tagged_at: Option<Instant>,
    /// When it last changed.
    #[schema(value_type = String, format = DateTime)]
    pub updated_at: Instant,
    /// `invoice` or `credit_note`, once read.
    #[schema(value_type = Option<String>)]
    pub kind: Option<InvoiceKind>,
    /// Supplier or customer.
    #[schema(schema_with = schema::maybe::<ContactId>)]
    pub contact: Option<ContactId>,
    /// Name of the other side as the document states it.
    pub party: Option<String>,
    /// Number as the document states it.
    pub number: Option<String>,
    /// Date of the document.
    #[schema(value_type = Option<String>, format = Date)]
    pub issue_date: Option<Date>,
    /// Currency.
    pub currency: Option<String>,
    /// Total including VAT as stated.
    pub gross: Option<Amount>,
    /// Ledger accounts on which it would be booked: the first one, and how many others.
    pub ledger_account: Option<String>,
    /// The ledger unit in which it is posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
    /// Who wanted it posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub posted_by: Option<PostedByView>,
    /// The booking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booked: Option<BookedView>,
    /// That the accountant gets it; how it gets there is at `GET /documents/{document}/deliveries`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub shared: Option<SharedView>,
    /// Its contact could be automated: shown on a complete document that is looked at alone (AP-29).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub automation_prompt: Option<AutomationPrompt>,
    /// Counts changes; the same as in the `ETag`.
    pub version: u32,
}

impl DocumentView {
    /// A document, with its sentences in a language.
    pub fn new(document: &Document, language: Language) -> Self {
        Self {
            id: document.id,
            administration: document.administration,
            status: document.status,
            why: WhyView::of(document, language),
            tag: document.tag,
            format: document.format,
            file_name: document.file_name.clone(),
            channel: document.channel,
            received_at: document.received_at,
            tagged_at: document.tagged_at,
            updated_at: document.updated_at,
            kind: document.kind,
            contact: document.contact,
            party: document.party.clone(),
            number: document.number.clone(),
            issue_date: document.issue_date,
            currency: document.currency.map(|currency| currency.to_string()),
            gross: document.gross.map(Amount::from),
            ledger_account: document.accounts.clone(),
            unit: document.unit.as_ref().map(ToString::to_string),
            posted_by: document
                .posted_by
                .as_ref()
                .map(|by| PostedByView { user: by.user, rule: by.rule.map(RuleRef::from) }),
            booked: document.booked.as_ref().map(BookedView::from),
            shared: document.shared.map(SharedView::from),
            automation_prompt: None,
            version: document.version,
        }
    }
}

/// One condition that a decision looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct TraceStepView {
    /// Stable name of the condition.
    #[schema(value_type = String)]
    pub check: Check,
    /// The condition and its outcome in words.
    pub text: String,
    /// Whether it spoke for posting.
    pub passed: bool,
    /// The document's value.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub document: Option<String>,
    /// What it was compared with.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub wanted: Option<String>,
    /// The rule that the condition belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleRef>,
}

impl TraceStepView {
    fn new(step: &TraceStep, language: Language) -> Self {
        Self {
            check: step.check,
            text: step.sentence().write(language),
            passed: step.verdict == Verdict::Passed,
            document: value(step.document),
            wanted: value(step.wanted),
            rule: step.rule.map(RuleRef::from),
        }
    }
}

fn value(value: Value) -> Option<String> {
    Some(match value {
        Value::None => return None,
        Value::Amount(amount) => amount.to_string(),
        Value::At(at) => at.to_rfc3339_opts(chrono::SecondsFormat::Millis, true),
        Value::Format(format) => format.as_str().to_owned(),
        Value::Scope(scope) => scope.as_str().to_owned(),
        Value::Hold(hold) => hold.as_str().to_owned(),
        Value::User(user) => user.to_string(),
        Value::UserProblem(problem) => match problem.administration() {
            Some(administration) => format!("{} {administration}", problem.code()),
            None => problem.code().to_owned(),
        },
        Value::Rules(count) => count.to_string(),
    })
}

/// A decision, with everything that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct DecisionView {
    /// `post` or `stay`.
    pub outcome: &'static str,
    /// Why it stays.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonView>,
    /// The rule that posts it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rule: Option<RuleRef>,
    /// The user under whose name it is posted.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::one::<UserId>)]
    pub user: Option<UserId>,
    /// Each condition, in the order in which it was looked at.
    pub trace: Vec<TraceStepView>,
}

impl DecisionView {
    /// A decision, with its sentences in a language.
    pub fn new(decision: &Decision, language: Language) -> Self {
        let trace = decision.trace.iter().map(|step| TraceStepView::new(step, language)).collect();
        match decision.outcome {
            Outcome::Post { rule, version, user } => {
                Self { outcome: "post", reason: None, rule: Some((rule, version).into()), user: Some(user), trace }
            }
            Outcome::Stay { reason } => {
                let reason = Some(ReasonView::new(&Reason::from(reason), language));
                Self { outcome: "stay", reason, rule: None, user: None, trace }
            }
        }
    }
}

/// One entry of a document's history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HistoryView {
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Who: a user's id, `system`, `operator` or `source:<name>`.
    pub by: String,
    /// What happened; absent for a note that changed no state.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(schema_with = schema::one::<Event>)]
    pub event: Option<Event>,
    /// The state after it.
    #[schema(schema_with = schema::one::<Status>)]
    pub status: Status,
    /// The document's version after it.
    pub version: u32,
    /// Why, or what was seen.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reason: Option<ReasonView>,
    /// The decision that was taken then.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub decision: Option<DecisionView>,
}

impl HistoryView {
    /// An entry with the decision of its version, with its sentences in a language.
    pub fn new(entry: &HistoryEntry, decision: Option<&Decision>, language: Language) -> Self {
        Self {
            at: entry.at,
            by: entry.by.to_string(),
            event: entry.event,
            status: entry.status,
            version: entry.version,
            reason: entry.reason.as_ref().map(|reason| ReasonView::new(reason, language)),
            decision: decision.map(|decision| DecisionView::new(decision, language)),
        }
    }
}

/// A hold with its values.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct HoldView {
    /// Stable code.
    #[schema(schema_with = schema::one::<HoldCode>)]
    pub code: HoldCode,
    /// In words, with what was found.
    pub text: String,
    /// What was found, as data.
    pub detail: String,
    /// Whether it has to be cleared with a reason before the document can be posted at all.
    pub needs_clearing: bool,
    /// Who cleared it, when and why.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cleared: Option<ClearedView>,
}

/// How a hold was cleared.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ClearedView {
    /// By whom.
    pub by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Why it is none.
    pub reason: String,
}

impl HoldView {
    fn new(hold: &Hold, cleared: Option<&ClearedHold>, language: Language) -> Self {
        Self {
            code: hold.code,
            text: hold.shown(language),
            detail: hold.detail.clone(),
            needs_clearing: hold.code.needs_clearing(),
            cleared: cleared.map(|cleared| ClearedView {
                by: cleared.by.to_string(),
                at: cleared.at,
                reason: cleared.reason.clone(),
            }),
        }
    }
}

/// A field that a person corrected.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct CorrectionView {
    /// Which.
    pub field: &'static str,
    /// As it was read.
    pub original: Option<String>,
    /// As it counts now.
    pub value: Option<String>,
}

/// What a person corrected and coded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct EditsView {
    /// Who edited it last.
    pub by: String,
    /// When.
    #[schema(value_type = String, format = DateTime)]
    pub at: Instant,
    /// Corrected fields, each with what was read.
    pub fields: Vec<CorrectionView>,
    /// How it is booked: lines, dates and texts that a person chose.
    #[schema(value_type = Object)]
    pub coding: serde_json::Value,
}

impl EditsView {
    fn new(edits: &Edits, read: Option<&Invoice>) -> Result<Self, serde_json::Error> {
        let read = read.cloned().unwrap_or_default();
        let corrected = edits.fields.apply(&read);
        let shown = |field: Field| CorrectionView {
            field: field.as_str(),
            original: field.of(&read),
            value: field.of(&corrected),
        };
        Ok(Self {
            by: edits.by.to_string(),
            at: edits.at,
            fields: edits.fields.fields().into_iter().map(shown).collect(),
            coding: serde_json::to_value(&edits.coding)?,
        })
    }
}

/// What was read from a document and how it was coded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct ContentView {
    /// When it was read or edited.
    #[schema(value_type = String, format = DateTime)]
    pub read_at: Instant,
    /// The invoice as read.
    #[schema(value_type = Option<Object>)]
    pub invoice: Option<serde_json::Value>,
    /// Rules of EN 16931 that it breaks.
    #[schema(value_type = Vec<Object>)]
    pub violations: serde_json::Value,
    /// What holds it, cleared holds included.
    pub holds: Vec<HoldView>,
    /// What a person corrected and coded since; the invoice stays as it was read.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub edits: Option<EditsView>,
    /// What the ledger said when it refused the document before it was edited.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub refusal: Option<ReasonView>,
    /// What is missing; empty when the document is complete.
    pub missing: Vec<ReasonView>,
    /// What would be booked, when nothing is missing.
    #[schema(value_type = Option<Object>)]
    pub posting: Option<serde_json::Value>,
}

impl ContentView {
    /// What was read, with its sentences in a language.
    pub fn new(content: &Content, language: Language) -> Result<Self, serde_json::Error> {
        let shown = |reason: &Reason| ReasonView::new(reason, language);
        let cleared = |hold: &Hold| content.cleared.iter().find(|cleared| cleared.code == hold.code);
        Ok(Self {
            read_at: content.read_at,
            invoice: content.invoice.as_ref().map(serde_json::to_value).transpose()?,
            violations: serde_json::to_value(&content.violations)?,
            holds: content.holds.iter().map(|hold| HoldView::new(hold, cleared(hold), language)).collect(),
            edits: content.edits.as_ref().map(|it| EditsView::new(it, content.invoice.as_ref())).transpose()?,
            refusal: content.refusal.as_ref().map(shown),
            missing: match &content.coded {
                Coded::Complete { .. } => Vec::new(),
                Coded::Incomplete { missing } => missing.iter().map(shown).collect(),
                Coded::Unreadable { error } => vec![shown(error)],
            },
            posting: content.posting().map(serde_json::to_value).transpose()?,
        })
    }
}
