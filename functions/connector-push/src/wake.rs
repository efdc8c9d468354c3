//! Waking a unit later: a delayed message. It may be lost: maintenance finds what is due as well.

use crate::turn::{Turn, TurnError};
use aws_sdk_sqs::error::DisplayErrorContext;
use futures_util::future::BoxFuture;
use runtime::{
    message::TurnMessage,
    telemetry::{Paid, asked},
};
use std::time::Duration;

/// The longest delay that SQS knows.
const DELAY_MAX: Duration = Duration::from_mins(15);

/// The queue did not take a wake.
#[derive(Debug, thiserror::Error)]
#[error("the queue of turns did not take a wake: {0}")]
pub struct WakeError(pub String);

/// Wakes units.
pub trait Waker: Send + Sync {
    /// Wakes a unit after a while, at the latest when the queue can wait no longer.
    fn wake<'a>(&'a self, message: &'a TurnMessage, after: Duration) -> BoxFuture<'a, Result<(), WakeError>>;
}

/// Wakes all units of a connection: somebody signed in at its ledger, and documents may wait for that.
pub async fn units(turn: &Turn<'_>) -> Result<(), TurnError> {
    for unit in turn.tenant.units().of_connection(turn.connection.id).await? {
        if unit != turn.unit {
            let message = TurnMessage { tenant: turn.tenant.id(), unit, document: None };
            turn.app.waker.wake(&message, Duration::ZERO).await?;
        }
    }
    Ok(())
}

/// Wakes through the queue of turns.
pub struct QueueWaker {
    /// Client.
    pub client: aws_sdk_sqs::Client,
    /// The queue's address.
    pub queue: String,
}

impl Waker for QueueWaker {
    fn wake<'a>(&'a self, message: &'a TurnMessage, after: Duration) -> BoxFuture<'a, Result<(), WakeError>> {
        Box::pin(async move {
            let body = serde_json::to_string(message).map_err(|error| WakeError(error.to_string()))?;
            let seconds = after.min(DELAY_MAX).as_secs_f64().ceil();
            self.client
                .send_message()
                .queue_url(&self.queue)
                .message_body(body)
                .delay_seconds(whole_seconds(seconds))
                .send()
                .await
                .map(|_| asked(Paid::Sqs, "turns.wake", 1))
                .map_err(|error| WakeError(DisplayErrorContext(&error).to_string()))
        })
    }
}

fn whole_seconds(seconds: f64) -> i32 {
    // At most 900, by the limit above.
    #[allow(clippy::cast_possible_truncation, reason = "between 0 and 900")]
    let whole = seconds as i32;
    whole
}
