//! A turn: take the unit's lease, see to what a dead turn left behind, do tasks, post documents, give the lease back.

use crate::{
    App, VaultError,
    attempt::Attempt,
    credits::Credits,
    memory::Memory,
    pass, push,
    registration::Registration,
    tasks::{self, Became},
    tokens::{Access, Holder},
    verdict::{FOR_CONSENT, Went},
};
use chrono::TimeDelta;
use domain::{
    content::HistoryEntry,
    document::{Actor, NotAllowed, Status, UnitId},
    ids::{ConnectionId, DocumentId, TurnDocument},
    ledger::System,
    office::{Connection, ConnectionState},
    reason::Reason,
    sales::PassNotAllowed,
    time::Instant,
    words::Note,
};
use ledgers::{AppBudget, Client, Deadline, Endpoint, Ledger, Secret, Seen, SerialUnit, Target};
use runtime::{
    Invocation,
    message::TurnMessage,
    queue::QueueError,
    telemetry::{Metric, count},
};
use std::{
    collections::{BTreeMap, BTreeSet},
    time::Duration,
};
use store::{
    Read, StoreError, TenantStore, Writer,
    document::PutOff,
    runs::{Lease, Released, Taken},
};

/// The lease outlives the invocation by this much, so that a turn never works on without it.
const LEASE_MARGIN: TimeDelta = TimeDelta::seconds(5);
/// With less time left than this, no other document is begun.
const DOCUMENT_TIME_MIN: Duration = Duration::from_secs(10);
/// What a document takes before the request that books it: that one must not begin with too little time left either.
const BEFORE_BOOKING: Duration = Duration::from_secs(5);
/// How many documents are asked for at once.
const DOCUMENTS_AT_ONCE: usize = 25;
/// How many tasks are asked for at once.
const TASKS_AT_ONCE: usize = 5;
/// How many documents are asked for at once when those are looked for that waited for somebody to sign in.
const WAITING_AT_ONCE: usize = 100;
/// No message waits longer in the queue. What is due later is left to maintenance, which looks for it anyway.
const WAKE_MAX: TimeDelta = TimeDelta::minutes(15);

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
    /// The state machine refuses what happened.
    #[error(transparent)]
    NotAllowed(#[from] NotAllowed),
    /// The same, of an issued document.
    #[error(transparent)]
    PassNotAllowed(#[from] PassNotAllowed),
    /// A secret.
    #[error(transparent)]
    Vault(#[from] VaultError),
    /// The queue.
    #[error(transparent)]
    Queue(#[from] QueueError),
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
    /// The unit whose tasks and documents are seen to. The lease may be on the whole connection.
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
    /// A document of which the ledger may have been asked something that nobody has seen the end of.
    pub in_flight: Option<TurnDocument>,
    /// The document that the lease names.
    current: Option<TurnDocument>,
    /// How many wakes of the unit this turn has seen.
    seen_wakes: u64,
    /// Units whose documents that waited for somebody to sign in have all been looked at since.
    looked_through: Vec<UnitId>,
    /// Whether this turn has left tasks for itself.
    pub asked_for_more: bool,
    /// Units that have something left to do now.
    at_once: BTreeSet<UnitId>,
    /// The earliest instants at which something that was put off is due.
    next: BTreeMap<UnitId, Instant>,
    /// When the turn's time is up.
    deadline: Deadline,
    invocation: &'a Invocation,
}

/// Takes the turn that a message asks for. When somebody else has the lease, that turn learns of the message.
pub async fn take(app: &App, message: &TurnMessage, invocation: &Invocation, writer: Writer) -> Result<(), TurnError> {
    let tenant = app.store.tenant(message.tenant);
    let connection = connection(&tenant, message.unit.connection).await?;
    let Some(ledger) = ledgers::by_system(&connection.system) else {
        return Err(TurnError::NotRegistered(connection.system));
    };
    let now = app.clock.now();
    let until = now + TimeDelta::from_std(invocation.remaining()).unwrap_or_default() + LEASE_MARGIN;
    let units = tenant.units();
    let leased = leased(ledger, &message.unit);
    let (lease, state) = match units.take(&leased, &writer, now, until, message.document).await? {
        Taken::Taken(lease, state) => (lease, state),
        Taken::Busy { until } => {
            tracing::info!(unit = %message.unit, %until, "Somebody has the turn and will see the wake.");
            return Ok(());
        }
    };
    let mut memory = Memory::of(&state.memory);
    if !state.given_back {
        memory.budget.lose_share();
    }
    let mut turn = Turn {
        app,
        tenant,
        unit: message.unit.clone(),
        connection,
        ledger,
        writer,
        memory,
        in_flight: state.abandoned,
        current: state.abandoned.is_none().then_some(message.document).flatten(),
        seen_wakes: state.wakes,
        lease,
        looked_through: Vec::new(),
        asked_for_more: false,
        at_once: BTreeSet::new(),
        next: BTreeMap::new(),
        deadline: Deadline { at: invocation.deadline, whole: invocation.remaining() },
        invocation,
    };
    if let Err(error) = turn.go_through(message.document).await {
        turn.give_up().await;
        return Err(error);
    }
    turn.wake_later().await
}

/// The unit whose lease a turn takes: that of the connection where a ledger counts the requests of all its sets of books together.
fn leased(ledger: &dyn Ledger, unit: &UnitId) -> UnitId {
    match ledger.descriptor().serial_unit {
        SerialUnit::Division => unit.clone(),
        SerialUnit::Connection => UnitId { connection: unit.connection, division: None },
    }
}

/// The units of a connection, beginning with the one that a message is about: its document may be in no index yet, and a unit that
/// was just registered need not be among the others.
fn with_first(unit: &UnitId, registered: Vec<UnitId>) -> Vec<UnitId> {
    let others = registered.into_iter().filter(|other| other != unit);
    std::iter::once(unit.clone()).chain(others).collect()
}

/// The connection. One that waits for somebody is looked at again: that may have been done a moment ago.
async fn connection(tenant: &TenantStore, id: ConnectionId) -> Result<Connection, TurnError> {
    let connections = tenant.connections();
    match connections.get(id, Read::Eventual).await? {
        Some(connection) if connection.state == ConnectionState::Connected => Ok(connection),
        Some(_) | None => connections.get(id, Read::Consistent).await?.ok_or(TurnError::NoConnection(id)),
    }
}

impl<'a> Turn<'a> {
    /// Works until nobody has woken the unit since, and gives the lease back.
    async fn go_through(&mut self, mut hint: Option<TurnDocument>) -> Result<(), TurnError> {
        if let Some(document) = self.in_flight {
            self.recover(document).await?;
        }
        let mut units = if self.unit.division.is_none() || self.somebody_signed_in() {
            self.all_units().await?
        } else {
            vec![self.unit.clone()]
        };
        loop {
            for unit in &units {
                self.unit = unit.clone();
                self.work(hint.take()).await?;
            }
            if units.iter().all(|unit| self.looked_through.contains(unit)) {
                self.memory.awaits_consent = false;
            }
            let memory = self.memory.stored();
            match self.tenant.units().release(&self.lease, self.seen_wakes, &memory).await? {
                Released::Released => return Ok(()),
                Released::NewWake { wakes } => self.seen_wakes = wakes,
            }
            // Whoever woke the unit may have changed the connection before.
            self.connection = connection(&self.tenant, self.unit.connection).await?;
            if self.is_short_of_time() {
                self.at_once.insert(self.lease.unit.clone());
            }
            units = self.all_units().await?;
        }
    }

    /// The units that share the lease. A wake does not say which one is meant.
    async fn all_units(&self) -> Result<Vec<UnitId>, TurnError> {
        match self.ledger.descriptor().serial_unit {
            SerialUnit::Division => Ok(vec![self.unit.clone()]),
            SerialUnit::Connection => {
                let registered = self.tenant.units().of_connection(self.connection.id).await?;
                Ok(with_first(&self.unit, registered))
            }
        }
    }

    /// Whether somebody signed in whom documents waited for.
    fn somebody_signed_in(&self) -> bool {
        self.memory.awaits_consent && self.connection.state == ConnectionState::Connected
    }

    /// The turn failed. Its message comes again, but others need not wait for the end of the lease.
    async fn give_up(&mut self) {
        // What a client spent that was not given back is not known.
        self.memory.budget.lose_share();
        let memory = self.memory.stored();
        let given = self.tenant.units().give_up(&self.lease, self.seen_wakes, self.in_flight, &memory).await;
        let woken = match given {
            // What woke the unit meanwhile has no message any more.
            Ok(true) => self.wake(self.lease.unit.clone(), Duration::ZERO).await,
            Ok(false) => Ok(()),
            Err(error) => Err(error.into()),
        };
        if let Err(error) = woken {
            tracing::warn!(unit = %self.unit, %error, "The lease of a failed turn could not be given back in order.");
        }
    }

    /// A turn died while it posted this document: whether anything was sent is unknown. It is looked for in the ledger
    /// before anything is sent again, and not before the settle time has passed.
    async fn recover(&mut self, document: TurnDocument) -> Result<(), TurnError> {
        match document {
            TurnDocument::Received(id) => self.recover_received(id).await?,
            TurnDocument::Issued(id) => pass::recover(self, id).await?,
        }
        self.name(None).await?;
        self.in_flight = None;
        Ok(())
    }

    async fn recover_received(&mut self, id: DocumentId) -> Result<(), TurnError> {
        let documents = self.tenant.documents();
        if let Some(head) = documents.head(id).await?
            && head.document.status == Status::Posting
        {
            let now = self.app.clock.now();
            let not_before = now + self.settle();
            let attempt = Attempt::read(head.checkpoint.as_deref(), head.document.version);
            let stored = Attempt { not_before: Some(not_before), ..attempt.begun() }.stored();
            let entry = self.note(&head.document, Reason::said(&Note::AttemptInterrupted));
            let put_off = PutOff { due: not_before, checkpoint: Some(&stored), entry: Some(&entry) };
            documents.postpone(&head.document, put_off, self.lease.fence, &self.writer).await?;
            tracing::warn!(document = %id, "A turn died with this document; it will be looked for in the ledger.");
            self.wake_at(not_before);
        }
        Ok(())
    }

    /// Does tasks and posts documents while time lasts.
    async fn work(&mut self, hint: Option<TurnDocument>) -> Result<(), TurnError> {
        self.memory.asleep_until = None;
        // Somebody may wait for the first few. The rest, such as the PDFs of everything that was just passed, comes after documents.
        let mut more = self.do_tasks().await?;
        if self.unit.division.is_some() {
            match self.do_documents(hint).await? {
                Went::On => {}
                // What is too little for a whole document does for a PDF.
                Went::Later(_) | Went::Stop(_) if self.has_requests_left() => {}
                Went::Later(_) | Went::Stop(_) => return Ok(()),
            }
            more |= std::mem::take(&mut self.asked_for_more);
        }
        while more && !self.is_short_of_time() {
            more = self.do_tasks().await?;
        }
        if more {
            self.wake_at(self.app.clock.now());
        }
        Ok(())
    }

    /// Posts and passes documents while time lasts and the ledger takes them.
    async fn do_documents(&mut self, hint: Option<TurnDocument>) -> Result<Went, TurnError> {
        let mut tried: Vec<TurnDocument> = Vec::new();
        let mut queue: Vec<TurnDocument> = hint.into_iter().collect();
        loop {
            let id = match queue.pop() {
                Some(id) => id,
                None => {
                    queue = self.due(&tried).await?;
                    match queue.pop() {
                        Some(id) => id,
                        None => return Ok(Went::On),
                    }
                }
            };
            if tried.contains(&id) {
                continue;
            }
            if self.is_short_of_time() {
                let now = self.app.clock.now();
                self.wake_at(now);
                return Ok(Went::Stop(now));
            }
            tried.push(id);
            let went = match id {
                TurnDocument::Received(id) => Box::pin(push::document(self, id)).await?,
                TurnDocument::Issued(id) => Box::pin(pass::issued(self, id)).await?,
            };
            match went {
                Went::On => {}
                Went::Later(due) => self.wake_at(due),
                Went::Stop(due) => {
                    self.wake_at(due);
                    self.memory.asleep_until = Some(due).filter(|due| *due > self.app.clock.now());
                    return Ok(Went::Stop(due));
                }
            }
        }
    }

    /// Documents that are due and were not tried in this turn, the longest waiting last. Once somebody has signed in, those
    /// that waited for it are due as well.
    async fn due(&mut self, tried: &[TurnDocument]) -> Result<Vec<TurnDocument>, TurnError> {
        let now = self.app.clock.now();
        let somebody_signed_in = self.somebody_signed_in();
        let (until, limit) =
            if somebody_signed_in { (now + FOR_CONSENT, WAITING_AT_ONCE) } else { (now, DOCUMENTS_AT_ONCE) };
        let due = self.tenant.documents().due(&self.unit, until, limit).await?;
        let left: Vec<_> = due.iter().rev().map(|due| due.document).filter(|id| !tried.contains(id)).collect();
        if somebody_signed_in && left.is_empty() && due.len() < limit {
            self.looked_through.push(self.unit.clone());
        }
        Ok(left)
    }

    /// Does the tasks that wait longest. Whether there may be more.
    async fn do_tasks(&mut self) -> Result<bool, TurnError> {
        let open = self.tenant.tasks().open(&self.unit, self.app.clock.now(), TASKS_AT_ONCE).await?;
        let more = open.len() == TASKS_AT_ONCE;
        for task in open {
            if self.is_short_of_time() {
                self.wake_at(self.app.clock.now());
                return Ok(false);
            }
            match tasks::run(self, &task).await? {
                Became::Over => {}
                Became::Due(due) => self.wake_at(due),
                Became::Untouched(until) => {
                    self.wake_at(until);
                    return Ok(false);
                }
            }
        }
        if self.unit.division.is_none() && self.connection.state == ConnectionState::Connected {
            self.holder()?.keep_alive().await?;
        }
        Ok(more)
    }

    /// Names in the lease the document that is about to be posted: before its first request.
    pub async fn name(&mut self, document: Option<TurnDocument>) -> Result<(), TurnError> {
        let until =
            self.app.clock.now() + TimeDelta::from_std(self.invocation.remaining()).unwrap_or_default() + LEASE_MARGIN;
        self.tenant.units().renew(&self.lease, document, until, &self.memory.stored()).await?;
        self.current = document;
        Ok(())
    }

    /// The same, unless it stands there already.
    pub async fn names(&mut self, document: TurnDocument) -> Result<(), TurnError> {
        if self.current == Some(document) { Ok(()) } else { self.name(Some(document)).await }
    }

    /// Another token after the ledger refused the one that was used; nothing when there is none now.
    pub async fn another_token(&mut self) -> Result<Option<Secret>, TurnError> {
        match self.access(Seen::Refused).await? {
            Access::Token(access) => return Ok(Some(access)),
            // Until there is a new one, every request would be refused, and ledgers count that.
            Access::WaitUntil(until) | Access::Failed(until) => self.memory.circuit.leave_alone(until),
            Access::ReconnectNeeded => self.connection.state = ConnectionState::ReconnectNeeded,
        }
        Ok(None)
    }

    /// Notes that documents wait for somebody to sign in. The unit remembers it before a document does, so that whoever comes
    /// after that looks for it.
    pub async fn awaits_consent(&mut self) -> Result<(), TurnError> {
        if !self.memory.awaits_consent {
            self.memory.awaits_consent = true;
            self.name(None).await?;
        }
        Ok(())
    }

    /// How long an attempt may take to show in the ledger.
    pub fn settle(&self) -> TimeDelta {
        TimeDelta::from_std(self.ledger.descriptor().settle).unwrap_or(TimeDelta::minutes(5))
    }

    /// Whose token it is.
    pub fn holder(&self) -> Result<Holder<'_>, TurnError> {
        let Some(registration) = self.app.registrations.of(self.ledger.descriptor(), &self.connection) else {
            return Err(TurnError::NotRegistered(self.connection.system.clone()));
        };
        Ok(Holder {
            app: self.app,
            tenant: &self.tenant,
            connection: &self.connection,
            ledger: self.ledger,
            registration,
            deadline: self.deadline,
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
        let holder = self.holder()?;
        let (Place(endpoint), app) = (holder.place()?, holder.registration.app());
        Ok(Client {
            ledger: self.ledger,
            sender: &self.app.sender,
            target: Target { endpoint, division: self.unit.division.clone() },
            access,
            app,
            budget: self.memory.budget.clone(),
            app_budget: self.app_budget(holder.registration),
            deadline: self.deadline,
            clock,
        })
    }

    /// What our registration may ask for all its customers together, if there is such a limit.
    fn app_budget(&self, registration: &Registration) -> Option<AppBudget> {
        let descriptor = self.ledger.descriptor();
        let per_minute = registration.app_per_minute.or(descriptor.limits.app_per_minute)?;
        Some(AppBudget::new(Box::new(Credits {
            store: self.app.store.system(),
            system: descriptor.system,
            client_id: registration.client_id.clone(),
            per_minute,
            writer: self.writer.clone(),
        })))
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

    /// Whether too little time is left to begin something else.
    pub fn is_short_of_time(&self) -> bool {
        let least = self.app.sender.timeouts(self.ledger.descriptor()).least_of(self.deadline.whole);
        self.deadline.left() < DOCUMENT_TIME_MIN.max(least + BEFORE_BOOKING)
    }

    /// Whether the ledger takes a request, though too few for a document.
    fn has_requests_left(&self) -> bool {
        let (now, limits) = (self.app.clock.now(), &self.ledger.descriptor().limits);
        self.memory.no_push_before(self.ledger.descriptor(), now).is_some()
            && self.memory.circuit.open_until(now).is_none()
            && self.memory.budget.wait_for(limits, 1, now).is_none()
    }

    /// Has the unit woken then. What is due at once must not hide what is due later: nobody would know of that any more.
    pub fn wake_at(&mut self, due: Instant) {
        if due <= self.app.clock.now() {
            self.at_once.insert(self.unit.clone());
            return;
        }
        self.next.entry(self.unit.clone()).and_modify(|next| *next = due.min(*next)).or_insert(due);
    }

    async fn wake_later(&self) -> Result<(), TurnError> {
        for unit in &self.at_once {
            count(Metric::Postponed, 1);
            self.wake(unit.clone(), Duration::ZERO).await?;
        }
        for (unit, due) in &self.next {
            count(Metric::Postponed, 1);
            let after = *due - self.app.clock.now();
            if after <= WAKE_MAX {
                self.wake(unit.clone(), after.to_std().unwrap_or_default()).await?;
            }
        }
        Ok(())
    }

    /// Wakes the connection's other units: somebody signed in at its ledger, and documents may wait for that.
    pub async fn wake_others(&self) -> Result<(), TurnError> {
        for unit in self.tenant.units().of_connection(self.connection.id).await? {
            if unit != self.unit {
                self.wake(unit, Duration::ZERO).await?;
            }
        }
        Ok(())
    }

    /// Wakes a unit after a while. A wake may be lost: maintenance finds what is due as well.
    async fn wake(&self, unit: UnitId, after: Duration) -> Result<(), TurnError> {
        let message = TurnMessage { tenant: self.tenant.id(), unit, document: None };
        Ok(self.app.turns.send("turns.wake", &message, after).await?)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_unit_of_the_message_comes_first_whatever_the_index_knows() {
        let connection: ConnectionId = "cnn_01JZ0000000000000000000000".parse().unwrap();
        let unit = |division: &str| UnitId { connection, division: division.parse().ok() };
        let whole = UnitId { connection, division: None };
        assert_eq!(with_first(&unit("2"), Vec::new()), [unit("2")]);
        assert_eq!(with_first(&unit("2"), vec![whole.clone(), unit("1")]), [unit("2"), whole.clone(), unit("1")]);
        assert_eq!(with_first(&unit("2"), vec![whole.clone(), unit("2")]), [unit("2"), whole]);
    }
}
