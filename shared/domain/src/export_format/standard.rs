//! Settings of the standard export file (EX-31).

use super::{AmountStrategy, ChosenColumn, Column, Delimited, Problem, Rows, column};
use crate::ledger::{AccountCode, VatCode};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// What becomes of VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum TaxHandling {
    /// Lines with VAT, and the tax code by which the other program takes it out.
    #[default]
    Gross,
    /// Lines without VAT, and a line for the VAT on its own account.
    VatLines,
}

/// Which of the line's codes is its cost object.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum CostObject {
    /// The cost centre.
    #[default]
    CostCentre,
    /// The project.
    Project,
}

/// Settings, as they were entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct StandardOptions {
    /// Currency of the amounts.
    pub amounts: AmountStrategy,
    /// What becomes of VAT.
    pub tax: TaxHandling,
    /// The account for the VAT of each VAT code, where VAT has lines of its own.
    pub vat_accounts: BTreeMap<VatCode, AccountCode>,
    /// What stands in the column for the cost object.
    pub cost_object: CostObject,
    /// Further columns of the document, behind the fixed ones.
    pub attributes: Vec<ChosenColumn>,
    /// Layout of the file.
    pub file: Delimited,
}

impl Default for StandardOptions {
    fn default() -> Self {
        Self {
            amounts: AmountStrategy::default(),
            tax: TaxHandling::default(),
            vat_accounts: BTreeMap::new(),
            cost_object: CostObject::default(),
            attributes: vec![Column::Currency.into(), Column::Number.into()],
            file: Delimited::default(),
        }
    }
}

/// Headings of the fixed columns, in their order.
pub const STANDARD_HEADINGS: [&str; 10] = [
    "account",
    "account_type",
    "credit",
    "debit",
    "tax_code",
    "cost_object",
    "description",
    "document_id",
    "iban",
    "posting_date",
];

impl StandardOptions {
    /// What is missing or wrong.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = column::problems("attributes", &self.attributes, Rows::Document);
        for (at, choice) in self.attributes.iter().enumerate() {
            let mut wrong = |detail: String| problems.push(Problem::new(&format!("attributes[{at}]"), detail));
            if STANDARD_HEADINGS.contains(&choice.heading()) {
                wrong(format!(
                    "the file has a column '{}' already: leave it out or name it otherwise",
                    choice.heading()
                ));
            }
            if choice.column.is_once() {
                wrong("an attribute stands on every line, so an amount of the document cannot be one".to_owned());
            }
        }
        problems.extend(self.file.problems());
        let says_currency =
            self.attributes.iter().any(|choice| matches!(choice.column, Column::Currency | Column::DocumentCurrency));
        if self.amounts == AmountStrategy::Original && !says_currency {
            let detail =
                "amounts in the documents' own currencies need the column 'currency': add it to the attributes";
            problems.push(Problem::new("attributes", detail));
        }
        if self.tax == TaxHandling::VatLines && self.vat_accounts.is_empty() {
            let detail = "say which account takes the VAT of each VAT code";
            problems.push(Problem::new("vat_accounts", detail));
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_read_and_its_problems_are_named() {
        let read = |json: &str| serde_json::from_str::<StandardOptions>(json).unwrap();
        let fields = |json: &str| read(json).problems().into_iter().map(|p| p.field).collect::<Vec<_>>();
        assert_eq!(fields("{}"), [] as [&str; 0]);
        assert_eq!(fields(r#"{"attributes":[]}"#), ["attributes"]);
        assert_eq!(fields(r#"{"attributes":[],"amounts":"company"}"#), [] as [&str; 0]);
        assert_eq!(fields(r#"{"tax":"vat_lines"}"#), ["vat_accounts"]);
        assert_eq!(fields(r#"{"tax":"vat_lines","vat_accounts":{"VH":"1520"}}"#), [] as [&str; 0]);
        let wrong =
            r#"{"attributes":[{"column":"currency"},{"column":"iban"},{"column":"gross"},{"column":"account"}]}"#;
        assert_eq!(fields(wrong), ["attributes[3]", "attributes[1]", "attributes[2]", "attributes[3]"]);
    }
}
