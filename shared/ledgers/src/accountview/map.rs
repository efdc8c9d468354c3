//! Posting to journal page. Pure.

use super::{
    api::PAGES,
    known::{Behind, Vat},
    options::{self, HOLD},
    record::{self, Record, Value},
    text::{fit, plain},
};
use crate::{
    descriptor::{OptionSpec, Options},
    error::{ErrorCode, LedgerError, Operation},
    push::PushRequest,
};
use chrono::{Datelike, TimeDelta};
use domain::{
    ids::DocumentId,
    invoice::VatCategory,
    ledger::{CostCentre, Direction, LedgerContact, VatCode},
    party::normalise,
    posting::{Posting, PostingLine},
    time::Date,
};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The longest invoice number of `AccountView`.
const NUMBER_CHARS_MAX: usize = 12;
/// The longest descriptions and payment reference.
const TEXT_CHARS_MAX: usize = 40;
/// The longest term of payment, in days.
const TERM_DAYS_MAX: i64 = 999;
/// So near to the turn of the financial year, bookings are looked for in the other one as well.
const TURN: TimeDelta = TimeDelta::days(31);

/// Who makes the lines for VAT and relation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Filling {
    /// `AccountView`, from the header.
    Header,
    /// We do, and all lines add up to nothing.
    Balanced,
}

/// Everything about a page that needs no answer first. Made before the first request, so that what is missing or held is
/// said before anything is sent.
#[derive(Debug)]
pub(super) struct Plan<'a> {
    pub(super) posting: &'a Posting,
    options: &'a Options,
    document: DocumentId,
    key: String,
    pub(super) journal: &'a str,
    pub(super) filling: Filling,
    /// The sign of a cost or revenue line of an invoice.
    pub(super) sign: Decimal,
    /// The whole invoice number.
    pub(super) number: String,
    /// The invoice number as it is sent.
    pub(super) inv_nr: String,
    /// The day that decides the year and, but for the option, the period.
    pub(super) day: Date,
    pub(super) cost_centre: Option<CostCentre>,
}

fn rejected(code: ErrorCode, message: impl Into<String>) -> LedgerError {
    LedgerError::rejected(code, Operation::Prepare, message)
}

fn held(option: &OptionSpec, what: &str) -> LedgerError {
    let message = format!(
        "{what} is held for a person: how AccountView wants it is not certain. Book it by hand; or try it in a demo company, \
         set '{}' in the connection, and post again.",
        option.key
    );
    rejected(ErrorCode::Held, message).about(option.key)
}

/// An invoice number in twelve characters: as it is when it fits; else the last twelve without separators. A fixed rule: the
/// same number is always shortened to the same one, since it is looked for by that.
pub(super) fn short_number(number: &str) -> String {
    let number = number.trim();
    if number.chars().count() <= NUMBER_CHARS_MAX {
        return number.to_owned();
    }
    let bare: Vec<char> = number.chars().filter(|c| c.is_alphanumeric()).collect();
    let bare = if bare.is_empty() { number.chars().collect() } else { bare };
    bare.iter().skip(bare.len().saturating_sub(NUMBER_CHARS_MAX)).collect()
}

impl<'a> Plan<'a> {
    pub(super) fn of(request: &PushRequest<'a>) -> Result<Self, LedgerError> {
        let (posting, options) = (request.posting, request.options);
        let is_sale = posting.direction == Direction::Sales;
        let filling = match options.get(&options::FILLING) {
            Some("header") => Some(Filling::Header),
            Some("balanced") => Some(Filling::Balanced),
            Some(_) | None => None,
        };
        let journal = journal(posting, options)?;
        let filling = filling.ok_or_else(|| held(&options::FILLING, "Every document"))?;
        let sign = match (is_sale, filling, options.get(&options::SALES_SIGN)) {
            (false, _, _) | (true, Filling::Header, Some("positive")) => Decimal::ONE,
            (true, Filling::Balanced, _) | (true, Filling::Header, Some("negative")) => Decimal::NEGATIVE_ONE,
            (true, Filling::Header, _) => return Err(held(&options::SALES_SIGN, "A sales document")),
        };
        let number = plain(&posting.number);
        let plan = Self {
            posting,
            options,
            document: request.document,
            key: request.key(),
            journal,
            filling,
            sign,
            inv_nr: short_number(&number),
            number,
            day: posting.booking_date.unwrap_or(posting.issue_date),
            cost_centre: options.get(&options::COST_CENTRE).and_then(|code| code.parse().ok()),
        };
        plan.check()?;
        Ok(plan)
    }

    pub(super) fn chosen(&self, option: &OptionSpec, value: &str) -> bool {
        self.options.get(option) == Some(value)
    }

    /// The value of an option, or nothing.
    pub(super) fn option(&self, option: &OptionSpec) -> &'a str {
        self.options.get(option).unwrap_or_default()
    }

    fn check(&self) -> Result<(), LedgerError> {
        let posting = self.posting;
        if self.number.is_empty() {
            let message =
                "This document has no number, and AccountView finds bookings by it. Give it one, and post again.";
            return Err(rejected(ErrorCode::MandatoryField, message));
        }
        if posting.gross.is_sign_negative() && self.chosen(&options::CREDIT_NOTES, HOLD) {
            return Err(held(&options::CREDIT_NOTES, "A credit note"));
        }
        for line in &posting.lines {
            if let Some(option) = owed_by_buyer(line.category).filter(|option| self.chosen(option, HOLD)) {
                let what = match line.category {
                    VatCategory::K => "An intra-community supply",
                    _ => "A document under reverse charge",
                };
                return Err(held(option, what));
            }
        }
        if self.is_foreign() {
            if self.chosen(&options::FOREIGN_CURRENCY, HOLD) {
                return Err(held(&options::FOREIGN_CURRENCY, "A document in another currency"));
            }
            if self.filling == Filling::Balanced {
                let message = "A page in balance needs amounts in the currency of the books, which this document does not \
                               state. Book it by hand, or choose the filling 'header' in the connection.";
                return Err(rejected(ErrorCode::CurrencyNotAllowed, message).about(posting.currency));
            }
        }
        let link = self.option(&options::DOCUMENT_LINK);
        if !link.is_empty() && !link.starts_with("https://") {
            let message = "The address under which documents are looked at has to begin with https://. Correct \
                           'document_link' in the connection, and post again.";
            return Err(rejected(ErrorCode::Option, message));
        }
        Ok(())
    }

    pub(super) fn is_foreign(&self) -> bool {
        self.posting.currency.as_str() != self.option(&options::CURRENCY)
    }

    /// The first day of the page: that of the document, unless its period follows from the date and a person chose another.
    fn date(&self) -> Date {
        if self.chosen(&options::PERIOD, "number") { self.posting.issue_date } else { self.day }
    }

    /// The cost centre of a line: its own, or that of the connection.
    pub(super) fn centre_of<'b>(&'b self, line: &'b PostingLine) -> Option<&'b CostCentre> {
        line.cost_centre.as_ref().or(self.cost_centre.as_ref())
    }

    /// Whether the buyer owes the VAT of a code.
    pub(super) fn is_owed(&self, code: &str) -> bool {
        let of_code = self.posting.lines.iter().filter(|line| line.vat_code.as_str() == code);
        of_code.map(|line| line.category).any(|category| owed_by_buyer(category).is_some())
    }

    /// VAT that the buyer owes, as far as it is sent.
    fn owed(&self, line: &PostingLine, vat: Option<&Vat>) -> Decimal {
        let says = owed_by_buyer(line.category).is_some_and(|option| self.chosen(option, "owed"));
        match vat {
            Some(vat) if says && self.posting.direction == Direction::Purchase => {
                (line.net * vat.percent / Decimal::ONE_HUNDRED).round_dp(2)
            }
            Some(_) | None => Decimal::ZERO,
        }
    }

    /// Days around the document in whose years it may have been booked: the one in whose year it is booked comes first.
    pub(super) fn days(&self) -> Vec<Date> {
        let mut days = vec![self.day];
        let start: u32 = self.option(&options::YEAR_START).parse().unwrap_or(1);
        let year_of = |day: Date| if day.month() >= start { day.year() } else { day.year() - 1 };
        let first_of = |year: i32| Date::from_ymd_opt(year, start, 1);
        if let (Some(begun), Some(next)) = (first_of(year_of(self.day)), first_of(year_of(self.day) + 1)) {
            if self.day - begun <= TURN {
                days.extend(begun.pred_opt());
            }
            if next - self.day <= TURN {
                days.push(next);
            }
        }
        let issued = self.posting.issue_date;
        if !days.iter().any(|day| year_of(*day) == year_of(issued)) {
            days.push(issued);
        }
        days
    }

    /// From this day on, bookings of the document may be dated.
    pub(super) fn since(&self) -> Date {
        let first = self.day.min(self.posting.issue_date);
        first.checked_sub_signed(TURN).unwrap_or(first)
    }

    /// What stands on the page for people: the whole number first, where a shortened one stands in its place.
    fn title(&self) -> String {
        if self.inv_nr == self.number {
            fit(&self.posting.description, TEXT_CHARS_MAX)
        } else {
            fit(&format!("{} {}", self.number, plain(&self.posting.description)), TEXT_CHARS_MAX)
        }
    }

    /// The note of the page: our reference, the whole number, and what leads back to the document.
    fn note(&self) -> String {
        let link = self.option(&options::DOCUMENT_LINK);
        let note = format!("ref {} | {} | {link}{}", self.key, self.number, self.document);
        let issued = self.posting.issue_date;
        if self.date() == issued { note } else { format!("{note} | factuurdatum {issued}") }
    }

    /// Whether a note says that a page is ours.
    pub(super) fn is_ours(&self, note: &str) -> bool {
        let rest = note.trim().strip_prefix("ref ").and_then(|rest| rest.strip_prefix(self.key.as_str()));
        rest.is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric()))
    }

    /// Whether a number is that of the document, whatever its dress.
    pub(super) fn is_number(&self, theirs: &str) -> bool {
        let theirs = normalise(theirs);
        if theirs.is_empty() {
            return false;
        }
        theirs == normalise(&self.inv_nr) || theirs == normalise(&self.number)
    }

    fn term(&self) -> Option<i64> {
        let due = self.posting.due_date?;
        Some((due - self.date()).num_days().clamp(0, TERM_DAYS_MAX))
    }

    /// The page as it is sent, once everything about its codes is known.
    pub(super) fn page(
        &self,
        relation: &LedgerContact,
        control_account: &str,
        period: Option<i64>,
        behind: Behind<'_>,
    ) -> Result<Vec<u8>, LedgerError> {
        let posting = self.posting;
        let reference = posting.payment_reference.as_deref().map(plain);
        // A shortened reference would be another.
        let reference = reference.filter(|text| !text.is_empty() && text.chars().count() <= TEXT_CHARS_MAX);
        let header = Record::default()
            .set("DJ_CODE", Value::text(self.journal))
            .set("HDR_DESC", Value::Text(self.title()))
            .maybe("PAGE_NR", self.chosen(&options::PAGE_NUMBER, "empty").then(|| Value::text("")))
            .set("TRN_DATE", Value::Day(self.date()))
            .maybe("PERIOD", period.filter(|_| self.chosen(&options::PERIOD, "number")).map(Value::number))
            .set("SUB_NR", Value::text(relation.as_str()))
            .set("INV_NR", Value::text(&self.inv_nr))
            .set("CUR_CODE", Value::text(posting.currency.as_str()))
            .maybe("CRED_DAYS", self.term().map(Value::number))
            .maybe("EXT_DESC", reference.map(Value::Text))
            .set("COMMENT1", Value::Text(self.note()));
        let lines = match self.filling {
            Filling::Header => posting.lines.iter().map(|line| self.line(line, behind)).collect(),
            Filling::Balanced => self.balanced(relation, control_account, behind)?,
        };
        record::envelope(Operation::CreateBooking, PAGES, self.day, ("DJ_PAGE", header), Some(("DJ_LINE", lines)))
    }

    fn bare(&self, account: &str, text: &str) -> Record {
        Record::default()
            .set("ACCT_NR", Value::text(account))
            .set("TRN_DATE", Value::Day(self.date()))
            .set("TRN_DESC", Value::Text(fit(text, TEXT_CHARS_MAX)))
    }

    fn dimensions(&self, line: &PostingLine, record: Record) -> Record {
        record
            .maybe("COST_CODE", self.centre_of(line).map(|code| Value::text(code.as_str())))
            .maybe("PROJ_CODE", line.project.as_ref().map(|code| Value::text(code.as_str())))
    }

    /// A cost or revenue line under a header.
    fn line(&self, line: &PostingLine, behind: Behind<'_>) -> Record {
        let vat = line.vat + self.owed(line, behind.vat(&line.vat_code).as_ref());
        let (net, vat) = (money(self.sign * line.net), money(self.sign * vat));
        let record = self.bare(line.account.as_str(), &line.description);
        let record = if self.is_foreign() {
            record
                .set("CUR_CODE", Value::text(self.posting.currency.as_str()))
                .set("CUR_AMT", net)
                .set("VAT_CODE", Value::text(line.vat_code.as_str()))
                .set("CUR_VAT", vat)
        } else {
            record.set("AMOUNT", net).set("VAT_CODE", Value::text(line.vat_code.as_str())).set("VAT_AMT", vat)
        };
        self.dimensions(line, record)
    }

    /// All lines: costs or revenue, VAT by code, and the relation.
    fn balanced(
        &self,
        relation: &LedgerContact,
        control_account: &str,
        behind: Behind<'_>,
    ) -> Result<Vec<Record>, LedgerError> {
        let both = self.chosen(&options::BALANCED_VAT_CODE, "both");
        let mut records = Vec::new();
        // By code: net, VAT, and VAT that the buyer owes.
        let mut sums: BTreeMap<&VatCode, (Decimal, Decimal, Decimal)> = BTreeMap::new();
        for line in &self.posting.lines {
            let record = self
                .bare(line.account.as_str(), &line.description)
                .set("AMOUNT", money(self.sign * line.net))
                .maybe("VAT_CODE", both.then(|| Value::text(line.vat_code.as_str())));
            records.push(self.dimensions(line, record));
            let sum = sums.entry(&line.vat_code).or_default();
            let owed = self.owed(line, behind.vat(&line.vat_code).as_ref());
            *sum = (sum.0 + line.net, sum.1 + line.vat, sum.2 + owed);
        }
        for (code, (net, vat, owed)) in sums {
            let Some(of_code) = behind.vat(code) else { continue };
            let text = format!("BTW {code}");
            let account = |account: &str| {
                if account.is_empty() { Err(no_vat_account(code)) } else { Ok(self.bare(account, &text)) }
            };
            let code = Value::text(code.as_str());
            let line = account(&of_code.account)?.set("AMOUNT", money(self.sign * (vat + owed)));
            records.push(line.set("VAT_CODE", code.clone()).set("BASE_AMT", money(self.sign * net)));
            if !owed.is_zero() {
                let line = account(&of_code.owed_account)?.set("AMOUNT", money(-self.sign * owed));
                records.push(line.set("VAT_CODE", code));
            }
        }
        let relation = self
            .bare(control_account, &self.title())
            .set("AMOUNT", money(-self.sign * self.posting.gross))
            .set("SUB_NR", Value::text(relation.as_str()))
            .set("INV_NR", Value::text(&self.inv_nr));
        records.push(relation);
        Ok(records)
    }
}

/// The journal of a document.
fn journal<'a>(posting: &Posting, options: &'a Options) -> Result<&'a str, LedgerError> {
    let (journal, credit_journal) = match posting.direction {
        Direction::Purchase => (options::PURCHASE_JOURNAL, options::PURCHASE_CREDIT_JOURNAL),
        Direction::Sales => (options::SALES_JOURNAL, options::SALES_CREDIT_JOURNAL),
    };
    let credit_journal = options.get(&credit_journal).filter(|_| posting.gross.is_sign_negative());
    credit_journal.or(options.get(&journal)).ok_or_else(|| {
        rejected(
            ErrorCode::Option,
            match posting.direction {
                Direction::Purchase => {
                    "No purchase journal is chosen for this administration. Choose one in the connection and post again."
                }
                Direction::Sales => {
                    "No sales journal is chosen for this administration. Choose one in the connection and post again."
                }
            },
        )
    })
}

/// The option that decides about VAT which the buyer owes.
fn owed_by_buyer(category: VatCategory) -> Option<&'static OptionSpec> {
    match category {
        VatCategory::AE => Some(&options::REVERSE_CHARGE),
        VatCategory::K => Some(&options::INTRA_COMMUNITY),
        VatCategory::S
        | VatCategory::Z
        | VatCategory::E
        | VatCategory::G
        | VatCategory::O
        | VatCategory::L
        | VatCategory::M
        | VatCategory::B => None,
    }
}

fn no_vat_account(code: &VatCode) -> LedgerError {
    let message = format!(
        "VAT code {code} has no account in AccountView on which its VAT can be booked. Complete the code there, or choose \
         another one in the posting template, and post again."
    );
    LedgerError::rejected(ErrorCode::UnknownVatCode, Operation::ReadCodes, message).about(code)
}

/// An amount with two decimals at least.
fn money(amount: Decimal) -> Value {
    let mut amount = if amount.is_zero() { Decimal::ZERO } else { amount };
    amount.rescale(amount.scale().max(2));
    Value::Number(amount)
}

#[cfg(test)]
#[path = "map_tests.rs"]
mod tests;
