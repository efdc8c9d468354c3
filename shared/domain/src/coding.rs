//! Coding: from an invoice and a contact's template, or a person's own lines, to a posting, or to the list of what is missing (AP-7).
//!
//! A posting that comes out of here books exactly the document's VAT, net and gross.

mod hand;

pub use hand::{CodingLine, HandCoding, NotATemplate};

use crate::{
    contact::Contact,
    invoice::{Invoice, InvoiceKind, VatCategory},
    ledger::{Direction, VatCode},
    money::{Currency, sum, to_cents},
    posting::{Posting, PostingLine},
    reason::Reason,
    template::{Label, LabelText, PostingTemplate, TemplateLine},
    time::Date,
    words::{Amount, Lacking, Rate, Sentence as _, Text},
};
use chrono::Days;
use rust_decimal::Decimal;

/// Why a document is incomplete (orange). Each names what a person has to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Missing {
    /// Nobody is known by the document's VAT number, registry number or IBAN.
    Contact,
    /// The identifiers on the document belong to different contacts.
    ContactAmbiguous,
    /// The contact has no posting template.
    Template,
    /// No invoice number.
    Number,
    /// No invoice date.
    IssueDate,
    /// No currency, or not one that exists.
    Currency,
    /// No total including VAT.
    Gross,
    /// No VAT breakdown, and the totals do not tell which VAT applies.
    VatBreakdown,
    /// Net and VAT do not add up to the total.
    TotalsDisagree {
        /// Sum of the VAT groups' taxable amounts.
        net: Decimal,
        /// Sum of the VAT groups' VAT.
        vat: Decimal,
        /// Total including VAT.
        gross: Decimal,
    },
    /// An amount in fractions of a cent cannot be booked.
    Precision(Decimal),
    /// The template has no line for a VAT group of the document.
    VatGroupWithoutLine {
        /// Category as written.
        category: String,
        /// Rate in percent.
        rate: Decimal,
    },
    /// VAT of a kind that no ledger code here stands for.
    VatCategory(String),
    /// Reverse-charged or intra-community VAT must not be on the document.
    VatOnReverseCharge {
        /// The category.
        category: VatCategory,
        /// The VAT that is stated.
        vat: Decimal,
    },
    /// A person took all lines away.
    Lines,
    /// A person's line without an account.
    LineAccount {
        /// From 1.
        line: usize,
    },
    /// A person's line without a VAT code.
    LineVatCode {
        /// From 1.
        line: usize,
    },
    /// A person's line without an amount.
    LineAmount {
        /// From 1.
        line: usize,
    },
    /// Several VAT groups of the document fit the line's VAT code.
    LineVatCategory {
        /// From 1.
        line: usize,
    },
    /// A line of VAT that the document does not have.
    LineWithoutGroup {
        /// From 1.
        line: usize,
        /// Category.
        category: VatCategory,
        /// Rate in percent.
        rate: Decimal,
    },
    /// The VAT code cannot be used for the category and rate.
    VatCodeMisfit {
        /// From 1.
        line: usize,
        /// The ledger's code.
        code: VatCode,
        /// Category.
        category: VatCategory,
        /// Rate in percent.
        rate: Decimal,
    },
    /// The lines of a VAT group do not add up to it.
    LinesDisagree {
        /// Category.
        category: VatCategory,
        /// Rate in percent.
        rate: Decimal,
        /// Net and VAT of the lines.
        lines: (Decimal, Decimal),
        /// Net and VAT of the document's group.
        document: (Decimal, Decimal),
    },
}

impl Missing {
    /// In the catalogue.
    pub fn sentence(&self) -> Lacking {
        let numbered = |line: usize| u32::try_from(line).unwrap_or(u32::MAX);
        match self {
            Self::Contact => Lacking::Contact,
            Self::ContactAmbiguous => Lacking::ContactAmbiguous,
            Self::Template => Lacking::Template,
            Self::Number => Lacking::Number,
            Self::IssueDate => Lacking::IssueDate,
            Self::Currency => Lacking::Currency,
            Self::Gross => Lacking::Gross,
            Self::VatBreakdown => Lacking::VatBreakdown,
            Self::TotalsDisagree { net, vat, gross } => {
                Lacking::TotalsDisagree { net: Amount(*net), vat: Amount(*vat), gross: Amount(*gross) }
            }
            Self::Precision(amount) => Lacking::Precision { amount: Amount(*amount) },
            Self::VatGroupWithoutLine { category, rate } => {
                Lacking::VatGroupWithoutLine { category: Text::of(category), rate: Rate(*rate) }
            }
            Self::VatCategory(category) => Lacking::VatCategory { category: Text::of(category) },
            Self::VatOnReverseCharge { category, vat } => {
                Lacking::VatOnReverseCharge { category: Text::of(category), vat: Amount(*vat) }
            }
            Self::Lines => Lacking::Lines,
            Self::LineAccount { line } => Lacking::LineAccount { line: numbered(*line) },
            Self::LineVatCode { line } => Lacking::LineVatCode { line: numbered(*line) },
            Self::LineAmount { line } => Lacking::LineAmount { line: numbered(*line) },
            Self::LineVatCategory { line } => Lacking::LineVatCategory { line: numbered(*line) },
            Self::LineWithoutGroup { line, category, rate } => {
                Lacking::LineWithoutGroup { line: numbered(*line), category: Text::of(category), rate: Rate(*rate) }
            }
            Self::VatCodeMisfit { line, code, category, rate } => Lacking::VatCodeMisfit {
                line: numbered(*line),
                code: Text::of(code),
                category: Text::of(category),
                rate: Rate(*rate),
            },
            Self::LinesDisagree { category, rate, lines, document } => Lacking::LinesDisagree {
                category: Text::of(category),
                rate: Rate(*rate),
                lines_net: Amount(lines.0),
                lines_vat: Amount(lines.1),
                net: Amount(document.0),
                vat: Amount(document.1),
            },
        }
    }

    /// Stable code.
    pub fn code(&self) -> &'static str {
        self.sentence().code()
    }
}

impl From<&Missing> for Reason {
    fn from(missing: &Missing) -> Self {
        Self::said(&missing.sentence())
    }
}

/// What is known about the other side of a document.
#[derive(Debug, Clone, Copy)]
pub enum OtherSide<'a> {
    /// Recognised, or chosen by a person.
    Known(&'a Contact),
    /// Nobody matches.
    Unknown,
    /// Several match.
    Ambiguous,
}

/// Codes a document: its required fields (contact, number, date, currency, total; AP-7) and every line's ledger account,
/// VAT code and amount from the template, so that the lines add up to the total. Everything that is missing is named at
/// once.
pub fn code(
    invoice: &Invoice,
    direction: Direction,
    other_side: OtherSide<'_>,
    template: Option<&PostingTemplate>,
) -> Result<Posting, Vec<Missing>> {
    code_by_hand(invoice, direction, other_side, template, &HandCoding::default())
}

/// As [`code`], with what a person chose: lines of his own take the place of the template's.
pub fn code_by_hand(
    invoice: &Invoice,
    direction: Direction,
    other_side: OtherSide<'_>,
    template: Option<&PostingTemplate>,
    hand: &HandCoding,
) -> Result<Posting, Vec<Missing>> {
    let mut missing = Vec::new();
    let contact = match other_side {
        OtherSide::Known(contact) => Some(contact),
        OtherSide::Unknown => {
            missing.push(Missing::Contact);
            None
        }
        OtherSide::Ambiguous => {
            missing.push(Missing::ContactAmbiguous);
            None
        }
    };
    let number = invoice.number.as_deref().map(str::trim).filter(|number| !number.is_empty());
    if number.is_none() {
        missing.push(Missing::Number);
    }
    if invoice.issue_date.is_none() {
        missing.push(Missing::IssueDate);
    }
    let currency = invoice.currency.filter(|currency| currency.is_iso4217());
    if currency.is_none() {
        missing.push(Missing::Currency);
    }
    if invoice.totals.gross.is_none() {
        missing.push(Missing::Gross);
    }
    if contact.is_some() && template.is_none() && hand.lines.is_none() {
        missing.push(Missing::Template);
    }
    if let Some(lines) = &hand.lines {
        missing.extend(hand::lacking(lines, invoice));
    }
    let (Some(contact), Some(number), Some(issue_date), Some(currency), Some(gross)) =
        (contact, number, invoice.issue_date, currency, invoice.totals.gross)
    else {
        return Err(missing);
    };
    if !missing.is_empty() {
        return Err(missing);
    }
    let due_date = hand.due_date.or_else(|| due_date(invoice, contact));
    let facts = Facts { invoice, contact, number, issue_date, currency, gross, due_date };
    let sign = match invoice.kind {
        InvoiceKind::Invoice => Decimal::ONE,
        InvoiceKind::CreditNote => Decimal::NEGATIVE_ONE,
    };
    let (groups, own) = match &hand.lines {
        Some(own) => {
            let stated = stated_groups(invoice).map_err(|problem| vec![problem])?;
            let (lines, groups) = hand::lines(own, stated, sign, &facts)?;
            (groups, Some(lines))
        }
        None => {
            let template = template.ok_or_else(|| vec![Missing::Template])?;
            (vat_groups(invoice, gross, template).map_err(|problem| vec![problem])?, None)
        }
    };
    let net = sum(groups.iter().map(|group| group.net)).map_err(|_| vec![Missing::Gross])?;
    let vat = sum(groups.iter().map(|group| group.vat)).map_err(|_| vec![Missing::Gross])?;
    if net + vat != gross
        || invoice.totals.net.is_some_and(|stated| stated != net)
        || invoice.totals.vat.unwrap_or(vat) != vat
    {
        return Err(vec![Missing::TotalsDisagree { net, vat, gross }]);
    }
    let lines = match (own, template) {
        (Some(own), _) => own,
        (None, Some(template)) => template_lines(&groups, template, sign, &facts)?,
        (None, None) => return Err(vec![Missing::Template]),
    };
    let description = hand.description.as_ref().map(|text| facts.fill(text)).filter(|text| !text.is_empty());
    let reference = hand.payment_reference.as_ref().or_else(|| template?.payment_reference());
    Ok(Posting {
        direction,
        kind: invoice.kind,
        contact: contact.id,
        number: number.to_owned(),
        issue_date,
        due_date: facts.due_date,
        currency,
        booking_date: hand.booking_date,
        description: description.unwrap_or_else(|| format!("{} {number}", contact.name)),
        payment_reference: reference
            .map(|text| facts.fill(text))
            .or_else(|| payment_reference(invoice).map(str::to_owned)),
        lines,
        net: sign * net,
        vat: sign * vat,
        gross: sign * gross,
    })
}

/// What labels and lines are filled from.
struct Facts<'a> {
    invoice: &'a Invoice,
    contact: &'a Contact,
    number: &'a str,
    issue_date: Date,
    currency: Currency,
    gross: Decimal,
    due_date: Option<Date>,
}

impl Facts<'_> {
    fn fill(&self, text: &LabelText) -> String {
        let invoice = self.invoice;
        text.fill(|label| match label {
            Label::InvoiceNumber => self.number.to_owned(),
            Label::InvoiceDate => self.issue_date.to_string(),
            Label::DueDate => self.due_date.map(|date| date.to_string()).unwrap_or_default(),
            Label::Contact => self.contact.name.clone(),
            Label::Currency => self.currency.to_string(),
            Label::Gross => self.gross.to_string(),
            Label::PaymentReference => payment_reference(invoice).unwrap_or_default().to_owned(),
            Label::OrderReference => invoice.order_reference.clone().unwrap_or_default(),
            Label::Period => match (invoice.period_start, invoice.period_end) {
                (Some(start), Some(end)) => format!("{start} - {end}"),
                (Some(day), None) | (None, Some(day)) => day.to_string(),
                (None, None) => String::new(),
            },
            Label::LineDescription => {
                invoice.lines.first().and_then(|line| line.description.clone()).unwrap_or_default()
            }
        })
    }
}

fn payment_reference(invoice: &Invoice) -> Option<&str> {
    invoice.payment_means.iter().find_map(|means| means.reference.as_deref())
}

/// The stated due date, else the contact's terms (AP-57); without either the ledger's own payment condition decides.
fn due_date(invoice: &Invoice, contact: &Contact) -> Option<Date> {
    invoice.due_date.or_else(|| {
        let days = contact.payment_days?;
        invoice.issue_date?.checked_add_days(Days::new(u64::from(days)))
    })
}

struct VatGroup {
    category: VatCategory,
    rate: Option<Decimal>,
    net: Decimal,
    vat: Decimal,
}

/// The document's VAT groups, each category and rate once. Without a breakdown (recognised fields often have none) the
/// totals are one group, when the template knows just one and the VAT is what its rate gives, to the cent.
fn vat_groups(invoice: &Invoice, gross: Decimal, template: &PostingTemplate) -> Result<Vec<VatGroup>, Missing> {
    let mut groups = stated_groups(invoice)?;
    if groups.is_empty() {
        groups.push(only_group(invoice, gross, template).ok_or(Missing::VatBreakdown)?);
    }
    Ok(groups)
}

/// The groups of the document's own breakdown; none when it has no breakdown.
fn stated_groups(invoice: &Invoice) -> Result<Vec<VatGroup>, Missing> {
    let mut groups: Vec<VatGroup> = Vec::new();
    for subtotal in &invoice.vat_breakdown {
        let written = || subtotal.treatment.category.clone().unwrap_or_default();
        let category = subtotal.treatment.known().ok_or_else(|| Missing::VatCategory(written()))?;
        let rate = subtotal.treatment.rate;
        for amount in [subtotal.taxable, subtotal.vat] {
            if amount != to_cents(amount) {
                return Err(Missing::Precision(amount));
            }
        }
        match groups.iter_mut().find(|group| group.category == category && group.rate == rate) {
            Some(group) => {
                group.net += subtotal.taxable;
                group.vat += subtotal.vat;
            }
            None => groups.push(VatGroup { category, rate, net: subtotal.taxable, vat: subtotal.vat }),
        }
    }
    if groups.len() > 1 {
        groups.retain(|group| !group.net.is_zero() || !group.vat.is_zero());
    }
    Ok(groups)
}

fn only_group(invoice: &Invoice, gross: Decimal, template: &PostingTemplate) -> Option<VatGroup> {
    let first = template.lines().first()?;
    if !template.lines().iter().all(|line| line.takes(first.category, first.rate)) {
        return None;
    }
    let (net, vat) = match (invoice.totals.net, invoice.totals.vat) {
        (Some(net), _) => (net, gross - net),
        (None, Some(vat)) => (gross - vat, vat),
        (None, None) => return None,
    };
    let expected = to_cents(net * first.rate.unwrap_or_default() / Decimal::ONE_HUNDRED);
    let cent = Decimal::new(1, 2);
    let exact = [net, vat].iter().all(|amount| *amount == to_cents(*amount));
    (exact && (vat - expected).abs() <= cent).then_some(VatGroup {
        category: first.category,
        rate: first.rate,
        net,
        vat,
    })
}

/// Every group's lines, or what the template lacks.
fn template_lines(
    groups: &[VatGroup],
    template: &PostingTemplate,
    sign: Decimal,
    facts: &Facts<'_>,
) -> Result<Vec<PostingLine>, Vec<Missing>> {
    let (mut lines, mut missing) = (Vec::new(), Vec::new());
    for group in groups {
        match group.lines(template, sign, facts) {
            Ok(coded) => lines.extend(coded),
            Err(problem) => missing.push(problem),
        }
    }
    if missing.is_empty() { Ok(lines) } else { Err(missing) }
}

impl VatGroup {
    /// Whether VAT of this category can be booked at all.
    fn bookable(&self) -> Result<(), Missing> {
        match self.category {
            VatCategory::L | VatCategory::M | VatCategory::B => Err(Missing::VatCategory(self.category.to_string())),
            VatCategory::AE | VatCategory::K if !self.vat.is_zero() => {
                Err(Missing::VatOnReverseCharge { category: self.category, vat: self.vat })
            }
            VatCategory::AE
            | VatCategory::K
            | VatCategory::S
            | VatCategory::Z
            | VatCategory::E
            | VatCategory::G
            | VatCategory::O => Ok(()),
        }
    }

    /// The group's posting lines: each takes its share, the last one what is left, to the cent.
    fn lines(&self, template: &PostingTemplate, sign: Decimal, facts: &Facts<'_>) -> Result<Vec<PostingLine>, Missing> {
        self.bookable()?;
        let takers: Vec<&TemplateLine> =
            template.lines().iter().filter(|line| line.takes(self.category, self.rate)).collect();
        let (last, others) = takers.split_last().ok_or_else(|| Missing::VatGroupWithoutLine {
            category: self.category.to_string(),
            rate: self.rate.unwrap_or_default(),
        })?;
        let line = |template: &TemplateLine, net: Decimal, vat: Decimal| PostingLine {
            account: template.account.clone(),
            vat_code: template.vat_code.clone(),
            category: self.category,
            rate: self.rate,
            net: sign * net,
            vat: sign * vat,
            cost_centre: template.cost_centre.clone(),
            project: template.project.clone(),
            description: facts.fill(&template.description),
        };
        let share = |amount: Decimal, of: &TemplateLine| to_cents(amount * of.share / Decimal::ONE_HUNDRED);
        let (mut net_left, mut vat_left) = (self.net, self.vat);
        let mut lines = Vec::with_capacity(takers.len());
        for taker in others {
            let (net, vat) = (share(self.net, taker), share(self.vat, taker));
            net_left -= net;
            vat_left -= vat;
            lines.push(line(taker, net, vat));
        }
        lines.push(line(last, net_left, vat_left));
        Ok(lines)
    }
}

#[cfg(test)]
#[path = "coding_tests.rs"]
mod tests;
