//! How many requests of an operation a seller may make: so many at once, and then one in a time.

use chrono::{DateTime, Utc};

use super::state::Amazon;

/// An operation with a bucket.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Operation {
    CreateDocument,
    CreateFeed,
    GetFeed,
    GetFeeds,
    GetDocument,
}

impl Operation {
    /// Name, rate in a second as the header says it, milliseconds for one, how many at once.
    fn limits(self) -> (&'static str, &'static str, i64, i64) {
        match self {
            Self::CreateDocument => ("createFeedDocument", "0.5", 2_000, 15),
            Self::CreateFeed => ("createFeed", "0.0083", 120_482, 15),
            Self::GetFeed => ("getFeed", "2.0", 500, 15),
            Self::GetFeeds => ("getFeeds", "0.0222", 45_046, 10),
            Self::GetDocument => ("getFeedDocument", "0.0222", 45_046, 10),
        }
    }

    /// The rate as the header says it.
    pub(super) fn rate(self) -> &'static str {
        self.limits().1
    }
}

impl Amazon {
    /// Takes one from a bucket; `false` when it is empty.
    pub(super) fn take(&mut self, now: DateTime<Utc>, seller: &str, operation: Operation) -> bool {
        let (name, _, each, burst) = operation.limits();
        let now = now.timestamp_millis();
        let full = self.buckets.entry(format!("{seller} {name}")).or_insert(now);
        let used = (*full).max(now) - now;
        if used > each * (burst - 1) {
            return false;
        }
        *full = now + used + each;
        true
    }
}
