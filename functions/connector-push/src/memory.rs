//! What a unit remembers between turns: the ledger's limits and how it fared. Stored with the lease.

use crate::circuit::Circuit;
use domain::time::Instant;
use ledgers::{Descriptor, RateBudget};
use store::runs::UnitMemory;

/// Budget and circuit of a unit, and what its documents wait for.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// What the ledger still takes.
    pub budget: RateBudget,
    /// Whether it is left alone.
    pub circuit: Circuit,
    /// Documents are due, but nothing can come of a turn before then.
    pub asleep_until: Option<Instant>,
    /// Documents wait for somebody to sign in at the ledger.
    pub awaits_consent: bool,
}

impl Memory {
    /// Reads what the last turn left. What cannot be read is forgotten: it is only a memory.
    pub fn of(stored: &UnitMemory) -> Self {
        fn read<T: serde::de::DeserializeOwned + Default>(text: Option<&String>) -> T {
            text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
        }
        Self {
            budget: read(stored.budget.as_ref()),
            circuit: read(stored.circuit.as_ref()),
            asleep_until: stored.asleep_until,
            awaits_consent: stored.awaits_consent,
        }
    }

    /// As it is stored; what is empty is left out.
    pub fn stored(&self) -> UnitMemory {
        fn text<T: serde::Serialize + Default + PartialEq>(value: &T) -> Option<String> {
            (*value != T::default()).then(|| serde_json::to_string(value).ok()).flatten()
        }
        UnitMemory {
            budget: text(&self.budget),
            circuit: text(&self.circuit),
            asleep_until: self.asleep_until,
            awaits_consent: self.awaits_consent,
        }
    }

    /// Until when no push may begin: the ledger is left alone, or its limits have no room for a whole one.
    pub fn no_push_before(&self, ledger: &Descriptor, now: Instant) -> Option<Instant> {
        let room = self.budget.wait_for(&ledger.limits, ledger.requests_per_push, now);
        self.circuit.open_until(now).max(room)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_back_and_takes_no_room_when_there_is_nothing() {
        assert_eq!(Memory::default().stored(), UnitMemory::default());
        let now = chrono::DateTime::UNIX_EPOCH;
        let mut memory = Memory { asleep_until: Some(now), awaits_consent: true, ..Memory::default() };
        for _ in 0..3 {
            memory.circuit.failed(now);
        }
        assert_eq!(Memory::of(&memory.stored()), memory);
        let broken = UnitMemory { budget: Some("{".into()), ..UnitMemory::default() };
        assert_eq!(Memory::of(&broken), Memory::default());
    }
}
