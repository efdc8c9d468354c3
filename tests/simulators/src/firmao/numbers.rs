//! Numbers of a series. The next one is a suggestion and stays free for everybody.

use chrono::{Datelike, NaiveDate};

use super::state::{NumberSpace, Organisation, Series, Settings};

/// The whole number.
pub(super) fn render(series: &Series, number: usize, day: NaiveDate) -> String {
    let text = series.pattern.replace("[number]", &format!("{number:03}"));
    text.replace("[year]", &day.year().to_string()).replace("[month]", &format!("{:02}", day.month()))
}

/// Whether a number is taken.
pub(super) fn is_taken(books: &Organisation, settings: &Settings, kind: &str, number: &str) -> bool {
    books.transactions.iter().any(|one| {
        let counts = match settings.number_space {
            NumberSpace::Sales => true,
            NumberSpace::Type => one.kind == kind,
        };
        counts && one.number == number
    })
}

/// The next free number of a series.
pub(super) fn next(books: &Organisation, settings: &Settings, series: &Series, day: NaiveDate) -> String {
    // One more than there are documents is free at the latest.
    let free = (1..=books.transactions.len() + 1)
        .map(|number| render(series, number, day))
        .find(|number| !is_taken(books, settings, &series.kind, number));
    free.unwrap_or_default()
}
