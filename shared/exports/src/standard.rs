//! The standard export file (EX-31): for each document one line on the contact's account and one for each line of the
//! posting on the other side. A purchase invoice credits the supplier and debits the lines; a sales document, and a credit
//! note of either kind, have the sides exchanged. Amounts are positive: a line that takes away stands on the contact's side.

use crate::{
    Writer,
    amounts::{self, Amounts},
    csv::attribute,
    delimited::{self, Cell, Row},
    document::{Books, ExportDocument, RunFacts},
    facts::{described, iban},
    segment::{Piece, Segment, Summary},
    tally::tally,
};
use domain::{
    export_format::{ChosenColumn, ColumnKind, CostObject, Problem, STANDARD_HEADINGS, StandardOptions, TaxHandling},
    invoice::InvoiceKind,
    ledger::{AccountCode, CostCentre, Direction, Project, VatCode},
    money::sum,
    posting::PostingLine,
    reason::Reason,
    words::{Text, Unfit},
};
use rust_decimal::Decimal;
use std::borrow::Cow;

/// The writer with these settings.
pub(crate) fn writer(options: &StandardOptions) -> Result<Box<dyn Writer>, Vec<Problem>> {
    let problems = delimited::heading_problems("attributes", &options.file, &options.attributes);
    if problems.is_empty() { Ok(Box::new(StandardWriter { options: options.clone() })) } else { Err(problems) }
}

struct StandardWriter {
    options: StandardOptions,
}

/// What an account is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum AccountType {
    Supplier,
    Customer,
    Ledger,
}

impl AccountType {
    fn as_str(self) -> &'static str {
        match self {
            Self::Supplier => "supplier",
            Self::Customer => "customer",
            Self::Ledger => "ledger",
        }
    }
}

/// A side of an account.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Side {
    Credit,
    Debit,
}

impl Side {
    fn other(self) -> Self {
        match self {
            Self::Credit => Self::Debit,
            Self::Debit => Self::Credit,
        }
    }
}

/// A line of the file.
struct Entry<'a> {
    account: &'a str,
    kind: AccountType,
    side: Side,
    /// Below zero it stands on the other side, above it.
    amount: Decimal,
    tax_code: Option<&'a str>,
    cost_object: Option<&'a str>,
    description: String,
}

impl Entry<'_> {
    /// What stands on a side of the account.
    fn on(&self, side: Side) -> Option<Decimal> {
        let stands = if self.amount < Decimal::ZERO { self.side.other() } else { self.side };
        (stands == side).then_some(self.amount.abs())
    }
}

/// What stands on a side of all accounts together.
fn total(entries: &[Entry<'_>], side: Side) -> Result<Decimal, Reason> {
    sum(entries.iter().filter_map(|entry| entry.on(side))).map_err(amounts::too_large)
}

impl StandardWriter {
    fn cost_object<'a>(&self, line: &'a PostingLine) -> Option<&'a str> {
        match self.options.cost_object {
            CostObject::CostCentre => line.cost_centre.as_ref().map(CostCentre::as_str),
            CostObject::Project => line.project.as_ref().map(Project::as_str),
        }
    }

    fn vat_account(&self, code: &VatCode) -> Result<&AccountCode, Reason> {
        self.options.vat_accounts.get(code).ok_or_else(|| {
            Reason::said(&Unfit::SettingMissing { setting: Text::of("vat_accounts"), code: Text::of(code) })
        })
    }

    fn entries<'a>(&'a self, document: &'a ExportDocument, amounts: &Amounts) -> Result<Vec<Entry<'a>>, Reason> {
        let posting = &document.posting;
        let account = document
            .contact
            .ledger_contact
            .as_ref()
            .ok_or_else(|| Reason::said(&Unfit::ValueMissing { field: Text::of("ledger_contact") }))?;
        let (kind, side) = match posting.direction {
            Direction::Purchase => (AccountType::Supplier, Side::Credit),
            Direction::Sales => (AccountType::Customer, Side::Debit),
        };
        // Amounts are signed by effect; a credit note has its sides exchanged instead.
        let (side, turn) = match posting.kind {
            InvoiceKind::Invoice => (side, Decimal::ONE),
            InvoiceKind::CreditNote => (side.other(), Decimal::NEGATIVE_ONE),
        };
        let text = described(document, &posting.description);
        let ledger = |account, amount: Decimal, code: &'a VatCode, description| Entry {
            account,
            kind: AccountType::Ledger,
            side: side.other(),
            amount: amount * turn,
            tax_code: Some(code.as_str()),
            cost_object: None,
            description,
        };
        let mut entries = vec![Entry {
            account: account.as_str(),
            kind,
            side,
            amount: amounts.gross * turn,
            tax_code: None,
            cost_object: None,
            description: text.clone(),
        }];
        let mut vat_entries: Vec<Entry<'a>> = Vec::new();
        for (line, amounts) in posting.lines.iter().zip(&amounts.lines) {
            let (code, line_text) = (&line.vat_code, described(document, &line.description));
            let amount = match self.options.tax {
                TaxHandling::Gross => amounts.gross(),
                TaxHandling::VatLines => amounts.net,
            };
            let entry = ledger(line.account.as_str(), amount, code, line_text);
            entries.push(Entry { cost_object: self.cost_object(line), ..entry });
            if self.options.tax == TaxHandling::VatLines && !amounts.vat.is_zero() {
                let entry = ledger(self.vat_account(code)?.as_str(), amounts.vat, code, text.clone());
                match vat_entries.iter_mut().find(|held| held.tax_code == entry.tax_code) {
                    Some(held) => held.amount += entry.amount,
                    None => vat_entries.push(entry),
                }
            }
        }
        entries.extend(vat_entries.into_iter().filter(|entry| !entry.amount.is_zero()));
        let (credit, debit) = (total(&entries, Side::Credit)?, total(&entries, Side::Debit)?);
        if credit == debit { Ok(entries) } else { Err(amounts::unbalanced(credit, debit)) }
    }

    fn row(
        &self,
        entry: &Entry<'_>,
        document: &ExportDocument,
        books: &Books,
        amounts: &Amounts,
    ) -> Result<Vec<u8>, Reason> {
        let options = &self.options;
        let (credit, debit) = (entry.on(Side::Credit), entry.on(Side::Debit));
        let text = |text: &str| Some(Cell::Text(Cow::Owned(text.to_owned())));
        let fixed = [
            (ColumnKind::Text, text(entry.account)),
            (ColumnKind::Word, Some(Cell::Word(Cow::Borrowed(entry.kind.as_str())))),
            (ColumnKind::Number, credit.map(Cell::Amount)),
            (ColumnKind::Number, debit.map(Cell::Amount)),
            (ColumnKind::Text, entry.tax_code.and_then(text)),
            (ColumnKind::Text, entry.cost_object.and_then(text)),
            (ColumnKind::Text, text(&entry.description)),
            (ColumnKind::Word, Some(Cell::Word(Cow::Owned(document.id.to_string())))),
            (ColumnKind::Text, iban(document).and_then(|iban| text(iban.as_str()))),
            (ColumnKind::Date, Some(Cell::Date(document.posting_date))),
        ];
        let mut row = Row::new(&options.file, fixed.len() + options.attributes.len());
        for (heading, (kind, cell)) in STANDARD_HEADINGS.into_iter().zip(fixed) {
            row.put(heading, kind, cell)?;
        }
        for choice in &options.attributes {
            row.put(choice.heading(), choice.column.kind(), attribute(choice.column, document, books, amounts)?)?;
        }
        Ok(row.end())
    }
}

impl Writer for StandardWriter {
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
        let amounts = amounts::of(document, books, self.options.amounts)?;
        let entries = self.entries(document, &amounts)?;
        let mut bytes = Vec::new();
        for entry in &entries {
            bytes.extend(self.row(entry, document, books, &amounts)?);
        }
        let sums = [
            (format!("credit {}", amounts.currency), total(&entries, Side::Credit)?),
            (format!("debit {}", amounts.currency), total(&entries, Side::Debit)?),
        ];
        tally(summary, document, entries.len(), &sums)?;
        let [rows, ..] = &mut segment.sections;
        rows.extend(bytes);
        Ok(())
    }

    fn layout(&self, _: &Books, _: &RunFacts, summary: &Summary) -> Result<Vec<Piece>, Reason> {
        if summary.documents == 0 {
            return Ok(Vec::new());
        }
        let headings: Vec<&str> =
            STANDARD_HEADINGS.into_iter().chain(self.options.attributes.iter().map(ChosenColumn::heading)).collect();
        Ok(vec![Piece::Bytes(delimited::opening(&self.options.file, headings.into_iter())?), Piece::Section(0)])
    }

    fn content_type(&self) -> &'static str {
        delimited::content_type(&self.options.file)
    }

    fn extension(&self) -> &'static str {
        "csv"
    }
}
