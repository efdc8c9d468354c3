//! Settings of the bundle: a ZIP of the documents as they were received.

use super::Problem;
use serde::{Deserialize, Serialize};

/// Where files stand in the ZIP.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum BundleLayout {
    /// Invoices, credit notes and other files each in a folder.
    #[default]
    Folders,
    /// All at the top: some programs look nowhere else.
    Flat,
}

/// What becomes of a document that did not come as UBL.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum WithoutUbl {
    /// It is left out, and says so.
    #[default]
    LeaveOut,
    /// It goes along as it was received, among the attachments.
    Include,
}

/// Settings, as they were entered.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct UblBundleOptions {
    /// Where files stand.
    pub layout: BundleLayout,
    /// Documents that are no UBL.
    pub without_ubl: WithoutUbl,
    /// A `'` goes before text in the manifest that a spreadsheet would run as a formula. To be switched off when a program reads
    /// it: the guard changes the text.
    pub formula_guard: bool,
}

impl Default for UblBundleOptions {
    fn default() -> Self {
        Self { layout: BundleLayout::default(), without_ubl: WithoutUbl::default(), formula_guard: true }
    }
}

impl UblBundleOptions {
    /// What is missing or wrong: nothing can be.
    pub fn problems(&self) -> Vec<Problem> {
        Vec::new()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_empty_draft_is_complete() {
        let draft: UblBundleOptions = serde_json::from_str("{}").unwrap();
        assert_eq!(draft, UblBundleOptions::default());
        assert_eq!(draft.problems(), []);
        assert!(draft.formula_guard && draft.without_ubl == WithoutUbl::LeaveOut);
    }
}
