//! Settings of the file of one's own columns.

use super::{AmountStrategy, ChosenColumn, Column, Delimited, Problem, Rows, column};
use serde::{Deserialize, Serialize};

/// Which sign the amounts of a credit note have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CsvSign {
    /// Negative: a column adds up.
    #[default]
    Negative,
    /// As the document states them, so positive: the column `kind` is needed to tell them apart.
    AsStated,
}

/// Settings, as they were entered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct CsvOptions {
    /// What a row stands for.
    pub rows: Rows,
    /// Columns in their order; the usual ones for these rows when empty.
    pub columns: Vec<ChosenColumn>,
    /// Sign of credit notes.
    pub credit_notes: CsvSign,
    /// Currency of the amounts.
    pub amounts: AmountStrategy,
    /// Layout of the file.
    pub file: Delimited,
}

impl CsvOptions {
    /// The columns that are written.
    pub fn columns(&self) -> Vec<ChosenColumn> {
        if !self.columns.is_empty() {
            return self.columns.clone();
        }
        let usual = [
            Column::DocumentId,
            Column::Direction,
            Column::Kind,
            Column::LedgerContact,
            Column::ContactName,
            Column::Number,
            Column::IssueDate,
            Column::DueDate,
            Column::PostingDate,
            Column::Currency,
            Column::Net,
            Column::Vat,
            Column::Gross,
            Column::Payable,
            Column::RowNumber,
            Column::RowDescription,
            Column::Quantity,
            Column::Unit,
            Column::Price,
            Column::Account,
            Column::VatCode,
            Column::VatCategory,
            Column::VatRate,
            Column::RowNet,
            Column::RowVat,
            Column::RowGross,
            Column::CostCentre,
            Column::Project,
            Column::PaymentReference,
        ];
        usual.into_iter().filter(|column| column.is_for(self.rows)).map(ChosenColumn::from).collect()
    }

    /// Whether a column is written.
    pub fn has(&self, column: Column) -> bool {
        self.columns().iter().any(|choice| choice.column == column)
    }

    /// What is missing or wrong.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = column::problems("columns", &self.columns, self.rows);
        problems.extend(self.file.problems());
        if self.credit_notes == CsvSign::AsStated && !self.has(Column::Kind) {
            let detail = "without a sign, credit notes are only told apart by the column 'kind': add it to the columns";
            problems.push(Problem::new("credit_notes", detail));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_read_and_its_problems_are_named() {
        let read = |json: &str| serde_json::from_str::<CsvOptions>(json).unwrap();
        let fields = |json: &str| read(json).problems().into_iter().map(|p| p.field).collect::<Vec<_>>();
        assert_eq!(fields("{}"), [] as [&str; 0]);
        assert_eq!(fields(r#"{"file":{"decimal_mark":","}}"#), ["file.decimal_mark"]);
        assert_eq!(fields(r#"{"file":{"decimal_mark":",","quoting":"all"}}"#), [] as [&str; 0]);
        assert_eq!(fields(r#"{"file":{"decimal_mark":",","separator":"tab"}}"#), [] as [&str; 0]);
        assert_eq!(fields(r#"{"columns":[{"column":"account"}]}"#), ["columns[0]"]);
        assert_eq!(fields(r#"{"columns":[{"column":"account"}],"rows":"booking"}"#), [] as [&str; 0]);
        assert_eq!(fields(r#"{"columns":[{"column":"net"}],"credit_notes":"as_stated"}"#), ["credit_notes"]);
        let twice =
            r#"{"columns":[{"column":"net"},{"column":"vat","heading":"net"},{"column":"gross","heading":"a\nb"}]}"#;
        assert_eq!(fields(twice), ["columns[1]", "columns[2]"]);
        assert!(serde_json::from_str::<CsvOptions>(r#"{"thousands":"."}"#).is_err());
    }

    #[test]
    fn without_its_column_the_posting_date_goes_nowhere() {
        use crate::export_format::{FileFormat, PostingDateField};
        let field = |json: &str| FileFormat::Csv(serde_json::from_str(json).unwrap()).posting_date_field();
        assert_eq!(field("{}"), PostingDateField::Own("posting_date"));
        assert_eq!(field(r#"{"columns":[{"column":"issue_date"}]}"#), PostingDateField::None);
    }

    #[test]
    fn every_column_is_stored_by_its_name_and_says_what_it_is() {
        for column in Column::ALL {
            assert_eq!(serde_json::to_string(column).unwrap(), format!("\"{}\"", column.as_str()));
            assert!(column.meaning().ends_with('.'), "{column:?}");
        }
    }

    #[test]
    fn the_usual_columns_fit_their_rows() {
        for rows in [Rows::Document, Rows::Line, Rows::VatGroup, Rows::Booking] {
            let options = CsvOptions { rows, ..CsvOptions::default() };
            let problems = column::problems("columns", &options.columns(), rows);
            assert_eq!(problems, [], "{rows:?}");
        }
    }
}
