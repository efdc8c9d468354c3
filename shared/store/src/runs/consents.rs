//! Consents under way: somebody was sent to a ledger and has to come back with the state that was given along. A state is
//! good once, for a while, and for the tenant, user and connection that it was made for.

use super::keys;
use crate::{
    Store, StoreError, Tables,
    expression::Expression,
    item::{Fields, instant, number, text},
    schema::TTL,
    table::{Old, Write, Written},
    transaction::{digest, hex},
};
use chrono::TimeDelta;
use domain::{
    ids::{ConnectionId, TenantId, UserId},
    time::Instant,
};
use std::{fmt, sync::Arc};

const USER: &str = "user";
const CONNECTION: &str = "connection";
const EXPIRES: &str = "expires";
/// An expired state is deleted a day later, for whoever looks into what went wrong.
const KEPT: TimeDelta = TimeDelta::days(1);
/// The longest state that is looked at, in bytes.
const STATE_BYTES_MAX: usize = 200;

/// What a ledger gets along and gives back. Holds the tenant and a secret; only a digest of the secret is stored.
#[derive(Clone, PartialEq, Eq)]
pub struct OauthState(String);

impl OauthState {
    /// A state as a ledger gave it back; whether it is one shows when it is taken.
    pub fn new(text: impl Into<String>) -> Self {
        Self(text.into())
    }

    /// The text for the ledger's address.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for OauthState {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("(hidden)")
    }
}

/// Who asked for a consent, and for what.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Consent {
    /// The tenant.
    pub tenant: TenantId,
    /// The user who was sent to the ledger.
    pub user: UserId,
    /// The connection that is to be connected.
    pub connection: ConnectionId,
}

/// The consents of a tenant that are under way.
#[derive(Debug, Clone)]
pub struct OauthStates {
    tables: Arc<Tables>,
    tenant: TenantId,
}

impl OauthStates {
    pub(crate) fn new(tables: Arc<Tables>, tenant: TenantId) -> Self {
        Self { tables, tenant }
    }

    /// Stores a new state. `secret` is at least 16 random bytes.
    pub async fn issue(
        &self,
        secret: &[u8],
        user: UserId,
        connection: ConnectionId,
        expires: Instant,
    ) -> Result<OauthState, StoreError> {
        const OPERATION: &str = "oauth_states.issue";
        if secret.len() < 16 {
            return Err(StoreError::bug(OPERATION, "the secret of a state is too short"));
        }
        let secret = hex(secret);
        let mut item = keys::consent(self.tenant, &digest(&[&secret], 64)).item();
        item.insert(USER.to_owned(), text(user.to_string()));
        item.insert(CONNECTION.to_owned(), text(connection.to_string()));
        item.insert(EXPIRES.to_owned(), instant(expires));
        item.insert(TTL.to_owned(), number((expires + KEPT).timestamp()));
        // A state put twice is the same state: only its maker knows the secret.
        self.tables.runs.write(OPERATION, Write::Put { item, condition: None }, Old::NotNeeded).await?;
        Ok(OauthState(format!("{}.{secret}", self.tenant)))
    }
}

impl Store {
    /// Takes a state that a ledger gave back; it is gone then. None when it is unknown, used or expired. A repeated
    /// request whose first answer was lost finds it gone as well: the person starts again.
    pub async fn take_oauth_state(&self, state: &OauthState, now: Instant) -> Result<Option<Consent>, StoreError> {
        const OPERATION: &str = "oauth_states.take";
        if state.0.len() > STATE_BYTES_MAX {
            return Ok(None);
        }
        let Some((tenant, secret)) = state.0.split_once('.') else { return Ok(None) };
        let Ok(tenant) = tenant.parse::<TenantId>() else { return Ok(None) };
        let delete = Write::Delete {
            key: keys::consent(tenant, &digest(&[secret], 64)),
            condition: Some(Expression::present()),
        };
        let Written::Done(Some(item)) = self.tables.runs.write(OPERATION, delete, Old::Wanted).await? else {
            return Ok(None);
        };
        let fields = Fields::of(OPERATION, &item);
        if fields.needed(EXPIRES, fields.instant(EXPIRES)?)? <= now {
            return Ok(None);
        }
        Ok(Some(Consent {
            tenant,
            user: fields.needed(USER, fields.parsed(USER)?)?,
            connection: fields.needed(CONNECTION, fields.parsed(CONNECTION)?)?,
        }))
    }
}
