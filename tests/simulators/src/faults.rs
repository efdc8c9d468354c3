//! Failures on demand: which request is to fail, and how.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use serde::{Deserialize, Serialize};

/// Whether the ledger did what was asked before the failure.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Stored {
    /// The request failed before anything was stored.
    #[default]
    No,
    /// Everything was stored; only the answer is wrong or missing.
    Yes,
}

/// What happens to a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
pub enum Effect {
    /// No answer until the client gives up.
    Hang {
        /// Whether the request was carried out first.
        #[serde(default)]
        stored: Stored,
    },
    /// No answer, and the request is carried out only some time after the client gave up.
    StoreLate {
        /// Milliseconds between the end of the connection and the commit.
        after_ms: u64,
    },
    /// The connection is reset (RST).
    Reset {
        /// Whether the request was carried out first.
        #[serde(default)]
        stored: Stored,
    },
    /// The connection is closed without an answer. On a token endpoint with `stored: yes`: the refresh token rotates
    /// and nobody learns the new one.
    Drop {
        /// Whether the request was carried out first.
        #[serde(default)]
        stored: Stored,
    },
    /// This answer in place of the ledger's own.
    Answer {
        /// The HTTP status.
        status: u16,
        /// Headers of the answer, for instance `Retry-After`.
        #[serde(default)]
        headers: BTreeMap<String, String>,
        /// The body.
        #[serde(default)]
        body: String,
        /// Whether the request was carried out first.
        #[serde(default)]
        stored: Stored,
    },
    /// The request is carried out and the status is right, but the body is missing.
    EmptyBody,
    /// The request is carried out, but the body stops in the middle of its JSON.
    Malformed,
    /// The request is carried out; the body trickles, a few bytes at a time.
    SlowBody {
        /// Milliseconds the whole body takes.
        over_ms: u64,
    },
    /// Carried out at once; the answer comes later. Until then the request counts as open.
    Delay {
        /// Milliseconds before the answer.
        by_ms: u64,
    },
    /// The access token of this request has just expired.
    TokenExpired,
}

impl Effect {
    /// No answer; `stored` says whether the request was carried out.
    pub fn hang(stored: Stored) -> Self {
        Self::Hang { stored }
    }

    /// Carried out `after` the client gave up.
    pub fn store_late(after: Duration) -> Self {
        Self::StoreLate { after_ms: millis(after) }
    }

    /// The answer comes so much later.
    pub fn delay(by: Duration) -> Self {
        Self::Delay { by_ms: millis(by) }
    }

    /// The connection is reset.
    pub fn reset(stored: Stored) -> Self {
        Self::Reset { stored }
    }

    /// The connection is closed without an answer.
    pub fn drop(stored: Stored) -> Self {
        Self::Drop { stored }
    }

    /// 429, with or without `Retry-After` in seconds.
    pub fn too_many_requests(retry_after: Option<u32>) -> Self {
        let headers = retry_after.map(|seconds| ("Retry-After".to_owned(), seconds.to_string())).into_iter().collect();
        Self::Answer { status: 429, headers, body: String::new(), stored: Stored::No }
    }

    /// 503 from a machine in front of the ledger.
    pub fn unavailable(stored: Stored) -> Self {
        Self::Answer { status: 503, headers: BTreeMap::new(), body: "Service Unavailable".to_owned(), stored }
    }

    /// A 500 that is a page for people and says nothing about the request.
    pub fn html_error(stored: Stored) -> Self {
        let headers = BTreeMap::from([("Content-Type".to_owned(), "text/html; charset=utf-8".to_owned())]);
        let body = "<!DOCTYPE html><html><head><title>Runtime Error</title></head><body><h1>Server Error in '/' \
                    Application.</h1></body></html>";
        Self::Answer { status: 500, headers, body: body.to_owned(), stored }
    }
}

fn millis(duration: Duration) -> u64 {
    u64::try_from(duration.as_millis()).unwrap_or(u64::MAX)
}

/// A failure and the requests it is for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Fault {
    /// The method, or any.
    #[serde(default)]
    pub method: Option<String>,
    /// Part of the path; `*` stands for any characters. The query does not count.
    #[serde(default)]
    pub path: String,
    /// How many matching requests go well first.
    #[serde(default)]
    pub skip: u32,
    /// How many requests fail then; without it, all of them.
    #[serde(default = "once")]
    pub times: Option<u32>,
    /// What happens to them.
    pub effect: Effect,
}

// Serde asks for a function of the field's own type.
#[expect(clippy::unnecessary_wraps)]
fn once() -> Option<u32> {
    Some(1)
}

impl Fault {
    /// The next request with this method whose path contains `path` fails once.
    pub fn on(method: &str, path: &str, effect: Effect) -> Self {
        Self { method: Some(method.to_owned()), path: path.to_owned(), skip: 0, times: Some(1), effect }
    }

    /// The next request of any kind fails once.
    pub fn on_any(effect: Effect) -> Self {
        Self { method: None, path: String::new(), skip: 0, times: Some(1), effect }
    }

    /// Lets `skip` matching requests go well first.
    #[must_use]
    pub fn skip(mut self, skip: u32) -> Self {
        self.skip = skip;
        self
    }

    /// Fails that many requests.
    #[must_use]
    pub fn times(mut self, times: u32) -> Self {
        self.times = Some(times);
        self
    }

    /// Fails every matching request until the fault is removed.
    #[must_use]
    pub fn always(mut self) -> Self {
        self.times = None;
        self
    }

    fn matches(&self, method: &str, path: &str) -> bool {
        self.method.as_deref().is_none_or(|wanted| wanted.eq_ignore_ascii_case(method)) && contains(path, &self.path)
    }
}

/// Whether the pieces of a pattern occur in the path, in order.
pub fn contains(path: &str, pattern: &str) -> bool {
    let mut rest = path;
    pattern.split('*').all(|piece| match rest.find(piece) {
        Some(at) => {
            rest = rest.get(at + piece.len()..).unwrap_or_default();
            true
        }
        None => false,
    })
}

/// A fault that was set, with its history.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Active {
    /// Its number, for removing it.
    pub id: u64,
    /// The fault.
    pub fault: Fault,
    /// Matching requests seen so far.
    pub seen: u32,
    /// Requests that failed by it so far.
    pub fired: u32,
}

#[derive(Debug, Default)]
struct Set {
    next: u64,
    active: Vec<Active>,
}

/// The faults set on a simulator. Clones are the same set.
#[derive(Debug, Clone, Default)]
pub struct Faults(Arc<Mutex<Set>>);

impl Faults {
    /// Sets a fault; returns its number.
    pub fn add(&self, fault: Fault) -> u64 {
        self.with(|set| {
            set.next += 1;
            let id = set.next;
            set.active.push(Active { id, fault, seen: 0, fired: 0 });
            id
        })
    }

    /// Removes a fault; `false` when there is none with this number.
    pub fn remove(&self, id: u64) -> bool {
        self.with(|set| {
            let before = set.active.len();
            set.active.retain(|active| active.id != id);
            set.active.len() < before
        })
    }

    /// Removes all faults.
    pub fn clear(&self) {
        self.with(|set| set.active.clear());
    }

    /// All faults, used up or not.
    pub fn list(&self) -> Vec<Active> {
        self.with(|set| set.active.clone())
    }

    /// How often a fault has fired.
    pub fn fired(&self, id: u64) -> u32 {
        self.with(|set| set.active.iter().find(|active| active.id == id).map_or(0, |active| active.fired))
    }

    /// What is to happen to this request. Every matching fault counts it; the oldest that is due fires.
    pub fn take(&self, method: &str, path: &str) -> Option<Effect> {
        self.with(|set| {
            let mut effect = None;
            for active in set.active.iter_mut().filter(|active| active.fault.matches(method, path)) {
                active.seen += 1;
                let due =
                    active.seen > active.fault.skip && active.fault.times.is_none_or(|times| active.fired < times);
                if due && effect.is_none() {
                    active.fired += 1;
                    effect = Some(active.fault.effect.clone());
                }
            }
            effect
        })
    }

    fn with<T>(&self, work: impl FnOnce(&mut Set) -> T) -> T {
        work(&mut self.0.lock().unwrap_or_else(PoisonError::into_inner))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_fault_fires_on_the_nth_request_and_as_often_as_told() {
        let faults = Faults::default();
        let id = faults.add(Fault::on("POST", "documents/Documents", Effect::EmptyBody).skip(1).times(2));
        assert_eq!(faults.take("GET", "/api/v1/1/documents/Documents"), None);
        assert_eq!(faults.take("POST", "/api/v1/1/documents/DocumentAttachments"), None);
        let fired: Vec<bool> = (0..4).map(|_| faults.take("POST", "/api/v1/1/documents/Documents").is_some()).collect();
        assert_eq!(fired, [false, true, true, false]);
        assert_eq!(faults.fired(id), 2);
    }

    #[test]
    fn stars_stand_for_anything() {
        assert!(contains("/api/v1/7/crm/Accounts", "/api/*/crm/"));
        assert!(!contains("/api/v1/7/crm/Accounts", "crm*api"));
        assert!(contains("/anything", ""));
    }

    #[test]
    fn faults_are_read_from_json() {
        let text = r#"{"path":"PurchaseEntries","skip":2,"effect":{"kind":"store_late","after_ms":50}}"#;
        let fault: Fault = serde_json::from_str(text).expect("a fault");
        assert_eq!((fault.skip, fault.times), (2, Some(1)));
        assert_eq!(fault.effect, Effect::StoreLate { after_ms: 50 });
    }
}
