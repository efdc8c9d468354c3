//! DATEV EXTF Buchungsstapel: a header line, a line of column names, and a row for each ledger account and VAT code of a
//! document, booked against the supplier or customer. Names in German are DATEV's own.

mod columns;
mod number;

use crate::{
    Writer,
    amounts::{self, Amounts, cents},
    document::{Books, ExportDocument, RunFacts},
    encoding,
    facts::{described, foreign_eu_vat_number, supply_date, tax_point},
    name::plain,
    segment::{Piece, Segment, Summary},
    tally::tally,
};
use chrono::Datelike as _;
use columns::Field;
use domain::{
    export_format::{
        AmountStrategy, DatevBasis, DatevLock, DatevOptions, DatevTaxDates, DatevTaxKey, DatevVersion, Encoding,
        Problem,
    },
    invoice::VatCategory,
    ledger::{CostCentre, Direction, Project, VatCode},
    money::sum,
    posting::PostingLine,
    reason::{Reason, cut},
    time::Date,
    words::{Text, Unfit},
};
use rust_decimal::{Decimal, RoundingStrategy};
use std::collections::BTreeMap;

/// Most bookings of a batch.
const ROWS_MAX: u64 = 99_999;
/// Most characters of Buchungstext.
const TEXT_CHARS_MAX: usize = 60;
/// Most characters of the column for a VAT number.
const VAT_NUMBER_CHARS_MAX: usize = 15;

/// The writer with these settings.
pub(crate) fn writer(options: &DatevOptions) -> Result<Box<dyn Writer>, Vec<Problem>> {
    let needed = (options.consultant, options.client, options.account_length, options.fiscal_year());
    let (Some(consultant), Some(client), Some(account_length), Some(fiscal_year)) = needed else {
        return Err(options.problems());
    };
    let description = options.description.as_deref().unwrap_or("Rechnungen");
    if encoding::append(&mut Vec::new(), description, Encoding::Windows1252).is_err() {
        let detail = "the name of the batch has characters that Windows-1252 does not have: change them";
        return Err(vec![Problem::new("description", detail)]);
    }
    Ok(Box::new(DatevWriter {
        consultant,
        client,
        account_length,
        fiscal_year,
        description: description.to_owned(),
        options: options.clone(),
    }))
}

struct DatevWriter {
    consultant: u32,
    client: u32,
    account_length: u8,
    fiscal_year: (Date, Date),
    description: String,
    options: DatevOptions,
}

fn characters(field: Field, value: &str) -> Reason {
    Reason::said(&Unfit::Characters { field: Text::of(field.name()), value: Text::of(value) })
}

fn too_long(field: Field, limit: usize) -> Reason {
    let limit = u32::try_from(limit).unwrap_or(u32::MAX);
    Reason::said(&Unfit::TooLong { field: Text::of(field.name()), limit })
}

/// Lines of a document that become one row.
struct Group<'a> {
    first: &'a PostingLine,
    key: &'a DatevTaxKey,
    lines: usize,
    /// Signed by effect, in the currency of the row.
    amount: Decimal,
    /// The same in the currency of the books.
    base: Decimal,
}

/// A row by the numbers of its columns, as it is written: text in its quotes.
struct Row(BTreeMap<usize, String>);

impl Row {
    fn plain(&mut self, field: Field, value: String) {
        self.0.insert(field as usize, value);
    }

    fn text(&mut self, field: Field, value: &str) {
        self.0.insert(field as usize, quoted(value));
    }

    /// The bytes of the row. An error names the column whose characters cannot be expressed.
    fn end(self, version: DatevVersion) -> Result<Vec<u8>, Reason> {
        let mut bytes = Vec::new();
        for number in 1..=version.columns() {
            let empty = if columns::is_text(number) { "\"\"" } else { "" };
            let value = self.0.get(&number).map_or(empty, String::as_str);
            encoding::append(&mut bytes, value, Encoding::Windows1252).map_err(|encoding::Inexpressible| {
                let name = columns::names(version).split(';').nth(number - 1).unwrap_or_default().to_owned();
                let value = value.trim_matches('"').to_owned();
                Reason::said(&Unfit::Characters { field: Text(name), value: Text(value) })
            })?;
            bytes.extend_from_slice(if number == version.columns() { b"\r\n" } else { b";" });
        }
        Ok(bytes)
    }
}

fn quoted(text: &str) -> String {
    format!("\"{}\"", text.replace('"', "\"\""))
}

fn comma(number: &str) -> String {
    number.replace('.', ",")
}

/// A date with its year, which is one of this century.
fn long_date(field: Field, date: Date) -> Result<String, Reason> {
    if (2000..=2099).contains(&date.year()) {
        return Ok(date.format("%d%m%Y").to_string());
    }
    Err(Reason::said(&Unfit::OutOfRange { field: Text::of(field.name()), value: Text::of(date) }))
}

impl DatevWriter {
    /// What a VAT code becomes on this side of the ledger.
    fn key(&self, direction: Direction, code: &VatCode) -> Result<&DatevTaxKey, Reason> {
        let (setting, keys) = match direction {
            Direction::Purchase => ("purchase_keys", &self.options.purchase_keys),
            Direction::Sales => ("sales_keys", &self.options.sales_keys),
        };
        keys.get(code)
            .ok_or_else(|| Reason::said(&Unfit::SettingMissing { setting: Text::of(setting), code: Text::of(code) }))
    }

    /// An account of exactly so many digits: DATEV would take one of another length for another account.
    fn account(field: &str, code: &str, digits: u8) -> Result<String, Reason> {
        let is_number = code.bytes().all(|b| b.is_ascii_digit()) && code.bytes().any(|b| b != b'0');
        if code.len() == usize::from(digits) && is_number {
            return Ok(code.to_owned());
        }
        Err(Reason::said(&Unfit::Digits { field: Text::of(field), digits: digits.into(), value: Text::of(code) }))
    }

    fn groups<'a>(
        &'a self,
        document: &'a ExportDocument,
        amounts: &Amounts,
        base: &Amounts,
    ) -> Result<Vec<Group<'a>>, Reason> {
        let mut groups: Vec<Group<'a>> = Vec::new();
        let same = |one: &PostingLine, other: &PostingLine| {
            let key = |line: &PostingLine| (line.category, line.rate);
            one.account == other.account
                && one.vat_code == other.vat_code
                && key(one) == key(other)
                && one.cost_centre == other.cost_centre
                && one.project == other.project
        };
        for ((line, amounts), base) in document.posting.lines.iter().zip(&amounts.lines).zip(&base.lines) {
            let key = self.key(document.posting.direction, &line.vat_code)?;
            let (amount, base) = match key.basis {
                DatevBasis::Gross => (amounts.gross(), base.gross()),
                DatevBasis::Net => (amounts.net, base.net),
            };
            match groups.iter_mut().find(|held| same(held.first, line)) {
                Some(held) => {
                    held.lines += 1;
                    held.amount = sum([held.amount, amount]).map_err(amounts::too_large)?;
                    held.base = sum([held.base, base]).map_err(amounts::too_large)?;
                }
                None => groups.push(Group { first: line, key, lines: 1, amount, base }),
            }
        }
        let total = sum(groups.iter().map(|group| group.amount)).map_err(amounts::too_large)?;
        if total != amounts.gross {
            return Err(amounts::unbalanced(total, amounts.gross));
        }
        groups.retain(|group| !group.amount.is_zero());
        if groups.is_empty() { Err(amounts::out_of_range(Field::Umsatz.name(), Decimal::ZERO)) } else { Ok(groups) }
    }

    /// The columns that all rows of a document share.
    fn shared(&self, document: &ExportDocument, books: &Books) -> Result<Row, Reason> {
        let posting = &document.posting;
        let mut row = Row(BTreeMap::new());
        let contact = document
            .contact
            .ledger_contact
            .as_ref()
            .ok_or_else(|| Reason::said(&Unfit::ValueMissing { field: Text::of("ledger_contact") }))?;
        row.plain(Field::Konto, Self::account("Konto (ledger_contact)", contact.as_str(), self.account_length + 1)?);
        row.plain(Field::Belegdatum, document.posting_date.format("%d%m").to_string());
        row.text(Field::Belegfeld1, &number::document_number(&posting.number, self.options.numbers)?);
        row.plain(Field::Festschreibung, self.lock().to_owned());
        match self.options.tax_dates {
            DatevTaxDates::Document => {
                row.plain(Field::Leistungsdatum, long_date(Field::Leistungsdatum, supply_date(document))?);
                row.plain(Field::Steuerperiode, long_date(Field::Steuerperiode, tax_point(document))?);
            }
            DatevTaxDates::None => {}
        }
        if let Some(due) = posting.due_date {
            row.plain(Field::Faelligkeit, long_date(Field::Faelligkeit, due)?);
        }
        if self.options.amounts == AmountStrategy::Original && posting.currency != books.currency {
            row.text(Field::WkzUmsatz, posting.currency.as_str());
            row.text(Field::WkzBasisumsatz, books.currency.as_str());
            row.plain(Field::Kurs, exchange_rate(document)?);
        }
        Ok(row)
    }

    fn row(
        &self,
        group: &Group<'_>,
        shared: &Row,
        document: &ExportDocument,
        books: &Books,
    ) -> Result<Vec<u8>, Reason> {
        let line = group.first;
        let mut row = Row(shared.0.clone());
        row.plain(Field::Umsatz, amount(Field::Umsatz, group.amount)?);
        if row.0.contains_key(&(Field::WkzBasisumsatz as usize)) {
            row.plain(Field::Basisumsatz, amount(Field::Basisumsatz, group.base)?);
        }
        // Of the contact's account: what is owed to a supplier stands on the right, what a customer owes on the left.
        let is_owed = group.amount > Decimal::ZERO;
        let side = match document.posting.direction {
            Direction::Purchase if is_owed => "H",
            Direction::Purchase => "S",
            Direction::Sales if is_owed => "S",
            Direction::Sales => "H",
        };
        row.text(Field::SollHaben, side);
        row.plain(
            Field::Gegenkonto,
            Self::account("Gegenkonto (account)", line.account.as_str(), self.account_length)?,
        );
        if let Some(key) = &group.key.key {
            row.text(Field::BuSchluessel, key);
        }
        let text = if group.lines == 1 { &line.description } else { &document.posting.description };
        row.text(Field::Buchungstext, cut(&described(document, text), TEXT_CHARS_MAX).trim_end());
        // The newest versions have room for 36 characters of a cost centre, older ones for 8.
        let limit = if self.options.version == DatevVersion::V9 { 8 } else { 36 };
        let cost_centre = line.cost_centre.as_ref().map(CostCentre::as_str);
        let project = line.project.as_ref().map(Project::as_str);
        for (field, code) in [(Field::Kost1, cost_centre), (Field::Kost2, project)] {
            match code {
                Some(code) if code.chars().count() > limit => return Err(too_long(field, limit)),
                Some(code) if !code.chars().all(|c| c.is_alphanumeric() || matches!(c, '_' | ' ')) => {
                    return Err(characters(field, code));
                }
                Some(code) => row.text(field, code),
                None => {}
            }
        }
        if matches!(line.category, VatCategory::K | VatCategory::AE)
            && let Some(number) = foreign_eu_vat_number(document, books)
        {
            if number.len() > VAT_NUMBER_CHARS_MAX {
                return Err(too_long(Field::EuUstId, VAT_NUMBER_CHARS_MAX));
            }
            row.text(Field::EuUstId, number);
        }
        row.end(self.options.version)
    }

    fn lock(&self) -> &'static str {
        match self.options.lock {
            DatevLock::Open => "0",
            DatevLock::Locked => "1",
        }
    }

    /// The first line: 31 fields.
    fn header(&self, books: &Books, run: &RunFacts, (from, to): (Date, Date)) -> Result<Vec<u8>, Reason> {
        let day = |date: Date| date.format("%Y%m%d").to_string();
        let optional = |text: &Option<String>| quoted(text.as_deref().unwrap_or_default());
        // For information only, and DATEV takes letters, digits and `_`.
        let by = plain(&run.on_behalf_of).replace(['-', '.'], "_");
        let fields = [
            "\"EXTF\"".to_owned(),
            "700".to_owned(),
            "21".to_owned(),
            "\"Buchungsstapel\"".to_owned(),
            self.options.version.number().to_string(),
            run.at.format("%Y%m%d%H%M%S%3f").to_string(),
            String::new(),
            "\"RE\"".to_owned(),
            quoted(cut(&by, 25)),
            quoted(""),
            self.consultant.to_string(),
            self.client.to_string(),
            day(self.fiscal_year.0),
            self.account_length.to_string(),
            day(from),
            day(to),
            quoted(&self.description),
            optional(&self.options.initials),
            "1".to_owned(),
            "0".to_owned(),
            self.lock().to_owned(),
            quoted(books.currency.as_str()),
            String::new(),
            quoted(""),
            String::new(),
            String::new(),
            optional(&self.options.chart),
            String::new(),
            String::new(),
            quoted(""),
            quoted(cut(&run.reference, 16)),
        ];
        let names = columns::names(self.options.version);
        let mut bytes = Vec::new();
        encoding::append(&mut bytes, &format!("{}\r\n{names}\r\n", fields.join(";")), Encoding::Windows1252).map_err(
            |encoding::Inexpressible| {
                let value = Text::of(&run.reference);
                Reason::said(&Unfit::Characters { field: Text::of("Anwendungsinformation"), value })
            },
        )?;
        Ok(bytes)
    }
}

/// An amount without its sign: at most ten digits before the comma.
fn amount(field: Field, value: Decimal) -> Result<String, Reason> {
    let value = value.abs();
    if value.is_zero() || value >= Decimal::from(10_000_000_000_u64) {
        return Err(amounts::out_of_range(field.name(), value));
    }
    Ok(comma(&cents(value)))
}

/// How many units of the document's currency one unit of the books' currency is: DATEV divides by it. The description of the
/// format takes 1 to 9999 with six decimals.
fn exchange_rate(document: &ExportDocument) -> Result<String, Reason> {
    let ours = document.rate.as_ref().map(|rate| rate.rate.value()).unwrap_or_default();
    let Some(theirs) = Decimal::ONE.checked_div(ours) else {
        return Err(amounts::out_of_range(Field::Kurs.name(), ours));
    };
    let mut theirs = theirs.round_dp_with_strategy(6, RoundingStrategy::MidpointAwayFromZero);
    if theirs < Decimal::ONE || theirs >= Decimal::from(10_000) {
        return Err(amounts::out_of_range(Field::Kurs.name(), theirs));
    }
    theirs.rescale(6);
    Ok(comma(&theirs.to_string()))
}

impl Writer for DatevWriter {
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
        let (from, to) = self.fiscal_year;
        let date = document.posting_date;
        if date < from || date > to {
            return Err(Reason::said(&Unfit::OutsidePeriod { date, from, to }));
        }
        let base = amounts::company(document, books)?;
        let own = match self.options.amounts {
            AmountStrategy::Original => amounts::original(document)?,
            AmountStrategy::Company => base.clone(),
        };
        let groups = self.groups(document, &own, &base)?;
        let shared = self.shared(document, books)?;
        let mut bytes = Vec::new();
        for group in &groups {
            bytes.extend(self.row(group, &shared, document, books)?);
        }
        tally(summary, document, groups.len(), &[])?;
        let [rows, ..] = &mut segment.sections;
        rows.extend(bytes);
        Ok(())
    }

    fn layout(&self, books: &Books, run: &RunFacts, summary: &Summary) -> Result<Vec<Piece>, Reason> {
        let Some(dates) = summary.dates.filter(|_| summary.documents > 0) else { return Ok(Vec::new()) };
        if summary.rows > ROWS_MAX {
            let number = |rows: u64| u32::try_from(rows).unwrap_or(u32::MAX);
            return Err(Reason::said(&Unfit::TooManyRows { rows: number(summary.rows), limit: number(ROWS_MAX) }));
        }
        Ok(vec![Piece::Bytes(self.header(books, run, dates)?), Piece::Section(0)])
    }

    fn content_type(&self) -> &'static str {
        "text/csv; charset=windows-1252; header=present"
    }

    fn extension(&self) -> &'static str {
        "csv"
    }
}
