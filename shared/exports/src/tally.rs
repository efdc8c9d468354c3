//! Counting documents.

use crate::{
    amounts::too_large,
    document::ExportDocument,
    segment::{Summary, Totals},
};
use domain::{money::sum, reason::Reason};
use rust_decimal::Decimal;

/// Counts a document of so many rows, and adds to the format's own sums. An error leaves the summary as it was.
pub(crate) fn tally(
    summary: &mut Summary,
    document: &ExportDocument,
    rows: usize,
    sums: &[(String, Decimal)],
) -> Result<(), Reason> {
    let posting = &document.posting;
    let one = Totals { documents: 1, net: posting.net, vat: posting.vat, gross: posting.gross };
    let mut totals = summary.totals.get(&posting.currency).copied().unwrap_or_default();
    totals.add(&one).map_err(too_large)?;
    let mut grown = Vec::new();
    for (name, value) in sums {
        let held = summary.sums.get(name).copied().unwrap_or_default();
        grown.push((name.clone(), sum([held, *value]).map_err(too_large)?));
    }
    let date = document.posting_date;
    summary.documents += 1;
    summary.rows += rows as u64;
    summary.totals.insert(posting.currency, totals);
    summary.dates = Some(summary.dates.map_or((date, date), |(first, last)| (first.min(date), last.max(date))));
    summary.sums.extend(grown);
    Ok(())
}
