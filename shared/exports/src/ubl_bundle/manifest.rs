//! The table of contents: comma-separated UTF-8 (RFC 4180), a row for each document, amounts as the document states them.

use crate::{
    ExportDocument,
    amounts::{cents, original},
    facts::by_effect,
    text::{guarded, one_line},
};
use domain::{export_format::UblBundleOptions, reason::Reason};
use rust_decimal::Decimal;
use sha2::{Digest as _, Sha256};

const HEADINGS: [&str; 17] = [
    "file",
    "document_id",
    "direction",
    "kind",
    "number",
    "issue_date",
    "due_date",
    "posting_date",
    "contact",
    "vat_number",
    "currency",
    "net",
    "vat",
    "gross",
    "bytes",
    "sha256",
    "description",
];

/// The first row.
pub(super) fn headings() -> Vec<u8> {
    line(HEADINGS.map(str::to_owned))
}

/// The row of a document in a file.
pub(super) fn row(
    options: &UblBundleOptions,
    document: &ExportDocument,
    file: &str,
    bytes: &[u8],
) -> Result<Vec<u8>, Reason> {
    let (posting, contact) = (&document.posting, &document.contact);
    // From the effect back to what is stated: the same turn.
    let amount = |amount: Decimal| cents(by_effect(document, amount));
    let text = |text: &str| {
        let text = one_line(text);
        if options.formula_guard { guarded(&text).into_owned() } else { text.into_owned() }
    };
    let mut sha256 = String::with_capacity(64);
    for byte in Sha256::digest(bytes) {
        sha256.extend([byte >> 4, byte & 15].into_iter().filter_map(|digit| char::from_digit(digit.into(), 16)));
    }
    let amounts = original(document)?;
    Ok(line([
        file.to_owned(),
        document.id.to_string(),
        posting.direction.as_str().to_owned(),
        posting.kind.as_str().to_owned(),
        text(&posting.number),
        posting.issue_date.to_string(),
        posting.due_date.map(|date| date.to_string()).unwrap_or_default(),
        document.posting_date.to_string(),
        text(&contact.name),
        contact.vat_number.as_ref().map(ToString::to_string).unwrap_or_default(),
        posting.currency.to_string(),
        amount(amounts.net),
        amount(amounts.vat),
        amount(amounts.gross),
        bytes.len().to_string(),
        sha256,
        text(&posting.description),
    ]))
}

/// Each cell between quotes.
fn line(cells: [String; HEADINGS.len()]) -> Vec<u8> {
    let cells = cells.map(|cell| format!("\"{}\"", cell.replace('"', "\"\"")));
    format!("{}\r\n", cells.join(",")).into_bytes()
}
