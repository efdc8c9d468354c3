//! Turns the draft of an entry into a booking, or says everything that is wrong with it.

use chrono::{Datelike, Months, NaiveDate, TimeDelta};
use rust_decimal::Decimal;

use super::books::{Account, Direction, Division, Entry, GlAccount, Journal, Line, PaymentCondition, Posting, VatCode};
use super::guid::Guid;
use super::messages::{Message, Subject};
use super::state::State;
use super::vat::{LineVat, bears_vat, cents, compute};

/// Types of ledger accounts that lines can't use: cash, bank, credit card, payment service, receivable, payable.
const NOT_FOR_LINES: [i32; 6] = [10, 12, 14, 16, 20, 22];
/// Lengths the sheet says to keep to.
const YOUR_REF: usize = 30;
const DESCRIPTION: usize = 60;
const PAYMENT_REFERENCE: usize = 140;

/// What a booking looks at.
#[derive(Debug, Clone, Copy)]
pub struct Ledger<'a> {
    /// The administration.
    pub division: &'a Division,
    /// All of it: the switches, and the other administrations.
    pub state: &'a State,
    /// The date of today, for an entry without one.
    pub today: NaiveDate,
}

/// A line with what it refers to.
struct Resolved<'a> {
    line: Line,
    gl_account: &'a GlAccount,
    vat_code: Option<&'a VatCode>,
    vat: LineVat,
}

impl<'a> Ledger<'a> {
    /// Books a draft: fills in what is derived and makes the postings. The entry number stays 0 when none was given.
    pub fn book(&self, mut entry: Entry) -> Result<Entry, Vec<Message>> {
        let missing = missing(&entry);
        if !missing.is_empty() {
            return Err(missing);
        }
        let mut wrong = Vec::new();
        let journal = self.journal(&entry, &mut wrong);
        let relation = self.relation(&entry, &mut wrong);
        let rate = journal.and_then(|journal| self.rate(&mut entry, journal, &mut wrong));
        self.terms(&mut entry, relation, &mut wrong);
        self.document(&entry, &mut wrong);
        self.period(&mut entry, &mut wrong);
        self.number(&entry, &mut wrong);
        lengths(&entry, &mut wrong);
        let drafts = std::mem::take(&mut entry.lines);
        let lines: Vec<Option<Resolved<'a>>> =
            drafts.into_iter().map(|line| self.line(&entry, journal, line, &mut wrong)).collect();
        let (Some(relation), Some(rate), true) = (relation, rate, wrong.is_empty()) else {
            wrong.dedup();
            return Err(wrong);
        };
        self.post(entry, relation, rate, lines.into_iter().flatten().collect()).map_err(|message| vec![message])
    }

    /// Checks the fields of a header that can be changed after booking.
    pub fn check_header(&self, entry: &mut Entry) -> Result<(), Vec<Message>> {
        let mut wrong = Vec::new();
        self.terms(entry, self.division.accounts.get(&entry.relation), &mut wrong);
        self.document(entry, &mut wrong);
        lengths(entry, &mut wrong);
        if wrong.is_empty() { Ok(()) } else { Err(wrong) }
    }

    fn journal(&self, entry: &Entry, wrong: &mut Vec<Message>) -> Option<&'a Journal> {
        let Some(journal) = self.division.journal_by_code(&entry.journal).filter(|journal| !journal.is_blocked) else {
            wrong.push(Message::InvalidReference(Subject::Journal));
            return None;
        };
        let kinds = match entry.direction {
            Direction::Purchase => [22, 23],
            Direction::Sales => [20, 21],
        };
        if !kinds.contains(&journal.kind) {
            wrong.push(Message::JournalType);
        }
        Some(journal)
    }

    fn relation(&self, entry: &Entry, wrong: &mut Vec<Message>) -> Option<&'a Account> {
        let Some(account) = self.division.accounts.get(&entry.relation) else {
            wrong.push(self.unknown(entry.relation, Subject::Account));
            return None;
        };
        match entry.direction {
            Direction::Purchase if !account.is_supplier => wrong.push(Message::NotASupplier),
            Direction::Sales if account.status.as_deref() != Some("C") => wrong.push(Message::NotACustomer),
            Direction::Purchase | Direction::Sales => {}
        }
        if account.blocked {
            wrong.push(Message::BlockedRelation);
        }
        let (counter, kind) = self.counter_account(entry.direction, account);
        let gl_account = self.division.gl_accounts.get(&counter);
        if gl_account.is_none_or(|gl_account| gl_account.kind != kind || gl_account.is_blocked) {
            wrong.push(Message::NoRelationAccount {
                relation: format!("{} - {}", account.code.trim(), account.name),
                gl_account: gl_account.map(|gl_account| gl_account.code.clone()).unwrap_or_default(),
            });
        }
        Some(account)
    }

    /// The payable or receivable account of a relation, and the type it must have.
    fn counter_account(&self, direction: Direction, account: &Account) -> (Guid, i32) {
        match direction {
            Direction::Purchase => (account.gl_ap.unwrap_or(self.division.payable), 22),
            Direction::Sales => (account.gl_ar.unwrap_or(self.division.receivable), 20),
        }
    }

    fn rate(&self, entry: &mut Entry, journal: &Journal, wrong: &mut Vec<Message>) -> Option<Decimal> {
        let own = &self.division.currency;
        if entry.currency.is_empty() {
            entry.currency.clone_from(if journal.currency.is_empty() { own } else { &journal.currency });
        }
        let is_own = entry.currency == *own;
        let before = wrong.len();
        if !is_own && !journal.allow_variable_currency && entry.currency != journal.currency {
            wrong.push(Message::NotAllowed(Subject::Currency));
        }
        let plain = entry.rate.is_none() || is_own && entry.rate == Some(Decimal::ONE);
        if !plain && !journal.allow_variable_exchange_rate {
            wrong.push(Message::NotAllowed(Subject::ExchangeRate));
        }
        let known = if is_own { Some(Decimal::ONE) } else { self.division.rates.get(&entry.currency).copied() };
        if known.is_none() {
            wrong.push(Message::InvalidReference(Subject::Currency));
        }
        entry.rate = entry.rate.or(known);
        entry.rate.filter(|_| wrong.len() == before)
    }

    fn terms(&self, entry: &mut Entry, relation: Option<&Account>, wrong: &mut Vec<Message>) {
        let by_relation = |account: &Account| match entry.direction {
            Direction::Purchase => account.payment_condition_purchase.clone(),
            Direction::Sales => account.payment_condition_sales.clone(),
        };
        let code = entry
            .payment_condition
            .clone()
            .or_else(|| relation.and_then(by_relation))
            .or_else(|| self.division.payment_condition.clone());
        let condition = code.as_ref().map(|code| self.division.payment_conditions.iter().find(|one| one.code == *code));
        match condition {
            Some(None) => wrong.push(Message::InvalidReference(Subject::PaymentCondition)),
            None if entry.due_date.is_none() => {
                wrong.push(Message::Mandatory(Subject::PaymentCondition));
                wrong.push(Message::Mandatory(Subject::DueDate));
            }
            None => {}
            Some(Some(condition)) => {
                let from = entry.entry_date.unwrap_or(self.today);
                entry.due_date = entry.due_date.or_else(|| due_date(from, condition));
                entry.payment_condition = code;
            }
        }
    }

    fn document(&self, entry: &Entry, wrong: &mut Vec<Message>) {
        if let Some(document) = entry.document.filter(|id| self.division.documents.get(id).is_none()) {
            wrong.push(self.unknown(document, Subject::Document));
        }
    }

    fn unknown(&self, id: Guid, subject: Subject) -> Message {
        if self.state.is_elsewhere(id, self.division.code) {
            Message::WrongDivision
        } else {
            Message::InvalidReference(subject)
        }
    }

    fn period(&self, entry: &mut Entry, wrong: &mut Vec<Message>) {
        let date = *entry.entry_date.get_or_insert(self.today);
        let of_date = self.division.periods.iter().find(|period| (period.start..=period.end).contains(&date));
        let or = |given: i32, derived: Option<i32>| if given == 0 { derived } else { Some(given) };
        let year = or(entry.reporting_year, of_date.map(|period| period.year));
        let number = or(entry.reporting_period, of_date.map(|period| period.period));
        (entry.reporting_year, entry.reporting_period) = (year.unwrap_or_default(), number.unwrap_or_default());
        let asked = (entry.reporting_year, entry.reporting_period);
        match self.division.periods.iter().find(|period| (period.year, period.period) == asked) {
            None => wrong.push(Message::UnknownYear),
            Some(period) if period.closed => {
                wrong.push(Message::PeriodClosed { year: period.year, period: period.period });
            }
            Some(_) => {}
        }
    }

    fn number(&self, entry: &Entry, wrong: &mut Vec<Message>) {
        let same = |other: &Entry| other.journal == entry.journal && other.entry_number == entry.entry_number;
        if entry.entry_number != 0 && self.division.entries.iter().any(same) {
            wrong.push(match entry.direction {
                Direction::Purchase => Message::EntryNumberInUse,
                Direction::Sales => {
                    Message::EntryNumberExists { number: entry.entry_number, journal: entry.journal.clone() }
                }
            });
        }
    }

    fn line(
        &self,
        entry: &Entry,
        journal: Option<&Journal>,
        mut line: Line,
        wrong: &mut Vec<Message>,
    ) -> Option<Resolved<'a>> {
        let before = wrong.len();
        let gl_account = self.gl_account(&mut line, wrong);
        if line.amount_fc.is_none() {
            wrong.push(Message::Mandatory(Subject::Amount));
        }
        if line.project.is_some() {
            wrong.push(Message::InvalidReference(Subject::Project));
        }
        if line.description.as_ref().is_some_and(|text| text.chars().count() > DESCRIPTION) {
            wrong.push(Message::TooLong(Subject::Description));
        }
        if let Some(gl_account) = gl_account {
            self.costs(gl_account, &line, wrong);
            // Without a code the ledger account's own applies, and nobody is told.
            line.vat_code = line
                .vat_code
                .or_else(|| gl_account.vat_code.as_ref().map(|code| self.state.settings.wire_vat_code(code)));
        }
        let vat_code = line.vat_code.as_ref().and_then(|code| self.vat_code(entry.direction, journal, code, wrong));
        let bears = vat_code.is_some_and(bears_vat);
        let percentage = vat_code.map_or(Decimal::ZERO, |code| code.percentage);
        if line.vat_percentage.is_some_and(|given| given != percentage)
            || !bears && line.vat_amount_fc.is_some_and(|vat| !vat.is_zero())
        {
            wrong.push(Message::VatPercentage);
        }
        let (Some(gl_account), Some(amount), true) = (gl_account, line.amount_fc, wrong.len() == before) else {
            return None;
        };
        let vat = compute(cents(amount), vat_code, line.vat_amount_fc.filter(|_| bears).map(cents));
        line.vat_percentage = vat_code.map(|code| code.percentage);
        Some(Resolved { line, gl_account, vat_code, vat })
    }

    fn gl_account(&self, line: &mut Line, wrong: &mut Vec<Message>) -> Option<&'a GlAccount> {
        if line.gl_account.is_none() {
            wrong.push(Message::Mandatory(Subject::GlAccount));
            return None;
        }
        let Some(gl_account) = self.division.gl_accounts.get(&line.gl_account).filter(|one| !one.is_blocked) else {
            wrong.push(self.unknown(line.gl_account, Subject::GlAccount));
            return None;
        };
        if NOT_FOR_LINES.contains(&gl_account.kind) {
            wrong.push(Message::GlAccountType);
        }
        line.gl_account_code.clone_from(&gl_account.code);
        line.gl_account_description.clone_from(&gl_account.description);
        Some(gl_account)
    }

    fn costs(&self, gl_account: &GlAccount, line: &Line, wrong: &mut Vec<Message>) {
        let center = |code: &String| self.division.cost_centers.iter().any(|one| one.code == *code && one.active);
        let unit = |code: &String| self.division.cost_units.iter().any(|one| one.code == *code);
        match (gl_account.use_costcenter, &line.cost_center) {
            (1, None) => wrong.push(Message::Mandatory(Subject::CostCenter)),
            (2, Some(_)) => wrong.push(Message::CostCenterLink),
            (_, Some(code)) if !center(code) => wrong.push(Message::InvalidReference(Subject::CostCenter)),
            _ => {}
        }
        match (gl_account.use_costunit, &line.cost_unit) {
            (1, None) => wrong.push(Message::Mandatory(Subject::CostUnit)),
            (2, Some(_)) => wrong.push(Message::NotAllowed(Subject::CostUnit)),
            (_, Some(code)) if !unit(code) => wrong.push(Message::InvalidReference(Subject::CostUnit)),
            _ => {}
        }
    }

    fn vat_code(
        &self,
        direction: Direction,
        journal: Option<&Journal>,
        code: &str,
        wrong: &mut Vec<Message>,
    ) -> Option<&'a VatCode> {
        let exact = |one: &&VatCode| self.state.settings.wire_vat_code(&one.code) == code && !one.is_blocked;
        let Some(vat_code) = self.division.vat_codes.iter().find(exact) else {
            wrong.push(Message::InvalidReference(Subject::VatCode));
            return None;
        };
        let transaction = match direction {
            Direction::Purchase => "P",
            Direction::Sales => "S",
        };
        let journal_forbids = vat_code.kind != "N" && journal.is_some_and(|journal| !journal.allow_vat);
        if journal_forbids || !["B", transaction].contains(&vat_code.transaction.as_str()) {
            wrong.push(Message::NotAllowed(Subject::VatCode));
        }
        Some(vat_code)
    }

    /// Adds up, checks the balance, and makes the postings.
    fn post(
        &self,
        mut entry: Entry,
        relation: &Account,
        rate: Decimal,
        lines: Vec<Resolved<'_>>,
    ) -> Result<Entry, Message> {
        let vat_of_lines: Decimal = lines.iter().filter(|line| !line.vat.charged).map(|line| line.vat.vat).sum();
        let vat = entry.vat_amount_fc.map_or(vat_of_lines, cents);
        let difference = vat - vat_of_lines;
        // Debit is positive: a purchase debits costs, a sale credits revenue.
        let side = match entry.direction {
            Direction::Purchase => Decimal::ONE,
            Direction::Sales => Decimal::NEGATIVE_ONE,
        };
        let mut postings = Vec::new();
        let mut debit = |gl_account: Guid, amount: Decimal| {
            if !amount.is_zero() {
                postings.push(Posting { gl_account, relation: None, amount });
            }
        };
        if !difference.is_zero() {
            let rounding = self.division.rounding_account.ok_or_else(|| Message::OutOfBalance {
                year: entry.reporting_year,
                period: entry.reporting_period,
                direction: entry.direction,
                currency: entry.currency.clone(),
                difference,
            })?;
            debit(rounding, side * cents(difference * rate));
        }
        let mut vat_dc = cents(difference * rate);
        for line in &lines {
            debit(line.gl_account.id, side * cents(line.vat.base * rate));
            let amount = cents(line.vat.vat * rate);
            let to_claim = line.vat_code.and_then(|code| code.gl_to_claim).unwrap_or(self.division.vat_to_claim);
            let to_pay = line.vat_code.and_then(|code| code.gl_to_pay).unwrap_or(self.division.vat_to_pay);
            match (line.vat.charged, entry.direction) {
                (true, _) => {
                    debit(to_claim, amount);
                    debit(to_pay, -amount);
                }
                (false, Direction::Purchase) => debit(to_claim, amount),
                (false, Direction::Sales) => debit(to_pay, -amount),
            }
            vat_dc += if line.vat.charged { Decimal::ZERO } else { amount };
        }
        let (counter, _) = self.counter_account(entry.direction, relation);
        let total: Decimal = postings.iter().map(|posting| posting.amount).sum();
        postings.push(Posting { gl_account: counter, relation: Some(relation.id), amount: -total });
        entry.amount_fc = difference + lines.iter().map(|line| line.vat.gross()).sum::<Decimal>();
        entry.amount_dc = side * total;
        entry.vat_amount_fc = Some(vat);
        entry.vat_amount_dc = vat_dc;
        entry.kind = match (entry.direction, entry.amount_fc < Decimal::ZERO) {
            (Direction::Purchase, false) => 30,
            (Direction::Purchase, true) => 31,
            (Direction::Sales, false) => 20,
            (Direction::Sales, true) => 21,
        };
        entry.relation_name.clone_from(&relation.name);
        entry.lines = lines.into_iter().zip(1..).map(|(line, number)| line.finish(number, rate)).collect();
        entry.postings = postings;
        Ok(entry)
    }
}

impl Resolved<'_> {
    fn finish(self, number: i32, rate: Decimal) -> Line {
        Line {
            line_number: number,
            amount_fc: Some(self.vat.base),
            amount_dc: cents(self.vat.base * rate),
            vat_amount_fc: Some(self.vat.vat),
            vat_amount_dc: cents(self.vat.vat * rate),
            vat_base_amount_fc: Some(self.vat.base),
            vat_base_amount_dc: Some(cents(self.vat.base * rate)),
            ..self.line
        }
    }
}

fn missing(entry: &Entry) -> Vec<Message> {
    let relation = match entry.direction {
        Direction::Purchase => Subject::Account,
        Direction::Sales => Subject::Relationship,
    };
    let fields = [
        (entry.journal.is_empty(), Subject::Journal),
        (entry.relation.is_none(), relation),
        (entry.lines.is_empty(), Subject::Lines),
    ];
    fields.into_iter().filter(|(missing, _)| *missing).map(|(_, subject)| Message::Mandatory(subject)).collect()
}

fn lengths(entry: &Entry, wrong: &mut Vec<Message>) {
    let fields = [
        (&entry.your_ref, YOUR_REF, Subject::YourRef),
        (&entry.description, DESCRIPTION, Subject::Description),
        (&entry.payment_reference, PAYMENT_REFERENCE, Subject::PaymentReference),
    ];
    for (field, longest, subject) in fields {
        if field.as_ref().is_some_and(|text| text.chars().count() > longest) {
            wrong.push(Message::TooLong(subject));
        }
    }
}

/// The due date of a condition; `None` only beyond the calendar.
fn due_date(from: NaiveDate, condition: &PaymentCondition) -> Option<NaiveDate> {
    let date = from.checked_add_signed(TimeDelta::days(i64::from(condition.payment_days)))?;
    match u32::try_from(condition.payment_end_of_months) {
        Ok(months) if months > 0 => date.with_day(1)?.checked_add_months(Months::new(months))?.pred_opt(),
        _ => Some(date),
    }
}

/// The next free number of a journal: year, journal, four digits, as in 26600042.
pub fn next_number(division: &mut Division, journal: &str, year: i32) -> i32 {
    let used =
        |number: i32| division.entries.iter().any(|entry| entry.journal == journal && entry.entry_number == number);
    let mut last =
        division.journal_by_code(journal).and_then(|one| one.numbers.get(&year).copied()).unwrap_or_default();
    let number = loop {
        last += 1;
        let number = numbered(journal, year, last);
        if !used(number) {
            break number;
        }
    };
    if let Some(journal) = division.journals.iter_mut().find(|one| one.code == journal) {
        journal.numbers.insert(year, last);
    }
    number
}

fn numbered(journal: &str, year: i32, count: i32) -> i32 {
    let with_journal = format!("{:02}{journal}{count:04}", year.rem_euclid(100)).parse();
    with_journal.unwrap_or_else(|_| year.rem_euclid(100) * 1_000_000 + count)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_and_due_dates() {
        assert_eq!(numbered("60", 2026, 42), 26_600_042);
        assert_eq!(numbered("IN", 2026, 42), 26_000_042);
        assert_eq!(numbered("7000", 2026, 42), 26_000_042);
        let condition = |days, months| PaymentCondition {
            payment_days: days,
            payment_end_of_months: months,
            ..PaymentCondition::default()
        };
        let from = NaiveDate::from_ymd_opt(2026, 1, 15).expect("a date");
        assert_eq!(due_date(from, &condition(30, 0)), NaiveDate::from_ymd_opt(2026, 2, 14));
        assert_eq!(due_date(from, &condition(0, 1)), NaiveDate::from_ymd_opt(2026, 1, 31));
        assert_eq!(due_date(from, &condition(30, 1)), NaiveDate::from_ymd_opt(2026, 2, 28));
    }
}
