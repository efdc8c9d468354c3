//! eMAG's Marketplace API: users with passwords, a list of addresses that may call, orders with a status, and documents that it
//! fetches from the address it is given. What nobody is sure of is a switch.

mod api;
mod fetch;
mod save;
pub mod seed;
pub mod state;
mod view;

pub use state::{Attachment, Emag, Order, User};
