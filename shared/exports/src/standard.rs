//! The standard export file (EX-31).

use crate::Writer;
use domain::export_format::{Problem, StandardOptions};

/// The writer with these settings.
pub(crate) fn writer(_: &StandardOptions) -> Result<Box<dyn Writer>, Vec<Problem>> {
    Err(vec![Problem::new("format", "files of this format are not written yet: choose another one")])
}
