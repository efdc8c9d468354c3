//! The size that is foretold is never too small, and not much too large.

#![allow(clippy::unwrap_used, reason = "a test")]

mod common;

use common::{Draft, address};
use mail::{Attachment, AttachmentName, MediaType, size::FileSize};
use proptest::prelude::*;

fn check(draft: &Draft<'_>, files: &[(String, Vec<u8>)]) {
    let names: Vec<AttachmentName> = files.iter().map(|(name, _)| AttachmentName::new(name)).collect();
    let parts: Vec<Attachment<'_>> = names
        .iter()
        .zip(files)
        .map(|(name, (_, bytes))| Attachment { name, media: MediaType::OctetStream, bytes })
        .collect();
    let to_come: Vec<FileSize<'_>> =
        parts.iter().map(|file| FileSize { name: file.name, bytes: file.bytes.len() as u64 }).collect();
    let real = draft.compose(&parts).unwrap().len() as u64;
    let foretold = draft.size(&to_come);
    assert!(foretold >= real, "{foretold} foretold, {real} real");
    assert!(foretold <= real + real * 3 / 100 + 4096, "{foretold} foretold, {real} real");
}

#[test]
fn large_and_empty_files() {
    let of = |bytes: usize| ("Wyciąg łódź.sta".to_owned(), vec![b'x'; bytes]);
    for files in
        [vec![], vec![of(0)], vec![of(1)], vec![of(56), of(57), of(58)], vec![of(2 << 20)], vec![of(7_600_000)]]
    {
        check(&Draft::default(), &files);
    }
    let long = format!("{}@{}.example", "a".repeat(64), "b".repeat(60));
    check(&Draft { reply_to: Some(address(&long)), ..Draft::default() }, &[]);
}

#[test]
fn the_longest_headers() {
    for c in ["\"", "\\", "é", "發", "😀", "a b ", "="] {
        let text = c.repeat(300);
        let text = text.as_str();
        let files: Vec<_> = (0..3).map(|_| (text.to_owned(), vec![0; 10])).collect();
        let draft = Draft { sender: text, subject: text, ..Draft::default() };
        let names: Vec<AttachmentName> = files.iter().map(|(name, _)| AttachmentName::new(name)).collect();
        let to_come: Vec<_> = names.iter().map(|name| FileSize { name, bytes: 10 }).collect();
        let parts: Vec<_> =
            names.iter().map(|name| Attachment { name, media: MediaType::OctetStream, bytes: &files[0].1 }).collect();
        let real = draft.compose(&parts).unwrap().len() as u64;
        assert!(draft.size(&to_come) >= real);
    }
}

proptest! {
    #[test]
    fn never_too_small(
        sender in "\\PC{0,40}",
        subject in "\\PC{0,120}",
        text in "(\\PC{0,100}\n?){0,20}",
        files in prop::collection::vec(("[ -~ąęłż]{0,60}", prop::collection::vec(any::<u8>(), 0..5000)), 0..3),
    ) {
        check(&Draft { sender: &sender, subject: &subject, text: &text, ..Draft::default() }, &files);
    }

    #[test]
    fn control_characters_too(sender: String, subject: String, text: String, name: String) {
        let name = AttachmentName::new(&name);
        let draft = Draft { sender: &sender, subject: &subject, text: &text, ..Draft::default() };
        let raw = draft.compose(&[Attachment { name: &name, media: MediaType::Xml, bytes: b"" }]).unwrap();
        let foretold = draft.size(&[FileSize { name: &name, bytes: 0 }]);
        prop_assert!(foretold >= raw.len() as u64);
    }
}
