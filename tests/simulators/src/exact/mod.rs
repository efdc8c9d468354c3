//! Exact Online.

pub mod api;
pub mod auth;
pub mod booking;
pub mod books;
pub mod entity;
pub mod guid;
pub mod limits;
pub mod messages;
pub mod odata;
pub mod refusal;
pub mod resources;
pub mod state;
pub mod table;
pub mod vat;
