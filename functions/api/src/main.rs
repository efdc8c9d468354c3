//! The function behind the HTTP API.

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::telemetry::init();
    let router = api::router(api::App::from_env()?);
    lambda_http::run(router).await
}
