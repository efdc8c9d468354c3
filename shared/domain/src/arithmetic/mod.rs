//! EN 16931's checks on an invoice as it was read: do the sums add up, is what must be there there.
//!
//! [`check`] goes by the published rules and their tolerances and says what is *invalid*. [`check_sums`] is the part of it
//! that needs no structured document: a recognised PDF has no profile and may have no lines. [`deviations`] is stricter
//! and says what is too far off to be posted without a person, though it is valid.
//!
//! Two published rules are left out on purpose: BR-CO-25 (due date or terms), which the publisher has withdrawn, and
//! BR-DEC-13 (decimals of the VAT total), whose published check never fires and which BR-CO-14 and BR-DEC-20 cover.

mod codes;
mod presence;
mod sums;
mod vat;

use crate::invoice::Invoice;
use rust_decimal::{Decimal, RoundingStrategy};
use serde::{Deserialize, Serialize};
use std::{borrow::Cow, fmt};

/// The identifier of a rule, for example `BR-CO-15`.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(transparent)]
pub struct Rule(Cow<'static, str>);

impl Rule {
    /// The identifier as EN 16931 writes it.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for Rule {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// A rule that the invoice breaks.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleViolation {
    /// Which one.
    pub rule: Rule,
    /// What is wrong, with both values, for the person who looks at it.
    pub message: String,
    /// What is stated and what it should be, where the rule compares two amounts.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub amounts: Option<(Decimal, Decimal)>,
}

/// The EN 16931 rules that the invoice breaks, each at most once, always in the same order.
pub fn check(invoice: &Invoice) -> Vec<RuleViolation> {
    let mut findings = Findings::default();
    presence::check(invoice, &mut findings);
    codes::check(invoice, &mut findings);
    sums::check(invoice, &mut findings);
    sums::check_decimals(invoice, &mut findings);
    vat::check(invoice, &mut findings);
    findings.0
}

/// The sums alone, as far as what they are made of is stated: for documents that were recognised from a picture.
pub fn check_sums(invoice: &Invoice) -> Vec<RuleViolation> {
    let mut findings = Findings::default();
    sums::check_stated(invoice, &mut findings);
    findings.0
}

/// Amounts that the published tolerances accept and that are still too far off to be posted without a person: a VAT group
/// by more than 0.01, a line by more than 0.02 from quantity times price (Peppol's rule R120, which EN 16931 lacks).
pub fn deviations(invoice: &Invoice) -> Vec<RuleViolation> {
    let mut findings = Findings::default();
    vat::check_closely(invoice, &mut findings);
    sums::check_line_amounts(invoice, &mut findings);
    findings.0
}

/// What was found so far.
#[derive(Default)]
struct Findings(Vec<RuleViolation>);

impl Findings {
    /// Notes that a rule is broken, unless it was noted before.
    fn add(&mut self, rule: impl Into<Cow<'static, str>>, message: impl Into<String>) {
        self.add_amounts(rule, message, None);
    }

    /// As [`Self::add`], with what is stated and what it should be.
    fn add_amounts(
        &mut self,
        rule: impl Into<Cow<'static, str>>,
        message: impl Into<String>,
        amounts: Option<(Decimal, Decimal)>,
    ) {
        let rule = Rule(rule.into());
        if self.0.iter().all(|known| known.rule != rule) {
            self.0.push(RuleViolation { rule, message: message.into(), amounts });
        }
    }

    /// Notes a rule that something must satisfy.
    fn require(&mut self, holds: bool, rule: &'static str, message: &str) {
        if !holds {
            self.add(rule, message);
        }
    }

    /// As [`Self::require`], with a message that is only put together when it is wanted.
    fn require_or(&mut self, holds: bool, rule: &'static str, message: impl FnOnce() -> String) {
        if !holds {
            self.add(rule, message());
        }
    }
}

/// Whether a stated amount is the computed one rounded to cents. The published rules take halves upwards, most software
/// takes them away from zero: on negative amounts either will do.
fn is_rounded(stated: Decimal, computed: Decimal) -> bool {
    stated == half_up(computed) || (computed.is_sign_negative() && stated == crate::money::to_cents(computed))
}

/// Rounds to cents, halves towards plus infinity.
fn half_up(value: Decimal) -> Decimal {
    let strategy = if value.is_sign_negative() {
        RoundingStrategy::MidpointTowardZero
    } else {
        RoundingStrategy::MidpointAwayFromZero
    };
    value.round_dp_with_strategy(2, strategy)
}

/// What is stated and what it should be, rounded to cents; nothing when that cannot be computed.
fn paired(stated: Decimal, computed: Option<Decimal>) -> Option<(Decimal, Decimal)> {
    computed.map(|computed| (stated, half_up(computed).normalize()))
}

/// Rounded to cents, for messages; a dash when it cannot be computed.
fn shown(value: Option<Decimal>) -> String {
    value.map_or_else(|| "a number too large to compute".to_owned(), |value| half_up(value).normalize().to_string())
}

#[cfg(test)]
mod tests;
