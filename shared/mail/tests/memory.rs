//! A message takes about its own size beside its attachments. The only test of this program, since it counts all of its memory.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::Draft;
use mail::{Attachment, AttachmentName, MediaType};
use peak_alloc::PeakAlloc;

#[global_allocator]
static COUNTED: PeakAlloc = PeakAlloc;

const MEGABYTE: usize = 1024 * 1024;

#[test]
fn two_megabytes_are_written_in_one_go() {
    let (name, pdf) = (AttachmentName::new("purchase-1.pdf"), vec![7; 2 * MEGABYTE]);
    let before = COUNTED.current_usage();
    COUNTED.reset_peak_usage();
    let raw = Draft::default().compose(&[Attachment { name: &name, media: MediaType::Pdf, bytes: &pdf }]).unwrap();
    let taken = COUNTED.peak_usage() - before;
    assert!(raw.len() > 2 * MEGABYTE);
    assert!(raw.capacity() < raw.len() + 4096, "{} bytes are kept for {}", raw.capacity(), raw.len());
    assert!(taken < raw.len() + 64 * 1024, "{taken} bytes were taken for {}", raw.len());
    assert!(taken < 32 * MEGABYTE);
}
