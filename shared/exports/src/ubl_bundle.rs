//! A ZIP of the documents as they were received.

use crate::Writer;
use domain::export_format::{Problem, UblBundleOptions};

/// The writer with these settings.
pub(crate) fn writer(_: &UblBundleOptions) -> Result<Box<dyn Writer>, Vec<Problem>> {
    Err(vec![Problem::new("format", "files of this format are not written yet: choose another one")])
}
