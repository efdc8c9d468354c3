//! Documents that are issued here: what they say, which never changes, and their way to a ledger.

use super::{
    Address, Amounts, Connector, CorrectedQuantity, Customer, DocumentLanguage, IssuedLine, ItemName, OrderData,
    OrderReference, OrderSource, Paid, PassEvent, PassNotAllowed, Passing, Payment, Prices, SalesVat, Series, amounts,
};
use crate::{
    document::{Actor, Shared, SharedAs, Step, UnitId},
    exchange::ExchangeRate,
    ids::{AdministrationId, IssuedId, OrderId, SeriesId, TaskId},
    money::Currency,
    office::Choice,
    reason::{Reason, cut},
    time::{Date, Instant},
};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::{collections::BTreeMap, fmt};

/// What is issued.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum IssuedKind {
    /// An invoice.
    Invoice,
    /// A receipt.
    Receipt,
    /// A correction of an invoice.
    Correction,
    /// A pro-forma invoice: it asks for money and is booked by nobody.
    ProForma,
}

impl IssuedKind {
    /// Every one.
    pub const ALL: [Self; 4] = [Self::Invoice, Self::Receipt, Self::Correction, Self::ProForma];

    /// Stable text, as in the API.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Invoice => "invoice",
            Self::Receipt => "receipt",
            Self::Correction => "correction",
            Self::ProForma => "pro_forma",
        }
    }
}

impl fmt::Display for IssuedKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.as_str())
    }
}

/// Who sells, as on the document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Seller {
    /// Legal name.
    pub name: String,
    /// Tax number.
    pub tax_number: String,
    /// Where.
    pub address: Address,
    /// Account to pay to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub account: Option<String>,
    /// The place named on documents; the town when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub place: Option<String>,
    /// Whether VAT is owed only once a document is paid: it says so (cash accounting).
    #[serde(default, skip_serializing_if = "Choice::is_no")]
    pub cash_accounting: Choice,
}

/// What a correction corrects.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Corrects {
    /// The document.
    pub document: IssuedId,
    /// Its legal number: the ledger's, when the ledger numbers.
    pub number: String,
    /// Its date.
    pub issue_date: Date,
    /// What it was in the ledger, when it was passed.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ledger_id: Option<String>,
    /// Why it is corrected.
    pub reason: ItemName,
    /// Its lines: each stands beside the line of the same place as it should have been.
    pub lines: Vec<IssuedLine>,
}

/// What a document says: stored once, when it is issued, and never changed.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct IssuedContent {
    /// Id.
    pub id: IssuedId,
    /// What it is.
    pub kind: IssuedKind,
    /// Our number.
    pub number: String,
    /// The series that gave it.
    pub series: SeriesId,
    /// The day of issue, where the administration is.
    pub issue_date: Date,
    /// The day of the sale.
    pub sale_date: Date,
    /// When payment is due; not kept where the series does not display it (CO-25).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub due_date: Option<Date>,
    /// The order's number at its source.
    pub order: OrderReference,
    /// The order's source.
    pub source: OrderSource,
    /// Who sells.
    pub seller: Seller,
    /// Who buys, as on the order (CO-24).
    pub customer: Customer,
    /// Where it is delivered, when elsewhere.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub delivery: Option<Address>,
    /// Currency of all amounts.
    pub currency: Currency,
    /// The rate at which its VAT is given in the currency in which the seller owes it; a correction has that of its original.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exchange_rate: Option<ExchangeRate>,
    /// Whether the VAT has to be paid into the seller's VAT account.
    #[serde(default, skip_serializing_if = "Choice::is_no")]
    pub split_payment: Choice,
    /// Whether prices include VAT.
    pub prices: Prices,
    /// Lines; of a correction as they should have been.
    pub lines: Vec<IssuedLine>,
    /// What the lines come to.
    pub total: Amounts,
    /// How it is paid.
    pub payment: Payment,
    /// Its language.
    pub language: DocumentLanguage,
    /// Why a line is exempt from VAT.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub exemption: Option<ItemName>,
    /// Remarks.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub note: Option<ItemName>,
    /// What it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<Corrects>,
}

/// Why nothing can be issued.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum IssueError {
    /// The series numbers something else.
    #[error("the series numbers documents of the kind '{series}', not '{wanted}'")]
    WrongSeries {
        /// What it numbers.
        series: IssuedKind,
        /// What was to be issued.
        wanted: IssuedKind,
    },
    /// The order has one of that kind.
    #[error("the order has one already: {0}")]
    Issued(IssuedId),
    /// It would be of a day that has not come.
    #[error("today is {today} there: a document cannot be issued with a later date")]
    Future {
        /// The date where the administration is.
        today: Date,
    },
    /// Only invoices are corrected.
    #[error("a correction corrects an invoice, not one of the kind '{0}'")]
    NotCorrectable(IssuedKind),
    /// The original is on its way into the ledger, or should be.
    #[error("the original has not been passed to the ledger yet, so its legal number is not known: pass it first")]
    OriginalNotPassed,
    /// It would correct nothing.
    #[error("the correction changes nothing")]
    NoChange,
    /// It names a line that is not there.
    #[error("the original has no line {0}")]
    NoLine(usize),
    /// A line becomes exempt from VAT, and nothing says why.
    #[error("a line cannot become exempt from VAT: the original does not say on what grounds")]
    NoExemption,
    /// VAT would not stand on it in the currency in which it is owed.
    #[error(
        "an invoice in {currency} must give its VAT in {owed_in} too: say at which rate, in 'exchange_rate' (rate, date and source), \
         with the order or when it is issued"
    )]
    NoExchangeRate {
        /// The document's.
        currency: Currency,
        /// The seller's.
        owed_in: Currency,
    },
    /// Amounts do not fit.
    #[error("the amounts are too large")]
    TooLarge,
}

/// What is issued from an order.
#[derive(Debug, Clone, Copy)]
pub struct Issuing<'a> {
    /// The id of the new document.
    pub id: IssuedId,
    /// Its series.
    pub series: &'a Series,
    /// Its number: see [`Series::next`].
    pub number: &'a str,
    /// The day of issue.
    pub date: Date,
    /// Who sells.
    pub seller: &'a Seller,
}

impl Issuing<'_> {
    fn due_date(&self) -> Option<Date> {
        match self.series.hide_payment_date {
            Choice::Yes => None,
            Choice::No => self.date.checked_add_days(chrono::Days::new(u64::from(self.series.payment_days))),
        }
    }

    /// An invoice, receipt or pro-forma invoice of an order.
    pub fn of_order(&self, order: &OrderData) -> Result<IssuedContent, IssueError> {
        let lines = amounts::lines(order).ok_or(IssueError::TooLarge)?;
        let mut payment = order.payment.clone();
        if self.series.hide_payment_date == Choice::Yes {
            payment.paid_on = None;
        }
        Ok(IssuedContent {
            id: self.id,
            kind: self.series.kind,
            number: self.number.to_owned(),
            series: self.series.id,
            issue_date: self.date,
            sale_date: order.sold_on.unwrap_or(self.date),
            due_date: self.due_date(),
            order: order.reference.clone(),
            source: order.source.clone(),
            seller: self.seller.clone(),
            customer: order.customer.clone(),
            delivery: order.delivery.clone(),
            currency: order.currency,
            exchange_rate: order.exchange_rate.clone(),
            split_payment: order.split_payment,
            prices: order.prices,
            total: amounts::total(&lines).ok_or(IssueError::TooLarge)?,
            lines,
            payment,
            language: order.document_language(),
            exemption: order.exemption.clone(),
            note: order.note.clone(),
            corrects: None,
        })
    }

    /// A correction of an invoice: what its lines should have been, by their place. It quotes the legal number that the original
    /// has, which is the ledger's where that numbers. Where there is a ledger, the original must be in it.
    pub fn correction(
        &self,
        (head, content): (&Issued, &IssuedContent),
        changes: &BTreeMap<usize, LineChange>,
        reason: &ItemName,
        connector: Option<&Connector>,
    ) -> Result<IssuedContent, IssueError> {
        if content.kind != IssuedKind::Invoice {
            return Err(IssueError::NotCorrectable(content.kind));
        }
        if let Some(wrong) = changes.keys().find(|place| **place >= content.lines.len()) {
            return Err(IssueError::NoLine(*wrong + 1));
        }
        let number = match (head.passing, connector) {
            (Passing::Passed | Passing::Withheld, _) | (_, None) => head.legal_number(),
            (Passing::NotPassed | Passing::Passing | Passing::Failed | Passing::Uncertain, Some(_)) => None,
        };
        let number = number.ok_or(IssueError::OriginalNotPassed)?;
        let lines: Option<Vec<IssuedLine>> = content
            .lines
            .iter()
            .enumerate()
            .map(|(place, line)| match changes.get(&place) {
                None => Some(line.clone()),
                Some(change) => change.apply(line, content.prices),
            })
            .collect();
        let lines = lines.ok_or(IssueError::TooLarge)?;
        if lines == content.lines {
            return Err(IssueError::NoChange);
        }
        if content.exemption.is_none() && lines.iter().any(|line| line.vat == SalesVat::Exempt) {
            return Err(IssueError::NoExemption);
        }
        Ok(IssuedContent {
            id: self.id,
            kind: IssuedKind::Correction,
            number: self.number.to_owned(),
            series: self.series.id,
            issue_date: self.date,
            due_date: self.due_date(),
            total: amounts::total(&lines).ok_or(IssueError::TooLarge)?,
            lines,
            corrects: Some(Corrects {
                document: content.id,
                number: number.to_owned(),
                issue_date: content.issue_date,
                ledger_id: head.passed.as_ref().map(|passed| passed.ledger_id.clone()),
                reason: reason.clone(),
                lines: content.lines.clone(),
            }),
            payment: Payment { paid: Paid::default(), paid_on: None, ..content.payment.clone() },
            ..content.clone()
        })
    }
}

/// How a line should have been; what is absent was right.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct LineChange {
    /// How many; zero takes the line back.
    pub quantity: Option<CorrectedQuantity>,
    /// At which price.
    pub price: Option<super::UnitPrice>,
    /// With which VAT.
    pub vat: Option<SalesVat>,
}

impl LineChange {
    fn apply(&self, line: &IssuedLine, prices: Prices) -> Option<IssuedLine> {
        let quantity = self.quantity.map_or(line.quantity, CorrectedQuantity::value);
        let named = (&line.name, line.sku.as_ref(), line.unit.as_ref());
        amounts::line(named, quantity, self.price.unwrap_or(line.price), self.vat.unwrap_or(line.vat), prices)
    }
}

impl IssuedContent {
    /// What it changes of what is owed: the total, or for a correction the difference to what was corrected.
    pub fn effect(&self) -> Option<Amounts> {
        match &self.corrects {
            None => Some(self.total),
            Some(corrects) => self.total.minus(amounts::total(&corrects.lines)?),
        }
    }
}

/// The ledger's PDF of a document.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Copy {
    /// Not fetched yet.
    Awaited,
    /// As it was fetched last: the ledger's may be a newer one (CO-31).
    Fetched {
        /// When.
        at: Instant,
    },
    /// There is none, and why (CO-33).
    Missing {
        /// Why.
        reason: Reason,
        /// When that was seen.
        at: Instant,
    },
}

/// How the tax office's system of invoices stands to a document, as the ledger says.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case", tag = "is")]
pub enum Ksef {
    /// It does not go there.
    NotApplicable,
    /// It is under way.
    Awaited {
        /// In the ledger's words.
        status: String,
    },
    /// It is there.
    Accepted {
        /// Its number there.
        number: String,
    },
    /// It was refused.
    Refused {
        /// In the ledger's words.
        status: String,
    },
}

/// The ledger's document of ours.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Passed {
    /// The ledger's own id.
    pub ledger_id: String,
    /// Its number there.
    pub number: String,
    /// Its public page, as the ledger gave it last (CO-31).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub link: Option<String>,
    /// Its PDF.
    pub copy: Copy,
    /// KSeF, where the ledger reports it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ksef: Option<Ksef>,
    /// When it was recorded here.
    pub at: Instant,
}

/// A document from elsewhere that takes the place of ours (CO-35).
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Replacement {
    /// Its number, at most 30 characters; ours stays when absent.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub number: Option<String>,
    /// What its PDF is kept as, where it has one: each time by a name of its own, so that a request which comes too late changes
    /// nothing that customers see.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pdf: Option<String>,
    /// Who attached it.
    pub by: Actor,
    /// When.
    pub at: Instant,
}

/// Who numbers (CO-11).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Numbering {
    /// The ledger: its next number becomes the legal one.
    #[default]
    Ledger,
    /// We: the ledger takes our number.
    Ours,
}

/// The head of an issued document: what lists show and its way needs.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Issued {
    /// Id.
    pub id: IssuedId,
    /// Whose.
    pub administration: AdministrationId,
    /// Counts transitions, from 1.
    pub version: u32,
    /// What it is.
    pub kind: IssuedKind,
    /// Our number.
    pub number: String,
    /// The series that gave it.
    pub series: SeriesId,
    /// The order that it was issued from.
    pub order: OrderId,
    /// The day of issue.
    pub issue_date: Date,
    /// Who buys, cut to 60 characters.
    pub customer: String,
    /// Currency.
    pub currency: Currency,
    /// What it changes of what is owed, with VAT.
    pub gross: Decimal,
    /// What it corrects.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub corrects: Option<IssuedId>,
    /// How far it has come.
    pub passing: Passing,
    /// Who numbers it, as was set when it was issued or last sent on its way; we, where there is no ledger.
    pub numbering: Numbering,
    /// The ledger unit to which it goes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<UnitId>,
    /// Who wanted it passed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed_by: Option<Actor>,
    /// The ledger's document.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub passed: Option<Passed>,
    /// What takes its place.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub replacement: Option<Replacement>,
    /// The run in bulk with which it was passed last.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub run: Option<TaskId>,
    /// Why it failed or waits.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reason: Option<Reason>,
    /// Since when, and by what, it is shared with the accountant (ED-12).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub shared: Option<Shared>,
    /// When it was issued.
    pub issued_at: Instant,
    /// When it last changed.
    pub updated_at: Instant,
}

/// Why an issued document is not shared with the accountant.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum IssuedNotShareable {
    /// It is shared.
    #[error("it is shared already")]
    Already(Shared),
    /// Nobody books it.
    #[error("a pro-forma invoice is booked by nobody: the accountant does not get it")]
    ProForma,
}

impl Issued {
    /// The head of a document that is being issued.
    pub fn new(
        content: &IssuedContent,
        (administration, order): (AdministrationId, OrderId),
        numbering: Numbering,
        now: Instant,
    ) -> Option<Self> {
        Some(Self {
            id: content.id,
            administration,
            version: 1,
            kind: content.kind,
            number: content.number.clone(),
            series: content.series,
            order,
            issue_date: content.issue_date,
            customer: cut(&content.customer.name.full(), 60).to_owned(),
            currency: content.currency,
            gross: content.effect()?.gross,
            corrects: content.corrects.as_ref().map(|corrects| corrects.document),
            passing: Passing::NotPassed,
            numbering,
            unit: None,
            passed_by: None,
            passed: None,
            replacement: None,
            run: None,
            reason: None,
            shared: None,
            issued_at: now,
            updated_at: now,
        })
    }

    /// On its way to the ledger: who wants that, and who numbers it there.
    pub fn on_its_way(&self, connector: &Connector, by: &Actor, now: Instant) -> Result<(Self, Step), PassNotAllowed> {
        let (passing, step) = self.passing.after(PassEvent::Pass)?;
        let issued = Self {
            passing,
            numbering: connector.numbering,
            unit: Some(connector.unit.clone()),
            passed_by: Some(by.clone()),
            run: None,
            reason: None,
            updated_at: now,
            ..self.clone()
        };
        Ok((issued, step))
    }

    /// Kept here, as the settings of its series say: our number counts (CO-14).
    pub fn withheld(&self, now: Instant) -> Result<(Self, Step), PassNotAllowed> {
        let (passing, step) = self.passing.after(PassEvent::Withhold)?;
        Ok((Self { passing, numbering: Numbering::Ours, reason: None, updated_at: now, ..self.clone() }, step))
    }

    /// As it is once it is shared with the accountant (ED-12).
    pub fn shared_as(&self, how: SharedAs, now: Instant) -> Result<Self, IssuedNotShareable> {
        if let Some(shared) = self.shared {
            return Err(IssuedNotShareable::Already(shared));
        }
        match self.kind {
            IssuedKind::Invoice | IssuedKind::Receipt | IssuedKind::Correction => {}
            IssuedKind::ProForma => return Err(IssuedNotShareable::ProForma),
        }
        let version = self.version.saturating_add(1);
        Ok(Self { shared: Some(Shared { how, at: now }), version, updated_at: now, ..self.clone() })
    }

    /// Whether an online ledger has it (SE-1). What is on its way there, or may have arrived, counts: a copy too few is asked
    /// for, one too many is booked twice.
    pub fn is_booked(&self) -> bool {
        match self.passing {
            Passing::Passed | Passing::Passing | Passing::Uncertain => true,
            Passing::NotPassed | Passing::Withheld | Passing::Failed => false,
        }
    }

    /// The number that counts in law: that of what replaced it, the ledger's where the ledger numbers, else ours. Nothing while the
    /// ledger has still to give it.
    pub fn legal_number(&self) -> Option<&str> {
        if let Some(number) = self.replacement.as_ref().and_then(|replacement| replacement.number.as_deref()) {
            return Some(number);
        }
        match (&self.passed, self.numbering) {
            (Some(passed), _) => Some(&passed.number),
            (None, Numbering::Ours) => Some(&self.number),
            (None, Numbering::Ledger) => None,
        }
    }
}

#[cfg(test)]
#[path = "issued_tests.rs"]
mod tests;
