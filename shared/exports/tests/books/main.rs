//! Files of whole books and of originals, written in segments as a run writes them and read back.

#![allow(
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    missing_docs,
    clippy::missing_panics_doc,
    reason = "tests"
)]

mod jpk_fa;
mod samples;
mod shape;
mod ubl_bundle;
mod xaf;
