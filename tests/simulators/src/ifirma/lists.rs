//! The list of invoices: of some days, by what is asked, in pages.

use std::borrow::Cow;

use chrono::{Days, NaiveDate};
use rust_decimal::Decimal;

use super::api::data;
use super::records::row;
use super::refusal::{Refusal, STRUCTURE};
use super::state::{Account, Invoice, Settings};
use crate::json::{self, Node};
use crate::server::{Answer, Request};

/// Days of a list that has no end.
const DAYS: u64 = 30;
/// Rows of a page.
const ROWS: usize = 20;
const STATES: &[&str] = &["przeterminowane", "nieoplacone", "oplaconeCzesciowo", "oplacone"];

fn is_in_state(invoice: &Invoice, state: &str, today: NaiveDate) -> bool {
    let (paid, gross) = (invoice.paid(), invoice.totals.gross);
    match state {
        "oplacone" => paid >= gross,
        "oplaconeCzesciowo" => paid > Decimal::ZERO && paid < gross,
        "nieoplacone" => paid.is_zero() && gross > Decimal::ZERO,
        _ => paid < gross && invoice.due.is_some_and(|due| due < today),
    }
}

/// Answers a page.
pub(super) fn invoices(
    account: &Account,
    settings: &Settings,
    today: NaiveDate,
    request: &Request,
) -> Result<Answer, Refusal> {
    let parameters = request.parameters();
    let parameter = |name: &str| parameters.iter().find(|(known, _)| known == name).map(|(_, value)| value.as_str());
    let day = |name: &str| -> Result<Option<NaiveDate>, Refusal> {
        parameter(name).map(|text| text.parse().map_err(|_| STRUCTURE)).transpose()
    };
    let amount = |name: &str| parameter(name).map(|text| json::decimal(text).ok_or(STRUCTURE)).transpose();
    let number = |name: &str, usual: usize| match parameter(name).map(str::parse::<usize>) {
        None => Ok(usual),
        Some(Ok(number)) if number > 0 => Ok(number),
        Some(Ok(_) | Err(_)) => Err(STRUCTURE),
    };
    let from = day("dataOd")?.ok_or(STRUCTURE)?;
    let to = day("dataDo")?.or(from.checked_add_days(Days::new(DAYS))).unwrap_or(from);
    let (least, most) = (amount("kwotaOd")?, amount("kwotaDo")?);
    let states: Vec<&str> = parameter("status").map(|all| all.split(',').collect()).unwrap_or_default();
    if states.iter().any(|state| !STATES.contains(state)) || parameter("kontrahent").is_some_and(|code| code.len() > 15)
    {
        return Err(STRUCTURE);
    }
    let is_asked = |one: &&Invoice| {
        let gross = one.totals.gross;
        one.issued >= from
            && one.issued <= to
            && least.is_none_or(|least| gross >= least)
            && most.is_none_or(|most| gross <= most)
            && parameter("kontrahent").is_none_or(|code| one.contractor.code == code)
            && parameter("nipKontrahenta").is_none_or(|nip| one.contractor.nip == nip)
            && parameter("typ").is_none_or(|kind| one.kind.listed() == kind)
            && (states.is_empty() || states.iter().any(|state| is_in_state(one, state, today)))
    };
    let (page, rows) = (number("strona", 1)?, number("iloscNaStronie", ROWS)?.min(settings.page_most));
    let found = account.invoices.iter().filter(is_asked).skip((page - 1).saturating_mul(rows)).take(rows);
    let rows = found.map(|one| row(settings, one)).collect();
    Ok(data(settings, vec![(Cow::Borrowed("Wynik"), Node::List(rows))]))
}
