//! What passing in bulk asks for: `passes LEDGER DOCUMENTS [kill]`, a line of JSON.
#![allow(clippy::expect_used, clippy::panic, reason = "a measurement that cannot be made ends")]

use pipeline::{Workers, passes_of};
use std::env;

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let (ledger, documents, workers) = match arguments.as_slice() {
        [ledger, documents] => (ledger, documents, Workers::Live),
        [ledger, documents, kill] if kill == "kill" => (ledger, documents, Workers::Die { seed: 1 }),
        _ => panic!("LEDGER DOCUMENTS [kill]"),
    };
    assert_eq!(ledger, "fakturownia", "measured is what goes to fakturownia");
    let documents = documents.parse().expect("a number of documents");
    println!("{}", passes_of(documents, workers).await.shown());
}
