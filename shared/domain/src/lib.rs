//! What Ledgerpost knows and decides, as plain types and pure functions.
//!
//! Nothing here does I/O, reads a clock or draws a random number: `now` and new ids come in as arguments. Modules import
//! only [`money`], [`ids`], [`time`], [`party`] and what they themselves are about.

pub mod ids;
pub mod invoice;
pub mod money;
pub mod party;
pub mod time;
