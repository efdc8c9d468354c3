//! What a unit remembers between turns: the ledger's limits and how it fared. Stored with the lease.

use crate::circuit::Circuit;
use ledgers::RateBudget;
use store::runs::UnitMemory;

/// Budget and circuit of a unit.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Memory {
    /// What the ledger still takes.
    pub budget: RateBudget,
    /// Whether it is left alone.
    pub circuit: Circuit,
}

impl Memory {
    /// Reads what the last turn left. What cannot be read is forgotten: it is only a memory.
    pub fn of(stored: &UnitMemory) -> Self {
        fn read<T: serde::de::DeserializeOwned + Default>(text: Option<&String>) -> T {
            text.and_then(|text| serde_json::from_str(text).ok()).unwrap_or_default()
        }
        Self { budget: read(stored.budget.as_ref()), circuit: read(stored.circuit.as_ref()) }
    }

    /// As it is stored; what is empty is left out.
    pub fn stored(&self) -> UnitMemory {
        fn text<T: serde::Serialize + Default + PartialEq>(value: &T) -> Option<String> {
            (*value != T::default()).then(|| serde_json::to_string(value).ok()).flatten()
        }
        UnitMemory { budget: text(&self.budget), circuit: text(&self.circuit) }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn it_reads_back_and_takes_no_room_when_there_is_nothing() {
        assert_eq!(Memory::default().stored(), UnitMemory::default());
        let mut memory = Memory::default();
        for _ in 0..3 {
            memory.circuit.failed(chrono::DateTime::UNIX_EPOCH);
        }
        assert_eq!(Memory::of(&memory.stored()), memory);
        assert_eq!(Memory::of(&UnitMemory { budget: Some("{".into()), circuit: None }), Memory::default());
    }
}
