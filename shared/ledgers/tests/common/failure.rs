//! How requests fail on demand, for every suite.

use simulators::faults::{Effect, Fault, Stored};
use std::time::Duration;

/// How a request is to fail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Failure {
    /// No answer; nothing stored.
    HangBefore,
    /// No answer; stored.
    HangAfter,
    /// No answer; stored after the client gave up.
    StoredLate,
    /// The connection breaks; stored.
    DroppedAfter,
    /// Stored; the body is missing.
    Empty,
    /// Stored; the body is cut off.
    Malformed,
    /// 503 before anything is stored.
    UnavailableBefore,
    /// 503 although it was stored.
    UnavailableAfter,
    /// A page for people, although it was stored.
    PageAfter,
    /// 429 with so many seconds to wait, when the ledger says so.
    TooMany(Option<u32>),
    /// The access token has just expired.
    TokenExpired,
}

impl Failure {
    /// The simulators' fault that fails the request after `skip` others in this way.
    pub fn after(self, skip: usize) -> Fault {
        let effect = match self {
            Self::HangBefore => Effect::hang(Stored::No),
            Self::HangAfter => Effect::hang(Stored::Yes),
            Self::StoredLate => Effect::store_late(LATE),
            Self::DroppedAfter => Effect::drop(Stored::Yes),
            Self::Empty => Effect::EmptyBody,
            Self::Malformed => Effect::Malformed,
            Self::UnavailableBefore => Effect::unavailable(Stored::No),
            Self::UnavailableAfter => Effect::unavailable(Stored::Yes),
            Self::PageAfter => Effect::html_error(Stored::Yes),
            Self::TooMany(seconds) => Effect::too_many_requests(seconds),
            Self::TokenExpired => Effect::TokenExpired,
        };
        Fault::on_any(effect).skip(u32::try_from(skip).unwrap())
    }
}

/// How long a late request takes to be stored after the client gave up.
pub const LATE: Duration = Duration::from_millis(100);
