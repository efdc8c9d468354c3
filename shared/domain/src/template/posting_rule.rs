//! Posting rules: what a ledger itself keeps with a supplier or customer as their usual coding, and how that and our posting
//! template become one (AP-40).

use super::{LABEL_TEXT_CHARS_MAX, LabelText, LabelTextError, PostingTemplate, TemplateError, TemplateLine};
use crate::{
    invoice::VatCategory,
    ledger::{Direction, DirectoryEntry, VatCode, VatCodeKind},
};
use rust_decimal::Decimal;

/// The longest text of a line that is written; a longer one is cut.
const TEXT_CHARS_MAX: usize = 40;
/// Decimals of a share.
const SHARE_DECIMALS: u32 = 2;

/// A line of a posting rule, as the ledger says it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RuleLine {
    /// Ledger account.
    pub account: String,
    /// The ledger's VAT code; empty where the line has none.
    pub vat_code: String,
    /// Cost centre.
    pub cost_centre: Option<String>,
    /// Project.
    pub project: Option<String>,
    /// How much of its VAT code's amount the line takes, in proportion to the other lines of that code.
    pub ratio: Decimal,
    /// Text of the line, with our labels when it came from here.
    pub description: String,
}

/// A posting rule of a supplier or customer in a ledger.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PostingRule {
    /// Its lines, in order.
    pub lines: Vec<RuleLine>,
}

/// What a ledger keeps with a supplier or customer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Kept {
    /// No rule that is in use.
    Nothing,
    /// A rule of ours, or the only one.
    Rule(PostingRule),
    /// Several, none of them ours.
    Several,
}

/// What is to be done when a template and a posting rule are brought together.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Agreement {
    /// Both say the same, or there is neither.
    Same,
    /// Only we have one: the ledger gets it.
    Write,
    /// Only the ledger has one: it becomes the template.
    TakeOver(PostingTemplate),
    /// They differ: each stays, and a person is told.
    Differ,
    /// Only the ledger has one, and it cannot be a template.
    Unusable(RuleError),
}

/// Why a posting rule cannot be a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RuleError {
    /// Several rules.
    #[error("it has several posting rules")]
    Several,
    /// The directory has no such code, or it is blocked, or meant for the other side.
    #[error("the {what} '{code}' of its posting rule is not one that may be used")]
    Code {
        /// What kind of code.
        what: &'static str,
        /// The code; empty where there is none.
        code: String,
    },
    /// A ratio of nothing or less.
    #[error("a line of its posting rule has the ratio {0}")]
    Ratio(Decimal),
    /// A text that cannot be one of a template.
    #[error("a text of its posting rule cannot be used: {0}")]
    Text(LabelTextError),
    /// The template would not be one.
    #[error("its posting rule cannot be a template: {0}")]
    Template(TemplateError),
}

/// What the codes of a posting rule are looked up in: the ledger's directories, as they were fetched last.
#[derive(Debug, Clone, Copy)]
pub struct Listed<'a> {
    /// Ledger accounts.
    pub accounts: &'a [DirectoryEntry],
    /// VAT codes.
    pub vat_codes: &'a [DirectoryEntry],
    /// Cost centres, where they were fetched.
    pub cost_centres: Option<&'a [DirectoryEntry]>,
}

/// Brings a contact's template and what the ledger keeps with its relation together. Nothing is overwritten on either side:
/// what both have and say differently stays as it is.
pub fn agree(template: Option<&PostingTemplate>, kept: &Kept, direction: Direction, listed: Listed<'_>) -> Agreement {
    match (template, kept) {
        (None, Kept::Nothing) => Agreement::Same,
        (Some(_), Kept::Nothing) => Agreement::Write,
        (Some(template), Kept::Rule(rule)) if rule.says(template) => Agreement::Same,
        (Some(_), Kept::Rule(_) | Kept::Several) => Agreement::Differ,
        (None, Kept::Rule(rule)) => match rule.template(direction, listed) {
            Ok(template) => Agreement::TakeOver(template),
            Err(error) => Agreement::Unusable(error),
        },
        (None, Kept::Several) => Agreement::Unusable(RuleError::Several),
    }
}

impl PostingRule {
    /// What a ledger can keep of a template: everything but the payment reference. Lines of several VAT categories that
    /// share a VAT code and say the same are one.
    pub fn of(template: &PostingTemplate) -> Self {
        let mut lines = Vec::with_capacity(template.lines().len());
        for line in template.lines() {
            let line = RuleLine {
                account: line.account.to_string(),
                vat_code: line.vat_code.to_string(),
                cost_centre: line.cost_centre.as_ref().map(ToString::to_string),
                project: line.project.as_ref().map(ToString::to_string),
                ratio: line.share.round_dp(SHARE_DECIMALS),
                description: cut(&line.description),
            };
            if !lines.contains(&line) {
                lines.push(line);
            }
        }
        Self { lines }
    }

    /// Whether it codes documents as the template does, as far as a rule can say it.
    pub fn says(&self, template: &PostingTemplate) -> bool {
        self.comparable() == Self::of(template).comparable()
    }

    /// The lines with their shares instead of ratios; a text that is missing is the one that a template would have.
    fn comparable(&self) -> Vec<RuleLine> {
        let lines = self.lines.iter().zip(self.shares());
        let described = |text: &str| if text.trim().is_empty() { cut(&LabelText::standard()) } else { text.to_owned() };
        lines
            .map(|(line, ratio)| RuleLine { ratio, description: described(&line.description), ..line.clone() })
            .collect()
    }

    /// The share of each line in percent of its VAT code: the last line of a code takes what rounding leaves.
    fn shares(&self) -> Vec<Decimal> {
        let shares = self.lines.iter().map(|line| {
            let of_code = self.lines.iter().filter(|other| other.vat_code == line.vat_code);
            let total: Decimal = of_code.map(|other| other.ratio).sum();
            let percent = line.ratio.checked_mul(Decimal::ONE_HUNDRED).and_then(|part| part.checked_div(total));
            percent.unwrap_or_default().round_dp(SHARE_DECIMALS)
        });
        let mut shares: Vec<Decimal> = shares.collect();
        for (place, line) in self.lines.iter().enumerate() {
            let is_last = !self.lines.iter().skip(place + 1).any(|later| later.vat_code == line.vat_code);
            let of_same = self.lines.iter().zip(&shares).filter(|(other, _)| other.vat_code == line.vat_code);
            let left = Decimal::ONE_HUNDRED - of_same.map(|(_, share)| *share).sum::<Decimal>();
            if let Some(share) = shares.get_mut(place).filter(|_| is_last) {
                *share += left;
            }
        }
        shares
    }

    /// The template that codes documents as this rule does. Which VAT a line takes is what its VAT code does.
    pub fn template(&self, direction: Direction, listed: Listed<'_>) -> Result<PostingTemplate, RuleError> {
        if let Some(line) = self.lines.iter().find(|line| line.ratio <= Decimal::ZERO) {
            return Err(RuleError::Ratio(line.ratio));
        }
        let lines = self.lines.iter().zip(self.shares());
        let lines = lines.map(|(line, share)| line.resolved(share, direction, listed)).collect::<Result<_, _>>()?;
        PostingTemplate::new(lines, None).map_err(RuleError::Template)
    }
}

impl RuleLine {
    fn resolved(&self, share: Decimal, direction: Direction, listed: Listed<'_>) -> Result<TemplateLine, RuleError> {
        usable(listed.accounts, "ledger account", &self.account)?;
        let vat = usable(listed.vat_codes, "VAT code", &self.vat_code)?;
        if let (Some(code), Some(entries)) = (&self.cost_centre, listed.cost_centres) {
            usable(entries, "cost centre", code)?;
        }
        let kind = vat.vat.filter(|_| vat.direction.is_none_or(|meant_for| meant_for == direction));
        let (category, rate, vat_code_kind) = match kind {
            Some(kind @ VatCodeKind::Rate { percent }) if !percent.is_zero() => (VatCategory::S, Some(percent), kind),
            Some(kind @ (VatCodeKind::Rate { .. } | VatCodeKind::None)) => (VatCategory::Z, None, kind),
            Some(kind @ VatCodeKind::ReverseCharge) => (VatCategory::AE, None, kind),
            Some(kind @ VatCodeKind::IntraCommunity) => (VatCategory::K, None, kind),
            Some(VatCodeKind::Unusable) | None => return Err(unusable("VAT code", &self.vat_code)),
        };
        let text = if self.description.trim().is_empty() {
            LabelText::standard()
        } else {
            let text: String = self.description.chars().take(LABEL_TEXT_CHARS_MAX).collect();
            text.parse().map_err(RuleError::Text)?
        };
        Ok(TemplateLine {
            category,
            rate,
            share,
            account: self.account.parse().map_err(|_| unusable("ledger account", &self.account))?,
            vat_code: self.vat_code.parse::<VatCode>().map_err(|_| unusable("VAT code", &self.vat_code))?,
            vat_code_kind,
            cost_centre: code_of(self.cost_centre.as_deref(), "cost centre")?,
            project: code_of(self.project.as_deref(), "project")?,
            description: text,
        })
    }
}

fn unusable(what: &'static str, code: &str) -> RuleError {
    RuleError::Code { what, code: code.chars().take(32).collect() }
}

fn usable<'a>(entries: &'a [DirectoryEntry], what: &'static str, code: &str) -> Result<&'a DirectoryEntry, RuleError> {
    entries.iter().find(|entry| entry.code == code && !entry.blocked).ok_or_else(|| unusable(what, code))
}

fn code_of<T: std::str::FromStr>(code: Option<&str>, what: &'static str) -> Result<Option<T>, RuleError> {
    code.map(|code| code.parse().map_err(|_| unusable(what, code))).transpose()
}

/// A text as a rule has room for it. No label is cut in two.
fn cut(text: &LabelText) -> String {
    let whole = text.to_string();
    let short: String = whole.chars().take(TEXT_CHARS_MAX).collect();
    let opened = short.rfind('[').filter(|place| short.get(*place..).is_some_and(|rest| !rest.contains(']')));
    opened.and_then(|place| short.get(..place)).unwrap_or(&short).trim().to_owned()
}

#[cfg(test)]
#[path = "posting_rule_tests.rs"]
mod tests;
