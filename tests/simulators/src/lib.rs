//! Strict, stateful stand-ins for the ledgers: in-process for the contract suite, and as a process for the local cloud.
//!
//! A simulator is a plain function of its state and a request ([`server::Ledger`]); the server around it logs requests
//! and makes them fail on demand. One folder a ledger; what they share is beside it.

pub mod clock;
mod connection;
pub mod exact;
pub mod faults;
pub mod json;
pub mod page;
mod persist;
pub mod requests;
pub mod server;
