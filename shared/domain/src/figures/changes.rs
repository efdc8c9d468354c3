//! The last changes of an administration's documents, for those who follow its overview live.

use crate::{document::Status, ids::DocumentId, time::Instant};

/// So many changes are kept: whoever is further behind reads the overview anew.
pub const CHANGES_MAX: usize = 50;

/// A document came to be so.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Change {
    /// Which.
    pub document: DocumentId,
    /// Its version then.
    pub version: u32,
    /// How it is since.
    pub status: Status,
    /// Since when.
    pub at: Instant,
}

/// The last changes, numbered from 1 on.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Changes {
    /// The number of the last one; 0 when there was none yet.
    pub sequence: u32,
    /// The last ones, oldest first.
    pub last: Vec<Change>,
}

/// What somebody has missed who knows everything up to a number.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Followed {
    /// These changes, oldest first; none when he knows all.
    All(Vec<Change>),
    /// More than is kept: the overview has to be read anew.
    TooLate,
}

impl Changes {
    /// Takes in what happened. A document at a version that is told already, or an older one, is told no second time.
    /// Whether anything was new.
    pub fn record(&mut self, changes: impl IntoIterator<Item = Change>) -> bool {
        let before = self.sequence;
        for change in changes {
            let is_told = |told: &Change| told.document == change.document && told.version >= change.version;
            if !self.last.iter().any(is_told) {
                self.last.push(change);
                self.sequence = self.sequence.saturating_add(1);
            }
        }
        let surplus = self.last.len().saturating_sub(CHANGES_MAX);
        self.last.drain(..surplus);
        self.sequence != before
    }

    /// What came after a number.
    pub fn since(&self, known: u32) -> Followed {
        let missed = self.sequence.checked_sub(known).and_then(|missed| usize::try_from(missed).ok());
        match missed.and_then(|missed| self.last.len().checked_sub(missed)) {
            Some(first) => Followed::All(self.last.iter().skip(first).copied().collect()),
            None => Followed::TooLate,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::ids::Id as _;
    use proptest::prelude::*;

    fn change(document: u64, version: u32) -> Change {
        let document = DocumentId::from_ulid(ulid::Ulid::from_parts(document, 0));
        Change { document, version, status: Status::Complete, at: Instant::UNIX_EPOCH }
    }

    #[test]
    fn what_is_told_already_is_told_once() {
        let mut changes = Changes::default();
        assert!(changes.record([change(1, 3), change(1, 3), change(1, 2), change(2, 1)]));
        assert!(!changes.record([change(2, 1), change(1, 1)]));
        assert_eq!(changes.sequence, 2);
        assert_eq!(changes.since(0), Followed::All(vec![change(1, 3), change(2, 1)]));
        assert_eq!(changes.since(1), Followed::All(vec![change(2, 1)]));
        assert_eq!(changes.since(2), Followed::All(vec![]));
        assert_eq!(changes.since(3), Followed::TooLate, "a number that was never given");
    }

    proptest! {
        #[test]
        fn followers_miss_nothing_or_learn_that_they_do(batches in proptest::collection::vec(1_u64..30, 1..20)) {
            let (mut changes, mut all, mut marks) = (Changes::default(), Vec::new(), vec![0]);
            for (number, size) in (0_u64..).zip(batches) {
                let batch: Vec<_> = (0..size).map(|n| change(number * 100 + n, 1)).collect();
                changes.record(batch.iter().copied());
                all.extend(batch);
                marks.push(changes.sequence);
            }
            for mark in marks {
                match changes.since(mark) {
                    Followed::All(missed) => prop_assert_eq!(&missed[..], &all[mark as usize..]),
                    Followed::TooLate => prop_assert!(all.len() - mark as usize > CHANGES_MAX),
                }
            }
        }
    }
}
