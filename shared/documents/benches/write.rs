//! Writing an invoice that was read.

#![allow(clippy::expect_used, reason = "what fails here fails a benchmark")]

use criterion::{Criterion, criterion_group, criterion_main};
use documents::write::{Details, ubl};
use domain::mail::UblFlavour;
use std::{fs, path::PathBuf};

fn writing(criterion: &mut Criterion) {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/ubl");
    let bytes = fs::read(corpus.join("simplerinvoicing-testset/SI-UBL-2.0_ok_minimal.xml")).expect("corpus");
    let mut invoice = documents::read(&bytes).expect("an invoice").invoice;
    let details = Details::default();
    criterion.bench_function("write/few lines", |bencher| {
        bencher.iter(|| ubl(&invoice, UblFlavour::EFff, &details).expect("complete"));
    });
    // Many lines of nothing, so that the sums stay as they are.
    let mut line = invoice.lines.first().expect("a line").clone();
    line.quantity = Some(rust_decimal::Decimal::ZERO);
    line.net = Some(rust_decimal::Decimal::ZERO);
    line.allowance_charges.clear();
    invoice.lines.resize(5_000, line);
    criterion.bench_function("write/5,000 lines", |bencher| {
        bencher.iter(|| ubl(&invoice, UblFlavour::EFff, &details).expect("complete"));
    });
}

criterion_group!(benches, writing);
criterion_main!(benches);
