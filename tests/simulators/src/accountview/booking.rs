//! A journal page that is sent: what its header must be, and its number.

use chrono::{Datelike, NaiveDate};
use rust_decimal::Decimal;

use super::books::{AccountView, Duplicates, Page, Row, Year};
use super::columns::DJ_PAGE;
use super::filling::{self, Side};
use super::refusal::{Refusal, rule};
use super::{Call, data, no_year};
use crate::server::Answer;

/// The currency of the books.
pub(super) const HOME: &str = "EUR";

/// Books a page, or refuses by the first rule that is broken.
pub(super) fn create(
    state: &mut AccountView,
    call: &Call<'_>,
    day: NaiveDate,
    mut header: Row,
    mut lines: Vec<Row>,
) -> Result<Answer, Refusal> {
    let settings = state.settings.clone();
    let company = state.company(&call.company).ok_or_else(|| rule("Onderneming onbekend."))?;
    let year = company.year(day).ok_or_else(|| no_year(day))?;
    for (column, name) in [("DJ_CODE", "Dagboek"), ("HDR_DESC", "Omschrijving bladzijde")] {
        if header.text(column).is_empty() {
            return Err(rule(format!("{name} is verplicht.")));
        }
    }
    let side = journal(year, header.text("DJ_CODE"))?;
    let date = header.day("TRN_DATE").unwrap_or(day);
    let period = period(year, &header, date)?;
    header.set("TRN_DATE", date);
    header.set("PERIOD", period);
    if let Some((role, flag)) = side.relation() {
        relation(year, &header, role, flag)?;
        if header.text("INV_NR").is_empty() {
            return Err(rule("Factuurnummer is verplicht."));
        }
        if settings.duplicates == Duplicates::Refuse {
            number(year, &header, role)?;
        }
    }
    if header.text("CUR_CODE").is_empty() {
        header.set("CUR_CODE", HOME);
    }
    let currency = header.text("CUR_CODE").to_owned();
    let rate = if currency == HOME { Some(Decimal::ONE) } else { state.rates.get(&currency).copied() };
    let rate = rate.ok_or_else(|| rule(format!("Valuta {currency} bestaat niet of heeft geen koers.")))?;
    if header.number("CRED_DAYS").is_sign_negative() {
        return Err(rule("Ongeldige waarde in veld CRED_DAYS."));
    }
    if lines.is_empty() {
        return Err(rule("De bladzijde heeft geen regels: een regel is verplicht."));
    }
    let filled = filling::fill(year, &settings, side, &header, rate, &mut lines)?;
    for (column, amount) in [
        ("PAGE_AMT", filled.gross),
        ("PAGE_VAT", filled.vat),
        ("NETT_AMT", filled.gross - filled.vat),
        ("CUR_AMT", filled.currency_gross),
        ("CUR_VAT", filled.currency_vat),
    ] {
        header.set(column, amount);
    }
    header.set("INP_USR", state.user.as_str());
    header.set("CNG_USR", state.user.as_str());
    header.set("INP_DATE", call.now.date_naive());
    let first = state.sequence + 1;
    state.sequence += u64::try_from(lines.len() + filled.entries.len()).unwrap_or_default();
    let year =
        state.company_mut(&call.company).and_then(|company| company.year_mut(day)).ok_or_else(|| no_year(day))?;
    let page_number = page_number(year, &header)?;
    header.set("PAGE_NR", page_number.as_str());
    header.set("PAGE_NRV", page_number.parse::<Decimal>().unwrap_or_default());
    let mut entries = filled.entries;
    for (row, id) in lines.iter_mut().chain(&mut entries).zip(first..) {
        row.set("REC_ID", format!("{id:010}").as_str());
        row.set("DJ_CODE", header.text("DJ_CODE"));
        row.set("PAGE_NR", page_number.as_str());
    }
    for entry in &mut entries {
        entry.set("PERIOD", period);
        entry.set("TRN_DATE", date);
    }
    let answer = data::stored(&DJ_PAGE, &header, Some(&lines), &settings);
    year.pages.push(Page { header, lines, entries, processed: settings.processes_at_once });
    Ok(answer)
}

fn journal(year: &Year, code: &str) -> Result<Side, Refusal> {
    let journal = year.find("DAILY", "DJ_CODE", code).ok_or_else(|| rule(format!("Dagboek {code} bestaat niet.")))?;
    if journal.flag("CNG_BLK") {
        return Err(rule(format!("Dagboek {code} is geblokkeerd.")));
    }
    match journal.text("DJ_TYPEV") {
        "Inkoop" => Ok(Side::Purchase),
        "Verkoop" => Ok(Side::Sales),
        "Memoriaal" => Ok(Side::Memorial),
        kind => Err(rule(format!("Dagboek {code} is van het type {kind}."))),
    }
}

/// The period of the page: the one that is named, or that of the date.
fn period(year: &Year, header: &Row, date: NaiveDate) -> Result<Decimal, Refusal> {
    let named = header.number("PERIOD");
    let holds = |row: &&Row| match (row.day("BEG_DATE"), row.day("END_DATE")) {
        (Some(first), Some(last)) => (first..=last).contains(&date),
        _ => false,
    };
    let periods = year.rows("PERIOD");
    let found = if named.is_zero() {
        periods.iter().find(holds)
    } else {
        periods.iter().find(|row| row.number("PERIOD") == named)
    };
    let of = year.first.year();
    let period = found.ok_or_else(|| rule(format!("De datum {date} valt buiten boekjaar {of}.")))?;
    let number = period.number("PERIOD");
    if period.flag("REC_BLK") {
        return Err(rule(format!("Periode {number} van boekjaar {of} is geblokkeerd.")));
    }
    Ok(number)
}

fn relation(year: &Year, header: &Row, role: &str, flag: &str) -> Result<(), Refusal> {
    let number = header.text("SUB_NR");
    if number.is_empty() {
        return Err(rule(format!("{role} is verplicht.")));
    }
    let relation = year.find("CONTACT", "SUB_NR", number).filter(|row| row.flag(flag));
    let relation = relation.ok_or_else(|| rule(format!("{role} {number} bestaat niet.")))?;
    if relation.flag("REC_BLK") {
        return Err(rule(format!("{role} {number} is geblokkeerd.")));
    }
    Ok(())
}

fn number(year: &Year, header: &Row, role: &str) -> Result<(), Refusal> {
    let key = |row: &Row| (row.text("SUB_NR").to_owned(), row.text("INV_NR").to_owned());
    if year.pages.iter().any(|page| key(&page.header) == key(header)) {
        let (relation, number) = key(header);
        return Err(rule(format!("Factuurnummer {number} bestaat al bij {role} {relation}.")));
    }
    Ok(())
}

/// The number of the page: the one that is given, or the next of its journal.
fn page_number(year: &mut Year, header: &Row) -> Result<String, Refusal> {
    let (journal, given) = (header.text("DJ_CODE"), header.text("PAGE_NR").trim());
    if !given.is_empty() {
        let same = |page: &Page| page.header.text("DJ_CODE") == journal && page.header.text("PAGE_NR") == given;
        if year.pages.iter().any(same) {
            return Err(rule(format!("Bladzijdenummer {given} komt al voor.")));
        }
        return Ok(given.to_owned());
    }
    let short = year.first.year() % 100;
    let next = year.numbers.entry(journal.to_owned()).or_default();
    *next += 1;
    Ok(format!("{short}{next:06}"))
}
