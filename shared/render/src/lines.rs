//! The table of lines with its totals; of a correction each line as it was, as it should have been, and the difference.

use crate::{
    RenderError, number,
    page::{LEFT, QUIET, RIGHT, SMALL, STRONG, Style, TEXT},
    table::{Align, Cell, Column, Look, Piece, Table, Width},
    words::{self, Word},
};
use domain::sales::{Amounts, Corrects, DocumentLanguage, IssuedContent, IssuedLine, Prices, SalesVat, by_vat, total};
use rust_decimal::Decimal;
use std::collections::BTreeMap;

/// The table of a document.
pub fn table(content: &IssuedContent) -> Result<Table, RenderError> {
    let writer = Writer { language: content.language };
    let (rows, foot) = match &content.corrects {
        None => (writer.plain_rows(&content.lines), writer.plain_foot(content)?),
        Some(corrects) => (writer.corrected_rows(content, corrects)?, writer.corrected_foot(content, corrects)?),
    };
    let look = Look {
        gap: 9.0,
        pad: 3.2,
        foot_pad: 1.6,
        rules: true,
        least: 110.0,
        head: SMALL,
        mark: number::mark(content.language),
    };
    Ok(Table { across: (LEFT, RIGHT), columns: writer.columns(content), rows, foot, look })
}

/// What lines come to by rate; of a correction the difference.
pub fn by_rate(content: &IssuedContent) -> Result<BTreeMap<SalesVat, Amounts>, RenderError> {
    let mut rates = by_vat(&content.lines).ok_or(RenderError::TooLarge)?;
    if let Some(corrects) = &content.corrects {
        for (vat, before) in by_vat(&corrects.lines).ok_or(RenderError::TooLarge)? {
            let after = rates.entry(vat).or_default();
            *after = after.minus(before).ok_or(RenderError::TooLarge)?;
        }
    }
    Ok(rates)
}

struct Writer {
    language: DocumentLanguage,
}

impl Writer {
    fn word(&self, word: Word) -> String {
        word.of(self.language).to_owned()
    }

    fn columns(&self, content: &IssuedContent) -> Vec<Column> {
        let column = |head: Word, width: Width, align: Align| Column { head: self.word(head), width, align };
        let price = match content.prices {
            Prices::Net => words::NET_PRICE,
            Prices::Gross => words::GROSS_PRICE,
        };
        let mut columns =
            vec![column(words::LINE, Width::Fits, Align::Right), column(words::NAME, Width::Rest, Align::Left)];
        if content.corrects.is_some() {
            columns.push(Column::plain(Width::Fits, Align::Left));
        }
        columns.extend([
            column(words::QUANTITY, Width::Fits, Align::Point),
            column(words::UNIT, Width::AtMost(42.0), Align::Left),
            column(price, Width::Fits, Align::Point),
            column(words::RATE, Width::AtMost(58.0), Align::Right),
            column(words::NET, Width::Fits, Align::Point),
            column(words::VAT, Width::Fits, Align::Point),
            column(words::GROSS, Width::Fits, Align::Point),
        ]);
        columns
    }

    fn amount(&self, value: Decimal, style: Style) -> Piece {
        Piece::new(number::amount(value, self.language), style)
    }

    fn amounts(&self, amounts: Amounts, style: Style) -> [Cell; 3] {
        [amounts.net, amounts.vat, amounts.gross].map(|value| vec![self.amount(value, style)])
    }

    fn rate(&self, vat: SalesVat, style: Style) -> Piece {
        Piece::new(words::rate(vat, self.language), style)
    }

    /// Its place and its name.
    fn named(place: usize, line: &IssuedLine) -> [Cell; 2] {
        let mut name = vec![Piece::new(line.name.as_str(), TEXT)];
        name.extend(line.sku.as_ref().map(|sku| Piece::new(format!("SKU {sku}"), SMALL)));
        [vec![Piece::new((place + 1).to_string(), QUIET)], name]
    }

    /// Quantity, unit, price, rate and amounts.
    fn figures(&self, line: &IssuedLine, unit: &str) -> [Piece; 7] {
        [
            Piece::new(number::plain(line.quantity, 0, self.language), TEXT),
            Piece::new(unit, TEXT),
            self.amount(line.price.value(), TEXT),
            self.rate(line.vat, TEXT),
            self.amount(line.net, TEXT),
            self.amount(line.vat_amount, TEXT),
            self.amount(line.gross, TEXT),
        ]
    }

    fn plain_rows(&self, lines: &[IssuedLine]) -> Vec<Vec<Cell>> {
        let row = |(place, line): (usize, &IssuedLine)| {
            Self::named(place, line)
                .into_iter()
                .chain(self.figures(line, unit(line)).map(|piece| vec![piece]))
                .collect()
        };
        lines.iter().enumerate().map(row).collect()
    }

    /// A row of totals: its name stands right of where prices do.
    fn total(&self, before: usize, name: &str, rate: Cell, amounts: Amounts, style: Style) -> Vec<Cell> {
        let mut row: Vec<Cell> = vec![Vec::new(); before];
        row.extend([vec![Piece::label(name, if style == STRONG { STRONG } else { QUIET })], rate]);
        row.extend(self.amounts(amounts, style));
        row
    }

    /// The amounts of each rate; the first names what they are.
    fn rates(&self, before: usize, content: &IssuedContent) -> Result<Vec<Vec<Cell>>, RenderError> {
        let rates = by_rate(content)?;
        let names = [self.word(words::BY_RATE)].into_iter().chain(std::iter::repeat(String::new()));
        Ok(rates
            .into_iter()
            .zip(names)
            .map(|((vat, amounts), name)| self.total(before, &name, vec![self.rate(vat, TEXT)], amounts, TEXT))
            .collect())
    }

    fn plain_foot(&self, content: &IssuedContent) -> Result<Vec<Vec<Cell>>, RenderError> {
        let mut foot = vec![self.total(4, &self.word(words::TOTAL), Vec::new(), content.total, STRONG)];
        foot.extend(self.rates(4, content)?);
        Ok(foot)
    }

    fn corrected_rows(&self, content: &IssuedContent, corrects: &Corrects) -> Result<Vec<Vec<Cell>>, RenderError> {
        let places = content.lines.len().max(corrects.lines.len());
        (0..places)
            .filter_map(|place| match (corrects.lines.get(place), content.lines.get(place)) {
                (Some(before), Some(after)) => Some(self.corrected_row(place, before, after)),
                // A line that stands on one side only was, or should have been, nothing on the other.
                (Some(before), None) => Some(self.corrected_row(place, before, &nothing(before))),
                (None, Some(after)) => Some(self.corrected_row(place, &nothing(after), after)),
                (None, None) => None,
            })
            .collect()
    }

    fn corrected_row(&self, place: usize, before: &IssuedLine, after: &IssuedLine) -> Result<Vec<Cell>, RenderError> {
        let less = |after: Decimal, before: Decimal| after.checked_sub(before).ok_or(RenderError::TooLarge);
        let quantity = less(after.quantity, before.quantity)?;
        let price = less(after.price.value(), before.price.value())?;
        let differences = [
            Piece::new(number::plain(quantity, 0, self.language), STRONG),
            Piece::new("", STRONG),
            self.amount(price, STRONG),
            Piece::new("", STRONG),
            self.amount(less(after.net, before.net)?, STRONG),
            self.amount(less(after.vat_amount, before.vat_amount)?, STRONG),
            self.amount(less(after.gross, before.gross)?, STRONG),
        ];
        let mut row: Vec<Cell> = Self::named(place, after).into();
        row.push(vec![
            Piece::new(self.word(words::BEFORE), QUIET),
            Piece::new(self.word(words::AFTER), QUIET),
            Piece::new(self.word(words::DIFFERENCE), STRONG),
        ]);
        // The unit is that of all three, so it is said once and may take their lines.
        let figures = self.figures(before, unit(after)).into_iter().zip(self.figures(after, "")).zip(differences);
        row.extend(figures.map(|((before, after), difference)| vec![before, after, difference]));
        Ok(row)
    }

    fn corrected_foot(&self, content: &IssuedContent, corrects: &Corrects) -> Result<Vec<Vec<Cell>>, RenderError> {
        let before = total(&corrects.lines).ok_or(RenderError::TooLarge)?;
        let difference = content.effect().ok_or(RenderError::TooLarge)?;
        let row =
            |name: Word, amounts: Amounts, style: Style| self.total(5, &self.word(name), Vec::new(), amounts, style);
        let mut foot = vec![
            row(words::TOTAL_BEFORE, before, TEXT),
            row(words::TOTAL_AFTER, content.total, TEXT),
            row(words::TOTAL_DIFFERENCE, difference, STRONG),
        ];
        foot.extend(self.rates(5, content)?);
        Ok(foot)
    }
}

fn unit(line: &IssuedLine) -> &str {
    line.unit.as_ref().map_or("", |unit| unit.as_str())
}

/// The same line, none of it.
fn nothing(line: &IssuedLine) -> IssuedLine {
    let (quantity, net, vat_amount, gross) = Default::default();
    IssuedLine { quantity, net, vat_amount, gross, ..line.clone() }
}
