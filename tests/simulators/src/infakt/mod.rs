//! inFakt: a key in a header, documents that are made by tasks whose state is asked for, money in grosze, numbers by month,
//! corrections in pairs of lines, share links that end, and what goes to KSeF. What nobody is sure of is a switch.
//!
//! Tasks run when their state was asked for often enough, or two seconds after they were left, whichever comes first.

mod api;
mod correction;
mod given;
mod helpers;
mod invoice;
mod lists;
mod node;
mod refusal;
pub mod seed;
mod share;
pub mod state;
mod tasks;
mod view;

pub use state::{Account, Infakt, Invoice, Kind};
