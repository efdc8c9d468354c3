//! Settings of the Dutch audit file XAF 3.2: what has to be known of the books so that each booking is complete.

use super::{Problem, check};
use crate::time::Date;
use chrono::{Datelike as _, Months};
use rust_decimal::Decimal;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most characters of an id in the file.
pub const XAF_ID_CHARS_MAX: usize = 35;
const TEXT_CHARS_MAX: usize = 999;

/// Which statement a ledger account belongs to (`accTp`).
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum XafAccountType {
    /// `B`: balance sheet.
    Balance,
    /// `P`: profit and loss.
    ProfitAndLoss,
    /// `M`: both.
    Mixed,
}

impl XafAccountType {
    /// As the file says it.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Balance => "B",
            Self::ProfitAndLoss => "P",
            Self::Mixed => "M",
        }
    }
}

/// What the file says of a ledger account.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct XafAccount {
    /// Its name.
    pub description: String,
    /// Which statement it belongs to.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub kind: Option<XafAccountType>,
}

/// What the file says of a VAT code, and where its VAT is booked.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct XafVatCode {
    /// Its name.
    pub description: String,
    /// Account of the VAT to claim back: that of purchase documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub claim_account: Option<String>,
    /// Account of the VAT to pay: that of sales documents.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub pay_account: Option<String>,
    /// For reverse charge and acquisitions from another member state: the rate in percent of the VAT that the buyer owes. It is
    /// booked on both accounts. Without it nothing is booked but the net amount.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reverse_charge_percent: Option<Decimal>,
}

/// By which ids contacts are known in the file.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum XafContactIds {
    /// By their codes in the ledger, else by our own ids. A code stands for one party.
    #[default]
    Ledger,
    /// The same with `S-` before suppliers and `C-` before customers, where the ledger counts them apart.
    LedgerBySide,
}

/// A journal.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct XafJournal {
    /// Its code.
    pub id: String,
    /// Its name.
    pub description: String,
}

/// Settings, as they were entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct XafOptions {
    /// Name of the company; else the first of the books' own names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_name: Option<String>,
    /// Number of the company in the trade register; else the first of the books.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub company_number: Option<String>,
    /// VAT number of the company; else the first of the books.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_number: Option<String>,
    /// Country of that number, two letters.
    pub tax_country: String,
    /// First day of the fiscal year, the first of a month: a file is for one year. Periods are months.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub fiscal_year_start: Option<Date>,
    /// By which ids contacts are known.
    pub contact_ids: XafContactIds,
    /// Control account of suppliers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub creditor_account: Option<String>,
    /// Control account of customers.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub debtor_account: Option<String>,
    /// Ledger accounts by code, those of creditors, debtors and VAT among them.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub accounts: BTreeMap<String, XafAccount>,
    /// VAT codes.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub vat_codes: BTreeMap<String, XafVatCode>,
    /// Journal of purchase documents.
    pub purchase_journal: XafJournal,
    /// Journal of sales documents.
    pub sales_journal: XafJournal,
}

impl Default for XafOptions {
    fn default() -> Self {
        let journal =
            |id: &str, description: &str| XafJournal { id: id.to_owned(), description: description.to_owned() };
        Self {
            company_name: None,
            company_number: None,
            tax_number: None,
            tax_country: "NL".to_owned(),
            fiscal_year_start: None,
            contact_ids: XafContactIds::default(),
            creditor_account: None,
            debtor_account: None,
            accounts: BTreeMap::new(),
            vat_codes: BTreeMap::new(),
            purchase_journal: journal("INK", "Inkopen"),
            sales_journal: journal("VRK", "Verkopen"),
        }
    }
}

impl XafOptions {
    /// First and last day of the fiscal year, once it is known.
    pub fn fiscal_year(&self) -> Option<(Date, Date)> {
        let start = self.fiscal_year_start.filter(|start| start.day() == 1)?;
        Some((start, start.checked_add_months(Months::new(12))?.pred_opt()?))
    }

    /// What is missing or wrong.
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        found.extend(check::optional("company_name", self.company_name.as_deref(), TEXT_CHARS_MAX));
        found.extend(check::optional("company_number", self.company_number.as_deref(), XAF_ID_CHARS_MAX));
        found.extend(check::optional("tax_number", self.tax_number.as_deref(), 30));
        if self.tax_country.len() != 2 || !self.tax_country.bytes().all(|letter| letter.is_ascii_uppercase()) {
            found.push(Problem::new("tax_country", "is not a country: enter its two capital letters, such as NL"));
        }
        if self.fiscal_year().is_none() {
            let detail = "is missing: enter the first day of the fiscal year, which is the first of a month";
            found.push(Problem::new("fiscal_year_start", detail));
        }
        if self.creditor_account.is_none() && self.debtor_account.is_none() {
            let detail = "is missing: enter the control account of suppliers, or that of customers as debtor_account";
            found.push(Problem::new("creditor_account", detail));
        }
        for (field, account) in [("creditor_account", &self.creditor_account), ("debtor_account", &self.debtor_account)]
        {
            found.extend(self.named(field, account.as_deref()));
        }
        for (code, account) in &self.accounts {
            let field = format!("accounts.{code}");
            found.extend(check::code(&field, code, XAF_ID_CHARS_MAX));
            let name = format!("{field}.description");
            found.extend(check::required(&name, said(&account.description), TEXT_CHARS_MAX, "the name of the account"));
            if account.kind.is_none() {
                let detail = "is missing: choose balance, profit_and_loss or mixed";
                found.push(Problem::new(&format!("{field}.kind"), detail));
            }
        }
        for (code, vat) in &self.vat_codes {
            found.extend(self.vat_problems(code, vat));
        }
        for (field, journal) in [("purchase_journal", &self.purchase_journal), ("sales_journal", &self.sales_journal)] {
            found.extend(check::text(&format!("{field}.id"), &journal.id, XAF_ID_CHARS_MAX));
            found.extend(check::text(&format!("{field}.description"), &journal.description, TEXT_CHARS_MAX));
        }
        if self.purchase_journal.id.trim() == self.sales_journal.id.trim() {
            found.push(Problem::new("sales_journal.id", "is that of the purchase journal too: enter another one"));
        }
        found
    }

    fn vat_problems(&self, code: &str, vat: &XafVatCode) -> Vec<Problem> {
        let field = format!("vat_codes.{code}");
        let mut found = Vec::new();
        found.extend(check::code(&field, code, XAF_ID_CHARS_MAX));
        let name = format!("{field}.description");
        found.extend(check::required(&name, said(&vat.description), TEXT_CHARS_MAX, "the name of the VAT code"));
        found.extend(self.named(&format!("{field}.claim_account"), vat.claim_account.as_deref()));
        found.extend(self.named(&format!("{field}.pay_account"), vat.pay_account.as_deref()));
        if let Some(percent) = vat.reverse_charge_percent {
            let field = format!("{field}.reverse_charge_percent");
            if percent <= Decimal::ZERO || percent > Decimal::ONE_HUNDRED || percent.normalize().scale() > 3 {
                found
                    .push(Problem::new(&field, "is not a rate: enter more than 0 to 100, with at most three decimals"));
            }
            if vat.claim_account.is_none() || vat.pay_account.is_none() {
                let detail =
                    "needs both accounts, since the VAT is claimed and owed: enter claim_account and pay_account";
                found.push(Problem::new(&field, detail));
            }
        }
        found
    }

    /// An account that the file has to say something of.
    fn named(&self, field: &str, account: Option<&str>) -> Option<Problem> {
        let account = account?;
        check::text(field, account, XAF_ID_CHARS_MAX).or_else(|| {
            let unknown = !self.accounts.contains_key(account);
            unknown.then(|| {
                Problem::new(field, format!("{account} is not among the accounts: add it with its name and kind"))
            })
        })
    }
}

fn said(text: &str) -> Option<&str> {
    Some(text).filter(|text| !text.trim().is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::dec;

    fn fields(options: &XafOptions) -> Vec<String> {
        options.problems().into_iter().map(|problem| problem.field).collect()
    }

    #[test]
    fn a_draft_says_what_it_lacks() {
        let draft: XafOptions = serde_json::from_str("{}").unwrap();
        assert_eq!(draft, XafOptions::default());
        assert_eq!(fields(&draft), ["fiscal_year_start", "creditor_account"]);
        let text = r#"{"creditor_account":"1600","accounts":{"1600":{}},"vat_codes":{"VH":{"claim_account":"1520"}}}"#;
        let draft: XafOptions = serde_json::from_str(text).unwrap();
        let wanted = [
            "fiscal_year_start",
            "accounts.1600.description",
            "accounts.1600.kind",
            "vat_codes.VH.description",
            "vat_codes.VH.claim_account",
        ];
        assert_eq!(fields(&draft), wanted);
        assert_eq!(serde_json::from_str::<XafOptions>(&serde_json::to_string(&draft).unwrap()).unwrap(), draft);
    }

    #[test]
    fn complete_settings_have_no_problems() {
        let account = |kind| XafAccount { description: "Creditors".into(), kind: Some(kind) };
        let options = XafOptions {
            fiscal_year_start: "2026-07-01".parse().ok(),
            creditor_account: Some("1600".into()),
            accounts: [("1600".into(), account(XafAccountType::Balance))].into(),
            ..XafOptions::default()
        };
        assert_eq!(options.problems(), []);
        assert_eq!(options.fiscal_year().map(|(_, end)| end.to_string()).as_deref(), Some("2027-06-30"));
        let mut odd = options;
        odd.fiscal_year_start = "2026-07-15".parse().ok();
        odd.tax_country = "nl".into();
        odd.company_name = Some("A\u{7}B".into());
        odd.sales_journal.id = "INK".into();
        odd.accounts.insert(" 1".into(), account(XafAccountType::Mixed));
        let vat = XafVatCode {
            description: "Reverse".into(),
            reverse_charge_percent: Some(dec!(0)),
            ..XafVatCode::default()
        };
        odd.vat_codes.insert("RC".into(), vat);
        let percent = "vat_codes.RC.reverse_charge_percent";
        assert_eq!(
            fields(&odd),
            ["company_name", "tax_country", "fiscal_year_start", "accounts. 1", percent, percent, "sales_journal.id"]
        );
    }
}
