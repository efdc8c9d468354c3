//! Amazon SES, version 1 (the Query protocol), as far as sending raw messages needs it: identities, configuration sets, tags, what a message
//! may hold, rate and quota, and what is told afterwards about each message. Nothing is ever sent: every message stays here, byte for byte.
//!
//! Faults and the log know a call by its action: `Fault::on("POST", "SendRawEmail", ...)`.

mod address;
mod api;
mod blocked;
mod events;
pub mod failures;
mod feedback;
mod letter;
mod lines;
mod refusal;
pub mod seed;
mod send;
mod sent;
pub mod state;
mod view;

pub use sent::{Attachment, Sent};
pub use state::{Behaviour, Kind, Message, Ses};
