//! What a push learns from Twinfield beside what every ledger tells.

use crate::push::Facts;

/// Records that a search brought up. The lists of Twinfield say too little of them, so each is read.
#[derive(Debug, Clone, Default)]
pub(super) struct Candidates {
    /// Still to be read, the last one first.
    pub(super) unread: Vec<String>,
    /// Those that are what was looked for.
    pub(super) fitting: Vec<String>,
    /// Those that are, but may not be used.
    pub(super) blocked: Vec<String>,
    /// Those that were read.
    pub(super) read: Vec<String>,
}

#[derive(Debug, Default)]
pub(super) struct Known {
    /// Relations that may be the contact.
    pub(super) relations: Candidates,
    /// Bookings of the same number: ours, or somebody else's.
    pub(super) bookings: Candidates,
    /// How many searches for bookings were made.
    pub(super) searches: usize,
    /// Year and number of the period in which the chosen booking date lies.
    pub(super) period: Option<(i32, i32)>,
}

static NOTHING: Known = Known {
    relations: Candidates { unread: Vec::new(), fitting: Vec::new(), blocked: Vec::new(), read: Vec::new() },
    bookings: Candidates { unread: Vec::new(), fitting: Vec::new(), blocked: Vec::new(), read: Vec::new() },
    searches: 0,
    period: None,
};

impl Known {
    pub(super) fn of(facts: &Facts) -> &Self {
        facts.own().unwrap_or(&NOTHING)
    }

    /// Adds to what is known.
    pub(super) fn change(facts: &mut Facts, change: impl FnOnce(&mut Self)) {
        if let Some(known) = facts.own_mut() {
            change(known);
        }
    }
}
