//! The simulator of Exact Online, over HTTP as a connector sees it.

#![expect(clippy::expect_used, clippy::panic, reason = "a test that can't go on says where")]

mod access;
mod bookings;
mod documents;
mod faults;
mod limits;
mod lists;
mod oauth;
mod process;
mod support;
