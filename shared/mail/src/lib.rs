//! E-mails: what is sent (ED-21 to ED-24), the words in them, and what comes back about them (ED-25).
//!
//! Nothing here does I/O or reads a clock: a caller fetches the files, sends the bytes and stores what is decided.
//!
//! | Module | What stands there |
//! | --- | --- |
//! | [`header`] | text that nothing in a header can be broken with: subjects, names of senders and of attachments |
//! | [`compose`](mod@compose) | a message as the bytes that are handed to SES |
//! | [`size`] | how large a message will be, before its files are fetched |
//! | [`names`] | names of files under which accounting packages take them in |
//! | [`templates`] | subjects and bodies in every language of a mail |
//! | [`feedback`] | what SES says became of a message |
//!
//! Texts of a tenant's own are checked by `domain::mail::OwnText`, since settings keep them.

pub mod compose;
pub mod feedback;
mod fold;
pub mod header;
pub mod names;
pub mod size;
pub mod templates;

pub use compose::{Attachment, ComposeError, MediaType, Message, Sender, compose};
pub use header::{AttachmentName, HeaderText};
pub use templates::Written;
