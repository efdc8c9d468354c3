//! Email-delivery: makes the mails of what is shared, and hands each to SES once (ED-1 to ED-26).
//!
//! A message names what is to be looked at. All that stands with it is seen to: the mails of a document that was shared are made,
//! those that are due are composed and sent, those that SES never answered for are shown to a person. Each delivery is recorded
//! before it is handed to SES and settled after; what dies in between is settled by what SES tells, or stays for a person.

mod budget;
mod letter;
mod material;
mod plan;
mod send;
mod ses;

pub use ses::{NotSent, Ses};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use budget::Allowed;
use chrono::TimeDelta;
use domain::{
    ids::MailConnectionId,
    mail::{EmailAddress, MailPackage},
    office::Administration,
    time::{Date, Instant},
};
use runtime::{
    Invocation,
    aws::Aws,
    batch::{self, AllFailed},
    clock::Clock,
    env::{self, SettingError},
    message::MailMessage,
    queue::{Queue, QueueError},
};
use std::{
    collections::HashMap,
    sync::{
        Mutex, PoisonError,
        atomic::{AtomicU32, Ordering},
    },
    time::Duration,
};
use store::{Meter, Names, Read, Store, StoreError, TenantStore, mail::HomeMails, settings::MailSettings};

/// What the function works with.
pub struct App {
    /// Tables and bucket.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// The queue of what is to be mailed, where it calls itself.
    pub queue: Queue,
    /// SES.
    pub ses: Ses,
    /// From whom mails come (ED-17).
    pub sender: EmailAddress,
    /// Where addresses of documents begin.
    pub public_url: String,
    allowed: Allowed,
    /// The last day that was noted of each connection: one write a day.
    noted: Mutex<HashMap<MailConnectionId, Date>>,
}

impl App {
    /// From the environment of the function.
    pub fn from_env() -> Result<Self, SettingError> {
        let aws = Aws::from_env()?;
        let names = Names::all(env::required)?;
        let store = Store::new(aws.dynamodb(), Some(aws.bucket("LEDGERPOST_BUCKET")?), names, Meter::to_log());
        let queue = aws.queue(env::required("LEDGERPOST_MAILS_QUEUE_URL")?);
        let ses = Ses { client: aws.ses(), configuration_set: env::optional("LEDGERPOST_MAIL_CONFIGURATION_SET") };
        let sender = env::needed("LEDGERPOST_MAIL_FROM")?;
        Ok(Self::new(store, Clock::from_env()?, queue, ses, sender, env::required("LEDGERPOST_PUBLIC_URL")?))
    }

    /// From its parts.
    pub fn new(store: Store, clock: Clock, queue: Queue, ses: Ses, sender: EmailAddress, public_url: String) -> Self {
        let (allowed, noted) = (Allowed::default(), Mutex::default());
        Self { store, clock, queue, ses, sender, public_url, allowed, noted }
    }

    /// Whether a connection's day was noted by this function; it counts as noted from now on.
    fn is_noted(&self, connection: MailConnectionId, day: Date) -> bool {
        let mut noted = self.noted.lock().unwrap_or_else(PoisonError::into_inner);
        noted.insert(connection, day) == Some(day)
    }
}

/// Why something was not seen to. Its message comes again.
#[derive(Debug, thiserror::Error)]
pub enum DeliverError {
    /// The message is none of ours.
    #[error("the message cannot be read: {0}")]
    Undecodable(#[from] serde_json::Error),
    /// The queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
    /// Tables or bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Handles a batch from the queue of what is to be mailed.
pub async fn handle(app: &App, event: SqsEvent, invocation: &Invocation) -> Result<SqsBatchResponse, AllFailed> {
    batch::each(event, |record, place| async move {
        let message: MailMessage = serde_json::from_str(record.body.as_deref().unwrap_or_default())?;
        Box::pin(see_to(app, &message, invocation, place)).await
    })
    .await
}

/// A mail is looked at again after so long when what it needs is not there yet.
const AWAITED: TimeDelta = TimeDelta::minutes(5);
/// No mail is begun with less time than this: SES may take most of it to answer.
const TIME_OF_A_MAIL: Duration = Duration::from_secs(35);
/// What waits in a closed tenant is looked at again after so long.
const CLOSED: TimeDelta = TimeDelta::days(1);
/// So much later at most a message to oneself comes; maintenance sees to what is later.
const MESSAGE_DELAY_MAX: TimeDelta = TimeDelta::minutes(15);

/// What one look at something works with.
struct Desk<'a> {
    app: &'a App,
    tenant: &'a TenantStore,
    administration: Administration,
    settings: MailSettings,
    packages: Vec<MailPackage>,
    invocation: &'a Invocation,
    place: u32,
    writes: AtomicU32,
    now: Instant,
}

impl Desk<'_> {
    /// A writer for the next write of this look: the whole of the request's id is in it, so that no other look has the same.
    fn writer(&self) -> store::Writer {
        let number = self.writes.fetch_add(1, Ordering::Relaxed);
        store::Writer::new(&format!("{}/{}", self.invocation.request, self.place), number)
    }
}

async fn see_to(app: &App, message: &MailMessage, invocation: &Invocation, place: u32) -> Result<(), DeliverError> {
    let tenant = app.store.tenant(message.tenant);
    let HomeMails { mailing, deliveries } = tenant.deliveries().of(message.home, Read::Consistent).await?;
    // Somebody has seen to all of it.
    let Some(mailing) = mailing else { return Ok(()) };
    let home = message.home;
    let Some((administration, plans)) = plan::about(&tenant, home, &deliveries).await? else {
        return Ok(tenant.deliveries().settle(home, &mailing).await?);
    };
    let deletion = tenant.deletion().get(Read::Eventual).await?;
    if deletion.is_some_and(|deletion| deletion.closes()) {
        // Nothing leaves a tenant that is closed; it may be opened again.
        return Ok(tenant.deliveries().look_later(home, &mailing, app.clock.now() + CLOSED).await?);
    }
    let settings = tenant.mail_connections(administration.id).all(Read::Consistent).await?;
    let packages = if settings.connections.is_empty() { Vec::new() } else { tenant.mail_packages().all().await? };
    let now = app.clock.now();
    let writes = AtomicU32::new(0);
    let desk = Desk { app, tenant: &tenant, administration, settings, packages, invocation, place, writes, now };
    let work = plan::work(&desk, home, &mailing, plans, deliveries);
    let mut look_again: Option<Instant> = None;
    for one in work {
        if invocation.remaining() < TIME_OF_A_MAIL {
            // Who is cut off between the record and SES leaves a mail of which nobody knows. What is not made yet is made then.
            tenant.deliveries().look_later(home, &mailing, now).await?;
            return Ok(app.queue.send("mails.go_on", message, Duration::ZERO).await?);
        }
        if let Some(at) = Box::pin(send::one(&desk, one)).await? {
            look_again = Some(look_again.map_or(at, |earlier| earlier.min(at)));
        }
    }
    match look_again {
        None => tenant.deliveries().settle(home, &mailing).await?,
        Some(at) => {
            tenant.deliveries().look_again(home, &mailing, at).await?;
            let wait = (at - app.clock.now()).max(TimeDelta::zero());
            if wait <= MESSAGE_DELAY_MAX {
                let wait = wait.to_std().unwrap_or(Duration::ZERO);
                app.queue.send("mails.look_again", message, wait).await?;
            }
        }
    }
    Ok(())
}
