//! The circuit of a unit: a ledger that is down is left alone for a while, then probed with one document.

use chrono::TimeDelta;
use domain::time::Instant;
use serde::{Deserialize, Serialize};

/// After so many failures in a row the circuit opens.
const FAILURES_MAX: u32 = 3;
/// The first pause.
const PAUSE: TimeDelta = TimeDelta::seconds(30);
/// No pause is longer than this.
const PAUSE_MAX: TimeDelta = TimeDelta::minutes(15);

/// How the ledger fared lately. Kept with the unit's lease, so that it costs no write of its own.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Circuit {
    failures: u32,
    #[serde(skip_serializing_if = "Option::is_none")]
    open_until: Option<Instant>,
}

impl Circuit {
    /// Until when the ledger is left alone, if it is.
    pub fn open_until(&self, now: Instant) -> Option<Instant> {
        self.open_until.filter(|until| *until > now)
    }

    /// The ledger answered: the circuit closes.
    pub fn answered(&mut self) {
        *self = Self::default();
    }

    /// Nothing can come of a request before then.
    pub fn leave_alone(&mut self, until: Instant) {
        self.open_until = self.open_until.max(Some(until));
    }

    /// The ledger did not answer, or said that it is out of order. From the third time in a row on, the pauses double.
    pub fn failed(&mut self, now: Instant) {
        self.failures = self.failures.saturating_add(1);
        if let Some(doublings) = self.failures.checked_sub(FAILURES_MAX) {
            let pause = PAUSE * (1 << doublings.min(5));
            self.open_until = Some(now + pause.min(PAUSE_MAX));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Instant {
        Instant::from_timestamp(second, 0).unwrap()
    }

    #[test]
    fn it_opens_at_the_third_failure_and_the_pauses_double() {
        let mut circuit = Circuit::default();
        circuit.failed(at(0));
        circuit.failed(at(0));
        assert_eq!(circuit.open_until(at(0)), None);
        circuit.failed(at(0));
        assert_eq!(circuit.open_until(at(0)), Some(at(30)));
        assert_eq!(circuit.open_until(at(30)), None, "time for a probe");
        circuit.failed(at(30));
        assert_eq!(circuit.open_until(at(30)), Some(at(90)));
        for _ in 0..40 {
            circuit.failed(at(0));
        }
        assert_eq!(circuit.open_until(at(0)), Some(at(900)));
    }

    #[test]
    fn an_answer_closes_it() {
        let mut circuit = Circuit::default();
        for _ in 0..3 {
            circuit.failed(at(0));
        }
        circuit.answered();
        assert_eq!(circuit, Circuit::default());
    }
}
