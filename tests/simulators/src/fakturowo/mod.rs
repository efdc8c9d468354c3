//! Fakturowo: one address, one key in a form, answers in lines of text. A key's calls come one after another; there is no
//! reference and no correction. What nobody is sure of is a switch.

mod api;
mod fields;
mod issue;
mod refusal;
pub mod seed;
pub mod state;
mod view;

pub use state::{Account, Document, Fakturowo};
