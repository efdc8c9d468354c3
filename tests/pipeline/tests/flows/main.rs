//! Whole flows through all functions: from a delivered document to a booking in the ledger, or to the reason why not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

mod deaths;
mod main_path;
mod messages;
mod waits;
