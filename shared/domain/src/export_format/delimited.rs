//! How a text file with separated columns is laid out.

use super::Problem;
use crate::time::Date;
use serde::{Deserialize, Serialize};

/// What stands between two columns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum Separator {
    /// `,`
    #[default]
    #[serde(rename = ",")]
    Comma,
    /// `;`, as spreadsheets expect it where the decimal mark is a comma.
    #[serde(rename = ";")]
    Semicolon,
    /// Tab.
    #[serde(rename = "\t", alias = "tab")]
    Tab,
    /// `|`
    #[serde(rename = "|")]
    Pipe,
}

impl Separator {
    /// The character.
    pub fn as_char(self) -> char {
        match self {
            Self::Comma => ',',
            Self::Semicolon => ';',
            Self::Tab => '\t',
            Self::Pipe => '|',
        }
    }
}

/// What stands before the decimals. Thousands are never set apart.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum DecimalMark {
    /// `1234.50`
    #[default]
    #[serde(rename = ".")]
    Point,
    /// `1234,50`
    #[serde(rename = ",")]
    Comma,
}

/// How a date is written; nothing but these patterns.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum DateFormat {
    /// `2026-03-31`
    #[default]
    #[serde(rename = "yyyy-mm-dd")]
    Iso,
    /// `31-03-2026`
    #[serde(rename = "dd-mm-yyyy")]
    DayMonthYearDashes,
    /// `31.03.2026`
    #[serde(rename = "dd.mm.yyyy")]
    DayMonthYearDots,
    /// `20260331`
    #[serde(rename = "yyyymmdd")]
    Compact,
}

impl DateFormat {
    /// A date as it is written.
    pub fn write(self, date: Date) -> String {
        let pattern = match self {
            Self::Iso => "%Y-%m-%d",
            Self::DayMonthYearDashes => "%d-%m-%Y",
            Self::DayMonthYearDots => "%d.%m.%Y",
            Self::Compact => "%Y%m%d",
        };
        date.format(pattern).to_string()
    }
}

/// The bytes of the file's characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Encoding {
    /// UTF-8 without a mark.
    #[default]
    Utf8,
    /// UTF-8 with a byte order mark, by which Excel knows it.
    Utf8Bom,
    /// Windows-1252: Western European. A document with other characters is left out.
    Windows1252,
    /// UTF-16, little end first, with a byte order mark.
    Utf16,
}

/// How a line ends.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum LineEnd {
    /// Carriage return and line feed.
    #[default]
    Crlf,
    /// Line feed.
    Lf,
}

impl LineEnd {
    /// The characters.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Crlf => "\r\n",
            Self::Lf => "\n",
        }
    }
}

/// What is put between double quotes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Quoting {
    /// What would be misread without.
    #[default]
    Minimal,
    /// Every text, empty or not; never a number or a date.
    Text,
    /// Everything.
    All,
}

/// The first line.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum HeaderLine {
    /// Headings: those that were chosen, else the columns' names.
    #[default]
    Headings,
    /// None: the first line is data.
    None,
}

/// Layout of a text file with separated columns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Delimited {
    /// Between two columns.
    pub separator: Separator,
    /// Before the decimals.
    pub decimal_mark: DecimalMark,
    /// Of all dates.
    pub date_format: DateFormat,
    /// Of the whole file.
    pub encoding: Encoding,
    /// After each line, the last one included.
    pub line_end: LineEnd,
    /// What is quoted.
    pub quoting: Quoting,
    /// The first line.
    pub header: HeaderLine,
    /// A `'` goes before text that a spreadsheet would run as a formula. To be switched off for files that a program reads:
    /// the guard changes the text.
    pub formula_guard: bool,
    /// Line breaks in text become a space: many programs split there even inside quotes.
    pub single_line_text: bool,
}

impl Default for Delimited {
    fn default() -> Self {
        Self {
            separator: Separator::default(),
            decimal_mark: DecimalMark::default(),
            date_format: DateFormat::default(),
            encoding: Encoding::default(),
            line_end: LineEnd::default(),
            quoting: Quoting::default(),
            header: HeaderLine::default(),
            formula_guard: true,
            single_line_text: true,
        }
    }
}

impl Delimited {
    /// What does not go together.
    pub(super) fn problems(&self) -> Option<Problem> {
        let ambiguous = self.separator == Separator::Comma
            && self.decimal_mark == DecimalMark::Comma
            && self.quoting != Quoting::All;
        ambiguous.then(|| {
            let detail =
                "a decimal comma and a comma between columns are mixed up: choose the separator ';' or quoting 'all'";
            Problem::new("file.decimal_mark", detail)
        })
    }
}
