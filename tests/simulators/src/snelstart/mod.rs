//! SnelStart: tokens minted from a connection key, the subscription key at the gateway, bookings with their rules and codes,
//! open items that are searched with a small part of `OData`, relations, and documents.

mod api;
mod booking;
mod documents;
mod lists;
mod odata;
mod refusal;
mod relations;
pub mod seed;
pub mod state;
mod view;

pub use state::{Administration, Booking, Direction, Snelstart};
