//! What every function shares: settings from the environment, clients made once, telemetry, the clock, and batches in
//! which each record stands alone.
//!
//! A function's `main` reads its settings, makes its clients and hands its handler to [`serve`]; everything else is in its
//! library and runs in a test without Lambda.

pub mod aws;
pub mod batch;
pub mod clock;
pub mod env;
pub mod message;
#[cfg(feature = "sqs")]
pub mod queue;
pub mod telemetry;
#[cfg(feature = "user-pool")]
pub mod user_pool;

use lambda_runtime::LambdaEvent;
use serde::{Serialize, de::DeserializeOwned};
use std::{
    fmt,
    time::{Duration, SystemTime},
};

/// Anything that ends a start-up or an invocation.
pub type Error = lambda_runtime::Error;

/// One invocation of a function.
#[derive(Debug, Clone)]
pub struct Invocation {
    /// The request id that AWS gave it.
    pub request: String,
    /// When its time is up.
    pub deadline: std::time::Instant,
}

impl Invocation {
    /// How much time is left.
    pub fn remaining(&self) -> Duration {
        self.deadline.saturating_duration_since(std::time::Instant::now())
    }
}

tokio::task_local! {
    /// The request that is being handled, for the spans of its records.
    static REQUEST: String;
}

/// Serves invocations until the sandbox ends. `handle` gets each event with its invocation.
pub async fn serve<E, R, F, Fut, Fault>(handle: F) -> Result<(), Error>
where
    E: DeserializeOwned + Send + 'static,
    R: Serialize,
    F: Fn(E, Invocation) -> Fut,
    Fut: Future<Output = Result<R, Fault>>,
    Fault: fmt::Display,
{
    let handle = &handle;
    lambda_runtime::run(lambda_runtime::service_fn(move |event: LambdaEvent<E>| async move {
        let work = telemetry::Work::begin();
        let context = event.context;
        let remaining = context.deadline().duration_since(SystemTime::now()).unwrap_or_default();
        let deadline = std::time::Instant::now() + remaining;
        let request = context.request_id;
        let invocation = Invocation { request: request.clone(), deadline };
        let outcome = REQUEST.scope(request, handle(event.payload, invocation)).await;
        work.end();
        outcome.map_err(|fault| Error::from(fault.to_string()))
    }))
    .await
}
