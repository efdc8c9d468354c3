//! Export files (EX-1, EX-31): pure writers from documents to bytes.
//!
//! A run writes its documents in a fixed order in segments, each with a [`Summary`]; when all are written, one last step
//! puts the pieces together. So no step needs more memory than a segment, a run goes on where it stopped, and the same run
//! gives the same bytes. A value that a format cannot express leaves its document out, with the reason; nothing is replaced
//! silently. Each format says where the posting date goes and which sign a credit note has.

mod amounts;
mod csv;
mod datev;
mod delimited;
mod document;
mod encoding;
mod facts;
mod jpk_fa;
mod name;
mod segment;
mod standard;
mod tally;
mod text;
mod ubl_bundle;
mod xaf;
mod xml;

pub use document::{Books, ExportDocument, Original, OriginalKind, RunFacts};
pub use name::{NAME_CHARS_MAX, file_name};
pub use segment::{Entry, LeftOut, Piece, SECTIONS_MAX, Segment, Summary, Totals, join};

use domain::{
    export_format::{FileFormat, Problem},
    reason::Reason,
    words::{Stop, Text},
};

/// The writer of a format with its settings, or what is missing from them.
pub fn writer(format: &FileFormat) -> Result<Box<dyn Writer>, Vec<Problem>> {
    let problems = format.problems();
    if !problems.is_empty() {
        return Err(problems);
    }
    match format {
        FileFormat::Csv(options) => csv::writer(options),
        FileFormat::Standard(options) => standard::writer(options),
        FileFormat::Datev(options) => datev::writer(options),
        FileFormat::Xaf(options) => xaf::writer(options),
        FileFormat::JpkFa(options) => jpk_fa::writer(options),
        FileFormat::UblBundle(options) => ubl_bundle::writer(options),
    }
}

/// That a run cannot be made with such settings.
pub fn incomplete(problems: &[Problem]) -> Reason {
    let problems: Vec<_> = problems.iter().map(|it| format!("{}: {}", it.field, it.detail)).collect();
    Reason::said(&Stop::SettingsIncomplete { problems: Text(problems.join("; ")) })
}

/// Writes one format with its settings. Made for a run from the settings that the run began with.
pub trait Writer: Send + Sync {
    /// Whether [`ExportDocument::original`] is wanted.
    fn needs_originals(&self) -> bool;

    /// Writes a document behind those that `summary` tells of, into the segment, and counts it in the summary. An error
    /// leaves both as they were.
    fn write(
        &self,
        document: &ExportDocument,
        books: &Books,
        summary: &mut Summary,
        segment: &mut Segment,
    ) -> Result<(), Reason>;

    /// The file's parts in order, once all documents are written. Empty when there is none: such a run has no file.
    fn layout(&self, books: &Books, run: &RunFacts, summary: &Summary) -> Result<Vec<Piece>, Reason>;

    /// Content type of the file, with its character set.
    fn content_type(&self) -> &'static str;

    /// Ending of the file's name, without a dot.
    fn extension(&self) -> &'static str;
}
