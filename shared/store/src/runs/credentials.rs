//! Credentials of a connection: sealed tokens, and a lease under which only one process renews them at a time.
//!
//! A refresh token is good once. That a renewal begins is noted before the ledger is asked; when the process dies before
//! the new tokens are stored, the next one learns that the last renewal did not finish.

use super::keys;
use crate::{
    Read, StoreError, SystemStore, Tables, Writer,
    expression::{Changes, Expression},
    item::{Fields, Item, bytes, instant, number, text},
    runs::{Fence, lease_owner},
    schema::{SYSTEM, WRITER},
    table::{Old, Query, Write, Written},
};
use domain::{
    ids::{ConnectionId, TenantId},
    time::{Date, Instant},
};
use std::{fmt, sync::Arc};

const SEALED: &str = "z";
const ISSUED: &str = "ia";
const EXPIRES: &str = "ea";
const VERSION: &str = "v";
const STATE: &str = "s";
const FENCE: &str = "f";
const OWNER: &str = "ow";
const UNTIL: &str = "e";
/// How many renewals have begun from these tokens whose end is not known.
const TRIES: &str = "rn";

/// Tokens, encrypted for the connection.
#[derive(Clone, PartialEq, Eq)]
pub struct SealedTokens {
    /// Ciphertext.
    pub sealed: Vec<u8>,
    /// When they were asked for.
    pub issued_at: Instant,
    /// When the access token ends.
    pub expires_at: Instant,
}

impl fmt::Debug for SealedTokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "SealedTokens({} bytes, issued {})", self.sealed.len(), self.issued_at)
    }
}

/// Whether the tokens still open the ledger.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum CredentialState {
    /// As far as is known.
    Good,
    /// Only a new consent helps.
    ReconnectNeeded,
}

impl CredentialState {
    fn as_str(self) -> &'static str {
        match self {
            Self::Good => "good",
            Self::ReconnectNeeded => "reconnect",
        }
    }
}

/// What is kept of a connection's credentials.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Credential {
    /// The tokens.
    pub tokens: SealedTokens,
    /// Whether they are good.
    pub state: CredentialState,
    /// Counts pairs of tokens, from 1.
    pub version: u32,
}

/// How the renewal before this one ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum PreviousRefresh {
    /// Its tokens were stored, or it was known to have failed.
    Ended,
    /// Its process died in between: the stored refresh token may have been used up.
    Unfinished {
        /// How many renewals in a row, from these tokens, ended in the dark.
        tries: u32,
    },
}

/// The right to renew the tokens.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshLease {
    connection: ConnectionId,
    fence: Fence,
    owner: String,
    version: u32,
    previous: PreviousRefresh,
}

/// What beginning a renewal came to.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Refresh {
    /// Renew from these tokens.
    Granted {
        /// Goes with the result.
        lease: RefreshLease,
        /// As they are now: they may be newer than what was read before.
        credential: Credential,
        /// How the last renewal ended.
        previous: PreviousRefresh,
    },
    /// Somebody else is renewing: read again soon.
    Busy {
        /// The end of that lease.
        until: Instant,
    },
    /// The connection has no credentials, or only a new consent helps.
    ReconnectNeeded,
}

/// The credentials of a tenant's connections.
#[derive(Debug, Clone)]
pub struct Credentials {
    tables: Arc<Tables>,
    tenant: TenantId,
}

fn read(operation: &'static str, item: &Item) -> Result<Credential, StoreError> {
    let fields = Fields::of(operation, item);
    let state = match fields.text(STATE)? {
        Some("good") => CredentialState::Good,
        Some("reconnect") => CredentialState::ReconnectNeeded,
        Some(_) | None => return Err(fields.wrong(STATE)),
    };
    Ok(Credential {
        tokens: SealedTokens {
            sealed: fields.needed(SEALED, fields.bytes(SEALED)?)?.to_vec(),
            issued_at: fields.needed(ISSUED, fields.instant(ISSUED)?)?,
            expires_at: fields.needed(EXPIRES, fields.instant(EXPIRES)?)?,
        },
        state,
        version: fields.needed(VERSION, fields.parsed(VERSION)?)?,
    })
}

fn held_by(lease: &RefreshLease) -> Expression {
    Expression::new("#f = :fence AND #ow = :owner").with("fence", number(lease.fence)).with("owner", text(&lease.owner))
}

impl Credentials {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    /// What is kept of a connection's credentials.
    pub async fn get(&self, connection: ConnectionId, freshness: Read) -> Result<Option<Credential>, StoreError> {
        const OPERATION: &str = "credentials.get";
        let key = keys::credential(self.tenant, connection);
        let item = self.tables.runs.get(OPERATION, &key, freshness).await?;
        item.map(|item| read(OPERATION, &item)).transpose()
    }

    fn tokens(&self, connection: ConnectionId, tokens: &SealedTokens, writer: &Writer) -> Changes {
        let mut changes = Changes::default();
        changes.set(SEALED, bytes(tokens.sealed.clone()));
        changes.set(ISSUED, instant(tokens.issued_at));
        changes.set(EXPIRES, instant(tokens.expires_at));
        changes.set(STATE, text(CredentialState::Good.as_str()));
        changes.set(WRITER, text(writer.as_str()));
        changes.set(SYSTEM.hash, text(keys::tokens_shard(connection)));
        let renewed = tokens.issued_at.date_naive();
        changes.set(SYSTEM.range, text(keys::tokens_entry(renewed, self.tenant, connection)));
        changes
    }

    /// Stores the first tokens of a consent, in place of any older ones. A renewal that is under way is overtaken.
    pub async fn put(
        &self,
        connection: ConnectionId,
        tokens: &SealedTokens,
        writer: &Writer,
    ) -> Result<(), StoreError> {
        const OPERATION: &str = "credentials.put";
        let mut changes = self.tokens(connection, tokens, writer);
        for name in [OWNER, UNTIL, TRIES] {
            changes.remove(name);
        }
        changes.clause(Expression::new(format!("ADD #{FENCE} :one, #{VERSION} :one")).with("one", number(1)));
        // Refused means that our own earlier try succeeded: no two encryptions are alike.
        let other = Expression::new(format!("attribute_not_exists(#{SEALED}) OR #{SEALED} <> :{SEALED}"));
        let key = keys::credential(self.tenant, connection);
        let write = Write::Update { key, changes, condition: Some(other) };
        self.tables.runs.write(OPERATION, write, Old::NotNeeded).await.map(|_| ())
    }

    /// Begins a renewal: from now on until `until` nobody else renews.
    pub async fn begin_refresh(
        &self,
        connection: ConnectionId,
        owner: &Writer,
        now: Instant,
        until: Instant,
    ) -> Result<Refresh, StoreError> {
        const OPERATION: &str = "credentials.begin_refresh";
        let owner = lease_owner(owner);
        let mut changes = Changes::default();
        changes.set(OWNER, text(&owner));
        changes.set(UNTIL, instant(until));
        changes.clause(Expression::new(format!("ADD #{FENCE} :one, #{TRIES} :one")).with("one", number(1)));
        let condition =
            Expression::new(format!("#{STATE} = :good AND (attribute_not_exists(#{UNTIL}) OR #{UNTIL} <= :now)"))
                .with("good", text(CredentialState::Good.as_str()))
                .with("now", instant(now));
        let key = keys::credential(self.tenant, connection);
        let write = Write::Update { key, changes, condition: Some(condition) };
        let (item, grown) = match self.tables.runs.write(OPERATION, write, Old::Wanted).await? {
            Written::Done(Some(before)) => (before, 1),
            Written::Done(None) | Written::Refused(None) => return Ok(Refresh::ReconnectNeeded),
            Written::Refused(Some(there)) => {
                let fields = Fields::of(OPERATION, &there);
                if fields.text(STATE)? != Some(CredentialState::Good.as_str()) {
                    return Ok(Refresh::ReconnectNeeded);
                }
                if fields.text(OWNER)? != Some(&owner) {
                    return Ok(Refresh::Busy { until: fields.needed(UNTIL, fields.instant(UNTIL)?)? });
                }
                // Our own earlier try.
                (there, 0)
            }
        };
        let fields = Fields::of(OPERATION, &item);
        let credential = read(OPERATION, &item)?;
        let fence = Fence(fields.parsed::<u64>(FENCE)?.unwrap_or(0).saturating_add(grown));
        // Our own earlier try has counted itself already.
        let tries = fields.parsed::<u32>(TRIES)?.unwrap_or(0).saturating_sub(u32::from(grown == 0));
        let previous = if tries == 0 { PreviousRefresh::Ended } else { PreviousRefresh::Unfinished { tries } };
        let lease = RefreshLease { connection, fence, owner, version: credential.version, previous };
        Ok(Refresh::Granted { lease, credential, previous })
    }

    /// Stores renewed tokens; before they are first used. A conflict means that the lease ran out and somebody else
    /// renewed, or that there was a new consent.
    pub async fn complete_refresh(
        &self,
        lease: &RefreshLease,
        tokens: &SealedTokens,
        writer: &Writer,
    ) -> Result<Credential, StoreError> {
        const OPERATION: &str = "credentials.complete_refresh";
        let version = lease.version.saturating_add(1);
        let mut changes = self.tokens(lease.connection, tokens, writer);
        changes.set(VERSION, number(version));
        for name in [OWNER, UNTIL, TRIES] {
            changes.remove(name);
        }
        self.end_refresh(OPERATION, lease, changes).await?;
        Ok(Credential { tokens: tokens.clone(), state: CredentialState::Good, version })
    }

    /// Ends a renewal that gave no tokens: it surely did nothing, so that the old ones stay as they are and what was not
    /// known before it is still not known; or only a new consent helps.
    pub async fn fail_refresh(
        &self,
        lease: &RefreshLease,
        state: CredentialState,
        writer: &Writer,
    ) -> Result<(), StoreError> {
        let mut changes = Changes::default();
        changes.set(STATE, text(state.as_str()));
        changes.set(WRITER, text(writer.as_str()));
        for name in [OWNER, UNTIL] {
            changes.remove(name);
        }
        match (state, lease.previous) {
            (CredentialState::Good, PreviousRefresh::Unfinished { tries }) => changes.set(TRIES, number(tries)),
            (CredentialState::Good, PreviousRefresh::Ended) | (CredentialState::ReconnectNeeded, _) => {
                changes.remove(TRIES);
            }
        }
        if state == CredentialState::ReconnectNeeded {
            // Nothing is left to be kept alive.
            changes.remove(SYSTEM.hash);
            changes.remove(SYSTEM.range);
        }
        self.end_refresh("credentials.fail_refresh", lease, changes).await
    }

    async fn end_refresh(
        &self,
        operation: &'static str,
        lease: &RefreshLease,
        changes: Changes,
    ) -> Result<(), StoreError> {
        let key = keys::credential(self.tenant, lease.connection);
        let write = Write::Update { key, changes, condition: Some(held_by(lease)) };
        let there = match self.tables.runs.write(operation, write, Old::NotNeeded).await? {
            Written::Done(_) => return Ok(()),
            Written::Refused(there) => there.unwrap_or_default(),
        };
        let fields = Fields::of(operation, &there);
        // Nobody renewed since and the lease is given back: our own earlier try did it.
        if fields.parsed(FENCE)? == Some(lease.fence) && fields.text(OWNER)?.is_none() {
            return Ok(());
        }
        Err(StoreError::conflict(operation, format!("the renewal of {} was overtaken", lease.connection)))
    }
}

impl SystemStore {
    /// Connections of a shard (0 to 15) whose tokens were last renewed on this day or before.
    pub async fn tokens_renewed_until(
        &self,
        shard: u8,
        day: Date,
    ) -> Result<Vec<(TenantId, ConnectionId)>, StoreError> {
        const OPERATION: &str = "system.tokens_renewed_until";
        let query = Query::index(SYSTEM, &keys::tokens(shard)).up_to(&keys::tokens_entries_until(day));
        let items = self.tables.runs.query_all(OPERATION, query).await?;
        let read = |item: &Item| {
            let fields = Fields::of(OPERATION, item);
            fields.needed(SYSTEM.range, fields.text(SYSTEM.range)?.and_then(keys::of_tokens_entry))
        };
        items.iter().map(read).collect()
    }
}
