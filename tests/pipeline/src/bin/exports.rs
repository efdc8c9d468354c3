//! What an export run asks for: `exports FORMAT DOCUMENTS FOLDER`, a line of JSON. The folder is empty and takes tables and bucket.
#![allow(clippy::expect_used, clippy::panic, reason = "a measurement that cannot be made ends")]

use pipeline::export_of;
use std::{env, path::Path};

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let [format, documents, folder] = arguments.as_slice() else { panic!("FORMAT DOCUMENTS FOLDER") };
    let documents = documents.parse().expect("a number of documents");
    println!("{}", export_of(Path::new(folder), format, documents).await.shown());
}
