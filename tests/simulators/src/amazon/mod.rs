//! Amazon's Selling Partner API as far as invoices need it: access that ends, documents that are put at addresses which end soon, feeds
//! that are worked on, reports that say what came of them, and a bucket of requests for each operation. What nobody is sure of is a
//! switch.

mod api;
mod buckets;
mod feeds;
pub mod seed;
pub mod state;
mod storage;
mod view;

pub use state::{Amazon, Feed, Seller};
