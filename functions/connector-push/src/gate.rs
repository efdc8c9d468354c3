//! What stands before the first request about a document, whether it is posted or passed: whether it is due, whether its ledger may be
//! asked at all, and what opens that.

use crate::{
    attempt::Attempt,
    tokens::Access,
    turn::{Turn, TurnError},
    verdict::Went,
};
use domain::{office::ConnectionState, time::Instant};
use ledgers::{Secret, Seen};

/// A document before its turn, as it is stored.
#[derive(Debug, Clone, Copy)]
pub struct Waiting<'h> {
    /// Its version.
    pub version: u32,
    /// When it is due.
    pub due: Option<Instant>,
    /// What is kept of earlier attempts.
    pub checkpoint: Option<&'h str>,
}

/// What may be done with a document now.
#[derive(Debug)]
pub enum Gate {
    /// It may go on from here.
    Open(Attempt),
    /// Not now.
    Shut(Went),
    /// Somebody has to sign in at the ledger first.
    Consent(Attempt),
}

/// Whether a document is due, and its ledger ready for it. Asks nobody.
pub fn gate(turn: &Turn<'_>, waiting: Waiting<'_>) -> Gate {
    let now = turn.app.clock.now();
    let attempt = Attempt::read(waiting.checkpoint, waiting.version);
    let connected = turn.connection.state == ConnectionState::Connected;
    // What waited for somebody to sign in goes on once that is done, whenever it was to be looked at again.
    let due = waiting.due.filter(|_| !(connected && attempt.waits_for_consent()));
    if let Some(later) = due.max(attempt.not_before).filter(|due| *due > now) {
        return Gate::Shut(Went::Later(later));
    }
    if !connected {
        return Gate::Consent(attempt);
    }
    if let Some(until) = turn.memory.no_push_before(turn.ledger.descriptor(), now) {
        tracing::info!(unit = %turn.unit, %until, "The ledger is left alone.");
        return Gate::Shut(Went::Stop(until));
    }
    Gate::Open(attempt)
}

/// What there is to open the ledger with.
pub enum Key {
    /// This.
    Token(Secret),
    /// Nothing before then.
    Wait(Instant),
    /// None was given when it was asked for: the document is put off until then.
    PutOff(Instant),
    /// Somebody has to sign in at the ledger first.
    Consent,
}

/// Gets what opens the ledger. The turn knows then how its connection stands.
pub async fn key(turn: &mut Turn<'_>) -> Result<Key, TurnError> {
    Ok(match turn.access(Seen::Good).await? {
        Access::Token(access) => Key::Token(access),
        Access::WaitUntil(until) => Key::Wait(until),
        Access::Failed(until) => {
            let now = turn.app.clock.now();
            turn.memory.circuit.failed(now);
            Key::PutOff(turn.memory.circuit.open_until(now).unwrap_or(until))
        }
        Access::ReconnectNeeded => {
            turn.connection.state = ConnectionState::ReconnectNeeded;
            Key::Consent
        }
    })
}
