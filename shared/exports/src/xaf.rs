//! Dutch audit file XAF 3.2.

use crate::Writer;
use domain::export_format::{Problem, XafOptions};

/// The writer with these settings.
pub(crate) fn writer(_: &XafOptions) -> Result<Box<dyn Writer>, Vec<Problem>> {
    Err(vec![Problem::new("format", "files of this format are not written yet: choose another one")])
}
