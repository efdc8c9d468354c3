//! What the demo came to: the table, what differs from the scenario, and whether the ledgers have each posted document once.

use std::collections::BTreeMap;

use serde::Deserialize;

use super::{
    api::Client,
    export::signed,
    follow::{Followed, Seen, name},
    ledger::{Booking, Ledger},
    scenario::{ConnectionSetup, Elsewhere, End},
};
use crate::failure::Failure;

const HEAD: [&str; 7] = ["document", "supplier", "amount", "status", "rule or reason", "ledger", "ms"];
/// Longer texts in the table are cut.
const CELL_CHARS: usize = 44;

/// The table: a line for each document.
pub fn table(documents: &[Followed<'_>]) -> String {
    let mut rows = vec![HEAD.map(str::to_owned)];
    rows.extend(documents.iter().map(row));
    let widths: Vec<usize> = (0..HEAD.len())
        .map(|column| rows.iter().filter_map(|row| row.get(column)).map(|cell| cell.chars().count()).max().unwrap_or(0))
        .collect();
    let mut text = String::new();
    for row in &rows {
        let cells: Vec<String> = row
            .iter()
            .zip(&widths)
            .zip(HEAD)
            .map(|((cell, &width), head)| match head {
                "amount" | "ms" => format!("{cell:>width$}"),
                _ => format!("{cell:<width$}"),
            })
            .collect();
        text.push_str(cells.join("  ").trim_end());
        text.push('\n');
    }
    text
}

fn row(document: &Followed<'_>) -> [String; 7] {
    let seen = document.seen.as_ref();
    let supplier = seen.and_then(|seen| seen.party.clone()).unwrap_or_else(|| "-".to_owned());
    let amount =
        seen.and_then(|seen| Some(format!("{:.2} {}", seen.gross?, seen.currency.as_deref().unwrap_or("???"))));
    let (status, because) = match &document.end {
        Some(end) => (end.word().to_owned(), end.because().to_owned()),
        None => (seen.map_or_else(|| "not sent".to_owned(), |seen| seen.status.to_string()), "-".to_owned()),
    };
    let ledger = seen.and_then(|seen| seen.booked.as_ref()).map(|booked| booked.ledger_number.clone());
    let dash = || "-".to_owned();
    [
        cut(name(&document.delivery.file)),
        cut(&supplier),
        amount.unwrap_or_else(dash),
        status,
        cut(&because),
        ledger.unwrap_or_else(dash),
        document.end.as_ref().and(seen).and_then(milliseconds).map_or_else(dash, |ms| ms.to_string()),
    ]
}

/// From tag to end, by the clock of whoever recorded them.
fn milliseconds(seen: &Seen) -> Option<i64> {
    Some((seen.updated_at - seen.tagged_at?).num_milliseconds())
}

fn cut(text: &str) -> String {
    if text.chars().count() <= CELL_CHARS {
        return text.to_owned();
    }
    text.chars().take(CELL_CHARS - 1).chain(['…']).collect()
}

/// How many documents came to which end.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    tagged: usize,
    posted: usize,
    waiting: usize,
    failed: usize,
    exported: usize,
}

impl Counts {
    /// Of these documents; so many of those that waited were exported afterwards.
    pub fn of(documents: &[Followed<'_>], exported: usize) -> Self {
        let count = |word: &str| {
            documents.iter().filter(|document| document.end.as_ref().is_some_and(|end| end.word() == word)).count()
        };
        Self {
            tagged: documents
                .iter()
                .filter(|document| document.seen.as_ref().is_some_and(|seen| seen.tagged_at.is_some()))
                .count(),
            posted: count("posted"),
            waiting: count("waiting"),
            failed: count("failed"),
            exported,
        }
    }
}

impl std::fmt::Display for Counts {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        let Self { tagged, posted, waiting, failed, exported } = self;
        write!(f, "demo: tagged={tagged} posted={posted} waiting={waiting} failed={failed} exported={exported}")
    }
}

/// Documents that did not end where the scenario says.
pub fn differences(documents: &[Followed<'_>]) -> Vec<String> {
    let shown = |end: &End| format!("{} ({})", end.word(), end.because());
    documents
        .iter()
        .filter(|document| document.end.as_ref() != Some(&document.delivery.expect))
        .map(|document| {
            let expected = shown(&document.delivery.expect);
            let seen = document.seen.as_ref();
            let really = match (&document.end, seen) {
                (Some(end), _) => shown(end),
                (None, Some(seen)) => format!("still {}", seen.status),
                (None, None) => "not sent".to_owned(),
            };
            let said = seen.and_then(|seen| seen.why.reason.as_ref()).map(|reason| format!(": {}", reason.text));
            let id = document.id.as_deref().unwrap_or("-");
            format!("{} ({id}): {really}, not {expected}{}", document.delivery.file, said.unwrap_or_default())
        })
        .collect()
}

/// Looks in the ledger: each posted document is booked once, with its total, and nothing else is booked.
pub fn books(
    documents: &[Followed<'_>],
    ledger: &Ledger,
    divisions: &BTreeMap<String, u32>,
) -> Result<Vec<String>, Failure> {
    let mut wrong = Vec::new();
    for (administration, division) in divisions {
        let bookings = ledger.bookings(*division)?;
        let posted: Vec<_> = documents
            .iter()
            .filter(|document| document.delivery.administration == *administration)
            .filter(|document| matches!(document.end, Some(End::Posted { .. })))
            .collect();
        if bookings.len() != posted.len() {
            wrong.push(format!("Division {division} has {} bookings of {} documents.", bookings.len(), posted.len()));
        }
        wrong.extend(posted.iter().filter_map(|document| {
            let trouble = booked_once(document.seen.as_ref()?, &bookings)?;
            Some(format!("{}: {trouble}", document.delivery.file))
        }));
    }
    Ok(wrong)
}

/// Documents of other ledgers that are not booked exactly once there. `simulators` is where all of them answer.
pub fn books_elsewhere(
    documents: &[Followed<'_>],
    elsewhere: &Elsewhere,
    simulators: &Client,
) -> Result<Vec<String>, Failure> {
    let mut wrong = Vec::new();
    for ledger in &elsewhere.ledgers {
        let ConnectionSetup { system, name, .. } = &ledger.connection;
        let posted = documents
            .iter()
            .filter(|document| document.delivery.administration == *system)
            .filter(|document| matches!(document.end, Some(End::Posted { .. })));
        for document in posted {
            let number = document.seen.as_ref().and_then(|seen| seen.number.as_deref()).unwrap_or_default();
            let counted: Counted = simulators.get(&format!("/{system}/_sim/booked?number={number}"))?;
            if counted.bookings != 1 {
                wrong.push(format!("{}: {} bookings in {name}", document.delivery.file, counted.bookings));
            }
        }
    }
    Ok(wrong)
}

/// What a simulator says of a number.
#[derive(Debug, Deserialize)]
struct Counted {
    bookings: usize,
}

/// What is wrong with the booking of a posted document.
fn booked_once(seen: &Seen, bookings: &[Booking]) -> Option<String> {
    let (Some(booked), Some(gross)) = (&seen.booked, seen.gross) else {
        return Some("posted without a booking or a total".to_owned());
    };
    let of_document: Vec<_> = bookings.iter().filter(|booking| booking.entry_id == booked.ledger_id).collect();
    let [booking] = of_document.as_slice() else {
        return Some(format!("{} bookings in the ledger", of_document.len()));
    };
    let owed = signed(seen.kind, gross);
    let same = booking.amount == owed && Some(&booking.currency) == seen.currency.as_ref();
    (!same).then(|| {
        let currency = seen.currency.as_deref().unwrap_or_default();
        format!("booked as {} {}, not {owed} {currency}", booking.amount, booking.currency)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use rust_decimal::Decimal;

    fn credit_note(gross: &str) -> Seen {
        let json = format!(
            r#"{{"status":"posted","why":{{}},"tagged_at":"2026-11-20T09:00:00.100Z","updated_at":"2026-11-20T09:00:01.350Z",
                "kind":"credit_note","currency":"EUR","gross":"{gross}","booked":{{"ledger_id":"e1","ledger_number":"26600001"}}}}"#
        );
        serde_json::from_str(&json).unwrap()
    }

    fn booking(id: &str, cents: i64) -> Booking {
        Booking { entry_id: id.into(), amount: Decimal::new(cents, 2), currency: "EUR".into() }
    }

    #[test]
    fn a_credit_note_is_booked_once_and_negative() {
        let seen = credit_note("100.11");
        assert_eq!(milliseconds(&seen), Some(1_250));
        assert_eq!(booked_once(&seen, &[booking("e1", -10_011), booking("e2", 500)]), None);
        let positive = booked_once(&seen, &[booking("e1", 10_011)]).unwrap();
        assert!(positive.contains("booked as 100.11 EUR, not -100.11 EUR"), "{positive}");
        assert!(booked_once(&seen, &[]).unwrap().starts_with("0 bookings"));
        assert!(
            booked_once(&seen, &[booking("e1", -10_011), booking("e1", -10_011)]).unwrap().starts_with("2 bookings")
        );
    }

    #[test]
    fn the_last_line_is_for_programs() {
        let counts = Counts { tagged: 45, posted: 14, waiting: 27, failed: 4, exported: 3 };
        assert_eq!(counts.to_string(), "demo: tagged=45 posted=14 waiting=27 failed=4 exported=3");
    }

    #[test]
    fn long_texts_are_cut() {
        assert_eq!(cut("short"), "short");
        assert_eq!(cut(&"é".repeat(60)).chars().count(), CELL_CHARS);
    }
}
