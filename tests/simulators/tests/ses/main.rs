//! The simulator of SES keeps its rules: signatures, messages, identities, limits, events, failures.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

mod calls;
mod events;
mod failing;
mod limits;
mod messages;
mod support;
