//! Email-delivery: wiring only.

use email_delivery::{App, handle};
use std::sync::Arc;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::telemetry::init();
    let app = Arc::new(App::from_env()?);
    runtime::serve(move |event, invocation| {
        let app = app.clone();
        async move { handle(&app, event, &invocation).await }
    })
    .await
}
