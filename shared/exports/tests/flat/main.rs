//! Files of rows: one's own columns, the standard file, DATEV.

#![allow(clippy::unwrap_used, clippy::panic, reason = "tests")]

mod csv_tests;
mod datev_reader;
mod datev_tests;
mod name_tests;
mod sample;
mod split_tests;
mod standard_tests;
