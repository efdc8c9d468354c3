//! What Ledgerpost knows and decides, as plain types and pure functions.
//!
//! Nothing here does I/O, reads a clock or draws a random number: `now` and new ids come in as arguments. Modules stand in
//! layers and import only from layers below (a test holds them to it):
//!
//! 1. [`money`], [`ids`], [`time`], [`text`], [`party`]: words that everything uses
//! 2. [`invoice`], [`profile`], [`arithmetic`], [`ledger`], [`words`], [`reason`], [`schedule`], [`exchange`]: what was
//!    received, what a ledger is, what people read, when a job runs, and what a currency is in another
//! 3. [`contact`], [`template`], [`posting`], [`export_format`]: whom it is from, how it is coded, and in which files it
//!    goes out
//! 4. [`coding`], [`hold`], [`automation`], [`document`], [`permission`]: what is decided
//! 5. [`office`], [`edit`], [`content`], [`overview`], [`task`], [`figures`]: the tenant's settings, what is kept of a
//!    document, what waits, work at a ledger, and what is counted
//! 6. [`export`], [`protection`], [`sales`], [`mail`]: scheduled export; retention, erasure and the tenant's own copy of its data; orders
//!    and the documents that are issued from them; documents by e-mail

pub mod arithmetic;
pub mod automation;
pub mod coding;
pub mod contact;
pub mod content;
pub mod document;
pub mod edit;
pub mod exchange;
pub mod export;
pub mod export_format;
pub mod figures;
pub mod hold;
pub mod ids;
pub mod invoice;
pub mod ledger;
pub mod mail;
pub mod money;
pub mod office;
pub mod overview;
pub mod party;
pub mod permission;
pub mod posting;
pub mod profile;
pub mod protection;
pub mod reason;
pub mod sales;
pub mod schedule;
pub mod task;
pub mod template;
pub mod text;
pub mod time;
pub mod words;
