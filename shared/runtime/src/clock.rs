//! The time, and new ids. Domain code gets both as arguments from here.

use crate::env::{self, SettingError};
use chrono::{Duration, SubsecRound, Utc};
use domain::{ids::Id, time::Instant};
use ulid::Ulid;

/// Tells the time. A test stack may shift it; production may not.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Clock {
    offset_seconds: i64,
}

impl Clock {
    /// The clock as `LEDGERPOST_CLOCK_OFFSET_SECONDS` says; an offset is refused when `LEDGERPOST_STAGE` is `production`.
    pub fn from_env() -> Result<Self, SettingError> {
        let name = "LEDGERPOST_CLOCK_OFFSET_SECONDS";
        let offset_seconds = env::parsed(name, 0_i64)?;
        if offset_seconds != 0 && env::optional("LEDGERPOST_STAGE").as_deref() == Some("production") {
            let value = offset_seconds.to_string();
            return Err(SettingError::Wrong { name, value, problem: "production runs on the real time".to_owned() });
        }
        Ok(Self::shifted(offset_seconds))
    }

    /// A clock that is so far ahead of the system's, or behind it.
    pub fn shifted(offset_seconds: i64) -> Self {
        Self { offset_seconds }
    }

    /// Now, to the millisecond, which is what is stored.
    pub fn now(self) -> Instant {
        (Utc::now() + Duration::seconds(self.offset_seconds)).trunc_subsecs(3)
    }
}

/// A new id, made at `now`.
pub fn new_id<I: Id>(now: Instant) -> I {
    let mut random = [0_u8; 16];
    // Without a source of randomness nothing safe can be made; the start of the sandbox has used it for TLS already.
    if getrandom::fill(&mut random).is_err() {
        tracing::error!("The system has no randomness to give.");
    }
    let millis = u64::try_from(now.timestamp_millis()).unwrap_or_default();
    I::from_ulid(Ulid::from_parts(millis, u128::from_be_bytes(random)))
}

/// What nobody can guess: 160 bits in hexadecimal digits. Nothing when the system has no randomness to give.
pub fn new_secret() -> Option<String> {
    let mut random = [0_u8; 20];
    if getrandom::fill(&mut random).is_err() {
        tracing::error!("The system has no randomness to give.");
        return None;
    }
    let (first, second) = random.split_at(10);
    let digits = |half: &[u8]| half.iter().fold(0_u128, |number, byte| number << 8 | u128::from(*byte));
    Some(format!("{:020x}{:020x}", digits(first), digits(second)))
}

#[cfg(test)]
mod tests {
    use super::*;
    use domain::ids::TaskId;

    #[test]
    fn ids_bear_their_time_and_differ() {
        let now = Clock::default().now();
        let (one, other) = (new_id::<TaskId>(now), new_id::<TaskId>(now));
        assert_ne!(one, other);
        assert_eq!(one.ulid().timestamp_ms(), u64::try_from(now.timestamp_millis()).unwrap());
    }
}
