//! Suppliers and customers that are made.

use chrono::NaiveDate;

use super::books::{AccountView, Row};
use super::columns::CONTACT;
use super::refusal::{Refusal, rule};
use super::{Call, data, no_year};
use crate::server::Answer;

/// Makes one, with the next number.
pub(super) fn create(
    state: &mut AccountView,
    call: &Call<'_>,
    day: NaiveDate,
    is_supplier: bool,
    mut row: Row,
) -> Result<Answer, Refusal> {
    let settings = state.settings.clone();
    let company = state.company_mut(&call.company).ok_or_else(|| rule("Onderneming onbekend."))?;
    let year = company.year_mut(day).ok_or_else(|| no_year(day))?;
    for (column, name) in [("ACCT_NAME", "Bedrijfsnaam"), ("SRC_CODE", "Zoekcode"), ("ACCT_NR", "Verzamelrekening")] {
        if row.text(column).is_empty() {
            return Err(rule(format!("{name} is verplicht.")));
        }
    }
    if year.find("LEDGER", "ACCT_NR", row.text("ACCT_NR")).is_none() {
        return Err(rule(format!("Rekening {} bestaat niet.", row.text("ACCT_NR"))));
    }
    if row.text("SUB_NR").is_empty() {
        let (first, flag) = if is_supplier { (20_000_u32, "CRED_SHOW") } else { (10_000, "DEB_SHOW") };
        let numbers = year.rows("CONTACT").iter().filter(|row| row.flag(flag));
        let last = numbers.filter_map(|row| row.text("SUB_NR").parse().ok()).max().unwrap_or(first);
        row.set("SUB_NR", (last + 1).to_string().as_str());
    } else if year.find("CONTACT", "SUB_NR", row.text("SUB_NR")).is_some() {
        return Err(rule(format!("Relatienummer {} komt al voor.", row.text("SUB_NR"))));
    }
    row.set("CRED_SHOW", is_supplier);
    row.set("DEB_SHOW", !is_supplier);
    let answer = data::stored(&CONTACT, &row, None, &settings);
    year.tables.entry("CONTACT".to_owned()).or_default().push(row);
    Ok(answer)
}
