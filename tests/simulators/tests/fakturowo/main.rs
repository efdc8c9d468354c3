//! Fakturowo's simulator keeps its rules: the key, one call at a time, fields, numbers, lists, PDF and page.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

mod documents;
mod support;
mod wire;
