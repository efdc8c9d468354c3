//! The log of requests, for tests that count calls and for people who look.

use std::collections::{BTreeMap, VecDeque};
use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, Utc};
use serde::Serialize;

use crate::faults;

/// So many requests are kept in full; the counters go on.
const KEPT: usize = 5_000;

/// A request that arrived. Bodies and credentials are not kept.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Logged {
    /// Its number, counted from 1.
    pub number: u64,
    /// When it arrived, by the simulator's clock.
    pub at: DateTime<Utc>,
    /// The method.
    pub method: String,
    /// The path.
    pub path: String,
    /// The query, undecoded.
    pub query: String,
    /// Bytes of the body.
    pub bytes: usize,
    /// The status that was answered; `None` while there is no answer, and for good when a fault kept it back.
    pub status: Option<u16>,
    /// The fault that fired on it.
    pub fault: Option<faults::Effect>,
}

#[derive(Debug, Default)]
struct Log {
    count: u64,
    kept: VecDeque<Logged>,
    counters: BTreeMap<(String, String), u64>,
}

/// The log of a simulator. Clones are the same log.
#[derive(Debug, Clone, Default)]
pub struct Requests(Arc<Mutex<Log>>);

impl Requests {
    /// Requests since the start or the last [`clear`](Self::clear), refused and failed ones included.
    pub fn total(&self) -> u64 {
        self.with(|log| log.count)
    }

    /// Requests with this method whose path contains `path` (`*` stands for any characters).
    pub fn count(&self, method: &str, path: &str) -> u64 {
        self.with(|log| {
            let matching = |(by, on): &(String, String)| by == method && faults::contains(on, path);
            log.counters.iter().filter(|(key, _)| matching(key)).map(|(_, count)| count).sum()
        })
    }

    /// The counters, by `METHOD path`.
    pub fn counters(&self) -> BTreeMap<String, u64> {
        self.with(|log| {
            log.counters.iter().map(|((method, path), count)| (format!("{method} {path}"), *count)).collect()
        })
    }

    /// The latest requests, oldest first.
    pub fn list(&self) -> Vec<Logged> {
        self.with(|log| log.kept.iter().cloned().collect())
    }

    /// Forgets all requests and counters.
    pub fn clear(&self) {
        self.with(|log| *log = Log::default());
    }

    pub(crate) fn arrived(&self, mut request: Logged) -> u64 {
        self.with(|log| {
            log.count += 1;
            request.number = log.count;
            *log.counters.entry((request.method.clone(), endpoint(&request.path))).or_default() += 1;
            log.kept.push_back(request);
            if log.kept.len() > KEPT {
                log.kept.pop_front();
            }
            log.count
        })
    }

    pub(crate) fn answered(&self, number: u64, status: u16) {
        self.with(|log| {
            if let Some(request) = log.kept.iter_mut().rev().find(|request| request.number == number) {
                request.status = Some(status);
            }
        });
    }

    fn with<T>(&self, work: impl FnOnce(&mut Log) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

/// A path without its ids, so that the counters stay few: `PurchaseEntries(guid'…')` becomes `PurchaseEntries()`.
fn endpoint(path: &str) -> String {
    match (path.find('('), path.rfind(')')) {
        (Some(from), Some(to)) if from < to => {
            format!("{}{}", path.get(..=from).unwrap_or_default(), path.get(to..).unwrap_or_default())
        }
        _ => path.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn calls_are_counted_by_endpoint() {
        let log = Requests::default();
        for path in ["/a/Entries(guid'1')", "/a/Entries(guid'2')", "/a/Entries"] {
            let (method, path) = ("GET".to_owned(), path.to_owned());
            let at = DateTime::UNIX_EPOCH;
            log.arrived(Logged {
                number: 0,
                at,
                method,
                path,
                query: String::new(),
                bytes: 0,
                status: None,
                fault: None,
            });
        }
        log.answered(3, 200);
        assert_eq!((log.total(), log.count("GET", "/a/Entries"), log.count("GET", "Entries(")), (3, 3, 2));
        assert_eq!(log.list().last().and_then(|request| request.status), Some(200));
        assert_eq!(log.counters()["GET /a/Entries()"], 2);
    }
}
