//! The bundle of originals, read back with another program's code.

use crate::samples::*;
use domain::{
    export_format::{BundleLayout, FileFormat, UblBundleOptions, WithoutUbl},
    invoice::{InvoiceKind, VatCategory},
    ledger::Direction,
};
use exports::{ExportDocument, Original, OriginalKind};
use proptest::prelude::*;
use rust_decimal::dec;
use std::{
    collections::BTreeSet,
    io::{Cursor, Read as _},
};
use zip::{CompressionMethod, DateTime, ZipArchive};

fn format() -> FileFormat {
    FileFormat::UblBundle(UblBundleOptions::default())
}

fn including() -> FileFormat {
    FileFormat::UblBundle(UblBundleOptions { without_ubl: WithoutUbl::Include, ..UblBundleOptions::default() })
}

fn received(number: u64, kind: InvoiceKind, original: OriginalKind, bytes: &[u8]) -> ExportDocument {
    let lines = [Stated("4500", "VH", VatCategory::S, Some(dec!(21)), dec!(100), dec!(21))];
    let supplier = contact(1, Direction::Purchase, "=Molen, \"Zn\"", Some("NL009876543B01"));
    let mut document = document(number, supplier, kind, &lines);
    document.original = Some(Original { bytes: bytes.to_vec(), kind: original });
    document
}

/// The files in a bundle, in order.
fn files(bundle: &[u8]) -> Vec<(String, Vec<u8>)> {
    let mut archive = ZipArchive::new(Cursor::new(bundle)).unwrap();
    (0..archive.len())
        .map(|at| {
            let mut file = archive.by_index(at).unwrap();
            assert_eq!(file.last_modified(), Some(DateTime::DEFAULT), "always the same time");
            assert!(matches!(file.compression(), CompressionMethod::Stored | CompressionMethod::Deflated));
            let name = file.name().unwrap().into_owned();
            assert_eq!(file.enclosed_name().unwrap().to_str().unwrap(), name, "no path leads out");
            let mut bytes = Vec::new();
            file.read_to_end(&mut bytes).unwrap();
            (name, bytes)
        })
        .collect()
}

#[test]
fn originals_byte_for_byte_with_a_table_of_contents() {
    let xml = b"<?xml version=\"1.0\" encoding=\"ISO-8859-1\"?>\r\n<Invoice>\xe9 not UTF-8, and long enough to be deflated deflated</Invoice>";
    let documents = [
        received(1, InvoiceKind::Invoice, OriginalKind::Ubl, xml),
        received(2, InvoiceKind::CreditNote, OriginalKind::Ubl, b"<CreditNote/>"),
    ];
    let exported = export(&format(), &dutch_books(), &documents, &[1]);
    assert_eq!(exported.left_out, []);
    let files = files(&exported.file);
    let names: Vec<&str> = files.iter().map(|(name, _)| name.as_str()).collect();
    let wanted = [
        "invoices/0001_NL009876543B01_INV-2026-1.xml",
        "creditnotes/0002_NL009876543B01_INV-2026-2.xml",
        "manifest.csv",
    ];
    assert_eq!(names, wanted);
    assert_eq!(files[0].1, xml);
    assert_eq!(files[1].1, b"<CreditNote/>");
    golden("manifest.csv", &files[2].1);
}

#[test]
fn without_ubl_it_is_left_out_or_taken_along() {
    let documents = [
        received(1, InvoiceKind::Invoice, OriginalKind::Pdf, b"%PDF-1.7"),
        received(2, InvoiceKind::CreditNote, OriginalKind::Picture, b"\x89PNG\r\n"),
        received(3, InvoiceKind::Invoice, OriginalKind::OtherXml, b"<CrossIndustryInvoice/>"),
    ];
    let exported = export(&format(), &dutch_books(), &documents, &[]);
    assert_eq!(codes(&exported), [(0, "export_not_ubl"), (1, "export_not_ubl"), (2, "export_not_ubl")]);
    assert_eq!(exported.file, b"", "no document, no file");
    let exported = export(&including(), &dutch_books(), &documents, &[]);
    assert_eq!(exported.left_out, []);
    let names: Vec<String> = files(&exported.file).into_iter().map(|(name, _)| name).collect();
    let wanted =
        ["1.pdf", "2.png", "3.xml"].map(|end| format!("attachments/000{}_NL009876543B01_INV-2026-{end}", &end[..1]));
    assert_eq!(names[..3], wanted);
    let mut gone = received(4, InvoiceKind::Invoice, OriginalKind::Ubl, b"");
    gone.original = None;
    assert_eq!(codes(&export(&format(), &dutch_books(), &[gone], &[])), [(0, "export_value_missing")]);
}

#[test]
fn numbers_of_strangers_never_make_a_path_or_a_reserved_name() {
    let options = UblBundleOptions { layout: BundleLayout::Flat, ..UblBundleOptions::default() };
    let numbers =
        ["../../etc/passwd", "CON", "nul.", "inv/1", "INV/1", "C:\\x", "\u{202e}lmx", "…", ".", "a".repeat(300).leak()];
    let documents: Vec<ExportDocument> = numbers
        .iter()
        .map(|number| {
            let mut document = received(1, InvoiceKind::Invoice, OriginalKind::Ubl, b"<Invoice/>");
            document.posting.number = (*number).to_owned();
            document.contact.vat_number = None;
            document.contact.name = "AUX".into();
            document
        })
        .collect();
    let exported = export(&FileFormat::UblBundle(options), &dutch_books(), &documents, &[3]);
    assert_eq!(exported.left_out, []);
    let names: Vec<String> = files(&exported.file).into_iter().map(|(name, _)| name).collect();
    let plain = |name: &String| {
        name.len() <= 100
            && !name.starts_with('.')
            && name.chars().all(|c| c.is_ascii_alphanumeric() || "._-".contains(c))
    };
    assert!(names.iter().all(plain), "{names:?}");
    assert_eq!(
        names[..5],
        ["0001_AUX_etc-passwd.xml", "0002_AUX_CON.xml", "0003_AUX_nul.xml", "0004_AUX_inv-1.xml", "0005_AUX_INV-1.xml"]
    );
    let folded: BTreeSet<String> = names.iter().map(|name| name.to_lowercase()).collect();
    assert_eq!(folded.len(), names.len(), "unique without regard to case");
}

#[test]
fn a_formula_in_the_table_is_guarded_unless_a_program_reads_it() {
    let mut document = received(1, InvoiceKind::Invoice, OriginalKind::Ubl, b"<Invoice/>");
    document.posting.number = "@SUM(1)\r\n\"x\"".into();
    let table = |format: &FileFormat| {
        let files = files(&export(format, &dutch_books(), &[document.clone()], &[]).file);
        String::from_utf8(files[1].1.clone()).unwrap()
    };
    let guarded = table(&format());
    assert!(guarded.contains("\"'@SUM(1) \"\"x\"\"\"") && guarded.contains("\"'=Molen, \"\"Zn\"\"\""), "{guarded}");
    assert_eq!(guarded.lines().count(), 2);
    let plain = table(&FileFormat::UblBundle(UblBundleOptions { formula_guard: false, ..UblBundleOptions::default() }));
    assert!(plain.contains("\"@SUM(1) \"\"x\"\"\"") && plain.contains("\"=Molen"), "{plain}");
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(64))]
    #[test]
    fn what_goes_in_comes_out_and_cuts_do_not_show(
        contents in prop::collection::vec((prop::collection::vec(any::<u8>(), 0..2000), any::<bool>()), 1..9),
        cuts in cuts(),
    ) {
        let documents: Vec<ExportDocument> = contents
            .iter()
            .enumerate()
            .map(|(at, (bytes, is_ubl))| {
                let kind = if *is_ubl { OriginalKind::Ubl } else { OriginalKind::Pdf };
                received(at as u64 + 1, InvoiceKind::Invoice, kind, bytes)
            })
            .collect();
        let whole = export(&including(), &dutch_books(), &documents, &[]);
        let read = files(&whole.file);
        prop_assert_eq!(read.len(), documents.len() + 1);
        for ((bytes, _), (_, file)) in contents.iter().zip(&read) {
            prop_assert_eq!(bytes, file);
        }
        let cut = export(&including(), &dutch_books(), &documents, &cuts);
        prop_assert!(cut.file == whole.file);
    }
}
