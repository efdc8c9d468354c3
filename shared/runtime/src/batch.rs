//! SQS batches: each record is decoded and handled on its own and reported by id; a panic fails its record, not its
//! neighbours; when all fail, the invocation fails, so that an outage shows.

use crate::telemetry::{Metric, count};
use aws_lambda_events::sqs::{BatchItemFailure, SqsBatchResponse, SqsEvent, SqsMessage};
use futures_util::{FutureExt, future::join_all};
use std::{
    collections::HashMap,
    fmt,
    hash::Hash,
    panic::AssertUnwindSafe,
    sync::{Arc, Mutex, PoisonError},
};
use tokio::sync::OnceCell;
use tracing::Instrument;

/// Every record of a batch failed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("all {0} records of the batch failed")]
pub struct AllFailed(pub usize);

/// What several records of a batch need alike: looked up once for the batch, and forgotten with it.
pub struct Shared<K, V>(Mutex<HashMap<K, Arc<OnceCell<V>>>>);

impl<K: Eq + Hash, V: Clone> Shared<K, V> {
    /// What `look` finds for the key, or found for another record. A failure is not kept.
    pub async fn get<Fault>(&self, key: K, look: impl Future<Output = Result<V, Fault>>) -> Result<V, Fault> {
        let cell = self.0.lock().unwrap_or_else(PoisonError::into_inner).entry(key).or_default().clone();
        cell.get_or_try_init(|| look).await.cloned()
    }
}

impl<K, V> Default for Shared<K, V> {
    fn default() -> Self {
        Self(Mutex::default())
    }
}

/// Hands each record to `handle` with its place in the batch, all at once, and reports those that failed.
pub async fn each<F, Fut, Fault>(event: SqsEvent, handle: F) -> Result<SqsBatchResponse, AllFailed>
where
    F: Fn(SqsMessage, u32) -> Fut,
    Fut: Future<Output = Result<(), Fault>>,
    Fault: fmt::Display,
{
    let handle = &handle;
    let results = join_all(event.records.into_iter().zip(0..).map(|(record, place)| {
        let id = record.message_id.clone().unwrap_or_default();
        let span = tracing::info_span!("record", message = %id);
        async move {
            let work = guarded(async move { handle(record, place).await.map_err(|fault| fault.to_string()) });
            (id, work.instrument(span).await)
        }
    }))
    .await;
    report(results)
}

/// Does work that may panic: that is its failure, and nobody else's.
pub async fn guarded<T>(work: impl Future<Output = Result<T, String>>) -> Result<T, String> {
    AssertUnwindSafe(work).catch_unwind().await.unwrap_or_else(|_| Err("the handler panicked".to_owned()))
}

/// Reports the records that failed, each with its id.
pub fn report(results: Vec<(String, Result<(), String>)>) -> Result<SqsBatchResponse, AllFailed> {
    let total = results.len();
    let mut response = SqsBatchResponse::default();
    for (id, outcome) in results {
        if let Err(fault) = outcome {
            tracing::error!(message = %id, error = %fault, "Record failed.");
            count(Metric::RecordFailed, 1);
            let mut failure = BatchItemFailure::default();
            failure.item_identifier = id;
            response.batch_item_failures.push(failure);
        }
    }
    let failed = response.batch_item_failures.len();
    if failed == total && failed > 0 { Err(AllFailed(failed)) } else { Ok(response) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn event(bodies: &[&str]) -> SqsEvent {
        let mut event = SqsEvent::default();
        for body in bodies {
            let mut record = SqsMessage::default();
            record.message_id = Some(format!("id-{body}"));
            record.body = Some((*body).to_owned());
            event.records.push(record);
        }
        event
    }

    async fn run(bodies: &[&str]) -> Result<Vec<String>, AllFailed> {
        let response = each(event(bodies), |record, _| async move {
            match record.body.as_deref() {
                Some("bad") => Err("not to be read"),
                Some("panic") => panic!("a bug"),
                _ => Ok(()),
            }
        })
        .await?;
        Ok(response.batch_item_failures.into_iter().map(|failure| failure.item_identifier).collect())
    }

    #[tokio::test]
    async fn what_records_share_is_looked_up_once_and_failures_are_not_kept() {
        let (shared, looked) = (Shared::default(), std::cell::Cell::new(0));
        let get = |key: u8| {
            let looked = &looked;
            shared.get(key, async move {
                looked.set(looked.get() + 1);
                tokio::task::yield_now().await;
                Ok::<_, &str>(key)
            })
        };
        assert_eq!(join_all([get(1), get(1), get(1), get(2)]).await, [Ok(1), Ok(1), Ok(1), Ok(2)]);
        assert_eq!(looked.get(), 2, "once for each key");
        let failing: Shared<u8, u8> = Shared::default();
        assert_eq!(failing.get(1, async { Err("lost") }).await, Err("lost"));
        assert_eq!(failing.get(1, async { Ok::<_, &str>(7) }).await, Ok(7));
    }

    #[tokio::test]
    async fn each_record_stands_alone() {
        assert_eq!(run(&["a", "bad", "b", "panic"]).await, Ok(vec!["id-bad".into(), "id-panic".into()]));
        assert_eq!(run(&["a", "b"]).await, Ok(vec![]));
    }

    #[tokio::test]
    async fn when_all_fail_the_invocation_fails() {
        assert_eq!(run(&["bad", "panic"]).await, Err(AllFailed(2)));
        assert_eq!(run(&[]).await, Ok(vec![]));
    }
}
