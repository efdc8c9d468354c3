//! Fakturownia's simulator keeps its rules: tokens, fields, totals, numbers, references, corrections, payments, PDF, KSeF.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

mod after;
mod documents;
mod refusals;
mod support;
