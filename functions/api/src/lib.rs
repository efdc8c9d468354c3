//! The HTTP API for tenants.
//!
//! Every route stands in [`routes::routes`] with what it asks of the caller. Handlers read and write the store and answer;
//! nothing here calls a ledger or can open a credential: what a ledger has to do becomes a task.

pub mod administrations;
pub mod app;
pub mod audit;
pub mod auth;
pub mod connections;
pub mod contacts;
pub mod dashboard;
pub mod documents;
pub mod explain;
pub mod exports;
pub mod extract;
pub mod idempotency;
pub mod mail;
pub mod openapi;
pub mod ports;
pub mod problem;
pub mod protection;
pub mod random;
pub mod recommendations;
pub mod reply;
pub mod routes;
pub mod rule_versions;
pub mod rules;
pub mod sales;
pub mod schema;
pub mod tasks;
pub mod templates;
pub mod tenant;
pub mod text;
pub mod users;

pub use app::App;
pub use routes::router;

use axum::{extract::Request, middleware::Next, response::Response};
use tracing::{Instrument, field};

/// Puts what a request did into the span of its log lines, and logs those that failed here.
async fn logged(request: Request, next: Next) -> Response {
    let id = request.extensions().get::<lambda_http::Context>().map(|context| context.request_id.clone());
    let span = tracing::info_span!(
        "request",
        method = %request.method(),
        request_id = id.as_deref(),
        tenant = field::Empty,
        user = field::Empty,
    );
    async move {
        let work = runtime::telemetry::Work::begin();
        let response = next.run(request).await;
        work.end();
        if response.status().is_server_error() {
            tracing::error!(status = response.status().as_u16(), "The request could not be answered.");
        }
        response
    }
    .instrument(span)
    .await
}
