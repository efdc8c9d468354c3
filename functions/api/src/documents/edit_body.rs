//! Edits as they are sent: what is left out stays, `null` takes back, anything else is what it is from now on.

use crate::{
    problem::{Answer, Code, Problem},
    schema,
    templates::{Directories, known},
    text::{Amount, LedgerText},
};
use domain::{
    coding::{CodingLine, HandCoding},
    edit::{Corrections, Field},
    invoice::{InvoiceKind, VatCategory, VatSubtotal, VatTreatment},
    ledger::{AccountCode, CostCentre, Direction, Project, VatCode},
    money::{Currency, to_cents},
    template::{LabelText, TEMPLATE_LINES_MAX},
    time::Date,
};
use rust_decimal::Decimal;
use serde::{Deserialize, Deserializer};
use utoipa::ToSchema;

/// The most VAT groups that are keyed in.
const GROUPS_MAX: usize = 20;

/// A field of an edit: left out, sent as `null`, or with a value.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Sent<T> {
    /// Left out: it stays as it is.
    #[default]
    Nothing,
    /// `null`: an earlier edit is taken back.
    Null,
    /// What it is from now on.
    Value(T),
}

impl<'de, T: Deserialize<'de>> Deserialize<'de> for Sent<T> {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        Ok(Option::deserialize(deserializer)?.map_or(Self::Null, Self::Value))
    }
}

impl<T> Sent<T> {
    /// The value, if one was sent.
    pub fn value(self) -> Option<T> {
        match self {
            Self::Value(value) => Some(value),
            Self::Nothing | Self::Null => None,
        }
    }

    fn try_map<U>(self, map: impl FnOnce(T) -> Answer<U>) -> Answer<Sent<U>> {
        Ok(match self {
            Self::Nothing => Sent::Nothing,
            Self::Null => Sent::Null,
            Self::Value(value) => Sent::Value(map(value)?),
        })
    }

    fn put(self, place: &mut Option<T>) {
        match self {
            Self::Nothing => {}
            Self::Null => *place = None,
            Self::Value(value) => *place = Some(value),
        }
    }
}

/// A VAT group as a person keys it in.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct VatGroupBody {
    /// VAT category of EN 16931.
    #[schema(schema_with = schema::one::<VatCategory>)]
    pub category: VatCategory,
    /// Rate in percent.
    #[serde(default)]
    pub rate: Option<Amount>,
    /// What the VAT is computed on.
    pub taxable: Amount,
    /// The VAT.
    pub vat: Amount,
}

/// A line of the booking; what is left out can follow later.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CodingLineBody {
    /// VAT category; without one it follows from the VAT code and the document.
    #[serde(default)]
    #[schema(schema_with = schema::maybe::<VatCategory>)]
    pub category: Option<VatCategory>,
    /// Rate in percent.
    #[serde(default)]
    pub rate: Option<Amount>,
    /// Ledger account, by its code in the ledger.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "4600")]
    pub account: Option<AccountCode>,
    /// VAT code, by its code in the ledger.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "4")]
    pub vat_code: Option<VatCode>,
    /// Amount without VAT, with the sign of the document.
    #[serde(default)]
    pub net: Option<Amount>,
    /// VAT; without it the line takes its part of the document's.
    #[serde(default)]
    pub vat: Option<Amount>,
    /// Cost centre.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub cost_centre: Option<CostCentre>,
    /// Project.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub project: Option<Project>,
    /// Text with labels in brackets (AP-39); `[contact] [invoice number]` when left out.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "Fuel [invoice number]")]
    pub description: Option<LabelText>,
}

/// What is to be corrected and coded. What is left out stays as it is; `null` takes an earlier edit back.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct EditsBody {
    /// `invoice` or `credit_note`.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub kind: Sent<InvoiceKind>,
    /// Number of the document.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub number: Sent<LedgerText>,
    /// Date of the document.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub issue_date: Sent<Date>,
    /// Currency, by ISO 4217.
    #[serde(default)]
    #[schema(value_type = Option<String>, example = "EUR")]
    pub currency: Sent<Currency>,
    /// Total without VAT.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub net: Sent<Amount>,
    /// VAT.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub vat: Sent<Amount>,
    /// Total with VAT.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub gross: Sent<Amount>,
    /// The whole VAT breakdown.
    #[serde(default)]
    #[schema(value_type = Option<Vec<VatGroupBody>>)]
    pub vat_breakdown: Sent<Vec<VatGroupBody>>,
    /// Purchase order.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub order_reference: Sent<LedgerText>,
    /// Due date.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub due_date: Sent<Date>,
    /// The day in whose period it is booked, once the ledger refused it because its period is closed. The date of the
    /// document stays as it is.
    #[serde(default)]
    #[schema(value_type = Option<String>, format = Date)]
    pub booking_date: Sent<Date>,
    /// Text of the whole booking; may have labels.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub description: Sent<LabelText>,
    /// Payment reference in place of the document's or the template's; may have labels.
    #[serde(default)]
    #[schema(value_type = Option<String>)]
    pub payment_reference: Sent<LabelText>,
    /// All lines of the booking in place of the template's; `null` for the template's again.
    #[serde(default)]
    #[schema(value_type = Option<Vec<CodingLineBody>>)]
    pub lines: Sent<Vec<CodingLineBody>>,
}

impl EditsBody {
    /// Whether nothing was sent.
    pub fn is_empty(&self) -> bool {
        *self == Self::default()
    }

    /// Whether lines are sent that name codes of the ledger.
    pub fn needs_directories(&self) -> bool {
        matches!(&self.lines, Sent::Value(lines) if !lines.is_empty())
    }

    /// The fields that are to be corrected.
    pub fn corrected(&self) -> Vec<Field> {
        let given = |field: Field| match field {
            Field::Kind => matches!(self.kind, Sent::Value(_)),
            Field::Number => matches!(self.number, Sent::Value(_)),
            Field::IssueDate => matches!(self.issue_date, Sent::Value(_)),
            Field::Currency => matches!(self.currency, Sent::Value(_)),
            Field::Net => matches!(self.net, Sent::Value(_)),
            Field::Vat => matches!(self.vat, Sent::Value(_)),
            Field::Gross => matches!(self.gross, Sent::Value(_)),
            Field::VatBreakdown => matches!(self.vat_breakdown, Sent::Value(_)),
            Field::OrderReference => matches!(self.order_reference, Sent::Value(_)),
        };
        Field::ALL.into_iter().filter(|field| given(*field)).collect()
    }

    /// The edits after this request.
    pub(super) fn merge(
        self,
        fields: &mut Corrections,
        coding: &mut HandCoding,
        direction: Direction,
        directories: Option<&Directories>,
    ) -> Answer<()> {
        let text = |text: LedgerText| Ok(text.into_string());
        let money_at = |pointer: &'static str| move |amount| money(amount, pointer);
        let day_at = |pointer: &'static str| move |date| day(date, pointer);
        self.kind.put(&mut fields.kind);
        self.number.try_map(text)?.put(&mut fields.number);
        self.issue_date.try_map(day_at("/issue_date"))?.put(&mut fields.issue_date);
        self.currency.try_map(currency)?.put(&mut fields.currency);
        self.net.try_map(money_at("/net"))?.put(&mut fields.net);
        self.vat.try_map(money_at("/vat"))?.put(&mut fields.vat);
        self.gross.try_map(money_at("/gross"))?.put(&mut fields.gross);
        self.vat_breakdown.try_map(breakdown)?.put(&mut fields.vat_breakdown);
        self.order_reference.try_map(text)?.put(&mut fields.order_reference);
        self.due_date.try_map(day_at("/due_date"))?.put(&mut coding.due_date);
        self.booking_date.try_map(day_at("/booking_date"))?.put(&mut coding.booking_date);
        self.description.put(&mut coding.description);
        self.payment_reference.put(&mut coding.payment_reference);
        self.lines.try_map(|lines| coded(lines, direction, directories))?.put(&mut coding.lines);
        Ok(())
    }
}

fn currency(currency: Currency) -> Answer<Currency> {
    if currency.is_iso4217() {
        return Ok(currency);
    }
    Err(Problem::invalid("/currency", format!("{currency} is no currency of ISO 4217.")))
}

/// A day within a century around now: anything else is a slip of the keys.
fn day(day: Date, pointer: &str) -> Answer<Date> {
    if (2000..2100).contains(&chrono::Datelike::year(&day)) {
        return Ok(day);
    }
    Err(Problem::invalid(pointer, format!("{day} is no plausible date: its year is not 2000 to 2099.")))
}

fn money(amount: Amount, pointer: &str) -> Answer<Decimal> {
    let amount = amount.decimal();
    if amount == to_cents(amount) {
        return Ok(amount);
    }
    Err(Problem::invalid(pointer, format!("{amount} has more than two decimals.")))
}

fn rate(rate: Option<Amount>, pointer: &str) -> Answer<Option<Decimal>> {
    let rate = rate.map(Amount::decimal);
    match rate.filter(|rate| !(Decimal::ZERO..=Decimal::ONE_HUNDRED).contains(rate)) {
        Some(rate) => Err(Problem::invalid(pointer, format!("{rate} is no rate: it is between 0 and 100 percent."))),
        None => Ok(rate),
    }
}

fn breakdown(groups: Vec<VatGroupBody>) -> Answer<Vec<VatSubtotal>> {
    if groups.len() > GROUPS_MAX {
        return Err(Problem::invalid("/vat_breakdown", format!("A document has at most {GROUPS_MAX} VAT groups.")));
    }
    let read = |(index, group): (usize, VatGroupBody)| {
        let at = |field: &str| format!("/vat_breakdown/{index}/{field}");
        Ok(VatSubtotal {
            treatment: VatTreatment {
                category: Some(group.category.as_str().to_owned()),
                rate: rate(group.rate, &at("rate"))?,
            },
            taxable: money(group.taxable, &at("taxable"))?,
            vat: money(group.vat, &at("vat"))?,
            exemption_reason: None,
        })
    };
    groups.into_iter().enumerate().map(read).collect()
}

/// The lines, with what their VAT codes do in the ledger; codes that the ledger does not have are refused.
fn coded(
    lines: Vec<CodingLineBody>,
    direction: Direction,
    directories: Option<&Directories>,
) -> Answer<Vec<CodingLine>> {
    if lines.len() > TEMPLATE_LINES_MAX {
        return Err(Problem::invalid("/lines", format!("A booking has at most {TEMPLATE_LINES_MAX} lines.")));
    }
    let mut coded = Vec::with_capacity(lines.len());
    for (index, line) in lines.into_iter().enumerate() {
        let at = |field: &str| format!("/lines/{index}/{field}");
        let directories =
            directories.ok_or_else(|| Problem::new(Code::DirectoryMissing, "The ledger's lists were not fetched."))?;
        if let Some(account) = &line.account {
            known(&directories.accounts, account.as_str(), "ledger account", &at("account"))?;
        }
        let kind = line.vat_code.as_ref().map(|code| directories.vat_code(code, direction, &at("vat_code")));
        if let (Some(cost_centre), Some(entries)) = (&line.cost_centre, &directories.cost_centres) {
            known(entries, cost_centre.as_str(), "cost centre", &at("cost_centre"))?;
        }
        coded.push(CodingLine {
            category: line.category,
            rate: rate(line.rate, &at("rate"))?,
            account: line.account,
            vat_code: line.vat_code,
            vat_code_kind: kind.transpose()?,
            net: line.net.map(|amount| money(amount, &at("net"))).transpose()?,
            vat: line.vat.map(|amount| money(amount, &at("vat"))).transpose()?,
            cost_centre: line.cost_centre,
            project: line.project,
            description: line.description,
        });
    }
    Ok(coded)
}
