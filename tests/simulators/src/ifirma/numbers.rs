//! Numbers of a series, which days must follow.

use chrono::{Datelike, NaiveDate};

use super::refusal::{Refusal, rule};
use super::state::{Account, Invoice, Series, Strictness};

fn counts_months(series: &Series) -> bool {
    series.format.contains("[miesiąc]")
}

fn counted<'a>(account: &'a Account, series: &'a Series, day: NaiveDate) -> impl Iterator<Item = &'a Invoice> {
    account.invoices.iter().filter(move |one| {
        let same_month = one.issued.month() == day.month() || !counts_months(series);
        one.series == series.name && one.issued.year() == day.year() && same_month
    })
}

/// The whole number.
pub(super) fn render(series: &Series, number: u32, day: NaiveDate) -> String {
    let month = day.month().to_string();
    let text = series.format.replace("[numer]", &number.to_string());
    text.replace("[miesiąc]", &month).replace("[rok]", &day.year().to_string())
}

/// The number of an invoice: the one that was sent, or the next.
pub(super) fn give(
    account: &Account,
    series: &Series,
    own: Option<u32>,
    day: NaiveDate,
    taken: Strictness,
) -> Result<u32, Refusal> {
    let last = counted(account, series, day).map(|one| one.number).max().unwrap_or_default();
    let number = own.unwrap_or(last.saturating_add(1));
    if taken == Strictness::Refused && counted(account, series, day).any(|one| one.number == number) {
        return Err(rule(format!("Faktura o numerze {} już istnieje", render(series, number, day))));
    }
    let before = counted(account, series, day).filter(|one| one.number < number && one.issued > day);
    match before.max_by_key(|one| one.issued) {
        Some(later) => Err(rule(format!(
            "Data wystawienia faktury nie może być wcześniejsza niż data wystawienia poprzedniej faktury w serii ({})",
            later.issued
        ))),
        None => Ok(number),
    }
}
