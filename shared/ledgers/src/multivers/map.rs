//! Posting to invoice, and invoice to booking. Pure.

use super::{
    options::{self, HOLD},
    record::{Record, date},
    wire::{Json, Object, code},
};
use crate::{
    descriptor::{OptionSpec, Options},
    error::{ErrorCode, LedgerError, Operation},
    push::{Booked, Found, PushRequest},
};
use domain::{
    invoice::VatCategory,
    ledger::{CostCentre, Direction, LedgerContact, NormalisedNumber, Project},
    money::Currency,
    posting::{Posting, PostingLine},
    time::Date,
};
use rust_decimal::{Decimal, RoundingStrategy, dec};
use std::collections::{BTreeMap, BTreeSet};

/// The longest invoice number and payment reference: a longer number is refused, since a shortened one would be another.
pub(super) const REFERENCE_CHARS_MAX: usize = 40;
/// The longest description of a line.
pub(super) const DESCRIPTION_CHARS_MAX: usize = 60;
/// So much VAT may differ from what the rate makes of the net amount.
const VAT_DIFFERENCE_MAX: Decimal = dec!(0.02);

/// What purchase and sales call the same things.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Side {
    pub(super) invoice: &'static str,
    pub(super) invoices: &'static str,
    lines: &'static str,
    pub(super) relation: &'static str,
    pub(super) relations: &'static str,
    pub(super) relation_id: &'static str,
    pub(super) next_code: &'static str,
    pub(super) role: &'static str,
}

const PURCHASE: Side = Side {
    invoice: "SupplierInvoice",
    invoices: "SupplierInvoiceInfoList",
    lines: "supplierInvoiceLines",
    relation: "Supplier",
    relations: "SupplierInfoList",
    relation_id: "supplierId",
    next_code: "GetSupplierIdCommand",
    role: "supplier",
};
const SALES: Side = Side {
    invoice: "CustomerInvoice",
    invoices: "CustomerInvoiceInfoList",
    lines: "customerInvoiceLines",
    relation: "Customer",
    relations: "CustomerInfoList",
    relation_id: "customerId",
    next_code: "GetCustomerIdCommand",
    role: "customer",
};

pub(super) fn side(direction: Direction) -> &'static Side {
    match direction {
        Direction::Purchase => &PURCHASE,
        Direction::Sales => &SALES,
    }
}

/// What the ledger has to tell before the invoice can be written.
#[derive(Debug, Clone, Copy)]
pub(super) struct Told<'a> {
    pub(super) relation: &'a LedgerContact,
    /// Fiscal year and period.
    pub(super) period: (i64, i64),
    pub(super) condition: &'a str,
    /// Of the list of currencies; none in the currency of the books.
    pub(super) rate: Option<Decimal>,
    pub(super) link: Link,
    /// Where it was asked for beforehand.
    pub(super) invoice_id: Option<&'a str>,
}

/// Whether the link back to the document goes along.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub(super) enum Link {
    #[default]
    Sent,
    /// The ledger refused it.
    Refused,
}

/// Everything about an invoice that needs no answer first. Made before the first request, so that what is missing or held
/// is said before anything is sent.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    /// The ledger's name.
    pub(super) name: &'static str,
    pub(super) posting: &'a Posting,
    pub(super) options: &'a Options,
    pub(super) side: &'static Side,
    journal: &'a str,
    /// The invoice number, trimmed.
    pub(super) number: &'a str,
    pub(super) payment_reference: &'a str,
    /// Our reference in a line.
    key: String,
    link: Option<(String, String)>,
    scenario: Option<&'a str>,
    cost_centre: Option<CostCentre>,
}

impl<'a> Plan<'a> {
    pub(super) fn of(name: &'static str, request: &PushRequest<'a>) -> Result<Self, LedgerError> {
        let (posting, options) = (request.posting, request.options);
        let side = side(posting.direction);
        let (journal, credit_journal) = match posting.direction {
            Direction::Purchase => (options::PURCHASE_JOURNAL, options::PURCHASE_CREDIT_JOURNAL),
            Direction::Sales => (options::SALES_JOURNAL, options::SALES_CREDIT_JOURNAL),
        };
        let credit_journal = options.get(&credit_journal).filter(|_| posting.gross.is_sign_negative());
        let Some(journal) = credit_journal.or(options.get(&journal)) else {
            let message = format!(
                "No {} journal is chosen for this administration. Choose one in the connection and post again.",
                posting.direction.as_str()
            );
            return Err(LedgerError::rejected(ErrorCode::Option, Operation::Prepare, message));
        };
        let number = posting.number.trim();
        if number.is_empty() || number.chars().count() > REFERENCE_CHARS_MAX {
            let message = format!(
                "{name} takes invoice numbers of 1 to {REFERENCE_CHARS_MAX} characters from us, and {number:?} is none. \
                 Book this document by hand."
            );
            return Err(LedgerError::rejected(ErrorCode::MandatoryField, Operation::Prepare, message).about(number));
        }
        let payment_reference = posting.payment_reference.as_deref().map(str::trim);
        // It is mandatory, and a shortened one would be another.
        let payment_reference = payment_reference
            .filter(|text| !text.is_empty() && text.chars().count() <= REFERENCE_CHARS_MAX)
            .unwrap_or(number);
        let plan = Self {
            name,
            posting,
            options,
            side,
            journal,
            number,
            payment_reference,
            key: request.key(),
            link: link(name, request)?,
            scenario: scenario(name, posting, options)?,
            cost_centre: options.get(&options::COST_CENTRE).and_then(|code| code.parse().ok()),
        };
        plan.check()?;
        Ok(plan)
    }

    fn chosen(&self, option: &OptionSpec, value: &str) -> bool {
        self.options.get(option) == Some(value)
    }

    /// Whether a member goes along: all of them are certain for sales.
    fn sends(&self, option: &OptionSpec) -> bool {
        self.posting.direction == Direction::Sales || self.chosen(option, "send")
    }

    /// The day in whose period it is booked.
    pub(super) fn day(&self) -> Date {
        self.posting.booking_date.unwrap_or(self.posting.issue_date)
    }

    /// Days until it is due.
    pub(super) fn term(&self) -> i64 {
        (self.due() - self.posting.issue_date).num_days().max(0)
    }

    fn due(&self) -> Date {
        self.posting.due_date.unwrap_or(self.posting.issue_date)
    }

    /// The cost centres of the lines, where they are sent.
    pub(super) fn cost_centres(&self) -> BTreeSet<&CostCentre> {
        self.posting.lines.iter().filter_map(|line| self.centre_of(line)).collect()
    }

    fn centre_of<'b>(&'b self, line: &'b PostingLine) -> Option<&'b CostCentre> {
        let centre = line.cost_centre.as_ref().or(self.cost_centre.as_ref());
        centre.filter(|_| self.sends(&options::PURCHASE_COST_CENTRE))
    }

    /// Whether amounts have to be converted.
    pub(super) fn is_foreign(&self) -> bool {
        self.posting.currency != Currency::EUR
    }

    /// What a person has to decide first.
    fn check(&self) -> Result<(), LedgerError> {
        let posting = self.posting;
        if posting.direction == Direction::Sales && self.chosen(&options::REVENUE_SIDE, HOLD) {
            return Err(self.held(&options::REVENUE_SIDE, "On which side revenue is booked"));
        }
        let negative = posting.lines.iter().any(|line| is_negative(line.net) || is_negative(line.vat));
        if (negative || is_negative(posting.gross)) && self.chosen(&options::CREDIT_NOTES, HOLD) {
            return Err(self.held(&options::CREDIT_NOTES, "How credit notes and negative amounts are booked"));
        }
        if self.is_foreign() && self.chosen(&options::EXCHANGE_RATE, HOLD) {
            return Err(self.held(&options::EXCHANGE_RATE, "How amounts in another currency are converted"));
        }
        let mut by_code: BTreeMap<(&str, Decimal), (Decimal, Decimal)> = BTreeMap::new();
        for line in &posting.lines {
            if !line.net.is_zero() && !line.vat.is_zero() && is_negative(line.net) != is_negative(line.vat) {
                let message = format!(
                    "A line of this document has an amount and VAT of opposite signs, which {} cannot book. Divide the \
                     line by hand, and post again.",
                    self.name
                );
                return Err(LedgerError::rejected(ErrorCode::VatPercentage, Operation::Prepare, message));
            }
            match line.category {
                VatCategory::AE if self.chosen(&options::REVERSE_CHARGE, HOLD) => {
                    return Err(self.held(&options::REVERSE_CHARGE, "How reverse charge is booked"));
                }
                VatCategory::K if self.chosen(&options::EU, HOLD) => {
                    return Err(self.held(&options::EU, "How intra-community supply is booked"));
                }
                VatCategory::S => {
                    let sums = by_code.entry((line.vat_code.as_str(), line.rate.unwrap_or_default())).or_default();
                    sums.0 += line.net;
                    sums.1 += line.vat;
                }
                VatCategory::L | VatCategory::M | VatCategory::B => {
                    let message =
                        format!("{} has no VAT of category {}. Book this document by hand.", self.name, line.category);
                    return Err(LedgerError::rejected(ErrorCode::VatCodeNotAllowed, Operation::Prepare, message)
                        .about(line.category));
                }
                VatCategory::AE
                | VatCategory::K
                | VatCategory::Z
                | VatCategory::E
                | VatCategory::G
                | VatCategory::O => {}
            }
        }
        let differs = by_code.iter().any(|((_, rate), (net, vat))| {
            let made = (net * rate / Decimal::ONE_HUNDRED).round_dp(2);
            (made - vat).abs() > VAT_DIFFERENCE_MAX
        });
        if differs && self.chosen(&options::VAT_DIFFERENCE, HOLD) {
            return Err(self.held(&options::VAT_DIFFERENCE, "VAT that differs by more than 0.02 from its rate"));
        }
        Ok(())
    }

    fn held(&self, option: &OptionSpec, what: &str) -> LedgerError {
        let message = format!(
            "{what} is not certain for {}: this document is held for a person. Book it by hand; or try one in a test \
             administration, set '{}' in the connection, and post again.",
            self.name, option.key
        );
        LedgerError::rejected(ErrorCode::Held, Operation::Prepare, message).about(option.key)
    }

    /// The invoice, once the ledger told what it needs.
    pub(super) fn invoice(&self, told: &Told<'_>) -> Object {
        let posting = self.posting;
        let lines = posting.lines.iter().enumerate().map(|(place, line)| self.line(place, line, told));
        let base = |amount: fn(&PostingLine) -> Decimal| -> Decimal {
            posting.lines.iter().map(|line| self.base(amount(line), told.rate)).sum()
        };
        let (net, vat) = (base(|line| line.net), base(|line| line.vat));
        let totals = self.sends(&options::PURCHASE_TOTALS);
        let currency = self.sends(&options::PURCHASE_CURRENCY);
        let link = self.link.as_ref().filter(|_| told.link == Link::Sent);
        let credit_type = self.options.get(&options::CREDIT_TYPE).filter(|_| is_negative(posting.gross));
        let object = Object::default()
            .maybe("invoiceId", told.invoice_id.map(|id| Json::Text(id.to_owned())))
            .text(self.side.relation_id, told.relation.as_str())
            .text("journalId", self.journal)
            .with("fiscalYear", Json::Whole(told.period.0))
            .with("periodNumber", Json::Whole(told.period.1))
            .text("invoiceDate", date(posting.issue_date))
            .text("invoiceExpirationDate", date(self.due()))
            .text("paymentConditionId", told.condition)
            .text("paymentReference", self.payment_reference)
            .amounts(("vatAmount", "vatAmountCur"), (vat, posting.vat))
            .maybe("reference", self.sends(&options::PURCHASE_REFERENCE).then(|| Json::Text(self.number.to_owned())))
            .maybe("currencyId", currency.then(|| Json::Text(posting.currency.to_string())))
            .maybe("exchangeRate", told.rate.filter(|_| currency).map(Json::Number))
            .maybe("autoCalculateVat", self.sends(&options::PURCHASE_AUTO_VAT).then_some(Json::Flag(false)))
            .maybe("vatScenarioId", self.scenario.map(code))
            .maybe("invoiceType", credit_type.map(code));
        let object = if totals {
            object
                .amounts(("amountTotal", "amountTotalCur"), (net + vat, posting.gross))
                .amounts(("totalAmountVatExcl", "totalAmountVatExclCur"), (net, posting.net))
        } else {
            object
        };
        object
            .maybe(
                "documentLink",
                link.map(|(address, document)| {
                    let link = Object::default()
                        .text("documentLink", address.as_str())
                        .text("description", chars(&posting.description, DESCRIPTION_CHARS_MAX))
                        .text("reference", document.as_str())
                        .text("subject", self.number);
                    Json::Object(link)
                }),
            )
            .with(self.side.lines, Json::List(lines.collect()))
    }

    fn line(&self, place: usize, line: &PostingLine, told: &Told<'_>) -> Object {
        // Net and VAT have one sign; when one of them is nothing the other tells.
        let turned = is_negative(if line.net.is_zero() { line.vat } else { line.net });
        let credit = self.posting.direction == Direction::Sales && self.chosen(&options::REVENUE_SIDE, "credit");
        let swap = turned && self.chosen(&options::CREDIT_NOTES, "swap");
        let amount = |own: Decimal| {
            let own = if swap { own.abs() } else { own };
            (self.base(own, told.rate), own)
        };
        let names =
            if credit == swap { ("debitAmount", "debitAmountCur") } else { ("creditAmount", "creditAmountCur") };
        let in_document = self.chosen(&options::OUR_REFERENCE, "document");
        Object::default()
            .text("accountId", line.account.as_str())
            .text("description", self.description(place, line))
            .text("transactionDate", date(self.posting.issue_date))
            .amounts(names, amount(line.net))
            .amounts(("vatAmount", "vatAmountCur"), amount(line.vat))
            .maybe("vatCodeId", self.sends(&options::PURCHASE_VAT_CODE).then(|| code(line.vat_code.as_str())))
            .maybe("costCentreId", self.centre_of(line).map(|centre| Json::Text(centre.as_str().to_owned())))
            .maybe("costUnitId", line.project.as_ref().map(|unit| Json::Text(Project::as_str(unit).to_owned())))
            .maybe("document", in_document.then(|| Json::Text(self.key.clone())))
    }

    /// What a line says; the first one ends with our reference.
    fn description(&self, place: usize, line: &PostingLine) -> String {
        let text = if self.sends(&options::PURCHASE_REFERENCE) {
            line.description.clone()
        } else {
            format!("{} {}", self.number, line.description)
        };
        if place > 0 || self.chosen(&options::OUR_REFERENCE, "document") {
            return chars(&text, DESCRIPTION_CHARS_MAX);
        }
        let mark = self.mark();
        let room = DESCRIPTION_CHARS_MAX.saturating_sub(mark.chars().count() + 1);
        format!("{} {mark}", chars(&text, room)).trim().to_owned()
    }

    fn mark(&self) -> String {
        format!("[{}]", self.key)
    }

    /// An amount in the currency of the books.
    fn base(&self, own: Decimal, rate: Option<Decimal>) -> Decimal {
        let converted = match rate {
            None => return own,
            Some(rate) if self.chosen(&options::EXCHANGE_RATE, "divide") => own.checked_div(rate).unwrap_or(own),
            Some(rate) => own * rate,
        };
        converted.round_dp_with_strategy(2, RoundingStrategy::MidpointAwayFromZero)
    }

    /// Whether a row of a list may be an invoice of this document: by its number in any dress, or, where the number is not
    /// sent or does not come back, by payment reference or by date and amount.
    pub(super) fn may_be(&self, row: &Record) -> bool {
        if let Some(theirs) = row.text(&["invoiceReference", "reference"]) {
            return NormalisedNumber::of(&theirs) == NormalisedNumber::of(self.number);
        }
        let paid_by = row.text(&["paymentReference"]);
        let amount = row.number(&["invoiceAmountCur", "invoiceAmount"]);
        paid_by.as_deref() == Some(self.payment_reference)
            || (amount == Some(self.posting.gross) && row.date(&["invoiceDate"]) == Some(self.posting.issue_date))
    }

    /// Whether an invoice carries our reference.
    pub(super) fn is_ours(&self, invoice: &Record) -> bool {
        let mark = self.mark();
        invoice.list(&[self.side.lines]).iter().any(|line| {
            line.text(&["description"]).is_some_and(|text| text.ends_with(&mark))
                || line.text(&["document"]).as_ref() == Some(&self.key)
        })
    }

    /// Whether both are invoices or both credit notes.
    pub(super) fn is_same_kind(&self, booked: &Booked) -> bool {
        self.posting.gross.is_zero() || booked.reduces.is_none_or(|reduces| reduces == is_negative(self.posting.gross))
    }

    /// An invoice as a booking; `relation` stands in where an answer leaves it out.
    pub(super) fn booked(&self, invoice: &Record, relation: Option<&LedgerContact>, found: Found) -> Option<Booked> {
        let booked = booked(self.posting.direction, invoice, relation, found)?;
        let reference =
            if self.sends(&options::PURCHASE_REFERENCE) { booked.reference } else { Some(self.number.to_owned()) };
        Some(Booked { reference, ..booked })
    }
}

/// An invoice of the ledger as a booking.
pub(super) fn booked(
    direction: Direction,
    invoice: &Record,
    relation: Option<&LedgerContact>,
    found: Found,
) -> Option<Booked> {
    let side = side(direction);
    let id = invoice.text(&["invoiceId"])?;
    let contact = match invoice.text(&[side.relation_id]) {
        Some(code) => code.parse().ok(),
        None => relation.cloned(),
    };
    let entry = invoice.text(&["journalId"]).zip(invoice.text(&["journalTransaction"]));
    let number = entry.map(|(journal, transaction)| format!("{journal} {transaction}"));
    let currency = match invoice.text(&["currencyId"]) {
        Some(code) => code.parse().ok(),
        None => Some(Currency::EUR),
    };
    // Where both are the same, either may be left out.
    let amount = |own: &str, base: &str| match (invoice.number(&[own]), invoice.number(&[base])) {
        (Some(own), base) if !own.is_zero() || base.is_none() || currency != Some(Currency::EUR) => Some(own),
        (_, base) => base.filter(|_| currency == Some(Currency::EUR)),
    };
    let gross = amount("amountTotalCur", "amountTotal");
    Some(Booked {
        number: number.or_else(|| invoice.text(&["documentNumber"])).unwrap_or_else(|| id.clone()),
        id,
        contact: contact?,
        creator: None,
        gross,
        vat: amount("vatAmountCur", "vatAmount"),
        currency,
        reduces: gross.map(is_negative),
        reference: invoice.text(&["reference", "invoiceReference"]),
        found,
    })
}

fn is_negative(amount: Decimal) -> bool {
    amount.is_sign_negative() && !amount.is_zero()
}

/// The link back to the document: address and document.
fn link(name: &str, request: &PushRequest<'_>) -> Result<Option<(String, String)>, LedgerError> {
    let viewer = request.options.get(&options::DOCUMENT_VIEWER).map(str::trim);
    let Some(viewer) = viewer.filter(|_| request.options.get(&options::DOCUMENT_LINK) == Some("send")) else {
        return Ok(None);
    };
    let document = request.document.to_string();
    if !viewer.starts_with("https://") || viewer.contains(['?', '#', '@']) {
        let message = format!(
            "The address for links in {name} must be that of a page of ours, beginning with https:// and without further \
             parameters. Correct '{}' in the connection, and post again.",
            options::DOCUMENT_VIEWER.key
        );
        return Err(LedgerError::rejected(ErrorCode::Option, Operation::Prepare, message));
    }
    Ok(Some((format!("{}/{document}", viewer.trim_end_matches('/')), document)))
}

/// The VAT scenario of the whole document. It has one: lines that want different ones cannot stand together.
fn scenario<'a>(name: &str, posting: &Posting, options: &'a Options) -> Result<Option<&'a str>, LedgerError> {
    let (usual, reversed, eu) = match posting.direction {
        Direction::Purchase => {
            (options::PURCHASE_SCENARIO, options::PURCHASE_REVERSED_SCENARIO, options::PURCHASE_EU_SCENARIO)
        }
        Direction::Sales => (options::SALES_SCENARIO, options::SALES_REVERSED_SCENARIO, options::SALES_EU_SCENARIO),
    };
    let mut wanted: BTreeSet<Option<&str>> = BTreeSet::new();
    for line in &posting.lines {
        let by_scenario = |category, choice, scenario| {
            (line.category == category && options.get(choice) == Some("scenario")).then_some(scenario)
        };
        let special = by_scenario(VatCategory::AE, &options::REVERSE_CHARGE, &reversed)
            .or_else(|| by_scenario(VatCategory::K, &options::EU, &eu));
        if let Some(option) = special.filter(|option| options.get(option).is_none()) {
            let message = format!(
                "This document is to be booked with a VAT scenario of {name}, and none is named. Set '{}' in the \
                 connection, and post again.",
                option.key
            );
            return Err(LedgerError::rejected(ErrorCode::Option, Operation::Prepare, message));
        }
        wanted.insert(options.get(special.unwrap_or(&usual)));
    }
    if wanted.len() > 1 {
        let message = format!(
            "Lines of this document want different VAT scenarios, and a booking of {name} has one. Book this document by \
             hand."
        );
        return Err(LedgerError::rejected(ErrorCode::Unsupported, Operation::Prepare, message));
    }
    Ok(wanted.into_iter().next().flatten())
}

/// Cuts a text at a character.
pub(super) fn chars(text: &str, most: usize) -> String {
    text.chars().take(most).collect::<String>().trim().to_owned()
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
