//! What a document costs from its content to the bytes of its PDF, fonts included.

#![allow(clippy::expect_used, clippy::unwrap_used, reason = "what fails here fails a benchmark")]

#[path = "../tests/support/mod.rs"]
mod support;

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use domain::sales::IssuedKind;
use render::Beside;
use serde_json::json;
use std::time::Duration;

fn rendering(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("pdf");
    group.measurement_time(Duration::from_secs(3)).warm_up_time(Duration::from_millis(500)).sample_size(20);
    for count in [1_u32, 20, 1_000] {
        let lines = support::lines(usize::try_from(count).expect("small"));
        let content = support::issue(IssuedKind::Invoice, &support::order_with(&json!({ "lines": lines })));
        group.throughput(Throughput::Elements(count.into()));
        group.bench_with_input(BenchmarkId::new("invoice", format!("{count} lines")), &content, |bencher, content| {
            bencher.iter(|| render::pdf(content, &Beside::default()).expect("a PDF"));
        });
    }
    group.finish();
}

criterion_group!(benches, rendering);
criterion_main!(benches);
