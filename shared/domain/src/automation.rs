//! Automation rules and the decision whether a document is posted without a person (AP-16 to AP-24).
//!
//! [`decide`] is total and looks at every condition, so that its trace answers "why was this not posted?" completely.

mod told;

use crate::{
    hold::HoldCode,
    ids::{AdministrationId, ContactId, RuleId, UserId},
    time::Instant,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// What a document came as (AP-19). A PDF with an invoice inside counts as PDF.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentFormat {
    /// UBL.
    Ubl,
    /// PDF, with or without an invoice inside.
    Pdf,
    /// A picture.
    Scan,
    /// A file of bank statements: kept and mailed, never posted.
    Statement,
}

impl DocumentFormat {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Ubl => "ubl",
            Self::Pdf => "pdf",
            Self::Scan => "scan",
            Self::Statement => "statement",
        }
    }
}

/// Which documents a rule posts (AP-19).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DocumentScope {
    /// UBL, PDF and scans.
    All,
    /// UBL alone.
    Ubl,
}

impl DocumentScope {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::All => "all",
            Self::Ubl => "ubl",
        }
    }

    fn takes(self, format: DocumentFormat) -> bool {
        match self {
            Self::All => true,
            Self::Ubl => format == DocumentFormat::Ubl,
        }
    }
}

/// Whether decisions use a rule.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum RuleState {
    /// They do.
    #[default]
    Active,
    /// They do not: the contact's posting template was deleted. The rule counts again from when a template is saved, and
    /// only for documents received after that.
    Suspended,
}

impl RuleState {
    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Suspended => "suspended",
        }
    }

    #[allow(clippy::trivially_copy_pass_by_ref, reason = "serde asks with a reference")]
    fn is_active(&self) -> bool {
        match self {
            Self::Active => true,
            Self::Suspended => false,
        }
    }
}

/// A condition under which a contact's complete documents are posted without a person. One that matches is enough (AP-22).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct AutomationRule {
    /// Id; stays through edits.
    pub id: RuleId,
    /// Counts edits, from 1.
    pub version: u32,
    /// Supplier or customer.
    pub contact: ContactId,
    /// Which documents.
    pub documents: DocumentScope,
    /// Maximum total including VAT; its currency and that of the document are ignored (AP-20).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub max_amount: Option<Decimal>,
    /// Made or last edited then: only documents received after it are posted (AP-24).
    pub effective_from: Instant,
    /// Suspended while the contact has no posting template. Follows from the template; no edit of the rule.
    #[serde(default, skip_serializing_if = "RuleState::is_active")]
    pub state: RuleState,
}

impl AutomationRule {
    /// Whether the rule posts every document of the contact: something to warn about (AP-21).
    pub fn is_unlimited(&self) -> bool {
        self.documents == DocumentScope::All && self.max_amount.is_none()
    }
}

/// The switch "enable automatic posting for all companies" of a connection (AP-13); off by default (AP-15).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "state")]
pub enum AutomationSwitch {
    /// Rules are stored, not executed (AP-17).
    #[default]
    Off,
    /// On since then. What was received before is not posted automatically.
    On {
        /// When it was switched on.
        since: Instant,
    },
}

/// Why a user cannot be the automation user (AP-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, thiserror::Error)]
#[serde(rename_all = "snake_case")]
pub enum UserProblem {
    /// No such user, or it was disabled.
    #[error("the user does not exist or is disabled")]
    Inactive,
    /// AP-11 a.
    #[error("the user does not have the role Accountant")]
    NotAccountant,
    /// AP-11 b.
    #[error("the user has no access to {0}, an administration of this connection")]
    NoAccess(AdministrationId),
    /// AP-11 c.
    #[error("the user is not linked to a user in the ledger")]
    NotLinked,
}

impl UserProblem {
    /// Stable code.
    pub fn code(self) -> &'static str {
        match self {
            Self::Inactive => "inactive",
            Self::NotAccountant => "not_accountant",
            Self::NoAccess(_) => "no_access",
            Self::NotLinked => "not_linked",
        }
    }

    /// The administration it is about, where it is about one.
    pub fn administration(self) -> Option<AdministrationId> {
        match self {
            Self::NoAccess(administration) => Some(administration),
            Self::Inactive | Self::NotAccountant | Self::NotLinked => None,
        }
    }
}

/// Under whose name automatic postings are made (AP-10), checked at each decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum AutomationUser {
    /// None is set.
    None,
    /// Set, and everything AP-11 asks for holds.
    Valid(UserId),
    /// Set, but no longer good for it.
    Invalid(UserId, Vec<UserProblem>),
}

/// How the ledger is reached (AP-3).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum LedgerLink {
    /// Directly.
    Direct,
    /// Through another product, named here: automation is not offered.
    Behind(String),
}

/// Whether the ledger, under this licence, is one that automatic posting exists for (AP-2).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum AutoPosting {
    /// Offered.
    Offered,
    /// Not offered for this ledger or this licence country.
    NotOffered,
}

/// What the connection says about automation at the moment of the decision.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Automation {
    /// The switch.
    pub switch: AutomationSwitch,
    /// The automation user.
    pub user: AutomationUser,
    /// Direct or through another product.
    pub link: LedgerLink,
    /// Whether the ledger offers it.
    pub auto_posting: AutoPosting,
}

impl Automation {
    /// An administration without a connection has nothing to post into.
    pub fn unconnected() -> Self {
        Self {
            switch: AutomationSwitch::Off,
            user: AutomationUser::None,
            link: LedgerLink::Direct,
            auto_posting: AutoPosting::NotOffered,
        }
    }
}

/// Whether a document is complete, as far as a decision is concerned.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Completeness {
    /// Green.
    Complete,
    /// Orange.
    Incomplete,
    /// Posted, rejected or otherwise not waiting for a decision.
    NotWaiting,
}

/// What the decision looks at in a document.
#[derive(Debug, Clone)]
pub struct Candidate<'a> {
    /// Green, orange or neither.
    pub completeness: Completeness,
    /// Supplier or customer.
    pub contact: Option<ContactId>,
    /// What it came as.
    pub format: DocumentFormat,
    /// Total including VAT, as stated; a limit is compared with its absolute value.
    pub gross: Option<Decimal>,
    /// When it was received.
    pub received_at: Instant,
    /// What keeps it from being posted without a person.
    pub holds: &'a [HoldCode],
}

/// A condition that was looked at.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Check {
    /// Is the document complete (green)?
    Complete,
    /// Is automatic posting switched on for the connection?
    SwitchedOn,
    /// Was the document received after it was switched on?
    ReceivedAfterSwitch,
    /// Is there an automation user?
    AutomationUserSet,
    /// Is the automation user still good for it?
    AutomationUserValid,
    /// Is the ledger reached directly?
    DirectLink,
    /// Does the ledger offer automatic posting?
    AutoPostingOffered,
    /// Is nothing holding the document?
    Hold,
    /// Has the contact any automation rule?
    HasRule,
    /// Is the rule in use, and not suspended for want of a posting template? Looked at when it is suspended.
    RuleActive,
    /// Does the rule take documents of this kind?
    RuleDocuments,
    /// Is the total within the rule's maximum?
    RuleMaximum,
    /// Was the document received after the rule was made or edited?
    RuleEffective,
}

/// How a check ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Verdict {
    /// In favour of posting.
    Passed,
    /// Against.
    Failed,
}

/// A value that a check compared.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Value {
    /// Nothing to show.
    None,
    /// An amount.
    Amount(Decimal),
    /// A moment.
    At(Instant),
    /// What the document came as.
    Format(DocumentFormat),
    /// What the rule takes.
    Scope(DocumentScope),
    /// A hold.
    Hold(HoldCode),
    /// A user.
    User(UserId),
    /// Why a user is no longer good for automatic postings.
    UserProblem(UserProblem),
    /// How many rules the contact has.
    Rules(u32),
}

/// One condition with the document's value, the value it was compared with, and the rule it belongs to.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct TraceStep {
    /// Which condition.
    pub check: Check,
    /// How it ended.
    pub verdict: Verdict,
    /// The document's side.
    pub document: Value,
    /// The other side: the rule's or the setting's.
    pub wanted: Value,
    /// The rule and its version, for conditions of a rule.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rule: Option<(RuleId, u32)>,
}

/// Why a document stays for a person.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum StayReason {
    /// Posted, being posted, or otherwise not waiting.
    NotWaiting,
    /// Orange.
    Incomplete,
    /// The switch is off.
    AutomationOff,
    /// Received before the switch was turned on.
    ReceivedBeforeSwitch,
    /// No automation user.
    AutomationUserMissing,
    /// The automation user is no longer good for it.
    AutomationUserInvalid,
    /// Another product stands between us and the ledger.
    Intermediary,
    /// The ledger does not offer it.
    AutoPostingNotOffered,
    /// Something holds it.
    Held(HoldCode),
    /// The contact has no automation rule.
    NoRule,
    /// The contact's rules are suspended: its posting template was deleted.
    RuleSuspended,
    /// Rules take UBL only, and this is none.
    NotUbl,
    /// Above the maximum.
    AboveMaximum,
    /// Received before the rule was made or edited.
    ReceivedBeforeRule,
    /// No rule takes it, for different reasons.
    NoRuleMatches,
}

/// What follows from the decision.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "outcome")]
pub enum Outcome {
    /// Post it under this user because of this rule.
    Post {
        /// The rule that matched first.
        rule: RuleId,
        /// Its version.
        version: u32,
        /// The automation user.
        user: UserId,
    },
    /// Leave it in the validation overview.
    Stay {
        /// The first condition that failed.
        reason: StayReason,
    },
}

/// The decision and everything that was looked at.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Decision {
    /// Post or stay.
    #[serde(flatten)]
    pub outcome: Outcome,
    /// Each condition, in the order in which it was looked at.
    pub trace: Vec<TraceStep>,
}

/// Decides. Rules of other contacts are ignored; the first matching rule posts (AP-22). General conditions come first and
/// the first that fails is the reason; all others are looked at and traced all the same.
pub fn decide(automation: &Automation, candidate: &Candidate<'_>, rules: &[AutomationRule]) -> Decision {
    let mut trace = Vec::with_capacity(8 + candidate.holds.len() + 3 * rules.len());
    let mut first_failed = None;
    let mut general = |check, passed: bool, document, wanted, reason| {
        trace.push(TraceStep { check, verdict: verdict(passed), document, wanted, rule: None });
        if !passed && first_failed.is_none() {
            first_failed = Some(reason);
        }
    };

    let incomplete = match candidate.completeness {
        Completeness::NotWaiting => StayReason::NotWaiting,
        Completeness::Complete | Completeness::Incomplete => StayReason::Incomplete,
    };
    let complete = candidate.completeness == Completeness::Complete && candidate.gross.is_some();
    general(Check::Complete, complete, Value::None, Value::None, incomplete);
    let received = Value::At(candidate.received_at);
    match automation.switch {
        AutomationSwitch::Off => {
            general(Check::SwitchedOn, false, Value::None, Value::None, StayReason::AutomationOff);
        }
        AutomationSwitch::On { since } => {
            general(Check::SwitchedOn, true, Value::None, Value::At(since), StayReason::AutomationOff);
            let after = candidate.received_at > since;
            general(Check::ReceivedAfterSwitch, after, received, Value::At(since), StayReason::ReceivedBeforeSwitch);
        }
    }
    let user = match &automation.user {
        AutomationUser::None => None,
        AutomationUser::Valid(user) | AutomationUser::Invalid(user, _) => Some(*user),
    };
    let wanted_user = user.map_or(Value::None, Value::User);
    general(Check::AutomationUserSet, user.is_some(), Value::None, wanted_user, StayReason::AutomationUserMissing);
    let (valid, invalid) = (Check::AutomationUserValid, StayReason::AutomationUserInvalid);
    match &automation.user {
        AutomationUser::None => {}
        AutomationUser::Valid(_) => general(valid, true, Value::None, wanted_user, invalid),
        AutomationUser::Invalid(_, problems) if problems.is_empty() => {
            general(valid, false, Value::None, wanted_user, invalid);
        }
        AutomationUser::Invalid(_, problems) => {
            for problem in problems {
                general(valid, false, Value::UserProblem(*problem), wanted_user, invalid);
            }
        }
    }
    let direct = automation.link == LedgerLink::Direct;
    general(Check::DirectLink, direct, Value::None, Value::None, StayReason::Intermediary);
    let offered = automation.auto_posting == AutoPosting::Offered;
    general(Check::AutoPostingOffered, offered, Value::None, Value::None, StayReason::AutoPostingNotOffered);
    for hold in candidate.holds {
        general(Check::Hold, false, Value::Hold(*hold), Value::None, StayReason::Held(*hold));
    }

    let (matched, none_matched) = match_rules(candidate, rules, &mut trace);
    let outcome = match (first_failed, matched, user) {
        (Some(reason), _, _) => Outcome::Stay { reason },
        (None, None, _) => Outcome::Stay { reason: none_matched },
        (None, Some(_), None) => Outcome::Stay { reason: StayReason::AutomationUserMissing },
        (None, Some((rule, version)), Some(user)) => Outcome::Post { rule, version, user },
    };
    Decision { outcome, trace }
}

fn verdict(passed: bool) -> Verdict {
    if passed { Verdict::Passed } else { Verdict::Failed }
}

/// The first rule whose conditions all pass, and the reason to give when none does: the one that all rules have in
/// common, when they fail for the same.
fn match_rules(
    candidate: &Candidate<'_>,
    rules: &[AutomationRule],
    trace: &mut Vec<TraceStep>,
) -> (Option<(RuleId, u32)>, StayReason) {
    let mut matched = None;
    let mut common: Option<StayReason> = None;
    let has_rule_at = trace.len();
    let mut count = 0_u32;
    trace.push(TraceStep {
        check: Check::HasRule,
        verdict: Verdict::Failed,
        document: Value::None,
        wanted: Value::None,
        rule: None,
    });
    for rule in rules.iter().filter(|rule| Some(rule.contact) == candidate.contact) {
        count += 1;
        let named = Some((rule.id, rule.version));
        let mut failed = None;
        let mut condition = |check, passed, document, wanted, reason| {
            trace.push(TraceStep { check, verdict: verdict(passed), document, wanted, rule: named });
            if !passed && failed.is_none() {
                failed = Some(reason);
            }
        };
        let (format, received) = (candidate.format, candidate.received_at);
        if rule.state == RuleState::Suspended {
            condition(Check::RuleActive, false, Value::None, Value::None, StayReason::RuleSuspended);
        }
        condition(
            Check::RuleDocuments,
            rule.documents.takes(format),
            Value::Format(format),
            Value::Scope(rule.documents),
            StayReason::NotUbl,
        );
        let amount = candidate.gross.map(|gross| gross.abs());
        let within = match (rule.max_amount, amount) {
            (None, _) => true,
            (Some(max), Some(amount)) => amount <= max,
            (Some(_), None) => false,
        };
        condition(
            Check::RuleMaximum,
            within,
            amount.map_or(Value::None, Value::Amount),
            rule.max_amount.map_or(Value::None, Value::Amount),
            StayReason::AboveMaximum,
        );
        condition(
            Check::RuleEffective,
            received > rule.effective_from,
            Value::At(received),
            Value::At(rule.effective_from),
            StayReason::ReceivedBeforeRule,
        );
        match failed {
            None => matched = matched.or(named),
            Some(reason) => {
                common = Some(match common {
                    None => reason,
                    Some(other) if other == reason => reason,
                    Some(_) => StayReason::NoRuleMatches,
                });
            }
        }
    }
    if let Some(step) = trace.get_mut(has_rule_at) {
        step.verdict = verdict(count > 0);
        step.document = Value::Rules(count);
    }
    (matched, common.unwrap_or(StayReason::NoRule))
}

#[cfg(test)]
#[path = "automation_tests.rs"]
mod tests;
