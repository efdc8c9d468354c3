//! A function that does nothing, built as the others are: what `cargo local bench` measures them beside.

use serde_json::Value;
use std::convert::Infallible;

#[tokio::main(flavor = "current_thread")]
async fn main() -> Result<(), runtime::Error> {
    runtime::serve(|event: Value, _| async { Ok::<_, Infallible>(event) }).await
}
