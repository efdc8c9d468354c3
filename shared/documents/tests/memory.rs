//! A long invoice is read in little memory, since functions have little.
#![cfg(target_os = "linux")]
#![allow(clippy::unwrap_used, reason = "what fails here fails a test")]

use std::fs;

/// The most memory that this process has had so far, in kilobytes.
fn peak_kb() -> usize {
    let status = fs::read_to_string("/proc/self/status").unwrap();
    let line = status.lines().find(|line| line.starts_with("VmHWM")).unwrap();
    line.split_whitespace().nth(1).unwrap().parse().unwrap()
}

#[test]
fn five_thousand_lines_take_under_thirty_megabytes() {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../tests/corpus/ubl/en16931/ubl-tc434-example8.xml");
    let text = fs::read_to_string(path).unwrap();
    let (head, rest) = text.split_at(text.find("<cac:InvoiceLine>").unwrap());
    let end = rest.find("</cac:InvoiceLine>").unwrap() + "</cac:InvoiceLine>".len();
    let (line, tail) = rest.split_at(end);
    let count = 5_000 - tail.matches("<cac:InvoiceLine>").count();
    // Built in place: memory that building gave back would hide what reading takes.
    let mut long = String::with_capacity(text.len() + line.len() * count);
    long.push_str(head);
    (0..count).for_each(|_| long.push_str(line));
    long.push_str(tail);
    let before = peak_kb();
    let document = documents::read(long.as_bytes()).unwrap();
    let taken = peak_kb() - before;
    assert_eq!(document.invoice.lines.len(), 5_000);
    assert!(taken < 30 * 1024, "{taken} kB for a file of {} kB", long.len() / 1024);
}
