//! What there is to do at a home: the deliveries that are there, and those that a shared document makes.

use crate::Desk;
use domain::{
    document::{Actor, Shared, Status},
    ids::{AdministrationId, DeliveryId},
    mail::{Attach, Delivery, DeliveryState, Form, Home, MailKind, PlannedMail, Plans, Purpose, plan},
    office::{Administration, Choice},
    reason::Reason,
    sales::Passing,
    words::{Mailed, Text},
};
use store::{Read, StoreError, TenantStore, mail::Mailing};

/// What asked for a delivery that nobody asked for by hand.
pub const SHARED: &str = "shared";

/// One thing to do.
pub enum Work {
    /// A delivery that is to be recorded.
    Fresh(Delivery),
    /// One that is there.
    There(Delivery),
}

/// How a document is shared, and whether it is in a ledger besides.
pub struct SharedAs {
    shared: Shared,
    is_posted: Choice,
}

/// Whose something is, and how it is shared; nothing when it is gone.
pub async fn about(
    tenant: &TenantStore,
    home: Home,
    deliveries: &[Delivery],
) -> Result<Option<(Administration, Option<SharedAs>)>, StoreError> {
    let known = deliveries.first().map(|delivery| delivery.administration);
    let (administration, shared): (Option<AdministrationId>, Option<SharedAs>) = match home {
        Home::Received(id) => match tenant.documents().get(id, Read::Consistent).await? {
            Some(document) => {
                let is_posted = match document.status {
                    Status::Posted | Status::Exported => Choice::Yes,
                    Status::Received
                    | Status::Tagged
                    | Status::Complete
                    | Status::Incomplete
                    | Status::Unreadable
                    | Status::Posting
                    | Status::Rejected
                    | Status::Uncertain
                    | Status::Archived
                    | Status::Deleted
                    | Status::Ready
                    | Status::Exporting
                    | Status::Shared => Choice::No,
                };
                let shared = document.shared.map(|shared| SharedAs { shared, is_posted });
                (Some(document.administration), shared)
            }
            None => (None, None),
        },
        Home::Issued(id) => match tenant.issued().get(id, Read::Consistent).await? {
            Some(issued) => {
                // What is in an online ledger, or on its way there, is done (SE-1).
                let is_posted = match issued.passing {
                    Passing::Passed | Passing::Passing | Passing::Uncertain => Choice::Yes,
                    Passing::NotPassed | Passing::Withheld | Passing::Failed => Choice::No,
                };
                let shared = issued.shared.map(|shared| SharedAs { shared, is_posted });
                (Some(issued.administration), shared)
            }
            None => (None, None),
        },
        Home::Order(_) | Home::Run(_) | Home::Connection(_) => (known, None),
    };
    let Some(id) = administration else { return Ok(None) };
    let administration = tenant.administrations().get(id, Read::Eventual).await?;
    Ok(administration.map(|administration| (administration, shared)))
}

/// All that is open, in the order of ids: what is there, and what is to be made.
pub fn work(
    desk: &Desk<'_>,
    home: Home,
    mailing: &Mailing,
    shared: Option<SharedAs>,
    deliveries: Vec<Delivery>,
) -> Vec<Work> {
    let mut work: Vec<Work> = Vec::new();
    if let (Choice::Yes, Some(shared)) = (mailing.plan, shared) {
        let plans = Plans {
            kind: MailKind::of(shared.shared.how),
            shared: shared.shared,
            is_posted: shared.is_posted,
            zone: desk.administration.time_zone,
        };
        let planned = plan(&plans, &desk.settings.connections, &desk.packages, &desk.settings.suspended, desk.now);
        for (connection, why) in &planned.left {
            tracing::info!(%home, %connection, why = ?why, "Not mailed over a connection.");
        }
        for mail in planned.mails {
            let id = desk.tenant.deliveries().id(home, &mail.to.mailbox(), SHARED);
            if !deliveries.iter().any(|there| there.id == id) {
                work.push(Work::Fresh(fresh(desk, home, &plans, id, mail)));
            }
        }
    }
    work.extend(deliveries.into_iter().filter(|delivery| is_open(delivery.state)).map(Work::There));
    work
}

/// Whether something is still to be done about it.
fn is_open(state: DeliveryState) -> bool {
    match state {
        DeliveryState::Queued | DeliveryState::Sending => true,
        DeliveryState::Held
        | DeliveryState::Sent
        | DeliveryState::Delivered
        | DeliveryState::Delayed
        | DeliveryState::Bounced
        | DeliveryState::Complained
        | DeliveryState::Rejected
        | DeliveryState::Failed
        | DeliveryState::NotShared
        | DeliveryState::Uncertain => false,
    }
}

fn fresh(desk: &Desk<'_>, home: Home, plans: &Plans, id: DeliveryId, mail: PlannedMail) -> Delivery {
    let (state, reason) = match mail.is_held {
        Choice::No => (DeliveryState::Queued, None),
        Choice::Yes => {
            let address = Text::of(mail.to.as_str());
            (DeliveryState::Held, Some(Reason::said(&Mailed::Suspended { address })))
        }
    };
    Delivery {
        id,
        home,
        administration: desk.administration.id,
        version: 1,
        purpose: Purpose::Accounting {
            connection: mail.connection,
            also: mail.also,
            kind: plans.kind,
            pdf_alongside: mail.pdf_alongside,
            quiet: Choice::No,
        },
        to: mail.to,
        form: match mail.attach {
            Attach::Attachment => Form::Attachment,
            Attach::Link => Form::Link,
        },
        state,
        reason,
        due: mail.due,
        link: None,
        message_id: None,
        put_off: 0,
        by: Actor::System,
        at: desk.now,
        sent_at: None,
        updated_at: desk.now,
    }
}
