//! Logs and metrics: one JSON object a line on standard output, metrics in `CloudWatch`'s embedded format.
//!
//! No content of an invoice, no credential and no address is ever logged: only ids, codes, counts and durations.

use crate::env;
use std::time::{Duration, Instant};
use tracing_subscriber::{filter::Targets, fmt, layer::SubscriberExt, util::SubscriberInitExt};

/// Starts logging. `LEDGERPOST_LOG` is a list such as `info,cost=info`; `info` when it is not set. The target `cost` carries
/// what each request to a table or another service consumed and is silent unless it is named.
pub fn init() {
    let wanted = env::optional("LEDGERPOST_LOG").unwrap_or_else(|| "info".to_owned());
    let targets: Targets = wanted.parse().unwrap_or_else(|_| Targets::new().with_default(tracing::Level::INFO));
    let targets = if wanted.contains("cost") {
        targets
    } else {
        targets.with_target("cost", tracing::level_filters::LevelFilter::OFF)
    };
    let lines = fmt::layer().json().flatten_event(true).with_current_span(true).with_span_list(false).with_target(true);
    // A second start in one process (a test) keeps the first subscriber.
    if tracing_subscriber::registry().with(targets).with(lines).try_init().is_err() {
        tracing::debug!("Logging was started before.");
    }
}

/// A service that takes money for each request and is no table or bucket (those tell what they cost themselves).
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Paid {
    /// A request to a queue.
    Sqs,
    /// An event for the bus.
    Events,
    /// A request to the key service.
    Kms,
    /// A mail.
    Ses,
}

impl Paid {
    fn name(self) -> &'static str {
        match self {
            Self::Sqs => "sqs",
            Self::Events => "events",
            Self::Kms => "kms",
            Self::Ses => "ses",
        }
    }
}

/// Tells what was asked of a service: a log event with the target `cost`, as the store writes for tables.
pub fn asked(service: Paid, operation: &'static str, requests: usize) {
    tracing::info!(target: "cost", operation, service = service.name(), requests);
}

/// An invocation at work. How much of a CPU it used is what its time is priced by: how long it took depends on the place.
#[derive(Debug)]
pub struct Work {
    began: Instant,
    cpu: Option<Duration>,
}

impl Work {
    /// It begins.
    pub fn begin() -> Self {
        Self { began: Instant::now(), cpu: is_cost_told().then(cpu_time).flatten() }
    }

    /// It is done. Tells how long it took, in begun milliseconds, and how much CPU this process used meanwhile.
    pub fn end(self) {
        if !is_cost_told() {
            return;
        }
        let milliseconds = u64::try_from(self.began.elapsed().as_micros().div_ceil(1000)).unwrap_or(u64::MAX);
        let used = self.cpu.and_then(|before| cpu_time()?.checked_sub(before));
        let cpu_microseconds = used.and_then(|used| u64::try_from(used.as_micros()).ok());
        tracing::info!(target: "cost", operation = "invocation", milliseconds, cpu_microseconds);
    }
}

fn is_cost_told() -> bool {
    tracing::enabled!(target: "cost", tracing::Level::INFO)
}

/// What the threads of this process have used of a CPU so far, where the system tells (Linux does).
fn cpu_time() -> Option<Duration> {
    let threads = std::fs::read_dir("/proc/self/task").ok()?;
    let times = threads.filter_map(|thread| {
        let told = std::fs::read_to_string(thread.ok()?.path().join("schedstat")).ok()?;
        told.split_whitespace().next()?.parse().ok().map(Duration::from_nanos)
    });
    Some(times.sum::<Duration>()).filter(|sum| !sum.is_zero())
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Metric {
    /// A record of a batch failed.
    RecordFailed,
    /// A document was posted without a person.
    PostedAutomatically,
    /// A document was posted by a person.
    PostedByHand,
    /// An issued document was passed to a ledger.
    Passed,
    /// A ledger refused a document.
    LedgerRejected,
    /// It is not known whether a ledger has a document.
    LedgerUncertain,
    /// A turn put work off.
    Postponed,
    /// A document that was stuck in transit was set going again.
    Unstuck,
    /// A connection needs somebody to sign in again.
    ReconnectNeeded,
    /// SES took a mail.
    MailSent,
    /// SES refused a mail, or it could not be made.
    MailFailed,
    /// It is not known whether SES has a mail.
    MailUncertain,
    /// A mail came back, or its receiver complained.
    MailBounced,
    /// SES told something of a mail that is none of ours.
    MailUnknown,
    /// A client's mails, which normally flow, have stopped.
    MailSilent,
}

impl Metric {
    /// The name in `CloudWatch`.
    pub fn name(self) -> &'static str {
        match self {
            Self::RecordFailed => "RecordFailed",
            Self::PostedAutomatically => "PostedAutomatically",
            Self::PostedByHand => "PostedByHand",
            Self::Passed => "Passed",
            Self::LedgerRejected => "LedgerRejected",
            Self::LedgerUncertain => "LedgerUncertain",
            Self::Postponed => "Postponed",
            Self::Unstuck => "Unstuck",
            Self::ReconnectNeeded => "ReconnectNeeded",
            Self::MailSent => "MailSent",
            Self::MailFailed => "MailFailed",
            Self::MailUncertain => "MailUncertain",
            Self::MailBounced => "MailBounced",
            Self::MailUnknown => "MailUnknown",
            Self::MailSilent => "MailSilent",
        }
    }
}

/// Counts: one line in the embedded metric format, by function.
pub fn count(metric: Metric, times: u32) {
    let function = env::optional("AWS_LAMBDA_FUNCTION_NAME").unwrap_or_else(|| "local".to_owned());
    let line = embedded(metric, times, &function, chrono::Utc::now().timestamp_millis());
    println!("{line}");
}

fn embedded(metric: Metric, times: u32, function: &str, millis: i64) -> serde_json::Value {
    serde_json::json!({
        "_aws": {
            "Timestamp": millis,
            "CloudWatchMetrics": [{
                "Namespace": "Ledgerpost",
                "Dimensions": [["Function"]],
                "Metrics": [{ "Name": metric.name(), "Unit": "Count" }],
            }],
        },
        "Function": function,
        metric.name(): times,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cpu_time_is_that_of_work_and_not_of_waiting() {
        let Some(before) = cpu_time() else { return };
        std::thread::sleep(Duration::from_millis(30));
        let waited = cpu_time().unwrap().saturating_sub(before);
        let began = Instant::now();
        let mut sum = 0_u64;
        while began.elapsed() < Duration::from_millis(60) {
            sum = std::hint::black_box(sum.wrapping_add(1));
        }
        let worked = cpu_time().unwrap().saturating_sub(before).saturating_sub(waited);
        assert!(worked > waited, "{worked:?} of work, {waited:?} of waiting");
    }

    #[test]
    fn metrics_are_in_the_embedded_format() {
        let line = embedded(Metric::Postponed, 2, "connector-push", 1);
        assert_eq!(line["Postponed"], 2);
        assert_eq!(line["_aws"]["CloudWatchMetrics"][0]["Metrics"][0]["Name"], "Postponed");
    }
}
