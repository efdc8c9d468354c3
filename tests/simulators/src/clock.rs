//! The simulators' clock: the system's, moved or stopped by a test.

use std::sync::{Arc, Mutex, PoisonError};

use chrono::{DateTime, SubsecRound, TimeDelta, Utc};
use serde::{Deserialize, Serialize};

/// How a [`Clock`] stands to the system's clock.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Setting {
    /// Milliseconds ahead of the system's clock; not used while the clock stands still.
    pub offset_ms: i64,
    /// The instant at which the clock stands still.
    pub stopped_at: Option<DateTime<Utc>>,
}

/// A clock that all parts of a simulator share. Clones show the same time.
#[derive(Debug, Clone, Default)]
pub struct Clock(Arc<Mutex<Setting>>);

impl Clock {
    /// A clock that shows the system's time until it is moved.
    pub fn system() -> Self {
        Self::default()
    }

    /// A clock that stands still at `at` until it is moved.
    pub fn stopped(at: DateTime<Utc>) -> Self {
        let clock = Self::default();
        clock.stop_at(at);
        clock
    }

    /// The instant it shows, to the millisecond, as the ledgers do.
    pub fn now(&self) -> DateTime<Utc> {
        let setting = self.setting();
        let now = setting.stopped_at.unwrap_or_else(|| Utc::now() + TimeDelta::milliseconds(setting.offset_ms));
        now.trunc_subsecs(3)
    }

    /// Stops the clock at an instant.
    pub fn stop_at(&self, at: DateTime<Utc>) {
        self.restore(Setting { offset_ms: 0, stopped_at: Some(at) });
    }

    /// Moves the clock forward (or back), running or stopped.
    pub fn advance(&self, by: TimeDelta) {
        let mut setting = self.setting();
        match &mut setting.stopped_at {
            Some(at) => *at += by,
            None => setting.offset_ms += by.num_milliseconds(),
        }
        self.restore(setting);
    }

    /// Lets the clock show the system's time again.
    pub fn follow_system(&self) {
        self.restore(Setting::default());
    }

    /// How it stands, for keeping.
    pub fn setting(&self) -> Setting {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Takes a kept setting back.
    pub fn restore(&self, setting: Setting) {
        *self.0.lock().unwrap_or_else(PoisonError::into_inner) = setting;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_stopped_clock_moves_only_when_told() {
        let at = DateTime::from_timestamp(1_782_864_000, 0).expect("in range");
        let clock = Clock::stopped(at);
        clock.advance(TimeDelta::seconds(570));
        assert_eq!(clock.now(), at + TimeDelta::seconds(570));
        clock.follow_system();
        assert!((Utc::now() - clock.now()).num_seconds().abs() < 5);
    }
}
