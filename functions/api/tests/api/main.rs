//! The API without Lambda: events of the gateway through the real router, against a store in this process.
#![allow(clippy::unwrap_used, clippy::expect_used, clippy::panic)]

mod access;
mod archive;
mod automation;
mod connections;
mod contacts;
mod deliver;
mod documents;
mod edits;
mod explain;
mod exports;
mod faults;
mod figures;
mod foreign_currency;
mod fresh;
mod mail;
mod mail_deliveries;
mod overview;
mod posting;
mod protection;
mod requests;
mod sales;
mod sample;
mod samples;
mod settings;
mod templates;
mod trail;
mod users;
mod words;
mod world;
