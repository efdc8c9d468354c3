//! Fakturownia: an account a host, documents that are made at once, numbers by department, kind and month, corrections by
//! differences, payments, PDF and public page, and what the national system of invoices (KSeF) does to them. What
//! nobody is sure of is a switch.
//!
//! An account is named by the host (`demo-sklep.fakturownia.pl`) or, as all simulators are at one address, by the first
//! part of the path (`/demo-sklep/invoices.json`); without either it is the one whose token is sent.

mod api;
mod correction;
mod create;
mod given;
mod ksef;
mod lines;
mod lists;
mod node;
mod payments;
mod refusal;
pub mod seed;
pub mod state;
mod view;

pub use state::{Account, Document, Fakturownia};
