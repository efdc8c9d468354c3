//! Numbers of a series: a counter for each year, month or day, written by a template, in the order of days.

use chrono::{Datelike, NaiveDate};

use super::state::{Company, Invoice, ResetEvery, Series};

/// Whether two days are counted together.
fn together(series: &Series, one: NaiveDate, other: NaiveDate) -> bool {
    match series.reset {
        ResetEvery::Yearly => one.year() == other.year(),
        ResetEvery::Monthly => (one.year(), one.month()) == (other.year(), other.month()),
        ResetEvery::Daily => one == other,
    }
}

fn counted<'a>(company: &'a Company, series: &'a Series, day: NaiveDate) -> impl Iterator<Item = &'a Invoice> {
    let of_series = company.invoices.iter().filter(|one| one.series == series.id && one.number > 0);
    of_series.filter(move |one| together(series, one.date, day))
}

/// The next number of a day.
pub(super) fn next(company: &Company, series: &Series, day: NaiveDate) -> u32 {
    let last = counted(company, series, day).map(|one| one.number).max();
    last.map_or(series.first.max(1), |last| last.saturating_add(1))
}

/// The whole number.
pub(super) fn render(series: &Series, number: u32, day: NaiveDate) -> String {
    [
        ("[numer]", number.to_string()),
        ("[rok]", day.year().to_string()),
        ("[miesiąc]", format!("{:02}", day.month())),
        ("[miesiac]", format!("{:02}", day.month())),
        ("[dzień]", format!("{:02}", day.day())),
        ("[dzien]", format!("{:02}", day.day())),
        ("[kwartał]", day.month().div_ceil(3).to_string()),
        ("[kwartal]", day.month().div_ceil(3).to_string()),
    ]
    .iter()
    .fold(series.template.clone(), |text, (name, value)| text.replace(name, value))
}

/// Why a number can't be given to a day; none when it can.
pub(super) fn refused(company: &Company, series: &Series, number: u32, day: NaiveDate) -> Option<String> {
    let mine = render(series, number, day);
    if counted(company, series, day).any(|one| one.number == number) {
        return Some(format!("Faktura o numerze {mine} już istnieje"));
    }
    let out_of_order =
        |one: &&Invoice| (one.number > number && one.date < day) || (one.number < number && one.date > day);
    let other = counted(company, series, day).find(out_of_order)?;
    let (than, issued) =
        if other.number > number { ("późniejszy", "wcześniejszą") } else { ("wcześniejszy", "późniejszą") };
    Some(format!(
        "Nie można wystawić faktury o numerze {mine} i dacie wystawienia {day}. Inna faktura o numerze {} ma {than} numer \
         i {issued} datę wystawienia {}. Operacja naruszyłaby chronologię i poprawność numeracji",
        other.full_number, other.date
    ))
}
