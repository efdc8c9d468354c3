//! A ZIP of the documents as they were received, byte for byte, with a table of contents.
//!
//! Section 0 holds the files with their headers, section 1 the rows of the table (`manifest.csv`). The table is a file too,
//! stored behind the others: its checksum is put together from those of the segments.

mod manifest;
mod name;
mod zip;

use crate::{Books, Entry, ExportDocument, OriginalKind, Piece, RunFacts, Segment, Summary, Writer, tally::tally};
use crc32fast::Hasher;
use domain::{
    export_format::{Problem, UblBundleOptions, WithoutUbl},
    reason::Reason,
    words::{Text, Unfit},
};

/// The name of the table of contents.
const MANIFEST: &str = "manifest.csv";

/// The writer with these settings.
#[expect(clippy::unnecessary_wraps, reason = "as every format has it")]
pub(crate) fn writer(options: &UblBundleOptions) -> Result<Box<dyn Writer>, Vec<Problem>> {
    Ok(Box::new(UblBundle { options: options.clone() }))
}

struct UblBundle {
    options: UblBundleOptions,
}

/// Counts the bytes of a row in. The rows of a segment are kept as one entry before its files, so that summaries add up in
/// whatever way they were made.
fn count_row(summary: &mut Summary, row: &[u8]) {
    if summary.entries.first().is_none_or(|entry| entry.name != MANIFEST) {
        let empty = Entry { name: MANIFEST.to_owned(), crc: 0, size: 0, stored: 0, length: 0 };
        summary.entries.insert(0, empty);
    }
    if let Some(entry) = summary.entries.first_mut() {
        let mut crc = Hasher::new_with_initial_len(entry.crc, entry.size);
        crc.update(row);
        entry.crc = crc.finalize();
        entry.size += row.len() as u64;
        (entry.stored, entry.length) = (entry.size, entry.size);
    }
}

impl Writer for UblBundle {
    fn needs_originals(&self) -> bool {
        true
    }

    fn write(
        &self,
        document: &ExportDocument,
        _books: &Books,
        summary: &mut Summary,
        segment: &mut Segment,
    ) -> Result<(), Reason> {
        let missing = || Reason::said(&Unfit::ValueMissing { field: Text::of("original") });
        let original = document.original.as_ref().ok_or_else(missing)?;
        match (original.kind, self.options.without_ubl) {
            (OriginalKind::OtherXml | OriginalKind::Pdf | OriginalKind::Picture, WithoutUbl::LeaveOut) => {
                return Err(Reason::said(&Unfit::NotUbl));
            }
            (OriginalKind::Ubl, _) | (_, WithoutUbl::Include) => {}
        }
        let name = name::of(&self.options, document, original, summary.documents + 1);
        let row = manifest::row(&self.options, document, &name, &original.bytes)?;
        let (entry, file) = zip::file(name, &original.bytes);
        tally(summary, document, 1, &[])?;
        count_row(summary, &row);
        summary.entries.push(entry);
        let [files, rows, ..] = &mut segment.sections;
        files.extend(file);
        rows.extend(row);
        Ok(())
    }

    fn layout(&self, _books: &Books, _run: &RunFacts, summary: &Summary) -> Result<Vec<Piece>, Reason> {
        if summary.documents == 0 {
            return Ok(Vec::new());
        }
        let headings = manifest::headings();
        let mut crc = Hasher::new();
        crc.update(&headings);
        let mut size = headings.len() as u64;
        for rows in summary.entries.iter().filter(|entry| entry.name == MANIFEST) {
            crc.combine(&Hasher::new_with_initial_len(rows.crc, rows.size));
            size += rows.size;
        }
        let mut table = Entry { name: MANIFEST.to_owned(), crc: crc.finalize(), size, stored: size, length: 0 };
        let mut head = zip::local_header(&table);
        table.length = head.len() as u64 + size;
        head.extend(headings);
        let files = summary.entries.iter().filter(|entry| entry.name != MANIFEST);
        let directory = zip::directory(files.chain([&table]));
        Ok(vec![Piece::Section(0), Piece::Bytes(head), Piece::Section(1), Piece::Bytes(directory)])
    }

    fn content_type(&self) -> &'static str {
        "application/zip"
    }

    fn extension(&self) -> &'static str {
        "zip"
    }
}
