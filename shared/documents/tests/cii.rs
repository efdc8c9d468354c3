//! Cross Industry Invoices, as files of their own and inside PDFs that are built here.

#![allow(clippy::unwrap_used, clippy::panic, reason = "what fails here fails a test")]

use documents::{ErrorCode, MimeType, ReadDocument, SourceFormat};
use domain::{
    arithmetic,
    invoice::{AttachmentSource, InvoiceKind},
    time::Date,
};
use lopdf::{Document, Object, Stream, StringFormat, dictionary};
use proptest::prelude::*;
use std::sync::LazyLock;

const CII: &str = include_str!("cii/factur-x.xml");

fn refused(bytes: &[u8]) -> ErrorCode {
    documents::read(bytes).map(|document| panic!("read: {document:?}")).unwrap_err().code
}

#[test]
fn a_cross_industry_invoice_is_read_whole() {
    let ReadDocument { format, invoice, embedded, findings } = documents::read(CII.as_bytes()).unwrap();
    assert_eq!((format, findings), (SourceFormat::Cii, vec![]));
    assert_eq!((invoice.kind, invoice.type_code.as_deref()), (InvoiceKind::Invoice, Some("380")));
    assert_eq!(invoice.number.as_deref(), Some("F-2026/17"));
    assert_eq!(invoice.issue_date, Date::from_ymd_opt(2026, 3, 31));
    assert_eq!(invoice.due_date, Date::from_ymd_opt(2026, 4, 30));
    assert_eq!(invoice.delivery_date, Date::from_ymd_opt(2026, 3, 30));
    assert_eq!(invoice.notes, ["First line\nsecond line"]);
    assert_eq!(invoice.order_reference.as_deref(), Some("PO-9"));
    assert_eq!(invoice.accounting_cost.as_deref(), Some("4711"));
    assert_eq!(invoice.preceding[0].issue_date, Date::from_ymd_opt(2026, 1, 5));
    let supplier = &invoice.supplier;
    assert_eq!((supplier.name.as_deref(), supplier.vat.as_deref()), (Some("Lieferant GmbH"), Some("DE123456789")));
    assert_eq!(
        (supplier.registry.as_deref(), supplier.tax_number.as_deref()),
        (Some("123456789"), Some("201/113/40209"))
    );
    assert_eq!(supplier.identifiers, ["S-1", "0088:4000001123452"]);
    assert_eq!(invoice.customer.endpoint.as_deref(), Some("EM:in@example.org"));
    let means = &invoice.payment_means[0];
    assert_eq!(means.account.as_deref(), Some("DE02120300000000202051"));
    assert_eq!(means.reference.as_deref(), Some("RF18 5390 0754 7034"));
    assert_eq!(invoice.totals.vat.unwrap().to_string(), "22.05");
    assert_eq!(invoice.totals.vat_in_tax_currency.unwrap().to_string(), "247.00");
    assert_eq!(invoice.lines[0].unit.as_deref(), Some("C62"));
    assert_eq!(invoice.attachments[0].source, AttachmentSource::Embedded { size: 4 });
    assert_eq!((embedded[0].mime, embedded[0].bytes.as_slice()), (MimeType::Csv, &b"a;b\n"[..]));
    assert_eq!(arithmetic::check(&invoice), []);
    assert_eq!(arithmetic::deviations(&invoice), []);
}

#[test]
fn the_type_code_makes_a_credit_note() {
    let note = CII.replace("<ram:TypeCode>380</ram:TypeCode>", "<ram:TypeCode>381</ram:TypeCode>");
    assert_eq!(documents::read(note.as_bytes()).unwrap().invoice.kind, InvoiceKind::CreditNote);
}

#[test]
fn what_is_wrong_in_it_is_refused() {
    let totals = "<ram:GrandTotalAmount>127.05</ram:GrandTotalAmount>";
    assert_eq!(refused(CII.replace(totals, &totals.repeat(2)).as_bytes()), ErrorCode::RepeatedElement);
    assert_eq!(refused(CII.replace("20260331", "20260231").as_bytes()), ErrorCode::BadDate);
    assert_eq!(
        refused(CII.replace("format=\"102\">20260331", "format=\"203\">20260331").as_bytes()),
        ErrorCode::BadDate
    );
    assert_eq!(
        refused(CII.replace("CrossIndustryInvoice:100", "CrossIndustryInvoice:99").as_bytes()),
        ErrorCode::WrongNamespace
    );
    let old = b"<rsm:CrossIndustryDocument xmlns:rsm='urn:ferd:CrossIndustryDocument:invoice:1p0'/>";
    assert_eq!(refused(old), ErrorCode::Zugferd1);
}

/// How a test PDF names its embedded files.
#[derive(Clone, Copy)]
enum Naming {
    Tree,
    Associated,
    Both,
    KidsOfTree,
}

/// A PDF with one page and embedded files.
fn pdf(files: &[(&str, &[u8])], naming: Naming) -> Document {
    let mut pdf = Document::with_version("1.7");
    let pages = pdf.new_object_id();
    let page = pdf.add_object(dictionary! { "Type" => "Page", "Parent" => pages });
    pdf.set_object(pages, dictionary! { "Type" => "Pages", "Kids" => vec![page.into()], "Count" => 1 });
    let mut names: Vec<Object> = Vec::new();
    let mut associated: Vec<Object> = Vec::new();
    for (name, bytes) in files {
        let mut stream = Stream::new(dictionary! { "Type" => "EmbeddedFile" }, bytes.to_vec());
        stream.compress().unwrap();
        let stream = pdf.add_object(stream);
        let specification = pdf.add_object(dictionary! {
            "Type" => "Filespec",
            "F" => Object::string_literal(*name),
            "UF" => Object::String(utf16(name), StringFormat::Literal),
            "EF" => dictionary! { "F" => stream },
            "AFRelationship" => "Alternative",
        });
        names.extend([Object::string_literal(*name), specification.into()]);
        associated.push(specification.into());
    }
    let mut catalog = dictionary! { "Type" => "Catalog", "Pages" => pages };
    match naming {
        Naming::Tree => catalog.set("Names", dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } }),
        Naming::Associated => catalog.set("AF", associated),
        Naming::Both => {
            catalog.set("Names", dictionary! { "EmbeddedFiles" => dictionary! { "Names" => names } });
            catalog.set("AF", associated);
        }
        Naming::KidsOfTree => {
            let leaf = pdf.add_object(dictionary! { "Names" => names });
            let tree = pdf.new_object_id();
            // A tree that also names itself as its kid: walking it must end.
            pdf.set_object(tree, dictionary! { "Kids" => vec![leaf.into(), tree.into()] });
            catalog.set("Names", dictionary! { "EmbeddedFiles" => tree });
        }
    }
    let catalog = pdf.add_object(catalog);
    pdf.trailer.set("Root", catalog);
    pdf
}

fn utf16(text: &str) -> Vec<u8> {
    std::iter::once(0xfeff).chain(text.encode_utf16()).flat_map(u16::to_be_bytes).collect()
}

fn saved(mut pdf: Document) -> Vec<u8> {
    let mut bytes = Vec::new();
    pdf.save_to(&mut bytes).unwrap();
    bytes
}

#[test]
fn the_invoice_in_a_pdf_is_found_however_it_is_named() {
    for naming in [Naming::Tree, Naming::Associated, Naming::Both, Naming::KidsOfTree] {
        for name in ["factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml"] {
            let bytes = saved(pdf(&[("terms.txt", b"hello"), (name, CII.as_bytes())], naming));
            let document = documents::read(&bytes).unwrap();
            assert_eq!(document.format, SourceFormat::HybridPdf);
            assert_eq!(document.invoice.number.as_deref(), Some("F-2026/17"));
        }
    }
}

#[test]
fn object_streams_are_read() {
    let mut bytes = Vec::new();
    pdf(&[("factur-x.xml", CII.as_bytes())], Naming::Both).save_modern(&mut bytes).unwrap();
    assert!(bytes.windows(7).any(|window| window == b"/ObjStm"));
    assert_eq!(documents::read(&bytes).unwrap().format, SourceFormat::HybridPdf);
}

#[test]
fn of_two_versions_the_last_counts() {
    let first = saved(pdf(&[("factur-x.xml", CII.as_bytes())], Naming::Both));
    let mut update = lopdf::IncrementalDocument::create_from(first.clone(), Document::load_mem(&first).unwrap());
    let (id, _) = (update.get_prev_documents().objects.iter())
        .find(|(_, object)| object.as_stream().is_ok_and(|stream| stream.dict.has_type(b"EmbeddedFile")))
        .unwrap();
    let newer = CII.replace("F-2026/17", "F-2026/18");
    let stream = Stream::new(dictionary! { "Type" => "EmbeddedFile" }, newer.into_bytes());
    update.new_document.set_object(*id, stream);
    let mut bytes = Vec::new();
    update.save_to(&mut bytes).unwrap();
    assert!(bytes.len() > first.len());
    assert_eq!(documents::read(&bytes).unwrap().invoice.number.as_deref(), Some("F-2026/18"));
}

#[test]
fn pdfs_without_one_clear_invoice_are_refused() {
    let one = |name: &str| saved(pdf(&[(name, CII.as_bytes())], Naming::Tree));
    for name in ["invoice.xml", "FACTUR-X.XML", "factur-x.xml.exe"] {
        assert_eq!(refused(&one(name)), ErrorCode::NotAPdfWithInvoice, "{name}");
    }
    assert_eq!(refused(&saved(pdf(&[], Naming::Both))), ErrorCode::NotAPdfWithInvoice);
    assert_eq!(refused(&one("order-x.xml")), ErrorCode::OrderNotInvoice);
    assert_eq!(refused(&one("ZUGFeRD-invoice.xml")), ErrorCode::Zugferd1);
    let two: &[(&str, &[u8])] = &[("factur-x.xml", CII.as_bytes()), ("xrechnung.xml", CII.as_bytes())];
    assert_eq!(refused(&saved(pdf(two, Naming::Both))), ErrorCode::AmbiguousPdf);
    let same: &[(&str, &[u8])] = &[("factur-x.xml", CII.as_bytes()), ("factur-x.xml", b"<a/>")];
    assert_eq!(refused(&saved(pdf(same, Naming::Associated))), ErrorCode::AmbiguousPdf);
    let ubl = std::fs::read(concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../../tests/corpus/ubl/simplerinvoicing-testset/SI-UBL-2.0_ok_minimal.xml"
    ));
    let ubl = saved(pdf(&[("factur-x.xml", &ubl.unwrap())], Naming::Tree));
    assert_eq!(refused(&ubl), ErrorCode::WrongNamespace);
}

#[test]
fn encrypted_pdfs_are_refused() {
    let mut document = pdf(&[("factur-x.xml", CII.as_bytes())], Naming::Both);
    let id = Object::string_literal("0123456789abcdef");
    document.trailer.set("ID", vec![id.clone(), id]);
    for user_password in ["", "secret"] {
        let mut document = document.clone();
        let version = lopdf::EncryptionVersion::V2 {
            document: &document,
            owner_password: "owner",
            user_password,
            key_length: 128,
            permissions: lopdf::Permissions::all(),
        };
        let state = lopdf::EncryptionState::try_from(version).unwrap();
        document.encrypt(&state).unwrap();
        assert_eq!(refused(&saved(document)), ErrorCode::EncryptedPdf, "{user_password}");
    }
}

#[test]
fn damaged_pdfs_and_bombs_are_refused() {
    let good = saved(pdf(&[("factur-x.xml", CII.as_bytes())], Naming::Both));
    assert_eq!(refused(b"%PDF-1.7\nnothing of the kind"), ErrorCode::MalformedPdf);
    for length in [16, 100, good.len() / 2] {
        assert!(documents::read(&good[..length]).is_err(), "{length}");
    }
    let bomb = saved(pdf(&[("factur-x.xml", &vec![b' '; documents::DOCUMENT_BYTES_MAX + 1])], Naming::Both));
    assert!(bomb.len() < 100_000);
    assert_eq!(refused(&bomb), ErrorCode::TooLarge);
    let many = [&good[..], &b"/ObjStm ".repeat(300)].concat();
    assert_eq!(refused(&many), ErrorCode::TooComplex);
}

proptest! {
    #[test]
    fn no_damage_to_a_pdf_panics(changes in proptest::collection::vec((0_usize..6_000, any::<u8>()), 1..12), cut in 0_usize..6_000) {
        static GOOD: LazyLock<Vec<Vec<u8>>> = LazyLock::new(|| {
            let document = pdf(&[("factur-x.xml", CII.as_bytes())], Naming::Both);
            let mut modern = Vec::new();
            document.clone().save_modern(&mut modern).unwrap();
            vec![saved(document), modern]
        });
        for good in GOOD.iter() {
            let mut damaged = good.clone();
            for (at, byte) in &changes {
                let place = at % damaged.len();
                damaged[place] = *byte;
            }
            let _ = documents::read(&damaged);
            damaged.truncate(cut);
            let _ = documents::read(&damaged);
        }
    }
}
