//! Coding by a person: lines with amounts instead of a template's shares. What is saved half-way stays as it is and names
//! what it lacks (AP-47); what is whole can be kept as the contact's template (AP-36).

use super::{Facts, Missing, VatGroup};
use crate::{
    invoice::{Invoice, VatCategory},
    ledger::{AccountCode, CostCentre, Project, VatCode, VatCodeKind},
    money::{sum, to_cents},
    posting::PostingLine,
    template::{LabelText, PostingTemplate, TemplateError, TemplateLine},
    time::Date,
    words::{Language, Sentence as _},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};

/// One line as a person codes it; everything may still be missing. Amounts bear the sign of the document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct CodingLine {
    /// VAT category; without one it follows from the VAT code and the document's own groups.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub category: Option<VatCategory>,
    /// Rate in percent.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub rate: Option<Decimal>,
    /// Ledger account.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub account: Option<AccountCode>,
    /// The ledger's VAT code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_code: Option<VatCode>,
    /// What that code does, as the ledger's directory said when it was entered.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat_code_kind: Option<VatCodeKind>,
    /// Amount without VAT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub net: Option<Decimal>,
    /// VAT; without it the line takes its part of the group's VAT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub vat: Option<Decimal>,
    /// Cost centre.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cost_centre: Option<CostCentre>,
    /// Project.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub project: Option<Project>,
    /// Text of the line, with labels (AP-39).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<LabelText>,
}

/// What a person chose for a booking; the rest comes from the template and the document.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct HandCoding {
    /// Lines in place of the template's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub lines: Option<Vec<CodingLine>>,
    /// Text of the whole booking.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub description: Option<LabelText>,
    /// Payment reference in place of the document's or the template's.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub payment_reference: Option<LabelText>,
    /// Due date in place of the stated one or the contact's terms.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Date>,
    /// The day in whose period it is booked; the date of the document stays as it is.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub booking_date: Option<Date>,
}

/// A line of which nothing is missing.
struct Whole<'a> {
    line: &'a CodingLine,
    account: &'a AccountCode,
    vat_code: &'a VatCode,
    kind: VatCodeKind,
    category: VatCategory,
    rate: Option<Decimal>,
    net: Decimal,
}

impl Whole<'_> {
    fn is_of(&self, category: VatCategory, rate: Option<Decimal>) -> bool {
        self.category == category && self.rate.unwrap_or_default() == rate.unwrap_or_default()
    }

    fn computed_vat(&self) -> Decimal {
        match self.category {
            VatCategory::AE | VatCategory::K => Decimal::ZERO,
            VatCategory::S
            | VatCategory::Z
            | VatCategory::E
            | VatCategory::G
            | VatCategory::O
            | VatCategory::L
            | VatCategory::M
            | VatCategory::B => to_cents(self.net * self.rate.unwrap_or_default() / Decimal::ONE_HUNDRED),
        }
    }
}

/// Category and rate of a line: as entered, or the document's only group that the VAT code takes, or what the code does.
fn treatment(
    line: &CodingLine,
    kind: Option<VatCodeKind>,
    groups: &[VatGroup],
) -> Option<(VatCategory, Option<Decimal>)> {
    if let Some(category) = line.category {
        return Some((category, line.rate));
    }
    let kind = kind?;
    let mut taken = groups.iter().filter(|group| kind.takes(group.category, group.rate));
    match (taken.next(), taken.next()) {
        (Some(group), None) => Some((group.category, group.rate)),
        (Some(_), Some(_)) => None,
        (None, _) => match kind {
            VatCodeKind::Rate { percent } if percent.is_zero() => Some((VatCategory::Z, Some(percent))),
            VatCodeKind::Rate { percent } => Some((VatCategory::S, Some(percent))),
            VatCodeKind::None => Some((VatCategory::Z, Some(Decimal::ZERO))),
            VatCodeKind::ReverseCharge => Some((VatCategory::AE, Some(Decimal::ZERO))),
            VatCodeKind::IntraCommunity => Some((VatCategory::K, Some(Decimal::ZERO))),
            VatCodeKind::Unusable => None,
        },
    }
}

/// The lines, when each of them is whole and fits its VAT code; else all that they lack.
fn whole<'a>(lines: &'a [CodingLine], groups: &[VatGroup]) -> Result<Vec<Whole<'a>>, Vec<Missing>> {
    let mut missing = Vec::new();
    let mut whole = Vec::with_capacity(lines.len());
    if lines.is_empty() {
        missing.push(Missing::Lines);
    }
    for (line, number) in lines.iter().zip(1..) {
        let treatment = treatment(line, line.vat_code_kind, groups);
        let lacks = [
            (line.account.is_none(), Missing::LineAccount { line: number }),
            (line.vat_code.is_none() || line.vat_code_kind.is_none(), Missing::LineVatCode { line: number }),
            (line.net.is_none(), Missing::LineAmount { line: number }),
            (line.vat_code_kind.is_some() && treatment.is_none(), Missing::LineVatCategory { line: number }),
        ];
        let before = missing.len();
        missing.extend(lacks.into_iter().filter_map(|(lacking, what)| lacking.then_some(what)));
        for amount in [line.net, line.vat].into_iter().flatten() {
            if amount != to_cents(amount) {
                missing.push(Missing::Precision(amount));
            }
        }
        if let (Some(account), Some(vat_code), Some(kind), Some(net), Some((category, rate))) =
            (&line.account, &line.vat_code, line.vat_code_kind, line.net, treatment)
        {
            if !kind.takes(category, rate) {
                let (code, rate) = (vat_code.clone(), rate.unwrap_or_default());
                missing.push(Missing::VatCodeMisfit { line: number, code, category, rate });
            }
            if missing.len() == before {
                whole.push(Whole { line, account, vat_code, kind, category, rate, net });
            }
        }
    }
    if missing.is_empty() { Ok(whole) } else { Err(missing) }
}

/// What the lines lack, whatever else the document lacks.
pub(super) fn lacking(lines: &[CodingLine], invoice: &Invoice) -> Vec<Missing> {
    match super::stated_groups(invoice) {
        Ok(stated) => whole(lines, &stated).err().unwrap_or_default(),
        Err(problem) => vec![problem],
    }
}

/// The VAT groups that the lines themselves make, for a document that states none.
fn own_groups(lines: &[Whole<'_>]) -> Vec<VatGroup> {
    let mut groups: Vec<VatGroup> = Vec::new();
    for line in lines {
        let vat = line.line.vat.unwrap_or_else(|| line.computed_vat());
        match groups.iter_mut().find(|group| line.is_of(group.category, group.rate)) {
            Some(group) => {
                group.net += line.net;
                group.vat += vat;
            }
            None => groups.push(VatGroup { category: line.category, rate: line.rate, net: line.net, vat }),
        }
    }
    groups
}

/// The VAT of each line of a group: as entered, else its part of what the group states, the last one what is left.
fn vat_of_lines(group: &VatGroup, lines: &[&Whole<'_>]) -> Vec<Decimal> {
    if lines.iter().any(|line| line.line.vat.is_some()) {
        return lines.iter().map(|line| line.line.vat.unwrap_or_else(|| line.computed_vat())).collect();
    }
    let mut left = group.vat;
    let last = lines.len().saturating_sub(1);
    let part = |(index, line): (usize, &&Whole<'_>)| {
        let vat = match (index == last, group.net.is_zero()) {
            (true, _) => left,
            (false, true) => Decimal::ZERO,
            (false, false) => to_cents(group.vat * line.net / group.net),
        };
        left -= vat;
        vat
    };
    lines.iter().enumerate().map(part).collect()
}

/// The posting lines that a person's lines make, and the VAT groups they add up to. `stated` are the document's own
/// groups; empty when it states none.
pub(super) fn lines(
    lines: &[CodingLine],
    stated: Vec<VatGroup>,
    sign: Decimal,
    facts: &Facts<'_>,
) -> Result<(Vec<PostingLine>, Vec<VatGroup>), Vec<Missing>> {
    let whole = whole(lines, &stated)?;
    let groups = if stated.is_empty() { own_groups(&whole) } else { stated };
    let mut missing = Vec::new();
    let mut coded: Vec<(usize, PostingLine)> = Vec::with_capacity(whole.len());
    for (line, number) in whole.iter().zip(1..) {
        if !groups.iter().any(|group| line.is_of(group.category, group.rate)) {
            let (category, rate) = (line.category, line.rate.unwrap_or_default());
            missing.push(Missing::LineWithoutGroup { line: number, category, rate });
        }
    }
    for group in &groups {
        if let Err(problem) = group.bookable() {
            missing.push(problem);
            continue;
        }
        let (places, takers): (Vec<usize>, Vec<&Whole<'_>>) =
            whole.iter().enumerate().filter(|(_, line)| line.is_of(group.category, group.rate)).unzip();
        let vats = vat_of_lines(group, &takers);
        let net = sum(takers.iter().map(|line| line.net)).unwrap_or_default();
        let vat = sum(vats.iter().copied()).unwrap_or_default();
        if (net, vat) != (group.net, group.vat) {
            missing.push(Missing::LinesDisagree {
                category: group.category,
                rate: group.rate.unwrap_or_default(),
                lines: (net, vat),
                document: (group.net, group.vat),
            });
        }
        for ((place, line), vat) in places.into_iter().zip(takers).zip(vats) {
            let description = line.line.description.as_ref().map(|text| facts.fill(text));
            coded.push((
                place,
                PostingLine {
                    account: line.account.clone(),
                    vat_code: line.vat_code.clone(),
                    category: group.category,
                    rate: group.rate,
                    net: sign * line.net,
                    vat: sign * vat,
                    cost_centre: line.line.cost_centre.clone(),
                    project: line.line.project.clone(),
                    description: description.unwrap_or_else(|| format!("{} {}", facts.contact.name, facts.number)),
                },
            ));
        }
    }
    if !missing.is_empty() {
        return Err(missing);
    }
    coded.sort_by_key(|(place, _)| *place);
    Ok((coded.into_iter().map(|(_, line)| line).collect(), groups))
}

/// Why lines cannot be kept as a template.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum NotATemplate {
    /// A line lacks something.
    #[error("the lines lack something: {}", words(.0))]
    Incomplete(Vec<Missing>),
    /// Two lines of a group whose amounts add up to nothing have no shares of it.
    #[error("the lines for VAT category {category} at {rate} % add up to 0, which cannot be shared out")]
    Nothing {
        /// Category.
        category: VatCategory,
        /// Rate.
        rate: Decimal,
    },
    /// The template itself is refused.
    #[error(transparent)]
    Template(#[from] TemplateError),
}

fn words(missing: &[Missing]) -> String {
    missing.iter().map(|missing| missing.sentence().write(Language::English)).collect::<Vec<_>>().join("; ")
}

impl HandCoding {
    /// Whether a person chose anything at all.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// The contact's template once these lines are kept with it (AP-36): all of them, each with its share of its VAT
    /// group. Lines of `before` for VAT groups that were not booked this time stay, so that a booking at one rate does not
    /// lose what is kept for another.
    pub fn template(
        &self,
        invoice: &Invoice,
        before: Option<&PostingTemplate>,
    ) -> Result<Option<PostingTemplate>, NotATemplate> {
        let Some(lines) = &self.lines else {
            // Booked with the template's own lines: only the payment reference can be another one.
            return Ok(match (before, &self.payment_reference) {
                (Some(before), Some(reference)) => {
                    Some(PostingTemplate::new(before.lines().to_vec(), Some(reference.clone()))?)
                }
                (_, _) => None,
            });
        };
        let stated = super::stated_groups(invoice).map_err(|missing| NotATemplate::Incomplete(vec![missing]))?;
        let whole = whole(lines, &stated).map_err(NotATemplate::Incomplete)?;
        let mut kept = Vec::with_capacity(whole.len());
        for (place, line) in whole.iter().enumerate() {
            let group: Vec<(usize, Decimal)> = whole
                .iter()
                .enumerate()
                .filter(|(_, other)| other.is_of(line.category, line.rate))
                .map(|(place, other)| (place, other.net))
                .collect();
            let total = sum(group.iter().map(|(_, net)| *net)).unwrap_or_default();
            kept.push(TemplateLine {
                category: line.category,
                rate: line.rate,
                share: share(&group, place, total)
                    .ok_or(NotATemplate::Nothing { category: line.category, rate: line.rate.unwrap_or_default() })?,
                account: line.account.clone(),
                vat_code: line.vat_code.clone(),
                vat_code_kind: line.kind,
                cost_centre: line.line.cost_centre.clone(),
                project: line.line.project.clone(),
                description: line.line.description.clone().unwrap_or_else(LabelText::standard),
            });
        }
        let others = before.map(PostingTemplate::lines).unwrap_or_default();
        let others: Vec<TemplateLine> =
            others.iter().filter(|line| !kept.iter().any(|new| new.takes(line.category, line.rate))).cloned().collect();
        kept.extend(others);
        let reference = self.payment_reference.clone().or_else(|| before?.payment_reference().cloned());
        Ok(Some(PostingTemplate::new(kept, reference)?))
    }
}

/// Percent of a group's total that one of its lines takes; the last one what the others leave, so that they total 100.
fn share(group: &[(usize, Decimal)], place: usize, total: Decimal) -> Option<Decimal> {
    let hundred = Decimal::ONE_HUNDRED;
    let part = |net: Decimal| Some((net * hundred).checked_div(total)?.round_dp(6).normalize());
    let (last, others) = group.split_last()?;
    if others.is_empty() {
        return Some(hundred);
    }
    if last.0 != place {
        return part(group.iter().find(|(other, _)| *other == place)?.1);
    }
    others.iter().try_fold(hundred, |left, (_, net)| Some(left - part(*net)?)).map(|left| left.normalize())
}

#[cfg(test)]
#[path = "hand_tests.rs"]
mod tests;
