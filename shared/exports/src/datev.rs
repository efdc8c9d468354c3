//! DATEV EXTF Buchungsstapel.

use crate::Writer;
use domain::export_format::{DatevOptions, Problem};

/// The writer with these settings.
pub(crate) fn writer(_: &DatevOptions) -> Result<Box<dyn Writer>, Vec<Problem>> {
    Err(vec![Problem::new("format", "files of this format are not written yet: choose another one")])
}
