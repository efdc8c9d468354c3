//! Failures as SES itself answers them, for [`Fault`](crate::faults::Fault).

use std::collections::BTreeMap;

use super::refusal;
use crate::faults::{Effect, Stored};

/// What the account sends is too much for this second.
pub fn throttling() -> Effect {
    answer(400, "Sender", "Throttling", "Maximum sending rate exceeded.", Stored::No)
}

/// Something went wrong at Amazon, before or after the message was taken.
pub fn internal_failure(stored: Stored) -> Effect {
    answer(500, "Receiver", "InternalFailure", "The request processing has failed because of an unknown error.", stored)
}

/// Amazon can't be asked for a while.
pub fn unavailable(stored: Stored) -> Effect {
    answer(
        503,
        "Receiver",
        "ServiceUnavailable",
        "The request failed due to a temporary failure of the server.",
        stored,
    )
}

fn answer(status: u16, who: &str, code: &str, message: &str, stored: Stored) -> Effect {
    let headers = BTreeMap::from([("Content-Type".to_owned(), "text/xml".to_owned())]);
    let body = refusal::error(who, code, message, None, "00000000-0000-4000-8000-000000000000");
    Effect::Answer { status, headers, body, stored }
}
