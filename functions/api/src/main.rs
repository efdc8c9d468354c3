//! The function behind the HTTP API.

use api::extract::Passage;
use tower::ServiceExt;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::telemetry::init();
    let router = api::router(api::App::from_env()?);
    lambda_http::run(router.map_request(Passage::note)).await
}
