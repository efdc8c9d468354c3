//! One delivery: recorded, composed, handed to SES, settled.

use crate::{
    AWAITED, DeliverError, Desk, NotSent,
    budget::{self, Turn},
    letter::{Goes, GoodUntil},
    material::{self, Around, Material, NoMaterial, Opens},
    plan::{SHARED, Work},
};
use chrono::TimeDelta;
use domain::{
    document::{Actor, SharedAs},
    mail::{Delivery, DeliveryEvent, DeliveryState, Form, MailLanguage, Purpose, Sharing, Suspension},
    office::Choice,
    reason::Reason,
    sales::{DocumentLink, LinkTarget},
    time::Instant,
    words::{Mailed, Text},
};
use mail::{Attachment, HeaderText, Message, Sender, Written, compose, size};
use runtime::{
    clock::new_secret,
    telemetry::{Metric, count},
};
use store::{ErrorKind, mail::Recorded};

/// A mail that could be sent.
struct Composed {
    raw: Vec<u8>,
    form: Form,
    link: Option<String>,
    note: Option<Reason>,
}

/// Why there is nothing to send.
enum NotComposed {
    /// Look again then.
    Awaited(Reason),
    /// It can't be made.
    Failed(Reason),
}

/// Sees to one delivery; when to look again, if that is needed.
pub async fn one(desk: &Desk<'_>, work: Work) -> Result<Option<Instant>, DeliverError> {
    let (delivery, is_fresh) = match work {
        Work::Fresh(delivery) => (delivery, true),
        Work::There(delivery) => (delivery, false),
    };
    match delivery.state {
        DeliveryState::Queued if delivery.due > desk.now => wait(desk, delivery, is_fresh).await,
        DeliveryState::Queued => Box::pin(due(desk, delivery, is_fresh)).await,
        DeliveryState::Sending if delivery.due > desk.now => Ok(Some(delivery.due)),
        DeliveryState::Sending => {
            // SES neither answered nor told anything: nobody knows, and nothing is sent again by itself.
            count(Metric::MailUncertain, 1);
            let reason = Reason::said(&Mailed::Lost);
            change(desk, &delivery, DeliveryEvent::Lost, Some(reason)).await?;
            Ok(None)
        }
        DeliveryState::Held => {
            if is_fresh {
                desk.tenant.deliveries().record(&delivery, &desk.writer()).await?;
            }
            Ok(None)
        }
        DeliveryState::Sent
        | DeliveryState::Delivered
        | DeliveryState::Delayed
        | DeliveryState::Bounced
        | DeliveryState::Complained
        | DeliveryState::Rejected
        | DeliveryState::Failed
        | DeliveryState::NotShared
        | DeliveryState::Uncertain => Ok(None),
    }
}

/// Leaves a delivery for later; why, and until when, is shown.
async fn put_off(
    desk: &Desk<'_>,
    delivery: Delivery,
    is_fresh: bool,
    (until, reason): (Instant, Reason),
) -> Result<Option<Instant>, DeliverError> {
    let waiting = Delivery { due: until, reason: Some(reason), ..delivery.clone() };
    if is_fresh {
        return wait(desk, waiting, is_fresh).await;
    }
    let waiting = Delivery { version: delivery.version.saturating_add(1), updated_at: desk.now, ..waiting };
    match desk.tenant.deliveries().change(&delivery, &waiting, &desk.writer()).await {
        Ok(()) => Ok(Some(until)),
        Err(error) if error.kind() == ErrorKind::Conflict => Ok(Some(until)),
        Err(error) => Err(error.into()),
    }
}

async fn wait(desk: &Desk<'_>, delivery: Delivery, is_fresh: bool) -> Result<Option<Instant>, DeliverError> {
    if is_fresh {
        desk.tenant.deliveries().record(&delivery, &desk.writer()).await?;
    }
    Ok(Some(delivery.due))
}

/// Takes a delivery to the state after an event; nothing when somebody else did so, or when it says nothing new.
async fn change(
    desk: &Desk<'_>,
    before: &Delivery,
    event: DeliveryEvent,
    reason: Option<Reason>,
) -> Result<Option<Delivery>, DeliverError> {
    let Ok(after) = before.after(event, reason, desk.app.clock.now()) else { return Ok(None) };
    let writer = desk.writer();
    match desk.tenant.deliveries().change(before, &after, &writer).await {
        Ok(()) => Ok(Some(after)),
        Err(error) if error.kind() == ErrorKind::Conflict => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Ends a delivery before it is handed to SES.
async fn end(
    desk: &Desk<'_>,
    delivery: Delivery,
    is_fresh: bool,
    (event, reason): (DeliveryEvent, Reason),
) -> Result<Option<Instant>, DeliverError> {
    if is_fresh {
        let Ok(ended) = delivery.after(event, Some(reason), desk.now) else { return Ok(None) };
        let ended = Delivery { version: 1, ..ended };
        desk.tenant.deliveries().record(&ended, &desk.writer()).await?;
    } else {
        change(desk, &delivery, event, Some(reason)).await?;
    }
    Ok(None)
}

/// What stands in the way of a delivery that is due, as things are now.
fn obstacle(desk: &Desk<'_>, delivery: &Delivery) -> Option<(DeliveryEvent, Reason)> {
    let is_on = |id| {
        let connection = desk.settings.connections.iter().find(|connection| connection.id == id);
        connection.is_some_and(|connection| match connection.sharing {
            Sharing::On { .. } => true,
            Sharing::Off => false,
        })
    };
    match &delivery.purpose {
        Purpose::Accounting { connection, also, .. } => {
            if !is_on(*connection) && !also.iter().any(|id| is_on(*id)) {
                return Some((DeliveryEvent::SwitchOff, Reason::said(&Mailed::SwitchedOff)));
            }
        }
        Purpose::Customer { .. } | Purpose::ExportFile { .. } => {}
        // A test says whether the address works.
        Purpose::Test => return None,
    }
    match Suspension::holds(&desk.settings.suspended, &delivery.to) {
        Choice::No => None,
        Choice::Yes => {
            let address = Text::of(delivery.to.as_str());
            Some((DeliveryEvent::Hold, Reason::said(&Mailed::Suspended { address })))
        }
    }
}

/// A delivery that waited goes to the address that the client has now (ED-18), unless the document went there already.
async fn redirected(desk: &Desk<'_>, delivery: Delivery) -> Result<Delivery, DeliverError> {
    let Purpose::Accounting { kind, .. } = &delivery.purpose else { return Ok(delivery) };
    let around = around(desk);
    let connected = around.connected(&delivery);
    let now = connected.and_then(|(connection, package)| connection.addresses.of(*kind, package));
    let Some(now) = now.filter(|now| now.mailbox() != delivery.to.mailbox()) else { return Ok(delivery) };
    let there = desk.tenant.deliveries().id(delivery.home, &now.mailbox(), SHARED);
    if desk.tenant.deliveries().get(delivery.home, there).await?.is_some() {
        return Ok(delivery);
    }
    Ok(Delivery { to: now.clone(), ..delivery })
}

async fn due(desk: &Desk<'_>, delivery: Delivery, is_fresh: bool) -> Result<Option<Instant>, DeliverError> {
    let delivery = if is_fresh { delivery } else { redirected(desk, delivery).await? };
    if let Some(obstacle) = obstacle(desk, &delivery) {
        return end(desk, delivery, is_fresh, obstacle).await;
    }
    let composed = match Box::pin(composed(desk, &delivery)).await? {
        Ok(composed) => composed,
        Err(NotComposed::Awaited(reason)) => {
            return put_off(desk, delivery, is_fresh, (desk.now + AWAITED, reason)).await;
        }
        Err(NotComposed::Failed(reason)) => {
            count(Metric::MailFailed, 1);
            return end(desk, delivery, is_fresh, (DeliveryEvent::Failed, reason)).await;
        }
    };
    match budget::turn(desk.app, &desk.writer()).await? {
        Turn::Now => {}
        Turn::Later(until, why) => {
            let reason = Reason::said(&Mailed::PutOff { why: Text::of(&why) });
            return put_off(desk, delivery, is_fresh, (until, reason)).await;
        }
    }
    let Composed { raw, form, link, note } = composed;
    let delivery = Delivery { form, link, ..delivery };
    // Recorded before it is handed over: from here on nobody else does.
    let sending = if is_fresh {
        let Ok(sending) = delivery.after(DeliveryEvent::Send, None, desk.app.clock.now()) else { return Ok(None) };
        let sending = Delivery { version: 1, ..sending };
        match desk.tenant.deliveries().record(&sending, &desk.writer()).await? {
            Recorded::New => sending,
            Recorded::There(other) => return Ok(Some(other.due)),
        }
    } else {
        match change(desk, &delivery, DeliveryEvent::Send, None).await? {
            Some(sending) => sending,
            None => return Ok(Some(desk.now + TimeDelta::minutes(1))),
        }
    };
    let sent = desk.app.ses.send(desk.tenant.id(), &sending, &desk.app.sender, raw).await;
    settle(desk, sending, sent, note).await
}

/// Records what SES answered.
async fn settle(
    desk: &Desk<'_>,
    sending: Delivery,
    sent: Result<String, NotSent>,
    note: Option<Reason>,
) -> Result<Option<Instant>, DeliverError> {
    match sent {
        Ok(message_id) => {
            count(Metric::MailSent, 1);
            tracing::info!(delivery = %sending.id, home = %sending.home, message = %message_id, "Mail sent.");
            if desk.app.ses.configuration_set.is_none() {
                // What SES tells comes without the mail's tags.
                let whose = (desk.tenant.id(), sending.home, sending.id);
                desk.app.store.system().note_message(&message_id, whose, desk.app.clock.now()).await?;
            }
            let known = Delivery { message_id: Some(message_id), ..sending };
            if change(desk, &known, DeliveryEvent::Taken, note.clone()).await?.is_none() {
                // What SES told meanwhile is further on and stays; what is to be known of the mail joins it.
                remark(desk, &known, note).await?;
            }
            Box::pin(went_out(desk, &known)).await?;
            Ok(None)
        }
        Err(NotSent::Later(why)) => {
            tracing::warn!(delivery = %sending.id, why, "Mail put off.");
            let reason = Reason::said(&Mailed::PutOff { why: Text::of(&why) });
            let after = change(desk, &sending, DeliveryEvent::PutOff, Some(reason)).await?;
            Ok(after.map(|after| after.due))
        }
        Err(NotSent::Refused(why)) => {
            count(Metric::MailFailed, 1);
            tracing::error!(delivery = %sending.id, why, "Mail refused.");
            let reason = Reason::said(&Mailed::Refused { why: Text::of(&why) });
            change(desk, &sending, DeliveryEvent::Refused, Some(reason)).await?;
            Ok(None)
        }
        Err(NotSent::Unknown(why)) => {
            // What SES tells settles it; else it is shown to a person once its time is over.
            tracing::warn!(delivery = %sending.id, why, "Mail without an answer.");
            Ok(Some(sending.due))
        }
    }
}

/// Adds what is to be known of a mail, where nothing was said of it since.
async fn remark(desk: &Desk<'_>, sent: &Delivery, note: Option<Reason>) -> Result<(), DeliverError> {
    let deliveries = desk.tenant.deliveries();
    let (Some(note), Some(there)) = (note, deliveries.get(sent.home, sent.id).await?) else { return Ok(()) };
    if there.reason.is_some() {
        return Ok(());
    }
    let version = there.version.saturating_add(1);
    let after = Delivery { reason: Some(note), version, updated_at: desk.app.clock.now(), ..there.clone() };
    match deliveries.change(&there, &after, &desk.writer()).await {
        Ok(()) => Ok(()),
        Err(error) if error.kind() == ErrorKind::Conflict => Ok(()),
        Err(error) => Err(error.into()),
    }
}

/// What follows from a mail that went out.
async fn went_out(desk: &Desk<'_>, delivery: &Delivery) -> Result<(), DeliverError> {
    match &delivery.purpose {
        Purpose::Accounting { connection, .. } => {
            let day = desk.administration.time_zone.date_at(desk.now);
            if !desk.app.is_noted(*connection, day) {
                desk.tenant.mail_flow(desk.administration.id).note(*connection, day).await?;
            }
        }
        // A sales document is shared with the accountant once it was sent to the customer (ED-12).
        Purpose::Customer { issued } => {
            let writer = desk.writer();
            desk.tenant.issued().share(*issued, SharedAs::Sent, &Actor::System, desk.app.clock.now(), &writer).await?;
        }
        Purpose::ExportFile { .. } | Purpose::Test => {}
    }
    Ok(())
}

fn around<'a>(desk: &'a Desk<'_>) -> Around<'a> {
    Around {
        tenant: desk.tenant,
        administration: &desk.administration,
        settings: &desk.settings,
        packages: &desk.packages,
    }
}

async fn composed(desk: &Desk<'_>, delivery: &Delivery) -> Result<Result<Composed, NotComposed>, DeliverError> {
    let material = match material::of(around(desk), delivery).await {
        Ok(material) => material,
        Err(NoMaterial::Awaited(reason)) => return Ok(Err(NotComposed::Awaited(reason))),
        Err(NoMaterial::Missing(reason)) => return Ok(Err(NotComposed::Failed(reason))),
        Err(NoMaterial::Store(error)) => return Err(error.into()),
    };
    let wants_link = match delivery.form {
        Form::Attachment => material.files.is_empty() && material.opens.is_some(),
        Form::Link | Form::LinkForSize => true,
    };
    if !wants_link {
        match attached(desk, delivery, &material) {
            Attached::Fits(composed) => return Ok(Ok(composed)),
            Attached::Not(reason) => return Ok(Err(NotComposed::Failed(reason))),
            Attached::TooLarge { bytes } => return linked(desk, delivery, material, Some(bytes)).await,
        }
    }
    linked(desk, delivery, material, None).await
}

enum Attached {
    Fits(Composed),
    TooLarge { bytes: u64 },
    Not(Reason),
}

/// With its files, unless they are too large.
fn attached(desk: &Desk<'_>, delivery: &Delivery, material: &Material) -> Attached {
    let written = material.letter.written(&Goes::Along, material.language);
    let files: Vec<Attachment<'_>> = material
        .files
        .iter()
        .map(|file| Attachment { name: &file.name, media: file.media, bytes: &file.bytes })
        .collect();
    let sender = sender(desk);
    let message = Message { attachments: &files, ..bare(desk, delivery, &sender, (&written, material.language)) };
    let bytes = size::encoded_size(&message, &[]);
    if size::is_too_large(bytes) && material.opens.is_some() {
        return Attached::TooLarge { bytes };
    }
    match compose(&message) {
        Ok(raw) => Attached::Fits(Composed { raw, form: Form::Attachment, link: None, note: material.note.clone() }),
        Err(error) => Attached::Not(Reason::said(&Mailed::NotMade { why: Text::of(error.to_string()) })),
    }
}

fn sender(desk: &Desk<'_>) -> Sender {
    Sender { name: HeaderText::new(&desk.administration.name), address: desk.app.sender.clone() }
}

/// The message without files.
fn bare<'a>(
    desk: &Desk<'_>,
    delivery: &'a Delivery,
    sender: &'a Sender,
    (written, language): (&'a Written, MailLanguage),
) -> Message<'a> {
    Message {
        from: sender,
        to: &delivery.to,
        reply_to: None,
        subject: &written.subject,
        text: &written.body,
        language,
        delivery: delivery.id,
        at: desk.now,
        attachments: &[],
    }
}

/// With an address from which it is fetched, and no file (ED-23, ED-24).
async fn linked(
    desk: &Desk<'_>,
    delivery: &Delivery,
    material: Material,
    too_large: Option<u64>,
) -> Result<Result<Composed, NotComposed>, DeliverError> {
    let Material { letter, language, opens, note, files } = material;
    let Some(Opens { target, extension }) = opens else {
        return Ok(Err(NotComposed::Failed(Reason::said(&Mailed::NoFile))));
    };
    if let (LinkTarget::Written { .. }, Some(xml)) = (&target, files.into_iter().next()) {
        desk.tenant.deliveries().put_written(delivery.id, xml.bytes).await?;
    }
    let Some(secret) = delivery.link.clone().or_else(new_secret) else {
        return Ok(Err(NotComposed::Awaited(Reason::said(&Mailed::WaitsToGo))));
    };
    let days = around(desk).connected(delivery).map(|(_, package)| package.link_days).unwrap_or_default();
    let until = desk.now + TimeDelta::days(i64::from(days.get()));
    let link = DocumentLink {
        secret: secret.clone(),
        target,
        expires_at: until,
        revoked: Choice::No,
        by: delivery.by.clone(),
        at: desk.now,
    };
    desk.tenant.forwardings().put_link(&link).await?;
    let path = DocumentLink::path(desk.tenant.id(), &secret, &extension);
    let good = GoodUntil { url: format!("{}{path}", desk.app.public_url), until, zone: desk.administration.time_zone };
    let is_for_size = too_large.is_some() || delivery.form == Form::LinkForSize;
    let goes = if is_for_size { Goes::TooLarge(&good) } else { Goes::Linked(&good) };
    let written = letter.written(&goes, language);
    let sender = sender(desk);
    let message = bare(desk, delivery, &sender, (&written, language));
    let note = match too_large {
        None => note,
        Some(bytes) => {
            let megabytes = u32::try_from(bytes.div_ceil(1_000_000)).unwrap_or(u32::MAX);
            Some(Reason::said(&Mailed::LinkForSize { megabytes }))
        }
    };
    Ok(match compose(&message) {
        Ok(raw) => {
            let form = if is_for_size { Form::LinkForSize } else { Form::Link };
            Ok(Composed { raw, form, link: Some(secret), note })
        }
        Err(error) => Err(NotComposed::Failed(Reason::said(&Mailed::NotMade { why: Text::of(error.to_string()) }))),
    })
}
