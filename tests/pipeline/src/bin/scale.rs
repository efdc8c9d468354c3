//! What requests to an administration of 200,000 documents cost beside one of 1,000: a line of JSON for each.

use pipeline::{Asked, Size};
use serde_json::{Value, json};

fn shown(asked: &Asked) -> Value {
    json!({ "requests": asked.requests, "read_half_units": asked.read_half_units })
}

#[tokio::main(flavor = "current_thread")]
async fn main() {
    let (small, large) = (Size::SMALL.costs().await, Size::LARGE.costs().await);
    for (large, small) in large.iter().zip(&small) {
        let same = large.is_like(small);
        println!("{}", json!({ "what": large.what, "small": shown(small), "large": shown(large), "same": same }));
    }
}
