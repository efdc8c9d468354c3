//! Whole flows through all functions: from a delivered document to a booking in the ledger, or to the reason why not.
#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

mod accountview;
mod again;
mod budget;
mod byhand;
mod consented;
mod deaths;
mod events;
mod exports;
mod exports_faults;
mod exports_trigger;
mod figures;
mod forwarding;
mod killed;
mod large;
mod ledger;
mod mails;
mod mails_faults;
mod main_path;
mod messages;
mod multivers;
mod order_actions;
mod pass_runs;
mod protection;
mod sales;
mod samples;
mod scale;
mod snelstart;
mod sweeps;
mod tasks;
mod throttled;
mod tokens;
mod twinfield;
mod unanswered;
mod waiting;
mod waits;
