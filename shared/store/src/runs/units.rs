//! Ledger units: one lease at a time, and what the unit remembers between leases.
//!
//! A lease is one item: who has it, until when, and a fence that grows with each lease. A message for a unit that is
//! taken leaves a wake; whoever has the lease cannot give it back without having seen it. The document that is being
//! posted stands in the item *before* the first request is made: when a lease runs out with one, the next holder learns
//! of it and has to find out what became of that attempt.

use super::{keys, lease_owner};
use crate::{
    ErrorKind, Read, StoreError, SystemStore, Tables, Writer,
    expression::{Changes, Expression},
    item::{Fields, Item, instant, number, text},
    schema::SYSTEM,
    table::{Old, Query, Write, Written},
};
use domain::{
    document::UnitId,
    ids::{ConnectionId, TenantId, TurnDocument},
    time::Instant,
};
use std::{fmt, num::ParseIntError, str::FromStr, sync::Arc};

const FENCE: &str = "f";
const OWNER: &str = "ow";
const UNTIL: &str = "e";
const CURRENT: &str = "c";
/// What was current when a lease ran out; empty when nothing was.
const ABANDONED: &str = "p";
const WAKES: &str = "k";
const BUDGET: &str = "b";
const CIRCUIT: &str = "ci";
/// Not worth a turn before then.
const ASLEEP: &str = "sl";
/// There while documents wait for somebody to sign in at the ledger.
const AWAITS_CONSENT: &str = "aw";

/// How often taking a lease is tried when it comes free at the same moment.
const TAKE_ATTEMPTS_MAX: usize = 3;

/// Grows with each lease of a unit. What a turn writes is refused once a later lease has written.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Fence(pub u64);

impl fmt::Display for Fence {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(&self.0, f)
    }
}

impl FromStr for Fence {
    type Err = ParseIntError;
    fn from_str(text: &str) -> Result<Self, ParseIntError> {
        text.parse().map(Self)
    }
}

/// What a unit remembers between leases. Budget and circuit are JSON of whoever takes its turns, not looked into here.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitMemory {
    /// What the ledger said about its rate limits.
    pub budget: Option<String>,
    /// Whether the ledger is being left alone for a while.
    pub circuit: Option<String>,
    /// Documents are due, but nothing can come of a turn before then; maintenance wakes the unit when it has passed.
    pub asleep_until: Option<Instant>,
    /// Documents wait for somebody to sign in at the ledger, and go on whatever their due instant is once that is done.
    pub awaits_consent: bool,
}

/// A lease that is held.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Lease {
    /// Of this unit.
    pub unit: UnitId,
    /// Goes with every result.
    pub fence: Fence,
    /// The owner, as it was named when the lease was taken.
    owner: String,
}

/// What the holder of a new lease finds.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnitState {
    /// What the last holder left.
    pub memory: UnitMemory,
    /// How many wakes there were so far; goes back with [`Units::release`].
    pub wakes: u64,
    /// The document that the last holder was posting when its lease ran out: what became of it is unknown. It stays
    /// noted as current until [`Units::renew`] names another or none.
    pub abandoned: Option<TurnDocument>,
    /// Whether the last holder gave its lease back: only then is what it did last in the memory.
    pub given_back: bool,
}

/// What taking a lease came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Taken {
    /// It is ours.
    Taken(Lease, UnitState),
    /// Somebody has it until then, and will see that there was a wake.
    Busy {
        /// The end of that lease.
        until: Instant,
    },
}

/// What giving back a lease came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Released {
    /// It is given back.
    Released,
    /// There was a wake since: it is still ours, and there may be new work.
    NewWake {
        /// How many wakes there are now.
        wakes: u64,
    },
}

/// A unit of a tenant.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UnitRef {
    /// Whose.
    pub tenant: TenantId,
    /// Which.
    pub unit: UnitId,
}

/// The units of a tenant.
#[derive(Debug, Clone)]
pub struct Units {
    tables: Arc<Tables>,
    tenant: TenantId,
}

fn document(fields: &Fields<'_>, name: &'static str) -> Result<Option<TurnDocument>, StoreError> {
    match fields.text(name)? {
        None | Some("") => Ok(None),
        Some(_) => fields.parsed(name),
    }
}

fn memory(fields: &Fields<'_>) -> Result<UnitMemory, StoreError> {
    Ok(UnitMemory {
        budget: fields.text(BUDGET)?.map(ToOwned::to_owned),
        circuit: fields.text(CIRCUIT)?.map(ToOwned::to_owned),
        asleep_until: fields.instant(ASLEEP)?,
        awaits_consent: fields.text(AWAITS_CONSENT)?.is_some(),
    })
}

fn state(operation: &'static str, before: Option<&Item>) -> Result<UnitState, StoreError> {
    let Some(item) = before else { return Ok(UnitState { given_back: true, ..UnitState::default() }) };
    let fields = Fields::of(operation, item);
    Ok(UnitState {
        memory: memory(&fields)?,
        wakes: fields.parsed(WAKES)?.unwrap_or(0),
        abandoned: document(&fields, CURRENT)?,
        given_back: fields.instant(UNTIL)?.is_none(),
    })
}

fn remember(memory: &UnitMemory, changes: &mut Changes) {
    changes.set_or_remove(BUDGET, memory.budget.as_ref().map(text));
    changes.set_or_remove(CIRCUIT, memory.circuit.as_ref().map(text));
    changes.set_or_remove(ASLEEP, memory.asleep_until.map(instant));
    changes.set_or_remove(AWAITS_CONSENT, memory.awaits_consent.then(|| text("1")));
}

fn held_by(lease: &Lease) -> Expression {
    Expression::new("#f = :fence AND #ow = :owner").with("fence", number(lease.fence)).with("owner", text(&lease.owner))
}

fn lost(operation: &'static str, lease: &Lease) -> StoreError {
    StoreError::conflict(operation, format!("lease {} of {} is lost", lease.fence, lease.unit))
}

impl Units {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    fn register_changes(&self, unit: &UnitId) -> Changes {
        let mut changes = Changes::default();
        changes.set(SYSTEM.hash, text(keys::units_shard(unit)));
        changes.set(SYSTEM.range, text(keys::units_entry(self.tenant, unit)));
        changes
    }

    /// Makes a unit known to maintenance. Storing an administration with its unit does it, and taking a lease.
    pub async fn register(&self, unit: &UnitId) -> Result<(), StoreError> {
        let write =
            Write::Update { key: keys::unit(self.tenant, unit), changes: self.register_changes(unit), condition: None };
        self.tables.runs.write("units.register", write, Old::NotNeeded).await.map(|_| ())
    }

    /// Takes the lease of a unit until an instant, and notes the document that is about to be posted. When somebody has it,
    /// another turn of the same request included, leaves a wake.
    pub async fn take(
        &self,
        unit: &UnitId,
        owner: &Writer,
        now: Instant,
        until: Instant,
        current: Option<TurnDocument>,
    ) -> Result<Taken, StoreError> {
        const OPERATION: &str = "units.take";
        let owner = lease_owner(owner);
        for _ in 0..TAKE_ATTEMPTS_MAX {
            let there = match self.try_take(unit, &owner, now, until, current).await? {
                Written::Done(before) => {
                    let state = state(OPERATION, before.as_ref())?;
                    let fence = match &before {
                        None => Fence(1),
                        Some(item) => {
                            Fence(Fields::of(OPERATION, item).parsed::<u64>(FENCE)?.unwrap_or(0).saturating_add(1))
                        }
                    };
                    let lease = Lease { unit: unit.clone(), fence, owner };
                    return Ok(Taken::Taken(lease, state));
                }
                Written::Refused(there) => there,
            };
            let Some(there) = there else { continue };
            let fields = Fields::of(OPERATION, &there);
            if fields.text(OWNER)? == Some(&owner) {
                let fence = fields.needed(FENCE, fields.parsed(FENCE)?)?;
                let lease = Lease { unit: unit.clone(), fence, owner };
                let abandoned = document(&fields, ABANDONED)?;
                let wakes = fields.parsed(WAKES)?.unwrap_or(0);
                // Our own earlier try. Whether the lease before was given back, only its answer said.
                let state = UnitState { memory: memory(&fields)?, wakes, abandoned, given_back: false };
                return Ok(Taken::Taken(lease, state));
            }
            if let Some(until) = self.wake_if_busy(unit, now).await? {
                return Ok(Taken::Busy { until });
            }
        }
        Err(StoreError::new(ErrorKind::Retryable, OPERATION, format!("the lease of {unit} keeps changing hands")))
    }

    async fn try_take(
        &self,
        unit: &UnitId,
        owner: &str,
        now: Instant,
        until: Instant,
        current: Option<TurnDocument>,
    ) -> Result<Written, StoreError> {
        let mut changes = self.register_changes(unit);
        changes.set(OWNER, text(owner));
        changes.set(UNTIL, instant(until));
        // What the last holder left unfinished stays current; it is remembered apart as well, so that this very write,
        // repeated after a lost answer, still tells of it.
        let none = || text("");
        changes.clause(
            Expression::new(format!("SET #{ABANDONED} = if_not_exists(#{CURRENT}, :none)")).with("none", none()),
        );
        let current = current.map_or_else(none, |document| text(document.to_string()));
        changes.clause(
            Expression::new(format!("SET #{CURRENT} = if_not_exists(#{CURRENT}, :current)")).with("current", current),
        );
        changes.clause(Expression::new(format!("ADD #{FENCE} :one")).with("one", number(1)));
        let free =
            Expression::new(format!("attribute_not_exists(#{UNTIL}) OR #{UNTIL} <= :now")).with("now", instant(now));
        let write = Write::Update { key: keys::unit(self.tenant, unit), changes, condition: Some(free) };
        self.tables.runs.write("units.take", write, Old::Wanted).await
    }

    /// Leaves a wake when somebody has the lease; the end of it.
    async fn wake_if_busy(&self, unit: &UnitId, now: Instant) -> Result<Option<Instant>, StoreError> {
        const OPERATION: &str = "units.wake";
        let mut changes = Changes::default();
        changes.clause(Expression::new(format!("ADD #{WAKES} :one")).with("one", number(1)));
        let held = Expression::new(format!("#{UNTIL} > :now")).with("now", instant(now));
        let write = Write::Update { key: keys::unit(self.tenant, unit), changes, condition: Some(held) };
        match self.tables.runs.write(OPERATION, write, Old::Wanted).await? {
            Written::Done(Some(item)) => Fields::of(OPERATION, &item).instant(UNTIL),
            Written::Done(None) | Written::Refused(_) => Ok(None),
        }
    }

    /// Holds on to a lease until an instant, notes the document that is about to be posted (or none), and what the ledger
    /// said. A conflict means that the lease is lost: no further request may be made under it.
    pub async fn renew(
        &self,
        lease: &Lease,
        current: Option<TurnDocument>,
        until: Instant,
        memory: &UnitMemory,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "units.renew";
        let mut changes = Changes::default();
        changes.set(UNTIL, instant(until));
        changes.set_or_remove(CURRENT, current.map(|document| text(document.to_string())));
        changes.remove(ABANDONED);
        remember(memory, &mut changes);
        let key = keys::unit(self.tenant, &lease.unit);
        let write = Write::Update { key, changes, condition: Some(held_by(lease)) };
        match self.tables.runs.write(OPERATION, write, Old::NotNeeded).await? {
            Written::Done(_) => Ok(()),
            Written::Refused(_) => Err(lost(OPERATION, lease)),
        }
    }

    /// Gives a lease back, unless there was a wake that its holder has not seen. Nothing may be unfinished then.
    pub async fn release(&self, lease: &Lease, seen_wakes: u64, memory: &UnitMemory) -> Result<Released, StoreError> {
        const OPERATION: &str = "units.release";
        let mut changes = Changes::default();
        for name in [OWNER, UNTIL, CURRENT, ABANDONED] {
            changes.remove(name);
        }
        remember(memory, &mut changes);
        let seen = if seen_wakes == 0 {
            Expression::new(format!("attribute_not_exists(#{WAKES}) OR #{WAKES} = :seen"))
        } else {
            Expression::new(format!("#{WAKES} = :seen"))
        };
        let condition = held_by(lease).and(seen.with("seen", number(seen_wakes)));
        let write = Write::Update { key: keys::unit(self.tenant, &lease.unit), changes, condition: Some(condition) };
        let there = match self.tables.runs.write(OPERATION, write, Old::NotNeeded).await? {
            Written::Done(_) => return Ok(Released::Released),
            Written::Refused(there) => there.ok_or_else(|| lost(OPERATION, lease))?,
        };
        let fields = Fields::of(OPERATION, &there);
        let same_lease = fields.parsed::<Fence>(FENCE)? == Some(lease.fence);
        match fields.text(OWNER)? {
            Some(owner) if same_lease && owner == lease.owner => {
                Ok(Released::NewWake { wakes: fields.parsed(WAKES)?.unwrap_or(0) })
            }
            // Nobody took it since: our own earlier try gave it back.
            None if same_lease => Ok(Released::Released),
            Some(_) | None => Err(lost(OPERATION, lease)),
        }
    }

    /// Gives a lease back although the turn failed, so that nobody has to wait for its end. `unfinished` is a document of
    /// which the ledger may have been asked something: the next holder learns of it as after a death. Returns whether
    /// there was a wake that the turn has not seen; a lease that is lost already is left as it is.
    pub async fn give_up(
        &self,
        lease: &Lease,
        seen_wakes: u64,
        unfinished: Option<TurnDocument>,
        memory: &UnitMemory,
    ) -> Result<bool, StoreError> {
        const OPERATION: &str = "units.give_up";
        let mut changes = Changes::default();
        for name in [OWNER, UNTIL, ABANDONED] {
            changes.remove(name);
        }
        changes.set_or_remove(CURRENT, unfinished.map(|document| text(document.to_string())));
        remember(memory, &mut changes);
        let key = keys::unit(self.tenant, &lease.unit);
        let write = Write::Update { key, changes, condition: Some(held_by(lease)) };
        match self.tables.runs.write(OPERATION, write, Old::Wanted).await? {
            Written::Done(Some(before)) => Ok(Fields::of(OPERATION, &before).parsed(WAKES)?.unwrap_or(0) != seen_wakes),
            Written::Done(None) | Written::Refused(_) => Ok(false),
        }
    }

    /// The units of a connection that were ever registered, its own as a whole included. The index may be a moment behind.
    pub async fn of_connection(&self, connection: ConnectionId) -> Result<Vec<UnitId>, StoreError> {
        const OPERATION: &str = "units.of_connection";
        let whole = UnitId { connection, division: None };
        let first = keys::units_entry(self.tenant, &whole);
        let query = Query::index(SYSTEM, &keys::units_shard(&whole)).between(&first, &format!("{first}/~"));
        let items = self.tables.runs.query_all(OPERATION, query).await?;
        let read = |item: &Item| unit_of(OPERATION, item).map(|found| found.unit);
        items.iter().map(read).collect()
    }

    /// What a unit remembers, and until when somebody has its lease; for people and maintenance.
    pub async fn peek(&self, unit: &UnitId) -> Result<Option<(UnitMemory, Option<Instant>)>, StoreError> {
        const OPERATION: &str = "units.peek";
        let item = self.tables.runs.get(OPERATION, &keys::unit(self.tenant, unit), Read::Eventual).await?;
        let Some(item) = item else { return Ok(None) };
        let fields = Fields::of(OPERATION, &item);
        Ok(Some((memory(&fields)?, fields.instant(UNTIL)?)))
    }
}

impl SystemStore {
    /// The registered units of a shard (0 to 15).
    pub async fn units(&self, shard: u8) -> Result<Vec<UnitRef>, StoreError> {
        const OPERATION: &str = "system.units";
        let query = Query::index(SYSTEM, &keys::units(shard));
        let items = self.tables.runs.query_all(OPERATION, query).await?;
        items.iter().map(|item| unit_of(OPERATION, item)).collect()
    }
}

fn unit_of(operation: &'static str, item: &Item) -> Result<UnitRef, StoreError> {
    let fields = Fields::of(operation, item);
    let entry = fields.text(SYSTEM.range)?.and_then(keys::of_units_entry);
    let (tenant, unit) = fields.needed(SYSTEM.range, entry)?;
    Ok(UnitRef { tenant, unit })
}
