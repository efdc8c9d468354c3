//! Runs a ledger simulator as a process.
fn main() {}
