//! Mail-feedback: what SES tells of mails, which comes by SNS and a queue, settles their deliveries (ED-25).
//!
//! It may come twice, late, in any order, and before the send itself is recorded as done: [`domain::mail::DeliveryState::after`]
//! says what is new. A hard bounce and a complaint suspend the address for that client first, so that nothing goes there
//! meanwhile.

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent, SqsMessage};
use domain::{
    document::{Actor, SharedAs},
    ids::{DeliveryId, TenantId},
    mail::{Delivery, DeliveryEvent, DeliveryState, Home, Purpose, Suspension},
    reason::Reason,
    words::{Mailed, Text},
};
use mail::feedback::{self, BounceKind, ComplaintKind, Feedback, FeedbackError, Outcome, SesEvent};
use runtime::{
    Invocation,
    aws::Aws,
    batch::{self, AllFailed},
    clock::Clock,
    env::{self, SettingError},
    telemetry::{Metric, count},
};
use store::{ErrorKind, Meter, Names, Store, StoreError, TenantStore, Writer};

/// What the function works with.
pub struct App {
    /// Tables.
    pub store: Store,
    /// The time.
    pub clock: Clock,
}

impl App {
    /// From the environment of the function.
    pub fn from_env() -> Result<Self, SettingError> {
        let aws = Aws::from_env()?;
        let names = Names::all(env::required)?;
        Ok(Self { store: Store::new(aws.dynamodb(), None, names, Meter::to_log()), clock: Clock::from_env()? })
    }
}

/// Why something was not settled. Its message comes again.
#[derive(Debug, thiserror::Error)]
pub enum SettleError {
    /// The message is none of SES's.
    #[error("the message cannot be read: {0}")]
    Undecodable(#[from] FeedbackError),
    /// Nobody has noted whose the mail is, so far.
    #[error("it is not known whose the mail {0} is")]
    Unknown(String),
    /// The delivery was changed by others again and again.
    #[error("the delivery {0} was changed again and again")]
    Busy(DeliveryId),
    /// Tables.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Handles a batch from the queue of what SES tells.
pub async fn handle(app: &App, event: SqsEvent, invocation: &Invocation) -> Result<SqsBatchResponse, AllFailed> {
    batch::each(event, |record, place| async move {
        let request = format!("{}/{place}", invocation.request);
        match feedback::read(record.body.as_deref().unwrap_or_default())? {
            Outcome::Feedback(feedback) => settle(app, &feedback, times_received(&record), &request).await,
            Outcome::SubscriptionConfirmation { topic, .. } => {
                tracing::warn!(topic, "A topic asks whether its subscription is wanted: confirm it where it was made.");
                Ok(())
            }
            Outcome::Ignored { kind } => {
                tracing::debug!(kind, "Nothing that concerns a delivery.");
                Ok(())
            }
        }
    })
    .await
}

/// So often a mail of which nobody knows whose it is comes again before it counts as somebody else's.
const RECEIVES_OF_UNKNOWN: u32 = 2;

/// How often the queue has given a message out.
fn times_received(record: &SqsMessage) -> u32 {
    record.attributes.get("ApproximateReceiveCount").and_then(|times| times.parse().ok()).unwrap_or(u32::MAX)
}

/// How often a delivery is read anew that somebody else changed at the same moment.
const TRIES: u32 = 6;

async fn settle(app: &App, feedback: &Feedback, received: u32, request: &str) -> Result<(), SettleError> {
    let known = match whose(feedback) {
        Some(known) => Some(known),
        None => app.store.system().message(&feedback.message_id).await?,
    };
    let Some((tenant, home, id)) = known else {
        if received < RECEIVES_OF_UNKNOWN {
            // SES may be quicker than the note of whose its mail is.
            return Err(SettleError::Unknown(feedback.message_id.clone()));
        }
        // Another system's mail in the same account.
        count(Metric::MailUnknown, 1);
        tracing::warn!(message = %feedback.message_id, "SES told of a mail that is none of ours.");
        return Ok(());
    };
    let tenant = app.store.tenant(tenant);
    for attempt in 0..TRIES {
        let Some(before) = tenant.deliveries().get(home, id).await? else {
            count(Metric::MailUnknown, 1);
            tracing::warn!(delivery = %id, message = %feedback.message_id, "SES told of a delivery that is not there.");
            return Ok(());
        };
        match one(app, &tenant, &before, feedback, &Writer::new(&format!("{request}/{attempt}"), 0)).await {
            Err(SettleError::Store(error)) if error.kind() == ErrorKind::Conflict => {}
            other => return other,
        }
    }
    Err(SettleError::Busy(id))
}

/// Whose mail it is, as the tags say that it was given.
fn whose(feedback: &Feedback) -> Option<(TenantId, Home, DeliveryId)> {
    let tags = &feedback.tags;
    Some((tags.tenant?, tags.home.as_deref()?.parse().ok()?, tags.delivery?))
}

async fn one(
    app: &App,
    tenant: &TenantStore,
    before: &Delivery,
    feedback: &Feedback,
    writer: &Writer,
) -> Result<(), SettleError> {
    let Some((event, reason)) = told(&feedback.event) else { return Ok(()) };
    let now = app.clock.now();
    if let (Some(reason), true) = (&reason, suspends(&feedback.event)) {
        let suspension = Suspension {
            mailbox: before.to.clone(),
            reason: reason.clone(),
            delivery: before.id,
            by: Actor::System,
            at: feedback.at,
        };
        tenant.mail_connections(before.administration).suspend(&suspension, writer).await?;
    }
    // What is known of a mail beside where it stands stays: that it went as a link, or without e-invoice.
    let reason = reason.or_else(|| before.reason.clone().filter(|_| !before.state.is_unanswered()));
    let Ok(after) = before.after(event, reason, now) else { return Ok(()) };
    let message_id = after.message_id.clone().or_else(|| Some(feedback.message_id.clone()));
    let after = Delivery { message_id, ..after };
    tenant.deliveries().change(before, &after, writer).await?;
    match after.state {
        DeliveryState::Bounced | DeliveryState::Complained => count(Metric::MailBounced, 1),
        DeliveryState::Rejected => count(Metric::MailFailed, 1),
        DeliveryState::Queued
        | DeliveryState::Held
        | DeliveryState::Sending
        | DeliveryState::Sent
        | DeliveryState::Delivered
        | DeliveryState::Delayed
        | DeliveryState::Failed
        | DeliveryState::NotShared
        | DeliveryState::Uncertain => {}
    }
    tracing::info!(delivery = %after.id, home = %after.home, state = %after.state, "Delivery settled by what SES told.");
    // Whoever sent it may have died before it could say so.
    if let (Purpose::Customer { issued }, true, true) =
        (&after.purpose, before.state.is_unanswered(), after.state.is_out())
    {
        tenant.issued().share(*issued, SharedAs::Sent, &Actor::System, now, writer).await?;
    }
    Ok(())
}

/// What it means for a delivery, and why.
fn told(event: &SesEvent) -> Option<(DeliveryEvent, Option<Reason>)> {
    let why = |text: &str| Text::of(text);
    Some(match event {
        SesEvent::Sent => (DeliveryEvent::ToldSent, None),
        SesEvent::Delivery => (DeliveryEvent::ToldDelivered, None),
        SesEvent::Bounce { kind: BounceKind::Hard, diagnostic } => {
            (DeliveryEvent::ToldBounced, Some(Reason::said(&Mailed::Bounced { why: why(diagnostic) })))
        }
        SesEvent::Bounce { kind: BounceKind::Soft | BounceKind::Undetermined, diagnostic } => {
            (DeliveryEvent::ToldBounced, Some(Reason::said(&Mailed::BouncedForNow { why: why(diagnostic) })))
        }
        // Somebody said that it is wanted after all.
        SesEvent::Complaint { kind: ComplaintKind::NotSpam } => return None,
        SesEvent::Complaint { .. } => (DeliveryEvent::ToldComplained, Some(Reason::said(&Mailed::Complained))),
        SesEvent::Delay { diagnostic, .. } => {
            (DeliveryEvent::ToldDelayed, Some(Reason::said(&Mailed::Delayed { why: why(diagnostic) })))
        }
        SesEvent::Reject { reason } => {
            (DeliveryEvent::ToldRejected, Some(Reason::said(&Mailed::ThrownAway { why: why(reason) })))
        }
        SesEvent::RenderingFailed => {
            let why = why("SES could not fill a template, and none is used");
            (DeliveryEvent::ToldRejected, Some(Reason::said(&Mailed::ThrownAway { why })))
        }
    })
}

/// Whether nothing more goes to the address until somebody confirms it (ED-25).
fn suspends(event: &SesEvent) -> bool {
    match event {
        SesEvent::Bounce { kind: BounceKind::Hard, .. } => true,
        SesEvent::Complaint { kind } => *kind != ComplaintKind::NotSpam,
        SesEvent::Sent
        | SesEvent::Delivery
        | SesEvent::Bounce { kind: BounceKind::Soft | BounceKind::Undetermined, .. }
        | SesEvent::Delay { .. }
        | SesEvent::Reject { .. }
        | SesEvent::RenderingFailed => false,
    }
}
