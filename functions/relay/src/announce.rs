//! Announcing in tens, which is as many as `EventBridge` takes at once.

use crate::{App, RelayError, Told};
use aws_sdk_eventbridge::{error::DisplayErrorContext, types::PutEventsRequestEntry};
use runtime::telemetry::{Paid, asked};

const AT_ONCE: usize = 10;

/// Puts announcements on the bus.
pub async fn announce(app: &App, announcements: &[Told]) -> Result<(), RelayError> {
    for ten in announcements.chunks(AT_ONCE) {
        let mut request = app.events.put_events();
        for announcement in ten {
            let entry = PutEventsRequestEntry::builder()
                .event_bus_name(&app.bus)
                .source("ledgerpost")
                .detail_type(announcement.detail_type())
                .detail(serde_json::to_string(announcement)?);
            request = request.entries(entry.build());
        }
        let answer =
            request.send().await.map_err(|error| RelayError::NoAnswer(DisplayErrorContext(&error).to_string()))?;
        asked(Paid::Events, "relay.announce", ten.len());
        match usize::try_from(answer.failed_entry_count()).unwrap_or_default() {
            0 => {}
            failed => return Err(RelayError::NotTaken(failed)),
        }
    }
    Ok(())
}
