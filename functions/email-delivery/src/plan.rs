//! What there is to do at a home: the deliveries that are there, and those that a shared document makes.

use crate::Desk;
use domain::{
    document::Actor,
    ids::DeliveryId,
    mail::{AskedDelivery, Delivery, DeliveryState, Form, Home, PlannedMail, Plans, Purpose, plan},
    office::{Administration, Choice},
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

/// Whose something is, and what decides where it goes, once it is shared; nothing when it is gone.
pub async fn about(
    tenant: &TenantStore,
    home: Home,
    deliveries: &[Delivery],
) -> Result<Option<(Administration, Option<Plans>)>, StoreError> {
    let found =
        match home {
            Home::Received(id) => tenant.documents().get(id, Read::Consistent).await?.map(|document| {
                (document.administration, document.shared.map(|shared| (shared, document.is_booked())))
            }),
            Home::Issued(id) => tenant
                .issued()
                .get(id, Read::Consistent)
                .await?
                .map(|issued| (issued.administration, issued.shared.map(|shared| (shared, issued.is_booked())))),
            Home::Order(_) | Home::Run(_) | Home::Connection(_) => {
                deliveries.first().map(|delivery| (delivery.administration, None))
            }
        };
    let Some((id, shared)) = found else { return Ok(None) };
    let administration = tenant.administrations().get(id, Read::Eventual).await?;
    Ok(administration.map(|administration| {
        let zone = administration.time_zone;
        let plans = shared.map(|(shared, is_booked)| Plans::new(shared, Choice::from(is_booked), zone));
        (administration, plans)
    }))
}

/// All that is open, in the order of ids: what is there, and what is to be made.
pub fn work(
    desk: &Desk<'_>,
    home: Home,
    mailing: &Mailing,
    plans: Option<Plans>,
    deliveries: Vec<Delivery>,
) -> Vec<Work> {
    let mut work: Vec<Work> = Vec::new();
    if let (Choice::Yes, Some(plans)) = (mailing.plan, plans) {
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
    let asked = AskedDelivery {
        id,
        home,
        administration: desk.administration.id,
        purpose: Purpose::Accounting {
            connection: mail.connection,
            also: mail.also,
            kind: plans.kind,
            pdf_alongside: mail.pdf_alongside,
            quiet: Choice::No,
        },
        to: mail.to,
        form: Form::from(mail.attach),
        is_held: mail.is_held,
        due: mail.due,
        by: Actor::System,
    };
    Delivery::asked(asked, desk.now)
}
