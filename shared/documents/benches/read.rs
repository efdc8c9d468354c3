//! Reading an invoice beside merely tokenising the same bytes: reading may take three times as long. Taking embedded files out
//! is measured by itself: writing megabytes of decoded bytes is bound by memory, and has no counterpart in tokenising.

#![allow(clippy::expect_used, clippy::panic, reason = "what fails here fails a benchmark")]

use criterion::{BenchmarkId, Criterion, Throughput, criterion_group, criterion_main};
use quick_xml::{Reader, events::Event};
use std::{fmt::Write, fs, hint::black_box, path::PathBuf, time::Duration};

/// Small, usual and large files; one with 3 MB of attachment.
const FILES: [&str; 6] = [
    "en16931/Invoice-Min_content_with_VAT.xml",
    "simplerinvoicing-testset/SI-UBL-2.0_ok_minimal.xml",
    "gobl-ubl/invoice-attachments.xml",
    "en16931/ubl-tc434-example10.xml",
    "xrechnung-testsuite/01.15a-INVOICE_ubl.xml",
    "en16931/FT G2G_TD01 con Allegato, Bonifico e Split Payment.xml",
];

fn tokenise(bytes: &[u8]) -> usize {
    let mut reader = Reader::from_reader(bytes);
    let mut events = 0;
    loop {
        match reader.read_event() {
            Ok(Event::Eof) => return events,
            Ok(event) => {
                black_box(event);
                events += 1;
            }
            Err(error) => panic!("{error}"),
        }
    }
}

/// The lines of a corpus file, repeated until there are 5,000 of them.
fn many_lines(corpus: &std::path::Path) -> Vec<u8> {
    let text = fs::read_to_string(corpus.join("simplerinvoicing-testset/SI-UBL-2.0_ok_minimal.xml")).expect("corpus");
    let (head, rest) = text.split_at(text.find("<cac:InvoiceLine>").expect("a line"));
    let end = rest.find("</cac:InvoiceLine>").expect("its end") + "</cac:InvoiceLine>".len();
    let mut long = head.to_owned();
    for _ in 0..5_000 {
        writeln!(long, "{}", &rest[..end]).expect("memory");
    }
    long.push_str(&rest[end..]);
    long.into_bytes()
}

fn reading(criterion: &mut Criterion) {
    let corpus = PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../tests/corpus/ubl");
    let mut cases: Vec<(String, Vec<u8>)> =
        FILES.iter().map(|file| ((*file).to_owned(), fs::read(corpus.join(file)).expect("corpus"))).collect();
    cases.push(("5,000 lines".to_owned(), many_lines(&corpus)));
    for (name, bytes) in &cases {
        let mut group = criterion.benchmark_group("ubl");
        group.throughput(Throughput::Bytes(bytes.len() as u64));
        group.measurement_time(Duration::from_secs(2)).warm_up_time(Duration::from_millis(500)).sample_size(20);
        group.bench_with_input(BenchmarkId::new("tokenise", name), bytes, |bencher, bytes| {
            bencher.iter(|| tokenise(bytes));
        });
        group.bench_with_input(BenchmarkId::new("read", name), bytes, |bencher, bytes| {
            bencher.iter(|| documents::read_invoice(bytes).expect("an invoice"));
        });
        group.bench_with_input(BenchmarkId::new("read and take files", name), bytes, |bencher, bytes| {
            bencher.iter(|| documents::read(bytes).expect("an invoice"));
        });
        group.finish();
    }
}

criterion_group!(benches, reading);
criterion_main!(benches);
