//! Sending in tens, which is as many as SQS and `EventBridge` take at once.

use crate::{Announcement, App, RelayError};
use aws_sdk_eventbridge::types::PutEventsRequestEntry;
use aws_sdk_sqs::types::SendMessageBatchRequestEntry;
use runtime::telemetry::{Paid, asked};
use serde::Serialize;

const AT_ONCE: usize = 10;

fn json<T: Serialize>(place: &'static str, message: &T) -> Result<String, RelayError> {
    serde_json::to_string(message).map_err(|error| RelayError::NoAnswer(place, error.to_string()))
}

/// Sends messages to a queue.
pub async fn queue<T: Serialize>(app: &App, place: &'static str, url: &str, messages: &[T]) -> Result<(), RelayError> {
    for ten in messages.chunks(AT_ONCE) {
        let mut request = app.sqs.send_message_batch().queue_url(url);
        for (n, message) in ten.iter().enumerate() {
            let entry = SendMessageBatchRequestEntry::builder().id(n.to_string()).message_body(json(place, message)?);
            let entry = entry.build().map_err(|error| RelayError::NoAnswer(place, error.to_string()))?;
            request = request.entries(entry);
        }
        let answer = request.send().await.map_err(|error| no_answer(place, &error))?;
        asked(Paid::Sqs, "relay.send", 1);
        match answer.failed().len() {
            0 => {}
            failed => return Err(RelayError::NotTaken(place, failed)),
        }
    }
    Ok(())
}

/// Puts announcements on the bus.
pub async fn announce(app: &App, announcements: &[Announcement]) -> Result<(), RelayError> {
    let place = "the event bus";
    for ten in announcements.chunks(AT_ONCE) {
        let mut request = app.events.put_events();
        for announcement in ten {
            let entry = PutEventsRequestEntry::builder()
                .event_bus_name(&app.bus)
                .source("ledgerpost")
                .detail_type(format!("document.{}", announcement.status))
                .detail(json(place, announcement)?);
            request = request.entries(entry.build());
        }
        let answer = request.send().await.map_err(|error| no_answer(place, &error))?;
        asked(Paid::Events, "relay.announce", ten.len());
        match usize::try_from(answer.failed_entry_count()).unwrap_or_default() {
            0 => {}
            failed => return Err(RelayError::NotTaken(place, failed)),
        }
    }
    Ok(())
}

fn no_answer(place: &'static str, error: &(dyn std::error::Error + 'static)) -> RelayError {
    let causes: Vec<String> =
        std::iter::successors(Some(error), |error| error.source()).map(ToString::to_string).collect();
    RelayError::NoAnswer(place, causes.join(": "))
}
