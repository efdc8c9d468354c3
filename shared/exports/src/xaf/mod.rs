//! Dutch audit file XAF 3.2: complete bookings of one fiscal year, each document one transaction.
//!
//! Section 0 holds the transactions of purchase documents, section 1 those of sales documents. What stands before them (totals,
//! and the accounts, contacts and codes that occur) is made from the summary.

mod booking;
mod master;

use crate::{Books, ExportDocument, Piece, RunFacts, Segment, Summary, Writer, tally::tally};
use booking::Booking;
use chrono::{Datelike as _, Days, Months};
use domain::{
    export_format::{Problem, XafJournal, XafOptions},
    ledger::Direction,
    reason::Reason,
    time::Date,
    words::Unfit,
};
use rust_decimal::Decimal;

/// Kinds of what is declared, see [`Summary::declared`].
mod kind {
    /// Ledger account by code.
    pub const ACCOUNT: &str = "account";
    /// Element of a supplier by its id.
    pub const SUPPLIER: &str = "supplier";
    /// Element of a customer by its id.
    pub const CUSTOMER: &str = "customer";
    /// VAT code.
    pub const VAT_CODE: &str = "vat_code";
    /// First day of a month.
    pub const PERIOD: &str = "period";
}

/// Names of the file's own sums.
mod sums {
    /// Of all lines on the debit side.
    pub const DEBIT: &str = "debit";
    /// Of all lines on the credit side.
    pub const CREDIT: &str = "credit";
    /// Purchase documents.
    pub const PURCHASES: &str = "purchases";
    /// Sales documents.
    pub const SALES: &str = "sales";
}

/// The writer with these settings.
pub(crate) fn writer(options: &XafOptions) -> Result<Box<dyn Writer>, Vec<Problem>> {
    let (first, last) = options.fiscal_year().ok_or_else(|| options.problems())?;
    Ok(Box::new(Xaf { options: options.clone(), year: FiscalYear(first, last) }))
}

struct Xaf {
    options: XafOptions,
    year: FiscalYear,
}

/// A fiscal year: its first and its last day.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
struct FiscalYear(Date, Date);

impl FiscalYear {
    /// `2026`, or `2025-2026` when it spans two.
    fn name(self) -> String {
        let (first, last) = (self.0.year(), self.1.year());
        if first == last { first.to_string() } else { format!("{first}-{last}") }
    }

    /// Number of a date's month in the year, from 1.
    fn period(self, date: Date) -> i32 {
        let months = |date: Date| date.year() * 12 + i32::try_from(date.month0()).unwrap_or_default();
        months(date) - months(self.0) + 1
    }
}

fn month_start(date: Date) -> Date {
    date.with_day(1).unwrap_or(date)
}

fn month_end(date: Date) -> Date {
    month_start(date) + Months::new(1) - Days::new(1)
}

impl Xaf {
    fn journal(&self, direction: Direction) -> &XafJournal {
        match direction {
            Direction::Purchase => &self.options.purchase_journal,
            Direction::Sales => &self.options.sales_journal,
        }
    }
}

impl Writer for Xaf {
    fn needs_originals(&self) -> bool {
        false
    }

    fn write(
        &self,
        document: &ExportDocument,
        books: &Books,
        summary: &mut Summary,
        segment: &mut Segment,
    ) -> Result<(), Reason> {
        master::company(&self.options, books)?;
        let date = document.posting_date;
        let FiscalYear(from, to) = self.year;
        if date < from || date > to {
            return Err(Reason::said(&Unfit::OutsidePeriod { date, from, to }));
        }
        let booking = Booking::new(&self.options, document, books)?;
        let party = master::party(&self.options, document)?;
        let transaction = booking.write(document, summary.documents + 1, self.year.period(date), &party.id)?;
        let (section, counted) = match document.posting.direction {
            Direction::Purchase => (0, sums::PURCHASES),
            Direction::Sales => (1, sums::SALES),
        };
        let grown = [
            (sums::DEBIT.to_owned(), booking.debit()?),
            (sums::CREDIT.to_owned(), booking.credit()?),
            (counted.to_owned(), Decimal::ONE),
        ];
        tally(summary, document, booking.lines.len(), &grown)?;
        let mut declare = |kind: &str, code: &str, said: &str| {
            let codes = summary.declared.entry(kind.to_owned()).or_default();
            codes.insert(code.to_owned(), said.to_owned());
        };
        for line in &booking.lines {
            declare(kind::ACCOUNT, &line.account, "");
            if let Some(vat) = &line.vat {
                declare(kind::VAT_CODE, &vat.code, "");
            }
        }
        declare(party.kind, &party.id, &party.element);
        declare(kind::PERIOD, &month_start(date).to_string(), "");
        if let Some(bytes) = segment.sections.get_mut(section) {
            bytes.extend(transaction);
        }
        Ok(())
    }

    fn layout(&self, books: &Books, run: &RunFacts, summary: &Summary) -> Result<Vec<Piece>, Reason> {
        let Some(dates) = summary.dates else { return Ok(Vec::new()) };
        let head = master::head(&self.options, books, run, summary, self.year, dates)?;
        let mut pieces = vec![Piece::Bytes(head)];
        for (section, direction, kind, counted) in
            [(0, Direction::Purchase, "P", sums::PURCHASES), (1, Direction::Sales, "S", sums::SALES)]
        {
            if summary.sums.get(counted).is_some_and(|count| !count.is_zero()) {
                pieces.push(Piece::Bytes(master::journal_head(self.journal(direction), kind)?));
                pieces.push(Piece::Section(section));
                pieces.push(Piece::Bytes(master::journal_foot()));
            }
        }
        pieces.push(Piece::Bytes(master::foot()));
        Ok(pieces)
    }

    fn content_type(&self) -> &'static str {
        "application/xml; charset=utf-8"
    }

    fn extension(&self) -> &'static str {
        "xaf"
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fiscal_year_may_begin_in_any_month() {
        let date = |text: &str| text.parse::<Date>().unwrap();
        let calendar = FiscalYear(date("2026-01-01"), date("2026-12-31"));
        assert_eq!((calendar.name().as_str(), calendar.period(date("2026-03-15"))), ("2026", 3));
        let broken = FiscalYear(date("2025-07-01"), date("2026-06-30"));
        assert_eq!(broken.name(), "2025-2026");
        assert_eq!([broken.period(date("2025-07-31")), broken.period(date("2026-06-01"))], [1, 12]);
        assert_eq!(month_end(date("2028-02-10")), date("2028-02-29"));
    }
}
