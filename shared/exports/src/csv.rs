//! Columns of one's own choice.

use crate::{
    Writer,
    amounts::{self, Amounts},
    delimited::{self, Cell, Row},
    document::{Books, ExportDocument, RunFacts},
    facts,
    segment::{Piece, Segment, Summary},
    tally::tally,
};
use domain::{
    export_format::{AmountStrategy, ChosenColumn, Column, CsvOptions, CsvSign, Problem, Rows},
    invoice::{InvoiceKind, InvoiceLine, VatCategory},
    ledger::{CostCentre, LedgerContact, Project},
    money::{sum, to_cents},
    party::{RegistryNumber, VatNumber},
    posting::PostingLine,
    reason::Reason,
};
use rust_decimal::Decimal;
use std::borrow::Cow;

/// The writer with these settings.
pub(crate) fn writer(options: &CsvOptions) -> Result<Box<dyn Writer>, Vec<Problem>> {
    let problems = delimited::heading_problems("columns", &options.file, &options.columns);
    if problems.is_empty() {
        Ok(Box::new(CsvWriter { columns: options.columns(), options: options.clone() }))
    } else {
        Err(problems)
    }
}

struct CsvWriter {
    options: CsvOptions,
    columns: Vec<ChosenColumn>,
}

/// What a row tells besides the document.
#[derive(Default)]
struct Part<'a> {
    description: Option<&'a str>,
    net: Option<Decimal>,
    vat: Option<Decimal>,
    category: Option<&'a str>,
    rate: Option<Decimal>,
    line: Option<&'a InvoiceLine>,
    booking: Option<&'a PostingLine>,
}

/// A document with all that its rows are made of.
struct Told<'a> {
    document: &'a ExportDocument,
    books: &'a Books,
    amounts: &'a Amounts,
    /// In the currency of the books, where a column wants that.
    company: Option<&'a Amounts>,
    sign: CsvSign,
}

impl Told<'_> {
    /// An amount with the sign that the file has.
    fn signed(&self, effect: Decimal) -> Decimal {
        match (self.sign, self.document.posting.kind) {
            (CsvSign::AsStated, InvoiceKind::CreditNote) => -effect,
            (CsvSign::Negative | CsvSign::AsStated, InvoiceKind::CreditNote | InvoiceKind::Invoice) => effect,
        }
    }

    fn amount(&self, effect: Option<Decimal>) -> Option<Cell<'static>> {
        effect.map(|effect| Cell::Amount(self.signed(effect)))
    }

    /// A stated amount of the invoice in the currency of the file.
    fn stated(&self, stated: Decimal) -> Result<Decimal, Reason> {
        let effect = facts::by_effect(self.document, stated);
        let value = if self.amounts.currency == self.document.posting.currency {
            effect
        } else {
            amounts::converted(self.document, self.books, effect)?
        };
        if to_cents(value) == value { Ok(value) } else { Err(amounts::out_of_range("amount", stated)) }
    }
}

impl CsvWriter {
    fn wants(&self, wanted: &[Column]) -> bool {
        self.columns.iter().any(|choice| wanted.contains(&choice.column))
    }

    fn parts<'a>(&self, told: &Told<'a>) -> Result<Vec<Part<'a>>, Reason> {
        let document = told.document;
        match self.options.rows {
            Rows::Document => Ok(vec![Part::default()]),
            Rows::Line if document.invoice.lines.is_empty() => Ok(vec![Part::default()]),
            Rows::Line => document.invoice.lines.iter().map(|line| line_part(line, told)).collect(),
            Rows::VatGroup => groups(told),
            Rows::Booking => Ok(document.posting.lines.iter().zip(&told.amounts.lines).map(booking_part).collect()),
        }
    }
}

fn line_part<'a>(line: &'a InvoiceLine, told: &Told<'a>) -> Result<Part<'a>, Reason> {
    let net = line.net.map(|net| told.stated(net)).transpose()?;
    Ok(Part {
        description: line.description.as_deref(),
        net,
        category: line.treatment.category.as_deref(),
        rate: line.treatment.rate,
        line: Some(line),
        ..Part::default()
    })
}

fn booking_part<'a>((line, amounts): (&'a PostingLine, &amounts::LineAmounts)) -> Part<'a> {
    Part {
        description: Some(&line.description),
        net: Some(amounts.net),
        vat: Some(amounts.vat),
        category: Some(line.category.as_str()),
        rate: line.rate,
        booking: Some(line),
        line: None,
    }
}

/// The posting by VAT category and rate, in the order in which they first occur.
fn groups<'a>(told: &Told<'a>) -> Result<Vec<Part<'a>>, Reason> {
    let mut groups: Vec<((VatCategory, Option<Decimal>), Part<'a>)> = Vec::new();
    for (line, amounts) in told.document.posting.lines.iter().zip(&told.amounts.lines) {
        let key = (line.category, line.rate);
        let grown = |held: Option<Decimal>, more| sum([held.unwrap_or_default(), more]).map_err(amounts::too_large);
        if let Some((_, part)) = groups.iter_mut().find(|(held, _)| *held == key) {
            part.net = Some(grown(part.net, amounts.net)?);
            part.vat = Some(grown(part.vat, amounts.vat)?);
        } else {
            let part = Part { description: None, booking: None, ..booking_part((line, amounts)) };
            groups.push((key, part));
        }
    }
    Ok(groups.into_iter().map(|(_, part)| part).collect())
}

/// The value of a column on the row with this number, from 1.
fn cell<'a>(column: Column, told: &Told<'a>, part: &Part<'a>, number: usize) -> Result<Option<Cell<'a>>, Reason> {
    let document = told.document;
    let (posting, invoice, contact) = (&document.posting, &document.invoice, &document.contact);
    if column.is_once() && number > 1 {
        return Ok(None);
    }
    let word = |word: &'a str| Some(Cell::Word(Cow::Borrowed(word)));
    let made = |text: String| Some(Cell::Word(Cow::Owned(text)));
    let text = |text: &'a str| Cell::text(Some(text));
    let rate = document.rate.as_ref().filter(|_| posting.currency != told.books.currency);
    Ok(match column {
        Column::DocumentId => made(document.id.to_string()),
        Column::Direction => word(posting.direction.as_str()),
        Column::Kind => word(posting.kind.as_str()),
        Column::TypeCode => Cell::text(invoice.type_code.as_deref()),
        Column::ContactId => made(contact.id.to_string()),
        Column::ContactName => text(&contact.name),
        Column::LedgerContact => Cell::text(contact.ledger_contact.as_ref().map(LedgerContact::as_str)),
        Column::VatNumber => Cell::text(contact.vat_number.as_ref().map(VatNumber::as_str)),
        Column::RegistryNumber => Cell::text(contact.registry_number.as_ref().map(RegistryNumber::as_str)),
        Column::Country => Cell::text(domain::contact::other_side(invoice, posting.direction).country.as_deref()),
        Column::Iban => facts::iban(document).map(|iban| Cell::Text(Cow::Owned(iban.to_string()))),
        Column::Number => text(&posting.number),
        Column::PrecedingNumber => Cell::text(invoice.preceding.first().map(|preceding| preceding.number.as_str())),
        Column::IssueDate => Some(Cell::Date(posting.issue_date)),
        Column::DueDate => posting.due_date.map(Cell::Date),
        Column::TaxPointDate => invoice.tax_point_date.map(Cell::Date),
        Column::DeliveryDate => invoice.delivery_date.map(Cell::Date),
        Column::PeriodStart => invoice.period_start.map(Cell::Date),
        Column::PeriodEnd => invoice.period_end.map(Cell::Date),
        Column::PostingDate => Some(Cell::Date(document.posting_date)),
        Column::Description => text(&posting.description),
        Column::Currency => made(told.amounts.currency.to_string()),
        Column::Net => told.amount(Some(told.amounts.net)),
        Column::Vat => told.amount(Some(told.amounts.vat)),
        Column::Gross => told.amount(Some(told.amounts.gross)),
        Column::Payable => told.amount(invoice.totals.payable.map(|payable| told.stated(payable)).transpose()?),
        Column::DocumentCurrency => made(posting.currency.to_string()),
        Column::CompanyCurrency => made(told.books.currency.to_string()),
        Column::CompanyNet => told.amount(told.company.map(|amounts| amounts.net)),
        Column::CompanyVat => told.amount(told.company.map(|amounts| amounts.vat)),
        Column::CompanyGross => told.amount(told.company.map(|amounts| amounts.gross)),
        Column::ExchangeRate => rate.map(|rate| Cell::Number(rate.rate.value())),
        Column::ExchangeRateDate => rate.map(|rate| Cell::Date(rate.date)),
        Column::ExchangeRateSource => Cell::text(rate.map(|rate| rate.source.as_str())),
        Column::PaymentReference => Cell::text(posting.payment_reference.as_deref()),
        Column::PaymentTerms => Cell::text(invoice.payment_terms.as_deref()),
        Column::OrderReference => Cell::text(invoice.order_reference.as_deref()),
        Column::BuyerReference => Cell::text(invoice.buyer_reference.as_deref()),
        Column::ContractReference => Cell::text(invoice.contract_reference.as_deref()),
        Column::ProjectReference => Cell::text(invoice.project_reference.as_deref()),
        Column::RowNumber => made(number.to_string()),
        Column::RowDescription => Cell::text(part.description),
        Column::RowNet => told.amount(part.net),
        Column::RowVat => told.amount(part.vat),
        Column::RowGross => told.amount(part.net.zip(part.vat).map(|(net, vat)| net + vat)),
        Column::VatCategory => Cell::text(part.category),
        Column::VatRate => part.rate.map(Cell::Number),
        Column::LineId => Cell::text(part.line.map(|line| line.id.as_str())),
        Column::Quantity => part.line.and_then(|line| line.quantity).map(Cell::Number),
        Column::Unit => Cell::text(part.line.and_then(|line| line.unit.as_deref())),
        Column::Price => part.line.and_then(|line| line.price).map(Cell::Number),
        Column::Account => Cell::text(part.booking.map(|line| line.account.as_str())),
        Column::VatCode => Cell::text(part.booking.map(|line| line.vat_code.as_str())),
        Column::CostCentre => {
            Cell::text(part.booking.and_then(|line| line.cost_centre.as_ref()).map(CostCentre::as_str))
        }
        Column::Project => Cell::text(part.booking.and_then(|line| line.project.as_ref()).map(Project::as_str)),
    })
}

/// Columns of the document alone, for formats that append them to rows of their own.
pub(crate) fn attribute<'a>(
    column: Column,
    document: &'a ExportDocument,
    books: &'a Books,
    amounts: &'a Amounts,
) -> Result<Option<Cell<'a>>, Reason> {
    let told = Told { document, books, amounts, company: None, sign: CsvSign::Negative };
    cell(column, &told, &Part::default(), 1)
}

impl Writer for CsvWriter {
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
        let wants_company = self.wants(&[Column::CompanyNet, Column::CompanyVat, Column::CompanyGross]);
        let company = wants_company.then(|| amounts::of(document, books, AmountStrategy::Company)).transpose()?;
        let sign = self.options.credit_notes;
        let told = Told { document, books, amounts: &amounts, company: company.as_ref(), sign };
        let parts = self.parts(&told)?;
        let mut bytes = Vec::new();
        for (at, part) in parts.iter().enumerate() {
            let mut row = Row::new(&self.options.file, self.columns.len());
            for choice in &self.columns {
                let value = cell(choice.column, &told, part, at + 1)?;
                row.put(choice.heading(), choice.column.kind(), value)?;
            }
            bytes.extend(row.end());
        }
        tally(summary, document, parts.len(), &[])?;
        let [rows, ..] = &mut segment.sections;
        rows.extend(bytes);
        Ok(())
    }

    fn layout(&self, _: &Books, _: &RunFacts, summary: &Summary) -> Result<Vec<Piece>, Reason> {
        if summary.documents == 0 {
            return Ok(Vec::new());
        }
        let headings = self.columns.iter().map(ChosenColumn::heading);
        Ok(vec![Piece::Bytes(delimited::opening(&self.options.file, headings)?), Piece::Section(0)])
    }

    fn content_type(&self) -> &'static str {
        delimited::content_type(&self.options.file)
    }

    fn extension(&self) -> &'static str {
        "csv"
    }
}
