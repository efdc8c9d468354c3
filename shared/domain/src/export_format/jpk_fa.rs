//! Settings of the Polish `JPK_FA` (4): who the taxpayer is, and what sales documents do not say by themselves.

use super::{Problem, check};
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

/// Most characters of a text in the file (`TZnakowyJPK`).
pub const JPK_TEXT_CHARS_MAX: usize = 256;
const NAME_CHARS_MAX: usize = 240;

/// The taxpayer's address, in the parts that the file wants (`TAdresPolski1`). Documents do not have them all.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JpkAddress {
    /// `Wojewodztwo`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub voivodeship: Option<String>,
    /// `Powiat`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub county: Option<String>,
    /// `Gmina`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub municipality: Option<String>,
    /// `Ulica`; a village may have none.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub street: Option<String>,
    /// `NrDomu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub house_number: Option<String>,
    /// `NrLokalu`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub flat_number: Option<String>,
    /// `Miejscowosc`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub town: Option<String>,
    /// `KodPocztowy`, such as 00-001.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub postal_code: Option<String>,
}

/// Which period the file says it is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JpkPeriod {
    /// From the first to the last date of issue in the file.
    #[default]
    IssueDates,
    /// The whole months of those dates: for a file of all documents of a month.
    Months,
}

/// Where the reason of an exemption goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JpkExemptionBasis {
    /// `P_19A`: the Polish act.
    #[default]
    Act,
    /// `P_19B`: directive 2006/112/EC.
    Directive,
    /// `P_19C`: something else.
    Other,
}

/// What becomes of a corrected invoice (type 384), which may state new amounts or differences.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JpkCorrectedInvoice {
    /// It is left out, and says so.
    #[default]
    LeaveOut,
    /// Its amounts are differences.
    Differences,
}

/// What becomes of a document with VAT at a rate that Poland does not have.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum JpkForeignRates {
    /// It is left out, and says so.
    #[default]
    LeaveOut,
    /// It is VAT of another member state (one-stop shop): `P_13_5`, `P_14_5` and `P_12_XII`.
    OneStopShop,
}

/// Settings, as they were entered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct JpkFaOptions {
    /// Polish tax number of the taxpayer; else the first Polish VAT number of the books.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub nip: Option<String>,
    /// Full name of the taxpayer; else the first of the books' own names.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub full_name: Option<String>,
    /// Code of the tax office, four digits.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub tax_office: Option<String>,
    /// Address of the taxpayer.
    pub address: JpkAddress,
    /// Which period the file says it is for.
    pub period: JpkPeriod,
    /// All documents are under cash accounting (`P_16`); else those that say so.
    pub cash_accounting: bool,
    /// All documents are under split payment (`P_18A`); else those that say so.
    pub split_payment: bool,
    /// Where the reason of an exemption goes.
    pub exemption_basis: JpkExemptionBasis,
    /// Reason of an exemption that the document does not give.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub exemption_reason: Option<String>,
    /// Corrected invoices (type 384).
    pub corrected_invoices: JpkCorrectedInvoice,
    /// VAT at rates of other countries.
    pub foreign_rates: JpkForeignRates,
    /// What units are called, by the code on the document: `{"HUR": "godz."}`. Without a name, common codes have their Polish
    /// one and others stay as they are.
    #[serde(skip_serializing_if = "BTreeMap::is_empty")]
    pub units: BTreeMap<String, String>,
}

impl JpkAddress {
    /// The parts with their names here and in the file, what they are, the characters there is room for, and the value.
    pub fn parts(&self) -> [(&'static str, &'static str, &'static str, usize, Option<&str>); 8] {
        [
            ("voivodeship", "Wojewodztwo", "the voivodeship", 36, self.voivodeship.as_deref()),
            ("county", "Powiat", "the county", 36, self.county.as_deref()),
            ("municipality", "Gmina", "the municipality", 36, self.municipality.as_deref()),
            ("street", "Ulica", "", 65, self.street.as_deref()),
            ("house_number", "NrDomu", "the number of the house", 9, self.house_number.as_deref()),
            ("flat_number", "NrLokalu", "", 10, self.flat_number.as_deref()),
            ("town", "Miejscowosc", "the town", 56, self.town.as_deref()),
            ("postal_code", "KodPocztowy", "the postal code, such as 00-001", 8, self.postal_code.as_deref()),
        ]
    }
}

impl JpkFaOptions {
    /// What is missing or wrong.
    pub fn problems(&self) -> Vec<Problem> {
        let mut found = Vec::new();
        if self.nip.as_deref().is_some_and(|nip| !is_nip(nip)) {
            found.push(Problem::new("nip", "is not a NIP: enter its ten digits, without PL"));
        }
        found.extend(check::optional("full_name", self.full_name.as_deref(), NAME_CHARS_MAX));
        if !self.tax_office.as_deref().is_some_and(|code| check::is_digits(code, 4)) {
            let what = if self.tax_office.is_some() { "is not" } else { "is missing:" };
            let detail = format!("{what} the code of a tax office: enter its four digits");
            found.push(Problem::new("tax_office", detail));
        }
        for (name, _, wanted, chars_max, value) in self.address.parts() {
            let field = format!("address.{name}");
            found.extend(match wanted {
                "" => check::optional(&field, value, chars_max),
                wanted => check::required(&field, value, chars_max, wanted),
            });
        }
        let reason = self.exemption_reason.as_deref();
        found.extend(check::optional("exemption_reason", reason, JPK_TEXT_CHARS_MAX));
        for (code, name) in &self.units {
            found.extend(check::text(&format!("units.{code}"), name, JPK_TEXT_CHARS_MAX));
        }
        found
    }
}

/// Whether this is a Polish tax number: ten digits of which the last checks the others.
pub fn is_nip(text: &str) -> bool {
    let digits: Vec<u32> = text.chars().filter_map(|c| c.to_digit(10)).collect();
    let weighed: u32 = digits.iter().zip([6, 5, 7, 2, 3, 4, 5, 6, 7]).map(|(digit, weight)| digit * weight).sum();
    let office = digits.get(1) != Some(&0) || digits.get(2) != Some(&0);
    check::is_digits(text, 10) && !text.starts_with('0') && office && digits.last() == Some(&(weighed % 11))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_draft_says_what_it_lacks() {
        let draft: JpkFaOptions = serde_json::from_str("{}").unwrap();
        assert_eq!(draft, JpkFaOptions::default());
        let fields: Vec<String> = draft.problems().into_iter().map(|problem| problem.field).collect();
        let wanted = [
            "tax_office",
            "address.voivodeship",
            "address.county",
            "address.municipality",
            "address.house_number",
            "address.town",
            "address.postal_code",
        ];
        assert_eq!(fields, wanted);
    }

    #[test]
    fn complete_settings_have_no_problems() {
        let text = r#"{"nip":"5260250274","tax_office":"1471","address":{"voivodeship":"MAZOWIECKIE","county":"Warszawa",
            "municipality":"Warszawa","house_number":"1","town":"Warszawa","postal_code":"00-001"}}"#;
        let mut options: JpkFaOptions = serde_json::from_str(text).unwrap();
        assert_eq!(options.problems(), []);
        assert_eq!(serde_json::from_str::<JpkFaOptions>(&serde_json::to_string(&options).unwrap()).unwrap(), options);
        options.nip = Some("5260250275".into());
        options.tax_office = Some("147".into());
        options.address.house_number = Some("1234567890".into());
        options.units.insert("HUR".into(), " ".into());
        let fields: Vec<String> = options.problems().into_iter().map(|problem| problem.field).collect();
        assert_eq!(fields, ["nip", "tax_office", "address.house_number", "units.HUR"]);
    }

    #[test]
    fn tax_numbers_are_checked() {
        assert!(is_nip("5260250274") && is_nip("5252248481"));
        for text in ["", "526025027", "5260250275", "0000000000", "5260250274 ", "526-025-02-74", "PL5260250274"] {
            assert!(!is_nip(text), "{text}");
        }
    }
}
