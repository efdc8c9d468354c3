//! Settings of the format.

use super::Problem;
use serde::{Deserialize, Serialize};

/// Settings, as they were entered.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct XafOptions {}

impl XafOptions {
    /// What is missing or wrong.
    pub fn problems(&self) -> Vec<Problem> {
        Vec::new()
    }
}
