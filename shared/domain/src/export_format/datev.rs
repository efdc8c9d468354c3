//! Settings of DATEV's EXTF Buchungsstapel. Names in German are DATEV's own.

use super::{AmountStrategy, Problem};
use crate::{ledger::VatCode, time::Date};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Version of the Buchungsstapel format, which decides how many columns there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
pub enum DatevVersion {
    /// Of 2018: 120 columns.
    #[serde(rename = "9")]
    V9,
    /// Of 2022: 124 columns; the oldest that DATEV's own online service takes.
    #[serde(rename = "12")]
    V12,
    /// Since 2024: 125 columns.
    #[default]
    #[serde(rename = "13")]
    V13,
}

impl DatevVersion {
    /// As the header says it.
    pub fn number(self) -> u8 {
        match self {
            Self::V9 => 9,
            Self::V12 => 12,
            Self::V13 => 13,
        }
    }

    /// Columns of a row.
    pub fn columns(self) -> usize {
        match self {
            Self::V9 => 120,
            Self::V12 => 124,
            Self::V13 => 125,
        }
    }
}

/// Whether what was imported can still be changed there (Festschreibung).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatevLock {
    /// It can be changed.
    #[default]
    Open,
    /// It is locked by the import.
    Locked,
}

/// What the amount under a tax key includes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatevBasis {
    /// VAT too: the key, or the account's own function, takes it out.
    #[default]
    Gross,
    /// No VAT: the key adds both sides (19, 18, 94, 91), or there is none. A document with VAT under such a code is left out.
    Net,
}

/// What a VAT code becomes.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatevTaxKey {
    /// The BU-Schlüssel, one to four digits. None for an automatic account (Automatikkonto), where a key would compute the
    /// VAT twice, and where there is no VAT.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub key: Option<String>,
    /// What the amount includes.
    pub basis: DatevBasis,
}

/// What becomes of a document number with characters that Belegfeld 1 does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatevNumbers {
    /// The document is left out.
    #[default]
    LeaveOut,
    /// They are written as `%` and two hexadecimal digits for each byte in Windows-1252, `%` itself as `%25`. Two numbers never
    /// become one, but a payment has to name the number as it is written there.
    Percent,
}

/// What becomes of the document's own dates for VAT.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum DatevTaxDates {
    /// Leistungsdatum and Datum Zuord. Steuerperiode keep them, whatever the posting date is.
    #[default]
    Document,
    /// They stay empty: DATEV goes by the posting date. For clients whose adviser does not use the Leistungsdatum.
    None,
}

/// Settings, as they were entered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct DatevOptions {
    /// Beraternummer, from the tax adviser.
    pub consultant: Option<u32>,
    /// Mandantennummer, from the tax adviser.
    pub client: Option<u32>,
    /// First day of the fiscal year (WJ-Beginn): a file is for one year.
    pub fiscal_year_start: Option<Date>,
    /// Digits of ledger accounts (Sachkontenlänge); those of customers and suppliers have one more.
    pub account_length: Option<u8>,
    /// Festschreibung.
    pub lock: DatevLock,
    /// Bezeichnung of the batch; `Rechnungen` when absent.
    pub description: Option<String>,
    /// Diktatkürzel: two capital letters.
    pub initials: Option<String>,
    /// Sachkontenrahmen, for example `03` or `04`.
    pub chart: Option<String>,
    /// Format version.
    pub version: DatevVersion,
    /// What each VAT code becomes on purchase documents.
    pub purchase_keys: BTreeMap<VatCode, DatevTaxKey>,
    /// What each VAT code becomes on sales documents.
    pub sales_keys: BTreeMap<VatCode, DatevTaxKey>,
    /// Document numbers with other characters.
    pub numbers: DatevNumbers,
    /// The document's dates for VAT.
    pub tax_dates: DatevTaxDates,
    /// Currency of the amounts.
    pub amounts: AmountStrategy,
}

impl DatevOptions {
    /// First and last day of the fiscal year, once it is known.
    pub fn fiscal_year(&self) -> Option<(Date, Date)> {
        let start = self.fiscal_year_start?;
        Some((start, start.checked_add_months(chrono::Months::new(12))?.pred_opt()?))
    }

    /// What is missing or wrong.
    pub fn problems(&self) -> Vec<Problem> {
        let mut problems = Vec::new();
        let mut number = |field: &str, value: Option<u32>, from: u32, to: u32, who: &str| {
            if !value.is_some_and(|value| (from..=to).contains(&value)) {
                problems.push(Problem::new(field, format!("a number from {from} to {to} is needed: {who}")));
            }
        };
        number("consultant", self.consultant, 1001, 9_999_999, "the tax adviser knows the Beraternummer");
        number("client", self.client, 1, 99_999, "the tax adviser knows the Mandantennummer");
        number(
            "account_length",
            self.account_length.map(u32::from),
            4,
            8,
            "the Sachkontenlänge of the client in DATEV",
        );
        let mut wrong = |field: &str, detail: &str| problems.push(Problem::new(field, detail));
        if self.fiscal_year().is_none() {
            wrong("fiscal_year_start", "say on which day the fiscal year of the file begins");
        }
        let of_name = |c: char| c.is_alphanumeric() || matches!(c, '_' | '.' | '-' | '/' | ' ');
        if self.description.as_ref().is_some_and(|text| text.chars().count() > 30 || !text.chars().all(of_name)) {
            wrong("description", "the name of the batch has at most 30 letters, digits, spaces and '_', '.', '-', '/'");
        }
        if self.initials.as_ref().is_some_and(|text| text.len() != 2 || !text.bytes().all(|b| b.is_ascii_uppercase())) {
            wrong("initials", "the initials are two capital letters");
        }
        if self
            .chart
            .as_ref()
            .is_some_and(|text| !(2..=4).contains(&text.len()) || !text.bytes().all(|b| b.is_ascii_digit()))
        {
            wrong("chart", "the chart of accounts is two to four digits such as 03 or 04");
        }
        if self.purchase_keys.is_empty() && self.sales_keys.is_empty() {
            wrong("purchase_keys", "say what each VAT code becomes: a tax key, or none for an automatic account");
        }
        for (field, keys) in [("purchase_keys", &self.purchase_keys), ("sales_keys", &self.sales_keys)] {
            for (code, key) in keys {
                let is_key = |key: &str| (1..=4).contains(&key.len()) && key.bytes().all(|b| b.is_ascii_digit());
                if key.key.as_deref().is_some_and(|key| !is_key(key)) {
                    let detail = "a tax key is one to four digits; leave it out for an automatic account";
                    wrong(&format!("{field}.{code}"), detail);
                }
            }
        }
        problems
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_is_read_and_its_problems_are_named() {
        let read = |json: &str| serde_json::from_str::<DatevOptions>(json).unwrap();
        let fields = |json: &str| read(json).problems().into_iter().map(|p| p.field).collect::<Vec<_>>();
        let nothing = ["consultant", "client", "account_length", "fiscal_year_start", "purchase_keys"];
        assert_eq!(fields("{}"), nothing);
        let whole =
            r#""client":1,"account_length":4,"fiscal_year_start":"2026-01-01","purchase_keys":{"VH":{"key":"9"}}"#;
        assert_eq!(fields(&format!(r#"{{"consultant":1001,{whole}}}"#)), [] as [&str; 0]);
        let wrong = format!(
            r#"{{"consultant":1000,{whole},"chart":"SKR03","initials":"ab","sales_keys":{{"V":{{"key":"A"}}}}}}"#
        );
        assert_eq!(fields(&wrong), ["consultant", "initials", "chart", "sales_keys.V"]);
    }

    #[test]
    fn a_fiscal_year_is_twelve_months() {
        let year = |start: &str| {
            let options = DatevOptions { fiscal_year_start: start.parse().ok(), ..DatevOptions::default() };
            options.fiscal_year().map(|(_, end)| end.to_string())
        };
        assert_eq!(year("2026-01-01").as_deref(), Some("2026-12-31"));
        assert_eq!(year("2027-03-01").as_deref(), Some("2028-02-29"));
    }
}
