//! Strict, stateful stand-ins for the ledgers: in-process for the contract suite, and as a process for the local cloud.
//!
//! A simulator is a plain function of its state and a request ([`stand::Books`]); the server around it logs requests
//! and makes them fail on demand. One folder a ledger; what they share is beside it, and [`program`] lists them.

pub mod accountview;
pub mod amazon;
pub mod clock;
mod connection;
mod control;
pub mod emag;
pub mod exact;
pub mod fakturownia;
pub mod fakturowo;
pub mod faults;
pub mod firmao;
pub mod ifirma;
pub mod infakt;
pub mod json;
mod letters;
pub mod limit;
pub mod mailbox;
pub mod multivers;
pub mod page;
mod persist;
pub mod polish;
pub mod program;
pub mod requests;
pub mod server;
pub mod ses;
pub mod snelstart;
pub mod stand;
pub mod twinfield;
mod warsaw;
pub mod wfirma;

pub use control::Preset;
