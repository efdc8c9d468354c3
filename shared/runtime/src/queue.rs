//! Sending a message to a queue. What a message says is only that there is work: it may be lost, doubled or late.

use crate::telemetry::{Paid, asked};
use aws_sdk_sqs::error::DisplayErrorContext;
use serde::Serialize;
use std::time::Duration;

/// The longest delay that SQS knows.
const DELAY_MAX: Duration = Duration::from_mins(15);

/// A queue did not take a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the queue did not take a message: {0}")]
pub struct QueueError(pub String);

/// A queue.
#[derive(Debug, Clone)]
pub struct Queue {
    client: aws_sdk_sqs::Client,
    url: String,
}

impl Queue {
    /// The queue at this address.
    pub fn new(client: aws_sdk_sqs::Client, url: String) -> Self {
        Self { client, url }
    }

    /// Sends a message, delivered after a while: a quarter of an hour at most.
    pub async fn send(
        &self,
        operation: &'static str,
        message: &impl Serialize,
        after: Duration,
    ) -> Result<(), QueueError> {
        let body = serde_json::to_string(message).map_err(|error| QueueError(error.to_string()))?;
        let seconds = i32::try_from(after.min(DELAY_MAX).as_secs()).unwrap_or_default();
        asked(Paid::Sqs, operation, 1);
        let request = self.client.send_message().queue_url(&self.url).message_body(body).delay_seconds(seconds);
        let sent = request.send().await;
        sent.map(drop).map_err(|error| QueueError(DisplayErrorContext(&error).to_string()))
    }
}
