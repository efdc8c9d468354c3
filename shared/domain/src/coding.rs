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
};
use chrono::Days;
use rust_decimal::Decimal;

/// Why a document is incomplete (orange). Each names what a person has to do.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Missing {
    /// Nobody is known by the document's VAT number, registry number or IBAN.
    #[error("no contact is known by the VAT number, registry number or IBAN on the document: choose or create it")]
    Contact,
    /// The identifiers on the document belong to different contacts.
    #[error("the VAT number, registry number and IBAN on the document belong to different contacts: choose one")]
    ContactAmbiguous,
    /// The contact has no posting template.
    #[error("the contact has no posting template: save one")]
    Template,
    /// No invoice number.
    #[error("the invoice number is missing")]
    Number,
    /// No invoice date.
    #[error("the invoice date is missing")]
    IssueDate,
    /// No currency, or not one that exists.
    #[error("the currency is missing or not an ISO 4217 code")]
    Currency,
    /// No total including VAT.
    #[error("the total including VAT is missing")]
    Gross,
    /// No VAT breakdown, and the totals do not tell which VAT applies.
    #[error("the document does not state its VAT per rate, and its totals do not fit the posting template")]
    VatBreakdown,
    /// Net and VAT do not add up to the total.
    #[error("the amounts do not add up: net {net} and VAT {vat} are not the total {gross}")]
    TotalsDisagree {
        /// Sum of the VAT groups' taxable amounts.
        net: Decimal,
        /// Sum of the VAT groups' VAT.
        vat: Decimal,
        /// Total including VAT.
        gross: Decimal,
    },
    /// An amount in fractions of a cent cannot be booked.
    #[error("the amount {0} has more than two decimals")]
    Precision(Decimal),
    /// The template has no line for a VAT group of the document.
    #[error("the posting template has no line for VAT category {category} at {rate} %")]
    VatGroupWithoutLine {
        /// Category as written.
        category: String,
        /// Rate in percent.
        rate: Decimal,
    },
    /// VAT of a kind that no ledger code here stands for.
    #[error("VAT category '{0}' cannot be booked from a template: post the document by hand in the ledger")]
    VatCategory(String),
    /// Reverse-charged or intra-community VAT must not be on the document.
    #[error(
        "VAT category {category} states VAT of {vat}; under it the buyer owes the VAT and the document states none"
    )]
    VatOnReverseCharge {
        /// The category.
        category: VatCategory,
        /// The VAT that is stated.
        vat: Decimal,
    },
    /// A person took all lines away.
    #[error("the booking has no lines: add one")]
    Lines,
    /// A person's line without an account.
    #[error("line {line} has no ledger account")]
    LineAccount {
        /// From 1.
        line: usize,
    },
    /// A person's line without a VAT code.
    #[error("line {line} has no VAT code")]
    LineVatCode {
        /// From 1.
        line: usize,
    },
    /// A person's line without an amount.
    #[error("line {line} has no amount")]
    LineAmount {
        /// From 1.
        line: usize,
    },
    /// Several VAT groups of the document fit the line's VAT code.
    #[error("line {line} does not say which VAT category and rate of the document it belongs to")]
    LineVatCategory {
        /// From 1.
        line: usize,
    },
    /// A line of VAT that the document does not have.
    #[error("line {line} is for VAT category {category} at {rate} %, which the document does not have")]
    LineWithoutGroup {
        /// From 1.
        line: usize,
        /// Category.
        category: VatCategory,
        /// Rate in percent.
        rate: Decimal,
    },
    /// The VAT code cannot be used for the category and rate.
    #[error("VAT code {code} of line {line} does not fit VAT category {category} at {rate} %")]
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
    #[error(
        "the lines for VAT category {category} at {rate} % add up to {} and VAT {}; the document has {} and VAT {}",
        lines.0, lines.1, document.0, document.1
    )]
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
    /// Stable code.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Contact => "contact_unknown",
            Self::ContactAmbiguous => "contact_ambiguous",
            Self::Template => "template_missing",
            Self::Number => "number_missing",
            Self::IssueDate => "issue_date_missing",
            Self::Currency => "currency_missing",
            Self::Gross => "gross_missing",
            Self::VatBreakdown => "vat_breakdown_missing",
            Self::TotalsDisagree { .. } => "totals_disagree",
            Self::Precision(_) => "precision",
            Self::VatGroupWithoutLine { .. } => "vat_group_without_line",
            Self::VatCategory(_) => "vat_category_unsupported",
            Self::VatOnReverseCharge { .. } => "vat_on_reverse_charge",
            Self::Lines => "lines_missing",
            Self::LineAccount { .. } => "line_account_missing",
            Self::LineVatCode { .. } => "line_vat_code_missing",
            Self::LineAmount { .. } => "line_amount_missing",
            Self::LineVatCategory { .. } => "line_vat_category_missing",
            Self::LineWithoutGroup { .. } => "line_without_vat_group",
            Self::VatCodeMisfit { .. } => "vat_code_misfit",
            Self::LinesDisagree { .. } => "lines_disagree",
        }
    }
}

/// What a code of [`Missing`] says without its values, for lists.
pub fn missing_words(code: &str) -> Option<&'static str> {
    Some(match code {
        "contact_unknown" => "No contact is known by the document's numbers",
        "contact_ambiguous" => "The document's numbers belong to different contacts",
        "template_missing" => "The contact has no posting template",
        "number_missing" => "The invoice number is missing",
        "issue_date_missing" => "The invoice date is missing",
        "currency_missing" => "The currency is missing",
        "gross_missing" => "The total including VAT is missing",
        "vat_breakdown_missing" => "The document does not state its VAT per rate",
        "totals_disagree" => "The amounts do not add up",
        "precision" => "An amount has more than two decimals",
        "vat_group_without_line" => "The posting template has no line for a VAT rate of the document",
        "vat_category_unsupported" => "VAT of this category cannot be booked from here",
        "vat_on_reverse_charge" => "VAT is stated where the buyer owes it",
        "lines_missing" => "The booking has no lines",
        "line_account_missing" => "A line has no ledger account",
        "line_vat_code_missing" => "A line has no VAT code",
        "line_amount_missing" => "A line has no amount",
        "line_vat_category_missing" => "A line does not say to which VAT of the document it belongs",
        "line_without_vat_group" => "A line is for VAT that the document does not have",
        "vat_code_misfit" => "The VAT code of a line does not fit its VAT category",
        "lines_disagree" => "The lines do not add up to the document",
        _ => return None,
    })
}

impl From<&Missing> for Reason {
    fn from(missing: &Missing) -> Self {
        Self::new(missing.code(), &missing.to_string())
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
