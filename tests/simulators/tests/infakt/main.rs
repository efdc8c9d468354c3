//! inFakt's simulator keeps its rules: keys, tasks, fields, grosze, numbers, corrections, lists, links, KSeF, limits.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

mod around;
mod documents;
mod support;
mod tasks;
