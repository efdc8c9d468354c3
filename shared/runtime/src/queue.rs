//! Sending messages to a queue. What a message says is only that there is work: it may be lost, doubled or late.

use crate::telemetry::{Paid, asked};
use aws_sdk_sqs::{error::DisplayErrorContext, types::SendMessageBatchRequestEntry};
use serde::Serialize;
use std::{fmt, time::Duration};

/// The longest delay that SQS knows.
const DELAY_MAX: Duration = Duration::from_mins(15);
/// As many messages as SQS takes at once.
const AT_ONCE: usize = 10;

/// A queue did not take a message.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the queue {queue} did not take a message: {detail}")]
pub struct QueueError {
    queue: String,
    detail: String,
}

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

    /// Sends a message, delivered after a while: a quarter of an hour at most, and no sooner than asked.
    pub async fn send(
        &self,
        operation: &'static str,
        message: &impl Serialize,
        after: Duration,
    ) -> Result<(), QueueError> {
        asked(Paid::Sqs, operation, 1);
        let request = self.client.send_message().queue_url(&self.url).message_body(self.body(message)?);
        let sent = request.delay_seconds(delay_seconds(after)).send().await;
        sent.map(drop).map_err(|error| self.error(DisplayErrorContext(&error)))
    }

    /// Sends messages, as many in a request as the queue takes. When it refuses one of them, others may have been sent.
    pub async fn send_all<T: Serialize>(&self, operation: &'static str, messages: &[T]) -> Result<(), QueueError> {
        for some in messages.chunks(AT_ONCE) {
            let mut request = self.client.send_message_batch().queue_url(&self.url);
            for (n, message) in some.iter().enumerate() {
                let entry = SendMessageBatchRequestEntry::builder().id(n.to_string()).message_body(self.body(message)?);
                request = request.entries(entry.build().map_err(|error| self.error(error))?);
            }
            asked(Paid::Sqs, operation, 1);
            let answer = request.send().await.map_err(|error| self.error(DisplayErrorContext(&error)))?;
            match answer.failed() {
                [] => {}
                failed => return Err(self.error(format_args!("{} of {} were refused", failed.len(), some.len()))),
            }
        }
        Ok(())
    }

    fn body(&self, message: &impl Serialize) -> Result<String, QueueError> {
        serde_json::to_string(message).map_err(|error| self.error(error))
    }

    fn error(&self, detail: impl fmt::Display) -> QueueError {
        let queue = self.url.rsplit('/').next().unwrap_or_default().to_owned();
        QueueError { queue, detail: detail.to_string() }
    }
}

/// Whole seconds, rounded up: who is woken too early finds nothing to do.
fn delay_seconds(after: Duration) -> i32 {
    let after = after.min(DELAY_MAX);
    let begun = u64::from(after.subsec_nanos() > 0);
    i32::try_from(after.as_secs() + begun).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_delay_is_never_shorter_than_asked_and_never_longer_than_the_queue_knows() {
        let cases = [(0, 0), (1, 1), (999, 1), (1_000, 1), (1_001, 2), (899_001, 900), (900_001, 900), (u64::MAX, 900)];
        for (milliseconds, seconds) in cases {
            assert_eq!(delay_seconds(Duration::from_millis(milliseconds)), seconds, "{milliseconds} ms");
        }
    }
}
