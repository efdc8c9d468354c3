//! Our number for ledgers that take only its counter and write the number themselves.

use crate::{
    error::{ErrorCode, LedgerError, Operation},
    invoicing::{PassRequest, PassedDocument},
};
use chrono::Datelike;
use domain::time::Date;

/// The counter in a number: the one run of digits that does not write the date. Nothing when more than one is left, or none.
pub(crate) fn counter(number: &str, date: Date) -> Option<u32> {
    let mut runs: Vec<&str> = number.split(|c: char| !c.is_ascii_digit()).filter(|run| !run.is_empty()).collect();
    let (year, month, day) =
        (format!("{:04}", date.year()), format!("{:02}", date.month()), format!("{:02}", date.day()));
    let short = year.get(2..).unwrap_or_default().to_owned();
    // Written in one run, then one by one; the longest first, so that the rest of a number is not taken for a date.
    let mut dates = Vec::new();
    for year in [&year, &short] {
        for (month, day) in [(&month, &day), (&month, &String::new())] {
            dates.extend([format!("{year}{month}{day}"), format!("{day}{month}{year}")]);
        }
    }
    dates.extend([year, month, day, short]);
    for written in dates {
        if runs.len() > 1
            && let Some(place) = runs.iter().rposition(|run| **run == *written)
        {
            runs.remove(place);
        }
    }
    match runs.as_slice() {
        [only] => only.parse().ok().filter(|number| *number > 0),
        _ => None,
    }
}

/// The counter of our number, when that is the one that counts.
pub(crate) fn own(request: &PassRequest<'_>, ledger: &str) -> Result<Option<u32>, LedgerError> {
    let Some(number) = request.number() else { return Ok(None) };
    counter(number, request.content.issue_date).map(Some).ok_or_else(|| {
        let message = format!(
            "{ledger} takes only the counter of a number, and which part of {number} that is cannot be told. Number with a \
             pattern whose only digits beside the date are the counter, or let {ledger} number."
        );
        LedgerError::rejected(ErrorCode::Chronology, Operation::Prepare, message).about(number)
    })
}

/// What differs although the ledger has the document: its number, where ours counts, or its total.
pub(crate) fn differs(request: &PassRequest<'_>, ledger: &str, passed: &PassedDocument) -> Option<LedgerError> {
    let other = request.number().filter(|number| number.trim() != passed.number.trim());
    let Some(number) = other else { return request.difference(ledger, passed) };
    let message = format!(
        "{ledger} wrote the number {} for this document instead of {number}: its series has another pattern. The document was \
         made; make the patterns equal.",
        passed.number
    );
    let differs = format!("{} ≠ {number}", passed.number);
    Some(LedgerError::rejected(ErrorCode::Mismatch, Operation::Compare, message).about(differs))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_counter_is_what_does_not_write_the_date() {
        let date = "2026-03-10".parse().unwrap();
        for (number, count) in [
            ("FV 7/03/2026", Some(7)),
            ("FV 3/03/2026", Some(3)),
            ("03/03/2026", Some(3)),
            ("FS 12/2026", Some(12)),
            ("260310-0007", Some(7)),
            ("20260310/8", Some(8)),
            ("PAR/007/26", Some(7)),
            ("10/10/03/2026", Some(10)),
            ("2026/2026", Some(2026)),
            ("15", Some(15)),
            ("2026", Some(2026)),
            ("FV2/7/2026", None),
            ("FV", None),
            ("0/2026", None),
            ("99999999999/2026", None),
        ] {
            assert_eq!(counter(number, date), count, "{number}");
        }
    }
}
