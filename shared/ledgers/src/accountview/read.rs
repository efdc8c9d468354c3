//! Journal pages and posted transactions as bookings. Pure.

use super::{
    api::{Row, Tables},
    map::{Filling, Plan},
    options,
};
use crate::push::{Booked, Found};
use domain::{
    ledger::{Direction, Division},
    time::Date,
};
use rust_decimal::Decimal;

/// A journal page with its lines.
#[derive(Debug, Clone)]
pub(super) struct Page {
    pub(super) header: Row,
    lines: Vec<Row>,
}

/// The pages of an answer.
pub(super) fn pages(tables: &Tables) -> Vec<Page> {
    let of = |header: &Row| {
        let id = header.text("DJ_PAGE_Id");
        let lines = tables.rows("DJ_LINE").iter().filter(|line| line.text("DJ_PAGE_Id") == id);
        Page { header: header.clone(), lines: lines.cloned().collect() }
    };
    tables.rows("DJ_PAGE").iter().map(of).collect()
}

/// How amounts on a page are to be understood.
pub(super) struct Signs<'a> {
    pub(super) direction: Direction,
    /// The sign of a cost or revenue line of an invoice.
    pub(super) sign: Decimal,
    /// Who made the lines; as the page looks when that is not known.
    pub(super) filling: Option<Filling>,
    /// Currency of the books.
    pub(super) home: &'a str,
    /// Codes whose VAT the buyer owes.
    pub(super) is_owed: &'a dyn Fn(&str) -> bool,
}

/// The id of a booking: company, a day of its year, journal and page.
pub(super) fn id(company: &Division, day: Date, journal: &str, page: &str) -> String {
    format!("{company}/{day}/{journal}-{page}")
}

/// Day, journal and page of an id.
pub(super) fn parts<'a>(company: &Division, id: &'a str) -> Option<(Date, &'a str, &'a str)> {
    let (day, page) = id.strip_prefix(company.as_str())?.strip_prefix('/')?.split_once('/')?;
    let (journal, page) = page.rsplit_once('-')?;
    Some((day.parse().ok()?, journal, page))
}

/// What the note of a page says that its invoice number is.
pub(super) fn number_in(note: &str) -> Option<String> {
    let mut parts = note.split('|').map(str::trim);
    parts.next().filter(|first| first.starts_with("ref "))?;
    parts.next().filter(|number| !number.is_empty()).map(str::to_owned)
}

impl Page {
    pub(super) fn note(&self) -> String {
        self.header.text("COMMENT1")
    }

    /// The page as a booking; none when something in it cannot be understood.
    pub(super) fn booked(
        &self,
        signs: &Signs<'_>,
        id: impl FnOnce(&str, &str) -> String,
        found: Found,
    ) -> Option<Booked> {
        let header = &self.header;
        let (journal, page) = (header.filled("DJ_CODE")?, header.filled("PAGE_NR")?);
        let relation = header.filled("SUB_NR")?;
        let currency = header.filled("CUR_CODE").unwrap_or_else(|| signs.home.to_owned());
        let sums = Sums::of(&self.lines, signs, &relation, currency == signs.home);
        Some(Booked {
            id: id(&journal, &page),
            number: page,
            contact: relation.parse().ok()?,
            creator: header.filled("INP_USR"),
            gross: sums.gross,
            vat: Some(sums.vat),
            currency: currency.parse().ok(),
            reduces: sums.gross.map(|gross| gross.is_sign_negative()),
            reference: Some(header.text("INV_NR")),
            found,
        })
    }

    /// Whether it reduces what is owed; none when it has no amount.
    pub(super) fn reduces(&self, signs: &Signs<'_>) -> Option<bool> {
        let currency = self.header.filled("CUR_CODE").unwrap_or_else(|| signs.home.to_owned());
        let sums = Sums::of(&self.lines, signs, &self.header.text("SUB_NR"), currency == signs.home);
        sums.gross.filter(|gross| !gross.is_zero()).map(|gross| gross.is_sign_negative())
    }
}

/// Amounts by their effect on what is owed.
struct Sums {
    /// None when the amount in the currency of the books is missing.
    gross: Option<Decimal>,
    vat: Decimal,
}

impl Sums {
    fn of(lines: &[Row], signs: &Signs<'_>, relation: &str, is_home: bool) -> Self {
        let (amount, vat_amount) = if is_home { ("AMOUNT", "VAT_AMT") } else { ("CUR_AMT", "CUR_VAT") };
        let of_relation = |line: &&Row| !relation.is_empty() && line.text("SUB_NR") == relation;
        let counts = |line: &&Row| !(signs.is_owed)(&line.text("VAT_CODE"));
        let open: Vec<&Row> = lines.iter().filter(of_relation).collect();
        let stated: Decimal = lines.iter().filter(counts).map(|line| line.amount(vat_amount)).sum();
        let gross = if open.is_empty() {
            signs.sign * (lines.iter().map(|line| line.amount(amount)).sum::<Decimal>() + stated)
        } else {
            let sum: Decimal = open.iter().map(|line| line.amount(amount)).sum();
            match signs.direction {
                Direction::Purchase => -sum,
                Direction::Sales => sum,
            }
        };
        let is_balanced = match signs.filling {
            Some(filling) => filling == Filling::Balanced,
            None => !open.is_empty() && stated.is_zero(),
        };
        let vat = if is_balanced {
            let based = lines.iter().filter(counts).filter(|line| !line.amount("BASE_AMT").is_zero());
            based.map(|line| line.amount(amount)).sum()
        } else {
            stated
        };
        let in_books = lines.iter().any(|line| !line.amount("AMOUNT").is_zero());
        Self { gross: (is_home || in_books).then_some(gross), vat }
    }
}

/// The transactions of a processed page as a booking. They carry no note, unless their header does.
pub(super) fn processed(
    rows: &[Row],
    plan: &Plan<'_>,
    signs: &Signs<'_>,
    company: &Division,
    day: Date,
) -> Option<Booked> {
    let first = rows.iter().find(|row| row.filled("SUB_NR").is_some())?;
    let relation = first.text("SUB_NR");
    let (journal, page) = (first.filled("DJ_CODE")?, first.filled("PAGE_NR")?);
    let currency = first.filled("CUR_CODE").unwrap_or_else(|| plan.option(&options::CURRENCY).to_owned());
    let sums = Sums::of(rows, signs, &relation, currency == signs.home);
    let vat = if sums.vat.is_zero() {
        let based = rows.iter().filter(|row| !(signs.is_owed)(&row.text("VAT_CODE")));
        based.filter(|row| !row.amount("BASE_AMT").is_zero()).map(|row| row.amount("AMOUNT")).sum()
    } else {
        sums.vat
    };
    Some(Booked {
        id: id(company, day, &journal, &page),
        number: page,
        contact: relation.parse().ok()?,
        creator: None,
        gross: sums.gross,
        vat: Some(vat),
        currency: currency.parse().ok(),
        reduces: sums.gross.map(|gross| gross.is_sign_negative()),
        reference: first.filled("INV_NR"),
        found: Found::Again,
    })
}
