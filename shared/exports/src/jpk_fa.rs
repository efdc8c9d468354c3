//! Polish `JPK_FA` (4).

use crate::Writer;
use domain::export_format::{JpkFaOptions, Problem};

/// The writer with these settings.
pub(crate) fn writer(_: &JpkFaOptions) -> Result<Box<dyn Writer>, Vec<Problem>> {
    Err(vec![Problem::new("format", "files of this format are not written yet: choose another one")])
}
