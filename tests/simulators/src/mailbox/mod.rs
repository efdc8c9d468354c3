//! Where mails end that the local cloud sends on: takes them by SMTP, on a port of its own, and keeps them as they came.

mod books;
mod listener;
mod session;

pub use books::Mailbox;
pub(crate) use listener::Listener;

use std::io;
use std::sync::Arc;

use crate::program::{Mounted, Setup};
use crate::ses::Message;
use crate::stand;

/// Puts the mailbox into the program; it takes mails when the program was given a port for them.
pub(crate) fn mount(setup: &Setup) -> io::Result<Mounted> {
    let (mounted, door) = stand::mount_open::<Mailbox>(setup)?;
    let listener = setup.smtp_port.map(|port| {
        let keep = move |envelope: session::Envelope| {
            door.change(|mailbox, at| {
                let session::Envelope { from: source, to: destinations, raw } = envelope;
                mailbox.keep(Message { at, source, destinations, raw, ..Message::default() });
            });
        };
        Listener::start(port, Arc::new(keep))
    });
    Ok(Mounted { listener: listener.transpose()?, ..mounted })
}
