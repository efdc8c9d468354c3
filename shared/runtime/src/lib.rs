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
pub mod telemetry;

use lambda_runtime::LambdaEvent;
use serde::{Serialize, de::DeserializeOwned};
use std::fmt;

/// Anything that ends a start-up or an invocation.
pub type Error = lambda_runtime::Error;

/// Serves invocations until the sandbox ends. `handle` gets the event and its request id.
pub async fn serve<E, R, F, Fut, Fault>(handle: F) -> Result<(), Error>
where
    E: DeserializeOwned + Send + 'static,
    R: Serialize,
    F: Fn(E, String) -> Fut,
    Fut: Future<Output = Result<R, Fault>>,
    Fault: fmt::Display,
{
    let handle = &handle;
    lambda_runtime::run(lambda_runtime::service_fn(move |event: LambdaEvent<E>| async move {
        let request = event.context.request_id;
        handle(event.payload, request).await.map_err(|fault| Error::from(fault.to_string()))
    }))
    .await
}
