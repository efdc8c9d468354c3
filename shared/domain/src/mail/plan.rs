//! Which mails a shared document makes (ED-1 to ED-15, ED-22, ED-23, SE-1).

use super::{Attach, EmailAddress, MailConnection, MailKind, MailPackage, Sharing, Suspension};
use crate::{
    document::Shared,
    ids::MailConnectionId,
    office::Choice,
    time::{Instant, TimeZone},
};

/// What of a shared document decides where it goes.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Plans {
    /// Which of a client's addresses it is for.
    pub kind: MailKind,
    /// Since when, and by what, it is shared.
    pub shared: Shared,
    /// Whether it came into a ledger on another path (SE-1).
    pub is_posted: Choice,
    /// Where the client is.
    pub zone: TimeZone,
}

impl Plans {
    /// Of a shared document.
    pub fn new(shared: Shared, is_posted: Choice, zone: TimeZone) -> Self {
        Self { kind: MailKind::of(shared.how), shared, is_posted, zone }
    }
}

/// A mail to be made.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PlannedMail {
    /// The connection that asks for it.
    pub connection: MailConnectionId,
    /// Others that would have sent the same document to the same address: it goes once (ED-26).
    pub also: Vec<MailConnectionId>,
    /// To whom.
    pub to: EmailAddress,
    /// File or address.
    pub attach: Attach,
    /// Whether the PDF goes beside an e-invoice.
    pub pdf_alongside: Choice,
    /// When.
    pub due: Instant,
    /// Whether the address is suspended: it waits until somebody confirms that (ED-25).
    pub is_held: Choice,
}

/// Why a connection does not send a document.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum NotMailed {
    /// The switch is off (ED-11).
    NotSharing,
    /// The document was shared before the switch was turned on (ED-13).
    BeforeActivation,
    /// There is no address for such documents (ED-9).
    NoAddress,
    /// The connection leaves such documents out (ED-15).
    OutOfScope,
    /// It is in a ledger already, and the connection asks for no copies (SE-1).
    AlreadyPosted,
    /// A person says when (ED-15).
    ByHand,
    /// The package is gone.
    NoPackage,
}

/// What becomes of a shared document.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct MailPlan {
    /// The mails, one for each address.
    pub mails: Vec<PlannedMail>,
    /// The connections that send nothing, with the reason.
    pub left: Vec<(MailConnectionId, NotMailed)>,
}

/// Decides for each connection of the client. `packages` are those of the office.
pub fn plan(
    what: &Plans,
    connections: &[MailConnection],
    packages: &[MailPackage],
    suspended: &[Suspension],
    now: Instant,
) -> MailPlan {
    let mut planned = MailPlan::default();
    for connection in connections {
        match of(what, connection, packages, now) {
            Err(why) => planned.left.push((connection.id, why)),
            Ok(mail) => match planned.mails.iter_mut().find(|there| there.to.mailbox() == mail.to.mailbox()) {
                Some(there) => {
                    // The earlier of two rhythms; what one of them wants to have along goes along.
                    there.due = there.due.min(mail.due);
                    there.also.push(connection.id);
                    if mail.pdf_alongside == Choice::Yes {
                        there.pdf_alongside = Choice::Yes;
                    }
                }
                None => {
                    let is_held = Suspension::holds(suspended, &mail.to);
                    planned.mails.push(PlannedMail { is_held, ..mail });
                }
            },
        }
    }
    planned
}

fn of(
    what: &Plans,
    connection: &MailConnection,
    packages: &[MailPackage],
    now: Instant,
) -> Result<PlannedMail, NotMailed> {
    let package = packages.iter().find(|package| package.id == connection.package).ok_or(NotMailed::NoPackage)?;
    match connection.sharing {
        Sharing::Off => return Err(NotMailed::NotSharing),
        Sharing::On { since } if what.shared.at < since => return Err(NotMailed::BeforeActivation),
        Sharing::On { .. } => {}
    }
    if !connection.takes(what.kind) {
        return Err(NotMailed::OutOfScope);
    }
    if what.is_posted == Choice::Yes && connection.copies_of_posted == Choice::No {
        return Err(NotMailed::AlreadyPosted);
    }
    let to = connection.addresses.of(what.kind, package).ok_or(NotMailed::NoAddress)?;
    let due = connection.frequency.due(now, what.zone).ok_or(NotMailed::ByHand)?;
    Ok(PlannedMail {
        connection: connection.id,
        also: Vec::new(),
        to: to.clone(),
        attach: package.attach,
        pdf_alongside: connection.pdf_alongside(package),
        due,
        is_held: Choice::No,
    })
}

#[cfg(test)]
#[path = "plan_tests.rs"]
mod tests;
