//! Posting templates: the stored coding of a contact (AP-34 to AP-40). A template fills a posting, it does not post.

mod posting_rule;

pub use posting_rule::{Agreement, Kept, Listed, PostingRule, RuleError, RuleLine, agree};

use crate::{
    invoice::VatCategory,
    ledger::{AccountCode, CostCentre, Project, VatCode, VatCodeKind},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{fmt, str::FromStr};

/// A standard label: names a field of the document whose value takes its place when the document is posted (AP-39).
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Label {
    /// Number of the document.
    InvoiceNumber,
    /// Date of the document.
    InvoiceDate,
    /// Due date.
    DueDate,
    /// Name of the supplier or customer.
    Contact,
    /// Currency.
    Currency,
    /// Total including VAT.
    Gross,
    /// Remittance reference.
    PaymentReference,
    /// Purchase order.
    OrderReference,
    /// The invoiced period.
    Period,
    /// What the first line sells.
    LineDescription,
}

impl Label {
    /// Every label.
    pub const ALL: [Self; 10] = [
        Self::InvoiceNumber,
        Self::InvoiceDate,
        Self::DueDate,
        Self::Contact,
        Self::Currency,
        Self::Gross,
        Self::PaymentReference,
        Self::OrderReference,
        Self::Period,
        Self::LineDescription,
    ];

    /// What stands between the brackets.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::InvoiceNumber => "invoice number",
            Self::InvoiceDate => "invoice date",
            Self::DueDate => "due date",
            Self::Contact => "contact",
            Self::Currency => "currency",
            Self::Gross => "amount",
            Self::PaymentReference => "payment reference",
            Self::OrderReference => "order reference",
            Self::Period => "period",
            Self::LineDescription => "line description",
        }
    }
}

#[derive(Debug, Clone, PartialEq, Eq)]
enum Piece {
    Text(String),
    Label(Label),
}

/// Text with labels in brackets, for example `Fuel [period]` (AP-39). A label that does not exist is refused when the
/// text is parsed, so that no bracket ever reaches a ledger by mistake.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct LabelText(Vec<Piece>);

/// The longest text that may be stored, in characters.
pub const LABEL_TEXT_CHARS_MAX: usize = 200;

/// Why a text with labels is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum LabelTextError {
    /// No such label.
    #[error("there is no label [{0}]; the labels are {list}", list = labels())]
    UnknownLabel(String),
    /// A bracket that is not closed.
    #[error("a '[' is not closed by a ']'")]
    Unclosed,
    /// Too long.
    #[error("the text is longer than {LABEL_TEXT_CHARS_MAX} characters")]
    TooLong,
}

fn labels() -> String {
    Label::ALL.map(|label| format!("[{}]", label.as_str())).join(", ")
}

impl LabelText {
    /// `[contact] [invoice number]`: what a line says whose text nobody chose.
    pub fn standard() -> Self {
        let text = |text: &str| Piece::Text(text.to_owned());
        Self(vec![Piece::Label(Label::Contact), text(" "), Piece::Label(Label::InvoiceNumber)])
    }

    /// The text with every label replaced by what `value` says.
    pub fn fill(&self, value: impl Fn(Label) -> String) -> String {
        let mut text = String::new();
        for piece in &self.0 {
            match piece {
                Piece::Text(literal) => text.push_str(literal),
                Piece::Label(label) => text.push_str(&value(*label)),
            }
        }
        text.trim().to_owned()
    }
}

impl FromStr for LabelText {
    type Err = LabelTextError;
    fn from_str(text: &str) -> Result<Self, LabelTextError> {
        if text.chars().count() > LABEL_TEXT_CHARS_MAX {
            return Err(LabelTextError::TooLong);
        }
        let mut pieces = Vec::new();
        let mut rest = text;
        while let Some((before, after)) = rest.split_once('[') {
            let (name, behind) = after.split_once(']').ok_or(LabelTextError::Unclosed)?;
            let label = Label::ALL
                .into_iter()
                .find(|label| label.as_str().eq_ignore_ascii_case(name.trim()))
                .ok_or_else(|| LabelTextError::UnknownLabel(name.to_owned()))?;
            if !before.is_empty() {
                pieces.push(Piece::Text(before.to_owned()));
            }
            pieces.push(Piece::Label(label));
            rest = behind;
        }
        if !rest.is_empty() {
            pieces.push(Piece::Text(rest.to_owned()));
        }
        Ok(Self(pieces))
    }
}

impl fmt::Display for LabelText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|piece| match piece {
            Piece::Text(text) => f.write_str(text),
            Piece::Label(label) => write!(f, "[{}]", label.as_str()),
        })
    }
}

impl fmt::Debug for LabelText {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:?}", self.to_string())
    }
}

impl TryFrom<String> for LabelText {
    type Error = LabelTextError;
    fn try_from(text: String) -> Result<Self, LabelTextError> {
        text.parse()
    }
}

impl From<LabelText> for String {
    fn from(text: LabelText) -> String {
        text.to_string()
    }
}

/// One line of a template (AP-34): which VAT group it takes, how much of it, and how that is coded.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct TemplateLine {
    /// Category of the VAT group that the line takes.
    pub category: VatCategory,
    /// Rate of that group in percent; zero or absent where the category has no rate.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub rate: Option<Decimal>,
    /// Percent of the group; the lines of one group total 100.
    pub share: Decimal,
    /// Ledger account.
    pub account: AccountCode,
    /// The ledger's VAT code.
    pub vat_code: VatCode,
    /// What that code does, as the ledger's directory said when the template was saved.
    pub vat_code_kind: VatCodeKind,
    /// Cost centre.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub cost_centre: Option<CostCentre>,
    /// Project.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub project: Option<Project>,
    /// Text of the line.
    pub description: LabelText,
}

impl TemplateLine {
    /// Whether the line takes this VAT group. Categories without a rate match whether the rate is written as 0 or left out.
    pub fn takes(&self, category: VatCategory, rate: Option<Decimal>) -> bool {
        self.category == category && self.rate.unwrap_or_default() == rate.unwrap_or_default()
    }
}

/// The coding of a contact: all its lines form one template (AP-22, AP-36).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "TemplateParts", into = "TemplateParts")]
pub struct PostingTemplate {
    lines: Vec<TemplateLine>,
    payment_reference: Option<LabelText>,
}

#[derive(Serialize, Deserialize)]
struct TemplateParts {
    lines: Vec<TemplateLine>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    payment_reference: Option<LabelText>,
}

/// Why a template is refused.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum TemplateError {
    /// Without lines it codes nothing.
    #[error("a posting template needs at least one line")]
    NoLines,
    /// More lines than a template may have.
    #[error("a posting template has at most {TEMPLATE_LINES_MAX} lines")]
    TooManyLines,
    /// A share of zero or less, or above a hundred.
    #[error("the share of a line must be above 0 and at most 100 percent, not {0}")]
    Share(Decimal),
    /// The lines of one VAT group do not take all of it.
    #[error("the shares of the lines for VAT category {category} at {rate} % total {total} %, not 100 %")]
    SharesTotal {
        /// The group's category.
        category: VatCategory,
        /// The group's rate.
        rate: Decimal,
        /// What the shares total.
        total: Decimal,
    },
    /// The VAT code cannot be used for the category and rate.
    #[error("VAT code {code} of the ledger does not fit VAT category {category} at {rate} %")]
    VatCode {
        /// The ledger's code.
        code: VatCode,
        /// The line's category.
        category: VatCategory,
        /// The line's rate.
        rate: Decimal,
    },
}

/// The most lines that a template may have.
pub const TEMPLATE_LINES_MAX: usize = 50;

impl PostingTemplate {
    /// A template that can code a document: shares total 100 % per VAT group and every VAT code fits its category.
    pub fn new(lines: Vec<TemplateLine>, payment_reference: Option<LabelText>) -> Result<Self, TemplateError> {
        let hundred = Decimal::ONE_HUNDRED;
        match lines.len() {
            0 => return Err(TemplateError::NoLines),
            1..=TEMPLATE_LINES_MAX => {}
            _ => return Err(TemplateError::TooManyLines),
        }
        for line in &lines {
            let rate = line.rate.unwrap_or_default();
            if line.share <= Decimal::ZERO || line.share > hundred {
                return Err(TemplateError::Share(line.share));
            }
            if !line.vat_code_kind.takes(line.category, line.rate) {
                return Err(TemplateError::VatCode { code: line.vat_code.clone(), category: line.category, rate });
            }
            let total =
                lines.iter().filter(|other| other.takes(line.category, line.rate)).map(|other| other.share).sum();
            if total != hundred {
                return Err(TemplateError::SharesTotal { category: line.category, rate, total });
            }
        }
        Ok(Self { lines, payment_reference })
    }

    /// The lines, in order.
    pub fn lines(&self) -> &[TemplateLine] {
        &self.lines
    }

    /// What to send as payment reference instead of the document's own.
    pub fn payment_reference(&self) -> Option<&LabelText> {
        self.payment_reference.as_ref()
    }
}

impl TryFrom<TemplateParts> for PostingTemplate {
    type Error = TemplateError;
    fn try_from(parts: TemplateParts) -> Result<Self, TemplateError> {
        Self::new(parts.lines, parts.payment_reference)
    }
}

impl From<PostingTemplate> for TemplateParts {
    fn from(template: PostingTemplate) -> Self {
        Self { lines: template.lines, payment_reference: template.payment_reference }
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use rust_decimal::dec;

    pub(crate) fn line(category: VatCategory, rate: Decimal, share: Decimal) -> TemplateLine {
        let vat_code_kind = match category {
            VatCategory::S => VatCodeKind::Rate { percent: rate },
            VatCategory::AE => VatCodeKind::ReverseCharge,
            VatCategory::K => VatCodeKind::IntraCommunity,
            VatCategory::Z | VatCategory::E | VatCategory::G | VatCategory::O => VatCodeKind::None,
            VatCategory::L | VatCategory::M | VatCategory::B => VatCodeKind::Unusable,
        };
        TemplateLine {
            category,
            rate: Some(rate),
            share,
            account: "4600".parse().unwrap(),
            vat_code: "4".parse().unwrap(),
            vat_code_kind,
            cost_centre: None,
            project: None,
            description: "[contact] [invoice number]".parse().unwrap(),
        }
    }

    #[test]
    fn shares_of_a_group_total_a_hundred() {
        let half = line(VatCategory::S, dec!(21), dec!(50));
        assert!(PostingTemplate::new(vec![half.clone(), half.clone()], None).is_ok());
        let error = PostingTemplate::new(vec![half, line(VatCategory::S, dec!(9), dec!(100))], None).unwrap_err();
        assert_eq!(error, TemplateError::SharesTotal { category: VatCategory::S, rate: dec!(21), total: dec!(50) });
        assert_eq!(PostingTemplate::new(vec![], None), Err(TemplateError::NoLines));
        assert_eq!(
            PostingTemplate::new(vec![line(VatCategory::S, dec!(21), dec!(0))], None),
            Err(TemplateError::Share(dec!(0)))
        );
    }

    #[test]
    fn a_vat_code_that_does_not_fit_is_refused_even_from_storage() {
        let mut wrong = line(VatCategory::AE, dec!(0), dec!(100));
        wrong.vat_code_kind = VatCodeKind::None;
        assert!(matches!(PostingTemplate::new(vec![wrong.clone()], None), Err(TemplateError::VatCode { .. })));
        let stored = serde_json::json!({ "lines": [wrong] });
        assert!(serde_json::from_value::<PostingTemplate>(stored).is_err());
    }

    #[test]
    fn labels_are_replaced_and_unknown_ones_refused() {
        let text: LabelText = "Fuel [Invoice Number] of [invoice date]".parse().unwrap();
        assert_eq!(text.fill(|label| format!("<{}>", label.as_str())), "Fuel <invoice number> of <invoice date>");
        assert_eq!(text.to_string(), "Fuel [invoice number] of [invoice date]");
        assert_eq!("[colour]".parse::<LabelText>(), Err(LabelTextError::UnknownLabel("colour".into())));
        assert_eq!("a [contact".parse::<LabelText>(), Err(LabelTextError::Unclosed));
    }
}
