//! The access token of a connection: from memory, from the table, or renewed under the connection's own lease. The new
//! pair is stored before it is first used; a chain that broke is said so on the connection, and documents wait.

use crate::{
    App, VaultError,
    registration::Registration,
    turn::{Place, TurnError},
};
use chrono::TimeDelta;
use domain::{
    document::Actor,
    ids::TenantId,
    office::{Connection, ConnectionState},
    time::Instant,
};
use ledgers::{Advice, Deadline, ErrorCode, ErrorKind, Ledger, Opener, Secret, Seen, TokenRules, TokenSet};
use runtime::telemetry::{Metric, count};
use store::{
    Read, TenantStore, Writer,
    runs::{Credential, CredentialState, PreviousRefresh, Refresh, RefreshLease, SealedTokens},
    settings::Author,
};

/// How often saying something on a connection is tried while others edit it.
pub const EDITS_MAX: usize = 3;
/// Nobody else renews for so long; longer than a renewal may take.
const REFRESH_LEASE: TimeDelta = TimeDelta::seconds(45);

/// What asking for a token came to.
#[derive(Debug)]
pub enum Access {
    /// Here it is.
    Token(Secret),
    /// None is to be had before then.
    WaitUntil(Instant),
    /// The ledger was asked for one and gave no usable answer; not again before then.
    Failed(Instant),
    /// Only a new consent helps.
    ReconnectNeeded,
}

/// The connection whose token is wanted.
pub struct Holder<'a> {
    /// The function.
    pub app: &'a App,
    /// Whose.
    pub tenant: &'a TenantStore,
    /// The connection.
    pub connection: &'a Connection,
    /// Its ledger.
    pub ledger: &'static dyn Ledger,
    /// Our registration there.
    pub registration: &'a Registration,
    /// When the turn's time is up.
    pub deadline: Deadline,
    /// For conditional writes.
    pub writer: &'a Writer,
}

impl Holder<'_> {
    /// A token that may be used now, given how the last one fared. That there will be none is said on the connection, also
    /// when whoever found out before died before it could say so.
    pub async fn access(&self, seen: Seen) -> Result<Access, TurnError> {
        let access = self.find(seen).await?;
        match access {
            Access::ReconnectNeeded => self.broken().await?,
            Access::Token(_) | Access::WaitUntil(_) | Access::Failed(_) => {}
        }
        Ok(access)
    }

    async fn find(&self, seen: Seen) -> Result<Access, TurnError> {
        let rules = self.ledger.descriptor().tokens;
        let now = self.app.clock.now();
        let cached = self.app.known.tokens().get(&self.connection.id).cloned();
        if let Some((_, tokens)) = &cached
            && tokens.advice(&rules, now, seen) == Advice::Use
        {
            return Ok(Access::Token(tokens.access.clone()));
        }
        let Some(credential) = self.tenant.credentials().get(self.connection.id, Read::Consistent).await? else {
            return Ok(Access::ReconnectNeeded);
        };
        if credential.state == CredentialState::ReconnectNeeded {
            return Ok(Access::ReconnectNeeded);
        }
        // A pair that was stored since the refused one is not refused yet.
        let seen = match &cached {
            Some((version, _)) if *version != credential.version => Seen::Good,
            Some(_) | None => seen,
        };
        let tokens = self.open(&credential).await?;
        match tokens.advice(&rules, now, seen) {
            Advice::Use => Ok(Access::Token(tokens.access)),
            Advice::WaitUntil(instant) => Ok(Access::WaitUntil(instant)),
            Advice::Refresh => self.refresh(&rules, credential.version).await,
        }
    }

    /// Renews a token that is due although there is no work, so that the chain does not die of idleness.
    pub async fn keep_alive(&self) -> Result<(), TurnError> {
        let rules = self.ledger.descriptor().tokens;
        let Some(credential) = self.tenant.credentials().get(self.connection.id, Read::Consistent).await? else {
            return Ok(());
        };
        if credential.state == CredentialState::Good
            && self.open(&credential).await?.keep_alive_due(&rules, self.app.clock.now())
            && matches!(self.refresh(&rules, credential.version).await?, Access::ReconnectNeeded)
        {
            self.broken().await?;
        }
        Ok(())
    }

    async fn refresh(&self, rules: &TokenRules, known_version: u32) -> Result<Access, TurnError> {
        let credentials = self.tenant.credentials();
        let Place(endpoint) = self.place()?;
        let now = self.app.clock.now();
        let begun = credentials.begin_refresh(self.connection.id, self.writer, now, now + REFRESH_LEASE).await?;
        let (lease, credential, previous) = match begun {
            Refresh::Busy { until } => return Ok(Access::WaitUntil(until)),
            Refresh::ReconnectNeeded => return Ok(Access::ReconnectNeeded),
            Refresh::Granted { lease, credential, previous } => (lease, credential, previous),
        };
        let in_the_dark = match previous {
            PreviousRefresh::Ended => false,
            PreviousRefresh::Unfinished { tries } => {
                tracing::warn!(connection = %self.connection.id, tries, "How the last renewal ended is not known.");
                true
            }
        };
        let tokens = match self.open(&credential).await {
            Ok(tokens) => tokens,
            Err(error) => {
                // The ledger was not asked.
                credentials.fail_refresh(&lease, CredentialState::Good, self.writer).await?;
                return Err(error);
            }
        };
        if credential.version != known_version && tokens.advice(rules, now, Seen::Good) == Advice::Use {
            // Somebody else renewed in between.
            credentials.fail_refresh(&lease, CredentialState::Good, self.writer).await?;
            return Ok(Access::Token(tokens.access));
        }
        let app = self.registration.app();
        let clock = || self.app.clock.now();
        let opener = Opener {
            ledger: self.ledger,
            sender: &self.app.sender,
            endpoint,
            app: &app,
            deadline: self.deadline,
            clock: &clock,
        };
        let error = match opener.refresh(&tokens).await {
            Ok(renewed) => {
                let sealed = self.seal(&renewed).await?;
                let credential = credentials.complete_refresh(&lease, &sealed, self.writer).await?;
                let access = renewed.access.clone();
                self.app.known.tokens().insert(self.connection.id, (credential.version, renewed));
                tracing::info!(connection = %self.connection.id, "Token renewed.");
                return Ok(Access::Token(access));
            }
            Err(error) => error,
        };
        tracing::warn!(connection = %self.connection.id, code = error.code().as_str(), "Token not renewed.");
        match error.kind() {
            // Too early although the stored pair is old enough: the renewal that nobody saw the end of was carried out, and
            // the tokens that it gave are lost.
            ErrorKind::Retryable { .. } if in_the_dark && error.code() == ErrorCode::TokenTooEarly => {
                self.give_up(&lease).await
            }
            ErrorKind::Retryable { after } => {
                credentials.fail_refresh(&lease, CredentialState::Good, self.writer).await?;
                let after = after.and_then(|after| TimeDelta::from_std(after).ok()).unwrap_or(TimeDelta::seconds(60));
                Ok(Access::Failed(now + after))
            }
            // The answer was lost: the refresh token may be used up. The lease runs out by itself, and whoever takes it
            // next tries the stored token once more; the ledger then says whether the chain still holds.
            ErrorKind::Unknown => Ok(Access::Failed(now + REFRESH_LEASE)),
            ErrorKind::Unauthorised
            | ErrorKind::ReconnectNeeded
            | ErrorKind::Rejected
            | ErrorKind::Uncertain
            | ErrorKind::Bug => self.give_up(&lease).await,
        }
    }

    /// Nothing can be had with these tokens any more.
    async fn give_up(&self, lease: &RefreshLease) -> Result<Access, TurnError> {
        let state = CredentialState::ReconnectNeeded;
        self.tenant.credentials().fail_refresh(lease, state, self.writer).await?;
        Ok(Access::ReconnectNeeded)
    }

    /// Says on the connection that somebody has to sign in again.
    pub async fn broken(&self) -> Result<(), TurnError> {
        self.app.known.tokens().remove(&self.connection.id);
        let connections = self.tenant.connections();
        for _ in 0..EDITS_MAX {
            let Some(before) = connections.get(self.connection.id, Read::Consistent).await? else { return Ok(()) };
            if before.state != ConnectionState::Connected {
                return Ok(());
            }
            let mut after = before.clone();
            after.state = ConnectionState::ReconnectNeeded;
            after.version += 1;
            let author = Author { by: &Actor::System, at: self.app.clock.now(), writer: self.writer };
            match connections.replace(&before, &after, &author).await {
                Ok(()) => {
                    count(Metric::ReconnectNeeded, 1);
                    return Ok(());
                }
                // Somebody edits it right now.
                Err(error) if error.is_conflict() => {}
                Err(error) => return Err(error.into()),
            }
        }
        // The next turn says it again.
        Ok(())
    }

    async fn open(&self, credential: &Credential) -> Result<TokenSet, TurnError> {
        let id = self.connection.id;
        if let Some((version, tokens)) = self.app.known.tokens().get(&id).cloned()
            && version == credential.version
        {
            return Ok(tokens);
        }
        let tokens = open(self.app, self.tenant.id(), self.connection, &credential.tokens.sealed).await?;
        self.app.known.tokens().insert(id, (credential.version, tokens.clone()));
        Ok(tokens)
    }

    /// Seals a pair for the table.
    pub async fn seal(&self, tokens: &TokenSet) -> Result<SealedTokens, TurnError> {
        let plain = serde_json::to_vec(tokens).map_err(|_| unreadable())?;
        let sealed = self.app.vault.seal(self.tenant.id(), self.connection.id, &plain).await?;
        Ok(SealedTokens { sealed, issued_at: tokens.issued_at, expires_at: tokens.expires_at })
    }

    /// Where the ledger answers for a set of books.
    pub fn place(&self) -> Result<Place, TurnError> {
        let endpoint = self.registration.endpoint(self.ledger.descriptor(), self.connection);
        endpoint.map(Place).ok_or(TurnError::NoSite(self.connection.id))
    }
}

async fn open(app: &App, tenant: TenantId, connection: &Connection, sealed: &[u8]) -> Result<TokenSet, TurnError> {
    let plain = app.vault.open(tenant, connection.id, sealed).await?;
    // serde's message would quote the text, which is a secret.
    serde_json::from_slice(&plain).map_err(|_| unreadable())
}

fn unreadable() -> TurnError {
    TurnError::Vault(VaultError { operation: "read", detail: "it holds no tokens".to_owned() })
}
