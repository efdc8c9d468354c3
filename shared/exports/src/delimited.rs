//! Rows of a text file with separated columns.

use crate::{
    amounts::{cents, plain},
    encoding,
    text::{guarded, one_line},
};
use domain::{
    export_format::{ChosenColumn, ColumnKind, DecimalMark, Delimited, Encoding, HeaderLine, Problem, Quoting},
    reason::Reason,
    time::Date,
    words::{Text, Unfit},
};
use rust_decimal::Decimal;
use std::borrow::Cow;

/// What a cell holds.
#[derive(Debug, Clone)]
pub(crate) enum Cell<'a> {
    /// Somebody's words or codes.
    Text(Cow<'a, str>),
    /// A word of ours.
    Word(Cow<'a, str>),
    /// An amount: two decimals.
    Amount(Decimal),
    /// Another number: as many decimals as it needs.
    Number(Decimal),
    /// A date.
    Date(Date),
}

impl<'a> Cell<'a> {
    /// Somebody's words, where there are some.
    pub fn text(text: Option<&'a str>) -> Option<Self> {
        text.map(|text| Self::Text(Cow::Borrowed(text)))
    }
}

/// A row, made cell by cell.
pub(crate) struct Row<'a> {
    file: &'a Delimited,
    columns: usize,
    written: usize,
    bytes: Vec<u8>,
}

impl<'a> Row<'a> {
    /// A row of so many columns.
    pub fn new(file: &'a Delimited, columns: usize) -> Self {
        Self { file, columns, written: 0, bytes: Vec::new() }
    }

    /// The next cell, of this column. An error names the column.
    pub fn put(&mut self, heading: &str, kind: ColumnKind, cell: Option<Cell<'_>>) -> Result<(), Reason> {
        let value = match cell {
            None => Cow::Borrowed(""),
            Some(Cell::Text(text)) => self.text(text),
            Some(Cell::Word(word)) => word,
            Some(Cell::Amount(value)) => Cow::Owned(self.marked(&cents(value))),
            Some(Cell::Number(value)) => Cow::Owned(self.marked(&plain(value))),
            Some(Cell::Date(date)) => Cow::Owned(self.file.date_format.write(date)),
        };
        self.cell(kind, &value).map_err(|encoding::Inexpressible| {
            Reason::said(&Unfit::Characters { field: Text::of(heading), value: Text::of(value) })
        })
    }

    fn text<'b>(&self, text: Cow<'b, str>) -> Cow<'b, str> {
        let text = if self.file.single_line_text { Cow::Owned(one_line(&text).into_owned()) } else { text };
        if self.file.formula_guard { Cow::Owned(guarded(&text).into_owned()) } else { text }
    }

    fn marked(&self, number: &str) -> String {
        match self.file.decimal_mark {
            DecimalMark::Point => number.to_owned(),
            DecimalMark::Comma => number.replace('.', ","),
        }
    }

    fn cell(&mut self, kind: ColumnKind, value: &str) -> Result<(), encoding::Inexpressible> {
        let separator = self.file.separator.as_char();
        let quoted = match self.file.quoting {
            Quoting::All => true,
            Quoting::Text if kind == ColumnKind::Text || kind == ColumnKind::Word => true,
            Quoting::Text | Quoting::Minimal => {
                // A row of one empty cell would be an empty line, which is no row.
                value.contains([separator, '"', '\r', '\n'])
                    || value.starts_with(char::is_whitespace)
                    || value.ends_with(char::is_whitespace)
                    || (self.columns == 1 && value.is_empty())
            }
        };
        let mut text = String::with_capacity(value.len() + 3);
        if self.written > 0 {
            text.push(separator);
        }
        if quoted {
            text.push('"');
            text.push_str(&value.replace('"', "\"\""));
            text.push('"');
        } else {
            text.push_str(value);
        }
        encoding::append(&mut self.bytes, &text, self.file.encoding)?;
        self.written += 1;
        Ok(())
    }

    /// The bytes of the row with its line end.
    pub fn end(mut self) -> Vec<u8> {
        // Line ends are in every encoding.
        let _: Result<(), encoding::Inexpressible> =
            encoding::append(&mut self.bytes, self.file.line_end.as_str(), self.file.encoding);
        self.bytes
    }
}

/// What stands before the first row: byte order mark and headings.
pub(crate) fn opening<'a>(
    file: &Delimited,
    headings: impl ExactSizeIterator<Item = &'a str>,
) -> Result<Vec<u8>, Reason> {
    let mut bytes = encoding::mark(file.encoding).to_vec();
    match file.header {
        HeaderLine::None => {}
        HeaderLine::Headings => {
            let mut row = Row::new(file, headings.len());
            for heading in headings {
                row.put(heading, ColumnKind::Word, Some(Cell::Word(Cow::Borrowed(heading))))?;
            }
            bytes.extend(row.end());
        }
    }
    Ok(bytes)
}

/// Headings that the encoding of the file does not have; `field` is the setting's name.
pub(crate) fn heading_problems(field: &str, file: &Delimited, chosen: &[ChosenColumn]) -> Vec<Problem> {
    let odd = |choice: &ChosenColumn| encoding::append(&mut Vec::new(), choice.heading(), file.encoding).is_err();
    let odd = chosen.iter().enumerate().filter(|(_, choice)| odd(choice));
    let detail = "the heading has characters that the encoding of the file does not have: change one of them";
    odd.map(|(at, _)| Problem::new(&format!("{field}[{at}].heading"), detail)).collect()
}

/// Content type of such a file.
pub(crate) fn content_type(file: &Delimited) -> &'static str {
    match (file.encoding, file.header) {
        (Encoding::Utf8 | Encoding::Utf8Bom, HeaderLine::Headings) => "text/csv; charset=utf-8; header=present",
        (Encoding::Utf8 | Encoding::Utf8Bom, HeaderLine::None) => "text/csv; charset=utf-8; header=absent",
        (Encoding::Windows1252, HeaderLine::Headings) => "text/csv; charset=windows-1252; header=present",
        (Encoding::Windows1252, HeaderLine::None) => "text/csv; charset=windows-1252; header=absent",
        (Encoding::Utf16, HeaderLine::Headings) => "text/csv; charset=utf-16; header=present",
        (Encoding::Utf16, HeaderLine::None) => "text/csv; charset=utf-16; header=absent",
    }
}
