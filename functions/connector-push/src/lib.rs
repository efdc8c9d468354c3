//! Connector-push: a ledger unit has work, so its turn is taken. Under the unit's lease, documents that are due are posted
//! one after another and tasks are done, as long as the time and the ledger's limits last. Everything that waits, waits in
//! the table; a message only says that there is something.

mod attempt;
mod bulk;
mod circuit;
mod copies;
mod credits;
mod directories;
mod forward;
mod gate;
mod memory;
mod pass;
mod push;
mod registration;
mod tasks;
mod templates;
mod tokens;
mod turn;
mod vault;
mod verdict;

pub use registration::{Registration, Registrations};
pub use turn::TurnError;
pub use vault::{KmsVault, Vault, VaultError};

use aws_lambda_events::sqs::{SqsBatchResponse, SqsEvent};
use domain::{
    document::UnitId,
    ids::{AdministrationId, ConnectionId, TenantId},
};
use ledgers::{Codes, Sender, TokenSet};
use runtime::{
    Invocation,
    aws::Aws,
    batch::{self, AllFailed},
    clock::Clock,
    env,
    message::TurnMessage,
    queue::Queue,
};
use std::{
    collections::{HashMap, HashSet},
    sync::{Mutex, MutexGuard, PoisonError},
};
use store::{Meter, Names, Store, Writer};

/// What the function works with.
pub struct App {
    /// Tables and bucket.
    pub store: Store,
    /// The time.
    pub clock: Clock,
    /// What sends to ledgers.
    pub sender: Sender,
    /// What seals and opens tokens.
    pub vault: Box<dyn Vault>,
    /// The queue of turns, which wakes units later. A wake may be lost: maintenance finds what is due as well.
    pub turns: Queue,
    /// Our registrations with the ledgers.
    pub registrations: Registrations,
    /// The address of the deployment, under which documents are shared.
    pub public_url: String,
    /// What this process learned; each entry can be learned again.
    pub known: Known,
}

/// What a warm process remembers.
#[derive(Default)]
pub struct Known {
    tokens: Mutex<HashMap<ConnectionId, (u32, TokenSet)>>,
    codes: Mutex<HashMap<UnitId, Codes>>,
    warned: Mutex<HashSet<(TenantId, AdministrationId, String)>>,
}

impl Known {
    /// Whether this process does not know yet that an administration was warned of something.
    fn warns(&self, tenant: TenantId, administration: AdministrationId, of: &str) -> bool {
        let mut warned = self.warned.lock().unwrap_or_else(PoisonError::into_inner);
        warned.insert((tenant, administration, of.to_owned()))
    }

    fn tokens(&self) -> MutexGuard<'_, HashMap<ConnectionId, (u32, TokenSet)>> {
        self.tokens.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn codes(&self) -> MutexGuard<'_, HashMap<UnitId, Codes>> {
        self.codes.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl App {
    /// From the environment of the function.
    pub fn from_env() -> Result<Self, runtime::Error> {
        let aws = Aws::from_env()?;
        let names = Names::all(env::required)?;
        Ok(Self {
            store: Store::new(aws.dynamodb(), Some(aws.bucket("LEDGERPOST_BUCKET")?), names, Meter::to_log()),
            clock: Clock::from_env()?,
            sender: Sender::new()?,
            vault: Box::new(KmsVault { client: aws.kms(), key: env::required("LEDGERPOST_KMS_KEY_ID")? }),
            turns: aws.queue(env::required("LEDGERPOST_TURNS_QUEUE_URL")?),
            registrations: Registrations::from_env()?,
            public_url: env::required("LEDGERPOST_PUBLIC_URL")?,
            known: Known::default(),
        })
    }
}

/// Handles a batch from the queue of turns.
pub async fn handle(app: &App, event: SqsEvent, invocation: &Invocation) -> Result<SqsBatchResponse, AllFailed> {
    batch::each(event, |record, place| async move {
        let message: TurnMessage =
            serde_json::from_str(record.body.as_deref().unwrap_or_default()).map_err(TurnError::Undecodable)?;
        // Two messages of a batch may be for one unit: only one of them gets its lease.
        let writer = Writer::new(&invocation.request, place);
        Box::pin(turn::take(app, &message, invocation, writer)).await
    })
    .await
}
