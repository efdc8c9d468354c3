//! All functions in one process, for tests of whole flows: real handlers behind real events, a DynamoDB and a bucket in
//! memory, queues and a bus in memory, and Exact Online's simulator. A flow takes milliseconds; time is moved, not waited
//! for.
//!
//! Tests may stop at whatever they did not expect, so this crate may as well.
#![allow(clippy::expect_used, clippy::format_collect, clippy::missing_panics_doc, clippy::panic, clippy::unwrap_used)]

mod cloud;
mod delivery;
mod export_scale;
mod exports;
mod invoice;
mod logins;
mod mailbox;
mod office;
mod pass_scale;
mod pdf;
mod person;
mod pipeline;
mod scale;
pub mod shop;
mod vault;

pub use cloud::{Cloud, Message, Queue};
pub use delivery::{Delivered, Delivery, File};
pub use export_scale::{Exported, export_of};
pub use exports::Exporting;
pub use invoice::{Line, Ubl};
pub use logins::NotedLogins;
pub use mailbox::MailOffice;
pub use office::Office;
pub use pass_scale::{PassedInBulk, Workers, passes_of};
pub use pdf::{Fields, hybrid_pdf, plain_pdf};
pub use person::Person;
pub use pipeline::{Order, Pipeline, SENDER, TURN_SECONDS};
pub use scale::{Asked, Size};
