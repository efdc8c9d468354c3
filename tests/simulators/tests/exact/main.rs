//! The simulator of Exact Online, over HTTP as a connector sees it.

mod access;
mod bookings;
mod documents;
mod faults;
mod limits;
mod lists;
mod oauth;
mod process;
mod support;
