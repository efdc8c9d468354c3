//! A turn: take the unit's lease, see to what a dead turn left behind, do tasks, post documents, give the lease back.

use crate::{
    App, VaultError, WakeError,
    memory::Memory,
    push::{self, Attempt, Went},
    tasks,
    tokens::{Access, Holder},
};
use chrono::TimeDelta;
use domain::{
    content::HistoryEntry,
    document::{Actor, NotAllowed, Status, UnitId},
    ids::{ConnectionId, DocumentId},
    ledger::System,
    office::{Connection, ConnectionState},
    reason::Reason,
    time::Instant,
};
use ledgers::{Client, Endpoint, Ledger, Secret, Seen, Target};
use runtime::{
    Invocation,
    message::TurnMessage,
    telemetry::{Metric, count},
};
use std::time::Duration;
use store::{
    Read, StoreError, TenantStore, Writer,
    runs::{Lease, Released, Taken},
};

/// The lease outlives the invocation by this much, so that a turn never works on without it.
const LEASE_MARGIN: TimeDelta = TimeDelta::seconds(5);
/// With less time left than this, no other document is begun.
const DOCUMENT_TIME_MIN: Duration = Duration::from_secs(10);
/// How many documents are asked for at once.
const DOCUMENTS_AT_ONCE: usize = 25;
/// How many tasks are asked for at once.
const TASKS_AT_ONCE: usize = 5;
/// How long documents wait that need somebody to sign in again, or to mend a setting.
const FOR_A_PERSON: TimeDelta = TimeDelta::minutes(15);

/// Why a turn could not be taken or ended early. The message comes again; what was done stays done.
#[derive(Debug, thiserror::Error)]
pub enum TurnError {
    /// The body of the record is no message.
    #[error("the record cannot be decoded: {0}")]
    Undecodable(serde_json::Error),
    /// No such connection.
    #[error("there is no {0}")]
    NoConnection(ConnectionId),
    /// The ledger is not in the registry, or this deployment has no registration with it.
    #[error("there is no registration with {0}: set its client id and secret")]
    NotRegistered(System),
    /// The ledger has no site for the connection's licence country.
    #[error("the ledger has no site for the licence country of {0}")]
    NoSite(ConnectionId),
    /// A document in posting has no content to post.
    #[error("{0} has nothing to post")]
    NoContent(DocumentId),
    /// The state machine refuses what happened.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// A secret.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The queue.
    #[error(transparent)]
    Wake(#[from] WakeError),
    /// A table or the bucket.
    #[error(transparent)]
    Store(#[from] StoreError),
}

/// Where a ledger answers.
pub struct Place(pub Endpoint);

/// A turn that is being taken.
pub struct Turn<'a> {
    /// The function.
    pub app: &'a App,
    /// Whose.
    pub tenant: TenantStore,
    /// The unit.
    pub unit: UnitId,
    /// Its connection, as it was when the turn began.
    pub connection: Connection,
    /// Its ledger.
    pub ledger: &'static dyn Ledger,
    /// For conditional writes.
    pub writer: Writer,
    /// The lease.
    pub lease: Lease,
    /// What the unit remembers.
    pub memory: Memory,
    /// The document that the lease names.
    current: Option<DocumentId>,
    /// The earliest instant at which something that was put off is due.
    next: Option<Instant>,
    invocation: &'a Invocation,
}

/// Takes the turn that a message asks for. When somebody else has the lease, that turn learns of the message.
pub async fn take(app: &App, message: &TurnMessage, invocation: &Invocation, writer: Writer) -> Result<(), TurnError> {
    let tenant = app.store.tenant(message.tenant);
    let Some(connection) = tenant.connections().get(message.unit.connection, Read::Eventual).await? else {
        return Err(TurnError::NoConnection(message.unit.connection));
    };
    let Some(ledger) = ledgers::by_system(&connection.system) else {
        return Err(TurnError::NotRegistered(connection.system));
    };
    let now = app.clock.now();
    let until = now + TimeDelta::from_std(invocation.remaining()).unwrap_or_default() + LEASE_MARGIN;
    let units = tenant.units();
    let (lease, state) = match units.take(&message.unit, &writer, now, until, message.document).await? {
        Taken::Taken(lease, state) => (lease, state),
        Taken::Busy { until } => {
            tracing::info!(unit = %message.unit, %until, "Somebody has the turn and will see the wake.");
            return Ok(());
        }
    };
    let mut turn = Turn {
        app,
        tenant,
        unit: message.unit.clone(),
        connection,
        ledger,
        writer,
        memory: Memory::of(&state.memory),
        current: state.abandoned.is_none().then_some(message.document).flatten(),
        lease,
        next: None,
        invocation,
    };
    if let Some(document) = state.abandoned {
        turn.recover(document).await?;
    }
    let mut seen = state.wakes;
    let mut hint = message.document;
    loop {
        turn.work(hint.take()).await?;
        match turn.tenant.units().release(&turn.lease, seen, &turn.memory.stored()).await? {
            Released::Released => break,
            Released::NewWake { wakes } => seen = wakes,
        }
        if turn.is_short_of_time() {
            turn.wake_at(turn.app.clock.now());
        }
    }
    turn.wake_later().await
}

impl<'a> Turn<'a> {
    /// A turn died while it posted this document: whether anything was sent is unknown. It is looked for in the ledger
    /// before anything is sent again, and not before the settle time has passed.
    async fn recover(&mut self, id: DocumentId) -> Result<(), TurnError> {
        let documents = self.tenant.documents();
        if let Some(head) = documents.head(id).await?
            && head.document.status == Status::Posting
        {
            let now = self.app.clock.now();
            let not_before = now + self.settle();
            let mut attempt = Attempt::read(head.checkpoint.as_deref());
            attempt.not_before = Some(not_before);
            let stored = attempt.stored();
            documents.checkpoint(id, head.document.version, self.lease.fence, &stored, &self.writer).await?;
            let reason = Reason::new(
                "attempt_interrupted",
                "An attempt to post it was interrupted; the ledger is asked for it before it is sent again",
            );
            let entry = self.note(&head.document, reason);
            documents.postpone(&head.document, not_before, self.lease.fence, &entry, &self.writer).await?;
            tracing::warn!(document = %id, "A turn died with this document; it will be looked for in the ledger.");
            self.wake_at(not_before);
        }
        self.name(None).await
    }

    /// Does tasks and posts documents while time lasts.
    async fn work(&mut self, hint: Option<DocumentId>) -> Result<(), TurnError> {
        self.do_tasks().await?;
        if self.unit.division.is_none() {
            return Ok(());
        }
        let now = self.app.clock.now();
        if let Some(until) = self.memory.circuit.open_until(now) {
            tracing::info!(unit = %self.unit, %until, "The ledger is left alone.");
            self.wake_at(until);
            return Ok(());
        }
        let mut tried: Vec<DocumentId> = Vec::new();
        let mut queue: Vec<DocumentId> = hint.into_iter().collect();
        loop {
            let id = match queue.pop() {
                Some(id) => id,
                None => {
                    let now = self.app.clock.now();
                    let due = self.tenant.documents().due(&self.unit, now, DOCUMENTS_AT_ONCE).await?;
                    queue.extend(due.iter().rev().map(|due| due.document).filter(|id| !tried.contains(id)));
                    match queue.pop() {
                        Some(id) => id,
                        None => return Ok(()),
                    }
                }
            };
            if tried.contains(&id) {
                continue;
            }
            if self.is_short_of_time() {
                self.wake_at(self.app.clock.now());
                return Ok(());
            }
            tried.push(id);
            match push::document(self, id).await? {
                Went::On => {}
                Went::Later(due) => self.wake_at(due),
                Went::Stop(due) => {
                    self.wake_at(due);
                    return Ok(());
                }
            }
        }
    }

    async fn do_tasks(&mut self) -> Result<(), TurnError> {
        let open = self.tenant.tasks().open(&self.unit, self.app.clock.now(), TASKS_AT_ONCE).await?;
        for task in open {
            if self.is_short_of_time() {
                self.wake_at(self.app.clock.now());
                return Ok(());
            }
            if let Some(due) = tasks::run(self, &task).await? {
                self.wake_at(due);
            }
        }
        if self.unit.division.is_none() && self.connection.state == ConnectionState::Connected {
            self.holder()?.keep_alive().await?;
        }
        Ok(())
    }

    /// Names in the lease the document that is about to be posted: before its first request.
    pub async fn name(&mut self, document: Option<DocumentId>) -> Result<(), TurnError> {
        let until =
            self.app.clock.now() + TimeDelta::from_std(self.invocation.remaining()).unwrap_or_default() + LEASE_MARGIN;
        self.tenant.units().renew(&self.lease, document, until, &self.memory.stored()).await?;
        self.current = document;
        Ok(())
    }

    /// Whether the lease names this document already.
    pub fn names(&self, document: DocumentId) -> bool {
        self.current == Some(document)
    }

    /// How long an attempt may take to show in the ledger.
    pub fn settle(&self) -> TimeDelta {
        TimeDelta::from_std(self.ledger.descriptor().settle).unwrap_or(TimeDelta::minutes(5))
    }

    /// When waiting for a person is looked at again.
    pub fn for_a_person(&self) -> Instant {
        self.app.clock.now() + FOR_A_PERSON
    }

    /// Whose token it is.
    pub fn holder(&self) -> Result<Holder<'_>, TurnError> {
        let Some(registration) = self.app.registrations.of(&self.connection.system) else {
            return Err(TurnError::NotRegistered(self.connection.system.clone()));
        };
        Ok(Holder {
            app: self.app,
            tenant: &self.tenant,
            connection: &self.connection,
            ledger: self.ledger,
            registration,
            deadline: self.invocation.deadline,
            writer: &self.writer,
        })
    }

    /// A token, given how the last one fared.
    pub async fn access(&self, seen: Seen) -> Result<Access, TurnError> {
        self.holder()?.access(seen).await
    }

    /// What talks to the ledger. Give its budget back to the memory afterwards.
    pub fn client<'c>(
        &self,
        access: Secret,
        clock: &'c (dyn Fn() -> Instant + Send + Sync),
    ) -> Result<Client<'c>, TurnError>
    where
        'a: 'c,
    {
        let Place(endpoint) = self.holder()?.place()?;
        Ok(Client {
            ledger: self.ledger,
            sender: &self.app.sender,
            target: Target { endpoint, division: self.unit.division.clone() },
            access,
            budget: self.memory.budget.clone(),
            deadline: self.invocation.deadline,
            clock,
        })
    }

    /// A note for a document's history: what happened without a change of state.
    pub fn note(&self, document: &domain::document::Document, reason: Reason) -> HistoryEntry {
        HistoryEntry {
            at: self.app.clock.now(),
            by: Actor::System,
            event: None,
            status: document.status,
            version: document.version,
            reason: Some(reason),
        }
    }

    fn is_short_of_time(&self) -> bool {
        self.invocation.remaining() < DOCUMENT_TIME_MIN
    }

    fn wake_at(&mut self, due: Instant) {
        self.next = Some(self.next.map_or(due, |next| next.min(due)));
    }

    async fn wake_later(&self) -> Result<(), TurnError> {
        let Some(due) = self.next else { return Ok(()) };
        count(Metric::Postponed, 1);
        let after = (due - self.app.clock.now()).to_std().unwrap_or_default();
        let message = TurnMessage { tenant: self.tenant.id(), unit: self.unit.clone(), document: None };
        self.app.waker.wake(&message, after).await?;
        Ok(())
    }
}
