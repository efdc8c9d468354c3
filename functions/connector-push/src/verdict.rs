//! What an error of the ledger means for the document that met it, whether it was received or issued, and for its unit.

use crate::{
    attempt::{Attempt, wait_of},
    turn::{Turn, TurnError},
};
use chrono::TimeDelta;
use domain::{office::ConnectionState, time::Instant};
use ledgers::{ErrorCode, ErrorKind, LedgerError, Reach};

/// Without the ledger's own word, a failed attempt is repeated after this long.
const RETRY: TimeDelta = TimeDelta::seconds(30);

/// How long documents wait that need somebody to mend a setting or a right.
const FOR_A_PERSON: TimeDelta = TimeDelta::minutes(15);

/// How long documents wait for somebody to sign in. Once that is done they go on at once: see [`crate::wake::units`].
pub const FOR_CONSENT: TimeDelta = TimeDelta::days(1);

/// What became of a document in a turn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Went {
    /// It is done, or there was nothing to do: on to the next one.
    On,
    /// It is due again then; others may go on.
    Later(Instant),
    /// Nothing more can be done in this unit before then.
    Stop(Instant),
}

/// What is to become of a document after an error.
#[derive(Debug)]
pub enum Verdict {
    /// Nothing was sent: the next turn goes on where this one stopped.
    NothingSent,
    /// It is tried again.
    PutOff {
        /// At the earliest then.
        until: Instant,
        /// With this attempt kept.
        attempt: Box<Attempt>,
        /// What it waits for.
        wait: &'static str,
        /// What that means for its unit.
        went: Went,
    },
    /// It waits for somebody to sign in.
    Consent(Box<Attempt>),
    /// It is not in the ledger, and will not be by trying again.
    Refused,
    /// Only a person can tell whether it is.
    Unclear,
}

/// Judges an error; the unit's circuit learns of it.
pub async fn judge(turn: &mut Turn<'_>, attempt: Attempt, error: &LedgerError) -> Result<Verdict, TurnError> {
    let now = turn.app.clock.now();
    let wait = wait_of(error);
    let put_off = |until, attempt, went| Verdict::PutOff { until, attempt: Box::new(attempt), wait, went };
    Ok(match error.kind() {
        ErrorKind::Retryable { after } => {
            let after = after.and_then(|after| TimeDelta::from_std(after).ok()).unwrap_or(RETRY);
            match error.code() {
                ErrorCode::OutOfTime => Verdict::NothingSent,
                ErrorCode::RateLimited | ErrorCode::ErrorBudget => {
                    put_off(now + after, attempt, Went::Stop(now + after))
                }
                // The ledger works: it takes its time.
                ErrorCode::InProgress => put_off(now + after, attempt, Went::Later(now + after)),
                code => {
                    turn.memory.circuit.failed(now);
                    let until = turn.memory.circuit.open_until(now).unwrap_or(now + after);
                    let went = match code.reach() {
                        Reach::Document => Went::Later(until),
                        Reach::Division | Reach::Connection => Went::Stop(until),
                    };
                    put_off(until, attempt, went)
                }
            }
        }
        ErrorKind::Unknown => {
            turn.memory.circuit.failed(now);
            let until = now + turn.settle();
            let attempt = Attempt { not_before: Some(until), ..attempt.begun() };
            let went = match turn.memory.circuit.open_until(now) {
                Some(_) => Went::Stop(until),
                None => Went::Later(until),
            };
            put_off(until, attempt, went)
        }
        ErrorKind::Unauthorised if turn.connection.state == ConnectionState::ReconnectNeeded => {
            Verdict::Consent(Box::new(attempt))
        }
        ErrorKind::Unauthorised => {
            let until = turn.memory.circuit.open_until(now).unwrap_or(now + RETRY);
            put_off(until, attempt, Went::Stop(until))
        }
        ErrorKind::ReconnectNeeded => {
            turn.holder()?.broken().await?;
            turn.connection.state = ConnectionState::ReconnectNeeded;
            Verdict::Consent(Box::new(attempt))
        }
        // The whole connection or set of books is refused, not this document: it waits until a person mended that.
        ErrorKind::Rejected if error.code().reach() != Reach::Document => {
            let until = now + FOR_A_PERSON;
            put_off(until, attempt, Went::Stop(until))
        }
        ErrorKind::Rejected => {
            turn.memory.circuit.answered();
            Verdict::Refused
        }
        ErrorKind::Uncertain | ErrorKind::Bug => Verdict::Unclear,
    })
}
